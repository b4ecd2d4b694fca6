//! The attributes of a Shapefile: dBase tables in UTF-8 or GB18030.
//!
//! Which of the two is found over the whole table, since `.cpg` and the mark in the header are often missing and sometimes wrong:
//! UTF-8 if every name and text is, else GB18030. A text that fills its cell may end within a character, which programs cut off there.

use encoding_rs::GB18030;
use geojson::{JsonObject, JsonValue};
use serde_json::Number;

use super::{MOST_FEATURES, RawFeature, RawLayer, broken};
use crate::finding::{Finding, Findings, Kind};
use crate::read::Given;

/// A table: one entry a record, `None` for records that were deleted.
pub(super) struct Table {
    pub records: Vec<Option<JsonObject>>,
}

/// A column.
struct Field<'a> {
    name: &'a [u8],
    kind: u8,
    /// Where its cell begins in a record.
    start: usize,
    length: usize,
}

const HEADER: usize = 32;
const FIELD: usize = 32;
const END_OF_FIELDS: u8 = 0x0d;
const DELETED: u8 = b'*';

/// A table without shapes.
pub(super) fn layer(given: &Given, findings: &mut Findings) -> Result<RawLayer, Finding> {
    findings.layer(&given.file);
    let table = read(&given.file, &given.bytes, None, findings)?;
    let records = table.records.into_iter().flatten();
    let features = records.map(|properties| RawFeature {
        id: None,
        properties,
        geometry: None,
    });
    Ok(RawLayer {
        crs: None,
        features: features.collect(),
    })
}

/// Reads a table. `cpg` is what the file beside it says of the encoding.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    cpg: Option<&[u8]>,
    findings: &mut Findings,
) -> Result<Table, Finding> {
    let cut = || broken(file, "文件不完整", "the file is cut off");
    let short = |at: usize| -> Result<usize, Finding> {
        let pair = bytes.get(at..at + 2).ok_or_else(cut)?;
        Ok(usize::from(u16::from_le_bytes([pair[0], pair[1]])))
    };
    let count = bytes.get(4..8).ok_or_else(cut)?;
    let count = u32::from_le_bytes([count[0], count[1], count[2], count[3]]) as usize;
    let (start, width) = (short(8)?, short(10)?);
    let header = bytes.get(HEADER..start).ok_or_else(cut)?;
    let fields = fields(header).filter(|fields| {
        let needed: usize = 1 + fields.iter().map(|field| field.length).sum::<usize>();
        needed <= width
    });
    let fields = fields.ok_or_else(|| broken(file, "字段定义有误", "its fields make no sense"))?;
    let rows = &bytes[start..];
    if rows.len() / width < count {
        return Err(cut());
    }
    if count > MOST_FEATURES {
        return Err(broken(file, "记录过多", "it has too many records"));
    }
    let rows: Vec<&[u8]> = rows.chunks_exact(width).take(count).collect();
    let encoding = Encoding::found(file, &fields, &rows)?;
    encoding.report(file, bytes.get(29).copied().unwrap_or(0), cpg, findings);
    let names: Vec<String> = fields
        .iter()
        .map(|field| encoding.text(field.name))
        .collect();
    for (name, at) in names.iter().zip(0..) {
        if names[..at].contains(name) {
            return Err(Finding::new(Kind::ColumnTwice, file).column(name));
        }
    }
    let unread = fields
        .iter()
        .zip(&names)
        .filter(|(field, _)| !is_read(field.kind));
    let unread: Vec<&str> = unread.map(|(_, name)| name.as_str()).collect();
    if !unread.is_empty() {
        findings.push(Finding::new(Kind::FieldsUnread, file).value(unread.join(", ")));
    }
    let record = |row: &&[u8]| {
        let cells = fields.iter().zip(&names);
        let cells = cells.filter(|(field, _)| is_read(field.kind));
        let cells = cells.map(|(field, name)| (name.clone(), value(field, row, encoding)));
        (row[0] != DELETED).then(|| cells.collect::<JsonObject>())
    };
    let records: Vec<Option<JsonObject>> = rows.iter().map(record).collect();
    let deleted = records.iter().filter(|record| record.is_none()).count();
    if deleted > 0 {
        findings.push(Finding::new(Kind::RecordsDeleted, file).value(deleted.to_string()));
    }
    Ok(Table { records })
}

/// The columns that a header describes.
fn fields(header: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    // The first byte of a record says whether it was deleted.
    let mut start = 1;
    for field in header.chunks_exact(FIELD) {
        if field[0] == END_OF_FIELDS {
            break;
        }
        let name = field[..11].split(|&byte| byte == 0).next()?;
        // Long texts have the high byte of their length where numbers have their decimals.
        let length = match field[11] {
            b'C' => usize::from(u16::from_le_bytes([field[16], field[17]])),
            _ => usize::from(field[16]),
        };
        fields.push(Field {
            name,
            kind: field[11],
            start,
            length,
        });
        start += length;
    }
    Some(fields)
}

/// Text, numbers, dates and truth values are.
fn is_read(kind: u8) -> bool {
    b"CNFDL".contains(&kind)
}

impl Field<'_> {
    fn cell<'r>(&self, row: &'r [u8]) -> &'r [u8] {
        // That all cells lie within a row was seen when the header was read.
        &row[self.start..self.start + self.length]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// No text has anything but ASCII.
    Ascii,
    Utf8,
    Gb18030,
}

impl Encoding {
    /// That in which all names and texts are.
    fn found(file: &str, fields: &[Field], rows: &[&[u8]]) -> Result<Self, Finding> {
        let texts = || fields.iter().filter(|field| field.kind == b'C');
        let names = fields.iter().all(|field| field.name.is_ascii());
        if names && rows.iter().all(|row| row.is_ascii()) {
            return Ok(Self::Ascii);
        }
        let names_are = |is: fn(&[u8]) -> bool| fields.iter().all(|field| is(field.name));
        let row_is = |row: &[u8], is: fn(&[u8]) -> bool| texts().all(|field| is(field.cell(row)));
        if names_are(is_utf8) && rows.iter().all(|row| row_is(row, is_utf8)) {
            return Ok(Self::Utf8);
        }
        let first_bad = rows.iter().position(|row| !row_is(row, is_gb18030));
        match first_bad {
            None if names_are(is_gb18030) => Ok(Self::Gb18030),
            at => {
                let finding = Finding::new(Kind::Undecodable, file);
                Err(match at {
                    Some(at) => finding.row(at as u64 + 1),
                    None => finding,
                })
            }
        }
    }

    /// Says what was found, and what says otherwise.
    fn report(self, file: &str, mark: u8, cpg: Option<&[u8]>, findings: &mut Findings) {
        if self == Self::Gb18030 {
            findings.push(Finding::new(Kind::Gb18030, file));
        }
        let cpg = cpg.map(|cpg| String::from_utf8_lossy(cpg).trim().to_owned());
        // The marks of code page 936. Others are written by programs that do not know it.
        let marked = || [0x4d, 0x7a].contains(&mark).then(|| "GBK".to_owned());
        let Some(said) = cpg.filter(|cpg| !cpg.is_empty()).or_else(marked) else {
            return;
        };
        let contradicts = match self {
            Self::Ascii => false,
            Self::Utf8 => !same(&said, &["utf8", "65001", "cp65001"]),
            Self::Gb18030 => {
                let names = [
                    "gbk", "gb2312", "gb18030", "936", "cp936", "54936", "ansi936", "oem936",
                ];
                !same(&said, &names)
            }
        };
        if contradicts {
            let found = if self == Self::Utf8 {
                "UTF-8"
            } else {
                "GB18030"
            };
            let finding = Finding::new(Kind::EncodingContradicts, file);
            findings.push(finding.value(format!("{said} ≠ {found}")));
        }
    }

    fn text(self, bytes: &[u8]) -> String {
        let text = match self {
            Self::Gb18030 => {
                let whole = bytes.len() - usize::from(!is_whole_gb18030(bytes));
                let whole = &bytes[..whole];
                GB18030.decode_without_bom_handling(whole).0.into_owned()
            }
            _ => {
                let whole = match std::str::from_utf8(bytes) {
                    Ok(_) => bytes.len(),
                    Err(cut) => cut.valid_up_to(),
                };
                String::from_utf8_lossy(&bytes[..whole]).into_owned()
            }
        };
        text.trim_matches([' ', '\0']).to_owned()
    }
}

/// Whether a name of an encoding is one of these, written in any way.
fn same(said: &str, names: &[&str]) -> bool {
    let signs = said.chars().filter(char::is_ascii_alphanumeric);
    let said: String = signs.map(|sign| sign.to_ascii_lowercase()).collect();
    names.contains(&said.as_str())
}

/// Whether bytes are UTF-8, but for a character that is cut off at their end.
fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

fn is_whole_gb18030(bytes: &[u8]) -> bool {
    GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .is_some()
}

/// The same of GB18030, of which one byte may be left over.
fn is_gb18030(bytes: &[u8]) -> bool {
    is_whole_gb18030(bytes)
        || (bytes.last().is_some_and(|last| *last >= 0x80)
            && is_whole_gb18030(&bytes[..bytes.len() - 1]))
}

/// The value of a cell; `null` where it is blank, filled with stars or no value of its type.
fn value(field: &Field, row: &[u8], encoding: Encoding) -> JsonValue {
    let cell = field.cell(row);
    if field.kind == b'C' {
        return match encoding.text(cell) {
            text if text.is_empty() => JsonValue::Null,
            text => text.into(),
        };
    }
    let text = String::from_utf8_lossy(cell);
    let text = text.trim_matches([' ', '\0']);
    match field.kind {
        b'N' | b'F' => number(text),
        b'D' => date(text),
        b'L' => match text {
            "T" | "t" | "Y" | "y" => true.into(),
            "F" | "f" | "N" | "n" => false.into(),
            _ => JsonValue::Null,
        },
        _ => JsonValue::Null,
    }
}

/// A number, whole ones to the last digit; what is none stays text, so that the reader of the column reports it.
fn number(text: &str) -> JsonValue {
    if text.is_empty() || text.bytes().all(|byte| byte == b'*') {
        return JsonValue::Null;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return whole.into();
    }
    let real = text.parse::<f64>().ok().filter(|real| real.is_finite());
    real.and_then(Number::from_f64)
        .map_or_else(|| text.into(), JsonValue::Number)
}

/// `20240131` as `2024-01-31`.
fn date(text: &str) -> JsonValue {
    match text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) && text != "00000000" {
        true => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]).into(),
        false => JsonValue::Null,
    }
}
