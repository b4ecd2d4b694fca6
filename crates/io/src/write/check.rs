//! What `fuwutu check` found, as JSON: the shape is described in `docs/check.md`.

use serde_json::{Map, Value, json};

use crate::finding::account::Account;
use crate::finding::{Finding, Kind, Lang};
use crate::read::InputFile;
use crate::tables::inputs;
use crate::words::Coded;

/// The text of `check.json`: what became of the rows of each file, and all findings. Where reading ended at an error, files that were not
/// reached are missing, and `used` is null for the one that it ended in.
///
/// `left_out` and `repaired` are by the code of the finding; `rows` = `used` + the sum of `left_out`.
#[must_use]
pub fn json(accounts: &[Account], files: &[InputFile], findings: &[Finding]) -> String {
    let files = inputs::rows(accounts, files);
    let files = files.iter().zip(0..).map(|(file, at)| {
        let account = accounts.get(at);
        let counts =
            |of: fn(&Account) -> Vec<(Kind, u64)>| account.map(|account| by_code(&of(account)));
        json!({
            "file": file.file,
            "role": file.role.map(|role| role.word().code),
            "rows": file.rows,
            "used": file.used,
            "left_out": counts(|account| pairs(&account.left_out)),
            "repaired": counts(|account| pairs(&account.repaired)),
        })
    });
    let files: Vec<Value> = files.collect();
    let findings: Vec<Value> = findings.iter().map(finding).collect();
    let check = json!({ "files": files, "findings": findings });
    format!("{check:#}\n")
}

fn pairs(counts: &std::collections::BTreeMap<Kind, u64>) -> Vec<(Kind, u64)> {
    counts.iter().map(|(kind, rows)| (*kind, *rows)).collect()
}

fn by_code(counts: &[(Kind, u64)]) -> Map<String, Value> {
    let counts = counts.iter();
    counts
        .map(|(kind, rows)| (kind.code().to_owned(), json!(rows)))
        .collect()
}

/// A finding; what it does not have is null.
fn finding(finding: &Finding) -> Value {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let place = |feature: bool| finding.row.filter(|_| finding.feature == feature);
    json!({
        "level": finding.level().name(),
        "finding": finding.kind.code(),
        "file": some(&finding.file),
        "row": place(false),
        "feature": place(true),
        "service": some(&finding.service),
        "id": some(&finding.id),
        "column": some(&finding.column),
        "value": some(&finding.value),
        "count": finding.count,
        "share": finding.share.map(|share| f64::from(share) / 1e6),
        "what": { "zh": finding.kind.what(Lang::Zh), "en": finding.kind.what(Lang::En) },
        "then": { "zh": finding.kind.then(Lang::Zh), "en": finding.kind.then(Lang::En) },
    })
}
