//! What stands in the files of an edition, read as an attacker would: with nothing of the tool's own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::{DeflateDecoder, GzDecoder};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value;

/// The files of an edition.
#[derive(Clone)]
pub(crate) struct Artefacts {
    pub page: Page,
    /// Table by table, each row by column.
    pub package: BTreeMap<String, Vec<BTreeMap<String, Cell>>>,
    /// The numbers of each sheet of the workbook by cell, and its texts.
    pub workbook: BTreeMap<String, BTreeMap<String, Cell>>,
    /// `metadata.xml`, sheets and pictures.
    pub texts: BTreeMap<String, String>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Number(f64),
    Text(String),
}

impl Artefacts {
    pub(crate) fn new(
        page: Page,
        package: &Path,
        workbook: &[u8],
        texts: BTreeMap<String, String>,
    ) -> Self {
        Self {
            page,
            package: tables(package),
            workbook: sheets(workbook),
            texts,
        }
    }

    /// Those of a folder, without the folders in it except that of sheets.
    pub(crate) fn read(folder: &Path) -> Self {
        let page = fs::read_to_string(folder.join("report.html")).unwrap();
        let mut texts = BTreeMap::new();
        for folder in [folder.to_owned(), folder.join("sheets")] {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let name = entry.file_name().into_string().unwrap();
                let is_text = [".svg", ".xml", ".html"]
                    .iter()
                    .any(|ending| name.ends_with(ending));
                if is_text && name != "report.html" {
                    texts.insert(name, fs::read_to_string(entry.path()).unwrap());
                }
            }
        }
        Self::new(
            Page::unpack(&page),
            &folder.join("round.gpkg"),
            &fs::read(folder.join("round.xlsx")).unwrap(),
            texts,
        )
    }
}

/// The payload of the map page.
#[derive(Clone)]
pub(crate) struct Page {
    pub header: Value,
    /// NaN where a figure is not there.
    pub columns: BTreeMap<String, Vec<f64>>,
}

impl Page {
    pub(crate) fn unpack(page: &str) -> Self {
        let begin = "id=\"data\">";
        let from = page.find(begin).unwrap() + begin.len();
        let to = from + page[from..].find('<').unwrap();
        let packed = STANDARD.decode(&page[from..to]).unwrap();
        let mut payload = Vec::new();
        GzDecoder::new(&packed[..])
            .read_to_end(&mut payload)
            .unwrap();
        let length = u32::from_le_bytes(payload[..4].try_into().unwrap()) as usize;
        let header: Value = serde_json::from_slice(&payload[4..4 + length]).unwrap();
        let bytes = &payload[(4 + length).next_multiple_of(8)..];
        let columns = header["columns"].as_object().unwrap().iter();
        let columns = columns
            .map(|(name, about)| (name.clone(), numbers(about, bytes)))
            .collect();
        Self { header, columns }
    }

    /// The elements of a list of the header; none where it is not there.
    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.header[name].as_array().map_or(&[], Vec::as_slice)
    }
}

fn numbers(about: &Value, bytes: &[u8]) -> Vec<f64> {
    let place = |name: &str| about[name].as_u64().unwrap() as usize;
    let (kind, first, count) = (about["type"].as_str().unwrap(), place("at"), place("len"));
    let width = match kind {
        "u8" => 1,
        "u16" => 2,
        "u32" | "i32" => 4,
        "f64" => 8,
        other => panic!("a column of {other}"),
    };
    bytes[first..first + count * width]
        .chunks(width)
        .map(|chunk| match kind {
            "u8" => unless(u8::MAX, chunk[0]),
            "u16" => unless(u16::MAX, u16::from_le_bytes(chunk.try_into().unwrap())),
            "u32" => unless(u32::MAX, u32::from_le_bytes(chunk.try_into().unwrap())),
            "i32" => f64::from(i32::from_le_bytes(chunk.try_into().unwrap())),
            _ => f64::from_le_bytes(chunk.try_into().unwrap()),
        })
        .collect()
}

/// A number as it is; NaN for the one that stands for nothing.
fn unless<N: Into<f64> + Copy + PartialEq>(nothing: N, number: N) -> f64 {
    if number == nothing {
        f64::NAN
    } else {
        number.into()
    }
}

/// All tables of a `GeoPackage`, those of the format itself without the tree of boxes; a geometry is no number.
fn tables(path: &Path) -> BTreeMap<String, Vec<BTreeMap<String, Cell>>> {
    let connection = Connection::open(path).unwrap();
    let mut query = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'rtree_%'")
        .unwrap();
    let names: Vec<String> = query
        .query_map((), |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    names
        .into_iter()
        .map(|name| {
            let rows = table(&connection, &name);
            (name, rows)
        })
        .collect()
}

fn table(connection: &Connection, name: &str) -> Vec<BTreeMap<String, Cell>> {
    let mut query = connection
        .prepare(&format!("SELECT * FROM \"{name}\""))
        .unwrap();
    let columns: Vec<String> = query.column_names().map(str::to_owned).collect();
    let mut rows = query.query(()).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let mut cells = BTreeMap::new();
        for (position, column) in columns.iter().enumerate() {
            let cell = match row.get_ref(position).unwrap() {
                ValueRef::Integer(number) => Cell::Number(number as f64),
                ValueRef::Real(number) => Cell::Number(number),
                ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Null | ValueRef::Blob(_) => continue,
            };
            cells.insert(column.clone(), cell);
        }
        all.push(cells);
    }
    all
}

/// The cells of a workbook's sheets, by name of the sheet's file. Results of formulas are worked out when it is opened.
fn sheets(workbook: &[u8]) -> BTreeMap<String, BTreeMap<String, Cell>> {
    let parts = parts(workbook);
    let text = |name: &str| String::from_utf8(parts[name].clone()).unwrap();
    let shared: Vec<String> = text("xl/sharedStrings.xml")
        .split("<si>")
        .skip(1)
        .map(|entry| {
            plain(entry.split("</si>").next().unwrap())
                .trim()
                .to_owned()
        })
        .collect();
    parts
        .keys()
        .filter_map(|name| Some((name, name.strip_prefix("xl/worksheets/")?)))
        .filter(|(_, name)| !name.contains('/'))
        .map(|(part, name)| (name.to_owned(), cells(&text(part), &shared)))
        .collect()
}

fn cells(sheet: &str, shared: &[String]) -> BTreeMap<String, Cell> {
    let mut all = BTreeMap::new();
    for cell in sheet.split("<c ").skip(1) {
        let (attributes, rest) = cell.split_once('>').unwrap();
        let Some(value) = rest.split("<v>").nth(1) else {
            continue;
        };
        let value = value.split("</v>").next().unwrap();
        let name = attributes.split("r=\"").nth(1).unwrap();
        let name = name.split('"').next().unwrap().to_owned();
        if attributes.contains("t=\"s\"") {
            let text = shared[value.parse::<usize>().unwrap()].clone();
            all.insert(name, Cell::Text(text));
        } else if let Ok(number) = value.parse() {
            all.insert(name, Cell::Number(number));
        }
    }
    all
}

/// The files in a zip archive, by its directory.
fn parts(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let short =
        |place: usize| usize::from(u16::from_le_bytes([archive[place], archive[place + 1]]));
    let long =
        |place: usize| u32::from_le_bytes(archive[place..place + 4].try_into().unwrap()) as usize;
    let end = (0..=archive.len() - 22)
        .rev()
        .find(|&place| archive[place..].starts_with(b"PK\x05\x06"))
        .unwrap();
    let mut entry = long(end + 16);
    let mut all = BTreeMap::new();
    for _ in 0..short(end + 10) {
        let (method, packed) = (short(entry + 10), long(entry + 20));
        let (name, extra, comment) = (short(entry + 28), short(entry + 30), short(entry + 32));
        let local = long(entry + 42);
        let from = local + 30 + short(local + 26) + short(local + 28);
        let bytes = &archive[from..from + packed];
        let mut content = Vec::new();
        match method {
            0 => content.extend_from_slice(bytes),
            8 => drop(
                DeflateDecoder::new(bytes)
                    .read_to_end(&mut content)
                    .unwrap(),
            ),
            other => panic!("method {other} in a zip archive"),
        }
        let title = &archive[entry + 46..entry + 46 + name];
        all.insert(String::from_utf8(title.to_vec()).unwrap(), content);
        entry += 46 + name + extra + comment;
    }
    all
}

/// The text of markup: without tags, styles and scripts, each replaced by a space.
pub(crate) fn plain(markup: &str) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        rest = &rest[open..];
        let closing = ["style", "script"]
            .iter()
            .find(|name| rest[1..].starts_with(**name))
            .map_or(">".to_owned(), |name| format!("</{name}>"));
        let Some(close) = rest.find(&closing) else {
            return text;
        };
        rest = &rest[close + closing.len()..];
    }
    text + rest
}

/// The numbers of a text, with `,` between thousands and with `万` as ten thousands left as they are.
pub(crate) fn numbers_of(text: &str) -> Vec<f64> {
    let mut all = Vec::new();
    let mut word = String::new();
    for letter in text.chars().chain([' ']) {
        match letter {
            '0'..='9' => word.push(letter),
            ',' | '.' if word.ends_with(|last: char| last.is_ascii_digit()) => word.push(letter),
            _ if word.is_empty() => {}
            _ => {
                let number = word.trim_end_matches([',', '.']).replace(',', "");
                all.extend(number.parse::<f64>());
                word.clear();
            }
        }
    }
    all
}
