//! The reports of a round, as a user makes them: what is in them, that they rest on the round's files alone, and what becomes of
//! names and folders that are not as they should be.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fuwutu_io::manifest::{ComparisonManifest, Manifest, ReportManifest};
use fuwutu_run::{
    Error, Extent, Job, OutFolder, PlanFile, Quiet, ReportOptions, Stage, Watch, WriteOptions,
    report,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use support::{Temp, ended, program};

fn run(arguments: &[&str]) -> (i32, String, String) {
    ended(program().args(arguments))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn done(arguments: &[&str]) {
    let (code, _, stderr) = run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
}

/// The error of a command that is refused.
fn refused(arguments: &[&str]) -> String {
    let (code, _, stderr) = run(arguments);
    assert_eq!(code, 2, "{arguments:?}: {stderr}");
    assert!(
        stderr.contains("error: ") && stderr.contains("hint: "),
        "{stderr}"
    );
    stderr
}

/// A round of the demo without reports.
fn round(temp: &Temp) -> PathBuf {
    done(&["synth", "--demo", "--out", text(&temp.path("inputs"))]);
    evaluated(temp)
}

/// What the inputs give.
fn evaluated(temp: &Temp) -> PathBuf {
    let out = temp.path("round");
    done(&[
        "evaluate",
        text(&temp.path("inputs/plan.toml")),
        "--out",
        text(&out),
        "--no-report",
    ]);
    out
}

/// All files below a folder with their bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            all.extend(
                files(&entry.path())
                    .into_iter()
                    .map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)),
            );
        } else {
            all.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    all
}

/// What a page knows: the header and the bytes of the columns.
fn payload(page: &Path) -> (Value, Vec<u8>) {
    let page = fs::read_to_string(page).unwrap();
    let begin = "id=\"data\">";
    let from = page.find(begin).unwrap() + begin.len();
    let packed = STANDARD
        .decode(&page[from..from + page[from..].find('<').unwrap()])
        .unwrap();
    let mut all = Vec::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_end(&mut all)
        .unwrap();
    let length = u32::from_le_bytes(all[..4].try_into().unwrap()) as usize;
    (
        serde_json::from_slice(&all[4..4 + length]).unwrap(),
        all.split_off((4 + length).next_multiple_of(8)),
    )
}

/// The numbers of a column of `f64`.
fn column((header, bytes): &(Value, Vec<u8>), name: &str) -> Vec<f64> {
    let about = &header["columns"][name];
    let (at, count) = (
        about["at"].as_u64().unwrap() as usize,
        about["len"].as_u64().unwrap() as usize,
    );
    assert_eq!(about["type"], "f64", "{name}");
    bytes[at..at + 8 * count]
        .chunks(8)
        .map(|each| f64::from_le_bytes(each.try_into().unwrap()))
        .collect()
}

#[test]
fn reports_come_with_the_round_and_are_made_again_alike() {
    let temp = Temp::new("again");
    let out = round(&temp);
    let before = files(&out);
    done(&["report", text(&out), "--threads", "1"]);
    let first = files(&out);
    for name in ["report.html", "public/report.html", "report.json"] {
        assert!(first.contains_key(name), "{name}");
    }
    for (name, bytes) in &before {
        assert!(
            first[name] == *bytes,
            "{name} is the round's and stays as it was"
        );
    }
    let said = refused(&["report", text(&out)]);
    assert!(said.contains("already holds reports"), "{said}");
    done(&["report", text(&out), "--overwrite", "--threads", "8"]);
    let again = files(&out);
    for (name, bytes) in &first {
        assert!(
            again[name] == *bytes,
            "{name} is the same on any number of threads"
        );
    }
    assert_eq!(first.len(), again.len());
    // An evaluation with its reports gives what both commands give one after the other, and takes their place.
    done(&[
        "evaluate",
        text(&temp.path("inputs/plan.toml")),
        "--out",
        text(&out),
        "--overwrite",
    ]);
    assert!(files(&out) == first);
}

/// A manifest that is read and written `again` is what it was.
fn comes_back(path: &Path, again: fn(&str) -> serde_json::Result<String>) {
    let text = fs::read_to_string(path).unwrap();
    let again = again(&text).unwrap() + "\n";
    assert!(again == text, "{}: {again}", path.display());
}

#[test]
fn manifests_are_written_again_as_they_were() {
    let temp = Temp::new("manifests");
    done(&["synth", "--demo", "--out", text(&temp.path("old"))]);
    done(&[
        "synth",
        "--demo",
        "--later",
        "--out",
        text(&temp.path("new")),
    ]);
    let rounds = ["old", "new"].map(|name| {
        let (plan, out) = (
            temp.path(&format!("{name}/plan.toml")),
            temp.path(&format!("{name}-round")),
        );
        let out_text = text(&out);
        let kept = ["--keep-inputs", "--no-report"];
        done(&[&["evaluate", text(&plan), "--out", out_text], &kept[..]].concat());
        out
    });
    let change = temp.path("change");
    let [old, new] = rounds.each_ref().map(|round| text(round));
    done(&["compare", old, new, "--out", text(&change)]);
    done(&["report", new]);
    for round in &rounds {
        comes_back(&round.join("round.json"), |text| {
            serde_json::to_string_pretty(&serde_json::from_str::<Manifest>(text)?)
        });
    }
    comes_back(&change.join("compare.json"), |text| {
        serde_json::to_string_pretty(&serde_json::from_str::<ComparisonManifest>(text)?)
    });
    comes_back(&rounds[1].join("report.json"), |text| {
        serde_json::to_string_pretty(&serde_json::from_str::<ReportManifest>(text)?)
    });
}

#[test]
fn a_key_that_a_manifest_does_not_have_is_refused_by_its_name() {
    let temp = Temp::new("misspelt");
    let out = round(&temp);
    let path = out.join("round.json");
    let was = fs::read_to_string(&path).unwrap();
    for (right, wrong) in [
        ("\"small\": 10", "\"smal\": 30"),
        ("\"statement\": {", "\"statment\": {"),
        ("\"covered_straight\":", "\"covered_strait\":"),
        ("\"per_target_person\":", "\"per_person\":"),
        ("\"bytes\":", "\"byte\":"),
    ] {
        assert!(was.contains(right), "{right}");
        fs::write(&path, was.replacen(right, wrong, 1)).unwrap();
        let name = wrong.split('"').nth(1).unwrap();
        for command in ["report", "rank"] {
            let said = refused(&[command, text(&out)]);
            assert!(
                said.contains("round.json") && said.contains(&format!("`{name}`")),
                "{command}: {said}"
            );
        }
    }
    // A newer version may have other keys: that it is newer is what matters.
    let newer = was.replacen("\"small\": 10", "\"smal\": 30", 1).replacen(
        "\"version\": \"",
        "\"version\": \"9",
        1,
    );
    fs::write(&path, newer).unwrap();
    for command in ["report", "rank"] {
        let said = refused(&[command, text(&out)]);
        assert!(
            said.contains("newer") && !said.contains("smal"),
            "{command}: {said}"
        );
    }
    fs::write(&path, was).unwrap();
    done(&["report", text(&out)]);
}

#[test]
fn the_page_says_what_the_round_says() {
    let temp = Temp::new("page");
    let out = round(&temp);
    done(&["report", text(&out)]);
    let page = payload(&out.join("report.html"));
    let header = &page.0;
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(out.join("round.json")).unwrap()).unwrap();
    let totals = manifest["totals"].as_array().unwrap();
    for (shown, total) in header["totals"].as_array().unwrap().iter().zip(totals) {
        for (key, value) in total.as_object().unwrap() {
            match value.as_object() {
                Some(nested) => nested.iter().for_each(|(part, value)| {
                    assert_eq!(&shown[format!("{key}_{part}")], value, "{key} {part}");
                }),
                None if key == "certain" => assert!(shown["certain_short"].is_null()),
                None => assert_eq!(&shown[key], value, "{key}"),
            }
        }
    }
    assert_eq!(header["totals"].as_array().unwrap().len(), totals.len());
    assert_eq!(header["synthetic"], true);
    let services = header["services"].as_array().unwrap();
    let years = header["years"].as_array().unwrap();
    for (figure, total) in [
        ("target_residents", "target"),
        ("covered_residents", "covered"),
        ("too_far_residents", "too_far"),
    ] {
        let all = column(&page, &format!("standing.{figure}"));
        for (at, service) in services.iter().enumerate() {
            for (year, name) in years.iter().enumerate() {
                let own = all
                    .iter()
                    .skip(at * years.len() + year)
                    .step_by(services.len() * years.len());
                let sum: f64 = own.sum();
                let rows = manifest["totals"].as_array().unwrap();
                let city = rows
                    .iter()
                    .find(|row| row["service"] == service["id"] && row["year"] == *name)
                    .unwrap();
                // Whole persons of each unit, thousandths of the city.
                let apart = (sum - city[total].as_f64().unwrap()).abs();
                assert!(
                    apart <= 0.5 * header["units"].as_array().unwrap().len() as f64,
                    "{figure} {service} {name}: {apart}"
                );
            }
        }
    }
    // What is told of facilities, and of those beyond, is what the unit receives.
    let (received, supply) = (
        column(&page, "served.received"),
        column(&page, "standing.supply_received"),
    );
    let more: f64 = column(&page, "served.more_received").iter().sum();
    let told: f64 = received.iter().filter(|each| each.is_finite()).sum();
    let all: f64 = supply.iter().filter(|each| each.is_finite()).sum();
    assert!(
        (told + more - all).abs() < 0.06 * received.len() as f64 && all > 1000.0,
        "{told} + {more}, {all}"
    );
}

#[test]
fn what_a_round_does_not_have_is_absent() {
    let temp = Temp::new("absent");
    done(&["synth", "--demo", "--out", text(&temp.path("inputs"))]);
    let plan = temp.path("inputs/plan.toml");
    let with = fs::read_to_string(&plan).unwrap();
    let kept = |line: &&str| {
        !["earlier", "roads", "mode", "compare"]
            .iter()
            .any(|key| line.starts_with(key))
    };
    fs::write(
        &plan,
        with.lines().filter(kept).collect::<Vec<_>>().join("\n"),
    )
    .unwrap();
    let out = evaluated(&temp);
    done(&["report", text(&out)]);
    let (header, _) = payload(&out.join("report.html"));
    for name in ["projection", "roads", "change", "map_approval"] {
        assert!(header[name].is_null(), "{name}");
    }
    for name in ["standing.covered_straight", "standing.detour_median"] {
        assert!(header["columns"][name].is_null(), "{name}");
    }
    assert!(header["columns"]["standing.covered_residents"].is_object());
}

#[test]
fn a_round_that_is_not_whole_is_refused_by_the_name_of_the_file() {
    let temp = Temp::new("broken");
    let out = round(&temp);
    let kept = |name: &str| fs::read(out.join(name)).unwrap();
    let before = files(&out);
    for name in [
        "standing.csv",
        "units.geojson",
        "coverage/990101001.geojson",
    ] {
        let was = kept(name);
        fs::remove_file(out.join(name)).unwrap();
        let said = refused(&["report", text(&out)]);
        assert!(said.contains(name), "{said}");
        fs::write(out.join(name), [&was[..], b"\n"].concat()).unwrap();
        let said = refused(&["report", text(&out)]);
        assert!(
            said.contains(name) && said.contains("is not what the round wrote"),
            "{said}"
        );
        fs::write(out.join(name), was).unwrap();
    }
    let was = kept("round.json");
    let newer =
        String::from_utf8(was.clone())
            .unwrap()
            .replacen("\"version\": \"", "\"version\": \"9", 1);
    fs::write(out.join("round.json"), newer).unwrap();
    let said = refused(&["report", text(&out)]);
    assert!(
        said.contains("round.json") && said.contains("newer"),
        "{said}"
    );
    fs::write(out.join("round.json"), "{}").unwrap();
    assert!(refused(&["report", text(&out)]).contains("round.json"));
    fs::remove_file(out.join("round.json")).unwrap();
    assert!(refused(&["report", text(&out)]).contains("round.json"));
    fs::write(out.join("round.json"), was).unwrap();
    assert!(files(&out) == before, "nothing was written");
    assert!(refused(&["report", text(&temp.path("nowhere"))]).contains("nowhere"));
    // Units alone are a round's folder, too, but not a whole round.
    let units = temp.path("units");
    done(&[
        "units",
        text(&temp.path("inputs/plan.toml")),
        "--out",
        text(&units),
    ]);
    assert!(refused(&["report", text(&units)]).contains("standing.csv"));
}

/// Somebody may write a layer anew and make its hash right.
#[test]
fn a_layer_that_is_broken_is_refused_by_its_feature() {
    let temp = Temp::new("broken-layer");
    let out = round(&temp);
    let manifest = fs::read_to_string(out.join("round.json")).unwrap();
    for name in ["communities.geojson", "units.geojson"] {
        let was = fs::read(out.join(name)).unwrap();
        let layer: serde_json::Value = serde_json::from_slice(&was).unwrap();
        for broken in [
            r#"{"type":"Polygon","coordinates":[[[104],[104,30],[104,31],[104]]]}"#,
            r#"{"type":"MultiPolygon","coordinates":[[[[104,30],[104,31],[]]]]}"#,
            r#"{"type":"MultiPolygon","coordinates":[[]]}"#,
            r#"{"type":"Point","coordinates":[104]}"#,
            "null",
        ] {
            let mut layer = layer.clone();
            layer["features"][1]["geometry"] = serde_json::from_str(broken).unwrap();
            let changed = layer.to_string();
            let hash = |bytes: &[u8]| format!("{:x}", Sha256::digest(bytes));
            let manifest = manifest.replace(&hash(&was), &hash(changed.as_bytes()));
            fs::write(out.join("round.json"), manifest).unwrap();
            fs::write(out.join(name), changed).unwrap();
            let said = refused(&["report", text(&out)]);
            assert!(
                said.contains(name) && said.contains("cannot be understood"),
                "{said}"
            );
        }
        fs::write(out.join(name), was).unwrap();
    }
}

#[test]
fn what_is_no_report_is_never_touched() {
    let temp = Temp::new("foreign");
    let out = round(&temp);
    fs::create_dir(out.join("public")).unwrap();
    fs::write(out.join("public/report.html"), "mine").unwrap();
    let before = files(&out);
    let said = refused(&["report", text(&out)]);
    assert!(said.contains("public/report.html"), "{said}");
    assert!(files(&out) == before);
    fs::remove_dir_all(out.join("public")).unwrap();
    #[cfg(unix)]
    {
        // A link leads out of the folder, and is not followed.
        fs::create_dir(temp.path("elsewhere")).unwrap();
        std::os::unix::fs::symlink(temp.path("elsewhere"), out.join("public")).unwrap();
        let said = refused(&["report", text(&out)]);
        assert!(said.contains("`public`"), "{said}");
        assert!(files(&temp.path("elsewhere")).is_empty());
        fs::remove_file(out.join("public")).unwrap();
    }
    fs::create_dir(out.join("public")).unwrap();
    fs::write(out.join("public/notes.txt"), "mine").unwrap();
    done(&["report", text(&out)]);
    done(&["report", text(&out), "--overwrite"]);
    assert_eq!(fs::read(out.join("public/notes.txt")).unwrap(), b"mine");
    let plan = temp.path("inputs/plan.toml");
    let said = refused(&["evaluate", text(&plan), "--out", text(&out), "--overwrite"]);
    assert!(said.contains("public/notes.txt"), "{said}");
}

/// Reports that were stopped on the way leave a folder in which they can be made again.
#[test]
fn reports_that_were_stopped_are_made_again() {
    let temp = Temp::new("stopped");
    let out = round(&temp);
    done(&["report", text(&out)]);
    let first = files(&out);
    fs::create_dir(out.join(".report-1")).unwrap();
    fs::write(out.join(".report-1/report.html"), "half").unwrap();
    fs::remove_file(out.join("report.html")).unwrap();
    done(&["report", text(&out), "--overwrite"]);
    for (name, bytes) in &first {
        assert!(fs::read(out.join(name)).unwrap() == *bytes, "{name}");
    }
    done(&[
        "evaluate",
        text(&temp.path("inputs/plan.toml")),
        "--out",
        text(&out),
        "--overwrite",
    ]);
    assert!(
        files(&out) == first,
        "what was left of them went with the former round"
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let temp = Temp::new("locked");
    let out = round(&temp);
    let mut rights = fs::metadata(&out).unwrap().permissions();
    rights.set_readonly(true);
    fs::set_permissions(&out, rights.clone()).unwrap();
    if fs::write(out.join("probe"), "").is_ok() {
        fs::remove_file(out.join("probe")).unwrap();
        eprintln!("skipped: this user may write to any folder");
    } else {
        let said = refused(&["report", text(&out)]);
        assert!(
            said.contains("cannot write") && said.contains("round"),
            "{said}"
        );
    }
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "the test's own folder, which goes away"
    )]
    rights.set_readonly(false);
    fs::set_permissions(&out, rights).unwrap();
}

/// What a manifest of reports names is taken away only where it can be a report.
#[test]
fn a_manifest_of_reports_that_was_changed_leads_nowhere() {
    let temp = Temp::new("hostile");
    let out = round(&temp);
    done(&["report", text(&out)]);
    fs::write(temp.path("mine.txt"), "mine").unwrap();
    let path = out.join("report.json");
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let files = manifest["files"].as_array_mut().unwrap();
    for name in [
        "../mine.txt",
        text(&temp.path("mine.txt")),
        "standing.csv",
        "old-map.svg",
    ] {
        files.push(serde_json::json!({ "path": name, "sha256": "" }));
    }
    fs::write(&path, manifest.to_string()).unwrap();
    fs::write(out.join("old-map.svg"), "of a former report").unwrap();
    done(&["report", text(&out), "--overwrite"]);
    assert_eq!(fs::read(temp.path("mine.txt")).unwrap(), b"mine");
    assert!(
        out.join("standing.csv").exists(),
        "the round's own file stays"
    );
    assert!(!out.join("old-map.svg").exists(), "a former report goes");
}

/// Names that try to be something else.
fn nasty() -> Vec<String> {
    let long = "长".repeat(300);
    [
        "=HYPERLINK(\"http://x/\",\"y\")",
        "+1+1",
        "-2",
        "@SUM(A1:A9)",
        "<script>window.__pwned=1</script>",
        "</script><img src=x onerror=window.__pwned=1>",
        "\"';--&lt;]]>",
        "乙\u{202e}镇\u{200f}\u{7}\u{1b}[31m",
        "../../../etc/passwd",
        "CON",
        "🏥👨‍👩‍👧 医院",
        &long,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The demo whose townships and facilities have such names.
fn nasty_inputs(temp: &Temp) {
    let inputs = temp.path("inputs");
    done(&["synth", "--demo", "--out", text(&inputs)]);
    let names = nasty();
    let path = inputs.join("townships.geojson");
    let mut layer: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let features = layer["features"].as_array_mut().unwrap();
    for (feature, name) in features.iter_mut().zip(names.iter().rev()) {
        feature["properties"]["name"] = name.as_str().into();
    }
    fs::write(&path, layer.to_string()).unwrap();
    let path = inputs.join("facilities.csv");
    let all = fs::read_to_string(&path).unwrap();
    let mut rows = csv::Reader::from_reader(all.trim_start_matches('\u{feff}').as_bytes());
    let header = rows.headers().unwrap().clone();
    let at = header.iter().position(|name| name == "name").unwrap();
    let mut out = csv::Writer::from_path(&path).unwrap();
    out.write_record(&header).unwrap();
    for (row, name) in rows.records().map(Result::unwrap).zip(names.iter().cycle()) {
        let cells = row
            .iter()
            .enumerate()
            .map(|(cell, text)| if cell == at { name.as_str() } else { text });
        out.write_record(cells.collect::<Vec<_>>()).unwrap();
    }
}

#[test]
fn names_are_data_and_nothing_else() {
    let temp = Temp::new("nasty");
    nasty_inputs(&temp);
    let out = evaluated(&temp);
    done(&["report", text(&out)]);
    let (header, _) = payload(&out.join("report.html"));
    let told: Vec<&str> = header["offers"]["names"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let townships: Vec<&str> = header["townships"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|each| each["township_name"].as_str())
        .collect();
    for (at, name) in nasty().iter().enumerate() {
        // Tables have no characters that control a terminal.
        let controls = |letter: char| letter.is_control() && !['\t', '\r', '\n'].contains(&letter);
        let name = name.replace(controls, "\u{fffd}");
        assert!(told.contains(&name.as_str()), "{name} is told exactly");
        assert!(
            at < nasty().len() - townships.len() || townships.contains(&name.as_str()),
            "{name}"
        );
    }
    for (name, bytes) in files(&out) {
        if [".html", ".svg", ".xml"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            let text = String::from_utf8(bytes).unwrap();
            for bad in ["<script>window.__pwned", "<img src=x", "\u{7}", "\u{1b}"] {
                assert!(!text.contains(bad), "{name} holds {bad:?}");
            }
        }
        assert!(
            !name.contains("..") && name.chars().all(|c| c.is_ascii_graphic()),
            "{name}"
        );
    }
}

#[test]
fn the_public_edition_tells_no_rows_and_no_restricted_kinds() {
    let temp = Temp::new("public");
    done(&["synth", "--demo", "--out", text(&temp.path("inputs"))]);
    let plan = temp.path("inputs/plan.toml");
    let with = fs::read_to_string(&plan).unwrap();
    fs::write(
        &plan,
        format!("{with}\n[public]\nsmall = 50\nrestricted = [\"kindergarten\"]\n"),
    )
    .unwrap();
    let out = evaluated(&temp);
    done(&["report", text(&out)]);
    let (own, _) = payload(&out.join("report.html"));
    let public = payload(&out.join("public/report.html"));
    let header = &public.0;
    assert_eq!(
        (header["edition"].as_str(), header["small"].as_u64()),
        (Some("public"), Some(50))
    );
    let services = |header: &Value| header["services"].as_array().unwrap().len();
    assert_eq!(services(header) + 1, services(&own));
    assert!(header["offers_left_out"].as_u64().unwrap() > 10);
    let names = |header: &Value| header["offers"]["ids"].as_array().unwrap().len() as u64;
    assert_eq!(
        names(&own),
        names(header) + header["offers_left_out"].as_u64().unwrap()
    );
    for figure in ["target_residents", "covered_residents", "too_far_residents"] {
        let told = column(&public, &format!("standing.{figure}"));
        assert!(
            told.iter()
                .all(|count| count.is_nan() || count.rem_euclid(50.0) < 0.5),
            "{figure}"
        );
        assert!(told.iter().any(|count| *count >= 50.0), "{figure}");
    }
    assert_eq!(header["communities"].as_array().unwrap().len(), 0);
    assert_eq!(header["findings"].as_array().unwrap().len(), 0);
    assert_eq!(header["files"], serde_json::json!([""]));
    for (name, bytes) in files(&out.join("public")) {
        if [".html", ".svg", ".xml"]
            .iter()
            .any(|end| name.ends_with(end))
            && name != "report.html"
        {
            assert!(
                !String::from_utf8_lossy(&bytes).contains("kindergarten"),
                "{name} tells of a restricted kind"
            );
        }
    }
    assert!(header["columns"]["spot.row"].is_null() && header["columns"]["spot.minutes"].is_null());
}

#[test]
fn the_page_shows_what_changed_since_the_last_round() {
    let temp = Temp::new("change");
    let [old, new] = ["old", "new"].map(|name| temp.path(name));
    done(&["synth", "--demo", "--out", text(&old)]);
    done(&["synth", "--demo", "--later", "--out", text(&new)]);
    let (out, change) = (temp.path("round"), temp.path("change"));
    done(&[
        "evaluate",
        text(&new.join("plan.toml")),
        "--out",
        text(&out),
        "--no-report",
    ]);
    done(&[
        "compare",
        text(&old.join("plan.toml")),
        text(&new.join("plan.toml")),
        "--out",
        text(&change),
    ]);
    done(&["report", text(&out), "--change", text(&change)]);
    let (header, _) = payload(&out.join("report.html"));
    assert!(
        !header["change"]["tables"][0]["rows"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert!(payload(&out.join("public/report.html")).0["change"].is_null());
    // A comparison of other rounds is not this round's change.
    let first = temp.path("first");
    done(&[
        "evaluate",
        text(&old.join("plan.toml")),
        "--out",
        text(&first),
        "--no-report",
    ]);
    assert!(refused(&["report", text(&first), "--change", text(&change)]).contains("change"));
    fs::write(change.join("change.csv"), "level\n").unwrap();
    let said = refused(&[
        "report",
        text(&out),
        "--overwrite",
        "--change",
        text(&change),
    ]);
    assert!(said.contains("change.csv"), "{said}");
}

// --- stopped ---

/// Counts how often it is asked while reports are made, and says stop at the `last` of these questions.
struct InReports {
    last: usize,
    begun: AtomicBool,
    asked: AtomicUsize,
}

impl InReports {
    fn new(last: usize) -> Self {
        Self {
            last,
            begun: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        }
    }
}

impl Watch for InReports {
    fn stage(&self, stage: Stage) {
        self.begun.store(stage == Stage::Report, Ordering::Relaxed);
    }

    fn stop(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
            && self.asked.fetch_add(1, Ordering::Relaxed) + 1 >= self.last
    }
}

/// All files below a folder and what is in them, hidden ones, too.
fn everything(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            all.extend(everything(&entry.path()));
        } else {
            all.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    all
}

#[test]
fn reports_that_are_stopped_leave_what_stood_there() {
    let temp = Temp::with_demo("reports-stopped");
    let (plan, out) = (temp.path("plan.toml"), temp.path("out"));
    let job = Job::read(PlanFile::open(&plan).unwrap(), &Quiet).unwrap();
    let evaluation = job.evaluate(Extent::Round, &Quiet).unwrap();
    let written = |watch: &dyn Watch| {
        let folder = OutFolder::prepare(&out, true)?;
        job.write_with_reports(folder, &evaluation, &WriteOptions::default(), watch)
    };
    let again = |watch: &dyn Watch| {
        let options = ReportOptions {
            overwrite: true,
            ..ReportOptions::default()
        };
        report(&out, &options, watch)
    };
    // A round with reports, and a file of them that another run would not write.
    let watch = InReports::new(usize::MAX);
    written(&watch).unwrap();
    fs::write(out.join("report.html"), "former").unwrap();
    let before = everything(&temp);
    let asked = watch.asked.load(Ordering::Relaxed);
    // Two editions, each with seven sheets, ten pictures and more.
    assert!(asked > 50, "{asked}");
    for last in [1, 2, 5, asked / 2, asked - 1] {
        for stopped in [written(&InReports::new(last)), again(&InReports::new(last))] {
            assert!(
                matches!(stopped, Err(Error::Stopped(_))),
                "{last}: {stopped:?}"
            );
            assert_eq!(
                everything(&temp).keys().collect::<Vec<_>>(),
                before.keys().collect::<Vec<_>>()
            );
            assert!(everything(&temp) == before, "question {last}");
        }
    }
    again(&Quiet).unwrap();
    assert!(everything(&temp) != before);
}
