//! What is in the layers and tables.

use std::collections::BTreeSet;

use fuwutu_core::city::Status;
use fuwutu_core::service::Service;
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::words;
use fuwutu_io::write::meaning;

use super::container::{
    Cell, Column, Kind, Layer, Shape, Shapes, Words, column, free, owned, real, some_text, text,
    whole, yes,
};
use crate::book::{Book, Cause, Community, Offer, Place, Spot, Standing, Unit};
use Kind::{Boolean, Integer, Real, Text};

pub(super) const STATUSES: [Status; 5] = [
    Status::Existing,
    Status::Committed,
    Status::Planned,
    Status::Idle,
    Status::Closed,
];

const VERDICTS: [Attained; 5] = [
    Attained::Yes,
    Attained::Unknown,
    Attained::TooSmall,
    Attained::TooFew,
    Attained::Absent,
];

/// Lists of words that columns are from: a GIS shows what they mean.
pub(super) fn words() -> [Words; 2] {
    let status = STATUSES.map(|status| {
        let [zh, en] = words::facility_status(status);
        (en, format!("{zh} {en}"))
    });
    let attained = VERDICTS.map(|each| (attained_code(each), words::attained(each).join(" ")));
    [
        ("facility_status", status.to_vec()),
        ("attained", attained.to_vec()),
    ]
}

/// As in `standing.csv`.
fn attained_code(attained: Attained) -> &'static str {
    match attained {
        Attained::Yes => "yes",
        Attained::Unknown => "unknown",
        Attained::TooSmall => "too_small",
        Attained::TooFew => "too_few",
        Attained::Absent => "absent",
    }
}

/// A column that one of the round's tables has, too.
fn of_file<'a, T>(
    file: &str,
    name: &str,
    kind: Kind,
    label: [&str; 2],
    cell: impl Fn(T) -> Cell<'a> + 'a,
) -> Column<'a, T> {
    column(name, kind, label, meaning(file, name), cell)
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

/// What the columns of each service begin with: its id. A catalogue may name its services as it likes; where that is no name for
/// a column beside the others, it is changed.
pub(super) fn keys(book: &Book) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let plain = |service: &Service| service.id.replace(char::is_control, "\u{fffd}");
    book.services
        .iter()
        .map(|service| free(&plain(service), &mut taken))
        .collect()
}

/// Name of the column that has a service's coverage of units.
pub(super) fn coverage_column(key: &str, year: i32) -> String {
    format!("{key}_coverage_{year}")
}

/// Name of the column that has the share of those at a demand point who are covered.
pub(super) fn covered_column(key: &str, year: i32) -> String {
    format!("{key}_covered_{year}")
}

#[derive(Clone, Copy)]
pub(super) struct UnitRow<'a> {
    at: usize,
    unit: &'a Unit,
    /// `None` for a unit that is not in the ranking.
    place: Option<&'a Place>,
}

pub(super) fn units(book: &Book) -> Layer<'_, UnitRow<'_>> {
    let mut columns = unit_columns(book);
    columns.extend(growth_columns(book));
    columns.extend(place_columns());
    for (at, key) in keys(book).iter().enumerate() {
        columns.extend(
            ends(book)
                .into_iter()
                .flat_map(|year| service_columns(book, (at, key), year)),
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
        .map(|((unit, place), at)| UnitRow { at, unit, place });
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

fn unit_columns(book: &Book) -> Vec<Column<'_, UnitRow<'_>>> {
    let file = "units.csv";
    let township = |row: UnitRow<'_>| &book.townships[row.unit.township];
    vec![
        of_file(
            file,
            "unit",
            Text,
            ["单元", "unit"],
            |row: UnitRow<'_>| text(&row.unit.id),
        ),
        column(
            "name",
            Text,
            ["名称", "name"],
            None,
            |row: UnitRow<'_>| text(&row.unit.name),
        ),
        of_file(
            file,
            "township",
            Text,
            ["镇街代码", "township"],
            move |row: UnitRow<'_>| text(&township(row).code),
        ),
        of_file(
            file,
            "township_name",
            Text,
            ["镇街", "township name"],
            move |row: UnitRow<'_>| text(&township(row).name),
        ),
        of_file(
            file,
            "communities",
            Integer,
            ["社区数", "communities"],
            |row: UnitRow<'_>| whole(row.unit.communities as u64),
        ),
        of_file(
            file,
            "over_cap",
            Boolean,
            ["超过上限", "over cap"],
            |row: UnitRow<'_>| yes(row.unit.over_cap),
        ),
        of_file(
            file,
            "over_cap_year",
            Integer,
            ["超限年份", "over cap from"],
            |row: UnitRow<'_>| year_cell(row.unit.over_cap_year),
        ),
        of_file(
            file,
            "contiguous",
            Boolean,
            ["连片", "contiguous"],
            |row: UnitRow<'_>| yes(row.unit.contiguous),
        ),
        of_file(
            file,
            "note",
            Text,
            ["说明", "note"],
            |row: UnitRow<'_>| owned(row.unit.notes.join(" ")),
        ),
        of_file(
            file,
            "since_last",
            Text,
            ["与上轮相比", "since last"],
            |row: UnitRow<'_>| some_text(row.unit.since.as_deref().unwrap_or_default()),
        ),
    ]
}

fn growth_columns(book: &Book) -> Vec<Column<'_, UnitRow<'_>>> {
    let residents = |(at, &year): (usize, &i32)| {
        let name = if at == 0 {
            "residents".to_owned()
        } else {
            format!("residents_{year}")
        };
        let (zh, en) = (format!("{year} 年人口"), format!("residents {year}"));
        let about = meaning("units.csv", &name);
        column(name, Integer, [&zh, &en], about, move |row: UnitRow<'_>| {
            whole(row.unit.residents[at])
        })
    };
    book.manifest
        .years
        .iter()
        .enumerate()
        .map(residents)
        .collect()
}

fn place_columns<'a>() -> Vec<Column<'a, UnitRow<'a>>> {
    let file = "ranking.csv";
    let certainty = |row: UnitRow<'_>| row.place.and_then(|place| place.certainty);
    vec![
        of_file(
            file,
            "inflow_rate",
            Real,
            ["人口增长率", "growth"],
            |row: UnitRow<'a>| real(row.place.and_then(|place| place.inflow_rate)),
        ),
        of_file(
            file,
            "place",
            Integer,
            ["优先序位次", "place"],
            |row: UnitRow<'a>| whole(row.place.map(|place| u64::from(place.place))),
        ),
        of_file(
            file,
            "need",
            Real,
            ["紧迫度", "need"],
            |row: UnitRow<'a>| real(row.place.map(|place| place.need)),
        ),
        of_file(
            file,
            "inflow_part",
            Real,
            ["其中人口流入", "of it by growth"],
            |row: UnitRow<'a>| real(row.place.map(|place| place.inflow_part)),
        ),
        of_file(
            file,
            "unserved_residents",
            Integer,
            ["未覆盖人次", "unserved"],
            |row: UnitRow<'a>| whole(row.place.and_then(|place| place.unserved)),
        ),
        of_file(
            file,
            "place_by_unserved",
            Integer,
            ["按未覆盖人次的位次", "place by unserved"],
            |row: UnitRow<'a>| whole(row.place.map(|place| u64::from(place.place_by_unserved))),
        ),
        of_file(
            file,
            "place_first",
            Integer,
            ["位次区间前端", "place from"],
            move |row| whole(certainty(row).map(|sure| u64::from(sure.first))),
        ),
        of_file(
            file,
            "place_last",
            Integer,
            ["位次区间后端", "place to"],
            move |row| whole(certainty(row).map(|sure| u64::from(sure.last))),
        ),
        of_file(
            file,
            "in_first_ten",
            Real,
            ["列入前十的占比", "in first ten"],
            move |row| real(certainty(row).map(|sure| sure.in_first_ten)),
        ),
    ]
}

/// What a map of a service in a year shows.
fn service_columns<'a>(
    book: &'a Book,
    (service, key): (usize, &str),
    (year_at, year): (usize, i32),
) -> [Column<'a, UnitRow<'a>>; 3] {
    let file = "standing.csv";
    let about = &book.services[service];
    let standing = move |row: UnitRow<'a>| book.standing(row.at, service, year_at);
    let name = |what: &str| format!("{key}_{what}_{year}");
    let zh = |what: &str| format!("{what} {year}");
    [
        column(
            coverage_column(key, year),
            Real,
            [&zh("覆盖率"), "coverage"],
            meaning(file, "coverage"),
            move |row: UnitRow<'a>| real(standing(row).coverage),
        )
        .of(about),
        column(
            name("short"),
            Real,
            [&zh("确定缺口"), "short for certain"],
            meaning(file, "short_for_certain"),
            move |row: UnitRow<'a>| real(standing(row).short),
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
                        .map_or_else(String::new, |each| words::attained(each).join(" ")),
                )
            },
        )
        .of(about),
    ]
}

pub(super) fn communities(book: &Book) -> Layer<'_, &Community> {
    let file = "communities.csv";
    let units = |community: &Community| {
        let ids: Vec<&str> = community
            .units
            .iter()
            .map(|&unit| book.units[unit].id.as_str())
            .collect();
        ids.join(" ")
    };
    let columns = vec![
        of_file(
            file,
            "community",
            Text,
            ["社区代码", "community"],
            |row: &Community| text(&row.code),
        ),
        of_file(
            file,
            "community_name",
            Text,
            ["社区", "community name"],
            |row: &Community| text(&row.name),
        ),
        of_file(file, "unit", Text, ["单元", "units"], move |row| {
            owned(units(row))
        }),
        of_file(
            file,
            "residents",
            Integer,
            ["人口", "residents"],
            |row: &Community| whole(row.residents),
        ),
    ];
    let shapes = Shapes {
        kind: "MULTIPOLYGON",
        of: |row: &Community| Shape::Area(&row.outline),
    };
    let rows = Box::new(book.communities.iter());
    Layer {
        name: "communities",
        title: "社区（村） communities",
        shapes: Some(shapes),
        columns,
        rows,
    }
}

pub(super) fn facilities(book: &Book) -> Layer<'_, &Offer> {
    let file = "facilities.csv";
    let names = book.service_names();
    let named = move |offer: &Offer| {
        names
            .get(offer.service_id.as_str())
            .copied()
            .unwrap_or_default()
    };
    let (zh, en) = (named.clone(), named);
    let capacity_units = |offer: &Offer| {
        let all = book.services.iter().chain(&book.county_services);
        let service = all
            .into_iter()
            .find(|service| service.id == offer.service_id);
        service.map_or_else(String::new, |service| service.capacity_unit.clone())
    };
    let mut columns = vec![
        of_file(
            file,
            "facility",
            Text,
            ["设施编号", "facility"],
            |row: &Offer| text(&row.facility),
        ),
        of_file(
            file,
            "facility_name",
            Text,
            ["设施", "name"],
            |row: &Offer| text(&row.name),
        ),
        of_file(
            file,
            "service",
            Text,
            ["服务编号", "service"],
            |row: &Offer| text(&row.service_id),
        ),
        column(
            "service_zh",
            Text,
            ["服务", "service in Chinese"],
            None,
            move |row| some_text(zh(row)[0]),
        ),
        column(
            "service_en",
            Text,
            ["服务英文名", "service in English"],
            None,
            move |row| some_text(en(row)[1]),
        ),
        of_file(file, "status", Text, ["状态", "status"], |row: &Offer| {
            text(words::facility_status(row.status)[1])
        })
        .words("facility_status"),
        of_file(
            file,
            "opens",
            Integer,
            ["开放年份", "opens"],
            |row: &Offer| year_cell(row.opens),
        ),
        of_file(
            file,
            "capacity",
            Real,
            ["规模", "capacity"],
            |row: &Offer| real(row.capacity),
        ),
        of_file(
            file,
            "capacity_unit",
            Text,
            ["规模单位", "capacity unit"],
            move |row| owned(capacity_units(row)),
        ),
        of_file(file, "size", Real, ["大小", "size"], |row: &Offer| {
            real(row.size)
        }),
        column(
            "public",
            Boolean,
            ["公办或普惠", "public or inclusive"],
            None,
            |row: &Offer| yes(row.public),
        ),
        of_file(file, "unit", Text, ["单元", "unit"], |row: &Offer| {
            unit_cell(book, row.unit)
        }),
        column(
            "file",
            Text,
            ["输入文件", "input file"],
            None,
            |row: &Offer| some_text(&row.file),
        ),
        column(
            "row",
            Integer,
            ["所在行", "input row"],
            None,
            |row: &Offer| whole(row.row),
        ),
    ];
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
        of: |row: &Offer| Shape::Point(row.at),
    };
    let rows = Box::new(book.offers.iter());
    Layer {
        name: "facilities",
        title: "设施 facilities",
        shapes: Some(shapes),
        columns,
        rows,
    }
}

pub(super) fn demand(book: &Book) -> Layer<'_, &Spot> {
    let (file, side) = ("demand.csv", u64::from(book.demand.side_m));
    let mut columns = vec![
        of_file(
            file,
            "point",
            Text,
            ["需求点", "demand point"],
            |row: &Spot| some_text(&row.id),
        ),
        of_file(
            file,
            "side_m",
            Integer,
            ["方格边长", "side in metres"],
            move |_: &Spot| whole(side),
        ),
        of_file(file, "unit", Text, ["单元", "unit"], |row: &Spot| {
            unit_cell(book, row.unit)
        }),
        of_file(
            file,
            "residents",
            Integer,
            ["人口", "residents"],
            |row: &Spot| whole(row.residents),
        ),
        of_file(
            file,
            "points",
            Integer,
            ["需求点数", "demand points"],
            |row: &Spot| whole(u64::from(row.points)),
        ),
    ];
    let keys = keys(book);
    for (at, &(service, year)) in book.demand.columns.iter().enumerate() {
        let (name, zh) = (
            covered_column(&keys[service], year),
            format!("覆盖 {year}（%）"),
        );
        let about = meaning(file, &name);
        let share = move |row: &Spot| whole(row.shares[at].map(u64::from));
        columns.push(
            column(name, Integer, [&zh, "covered"], about, share).of(&book.services[service]),
        );
    }
    if book.demand.minutes {
        columns.extend(book.services.iter().enumerate().map(|(at, service)| {
            let name = format!("{}_minutes", keys[at]);
            let about = meaning(file, &name);
            let minutes = move |row: &Spot| real(row.minutes[at]);
            column(name, Real, ["分钟", "minutes"], about, minutes).of(service)
        }));
    }
    let shapes = Shapes {
        kind: "POINT",
        of: |row: &Spot| Shape::Point(row.at),
    };
    let rows = Box::new(book.demand.spots.iter());
    Layer {
        name: "demand",
        title: "需求点 demand",
        shapes: Some(shapes),
        columns,
        rows,
    }
}

#[derive(Clone, Copy)]
pub(super) struct StandingRow<'a> {
    unit: &'a Unit,
    service: &'a Service,
    year: i32,
    is: &'a Standing,
}

pub(super) fn standing(book: &Book) -> Layer<'_, StandingRow<'_>> {
    let years = book.manifest.years.len();
    let rows = book
        .standings
        .iter()
        .enumerate()
        .map(move |(at, is)| StandingRow {
            unit: &book.units[at / years / book.services.len()],
            service: &book.services[at / years % book.services.len()],
            year: book.manifest.years[at % years],
            is,
        });
    let columns = [standing_people(), standing_capacity(), standing_presence()]
        .into_iter()
        .flatten()
        .collect();
    Layer {
        name: "standing",
        title: "现状 standing",
        shapes: None,
        columns,
        rows: Box::new(rows),
    }
}

fn standing_people<'a>() -> Vec<Column<'a, StandingRow<'a>>> {
    type Row<'a> = StandingRow<'a>;
    let (file, compare) = ("standing.csv", "compare.csv");
    vec![
        of_file(file, "unit", Text, ["单元", "unit"], |row: Row<'a>| {
            text(&row.unit.id)
        }),
        column(
            "unit_name",
            Text,
            ["单元名称", "unit name"],
            None,
            |row: Row<'a>| text(&row.unit.name),
        ),
        of_file(
            file,
            "service",
            Text,
            ["服务编号", "service"],
            |row: Row<'a>| text(&row.service.id),
        ),
        column(
            "service_zh",
            Text,
            ["服务", "service in Chinese"],
            None,
            |row: Row<'a>| text(&row.service.name.zh),
        ),
        column(
            "service_en",
            Text,
            ["服务英文名", "service in English"],
            None,
            |row: Row<'a>| text(&row.service.name.en),
        ),
        of_file(file, "year", Integer, ["年份", "year"], |row: Row<'a>| {
            year_cell(Some(row.year))
        }),
        of_file(
            file,
            "standard_status",
            Text,
            ["标准状态", "standard status"],
            |row: Row<'a>| text(&row.service.status.overall),
        ),
        of_file(
            file,
            "target_residents",
            Integer,
            ["对象人口", "target"],
            |row: Row<'a>| whole(row.is.target),
        ),
        of_file(
            file,
            "covered_residents",
            Integer,
            ["覆盖人口", "covered"],
            |row: Row<'a>| whole(row.is.covered),
        ),
        of_file(
            file,
            "coverage",
            Real,
            ["覆盖率", "coverage"],
            |row: Row<'a>| real(row.is.coverage),
        ),
        of_file(
            file,
            "unsnapped_residents",
            Integer,
            ["接不上路网", "unsnapped"],
            |row: Row<'a>| whole(row.is.unsnapped),
        ),
        of_file(
            file,
            "roadless_residents",
            Integer,
            ["路网之外", "roadless"],
            |row: Row<'a>| whole(row.is.roadless),
        ),
        of_file(
            file,
            "too_far_residents",
            Integer,
            ["太远", "too far"],
            |row: Row<'a>| whole(row.is.too_far),
        ),
        of_file(
            file,
            "substitute_residents",
            Integer,
            ["有替代设施", "substitute"],
            |row: Row<'a>| whole(row.is.substitute),
        ),
        of_file(
            file,
            "covered_public",
            Integer,
            ["公办普惠覆盖", "covered by public"],
            |row: Row<'a>| whole(row.is.covered_public),
        ),
        of_file(
            compare,
            "covered_straight",
            Integer,
            ["直线覆盖", "covered straight"],
            |row: Row<'a>| whole(row.is.covered_straight),
        ),
        of_file(
            compare,
            "detour_median",
            Real,
            ["绕行系数中位", "detour median"],
            |row: Row<'a>| real(row.is.detour_median),
        ),
        of_file(
            compare,
            "detour_p90",
            Real,
            ["绕行系数九成", "detour p90"],
            |row: Row<'a>| real(row.is.detour_p90),
        ),
    ]
}

fn standing_capacity<'a>() -> Vec<Column<'a, StandingRow<'a>>> {
    let figure = |name: &str, label: [&str; 2], of: fn(&Standing) -> Option<f64>| {
        of_file(
            "standing.csv",
            name,
            Real,
            label,
            move |row: StandingRow<'a>| real(of(row.is)),
        )
    };
    vec![
        column(
            "capacity_unit",
            Text,
            ["规模单位", "capacity unit"],
            None,
            |row: StandingRow<'a>| some_text(&row.service.capacity_unit),
        ),
        figure("demand", ["需求", "demand"], |is| is.demand),
        figure("supply_inside", ["单元内规模", "supply inside"], |is| {
            is.supply_inside
        }),
        figure(
            "supply_inside_public",
            ["其中公办普惠", "of it public"],
            |is| is.inside_public,
        ),
        figure(
            "supply_received",
            ["分得规模", "supply received"],
            |is| is.supply_received,
        ),
        figure(
            "shortfall_inside",
            ["缺口（单元内）", "shortfall inside"],
            |is| is.shortfall_inside,
        ),
        figure(
            "shortfall_reach",
            ["缺口（可达）", "shortfall in reach"],
            |is| is.shortfall_reach,
        ),
        figure("access", ["人均分得", "access"], |is| is.access),
        figure("seated", ["可安排需求", "seated"], |is| is.seated),
        figure(
            "short_for_certain",
            ["确定缺口", "short for certain"],
            |is| is.short,
        ),
        figure(
            "short_none_in_reach",
            ["其中时限内没有", "none in reach"],
            |is| is.short_far,
        ),
        figure("short_full", ["其中已满", "full"], |is| is.short_full),
        figure(
            "short_none_exists",
            ["其中全市没有", "none exists"],
            |is| is.short_none,
        ),
    ]
}

/// Counts mean something where there is a verdict.
fn standing_presence<'a>() -> Vec<Column<'a, StandingRow<'a>>> {
    let file = "standing.csv";
    let count = |name: &str, label: [&str; 2], of: fn(&Standing) -> u32| {
        of_file(file, name, Integer, label, move |row: StandingRow<'a>| {
            whole(row.is.attained.map(|_| u64::from(of(row.is))))
        })
    };
    vec![
        of_file(
            file,
            "rule",
            Text,
            ["规则", "rule"],
            |row: StandingRow<'a>| some_text(&row.is.rule),
        ),
        count("required", ["要求数量", "required"], |is| is.required),
        count("present", ["现有数量", "present"], |is| is.present),
        count("enough", ["达到规模", "large enough"], |is| is.enough),
        count("unknown", ["规模不明", "size not known"], |is| {
            is.unknown
        }),
        of_file(
            file,
            "attained",
            Text,
            ["达标", "attained"],
            |row: StandingRow<'a>| some_text(row.is.attained.map_or("", attained_code)),
        )
        .words("attained"),
    ]
}

pub(super) fn ranking(book: &Book) -> Layer<'_, UnitRow<'_>> {
    let mut columns = vec![
        of_file(
            "ranking.csv",
            "unit",
            Text,
            ["单元", "unit"],
            |row: UnitRow<'_>| text(&row.unit.id),
        ),
        column(
            "name",
            Text,
            ["名称", "name"],
            None,
            |row: UnitRow<'_>| text(&row.unit.name),
        ),
        of_file(
            "ranking.csv",
            "residents",
            Integer,
            ["人口", "residents"],
            |row: UnitRow<'_>| whole(row.unit.residents[0]),
        ),
        of_file(
            "ranking.csv",
            "residents_horizon",
            Integer,
            ["末年人口", "residents in the last year"],
            |row: UnitRow<'_>| whole(row.unit.residents.last().copied()),
        ),
    ];
    columns.extend(place_columns());
    let labels = [
        ["第一原因", "first cause"],
        ["第二原因", "second cause"],
        ["第三原因", "third cause"],
    ];
    columns.extend(labels.into_iter().enumerate().map(|(at, label)| {
        of_file(
            "ranking.csv",
            &format!("cause_{}", at + 1),
            Text,
            label,
            move |row: UnitRow<'_>| {
                let cause = row.place.and_then(|place| place.causes.get(at));
                some_text(cause.map_or("", |cause| &book.services[cause.service].id))
            },
        )
    }));
    let rows = book.places.iter().map(|place| UnitRow {
        at: place.unit,
        unit: &book.units[place.unit],
        place: Some(place),
    });
    Layer {
        name: "ranking",
        title: "资源配置优先序 ranking",
        shapes: None,
        columns,
        rows: Box::new(rows),
    }
}

#[derive(Clone, Copy)]
pub(super) struct CauseRow<'a> {
    place: &'a Place,
    unit: &'a Unit,
    service: &'a Service,
    cause: &'a Cause,
}

pub(super) fn causes<'a>(book: &'a Book) -> Layer<'a, CauseRow<'a>> {
    type Row<'a> = CauseRow<'a>;
    let file = "causes.csv";
    let columns = vec![
        of_file(
            file,
            "place",
            Integer,
            ["优先序位次", "place"],
            |row: Row<'_>| whole(u64::from(row.place.place)),
        ),
        of_file(file, "unit", Text, ["单元", "unit"], |row: Row<'_>| {
            text(&row.unit.id)
        }),
        column("name", Text, ["名称", "name"], None, |row: Row<'_>| {
            text(&row.unit.name)
        }),
        of_file(
            file,
            "service",
            Text,
            ["服务编号", "service"],
            |row: Row<'_>| text(&row.service.id),
        ),
        column(
            "service_zh",
            Text,
            ["服务", "service in Chinese"],
            None,
            |row: Row<'_>| text(&row.service.name.zh),
        ),
        column(
            "service_en",
            Text,
            ["服务英文名", "service in English"],
            None,
            |row: Row<'_>| text(&row.service.name.en),
        ),
        of_file(
            file,
            "weight",
            Real,
            ["权重", "weight"],
            |row: Row<'_>| real(row.cause.weight),
        ),
        of_file(
            file,
            "shortfall_rate",
            Real,
            ["缺口率", "missing share"],
            |row: Row<'_>| real(row.cause.shortfall_rate),
        ),
        of_file(
            file,
            "target_share",
            Real,
            ["对象人口占比", "target share"],
            |row: Row<'_>| real(row.cause.target_share),
        ),
        of_file(
            file,
            "part",
            Real,
            ["紧迫度中的部分", "part of need"],
            |row: Row<'_>| real(row.cause.part),
        ),
    ];
    let rows = book.places.iter().flat_map(|place| {
        let row = |cause: &'a Cause| CauseRow {
            place,
            unit: &book.units[place.unit],
            service: &book.services[cause.service],
            cause,
        };
        place.causes.iter().map(row)
    });
    Layer {
        name: "causes",
        title: "原因 causes",
        shapes: None,
        columns,
        rows: Box::new(rows),
    }
}

fn year_cell(year: Option<i32>) -> Cell<'static> {
    year.map_or_else(|| whole(None), Cell::from)
}

fn unit_cell(book: &Book, unit: Option<usize>) -> Cell<'_> {
    some_text(unit.map_or("", |unit| &book.units[unit].id))
}
