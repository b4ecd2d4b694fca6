//! The two rankings: the same columns, by priority and by people.

use rust_xlsxwriter::{Worksheet, XlsxError};

use fuwutu_io::tables::{About, Width};
use fuwutu_io::words::short_name;

use super::sheet::{self, Area, Column, Group, Look, Rule, column, declared, table};
use super::words::{NONE, service};
use crate::book::{Book, Place};

const NOTE: [&str; 2] = [
    "配置优先次序，不作考核依据。综合缺口率 0 至 100；配置优先度 = 综合缺口率 × 人口流入系数。位次区间：90 % 的模拟落在其间；各服务列相加即综合缺口率，再加“人口流入”列即配置优先度。人口少的单元已标明：比例由少数人决定。",
    "For setting priorities, not for appraisal. Need is 0 to 100; priority score = need × inflow factor. Interval: nine in ten draws. The columns of services add up to the need, and with that of inflow to the priority score. Units of few residents are marked: their shares are those of few people.",
];

/// The highest priority first.
pub(super) fn by_need(book: &Book) -> Result<(Worksheet, Area), XlsxError> {
    let about = sheet::About {
        name: "优先次序 ranking",
        title: ["优先次序：按配置优先度", "Ranking by priority score"],
        note: NOTE,
        fixed: 2,
        pages: 2,
    };
    let lines: Vec<Line> = book.places.iter().collect();
    table(book, &about, &columns(book, &lines), lines)
}

/// The most people unserved first.
pub(super) fn by_unserved(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = sheet::About {
        name: "优先次序·人口 by people",
        title: [
            "优先次序：按未覆盖人口（累计）",
            "Ranking by people unserved",
        ],
        note: NOTE,
        fixed: 2,
        pages: 2,
    };
    let mut places: Vec<&Place> = book.places.iter().collect();
    places.sort_by_key(|place| place.place_by_unserved);
    Ok(table(book, &about, &columns(book, &places), places)?.0)
}

type Line<'a> = &'a Place;

fn columns<'a>(book: &'a Book, lines: &[Line<'a>]) -> Vec<Column<'a, Line<'a>>> {
    let mut columns = of_table(book, lines);
    // One scale for all parts: a colour is as much need in every column.
    let parts = book
        .places
        .iter()
        .flat_map(|place| place.causes.iter().map(|cause| cause.part));
    let most = parts
        .chain(book.places.iter().map(|place| place.inflow_part))
        .fold(f64::MIN_POSITIVE, f64::max);
    columns.extend((0..3).map(|position| {
        let head = [
            format!("原因 {}", position + 1),
            format!("cause {}", position + 1),
        ];
        column(
            [&head[0], &head[1]],
            28,
            Look::Wrapped,
            move |place: Line<'a>| {
                let cause = place.causes.get(position);
                cause.map_or_else(
                    || NONE.to_owned(),
                    |cause| service(&book.services[cause.service]),
                )
            },
        )
    }));
    columns.push(
        column(
            ["其中：人口流入", "part: inflow"],
            11,
            Look::Tenth,
            |place: Line<'a>| place.inflow_part,
        )
        .of(Group::Capacity)
        .colored(Rule::Heat(most)),
    );
    let causes = (0..book.services.len()).filter(|&service| names(book, service));
    columns.extend(causes.map(|service| {
        let name = &book.services[service].name;
        let head = [
            format!("其中：{}", short_name(&name.zh)),
            format!("part: {}", short_name(&name.en)),
        ];
        column(
            [&head[0], &head[1]],
            13,
            Look::Tenth,
            move |place: Line<'a>| part(place, service),
        )
        .of(Group::Capacity)
        .colored(Rule::Heat(most))
    }));
    columns
}

/// The columns of `ranking.csv`, except for those that are shown otherwise here: causes by name, and the parts of need.
fn of_table<'a>(book: &'a Book, lines: &[Line<'a>]) -> Vec<Column<'a, Line<'a>>> {
    let here = ["cause_1", "cause_2", "cause_3", "inflow_part", "township"];
    let columns = declared(
        &Width::default(),
        |about: &About| !here.contains(&about.name),
        lines,
        |place: Line<'a>| Some(&place.row),
    );
    let colored = columns.into_iter().map(|column| match column.english() {
        "need" | "priority score" | "unserved (summed over services)" => column.colored(Rule::Bar),
        _ => column,
    });
    let mut columns: Vec<Column<'a, Line<'a>>> = colored.collect();
    columns.insert(
        1,
        column(
            ["单元名称", "name"],
            20,
            Look::Text,
            |place: Line<'a>| book.units[place.unit].name.as_str(),
        ),
    );
    columns
}

/// Whether a service is a cause anywhere.
fn names(book: &Book, service: usize) -> bool {
    book.places
        .iter()
        .any(|place| part(place, service).is_some())
}

/// What a service adds to a need; `None` where that is nothing.
fn part(place: &Place, service: usize) -> Option<f64> {
    place
        .causes
        .iter()
        .find(|cause| cause.service == service)
        .map(|cause| cause.part)
}
