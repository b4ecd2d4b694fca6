//! The whole evaluation, files to files, of a city of 21 million: 1.4 million demand points, 100,000 facilities, all services
//! with a limit, four years. The stages and the memory: `/usr/bin/time -v fuwutu evaluate PLAN --out DIR --timings`.

use std::path::Path;

use divan::Bencher;
use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan;
use fuwutu_run::{Extent, Job, OutFolder, PlanFile, Quiet, WriteOptions};
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
    let plan = PlanFile::open(&folder.join("plan.toml")).expect("a sound plan");
    let job = Job::read(plan, &Quiet).expect("sound files");
    let evaluation = job
        .evaluate(Extent::Round, &Quiet)
        .expect("nobody says stop");
    let out = OutFolder::prepare(&folder.join("out"), true).expect("a free folder");
    job.write(out, &evaluation, &WriteOptions::default(), &Quiet)
        .expect("sums that add up");
}
