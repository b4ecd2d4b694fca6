//! The whole evaluation, files to files, of a city of 21 million: 1.4 million demand points, 100,000 facilities, all services
//! with a limit, four years; on one thread and on two. Prints the seconds of each stage of the first run, what reach and supply
//! (with the allocation of each service) take for each demand point, service and year, and the most memory that the process
//! has held so far.

#![expect(clippy::print_stderr, reason = "a bench tells what it measured")]

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use divan::Bencher;
use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan;
use fuwutu_run::{Extent, Job, OutFolder, PlanFile, Stage, Watch, WriteOptions};
use fuwutu_synth::{Lattice, Spec};

fn main() {
    divan::main();
}

const SIZES: [(u64, usize); 4] = [
    (2_100_000, 1),
    (2_100_000, 2),
    (21_000_000, 1),
    (21_000_000, 2),
];

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn evaluate_files_to_files(bencher: Bencher, (residents, threads): (u64, usize)) {
    bench(bencher, residents, threads, None);
}

/// The same on streets, a crossing for 21 residents, with straight lines beside; the network is read anew each time.
#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn evaluate_on_streets_files_to_files(bencher: Bencher, (residents, threads): (u64, usize)) {
    bench(bencher, residents, threads, Some((residents / 21) as u32));
}

fn bench(bencher: Bencher, residents: u64, threads: usize, crossings: Option<u32>) {
    let folder = std::env::temp_dir().join(format!("fuwutu-bench-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    write_city(&folder, residents, crossings);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    pool.install(|| evaluate(&folder)).print();
    bencher.bench_local(|| pool.install(|| evaluate(&folder)));
    let _ = std::fs::remove_dir_all(&folder);
}

/// When each stage began.
#[derive(Default)]
struct Clock(Mutex<Vec<(Stage, Instant)>>);

impl Watch for Clock {
    fn stage(&self, stage: Stage) {
        if let Ok(mut stages) = self.0.lock() {
            stages.push((stage, Instant::now()));
        }
    }
}

/// What a run took.
struct Timings {
    stages: Vec<(Stage, Instant)>,
    end: Instant,
    /// Demand points × services × years.
    cells: usize,
}

impl Timings {
    fn print(&self) {
        let ends = self.stages.iter().skip(1).map(|&(_, begin)| begin);
        for (&(stage, begin), end) in self.stages.iter().zip(ends.chain([self.end])) {
            let seconds = end.duration_since(begin).as_secs_f64();
            eprint!("{} {seconds:.2} s", stage.name());
            if stage == Stage::Supply {
                let each = seconds * 1e9 / self.cells as f64;
                eprint!(" ({each:.1} ns for each demand point, service and year)");
            }
            eprint!(", ");
        }
        match peak_memory() {
            Some(kilobytes) => eprintln!("at most {:.2} GB", kilobytes as f64 / 1e6),
            None => eprintln!("memory not known"),
        }
    }
}

/// Kilobytes; `None` where the system does not say.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
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

fn evaluate(folder: &Path) -> Timings {
    let _ = std::fs::remove_dir_all(folder.join(".fuwutu"));
    let clock = Clock::default();
    let plan = PlanFile::open(&folder.join("plan.toml")).expect("a sound plan");
    let job = Job::read(plan, &clock).expect("sound files");
    let evaluation = job
        .evaluate(Extent::Round, &clock)
        .expect("nobody says stop");
    let out = OutFolder::prepare(&folder.join("out"), true).expect("a free folder");
    job.write(out, &evaluation, &WriteOptions::default(), &clock)
        .expect("sums that add up");
    Timings {
        stages: clock.0.into_inner().expect("no thread has panicked"),
        end: Instant::now(),
        cells: job.input.city.points().len()
            * evaluation.selected.len()
            * evaluation.round.years.len(),
    }
}
