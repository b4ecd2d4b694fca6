//! Workbooks made by hand for tests: archives without compression, sheets of rows of cells.

#![allow(dead_code, reason = "each test uses a part of it")]

/// An archive of these files, stored as they are.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let start = bytes.len() as u32;
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for number in [crc(data), data.len() as u32, data.len() as u32] {
            fields.extend(number.to_le_bytes());
        }
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&fields);
        bytes.extend(name.as_bytes());
        bytes.extend(*data);
        list.extend(b"PK\x01\x02\x14\0");
        list.extend(&fields);
        list.extend([0; 10]);
        list.extend(start.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let (count, at, length) = (files.len() as u16, bytes.len() as u32, list.len() as u32);
    bytes.append(&mut list);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([length.to_le_bytes(), at.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

/// The checksum of archives, bit by bit.
fn crc(data: &[u8]) -> u32 {
    let bit = |crc: u32| match crc & 1 {
        0 => crc >> 1,
        _ => crc >> 1 ^ 0xedb8_8320,
    };
    let table: Vec<u32> = (0..256)
        .map(|byte| (0..8).fold(byte, |crc, _| bit(crc)))
        .collect();
    let step = |crc: u32, byte: &u8| crc >> 8 ^ table[(crc as u8 ^ byte) as usize];
    !data.iter().fold(u32::MAX, step)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// Whether a cell is a number that is written as it is.
fn is_number(cell: &str) -> bool {
    cell.parse::<f64>()
        .is_ok_and(|number| number.to_string() == cell)
}

/// The workbook of a sheet's markup.
pub(crate) fn xlsx_of(sheet: &str) -> Vec<u8> {
    let book = "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>";
    let relations = "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>";
    zip(&[
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// A sheet of rows of cells, numbers as numbers; `merged` are ranges such as `A1:B2`.
pub(crate) fn sheet<R: AsRef<[C]>, C: AsRef<str>>(rows: &[R], merged: &[&str]) -> String {
    let mut sheet = String::from("<worksheet><sheetData>");
    for row in rows {
        sheet += "<row>";
        for cell in row.as_ref() {
            sheet += &match cell.as_ref() {
                "" => "<c/>".to_owned(),
                cell if is_number(cell) => format!("<c><v>{cell}</v></c>"),
                cell => format!("<c t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(cell)),
            };
        }
        sheet += "</row>";
    }
    sheet += "</sheetData><mergeCells>";
    for range in merged {
        sheet += &format!("<mergeCell ref=\"{range}\"/>");
    }
    sheet + "</mergeCells></worksheet>"
}

/// A table without quotes, as rows of cells.
pub(crate) fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split(',').collect()).collect()
}

/// The same rows in OpenDocument.
pub(crate) fn ods<R: AsRef<[C]>, C: AsRef<str>>(rows: &[R]) -> Vec<u8> {
    ods_of(&ods_content(rows))
}

pub(crate) fn ods_content<R: AsRef<[C]>, C: AsRef<str>>(rows: &[R]) -> String {
    let mut content = String::from(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"表1\">",
    );
    for row in rows {
        content += "<table:table-row>";
        for cell in row.as_ref() {
            content += &match cell.as_ref() {
                "" => "<table:table-cell/>".to_owned(),
                cell if is_number(cell) => format!(
                    "<table:table-cell office:value-type=\"float\" office:value=\"{cell}\"><text:p>{cell}</text:p></table:table-cell>"
                ),
                cell => format!(
                    "<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>",
                    escaped(cell)
                ),
            };
        }
        content += "</table:table-row>";
    }
    content += "</table:table></office:spreadsheet></office:body></office:document-content>";
    content
}

pub(crate) fn ods_of(content: &str) -> Vec<u8> {
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    zip(&[("mimetype", kind), ("content.xml", content.as_bytes())])
}
