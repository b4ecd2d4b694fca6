//! J1: for a million demand points and 20 services of 500 to 5,000 facilities, the nearest facility within 960 m (16 minutes at 1 m/s) and how
//! many there are. The same points as in `benches/peers/ckdtree.py`, so that the figures compare.

#![expect(clippy::print_stderr, reason = "a bench tells what it computed")]

use divan::Bencher;
use fuwutu_core::city::{City, Class, Community, DemandPoint, Records, Township};
use fuwutu_core::position::{CommunityAt, TownshipAt};
use fuwutu_core::quantity::{Ages, Frame, Point};
use fuwutu_core::reach::straight::{Paces, Straight};
use fuwutu_core::reach::{Limits, Travel};
use fuwutu_core::service::{Limit, Mode};
use geo::{MultiPolygon, Rect, coord};

fn main() {
    divan::main();
}

/// Points on a side of the square; 100 m from each to the next, moved by up to 50 m.
const SIDE: u64 = 1_000;
const SERVICES: u64 = 20;

/// The sequence of both sides of the comparison.
fn splitmix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn city() -> City {
    let extent = 200_000.0;
    let land = Rect::new(
        coord! { x: -extent, y: -extent },
        coord! { x: extent, y: extent },
    );
    let point = |at: u64| {
        let moved = splitmix(at);
        let (dx, dy) = ((moved & 0xffff) as i32, (moved >> 16 & 0xffff) as i32);
        let x = (at % SIDE) as i32 * 100_000 + dx;
        let y = (at / SIDE) as i32 * 100_000 + dy;
        (
            DemandPoint {
                id: format!("{at:07}").into(),
                at: Point { x, y },
                community: CommunityAt(0),
            },
            Ages([0, 0, 0, 0, 0, 1000, 0]),
        )
    };
    City::new(Records {
        frame: Frame {
            lon: 104.0,
            lat: 30.6,
        },
        year: 2026,
        townships: vec![Township {
            code: "1".into(),
            name: String::new(),
            neighbour: false,
        }],
        communities: vec![Community {
            code: "1".into(),
            name: String::new(),
            township: TownshipAt(0),
            class: Class::Urban,
            polygon: MultiPolygon::from(land.to_polygon()),
            residential_m2: None,
        }],
        points: (0..SIDE * SIDE).map(point).collect(),
        facilities: Vec::new(),
    })
    .expect("one township, one community, ids by number")
}

/// Facilities of one service, anywhere in the square to the centimetre.
fn places(service: u64) -> Vec<Point> {
    let count = 500 + service * 4_500 / (SERVICES - 1);
    let coordinate = |number: u64| (splitmix(number) % (SIDE * 10_000)) as i32 * 10;
    let place = |at: u64| {
        let number = 1_000_000_000 + service * 1_000_000 + at * 2;
        Point {
            x: coordinate(number),
            y: coordinate(number + 1),
        }
    };
    (0..count).map(place).collect()
}

/// 960 m: 16 minutes at 1 m/s and detour 1.
const TRAVEL: Straight = Straight {
    detour: 1.0,
    paces: Paces {
        walk: 1.0,
        ebike: 1.0,
        car_bus: 1.0,
    },
};

fn limits() -> Limits {
    Limits::both(Limit {
        mode: Mode::Walk,
        minutes: 16,
        radius_m: None,
    })
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads")
}

#[divan::bench(args = [1, 2], sample_count = 9)]
fn j1_nearest_and_count_of_20_services(bencher: Bencher, threads: usize) {
    let (city, pool) = (city(), pool(threads));
    let services: Vec<Vec<Point>> = (0..SERVICES).map(places).collect();
    let trips = TRAVEL.trips(&city, &[]);
    let work = || {
        let mut sums = (0_u64, 0_u64);
        for places in &services {
            for nearest in trips.nearest_and_count(limits(), places) {
                sums.0 += u64::from(nearest.count);
                sums.1 += nearest.time.map_or(0, |time| u64::from(time.0));
            }
        }
        sums
    };
    let (links, nearest) = pool.install(work);
    eprintln!(
        "links within the limit: {links}; sum of nearest: {:.3} km",
        nearest as f64 / 1e6
    );
    bencher.bench_local(|| pool.install(work));
}

/// The same, with every link kept, as access needs them.
#[divan::bench(args = [1, 2], sample_count = 9)]
fn all_links_of_20_services(bencher: Bencher, threads: usize) {
    let (city, pool) = (city(), pool(threads));
    let services: Vec<Vec<Point>> = (0..SERVICES).map(places).collect();
    let trips = TRAVEL.trips(&city, &[]);
    let work = || {
        services
            .iter()
            .map(|places| trips.reach(limits(), places).links().len())
            .sum::<usize>()
    };
    bencher.bench_local(|| pool.install(work));
}
