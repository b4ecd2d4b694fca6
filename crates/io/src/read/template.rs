//! Empty tables for departments to fill in: which columns, what they mean, what an example looks like.
//!
//! The columns are those that the readers look for, so that a table that was filled in is read without a word in the plan.

use fuwutu_core::service::Service;

use super::{facilities, housing, land, outlook, people};
use crate::table::Column;

/// A table to fill in.
pub struct Template {
    /// The name of its files, without what says their form.
    pub name: &'static str,
    /// What it is, in Chinese and English.
    pub title: [&'static str; 2],
    /// From left to right.
    pub columns: Vec<Field>,
}

/// A column to fill in.
pub struct Field {
    /// As it stands in the header: the first Chinese name that the reader knows.
    pub header: String,
    /// Whether rows need it.
    pub required: bool,
    /// In Chinese and English.
    pub meaning: [&'static str; 2],
    /// What stands in the row that is an example.
    pub example: &'static str,
    /// What may stand in it.
    pub holds: Holds,
}

/// What may stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    Words,
    /// Codes: digits that are no number.
    Code,
    /// Numbers.
    Number,
    /// A service of the catalogue.
    Service,
    /// One of these.
    Choice(&'static [&'static str]),
}

/// Before the id or code in the first cell of the row that is an example: such a row is left out when the table is read.
pub const EXAMPLE: &str = "示例";

const STATUS: Holds = Holds::Choice(&["现状", "在建", "规划", "闲置", "停用"]);
const OWNERSHIP: Holds = Holds::Choice(&["公办", "普惠", "民办"]);
const CLASS: Holds = Holds::Choice(&["城镇", "乡村"]);

/// The first name of each service, for a list to choose from.
#[must_use]
pub fn services(catalogue: &[Service]) -> Vec<String> {
    catalogue
        .iter()
        .map(|service| service.name.zh.clone())
        .collect()
}

/// All tables to fill in: communities, demand points, facilities, earlier residents, new dwellings.
#[must_use]
pub fn templates() -> Vec<Template> {
    let of = |name, title, columns: &[Column]| Template {
        name,
        title,
        columns: (columns.iter().filter(|column| is_asked_for(column)))
            .map(|column| field(name, column))
            .collect(),
    };
    vec![
        of(
            "communities",
            ["社区（村）名单", "communities"],
            &land::COMMUNITY_COLUMNS,
        ),
        of(
            "population",
            ["人口（需求点）", "demand points"],
            &people::COLUMNS,
        ),
        of(
            "facilities",
            ["公共服务设施", "facilities"],
            &facilities::COLUMNS,
        ),
        of(
            "earlier",
            [
                "历史社区人口",
                "residents of communities at an earlier date",
            ],
            &outlook::DATED_COLUMNS,
        ),
        of("housing", ["新建住房", "new dwellings"], &housing::COLUMNS),
    ]
}

/// Whether people are asked for it: of the columns that help to understand others only the names of communities and townships.
fn is_asked_for(column: &Column) -> bool {
    !column.first || ["community_name", "township_name"].contains(&column.name)
}

fn field(table: &str, column: &Column) -> Field {
    let described = MEANINGS
        .iter()
        .find(|(tables, name, ..)| *name == column.name && (tables.is_empty() || *tables == table));
    let (_, _, meaning, example, holds) = described.copied().unwrap_or_else(|| age(column.name));
    let mut headers = column.headers.iter();
    let chinese = headers.find(|header| !header.is_ascii());
    Field {
        header: chinese.map_or_else(|| age_header(column.name), |header| (*header).to_owned()),
        required: column.required,
        meaning,
        example,
        holds,
    }
}

/// Table (empty: any), column, meaning, example, what it holds.
type Meaning = (
    &'static str,
    &'static str,
    [&'static str; 2],
    &'static str,
    Holds,
);

const MEANINGS: [Meaning; 33] = [
    (
        "",
        "community_name",
        [
            "社区（村）名称；不知道代码时填写",
            "name of the community, where its code is not known",
        ],
        "东一社区",
        Holds::Words,
    ),
    (
        "",
        "township_name",
        [
            "所属镇（街道）名称；不知道代码时填写",
            "name of its township, where the code is not known",
        ],
        "东街道",
        Holds::Words,
    ),
    (
        "population",
        "id",
        [
            "需求点编号，表内唯一",
            "id of the demand point, once in the table",
        ],
        "p0001",
        Holds::Code,
    ),
    (
        "facilities",
        "id",
        [
            "设施编号；同一设施提供几项服务时，每项一行，编号相同",
            "id of the facility; where it offers several services a row for each, with the same id",
        ],
        "f0001",
        Holds::Code,
    ),
    (
        "communities",
        "code",
        [
            "社区（村）12 位统计用区划代码",
            "statistical code of 12 digits",
        ],
        "990101001001",
        Holds::Code,
    ),
    (
        "communities",
        "name",
        ["社区（村）名称", "name of the community"],
        "东一社区",
        Holds::Words,
    ),
    (
        "facilities",
        "name",
        ["设施名称", "name of the facility"],
        "第一小学",
        Holds::Words,
    ),
    (
        "",
        "township",
        [
            "所属镇（街道）9 位统计用区划代码",
            "statistical code of its township, 9 digits",
        ],
        "990101001",
        Holds::Code,
    ),
    (
        "",
        "class",
        [
            "城乡分类：城镇或乡村，或统计用城乡分类代码 111–123、210、220",
            "urban or rural, or the statistical class",
        ],
        "城镇",
        CLASS,
    ),
    (
        "",
        "residential_km2",
        [
            "居住用地面积，平方公里；不知道的留空",
            "residential land in square kilometres; empty where not known",
        ],
        "0.4",
        Holds::Number,
    ),
    (
        "",
        "community",
        [
            "所属社区（村）12 位统计用区划代码",
            "statistical code of its community, 12 digits",
        ],
        "990101001001",
        Holds::Code,
    ),
    (
        "",
        "lon",
        [
            "经度，度；坐标系写入评估任务文件的 crs",
            "longitude in degrees; the plan's `crs` says in which system",
        ],
        "104.0051",
        Holds::Number,
    ),
    (
        "",
        "lat",
        ["纬度，度", "latitude in degrees"],
        "30.6052",
        Holds::Number,
    ),
    (
        "",
        "residents",
        [
            "常住人口，人（不是户籍人口，不是万人）",
            "usual residents, in persons",
        ],
        "1000",
        Holds::Number,
    ),
    (
        "",
        "service",
        ["服务类别，从列表中选取", "the service, from the list"],
        "小学",
        Holds::Service,
    ),
    (
        "",
        "capacity",
        [
            "供给规模：学位、床位、托位、平方米等，只写数字；不知道的留空，不写 0",
            "capacity, a number alone; empty where not known, never 0",
        ],
        "900",
        Holds::Number,
    ),
    (
        "",
        "capacity_unit",
        [
            "规模的单位：学位、床位、托位、平方米等；与服务要素配置表一致时可不填",
            "unit of the capacity; may be left out where it is the catalogue's",
        ],
        "学位",
        Holds::Words,
    ),
    (
        "",
        "status",
        [
            "现状、在建、规划、闲置或停用；不填为现状",
            "existing, committed, planned, idle or closed; empty is existing",
        ],
        "现状",
        STATUS,
    ),
    (
        "",
        "opens",
        [
            "启用年份；在建的必填",
            "year in which it opens; needed where it is being built",
        ],
        "2015",
        Holds::Number,
    ),
    (
        "",
        "closes",
        [
            "停用年份；没有的留空",
            "year in which it closes, if it does",
        ],
        "",
        Holds::Number,
    ),
    (
        "",
        "ownership",
        ["公办、普惠或民办", "public, inclusive or private"],
        "公办",
        OWNERSHIP,
    ),
    (
        "",
        "hours",
        [
            "每周开放小时；按时段开放的设施填写",
            "hours open in a week, where capacity counts by the hour",
        ],
        "",
        Holds::Number,
    ),
    (
        "",
        "hub",
        [
            "牵头机构的设施编号；没有的留空",
            "id of the facility that leads it, if any",
        ],
        "",
        Holds::Code,
    ),
    (
        "",
        "size",
        [
            "建设规模：建筑面积（平方米）、班数等，只写数字",
            "size by which its minimum is measured, a number alone",
        ],
        "24",
        Holds::Number,
    ),
    (
        "",
        "size_unit",
        ["建设规模的单位：平方米、班等", "unit of the size"],
        "班",
        Holds::Words,
    ),
    (
        "",
        "entrances",
        [
            "出入口坐标：经度 纬度; 经度 纬度；没有的留空",
            "entrances as `lon lat; lon lat`, if known",
        ],
        "",
        Holds::Words,
    ),
    (
        "",
        "year",
        ["入住年份", "year in which people move in"],
        "2027",
        Holds::Number,
    ),
    (
        "",
        "dwellings",
        ["住宅套数", "number of dwellings"],
        "30",
        Holds::Number,
    ),
    (
        "",
        "persons",
        ["户均人口；不知道的留空", "persons in a dwelling, if known"],
        "2.6",
        Holds::Number,
    ),
    (
        "",
        "occupancy",
        [
            "入住率，小数，如 0.85；不知道的留空",
            "share of dwellings that are lived in, such as 0.85, if known",
        ],
        "0.85",
        Holds::Number,
    ),
    (
        "",
        "age_0_2",
        [
            "0–2 岁人口，人；各年龄段之和等于常住人口",
            "residents aged 0 to 2; all ages add up to the residents",
        ],
        "30",
        Holds::Number,
    ),
    (
        "",
        "age_18_59",
        ["18–59 岁人口，人", "residents aged 18 to 59"],
        "720",
        Holds::Number,
    ),
    (
        "",
        "age_60_plus",
        ["60 岁及以上人口，人", "residents aged 60 and over"],
        "100",
        Holds::Number,
    ),
];

/// The bands between, which need no word of their own.
fn age(column: &str) -> Meaning {
    let meaning = ["该年龄段人口，人", "residents of these ages"];
    let example = match column {
        "age_6_11" => "60",
        _ => "30",
    };
    ("", "", meaning, example, Holds::Number)
}

/// `age_6_11` is 6-11岁.
fn age_header(column: &str) -> String {
    let ages = column.trim_start_matches("age_");
    match ages.strip_suffix("_plus") {
        Some(from) => format!("{from}岁及以上"),
        None => format!("{}岁", ages.replace('_', "-")),
    }
}

/// A table to fill in as CSV with a byte-order mark, so that Excel sees the encoding: header and example.
#[must_use]
pub fn csv(template: &Template) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| -> String {
        let cells: Vec<String> = cells
            .map(|cell| match cell.contains([',', ';']) {
                true => format!("\"{cell}\""),
                false => cell,
            })
            .collect();
        cells.join(",") + "\r\n"
    };
    let headers = line(&mut template.columns.iter().map(|field| field.header.clone()));
    let example = line(&mut example(template));
    format!("\u{feff}{headers}{example}")
}

/// The cells of the example, the first with its mark.
pub fn example(template: &Template) -> impl Iterator<Item = String> {
    let fields = template.columns.iter().enumerate();
    fields.map(|(at, field)| match at {
        0 => format!("{EXAMPLE}{}", field.example),
        _ => field.example.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::plan::{self, ServiceNames};
    use crate::read::ages::Group;

    #[test]
    fn every_column_of_a_reader_is_described_and_known_by_its_header() {
        let all: [(&str, &[Column]); 5] = [
            ("communities", &land::COMMUNITY_COLUMNS),
            ("population", &people::COLUMNS),
            ("facilities", &facilities::COLUMNS),
            ("earlier", &outlook::DATED_COLUMNS),
            ("housing", &housing::COLUMNS),
        ];
        for (template, (name, columns)) in templates().iter().zip(all) {
            let asked: Vec<&Column> = columns.iter().filter(|each| is_asked_for(each)).collect();
            assert_eq!((template.name, template.columns.len()), (name, asked.len()));
            for (field, column) in template.columns.iter().zip(asked) {
                let described = MEANINGS.iter().any(|(tables, name, ..)| {
                    *name == column.name && (tables.is_empty() || *tables == template.name)
                });
                let age = Group::of(column.name);
                assert!(
                    described || age.is_some(),
                    "{} {}",
                    template.name,
                    column.name
                );
                let known =
                    column.is(&field.header) || age.is_some() && age == Group::of(&field.header);
                assert!(known, "{} {}", template.name, field.header);
            }
        }
    }

    #[test]
    fn every_service_of_the_list_is_found_by_its_name() {
        let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("a")).unwrap();
        let names = ServiceNames::new(&catalogue);
        for (service, name) in catalogue.iter().zip(services(&catalogue)) {
            let found = names.find(&name).map(|at| &*catalogue[at].id);
            assert_eq!(found, Some(&*service.id), "{name}");
        }
    }
}
