//! Travel on streets: what is known by theory, what other people's tools computed, a slow twin that does as the textbook says,
//! and what must hold for every network.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use fuwutu_core::city::{City, Class, Community, DemandPoint, Facility, Records, Status, Township};
use fuwutu_core::position::{CommunityAt, TownshipAt};
use fuwutu_core::quantity::{Ages, Frame, Millis, Point};
use fuwutu_core::reach::roads::{Access, Barrier, BarrierKind, Edge, RoadRecords, Roads};
use fuwutu_core::reach::straight::{Paces, Straight};
use fuwutu_core::reach::streets::{Snap, StreetPlan, Streets};
use fuwutu_core::reach::{Limits, Link, Reach, Snapped, Travel};
use fuwutu_core::service::{Limit, Mode};
use geo::{MultiPolygon, Rect, coord};
use serde_json::Value;

// --- networks and cities ---

/// A fixed sequence of numbers.
fn numbers(seed: u64) -> impl FnMut(u32) -> i32 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(below.max(1))) as i32
    }
}

const PACES: Paces = Paces {
    walk: 1.1,
    ebike: 4.0,
    car_bus: 8.0,
};

fn plan(paces: Paces) -> StreetPlan {
    StreetPlan {
        paces,
        stairs: 1.0,
        longest_leg: 300_000,
        least_part: 0,
        otherwise: None,
    }
}

fn walk(minutes: u32) -> Limit {
    Limit {
        mode: Mode::Walk,
        minutes,
        radius_m: None,
    }
}

fn edge(from: u32, to: u32, length: u32) -> Edge {
    Edge {
        from,
        to,
        length,
        access: Access::everybody(),
    }
}

fn streets(records: &RoadRecords, plan: StreetPlan) -> Streets {
    Streets::new(Arc::new(Roads::new(records.clone()).unwrap()), plan)
}

/// A city of one person a place; those east of the origin live in the country.
fn city(places: &[Point]) -> City {
    city_with(places, Vec::new())
}

/// The same with facilities.
fn city_with(places: &[Point], facilities: Vec<Facility>) -> City {
    let half = |code: &str, class, west: f64, east: f64| Community {
        code: code.into(),
        name: String::new(),
        township: TownshipAt(0),
        class,
        residential_m2: None,
        polygon: MultiPolygon::from(
            Rect::new(coord! { x: west, y: -1e6 }, coord! { x: east, y: 1e6 }).to_polygon(),
        ),
    };
    let point = |(number, &at): (usize, &Point)| {
        let point = DemandPoint {
            id: format!("{number:06}").into(),
            at,
            community: CommunityAt(u32::from(at.x > 0)),
        };
        (point, Ages([0, 0, 0, 0, 0, 1000, 0]))
    };
    City::new(Records {
        frame: Frame {
            lon: 104.0,
            lat: 30.6,
        },
        year: 2026,
        townships: vec![Township {
            code: "990101001".into(),
            name: String::new(),
            neighbour: false,
        }],
        communities: vec![
            half("west", Class::Urban, -1e6, 0.0),
            half("east", Class::Rural, 0.0, 1e6),
        ],
        points: places.iter().enumerate().map(point).collect(),
        facilities,
    })
    .unwrap()
}

/// Places of the demand points, in the city's order.
fn places(city: &City) -> Vec<Point> {
    city.points().iter().map(|point| point.at).collect()
}

// --- theory ---

#[test]
fn a_facility_at_exactly_fifteen_minutes_counts() {
    let known: Value =
        serde_json::from_str(include_str!("fixtures/network_hand_graph.json")).unwrap();
    // Nodes so that no edge is shorter than the straight line between its ends.
    let at = [
        (0, 0),
        (400, 0),
        (400, 500),
        (100, 500),
        (5000, 0),
        (5100, 0),
    ];
    let nodes: Vec<Point> = at
        .map(|(x, y)| Point {
            x: x * 1000,
            y: y * 1000,
        })
        .to_vec();
    let edges = known["edges"].as_array().unwrap().iter().map(|each| {
        let [from, to, metres] = [0, 1, 2].map(|at| each[at].as_u64().unwrap() as u32);
        edge(from, to, metres * 1000)
    });
    let records = RoadRecords {
        nodes: nodes.clone(),
        edges: edges.collect(),
        ..RoadRecords::default()
    };
    let pace = known["speed_m_per_min"].as_f64().unwrap() / 60.0;
    let streets = streets(
        &records,
        plan(Paces {
            walk: pace,
            ..PACES
        }),
    );
    let city = city(&nodes);
    let trips = streets.trips(&city, &[]);
    let times = trips.nearest(Limits::both(walk(15)), &[nodes[0]]);
    for (place, time) in places(&city).iter().zip(times) {
        let node = nodes.iter().position(|node| node == place).unwrap();
        let minutes = known["expected_minutes"][node].as_f64();
        assert_eq!(
            time,
            minutes.map(|minutes| Millis((minutes * 60_000.0).round() as u32)),
            "node {node}"
        );
    }
}

/// A lattice of streets 100 m apart, (2 × half + 1)² crossings round the origin.
fn lattice(half: i32) -> RoadRecords {
    let side = 2 * half + 1;
    let at = |number: i32| Point {
        x: (number % side - half) * 100_000,
        y: (number / side - half) * 100_000,
    };
    let east = (0..side * side)
        .filter(|number| number % side < side - 1)
        .map(|number| (number, number + 1));
    let north = (0..side * (side - 1)).map(|number| (number, number + side));
    RoadRecords {
        nodes: (0..side * side).map(at).collect(),
        edges: east
            .chain(north)
            .map(|(from, to)| edge(from as u32, to as u32, 100_000))
            .collect(),
        ..RoadRecords::default()
    }
}

#[test]
fn crossings_of_a_street_grid_are_as_many_as_the_formula_says() {
    let known: Value =
        serde_json::from_str(include_str!("fixtures/coverage_analytic_lattices.json")).unwrap();
    let records = lattice(17);
    // 100 m at 100 m/min: k blocks are k minutes.
    let streets = streets(
        &records,
        plan(Paces {
            walk: 100.0 / 60.0,
            ..PACES
        }),
    );
    let city = city(&records.nodes);
    let trips = streets.trips(&city, &[]);
    for (blocks, crossings) in known["street_grid"]["crossings_within_k_blocks"]
        .as_object()
        .unwrap()
    {
        let limits = Limits::both(walk(blocks.parse().unwrap()));
        for places in [vec![Point::default()], vec![Point::default(); 2]] {
            let reached = trips
                .reach(limits, &places)
                .rows()
                .filter(|row| row.len() == places.len())
                .count() as u64;
            assert_eq!(
                reached,
                crossings.as_u64().unwrap(),
                "{blocks} blocks, {} at one place",
                places.len()
            );
            let reached = trips.nearest(limits, &places).iter().flatten().count() as u64;
            assert_eq!(reached, crossings.as_u64().unwrap(), "{blocks} blocks");
        }
    }
}

#[test]
fn a_trip_snaps_to_the_middle_of_an_edge_and_not_to_its_ends() {
    // A street of 1,000 m with a bend of 90° in the middle; both trips snap 50 m from it: legs of 50 m at both ends, and 200 m
    // of street round the bend from 100 m before it to 100 m behind.
    let at = |x: i32, y: i32| Point {
        x: x * 1000,
        y: y * 1000,
    };
    let records = RoadRecords {
        nodes: vec![at(-500, 0), at(0, 500)],
        edges: vec![edge(0, 1, 0)],
        bends: vec![at(0, 0)],
        bend_ends: vec![1],
        ..RoadRecords::default()
    };
    let streets = streets(&records, plan(Paces { walk: 1.0, ..PACES }));
    let city = city(&[at(-100, -50)]);
    let trips = streets.trips(&city, &[]);
    let limits = Limits::both(walk(5));
    // 50 + 100 + 100 + 50 m at 1 m/s: exactly five minutes.
    assert_eq!(
        trips.nearest(limits, &[at(50, 100)]),
        [Some(Millis(300_000))]
    );
    assert_eq!(trips.nearest(limits, &[at(50, 101)]), [None]);
    // Within five minutes of the start, seen from it: 50 m of leg leave 250 m each way.
    let stretch = streets.reached(at(-100, -50), walk(5)).unwrap();
    let [[from, to]] = stretch[0].parts[..] else {
        panic!("{stretch:?}")
    };
    let first = if roads_begin_west(&streets) {
        [0.15, 0.65]
    } else {
        [0.35, 0.85]
    };
    assert!(
        (from - first[0]).abs() < 1e-6 && (to - first[1]).abs() < 1e-6,
        "{stretch:?}"
    );
}

fn roads_begin_west(streets: &Streets) -> bool {
    streets.roads().nodes()[streets.roads().edges()[0].from as usize].x < 0
}

#[test]
fn who_lives_too_far_from_a_street_is_told_apart() {
    let records = lattice(2);
    let streets = streets(&records, plan(PACES));
    let east = |metres: i32| Point {
        x: 200_000 + metres * 1000,
        y: 0,
    };
    let city = city(&[east(300), east(301), east(3000), east(3001)]);
    let limits = Limits::both(walk(15));
    let trips = streets.trips(&city, &[Mode::Walk]);
    let state = |x: i32| {
        let at = city
            .points()
            .iter()
            .position(|point| point.at == east(x))
            .unwrap();
        trips.snapped(limits).unwrap()[at]
    };
    assert_eq!([300, 301, 3000, 3001].map(state), {
        use Snapped::{OnStreets, Roadless, Unsnapped};
        [OnStreets, Unsnapped, Unsnapped, Roadless]
    });
    assert_eq!(trips.reach(limits, &[Point::default()]).links().len(), 1);
    // Falling back to straight lines, who is off the streets goes as the crow flies, and so does everybody to a place off them.
    let otherwise = Straight {
        detour: 1.0,
        paces: PACES,
    };
    let with = self::streets(
        &records,
        StreetPlan {
            otherwise: Some(otherwise),
            ..plan(PACES)
        },
    );
    let trips = with.trips(&city, &[]);
    let of = |place: Point| trips.nearest(limits, &[place]).iter().flatten().count();
    assert_eq!((of(Point::default()), of(east(1200))), (2, 2));
}

// --- another tool's answers ---

/// The sequence of the script beside the fixture.
fn splitmix(number: u64) -> u64 {
    let mut z = number
        .wrapping_add(20_261_124)
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The network of `fixtures/streets_50k.py`.
fn fifty_thousand_crossings() -> RoadRecords {
    const COLUMNS: u64 = 250;
    const ROWS: u64 = 200;
    let mut records = RoadRecords::default();
    for at in 0..COLUMNS * ROWS {
        let moved = splitmix(at);
        let shift = |bits: u64| ((bits & 0xffff) * 100_000 / (2 << 16)) as i32 - 25_000;
        let place = |step: u64, bits: u64| step as i32 * 100_000 + shift(bits);
        records.nodes.push(Point {
            x: place(at % COLUMNS, moved),
            y: place(at / COLUMNS, moved >> 16),
        });
        let (east, north) = (at % COLUMNS + 1 < COLUMNS, at / COLUMNS + 1 < ROWS);
        let sides = [(1, east), (COLUMNS, north), (COLUMNS + 1, east && north)];
        for ((step, inside), side) in sides.into_iter().zip(0..) {
            if inside && splitmix((1 << 40) + 3 * at + side) % 1000 < 700 {
                records.edges.push(edge(at as u32, (at + step) as u32, 0));
            }
        }
    }
    records
}

#[test]
fn times_on_fifty_thousand_crossings_are_scipys_to_the_millisecond() {
    let records = fifty_thousand_crossings();
    let streets = streets(&records, plan(Paces { walk: 1.0, ..PACES }));
    let city = city(&records.nodes);
    let fixture = include_str!("fixtures/streets_50k.csv");
    let rows: Vec<(usize, Vec<(u32, u32)>)> = fixture
        .lines()
        .skip(1)
        .map(|line| {
            let (start, times) = line.split_once(',').unwrap();
            let pair = |pair: &str| {
                let (node, time) = pair.split_once(':').unwrap();
                (node.parse().unwrap(), time.parse().unwrap())
            };
            (start.parse().unwrap(), times.split(',').map(pair).collect())
        })
        .collect();
    let starts: Vec<Point> = rows
        .iter()
        .map(|(start, _)| records.nodes[*start])
        .collect();
    let trips = streets.trips(&city, &[Mode::Walk]);
    let limits = Limits::both(walk(20));
    // What each start reaches, by the numbers of the crossings.
    let mut ours: Vec<Vec<(u32, u32)>> = vec![Vec::new(); rows.len()];
    for (point, row) in city
        .points()
        .iter()
        .zip(trips.reach(limits, &starts).rows())
    {
        let node: u32 = point.id.parse().unwrap();
        row.iter()
            .for_each(|link| ours[link.place as usize].push((node, link.time.0)));
    }
    let mut pairs = 0;
    for (own, (start, theirs)) in ours.iter_mut().zip(&rows) {
        // A crossing without any street is on its own for scipy; here it snaps to the nearest street.
        let joined = |node: u32| {
            records
                .edges
                .iter()
                .any(|edge| edge.from == node || edge.to == node)
        };
        own.sort_unstable();
        own.retain(|&(node, _)| {
            theirs.binary_search_by_key(&node, |each| each.0).is_ok() || joined(node)
        });
        assert_eq!(own, theirs, "from {start}");
        pairs += theirs.len();
    }
    assert!(pairs > 8_000, "{pairs}");
    let least = (0..records.nodes.len() as u32).map(|node| {
        let of = |row: &(usize, Vec<(u32, u32)>)| {
            row.1.iter().find(|each| each.0 == node).map(|each| each.1)
        };
        rows.iter().filter_map(of).min()
    });
    let least: Vec<Option<u32>> = least.collect();
    for (point, time) in city.points().iter().zip(trips.nearest(limits, &starts)) {
        let node: usize = point.id.parse().unwrap();
        if least[node].is_some() {
            assert_eq!(time.map(|time| time.0), least[node], "nearest of {node}");
        }
    }
}

// --- the slow twin ---

/// A network as a test draws it: crossings on a rough lattice, streets with bends, one-way streets, stairs, loops, double
/// streets, blocked crossings, parts cut off.
fn network(seed: u64) -> RoadRecords {
    let mut number = numbers(seed);
    let side = 2 + seed as i32 % 6;
    let mut records = RoadRecords::default();
    for at in 0..side * side {
        let x = (at % side - side / 2) * 150_000 + number(90_000);
        let y = (at / side - side / 2) * 150_000 + number(90_000);
        records.nodes.push(Point { x, y });
    }
    let mut add = |from: i32, to: i32, number: &mut dyn FnMut(u32) -> i32| {
        let (a, b) = (records.nodes[from as usize], records.nodes[to as usize]);
        for _ in 0..number(3) - i32::from(from != to) {
            let x = i32::midpoint(a.x, b.x) + number(80_000) - 40_000;
            let y = i32::midpoint(a.y, b.y) + number(80_000) - 40_000;
            records.bends.push(Point { x, y });
        }
        records.bend_ends.push(records.bends.len() as u32);
        let mut access = Access::everybody();
        match number(8) {
            0 => {
                access =
                    Access::of(Mode::Walk, true, true).and(Access::of(Mode::CarBus, true, false));
            }
            1 => {
                access =
                    Access::of(Mode::Walk, true, true).and(Access::of(Mode::CarBus, false, true));
            }
            2 => access = Access::of(Mode::Walk, true, true).and(Access::STAIRS),
            3 => access = Access::of(Mode::CarBus, true, true),
            _ => {}
        }
        let length = number(2) as u32 * number(300_000) as u32;
        records.edges.push(Edge {
            from: from as u32,
            to: to as u32,
            length,
            access,
        });
    };
    for at in 0..side * side {
        if at % side + 1 < side && number(5) > 0 {
            add(at, at + 1, &mut number);
        }
        if at + side < side * side && number(5) > 0 {
            add(at, at + side, &mut number);
        }
        if number(12) == 0 {
            add(at, at, &mut number);
        }
        if number(12) == 0 {
            add(at, number((side * side) as u32), &mut number);
        }
    }
    if seed.is_multiple_of(3) {
        records.blocked = (0..side * side)
            .map(|_| if number(8) == 0 { number(8) as u8 } else { 0 })
            .collect();
    }
    if seed.is_multiple_of(4) {
        records.slopes = records
            .edges
            .iter()
            .map(|_| [900 + number(400) as u16, 900 + number(400) as u16])
            .collect();
    }
    records
}

/// The same with private ways and gates, streets of one direction on foot, passages that nobody steps on, waits and barriers.
fn gated(seed: u64) -> RoadRecords {
    const MODES: [Mode; 3] = [Mode::Walk, Mode::Ebike, Mode::CarBus];
    let mut records = network(seed);
    let mut number = numbers(seed ^ 0x9a7e);
    let share = 2 + seed as u32 % 6;
    for edge in &mut records.edges {
        if number(share) == 0 {
            for mode in MODES.into_iter().filter(|_| number(4) > 0) {
                edge.access = edge.access.and(Access::private_for(mode));
            }
        }
        match number(12) {
            0 => edge.access = edge.access.and(Access::NO_SNAP),
            1 => edge.access = Access::of(Mode::Walk, true, false),
            2 => edge.access = Access::of(Mode::Walk, false, true),
            _ => {}
        }
    }
    records.blocked.resize(records.nodes.len(), 0);
    for node in &mut records.blocked {
        *node |= [0, 8, 8 + 16 + 32, 32][(number(27) as usize).saturating_sub(23)];
    }
    if seed.is_multiple_of(2) {
        let waits = records.edges.iter();
        records.waits = waits
            .map(|_| {
                if number(5) == 0 {
                    number(60_000) as u32
                } else {
                    0
                }
            })
            .collect();
    }
    if !seed.is_multiple_of(4) {
        records.barriers = barriers(&records, &mut number);
    }
    records
}

/// Rivers, rails, walls and ponds at a network.
fn barriers(records: &RoadRecords, number: &mut dyn FnMut(u32) -> i32) -> Vec<Barrier> {
    let mut barriers = Vec::new();
    for _ in 0..3 * records.nodes.len() {
        let node = records.nodes[number(records.nodes.len() as u32) as usize];
        let mut near = |away: u32| Point {
            x: node.x + number(2 * away) - away as i32,
            y: node.y + number(2 * away) - away as i32,
        };
        let line = [near(150_000), near(150_000)];
        let pond = [near(60_000), near(60_000), near(60_000)];
        let kind = match number(8) {
            0 => BarrierKind::Water,
            1 => BarrierKind::Rail,
            2..=4 => BarrierKind::Wall,
            _ => {
                let sides = [[0, 1], [1, 2], [2, 0]].map(|ends| Barrier {
                    kind: BarrierKind::Shore,
                    line: ends.map(|end: usize| pond[end]),
                });
                barriers.extend(sides);
                continue;
            }
        };
        barriers.push(Barrier { kind, line });
    }
    barriers
}

/// Places on and near a network: some exactly at crossings, some in the middle of streets, some far off.
fn spots(records: &RoadRecords, count: i32, seed: u64) -> Vec<Point> {
    let mut number = numbers(seed ^ 0x5eed);
    let spot = |_| {
        let node = records.nodes[number(records.nodes.len() as u32) as usize];
        match number(6) {
            0 => node,
            1 => Point {
                x: node.x + number(3_000_000) - 1_500_000,
                y: node.y + number(3_000_000) - 1_500_000,
            },
            2 => Point {
                x: node.x + 75_000,
                y: node.y,
            },
            _ => Point {
                x: node.x + number(200_000) - 100_000,
                y: node.y + number(200_000) - 100_000,
            },
        }
    };
    (0..count).map(spot).collect()
}

/// How the twin sees the network of one mode: milliseconds along each edge and against it, and which edges are private.
struct Twin<'a> {
    roads: &'a Roads,
    plan: StreetPlan,
    mode: Mode,
    times: Vec<[Option<u32>; 2]>,
    snaps: Vec<bool>,
    private: Vec<bool>,
}

/// How far a trip has come: it has not been on an open street yet, it is on one, it is on private ground behind it.
const BEFORE: usize = 0;
const ON: usize = 1;
const AFTER: usize = 2;

/// An edge, milliseconds along it from its first node, against it to that, and the leg; or a crossing.
#[derive(Clone, Copy)]
enum Stop {
    Crossing {
        node: u32,
        leg: u32,
    },
    Middle {
        edge: usize,
        along: u32,
        against: u32,
        leg: u32,
    },
}

fn rounded(value: f64) -> u32 {
    (value + 0.5).floor() as u32
}

impl<'a> Twin<'a> {
    fn new(roads: &'a Roads, plan: StreetPlan, mode: Mode) -> Self {
        let pace = plan.paces.of(mode);
        let times = roads.edges().iter().enumerate().map(|(at, edge)| {
            let time = |thousandths: u16| {
                let foot = mode == Mode::Walk;
                let stairs = if foot && edge.access.stairs() {
                    plan.stairs
                } else {
                    1.0
                };
                let slope = if foot {
                    f64::from(thousandths) / 1000.0
                } else {
                    1.0
                };
                let wait = if foot { roads.wait(at as u32) } else { 0 };
                rounded(f64::from(edge.length) * ((1.0 / pace) * stairs * slope)) + wait
            };
            let [up, down] = roads.slope(at as u32);
            [
                edge.access.along(mode).then(|| time(up)),
                edge.access.against(mode).then(|| time(down)),
            ]
        });
        let times: Vec<_> = times.collect();
        let mut twin = Self {
            roads,
            plan,
            mode,
            times,
            snaps: Vec::new(),
            private: Vec::new(),
        };
        let edges = 0..roads.edges().len();
        let sorted = |mut part: Vec<usize>| {
            part.sort_unstable();
            part
        };
        let parts: Vec<Vec<usize>> = edges
            .clone()
            .map(|edge| sorted(twin.part(edge, |_| true)))
            .collect();
        let pieces: Vec<Vec<usize>> = edges
            .clone()
            .map(|edge| sorted(twin.part(edge, |edge| !twin.marked(edge))))
            .collect();
        twin.snaps = edges
            .clone()
            .map(|edge| {
                let long = twin.length(&parts[edge]) >= plan.least_part;
                roads.edges()[edge].access.snaps() && twin.open_to(edge) && long
            })
            .collect();
        // Marked so, or behind those that are: not in the first of the longest of the unmarked pieces of its part.
        twin.private = edges
            .map(|edge| {
                let open = parts[edge].iter().filter(|&&edge| !twin.marked(edge));
                let core = open.map(|&edge| &pieces[edge]).reduce(|best, piece| {
                    if twin.length(piece) > twin.length(best) {
                        piece
                    } else {
                        best
                    }
                });
                core.is_some_and(|core| !core.contains(&edge))
            })
            .collect();
        twin
    }

    fn open_to(&self, edge: usize) -> bool {
        self.roads.edges()[edge].access.any(self.mode)
    }

    /// Private by itself or by a gate at its end.
    fn marked(&self, edge: usize) -> bool {
        let Edge {
            from, to, access, ..
        } = self.roads.edges()[edge];
        let gate = |node| self.roads.private(node, self.mode);
        access.private(self.mode) || gate(from) || gate(to)
    }

    fn length(&self, edges: &[usize]) -> u64 {
        let edges = edges.iter().map(|&edge| self.roads.edges()[edge]);
        edges.map(|edge| u64::from(edge.length)).sum()
    }

    /// Everything that hangs together with an edge over `some` edges, nothing where the mode may not use it; by walking through it.
    fn part(&self, start: usize, some: impl Fn(usize) -> bool) -> Vec<usize> {
        let edges = self.roads.edges();
        let usable = |edge: usize| self.open_to(edge) && some(edge);
        let mut inside: Vec<usize> = [start].into_iter().filter(|&edge| usable(edge)).collect();
        let mut done = 0;
        while done < inside.len() {
            let Edge { from, to, .. } = edges[inside[done]];
            done += 1;
            for node in [from, to]
                .into_iter()
                .filter(|&node| !self.roads.blocked(node, self.mode))
            {
                let more = (0..edges.len()).filter(|&edge| {
                    usable(edge) && [edges[edge].from, edges[edge].to].contains(&node)
                });
                let more: Vec<usize> = more.filter(|edge| !inside.contains(edge)).collect();
                inside.extend(more);
            }
        }
        inside
    }

    /// Whether a leg is free (0), has only walls or one shore before it (1), or cannot be walked (2).
    fn crossed(&self, from: [f64; 2], to: [f64; 2]) -> usize {
        let cross = |a: [f64; 2], b: [f64; 2]| a[0] * b[1] - a[1] * b[0];
        let between = |a: [f64; 2], b: [f64; 2]| [b[0] - a[0], b[1] - a[1]];
        let leg = between(from, to);
        let length = leg[0].hypot(leg[1]);
        let crosses = |barrier: &&Barrier| {
            let [p, q] = barrier.line.map(|at| [f64::from(at.x), f64::from(at.y)]);
            let line = between(p, q);
            let along = cross(between(from, p), line) / cross(leg, line);
            let across = cross(between(from, p), leg) / cross(leg, line);
            along > 0.0 && along * length < length - 100.0 && (0.0..=1.0).contains(&across)
        };
        let kinds: Vec<BarrierKind> = (self.roads.barriers().iter())
            .filter(crosses)
            .map(|barrier| barrier.kind)
            .collect();
        let many = |kind| kinds.iter().filter(|&&each| each == kind).count();
        if many(BarrierKind::Water) + many(BarrierKind::Rail) > 0 || many(BarrierKind::Shore) > 1 {
            2
        } else {
            usize::from(!kinds.is_empty())
        }
    }

    /// The nearest place on any edge, by trying all.
    fn stop(&self, at: Point) -> Option<Stop> {
        // The nearest free one, and the nearest with little in the way.
        let mut found: [Option<(f64, usize, f64)>; 3] = [None; 3];
        for edge in (0..self.times.len()).filter(|&edge| self.snaps[edge]) {
            let places: Vec<[f64; 2]> = self
                .roads
                .places(edge as u32)
                .map(|at| [f64::from(at.x), f64::from(at.y)])
                .collect();
            let point = [f64::from(at.x), f64::from(at.y)];
            let lengths: Vec<f64> = places
                .windows(2)
                .map(|line| (line[1][0] - line[0][0]).hypot(line[1][1] - line[0][1]))
                .collect();
            let whole: f64 = lengths.iter().sum();
            for (line, ends) in places.windows(2).enumerate() {
                let [a, b] = [ends[0], ends[1]];
                let dot = (point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1]);
                let square = (b[0] - a[0]).powi(2) + (b[1] - a[1]).powi(2);
                let share = if square > 0.0 {
                    (dot / square).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let foot = if share >= 1.0 {
                    b
                } else {
                    [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]
                };
                let distance = (point[0] - foot[0]).hypot(point[1] - foot[1]);
                if distance > f64::from(self.plan.longest_leg) {
                    continue;
                }
                let best = &mut found[self.crossed(point, foot)];
                if best.is_none_or(|(known, ..)| distance < known - 1e-6) {
                    let before: f64 = lengths[..line].iter().sum();
                    let last = line + 2 == places.len();
                    let along = if lengths.len() == 1 || (last && share >= 1.0) {
                        share
                    } else if whole > 0.0 {
                        (before + share * lengths[line]) / whole
                    } else {
                        0.0
                    };
                    *best = Some((distance, edge, along));
                }
            }
        }
        let (distance, edge, along) = found[0].or(found[1])?;
        let leg = rounded(distance.round() * (1.0 / self.plan.paces.walk));
        let Edge { from, to, .. } = self.roads.edges()[edge];
        let open = |node: u32| !self.roads.blocked(node, self.mode);
        Some(if along <= 0.0 && open(from) {
            Stop::Crossing { node: from, leg }
        } else if along >= 1.0 && open(to) {
            Stop::Crossing { node: to, leg }
        } else {
            let part = |time: Option<u32>| rounded(f64::from(time.unwrap_or(0)) * along);
            Stop::Middle {
                edge,
                along: part(self.times[edge][0]),
                against: part(self.times[edge][1]),
                leg,
            }
        })
    }

    /// The least time of a trip: a textbook search over the network with both stops put in as crossings of their own, and with how far
    /// the trip has come.
    fn trip(&self, from: Point, to: Point) -> Option<u32> {
        let stops = [self.stop(from)?, self.stop(to)?];
        let nodes = self.roads.nodes().len() as u32;
        let mut arcs: Vec<(u32, u32, u32, bool)> = Vec::new();
        for (at, edge) in self.roads.edges().iter().enumerate() {
            let [along, against] = self.times[at];
            // A blocked crossing is a dead end of each of its streets: a node of its own.
            let end = |node: u32, side: u32| {
                if self.roads.blocked(node, self.mode) {
                    nodes + 2 + 2 * at as u32 + side
                } else {
                    node
                }
            };
            let (first, last) = (end(edge.from, 0), end(edge.to, 1));
            // The stops on this edge, in order along it, between its ends.
            let mut chain = Vec::new();
            for (number, stop) in stops.iter().enumerate() {
                if let Stop::Middle {
                    edge,
                    along,
                    against,
                    ..
                } = *stop
                    && edge == at
                {
                    chain.push((along, nodes + number as u32, against));
                }
            }
            chain.sort_by_key(|&(forth, node, back)| {
                (
                    if along.is_some() {
                        (forth, back)
                    } else {
                        (back, forth)
                    },
                    node,
                )
            });
            chain.insert(0, (0, first, 0));
            chain.push((along.unwrap_or(0), last, against.unwrap_or(0)));
            for pair in chain.windows(2) {
                // Two stops at one and the same place are no way apart, in whichever direction.
                let stop = |node: u32| (nodes..nodes + 2).contains(&node);
                let same = stop(pair[0].1)
                    && stop(pair[1].1)
                    && (pair[0].0, pair[0].2) == (pair[1].0, pair[1].2);
                if along.is_some() || same {
                    arcs.push((
                        pair[0].1,
                        pair[1].1,
                        pair[1].0 - pair[0].0,
                        self.private[at],
                    ));
                }
                if against.is_some() || same {
                    arcs.push((
                        pair[1].1,
                        pair[0].1,
                        pair[1].2 - pair[0].2,
                        self.private[at],
                    ));
                }
            }
        }
        // A crossing with an open street is on it.
        let at_crossing = |node: u32| {
            let edges = self.roads.edges().iter().enumerate();
            let mut there = edges.filter(|(_, edge)| [edge.from, edge.to].contains(&node));
            !there.any(|(at, _)| self.open_to(at) && !self.private[at])
        };
        let node = |number: usize| match stops[number] {
            Stop::Crossing { node, leg } => (node, leg, at_crossing(node)),
            Stop::Middle { leg, edge, .. } => (nodes + number as u32, leg, self.private[edge]),
        };
        let ((start, first_leg, begins_inside), (goal, last_leg, ends_inside)) = (node(0), node(1));
        let mut least = vec![[u32::MAX; 3]; nodes as usize + 2 + 2 * self.times.len()];
        let state = if begins_inside { BEFORE } else { ON };
        let mut queue = BinaryHeap::from([Reverse((0, start, state))]);
        while let Some(Reverse((time, node, state))) = queue.pop() {
            if time >= least[node as usize][state] {
                continue;
            }
            least[node as usize][state] = time;
            for &(from, head, length, private) in &arcs {
                let next = match (state, private) {
                    (BEFORE, true) => BEFORE,
                    (BEFORE | ON, false) => ON,
                    (_, true) => AFTER,
                    (_, false) => continue,
                };
                if from == node {
                    queue.push(Reverse((time + length, head, next)));
                }
            }
        }
        let [before, on, after] = least[goal as usize];
        let least = before
            .min(on)
            .min(if ends_inside { after } else { u32::MAX });
        (least != u32::MAX).then(|| first_leg + least + last_leg)
    }
}

/// Every pair, one by one.
fn twin(roads: &Roads, plan: StreetPlan, city: &City, limits: Limits, places: &[Point]) -> Reach {
    let twins = [Mode::Walk, Mode::Ebike, Mode::CarBus].map(|mode| Twin::new(roads, plan, mode));
    let row = |(point, &class): (&DemandPoint, &Class)| {
        let Some(limit) = limits.for_class(class) else {
            return Vec::new();
        };
        let twin = &twins[limit.mode as usize];
        let link = |(place, &to): (usize, &Point)| {
            let time = Millis(twin.trip(point.at, to)?);
            time.within(limit.time()).then_some(Link {
                place: place as u32,
                time,
            })
        };
        places
            .iter()
            .enumerate()
            .filter_map(link)
            .collect::<Vec<Link>>()
    };
    let rows: Vec<Vec<Link>> = city.points().iter().zip(city.classes()).map(row).collect();
    Reach::from_rows(rows.iter().map(Vec::as_slice))
}

/// Compares all answers on a network with those of the twin; how many links there were.
fn compare(records: &RoadRecords, seed: u64) -> usize {
    let plan = StreetPlan {
        stairs: if seed.is_multiple_of(2) { 1.0 } else { 1.7 },
        least_part: if seed.is_multiple_of(5) { 400_000 } else { 0 },
        ..plan(PACES)
    };
    let streets = streets(records, plan);
    let city = city(&spots(records, 12, seed));
    // Sometimes more places than demand points, so that the search runs the other way.
    let count = if seed.is_multiple_of(3) { 20 } else { 7 };
    let places = spots(records, count, seed + 1000);
    let by = |mode, minutes| Limit {
        mode,
        minutes,
        radius_m: None,
    };
    let mut links = 0;
    for limits in [
        Limits::both(walk(5 + seed as u32 % 15)),
        Limits {
            urban: Some(walk(15)),
            rural: Some(by(Mode::CarBus, 2)),
        },
        Limits {
            urban: Some(by(Mode::CarBus, 3)),
            rural: None,
        },
    ] {
        let slow = twin(streets.roads(), plan, &city, limits, &places);
        let trips = streets.trips(&city, &[]);
        let fast = trips.reach(limits, &places);
        assert_eq!(fast, slow, "seed {seed}, {limits:?}");
        let least = |some: &dyn Fn(u32) -> bool| -> Vec<Option<Millis>> {
            let rows = slow.rows();
            rows.map(|row| {
                let links = row.iter().filter(|link| some(link.place));
                links.map(|link| link.time).min()
            })
            .collect()
        };
        assert_eq!(
            trips.nearest(limits, &places),
            least(&|_| true),
            "seed {seed}, {limits:?}"
        );
        // Bits that add places to those of others, so that a search goes on from another, and bits that do not.
        let mut number = numbers(seed ^ 0xb175);
        let marks: Vec<u8> = (places.iter())
            .map(|_| [0b1, 0b11, 0b111, 0b1100, 0b10000][number(5) as usize])
            .collect();
        let mut marked = vec![0; city.points().len()];
        for bit in 0..5 {
            let least = least(&|place| marks[place as usize] >> bit & 1 == 1);
            let of_bit = trips.nearest_by_mark(limits, &places, &marks);
            let of_bit = of_bit.iter().find(|(bits, _)| bits >> bit & 1 == 1);
            if let Some((_, times)) = of_bit {
                assert_eq!(times, &least, "seed {seed}, {limits:?}, bit {bit}");
            }
            for (marks, time) in marked.iter_mut().zip(least) {
                *marks |= u8::from(time.is_some()) << bit;
            }
        }
        assert_eq!(trips.mark(limits, &places, &marks), marked, "seed {seed}");
        links += slow.links().len();
    }
    links
}

#[test]
fn the_bounded_search_finds_what_the_textbook_finds() {
    let links: usize = (0..200).map(|seed| compare(&network(seed), seed)).sum();
    assert!(
        links > 10_000,
        "the cities are large enough to say something: {links}"
    );
}

#[test]
fn with_private_ends_and_barriers_it_finds_what_the_textbook_finds() {
    let links: usize = (0..200).map(|seed| compare(&gated(seed), seed)).sum();
    assert!(
        links > 10_000,
        "the cities are large enough to say something: {links}"
    );
}

// --- entrances ---

/// A facility with entrances.
fn entered(number: usize, at: Point, entrances: Vec<Point>) -> Facility {
    Facility {
        id: format!("f{number:03}").into(),
        name: "".into(),
        at,
        entrances,
        community: None,
        status: Status::Existing,
        opens: None,
        closes: None,
        hubs: Vec::new(),
        offers: Vec::new(),
    }
}

#[test]
fn a_trip_leads_to_the_nearest_entrance() {
    for seed in 0..60 {
        let records = gated(seed);
        let people = spots(&records, 12, seed);
        // Every third place is a facility with up to three entrances, the others are places alone.
        let places = spots(&records, 9, seed + 1000);
        let gates = spots(&records, 9, seed + 2000);
        let entrances = |place: usize| match place % 3 {
            0 => &gates[place..place + 1 + seed as usize % 3],
            _ => std::slice::from_ref(&places[place]),
        };
        let facilities = (0..9).step_by(3);
        let facilities =
            facilities.map(|place| entered(place, places[place], entrances(place).to_vec()));
        let streets = streets(&records, plan(PACES));
        let (with, without) = (city_with(&people, facilities.collect()), city(&people));
        let (with, without) = (streets.trips(&with, &[]), streets.trips(&without, &[]));
        // Two places at one spot are one facility's: none of them is left out.
        let doors: Vec<Vec<Point>> = (0..9)
            .map(|place| {
                let same = (0..9)
                    .step_by(3)
                    .filter(|&other| places[other] == places[place]);
                let doors: Vec<Point> = same.flat_map(|other| entrances(other).to_vec()).collect();
                if doors.is_empty() {
                    vec![places[place]]
                } else {
                    doors
                }
            })
            .collect();
        for limits in [
            Limits::both(walk(12)),
            Limits {
                urban: Some(walk(9)),
                rural: None,
            },
        ] {
            let nearest: Vec<Vec<Option<Millis>>> = (doors.iter())
                .map(|doors| without.nearest(limits, doors))
                .collect();
            let rows: Vec<Vec<Link>> = (0..people.len())
                .map(|point| {
                    let times = nearest.iter().map(|times| times[point]).zip(0..);
                    let links = times.filter_map(|(time, place)| Some(Link { place, time: time? }));
                    links.collect()
                })
                .collect();
            let expected = Reach::from_rows(rows.iter().map(Vec::as_slice));
            assert_eq!(with.reach(limits, &places), expected, "seed {seed}");
            let least: Vec<Option<Millis>> = (0..people.len())
                .map(|point| nearest.iter().filter_map(|times| times[point]).min())
                .collect();
            assert_eq!(with.nearest(limits, &places), least, "seed {seed}");
            let marks: Vec<u8> = (0..9).map(|place| 1 << (place % 2)).collect();
            let found = with.mark(limits, &places, &marks);
            for (point, found) in found.into_iter().enumerate() {
                let has = |bit: usize| {
                    let of_bit = nearest.iter().skip(bit).step_by(2);
                    of_bit.into_iter().any(|times| times[point].is_some())
                };
                assert_eq!(
                    found,
                    u8::from(has(0)) | u8::from(has(1)) << 1,
                    "seed {seed}"
                );
            }
        }
    }
}

// --- private ends ---

#[test]
fn a_trip_ends_on_private_ground_and_never_leads_through_it() {
    // A square of 100 m with the corners a, b, c, d: the side a–b is private, the way a–d–c–b public.
    let at = |x: i32, y: i32| Point {
        x: x * 1000,
        y: y * 1000,
    };
    let corners = [at(-50, 0), at(50, 0), at(50, 100), at(-50, 100)];
    let private = Access::everybody().and(Access::private_for(Mode::Walk));
    let mut records = RoadRecords {
        nodes: corners.to_vec(),
        edges: vec![
            Edge {
                access: private,
                ..edge(0, 1, 0)
            },
            edge(1, 2, 0),
            edge(2, 3, 0),
            edge(3, 0, 0),
        ],
        ..RoadRecords::default()
    };
    let time = |records: &RoadRecords, from: Point, to: Point| {
        let streets = streets(records, plan(Paces { walk: 1.0, ..PACES }));
        let city = city(&[from]);
        let times = streets
            .trips(&city, &[])
            .nearest(Limits::both(walk(15)), &[to]);
        times[0].map(|time| time.0 / 1000)
    };
    let [a, b, c, _] = corners;
    // Round by the public way; from the middle of the private side out on either end.
    assert_eq!(time(&records, a, b), Some(300));
    assert_eq!(time(&records, at(0, 0), b), Some(50));
    assert_eq!(time(&records, at(0, 0), c), Some(150));
    assert_eq!(time(&records, c, at(-20, 0)), Some(170));
    // A gate at c: its two sides are private, too. All but the side d–a: the trip from b begins and ends on private ground.
    records.blocked = vec![0, 0, 8, 0];
    assert_eq!(time(&records, b, a), Some(100));
    assert_eq!(time(&records, c, a), Some(200));
    // Half a minute for a lift between a and b, and for its half on the half.
    records.waits = vec![30_000, 0, 0, 0];
    assert_eq!(time(&records, b, a), Some(130));
    assert_eq!(time(&records, at(0, 0), a), Some(65));
}

#[test]
fn a_leg_goes_to_the_nearest_street_on_its_own_bank() {
    // Streets 90 m north and 110 m south of the origin, joined in the far west.
    let at = |x: i32, y: i32| Point {
        x: x * 1000,
        y: y * 1000,
    };
    let mut records = RoadRecords {
        nodes: vec![at(-500, 90), at(500, 90), at(-500, -110), at(500, -110)],
        edges: vec![edge(0, 1, 0), edge(2, 3, 0), edge(0, 2, 0)],
        ..RoadRecords::default()
    };
    let leg = |records: &RoadRecords| {
        let streets = streets(records, plan(PACES));
        match streets.snap(Mode::Walk, Point::default()) {
            Snap::On(foot) => Some((foot.leg as u32 / 1000, foot.over_wall)),
            Snap::CutOff => None,
            Snap::Far => panic!("streets are near"),
        }
    };
    let line = |kind, y: i32| Barrier {
        kind,
        line: [at(-600, y), at(600, y)],
    };
    assert_eq!(leg(&records), Some((90, false)));
    records.barriers = vec![line(BarrierKind::Water, 40)];
    assert_eq!(leg(&records), Some((110, false)));
    // A street right on the bank can be stepped on.
    records.barriers = vec![line(BarrierKind::Water, 90)];
    assert_eq!(leg(&records), Some((90, false)));
    // Behind walls on both sides the nearer one counts; behind rails and a wall that over the wall; between river and rails none.
    records.barriers = vec![line(BarrierKind::Wall, 40), line(BarrierKind::Wall, -40)];
    assert_eq!(leg(&records), Some((90, true)));
    records.barriers = vec![line(BarrierKind::Rail, 40), line(BarrierKind::Wall, -40)];
    assert_eq!(leg(&records), Some((110, true)));
    records.barriers = vec![line(BarrierKind::Rail, 40), line(BarrierKind::Water, -40)];
    assert_eq!(leg(&records), None);
    // In a lake one gets out to the nearer shore, and over no second one.
    let lake = |north: i32, south: i32| {
        vec![
            line(BarrierKind::Shore, north),
            line(BarrierKind::Shore, south),
        ]
    };
    records.barriers = lake(40, -40);
    assert_eq!(leg(&records), Some((90, false)));
    records.barriers = lake(60, 40);
    assert_eq!(leg(&records), Some((110, false)));
    // Nobody steps off a viaduct.
    records.barriers.clear();
    records.edges[0].access = Access::everybody().and(Access::NO_SNAP);
    assert_eq!(leg(&records), Some((110, false)));
}

#[test]
fn who_is_cut_off_or_crosses_walls_or_lives_on_another_part_is_told() {
    // Two streets of 1,000 m, 200 m apart and not joined, and a third one beside them. 1 person between rails, 1 behind a wall.
    let at = |x: i32, y: i32| Point {
        x: x * 1000,
        y: y * 1000,
    };
    let barrier = |kind, [a, b]: [Point; 2]| Barrier { kind, line: [a, b] };
    let records = RoadRecords {
        nodes: vec![
            at(-500, 0),
            at(500, 0),
            at(-500, 200),
            at(500, 200),
            at(900, 0),
        ],
        edges: vec![edge(0, 1, 0), edge(2, 3, 0), edge(1, 4, 0)],
        barriers: vec![
            barrier(BarrierKind::Rail, [at(-50, 20), at(50, 20)]),
            barrier(BarrierKind::Rail, [at(-50, 180), at(50, 180)]),
            barrier(BarrierKind::Wall, [at(0, -20), at(480, -20)]),
        ],
        ..RoadRecords::default()
    };
    let streets = streets(&records, plan(PACES));
    let city = city(&[at(0, 100), at(250, -30), at(-300, 210), at(-300, 10)]);
    let selection = fuwutu_core::round::Selection {
        catalogue: &[],
        selected: &[],
        no_data: &[],
    };
    let findings =
        fuwutu_io::ways::joined(&city, &streets, &[Mode::Walk], selection, "roads").unwrap();
    let told: Vec<(&str, &str)> = (findings.iter().skip(1))
        .map(|finding| {
            (
                finding.kind.code(),
                finding.value.split(" at ").next().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "other_part",
                "walk 1 of 4 residents, 0 facilities; part 1.0 km"
            ),
            ("legs_cut_off", "walk 1 of 4 residents, 0 facilities"),
            ("legs_over_walls", "walk 1 of 4 residents, 0 facilities"),
        ]
    );
}

// --- laws ---

#[test]
fn streets_are_never_shorter_than_the_straight_line() {
    for seed in 0..100 {
        let records = RoadRecords {
            slopes: Vec::new(),
            ..network(seed)
        };
        let streets = streets(&records, plan(PACES));
        let city = city(&spots(&records, 30, seed));
        let places = spots(&records, 10, seed + 1000);
        let straight = Straight {
            detour: 1.0,
            paces: PACES,
        };
        let limits = Limits::both(walk(60));
        let (on_streets, as_crow) = (streets.trips(&city, &[]), straight.trips(&city, &[]));
        // Each part of a trip is rounded by half a millisecond at most.
        let rounding = records.edges.len() as u32 / 2 + 2;
        let as_crow = as_crow.reach(limits, &places);
        for (links, lines) in on_streets.reach(limits, &places).rows().zip(as_crow.rows()) {
            for link in links {
                let line = lines.iter().find(|line| line.place == link.place).unwrap();
                assert!(
                    line.time.0 <= link.time.0 + rounding,
                    "seed {seed}: {} {}",
                    line.time.0,
                    link.time.0
                );
            }
        }
    }
}

#[test]
fn one_more_street_never_makes_a_trip_longer() {
    for seed in 0..100 {
        let records = RoadRecords {
            slopes: Vec::new(),
            blocked: Vec::new(),
            ..network(seed)
        };
        let mut more = records.clone();
        let mut number = numbers(seed);
        let count = records.nodes.len() as u32;
        more.edges
            .push(edge(number(count) as u32, number(count) as u32, 0));
        more.bend_ends.push(more.bends.len() as u32);
        // From crossing to crossing, so that nobody snaps to the new street.
        let walked = |node: &u32| {
            records
                .edges
                .iter()
                .any(|edge| [edge.from, edge.to].contains(node) && edge.access.any(Mode::Walk))
        };
        let crossings: Vec<Point> = (0..count)
            .filter(walked)
            .map(|node| records.nodes[node as usize])
            .collect();
        let city = city(&crossings);
        let limits = Limits::both(walk(40));
        let before = streets(&records, plan(PACES))
            .trips(&city, &[])
            .reach(limits, &crossings);
        let after = streets(&more, plan(PACES))
            .trips(&city, &[])
            .reach(limits, &crossings);
        for (before, after) in before.rows().zip(after.rows()) {
            for link in before {
                let now = after.iter().find(|now| now.place == link.place);
                assert!(now.is_some_and(|now| now.time <= link.time), "seed {seed}");
            }
        }
    }
}

/// Times between crossings, in the order of `crossings`: `None` beyond 40 minutes.
fn times_between(records: &RoadRecords, crossings: &[Point]) -> Vec<Vec<Option<Millis>>> {
    let city = city(crossings);
    let reach = streets(records, plan(PACES))
        .trips(&city, &[])
        .reach(Limits::both(walk(40)), crossings);
    let mut times = vec![vec![None; crossings.len()]; crossings.len()];
    for (point, row) in city.points().iter().zip(reach.rows()) {
        let from: usize = point.id.parse().unwrap();
        row.iter()
            .for_each(|link| times[from][link.place as usize] = Some(link.time));
    }
    times
}

/// No time is less than that which is no longer by law.
fn assert_no_shorter(times: &[Vec<Option<Millis>>], least: &[Vec<Option<Millis>>], what: &str) {
    for (time, least) in times.iter().flatten().zip(least.iter().flatten()) {
        let long = time.is_none_or(|time| least.is_some_and(|least| least <= time));
        assert!(long, "{what}: {time:?} < {least:?}");
    }
}

#[test]
fn private_ends_are_between_open_and_closed() {
    for seed in 0..200 {
        let mut ends = RoadRecords {
            barriers: Vec::new(),
            ..gated(seed)
        };
        ends.blocked.iter_mut().for_each(|node| *node &= 8);
        for edge in &mut ends.edges {
            edge.access.0 &= !Access::NO_SNAP.0;
        }
        let (mut open, mut closed) = (ends.clone(), ends.clone());
        open.blocked.clear();
        for node in &mut closed.blocked {
            *node = *node >> 3 & 1;
        }
        for edge in &mut open.edges {
            edge.access.0 &= !Access::private_for(Mode::Walk).0;
        }
        for edge in &mut closed.edges {
            if edge.access.private(Mode::Walk) {
                edge.access.0 &= !Access::of(Mode::Walk, true, true).0;
            }
        }
        // Crossings without a gate at which one may be in all three.
        let walked = |node: &usize| {
            let ends_here = |edge: &&Edge| [edge.from, edge.to].contains(&(*node as u32));
            let mut edges = closed.edges.iter().filter(ends_here);
            closed.blocked[*node] == 0 && edges.any(|edge| edge.access.any(Mode::Walk))
        };
        let crossings = (0..ends.nodes.len()).filter(walked);
        let crossings: Vec<Point> = crossings.map(|node| ends.nodes[node]).collect();
        let [open, ends, closed] =
            [open, ends, closed].map(|records| times_between(&records, &crossings));
        assert_no_shorter(&ends, &open, &format!("seed {seed}: ends, open"));
        assert_no_shorter(&closed, &ends, &format!("seed {seed}: closed, ends"));
    }
}

#[test]
fn one_more_gate_never_shortens_a_trip_between_open_streets() {
    let mut tried = 0;
    for seed in 0..300 {
        let before = RoadRecords {
            barriers: Vec::new(),
            ..gated(seed)
        };
        let mut after = before.clone();
        let mut number = numbers(seed);
        let gate = number(after.nodes.len() as u32) as usize;
        after.blocked[gate] |= 8;
        let roads = [&before, &after].map(|records| Roads::new(records.clone()).unwrap());
        let twins = roads
            .each_ref()
            .map(|roads| Twin::new(roads, plan(PACES), Mode::Walk));
        let open = |twin: &Twin, edge: usize| twin.open_to(edge) && !twin.private[edge];
        let edges = 0..roads[0].edges().len();
        // Where the gate parts the open streets such that others become the longest, all is different.
        if edges
            .clone()
            .any(|edge| open(&twins[1], edge) && !open(&twins[0], edge))
        {
            continue;
        }
        let ends = edges.filter(|&edge| open(&twins[1], edge) && twins[1].snaps[edge]);
        let ends = ends.map(|edge| roads[1].edges()[edge].from);
        let ends = ends.filter(|&node| !roads[1].blocked(node, Mode::Walk));
        let crossings: Vec<Point> = ends.map(|node| roads[1].nodes()[node as usize]).collect();
        let [before, after] = [&before, &after].map(|records| times_between(records, &crossings));
        assert_no_shorter(&after, &before, &format!("seed {seed}"));
        tried += crossings.len();
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn a_barrier_never_shortens_a_leg() {
    for seed in 0..100 {
        let with = gated(seed);
        let without = RoadRecords {
            barriers: Vec::new(),
            ..with.clone()
        };
        let spots = spots(&with, 50, seed);
        let [with, without] = [&with, &without].map(|records| streets(records, plan(PACES)));
        for spot in spots {
            let [leg, free] = [&with, &without]
                .map(|streets| streets.foot(Mode::Walk, spot).map(|foot| foot.leg));
            assert!(
                leg.is_none_or(|leg| free.is_some_and(|free| free <= leg)),
                "seed {seed}: {leg:?} < {free:?}"
            );
        }
    }
}

#[test]
fn with_all_streets_turned_round_trips_back_take_as_long() {
    for seed in 0..200 {
        let records = gated(seed);
        let mut turned = records.clone();
        for edge in &mut turned.edges {
            let who = edge.access.0 & 0b11_1111;
            edge.access.0 ^= who ^ ((who & 0b01_0101) << 1 | (who & 0b10_1010) >> 1);
        }
        turned.slopes.iter_mut().for_each(|slope| slope.reverse());
        let (spots, places) = (spots(&records, 15, seed), spots(&records, 8, seed + 1000));
        let times = |records: &RoadRecords, from: &[Point], to: &[Point]| {
            let city = city(from);
            let reach = streets(records, plan(PACES))
                .trips(&city, &[])
                .reach(Limits::both(walk(15)), to);
            let rows = city.points().iter().zip(reach.rows());
            let links = rows.flat_map(|(point, row)| {
                let from: u32 = point.id.parse().unwrap();
                row.iter().map(move |link| (from, link.place, link.time))
            });
            links.collect::<Vec<_>>()
        };
        let mut forth = times(&records, &spots, &places);
        let back = times(&turned, &places, &spots).into_iter();
        let mut back: Vec<_> = back
            .map(|(place, spot, time)| (spot, place, time))
            .collect();
        forth.sort_unstable();
        back.sort_unstable();
        assert_eq!(forth, back, "seed {seed}");
    }
}

#[test]
fn a_mirrored_city_has_the_same_times() {
    let mirrored = |at: Point| Point { x: at.y, y: at.x };
    for seed in 0..100 {
        // Who stands exactly at a blocked crossing is on the first of its streets, and which is first a mirror may change.
        let records = RoadRecords {
            blocked: Vec::new(),
            ..network(seed)
        };
        let mirror = RoadRecords {
            nodes: records.nodes.iter().map(|&at| mirrored(at)).collect(),
            bends: records.bends.iter().map(|&at| mirrored(at)).collect(),
            ..records.clone()
        };
        let (spots, places) = (spots(&records, 15, seed), spots(&records, 8, seed + 1000));
        let times = |records: &RoadRecords, from: &[Point], to: &[Point]| {
            let city = city(from);
            let reach = streets(records, plan(PACES))
                .trips(&city, &[])
                .reach(Limits::both(walk(15)), to);
            let mut rows: Vec<(Box<str>, Vec<Link>)> = city
                .points()
                .iter()
                .zip(reach.rows())
                .map(|(point, row)| (point.id.clone(), row.to_vec()))
                .collect();
            rows.sort_by(|a, b| a.0.cmp(&b.0));
            rows
        };
        let mirror_of =
            |places: &[Point]| places.iter().map(|&at| mirrored(at)).collect::<Vec<_>>();
        assert_eq!(
            times(&records, &spots, &places),
            times(&mirror, &mirror_of(&spots), &mirror_of(&places)),
            "seed {seed}"
        );
    }
}

#[test]
fn rows_in_another_order_make_the_same_network() {
    for seed in 0..100 {
        let mut records = gated(seed);
        records.waits.clear();
        let barriers = records.barriers.len();
        records.barriers.rotate_left(barriers / 2);
        let mut order: Vec<usize> = (0..records.edges.len()).collect();
        let mut number = numbers(seed);
        for at in (1..order.len()).rev() {
            order.swap(at, number(at as u32 + 1) as usize);
        }
        let mut other = RoadRecords {
            edges: Vec::new(),
            bends: Vec::new(),
            bend_ends: Vec::new(),
            slopes: Vec::new(),
            ..records.clone()
        };
        for &at in &order {
            let start = if at == 0 {
                0
            } else {
                records.bend_ends[at - 1] as usize
            };
            other.edges.push(records.edges[at]);
            other
                .bends
                .extend_from_slice(&records.bends[start..records.bend_ends[at] as usize]);
            other.bend_ends.push(other.bends.len() as u32);
            other.slopes.extend(records.slopes.get(at));
        }
        let roads = Roads::new(records).unwrap();
        assert_eq!(roads, Roads::new(other).unwrap(), "seed {seed}");
        assert_eq!(
            roads,
            Roads::new(roads.records()).unwrap(),
            "seed {seed}: sorted once, sorted for ever"
        );
    }
}

// --- reached streets ---

#[test]
fn what_is_reached_is_what_a_trip_there_takes_and_the_outline_keeps_its_tolerance() {
    use fuwutu_io::write::streets::Isochrone;
    use geo::{Contains, Distance, Euclidean};
    for seed in 0..80_u64 {
        let drawn = if seed.is_multiple_of(2) {
            network(seed)
        } else {
            gated(seed)
        };
        let records = RoadRecords {
            slopes: Vec::new(),
            ..drawn
        };
        let streets = streets(&records, plan(PACES));
        let near = |&at: &Point| streets.foot(Mode::Walk, at).is_some();
        let Some(from) = spots(&records, 20, seed).into_iter().find(near) else {
            continue;
        };
        let limit = walk(6);
        // Places along every stretch that is reached are within the limit, and just beyond its ends they are not.
        for stretch in streets.reached(from, limit).unwrap() {
            let roads = streets.roads();
            let Edge {
                from: first,
                to: last,
                length,
                ..
            } = roads.edges()[stretch.edge as usize];
            if roads.places(stretch.edge).count() > 2 || length < 20_000 || first == last {
                continue;
            }
            let [a, b] = [first, last].map(|node| roads.nodes()[node as usize].metres());
            for step in 1..20 {
                let along = f64::from(step) / 20.0;
                let reached = stretch
                    .parts
                    .iter()
                    .any(|part| part[0] <= along && along <= part[1]);
                let near_end = stretch
                    .parts
                    .iter()
                    .flatten()
                    .any(|end| (end - along).abs() < 1e-3);
                let at = Point::from_metres(a + (b - a) * along).unwrap();
                // Only where this street is the nearest one does a trip to the place end on it.
                let own = streets
                    .foot(Mode::Walk, at)
                    .is_some_and(|foot| foot.edge == stretch.edge);
                if !near_end && own {
                    let trip = streets
                        .trips(&city(&[from]), &[])
                        .nearest(Limits::both(limit), &[at])[0];
                    assert_eq!(
                        trip.is_some(),
                        reached,
                        "seed {seed}, edge {}, {along}",
                        stretch.edge
                    );
                }
            }
        }
        let city = city(&[from]);
        let degrees = fuwutu_io::frame::Projection::new(city.frame()).to_degrees(from.metres());
        let isochrone = Isochrone::new(&city, &streets, degrees, limit, 25.0).unwrap();
        let outline = isochrone.outline();
        let lines = geo::MultiLineString(isochrone.lines().to_vec());
        for corner in geo::CoordsIter::coords_iter(&outline) {
            let away = Euclidean.distance(&geo::Point(corner), &lines);
            assert!(away < 25.1, "seed {seed}: {away} m from what is reached");
        }
        for corner in geo::CoordsIter::coords_iter(&lines) {
            assert!(
                outline.contains(&geo::Point(corner)),
                "seed {seed}: what is reached is inside"
            );
        }
    }
}
