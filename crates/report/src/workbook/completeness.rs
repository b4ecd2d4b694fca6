//! The sheet of completeness: how many services people have in reach.

use std::collections::BTreeMap;

use fuwutu_io::tables::completeness::Completeness;
use fuwutu_io::tables::{self, Width};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{About, Look, MOST, Rule, column, declared, table};
use super::words::{NONE, both};
use crate::book::Book;

/// One line an area, year and way of counting: the city first, then townships, then units.
pub(super) fn sheet(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "生活圈 completeness",
        title: [
            "生活圈完整度",
            "Completeness: services in reach of residents",
        ],
        note: [
            "齐备率：适用的服务全部可达的居民占比；完整度：适用的服务中可达的份额。一项服务只对其服务人口、且所在社区类别有时限的居民适用。",
            "Share with all: residents who have all services in reach that count for them. Completeness: of these services, the share in reach. A service counts for its target group, where their class of community has a limit.",
        ],
        fixed: 3,
        pages: 2,
    };
    let lines = ["city", "township", "unit"].into_iter().flat_map(|area| {
        let lines = book.completeness.iter();
        lines.filter(move |line| line.area == area)
    });
    let lines: Vec<&Completeness> = lines.take(MOST).collect();
    let units = book
        .units
        .iter()
        .map(|unit| (unit.row.unit.as_str(), unit.name.as_str()));
    let townships = book.townships.iter();
    let townships = townships.map(|each| (each.township.as_str(), each.township_name.as_str()));
    let names: BTreeMap<&str, &str> = units.chain(townships).collect();
    let services = book.service_names();
    let mut columns = declared(
        &Width::default(),
        |about: &tables::About| about.name != "lacked_service",
        &lines,
        |line: &Completeness| Some(line),
    );
    columns.insert(
        2,
        column(["名称", "name"], 20, Look::Text, |line: &Completeness| {
            names.get(line.id.as_str()).copied().unwrap_or_default()
        }),
    );
    if lines.iter().any(|line| !line.lacked_service.is_empty()) {
        let lacked = column(
            ["最常单独缺少的服务", "service most often lacked alone"],
            34,
            Look::Text,
            |line: &Completeness| {
                let name = services.get(line.lacked_service.as_str());
                name.map_or_else(|| NONE.to_owned(), |name| both(*name))
            },
        );
        let before = columns
            .iter()
            .position(|each| each.english() == "lacking it alone (persons)");
        columns.insert(before.unwrap_or(columns.len()), lacked);
    }
    let colored = columns.into_iter().map(|column| match column.english() {
        "share with all" | "completeness" => column.colored(Rule::Share),
        _ => column,
    });
    let columns: Vec<_> = colored.collect();
    Ok(table(book, &about, &columns, lines)?.0)
}
