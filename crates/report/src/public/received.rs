//! What units receive, for everybody: nothing of it says how many the few are who are left out.
//!
//! All that facilities have goes to those who reach them. So what a unit of few people receives could be worked out from the capacity
//! of its facilities and the parts of all others, and the people from what each of them receives. Therefore
//!
//! - parts of few people are left out, and what a facility gives to them is given to its others, each by its own part: with capacity
//!   C and weights w, unit i receives C·wᵢ ÷ (w₁ + … + wₙ + few), and is published with C·wᵢ ÷ (w₁ + … + wₙ), whatever the few are;
//! - and it is rounded to what `small` people of the unit receive from the facility that gives them most, as 1, 2 or 5 times a power
//!   of ten, so that parts of one facility are not to each other as exact numbers of people are.
//!
//! By hand: 100 places for 140 people of unit A, 90 of B and 5 of C. They receive 59.6, 38.3 and 2.1; without C, A receives
//! 59.6 × 100 ÷ 97.9 = 60.9 and B 39.1, which is what 140 and 90 people alone share. Ten people receive 4.3 of them, so steps are
//! of 5: A is published with 60, B with 40.

use std::collections::BTreeMap;

use fuwutu_core::cube::Cube;
use fuwutu_core::position::{SelectedAt, UnitAt, YearAt};

use super::rules::Rules;
use crate::book::{Book, Served};

/// What a unit receives of a service in a year, before it is rounded.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    /// What is given to it in place of the few, less what it receives as one of them.
    beside: f64,
    /// The most that a person receives from one facility.
    each: f64,
}

/// What every unit receives of each service in each year, as it is published: `None` where it has no figure, or less than half a
/// step. O(rows of who is served by whom × years).
pub(super) fn received(book: &Book, rules: &Rules) -> Cube<Option<f64>> {
    let years = book.manifest.years.len();
    let mut own: Cube<Own> = Cube::from_fn(book.units.len(), book.services.len(), years, |_| {
        Own::default()
    });
    let mut facilities: BTreeMap<(usize, usize), Vec<&Served>> = BTreeMap::new();
    for served in &book.served {
        let rows = facilities
            .entry((served.service, served.offer))
            .or_default();
        rows.push(served);
    }
    for rows in facilities.values() {
        for year in 0..years {
            share(book, rules, rows, year, &mut own);
        }
    }
    Cube::from_fn(book.units.len(), book.services.len(), years, |place| {
        let exact = book.standings[place].supply_received?;
        let Own { beside, each } = own[place];
        let steps = rounded(exact + beside, step(rules.small as f64 * each));
        // Something is not none.
        Some(steps).filter(|&steps| steps > 0.0 || exact == 0.0)
    })
}

/// Shares what one facility gives to few people in a year among its others.
fn share(book: &Book, rules: &Rules, rows: &[&Served], year: usize, own: &mut Cube<Own>) {
    let parts = rows.iter().filter_map(|served| {
        let part = *served.row.received.get(year)?;
        Some((*served, part?))
    });
    let (few, others): (Vec<_>, Vec<_>) =
        parts.partition(|(served, _)| is_few(book, rules, served, year));
    let sum = |parts: &[(&Served, f64)]| parts.iter().map(|(_, part)| part).sum::<f64>();
    let (of_few, of_others) = (sum(&few), sum(&others));
    for (served, part) in few {
        own[place(served, year)].beside -= part;
    }
    for (served, part) in others {
        let more = if of_others > 0.0 {
            part * of_few / of_others
        } else {
            0.0
        };
        let people = served.row.people_in_reach.unwrap_or(0).max(1);
        let own = &mut own[place(served, year)];
        own.beside += more;
        own.each = own.each.max((part + more) / people as f64);
    }
}

/// Whether few people of a unit have a facility in reach, or few are there at all.
fn is_few(book: &Book, rules: &Rules, served: &Served, year: usize) -> bool {
    let few = |people: Option<u64>| people.is_some_and(|people| rules.few(people as f64));
    few(served.row.people_in_reach) || few(book.standings[place(served, year)].target_residents)
}

fn place(served: &Served, year: usize) -> (UnitAt, SelectedAt, YearAt) {
    (
        UnitAt::new(served.unit),
        SelectedAt::new(served.service),
        YearAt::new(year),
    )
}

/// The least of 1, 2 and 5 times a power of ten that is not less than `least` (but for what sums are off by), and at least 1.
fn step(least: f64) -> f64 {
    let mut power = 1.0;
    loop {
        for digit in [1.0, 2.0, 5.0] {
            if digit * power * (1.0 + 1e-9) >= least || power >= 1e12 {
                return digit * power;
            }
        }
        power *= 10.0;
    }
}

/// The nearest multiple of a step, half up, not below 0.
fn rounded(amount: f64, step: f64) -> f64 {
    (amount / step + 0.5).floor().max(0.0) * step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn steps_are_round_numbers() {
        let cases = [
            (0.0, 1.0),
            (1.0, 1.0),
            (1.01, 2.0),
            (5.0, 5.0),
            (9.5, 10.0),
            (11.0, 20.0),
            (4e3, 5e3),
        ];
        for (least, expected) in cases {
            assert!((step(least) - expected).abs() < 1e-9, "{least}");
        }
        for (amount, expected) in [(60.9, 60.0), (2.5, 5.0), (2.4, 0.0), (-0.1, 0.0)] {
            assert!((rounded(amount, 5.0) - expected).abs() < 1e-9, "{amount}");
        }
    }

    /// The example of the module: whether there are 5 of unit C, or 9, or none, A and B are published alike.
    #[test]
    fn parts_do_not_depend_on_the_few() {
        let published = |of_c: u64| {
            let mut book = testing::book();
            let template = book.served[0].clone();
            let all = (140 + 90 + of_c) as f64;
            let years = book.manifest.years.len();
            book.served = [140, 90, of_c]
                .into_iter()
                .enumerate()
                .map(|(unit, people)| {
                    let mut served = template.clone();
                    (served.unit, served.service, served.offer) = (unit, 0, 0);
                    served.row.people_in_reach = Some(people);
                    served.row.received = vec![Some(100.0 * people as f64 / all); years];
                    served
                })
                .collect();
            for served in book.served.clone() {
                let row = &mut book.standings[place(&served, 0)];
                row.supply_received = served.row.received[0];
                row.target_residents = served.row.people_in_reach;
            }
            let received = received(&book, &Rules::of(&book));
            [0, 1, 2].map(|unit| received[(UnitAt::new(unit), SelectedAt::new(0), YearAt::new(0))])
        };
        for few in [1, 5, 9] {
            assert_eq!(published(few)[..2], [Some(60.0), Some(40.0)], "{few}");
            assert_eq!(published(few)[2], None, "what C receives is not told");
        }
    }
}
