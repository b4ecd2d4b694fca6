//! The exact shortage: a maximum flow from 200,000 demand points to 4,000 facilities within 1,200 m as the crow flies, of capacities that make some
//! neighbourhoods short and others not. `benches/peers/max_flow.py` asks scipy for the same value.

#![expect(clippy::print_stderr, reason = "a bench tells what it computed")]

use divan::Bencher;
use fuwutu_core::quantity::Millis;
use fuwutu_core::reach::{Link, Reach};
use fuwutu_core::supply::allocation::{Groups, allocate};

fn main() {
    divan::main();
}

const POINTS: u64 = 200_000;
const FACILITIES: u64 = 4_000;
/// Side of the square, in metres.
const SIDE: u64 = 60_000;
const REACH: i64 = 1_200;

/// The sequence of both sides of the comparison.
fn splitmix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn place(number: u64) -> (i64, i64) {
    (
        (splitmix(2 * number) % SIDE) as i64,
        (splitmix(2 * number + 1) % SIDE) as i64,
    )
}

/// Demand of 1 to 40, capacity of 100 to 1,899: in all about the same.
fn city() -> (Reach, Vec<u64>, Vec<u64>) {
    let points: Vec<(i64, i64)> = (0..POINTS).map(place).collect();
    let facilities: Vec<(i64, i64)> = (POINTS..POINTS + FACILITIES).map(place).collect();
    let demand = (0..POINTS)
        .map(|at| 1 + splitmix(10_000_000 + at) % 40)
        .collect();
    let capacities = (0..FACILITIES)
        .map(|at| 100 + splitmix(20_000_000 + at) % 1_800)
        .collect();
    let cells = SIDE as i64 / REACH + 1;
    let cell = |(x, y): (i64, i64)| ((x / REACH) * cells + y / REACH) as usize;
    let mut in_cell: Vec<Vec<u32>> = vec![Vec::new(); (cells * cells) as usize];
    facilities
        .iter()
        .zip(0..)
        .for_each(|(&at, place)| in_cell[cell(at)].push(place));
    let row = |&(x, y): &(i64, i64)| {
        let around = |step: i64, at: i64| (at / REACH + step).clamp(0, cells - 1);
        let mut near: Vec<usize> = (-1..=1)
            .flat_map(|dx| (-1..=1).map(move |dy| (around(dx, x) * cells + around(dy, y)) as usize))
            .collect();
        near.sort_unstable();
        near.dedup();
        let within = |place: &u32| {
            let (px, py) = facilities[*place as usize];
            (px - x).pow(2) + (py - y).pow(2) <= REACH * REACH
        };
        let mut places: Vec<u32> = near
            .into_iter()
            .flat_map(|cell| in_cell[cell].iter().copied())
            .filter(within)
            .collect();
        places.sort_unstable();
        places
            .into_iter()
            .map(|place| Link {
                place,
                time: Millis(0),
            })
            .collect::<Vec<Link>>()
    };
    let rows: Vec<Vec<Link>> = points.iter().map(row).collect();
    (
        Reach::from_rows(rows.iter().map(Vec::as_slice)),
        demand,
        capacities,
    )
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn groups_and_allocation(bencher: Bencher) {
    let (reach, demand, capacities) = city();
    let run = || {
        let groups = Groups::new(&reach);
        let mut of_group = vec![0; groups.len()];
        groups
            .of_row
            .iter()
            .zip(&demand)
            .for_each(|(&group, demand)| of_group[group as usize] += demand);
        let found = allocate(&groups, &of_group, &capacities);
        (groups.len(), found.seated.iter().sum::<u64>())
    };
    let (groups, seated) = run();
    eprintln!(
        "{} links, {groups} groups, demand {}, capacity {}, seated {seated}",
        reach.links().len(),
        demand.iter().sum::<u64>(),
        capacities.iter().sum::<u64>()
    );
    bencher.bench_local(run);
}
