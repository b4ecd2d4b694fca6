//! The sheet of what reading noticed.

use rust_xlsxwriter::{Worksheet, XlsxError};

use fuwutu_io::finding::Level;
use fuwutu_io::tables::Width;
use fuwutu_io::tables::findings::FindingRow;
use fuwutu_io::words::Coded;

use super::sheet::{About, MOST, Rule, declared, table};
use super::words::both;
use crate::book::Book;

/// One line a finding, in the order of `findings.csv`.
pub(super) fn sheet(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "数据质检问题 findings",
        title: ["数据质检问题", "Findings"],
        note: match book.findings.len() {
            0 => ["没有数据质检问题。", "There are none."],
            count if count > MOST => [
                "行数过多，其余见 findings.csv。",
                "Too many lines for a sheet: the others stand in findings.csv.",
            ],
            _ => [
                "读取输入时发现的问题和处理；“需确认”须由编制单位决定。",
                "What reading the inputs noticed, and what was done; a decision is the office's to take.",
            ],
        },
        fixed: 2,
        pages: 1,
    };
    let lines: Vec<&FindingRow> = book.findings.iter().take(MOST).collect();
    let columns = declared(
        &Width::default(),
        |_| true,
        &lines,
        |line: &FindingRow| Some(line),
    );
    let [decision, error] = [Level::Decision, Level::Error].map(|level| both(level.word().name));
    let colored = columns.into_iter().map(|column| match column.english() {
        "level" => column.colored(Rule::Words(vec![
            (error.clone(), 0x8C_3A_00, true),
            (decision.clone(), 0xF5_A5_5A, false),
        ])),
        _ => column,
    });
    let columns: Vec<_> = colored.collect();
    Ok(table(book, &about, &columns, lines)?.0)
}
