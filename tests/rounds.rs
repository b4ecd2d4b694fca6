//! Rounds over time: codes that changed, units that are kept, and what two rounds differ by.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fuwutu_core::change::{self, Amount, Figure, Side};
use fuwutu_core::city::{
    City, Class, Community, DemandPoint, Facility, Offer, Records, Status, Township, counties,
};
use fuwutu_core::crosswalk::{Change, Crosswalk, Date, Span};
use fuwutu_core::position::{CommunityAt, FacilityAt, ServiceAt, TownshipAt};
use fuwutu_core::projection::Outlook;
use fuwutu_core::quantity::{AGE_BANDS, Ages, Frame, Point, Residents};
use fuwutu_core::reach::Travel;
use fuwutu_core::round::{self, Round, Selection};
use fuwutu_core::service::Service;
use fuwutu_core::shard;
use fuwutu_core::units::last::{LastRow, LastUnits};
use fuwutu_core::units::{self, Note, State, UnitPlan, Units};
use fuwutu_core::watch::unwatched;
use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder};
use fuwutu_synth::Spec;
use geo::{MultiPolygon, Rect, coord};

use support::{Temp, ended, program};

// --- the program ---

/// What the program does in a folder of one test.
trait Work {
    fn demo(&self, name: &str) -> String;
    fn later(&self, name: &str) -> String;
    fn compare(&self, old: &str, new: &str, out: &str) -> String;
}

impl Work for Temp {
    /// The demo's files.
    fn demo(&self, name: &str) -> String {
        let folder = self.arg(name);
        done(&["synth", "--demo", "--out", &folder]);
        folder
    }

    /// The demo's files three years later.
    fn later(&self, name: &str) -> String {
        let folder = self.arg(name);
        done(&["synth", "--demo", "--later", "--out", &folder]);
        folder
    }

    /// Compares two folders of files; the folder of the comparison.
    fn compare(&self, old: &str, new: &str, out: &str) -> String {
        let out = self.arg(out);
        done(&[
            "compare",
            &format!("{old}/plan.toml"),
            &format!("{new}/plan.toml"),
            "--out",
            &out,
        ]);
        out
    }
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    ended(program().args(arguments))
}

fn done(arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(arguments);
    assert_eq!(code, 0, "{arguments:?}\n{stderr}");
    stdout
}

/// The command fails with 2, and stderr tells each of these.
fn refused(arguments: &[&str], told: &[&str]) {
    let (code, _, stderr) = run(arguments);
    assert_eq!(code, 2, "{arguments:?}\n{stderr}");
    told.iter()
        .for_each(|text| assert!(stderr.contains(text), "`{text}` is not told:\n{stderr}"));
}

type Line = BTreeMap<String, String>;

fn table(folder: &str, name: &str) -> Vec<Line> {
    let text = fs::read_to_string(Path::new(folder).join(name)).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().unwrap().clone();
    let line = |row: csv::StringRecord| {
        header
            .iter()
            .map(str::to_owned)
            .zip(row.iter().map(str::to_owned))
            .collect()
    };
    reader.records().map(|row| line(row.unwrap())).collect()
}

fn number(line: &Line, name: &str) -> Option<f64> {
    let cell = &line[name];
    if cell.is_empty() {
        None
    } else {
        Some(cell.parse().unwrap())
    }
}

fn patch(folder: &str, file: &str, change: impl Fn(&str) -> String) {
    let path = Path::new(folder).join(file);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed, "{file}");
    fs::write(&path, changed).unwrap();
}

/// Findings of a plan as `check` prints them.
fn checked(folder: &str) -> String {
    let (code, stdout, stderr) = run(&["check", &format!("{folder}/plan.toml")]);
    assert!(code < 2, "{stderr}");
    // Lines are wrapped.
    stdout.replace("\n    ", " ")
}

// --- two rounds of the demo ---

const CAUSES: [&str; 5] = ["facilities", "population", "standards", "units", "method"];

#[test]
fn the_demo_three_years_on_is_taken_apart_and_every_sum_adds_up() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.later("new"));
    let out = temp.compare(&old, &new, "out");
    let rows = table(&out, "change.csv");
    let mut units: BTreeMap<(String, String, String), f64> = BTreeMap::new();
    for row in &rows {
        let parts: f64 = CAUSES.iter().filter_map(|cause| number(row, cause)).sum();
        let (before, after) = (number(row, "old"), number(row, "new"));
        if let (Some(before), Some(after)) = (before, after) {
            assert!((before + parts - after).abs() < 1e-6, "{row:?}");
            if row["level"] == "unit" {
                for column in CAUSES.iter().copied().chain(["old", "new"]) {
                    let key = (
                        row["service"].clone(),
                        row["figure"].clone(),
                        column.to_owned(),
                    );
                    *units.entry(key).or_default() += number(row, column).unwrap();
                }
            }
        }
    }
    for row in rows
        .iter()
        .filter(|row| row["level"] == "city" && row["figure"] != "coverage")
    {
        for column in CAUSES.iter().copied().chain(["old", "new"]) {
            let sum = units[&(
                row["service"].clone(),
                row["figure"].clone(),
                column.to_owned(),
            )];
            assert!(
                (sum - number(row, column).unwrap()).abs() < 1e-6,
                "{column} {row:?}"
            );
        }
    }
    // 400,000 people before; what changed is people and facilities, and not standards or method.
    assert_eq!(
        (rows[0]["figure"].as_str(), rows[0]["old"].as_str()),
        ("residents", "400000")
    );
    assert!(
        rows.iter()
            .all(|row| row["standards"] == "0" && row["method"] == "0"
                || row["figure"] == "coverage")
    );
    // The merger, with everybody carried: unit 05 goes on in township 04.
    let codes = table(&out, "codes_change.csv");
    let township = codes.iter().find(|row| row["level"] == "township").unwrap();
    assert_eq!(
        (township["old"].as_str(), township["new"].as_str()),
        ("990101005", "990101004")
    );
    assert_eq!(
        codes
            .iter()
            .filter(|row| row["new"] == "990101001012")
            .count(),
        2,
        "two communities are one"
    );
    let moved = rows
        .iter()
        .find(|row| row["unit"] == "990101005-01" && row["figure"] == "residents")
        .unwrap();
    assert!(
        number(moved, "old") > Some(10_000.0)
            && number(moved, "new") > Some(10_000.0)
            && moved["units"] == "0"
    );
    // What opened and closed.
    let facilities = table(&out, "facilities_change.csv");
    let of = |change: &str, id: &str, side: &str| {
        facilities
            .iter()
            .any(|row| row["change"] == change && row[side] == id)
    };
    assert!(of("opened", "g1", "id_new"));
    assert_eq!(
        facilities
            .iter()
            .filter(|row| row["change"] == "closed")
            .count(),
        1
    );
    // The manifest knows its files.
    let text = fs::read_to_string(Path::new(&out).join("compare.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["files"].as_array().unwrap().len(), 7);
    for file in manifest["files"].as_array().unwrap() {
        let bytes = fs::read(Path::new(&out).join(file["path"].as_str().unwrap())).unwrap();
        assert_eq!(
            fuwutu_io::read::hex(&bytes),
            file["sha256"].as_str().unwrap()
        );
    }
    assert_eq!(
        manifest["services"]["compared"].as_array().unwrap().len(),
        10
    );
}

#[test]
fn both_ends_are_what_the_rounds_themselves_say() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.later("new"));
    let out = temp.compare(&old, &new, "out");
    let changes = table(&out, "change.csv");
    for (folder, side, year) in [(&old, "old", "2026"), (&new, "new", "2029")] {
        let round = temp.arg(&format!("round-{side}"));
        done(&[
            "evaluate",
            &format!("{folder}/plan.toml"),
            "--out",
            &round,
            "--no-report",
        ]);
        let standing = table(&round, "standing.csv");
        let of_year = standing.iter().filter(|row| row["year"] == year);
        let mut compared = 0;
        for row in of_year {
            for figure in [
                "target_residents",
                "covered_residents",
                "demand",
                "supply_inside",
                "supply_received",
                "shortfall_reach",
            ] {
                let change = changes.iter().find(|change| {
                    change["unit"] == row["unit"]
                        && change["service"] == row["service"]
                        && change["figure"] == figure
                });
                let (Some(change), Some(own)) = (change, number(row, figure)) else {
                    continue;
                };
                assert!(
                    (number(change, side).unwrap() - own).abs() < 1.0,
                    "{side} {figure} {row:?}"
                );
                compared += 1;
            }
        }
        assert!(compared > 300, "{compared}");
    }
}

/// The causes that did anything to any figure.
fn touched(out: &str) -> BTreeSet<&'static str> {
    assert!(table(out, "change.csv").len() > 100);
    touched_any(out)
}

fn touched_any(out: &str) -> BTreeSet<&'static str> {
    let rows = table(out, "change.csv");
    CAUSES
        .into_iter()
        .filter(|cause| {
            rows.iter()
                .any(|row| row[*cause] != "0" && !row[*cause].is_empty())
        })
        .collect()
}

#[test]
fn a_round_differs_from_itself_by_nothing() {
    let temp = Temp::new("rounds");
    let later = temp.later("new");
    let out = temp.compare(&later, &later, "out");
    assert_eq!(touched(&out), BTreeSet::new());
    assert!(
        table(&out, "facilities_change.csv").is_empty()
            && table(&out, "codes_change.csv").is_empty()
    );
    assert!(
        table(&out, "places_change.csv")
            .iter()
            .all(|row| row["place_old"] == row["place_new"])
    );
}

/// The demo against a demo of which one thing was changed.
fn one_cause(cause: &str, change: impl Fn(&str)) {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.demo("new"));
    change(&new);
    let out = temp.compare(&old, &new, "out");
    assert_eq!(touched(&out), BTreeSet::from([cause]));
}

#[test]
fn only_facilities_changed() {
    // Every tenth one is gone, the others hold twice as much.
    one_cause("facilities", |folder| {
        patch(folder, "facilities.csv", |text| {
            let kept = text
                .lines()
                .enumerate()
                .filter(|(at, _)| at % 10 != 5)
                .map(|(_, line)| line);
            kept.collect::<Vec<_>>()
                .join("\n")
                .replace(",seats,", "0,seats,")
                + "\n"
        });
    });
}

#[test]
fn only_people_changed() {
    one_cause("population", |folder| {
        // Of the first hundred places every second one is empty.
        patch(folder, "population.csv", |text| {
            let line = |(at, line): (usize, &str)| {
                let cells: Vec<&str> = line.split(',').collect();
                let empty = at % 2 == 1 && at < 100;
                if empty {
                    cells[..4].join(",") + ",0,0,0,0,0,0,0,0"
                } else {
                    line.to_owned()
                }
            };
            text.lines()
                .enumerate()
                .map(line)
                .collect::<Vec<_>>()
                .join("\n")
                + "\n"
        });
    });
}

#[test]
fn only_standards_changed() {
    let row = |id: &str| -> String {
        let rows = plan::CATALOGUE
            .split("[[service]]")
            .find(|row| row.contains(&format!("id = \"{id}\"")))
            .unwrap();
        format!("[[service]]{rows}")
    };
    one_cause("standards", |folder| {
        let own = row("primary_school").replace("minutes = 10", "minutes = 15");
        fs::write(Path::new(folder).join("own.toml"), own).unwrap();
        patch(folder, "plan.toml", |text| {
            text.replace("[services]\n", "[services]\ncatalogue = \"own.toml\"\n")
        });
    });
}

#[test]
fn only_units_changed() {
    one_cause("units", |folder| {
        patch(folder, "plan.toml", |text| {
            format!("{text}\n[units]\ncap = 60000\n")
        });
    });
}

#[test]
fn only_the_method_changed() {
    one_cause("method", |folder| {
        patch(folder, "plan.toml", |text| {
            text.replace(
                "mode = \"streets\"\n",
                "mode = \"streets\"\npace_m_per_s = 0.9\n",
            )
        });
    });
}

#[test]
fn the_order_of_rows_and_the_number_of_threads_change_no_byte() {
    let temp = Temp::new("rounds");
    let (old, new, turned) = (temp.demo("old"), temp.later("new"), temp.later("turned"));
    for file in [
        "population.csv",
        "facilities.csv",
        "earlier.csv",
        "crosswalk.csv",
        "last_units.csv",
    ] {
        patch(&turned, file, |text| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            lines.join("\n") + "\n"
        });
    }
    let (a, b) = (temp.compare(&old, &new, "a"), temp.arg("b"));
    let plans = [&old, &turned].map(|folder| format!("{folder}/plan.toml"));
    done(&[
        "compare",
        &plans[0],
        &plans[1],
        "--out",
        &b,
        "--threads",
        "1",
    ]);
    for name in [
        "change.csv",
        "facilities_change.csv",
        "places_change.csv",
        "codes_change.csv",
    ] {
        assert!(
            fs::read(Path::new(&a).join(name)).unwrap()
                == fs::read(Path::new(&b).join(name)).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn services_of_one_round_only_are_told_and_not_compared() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.demo("new"));
    patch(&new, "plan.toml", |text| {
        text.replace("    \"market\",\n", "    \"village_clinic\",\n")
            .replace(
                "[services]",
                "[services]\nnone_exist = [\"village_clinic\"]",
            )
    });
    let out = temp.arg("out");
    let plans = [&old, &new].map(|folder| format!("{folder}/plan.toml"));
    let told = done(&["compare", &plans[0], &plans[1], "--out", &out]);
    assert!(
        told.contains("only in the old round: market")
            && told.contains("only in the new round: village_clinic")
    );
    assert!(
        table(&out, "change.csv")
            .iter()
            .all(|row| row["service"] != "market")
    );
    assert!(
        table(&out, "findings.csv")
            .iter()
            .any(|row| row.values().any(|cell| cell == "services_differ"))
    );
    assert_eq!(touched(&out), BTreeSet::new());
}

#[test]
fn communities_that_nobody_knows_of_and_other_units_of_capacity_are_told() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.later("new"));
    patch(&new, "plan.toml", |text| {
        let kept = text.lines().filter(|line| !line.starts_with("crosswalk"));
        kept.collect::<Vec<_>>()
            .join("\n")
            .replace("[services]\n", "[services]\ncatalogue = \"own.toml\"\n")
    });
    let market = plan::CATALOGUE
        .split("[[service]]")
        .find(|row| row.contains("id = \"market\""))
        .unwrap();
    let own = format!(
        "[[service]]{}",
        market.replace(
            "capacity_unit = \"m2_floor\"",
            "capacity_unit = \"m2_site\""
        )
    );
    fs::write(Path::new(&new).join("own.toml"), own).unwrap();
    let out = temp.compare(&old, &new, "out");
    let found = table(&out, "findings.csv");
    let of = |kind: &str| {
        found
            .iter()
            .filter(|row| row["finding"] == kind)
            .map(|row| row["service"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("community_gone").len(), 12);
    assert_eq!(of("capacity_unit_changed"), ["market"]);
    let rows = table(&out, "change.csv");
    let of_market = |figure: &str| {
        rows.iter()
            .any(|row| row["service"] == "market" && row["figure"] == figure)
    };
    assert!(of_market("coverage") && !of_market("demand") && !of_market("supply_received"));
    // The units of those that are gone end with them.
    let gone = rows
        .iter()
        .find(|row| row["unit"] == "990101005-01" && row["figure"] == "residents")
        .unwrap();
    assert_eq!(
        (gone["new"].as_str(), gone["population"].as_str()),
        ("0", format!("-{}", gone["old"]).as_str())
    );
}

#[test]
fn a_city_that_grew_into_another_plane_is_measured_in_one() {
    let temp = Temp::new("rounds");
    let catalogue = catalogue();
    let at = catalogue
        .iter()
        .position(|service| service.id == "market")
        .map(ServiceAt::new)
        .unwrap();
    // 4 squares, and then 30: the middle, and with it the plane, moves by more than a tenth of a degree.
    for (name, squares) in [("old", 4), ("new", 30)] {
        let mut records = row_of_squares("990101001", &vec![1_000; squares], 1);
        records.facilities = vec![market("a", records.points[0].0.at, 50.0, at)];
        let width = squares as f64 * 1000.0;
        let land = Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: width, y: 1000.0 });
        let extras = Extras {
            townships: &[MultiPolygon::from(land.to_polygon())],
            earlier: &vec![1_000; squares],
            earlier_year: 2016,
            name,
            select: &["market".to_owned()],
            roads: None,
        };
        inputs::write(&temp.0.join(name), &records, extras, &catalogue).unwrap();
    }
    let (old, new) = (temp.arg("old"), temp.arg("new"));
    let frames = [&old, &new].map(|folder| {
        let input = read::read(
            &Plan::read(&Path::new(folder).join("plan.toml")).unwrap(),
            &Folder(folder.into()),
            &catalogue,
        );
        input.unwrap().city.frame()
    });
    assert_ne!(frames[0], frames[1]);
    let out = temp.compare(&old, &new, "out");
    let rows = table(&out, "change.csv");
    let of = |figure: &str| {
        rows.iter()
            .find(|row| row["level"] == "city" && row["figure"] == figure)
            .unwrap()
    };
    assert_eq!(
        (
            of("residents")["old"].as_str(),
            of("residents")["population"].as_str()
        ),
        ("4000", "26000")
    );
    // A thousand live at the market, the next ones a kilometre away: out of reach, with or without the new land.
    assert_eq!(
        (
            of("covered_residents")["old"].as_str(),
            of("covered_residents")["new"].as_str()
        ),
        ("1000", "1000")
    );
    assert_eq!(touched_any(&out), BTreeSet::from(["population"]));
    assert!(
        table(&out, "facilities_change.csv").is_empty(),
        "the market stands where it stood"
    );
}

// --- kept inputs ---

#[test]
fn a_round_that_keeps_its_inputs_can_be_evaluated_and_compared_again() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.later("new"));
    // Two files of one name in different folders.
    fs::create_dir_all(Path::new(&old).join("more")).unwrap();
    let (head, tail) = {
        let text = fs::read_to_string(Path::new(&old).join("facilities.csv")).unwrap();
        let at = text
            .match_indices('\n')
            .nth(text.lines().count() / 2)
            .unwrap()
            .0
            + 1;
        let header = text.lines().next().unwrap().to_owned() + "\n";
        (text[..at].to_owned(), header + &text[at..])
    };
    fs::write(Path::new(&old).join("facilities.csv"), head).unwrap();
    fs::write(Path::new(&old).join("more/facilities.csv"), tail).unwrap();
    patch(&old, "plan.toml", |text| {
        text.replace(
            "[{ path = \"facilities.csv\" }]",
            "[{ path = \"facilities.csv\" }, { path = \"more/facilities.csv\" }]",
        )
    });
    let rounds = [(&old, "round-old"), (&new, "round-new")].map(|(folder, name)| {
        let out = temp.arg(name);
        done(&[
            "evaluate",
            &format!("{folder}/plan.toml"),
            "--out",
            &out,
            "--no-report",
            "--keep-inputs",
        ]);
        out
    });
    for round in &rounds {
        let again = temp.arg("again");
        done(&[
            "evaluate",
            &format!("{round}/inputs/plan.toml"),
            "--out",
            &again,
            "--no-report",
            "--overwrite",
        ]);
        for name in [
            "standing.csv",
            "ranking.csv",
            "units.csv",
            "projection.csv",
            "communities.csv",
        ] {
            assert!(
                fs::read(Path::new(round).join(name)).unwrap()
                    == fs::read(Path::new(&again).join(name)).unwrap(),
                "{name}"
            );
        }
        let text = fs::read_to_string(Path::new(round).join("round.json")).unwrap();
        assert!(
            text.contains("\"inputs/plan.toml\"") && text.contains("\"inputs/population.csv\"")
        );
    }
    assert!(
        Path::new(&rounds[0])
            .join("inputs/2-facilities.csv")
            .is_file()
    );
    let (a, b) = (temp.compare(&old, &new, "a"), temp.arg("b"));
    done(&["compare", &rounds[0], &rounds[1], "--out", &b]);
    assert!(
        fs::read(Path::new(&a).join("change.csv")).unwrap()
            == fs::read(Path::new(&b).join("change.csv")).unwrap()
    );
    // What the run on kept inputs left there is no obstacle to a new round, nor a former comparison to a new one.
    assert!(Path::new(&rounds[1]).join("inputs/.fuwutu").is_dir());
    done(&[
        "evaluate",
        &format!("{new}/plan.toml"),
        "--out",
        &rounds[1],
        "--no-report",
        "--overwrite",
    ]);
    done(&[
        "compare",
        &rounds[0],
        &format!("{new}/plan.toml"),
        "--out",
        &b,
        "--overwrite",
    ]);
}

#[test]
fn what_cannot_be_compared_says_why_and_what_to_do() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.later("new"));
    let (old_plan, new_plan) = (format!("{old}/plan.toml"), format!("{new}/plan.toml"));
    let out = temp.arg("out");
    let compare =
        |old: &str, new: &str, told: &[&str]| refused(&["compare", old, new, "--out", &out], told);
    compare(
        &temp.arg("nowhere"),
        &new_plan,
        &["cannot read", "nowhere", "hint: check the path"],
    );
    compare(
        &old_plan,
        &temp.arg("nowhere/plan.toml"),
        &["cannot read", "nowhere"],
    );
    compare(&old, &new_plan, &["holds no round", "hint: name a plan"]);
    let round = temp.arg("round");
    done(&["evaluate", &old_plan, "--out", &round, "--no-report"]);
    compare(&round, &new_plan, &["without its inputs", "--keep-inputs"]);
    compare(
        &new_plan,
        &old_plan,
        &[
            "2029 is after the new one's 2026",
            "hint: name the old round first",
        ],
    );
    fs::write(Path::new(&old).join("plan.toml"), "[round\n").unwrap();
    compare(&old_plan, &new_plan, &["plan.toml, line 1", "hint:"]);
    assert!(!Path::new(&out).exists(), "nothing half-written");
    let (_, _, stderr) = run(&["compare", &round, &new_plan, "--out", &out, "--lang", "zh"]);
    assert!(
        stderr.contains("没有保存输入") && stderr.contains("--keep-inputs"),
        "{stderr}"
    );
}

// --- faults that were mended ---

/// All files of a folder with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.extend([(path.clone(), fs::read(&path).unwrap())]),
        }
    }
    all
}

#[test]
fn overwrite_destroyed_the_round_that_was_compared_or_evaluated_again() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.later("new"));
    let (old, new) = (format!("{old}/plan.toml"), format!("{new}/plan.toml"));
    let (round, comparison) = (temp.arg("round"), temp.arg("comparison"));
    done(&[
        "evaluate",
        &old,
        "--out",
        &round,
        "--no-report",
        "--keep-inputs",
    ]);
    done(&["compare", &round, &new, "--out", &comparison]);
    let before = files(&temp.0);
    let other = [
        "holds results of another kind",
        "hint: choose another folder",
    ];
    refused(
        &["compare", &round, &new, "--out", &round, "--overwrite"],
        &other,
    );
    refused(
        &[
            "evaluate",
            &old,
            "--out",
            &comparison,
            "--no-report",
            "--overwrite",
        ],
        &other,
    );
    let kept = format!("{round}/inputs/plan.toml");
    let read = [
        "round/inputs/plan.toml` is read, and would be replaced",
        "hint: choose another folder",
    ];
    refused(
        &[
            "evaluate",
            &kept,
            "--out",
            &round,
            "--no-report",
            "--overwrite",
        ],
        &read,
    );
    refused(&["units", &kept, "--out", &round, "--overwrite"], &read);
    refused(&["coverage", &kept, "--out", &round, "--overwrite"], &read);
    // The plan lies elsewhere, but names a file of the folder.
    let last = format!(
        "crosswalk = {{ path = \"crosswalk.csv\" }}\nlast_units = {{ path = \"{round}/communities.csv\", year = 2026 }}\n"
    );
    let go_on = temp.arg("new/go-on.toml");
    let text = fs::read_to_string(&new).unwrap();
    let start = text.find("crosswalk = ").unwrap();
    let end = text.find("facilities = [").unwrap();
    fs::write(&go_on, format!("{}{last}{}", &text[..start], &text[end..])).unwrap();
    refused(
        &[
            "evaluate",
            &go_on,
            "--out",
            &round,
            "--no-report",
            "--overwrite",
        ],
        &["round/communities.csv` is read"],
    );
    fs::remove_file(&go_on).unwrap();
    let (_, _, stderr) = run(&[
        "evaluate",
        &kept,
        "--out",
        &round,
        "--no-report",
        "--overwrite",
        "--lang",
        "zh",
    ]);
    assert!(
        stderr.contains("会随") && stderr.contains("换一个 --out 文件夹"),
        "{stderr}"
    );
    assert!(files(&temp.0) == before, "nothing was touched");
}

#[test]
fn a_kept_round_was_judged_by_the_catalogue_of_the_version_that_read_it() {
    let temp = Temp::new("rounds");
    let old = temp.demo("old");
    let round = temp.arg("round");
    done(&[
        "evaluate",
        &format!("{old}/plan.toml"),
        "--out",
        &round,
        "--no-report",
        "--keep-inputs",
    ]);
    let kept = Path::new(&round).join("inputs");
    let text = fs::read_to_string(kept.join("services.toml")).unwrap();
    assert_eq!(
        plan::parse_catalogue(&text, Path::new("services.toml")).unwrap(),
        catalogue()
    );
    // It stands alone: a service that the embedded catalogue has and it does not is not there.
    let path = kept.join("plan.toml");
    let mut plan = Plan::read(&path).unwrap();
    let mut fewer = catalogue();
    let gone = fewer.pop().unwrap().id;
    fs::write(
        kept.join("services.toml"),
        plan::catalogue_text(&fewer, true),
    )
    .unwrap();
    let (rows, _) = plan::catalogue(&mut plan, &path).unwrap();
    assert!(rows == fewer && rows.iter().all(|row| row.id != gone));
}

#[test]
fn a_kept_input_that_was_changed_was_compared_as_if_it_had_been_evaluated() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.later("new"));
    let (round, out) = (temp.arg("round"), temp.arg("out"));
    done(&[
        "evaluate",
        &format!("{old}/plan.toml"),
        "--out",
        &round,
        "--no-report",
        "--keep-inputs",
    ]);
    let new = format!("{new}/plan.toml");
    for name in ["plan.toml", "services.toml", "facilities.csv"] {
        let path = Path::new(&round).join("inputs").join(name);
        let was = fs::read(&path).unwrap();
        fs::write(&path, [&*was, b"\n"].concat()).unwrap();
        refused(
            &["compare", &round, &new, "--out", &out],
            &[name, "is not what the round wrote", "hint:"],
        );
        fs::write(&path, was).unwrap();
    }
    fs::remove_file(Path::new(&round).join("inputs/nodes.csv")).unwrap();
    refused(
        &["compare", &round, &new, "--out", &out],
        &["cannot read", "nodes.csv"],
    );
    assert!(!Path::new(&out).exists());
}

#[test]
fn an_input_that_cannot_be_kept_was_told_after_the_long_run() {
    let temp = Temp::new("rounds");
    let old = temp.demo("old");
    // In straight lines the streets are not read, but they would be kept.
    patch(&old, "plan.toml", |text| {
        text.replace("mode = \"streets\"", "mode = \"straight\"")
    });
    fs::remove_file(Path::new(&old).join("edges.csv")).unwrap();
    let (plan, out) = (format!("{old}/plan.toml"), temp.arg("out"));
    refused(
        &[
            "evaluate",
            &plan,
            "--out",
            &out,
            "--no-report",
            "--keep-inputs",
        ],
        &[
            "edges.csv: the file is not there",
            "hint: check the path in the plan",
        ],
    );
    done(&["evaluate", &plan, "--out", &out, "--no-report"]);
}

#[test]
fn errors_of_a_comparison_did_not_say_of_which_round() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.demo("new"));
    let plans = [&old, &new].map(|folder| format!("{folder}/plan.toml"));
    for (side, folder) in [("old", &old), ("new", &new)] {
        for file in ["population.csv", "edges.csv"] {
            let (path, aside) = (
                Path::new(folder).join(file),
                Path::new(folder).join("aside"),
            );
            fs::rename(&path, &aside).unwrap();
            let told = format!("error: {side}:{file}: the file is not there");
            refused(
                &["compare", &plans[0], &plans[1], "--out", &temp.arg("out")],
                &[&told],
            );
            fs::rename(&aside, &path).unwrap();
        }
    }
}

/// The row of the first service that has a norm in the table of services that `compare` prints.
fn line_of<'a>(told: &'a str, service: &str) -> &'a str {
    told.lines()
        .find(|line| line.starts_with(service))
        .unwrap_or_else(|| panic!("no `{service}` in\n{told}"))
}

#[test]
fn units_whose_shortfall_is_not_known_were_left_out_of_the_city_without_a_word() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.demo("new"));
    // One market of the new round has no capacity.
    patch(&new, "facilities.csv", |text| {
        let at = text
            .lines()
            .next()
            .unwrap()
            .split(',')
            .position(|name| name == "capacity")
            .unwrap();
        let service = text
            .lines()
            .next()
            .unwrap()
            .split(',')
            .position(|name| name == "service")
            .unwrap();
        let mut done = false;
        let line = |line: &str| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if !done && cells[service] == "market" {
                (cells[at], done) = ("", true);
            }
            cells.join(",")
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    });
    let out = temp.arg("out");
    let plans = [&old, &new].map(|folder| format!("{folder}/plan.toml"));
    let told = done(&["compare", &plans[0], &plans[1], "--out", &out]);
    let city = table(&out, "change.csv");
    let row = city
        .iter()
        .find(|row| {
            row["level"] == "city"
                && row["service"] == "market"
                && row["figure"] == "shortfall_reach"
        })
        .unwrap();
    assert!(number(row, "left_out_units").unwrap() > 0.0, "{row:?}");
    let name = catalogue()
        .into_iter()
        .find(|row| row.id == "market")
        .unwrap()
        .name
        .en;
    let line = line_of(&told, &name[..name.len().min(12)]);
    assert_eq!(line.matches("≥ ").count(), 2, "{line}");
    assert!(
        told.contains("≥: without the units whose shortfall is not known"),
        "{told}"
    );
    // Who is covered is the same, and the shortfall judges nothing.
    assert!(line.contains("same"), "{line}");
}

#[test]
fn facilities_that_were_not_supplied_are_not_told_as_closed() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.demo("new"));
    patch(&new, "facilities.csv", |text| {
        let lines = text.split_inclusive('\n');
        lines.filter(|line| !line.contains(",market,")).collect()
    });
    let out = temp.arg("out");
    let plans = [&old, &new].map(|folder| format!("{folder}/plan.toml"));
    let told = done(&["compare", &plans[0], &plans[1], "--out", &out]);
    assert!(told.contains("0 opened, 0 closed"), "{told}");
    // There are none, and the plan says so: they closed.
    patch(&new, "plan.toml", |text| {
        text.replace("[services]", "[services]\nnone_exist = [\"market\"]")
    });
    let told = done(&["compare", &plans[0], &plans[1], "--out", &temp.arg("none")]);
    assert!(!told.contains("0 closed"), "{told}");
}

#[test]
fn what_is_decided_to_open_or_close_shows_at_the_horizon() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.demo("new"));
    // A school with 900 seats opens in two years where another stands, and that one closes the year after.
    patch(&new, "facilities.csv", |text| {
        let (header, rows) = text.split_once('\n').unwrap();
        let open = |row: &&str| row.contains(",primary_school,") && row.contains(",existing,");
        let school = rows.lines().find(open).unwrap();
        let cells: Vec<&str> = school.split(',').collect();
        let beside = format!(
            "x1,新校,primary_school,{},{},900,seats,committed,2028,,,,,,",
            cells[3], cells[4]
        );
        let rows: String = rows
            .lines()
            .map(|row| match row == school {
                true => format!("{row},2029-07\n"),
                false => format!("{row},\n"),
            })
            .collect();
        format!("{header},closes\n{rows}{beside}\n")
    });
    let out = temp.arg("out");
    let plans = [&old, &new].map(|folder| format!("{folder}/plan.toml"));
    let told = done(&["compare", &plans[0], &plans[1], "--out", &out]);
    assert!(
        told.contains("0 opened, 0 closed") && told.contains("1 opened, 1 closed"),
        "{told}"
    );
    let city = |file: &str, figure: &str| {
        let rows = table(&out, file);
        let row = rows.iter().find(|row| {
            row["level"] == "city" && row["service"] == "primary_school" && row["figure"] == figure
        });
        let row = row.unwrap().clone();
        ["facilities", "population", "standards", "units", "method"]
            .map(|cause| number(&row, cause).unwrap())
    };
    let same = |found: [f64; 5], expected: [f64; 5]| {
        let near = |(a, b): (f64, f64)| (a - b).abs() < 1e-9;
        assert!(found.into_iter().zip(expected).all(near), "{found:?}");
    };
    same(city("change.csv", "supply_inside"), [0.0; 5]);
    let facilities = table(&out, "facilities_change_horizon.csv");
    let capacity = |change: &str, column: &str| {
        let row = facilities
            .iter()
            .find(|row| row["change"] == change)
            .unwrap();
        number(row, column).unwrap()
    };
    let more = capacity("opened", "capacity_new") - capacity("closed", "capacity_old");
    assert!((capacity("opened", "capacity_new") - 900.0).abs() < 1e-9);
    same(
        city("change_horizon.csv", "supply_inside"),
        [more, 0.0, 0.0, 0.0, 0.0],
    );
    // A round that does not look ahead has a horizon as well: its base year.
    for folder in [&old, &new] {
        patch(folder, "plan.toml", |text| {
            text.replace("horizon_years = 3", "horizon_years = 0")
        });
    }
    let base = temp.arg("base");
    done(&["compare", &plans[0], &plans[1], "--out", &base]);
    assert!(!Path::new(&base).join("change_horizon.csv").exists());
}

#[test]
fn figures_that_are_all_0_looked_as_if_they_were_unknown() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.demo("new"));
    // There is no market, in either round.
    for folder in [&old, &new] {
        patch(folder, "facilities.csv", |text| {
            let lines = text
                .split_inclusive('\n')
                .filter(|line| !line.contains(",market,"));
            lines.collect()
        });
        patch(folder, "plan.toml", |text| {
            text.replace("[services]", "[services]\nnone_exist = [\"market\"]")
        });
    }
    let out = temp.arg("out");
    let plans = [&old, &new].map(|folder| format!("{folder}/plan.toml"));
    let told = done(&["compare", &plans[0], &plans[1], "--out", &out]);
    let name = catalogue()
        .into_iter()
        .find(|row| row.id == "market")
        .unwrap()
        .name
        .en;
    let line = line_of(&told, &name[..name.len().min(12)]);
    assert!(
        line.contains("0.0 % → 0.0 %") && line.contains("+0.0"),
        "{line}"
    );
    let rows = table(&out, "change.csv");
    let of = |figure: &str| {
        let row = rows.iter().find(|row| {
            row["level"] == "city" && row["service"] == "market" && row["figure"] == figure
        });
        row.map(|row| (row["old"].clone(), row["new"].clone()))
    };
    let zero = || Some(("0".to_owned(), "0".to_owned()));
    assert_eq!(
        [
            of("coverage"),
            of("covered_residents"),
            of("supply_received")
        ],
        [zero(), zero(), zero()]
    );
}

#[test]
fn units_drawn_anew_were_given_the_place_of_another_unit_with_their_id() {
    let temp = Temp::new("rounds");
    let (old, new) = (temp.demo("old"), temp.demo("new"));
    patch(&new, "plan.toml", |text| {
        format!("{text}\n[units]\ncap = 40000\n")
    });
    let out = temp.compare(&old, &new, "out");
    let rounds = [&old, &new].map(|folder| {
        let round = format!("{folder}-round");
        done(&[
            "evaluate",
            &format!("{folder}/plan.toml"),
            "--out",
            &round,
            "--no-report",
        ]);
        table(&round, "communities.csv")
    });
    // Nobody moved: who is in a unit of the same id in both rounds, by hand from their lists of communities.
    let of = |round: &[Line]| -> BTreeMap<(String, String), f64> {
        round
            .iter()
            .map(|row| {
                (
                    (row["unit"].clone(), row["community"].clone()),
                    number(row, "residents").unwrap(),
                )
            })
            .collect()
    };
    let [before, after] = [of(&rounds[0]), of(&rounds[1])];
    let (mut same, mut others) = (0, 0);
    let places = table(&out, "places_change.csv");
    for place in places.iter().filter(|place| !place["place_new"].is_empty()) {
        let own = || after.iter().filter(|((unit, _), _)| *unit == place["unit"]);
        let total: f64 = own().map(|(_, residents)| residents).sum();
        let stayed: f64 = own()
            .filter(|(key, _)| before.contains_key(*key))
            .map(|(_, residents)| residents)
            .sum();
        let known = before.keys().any(|(unit, _)| *unit == place["unit"]);
        assert_eq!(
            !place["place_old"].is_empty(),
            known && stayed * 2.0 >= total,
            "{place:?}"
        );
        (same, others) = (
            same + i32::from(stayed * 2.0 >= total),
            others + i32::from(known && stayed * 2.0 < total),
        );
    }
    assert!(same > 0 && others > 0, "{same} {others}");
    // No line of the old round is lost.
    let old_lines = places
        .iter()
        .filter(|place| !place["place_old"].is_empty())
        .count();
    let old_units: BTreeSet<&String> = before.keys().map(|(unit, _)| unit).collect();
    assert_eq!(old_lines, old_units.len());
}

// --- crosswalks ---

#[test]
fn a_crosswalk_that_cannot_be_is_refused_with_its_row() {
    let told = |crosswalk: &str, told: &[&str]| {
        let temp = Temp::new("rounds");
        let folder = temp.later("new");
        fs::write(Path::new(&folder).join("crosswalk.csv"), crosswalk).unwrap();
        refused(&["check", &format!("{folder}/plan.toml")], told);
    };
    let row = |rows: &str| format!("old,new,share,date\n{rows}\n");
    told(
        &row("1,2,0.5,2027\n1,3,0.25,2027"),
        &[
            "crosswalk.csv, row 2",
            "do not add up to 1",
            "id `1`, column `share`, value `0.75`",
        ],
    );
    told(
        &row("1,2,-0.5,2027"),
        &["row 2", "not above 0 and at most 1", "-0.5"],
    );
    told(
        &row("1,2,1.5,2027"),
        &["row 2", "not above 0 and at most 1", "1.5"],
    );
    told(&row("1,2,half,2027"), &["row 2", "no number", "half"]);
    told(&row("1,2,,2027"), &["row 2", "a number is missing"]);
    told(
        &row("1,2,1,2027\n1,2,1,2027"),
        &["row 3", "occurs twice", "2: 2, 3"],
    );
    told(
        &row("1,2,1,last year"),
        &["row 2", "no date", "last year", "2024-07-01"],
    );
    told(&row("1,,1,2027"), &["row 2", "id or code is missing"]);
    told(
        "old,new,date\n1,2,2027\n",
        &["columns are missing", "`share`"],
    );
}

#[test]
fn codes_unknown_on_either_side_are_found() {
    let temp = Temp::new("rounds");
    let folder = temp.later("new");
    let good = checked(&folder);
    let told = ["crosswalk.csv:", "crosswalk.csv,"];
    let told = told.iter().any(|start| good.contains(start));
    assert!(!told, "the good one has nothing to tell: {good}");
    patch(&folder, "crosswalk.csv", |text| {
        text.replace("990101005010,990101004020", "990101005010,990101004099")
            + "990101001003,990101001004,1,2027\n123456789012,990101001004,1,2027\n990101001005,990101001004,1,2040\n"
            + "223456789012,990101001004,1,2010\n"
    });
    let found = checked(&folder);
    let about = |code: &str, what: &str| {
        assert!(
            found
                .lines()
                .any(|line| line.contains(code) && line.contains(what)),
            "{code} {what}:\n{found}"
        );
    };
    about(
        "id `990101005010`, column `new`, new code `990101004099`",
        "leads to a code that is in no layer",
    );
    about("`990101001003`", "all went out of is still in a layer");
    about("`223456789012`", "no file uses this old code");
    // Its community has no total any more because of it.
    assert!(
        !found
            .lines()
            .any(|line| line.contains("`123456789012`") && line.contains("no file uses")),
        "{found}"
    );
    about(
        "id `990101001005`, column `date`, year `2040`",
        "after the base year",
    );
    about(
        "990101004099, ",
        "an earlier total has an unknown community code",
    );
    about(
        "id `990101005010`, column `community`, unit `990101005-01`",
        "a community of the last round's units is not there",
    );
    about(
        "`990101001004`",
        "an old code that went into a community has no earlier total",
    );
}

#[test]
fn last_units_of_a_year_that_is_not_given_are_refused_where_codes_changed() {
    let temp = Temp::new("rounds");
    let folder = temp.later("new");
    let plan = format!("{folder}/plan.toml");
    patch(&folder, "plan.toml", |text| {
        text.replace("\"last_units.csv\", year = 2026", "\"last_units.csv\"")
    });
    refused(
        &["check", &plan],
        &[
            "`inputs.last_units.year`",
            "required where there is a crosswalk",
        ],
    );
    patch(&folder, "plan.toml", |text| {
        text.replace("crosswalk = { path = \"crosswalk.csv\" }\n", "")
    });
    assert!(checked(&folder).contains("a community of the last round's units is not there"));
}

#[test]
fn last_units_of_the_year_of_a_change_are_told_that_it_was_then() {
    let temp = Temp::new("rounds");
    let folder = temp.later("new");
    patch(&folder, "crosswalk.csv", |text| {
        text.replace("2027-07-01", "2026-07-01")
    });
    let found = checked(&folder);
    let told = |file: &str| {
        found
            .lines()
            .any(|line| line.contains(file) && line.contains("changed in the year of the figures"))
    };
    assert!(told("last_units.csv") && told("earlier.csv"), "{found}");
    assert!(
        !found.contains("is not there") && !found.contains("no file uses"),
        "{found}"
    );
}

#[test]
fn old_codes_in_the_population_are_taken_as_new_where_that_is_certain() {
    let temp = Temp::new("rounds");
    let folder = temp.later("new");
    let plan = format!("{folder}/plan.toml");
    let (good, carried) = (temp.arg("good"), temp.arg("carried"));
    done(&["evaluate", &plan, "--out", &good, "--no-report"]);
    patch(&folder, "population.csv", |text| {
        text.replace(",990101004020,", ",990101005010,")
    });
    patch(&folder, "communities.geojson", |text| {
        text.replacen(
            "\"township\":\"990101004\"",
            "\"township\":\"990101005\"",
            1,
        )
    });
    done(&["evaluate", &plan, "--out", &carried, "--no-report"]);
    let read = |out: &str| fs::read(Path::new(out).join("standing.csv")).unwrap();
    assert!(read(&good) == read(&carried));
    let found = table(&carried, "findings.csv");
    let told = |file: &str| {
        found
            .iter()
            .any(|row| row["finding"] == "code_carried" && row["file"] == file)
    };
    assert!(told("population.csv") && told("communities.geojson"));
    patch(&folder, "crosswalk.csv", |text| {
        text.replace(
            "990101005010,990101004020,1,",
            "990101005010,990101004020,0.5,2027-07-01\n990101005010,990101004019,0.5,",
        )
    });
    refused(
        &["check", &plan],
        &["population.csv, row", "was parted", "990101005010"],
    );
}

#[test]
fn earlier_residents_come_through_a_merger_whole() {
    let temp = Temp::new("rounds");
    let folder = temp.later("new");
    let out = temp.arg("out");
    done(&[
        "evaluate",
        &format!("{folder}/plan.toml"),
        "--out",
        &out,
        "--no-report",
    ]);
    // The same city with the earlier residents of today's communities, which the maker of the city knows.
    let later = fuwutu_synth::later(&Spec::demo(), &catalogue());
    let communities = later
        .city
        .records
        .communities
        .iter()
        .zip(&later.city.earlier);
    let lines: Vec<String> = communities
        .map(|(community, persons)| format!("{},{persons}\n", community.code))
        .collect();
    fs::write(
        Path::new(&folder).join("earlier.csv"),
        "community,residents\n".to_owned() + &lines.concat(),
    )
    .unwrap();
    let known = temp.arg("known");
    done(&[
        "evaluate",
        &format!("{folder}/plan.toml"),
        "--out",
        &known,
        "--no-report",
    ]);
    let read = |out: &str| fs::read(Path::new(out).join("projection.csv")).unwrap();
    assert!(read(&out) == read(&known));
    let carried = table(&out, "findings.csv")
        .into_iter()
        .find(|row| row["finding"] == "earlier_carried")
        .unwrap();
    assert!(carried["value"].starts_with("12 codes, "), "{carried:?}");
}

// --- units ---

fn catalogue() -> Vec<Service> {
    plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap()
}

fn a_plan() -> Plan {
    let text = "[round]\nname = \"law\"\nbase_year = 2026\n[inputs]\ntownships = { path = \"t\" }\ncommunities = { path = \"c\" }\nfacilities = []\n";
    Plan::parse(text, Path::new("plan.toml")).unwrap()
}

fn unit_plan() -> UnitPlan {
    a_plan().units
}

/// A city with townships over the cap, the seed chooses how large.
fn records(seed: u64) -> Records {
    let size = 1 + seed as u32 % 4;
    let spec = Spec {
        counties: size.min(2),
        townships: size,
        communities: 14 * size,
        points: 150 * size,
        facilities: 0,
        area_km2: 20.0 * f64::from(size),
        ..Spec::scaled(230_000 * u64::from(size), seed)
    };
    fuwutu_synth::city(&spec, &[]).records
}

fn last_of(city: &City, units: &Units) -> LastUnits {
    let row = |unit: &units::Unit| -> Vec<LastRow> {
        let share = |share: &units::Share| LastRow {
            code: city.communities()[share.community].code.clone(),
            unit: unit.id.clone(),
            residents: share.residents,
        };
        unit.communities.iter().map(share).collect()
    };
    let rows: Vec<LastRow> = units.units.iter().flat_map(row).collect();
    let (last, lost) = LastUnits::new(
        city,
        &rows,
        &Crosswalk::default(),
        Span {
            after: 2023,
            upto: 2026,
        },
    );
    assert!(lost.is_empty());
    last
}

/// The city with residents of some communities multiplied.
fn grown(records: &Records, grows: impl Fn(CommunityAt) -> f64) -> City {
    let mut records = records.clone();
    for (point, ages) in &mut records.points {
        let rate = grows(point.community);
        *ages = Ages(ages.0.map(|band| (f64::from(band) * rate) as u32));
    }
    City::new(records).unwrap()
}

/// Every community is whole in one unit of its township, within the cap, and what is not flagged hangs together.
fn sound(city: &City, units: &Units, seed: u64) {
    let mut of_community = vec![Residents::default(); city.communities().len()];
    let ids: BTreeSet<&str> = units.units.iter().map(|unit| unit.id.as_str()).collect();
    assert_eq!(ids.len(), units.units.len(), "seed {seed}: ids are unique");
    for unit in &units.units {
        assert!(
            unit.residents <= Residents::whole(unit_plan().cap) || unit.over_cap(),
            "seed {seed}"
        );
        assert!(
            unit.contiguous || unit.notes.contains(&Note::Detached),
            "seed {seed}"
        );
        for share in &unit.communities {
            assert_eq!(
                city.communities()[share.community].township,
                unit.township,
                "seed {seed}"
            );
            of_community[share.community] += share.residents;
        }
    }
    assert_eq!(
        of_community,
        city.community_residents(),
        "seed {seed}: everybody is in one unit"
    );
    assert!(units.of_point.iter().all(Option::is_some));
}

#[test]
fn units_that_still_hold_are_the_same_to_the_last_byte_but_for_what_is_told_of_them() {
    for seed in 0..24 {
        let records = records(seed);
        let city = City::new(records.clone()).unwrap();
        let drawn = units::divide(&city, &unit_plan());
        let kept = units::keep(&city, &unit_plan(), &last_of(&city, &drawn));
        sound(&city, &kept, seed);
        assert!(kept.units.iter().all(|unit| {
            let since = unit.since.unwrap();
            since.state == State::Kept && since.moved.0 == 0
        }));
        let bare: Vec<_> = kept
            .units
            .iter()
            .map(|unit| units::Unit {
                since: None,
                ..unit.clone()
            })
            .collect();
        assert_eq!(bare, drawn.units, "seed {seed}");
        assert_eq!(
            (&kept.of_point, &kept.of_facility),
            (&drawn.of_point, &drawn.of_facility),
            "seed {seed}"
        );
        // Where all are fewer, all hold; drawing anew might join some.
        let fewer = grown(&records, |_| 0.9);
        let kept = units::keep(&fewer, &unit_plan(), &last_of(&city, &drawn));
        assert!(
            kept.units
                .iter()
                .all(|unit| unit.since.unwrap().state == State::Kept),
            "seed {seed}"
        );
        assert_eq!(kept.units.len(), drawn.units.len());
    }
}

#[test]
fn where_a_community_grew_few_are_moved_and_the_rest_keep_their_units() {
    let (mut moved, mut anew) = (0, 0);
    for seed in 0..24 {
        let records = records(seed);
        let city = City::new(records.clone()).unwrap();
        let drawn = units::divide(&city, &unit_plan());
        let last = last_of(&city, &drawn);
        let grows = CommunityAt::new(seed as usize * 7 % records.communities.len());
        let later = grown(
            &records,
            |community| if community == grows { 2.5 } else { 1.05 },
        );
        let kept = units::keep(&later, &unit_plan(), &last);
        sound(&later, &kept, seed);
        for unit in &kept.units {
            let (since, known) = (unit.since.unwrap(), last.ids().contains(&unit.id));
            assert_eq!(
                since.state == State::New,
                !known,
                "seed {seed}: {}",
                unit.id
            );
            assert!(
                since.state != State::Kept || since.moved.0 == 0,
                "seed {seed}"
            );
        }
        moved += kept
            .units
            .iter()
            .map(|unit| unit.since.unwrap().moved.0)
            .sum::<u64>();
        anew += moved_to(&later, &units::divide(&later, &unit_plan()), &drawn);
    }
    assert!(
        moved * 2 < anew,
        "{moved} moved, {anew} where units are drawn anew"
    );
}

#[test]
fn a_county_keeps_its_units_whether_the_others_are_there_or_not() {
    for seed in 0..12 {
        let records = records(seed);
        let city = City::new(records.clone()).unwrap();
        let last = last_of(&city, &units::divide(&city, &unit_plan()));
        let later = grown(
            &records,
            |community| if community.0 % 5 == 0 { 1.8 } else { 1.0 },
        );
        let whole = units::keep(&later, &unit_plan(), &last).units;
        let of_county = |county: &str| {
            units::keep(&shard::split(&later, county, 0).city, &unit_plan(), &last).units
        };
        let parts: Vec<_> = counties(&later).into_iter().flat_map(of_county).collect();
        assert!(whole == parts, "seed {seed}");
    }
}

/// Those whose unit has another id than in the former division, in thousandths.
fn moved_to(city: &City, now: &Units, then: &Units) -> u64 {
    let id = |units: &Units, at: usize| units.units[units.of_point[at].unwrap()].id.clone();
    let moved = (0..city.points().len()).filter(|&at| id(now, at) != id(then, at));
    moved.map(|at| city.residents()[at].total().0).sum()
}

/// A township as a row of squares of a kilometre, each with a place in its middle.
fn row_of_squares(township: &str, residents: &[u64], first: usize) -> Records {
    let mut records = Records {
        frame: Frame {
            lon: 104.0,
            lat: 30.6,
        },
        year: 2026,
        townships: vec![Township {
            code: township.into(),
            name: "镇".into(),
            neighbour: false,
        }],
        communities: Vec::new(),
        points: Vec::new(),
        facilities: Vec::new(),
    };
    for (&persons, at) in residents.iter().zip(0_u32..) {
        let west = f64::from(at) * 1000.0;
        let square = Rect::new(
            coord! { x: west, y: 0.0 },
            coord! { x: west + 1000.0, y: 1000.0 },
        );
        records.communities.push(Community {
            code: format!("{township}{:03}", first + at as usize),
            name: format!("社区{at}"),
            township: TownshipAt(0),
            class: Class::Urban,
            polygon: MultiPolygon::from(square.to_polygon()),
            residential_m2: None,
        });
        let at_mm = Point {
            x: (at as i32) * 1_000_000 + 500_000,
            y: 500_000,
        };
        let ages = Ages::split(Residents::whole(persons), &[1.0; AGE_BANDS.len()]).unwrap();
        records.points.push((
            DemandPoint {
                id: format!("p{at}").into(),
                at: at_mm,
                community: CommunityAt(at),
            },
            ages,
        ));
    }
    records
}

fn rows(of: &[(&str, &str, u64)]) -> Vec<LastRow> {
    let row = |&(code, unit, persons): &(&str, &str, u64)| LastRow {
        code: code.into(),
        unit: unit.into(),
        residents: Residents::whole(persons),
    };
    of.iter().map(row).collect()
}

fn ids(units: &Units) -> Vec<(&str, u64)> {
    units
        .units
        .iter()
        .map(|unit| (unit.id.as_str(), unit.residents.0 / 1000))
        .collect()
}

#[test]
fn new_numbers_were_never_used_and_ids_go_on_in_a_township_that_took_another_in() {
    let all = Span {
        after: i32::MIN,
        upto: 2026,
    };
    // Last time units 01 and 03; 40 + 70 exceed the cap (100 thousand), so that the smaller one, at the end, gets number 04.
    let city = City::new(row_of_squares("990101001", &[40_000, 70_000, 60_000], 1)).unwrap();
    let last = rows(&[
        ("990101001001", "990101001-01", 30_000),
        ("990101001002", "990101001-01", 60_000),
        ("990101001003", "990101001-03", 60_000),
    ]);
    let (last, _) = LastUnits::new(&city, &last, &Crosswalk::default(), all);
    let kept = units::keep(&city, &unit_plan(), &last);
    assert_eq!(
        ids(&kept),
        [
            ("990101001-01", 70_000),
            ("990101001-03", 60_000),
            ("990101001-04", 40_000)
        ]
    );
    let since: Vec<(State, u64)> = kept
        .units
        .iter()
        .map(|unit| unit.since.unwrap())
        .map(|since| (since.state, since.moved.0 / 1000))
        .collect();
    assert_eq!(
        since,
        [(State::Changed, 0), (State::Kept, 0), (State::New, 40_000)]
    );
    // Township 002 came to 001 with its unit, which keeps its id: its code is no township of today.
    let change = |old: &str, new: &str| Change {
        old: old.into(),
        new: new.into(),
        share: 1.0,
        date: Date::parse("2025").unwrap(),
    };
    let crosswalk = Crosswalk::new(&[change("990101002001", "990101001003")]).unwrap();
    let last = rows(&[
        ("990101001001", "990101001-01", 30_000),
        ("990101001002", "990101001-02", 60_000),
        ("990101002001", "990101002-01", 60_000),
    ]);
    let (last, lost) = LastUnits::new(&city, &last, &crosswalk, all);
    assert!(lost.is_empty());
    let kept = units::keep(&city, &unit_plan(), &last);
    assert_eq!(
        ids(&kept),
        [
            ("990101001-01", 40_000),
            ("990101001-02", 70_000),
            ("990101002-01", 60_000)
        ]
    );
    assert!(
        kept.units
            .iter()
            .all(|unit| unit.since.unwrap().state == State::Kept)
    );
}

#[test]
fn a_number_that_no_serial_can_be_is_not_counted_on_from() {
    let city = City::new(row_of_squares("990101001", &[40_000, 70_000], 1)).unwrap();
    let unit = "990101001-4294967295";
    let last = rows(&[
        ("990101001001", unit, 30_000),
        ("990101001002", unit, 60_000),
    ]);
    let (last, _) = LastUnits::new(
        &city,
        &last,
        &Crosswalk::default(),
        Span {
            after: i32::MIN,
            upto: 2026,
        },
    );
    // It goes on as a name made otherwise; who finds no room there has the first number.
    assert_eq!(
        ids(&units::keep(&city, &unit_plan(), &last)),
        [("990101001-01", 40_000), (unit, 70_000)]
    );
}

#[test]
fn a_community_that_was_cut_keeps_its_pieces_in_their_units() {
    // 150 thousand at two places: pieces of 90 and 60, the second one with the neighbour.
    let mut records = row_of_squares("990101001", &[90_000, 30_000], 1);
    let ages = Ages::split(Residents::whole(60_000), &[1.0; AGE_BANDS.len()]).unwrap();
    let place = DemandPoint {
        id: "q".into(),
        at: Point {
            x: 900_000,
            y: 500_000,
        },
        community: CommunityAt(0),
    };
    records.points.push((place, ages));
    let city = City::new(records.clone()).unwrap();
    let drawn = units::divide(&city, &unit_plan());
    assert_eq!(
        ids(&drawn),
        [("990101001-01", 90_000), ("990101001-02", 90_000)]
    );
    let kept = units::keep(
        &grown(&records, |_| 0.95),
        &unit_plan(),
        &last_of(&city, &drawn),
    );
    assert!(
        kept.units
            .iter()
            .all(|unit| unit.since.unwrap().state == State::Kept)
    );
    assert_eq!(kept.of_point, drawn.of_point);
}

#[test]
fn units_that_outgrow_the_cap_are_listed_with_their_year() {
    let temp = Temp::new("rounds");
    let folder = temp.demo("demo");
    patch(&folder, "plan.toml", |text| {
        format!("{text}\n[units]\ncap = 55000\n")
    });
    let out = temp.arg("out");
    let told = done(&[
        "evaluate",
        &format!("{folder}/plan.toml"),
        "--out",
        &out,
        "--no-report",
    ]);
    // Unit 990101002-01 has 53,852 residents and grows by 9.0 % in three years: 55,000 are passed after a year (55,4..).
    let units = table(&out, "units.csv");
    let unit = units
        .iter()
        .find(|row| row["unit"] == "990101002-01")
        .unwrap();
    assert_eq!(unit["over_cap_year"], "2027");
    assert!(
        told.contains("will exceed the cap: ") && told.contains("990101002-01 (2027)"),
        "{told}"
    );
    assert!(units.iter().any(|row| row["over_cap_year"].is_empty()));
    assert!(!units[0].contains_key("since_last"));
}

#[test]
fn units_that_are_gone_and_communities_that_nobody_knew_are_told() {
    let temp = Temp::new("rounds");
    let folder = temp.later("new");
    patch(&folder, "last_units.csv", |text| {
        let kept = text
            .lines()
            .filter(|line| !line.starts_with("990101006003,"));
        kept.collect::<Vec<_>>().join("\n") + "\n990101006099,990101006-07,500\n"
    });
    let out = temp.arg("out");
    done(&[
        "evaluate",
        &format!("{folder}/plan.toml"),
        "--out",
        &out,
        "--no-report",
    ]);
    let found = table(&out, "findings.csv");
    let about = |kind: &str| {
        found
            .iter()
            .find(|row| row["finding"] == kind)
            .map(|row| row["id"].clone())
    };
    assert_eq!(about("unit_gone").as_deref(), Some("990101006-07"));
    assert_eq!(about("last_unit_unknown").as_deref(), Some("990101006099"));
    assert_eq!(about("last_unit_missing").as_deref(), Some("990101006003"));
    let units = table(&out, "units.csv");
    let joined = units
        .iter()
        .find(|row| row["unit"] == "990101006-01")
        .unwrap();
    assert_eq!(
        (
            joined["since_last"].as_str(),
            joined["moved_residents"].as_str()
        ),
        ("changed", "0")
    );
    for broken in [
        "community,unit,residents\n1,,5\n",
        "community,unit,residents\n1,a,5\n1,a,6\n",
        "community,unit,residents\n1,a,x\n",
    ] {
        fs::write(Path::new(&folder).join("last_units.csv"), broken).unwrap();
        refused(
            &["check", &format!("{folder}/plan.toml")],
            &["last_units.csv, row"],
        );
    }
}

// --- a comparison that can be checked by hand ---

fn market(id: &str, at: Point, capacity: f64, service: ServiceAt) -> Facility {
    let offers = vec![Offer {
        service,
        capacity: Some(capacity),
        size: None,
        public: None,
    }];
    let (status, opens) = (Status::Existing, None);
    Facility {
        id: id.into(),
        name: id.into(),
        at,
        entrances: Vec::new(),
        community: None,
        status,
        opens,
        closes: None,
        hubs: Vec::new(),
        offers,
    }
}

#[test]
fn two_places_and_two_markets_by_hand() {
    let catalogue = catalogue();
    let at = catalogue
        .iter()
        .position(|service| service.id == "market")
        .map(ServiceAt::new)
        .unwrap();
    let mut records = row_of_squares("990101001", &[100, 50, 10, 10], 1);
    // The first and the fourth square are 3 km apart: nobody walks there in the limit.
    let (here, there) = (records.points[0].0.at, records.points[3].0.at);
    records.points.truncate(1);
    let place = |persons: u64| {
        let ages = Ages::split(Residents::whole(persons), &[1.0; AGE_BANDS.len()]).unwrap();
        (
            DemandPoint {
                id: "far".into(),
                at: there,
                community: CommunityAt(3),
            },
            ages,
        )
    };
    let with = |persons: u64, facilities: Vec<Facility>| {
        let mut records = records.clone();
        records.points.push(place(persons));
        City::new(Records {
            facilities,
            ..records
        })
        .unwrap()
    };
    let old = with(50, vec![market("a", here, 4.0, at)]);
    let new = with(
        80,
        vec![market("a", here, 4.0, at), market("b", there, 3.0, at)],
    );
    let plan = Plan {
        round: fuwutu_io::plan::RoundSection {
            horizon_years: 0,
            ..a_plan().round
        },
        ..a_plan()
    };
    let travel = plan.straight(plan.paces());
    let travels = (&travel as &dyn Travel).into();
    let services = Selection {
        catalogue: &catalogue,
        selected: &[at],
        no_data: &[],
    };
    let core = plan.core();
    let evaluate = |city: &City| -> Round {
        round::evaluate(
            city,
            &Outlook::default(),
            services,
            &core,
            travels,
            &unwatched,
        )
        .unwrap()
    };
    let rounds = [evaluate(&old), evaluate(&new)];
    let side = |city, round| Side {
        no_data: &[],
        city,
        later: city,
        standards: &catalogue,
        plan: &core,
        travels,
        last: None,
        round,
    };
    let sides = [side(&old, &rounds[0]), side(&new, &rounds[1])];
    let made = change::compare(
        &sides[0],
        &sides[1],
        &Crosswalk::default(),
        &[at],
        &unwatched,
    )
    .unwrap();
    let states = |figure: Figure| {
        let row = made
            .rows
            .iter()
            .find(|row| row.unit.is_none() && row.figure == figure)
            .unwrap();
        row.states.map(|state| state.unwrap().0 / 10_000)
    };
    // 150 people, 100 of them with a market. Then the second market opens, and then 30 more come to it.
    assert_eq!(states(Figure::Residents), [150, 150, 180, 180, 180, 180]);
    assert_eq!(states(Figure::Covered), [100, 150, 180, 180, 180, 180]);
    // All of 4 is received from the beginning, all of 4 + 3 with the second market.
    assert_eq!(states(Figure::Received), [4, 7, 7, 7, 7, 7]);
    let coverage = made
        .rows
        .iter()
        .find(|row| row.unit.is_none() && row.figure == Figure::Coverage)
        .unwrap();
    // 100 ÷ 150 = 0.6667.
    assert_eq!(coverage.states[0], Some(Amount(6_667)));
    assert_eq!(
        coverage.parts().map(|part| part.unwrap().0),
        [3_333, 0, 0, 0, 0]
    );
    assert_eq!(made.facilities.len(), 1);
}

#[test]
fn facilities_are_known_again_by_id_or_by_name_service_and_place() {
    use change::FacilityChangeKind::{Capacity, Closed, Moved, Opened, Renumbered};
    let records = row_of_squares("990101001", &[100], 1);
    let with = |facilities: Vec<Facility>| {
        City::new(Records {
            facilities,
            ..records.clone()
        })
        .unwrap()
    };
    let (here, near, far) = (
        Point {
            x: 500_000,
            y: 500_000,
        },
        Point {
            x: 540_000,
            y: 500_000,
        },
        Point {
            x: 560_000,
            y: 500_000,
        },
    );
    let named = |id: &str, name: &str, at, capacity| Facility {
        name: name.into(),
        ..market(id, at, capacity, ServiceAt(0))
    };
    let idle = |facility: Facility| Facility {
        status: Status::Idle,
        ..facility
    };
    let old = with(vec![
        named("1", "甲", here, 10.0),
        named("2", "乙", here, 10.0),
        named("3", "丙", here, 10.0),
        named("4", "丁", here, 10.0),
        named("6", "己", here, 10.0),
        idle(named("7", "庚", here, 10.0)),
    ]);
    let new = with(vec![
        named("1", "甲", here, 12.0),
        named("2", "乙", far, 10.0),
        // 40 m away under another id: the same; 60 m away: another one.
        named("30", "丙", near, 10.0),
        named("40", "丁", far, 10.0),
        idle(named("6", "己", here, 10.0)),
        named("7", "庚", here, 10.0),
    ]);
    let found: Vec<_> = change::facilities(&old, &new)
        .into_iter()
        .map(|change| {
            let id = |city: &City, at: Option<FacilityAt>| {
                at.map_or(String::new(), |at| city.facilities()[at].id.to_string())
            };
            (
                change.kind,
                id(&old, change.old),
                id(&new, change.new),
                change.moved as u64,
            )
        })
        .collect();
    let of = |kind, old: &str, new: &str, moved| (kind, old.to_owned(), new.to_owned(), moved);
    assert_eq!(
        found,
        [
            of(Capacity, "1", "1", 0),
            of(Moved, "2", "2", 60_000),
            of(Moved, "3", "30", 40_000),
            of(Renumbered, "3", "30", 0),
            of(Closed, "4", "", 0),
            of(Opened, "", "40", 0),
            of(Closed, "6", "6", 0),
            of(Opened, "7", "7", 0),
        ]
    );
}
