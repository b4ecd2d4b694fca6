//! The sheet of what became of the rows of each file.

use rust_xlsxwriter::{Worksheet, XlsxError};

use fuwutu_io::tables::Width;
use fuwutu_io::tables::inputs::Input;

use super::sheet::{About, MOST, declared, table};
use crate::book::Book;

/// One line a file and what it was read as, without the columns for machines.
pub(super) fn sheet(book: &Book) -> Result<Worksheet, XlsxError> {
    let about = About {
        name: "数据质检 inputs",
        title: ["数据质检", "Inputs"],
        note: [
            "每个文件读取、采用、修正和未计入的行数；读取 = 采用 + 未计入。逐条问题见下一张表。",
            "Rows of each file that were read, used, repaired and left out: read = used + left out. The next sheet has the findings one by one.",
        ],
        fixed: 2,
        pages: 1,
    };
    let lines: Vec<&Input> = book.inputs.iter().take(MOST).collect();
    let columns = declared(
        &Width::default(),
        |about| !about.name.ends_with("_codes"),
        &lines,
        |line: &Input| Some(line),
    );
    Ok(table(book, &about, &columns, lines)?.0)
}
