//! Supply against demand: for each unit, service and year, who is covered, what people can draw on, and what is short.

mod lanes;

pub mod census;

pub mod offers;

mod columns;

mod crowd;

mod setting;

pub mod access;

mod groups;

mod paces;

mod demand;

mod received;

mod served;

pub mod allocation;

mod asking;

pub mod shortage;

mod beside;

pub mod detour;

pub mod standing;

pub mod presence;

pub mod matching;

#[cfg(test)]
mod twin;

#[cfg(test)]
mod tests;

use crate::position::{FacilityAt, ServiceAt, UnitAt};
use crate::quantity::Residents;
use crate::reach::{Limits, Snapped};
use crate::service::{Limit, Service, Target};
use access::Decay;
use beside::ByUnit;
use demand::Demand;
use detour::Detours;
use lanes::{LANES, People};
use paces::Paces;
use received::Received;
use setting::Case;
use shortage::Claims;

pub use census::{Census, census};
pub use demand::Room;
pub(crate) use lanes::{Mask, blocks};
pub use offers::{Offered, Offers};
pub use served::{Bits, CoveredPoints, Served};
pub use setting::Setting;
pub use standing::{
    Missing, MissingWhat, PublicStanding, SpreadStanding, Standing, StraightStanding, Supply,
};

/// What one service's standings are computed by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The service.
    pub service: &'a Service,
    /// Its position in the catalogue.
    pub at: ServiceAt,
    /// Its limits, or those of the plan.
    pub limits: Limits,
    /// How weight falls with time.
    pub decay: Decay,
    /// Persons a household.
    pub household_size: f64,
    /// Positions of the kinds that will do where none of its own is in reach.
    pub substitutes: &'a [ServiceAt],
    /// How far the pace may be from the plan's, as a share of it; 0 where that is not asked.
    pub pace_within: f64,
    /// The kind that makes a rule needless for urban residents who have it, and its limit for them.
    pub unless: Option<(ServiceAt, Limit)>,
}

/// One service over the years.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceStandings {
    /// Unit by unit, year by year.
    pub standings: Vec<Standing>,
    /// For each year, the open facilities (by position) that somebody who counts reaches with a weight above zero; of services
    /// that have a capacity.
    pub reached: Vec<Vec<FacilityAt>>,
    /// Of each unit in the base year; empty where nothing is compared.
    pub detours: Vec<Detours>,
    /// What is asked of which facilities; of services that have a capacity and a norm.
    pub claims: Option<Claims>,
    /// Year by year, the capacity that each community receives, as far as it is known; of services that have one.
    pub received: Vec<Vec<f64>>,
    /// Of each unit in the last year, the people covered at each of [`crate::ranking::paces`].
    pub by_pace: Vec<Vec<Residents>>,
    /// Unit by unit, in the order of facilities.
    pub served: Vec<Served>,
    /// Who is covered.
    pub points: CoveredPoints,
}

/// The standing of every unit in every one of `years` (the same city in its years, in order, each with the [`census()`] of its
/// units), by the trips of every group of ages.
///
/// Two passes over the links of all facilities that are ever open, each for four years side by side: one in the city's order,
/// which searches the links once and adds up who is covered and what is asked of each facility; then one by unit, which adds up
/// what is received and who is served. One facility that is closed in a year counts for nothing in it. What the first pass
/// writes stays in `room`, for the second and for the next service. O(search + years × (points + links)); at 21 million
/// residents some 20 ns for each demand point and year.
///
/// No sum depends on the number of threads, and each sum of floats adds in the city's order; `twin` in the tests walks through
/// one year after another instead.
/// ```
/// # use fuwutu_core::city::City;
/// # use fuwutu_core::position::ServiceAt;
/// # use fuwutu_core::reach::{Limits, Travel, Travels};
/// # use fuwutu_core::supply::{self, Room, Rules, Setting};
/// # use fuwutu_core::units;
/// # use fuwutu_synth::example;
/// # let (plan, service) = (example::plan(), example::service());
/// # let rules = Rules {
/// #     service: &service,
/// #     at: ServiceAt(0),
/// #     limits: Limits::of(&service),
/// #     decay: plan.decay,
/// #     household_size: plan.household_size,
/// #     substitutes: &[],
/// #     pace_within: 0.0,
/// #     unless: None,
/// # };
/// # let travels = Travels::from(&example::STRAIGHT as &dyn Travel);
/// // Nine people 500 m apart in one unit; a facility of capacity 1 in their middle, which five of them reach in time. Each
/// // person needs a capacity of ¼.
/// let city = City::new(fuwutu_synth::grid(3, 500_000, &[(0, 0)]))?;
/// let units = units::divide(&city, &plan.units);
/// let trips = travels.trips(&city, &[]);
/// let years = [(city.clone(), supply::census(&city, &units))];
/// let setting = Setting::new(&years, &units, &trips, [service.target]);
/// let found = supply::stand(&setting, rules, &mut Room::default());
/// let standing = &found.standings[0];
/// assert_eq!((standing.target.persons(), standing.covered.persons()), (9.0, 5.0));
/// assert_eq!((standing.demand, standing.shortfall_reach()), (Some(2.25), Some(1.25)));
/// # Ok::<(), fuwutu_core::city::CityError>(())
/// ```
#[must_use]
pub fn stand(setting: &Setting, rules: Rules, room: &mut Room) -> ServiceStandings {
    let case = Case::new(setting, rules);
    let mut result = ServiceStandings::none(&case);
    let paces = Paces::new(&case);
    let mut first_covered = vec![Default::default(); paces.as_ref().map_or(0, |_| case.units())];
    let snapped = beside::snapped(&case);
    let (mut claimants, mut visits) = (Vec::new(), Vec::new());
    for block in blocks(setting.years.len()) {
        let mut demand = Demand::new(&case, &block);
        if block.start == 0 {
            // Where straight lines are beside, the search for detours finds who is covered at which pace, too.
            let with_links = paces.as_ref().filter(|_| !case.compared());
            demand.search(room, with_links, &mut first_covered);
            result.detours = detour::detours(&case, paces.as_ref(), &mut first_covered);
        } else {
            demand.again(room);
        }
        let received = received::receive(&case, &block, room, &demand);
        if case.rates().is_some() {
            claimants.push(asking::ask(&case, &block, &room.groups));
        }
        let found = Found {
            straight: beside::straight(&case, &block),
            radius: beside::radius(&case, &block),
            substituted: beside::substituted(&case, &block, &room.covered),
            excused: beside::excused(&case, &block),
            unsnapped: beside::lost(&case, &block, &room.covered, &snapped, Snapped::Unsnapped),
            roadless: beside::lost(&case, &block, &room.covered, &snapped, Snapped::Roadless),
            demand: &demand,
            received: &received,
        };
        for (lane, year) in block.enumerate() {
            result.add_year(&case, &found, lane, year);
            result
                .points
                .add_year(case.offers, &room.covered, lane, year);
        }
        visits.push(received.visits);
    }
    result.standings.sort_by_key(|each| (each.unit, each.year));
    result.claims = (!claimants.is_empty()).then(|| asking::claims(&case, &claimants, room));
    result.served = served::served(&case, &visits);
    result.by_pace = paces::covered(first_covered);
    result
}

/// What a block of years comes to, by unit.
struct Found<'a> {
    straight: Option<ByUnit>,
    radius: Option<ByUnit>,
    substituted: Option<ByUnit>,
    excused: Option<ByUnit>,
    unsnapped: Option<ByUnit>,
    roadless: Option<ByUnit>,
    demand: &'a Demand<'a>,
    received: &'a Received,
}

impl ServiceStandings {
    fn none(case: &Case) -> Self {
        Self {
            standings: Vec::with_capacity(case.units() * case.setting.years.len()),
            reached: Vec::new(),
            detours: Vec::new(),
            claims: None,
            received: Vec::new(),
            by_pace: Vec::new(),
            served: Vec::new(),
            points: CoveredPoints {
                service: case.rules.at,
                groups: case.groups.iter().map(|group| group.trips.bands).collect(),
                years: Vec::new(),
            },
        }
    }

    /// Adds a year, which is a lane of its block.
    fn add_year(&mut self, case: &Case, found: &Found, lane: usize, year: usize) {
        let (city, census) = &case.setting.years[year];
        let supplies = supplies(case, found.received, lane, year);
        let public = public(case, found.demand, lane, year);
        let of =
            |people: &Option<ByUnit>, unit: usize| people.as_ref().map(|people| people[unit][lane]);
        let detour = |unit: usize| {
            let detours = self.detours.get(unit).filter(|_| year == 0);
            detours.and_then(Detours::summary)
        };
        let of_unit = |(unit, census): (usize, &Census)| Standing {
            covered: Residents(found.demand.covered[unit][lane]),
            unsnapped: of(&found.unsnapped, unit).unwrap_or_default(),
            roadless: of(&found.roadless, unit).unwrap_or_default(),
            straight: of(&found.straight, unit).map(|covered| StraightStanding {
                covered,
                detour: detour(unit),
            }),
            covered_radius: of(&found.radius, unit),
            supply: supplies[unit],
            public: public.as_ref().map(|public| public[unit]),
            excused: of(&found.excused, unit).unwrap_or_default(),
            substituted: of(&found.substituted, unit).unwrap_or_default(),
            ..asked(census, unit, city.year(), case.rules)
        };
        self.standings
            .extend(census.iter().enumerate().map(of_unit));
        let counted = case.counted();
        let reached = case.offers.iter().zip(&found.received.reached);
        let reached = reached.filter(|(_, years)| counted && lanes::has(**years, lane));
        self.reached
            .push(reached.map(|(each, _)| each.facility).collect());
        if counted {
            let communities = found.received.communities.iter();
            self.received
                .push(communities.map(|years| years[lane]).collect());
        }
    }
}

/// What each unit has in a year, `None` where that is not known.
fn supplies(case: &Case, received: &Received, lane: usize, year: usize) -> Vec<Option<Supply>> {
    if !case.counted() {
        return vec![None; case.units()];
    }
    let inside = case.inside(|each| each.open(year));
    let mut unknown: Vec<bool> = (received.unknown.iter())
        .map(|&years| lanes::has(years, lane))
        .collect();
    for each in case.offers.iter().filter(|each| each.open(year)) {
        if let Some(unit) = case.setting.units.of_facility[each.facility] {
            unknown[unit] |= each.offer.capacity.is_none();
        }
    }
    let supply = |((inside, unknown), received): ((f64, bool), &[f64; LANES])| {
        (!unknown).then_some(Supply {
            inside,
            received: received[lane],
        })
    };
    let units = inside.into_iter().zip(unknown).zip(&received.units);
    units.map(supply).collect()
}

/// What public facilities alone give each unit in a year; `None` where the service is not judged by them.
fn public(case: &Case, demand: &Demand, lane: usize, year: usize) -> Option<Vec<PublicStanding>> {
    if !case.rules.service.public_apart {
        return None;
    }
    let inside = case.inside(|each| each.open(year) && each.offer.public == Some(true));
    let standing = |(inside, covered): (f64, &People)| PublicStanding {
        covered: Residents(covered[lane]),
        inside,
    };
    let units = inside.into_iter().zip(&demand.covered_by_public);
    Some(units.map(standing).collect())
}

/// The part of a standing that asks: target group and demand.
fn asked(census: &Census, unit: usize, year: i32, rules: Rules) -> Standing {
    let counted = census.counted(rules.limits);
    let target = rules.service.target.sum(&counted);
    let everybody = Target::ALL.sum(&counted).persons();
    let rates = rules.service.norm.rates(rules.household_size);
    Standing {
        unit: UnitAt::new(unit),
        service: rules.at,
        year,
        supplied: true,
        target,
        covered: Residents::default(),
        unsnapped: Residents::default(),
        roadless: Residents::default(),
        straight: None,
        covered_radius: None,
        demand: rates.map(|(per_resident, per_target)| {
            everybody * per_resident + target.persons() * per_target
        }),
        supply: None,
        certain: None,
        presence: None,
        public: None,
        substituted: Residents::default(),
        excused: Residents::default(),
        spread: None,
    }
}

/// The limit that is searched for paces up to 1 + `within` of the plan's, in whole minutes. Shards must hold so much of their
/// neighbours.
pub(crate) fn paced(limit: Limit, within: f64) -> Limit {
    Limit {
        minutes: (f64::from(limit.minutes) * (1.0 + within) - 1e-9).ceil() as u32,
        ..limit
    }
}
