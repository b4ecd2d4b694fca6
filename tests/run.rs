//! A run as a program has it: when it is asked whether to stop, what a stop leaves, and which files it opens.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fuwutu_core::watch::STEPS;
use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan;
use fuwutu_io::read::{Files, Folder, ReadSeek};
use fuwutu_io::write::FolderError;
use fuwutu_run::{
    Error, Extent, Job, OutFolder, PlanFile, Quiet, Stage, Watch, WriteOptions, compare,
};
use fuwutu_synth::Spec;

use support::Temp;

/// Counts how often it is asked in each stage, and says stop at the `last` question.
struct Count {
    last: usize,
    asked: AtomicUsize,
    stages: Mutex<Vec<(Stage, usize)>>,
}

impl Count {
    fn new(last: usize) -> Self {
        Self {
            last,
            asked: AtomicUsize::new(0),
            stages: Mutex::new(Vec::new()),
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Questions in a stage.
    fn of(&self, stage: Stage) -> usize {
        let stages = self.stages.lock().unwrap();
        let own = stages.iter().filter(|(each, _)| *each == stage);
        own.map(|(_, count)| count).sum()
    }
}

impl Watch for Count {
    fn stage(&self, stage: Stage) {
        self.stages.lock().unwrap().push((stage, 0));
    }

    fn stop(&self) -> bool {
        if let Some((_, count)) = self.stages.lock().unwrap().last_mut() {
            *count += 1;
        }
        self.asked.fetch_add(1, Ordering::Relaxed) + 1 >= self.last
    }
}

/// Every file below a folder, hidden ones, too.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            all.extend(files(&entry.path()));
        } else {
            all.insert(entry.path(), std::fs::read(entry.path()).unwrap());
        }
    }
    all
}

/// Some of the questions of a run: the first and the last ten, and thirty between.
fn some(asked: usize) -> impl Iterator<Item = usize> {
    let step = (asked / 30).max(1);
    (1..=asked).filter(move |at| *at <= 10 || at + 10 > asked || at.is_multiple_of(step))
}

/// From the plan to the files.
fn run(folder: &Temp, watch: &dyn Watch) -> Result<(), Error> {
    let out = OutFolder::prepare(&folder.path("out"), true)?;
    let job = Job::read(PlanFile::open(&folder.path("city/plan.toml"))?, watch)?;
    let evaluation = job.evaluate(Extent::Round, watch)?;
    let options = WriteOptions {
        inputs: true,
        ..WriteOptions::default()
    };
    job.write(out, &evaluation, &options, watch)
}

fn demo_in(temp: &Temp, name: &str) {
    std::fs::create_dir(temp.path(name)).unwrap();
    for (path, bytes) in files(&support::demo()) {
        if !path.components().any(|part| part.as_os_str() == ".fuwutu") {
            let file = path.file_name().unwrap();
            std::fs::write(temp.path(name).join(file), bytes).unwrap();
        }
    }
}

#[test]
fn a_run_that_is_stopped_at_any_question_leaves_the_former_round_and_nothing_else() {
    let temp = Temp::new("run-stopped");
    demo_in(&temp, "city");
    // The first keeps the roads for the next, which then asks less.
    run(&temp, &Quiet).unwrap();
    let watch = Count::new(usize::MAX);
    run(&temp, &watch).unwrap();
    // Another round would be written.
    let plan = temp.path("city/plan.toml");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(
        &plan,
        text.replace("name = \"demo-2026\"", "name = \"other\""),
    )
    .unwrap();
    let before = files(&temp);
    for last in some(watch.asked()) {
        let stopped = run(&temp, &Count::new(last));
        assert!(
            matches!(stopped, Err(Error::Stopped(_))),
            "{last}: {stopped:?}"
        );
        assert_eq!(files(&temp), before, "question {last}");
    }
    run(&temp, &Quiet).unwrap();
    assert_ne!(files(&temp), before);
}

#[test]
fn every_long_stage_asks_often() {
    let temp = Temp::new("run-asks");
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap();
    let spec = Spec {
        points: 30_000,
        ..Spec::scaled(400_000, 3)
    };
    let city = fuwutu_synth::city(&spec, &catalogue);
    let extras = Extras {
        townships: &city.townships,
        earlier: &city.earlier,
        earlier_year: city.earlier_year,
        name: "asks",
        select: &[],
        roads: None,
    };
    inputs::write(&temp.path("city"), &city.records, extras, &catalogue).unwrap();
    let watch = Count::new(usize::MAX);
    run(&temp, &watch).unwrap();
    let job = Job::read(
        PlanFile::open(&temp.path("city/plan.toml")).unwrap(),
        &Quiet,
    )
    .unwrap();
    let (points, services) = (job.input.city.points().len(), job.selected.len());
    // Rows are counted, and again where they are put into their communities; each file is a question, too.
    let read = watch.of(Stage::Read);
    assert!(read >= 2 * points / STEPS + 5, "{read} for {points} points");
    let years = job.plan.round.horizon_years as usize;
    assert!(watch.of(Stage::Project) > years);
    // Before each service, before what it is short of is settled, and after it.
    assert!(watch.of(Stage::Supply) >= 3 * services);
    assert!(watch.of(Stage::Allocation) >= services);
    let draws = job.plan.ranking.certainty.draws as usize;
    assert!(draws > 0 && watch.of(Stage::Ranking) >= draws);
    let written = files(&temp.path("out")).len();
    assert!(watch.of(Stage::Write) + 5 >= written, "{written} files");
}

#[test]
fn a_job_is_evaluated_again_to_the_same() {
    let temp = Temp::with_demo("run-again");
    let job = Job::read(PlanFile::open(&temp.path("plan.toml")).unwrap(), &Quiet).unwrap();
    let first = job.evaluate(Extent::Round, &Quiet).unwrap();
    let units = job.evaluate(Extent::Units, &Quiet).unwrap();
    let second = job.evaluate(Extent::Round, &Quiet).unwrap();
    assert_eq!(first.round, second.round);
    assert_eq!(first.findings, second.findings);
    // The units are the same, and nothing else is asked.
    assert_eq!(first.round.units, units.round.units);
    assert!(units.round.standings.values().is_empty() && units.round.years == [2026]);
}

/// Files of which nothing is kept, and how often each is opened.
struct Opened {
    folder: Folder,
    count: Arc<Mutex<BTreeMap<PathBuf, u32>>>,
    side: &'static str,
}

impl Opened {
    fn tell(&self, path: &Path) {
        let path = Path::new(self.side).join(path);
        *self.count.lock().unwrap().entry(path).or_default() += 1;
    }
}

impl Files for Opened {
    fn bytes(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.tell(path);
        self.folder.bytes(path)
    }

    fn open(&self, path: &Path) -> std::io::Result<Box<dyn ReadSeek + '_>> {
        self.tell(path);
        self.folder.open(path)
    }
}

/// The demo as the old round, and as one of the next year.
fn two_rounds(temp: &Temp, count: &Arc<Mutex<BTreeMap<PathBuf, u32>>>) -> [PlanFile; 2] {
    ["old", "new"].map(|side| {
        if !temp.path(side).exists() {
            demo_in(temp, side);
        }
        let path = temp.path(side).join("plan.toml");
        let plan = plan::Plan::read(&path).unwrap();
        let folder = Folder(temp.path(side));
        let count = Arc::clone(count);
        PlanFile::new(
            plan,
            &path,
            Opened {
                folder,
                count,
                side,
            },
        )
    })
}

#[test]
fn a_comparison_opens_each_file_once() {
    let temp = Temp::new("run-opens");
    let count = Arc::default();
    let [old, new] = two_rounds(&temp, &count);
    let rounds = compare(old, new, &Quiet).unwrap();
    // Two layers, three tables and two of the streets, on both sides.
    let count = count.lock().unwrap();
    assert_eq!(count.len(), 14, "{count:?}");
    assert!(count.values().all(|opened| *opened == 1), "{count:?}");
    // One and the same city: nothing changed.
    let changed = |row: &fuwutu_core::change::Row| row.difference().is_some_and(|by| by.0 != 0);
    assert!(!rounds.comparison.rows.iter().any(changed));
}

#[test]
fn a_comparison_that_is_stopped_leaves_the_former_one() {
    let temp = Temp::new("run-compared");
    let compared = |watch: &dyn Watch| -> Result<(), Error> {
        let [old, new] = two_rounds(&temp, &Arc::default());
        let out = OutFolder::prepare_comparison(&temp.path("out"), true)?;
        compare(old, new, watch)?.write(out, watch)
    };
    let watch = Count::new(usize::MAX);
    compared(&watch).unwrap();
    let before = files(&temp);
    let asked = watch.asked();
    for last in [1, 2, 9, asked / 3, asked / 2, asked - 3, asked - 1, asked] {
        let stopped = compared(&Count::new(last));
        assert!(
            matches!(stopped, Err(Error::Stopped(_))),
            "{last}: {stopped:?}"
        );
        assert_eq!(files(&temp), before, "question {last}");
    }
}

// --- one run at a time, and what stopped runs left ---

/// A manifest of no other files.
const EMPTY: &str = r#"{"files":[]}"#;

/// What stands in a folder, hidden things, too.
fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap().map(Result::unwrap);
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A folder of results with nothing but a manifest.
fn finish(out: OutFolder, text: &str) -> Result<(), FolderError> {
    out.put("round.json", text)?;
    out.finish()
}

#[test]
fn one_run_at_a_time_writes_to_a_place() {
    let temp = Temp::new("run-busy");
    let out = temp.path("a/b/out");
    let first = OutFolder::prepare(&out, true).unwrap();
    let second = OutFolder::prepare(&out, true);
    let own = Some(std::process::id());
    assert!(
        matches!(&second, Err(FolderError::Busy { place, process }) if *place == out && *process == own),
        "{second:?}"
    );
    // Beside it is another place.
    OutFolder::prepare(&temp.path("a/b/out2"), true).unwrap();
    finish(first, EMPTY).unwrap();
    assert_eq!(names(&temp.path("a/b")), ["out"]);
    drop(OutFolder::prepare(&temp.path("a/b/new"), true).unwrap());
    assert_eq!(names(&temp.path("a/b")), ["out"]);
}

#[test]
fn of_many_at_once_each_writes_a_whole_folder_or_nothing() {
    let temp = Temp::new("run-many");
    let out = temp.path("out");
    let (wrote, busy) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (out, wrote, busy) = (&out, &wrote, &busy);
            scope.spawn(move || {
                for _ in 0..50 {
                    match OutFolder::prepare(out, true) {
                        Ok(folder) => {
                            for file in ["units.csv", "standing.csv"] {
                                folder.put(file, &writer.to_string()).unwrap();
                            }
                            let manifest =
                                r#"{"files":[{"path":"units.csv"},{"path":"standing.csv"}]}"#;
                            folder.put("round.json", manifest).unwrap();
                            folder.finish().unwrap();
                            wrote.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(FolderError::Busy { .. }) => {
                            busy.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    assert_eq!(
        wrote.load(Ordering::Relaxed) + busy.load(Ordering::Relaxed),
        400
    );
    assert_eq!(names(&temp), ["out"]);
    let text = |file: &str| std::fs::read_to_string(out.join(file)).unwrap();
    assert_eq!(text("units.csv"), text("standing.csv"));
}

#[test]
fn what_stopped_runs_left_goes_with_the_next_and_nothing_else() {
    let temp = Temp::new("run-left");
    let left = |name: &str| {
        std::fs::create_dir(temp.path(name)).unwrap();
        std::fs::write(temp.path(name).join("round.json"), EMPTY).unwrap();
    };
    // Half a round, a former one that was to go, and the file of a run that was killed; and what only looks like it.
    left(".out.4294-0");
    left(".out.17-2.former");
    std::fs::write(temp.path(".out.lock"), "4294-0").unwrap();
    let others = [
        ".out.notes",
        ".out.17-x",
        ".out.17-0.former.txt",
        ".other.17-0",
        "out.17-0",
    ];
    others.iter().for_each(|name| left(name));
    // The former round returns where none stands: the run was stopped between two steps.
    let out = OutFolder::prepare(&temp.path("out"), true).unwrap();
    assert_eq!(
        std::fs::read_to_string(temp.path("out/round.json")).unwrap(),
        EMPTY
    );
    drop(out);
    let mut expected: Vec<String> = others.iter().map(|&name| name.to_owned()).collect();
    expected.push("out".to_owned());
    expected.sort();
    assert_eq!(names(&temp), expected);
}

#[test]
fn a_name_of_any_length_that_the_system_takes_is_written() {
    let temp = Temp::new("run-long");
    for name in [
        "x".repeat(255),
        "镇".repeat(85),
        "y".repeat(200),
        "z".repeat(201),
    ] {
        let out = OutFolder::prepare(&temp.path(&name), true).unwrap();
        finish(out, EMPTY).unwrap();
        assert_eq!(names(&temp), std::slice::from_ref(&name));
        std::fs::remove_dir_all(temp.path(&name)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_at_the_name_of_a_lock() {
    let temp = Temp::new("run-link");
    temp.put("precious", "text");
    std::os::unix::fs::symlink(temp.path("precious"), temp.path(".out.lock")).unwrap();
    let refused = OutFolder::prepare(&temp.path("out"), true);
    assert!(
        matches!(refused, Err(FolderError::NotFile(_))),
        "{refused:?}"
    );
    assert_eq!(
        std::fs::read_to_string(temp.path("precious")).unwrap(),
        "text"
    );
}
