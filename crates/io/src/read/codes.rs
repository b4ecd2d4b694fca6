//! The list of codes that a plan may name (`inputs.codes`): codes with names and classes, as the statistics office publishes them; and
//! codes for layers that have none.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fuwutu_core::city::Class;

use super::keyed::{self, Match};
use super::land::{class_of, township_code};
use super::{ReadError, Reading};
use crate::finding::account::Role;
use crate::finding::{Finding, Findings, Kind};
use crate::keys::{By, Found, Level, Names};
use crate::table::{Column, Row, Table};

const COLUMNS: [Column; 4] = [
    Column::required(
        "code",
        &[
            "代码",
            "统计用区划代码",
            "区划代码",
            "统计用区划代码（12位）",
        ],
    ),
    Column::required("name", &["名称", "单位名称", "区划名称"]),
    Column::optional("class", &["城乡分类代码", "城乡分类"]),
    Column::optional("parent", &["上级代码", "上级区划代码"]),
];
const CODE: usize = 0;
const NAME: usize = 1;
const CLASS: usize = 2;
const PARENT: usize = 3;

/// A line of the list.
struct Entry {
    code: String,
    name: String,
    /// Code of its township, or of its county.
    parent: String,
}

/// The list of codes; empty where the plan names none.
#[derive(Default)]
pub(super) struct CodeList {
    /// Six digits and the name of each county.
    pub counties: Vec<(String, String)>,
    townships: Level2,
    communities: Level2,
    classes: HashMap<String, Class>,
}

/// The places of one level, by name.
struct Level2 {
    entries: Vec<Entry>,
    names: Names,
}

impl Default for Level2 {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            names: Names::new(Level::Community, std::iter::empty()),
        }
    }
}

impl Level2 {
    fn new(level: Level, entries: Vec<Entry>) -> Self {
        let names = Names::new(level, entries.iter().map(|entry| entry.name.as_str()));
        Self { entries, names }
    }
}

impl CodeList {
    pub(super) fn is_empty(&self) -> bool {
        self.townships.entries.is_empty() && self.communities.entries.is_empty()
    }

    /// The class of a community.
    pub(super) fn class(&self, code: &str) -> Option<Class> {
        self.classes.get(code).copied()
    }

    /// The codes of the communities with a name in a township; those of the townships with one in a county, where that is known.
    fn codes(&self, level: Level, name: &str, parent: &str) -> (Found, Vec<&str>) {
        let list = match level {
            Level::Community => &self.communities,
            _ => &self.townships,
        };
        let county = match parent {
            _ if level == Level::Community => parent,
            "" => "",
            _ if parent.bytes().all(|byte| byte.is_ascii_digit()) => {
                parent.get(..6).unwrap_or(parent)
            }
            _ => self.county(parent),
        };
        let found = list.names.find(name, !county.is_empty(), |at, before| {
            let above = matches!(before, crate::keys::Before::Nothing);
            above && list.entries[at as usize].parent.starts_with(county)
        });
        let codes = match &found {
            Found::Nothing => Vec::new(),
            Found::One(at, _) => vec![*at],
            Found::Several(some) => some.clone(),
        };
        let codes = codes.into_iter();
        let codes = codes.map(|at| &*list.entries[at as usize].code).collect();
        (found, codes)
    }

    /// The code of a county by its name; empty where that is not known.
    fn county(&self, name: &str) -> &str {
        let name = crate::keys::normalised(name);
        let mut counties = self.counties.iter();
        let found = counties.find(|(_, own)| crate::keys::normalised(own) == name);
        found.map_or("", |(code, _)| code)
    }
}

/// Reads the plan's list of codes, where it names one.
pub(super) fn read(reading: &mut Reading) -> Result<CodeList, ReadError> {
    let Some(source) = reading.plan.inputs.codes.clone() else {
        return Ok(CodeList::default());
    };
    let (file, tabular) = reading.table(source.named(), &COLUMNS)?;
    let findings = &mut reading.findings;
    findings.begin(Role::Codes, &file);
    let table = Table::open(&file, &tabular.text, &COLUMNS, &source.columns, findings)?;
    let mut list = CodeList::default();
    let (mut townships, mut communities) = (BTreeMap::new(), BTreeMap::new());
    let (mut abolished, mut above) = (0, 0);
    let mut used = 0;
    let mut add = |row: &Row, findings: &mut Findings| -> Result<(), Finding> {
        let code = row.id(CODE)?;
        let name = row.cell(NAME);
        if name.contains("已撤销") {
            abolished += 1;
            return Ok(());
        }
        let class = row.cell(CLASS);
        if let Some(class) = class_of(class) {
            list.classes.insert(code.to_owned(), class);
        } else if !class.is_empty() {
            findings.push(row.finding(Kind::ClassUnknown, CLASS).id(code));
        }
        let parent = township_code(crate::table::code(row.cell(PARENT)));
        let Some((level, code, parent)) = place(code, parent) else {
            above += 1;
            return Ok(());
        };
        let entry = Entry {
            code: code.to_owned(),
            name: name.to_owned(),
            parent: parent.to_owned(),
        };
        let level = match level {
            Level::County => {
                list.counties.push((entry.code, entry.name));
                used += 1;
                return Ok(());
            }
            Level::Township => &mut townships,
            Level::Community => &mut communities,
        };
        match level.insert(code.to_owned(), entry) {
            Some(_) => Err(row.finding(Kind::IdTwice, CODE).id(code)),
            None => {
                used += 1;
                Ok(())
            }
        }
    };
    table.rows(reading.watch, |row| {
        if let Err(finding) = add(&row, findings) {
            findings.refuse(finding);
        }
    })?;
    table.report_counts(findings);
    findings.use_rows(used);
    for (kind, count) in [(Kind::CodeAbolished, abolished), (Kind::CodeAbove, above)] {
        if count > 0 {
            findings.push(Finding::new(kind, &file).value(count.to_string()));
            findings.leave_out(kind, count);
        }
    }
    list.counties.sort();
    let rows = |level: BTreeMap<String, Entry>| level.into_values().collect();
    list.townships = Level2::new(Level::Township, rows(townships));
    list.communities = Level2::new(Level::Community, rows(communities));
    Ok(list)
}

/// The level of a code, with as many digits as codes of that level have here, and its parent: by the digits of the statistics office
/// (2 of the province, 2 of the city, 2 of the county, 3 of the township, 3 of the community), or by the parent that is given. `None`
/// for what is above counties.
fn place<'a>(code: &'a str, parent: &'a str) -> Option<(Level, &'a str, &'a str)> {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let given = |own: &'a str| if parent.is_empty() { own } else { parent };
    match code.len() {
        6 | 12 if digits && code[4..].bytes().all(|byte| byte == b'0') => None,
        6 if digits => Some((Level::County, code, "")),
        12 if digits && &code[6..] == "000000" => Some((Level::County, &code[..6], "")),
        12 if digits && &code[9..] == "000" => {
            Some((Level::Township, &code[..9], given(&code[..6])))
        }
        9 if digits => Some((Level::Township, code, given(&code[..6]))),
        12 if digits => Some((Level::Community, code, given(&code[..9]))),
        _ if !parent.is_empty() => Some((Level::Community, code, parent)),
        _ => None,
    }
}

/// A feature of a layer that has a name and no code.
pub(super) struct Uncoded<'a> {
    pub number: u64,
    pub name: &'a str,
    /// Of a community the code of its township, of a township code or name of its county, which may be empty.
    pub parent: &'a str,
}

/// Codes for the features of a layer that have names alone: those of the list, or where there is none made-up ones, which is told as a
/// decision. `None` for a feature that gets none, which is an error among the findings.
pub(super) fn for_names(
    reading: &mut Reading,
    level: Level,
    file: &str,
    list: &CodeList,
    features: &[Uncoded],
) -> Vec<Option<String>> {
    let (codes, by) = if list.is_empty() {
        (invented(reading, level, file, features), By::Invented)
    } else {
        return listed(reading, level, file, list, features);
    };
    let told = features.iter().zip(&codes);
    let told = told.filter_map(|(feature, code)| Some(matched(file, feature, code.as_ref()?, by)));
    let told: Vec<Match> = told.collect();
    reading.matches.extend(told);
    codes
}

fn matched(file: &str, feature: &Uncoded, code: &str, by: By) -> Match {
    Match {
        file: file.to_owned(),
        column: "name".to_owned(),
        written: match feature.parent {
            "" => feature.name.to_owned(),
            parent => format!("{parent} / {}", feature.name),
        },
        code: code.to_owned(),
        name: feature.name.to_owned(),
        by,
        rows: 1,
    }
}

fn listed(
    reading: &mut Reading,
    level: Level,
    file: &str,
    list: &CodeList,
    features: &[Uncoded],
) -> Vec<Option<String>> {
    let mut matches = Vec::new();
    let mut codes = Vec::new();
    for feature in features {
        let (found, some) = list.codes(level, feature.name, feature.parent);
        let about = |kind| {
            let finding = Finding::new(kind, file).row(feature.number).column("name");
            finding.id(feature.name)
        };
        codes.push(match found {
            Found::One(_, by) => {
                matches.push(matched(file, feature, some[0], by));
                Some(some[0].to_owned())
            }
            Found::Several(_) => {
                let finding = about(Kind::NameTwice).value(some.join(" / "));
                reading.findings.refuse(finding);
                None
            }
            Found::Nothing => {
                let finding = about(Kind::NameUnlisted).value(feature.parent);
                reading.findings.refuse(finding);
                None
            }
        });
    }
    keyed::tell(file, &matches, &mut reading.findings);
    reading.matches.extend(matches);
    codes
}

/// The first digits of codes that are made up: no province has them.
const MADE_UP: &str = "99";

/// Codes that depend on the names alone: townships are counted by county and name, communities by name within their township. Features
/// of one name in one parent are parts of one place.
fn invented(
    reading: &mut Reading,
    level: Level,
    file: &str,
    features: &[Uncoded],
) -> Vec<Option<String>> {
    let parents: BTreeSet<&str> = features.iter().map(|each| each.parent).collect();
    let names: BTreeSet<(&str, &str)> = (features.iter())
        .map(|each| (each.parent, each.name))
        .collect();
    let mut codes: HashMap<(&str, &str), String> = HashMap::new();
    let (mut counted, mut last) = (0, "");
    for &(parent, name) in &names {
        counted = if parent == last { counted + 1 } else { 1 };
        last = parent;
        let before = match level {
            Level::Community => parent.to_owned(),
            _ => {
                let county = parents.iter().position(|each| *each == parent);
                format!("{MADE_UP}{:04}", county.unwrap_or(0) + 1)
            }
        };
        codes.insert((parent, name), format!("{before}{counted:03}"));
    }
    let finding = Finding::new(Kind::CodesInvented, file).column("code");
    reading
        .findings
        .push(finding.value(names.len().to_string()));
    let nameless = features.iter().map(|feature| {
        if feature.name.is_empty() {
            let finding = Finding::new(Kind::IdMissing, file).row(feature.number);
            reading.findings.refuse(finding.column("code"));
            return None;
        }
        codes.get(&(feature.parent, feature.name)).cloned()
    });
    nameless.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_its_level_and_its_parent() {
        for (code, parent, expected) in [
            ("510000000000", "", None),
            ("510100000000", "", None),
            ("510100", "", None),
            ("510107000000", "", Some((Level::County, "510107", ""))),
            ("510107", "", Some((Level::County, "510107", ""))),
            (
                "510107001000",
                "",
                Some((Level::Township, "510107001", "510107")),
            ),
            (
                "510107001",
                "",
                Some((Level::Township, "510107001", "510107")),
            ),
            (
                "510107001002",
                "",
                Some((Level::Community, "510107001002", "510107001")),
            ),
            (
                "c7",
                "510107001",
                Some((Level::Community, "c7", "510107001")),
            ),
            ("c7", "", None),
        ] {
            assert_eq!(place(code, parent), expected, "{code}");
        }
    }
}
