//! The sheet of facilities: one line for each service that one offers.

use fuwutu_core::service::Service;
use fuwutu_io::words::{capacity_unit, short_name};
use rust_xlsxwriter::{Worksheet, XlsxError};

use fuwutu_io::tables::{About, Width};

use super::sheet::{self, Column, Look, MOST, column, declared, table};
use super::words::{NONE, both, unit};
use crate::book::{Book, Offer};

/// All facilities, or none where there are more than [`MOST`].
pub(super) fn sheet(book: &Book) -> Result<Worksheet, XlsxError> {
    let fits = book.offers.len() <= MOST;
    let about = sheet::About {
        name: "设施 facilities",
        title: ["设施", "Facilities"],
        note: if fits {
            [
                "一处设施提供几项服务就有几行。时限内人口按基期年计，开放与否不计；经纬度为 CGCS2000/WGS 84。",
                "One line for each service of a facility. People in reach: base year, whether open or not. Degrees: CGCS2000/WGS 84.",
            ]
        } else {
            [
                "行数过多，请见 facilities.csv。",
                "Too many lines for a sheet: see facilities.csv.",
            ]
        },
        fixed: 3,
        pages: 1,
    };
    let people = people(book);
    let lines = book.offers.iter().zip(&people).map(|(offer, people)| Line {
        offer,
        service: book
            .services
            .iter()
            .chain(&book.county_services)
            .find(|service| service.id == offer.row.service),
        people: *people,
    });
    let lines: Vec<Line> = lines.take(if fits { MOST } else { 0 }).collect();
    Ok(table(book, &about, &columns(book, &lines), lines)?.0)
}

#[derive(Clone, Copy)]
struct Line<'a> {
    offer: &'a Offer,
    service: Option<&'a Service>,
    people: u64,
}

/// By offer: people of its target group within its limit, summed over units.
fn people(book: &Book) -> Vec<u64> {
    let mut people = vec![0; book.offers.len()];
    for served in &book.served {
        people[served.offer] += served.people_in_reach.unwrap_or_default();
    }
    people
}

fn columns<'a>(book: &Book, lines: &[Line<'a>]) -> Vec<Column<'a, Line<'a>>> {
    let of_table = |wanted: fn(&str) -> bool| {
        declared(
            &Width::default(),
            move |about: &About| wanted(about.name),
            lines,
            |line: Line<'a>| Some(&line.offer.row),
        )
    };
    let service = |line: Line<'a>, name: fn(&Service) -> &str| {
        let name = line.service.map(name);
        name.map_or(line.offer.row.service.as_str(), short_name)
    };
    let mut columns = of_table(|name| name == "facility");
    columns.extend(of_table(|name| name == "facility_name"));
    columns.extend([
        column(
            ["服务", "service in Chinese"],
            24,
            Look::Text,
            move |line: Line<'a>| service(line, |service| &service.name.zh),
        ),
        column(
            ["服务（英文）", "service in English"],
            26,
            Look::Text,
            move |line: Line<'a>| service(line, |service| &service.name.en),
        ),
    ]);
    columns.extend(of_table(|name| {
        !["facility", "facility_name", "capacity_unit"].contains(&name)
    }));
    columns.extend([
        column(
            ["规模单位", "unit of capacity"],
            22,
            Look::Text,
            |line: Line<'a>| line.service.map_or_else(|| NONE.to_owned(), unit),
        ),
        column(
            ["建设规模单位", "unit of size"],
            22,
            Look::Text,
            |line: Line<'a>| size_unit(line.service),
        ),
    ]);
    // A public edition may leave out which units a facility serves.
    if !book.served.is_empty() {
        let head = ["时限内服务人口（人）", "people in reach (persons)"];
        columns.push(column(head, 13, Look::Whole, |line: Line<'a>| {
            line.offer.service.map(|_| line.people)
        }));
    }
    columns.extend([
        column(
            ["输入文件", "input file"],
            18,
            Look::Text,
            |line: Line<'a>| line.offer.file.as_str(),
        ),
        column(
            ["所在行", "input row"],
            8,
            Look::Plain,
            |line: Line<'a>| line.offer.file_row,
        ),
    ]);
    columns
}

/// The unit of the size of a service's facilities.
fn size_unit(service: Option<&Service>) -> String {
    match service.and_then(|service| service.minimum.as_ref()) {
        Some(minimum) => minimum_unit(&minimum.unit),
        None => NONE.to_owned(),
    }
}

/// A unit of size; `classes` is none of capacity.
pub(super) fn minimum_unit(unit: &str) -> String {
    if unit == "classes" {
        "班 classes".to_owned()
    } else {
        both(capacity_unit(unit))
    }
}
