//! The sheet of standards: the rows of the catalogue that were used, each with how well it is established.

use fuwutu_core::service::{Figure, Service};
use fuwutu_io::standards;
use fuwutu_io::words::status;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::facilities::minimum_unit;
use super::sheet::{About, Column, Group, Look, column, table};
use super::words::{NONE, basis, both, limit, mark, statuses, tier, unit, yes};
use crate::book::Book;

/// Services judged by unit first, those judged by county after them.
pub(super) fn sheet(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "标准 standards",
        title: ["标准", "Standards"],
        note: [
            "所用标准及其状态：已核实（V）、部分核实、转引（S）、待核实（R）、建议值（P）；依据：文件、条款、年份、适用范围，其余依据见 standards.csv。时限为实际采用的值；指标范围取下限。",
            "The standards in use and how well each is established: verified (V), partly, secondary (S), recalled (R), proposed (P); what each rests on: document, clause, year and scope, more in standards.csv. Limits as used; of a range of a norm the lower end.",
        ],
        fixed: 2,
        pages: 2,
    };
    Ok(table(
        book,
        &about,
        &columns(book),
        book.services.iter().chain(&book.county_services),
    )?
    .0)
}

type Line<'a> = &'a Service;

fn columns<'a>(book: &'a Book) -> Vec<Column<'a, Line<'a>>> {
    let mut columns = vec![
        column(
            ["服务", "service"],
            24,
            Look::Wrapped,
            |service: Line<'a>| service.name.zh.as_str(),
        ),
        column(["状态", "status"], 18, Look::Text, |service: Line<'a>| {
            both(status(&service.status.overall))
        })
        .colored(statuses()),
        column(
            ["服务（英文）", "service in English"],
            24,
            Look::Wrapped,
            |service: Line<'a>| service.name.en.as_str(),
        ),
        column(
            ["服务编号", "service id"],
            24,
            Look::Text,
            |service: Line<'a>| service.id.as_str(),
        ),
        column(
            ["类别", "category"],
            15,
            Look::Text,
            |service: Line<'a>| service.category.as_str(),
        ),
        column(
            ["层级", "levels"],
            13,
            Look::Wrapped,
            |service: Line<'a>| service.levels.join(", "),
        ),
        column(["分类", "tier"], 20, Look::Text, |service: Line<'a>| {
            tier(service.tier)
        }),
        column(
            ["服务对象（岁）", "target (ages)"],
            10,
            Look::Text,
            |service: Line<'a>| String::from(service.target),
        ),
    ];
    if !book.county_services.is_empty() {
        columns.push(column(
            ["按区县统筹评价", "by county alone"],
            11,
            Look::Text,
            move |service: Line<'a>| {
                yes(book
                    .county_services
                    .iter()
                    .any(|other| other.id == service.id))
            },
        ));
    }
    columns.extend(figures(book.manifest.years[0]));
    columns.extend([
        column(
            ["来源", "source"],
            48,
            Look::Wrapped,
            |service: Line<'a>| service.source.as_str(),
        ),
        column(
            ["说明", "notes"],
            40,
            Look::Wrapped,
            |service: Line<'a>| service.notes.as_str(),
        ),
    ]);
    columns
}

/// The status of a figure, and what it rests on: columns of a group.
fn established<'a>(
    figure: Figure,
    headings: [[&'static str; 2]; 2],
    base_year: i32,
    group: Group,
) -> [Column<'a, Line<'a>>; 2] {
    let [status, rests_on] = headings;
    [
        column(status, 11, Look::Text, move |service: Line<'a>| {
            mark(service.status.of(figure))
        })
        .of(group),
        column(
            rests_on,
            40,
            Look::Wrapped,
            move |service: Line<'a>| match service.evidence_of(figure) {
                Some(evidence) => {
                    let [zh, _] = standards::basis(evidence, base_year);
                    zh
                }
                None => NONE.to_owned(),
            },
        )
        .of(group),
    ]
}

fn figures<'a>(base_year: i32) -> Vec<Column<'a, Line<'a>>> {
    let [limit_status, limit_basis] = established(
        Figure::Limit,
        [
            ["时限的依据", "limit: status"],
            ["时限依据文件", "limit: rests on"],
        ],
        base_year,
        Group::Reach,
    );
    let [rural_status, rural_basis] = established(
        Figure::LimitRural,
        [
            ["乡村时限的依据", "rural limit: status"],
            ["乡村时限依据文件", "rural limit: rests on"],
        ],
        base_year,
        Group::Reach,
    );
    let [norm_status, norm_basis] = established(
        Figure::Norm,
        [
            ["指标的依据", "norm: status"],
            ["指标依据文件", "norm: rests on"],
        ],
        base_year,
        Group::Capacity,
    );
    let [presence_status, presence_basis] = established(
        Figure::Presence,
        [
            ["配置的依据", "presence: status"],
            ["配置依据文件", "presence: rests on"],
        ],
        base_year,
        Group::Presence,
    );
    let [minimum_status, minimum_basis] = established(
        Figure::Minimum,
        [
            ["规模的依据", "minimum: status"],
            ["规模依据文件", "minimum: rests on"],
        ],
        base_year,
        Group::Presence,
    );
    vec![
        column(
            ["时限（城）", "limit, urban"],
            22,
            Look::Wrapped,
            |service: Line<'a>| limit(service.urban),
        )
        .of(Group::Reach),
        column(
            ["时限（乡）", "limit, rural"],
            22,
            Look::Wrapped,
            |service: Line<'a>| limit(service.rural),
        )
        .of(Group::Reach),
        limit_status,
        limit_basis,
        rural_status,
        rural_basis,
        column(
            ["指标口径", "norm by"],
            20,
            Look::Wrapped,
            |service: Line<'a>| basis(service.norm.basis),
        )
        .of(Group::Capacity),
        column(
            ["千人指标", "per 1,000, low"],
            11,
            Look::Tenth,
            |service: Line<'a>| service.norm.per_1000_low,
        )
        .of(Group::Capacity),
        column(
            ["千人指标上限", "per 1,000, high"],
            11,
            Look::Tenth,
            |service: Line<'a>| service.norm.per_1000_high,
        )
        .of(Group::Capacity),
        column(
            ["每名对象", "per target person"],
            11,
            Look::Index,
            |service: Line<'a>| service.norm.per_target_person,
        )
        .of(Group::Capacity),
        column(
            ["每百户（㎡）", "m² per 100 households"],
            12,
            Look::Tenth,
            |service: Line<'a>| service.norm.m2_per_100_households,
        )
        .of(Group::Capacity),
        column(
            ["每人（㎡）", "m² per resident"],
            12,
            Look::Tenth,
            |service: Line<'a>| service.norm.m2_per_resident,
        )
        .of(Group::Capacity),
        column(["规模单位", "unit of capacity"], 18, Look::Wrapped, unit).of(Group::Capacity),
        norm_status,
        norm_basis,
        column(
            ["配置要求", "presence"],
            24,
            Look::Wrapped,
            |service: Line<'a>| {
                standards::figure(service, Figure::Presence)
                    .map_or_else(|| NONE.to_owned(), |[zh, en]| both([&zh, &en]))
            },
        )
        .of(Group::Presence),
        presence_status,
        presence_basis,
        column(
            ["最小规模", "minimum"],
            10,
            Look::Tenth,
            |service: Line<'a>| service.minimum.as_ref().map(|minimum| minimum.size),
        )
        .of(Group::Presence),
        column(
            ["最小规模（全部）", "minimum in full"],
            26,
            Look::Wrapped,
            |service: Line<'a>| {
                standards::figure(service, Figure::Minimum)
                    .map_or_else(|| NONE.to_owned(), |[zh, en]| both([&zh, &en]))
            },
        )
        .of(Group::Presence),
        column(
            ["最小规模的单位", "unit of minimum"],
            18,
            Look::Wrapped,
            |service: Line<'a>| {
                service
                    .minimum
                    .as_ref()
                    .map_or_else(|| NONE.to_owned(), |minimum| minimum_unit(&minimum.unit))
            },
        )
        .of(Group::Presence),
        minimum_status,
        minimum_basis,
    ]
}
