//! Layers of all forms: the demo written as each gives the same round, and broken ones say what is wrong with them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use encoding_rs::GB18030;
use fuwutu_io::crs::Crs;
use fuwutu_io::finding::{Finding, Kind};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder, Input};
use fuwutu_run::{Extent, Job, OutFolder, PlanFile, Quiet, WriteOptions, compare};
use geo::Coord;
use geojson::{FeatureCollection, GeoJson, GeometryValue, JsonValue};
use rusqlite::Connection;

use support::Temp;

// --- layers, and how they are written ---

type Ring = Vec<[f64; 2]>;

/// Where a feature is.
#[derive(Clone)]
enum Shape {
    Point([f64; 2]),
    Area(Vec<Vec<Ring>>),
    Line(Ring),
    None,
}

/// Features with texts.
#[derive(Clone)]
struct Layer {
    header: Vec<String>,
    rows: Vec<(Vec<String>, Shape)>,
}

impl Layer {
    /// The areas of a GeoJSON file.
    fn of_areas(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let layer: FeatureCollection = text.parse::<GeoJson>().unwrap().try_into().unwrap();
        let keys = layer.features[0].properties.as_ref().unwrap().keys();
        let header: Vec<String> = keys.cloned().collect();
        let ring = |ring: &Vec<geojson::Position>| -> Ring {
            let place = |at: &geojson::Position| [at.as_slice()[0], at.as_slice()[1]];
            ring.iter().map(place).collect()
        };
        let polygon = |rings: &Vec<Vec<geojson::Position>>| rings.iter().map(ring).collect();
        let rows = layer.features.iter().map(|feature| {
            let text = |key: &String| match feature.property(key) {
                Some(JsonValue::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                None => String::new(),
            };
            let shape = match &feature.geometry.as_ref().unwrap().value {
                GeometryValue::Polygon { coordinates } => vec![polygon(coordinates)],
                GeometryValue::MultiPolygon { coordinates } => {
                    coordinates.iter().map(polygon).collect()
                }
                other => panic!("{other:?}"),
            };
            (header.iter().map(text).collect(), Shape::Area(shape))
        });
        Self {
            rows: rows.collect(),
            header: header.clone(),
        }
    }

    /// A table, with its columns `lon` and `lat` as points.
    fn of_table(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut lines = text
            .lines()
            .map(|line| line.split(',').map(str::to_owned).collect());
        let mut header: Vec<String> = lines.next().unwrap();
        let lon = header.iter().position(|name| name == "lon");
        let rows = lines.map(|mut cells: Vec<String>| {
            let shape = lon.map_or(Shape::None, |lon| {
                let place: Vec<f64> = cells
                    .drain(lon..lon + 2)
                    .map(|cell| cell.parse().unwrap())
                    .collect();
                Shape::Point([place[0], place[1]])
            });
            (cells, shape)
        });
        let rows = rows.collect();
        if let Some(lon) = lon {
            header.drain(lon..lon + 2);
        }
        Self { header, rows }
    }

    fn moved(mut self, crs: &Crs) -> Self {
        let to = |place: &mut [f64; 2]| {
            let at = crs
                .of_degrees(Coord {
                    x: place[0],
                    y: place[1],
                })
                .unwrap();
            *place = [at.x, at.y];
        };
        for (_, shape) in &mut self.rows {
            match shape {
                Shape::Point(place) => to(place),
                Shape::Area(area) => area.iter_mut().flatten().flatten().for_each(to),
                Shape::Line(line) => line.iter_mut().for_each(to),
                Shape::None => {}
            }
        }
        self
    }

    /// Whether a column is one of numbers.
    fn is_number(&self, column: usize) -> bool {
        let codes = ["id", "code", "community", "township"];
        !codes.contains(&self.header[column].as_str())
            && (self.rows.iter())
                .all(|(cells, _)| cells[column].is_empty() || cells[column].parse::<f64>().is_ok())
    }
}

/// As long as names of a dBase table are.
fn short(name: &str) -> &str {
    &name[..name.len().min(10)]
}

/// The attributes of a Shapefile, in GB18030 or UTF-8.
fn dbf(layer: &Layer, gbk: bool) -> Vec<u8> {
    let encoded = |text: &str| match gbk {
        true => GB18030.encode(text).0.into_owned(),
        false => text.as_bytes().to_vec(),
    };
    let numbers: Vec<bool> = (0..layer.header.len())
        .map(|at| layer.is_number(at))
        .collect();
    let width = |column: usize| match numbers[column] {
        true => 20,
        false => {
            let lengths = layer
                .rows
                .iter()
                .map(|(cells, _)| encoded(&cells[column]).len());
            lengths.max().unwrap_or(1).max(1)
        }
    };
    let widths: Vec<usize> = (0..layer.header.len()).map(width).collect();
    let start = 32 + 32 * widths.len() + 1;
    let record = 1 + widths.iter().sum::<usize>();
    let mut bytes = vec![3, 126, 1, 1];
    bytes.extend((layer.rows.len() as u32).to_le_bytes());
    bytes.extend((start as u16).to_le_bytes());
    bytes.extend((record as u16).to_le_bytes());
    bytes.resize(32, 0);
    for (name, column) in layer.header.iter().zip(0..) {
        let mut field = encoded(short(name));
        field.resize(11, 0);
        field.push(if numbers[column] { b'N' } else { b'C' });
        field.resize(16, 0);
        field.push(widths[column] as u8);
        field.resize(32, 0);
        bytes.extend(field);
    }
    bytes.push(13);
    for (cells, _) in &layer.rows {
        bytes.push(b' ');
        for (cell, (column, width)) in cells.iter().zip(widths.iter().enumerate()) {
            let mut cell = encoded(cell);
            let blanks = vec![b' '; width - cell.len()];
            match numbers[column] {
                true => bytes.extend([blanks, cell].concat()),
                false => {
                    cell.extend(blanks);
                    bytes.extend(cell);
                }
            }
        }
    }
    bytes
}

/// The shapes of a Shapefile.
fn shp(layer: &Layer) -> Vec<u8> {
    let places = |ring: &[[f64; 2]]| -> Vec<u8> {
        ring.iter()
            .flatten()
            .flat_map(|number| number.to_le_bytes())
            .collect()
    };
    let parts = |kind: u32, rings: &[Ring]| {
        let mut record = kind.to_le_bytes().to_vec();
        record.extend([0; 32]);
        record.extend((rings.len() as u32).to_le_bytes());
        let count: usize = rings.iter().map(Vec::len).sum();
        record.extend((count as u32).to_le_bytes());
        let mut first = 0_u32;
        for ring in rings {
            record.extend(first.to_le_bytes());
            first += ring.len() as u32;
        }
        record.extend(rings.iter().flat_map(|ring| places(ring)));
        record
    };
    // Outer rings turn clockwise, and holes the other way.
    let turned = |(ring, hole): (&Ring, bool)| {
        let mut ring = ring.clone();
        let pairs = ring.iter().zip(ring.iter().skip(1));
        let area: f64 = pairs.map(|(a, b)| (b[0] - a[0]) * (b[1] + a[1])).sum();
        if (area > 0.0) == hole {
            ring.reverse();
        }
        ring
    };
    let record = |shape: &Shape| match shape {
        Shape::Point(place) => [&1_u32.to_le_bytes()[..], &places(&[*place])].concat(),
        Shape::Area(area) => {
            let rings = area
                .iter()
                .flat_map(|rings| rings.iter().zip((0..).map(|at| at > 0)));
            parts(5, &rings.map(turned).collect::<Vec<Ring>>())
        }
        Shape::Line(line) => parts(3, std::slice::from_ref(line)),
        Shape::None => 0_u32.to_le_bytes().to_vec(),
    };
    let mut records = Vec::new();
    for ((_, shape), number) in layer.rows.iter().zip(1_u32..) {
        let record = record(shape);
        records.extend(number.to_be_bytes());
        records.extend((record.len() as u32 / 2).to_be_bytes());
        records.extend(record);
    }
    let mut bytes = vec![0, 0, 0x27, 0x0a];
    bytes.resize(24, 0);
    bytes.extend(((100 + records.len()) as u32 / 2).to_be_bytes());
    bytes.extend(1000_u32.to_le_bytes());
    bytes.resize(100, 0);
    bytes.extend(records);
    bytes
}

/// The text that ESRI's programs write for a system.
fn prj(crs: &str) -> String {
    let global = |name: &str, datum: &str| {
        format!(
            "GEOGCS[\"{name}\",DATUM[\"{datum}\",SPHEROID[\"x\",6378137.0,298.257222101]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]"
        )
    };
    let plane = |geographic: &str, projection: &str, east: f64, scale: f64| {
        format!(
            "PROJCS[\"x\",{geographic},PROJECTION[\"{projection}\"],PARAMETER[\"False_Easting\",{east:?}],PARAMETER[\"False_Northing\",0.0],\
             PARAMETER[\"Central_Meridian\",105.0],PARAMETER[\"Scale_Factor\",{scale:?}],PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"
        )
    };
    let china = global("GCS_China_Geodetic_Coordinate_System_2000", "D_China_2000");
    match crs {
        "EPSG:4490" => china,
        "EPSG:4523" => plane(&china, "Gauss_Kruger", 35_500_000.0, 1.0),
        "EPSG:32648" => plane(
            &global("GCS_WGS_1984", "D_WGS_1984"),
            "Transverse_Mercator",
            500_000.0,
            0.9996,
        ),
        other => panic!("{other}"),
    }
}

/// Writes a layer as a Shapefile: `name` with other endings.
fn put_shapefile(temp: &Temp, name: &str, layer: &Layer, crs: &str, gbk: bool) {
    temp.put(&format!("{name}.shp"), shp(layer));
    temp.put(&format!("{name}.dbf"), dbf(layer, gbk));
    temp.put(&format!("{name}.prj"), prj(crs));
}

/// A shape as GeoPackages have it.
fn blob(shape: &Shape) -> Option<Vec<u8>> {
    let places = |ring: &[[f64; 2]]| -> Vec<u8> {
        ring.iter()
            .flatten()
            .flat_map(|number| number.to_le_bytes())
            .collect()
    };
    let head = |kind: u32, count: usize| {
        [&[1][..], &kind.to_le_bytes(), &(count as u32).to_le_bytes()].concat()
    };
    let counted = |ring: &Ring| [&(ring.len() as u32).to_le_bytes()[..], &places(ring)].concat();
    let wkb = match shape {
        Shape::Point(place) => [&[1, 1, 0, 0, 0][..], &places(&[*place])].concat(),
        Shape::Area(area) => {
            let polygon = |rings: &Vec<Ring>| {
                [
                    head(3, rings.len()),
                    rings.iter().flat_map(&counted).collect(),
                ]
                .concat()
            };
            [head(6, area.len()), area.iter().flat_map(polygon).collect()].concat()
        }
        Shape::Line(line) => [head(2, line.len()), places(line)].concat(),
        Shape::None => return None,
    };
    Some([&b"GP\0\x01\0\0\0\0"[..], &wkb].concat())
}

/// Adds a layer to a GeoPackage, which is made where there is none.
fn put_geopackage(path: &Path, name: &str, layer: &Layer, srs: i64) {
    let database = Connection::open(path).unwrap();
    database
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
             CREATE TABLE IF NOT EXISTS gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, srs_id INTEGER);
             CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);",
        )
        .unwrap();
    let epsg =
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES ('x', ?1, 'EPSG', ?1, 'undefined')";
    database.execute(epsg, [srs]).unwrap();
    let spatial = !layer
        .rows
        .iter()
        .all(|(_, shape)| matches!(shape, Shape::None));
    let kind = if spatial { "features" } else { "attributes" };
    let contents = "INSERT INTO gpkg_contents VALUES (?1, ?2, ?3)";
    database.execute(contents, (name, kind, srs)).unwrap();
    if spatial {
        let columns = "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2)";
        database.execute(columns, (name, srs)).unwrap();
    }
    let columns = layer.header.iter().zip(0..).map(|(column, at)| {
        let kind = if layer.is_number(at) { "REAL" } else { "TEXT" };
        format!(", \"{column}\" {kind}")
    });
    let columns: String = columns.collect();
    let table =
        format!("CREATE TABLE \"{name}\" (fid INTEGER PRIMARY KEY, geom BLOB{columns}); BEGIN");
    database.execute_batch(&table).unwrap();
    let marks = ", ?".repeat(layer.header.len());
    let insert = format!("INSERT INTO \"{name}\" VALUES (NULL, ?{marks})");
    let mut insert = database.prepare(&insert).unwrap();
    for (cells, shape) in &layer.rows {
        insert.raw_bind_parameter(1, blob(shape)).unwrap();
        for (cell, at) in cells.iter().zip(2..) {
            let cell = (!cell.is_empty()).then_some(cell);
            insert.raw_bind_parameter(at, cell).unwrap();
        }
        insert.raw_execute().unwrap();
    }
    database.execute_batch("COMMIT").unwrap();
}

// --- the demo in all forms ---

/// The files of the demo that are layers of their own, and the columns whose names are too long for dBase.
const FILES: [(&str, &str); 5] = [
    ("townships.geojson", ""),
    ("communities.geojson", ""),
    (
        "population.csv",
        ", columns = { age_60_plus = \"age_60_plu\" }",
    ),
    (
        "facilities.csv",
        ", columns = { capacity_unit = \"capacity_u\" }",
    ),
    ("earlier.csv", ""),
];

fn layers(folder: &Path) -> BTreeMap<&'static str, Layer> {
    let read = |(file, _): (&'static str, &str)| {
        let path = folder.join(file);
        let layer = match file.ends_with(".csv") {
            true => Layer::of_table(&path),
            false => Layer::of_areas(&path),
        };
        (file.split('.').next().unwrap(), layer)
    };
    FILES.map(read).into_iter().collect()
}

/// The demo, travelling in straight lines, with each file as `put` writes it and under the name that `put` gives.
fn demo(name: &str, put: impl Fn(&Temp, &str, Layer) -> Option<String>) -> Temp {
    let temp = Temp::with_demo(name);
    let mut plan = fs::read_to_string(temp.path("plan.toml")).unwrap();
    plan = plan.replace("mode = \"streets\"\ncompare = true", "mode = \"straight\"");
    plan = plan.replace("horizon_years = 3", "horizon_years = 1");
    plan += "[ranking]\ncertainty = { draws = 10 }\n";
    plan = plan.replace(
        "roads = { nodes = \"nodes.csv\", edges = \"edges.csv\" }\n",
        "",
    );
    for ((layer_name, layer), (file, columns)) in layers(&temp).into_iter().map(|(name, layer)| {
        let file = FILES
            .iter()
            .find(|(file, _)| file.split('.').next() == Some(name));
        ((name, layer), *file.unwrap())
    }) {
        if let Some(new) = put(&temp, layer_name, layer) {
            let columns = if new.contains(".shp") || new.contains(".dbf") {
                columns
            } else {
                ""
            };
            plan = plan.replace(&format!("path = \"{file}\""), &format!("{new}{columns}"));
            fs::remove_file(temp.path(file)).unwrap();
        }
    }
    temp.put("plan.toml", plan);
    temp
}

fn shapefiles(name: &str, crs: &'static str, gbk: bool) -> Temp {
    demo(name, move |temp, name, layer| {
        if name == "earlier" {
            temp.put("earlier.dbf", dbf(&layer, gbk));
            return Some("path = \"earlier.dbf\"".to_owned());
        }
        let layer = layer.moved(&Crs::parse(crs).unwrap());
        put_shapefile(temp, name, &layer, crs, gbk);
        Some(format!("path = \"{name}.shp\""))
    })
}

fn geopackage(name: &str, srs: i64) -> Temp {
    demo(name, move |temp, name, layer| {
        let layer = layer.moved(&Crs::parse(&srs.to_string()).unwrap());
        put_geopackage(&temp.path("city.gpkg"), name, &layer, srs);
        Some(format!("path = \"city.gpkg\", sheet = \"{name}\""))
    })
}

/// Areas and points as GeoJSON, one of them in a sequence.
fn geojson(name: &str) -> Temp {
    demo(name, |temp, name, layer| {
        let feature = |(cells, shape): &(Vec<String>, Shape)| {
            let geometry = match shape {
                Shape::Point(place) => format!("{{\"type\":\"Point\",\"coordinates\":{place:?}}}"),
                Shape::Area(area) => {
                    format!("{{\"type\":\"MultiPolygon\",\"coordinates\":{area:?}}}")
                }
                Shape::Line(_) | Shape::None => "null".to_owned(),
            };
            // The id of a facility beside its properties.
            let (mut properties, mut id) = (Vec::new(), String::new());
            for (key, cell) in layer.header.iter().zip(cells) {
                match key == "id" && name == "facilities" {
                    true => id = format!("\"id\":{cell:?},"),
                    false => properties.push(format!("{key:?}:{cell:?}")),
                }
            }
            let properties = properties.join(",");
            format!(
                "{{{id}\"type\":\"Feature\",\"geometry\":{geometry},\"properties\":{{{properties}}}}}"
            )
        };
        let features: Vec<String> = layer.rows.iter().map(feature).collect();
        if name == "population" {
            temp.put("population.geojsonl", features.join("\n"));
            return Some("path = \"population.geojsonl\"".to_owned());
        }
        let features = features.join(",\n");
        let text = format!("{{\"features\":[{features}],\"type\":\"FeatureCollection\"}}");
        temp.put(&format!("{name}.json"), text);
        Some(format!("path = \"{name}.json\""))
    })
}

fn input(folder: &Path) -> Result<Input, Vec<Finding>> {
    let path = folder.join("plan.toml");
    let mut plan = Plan::read(&path).unwrap();
    let (catalogue, _) = plan::catalogue(&mut plan, &path).unwrap();
    let input = read::read(&plan, &Folder(folder.to_owned()), &catalogue);
    input.map_err(|failure| failure.findings)
}

/// The tables of a round, without what names its files.
fn tables(temp: &Temp) -> BTreeMap<String, String> {
    let job = Job::read(PlanFile::open(&temp.path("plan.toml")).unwrap(), &Quiet).unwrap();
    let evaluation = job.evaluate(Extent::Round, &Quiet).unwrap();
    let out = OutFolder::prepare(&temp.path("out"), true).unwrap();
    let options = WriteOptions {
        inputs: true,
        ..WriteOptions::default()
    };
    job.write(out, &evaluation, &options, &Quiet).unwrap();
    let files = temp.path("out").read_dir().unwrap().map(Result::unwrap);
    let tables = files.filter_map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        let own =
            ["findings.csv", "inputs.csv", "origins.csv", "round.json"].contains(&name.as_str());
        let text = fs::read_to_string(entry.path()).ok()?;
        (!own).then_some((name, text))
    });
    tables.collect()
}

/// Places within a millimetre, and people and codes alike.
fn same_city(one: &Input, other: &Input, what: &str) {
    let places = |input: &Input| -> Vec<[i32; 2]> {
        let points = input.city.points().iter().map(|point| point.at);
        let facilities = input.city.facilities().iter().map(|each| each.at);
        points.chain(facilities).map(|at| [at.x, at.y]).collect()
    };
    let (ours, theirs) = (places(one), places(other));
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let apart = ours.iter().flatten().zip(theirs.iter().flatten());
    let apart = apart.map(|(a, b)| (a - b).abs()).max();
    assert!(apart <= Some(1), "{what}: {apart:?} mm");
    let people = |input: &Input| format!("{:?}", input.city.residents());
    assert_eq!(people(one), people(other), "{what}");
    let codes = |input: &Input| -> Vec<String> {
        let all = input.city.communities().iter();
        all.map(|each| format!("{} {} {:?}", each.code, each.name, each.class))
            .collect()
    };
    assert_eq!(codes(one), codes(other), "{what}");
}

#[test]
fn the_demo_in_every_form_gives_the_same_round() {
    let plain = demo("vectors-plain", |_, _, _| None);
    let expected = tables(&plain);
    assert!(expected.len() > 10);
    let forms = [
        ("GeoJSON", geojson("vectors-geojson")),
        ("Shapefile", shapefiles("vectors-shp", "EPSG:4490", false)),
        (
            "Shapefile in GBK",
            shapefiles("vectors-gbk", "EPSG:4490", true),
        ),
        ("GeoPackage", geopackage("vectors-gpkg", 4490)),
    ];
    for (form, temp) in forms {
        let made = tables(&temp);
        assert!(made.keys().eq(expected.keys()), "{form}");
        for (name, text) in &made {
            let other = &expected[name];
            let line = text.lines().zip(other.lines()).find(|(a, b)| a != b);
            assert!(text == other, "{form} {name}: {line:?}");
        }
    }
}

#[test]
fn the_demo_is_the_same_in_the_planes_that_layers_name_themselves() {
    let plain = demo("vectors-plain", |_, _, _| None);
    let expected = input(&plain).unwrap();
    let planes = [
        (
            "Shapefile, EPSG:4523",
            shapefiles("vectors-4523", "EPSG:4523", true),
        ),
        (
            "Shapefile, UTM",
            shapefiles("vectors-utm", "EPSG:32648", false),
        ),
        ("GeoPackage, EPSG:4544", geopackage("vectors-4544", 4544)),
    ];
    for (what, temp) in planes {
        let input = input(&temp).unwrap();
        same_city(&input, &expected, what);
        let own = [Kind::Gb18030, Kind::ColumnsUnused];
        let more = input
            .findings
            .iter()
            .filter(|each| !own.contains(&each.kind));
        assert_eq!(
            more.count(),
            expected.findings.len(),
            "{what}: {:?}",
            input.findings
        );
    }
}

#[test]
fn a_shapefile_is_kept_with_all_its_files_and_compared_by_them() {
    let temp = shapefiles("vectors-kept", "EPSG:4490", false);
    temp.put("communities.CPG", "UTF-8");
    fs::rename(temp.path("communities.dbf"), temp.path("communities.DBF")).unwrap();
    tables(&temp);
    let kept = temp.path("out/inputs");
    for name in [
        "communities.shp",
        "communities.DBF",
        "communities.prj",
        "communities.CPG",
        "earlier.dbf",
    ] {
        assert!(kept.join(name).is_file(), "{name}");
    }
    let record = fs::read_to_string(temp.path("out/round.json")).unwrap();
    for name in [
        "communities.DBF",
        "communities.prj",
        "communities.CPG",
        "townships.prj",
    ] {
        assert!(record.matches(name).count() == 2, "{name}");
    }
    let again = |folder: &Path| PlanFile::of_round(folder).unwrap();
    let out = temp.path("out");
    compare(again(&out), again(&out), &Quiet).unwrap();
    fs::write(kept.join("communities.prj"), prj("EPSG:4523")).unwrap();
    let Err(error) = compare(again(&out), again(&out), &Quiet) else {
        panic!("a changed file is not noticed");
    };
    assert!(error.to_string().contains("communities.prj"), "{error}");
}

// --- what is wrong with them ---

fn of_kind(findings: &[Finding], kind: Kind) -> Vec<&Finding> {
    findings.iter().filter(|each| each.kind == kind).collect()
}

/// The only error of a city.
fn error(temp: &Temp) -> Finding {
    let findings = input(temp).err().unwrap();
    let errors = findings
        .iter()
        .filter(|each| each.kind.level() == fuwutu_io::finding::Level::Error);
    let errors: Vec<&Finding> = errors.collect();
    let [only] = errors.as_slice() else {
        panic!("{errors:?}");
    };
    (*only).clone()
}

#[test]
fn shapefiles_that_are_not_whole_are_errors_that_say_what_is_missing() {
    let with = |change: &dyn Fn(&Temp)| {
        let temp = shapefiles("vectors-bad", "EPSG:4490", true);
        change(&temp);
        temp
    };
    let finding = error(&with(&|temp| {
        fs::remove_file(temp.path("communities.dbf")).unwrap();
    }));
    assert_eq!(
        (finding.kind, finding.file.as_str()),
        (Kind::SideMissing, "communities.shp")
    );
    let finding = error(&with(&|temp| {
        let other = fs::read(temp.path("townships.dbf")).unwrap();
        temp.put("communities.dbf", other);
    }));
    assert_eq!(
        (finding.kind, finding.value.as_str()),
        (Kind::SidesDiffer, "60 ≠ 6")
    );
    let finding = error(&with(&|temp| {
        temp.put("communities.prj", "PROJCS[\"Mars_2000\"]");
    }));
    assert_eq!(
        (finding.kind, finding.value.as_str()),
        (Kind::CrsUnknown, "Mars_2000")
    );
    let finding = error(&with(&|temp| {
        temp.put(
            "communities.prj",
            prj("EPSG:4523").replace("China_2000", "Xian_1980"),
        );
    }));
    assert_eq!(finding.kind, Kind::CrsNoTransformation);
    // No .prj: the plan's word on all files counts. No .shx was there from the beginning.
    let findings = input(&with(&|temp| {
        fs::remove_file(temp.path("communities.prj")).unwrap();
    }));
    let findings = findings.unwrap().findings;
    assert_eq!(
        of_kind(&findings, Kind::CrsUndeclared),
        Vec::<&Finding>::new()
    );
    let findings = input(&with(&|temp| {
        temp.put("communities.shx", [0; 100 + 8 * 59]);
        temp.put("communities.cpg", "ISO-8859-1");
    }));
    let findings = findings.unwrap().findings;
    assert_eq!(of_kind(&findings, Kind::IndexDiffers)[0].value, "60 ≠ 59");
    assert_eq!(
        of_kind(&findings, Kind::EncodingContradicts)[0].value,
        "ISO-8859-1 ≠ GB18030"
    );
}

#[test]
fn deleted_records_blank_numbers_and_memos_are_told() {
    let temp = shapefiles("vectors-dbf", "EPSG:4490", false);
    let mut layer = Layer::of_table(&support::demo().join("facilities.csv"));
    layer
        .rows
        .push((layer.rows[0].0.clone(), layer.rows[0].1.clone()));
    let capacity = layer
        .header
        .iter()
        .position(|name| name == "capacity")
        .unwrap();
    layer.header.push("memo".to_owned());
    layer
        .rows
        .iter_mut()
        .for_each(|(cells, _)| cells.push("12".to_owned()));
    let mut bytes = dbf(&layer, false);
    let count = layer.rows.len();
    let width = usize::from(u16::from_le_bytes([bytes[10], bytes[11]]));
    let start = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    // The last record is deleted; the first capacity is stars; the last field is a memo.
    bytes[start + width * (count - 1)] = b'*';
    let widths = |at: usize| usize::from(bytes[32 + 32 * at + 16]);
    let (before, own) = (
        1 + (0..capacity).map(widths).sum::<usize>(),
        widths(capacity),
    );
    bytes[start + before..start + before + own].fill(b'*');
    bytes[32 + 32 * (layer.header.len() - 1) + 11] = b'M';
    temp.put("facilities.dbf", bytes);
    temp.put("facilities.shp", shp(&layer));
    let input = input(&temp).unwrap();
    let value = |kind| of_kind(&input.findings, kind)[0].value.clone();
    assert_eq!(value(Kind::RecordsDeleted), "1");
    assert_eq!(value(Kind::FieldsUnread), "memo");
    let plain = self::input(&demo("vectors-plain", |_, _, _| None)).unwrap();
    assert_eq!(input.city.facilities().len(), plain.city.facilities().len());
}

#[test]
fn lines_are_refused_by_feature_and_type_and_areas_are_places() {
    let facilities = |change: &dyn Fn(&mut Layer)| {
        let temp = shapefiles("vectors-shapes", "EPSG:4490", false);
        let mut layer = Layer::of_table(&support::demo().join("facilities.csv"));
        change(&mut layer);
        put_shapefile(&temp, "facilities", &layer, "EPSG:4490", false);
        temp
    };
    let square = |[x, y]: [f64; 2]| {
        let corner = |east: f64, north: f64| [x + east * 1e-4, y + north * 1e-4];
        vec![
            corner(-1.0, -1.0),
            corner(-1.0, 1.0),
            corner(1.0, 1.0),
            corner(1.0, -1.0),
            corner(-1.0, -1.0),
        ]
    };
    let place = |layer: &Layer, at: usize| match layer.rows[at].1 {
        Shape::Point(place) => place,
        _ => panic!("no point"),
    };
    let finding = error(&facilities(&|layer| {
        layer.rows[2].1 = Shape::Line(square(place(layer, 2)));
    }));
    assert_eq!(
        (
            finding.kind,
            finding.row,
            finding.feature,
            finding.value.as_str()
        ),
        (Kind::GeometryNotPoint, Some(3), true, "PolyLine")
    );
    let finding = error(&facilities(&|layer| layer.rows[4].1 = Shape::None));
    assert_eq!(
        (finding.kind, finding.row, finding.feature),
        (Kind::PlaceMissing, Some(5), true)
    );
    let areas = facilities(&|layer| {
        for at in 0..3 {
            layer.rows[at].1 = Shape::Area(vec![vec![square(place(layer, at))]]);
        }
        layer.header.push("经度".to_owned());
        layer
            .rows
            .iter_mut()
            .for_each(|(cells, _)| cells.push("1".to_owned()));
    });
    let areas = input(&areas).unwrap();
    assert_eq!(of_kind(&areas.findings, Kind::AreasAsPoints)[0].value, "3");
    assert_eq!(of_kind(&areas.findings, Kind::PlaceTwice)[0].value, "经度");
    let expected = input(&demo("vectors-plain", |_, _, _| None)).unwrap();
    same_city(&areas, &expected, "areas as facilities");
    // Where areas are wanted, a line is none.
    let temp = shapefiles("vectors-lines", "EPSG:4490", false);
    let mut layer = Layer::of_areas(&support::demo().join("communities.geojson"));
    layer.rows[1].1 = Shape::Line(square([104.0, 30.6]));
    put_shapefile(&temp, "communities", &layer, "EPSG:4490", false);
    let finding = error(&temp);
    assert_eq!(
        (finding.kind, finding.row),
        (Kind::GeometryNotArea, Some(2))
    );
    assert_eq!(finding.value, "PolyLine");
}

#[test]
fn areas_in_several_features_are_one_in_every_form() {
    let plain = input(&demo("vectors-plain", |_, _, _| None)).unwrap();
    let apart = |mut layer: Layer| {
        let (cells, shape) = layer.rows[0].clone();
        let Shape::Area(area) = shape else {
            panic!("no area");
        };
        // The western and the eastern half of its outer ring as two features would need a cut; a far small square does as well.
        let [x, y] = area[0][0][0];
        let small = vec![
            [x, y],
            [x, y + 1e-5],
            [x + 1e-5, y + 1e-5],
            [x + 1e-5, y],
            [x, y],
        ];
        layer.rows.push((cells, Shape::Area(vec![vec![small]])));
        layer
    };
    let communities = || {
        apart(Layer::of_areas(
            &support::demo().join("communities.geojson"),
        ))
    };
    let shapes = shapefiles("vectors-parts", "EPSG:4490", false);
    put_shapefile(&shapes, "communities", &communities(), "EPSG:4490", false);
    let database = geopackage("vectors-parts-gpkg", 4490);
    put_geopackage(
        &database.path("parts.gpkg"),
        "communities",
        &communities(),
        4490,
    );
    let plan = fs::read_to_string(database.path("plan.toml")).unwrap();
    let own = "path = \"city.gpkg\", sheet = \"communities\"";
    database.put("plan.toml", plan.replace(own, "path = \"parts.gpkg\""));
    for temp in [shapes, database] {
        let input = input(&temp).unwrap();
        assert_eq!(
            of_kind(&input.findings, Kind::FeaturesJoined)[0].value,
            "1, 61"
        );
        assert_eq!(
            input.city.communities().len(),
            plain.city.communities().len()
        );
    }
}

#[test]
fn a_database_that_is_no_geopackage_or_has_other_layers_is_an_error_that_says_so() {
    let temp = geopackage("vectors-gpkg-bad", 4490);
    let plan = fs::read_to_string(temp.path("plan.toml")).unwrap();
    let with = |from: &str, to: &str| temp.put("plan.toml", plan.replace(from, to));
    with("sheet = \"communities\"", "sheet = \"villages\"");
    let finding = error(&temp);
    assert_eq!(
        (finding.kind, finding.column.as_str()),
        (Kind::LayerUnknown, "villages")
    );
    let there = "communities, facilities, population, townships";
    assert_eq!(finding.value, there);
    with(", sheet = \"communities\"", "");
    let found = input(&temp).unwrap().findings;
    assert_eq!(of_kind(&found, Kind::LayersSeveral), Vec::<&Finding>::new());
    // Townships need a code alone: the communities come first and have one.
    with(", sheet = \"townships\"", "");
    let findings = input(&temp).map_or_else(|findings| findings, |input| input.findings);
    assert_eq!(
        of_kind(&findings, Kind::LayersSeveral)[0].column,
        "communities"
    );
    let other = Connection::open(temp.path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    with(
        "path = \"city.gpkg\", sheet = \"communities\"",
        "path = \"other.db\"",
    );
    assert_eq!(error(&temp).kind, Kind::NotGeoPackage);
    with("city.gpkg", "city.gpkg");
    temp.put("city.gpkg-wal", "x");
    assert_eq!(error(&temp).kind, Kind::ChangesBeside);
}

#[test]
fn hostile_databases_end_with_an_error_and_little_memory() {
    let temp = geopackage("vectors-hostile", 4490);
    let made = |name: &str, view: &str| {
        let path = temp.path(name);
        put_geopackage(
            &path,
            "few",
            &Layer::of_areas(&support::demo().join("townships.geojson")),
            4490,
        );
        let database = Connection::open(&path).unwrap();
        database.execute_batch(view).unwrap();
        let contents = "UPDATE gpkg_contents SET table_name = 'v'; UPDATE gpkg_geometry_columns SET table_name = 'v'";
        database.execute_batch(contents).unwrap();
        let plan = fs::read_to_string(temp.path("plan.toml")).unwrap();
        let own = "path = \"city.gpkg\", sheet = \"townships\"";
        temp.put(
            "hostile.toml",
            plan.replace(own, &format!("path = \"{name}\"")),
        );
        let path = temp.path("hostile.toml");
        let mut plan = Plan::read(&path).unwrap();
        let (catalogue, _) = plan::catalogue(&mut plan, &path).unwrap();
        let input = read::read(&plan, &Folder(temp.to_path_buf()), &catalogue);
        input
            .map(|_| ())
            .map_err(|failure| failure.errors().next().unwrap().kind)
    };
    // A view is as good as a table, but not one that never ends or unfolds.
    assert_eq!(
        made("view.gpkg", "CREATE VIEW v AS SELECT * FROM few"),
        Ok(())
    );
    let endless = "CREATE VIEW v AS WITH RECURSIVE n(code, name, geom) AS (SELECT '1', 'x', NULL UNION ALL SELECT '1', 'x', NULL FROM n) SELECT * FROM n";
    assert!(made("endless.gpkg", endless).is_err());
    let times: String = (0..9).map(|at| format!(", few b{at}")).collect();
    let wide = format!("CREATE VIEW v AS SELECT a.* FROM few a{times}");
    assert_eq!(made("wide.gpkg", &wide), Err(Kind::LayerBroken));
    let loud = "CREATE VIEW v AS SELECT code, name, zeroblob(1000000000) AS geom FROM few";
    assert_eq!(made("loud.gpkg", loud), Err(Kind::LayerBroken));
}

#[test]
fn other_sorts_of_json_are_named_and_features_keep_their_faults() {
    let with = |text: &str| {
        let temp = geojson("vectors-json");
        temp.put("townships.json", text);
        temp
    };
    for (text, name) in [
        (
            "{\"type\":\"Topology\",\"arcs\":[],\"objects\":{}}",
            "TopoJSON",
        ),
        (
            "{\"geometryType\":\"esriGeometryPolygon\",\"features\":[]}",
            "Esri JSON",
        ),
        ("{\"rings\":[[[0,0]]]}", "Esri JSON"),
    ] {
        let finding = error(&with(text));
        assert_eq!(finding.kind, Kind::FormForeign, "{text}");
        assert!(finding.value.contains(name), "{}", finding.value);
    }
    for form in [&b"fgb\x03fgb\x00"[..], b"PAR1", b"PK\x03\x04"] {
        let temp = geojson("vectors-json");
        temp.put("townships.json", form);
        assert_eq!(error(&temp).kind, Kind::FormForeign);
    }
    // All that is wrong is said at once.
    let two = with(
        "{\"type\":\"FeatureCollection\",\"features\":[7,{\"type\":\"Feature\",\"properties\":{\"code\":\"1\"},\
         \"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3]]]}}]}",
    );
    let findings = input(&two).err().unwrap();
    let broken = of_kind(&findings, Kind::GeometryBroken);
    let short = of_kind(&findings, Kind::PositionBroken);
    assert_eq!(
        (broken[0].row, short[0].row, short[0].value.as_str()),
        (Some(1), Some(2), "[3.0]")
    );
}
