//! What is left of a round when the system refuses, the program is killed or two of it run: the former results or the new ones, whole,
//! and nothing else after the next run.
//!
//! `tests/faults/shim.c` stands between the program and the system and lets the n-th call fail (Linux, with a C compiler; says so where it
//! is skipped). CI tries a sample of all n, always the same; `FAULTS=all cargo test -p fuwutu --test faults -- --nocapture` tries all of
//! them, `FAULTS=500` so many of each command, `FAULTS_OF=compare` those of one.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::{Temp, program};

/// What is below a folder, hidden things, too: files with what they hold, empty folders with nothing.
type Contents = BTreeMap<String, Vec<u8>>;

fn contents(folder: &Path) -> Contents {
    fn add(all: &mut Contents, folder: &Path, prefix: &str) {
        for entry in folder.read_dir().unwrap().map(Result::unwrap) {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                let before = all.len();
                add(all, &entry.path(), &format!("{name}/"));
                if all.len() == before {
                    all.insert(format!("{name}/"), Vec::new());
                }
            } else {
                all.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut all = Contents::new();
    add(&mut all, folder, "");
    all
}

/// Writes a folder anew from its contents.
fn restore(folder: &Path, contents: &Contents) {
    use std::os::unix::fs::PermissionsExt;
    for (name, bytes) in contents {
        let path = folder.join(name);
        if name.ends_with('/') {
            std::fs::create_dir_all(path).unwrap();
            continue;
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        // What is kept of roads counts only where nobody else may write it.
        if name.contains("/.fuwutu/") {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// Which names differ between two.
fn differences(one: &Contents, other: &Contents) -> Vec<String> {
    let names = one.keys().chain(other.keys());
    let differ = names.filter(|name| one.get(*name) != other.get(*name));
    differ.take(6).cloned().collect()
}

/// The program with arguments in which `@` stands for a folder, on one thread, so that calls come in the same order each time.
fn fuwutu(folder: &Path, arguments: &[&str]) -> Command {
    let folder = folder.display().to_string();
    let mut command = program();
    command
        .args(["--threads", "1"])
        .args(arguments.iter().map(|each| each.replace('@', &folder)))
        .stdin(Stdio::null());
    command
}

fn done(folder: &Path, arguments: &[&str]) {
    let output = fuwutu(folder, arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stderr}");
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// A city of 3,000 with two services and streets.
fn city(folder: &Path) {
    let small = ["--residents", "3000", "--streets", "100"];
    done(
        folder,
        &[&["synth", "--out", "@/city"], &small[..]].concat(),
    );
    let services = "\n[services]\nselect = [\"kindergarten\", \"pharmacy\"]\n";
    edit(
        folder,
        "city/plan.toml",
        "[inputs]\n",
        &format!("{}\n[inputs]\n", services.trim_end()),
    );
}

const EVALUATE: &[&str] = &[
    "evaluate",
    "@/city/plan.toml",
    "--out",
    "@/out",
    "--overwrite",
];

/// A round, and a plan that says something else since.
fn former_round(folder: &Path) {
    city(folder);
    done(folder, &[EVALUATE, &["--no-report"]].concat());
    edit(folder, "city/plan.toml", "synthetic-1", "another");
}

/// The same with reports of the former round.
fn former_reports(folder: &Path) {
    former_round(folder);
    done(folder, &[EVALUATE, &["--no-report"]].concat());
    done(folder, &["report", "@/out"]);
    // The reports say less than those of now: as if an older version had written them.
    let manifest = folder.join("out/report.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::remove_file(folder.join("out/metadata.xml")).unwrap();
    let mut reports: serde_json::Value = serde_json::from_str(&text).unwrap();
    let files = reports["files"].as_array_mut().unwrap();
    files.retain(|file| file["path"] != "metadata.xml");
    std::fs::write(manifest, reports.to_string()).unwrap();
}

/// Two rounds, and a comparison of the first with itself.
fn former_comparison(folder: &Path) {
    city(folder);
    for (out, name) in [("@/old", "another"), ("@/new", "a third")] {
        let arguments = ["evaluate", "@/city/plan.toml", "--out", out];
        done(
            folder,
            &[&arguments[..], &["--keep-inputs", "--no-report"]].concat(),
        );
        let from = if out == "@/old" {
            "synthetic-1"
        } else {
            "another"
        };
        edit(folder, "city/plan.toml", from, name);
    }
    done(folder, &["compare", "@/old", "@/old", "--out", "@/out"]);
}

fn with_file(folder: &Path) {
    city(folder);
    std::fs::write(folder.join("file"), "former").unwrap();
}

/// A command that writes, and what stands there before.
struct Scenario {
    name: &'static str,
    arguments: &'static [&'static str],
    prepare: fn(&Path),
    /// How many of its faults CI tries.
    sample: usize,
}

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "evaluate --no-report",
        arguments: &[
            "evaluate",
            "@/city/plan.toml",
            "--out",
            "@/out",
            "--overwrite",
            "--no-report",
        ],
        prepare: former_round,
        sample: 40,
    },
    Scenario {
        name: "evaluate",
        arguments: EVALUATE,
        prepare: former_round,
        sample: 8,
    },
    Scenario {
        name: "report",
        arguments: &["report", "@/out", "--overwrite"],
        prepare: former_reports,
        sample: 10,
    },
    Scenario {
        name: "compare",
        arguments: &["compare", "@/old", "@/new", "--out", "@/out", "--overwrite"],
        prepare: former_comparison,
        sample: 20,
    },
    Scenario {
        name: "template",
        arguments: &["template", "@/out"],
        prepare: |_| {},
        sample: 10,
    },
    Scenario {
        name: "synth",
        arguments: &["synth", "--residents", "2000", "--out", "@/out"],
        prepare: |_| (),
        sample: 20,
    },
    Scenario {
        name: "units",
        arguments: &["units", "@/city/plan.toml", "--out", "@/out", "--overwrite"],
        prepare: former_round,
        sample: 6,
    },
    Scenario {
        name: "coverage",
        arguments: &[
            "coverage",
            "@/city/plan.toml",
            "--out",
            "@/out",
            "--overwrite",
        ],
        prepare: former_round,
        sample: 6,
    },
    Scenario {
        name: "matrix",
        arguments: &[
            "matrix",
            "@/city/plan.toml",
            "--out",
            "@/file",
            "--overwrite",
        ],
        prepare: with_file,
        sample: 8,
    },
    Scenario {
        name: "isochrone",
        arguments: &[
            "isochrone",
            "@/city/plan.toml",
            "--from",
            "103.99174,30.6099822",
            "--minutes",
            "10",
            "--out",
            "@/file",
            "--overwrite",
        ],
        prepare: with_file,
        sample: 8,
    },
    Scenario {
        name: "roads",
        arguments: &[
            "roads",
            "@/city/plan.toml",
            "--out",
            "@/file",
            "--overwrite",
        ],
        prepare: with_file,
        sample: 8,
    },
    Scenario {
        name: "access",
        arguments: &[
            "access",
            "--costs",
            "@/costs.csv",
            "--demand",
            "@/demand.csv",
            "--supply",
            "@/supply.csv",
            "--limit",
            "15",
            "--out",
            "@/file",
            "--overwrite",
        ],
        prepare: |folder| {
            for (name, text) in [
                ("file", "former"),
                ("costs.csv", "from,to,minutes\na,x,5\nb,x,9\n"),
                ("demand.csv", "id,residents\na,10\nb,20\n"),
                ("supply.csv", "id,capacity\nx,3\n"),
            ] {
                std::fs::write(folder.join(name), text).unwrap();
            }
        },
        sample: 8,
    },
    Scenario {
        name: "services",
        arguments: &[
            "services",
            "--format",
            "csv",
            "--out",
            "@/file",
            "--overwrite",
        ],
        prepare: |folder| std::fs::write(folder.join("file"), "former").unwrap(),
        sample: 8,
    },
];

/// The shim, compiled; `None` where there is no C compiler, which is said.
#[expect(clippy::print_stdout, reason = "a test says what it skips")]
fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let compiled = SHIM.get_or_init(|| {
        let source = support::root().join("tests/faults/shim.c");
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("fault-shim-{}.so", std::process::id()));
        let compile = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .args([&path, &source])
            .args(["-ldl", "-lpthread"])
            .output();
        match compile {
            Ok(output) if output.status.success() => Some(path),
            Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => {
                println!("skipped: no C compiler for tests/faults/shim.c ({error})");
                None
            }
        }
    });
    compiled.as_deref()
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It fails with this errno.
    Error(i32),
    /// From here on the disk is full.
    Full,
    /// The program is killed there.
    Kill,
}

const NO_SPACE: i32 = 28;
const IO: i32 = 5;
const NO_ACCESS: i32 = 13;
const FAULTS: [Fault; 5] = [
    Fault::Error(NO_SPACE),
    Fault::Kill,
    Fault::Error(IO),
    Fault::Full,
    Fault::Error(NO_ACCESS),
];

/// Runs a command with the shim; `call` from 1, or 0 to count them.
fn disturbed(folder: &Path, arguments: &[&str], call: usize, fault: Fault, log: &Path) -> Output {
    let (with, from) = match fault {
        Fault::Error(errno) => (errno, "0"),
        Fault::Full => (NO_SPACE, "1"),
        Fault::Kill => (0, "0"),
    };
    fuwutu(folder, arguments)
        .env("LD_PRELOAD", shim().unwrap())
        .env("FAULT_UNDER", format!("{}/", folder.display()))
        .env("FAULT_AT", call.to_string())
        .env("FAULT_WITH", with.to_string())
        .env("FAULT_FROM", from)
        .env("FAULT_LOG", log)
        .output()
        .unwrap()
}

/// A call that was noted: what it was to do, and to what.
#[derive(Debug)]
struct Call {
    verb: String,
    path: String,
}

fn noted(log: &Path) -> Vec<Call> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let call = |line: &str| {
        let mut parts = line.splitn(3, ' ').skip(1).map(str::to_owned);
        Some(Call {
            verb: parts.next()?,
            path: parts.next()?,
        })
    };
    text.lines().filter_map(call).collect()
}

/// How a command may leave its folder.
struct States {
    before: Contents,
    /// Undisturbed.
    after: Contents,
}

/// Whether a name is what a run writes beside its place, or keeps.
fn passing(name: &str) -> bool {
    let of_report = name.split('/').any(|part| part.starts_with(".report-"));
    let hidden = [".out.", ".file."];
    let beside = hidden.iter().any(|start| name.starts_with(start));
    beside || of_report || name.contains(".fuwutu")
}

fn without(contents: &Contents, drop: impl Fn(&str) -> bool) -> Contents {
    let kept = contents.iter().filter(|(name, _)| !drop(name));
    kept.map(|(name, bytes)| (name.clone(), bytes.clone()))
        .collect()
}

impl States {
    /// What is wrong with what a disturbed run left.
    fn wrong(&self, now: &Contents) -> Option<String> {
        let lasting = without(now, passing);
        let (before, after) = (
            without(&self.before, passing),
            without(&self.after, passing),
        );
        // A round whose reports failed; and reports that say of themselves that they are not complete.
        let round = without(&after, is_report);
        let is_same = [&before, &after, &round].contains(&&lasting)
            || (says_incomplete(now) && without(&lasting, is_report) == round);
        (!is_same).then(|| {
            let [from_before, from_after] = [&before, &after].map(|state| differences(state, &lasting));
            format!("neither the former (differs in {from_before:?}) nor the new one (differs in {from_after:?})")
        })
    }
}

fn is_report(name: &str) -> bool {
    let name = name.strip_prefix("out/").unwrap_or_default();
    let starts = [
        "report.",
        "public/",
        "sheets",
        "map-",
        "round.xlsx",
        "round.gpkg",
        "metadata.xml",
    ];
    starts.iter().any(|start| name.starts_with(start))
}

fn says_incomplete(now: &Contents) -> bool {
    let manifest = now.get("out/report.json");
    let manifest = manifest.and_then(|text| serde_json::from_slice(text).ok());
    manifest.is_some_and(|manifest: serde_json::Value| manifest["complete"] == false)
}

/// What the trials of a command came to.
#[derive(Default)]
struct Tally {
    tried: AtomicUsize,
    unharmed: AtomicUsize,
    refused: AtomicUsize,
    killed: AtomicUsize,
}

impl Scenario {
    fn states(&self) -> States {
        let temp = Temp::new("faults-states");
        (self.prepare)(&temp);
        let before = contents(&temp);
        done(&temp, self.arguments);
        let after = contents(&temp);
        assert_ne!(before, after, "{}", self.name);
        States { before, after }
    }

    /// All calls of an undisturbed run.
    fn calls(&self, states: &States) -> usize {
        let temp = Temp::new("faults-count");
        restore(&temp.path("here"), &states.before);
        std::fs::create_dir_all(temp.path("here")).unwrap();
        let log = temp.path("log");
        let output = disturbed(&temp.path("here"), self.arguments, 0, FAULTS[0], &log);
        assert!(output.status.success(), "{}", self.name);
        assert_eq!(contents(&temp.path("here")), states.after, "{}", self.name);
        noted(&log).len()
    }

    /// One fault at one call, then a run without.
    fn try_fault(&self, states: &States, call: usize, fault: Fault, tally: &Tally) {
        let temp = Temp::new("faults");
        let here = temp.path("here");
        restore(&here, &states.before);
        std::fs::create_dir_all(&here).unwrap();
        let log = temp.path("log");
        let output = disturbed(&here, self.arguments, call, fault, &log);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let hit = noted(&log).pop();
        let about = format!(
            "{}: {fault:?} at call {call} ({hit:?}): {:?}\n{stderr}",
            self.name, output.status
        );
        let now = contents(&here);
        if let Some(wrong) = states.wrong(&now) {
            panic!("{about}{wrong}");
        }
        assert!(!stderr.contains("a fault of the program"), "{about}");
        match (output.status.code(), fault) {
            (Some(0), _) => {
                tally.unharmed.fetch_add(1, Ordering::Relaxed);
                let lasting = without(&now, passing);
                assert_eq!(
                    differences(&lasting, &without(&states.after, passing)),
                    [""; 0],
                    "{about}"
                );
            }
            (Some(1 | 2), Fault::Error(_) | Fault::Full) => {
                tally.refused.fetch_add(1, Ordering::Relaxed);
                let hit = hit.expect("something failed");
                // Where the disk is full, a later call may be what matters.
                let named = fault == Fault::Full || names(&stderr, &hit.path);
                assert!(
                    named && stderr.contains("error: "),
                    "the file is not named: {about}"
                );
                // What cannot be removed stays.
                let left: Vec<&String> = now.keys().filter(|name| is_left(name)).collect();
                assert!(
                    left.is_empty() || hit.verb == "remove",
                    "{about}left: {left:?}"
                );
            }
            (None, Fault::Kill) => {
                tally.killed.fetch_add(1, Ordering::Relaxed);
                assert_eq!(output.status.signal(), Some(9), "{about}");
            }
            _ => panic!("{about}"),
        }
        // A city is not written twice to a folder.
        let whole = contents(&here);
        if self.name == "synth" && whole.contains_key("out/plan.toml") {
            std::fs::remove_dir_all(here.join("out")).unwrap();
        }
        let next = fuwutu(&here, self.arguments).output().unwrap();
        let said = String::from_utf8_lossy(&next.stderr);
        assert!(next.status.success(), "{about}then: {said}");
        let differ = differences(&contents(&here), &states.after);
        assert!(
            differ.is_empty(),
            "{about}after the next run differ: {differ:?}"
        );
        tally.tried.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether something is a leftover: what is kept of roads is none.
fn is_left(name: &str) -> bool {
    passing(name) && (!name.contains(".fuwutu") || name.ends_with(".new"))
}

/// Whether a message names a file, or where it will stand.
fn names(message: &str, path: &str) -> bool {
    let parts: Vec<&str> = path.rsplit('/').collect();
    message.contains(parts[0])
        || parts.iter().any(|part| {
            let place = part
                .strip_prefix('.')
                .and_then(|part| part.split('.').next());
            place.is_some_and(|place| !place.is_empty() && message.contains(&format!("/{place}")))
        })
        || parts[0].starts_with(".report-") && message.contains("/out")
}

/// How many faults of a command are tried: all of them, those that `FAULTS` asks for, or the sample of CI.
fn wanted(sample: usize, all: usize) -> usize {
    match std::env::var("FAULTS") {
        Ok(text) if text == "all" => all,
        Ok(text) => text.parse::<usize>().unwrap().min(all),
        Err(_) => sample.min(all),
    }
}

#[test]
fn whatever_call_fails_or_is_the_last_a_result_is_the_former_or_the_new_one_and_the_next_run_mends_the_rest()
 {
    if shim().is_none() {
        return;
    }
    let only = std::env::var("FAULTS_OF").ok();
    let is_wanted = |scenario: &&Scenario| only.as_ref().is_none_or(|only| only == scenario.name);
    for scenario in SCENARIOS.iter().filter(is_wanted) {
        let begun = Instant::now();
        let states = scenario.states();
        let calls = scenario.calls(&states);
        let all = calls * FAULTS.len();
        let wanted = wanted(scenario.sample, all);
        let (next, tally) = (AtomicUsize::new(0), Tally::default());
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= wanted {
                            break;
                        }
                        // Evenly over all calls, the faults in turn.
                        let call = 1 + number * calls / wanted;
                        let fault = FAULTS[number % FAULTS.len()];
                        scenario.try_fault(&states, call, fault, &tally);
                    }
                });
            }
        });
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        println!(
            "{:<22} {calls:>5} calls, {:>5} faults tried of {all}: {} did no harm, {} were errors, {} killed; harmed 0, left over 0; {:.0} s",
            scenario.name,
            count(&tally.tried),
            count(&tally.unharmed),
            count(&tally.refused),
            count(&tally.killed),
            begun.elapsed().as_secs_f64()
        );
        assert_eq!(count(&tally.tried), wanted);
    }
}

/// The shell puts a limit on the program: `limit` is an option of `ulimit` with its number. A file that is too long is an error then.
fn limited(folder: &Path, limit: &str, arguments: &[&str]) -> Output {
    let inner = fuwutu(folder, arguments);
    let script = format!("trap '' XFSZ; ulimit {limit} && exec \"$@\"");
    Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .env("FUWUTU_LANG", "en")
        .output()
        .unwrap()
}

#[test]
fn where_files_may_not_be_long_or_memory_is_short_the_former_round_stays() {
    let scenario = &SCENARIOS[0];
    let states = scenario.states();
    let temp = Temp::new("faults-limits");
    restore(&temp, &states.before);
    let lengths = ["-f 1", "-f 2", "-f 4", "-f 8", "-f 32"];
    // KiB of addresses, from the least with which the program says its version.
    let memories = (1..60).map(|part| format!("-v {}", part * 16_000));
    let starts = |limit: &String| limited(&temp, limit, &["--version"]).status.success();
    let memories: Vec<String> = memories.filter(starts).take(12).collect();
    let limits = lengths
        .iter()
        .copied()
        .chain(memories.iter().map(String::as_str));
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for limit in limits {
        let output = limited(&temp, limit, scenario.arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let about = format!("{limit}: {:?} {stderr}", output.status);
        let now = contents(&temp);
        assert_eq!(states.wrong(&now), None, "{about}");
        match output.status.code() {
            Some(0) => restore(&temp, &states.before),
            Some(code) => {
                assert!(code == 2 && stderr.contains("error:"), "{about}");
                let left: Vec<&String> = now.keys().filter(|name| is_left(name)).collect();
                assert!(left.is_empty(), "{about}: {left:?}");
            }
            // Rust ends the program where there is no memory, and says so.
            None => assert!(
                limit.starts_with("-v") && stderr.contains("memory allocation"),
                "{about}"
            ),
        }
        let kind = format!("{:?} {:?}", limit.split(' ').next(), output.status.code());
        *ends.entry(kind).or_default() += 1;
    }
    println!("limits: {ends:?}");
    done(&temp, scenario.arguments);
    assert_eq!(differences(&contents(&temp), &states.after), [""; 0]);
}

#[test]
fn where_the_system_starts_no_more_threads_that_is_an_error_and_changes_nothing() {
    let Some(shim) = shim() else { return };
    let scenario = &SCENARIOS[0];
    let states = scenario.states();
    let temp = Temp::new("faults-threads");
    restore(&temp, &states.before);
    let (mut refused, mut thread) = (0, 0);
    loop {
        thread += 1;
        let output = fuwutu(&temp, scenario.arguments)
            .env("LD_PRELOAD", shim)
            .env("FAULT_THREAD", thread.to_string())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => break,
            Some(2) => refused += 1,
            _ => panic!("thread {thread}: {:?} {stderr}", output.status),
        }
        assert!(
            stderr.contains("starts no more threads") && stderr.contains("--threads 1"),
            "{stderr}"
        );
        assert_eq!(contents(&temp), states.before);
    }
    assert!(
        refused >= 2,
        "the one that computes, and the one that listens"
    );
}

#[test]
fn two_runs_at_once_leave_a_whole_round_fifty_times() {
    let scenario = &SCENARIOS[0];
    let states = scenario.states();
    let temp = Temp::new("faults-two");
    restore(&temp, &states.before);
    let (mut wrote, mut busy) = (0, 0);
    for round in 0..50 {
        let runs = [0, 1].map(|_| {
            let mut command = fuwutu(&temp, scenario.arguments);
            command.stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().unwrap()
        });
        for run in runs {
            let output = run.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => wrote += 1,
                Some(2) if stderr.contains("another run") => busy += 1,
                _ => panic!("{round}: {:?} {stderr}", output.status),
            }
        }
        let differ = differences(&contents(&temp), &states.after);
        assert!(differ.is_empty(), "{round}: {differ:?}");
    }
    println!("two at once, 50 times: {wrote} wrote, {busy} found the place taken");
    assert_eq!(wrote + busy, 100);
}

// --- what is no file, and output that goes nowhere ---

fn fifo(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs to its end within ten seconds: exit code and stderr.
fn at_once(command: &mut Command) -> (Option<i32>, String) {
    let begun = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(10) {
            child.kill().unwrap();
            panic!("{command:?} waits");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stderr)
}

#[test]
fn a_pipe_in_place_of_any_file_ends_at_once_with_its_name() {
    let temp = Temp::new("faults-pipes");
    former_round(&temp);
    let before = contents(&temp);
    let evaluate = SCENARIOS[0].arguments;
    let cases: [(&str, &[&str]); 7] = [
        ("city/plan.toml", evaluate),
        ("city/population.csv", evaluate),
        ("city/communities.geojson", evaluate),
        ("city/edges.csv", evaluate),
        ("out/round.json", &["report", "@/out"]),
        ("out/units.csv", &["report", "@/out"]),
        (".out.lock", evaluate),
    ];
    for (file, arguments) in cases {
        fifo(&temp.path(file));
        let (code, stderr) = at_once(&mut fuwutu(&temp, arguments));
        let name = file.rsplit('/').next().unwrap();
        assert!(code == Some(2) && stderr.contains(name), "{file}: {stderr}");
        std::fs::remove_file(temp.path(file)).unwrap();
        restore(&temp, &before);
        assert_eq!(contents(&temp), before, "{file}");
    }
    for out in ["pipe", "city"] {
        if out == "pipe" {
            fifo(&temp.path(out));
        }
        let out = format!("@/{out}");
        let matrix = ["matrix", "@/city/plan.toml", "--out", &out, "--overwrite"];
        let (code, stderr) = at_once(&mut fuwutu(&temp, &matrix));
        assert!(
            code == Some(2) && stderr.contains("is not a file"),
            "{stderr}"
        );
    }
}

#[test]
fn what_is_kept_of_roads_is_never_written_through_a_link_nor_read_from_what_others_can_write() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let temp = Temp::new("faults-kept");
    former_round(&temp);
    let evaluate = SCENARIOS[0].arguments;
    done(&temp, evaluate);
    let good = contents(&temp);
    let kept = good.keys().find(|name| name.contains(".fuwutu/")).unwrap();
    let path = temp.path(kept);
    let works = |what: &str| {
        let (code, stderr) = at_once(&mut fuwutu(&temp, evaluate));
        assert_eq!(code, Some(0), "{what}: {stderr}");
        let out = |contents: &Contents| without(contents, |name| !name.starts_with("out/"));
        assert_eq!(
            differences(&out(&contents(&temp)), &out(&good)),
            [""; 0],
            "{what}"
        );
    };
    // Its own bytes, but others may have put them there: read anew, and written anew for nobody else.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    works("open to all");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fifo(&path);
    works("a pipe");
    assert!(path.is_file());
    // A link in its place is replaced, and what it leads to is not touched.
    std::fs::write(temp.path("precious"), "text").unwrap();
    std::fs::remove_file(&path).unwrap();
    symlink(temp.path("precious"), &path).unwrap();
    works("a link");
    assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
    assert_eq!(std::fs::read(temp.path("precious")).unwrap(), b"text");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    works("a folder");
    // A link in place of its folder: nothing is kept.
    std::fs::remove_dir_all(temp.path("city/.fuwutu")).unwrap();
    std::fs::create_dir(temp.path("elsewhere")).unwrap();
    symlink(temp.path("elsewhere"), temp.path("city/.fuwutu")).unwrap();
    works("a linked folder");
    assert!(contents(&temp.path("elsewhere")).is_empty());
    // What a killed run left goes; what only looks like it stays.
    std::fs::remove_file(temp.path("city/.fuwutu")).unwrap();
    std::fs::create_dir(temp.path("city/.fuwutu")).unwrap();
    let left = path.with_extension("0123456789abcdef.new");
    let other = path.with_extension("notes.new");
    for file in [&left, &other] {
        std::fs::write(file, "half").unwrap();
    }
    works("a leftover");
    assert!(!left.exists() && other.exists());
}

#[test]
fn a_file_or_a_comparison_may_have_the_longest_name_there_is() {
    let temp = Temp::new("faults-long");
    former_comparison(&temp);
    let before = contents(&temp).len();
    let name = format!("@/{}", "镇".repeat(85));
    let services = ["services", "--format", "csv", "--out", &name];
    done(&temp, &services);
    assert_eq!(contents(&temp).len(), before + 1);
    std::fs::remove_file(temp.path(&name[2..])).unwrap();
    done(&temp, &["compare", "@/old", "@/new", "--out", &name]);
    assert!(temp.path(&name[2..]).join("compare.json").is_file());
}

#[test]
fn a_full_stdout_is_named_and_the_results_are_there() {
    let temp = Temp::new("faults-stdout");
    former_round(&temp);
    let full = || {
        Stdio::from(
            std::fs::File::options()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        )
    };
    let cases: [&[&str]; 4] = [
        SCENARIOS[0].arguments,
        &["matrix", "@/city/plan.toml", "--out", "-"],
        &["services", "--format", "csv"],
        &["schema"],
    ];
    for arguments in cases {
        for (lang, words) in [
            ("en", "cannot write to standard output"),
            ("zh", "无法写到标准输出：磁盘已满"),
        ] {
            let output = fuwutu(&temp, arguments)
                .env("FUWUTU_LANG", lang)
                .stdout(full())
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.code() == Some(1) && stderr.contains(words),
                "{arguments:?}: {:?} {stderr}",
                output.status
            );
        }
    }
    let round = std::fs::read_to_string(temp.path("out/round.json")).unwrap();
    assert!(round.contains("another"));
}

#[test]
fn a_round_whose_reports_fail_is_said_to_be_written_and_gets_them_later() {
    let Some(_) = shim() else { return };
    let scenario = &SCENARIOS[1];
    let states = scenario.states();
    let temp = Temp::new("faults-reports");
    let here = temp.path("here");
    restore(&here, &states.before);
    let log = temp.path("log");
    disturbed(&here, scenario.arguments, 0, FAULTS[0], &log);
    let page = noted(&log)
        .iter()
        .position(|call| call.verb == "open" && call.path.ends_with("/report.html"))
        .unwrap();
    for (lang, words, way) in [
        ("en", "the round is written in `", "run `fuwutu report "),
        ("zh", "这一轮结果已完整写入 `", "运行 fuwutu report "),
    ] {
        std::fs::remove_dir_all(&here).unwrap();
        restore(&here, &states.before);
        let output = fuwutu(&here, scenario.arguments)
            .env("FUWUTU_LANG", lang)
            .env("LD_PRELOAD", shim().unwrap())
            .env("FAULT_UNDER", format!("{}/", here.display()))
            .env("FAULT_AT", (page + 1).to_string())
            .env("FAULT_WITH", NO_SPACE.to_string())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(words) && stderr.contains(way), "{stderr}");
        assert!(
            stderr.contains("out/report.html") && !stderr.contains(".out."),
            "{stderr}"
        );
        let round = without(&states.after, is_report);
        let now = contents(&here);
        assert_eq!(differences(&now, &round), [""; 0]);
        done(&here, &["report", "@/out"]);
        assert_eq!(differences(&contents(&here), &states.after), [""; 0]);
    }
}
