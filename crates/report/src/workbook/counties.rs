//! The sheets that only some rounds have: counties, and how evenly access is shared.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{About, Group, Look, MOST, Rule, column, table};
use super::words::{NONE, both, service, unit, yes};
use crate::book::{Book, CountyStanding, Equity};

/// One line a county, service and year.
pub(super) fn counties(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "区县 counties",
        title: ["区县总量", "Counties"],
        note: [
            "按区县合计的服务；规模按“规模单位”计，空格为未知或不适用。",
            "What is judged for counties as a whole. Capacity is counted in its unit; an empty cell is not known or does not apply.",
        ],
        fixed: 3,
        pages: 1,
    };
    let names = book.service_names();
    let of = |id: &str| {
        book.services
            .iter()
            .chain(&book.county_services)
            .find(|service| service.id == id)
    };
    let columns = [
        column(
            ["区县代码", "county"],
            11,
            Look::Text,
            |line: &CountyStanding| line.county.clone(),
        ),
        column(
            ["服务", "service"],
            34,
            Look::Text,
            |line: &CountyStanding| {
                names
                    .get(line.service.as_str())
                    .map_or_else(|| line.service.clone(), |names| both(*names))
            },
        ),
        column(
            ["年份", "year"],
            8,
            Look::Plain,
            |line: &CountyStanding| line.year,
        ),
        column(
            ["人口（人）", "residents"],
            13,
            Look::Whole,
            |line: &CountyStanding| line.residents,
        ),
        column(
            ["规模单位", "unit of capacity"],
            20,
            Look::Text,
            |line: &CountyStanding| of(&line.service).map_or_else(|| NONE.to_owned(), unit),
        )
        .of(Group::Capacity),
        column(
            ["需求", "demand"],
            13,
            Look::Tenth,
            |line: &CountyStanding| line.demand,
        )
        .of(Group::Capacity),
        column(
            ["规模", "capacity"],
            13,
            Look::Tenth,
            |line: &CountyStanding| line.capacity,
        )
        .of(Group::Capacity),
        column(
            ["规模不明（处）", "capacity not known"],
            11,
            Look::Whole,
            |line: &CountyStanding| line.capacity_unknown,
        )
        .of(Group::Capacity),
        column(
            ["缺口", "short"],
            13,
            Look::Tenth,
            |line: &CountyStanding| line.short,
        )
        .of(Group::Capacity),
        column(
            ["供需比", "capacity ÷ demand"],
            12,
            Look::Rate,
            |line: &CountyStanding| line.ratio,
        )
        .of(Group::Capacity),
        column(
            ["开放设施（处）", "facilities"],
            11,
            Look::Whole,
            |line: &CountyStanding| line.facilities,
        )
        .of(Group::Presence),
        column(
            ["应有（处）", "required"],
            11,
            Look::Whole,
            |line: &CountyStanding| line.required,
        )
        .of(Group::Presence),
        column(
            ["达到", "attained"],
            11,
            Look::Text,
            |line: &CountyStanding| line.attained.map_or(NONE, yes),
        )
        .of(Group::Presence)
        .colored(Rule::Words(vec![(
            yes(false).to_owned(),
            0xF5_A5_5A,
            false,
        )])),
    ];
    Ok(table(book, &about, &columns, book.counties.iter().take(MOST))?.0)
}

/// One line a service and year.
pub(super) fn equity(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "公平 equity",
        title: ["公平：可达规模的分布", "Equity: how access is shared"],
        note: [
            "按社区计，人口加权。基尼、泰尔：0 为完全均等；帕尔玛：最多的一成人与最少的四成人所占份额之比。更多指标见 equity.csv。",
            "Over communities, weighted by people. Gini, Theil: 0 is equal. Palma: share of the tenth that has most ÷ that of the four tenths that have least. More stands in equity.csv.",
        ],
        fixed: 2,
        pages: 1,
    };
    let columns = [
        column(["服务", "service"], 36, Look::Text, |line: &Equity| {
            service(&book.services[line.service])
        }),
        column(["年份", "year"], 8, Look::Plain, |line: &Equity| {
            line.year
        }),
        column(
            ["人均可达规模", "mean access"],
            14,
            Look::Index,
            |line: &Equity| line.mean,
        ),
        column(
            ["基尼系数", "Gini"],
            12,
            Look::Index,
            |line: &Equity| line.gini,
        )
        .colored(Rule::Heat(1.0)),
        column(
            ["帕尔玛比", "Palma"],
            12,
            Look::Index,
            |line: &Equity| line.palma,
        ),
        column(
            ["泰尔指数", "Theil T"],
            12,
            Look::Index,
            |line: &Equity| line.theil,
        ),
        column(
            ["低于标准的人", "people below the norm"],
            14,
            Look::Rate,
            |line: &Equity| line.below_norm_share,
        )
        .colored(Rule::Bar),
    ];
    Ok(table(book, &about, &columns, book.equities.iter().take(MOST))?.0)
}
