//! Supply against demand: for each unit, service and year, who is covered, what people can draw on, and what is short.

pub mod access;

pub mod coverage;

use rayon::prelude::*;

use crate::city::City;
use crate::quantity::{Point, Residents};
use crate::reach::{Limits, Reach, Travel};
use crate::service::Service;
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
    /// What there is; `None` where the capacity of an open facility is not known, or the service has none.
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

    /// The share of what is needed that is missing: of capacity where there is a norm and the supply is known, of people
    /// within reach otherwise. 0 where nothing is needed.
    #[must_use]
    pub fn shortfall_rate(&self) -> f64 {
        match (self.shortfall_reach(), self.demand) {
            (Some(short), Some(demand)) if demand > 0.0 => short / demand,
            _ => self.coverage().map_or(0.0, |coverage| 1.0 - coverage),
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

/// The standing of every unit in every one of `years` (the same city in its years, in order).
///
/// Reach is computed once for years with the same open facilities. O(years × (points + links)).
#[must_use]
pub fn stand(years: &[City], units: &Units, rules: Rules, travel: &dyn Travel) -> ServiceStandings {
    let mut all = ServiceStandings { standings: Vec::new(), reached: Vec::new() };
    let mut last: Option<(Suppliers, Reach, Vec<f64>)> = None;
    for city in years {
        let suppliers = Suppliers::open(city, rules.at);
        if last.as_ref().is_none_or(|(same, ..)| *same != suppliers) {
            let reach = travel.reach(city, rules.limits, &suppliers.places);
            let weights = access::weights(city, rules.limits, rules.decay, &reach);
            last = Some((suppliers, reach, weights));
        }
        if let Some((suppliers, reach, weights)) = &last {
            let (standings, reached) = stand_in_year(city, units, rules, suppliers, reach, weights);
            all.standings.extend(standings);
            all.reached.push(reached);
        }
    }
    all.standings.sort_by_key(|each| (each.unit, each.year));
    all
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
        for (facility, at) in city.facilities().iter().zip(0..) {
            let offer = facility.offers.iter().find(|offer| offer.service == service);
            if let Some(offer) = offer.filter(|_| facility.open(city.year())) {
                open.facilities.push(at);
                open.places.push(facility.at);
                open.capacities.push(offer.capacity);
            }
        }
        open
    }
}

fn stand_in_year(
    city: &City,
    units: &Units,
    rules: Rules,
    suppliers: &Suppliers,
    reach: &Reach,
    weights: &[f64],
) -> (Vec<Standing>, Vec<u32>) {
    let targets = targets(city, rules);
    let target = by_unit(units, &targets);
    let covered = covered(reach, &targets, &units.of_point, units.units.len());
    let demand = demand(city, units, rules);
    let (supply, reached) = supply(units, &targets, suppliers, reach, weights);
    let standings = (0..units.units.len())
        .map(|unit| Standing {
            unit: unit as u32,
            service: rules.at,
            year: city.year(),
            target: target[unit],
            covered: covered[unit],
            demand: demand.as_ref().map(|demand| demand[unit]),
            supply: supply.as_ref().map(|supply| supply[unit]),
        })
        .collect();
    (standings, reached)
}

/// The target group at each demand point; nobody where the point's class has no limit.
fn targets(city: &City, rules: Rules) -> Vec<Residents> {
    let counted = |(point, ages)| match rules.limits.for_class(city.class(point)) {
        Some(_) => rules.service.target.of(ages),
        None => Residents::default(),
    };
    city.points().par_iter().zip(city.residents()).map(counted).collect()
}

fn by_unit(units: &Units, people: &[Residents]) -> Vec<Residents> {
    let mut sums = vec![Residents::default(); units.units.len()];
    for (unit, &people) in units.of_point.iter().zip(people) {
        if let Some(unit) = unit {
            sums[*unit as usize] += people;
        }
    }
    sums
}

/// Norm × people, by unit: the people are summed first, exactly, and multiplied once.
fn demand(city: &City, units: &Units, rules: Rules) -> Option<Vec<f64>> {
    let (per_resident, per_target) = rules.service.norm.rates(rules.household_size)?;
    let everybody: Vec<Residents> = city
        .points()
        .iter()
        .zip(city.residents())
        .map(|(point, ages)| match rules.limits.for_class(city.class(point)) {
            Some(_) => ages.total(),
            None => Residents::default(),
        })
        .collect();
    let target = by_unit(units, &targets(city, rules));
    let everybody = by_unit(units, &everybody);
    let asked = |(all, target): (&Residents, &Residents)| all.persons() * per_resident + target.persons() * per_target;
    Some(everybody.iter().zip(&target).map(asked).collect())
}

/// What each unit has and receives, and which facilities are reached. No supply where a capacity is not known.
fn supply(
    units: &Units,
    targets: &[Residents],
    suppliers: &Suppliers,
    reach: &Reach,
    weights: &[f64],
) -> (Option<Vec<Supply>>, Vec<u32>) {
    let people: Vec<f64> = targets.iter().map(|each| each.persons()).collect();
    let known: Option<Vec<f64>> = suppliers.capacities.iter().copied().collect();
    let capacities = known.clone().unwrap_or_else(|| vec![0.0; suppliers.places.len()]);
    let access = two_step(reach, weights, &people, &capacities);
    let reached = reached_from_here(units, suppliers, reach, weights, &people);
    let supply = known.map(|capacities| {
        let mut sums = vec![Supply { inside: 0.0, received: 0.0 }; units.units.len()];
        for (&facility, capacity) in suppliers.facilities.iter().zip(&capacities) {
            if let Some(unit) = units.of_facility[facility as usize] {
                sums[unit as usize].inside += capacity;
            }
        }
        for ((unit, people), access) in units.of_point.iter().zip(&people).zip(&access) {
            if let Some(unit) = unit {
                sums[*unit as usize].received += people * access;
            }
        }
        sums
    });
    (supply, reached)
}

/// The facilities that somebody in a unit reaches with a weight above zero.
fn reached_from_here(units: &Units, suppliers: &Suppliers, reach: &Reach, weights: &[f64], people: &[f64]) -> Vec<u32> {
    let mut reached = vec![false; suppliers.places.len()];
    let mut weights = weights.iter();
    for ((row, unit), people) in reach.rows().zip(&units.of_point).zip(people) {
        for (link, weight) in row.iter().zip(weights.by_ref()) {
            reached[link.place as usize] |= unit.is_some() && people * weight > 0.0;
        }
    }
    suppliers.facilities.iter().zip(reached).filter(|(_, reached)| *reached).map(|(&facility, _)| facility).collect()
}
