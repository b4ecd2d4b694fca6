//! The sheet of standings: one line a unit, service and year.

use fuwutu_core::service::Service;
use fuwutu_io::words::{attained, short_name, status};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{About, Area, Column, Group, Look, MOST, Rule, column, table};
use super::words::{NONE, both, statuses, unit, verdicts};
use crate::book::{Book, Standing, Unit};

/// All that `standing.csv` says, with the names of what it names by code.
pub(super) fn sheet(book: &Book) -> Result<(Worksheet, Area), XlsxError> {
    let years = years(book, MOST);
    let note = note(book, &years);
    let about = About {
        name: "现状 standing",
        title: [
            "现状：单元 × 服务 × 年份",
            "Standing: unit × service × year",
        ],
        note: [&note[0], &note[1]],
        fixed: 3,
        pages: 3,
    };
    let services = 0..book.services.len();
    let lines = book
        .units
        .iter()
        .enumerate()
        .flat_map(|unit| services.clone().map(move |service| (unit, service)));
    let lines = lines.flat_map(|((at, unit), service)| {
        years.iter().map(move |&year| Line {
            unit,
            service: &book.services[service],
            year: book.manifest.years[year],
            standing: book.standing(at, service, year),
        })
    });
    table(book, &about, &columns(book), lines)
}

/// The positions of the years that the sheet tells of: all; the first and the last where all have more than `most` lines; none
/// where these have more, too.
fn years(book: &Book, most: usize) -> Vec<usize> {
    let (all, each) = (
        book.manifest.years.len(),
        book.units.len() * book.services.len(),
    );
    let ends: Vec<usize> = if all > 1 { vec![0, all - 1] } else { vec![0] };
    match each {
        _ if each * all <= most => (0..all).collect(),
        _ if each * ends.len() <= most => ends,
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
        told if told < book.manifest.years.len() => [
            "行数过多，这里只有基年和末年，其余见 standing.csv。",
            "Base year and horizon alone: all years are too many lines for a sheet, see standing.csv. ",
        ],
        _ => [""; 2],
    };
    [
        format!(
            "{zh}三项结论分开看，不合成一个分数：蓝 覆盖，棕 供需，紫 配置。规模按“规模单位”计，空格为未知或不适用。"
        ),
        format!(
            "{en}Three verdicts, never one score: blue reach, brown capacity, purple presence. Capacity is counted in its unit; an empty cell is not known or does not apply."
        ),
    ]
}

#[derive(Clone, Copy)]
struct Line<'a> {
    unit: &'a Unit,
    service: &'a Service,
    year: i32,
    standing: &'a Standing,
}

fn columns<'a>(book: &'a Book) -> Vec<Column<'a, Line<'a>>> {
    let mut all = which(book);
    all.extend(reach(book));
    all.extend(presence());
    all.extend(capacity(book));
    all
}

fn which<'a>(book: &'a Book) -> Vec<Column<'a, Line<'a>>> {
    vec![
        column(
            ["单元名称", "name"],
            17,
            Look::Text,
            |line: Line<'a>| line.unit.name.as_str(),
        ),
        column(["服务", "service"], 24, Look::Text, |line: Line<'a>| {
            short_name(&line.service.name.zh)
        }),
        column(["年份", "year"], 8, Look::Plain, |line: Line<'a>| {
            line.year
        }),
        column(
            ["服务（英文）", "service in English"],
            26,
            Look::Text,
            |line: Line<'a>| short_name(&line.service.name.en),
        ),
        column(
            ["单元编号", "unit"],
            16,
            Look::Text,
            |line: Line<'a>| line.unit.id.as_str(),
        ),
        column(
            ["镇（街道）", "township"],
            16,
            Look::Text,
            |line: Line<'a>| book.townships[line.unit.township].name.as_str(),
        ),
        column(
            ["服务编号", "service id"],
            24,
            Look::Text,
            |line: Line<'a>| line.service.id.as_str(),
        ),
        column(
            ["标准状态", "status of the standard"],
            18,
            Look::Text,
            |line: Line<'a>| both(status(&line.service.status.overall)),
        )
        .colored(statuses()),
    ]
}

/// People, by whether they have the service within the limit.
fn reach<'a>(book: &Book) -> Vec<Column<'a, Line<'a>>> {
    let people = |head: [&str; 2], of: fn(&Standing) -> Option<u64>| {
        column(head, 13, Look::Whole, move |line: Line<'a>| {
            of(line.standing)
        })
        .of(Group::Reach)
    };
    let mut all = vec![
        people(["对象人口（人）", "target (persons)"], |standing| {
            standing.target
        }),
        people(["已覆盖（人）", "covered (persons)"], |standing| {
            standing.covered
        }),
        column(
            ["覆盖率", "coverage"],
            10,
            Look::Rate,
            |line: Line<'a>| line.standing.coverage,
        )
        .of(Group::Reach)
        .colored(Rule::Share),
        people(
            ["未覆盖：太远（人）", "not covered: too far"],
            |standing| standing.too_far,
        ),
        people(
            ["未覆盖：离路太远（人）", "not covered: far from streets"],
            |standing| standing.unsnapped,
        ),
        people(
            ["未覆盖：路网之外（人）", "not covered: off the network"],
            |standing| standing.roadless,
        ),
        people(
            ["未覆盖但有替代（人）", "not covered, with a substitute"],
            |standing| standing.substitute,
        ),
        people(
            ["公办普惠覆盖（人）", "covered by public ones"],
            |standing| standing.covered_public,
        ),
    ];
    // Straight lines are told only where they were compared with streets.
    if book
        .standings
        .iter()
        .any(|standing| standing.covered_straight.is_some())
    {
        let detour = |head: [&str; 2], of: fn(&Standing) -> Option<f64>| {
            column(head, 11, Look::Index, move |line: Line<'a>| {
                of(line.standing)
            })
            .of(Group::Reach)
        };
        all.extend([
            people(
                ["直线覆盖（人）", "covered, straight lines"],
                |standing| standing.covered_straight,
            ),
            detour(["绕行系数：半数人", "detour, median"], |standing| {
                standing.detour_median
            }),
            detour(
                ["绕行系数：九成人", "detour, nine in ten"],
                |standing| standing.detour_p90,
            ),
        ]);
    }
    all
}

/// Facilities, by the rule that the unit is farthest from.
fn presence<'a>() -> Vec<Column<'a, Line<'a>>> {
    // Without a rule there is nothing to count.
    let count = |head: [&str; 2], of: fn(&Standing) -> u32| {
        let cell =
            move |line: Line<'a>| (!line.standing.rule.is_empty()).then(|| of(line.standing));
        column(head, 10, Look::Whole, cell).of(Group::Presence)
    };
    vec![
        column(["达标", "attained"], 19, Look::Text, |line: Line<'a>| {
            line.standing
                .attained
                .map_or_else(|| NONE.to_owned(), |verdict| both(attained(verdict)))
        })
        .of(Group::Presence)
        .colored(verdicts()),
        column(
            ["配置规则", "rule"],
            12,
            Look::Text,
            |line: Line<'a>| {
                Some(line.standing.rule.as_str())
                    .filter(|rule| !rule.is_empty())
                    .unwrap_or(NONE)
            },
        )
        .of(Group::Presence),
        count(["应有（处）", "required"], |standing| {
            standing.required
        }),
        count(["现有（处）", "present"], |standing| standing.present),
        count(["规模足够（处）", "large enough"], |standing| {
            standing.enough
        }),
        count(["不明（处）", "not known"], |standing| {
            standing.unknown
        }),
    ]
}

/// Demand and supply, in the service's unit.
fn capacity<'a>(book: &Book) -> Vec<Column<'a, Line<'a>>> {
    let amount = |head: [&str; 2], of: fn(&Standing) -> Option<f64>| {
        column(head, 12, Look::Tenth, move |line: Line<'a>| {
            of(line.standing)
        })
        .of(Group::Capacity)
    };
    let mut all = vec![
        column(
            ["规模单位", "unit of capacity"],
            22,
            Look::Text,
            |line: Line<'a>| unit(line.service),
        )
        .of(Group::Capacity),
        amount(["需求", "demand"], |standing| standing.demand),
        amount(["单元内供给", "supply inside"], |standing| {
            standing.supply_inside
        }),
        amount(["分得供给", "supply received"], |standing| {
            standing.supply_received
        }),
        amount(["缺口（单元内）", "short inside"], |standing| {
            standing.shortfall_inside
        }),
        amount(["缺口（可达）", "short in reach"], |standing| {
            standing.shortfall_reach
        }),
        column(
            ["人均分得", "access (per person)"],
            11,
            Look::Index,
            |line: Line<'a>| line.standing.access,
        )
        .of(Group::Capacity),
        amount(["已安排", "seated"], |standing| standing.seated),
        amount(["确定缺口", "short for certain"], |standing| {
            standing.short
        }),
        amount(
            ["其中：时限内没有", "of it: none in reach"],
            |standing| standing.short_far,
        ),
        amount(["其中：都已满", "of it: all full"], |standing| {
            standing.short_full
        }),
        amount(["其中：全市没有", "of it: none exists"], |standing| {
            standing.short_none
        }),
    ];
    if book.services.iter().any(|service| service.public_apart) {
        all.push(amount(
            ["公办普惠供给（单元内）", "public supply inside"],
            |standing| standing.inside_public,
        ));
    }
    all
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
