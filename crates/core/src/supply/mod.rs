//! Supply against demand: for each unit, service and year, who is covered, what people can draw on, and what is short.

pub mod access;

pub mod coverage;

use crate::city::{City, Class};
use crate::quantity::{AGE_BANDS, Ages, Point, Residents};
use crate::reach::{Limits, Link, Reach, Travel};
use crate::service::{Service, Target};
use crate::units::Units;
use access::{Decay, two_step};
use coverage::covered;

/// One unit, one service, one year.
///
/// Only residents whose class of community has a limit for the service count: a rural village asks for no urban street office.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Position of the unit.
    pub unit: u32,
    /// Position of the service in the catalogue.
    pub service: u16,
    /// Year.
    pub year: i32,
    /// Residents of the target group.
    pub target: Residents,
    /// Those of them with at least one open facility within the limit.
    pub covered: Residents,
    /// Capacity that the norm asks for; `None` without a norm.
    pub demand: Option<f64>,
    /// What there is; `None` where the service has no capacity, or that of an open facility in the unit or in reach of its
    /// people is not known.
    pub supply: Option<Supply>,
}

/// Capacity as a unit sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supply {
    /// Of the open facilities that stand in the unit.
    pub inside: f64,
    /// The unit's part of all capacity in reach, across borders (2SFCA): over all units this adds up to the capacity of the
    /// facilities that anybody reaches.
    pub received: f64,
}

impl Standing {
    /// Covered ÷ target; `None` where nobody belongs to the target group.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.target.0 > 0).then(|| self.covered.0 as f64 / self.target.0 as f64)
    }

    /// max(0, demand − supply inside): the administrative view, blind to what is across the border.
    #[must_use]
    pub fn shortfall_inside(&self) -> Option<f64> {
        Some((self.demand? - self.supply?.inside).max(0.0))
    }

    /// max(0, demand − supply received).
    #[must_use]
    pub fn shortfall_reach(&self) -> Option<f64> {
        Some((self.demand? - self.supply?.received).max(0.0))
    }

    /// Capacity received per person of the target group; `None` where nobody belongs to it.
    #[must_use]
    pub fn access(&self) -> Option<f64> {
        (self.target.0 > 0).then_some(self.supply?.received / self.target.persons())
    }

    /// The share of what is needed that is missing, 0 to 1: of capacity (where there is a norm and the supply is known) or of
    /// people within reach, whichever is more; so that plenty for some never hides that others have none. 0 where nothing is
    /// needed.
    #[must_use]
    pub fn shortfall_rate(&self) -> f64 {
        let out_of_reach = self.coverage().map_or(0.0, |coverage| 1.0 - coverage);
        match (self.shortfall_reach(), self.demand) {
            (Some(short), Some(demand)) if demand > 0.0 => out_of_reach.max(short / demand),
            _ => out_of_reach,
        }
    }
}

/// What one service's standings are computed by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The service.
    pub service: &'a Service,
    /// Its position in the catalogue.
    pub at: u16,
    /// Its limits, or those of the plan.
    pub limits: Limits,
    /// How weight falls with time.
    pub decay: Decay,
    /// Persons a household.
    pub household_size: f64,
}

/// One service over the years.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceStandings {
    /// Unit by unit, year by year.
    pub standings: Vec<Standing>,
    /// For each year, the open facilities (by position) that somebody who counts reaches with a weight above zero.
    pub reached: Vec<Vec<u32>>,
}

/// The standing of every unit in every one of `years` (the same city in its years, in order, each with the [`census`] of its
/// units).
///
/// Reach is computed once for years with the same open facilities. O(years × (points + links)).
#[must_use]
pub fn stand(years: &[(City, Vec<Census>)], units: &Units, rules: Rules, travel: &dyn Travel) -> ServiceStandings {
    let mut all = ServiceStandings { standings: Vec::new(), reached: Vec::new() };
    let mut last: Option<Found> = None;
    for (city, people) in years {
        let suppliers = Suppliers::open(city, rules.at);
        let found = match last.take() {
            Some(same) if same.suppliers == suppliers => same,
            _ => Found::new(city, rules, suppliers, travel),
        };
        let (standings, reached) = stand_in_year(city, units, people, rules, &found);
        all.standings.extend(standings);
        all.reached.push(reached);
        last = Some(found);
    }
    all.standings.sort_by_key(|each| (each.unit, each.year));
    all
}

/// Who reaches the open facilities, with the weight of each link.
struct Found {
    suppliers: Suppliers,
    reach: Reach,
    weights: Vec<f64>,
}

impl Found {
    fn new(city: &City, rules: Rules, suppliers: Suppliers, travel: &dyn Travel) -> Self {
        let reach = travel.reach(city, rules.limits, &suppliers.places);
        let weights = access::weights(city, rules.limits, rules.decay, &reach);
        Self { suppliers, reach, weights }
    }
}

/// The open facilities that offer a service.
#[derive(Debug, PartialEq)]
struct Suppliers {
    facilities: Vec<u32>,
    places: Vec<Point>,
    capacities: Vec<Option<f64>>,
}

impl Suppliers {
    fn open(city: &City, service: u16) -> Self {
        let mut open = Self { facilities: Vec::new(), places: Vec::new(), capacities: Vec::new() };
        for (at, facility, offer) in city.open_offers(service) {
            open.facilities.push(at);
            open.places.push(facility.at);
            open.capacities.push(offer.capacity);
        }
        open
    }
}

fn stand_in_year(
    city: &City,
    units: &Units,
    people: &[Census],
    rules: Rules,
    found: &Found,
) -> (Vec<Standing>, Vec<u32>) {
    let in_reach = people_in_reach(city, rules, &found.reach);
    let covered = covered(&found.reach, &in_reach, &units.of_point, units.units.len());
    let mut unknown = vec![rules.service.capacity_unit.is_empty(); units.units.len()];
    let inside = inside(units, &found.suppliers, &mut unknown);
    let (received, reached) = received(units, &in_reach, found, &mut unknown);
    let rates = rules.service.norm.rates(rules.household_size);
    let standing = |(unit, census): (usize, &Census)| {
        let counted = census.counted(rules.limits);
        let target = rules.service.target.sum(&counted);
        let everybody = Target::ALL.sum(&counted).persons();
        Standing {
            unit: unit as u32,
            service: rules.at,
            year: city.year(),
            target,
            covered: covered[unit],
            demand: rates.map(|(per_resident, per_target)| everybody * per_resident + target.persons() * per_target),
            supply: (!unknown[unit]).then(|| Supply { inside: inside[unit], received: received[unit] }),
        }
    };
    let standings = people.iter().enumerate().map(standing).collect();
    (standings, found.suppliers.facilities.iter().zip(reached).filter(|(_, hit)| *hit).map(|(&at, _)| at).collect())
}

/// The target group at each demand point that reaches anything; others count for nothing here.
fn people_in_reach(city: &City, rules: Rules, reach: &Reach) -> Vec<Residents> {
    let people = |(row, ages): (&[Link], &Ages)| match row {
        [] => Residents::default(),
        _ => rules.service.target.of(ages),
    };
    reach.rows().zip(city.residents()).map(people).collect()
}

/// Capacity in each unit; marks those that hold a supplier whose capacity is not known.
fn inside(units: &Units, suppliers: &Suppliers, unknown: &mut [bool]) -> Vec<f64> {
    let mut sums = vec![0.0; units.units.len()];
    for (&facility, capacity) in suppliers.facilities.iter().zip(&suppliers.capacities) {
        if let Some(unit) = units.of_facility[facility as usize] {
            sums[unit as usize] += capacity.unwrap_or(0.0);
            unknown[unit as usize] |= capacity.is_none();
        }
    }
    sums
}

/// Capacity that each unit receives, and which suppliers somebody in a unit reaches with a weight above zero; marks the units
/// that reach one whose capacity is not known.
fn received(units: &Units, in_reach: &[Residents], found: &Found, unknown: &mut [bool]) -> (Vec<f64>, Vec<bool>) {
    let people: Vec<f64> = in_reach.iter().map(|each| each.persons()).collect();
    let capacities: Vec<f64> = found.suppliers.capacities.iter().map(|each| each.unwrap_or(0.0)).collect();
    let access = two_step(&found.reach, &found.weights, &people, &capacities);
    let mut sums = vec![0.0; units.units.len()];
    let mut reached = vec![false; capacities.len()];
    for (point, people) in people.into_iter().enumerate().filter(|(_, people)| *people > 0.0) {
        if let Some(unit) = units.of_point[point] {
            sums[unit as usize] += people * access[point];
            let weights = &found.weights[found.reach.range(point)];
            for (link, _) in found.reach.row(point).iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
                reached[link.place as usize] = true;
                unknown[unit as usize] |= found.suppliers.capacities[link.place as usize].is_none();
            }
        }
    }
    (sums, reached)
}

/// The residents of a unit in one year, by class of community and age band.
#[derive(Debug, Clone, Copy, Default)]
pub struct Census {
    urban: [Residents; AGE_BANDS.len()],
    rural: [Residents; AGE_BANDS.len()],
}

impl Census {
    /// Everybody.
    #[must_use]
    pub fn total(&self) -> Residents {
        self.urban.iter().chain(&self.rural).copied().sum()
    }

    /// By age band, those whose class has a limit.
    fn counted(&self, limits: Limits) -> [Residents; AGE_BANDS.len()] {
        let of = |class, bands: &[Residents; AGE_BANDS.len()]| {
            limits.for_class(class).map_or([Residents::default(); AGE_BANDS.len()], |_| *bands)
        };
        let (urban, rural) = (of(Class::Urban, &self.urban), of(Class::Rural, &self.rural));
        std::array::from_fn(|band| urban[band] + rural[band])
    }
}

/// The residents of every unit in the year of `city`. O(points).
#[must_use]
pub fn census(city: &City, units: &Units) -> Vec<Census> {
    let mut all = vec![Census::default(); units.units.len()];
    for ((class, ages), unit) in city.classes().iter().zip(city.residents()).zip(&units.of_point) {
        let Some(unit) = unit else { continue };
        let census = &mut all[*unit as usize];
        let bands = match class {
            Class::Urban => &mut census.urban,
            Class::Rural => &mut census.rural,
        };
        bands.iter_mut().zip(ages.0).for_each(|(sum, band)| *sum += Residents(u64::from(band)));
    }
    all
}
