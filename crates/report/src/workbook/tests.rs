//! What a reader finds in the workbook: the file is taken apart and read as any program would read it.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::DeflateDecoder;
use fuwutu_io::plan::ReportSection;
use resvg::usvg::roxmltree::{Document, Node};

use super::workbook;
use fuwutu_io::tables;
use fuwutu_io::tables::counties::County;

use crate::book::{Book, Edition, Equity};
use crate::testing::{NASTY, book};

/// A sheet: cells by reference.
type Cells = BTreeMap<String, Cell>;

#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Text(String),
    Number(f64),
    /// A formula with the value that it had when it was written.
    Formula(String, String),
}

/// All files in the workbook.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let number = |offset: usize, length: usize| {
        bytes[offset..offset + length]
            .iter()
            .rev()
            .fold(0, |sum, &b| sum * 256 + usize::from(b))
    };
    let end = bytes.len() - 22;
    let mut offset = number(end + 16, 4);
    let mut parts = BTreeMap::new();
    for _ in 0..number(end + 10, 2) {
        let (packed, name, local) = (
            number(offset + 20, 4),
            number(offset + 28, 2),
            number(offset + 42, 4),
        );
        let data = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        let mut text = String::new();
        DeflateDecoder::new(&bytes[data..data + packed])
            .read_to_string(&mut text)
            .expect("it is text");
        parts.insert(
            String::from_utf8_lossy(&bytes[offset + 46..offset + 46 + name]).into_owned(),
            text,
        );
        offset += 46 + name + number(offset + 30, 2) + number(offset + 32, 2);
    }
    parts
}

/// `_x0007_` as the character, as Excel reads it.
fn unescape(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(position) = rest.find("_x") {
        plain.push_str(&rest[..position]);
        rest = &rest[position..];
        let code = rest.get(2..6).filter(|_| rest.get(6..7) == Some("_"));
        let found = code
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        plain.push(found.unwrap_or('_'));
        rest = &rest[if found.is_some() { 7 } else { 1 }..];
    }
    plain + rest
}

fn text(node: Node<'_, '_>) -> String {
    let runs = node
        .descendants()
        .filter(|node| node.has_tag_name((MAIN, "t")));
    runs.map(|run| unescape(run.text().unwrap_or_default()))
        .collect()
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// Names of sheets in their order, each with its cells. Every part must be XML, which holds no control characters.
fn read(bytes: &[u8]) -> Vec<(String, Cells)> {
    let parts = parts(bytes);
    for (name, part) in &parts {
        Document::parse(part).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let strings = Document::parse(&parts["xl/sharedStrings.xml"]).expect("it was parsed");
    let strings: Vec<String> = strings.root_element().children().map(text).collect();
    let book = Document::parse(&parts["xl/workbook.xml"]).expect("it was parsed");
    let names = book
        .descendants()
        .filter(|node| node.has_tag_name((MAIN, "sheet")));
    names
        .zip(1..)
        .map(|(name, number)| {
            let name = name.attribute("name").expect("it has one").to_owned();
            (
                name,
                cells(
                    &parts[&format!("xl/worksheets/sheet{number}.xml")],
                    &strings,
                ),
            )
        })
        .collect()
}

fn cells(xml: &str, strings: &[String]) -> Cells {
    let page = Document::parse(xml).expect("it was parsed");
    let mut cells = Cells::new();
    for node in page
        .descendants()
        .filter(|node| node.has_tag_name((MAIN, "c")))
    {
        let child = |tag: &str| {
            node.children()
                .find(|child| child.has_tag_name((MAIN, tag)))
                .and_then(|child| child.text())
        };
        let Some(value) = child("v") else { continue };
        let cell = match (child("f"), node.attribute("t")) {
            (Some(formula), _) => Cell::Formula(formula.to_owned(), value.to_owned()),
            (None, Some("s")) => {
                Cell::Text(strings[value.parse::<usize>().expect("a position")].clone())
            }
            _ => Cell::Number(value.parse().expect("a number")),
        };
        cells.insert(node.attribute("r").expect("it has one").to_owned(), cell);
    }
    cells
}

fn made(book: &Book) -> Vec<(String, Cells)> {
    read(&workbook(book).expect("it can be made"))
}

/// The lines of a table by the English header of their column.
fn column(sheet: &(String, Cells), head: &str) -> Vec<Option<Cell>> {
    let first = sheet
        .1
        .iter()
        .find(|(reference, cell)| {
            reference.ends_with('4')
                && matches!(cell, Cell::Text(text) if text.split('\n').nth(1) == Some(head))
        })
        .map(|(reference, _)| reference.trim_end_matches('4'));
    let letters = first.unwrap_or_else(|| panic!("{}: no column {head}", sheet.0));
    let last = sheet
        .1
        .keys()
        .filter_map(|reference| {
            reference
                .trim_start_matches(char::is_alphabetic)
                .parse::<u32>()
                .ok()
        })
        .max();
    (5..=last.expect("it has cells"))
        .map(|row| sheet.1.get(&format!("{letters}{row}")).cloned())
        .collect()
}

fn texts(words: &[&str]) -> Vec<Option<Cell>> {
    words
        .iter()
        .map(|text| Some(Cell::Text((*text).to_owned())))
        .collect()
}

#[test]
fn sheets_stand_in_their_order_and_only_those_that_the_round_has() {
    let mut book = book();
    let names = |book: &Book| {
        made(book)
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    let short = names(&book);
    assert_eq!(short.len(), 11);
    assert!(short.iter().all(|name| name.chars().count() <= 31));
    assert!(
        short[0].contains("总览")
            && short[2].contains("completeness")
            && short[3].contains("standing")
            && short[7].contains("inputs")
            && short[10].contains("method"),
        "{short:?}"
    );
    book.equities.push(Equity {
        row: tables::equity::Equity {
            service: "kindergarten".to_owned(),
            year: 2026,
            mean_access: Some(0.5),
            gini: Some(0.3),
            theil: Some(0.1),
            below_norm_share: Some(0.4),
            ..tables::equity::Equity::default()
        },
        service: 0,
    });
    book.counties.push(County {
        county: "990101".to_owned(),
        service: "kindergarten".to_owned(),
        year: 2026,
        residents: Some(140_000),
        capacity_unknown: Some(1),
        facilities: Some(2),
        attained: Some(true),
        ..County::default()
    });
    let long = names(&book);
    assert_eq!(long[10..], ["区县 counties", "公平 equity", "说明 method"]);
}

#[test]
fn names_are_text_whatever_they_look_like() {
    let long = "长".repeat(300);
    // The library's own markup, a code of Excel's, and both.
    let more = [
        "<r><t>x</t></r></si><si><t>y",
        "<r></r>",
        "<r>_x0041_ _x005F_</r>",
        "_x0041_",
        " a ",
        "line\nline\r",
        &long,
    ];
    for name in NASTY.iter().chain(&more) {
        let mut book = book();
        book.manifest.round = (*name).to_owned();
        book.units[1].name = (*name).to_owned();
        book.units[0].row.township_name = (*name).to_owned();
        book.units[1].row.township_name = (*name).to_owned();
        book.offers[2].row.facility_name = (*name).to_owned();
        book.findings[0].value = (*name).to_owned();
        let sheets = made(&book);
        assert_eq!(column(&sheets[1], "name")[1], texts(&[name])[0]);
        assert_eq!(column(&sheets[1], "township"), texts(&[name, name, "乙镇"]));
        assert_eq!(
            column(&sheets[4], "name"),
            texts(&["乙镇", "甲街道 1", name])
        );
        assert_eq!(
            column(&sheets[6], "facility name"),
            texts(&["一号幼儿园", "二号幼儿园", name])
        );
        assert_eq!(column(&sheets[8], "value"), texts(&[name]));
        assert!(
            sheets[1..].iter().all(|(_, cells)| !cells
                .values()
                .any(|cell: &Cell| matches!(cell, Cell::Formula(..)))),
            "{name}"
        );
    }
}

#[test]
fn a_text_that_no_cell_can_hold_is_cut_and_says_so() {
    let mut book = book();
    book.findings[0].value = "长".repeat(40_000);
    book.offers[0].row.facility_name = format!("<r>{}</r>", "_x".repeat(20_000));
    let sheets = made(&book);
    for cell in [
        &column(&sheets[8], "value")[0],
        &column(&sheets[6], "facility name")[0],
    ] {
        let Some(Cell::Text(text)) = cell else {
            panic!("{cell:?}")
        };
        assert!(
            text.ends_with("truncated, too long）") && text.encode_utf16().count() <= 32_767,
            "{text}"
        );
    }
}

#[test]
fn figures_are_numbers_and_what_is_not_known_is_an_empty_cell() {
    let mut book = book();
    book.standings[crate::book::place(0, 0, 0)].supply_received = None;
    let standing = &made(&book)[3];
    let number = |number: f64| Some(Cell::Number(number));
    let received = column(standing, "accessible supply");
    // Unit 1: kindergartens in two years, then markets, which have no capacity.
    assert_eq!(
        received[..5],
        [None, number(500.0), None, None, number(200.0)]
    );
    assert_eq!(
        column(standing, "target group (persons)")[..2],
        [number(2000.0), number(2200.0)]
    );
    assert_eq!(column(standing, "coverage")[0], number(0.75));
    assert_eq!(
        column(standing, "required")[..3],
        [number(5.0), number(5.0), None]
    );
    let verdicts = column(standing, "attained");
    assert_eq!(
        [verdicts[0].clone(), verdicts[2].clone()],
        texts(&["数量不足 too few", "–"])[..]
    );
    assert_eq!(received.len(), 12);
}

#[test]
fn the_overview_checks_the_sheets_against_the_city() {
    let results = |book: &Book| -> Vec<(String, String)> {
        let cells = made(book).remove(0).1;
        cells
            .into_values()
            .filter_map(|cell| {
                if let Cell::Formula(formula, was) = cell {
                    Some((formula, was))
                } else {
                    None
                }
            })
            .collect()
    };
    let mut book = book();
    let formulas = results(&book);
    // Residents, and two for each of two services: a sum and a verdict each.
    assert_eq!(formulas.len(), 10);
    let with = |formulas: &[(String, String)], text: &str| {
        formulas
            .iter()
            .filter(|(_, was)| was.contains(text))
            .count()
    };
    assert_eq!(
        [with(&formulas, "agrees"), with(&formulas, "differs")],
        [5, 0]
    );
    assert!(
        formulas.contains(&(
            "SUM('单元 units'!$E$5:$E$7)".to_owned(),
            "140000".to_owned()
        )),
        "{formulas:?}"
    );
    // One person more than rounding allows: half a person for each of three units.
    book.units[0].row.residents += 2;
    assert_eq!(with(&results(&book), "differs"), 1);
    // What a public edition leaves out is not checked.
    book.edition = Edition::Public { small: 10 };
    book.standings[crate::book::place(0, 0, 0)].target_residents = None;
    assert_eq!(results(&book).len(), 8);
}

#[test]
fn synthetic_data_a_draft_and_an_approval_are_told_on_the_first_sheet() {
    let mut book = book();
    let mark = |book: &Book| match made(book)[0].1.get("A2") {
        Some(Cell::Text(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        mark(&book),
        "模拟数据，非真实地点 synthetic data, no real place    内部草稿 internal draft"
    );
    book.manifest.plan.round.synthetic = false;
    book.manifest.plan.report = ReportSection {
        map_approval: Some("GS川(2026)1号 & \"x\"".to_owned()),
        date: Some("2026-06".to_owned()),
        sources: Vec::new(),
    };
    assert_eq!(
        mark(&book),
        "审图号 GS川(2026)1号 & \"x\" map approval GS川(2026)1号 & \"x\"    2026-06"
    );
}

#[test]
fn what_the_round_does_not_have_is_said_in_words() {
    let method = &made(&book())[10].1;
    let says = |words: &str| {
        method
            .values()
            .any(|cell| matches!(cell, Cell::Text(text) if text.contains(words)))
    };
    assert!(
        says("No streets")
            && says("No earlier population")
            && says("No last round")
            && says("No counties")
    );
    let (mut book, mut last) = (book(), book());
    book.units[0].row.since_last = Some(fuwutu_core::units::State::Kept);
    assert_eq!(
        column(&made(&book)[1], "since the last round"),
        texts(&["与上一轮相同 as in the last round", "–", "–"])
    );
    last.places.clear();
    last.offers.clear();
    last.served.clear();
    last.findings.clear();
    assert_eq!(
        column(&made(&last)[1], "place by priority"),
        [None, None, None]
    );
}

#[test]
fn equal_books_give_equal_bytes() {
    assert!(workbook(&book()).unwrap() == workbook(&book()).unwrap());
}

#[test]
fn rankings_hold_the_same_places_in_two_orders() {
    let sheets = made(&book());
    let number = |numbers: [f64; 3]| numbers.map(|number| Some(Cell::Number(number)));
    assert_eq!(
        column(&sheets[4], "place by priority"),
        number([1.0, 2.0, 3.0])
    );
    assert_eq!(
        column(&sheets[5], "place by priority"),
        number([2.0, 1.0, 3.0])
    );
    assert_eq!(
        column(&sheets[5], "place by people unserved"),
        number([1.0, 2.0, 3.0])
    );
    // Priority = need and what inflow adds: 55 = 50 of kindergartens + 5.
    assert_eq!(
        column(&sheets[4], "part: Kindergarten")[0],
        Some(Cell::Number(50.0))
    );
    assert_eq!(
        column(&sheets[4], "part: inflow")[0],
        Some(Cell::Number(5.0))
    );
}
