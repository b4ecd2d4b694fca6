//! Supply against demand: what no assignment can seat, and the rules of presence and size.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fuwutu_core::quantity::Millis;
use fuwutu_core::reach::{Link, Reach};
use fuwutu_core::supply::allocation::{Allocation, Groups, allocate};
use serde_json::Value;

// --- the allocation ---

fn whole(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|each| each.as_f64().unwrap() as u64).collect()
}

fn groups(rows: &[Vec<u32>]) -> Groups {
    let link = |&place: &u32| Link { place, time: Millis(0) };
    let rows: Vec<Vec<Link>> = rows.iter().map(|row| row.iter().map(link).collect()).collect();
    Groups::new(&Reach::from_rows(rows.iter().map(Vec::as_slice)))
}

/// Demand of each row brought together by group.
fn by_group(groups: &Groups, demand: &[u64]) -> Vec<u64> {
    let mut sums = vec![0; groups.len()];
    groups.of_row.iter().zip(demand).for_each(|(&group, demand)| sums[group as usize] += demand);
    sums
}

/// Nobody has more than asked, and no other assignment seats more: what the contested reach is all theirs and used up.
fn proved(groups: &Groups, demand: &[u64], capacities: &[u64], found: &Allocation) {
    let mut bound = 0;
    let mut reached = vec![false; capacities.len()];
    for (group, &demand) in demand.iter().enumerate() {
        assert!(found.seated[group] <= demand);
        let has_place = groups.places(group).iter().any(|&place| capacities[place as usize] > 0);
        assert!(has_place || found.seated[group] == 0);
        if found.contested[group] {
            groups.places(group).iter().for_each(|&place| reached[place as usize] = true);
        } else if has_place {
            bound += demand;
        }
    }
    bound +=
        capacities.iter().zip(&reached).filter(|(_, reached)| **reached).map(|(capacity, _)| capacity).sum::<u64>();
    assert_eq!(found.seated.iter().sum::<u64>(), bound, "the bound of the cut is reached");
}

#[test]
fn the_allocation_is_the_linear_programme_s_and_fair() {
    const SCALE: u64 = 1_000_000;
    let all: Value = serde_json::from_str(include_str!("fixtures/allocation_lp.json")).unwrap();
    let cases = all["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 200);
    let mut contested = 0;
    for case in cases {
        let rows: Vec<Vec<u32>> = case["places"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| whole(row).into_iter().map(|place| place as u32).collect())
            .collect();
        let groups = groups(&rows);
        let own: Vec<u64> = whole(&case["demand"]).iter().map(|each| each * SCALE).collect();
        let demand = by_group(&groups, &own);
        let capacities: Vec<u64> = whole(&case["capacity"]).iter().map(|each| each * SCALE).collect();
        let found = allocate(&groups, &demand, &capacities);
        proved(&groups, &demand, &capacities, &found);
        let seated = found.seated.iter().sum::<u64>() as f64 / SCALE as f64;
        assert!((seated - case["seated"].as_f64().unwrap()).abs() < 1e-6, "{seated} {case}");
        let fair: Vec<f64> = case["fair"].as_array().unwrap().iter().map(|each| each.as_f64().unwrap()).collect();
        let mut fair_sums = vec![0.0; groups.len()];
        groups.of_row.iter().zip(&fair).for_each(|(&group, fair)| fair_sums[group as usize] += fair);
        for (ours, fair) in found.seated.iter().zip(&fair_sums) {
            assert!((*ours as f64 / SCALE as f64 - fair).abs() < 0.02, "{:?} {fair_sums:?} {case}", found.seated);
        }
        contested += found.contested.iter().filter(|own| **own).count();
    }
    assert!(contested > 200, "cases are hard enough: {contested}");
}

/// The capacitated optimum of the siting oracle is the best of all subsets by our maximum flow.
#[test]
fn the_best_new_sites_seat_as_many_as_brute_force_found() {
    let all: Value = serde_json::from_str(include_str!("fixtures/siting_small_capacitated_bruteforce.json")).unwrap();
    for instance in all["instances"].as_array().unwrap() {
        let limit = instance["minutes"].as_f64().unwrap();
        let rows: Vec<Vec<u32>> = instance["T"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let times = row.as_array().unwrap().iter().zip(0..);
                times
                    .filter(|(time, _)| time.as_f64().is_some_and(|time| time <= limit))
                    .map(|(_, place)| place)
                    .collect()
            })
            .collect();
        let groups = groups(&rows);
        let demand = by_group(&groups, &whole(&instance["P"]));
        let capacities = whole(&instance["capacity"]);
        let existing: Vec<usize> = whole(&instance["existing"]).iter().map(|&each| each as usize).collect();
        let new = instance["p_new"].as_u64().unwrap() as u32;
        let mut best = 0;
        for open in 0_u32..1 << capacities.len() {
            let fixed = existing.iter().fold(0, |fixed, place| fixed | 1 << place);
            if open & fixed != fixed || (open & !fixed).count_ones() != new {
                continue;
            }
            let capacities: Vec<u64> = capacities
                .iter()
                .enumerate()
                .map(|(place, &capacity)| if open >> place & 1 == 1 { capacity } else { 0 })
                .collect();
            let found = allocate(&groups, &demand, &capacities);
            proved(&groups, &demand, &capacities, &found);
            best = best.max(found.seated.iter().sum());
        }
        let expected = instance["optimal_served_population_capacitated_split_allowed"].as_f64().unwrap();
        assert_eq!(best, expected as u64);
    }
}
