//! What the units of a whole city add up to, and how evenly its people share.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Part, Plan, Selection, ServicePart, limits};
use crate::city::City;
use crate::equity::{Equity, Holder, equity};
use crate::position::{FacilityAt, ServiceAt};
use crate::projection;
use crate::quantity::{ByAge, Residents};
use crate::supply::presence::Attained;
use crate::supply::shortage::Certain;
use crate::supply::{Offered, Offers, SpreadStanding, Standing};

/// A service in the whole city in one year: first what its units add up to, then what its facilities do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CityTotal {
    /// Position in the catalogue.
    pub service: ServiceAt,
    /// Year.
    pub year: i32,
    /// As in [`Standing`]: whether anything is known of the service's facilities.
    pub supplied: bool,
    /// Residents of the target group.
    pub target: Residents,
    /// Those of them who are covered.
    pub covered: Residents,
    /// Those of them who are not covered and are not on the network, as in [`Standing`].
    pub unsnapped: Residents,
    /// Those of them who are not covered and live where there is no road at all.
    pub roadless: Residents,
    /// Those who are covered in straight lines, where it was asked for.
    pub covered_straight: Option<Residents>,
    /// See [`Standing::spread`].
    pub spread: Option<SpreadStanding>,
    /// Those who are covered within the service radius; `None` where a limit has none.
    pub covered_radius: Option<Residents>,
    /// Capacity that the norm asks for; `None` without a norm.
    pub demand: Option<f64>,
    /// Capacity that units receive.
    pub received: f64,
    /// What units miss, counting all supply in reach; `None` where no unit can be judged.
    pub short: Option<f64>,
    /// Units that ask for capacity and whose supply is not known: `short` is at least so much.
    pub unjudged: u32,
    /// Facilities open.
    pub open: u32,
    /// Those of them whose capacity is not known.
    pub unknown: u32,
    /// Those of them of which it is known whether they are public; of the service's own row.
    pub owned: u32,
    /// Known capacity of those open.
    pub capacity: f64,
    /// Known capacity of those open that nobody reaches: capacity − this is what all units receive together.
    pub unreached: f64,
    /// What no assignment can seat; `None` without a norm or a capacity.
    pub certain: Option<Certain>,
    /// Units for which a rule of presence applies.
    pub required: u32,
    /// Those of them that keep all.
    pub attained: u32,
    /// Those of them that might, if it were known how large all facilities are and whose.
    pub undecided: u32,
}

impl CityTotal {
    /// Covered ÷ target; `None` where nobody belongs to the target group, or nothing is known of the facilities.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.supplied && self.target.0 > 0).then(|| self.covered.0 as f64 / self.target.0 as f64)
    }

    /// As [`CityTotal::coverage`], in straight lines.
    #[must_use]
    pub fn coverage_straight(&self) -> Option<f64> {
        self.covered_straight
            .filter(|_| self.target.0 > 0)
            .map(|covered| covered.0 as f64 / self.target.0 as f64)
    }

    fn add(&mut self, standing: &Standing) {
        self.target += standing.target;
        self.covered += standing.covered;
        self.unsnapped += standing.unsnapped;
        self.roadless += standing.roadless;
        if let Some(straight) = standing.straight {
            self.covered_straight =
                Some(self.covered_straight.unwrap_or_default() + straight.covered);
        }
        if let Some(unit) = standing.spread {
            let sum = self.spread.get_or_insert_default();
            sum.otherwise += unit.otherwise;
            sum.least += unit.least;
            sum.most += unit.most;
        }
        if let Some(covered) = standing.covered_radius {
            *self.covered_radius.get_or_insert_default() += covered;
        }
        if let Some(demand) = standing.demand {
            *self.demand.get_or_insert_default() += demand;
        }
        self.received += standing.supply.map_or(0.0, |supply| supply.received);
        if let Some(certain) = &standing.certain {
            self.certain.get_or_insert_default().add(certain);
        }
        self.required += u32::from(standing.presence.is_some());
        let verdict = standing.presence.map(|each| each.attained());
        self.attained += u32::from(verdict == Some(Attained::Yes));
        self.undecided += u32::from(verdict == Some(Attained::Unknown));
        match standing.shortfall_reach() {
            Some(short) => self.short = Some(self.short.unwrap_or(0.0) + short),
            None => self.unjudged += u32::from(standing.demand.is_some_and(|demand| demand > 0.0)),
        }
    }
}

/// How evenly the access to a service is shared in one year. Holders are communities, their value capacity received per
/// person of the target group; groups are townships, ranks are growth over the horizon (0 without a projection), and the line
/// is the norm.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceEquity {
    /// Position in the catalogue.
    pub service: ServiceAt,
    /// Year.
    pub year: i32,
    /// Capacity per person of the target group that the norm asks for, in the whole city; `None` without a norm.
    pub line: Option<f64>,
    /// The indices.
    pub equity: Equity,
}

/// Service by service, year by year.
pub(super) fn totals(
    years: &[City],
    services: Selection,
    offers: &Offers,
    part: &Part,
) -> Vec<CityTotal> {
    let mut all: BTreeMap<(ServiceAt, i32), CityTotal> = BTreeMap::new();
    for (&service, kept) in services.selected.iter().zip(&part.services) {
        for ((nth, city), reached) in years.iter().enumerate().zip(&kept.reached) {
            let open = offers.open(service, nth);
            let total = CityTotal {
                supplied: services.supplied(service),
                ..facilities_total(city.year(), service, open, reached)
            };
            all.insert((service, city.year()), total);
        }
    }
    for standing in &part.standings {
        if let Some(total) = all.get_mut(&(standing.service, standing.year)) {
            total.add(standing);
        }
    }
    all.into_values().collect()
}

/// What the open facilities have of a service; `reached` are the positions of those that anybody reaches, ascending.
fn facilities_total<'a>(
    year: i32,
    service: ServiceAt,
    open: impl Iterator<Item = &'a Offered>,
    reached: &[FacilityAt],
) -> CityTotal {
    let mut total = CityTotal {
        service,
        year,
        supplied: true,
        target: Residents::default(),
        covered: Residents::default(),
        unsnapped: Residents::default(),
        roadless: Residents::default(),
        covered_straight: None,
        spread: None,
        covered_radius: None,
        demand: None,
        received: 0.0,
        short: None,
        unjudged: 0,
        open: 0,
        unknown: 0,
        owned: 0,
        capacity: 0.0,
        unreached: 0.0,
        certain: None,
        required: 0,
        attained: 0,
        undecided: 0,
    };
    for Offered {
        facility, offer, ..
    } in open
    {
        total.open += 1;
        total.owned += u32::from(offer.public.is_some());
        total.unknown += u32::from(offer.capacity.is_none());
        let capacity = offer.capacity.unwrap_or(0.0);
        total.capacity += capacity;
        total.unreached += if reached.binary_search(facility).is_ok() {
            0.0
        } else {
            capacity
        };
    }
    total
}

/// Of services and years whose capacity is wholly known.
pub(super) fn equities(
    years: &[City],
    services: Selection,
    plan: &Plan,
    parts: &[ServicePart],
    totals: &[CityTotal],
) -> Vec<ServiceEquity> {
    let people: Vec<Vec<ByAge>> = years.par_iter().map(projection::ages_of).collect();
    let (base, horizon) = (
        years[0].community_residents(),
        years[years.len() - 1].community_residents(),
    );
    let growth = |at: usize| {
        if base[at].0 > 0 {
            horizon[at].0 as f64 / base[at].0 as f64 - 1.0
        } else {
            0.0
        }
    };
    let growth: Vec<f64> = (0..base.len()).map(growth).collect();
    let mut all = Vec::new();
    let supplied = services.selected.iter().zip(parts);
    for (&at, part) in supplied.filter(|(at, _)| services.supplied(**at)) {
        let service = &services.catalogue[at];
        let limits = limits(service, plan);
        for ((city, people), received) in years.iter().zip(&people).zip(&part.received) {
            let total = totals
                .iter()
                .find(|each| (each.service, each.year) == (at, city.year()));
            let Some(total) = total.filter(|total| total.unknown == 0) else {
                continue;
            };
            let holder = |(community, ages): (usize, &ByAge)| {
                let land = &city.communities()[community];
                let counted = limits
                    .for_class(land.class)
                    .map_or(Residents::default(), |_| service.target.sum(ages));
                let value = if counted.0 > 0 {
                    received[community] / counted.persons()
                } else {
                    0.0
                };
                Holder {
                    value,
                    people: counted.persons(),
                    group: land.township.0,
                    rank: growth[community],
                }
            };
            let holders: Vec<Holder> = people.iter().enumerate().map(holder).collect();
            let line = total
                .demand
                .filter(|_| total.target.0 > 0)
                .map(|demand| demand / total.target.persons());
            let equity = equity(&holders, line).ok();
            all.extend(equity.map(|equity| ServiceEquity {
                service: at,
                year: city.year(),
                line,
                equity,
            }));
        }
    }
    all
}
