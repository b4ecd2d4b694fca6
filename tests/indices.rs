//! Indices beside the verdicts: equity, coupling coordination, TOPSIS. Oracles, slow twins and laws.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use fuwutu_core::equity::{self, Equity, Holder, Refused, equity};
use fuwutu_core::supply::matching::{self, coupling};
use fuwutu_core::topsis::{Better, TopsisError, entropy_weights, topsis};
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

fn near(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-12 * theirs.abs().max(1.0)
}

fn splitmix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

// ---- Equity.

fn holders(values: &[f64], people: &[f64]) -> Vec<Holder> {
    let holder = |(&value, &people)| Holder {
        value,
        people,
        group: 0,
        rank: value,
    };
    values.iter().zip(people).map(holder).collect()
}

fn toy() -> (Value, Vec<Holder>) {
    let oracle = fixture(include_str!("fixtures/equity_toy.json"));
    let mut all = holders(&numbers(&oracle["x"]), &numbers(&oracle["population"]));
    let ranks = numbers(&oracle["income_rank_variable"]);
    let groups = numbers(&oracle["theil_groups"]["group"]);
    for ((holder, rank), group) in all.iter_mut().zip(ranks).zip(groups) {
        (holder.rank, holder.group) = (rank, group as u32);
    }
    (oracle, all)
}

fn check(found: &Equity, expected: &Value) {
    let of = |name: &str| expected[name].as_f64().unwrap();
    assert!(near(found.mean.unwrap(), of("mean")));
    assert!(near(found.gini.unwrap(), of("gini")));
    assert!(near(found.theil.unwrap().total(), of("theil_t")));
    assert!(near(found.palma.unwrap(), of("palma_lorenz_interp")));
    assert!(near(found.concentration.unwrap(), of("concentration")));
    let below = found.below.unwrap();
    for (ours, power) in [below.headcount, below.gap, below.severity]
        .into_iter()
        .zip(["0", "1", "2"])
    {
        assert!(
            near(ours, expected["fgt"][power].as_f64().unwrap()),
            "{power}"
        );
    }
}

#[test]
fn every_index_of_the_worked_example_is_as_computed_elsewhere() {
    let (oracle, all) = toy();
    let line = oracle["fgt_line"].as_f64();
    let found = equity(&all, line).unwrap();
    check(&found, &oracle["expected"]);
    assert!(near(
        found.gini.unwrap(),
        oracle["pysal_inequality_gini_on_1000_persons"]
            .as_f64()
            .unwrap()
    ));
    let theil = found.theil.unwrap();
    assert!(near(
        theil.between,
        oracle["theil_groups"]["between"].as_f64().unwrap()
    ));
    assert!(near(
        theil.within,
        oracle["theil_groups"]["within"].as_f64().unwrap()
    ));
    let (people, values): (Vec<f64>, Vec<f64>) = found.lorenz.unwrap().points.into_iter().unzip();
    let lorenz = &oracle["lorenz"];
    assert!(
        people
            .iter()
            .zip(numbers(&lorenz["pop_share"]))
            .all(|(ours, theirs)| near(*ours, theirs))
    );
    assert!(
        values
            .iter()
            .zip(numbers(&lorenz["access_share"]))
            .all(|(ours, theirs)| near(*ours, theirs))
    );
    assert_eq!(people.len(), numbers(&lorenz["pop_share"]).len());
}

#[test]
fn equal_shares_one_who_has_all_and_the_empty_rows_of_the_oracle() {
    let (oracle, all) = toy();
    let line = oracle["fgt_line"].as_f64();
    let edge = &oracle["edge"];
    let equal: Vec<Holder> = all
        .iter()
        .map(|each| Holder {
            value: 3.0,
            ..*each
        })
        .collect();
    // The oracle's line is above the equal value of 3: its gap of 0.4 is that of 5.
    check(&equity(&equal, Some(5.0)).unwrap(), &edge["all_equal"]);
    let one = holders(
        &numbers(&edge["one_has_all"]["x"]),
        &numbers(&edge["one_has_all"]["p"]),
    );
    let found = equity(&one, None).unwrap();
    assert_eq!(
        found.gini,
        Ok(edge["one_has_all"]["gini"].as_f64().unwrap())
    );
    assert_eq!(found.palma, Err(equity::Undefined::LeastHaveNothing));
    assert_eq!(found.below, Err(equity::Undefined::NoLine));
    let mut more = all.clone();
    more.push(Holder {
        value: 77.0,
        people: 0.0,
        group: 9,
        rank: -1.0,
    });
    assert_eq!(
        equity(&more, line),
        equity(&all, line),
        "rows without people change nothing"
    );
}

#[test]
fn what_cannot_be_told_has_a_reason_and_nonsense_is_refused() {
    use equity::Undefined::{NoLine, NoPeople, NothingAnywhere};
    let nothing = equity(&holders(&[0.0, 0.0], &[5.0, 6.0]), Some(1.0)).unwrap();
    assert_eq!(
        (nothing.gini, nothing.palma, nothing.concentration),
        (
            Err(NothingAnywhere),
            Err(NothingAnywhere),
            Err(NothingAnywhere)
        )
    );
    assert_eq!(
        (nothing.theil, nothing.mean),
        (Err(NothingAnywhere), Ok(0.0))
    );
    assert_eq!(
        nothing
            .below
            .map(|below| [below.headcount, below.gap, below.severity]),
        Ok([1.0; 3])
    );
    for nobody in [vec![], holders(&[1.0], &[0.0])] {
        let nobody = equity(&nobody, Some(1.0)).unwrap();
        assert_eq!(
            (nobody.mean, nobody.gini, nobody.below.err()),
            (Err(NoPeople), Err(NoPeople), Some(NoPeople))
        );
    }
    for line in [None, Some(0.0), Some(-1.0), Some(f64::NAN)] {
        assert_eq!(
            equity(&holders(&[1.0], &[1.0]), line).unwrap().below,
            Err(NoLine)
        );
    }
    for (value, people, rank) in [
        (-1.0, 1.0, 0.0),
        (1.0, -1.0, 0.0),
        (f64::NAN, 1.0, 0.0),
        (1.0, f64::INFINITY, 0.0),
        (1.0, 1.0, f64::NAN),
    ] {
        let broken = [
            Holder {
                value: 1.0,
                people: 1.0,
                group: 0,
                rank: 0.0,
            },
            Holder {
                value,
                people,
                group: 0,
                rank,
            },
        ];
        assert_eq!(
            equity(&broken, None),
            Err(Refused::Broken { at: 1 }),
            "{value} {people} {rank}"
        );
    }
    assert_eq!(
        equity(&holders(&[1e308, 1e308], &[9.0, 9.0]), None),
        Err(Refused::Huge)
    );
}

fn random(seed: u64) -> Vec<Holder> {
    let count = 1 + splitmix(seed) % 40;
    let draw = |at: u64, most: u64| (splitmix(seed * 1000 + at) % most) as f64;
    (0..count)
        .map(|at| Holder {
            value: draw(at * 4, 50) / 8.0,
            people: draw(at * 4 + 1, 300),
            group: draw(at * 4 + 2, 4) as u32,
            rank: draw(at * 4 + 3, 9),
        })
        .chain([Holder {
            value: 1.0,
            people: 1.0,
            group: 0,
            rank: 0.0,
        }])
        .collect()
}

/// Gini by its definition, over all pairs.
fn slow_gini(all: &[Holder]) -> f64 {
    let people: f64 = all.iter().map(|each| each.people).sum();
    let mean = all.iter().map(|each| each.people * each.value).sum::<f64>() / people;
    let pairs = all.iter().flat_map(|a| {
        all.iter()
            .map(move |b| a.people * b.people * (a.value - b.value).abs())
    });
    pairs.sum::<f64>() / people / people / (2.0 * mean)
}

/// 2 cov(x, r) ÷ μ, with r the share of people of lower rank and half of those of the same.
fn slow_concentration(all: &[Holder]) -> f64 {
    let people: f64 = all.iter().map(|each| each.people).sum();
    let mean = all.iter().map(|each| each.people * each.value).sum::<f64>() / people;
    let rank = |of: &Holder| -> f64 {
        let lower = all
            .iter()
            .filter(|each| each.rank < of.rank)
            .map(|each| each.people)
            .sum::<f64>();
        let same = all
            .iter()
            .filter(|each| (each.rank - of.rank).abs() < 1e-9)
            .map(|each| each.people)
            .sum::<f64>();
        (lower + same / 2.0) / people
    };
    let covariance: f64 = all
        .iter()
        .map(|each| each.people / people * (each.value - mean) * (rank(each) - 0.5))
        .sum();
    2.0 * covariance / mean
}

#[test]
fn indices_are_those_of_their_definitions_over_all_pairs() {
    for seed in 0..200 {
        let all = random(seed);
        let found = equity(&all, Some(2.0)).unwrap();
        let close = |ours: f64, theirs: f64| (ours - theirs).abs() < 1e-9;
        assert!(close(found.gini.unwrap(), slow_gini(&all)), "seed {seed}");
        assert!(
            close(found.concentration.unwrap(), slow_concentration(&all)),
            "seed {seed}"
        );
        let people: f64 = all.iter().map(|each| each.people).sum();
        let mean = found.mean.unwrap();
        let parts = all.iter().filter(|each| each.value > 0.0);
        let theil: f64 = parts
            .map(|each| each.people / people * each.value / mean * (each.value / mean).ln())
            .sum();
        assert!(close(found.theil.unwrap().total(), theil), "seed {seed}");
    }
}

fn same(a: &Equity, b: &Equity) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let both = |a: &Result<f64, equity::Undefined>, b: &Result<f64, equity::Undefined>| match (a, b)
    {
        (Ok(a), Ok(b)) => close(*a, *b),
        (a, b) => a == b,
    };
    let (first, second) = (a.theil.unwrap(), b.theil.unwrap());
    both(&a.gini, &b.gini)
        && both(&a.palma, &b.palma)
        && both(&a.concentration, &b.concentration)
        && close(first.between, second.between)
        && close(first.within, second.within)
}

#[test]
fn indices_do_not_change_with_scale_replication_order_or_halves() {
    for seed in 0..200 {
        let all = random(seed);
        let found = equity(&all, Some(2.0)).unwrap();
        let changed =
            |change: &dyn Fn(&Holder) -> Holder| all.iter().map(change).collect::<Vec<Holder>>();
        let richer = equity(
            &changed(&|each| Holder {
                value: each.value * 7.0,
                ..*each
            }),
            Some(14.0),
        )
        .unwrap();
        let more = equity(
            &changed(&|each| Holder {
                people: each.people * 3.0,
                ..*each
            }),
            Some(2.0),
        )
        .unwrap();
        let half = changed(&|each| Holder {
            people: each.people / 2.0,
            ..*each
        });
        let halves = equity(&[half.clone(), half].concat(), Some(2.0)).unwrap();
        for other in [&richer, &more, &halves] {
            assert!(same(&found, other), "seed {seed}");
            let (ours, theirs) = (found.below.unwrap(), other.below.unwrap());
            let pairs = [
                (ours.headcount, theirs.headcount),
                (ours.gap, theirs.gap),
                (ours.severity, theirs.severity),
            ];
            assert!(
                pairs
                    .iter()
                    .all(|(ours, theirs)| (ours - theirs).abs() < 1e-9),
                "seed {seed}"
            );
        }
        let mut turned = all.clone();
        turned.reverse();
        assert_eq!(
            equity(&turned, Some(2.0)).unwrap(),
            found,
            "to the last digit, seed {seed}"
        );
    }
}

#[test]
fn giving_from_those_who_have_more_lowers_inequality_and_indices_stay_in_their_range() {
    for seed in 0..200 {
        let all = random(seed);
        let found = equity(&all, Some(2.0)).unwrap();
        let (gini, theil, below) = (
            found.gini.unwrap(),
            found.theil.unwrap(),
            found.below.unwrap(),
        );
        assert!(
            (0.0..1.0).contains(&gini) && theil.between > -1e-12 && theil.within > -1e-12,
            "seed {seed}"
        );
        assert!(
            found.concentration.unwrap().abs() <= gini + 1e-9,
            "no order is farther from equal than that of values"
        );
        assert!(
            below.headcount >= below.gap && below.gap >= below.severity && below.severity >= 0.0,
            "seed {seed}"
        );
        let more = equity(&all, Some(3.0)).unwrap().below.unwrap();
        assert!(
            more.headcount >= below.headcount && more.gap >= below.gap,
            "a higher line, seed {seed}"
        );
        let points = &found.lorenz.as_ref().unwrap().points;
        let falls = |pair: &[(f64, f64)]| pair[1].0 < pair[0].0 || pair[1].1 < pair[0].1;
        assert!(
            !points.windows(2).any(falls)
                && points
                    .iter()
                    .all(|(people, value)| *value <= people + 1e-12),
            "seed {seed}"
        );
        // Pigou and Dalton: from one person's worth to another, without changing places.
        let occupied = all.iter().enumerate().filter(|(_, each)| each.people > 0.0);
        let (low, high) = (
            occupied
                .clone()
                .min_by(|a, b| a.1.value.total_cmp(&b.1.value))
                .unwrap()
                .0,
            occupied
                .max_by(|a, b| a.1.value.total_cmp(&b.1.value))
                .unwrap()
                .0,
        );
        if all[high].value - all[low].value < 0.1 {
            continue;
        }
        let least = all[low].people.min(all[high].people) * 0.01;
        let mut given = all.clone();
        given[low].value += least / all[low].people;
        given[high].value -= least / all[high].people;
        let after = equity(&given, Some(2.0)).unwrap();
        assert!(
            after.gini.unwrap() < gini && after.theil.unwrap().total() < theil.total(),
            "seed {seed}"
        );
    }
}

#[test]
fn concentration_is_gini_by_rank_of_value_and_turns_its_sign_with_the_order() {
    for seed in 0..200 {
        let all: Vec<Holder> = random(seed)
            .iter()
            .map(|each| Holder {
                rank: each.value,
                ..*each
            })
            .collect();
        let found = equity(&all, None).unwrap();
        assert!(
            (found.concentration.unwrap() - found.gini.unwrap()).abs() < 1e-12,
            "seed {seed}"
        );
        let turned: Vec<Holder> = all
            .iter()
            .map(|each| Holder {
                rank: -each.value,
                ..*each
            })
            .collect();
        let turned = equity(&turned, None).unwrap();
        assert!(
            (turned.concentration.unwrap() + found.gini.unwrap()).abs() < 1e-9,
            "seed {seed}"
        );
        let alike: Vec<Holder> = all
            .iter()
            .map(|each| Holder { rank: 5.0, ..*each })
            .collect();
        assert_eq!(
            equity(&alike, None).unwrap().concentration,
            Ok(0.0),
            "one rank for all, seed {seed}"
        );
    }
}

// ---- Coupling coordination.

#[test]
fn coupling_is_as_computed_elsewhere_and_symmetric() {
    let oracle = fixture(include_str!("fixtures/matching_coupling_coordination.json"));
    for case in oracle["cases"].as_array().unwrap() {
        let of = |name: &str| case[name].as_f64();
        let (supply, demand) = (of("U1_supply").unwrap(), of("U2_demand").unwrap());
        let found = coupling(supply, demand);
        assert_eq!(found, coupling(demand, supply));
        let Some(expected) = of("C") else {
            assert_eq!(found, Err(matching::Undefined::Nothing));
            continue;
        };
        let found = found.unwrap();
        assert!(
            near(found.coupling, expected) && near(found.level, of("T").unwrap()),
            "{case}"
        );
        assert!(near(found.coordination, of("D").unwrap()), "{case}");
        assert!(
            near(found.corrected, of("C_wang2021_corrected").unwrap()),
            "{case}"
        );
        assert!(
            near(found.corrected_coordination, of("D_wang2021").unwrap()),
            "{case}"
        );
    }
    for (supply, demand) in [(-0.1, 0.5), (0.5, 1.1), (f64::NAN, 0.5)] {
        assert_eq!(coupling(supply, demand), Err(matching::Undefined::Unscaled));
    }
}

#[test]
fn coupling_is_one_only_where_both_are_equal() {
    for at in 0..=100 {
        for other in 0..=100 {
            let (supply, demand) = (f64::from(at) / 100.0, f64::from(other) / 100.0);
            let Ok(found) = coupling(supply, demand) else {
                continue;
            };
            let all = [
                found.coupling,
                found.level,
                found.coordination,
                found.corrected,
                found.corrected_coordination,
            ];
            assert!(
                all.iter().all(|each| (0.0..=1.0).contains(each)),
                "{supply} {demand}"
            );
            assert!(
                found.corrected <= found.coupling + 1e-12,
                "the correction only lowers: {supply} {demand}"
            );
            assert_eq!(
                at == other,
                found.corrected > 1.0 - 1e-12,
                "{supply} {demand}"
            );
            assert_eq!(
                at == 0 || other == 0,
                found.coupling < 1e-12,
                "{supply} {demand}"
            );
        }
    }
}

// ---- TOPSIS.

fn table(oracle: &Value) -> (Vec<Vec<f64>>, Vec<Better>) {
    let rows = oracle["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let better = |sign: &f64| {
        if *sign > 0.0 {
            Better::More
        } else {
            Better::Less
        }
    };
    (rows, numbers(&oracle["types"]).iter().map(better).collect())
}

#[test]
fn entropy_weights_and_closeness_are_those_of_pymcdm() {
    let oracle = fixture(include_str!("fixtures/topsis_pymcdm.json"));
    let (rows, better) = table(&oracle);
    let weights = entropy_weights(&rows).unwrap();
    for (ours, theirs) in weights.iter().zip(numbers(&oracle["weights"])) {
        assert!(near(*ours, theirs), "{ours} {theirs}");
    }
    assert!(
        weights[2].to_bits() == 0,
        "a column that is all the same weighs nothing"
    );
    assert!(near(weights.iter().sum(), 1.0));
    let columns: Vec<(f64, Better)> = weights.into_iter().zip(better).collect();
    for (ours, theirs) in topsis(&rows, &columns)
        .unwrap()
        .iter()
        .zip(numbers(&oracle["closeness"]))
    {
        assert!(near(*ours, theirs), "{ours} {theirs}");
    }
}

#[test]
fn two_rows_are_the_best_and_the_worst() {
    // Of two rows of one column, one is at the best and the other at the worst: 1 and 0, or the other way round.
    let rows = vec![vec![3.0], vec![4.0]];
    assert_eq!(topsis(&rows, &[(1.0, Better::More)]), Ok(vec![0.0, 1.0]));
    assert_eq!(topsis(&rows, &[(1.0, Better::Less)]), Ok(vec![1.0, 0.0]));
    // By hand: columns (3, 4) and (8, 6) over 5 and 10; distances of 0.2 to the best in one and to the worst in the other.
    let both = topsis(&[vec![3.0, 8.0], vec![4.0, 6.0]], &[(1.0, Better::More); 2]).unwrap();
    assert!(near(both[0], 0.5) && near(both[1], 0.5));
}

#[test]
fn adding_a_third_row_turns_the_order_of_two_round() {
    let columns = [(0.5, Better::More); 2];
    let (first, second, third) = (vec![2.0, 3.0], vec![1.0, 5.0], vec![6.0, 2.0]);
    let two = topsis(&[first.clone(), second.clone()], &columns).unwrap();
    let three = topsis(&[first, second, third], &columns).unwrap();
    // 0.566 before 0.434; then 0.242 after 0.384, because the best of the first column is the third's.
    assert!(
        two[0] > two[1] + 0.1 && three[0] < three[1] - 0.1,
        "{two:?} {three:?}"
    );
}

#[test]
fn tables_that_say_nothing_or_nonsense_are_refused() {
    let one = [(1.0, Better::More)];
    assert_eq!(entropy_weights(&[]), Err(TopsisError::Alike));
    assert_eq!(entropy_weights(&[vec![1.0, 2.0]]), Err(TopsisError::Alike));
    assert_eq!(
        entropy_weights(&[vec![0.0], vec![0.0]]),
        Err(TopsisError::Alike)
    );
    assert_eq!(
        entropy_weights(&[vec![1.0], vec![1.0, 2.0]]),
        Err(TopsisError::Ragged { row: 1 })
    );
    assert_eq!(
        entropy_weights(&[vec![1.0], vec![-1.0]]),
        Err(TopsisError::Broken { row: 1 })
    );
    assert_eq!(
        entropy_weights(&[vec![f64::NAN], vec![1.0]]),
        Err(TopsisError::Broken { row: 0 })
    );
    assert_eq!(topsis(&[], &one), Err(TopsisError::Alike));
    assert_eq!(
        topsis(&[vec![2.0], vec![2.0]], &one),
        Err(TopsisError::Alike)
    );
    assert_eq!(
        topsis(&[vec![2.0, 1.0]], &one),
        Err(TopsisError::Ragged { row: 0 })
    );
    assert_eq!(
        topsis(&[vec![f64::INFINITY], vec![1.0]], &one),
        Err(TopsisError::Broken { row: 0 })
    );
    assert_eq!(
        topsis(&[vec![1.0], vec![2.0]], &[(-1.0, Better::More)]),
        Err(TopsisError::Broken { row: 2 })
    );
}
