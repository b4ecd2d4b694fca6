//! Broken files by the thousand: each reader gives a result or an error, never a panic, within two seconds and little memory.
//!
//! Good files are changed at random, by number, so that each change can be had again. CI tries 1,000 for each reader;
//! `FUZZ=100000 cargo test -p fuwutu --test fuzz -- --nocapture` tries more. A failure prints what to set to see it again:
//! `FUZZ_READER` names the reader and `FUZZ_FROM` the first number. The file that was being read stands in `target/tmp/fuzz-*`
//! should the program end altogether.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "office.rs"]
mod office;
#[path = "pbf.rs"]
mod pbf;
mod support;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fuwutu_core::quantity::Millis;
use fuwutu_core::service::Service;
use fuwutu_core::watch::unwatched;
use fuwutu_io::plan::{self, Plan, Source};
use fuwutu_io::read::{self, Files};
use fuwutu_io::written::Written;
use fuwutu_report::book::Book;
use fuwutu_report::change::Change;
use fuwutu_report::drawing::{CityMaps, Subject};
use fuwutu_report::{metadata, page, public, sheets, workbook};
use fuwutu_run::{Extent, Job, OutFolder, PlanFile, Quiet, WriteOptions};

use support::Temp;

const LONGEST: Duration = Duration::from_secs(2);
const MOST_MEMORY_MB: u64 = 500;

// --- chance, and what it does to a file ---

/// Numbers from a seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below a number; 0 where it is 0.
    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// What has broken readers before.
const TEXTS: &[&str] = &[
    "",
    "0",
    "-1",
    "-0.0",
    "1e308",
    "1e-320",
    "-1e99",
    "NaN",
    "inf",
    "9223372036854775807",
    "18446744073709551616",
    "4294967296",
    "2147483648",
    "0.1.2",
    "0x10",
    "1_000",
    "１２",
    "90",
    "181",
    "null",
    "true",
    "{}",
    "[]",
    "[[",
    "]",
    "}",
    "\"",
    "\"\"",
    "'",
    ",",
    ",,,,",
    ";",
    "\t",
    "\r",
    "\n\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "＝",
    "“",
    "990101001001",
    "99010100100100000000000000000",
    "../../x",
    "=1+1",
    "Point",
    "MultiPolygon",
    "coordinates",
    "all",
];

/// A file with one change or a few.
fn changed(file: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let more = chance.below(3);
    for _ in 0..=chance.below(more + 1) {
        change(&mut bytes, chance);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let length = bytes.len();
    let at = chance.below(length + 1);
    let scale = chance.below(9);
    let end = (at + 1 + chance.below(1 << scale)).min(length);
    match chance.below(20) {
        0 if at < length => bytes[at] ^= 1 << chance.below(8),
        1 if at < length => {
            bytes[at] = *chance.one_of(&[&0, &1, &0x7f, &0x80, &0xff, &b'"', &b',']);
        }
        2 => {
            bytes.splice(at..at, chance.next().to_le_bytes());
        }
        3 => {
            bytes.drain(at.min(end)..end);
        }
        4 => {
            let copy = bytes[at.min(end)..end].to_vec();
            let to = chance.below(length + 1);
            bytes.splice(to..to, copy);
        }
        5 => bytes.truncate(at),
        6 => {
            let text = chance.one_of(TEXTS);
            bytes.splice(at..at, text.bytes());
        }
        7 => {
            let (text, times) = (
                chance.one_of(&["[", "{\"a\":", "9", "a", ",", "\""]),
                chance.below(3000),
            );
            bytes.splice(at..at, text.repeat(times).bytes());
        }
        8 => {
            // A line goes, or comes twice.
            let start = bytes[..at]
                .iter()
                .rposition(|&byte| byte == b'\n')
                .map_or(0, |at| at + 1);
            let end = bytes[at..]
                .iter()
                .position(|&byte| byte == b'\n')
                .map_or(length, |end| at + end + 1);
            let line = bytes[start..end].to_vec();
            if chance.below(2) == 0 {
                bytes.splice(start..start, line);
            } else {
                bytes.drain(start..end);
            }
        }
        // A word or number becomes another of the file, or one that is known to do harm.
        _ => {
            let words = words(bytes);
            if words.is_empty() {
                return;
            }
            let (from, to) = words[chance.below(words.len())];
            let new = match chance.below(3) {
                0 => {
                    let (from, to) = words[chance.below(words.len())];
                    bytes[from..to].to_vec()
                }
                _ => chance.one_of(TEXTS).as_bytes().to_vec(),
            };
            bytes.splice(from..to, new);
        }
    }
}

/// Where words and numbers begin and end.
fn words(bytes: &[u8]) -> Vec<(usize, usize)> {
    let is_word =
        |byte: u8| byte.is_ascii_alphanumeric() || b".-+_".contains(&byte) || byte >= 0x80;
    let mut words = Vec::new();
    let mut start = None;
    for (at, &byte) in bytes.iter().chain([&b' ']).enumerate() {
        match (is_word(byte), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

// --- the readers ---

/// Files in memory, by name.
#[derive(Clone)]
struct Memory(BTreeMap<String, Arc<[u8]>>);

impl Files for Memory {
    fn bytes(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let file = self.0.get(&path.display().to_string());
        file.map(|bytes| bytes.to_vec())
            .ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

impl Memory {
    fn with(&self, name: &str, bytes: &[u8]) -> Self {
        let mut files = self.0.clone();
        files.insert(name.to_owned(), bytes.into());
        Self(files)
    }
}

/// What is read: names and bytes of the files of which one is changed, and how. It says whether there was no error.
struct Reader {
    name: &'static str,
    files: Vec<(String, Vec<u8>)>,
    read: Box<dyn Fn(&Input) -> bool + Sync>,
}

/// A file that was changed.
struct Input<'a> {
    file: &'a str,
    bytes: &'a [u8],
    /// Whether what was read is to be used, too, which takes longer.
    use_it: bool,
    worker: usize,
}

const CODES: [&str; 3] = ["990101001001", "990101001002", "990102001001"];
const AGES: &str = "age_0_2,age_3_5,age_6_11,age_12_14,age_15_17,age_18_59,age_60_plus";
const PLAN: &str = r#"
[round]
name = "fuzz"
base_year = 2026
horizon_years = 3
[travel]
mode = "streets"
compare = true
[inputs]
crs = "EPSG:4490"
townships = { path = "townships.geojson" }
communities = { path = "communities.geojson" }
population = { path = "population.csv" }
earlier = { path = "earlier.csv", year = 2016 }
facilities = [{ path = "facilities.csv" }]
housing = { path = "housing.csv" }
controls = { path = "controls.csv" }
observed = { path = "observed.csv", year = 2021 }
crosswalk = { path = "crosswalk.csv" }
last_units = { path = "last_units.csv", year = 2025 }
roads = { nodes = "nodes.csv", edges = "edges.csv", dem = "dem.tif" }
[services]
select = ["primary_school", "kindergarten"]
[ranking]
certainty = { draws = 10 }
"#;

/// Squares 0.01° high, each with so many digits of a code.
fn layer(areas: &[(&str, f64, f64, usize)]) -> String {
    let feature = |&(code, west, east, digits): &(&str, f64, f64, usize)| {
        let (west, east) = (104.0 + west, 104.0 + east);
        let community = match digits {
            9 => String::new(),
            _ => format!(
                ",\"township\":\"{}\",\"class\":\"urban\",\"residential_km2\":0.4,\"residents\":1000",
                &code[..9]
            ),
        };
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{}\",\"name\":\"名\"{community}}},\
             \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[[{west:.2},30.6],[{east:.2},30.6],[{east:.2},30.61],[{west:.2},30.61],[{west:.2},30.6]]]}}}}",
            &code[..digits],
        )
    };
    let features: Vec<String> = areas.iter().map(feature).collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n",
        features.join(",\n")
    )
}

/// Crossings of a lattice over the city: ten by four, about 300 m apart.
const LATTICE: [i64; 2] = [10, 4];

fn crossings() -> impl Iterator<Item = (i64, i64, i64)> {
    let [across, up] = LATTICE;
    (0..up).flat_map(move |row| {
        (0..across).map(move |column| {
            let id = row * across + column;
            (
                id + 1,
                1_040_010_000 + column * 30_000,
                306_010_000 + row * 27_000,
            )
        })
    })
}

fn streets() -> impl Iterator<Item = (i64, i64)> {
    let [across, up] = LATTICE;
    let all = crossings().map(|(id, _, _)| id);
    all.flat_map(move |id| {
        let east = (id % across != 0).then_some((id, id + 1));
        let north = (id <= across * (up - 1)).then_some((id, id + across));
        east.into_iter().chain(north)
    })
}

/// A grid of 16 × 16 cells over the city: heights, or people.
fn grid_tiff() -> Vec<u8> {
    use tiff::encoder::{TiffEncoder, colortype::Gray32Float};
    use tiff::tags::Tag;
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut image = encoder.new_image::<Gray32Float>(16, 16).unwrap();
    let tags = image.encoder();
    let scale = [0.005, 0.005, 0.0];
    let place = [0.0, 0.0, 0.0, 103.98, 30.64, 0.0];
    tags.write_tag(Tag::Unknown(33550), &scale[..]).unwrap();
    tags.write_tag(Tag::Unknown(33922), &place[..]).unwrap();
    let keys = [1_u16, 1, 0, 2, 1024, 0, 1, 2, 1025, 0, 1, 1];
    tags.write_tag(Tag::Unknown(34735), &keys[..]).unwrap();
    let metres: Vec<f32> = (0..256).map(|at| 500.0 + (at % 16) as f32).collect();
    image.write_data(&metres).unwrap();
    bytes.into_inner()
}

/// The streets as OpenStreetMap has them, blobs as they are, so that changes are not noticed by their checksum.
fn osm() -> Vec<u8> {
    let node = |(id, lon, lat)| pbf::Node {
        id,
        lon,
        lat,
        tags: if id % 7 == 0 {
            vec![
                ("barrier", "gate".to_owned()),
                ("access", "private".to_owned()),
            ]
        } else {
            Vec::new()
        },
    };
    let way = |(number, (from, to)): (usize, (i64, i64))| {
        let kind = ["residential", "footway", "steps", "service", "motorway"][number % 5];
        let mut tags = vec![("highway", kind.to_owned())];
        if number.is_multiple_of(3) {
            tags.extend([
                ("oneway", "yes".to_owned()),
                ("access", "private".to_owned()),
                ("foot", "yes".to_owned()),
            ]);
        }
        pbf::Way {
            id: number as i64,
            refs: vec![from, to],
            tags,
        }
    };
    let nodes: Vec<pbf::Node> = crossings().map(node).collect();
    let ways: Vec<pbf::Way> = streets().enumerate().map(way).collect();
    [
        pbf::header(&["OsmSchema-V0.6", "DenseNodes"]),
        pbf::raw_blob("OSMData", &pbf::node_block(&nodes)),
        pbf::raw_blob("OSMData", &pbf::way_block(&ways)),
    ]
    .concat()
}

fn city() -> Memory {
    let rows = |row: fn(&str) -> String| CODES.map(row).concat();
    let point = |at: usize| {
        format!(
            "p{at},{},104.0{at}5,30.605,1000,30,30,60,30,30,720,100\n",
            CODES[at]
        )
    };
    let number = |number: i64| format!("{:.4}", number as f64 / 1e7);
    let texts: [(&str, String); 12] = [
        (
            "townships.geojson",
            layer(&[(CODES[0], 0.0, 0.02, 9), (CODES[2], 0.02, 0.03, 9)]),
        ),
        (
            "communities.geojson",
            layer(&[
                (CODES[0], 0.0, 0.01, 12),
                (CODES[1], 0.01, 0.02, 12),
                (CODES[2], 0.02, 0.03, 12),
            ]),
        ),
        (
            "population.csv",
            format!("id,community,lon,lat,residents,{AGES}\n") + &(0..3).map(point).collect::<String>(),
        ),
        (
            "facilities.csv",
            "id,name,service,lon,lat,capacity,capacity_unit,status,opens\nf,小学,primary_school,104.005,30.605,90,seats,existing,\n\
             g,园,kindergarten,104.015,30.605,90,seats,committed,2028\n"
                .to_owned(),
        ),
        (
            "earlier.csv",
            format!("community,residents,{AGES}\n")
                + &rows(|code| format!("{code},900,40,40,70,30,30,600,90\n")),
        ),
        (
            "housing.csv",
            "community,year,dwellings,persons,occupancy,lon,lat\n990101001001,2027,100,3,0.5,104.0060,30.6060\n990102001001,2028,40,,,,\n"
                .to_owned(),
        ),
        (
            "controls.csv",
            "county,year,residents\n990101,2029,2100\n990102,2029,1000\n".to_owned(),
        ),
        (
            "observed.csv",
            "community,residents\n".to_owned() + &rows(|code| format!("{code},950\n")),
        ),
        (
            "crosswalk.csv",
            "old,new,share,date\n990101001009,990101001001,0.5,2026-01-01\n990101001009,990101001002,0.5,2026-01-01\n".to_owned(),
        ),
        (
            "last_units.csv",
            "community,unit,residents\n".to_owned()
                + &rows(|code| format!("{code},{}-01,900\n", &code[..9])),
        ),
        (
            "nodes.csv",
            "id,lon,lat\n".to_owned()
                + &crossings()
                    .map(|(id, lon, lat)| format!("{id},{},{}\n", number(lon), number(lat)))
                    .collect::<String>(),
        ),
        (
            "edges.csv",
            "from,to,class\n".to_owned()
                + &streets()
                    .map(|(from, to)| format!("{from},{to},residential\n"))
                    .collect::<String>(),
        ),
    ];
    let texts = texts.map(|(name, text)| (name, text.into_bytes()));
    let files = texts.into_iter().chain([
        ("dem.tif", grid_tiff()),
        ("people.tif", grid_tiff()),
        ("city.osm.pbf", osm()),
    ]);
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
    let files = files
        .chain(layers())
        .chain([("layers.gpkg".to_owned(), geopackage())]);
    Memory(files.map(|(name, bytes)| (name, bytes.into())).collect())
}

/// Layers that GDAL wrote, but for the GeoPackage.
fn layers() -> Vec<(String, Vec<u8>)> {
    let folder = support::root().join("tests/fixtures/vectors");
    let files = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end != "gpkg"));
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(path).unwrap())
    };
    files.map(named).collect()
}

/// What matters of the GeoPackage that GDAL wrote, in small pages, so that a change hits something.
fn geopackage() -> Vec<u8> {
    let temp = Temp::new("fuzz-gpkg");
    let database = rusqlite::Connection::open(temp.path("small.gpkg")).unwrap();
    let whole = support::root().join("tests/fixtures/vectors/layers.gpkg");
    database.execute_batch("PRAGMA page_size = 512").unwrap();
    let attach = "ATTACH ?1 AS whole";
    database.execute(attach, [whole.to_str().unwrap()]).unwrap();
    for table in [
        "gpkg_contents",
        "gpkg_geometry_columns",
        "gpkg_spatial_ref_sys",
        "areas_4544",
        "points",
    ] {
        let copy = format!("CREATE TABLE {table} AS SELECT * FROM whole.{table}");
        database.execute_batch(&copy).unwrap();
    }
    drop(database);
    std::fs::read(temp.path("small.gpkg")).unwrap()
}

/// Where a plan would stand: nothing is there.
fn nowhere() -> &'static Path {
    Path::new("/nowhere/plan.toml")
}

fn job(plan: Plan, files: Memory) -> Option<Job> {
    Job::read(PlanFile::new(plan, nowhere(), files), &Quiet).ok()
}

/// Whether the files of a plan are read without an error; evaluated, too, where that is wanted.
fn read_city(plan: &Plan, catalogue: &[Service], files: Memory, use_it: bool) -> bool {
    let good = read::read(plan, &files, catalogue).is_ok();
    if good && use_it {
        let job = job(plan.clone(), files);
        let evaluated = job.map(|job| job.evaluate(Extent::Round, &Quiet).map(|_| ()));
        return evaluated.is_some();
    }
    good
}

/// A reader of one of the city's files.
fn file_reader(name: &'static str, plan_text: &str) -> Reader {
    let mut plan = Plan::parse(plan_text, nowhere()).unwrap();
    let (catalogue, _) = plan::catalogue(&mut plan, nowhere()).unwrap();
    let city = city();
    Reader {
        name,
        files: vec![(name.to_owned(), city.0[name].to_vec())],
        read: Box::new(move |input| {
            read_city(
                &plan,
                &catalogue,
                city.with(input.file, input.bytes),
                input.use_it,
            )
        }),
    }
}

/// A reader of the demand points as a workbook: its markup is changed, and archived with the checksum that it has then.
fn book_reader(name: &'static str, markup: &str, book: fn(&str) -> Vec<u8>) -> Reader {
    let plan = PLAN.replace("population.csv", name);
    let mut plan = Plan::parse(&plan, nowhere()).unwrap();
    let (catalogue, _) = plan::catalogue(&mut plan, nowhere()).unwrap();
    let city = city();
    Reader {
        name,
        files: vec![(name.to_owned(), markup.into())],
        read: Box::new(move |input| {
            let book = book(&String::from_utf8_lossy(input.bytes));
            read_city(&plan, &catalogue, city.with(name, &book), input.use_it)
        }),
    }
}

/// Readers of the three forms of workbooks. The old one is changed as it is, since nothing in it has a checksum.
fn book_readers() -> Vec<Reader> {
    let text = String::from_utf8(city().0["population.csv"].to_vec()).unwrap();
    let rows = office::rows(&text);
    let fixture = support::root().join("tests/fixtures/books/census.xls");
    let plan = PLAN.replace("earlier.csv", "census.xls");
    let mut plan = Plan::parse(&plan, nowhere()).unwrap();
    let (catalogue, _) = plan::catalogue(&mut plan, nowhere()).unwrap();
    let city = city();
    vec![
        book_reader(
            "book.xlsx",
            &office::sheet(&rows, &["A1:A2"]),
            office::xlsx_of,
        ),
        book_reader("book.ods", &office::ods_content(&rows), office::ods_of),
        Reader {
            name: "book.xls",
            files: vec![("census.xls".to_owned(), std::fs::read(fixture).unwrap())],
            read: Box::new(move |input| {
                let files = city.with("census.xls", input.bytes);
                read_city(&plan, &catalogue, files, input.use_it)
            }),
        },
    ]
}

fn plan_reader() -> Reader {
    let city = city();
    Reader {
        name: "plan",
        files: vec![("plan.toml".to_owned(), PLAN.into())],
        read: Box::new(move |input| {
            let text = String::from_utf8_lossy(input.bytes);
            let Ok(mut plan) = Plan::parse(&text, nowhere()) else {
                return false;
            };
            match plan::catalogue(&mut plan, nowhere()) {
                Ok((catalogue, _)) => read::read(&plan, &city, &catalogue).is_ok(),
                Err(_) => false,
            }
        }),
    }
}

fn catalogue_reader() -> Reader {
    Reader {
        name: "catalogue",
        files: vec![("services.toml".to_owned(), plan::CATALOGUE.into())],
        read: Box::new(|input| {
            let text = String::from_utf8_lossy(input.bytes);
            plan::parse_catalogue(&text, Path::new("services.toml")).is_ok()
        }),
    }
}

fn access_reader() -> Reader {
    let files = [
        (
            "costs.csv",
            "from,to,minutes,service\na,x,5,s\nb,x,9,s\nb,y,14,t\n",
        ),
        ("demand.csv", "id,residents\na,10\nb,20\n"),
        ("supply.csv", "id,capacity,service\nx,3,s\ny,4,t\n"),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let memory = Memory(
        (files
            .iter()
            .map(|(name, text)| (name.clone(), text[..].into())))
        .collect(),
    );
    Reader {
        name: "access",
        files: files.to_vec(),
        read: Box::new(move |input| {
            let source = |name: &str| Source {
                crs: None,
                path: PathBuf::from(name),
                sheet: None,
                columns: BTreeMap::new(),
            };
            let tables = read::access::Tables {
                costs: source("costs.csv"),
                demand: source("demand.csv"),
                supply: source("supply.csv"),
                service: None,
            };
            let files = memory.with(input.file, input.bytes);
            read::access::read(&tables, &files, Millis(15 * 60_000), &unwatched).is_ok()
        }),
    }
}

/// All files of a folder with a manifest, by name.
fn written_files(folder: &Path, manifest: &str) -> Vec<(String, Vec<u8>)> {
    let text = std::fs::read(folder.join(manifest)).unwrap();
    let parsed: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let names = parsed["files"].as_array().unwrap().iter();
    let names = names.map(|file| file["path"].as_str().unwrap().to_owned());
    names
        .chain([manifest.to_owned()])
        .map(|name| {
            let bytes = std::fs::read(folder.join(&name)).unwrap();
            (name, bytes)
        })
        .collect()
}

fn put_files(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// A reader of a folder of results: a file of it is changed, and its hash in the manifest with it.
fn folder_reader(
    name: &'static str,
    manifest: &'static str,
    folder: &Path,
    read: impl Fn(&Path, bool) -> bool + Sync + 'static,
) -> Reader {
    let files = written_files(folder, manifest);
    let folders: Vec<Temp> = (0..WORKERS).map(|_| Temp::new("fuzz-folder")).collect();
    folders.iter().for_each(|folder| put_files(folder, &files));
    let good: BTreeMap<String, Vec<u8>> = files.iter().cloned().collect();
    Reader {
        name,
        files,
        read: Box::new(move |input| {
            let folder = &folders[input.worker];
            if input.file != manifest {
                let [old, new] = [&good[input.file][..], input.bytes].map(read::hex);
                let text = String::from_utf8(good[manifest].clone()).unwrap();
                std::fs::write(folder.path(manifest), text.replace(&old, &new)).unwrap();
            }
            std::fs::write(folder.path(input.file), input.bytes).unwrap();
            let good_after = read(folder, input.use_it);
            for name in [manifest, input.file] {
                std::fs::write(folder.path(name), &good[name]).unwrap();
            }
            good_after
        }),
    }
}

/// All that is drawn from a round but for pictures in pixels.
fn report(book: &Book, change: Option<&Change>) {
    for book in [book, &public::edition(book)] {
        let _ = page::page(book, change);
        let _ = sheets::all_sheets(book);
        let _ = metadata::metadata(book);
        let _ = workbook(book);
        let maps = CityMaps::new(book);
        let _ = maps.svg(Subject::Need);
        (0..book.services.len()).for_each(|service| drop(maps.svg(Subject::Coverage { service })));
    }
}

/// A round, and a comparison with it as the new one; their folders.
fn results() -> [Temp; 2] {
    let [round, comparison] = [Temp::new("fuzz-round"), Temp::new("fuzz-comparison")];
    let plan = || Plan::parse(PLAN, nowhere()).unwrap();
    let job = job(plan(), city()).unwrap();
    let evaluation = job.evaluate(Extent::Round, &Quiet).unwrap();
    let out = OutFolder::prepare(&round, false).unwrap();
    let options = WriteOptions::default();
    job.write(out, &evaluation, &options, &Quiet).unwrap();
    let side = || PlanFile::new(plan(), nowhere(), city());
    let compared = fuwutu_run::compare(side(), side(), &Quiet).unwrap();
    let out = OutFolder::prepare_comparison(&comparison, false).unwrap();
    compared.write(out, &Quiet).unwrap();
    [round, comparison]
}

fn readers() -> Vec<Reader> {
    let osm_plan = PLAN.replace(
        "{ nodes = \"nodes.csv\", edges = \"edges.csv\", dem = \"dem.tif\" }",
        "{ path = \"city.osm.pbf\" }",
    );
    let mut readers = vec![plan_reader(), catalogue_reader(), access_reader()];
    let tables = [
        "townships.geojson",
        "communities.geojson",
        "population.csv",
        "facilities.csv",
        "earlier.csv",
        "housing.csv",
        "controls.csv",
        "observed.csv",
        "crosswalk.csv",
        "last_units.csv",
        "nodes.csv",
        "edges.csv",
        "dem.tif",
    ];
    readers.extend(tables.map(|name| file_reader(name, PLAN)));
    let areas = "areas_gbk_4523";
    let shapes = PLAN
        .replace("communities.geojson", "areas_gbk_4523.shp")
        .replace("facilities.csv", "points_gbk_utm.shp");
    for end in ["shp", "dbf", "prj"] {
        let names = [areas, "points_gbk_utm"].map(|name| format!("{name}.{end}"));
        readers.extend(names.map(|name| file_reader(name.leak(), &shapes)));
    }
    let database = PLAN
        .replace(
            "communities.geojson\"",
            "layers.gpkg\", sheet = \"areas_4544\"",
        )
        .replace("facilities.csv\"", "layers.gpkg\", sheet = \"points\"");
    readers.push(file_reader("layers.gpkg", &database));
    readers.push(file_reader(
        "points.geojsonl",
        &PLAN.replace("facilities.csv", "points.geojsonl"),
    ));
    readers.push(file_reader("city.osm.pbf", &osm_plan));
    let weights = PLAN.replace(
        "population = { path = \"population.csv\" }",
        "weights = { path = \"people.tif\" }",
    );
    readers.push(file_reader("people.tif", &weights));
    readers.extend(book_readers());
    let [round, comparison] = results();
    let read_round = |folder: &Path, use_it: bool| {
        let book = Written::open(folder).and_then(|written| {
            written.whole()?;
            Book::read(&written)
        });
        if let (Ok(book), true) = (&book, use_it) {
            report(book, None);
        }
        book.is_ok()
    };
    readers.push(folder_reader("round", "round.json", &round, read_round));
    let new = Book::read(&Written::open(&round).unwrap()).unwrap();
    let read_comparison = move |folder: &Path, use_it: bool| {
        let change = Written::open_comparison(folder)
            .ok()
            .and_then(|written| Change::read(&written, &new).ok());
        if let (Some(change), true) = (&change, use_it) {
            let _ = page::page(&new, Some(change));
        }
        change.is_some()
    };
    let comparison = folder_reader("comparison", "compare.json", &comparison, read_comparison);
    readers.push(comparison);
    readers
}

// --- the trials ---

const WORKERS: usize = 2;

fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// The most memory that the program had, in MB, since it was asked to begin anew; 0 where the system does not say.
fn most_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// What readers have panicked with, on whatever thread.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// One change by its number; whether it was read without an error, and how long that took.
fn try_one(
    reader: &Reader,
    number: u64,
    worker: usize,
    last: &Path,
) -> Result<(bool, Duration), String> {
    let mut chance = Chance(number ^ read_name(reader.name));
    let (file, good) = &reader.files[chance.below(reader.files.len())];
    let bytes = changed(good, &mut chance);
    std::fs::write(last, &bytes).unwrap();
    let input = Input {
        file,
        bytes: &bytes,
        use_it: number.is_multiple_of(16),
        worker,
    };
    let again = format!(
        "{file}: see it again with FUZZ=1 FUZZ_READER={} FUZZ_FROM={number}; the file is {}",
        reader.name,
        last.display()
    );
    let mut quickest = Duration::MAX;
    // Others may have been using the machine.
    for _ in 0..3 {
        let begun = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| (reader.read)(&input)));
        let good = read.map_err(|_| format!("{again}: {:?}", PANICS.lock().unwrap()))?;
        quickest = quickest.min(begun.elapsed());
        if quickest < LONGEST {
            return Ok((good, quickest));
        }
    }
    Err(format!("{again}: takes {quickest:?}"))
}

/// A number for a reader, so that each has changes of its own.
fn read_name(name: &str) -> u64 {
    let mix = |sum: u64, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// Tries so many changes for one reader.
#[expect(clippy::print_stdout, reason = "what was tried is reported")]
fn try_reader(reader: &Reader, from: u64, count: u64) {
    let begun = Instant::now();
    let (next, accepted) = (AtomicU64::new(from), AtomicU64::new(0));
    let longest = Mutex::new(Duration::ZERO);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (next, accepted, longest, failures) = (&next, &accepted, &longest, &failures);
            scope.spawn(move || {
                let last = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
                    .join(format!("fuzz-{}-{worker}", reader.name));
                let numbers = || Some(next.fetch_add(1, Ordering::Relaxed));
                for number in
                    std::iter::from_fn(numbers).take_while(|number| *number < from + count)
                {
                    match try_one(reader, number, worker, &last) {
                        Ok((good, time)) => {
                            accepted.fetch_add(u64::from(good), Ordering::Relaxed);
                            let mut longest = longest.lock().unwrap();
                            *longest = time.max(*longest);
                        }
                        Err(failure) => {
                            failures.lock().unwrap().push(failure);
                            return;
                        }
                    }
                }
                let _ = std::fs::remove_file(last);
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    println!(
        "{:<20} {count} tried, {} read without an error, 0 panics; longest {:.2} s, {:.0} s in all, at most {} MB so far",
        reader.name,
        accepted.into_inner(),
        longest.into_inner().unwrap().as_secs_f64(),
        begun.elapsed().as_secs_f64(),
        most_memory_mb()
    );
}

#[test]
fn whatever_is_in_a_file_a_reader_gives_a_result_or_an_error() {
    let count = from_environment("FUZZ", 250);
    let from = from_environment("FUZZ_FROM", 0);
    let only = std::env::var("FUZZ_READER").ok();
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(|fault| {
        PANICS.lock().unwrap().push(fault.to_string());
    }));
    let tried = catch_unwind(|| {
        for reader in readers() {
            let good = |(file, bytes): &(String, Vec<u8>)| {
                (reader.read)(&Input {
                    file,
                    bytes,
                    use_it: true,
                    worker: 0,
                })
            };
            assert!(reader.files.iter().all(good), "{}: good files", reader.name);
            if only.as_ref().is_none_or(|only| only == reader.name) {
                try_reader(&reader, from, count);
            }
        }
    });
    std::panic::set_hook(usual);
    if tried.is_err() {
        panic!("{}", PANICS.lock().unwrap().join("\n"));
    }
    let most = most_memory_mb();
    assert!(most <= MOST_MEMORY_MB, "{most} MB");
}
