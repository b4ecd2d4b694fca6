//! The residents of later years, from two dated totals of each community.
//!
//! P₀ residents `span` years before the base, P₁ at the base, `h` years on:
//! geometric P₁ (P₁/P₀)^(h/span), linear P₁ + (P₁ − P₀) h/span, and shift-share T (s₁ + (s₁ − s₀) h/span), where s is the
//! community's share of its county and T the county's own total then. Over short horizons the methods are alike, and their
//! average does very well (Rayer 2004; Rayer & Smith 2010), so the average is taken and scaled to the county's total.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::city::City;
use crate::quantity::{Ages, Residents};

/// What may be believed of growth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthPlan {
    /// Yearly rates are held within ± this (0 to 0.15).
    pub most_yearly: f64,
    /// A community with fewer residents (whole persons) at the base says nothing about its growth.
    pub tiny: u64,
}

/// Residents at an earlier date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// When; before the city's year.
    pub year: i32,
    /// Of each community, in the city's order; `None` where not known.
    pub residents: Vec<Option<Residents>>,
}

/// P₁ (P₁/P₀)^(h/span). `None` where P₀ is 0: there is no rate.
#[must_use]
pub fn geometric(earlier: f64, base: f64, span: f64, years: f64) -> Option<f64> {
    (earlier > 0.0).then(|| base * (base / earlier).powf(years / span))
}

/// P₁ + (P₁ − P₀) h/span, never below 0.
#[must_use]
pub fn linear(earlier: f64, base: f64, span: f64, years: f64) -> f64 {
    (base + (base - earlier) * years / span).max(0.0)
}

/// Tᵢ = T (s₁ + (s₁ − s₀) h/span) for the members of one area, which sum to `total`. Shares that would fall below 0 are held
/// there, and the others scaled. All zero where there is nobody at either date.
#[must_use]
pub fn shift_share(earlier: &[f64], base: &[f64], span: f64, years: f64, total: f64) -> Vec<f64> {
    let (before, now): (f64, f64) = (earlier.iter().sum(), base.iter().sum());
    if before <= 0.0 || now <= 0.0 {
        return vec![0.0; base.len()];
    }
    let share = |(earlier, base): (&f64, &f64)| linear(earlier / before, base / now, span, years);
    let shares: Vec<f64> = earlier.iter().zip(base).map(share).collect();
    let whole: f64 = shares.iter().sum();
    shares.iter().map(|share| total * share / whole).collect()
}

/// Why a community's growth is not its own figures'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrowthFlag {
    /// No earlier figure: grows as its county does.
    NoBase,
    /// Too few people to tell a rate: grows as its county does.
    TinyBase,
    /// Its rate was held at the largest believed; so is that of a place where nobody lived before.
    Capped,
}

/// One community in one later year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projected {
    /// Position of the community.
    pub community: u32,
    /// The year.
    pub year: i32,
    /// By each method, before they are averaged and scaled; `None` where the community grows as its county does.
    pub methods: Option<Methods>,
    /// The result, to the thousandth of a person; over a county's communities it adds up to its total.
    pub residents: Residents,
    /// What is unusual.
    pub flag: Option<GrowthFlag>,
}

/// A community's residents by each method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Methods {
    /// At a constant rate.
    pub geometric: f64,
    /// By a constant number.
    pub linear: f64,
    /// By a constant change of its share of the county.
    pub shift_share: f64,
}

/// A community as the methods see it: residents earlier (within the believed rates) and at the base.
struct Member {
    community: u32,
    earlier: Option<f64>,
    base: f64,
    flag: Option<GrowthFlag>,
}

/// Every community of `city` in the year `years` after its own, county by county, in the order of communities.
///
/// A county's total is the mean of the geometric and the linear one of its communities that have both dates; the average of
/// the three methods is scaled to it, and communities without usable dates grow at the county's rate (which is 1 where no
/// community has any). At `years` 0 everything is as it is.
#[must_use]
pub fn growth(city: &City, earlier: &Earlier, plan: &GrowthPlan, years: u32) -> Vec<Projected> {
    let span = f64::from(city.year() - earlier.year).max(1.0);
    let mut counties: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
    let bases = city.community_residents();
    for ((community, at), base) in city.communities().iter().zip(0_u32..).zip(bases) {
        let county = city.townships()[community.township as usize].county();
        counties.entry(county).or_default().push(member(at, earlier.residents[at as usize], base, plan, span));
    }
    let year = city.year() + years as i32;
    let mut all: Vec<Projected> =
        counties.values().flat_map(|members| county(members, span, f64::from(years), year)).collect();
    all.sort_unstable_by_key(|each| each.community);
    all
}

fn member(community: u32, earlier: Option<Residents>, base: Residents, plan: &GrowthPlan, span: f64) -> Member {
    let base_persons = base.persons();
    let tiny = Residents::whole(plan.tiny);
    let (earlier, flag) = match earlier {
        None => (None, Some(GrowthFlag::NoBase)),
        Some(_) if base < tiny => (None, Some(GrowthFlag::TinyBase)),
        Some(then) => {
            let most = (1.0 + plan.most_yearly).powf(span);
            let least = (1.0 - plan.most_yearly).powf(span);
            let held = then.persons().clamp(base_persons / most, base_persons / least);
            let differs = (held - then.persons()).abs() > 1e-9 * held;
            (Some(held), differs.then_some(GrowthFlag::Capped))
        }
    };
    Member { community, earlier, base: base_persons, flag }
}

fn county(members: &[Member], span: f64, years: f64, year: i32) -> Vec<Projected> {
    let known: Vec<(&Member, f64)> = members.iter().filter_map(|each| Some((each, each.earlier?))).collect();
    let earlier: Vec<f64> = known.iter().map(|(_, earlier)| *earlier).collect();
    let base: Vec<f64> = known.iter().map(|(each, _)| each.base).collect();
    let (before, now): (f64, f64) = (earlier.iter().sum(), base.iter().sum());
    let then =
        geometric(before, now, span, years).map_or(now, |rate| f64::midpoint(rate, linear(before, now, span, years)));
    let shares = shift_share(&earlier, &base, span, years, then);
    let methods: Vec<Methods> = known
        .iter()
        .zip(shares)
        .map(|((each, earlier), shift_share)| Methods {
            geometric: geometric(*earlier, each.base, span, years).unwrap_or(each.base),
            linear: linear(*earlier, each.base, span, years),
            shift_share,
        })
        .collect();
    let average = |each: &Methods| (each.geometric + each.linear + each.shift_share) / 3.0;
    let sum: f64 = methods.iter().map(average).sum();
    let control = if sum > 0.0 { then / sum } else { 1.0 };
    let rate = if now > 0.0 { then / now } else { 1.0 };
    let mut methods = methods.into_iter();
    let (mut sum, mut given) = (0.0, 0);
    let projected = members.iter().map(|each| {
        let own = each.earlier.and_then(|_| methods.next());
        sum += own.as_ref().map_or(each.base * rate, |own| average(own) * control);
        let until = (sum * 1000.0).round() as u64;
        let residents = Residents(until - given);
        given = until;
        Projected { community: each.community, year, methods: own, residents, flag: each.flag }
    });
    projected.collect()
}

/// The city in the year of `growth`: each community's residents scaled to its projected total, all ages and all its demand
/// points by the same rate. Parts add up to the community's total exactly (rounded differences of the running sum); a
/// community without residents stays so.
#[must_use]
pub fn project(city: &City, growth: &[Projected]) -> City {
    let bases = city.community_residents();
    let mut sums = vec![0_u64; bases.len()];
    let mut given = vec![0_u64; bases.len()];
    let scaled = city
        .points()
        .iter()
        .zip(city.residents())
        .map(|(point, ages)| {
            let community = point.community as usize;
            let (base, then) = (u128::from(bases[community].0), u128::from(growth[community].residents.0));
            Ages(ages.0.map(|band| {
                if base == 0 {
                    return 0;
                }
                sums[community] += u64::from(band);
                let until = ((u128::from(sums[community]) * then * 2 + base) / (base * 2)) as u64;
                let part = until - given[community];
                given[community] = until;
                u32::try_from(part).unwrap_or(u32::MAX)
            }))
        })
        .collect();
    let year = growth.first().map_or(city.year(), |each| each.year);
    city.with_residents(year, scaled)
}
