//! The sheets that only some rounds have: counties, and how evenly access is shared.

use rust_xlsxwriter::{Worksheet, XlsxError};

use fuwutu_io::tables::counties::County;
use fuwutu_io::tables::{self, Width};

use super::sheet::{About, Look, MOST, Rule, column, declared, table};
use super::words::{NONE, both, service, unit, yes};
use crate::book::{Book, Equity};

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
    let lines: Vec<&County> = book.counties.iter().take(MOST).collect();
    let find = |id: &str| {
        let services = book.services.iter().chain(&book.county_services);
        services.into_iter().find(|service| service.id == id)
    };
    let names = book.service_names();
    let mut columns = declared(
        &Width::default(),
        |_| true,
        &lines,
        |line: &County| Some(line),
    );
    columns.splice(
        1..1,
        [
            column(
                ["服务", "service name"],
                34,
                Look::Text,
                |line: &County| {
                    let names = names.get(line.service.as_str());
                    names.map_or_else(|| line.service.clone(), |names| both(*names))
                },
            ),
            column(
                ["规模单位", "unit of capacity"],
                20,
                Look::Text,
                |line: &County| find(&line.service).map_or_else(|| NONE.to_owned(), unit),
            ),
        ],
    );
    let colored = columns.into_iter().map(|column| match column.english() {
        "attained" => column.colored(Rule::Words(vec![(
            yes(false).to_owned(),
            0xF5_A5_5A,
            false,
        )])),
        _ => column,
    });
    let columns: Vec<_> = colored.collect();
    Ok(table(book, &about, &columns, lines)?.0)
}

/// One line a service and year.
pub(super) fn equity(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "公平 equity",
        title: ["公平：可达规模的分布", "Equity: how access is shared"],
        note: [
            "按社区计，人口加权。基尼、泰尔：0 为完全均等；帕尔马：最多的一成人与最少的四成人所占份额之比。更多指标见 equity.csv。",
            "Over communities, weighted by people. Gini, Theil: 0 is equal. Palma: share of the tenth that has most ÷ that of the four tenths that have least. More stands in equity.csv.",
        ],
        fixed: 2,
        pages: 1,
    };
    let lines: Vec<&Equity> = book.equities.iter().take(MOST).collect();
    let most = ["lorenz_{tenth}", "undefined", "service"];
    let mut columns = declared(
        &Width::default(),
        |about: &tables::About| !most.contains(&about.name),
        &lines,
        |line: &Equity| Some(&line.row),
    );
    columns.insert(
        0,
        column(
            ["服务", "service name"],
            36,
            Look::Text,
            |line: &Equity| service(&book.services[line.service]),
        ),
    );
    let colored = columns.into_iter().map(|column| match column.english() {
        "Gini" => column.colored(Rule::Heat(1.0)),
        "share below the norm" => column.colored(Rule::Bar),
        _ => column,
    });
    let columns: Vec<_> = colored.collect();
    Ok(table(book, &about, &columns, lines)?.0)
}
