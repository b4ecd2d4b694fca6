//! From the bytes of an OpenStreetMap file to a network that can be searched on foot: some 2 million nodes, 70,000 streets
//! and 500,000 houses, made here. The rate is of compressed bytes.

#![expect(clippy::print_stderr, reason = "a bench tells what it computed")]

#[path = "../tests/pbf.rs"]
mod pbf;

use std::io;
use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::BytesCount;
use fuwutu_core::service::Mode;
use fuwutu_io::frame::Projection;
use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Files, Folder};
use fuwutu_io::ways::Ways;
use fuwutu_synth::{Lattice, Spec};

use pbf::{Node, Way};

fn main() {
    divan::main();
}

/// A folder of files, and one in memory; nothing is kept for the next run.
struct Memory {
    folder: Folder,
    pbf: Vec<u8>,
}

impl Files for Memory {
    fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == Path::new("city.osm.pbf") {
            Ok(self.pbf.clone())
        } else {
            self.folder.bytes(path)
        }
    }
}

struct Temp(PathBuf);

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[divan::bench(args = [1, 2], sample_count = 5)]
fn network_of_an_openstreetmap_file(bencher: Bencher, threads: usize) {
    let temp =
        Temp(std::env::temp_dir().join(format!("fuwutu-bench-roads-{}", std::process::id())));
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml"))
        .expect("the embedded catalogue");
    let spec = Spec {
        points: 300,
        facilities: 50,
        area_km2: 8_000.0,
        ..Spec::scaled(100_000, 1)
    };
    let city = fuwutu_synth::city(&spec, &catalogue);
    let extras = Extras {
        townships: &city.townships,
        earlier: &city.earlier,
        earlier_year: city.earlier_year,
        name: "bench",
        select: &["primary_school".to_owned()],
        roads: None,
    };
    inputs::write(&temp.0, &city.records, extras, &catalogue).expect("a writable folder");
    let text = std::fs::read_to_string(temp.0.join("plan.toml")).expect("just written");
    let text = text.replace(
        "[inputs]",
        "[travel]\nmode = \"streets\"\n[inputs]\nroads = { path = \"city.osm.pbf\" }",
    );
    let plan = Plan::parse(&text, Path::new("plan.toml")).expect("a sound plan");
    let files = Memory {
        folder: Folder(temp.0.clone()),
        pbf: map(&city.records),
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    let work = || {
        let input = read::read(&plan, &files, &catalogue).expect("a whole file");
        let ways = Ways::new(&plan, input.roads.as_ref());
        let streets = ways.streets().expect("a plan on streets");
        streets.usable(Mode::Walk).len()
    };
    let edges = pool.install(work);
    eprintln!("{:.1} MB, {edges} edges", files.pbf.len() as f64 / 1e6);
    bencher
        .counter(BytesCount::new(files.pbf.len()))
        .bench_local(|| pool.install(work));
}

/// A lattice of some 1,400 × 1,400 places: along every sixth line streets of ten, so that they cross at every sixth place, and
/// all over houses of four.
fn map(records: &fuwutu_core::city::Records) -> Vec<u8> {
    let lattice = Lattice::over(records, 1_960_000, 3);
    let roads = lattice.roads();
    let projection = Projection::new(records.frame);
    let id = |at: i64| 1_000_000_000 + 3 * at;
    let node = |(at, number): (&fuwutu_core::quantity::Point, i64)| {
        let degrees = projection.to_degrees(at.metres());
        Node {
            id: id(number),
            lon: (degrees.x * 1e7) as i64,
            lat: (degrees.y * 1e7) as i64,
            tags: Vec::new(),
        }
    };
    let nodes: Vec<Node> = roads.nodes.iter().zip(0..).map(node).collect();
    let (columns, rows) = (i64::from(lattice.columns), i64::from(lattice.rows));
    let mut ways = Vec::new();
    let classes = ["residential", "service", "tertiary", "footway", "primary"];
    let mut street = |start: i64, step: i64| {
        let number = ways.len() as i64;
        let tags = vec![
            ("highway", classes[number as usize % 5].to_owned()),
            ("name", format!("路{}", number / 7)),
            ("surface", "asphalt".to_owned()),
        ];
        ways.push(Way {
            id: number,
            refs: (0..10).map(|at| id(start + at * step)).collect(),
            tags,
        });
    };
    for row in (0..rows).step_by(6) {
        (0..columns - 10)
            .step_by(9)
            .for_each(|column| street(row * columns + column, 1));
    }
    for column in (0..columns).step_by(6) {
        (0..rows - 10)
            .step_by(9)
            .for_each(|row| street(row * columns + column, columns));
    }
    for row in (1..rows - 1).step_by(2) {
        for at in (1..columns - 1)
            .step_by(2)
            .map(|column| row * columns + column)
        {
            let tags = vec![
                ("building", "yes".to_owned()),
                ("addr:housenumber", format!("{}", at % 997)),
            ];
            let corners = [at, at + 1, at + columns + 1, at + columns, at];
            ways.push(Way {
                id: at,
                refs: corners.map(id).to_vec(),
                tags,
            });
        }
    }
    pbf::file(&nodes, &ways)
}
