//! What a user sees of each command: exit code, both streams, heads of files.
//!
//! Kept texts stand in `tests/snapshots`; `UPDATE_SNAPSHOTS=1 cargo test --test cli` writes them anew. Read them before you
//! accept them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{Temp, ended, program, root};

/// The program, in English, at the project's root.
fn fuwutu(arguments: &[&str]) -> Command {
    let mut command = program();
    command
        .args(arguments)
        .current_dir(root())
        .env("COLUMNS", "100");
    command
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    ended(&mut fuwutu(arguments))
}

/// Exit code and streams as they were read and accepted. The temporary folder is written as `TEMP`.
fn check(name: &str, temp: &Temp, arguments: &[&str]) {
    let (code, stdout, stderr) = run(arguments);
    let text = format!("exit {code}\n--- stdout\n{stdout}--- stderr\n{stderr}");
    same(name, &text.replace(&temp.0.display().to_string(), "TEMP"));
}

fn same(name: &str, text: &str) {
    let path = root().join("tests/snapshots").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{} differs; now:\n{text}", path.display());
}

/// The demo's files as `synth --demo` writes them, in a folder of the test.
fn demo_inputs(temp: &Temp) -> String {
    let folder = temp.arg("inputs");
    assert_eq!(run(&["synth", "--demo", "--out", &folder]).0, 0);
    folder
}

fn chosen(name: &str) -> Vec<&str> {
    vec!["services", "--service", name]
}

#[test]
fn the_catalogue_is_shown_by_any_name_and_exported() {
    let temp = Temp::new("services");
    check("services", &temp, &["services"]);
    let names = ["日间照料中心", "Primary school"];
    check("services-name", &temp, &chosen(names[0]));
    let zh = [
        "services",
        "--service",
        "小学",
        "--service",
        "elderly_home",
        "--scope",
        "成都",
        "--lang",
        "zh",
    ];
    check("services-chengdu-zh", &temp, &zh);
    check("services-unknown", &temp, &chosen("kindergarden"));
    check(
        "services-unknown-zh",
        &temp,
        &[chosen("日照服务中心"), vec!["--lang", "zh"]].concat(),
    );
    check(
        "services-no-scope",
        &temp,
        &["services", "--scope", "beijing"],
    );
    let csv = [chosen(names[1]), vec!["--format", "csv"]].concat();
    check("services-csv", &temp, &csv);
    // What is exported as a catalogue is one.
    let own = temp.arg("own.toml");
    assert_eq!(run(&["services", "--format", "toml", "--out", &own]).0, 0);
    let plan = format!("{}/plan.toml", demo_inputs(&temp));
    let text = std::fs::read_to_string(&plan).unwrap();
    let with_own = text.replace("[services]", "[services]\ncatalogue = \"../own.toml\"");
    std::fs::write(&plan, with_own).unwrap();
    let again = run(&["services", &plan, "--format", "json"]);
    assert_eq!(again, run(&["services", "--format", "json"]));
}

#[test]
fn help_names_every_command_in_both_languages() {
    let temp = Temp::new("help");
    check("help", &temp, &["--help"]);
    check("help-zh", &temp, &["--help", "--lang", "zh"]);
    check(
        "help-evaluate-zh",
        &temp,
        &["evaluate", "--help", "--lang=zh"],
    );
}

#[test]
fn the_demo_ends_with_units_places_and_reasons() {
    let temp = Temp::new("demo");
    let out = temp.arg("out");
    check("demo", &temp, &["demo", "--out", &out]);
    check("demo-zh", &temp, &["demo", "--out", &out, "--lang", "zh"]);
    let mut heads = String::new();
    for name in [
        "units.csv",
        "townships.csv",
        "communities.csv",
        "standing.csv",
        "ranking.csv",
        "causes.csv",
        "projection.csv",
        "ages.csv",
        "streets.csv",
        "compare.csv",
    ] {
        let text = std::fs::read_to_string(Path::new(&out).join(name)).unwrap();
        assert!(
            text.starts_with('\u{feff}') && text.contains("\r\n"),
            "{name} is for Excel"
        );
        let head: Vec<&str> = text
            .trim_start_matches('\u{feff}')
            .lines()
            .take(4)
            .collect();
        heads += &format!(
            "--- {name}, {} lines\n{}\n",
            text.lines().count(),
            head.join("\n")
        );
    }
    same("demo-files", &heads);
}

#[test]
fn the_demo_city_is_what_synth_makes() {
    let temp = Temp::new("synth-demo");
    let made = demo_inputs(&temp);
    for name in [
        "plan.toml",
        "townships.geojson",
        "communities.geojson",
        "population.csv",
        "earlier.csv",
        "facilities.csv",
        "nodes.csv",
        "edges.csv",
    ] {
        let here = std::fs::read_to_string(root().join("data/demo").join(name)).unwrap();
        let anew = std::fs::read_to_string(Path::new(&made).join(name)).unwrap();
        assert!(
            here == anew,
            "data/demo/{name}: write it anew with `fuwutu synth --demo`"
        );
    }
}

#[test]
fn sums_in_the_manifest_add_up() {
    let temp = Temp::new("sums");
    let out = temp.arg("out");
    assert_eq!(run(&["demo", "--out", &out]).0, 0);
    let text = std::fs::read_to_string(Path::new(&out).join("round.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["city"]["residents"], 400_000);
    assert_eq!(
        manifest["units"]["residents_by_year"][0]["residents"],
        400_000
    );
    let totals = manifest["totals"].as_array().unwrap();
    assert_eq!(totals.len(), 10 * 4);
    for total in totals {
        let number = |name: &str| total[name].as_f64().unwrap();
        assert!(
            (number("covered") + number("not_covered") - number("target")).abs() < 1e-6,
            "{total}"
        );
        let not_covered = number("unsnapped") + number("roadless") + number("too_far");
        assert!(
            (not_covered - number("not_covered")).abs() < 1e-6,
            "{total}"
        );
        assert!(
            (number("received") + number("reached_by_nobody") - number("capacity")).abs() < 0.15,
            "{total}"
        );
    }
    assert_eq!(manifest["standards"].as_array().unwrap().len(), 10);
    assert!(
        manifest["standards"]
            .as_array()
            .unwrap()
            .iter()
            .all(|each| each["status"]["overall"].is_string())
    );
}

#[test]
fn check_is_0_for_good_input_and_1_where_something_needs_a_decision() {
    let temp = Temp::new("check");
    let inputs = demo_inputs(&temp);
    let plan = format!("{inputs}/plan.toml");
    check("check", &temp, &["check", &plan]);
    let mut facilities = std::fs::OpenOptions::new()
        .append(true)
        .open(format!("{inputs}/facilities.csv"))
        .unwrap();
    writeln!(facilities, "x1,某处,sauna,104.0,30.6,10,seats,existing,").unwrap();
    check("check-decision", &temp, &["check", &plan]);
    std::fs::remove_file(format!("{inputs}/earlier.csv")).unwrap();
    check("check-error", &temp, &["check", &plan]);
}

#[test]
fn units_and_coverage_print_tables_or_write_folders() {
    let temp = Temp::new("parts");
    let plan = format!("{}/plan.toml", demo_inputs(&temp));
    check("units", &temp, &["units", &plan]);
    let (code, stdout, _) = run(&["coverage", &plan]);
    assert_eq!((code, stdout.lines().count()), (0, 1 + 7 * 10));
    let out = temp.arg("coverage");
    assert_eq!(run(&["coverage", &plan, "--out", &out, "--points"]).0, 0);
    let layer =
        std::fs::read_to_string(Path::new(&out).join("coverage/990101001.geojson")).unwrap();
    assert!(
        layer.contains("\"primary_school_minutes\":")
            && layer.contains("\"primary_school_coverage_2026\":")
    );
    assert_eq!(run(&["units", &plan, "--out", &temp.arg("units")]).0, 0);
    assert!(Path::new(&temp.arg("units")).join("units.geojson").exists());
}

#[test]
fn rank_prints_a_written_round_and_refuses_a_changed_one() {
    let temp = Temp::new("rank");
    let out = temp.arg("out");
    assert_eq!(run(&["demo", "--out", &out]).0, 0);
    check("rank", &temp, &["rank", &out]);
    check(
        "rank-top",
        &temp,
        &["rank", &out, "--top", "2", "--lang", "zh"],
    );
    std::fs::write(Path::new(&out).join("ranking.csv"), "place\n1\n").unwrap();
    check("rank-changed", &temp, &["rank", &out]);
    check("rank-nothing", &temp, &["rank", &temp.arg("nowhere")]);
}

#[test]
fn a_folder_with_something_in_it_is_never_lost() {
    let temp = Temp::new("folder");
    let plan = format!("{}/plan.toml", demo_inputs(&temp));
    let out = temp.arg("out");
    assert_eq!(run(&["evaluate", &plan, "--out", &out]).0, 0);
    check(
        "evaluate-occupied",
        &temp,
        &["evaluate", &plan, "--out", &out],
    );
    assert_eq!(run(&["evaluate", &plan, "--out", &out, "--overwrite"]).0, 0);
    std::fs::write(Path::new(&out).join("my notes.txt"), "mine").unwrap();
    check(
        "evaluate-foreign",
        &temp,
        &["evaluate", &plan, "--out", &out, "--overwrite"],
    );
    assert_eq!(
        std::fs::read_to_string(Path::new(&out).join("my notes.txt")).unwrap(),
        "mine"
    );
    check("evaluate-file", &temp, &["evaluate", &plan, "--out", &plan]);
    check(
        "evaluate-foreign-zh",
        &temp,
        &[
            "evaluate",
            &plan,
            "--out",
            &temp.arg("inputs"),
            "--lang",
            "zh",
        ],
    );
    let left: Vec<_> = temp
        .0
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "nothing half-written: {left:?}");
}

#[test]
fn the_rules_of_who_may_go_where_are_shown_as_a_plan_has_them() {
    let temp = Temp::new("rules");
    let (code, table, _) = run(&["roads", "--rules"]);
    assert!(code == 0 && table.contains("highway=busway"), "{table}");
    let (code, table, _) = run(&["roads", "--rules", "--lang", "zh"]);
    assert!(
        code == 0 && table.contains("道路类别") && table.contains("不通"),
        "{table}"
    );
    let csv = std::fs::read_to_string(root().join("seeds/street_rules.csv")).unwrap();
    let (_, printed, _) = run(&["roads", "--rules", "--format", "csv"]);
    let plain = printed.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    assert_eq!(plain, csv);
    let plan = format!("{}/plan.toml", demo_inputs(&temp));
    let text = std::fs::read_to_string(&plan).unwrap();
    let rule = "[[travel.rules]]\ntag = \"highway=track\"\nwalk = \"closed\"\n";
    std::fs::write(&plan, format!("{text}\n{rule}")).unwrap();
    let out = temp.arg("rules.json");
    let json = ["roads", &plan, "--rules", "--format", "json", "--out", &out];
    assert_eq!(run(&json).0, 0);
    let rules: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    let changed: Vec<&serde_json::Value> = rules
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["status"] == "plan")
        .collect();
    assert_eq!(changed.len(), 1);
    assert!(changed[0]["tag"] == "highway=track" && changed[0]["walk"] == "closed");
    let misspelt = text + "\n" + &rule.replace("track", "trak");
    std::fs::write(&plan, misspelt).unwrap();
    let (code, _, said) = run(&["roads", &plan, "--rules", "--lang", "zh"]);
    assert!(
        code == 2 && said.contains("是否指 `highway=track`？"),
        "{said}"
    );
    assert_eq!(run(&["roads"]).0, 2);
}

#[test]
fn roads_isochrone_and_matrix_write_what_others_go_on_with() {
    let temp = Temp::new("roads");
    let plan = format!("{}/plan.toml", demo_inputs(&temp));
    check("roads", &temp, &["roads", &plan]);
    let (roads, reached, matrix) = (
        temp.arg("roads.geojson"),
        temp.arg("iso.geojson"),
        temp.arg("matrix.csv"),
    );
    check(
        "roads-zh",
        &temp,
        &["roads", &plan, "--out", &roads, "--lang", "zh"],
    );
    let left_out = std::fs::read_to_string(&roads).unwrap();
    assert!(left_out.contains("\"isolated\"") && !left_out.contains("\"street\""));
    check(
        "isochrone",
        &temp,
        &[
            "isochrone",
            &plan,
            "--from",
            "103.98,30.6",
            "--out",
            &reached,
        ],
    );
    check(
        "isochrone-occupied",
        &temp,
        &[
            "isochrone",
            &plan,
            "--from",
            "103.98,30.6",
            "--out",
            &reached,
        ],
    );
    check(
        "isochrone-off",
        &temp,
        &["isochrone", &plan, "--from", "30.6,103.98", "--out", "-"],
    );
    check(
        "isochrone-far",
        &temp,
        &["isochrone", &plan, "--from=-30,60", "--out", "-"],
    );
    check("matrix", &temp, &["matrix", &plan, "--out", &matrix]);
    let text = std::fs::read_to_string(&matrix).unwrap();
    let head: Vec<&str> = text.lines().take(4).collect();
    same(
        "matrix-head",
        &format!("{} lines\n{}\n", text.lines().count(), head.join("\n")),
    );
    let (code, printed, _) = run(&["matrix", &plan, "--out", "-"]);
    assert!(code == 0 && printed == text, "printed as written");
    let straight = std::fs::read_to_string(&plan)
        .unwrap()
        .replace("\"streets\"", "\"straight\"");
    std::fs::write(&plan, straight).unwrap();
    check("roads-straight", &temp, &["roads", &plan]);
    let left: Vec<_> = temp
        .0
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 4, "nothing half-written: {left:?}");
}

#[test]
fn a_kept_network_gives_the_same_round_and_a_broken_one_is_built_anew() {
    let temp = Temp::new("kept");
    let inputs = demo_inputs(&temp);
    // More unknown crossings than are listed one by one.
    let edges = Path::new(&inputs).join("edges.csv");
    let unknown: String = (0..150)
        .map(|number| format!("1,{},residential\n", 900_000 + number))
        .collect();
    std::fs::write(&edges, std::fs::read_to_string(&edges).unwrap() + &unknown).unwrap();
    let plan = format!("{inputs}/plan.toml");
    let round = |name: &str| {
        let out = temp.arg(name);
        let (code, _, stderr) = run(&["evaluate", &plan, "--out", &out]);
        assert_eq!(code, 0, "{stderr}");
        let read = |file: &str| std::fs::read(Path::new(&out).join(file)).unwrap();
        (
            read("standing.csv"),
            String::from_utf8(read("findings.csv")).unwrap(),
        )
    };
    let first = round("first");
    let folder = Path::new(&inputs).join(".fuwutu");
    let kept = || {
        let files: Vec<PathBuf> = folder
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    };
    let bytes = std::fs::read(kept()).unwrap();
    assert_eq!(round("second"), first);
    for (name, broken) in [
        ("cut", bytes[..bytes.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("other", b"no network".to_vec()),
    ] {
        std::fs::write(kept(), broken).unwrap();
        assert_eq!(round(name), first, "{name}: the round says nothing of it");
        assert!(std::fs::read(kept()).unwrap() == bytes, "{name}: as before");
    }
    // A changed table is another network, whatever is kept.
    let text = std::fs::read_to_string(&edges).unwrap();
    std::fs::write(
        &edges,
        text.lines().take(4_000).collect::<Vec<_>>().join("\n") + "\n",
    )
    .unwrap();
    assert_ne!(round("changed").0, first.0);
}

#[test]
fn two_rounds_are_compared_in_both_languages() {
    let temp = Temp::new("compare");
    let later = temp.arg("later");
    assert_eq!(run(&["synth", "--demo", "--later", "--out", &later]).0, 0);
    let (old, new, out) = (
        format!("{}/plan.toml", demo_inputs(&temp)),
        format!("{later}/plan.toml"),
        temp.arg("out"),
    );
    check("compare", &temp, &["compare", &old, &new, "--out", &out]);
    check(
        "compare-occupied",
        &temp,
        &["compare", &old, &new, "--out", &out],
    );
    check(
        "compare-zh",
        &temp,
        &[
            "compare",
            &old,
            &new,
            "--out",
            &out,
            "--overwrite",
            "--lang",
            "zh",
        ],
    );
    let mut heads = String::new();
    for name in [
        "change.csv",
        "facilities_change.csv",
        "places_change.csv",
        "codes_change.csv",
    ] {
        let text = std::fs::read_to_string(Path::new(&out).join(name)).unwrap();
        let head: Vec<&str> = text
            .trim_start_matches('\u{feff}')
            .lines()
            .take(4)
            .collect();
        heads += &format!(
            "--- {name}, {} lines\n{}\n",
            text.lines().count(),
            head.join("\n")
        );
    }
    same("compare-files", &heads);
}

#[test]
fn help_in_chinese_called_the_file_of_one_command_a_folder_of_rounds() {
    let help = |command: &str| run(&[command, "--help", "--lang", "zh"]).1;
    for command in ["access", "matrix", "isochrone", "roads"] {
        let text = help(command);
        assert!(
            text.contains("替换该文件") && text.contains("`-` 为打印"),
            "{text}"
        );
        assert!(
            !text.contains("结果文件夹") && !text.contains("先前的一轮"),
            "{text}"
        );
    }
    assert!(help("compare").contains("替换文件夹中先前的比较"));
    assert!(help("evaluate").contains("替换文件夹中先前的一轮"));
    // Every measure has its text, and is still understood.
    let access = help("access");
    assert!(
        ["人均容量", "空间可用量", "到最近设施的分钟数"]
            .iter()
            .all(|text| access.contains(text)),
        "{access}"
    );
    let given = [
        "access", "--costs", "-", "--demand", "d", "--supply", "s", "--limit", "5", "--out", "-",
        "--lang", "zh",
    ];
    for (method, code_word) in [("nearest", "文件不存在"), ("sideways", "2sfca")] {
        let (code, _, stderr) = run(&[&given[..], &["--method", method]].concat());
        assert!(
            code == 2 && stderr.contains(code_word),
            "{method}: {stderr}"
        );
    }
}

#[test]
fn a_folder_that_synth_may_not_fill_was_told_in_english_without_a_way_out() {
    let temp = Temp::new("synth-occupied");
    let folder = demo_inputs(&temp);
    let (code, _, stderr) = run(&["synth", "--demo", "--out", &folder, "--lang", "zh"]);
    assert!(
        code == 2
            && stderr.contains("不是空文件夹")
            && stderr.contains("提示：换一个新的或空的文件夹"),
        "{stderr}"
    );
    let (_, _, stderr) = run(&["synth", "--demo", "--out", &folder, "--lang", "en"]);
    assert!(
        stderr.contains("is not empty") && stderr.contains("hint: choose a new or empty folder"),
        "{stderr}"
    );
}

#[test]
fn usage_that_makes_no_sense_is_2() {
    assert_eq!(run(&["evaluate"]).0, 2);
    assert_eq!(run(&["nonsense"]).0, 2);
    assert_eq!(run(&["demo", "--threads", "0"]).0, 2);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let temp = Temp::new("pipe");
    let out = temp.arg("out");
    assert_eq!(run(&["demo", "--out", &out]).0, 0);
    let mut child = fuwutu(&["rank", &out])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn one_thread_or_two_and_any_locale_give_the_same_folder() {
    let temp = Temp::new("same");
    let (a, b) = (temp.arg("a"), temp.arg("b"));
    assert!(
        fuwutu(&["demo", "--threads", "1", "--out", &a])
            .env("LC_ALL", "tr_TR.UTF-8")
            .output()
            .unwrap()
            .status
            .success()
    );
    let mut other = fuwutu(&["demo", "--threads", "2", "--out", &b]);
    assert!(
        other
            .env("LC_ALL", "de_DE.UTF-8")
            .env("FUWUTU_LANG", "zh")
            .env("TZ", "Asia/Shanghai")
            .output()
            .unwrap()
            .status
            .success()
    );
    for name in [
        "round.json",
        "standing.csv",
        "units.geojson",
        "ranking.csv",
        "findings.csv",
    ] {
        let read = |folder: &str| std::fs::read(Path::new(folder).join(name)).unwrap();
        assert!(read(&a) == read(&b), "{name}");
    }
}

#[test]
fn a_result_never_replaces_what_it_is_made_of() {
    let temp = Temp::new("spare");
    let inputs = demo_inputs(&temp);
    let (plan, nodes) = (format!("{inputs}/plan.toml"), format!("{inputs}/nodes.csv"));
    let before = std::fs::read(&nodes).unwrap();
    let isochrone = [
        "isochrone",
        &plan,
        "--from",
        "104,30.6",
        "--minutes",
        "5",
        "--out",
        &nodes,
        "--overwrite",
    ];
    let tables = format!("{inputs}/facilities.csv");
    let access = [
        "access", "--costs", &nodes, "--demand", &tables, "--supply", &tables, "--limit", "15",
    ];
    let access = [&access[..], &["--out", &nodes, "--overwrite"]].concat();
    let matrix = ["matrix", &plan, "--out", &nodes, "--overwrite"];
    let roads = ["roads", &plan, "--out", &nodes, "--overwrite"];
    for arguments in [&matrix[..], &roads[..], &isochrone[..], &access[..]] {
        let (code, _, stderr) = run(arguments);
        assert!(
            code == 2 && stderr.contains("is read, and would be replaced with the result"),
            "{arguments:?}: {stderr}"
        );
        assert!(stderr.contains("hint: choose another file"), "{stderr}");
        assert_eq!(std::fs::read(&nodes).unwrap(), before);
    }
}

/// Every file below a folder, hidden ones, too, with what it holds.
#[cfg(unix)]
fn contents(folder: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut all = std::collections::BTreeMap::new();
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            all.extend(contents(&entry.path()));
        } else {
            all.insert(entry.path(), std::fs::read(entry.path()).unwrap());
        }
    }
    all
}

/// Starts `evaluate`, sends it a signal after some milliseconds, and tells the exit code and stderr; `None` where it was killed.
#[cfg(unix)]
fn signalled(plan: &str, out: &str, signal: &str, after: u64) -> Option<(i32, String)> {
    let mut command = fuwutu(&["evaluate", plan, "--out", out, "--overwrite"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(after));
    let id = child.id().to_string();
    Command::new("kill").args([signal, &id]).status().unwrap();
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
    ended.status.code().map(|code| (code, stderr))
}

#[cfg(unix)]
#[test]
fn whenever_it_is_interrupted_or_killed_a_round_is_whole_after_the_next_run() {
    let temp = Temp::new("interrupted");
    let plan = format!("{}/plan.toml", demo_inputs(&temp));
    let out = temp.arg("out");
    assert_eq!(run(&["evaluate", &plan, "--out", &out]).0, 0);
    let begun = std::time::Instant::now();
    let again = ["evaluate", &plan, "--out", &out, "--overwrite"];
    assert_eq!(run(&again).0, 0);
    let takes = begun.elapsed().as_millis() as u64;
    let whole = contents(&temp);
    for part in 0..6 {
        let after = takes * part / 6;
        match signalled(&plan, &out, "-INT", after) {
            // It was as quick as that, or interrupted before it could listen.
            Some((0, _)) | None => {}
            Some((code, stderr)) => {
                assert_eq!(code, 130, "{after} ms: {stderr}");
                assert!(stderr.contains("interrupted: nothing unfinished is left"));
                let round = temp.path("out/round.json");
                assert!(round.exists(), "{after} ms");
            }
        }
        let hidden = |path: &&PathBuf| path.to_string_lossy().contains("/.out.");
        let left: Vec<PathBuf> = contents(&temp).keys().filter(hidden).cloned().collect();
        assert!(left.is_empty(), "{after} ms: {left:?}");
        signalled(&plan, &out, "-KILL", after);
        assert_eq!(run(&again).0, 0, "{after} ms");
        let now = contents(&temp);
        let same = |path: &&PathBuf| now.get(*path) == whole.get(*path);
        let differ: Vec<&PathBuf> = now
            .keys()
            .chain(whole.keys())
            .filter(|path| !same(path))
            .collect();
        assert!(differ.is_empty(), "{after} ms: {differ:?}");
    }
}
