//! The ages of communities some years on.

use super::ages::{Bands, Moves, cohort_change};
use super::{AgeRule, Earlier, GrowthPlan, Outlook};
use crate::city::City;
use crate::position::CommunityAt;
use crate::quantity::{AGE_BANDS, ByAge, Residents, split};

const N: usize = AGE_BANDS.len();

/// [`AGE_BANDS`]; children are in proportion to those of 18 to 59.
const BANDS: Bands = Bands {
    starts: &STARTS,
    adults: (5, 6),
};
const STARTS: [u32; N] = {
    let mut starts = [0; N];
    let mut band = 0;
    while band < N {
        starts[band] = AGE_BANDS[band].0 as u32;
        band += 1;
    }
    starts
};

/// A community's children per adult are believed up to so many times its city's: where boarders of 15 to 17 are among few
/// adults, they must not all become parents.
const MOST_CHILDREN: f64 = 2.0;

/// The rule that ages follow: the plan's, and no more than the input bears. That is `Cohorts` where both dates have ages,
/// `Advance` where the base has, and `Keep` where its ages are estimated.
#[must_use]
pub fn age_rule(outlook: &Outlook, plan: &GrowthPlan) -> AgeRule {
    let earlier = outlook
        .earlier
        .as_ref()
        .is_some_and(|earlier| !earlier.ages.is_empty());
    let best = match (outlook.aged, earlier) {
        (false, _) => AgeRule::Keep,
        (true, false) => AgeRule::Advance,
        (true, true) => AgeRule::Cohorts,
    };
    plan.ages.map_or(best, |asked| asked.min(best))
}

/// Residents of each community by age in the city's year, in their order.
#[must_use]
pub fn ages_of(city: &City) -> Vec<ByAge> {
    let mut all = vec![ByAge::default(); city.communities().len()];
    for (point, ages) in city.points().iter().zip(city.residents()) {
        let of = &mut all[point.community];
        of.iter_mut()
            .zip(ages.0)
            .for_each(|(sum, band)| sum.0 += u64::from(band));
    }
    all
}

/// Of those who move into a city where nobody lives nothing else is known.
const OF_WORKING_AGE: [f64; N] = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// How people of each community grow older.
pub(super) struct Older {
    moves: Option<[Moves<'static>; 2]>,
    communities: Vec<Community>,
    /// Ages where nobody lives yet: those of the whole city.
    city: [f64; N],
}

/// What is special to a community.
struct Community {
    base: [f64; N],
    /// Born per adult.
    children: f64,
    /// Without it people die at the plan's rate.
    change: Option<[f64; N]>,
}

/// Positions in `Older::moves`.
const DYING: usize = 0;
const LIVING: usize = 1;

impl Older {
    pub(super) fn new(city: &City, outlook: &Outlook, plan: &GrowthPlan, years: u32) -> Self {
        let bases: Vec<[f64; N]> = ages_of(city).iter().map(floats).collect();
        let mut all = [0.0; N];
        for base in &bases {
            all.iter_mut()
                .zip(base)
                .for_each(|(sum, band)| *sum += band);
        }
        let rule = age_rule(outlook, plan);
        let earlier = outlook
            .earlier
            .as_ref()
            .filter(|_| rule == AgeRule::Cohorts);
        let most = MOST_CHILDREN * BANDS.child_ratio(&all);
        let communities = bases.into_iter().enumerate().map(|(at, base)| Community {
            base,
            children: plan.births * BANDS.child_ratio(&base).min(most),
            change: earlier.and_then(|earlier| change(city, earlier, at, &base, plan, years)),
        });
        let moves = [plan.deaths_60_plus, 0.0].map(|deaths| Moves::new(BANDS, years, deaths));
        let moves = (rule != AgeRule::Keep).then_some(moves);
        let whole = Community {
            base: all,
            children: plan.births * BANDS.child_ratio(&all),
            change: None,
        };
        let older = Self {
            moves,
            communities: communities.collect(),
            city: OF_WORKING_AGE,
        };
        let empty = all.iter().sum::<f64>() <= 0.0;
        if empty {
            older
        } else {
            Self {
                city: older.alike(&all, &whole),
                ..older
            }
        }
    }

    /// `residents` of a community by age.
    pub(super) fn ages(&self, community: CommunityAt, residents: Residents) -> ByAge {
        let of = &self.communities[community];
        let somebody = of.base.iter().sum::<f64>() > 0.0;
        let then = if somebody {
            self.alike(&of.base, of)
        } else {
            self.city
        };
        split(residents, &then)
    }

    /// The weights of those who live at one place of a community; over all its places they add up to its own.
    pub(super) fn weights(&self, community: CommunityAt, ages: &[u32; N]) -> [f64; N] {
        self.alike(&ages.map(f64::from), &self.communities[community])
    }

    fn alike(&self, ages: &[f64; N], of: &Community) -> [f64; N] {
        match (&self.moves, &of.change) {
            (None, _) => *ages,
            (Some(moves), None) => moves[DYING].then(ages, &[1.0; N], of.children),
            (Some(moves), Some(change)) => moves[LIVING].then(ages, change, of.children),
        }
    }
}

fn floats(ages: &ByAge) -> [f64; N] {
    ages.map(|band| band.0 as f64)
}

/// By how much those of each band have become more or fewer in so many years; `None` where the earlier ages are not known, or
/// there were or are too few people to tell.
fn change(
    city: &City,
    earlier: &Earlier,
    at: usize,
    base: &[f64; N],
    plan: &GrowthPlan,
    years: u32,
) -> Option<[f64; N]> {
    let then = floats(earlier.ages[at].as_ref()?);
    let (before, all): (f64, f64) = (then.iter().sum(), base.iter().sum());
    if before <= 0.0 || all < Residents::whole(plan.tiny).0 as f64 {
        return None;
    }
    let span = city.year().abs_diff(earlier.year).max(1);
    let (most, least) = (1.0 + plan.most_yearly, 1.0 - plan.most_yearly);
    let yearly =
        cohort_change(BANDS, &then, base, span).map(|ratio| ratio.powf(1.0 / f64::from(span)));
    Some(yearly.map(|yearly| yearly.clamp(least, most).powf(f64::from(years))))
}
