//! The sheet of facilities: one line for each service that one offers.

use fuwutu_core::service::Service;
use fuwutu_io::words::{capacity_unit, short_name};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{About, Column, Look, MOST, column, table};
use super::words::{NONE, both, unit, working};
use crate::book::{Book, Offer};

/// All facilities, or none where there are more than [`MOST`].
pub(super) fn sheet(book: &Book) -> Result<Worksheet, XlsxError> {
    let fits = book.offers.len() <= MOST;
    let about = About {
        name: "设施 facilities",
        title: ["设施", "Facilities"],
        note: if fits {
            [
                "一处设施提供几项服务就有几行。时限内人口按基年计，开放与否不计；经纬度为 CGCS2000/WGS 84。",
                "One line for each service of a facility. People in reach: base year, be it open or not. Degrees: CGCS2000/WGS 84.",
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
            .find(|service| service.id == offer.service_id),
        people: *people,
    });
    Ok(table(
        book,
        &about,
        &columns(book),
        lines.take(if fits { MOST } else { 0 }),
    )?
    .0)
}

#[derive(Clone, Copy)]
struct Line<'a> {
    offer: &'a Offer,
    service: Option<&'a Service>,
    people: u64,
}

/// By offer: people of its target group within its limit, summed over units.
fn people(book: &Book) -> Vec<u64> {
    let mut all = vec![0; book.offers.len()];
    book.served
        .iter()
        .for_each(|served| all[served.offer] += served.people);
    all
}

fn columns<'a>(book: &'a Book) -> Vec<Column<'a, Line<'a>>> {
    let mut all = vec![
        column(
            ["设施编号", "facility"],
            14,
            Look::Text,
            |line: Line<'a>| line.offer.facility.as_str(),
        ),
        column(
            ["设施名称", "name"],
            28,
            Look::Text,
            |line: Line<'a>| line.offer.name.as_str(),
        ),
        column(["服务", "service"], 24, Look::Text, |line: Line<'a>| {
            line.service
                .map_or(line.offer.service_id.as_str(), |service| {
                    short_name(&service.name.zh)
                })
        }),
        column(
            ["服务（英文）", "service in English"],
            26,
            Look::Text,
            |line: Line<'a>| {
                line.service
                    .map_or(line.offer.service_id.as_str(), |service| {
                        short_name(&service.name.en)
                    })
            },
        ),
        column(["状态", "status"], 16, Look::Text, |line: Line<'a>| {
            working(line.offer.status)
        }),
        column(
            ["开放年份", "opens"],
            9,
            Look::Plain,
            |line: Line<'a>| line.offer.opens,
        ),
        column(["规模", "capacity"], 11, Look::Tenth, |line: Line<'a>| {
            line.offer.capacity
        }),
        column(
            ["规模单位", "unit of capacity"],
            22,
            Look::Text,
            |line: Line<'a>| line.service.map_or_else(|| NONE.to_owned(), unit),
        ),
        column(["大小", "size"], 11, Look::Tenth, |line: Line<'a>| {
            line.offer.size
        }),
        column(
            ["大小单位", "unit of size"],
            22,
            Look::Text,
            |line: Line<'a>| size_unit(line.service),
        ),
        column(
            ["公办或普惠", "public"],
            10,
            Look::Text,
            |line: Line<'a>| line.offer.public.map_or(NONE, super::words::yes),
        ),
        column(
            ["所在单元", "unit"],
            15,
            Look::Text,
            |line: Line<'a>| {
                line.offer
                    .unit
                    .map_or(NONE, |unit| book.units[unit].id.as_str())
            },
        ),
    ];
    // A public edition may leave out who is served by which.
    if !book.served.is_empty() {
        all.push(column(
            ["时限内对象人口（人）", "people in reach"],
            13,
            Look::Whole,
            |line: Line<'a>| line.offer.service.map(|_| line.people),
        ));
    }
    all.extend([
        column(["经度", "lon"], 11, Look::Degrees, |line: Line<'a>| {
            line.offer.at.x
        }),
        column(["纬度", "lat"], 11, Look::Degrees, |line: Line<'a>| {
            line.offer.at.y
        }),
        column(
            ["输入文件", "file"],
            18,
            Look::Text,
            |line: Line<'a>| line.offer.file.as_str(),
        ),
        column(["行", "row"], 8, Look::Plain, |line: Line<'a>| {
            line.offer.row
        }),
    ]);
    all
}

/// What the size of a service's facilities is counted in.
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
