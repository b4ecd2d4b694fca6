//! What changed since another round, as a written comparison reports it.

use std::collections::BTreeMap;

use fuwutu_io::manifest::ComparisonManifest;
use fuwutu_io::words::short_name;
use fuwutu_io::written::{Written, WrittenError};
use serde::Serialize;

use crate::book::Book;
use crate::error::ReportError;

/// Lines of a table that are shown.
const LINES_MOST: usize = 2000;

/// A comparison, for reading.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// The old round's name.
    pub from: String,
    /// The new round's, which is the book's.
    pub to: String,
    /// What changed.
    pub tables: Vec<Table>,
}

/// A table for reading.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// Chinese and English.
    pub title: [String; 2],
    /// Chinese and English.
    pub header: Vec<[String; 2]>,
    /// As many cells each as the header has.
    pub rows: Vec<Vec<Cell>>,
    /// Lines that are not shown: they stand in the comparison's folder.
    pub more: usize,
    /// The column with a unit's id; `None` where there is none.
    pub unit: Option<usize>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number, a name or an id.
    Text(String),
    /// Chinese and English.
    Words([String; 2]),
}

impl Change {
    /// Reads the folder of a comparison, whose new round the book's is.
    ///
    /// # Errors
    /// Where a file of it is missing, was changed or is newer than this tool, or another round is its new one.
    pub fn read(written: &Written<ComparisonManifest>, book: &Book) -> Result<Self, ReportError> {
        written.whole()?;
        let ComparisonManifest { old, new, .. } = written.manifest();
        if new.inputs != book.manifest.inputs || new.round != book.manifest.round {
            return Err(ReportError::OtherRound {
                path: written.folder().to_owned(),
                found: new.round.clone(),
                wanted: book.manifest.round.clone(),
            });
        }
        let services = book.service_names();
        Ok(Self {
            from: old.round.clone(),
            to: new.round.clone(),
            tables: tables(written, &services)?,
        })
    }
}

/// A table of a comparison that is shown: its file, the title, the level of its rows where it has one, and the columns in their order.
type TableSpec = (
    &'static str,
    [&'static str; 2],
    &'static str,
    &'static [&'static str],
);

const TABLES: [TableSpec; 7] = [
    (
        "change.csv",
        [
            "全市的变化及其原因",
            "What changed in the city, and because of what",
        ],
        "city",
        &[
            "service",
            "figure",
            "old",
            "new",
            "facilities",
            "population",
            "standards",
            "units",
            "method",
            "left_out_units",
        ],
    ),
    (
        "change.csv",
        [
            "各单元的变化及其原因",
            "What changed in units, and because of what",
        ],
        "unit",
        &[
            "unit",
            "service",
            "figure",
            "old",
            "new",
            "facilities",
            "population",
            "standards",
            "units",
            "method",
        ],
    ),
    (
        "change_horizon.csv",
        [
            "全市预测目标年的变化及其原因",
            "What changed in the city at the horizon, and because of what",
        ],
        "city",
        &[
            "service",
            "figure",
            "old",
            "new",
            "facilities",
            "population",
            "standards",
            "units",
            "method",
            "left_out_units",
        ],
    ),
    (
        "places_change.csv",
        ["位次变化", "Places"],
        "",
        &[
            "unit",
            "township_name",
            "place_old",
            "place_new",
            "priority_old",
            "priority_new",
            "residents_old",
            "residents_new",
        ],
    ),
    (
        "facilities_change.csv",
        ["设施变化", "Facilities"],
        "",
        &[
            "change",
            "name",
            "service",
            "capacity_old",
            "capacity_new",
            "moved_m",
            "id_old",
            "id_new",
            "community",
        ],
    ),
    (
        "facilities_change_horizon.csv",
        ["预测目标年的设施变化", "Facilities at the horizon"],
        "",
        &[
            "change",
            "name",
            "service",
            "capacity_old",
            "capacity_new",
            "moved_m",
            "id_old",
            "id_new",
            "community",
        ],
    ),
    (
        "codes_change.csv",
        ["区划变化", "Codes"],
        "",
        &[
            "level",
            "old",
            "old_name",
            "new",
            "new_name",
            "residents_old",
        ],
    ),
];

/// Columns, figures and kinds, for people.
const WORDS: [(&str, &str, &str); 44] = [
    ("level", "层级", "level"),
    ("unit", "单元", "unit"),
    ("service", "服务", "service"),
    ("figure", "指标", "figure"),
    ("old", "上一轮", "old"),
    ("new", "本轮", "new"),
    ("facilities", "设施", "facilities"),
    ("population", "人口", "population"),
    ("standards", "标准", "standards"),
    ("units", "单元划分", "units"),
    ("method", "方法", "method"),
    ("left_out_units", "未计单元", "units left out"),
    ("township", "镇（街道）", "township"),
    ("old_name", "原名", "old name"),
    ("new_name", "新名", "new name"),
    ("residents", "常住人口", "residents"),
    ("target_residents", "服务人口", "target group"),
    ("covered_residents", "覆盖人口", "covered"),
    ("coverage", "覆盖率", "coverage"),
    ("demand", "需求", "demand"),
    ("supply_inside", "单元内供给", "supply inside"),
    ("supply_received", "可达供给", "accessible supply"),
    ("shortfall_reach", "供给缺口", "shortfall"),
    ("short_for_certain", "未满足需求", "unmet demand"),
    ("change", "变化", "change"),
    ("id_old", "原编号", "old id"),
    ("id_new", "新编号", "new id"),
    ("name", "名称", "name"),
    ("capacity_old", "原规模", "old capacity"),
    ("capacity_new", "新规模", "new capacity"),
    ("moved_m", "移动（米）", "moved (m)"),
    ("community", "社区（村）", "community"),
    ("opened", "新增", "opened"),
    ("closed", "关闭", "closed"),
    ("capacity", "规模变化", "capacity"),
    ("moved", "迁移", "moved"),
    ("renumbered", "改编号", "renumbered"),
    ("township_name", "镇（街道）", "township"),
    ("place_old", "原位次", "old place"),
    ("place_new", "新位次", "new place"),
    ("priority_old", "原配置优先度", "old priority score"),
    ("priority_new", "新配置优先度", "new priority score"),
    ("residents_old", "原人口", "old residents"),
    ("residents_new", "新人口", "new residents"),
];

fn tables(
    written: &Written<ComparisonManifest>,
    services: &BTreeMap<&str, [&str; 2]>,
) -> Result<Vec<Table>, WrittenError> {
    let words: BTreeMap<&str, [&str; 2]> = WORDS
        .into_iter()
        .map(|(code, zh, en)| (code, [zh, en]))
        .collect();
    let mut tables = Vec::new();
    // Where neither round looks ahead there are no tables of the horizon.
    for spec in TABLES.into_iter().filter(|spec| written.has(spec.0)) {
        let rows = written.table(spec.0)?;
        if let Some((header, rows)) = rows.split_first() {
            tables.extend(table(spec, header, rows, services, &words));
        }
    }
    Ok(tables)
}

/// `None` where nothing changed.
fn table(
    (_, title, level, columns): TableSpec,
    header: &[String],
    rows: &[Vec<String>],
    services: &BTreeMap<&str, [&str; 2]>,
    words: &BTreeMap<&str, [&str; 2]>,
) -> Option<Table> {
    let cell = |row: &Vec<String>, name: &str| {
        header
            .iter()
            .position(|heading| heading == name)
            .and_then(|column| row.get(column))
            .cloned()
            .unwrap_or_default()
    };
    let word = |code: &str| words.get(code).map(|pair| pair.map(str::to_owned));
    let translated = |row: &Vec<String>, name: &str| {
        let text = cell(row, name);
        let named = match name {
            "service" => services
                .get(text.as_str())
                .map(|names| names.map(|name| short_name(name).to_owned())),
            "level" | "figure" | "change" => word(&text),
            _ => None,
        };
        named.map_or(Cell::Text(text), Cell::Words)
    };
    let chosen: Vec<&Vec<String>> = rows
        .iter()
        .filter(|row| {
            level.is_empty()
                || (cell(row, "level") == level && cell(row, "old") != cell(row, "new"))
        })
        .collect();
    let lines = chosen.iter().take(LINES_MOST);
    (!chosen.is_empty()).then(|| Table {
        title: title.map(str::to_owned),
        header: columns
            .iter()
            .map(|&name| word(name).unwrap_or_else(|| [name, name].map(str::to_owned)))
            .collect(),
        rows: lines
            .map(|row| columns.iter().map(|name| translated(row, name)).collect())
            .collect(),
        more: chosen.len().saturating_sub(LINES_MOST),
        unit: columns.iter().position(|name| *name == "unit"),
    })
}
