//! Which service a row of a table of facilities is: by what the plan says, its own word, the type that a map provider gave it, its name.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use fuwutu_core::position::ServiceAt;

use super::facilities::{Context, NAME, SERVICE, TYPE, TYPE_CODE, TYPES, unknown_service};
use crate::finding::{Finding, Findings, Kind};
use crate::keys::normalised;
use crate::plan::FacilitySource;
use crate::poi::Said;
use crate::table::Row;

/// The kinds of one file.
pub(super) struct Kinds {
    /// That of all rows.
    all: Option<ServiceAt>,
    /// By normalised word; `None` for those that are left out.
    mapped: HashMap<String, Option<ServiceAt>>,
    /// Rows of other kinds, and of those that the plan leaves out, by their type: counted by all threads.
    left_out: Mutex<BTreeMap<(Kind, String), u64>>,
}

/// For what is to be left out.
const NONE: &str = "none";

/// So many kinds are named in a finding.
const MOST_NAMED: usize = 16;

impl Kinds {
    /// # Errors
    /// Where the plan names a service that the catalogue does not have.
    pub(super) fn new(
        source: &FacilitySource,
        context: &Context,
        file: &str,
    ) -> Result<Self, Finding> {
        let find = |column: &str, name: &str| {
            let finding = Finding::new(Kind::KindTarget, file)
                .column(column)
                .value(name);
            context.names.find(name).ok_or(finding)
        };
        let service = source.service.as_deref();
        let all = service.map(|name| find("service", name)).transpose()?;
        let mapped = source.kinds.iter().map(|(word, name)| match &**name {
            NONE => Ok((word_key(word), None)),
            name => Ok((word_key(word), Some(find("kinds", name)?))),
        });
        Ok(Self {
            all,
            mapped: mapped.collect::<Result<_, Finding>>()?,
            left_out: Mutex::default(),
        })
    }

    /// The service of a row; `None` where it is of another kind, which [`Kinds::finish`] reports together.
    ///
    /// # Errors
    /// Where its own word for the service is not known, or its type covers several and its name says of none that it is it.
    pub(super) fn service(
        &self,
        row: &Row,
        context: &Context,
    ) -> Result<Option<ServiceAt>, Finding> {
        let own = row.cell(SERVICE);
        let code = crate::table::code(row.cell(TYPE_CODE));
        let path = path(row);
        let words = [own, code, &path]
            .into_iter()
            .filter(|word| !word.is_empty());
        let last = path.rsplit([';', '；']).next().unwrap_or("");
        let mut words = words.chain([last]).map(word_key);
        if let Some(mapped) = words.find_map(|word| self.mapped.get(&word)) {
            if mapped.is_none() {
                let word = [own, &path, code].into_iter().find(|word| !word.is_empty());
                self.leave_out(Kind::KindsNone, word.unwrap_or(""));
            }
            return Ok(*mapped);
        }
        if let Some(all) = self.all {
            return Ok(Some(all));
        }
        let is_type = own.contains([';', '；']) || is_code(own);
        if !own.is_empty() && !is_type {
            let found = context.names.find(own);
            return found.map(Some).ok_or_else(|| unknown_service(row, context));
        }
        let (codes, words): (&str, &str) = match (code.is_empty(), path.is_empty()) {
            (true, true) if is_code(own) => (own, ""),
            (true, true) => ("", own),
            _ => (code, &path),
        };
        if codes.is_empty() && words.is_empty() {
            return Err(unknown_service(row, context));
        }
        match context.types.said(codes, words, context.names) {
            Said::Service(at) => Ok(Some(at)),
            Said::ByName(some) => {
                let found = context.types.by_name(&some, row.cell(NAME));
                let kind = if words.is_empty() { codes } else { words };
                let finding = || row.finding(Kind::KindUndecided, NAME);
                let value = || format!("{kind}: {}", row.cell(NAME));
                found.map(Some).ok_or_else(|| finding().value(value()))
            }
            Said::Other => {
                let first = words.split('|').next().unwrap_or("");
                let kind = if first.is_empty() { codes } else { first };
                self.leave_out(Kind::KindsOther, kind);
                Ok(None)
            }
        }
    }

    fn leave_out(&self, kind: Kind, word: &str) {
        let mut all = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry((kind, word.to_owned())).or_default() += 1;
    }

    /// Reports how many rows of which other kinds were left out: one finding for those that are none of the services, one for those that
    /// the plan leaves out. The most first.
    pub(super) fn finish(self, file: &str, findings: &mut Findings) {
        let all = self
            .left_out
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for kind in [Kind::KindsNone, Kind::KindsOther] {
            let own = all.iter().filter(|((each, _), _)| *each == kind);
            let mut counts: Vec<(&str, u64)> = own
                .map(|((_, word), rows)| (word.as_str(), *rows))
                .collect();
            let rows: u64 = counts.iter().map(|(_, rows)| rows).sum();
            if rows == 0 {
                continue;
            }
            counts.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
            let named = counts.iter().take(MOST_NAMED);
            let mut parts: Vec<String> = named
                .map(|(word, rows)| format!("{} {rows}", short(word)))
                .collect();
            if counts.len() > MOST_NAMED {
                parts.push(format!("+{}", counts.len() - MOST_NAMED));
            }
            let value = format!("{rows}: {}", parts.join(", "));
            findings.push(Finding::new(kind, file).value(value));
            findings.leave_out(kind, rows);
        }
    }
}

/// The type of a row in the provider's words: of one column, or of one for each level.
fn path<'r>(row: &Row<'_, 'r>) -> Cow<'r, str> {
    let whole = row.cell(TYPE);
    let levels: [&str; 3] = [0, 1, 2].map(|level| row.cell(TYPES + level));
    if !whole.is_empty() || levels.iter().all(|level| level.is_empty()) {
        return Cow::Borrowed(whole);
    }
    let levels: Vec<&str> = levels
        .into_iter()
        .filter(|level| !level.is_empty())
        .collect();
    Cow::Owned(levels.join(";"))
}

/// What a word of the plan is compared by: as names are, but with what stands in brackets, which may be the difference.
fn word_key(word: &str) -> String {
    let open = ['(', '（', '[', '【', ')', '）', ']', '】'];
    normalised(&word.replace(open, "|"))
}

/// The last two levels of a type.
fn short(path: &str) -> &str {
    let mut cuts = path
        .rmatch_indices([';', '；'])
        .map(|(at, sign)| at + sign.len());
    cuts.nth(1).map_or(path, |at| &path[at..])
}

/// Whether a word is the code of a type, or several.
fn is_code(word: &str) -> bool {
    let code = |part: &str| part.len() == 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    !word.is_empty() && word.split('|').all(code)
}
