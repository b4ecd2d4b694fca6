//! An attack on the public edition by somebody who has all of its files and knows by which rules it is made.
//!
//! **No exact count.** Every number of the page's payload, of `round.gpkg`, of `round.xlsx`, and of the texts of sheets, pictures
//! and metadata is looked at. What each field is stands in one list (`exact.rs`); a field that is not in it fails. Counts of people
//! must be multiples of `small`. Figures made of counts must not be those that the round's own tables have in the same cell,
//! but for a fifth by chance. A number of a text of four digits or more that is an exact figure of the round's own tables must
//! stand in a public table, too.
//!
//! **No way to work out small counts.** Unknowns are residents by unit and year; target group, covered, unsnapped, roadless, too far,
//! covered in straight lines, covered by public facilities, substitutes, and seats with what is short of them, by unit, service
//! and year; the city's counts by service and year; and people served by each facility. Each lies within the interval that its published
//! cell says. Sums and ratios between them are concluded from all that is published (`knowledge.rs`), and bounds are propagated
//! to a fixed point (`system.rs`). The attack succeeds where
//!
//! - a true count of 1 to `small` − 1 is left with fewer values than its own cell leaves it, none of them 0, and fewer than
//!   `small` − 1 (which is all that "left out as few" says), or
//! - a rounded count of people above 0 is left with fewer values than half of `small`.
//!
//! Each success is held against the round's own tables: a conclusion that the truth lies outside of is counted apart, and a
//! sum that the truth contradicts is a fault of this test. Where in all cities all figures of a family are made of other
//! *published* figures, the family says nothing and is left out.
//!
//! **Restricted kinds.** No file names them, but for the plan's list of what is restricted; and where a sum that they belong to is
//! published (need), it is not more than its published parts.
//!
//! Not tried: minutes and mean minutes of trips, the order of rankings and lists, verdicts of presence at the edges of their
//! circles, the shares of squares, hashes and sizes of inputs, linear programs over all sums at once, and knowledge from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "public_attack/attack.rs"]
mod attack;
#[path = "public_attack/cities.rs"]
mod cities;
#[path = "public_attack/exact.rs"]
mod exact;
#[path = "public_attack/files.rs"]
mod files;
#[path = "public_attack/knowledge.rs"]
mod knowledge;
#[path = "public_attack/system.rs"]
mod system;

use attack::{Attack, Outcome, Recovered, attack, says, traces};
use cities::{City, cities};
use serde_json::Value;

#[test]
fn no_public_file_holds_an_exact_count() {
    let fields = exact::walk(cities());
    let numbers: usize = fields.values().map(|found| found.numbers).sum();
    eprintln!("{numbers} numbers in {} fields", fields.len());
    assert!(numbers > 100_000, "nothing was read");
    let leaks = exact::leaks(&fields);
    assert!(leaks.is_empty(), "exact counts:\n{}", leaks.join("\n"));
}

/// Ways of concluding that give sums in these cities, whatever the edition leaves out. One that gives none reads nothing: a field
/// that it looks at is called otherwise now.
const FAMILIES: [&str; 19] = [
    "a part of another",
    "ages apart",
    "capacity received of the only facility",
    "causes of a shortage",
    "cap of a unit",
    "city by service",
    "city: not covered",
    "city: parts of a group",
    "city: seats",
    "city: shortfall",
    "demand of a county",
    "growth",
    "mean access",
    "missing share of a cause",
    "people out of reach of all services",
    "residents of a county",
    "residents of the city",
    "squares",
    "units of a township",
];

#[test]
fn what_is_left_out_cannot_be_worked_out() {
    let attack = attack(cities());
    for family in FAMILIES {
        assert!(
            attack.alone.contains_key(family),
            "nothing is concluded from {family}"
        );
    }
    for name in knowledge::COUNTS.iter().chain(&knowledge::SEATS) {
        let column = format!("standing.{name}");
        let mut pages = cities().iter().map(|city| &city.internal.page);
        assert!(
            pages.any(|page| page.columns.contains_key(&column)),
            "no page has {column}"
        );
    }
    let table = table(&attack);
    eprintln!("{table}");
    let Outcome { few, rounded, .. } = attack.together;
    assert!(few > 500 && rounded > 5_000, "there is nothing to attack");
    assert_eq!(
        (attack.together.wrong, attack.together.false_conclusions),
        (0, 0),
        "the attacker has misunderstood a rule, see `knowledge.rs`:\n{table}"
    );
    assert_eq!(
        attack.together.recovered(),
        0,
        "counts of few people, or rounded ones, can be worked out:\n{table}"
    );
}

#[test]
fn restricted_kinds_leave_no_trace() {
    let restricted = cities().iter().filter(|city| !city.restricted.is_empty());
    assert!(restricted.clone().count() >= 10);
    let traces: Vec<String> = restricted.flat_map(traces).collect();
    assert!(
        traces.is_empty(),
        "restricted kinds:\n{}",
        traces.join("\n")
    );
}

/// The attack is one: exact totals of the city and its townships among rounded figures are found, and give away what was left
/// out of them. An edition with planted figures keeps to no rule, so conclusions may be false here.
#[test]
fn exact_totals_are_found_and_give_small_counts_away() {
    let honest = attack(&cities()[..8]).together;
    let mut cities = cities()[..8].to_vec();
    cities.iter_mut().for_each(plant);
    let leaks = exact::leaks(&exact::walk(&cities)).join("\n");
    for field in ["page totals[].target:", "page townships[].residents:"] {
        assert!(leaks.contains(field), "{field} is not found:\n{leaks}");
    }
    let attack = attack(&cities);
    let planted = &attack.together;
    let table = table(&attack);
    assert!(
        planted.few_recovered.len() > honest.few_recovered.len(),
        "{table}"
    );
    assert!(
        planted.rounded_recovered.len() > honest.rounded_recovered.len(),
        "{table}"
    );
}

/// What large groups receive, told as it is beside the only facility's capacity, gives away the few who receive the rest.
#[test]
fn exact_parts_of_a_capacity_give_small_counts_away() {
    const FAMILY: &str = "capacity received of the only facility";
    let mut cities = cities().to_vec();
    let recovered = |cities: &[City]| {
        let attack = attack(cities);
        let of_parts = &attack.alone[FAMILY];
        assert!(
            of_parts.sums > 50 && of_parts.wrong == 0,
            "{}",
            table(&attack)
        );
        (
            of_parts.few_recovered.len(),
            of_parts.rounded_recovered.len(),
        )
    };
    assert_eq!(recovered(&cities), (0, 0));
    cities.iter_mut().for_each(plant_received);
    let (few, rounded) = recovered(&cities);
    eprintln!("planted: {few} few and {rounded} rounded are recovered");
    assert!(few > 0 && rounded > 5, "{few} few, {rounded} rounded");
}

/// Puts what the office knows that large groups receive into the public page.
fn plant_received(city: &mut City) {
    let name = "standing.supply_received";
    let services = |page: &Value| -> Vec<Value> {
        let services = page["services"].as_array().into_iter().flatten();
        services.map(|service| service["id"].clone()).collect()
    };
    let (shown, all) = (
        services(&city.public.page.header),
        services(&city.internal.page.header),
    );
    let years = city.internal.page.list("years").len();
    let units = city.internal.page.list("units").len();
    let exact = &city.internal.page.columns[name];
    let published = &city.public.page.columns["standing.target_residents"];
    let mut column = Vec::new();
    for unit in 0..units {
        for service in &shown {
            let at = all.iter().position(|id| id == service).unwrap();
            let start = (unit * all.len() + at) * years;
            for exact in &exact[start..start + years] {
                let few = published[column.len()].is_nan();
                column.push(if few { f64::NAN } else { *exact });
            }
        }
    }
    city.public.page.columns.insert(name.to_owned(), column);
}

/// Puts the office's own totals into the public page.
fn plant(city: &mut City) {
    let names =
        |row: &Value| [&row["township"], &row["service"], &row["year"]].map(Value::to_string);
    for (list, figures) in [
        ("townships", &["residents"][..]),
        (
            "totals",
            &["target", "covered", "unsnapped", "roadless", "too_far"],
        ),
    ] {
        let exact = city.internal.page.list(list).to_vec();
        let rows = city.public.page.header[list].as_array_mut();
        for row in rows.into_iter().flatten() {
            let twin = exact.iter().find(|twin| names(twin) == names(row)).unwrap();
            figures
                .iter()
                .for_each(|figure| row[*figure] = twin[*figure].clone());
        }
    }
}

/// What was tried and what came of it.
fn table(attack: &Attack) -> String {
    let mut lines = vec![format!(
        "{:42} {:>7} {:>6} {:>17} {:>17} {:>6}",
        "what was concluded from", "sums", "wrong", "few: recovered", "rounded: recovered", "false"
    )];
    let line = |name: &str, outcome: &Outcome| {
        format!(
            "{name:42} {:>7} {:>6} {:>8} of {:>5} {:>8} of {:>5} {:>6}",
            outcome.sums,
            outcome.wrong,
            outcome.few_recovered.len(),
            outcome.few,
            outcome.rounded_recovered.len(),
            outcome.rounded,
            outcome.false_conclusions,
        )
    };
    for (family, outcome) in &attack.alone {
        if says(family, &attack.derived) {
            lines.push(line(family, outcome));
        } else {
            lines.push(format!(
                "{family:42} made of published figures, says nothing"
            ));
        }
    }
    lines.push(line("all together", &attack.together));
    let outcome = &attack.together;
    for (title, recovered) in [
        ("few", &outcome.few_recovered),
        ("rounded", &outcome.rounded_recovered),
    ] {
        lines.extend(recovered.iter().take(8).map(|each| example(title, each)));
    }
    lines.join("\n")
}

fn example(title: &str, recovered: &Recovered) -> String {
    let Recovered {
        city,
        figure,
        interval,
    } = recovered;
    format!(
        "{title}: {city}: {} is {:.1} to {:.1}, in truth {}",
        figure.name, interval.least, interval.most, figure.truth
    )
}
