//! What a file is, by its first bytes: so that a workbook under a name that ends in `.csv` is still one, and what is not read can be
//! named.

use std::path::Path;

use crate::book::archive::Archive;
use crate::book::compound::Compound;

/// The forms of files that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text: a table, or JSON.
    Text,
    /// A workbook: `.xlsx`, `.xls` or `.ods`.
    Workbook(Workbook),
    /// The `.shp` of a Shapefile.
    Shapefile,
    /// The attributes of a Shapefile without its shapes: a table.
    Dbf,
    /// SQLite: a GeoPackage, or another database.
    Sqlite,
    /// FlatGeobuf.
    FlatGeobuf,
    /// Parquet.
    Parquet,
    /// A TIFF picture: a grid of numbers.
    Tiff,
    /// OpenStreetMap in its binary form.
    Pbf,
    /// What is not read, and why, or what it is.
    Foreign(Foreign),
}

/// What a Shapefile begins with.
pub(crate) const SHAPEFILE: [u8; 4] = [0, 0, 0x27, 0x0a];

impl Form {
    /// What it is, in Chinese and English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::Text => ["文本", "text"],
            Self::Workbook(_) => ["工作簿", "a workbook"],
            Self::Shapefile => ["Shapefile", "a Shapefile"],
            Self::Dbf => [
                "Shapefile 的属性表（.dbf）",
                "the attributes of a Shapefile (.dbf)",
            ],
            Self::Sqlite => ["SQLite 数据库", "an SQLite database"],
            Self::FlatGeobuf => ["FlatGeobuf", "FlatGeobuf"],
            Self::Parquet => ["Parquet", "Parquet"],
            Self::Tiff => ["TIFF 栅格", "a TIFF raster"],
            Self::Pbf => ["OpenStreetMap 数据（PBF）", "OpenStreetMap data (PBF)"],
            Self::Foreign(foreign) => foreign.name(),
        }
    }
}

/// The forms of workbooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workbook {
    /// Office Open XML.
    Xlsx,
    /// The binary form of Excel 97 to 2003.
    Xls,
    /// OpenDocument.
    Ods,
}

/// What is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// Word.
    Word,
    /// Slides.
    Slides,
    /// PDF, or OFD.
    Pdf,
    /// A picture.
    Picture,
    /// A drawing (DWG, DXF).
    Drawing,
    /// A workbook or document with a password.
    Encrypted,
    /// The binary workbook of Excel (`.xlsb`).
    Xlsb,
    /// A compressed folder.
    Archive,
    /// One with a Shapefile in it.
    ArchivedShapefile,
    /// A personal or file geodatabase.
    Geodatabase,
    /// GeoJSON's relative of shared borders.
    TopoJson,
    /// JSON of Esri's services.
    EsriJson,
    /// KML or KMZ.
    Kml,
    /// A web page that calls itself a workbook.
    Html,
    /// The spreadsheet of Excel 2003 in one file of markup.
    MarkupSheet,
    /// A program or library.
    Program,
}

impl Foreign {
    /// What it is, in Chinese and English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::Word => ["Word 文档", "a Word document"],
            Self::Slides => ["演示文稿", "slides"],
            Self::Pdf => ["PDF 或 OFD 文档", "a PDF or OFD document"],
            Self::Picture => ["图片", "a picture"],
            Self::Drawing => ["CAD 图", "a CAD drawing"],
            Self::Encrypted => [
                "加密的 Office 文件（请去除密码后另存）",
                "an encrypted Office file (save it without a password)",
            ],
            Self::Xlsb => ["Excel 二进制工作簿（.xlsb）", "a binary workbook (.xlsb)"],
            Self::Archive => ["压缩包（请先解压）", "an archive (unpack it first)"],
            Self::ArchivedShapefile => [
                "装有 Shapefile 的压缩包（请先解压）",
                "an archive with a Shapefile (unpack it first)",
            ],
            Self::Geodatabase => ["地理数据库", "a geodatabase"],
            Self::TopoJson => ["TopoJSON", "TopoJSON"],
            Self::EsriJson => ["Esri JSON", "Esri JSON"],
            Self::Kml => ["KML", "KML"],
            Self::Html => [
                "网页（有的系统导出为 .xls）",
                "a web page, which some systems export as .xls",
            ],
            Self::MarkupSheet => ["Excel 2003 的 XML 表格", "an XML spreadsheet of Excel 2003"],
            Self::Program => ["程序", "a program"],
        }
    }
}

/// The form of a file, by its bytes (all of them, or the first 512 and more) and, where they do not say, by the end of its name.
#[must_use]
pub fn of(path: &Path, first: &[u8]) -> Form {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or("");
    let end = end.to_ascii_lowercase();
    let starts = |mark: &[u8]| first.starts_with(mark);
    match () {
        () if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => zip(&end, first),
        () if starts(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) => compound(&end, first),
        () if starts(&SHAPEFILE) => Form::Shapefile,
        () if starts(b"SQLite format 3\0") => Form::Sqlite,
        () if starts(b"fgb") => Form::FlatGeobuf,
        () if starts(b"PAR1") => Form::Parquet,
        () if starts(b"II*\0") || starts(b"MM\0*") || starts(b"II+\0") || starts(b"MM\0+") => {
            Form::Tiff
        }
        () if first
            .get(4..)
            .is_some_and(|rest| rest.starts_with(b"\n\tOSMHeader")) =>
        {
            Form::Pbf
        }
        () if starts(b"%PDF") => Form::Foreign(Foreign::Pdf),
        () if starts(&[0x89, b'P', b'N', b'G']) || starts(&[0xff, 0xd8, 0xff]) => {
            Form::Foreign(Foreign::Picture)
        }
        () if starts(b"AC10") => Form::Foreign(Foreign::Drawing),
        () if starts(b"Rar!") || starts(b"7z\xbc\xaf") || starts(&[0x1f, 0x8b]) => {
            Form::Foreign(Foreign::Archive)
        }
        () if starts(b"\0\x01\0\0Standard") => Form::Foreign(Foreign::Geodatabase),
        () if starts(b"MZ") && first.contains(&0) || starts(b"\x7fELF") => {
            Form::Foreign(Foreign::Program)
        }
        () => by_name(&end, first),
    }
}

/// By what it holds; of the beginning of a file alone, by its name.
fn zip(end: &str, bytes: &[u8]) -> Form {
    let Ok(archive) = Archive::open(bytes) else {
        return zip_by_name(end, bytes);
    };
    let some = |is: &dyn Fn(&str) -> bool| archive.names().any(is);
    let ends = |mark: &str| some(&|name| name.to_ascii_lowercase().ends_with(mark));
    let foreign = Form::Foreign;
    match () {
        () if archive.has("xl/workbook.bin") => foreign(Foreign::Xlsb),
        () if some(&|name| name.starts_with("xl/")) => Form::Workbook(Workbook::Xlsx),
        () if some(&|name| name.starts_with("word/")) => foreign(Foreign::Word),
        () if some(&|name| name.starts_with("ppt/")) => foreign(Foreign::Slides),
        () if archive.has("OFD.xml") => foreign(Foreign::Pdf),
        () if archive.has("content.xml") && archive.has("mimetype") => match mimetype(&archive) {
            kind if kind.contains("opendocument.spreadsheet") => Form::Workbook(Workbook::Ods),
            kind if kind.contains("opendocument.presentation") => foreign(Foreign::Slides),
            kind if kind.contains("opendocument.graphics") => foreign(Foreign::Drawing),
            _ => foreign(Foreign::Word),
        },
        () if ends(".shp") => foreign(Foreign::ArchivedShapefile),
        () if ends(".gdbtable") => foreign(Foreign::Geodatabase),
        () if ends(".kml") => foreign(Foreign::Kml),
        // One without a list of its files may be any of them.
        () if archive.names().next().is_none() => zip_by_name(end, bytes),
        () => foreign(Foreign::Archive),
    }
}

/// What an OpenDocument says of itself, in the first of its files.
fn mimetype(archive: &Archive) -> String {
    use std::io::Read;
    const MOST: u64 = 200;
    let mut text = String::new();
    let file = archive.open_file("mimetype").ok();
    file.and_then(|file| file.take(MOST).read_to_string(&mut text).ok());
    text
}

fn zip_by_name(end: &str, first: &[u8]) -> Form {
    let holds = |mark: &[u8]| first.windows(mark.len()).any(|window| window == mark);
    match end {
        "docx" | "docm" | "odt" | "wps" => Form::Foreign(Foreign::Word),
        "pptx" | "odp" => Form::Foreign(Foreign::Slides),
        "xlsb" => Form::Foreign(Foreign::Xlsb),
        "kmz" => Form::Foreign(Foreign::Kml),
        "ods" => Form::Workbook(Workbook::Ods),
        "zip" => Form::Foreign(Foreign::Archive),
        _ if holds(b"opendocument.spreadsheet") => Form::Workbook(Workbook::Ods),
        _ if holds(b"opendocument.text") => Form::Foreign(Foreign::Word),
        _ => Form::Workbook(Workbook::Xlsx),
    }
}

/// Microsoft's compound files hold old documents of all kinds, and encrypted new ones.
fn compound(end: &str, bytes: &[u8]) -> Form {
    let file = Compound::open(bytes).ok();
    let has = |stream: &str| file.as_ref().is_some_and(|file| file.has(stream));
    match end {
        _ if has("EncryptedPackage") => Form::Foreign(Foreign::Encrypted),
        _ if has("Workbook") || has("Book") => Form::Workbook(Workbook::Xls),
        _ if has("WordDocument") => Form::Foreign(Foreign::Word),
        _ if has("PowerPoint Document") => Form::Foreign(Foreign::Slides),
        "doc" | "wps" | "dot" => Form::Foreign(Foreign::Word),
        "ppt" | "dps" => Form::Foreign(Foreign::Slides),
        "xlsx" | "xlsm" | "docx" | "pptx" => Form::Foreign(Foreign::Encrypted),
        _ => Form::Workbook(Workbook::Xls),
    }
}

/// Text by how it begins, and by its name where that says nothing.
fn by_name(end: &str, first: &[u8]) -> Form {
    const LOOKED_AT: usize = 1024;
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    let text = text.trim_ascii_start();
    let text = text[..text.len().min(LOOKED_AT)].to_ascii_lowercase();
    let holds = |mark: &[u8]| text.windows(mark.len()).any(|window| window == mark);
    let markup = text.starts_with(b"<");
    match end {
        _ if markup && holds(b"office:spreadsheet") => Form::Foreign(Foreign::MarkupSheet),
        _ if markup && holds(b"<kml") => Form::Foreign(Foreign::Kml),
        _ if markup && (holds(b"<html") || holds(b"<!doctype html") || holds(b"<table")) => {
            Form::Foreign(Foreign::Html)
        }
        "kml" => Form::Foreign(Foreign::Kml),
        "dxf" => Form::Foreign(Foreign::Drawing),
        "dbf" if first.first().is_some_and(|&kind| kind & 7 == 3) => Form::Dbf,
        "xls" | "xlsx" | "et" if markup => Form::Foreign(Foreign::Html),
        _ => Form::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_count_and_then_the_name() {
        let cases: [(&str, &[u8], Form); 8] = [
            (
                "a.csv",
                b"PK\x03\x04xl/workbook.xml",
                Form::Workbook(Workbook::Xlsx),
            ),
            ("a.docx", b"PK\x03\x04word/", Form::Foreign(Foreign::Word)),
            (
                "a.doc",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                Form::Foreign(Foreign::Word),
            ),
            (
                "a.xlsx",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                Form::Foreign(Foreign::Encrypted),
            ),
            (
                "a.et",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                Form::Workbook(Workbook::Xls),
            ),
            ("a.shp", b"\0\0\x27\x0a", Form::Shapefile),
            ("a.xls", b"\n<html><table>", Form::Foreign(Foreign::Html)),
            ("a", b"id,lon", Form::Text),
        ];
        for (name, first, form) in cases {
            assert_eq!(of(Path::new(name), first), form, "{name}");
        }
    }
}
