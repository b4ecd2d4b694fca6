//! The attack itself: what follows from all that is published, and which figures it gives away.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cities::City;
use crate::files::{Cell, plain};
use crate::knowledge::{Figure, Knowledge, Rules, Said, knowledge};
use crate::system::Interval;

/// A figure that the attack gave away.
#[derive(Debug, Clone)]
pub(crate) struct Recovered {
    pub city: String,
    pub figure: Figure,
    pub interval: Interval,
}

/// What came of one way of concluding, or of all together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Sums that it gave.
    pub sums: usize,
    /// Sums that the truth contradicts: the attacker has misunderstood something.
    pub wrong: usize,
    /// Counts of 1 to `small` − 1 that are there, and of how many fewer values are possible than their marker says.
    pub few: usize,
    pub few_recovered: Vec<Recovered>,
    /// Rounded counts of people, and those within less than half a step.
    pub rounded: usize,
    pub rounded_recovered: Vec<Recovered>,
    /// Conclusions that the truth lies outside of.
    pub false_conclusions: usize,
}

impl Outcome {
    pub(crate) fn recovered(&self) -> usize {
        self.few_recovered.len() + self.rounded_recovered.len()
    }

    fn join(&mut self, other: Self) {
        self.sums += other.sums;
        self.wrong += other.wrong;
        self.few += other.few;
        self.few_recovered.extend(other.few_recovered);
        self.rounded += other.rounded;
        self.rounded_recovered.extend(other.rounded_recovered);
        self.false_conclusions += other.false_conclusions;
    }
}

/// What all ways of concluding give together, and each alone.
pub(crate) struct Attack {
    pub together: Outcome,
    pub alone: BTreeMap<&'static str, Outcome>,
    /// Families that say nothing: their figures are made of other published ones.
    pub derived: BTreeSet<&'static str>,
}

/// Attacks all cities.
pub(crate) fn attack(cities: &[City]) -> Attack {
    let rules = Rules::seen(cities);
    let mut all: Vec<(&City, Knowledge)> = cities
        .iter()
        .map(|city| (city, knowledge(city, rules)))
        .collect();
    let derived = derived(&all);
    for (_, knowledge) in &mut all {
        for (figure, said) in knowledge.figures.iter_mut().zip(&mut knowledge.system.said) {
            if figure
                .made_by
                .is_some_and(|family| derived.contains(family))
            {
                (figure.said, *said) = (Said::Nothing, Interval::NOT_NEGATIVE);
            }
        }
    }
    let families: BTreeSet<&'static str> = all
        .iter()
        .flat_map(|(_, knowledge)| knowledge.system.sums.iter().map(|sum| sum.family))
        .collect();
    let mut attack = Attack {
        together: Outcome::default(),
        alone: families
            .iter()
            .map(|&family| (family, Outcome::default()))
            .collect(),
        derived,
    };
    for (city, knowledge) in &all {
        let derived = &attack.derived;
        let together = outcome(city, knowledge, |family| says(family, derived));
        attack.together.join(together);
        for (family, alone) in &mut attack.alone {
            if says(family, &attack.derived) {
                alone.join(outcome(city, knowledge, |each| each == *family));
            }
        }
    }
    attack
}

/// Whether a family says anything. The parts of a group are never more than it, whatever of them is made of others.
pub(crate) fn says(family: &str, derived: &BTreeSet<&'static str>) -> bool {
    family == "parts of a group" || !derived.contains(family)
}

/// Families all of whose figures, in all cities, come out as made of other published ones.
fn derived(all: &[(&City, Knowledge)]) -> BTreeSet<&'static str> {
    let mut counts: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for (family, (figures, equal)) in all.iter().flat_map(|(_, each)| &each.derived) {
        let count = counts.entry(family).or_default();
        *count = (count.0 + figures, count.1 + equal);
    }
    counts
        .into_iter()
        .filter(|(_, (figures, equal))| figures == equal)
        .map(|(family, _)| family)
        .collect()
}

fn outcome(city: &City, knowledge: &Knowledge, uses: impl Fn(&str) -> bool) -> Outcome {
    let used = knowledge.system.sums.iter().filter(|sum| uses(sum.family));
    let mut outcome = Outcome {
        sums: used.clone().count(),
        ..Outcome::default()
    };
    outcome.wrong = used
        .filter(|sum| {
            // The tables have tenths of seats.
            let unsure = |unknown: usize| {
                if knowledge.figures[unknown].seats {
                    0.11
                } else {
                    0.0
                }
            };
            let (value, apart) =
                sum.terms
                    .iter()
                    .fold((0.0, 1e-4), |(value, apart), &(factor, unknown)| {
                        let truth = knowledge.figures[unknown].truth;
                        (
                            value + factor * truth,
                            apart + factor.abs() * unsure(unknown),
                        )
                    });
            value < sum.within.least - apart || value > sum.within.most + apart
        })
        .count();
    let bounds = knowledge.system.solve(&uses);
    for (position, figure) in knowledge.figures.iter().enumerate() {
        let (said, interval) = (knowledge.system.said[position], bounds[position]);
        let unsure = if figure.seats { 0.11 } else { 0.01 };
        if figure.truth < interval.least - unsure || figure.truth > interval.most + unsure {
            outcome.false_conclusions += 1;
            continue;
        }
        let recovered = || Recovered {
            city: city.name.clone(),
            figure: figure.clone(),
            interval,
        };
        let small = city.small as f64;
        let few = figure.truth > 0.0 && figure.truth < small;
        if few && figure.said != Said::Zero {
            outcome.few += 1;
            let excludes_nobody = interval.least > if figure.seats { 0.04 } else { 1e-4 };
            let values = if figure.seats {
                interval.width()
            } else {
                interval.candidates()
            };
            let marker = if figure.seats {
                said.width() - 0.5
            } else {
                said.candidates()
            };
            if excludes_nobody && values < (small - 1.0).min(marker) {
                outcome.few_recovered.push(recovered());
            }
        } else if figure.said == Said::Rounded && !figure.seats {
            outcome.rounded += 1;
            if interval.candidates() < (small / 2.0).floor() {
                outcome.rounded_recovered.push(recovered());
            }
        }
    }
    outcome
}

/// What the public files say of restricted kinds: where they are named, and where a sum that they belong to is more than what is
/// published makes.
pub(crate) fn traces(city: &City) -> Vec<String> {
    let mut traces = named(city);
    let page = &city.public.page;
    let number = |value: &Value| value.as_f64().unwrap_or(0.0);
    for place in page
        .list("places")
        .iter()
        .filter(|_| !city.restricted.is_empty())
    {
        let causes = place["causes"].as_array().map_or(&[][..], Vec::as_slice);
        let parts: f64 = causes.iter().map(|cause| number(&cause[3])).sum();
        let need = number(&place["need"]);
        // Need is rounded to the tenth, each part to the hundredth.
        let apart = 0.051 + 0.005 * causes.len() as f64;
        if need - parts > apart {
            traces.push(format!(
                "{}: unit {} has a need of {need:.2} without growth, of which {parts:.2} is published",
                city.name, place["unit"]
            ));
        }
    }
    traces
}

/// Files in which a restricted kind is named, but for the plan's own list of what is restricted.
fn named(city: &City) -> Vec<String> {
    let public = &city.public;
    let mut header = public.page.header.clone();
    header["plan"]["public"] = Value::Null;
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(_) => String::new(),
    };
    let mut files = vec![("report.html".to_owned(), header.to_string())];
    for (table, rows) in &public.package {
        let words = rows.iter().flat_map(|row| row.values().map(text));
        files.push((format!("round.gpkg {table}"), words.collect()));
    }
    for (sheet, cells) in &public.workbook {
        // The list itself stands among the plan's parameters.
        let words = cells
            .values()
            .map(text)
            .filter(|text| !city.restricted.contains(text));
        files.push((format!("round.xlsx {sheet}"), words.collect()));
    }
    for (name, markup) in &public.texts {
        files.push((name.clone(), plain(markup)));
    }
    let mut names = city.restricted.clone();
    let services = city.internal.page.list("services").iter();
    for service in services.filter(|service| {
        city.restricted
            .iter()
            .any(|id| service["id"] == id.as_str())
    }) {
        let words = service["name"].as_array().into_iter().flatten();
        names.extend(words.filter_map(Value::as_str).map(str::to_owned));
    }
    files
        .iter()
        .flat_map(|(file, text)| names.iter().map(move |name| (file, text, name)))
        .filter(|(_, text, name)| text.contains(name.as_str()))
        .map(|(file, _, name)| format!("{}: {file} names `{name}`", city.name))
        .collect()
}
