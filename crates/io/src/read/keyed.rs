//! Codes of communities and counties in tables, or their names: which place a row is about, and how that was found.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::crosswalk::{Carried, Walk};
use crate::finding::{Finding, Findings, Kind};
use crate::keys::{Asked, By, Found, Gazetteer, normalised};
use crate::table::{self, Column, Row};

/// Columns beside the code of a community by which it is found where the code is missing: its name, and what that is looked for in.
pub(super) const BESIDE: [Column; 4] = [
    Column::hint(
        "community_name",
        &[
            "社区",
            "社区名称",
            "社区（村）名称",
            "社区(村)名称",
            "社区（村）",
            "社区(村)",
            "村（社区）",
            "村(社区)",
            "村社区",
            "所属社区",
            "所在社区",
            "村名",
        ],
    ),
    Column::hint("township", &["镇街代码", "街道代码", "乡镇代码"]),
    Column::hint(
        "township_name",
        &[
            "镇街",
            "镇街名称",
            "街道",
            "街道名称",
            "镇（街道）",
            "镇(街道)",
            "街道（镇）",
            "街镇",
            "乡镇",
            "乡镇名称",
            "乡镇街道",
            "所属街道",
            "所属镇街",
            "所在街道",
        ],
    ),
    Column::hint(
        "county",
        &["区县", "区县代码", "区县名称", "县区", "所属区县"],
    ),
];
/// Headers of the code of a community.
pub(super) const CODES: &[&str] = &[
    "社区代码",
    "社区编码",
    "村代码",
    "社区（村）代码",
    "村（社区）代码",
];
/// The same where no other code stands beside it.
pub(super) const CODES_ALONE: &[&str] = &[
    "社区代码",
    "code",
    "社区编码",
    "村代码",
    "社区（村）代码",
    "村（社区）代码",
];
/// Headers of residents.
pub(super) const RESIDENTS: &[&str] = &["常住人口", "人口", "常住人口数", "常住人数", "人口数"];

/// The column that will do in place of the code.
pub(super) const NAME: &str = BESIDE[0].name;

/// How often one key of a file was read, and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// The file.
    pub file: String,
    /// The column that the key stands in.
    pub column: String,
    /// As it is written; the township and the county beside it, where they are given, stand before it.
    pub written: String,
    /// The code that it was taken for.
    pub code: String,
    /// The name of the place with this code.
    pub name: String,
    /// By what it was found.
    pub by: By,
    /// How many rows have it.
    pub rows: u64,
}

/// What a table's rows are about.
pub(super) struct Keys<'a> {
    file: &'a str,
    gazetteer: &'a Gazetteer,
    /// Positions in the list of columns: the code, the residents (for a row that is left out), and the first of [`BESIDE`].
    columns: KeyColumns,
    /// Whether a name that is not known makes the table useless, or its rows alone.
    strict: bool,
    /// Written and counted by all threads; the order of a map does not depend on theirs.
    asked: Mutex<BTreeMap<Written, Tally>>,
}

/// Positions in the list of columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyColumns {
    pub code: usize,
    pub residents: Option<usize>,
    pub beside: usize,
}

/// Column, name, township and county of a key.
type Written = (&'static str, String, String, String);

/// The rows of a key.
struct Tally {
    found: Found,
    rows: u64,
    first: u64,
    thousandths: u64,
}

impl<'a> Keys<'a> {
    /// `strict` where a row cannot be left out.
    pub(super) fn new(
        file: &'a str,
        gazetteer: &'a Gazetteer,
        columns: KeyColumns,
        strict: bool,
    ) -> Self {
        Self {
            file,
            gazetteer,
            columns,
            strict,
            asked: Mutex::default(),
        }
    }

    /// The community of a row: by its code; by the code that an old one went over to; or by its name. `None` where a name leads to none:
    /// [`Keys::finish`] reports these together.
    ///
    /// # Errors
    /// Where there is a code that nothing has.
    pub(super) fn community(
        &self,
        row: &Row,
        (walk, year): (&Walk, i32),
        findings: &mut Findings,
    ) -> Result<Option<u32>, Finding> {
        let column = self.column(row);
        let code = table::code(row.cell(column));
        if let Some(known) = self.gazetteer.community_at(code) {
            self.contradicts(row, known, findings);
            return Ok(Some(known));
        }
        let carried = match code {
            "" => Carried::Unknown,
            _ => walk.carried(code, year),
        };
        match carried {
            Carried::To(new) => {
                let known = self.gazetteer.community_at(&new);
                let known =
                    known.ok_or_else(|| row.finding(Kind::ParentUnknown, column).value(&*new))?;
                let finding = row.finding(Kind::CodeCarried, column);
                findings.push(finding.value(format!("{code} → {new}")));
                Ok(Some(known))
            }
            Carried::Parted => Err(row.finding(Kind::CodeParted, column)),
            Carried::Unknown => self.by_name(row),
        }
    }

    /// Tells where the name beside a code is another one than that of the code's community.
    fn contradicts(&self, row: &Row, known: u32, findings: &mut Findings) {
        let beside = self.columns.beside;
        if self.column(row) == beside || row.cell(beside).is_empty() {
            return;
        }
        let said = normalised(row.cell(beside));
        let is = normalised(&self.gazetteer.communities[known as usize].name);
        if is.is_empty() || said.contains(&is) || is.contains(&said) {
            return;
        }
        let finding = row.finding(Kind::CodeNameDiffers, beside);
        let name = &self.gazetteer.communities[known as usize].name;
        findings.push(finding.value(format!("{} ≠ {name}", row.cell(beside))));
    }

    /// The code of a row's community as the file has it, or that of its name; `None` as in [`Keys::community`].
    ///
    /// # Errors
    /// As [`Keys::community`], but for a code that nothing has, which may be an old one.
    pub(super) fn code<'r>(&self, row: &Row<'_, 'r>) -> Result<Option<Cow<'r, str>>, Finding> {
        let column = self.column(row);
        let code = table::code(row.cell(column));
        let is_code = self.gazetteer.community_at(code).is_some() || is_code(code);
        if is_code && !table::is_scientific(code) && self.restored(code).is_none() {
            return Ok(Some(Cow::Borrowed(code)));
        }
        let found = self.by_name(row).or_else(|finding| match is_code {
            true => Err(finding),
            false => row.id(column).map(|_| None),
        });
        let found = match found {
            Ok(None) if code.is_ascii() && !code.is_empty() && !table::is_scientific(code) => {
                return Ok(Some(Cow::Borrowed(code)));
            }
            found => found?,
        };
        Ok(found.map(|at| Cow::Owned(self.gazetteer.communities[at as usize].code.clone())))
    }

    /// The column that says which community it is: that of the code, or where it is empty that of the name.
    fn column(&self, row: &Row) -> usize {
        let KeyColumns { code, beside, .. } = self.columns;
        let named = row.cell(code).is_empty() && row.has(beside);
        if named { beside } else { code }
    }

    /// The code with zeros before it, where a known one has them and is as long as all codes are.
    fn restored(&self, code: &str) -> Option<u32> {
        const DIGITS: usize = 12;
        let digits = code.len() < DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
        let whole = digits.then(|| format!("{code:0>DIGITS$}"));
        whole.and_then(|whole| self.gazetteer.community_at(&whole))
    }

    /// The community by the name that stands in place of the code, or beside it where there is no code.
    fn by_name(&self, row: &Row) -> Result<Option<u32>, Finding> {
        let KeyColumns { code, beside, .. } = self.columns;
        let [name, township, township_name, county] = [0, 1, 2, 3].map(|at| row.cell(beside + at));
        let code = if row.has(code) { code } else { beside };
        let own = table::code(row.cell(code));
        // Of a code that a spreadsheet destroyed nothing is left to go by.
        let lost = own.is_empty() || table::is_scientific(own);
        let (column, written) = match (lost, name) {
            (true, "") => {
                row.id(code)?;
                (code, own)
            }
            (true, name) => (beside, name),
            (false, _) => (code, own),
        };
        let asked = Asked {
            name: written,
            township: if township.is_empty() {
                township_name
            } else {
                township
            },
            county,
        };
        let found = match self.restored(own) {
            Some(at) if !lost => Found::One(at, By::Code),
            _ => self.gazetteer.community(asked),
        };
        if found == Found::Nothing && column == code && is_code(own) {
            return Err(row.finding(Kind::ParentUnknown, code));
        }
        let at = match found {
            Found::One(at, _) => Some(at),
            _ => None,
        };
        let people = self.columns.residents.filter(|_| at.is_none());
        let people = people.and_then(|column| row.optional_number(column).ok().flatten());
        let people = people
            .filter(|people| (0.0..1e9).contains(people))
            .unwrap_or(0.0);
        let key = (
            row.column(column),
            asked.name.to_owned(),
            asked.township.to_owned(),
            asked.county.to_owned(),
        );
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = all.entry(key).or_insert(Tally {
            found,
            rows: 0,
            first: row.line,
            thousandths: 0,
        });
        tally.rows += 1;
        tally.first = tally.first.min(row.line);
        tally.thousandths += (people * 1000.0).round() as u64;
        Ok(at)
    }

    /// Reports what was found by names, and which names lead to none or to several; gives what was found.
    pub(super) fn finish(self, findings: &mut Findings) -> Vec<Match> {
        let asked = self
            .asked
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut matches = Vec::new();
        let mut searched = 0;
        for ((column, name, township, county), tally) in &asked {
            let asked = Asked {
                name,
                township,
                county,
            };
            let about = |kind| {
                let finding = Finding::new(kind, self.file)
                    .row(tally.first)
                    .column(*column);
                finding.id(written(asked))
            };
            let concerned = concerned(tally.rows, tally.thousandths, self.columns.residents);
            match &tally.found {
                Found::One(at, by) => {
                    let place = &self.gazetteer.communities[*at as usize];
                    matches.push(Match {
                        file: self.file.to_owned(),
                        column: (*column).to_owned(),
                        written: written(asked),
                        code: place.code.clone(),
                        name: place.name.clone(),
                        by: *by,
                        rows: tally.rows,
                    });
                }
                Found::Several(some) => {
                    let labels: Vec<String> = (some.iter().take(MOST_LISTED))
                        .map(|&at| self.gazetteer.label(at))
                        .collect();
                    let value = format!("{} ({concerned})", labels.join(" / "));
                    findings.push(about(Kind::NameTwice).value(value));
                    findings.leave_out(Kind::NameTwice, tally.rows);
                }
                Found::Nothing => {
                    searched += 1;
                    let near = (searched <= MOST_SEARCHED).then(|| self.gazetteer.near(asked));
                    let value = match near.flatten() {
                        Some(at) => format!("{concerned} ≈ {}", self.gazetteer.label(at)),
                        None => concerned,
                    };
                    let kind = match self.strict {
                        true => Kind::NameUnknown,
                        false => Kind::NameLeftOut,
                    };
                    findings.push(about(kind).value(value));
                    findings.leave_out(kind, tally.rows);
                }
            }
        }
        tell(self.file, &matches, findings);
        matches
    }
}

/// So many communities of one name are listed in a finding.
const MOST_LISTED: usize = 5;
/// For so many names that are not known those like them are looked for, which takes a look at every community.
pub(super) const MOST_SEARCHED: usize = 1000;

/// Reports how many keys of a file were found by names, and by what.
pub(super) fn tell(file: &str, matches: &[Match], findings: &mut Findings) {
    let restored = |each: &&Match| each.by == By::Code && each.written != each.code;
    for each in matches.iter().filter(restored) {
        let finding = Finding::new(Kind::CodeRestored, file).column(&*each.column);
        findings.push(finding.id(&*each.code).value(&*each.written));
    }
    let mut counts: BTreeMap<By, (u64, u64)> = BTreeMap::new();
    for each in matches.iter().filter(|each| !restored(each)) {
        let (names, rows) = counts.entry(each.by).or_default();
        *names += 1;
        *rows += each.rows;
    }
    if counts.is_empty() {
        return;
    }
    let parts = counts.iter().map(|(by, (names, rows))| {
        let word = crate::words::Coded::word(*by).code;
        format!("{word} {names} ({rows})")
    });
    let parts: Vec<String> = parts.collect();
    findings.push(Finding::new(Kind::MatchedByName, file).value(parts.join(", ")));
}

/// `3 / 120`: rows and residents, where these are counted.
fn concerned(rows: u64, thousandths: u64, counted: Option<usize>) -> String {
    match counted {
        Some(_) => format!("{rows} / {}", thousandths as f64 / 1000.0),
        None => rows.to_string(),
    }
}

/// A key as it is written, with what stands beside it.
fn written(asked: Asked) -> String {
    let parts = [asked.county, asked.township, asked.name];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" / ")
}

/// Whether a text is a code rather than a name: letters and digits of ASCII, with a digit among them.
fn is_code(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"+-_.".contains(&byte);
    text.bytes().all(sign) && text.bytes().any(|byte| byte.is_ascii_digit())
}
