//! Access from a cost table of 50 million pairs: half a million demand points with 100 of 20,000 facilities each, in up to 20
//! minutes, of which 15 count. `benches/peers/pysal_access.py` reads the files that are made here, so that the figures compare.

#![expect(clippy::print_stderr, reason = "a bench tells what it computed")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use divan::Bencher;
use fuwutu_core::quantity::Millis;
use fuwutu_core::supply::access::{Decay, two_step, weights_within};
use fuwutu_core::watch::unwatched;
use fuwutu_io::plan::Source;
use fuwutu_io::read::Folder;
use fuwutu_io::read::access::{AccessInput, Tables, read};

const POINTS: u64 = 500_000;
const PLACES: u64 = 20_000;
const EACH: u64 = 100;

fn main() {
    make().expect("room for 1 GB in the target folder");
    divan::main();
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("access")
}

fn splitmix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Writes the tables, unless they are there: the costs last, under their name only when they are whole.
fn make() -> std::io::Result<()> {
    let costs = folder().join("costs.csv");
    if costs.is_file() {
        return Ok(());
    }
    std::fs::create_dir_all(folder())?;
    let table = |name: &str| File::create(folder().join(name)).map(BufWriter::new);
    let mut demand = table("demand.csv")?;
    writeln!(demand, "id,residents")?;
    (0..POINTS).try_for_each(|point| writeln!(demand, "{point},{}", splitmix(point) % 100))?;
    let mut supply = table("supply.csv")?;
    writeln!(supply, "id,capacity")?;
    (0..PLACES)
        .try_for_each(|place| writeln!(supply, "{place},{}", 10 + splitmix(place) % 1000))?;
    let mut trips = table("costs.new")?;
    writeln!(trips, "from,to,minutes")?;
    for point in 0..POINTS {
        for link in 0..EACH {
            let place = (point * PLACES / POINTS + link * 7) % PLACES;
            let millis = splitmix(point * EACH + link) % 20_000;
            writeln!(
                trips,
                "{point},{place},{}.{:03}",
                millis / 1000,
                millis % 1000
            )?;
        }
    }
    trips.flush()?;
    drop(trips);
    std::fs::rename(folder().join("costs.new"), costs)
}

const LIMIT: Millis = Millis(15 * 60_000);

fn input() -> AccessInput {
    let table = |name: &str| Source {
        crs: None,
        path: name.into(),
        sheet: None,
        columns: [].into(),
    };
    let tables = Tables {
        costs: table("costs.csv"),
        demand: table("demand.csv"),
        supply: table("supply.csv"),
        service: None,
    };
    read(&tables, &Folder(folder()), LIMIT, &unwatched).expect("sound tables")
}

fn access(input: &AccessInput) -> f64 {
    let weights = weights_within(LIMIT, Decay::Gaussian, &input.reach);
    let access = two_step(
        &input.reach,
        &weights,
        &input.demand.amounts,
        &input.supply.amounts,
    );
    access
        .iter()
        .zip(&input.demand.amounts)
        .map(|(access, people)| access * people)
        .sum()
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads")
}

#[divan::bench(args = [1, 2], sample_count = 3, sample_size = 1)]
fn two_step_of_50_million_pairs_from_files(bencher: Bencher, threads: usize) {
    let pool = pool(threads);
    bencher.bench_local(|| {
        let (rows, links, sum) = pool.install(|| {
            let input = input();
            (input.rows, input.reach.links().len(), access(&input))
        });
        eprintln!("{rows} pairs, {links} within the limit; sum of residents × access {sum:.6}");
    });
}

#[divan::bench(args = [1, 2], sample_count = 3, sample_size = 1)]
fn weights_and_two_step_alone(bencher: Bencher, threads: usize) {
    let (pool, input) = (pool(threads), input());
    bencher.bench_local(|| pool.install(|| access(&input)));
}
