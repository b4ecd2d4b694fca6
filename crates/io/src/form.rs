//! What a file is, by its first bytes: so that a workbook under a name that ends in `.csv` is still one, and what is not read can be
//! named.

use std::path::Path;

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
    /// PDF.
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
            Self::Pdf => ["PDF 文档", "a PDF document"],
            Self::Picture => ["图片", "a picture"],
            Self::Drawing => ["CAD 图", "a CAD drawing"],
            Self::Encrypted => ["加密的 Office 文件", "an encrypted Office file"],
            Self::Xlsb => ["Excel 二进制工作簿（.xlsb）", "a binary workbook (.xlsb)"],
            Self::Archive => ["压缩包", "an archive"],
            Self::Geodatabase => ["地理数据库", "a geodatabase"],
            Self::TopoJson => ["TopoJSON", "TopoJSON"],
            Self::EsriJson => ["Esri JSON", "Esri JSON"],
            Self::Kml => ["KML", "KML"],
            Self::Html => ["网页", "a web page"],
            Self::Program => ["程序", "a program"],
        }
    }
}

/// The form of a file, by its first bytes (512 and more, or all) and, where they do not say, by the end of its name.
#[must_use]
pub fn of(path: &Path, first: &[u8]) -> Form {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or("");
    let end = end.to_ascii_lowercase();
    let starts = |mark: &[u8]| first.starts_with(mark);
    match () {
        () if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => zip(&end, first),
        () if starts(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) => compound(&end),
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

fn zip(end: &str, first: &[u8]) -> Form {
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
fn compound(end: &str) -> Form {
    match end {
        "doc" | "wps" | "dot" => Form::Foreign(Foreign::Word),
        "ppt" | "dps" => Form::Foreign(Foreign::Slides),
        "xlsx" | "xlsm" | "docx" | "pptx" => Form::Foreign(Foreign::Encrypted),
        _ => Form::Workbook(Workbook::Xls),
    }
}

fn by_name(end: &str, first: &[u8]) -> Form {
    match end {
        "kml" => Form::Foreign(Foreign::Kml),
        "dxf" => Form::Foreign(Foreign::Drawing),
        "dbf" if first.first().is_some_and(|&kind| kind & 7 == 3) => Form::Dbf,
        "xls" | "xlsx" | "et" if first.trim_ascii_start().starts_with(b"<") => {
            Form::Foreign(Foreign::Html)
        }
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
