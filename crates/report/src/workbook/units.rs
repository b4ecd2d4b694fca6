//! The sheet of units.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{About, Area, Column, Look, Rule, column, table};
use super::words::{NONE, note, since, yes};
use crate::book::{Book, Place, Unit};

/// One line a unit.
pub(super) fn sheet(book: &Book) -> Result<(Worksheet, Area), XlsxError> {
    let about = About {
        name: "单元 units",
        title: ["单元", "Units"],
        note: [
            "单元为分析单元，不作法定界线；人口为常住人口（人）。",
            "Units are analysis units, no legal boundaries. Residents are usual residents (persons).",
        ],
        fixed: 4,
        pages: 1,
    };
    let places: BTreeMap<usize, &Place> = book
        .places
        .iter()
        .map(|place| (place.unit, place))
        .collect();
    let lines = book.units.iter().zip(0..).map(|(unit, at)| Line {
        unit,
        place: places.get(&at).copied(),
    });
    table(book, &about, &columns(book), lines)
}

#[derive(Clone, Copy)]
struct Line<'a> {
    unit: &'a Unit,
    place: Option<&'a Place>,
}

fn columns<'a>(book: &'a Book) -> Vec<Column<'a, Line<'a>>> {
    let township = |line: Line<'a>| &book.townships[line.unit.township];
    let mut all = vec![
        column(
            ["单元编号", "unit"],
            15,
            Look::Text,
            |line: Line<'a>| line.unit.id.as_str(),
        ),
        column(
            ["镇街代码", "township code"],
            13,
            Look::Text,
            move |line| township(line).code.as_str(),
        ),
        column(
            ["镇（街道）", "township"],
            16,
            Look::Text,
            move |line| township(line).name.as_str(),
        ),
        column(
            ["单元名称", "name"],
            20,
            Look::Text,
            |line: Line<'a>| line.unit.name.as_str(),
        ),
    ];
    let years = book.manifest.years.iter().enumerate();
    all.extend(years.map(|(at, year)| {
        let head = [format!("{year} 人口（人）"), residents(*year)];
        column(
            [&head[0], &head[1]],
            13,
            Look::Whole,
            move |line: Line<'a>| line.unit.residents[at],
        )
    }));
    if book.manifest.years.len() > 1 {
        all.push(column(
            ["推算期增长", "growth"],
            12,
            Look::Rate,
            |line: Line<'a>| growth(line.unit),
        ));
    }
    all.extend([
        column(
            ["社区（村）数", "communities"],
            13,
            Look::Whole,
            |line: Line<'a>| line.unit.communities as u64,
        ),
        column(
            ["超过上限", "over the cap"],
            10,
            Look::Text,
            |line: Line<'a>| yes(line.unit.over_cap),
        ),
        column(
            ["首个超限年", "first year over"],
            11,
            Look::Plain,
            |line: Line<'a>| line.unit.over_cap_year,
        ),
        column(
            ["连片", "in one piece"],
            10,
            Look::Text,
            |line: Line<'a>| yes(line.unit.contiguous),
        ),
        column(["说明", "notes"], 24, Look::Text, |line: Line<'a>| {
            notes(line.unit)
        }),
    ]);
    // Without a last round there is nothing to say.
    if book.units.iter().any(|unit| unit.since.is_some()) {
        all.push(column(
            ["与上一轮相比", "since the last round"],
            14,
            Look::Text,
            |line: Line<'a>| {
                line.unit
                    .since
                    .as_deref()
                    .map_or_else(|| NONE.to_owned(), since)
            },
        ));
    }
    all.extend([
        column(
            ["位次（紧迫度）", "place by need"],
            12,
            Look::Plain,
            |line: Line<'a>| line.place.map(|place| place.place),
        ),
        column(
            ["位次（人次）", "place by people"],
            12,
            Look::Plain,
            |line: Line<'a>| line.place.map(|place| place.place_by_unserved),
        ),
        column(["紧迫度", "need"], 11, Look::Index, |line: Line<'a>| {
            line.place.map(|place| place.need)
        })
        .colored(Rule::Bar),
    ]);
    all
}

/// The English header of a year's residents.
pub(super) fn residents(year: i32) -> String {
    format!("residents {year}")
}

/// Residents in the last year ÷ in the base year − 1; `None` without residents.
fn growth(unit: &Unit) -> Option<f64> {
    let (first, last) = (*unit.residents.first()?, *unit.residents.last()?);
    (first > 0).then(|| last as f64 / first as f64 - 1.0)
}

fn notes(unit: &Unit) -> String {
    let words: Vec<String> = unit.notes.iter().map(|code| note(code)).collect();
    if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join("；")
    }
}
