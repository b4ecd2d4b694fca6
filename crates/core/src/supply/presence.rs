//! Presence and size (配建达标): are there as many facilities as the rules ask for, and are they large enough?
//!
//! Levels do not nest: a facility of an upper level does not stand for one of a lower level.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Census, Offered, Offers, Standing};
use crate::city::{City, Class};
use crate::cube::Cube;
use crate::position::{SelectedAt, ServiceAt, UnitAt, YearAt};
use crate::quantity::Residents;
use crate::reach::Limits;
use crate::service::{Per, Requirement, Service};
use crate::units::{Share, Unit, Units};

/// The circles that residents make up, by level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PresencePlan {
    /// The 15-minute living circle (十五分钟生活圈).
    #[schemars(extend("x-zh" = "十五分钟生活圈"))]
    #[serde(rename = "L15")]
    pub l15: Circle,
    /// The 10-minute living circle (十分钟生活圈).
    #[schemars(extend("x-zh" = "十分钟生活圈"))]
    #[serde(rename = "L10")]
    pub l10: Circle,
    /// The 5-minute living circle (五分钟生活圈).
    #[schemars(extend("x-zh" = "五分钟生活圈"))]
    #[serde(rename = "L5")]
    pub l5: Circle,
}

/// How many residents a circle has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Circle {
    /// Urban residents of a unit, in whole persons, from which on there is a circle; fewer need no
    /// facility of its level.
    #[schemars(extend("x-zh" = "单元内城镇居民达到此数才有一个生活圈；不足则不要求本级设施"))]
    pub from: u64,
    /// Most urban residents, in whole persons, of one circle.
    #[schemars(extend("x-zh" = "一个生活圈最多的城镇居民"))]
    pub largest: u64,
}

impl Circle {
    /// The circles of some residents: none below `from`, otherwise residents ÷ `largest`, rounded up.
    ///
    /// ```
    /// use fuwutu_core::quantity::Residents;
    /// use fuwutu_core::supply::presence::Circle;
    /// let circle = Circle { from: 5_000, largest: 12_000 };
    /// assert_eq!([4_999, 5_000, 12_000, 12_001, 100_000].map(|each| circle.of(Residents::whole(each))), [0, 1, 1, 2, 9]);
    /// ```
    #[must_use]
    pub fn of(self, residents: Residents) -> u64 {
        if residents < Residents::whole(self.from) {
            0
        } else {
            residents.0.div_ceil(self.largest * 1000)
        }
    }
}

/// The rule of a service that a unit is farthest from (or the first that it keeps), and what there is for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Position among the service's `requires`.
    pub rule: u32,
    /// Facilities asked for; communities with one, where the rule is counted by them. At least 1; `None` where what the rule is
    /// counted by is not known.
    pub required: Option<u32>,
    /// Those there are, of any size.
    pub present: u32,
    /// Those of them that are as large as the minimum (all, without one) and public where the rule asks for it.
    pub enough: u32,
    /// Those of which size or ownership is not known.
    pub unknown: u32,
}

/// Whether a unit has what a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attained {
    /// 达标.
    Yes,
    /// It depends on facilities whose size or ownership is not known, or on how many are asked for, which is not known.
    Unknown,
    /// There are enough, and some are too small (规模不足).
    TooSmall,
    /// There are too few (数量不足).
    TooFew,
    /// There is none (缺项).
    Absent,
}

impl Presence {
    /// The verdict.
    #[must_use]
    pub fn attained(&self) -> Attained {
        let Some(required) = self.required else {
            return Attained::Unknown;
        };
        if self.enough >= required {
            Attained::Yes
        } else if self.enough + self.unknown >= required {
            Attained::Unknown
        } else if self.present >= required {
            Attained::TooSmall
        } else if self.present > 0 {
            Attained::TooFew
        } else {
            Attained::Absent
        }
    }
}

/// What a rule is judged by, besides facilities.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// All services.
    pub catalogue: &'a [Service],
    /// The circles.
    pub plan: &'a PresencePlan,
    /// Persons a household, > 0.
    pub household_size: f64,
    /// Services of whose facilities nothing is known: positions, ascending.
    pub no_data: &'a [ServiceAt],
}

/// Adds the verdict to the `standings` of all units in all `years`.
///
/// A unit is asked for facilities by its residents of the year whose class of community has a limit for the service. So the
/// verdict is the unit's: two units of half a circle ask for none, which one unit of both would. Facilities count where they
/// stand: in the unit, in each community, or in its township. Services and years go in parallel.
/// O(years × (points + services × (its facilities + communities + units))).
pub fn judge(
    years: &[(City, Vec<Census>)],
    units: &Units,
    offers: &Offers,
    terms: Terms,
    standings: &mut Cube<Standing>,
) {
    let services: Vec<ServiceAt> = SelectedAt::first(standings.services())
        .filter_map(|nth| standings.get(UnitAt(0), nth, YearAt(0)))
        .map(|standing| standing.service)
        .collect();
    let inhabited: Vec<Vec<Residents>> = years
        .par_iter()
        .map(|(city, _)| city.community_residents())
        .collect();
    let jobs: Vec<(SelectedAt, ServiceAt, YearAt)> = SelectedAt::enumerate(services)
        .filter(|(_, at)| !terms.catalogue[*at].requires.is_empty())
        .flat_map(|(nth, at)| YearAt::first(years.len()).map(move |year| (nth, at, year)))
        .collect();
    let verdicts = |&(nth, at, year): &(SelectedAt, ServiceAt, YearAt)| {
        let (service, (city, census)) = (&terms.catalogue[at], &years[year.index()]);
        let open = offers.open(at, year.index());
        let tally = Tally::new(city, units, service, &inhabited[year], open);
        let verdict = |(position, unit)| {
            let asks = Asks {
                terms,
                service,
                city,
                unit,
                position,
                census: &census[position],
                inhabited: &inhabited[year],
                drawn: &inhabited[0],
                excused: standings[(position, nth, year)].excused,
            };
            asks.farthest(&tally)
        };
        UnitAt::enumerate(&units.units).map(verdict).collect()
    };
    let by_unit: Vec<Vec<Option<Presence>>> = jobs.par_iter().map(verdicts).collect();
    for (&(nth, _, year), verdicts) in jobs.iter().zip(by_unit) {
        for (unit, presence) in UnitAt::enumerate(verdicts) {
            standings[(unit, nth, year)].presence = presence;
        }
    }
}

/// Facilities of a kind.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    present: u32,
    enough: u32,
    unknown: u32,
}

/// The open facilities of a service, where they stand; all of them, and those that are public.
struct Tally {
    unit: [Vec<Count>; 2],
    community: [Vec<Count>; 2],
    township: [Vec<Count>; 2],
}

impl Tally {
    fn new<'a>(
        city: &City,
        units: &Units,
        service: &Service,
        inhabited: &[Residents],
        open: impl Iterator<Item = &'a Offered>,
    ) -> Self {
        let townships = township_residents(city, inhabited);
        let none = |many: usize| [vec![Count::default(); many], vec![Count::default(); many]];
        let mut all = Self {
            unit: none(units.units.len()),
            community: none(city.communities().len()),
            township: none(city.townships().len()),
        };
        for Offered {
            facility, offer, ..
        } in open
        {
            let Some(community) = city.facility(*facility).community else {
                continue;
            };
            let (township, class) = {
                let community = city.community(community);
                (community.township, community.class)
            };
            let large = match (&service.minimum, offer.size) {
                (None, _) => Some(true),
                (Some(_), None) => None,
                (Some(minimum), Some(size)) => {
                    Some(size >= minimum.asked(class, townships[township]))
                }
            };
            for (kind, counts) in [(0, large), (1, both(large, offer.public))] {
                if kind == 1 && offer.public == Some(false) {
                    continue;
                }
                if let Some(unit) = units.of_facility[*facility] {
                    all.unit[kind][unit].add(counts);
                }
                all.community[kind][community].add(counts);
                all.township[kind][township].add(counts);
            }
        }
        all
    }
}

/// The residents of every township, of those of every community.
fn township_residents(city: &City, inhabited: &[Residents]) -> Vec<Residents> {
    let mut sums = vec![Residents::default(); city.townships().len()];
    for (community, residents) in city.communities().iter().zip(inhabited) {
        sums[community.township] += *residents;
    }
    sums
}

/// Whether both hold; `None` where one does and the other is not known, or neither is.
fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

impl Count {
    fn add(&mut self, counts: Option<bool>) {
        self.present += 1;
        self.enough += u32::from(counts == Some(true));
        self.unknown += u32::from(counts.is_none());
    }

    /// One place of several: what it is known to have at best.
    fn as_one(self) -> Self {
        let enough = u32::from(self.enough > 0);
        Self {
            present: u32::from(self.present > 0),
            enough,
            unknown: u32::from(self.unknown > 0) * (1 - enough),
        }
    }
}

/// A unit in a year that asks for facilities of a service.
struct Asks<'a> {
    terms: Terms<'a>,
    service: &'a Service,
    city: &'a City,
    unit: &'a Unit,
    position: UnitAt,
    census: &'a Census,
    /// Residents of every community in the year.
    inhabited: &'a [Residents],
    /// The same in the first year.
    drawn: &'a [Residents],
    /// See [`Standing::excused`].
    excused: Residents,
}

impl Asks<'_> {
    /// Of the rules that apply the one that the unit is farthest from, the first of equals. None where the rule might be needless
    /// by a kind of which nothing is known ([`Requirement::unless_covered`]), unless it is kept even so.
    fn farthest(&self, tally: &Tally) -> Option<Presence> {
        let presence = |(rule, requirement): (u32, &Requirement)| {
            let (required, count) = self.rule(requirement, tally);
            let Count {
                present,
                enough,
                unknown,
            } = count;
            let presence = Presence {
                rule,
                required,
                present,
                enough,
                unknown,
            };
            let judged = presence.attained() == Attained::Yes || !self.may_be_needless(requirement);
            (required != Some(0) && judged).then_some(presence)
        };
        let verdicts: Vec<Presence> = (0..)
            .zip(&self.service.requires)
            .filter_map(presence)
            .collect();
        // The last of the greatest, in reverse order: the first.
        verdicts.into_iter().rev().max_by_key(Presence::attained)
    }

    /// How many a rule asks for (`None` where that is not known), and what there is.
    fn rule(&self, rule: &Requirement, tally: &Tally) -> (Option<u32>, Count) {
        if rule.of_county() {
            return (Some(0), Count::default());
        }
        let kind = usize::from(rule.public);
        let in_unit = tally.unit[kind][self.position];
        let many = |number: u64| {
            u32::try_from(number.saturating_mul(u64::from(rule.count))).unwrap_or(u32::MAX)
        };
        let circles = |circle: Circle| (Some(many(circle.of(self.urban(rule)))), in_unit);
        match rule.per {
            Per::L15 => circles(self.terms.plan.l15),
            Per::L10 => circles(self.terms.plan.l10),
            Per::L5 => circles(self.terms.plan.l5),
            Per::Community => self.communities(Class::Urban, rule, &tally.community[kind]),
            Per::Village => self.communities(Class::Rural, rule, &tally.community[kind]),
            Per::Township | Per::Street | Per::Town => {
                let street = self.city.townships()[self.unit.township].is_street();
                let other_kind =
                    (rule.per == Per::Street && !street) || (rule.per == Per::Town && street);
                let asks = !other_kind && self.residents().0 > 0;
                (
                    Some(if asks { rule.count } else { 0 }),
                    tally.township[kind][self.unit.township],
                )
            }
            Per::Residents => (Some(many(self.whole(rule, 1.0))), in_unit),
            Per::Households => (
                Some(many(self.whole(rule, self.terms.household_size))),
                in_unit,
            ),
            Per::ResidentialKm2 => (self.by_area(rule), in_unit),
            Per::County => (Some(0), in_unit),
        }
    }

    /// Whether a kind of whose facilities nothing is known would make the rule needless.
    fn may_be_needless(&self, rule: &Requirement) -> bool {
        let mut unknown = self.terms.no_data.iter();
        let other = rule.unless_covered.as_ref();
        other.is_some_and(|other| unknown.any(|&at| self.terms.catalogue[at].id == *other))
    }

    fn limits(&self) -> Limits {
        Limits::of(self.service)
    }

    /// Residents whose class has a limit.
    fn residents(&self) -> Residents {
        self.census.counted(self.limits()).into_iter().sum()
    }

    /// Urban residents, less those who have what makes the rule needless.
    fn urban(&self, rule: &Requirement) -> Residents {
        let urban = self
            .census
            .counted(Limits {
                rural: None,
                ..self.limits()
            })
            .into_iter()
            .sum::<Residents>();
        if rule.unless_covered.is_some() {
            urban - self.excused
        } else {
            urban
        }
    }

    /// How often the unit has the residents (or households of `size`) for whom one facility is.
    fn whole(&self, rule: &Requirement, size: f64) -> u64 {
        // 2,490 residents in households of 2.49 are 1,000, whatever the last binary digit says.
        rule.every.map_or(0, |every| {
            (self.residents().persons() / size / every + 1e-9) as u64
        })
    }

    /// `count` for each square kilometre of residential land of the unit's inhabited urban communities, rounded up; of a community that
    /// is in several units, so much of its land as of its residents. `None` where the land of any is not known.
    fn by_area(&self, rule: &Requirement) -> Option<u32> {
        let mut area = 0.0;
        if self.limits().urban.is_some() {
            for share in &self.unit.communities {
                let community = self.city.community(share.community);
                if community.class == Class::Urban && self.inhabited[share.community].0 > 0 {
                    area += community.residential_m2? * self.part(share);
                }
            }
        }
        // 2 km² that were written as parts ask for 6, whatever their last binary digit says.
        let required = (area / 1e6 * f64::from(rule.count) - 1e-9).ceil();
        Some(required.max(0.0) as u32)
    }

    /// The part of a community that is in the unit: of its residents in the base year, whose units were drawn; all of one that has
    /// none there.
    fn part(&self, share: &Share) -> f64 {
        match self.drawn[share.community] {
            Residents(0) => 1.0,
            whole => share.residents.persons() / whole.persons(),
        }
    }

    /// In how many of the unit's communities of a class one is asked for, and in how many there is one.
    fn communities(
        &self,
        class: Class,
        rule: &Requirement,
        counts: &[Count],
    ) -> (Option<u32>, Count) {
        if self.limits().for_class(class).is_none() {
            return (Some(0), Count::default());
        }
        let mut sum = Count::default();
        let mut many = 0_u32;
        for share in self
            .unit
            .communities
            .iter()
            .filter(|share| self.inhabited[share.community].0 > 0)
        {
            if self.city.communities()[share.community].class == class {
                let one = counts[share.community].as_one();
                many += 1;
                sum.present += one.present;
                sum.enough += one.enough;
                sum.unknown += one.unknown;
            }
        }
        // A share of 0.8 of 5 is 4, whatever its last binary digit says.
        let required = (f64::from(many) * rule.share - 1e-9).ceil() as u32;
        (Some(required), sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_names_what_is_missing() {
        let of = |required, present, enough, unknown| {
            Presence {
                rule: 0,
                required: Some(required),
                present,
                enough,
                unknown,
            }
            .attained()
        };
        assert_eq!(of(2, 2, 2, 0), Attained::Yes);
        assert_eq!(of(2, 2, 1, 1), Attained::Unknown);
        assert_eq!(of(2, 3, 1, 0), Attained::TooSmall);
        assert_eq!(of(2, 1, 1, 0), Attained::TooFew);
        assert_eq!(of(2, 0, 0, 0), Attained::Absent);
    }
}
