//! J2 and J3b: a network of 964,000 crossings, a demand point at each, 20 services of 500 to 5,000 facilities, 1,200 m at 1 m/s.
//! J2 is the time to the nearest facility of every crossing; J3b the capacity in reach per person (2SFCA, Gaussian). The same
//! network and facilities as in `benches/peers/streets.py`, which must print the same sums.

#![expect(clippy::print_stderr, reason = "a bench tells what it computed")]

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use divan::Bencher;
use fuwutu_core::city::{City, Class, Community, DemandPoint, Records, Township};
use fuwutu_core::position::{CommunityAt, TownshipAt};
use fuwutu_core::quantity::{Ages, Frame, Point};
use fuwutu_core::reach::roads::Roads;
use fuwutu_core::reach::straight::Paces;
use fuwutu_core::reach::streets::{StreetPlan, Streets};
use fuwutu_core::reach::{Limits, Travel};
use fuwutu_core::service::{Limit, Mode};
use fuwutu_core::supply::access::{self, Decay};
use fuwutu_synth::{Lattice, largest_part};
use geo::{MultiPolygon, Rect, coord};
use rayon::prelude::*;

fn main() {
    divan::main();
}

const SERVICES: u64 = 20;

/// The sequence of both sides of the comparison.
fn splitmix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

struct Task {
    roads: Arc<Roads>,
    city: City,
    services: Vec<Vec<Point>>,
}

fn task() -> &'static Task {
    static TASK: OnceLock<Task> = OnceLock::new();
    TASK.get_or_init(|| {
        let corner = Point {
            x: -50_000_000,
            y: -50_000_000,
        };
        let lattice = Lattice {
            columns: 1000,
            rows: 1000,
            spacing: 60_000,
            corner,
            kept: 650,
            seed: 1,
        };
        let records = largest_part(&lattice.roads());
        let count = records.nodes.len() as u64;
        eprintln!("{count} crossings, {} edges", records.edges.len());
        let places = |service: u64| {
            let some = 500 + service * 4_500 / (SERVICES - 1);
            let at = |number: u64| {
                records.nodes[(splitmix((1 << 41) + service * 1_000_000 + number) % count) as usize]
            };
            (0..some).map(at).collect()
        };
        let services = (0..SERVICES).map(places).collect();
        let city = city(&records.nodes);
        Task {
            roads: Arc::new(Roads::new(records).expect("a sound network")),
            city,
            services,
        }
    })
}

/// One person at each place.
fn city(places: &[Point]) -> City {
    let land = Rect::new(
        coord! { x: -60_000.0, y: -60_000.0 },
        coord! { x: 60_000.0, y: 60_000.0 },
    );
    let point = |(at, &place): (usize, &Point)| {
        let point = DemandPoint {
            id: format!("{at:07}").into(),
            at: place,
            community: CommunityAt(0),
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
        points: places.iter().enumerate().map(point).collect(),
        facilities: Vec::new(),
    })
    .expect("one township, one community, ids by number")
}

fn streets(roads: &Arc<Roads>) -> Streets {
    let plan = StreetPlan {
        paces: Paces {
            walk: 1.0,
            ebike: 1.0,
            car_bus: 1.0,
        },
        stairs: 1.0,
        longest_leg: 300_000,
        least_part: 0,
        otherwise: None,
    };
    Streets::new(Arc::clone(roads), plan)
}

/// 1,200 m at 1 m/s.
fn limits() -> Limits {
    Limits::both(Limit {
        mode: Mode::Walk,
        minutes: 20,
        radius_m: None,
    })
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads")
}

/// Bytes a second that one core reads from memory in a row, in this run.
fn bandwidth() -> f64 {
    let numbers = vec![1_u64; 1 << 26];
    let begin = Instant::now();
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let begin = Instant::now();
        std::hint::black_box(
            numbers
                .iter()
                .fold(0_u64, |sum, &number| sum.wrapping_add(number)),
        );
        best = best.min(begin.elapsed().as_secs_f64());
    }
    std::hint::black_box(begin);
    (numbers.len() * 8) as f64 / best
}

/// One line: how much memory the work touches at least, and what share of the bandwidth of one core that is.
fn roofline(name: &str, bytes: f64, seconds: f64) {
    let bandwidth = bandwidth();
    let share = bytes / seconds / bandwidth * 100.0;
    let (bytes, bandwidth) = (bytes / 1e9, bandwidth / 1e9);
    eprintln!(
        "{name}: {bytes:.2} GB touched, {seconds:.2} s on one thread, {share:.0} % of {bandwidth:.1} GB/s"
    );
}

#[divan::bench(args = [1, 2], sample_count = 5)]
fn j2_time_to_the_nearest_of_20_services(bencher: Bencher, threads: usize) {
    let (task, pool) = (task(), pool(threads));
    let streets = streets(&task.roads);
    let trips = streets.trips(&task.city, &[Mode::Walk]);
    let of_service = |places: &Vec<Point>| {
        let times = trips.nearest(limits(), places);
        times
            .into_iter()
            .flatten()
            .fold((0_u64, 0_u64), |sums, time| {
                (sums.0 + 1, sums.1 + u64::from(time.0))
            })
    };
    // Services go in parallel, as in a round.
    let work = || {
        let services = task.services.par_iter().map(of_service);
        services.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let begin = Instant::now();
    let (reached, sum) = pool.install(work);
    eprintln!(
        "crossings with a facility within the limit: {reached}; sum of times: {:.3} km",
        sum as f64 / 1e6
    );
    if threads == 1 {
        // Of each crossing reached: its row of arcs (2.6 of 8 bytes, 8 of starts), the times of their heads and its own (4 each),
        // its entry in a bucket twice, its stop (20) and the answer (8); and of each crossing the answer once.
        let bytes = reached as f64 * (2.6 * 12.0 + 8.0 + 4.0 + 8.0 + 20.0)
            + 20.0 * task.city.points().len() as f64 * 8.0;
        roofline("J2", bytes, begin.elapsed().as_secs_f64());
    }
    bencher.bench_local(|| pool.install(work));
}

#[divan::bench(args = [1, 2], sample_count = 5)]
fn j3b_2sfca_of_20_services(bencher: Bencher, threads: usize) {
    let (task, pool) = (task(), pool(threads));
    let streets = streets(&task.roads);
    let trips = streets.trips(&task.city, &[Mode::Walk]);
    let people = vec![1.0; task.city.points().len()];
    let of_service = |places: &Vec<Point>| {
        let reach = trips.reach(limits(), places);
        let weights = access::weights(&task.city, limits(), Decay::Gaussian, &reach);
        let access = access::two_step(&reach, &weights, &people, &vec![100.0; places.len()]);
        (reach.links().len(), access.iter().sum::<f64>())
    };
    let work = || {
        let services: Vec<(usize, f64)> = task.services.par_iter().map(of_service).collect();
        services
            .into_iter()
            .fold((0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let begin = Instant::now();
    let (links, given) = pool.install(work);
    let seconds = begin.elapsed().as_secs_f64();
    let first = trips.reach(limits(), &task.services[0]).links().len();
    eprintln!("pairs within the limit: {links}, of the first service {first}; given: {given:.3}");
    if threads == 1 {
        // Of each pair: the search as in J2, the hit written and read twice (8), the link (8) written and read three times, its
        // weight (8) written and read twice, and the sums of its row and place (8 each).
        roofline(
            "J3b",
            links as f64 * (2.6 * 12.0 + 20.0 + 20.0 + 24.0 + 32.0 + 24.0 + 16.0),
            seconds,
        );
    }
    bencher.bench_local(|| pool.install(work));
}

/// From records to a network that can be searched, with all demand points snapped.
#[divan::bench(args = [1, 2], sample_count = 3)]
fn build_network_and_snap_every_point(bencher: Bencher, threads: usize) {
    let (task, pool) = (task(), pool(threads));
    let records = task.roads.records();
    bencher
        .with_inputs(|| records.clone())
        .bench_local_values(|records| {
            pool.install(|| {
                let streets = streets(&Arc::new(Roads::new(records).expect("a sound network")));
                streets.trips(&task.city, &[Mode::Walk]).snapped(limits())
            })
        });
}
