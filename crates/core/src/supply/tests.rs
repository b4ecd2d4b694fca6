//! [`super::stand`] against its slow [`super::twin`], on small random cities.

use std::collections::BTreeMap;
use std::sync::Arc;

use geo::{MultiPolygon, Rect};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::access::Decay;
use super::{Census, Room, Rules, Setting, census, stand, twin};
use crate::city::{
    City, Class, Community, DemandPoint, Facility, Offer, Records, Status, Township,
};
use crate::position::{CommunityAt, ServiceAt, TownshipAt};
use crate::quantity::{Ages, Frame, Point};
use crate::reach::roads::{Access, Edge, RoadRecords, Roads};
use crate::reach::straight::{Paces, Straight};
use crate::reach::streets::{StreetPlan, Streets};
use crate::reach::{Limits, Travel, Travels, Way};
use crate::service::{self, Basis, Limit, Mode, Name, Norm, Service, Target, Tier};
use crate::units::{self, UnitPlan};

const DECAYS: [&str; 8] = [
    "binary",
    "gaussian",
    "epanechnikov",
    "step",
    "step:3=1,8=0.5,9=0",
    "exponential:0.1",
    "power:1.5,2",
    "logistic:5,3",
];
const HORIZONS: [usize; 5] = [0, 1, 3, 5, 9];
const SERVICES: u16 = 3;
/// A side of a community, in millimetres.
const SIDE: i32 = 1_500_000;

/// How people travel.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ways {
    Straight,
    Streets,
    /// Streets, and straight lines where an end is off them.
    Either,
}

/// A small city and the rules of a service, all from one seed.
struct Chance(Pcg64Mcg);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    fn below(&mut self, end: u32) -> u32 {
        self.0.random_range(0..end)
    }

    fn one_in(&mut self, many: u32) -> bool {
        self.below(many) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u32) as usize]
    }

    /// Often nobody, and where `huge` some bands of more people than four bytes hold together.
    fn ages(&mut self, huge: bool) -> Ages {
        let most = if huge && self.one_in(20) {
            u32::MAX
        } else {
            60_000
        };
        Ages(std::array::from_fn(|_| {
            if self.one_in(3) { 0 } else { self.below(most) }
        }))
    }

    fn square(&mut self, community: u32, side: u32) -> Point {
        let (x, y) = (
            (community % side) as i32 * SIDE,
            (community / side) as i32 * SIDE,
        );
        Point {
            x: x + self.below(SIDE as u32) as i32,
            y: y + self.below(SIDE as u32) as i32,
        }
    }

    /// Two to four communities each way, of which the last township is a neighbour's; many units, for which some communities are
    /// cut.
    fn city(&mut self, huge: bool) -> City {
        let side = 2 + self.below(3);
        let townships = (0..side).map(|nth| Township {
            code: format!("51010{nth:04}"),
            name: String::new(),
            neighbour: nth > 1 && nth + 1 == side,
        });
        let communities = (0..side * side).map(|nth| {
            let corner = geo::coord! { x: f64::from(nth % side) * 1500.0, y: f64::from(nth / side) * 1500.0 };
            let square = Rect::new(corner, corner + geo::coord! { x: 1500.0, y: 1500.0 });
            Community {
                residential_m2: None,
                code: format!("51010{:04}{nth:03}", nth / side),
                name: String::new(),
                township: TownshipAt(nth / side),
                class: if self.one_in(3) { Class::Rural } else { Class::Urban },
                polygon: MultiPolygon::from(square.to_polygon()),
            }
        });
        let communities: Vec<Community> = communities.collect();
        let points = (0..20 + self.below(60)).map(|nth| {
            let community = self.below(side * side);
            let point = DemandPoint {
                id: format!("p{nth:04}").into(),
                at: self.square(community, side),
                community: CommunityAt(community),
            };
            (point, self.ages(huge))
        });
        let points = points.collect();
        let facilities = (0..self.below(25)).map(|nth| {
            let community = self.below(side * side);
            Facility {
                id: format!("f{nth:04}").into(),
                name: "".into(),
                at: self.square(community, side),
                entrances: Vec::new(),
                community: None,
                status: self.of(&[
                    Status::Existing,
                    Status::Existing,
                    Status::Committed,
                    Status::Closed,
                ]),
                opens: self.of(&[
                    None,
                    Some(2020),
                    Some(2027),
                    Some(2029),
                    Some(2031),
                    Some(2034),
                ]),
                closes: self.of(&[None, None, None, Some(2026), Some(2028), Some(2029)]),
                hubs: Vec::new(),
                offers: (0..1 + self.below(3)).map(|_| self.offer()).collect(),
            }
        });
        let facilities = facilities.collect();
        City::new(Records {
            frame: Frame {
                lon: 104.0,
                lat: 30.0,
            },
            year: 2026,
            townships: townships.collect(),
            communities,
            points,
            facilities,
        })
        .unwrap()
    }

    fn offer(&mut self) -> Offer {
        Offer {
            service: ServiceAt(self.below(u32::from(SERVICES)) as u16),
            capacity: self.of(&[
                None,
                Some(0.0),
                Some(7.5),
                Some(30.0),
                Some(30.0),
                Some(1e6),
            ]),
            size: None,
            public: self.of(&[None, Some(true), Some(false)]),
        }
    }

    fn service(&mut self) -> Service {
        let basis = self.of(&[Basis::PerThousand, Basis::Cohort, Basis::Unit]);
        let mut limit = || {
            (!self.one_in(6)).then(|| Limit {
                mode: self.of(&[Mode::Walk, Mode::Ebike]),
                minutes: 1 + self.below(14),
                radius_m: self.of(&[None, Some(100), Some(300), Some(500), Some(500)]),
            })
        };
        let (urban, rural) = (limit(), limit());
        Service {
            id: "library".into(),
            name: Name {
                zh: "图书馆".into(),
                en: "library".into(),
            },
            aliases: Vec::new(),
            category: "culture".into(),
            levels: Vec::new(),
            tier: Tier::Basic,
            in_decision: true,
            target: Target::try_from(self.of(&["all", "0-3", "3-6", "3-15", "60+"]).to_owned())
                .unwrap(),
            urban,
            rural,
            capacity_unit: self.of(&["", "seats", "seats", "seats"]).into(),
            norm: Norm {
                basis,
                per_1000_low: Some(250.0),
                per_1000_high: None,
                per_target_person: Some(0.3),
                m2_per_100_households: None,
                m2_per_resident: None,
            },
            minimum: None,
            presence: String::new(),
            requires: Vec::new(),
            substitutes: Vec::new(),
            adds_to: Vec::new(),
            full_hours: None,
            public_apart: self.one_in(2),
            sums: Vec::new(),
            hub: None,
            status: service::Status {
                reach: String::new(),
                demand: String::new(),
                size: String::new(),
                overall: "proposed".into(),
                ..service::Status::default()
            },
            source: String::new(),
            notes: String::new(),
            own: BTreeMap::new(),
            evidence: Vec::new(),
        }
    }

    /// A lattice of streets 300 m apart over all communities, with gaps, and nothing beyond 3 km: some places are off the streets,
    /// and some far from any.
    fn roads(&mut self) -> Roads {
        const NODES: u32 = 10;
        let place = |at: u32| at as i32 * 300_000 + 40_000;
        let nodes = (0..NODES * NODES).map(|nth| Point {
            x: place(nth % NODES),
            y: place(nth / NODES),
        });
        let mut edges = Vec::new();
        for nth in 0..NODES * NODES {
            let mut edge = |to, is_there: bool| {
                let access = self.of(&[
                    Access::everybody(),
                    Access::everybody(),
                    Access::of(Mode::Walk, true, false),
                ]);
                if is_there && !self.one_in(6) {
                    edges.push(Edge {
                        from: nth,
                        to,
                        length: 300_000 + self.below(50_000),
                        access,
                    });
                }
            };
            edge(nth + 1, nth % NODES + 1 < NODES);
            edge(nth + NODES, nth / NODES + 1 < NODES);
        }
        let records = RoadRecords {
            nodes: nodes.collect(),
            edges,
            ..RoadRecords::default()
        };
        Roads::new(records).unwrap()
    }
}

fn straight(pace: f64) -> Straight {
    Straight {
        detour: 1.2,
        paces: Paces {
            walk: pace,
            ebike: 2.5 * pace,
            car_bus: 5.0 * pace,
        },
    }
}

/// Compares everything that both give, in a city and by rules from a seed.
fn check(seed: u64, ways: Ways, huge: bool, room: &mut Room) {
    let mut chance = Chance::new(seed);
    let city = chance.city(huge);
    let cap = 1 + u64::from(chance.below(3)) * 400;
    let plan = UnitPlan {
        cap,
        gap_tolerance_m: 1.0,
        min_border_m: 10.0,
        join_detached: true,
        headroom: 0.0,
    };
    let units = units::divide(&city, &plan);
    let years: Vec<(City, Vec<Census>)> = (0..=chance.of(&HORIZONS))
        .map(|ahead| {
            let year = 2026 + ahead as i32;
            let grown = (0..city.points().len())
                .map(|_| chance.ages(huge))
                .collect();
            let city = if ahead == 0 {
                city.clone()
            } else {
                city.with_residents(year, grown)
            };
            let census = census(&city, &units);
            (city, census)
        })
        .collect();
    let roads = Arc::new(chance.roads());
    let way = |pace: f64| {
        let plan = StreetPlan {
            paces: straight(pace).paces,
            stairs: 2.0,
            longest_leg: 150_000,
            least_part: 0,
            otherwise: (ways == Ways::Either).then(|| straight(pace)),
        };
        (straight(pace), Streets::new(Arc::clone(&roads), plan))
    };
    let (usual, slow, compared) = (way(1.1), way(0.7), chance.one_in(2));
    let travels = Travels {
        usual: lend(&usual, ways, compared),
        slow: chance.one_in(2).then(|| lend(&slow, ways, compared)),
    };
    let trips = travels.trips(&city, &[]);
    let service = chance.service();
    let rules = Rules {
        service: &service,
        at: ServiceAt(0),
        limits: Limits::of(&service),
        decay: chance.of(&DECAYS).parse::<Decay>().unwrap(),
        household_size: 2.5,
        substitutes: chance.of(&[&[], &[ServiceAt(1)], &[ServiceAt(1), ServiceAt(2)]]),
        pace_within: chance.of(&[0.0, 0.1, 0.35]),
        unless: service
            .urban
            .filter(|_| chance.one_in(2))
            .map(|limit| (ServiceAt(2), limit)),
    };
    let setting = Setting::new(&years, &units, &trips, [service.target]);
    let (fast, slow) = (
        stand(&setting, rules, room),
        twin::stand(&years, &units, rules, &trips),
    );
    let at = format!(
        "seed {seed}, {ways:?}, huge {huge}, {} years, {} decay",
        years.len(),
        rules.decay
    );
    assert_eq!(fast.points, slow.points, "{at}");
    assert_eq!(fast.by_pace, slow.by_pace, "{at}");
    assert_eq!(fast.reached, slow.reached, "{at}");
    assert_eq!(fast.received, slow.received, "{at}");
    assert_eq!(fast.served, slow.served, "{at}");
    assert_eq!(fast.claims, slow.claims, "{at}");
    assert_eq!(fast.detours, slow.detours, "{at}");
    assert_eq!(fast.standings, slow.standings, "{at}");
}

fn lend<'a>((straight, streets): &'a (Straight, Streets), ways: Ways, compared: bool) -> Way<'a> {
    match ways {
        Ways::Straight => Way {
            travel: straight as &dyn Travel,
            beside: None,
        },
        Ways::Streets | Ways::Either => Way {
            travel: streets as &dyn Travel,
            beside: compared.then_some(straight),
        },
    }
}

/// One room for all of them: what is left of the service before must not matter.
fn check_all(seeds: std::ops::Range<u64>, ways: Ways, huge: bool) {
    let mut room = Room::default();
    seeds.for_each(|seed| check(seed, ways, huge, &mut room));
}

#[test]
fn in_straight_lines_it_is_what_its_slow_twin_says() {
    check_all(0..400, Ways::Straight, false);
}

#[test]
fn on_streets_it_is_what_its_slow_twin_says() {
    check_all(1000..1200, Ways::Streets, false);
    check_all(2000..2100, Ways::Either, false);
}

#[test]
fn people_whom_four_bytes_do_not_hold_are_counted() {
    check_all(3000..3100, Ways::Straight, true);
}
