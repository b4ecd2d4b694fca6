//! `findings.csv`: what reading noticed and did.

use super::{Kind, table};
use crate::finding::{Finding, Lang, Level};
use crate::words::Coded;

table! {
    FindingRow in "findings.csv", ["数据质检问题", "findings"] {
        level: Option<Level> = Kind::Code(Level::WORDS), Office, ["级别", "level"], ["error 错误，decision 需确认，notice 说明", "error, decision or notice"];
        finding: String = Kind::Id, Office, ["问题代码", "finding"], ["问题代码", "code of the finding"];
        file: String = Kind::Text, Office, ["文件", "file"], ["文件", "file"];
        row: Option<u64> = Kind::Count, Office, ["行", "row"], ["行", "row"];
        id: String = Kind::Text, Office, ["编号", "id"], ["编号", "id"];
        column: String = Kind::Text, Office, ["列", "column"], ["列", "column"];
        value: String = Kind::Text, Office, ["值", "value"], ["值", "value"];
        what: String = Kind::Text, Office, ["问题（英文）", "problem"], ["问题（英文）", "problem"];
        done: String = Kind::Text, Office, ["处理（英文）", "what was done"], ["处理（英文）", "what was done"];
        说明: String = Kind::Text, Office, ["问题", "problem, in Chinese"], ["问题", "problem, in Chinese"];
        处理: String = Kind::Text, Office, ["处理", "what was done, in Chinese"], ["处理", "what was done, in Chinese"];
    }
}

/// As they were noticed.
#[must_use]
pub fn rows(findings: &[Finding]) -> Vec<FindingRow> {
    findings
        .iter()
        .map(|finding| {
            let kind = finding.kind;
            FindingRow {
                level: Some(kind.level()),
                finding: kind.code().to_owned(),
                file: finding.file.clone(),
                row: finding.row,
                id: finding.id.clone(),
                column: finding.column.clone(),
                value: finding.value.clone(),
                what: kind.what(Lang::En).to_owned(),
                done: kind.then(Lang::En).to_owned(),
                说明: kind.what(Lang::Zh).to_owned(),
                处理: kind.then(Lang::Zh).to_owned(),
            }
        })
        .collect()
}
