//! Dirty facilities and catalogues: each case gets the finding or the error that is promised.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use support::{Temp, program};

/// The demo's input files in a folder of their own.
struct City {
    folder: Temp,
}

const FACILITIES: &str = "facilities.csv";

fn demo() -> City {
    City {
        folder: Temp::with_demo("bad-supply"),
    }
}

impl City {
    /// Sets a cell of a table; lines are counted from 1.
    fn cell(self, line: usize, column: &str, value: &str) -> Self {
        let path = self.folder.join(FACILITIES);
        let text = std::fs::read_to_string(&path).unwrap();
        let at = text
            .lines()
            .next()
            .unwrap()
            .split(',')
            .position(|each| each == column)
            .unwrap();
        let change = |(number, row): (usize, &str)| {
            let mut cells: Vec<&str> = row.split(',').collect();
            if number + 1 == line {
                cells[at] = value;
            }
            cells.join(",") + "\n"
        };
        std::fs::write(
            path,
            text.lines().enumerate().map(change).collect::<String>(),
        )
        .unwrap();
        self
    }

    /// A catalogue of one's own with one row, that of kindergartens as the embedded one has it, but for one change.
    fn catalogue(self, from: &str, to: &str) -> Self {
        let row = "\
[[service]]
id = \"kindergarten\"
name = { zh = \"幼儿园\", en = \"Kindergarten\" }
category = \"education\"
levels = [\"L5\", \"town\"]
tier = \"basic\"
in_decision = true
target = \"3-6\"
urban = { mode = \"walk\", minutes = 5 }
capacity_unit = \"seats\"
norm = { basis = \"per_1000_residents\", per_1000_low = 31 }
minimum = { size = 6, unit = \"classes\" }
requires = [{ per = \"L5\" }]
status = { reach = \"R\", demand = \"V\", size = \"R\", overall = \"partly\" }
source = \"the city's own table\"
";
        assert!(row.contains(from), "{from}");
        std::fs::write(self.folder.join("own.toml"), row.replacen(from, to, 1)).unwrap();
        let plan = self.folder.join("plan.toml");
        let text = std::fs::read_to_string(&plan).unwrap();
        std::fs::write(
            plan,
            text.replacen("[services]", "[services]\ncatalogue = \"own.toml\"", 1),
        )
        .unwrap();
        self
    }

    /// Exit code and stderr of `fuwutu check`, and what it printed.
    fn check(&self, lang: &str) -> (i32, String) {
        let output = program()
            .args(["check", "plan.toml"])
            .current_dir(&self.folder)
            .env("FUWUTU_LANG", lang)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(text).unwrap(),
        )
    }

    /// The check ends with `code`, and says all of `parts`, in both languages the file, the row and the value.
    fn says(&self, code: i32, parts: &[&str]) {
        let (ended, text) = self.check("en");
        assert_eq!(ended, code, "{text}");
        // Lines are wrapped.
        let text = text.replace("\n    ", " ");
        parts
            .iter()
            .for_each(|part| assert!(text.contains(part), "`{part}` is not in:\n{text}"));
        let (ended, text) = self.check("zh");
        assert_eq!(ended, code, "{text}");
        let last = parts[parts.len() - 1];
        assert!(text.contains(last), "`{last}` is not in:\n{text}");
    }

    fn standing(&self, unit: &str, service: &str, columns: &[&str]) -> Vec<String> {
        let output = program()
            .args([
                "evaluate",
                "plan.toml",
                "--no-report",
                "--out",
                "round",
                "--overwrite",
            ])
            .current_dir(&self.folder)
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = std::fs::read_to_string(self.folder.join("round/standing.csv")).unwrap();
        let header: Vec<&str> = text
            .trim_start_matches('\u{feff}')
            .lines()
            .next()
            .unwrap()
            .split(',')
            .collect();
        let row = text
            .lines()
            .find(|line| line.starts_with(&format!("{unit},{service},2026,")))
            .unwrap();
        let cells: Vec<&str> = row.split(',').collect();
        columns
            .iter()
            .map(|name| cells[header.iter().position(|each| each == name).unwrap()].to_owned())
            .collect()
    }
}

/// Line of the first facility of a service in the demo, and the unit in which it stands.
const NURSERY: usize = 2;

// --- facilities ---

#[test]
fn an_ownership_that_is_no_known_word_is_told_and_unknown() {
    let city = demo().cell(NURSERY, "ownership", "街道办");
    city.says(1, &["row 2", "the ownership is not recognised", "街道办"]);
}

#[test]
fn hours_beyond_a_week_are_an_error_and_none_at_all_are_told() {
    let venue = |hours: &str| {
        demo()
            .cell(NURSERY, "service", "opened_venue")
            .cell(NURSERY, "capacity_unit", "m2_site")
            .cell(NURSERY, "hours", hours)
    };
    venue("169").says(2, &["row 2", "169"]);
    venue("-1").says(2, &["row 2", "-1"]);
    venue("many").says(2, &["row 2", "many"]);
    venue("").says(1, &["row 2", "gives no hours", "opened_venue"]);
}

#[test]
fn a_size_in_another_unit_is_told_and_unknown() {
    let city = demo().cell(NURSERY, "size_unit", "mu");
    city.says(1, &["row 2", "mu ≠ m2_floor"]);
    demo().cell(NURSERY, "size", "-5").says(2, &["row 2", "-5"]);
    demo()
        .cell(NURSERY, "size", "约两百")
        .says(2, &["row 2", "约两百"]);
}

#[test]
fn a_hub_that_is_not_there_is_told() {
    let station = |city: City| {
        city.cell(NURSERY, "service", "community_health_station")
            .cell(NURSERY, "capacity_unit", "m2_floor")
    };
    station(demo()).cell(NURSERY, "hub", "h404").says(
        1,
        &["row 2", "there is no facility of the hub's id", "h404"],
    );
}

/// Of a building with two services each row says whose it is and which hub it has; the order of rows changes nothing.
#[test]
fn rows_of_one_facility_keep_their_own_owner_and_hub() {
    let round = |swapped: bool| {
        let city = demo();
        let path = city.folder.join(FACILITIES);
        let mut text = std::fs::read_to_string(&path).unwrap();
        let rows = [
            "z9,综合体,kindergarten,103.9939464,30.6126122,90,seats,existing,,private,,,12,classes\n",
            "z9,综合体,nursery_0_3,103.9939464,30.6126122,40,places,existing,,public,,,260,m2_floor\n",
        ];
        rows.iter()
            .cycle()
            .skip(usize::from(swapped))
            .take(2)
            .for_each(|row| text += row);
        std::fs::write(path, text).unwrap();
        let of = |service| {
            city.standing(
                "990101001-01",
                service,
                &["supply_inside", "supply_inside_public"],
            )
        };
        (of("kindergarten"), of("nursery_0_3"))
    };
    let before = |service| {
        demo().standing(
            "990101001-01",
            service,
            &["supply_inside", "supply_inside_public"],
        )
    };
    let (kindergarten, nursery) = round(false);
    let number = |cell: &String| cell.parse::<f64>().unwrap() as i64;
    let more =
        |now: &[String], then: &[String]| [0, 1].map(|at| number(&now[at]) - number(&then[at]));
    assert_eq!(more(&kindergarten, &before("kindergarten")), [90, 0]);
    assert_eq!(more(&nursery, &before("nursery_0_3")), [40, 40]);
    assert_eq!(round(true), (kindergarten, nursery));
}

#[test]
fn a_committed_facility_that_opens_no_later_than_the_base_year_is_told_and_counted() {
    let city = demo()
        .cell(NURSERY, "status", "committed")
        .cell(NURSERY, "opens", "2026");
    city.says(1, &["row 2", "opens no later than the base year", "2026"]);
    let open = ["supply_inside"];
    assert_eq!(
        city.standing("990101001-01", "nursery_0_3", &open),
        demo().standing("990101001-01", "nursery_0_3", &open)
    );
    let missing = demo()
        .cell(NURSERY, "status", "committed")
        .cell(NURSERY, "opens", "");
    missing.says(1, &["row 2", "has no opening year", "f001"]);
    let city = demo().cell(NURSERY, "opens", "二〇二六");
    city.says(2, &["row 2", "二〇二六"]);
}

#[test]
fn without_a_capacity_reach_stays_and_supply_is_left_out() {
    let city = demo().cell(NURSERY, "capacity", "");
    let columns = [
        "covered_residents",
        "supply_received",
        "shortfall_reach",
        "short_none_in_reach",
    ];
    let [covered, received, short, too_far] = city
        .standing("990101001-01", "nursery_0_3", &columns)
        .try_into()
        .unwrap();
    let [before, .., before_too_far] =
        <[String; 4]>::try_from(demo().standing("990101001-01", "nursery_0_3", &columns)).unwrap();
    assert_eq!((covered, too_far), (before, before_too_far));
    assert_eq!((received.as_str(), short.as_str()), ("", ""));
}

// --- catalogues ---

#[test]
fn a_norm_of_zero_or_less_or_of_no_number_is_refused() {
    let kept = "per_1000_low = 31";
    for bad in [
        "per_1000_low = 0",
        "per_1000_low = -31",
        "per_1000_low = nan",
        "per_1000_low = 2e9",
    ] {
        demo()
            .catalogue(kept, bad)
            .says(2, &["own.toml", "service.norm", "kindergarten"]);
    }
    demo()
        .catalogue(kept, "per_1000_low = \"31\"")
        .says(2, &["own.toml", "31"]);
    demo()
        .catalogue("size = 6", "size = -6")
        .says(2, &["own.toml", "service.minimum", "kindergarten"]);
}

#[test]
fn a_norm_without_a_figure_is_told_and_nothing_is_short() {
    let city = demo().catalogue(", per_1000_low = 31", "");
    city.says(0, &["the norm of a service has no figure", "kindergarten"]);
    let columns = ["demand", "shortfall_reach", "short_for_certain"];
    assert_eq!(
        city.standing("990101001-01", "kindergarten", &columns),
        ["", "", ""]
    );
    assert_ne!(
        city.standing("990101001-01", "kindergarten", &["covered_residents"]),
        ["0"]
    );
}

#[test]
fn rules_that_cannot_be_are_refused() {
    let kept = "{ per = \"L5\" }";
    for bad in [
        "{ per = \"L5\", count = 0 }",
        "{ per = \"village\", share = 0.0 }",
        "{ per = \"village\", share = 1.5 }",
        "{ per = \"residents\" }",
        "{ per = \"residents\", every = 0 }",
        "{ per = \"L5\", every = 3000 }",
        "{ per = \"village\", count = 2 }",
        "{ per = \"L5\", share = 0.5 }",
        "{ per = \"village\", unless_covered = \"kindergarten\" }",
        "{ per = \"county\" }",
    ] {
        demo()
            .catalogue(kept, bad)
            .says(2, &["own.toml", "service.requires", "kindergarten"]);
    }
    demo()
        .catalogue(kept, "{ per = \"block\" }")
        .says(2, &["own.toml", "block"]);
    demo()
        .catalogue("requires =", "full_hours = 200\nrequires =")
        .says(2, &["own.toml", "service.full_hours", "kindergarten"]);
    demo()
        .catalogue(
            "requires =",
            "hub = { services = [\"x\"], limit = { mode = \"walk\", minutes = 0 } }\nrequires =",
        )
        .says(2, &["own.toml", "kindergarten"]);
}

#[test]
fn a_row_that_lacks_a_key_is_named_by_its_id() {
    for (line, key) in [
        ("target = \"3-6\"\n", "target"),
        ("category = \"education\"\n", "category"),
    ] {
        let (said, id) = (format!("missing field `{key}`"), "`service kindergarten`");
        demo().catalogue(line, "").says(2, &["own.toml", &said, id]);
    }
    // The second of two rows.
    let more = "source = \"the city's own table\"\n[[service]]\nid = \"pharmacy\"\n";
    let second = demo().catalogue("source = \"the city's own table\"\n", more);
    second.says(2, &["own.toml", "missing field", "`service pharmacy`"]);
}

#[test]
fn a_row_that_names_no_service_of_the_catalogue_is_refused() {
    for key in ["substitutes", "adds_to", "sums"] {
        let with = format!("{key} = [\"sauna\"]\nrequires =");
        demo()
            .catalogue("requires =", &with)
            .says(2, &["there is no service `sauna`", "sauna"]);
    }
    demo()
        .catalogue("per = \"L5\"", "per = \"L5\", unless_covered = \"sauna\"")
        .says(2, &["sauna"]);
    demo()
        .catalogue("requires =", "hub = { services = [\"sauna\"] }\nrequires =")
        .says(2, &["sauna"]);
}

#[test]
fn capacity_that_is_added_to_another_unit_or_to_itself_is_refused() {
    let with =
        |to: &str| demo().catalogue("requires =", &format!("adds_to = [\"{to}\"]\nrequires ="));
    with("market").says(2, &["service.adds_to/sums", "kindergarten: market"]);
    with("kindergarten").says(2, &["service.adds_to/sums", "kindergarten: kindergarten"]);
}

// --- plans ---

#[test]
fn figures_of_presence_and_certainty_that_cannot_be_are_refused() {
    let with = |section: &str| {
        let city = demo();
        let plan = city.folder.join("plan.toml");
        let text = std::fs::read_to_string(&plan).unwrap();
        std::fs::write(plan, format!("{text}\n{section}\n")).unwrap();
        city
    };
    with("[presence]\nL5 = { from = 0, largest = 12000 }").says(2, &["`presence.L5.from`"]);
    with("[presence]\nL5 = { from = 13000, largest = 12000 }").says(2, &["`presence.L5.from`"]);
    for bad in [
        "draws = 2000000",
        "weights = 1.5",
        "weights = -0.1",
        "pace = 0.6",
        "pace = nan",
    ] {
        with(&format!("[ranking.certainty]\n{bad}")).says(2, &["ranking.certainty"]);
    }
}
