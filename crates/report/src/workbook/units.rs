//! The sheet of units.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Worksheet, XlsxError};

use fuwutu_io::tables::{About, Width};

use super::sheet::{self, Area, Column, Look, Rule, column, declared, table};
use crate::book::{Book, Place, Unit};

/// One line a unit.
pub(super) fn sheet(book: &Book) -> Result<(Worksheet, Area), XlsxError> {
    let about = sheet::About {
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
    let lines = book.units.iter().zip(0..).map(|(unit, position)| Line {
        unit,
        place: places.get(&position).copied(),
    });
    let lines: Vec<Line> = lines.collect();
    table(book, &about, &columns(book, &lines), lines)
}

#[derive(Clone, Copy)]
struct Line<'a> {
    unit: &'a Unit,
    place: Option<&'a Place>,
}

fn columns<'a>(book: &Book, lines: &[Line<'a>]) -> Vec<Column<'a, Line<'a>>> {
    let width = Width {
        years: book.manifest.years.clone(),
        ..Width::default()
    };
    let (first, others) = declared(
        &width,
        |about| !about.name.starts_with("residents"),
        lines,
        |line: Line<'a>| Some(&line.unit.row),
    )
    .into_iter()
    .enumerate()
    .partition::<Vec<_>, _>(|(position, _)| *position < 3);
    let mut columns: Vec<Column<'a, Line<'a>>> =
        first.into_iter().map(|(_, column)| column).collect();
    columns.push(column(
        ["单元名称", "name"],
        20,
        Look::Text,
        |line: Line<'a>| line.unit.name.as_str(),
    ));
    columns.extend(years(book));
    columns.extend(others.into_iter().map(|(_, column)| column));
    let ranked = declared(
        &width,
        |about: &About| {
            ["place", "place_by_unserved", "need", "priority", "small"].contains(&about.name)
        },
        lines,
        |line: Line<'a>| line.place.map(|place| &place.row),
    );
    columns.extend(ranked.into_iter().map(|column| match column.english() {
        "need" | "priority score" => column.colored(Rule::Bar),
        _ => column,
    }));
    columns
}

/// Residents in every year, and how they grow.
fn years<'a>(book: &Book) -> Vec<Column<'a, Line<'a>>> {
    let years = book.manifest.years.iter().enumerate();
    let mut columns: Vec<Column<'a, Line<'a>>> = years
        .map(|(position, year)| {
            let head = [format!("{year} 年常住人口（人）"), residents(*year)];
            column(
                [&head[0], &head[1]],
                13,
                Look::Whole,
                move |line: Line<'a>| line.unit.residents(position),
            )
        })
        .collect();
    if book.manifest.years.len() > 1 {
        columns.push(column(
            ["预测期增长", "growth"],
            12,
            Look::Rate,
            |line: Line<'a>| growth(line.unit),
        ));
    }
    columns
}

/// The English header of a year's residents.
pub(super) fn residents(year: i32) -> String {
    format!("residents {year}")
}

/// Residents in the last year ÷ in the base year − 1; `None` without residents.
fn growth(unit: &Unit) -> Option<f64> {
    let (first, last) = (unit.row.residents, *unit.residents_later.last()?);
    (first > 0).then(|| last as f64 / first as f64 - 1.0)
}
