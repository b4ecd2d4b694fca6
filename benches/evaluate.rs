//! The whole evaluation, files to files, of a city of 21 million: 1.4 million demand points, 100,000 facilities, all services
//! with a limit, four years. The stages and the memory: `/usr/bin/time -v fuwutu evaluate PLAN --out DIR --timings`.

use std::path::Path;

use divan::Bencher;
use fuwutu_core::round::{self, Selection};
use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder};
use fuwutu_io::ways::Ways;
use fuwutu_io::write::{self, OutFolder, Outcome};
use fuwutu_synth::{Lattice, Spec};

fn main() {
    divan::main();
}

#[divan::bench(args = [2_100_000, 21_000_000], sample_count = 3, sample_size = 1)]
fn evaluate_files_to_files(bencher: Bencher, residents: u64) {
    bench(bencher, residents, None);
}

/// The same on streets, a crossing for 21 residents, with straight lines beside; the network is read anew each time.
#[divan::bench(args = [2_100_000, 21_000_000], sample_count = 3, sample_size = 1)]
fn evaluate_on_streets_files_to_files(bencher: Bencher, residents: u64) {
    bench(bencher, residents, Some((residents / 21) as u32));
}

fn bench(bencher: Bencher, residents: u64, crossings: Option<u32>) {
    let folder = std::env::temp_dir().join(format!("fuwutu-bench-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    write_city(&folder, residents, crossings);
    bencher.bench_local(|| evaluate(&folder));
    let _ = std::fs::remove_dir_all(&folder);
}

fn write_city(folder: &Path, residents: u64, crossings: Option<u32>) {
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml"))
        .expect("the embedded catalogue");
    let city = fuwutu_synth::city(&Spec::scaled(residents, 1), &catalogue);
    let roads = crossings.map(|crossings| Lattice::over(&city.records, crossings, 1).roads());
    let extras = Extras {
        townships: &city.townships,
        earlier: &city.earlier,
        earlier_year: city.earlier_year,
        name: "bench",
        select: &[],
        roads: roads.as_ref(),
    };
    inputs::write(folder, &city.records, extras, &catalogue).expect("a writable folder");
}

fn evaluate(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder.join(".fuwutu"));
    let path = folder.join("plan.toml");
    let plan = Plan::read(&path).expect("a sound plan");
    let (catalogue, selected) = plan::catalogue(&plan, &path).expect("the embedded catalogue");
    let input = read::read(&plan, &Folder(folder.to_owned()), &catalogue).expect("sound files");
    let services = Selection {
        catalogue: &catalogue,
        selected: &selected,
    };
    let ways = Ways::new(&plan, input.roads.as_ref());
    let round = round::evaluate(
        &input.city,
        &input.outlook,
        services,
        &plan.core(),
        ways.travels(),
        &|_| {},
    );
    let outcome = Outcome {
        plan: &plan,
        city: &input.city,
        outlook: &input.outlook,
        catalogue: &catalogue,
        selected: &selected,
        roads: input.roads.as_ref(),
        round: &round,
        nearest: None,
        origins: &input.origins,
        findings: &input.findings,
        files: &input.files,
    };
    let out = OutFolder::prepare(&folder.join("out"), true).expect("a free folder");
    write::round(out, &outcome, None).expect("sums that add up");
}
