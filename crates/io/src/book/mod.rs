//! Workbooks as text: the sheet of a plan becomes a delimited table whose line `n` is the sheet's row `n`, so that all readers of
//! tables, and all that they notice, serve workbooks too.
//!
//! Every form is read here and not by a library, because the readers that there are take what a file says of its own size: one far
//! cell ends the process, half a megabyte fills half a gigabyte. Here every count is compared with what is left of the file or with a
//! limit before memory is taken.

pub(crate) mod archive;

pub(crate) mod compound;

mod grid;

mod header;

mod ods;

mod values;

mod xls;

mod xlsx;

mod xml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use archive::Archive;
use grid::{Grid, Seen};
use header::Header;
use ods::Ods;
use xls::Xls;
use xlsx::Xlsx;

use crate::finding::{Finding, Findings, Kind};
use crate::form::Workbook;
use crate::table::Column;

/// The name of a sheet, and whether it is hidden.
#[derive(Debug, Clone)]
pub(crate) struct SheetName {
    pub name: String,
    pub hidden: bool,
}

impl SheetName {
    fn label(&self) -> String {
        match self.hidden {
            true => format!("{}（隐藏 / hidden）", self.name),
            false => self.name.clone(),
        }
    }
}

/// Why a workbook cannot be read.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Its form is broken; in Chinese and English.
    Broken([&'static str; 2]),
    /// A file that it should hold is not there.
    Missing(String),
    /// A file in it is no markup.
    Xml(String, String),
    /// A file in it inflates to so many bytes.
    TooLarge(String, u64),
    /// There is more text than this.
    Text(usize),
    /// There are more cells than this.
    Cells(usize),
    /// A cell stands where a sheet has none.
    Beyond(u32, u32),
    /// Its markup declares a type of document, by which entities could be made.
    DocType,
    Encrypted,
    /// It is of a program before Excel 97.
    Old,
}

impl Trouble {
    fn finding(self, file: &str) -> Finding {
        let about =
            |kind, zh: &str, en: &str| Finding::new(kind, file).value(format!("{zh} / {en}"));
        match self {
            Self::Broken([zh, en]) => about(Kind::BookBroken, zh, en),
            Self::Missing(name) => about(Kind::BookBroken, "缺少部件", &format!("no {name}")),
            Self::Xml(name, error) => about(Kind::BookBroken, &name, &error),
            Self::DocType => about(
                Kind::BookBroken,
                "其中声明了文档类型",
                "its markup declares a document type",
            ),
            Self::Old => about(
                Kind::BookBroken,
                "由 Excel 97 之前的程序保存",
                "saved by a program before Excel 97",
            ),
            Self::Beyond(row, column) => {
                let place = format!("{}{}", grid::column_name(column), u64::from(row) + 1);
                about(Kind::BookTooLarge, "单元格越界", &format!("cell {place}"))
            }
            Self::TooLarge(name, bytes) => {
                let mb = bytes >> 20;
                let zh = format!("{name} 解压后 {mb} MB");
                about(
                    Kind::BookTooLarge,
                    &zh,
                    &format!("{name} inflates to {mb} MB"),
                )
            }
            Self::Text(bytes) => {
                let mb = bytes >> 20;
                let zh = format!("文字多于 {mb} MB");
                about(
                    Kind::BookTooLarge,
                    &zh,
                    &format!("more than {mb} MB of text"),
                )
            }
            Self::Cells(count) => {
                let zh = format!("单元格多于 {count} 个");
                about(Kind::BookTooLarge, &zh, &format!("more than {count} cells"))
            }
            Self::Encrypted => {
                let [zh, en] = crate::form::Foreign::Encrypted.name();
                about(Kind::FormForeign, zh, en)
            }
        }
    }
}

/// A workbook of any form.
enum Book<'a> {
    Xlsx(Xlsx<'a>),
    Xls(Xls),
    Ods(Ods<'a>),
}

/// A workbook has at most so many bytes: the largest sheet of Excel 97, with 65,536 rows of 100 cells, has 120 MB, and the parts of newer
/// ones are compressed.
pub(crate) const MOST_BYTES: u64 = 256 << 20;

impl<'a> Book<'a> {
    fn open(bytes: &'a [u8], form: Workbook) -> Result<Self, Trouble> {
        if bytes.len() as u64 >= MOST_BYTES {
            return Err(Trouble::TooLarge(String::new(), bytes.len() as u64));
        }
        Ok(match form {
            Workbook::Xlsx => Self::Xlsx(Xlsx::open(Archive::open(bytes)?)?),
            Workbook::Xls => Self::Xls(Xls::open(bytes)?),
            Workbook::Ods => Self::Ods(Ods::open(Archive::open(bytes)?)?),
        })
    }

    fn sheets(&self) -> &[SheetName] {
        match self {
            Self::Xlsx(book) => &book.sheets,
            Self::Xls(book) => &book.sheets,
            Self::Ods(book) => &book.sheets,
        }
    }

    fn grid(&self, sheet: usize) -> Result<Grid, Trouble> {
        match self {
            Self::Xlsx(book) => book.grid(sheet),
            Self::Xls(book) => book.grid(sheet),
            Self::Ods(book) => book.grid(sheet),
        }
    }
}

/// What is looked for in a workbook.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The sheet, where the plan names one.
    pub sheet: Option<&'a str>,
    pub columns: &'a [Column],
    /// Usual name = name in this file.
    pub renamed: &'a BTreeMap<String, String>,
}

/// The table of a workbook: of the sheet that is named, or else of the first that is shown and has the columns.
///
/// Cells are as they are stored, not as they are shown: numbers exact, days by their date, results of formulas. What stands above the
/// header stays; a header of several rows becomes one, in the last of these. All sheets that come into question are read, one at a
/// time: O(cells), 12 bytes and the text of each cell of one sheet.
pub(crate) fn table(
    file: &str,
    bytes: &[u8],
    form: Workbook,
    wanted: Wanted,
    findings: &mut Findings,
) -> Result<String, Finding> {
    let book = Book::open(bytes, form).map_err(|trouble| trouble.finding(file))?;
    let (grid, header) = chosen(file, &book, wanted, findings)?;
    written(file, grid, &header, findings).map_err(|trouble| trouble.finding(file))
}

/// A sheet of a workbook as text, by the first of some kinds of columns of which it has a header, else by the likeliest row.
pub(crate) struct Sheet {
    pub name: String,
    pub text: String,
}

/// All sheets that are shown and say something. O(cells × kinds of columns).
pub(crate) fn sheets(
    file: &str,
    bytes: &[u8],
    form: Workbook,
    kinds: &[&[Column]],
) -> Result<Vec<Sheet>, Finding> {
    let book = Book::open(bytes, form).map_err(|trouble| trouble.finding(file))?;
    let none = BTreeMap::new();
    let wanted = |columns| Wanted {
        sheet: None,
        columns,
        renamed: &none,
    };
    let all: Vec<Column> = kinds.concat();
    let mut sheets = Vec::new();
    for (at, sheet) in book.sheets().iter().enumerate() {
        if sheet.hidden {
            continue;
        }
        let grid = book.grid(at).map_err(|trouble| trouble.finding(file))?;
        if grid.is_empty() {
            continue;
        }
        let found = kinds
            .iter()
            .find_map(|columns| header::find(&grid, wanted(columns)));
        let header = found.unwrap_or_else(|| header::guess(&grid, wanted(&all)));
        let text = written(file, grid, &header, &mut Findings::default());
        sheets.push(Sheet {
            name: sheet.name.clone(),
            text: text.map_err(|trouble| trouble.finding(file))?,
        });
    }
    Ok(sheets)
}

/// The text of a sheet.
fn written(
    file: &str,
    grid: Grid,
    header: &Header,
    findings: &mut Findings,
) -> Result<String, Trouble> {
    let (grid, filled) = grid.fill_down(header.rows[1])?;
    noticed(file, &grid, header, filled, findings);
    grid.text(&header.names, header.rows)
}

/// The sheet that is read, and its header.
fn chosen(
    file: &str,
    book: &Book,
    wanted: Wanted,
    findings: &mut Findings,
) -> Result<(Grid, Header), Finding> {
    let sheets = book.sheets();
    let labels = |at: &mut dyn Iterator<Item = usize>| -> String {
        let labels: Vec<String> = at.map(|at| sheets[at].label()).collect();
        labels.join("; ")
    };
    let candidates: Vec<usize> = match wanted.sheet {
        Some(name) => {
            let same = |sheet: &SheetName| sheet.name.trim() == name.trim();
            let found = sheets.iter().position(same).ok_or_else(|| {
                let all = labels(&mut (0..sheets.len()));
                Finding::new(Kind::SheetUnknown, file).id(name).value(all)
            })?;
            vec![found]
        }
        None => (0..sheets.len()).filter(|at| !sheets[*at].hidden).collect(),
    };
    let mut found: Option<(usize, Grid, Header)> = None;
    let (mut others, mut without) = (Vec::new(), Vec::new());
    for &at in &candidates {
        let grid = book.grid(at).map_err(|trouble| trouble.finding(file))?;
        match header::find(&grid, wanted) {
            Some(header) if found.is_none() => found = Some((at, grid, header)),
            Some(_) => others.push(at),
            None => {
                let guess = header::guess(&grid, wanted);
                // One sheet alone is read as it is, so that what is missing in it is said as of any table.
                if candidates.len() == 1 && !grid.is_empty() {
                    return Ok((grid, guess));
                }
                without.push(format!("{}: {}", sheets[at].name, guess.listed()));
            }
        }
    }
    let Some((at, grid, header)) = found else {
        let required = wanted.columns.iter().filter(|column| column.required);
        let required: Vec<&str> = required.map(|column| column.name).collect();
        let finding = Finding::new(Kind::SheetNone, file).column(required.join(", "));
        return Err(finding.value(without.join("; ")));
    };
    let about = |kind| Finding::new(kind, file).id(&*sheets[at].name);
    if !others.is_empty() {
        let others = labels(&mut others.into_iter());
        findings.push(about(Kind::SheetsSeveral).value(others));
    } else if wanted.sheet.is_none() && sheets.len() > 1 {
        let others = labels(&mut (0..sheets.len()).filter(|other| *other != at));
        findings.push(about(Kind::SheetChosen).value(others));
    }
    Ok((grid, header))
}

/// What is to be said of a sheet.
fn noticed(file: &str, grid: &Grid, header: &Header, filled: u64, findings: &mut Findings) {
    let width = header.names.len() as u32;
    let about = |kind| Finding::new(kind, file);
    let (rows, columns) = (grid.hidden_rows, grid.columns_hidden(width));
    if rows.count + columns > 0 {
        let finding =
            about(Kind::CellsHidden).value(format!("rows {}, columns {columns}", rows.count));
        findings.push(match rows.count {
            0 => finding,
            _ => finding.row(rows.row()),
        });
    }
    let levels = header.rows[1] - header.rows[0] + 1;
    if filled > 0 || levels > 1 {
        let value = format!("rows {levels} of the header, cells {filled}");
        let finding = about(Kind::CellsMerged).row(u64::from(header.rows[1]) + 1);
        findings.push(finding.value(value));
    }
    let seen = |kind, seen: Seen| {
        let finding = about(kind).row(seen.row()).column(seen.column());
        (seen.count > 0).then(|| finding.value(seen.count.to_string()))
    };
    findings.extend(seen(Kind::FormulaUnsaved, grid.unsaved));
    findings.extend(seen(Kind::FormulaFailed, grid.failed));
    findings.extend(seen(Kind::CellsBeside, grid.beside(width, header.rows[1])));
}
