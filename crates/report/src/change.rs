//! What changed since another round, as a written comparison tells it.

use std::collections::BTreeMap;

use fuwutu_io::words::short_name;
use fuwutu_io::written::{Written, WrittenError};
use serde::Serialize;

use crate::book::Book;
use crate::error::ReportError;

/// Lines of a table that are told.
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

/// A table of texts.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// Chinese and English.
    pub title: [String; 2],
    /// Chinese and English.
    pub header: Vec<[String; 2]>,
    /// As many cells each as the header has.
    pub rows: Vec<Vec<String>>,
    /// Lines that are not told: they stand in the comparison's folder.
    pub more: usize,
    /// The column with a unit's id; `None` where there is none.
    pub unit: Option<usize>,
}

impl Change {
    /// Reads the folder of a comparison, whose new round the book's is.
    ///
    /// # Errors
    /// Where a file of it is missing, was changed or is newer than this tool, or another round is its new one.
    pub fn read(written: &Written, book: &Book) -> Result<Self, ReportError> {
        written.whole()?;
        let all = written.all()?;
        let name = |side: &str| all[side]["round"].as_str().unwrap_or_default().to_owned();
        if all["new"]["inputs"] != book.manifest.all["inputs"] || name("new") != book.manifest.round {
            return Err(ReportError::OtherRound {
                path: written.folder().to_owned(),
                found: name("new"),
                wanted: book.manifest.round.clone(),
            });
        }
        let services = book.service_names();
        Ok(Self { from: name("old"), to: name("new"), tables: tables(written, &services)? })
    }
}

/// Files of a comparison, with their titles and the words for their columns.
const TABLES: [(&str, [&str; 2]); 4] = [
    ("change.csv", ["变化及其原因", "What changed, and because of what"]),
    ("places_change.csv", ["位次变化", "Places"]),
    ("facilities_change.csv", ["设施变化", "Facilities"]),
    ("codes_change.csv", ["区划变化", "Codes"]),
];

/// Columns, figures and kinds, for people.
const WORDS: [(&str, &str, &str); 42] = [
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
    ("city", "全市", "city"),
    ("residents", "常住人口", "residents"),
    ("target_residents", "对象人口", "target group"),
    ("covered_residents", "覆盖人口", "covered"),
    ("coverage", "覆盖率", "coverage"),
    ("demand", "需求", "demand"),
    ("supply_inside", "单元内供给", "supply inside"),
    ("supply_received", "可达供给", "supply received"),
    ("shortfall_reach", "供给缺口", "shortfall"),
    ("short_for_certain", "确定缺口", "short for certain"),
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
    ("need_old", "原紧迫度", "old need"),
    ("need_new", "新紧迫度", "new need"),
    ("residents_old", "原人口", "old residents"),
    ("residents_new", "新人口", "new residents"),
];

fn tables(written: &Written, services: &BTreeMap<&str, [&str; 2]>) -> Result<Vec<Table>, WrittenError> {
    let words: BTreeMap<&str, [&str; 2]> = WORDS.into_iter().map(|(code, zh, en)| (code, [zh, en])).collect();
    let word = |code: &str| words.get(code).map_or([code.to_owned(), code.to_owned()], |pair| pair.map(str::to_owned));
    let mut all = Vec::new();
    for (name, title) in TABLES {
        let mut rows = written.table(name)?;
        if rows.len() < 2 {
            continue;
        }
        let header = rows.remove(0);
        let at = |column: &str| header.iter().position(|each| each == column);
        let (unit, service) = (at("unit"), at("service"));
        let coded: Vec<usize> = ["level", "figure", "change"].into_iter().filter_map(at).collect();
        let more = rows.len().saturating_sub(LINES_MOST);
        rows.truncate(LINES_MOST);
        for row in &mut rows {
            for &at in &coded {
                row[at] = word(&row[at]).join(" ");
            }
            if let Some(names) = service.and_then(|at| services.get(row[at].as_str())) {
                row[service.unwrap_or_default()] = names.map(short_name).join(" ");
            }
        }
        let header = header.iter().map(|column| word(column)).collect();
        all.push(Table { title: title.map(str::to_owned), header, rows, more, unit });
    }
    Ok(all)
}
