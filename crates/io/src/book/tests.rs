//! Workbooks as offices hand them in, and as nobody should.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::*;
use crate::finding::Level;
use crate::form::{self, Form};

const FACILITIES: [Column; 6] = [
    Column::required("id", &["编号"]),
    Column::required("name", &["设施名称"]),
    Column::required("service", &["服务类别"]),
    Column::required("lon", &["经度"]),
    Column::required("lat", &["纬度"]),
    Column::optional("capacity", &["规模"]),
];
const RESIDENTS: [Column; 3] = [
    Column::required("community", &["社区代码"]),
    Column::required("residents", &["常住人口", "人口"]),
    Column::optional("age_60_plus", &[]),
];

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/books");
    std::fs::read(Path::new(folder).join(name)).unwrap()
}

type Read = (Result<String, Finding>, Vec<Finding>);

fn read(name: &str, bytes: &[u8], columns: &[Column], sheet: Option<&str>) -> Read {
    let mut findings = Findings::default();
    let renamed = BTreeMap::new();
    let wanted = Wanted {
        sheet,
        columns,
        renamed: &renamed,
    };
    let Form::Workbook(form) = form::of(Path::new(name), bytes) else {
        panic!("{name} is no workbook");
    };
    let text = table(name, bytes, form, wanted, &mut findings);
    (text, findings.finish().unwrap())
}

fn kinds(findings: &[Finding]) -> Vec<Kind> {
    findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn one_ledger_is_the_same_text_in_three_forms() {
    let expected = "\
某区公共服务设施台账,,,,,,,,,,
编号,设施名称,服务类别,经度,纬度,规模,规模单位,状态,启用年份,联系电话,核对
f1,\"一小\"\"东校区\"\"\",primary_school,104.005,30.605,90,seats,existing,2019-09-01,028-85551234,true
510104001001,\"二小,西\",primary_school,104.0151234,30.605,90,seats,existing,2020-09-01T08:30:00,,false
f3,三幼 （新址）,kindergarten,104.006,30.606,0.1,seats,在建,2028,,
";
    for name in ["ledger.xlsx", "ledger.xls", "ledger.ods"] {
        let (text, findings) = read(name, &fixture(name), &FACILITIES, None);
        // LibreOffice makes numbers of what is true or false when it converts to its own form.
        let text = text.unwrap();
        let text = text.replace(",1\n", ",true\n").replace(",0\n", ",false\n");
        assert_eq!(text, expected, "{name}");
        assert_eq!(kinds(&findings), [Kind::SheetChosen], "{name}");
        assert_eq!(findings[0].id, "设施");
        assert_eq!(findings[0].value, "填写说明; 底稿（隐藏 / hidden）");
    }
}

#[test]
fn headers_of_two_rows_are_joined_and_merged_names_filled_in() {
    let expected = "\
某区第七次人口普查分社区人口,,,,,,,
填报单位：某区统计局,,,,,,单位：人,

镇街,社区代码,社区名称,常住人口,0-14岁,15-59岁,60岁及以上,备注
东街街道,990101001001,东一社区,900,140,670,90,
东街街道,990101001002,东二社区,\"1,000\",150,750,100,
东街街道小计,,,1900,290,1420,190,
西镇,990102001001,西一村,８００,120,600,80,含集体户
西镇小计,,,800,120,600,80,
总计,,,2710,410,2020,270,
注：数据截至2020年11月1日零时。,,,,,,,
审核人：甲,,填报人：乙,,填报时间：2021年6月,,,
";
    for name in ["census.xlsx", "census.xls", "census.ods"] {
        let (text, findings) = read(name, &fixture(name), &RESIDENTS, None);
        assert_eq!(text.unwrap(), expected, "{name}");
        assert_eq!(
            kinds(&findings),
            [Kind::CellsHidden, Kind::CellsMerged],
            "{name}"
        );
        assert_eq!(findings[0].value, "rows 1, columns 1", "{name}");
        assert_eq!(findings[0].row, Some(6), "{name}");
        assert_eq!(findings[1].value, "rows 2 of the header, cells 1");
    }
}

#[test]
fn sheets_are_named_and_those_that_do_not_fit_are_listed() {
    let ledger = fixture("ledger.xlsx");
    let (text, _) = read("a.xlsx", &ledger, &FACILITIES, Some("底稿"));
    assert!(text.unwrap().starts_with("编号,设施名称"));
    let (error, _) = read("a.xlsx", &ledger, &FACILITIES, Some("Sheet1"));
    let error = error.unwrap_err();
    assert_eq!(
        (error.kind, &*error.value),
        (Kind::SheetUnknown, "填写说明; 设施; 底稿（隐藏 / hidden）")
    );
    let (error, _) = read("a.xlsx", &ledger, &RESIDENTS, None);
    let error = error.unwrap_err();
    assert_eq!(error.kind, Kind::SheetNone);
    assert!(
        error.value.contains("设施: 编号 设施名称"),
        "{}",
        error.value
    );
}

#[test]
fn a_formula_without_its_result_is_told_and_is_no_number() {
    let (text, findings) = read("a.xlsx", &fixture("unsaved.xlsx"), &FACILITIES, None);
    assert!(text.unwrap().contains("30.605,=40+50,seats"));
    let found = findings
        .iter()
        .find(|each| each.kind == Kind::FormulaUnsaved);
    let found = found.unwrap();
    assert_eq!(
        (found.row, &*found.column, &*found.value),
        (Some(4), "F", "1")
    );
    assert_eq!(found.level(), Level::Decision);
}

// --- made by hand ---

/// A ZIP archive with these files, deflated.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(data).unwrap();
        let packed = packed.finish().unwrap();
        let start = bytes.len() as u32;
        let mut fields = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        for number in [crc.sum(), packed.len() as u32, data.len() as u32] {
            fields.extend(number.to_le_bytes());
        }
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&fields);
        bytes.extend(name.as_bytes());
        bytes.extend(&packed);
        list.extend(b"PK\x01\x02\x14\0");
        list.extend(&fields);
        list.extend([0; 10]);
        list.extend(start.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let (count, at) = (files.len() as u16, bytes.len() as u32);
    let length = list.len() as u32;
    bytes.append(&mut list);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    for number in [count, count] {
        bytes.extend(number.to_le_bytes());
    }
    for number in [length, at] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([0, 0]);
    bytes
}

const BOOK: &str =
    r#"<workbook xmlns:r="r"><sheets><sheet name="一" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships>
<Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="x/sharedStrings" Target="sharedStrings.xml"/>
<Relationship Id="r3" Type="x/styles" Target="/xl/styles.xml"/>
</Relationships>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="176" formatCode="000000000000"/></numFmts>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="9"/></cellXfs></styleSheet>"#;

/// A workbook with one sheet of these rows.
fn sheet(data: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{data}</sheetData></worksheet>");
    book(&sheet, "<sst/>")
}

fn book(sheet: &str, strings: &str) -> Vec<u8> {
    zip(&[
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
    ])
}

const TWO: [Column; 2] = [Column::required("a", &[]), Column::required("b", &[])];
const HEAD: &str = r#"<row><c t="inlineStr"><is><t>a</t></is></c><c t="str"><v>b</v></c></row>"#;

fn rows(data: &str) -> Read {
    read("a.xlsx", &sheet(&(HEAD.to_owned() + data)), &TWO, None)
}

#[test]
fn cells_are_what_is_stored() {
    for (cells, expected) in [
        (
            "<c><v>510104001001</v></c><c><v>5.10104001002E+11</v></c>",
            "510104001001,510104001002",
        ),
        (
            "<c><v>5.1010400100100102E17</v></c><c><v>0.1</v></c>",
            "5.10104001001001E+17,0.1",
        ),
        (
            "<c s=\"1\"><v>45474</v></c><c s=\"3\"><v>0.85</v></c>",
            "2024-07-01,0.85",
        ),
        (
            "<c s=\"2\"><v>12001001</v></c><c t=\"b\"><v>1</v></c>",
            "000012001001,true",
        ),
        ("<c t=\"e\"><v>#REF!</v></c><c/>", "#REF!,"),
        (
            "<c t=\"inlineStr\"><is><r><t>x&amp;y</t></r><rPh><t>spoken</t></rPh><r><t> z</t></r></is></c>",
            "x&y z,",
        ),
        ("<c r=\"B2\"><v>2</v></c><c r=\"A2\"><v>1</v></c>", "1,2"),
        (
            "<c t=\"d\"><v>2024-07-01</v></c><c><f>SUM(A1)</f><v>3</v></c>",
            "2024-07-01,3",
        ),
    ] {
        let (text, _) = rows(&format!("<row>{cells}</row>"));
        assert_eq!(text.unwrap().lines().nth(1), Some(expected), "{cells}");
    }
}

#[test]
fn lines_are_rows_whatever_is_empty() {
    let (text, findings) = rows(r#"<row r="5"><c r="B5"><v>1</v></c><c r="D5"><v>9</v></c></row>"#);
    assert_eq!(text.unwrap(), "a,b\n\n\n\n,1\n");
    assert_eq!(kinds(&findings), [Kind::CellsBeside]);
    assert_eq!((findings[0].row, &*findings[0].column), (Some(5), "D"));
}

#[test]
fn what_would_fill_the_memory_is_refused() {
    let kind = |bytes: &[u8]| {
        let (text, _) = read("a.xlsx", bytes, &TWO, None);
        text.map(|text| text.len()).map_err(|finding| finding.kind)
    };
    // A far cell takes an empty line for each row, and nothing for the columns.
    let far = HEAD.to_owned() + r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    assert_eq!(kind(&sheet(&far)), Ok(4));
    let beyond = HEAD.to_owned() + r#"<row><c r="XFE2"><v>1</v></c></row>"#;
    assert_eq!(kind(&sheet(&beyond)), Err(Kind::BookTooLarge));
    // As more than it may inflate to, or as one piece that is too long, whichever shows first.
    let spaces = " ".repeat(64 << 20);
    let refused = kind(&sheet(&(HEAD.to_owned() + &spaces)));
    assert!(
        matches!(refused, Err(Kind::BookTooLarge | Kind::BookBroken)),
        "{refused:?}"
    );
    let long = format!("{HEAD}<row><c><v>{}</v></c></row>", "1".repeat(5 << 20));
    assert_eq!(kind(&sheet(&long)), Err(Kind::BookBroken));
    // Many cells share one long text.
    let strings = format!("<sst><si><t>{}</t></si></sst>", "字".repeat(20_000));
    let cells = "<row><c t=\"s\"><v>0</v></c></row>".repeat(3000);
    let shared = format!("<worksheet><sheetData>{HEAD}{cells}</sheetData></worksheet>");
    assert_eq!(kind(&book(&shared, &strings)), Err(Kind::BookTooLarge));
    let entities = "<!DOCTYPE x [<!ENTITY a \"b\">]><worksheet/>";
    assert_eq!(kind(&book(entities, "<sst/>")), Err(Kind::BookBroken));
    let (text, _) = rows("<row><c t=\"s\"><v>7</v></c></row>");
    assert_eq!(text.unwrap_err().kind, Kind::BookBroken);
    // What a file says of itself is compared with what it has.
    let mut lies = sheet(HEAD);
    let list = lies
        .windows(4)
        .rposition(|mark| mark == b"PK\x01\x02")
        .unwrap();
    lies[list + 24] ^= 1;
    assert_eq!(kind(&lies), Err(Kind::BookBroken));
}

fn ods(table: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet>\
         <table:table table:name=\"一\"><table:table-row>{}{}</table:table-row>{table}</table:table>\
         </office:spreadsheet></office:body></office:document-content>",
        words("a"),
        words("b"),
    );
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    zip(&[("mimetype", kind), ("content.xml", content.as_bytes())])
}

fn words(text: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
    )
}

#[test]
fn repeated_cells_of_opendocument_count_as_often_as_they_stand_there() {
    let text = |table: &str| {
        let (text, findings) = read("a.ods", &ods(table), &TWO, None);
        (text.map_err(|finding| finding.kind), kinds(&findings))
    };
    let cell = "<table:table-cell office:value-type=\"float\" office:value=\"1.50\"";
    let twice = format!(
        "<table:table-row table:number-rows-repeated=\"2\">{cell} table:number-columns-repeated=\"2\"><text:p>1,50</text:p></table:table-cell></table:table-row>"
    );
    assert_eq!(text(&twice).0.unwrap(), "a,b\n1.5,1.5\n1.5,1.5\n");
    let far = "<table:table-row table:number-rows-repeated=\"1048574\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let last = format!("{far}<table:table-row>{}</table:table-row>", words("z"));
    assert_eq!(text(&last).0.unwrap().len(), 4 + 1_048_574 + 3);
    let many = format!(
        "<table:table-row table:number-rows-repeated=\"1000000\">{cell} table:number-columns-repeated=\"16000\"/></table:table-row>"
    );
    assert_eq!(text(&many).0, Err(Kind::BookTooLarge));
    let endless = format!(
        "<table:table-row table:number-rows-repeated=\"18446744073709551615\">{cell}/></table:table-row>"
    );
    assert_eq!(text(&endless).0, Err(Kind::BookTooLarge));
    let comment = format!(
        "<table:table-row><table:table-cell office:value-type=\"string\"><office:annotation><text:p>note</text:p></office:annotation>\
         <text:p>x<text:s text:c=\"2\"/>y</text:p><text:p>z</text:p></table:table-cell>{}</table:table-row>",
        words("w"),
    );
    assert_eq!(text(&comment).0.unwrap(), "a,b\nx  y z,w\n");
}

#[test]
fn what_is_not_read_is_named() {
    for (name, foreign) in [
        ("encrypted.xlsx", form::Foreign::Encrypted),
        ("letter.docx", form::Foreign::Word),
        ("shapes.zip", form::Foreign::ArchivedShapefile),
    ] {
        let bytes = fixture(name);
        // The name says nothing: it may end in anything.
        for end in [name, "a.xlsx", "a.csv"] {
            assert_eq!(
                form::of(Path::new(end), &bytes),
                Form::Foreign(foreign),
                "{name}"
            );
        }
    }
    let binary = zip(&[("xl/workbook.bin", b"")]);
    assert_eq!(
        form::of(Path::new("a.xlsx"), &binary),
        Form::Foreign(form::Foreign::Xlsb)
    );
    for (text, foreign) in [
        ("\u{feff}<html><body><table>", form::Foreign::Html),
        ("<?xml version=\"1.0\"?><kml xmlns=", form::Foreign::Kml),
        (
            "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
            form::Foreign::MarkupSheet,
        ),
    ] {
        assert_eq!(
            form::of(Path::new("a.xls"), text.as_bytes()),
            Form::Foreign(foreign)
        );
    }
}

/// Numbers from a seed (SplitMix64).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 1) as usize
}

/// The table of a workbook, whatever it is; `None` where it is taken for none.
fn tried(name: &str, bytes: &[u8]) -> Option<Result<String, Finding>> {
    let Form::Workbook(form) = form::of(Path::new(name), bytes) else {
        return None;
    };
    let wanted = Wanted {
        sheet: None,
        columns: &FACILITIES,
        renamed: &BTreeMap::new(),
    };
    Some(table(name, bytes, form, wanted, &mut Findings::default()))
}

#[test]
fn a_workbook_that_is_cut_off_anywhere_is_whole_or_an_error() {
    for name in ["ledger.xlsx", "ledger.xls", "ledger.ods"] {
        let bytes = fixture(name);
        let whole = tried(name, &bytes).unwrap().unwrap();
        for part in 0..200 {
            let cut = &bytes[..bytes.len() * part / 200];
            // Behind the workbook a compound file may hold other streams.
            if let Some(Ok(text)) = tried(name, cut) {
                assert!(text == whole && name.ends_with("xls"), "{name} {part}");
            }
        }
    }
}

#[test]
fn two_thousand_changed_workbooks_are_read_or_refused() {
    let ledger = fixture("ledger.xls");
    let inner = |name: &str, part: &str| {
        use std::io::Read;
        let bytes = fixture(name);
        let archive = Archive::open(&bytes).unwrap();
        let mut text = Vec::new();
        archive
            .open_file(part)
            .unwrap()
            .read_to_end(&mut text)
            .unwrap();
        text
    };
    let sheet = inner("ledger.xlsx", "xl/worksheets/sheet2.xml");
    let content = inner("ledger.ods", "content.xml");
    let words: [&[u8]; 8] = [
        b"0",
        b"-1",
        b"99999999999",
        b"1048577",
        b"XFD1",
        b"<c>",
        b"</row>",
        b"\"",
    ];
    for seed in 0..2000_u64 {
        let mut state = seed;
        let mut bytes = match seed % 3 {
            0 => ledger.clone(),
            1 => sheet.clone(),
            _ => content.clone(),
        };
        for _ in 0..=next(&mut state) % 4 {
            let at = next(&mut state) % bytes.len();
            match next(&mut state) % 4 {
                0 => bytes[at] ^= 1 << (next(&mut state) % 8),
                1 => bytes[at] = [0, 0xff, 0x7f, b'9'][next(&mut state) % 4],
                2 => drop(bytes.splice(at..at, words[next(&mut state) % 8].iter().copied())),
                _ => drop(bytes.drain(at..(at + next(&mut state) % 40).min(bytes.len()))),
            }
        }
        let bytes = match seed % 3 {
            0 => bytes,
            1 => zip(&[
                ("xl/workbook.xml", BOOK.as_bytes()),
                ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
                ("xl/worksheets/sheet1.xml", &bytes),
            ]),
            _ => zip(&[
                (
                    "mimetype",
                    b"application/vnd.oasis.opendocument.spreadsheet",
                ),
                ("content.xml", &bytes),
            ]),
        };
        let name = ["a.xls", "a.xlsx", "a.ods"][seed as usize % 3];
        let _ = tried(name, &bytes);
    }
}
