//! A plan from the files of a folder: as the demo has them, as the departments of a district hand them in, and as nobody should.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use support::{Temp, ended, program, root};

fn run(arguments: &[&str]) -> (i32, String, String) {
    ended(program().args(arguments).current_dir(root()))
}

/// With lines typed in.
fn typed(arguments: &[&str], lines: &str) -> (i32, String, String) {
    let mut command: Command = program();
    let mut child = command
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn evaluated(plan: &str, out: &str) {
    let (code, _, said) = run(&["evaluate", plan, "--out", out, "--no-report"]);
    assert_eq!(code, 0, "{said}");
}

/// The rows of a table of a round, but for what is left out.
fn table(out: &Path, name: &str) -> String {
    fs::read_to_string(out.join(name)).unwrap()
}

#[test]
fn the_demos_files_need_two_answers_and_give_its_round() {
    let temp = Temp::with_demo("init-demo");
    let folder = temp.0.display().to_string();
    let own = temp.arg("plan.toml");
    let by_hand = fs::read_to_string(&own).unwrap();
    fs::remove_file(&own).unwrap();
    // Without answers: exit 1, a plan that says what it lacks, and the questions as data.
    let (code, seen, said) = run(&["init", &folder]);
    assert_eq!(code, 1, "{said}");
    assert!(
        seen.contains("townships.geojson") && seen.contains("codes of 9 digits"),
        "{seen}"
    );
    assert!(
        said.contains("round.base_year") && said.contains("to be answered: 1"),
        "{said}"
    );
    let questions = json(&temp.0.join("check.json"));
    let levels: Vec<&str> = (questions["questions"].as_array().unwrap().iter())
        .map(|question| question["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["must", "default"]);
    // Nothing is overwritten.
    let written = fs::read_to_string(&own).unwrap();
    let (code, _, said) = run(&["init", &folder]);
    assert_eq!(
        (code, fs::read_to_string(&own).unwrap()),
        (2, written),
        "{said}"
    );
    // With answers it runs, and gives what the plan by hand gives.
    let asked = temp.arg("asked.toml");
    let (code, _, said) = typed(
        &["init", &folder, "--out", &asked, "--ask"],
        "last year\n2026\n2016\n",
    );
    assert_eq!(code, 0, "{said}");
    let plan = fs::read_to_string(&asked).unwrap();
    for line in [
        "base_year = 2026",
        "earlier = { path = \"earlier.csv\", year = 2016 }",
        "mode = \"streets\"",
    ] {
        assert!(
            plan.replace(" , ", ", ").contains(line) || plan.contains("[inputs.earlier]"),
            "{line}: {plan}"
        );
    }
    assert!(temp.0.join("asked.check.json").is_file());
    let select = by_hand.split("[services]").nth(1).unwrap();
    fs::write(&asked, format!("{plan}\n[services]{select}")).unwrap();
    let first = by_hand.replace("compare = true\n", "");
    fs::write(temp.0.join("hand.toml"), first).unwrap();
    evaluated(&asked, &temp.arg("a"));
    evaluated(&temp.arg("hand.toml"), &temp.arg("b"));
    for name in [
        "communities.csv",
        "standing.csv",
        "ranking.csv",
        "projection.csv",
    ] {
        assert_eq!(
            table(&temp.0.join("a"), name),
            table(&temp.0.join("b"), name),
            "{name}"
        );
    }
}

/// Places by id of a table.
fn places(text: &str) -> BTreeMap<String, [f64; 2]> {
    let mut table = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = table.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let id = headers
        .iter()
        .position(|header| ["id", "facility"].contains(&header));
    let (id, lon, lat) = (id.unwrap(), at("lon"), at("lat"));
    let rows = table.records().map(Result::unwrap);
    let number = |cell: &str| cell.parse().unwrap();
    rows.map(|row| (row[id].to_owned(), [number(&row[lon]), number(&row[lat])]))
        .collect()
}

#[test]
fn a_district_as_its_departments_hand_it_in() {
    let temp = Temp::new("init-district");
    copied(
        &root().join("tests/fixtures/district"),
        &temp.0.join("示例区"),
    );
    let folder = temp.arg("示例区");
    // Without an answer: of the points of a map provider nobody knows whether they were converted.
    let (code, seen, said) = run(&["init", &folder, "--out", &temp.arg("示例区/first.toml")]);
    assert_eq!(code, 1, "{seen}\n{said}");
    assert!(
        said.contains("to be answered: 1") && said.contains("GCJ-02"),
        "{said}"
    );
    // Nobody can run it before.
    let (code, _, said) = run(&["check", &temp.arg("示例区/first.toml")]);
    assert!(code == 2 && said.contains("`?`"), "{said}");
    // With one, and Enter for the rest.
    let (code, seen, said) = typed(&["init", &folder, "--ask"], "1\n\n\n");
    assert_eq!(code, 0, "{seen}\n{said}");
    let plan = temp.arg("示例区/plan.toml");
    let text = fs::read_to_string(&plan).unwrap();
    for part in [
        "base_year = 2025",
        "year = 2020",
        "crs = \"GCJ-02\"",
        "housing = ",
        "关于报送数据的函.docx",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    evaluated(&plan, &temp.arg("round"));
    let round = temp.0.join("round");
    // Everybody of the census, by age; every facility at its place; every row accounted for.
    let communities = table(&round, "communities.csv");
    assert_eq!(communities.lines().count(), 61, "{communities}");
    let whole = places(include_str!("../data/demo/facilities.csv"));
    let here = places(&table(&round, "facilities.csv"));
    assert_eq!(here.len(), 182);
    for (id, at) in here {
        let [lon, lat] = whole[id.trim_start_matches("B0")];
        let off = (at[0] - lon).abs().max((at[1] - lat).abs());
        assert!(off < 2e-6, "{id}: {at:?} {lon} {lat}");
    }
    let mut inputs = csv::Reader::from_path(round.join("inputs.csv")).unwrap();
    let headers = inputs.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (rows, used, left_out) = (at("rows"), at("used"), at("left_out"));
    let mut files = 0;
    for row in inputs.records().map(Result::unwrap) {
        let [rows, used, left_out] = [rows, used, left_out].map(|at| row[at].parse::<u64>());
        if let (Ok(rows), Ok(used), Ok(left_out)) = (rows, used, left_out) {
            assert_eq!(rows, used + left_out, "{row:?}");
            files += 1;
        }
    }
    assert_eq!(files, 7);
}

/// Of what would change figures in silence nothing is taken: it is asked for, or left out with the reason.
#[test]
fn what_could_be_another_thing_is_not_taken() {
    let temp = Temp::with_demo("init-doubt");
    fs::remove_file(temp.0.join("plan.toml")).unwrap();
    fs::remove_file(temp.0.join("earlier.csv")).unwrap();
    let folder = temp.0.display().to_string();
    let rows = fs::read_to_string(temp.0.join("population.csv")).unwrap();
    let half = rows.lines().count() / 2;
    let lines: Vec<&str> = rows.lines().collect();
    let part = |lines: &[&str]| format!("{}\n{}\n", lines_head(&rows), lines.join("\n"));
    // Two tables of the same year, each with a part of the city.
    fs::remove_file(temp.0.join("population.csv")).unwrap();
    fs::write(temp.0.join("2026年东片.csv"), part(&lines[1..half])).unwrap();
    fs::write(temp.0.join("2026年西片.csv"), part(&lines[half..])).unwrap();
    let (code, _, said) = run(&["init", &folder]);
    assert!(
        code == 1 && said.contains("Several files look like population"),
        "{said}"
    );
    let plan = fs::read_to_string(temp.0.join("plan.toml")).unwrap();
    assert!(plan.contains("population = { path = \"?\" }"), "{plan}");
    // Facilities that are planned, and people of another kind or of later.
    let planned = "编号,名称,服务,经度,纬度\nx1,远园,幼儿园,104,30.6\n";
    let later = "社区代码,常住人口\n990101001001,9\n";
    fs::write(temp.0.join("2028年拟建设施.csv"), planned).unwrap();
    fs::write(
        temp.0.join("2035年规划人口.csv"),
        later.replace("常住人口", "人口"),
    )
    .unwrap();
    let out = temp.arg("second.toml");
    let (_, seen, _) = run(&["init", &folder, "--out", &out]);
    for (file, mark) in [
        ("2028年拟建设施.csv", "拟建"),
        ("2035年规划人口.csv", "规划人口"),
    ] {
        let line = seen.lines().find(|line| line.starts_with(file)).unwrap();
        assert!(line.contains("not used") && line.contains(mark), "{line}");
    }
}

fn lines_head(text: &str) -> &str {
    text.lines().next().unwrap()
}

#[test]
fn a_folder_that_is_none_and_files_that_are_nothing() {
    let temp = Temp::new("init-bad");
    let (code, _, said) = run(&["init", &temp.arg("nowhere")]);
    assert_eq!(code, 2, "{said}");
    assert!(!temp.0.join("nowhere").exists());
    // An empty folder: everything is asked for, and the plan says what is missing.
    fs::create_dir(temp.0.join("empty")).unwrap();
    let (code, _, said) = run(&["init", &temp.arg("empty")]);
    assert_eq!(code, 1, "{said}");
    for key in [
        "inputs.townships.path",
        "inputs.communities.path",
        "inputs.facilities[0].path",
        "round.base_year",
    ] {
        assert!(said.contains(key), "{key}: {said}");
    }
    // Broken files are told one by one, whatever they are.
    let folder = temp.0.join("broken");
    fs::create_dir(&folder).unwrap();
    let broken: [(&str, &[u8]); 6] = [
        (
            "a.geojson",
            b"{\"type\":\"FeatureCollection\",\"features\":[",
        ),
        ("b.xlsx", b"PK\x03\x04 not a workbook"),
        ("c.csv", b"\xff\xfe\0\0"),
        ("d.shp", b"\0\0\x27\x0a"),
        ("e.gpkg", b"SQLite format 3\0 and no more"),
        ("f.csv", b""),
    ];
    for (name, bytes) in broken {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let (code, seen, said) = run(&["init", &temp.arg("broken")]);
    assert_eq!(code, 1, "{said}");
    for (name, _) in broken {
        assert!(seen.contains(name), "{name}: {seen}");
    }
}
