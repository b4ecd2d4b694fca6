//! Plans from open data: a small town with all that the table of tags tells apart, counted by hand, and a real city if it lies at
//! `../shared/data`. `tests/init_osm_check.py` counts real extracts by other means.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "pbf.rs"]
mod pbf;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use fuwutu_core::watch::unwatched;
use fuwutu_io::finding::Lang;
use fuwutu_io::open_data::{self, Request};
use fuwutu_io::plan;

use pbf::{Node, Relation, Way};
use support::Temp;

const WEST: i64 = 100_000_000;
const SOUTH: i64 = 500_000_000;
/// The lattice's step, 0.001°: 71.7 m to the east, 111.2 m to the north.
const STEP: i64 = 10_000;
const COLUMNS: i64 = 12;
/// Metres in ten-millionths of a degree, at 50° N.
const EAST_METRE: f64 = 139.5;
const NORTH_METRE: f64 = 89.9;

#[derive(Default)]
struct Town {
    nodes: Vec<Node>,
    ways: Vec<Way>,
    relations: Vec<Relation>,
}

fn tags(tags: &[(&'static str, &str)]) -> pbf::Tags {
    tags.iter()
        .map(|&(key, value)| (key, value.to_owned()))
        .collect()
}

impl Town {
    fn node(&mut self, [east, north]: [i64; 2], of: &[(&'static str, &str)]) -> i64 {
        let id = self.nodes.len() as i64 + 1;
        self.nodes.push(Node {
            id,
            lon: WEST + east,
            lat: SOUTH + north,
            tags: tags(of),
        });
        id
    }

    fn way(&mut self, refs: &[i64], of: &[(&'static str, &str)]) -> i64 {
        let id = self.ways.len() as i64 + 1;
        self.ways.push(Way {
            id,
            refs: refs.to_vec(),
            tags: tags(of),
        });
        id
    }

    /// A closed way by its lower left corner and its sides in metres.
    fn area(
        &mut self,
        [east, north]: [i64; 2],
        [width, height]: [f64; 2],
        of: &[(&'static str, &str)],
    ) -> i64 {
        let (right, top) = (
            east + (width * EAST_METRE) as i64,
            north + (height * NORTH_METRE) as i64,
        );
        let corners = [[east, north], [right, north], [right, top], [east, top]];
        let mut refs: Vec<i64> = corners
            .into_iter()
            .map(|corner| self.node(corner, &[]))
            .collect();
        refs.push(refs[0]);
        self.way(&refs, of)
    }

    fn relation(&mut self, id: i64, ways: &[i64], of: &[(&'static str, &str)]) {
        self.relations.push(Relation {
            id,
            ways: ways.to_vec(),
            tags: tags(of),
        });
    }

    fn bytes(&self) -> Vec<u8> {
        let data = |message: Vec<u8>| pbf::blob("OSMData", &message);
        let mut bytes = pbf::header(&["OsmSchema-V0.6", "DenseNodes"]);
        bytes.extend(data(pbf::node_block(&self.nodes)));
        bytes.extend(data(pbf::way_block(&self.ways)));
        if !self.relations.is_empty() {
            bytes.extend(data(pbf::relation_block(&self.relations)));
        }
        bytes
    }
}

fn streets() -> Town {
    let mut town = Town::default();
    let crossings: Vec<i64> = (0..COLUMNS * COLUMNS)
        .map(|at| town.node([at % COLUMNS * STEP, at / COLUMNS * STEP], &[]))
        .collect();
    for line in 0..COLUMNS {
        let row: Vec<i64> = (0..COLUMNS)
            .map(|at| crossings[(line * COLUMNS + at) as usize])
            .collect();
        let column: Vec<i64> = (0..COLUMNS)
            .map(|at| crossings[(at * COLUMNS + line) as usize])
            .collect();
        town.way(&row, &[("highway", "residential")]);
        town.way(&column, &[("highway", "residential")]);
    }
    town
}

/// In the middle of a field of the lattice.
fn field(column: i64, row: i64) -> [i64; 2] {
    [column * STEP + STEP / 2, row * STEP + STEP / 2]
}

/// Streets, 121 houses of 100 m², two townships that share a border (the western one in two communities, the eastern one with two
/// places), one that is cut, and facilities.
fn town() -> Town {
    let mut town = streets();
    for column in 0..11 {
        for row in 0..11 {
            let [east, north] = field(column, row);
            town.area(
                [east + 1000, north + 1000],
                [10.0, 10.0],
                &[("building", "house"), ("building:levels", "2")],
            );
        }
    }
    let (low, high, middle) = (-STEP, 12 * STEP, 5 * STEP + 3000);
    let corner = [
        [low, low],
        [middle, low],
        [high, low],
        [high, high],
        [middle, high],
        [low, high],
    ];
    let [a, b, c, d, e, f] = corner.map(|at| town.node(at, &[]));
    let (g, h) = (
        town.node([low, 60_000], &[]),
        town.node([middle, 60_000], &[]),
    );
    let none = &[][..];
    let south_west = town.way(&[g, a, b, h], none);
    let north_west = town.way(&[h, e, f, g], none);
    let across = town.way(&[g, h], none);
    let east = town.way(&[b, c, d, e], none);
    let shared = town.way(&[b, h], none);
    let shared_north = town.way(&[h, e], none);
    let outer_south = town.way(&[g, a, b], none);
    let outer_north = town.way(&[e, f, g], none);
    let administrative = |level: &'static str, name: &'static str| {
        [
            ("type", "boundary"),
            ("boundary", "administrative"),
            ("admin_level", level),
            ("name", name),
        ]
    };
    town.relation(
        1,
        &[outer_south, shared, shared_north, outer_north],
        &administrative("8", "West"),
    );
    town.relation(
        2,
        &[east, shared, shared_north],
        &administrative("8", "East"),
    );
    town.relation(3, &[south_west, across], &administrative("9", "South"));
    town.relation(4, &[north_west, across], &administrative("9", "North"));
    town.relation(5, &[east, 999_999], &administrative("8", "Cut"));
    town.node(field(8, 2), &[("place", "suburb"), ("name", "Alder")]);
    town.node(field(8, 9), &[("place", "hamlet"), ("name", "Birch")]);
    town.node(
        field(1, 1),
        &[
            ("amenity", "school"),
            ("name", "First"),
            ("isced:level", "1;2"),
        ],
    );
    town.node(field(2, 1), &[("amenity", "school"), ("name", "IES Norte")]);
    town.node(
        field(3, 1),
        &[("amenity", "school"), ("name", "Nothing said")],
    );
    town.node(
        field(4, 1),
        &[
            ("amenity", "school"),
            ("name", "Colegio"),
            ("min_age", "3"),
            ("max_age", "11"),
            ("capacity", "300"),
        ],
    );
    town.node(
        field(5, 1),
        &[
            ("amenity", "kindergarten"),
            ("name", "=Small, \"ones\"\u{1b}[31m"),
            ("operator:type", "public"),
        ],
    );
    // 120 × 120 m across a street to the east, and one of 50 × 50 m within a field.
    town.area(
        [3 * STEP - 8000, 3 * STEP + 500],
        [120.0, 105.0],
        &[("leisure", "park"), ("name", "Green")],
    );
    town.area(
        [6 * STEP + 500, 3 * STEP + 500],
        [50.0, 50.0],
        &[("leisure", "park")],
    );
    let stop = field(1, 5);
    town.node(stop, &[("highway", "bus_stop"), ("name", "Stop")]);
    town.node(
        [stop[0] + 1400, stop[1]],
        &[("public_transport", "platform"), ("bus", "yes")],
    );
    town.node(
        [stop[0], stop[1] + 1800],
        &[("highway", "bus_stop"), ("name", "Stop")],
    );
    town.node(
        field(7, 5),
        &[("public_transport", "platform"), ("bus", "yes")],
    );
    town.area(
        [2 * STEP + 500, 7 * STEP + 500],
        [25.0, 20.0],
        &[("leisure", "pitch")],
    );
    town.area(
        [2 * STEP + 4200, 7 * STEP + 500],
        [25.0, 20.0],
        &[("leisure", "pitch")],
    );
    town.node(field(3, 7), &[("leisure", "pitch")]);
    town.node(field(4, 7), &[("amenity", "pharmacy"), ("name", "Open")]);
    town.node(field(5, 7), &[("disused:amenity", "pharmacy")]);
    town.node(
        field(6, 7),
        &[("amenity", "pharmacy"), ("abandoned", "yes")],
    );
    town.node(
        field(7, 7),
        &[("amenity", "toilets"), ("access", "private")],
    );
    town.node(field(8, 7), &[("shop", "supermarket"), ("name", "Both")]);
    town.node(field(9, 7), &[("amenity", "police")]);
    town.node(field(9, 8), &[("amenity", "college"), ("name", "市立高中")]);
    town
}

fn run(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_fuwutu"))
        .args(["--lang", "en"])
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn rows(temp: &Temp, file: &str) -> Vec<BTreeMap<String, String>> {
    let mut table = csv::Reader::from_path(temp.path(file)).unwrap();
    table.deserialize().map(Result::unwrap).collect()
}

fn text(temp: &Temp, file: &str) -> String {
    std::fs::read_to_string(temp.path(file)).unwrap()
}

/// The town's plan in the folder `plan`.
fn made(name: &str) -> (Temp, String) {
    let temp = Temp::new(name);
    temp.put("town.osm.pbf", town().bytes());
    let (code, said, error) = run(&[
        "init",
        &temp.arg("plan"),
        "--osm",
        &temp.arg("town.osm.pbf"),
        "--residents",
        "2420",
    ]);
    assert_eq!((code, error.as_str()), (0, ""), "{said}");
    (temp, said)
}

#[test]
fn a_town_has_the_facilities_that_were_put_into_it() {
    let (temp, said) = made("init-osm-facilities");
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(&temp, "plan/facilities.csv") {
        let name = format!("{} {}", row["name"], row["capacity"]);
        found
            .entry(row["service"].clone())
            .or_default()
            .push(name.trim().to_owned());
    }
    let expected = [
        ("bus_stop", vec!["", "Stop", "Stop"]),
        ("convenience_store", vec!["Both"]),
        ("junior_middle", vec!["First", "IES Norte"]),
        ("kindergarten", vec!["=Small, \"ones\" [31m", "Colegio 300"]),
        ("market", vec!["Both"]),
        ("pharmacy", vec!["Open"]),
        ("police_station", vec![""]),
        ("primary_school", vec!["Colegio 300", "First"]),
        ("public_green_10", vec!["Green 12600"]),
        ("senior_high", vec!["IES Norte", "市立高中"]),
        ("small_sport_ground", vec!["500", "500"]),
    ];
    for (service, mut names) in expected.iter().cloned() {
        let mut own = found.remove(service).unwrap_or_default();
        own.sort_unstable();
        names.sort_unstable();
        let near = |(a, b): (&String, &&str)| match (a.rsplit_once(' '), b.rsplit_once(' ')) {
            // Areas to one in a hundred: the metres above are rounded.
            (Some((a, own)), Some((b, size))) => {
                a == b
                    && match (own.parse::<f64>(), size.parse::<f64>()) {
                        (Ok(own), Ok(size)) => (own / size - 1.0).abs() < 0.01,
                        _ => own == size,
                    }
            }
            _ => {
                a == b
                    || a.parse::<f64>()
                        .is_ok_and(|a| b.parse::<f64>().is_ok_and(|b| (a / b - 1.0).abs() < 0.01))
            }
        };
        assert!(
            own.len() == names.len() && own.iter().zip(&names).all(near),
            "{service}: {own:?} {names:?}"
        );
    }
    assert!(found.is_empty(), "{found:?}");
    let green = rows(&temp, "plan/facilities.csv")
        .into_iter()
        .find(|row| row["name"] == "Green")
        .unwrap();
    // One column of the lattice leads through it, and its upper and lower side lie within a field.
    assert_eq!(green["entrances"].split(';').count(), 2, "{green:?}");
    let undecided = rows(&temp, "plan/undecided.csv");
    let names: Vec<(&str, bool)> = undecided
        .iter()
        .map(|row| (&*row["name"], row["choices"].contains("primary_school")))
        .collect();
    assert_eq!(
        names,
        [("Nothing said", true), ("", false)],
        "{undecided:?}"
    );
    assert!(
        said.contains("out of use 2, not open to the public 1,"),
        "{said}"
    );
    assert!(
        said.contains("platforms that are one with their stop: 1"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'));
}

#[test]
fn townships_are_the_areas_that_have_the_land_and_communities_what_is_in_them() {
    let (temp, said) = made("init-osm-areas");
    assert!(
        said.contains("admin_level 8: 2 of 3 areas are whole, they have 100.0 % of the land"),
        "{said}"
    );
    assert!(
        said.contains("Cut (r5, level 8, 1 of 2 ways missing)"),
        "{said}"
    );
    let layer = |file: &str| -> Vec<(String, String)> {
        let layer: serde_json::Value = serde_json::from_str(&text(&temp, file)).unwrap();
        let features = layer["features"].as_array().unwrap().iter();
        let own = |each: &serde_json::Value, key: &str| {
            each["properties"][key].as_str().unwrap().to_owned()
        };
        features
            .map(|each| (own(each, "code"), own(each, "name")))
            .collect()
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|&(code, name)| (code.to_owned(), name.to_owned()))
            .collect()
    };
    assert_eq!(
        layer("plan/townships.geojson"),
        pairs(&[("990101001", "West"), ("990101002", "East")])
    );
    let communities = [
        ("990101001001", "South"),
        ("990101001002", "North"),
        ("990101002001", "Alder"),
        ("990101002002", "Birch"),
    ];
    assert_eq!(layer("plan/communities.geojson"), pairs(&communities));
    // 121 houses alike: 20 residents each, and five and a bit columns of eleven in the west.
    let people = rows(&temp, "plan/population.csv");
    let thousandths: u64 = people
        .iter()
        .map(|row| (row["residents"].parse::<f64>().unwrap() * 1000.0).round() as u64)
        .sum();
    assert_eq!(thousandths, 2_420_000);
    let west: f64 = (people.iter())
        .filter(|row| row["community"].starts_with("990101001"))
        .map(|row| row["residents"].parse::<f64>().unwrap())
        .sum();
    assert_eq!(west.round() as i64, 1100);
}

#[test]
fn the_plan_runs_as_written_and_names_its_sources_in_what_it_makes() {
    let (temp, _) = made("init-osm-runs");
    let plan = temp.arg("plan/plan.toml");
    let (_, checked, error) = run(&["check", &plan]);
    assert!(
        !checked.contains("error") && !error.contains("error:"),
        "{checked}{error}"
    );
    let (code, said, error) = run(&["evaluate", &plan, "--out", &temp.arg("round")]);
    assert_eq!(code, 0, "{said}{error}");
    let page = text(&temp, "round/metadata.xml");
    assert!(
        page.contains("facilities, boundaries, buildings: © OpenStreetMap contributors, ODbL 1.0"),
        "{page}"
    );
    let plan = text(&temp, "plan/plan.toml");
    assert!(
        plan.contains("roads = { path = \"../town.osm.pbf\" }"),
        "{plan}"
    );
    assert!(
        plan.contains("#   nursery_0_3") && !plan.contains("    \"senior_high\""),
        "{plan}"
    );
}

#[test]
fn nothing_is_overwritten_and_nothing_half_written() {
    let (temp, _) = made("init-osm-again");
    let before = text(&temp, "plan/plan.toml");
    let town = temp.arg("town.osm.pbf");
    let (code, _, error) = run(&[
        "init",
        &temp.arg("plan"),
        "--osm",
        &town,
        "--residents",
        "5",
    ]);
    assert!(code == 2 && error.contains("is not empty"), "{error}");
    assert_eq!(text(&temp, "plan/plan.toml"), before);
    // Cut at any place: an error, and no folder.
    let bytes = town_bytes_cut(&temp);
    for (at, bytes) in bytes.into_iter().enumerate() {
        temp.put("cut.osm.pbf", bytes);
        let folder = temp.arg("cut");
        let (code, _, error) = run(&[
            "init",
            &folder,
            "--osm",
            &temp.arg("cut.osm.pbf"),
            "--residents",
            "2420",
        ]);
        assert!(code == 2 && error.starts_with("error:"), "{at}: {error}");
        assert!(!temp.path("cut").exists());
    }
    // The same bytes on any number of threads.
    let (code, ..) = run(&[
        "init",
        &temp.arg("other"),
        "--osm",
        &town,
        "--residents",
        "2420",
        "--threads",
        "1",
    ]);
    assert_eq!(code, 0);
    for file in [
        "townships.geojson",
        "communities.geojson",
        "population.csv",
        "facilities.csv",
        "undecided.csv",
    ] {
        assert_eq!(
            text(&temp, &format!("plan/{file}")),
            text(&temp, &format!("other/{file}")),
            "{file}"
        );
    }
}

fn town_bytes_cut(temp: &Temp) -> Vec<Vec<u8>> {
    let whole = std::fs::read(temp.path("town.osm.pbf")).unwrap();
    let length = whole.len();
    [0, 3, 40, length / 3, length / 2, length - 1]
        .map(|end| whole[..end].to_vec())
        .to_vec()
}

#[test]
fn what_is_missing_is_said_with_the_way_out() {
    let temp = Temp::new("init-osm-missing");
    temp.put("streets.osm.pbf", streets().bytes());
    temp.put("town.osm.pbf", town().bytes());
    let refused = |args: &[&str], said: &[&str]| {
        let folder = temp.arg("plan");
        let args = [&["init", &folder, "--osm"], args].concat();
        let (code, _, error) = run(&args);
        assert!(
            code == 2 && said.iter().all(|said| error.contains(said)),
            "{error}"
        );
        assert!(!temp.path("plan").exists());
    };
    let (streets, town) = (temp.arg("streets.osm.pbf"), temp.arg("town.osm.pbf"));
    refused(
        &[&streets, "--residents", "1000"],
        &["0 buildings", "--population", "--boundaries"],
    );
    refused(&[&town], &["how many residents", "--residents"]);
    refused(
        &[&town, "--residents", "24200"],
        &["1.0 m² for each of 24200"],
    );
    refused(
        &[&town, "--residents", "2420", "--boundaries", "r5"],
        &["\"Cut\" (r5) is not whole: 1 of 2"],
    );
    refused(
        &[&town, "--residents", "2420", "--boundaries", "r77"],
        &["no administrative boundary r77"],
    );
    refused(
        &[&temp.arg("nowhere.osm.pbf"), "--residents", "9"],
        &["nowhere.osm.pbf"],
    );
    temp.put("plain.osm.pbf", "no map");
    refused(
        &[&temp.arg("plain.osm.pbf"), "--residents", "9"],
        &["plain.osm.pbf"],
    );
}

/// Bytes of the town changed at random, in blobs that are not packed, so that what is changed is what is read.
#[test]
fn broken_extracts_are_a_plan_or_an_error() {
    let town = town();
    let blocks = [
        pbf::node_block(&town.nodes),
        pbf::way_block(&town.ways),
        pbf::relation_block(&town.relations),
    ];
    let mut whole = pbf::header(&["OsmSchema-V0.6", "DenseNodes"]);
    let start = whole.len();
    whole.extend(
        blocks
            .iter()
            .flat_map(|block| pbf::raw_blob("OSMData", block)),
    );
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap();
    let make = |bytes: &[u8]| {
        let request = Request {
            file: "town",
            bytes,
            roads: "town",
            name: "town",
            population: None,
            residents: Some(2420),
            boundaries: None,
            this_year: 2026,
            lang: Lang::En,
        };
        open_data::make(&request, &catalogue, &unwatched).is_ok()
    };
    assert!(make(&whole));
    let tries = std::env::var("FUZZ").map_or(300, |tries| tries.parse().unwrap());
    let mut seed = 1_u64;
    let mut below = |end: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % end
    };
    let mut plans = 0;
    for _ in 0..tries {
        let mut bytes = whole.clone();
        for _ in 0..1 + below(4) {
            let at = start + below(bytes.len() - start);
            bytes[at] = match below(3) {
                0 => bytes[at] ^ (1 << below(8)),
                1 => 0xff,
                _ => below(256) as u8,
            };
        }
        plans += usize::from(make(&bytes));
    }
    assert!(
        plans > tries / 20 && plans < tries,
        "{plans} of {tries} made a plan"
    );
}

#[test]
fn boundaries_are_those_of_a_file_or_relation_where_they_are_given() {
    let temp = Temp::new("init-osm-boundaries");
    temp.put("town.osm.pbf", town().bytes());
    let square = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"510104020","name":"Mine"},"geometry":{"type":"Polygon","coordinates":[[[9.9989,49.9989],[10.0121,49.9989],[10.0121,50.0121],[9.9989,50.0121],[9.9989,49.9989]]]}}]}"#;
    temp.put("mine.geojson", square);
    let make = |folder: &str, boundaries: &str| {
        let (code, said, error) = run(&[
            "init",
            &temp.arg(folder),
            "--osm",
            &temp.arg("town.osm.pbf"),
            "--residents",
            "1320",
            "--boundaries",
            boundaries,
        ]);
        assert_eq!(code, 0, "{error}");
        said
    };
    let said = make("file", &temp.arg("mine.geojson"));
    assert!(
        said.contains("townships: 1, those of the file")
            && said.contains("codes of townships are those"),
        "{said}"
    );
    assert!(text(&temp, "file/communities.geojson").contains("510104020001"));
    let said = make("relation", "r2");
    assert!(
        said.contains("townships: 1, the administrative areas that were asked for"),
        "{said}"
    );
    let people = rows(&temp, "relation/population.csv");
    let all: f64 = people
        .iter()
        .map(|row| row["residents"].parse::<f64>().unwrap())
        .sum();
    assert!((all - 1320.0).abs() < 1e-6);
}

#[test]
fn las_palmas_has_the_facilities_that_were_counted_by_other_means() {
    let extract = support::root().join("../shared/data/laspalmas/roads.osm.pbf");
    if !extract.exists() {
        eprintln!("skipped: ../shared/data/laspalmas is not there");
        return;
    }
    let temp = Temp::new("init-osm-laspalmas");
    let (code, said, error) = run(&[
        "init",
        &temp.arg("plan"),
        "--osm",
        &extract.display().to_string(),
        "--residents",
        "378680",
        "--boundaries",
        "r340783",
    ]);
    assert_eq!(code, 0, "{error}");
    // By pyosmium with the same table: tests/init_osm_check.py.
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let facilities = rows(&temp, "plan/facilities.csv");
    facilities
        .iter()
        .for_each(|row| *counts.entry(row["service"].clone()).or_default() += 1);
    for (service, count) in [
        ("pharmacy", 83),
        ("market", 155),
        ("convenience_store", 235),
        ("police_station", 12),
        ("public_toilet", 30),
    ] {
        assert_eq!(counts[service], count, "{service}");
    }
    let people = rows(&temp, "plan/population.csv");
    let thousandths: u64 = people
        .iter()
        .map(|row| (row["residents"].parse::<f64>().unwrap() * 1000.0).round() as u64)
        .sum();
    assert_eq!(thousandths, 378_680_000);
    let ids: BTreeSet<&String> = people.iter().map(|row| &row["id"]).collect();
    assert_eq!(ids.len(), people.len());
    assert!(said.contains("2023-02-21"), "{said}");
}
