//! OpenDocument (`.ods`): all sheets stand in one file, so one pass reads the names, and one each sheet.

use std::collections::BTreeMap;

use quick_xml::events::BytesStart;

use super::archive::Archive;
use super::grid::{Grid, Merged, cut};
use super::values;
use super::xml::{Node, Xml, attribute};
use super::{SheetName, Trouble};

const CONTENT: &str = "content.xml";

/// A workbook whose sheets can be read.
pub(crate) struct Ods<'a> {
    archive: Archive<'a>,
    pub sheets: Vec<SheetName>,
}

impl<'a> Ods<'a> {
    pub(crate) fn open(archive: Archive<'a>) -> Result<Self, Trouble> {
        if archive.has("META-INF/manifest.xml") {
            let mut xml = Xml::open(&archive, "META-INF/manifest.xml")?;
            loop {
                match xml.next()? {
                    Node::Start(start) if start.local_name().as_ref() == "encryption-data" => {
                        return Err(Trouble::Encrypted);
                    }
                    Node::Done => break,
                    _ => {}
                }
            }
        }
        let sheets = sheets(&archive)?;
        Ok(Self { archive, sheets })
    }

    /// The cells of a sheet, by its position among them.
    pub(crate) fn grid(&self, sheet: usize) -> Result<Grid, Trouble> {
        let mut xml = Xml::open(&self.archive, CONTENT)?;
        let mut grid = Grid::default();
        let mut place = Place::default();
        // Tables within tables are none of the sheets.
        let (mut depth, mut table_depth, mut table) = (0_u32, None, 0);
        loop {
            let node = match xml.next()? {
                Node::Start(start) => {
                    depth += 1;
                    match start.local_name().as_ref() {
                        "table" if table_depth.is_none() => {
                            table_depth = Some(depth);
                            table += 1;
                            continue;
                        }
                        _ if table != sheet + 1 || table_depth.is_none() => continue,
                        "table-column" => {
                            place.columns(&start, &mut grid);
                            continue;
                        }
                        "table-row" => {
                            place.row(&start)?;
                            continue;
                        }
                        "table-cell" | "covered-table-cell" => Cell::of(&start),
                        // Comments, pictures and the like beside the cells.
                        "shapes" | "forms" | "annotation" | "named-expressions" => None,
                        _ => continue,
                    }
                }
                Node::End => {
                    if table_depth == Some(depth) {
                        table_depth = None;
                    }
                    depth = depth.saturating_sub(1);
                    continue;
                }
                Node::Done => return Ok(grid.sorted()),
                Node::Text(_) | Node::Other => continue,
            };
            depth -= 1;
            match node {
                Some(mut cell) => {
                    cell.read(&mut xml)?;
                    place.push(&mut grid, &cell)?;
                }
                None => xml.skip()?,
            }
        }
    }
}

/// Where the next cell stands.
#[derive(Default)]
struct Place {
    row: u64,
    /// How many rows the present one stands for.
    rows: u64,
    hidden: bool,
    column: u64,
    /// Columns that were described.
    described: u64,
}

fn repeated(start: &BytesStart, name: &str) -> u64 {
    let times = attribute(start, name).and_then(|times| times.parse().ok());
    times.unwrap_or(1)
}

fn hidden(start: &BytesStart) -> bool {
    attribute(start, "visibility").is_some_and(|how| how == "collapse" || how == "filter")
}

impl Place {
    fn columns(&mut self, start: &BytesStart, grid: &mut Grid) {
        let first = self.described;
        self.described = first.saturating_add(repeated(start, "number-columns-repeated"));
        if hidden(start) && self.described > first {
            let columns = [first, self.described - 1];
            let columns = columns.map(|column| u32::try_from(column).unwrap_or(u32::MAX));
            grid.hidden_columns.push(columns);
        }
    }

    fn row(&mut self, start: &BytesStart) -> Result<(), Trouble> {
        self.row = self.row.saturating_add(self.rows);
        self.rows = repeated(start, "number-rows-repeated");
        self.column = 0;
        self.hidden = hidden(start);
        Ok(())
    }

    /// A cell counts as often as it stands there: where that is more than a sheet has, the grid refuses it.
    fn push(&mut self, grid: &mut Grid, cell: &Cell) -> Result<(), Trouble> {
        let (first, times) = (self.column, cell.times);
        self.column = first.saturating_add(times);
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let (row, column) = (small(self.row), small(first));
        if cell.rows > 1 || cell.columns > 1 {
            let end = |first: u32, more: u64| first.saturating_add(small(more.saturating_sub(1)));
            grid.merge(Merged {
                rows: [row, end(row, cell.rows)],
                columns: [column, end(column, cell.columns)],
            })?;
        }
        if cell.text.trim().is_empty() {
            return Ok(());
        }
        for row in self.row..self.row.saturating_add(self.rows) {
            for column in first..first.saturating_add(times) {
                let (row, column) = (small(row), small(column));
                if cell.unsaved {
                    grid.unsaved.add(row, column);
                }
                if values::is_error(&cell.text) {
                    grid.failed.add(row, column);
                }
                grid.push(row, column, &cell.text)?;
            }
            if self.hidden {
                grid.hidden_rows.add(small(row), column);
            }
        }
        self.hidden = false;
        Ok(())
    }
}

struct Cell {
    text: String,
    /// Whether the text of its paragraphs is what it says.
    by_paragraphs: bool,
    times: u64,
    rows: u64,
    columns: u64,
    unsaved: bool,
}

impl Cell {
    /// By its attributes.
    fn of(start: &BytesStart) -> Option<Self> {
        let get = |name| attribute(start, name);
        let kind = get("value-type");
        let kind = kind.as_deref();
        let formula = get("formula").map(|formula| {
            let formula = formula.trim_start_matches("of:");
            cut(formula, 80).to_owned()
        });
        let own = match kind {
            Some("float" | "percentage" | "currency") => get("value").map(|value| {
                let number = value.parse::<f64>().ok().filter(|value| value.is_finite());
                number.map_or_else(|| value.clone().into_owned(), values::number)
            }),
            Some("date") => get("date-value").map(|date| {
                let whole = date.strip_suffix("T00:00:00").map(str::to_owned);
                whole.unwrap_or_else(|| date.into_owned())
            }),
            Some("boolean") => get("boolean-value").map(std::borrow::Cow::into_owned),
            Some("string") => get("string-value").map(std::borrow::Cow::into_owned),
            _ => None,
        };
        let unsaved = kind.is_none() && formula.is_some();
        Some(Self {
            by_paragraphs: own.is_none() && !unsaved,
            text: own.or(formula.filter(|_| unsaved)).unwrap_or_default(),
            times: repeated(start, "number-columns-repeated"),
            rows: repeated(start, "number-rows-spanned"),
            columns: repeated(start, "number-columns-spanned"),
            unsaved,
        })
    }

    /// Reads the rest of a cell that has begun, to its end. Comments and pictures are none of it.
    fn read(&mut self, xml: &mut Xml) -> Result<(), Trouble> {
        let mut paragraph = String::new();
        let mut first = true;
        loop {
            let is_paragraph = match xml.next()? {
                Node::Start(start) => start.local_name().as_ref() == "p",
                Node::End => return Ok(()),
                Node::Done => return Err(xml.cut()),
                Node::Text(_) | Node::Other => continue,
            };
            if !is_paragraph || !self.by_paragraphs {
                xml.skip()?;
                continue;
            }
            paragraph.clear();
            paragraph_text(xml, &mut paragraph)?;
            if !first {
                self.text.push('\n');
            }
            first = false;
            self.text += &paragraph;
        }
    }
}

/// The text of a paragraph that has begun, with its spaces.
fn paragraph_text(xml: &mut Xml, text: &mut String) -> Result<(), Trouble> {
    let mut depth = 1_u32;
    while depth > 0 {
        match xml.next()? {
            Node::Start(start) => {
                match start.local_name().as_ref() {
                    "s" => {
                        let spaces = repeated(&start, "c").min(1000) as usize;
                        text.extend(std::iter::repeat_n(' ', spaces));
                    }
                    "tab" | "line-break" => text.push(' '),
                    _ => {}
                }
                depth += 1;
            }
            Node::End => depth -= 1,
            Node::Text(some) => text.push_str(&some),
            Node::Other => {}
            Node::Done => return Err(xml.cut()),
        }
    }
    Ok(())
}

fn sheets(archive: &Archive) -> Result<Vec<SheetName>, Trouble> {
    let mut xml = Xml::open(archive, CONTENT)?;
    let mut sheets = Vec::new();
    // Whether a table of the style is shown.
    let mut hidden: BTreeMap<String, bool> = BTreeMap::new();
    let mut style = String::new();
    loop {
        let in_table = match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "style" => {
                    style = attribute(&start, "name").unwrap_or_default().into_owned();
                    false
                }
                "table-properties" => {
                    let shown = attribute(&start, "display").is_none_or(|shown| shown != "false");
                    hidden.insert(style.clone(), !shown);
                    false
                }
                "table" => {
                    let get = |name| attribute(&start, name).unwrap_or_default().into_owned();
                    sheets.push(SheetName {
                        hidden: hidden.get(&get("style-name")) == Some(&true),
                        name: get("name"),
                    });
                    true
                }
                _ => false,
            },
            Node::Done => return Ok(sheets),
            Node::End | Node::Text(_) | Node::Other => false,
        };
        if in_table {
            xml.skip()?;
        }
    }
}
