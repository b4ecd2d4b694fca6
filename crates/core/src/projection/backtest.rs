//! The methods tried on a date that is known: of three dated totals, the last is projected from the two before and compared.

use super::trend::{Member, Trend, counties};
use super::{Earlier, GrowthPlan, Methods, Observed, band};
use crate::city::City;
use crate::position::CommunityAt;
use crate::quantity::Residents;

/// What is compared with what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Nobody comes or goes: who does worse than this had better not project.
    Constant,
    /// At a constant rate.
    Geometric,
    /// By a constant number.
    Linear,
    /// By a constant change of its share of the county.
    ShiftShare,
    /// The mean of the three, scaled to the county's own trend: what a round goes by.
    Trend,
}

impl Method {
    const ALL: [Self; 5] = [
        Self::Constant,
        Self::Geometric,
        Self::Linear,
        Self::ShiftShare,
        Self::Trend,
    ];

    /// As in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Geometric => "geometric",
            Self::Linear => "linear",
            Self::ShiftShare => "shift_share",
            Self::Trend => "trend",
        }
    }

    fn of(self, base: f64, methods: &Methods, trend: f64) -> f64 {
        match self {
            Self::Constant => base,
            Self::Geometric => methods.geometric,
            Self::Linear => methods.linear,
            Self::ShiftShare => methods.shift_share,
            Self::Trend => trend,
        }
    }
}

/// How far off a method is in the communities of a size. e = projected − observed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Error {
    /// The method.
    pub method: Method,
    /// Residents (whole persons) at the second date, from and below; `None` for all communities.
    pub size: Option<(u64, u64)>,
    /// How many communities.
    pub communities: u32,
    /// Observed residents.
    pub observed: Residents,
    /// Mean of e, in persons: above 0 where the method projects too many.
    pub mean: f64,
    /// Mean of |e|/observed over communities where somebody was observed; `None` where there is none.
    pub absolute: Option<f64>,
    /// Σ|e| ÷ Σ observed: as before, with communities weighted by their people.
    pub weighted: Option<f64>,
    /// The share of communities that were observed between low and high, for [`Method::Trend`].
    pub in_band: Option<f64>,
}

/// The methods at a third date.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The two dates that are known to the methods, and the one that is compared.
    pub years: [i32; 3],
    /// All communities first, then by size, smallest first; sizes without communities are left out. Five methods each.
    pub errors: Vec<Error>,
}

/// Residents (whole persons) at which sizes begin.
const SIZES: [u64; 5] = [0, 1_000, 5_000, 20_000, u64::MAX];

/// A community at the third date.
struct Case {
    trend: Trend,
    methods: Methods,
    low: Residents,
    high: Residents,
    observed: Residents,
}

/// Tries the methods on the last of the three dates: the city's, the earlier and the observed one. Between the other two, the
/// observed date is the second, because a figure between two known ones tells little of a projection.
///
/// Communities count that have residents at all three dates, and are not too small for a rate (`plan.tiny`). Dwellings and
/// controls have no part in it. `None` where no community counts.
#[must_use]
pub fn backtest(
    city: &City,
    earlier: &Earlier,
    observed: &Observed,
    plan: &GrowthPlan,
) -> Option<Backtest> {
    let now: Vec<Option<Residents>> = city.community_residents().into_iter().map(Some).collect();
    let mut dates = [
        (earlier.year, &earlier.residents),
        (city.year(), &now),
        (observed.year, &observed.residents),
    ];
    dates.sort_by_key(|(year, _)| *year);
    let [(first, earlier), (second, base), (third, after)] = dates;
    let (span, years) = (
        f64::from(second - first).max(1.0),
        f64::from(third - second),
    );
    let whole = CommunityAt::first(now.len())
        .filter_map(|at| Some((at, earlier[at]?, base[at]?, after[at]?)));
    let members =
        whole.map(|(at, earlier, base, _)| Member::new(at, Some(earlier), base, plan, span));
    let counties = counties(city, members, span);
    let case = |trend: Trend| {
        let methods = trend.methods?;
        let (low, high) = band(&trend, super::persons(trend.residents), plan, years);
        let observed = after[trend.member.community]?;
        Some(Case {
            trend,
            methods,
            low,
            high,
            observed,
        })
    };
    let cases: Vec<Case> = counties
        .values()
        .flat_map(|county| county.trends(years))
        .filter_map(case)
        .collect();
    let sizes = SIZES.windows(2).map(|pair| Some((pair[0], pair[1])));
    let errors: Vec<Error> = std::iter::once(None)
        .chain(sizes)
        .flat_map(|size| errors(&cases, size))
        .collect();
    (!errors.is_empty()).then_some(Backtest {
        years: [first, second, third],
        errors,
    })
}

/// A line for each method; none where no community is of the size.
fn errors(cases: &[Case], size: Option<(u64, u64)>) -> Vec<Error> {
    let within = |case: &&Case| {
        let base = case.trend.member.base;
        size.is_none_or(|(from, below)| from as f64 <= base && base < below as f64)
    };
    let cases: Vec<&Case> = cases.iter().filter(within).collect();
    if cases.is_empty() {
        return Vec::new();
    }
    Method::ALL.map(|method| error(&cases, size, method)).into()
}

fn error(cases: &[&Case], size: Option<(u64, u64)>, method: Method) -> Error {
    let off = |case: &Case| {
        method.of(case.trend.member.base, &case.methods, case.trend.residents)
            - case.observed.persons()
    };
    let observed: Residents = cases.iter().map(|case| case.observed).sum();
    let somebody: Vec<&&Case> = cases.iter().filter(|case| case.observed.0 > 0).collect();
    let shares: f64 = somebody
        .iter()
        .map(|case| off(case).abs() / case.observed.persons())
        .sum();
    let all: f64 = cases.iter().map(|case| off(case).abs()).sum();
    let hits = cases
        .iter()
        .filter(|case| case.low <= case.observed && case.observed <= case.high)
        .count();
    let count = cases.len() as f64;
    Error {
        method,
        size,
        communities: cases.len() as u32,
        observed,
        mean: cases.iter().map(|case| off(case)).sum::<f64>() / count,
        absolute: (!somebody.is_empty()).then(|| shares / somebody.len() as f64),
        weighted: (observed.0 > 0).then(|| all / observed.persons()),
        in_band: (method == Method::Trend).then_some(hits as f64 / count),
    }
}
