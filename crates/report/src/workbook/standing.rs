//! The sheet of standings: one line a unit, service and year.

use fuwutu_core::service::Service;
use fuwutu_io::tables::compare::Compare;
use fuwutu_io::tables::standing::Standing;
use fuwutu_io::tables::{About, Topic, Width};
use fuwutu_io::words::short_name;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{self, Area, Column, Group, Look, MOST, Rule, column, declared, table};
use super::words::{both, statuses, unit, verdicts};
use crate::book::{Book, Unit};
use crate::words::NO_DATA;

/// All that `standing.csv` says, with the names of what it names by code.
pub(super) fn sheet(book: &Book) -> Result<(Worksheet, Area), XlsxError> {
    let years = years(book, MOST);
    let note = note(book, &years);
    let about = sheet::About {
        name: "评价结果 standing",
        title: [
            "评价结果：单元 × 服务 × 年份",
            "Standing: unit × service × year",
        ],
        note: [&note[0], &note[1]],
        fixed: 3,
        pages: 3,
    };
    let services = 0..book.services.len();
    let pairs =
        (0..book.units.len()).flat_map(|unit| services.clone().map(move |service| (unit, service)));
    let lines = pairs.flat_map(|(unit, service)| {
        years.iter().map(move |&year| Line {
            supplied: book.supplied(service),
            unit: &book.units[unit],
            service: &book.services[service],
            standing: book.standing(unit, service, year),
            compare: book.compare(unit, service, year),
        })
    });
    let lines: Vec<Line> = lines.collect();
    table(book, &about, &columns(&lines), lines)
}

/// The positions of the years that the sheet shows: all; the first and the last where all have more than `most` lines; none
/// where these have more, too.
fn years(book: &Book, most: usize) -> Vec<usize> {
    let (year_count, rows_per_year) = (
        book.manifest.years.len(),
        book.units.len() * book.services.len(),
    );
    let ends: Vec<usize> = if year_count > 1 {
        vec![0, year_count - 1]
    } else {
        vec![0]
    };
    match rows_per_year {
        _ if rows_per_year * year_count <= most => (0..year_count).collect(),
        _ if rows_per_year * ends.len() <= most => ends,
        _ => Vec::new(),
    }
}

/// How to read it, and which years are left out.
fn note(book: &Book, years: &[usize]) -> [String; 2] {
    let [zh, en] = match years.len() {
        0 => [
            "行数过多，请见 standing.csv。",
            "Too many lines for a sheet: see standing.csv. ",
        ],
        count if count < book.manifest.years.len() => [
            "行数过多，这里只有基期年和末年，其余见 standing.csv。",
            "Base year and horizon alone: all years are too many lines for a sheet, see standing.csv. ",
        ],
        _ => [""; 2],
    };
    [
        format!(
            "{zh}三类评价分开看，不合成一个分数：蓝 覆盖，棕 供需，紫 配置。规模按“规模单位”计，空格为未知或不适用。"
        ),
        format!(
            "{en}Three verdicts, never one score: blue reach, brown capacity, purple presence. Capacity is counted in its unit; an empty cell is not known or does not apply."
        ),
    ]
}

#[derive(Clone, Copy)]
struct Line<'a> {
    /// Whether something is known of the service's facilities.
    supplied: bool,
    unit: &'a Unit,
    service: &'a Service,
    standing: &'a Standing,
    compare: Option<&'a Compare>,
}

/// Which line it is, and then the verdicts one after the other; why there are none where nothing is known of the facilities.
fn columns<'a>(lines: &[Line<'a>]) -> Vec<Column<'a, Line<'a>>> {
    let mut columns = which(lines);
    if lines.iter().any(|line| !line.supplied) {
        columns.push(column(
            ["数据", "data"],
            20,
            Look::Text,
            |line: Line<'a>| {
                if line.supplied {
                    String::new()
                } else {
                    both(NO_DATA)
                }
            },
        ));
    }
    for topic in [Topic::Reach, Topic::Presence, Topic::Capacity] {
        if topic == Topic::Capacity {
            columns.push(capacity_unit());
        }
        columns.extend(of_standing(lines, |about| about.topic == topic));
        if topic == Topic::Reach {
            let straight = declared(
                &Width::default(),
                |about: &About| {
                    ["covered_straight", "detour_median", "detour_p90"].contains(&about.name)
                },
                lines,
                |line: Line<'a>| line.compare,
            );
            columns.extend(straight.into_iter().map(|column| column.of(Group::Reach)));
        }
    }
    columns
}

/// Columns of the table, coloured where a colour says more than a number.
fn of_standing<'a>(
    lines: &[Line<'a>],
    wanted: impl Fn(&About) -> bool,
) -> Vec<Column<'a, Line<'a>>> {
    let columns = declared(&Width::default(), wanted, lines, |line: Line<'a>| {
        Some(line.standing)
    });
    let colored = columns.into_iter().map(|column| match column.english() {
        "coverage" => column.colored(Rule::Share),
        "attained" => column.colored(verdicts()),
        "status of the standard" => column.colored(statuses()),
        _ => column,
    });
    colored.collect()
}

fn which<'a>(lines: &[Line<'a>]) -> Vec<Column<'a, Line<'a>>> {
    let mut columns = vec![
        column(
            ["单元名称", "name"],
            17,
            Look::Text,
            |line: Line<'a>| line.unit.name.as_str(),
        ),
        column(
            ["服务", "service in Chinese"],
            24,
            Look::Text,
            |line: Line<'a>| short_name(&line.service.name.zh),
        ),
        column(
            ["服务（英文）", "service in English"],
            26,
            Look::Text,
            |line: Line<'a>| short_name(&line.service.name.en),
        ),
    ];
    let identifying = of_standing(lines, |about| about.topic == Topic::Which);
    let (year, others) = identifying
        .into_iter()
        .partition::<Vec<_>, _>(|column| column.english() == "year");
    columns.splice(2..2, year);
    columns.extend(others);
    columns.push(column(
        ["镇（街道）", "township"],
        16,
        Look::Text,
        |line: Line<'a>| line.unit.township_name.as_str(),
    ));
    columns
}

fn capacity_unit<'a>() -> Column<'a, Line<'a>> {
    column(
        ["规模单位", "unit of capacity"],
        22,
        Look::Text,
        |line: Line<'a>| unit(line.service),
    )
    .of(Group::Capacity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::book;

    #[test]
    fn too_long_a_standing_is_told_by_its_ends_or_not_at_all() {
        // 3 units × 2 services × 3 years = 18 lines.
        let mut book = book();
        book.manifest.years = vec![2026, 2027, 2029];
        assert_eq!(years(&book, 18), [0, 1, 2]);
        assert_eq!(years(&book, 17), [0, 2]);
        assert_eq!(years(&book, 12), [0, 2]);
        assert!(years(&book, 11).is_empty());
        assert!(note(&book, &[0, 2])[1].contains("Base year and horizon alone"));
        assert!(note(&book, &[])[0].contains("standing.csv"));
        assert!(!note(&book, &[0, 1, 2])[1].contains("standing.csv"));
    }
}
