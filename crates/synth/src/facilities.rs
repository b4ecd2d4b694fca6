//! The facilities: as many and as large as the norms ask for, near people, but too few where the city grew fast.

use fuwutu_core::city::{Class, DemandPoint, Facility, Offer, Status};
use fuwutu_core::position::ServiceAt;
use fuwutu_core::quantity::{Ages, Point};
use fuwutu_core::service::{Basis, Service};
use geo::Coord;
use rand::Rng;
use rand_pcg::Pcg64Mcg;

use crate::YEAR;
use crate::chance::{Seed, angle, apportion, normal};
use crate::names::{Names, short};
use crate::people::{Ground, Settlement, Zone, inside};
use crate::spec::Spec;

/// For norms that are counted by household.
const HOUSEHOLD: f64 = 2.5;
/// Share of facilities that offer two or three services.
const COMPLEXES: f64 = 0.02;
/// One facility in this many is private.
const PRIVATE: usize = 5;
/// One branch in this many has no hub.
const UNTIED: usize = 20;

/// A service as this city provides it.
struct Kind<'a> {
    at: ServiceAt,
    service: &'a Service,
    /// The only class of community it is for; `None` where it is for both.
    only: Option<Class>,
    /// Capacity that the norm asks for, in the whole city.
    demand: Option<f64>,
    /// How many facilities.
    count: u64,
}

impl Kind<'_> {
    fn serves(&self, class: Class) -> bool {
        self.only.is_none_or(|only| only == class)
    }

    /// With its size: its capacity where the minimum is in the same unit; otherwise one of usual capacity is a quarter larger
    /// than the minimum, and others in proportion.
    fn offer(&self, capacity: Option<f64>) -> Offer {
        let size = self.service.minimum.as_ref().and_then(|minimum| {
            let capacity = capacity?;
            let same = minimum.unit == self.service.capacity_unit;
            Some(if same {
                capacity
            } else {
                (minimum.size * 1.25 * capacity / self.usual()?).round()
            })
        });
        Offer {
            service: self.at,
            capacity,
            size,
            public: None,
        }
    }

    /// Capacity of one facility; `None` where the service has none.
    fn usual(&self) -> Option<f64> {
        match self.demand {
            Some(demand) => Some(demand / self.count.max(1) as f64),
            None => (!self.service.capacity_unit.is_empty()).then(|| smallest(self.service)),
        }
    }
}

/// Opens `spec.facilities` facilities (none where `catalogue` has no service to offer): existing ones for the most part, some
/// committed, planned, idle or closed, and a few complexes of several services.
pub(crate) fn equip(
    spec: &Spec,
    catalogue: &[Service],
    grounds: &[Ground],
    settlements: &[Settlement],
    points: &[(DemandPoint, Ages)],
    names: &Names,
) -> Vec<Facility> {
    let seed = Seed(spec.seed).of("facilities");
    let kinds = kinds(spec, catalogue, settlements, points);
    let sites = [None, Some(Class::Urban), Some(Class::Rural)]
        .map(|only| (only, pull(settlements, points, only)));
    let digits = spec.facilities.to_string().len();
    let mut facilities = Vec::with_capacity(spec.facilities as usize);
    for kind in &kinds {
        let mut rng = seed.of(&kind.service.id).stream();
        let (_, pull) = sites
            .iter()
            .find(|(only, _)| *only == kind.only)
            .expect("there are three");
        let capacities = capacities(kind, &mut rng);
        let alone = short(&kind.service.name.zh);
        let (mut last, mut same) = (None, 0);
        for (number, capacity) in (0_u32..).zip(capacities) {
            let home = &points[site(pull, number, kind.count, &mut rng)].0;
            let community = home.community;
            same = if last == Some(community) { same + 1 } else { 0 };
            last = Some(community);
            let mut offers = vec![kind.offer(capacity)];
            if rng.random::<f64>() < COMPLEXES {
                offers.extend(others(
                    kind,
                    &kinds,
                    settlements[community].class(),
                    &mut rng,
                ));
            }
            let public = Some(facilities.len() % PRIVATE != 0);
            offers.iter_mut().for_each(|offer| offer.public = public);
            let name = if offers.len() > 1 {
                "公共服务综合体"
            } else {
                &alone
            };
            let (status, opens) = status(&mut rng);
            facilities.push(Facility {
                id: format!("f{:0digits$}", facilities.len() + 1).into(),
                name: format!("{}{}{name}", names.get(community.index()), part(same)).into(),
                at: beside(home, &grounds[community], &mut rng),
                entrances: Vec::new(),
                community: Some(community),
                status,
                opens,
                closes: None,
                hubs: Vec::new(),
                offers,
            });
        }
    }
    tie(&mut facilities, catalogue);
    facilities
}

/// Ties branches to the nearest existing hub of their kind, but for some.
fn tie(facilities: &mut [Facility], catalogue: &[Service]) {
    for branch in (0..facilities.len()).filter(|branch| branch % UNTIED != 0) {
        let place = facilities[branch].at.metres();
        facilities[branch].hubs = facilities[branch]
            .offers
            .iter()
            .filter_map(|offer| {
                let hub = catalogue[offer.service].hub.as_ref()?;
                let hubs = facilities.iter().filter(|facility| {
                    facility.status == Status::Existing
                        && (facility.offers.iter())
                            .any(|offer| hub.services.contains(&catalogue[offer.service].id))
                });
                let distance = |facility: &&Facility| {
                    let away = facility.at.metres() - place;
                    away.x.hypot(away.y)
                };
                let nearest = hubs.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
                Some((offer.service, nearest.id.clone()))
            })
            .collect();
    }
}

/// The services to provide, with the number of facilities of each: in proportion to what the norm would need, at least one.
fn kinds<'a>(
    spec: &Spec,
    catalogue: &'a [Service],
    settlements: &[Settlement],
    points: &[(DemandPoint, Ages)],
) -> Vec<Kind<'a>> {
    let wanted = ServiceAt::enumerate(catalogue).filter(|(_, service)| {
        let chosen = spec.services.is_empty() || spec.services.contains(&service.id);
        chosen
            && (service.urban.is_some()
                || service.rural.is_some()
                || service.norm.rates(HOUSEHOLD).is_some())
    });
    let kinds = wanted.map(|(position, service)| {
        let only = match (&service.urban, &service.rural) {
            (Some(_), None) => Some(Class::Urban),
            (None, Some(_)) => Some(Class::Rural),
            _ => None,
        };
        Kind {
            at: position,
            service,
            only,
            demand: demand(service, only, settlements, points),
            count: 0,
        }
    });
    let mut kinds: Vec<Kind> = kinds
        .filter(|kind| {
            kind.only.is_none_or(|class| {
                settlements
                    .iter()
                    .any(|settlement| settlement.class() == class)
            })
        })
        .collect();
    let weights: Vec<f64> = kinds
        .iter()
        .map(|kind| needed(kind, spec, settlements))
        .collect();
    let least = u64::from(spec.facilities as usize >= kinds.len());
    for (kind, count) in
        kinds
            .iter_mut()
            .zip(apportion(u64::from(spec.facilities), least, &weights))
    {
        kind.count = count;
    }
    kinds
}

/// Capacity that the norm asks for, for the residents of the communities that the service is for.
fn demand(
    service: &Service,
    only: Option<Class>,
    settlements: &[Settlement],
    points: &[(DemandPoint, Ages)],
) -> Option<f64> {
    let (per_resident, per_target) = service.norm.rates(HOUSEHOLD)?;
    let (mut residents, mut target) = (0, 0);
    for (point, ages) in points {
        if only.is_none_or(|only| only == settlements[point.community].class()) {
            residents += ages.total().0;
            target += service.target.of(ages).0;
        }
    }
    Some((residents as f64 * per_resident + target as f64 * per_target) / 1000.0)
}

/// How many facilities there should be. More than 0.
fn needed(kind: &Kind, spec: &Spec, settlements: &[Settlement]) -> f64 {
    let level = |name: &str| kind.service.levels.iter().any(|level| level == name);
    match kind.demand {
        Some(demand) => (demand / typical(kind.service)).max(0.1),
        None if kind.service.norm.basis == Basis::SupplyOnly => 2.0 * f64::from(spec.townships),
        None if level("county") => f64::from(spec.counties),
        None if level("L5") || level("L10") || level("village") => settlements
            .iter()
            .filter(|settlement| kind.serves(settlement.class()))
            .count() as f64,
        None => f64::from(spec.townships),
    }
}

/// Capacity of a facility of usual size. Where the catalogue gives a smallest size in another unit, or none, a common size.
fn typical(service: &Service) -> f64 {
    match &service.minimum {
        Some(minimum) if minimum.unit == service.capacity_unit => 1.5 * minimum.size,
        Some(minimum) if minimum.unit == "classes" => 50.0 * minimum.size,
        _ => 1.5 * smallest(service),
    }
}

/// Capacity of a small facility.
fn smallest(service: &Service) -> f64 {
    match (&service.minimum, service.capacity_unit.as_str()) {
        (Some(minimum), unit) if minimum.unit == unit => minimum.size,
        (_, "places") => 40.0,
        (_, "beds") => 60.0,
        (_, "seats") => 300.0,
        (_, "spaces") => 80.0,
        (_, "books") => 1_500.0,
        (_, "m2_site") => 800.0,
        (_, "m2_floor") => 400.0,
        _ => 100.0,
    }
}

/// One a facility, in whole numbers. With a norm they add up to 88–108 % of the demand, of which some 5 % is not open yet or
/// any more; else they are one to two times the smallest size.
fn capacities(kind: &Kind, rng: &mut Pcg64Mcg) -> Vec<Option<f64>> {
    match (kind.demand, kind.usual()) {
        (Some(demand), _) => {
            let supply = (demand * rng.random_range(0.88..1.08)).round() as u64;
            let sizes: Vec<f64> = (0..kind.count)
                .map(|_| (0.35 * normal(rng)).exp())
                .collect();
            let parts = apportion(supply.max(kind.count), 1, &sizes);
            parts.into_iter().map(|part| Some(part as f64)).collect()
        }
        (None, usual) => (0..kind.count)
            .map(|_| usual.map(|size| (size * rng.random_range(1.0..2.0)).round()))
            .collect(),
    }
}

/// Running sums of how much each demand point draws facilities: residents^0.7, little in the ring that grew too fast.
fn pull(
    settlements: &[Settlement],
    points: &[(DemandPoint, Ages)],
    only: Option<Class>,
) -> Vec<f64> {
    let mut sum = 0.0;
    let sums = points.iter().map(|(point, ages)| {
        let settlement = &settlements[point.community];
        let zone = match settlement.zone {
            Zone::Core => 1.3,
            Zone::Ring => 0.5,
            Zone::Rural => 1.0,
        };
        if only.is_none_or(|only| only == settlement.class()) {
            sum += zone * ages.total().persons().powf(0.7);
        }
        sum
    });
    sums.collect()
}

/// The demand point for facility `number` of `count`, by chance in its own part of the city: planners do space them out.
fn site(pull: &[f64], number: u32, count: u64, rng: &mut Pcg64Mcg) -> usize {
    let total = pull.last().expect("a city has points");
    let draw = (f64::from(number) + rng.random::<f64>()) / count as f64 * total;
    pull.partition_point(|&sum| sum <= draw).min(pull.len() - 1)
}

/// 50 to 200 m from the demand point in the same community; at the point itself, where that is too small.
fn beside(home: &DemandPoint, ground: &Ground, rng: &mut Pcg64Mcg) -> Point {
    let found = (0..8).find_map(|_| {
        let (sin, cos) = angle(rng).sin_cos();
        inside(
            &ground.polygon,
            home.at.metres() + Coord { x: cos, y: sin } * rng.random_range(50.0..200.0),
        )
    });
    found.unwrap_or(home.at)
}

/// One or two more services of a complex, smaller than those that stand alone; frequent services more often.
fn others(kind: &Kind, kinds: &[Kind], class: Class, rng: &mut Pcg64Mcg) -> Vec<Offer> {
    let mut fit: Vec<&Kind> = kinds
        .iter()
        .filter(|other| other.at != kind.at && other.serves(class))
        .collect();
    let mut offers = Vec::new();
    for _ in 0..rng.random_range(1..3).min(fit.len()) {
        let mut draw = rng.random_range(0..=fit.iter().map(|kind| kind.count).sum());
        let drawn = fit.iter().position(|kind| {
            let here = draw <= kind.count;
            draw = draw.saturating_sub(kind.count);
            here
        });
        let other = fit.swap_remove(drawn.expect("the draw is at most the sum of the counts"));
        let capacity = other
            .usual()
            .map(|usual| (usual * rng.random_range(0.4..0.8)).ceil());
        offers.push(other.offer(capacity));
    }
    offers
}

fn status(rng: &mut Pcg64Mcg) -> (Status, Option<i32>) {
    match rng.random_range(0..100) {
        0..95 => (
            Status::Existing,
            rng.random::<bool>().then(|| rng.random_range(1985..YEAR)),
        ),
        95..97 => (
            Status::Committed,
            Some(rng.random_range(YEAR + 1..YEAR + 4)),
        ),
        97 => (Status::Planned, None),
        98 => (Status::Idle, None),
        _ => (Status::Closed, None),
    }
}

/// The suffix that distinguishes facilities of one kind in one community: none for the first.
fn part(number: usize) -> String {
    const PARTS: [&str; 10] = ["", "东", "西", "南", "北", "中", "前", "后", "内", "外"];
    PARTS
        .get(number)
        .map_or_else(|| (number + 1).to_string(), |&part| part.to_owned())
}
