//! Dirty and hostile roads: each case gets the finding or the error that is promised, and nothing panics.
//!
//! Every case spoils the roads of the demo, as tables or as a small OpenStreetMap file that is made here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "pbf.rs"]
mod pbf;
mod support;

use std::fs;
use std::process::Command;

use fuwutu_io::finding::{Failure, Finding, Level};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder, Input};

use pbf::{Node, Way};
use support::Temp;

// ---- The demo, and how to spoil its roads.

/// A folder with the demo's plan and files, removed in the end.
struct Demo(Temp);

fn demo() -> Demo {
    Demo(Temp::with_demo("bad-roads"))
}

impl Demo {
    fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        fs::write(self.0.join(name), bytes).unwrap();
        self
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// One line of a file, counted from 1.
    fn line(self, name: &str, number: usize, text: &str) -> Self {
        let mut lines: Vec<String> = self.text(name).lines().map(str::to_owned).collect();
        text.clone_into(&mut lines[number - 1]);
        self.with(name, lines.join("\n") + "\n")
    }

    fn roads(self, source: &str) -> Self {
        let plan = self.text("plan.toml");
        let line = plan
            .lines()
            .find(|line| line.starts_with("roads"))
            .unwrap()
            .to_owned();
        self.with(
            "plan.toml",
            plan.replace(&line, &format!("roads = {source}")),
        )
    }

    fn osm(self, bytes: impl AsRef<[u8]>) -> Self {
        self.with("city.osm.pbf", bytes)
            .roads("{ path = \"city.osm.pbf\" }")
    }

    fn read(&self) -> Result<Input, Failure> {
        let path = self.0.join("plan.toml");
        let mut plan = Plan::read(&path).unwrap();
        let (catalogue, _) = plan::catalogue(&mut plan, &path).unwrap();
        read::read(&plan, &Folder(self.0.to_path_buf()), &catalogue)
    }

    fn findings(&self) -> Vec<Finding> {
        match self.read() {
            Ok(input) => input.findings,
            Err(failure) => failure.findings,
        }
    }

    /// The finding of a kind, which must be there.
    fn told(&self, code: &str) -> Finding {
        let all = self.findings();
        let found = all.iter().find(|finding| finding.kind.code() == code);
        found
            .unwrap_or_else(|| panic!("no {code} among {all:?}"))
            .clone()
    }

    /// The error of a kind, with which reading ends.
    fn error(&self, code: &str) -> Finding {
        let failure = self.read().map(|_| ()).unwrap_err();
        let error = failure.errors().find(|error| error.kind.code() == code);
        error
            .unwrap_or_else(|| panic!("no {code} among {:?}", failure.findings))
            .clone()
    }

    /// Exit code and stderr of a command on the plan, in at most 10 s.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        self.run_with("ulimit -v 4000000", arguments)
    }

    /// The same on one thread and in so many kilobytes.
    fn run_in(&self, kilobytes: u32, arguments: &[&str]) -> (i32, String) {
        let limit = format!("export RAYON_NUM_THREADS=1 MALLOC_ARENA_MAX=1; ulimit -v {kilobytes}");
        self.run_with(&limit, arguments)
    }

    fn run_with(&self, limit: &str, arguments: &[&str]) -> (i32, String) {
        let plan = self.0.join("plan.toml").display().to_string();
        let all = arguments.iter().map(|&argument| match argument {
            "PLAN" => plan.as_str(),
            argument => argument,
        });
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("{limit}; exec timeout 10 \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_fuwutu"))
            .args(all)
            .env("FUWUTU_LANG", "en")
            .output()
            .unwrap();
        (
            output.status.code().unwrap_or(-1),
            String::from_utf8(output.stderr).unwrap(),
        )
    }
}

const NODES: &str = "nodes.csv";
const EDGES: &str = "edges.csv";

// ---- Tables.

#[test]
fn roads_that_are_missing_empty_or_have_no_rows_are_errors() {
    let city = demo();
    fs::remove_file(city.0.join(NODES)).unwrap();
    assert_eq!(city.error("file_missing").file, NODES);
    assert_eq!(demo().with(EDGES, "").error("file_empty").file, EDGES);
    assert_eq!(
        demo().with(EDGES, "from,to\n").error("no_streets").file,
        EDGES
    );
    assert_eq!(
        demo()
            .with(EDGES, "from,class\n1,primary\n")
            .error("column_missing")
            .column,
        "to"
    );
    assert_eq!(
        demo()
            .with(NODES, "id,lon\n1,104\n")
            .error("column_missing")
            .column,
        "lat"
    );
    assert_eq!(
        demo()
            .with(EDGES, [0xff, 0xfe, 0x31, 0])
            .error("utf16")
            .file,
        EDGES
    );
}

#[test]
fn a_plan_that_names_no_roads_or_both_kinds_is_refused() {
    let city = demo().roads("{ path = \"a.osm.pbf\", nodes = \"nodes.csv\" }");
    let (code, text) = city.run(&["check", "PLAN"]);
    assert!(code == 2 && text.contains("`inputs.roads` is"), "{text}");
    let plan = city.text("plan.toml");
    let without: Vec<&str> = plan
        .lines()
        .filter(|line| !line.starts_with("roads"))
        .collect();
    let (code, text) = city
        .with("plan.toml", without.join("\n"))
        .run(&["check", "PLAN"]);
    assert!(
        code == 2 && text.contains("`inputs.roads` must name the roads"),
        "{text}"
    );
}

#[test]
fn places_that_cannot_be_are_errors_with_row_and_value() {
    for (row, code) in [
        ("1,NaN,30.5", "number_broken"),
        ("1,,30.5", "place_missing"),
        ("1,30.5,104.0", "swapped"),
        ("1,410453,3393597", "not_degrees"),
        (",104.0,30.5", "id_missing"),
        ("1,1e999,30.5", "number_broken"),
    ] {
        let error = demo().line(NODES, 7, row).error(code);
        assert_eq!((error.file.as_str(), error.row), (NODES, Some(7)), "{row}");
    }
    let error = demo().line(NODES, 7, "5,104.0,30.5").error("id_twice");
    assert!(error.value.contains("nodes.csv 6, 7"), "{error:?}");
}

#[test]
fn ids_may_be_negative_or_words_and_007_is_a_word() {
    let city = demo();
    let renamed = |text: &str, columns: usize| -> String {
        let rename = |line: &str| {
            let cells: Vec<String> = line
                .split(',')
                .enumerate()
                .map(|(at, cell)| {
                    if at < columns {
                        format!("路口{cell}")
                    } else {
                        cell.to_owned()
                    }
                })
                .collect();
            cells.join(",") + "\n"
        };
        text.lines()
            .take(1)
            .map(|line| line.to_owned() + "\n")
            .chain(text.lines().skip(1).map(rename))
            .collect()
    };
    let before = city.read().unwrap().roads.unwrap();
    let (nodes, edges) = (renamed(&city.text(NODES), 1), renamed(&city.text(EDGES), 2));
    let words = city
        .with(NODES, nodes)
        .with(EDGES, edges)
        .read()
        .unwrap()
        .roads
        .unwrap();
    assert_eq!(before.roads, words.roads);
    let city = demo();
    let negative = |text: &str| text.replace("\n", "\n-").trim_end_matches('-').to_owned();
    let edges: String = negative(&city.text(EDGES))
        .lines()
        .map(|line| line.replacen(',', ",-", 1) + "\n")
        .collect();
    let edges = edges.replacen("from,-to", "from,to", 1);
    let nodes = negative(&city.text(NODES));
    let minus = city
        .with(NODES, nodes)
        .with(EDGES, edges)
        .read()
        .unwrap()
        .roads
        .unwrap();
    assert_eq!(before.roads, minus.roads);
    let city = demo();
    let unknown = city
        .line(EDGES, 2, "007,8,residential")
        .told("node_unknown");
    assert_eq!((unknown.row, unknown.id.as_str()), (Some(2), "007"));
}

#[test]
fn edges_to_unknown_nodes_loops_and_short_lengths_are_told() {
    let unknown = demo()
        .line(EDGES, 3, "1,999999,residential")
        .told("node_unknown");
    assert_eq!(
        (unknown.row, unknown.column.as_str(), unknown.id.as_str()),
        (Some(3), "to", "999999")
    );
    assert_eq!(unknown.kind.level(), Level::Decision);
    assert_eq!(
        demo()
            .line(EDGES, 3, "5,5,residential")
            .told("edge_loop")
            .value,
        "edges 1"
    );
    // Lengths of 1 m where the straight line is some 100 m, of nothing, and of what it is.
    let with_length = |length: &str| {
        let city = demo();
        let edges = city
            .text(EDGES)
            .replace(",class", ",class,length_m")
            .replace(",residential", ",residential,");
        let line = edges.lines().nth(3).unwrap().to_owned();
        city.with(EDGES, edges.replace(&line, &format!("{line}{length}")))
    };
    let short = with_length("1").told("edge_short");
    assert_eq!((short.row, short.column.as_str()), (Some(4), "length_m"));
    assert_eq!(with_length("0").told("edge_short").row, Some(4));
    let plain = demo().read().unwrap().roads.unwrap();
    assert_eq!(
        with_length("0").read().unwrap().roads.unwrap().roads,
        plain.roads,
        "the straight line counts"
    );
    assert!(
        with_length("250")
            .read()
            .unwrap()
            .roads
            .unwrap()
            .roads
            .length_mm()
            > plain.roads.length_mm()
    );
    for (length, code) in [
        ("-5", "number_negative"),
        ("about 200", "number_broken"),
        ("NaN", "number_broken"),
        ("1e9", "number_huge"),
    ] {
        assert_eq!(with_length(length).error(code).row, Some(4), "{length}");
    }
}

/// The demo's edges with one more column, which says nothing but in row 5.
fn with_column(name: &str, value: &str) -> Demo {
    let city = demo();
    let edges = city.text(EDGES).replace('\n', ",\n");
    let edges = edges.replacen(",class,", &format!(",class,{name}"), 1);
    city.with(EDGES, edges)
        .line(EDGES, 5, &format!("4,5,residential,{value}"))
}

#[test]
fn words_of_edges_that_say_nothing_are_told_and_do_not_count() {
    for (name, values) in [
        ("access", &["封闭", "小区内部", "maybe"][..]),
        ("foot", &["不通", "perhaps"]),
        ("oneway_foot", &["maybe", "顺时针"]),
        ("conveying", &["上行"]),
        ("level", &["B1", "地下一层", "2F"]),
        ("snap", &["maybe"]),
    ] {
        for value in values {
            let unknown = with_column(name, value).told("road_word_unknown");
            assert_eq!((unknown.row, &*unknown.value), (Some(5), *value), "{name}");
        }
    }
    // Capitals do not matter.
    for (name, value) in [
        ("access", "NO"),
        ("access", "Private"),
        ("level", "-1;0"),
        ("snap", "FALSE"),
    ] {
        let findings = with_column(name, value).read().unwrap().findings;
        let told = findings
            .iter()
            .any(|each| each.kind.code() == "road_word_unknown");
        assert!(!told, "{name} {value}");
    }
    let closed = with_column("access", "NO").read().unwrap();
    assert_eq!(closed.roads.unwrap().summary.left_out["open_to_nobody"], 1);
}

#[test]
fn edges_much_longer_than_their_shape_and_nodes_at_one_place_are_told() {
    let long = with_column("length_m", "900000").told("edge_long");
    assert_eq!(long.row, Some(5));
    assert!(long.value.starts_with("900000 > "), "{}", long.value);
    // The second and the third node of the demo at one place.
    let city = demo();
    let third = city.text(NODES).lines().nth(2).unwrap().to_owned();
    let (_, place) = third.split_once(',').unwrap();
    let same = city
        .line(NODES, 4, &format!("3,{place}"))
        .told("nodes_same_place");
    assert_eq!(same.value, "nodes 1");
}

#[test]
fn classes_and_shapes_that_say_nothing_are_told() {
    let unknown = demo()
        .line(EDGES, 5, "4,5,boulevard")
        .told("road_class_unknown");
    assert_eq!(
        (unknown.row, unknown.value.as_str()),
        (Some(5), "boulevard")
    );
    // What is not built is known, and closed.
    let closed = demo().line(EDGES, 5, "4,5,construction").read().unwrap();
    assert_eq!(closed.roads.unwrap().summary.left_out["open_to_nobody"], 1);
    for shape in [
        "POINT (104 30)",
        "LINESTRING (104.0 30.0, 105.0 31.0)",
        "LINESTRING (1 2 3",
        "LINESTRING ()",
        "路",
    ] {
        let city = demo();
        let edges = city
            .text(EDGES)
            .replace(",class", ",class,geometry")
            .replace(",residential", ",residential,");
        let line = edges.lines().nth(3).unwrap().to_owned();
        let city = city.with(EDGES, edges.replace(&line, &format!("{line}\"{shape}\"")));
        assert_eq!(city.told("edge_shape").row, Some(4), "{shape}");
        assert_eq!(
            city.read().unwrap().roads.unwrap().roads,
            demo().read().unwrap().roads.unwrap().roads,
            "{shape}"
        );
    }
}

#[test]
fn columns_say_who_may_walk_where_step_on_and_wait() {
    use fuwutu_core::service::Mode;
    let with = |header: &str, cell: &str| {
        let city = demo();
        let edges = city.text(EDGES);
        let mut lines: Vec<String> = edges.lines().map(|line| format!("{line},")).collect();
        lines[0] = format!("from,to,class,{header}");
        lines[4] += cell;
        city.with(EDGES, lines.join("\n") + "\n")
    };
    let count =
        |header: &str, cell: &str, holds: fn(&fuwutu_core::reach::roads::Roads, u32) -> bool| {
            let roads = with(header, cell).read().unwrap().roads.unwrap().roads;
            let edges = 0..roads.edges().len() as u32;
            edges.filter(|&edge| holds(&roads, edge)).count()
        };
    let unsnappable = |roads: &fuwutu_core::reach::roads::Roads, edge: u32| {
        !roads.edges()[edge as usize].access.snaps()
    };
    for (header, cell, expected) in [
        ("bridge", "yes", 1),
        ("桥梁", "否", 0),
        ("tunnel", "是", 1),
        ("level", "-1", 1),
        ("楼层", "0;1", 0),
        ("indoor", "yes", 1),
        ("snap", "no", 1),
        ("上路", "否", 1),
        ("conveying", "forward", 1),
    ] {
        assert_eq!(
            count(header, cell, unsnappable),
            expected,
            "{header} {cell}"
        );
    }
    let one_way = |roads: &fuwutu_core::reach::roads::Roads, edge: u32| {
        let access = roads.edges()[edge as usize].access;
        access.along(Mode::Walk) != access.against(Mode::Walk)
    };
    for (header, cell, expected) in [
        ("oneway", "yes", 0),
        ("oneway_foot", "yes", 1),
        ("步行单向", "是", 1),
        ("conveying", "逆向", 1),
        ("conveying", "reversible", 0),
    ] {
        assert_eq!(count(header, cell, one_way), expected, "{header} {cell}");
    }
    let private = |roads: &fuwutu_core::reach::roads::Roads, edge: u32| {
        roads.edges()[edge as usize].access.private(Mode::Walk)
    };
    for (header, cell, expected) in [
        ("access", "private", 1),
        ("通行限制", "内部", 1),
        ("foot", "customers", 1),
        ("motor_vehicle", "private", 0),
        ("access", "yes", 0),
    ] {
        assert_eq!(count(header, cell, private), expected, "{header} {cell}");
    }
    let waits = |roads: &fuwutu_core::reach::roads::Roads, edge: u32| roads.wait(edge) == 30_000;
    assert_eq!(count("wait_s", "30", waits), 1);
    for cell in ["-1", "3601", "soon"] {
        let told = with("wait_s", cell).findings();
        let mut rows = told.iter().filter_map(|finding| finding.row);
        assert!(rows.any(|row| row == 5), "{cell}: {told:?}");
    }
}

#[test]
fn a_shape_makes_a_street_longer_whichever_way_it_runs() {
    let shaped = |reverse: bool| {
        let city = demo();
        let nodes = city.text(NODES);
        let edges = city
            .text(EDGES)
            .replace(",class", ",class,geometry")
            .replace(",residential", ",residential,");
        let line = edges.lines().nth(3).unwrap().to_owned();
        let ends: Vec<&str> = line.split(',').take(2).collect();
        let place = |id: &str| {
            let row = nodes
                .lines()
                .find(|row| row.split(',').next() == Some(id))
                .unwrap();
            let cells: Vec<&str> = row.split(',').collect();
            format!("{} {}", cells[1], cells[2])
        };
        let mut places = [place(ends[0]), "103.95 30.55".to_owned(), place(ends[1])];
        if reverse {
            places.reverse();
        }
        let shape = format!("\"LINESTRING ({})\"", places.join(", "));
        city.with(EDGES, edges.replace(&line, &format!("{line}{shape}")))
            .read()
            .unwrap()
            .roads
            .unwrap()
            .roads
    };
    let plain = demo().read().unwrap().roads.unwrap().roads;
    assert!(shaped(false).length_mm() > plain.length_mm() + 100_000);
    assert_eq!(shaped(false), shaped(true));
}

#[test]
fn a_broken_row_is_told_with_its_line_wherever_it_stands() {
    // Some 9 MB, so that the broken row is in the second piece of the file.
    let city = demo();
    let nodes = city.text(NODES);
    let more: String = (0..300_000)
        .map(|number| format!("{},104.0000001,30.5000001\n", 1_000_000 + number))
        .collect();
    let lines = nodes.lines().count() + 300_000;
    let long = city.with(NODES, format!("{nodes}{more}"));
    assert!(long.read().is_ok());
    let at = lines as u64 + 1;
    for (row, code) in [
        ("9,104.0,30.5,7", "csv_broken"),
        ("9,\"104.0,30.5", "csv_broken"),
        ("9,hundred,30.5", "number_broken"),
        ("5,104.0,30.5", "id_twice"),
    ] {
        let city = demo().with(NODES, format!("{nodes}{more}{row}\n"));
        assert_eq!(city.error(code).row, Some(at), "{row}");
    }
    let city = demo().with(
        NODES,
        [
            format!("{nodes}{more}").as_bytes(),
            &[0x39, 0xff, 0xff, b'\n'],
        ]
        .concat(),
    );
    assert_eq!(city.error("undecodable").row, Some(at));
}

#[test]
fn tables_in_gb18030_with_chinese_headers_and_crlf_are_read() {
    let city = demo();
    let before = city.read().unwrap().roads.unwrap();
    let (nodes, edges) = (city.text(NODES), city.text(EDGES));
    let nodes = nodes
        .replace("id,lon,lat", "编号,经度,纬度")
        .replace('\n', "\r\n");
    let edges = edges
        .replace("from,to,class", "起点,终点,等级")
        .replace(',', ";")
        .replace('\n', "\r\n");
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let city = city.with(NODES, gbk(&nodes)).with(EDGES, gbk(&edges));
    assert_eq!(city.told("gb18030").file, NODES);
    assert_eq!(city.read().unwrap().roads.unwrap().roads, before.roads);
}

#[test]
fn roads_of_another_city_are_an_error_that_says_so() {
    let city = demo();
    let moved: String = city
        .text(NODES)
        .replace(",103.", ",113.")
        .replace(",104.", ",114.");
    let error = city.with(NODES, moved).error("no_streets");
    assert!(error.value.contains("far from the city"), "{error:?}");
    // Near enough to be kept, but no demand point is within 300 m.
    let city = demo();
    let moved: String = city
        .text(NODES)
        .replace(",30.", ",30.2")
        .replace(",31.", ",30.29");
    let city = city.with(NODES, moved);
    let (code, text) = city.run(&[
        "evaluate",
        "PLAN",
        "--no-report",
        "--out",
        &city.0.join("out").display().to_string(),
    ]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("no demand point can be joined")
            || text.contains("no street that can be used"),
        "{text}"
    );
    assert!(!city.0.join("out").exists());
}

#[test]
fn an_edge_that_leads_out_of_the_area_is_kept_whole_and_what_lies_beyond_is_left_out() {
    let before = demo().read().unwrap().roads.unwrap().roads;
    // A quarter of a degree west of node 1, and 5°; and two nodes whose edge passes by.
    let city = demo();
    let nodes = city.text(NODES)
        + "90001,103.69,30.5633\n90002,98.94,30.5633\n90003,103.9,30.0\n90004,104.1,30.0\n";
    let edges =
        city.text(EDGES) + "1,90001,residential\n1,90002,residential\n90003,90004,residential\n";
    let city = city.with(NODES, nodes).with(EDGES, edges);
    let roads = city.read().unwrap().roads.unwrap().roads;
    assert_eq!(roads.edges().len(), before.edges().len() + 1);
    let longest = |roads: &fuwutu_core::reach::roads::Roads| {
        roads.edges().iter().map(|edge| edge.length).max().unwrap()
    };
    // 0.251° of 95.9 km.
    let metres = longest(&roads) / 1000;
    assert!((23_900..24_200).contains(&metres), "{metres}");
    let left = city.findings();
    let left = left
        .iter()
        .filter(|each| each.kind.code() == "roads_outside");
    let values: Vec<&str> = left.map(|finding| finding.value.as_str()).collect();
    assert_eq!(values, ["nodes 3", "edges 2"]);
}

#[test]
fn who_is_on_no_street_is_told_with_what_the_plan_does_about_it() {
    for (option, resident, facility) in [
        (
            "",
            "residents live too far from every street",
            "nobody reaches it on foot",
        ),
        (
            "unsnapped = \"straight\"",
            "residents live too far from every street",
            "trips there lead in straight lines",
        ),
    ] {
        let city = demo();
        let plan = city
            .text("plan.toml")
            .replace("compare = true", &format!("snap_m = 5.0\n{option}"));
        let city = city.with("plan.toml", plan);
        let (code, text) = city.run(&["check", "PLAN"]);
        assert_eq!(code, 1, "{text}");
        let out = city.0.join("out");
        let (code, text) = city.run(&[
            "evaluate",
            "PLAN",
            "--no-report",
            "--out",
            &out.display().to_string(),
        ]);
        assert_eq!(code, 0, "{text}");
        let findings = fs::read_to_string(out.join("findings.csv")).unwrap();
        assert!(
            findings.contains(resident) && findings.contains(facility),
            "{findings}"
        );
        // Once for all modes, though there are two.
        let asked = |code: &str| findings.matches(&format!(",{code},")).count();
        let people = ["unsnapped", "unsnapped_straight"].map(asked);
        assert!(people == [1, 0] || people == [0, 1], "{findings}");
        let modes = findings.lines().find(|line| line.contains(",unsnapped"));
        assert!(
            modes.is_some_and(|line| line.contains("\"walk ") && line.contains(", car_bus ")),
            "{modes:?}"
        );
        let lost: u64 = fs::read_to_string(out.join("streets.csv"))
            .unwrap()
            .lines()
            .skip(1)
            .filter(|line| line.contains(",walk,"))
            .map(|line| line.split(',').nth(4).unwrap().parse::<u64>().unwrap())
            .sum();
        assert!(lost > 100_000, "{lost}");
        let standing = fs::read_to_string(out.join("standing.csv")).unwrap();
        for line in standing.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |at: usize| cells[at].parse::<u64>().unwrap();
            assert_eq!(
                number(4) + number(13) + number(14) + number(15),
                number(3),
                "{line}"
            );
        }
    }
}

// ---- OpenStreetMap.

/// A lattice of residential streets over the demo's middle, 12 × 12 crossings some 100 m apart, with a bend in each street.
fn lattice() -> (Vec<Node>, Vec<Way>) {
    let (mut nodes, mut ways) = (Vec::new(), Vec::new());
    let node = |id: i64, lon: i64, lat: i64| Node {
        id,
        lon,
        lat,
        tags: Vec::new(),
    };
    for row in 0..12_i64 {
        for column in 0..12_i64 {
            let id = 1 + row * 12 + column;
            nodes.push(node(
                id,
                1_039_800_000 + column * 10_000,
                306_000_000 + row * 10_000,
            ));
        }
    }
    for line in 0..12_i64 {
        for (id, refs) in [
            (1000 + line, (0..12).map(|at| 1 + line * 12 + at).collect()),
            (2000 + line, (0..12).map(|at| 1 + at * 12 + line).collect()),
        ] {
            ways.push(Way {
                id,
                refs,
                tags: vec![
                    ("highway", "residential".to_owned()),
                    ("name", format!("路{line}")),
                ],
            });
        }
    }
    (nodes, ways)
}

fn osm() -> Vec<u8> {
    let (nodes, ways) = lattice();
    pbf::file(&nodes, &ways)
}

#[test]
fn a_lattice_of_openstreetmap_becomes_crossings_and_edges() {
    let input = demo().osm(osm()).read().unwrap();
    let roads = input.roads.unwrap().roads;
    // All but the four corners' ends meet: 144 crossings, 2 × 12 × 11 streets of 96 and 111 m.
    assert_eq!((roads.nodes().len(), roads.edges().len()), (144, 264));
    let km = roads.length_mm() as f64 / 1e6;
    assert!((km - 0.132 * (95.9 + 110.9)).abs() < 0.2, "{km}");
    let told = input
        .findings
        .iter()
        .find(|finding| finding.kind.code() == "roads_read")
        .unwrap();
    assert_eq!(
        told.value,
        "nodes 144, ways 24, relations 0, streets 24, of these open to nobody 0"
    );
}

#[test]
fn who_is_on_another_part_of_the_network_is_told() {
    // The streets from west to east end at the seventh crossing and begin anew at the eighth: 12 × 7 crossings and 12 × 5.
    let (nodes, ways) = lattice();
    let split = |way: Way| {
        let cut = if way.id < 2000 { 7 } else { way.refs.len() };
        let (west, east) = way.refs.split_at(cut);
        let parts = [(way.id, west), (way.id + 10_000, east)];
        let parts = parts.into_iter().filter(|(_, refs)| !refs.is_empty());
        let parts = parts.map(|(id, refs)| Way {
            id,
            refs: refs.to_vec(),
            tags: way.tags.clone(),
        });
        parts.collect::<Vec<Way>>()
    };
    let ways: Vec<Way> = ways.into_iter().flat_map(split).collect();
    let city = demo().osm(pbf::file(&nodes, &ways));
    let out = city.0.join("out");
    let (code, text) = city.run(&[
        "evaluate",
        "PLAN",
        "--no-report",
        "--out",
        &out.display().to_string(),
    ]);
    assert_eq!(code, 0, "{text}");
    let findings = fs::read_to_string(out.join("findings.csv")).unwrap();
    let line = findings
        .lines()
        .find(|line| line.contains(",other_part,"))
        .unwrap_or_else(|| panic!("{findings}"));
    // 12 × 4 streets of 95.9 m and 5 × 11 of 110.9 m.
    assert!(
        line.contains("walk ") && line.contains("; part 10.7 km at 103.98"),
        "{line}"
    );
    assert!(findings.contains(",facility_other_part,"), "{findings}");
}

#[test]
fn a_file_that_is_cut_anywhere_is_an_error_or_told() {
    let whole = osm();
    let (nodes, ways) = lattice();
    // Where blobs end, reading ends without complaint; everywhere else it must be an error.
    let ends: Vec<usize> = [
        pbf::header(&["OsmSchema-V0.6", "DenseNodes"]).len(),
        pbf::file(&nodes, &[]).len(),
        whole.len(),
    ]
    .into();
    let step = (whole.len() / 50).max(1);
    for at in (0..whole.len())
        .step_by(step)
        .chain([1, 2, 3, 4, 5])
        .chain(ends.iter().map(|end| end - 1))
        .chain(ends.clone())
    {
        if at == whole.len() {
            continue;
        }
        let city = demo().osm(&whole[..at]);
        let code = match at {
            0 => "file_empty",
            at if ends.contains(&at) => "no_streets",
            _ => "pbf_broken",
        };
        assert_eq!(city.error(code).file, "city.osm.pbf", "cut at {at}");
    }
    // Cut between two blobs of ways: nodes without ways tell it.
    let mut cut = pbf::header(&["OsmSchema-V0.6", "DenseNodes"]);
    cut.extend(pbf::blob("OSMData", &pbf::node_block(&nodes)));
    cut.extend(pbf::blob("OSMData", &pbf::way_block(&ways[..4])));
    assert_eq!(
        demo().osm(cut).told("pbf_cut").value,
        "nodes without tags 144, in no way 100; ways without tags 0, in no relation 0"
    );
    // Something after the end.
    let error = demo()
        .osm([whole.as_slice(), &[0, 0]].concat())
        .error("pbf_broken");
    assert!(
        error.value.contains("2 bytes after the last blob"),
        "{error:?}"
    );
}

#[test]
fn flipped_bits_are_an_error_or_change_nothing_that_is_not_told() {
    let whole = osm();
    let (_, _) = lattice();
    let before = demo().osm(&whole).read().unwrap().roads.unwrap().roads;
    let mut survived = 0;
    for number in 0..200_u64 {
        let bit = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize % (whole.len() * 8);
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match demo().osm(flipped).read() {
            Ok(input) => {
                assert_eq!(input.roads.unwrap().roads, before, "bit {bit}");
                survived += 1;
            }
            Err(failure) => assert!(failure.errors().count() > 0),
        }
    }
    assert!(survived < 100, "most flips are seen: {survived}");
}

#[test]
fn what_is_no_map_or_no_street_is_an_error_that_says_what_it_is() {
    let (nodes, ways) = lattice();
    assert!(
        demo()
            .osm("this is no map at all")
            .error("pbf_broken")
            .value
            .contains("at byte 0")
    );
    assert!(
        demo()
            .osm(pbf::file(&nodes, &[]))
            .error("no_streets")
            .value
            .starts_with("nodes 144, ways 0")
    );
    let houses: Vec<Way> = ways
        .iter()
        .map(|way| Way {
            tags: vec![("building", "yes".to_owned())],
            refs: way.refs.clone(),
            id: way.id,
        })
        .collect();
    assert!(
        demo()
            .osm(pbf::file(&nodes, &houses))
            .error("no_streets")
            .value
            .contains("ways 24")
    );
    let closed: Vec<Way> = ways
        .iter()
        .map(|way| Way {
            tags: vec![("highway", "proposed".to_owned())],
            refs: way.refs.clone(),
            id: way.id,
        })
        .collect();
    assert!(
        demo()
            .osm(pbf::file(&nodes, &closed))
            .error("no_streets")
            .value
            .contains("open to nobody 24")
    );
    let mut history = pbf::header(&["OsmSchema-V0.6", "DenseNodes", "HistoricalInformation"]);
    history.extend(pbf::blob("OSMData", &pbf::node_block(&nodes)));
    assert_eq!(
        demo().osm(history).error("pbf_broken").value,
        "it is a history file"
    );
    let mut headless = pbf::blob("OSMData", &pbf::node_block(&nodes));
    headless.extend(pbf::blob("OSMData", &pbf::way_block(&ways)));
    assert_eq!(
        demo().osm(headless).error("pbf_broken").value,
        "it does not begin with a header"
    );
}

#[test]
fn missing_nodes_negative_ids_and_places_off_the_globe_are_counted() {
    let (mut nodes, mut ways) = lattice();
    nodes.remove(70);
    let told = demo().osm(pbf::file(&nodes, &ways)).told("nodes_missing");
    assert_eq!(
        (told.value.as_str(), told.kind.level()),
        ("nodes 2, streets 2", Level::Decision)
    );
    // A crossing at 400° east is nowhere, as if it were missing.
    let (mut nodes, _) = lattice();
    nodes[70].lon = 4_000_000_000;
    assert_eq!(
        demo()
            .osm(pbf::file(&nodes, &ways))
            .told("nodes_missing")
            .value,
        "nodes 2, streets 2"
    );
    let (mut nodes, _) = lattice();
    nodes.iter_mut().for_each(|node| node.id = -node.id);
    nodes.reverse();
    ways.iter_mut()
        .for_each(|way| way.refs.iter_mut().for_each(|node| *node = -*node));
    let negative = demo()
        .osm(pbf::file(&nodes, &ways))
        .read()
        .unwrap()
        .roads
        .unwrap()
        .roads;
    assert_eq!(
        negative,
        demo().osm(osm()).read().unwrap().roads.unwrap().roads
    );
    let (mut nodes, ways) = lattice();
    let twin = Node {
        id: 5,
        lon: nodes[4].lon,
        lat: nodes[4].lat,
        tags: Vec::new(),
    };
    nodes.insert(5, twin);
    assert_eq!(
        demo()
            .osm(pbf::file(&nodes, &ways))
            .told("node_twice")
            .value,
        "nodes 1"
    );
}

#[test]
fn loops_doubled_nodes_and_ways_of_one_node_do_no_harm() {
    let (nodes, mut ways) = lattice();
    let street = || vec![("highway", "service".to_owned())];
    ways.push(Way {
        id: 1,
        refs: vec![14],
        tags: street(),
    });
    ways.push(Way {
        id: 2,
        refs: vec![],
        tags: street(),
    });
    ways.push(Way {
        id: 3,
        refs: vec![14, 14, 14],
        tags: street(),
    });
    ways.push(Way {
        id: 4,
        refs: vec![14, 15, 27, 26, 14],
        tags: street(),
    });
    let roads = demo()
        .osm(pbf::file(&nodes, &ways))
        .read()
        .unwrap()
        .roads
        .unwrap()
        .roads;
    // Only the last one has a length: four edges on top of the others.
    assert_eq!(roads.edges().len(), 264 + 4);
}

#[test]
fn numbers_that_overflow_are_nonsense_and_no_panic() {
    let (_, ways) = lattice();
    let far = |id: i64, place: i64| Node {
        id,
        lon: place,
        lat: place,
        tags: Vec::new(),
    };
    for nodes in [
        vec![
            far(i64::MAX, i64::MAX),
            far(i64::MIN, i64::MIN),
            far(i64::MAX, 5),
        ],
        vec![
            far(1, i64::MAX / 50),
            far(2, -(i64::MAX / 50)),
            far(3, i64::MAX),
        ],
    ] {
        let mut bytes = pbf::header(&["OsmSchema-V0.6", "DenseNodes"]);
        bytes.extend(pbf::raw_blob("OSMData", &pbf::node_block(&nodes)));
        bytes.extend(pbf::raw_blob("OSMData", &pbf::way_block(&ways)));
        let city = demo().osm(bytes);
        assert!(city.read().is_err());
        let (code, text) = city.run(&["check", "PLAN"]);
        assert!(code == 2 && !text.contains("panicked"), "{text}");
    }
}

/// A message packed as well as can be.
fn bomb(message: &[u8]) -> Vec<u8> {
    pbf::blob("OSMData", message)
}

/// A block with one group, and the keys and values of streets and rivers as texts 1 to 4.
fn group(group: &[u8]) -> Vec<u8> {
    let texts = ["", "highway", "residential", "waterway", "river"];
    let texts: Vec<u8> = texts
        .iter()
        .flat_map(|text| pbf::bytes_field(1, text.as_bytes()))
        .collect();
    [pbf::bytes_field(1, &texts), pbf::bytes_field(2, group)].concat()
}

/// A way from node 1 to 2, back, and so on.
fn to_and_fro(times: usize, key: u8) -> Vec<u8> {
    let refs = [2_u8]
        .into_iter()
        .chain([2, 1].into_iter().cycle().take(times));
    let way = [
        pbf::bytes_field(2, &[key]),
        pbf::bytes_field(3, &[key + 1]),
        pbf::bytes_field(8, &refs.collect::<Vec<u8>>()),
    ];
    pbf::bytes_field(3, &way.concat())
}

#[test]
fn small_files_that_inflate_to_much_are_refused_in_bounded_memory() {
    const MANY: usize = 10_000_000;
    let zeros = vec![0_u8; MANY];
    let dense = |count: usize| {
        let fields = [1, 8, 9].map(|field| pbf::bytes_field(field, &zeros[..count]));
        group(&pbf::bytes_field(2, &fields.concat()))
    };
    let of =
        |blobs: &[Vec<u8>]| [&[pbf::header(&["OsmSchema-V0.6", "DenseNodes"])], blobs].concat();
    let (nodes, ways) = lattice();
    let (nodes, ways) = (pbf::node_block(&nodes), pbf::way_block(&ways));
    let town = || [bomb(&nodes), bomb(&ways)];
    let texts = [10, 0].repeat(MANY / 2);
    let lie = |size: usize| {
        let packed = bomb(&zeros);
        let data = packed
            .windows(2)
            .position(|two| two == [0x78, 0x9c])
            .unwrap();
        pbf::packed_blob(3, size, &packed[data..])
    };
    for (name, blobs) in [
        ("nodes", vec![bomb(&dense(MANY))]),
        ("nodes again and again", vec![bomb(&dense(MANY / 4)); 20]),
        ("texts", vec![bomb(&pbf::bytes_field(1, &texts)); 3]),
        (
            "ways without anything",
            vec![bomb(&group(&[26, 0].repeat(MANY / 2)))],
        ),
        (
            "a street to and fro",
            vec![bomb(&group(&to_and_fro(MANY, 1)))],
        ),
        (
            "a river to and fro",
            vec![bomb(&group(&to_and_fro(MANY, 3)))],
        ),
        ("more than it says", vec![lie(1000)]),
        ("less than it says", vec![lie(MANY + 1)]),
    ] {
        let bytes = of(&[&town()[..], &blobs].concat()).concat();
        assert!(bytes.len() < 600_000, "{name}: {}", bytes.len());
        let city = demo().osm(&bytes);
        let error = city.error("pbf_broken");
        let much = error.value.contains("far more content") || error.value.contains("zlib");
        assert!(much, "{name}: {error:?}");
        let (code, text) = city.run_in(500_000, &["check", "PLAN"]);
        assert!(code == 2 && !text.contains("panicked"), "{name}: {text}");
    }
    // As much as any file may hold is read, in as little.
    for (name, blobs) in [
        ("nodes", vec![bomb(&dense(240_000))]),
        (
            "a street to and fro",
            // Each of the demo's people looks at every street beside them: a matter of time, not of room.
            vec![bomb(&group(&to_and_fro(20_000, 1)))],
        ),
        (
            "a river to and fro",
            vec![bomb(&group(&to_and_fro(240_000, 3)))],
        ),
    ] {
        let bytes = of(&[&town()[..], &blobs].concat()).concat();
        let (code, text) = demo().osm(&bytes).run_in(500_000, &["check", "PLAN"]);
        assert!(
            code < 2 && !text.contains("panicked"),
            "{name}: {code} {text}"
        );
    }
}

#[test]
fn barriers_close_the_way_for_whom_they_do() {
    use fuwutu_core::service::Mode;
    let (mut nodes, ways) = lattice();
    nodes[13].tags = vec![("barrier", "bollard".to_owned())];
    nodes[14].tags = vec![
        ("barrier", "gate".to_owned()),
        ("access", "private".to_owned()),
    ];
    let roads = demo()
        .osm(pbf::file(&nodes, &ways))
        .read()
        .unwrap()
        .roads
        .unwrap()
        .roads;
    let count = |stops: &dyn Fn(u32) -> bool| {
        let nodes = 0..roads.nodes().len() as u32;
        nodes.filter(|&node| stops(node)).count()
    };
    let modes = [Mode::Walk, Mode::Ebike, Mode::CarBus];
    let blocked = modes.map(|mode| count(&|node| roads.blocked(node, mode)));
    let private = modes.map(|mode| count(&|node| roads.private(node, mode)));
    assert_eq!((blocked, private), ([0, 0, 1], [1, 1, 1]));
}

// ---- Elevation.

/// A GeoTIFF over the demo whose ground rises from west to east, `rise` metres a degree.
fn dem(rise: f32, corner: [f64; 2], model: u16) -> Vec<u8> {
    use tiff::encoder::{TiffEncoder, colortype::Gray32Float};
    use tiff::tags::Tag;
    const CELL: f64 = 0.005;
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut image = encoder.new_image::<Gray32Float>(80, 80).unwrap();
    let tags = image.encoder();
    tags.write_tag(Tag::Unknown(33550), &[CELL, CELL, 0.0][..])
        .unwrap();
    tags.write_tag(
        Tag::Unknown(33922),
        &[0.0, 0.0, 0.0, corner[0], corner[1], 0.0][..],
    )
    .unwrap();
    tags.write_tag(
        Tag::Unknown(34735),
        &[1_u16, 1, 0, 2, 1024, 0, 1, model, 1025, 0, 1, 1][..],
    )
    .unwrap();
    let metres: Vec<f32> = (0..6400)
        .map(|at| 500.0 + (at % 80) as f32 * CELL as f32 * rise)
        .collect();
    image.write_data(&metres).unwrap();
    bytes.into_inner()
}

const SLOPED: &str = "{ nodes = \"nodes.csv\", edges = \"edges.csv\", dem = \"dem.tif\" }";

#[test]
fn an_elevation_model_makes_slopes_take_longer() {
    // 9,570 m to a degree of longitude at this latitude ÷ 10: a rise of 957 m a degree is 1 % from west to east.
    let flat = demo()
        .with("dem.tif", dem(0.0, [103.8, 30.8], 2))
        .roads(SLOPED)
        .read()
        .unwrap()
        .roads
        .unwrap()
        .roads;
    let steep = demo()
        .with("dem.tif", dem(9570.0, [103.8, 30.8], 2))
        .roads(SLOPED)
        .read()
        .unwrap()
        .roads
        .unwrap()
        .roads;
    let level = (0..flat.edges().len() as u32).all(|edge| flat.slope(edge) == [1000, 1000]);
    assert!(level, "level ground is level");
    let mut eastward = 0;
    for (edge, at) in steep.edges().iter().zip(0..) {
        let [from, to] = [edge.from, edge.to].map(|node| steep.nodes()[node as usize]);
        let (east, length) = (f64::from(to.x - from.x), f64::from(edge.length));
        // 10 % along the line of greatest slope, in proportion to how much the street leads east.
        let expected = (3.5_f64 * ((0.1 * east / length + 0.05).abs() - 0.05)).exp() * 1000.0;
        let [along, against] = steep.slope(at);
        assert!(
            (f64::from(along) - expected).abs() < 12.0,
            "{along} {expected}"
        );
        eastward += u32::from(along > 1300 || against > 1300);
    }
    assert!(eastward > 1000, "{eastward}");
}

#[test]
fn an_elevation_model_that_cannot_be_used_is_an_error_that_says_why() {
    let with = |bytes: Vec<u8>| demo().with("dem.tif", bytes).roads(SLOPED);
    assert!(
        with(dem(1.0, [103.8, 30.8], 1))
            .error("dem_broken")
            .value
            .contains("projected")
    );
    assert!(
        with(dem(1.0, [113.8, 30.8], 2))
            .error("dem_broken")
            .value
            .contains("covers no crossing")
    );
    assert!(
        with(dem(1.0, [410_453.0, 3_393_597.0], 2))
            .error("dem_broken")
            .value
            .contains("410453")
    );
    assert_eq!(
        with(b"no picture".to_vec()).error("dem_broken").file,
        "dem.tif"
    );
    assert_eq!(with(Vec::new()).error("file_empty").file, "dem.tif");
    assert_eq!(demo().roads(SLOPED).error("file_missing").file, "dem.tif");
    let part = with(dem(1.0, [103.98, 30.8], 2)).told("dem_outside");
    assert!(part.value.starts_with("nodes "), "{part:?}");
    let whole = dem(1.0, [103.8, 30.8], 2);
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let city = with(whole[..at].to_vec());
        assert!(city.read().is_err(), "cut at {at}");
    }
    for number in 0..100_u64 {
        let bit = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize % (400 * 8);
        let mut flipped = whole.clone();
        let at = if number % 2 == 0 {
            bit / 8
        } else {
            whole.len() - 1 - bit / 8
        };
        flipped[at] ^= 1 << (bit % 8);
        // Read or refused; never a panic.
        let _ = with(flipped).read();
    }
}
