//! Office Open XML (`.xlsx`, `.xlsm`, and `.et` that is one): what its sheets say, in one pass over each.

use std::borrow::Cow;
use std::collections::BTreeMap;

use quick_xml::events::BytesStart;

use super::archive::Archive;
use super::grid::{Grid, MOST_ROWS, Merged, Texts, cut};
use super::values::{self, Shown};
use super::xml::{Node, Xml, attribute};
use super::{SheetName, Trouble};

/// A workbook whose sheets can be read.
pub(crate) struct Xlsx<'a> {
    archive: Archive<'a>,
    pub sheets: Vec<SheetName>,
    /// The file of each sheet.
    parts: Vec<String>,
    since_1904: bool,
    /// By number of the cells' style.
    styles: Vec<Shown>,
    shared: Texts,
}

impl<'a> Xlsx<'a> {
    pub(crate) fn open(archive: Archive<'a>) -> Result<Self, Trouble> {
        let book = relations(&archive, "_rels/.rels", "")?
            .into_values()
            .find(|(kind, _)| kind.ends_with("/officeDocument"))
            .map_or_else(|| "xl/workbook.xml".to_owned(), |(_, part)| part);
        let (folder, file) = book.rsplit_once('/').unwrap_or(("", &book));
        let prefix = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let parts = relations(&archive, &format!("{prefix}_rels/{file}.rels"), &prefix)?;
        let of_kind = |kind: &str| {
            let mut all = parts.values();
            let found = all.find(|(each, part)| each.ends_with(kind) && archive.has(part));
            found.map(|(_, part)| part.clone())
        };
        let (strings, styles) = (of_kind("/sharedStrings"), of_kind("/styles"));
        let (sheets, since_1904) = sheets(&archive, &book)?;
        let worksheet = |id: &str| {
            let (kind, part) = parts.get(id)?;
            kind.ends_with("/worksheet").then(|| part.clone())
        };
        let found = sheets
            .into_iter()
            .filter_map(|(sheet, id)| Some((sheet, worksheet(&id)?)));
        let (sheets, parts) = found.unzip();
        Ok(Self {
            since_1904,
            styles: styles.map_or(Ok(Vec::new()), |part| styles_of(&archive, &part))?,
            shared: strings.map_or(Ok(Texts::default()), |part| shared(&archive, &part))?,
            archive,
            sheets,
            parts,
        })
    }

    /// The cells of a sheet, by its position among them.
    pub(crate) fn grid(&self, sheet: usize) -> Result<Grid, Trouble> {
        let part = self.parts.get(sheet);
        let part = part.ok_or(Trouble::Broken(["工作表不存在", "a sheet is not there"]))?;
        let mut xml = Xml::open(&self.archive, part)?;
        let mut grid = Grid::default();
        let mut place = Place::default();
        let mut content = Content::default();
        loop {
            match xml.next()? {
                Node::Start(start) => match start.local_name().as_ref() {
                    "row" => place.row(&start)?,
                    "c" => {
                        place.cell(&start)?;
                        content.read(&mut xml)?;
                        self.push(&mut grid, &mut place, &content)?;
                    }
                    "col" => grid.hidden_columns.extend(hidden_columns(&start)),
                    "mergeCell" => {
                        let range = attribute(&start, "ref");
                        if let Some(merged) = range.and_then(|range| merged(&range)) {
                            grid.merge(merged)?;
                        }
                    }
                    _ => {}
                },
                Node::Done => return Ok(grid.sorted()),
                Node::End | Node::Text(_) | Node::Other => {}
            }
        }
    }

    fn push(&self, grid: &mut Grid, place: &mut Place, content: &Content) -> Result<(), Trouble> {
        let (row, column) = (place.row, place.column);
        let value = &*content.value;
        let text = match place.kind {
            Kind::Shared => {
                let at = value.trim().parse().ok();
                let text = at.and_then(|at| self.shared.get(at));
                Cow::Borrowed(text.ok_or(Trouble::Broken([
                    "单元格引用的文本不存在",
                    "a cell has a text that is not there",
                ]))?)
            }
            Kind::Text => unescaped(value),
            Kind::Bool if value.is_empty() => Cow::Borrowed(""),
            Kind::Bool => Cow::Borrowed(if value.trim() == "1" { "true" } else { "false" }),
            Kind::Number => match value.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    let shown = self.styles.get(place.style).copied();
                    let shown = shown.unwrap_or(Shown::Number);
                    Cow::Owned(values::shown(number, shown, self.since_1904))
                }
                _ => Cow::Borrowed(value),
            },
        };
        if values::is_error(&text) {
            grid.failed.add(row, column);
        }
        let unsaved = !content.formula.is_empty() && !content.stored;
        if unsaved {
            grid.unsaved.add(row, column);
        }
        grid.push(row, column, if unsaved { &content.formula } else { &text })?;
        if place.hidden && (unsaved || !text.trim().is_empty()) {
            place.hidden = false;
            grid.hidden_rows.add(row, column);
        }
        Ok(())
    }
}

/// What a cell holds.
#[derive(Default)]
struct Content {
    value: String,
    /// Whether a value stands there at all.
    stored: bool,
    /// As one would type it, cut off if it is long.
    formula: String,
}

impl Content {
    /// Reads a cell that has begun to its end.
    fn read(&mut self, xml: &mut Xml) -> Result<(), Trouble> {
        const MOST_FORMULA: usize = 80;
        self.value.clear();
        self.formula.clear();
        self.stored = false;
        loop {
            let name = match xml.next()? {
                Node::Start(start) => match start.local_name().as_ref() {
                    "v" => 'v',
                    "is" => 'i',
                    "f" => 'f',
                    _ => ' ',
                },
                Node::End => return Ok(()),
                Node::Done => return Err(xml.cut()),
                Node::Text(_) | Node::Other => continue,
            };
            match name {
                'v' => {
                    xml.text(&[], &mut self.value)?;
                    self.stored |= !self.value.is_empty();
                }
                'i' => {
                    xml.text(&["rPh"], &mut self.value)?;
                    self.stored = true;
                }
                'f' => {
                    self.formula.push('=');
                    xml.text(&[], &mut self.formula)?;
                    let end = cut(&self.formula, MOST_FORMULA).len();
                    self.formula.truncate(end);
                }
                _ => xml.skip()?,
            }
        }
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Shared,
    Text,
    Bool,
}

/// Where the next cell stands, and what it is.
#[derive(Default)]
struct Place {
    row: u32,
    next_row: u32,
    column: u32,
    next_column: u32,
    kind: Kind,
    style: usize,
    /// Whether the row is hidden, until it has said something.
    hidden: bool,
}

impl Place {
    fn row(&mut self, start: &BytesStart) -> Result<(), Trouble> {
        let number = attribute(start, "r");
        self.row = match number {
            Some(number) => number
                .parse::<u32>()
                .ok()
                .and_then(|row| row.checked_sub(1)),
            None => Some(self.next_row),
        }
        .filter(|row| *row < MOST_ROWS)
        .ok_or(Trouble::Broken([
            "行号不对",
            "a row has no number of a row",
        ]))?;
        self.next_row = self.row + 1;
        self.next_column = 0;
        self.hidden = attribute(start, "hidden").is_some_and(|hidden| is_true(&hidden));
        Ok(())
    }

    fn cell(&mut self, start: &BytesStart) -> Result<(), Trouble> {
        (self.kind, self.style, self.column) = (Kind::Number, 0, self.next_column);
        let mut attributes = start.attributes();
        for attribute in attributes.with_checks(false).flatten() {
            let value = &*attribute.value;
            match attribute.key.local_name().as_ref() {
                "r" => {
                    let place = place(value)
                        .ok_or(Trouble::Broken(["单元格位置不对", "a cell has no place"]))?;
                    (self.row, self.column) = place;
                }
                "s" => self.style = value.parse().unwrap_or(0),
                "t" => {
                    self.kind = match value {
                        "s" => Kind::Shared,
                        "b" => Kind::Bool,
                        "n" => Kind::Number,
                        // Results of formulas, texts of their own, errors, and days by their names.
                        _ => Kind::Text,
                    }
                }
                _ => {}
            }
        }
        self.next_column = self.column + 1;
        Ok(())
    }
}

/// Row and column of `B12`, from 0; at most 1,048,576 rows and 16,384 columns.
fn place(text: &str) -> Option<(u32, u32)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, row) = text.split_at(letters);
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column = name.bytes().fold(0, |column, letter| {
        column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row: u32 = row.parse().ok()?;
    Some((row.checked_sub(1)?, column - 1))
}

fn merged(range: &str) -> Option<Merged> {
    let (from, to) = range.split_once(':')?;
    let ((top, left), (bottom, right)) = (place(from)?, place(to)?);
    Some(Merged {
        rows: [top, bottom],
        columns: [left, right],
    })
}

fn hidden_columns(start: &BytesStart) -> Option<[u32; 2]> {
    let hidden = attribute(start, "hidden")?;
    let number = |name| attribute(start, name)?.parse::<u32>().ok()?.checked_sub(1);
    is_true(&hidden).then_some([number("min")?, number("max")?])
}

fn is_true(text: &str) -> bool {
    matches!(text, "1" | "true")
}

/// Kind and file of each relation of a part, by id. `prefix` is its folder.
type Relations = BTreeMap<String, (String, String)>;

fn relations(archive: &Archive, part: &str, prefix: &str) -> Result<Relations, Trouble> {
    let mut all = Relations::new();
    if !archive.has(part) {
        return Ok(all);
    }
    let mut xml = Xml::open(archive, part)?;
    loop {
        match xml.next()? {
            Node::Start(start) if start.local_name().as_ref() == "Relationship" => {
                let get = |name| attribute(&start, name);
                if let (Some(id), Some(kind), Some(target)) =
                    (get("Id"), get("Type"), get("Target"))
                {
                    let target = match target.strip_prefix('/') {
                        Some(target) => target.to_owned(),
                        None => below(prefix, &target),
                    };
                    all.insert(id.into_owned(), (kind.into_owned(), target));
                }
            }
            Node::Done => return Ok(all),
            _ => {}
        }
    }
}

/// A path from a folder; `..` is the folder above.
fn below(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Names and ids of the sheets, and whether days are counted from 1904.
fn sheets(archive: &Archive, part: &str) -> Result<(Vec<(SheetName, String)>, bool), Trouble> {
    let mut xml = Xml::open(archive, part)?;
    let (mut sheets, mut since_1904) = (Vec::new(), false);
    loop {
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "sheet" => {
                    let get = |name| attribute(&start, name);
                    let hidden = get("state").is_some_and(|state| state != "visible");
                    if let (Some(name), Some(id)) = (get("name"), get("id")) {
                        let name = name.into_owned();
                        sheets.push((SheetName { name, hidden }, id.into_owned()));
                    }
                }
                "workbookPr" => {
                    since_1904 = attribute(&start, "date1904").is_some_and(|is| is_true(&is));
                }
                _ => {}
            },
            Node::Done => return Ok((sheets, since_1904)),
            Node::End | Node::Text(_) | Node::Other => {}
        }
    }
}

/// How numbers are shown, by number of the style.
fn styles_of(archive: &Archive, part: &str) -> Result<Vec<Shown>, Trouble> {
    let mut xml = Xml::open(archive, part)?;
    let mut formats: BTreeMap<u32, Shown> = BTreeMap::new();
    let mut styles = Vec::new();
    let mut of_cells = false;
    loop {
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "numFmt" => {
                    let number = attribute(&start, "numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(number), Some(text)) = (number, attribute(&start, "formatCode")) {
                        formats.insert(number, values::by_text(&text));
                    }
                }
                "cellXfs" => of_cells = true,
                "cellStyleXfs" | "cellStyles" | "dxfs" => of_cells = false,
                "xf" if of_cells => {
                    let number = attribute(&start, "numFmtId").and_then(|id| id.parse().ok());
                    let number = number.unwrap_or(0);
                    let own = formats.get(&number).copied();
                    styles.push(own.unwrap_or_else(|| values::built_in(number)));
                }
                _ => {}
            },
            Node::Done => return Ok(styles),
            Node::End | Node::Text(_) | Node::Other => {}
        }
    }
}

/// The texts that cells share.
fn shared(archive: &Archive, part: &str) -> Result<Texts, Trouble> {
    let mut xml = Xml::open(archive, part)?;
    let mut shared = Texts::default();
    let mut one = String::new();
    loop {
        match xml.next()? {
            Node::Start(start) if start.local_name().as_ref() == "si" => {
                one.clear();
                xml.text(&["rPh"], &mut one)?;
                shared.push(&unescaped(&one))?;
            }
            Node::Done => return Ok(shared),
            _ => {}
        }
    }
}

/// With what is written as `_x000D_` as the letters it stands for.
fn unescaped(text: &str) -> Cow<'_, str> {
    let letter = |at: usize| {
        let code = text
            .get(at..at + 7)?
            .strip_prefix("_x")?
            .strip_suffix('_')?;
        char::from_u32(u32::from_str_radix(code, 16).ok()?)
    };
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut from) = (String::new(), 0);
    while let Some(at) = text[from..].find("_x").map(|at| from + at) {
        plain += &text[from..at];
        match letter(at) {
            Some(letter) => {
                plain.push(letter);
                from = at + 7;
            }
            None => {
                plain += "_x";
                from = at + 2;
            }
        }
    }
    plain += &text[from..];
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_paths_are_read() {
        for (text, expected) in [
            ("A1", Some((0, 0))),
            ("XFD1048576", Some((1_048_575, 16_383))),
            ("aa10", Some((9, 26))),
            ("A0", None),
            ("A", None),
            ("1", None),
            ("AAAA1", None),
            ("A99999999999", None),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
        assert_eq!(
            below("xl/", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml"
        );
        assert_eq!(below("xl/a/", "../b.xml"), "xl/b.xml");
        assert_eq!(unescaped("a_x000D_b_x_"), "a\rb_x_");
    }
}
