//! The crosswalk between old and new codes, and the units of the last round.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fuwutu_core::city::City;
use fuwutu_core::crosswalk::{Change, Crosswalk, Date, Fault, FaultKind, Span};
use fuwutu_core::position::CommunityAt;
use fuwutu_core::units::last::{LastRow, LastUnits};

use super::keyed::{self, BESIDE, KeyColumns, Keys};
use super::land::township_code;
use super::people::thousandths;
use super::{ReadError, Reading};
use crate::finding::account::Role;
use crate::finding::{Finding, Kind};
use crate::table::{Column, Row, Table};

pub(crate) const COLUMNS: [Column; 4] = [
    Column::required("old", &["原代码", "旧代码"]),
    Column::required("new", &["新代码", "现代码"]),
    Column::required("share", &["份额", "比例"]),
    Column::required("date", &["日期", "变更日期"]),
];
const OLD: usize = 0;
const NEW: usize = 1;
const SHARE: usize = 2;
const DATE: usize = 3;

/// The crosswalk as read, and which of its old codes were used.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub crosswalk: Crosswalk,
    file: String,
    rows: Vec<(Change, u64)>,
    /// Marked by all threads that read rows; in which order does not matter to a set.
    used: Mutex<BTreeSet<String>>,
}

/// What the crosswalk says of a code that is in no layer.
pub(super) enum Carried {
    /// Nothing.
    Unknown,
    /// All of it went over to this one.
    To(String),
    /// It was parted.
    Parted,
}

impl Walk {
    /// Remembers that a file has the code.
    pub(super) fn uses(&self, code: &str) {
        if !self.rows.is_empty() && !self.used().contains(code) {
            self.used().insert(code.to_owned());
        }
    }

    /// The old codes that files have so far. A set is whole after every insertion, so that a panic elsewhere cannot spoil it.
    fn used(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What became of the code by the end of a year.
    pub(super) fn carried(&self, code: &str, upto: i32) -> Carried {
        let span = Span {
            after: i32::MIN,
            upto,
        };
        if !self.crosswalk.changes(code, span) {
            return Carried::Unknown;
        }
        self.uses(code);
        match self.crosswalk.only(code, span) {
            Some(new) => Carried::To(new.to_owned()),
            None => Carried::Parted,
        }
    }

    /// The codes that changed within a year.
    pub(super) fn changed_in(&self, year: i32) -> BTreeSet<String> {
        let changes = self
            .rows
            .iter()
            .map(|(change, _)| change)
            .filter(|change| change.date.year() == year);
        changes.map(|change| change.old.clone()).collect()
    }

    /// The old codes that were there when the span began: nothing became them within it before they changed.
    pub(super) fn originals(&self, span: Span) -> Vec<String> {
        let mut became: BTreeMap<&str, Date> = BTreeMap::new();
        let mut changed: BTreeMap<&str, Date> = BTreeMap::new();
        for change in self.within(span) {
            let first = changed.entry(&change.old).or_insert(change.date);
            *first = change.date.min(*first);
            if change.new != change.old {
                let first = became.entry(&change.new).or_insert(change.date);
                *first = change.date.min(*first);
            }
        }
        let there = |(code, changed): &(&str, Date)| {
            became.get(code).is_none_or(|became| changed <= became)
        };
        let originals = changed.into_iter().filter(there);
        originals.map(|(code, _)| code.to_owned()).collect()
    }

    /// The codes that parts of others, which went on themselves, became within the span, and of which nothing says that they
    /// were there before; each with the first of the others. (Where all of a code went over, no file has it in today's codes.)
    pub(super) fn fresh(&self, span: Span) -> BTreeMap<String, String> {
        let mut came: BTreeMap<&str, (Date, &str)> = BTreeMap::new();
        let stays: BTreeSet<(&str, Date)> = self
            .within(span)
            .filter(|change| change.new == change.old)
            .map(|each| (&*each.old, each.date))
            .collect();
        let parts = self.within(span).filter(|change| change.new != change.old);
        for change in parts.filter(|change| stays.contains(&(&*change.old, change.date))) {
            let first = came
                .entry(&change.new)
                .or_insert((change.date, &change.old));
            *first = (change.date, change.old.as_str()).min(*first);
        }
        for change in self.within(span) {
            if came
                .get(change.old.as_str())
                .is_some_and(|(first, _)| change.date <= *first)
            {
                came.remove(change.old.as_str());
            }
        }
        came.into_iter()
            .map(|(new, (_, old))| (new.to_owned(), old.to_owned()))
            .collect()
    }

    fn within(&self, span: Span) -> impl Iterator<Item = &Change> {
        let rows = self.rows.iter().map(|(change, _)| change);
        rows.filter(move |change| {
            span.after < change.date.year() && change.date.year() <= span.upto
        })
    }
}

/// Reads the plan's crosswalk, where it names one.
pub(super) fn read(reading: &mut Reading) -> Result<(), ReadError> {
    let Some(source) = reading.plan.inputs.crosswalk.clone() else {
        return Ok(());
    };
    let (file, tabular) = reading.table(source.named(), &COLUMNS)?;
    reading.findings.begin(Role::Crosswalk, &file);
    let table = Table::open(
        &file,
        &tabular.text,
        &COLUMNS,
        &source.columns,
        &mut reading.findings,
    )?;
    let mut rows: Vec<(Change, u64)> = Vec::new();
    let findings = &mut reading.findings;
    let count = table.rows(reading.watch, |row| match change(&row) {
        Ok(change) => rows.push((change, row.line)),
        Err(finding) => findings.refuse(finding),
    })?;
    table.report_counts(findings);
    findings.use_rows(rows.len());
    if count == 0 {
        findings.push(Finding::new(Kind::NoRows, &file));
    }
    // A row that could not be read is missing from its code's sum: that would be told twice.
    reading.stop_at_errors()?;
    let changes: Vec<Change> = rows.iter().map(|(change, _)| change.clone()).collect();
    match Crosswalk::new(&changes) {
        Ok(crosswalk) => {
            reading.walk = Walk {
                crosswalk,
                file,
                rows,
                used: Mutex::default(),
            }
        }
        Err(faults) => faults
            .iter()
            .for_each(|fault| reading.findings.push(told(&file, &rows, fault))),
    }
    Ok(reading.stop_at_errors()?)
}

fn change(row: &Row) -> Result<Change, Finding> {
    let (old, new) = (township_code(row.id(OLD)?), township_code(row.id(NEW)?));
    let share = row.number(SHARE).map_err(|finding| finding.id(old))?;
    let date = row
        .date(DATE)
        .ok_or_else(|| row.finding(Kind::DateBroken, DATE).id(old))?;
    Ok(Change {
        old: old.to_owned(),
        new: new.to_owned(),
        share,
        date,
    })
}

fn told(file: &str, rows: &[(Change, u64)], fault: &Fault) -> Finding {
    let (change, line) = &rows[fault.at];
    let about = |kind, value: String| {
        Finding::new(kind, file)
            .row(*line)
            .id(change.old.clone())
            .value(value)
    };
    match fault.kind {
        FaultKind::Share => about(Kind::CrosswalkShare, change.share.to_string()).column("share"),
        FaultKind::Twice(first) => about(
            Kind::CrosswalkTwice,
            format!("{}: {}, {line}", change.new, rows[first].1),
        ),
        FaultKind::Sum(sum) => {
            // Nine digits: without what adding decimals leaves behind.
            about(Kind::ShareSum, format!("{}", (sum * 1e9).round() / 1e9)).column("share")
        }
    }
}

/// How the crosswalk and the layers fit together. All files that use it have been read.
pub(super) fn check(reading: &mut Reading, city: &City) {
    let walk = &reading.walk;
    let upto = city.year();
    let township = |code: &str| city.township_at(code).is_some();
    let here = |code: &str| township(code) || city.community_at(code).is_some();
    // The last date at which something became each code.
    let mut became: BTreeMap<&str, Date> = BTreeMap::new();
    for (change, _) in &walk.rows {
        let date = became.entry(&change.new).or_insert(change.date);
        *date = change.date.max(*date);
    }
    let user = reading.plan.inputs.earlier.is_some() || reading.plan.inputs.last_units.is_some();
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (change, line) in &walk.rows {
        let about = |kind| {
            Finding::new(kind, &walk.file)
                .row(*line)
                .id(change.old.clone())
        };
        if change.date.year() > upto {
            found.push(
                about(Kind::CrosswalkLater)
                    .column("date")
                    .value(change.date.year().to_string()),
            );
            continue;
        }
        let goes_on = walk.crosswalk.changes_after(&change.new, change.date, upto);
        if !here(&change.new) && !goes_on {
            found.push(
                about(Kind::CrosswalkUnknown)
                    .column("new")
                    .value(change.new.clone()),
            );
        }
        if !seen.insert((&change.old, change.date)) {
            continue;
        }
        let again = became
            .get(change.old.as_str())
            .is_some_and(|&date| date >= change.date);
        if here(&change.old) && !again {
            found.push(about(Kind::CrosswalkStill).column("old"));
        }
        let of_township = walk.crosswalk.carry(
            &change.old,
            thousandths(1.0),
            Span {
                after: i32::MIN,
                upto,
            },
        );
        let of_township = of_township.into_keys().any(township);
        let between = became.contains_key(change.old.as_str());
        if user && !of_township && !between && !walk.used().contains(&change.old) {
            found.push(about(Kind::CrosswalkUnused).column("old"));
        }
    }
    found
        .into_iter()
        .for_each(|finding| reading.findings.push(finding));
}

pub(crate) const UNIT_COLUMNS: [Column; 7] = [
    Column::required("community", keyed::CODES_ALONE).or(&[keyed::NAME]),
    Column::required("unit", &["单元", "单元编号"]),
    Column::required("residents", keyed::RESIDENTS),
    BESIDE[0],
    BESIDE[1],
    BESIDE[2],
    BESIDE[3],
];

const UNIT_KEYS: KeyColumns = KeyColumns {
    code: 0,
    residents: Some(2),
    beside: 3,
};

/// The last round's units in today's codes, where the plan names them.
pub(super) fn last_units(
    reading: &mut Reading,
    city: &City,
) -> Result<Option<LastUnits>, ReadError> {
    let Some(source) = reading.plan.inputs.last_units.clone() else {
        return Ok(None);
    };
    let (file, tabular) = reading.table(source.named(), &UNIT_COLUMNS)?;
    reading.findings.begin(Role::LastUnits, &file);
    let table = Table::open(
        &file,
        &tabular.text,
        &UNIT_COLUMNS,
        &source.columns,
        &mut reading.findings,
    )?;
    let mut rows: Vec<LastRow> = Vec::new();
    let mut lines: Vec<u64> = Vec::new();
    let mut seen: BTreeMap<(String, String), u64> = BTreeMap::new();
    let gazetteer = Arc::clone(&reading.gazetteer);
    let keys = Keys::new(&file, &gazetteer, UNIT_KEYS, false);
    let (findings, walk) = (&mut reading.findings, &reading.walk);
    let count = table.rows(reading.watch, |row| match last_row(&row, &keys) {
        Err(finding) => findings.refuse(finding),
        Ok(None) => {}
        Ok(Some(last)) => {
            let twice = seen.insert((last.code.clone(), last.unit.clone()), row.line);
            if let Some(first) = twice {
                findings.refuse(
                    row.finding(Kind::IdTwice, 0)
                        .value(format!("{}: {first}, {}", last.code, row.line)),
                );
                return;
            }
            walk.uses(&last.code);
            rows.push(last);
            lines.push(row.line);
        }
    })?;
    table.report_counts(findings);
    let matches = keys.finish(findings);
    reading.matches.extend(matches);
    if count == 0 {
        findings.push(Finding::new(Kind::NoRows, &file));
    }
    let span = Span {
        after: source.year.unwrap_or(i32::MIN),
        upto: city.year(),
    };
    let mut used = rows.len();
    let (last, lost) = LastUnits::new(city, &rows, &reading.walk.crosswalk, span);
    let of_year = source
        .year
        .map_or_else(BTreeSet::new, |year| reading.walk.changed_in(year));
    for at in lost {
        let code = &rows[at].code;
        let late = of_year.contains(code) && !reading.walk.crosswalk.changes(code, span);
        let kind = if late {
            Kind::ChangeOfYear
        } else {
            Kind::LastUnitUnknown
        };
        let finding = Finding::new(kind, &file).row(lines[at]).id(code.as_str());
        reading
            .findings
            .refuse(finding.column("community").value(rows[at].unit.clone()));
        used -= 1;
    }
    reading.findings.use_rows(used);
    for (_, community) in
        CommunityAt::enumerate(city.communities()).filter(|(at, _)| !last.knows(*at))
    {
        reading
            .findings
            .push(Finding::new(Kind::LastUnitMissing, &file).id(community.code.clone()));
    }
    reading.stop_at_errors()?;
    Ok(Some(last))
}

fn last_row(row: &Row, keys: &Keys) -> Result<Option<LastRow>, Finding> {
    let Some(code) = keys.code(row)? else {
        return Ok(None);
    };
    let code = &*code;
    let unit = row.id(1).map_err(|finding| finding.id(code))?;
    let persons = row.amount(2, 1e8).map_err(|finding| finding.id(code))?;
    Ok(Some(LastRow {
        code: code.to_owned(),
        unit: unit.to_owned(),
        residents: thousandths(persons),
    }))
}
