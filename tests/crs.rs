//! One city in every coordinate system: the same places and the same figures.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/moved.rs"]
mod moved;
mod support;

use std::fs;
use std::path::Path;

use fuwutu_io::crs::Crs;
use fuwutu_io::plan::Plan;
use fuwutu_io::read::Folder;
use fuwutu_run::{Extent, Job, PlanFile, Quiet};

use moved::{layer, table};
use support::Temp;

/// What the demo comes to: places in millimetres, and the figures of every unit, service and year.
fn evaluated(folder: &Path) -> (Vec<[i32; 2]>, String) {
    let path = folder.join("plan.toml");
    let plan = Plan::parse(&fs::read_to_string(&path).unwrap(), &path).unwrap();
    let file = PlanFile::new(plan, &path, Folder(folder.to_owned()));
    let job = Job::read(file, &Quiet).unwrap();
    let evaluation = job.evaluate(Extent::BaseYear, &Quiet).unwrap();
    let city = &job.input.city;
    let places = city.points().iter().map(|point| point.at);
    let places = places.chain(city.facilities().iter().map(|each| each.at));
    let round = &evaluation.round;
    let figures = format!(
        "{:?} {:?} {:?}",
        round.totals,
        round.units.len(),
        round.residents
    );
    (places.map(|at| [at.x, at.y]).collect(), figures)
}

#[test]
fn the_demo_is_the_same_in_every_coordinate_system() {
    let plain = Temp::with_demo("crs-plain");
    let (places, figures) = evaluated(&plain);
    // 6° and 3° zones of CGCS2000 with and without their number, UTM, Web Mercator, and the web maps of China.
    let systems = [
        "EPSG:4496",
        "EPSG:4507",
        "EPSG:4523",
        "EPSG:4544",
        "EPSG:4522",
        "EPSG:32648",
        "EPSG:3857",
        "GCJ-02",
        "BD-09",
    ];
    for name in systems {
        let crs = Crs::parse(name).unwrap();
        let temp = Temp::with_demo("crs");
        for file in ["population.csv", "facilities.csv", "nodes.csv"] {
            table(&temp.path(file), &crs);
        }
        for file in ["townships.geojson", "communities.geojson"] {
            layer(&temp.path(file), &crs);
        }
        let plan = fs::read_to_string(temp.path("plan.toml")).unwrap();
        temp.put("plan.toml", plan.replace("EPSG:4490", name));
        let (moved, there) = evaluated(&temp);
        let apart = places.iter().flatten().zip(moved.iter().flatten());
        let apart = apart.map(|(a, b)| (a - b).abs()).max();
        assert!(apart <= Some(1), "{name}: {apart:?} mm");
        assert_eq!(there, figures, "{name}");
    }
}

#[test]
fn every_file_may_have_its_own_system() {
    let plain = Temp::with_demo("crs-own-plain");
    let (places, figures) = evaluated(&plain);
    let temp = Temp::with_demo("crs-own");
    let parse = |name| Crs::parse(name).unwrap();
    table(&temp.path("facilities.csv"), &parse("GCJ-02"));
    table(&temp.path("population.csv"), &parse("EPSG:4523"));
    table(&temp.path("nodes.csv"), &parse("BD-09"));
    layer(&temp.path("communities.geojson"), &parse("EPSG:4544"));
    let mut plan = fs::read_to_string(temp.path("plan.toml")).unwrap();
    for (file, crs) in [
        ("facilities.csv", "GCJ-02"),
        ("population.csv", "EPSG:4523"),
        ("communities.geojson", "EPSG:4544"),
    ] {
        let source = format!("path = \"{file}\"");
        plan = plan.replace(&source, &format!("{source}, crs = \"{crs}\""));
    }
    plan = plan.replace(
        "edges = \"edges.csv\"",
        "edges = \"edges.csv\", crs = \"BD-09\"",
    );
    temp.put("plan.toml", plan);
    let (moved, there) = evaluated(&temp);
    let apart = places.iter().flatten().zip(moved.iter().flatten());
    assert!(apart.map(|(a, b)| (a - b).abs()).max() <= Some(1));
    assert_eq!(there, figures);
}

/// What `check` doubts of the demo's files, some of them changed.
fn doubts(temp: &Temp) -> Vec<(String, String)> {
    let path = temp.path("plan.toml");
    let plan = Plan::parse(&fs::read_to_string(&path).unwrap(), &path).unwrap();
    let job = Job::read(PlanFile::new(plan, &path, Folder(temp.0.clone())), &Quiet).unwrap();
    let findings = job.input.findings.iter();
    let doubted = findings.filter(|each| each.kind.code() == "datum_doubted");
    doubted
        .map(|each| (each.file.clone(), each.value.clone()))
        .collect()
}

#[test]
fn places_of_web_maps_that_are_not_declared_are_asked_about() {
    for (file, datum) in [
        ("facilities.csv", "GCJ-02"),
        ("facilities.csv", "BD-09"),
        ("population.csv", "GCJ-02"),
        ("population.csv", "BD-09"),
    ] {
        let temp = Temp::with_demo("crs-wrong");
        table(&temp.path(file), &Crs::parse(datum).unwrap());
        let found = doubts(&temp);
        assert!(
            found.len() == 1 && found[0].0 == file && found[0].1.ends_with(datum),
            "{file} {datum}: {found:?}"
        );
        // The other way round: in degrees of CGCS2000, and declared as something else.
        let temp = Temp::with_demo("crs-twice");
        let plan = fs::read_to_string(temp.path("plan.toml")).unwrap();
        let source = format!("path = \"{file}\"");
        temp.put(
            "plan.toml",
            plan.replace(&source, &format!("{source}, crs = \"{datum}\"")),
        );
        let found = doubts(&temp);
        assert!(
            found.len() == 1 && found[0].0 == file && found[0].1.ends_with("EPSG:4490"),
            "{file} {datum}: {found:?}"
        );
        // Declared as the one and in the other.
        let other = if datum == "GCJ-02" { "BD-09" } else { "GCJ-02" };
        table(&temp.path(file), &Crs::parse(other).unwrap());
        let found = doubts(&temp);
        assert!(
            found.len() == 1 && found[0].0 == file && found[0].1.ends_with(other),
            "{file} {datum} {other}: {found:?}"
        );
    }
}

/// Any subset of the demo's facilities and points, as often as 60 times, is not accused.
#[test]
fn right_places_are_not_doubted() {
    let temp = Temp::with_demo("crs-right");
    let all = ["facilities.csv", "population.csv"]
        .map(|file| fs::read_to_string(temp.path(file)).unwrap());
    let mut state = 1_u64;
    for _ in 0..60 {
        for (file, text) in ["facilities.csv", "population.csv"].iter().zip(&all) {
            let (header, rows) = text.split_once('\n').unwrap();
            let rows = rows.lines().filter(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                state >> 62 != 0
            });
            let rows: Vec<&str> = rows.collect();
            temp.put(file, format!("{header}\n{}\n", rows.join("\n")));
        }
        assert_eq!(doubts(&temp), []);
    }
}
