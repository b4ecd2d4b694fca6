//! The two rankings: the same columns, by need and by people.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{About, Area, Column, Group, Look, Rule, column, table};
use super::words::{NONE, service};
use crate::book::{Book, Cause, Place};

const NOTE: [&str; 2] = [
    "资源配置优先序，不作考核依据。位次区间：九成抽样落在其间；各服务列为紧迫度中的部分，与“人口流入”列相加即紧迫度。",
    "For setting priorities, not for appraisal. Interval: nine in ten draws. The columns of services are parts of need; with that of inflow they add up to it.",
];

/// The greatest need first.
pub(super) fn by_need(book: &Book) -> Result<(Worksheet, Area), XlsxError> {
    let about = About {
        name: "排序 ranking",
        title: ["排序：按紧迫度", "Ranking by need"],
        note: NOTE,
        fixed: 3,
        pages: 2,
    };
    table(book, &about, &columns(book), &book.places)
}

/// The most people unserved first.
pub(super) fn by_unserved(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "排序·人次 by people",
        title: ["排序：按未覆盖人次", "Ranking by people unserved"],
        note: NOTE,
        fixed: 3,
        pages: 2,
    };
    let mut places: Vec<&Place> = book.places.iter().collect();
    places.sort_by_key(|place| place.place_by_unserved);
    Ok(table(book, &about, &columns(book), places)?.0)
}

type Line<'a> = &'a Place;

fn columns<'a>(book: &'a Book) -> Vec<Column<'a, Line<'a>>> {
    let mut all = vec![
        column(
            ["位次（紧迫度）", "place by need"],
            11,
            Look::Plain,
            |place: Line<'a>| place.place,
        ),
        column(
            ["位次（人次）", "place by people"],
            11,
            Look::Plain,
            |place: Line<'a>| place.place_by_unserved,
        ),
        column(
            ["单元名称", "name"],
            20,
            Look::Text,
            |place: Line<'a>| book.units[place.unit].name.as_str(),
        ),
        column(
            ["单元编号", "unit"],
            15,
            Look::Text,
            |place: Line<'a>| book.units[place.unit].id.as_str(),
        ),
        column(
            ["人口（人）", "residents"],
            11,
            Look::Whole,
            |place: Line<'a>| book.units[place.unit].residents[0],
        ),
        column(
            ["推算期增长", "growth"],
            11,
            Look::Rate,
            |place: Line<'a>| place.inflow_rate,
        ),
        column(["紧迫度", "need"], 12, Look::Index, |place: Line<'a>| {
            place.need
        })
        .colored(Rule::Bar),
        column(
            ["未覆盖（人次）", "people unserved"],
            13,
            Look::Whole,
            |place: Line<'a>| place.unserved,
        )
        .colored(Rule::Bar),
    ];
    // One scale for all parts: a colour is as much need in every column.
    let parts = book
        .places
        .iter()
        .flat_map(|place| place.causes.iter().map(|cause| cause.part));
    let most = parts
        .chain(book.places.iter().map(|place| place.inflow_part))
        .fold(f64::MIN_POSITIVE, f64::max);
    all.extend(certainty(book));
    all.extend((0..3).map(|at| {
        let head = [format!("原因 {}", at + 1), format!("cause {}", at + 1)];
        column(
            [&head[0], &head[1]],
            28,
            Look::Wrapped,
            move |place: Line<'a>| {
                place.causes.get(at).map_or_else(
                    || NONE.to_owned(),
                    |cause| service(&book.services[cause.service]),
                )
            },
        )
    }));
    all.push(
        column(
            ["其中：人口流入", "part: inflow"],
            11,
            Look::Index,
            |place: Line<'a>| place.inflow_part,
        )
        .of(Group::Capacity)
        .colored(Rule::Heat(most)),
    );
    all.extend(
        book.services
            .iter()
            .enumerate()
            .filter(|(at, _)| names(book, *at))
            .map(|(at, each)| {
                let short = fuwutu_io::words::short_name;
                let head = [
                    format!("其中：{}", short(&each.name.zh)),
                    format!("part: {}", short(&each.name.en)),
                ];
                column(
                    [&head[0], &head[1]],
                    13,
                    Look::Index,
                    move |place: Line<'a>| part(place, at),
                )
                .of(Group::Capacity)
                .colored(Rule::Heat(most))
            }),
    );
    all
}

/// How sure the places are, where that was drawn.
fn certainty<'a>(book: &Book) -> Vec<Column<'a, Line<'a>>> {
    if book.places.iter().all(|place| place.certainty.is_none()) {
        return Vec::new();
    }
    vec![
        column(
            ["位次区间：前", "interval: from"],
            10,
            Look::Plain,
            |place: Line<'a>| place.certainty.map(|certainty| certainty.first),
        ),
        column(
            ["位次区间：后", "interval: to"],
            10,
            Look::Plain,
            |place: Line<'a>| place.certainty.map(|certainty| certainty.last),
        ),
        column(
            ["列入前十的抽样", "draws in first ten"],
            11,
            Look::Rate,
            |place: Line<'a>| place.certainty.map(|certainty| certainty.in_first_ten),
        ),
    ]
}

/// Whether a service is a cause anywhere.
fn names(book: &Book, service: usize) -> bool {
    book.places
        .iter()
        .any(|place| part(place, service).is_some())
}

/// What a service adds to a need; `None` where that is nothing.
fn part(place: &Place, service: usize) -> Option<f64> {
    let own = |cause: &&Cause| cause.service == service;
    place.causes.iter().find(own).map(|cause| cause.part)
}
