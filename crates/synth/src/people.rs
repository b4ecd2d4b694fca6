//! The people: how many live in each community now and ten years earlier, how old they are, and where their homes stand.

use fuwutu_core::city::{Class, DemandPoint};
use fuwutu_core::position::CommunityAt;
use fuwutu_core::quantity::{AGE_BANDS, Ages, Point, Residents};
use geo::{BoundingRect, Contains, Coord, Polygon, Rect};
use rand::Rng;
use rand_pcg::Pcg64Mcg;

use crate::chance::{Seed, apportion, normal};
use crate::spec::Spec;

/// Shares of communities, from the centre outwards: the core, then the ring, and the rest is rural.
const CORE: f64 = 0.30;
const CORE_AND_RING: f64 = 0.67;
/// Share of the residents who live in rural communities.
const RURAL_RESIDENTS: f64 = 0.15;
/// Shares of those under 15, of 15 to 17, and of 60 and over, in a city like Chengdu.
const CHILDREN: f64 = 0.132_8;
const YOUTHS: f64 = 0.045_83;
const ELDERLY: f64 = 0.179_8;
/// Share of homes that stand close to one of a community's hamlets; the others lie anywhere in it.
const NEAR_HAMLET: f64 = 0.6;

/// The land of a community.
pub(crate) struct Ground {
    /// In metres.
    pub(crate) polygon: Polygon,
    /// In square metres.
    pub(crate) area: f64,
    /// Distance from the city's centre, about 1 at the rim.
    pub(crate) depth: f64,
}

/// What kind of place a community is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Dense, old, stable.
    Core,
    /// Suburbs that grew fast.
    Ring,
    /// Thin and ageing.
    Rural,
}

/// The people of a community.
pub(crate) struct Settlement {
    pub(crate) zone: Zone,
    pub(crate) residents: u64,
    /// Residents ten years earlier.
    pub(crate) earlier: u64,
    /// By [`AGE_BANDS`]; they add up to 1.
    shares: [f64; AGE_BANDS.len()],
}

impl Settlement {
    pub(crate) fn class(&self) -> Class {
        if self.zone == Zone::Rural {
            Class::Rural
        } else {
            Class::Urban
        }
    }
}

/// Spreads `spec.residents` over the communities: density falls from the centre, with much noise.
pub(crate) fn settle(spec: &Spec, grounds: &[Ground]) -> Vec<Settlement> {
    let seed = Seed(spec.seed).of("people");
    let zones = zones(seed, grounds);
    let residents = apportion(spec.residents, 1, &attraction(seed, grounds, &zones));
    let settlements =
        zones
            .into_iter()
            .zip(residents)
            .zip(0..)
            .map(|((zone, residents), number)| {
                let mut rng = seed.of("community").at(number).stream();
                let growth = rng.random_range(growth(zone));
                let earlier = (residents as f64 / (1.0 + growth)).round() as u64;
                Settlement {
                    zone,
                    residents,
                    earlier,
                    shares: shares(zone, &mut rng),
                }
            });
    settlements.collect()
}

/// By rank of distance from the centre, blurred.
fn zones(seed: Seed, grounds: &[Ground]) -> Vec<Zone> {
    let blurred = |community: usize| {
        grounds[community].depth + 0.05 * seed.of("zone").at(community as u64).signed()
    };
    let mut order: Vec<usize> = (0..grounds.len()).collect();
    order.sort_by(|&a, &b| blurred(a).total_cmp(&blurred(b)).then(a.cmp(&b)));
    let mut zones = vec![Zone::Rural; grounds.len()];
    for (rank, community) in order.into_iter().enumerate() {
        let share = (rank as f64 + 0.5) / grounds.len() as f64;
        zones[community] = match share {
            _ if share < CORE => Zone::Core,
            _ if share < CORE_AND_RING => Zone::Ring,
            _ => Zone::Rural,
        };
    }
    zones
}

/// Weights by which residents are spread: area × density × chance, with the rural part of them held at [`RURAL_RESIDENTS`].
fn attraction(seed: Seed, grounds: &[Ground], zones: &[Zone]) -> Vec<f64> {
    let mut rng = seed.of("density").stream();
    let mut weights: Vec<f64> = grounds
        .iter()
        .map(|ground| {
            ground.area * ((-5.0 * ground.depth).exp() + 0.01) * (0.3 * normal(&mut rng)).exp()
        })
        .collect();
    let sum = |rural: bool| {
        let part = weights
            .iter()
            .zip(zones)
            .filter(|(_, zone)| (**zone == Zone::Rural) == rural);
        part.map(|(weight, _)| weight).sum::<f64>()
    };
    let rural_factor = sum(false) / sum(true) * RURAL_RESIDENTS / (1.0 - RURAL_RESIDENTS);
    for (weight, zone) in weights.iter_mut().zip(zones) {
        if *zone == Zone::Rural {
            *weight *= rural_factor;
        }
    }
    weights
}

/// Growth in ten years.
fn growth(zone: Zone) -> std::ops::Range<f64> {
    match zone {
        Zone::Core => -0.10..0.0,
        Zone::Ring => 0.40..0.80,
        Zone::Rural => -0.30..-0.10,
    }
}

/// Ages of a community: young families in the ring, the old in the country.
fn shares(zone: Zone, rng: &mut Pcg64Mcg) -> [f64; AGE_BANDS.len()] {
    let (children, elderly) = match zone {
        Zone::Core => (0.92, 1.03),
        Zone::Ring => (1.18, 0.75),
        Zone::Rural => (0.85, 1.55),
    };
    let children = CHILDREN * children * (1.0 + 0.03 * normal(rng));
    let youths = YOUTHS * (1.0 + 0.03 * normal(rng));
    let elderly = ELDERLY * elderly * (1.0 + 0.03 * normal(rng));
    let year = children / 15.0;
    let adults = 1.0 - children - youths - elderly;
    [
        3.0 * year,
        3.0 * year,
        6.0 * year,
        3.0 * year,
        youths,
        adults,
        elderly,
    ]
}

/// Spreads `spec.points` demand points over the communities by residents, at least one each, and the residents over the
/// points. They stand inside their communities, the greater part round hamlets. Every point has someone, where there are
/// enough people.
pub(crate) fn house(
    spec: &Spec,
    grounds: &[Ground],
    settlements: &[Settlement],
) -> Vec<(DemandPoint, Ages)> {
    let seed = Seed(spec.seed).of("homes");
    let weights: Vec<f64> = settlements
        .iter()
        .map(|settlement| settlement.residents as f64)
        .collect();
    let counts = apportion(u64::from(spec.points), 1, &weights);
    let digits = spec.points.to_string().len();
    let mut points = Vec::with_capacity(spec.points as usize);
    for (position, ((ground, settlement), count)) in
        grounds.iter().zip(settlements).zip(counts).enumerate()
    {
        let mut rng = seed.at(position as u64).stream();
        let homes = Homes::new(ground, &mut rng);
        let sizes: Vec<f64> = (0..count).map(|_| (0.5 * normal(&mut rng)).exp()).collect();
        for people in apportion(
            settlement.residents,
            u64::from(count <= settlement.residents),
            &sizes,
        ) {
            let id = format!("p{:0digits$}", points.len() + 1).into();
            let point = DemandPoint {
                id,
                at: homes.next(&mut rng),
                community: CommunityAt::new(position),
            };
            let ages = Ages::split(Residents::whole(people), &settlement.shares);
            points.push((
                point,
                ages.expect("a point has fewer than four million people"),
            ));
        }
    }
    points
}

/// Where homes stand in a community.
struct Homes<'a> {
    ground: &'a Ground,
    bounds: Rect,
    hamlets: Vec<Point>,
}

impl<'a> Homes<'a> {
    fn new(ground: &'a Ground, rng: &mut Pcg64Mcg) -> Self {
        let bounds = ground
            .polygon
            .bounding_rect()
            .expect("a community has land");
        let mut homes = Self {
            ground,
            bounds,
            hamlets: Vec::new(),
        };
        homes.hamlets = (0..rng.random_range(2..6))
            .map(|_| homes.anywhere(rng))
            .collect();
        homes
    }

    fn next(&self, rng: &mut Pcg64Mcg) -> Point {
        let near = (rng.random::<f64>() < NEAR_HAMLET)
            .then(|| self.near_hamlet(rng))
            .flatten();
        near.unwrap_or_else(|| self.anywhere(rng))
    }

    fn near_hamlet(&self, rng: &mut Pcg64Mcg) -> Option<Point> {
        let spread = 0.09 * self.ground.area.sqrt();
        let hamlet = self.hamlets[rng.random_range(0..self.hamlets.len())].metres();
        inside(
            &self.ground.polygon,
            hamlet
                + Coord {
                    x: normal(rng),
                    y: normal(rng),
                } * spread,
        )
    }

    /// Evenly over the land. The land fills a good part of its bounds, so that a few tries do.
    fn anywhere(&self, rng: &mut Pcg64Mcg) -> Point {
        let (min, max) = (self.bounds.min(), self.bounds.max());
        loop {
            let place = Coord {
                x: rng.random_range(min.x..max.x),
                y: rng.random_range(min.y..max.y),
            };
            if let Some(point) = inside(&self.ground.polygon, place) {
                return point;
            }
        }
    }
}

/// The place to the millimetre, where it lies inside.
pub(crate) fn inside(polygon: &Polygon, place: Coord) -> Option<Point> {
    let point = Point::from_metres(place).expect("a city is within 1,000 km of its centre");
    polygon.contains(&point.metres()).then_some(point)
}
