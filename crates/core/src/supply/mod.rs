//! Supply against demand: for each unit, service and year, who is covered, what people can draw on, and what is short.

pub mod access;

pub mod allocation;

pub mod census;

pub mod coverage;

pub mod detour;

pub mod matching;

mod places;

pub mod presence;

mod served;

pub mod shortage;

pub mod standing;

use crate::city::City;
use crate::position::{FacilityAt, ServiceAt, UnitAt};
use crate::quantity::Residents;
use crate::reach::{GroupTrips, Limits, Snapped};
use crate::service::{Limit, Service, Target};
use crate::units::Units;
use access::Decay;
use detour::Detours;
use places::{Covered, Links, Places, Remembered, Suppliers};
use served::Tally;
use shortage::{Claimants, Claims};

pub use census::{Census, census};
pub use served::{Bits, CoveredPoints, Served};
pub use standing::{PublicStanding, Standing, StraightStanding, Supply};

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
#[derive(Debug, Clone)]
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
/// Links are searched once, for all facilities that are open in any year; one that is closed in a year then counts for
/// nothing. O(search + years × (points + links)).
/// ```
/// # use fuwutu_core::city::City;
/// # use fuwutu_core::position::ServiceAt;
/// # use fuwutu_core::reach::{Limits, Travel, Travels};
/// # use fuwutu_core::supply::{self, Rules};
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
/// let groups = travels.trips(&city, &[]);
/// let years = [(city.clone(), supply::census(&city, &units))];
/// let found = supply::stand(&years, &units, rules, &groups);
/// let standing = &found.standings[0];
/// assert_eq!((standing.target.persons(), standing.covered.persons()), (9.0, 5.0));
/// assert_eq!((standing.demand, standing.shortfall_reach()), (Some(2.25), Some(1.25)));
/// # Ok::<(), fuwutu_core::city::CityError>(())
/// ```
#[must_use]
pub fn stand(
    years: &[(City, Vec<Census>)],
    units: &Units,
    rules: Rules,
    groups: &[GroupTrips],
) -> ServiceStandings {
    let mut all = ServiceStandings {
        standings: Vec::new(),
        reached: Vec::new(),
        detours: Vec::new(),
        claims: None,
        received: Vec::new(),
        by_pace: Vec::new(),
        served: Vec::new(),
        points: CoveredPoints {
            service: rules.at,
            groups: Vec::new(),
            years: Vec::new(),
        },
    };
    // Those of whom nobody belongs to the target group need no search.
    let groups: Vec<&GroupTrips> = groups
        .iter()
        .filter(|group| rules.service.target.any_of(&group.bands))
        .collect();
    all.points.groups = groups.iter().map(|group| group.bands).collect();
    let places = Places {
        suppliers: Suppliers::ever_open(years, rules.at),
        units,
        rules,
        groups: &groups,
    };
    let links = Links::new(&years[0].0, &places);
    let mut tally = Tally::new(&places, &links, &places.everybody(&years[0].0));
    let normed = places.counted() && rules.service.norm.rates(rules.household_size).is_some();
    let mut claimants = normed.then(|| Claimants::new(&places, &links));
    let lost = |states: &Vec<Snapped>| states.iter().any(|&state| state != Snapped::OnStreets);
    let snapped: Vec<Option<Vec<Snapped>>> = groups
        .iter()
        .map(|group| group.trips.snapped(rules.limits).filter(lost))
        .collect();
    let mut last: Option<Covered> = None;
    let (mut others, mut needless) = (Remembered::default(), Remembered::default());
    for ((city, census), year) in years.iter().zip(0..) {
        let open = places.suppliers.open_in(city);
        let covered = match last.take() {
            Some(same) if same.open == open => same,
            _ => Covered::new(city, &places, &links, open),
        };
        let straight = covered
            .straight
            .as_ref()
            .map(|straight| places.in_units(city, straight));
        let (supplies, received, reached) = places.supplies(city, &links, &covered, &mut tally);
        if year == 0 {
            all.detours = detour::detours(city, &places, &covered.open);
        }
        if let Some(claimants) = &mut claimants {
            claimants.ask(city, &places, &covered.open);
        }
        let within = places.in_units(city, &covered.rows);
        let substituted = places.instead(city, &covered.rows, &mut others);
        let excused = places.excused(city, &mut needless);
        let public = places.public(city, &links, &covered.open);
        let (unsnapped, roadless) = places.lost(city, &covered.rows, &snapped);
        let of_unit = |(unit, census): (usize, &Census)| Standing {
            covered: within[unit],
            unsnapped: unsnapped[unit],
            roadless: roadless[unit],
            straight: straight.as_ref().map(|straight| StraightStanding {
                covered: straight[unit],
                detour: all
                    .detours
                    .get(unit)
                    .filter(|_| year == 0)
                    .and_then(Detours::summary),
            }),
            supply: supplies[unit],
            public: public.as_ref().map(|public| public[unit]),
            excused: excused
                .as_ref()
                .map_or(Residents::default(), |excused| excused[unit]),
            substituted: substituted
                .as_ref()
                .map_or(Residents::default(), |substituted| substituted[unit]),
            ..asked(census, unit, city.year(), rules)
        };
        all.standings.extend(census.iter().enumerate().map(of_unit));
        all.reached.push(reached);
        all.received.extend(received);
        all.points.years.push(std::sync::Arc::clone(&covered.bits));
        last = Some(covered);
    }
    all.standings.sort_by_key(|each| (each.unit, each.year));
    all.claims = claimants.map(Claimants::finish);
    all.served = tally.finish();
    if let (Some((city, _)), Some(covered)) = (years.last(), &last) {
        all.by_pace = places.by_pace(city, &covered.open);
    }
    all
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
        target,
        covered: Residents::default(),
        unsnapped: Residents::default(),
        roadless: Residents::default(),
        straight: None,
        demand: rates.map(|(per_resident, per_target)| {
            everybody * per_resident + target.persons() * per_target
        }),
        supply: None,
        certain: None,
        presence: None,
        public: None,
        substituted: Residents::default(),
        excused: Residents::default(),
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
