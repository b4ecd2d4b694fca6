//! How the people of a plan get around, and which of them are too far from every street.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fuwutu_core::city::{City, Facility};
use fuwutu_core::position::{ServiceAt, UnitAt};
use fuwutu_core::quantity::Residents;
use fuwutu_core::reach::straight::{Radius, Straight};
use fuwutu_core::reach::streets::{Parts, Streets};
use fuwutu_core::reach::{Travel, Travels, Way};
use fuwutu_core::round::{Selection, Snapping};
use fuwutu_core::service::Mode;
use rayon::prelude::*;

use crate::finding::{Failure, Finding, Kind};
use crate::plan::{Plan, UnsnappedTrips};
use crate::read::roads::RoadInput;

/// The ways of a plan: everybody's, and that of the slow where they are slower.
#[derive(Debug)]
pub struct Ways {
    usual: Paced,
    slow: Option<Paced>,
    compare: bool,
}

/// Travel at one pace.
#[derive(Debug)]
struct Paced {
    straight: Straight,
    /// Where radii count.
    radius: Option<Radius>,
    streets: Option<Streets>,
}

impl Paced {
    fn way(&self, compare: bool) -> Way<'_> {
        match &self.streets {
            Some(streets) => Way {
                travel: streets,
                beside: compare.then_some(&self.straight),
            },
            None => Way {
                travel: match &self.radius {
                    Some(radius) => radius,
                    None => &self.straight,
                },
                beside: None,
            },
        }
    }
}

impl Ways {
    /// Of a plan, on the roads that it names.
    #[must_use]
    pub fn new(plan: &Plan, roads: Option<&RoadInput>) -> Self {
        let paced = |paces| Paced {
            straight: plan.straight(paces),
            radius: plan.radius(paces),
            streets: roads.map(|input| Streets::new(Arc::clone(&input.roads), plan.streets(paces))),
        };
        Self {
            usual: paced(plan.paces()),
            slow: plan.slow_paces().map(paced),
            compare: plan.travel.compare,
        }
    }

    /// For the core.
    #[must_use]
    pub fn travels(&self) -> Travels<'_> {
        Travels {
            usual: self.usual.way(self.compare),
            slow: self.slow.as_ref().map(|slow| slow.way(self.compare)),
        }
    }

    /// Everybody's, or that of all but the slow.
    #[must_use]
    pub fn usual(&self) -> &dyn Travel {
        self.usual.way(false).travel
    }

    /// Streets, where they are travelled on.
    #[must_use]
    pub fn streets(&self) -> Option<&Streets> {
        self.usual.streets.as_ref()
    }
}

/// A mode in files.
#[must_use]
pub fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Walk => "walk",
        Mode::Ebike => "ebike",
        Mode::CarBus => "car_bus",
    }
}

/// What is noticed where the city meets the roads: how much of them is used by each of `modes`, and facilities of `services` that are
/// too far from every street for walking.
///
/// # Errors
/// Where no demand point at all is near a street: these are the roads of another city.
pub fn joined(
    city: &City,
    streets: &Streets,
    modes: &[Mode],
    services: Selection,
    file: &str,
) -> Result<Vec<Finding>, Failure> {
    let any_near = city.points().par_iter().any(|point| {
        [Mode::Walk, Mode::Ebike, Mode::CarBus]
            .iter()
            .any(|&mode| streets.foot(mode, point.at).is_some())
    });
    if !city.points().is_empty() && !any_near {
        return Err(Finding::new(Kind::RoadsElsewhere, file).into());
    }
    let mut facilities: BTreeMap<ServiceAt, u64> = BTreeMap::new();
    let offers = city.facilities().iter().flat_map(|each| &each.offers);
    offers.for_each(|offer| *facilities.entry(offer.service).or_default() += 1);
    let lost: Vec<&Facility> = city
        .facilities()
        .par_iter()
        .filter(|facility| streets.foot(Mode::Walk, facility.at).is_none())
        .collect();
    let mut of_service: BTreeMap<ServiceAt, Vec<&Facility>> = BTreeMap::new();
    for facility in lost {
        let mut offers = facility.offers.iter().map(|offer| offer.service);
        let first = offers.find(|service| services.selected.binary_search(service).is_ok());
        let Some(first) = first else { continue };
        of_service.entry(first).or_default().push(facility);
    }
    let kind = if streets.falls_back() {
        Kind::FacilityStraight
    } else {
        Kind::FacilityUnsnapped
    };
    let networks = modes.iter().map(|&mode| {
        let ModeTotal {
            usable_km,
            parts,
            longest,
            isolated_km,
            closed_km,
            ..
        } = ModeTotal::of(streets, mode);
        let longest = longest * 100.0;
        let value = format!(
            "{usable_km:.0} km; parts {parts}, longest {longest:.1} %; too short {isolated_km:.0} km, \
             closed {closed_km:.0} km"
        );
        Finding::new(Kind::RoadsNetwork, file)
            .column(mode_name(mode))
            .value(value)
    });
    let mut findings: Vec<Finding> = networks.collect();
    for (service, lost) in of_service {
        let (part, whole) = (lost.len() as u64, facilities[&service]);
        findings.extend(lost.into_iter().map(|facility| {
            Finding::new(kind, file)
                .service(&*services.catalogue[service].id)
                .id(&*facility.id)
                .value(&*facility.name)
                .concerns(part, whole)
        }));
    }
    Ok(findings)
}

/// Findings about the residents who are on no street: one for all modes, since they are mostly the same people.
#[must_use]
pub fn unsnapped(snapping: &[Snapping], plan: &Plan) -> Vec<Finding> {
    let tell = |kind, part: fn(&Snapping) -> Residents| {
        let mut modes = Vec::new();
        let (mut most, mut residents) = (Residents::default(), Residents::default());
        for mode in [Mode::Walk, Mode::Ebike, Mode::CarBus] {
            let of_mode = || snapping.iter().filter(|row| row.mode == mode);
            let lost: Residents = of_mode().map(part).sum();
            residents = residents.max(of_mode().map(|row| row.residents).sum());
            most = most.max(lost);
            if lost.0 > 0 {
                modes.push(format!("{} {:.0}", mode_name(mode), lost.persons()));
            }
        }
        let lost = snapping.iter().filter(|row| part(row).0 > 0);
        let units: BTreeSet<UnitAt> = lost.map(|row| row.unit).collect();
        let value = format!(
            "{} of {:.0} residents, {} units",
            modes.join(", "),
            residents.persons(),
            units.len()
        );
        (most.0 > 0).then(|| {
            let finding = Finding::new(kind, &plan.roads_name()).value(value);
            finding.concerns(most.0, residents.0)
        })
    };
    let findings = match plan.travel.unsnapped {
        UnsnappedTrips::Straight => [
            tell(Kind::UnsnappedStraight, |row| row.unsnapped + row.roadless),
            None,
        ],
        UnsnappedTrips::Apart => [
            tell(Kind::Unsnapped, |row| row.unsnapped),
            tell(Kind::Roadless, |row| row.roadless),
        ],
    };
    findings.into_iter().flatten().collect()
}

/// What the streets of a mode come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModeTotal {
    /// How one travels.
    pub mode: Mode,
    /// Kilometres that may be used.
    pub usable_km: f64,
    /// Parts that do not hang together.
    pub parts: usize,
    /// The share of the longest part, 0 to 1.
    pub longest: f64,
    /// Kilometres in parts that are too short to be used.
    pub isolated_km: f64,
    /// Kilometres that this mode may not use.
    pub closed_km: f64,
}

impl ModeTotal {
    /// Of one mode.
    #[must_use]
    pub fn of(streets: &Streets, mode: Mode) -> Self {
        let roads = streets.roads();
        let parts = Parts::new(roads, mode);
        let km = |millimetres: u64| millimetres as f64 / 1e6;
        let all: u64 = parts.lengths.iter().sum();
        let length = |at: usize| u64::from(roads.edges()[at].length);
        let usable: u64 = streets
            .usable(mode)
            .iter()
            .enumerate()
            .filter(|(_, own)| **own)
            .map(|(at, _)| length(at))
            .sum();
        let longest = parts.lengths.iter().max().copied().unwrap_or(0);
        Self {
            mode,
            usable_km: km(usable),
            parts: parts.lengths.len(),
            longest: if all > 0 {
                longest as f64 / all as f64
            } else {
                0.0
            },
            isolated_km: km(all - usable),
            closed_km: km(roads.length_mm() - all),
        }
    }
}
