//! Units of a city of Chengdu's size: 261 townships, 3,043 communities.

#![expect(clippy::print_stderr, reason = "a bench tells what it computed")]

use divan::Bencher;
use fuwutu_core::city::City;
use fuwutu_core::units::{UnitPlan, divide};
use fuwutu_synth::Spec;

fn main() {
    divan::main();
}

fn divide_city(bencher: Bencher, townships: u32, cap: u64) {
    let spec = Spec {
        townships,
        counties: 1,
        points: 300_000,
        facilities: 1,
        ..Spec::scaled(21_000_000, 1)
    };
    let city = City::new(fuwutu_synth::city(&spec, &[]).records).expect("a sound city");
    let plan = UnitPlan {
        cap,
        gap_tolerance_m: 1.0,
        min_border_m: 10.0,
        join_detached: true,
        headroom: 0.0,
    };
    let units = divide(&city, &plan);
    let proved = units
        .divisions
        .iter()
        .filter(|division| division.proved)
        .count();
    eprintln!(
        "{townships} townships, cap {cap}: {} units, {proved} proved least",
        units.units.len()
    );
    bencher.bench_local(|| divide(&city, &plan));
}

/// The cap of the decision, and one that makes the search five times as fine.
#[divan::bench(args = [100_000, 20_000], sample_count = 3, sample_size = 1)]
fn divide_261_townships(bencher: Bencher, cap: u64) {
    divide_city(bencher, 261, cap);
}

/// All 3,043 communities as one township: far larger than any.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn divide_one_township_of_3043_communities(bencher: Bencher) {
    divide_city(bencher, 1, 100_000);
}
