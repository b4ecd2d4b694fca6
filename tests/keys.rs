//! Names in place of codes, kinds of facilities, duplicates, and the data-quality sheet: as a user meets them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Temp, demo, program};

/// What a command says: exit code, stdout, stderr.
fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = program().current_dir(folder).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// The check of a plan as JSON, and its exit code.
fn check(folder: &Path) -> (i32, Value) {
    let (code, out, error) = run(
        folder,
        &["check", "plan.toml", "--json", "-", "--lang", "en"],
    );
    let json = serde_json::from_str(&out);
    (
        code,
        json.unwrap_or_else(|fault| panic!("{fault}: {out}{error}")),
    )
}

/// The findings of a kind.
fn found<'a>(check: &'a Value, kind: &str) -> Vec<&'a Value> {
    let findings = check["findings"].as_array().unwrap();
    let mut own: Vec<&Value> = findings
        .iter()
        .filter(|each| each["finding"] == kind)
        .collect();
    own.sort_by_key(|each| each["id"].to_string());
    own
}

/// The account of a file.
fn account<'a>(check: &'a Value, file: &str) -> &'a Value {
    let files = check["files"].as_array().unwrap();
    files.iter().find(|each| each["file"] == file).unwrap()
}

/// Every row of every file is used or left out.
fn assert_accounted(check: &Value) {
    for file in check["files"].as_array().unwrap() {
        if file["role"] == "roads" {
            continue;
        }
        let left_out = file["left_out"].as_object().unwrap();
        let left_out: u64 = left_out.values().map(|rows| rows.as_u64().unwrap()).sum();
        let used = file["used"].as_u64().unwrap();
        assert_eq!(file["rows"].as_u64().unwrap(), used + left_out, "{file}");
    }
}

/// Square of a grid, in degrees near Chengdu; a side has some 500 m.
fn square(column: i32, row: i32) -> String {
    let corner = |x: i32, y: i32| {
        format!(
            "[{:.3},{:.4}]",
            104.0 + f64::from(x) * 0.005,
            30.6 + f64::from(y) * 0.0045
        )
    };
    let (x, y) = (column, row);
    let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)];
    let corners: Vec<String> = corners.iter().map(|&(x, y)| corner(x, y)).collect();
    format!(
        "{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}",
        corners.join(",")
    )
}

fn layer(features: &[(String, String)]) -> String {
    let features = features.iter().map(|(geometry, properties)| {
        format!("{{\"type\":\"Feature\",\"geometry\":{geometry},\"properties\":{{{properties}}}}}")
    });
    let features: Vec<String> = features.collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
        features.join(",")
    )
}

/// Three townships in a row, two of them 城关镇 in different counties; two communities in each, of which 桃花 stands twice.
const TOWNSHIPS: [(&str, &str, &str); 3] = [
    ("510107001", "浆洗街街道", "武侯区"),
    ("510107002", "城关镇", "武侯区"),
    ("510108001", "城关镇", "成华区"),
];
const COMMUNITIES: [(&str, &str, usize); 6] = [
    ("510107001001", "洗面桥社区", 0),
    ("510107001002", "桃花社区", 0),
    ("510107002201", "桃花村", 1),
    ("510107002202", "双桥村", 1),
    ("510108001201", "双桥村", 2),
    ("510108001202", "东风社区", 2),
];

/// A town with codes in its layers; plan and tables may be replaced.
fn town() -> Temp {
    let temp = Temp::new("keys");
    let townships: Vec<(String, String)> = (TOWNSHIPS.iter().zip(0..))
        .map(|((code, name, county), at)| {
            let polygon = square(at, 0).replace("30.6045", "30.6090");
            let about = format!("\"code\":\"{code}\",\"name\":\"{name}\",\"county\":\"{county}\"");
            (polygon, about)
        })
        .collect();
    let communities: Vec<(String, String)> = (COMMUNITIES.iter().zip(0..))
        .map(|((code, name, township), at)| {
            let parent = TOWNSHIPS[*township].0;
            let about = format!(
                "\"code\":\"{code}\",\"name\":\"{name}\",\"township\":\"{parent}\",\"class\":\"111\""
            );
            (square(at / 2, at % 2), about)
        })
        .collect();
    temp.put("townships.geojson", layer(&townships));
    temp.put("communities.geojson", layer(&communities));
    temp.put(
        "facilities.csv",
        "id,name,service,lon,lat,capacity\nf1,桃花小学,小学,104.002,30.602,300\n",
    );
    temp.put(
        "people.csv",
        people(|at| COMMUNITIES[at].0.to_owned(), "community"),
    );
    temp.put("plan.toml", plan(""));
    temp
}

/// A demand point with 100 residents in each community.
fn people(key: impl Fn(usize) -> String, columns: &str) -> String {
    let rows = (0..6).map(|at| {
        let (x, y) = (
            104.0025 + (at / 2) as f64 * 0.005,
            30.602 + (at % 2) as f64 * 0.0045,
        );
        format!("p{at},{x:.4},{y:.4},100,{}\n", key(at))
    });
    format!("id,lon,lat,residents,{columns}\n") + &rows.collect::<String>()
}

fn plan(more: &str) -> String {
    format!(
        r#"[round]
name = "town"
base_year = 2026
horizon_years = 0

[inputs]
crs = "EPSG:4490"
townships = {{ path = "townships.geojson" }}
communities = {{ path = "communities.geojson" }}
population = {{ path = "people.csv" }}
facilities = [{{ path = "facilities.csv" }}]
{more}

[services]
select = ["primary_school", "kindergarten", "junior_middle", "market", "pharmacy"]
"#
    )
}

#[test]
fn names_beside_their_township_lead_to_the_codes() {
    let temp = town();
    let by_code = check(&temp).1;
    assert_accounted(&by_code);
    assert!(found(&by_code, "matched_by_name").is_empty());
    let key = |at: usize| {
        let (_, name, township) = COMMUNITIES[at];
        let (_, parent, county) = TOWNSHIPS[township];
        format!("{name},{parent},{county}")
    };
    temp.put("people.csv", people(key, "社区名称,街道名称,区县"));
    // The layer says no county's name: without a list of codes 城关镇 is two.
    let (code, ambiguous) = check(&temp);
    assert_eq!(code, 2);
    let twice = found(&ambiguous, "name_twice");
    assert_eq!(
        twice.len(),
        2,
        "双桥村 of 武侯区 and of 成华区: {ambiguous}"
    );
    for each in &twice {
        let value = each["value"].as_str().unwrap();
        assert!(value.contains("510107002202 双桥村（城关镇）"), "{value}");
        assert!(value.contains("510108001201"), "{value}");
    }
    temp.put(
        "codes.csv",
        "统计用区划代码,城乡分类代码,名称\n510100000000,,成都市\n510107000000,,武侯区\n510108000000,,成华区\n510108999999,111,[已撤销]旧村\n",
    );
    temp.put("plan.toml", plan("codes = { path = \"codes.csv\" }"));
    let (_, named) = check(&temp);
    assert_accounted(&named);
    assert!(found(&named, "name_twice").is_empty(), "{named}");
    assert_eq!(found(&named, "matched_by_name").len(), 1);
    assert_eq!(account(&named, "people.csv")["used"], 6);
    let codes = account(&named, "codes.csv");
    assert_eq!(
        (&codes["rows"], &codes["used"]),
        (&Value::from(4), &Value::from(2))
    );
}

#[test]
fn paths_suffixes_and_full_width_are_understood_and_what_was_matched_is_written() {
    let temp = town();
    let written = [
        "武侯区浆洗街街道洗面桥社区",
        "浆洗街街道办事处桃花社区居委会",
        "桃花村",
        "510107002202",
        "510108001201",
        "东风 社区（新）",
    ];
    temp.put("people.csv", people(|at| written[at].to_owned(), "社区"));
    let (_, checked) = check(&temp);
    assert_accounted(&checked);
    let matched = found(&checked, "matched_by_name");
    assert_eq!(
        matched[0]["value"],
        "name 1 (1), name_in_township 1 (1), normalised_name 2 (2)"
    );
    let (code, _, error) = run(
        &temp,
        &["evaluate", "plan.toml", "--out", "round", "--no-report"],
    );
    assert_eq!(code, 0, "{error}");
    let matches = fs::read_to_string(temp.path("round/matches.csv")).unwrap();
    let rows: Vec<&str> = matches.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(rows[0], "file,column,written,code,name,by,rows");
    assert_eq!(rows.len(), 5, "{matches}");
    for row in [
        "people.csv,community_name,武侯区浆洗街街道洗面桥社区,510107001001,洗面桥社区,name_in_township,1",
        "people.csv,community_name,桃花村,510107002201,桃花村,name,1",
        "people.csv,community_name,东风 社区（新）,510108001202,东风社区,normalised_name,1",
    ] {
        assert!(rows.contains(&row), "{row} in {matches}");
    }
}

#[test]
fn unknown_names_are_one_finding_each_with_rows_residents_and_a_near_one() {
    let temp = town();
    let names = [
        "洗面侨社区",
        "洗面侨社区",
        "青龙场社区",
        "桃花",
        "双桥村",
        "东风社区",
    ];
    temp.put("people.csv", people(|at| names[at].to_owned(), "社区名称"));
    let (code, checked) = check(&temp);
    assert_eq!(code, 2);
    let unknown = found(&checked, "name_unknown");
    assert_eq!(unknown.len(), 2, "{checked}");
    let values: Vec<&str> = unknown
        .iter()
        .map(|each| each["value"].as_str().unwrap())
        .collect();
    assert!(
        values.contains(&"2 / 200 ≈ 510107001001 洗面桥社区（浆洗街街道）"),
        "{values:?}"
    );
    assert!(values.contains(&"1 / 100"), "{values:?}");
    assert_eq!(found(&checked, "name_twice").len(), 2, "桃花 and 双桥村");
    let people = account(&checked, "people.csv");
    assert_eq!(people["left_out"]["name_unknown"], 3);
    assert_accounted(&checked);
    // At an earlier date such rows are left out, and the round goes on.
    temp.put("people.csv", people_by_code());
    temp.put(
        "earlier.csv",
        "社区名称,residents\n洗面桥社区,90\n青龙场社区,80\n青羊社区,70\n",
    );
    temp.put(
        "plan.toml",
        plan("earlier = { path = \"earlier.csv\", year = 2020 }"),
    );
    let (_, checked) = check(&temp);
    assert_eq!(found(&checked, "name_left_out").len(), 2);
    let earlier = account(&checked, "earlier.csv");
    assert_eq!(
        (&earlier["rows"], &earlier["used"]),
        (&Value::from(3), &Value::from(1))
    );
    assert_accounted(&checked);
}

fn people_by_code() -> String {
    people(|at| COMMUNITIES[at].0.to_owned(), "community")
}

/// The layers of the town without codes of their own; communities have the twelve digits of their township's.
fn without_codes(temp: &Temp) {
    for file in ["townships.geojson", "communities.geojson"] {
        let mut text = fs::read_to_string(temp.path(file)).unwrap();
        for (code, ..) in TOWNSHIPS {
            text = text.replace(
                &format!("\"township\":\"{code}\""),
                &format!("\"township\":\"{code}000\""),
            );
        }
        for (code, ..) in TOWNSHIPS {
            text = text.replace(&format!("\"code\":\"{code}\","), "");
        }
        for (code, ..) in COMMUNITIES {
            text = text.replace(&format!("\"code\":\"{code}\","), "");
        }
        temp.put(file, text);
    }
}

#[test]
fn a_list_of_codes_gives_layers_their_codes_and_classes() {
    let temp = town();
    let with_codes = check(&temp).1;
    without_codes(&temp);
    let mut list = String::from("code,class,name\n510107000000,,武侯区\n510108000000,,成华区\n");
    for (code, name, _) in TOWNSHIPS {
        list += &format!("{code}000,,{name}\n");
    }
    for ((code, name, _), class) in COMMUNITIES.iter().zip([111, 112, 121, 220, 210, 123]) {
        list += &format!("{code},{class},{name}\n");
    }
    temp.put("codes.csv", list);
    temp.put("plan.toml", plan("codes = { path = \"codes.csv\" }"));
    let text = fs::read_to_string(temp.path("communities.geojson")).unwrap();
    temp.put(
        "communities.geojson",
        text.replace(",\"class\":\"111\"", ""),
    );
    let (_, checked) = check(&temp);
    assert_accounted(&checked);
    assert_eq!(
        account(&checked, "people.csv"),
        account(&with_codes, "people.csv")
    );
    assert_eq!(found(&checked, "class_listed")[0]["value"], "6");
    assert_eq!(
        found(&checked, "matched_by_name").len(),
        2,
        "townships and communities"
    );
    let (code, _, error) = run(&temp, &["units", "plan.toml", "--out", "round"]);
    assert_eq!(code, 0, "{error}");
    let communities = fs::read_to_string(temp.path("round/communities.csv")).unwrap();
    for (code, name, _) in COMMUNITIES {
        assert!(
            communities.contains(code) && communities.contains(name),
            "{communities}"
        );
    }
}

#[test]
fn codes_are_made_up_where_nothing_has_any_and_do_not_depend_on_the_order() {
    let temp = town();
    without_codes(&temp);
    // Names of townships lead to the made-up codes; two of one name need their county.
    let text = fs::read_to_string(temp.path("communities.geojson")).unwrap();
    let named = (TOWNSHIPS.iter()).fold(text, |text, (code, name, county)| {
        let to = format!(
            "\"township\":\"{}\"",
            format!("{county}{name}").replace("武侯区浆洗街", "浆洗街")
        );
        text.replace(&format!("\"township\":\"{code}000\""), &to)
    });
    let named = named
        .replace("武侯区城关镇", "东关镇")
        .replace("成华区城关镇", "西关镇");
    let text = fs::read_to_string(temp.path("townships.geojson")).unwrap();
    let text = text
        .replacen("城关镇", "东关镇", 1)
        .replacen("城关镇", "西关镇", 1);
    temp.put("townships.geojson", text);
    temp.put("communities.geojson", named);
    let names = people(
        |at| {
            let parent = ["浆洗街街道", "东关镇", "西关镇"][COMMUNITIES[at].2];
            format!("{},{parent}", COMMUNITIES[at].1)
        },
        "community_name,township_name",
    );
    temp.put("people.csv", names);
    let (code, checked) = check(&temp);
    assert_eq!(code, 1, "{checked}");
    assert_eq!(found(&checked, "codes_invented").len(), 2);
    assert_accounted(&checked);
    let units = |to: &str| {
        let (code, _, error) = run(&temp, &["units", "plan.toml", "--out", to]);
        assert_eq!(code, 0, "{error}");
        fs::read_to_string(temp.path(to).join("communities.csv")).unwrap()
    };
    let first = units("a");
    let codes = first.lines().skip(1).filter(|line| line.starts_with("99"));
    assert_eq!(codes.count(), 6, "{first}");
    let text = fs::read_to_string(temp.path("communities.geojson")).unwrap();
    let mut layer: Value = serde_json::from_str(&text).unwrap();
    layer["features"].as_array_mut().unwrap().reverse();
    temp.put("communities.geojson", layer.to_string());
    assert_eq!(units("b"), first);
}

/// The demo with the code of each community in its tables replaced.
fn demo_by_names(temp: &Temp, key: impl Fn(&str, &str) -> String, columns: &str) {
    let names = |file: &str| -> BTreeMap<String, (String, String)> {
        let text = fs::read_to_string(demo().join(file)).unwrap();
        let layer: Value = serde_json::from_str(&text).unwrap();
        let features = layer["features"].as_array().unwrap().iter();
        let text =
            |each: &Value, key: &str| each["properties"][key].as_str().unwrap_or("").to_owned();
        features
            .map(|each| {
                (
                    text(each, "code"),
                    (text(each, "name"), text(each, "township")),
                )
            })
            .collect()
    };
    let (townships, communities) = (names("townships.geojson"), names("communities.geojson"));
    let keys: BTreeMap<&str, String> = (communities.iter())
        .map(|(code, (name, township))| (code.as_str(), key(&townships[township].0, name)))
        .collect();
    for file in ["population.csv", "earlier.csv", "housing.csv"] {
        let text = fs::read_to_string(temp.path(file)).unwrap();
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let header = lines.next().unwrap().replace("community", columns);
        let lines = lines.map(|line| {
            let cells = line
                .split(',')
                .map(|cell| keys.get(cell).map_or(cell, |key| key));
            cells.collect::<Vec<_>>().join(",")
        });
        let lines: Vec<String> = std::iter::once(header).chain(lines).collect();
        temp.put(file, lines.join("\n") + "\n");
    }
}

/// The files of a round with what they hold, but for those that tell of names and files.
fn round(temp: &Temp) -> BTreeMap<String, String> {
    let (code, _, error) = run(
        temp,
        &[
            "evaluate",
            "plan.toml",
            "--out",
            "round",
            "--no-report",
            "--overwrite",
        ],
    );
    assert_eq!(code, 0, "{error}");
    let mut files = BTreeMap::new();
    put_files(&temp.path("round"), &mut files);
    for told in [
        "matches.csv",
        "findings.csv",
        "inputs.csv",
        "round.json",
        "data-dictionary.csv",
    ] {
        files.remove(told);
    }
    files
}

fn put_files(folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            put_files(&path, files);
        } else {
            let name = entry.file_name().into_string().unwrap();
            files.insert(name, fs::read_to_string(path).unwrap());
        }
    }
}

/// The demo on straight lines with some new dwellings, for speed.
fn small_demo() -> Temp {
    let temp = Temp::with_demo("keys-demo");
    let text = fs::read_to_string(temp.path("plan.toml")).unwrap();
    let text = text.replace("mode = \"streets\"\ncompare = true", "mode = \"straight\"");
    let roads = text
        .lines()
        .find(|line| line.starts_with("roads"))
        .unwrap()
        .to_owned();
    temp.put(
        "plan.toml",
        text.replace(&roads, "housing = { path = \"housing.csv\" }"),
    );
    temp.put(
        "housing.csv",
        "community,year,dwellings\n990101001001,2027,300\n990101001002,2028,200\n",
    );
    temp
}

#[test]
fn the_demo_with_names_in_place_of_codes_gives_the_same_round() {
    let temp = small_demo();
    let expected = round(&temp);
    assert!(expected.len() > 15);
    demo_by_names(&temp, |township, name| format!("{township}{name}"), "社区");
    assert_eq!(round(&temp), expected);
    let matches = fs::read_to_string(temp.path("round/matches.csv")).unwrap();
    assert!(matches.lines().count() > 20, "{matches}");
    let temp = small_demo();
    demo_by_names(
        &temp,
        |township, name| format!("{township},{name}"),
        "街道名称,社区名称",
    );
    assert_eq!(round(&temp), expected);
}

#[test]
fn points_of_amap_with_other_kinds_give_the_facilities_of_a_plain_table() {
    let temp = town();
    let mut plain = String::from("id,name,service,lon,lat\n");
    let mut amap = String::from("id,name,type,typecode,location\n");
    let mut put = |at: usize, name: &str, service: &str, kind: &str, code: &str| {
        let (x, y) = (104.001 + at as f64 * 0.0004, 30.601 + at as f64 * 0.0002);
        if !service.is_empty() {
            plain += &format!("B{at},{name},{service},{x:.4},{y:.4}\n");
        }
        amap += &format!("B{at},{name},{kind},{code},\"{x:.4},{y:.4}\"\n");
    };
    let kinds = [
        (
            "桃花小学",
            "primary_school",
            "科教文化服务;学校;小学",
            "141203",
        ),
        (
            "桃花幼儿园",
            "kindergarten",
            "科教文化服务;学校;幼儿园",
            "141204",
        ),
        (
            "红旗初级中学",
            "junior_middle",
            "科教文化服务;学校;中学",
            "141202",
        ),
        (
            "双桥农贸市场",
            "market",
            "购物服务;综合市场;农副产品市场",
            "060703",
        ),
        (
            "康泰大药房",
            "pharmacy",
            "医疗保健服务;医药保健销售店;药房",
            "090601",
        ),
        ("育才小学", "primary_school", "科教文化服务;学校;小学", ""),
        (
            "明德小学",
            "primary_school",
            "科教文化服务;学校;学校",
            "141200",
        ),
        ("老灶火锅", "", "餐饮服务;中餐厅;火锅店", "050117"),
        ("小学旁餐馆", "", "餐饮服务;中餐厅;中餐厅", "050100"),
        ("如家酒店", "", "住宿服务;宾馆酒店;经济型连锁酒店", "100105"),
    ];
    for at in 0..30 {
        let (name, service, kind, code) = kinds[at % 10];
        put(at, &format!("{name}{at}"), service, kind, code);
    }
    temp.put("facilities.csv", &plain);
    let rounds = |temp: &Temp| {
        let mut round = round(temp);
        // Rows are elsewhere in the file.
        round.remove("origins.csv");
        round
    };
    let expected = rounds(&temp);
    temp.put("facilities.csv", &amap);
    assert_eq!(rounds(&temp), expected);
    let (_, checked) = check(&temp);
    assert_accounted(&checked);
    let others = found(&checked, "kinds_other");
    assert_eq!(others.len(), 1, "one finding, not one a row");
    let value = others[0]["value"].as_str().unwrap();
    assert!(
        value.starts_with("9: ") && value.contains("中餐厅;火锅店 3"),
        "{value}"
    );
    assert_eq!(
        account(&checked, "facilities.csv")["left_out"]["kinds_other"],
        9
    );
}

#[test]
fn a_plan_says_what_the_words_of_a_file_mean() {
    let temp = town();
    temp.put(
        "facilities.csv",
        "名称,类别,经度,纬度\n甲园,幼儿园（公办）,104.002,30.602\n乙园,幼儿园(公办),104.003,30.602\n便民甲,便民点,104.004,30.602\n便民乙,便民点,104.005,30.602\n丙校,小学,104.006,30.602\n",
    );
    let kinds = "facilities = [{ path = \"facilities.csv\", kinds = { \"幼儿园（公办）\" = \"kindergarten\", \"便民点\" = \"none\" } }]";
    let text = plan("").replace("facilities = [{ path = \"facilities.csv\" }]", kinds);
    temp.put("plan.toml", text);
    let (_, checked) = check(&temp);
    assert_accounted(&checked);
    assert_eq!(found(&checked, "kinds_none")[0]["value"], "2: 便民点 2");
    assert_eq!(account(&checked, "facilities.csv")["used"], 3);
    assert_eq!(found(&checked, "ids_made")[0]["value"], "3");
    // Ids do not depend on the order of rows.
    let facilities = |temp: &Temp| round(temp)["facilities.csv"].clone();
    let first = facilities(&temp);
    assert!(first.contains("made-"), "{first}");
    temp.put(
        "facilities.csv",
        "名称,类别,经度,纬度\n丙校,小学,104.006,30.602\n乙园,幼儿园(公办),104.003,30.602\n便民乙,便民点,104.005,30.602\n甲园,幼儿园（公办）,104.002,30.602\n便民甲,便民点,104.004,30.602\n",
    );
    assert_eq!(facilities(&temp), first);
    // A file of one kind needs no column; a service that is not there is an error.
    temp.put(
        "facilities.csv",
        "id,name,lon,lat\na,甲,104.002,30.602\nb,乙,104.003,30.603\n",
    );
    for (service, expected) in [("pharmacy", 2), ("药店", 2), ("fire_station", 0)] {
        let file =
            format!("facilities = [{{ path = \"facilities.csv\", service = \"{service}\" }}]");
        temp.put(
            "plan.toml",
            plan("").replace("facilities = [{ path = \"facilities.csv\" }]", &file),
        );
        let (code, checked) = check(&temp);
        match expected {
            0 => {
                assert_eq!(code, 2);
                assert_eq!(found(&checked, "kind_target").len(), 1);
            }
            rows => assert_eq!(account(&checked, "facilities.csv")["used"], rows),
        }
    }
}

#[test]
fn what_a_type_does_not_decide_is_listed() {
    let temp = town();
    temp.put(
        "facilities.csv",
        "id,name,type,typecode,lon,lat\na,石室中学,科教文化服务;学校;中学,141202,104.002,30.602\nb,七中,科教文化服务;学校;中学,141202,104.003,30.602\nc,实验初中,科教文化服务;学校;中学,141202,104.004,30.602\n",
    );
    let (_, checked) = check(&temp);
    let undecided = found(&checked, "kind_undecided");
    assert_eq!(undecided.len(), 2);
    assert!(undecided[0]["value"].as_str().unwrap().contains("石室中学"));
    assert_eq!(account(&checked, "facilities.csv")["used"], 1);
    assert_accounted(&checked);
}

#[test]
fn likely_duplicates_are_proposed_by_group_and_nothing_is_dropped() {
    let temp = town();
    let mut table = String::from("id,name,service,lon,lat,capacity\n");
    let gates = ["", "东门", "西门", "(北门)", "停车场入口"];
    for at in 0..68 {
        let (x, y) = (
            104.005 + f64::from(at % 8) * 0.0002,
            30.603 + f64::from(at / 8) * 0.0001,
        );
        table += &format!(
            "g{at},锦江小学{},primary_school,{x:.4},{y:.4},100\n",
            gates[at as usize % 5]
        );
    }
    table += "k1,阳光幼儿园,kindergarten,104.0020,30.6020,100\n";
    table += "k2,武侯区阳光幼儿园,kindergarten,104.0022,30.6020,100\n";
    table += "k3,月光幼儿园,kindergarten,104.0022,30.6021,100\n";
    temp.put("facilities.csv", &table);
    let (_, checked) = check(&temp);
    let alike = found(&checked, "facilities_alike");
    let values: BTreeMap<&str, &str> = alike
        .iter()
        .map(|each| {
            (
                each["service"].as_str().unwrap(),
                each["value"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        values,
        BTreeMap::from([("primary_school", "1 / 68"), ("kindergarten", "1 / 2")])
    );
    assert_eq!(
        account(&checked, "facilities.csv")["used"],
        71,
        "nothing is dropped"
    );
    round(&temp);
    let table = fs::read_to_string(temp.path("round/duplicates.csv")).unwrap();
    assert_eq!(table.lines().count(), 71, "{table}");
}

#[test]
fn sums_that_do_not_add_up_and_odd_capacities_are_reported() {
    let temp = town();
    // 200 people live in each township: 201 is 0.498 % off, 202 is 0.99 %, 150 is 33 %.
    let text = fs::read_to_string(temp.path("townships.geojson")).unwrap();
    let told = (TOWNSHIPS.iter().zip([201, 202, 150])).fold(text, |text, ((code, ..), total)| {
        text.replace(
            &format!("\"code\":\"{code}\""),
            &format!("\"code\":\"{code}\",\"residents\":{total}"),
        )
    });
    temp.put("townships.geojson", told);
    let schools =
        (0..5).map(|at| format!("s{at},第{at}小学,primary_school,104.00{at},30.602,500\n"));
    let schools = schools.collect::<String>()
        + "big,桃花小学,primary_school,104.006,30.602,11000\n"
        + "m1,甲市场,market,104.007,30.602,1500\nm2,乙市场,market,104.008,30.602,8\n";
    temp.put(
        "facilities.csv",
        format!("id,name,service,lon,lat,capacity\n{schools}"),
    );
    let (_, checked) = check(&temp);
    let differs: Vec<&str> = found(&checked, "sum_differs")
        .iter()
        .map(|each| each["value"].as_str().unwrap())
        .collect();
    assert_eq!(differs, ["200 ≠ 202 (-2)", "200 ≠ 150 (+50)"]);
    let odd: Vec<&str> = found(&checked, "capacity_odd")
        .iter()
        .map(|each| each["id"].as_str().unwrap())
        .collect();
    assert_eq!(odd, ["big", "m2"]);
}

#[test]
fn the_sheet_accounts_for_every_row_in_both_languages_and_on_failure() {
    let temp = town();
    let mut people = people_by_code();
    people += ",,,,\n合计,,,600,\n";
    temp.put("people.csv", &people);
    temp.put(
        "facilities.csv",
        "id,name,service,lon,lat,capacity\nf1,桃花小学,小学,104.002,30.602,300\nf2,某站,加油站,104.003,30.602,\nf3,远校,小学,0,0,100\n",
    );
    let (_, checked) = check(&temp);
    assert_accounted(&checked);
    let people = account(&checked, "people.csv");
    assert_eq!(people["rows"], 8);
    assert_eq!(people["left_out"]["rows_blank"], 1);
    assert_eq!(people["left_out"]["rows_left_out"], 1);
    let facilities = account(&checked, "facilities.csv");
    assert_eq!(facilities["used"], 1);
    assert_eq!(facilities["left_out"]["service_unknown"], 1);
    assert_eq!(facilities["left_out"]["unplaced"], 1);
    for (lang, heading) in [("en", "left out"), ("zh", "未计入")] {
        let (code, out, _) = run(&temp, &["check", "plan.toml", "--lang", lang]);
        assert_eq!(code, 1);
        assert!(out.lines().next().unwrap().contains(heading), "{out}");
        assert!(out.contains("people.csv"), "{out}");
    }
    // A file that is broken: what was read before it is told, and the error with it.
    temp.put(
        "facilities.csv",
        "id,name,service,lon,lat\nf1,a,小学,x,30.602\n",
    );
    let (code, checked) = check(&temp);
    assert_eq!(code, 2);
    assert_eq!(account(&checked, "people.csv")["used"], 6);
    assert_eq!(found(&checked, "number_broken").len(), 1);
    // To a file, which is not replaced unasked and never an input.
    let (code, out, _) = run(&temp, &["check", "plan.toml", "--json", "check.json"]);
    assert_eq!(code, 2);
    assert!(
        temp.path("check.json").is_file() && out.contains("people.csv"),
        "{out}"
    );
    let (code, _, _) = run(
        &temp,
        &["check", "plan.toml", "--json", "people.csv", "--overwrite"],
    );
    assert_eq!(code, 2);
    assert!(
        fs::read_to_string(temp.path("people.csv"))
            .unwrap()
            .starts_with("id,lon")
    );
}

#[test]
fn counties_go_by_name_and_by_twelve_digits() {
    let temp = town();
    temp.put("codes.csv", "code,name\n510107,武侯区\n510108,成华区\n");
    temp.put(
        "controls.csv",
        "区县,年份,常住人口\n武侯区,2027,420\n510108000000,2027,210\n锦江区,2027,5\n",
    );
    let more = "codes = { path = \"codes.csv\" }\ncontrols = { path = \"controls.csv\" }";
    temp.put(
        "plan.toml",
        plan(more).replace("horizon_years = 0", "horizon_years = 2"),
    );
    let (_, checked) = check(&temp);
    assert_accounted(&checked);
    let controls = account(&checked, "controls.csv");
    assert_eq!(
        (&controls["rows"], &controls["used"]),
        (&Value::from(3), &Value::from(2))
    );
    assert_eq!(found(&checked, "control_unknown").len(), 1);
    assert_eq!(found(&checked, "matched_by_name")[0]["value"], "name 1 (1)");
}
