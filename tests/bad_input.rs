//! Dirty and hostile input: each case gets the finding or the error that is promised, and nothing panics.
//!
//! Every case spoils one thing of a tiny good city: two townships of two square communities each, three demand points of 100
//! residents in every community, four facilities.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use fuwutu_core::position::CommunityAt;
use fuwutu_core::quantity::Residents;
use fuwutu_io::finding::{Failure, Finding, Lang, Level, plain};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder, Input};
use geo::Area;

use support::{Temp, program};

const PLAN: &str = "plan.toml";
const TOWNSHIPS: &str = "townships.geojson";
const COMMUNITIES: &str = "communities.geojson";
const POPULATION: &str = "population.csv";
const EARLIER: &str = "earlier.csv";
const FACILITIES: &str = "facilities.csv";
const FILES: [&str; 6] = [
    PLAN,
    TOWNSHIPS,
    COMMUNITIES,
    POPULATION,
    EARLIER,
    FACILITIES,
];

/// A square community's side in degrees: 959 m by 1,109 m.
const SIDE: f64 = 0.01;
const WEST: f64 = 104.0;
const SOUTH: f64 = 30.6;

// ---- The good city, and how to spoil it.

/// A folder with a plan and its files, removed in the end.
struct City {
    folder: Temp,
}

fn good() -> City {
    let city = City {
        folder: Temp::new("bad-input"),
    };
    let (townships, communities) = (layer(&townships()), layer(&communities()));
    let texts = [
        plan_text(),
        townships,
        communities,
        population(),
        earlier(),
        facilities(),
    ];
    FILES
        .into_iter()
        .zip(texts)
        .fold(city, |city, (file, text)| city.with(file, text))
}

fn plan_text() -> String {
    r#"
[round]
name = "bad input"
base_year = 2026
horizon_years = 3
[inputs]
crs = "EPSG:4490"
townships = { path = "townships.geojson" }
communities = { path = "communities.geojson" }
population = { path = "population.csv" }
earlier = { path = "earlier.csv", year = 2016 }
facilities = [{ path = "facilities.csv" }]
[services]
select = ["kindergarten", "primary_school", "market"]
"#
    .to_owned()
}

/// One feature a line, so that feature `n` stands in line `n + 1`.
fn layer(features: &[String]) -> String {
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n",
        features.join(",\n")
    )
}

fn feature(properties: &str, geometry: &str) -> String {
    format!("{{\"type\":\"Feature\",\"properties\":{{{properties}}},\"geometry\":{geometry}}}")
}

/// Rows of squares, counted from the south-west; with the corners of the communities, so that no gap is in the plane.
fn townships() -> Vec<String> {
    let one = |row: u8| {
        let (south, north) = (f64::from(row), f64::from(row + 1));
        let ring = ring(&[
            (0.0, south),
            (1.0, south),
            (2.0, south),
            (2.0, north),
            (1.0, north),
            (0.0, north),
        ]);
        feature(
            &format!("\"code\":\"99010100{}\",\"name\":\"镇{row}\"", row + 1),
            &area(&ring),
        )
    };
    [0, 1].map(one).into()
}

fn communities() -> Vec<String> {
    CODES
        .iter()
        .zip(0_u8..)
        .map(|(code, at)| {
            let (x, y) = (f64::from(at % 2), f64::from(at / 2));
            let about = format!(
                "\"code\":\"{code}\",\"name\":\"社区{at}\",\"township\":\"{}\",\"class\":\"urban\",\"residents\":300",
                &code[..9]
            );
            feature(&about, &area(&square(x, y, x + 1.0, y + 1.0)))
        })
        .collect()
}

const CODES: [&str; 4] = [
    "990101001001",
    "990101001002",
    "990101002001",
    "990101002002",
];

/// A closed ring through these places, in squares from the south-west corner.
fn ring(places: &[(f64, f64)]) -> String {
    let all = places.iter().chain(&places[..1]);
    let positions: Vec<String> = all
        .map(|(x, y)| format!("[{:.6},{:.6}]", WEST + x * SIDE, SOUTH + y * SIDE))
        .collect();
    format!("[{}]", positions.join(","))
}

fn square(west: f64, south: f64, east: f64, north: f64) -> String {
    ring(&[(west, south), (east, south), (east, north), (west, north)])
}

/// A polygon of rings.
fn area(rings: &str) -> String {
    format!("{{\"type\":\"Polygon\",\"coordinates\":[{rings}]}}")
}

/// A multi-polygon of one ring each.
fn areas(rings: &[String]) -> String {
    let parts: Vec<String> = rings.iter().map(|ring| format!("[{ring}]")).collect();
    format!(
        "{{\"type\":\"MultiPolygon\",\"coordinates\":[{}]}}",
        parts.join(",")
    )
}

/// Demand point `p01` is in line 2; of each community the points at 2, 5 and 8 tenths of its diagonal.
fn population() -> String {
    let mut text = String::from(
        "id,community,lon,lat,residents,age_0_2,age_3_5,age_6_11,age_12_14,age_15_17,age_18_59,age_60_plus\n",
    );
    for (code, at) in CODES.iter().zip(0_u8..) {
        for (part, number) in [0.2, 0.5, 0.8].into_iter().zip(1..) {
            let (x, y) = (f64::from(at % 2) + part, f64::from(at / 2) + part);
            let (lon, lat) = (WEST + x * SIDE, SOUTH + y * SIDE);
            let _ = writeln!(
                text,
                "p{:02},{code},{lon:.4},{lat:.4},100,3,3,6,3,5,60,20",
                at * 3 + number
            );
        }
    }
    text
}

fn earlier() -> String {
    CODES
        .iter()
        .fold(String::from("community,residents\n"), |text, code| {
            text + code + ",290\n"
        })
}

fn facilities() -> String {
    "\
id,name,service,lon,lat,capacity,capacity_unit,status,opens
f1,一园,kindergarten,104.0050,30.6050,90,seats,existing,
f2,二园,kindergarten,104.0050,30.6150,90,seats,existing,
f3,一小,primary_school,104.0150,30.6050,180,seats,existing,
f4,市场,market,104.0150,30.6150,1000,m2_floor,existing,
"
    .to_owned()
}

impl City {
    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    /// Replaces a file.
    fn with(self, file: &str, bytes: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(file), bytes).unwrap();
        self
    }

    /// Replaces text in a file.
    fn patch(self, file: &str, from: &str, to: &str) -> Self {
        let text = self.text(file);
        assert!(text.contains(from), "{file} has no `{from}`:\n{text}");
        self.with(file, text.replacen(from, to, 1))
    }

    fn patch_all(self, file: &str, from: &str, to: &str) -> Self {
        let text = self.text(file).replace(from, to);
        self.with(file, text)
    }

    /// Replaces one line, counted from 1.
    fn line(self, file: &str, line: usize, change: impl Fn(&str) -> String) -> Self {
        let text = self.text(file);
        let lines: Vec<String> = text
            .lines()
            .zip(1..)
            .map(|(each, number)| {
                if number == line {
                    change(each)
                } else {
                    each.to_owned()
                }
            })
            .collect();
        self.with(file, lines.join("\n") + "\n")
    }

    /// Sets a cell of a table; `value` as it is written, with quotes where it needs them.
    fn cell(self, file: &str, line: usize, column: &str, value: &str) -> Self {
        let text = self.text(file);
        let at = text
            .lines()
            .next()
            .unwrap()
            .split(',')
            .position(|each| each == column)
            .unwrap();
        self.line(file, line, |each| {
            let mut cells: Vec<&str> = each.split(',').collect();
            cells[at] = value;
            cells.join(",")
        })
    }

    /// Takes a column out of a table.
    fn without_column(self, file: &str, column: &str) -> Self {
        let text = self.text(file);
        let at = text
            .lines()
            .next()
            .unwrap()
            .split(',')
            .position(|each| each == column)
            .unwrap();
        let keep = |line: &str| {
            let cells: Vec<&str> = line
                .split(',')
                .zip(0..)
                .filter(|(_, each)| *each != at)
                .map(|(cell, _)| cell)
                .collect();
            cells.join(",") + "\n"
        };
        self.with(file, text.lines().map(keep).collect::<String>())
    }

    /// Sets the geometry of a feature, counted from 1.
    fn geometry(self, file: &str, number: usize, geometry: &str) -> Self {
        self.line(file, number + 1, |line| {
            let (about, _) = line.split_once("\"geometry\":").unwrap();
            let comma = if line.ends_with(',') { "," } else { "" };
            format!("{about}\"geometry\":{geometry}}}{comma}")
        })
    }

    /// Sets a property of a feature; `value` as JSON.
    fn property(self, file: &str, number: usize, key: &str, value: &str) -> Self {
        self.line(file, number + 1, |line| {
            let (before, after) = line.split_once(&format!("\"{key}\":")).unwrap();
            let end = after.find([',', '}']).unwrap();
            format!("{before}\"{key}\":{value}{}", &after[end..])
        })
    }

    // ---- What comes of it.

    fn read(&self) -> Result<Input, Failure> {
        let path = self.path(PLAN);
        let mut plan = Plan::read(&path).unwrap();
        let (catalogue, _) = plan::catalogue(&mut plan, &path).unwrap();
        read::read(&plan, &Folder(self.folder.to_path_buf()), &catalogue)
    }

    /// What reading noticed, whether or not it came to an end.
    fn findings(&self) -> Vec<Finding> {
        self.read()
            .map_or_else(|failure| failure.findings, |input| input.findings)
    }

    fn input(&self) -> Input {
        self.read().unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Square metres of a community.
    fn area_of(&self, code: &str) -> f64 {
        let input = self.input();
        let community = input
            .city
            .communities()
            .iter()
            .find(|each| each.code == code)
            .unwrap();
        community.polygon.unsigned_area()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = program();
        command.args(arguments).current_dir(&self.folder);
        command.output().unwrap()
    }

    /// Exit code and stderr of `fuwutu check`.
    fn check(&self) -> (i32, String) {
        ended(&self.run(&["check", PLAN]))
    }

    /// The files of a round, by path.
    fn evaluate(&self) -> BTreeMap<String, String> {
        let output = self.run(&[
            "evaluate",
            PLAN,
            "--out",
            "round",
            "--points",
            "--overwrite",
        ]);
        let (code, stderr) = ended(&output);
        assert_eq!(code, 0, "{stderr}");
        assert_has_only_numbers("stdout", &String::from_utf8_lossy(&output.stdout));
        let mut files = BTreeMap::new();
        collect(&self.path("round"), "", &mut files);
        files
            .iter()
            .for_each(|(name, text)| assert_has_only_numbers(name, text));
        files
    }

    /// The only finding of this kind.
    fn told(&self, code: &str) -> Finding {
        let findings = self.findings();
        let mut hits = findings.iter().filter(|each| each.kind.code() == code);
        let hit = hits
            .next()
            .unwrap_or_else(|| panic!("no `{code}` among {findings:#?}"));
        assert_eq!(hits.next(), None, "more than one `{code}`");
        hit.clone()
    }

    /// An error: reading fails with it, and the command ends with 2, an `error:` that names file, row and value, and a `hint:`.
    fn error(&self, code: &str) -> Finding {
        let finding = self.told(code);
        assert_eq!(finding.level(), Level::Error);
        self.read().expect_err("an error ends reading");
        let (exit, stderr) = self.check();
        assert_eq!(exit, 2, "{stderr}");
        let place = if finding.feature { "feature" } else { "row" };
        let row = finding
            .row
            .map_or(String::new(), |row| format!(", {place} {row}"));
        let file = if finding.file.is_empty() {
            "plan"
        } else {
            &finding.file
        };
        let start = format!("error: {file}{row}: {}", finding.kind.what(Lang::En));
        let at = stderr
            .find(&start)
            .unwrap_or_else(|| panic!("`{start}` is not in: {stderr}"));
        let mut lines = stderr[at..].lines();
        assert!(
            lines.next().unwrap().contains(&plain(&finding.value)),
            "{stderr}"
        );
        assert!(lines.next().unwrap().starts_with("hint: "), "{stderr}");
        finding
    }

    /// Something to decide: the work goes on, and `check` ends with 1.
    fn decision(&self, code: &str) -> Finding {
        let finding = self.told(code);
        assert_eq!(finding.level(), Level::Decision);
        let (exit, stderr) = self.check();
        assert_eq!(exit, 1, "{stderr}");
        finding
    }

    /// Told, and nothing else to do: the work goes on, and `check` ends with 0.
    fn notice(&self, code: &str) -> Finding {
        let finding = self.told(code);
        assert_eq!(finding.level(), Level::Notice);
        let (exit, stderr) = self.check();
        assert_eq!(exit, 0, "{stderr}");
        finding
    }
}

/// Where a finding says that the fault is.
fn place(finding: &Finding) -> (&str, Option<u64>, &str, &str) {
    (&finding.file, finding.row, &finding.id, &finding.value)
}

/// Exit code and stderr; fails where the process panicked or was killed.
fn ended(output: &Output) -> (i32, String) {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!stderr.contains("panicked"), "{stderr}");
    let code = output
        .status
        .code()
        .unwrap_or_else(|| panic!("{}: {stderr}", output.status));
    assert!((0..=2).contains(&code), "{code}: {stderr}");
    (code, stderr)
}

fn assert_has_only_numbers(name: &str, text: &str) {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let bad: Vec<&str> = words
        .filter(|word| matches!(*word, "NaN" | "nan" | "inf" | "Infinity"))
        .collect();
    assert!(bad.is_empty(), "{name} has {bad:?}");
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            // Not the workbook, pictures and layers, which are no text, nor the page, whose code has words like `NaN`.
            let text = String::from_utf8(fs::read(entry.path()).unwrap());
            files.extend(
                text.ok()
                    .filter(|_| !name.ends_with("report.html"))
                    .map(|text| (name, text)),
            );
        }
    }
}

/// The cells of a written table, header first.
fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

/// The cells of a column.
fn column(text: &str, name: &str) -> Vec<String> {
    let rows = rows(text);
    let at = rows[0].iter().position(|each| each == name).unwrap();
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

// ---- The good city itself.

#[test]
fn the_good_city_has_nothing_to_tell() {
    let city = good();
    assert_eq!(city.findings(), []);
    assert_eq!(city.check().0, 0);
    assert_eq!(city.input().city.total_residents(), Residents::whole(1200));
    // 0.01° of longitude at 30.605° is 959.0 m (and 0.01° of latitude 1,108.6 m): 1.0631 km².
    assert!(
        (city.area_of(CODES[0]) / 1.0631e6 - 1.0).abs() < 0.001,
        "{}",
        city.area_of(CODES[0])
    );
}

// ---- GeoJSON form.

#[test]
fn a_truncated_layer_is_an_error_with_its_line() {
    let city = good();
    let text = city.text(COMMUNITIES);
    let finding = city
        .with(COMMUNITIES, &text[..text.len() / 2])
        .error("json_broken");
    assert_eq!((finding.file.as_str(), finding.row), (COMMUNITIES, Some(3)));
    assert!(finding.value.contains("EOF"), "{}", finding.value);
}

#[test]
fn a_layer_that_is_no_json_is_an_error_with_its_line() {
    let finding = good()
        .with(TOWNSHIPS, "code,name\n1,2\n")
        .error("json_broken");
    assert_eq!((finding.file.as_str(), finding.row), (TOWNSHIPS, Some(1)));
}

#[test]
fn text_after_the_end_of_a_layer_is_an_error() {
    let city = good();
    let text = city.text(TOWNSHIPS);
    assert_eq!(
        city.with(TOWNSHIPS, text + "}").error("json_broken").row,
        Some(5)
    );
}

#[test]
fn an_empty_file_is_an_error_that_names_it() {
    for file in [TOWNSHIPS, COMMUNITIES, POPULATION, EARLIER, FACILITIES] {
        for nothing in ["", "\n \n", "\u{feff}"] {
            assert_eq!(good().with(file, nothing).error("file_empty").file, file);
        }
    }
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let city = good();
    fs::remove_file(city.path(FACILITIES)).unwrap();
    assert_eq!(city.error("file_missing").file, FACILITIES);
}

#[test]
fn a_windows_path_whose_backslashes_are_escapes_is_an_error_that_says_so() {
    let wrong = good().patch(PLAN, "\"facilities.csv\"", "\"D:\\table\\new.csv\"");
    let finding = wrong.told("path_escaped");
    assert_eq!(finding.file, "D:\table\new.csv");
    let (exit, stderr) = wrong.check();
    assert!(exit == 2 && stderr.contains("single quotes"), "{stderr}");
}

#[test]
fn a_folder_in_place_of_a_file_is_an_error_that_names_it() {
    let city = good();
    fs::remove_file(city.path(FACILITIES)).unwrap();
    fs::create_dir(city.path(FACILITIES)).unwrap();
    assert_eq!(city.error("file_unreadable").file, FACILITIES);
}

#[test]
fn a_byte_order_mark_before_any_file_is_read_over() {
    let city = FILES.into_iter().fold(good(), |city, file| {
        let text = format!("\u{feff}{}", city.text(file));
        city.with(file, text)
    });
    assert_eq!(city.findings(), []);
}

#[test]
fn not_a_number_in_json_is_an_error_with_its_line() {
    for value in ["NaN", "Infinity", "-Infinity", "1e999"] {
        let city = good().property(COMMUNITIES, 2, "residents", value);
        assert_eq!(city.error("json_broken").row, Some(3), "{value}");
        let place = area(&square(0.0, 0.0, 1.0, 1.0).replacen("104.000000", value, 1));
        assert_eq!(
            good()
                .geometry(COMMUNITIES, 2, &place)
                .error("json_broken")
                .row,
            Some(3),
            "{value}"
        );
    }
}

#[test]
fn a_hundred_thousand_brackets_are_an_error() {
    for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        assert_eq!(
            good().with(COMMUNITIES, text).error("json_broken").row,
            Some(1)
        );
    }
    let deep = format!(
        "{{\"type\":\"Polygon\",\"coordinates\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(
        good()
            .geometry(COMMUNITIES, 1, &deep)
            .error("json_broken")
            .row,
        Some(2)
    );
}

#[test]
fn a_key_that_occurs_twice_is_an_error_with_line_and_key() {
    let city = good().patch(
        COMMUNITIES,
        "\"residents\":300",
        "\"residents\":300,\"residents\":3",
    );
    let finding = city.error("key_twice");
    assert_eq!((finding.file.as_str(), finding.row), (COMMUNITIES, Some(2)));
    assert!(finding.value.starts_with("residents"), "{}", finding.value);
}

#[test]
fn json_that_is_no_feature_collection_is_an_error() {
    let one = feature("\"code\":\"990101001\"", &area(&square(0.0, 0.0, 2.0, 1.0)));
    for text in [
        "[]",
        "{}",
        "3",
        "null",
        "{\"type\":\"Topology\"}",
        &one,
        &area(&square(0.0, 0.0, 1.0, 1.0)),
    ] {
        assert_eq!(
            good().with(TOWNSHIPS, text).error("not_layer").file,
            TOWNSHIPS,
            "{text}"
        );
    }
}

#[test]
fn a_layer_without_features_is_an_error() {
    assert_eq!(
        good()
            .with(COMMUNITIES, layer(&[]))
            .error("no_features")
            .file,
        COMMUNITIES
    );
}

#[test]
fn a_null_geometry_is_an_error_with_feature_and_code() {
    let finding = good()
        .geometry(COMMUNITIES, 2, "null")
        .error("geometry_missing");
    assert_eq!(place(&finding), (COMMUNITIES, Some(2), CODES[1], ""));
}

#[test]
fn a_geometry_that_is_no_area_is_an_error_with_feature_code_and_type() {
    for (geometry, kind) in [
        ("{\"type\":\"Point\",\"coordinates\":[104.0,30.6]}", "Point"),
        (
            "{\"type\":\"LineString\",\"coordinates\":[[104.0,30.6],[104.1,30.6]]}",
            "LineString",
        ),
        (
            "{\"type\":\"GeometryCollection\",\"geometries\":[]}",
            "GeometryCollection",
        ),
    ] {
        let finding = good()
            .geometry(TOWNSHIPS, 2, geometry)
            .error("geometry_not_area");
        assert_eq!(place(&finding), (TOWNSHIPS, Some(2), "990101002", kind));
    }
}

#[test]
fn an_unknown_or_malformed_geometry_is_an_error_with_feature_and_code() {
    for geometry in [
        "{\"type\":\"Circle\",\"coordinates\":[104.0,30.6]}",
        "{\"type\":\"Polygon\"}",
        "{\"type\":\"Polygon\",\"coordinates\":[[104.0,30.6],[104.1,30.6],[104.1,30.7],[104.0,30.6]]}",
        "{\"type\":\"Polygon\",\"coordinates\":\"everywhere\"}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[104.0,null],[104.1,30.6],[104.1,30.7],[104.0,30.6]]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[\"104\",\"30\"],[104.1,30.6],[104.1,30.7],[104.0,30.6]]]}",
        "7",
    ] {
        let finding = good()
            .geometry(COMMUNITIES, 3, geometry)
            .error("geometry_broken");
        assert_eq!(
            (finding.file.as_str(), finding.row, finding.id.as_str()),
            (COMMUNITIES, Some(3), CODES[2])
        );
    }
}

#[test]
fn empty_coordinates_are_an_error_with_feature_and_code() {
    for (coordinates, code) in [("[]", "ring_short"), ("[[]]", "ring_short")] {
        let geometry = format!("{{\"type\":\"Polygon\",\"coordinates\":{coordinates}}}");
        let finding = good().geometry(COMMUNITIES, 2, &geometry).error(code);
        assert_eq!((finding.row, finding.id.as_str()), (Some(2), CODES[1]));
    }
    let finding = good()
        .geometry(COMMUNITIES, 2, &areas(&[]))
        .error("ring_short");
    assert_eq!((finding.row, finding.id.as_str()), (Some(2), CODES[1]));
}

#[test]
fn a_position_of_one_number_is_an_error_with_feature_and_code() {
    let short = area(&square(0.0, 0.0, 1.0, 1.0).replacen("[104.000000,30.600000]", "[104]", 1));
    let finding = good()
        .geometry(COMMUNITIES, 1, &short)
        .error("position_broken");
    assert_eq!(place(&finding), (COMMUNITIES, Some(1), CODES[0], "[104.0]"));
}

#[test]
fn heights_and_extra_members_are_fine() {
    let high = area(
        &square(0.0, 0.0, 1.0, 1.0)
            .replace("],", ",512.5],")
            .replacen("]]", ",512.5]]", 1),
    );
    let city = good()
        .geometry(COMMUNITIES, 1, &high)
        .patch(
            COMMUNITIES,
            "\"type\":\"FeatureCollection\"",
            "\"type\":\"FeatureCollection\",\"name\":\"x\",\"bbox\":[1,2,3,4]",
        )
        .patch(
            COMMUNITIES,
            "\"class\":\"urban\"",
            "\"class\":\"urban\",\"备注\":{\"a\":[null]}",
        );
    assert_eq!(
        place(&city.notice("columns_unused")),
        (COMMUNITIES, None, "", "备注")
    );
    assert_eq!(city.findings().len(), 1);
}

#[test]
fn a_feature_without_properties_has_no_code() {
    let city = good().line(COMMUNITIES, 2, |_| {
        feature("", &area(&square(0.0, 0.0, 1.0, 1.0))) + ","
    });
    assert_eq!(
        place(&city.error("id_missing")),
        (COMMUNITIES, Some(1), "", "")
    );
}

// ---- Everyday tables: what spreadsheets, GIS and copied text leave in them.

#[test]
fn rows_of_nothing_are_skipped_and_counted() {
    for (file, blank) in [
        (POPULATION, ",,,,,,,,,,,\n"),
        (POPULATION, " ,\u{a0},,,,,,,,,,\u{3000}\n"),
        (POPULATION, ",,,,\n"),
        (FACILITIES, ",,,,,,,,\n"),
        (EARLIER, ",\n"),
    ] {
        let city = good();
        let text = city.text(file);
        let (header, rows) = text.split_once('\n').unwrap();
        let city = city.with(file, format!("{header}\n{blank}{rows}{blank}{blank}"));
        let finding = city.notice("rows_blank");
        assert_eq!(place(&finding), (file, None, "", "3"), "{blank:?}");
        assert_eq!(city.input().city.total_residents(), Residents::whole(1200));
    }
    // Not even a comma: that is no row.
    let city = good();
    let text = city.text(POPULATION).replace('\n', "\n\n");
    assert_eq!(city.with(POPULATION, text).findings(), []);
    // A row after them keeps its line.
    let city = good();
    let text = city.text(FACILITIES).replacen("f2,", ",,,,,,,,\nf2,", 1);
    let city = city.with(FACILITIES, text).patch(FACILITIES, "180", "x");
    assert_eq!(city.error("number_broken").row, Some(5));
}

#[test]
fn codes_are_read_as_they_were_before_a_spreadsheet_wrote_them() {
    for written in [
        "990101001001.0",
        "\"=\"\"990101001001\"\"\"",
        "\u{200b}990101001001",
        "990101001001\u{a0}",
        "\u{3000}990101001001\u{feff}",
    ] {
        for file in [POPULATION, EARLIER] {
            let city = good().cell(file, 2, "community", written);
            assert_eq!(city.findings(), [], "{file} {written}");
        }
    }
    for (file, written) in [
        (COMMUNITIES, "\"990101001001.0\""),
        (COMMUNITIES, "\"=\\\"990101001001\\\"\""),
        (COMMUNITIES, "\"\u{200b}990101001001\u{a0}\""),
        (COMMUNITIES, "990101001001.0"),
        (TOWNSHIPS, "\"990101001.0\""),
    ] {
        let city = good().line(file, 2, |line| {
            let code = if file == TOWNSHIPS {
                "990101001"
            } else {
                CODES[0]
            };
            line.replacen(&format!("\"{code}\""), written, 1)
        });
        assert_eq!(city.findings(), [], "{file} {written}");
    }
}

#[test]
fn a_code_that_a_spreadsheet_destroyed_is_an_error_that_says_so() {
    for written in [
        "9.90101E+11",
        "9.90101001E+11",
        "9.9E+11",
        "1E+12",
        "9.90101e+11",
    ] {
        let finding = good()
            .cell(POPULATION, 3, "community", written)
            .error("code_destroyed");
        assert_eq!(place(&finding), (POPULATION, Some(3), "p02", written));
        let finding = good()
            .cell(EARLIER, 3, "community", written)
            .error("code_destroyed");
        assert_eq!(place(&finding), (EARLIER, Some(3), "", written));
        let text = format!("\"{written}\"");
        let city = good().property(COMMUNITIES, 1, "code", &text);
        let findings = city.findings();
        assert_eq!(place(&findings[0]), (COMMUNITIES, Some(1), "", written));
        assert_eq!(findings[0].kind.code(), "code_destroyed");
        let city = good().property(COMMUNITIES, 1, "township", &text);
        assert_eq!(city.error("code_destroyed").column, "township");
    }
    // Ids of one's own may look like that.
    let city = good().cell(FACILITIES, 2, "id", "1e5");
    assert_eq!(city.findings(), []);
}

#[test]
fn headers_and_properties_are_found_in_any_capitals() {
    for (file, from, to) in [
        (
            POPULATION,
            "id,community,lon,lat,residents",
            "ID,Community,Lon,LAT,Residents",
        ),
        (POPULATION, "id,community,lon,lat", "ID,community,X,Y"),
        (
            POPULATION,
            "id,community",
            "\u{feff}id\u{200b}, community\u{a0}",
        ),
        (
            FACILITIES,
            "capacity_unit,status,opens",
            "Capacity_Unit,STATUS,Opens",
        ),
        (EARLIER, "community,residents", "Code,RESIDENTS"),
    ] {
        assert_eq!(good().patch(file, from, to).findings(), [], "{to}");
    }
    for (from, to) in [
        ("\"code\"", "\"CODE\""),
        ("\"township\"", "\"Township\""),
        ("\"residents\"", "\"RESIDENTS\""),
        ("\"class\"", "\" Class\u{200b}\""),
    ] {
        let city = good().patch_all(COMMUNITIES, from, to);
        assert_eq!(city.findings(), [], "{to}");
        assert_eq!(city.input().city.total_residents(), Residents::whole(1200));
    }
    let city = good().patch_all(TOWNSHIPS, "\"code\"", "\"Code\"");
    assert_eq!(city.findings(), []);
}

#[test]
fn a_property_that_no_feature_has_is_one_error_that_lists_those_there_are() {
    let city = good().patch_all(COMMUNITIES, "\"code\"", "\"编码\"");
    let finding = city.error("column_missing");
    assert_eq!(
        (&*finding.file, finding.row, &*finding.column),
        (COMMUNITIES, None, "code")
    );
    assert_eq!(finding.value, "class name residents township 编码");
    assert_eq!(city.told("column_meant").value, "编码 → code");
    // Names do where nothing looks like a code; what refers to the codes is at fault then.
    let city = good().patch_all(TOWNSHIPS, "\"code\"", "\"dm\"");
    assert_eq!(city.told("codes_invented").column, "code");
    // A column of names may hold codes.
    let city = good().patch_all(COMMUNITIES, "\"township\"", "\"街道\"");
    let findings = city.findings();
    assert!(
        findings.iter().all(|each| each.level() == Level::Notice),
        "{findings:?}"
    );
    let city = good().patch_all(COMMUNITIES, "\"township\"", "\"jd\"");
    assert_eq!(city.error("column_missing").column, "township");
    // The plan may say which it is, and must not name one that there is not.
    let named =
        |columns: &str| format!("path = \"communities.geojson\", columns = {{ {columns} }}");
    let city = good().patch_all(COMMUNITIES, "\"code\"", "\"编码\"").patch(
        PLAN,
        "path = \"communities.geojson\"",
        &named("code = \"编码\""),
    );
    assert_eq!(city.findings(), []);
    let city = good().patch(
        PLAN,
        "path = \"communities.geojson\"",
        &named("kode = \"x\""),
    );
    assert_eq!(city.error("column_unknown").column, "kode");
}

#[test]
fn a_file_whose_facilities_lie_outside_the_city_needs_a_decision() {
    let rows = |out: usize| -> String {
        let places = (0..12).map(|at| if at < out { "104.2" } else { "104.005" });
        let rows = places
            .zip(NAMES)
            .map(|(lon, name)| format!("x{name},{name}{name}园,kindergarten,{lon},30.605,90\n"));
        "id,name,service,lon,lat,capacity\n".to_owned() + &rows.collect::<String>()
    };
    let told = |out| {
        let findings = good().with(FACILITIES, rows(out)).findings();
        let mut outside = findings
            .into_iter()
            .filter(|each| each.kind.code() == "file_outside");
        outside.next().map(|each| each.value)
    };
    assert_eq!((told(6), told(7)), (None, Some("7 / 12".to_owned())));
}

#[test]
fn a_code_beside_the_name_of_another_community_needs_a_decision() {
    let names = ["社区0", "社区1", "社区2", "社区3"];
    let beside = |shift: usize| {
        let city = good();
        let text = city.text(POPULATION);
        let mut codes: Vec<String> = column(&text, "community");
        codes.dedup();
        let lines = text.lines().zip(0..).map(|(line, at): (&str, usize)| {
            let code = codes.iter().position(|code| line.contains(&**code));
            match (at, code) {
                (0, _) => format!("{line},社区名称\n"),
                (_, Some(code)) => format!("{line},{}\n", names[(code + shift) % 4]),
                (_, None) => format!("{line},\n"),
            }
        });
        let findings = city.with(POPULATION, lines.collect::<String>()).findings();
        findings
            .iter()
            .filter(|each| each.kind.code() == "code_name_differs")
            .count()
    };
    assert_eq!(beside(0), 0);
    assert!(beside(1) > 0);
}

#[test]
fn columns_that_are_not_used_are_one_notice_a_file() {
    let city = good();
    let text = city.text(FACILITIES);
    let more = |line: &str, cells: &str| format!("{line},{cells}\n");
    let wide: String = text
        .lines()
        .zip(0..)
        .map(|(line, at)| {
            more(
                line,
                if at == 0 {
                    "备注,电话,地址,"
                } else {
                    "x,1,y,"
                },
            )
        })
        .collect();
    let city = city.with(FACILITIES, wide);
    assert_eq!(
        place(&city.notice("columns_unused")),
        (FACILITIES, Some(1), "", "备注, 地址")
    );
    assert_eq!(city.notice("phones_passed").column, "电话");
    assert_eq!(city.findings().len(), 2);
}

#[test]
fn a_column_that_is_probably_misnamed_is_told_with_the_one_it_means() {
    for (from, to, told) in [
        ("status,opens", "state,opens", "state → status"),
        ("status,opens", "stauts,opens", "stauts → status"),
        ("status,opens", "status,open_year", "open_year → opens"),
        ("status,opens", "status,开业年份", "开业年份 → opens"),
        (
            "status,opens",
            "state,开业年份",
            "state → status, 开业年份 → opens",
        ),
        ("status,opens", "status,closed", "closed → status = closed"),
        (
            "capacity,capacity_unit",
            "seats,unit",
            "seats → capacity, unit → capacity_unit",
        ),
        (
            "capacity,capacity_unit",
            "capacity,Capacity Unit",
            "Capacity Unit → capacity_unit",
        ),
    ] {
        let city = good().patch(FACILITIES, from, to);
        let finding = city.decision("column_meant");
        assert_eq!(place(&finding), (FACILITIES, Some(1), "", told));
    }
    // A band of ages may be written in any way.
    assert_eq!(good().patch(POPULATION, "age_0_2", "0-2岁").findings(), []);
    // Of a column that must be there it is told beside the error.
    let city = good().patch(POPULATION, "residents", "population");
    assert_eq!(city.error("column_missing").column, "residents");
    assert_eq!(city.told("column_meant").value, "population → residents");
    // Where the plan names it, nothing is to be told.
    let named = "path = \"facilities.csv\", columns = { status = \"state\" }";
    let city = good()
        .patch(FACILITIES, "status,opens", "state,opens")
        .patch(PLAN, "path = \"facilities.csv\"", named);
    assert_eq!(city.findings(), []);
}

#[test]
fn a_demand_point_that_was_copied_is_told_with_both_lines() {
    let city = good().line(POPULATION, 4, |line| {
        let copy = line.replacen("p03", "p99", 1);
        format!("{line}\n{copy}")
    });
    let finding = city.decision("point_twice");
    assert_eq!(place(&finding), (POPULATION, Some(5), "p03, p99", "4, 5"));
    assert_eq!(city.input().city.total_residents(), Residents::whole(1300));
    // Another place, other people, or nobody: no copy.
    for (column, value) in [("lon", "104.0081"), ("residents", "99.9")] {
        let city = good().line(POPULATION, 4, |line| {
            let copy = line.replacen("p03", "p99", 1);
            format!("{line}\n{copy}")
        });
        let findings = city.cell(POPULATION, 5, column, value).findings();
        let told = findings
            .iter()
            .any(|each| each.kind.code() == "point_twice");
        assert!(!told, "{column}: {findings:#?}");
    }
    let nobody = "p98,990101001001,104.0080,30.6080,0,0,0,0,0,0,0,0";
    let city = good().line(POPULATION, 4, |line| {
        format!("{line}\n{nobody}\n{}", nobody.replace("p98", "p99"))
    });
    let findings = city.findings();
    assert!(
        findings
            .iter()
            .all(|each| each.kind.code() != "point_twice")
    );
}

/// The first community as two features, the halves of its square, the second with another value of a property.
fn halved(key: &str, value: &str) -> City {
    let half = |city: &City, west: f64, east: f64| {
        let line = city.text(COMMUNITIES).lines().nth(1).unwrap().to_owned();
        let (about, _) = line.split_once("\"geometry\":").unwrap();
        format!(
            "{about}\"geometry\":{}}},",
            area(&square(west, 0.0, east, 1.0))
        )
    };
    let city = good();
    let (first, second) = (half(&city, 0.0, 0.5), half(&city, 0.5, 1.0));
    city.line(COMMUNITIES, 2, |_| format!("{first}\n{second}"))
        .property(COMMUNITIES, 2, key, value)
}

#[test]
fn features_of_one_code_become_one_community_of_several_parts() {
    let city = halved("class", "\"urban\"");
    let finding = city.decision("features_joined");
    assert_eq!(place(&finding), (COMMUNITIES, Some(1), CODES[0], "1, 2"));
    // No word of the border between the two.
    let findings = city.findings();
    assert!(
        findings
            .iter()
            .all(|each| each.kind.code() == "features_joined" || each.kind.code() == "sliver"),
        "{findings:#?}"
    );
    let input = city.input();
    assert_eq!(input.city.communities().len(), 4);
    assert_eq!(input.city.total_residents(), Residents::whole(1200));
    let whole = good().area_of(CODES[0]);
    assert!((city.area_of(CODES[0]) / whole - 1.0).abs() < 1e-6);
    // The same feature twice is there once.
    let city = good().line(COMMUNITIES, 2, |line| format!("{line}\n{line}"));
    assert_eq!(city.decision("features_joined").value, "1, 2");
    assert!((city.area_of(CODES[0]) / whole - 1.0).abs() < 1e-6);
    // Residents without a table of people count once.
    let plan = halved("class", "\"urban\"").patch(
        PLAN,
        "population = { path = \"population.csv\" }\n",
        "",
    );
    assert_eq!(plan.input().city.total_residents(), Residents::whole(1200));
    // Townships as well.
    let city = good().line(TOWNSHIPS, 2, |line| format!("{line}\n{line}"));
    assert_eq!(city.decision("features_joined").file, TOWNSHIPS);
}

#[test]
fn features_of_one_code_that_say_different_things_are_an_error() {
    for (key, value, code) in [
        ("name", "\"别处\"", "id_twice"),
        ("township", "\"990101002\"", "id_twice"),
        ("class", "\"rural\"", "parts_differ"),
        ("residents", "150", "parts_differ"),
        ("residents", "null", "parts_differ"),
    ] {
        let finding = halved(key, value).error(code);
        assert_eq!(place(&finding), (COMMUNITIES, Some(2), CODES[0], "1, 2"));
    }
}

#[test]
fn a_coordinate_that_cannot_be_is_told_of_its_own_column() {
    for (column, value) in [
        ("lat", "91"),
        ("lat", "-95.5"),
        ("lon", "204.0"),
        ("lon", "1040000"),
    ] {
        for file in [POPULATION, FACILITIES] {
            let finding = good().cell(file, 3, column, value).error("degree_beyond");
            assert_eq!((&*finding.column, &*finding.value), (column, value));
            assert_eq!(finding.row, Some(3));
        }
    }
    for column in ["lon", "lat"] {
        for file in [POPULATION, FACILITIES] {
            let city = good().cell(file, 3, column, "");
            assert_eq!(city.error("place_missing").column, column);
            // Zero would be a place of its own.
            let (_, stderr) = city.check();
            assert!(!stderr.contains("write 0 where"), "{stderr}");
        }
    }
}

#[test]
fn a_plan_without_files_of_facilities_says_so() {
    let city = good().patch(
        PLAN,
        "facilities = [{ path = \"facilities.csv\" }]",
        "facilities = []",
    );
    assert_eq!(city.decision("no_facilities").column, "inputs.facilities");
}

// ---- Coordinates.

#[test]
fn a_layer_with_longitude_and_latitude_swapped_is_an_error() {
    let swap = |file: &str, city: City| {
        let text = city.text(file);
        let swapped =
            (0..=2)
                .flat_map(|x| (0..=2).map(move |y| (x, y)))
                .fold(text, |text, (x, y)| {
                    let (lon, lat) = (format!("104.0{x}0000"), format!("30.6{y}0000"));
                    text.replace(&format!("[{lon},{lat}]"), &format!("[{lat},{lon}]"))
                });
        city.with(file, swapped)
    };
    let city = swap(COMMUNITIES, good());
    let findings = city.findings();
    assert_eq!(findings.len(), 4);
    assert!(
        findings
            .iter()
            .all(|each| each.kind.code() == "swapped" && each.value.contains(", 104"))
    );
    assert!(city.check().1.contains("hint: write the longitude first"));
    assert_eq!(swap(TOWNSHIPS, good()).findings()[0].kind.code(), "swapped");
}

#[test]
fn one_community_with_longitude_and_latitude_swapped_is_an_error() {
    let ring = square(0.0, 0.0, 1.0, 1.0)
        .replace("[104.0", "[31.0")
        .replace(",30.6", ",104.0");
    let finding = good()
        .geometry(COMMUNITIES, 1, &area(&ring))
        .error("swapped");
    assert_eq!((finding.row, finding.id.as_str()), (Some(1), CODES[0]));
}

/// West of 90° E both numbers could be either; then the layer as a whole is looked at.
#[test]
fn a_layer_of_urumqi_with_longitude_and_latitude_swapped_is_an_error() {
    let west = |city: City| {
        [TOWNSHIPS, COMMUNITIES]
            .into_iter()
            .fold(city, |city, file| city.patch_all(file, "[104.0", "[43.8"))
    };
    let city = west(good())
        .patch_all(COMMUNITIES, ",30.6", ",87.6")
        .patch_all(TOWNSHIPS, ",30.6", ",87.6");
    assert_eq!(city.error("swapped").file, TOWNSHIPS);
}

#[test]
fn projected_metres_in_a_layer_are_an_error_that_names_degrees() {
    let ring =
        "[[404000.0,3385000.0],[405000.0,3385000.0],[405000.0,3386000.0],[404000.0,3385000.0]]";
    let finding = good()
        .geometry(COMMUNITIES, 2, &area(ring))
        .error("not_degrees");
    assert_eq!(
        place(&finding),
        (COMMUNITIES, Some(2), CODES[1], "404000, 3385000")
    );
}

#[test]
fn projected_metres_in_a_table_are_an_error_with_row_and_value() {
    let finding = good()
        .cell(POPULATION, 3, "lon", "404000")
        .cell(POPULATION, 3, "lat", "3385000")
        .error("not_degrees");
    assert_eq!(
        place(&finding),
        (POPULATION, Some(3), "p02", "404000, 3385000")
    );
}

#[test]
fn one_row_with_longitude_and_latitude_swapped_is_an_error() {
    let city = good()
        .cell(POPULATION, 4, "lon", "30.6080")
        .cell(POPULATION, 4, "lat", "104.0080");
    assert_eq!(
        place(&city.error("swapped")),
        (POPULATION, Some(4), "p03", "30.608, 104.008")
    );
    let city = good()
        .cell(FACILITIES, 2, "lon", "30.6050")
        .cell(FACILITIES, 2, "lat", "104.0050");
    assert_eq!(
        place(&city.error("swapped")),
        (FACILITIES, Some(2), "f1", "30.605, 104.005")
    );
}

#[test]
fn a_table_with_its_headers_swapped_is_an_error_on_every_row() {
    let city = good().patch(FACILITIES, "lon,lat", "lat,lon");
    let findings = city.findings();
    assert!(
        findings.len() == 4 && findings.iter().all(|each| each.kind.code() == "swapped"),
        "{findings:#?}"
    );
    assert_eq!(city.check().0, 2);
}

/// West of 90° E the table as a whole is looked at.
#[test]
fn a_table_of_urumqi_with_its_headers_swapped_is_an_error() {
    let city = [TOWNSHIPS, COMMUNITIES]
        .into_iter()
        .fold(good(), |city, file| city.patch_all(file, "[104.0", "[87.6"));
    let city = [POPULATION, FACILITIES]
        .into_iter()
        .fold(city, |city, file| city.patch_all(file, ",104.0", ",87.6"));
    assert_eq!(city.findings(), []);
    assert_eq!(
        city.patch(POPULATION, "lon,lat", "lat,lon")
            .error("swapped")
            .file,
        POPULATION
    );
}

#[test]
fn points_of_another_city_are_an_error() {
    let city = good().patch_all(FACILITIES, ",104.0", ",121.0");
    assert_eq!(
        place(&city.error("elsewhere")),
        (FACILITIES, None, "", "121.005, 30.605")
    );
}

#[test]
fn a_demand_point_at_0_0_is_moved_into_its_community_and_told() {
    let city = good()
        .cell(POPULATION, 5, "lon", "0")
        .cell(POPULATION, 5, "lat", "0");
    assert_eq!(
        place(&city.decision("unplaced")),
        (POPULATION, Some(5), "p04", "0, 0")
    );
    let input = city.input();
    let at = input
        .city
        .points()
        .iter()
        .find(|each| &*each.id == "p04")
        .unwrap();
    assert_eq!(input.city.communities()[at.community].code, CODES[1]);
    assert_eq!(input.city.total_residents(), Residents::whole(1200));
}

#[test]
fn a_facility_at_0_0_is_left_out_and_told() {
    let city = good()
        .cell(FACILITIES, 5, "lon", "0.0")
        .cell(FACILITIES, 5, "lat", "0.0");
    assert_eq!(
        place(&city.decision("unplaced")),
        (FACILITIES, Some(5), "f4", "0, 0")
    );
    assert_eq!(city.input().city.facilities().len(), 3);
}

#[test]
fn a_demand_point_far_from_its_community_is_told_with_the_distance() {
    // p01 stands 0.002° west and south of where the third community begins to its north: 0.008° of latitude is 887 m.
    let city = good()
        .cell(POPULATION, 2, "community", CODES[2])
        .patch(COMMUNITIES, "300", "200");
    assert_eq!(
        place(&city.told("astray")),
        (POPULATION, Some(2), "p01", "990101002001, 887 m")
    );
    assert_eq!(city.check().0, 1);
}

#[test]
fn a_facility_outside_all_communities_is_told_and_serves_those_in_reach() {
    // f1 moves 0.001° west of the border; p01 is 0.003° east of that: 290 m, 380 m of street, 5.8 min. The market's limit is 10.
    let city = good()
        .patch(
            FACILITIES,
            "f4,市场,market,104.0150,30.6150",
            "f4,市场,market,103.9990,30.6020",
        )
        .without_column(POPULATION, "age_0_2");
    assert_eq!(
        place(&city.told("facility_outside")),
        (FACILITIES, Some(5), "f4", "市场")
    );
    let standing = city.evaluate().remove("standing.csv").unwrap();
    let market = |row: &&Vec<String>| {
        row[1] == "market" && row[2] == "2026" && row[0].starts_with("990101001")
    };
    assert_eq!(rows(&standing).iter().find(market).unwrap()[4], "100");
}

/// 104° E is the middle meridian of the city's plane, where a border is a straight line to the last bit.
#[test]
fn a_facility_exactly_on_a_border_stands_in_the_community_with_the_lower_code() {
    for (west, east) in [(0, 1), (1, 0)] {
        let city = good()
            .geometry(COMMUNITIES, west + 1, &area(&square(-1.0, 0.0, 0.0, 1.0)))
            .geometry(COMMUNITIES, east + 1, &area(&square(0.0, 0.0, 1.0, 1.0)))
            .cell(FACILITIES, 2, "lon", "104.0");
        assert_eq!(
            city.input().city.facilities()[0].community,
            Some(CommunityAt(0))
        );
    }
}

#[test]
fn coordinate_systems_that_are_degrees_are_read() {
    for name in [
        "EPSG:4490",
        "urn:ogc:def:crs:EPSG::4490",
        "EPSG:4326",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
    ] {
        assert_eq!(
            with_crs(&format!(
                "{{\"type\":\"name\",\"properties\":{{\"name\":\"{name}\"}}}}"
            ))
            .findings(),
            []
        );
    }
    assert_eq!(with_crs("null").findings(), []);
}

#[test]
fn other_coordinate_systems_are_an_error_that_names_them() {
    for name in [
        "EPSG:2326",
        "urn:ogc:def:crs:EPSG::27700",
        "local",
        "",
        "EPSG:14490",
    ] {
        let crs = format!("{{\"type\":\"name\",\"properties\":{{\"name\":\"{name}\"}}}}");
        let finding = with_crs(&crs).error("crs_unknown");
        assert_eq!(
            (finding.file.as_str(), finding.column.as_str()),
            (COMMUNITIES, "crs")
        );
        assert!(finding.value.contains(name), "{}", finding.value);
    }
    assert_eq!(
        with_crs("{\"type\":\"link\"}").error("crs_unknown").file,
        COMMUNITIES
    );
}

fn with_crs(crs: &str) -> City {
    let head = "\"type\":\"FeatureCollection\"";
    good().patch(COMMUNITIES, head, &format!("{head},\"crs\":{crs}"))
}

#[test]
fn systems_without_a_public_transformation_are_an_error_that_says_so() {
    for crs in ["EPSG:4214", "EPSG:2434", "EPSG:4610", "Xian 80", "北京54"] {
        let finding = good()
            .patch(PLAN, "EPSG:4490", crs)
            .error("crs_no_transformation");
        assert_eq!(place(&finding), ("", None, "", crs));
    }
    let finding = good()
        .patch(PLAN, "EPSG:4490", "EPSG:2326")
        .error("crs_unknown");
    assert_eq!(place(&finding), ("", None, "", "EPSG:2326"));
}

#[test]
fn places_that_are_not_in_the_declared_system_are_an_error_at_their_row() {
    let of_facilities = |crs: &str| {
        let own = format!("{{ path = \"{FACILITIES}\", crs = \"{crs}\" }}");
        good().patch(PLAN, &format!("{{ path = \"{FACILITIES}\" }}"), &own)
    };
    let findings = of_facilities("EPSG:4544").findings();
    let found = findings
        .iter()
        .filter(|each| each.kind.code() == "not_in_crs");
    let found: Vec<_> = found.map(|each| (each.file.as_str(), each.row)).collect();
    assert_eq!(found[..2], [(FACILITIES, Some(2)), (FACILITIES, Some(3))]);
    let finding = of_facilities("EPSG:4610").error("crs_no_transformation");
    assert_eq!(
        (finding.file.as_str(), finding.column.as_str()),
        (FACILITIES, "crs")
    );
}

#[test]
fn a_layer_that_names_another_system_than_the_plan_is_told() {
    let own = format!("{{ path = \"{COMMUNITIES}\", crs = \"EPSG:4490\" }}");
    let layer = "{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:4547\"}}";
    let finding = with_crs(layer)
        .patch(PLAN, &format!("{{ path = \"{COMMUNITIES}\" }}"), &own)
        .decision("crs_contradicts");
    assert_eq!(
        (finding.file.as_str(), &*finding.value),
        (COMMUNITIES, "EPSG:4547 ≠ EPSG:4490")
    );
}

#[test]
fn a_plan_that_does_not_declare_its_system_is_told_so() {
    let city = good().patch(PLAN, "crs = \"EPSG:4490\"\n", "");
    assert_eq!(place(&city.decision("crs_undeclared")), ("", None, "", ""));
}

#[test]
fn a_city_across_the_antimeridian_is_refused() {
    let ring = "[[179.99,30.6],[-179.99,30.6],[-179.99,30.61],[179.99,30.61],[179.99,30.6]]";
    for file in [COMMUNITIES, TOWNSHIPS] {
        let finding = good().geometry(file, 1, &area(ring)).error("too_wide");
        assert_eq!((&*finding.file, finding.row), (file, Some(1)));
    }
}

#[test]
fn a_polygon_on_the_other_side_of_the_globe_is_an_error() {
    let ring = "[[-76.0,-30.6],[-75.99,-30.6],[-75.99,-30.59],[-76.0,-30.6]]";
    for file in [COMMUNITIES, TOWNSHIPS] {
        let finding = good().geometry(file, 2, &area(ring)).error("too_wide");
        let code = if file == TOWNSHIPS {
            "990101002"
        } else {
            CODES[1]
        };
        assert_eq!(place(&finding).0, file);
        assert_eq!((finding.row, &*finding.id), (Some(2), code));
    }
}

/// Squares in a row of one township, each so many metres narrower than its side, which leaves that as a gap.
fn blocks(count: u8, gap_m: f64) -> City {
    let width = 1.0 - gap_m / 959.0;
    let mut people = String::from("id,community,lon,lat,residents\n");
    let mut features = Vec::new();
    for at in 0..count {
        let (x, code) = (f64::from(at), format!("9901010010{:02}", at + 1));
        let about = format!(
            "\"code\":\"{code}\",\"name\":\"社区{at}\",\"township\":\"990101001\",\"class\":\"urban\""
        );
        features.push(feature(&about, &area(&square(x, 0.0, x + width, 1.0))));
        let (lon, lat) = (WEST + (x + 0.5) * SIDE, SOUTH + 0.5 * SIDE);
        let _ = writeln!(people, "q{at},{code},{lon:.4},{lat:.4},400");
    }
    let land = square(0.0, 0.0, f64::from(count), 1.0);
    let township = feature("\"code\":\"990101001\",\"name\":\"镇\"", &area(&land));
    good()
        .with(TOWNSHIPS, layer(&[township]))
        .with(COMMUNITIES, layer(&features))
        .with(POPULATION, people)
        .patch(
            PLAN,
            "earlier = { path = \"earlier.csv\", year = 2016 }\n",
            "",
        )
        .patch(PLAN, "[services]", "[units]\ncap = 1000\n[services]")
}

#[test]
fn blocks_with_roads_between_them_are_told_with_the_tolerance_that_joins_them() {
    // Six of 400 under a cap of 1,000: two fit into a unit. The gaps lie about 30 m apart.
    let told = findings_of(&blocks(6, 29.5).evaluate(), "blocks_apart");
    let value = "6/6; 30 m; gap_tolerance_m = 30; 3 → 3".to_owned();
    assert!(told.len() == 1 && told[0].contains(&value), "{told:?}");
    // With the tolerance nothing is said any more, nor where gaps are too wide to be roads, or where there is but one.
    let joined = blocks(6, 29.5).patch(PLAN, "cap = 1000", "cap = 1000\ngap_tolerance_m = 30.0");
    assert!(findings_of(&joined.evaluate(), "blocks_apart").is_empty());
    assert!(findings_of(&blocks(6, 150.0).evaluate(), "blocks_apart").is_empty());
    assert!(findings_of(&blocks(2, 29.5).evaluate(), "blocks_apart").is_empty());
}

#[test]
fn a_community_over_the_cap_is_told_with_its_residents() {
    let city = good().patch(PLAN, "[services]", "[units]\ncap = 299\n[services]");
    let told = findings_of(&city.evaluate(), "community_over_cap");
    assert_eq!(told.len(), 4);
    for (row, code) in told.iter().zip(CODES) {
        assert!(
            row.contains(&code.to_owned()) && row.contains(&"300".to_owned()),
            "{row:?}"
        );
    }
    // Exactly the cap is allowed.
    let city = good().patch(PLAN, "[services]", "[units]\ncap = 300\n[services]");
    assert!(findings_of(&city.evaluate(), "community_over_cap").is_empty());
}

#[test]
fn a_facility_on_an_outer_border_belongs_to_the_city_on_every_side() {
    let (east, north) = (WEST + 2.0 * SIDE, SOUTH + 2.0 * SIDE);
    let middle = |from: f64, to: f64| (from + to) / 2.0 + 0.003;
    let sides = [
        (WEST, middle(SOUTH, north)),
        (east, middle(SOUTH, north)),
        (middle(WEST, east), SOUTH),
        (middle(WEST, east), north),
        (east, north),
    ];
    for (lon, lat) in sides {
        let city = good()
            .cell(FACILITIES, 2, "lon", &format!("{lon:.6}"))
            .cell(FACILITIES, 2, "lat", &format!("{lat:.6}"));
        let input = city.input();
        let facility = input
            .city
            .facilities()
            .iter()
            .find(|each| &*each.id == "f1");
        assert!(facility.unwrap().community.is_some(), "{lon}, {lat}");
    }
}

// ---- Polygons.

#[test]
fn a_bow_tie_is_repaired_and_its_area_is_that_of_both_wings() {
    // (0,0) → (1,1) → (1,0) → (0,1): two triangles of a quarter of the square each. Its signed area is zero.
    let tie = ring(&[(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]);
    let half = good().area_of(CODES[0]) / 2.0;
    let city = good().geometry(COMMUNITIES, 1, &area(&tie));
    let finding = city.told("self_crossing");
    assert_eq!((finding.row, finding.id.as_str()), (Some(1), CODES[0]));
    let at: Vec<f64> = finding
        .value
        .split(", ")
        .map(|each| each.parse().unwrap())
        .collect();
    assert!(
        (at[0] - 104.005).abs() < 1e-5 && (at[1] - 30.605).abs() < 1e-5,
        "{at:?}"
    );
    assert!(
        (city.area_of(CODES[0]) / half - 1.0).abs() < 1e-3,
        "{} of {half}",
        city.area_of(CODES[0])
    );
    assert_eq!(city.check().0, 1);
    city.evaluate();
}

#[test]
fn a_lopsided_bow_tie_keeps_its_small_wing() {
    // The lines cross at (0.8, 0.8): below it a triangle of 0.8 × 1 ÷ 2, above it one of 0.2 × 0.25 ÷ 2.
    let tie = ring(&[(0.0, 0.0), (1.0, 1.0), (0.75, 1.0), (1.0, 0.0)]);
    let whole = good().area_of(CODES[0]);
    let city = good().geometry(COMMUNITIES, 1, &area(&tie));
    city.decision("self_crossing");
    assert!(
        (city.area_of(CODES[0]) / whole - 0.425).abs() < 1e-3,
        "{}",
        city.area_of(CODES[0]) / whole
    );
}

/// 1 MB. Comparing each line with each took 23 s.
#[test]
fn a_border_of_40_000_places_is_checked_and_repaired_like_any_other() {
    let place = |at: u32| (f64::from(at) / 40_000.0 * std::f64::consts::TAU).sin_cos();
    let mut places: Vec<(f64, f64)> = (0..40_000)
        .map(place)
        .map(|(x, y)| (0.5 + x / 2.0, 0.5 + y / 2.0))
        .collect();
    good()
        .geometry(COMMUNITIES, 1, &area(&ring(&places)))
        .decision("gap");
    places[39_990] = (0.5, -0.1);
    assert_eq!(
        good()
            .geometry(COMMUNITIES, 1, &area(&ring(&places)))
            .told("self_crossing")
            .row,
        Some(1)
    );
}

#[test]
fn a_ring_that_touches_itself_is_repaired() {
    // Two triangles that meet in (0.5, 0.5), each of half the width and the whole height: half of the square.
    let eight = ring(&[
        (0.0, 0.0),
        (0.5, 0.5),
        (1.0, 0.0),
        (1.0, 1.0),
        (0.5, 0.5),
        (0.0, 1.0),
    ]);
    let whole = good().area_of(CODES[0]);
    let city = good().geometry(COMMUNITIES, 1, &area(&eight));
    // Its area is what it was.
    assert_eq!(city.told("self_crossing").level(), Level::Notice);
    assert!((city.area_of(CODES[0]) / whole - 0.5).abs() < 1e-3);
}

#[test]
fn a_hole_outside_its_ring_and_a_part_inside_another_are_repaired() {
    let hole = format!(
        "{},{}",
        square(0.0, 0.0, 0.5, 1.0),
        square(0.6, 0.0, 1.0, 1.0)
    );
    let part = areas(&[square(0.0, 0.0, 1.0, 1.0), square(0.2, 0.2, 0.8, 0.8)]);
    let whole = good().area_of(CODES[0]);
    for (geometry, share) in [(area(&hole), 0.9), (part, 1.0)] {
        let city = good().geometry(COMMUNITIES, 1, &geometry);
        city.decision("self_crossing");
        assert!((city.area_of(CODES[0]) / whole - share).abs() < 1e-3);
    }
}

#[test]
fn parts_and_holes_that_touch_in_one_place_are_sound() {
    let parts = areas(&[square(0.0, 0.0, 0.5, 0.5), square(0.5, 0.5, 1.0, 1.0)]);
    let hole = ring(&[(0.0, 0.0), (0.5, 0.25), (0.25, 0.5)]);
    for geometry in [
        parts,
        area(&format!("{},{hole}", square(0.0, 0.0, 1.0, 1.0))),
    ] {
        let findings = good().geometry(COMMUNITIES, 1, &geometry).findings();
        assert!(
            findings
                .iter()
                .all(|each| each.kind.code() != "self_crossing"),
            "{findings:#?}"
        );
    }
}

#[test]
fn parts_that_overlap_each_other_are_joined() {
    let parts = [square(0.0, 0.0, 0.6, 1.0), square(0.4, 0.0, 1.0, 1.0)];
    let whole = good().area_of(CODES[0]);
    let city = good().geometry(COMMUNITIES, 1, &areas(&parts));
    assert!((city.area_of(CODES[0]) / whole - 1.0).abs() < 1e-3);
    city.decision("self_crossing");
}

#[test]
fn an_open_ring_is_closed_and_told() {
    let (open, _) = square(0.0, 0.0, 1.0, 1.0)
        .rsplit_once(",[")
        .map(|(a, b)| (format!("{a}]"), b.len()))
        .unwrap();
    let city = good().geometry(COMMUNITIES, 1, &area(&open));
    assert_eq!(
        place(&city.notice("ring_open")),
        (COMMUNITIES, Some(1), CODES[0], "")
    );
    assert!((city.area_of(CODES[0]) - good().area_of(CODES[0])).abs() < 1e-6);
}

#[test]
fn a_ring_of_two_places_is_an_error() {
    for places in [
        &[(0.0, 0.0)][..],
        &[(0.0, 0.0), (1.0, 1.0)],
        &[(0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)],
    ] {
        let finding = good()
            .geometry(COMMUNITIES, 1, &area(&ring(places)))
            .error("ring_short");
        assert_eq!((finding.row, finding.id.as_str()), (Some(1), CODES[0]));
    }
}

#[test]
fn an_area_of_zero_is_an_error() {
    for line in [
        ring(&[(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)]),
        ring(&[(0.0, 0.0), (1.0, 0.0), (0.5, 0.0)]),
    ] {
        for file in [COMMUNITIES, TOWNSHIPS] {
            let finding = good().geometry(file, 1, &area(&line)).error("area_zero");
            assert_eq!((finding.file.as_str(), finding.row), (file, Some(1)));
        }
    }
}

#[test]
fn a_hole_is_no_part_of_the_area() {
    // The hole is a quarter of the square; f1 stands in its middle, and so does p02, less than 300 m from its edge.
    let rings = format!(
        "{},{}",
        square(0.0, 0.0, 1.0, 1.0),
        square(0.25, 0.25, 0.75, 0.75)
    );
    let whole = good().area_of(CODES[0]);
    let city = good().geometry(COMMUNITIES, 1, &area(&rings));
    assert!((city.area_of(CODES[0]) / whole - 0.75).abs() < 1e-3);
    assert_eq!(city.told("facility_outside").id, "f1");
    assert_eq!(city.told("gap").id, "990101001");
}

#[test]
fn a_clockwise_ring_is_read_as_it_was_meant() {
    let ring = ring(&[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]);
    let city = good().geometry(COMMUNITIES, 1, &area(&ring));
    assert_eq!(city.findings(), []);
    let (same, usual) = (city.area_of(CODES[0]), good().area_of(CODES[0]));
    assert!((same / usual - 1.0).abs() < 1e-12);
    city.evaluate();
}

#[test]
fn several_parts_are_kept_and_counted() {
    let parts = [
        square(0.0, 0.0, 1.0, 0.5),
        square(0.0, 0.5, 0.4, 1.0),
        square(0.6, 0.5, 1.0, 1.0),
    ];
    let whole = good().area_of(CODES[0]);
    let city = good().geometry(COMMUNITIES, 1, &areas(&parts));
    assert_eq!(city.told("parts").value, "3");
    assert!((city.area_of(CODES[0]) / whole - 0.9).abs() < 1e-3);
}

#[test]
fn an_overlap_is_told_with_both_codes_and_its_size() {
    // A tenth of a square: 106,310 m².
    let city = good().geometry(COMMUNITIES, 1, &area(&square(0.0, 0.0, 1.1, 1.0)));
    let finding = city.decision("overlap");
    assert_eq!(finding.id, "990101001001, 990101001002");
    assert!(size(&finding).abs_diff(106_310) < 200, "{}", finding.value);
}

fn size(finding: &Finding) -> u64 {
    finding.value.strip_suffix(" m²").unwrap().parse().unwrap()
}

#[test]
fn a_gap_is_told_with_the_township_and_its_size() {
    let finding = good()
        .geometry(COMMUNITIES, 1, &area(&square(0.0, 0.0, 0.9, 1.0)))
        .decision("gap");
    assert_eq!(
        (finding.file.as_str(), finding.id.as_str()),
        (TOWNSHIPS, "990101001")
    );
    assert!(size(&finding).abs_diff(106_310) < 200, "{}", finding.value);
}

#[test]
fn a_community_outside_its_township_is_told_with_the_size() {
    let finding = good()
        .property(COMMUNITIES, 2, "township", "\"990101002\"")
        .decision("outside");
    assert_eq!(finding.id, "990101002");
    assert!(
        size(&finding).abs_diff(1_063_100) < 2_000,
        "{}",
        finding.value
    );
}

#[test]
fn a_sliver_is_only_a_notice() {
    // 0.1 % of a square: 1,063 m².
    let city = good().geometry(COMMUNITIES, 1, &area(&square(0.0, 0.0, 0.999, 1.0)));
    assert_eq!(city.notice("sliver").column, "gap");
}

#[test]
fn a_polygon_of_a_metre_is_read_and_a_smaller_one_is_none() {
    let triangle = |side| area(&ring(&[(0.5, 0.5), (0.5 + side, 0.5), (0.5, 0.5 + side)]));
    good().geometry(COMMUNITIES, 1, &triangle(0.001)).evaluate();
    let tiny =
        "[[104.005,30.605],[104.00500000001,30.605],[104.005,30.60500000001],[104.005,30.605]]";
    assert_eq!(
        good()
            .geometry(COMMUNITIES, 1, &area(tiny))
            .error("area_zero")
            .row,
        Some(1)
    );
}

#[test]
fn a_township_without_communities_is_told_and_gets_no_unit() {
    let third = feature(
        "\"code\":\"990101003\",\"name\":\"空\"",
        &area(&square(2.0, 0.0, 3.0, 1.0)),
    );
    let city = good().patch(TOWNSHIPS, "\n]}", &format!(",\n{third}\n]}}"));
    assert_eq!(city.decision("no_communities").id, "990101003");
    assert!(!column(&city.evaluate()["units.csv"], "township").contains(&"990101003".to_owned()));
}

// ---- Ids and numbers.

#[test]
fn numbers_with_separators_units_about_and_ten_thousands_are_read_and_told() {
    let plain = good().cell(POPULATION, 3, "residents", "300").input();
    for value in ["\"300\"", "约300", "300人", "0.03万", "0.03 万人", "３００"] {
        let city = good().cell(POPULATION, 3, "residents", value);
        let sum = city.input().city.total_residents();
        assert_eq!(sum, plain.city.total_residents(), "{value}");
        let told = city.findings();
        let told = told
            .iter()
            .find(|each| each.kind.code().starts_with("number_worded"));
        let worded = !matches!(value, "\"300\"" | "３００");
        assert_eq!(
            told.map(|each| each.row),
            worded.then_some(Some(3)),
            "{value}"
        );
    }
    let city = good().cell(POPULATION, 3, "residents", "\"1,300\"");
    let more = plain.city.total_residents() + Residents::whole(1000);
    assert_eq!(city.input().city.total_residents(), more);
}

#[test]
fn words_for_what_is_not_known_are_no_number_and_no_zero() {
    for value in ["—", "不详", "N/A", "－"] {
        let finding = good()
            .cell(POPULATION, 3, "residents", value)
            .error("number_missing");
        assert_eq!(finding.row, Some(3), "{value}");
        let city = good().cell(FACILITIES, 2, "capacity", value);
        assert_eq!(city.told("number_unknown").row, Some(2), "{value}");
        assert_eq!(city.input().city.facilities()[0].offers[0].capacity, None);
    }
}

#[test]
fn a_title_that_says_ten_thousands_is_an_error_with_its_line() {
    let text = good().text(POPULATION);
    for title in ["人口统计表（单位：万人）", "2026 年\n单位:万人"] {
        let finding = good()
            .with(POPULATION, format!("{title}\n{text}"))
            .error("title_unit");
        let lines = title.lines().count() as u64;
        assert_eq!(finding.row, Some(lines), "{title}");
    }
}

#[test]
fn titles_above_the_header_sums_and_notes_are_left_out_and_told() {
    let plain = good();
    let text = plain.text(POPULATION);
    for (above, titles) in [
        ("2026 年常住人口统计表\n\n单位：人,,,\n", "2"),
        ("\"表 1\n常住人口\",,\n", "2"),
        ("填报单位：锦江区,,,填报日期：2026-01-05\n", "1"),
    ] {
        let header = text.lines().next().unwrap().matches(',').count();
        let sums = format!(
            "武侯区小计{0}\n合 计{0}\n注：数据来自七普\n",
            ",".repeat(header)
        );
        let city = good().with(POPULATION, format!("{above}{text}{sums}"));
        let told = city.notice("title_skipped");
        assert_eq!((told.row, &*told.value), (Some(1), titles), "{above}");
        let lines = above.matches('\n').count() as u64 + text.lines().count() as u64;
        let told = city.notice("rows_left_out");
        assert_eq!((told.row, &*told.value), (Some(lines + 1), "3"));
        let cities = [&city, &plain].map(|each| format!("{:?}", each.input().city));
        assert_eq!(cities[0], cities[1]);
        // Rows are named by their own lines all the same.
        let broken = text.replacen("\np02,", "\np01,", 1);
        let city = good().with(POPULATION, format!("{above}{broken}"));
        let row = above.matches('\n').count() as u64 + 3;
        assert_eq!(city.error("id_twice").row, Some(row), "{above}");
    }
}

#[test]
fn what_is_no_plain_number_is_an_error_with_row_and_value() {
    for value in [
        "4.2万3", "100-200", "NaN", "nan", "inf", "Infinity", "-inf", "1e999", "-1e999", "一二",
        "12公里", "0x10", "1_000", "1 000", "--5", ".", "18班",
    ] {
        let finding = good()
            .cell(POPULATION, 3, "residents", value)
            .error("number_broken");
        assert_eq!(place(&finding), (POPULATION, Some(3), "p02", value));
    }
}

#[test]
fn a_negative_population_is_an_error_with_row_and_value() {
    let finding = good()
        .cell(POPULATION, 3, "residents", "-5")
        .error("number_negative");
    assert_eq!(place(&finding), (POPULATION, Some(3), "p02", "-5"));
    assert_eq!(finding.column, "residents");
}

#[test]
fn a_population_that_no_place_holds_is_an_error() {
    let finding = good()
        .cell(POPULATION, 3, "residents", "1000001")
        .error("number_huge");
    assert_eq!(place(&finding), (POPULATION, Some(3), "p02", "1000001"));
}

#[test]
fn an_empty_population_is_an_error_and_not_zero() {
    for value in ["", "  "] {
        let finding = good()
            .cell(POPULATION, 3, "residents", value)
            .error("number_missing");
        assert_eq!(place(&finding), (POPULATION, Some(3), "p02", ""));
    }
}

#[test]
fn numbers_of_other_writing_are_read() {
    for value in ["100.0", "1e2", "+100", " 100 ", "\"100\"", "100."] {
        assert_eq!(
            good().cell(POPULATION, 3, "residents", value).findings(),
            [],
            "{value}"
        );
    }
}

#[test]
fn bad_ages_are_an_error_with_row_column_and_value() {
    for (value, code) in [
        ("-1", "number_negative"),
        ("三", "number_broken"),
        ("", "number_missing"),
    ] {
        let finding = good().cell(POPULATION, 3, "age_18_59", value).error(code);
        assert_eq!(place(&finding), (POPULATION, Some(3), "p02", value));
        assert_eq!(finding.column, "age_18_59");
    }
}

#[test]
fn ages_that_do_not_add_up_are_told_and_the_residents_count() {
    let city = good().cell(POPULATION, 3, "age_18_59", "160");
    assert_eq!(
        place(&city.decision("ages_differ")),
        (POPULATION, Some(3), "p02", "200 ≠ 100")
    );
    assert_eq!(city.input().city.total_residents(), Residents::whole(1200));
}

#[test]
fn residents_of_a_community_that_are_no_number_are_an_error_with_feature_code_and_value() {
    for (json, code, value) in [
        ("\"4.2万3\"", "number_broken", "4.2万3"),
        ("\"NaN\"", "number_broken", "NaN"),
        ("true", "number_broken", "true"),
        ("-5", "number_negative", "-5"),
        ("1e300", "number_huge", "1e300"),
        ("{\"a\":1}", "number_broken", "{\"a\":1}"),
    ] {
        let finding = good()
            .property(COMMUNITIES, 2, "residents", json)
            .error(code);
        assert_eq!(
            (finding.row, finding.id.as_str()),
            (Some(2), CODES[1]),
            "{json}"
        );
        assert_eq!(finding.value.replace("e+", "e"), value);
    }
}

#[test]
fn residents_of_a_community_with_a_comma_are_read_and_told() {
    let city = good().patch(COMMUNITIES, "\"residents\":300", "\"residents\":\"42,000\"");
    assert_eq!(
        place(&city.told("number_worded")),
        (COMMUNITIES, Some(1), CODES[0], "42,000")
    );
}

#[test]
fn a_community_with_neither_residents_nor_points_is_told_to_be_empty() {
    for value in ["null", "\"\""] {
        let city = without_points(CODES[3]).property(COMMUNITIES, 4, "residents", value);
        assert_eq!(city.notice("nobody").id, CODES[3]);
    }
}

/// The good city without the demand points of a community.
fn without_points(code: &str) -> City {
    let city = good();
    let text = city.text(POPULATION);
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains(code)).collect();
    city.with(POPULATION, lines.join("\n") + "\n")
}

#[test]
fn a_community_without_points_has_its_residents_spread_over_it_and_is_told() {
    let city = without_points(CODES[3]);
    let finding = city.notice("no_points");
    assert_eq!(
        (finding.id.as_str(), finding.value.as_str()),
        (CODES[3], "300")
    );
    let read = city.input().city;
    assert_eq!(read.total_residents(), Residents::whole(1200));
    let homes = read.points().iter();
    let homes = homes.filter(|point| point.id.starts_with("community-"));
    assert!(homes.count() > 10);
    let finding = city.notice("people_spread");
    assert_eq!(finding.column, "people.spread");
    assert!(finding.value.starts_with("1: 300, area, "), "{finding:?}");
    // Without demand points at all.
    let findings = good()
        .patch(PLAN, "population = { path = \"population.csv\" }\n", "")
        .evaluate();
    let matters = findings_of(&findings, "spread_matters");
    assert!(
        !matters.is_empty() && matters.iter().all(|row| row.join(",").contains(" % / ")),
        "{matters:?}"
    );
}

#[test]
fn a_total_that_differs_from_its_demand_points_is_told_with_both() {
    let finding = good()
        .property(COMMUNITIES, 2, "residents", "320")
        .decision("total_differs");
    assert_eq!(
        (finding.id.as_str(), finding.value.as_str()),
        (CODES[1], "320 ≠ 300")
    );
    // 10 of 1,210 residents are less than 1 %; in two communities 20 of 1,220 are more.
    let one = good().property(COMMUNITIES, 2, "residents", "310");
    assert_eq!(one.notice("total_differs").value, "310 ≠ 300");
    let two = one.property(COMMUNITIES, 3, "residents", "310").findings();
    let levels: Vec<Level> = two.iter().map(Finding::level).collect();
    assert_eq!(levels, [Level::Decision; 2]);
}

#[test]
fn an_id_that_occurs_twice_is_an_error_with_both_lines() {
    let finding = good().cell(POPULATION, 9, "id", "p01").error("id_twice");
    assert_eq!(place(&finding), (POPULATION, Some(9), "p01", "2, 9"));
    let finding = good()
        .property(COMMUNITIES, 4, "code", "\"990101001001\"")
        .error("id_twice");
    assert_eq!(place(&finding), (COMMUNITIES, Some(4), CODES[0], "1, 4"));
    let finding = good()
        .property(TOWNSHIPS, 2, "code", "990101001")
        .error("id_twice");
    assert_eq!(place(&finding), (TOWNSHIPS, Some(2), "990101001", "1, 2"));
    let finding = good()
        .cell(EARLIER, 5, "community", CODES[0])
        .error("id_twice");
    assert_eq!(
        (finding.row, finding.value.as_str()),
        (Some(5), "990101001001: 2, 5")
    );
}

#[test]
fn a_name_that_occurs_twice_is_fine() {
    let city = good()
        .patch_all(COMMUNITIES, "社区3", "社区1")
        .patch_all(TOWNSHIPS, "镇1", "镇0");
    assert_eq!(city.findings(), []);
    let files = city.evaluate();
    assert!(
        files.contains_key("coverage/990101001.geojson")
            && files.contains_key("coverage/990101002.geojson")
    );
}

#[test]
fn a_missing_id_is_an_error_with_its_row() {
    assert_eq!(
        place(&good().cell(POPULATION, 3, "id", " ").error("id_missing")),
        (POPULATION, Some(3), "", "")
    );
    assert_eq!(
        good()
            .cell(POPULATION, 3, "community", "")
            .error("id_missing")
            .column,
        "community"
    );
    assert_eq!(
        good().cell(FACILITIES, 3, "id", "").error("id_missing").row,
        Some(3)
    );
    assert_eq!(
        good()
            .property(COMMUNITIES, 3, "code", "null")
            .error("id_missing")
            .row,
        Some(3)
    );
    assert_eq!(
        good()
            .property(COMMUNITIES, 3, "township", "\"\"")
            .error("id_missing")
            .column,
        "township"
    );
    assert_eq!(
        good().property(TOWNSHIPS, 1, "code", "\" \"").findings()[0]
            .kind
            .code(),
        "id_missing"
    );
    assert_eq!(
        good()
            .cell(EARLIER, 2, "community", "")
            .error("id_missing")
            .row,
        Some(2)
    );
}

#[test]
fn a_code_that_is_not_there_is_an_error_with_row_and_value() {
    let finding = good()
        .cell(POPULATION, 3, "community", "990101001009")
        .error("parent_unknown");
    assert_eq!(
        place(&finding),
        (POPULATION, Some(3), "p02", "990101001009")
    );
    let finding = good()
        .property(COMMUNITIES, 3, "township", "\"990101009\"")
        .told("parent_unknown");
    assert_eq!(
        place(&finding),
        (COMMUNITIES, Some(3), CODES[2], "990101009")
    );
}

#[test]
fn codes_that_a_gis_turned_into_numbers_are_the_same_codes() {
    let city = CODES.iter().fold(good(), |city, code| {
        city.patch(
            COMMUNITIES,
            &format!("\"code\":\"{code}\""),
            &format!("\"code\":{code}.0"),
        )
    });
    assert_eq!(
        city.patch_all(
            COMMUNITIES,
            "\"township\":\"990101001\"",
            "\"township\":990101001"
        )
        .findings(),
        []
    );
}

#[test]
fn a_code_of_another_form_is_used_and_told() {
    let city = good().patch_all(TOWNSHIPS, "990101002", "东镇").patch_all(
        COMMUNITIES,
        "\"990101002\"",
        "\"东镇\"",
    );
    assert_eq!(city.notice("code_form").id, "东镇");
    assert!(column(&city.evaluate()["units.csv"], "township").contains(&"东镇".to_owned()));
}

#[test]
fn an_unknown_class_is_an_error_with_its_value() {
    let finding = good()
        .property(COMMUNITIES, 2, "class", "\"郊区\"")
        .error("class_unknown");
    assert_eq!(place(&finding), (COMMUNITIES, Some(2), CODES[1], "郊区"));
}

#[test]
fn without_a_class_a_small_layer_is_urban_and_that_is_told() {
    let finding = good()
        .patch_all(COMMUNITIES, "\"class\"", "\"k\"")
        .notice("class_absent");
    assert_eq!(
        (finding.file.as_str(), finding.value.as_str()),
        (COMMUNITIES, "rural: 0 / 4")
    );
}

#[test]
fn without_a_class_it_is_made_of_densities() {
    // A row of twelve squares of 1.06 km²: of 300 residents, or of 400 in every third.
    let codes: Vec<String> = (1..=12).map(|at| format!("990101001{at:03}")).collect();
    let land = |properties: &dyn Fn(usize) -> String| {
        let features: Vec<String> = (0..12)
            .map(|at| {
                let west = f64::from(at as u32);
                let about = format!(
                    "\"code\":\"{}\",\"township\":\"990101001\"{}",
                    codes[at],
                    properties(at)
                );
                feature(&about, &area(&square(west, 0.0, west + 1.0, 1.0)))
            })
            .collect();
        layer(&features)
    };
    let corners: Vec<(f64, f64)> = (0..=12)
        .map(|x| (f64::from(x), 0.0))
        .chain((0..=12).rev().map(|x| (f64::from(x), 1.0)))
        .collect();
    let township = feature("\"code\":\"990101001000\"", &area(&ring(&corners)));
    let people = |at: usize| if at.is_multiple_of(3) { 400 } else { 300 };
    let mut population = String::from("id,community,lon,lat,residents\n");
    for (at, code) in codes.iter().enumerate() {
        let lon = WEST + (at as f64 + 0.5) * SIDE;
        let _ = writeln!(population, "p{at},{code},{lon:.4},30.6050,{}", people(at));
    }
    let city = good()
        .with(TOWNSHIPS, layer(&[township]))
        .with(COMMUNITIES, land(&|_| String::new()))
        .with(POPULATION, &population)
        .patch(
            PLAN,
            "earlier = { path = \"earlier.csv\", year = 2016 }\n",
            "",
        );
    assert_eq!(city.notice("class_absent").value, "rural: 8 / 12");
    let input = city.input();
    let rural = |input: &Input| -> Vec<bool> {
        let all = input.city.communities().iter();
        all.map(|each| each.class == fuwutu_core::city::Class::Rural)
            .collect()
    };
    let expected: Vec<bool> = (0..12).map(|at| at % 3 != 0).collect();
    assert!(input.by_density);
    assert_eq!(rural(&input), expected);
    // A few sparse ones are a city's parks and works: 300 of 120,300 residents.
    let dense = (1..12).fold(city.text(POPULATION), |text, at| {
        let line = format!(",30.6050,{}", people(at));
        let (before, after) = text.split_once(&format!("p{at},")).unwrap();
        format!(
            "{before}p{at},{}",
            after.replacen(&line, ",30.6050,10000", 1)
        )
    });
    let parks = dense.replace(
        "p0,990101001001,104.0050,30.6050,400",
        "p0,990101001001,104.0050,30.6050,300",
    );
    let city = city.with(POPULATION, parks);
    assert_eq!(city.notice("class_absent").value, "rural: 0 / 12");
    let city = city.with(POPULATION, population);
    // Where only one is missing, that one is told, with its density.
    let some = city.with(
        COMMUNITIES,
        land(&|at| match at {
            4 => String::new(),
            _ => ",\"class\":\"urban\"".to_owned(),
        }),
    );
    let finding = some.notice("class_absent");
    assert_eq!(
        (finding.id.as_str(), finding.value.as_str()),
        (&*codes[4], "282 / km²: rural")
    );
    assert_eq!(
        rural(&some.input()).iter().filter(|rural| **rural).count(),
        1
    );
}

#[test]
fn township_codes_of_twelve_digits_are_those_of_nine() {
    // As the statistics office lists them: in both layers, in one, and in the crosswalk.
    let twelve = good()
        .patch_all(TOWNSHIPS, "99010100", "99010100")
        .patch_all(TOWNSHIPS, "\",\"name\"", "000\",\"name\"");
    assert_eq!(twelve.findings(), []);
    let both = twelve.patch_all(COMMUNITIES, "\",\"class\"", "000\",\"class\"");
    assert_eq!(both.findings(), []);
    let codes: Vec<String> = (both.input().city.townships().iter())
        .map(|each| each.code.clone())
        .collect();
    assert_eq!(codes, ["990101001", "990101002"]);
    // Twelve digits of something else stay what they are.
    let other = good().patch(TOWNSHIPS, "\"990101001\"", "\"990101001001\"");
    assert!(
        other
            .findings()
            .iter()
            .any(|each| each.kind.code() == "code_form")
    );
}

#[test]
fn exactly_100_000_residents_are_one_unit() {
    let units = &with_residents(&["50000", "50000"]).evaluate()["units.csv"];
    assert_eq!(rows(units)[1][3..6], ["100000", "2", "no"]);
    assert_eq!(column(units, "township"), ["990101001", "990101002"]);
}

#[test]
fn one_resident_more_than_100_000_makes_two_units() {
    let units = &with_residents(&["50000", "50001"]).evaluate()["units.csv"];
    assert_eq!(column(units, "residents"), ["50000", "50001", "600"]);
    assert_eq!(column(units, "over_cap"), ["no", "no", "no"]);
}

#[test]
fn a_community_of_100_001_at_several_places_is_split() {
    let city = with_residents(&["100001", "300"]).cell(POPULATION, 2, "residents", "40001");
    let city =
        city.cell(POPULATION, 3, "residents", "30000")
            .cell(POPULATION, 4, "residents", "30000");
    let units = &city.evaluate()["units.csv"];
    assert!(
        column(units, "over_cap").iter().all(|each| each == "no"),
        "{units}"
    );
    assert!(
        column(units, "note")
            .iter()
            .any(|each| each.contains("split_community")),
        "{units}"
    );
    let sum: u64 = column(units, "residents")
        .iter()
        .map(|each| each.parse::<u64>().unwrap())
        .sum();
    assert_eq!(sum, 100_001 + 300 + 600);
}

#[test]
fn a_community_of_100_001_at_one_place_is_flagged_as_over_the_cap() {
    let units = &with_residents(&["100001", "300"]).evaluate()["units.csv"];
    let over: Vec<Vec<String>> = rows(units)
        .into_iter()
        .filter(|row| row[5] == "yes")
        .collect();
    assert_eq!(over.len(), 1, "{units}");
    assert_eq!(
        (over[0][3].as_str(), over[0][7].contains("over_cap")),
        ("100001", true)
    );
}

/// The good city with these residents in its first communities, each at its first demand point alone.
fn with_residents(residents: &[&str]) -> City {
    residents
        .iter()
        .zip(0..)
        .fold(good(), |city, (residents, at)| {
            let line = 2 + at * 3;
            let city = city
                .cell(POPULATION, line, "residents", residents)
                .property(COMMUNITIES, at + 1, "residents", residents);
            [line + 1, line + 2].into_iter().fold(city, |city, line| {
                city.cell(POPULATION, line, "residents", "0")
            })
        })
}

#[test]
fn where_nobody_lives_shares_are_empty_and_never_not_a_number() {
    let city = with_residents(&["0", "0"]);
    assert_eq!(city.told("nobody").id, "990101001");
    let standing = rows(&city.evaluate()["standing.csv"]);
    let empty: Vec<_> = standing
        .iter()
        .filter(|row| row[0].starts_with("990101001"))
        .collect();
    assert!(!empty.is_empty());
    // target, covered, coverage, …, access
    assert!(
        empty
            .iter()
            .all(|row| row[3] == "0" && row[4] == "0" && row[5].is_empty() && row[11].is_empty()),
        "{empty:?}"
    );
}

#[test]
fn where_nobody_lives_anywhere_every_command_still_works() {
    let city = with_residents(&["0", "0", "0", "0"]);
    city.evaluate();
    for command in ["units", "coverage"] {
        assert_eq!(ended(&city.run(&[command, PLAN])).0, 0);
    }
    assert_eq!(ended(&city.run(&["rank", "round"])).0, 0);
}

#[test]
fn an_earlier_total_of_an_unknown_code_is_left_out_and_told() {
    let city = good().line(EARLIER, 5, |line| format!("{line}\n990101009009,77"));
    assert_eq!(
        place(&city.decision("earlier_unknown")),
        (EARLIER, Some(6), "", "990101009009, 77")
    );
}

#[test]
fn a_community_without_an_earlier_total_is_told() {
    let city = good();
    let text = city.text(EARLIER).replace("990101002002,290\n", "");
    assert_eq!(
        city.with(EARLIER, text).notice("earlier_missing").id,
        CODES[3]
    );
}

#[test]
fn an_earlier_total_that_is_no_number_is_an_error() {
    assert_eq!(
        place(
            &good()
                .cell(EARLIER, 3, "residents", "-290")
                .error("number_negative")
        ),
        (EARLIER, Some(3), CODES[1], "-290")
    );
    assert_eq!(
        good()
            .cell(EARLIER, 3, "residents", "")
            .error("number_missing")
            .row,
        Some(3)
    );
}

#[test]
fn earlier_totals_of_zero_and_of_a_hundred_million_give_numbers() {
    for value in ["0", "1", "100000000", "0.001"] {
        good().cell(EARLIER, 3, "residents", value).evaluate();
    }
}

#[test]
fn an_earlier_year_that_is_not_earlier_is_an_error_of_the_plan() {
    let (exit, stderr) = good().patch(PLAN, "year = 2016", "year = 2026").check();
    assert!(
        exit == 2
            && stderr.contains("`inputs.earlier.year` is `2026`")
            && stderr.contains("hint: "),
        "{stderr}"
    );
}

// ---- Facilities.

#[test]
fn a_missing_capacity_is_told_and_counts_for_coverage() {
    let city = good().cell(FACILITIES, 4, "capacity", "");
    let finding = city.decision("capacity_missing");
    assert_eq!(place(&finding), (FACILITIES, Some(4), "f3", ""));
    assert_eq!(finding.service, "primary_school");
    let standing = rows(&city.evaluate()["standing.csv"]);
    let schools: Vec<_> = standing
        .iter()
        .filter(|row| row[1] == "primary_school")
        .collect();
    // Only the unit in which it stands, and whose people reach it, is left without supply.
    let (here, elsewhere): (Vec<_>, Vec<_>) = schools
        .into_iter()
        .partition(|row| row[0] == "990101001-01");
    assert!(
        here.iter()
            .all(|row| row[4] != "0" && row[7].is_empty() && row[8].is_empty()),
        "{here:?}"
    );
    assert!(
        !elsewhere.is_empty() && elsewhere.iter().all(|row| !row[8].is_empty()),
        "{elsewhere:?}"
    );
}

#[test]
fn a_missing_capacity_takes_the_plan_s_default_and_is_told() {
    let default = "[services]\ndefault_capacity = { primary_school = 180 }";
    let city = good()
        .cell(FACILITIES, 4, "capacity", "")
        .patch(PLAN, "[services]", default);
    assert_eq!(city.notice("capacity_default").row, Some(4));
    assert_eq!(
        city.evaluate()["standing.csv"],
        good().evaluate()["standing.csv"]
    );
}

#[test]
fn a_capacity_of_zero_counts_and_gives_nothing() {
    let city = good().cell(FACILITIES, 4, "capacity", "0");
    city.told("capacity_zero");
    let standing = rows(&city.evaluate()["standing.csv"]);
    let schools = standing
        .iter()
        .filter(|row| row[1] == "primary_school" && row[0].starts_with("990101001"));
    assert!(
        schools.clone().count() > 0 && schools.clone().all(|row| row[4] != "0" && row[7] == "0.0")
    );
}

#[test]
fn a_capacity_that_cannot_be_is_an_error_with_row_and_value() {
    for (value, code) in [
        ("-90", "number_negative"),
        ("inf", "number_broken"),
        ("1e999", "number_broken"),
        ("九十", "number_broken"),
        ("90间房", "number_broken"),
        ("1e10", "number_huge"),
    ] {
        let finding = good().cell(FACILITIES, 2, "capacity", value).error(code);
        assert_eq!(place(&finding), (FACILITIES, Some(2), "f1", value));
        assert_eq!(finding.column, "capacity");
    }
}

#[test]
fn a_capacity_in_another_unit_is_not_taken_for_the_catalogue_s() {
    let finding = good()
        .cell(FACILITIES, 2, "capacity_unit", "classes")
        .decision("capacity_missing");
    assert_eq!(
        place(&finding),
        (FACILITIES, Some(2), "f1", "classes ≠ seats")
    );
}

// ---- Services of whose facilities nothing is known.

/// The plan's choice of services.
const SELECT: &str = "select = [\"kindergarten\", \"primary_school\", \"market\"]";

/// The services of a round's totals, and those that it says were not supplied, with whether they are in the round.
fn services_of(files: &BTreeMap<String, String>) -> (Vec<String>, Vec<(String, bool)>) {
    let manifest: serde_json::Value = serde_json::from_str(&files["round.json"]).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let totals = manifest["totals"].as_array().unwrap().iter();
    let mut services: Vec<String> = totals.map(|row| text(&row["service"])).collect();
    services.dedup();
    let unknown = manifest["not_supplied"].as_array().unwrap().iter();
    let unknown = unknown.map(|row| (text(&row["service"]), row["selected"] == true));
    (services, unknown.collect())
}

/// The lines of `findings.csv` of a kind.
fn findings_of(files: &BTreeMap<String, String>, code: &str) -> Vec<Vec<String>> {
    let rows = rows(&files["findings.csv"]).into_iter();
    rows.filter(|row| row.iter().any(|cell| cell == code))
        .collect()
}

#[test]
fn by_default_a_round_is_about_the_services_that_were_supplied_and_asks_once_for_the_others() {
    let city = good().patch(PLAN, SELECT, "");
    let files = city.evaluate();
    let (services, unknown) = services_of(&files);
    assert_eq!(services, ["kindergarten", "primary_school", "market"]);
    assert!(unknown.len() > 30 && unknown.iter().all(|(_, selected)| !selected));
    assert!(!unknown.iter().any(|(id, _)| services.contains(id)));
    let asked = findings_of(&files, "services_not_supplied");
    assert_eq!(asked.len(), 1);
    let value = format!("{}: ", unknown.len());
    assert!(
        asked[0].iter().any(|cell| cell.starts_with(&value)),
        "{asked:?}"
    );
    let (code, _) = city.check();
    assert_eq!(code, 1, "a question is a decision");
}

#[test]
fn a_service_of_which_there_is_none_is_short_of_everything() {
    let city = good().patch(PLAN, SELECT, "none_exist = [\"pharmacy\"]");
    let files = city.evaluate();
    let (services, unknown) = services_of(&files);
    assert_eq!(
        services,
        ["kindergarten", "primary_school", "market", "pharmacy"]
    );
    assert!(!unknown.iter().any(|(id, _)| id == "pharmacy"));
    let standing = rows(&files["standing.csv"]);
    let pharmacy: Vec<_> = standing.iter().filter(|row| row[1] == "pharmacy").collect();
    assert!(
        !pharmacy.is_empty()
            && pharmacy
                .iter()
                .all(|row| row[4] == "0" && row[5] == "0.0000")
    );
}

#[test]
fn a_selected_service_without_data_has_a_target_group_and_a_demand_and_nothing_else() {
    let select = SELECT.replace("\"market\"", "\"market\", \"culture_station\"");
    let city = good().patch(PLAN, SELECT, &select);
    let files = city.evaluate();
    let (services, unknown) = services_of(&files);
    assert!(services.contains(&"culture_station".to_owned()));
    assert_eq!(unknown, [("culture_station".to_owned(), true)]);
    assert_eq!(findings_of(&files, "services_no_data").len(), 1);
    let head: Vec<&str> = files["standing.csv"]
        .trim_start_matches('\u{feff}')
        .lines()
        .next()
        .unwrap()
        .split(',')
        .collect();
    for row in rows(&files["standing.csv"]) {
        if row[1] != "culture_station" {
            continue;
        }
        for (name, cell) in head.iter().zip(&row) {
            let known = [
                "unit",
                "service",
                "year",
                "target_residents",
                "demand",
                "standard_status",
            ];
            assert_eq!(!cell.is_empty(), known.contains(name), "{name}: {row:?}");
        }
    }
    // Need, causes, unserved and equity are those of a round without it.
    let without = good().evaluate();
    for file in ["ranking.csv", "causes.csv", "equity.csv", "served.csv"] {
        assert_eq!(files[file], without[file], "{file}");
    }
    let layer = files.iter().find(|(name, _)| name.starts_with("coverage/"));
    let layer = layer.unwrap().1;
    assert!(
        layer.contains("\"culture_station_coverage_2026\":null")
            && layer.contains("\"culture_station_unserved_2026\":null")
            && !layer.contains("\"culture_station_count\""),
        "{layer}"
    );
}

#[test]
fn a_round_without_any_facility_judges_nothing_and_has_no_ranking() {
    let header = "id,name,service,lon,lat,capacity,capacity_unit,status,opens\n";
    let files = good().with(FACILITIES, header).evaluate();
    let (services, unknown) = services_of(&files);
    assert_eq!((services.len(), unknown.len()), (3, 3));
    assert_eq!(rows(&files["ranking.csv"]).len(), 1, "a header alone");
    let by_default = good().with(FACILITIES, header).patch(PLAN, SELECT, "");
    let (services, unknown) = services_of(&by_default.evaluate());
    assert!(services.len() > 30 && unknown.iter().all(|(_, selected)| *selected));
}

#[test]
fn none_exist_of_a_service_with_rows_is_told_and_the_rows_count() {
    let city = good().patch(
        PLAN,
        SELECT,
        &format!("{SELECT}\nnone_exist = [\"market\"]"),
    );
    let finding = city.decision("none_exist_rows");
    assert_eq!(place(&finding), ("", None, "", "1"));
    assert_eq!(finding.service, "market");
    assert_eq!(
        city.evaluate()["standing.csv"],
        good().evaluate()["standing.csv"]
    );
}

#[test]
fn none_exist_of_services_that_are_not_selected_is_told() {
    let none = "none_exist = [\"pharmacy\", \"bus_stop\", \"market\"]";
    let city = good()
        .patch(PLAN, SELECT, &format!("{SELECT}\n{none}"))
        .line(FACILITIES, 5, |_| String::new());
    let findings = city.findings();
    let told: Vec<(&str, &str)> = (findings.iter())
        .map(|each| (each.kind.code(), &*each.service))
        .collect();
    let code = "none_exist_unselected";
    assert_eq!(told, [(code, "pharmacy"), (code, "bus_stop")]);
    let (exit, _) = city.check();
    assert_eq!(exit, 0);
}

#[test]
fn a_service_whose_rows_are_all_left_out_was_not_supplied() {
    let city = good()
        .cell(FACILITIES, 5, "lon", "0")
        .cell(FACILITIES, 5, "lat", "0");
    let finding = city.decision("service_refused");
    assert_eq!(place(&finding), ("", None, "", "1"));
    assert_eq!(finding.service, "market");
    let (_, unknown) = services_of(&city.evaluate());
    assert_eq!(unknown, [("market".to_owned(), true)]);
    // One of two kindergartens is left.
    let city = good()
        .cell(FACILITIES, 2, "lon", "0")
        .cell(FACILITIES, 2, "lat", "0");
    let codes: Vec<_> = city
        .findings()
        .iter()
        .map(|each| each.kind.code())
        .collect();
    assert_eq!(codes, ["unplaced"]);
}

#[test]
fn years_of_opening_and_closing_are_read_in_any_usual_form() {
    for (text, year) in [
        ("2027", 2027),
        ("2027-09-01", 2027),
        ("2027/9/1", 2027),
        ("2027年9月", 2027),
        ("2027年", 2027),
        ("2027.0", 2027),
        ("2027.9", 2027),
        ("20270901", 2027),
        ("2027-09-01 00:00:00", 2027),
        ("2027-09-01T08:30", 2027),
    ] {
        let city = good()
            .patch(FACILITIES, "status,opens", "status,closes")
            .cell(FACILITIES, 2, "closes", text);
        assert_eq!(city.findings(), [], "{text}");
        let facilities = city.input().city.facilities().to_vec();
        assert_eq!(facilities[0].closes, Some(year), "{text}");
        assert_eq!(
            [2026, 2027, 2028].map(|year| facilities[0].open(year)),
            [true, false, false]
        );
        let city = good().cell(FACILITIES, 2, "opens", text);
        assert_eq!(
            city.input().city.facilities()[0].opens,
            Some(year),
            "{text}"
        );
    }
    for text in ["2027-13", "soon", "27", "2027-09-01 noon", "二〇二七"] {
        let city = good().cell(FACILITIES, 2, "opens", text);
        assert_eq!(city.error("year_broken").value, text);
    }
}

#[test]
fn a_facility_that_closed_already_or_before_it_opened_is_told() {
    let closing = |opens: &str, closes: &str| {
        good()
            .patch(FACILITIES, "status,opens", "status,opens,停用年份")
            .patch_all(FACILITIES, "existing,", "existing,,")
            .cell(FACILITIES, 2, "opens", opens)
            .cell(FACILITIES, 2, "停用年份", closes)
    };
    assert_eq!(closing("", "2026").decision("closes_past").id, "f1");
    assert_eq!(closing("2028", "2027").decision("closes_first").id, "f1");
    assert_eq!(closing("2027", "2028").findings(), []);
}

#[test]
fn entrances_that_cannot_be_read_or_are_far_off_are_told() {
    let entered = |text: &str| {
        good()
            .patch(FACILITIES, "status,opens", "status,opens,出入口")
            .patch_all(FACILITIES, "existing,", "existing,,")
            .cell(FACILITIES, 2, "出入口", text)
    };
    let entrances = |city: &City| city.input().city.facilities()[0].entrances.len();
    let city = entered("104.0051 30.6051; 104.0052 30.6049");
    assert_eq!((city.findings(), entrances(&city)), (Vec::new(), 2));
    // Over 3 km to the north; latitude first.
    for (text, kept) in [
        ("the north gate", 0),
        ("104.0051 30.6051; 104.0051 30.6350", 1),
        ("30.6051 104.0051", 0),
    ] {
        let city = entered(text);
        let finding = city.decision("entrances_bad");
        assert_eq!(place(&finding), (FACILITIES, Some(2), "f1", text));
        assert_eq!(
            (&*finding.service, entrances(&city)),
            ("kindergarten", kept)
        );
    }
}

#[test]
fn a_capacity_of_zero_is_told_where_the_facility_opens() {
    let finding = good()
        .cell(FACILITIES, 5, "capacity", "0")
        .decision("capacity_zero");
    assert_eq!(place(&finding), (FACILITIES, Some(5), "f4", "0"));
    assert_eq!(finding.service, "market");
    let closed = good()
        .cell(FACILITIES, 2, "capacity", "0")
        .cell(FACILITIES, 2, "status", "closed");
    assert_eq!(closed.findings(), []);
}

#[test]
fn services_of_which_nothing_is_ever_open_are_told() {
    // One of two kindergartens, the only school by its year, and the only market.
    let city = good()
        .cell(FACILITIES, 2, "status", "closed")
        .cell(FACILITIES, 4, "opens", "2031")
        .cell(FACILITIES, 5, "status", "idle");
    let findings = city.findings();
    let told: Vec<(&str, &str, &str)> = (findings.iter())
        .map(|each| (each.kind.code(), &*each.service, &*each.value))
        .collect();
    let expected = [
        ("nothing_open", "primary_school", "1"),
        ("nothing_open", "market", "1"),
    ];
    assert_eq!(told, expected);
    let (exit, _) = city.check();
    assert_eq!(exit, 1);
    // It opens at the horizon: something is open in a year of the round.
    let opens = good().cell(FACILITIES, 4, "opens", "2029");
    assert_eq!(opens.findings(), []);
    // All rows of all services.
    let all = good().patch_all(FACILITIES, ",existing,", ",停用,");
    assert_eq!(all.findings().len(), 3);
}

#[test]
fn a_service_or_a_field_that_is_misspelt_is_refused() {
    for (more, said) in [
        (
            "none_exist = [\"pharmacyy\"]",
            "there is no service `pharmacyy` in the catalogue",
        ),
        (
            "[ranking]\ndomains = { educatoin = 2 }",
            "`ranking.domains` has `educatoin`",
        ),
    ] {
        let city = good().patch(PLAN, SELECT, &format!("{SELECT}\n{more}"));
        let (code, stderr) = city.check();
        assert!(code == 2 && stderr.contains(said), "{stderr}");
    }
}

#[test]
fn a_kind_that_only_adds_to_a_service_supplies_it() {
    let venue = "f5,校操场,opened_venue,104.0150,30.6150,800,m2_site,existing,\n";
    let city = good().patch(PLAN, SELECT, "");
    let rows_of_city = city.text(FACILITIES);
    let city = city.with(FACILITIES, rows_of_city + venue);
    let (services, unknown) = services_of(&city.evaluate());
    for id in ["small_sport_ground", "opened_venue"] {
        assert!(services.contains(&id.to_owned()), "{services:?}");
        assert!(!unknown.iter().any(|(other, _)| other == id));
    }
}

#[test]
fn a_rule_that_a_kind_without_data_may_make_needless_is_not_judged() {
    // Each unit has 600 urban residents, so that a circle from 500 on asks for a station; one stands in the first unit.
    let select = "select = [\"community_health_station\"]";
    let circle = "[presence]\nL5 = { from = 500, largest = 12000 }\n[services]";
    let station = "id,name,service,lon,lat,capacity,capacity_unit,status,opens\n\
                   s1,站,community_health_station,104.0050,30.6050,200,m2_floor,existing,\n";
    let verdicts = |more: &str| -> Vec<(String, String)> {
        let city = good()
            .with(FACILITIES, station)
            .patch(PLAN, SELECT, &format!("{select}\n{more}"))
            .patch(PLAN, "[services]", circle);
        let files = city.evaluate();
        let standing = &files["standing.csv"];
        let head: Vec<&str> = standing.lines().next().unwrap().split(',').collect();
        let attained = head.iter().position(|name| *name == "attained").unwrap();
        let rows = rows(standing).into_iter().filter(|row| row[2] == "2026");
        rows.map(|row| (row[0].clone(), row[attained].clone()))
            .collect()
    };
    let pairs = |first: &str, second: &str| {
        [("990101001-01", first), ("990101002-01", second)]
            .map(|(unit, verdict)| (unit.to_owned(), verdict.to_owned()))
    };
    assert_eq!(verdicts(""), pairs("yes", ""));
    let none = "none_exist = [\"community_health_centre\"]";
    assert_eq!(verdicts(none), pairs("yes", "absent"));
}

#[test]
fn a_comparison_leaves_out_what_one_round_was_not_supplied_with() {
    let city = good();
    let select = SELECT.replace("\"market\"", "\"market\", \"pharmacy\"");
    let old = city.text(PLAN).replace(SELECT, &select);
    let facilities = city.text(FACILITIES) + "f6,药店,pharmacy,104.0150,30.6150,,,existing,\n";
    let new = old.replace("\"facilities.csv\"", "\"later.csv\"");
    let city = city
        .with("old.toml", old)
        .with("new.toml", new)
        .with("later.csv", facilities);
    let output = city.run(&["compare", "old.toml", "new.toml", "--out", "change"]);
    let (code, stderr) = ended(&output);
    assert_eq!(code, 0, "{stderr}");
    let manifest: serde_json::Value =
        serde_json::from_str(&city.text("change/compare.json")).unwrap();
    let services = &manifest["services"];
    assert_eq!(services["only_new"], serde_json::json!(["pharmacy"]));
    assert_eq!(services["compared"].as_array().unwrap().len(), 3);
}

#[test]
fn a_file_that_nobody_reaches_is_told() {
    let far = "id,name,service,lon,lat,capacity,capacity_unit\ng1,远,market,104.0900,30.7000,900,m2_floor\n\
               g2,远二,market,104.0950,30.7000,900,m2_floor\n";
    let two = "facilities = [{ path = \"facilities.csv\" }, { path = \"far.csv\" }]";
    let city = good().with("far.csv", far).patch(
        PLAN,
        "facilities = [{ path = \"facilities.csv\" }]",
        two,
    );
    let files = city.evaluate();
    let told = findings_of(&files, "file_unreached");
    assert!(
        told.len() == 1
            && told[0].contains(&"far.csv".to_owned())
            && told[0].contains(&"2".to_owned()),
        "{told:?}"
    );
    assert!(findings_of(&good().evaluate(), "file_unreached").is_empty());
    // One kind among others in the file.
    let rows_of_far = "g1,远,culture_centre,104.0900,30.7000,900,m2_floor,existing,\n";
    let both = good().text(FACILITIES) + rows_of_far;
    let select = SELECT.replace("\"market\"", "\"market\", \"culture_centre\"");
    let mixed = good().with(FACILITIES, both).patch(PLAN, SELECT, &select);
    let told = findings_of(&mixed.evaluate(), "file_unreached");
    assert!(
        told.len() == 1 && told[0].contains(&"culture_centre".to_owned()),
        "{told:?}"
    );
    // Closed ones serve nobody, wherever they are.
    let closed = far
        .replace("capacity_unit\n", "capacity_unit,status\n")
        .replace("m2_floor\n", "m2_floor,closed\n");
    let files = city.with("far.csv", closed).evaluate();
    assert!(findings_of(&files, "file_unreached").is_empty());
}

#[test]
fn an_unknown_service_is_left_out_and_told_with_row_and_value() {
    let city = good().cell(FACILITIES, 3, "service", "火箭发射场");
    assert_eq!(
        place(&city.decision("service_unknown")),
        (FACILITIES, Some(3), "f2", "火箭发射场")
    );
    assert_eq!(city.input().city.facilities().len(), 3);
}

#[test]
fn services_like_an_unknown_one_are_suggested() {
    for (name, like) in [
        ("kindergarden", "kindergarden ≈ kindergarten 幼儿园"),
        ("幼儿圆", "幼儿圆 ≈ kindergarten 幼儿园"),
        ("ｐｒｉｍａｒｙ ｓｃｏｏｌ", "≈ primary_school 小学"),
    ] {
        let finding = good()
            .cell(FACILITIES, 3, "service", name)
            .decision("service_unknown");
        assert!(finding.value.contains(like), "{name}: {}", finding.value);
    }
    // Nothing is like it, so nothing is guessed.
    let finding = good()
        .cell(FACILITIES, 3, "service", "zzz")
        .decision("service_unknown");
    assert_eq!(finding.value, "zzz");
}

#[test]
fn residential_land_that_cannot_be_is_told_and_not_known() {
    let with = |land: &str| {
        let value = format!("\"urban\",\"residential_km2\":{land}");
        good().property(COMMUNITIES, 1, "class", &value)
    };
    // As in square metres, and no number at all. A community is some 1 km² large.
    for land in ["600000", "\"很多\"", "-1"] {
        assert_eq!(
            with(land).decision("residential_land").id,
            CODES[0],
            "{land}"
        );
    }
    let known = with("0.5").input();
    let land = known.city.communities()[0].residential_m2;
    assert!(land.is_some_and(|land| (land - 5e5).abs() < 1e-6));
    let empty = good().input();
    assert_eq!(empty.city.communities()[0].residential_m2, None);
}

#[test]
fn a_service_by_its_chinese_name_is_known() {
    let city =
        good()
            .cell(FACILITIES, 2, "service", "幼儿园")
            .cell(FACILITIES, 5, "service", "农贸市场");
    assert_eq!(city.findings(), []);
}

#[test]
fn an_unknown_service_in_the_plan_is_an_error_with_the_known_ones() {
    let (exit, stderr) = good().patch(PLAN, "\"market\"", "\"markett\"").check();
    assert!(
        exit == 2
            && stderr.contains("`markett`")
            && stderr.contains("market,")
            && stderr.contains("hint: "),
        "{stderr}"
    );
}

#[test]
fn the_same_facility_under_two_ids_is_told_with_both() {
    let city = good().line(FACILITIES, 5, |line| format!("{line}\nf5{}", &line[2..]));
    assert_eq!(
        place(&city.decision("facility_twice")),
        (FACILITIES, Some(6), "f4, f5", "市场")
    );
    assert_eq!(city.input().city.facilities().len(), 5);
}

#[test]
fn the_same_service_under_one_id_twice_is_an_error_with_both_lines() {
    let city = good().line(FACILITIES, 5, |line| format!("{line}\n{line}"));
    assert_eq!(
        place(&city.error("id_twice")),
        (
            FACILITIES,
            Some(6),
            "f4",
            "facilities.csv 5, facilities.csv 6"
        )
    );
}

#[test]
fn one_id_at_two_places_is_an_error_with_both_lines() {
    let city = good().cell(FACILITIES, 3, "id", "f4");
    assert_eq!(
        place(&city.error("facility_differs")),
        (
            FACILITIES,
            Some(5),
            "f4",
            "facilities.csv 3, facilities.csv 5"
        )
    );
}

#[test]
fn a_facility_outside_is_told_with_the_file_it_comes_from() {
    let more = "id,name,service,lon,lat\ng1,远园,kindergarten,104.05,30.605\n";
    let city = good().with("more.csv", more).patch(
        PLAN,
        "\"facilities.csv\" }",
        "\"facilities.csv\" }, { path = \"more.csv\" }",
    );
    assert_eq!(
        place(&city.told("facility_outside")),
        ("more.csv", Some(2), "g1", "远园")
    );
}

#[test]
fn a_committed_facility_without_a_year_is_not_counted_and_told() {
    let city = good().cell(FACILITIES, 5, "status", "在建");
    assert_eq!(
        place(&city.decision("not_yet")),
        (FACILITIES, Some(5), "f4", "")
    );
    let standing = rows(&city.evaluate()["standing.csv"]);
    assert!(
        standing
            .iter()
            .filter(|row| row[1] == "market")
            .all(|row| row[4] == "0")
    );
}

#[test]
fn an_unknown_status_or_year_is_an_error_with_row_and_value() {
    let finding = good()
        .cell(FACILITIES, 5, "status", "也许")
        .error("status_unknown");
    assert_eq!(place(&finding), (FACILITIES, Some(5), "f4", "也许"));
    for year in ["明年", "27", "二七年", "99999999999", "-2027", "NaN"] {
        let finding = good()
            .cell(FACILITIES, 5, "opens", year)
            .error("year_broken");
        assert_eq!(place(&finding), (FACILITIES, Some(5), "f4", year));
    }
}

#[test]
fn facilities_with_a_header_only_are_not_supplied_and_that_is_told() {
    let city = good();
    let header = city.text(FACILITIES).lines().next().unwrap().to_owned();
    let city = city.with(FACILITIES, header + "\n");
    assert_eq!(city.decision("no_rows").file, FACILITIES);
    let standing = rows(&city.evaluate()["standing.csv"]);
    assert!(
        standing[1..]
            .iter()
            .all(|row| !row[3].is_empty() && row[4].is_empty() && row[5].is_empty()),
        "{standing:?}"
    );
}

// ---- Encodings and tables.

/// GBK, by code page 936: 一园 二园 一小 市场.
const GBK: [(&str, &[u8]); 4] = [
    ("一园", b"\xd2\xbb\xd4\xb0"),
    ("二园", b"\xb6\xfe\xd4\xb0"),
    ("一小", b"\xd2\xbb\xd0\xa1"),
    ("市场", b"\xca\xd0\xb3\xa1"),
];

/// The text with some of its words in other bytes.
fn encoded(text: &str, words: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (word, other) in words {
        while let Some(at) = bytes
            .windows(word.len())
            .position(|each| each == word.as_bytes())
        {
            bytes.splice(at..at + word.len(), other.iter().copied());
        }
    }
    bytes
}

#[test]
fn a_gbk_table_is_read_and_told() {
    let city = good();
    let bytes = encoded(&city.text(FACILITIES), &GBK);
    let city = city.with(FACILITIES, bytes);
    assert_eq!(city.notice("gb18030").file, FACILITIES);
    assert_eq!(&*city.input().city.facilities()[0].name, "一园");
}

#[test]
fn four_byte_gb18030_characters_are_read() {
    // 𠀀 (U+20000) is 95 32 82 36.
    let city = good().patch(FACILITIES, "一小", "𠀀");
    let bytes = encoded(
        &city.text(FACILITIES),
        &[GBK[0], GBK[1], GBK[3], ("𠀀", b"\x95\x32\x82\x36")],
    );
    let city = city.with(FACILITIES, bytes);
    city.notice("gb18030");
    assert_eq!(&*city.input().city.facilities()[2].name, "𠀀");
}

#[test]
fn a_gbk_layer_is_read_and_told() {
    let city = good();
    let bytes = encoded(&city.text(TOWNSHIPS), &[("镇", b"\xd5\xf2")]);
    let city = city.with(TOWNSHIPS, bytes);
    city.notice("gb18030");
    assert_eq!(city.input().city.townships()[0].name, "镇0");
}

#[test]
fn a_utf_8_table_with_one_gbk_line_is_an_error_with_both_lines() {
    for (word, line) in [(1, 3), (3, 5)] {
        let city = good();
        let bytes = encoded(&city.text(FACILITIES), &GBK[word..=word]);
        let finding = city.with(FACILITIES, bytes).error("undecodable");
        assert_eq!(place(&finding), (FACILITIES, Some(line), "", "UTF-8: 2"));
    }
}

#[test]
fn a_gbk_table_with_one_utf_8_line_is_an_error_with_both_lines() {
    let city = good();
    let bytes = encoded(&city.text(FACILITIES), &GBK[..3]);
    let finding = city.with(FACILITIES, bytes).error("undecodable");
    // The GBK bytes of 一园 in line 2 happen to be UTF-8 too.
    assert_eq!(place(&finding), (FACILITIES, Some(3), "", "UTF-8: 5"));
}

#[test]
fn bytes_of_no_encoding_are_an_error_with_their_line() {
    let city = good();
    let bytes = encoded(&city.text(FACILITIES), &[("二园", b"\xff\xff\x80")]);
    assert_eq!(
        city.with(FACILITIES, bytes).error("undecodable").row,
        Some(3)
    );
}

#[test]
fn no_replacement_character_is_made_up() {
    let city = good();
    let bytes = encoded(&city.text(TOWNSHIPS), &[("镇", b"\xd5\xf2")]);
    let files = city.with(TOWNSHIPS, bytes).evaluate();
    assert!(files.values().all(|text| !text.contains('\u{fffd}')));
}

#[test]
fn utf_16_is_read_and_told() {
    for file in [TOWNSHIPS, POPULATION] {
        let city = good();
        let text = format!("\u{feff}{}", city.text(file));
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            let city = good().with(file, bytes);
            let found = city.findings();
            let told = |each: &Finding| each.kind.code() == "utf16_read" && each.file == file;
            assert!(found.iter().any(told), "{found:?}");
        }
    }
}

#[test]
fn utf_16_without_a_mark_is_an_error() {
    let city = good();
    let bytes: Vec<u8> = city
        .text(POPULATION)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        place(&city.with(POPULATION, bytes).error("nul_byte")),
        (POPULATION, Some(1), "", "")
    );
}

#[test]
fn a_zero_byte_is_an_error_with_its_line() {
    let city = good().patch(FACILITIES, "一小", "一\0小");
    assert_eq!(
        place(&city.error("nul_byte")),
        (FACILITIES, Some(4), "", "")
    );
}

#[test]
fn semicolons_and_tabs_are_seen_and_told() {
    for delimiter in [";", "\t"] {
        let city = good().patch_all(POPULATION, ",", delimiter);
        assert_eq!(city.notice("delimiter").value, delimiter);
        assert_eq!(city.input().city.total_residents(), Residents::whole(1200));
    }
}

#[test]
fn lines_that_end_as_on_windows_are_read_and_counted_right() {
    let city = good().patch_all(POPULATION, "\n", "\r\n");
    assert_eq!(city.findings(), []);
    assert_eq!(
        city.patch(POPULATION, "p03", "p01").error("id_twice").value,
        "2, 4"
    );
}

#[test]
fn empty_lines_are_passed_over_and_counted() {
    let city = good()
        .patch(POPULATION, "p02", "\n\np02")
        .patch(POPULATION, "p03", "");
    assert_eq!(city.error("id_missing").row, Some(6));
}

#[test]
fn a_ragged_row_is_an_error_with_its_line_and_both_counts() {
    let city = good().line(POPULATION, 4, |line| format!("{line},7"));
    assert_eq!(
        place(&city.error("csv_broken")),
        (POPULATION, Some(4), "", "13 ≠ 12")
    );
    let city = good().line(FACILITIES, 3, |line| line.replacen(',', "", 1));
    assert_eq!(
        place(&city.error("csv_broken")),
        (FACILITIES, Some(3), "", "8 ≠ 9")
    );
}

#[test]
fn a_quote_that_is_not_closed_is_an_error_with_its_line() {
    let city = good().patch(FACILITIES, "二园", "\"二园");
    assert_eq!(
        place(&city.error("csv_broken")),
        (FACILITIES, Some(3), "", "\"")
    );
    let city = good().patch(POPULATION, "p05", "\"p05");
    assert_eq!(city.error("csv_broken").row, Some(6));
}

/// In the last column the rest of the file would become one cell, with the right number of columns.
#[test]
fn a_quote_that_is_not_closed_in_the_last_column_swallows_no_rows() {
    let table = |first: &str| {
        format!(
            "id,service,lon,lat,name\nf1,kindergarten,104.005,30.605,{first}\nf2,market,104.005,30.605,\"乙\"\n"
        )
    };
    for name in ["\"甲", "\"甲\"乙", "\"\"甲\""] {
        let finding = good().with(FACILITIES, table(name)).error("csv_broken");
        assert_eq!(finding.row, Some(2), "{name}");
    }
    for (name, read) in [
        ("\"甲,乙\"", "甲,乙"),
        ("\"甲\"\"乙\"", "甲\"乙"),
        ("5\" 管", "5\" 管"),
        ("\"甲\n乙\"", "甲\n乙"),
        ("\"\"", ""),
    ] {
        assert_eq!(
            &*good()
                .with(FACILITIES, table(name))
                .input()
                .city
                .facilities()[0]
                .name,
            read
        );
    }
}

#[test]
fn a_column_that_is_missing_is_an_error_that_names_it_and_those_there_are() {
    for name in ["id", "community", "lon", "lat", "residents"] {
        let finding = good()
            .without_column(POPULATION, name)
            .error("column_missing");
        assert_eq!(
            (finding.file.as_str(), finding.row, finding.column.as_str()),
            (POPULATION, Some(1), name)
        );
        assert!(finding.value.contains("age_0_2"), "{}", finding.value);
    }
    assert_eq!(
        good()
            .without_column(FACILITIES, "id")
            .told("ids_made")
            .value,
        "4"
    );
    for name in ["name", "service", "lon", "lat"] {
        assert_eq!(
            good()
                .without_column(FACILITIES, name)
                .error("column_missing")
                .column,
            name
        );
    }
    assert_eq!(
        good()
            .without_column(EARLIER, "community")
            .error("column_missing")
            .file,
        EARLIER
    );
}

#[test]
fn a_column_that_the_plan_renames_and_the_file_lacks_is_an_error() {
    let renamed = "path = \"population.csv\", columns = { residents = \"人数\" }";
    let city = good().patch(PLAN, "path = \"population.csv\"", renamed);
    assert_eq!(city.error("column_missing").column, "人数");
    assert_eq!(city.patch(POPULATION, "residents", "人数").findings(), []);
}

const AGES: &str = "age_0_2,age_3_5,age_6_11,age_12_14,age_15_17,age_18_59,age_60_plus";

/// The good city with people in other groups of ages: a header, and the numbers of every row.
fn aged(header: &str, numbers: &str) -> City {
    good()
        .patch(POPULATION, AGES, header)
        .patch_all(POPULATION, "3,3,6,3,5,60,20", numbers)
}

#[test]
fn without_ages_they_are_estimated_and_that_is_told() {
    let bare = AGES.split(',').fold(good(), |city, column| {
        city.without_column(POPULATION, column)
    });
    assert_eq!(bare.notice("ages_estimated").file, POPULATION);
}

#[test]
fn groups_of_ages_of_any_kind_are_split_and_keep_their_sums() {
    for (header, numbers, groups, bands) in [
        // Up to 14, 15 to 59, from 60 on: how many are there of our first four bands, the next two, and the last.
        (
            "age_0_14,age_15_59,age_60_plus",
            "15,65,20",
            "0–14, 15–59, 60+",
            [15, 65, 20],
        ),
        (
            "0-14岁,15至59岁人口,60岁及以上",
            "15,65,20",
            "0–14, 15–59, 60+",
            [15, 65, 20],
        ),
        (
            "15岁以下,15~59,60+,65岁及以上",
            "15,65,20,14",
            "0–14, 15–59, 60+, 65+",
            [15, 65, 20],
        ),
        (
            "0-17,0–14,15–59,age_60_plus",
            "20,15,65,20",
            "0–14, 0–17, 15–59, 60+",
            [15, 65, 20],
        ),
        (
            "0岁,1-4岁,5-9岁,10-14岁,15-59岁,60-69岁,70+岁",
            "1,4,5,5,65,15,5",
            "0, 1–4, 5–9, 10–14, 15–59, 60–69, 70+",
            [15, 65, 20],
        ),
    ] {
        let city = aged(header, numbers);
        assert_eq!(city.notice("ages_grouped").value, groups, "{header}");
        for ages in city.input().city.residents().iter() {
            let sum = |bands: std::ops::Range<usize>| ages.0[bands].iter().sum::<u32>();
            assert_eq!(
                [sum(0..4), sum(4..6), sum(6..7)],
                bands.map(|people: u32| people * 1000),
                "{header}: {ages:?}"
            );
            assert!(ages.0.iter().all(|&people| people > 0));
        }
    }
    // 15 to 64 cuts our last band: the parts of the group are those of the census's curve.
    let cut = aged("age_0_14,age_15_64,age_65_plus", "15,71,14").input();
    let ages = cut.city.residents()[0];
    assert_eq!(ages.total(), Residents::whole(100));
    assert!((17_000..19_000).contains(&ages.0[6]), "{ages:?}");
}

#[test]
fn groups_of_ages_that_leave_some_out_or_count_them_twice_are_told_once() {
    for (header, numbers, value) in [
        ("age_0_14,age_60_plus", "15,20", "0–14, 60+: 15–59 × 0"),
        (
            "0-14岁,10-59岁,60岁以上",
            "15,65,20",
            "0–14, 10–59, 60+: 10–14 × 2",
        ),
        (
            "age_0_2,age_3_5,age_6_11,age_12_14,age_18_59,age_60_plus",
            "3,3,6,3,60,20",
            "0–2, 3–5, 6–11, 12–14, 18–59, 60+: 15–17 × 0",
        ),
    ] {
        let finding = aged(header, numbers).decision("ages_unfitting");
        assert_eq!(
            (finding.file.as_str(), finding.value.as_str()),
            (POPULATION, value)
        );
    }
    // Two columns of the same ages, and a part with more people than the whole.
    assert_eq!(
        aged("age_0_14,0-14岁,age_15_59,age_60_plus", "15,15,65,20")
            .error("column_twice")
            .column,
        "0-14岁"
    );
    let more = aged("age_0_14,age_15_59,age_60_plus,age_65_plus", "15,65,20,30");
    assert!(
        more.findings()
            .iter()
            .any(|each| each.kind.code() == "ages_differ")
    );
}

#[test]
fn a_column_that_occurs_twice_is_an_error_that_names_it() {
    let city = good().patch(POPULATION, "age_60_plus", "residents");
    assert_eq!(city.error("column_twice").column, "residents");
    let city = good().patch(POPULATION, "age_60_plus", "经度");
    assert_eq!(city.error("column_twice").column, "lon");
}

#[test]
fn a_population_with_a_header_only_leaves_the_communities_residents_and_is_told() {
    let city = good();
    let header = city.text(POPULATION).lines().next().unwrap().to_owned();
    let city = city.with(POPULATION, header);
    assert_eq!(city.decision("no_rows").file, POPULATION);
    assert_eq!(city.input().city.total_residents(), Residents::whole(1200));
}

#[test]
fn hundreds_of_findings_are_one_line_and_all_stand_in_the_table() {
    let rows: String = (0..250)
        .map(|at| format!("x{at},名,qqqq,104.005,30.605,,,,\n"))
        .collect();
    let city = good();
    let text = city.text(FACILITIES) + &rows;
    let city = city.with(FACILITIES, text);
    let findings = city.findings();
    let unknown: Vec<_> = findings
        .iter()
        .filter(|each| each.kind.code() == "service_unknown")
        .collect();
    assert_eq!(unknown.len(), 250);
    assert_eq!(findings_of(&city.evaluate(), "service_unknown").len(), 250);
    let told = String::from_utf8(city.run(&["check", PLAN, "--lang", "en"]).stdout).unwrap();
    let told = told.replace("\n    ", " ");
    let line = "decision facilities.csv: the service is not in the catalogue (after ≈: services like it) (250 times): `qqqq` 250; such as row 6 (`x0`), row 7 (`x1`), row 8 (`x2`), …";
    assert!(told.contains(line), "{told}");
}

/// Two of them make a name that none of 400 others holds.
const NAMES: [&str; 20] = [
    "赤", "橙", "黄", "绿", "青", "蓝", "紫", "金", "木", "水", "火", "土", "日", "月", "星", "风",
    "雨", "雷", "雪", "云",
];

/// Facilities: of each service so many with a capacity, then so many without.
fn facilities_of(services: &[(&str, u32, u32)]) -> String {
    let mut text = String::from("id,name,service,lon,lat,capacity\n");
    for (service, given, missing) in services {
        for at in 0..given + missing {
            let capacity = if at < *given { "100" } else { "" };
            let lon = 104.005 + f64::from(at) * 1e-5;
            let _ = writeln!(
                text,
                "{service}-{at},{service}{}园,{service},{lon:.5},30.605,{capacity}",
                NAMES[at as usize % 20].to_owned() + NAMES[at as usize / 20],
            );
        }
    }
    text
}

#[test]
fn findings_of_one_kind_are_one_line_with_a_count_for_each_service() {
    let services = [
        ("kindergarten", 7, 25),
        ("primary_school", 11, 12),
        ("market", 299, 3),
        ("pharmacy", 0, 40),
        ("convenience_store", 0, 140),
    ];
    let city = good().with(FACILITIES, facilities_of(&services));
    let (exit, _) = city.check();
    assert_eq!(exit, 1);
    let told = |lang| {
        let told = city.run(&["check", PLAN, "--lang", lang]).stdout;
        let told = String::from_utf8(told).unwrap();
        assert!(
            told.lines().take(6).all(|line| line.chars().count() <= 120),
            "{told}"
        );
        told.replace("\n    ", if lang == "en" { " " } else { "" })
    };
    let english = told("en");
    // 3 of 302 markets are no more than 1 %; stores are not selected, and pharmacies have no capacity.
    for line in [
        "decision facilities.csv: a capacity is missing, or its unit is not the catalogue's (37 times): Kindergarten 25 (78 %), Primary school 12 (52 %); such as row 9 (`kindergarten-7`), row 10 (`kindergarten-8`), row 11 (`kindergarten-9`), … →",
        "notice facilities.csv: a capacity is missing, or its unit is not the catalogue's (3 times): Fresh food market 3 (1.0 %); such as row",
        "a default in `services.default_capacity`",
    ] {
        assert!(english.contains(line), "`{line}` is not in: {english}");
    }
    assert!(!english.contains("onvenience"), "{english}");
    let chinese = told("zh");
    let line = "需确认 facilities.csv：缺少规模，或规模单位与目录不同（37 处）：幼儿园 25（78 %），小学 12（52 %）；如第 9 行（`kindergarten-7`）、";
    assert!(chinese.contains(line), "{chinese}");
    // One by one in the file, with the share that decides.
    let rows = findings_of(&city.evaluate(), "capacity_missing");
    assert_eq!(rows.len(), 40);
    let shares = |level: &str| -> std::collections::BTreeSet<String> {
        let rows = rows.iter().filter(|row| row[0] == level);
        rows.map(|row| format!("{} {}", row[5], row[10])).collect()
    };
    assert_eq!(
        Vec::from_iter(shares("decision")),
        ["kindergarten 0.781250", "primary_school 0.521740"]
    );
    assert_eq!(Vec::from_iter(shares("notice")), ["market 0.009934"]);
}

#[test]
fn a_facility_matters_where_its_service_or_one_that_it_adds_to_is_selected() {
    // A school ground that opens adds to small sport grounds.
    let facilities = facilities_of(&[("opened_venue", 0, 4), ("kindergarten", 1, 0)]);
    let with = |select: &str| {
        let city = good().with(FACILITIES, &facilities);
        let select = format!("select = [{select}]");
        let findings = city.patch(PLAN, SELECT, &select).findings();
        let missing = findings.iter();
        missing
            .filter(|each| each.kind.code() == "capacity_missing")
            .count()
    };
    assert_eq!(with("\"kindergarten\""), 0);
    assert_eq!(with("\"kindergarten\", \"small_sport_ground\""), 4);
}

#[test]
fn what_concerns_one_in_a_hundred_residents_or_fewer_is_a_notice() {
    // The ages of one point, or of two, are 12 and then 13 off, of 1,200 residents.
    for (ages, level) in [("72", Level::Notice), ("73", Level::Decision)] {
        let city = good().cell(POPULATION, 2, "age_18_59", ages);
        assert_eq!(city.told("ages_differ").level(), level);
    }
    for (ages, level) in [("53", Level::Notice), ("52", Level::Decision)] {
        let city =
            good()
                .cell(POPULATION, 2, "age_18_59", "55")
                .cell(POPULATION, 7, "age_18_59", ages);
        let findings = city.findings();
        assert_eq!(findings.len(), 2);
        assert!(
            findings.iter().all(|each| each.level() == level),
            "{findings:?}"
        );
    }
}

#[test]
fn evaluate_says_again_at_its_end_what_needs_a_decision() {
    let city = good().with(
        FACILITIES,
        facilities_of(&[
            ("kindergarten", 1, 2),
            ("primary_school", 0, 3),
            ("market", 1, 0),
        ]),
    );
    for (lang, end) in [
        (
            "en",
            "open decisions: 1\n  facilities.csv: a capacity is missing, or its unit is not the catalogue's (5 times)\n",
        ),
        (
            "zh",
            "仍有 1 项需确认：\n  facilities.csv：缺少规模，或规模单位与目录不同（5 处）\n",
        ),
    ] {
        let arguments = [
            "evaluate",
            PLAN,
            "--out",
            "round",
            "--overwrite",
            "--no-report",
        ];
        let output = city.run(&[&arguments[..], &["--lang", lang]].concat());
        let (exit, stderr) = ended(&output);
        assert!(exit == 0 && stderr.ends_with(end), "{stderr}");
    }
}

#[test]
fn strict_writes_nothing_where_a_decision_is_open() {
    let strict = |city: &City, lang: &str| {
        let arguments = [
            "evaluate",
            PLAN,
            "--out",
            "round",
            "--overwrite",
            "--no-report",
        ];
        let output = city.run(&[&arguments[..], &["--strict", "--lang", lang]].concat());
        assert!(output.status.code() != Some(1) || output.stdout.is_empty());
        ended(&output)
    };
    let city = good();
    assert_eq!(strict(&city, "en").0, 0);
    let before = fs::read(city.path("round/round.json")).unwrap();
    // Two kinds that are known when the files are read.
    let city = city
        .cell(FACILITIES, 2, "capacity", "")
        .cell(FACILITIES, 3, "capacity", "0");
    let (exit, stderr) = strict(&city, "en");
    let said = "error: --strict: open decisions: 2 (capacity_missing, capacity_zero); nothing was written\nhint: ";
    assert!(exit == 1 && stderr.contains(said), "{stderr}");
    let (exit, stderr) = strict(&city, "zh");
    let said = "错误：--strict：有 2 项需确认（capacity_missing, capacity_zero），没有写出任何文件\n提示：";
    assert!(exit == 1 && stderr.contains(said), "{stderr}");
    // The former round stands as it was, and nothing was left beside it.
    assert_eq!(fs::read(city.path("round/round.json")).unwrap(), before);
    let city = good().cell(FACILITIES, 5, "lon", "104.2");
    // One that only the evaluation knows: nobody reaches the market.
    let (exit, stderr) = strict(&city, "en");
    assert!(exit == 1 && stderr.contains("(file_unreached)"), "{stderr}");
    assert!(!city.path("round").exists());
    // Notices are no reason.
    let city = good().with(
        FACILITIES,
        facilities_of(&[
            ("kindergarten", 200, 2),
            ("primary_school", 1, 0),
            ("market", 1, 0),
        ]),
    );
    let (exit, stderr) = strict(&city, "en");
    assert_eq!(exit, 0, "{stderr}");
}

#[test]
fn numbers_in_full_width_digits_are_read_and_told_once() {
    let plain = good().evaluate()["standing.csv"].clone();
    let city = good()
        .cell(POPULATION, 3, "residents", "１００")
        .cell(POPULATION, 4, "age_60_plus", "２０．０")
        .cell(FACILITIES, 2, "capacity", "９０")
        .property(COMMUNITIES, 3, "residents", "\"３００\"");
    let findings = city.findings();
    let told: Vec<_> = (findings.iter())
        .map(|each| (each.kind.code(), &*each.file, each.row, each.feature))
        .collect();
    let code = "digits_wide";
    assert_eq!(
        told,
        [
            (code, COMMUNITIES, Some(3), true),
            (code, POPULATION, Some(3), false),
            (code, FACILITIES, Some(2), false),
        ]
    );
    assert_eq!(city.evaluate()["standing.csv"], plain);
    // Chinese numerals and other units stay errors.
    for value in ["一百", "１００班", "１，００"] {
        let finding = good().cell(POPULATION, 3, "residents", value);
        assert_eq!(finding.error("number_broken").value, value);
    }
}

#[test]
fn totals_of_a_service_without_data_do_not_say_how_many_units_keep_its_rules() {
    let select = format!("{}, \"child_friendly_space\"]", &SELECT[..SELECT.len() - 1]);
    let files = good().patch(PLAN, SELECT, &select).evaluate();
    let manifest: serde_json::Value = serde_json::from_str(&files["round.json"]).unwrap();
    let mut seen = 0;
    for row in manifest["totals"].as_array().unwrap() {
        let unknown = row["service"] == "child_friendly_space";
        for key in ["units_with_a_rule", "units_attained", "units_undecided"] {
            assert_eq!(row[key].is_null(), unknown, "{row}");
            seen += u32::from(unknown);
        }
    }
    assert_eq!(seen, 12);
}

#[test]
fn all_columns_that_are_missing_are_named_at_once() {
    let city = good()
        .without_column(POPULATION, "lon")
        .without_column(POPULATION, "id");
    assert_eq!(city.error("column_missing").column, "id, lon");
    let city = good()
        .without_column(FACILITIES, "name")
        .without_column(FACILITIES, "service");
    assert_eq!(city.error("column_missing").column, "name, service");
    let city = good()
        .patch_all(COMMUNITIES, "\"code\"", "\"编码\"")
        .patch_all(COMMUNITIES, "\"township\"", "\"jd\"");
    assert_eq!(city.error("column_missing").column, "code, township");
    // Headers that the plan names, and its names of columns that there are not.
    let renamed = "path = \"population.csv\", columns = { residents = \"人数\", lat = \"北纬\" }";
    let city = good().patch(PLAN, "path = \"population.csv\"", renamed);
    assert_eq!(city.error("column_missing").column, "北纬, 人数");
    let renamed =
        "path = \"population.csv\", columns = { inhabitants = \"人数\", height = \"高\" }";
    let city = good().patch(PLAN, "path = \"population.csv\"", renamed);
    assert_eq!(city.error("column_unknown").column, "height, inhabitants");
}

#[test]
fn places_in_layers_are_features() {
    let city = good()
        .geometry(
            COMMUNITIES,
            2,
            "{\"type\":\"Point\",\"coordinates\":[104.0,30.6]}",
        )
        .geometry(COMMUNITIES, 3, "null");
    let (exit, stderr) = city.check();
    for said in [
        "error: communities.geojson, feature 2: the geometry is no area: id `990101001002`",
        "error: communities.geojson, feature 3: the feature has no geometry: id `990101002001`",
    ] {
        assert!(exit == 2 && stderr.contains(said), "{stderr}");
    }
    let zh = ended(&city.run(&["check", PLAN, "--lang", "zh"])).1;
    assert!(
        zh.contains("communities.geojson，第 2 个要素：几何不是面"),
        "{zh}"
    );
    // Where the text is no JSON, a place is a line.
    let broken = good().patch(COMMUNITIES, "\"name\":\"社区1\"", "\"name\":社区1");
    assert!(!broken.told("json_broken").feature);
    // In the file of findings rows and features are columns of their own.
    let files = good()
        .geometry(COMMUNITIES, 4, &bowtie_at(1.0, 1.0))
        .evaluate();
    let crossing = &findings_of(&files, "self_crossing")[0];
    assert_eq!((&*crossing[3], &*crossing[4]), ("", "4"), "{crossing:?}");
}

/// The square at these steps from the south-west corner, with a small loop where its border crosses itself.
fn bowtie_at(x: f64, y: f64) -> String {
    area(&ring(&[
        (x, y),
        (x + 1.0, y),
        (x + 1.0, y + 1.0),
        (x + 0.4, y + 1.0),
        (x + 0.6, y + 1.2),
        (x + 0.6, y + 0.9),
        (x, y + 1.0),
    ]))
}

// ---- Names, codes and file names.

const ODD_NAMES: [&str; 7] = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "</script><script>alert(1)</script>",
    "\u{1b}[31mred\u{7}",
    "\u{202e}gnp.exe\u{2066}",
];

#[test]
fn names_leave_in_layers_as_they_came() {
    let long = "长".repeat(900);
    for name in ODD_NAMES
        .into_iter()
        .chain([long.as_str(), "O'Neil \"quoted\"", "a\\b"])
    {
        let units = &named(name).evaluate()["units.geojson"];
        let units: serde_json::Value = serde_json::from_str(units).unwrap();
        assert_eq!(units["features"][0]["properties"]["township_name"], name);
    }
}

fn named(name: &str) -> City {
    good().property(
        TOWNSHIPS,
        1,
        "name",
        &serde_json::Value::from(name)
            .to_string()
            .replace(',', "\\u002c"),
    )
}

#[test]
fn names_that_excel_would_compute_are_text_in_tables() {
    for name in &ODD_NAMES[..4] {
        let files = named(name).evaluate();
        assert_eq!(
            column(&files["units.csv"], "township_name")[0],
            format!("'{name}")
        );
        assert_eq!(
            column(&files["ranking.csv"], "township_name")
                .iter()
                .filter(|each| **each == format!("'{name}"))
                .count(),
            1
        );
    }
}

#[test]
fn control_and_direction_characters_do_not_reach_the_terminal() {
    let bad = |c: char| {
        c.is_control() && c != '\n'
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    let ids = ODD_NAMES.iter().map(|name| {
        good()
            .cell(FACILITIES, 2, "service", name)
            .cell(FACILITIES, 2, "id", name)
    });
    let columns = ODD_NAMES
        .iter()
        .map(|name| good().patch(FACILITIES, "lon", name));
    let codes = ODD_NAMES.iter().map(|name| {
        named(name).property(
            TOWNSHIPS,
            2,
            "code",
            &serde_json::Value::from(*name).to_string(),
        )
    });
    let services = ODD_NAMES.iter().map(|name| {
        good().patch(
            PLAN,
            "\"market\"",
            &serde_json::Value::from(*name)
                .to_string()
                .replace("\\u001b", "\\u001B"),
        )
    });
    let keys = ODD_NAMES.iter().map(|name| {
        good().patch(
            PLAN,
            "horizon_years",
            &serde_json::Value::from(*name).to_string(),
        )
    });
    let paths = ODD_NAMES.iter().map(|name| {
        good().patch(PLAN, "\"market\"", "\"market\"").patch(
            PLAN,
            "\"earlier.csv\"",
            &serde_json::Value::from(*name).to_string(),
        )
    });
    for city in ids
        .chain(columns)
        .chain(codes)
        .chain(services)
        .chain(keys)
        .chain(paths)
    {
        for command in ["check", "units"] {
            let output = city.run(&[command, PLAN]);
            ended(&output);
            let told = [output.stdout, output.stderr]
                .map(|each| String::from_utf8(each).unwrap())
                .concat();
            assert!(!told.contains(bad), "{told:?}");
        }
    }
}

#[test]
fn a_name_of_900_characters_is_cut_in_messages_only() {
    let name = "x".repeat(900);
    let city = good().cell(FACILITIES, 2, "service", &name);
    let output = city.run(&["check", PLAN]);
    let longest = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::len)
        .max()
        .unwrap();
    assert!(longest < 400, "{longest}");
    assert!(city.evaluate()["findings.csv"].contains(&name));
}

#[test]
fn codes_never_lead_out_of_the_output_folder() {
    let long = "x".repeat(900);
    for code in [
        "../../x", "..", ".", "a/b", "a\\b", "CON", "NUL.txt", "a\u{1}b", "=cmd", "~", "C:", "x ",
        &long,
    ] {
        let json = serde_json::Value::from(code).to_string();
        let city = good().property(TOWNSHIPS, 1, "code", &json);
        let city = [1, 2].into_iter().fold(city, |city, at| {
            city.property(COMMUNITIES, at, "township", &json)
        });
        let files = city.evaluate();
        let layers: Vec<&String> = files
            .keys()
            .filter(|name| name.starts_with("coverage/"))
            .collect();
        assert_eq!(layers.len(), 2, "{layers:?}");
        let safe = |c: char| c.is_ascii_alphanumeric() || "/.-_".contains(c);
        assert!(
            layers
                .iter()
                .all(|name| name.chars().all(safe) && !name.contains("..") && name.len() < 80),
            "{layers:?}"
        );
        let beside: Vec<_> = fs::read_dir(&city.folder)
            .unwrap()
            .map(|each| each.unwrap().file_name())
            .collect();
        assert_eq!(beside.len(), FILES.len() + 1, "{beside:?}");
    }
}

#[test]
fn codes_that_differ_in_case_only_give_files_that_differ_in_more() {
    let city = good()
        .property(TOWNSHIPS, 1, "code", "\"a\"")
        .property(TOWNSHIPS, 2, "code", "\"A\"");
    let city = city
        .patch_all(COMMUNITIES, "\"990101001\"", "\"a\"")
        .patch_all(COMMUNITIES, "\"990101002\"", "\"A\"");
    let files = city.evaluate();
    let layers: std::collections::BTreeSet<String> = files
        .keys()
        .filter(|name| name.starts_with("coverage/"))
        .map(|name| name.to_lowercase())
        .collect();
    assert_eq!(layers.len(), 2);
}

#[test]
fn ids_with_ways_up_are_only_ids() {
    let city = good()
        .cell(POPULATION, 2, "id", "../../p")
        .cell(FACILITIES, 2, "id", "../f");
    assert_eq!(city.findings(), []);
    assert!(city.evaluate()["coverage/990101001.geojson"].contains("\"../../p\""));
}

// ---- The plan itself.

#[test]
fn a_plan_that_cannot_be_used_is_an_error_with_a_hint() {
    for (from, to, told) in [
        ("[round]", "[round", "plan.toml, line 2: "),
        (
            "base_year = 2026",
            "base_year = \"2026\"",
            "plan.toml, line 4: ",
        ),
        (
            "base_year = 2026",
            "base_year = 2026\nbase_year = 2027",
            "plan.toml, line 5: ",
        ),
        (
            "base_year = 2026",
            "base_year = 26",
            "`round.base_year` is `26`",
        ),
        (
            "horizon_years = 3",
            "horizon_years = 11",
            "`round.horizon_years` is `11`",
        ),
        (
            "[services]",
            "[travel]\ndetour = nan\n[services]",
            "`travel.detour` is `NaN`",
        ),
        (
            "[services]",
            "[travel]\npace_m_per_s = inf\n[services]",
            "`travel.pace_m_per_s` is `inf`",
        ),
        (
            "[services]",
            "[services]\ndefault_capacity = { market = -1 }",
            "`services.default_capacity.market` is `-1`",
        ),
        (
            "[services]",
            "[services]\ndefault_capacity = { market = inf }",
            "`services.default_capacity.market` is `inf`",
        ),
        ("[services]", "[servces]", "unknown field `servces`"),
        (
            "townships = { path = \"townships.geojson\" }",
            "",
            "missing field `townships`",
        ),
        (
            "[round]",
            "policy = \"absent.toml\"\n[round]",
            "absent.toml",
        ),
    ] {
        let (exit, stderr) = good().patch(PLAN, from, to).check();
        assert_eq!(exit, 2, "{to}: {stderr}");
        assert!(
            stderr.starts_with("error: ") && stderr.contains(told) && stderr.contains("\nhint: "),
            "{to}: {stderr}"
        );
    }
}

#[test]
fn a_plan_that_is_missing_or_no_text_is_an_error_with_a_hint() {
    let city = good();
    let (exit, stderr) = ended(&city.run(&["check", "absent.toml"]));
    assert!(
        exit == 2 && stderr.contains("absent.toml") && stderr.contains("hint: "),
        "{stderr}"
    );
    for bytes in [&b"\xff\xfe[\0"[..], b"name = \"\xd2\xbb\"", b"\0"] {
        let (exit, stderr) = good().with(PLAN, bytes).check();
        assert!(
            exit == 2 && stderr.contains("plan.toml") && stderr.contains("hint: "),
            "{stderr}"
        );
    }
}

// ---- The folder of results.

#[test]
fn a_folder_with_something_else_in_it_is_not_touched() {
    let city = good();
    fs::create_dir(city.path("round")).unwrap();
    fs::write(city.path("round/thesis.doc"), "years of work").unwrap();
    for overwrite in [&[][..], &["--overwrite"]] {
        let (exit, stderr) =
            ended(&city.run(&[&["evaluate", PLAN, "--out", "round"], overwrite].concat()));
        assert!(
            exit == 2 && stderr.contains("`thesis.doc`") && stderr.contains("hint: "),
            "{stderr}"
        );
    }
    assert_eq!(city.text("round/thesis.doc"), "years of work");
    assert_eq!(fs::read_dir(city.path("round")).unwrap().count(), 1);
}

#[test]
fn a_round_with_a_foreign_file_added_is_not_replaced() {
    let city = good();
    city.evaluate();
    fs::write(city.path("round/coverage/notes.txt"), "mine").unwrap();
    let (exit, stderr) = ended(&city.run(&["evaluate", PLAN, "--out", "round", "--overwrite"]));
    assert!(
        exit == 2 && stderr.contains("`coverage/notes.txt`"),
        "{stderr}"
    );
    assert_eq!(city.text("round/coverage/notes.txt"), "mine");
}

#[test]
fn a_file_in_place_of_the_folder_is_an_error_with_a_hint() {
    let city = good();
    let (exit, stderr) = ended(&city.run(&["evaluate", PLAN, "--out", POPULATION, "--overwrite"]));
    assert!(
        exit == 2
            && stderr.contains("`population.csv` is not a folder")
            && stderr.contains("hint: "),
        "{stderr}"
    );
    assert_eq!(city.text(POPULATION), population());
}

#[test]
fn a_former_round_is_replaced_only_when_asked() {
    let city = good();
    city.evaluate();
    let (exit, stderr) = ended(&city.run(&["evaluate", PLAN, "--out", "round"]));
    assert!(
        exit == 2 && stderr.contains("hint: add --overwrite"),
        "{stderr}"
    );
}

#[test]
fn a_former_round_stays_whole_when_the_next_one_fails() {
    let city = good();
    let before = city.evaluate();
    let city = city.cell(POPULATION, 2, "residents", "many");
    let (exit, _) = ended(&city.run(&[
        "evaluate",
        PLAN,
        "--out",
        "round",
        "--overwrite",
        "--points",
    ]));
    assert_eq!(exit, 2);
    let mut after = BTreeMap::new();
    collect(&city.path("round"), "", &mut after);
    assert_eq!(after, before);
    let left: Vec<_> = fs::read_dir(&city.folder)
        .unwrap()
        .map(|each| each.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), FILES.len() + 1, "{left:?}");
}

#[test]
fn a_round_that_was_changed_is_not_printed() {
    let city = good();
    city.evaluate();
    let table = city
        .text("round/ranking.csv")
        .replace("990101001", "990101009");
    let city = city.with("round/ranking.csv", table);
    let (exit, stderr) = ended(&city.run(&["rank", "round"]));
    assert!(
        exit == 2 && stderr.contains("is not what the round wrote"),
        "{stderr}"
    );
    let (exit, stderr) = ended(&city.with("round/round.json", "{").run(&["rank", "round"]));
    assert!(
        exit == 2 && stderr.contains("is no manifest of a round"),
        "{stderr}"
    );
}

// ---- Damage at any place.

/// Equal bytes from an equal seed (Knuth's MMIX constants; the upper bits are the good ones).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// Any exit code that is promised, no panic, no word where a number belongs.
fn survives(city: &City, command: &str, what: &str) {
    let output = city.run(&[command, PLAN]);
    let (exit, stderr) = ended(&output);
    assert!(exit != 2 || stderr.contains("error: "), "{what}: {stderr}");
    if exit == 0 {
        assert_has_only_numbers(what, &String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn no_file_cut_at_any_place_makes_it_panic() {
    for file in FILES {
        let mut city = good();
        let whole = city.text(file).into_bytes();
        for at in 0..50 {
            let end = whole.len() * at / 50;
            city = city.with(file, &whole[..end]);
            survives(&city, "coverage", &format!("{file} cut at {end}"));
        }
    }
}

#[test]
fn no_byte_turned_over_makes_it_panic() {
    for (file, seed) in FILES.into_iter().zip(1..) {
        let mut chance = Seeded(seed);
        let mut city = good();
        let whole = city.text(file).into_bytes();
        for _ in 0..200 {
            let (at, bit) = (chance.below(whole.len()), chance.below(8));
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            city = city.with(file, bytes);
            survives(
                &city,
                "coverage",
                &format!("{file}: bit {bit} of byte {at}, seed {seed}"),
            );
        }
    }
}

#[test]
fn two_departments_may_number_their_facilities_alike() {
    let header = "id,name,service,lon,lat,capacity,capacity_unit\n";
    let more = format!(
        "{header}f1,远园,primary_school,104.012,30.612,900,seats\nf1,远园,market,104.012,30.612,900,m2_floor\n"
    );
    let city = good().with("more.csv", more).patch(
        PLAN,
        "{ path = \"facilities.csv\" }",
        "{ path = \"facilities.csv\" }, { path = \"more.csv\" }",
    );
    let qualified = city
        .findings()
        .into_iter()
        .filter(|each| each.kind.code() == "id_qualified");
    assert_eq!(
        qualified.map(|each| each.value).collect::<Vec<_>>(),
        ["f1@more.csv", "f1@more.csv"]
    );
    assert_eq!(city.input().city.facilities().len(), 5);
}

#[test]
fn a_column_of_the_plan_that_is_none_is_an_error() {
    let city = good().patch(
        PLAN,
        "{ path = \"facilities.csv\" }",
        "{ path = \"facilities.csv\", columns = { capacty = \"x\" } }",
    );
    assert_eq!(city.error("column_unknown").column, "capacty");
}

#[test]
fn ages_and_years_in_full_width_digits_are_read() {
    let plain = good().evaluate()["standing.csv"].clone();
    let headers = good().patch(POPULATION, "age_0_2", "０-２岁").patch(
        POPULATION,
        "age_60_plus",
        "６０岁及以上",
    );
    assert_eq!(headers.evaluate()["standing.csv"], plain);
    let closing = |year: &str| {
        good()
            .patch(FACILITIES, "status,opens", "status,opens,closes")
            .patch_all(FACILITIES, "existing,", "existing,,")
            .cell(FACILITIES, 2, "closes", year)
    };
    let wide = closing("２０２８");
    assert_eq!(wide.notice("digits_wide").file, FACILITIES);
    let closes = |city: &City| city.evaluate()["standing.csv"].clone();
    assert_eq!(closes(&wide), closes(&closing("2028")));
}

#[test]
fn a_service_that_is_judged_by_residential_land_asks_for_it() {
    let select = SELECT.replace("\"market\"", "\"market\", \"public_toilet\"");
    let toilet = "f5,公厕,public_toilet,104.0150,30.6150,60,m2_floor,existing,\n";
    let city = good().patch(PLAN, SELECT, &select);
    let text = city.text(FACILITIES) + toilet;
    let city = city.with(FACILITIES, text);
    let finding = city.decision("residential_unknown");
    assert_eq!(
        (&*finding.file, &*finding.service),
        (COMMUNITIES, "public_toilet")
    );
    assert_eq!(
        (&*finding.column, &*finding.value),
        ("residential_km2", "4 / 4")
    );
    // Where the service is not judged, or the land is known, there is nothing to ask for.
    let findings = good().findings();
    assert!(
        findings
            .iter()
            .all(|each| each.kind.code() != "residential_unknown")
    );
    let class = "\"class\":";
    let known = city.patch_all(
        COMMUNITIES,
        class,
        &format!("\"residential_km2\":0.1,{class}"),
    );
    let findings = known.findings();
    assert!(
        findings
            .iter()
            .all(|each| each.kind.code() != "residential_unknown")
    );
}
