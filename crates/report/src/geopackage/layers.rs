//! What is in the layers and tables.

use std::borrow::Cow;
use std::collections::BTreeSet;

use fuwutu_core::city::Status;
use fuwutu_core::completeness::WAYS;
use fuwutu_core::service::Service;
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::tables::completeness::Completeness;
use fuwutu_io::tables::{self, Table, Value, Width};
use fuwutu_io::words::{self, Coded};

use super::container::{
    Cell, Column, Kind, Layer, Shape, Shapes, Words, column, free, owned, real, some_text, text,
    whole, yes,
};
use crate::book::{Book, Cause, Community, Offer, Place, Spot, Unit};
use Kind::{Boolean, Integer, Real, Text};

/// Lists of words that columns are from: a GIS shows what they mean.
pub(super) fn words() -> [Words; 2] {
    [
        (STATUS_LIST, listed(Status::WORDS)),
        (ATTAINED_LIST, listed(Attained::WORDS)),
    ]
}

/// The list of what facilities may be.
const STATUS_LIST: &str = "facility_status";
/// The list of verdicts.
const ATTAINED_LIST: &str = "attained";

fn listed(words: &[words::Word]) -> Vec<(&'static str, String)> {
    let listed = words.iter().map(|word| (word.code, word.name.join(" ")));
    listed.collect()
}

/// The list that a column's words are from, if there is one.
fn list(kind: tables::Kind) -> Option<&'static str> {
    match kind {
        tables::Kind::Code(words) if words == Status::WORDS => Some(STATUS_LIST),
        tables::Kind::Code(words) if words == Attained::WORDS => Some(ATTAINED_LIST),
        _ => None,
    }
}

/// The columns of a declared table, of those whose name `wanted` likes: as it declares them, and spread as `width` says.
fn declared<'a, R: Table, T: 'a>(
    width: &Width,
    wanted: impl Fn(&str) -> bool,
    row: fn(T) -> Option<&'a R>,
) -> Vec<Column<'a, T>> {
    let mut columns = Vec::new();
    for source in R::COLUMNS {
        let about = &source.about;
        if !wanted(about.name) {
            continue;
        }
        let names = about.headers(width).into_iter().zip(about.labels(width));
        for ((name, [zh, en]), position) in names.zip(0..) {
            let kind = kind(about.kind);
            let mut made = column(
                name,
                kind,
                [&zh, &en],
                Some(about.meaning),
                move |line: T| {
                    let value = row(line).map(|row| (source.get)(row, position));
                    value.map_or_else(|| whole(None), |value| cell(about.kind, value))
                },
            );
            made.words = list(about.kind);
            columns.push(made);
        }
    }
    columns
}

fn kind(kind: tables::Kind) -> Kind {
    match kind {
        tables::Kind::Truth => Boolean,
        _ if kind.is_text() => Text,
        _ if kind.is_whole() => Integer,
        _ => Real,
    }
}

fn cell(kind: tables::Kind, value: Value<'_>) -> Cell<'_> {
    match value {
        Value::Nothing => whole(None),
        Value::Text(Cow::Borrowed(words)) => text(words),
        Value::Text(Cow::Owned(words)) => owned(words),
        Value::Truth(holds) => yes(holds),
        Value::Number(number) if kind.is_whole() => Cell::from(number as i64),
        Value::Number(number) => real(number),
    }
}

/// Columns that are named after a year or a service.
fn width(book: &Book) -> Width {
    let keys = keys(book);
    let coverage = book.demand.columns.iter();
    Width {
        years: book.manifest.years.clone(),
        coverage: coverage
            .map(|&(service, year)| (keys[service].clone(), year))
            .collect(),
        timed: if book.demand.minutes {
            keys
        } else {
            Vec::new()
        },
    }
}

/// The base year and the last one, which may be the same: position and year.
fn ends(book: &Book) -> Vec<(usize, i32)> {
    let last = book.manifest.years.len() - 1;
    let mut ends = vec![
        (0, book.manifest.years[0]),
        (last, book.manifest.years[last]),
    ];
    ends.dedup();
    ends
}

/// The prefix of the columns of each service: its id. A catalogue may name its services as it likes; where that is no name for
/// a column beside the others, it is changed.
pub(super) fn keys(book: &Book) -> Vec<String> {
    let mut taken = BTreeSet::new();
    book.services
        .iter()
        .map(|service| {
            free(
                &service.id.replace(char::is_control, "\u{fffd}"),
                &mut taken,
            )
        })
        .collect()
}

/// Name of the column that has a service's coverage of units.
pub(super) fn coverage_column(key: &str, year: i32) -> String {
    format!("{key}_coverage_{year}")
}

/// Name of the column with the covered share of a demand point.
pub(super) fn covered_column(key: &str, year: i32) -> String {
    format!("{key}_covered_{year}")
}

#[derive(Clone, Copy)]
pub(super) struct UnitRow<'a> {
    position: usize,
    unit: &'a Unit,
    /// `None` for a unit that is not in the ranking.
    place: Option<&'a Place>,
}

pub(super) fn units(book: &Book) -> Layer<'_, UnitRow<'_>> {
    let mut columns = declared(
        &width(book),
        |_| true,
        |row: UnitRow<'_>| Some(&row.unit.row),
    );
    columns.insert(1, name());
    columns.extend(place_columns());
    columns.extend(completeness_columns(book));
    for (position, key) in keys(book).iter().enumerate() {
        columns.extend(
            ends(book)
                .into_iter()
                .flat_map(|year| service_columns(book, (position, key), year)),
        );
    }
    let mut places = vec![None; book.units.len()];
    book.places
        .iter()
        .for_each(|place| places[place.unit] = Some(place));
    let rows = book
        .units
        .iter()
        .zip(places)
        .zip(0..)
        .map(|((unit, place), position)| UnitRow {
            position,
            unit,
            place,
        });
    let shapes = Shapes {
        kind: "MULTIPOLYGON",
        of: |row: UnitRow<'_>| Shape::Area(&row.unit.outline),
    };
    Layer {
        name: "units",
        title: "单元 units",
        shapes: Some(shapes),
        columns,
        rows: Box::new(rows),
    }
}

/// The columns of the ranking of a unit, except for those that the unit has itself.
fn place_columns<'a>() -> Vec<Column<'a, UnitRow<'a>>> {
    let unit_columns = tables::units::Unit::abouts();
    declared(
        &Width::default(),
        |name: &str| {
            unit_columns.iter().all(|about| about.name != name)
                && !["residents_horizon", "cause_1", "cause_2", "cause_3"].contains(&name)
        },
        |row: UnitRow<'a>| row.place.map(|place| &place.row),
    )
}

/// How many services a unit's residents have in reach, in the base year and the last one: for a map.
fn completeness_columns(book: &Book) -> Vec<Column<'_, UnitRow<'_>>> {
    let mut columns = Vec::new();
    if book.completeness.is_empty() {
        return columns;
    }
    for (position, year) in ends(book) {
        for (way, (within, services)) in WAYS.iter().enumerate() {
            let [within, services] = [within.word(), services.word()];
            let row = move |row: UnitRow<'_>| book.complete(row.position, position, way);
            let made = |name: &str, figure: &str, cell: fn(&Completeness) -> Option<f64>| {
                let abouts = Completeness::abouts();
                let about = abouts.iter().find(|about| about.name == figure);
                let [zh, en] = about.map_or([""; 2], |about| about.label);
                column(
                    format!("{name}_{}_{}_{year}", within.code, services.code),
                    Real,
                    [
                        &format!("{zh} {}·{} {year}", services.name[0], within.name[0]),
                        &format!("{en}, {}, {}", services.name[1], within.name[1]),
                    ],
                    about.map(|about| about.meaning),
                    move |line: UnitRow<'_>| real(row(line).and_then(cell)),
                )
            };
            columns.push(made("complete", "share", |row| row.share));
            columns.push(made("completeness", "mean_share", |row| row.mean_share));
        }
    }
    columns
}

/// How many services people have in reach, of units, townships and the city.
pub(super) fn completeness(book: &Book) -> Layer<'_, &Completeness> {
    Layer {
        name: "completeness",
        title: "生活圈完整度 completeness",
        shapes: None,
        columns: declared(&Width::default(), |_| true, |row: &Completeness| Some(row)),
        rows: Box::new(book.completeness.iter()),
    }
}

/// The name of a unit.
fn name<'a>() -> Column<'a, UnitRow<'a>> {
    column(
        "name",
        Text,
        ["名称", "name"],
        None,
        |row: UnitRow<'a>| text(&row.unit.name),
    )
}

/// The columns for a map of a service in a year.
fn service_columns<'a>(
    book: &'a Book,
    (service, key): (usize, &str),
    (year_at, year): (usize, i32),
) -> [Column<'a, UnitRow<'a>>; 3] {
    let about = &book.services[service];
    let standing = move |row: UnitRow<'a>| book.standing(row.position, service, year_at);
    let name = |figure: &str| format!("{key}_{figure}_{year}");
    let zh = |figure: &str| format!("{figure} {year}");
    [
        column(
            coverage_column(key, year),
            Real,
            [&zh("覆盖率"), "coverage"],
            meaning("coverage"),
            move |row: UnitRow<'a>| real(standing(row).coverage),
        )
        .of(about),
        column(
            name("short"),
            Real,
            [&zh("未满足需求"), "unmet demand"],
            meaning("short_for_certain"),
            move |row: UnitRow<'a>| real(standing(row).short_for_certain),
        )
        .of(about),
        column(
            name("attained"),
            Text,
            [&zh("达标"), "attained"],
            None,
            move |row: UnitRow<'a>| {
                owned(
                    standing(row)
                        .attained
                        .map_or_else(String::new, |attained| words::attained(attained).join(" ")),
                )
            },
        )
        .of(about),
    ]
}

/// What a column of `standing.csv` is.
fn meaning(name: &str) -> Option<[&'static str; 2]> {
    let mut abouts = tables::standing::Standing::abouts().into_iter();
    abouts
        .find(|about| about.name == name)
        .map(|about| about.meaning)
}

pub(super) fn communities(book: &Book) -> Layer<'_, &Community> {
    let columns = vec![
        of_community("community", Text, |row| text(&row.code)),
        of_community("community_name", Text, |row| text(&row.name)),
        of_community("unit", Text, |community: &Community| {
            let units = community.units.iter();
            let ids: Vec<&str> = units.map(|&unit| &*book.units[unit].row.unit).collect();
            owned(ids.join(" "))
        }),
        of_community("residents", Integer, |row| whole(row.residents)),
    ];
    let shapes = Shapes {
        kind: "MULTIPOLYGON",
        of: |row: &Community| Shape::Area(&row.outline),
    };
    Layer {
        name: "communities",
        title: "社区（村） communities",
        shapes: Some(shapes),
        columns,
        rows: Box::new(book.communities.iter()),
    }
}

/// A column that `communities.csv` has, too.
fn of_community<'a>(
    name: &str,
    kind: Kind,
    cell: impl Fn(&'a Community) -> Cell<'a> + 'a,
) -> Column<'a, &'a Community> {
    let abouts = tables::communities::Community::abouts();
    let about = abouts.iter().find(|about| about.name == name);
    let (label, meaning) =
        about.map_or(([""; 2], None), |about| (about.label, Some(about.meaning)));
    column(name, kind, label, meaning, cell)
}

pub(super) fn facilities(book: &Book) -> Layer<'_, &Offer> {
    let names = book.service_names();
    let named = move |offer: &Offer| names.get(&*offer.row.service).copied().unwrap_or_default();
    let (zh, en) = (named.clone(), named);
    let mut columns = declared(&Width::default(), |_| true, |row: &Offer| Some(&row.row));
    let service = columns.iter().position(|column| column.name == "service");
    columns.splice(
        service.map_or(0, |service| service + 1)..service.map_or(0, |service| service + 1),
        [
            column("service_zh", Text, ["服务", "service in Chinese"], None, {
                move |row| some_text(zh(row)[0])
            }),
            column(
                "service_en",
                Text,
                ["服务英文名", "service in English"],
                None,
                move |row| some_text(en(row)[1]),
            ),
        ],
    );
    columns.extend([
        column("file", Text, ["输入文件", "input file"], None, {
            |row: &Offer| some_text(&row.file)
        }),
        column(
            "row",
            Integer,
            ["所在行", "input row"],
            None,
            |row: &Offer| whole(row.file_row),
        ),
    ]);
    columns.extend(ends(book).into_iter().map(|(_, year)| {
        let (zh, en) = (format!("{year} 年开放"), format!("open {year}"));
        column(
            format!("open_{year}"),
            Boolean,
            [&zh, &en],
            None,
            move |row: &Offer| yes(row.open(year)),
        )
    }));
    let shapes = Shapes {
        kind: "POINT",
        of: |row: &Offer| Shape::Point(row.place()),
    };
    Layer {
        name: "facilities",
        title: "设施 facilities",
        shapes: Some(shapes),
        columns,
        rows: Box::new(book.offers.iter()),
    }
}

pub(super) fn demand(book: &Book) -> Layer<'_, &Spot> {
    let mut columns = declared(&width(book), |_| true, |row: &Spot| Some(&row.row));
    // A column that is spread over services names its service.
    let coverage = book.demand.columns.iter().map(|(service, _)| *service);
    let timed = 0..if book.demand.minutes {
        book.services.len()
    } else {
        0
    };
    let services: Vec<usize> = coverage.chain(timed).collect();
    let spread = columns.split_off(columns.len() - services.len());
    columns.extend(
        spread
            .into_iter()
            .zip(services)
            .map(|(column, service)| column.of(&book.services[service])),
    );
    let shapes = Shapes {
        kind: "POINT",
        of: |row: &Spot| Shape::Point(row.place()),
    };
    Layer {
        name: "demand",
        title: "需求点 demand",
        shapes: Some(shapes),
        columns,
        rows: Box::new(book.demand.spots.iter()),
    }
}

#[derive(Clone, Copy)]
pub(super) struct StandingRow<'a> {
    unit: &'a Unit,
    service: &'a Service,
    row: &'a tables::standing::Standing,
    compare: Option<&'a tables::compare::Compare>,
}

pub(super) fn standing(book: &Book) -> Layer<'_, StandingRow<'_>> {
    let rows = book.standings.enumerate();
    let rows = rows.map(move |((unit, service, year), row)| {
        let (unit, service, year) = (unit.index(), service.index(), year.index());
        StandingRow {
            unit: &book.units[unit],
            service: &book.services[service],
            row,
            compare: book.compare(unit, service, year),
        }
    });
    let standing_columns = tables::standing::Standing::abouts();
    let mut columns = declared(
        &Width::default(),
        |_| true,
        |row: StandingRow<'_>| Some(row.row),
    );
    columns.extend(declared(
        &Width::default(),
        |name: &str| standing_columns.iter().all(|about| about.name != name),
        |row: StandingRow<'_>| row.compare,
    ));
    columns.extend([
        column("unit_name", Text, ["单元名称", "unit name"], None, {
            |row: StandingRow<'_>| text(&row.unit.name)
        }),
        column("service_zh", Text, ["服务", "service in Chinese"], None, {
            |row: StandingRow<'_>| text(&row.service.name.zh)
        }),
        column(
            "service_en",
            Text,
            ["服务英文名", "service in English"],
            None,
            |row: StandingRow<'_>| text(&row.service.name.en),
        ),
        column(
            "capacity_unit",
            Text,
            ["规模单位", "capacity unit"],
            None,
            |row: StandingRow<'_>| some_text(&row.service.capacity_unit),
        ),
    ]);
    Layer {
        name: "standing",
        title: "评价结果 standing",
        shapes: None,
        columns,
        rows: Box::new(rows),
    }
}

pub(super) fn ranking(book: &Book) -> Layer<'_, UnitRow<'_>> {
    let mut columns = declared(
        &Width::default(),
        |_| true,
        |row: UnitRow<'_>| row.place.map(|place| &place.row),
    );
    columns.insert(2, name());
    let rows = book.places.iter().map(|place| UnitRow {
        position: place.unit,
        unit: &book.units[place.unit],
        place: Some(place),
    });
    Layer {
        name: "ranking",
        title: "配置优先次序 ranking",
        shapes: None,
        columns,
        rows: Box::new(rows),
    }
}

#[derive(Clone, Copy)]
pub(super) struct CauseRow<'a> {
    unit: &'a Unit,
    service: &'a Service,
    cause: &'a Cause,
}

pub(super) fn causes(book: &Book) -> Layer<'_, CauseRow<'_>> {
    let mut columns = declared(
        &Width::default(),
        |_| true,
        |row: CauseRow<'_>| Some(&row.cause.row),
    );
    columns.extend([
        column("name", Text, ["名称", "name"], None, {
            |row: CauseRow<'_>| text(&row.unit.name)
        }),
        column("service_zh", Text, ["服务", "service in Chinese"], None, {
            |row: CauseRow<'_>| text(&row.service.name.zh)
        }),
        column(
            "service_en",
            Text,
            ["服务英文名", "service in English"],
            None,
            |row: CauseRow<'_>| text(&row.service.name.en),
        ),
    ]);
    let rows = book.places.iter().flat_map(move |place| {
        place.causes.iter().map(move |cause| CauseRow {
            unit: &book.units[place.unit],
            service: &book.services[cause.service],
            cause,
        })
    });
    Layer {
        name: "causes",
        title: "原因 causes",
        shapes: None,
        columns,
        rows: Box::new(rows),
    }
}
