//! The sheet of what reading noticed.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{About, Look, MOST, Rule, column, table};
use super::words::level;
use crate::book::{Book, Finding};

/// One line a finding, in the order of `findings.csv`.
pub(super) fn sheet(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "数据问题 findings",
        title: ["数据问题", "Findings"],
        note: match book.findings.len() {
            0 => ["没有数据问题。", "There are none."],
            all if all > MOST => [
                "行数过多，其余见 findings.csv。",
                "Too many lines for a sheet: the others stand in findings.csv.",
            ],
            _ => [
                "读取输入时发现的问题和处理；“待定”须由编制单位决定。",
                "What reading the inputs noticed, and what was done; a decision is the office's to take.",
            ],
        },
        fixed: 2,
        pages: 1,
    };
    let columns = [
        column(["级别", "level"], 15, Look::Text, |finding: &Finding| {
            level(&finding.level)
        })
        .colored(Rule::Words(vec![
            (level("error"), 0x8C_3A_00, true),
            (level("decision"), 0xF5_A5_5A, false),
        ])),
        column(
            ["问题代码", "finding"],
            20,
            Look::Text,
            |finding: &Finding| finding.finding.clone(),
        ),
        column(["文件", "file"], 22, Look::Text, |finding: &Finding| {
            finding.file.clone()
        }),
        column(["行", "row"], 8, Look::Plain, |finding: &Finding| {
            finding.row
        }),
        column(["编号", "id"], 16, Look::Text, |finding: &Finding| {
            finding.id.clone()
        }),
        column(["列", "column"], 14, Look::Text, |finding: &Finding| {
            finding.column.clone()
        }),
        column(["值", "value"], 24, Look::Text, |finding: &Finding| {
            finding.value.clone()
        }),
        column(
            ["问题", "what (Chinese)"],
            30,
            Look::Wrapped,
            |finding: &Finding| finding.what[0].clone(),
        ),
        column(
            ["处理", "done (Chinese)"],
            30,
            Look::Wrapped,
            |finding: &Finding| finding.done[0].clone(),
        ),
        column(
            ["问题（英文）", "what"],
            36,
            Look::Wrapped,
            |finding: &Finding| finding.what[1].clone(),
        ),
        column(
            ["处理（英文）", "done"],
            36,
            Look::Wrapped,
            |finding: &Finding| finding.done[1].clone(),
        ),
    ];
    Ok(table(book, &about, &columns, book.findings.iter().take(MOST))?.0)
}
