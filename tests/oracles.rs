//! Answers computed by other people's tools, or known in closed form. The fixtures say where they come from.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fuwutu_core::city::City;
use fuwutu_core::position::{NodeAt, PartAt};
use fuwutu_core::projection::ages::{Bands, cohort_change, hamilton_perry};
use fuwutu_core::projection::{
    Vital, cohort_component, controlled, geometric, linear, share_of_growth, shift_share,
};
use fuwutu_core::quantity::Millis;
use fuwutu_core::reach::straight::{Paces, Straight};
use fuwutu_core::reach::{Limits, Link, Reach, Travel};
use fuwutu_core::service::{Limit, Mode};
use fuwutu_core::supply::access::{Decay, two_step};
use fuwutu_core::units::graph::Graph;
use fuwutu_core::units::partition::{Partition, partition};
use serde_json::Value;

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

fn agree(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-12 * theirs.abs().max(1.0)
}

// --- units ---

/// The graph of an instance; its nodes stand on a circle, since the oracle knows no places.
fn graph(instance: &Value) -> Graph {
    let weights = instance["pop"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each.as_u64().unwrap());
    let place =
        |at: usize| geo::coord! { x: (at as f64).cos() * 1000.0, y: (at as f64).sin() * 1000.0 };
    let nodes = weights
        .enumerate()
        .map(|(at, weight)| (weight, place(at)))
        .collect();
    let edges = instance["edges"].as_array().unwrap().iter();
    Graph::new(
        nodes,
        edges.map(|edge| {
            (
                NodeAt(edge[0].as_u64().unwrap() as u32),
                NodeAt(edge[1].as_u64().unwrap() as u32),
            )
        }),
    )
}

fn divided(instance: &Value) -> Partition {
    partition(&graph(instance), instance["cap"].as_u64().unwrap(), 7)
}

/// Every part hangs together, and is within the cap unless it is a single node.
fn sound(instance: &Value, found: &Partition) {
    let (graph, cap) = (graph(instance), instance["cap"].as_u64().unwrap());
    for part in 0..found.parts {
        let members: Vec<NodeAt> = NodeAt::enumerate(&found.part_of)
            .filter(|(_, at)| **at == PartAt(part))
            .map(|(node, _)| node)
            .collect();
        let weight: u64 = members.iter().map(|&node| graph.nodes()[node].0).sum();
        assert!(graph.connected(&members), "{instance}");
        assert!(weight <= cap || members.len() == 1, "{instance}");
    }
}

#[test]
fn townships_are_divided_into_the_proved_least_number_of_units() {
    let all = fixture(include_str!("fixtures/districting_small_exact.json"));
    let drawn = all["instances"].as_array().unwrap();
    let by_hand = all["hand"].as_array().unwrap();
    assert_eq!(drawn.len() + by_hand.len(), 44);
    for instance in drawn.iter().chain(by_hand) {
        let found = divided(instance);
        // One node over the cap has no answer without cutting it; it stands alone, which makes two parts.
        let least = instance["optimal_units"].as_u64().unwrap_or(2);
        assert_eq!(u64::from(found.parts), least, "{instance}");
        assert!(
            found.proved && u64::from(found.lower_bound) <= least,
            "{instance}"
        );
        assert!(
            u64::from(found.lower_bound) >= instance["lower_bound"].as_u64().unwrap(),
            "{instance}"
        );
        sound(instance, &found);
    }
}

// --- reach ---

#[test]
fn a_circle_on_a_lattice_holds_as_many_points_as_gauss_counted() {
    let known = fixture(include_str!("fixtures/coverage_analytic_lattices.json"));
    // A lattice of 60 m at 1 m/s: one step is a minute, so r steps are within reach in r minutes.
    let city = City::new(fuwutu_synth::grid(203, 60_000, &[(0, 0)])).unwrap();
    let place = city.facilities()[0].at;
    let travel = Straight {
        detour: 1.0,
        paces: Paces {
            walk: 1.0,
            ebike: 1.0,
            car_bus: 1.0,
        },
    };
    for (radius, points) in known["straight_line"]["points_within_r"]
        .as_object()
        .unwrap()
    {
        let limit = Limit {
            mode: Mode::Walk,
            minutes: radius.parse().unwrap(),
            radius_m: None,
        };
        let reached = |places: &[_]| {
            let reach = travel.trips(&city, &[]).reach(Limits::both(limit), places);
            reach.rows().filter(|row| !row.is_empty()).count() as u64
        };
        assert_eq!(
            reached(&[place]),
            points.as_u64().unwrap(),
            "radius {radius}"
        );
        assert_eq!(
            reached(&[place, place]),
            points.as_u64().unwrap(),
            "two at one place are as one"
        );
    }
}

// --- access ---

/// The reach that a table of minutes describes: rows origins, columns facilities, null for never.
fn reach(table: &Value, limit: Millis) -> Reach {
    let link = |(place, minutes): (usize, &Value)| {
        let time = Millis((minutes.as_f64()? * 60_000.0).round() as u32);
        time.within(limit).then_some(Link {
            place: place as u32,
            time,
        })
    };
    let row = |row: &Value| {
        row.as_array()
            .unwrap()
            .iter()
            .enumerate()
            .filter_map(link)
            .collect::<Vec<Link>>()
    };
    let rows: Vec<Vec<Link>> = table.as_array().unwrap().iter().map(row).collect();
    Reach::from_rows(rows.iter().map(Vec::as_slice))
}

fn check_access(oracle: &Value, name: &str, decay: Decay, minutes: u32) {
    let limit = Millis::minutes(minutes);
    let reach = reach(&oracle["T"], limit);
    let weights: Vec<f64> = reach
        .links()
        .iter()
        .map(|link| decay.weight(link.time, limit))
        .collect();
    let (people, capacities) = (numbers(&oracle["P"]), numbers(&oracle["S"]));
    let ours = two_step(&reach, &weights, &people, &capacities);
    let theirs = numbers(&oracle["expected"][name]["2sfca"]);
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!(agree(*ours, *theirs), "{name}: {ours} {theirs}");
    }
    let given: f64 = ours
        .iter()
        .zip(&people)
        .map(|(access, people)| access * people)
        .sum();
    let sum = oracle["expected"][name]["checks"]["sum_S_of_facilities_with_demand"]
        .as_f64()
        .unwrap();
    assert!((given - sum).abs() < 1e-9, "{name}: {given} {sum}");
}

#[test]
fn access_in_the_worked_example_is_that_of_the_papers() {
    let oracle = fixture(include_str!("fixtures/access_toy_3x2.json"));
    check_access(&oracle, "binary15", Decay::Binary, 15);
    check_access(&oracle, "gauss_trunc30", Decay::Gaussian, 30);
}

#[test]
fn access_with_unreachable_empty_and_useless_places_is_that_of_pysal() {
    let oracle = fixture(include_str!("fixtures/access_random_60x14.json"));
    check_access(&oracle, "binary15", Decay::Binary, 15);
    check_access(&oracle, "gauss_trunc30", Decay::Gaussian, 30);
}

// --- projection ---

fn all_agree(ours: &[f64], theirs: &Value) {
    let theirs = numbers(theirs);
    let same = ours.len() == theirs.len()
        && ours
            .iter()
            .zip(&theirs)
            .all(|(ours, theirs)| agree(*ours, *theirs));
    assert!(same, "{ours:?} {theirs:?}");
}

#[test]
fn three_years_on_by_each_method() {
    let oracle = fixture(include_str!("fixtures/projection_three_year.json"));
    let of = |case: &Value, name: &str| case[name].as_f64().unwrap();
    for case in oracle["geometric"].as_array().unwrap() {
        let ours = geometric(of(case, "p2010"), of(case, "p2020"), 10.0, of(case, "h"));
        match case["expected"].as_f64() {
            Some(theirs) => assert!(agree(ours.unwrap(), theirs), "{case}"),
            None => assert_eq!(ours, None, "{case}"),
        }
    }
    for case in oracle["linear"].as_array().unwrap() {
        let ours = linear(of(case, "p2010"), of(case, "p2020"), 10.0, of(case, "h"));
        assert!(agree(ours, of(case, "expected")), "{case}");
    }
    let case = &oracle["shift_share"];
    let (earlier, base) = (numbers(&case["p2010"]), numbers(&case["p2020"]));
    let ours = shift_share(
        &earlier,
        &base,
        10.0,
        of(case, "h"),
        of(case, "control_total_2023"),
    );
    all_agree(&ours, &case["expected"]);
    assert!(agree(ours.iter().sum(), of(case, "sum")));
}

#[test]
fn shares_of_a_county_s_total_three_years_on() {
    let oracle = fixture(include_str!("fixtures/projection_three_year.json"));
    let case = &oracle["shift_share"];
    let (earlier, base) = (numbers(&case["p2010"]), numbers(&case["p2020"]));
    let total = case["control_total_2023"].as_f64().unwrap();
    // Where no share changed, shares are constant.
    all_agree(
        &shift_share(&base, &base, 10.0, 3.0, total),
        &oracle["constant_share"]["expected"],
    );
    // One of the three shrank while the whole grew: refused. As long as all grew, it is the formula that the oracle has.
    assert_eq!(share_of_growth(&earlier, &base, total), None);
    let grew = share_of_growth(&earlier[..2], &base[..2], 105_000.0 + 25_000.0 * 0.3).unwrap();
    all_agree(&grew, &serde_json::json!([63_000.0, 49_500.0]));
    let raw: Vec<f64> = earlier
        .iter()
        .zip(&base)
        .map(|(&earlier, &base)| geometric(earlier, base, 10.0, 3.0).unwrap())
        .collect();
    all_agree(&raw, &oracle["geometric_then_controlled"]["raw"]);
    all_agree(
        &controlled(&raw, total),
        &oracle["geometric_then_controlled"]["expected"],
    );
}

#[test]
fn one_step_of_births_deaths_and_moves() {
    let oracle =
        &fixture(include_str!("fixtures/projection_three_year.json"))["cohort_component_one_step"];
    let of = |name: &str| numbers(&oracle[name]);
    let (survival, births) = (of("survival"), of("births_per_person_mid_population"));
    let moved = of("net_migrants_added_at_end");
    let infants = oracle["infant_survival"].as_f64().unwrap();
    let vital = Vital {
        survival: &survival,
        births: &births,
        infants,
        moved: &moved,
    };
    all_agree(&cohort_component(&of("pop"), &vital), &oracle["expected"]);
}

#[test]
fn cohorts_ten_years_on_and_between_by_hamilton_and_perry() {
    let oracle = &fixture(include_str!("fixtures/projection_three_year.json"))["hamilton_perry"];
    let table = |name: &str| <[f64; 9]>::try_from(numbers(&oracle[name])).unwrap();
    let (earlier, base) = (table("p2010"), table("p2020"));
    let bands = Bands {
        starts: &[0, 10, 20, 30, 40, 50, 60, 70, 80],
        adults: (2, 5),
    };
    // The youngest at the base were not born at the earlier date: their ratio is that of the next.
    let change = cohort_change(bands, &earlier, &base, 10);
    all_agree(&change[1..], &oracle["ccr"]);
    assert!(agree(
        bands.child_ratio(&base),
        oracle["child_ratio_0_9_per_20_49"].as_f64().unwrap()
    ));
    let then = hamilton_perry(bands, &earlier, &base, 10, 10);
    all_agree(&then, &oracle["p2030"]);
    assert!(agree(
        then.iter().sum(),
        oracle["total_2030"].as_f64().unwrap()
    ));
    for years in [3, 6, 9] {
        // Between 2020 and 2030, which is `years` − 10 from the later.
        let between = |(&base, &then)| geometric(base, then, 10.0, f64::from(years - 10)).unwrap();
        let between: Vec<f64> = base.iter().zip(&then).map(between).collect();
        all_agree(
            &between,
            &oracle["geometric_interpolation_to_2023_2026_2029"][years.to_string()],
        );
        assert!(agree(
            between.iter().sum(),
            oracle["totals"][years.to_string()].as_f64().unwrap()
        ));
    }
}

#[test]
fn three_years_twice_are_six_at_a_constant_rate() {
    let oracle = fixture(include_str!("fixtures/projection_three_year.json"));
    for case in oracle["geometric"].as_array().unwrap() {
        let (earlier, base) = (
            case["p2010"].as_f64().unwrap(),
            case["p2020"].as_f64().unwrap(),
        );
        let Some(three) = geometric(earlier, base, 10.0, 3.0) else {
            continue;
        };
        // The same rate from three years on: the earlier date moves along.
        let moved = earlier * three / base;
        if base > 0.0 {
            assert!(agree(
                geometric(moved, three, 10.0, 3.0).unwrap(),
                geometric(earlier, base, 10.0, 6.0).unwrap()
            ));
        }
        assert_eq!(geometric(earlier, base, 10.0, 0.0), Some(base));
        assert!(
            agree(
                geometric(base.max(1.0), base.max(1.0), 10.0, 3.0).unwrap(),
                base.max(1.0)
            ),
            "constant"
        );
    }
}
