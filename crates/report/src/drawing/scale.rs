//! Classes with fixed limits: a colour means the same in every city, service and year, as in the page.

use fuwutu_core::supply::presence::Attained;
use fuwutu_io::words;

use super::Subject;
use crate::book::Book;
use crate::words::NO_DATA;

/// A class of units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    /// How its land is filled.
    pub(super) colour: &'static str,
    /// What distinguishes it without colour.
    pub(super) pattern: Option<&'static str>,
    /// Chinese and English.
    pub(super) label: [String; 2],
}

// Darker is always what needs attention. Each ramp falls evenly in lightness, so that it survives grey print and colour-blindness.
const TEAL: [&str; 6] = [
    "#12355b", "#24618a", "#4a8fae", "#86b8c3", "#c0dcd2", "#f2f3df",
];
const PLUM: [&str; 6] = [
    "#f7f0f5", "#e3d3e4", "#c6abd0", "#a37fb7", "#7b5298", "#4d2a6d",
];
const COVERAGE: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 0.95];
const VERDICTS: [(Attained, &str, Option<&str>); 5] = [
    (Attained::Yes, "#dcebe4", None),
    (Attained::Unknown, "#e9e2c8", Some("dots")),
    (Attained::TooSmall, "#e0b674", Some("lines")),
    (Attained::TooFew, "#c07a3e", None),
    (Attained::Absent, "#6d3415", None),
];

/// The classes of a subject in the order of the legend, the last for units whose value is not known.
pub(super) fn classes(book: &Book, subject: Subject) -> Vec<Class> {
    let mut classes = match subject {
        Subject::Coverage { .. } => {
            let mut classes = ranges(TEAL, COVERAGE, |edge| format!("{:.0}", edge * 100.0), " %");
            classes[5].label[0] = "95 – 100 %".to_owned();
            classes
        }
        Subject::Need => ranges(PLUM, book.need_limits(), |edge| format!("{edge:.0}"), ""),
        Subject::Attained { .. } => VERDICTS.iter().map(verdict).collect(),
    };
    let label = match subject {
        Subject::Coverage { service } | Subject::Attained { service }
            if !book.supplied(service) =>
        {
            NO_DATA
        }
        Subject::Coverage { .. } => ["无人或不明", "nobody or unknown"],
        Subject::Need => ["未列入优先次序", "not ranked"],
        Subject::Attained { .. } => ["没有适用规则", "no rule applies"],
    };
    classes.push(Class {
        colour: "#e9ebed",
        pattern: Some("hatch"),
        label: label.map(str::to_owned),
    });
    classes
}

/// The class of each unit: positions in [`classes`].
pub(super) fn class_of_units(book: &Book, subject: Subject) -> Vec<usize> {
    match subject {
        Subject::Coverage { service } => (0..book.units.len())
            .map(|unit| class_of_value(book.standing(unit, service, 0).coverage, COVERAGE))
            .collect(),
        Subject::Need => {
            let mut needs = vec![None; book.units.len()];
            book.places
                .iter()
                .for_each(|place| needs[place.unit] = Some(place.priority));
            needs
                .into_iter()
                .map(|need| class_of_value(need, book.need_limits()))
                .collect()
        }
        Subject::Attained { service } => (0..book.units.len())
            .map(|unit| {
                let attained = book.standing(unit, service, 0).attained;
                VERDICTS
                    .iter()
                    .position(|verdict| Some(verdict.0) == attained)
                    .unwrap_or(VERDICTS.len())
            })
            .collect(),
    }
}

fn class_of_value(value: Option<f64>, edges: [f64; 5]) -> usize {
    value.map_or(edges.len() + 1, |value| class_of(value, edges))
}

/// A value at a limit belongs to the class below it.
fn class_of(value: f64, edges: [f64; 5]) -> usize {
    // A part in a thousand million is rounding, not a class.
    edges
        .iter()
        .position(|edge| value <= edge + 1e-9)
        .unwrap_or(edges.len())
}

fn verdict((attained, colour, pattern): &(Attained, &'static str, Option<&'static str>)) -> Class {
    Class {
        colour,
        pattern: *pattern,
        label: words::attained(*attained).map(str::to_owned),
    }
}

/// Classes named by their limits.
fn ranges(
    colours: [&'static str; 6],
    edges: [f64; 5],
    write: impl Fn(f64) -> String,
    unit: &str,
) -> Vec<Class> {
    colours
        .iter()
        .enumerate()
        .map(|(class, &colour)| {
            let label = match class {
                0 => format!("≤ {}{unit}", write(edges[0])),
                5 => format!("> {}{unit}", write(edges[4])),
                _ => format!(
                    "{} – {}{unit}",
                    write(edges[class - 1]),
                    write(edges[class])
                ),
            };
            Class {
                colour,
                pattern: None,
                label: [label, String::new()],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::book;

    #[test]
    fn a_value_at_a_limit_belongs_to_the_class_below() {
        assert_eq!(
            [0.0, 0.2, 0.2001, 0.95, 1.0].map(|value| class_of(value, COVERAGE)),
            [0, 0, 1, 4, 5]
        );
    }

    #[test]
    fn what_is_not_known_has_a_class_of_its_own() {
        let mut book = book();
        book.standings[crate::book::place(0, 0, 0)].coverage = None;
        let [coverage, need, attained] = [
            Subject::Coverage { service: 0 },
            Subject::Need,
            Subject::Attained { service: 1 },
        ]
        .map(|subject| {
            let last = classes(&book, subject).len() - 1;
            class_of_units(&book, subject)
                .into_iter()
                .map(|class| last - class)
                .collect::<Vec<_>>()
        });
        // Coverage of the others is 700 ÷ 1600 and 0; priorities are 33, 11 and 55; no rule is about markets.
        assert_eq!(
            (coverage, need, attained),
            (vec![0, 4, 6], vec![3, 5, 2], vec![0, 0, 0])
        );
    }

    #[test]
    fn land_of_a_service_without_data_is_hatched_for_that_reason() {
        let mut book = book();
        crate::testing::without_data(&mut book, "market");
        let last = |service| classes(&book, Subject::Coverage { service }).pop().unwrap();
        assert_eq!(last(1).label, ["未提供数据", "no data"]);
        assert_eq!(
            (last(1).pattern, last(0).label[1].as_str()),
            (Some("hatch"), "nobody or unknown")
        );
    }

    #[test]
    fn classes_are_named_by_their_limits() {
        let labels = |subject| {
            classes(&book(), subject)
                .into_iter()
                .map(|class| class.label[0].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            labels(Subject::Coverage { service: 0 })[..3],
            ["≤ 20 %", "20 – 40 %", "40 – 60 %"]
        );
        assert_eq!(labels(Subject::Need)[5], "> 60");
        assert_eq!(labels(Subject::Attained { service: 0 })[4], "缺项");
    }
}
