//! Tables as offices hand them in: workbooks, with titles, merged headers, sums, notes and units, give what the plain table gives.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod office;
mod support;

use std::fs;
use std::path::Path;

use fuwutu_io::finding::{Finding, Kind, Level};
use fuwutu_io::plan::Plan;
use fuwutu_io::read::{Folder, Input};
use fuwutu_run::{Error, Job, PlanFile, Quiet};

use support::Temp;

fn read(folder: &Path) -> Result<Input, Vec<Finding>> {
    let path = folder.join("plan.toml");
    let plan = Plan::parse(&fs::read_to_string(&path).unwrap(), &path).unwrap();
    let file = PlanFile::new(plan, &path, Folder(folder.to_owned()));
    match Job::read(file, &Quiet) {
        Ok(job) => Ok(job.input),
        Err(Error::Input(failure)) => Err(failure.findings),
        Err(error) => panic!("{error}"),
    }
}

/// What figures rest on.
fn content(input: &Input) -> String {
    format!("{:?} {:?}", input.city, input.outlook)
}

fn kinds_of(findings: &[Finding], file: &str) -> Vec<Kind> {
    let of_file = findings.iter().filter(|each| each.file == file);
    let mut kinds: Vec<Kind> = of_file.map(|each| each.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The demo with a file in another form.
fn demo_with(file: &str, other: &str, bytes: &[u8]) -> Temp {
    let temp = Temp::with_demo("books");
    let plan = fs::read_to_string(temp.path("plan.toml")).unwrap();
    temp.put("plan.toml", plan.replace(file, other));
    fs::remove_file(temp.path(file)).unwrap();
    temp.put(other, bytes);
    temp
}

fn demo_text(file: &str) -> String {
    fs::read_to_string(support::demo().join(file)).unwrap()
}

const TABLES: [&str; 3] = ["population", "facilities", "earlier"];

#[test]
fn the_demo_is_the_same_from_workbooks_and_unicode_text() {
    let plain = read(&Temp::with_demo("books-plain")).unwrap();
    for table in TABLES {
        let csv = format!("{table}.csv");
        let text = demo_text(&csv);
        let rows = office::rows(&text);
        let tabs = format!("\u{feff}{}", text.replace(',', "\t"));
        let utf_16 = tabs.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (end, bytes) in [
            ("xlsx", office::xlsx_of(&office::sheet(&rows, &[]))),
            ("ods", office::ods(&rows)),
            ("txt", utf_16),
        ] {
            let other = format!("{table}.{end}");
            let input = read(&demo_with(&csv, &other, &bytes)).unwrap();
            assert_eq!(content(&input), content(&plain), "{other}");
            // Nothing is noticed that is not of the plain table, but for the encoding and its tabs.
            let mut expected = kinds_of(&plain.findings, &csv);
            if end == "txt" {
                expected.extend([Kind::Utf16Read, Kind::Delimiter]);
                expected.sort();
            }
            assert_eq!(kinds_of(&input.findings, &other), expected, "{other}");
        }
    }
}

#[test]
fn a_census_with_titles_merged_headers_sums_and_notes_is_the_plain_one() {
    let plain = read(&Temp::with_demo("books-plain")).unwrap();
    let text = demo_text("earlier.csv");
    let communities: Vec<Vec<&str>> = office::rows(&text).split_off(1);
    let mut rows: Vec<[String; 4]> = [
        ["某区分社区人口", "", "", ""],
        ["", "", "", "单位：人"],
        ["镇街", "社区代码", "人口数", ""],
        ["", "", "常住人口", "户籍人口"],
    ]
    .map(|row| row.map(str::to_owned))
    .to_vec();
    let mut merged = ["A1:D1", "A3:A4", "B3:B4", "C3:D3"]
        .map(str::to_owned)
        .to_vec();
    let sum =
        |rows: &[Vec<&str>]| -> u64 { rows.iter().map(|row| row[1].parse::<u64>().unwrap()).sum() };
    for township in communities.chunk_by(|a, b| a[0][..9] == b[0][..9]) {
        let first = rows.len() + 1;
        for (row, at) in township.iter().zip(0..) {
            let name = if at == 0 { "某镇" } else { "" };
            rows.push([name, row[0], row[1], "5"].map(str::to_owned));
        }
        if township.len() > 1 {
            merged.push(format!("A{first}:A{}", rows.len()));
        }
        rows.push([
            "某镇小计".into(),
            String::new(),
            sum(township).to_string(),
            String::new(),
        ]);
    }
    rows.push([
        "合 计".into(),
        String::new(),
        (sum(&communities) + 7).to_string(),
        String::new(),
    ]);
    rows.push(["注：不含外来人口。", "", "", ""].map(str::to_owned));
    rows.push(["审核人：甲", "填报人：乙", "", "2021年"].map(str::to_owned));
    let last = rows.len() as u64 - 2;
    let merged: Vec<&str> = merged.iter().map(String::as_str).collect();
    let book = office::xlsx_of(&office::sheet(&rows, &merged));
    let input = read(&demo_with("earlier.csv", "earlier.xlsx", &book)).unwrap();
    assert_eq!(content(&input), content(&plain));
    let kinds = kinds_of(&input.findings, "earlier.xlsx");
    for kind in [
        Kind::CellsMerged,
        Kind::TitleSkipped,
        Kind::RowsLeftOut,
        Kind::SumRowDiffers,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}: {kinds:?}");
    }
    let wrong: Vec<&Finding> = (input.findings.iter())
        .filter(|each| each.kind == Kind::SumRowDiffers)
        .collect();
    assert_eq!(wrong.len(), 1);
    assert_eq!(
        (wrong[0].row, wrong[0].level()),
        (Some(last), Level::Decision)
    );
    assert!(wrong[0].value.ends_with("(7)"), "{}", wrong[0].value);
}

#[test]
fn headers_of_offices_are_known_and_their_units_are_read() {
    let plain = read(&Temp::with_demo("books-plain")).unwrap();
    let text = demo_text("facilities.csv");
    let (header, rest) = text.split_once('\n').unwrap();
    let named = [
        ("id", "*设施编号"),
        ("name", "设施 名称"),
        ("service", "设施类别（必填）"),
        ("lon", "ＬＮＧ"),
        ("lat", "纬度（度）"),
        ("capacity_unit", "规模单位"),
        ("capacity", "供给规模"),
        ("status", "建设状态"),
    ];
    let mut columns: Vec<&str> = header.split(',').collect();
    for column in &mut columns {
        if let Some((_, office)) = named.iter().find(|(name, _)| name == column) {
            *column = office;
        }
    }
    let text = format!("{}\n{rest}", columns.join(","));
    let input = read(&demo_with("facilities.csv", "f.csv", text.as_bytes())).unwrap();
    assert_eq!(content(&input), content(&plain));

    // In tens of thousands: every number has to be exact.
    let text = demo_text("earlier.csv");
    let mut large = String::from("社区代码,常住人口（万人）\n");
    for row in &office::rows(&text)[1..] {
        large += &format!("{},{}\n", row[0], row[1].parse::<f64>().unwrap() / 1e4);
    }
    let input = read(&demo_with("earlier.csv", "e.csv", large.as_bytes())).unwrap();
    assert_eq!(content(&input), content(&plain));
    assert!(kinds_of(&input.findings, "e.csv").contains(&Kind::HeaderTimes));
}

#[test]
fn identity_numbers_are_refused_and_never_told_and_phones_passed_over() {
    let text = demo_text("facilities.csv");
    let with = |header: &str, cell: &str| {
        let mut lines = text.lines();
        let mut made = format!("{},{header}\n", lines.next().unwrap());
        lines.for_each(|line| made += &format!("{line},{cell}\n"));
        read(&demo_with("facilities.csv", "f.csv", made.as_bytes()))
    };
    let secret = "11010519491231002X";
    for header in ["院长身份证号", "备注"] {
        let errors = with(header, secret).err().unwrap();
        let error = errors
            .iter()
            .find(|each| each.level() == Level::Error)
            .unwrap();
        assert_eq!(
            (error.kind, &*error.column),
            (Kind::IdentityNumbers, header)
        );
        assert!(
            errors
                .iter()
                .all(|each| !format!("{each:?}").contains(secret))
        );
    }
    for header in ["联系电话", "备注"] {
        let input = with(header, "13800138000").unwrap();
        assert!(
            kinds_of(&input.findings, "f.csv").contains(&Kind::PhonesPassed),
            "{header}"
        );
        assert!(!content(&input).contains("13800138000"));
    }
    // In a column that would be carried to outputs.
    let phones = text.replace("\nf", "\n13800138");
    let errors = read(&demo_with("facilities.csv", "f.csv", phones.as_bytes()));
    let errors = errors.err().unwrap();
    assert!(
        errors.iter().any(|each| each.kind == Kind::PhonesUsed),
        "{errors:?}"
    );
    assert!(
        errors
            .iter()
            .all(|each| !format!("{each:?}").contains("13800138"))
    );
}

#[test]
fn codes_that_a_spreadsheet_destroyed_are_refused() {
    let text = demo_text("earlier.csv");
    let mut rows = office::rows(&text);
    rows[1][0] = "5.1010400100100102E17";
    // As a number, which it is no longer written as.
    let sheet = office::sheet(&rows, &[]).replace(
        "<c t=\"inlineStr\"><is><t>5.1010400100100102E17</t></is></c>",
        "<c><v>5.1010400100100102E17</v></c>",
    );
    let book = office::xlsx_of(&sheet);
    let errors = read(&demo_with("earlier.csv", "e.xlsx", &book))
        .err()
        .unwrap();
    let error = errors
        .iter()
        .find(|each| each.level() == Level::Error)
        .unwrap();
    assert_eq!((error.kind, error.row), (Kind::CodeDestroyed, Some(2)));
}

#[test]
fn what_is_no_table_is_named() {
    for (name, kind) in [
        ("letter.docx", Kind::FormForeign),
        ("encrypted.xlsx", Kind::FormForeign),
    ] {
        let bytes = fs::read(support::root().join("tests/fixtures/books").join(name)).unwrap();
        let errors = read(&demo_with("facilities.csv", name, &bytes))
            .err()
            .unwrap();
        assert!(errors.iter().any(|each| each.kind == kind), "{errors:?}");
    }
}
