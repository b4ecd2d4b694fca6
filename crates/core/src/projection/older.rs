//! The ages of communities some years on.

use super::ages::{Bands, Cohorts, Course, Moves};
use super::{AgeRule, GrowthPlan, Outlook};
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

/// A community whose ages are very unlike the city's; see [`special`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Special {
    /// Position of the community.
    pub community: CommunityAt,
    /// The band in which they are, among [`AGE_BANDS`].
    pub band: usize,
    /// That band's share of the residents, 0 to 1.
    pub share: f64,
    /// The same in the whole city.
    pub of_city: f64,
}

/// So many times the city's share of a band, or so many times less, is unlike it.
const UNLIKE: f64 = 3.0;

/// Communities where people probably live for a while and others of their age take their place: campuses, boarding schools,
/// barracks, prisons, homes; and estates so new that nobody has grown old there. The share of 60 and over is less than a third of the
/// city's or more than three times it, or that of 15 to 17 is. Those of fewer residents than `plan.tiny` are left out. In the
/// order of communities, each once. O(points).
#[must_use]
pub fn special(city: &City, plan: &GrowthPlan) -> Vec<Special> {
    const OLD: usize = N - 1;
    const BOARDERS: usize = N - 3;
    let tables: Vec<[f64; N]> = ages_of(city).iter().map(floats).collect();
    let all = sum(tables.iter());
    let share = |table: &[f64; N], band: usize| table[band] / table.iter().sum::<f64>();
    let unlike = |(community, table): (CommunityAt, &[f64; N])| {
        let whole: f64 = table.iter().sum();
        if whole <= 0.0 || whole < Residents::whole(plan.tiny).0 as f64 {
            return None;
        }
        let band = |band: usize, few: bool| {
            let (share, of_city) = (share(table, band), share(&all, band));
            let unlike = share > UNLIKE * of_city || few && share * UNLIKE < of_city;
            unlike.then_some(Special {
                community,
                band,
                share,
                of_city,
            })
        };
        band(OLD, true).or_else(|| band(BOARDERS, false))
    };
    CommunityAt::enumerate(&tables).filter_map(unlike).collect()
}

/// Of those who move into a city where nobody lives nothing else is known.
const OF_WORKING_AGE: [f64; N] = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// How people of each community grow older.
pub(super) struct Older {
    /// Without an earlier date.
    moves: Moves<'static>,
    /// With one.
    cohorts: Option<Cohorts<'static>>,
    communities: Vec<Community>,
    /// Ages where nobody lives yet: those of the whole city.
    city: [f64; N],
}

/// What is special to a community.
struct Community {
    base: [f64; N],
    ageing: Ageing,
}

/// How a table goes on.
enum Ageing {
    /// As it is.
    Still,
    /// Older, with so many born per adult, and deaths at the plan's rate.
    Older(f64),
    /// As between two dates.
    Course(Course<N>),
}

impl Older {
    pub(super) fn new(city: &City, outlook: &Outlook, plan: &GrowthPlan, years: u32) -> Self {
        let bases: Vec<[f64; N]> = ages_of(city).iter().map(floats).collect();
        let all = sum(bases.iter());
        let rule = age_rule(outlook, plan);
        let earlier = outlook
            .earlier
            .as_ref()
            .filter(|_| rule == AgeRule::Cohorts);
        let cohorts = earlier.map(|earlier| {
            let span = city.year().abs_diff(earlier.year);
            Cohorts::new(BANDS, span, years, plan.births)
        });
        let mut older = Self {
            moves: Moves::new(BANDS, years, plan.deaths_60_plus),
            cohorts,
            communities: Vec::new(),
            city: OF_WORKING_AGE,
        };
        let befores: Vec<Option<[f64; N]>> = match earlier {
            Some(earlier) => earlier
                .ages
                .iter()
                .map(|ages| known(ages.as_ref()))
                .collect(),
            None => vec![None; bases.len()],
        };
        let course = older.course_of_all(&befores, &bases);
        let most = MOST_CHILDREN * BANDS.child_ratio(&all);
        let tiny = Residents::whole(plan.tiny).0 as f64;
        let ageing = |base: &[f64; N], before: Option<&[f64; N]>| match (rule, before) {
            (AgeRule::Keep, _) => Ageing::Still,
            // Too few people to tell a ratio.
            (_, Some(_)) if base.iter().sum::<f64>() < tiny => Ageing::Still,
            (_, Some(before)) => older.course(before, base, course.as_ref()),
            (_, None) => Ageing::Older(plan.births * BANDS.child_ratio(base).min(most)),
        };
        let communities = bases.iter().zip(&befores).map(|(base, before)| Community {
            base: *base,
            ageing: ageing(base, before.as_ref()),
        });
        let communities: Vec<Community> = communities.collect();
        let of_all = match (rule, course) {
            (AgeRule::Keep, _) => Ageing::Still,
            (_, Some(course)) => Ageing::Course(course),
            (_, None) => Ageing::Older(plan.births * BANDS.child_ratio(&all)),
        };
        if all.iter().sum::<f64>() > 0.0 {
            older.city = older.alike(&all, &of_all);
        }
        older.communities = communities;
        older
    }

    /// The course of all communities together of which both tables are known.
    fn course_of_all(&self, befores: &[Option<[f64; N]>], bases: &[[f64; N]]) -> Option<Course<N>> {
        let both = || {
            let pairs = befores.iter().zip(bases);
            pairs.filter_map(|(before, base)| Some((before.as_ref()?, base)))
        };
        both().next()?;
        let (before, base) = (
            sum(both().map(|each| each.0)),
            sum(both().map(|each| each.1)),
        );
        Some(self.cohorts.as_ref()?.course(&before, &base, None))
    }

    /// The course of one table; as it is where it would lead to nobody.
    fn course(&self, before: &[f64; N], base: &[f64; N], city: Option<&Course<N>>) -> Ageing {
        let Some(cohorts) = &self.cohorts else {
            return Ageing::Still;
        };
        let course = cohorts.course(before, base, city);
        if cohorts.then(base, &course).iter().sum::<f64>() > 0.0 {
            Ageing::Course(course)
        } else {
            Ageing::Still
        }
    }

    /// `residents` of a community by age.
    pub(super) fn ages(&self, community: CommunityAt, residents: Residents) -> ByAge {
        let of = &self.communities[community];
        let somebody = of.base.iter().sum::<f64>() > 0.0;
        let then = if somebody {
            self.alike(&of.base, &of.ageing)
        } else {
            self.city
        };
        split(residents, &then)
    }

    /// The weights of those who live at one place of a community; over all its places they add up to its own.
    pub(super) fn weights(&self, community: CommunityAt, ages: &[u32; N]) -> [f64; N] {
        self.alike(&ages.map(f64::from), &self.communities[community].ageing)
    }

    fn alike(&self, ages: &[f64; N], ageing: &Ageing) -> [f64; N] {
        match (ageing, &self.cohorts) {
            (Ageing::Older(children), _) => self.moves.then(ages, *children),
            (Ageing::Course(course), Some(cohorts)) => cohorts.then(ages, course),
            (Ageing::Still | Ageing::Course(_), _) => *ages,
        }
    }
}

fn floats(ages: &ByAge) -> [f64; N] {
    ages.map(|band| band.0 as f64)
}

/// A table where anybody is counted in it.
fn known(ages: Option<&ByAge>) -> Option<[f64; N]> {
    ages.map(floats)
        .filter(|ages| ages.iter().sum::<f64>() > 0.0)
}

fn sum<'a>(tables: impl Iterator<Item = &'a [f64; N]>) -> [f64; N] {
    tables.fold([0.0; N], |sum, table| {
        std::array::from_fn(|band| sum[band] + table[band])
    })
}
