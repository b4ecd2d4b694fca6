//! Access: the oracles of every measure, the laws that hold for it and those that do not, and `fuwutu access` from good and bad
//! tables.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::fs;
use std::process::{Command, Output};

use fuwutu_core::quantity::Millis;
use fuwutu_core::reach::{self, Link, Reach};
use fuwutu_core::supply::access::{self, Decay};
use serde_json::Value;

use support::{Temp, demo};

// ---- Cases.

/// People, capacities, and minutes from each demand point to each place.
#[derive(Debug, Clone)]
struct Case {
    people: Vec<f64>,
    capacities: Vec<f64>,
    minutes: Vec<Vec<Option<f64>>>,
}

/// Links within a limit, and their weights.
struct Weighted<'a> {
    case: &'a Case,
    reach: Reach,
    weights: Vec<f64>,
}

impl Case {
    fn of(oracle: &Value) -> Self {
        let row = |row: &Value| row.as_array().unwrap().iter().map(Value::as_f64).collect();
        let minutes = oracle["T"].as_array().unwrap().iter().map(row).collect();
        Self {
            people: numbers(&oracle["P"]),
            capacities: numbers(&oracle["S"]),
            minutes,
        }
    }

    fn within(&self, decay: &str, limit: f64) -> Weighted<'_> {
        let limit = millis(limit);
        let link = |(place, minutes): (usize, &Option<f64>)| {
            let link = Link {
                place: place as u32,
                time: millis((*minutes)?),
            };
            link.time.within(limit).then_some(link)
        };
        let rows: Vec<Vec<Link>> = self
            .minutes
            .iter()
            .map(|row| row.iter().enumerate().filter_map(link).collect())
            .collect();
        let reach = Reach::from_rows(rows.iter().map(Vec::as_slice));
        let weights = access::weights_within(limit, decay.parse().unwrap(), &reach);
        Weighted {
            case: self,
            reach,
            weights,
        }
    }
}

fn millis(minutes: f64) -> Millis {
    Millis((minutes * 60_000.0).round() as u32)
}

impl Weighted<'_> {
    fn of(&self, measure: &str) -> Vec<f64> {
        let Self {
            case: Case {
                people, capacities, ..
            },
            reach,
            weights,
        } = self;
        match measure {
            "2sfca" => access::two_step(reach, weights, people, capacities),
            "3sfca" => access::three_step(reach, weights, people, capacities),
            "m2sfca" => access::modified(reach, weights, people, capacities),
            "bfca" => access::balanced(reach, weights, people, capacities),
            "i2sfca" => access::crowding(reach, weights, people, capacities),
            "availability" => access::availability(reach, weights, people, capacities),
            "gravity" => access::gravity(reach, weights, capacities),
            "cumulative" => access::cumulative(reach, capacities),
            other => panic!("no measure {other}"),
        }
    }

    fn demand(&self) -> Vec<f64> {
        access::demand(
            &self.reach,
            &self.weights,
            &self.case.people,
            self.case.capacities.len(),
        )
    }

    /// The capacity of the places that anybody reaches.
    fn reached_capacity(&self) -> f64 {
        let places = self.case.capacities.iter().zip(self.demand());
        places
            .filter(|(_, demand)| *demand > 0.0)
            .map(|(capacity, _)| capacity)
            .sum()
    }

    /// The people who reach a place with some weight and, where asked, some capacity.
    fn reached_people(&self, capacity: bool) -> f64 {
        let some = |(link, weight): (&Link, &f64)| {
            *weight > 0.0 && (!capacity || self.case.capacities[link.place as usize] > 0.0)
        };
        let row = |point: usize| {
            self.reach
                .row(point)
                .iter()
                .zip(&self.weights[self.reach.range(point)])
                .any(some)
        };
        let points = self.case.people.iter().enumerate();
        points
            .filter(|(point, _)| row(*point))
            .map(|(_, people)| people)
            .sum()
    }
}

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each.as_f64().unwrap())
        .collect()
}

fn agree(ours: &[f64], theirs: &[f64], most: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!(
            (ours - theirs).abs() <= most * theirs.abs().max(1.0),
            "{what}: {ours} {theirs}"
        );
    }
}

fn weighted_sum(values: &[f64], by: &[f64]) -> f64 {
    values.iter().zip(by).map(|(value, by)| value * by).sum()
}

// ---- Oracles.

const DECAYS: [(&str, &str, f64); 5] = [
    ("binary15", "binary", 15.0),
    ("step_luoqi_weights1", "step", 30.0),
    ("step_luoqi_weights2", "step:10=1,20=0.42,30=0.09", 30.0),
    ("gauss_trunc30", "gaussian", 30.0),
    ("epanechnikov30", "epanechnikov", 30.0),
];

/// All a day long: everything that is reached at all.
const EVER: f64 = 1440.0;

fn check_all(oracle: &Value) {
    let case = Case::of(oracle);
    for (name, decay, limit) in DECAYS {
        let expected = &oracle["expected"][name];
        let ours = case.within(decay, limit);
        for (measure, theirs) in [
            ("2sfca", "2sfca"),
            ("3sfca", "3sfca"),
            ("m2sfca", "m2sfca"),
            ("bfca", "bfca"),
            ("i2sfca", "i2sfca_crowdedness_j"),
            ("availability", "spatial_availability_V"),
        ] {
            agree(
                &ours.of(measure),
                &numbers(&expected[theirs]),
                1e-12,
                &format!("{name} {measure}"),
            );
        }
        let checks = &expected["checks"];
        let sum = |name: &str| checks[name].as_f64().unwrap();
        assert!(
            (ours.reached_capacity() - sum("sum_S_of_facilities_with_demand")).abs() < 1e-9,
            "{name}"
        );
        assert!(
            (weighted_sum(&ours.of("m2sfca"), &case.people) - sum("sum_P_m2sfca_le_sum_S")).abs()
                < 1e-9,
            "{name}"
        );
        assert!(
            (weighted_sum(&ours.of("i2sfca"), &case.capacities) - sum("sum_S_i2sfca")).abs() < 1e-6,
            "{name}"
        );
        assert!(
            (ours.of("bfca").iter().sum::<f64>() - sum("sum_bfca")).abs() < 1e-9,
            "{name}"
        );
        let chosen = access::demand(
            &ours.reach,
            &access::shares(&ours.reach, &ours.weights),
            &case.people,
            case.capacities.len(),
        );
        agree(&chosen, &numbers(&expected["bfca_demand_j"]), 1e-12, name);
        assert!(
            (chosen.iter().sum::<f64>() - sum("sum_P_with_a_facility_in_reach")).abs() < 1e-6,
            "{name}"
        );
    }
    for minutes in ["10", "15", "30"] {
        let ours = case.within("binary", minutes.parse().unwrap());
        let counts: Vec<f64> = reach::counted(&ours.reach)
            .iter()
            .map(|each| f64::from(each.count))
            .collect();
        agree(
            &ours.of("cumulative"),
            &numbers(&oracle["expected"]["cumulative_capacity"][minutes]),
            0.0,
            minutes,
        );
        agree(
            &counts,
            &numbers(&oracle["expected"]["cumulative_count"][minutes]),
            0.0,
            minutes,
        );
    }
    let ever = case.within("exponential:0.1", EVER);
    agree(
        &ever.of("gravity"),
        &numbers(&oracle["expected"]["gravity_exp_0.1"]),
        1e-12,
        "gravity",
    );
    let nearest: Vec<Option<Millis>> = reach::counted(&ever.reach)
        .iter()
        .map(|each| each.time)
        .collect();
    let theirs = oracle["expected"]["nearest_minutes"]
        .as_array()
        .unwrap()
        .iter();
    assert_eq!(
        nearest,
        theirs
            .map(|minutes| minutes.as_f64().map(millis))
            .collect::<Vec<_>>()
    );
    let covered = oracle["expected"]["population_coverage_15"]["covered"]
        .as_f64()
        .unwrap();
    assert!((case.within("binary", 15.0).reached_people(false) - covered).abs() < 1e-9);
}

#[test]
fn every_measure_of_the_worked_example_is_that_of_the_papers() {
    check_all(&fixture(include_str!("fixtures/access_toy_3x2.json")));
}

#[test]
fn every_measure_with_unreachable_empty_and_useless_places_is_as_computed_elsewhere() {
    check_all(&fixture(include_str!("fixtures/access_random_60x14.json")));
}

#[test]
fn both_readings_of_3sfca_are_found_in_the_hospital_example_of_pysal() {
    let oracle = fixture(include_str!("fixtures/access_pysal_hospital_example.json"));
    for scenario in oracle["scenarios"].as_array().unwrap() {
        let case = Case {
            people: numbers(&oracle["P"]),
            capacities: numbers(&oracle["S"]),
            ..Case::of(&scenario_of(&oracle, scenario))
        };
        let ours = case.within("power:1,1", 61.0);
        agree(
            &ours.of("2sfca"),
            &numbers(&scenario["2sfca"]),
            1e-12,
            "2SFCA",
        );
        // Ours: people choose among the places within the limit.
        agree(
            &ours.of("3sfca"),
            &numbers(&scenario["3sfca_G_over_catchment_only"]),
            1e-12,
            "3SFCA",
        );
        // PySAL's: among all pairs of the table; what is beyond the limit then counts for nothing.
        let all = case.within("power:1,1", EVER);
        let mut chosen = access::shares(&all.reach, &all.weights);
        for ((chosen, weight), link) in chosen.iter_mut().zip(&all.weights).zip(all.reach.links()) {
            *chosen *= if link.time.within(Millis::minutes(61)) {
                *weight
            } else {
                0.0
            };
        }
        let theirs = access::two_step(&all.reach, &chosen, &case.people, &case.capacities);
        agree(
            &theirs,
            &numbers(&scenario["3sfca_pysal_G_over_all_pairs"]),
            1e-12,
            "3SFCA of PySAL",
        );
    }
}

fn scenario_of(oracle: &Value, scenario: &Value) -> Value {
    serde_json::json!({ "P": oracle["P"], "S": oracle["S"], "T": scenario["T"] })
}

#[test]
fn spatial_availability_is_that_of_its_authors_and_2sfca_per_person() {
    let oracle = fixture(include_str!("fixtures/access_soukhov2023_abc.json"));
    let case = Case::of(&oracle);
    let ours = case.within("exponential:0.1", EVER);
    agree(
        &ours.of("availability"),
        &numbers(&oracle["expected"]["V"]),
        1e-12,
        "V",
    );
    agree(
        &ours.of("2sfca"),
        &numbers(&oracle["expected"]["2sfca"]),
        1e-12,
        "2SFCA",
    );
    let per_person: Vec<f64> = ours
        .of("availability")
        .iter()
        .zip(&case.people)
        .map(|(v, people)| v / people)
        .collect();
    agree(
        &per_person,
        &numbers(&oracle["expected"]["V_per_capita"]),
        1e-12,
        "V per person",
    );
    assert!(
        (ours.of("availability").iter().sum::<f64>() - oracle["sum_V"].as_f64().unwrap()).abs()
            < 1e-6
    );
}

fn splitmix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The case of `fixtures/access_pysal_2000x300.py`.
fn large() -> Case {
    let minutes = |number: u64| {
        (!number.is_multiple_of(3)).then_some(((number >> 8) % 60_000) as f64 / 1000.0)
    };
    Case {
        people: (0..2000).map(|at| (splitmix(at) % 1000) as f64).collect(),
        capacities: (10_000..10_300)
            .map(|at| (splitmix(at) % 200) as f64)
            .collect(),
        minutes: (0..2000)
            .map(|point| {
                (0..300)
                    .map(|place| minutes(splitmix(100_000 + point * 300 + place)))
                    .collect()
            })
            .collect(),
    }
}

#[test]
fn a_random_case_of_600_000_pairs_is_that_of_pysal() {
    let oracle = fixture(include_str!("fixtures/access_pysal_2000x300.json"));
    let case = large();
    for decay in ["gaussian", "step"] {
        let ours = case.within(decay, 30.0);
        for measure in ["2sfca", "3sfca", "m2sfca", "bfca", "i2sfca", "gravity"] {
            let every = if measure == "i2sfca" { 10 } else { 20 };
            let kept: Vec<f64> = ours.of(measure).into_iter().step_by(every).collect();
            for (ours, theirs) in kept
                .iter()
                .zip(numbers(&oracle["expected"][decay][measure]))
            {
                assert!(
                    (ours - theirs).abs() <= 1e-9 * theirs.abs(),
                    "{decay} {measure}: {ours} {theirs}"
                );
            }
            assert_eq!(
                kept.len(),
                numbers(&oracle["expected"][decay][measure]).len()
            );
        }
    }
}

// ---- Laws.

const FAMILY: [&str; 4] = ["2sfca", "3sfca", "m2sfca", "bfca"];

/// A small random case, and a decay with its limit.
fn random(seed: u64) -> (Case, &'static str, f64) {
    let mut state = splitmix(seed);
    let mut below = move |most: u64| {
        state = splitmix(state);
        state % most
    };
    let (points, places) = (2 + below(5), 1 + below(4));
    let case = Case {
        people: (0..points).map(|_| (1 + below(3000)) as f64).collect(),
        capacities: (0..places).map(|_| (1 + below(100)) as f64).collect(),
        minutes: (0..points)
            .map(|_| {
                (0..places)
                    .map(|_| Some(below(400) as f64 / 10.0))
                    .collect()
            })
            .collect(),
    };
    let (_, decay, limit) = DECAYS[below(DECAYS.len() as u64) as usize];
    (case, decay, limit)
}

/// Calls `law` with the figures of every measure of a random case, and with a way to compute those of a changed case.
fn for_each_case(mut law: impl FnMut(u64, &Case, &str, f64)) {
    for seed in 0..400 {
        let (case, decay, limit) = random(seed);
        law(seed, &case, decay, limit);
    }
}

fn all_near(ours: &[f64], theirs: &[f64]) -> bool {
    ours.len() == theirs.len()
        && ours
            .iter()
            .zip(theirs)
            .all(|(a, b)| (a - b).abs() <= 1e-12 + 1e-9 * b.abs())
}

fn none_lower(after: &[f64], before: &[f64]) -> bool {
    after
        .iter()
        .zip(before)
        .all(|(after, before)| *after >= before - 1e-12)
}

#[test]
fn capacity_is_conserved_by_some_and_never_exceeded_by_others() {
    for_each_case(|seed, case, decay, limit| {
        let ours = case.within(decay, limit);
        let given = |measure| weighted_sum(&ours.of(measure), &case.people);
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.max(1.0);
        let capacity = ours.reached_capacity();
        assert!(
            near(given("2sfca"), capacity) && near(given("3sfca"), capacity),
            "seed {seed}"
        );
        assert!(
            near(ours.of("availability").iter().sum(), capacity),
            "seed {seed}"
        );
        assert!(given("m2sfca") <= capacity + 1e-9, "seed {seed}");
        let people = weighted_sum(&ours.of("i2sfca"), &case.capacities);
        assert!(near(people, ours.reached_people(true)), "seed {seed}");
        let chosen = access::shares(&ours.reach, &ours.weights);
        let chosen = access::demand(&ours.reach, &chosen, &case.people, case.capacities.len());
        assert!(
            near(chosen.iter().sum(), ours.reached_people(false)),
            "seed {seed}"
        );
    });
}

#[test]
fn figures_scale_with_people_capacities_and_time() {
    for_each_case(|seed, case, decay, limit| {
        let scaled =
            |values: &[f64], by: f64| values.iter().map(|value| value * by).collect::<Vec<f64>>();
        let more_people = Case {
            people: scaled(&case.people, 3.0),
            ..case.clone()
        };
        let more_capacity = Case {
            capacities: scaled(&case.capacities, 3.0),
            ..case.clone()
        };
        let row = |row: &Vec<Option<f64>>| {
            row.iter()
                .map(|minutes| minutes.map(|minutes| minutes * 2.0))
                .collect()
        };
        let slower = Case {
            minutes: case.minutes.iter().map(row).collect(),
            ..case.clone()
        };
        let slower_decay = decay
            .replace("10=", "20=")
            .replace(",20=0.4", ",40=0.4")
            .replace("30=", "60=");
        let ours = case.within(decay, limit);
        for measure in FAMILY {
            let before = ours.of(measure);
            assert!(
                all_near(
                    &scaled(&more_people.within(decay, limit).of(measure), 3.0),
                    &before
                ),
                "{measure} {seed}"
            );
            let third = scaled(&more_capacity.within(decay, limit).of(measure), 1.0 / 3.0);
            assert!(all_near(&third, &before), "{measure} {seed}");
            let later = slower.within(&slower_decay, limit * 2.0).of(measure);
            assert!(all_near(&later, &before), "{measure} {seed} {slower_decay}");
            // All weights halved: nothing but M2SFCA changes, which halves.
            let half = Weighted {
                case,
                reach: ours.reach.clone(),
                weights: scaled(&ours.weights, 0.5),
            }
            .of(measure);
            let expected = if measure == "m2sfca" {
                scaled(&before, 0.5)
            } else {
                before
            };
            assert!(all_near(&half, &expected), "{measure} {seed}");
        }
    });
}

#[test]
fn the_order_of_points_and_places_does_not_matter() {
    for_each_case(|seed, case, decay, limit| {
        let turned = Case {
            people: case.people.iter().rev().copied().collect(),
            capacities: case.capacities.iter().rev().copied().collect(),
            minutes: case
                .minutes
                .iter()
                .rev()
                .map(|row| row.iter().rev().copied().collect())
                .collect(),
        };
        for measure in FAMILY {
            let mut after = turned.within(decay, limit).of(measure);
            after.reverse();
            assert!(
                all_near(&after, &case.within(decay, limit).of(measure)),
                "{measure} {seed}"
            );
        }
    });
}

#[test]
fn more_capacity_never_lowers_access_and_more_people_never_raise_it() {
    for_each_case(|seed, case, decay, limit| {
        let (mut richer, mut fuller) = (case.clone(), case.clone());
        richer.capacities[0] += 37.0;
        fuller.people[0] += 500.0;
        for measure in FAMILY {
            let before = case.within(decay, limit).of(measure);
            assert!(
                none_lower(&richer.within(decay, limit).of(measure), &before),
                "{measure} {seed}"
            );
            assert!(
                none_lower(&before, &fuller.within(decay, limit).of(measure)),
                "{measure} {seed}"
            );
        }
    });
}

/// The case with another place.
fn with_place(case: &Case, capacity: f64, minutes: impl Fn(usize) -> Option<f64>) -> Case {
    let mut more = case.clone();
    more.capacities.push(capacity);
    more.minutes
        .iter_mut()
        .enumerate()
        .for_each(|(point, row)| row.push(minutes(point)));
    more
}

/// The case with a place recorded as two halves.
fn with_halves(case: &Case, place: usize) -> Case {
    let mut halves = with_place(case, case.capacities[place] / 2.0, |point| {
        case.minutes[point][place]
    });
    halves.capacities[place] /= 2.0;
    halves
}

/// The case with a demand point cut in two.
fn with_cut(case: &Case, point: usize) -> Case {
    let mut cut = case.clone();
    cut.people[point] /= 2.0;
    cut.people.push(cut.people[point]);
    cut.minutes.push(cut.minutes[point].clone());
    cut
}

#[test]
fn one_more_place_never_lowers_access_but_that_of_3sfca() {
    let mut lowered = 0;
    for_each_case(|seed, case, decay, limit| {
        let more = with_place(case, 5.0, |point| {
            Some((splitmix(seed * 100 + point as u64) % 400) as f64 / 10.0)
        });
        for measure in ["2sfca", "m2sfca", "bfca"] {
            let before = case.within(decay, limit).of(measure);
            assert!(
                none_lower(&more.within(decay, limit).of(measure), &before),
                "{measure} {seed}"
            );
        }
        let before = case.within(decay, limit).of("3sfca");
        lowered += u32::from(!none_lower(&more.within(decay, limit).of("3sfca"), &before));
    });
    assert!(lowered > 50, "3SFCA is not of this kind: {lowered}");
}

#[test]
fn halves_of_a_place_are_as_the_whole_in_2sfca_and_m2sfca_alone() {
    let mut changed = [0; 2];
    for_each_case(|seed, case, decay, limit| {
        let halves = with_halves(case, 0);
        let same = |measure| {
            all_near(
                &halves.within(decay, limit).of(measure),
                &case.within(decay, limit).of(measure),
            )
        };
        assert!(same("2sfca") && same("m2sfca"), "{seed}");
        changed[0] += u32::from(!same("3sfca"));
        changed[1] += u32::from(!same("bfca"));
    });
    assert!(changed.iter().all(|changed| *changed > 50), "{changed:?}");
}

#[test]
fn halves_of_a_demand_point_have_the_access_of_the_whole_but_in_bfca() {
    let mut changed = 0;
    for_each_case(|seed, case, decay, limit| {
        let cut = with_cut(case, 0);
        let same = |measure| {
            let before = case.within(decay, limit).of(measure);
            let after = cut.within(decay, limit).of(measure);
            all_near(&after[..before.len()], &before)
                && all_near(&after[before.len()..], &before[..1])
        };
        assert!(same("2sfca") && same("3sfca") && same("m2sfca"), "{seed}");
        changed += u32::from(!same("bfca"));
    });
    assert!(changed > 50, "{changed}");
}

#[test]
fn the_recorded_counterexamples_are_found_again() {
    let oracle = fixture(include_str!("fixtures/access_metamorphic_relations.json"));
    let first = &oracle["first_counterexamples"];
    let check = |name: &str, measure: &str, before: &Case, after: &Case| {
        let found = &first[name];
        agree(
            &before.within("binary", 15.0).of(measure),
            &numbers(&found["before"]),
            1e-12,
            name,
        );
        agree(
            &after.within("binary", 15.0).of(measure),
            &numbers(&found["after"]),
            1e-12,
            name,
        );
    };
    let added = &first["3sfca:add_facility_never_lowers"];
    let case = Case::of(added);
    let minutes = numbers(&added["new_facility_T"]);
    let more = with_place(&case, added["new_S"].as_f64().unwrap(), |point| {
        Some(minutes[point])
    });
    check("3sfca:add_facility_never_lowers", "3sfca", &case, &more);
    for measure in ["3sfca", "bfca"] {
        let name = format!("{measure}:split_facility_same_place_same_value");
        let case = Case::of(&first[&name]);
        let place = first[&name]["split_facility"].as_u64().unwrap() as usize;
        check(&name, measure, &case, &with_halves(&case, place));
    }
    let name = "bfca:split_origin_same_place_same_value";
    let case = Case::of(&first[name]);
    check(name, "bfca", &case, &with_cut(&case, 0));
    for (name, measure, decay, limit) in [
        ("bfca:conserves_sum_PA_eq_sum_S", "bfca", "binary", 15.0),
        ("m2sfca:conserves_sum_PA_eq_sum_S", "m2sfca", "step", 30.0),
    ] {
        let case = Case::of(&first[name]);
        let sum = weighted_sum(&case.within(decay, limit).of(measure), &case.people);
        assert!(
            (sum - first[name]["sumPA"].as_f64().unwrap()).abs() < 1e-9,
            "{name}: {sum}"
        );
        let capacity: f64 = case.capacities.iter().sum();
        assert!(
            (capacity - first[name]["sumS"].as_f64().unwrap()).abs() < 1e-9
                && (sum - capacity).abs() > 1.0
        );
    }
}

#[test]
fn the_counterexamples_worked_by_hand_hold() {
    let oracle = fixture(include_str!("fixtures/access_metamorphic_relations.json"));
    let hand = &oracle["hand_counterexamples"]["add_tiny_facility"];
    // A weight of 1 is a place at the door, one of 0 is none.
    let case = |when: &str| {
        let row = |row: &Value| {
            numbers(row)
                .iter()
                .map(|weight| (*weight > 0.0).then_some(0.0))
                .collect()
        };
        Case {
            people: numbers(&hand["P"]),
            capacities: numbers(&hand[format!("S_{when}")]),
            minutes: hand[format!("f_{when}")]
                .as_array()
                .unwrap()
                .iter()
                .map(row)
                .collect(),
        }
    };
    for measure in ["2sfca", "3sfca", "bfca"] {
        for when in ["before", "after"] {
            let case = case(when);
            let name = format!("{measure}_{when}");
            agree(
                &case.within("binary", 15.0).of(measure),
                &numbers(&hand[&name]),
                1e-12,
                &name,
            );
        }
    }
    // One demand point of 100 people and a place of 10: BFCA 0.1; cut in two, 0.05 each.
    let one = Case {
        people: vec![100.0],
        capacities: vec![10.0],
        minutes: vec![vec![Some(0.0)]],
    };
    let split = &oracle["hand_counterexamples"]["bfca_origin_split"];
    agree(
        &one.within("binary", 15.0).of("bfca"),
        &numbers(&split["one_origin_P100"]),
        1e-12,
        "one",
    );
    let two = with_cut(&one, 0);
    agree(
        &two.within("binary", 15.0).of("bfca"),
        &numbers(&split["two_origins_P50_each"]),
        1e-12,
        "two",
    );
}

#[test]
fn gravity_and_cumulative_add_up_over_places_and_grow_with_the_limit() {
    for_each_case(|seed, case, decay, limit| {
        let alone = |place: usize| Case {
            capacities: (0..case.capacities.len())
                .map(|at| {
                    if at == place {
                        case.capacities[at]
                    } else {
                        0.0
                    }
                })
                .collect(),
            ..case.clone()
        };
        for measure in ["gravity", "cumulative"] {
            let mut sums = vec![0.0; case.people.len()];
            for place in 0..case.capacities.len() {
                let own = alone(place).within(decay, limit).of(measure);
                sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
            }
            assert!(
                all_near(&sums, &case.within(decay, limit).of(measure)),
                "{measure} {seed}"
            );
        }
        let longer = case.within("binary", limit + 5.0).of("cumulative");
        assert!(
            none_lower(&longer, &case.within("binary", limit).of("cumulative")),
            "{seed}"
        );
    });
}

#[test]
fn figures_stay_numbers_where_weights_have_all_but_vanished() {
    let far = Case {
        people: vec![1000.0; 2],
        capacities: vec![50.0],
        minutes: vec![vec![Some(14.0)]; 2],
    };
    for decay in [
        "exponential:50",
        "exponential:1440",
        "power:1440,0.001",
        "step:1=1,15=1e-320",
    ] {
        let ours = far.within(decay, 15.0);
        for measure in FAMILY
            .into_iter()
            .chain(["i2sfca", "availability", "gravity"])
        {
            assert!(
                ours.of(measure)
                    .iter()
                    .all(|value| value.is_finite() && *value >= 0.0),
                "{decay} {measure}"
            );
        }
    }
}

#[test]
fn pairs_in_any_order_and_pieces_make_the_same_rows() {
    let case = large();
    let ours = case.within("gaussian", 30.0);
    let rows = ours.reach.rows().zip(0..);
    let mut pairs: Vec<(u32, Link)> = rows
        .flat_map(|(row, point)| row.iter().map(move |link| (point, *link)))
        .collect();
    assert_eq!(
        Reach::from_pairs(2000, std::slice::from_ref(&pairs)),
        ours.reach
    );
    pairs.sort_by_key(|(point, link)| splitmix(u64::from(*point) << 32 | u64::from(link.place)));
    let pieces: Vec<Vec<(u32, Link)>> = pairs.chunks(1000).map(<[_]>::to_vec).collect();
    assert_eq!(Reach::from_pairs(2000, &pieces), ours.reach);
    assert_eq!(Reach::from_pairs(0, &[]).rows().len(), 0);
}

// ---- The command.

/// A folder with three tables, removed in the end.
struct Tables(Temp);

const COSTS: &str = "from,to,minutes\na,x,5\na,y,25\nb,x,15\nb,y,12\nc,x,40\nc,y,8\n";
const DEMAND: &str = "id,residents\na,1000\nb,3000\nc,2000\n";
const SUPPLY: &str = "id,capacity\nx,50\ny,20\n";

/// The worked example: `access_toy_3x2`.
fn toy() -> Tables {
    Tables(Temp::new("access"))
        .with("costs.csv", COSTS)
        .with("demand.csv", DEMAND)
        .with("supply.csv", SUPPLY)
}

impl Tables {
    fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        fs::write(self.0.join(name), bytes).unwrap();
        self
    }

    /// Exit code and streams, in at most 10 s and 4 GB of address space.
    fn run_in(&self, lang: &str, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "ulimit -v 4000000; exec timeout 10 \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_fuwutu"),
            "access",
        ]);
        command
            .args([
                "--costs",
                "costs.csv",
                "--demand",
                "demand.csv",
                "--supply",
                "supply.csv",
            ])
            .args(arguments);
        if !arguments.contains(&"--out") {
            command.args(["--out", "-"]);
        }
        if !arguments.contains(&"--limit") {
            command.args(["--limit", "15"]);
        }
        let Output {
            status,
            stdout,
            stderr,
        } = command
            .env("FUWUTU_LANG", lang)
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        // Lines are wrapped.
        let stderr = text(stderr).replace("\n    ", " ");
        (status.code().unwrap_or(-1), text(stdout), stderr)
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run_in("en", arguments)
    }

    /// What is printed, where all goes well.
    fn out(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments);
        assert_eq!(code, 0, "{stderr}");
        stdout
    }

    /// The error and its hint, with nothing printed.
    fn error(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        let zh = self.run_in("zh", arguments).2;
        let no_word = |text: &str| text.contains("panicked") || text.is_empty();
        assert!(!no_word(&stderr) && !no_word(&zh), "{stderr}");
        stderr
    }

    /// What is told beside figures.
    fn told(&self, arguments: &[&str]) -> String {
        let (code, _, stderr) = self.run(arguments);
        assert_eq!(code, 0, "{stderr}");
        stderr
    }
}

const BINARY: [&str; 4] = ["--decay", "binary", "--method", "2sfca"];

#[test]
fn the_worked_example_is_written_with_what_it_adds_up_to() {
    let tables = toy();
    // R = 50 ÷ 4,000 and 20 ÷ 5,000.
    let (code, stdout, stderr) = tables.run(&BINARY);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "id,access\na,0.0125\nb,0.0165\nc,0.004\n")
    );
    let told: Vec<&str> = stderr.lines().collect();
    assert_eq!(
        told,
        [
            "2sfca, decay binary, limit 15 minutes: 4 of 6 rows are trips within the limit",
            "demand: 3 ids, 6000 residents; reaching nothing: 0",
            "supply: 2 ids, capacity 70; reached by nobody: 0",
            "Σ residents × access = 70",
        ]
    );
    let zh = tables.run_in("zh", &BINARY).2;
    assert!(
        zh.contains("6 行中有 4 行在时限以内") && zh.contains("Σ 人口 × 可达性 = 70"),
        "{zh}"
    );
}

#[test]
fn every_measure_has_its_columns() {
    let tables = toy();
    let method = |name: &str, decay: &str| tables.out(&["--method", name, "--decay", decay]);
    assert_eq!(
        method("m2sfca", "binary"),
        "id,access\na,0.0125\nb,0.0165\nc,0.004\n"
    );
    assert!(method("3sfca", "binary").starts_with("id,access\na,0.02\nb,0.012857143"));
    assert!(method("bfca", "binary").starts_with("id,access\na,0.01\nb,0.012857143"));
    assert_eq!(
        method("availability", "binary"),
        "id,available_capacity\na,12.5\nb,49.5\nc,8\n"
    );
    assert_eq!(
        method("gravity", "binary"),
        "id,weighted_capacity\na,50\nb,70\nc,20\n"
    );
    // 1,000 ÷ 50 + 3,000 ÷ 70, and 3,000 ÷ 70 + 2,000 ÷ 20.
    let crowding = method("i2sfca", "binary");
    assert!(
        crowding.starts_with("id,people_per_capacity\nx,62.857143")
            && crowding.contains("\ny,142.85714")
    );
    assert_eq!(
        tables.out(&["--method", "cumulative"]),
        "id,capacity,count\na,50,1\nb,70,2\nc,20,1\n"
    );
    assert_eq!(
        tables.out(&["--method", "nearest", "--limit", "10"]),
        "id,minutes\na,5\nb,\nc,8\n"
    );
    let error = tables.error(&["--method", "nearest", "--decay", "binary"]);
    assert!(
        error.contains("`nearest` has no decay") && error.contains("hint: leave out --decay"),
        "{error}"
    );
}

#[test]
fn numbers_are_written_with_eight_significant_digits() {
    let tables = toy();
    let ours = Case {
        people: vec![1000.0, 3000.0, 2000.0],
        capacities: vec![50.0, 20.0],
        minutes: vec![
            vec![Some(5.0), Some(25.0)],
            vec![Some(15.0), Some(12.0)],
            vec![Some(40.0), Some(8.0)],
        ],
    };
    let written = tables.out(&["--limit", "30"]);
    let read: Vec<f64> = written
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    let exact = ours.within("gaussian", 30.0).of("2sfca");
    assert_eq!(read.len(), exact.len());
    for (read, exact) in read.iter().zip(exact) {
        assert!((read - exact).abs() <= 5e-8 * exact, "{read} {exact}");
    }
    // A sign, the decimal point, zeros before the first digit, and eight digits.
    let cells = written.lines().skip(1);
    let mut cells = cells.map(|line| line.split(',').nth(1).unwrap());
    assert!(
        cells.all(|cell| cell.trim_start_matches(['0', '.']).len() <= 8),
        "{written}"
    );
}

#[test]
fn rows_in_any_order_and_any_number_of_threads_give_the_same_bytes() {
    let (mut costs, mut demand, mut supply) = (Vec::new(), Vec::new(), Vec::new());
    for point in 0..400_u64 {
        demand.push(format!(
            "p{point},{}.{:03}",
            splitmix(point) % 900,
            point % 1000
        ));
        for place in 0..60_u64 {
            costs.push(format!(
                "p{point},f{place},{}",
                (splitmix(point * 60 + place) % 30_000) as f64 / 1000.0
            ));
        }
    }
    (0..60_u64).for_each(|place| supply.push(format!("f{place},{}", splitmix(place) % 77)));
    let table = |header: &str, rows: &[String]| format!("{header}\n{}\n", rows.join("\n"));
    let tables = |costs: &[String], demand: &[String], supply: &[String]| {
        toy()
            .with("costs.csv", table("from,to,minutes", costs))
            .with("demand.csv", table("id,residents", demand))
            .with("supply.csv", table("id,capacity", supply))
    };
    let sorted = tables(&costs, &demand, &supply);
    let shuffle = |rows: &[String], seed: u64| {
        let mut rows: Vec<String> = rows.to_vec();
        rows.sort_by_key(|row| {
            row.bytes()
                .fold(seed, |hash, byte| splitmix(hash ^ u64::from(byte)))
        });
        rows
    };
    let shuffled = tables(
        &shuffle(&costs, 1),
        &shuffle(&demand, 2),
        &shuffle(&supply, 3),
    );
    for method in ["2sfca", "3sfca", "bfca", "i2sfca"] {
        let one = sorted.out(&["--method", method, "--threads", "1"]);
        assert_eq!(
            one,
            sorted.out(&["--method", method, "--threads", "2"]),
            "{method}"
        );
        assert_eq!(
            one,
            shuffled.out(&["--method", method, "--threads", "2"]),
            "{method}"
        );
    }
}

#[test]
fn what_reaches_nothing_and_what_nobody_reaches_is_told() {
    let tables = toy()
        .with("demand.csv", format!("{DEMAND}d,500\n"))
        .with("supply.csv", format!("{SUPPLY}z,7\n"))
        .with("costs.csv", format!("{COSTS}d,x,15\na,z,99\n"));
    let told = tables.told(&[]);
    // With a Gaussian, the weight at the limit is 0.
    assert!(
        told.contains("reaching nothing: 1 (500 residents; d)"),
        "{told}"
    );
    assert!(
        told.contains("reached by nobody: 1 (7 capacity; z)"),
        "{told}"
    );
    assert!(told.contains("Σ residents × access = 70"), "{told}");
    assert!(tables.told(&BINARY).contains("reaching nothing: 0"));
    assert!(
        tables
            .out(&BINARY)
            .lines()
            .any(|line| line.starts_with("d,"))
    );
}

#[test]
fn a_limit_is_inclusive_to_the_millisecond_and_more_than_nothing() {
    let tables = toy().with(
        "costs.csv",
        "from,to,minutes\na,x,15.0000083\nb,x,15.0000084\nc,x,0\n",
    );
    let out = tables.out(&["--method", "cumulative"]);
    assert_eq!(
        out, "id,capacity,count\na,50,1\nb,0,0\nc,50,1\n",
        "half a millisecond is 0.00000833 minutes"
    );
    assert_eq!(
        tables.out(&["--method", "cumulative", "--limit", "0.00002"]),
        "id,capacity,count\na,0,0\nb,0,0\nc,50,1\n",
        "a millisecond"
    );
    for limit in ["0", "0.0", "0.000001"] {
        let (code, _, stderr) = tables.run(&["--limit", limit]);
        let reason = "within 0 minutes nobody reaches anything";
        assert!(code == 2 && stderr.contains(reason), "{stderr}");
        let (code, _, stderr) = tables.run(&["--limit", limit, "--lang", "zh"]);
        assert!(
            code == 2 && stderr.contains("0 分钟内到不了任何地方"),
            "{stderr}"
        );
    }
    for limit in ["-1", "NaN", "1441", "ten"] {
        let (code, _, stderr) = tables.run(&["--limit", limit]);
        assert!(code == 2 && stderr.contains(limit), "{stderr}");
    }
    let (code, _, stderr) = tables.run(&["--decay", "linear"]);
    assert!(
        code == 2 && stderr.contains("`linear` is no decay: write binary"),
        "{stderr}"
    );
}

#[test]
fn the_table_that_matrix_writes_can_be_read_for_one_service() {
    let matrix = "id,facility,seconds,service\na,x,300.000,school\nb,x,900.000,school\nb,y,720.000,school\nc,y,480.000,school\n\
                  a,x,100.000,clinic\nc,k,1.000,clinic\n";
    let tables = toy().with("costs.csv", matrix);
    let expected = toy().out(&BINARY);
    assert_eq!(
        tables.out(&[&BINARY[..], &["--service", "school"]].concat()),
        expected
    );
    let error = tables.error(&BINARY);
    assert!(
        error.contains("a pair has different times: id `a → x`, times (minutes) `1.66667, 5`"),
        "{error}"
    );
    assert!(error.contains("--service"), "{error}");
    let error = toy().error(&["--service", "school"]);
    assert!(
        error.contains("columns are missing: column `service`"),
        "{error}"
    );
    let told = tables.told(&["--service", "sauna"]);
    assert!(
        told.contains("costs.csv: no row of the table is of this service: service `sauna`"),
        "{told}"
    );
}

#[test]
fn a_supply_of_several_services_is_read_for_one() {
    let supply = "id,capacity,service\nx,50,school\nx,7,clinic\ny,20,school\nk,,clinic\n";
    let costs = COSTS
        .replace("minutes\n", "minutes,service\n")
        .replace("\n", ",school\n")
        .replacen(",school\n", "\n", 1);
    let tables = toy().with("supply.csv", supply).with("costs.csv", costs);
    assert_eq!(
        tables.out(&[&BINARY[..], &["--service", "school"]].concat()),
        toy().out(&BINARY)
    );
    let error = tables.error(&BINARY);
    assert!(
        error.contains("`x`") && error.contains("supply.csv 2, 3"),
        "{error}"
    );
    let told = tables.told(&["--service", "sauna"]);
    assert!(
        told.contains("supply.csv: no row of the table is of this service: service `sauna`"),
        "{told}"
    );
}

#[test]
fn two_times_of_a_pair_are_compared_within_the_limit_only() {
    let tables = toy().with("costs.csv", format!("{COSTS}b,y,25\n"));
    assert_eq!(tables.out(&BINARY), toy().out(&BINARY));
    let error = tables.error(&[&BINARY[..], &["--limit", "30"]].concat());
    assert!(
        error.contains("`12, 25`") && error.contains("only times within the limit are compared"),
        "{error}"
    );
}

#[test]
fn what_matrix_writes_of_the_demo_feeds_access() {
    let tables = toy();
    let plan = demo().join("plan.toml").display().to_string();
    let matrix = Command::new(env!("CARGO_BIN_EXE_fuwutu"))
        .args(["matrix", &plan, "--out", "costs.csv", "--overwrite"])
        .current_dir(&tables.0)
        .output()
        .unwrap();
    assert!(matrix.status.success());
    let text = fs::read_to_string(tables.0.join("costs.csv")).unwrap();
    let of_service = |line: &&str| line.ends_with(",primary_school");
    let schools: std::collections::BTreeSet<&str> = text
        .lines()
        .filter(of_service)
        .map(|line| line.split(',').nth(1).unwrap())
        .collect();
    let supply: String = schools.iter().map(|id| format!("{id},1000\n")).collect();
    let population = fs::read_to_string(demo().join("population.csv")).unwrap();
    let tables = tables
        .with("supply.csv", format!("id,capacity\n{supply}"))
        .with("demand.csv", population);
    let told = tables.told(&["--service", "primary_school", "--limit", "30"]);
    let pairs = text.lines().filter(of_service).count();
    assert!(
        told.contains("rows are trips within the limit") && !told.contains("decision"),
        "{told}"
    );
    let rows = told.lines().find(|line| line.contains("trips within"));
    let rows = rows.unwrap().replace(',', "");
    assert!(rows.contains(&format!("{pairs} of {pairs} rows")), "{rows}");
    assert!(
        told.contains(&format!("Σ residents × access = {}", 1000 * schools.len())),
        "{told}"
    );
}

#[test]
fn chinese_headers_gbk_other_names_and_delimiters_are_read() {
    let expected = toy().out(&BINARY);
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let costs = COSTS
        .replace("from,to,minutes", "起点,终点,分钟")
        .replace(',', "\t")
        .replace('\n', "\r\n");
    let tables = toy()
        .with("costs.csv", gbk(&costs))
        .with(
            "demand.csv",
            gbk(&DEMAND.replace("id,residents", "编号,常住人口")),
        )
        .with(
            "supply.csv",
            gbk(&SUPPLY.replace("id,capacity", "设施编号,规模")),
        );
    assert_eq!(tables.out(&BINARY), expected);
    assert!(tables.told(&BINARY).contains("the encoding is GB18030"));
    let tables = toy()
        .with("costs.csv", COSTS.replace("from,to,minutes", "O,D,T"))
        .with("demand.csv", DEMAND.replace("residents", "pop"));
    let renamed = [
        &BINARY[..],
        &[
            "--costs-columns",
            "from=O,to=D,minutes=T",
            "--demand-columns",
            "residents=pop",
        ],
    ]
    .concat();
    assert_eq!(tables.out(&renamed), expected);
    let error = toy().error(&["--costs-columns", "minutes=X"]);
    assert!(error.contains("column") && error.contains("`X`"), "{error}");
    let error = toy().error(&["--costs-columns", "von=O"]);
    assert!(
        error.contains("`von`") && error.contains("from to minutes seconds service"),
        "{error}"
    );
}

#[test]
fn files_and_columns_that_are_missing_are_errors_that_name_them() {
    for name in ["costs.csv", "demand.csv", "supply.csv"] {
        let tables = toy();
        fs::remove_file(tables.0.join(name)).unwrap();
        let error = tables.error(&[]);
        assert!(
            error.contains(&format!("{name}: the file is not there"))
                && error.contains("hint: check the path\n"),
            "{error}"
        );
        assert!(
            toy()
                .with(name, "")
                .error(&[])
                .contains("the file is empty"),
            "{name}"
        );
        assert!(
            toy()
                .with(name, [0xff, 0xfe, 0x31, 0])
                .error(&[])
                .contains("UTF-16"),
            "{name}"
        );
        let error = toy().with(name, "a,b\n1,2\n").error(&[]);
        assert!(error.contains("column") && error.contains(name), "{error}");
    }
    for header in ["from,to,hours", "from,to,minutes,seconds"] {
        let error = toy().with("costs.csv", format!("{header}\n")).error(&[]);
        assert!(
            error.contains("one of two columns, and not both: column `minutes / seconds`"),
            "{error}"
        );
    }
    let tables = toy();
    fs::remove_file(tables.0.join("costs.csv")).unwrap();
    fs::create_dir(tables.0.join("costs.csv")).unwrap();
    assert!(tables.error(&[]).contains("no plain file"));
}

#[test]
fn numbers_that_make_no_sense_are_errors_with_row_and_value() {
    for (name, row, what) in [
        ("costs.csv", "a,x,-1", "the number is negative"),
        ("costs.csv", "a,x,NaN", "this is no number"),
        ("costs.csv", "a,x,soon", "this is no number"),
        ("costs.csv", "a,x,inf", "this is no number"),
        ("costs.csv", "a,,5", "an id or code is missing"),
        ("costs.csv", ",x,5", "an id or code is missing"),
        ("costs.csv", "a,x", "another number of columns"),
        ("costs.csv", "a,\"x,5", "a quote is not closed"),
        ("demand.csv", "d,-1", "the number is negative"),
        ("demand.csv", "d,NaN", "this is no number"),
        ("demand.csv", "d,", "a number is missing"),
        ("demand.csv", "d,1e300", "the number is too large"),
        ("demand.csv", ",5", "an id or code is missing"),
        ("supply.csv", "z,-1", "the number is negative"),
        ("supply.csv", "z,", "a number is missing"),
        ("supply.csv", "z,1e999", "this is no number"),
    ] {
        let tables = toy();
        let text = fs::read_to_string(tables.0.join(name)).unwrap();
        let at = text.lines().count() + 1;
        let error = tables.with(name, format!("{text}{row}\n")).error(&[]);
        assert!(
            error.contains(what) && error.contains(&format!("{name}, row {at}:")),
            "{name} {row}: {error}"
        );
    }
    for name in ["demand.csv", "supply.csv"] {
        let tables = toy();
        let text = fs::read_to_string(tables.0.join(name)).unwrap();
        let twice = text.lines().nth(1).unwrap().to_owned();
        let error = tables.with(name, format!("{text}{twice}\n")).error(&[]);
        assert!(
            error.contains("an id or code occurs twice") && error.contains(&format!("{name} 2,")),
            "{error}"
        );
    }
}

#[test]
fn unknown_ids_and_empty_times_are_left_out_and_told() {
    let tables = toy().with(
        "costs.csv",
        format!("{COSTS}q,x,1\nq,y,1\nr,x,2\na,w,3\nc,x,\n").replace("c,x,40\n", ""),
    );
    let (code, stdout, stderr) = tables.run(&BINARY);
    assert_eq!((code, stdout), (0, toy().out(&BINARY)));
    assert!(
        stderr.contains("does not have (2 times): column `from`, counts `rows 3 / 10: q, r`"),
        "{stderr}"
    );
    assert!(
        stderr.contains("column `to`, counts `rows 1 / 10: w`"),
        "{stderr}"
    );
    assert!(
        stderr.contains("there is no time: counts `rows 1`"),
        "{stderr}"
    );
}

#[test]
fn ids_of_which_none_matches_are_an_error_with_examples_of_both_sides() {
    let float = |text: &str| {
        let ids = [("a,", "1.0,"), ("b,", "2.0,"), ("c,", "3.0,")];
        ids.iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let whole = |text: &str| float(text).replace(".0,", ",");
    // Costs by a tool that makes ids numbers with decimals, demand by one that does not.
    let tables = toy()
        .with("costs.csv", float(COSTS))
        .with("demand.csv", whole(DEMAND));
    let error = tables.error(&[]);
    assert!(
        error.contains("costs.csv: no row of the cost table has both ids")
            && error.contains("`from: 1.0, 2.0, 3.0 ≠ 1, 2, 3`"),
        "{error}"
    );
    let (code, stdout, stderr) = tables.run_in("zh", &[]);
    assert_eq!((code, &*stdout), (2, ""), "no table of zeros: {stderr}");
    assert!(stderr.contains("没有一行的两个编号都在"), "{stderr}");
    // One side alone.
    let error = toy()
        .with("supply.csv", "id,capacity\nX,50\nY,20\n")
        .error(&[]);
    assert!(error.contains("`to: x, y ≠ X, Y`"), "{error}");
    // One row that matches is enough, and the rest is counted.
    let tables = toy()
        .with("costs.csv", format!("{}a,x,5\n", float(COSTS)))
        .with("demand.csv", DEMAND);
    let (code, _, stderr) = tables.run(&BINARY);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("`rows 6 / 7: 1.0, 2.0, 3.0`"), "{stderr}");
}

#[test]
fn pairs_that_stand_twice_count_once_and_two_times_are_an_error() {
    let tables = toy().with("costs.csv", format!("{COSTS}b,y,12\nb,y,12.0000001\n"));
    let (code, stdout, stderr) = tables.run(&BINARY);
    assert_eq!((code, stdout), (0, toy().out(&BINARY)));
    assert!(
        stderr.contains("more than once, with the same time: counts `rows 2`"),
        "{stderr}"
    );
    let error = toy()
        .with("costs.csv", format!("{COSTS}b,y,12.5\n"))
        .error(&BINARY);
    assert!(
        error.contains("a pair has different times: id `b → y`, times (minutes) `12, 12.5`"),
        "{error}"
    );
}

#[test]
fn tables_without_rows_people_or_capacity_give_zeros_and_say_so() {
    let (_, stdout, stderr) = toy().with("costs.csv", "from,to,minutes\n").run(&[]);
    assert_eq!(stdout, "id,access\na,0\nb,0\nc,0\n");
    assert!(
        stderr.contains("costs.csv: there is a header and no row"),
        "{stderr}"
    );
    let (_, stdout, stderr) = toy().with("demand.csv", "id,residents\n").run(&[]);
    assert_eq!(stdout, "id,access\n");
    assert!(
        stderr.contains("demand.csv: there is a header and no row"),
        "{stderr}"
    );
    let (_, stdout, stderr) = toy()
        .with("supply.csv", "id,capacity\n")
        .run(&["--method", "i2sfca"]);
    assert_eq!(stdout, "id,people_per_capacity\n");
    assert!(
        stderr.contains("supply.csv: there is a header and no row"),
        "{stderr}"
    );
    let (_, stdout, stderr) = toy().with("supply.csv", "id,capacity\nx,0\ny,0\n").run(&[]);
    assert_eq!(stdout, "id,access\na,0\nb,0\nc,0\n");
    assert!(
        stderr.contains("there is no capacity in the table of supply"),
        "{stderr}"
    );
    let (_, stdout, stderr) = toy()
        .with("demand.csv", "id,residents\na,0\nb,0\nc,0\n")
        .run(&[]);
    assert_eq!(stdout, "id,access\na,0\nb,0\nc,0\n");
    assert!(
        stderr.contains("there are no people in the table of demand"),
        "{stderr}"
    );
}

#[test]
fn the_file_is_written_whole_or_not_at_all_and_never_over_another() {
    let tables = toy();
    let (code, stdout, _) = tables.run(&["--out", "a.csv"]);
    assert_eq!((code, stdout.as_str()), (0, ""));
    let written = fs::read_to_string(tables.0.join("a.csv")).unwrap();
    assert_eq!(written, tables.out(&[]));
    let error = tables.error(&["--out", "a.csv"]);
    assert!(
        error.contains("`a.csv`") && error.contains("--overwrite"),
        "{error}"
    );
    assert_eq!(tables.run(&["--out", "a.csv", "--overwrite"]).0, 0);
    let tables = tables.with("demand.csv", "id,residents\na,-1\n");
    assert_eq!(tables.run(&["--out", "a.csv", "--overwrite"]).0, 2);
    assert_eq!(fs::read_to_string(tables.0.join("a.csv")).unwrap(), written);
    assert_eq!(tables.run(&["--out", "b.csv"]).0, 2);
    assert!(!tables.0.join("b.csv").exists());
}

#[test]
fn ids_with_commas_and_quotes_are_written_as_they_came() {
    let tables = toy()
        .with("costs.csv", "from,to,minutes\n\"a, \"\"1\"\"\",x,5\n")
        .with("demand.csv", "id,residents\n\"a, \"\"1\"\"\",100\n");
    assert_eq!(tables.out(&BINARY), "id,access\n\"a, \"\"1\"\"\",0.5\n");
}

#[test]
fn a_broken_row_in_a_later_piece_of_the_costs_has_its_line() {
    // Some 9 MB, so that the row is in the second piece.
    let more: String = (0..900_000).map(|_| "q,x,12.5\n").collect();
    let tables = toy().with("costs.csv", format!("{COSTS}{more}a,x,soon\n"));
    let error = tables.error(&[]);
    assert!(error.contains("costs.csv, row 900008:"), "{error}");
}

#[test]
fn a_plan_names_its_decay_by_the_same_words() {
    let policy = fuwutu_io::plan::POLICY;
    assert!(policy.contains("decay = \"gaussian\""));
    let plan = |decay: &str| {
        let text = format!(
            "[round]\nname = \"x\"\nbase_year = 2026\n[inputs]\ncrs = \"EPSG:4490\"\ntownships = {{ path = \"t\" }}\ncommunities = {{ path = \"c\" }}\n\
             facilities = []\n[access]\ndecay = \"{decay}\"\n"
        );
        fuwutu_io::plan::Plan::parse(&text, std::path::Path::new("plan.toml"))
    };
    for decay in [
        "binary",
        "gaussian",
        "epanechnikov",
        "step",
        "step:10=1,20=0.68",
        "exponential:0.1",
        "logistic:10,3",
    ] {
        let plan = plan(decay).unwrap();
        assert_eq!(plan.access.decay, decay.parse::<Decay>().unwrap());
        assert_eq!(
            serde_json::to_value(&plan).unwrap()["access"]["decay"],
            decay
        );
    }
    let error = plan("linear").unwrap_err().to_string();
    assert!(
        error.contains("`linear` is no decay: write binary"),
        "{error}"
    );
}
