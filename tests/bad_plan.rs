//! Plans, policies, catalogues and manifests that cannot be used: for every rule one that breaks it, and for every kind of broken
//! text one, each said in Chinese without an English sentence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::process::Command;

use fuwutu_io::finding::Lang;
use fuwutu_io::plan::rules::{CATALOGUE_RULES, PLAN_RULES, rules};
use fuwutu_io::plan::{Allowed, CATALOGUE, Plan, Range, YEARS, schema};
use serde_json::Value as Json;
use toml::{Table, Value};

/// A plan that has every key which a rule speaks of, and keeps all rules.
const WHOLE: &str = r#"
    [round]
    name = "r"
    base_year = 2026
    [travel]
    mode = "streets"
    slow_pace_m_per_s = 0.8
    [report]
    map_approval = "川S(2026)001"
    date = "2026-07-01"
    [inputs]
    townships = { path = "t" }
    communities = { path = "c" }
    facilities = [{ path = "f" }]
    earlier = { path = "e", year = 2016 }
    observed = { path = "o", year = 2021 }
    roads = { path = "r.osm.pbf" }
    last_units = { path = "l", year = 2023 }
    crosswalk = { path = "x" }
    [services]
    minutes = 15
    default_capacity = { market = 1 }
    none_exist = ["pharmacy"]
"#;

/// A row that has every key which a rule speaks of, and keeps all rules.
const ROW: &str = r#"
    id = "nursery"
    name = { zh = "托育", en = "Nursery" }
    category = "education"
    levels = ["L5"]
    tier = "basic"
    in_decision = true
    target = "0-3"
    urban = { mode = "walk", minutes = 5 }
    rural = { mode = "ebike", minutes = 15 }
    capacity_unit = "places"
    norm = { basis = "per_1000_residents", per_1000_low = 4, per_1000_high = 5, per_target_person = 1, m2_per_100_households = 1, m2_per_resident = 1 }
    minimum = { size = 200, unit = "m2_floor", rural = 100, smaller = [{ below = 1000, size = 50 }] }
    full_hours = 40
    requires = [{ per = "village", count = 1, share = 0.5 }, { per = "residents", every = 3000 }]
    hub = { services = ["kindergarten"], limit = { mode = "walk", minutes = 5 } }
    status = { overall = "proposed" }
    source = "a test"
    evidence = [{ figure = "norm", says = "4", status = "V", document = "a rule", year = 2020, scope = "national", target_year = 2025 }]
"#;

/// A folder of one test that goes away.
struct Temp(PathBuf);

impl Temp {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fuwutu-plan-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What is said in Chinese of a command that cannot be done.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_fuwutu"))
            .args(["--lang", "zh"])
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.starts_with("错误：") && said.contains("\n提示："),
            "{said}"
        );
        assert_eq!(english(&said), None, "{said}");
        said
    }

    fn plan_refused(&self, plan: &str) -> String {
        self.write("plan.toml", plan);
        self.refused(&["check", "plan.toml"])
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Three English words in a row, outside backticks and before the words of parsers and systems.
fn english(said: &str) -> Option<String> {
    said.lines().find_map(|line| {
        let own = line.split("解析器原文：").next()?;
        let own = own.split("系统原文：").next()?;
        let outside: Vec<&str> = own.split('`').step_by(2).collect();
        let outside = outside.join(" ` ");
        let words: Vec<&str> = outside.split_whitespace().collect();
        let is_word = |word: &&str| {
            let bare = word.trim_end_matches([',', '.', ';', ':']);
            !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphabetic())
        };
        let found = words.windows(3).find(|words| words.iter().all(is_word));
        found.map(|words| words.join(" "))
    })
}

#[test]
fn an_english_sentence_is_found_where_there_is_one() {
    assert!(english("错误：p：`x` 的值为 `1`；允许的值：a year from then").is_some());
    assert_eq!(
        english("错误：`a year from then`（解析器原文：what it says there"),
        None
    );
}

/// `settings` with another value at a key, whose sections are there; `*` is the first entry.
fn with(settings: &Table, key: &str, value: Value) -> Table {
    fn put(place: &mut Value, key: Option<&str>, value: Value) {
        let Some(key) = key else {
            *place = value;
            return;
        };
        let (first, rest) = match key.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (key, None),
        };
        match place {
            Value::Array(list) => {
                let entry = list.iter_mut().find(|entry| holds(entry, rest));
                put(entry.unwrap(), rest, value);
            }
            Value::Table(table) if first == "*" && table.is_empty() => {
                *place = Value::Array(vec![value]);
            }
            Value::Table(table) if first == "*" => {
                put(table.iter_mut().next().unwrap().1, rest, value);
            }
            Value::Table(table) => {
                let empty = || Value::Table(Table::new());
                put(table.entry(first).or_insert_with(empty), rest, value);
            }
            other => panic!("{key}: {other} has no keys"),
        }
    }
    fn holds(entry: &Value, key: Option<&str>) -> bool {
        key.is_none_or(|key| entry.get(key).is_some())
    }
    let mut whole = Value::Table(settings.clone());
    put(&mut whole, Some(key), value);
    whole.as_table().unwrap().clone()
}

/// The values just outside of what is allowed, and those just inside.
fn edges(allowed: &Allowed, whole_numbers: bool) -> [Vec<Value>; 2] {
    let step = if whole_numbers { 1.0 } else { 1e-3 };
    let value = |number: f64| {
        if whole_numbers {
            Value::Integer(number as i64)
        } else {
            Value::Float(number)
        }
    };
    let text = |text: &str| Value::String(text.to_owned());
    match allowed {
        Allowed::Number(Range { low, high, .. }) => {
            let [mut outside, mut inside] = [Vec::new(), Vec::new()];
            match low {
                Bound::Included(low) => {
                    outside.push(value(low - step));
                    inside.push(value(*low));
                }
                Bound::Excluded(low) => {
                    outside.push(value(*low));
                    inside.push(value(low + step));
                }
                Bound::Unbounded => {}
            }
            if let Bound::Included(high) = high {
                outside.push(value(high + step));
                inside.push(value(*high));
            }
            if !whole_numbers {
                outside.push(Value::Float(f64::NAN));
                outside.push(Value::Float(f64::INFINITY));
            }
            [outside, inside]
        }
        Allowed::Year => {
            let year = |year: i32| Value::Integer(year.into());
            let (first, last) = (*YEARS.start(), *YEARS.end());
            [
                vec![year(first - 1), year(last + 1)],
                vec![year(first), year(last)],
            ]
        }
        Allowed::Name => [vec![text(""), text(" ")], vec![text("r")]],
        Allowed::Text { longest } => [
            vec![
                text(""),
                text(&"图".repeat(*longest as usize + 1)),
                text("a\nb"),
            ],
            vec![text(&"图".repeat(*longest as usize))],
        ],
        Allowed::Words(_) => [Vec::new(), Vec::new()],
    }
}

/// Whether the value of a plan's key is a whole number, by its schema.
fn whole_numbers(schema: &Json, key: &str) -> bool {
    let value = key.split('.').fold(schema, |schema, part| match part {
        "*" if schema["items"].is_object() => &schema["items"],
        "*" => &schema["additionalProperties"],
        name => &schema["properties"][name],
    });
    assert!(value["type"].is_string(), "{key} is not in the schema");
    value["type"] == "integer"
}

/// What breaks a rule in words: its key, the key to change, and the TOML to put there (nothing takes it away).
const WORDS: [(&str, &str, &str); 15] = [
    (
        "services.select",
        "services.select",
        "[\"market\", \"clinic\", \"market\"]",
    ),
    ("travel.mode", "inputs.roads", ""),
    ("people.spread", "travel.mode", "\"straight\""),
    ("travel.at", "travel.at", "\"monday 10\""),
    (
        "travel.rules",
        "travel.rules",
        "[{ tag = \"highway=track\" }]",
    ),
    ("inputs.roads", "inputs.roads", "{ nodes = \"n\" }"),
    (
        "people.age_shares",
        "people.age_shares",
        "[0, 0, 0, 0, 0, 0, 0]",
    ),
    ("growth.variant", "round.horizon_years", "0"),
    ("presence.L15.from", "presence.L15.from", "100001"),
    ("presence.L10.from", "presence.L10.from", "25001"),
    ("presence.L5.from", "presence.L5.largest", "4999"),
    ("inputs.earlier.year", "inputs.earlier.year", "2026"),
    ("inputs.observed", "inputs.earlier", ""),
    ("inputs.observed.year", "inputs.observed.year", "2016"),
    (
        "inputs.last_units.year",
        "inputs.last_units",
        "{ path = \"l\" }",
    ),
];

fn parsed(value: &str) -> Value {
    let table: Table = toml::from_str(&format!("value = {value}")).unwrap();
    table["value"].clone()
}

fn without(settings: &Table, key: &str) -> Table {
    let (section, name) = key.split_once('.').unwrap();
    let mut settings = settings.clone();
    settings[section].as_table_mut().unwrap().remove(name);
    settings
}

#[test]
fn every_rule_of_a_plan_is_said_in_chinese() {
    let temp = Temp::new("rules");
    // Values of lists and of circles are changed one by one, so that they must be there.
    let policy: Table = toml::from_str(fuwutu_io::plan::POLICY).unwrap();
    let mut whole: Table = toml::from_str(WHOLE).unwrap();
    for section in ["people", "presence", "growth", "ranking"] {
        whole.insert(section.to_owned(), policy[section].clone());
    }
    let domains = parsed("{ education = 2 }");
    whole = with(&whole, "ranking.domains", domains);
    let read = |plan: &Table| Plan::parse(&plan.to_string(), Path::new("plan.toml"));
    read(&whole).unwrap();
    let schema = schema(Lang::En);
    for rule in &PLAN_RULES {
        let text = rule.allowed.text(Lang::Zh);
        let mut broken: Vec<Table> = Vec::new();
        if let Allowed::Words(_) = rule.allowed {
            let found = WORDS.iter().find(|(key, ..)| *key == rule.key);
            let (_, key, value) = found.unwrap_or_else(|| panic!("nothing breaks `{}`", rule.key));
            let whole = match rule.key {
                "growth.variant" => with(&whole, rule.key, Value::String("high".to_owned())),
                "people.spread" => with(&whole, rule.key, Value::String("streets".to_owned())),
                _ => whole.clone(),
            };
            let whole = &whole;
            broken.push(match *value {
                "" => without(whole, key),
                value => with(whole, key, parsed(value)),
            });
        } else {
            let whole_numbers = whole_numbers(&schema, rule.key);
            let [outside, inside] = edges(&rule.allowed, whole_numbers);
            broken.extend(
                outside
                    .into_iter()
                    .map(|value| with(&whole, rule.key, value)),
            );
            for value in inside {
                // Another rule may be broken, but not this one.
                let error = read(&with(&whole, rule.key, value.clone())).err();
                let error = error.map(|error| error.to_string()).unwrap_or_default();
                let this = error.ends_with(&rule.allowed.to_string());
                assert!(!this, "{} = {value}: {error}", rule.key);
            }
        }
        assert!(!broken.is_empty(), "{}", rule.key);
        for plan in broken {
            let said = temp.plan_refused(&plan.to_string());
            let key = rule.key.trim_end_matches(".*");
            // A number below 0 is refused by its type already.
            let by_type = said.contains("超出范围");
            assert!(said.contains(&format!("`{key}")), "{key}: {said}");
            assert!(
                by_type || said.contains(&format!("允许的值：{text}\n")),
                "{key}: {said}"
            );
        }
    }
}

/// As [`WORDS`], of a row of the catalogue.
const ROW_WORDS: [(&str, &str, &str); 7] = [
    (
        "service.requires.count",
        "requires",
        "[{ per = \"village\", count = 2 }]",
    ),
    (
        "service.requires.share",
        "requires",
        "[{ per = \"L5\", share = 0.5 }]",
    ),
    (
        "service.minimum.smaller",
        "minimum.smaller",
        "[{ below = 2, size = 1 }, { below = 1, size = 1 }]",
    ),
    (
        "service.requires.every",
        "requires",
        "[{ per = \"L5\", every = 3000 }]",
    ),
    (
        "service.requires.unless_covered",
        "requires",
        "[{ per = \"town\", unless_covered = \"kindergarten\" }]",
    ),
    (
        "service.requires.public",
        "requires",
        "[{ per = \"county\", public = true }]",
    ),
    ("service.requires", "requires", "[{ per = \"county\" }]"),
];

#[test]
fn every_rule_of_a_catalogue_is_said_in_chinese() {
    let temp = Temp::new("catalogue");
    let row: Table = toml::from_str(ROW).unwrap();
    temp.write(
        "plan.toml",
        &WHOLE.replace("[services]", "[services]\ncatalogue = \"own.toml\""),
    );
    let refused = |rows: &[&Table]| {
        let text: Vec<String> = rows
            .iter()
            .map(|row| format!("{{ {} }}", inline(row)))
            .collect();
        temp.write("own.toml", &format!("service = [{}]", text.join(", ")));
        temp.refused(&["check", "plan.toml"])
    };
    let mut said_of = BTreeSet::new();
    let mut check = |key: &'static str, allowed: &Allowed, said: &str| {
        let text = allowed.text(Lang::Zh);
        let name = key.replace(".*", "");
        let right = said.contains(&format!("`{name}` 的值为"));
        assert!(
            said.contains("own.toml") || said.contains("plan.toml"),
            "{said}"
        );
        assert!(
            said.contains("超出范围") || right && said.contains(&format!("允许的值：{text}\n")),
            "{key}: {said}"
        );
        said_of.insert((key, text));
    };
    for rule in &CATALOGUE_RULES {
        if let Allowed::Words(_) = rule.allowed {
            let found = ROW_WORDS.iter().find(|(key, ..)| *key == rule.key);
            let (_, key, value) = found.unwrap_or_else(|| panic!("nothing breaks `{}`", rule.key));
            check(
                rule.key,
                &rule.allowed,
                &refused(&[&with(&row, key, parsed(value))]),
            );
            continue;
        }
        let key = rule.key.strip_prefix("service.").unwrap();
        let whole_numbers = ["minutes", "count", "year", "below"]
            .iter()
            .any(|end| key.ends_with(end));
        let [outside, _] = edges(&rule.allowed, whole_numbers);
        assert!(!outside.is_empty(), "{key}");
        for value in outside {
            check(
                rule.key,
                &rule.allowed,
                &refused(&[&with(&row, key, value)]),
            );
        }
    }
    let others: Vec<_> = rules()
        .skip(PLAN_RULES.len() + CATALOGUE_RULES.len())
        .collect();
    let [(twice, unique), (adds, same_unit)] = others.try_into().unwrap();
    check(twice, &unique, &refused(&[&row, &row]));
    let adding = with(&row, "adds_to", parsed("[\"kindergarten\"]"));
    check(adds, &same_unit, &refused(&[&adding]));
    let every: BTreeSet<_> = rules()
        .skip(PLAN_RULES.len())
        .map(|(key, allowed)| (key, allowed.text(Lang::Zh)))
        .collect();
    assert_eq!(said_of, every, "some rule was broken by no row");
}

/// A table as it stands within another on one line.
fn inline(table: &Table) -> String {
    let entries: Vec<String> = table
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    entries.join(", ")
}

/// Broken TOML: what to replace in a plan by what, and what is said of it.
const TOML: [(&str, &str, &str); 19] = [
    (
        "base_year = 2026",
        "base_yeer = 2026",
        "，第 4 行：`round` 中有不认识的键 `base_yeer`；可用的键：`name`、`base_year`",
    ),
    (
        "base_year = 2026",
        "",
        "，第 2 行：`round` 中缺少键 `base_year`",
    ),
    (
        "base_year = 2026",
        "base_year = \"2026\"",
        "，第 4 行：`round.base_year`：类型不对：给出文字 `2026`，应为整数",
    ),
    (
        "base_year = 2026",
        "base_year = 2026.5",
        "，第 4 行：`round.base_year`：类型不对：给出小数 `2026.5`，应为整数",
    ),
    (
        "base_year = 2026",
        "base_year = true",
        "，第 4 行：`round.base_year`：类型不对：给出真假值 `true`，应为整数",
    ),
    (
        "base_year = 2026",
        "base_year = [2026]",
        "，第 4 行：`round.base_year`：类型不对：给出数组，应为整数",
    ),
    (
        "base_year = 2026",
        "base_year = 2026-01-01",
        "，第 4 行：`round.base_year`：类型不对：给出",
    ),
    (
        "base_year = 2026",
        "base_year = 99999999999",
        "，第 4 行：`round.base_year`：数值 `99999999999` 超出范围，应为整数",
    ),
    (
        "base_year = 2026",
        "base_year = 2026\nbase_year = 2027",
        "，第 5 行：`base_year`：键重复",
    ),
    ("base_year = 2026", "base_year =", "，第 4 行："),
    (
        "base_year = 2026",
        "base_year 2026",
        "，第 4 行：键没有值，缺少 `=`",
    ),
    (
        "base_year = 2026",
        "base_year = 二〇二六",
        "，第 4 行：文字没有加引号",
    ),
    ("name = \"r\"", "name = \"r", "，第 3 行：引号没有闭合"),
    ("[round]", "[round", "，第 2 行：表头的方括号没有闭合"),
    ("[{ path = \"f\" }]", "[{ path = \"f\" }", "：缺少逗号"),
    (
        "mode = \"streets\"",
        "mode = \"roads\"",
        "：`travel.mode`：不认识的值 `roads`；可用的值：`straight`、`streets`、`radius`",
    ),
    (
        "mode = \"streets\"",
        "mode = 5",
        "：`travel.mode`：类型不对：应为文字",
    ),
    (
        "[travel]",
        "[access]\ndecay = \"linear\"\n[travel]",
        "：`access.decay`：`linear` 不是衰减函数；可写 binary",
    ),
    (
        "[travel]",
        "[people]\nage_shares = [1, 2]\n[travel]",
        "：`people.age_shares`：个数不对：给出 2 个，应为 7 个值的数组",
    ),
];

#[test]
fn broken_toml_is_said_in_chinese_with_its_line_and_key() {
    let temp = Temp::new("toml");
    let check = |said: &str, file: &str, expected: &str| {
        let start = format!("错误：{file}");
        assert!(said.starts_with(&start), "{said}");
        assert!(said.contains(expected), "expected {expected}: {said}");
        assert!(said.contains("（解析器原文："), "{said}");
    };
    for (from, to, expected) in TOML {
        assert_eq!(WHOLE.matches(from).count(), 1, "{from}");
        check(
            &temp.plan_refused(&WHOLE.replace(from, to)),
            "plan.toml",
            expected,
        );
    }
    // A policy of one's own: its syntax, and a key of it that the plan does not have.
    let plan = format!("policy = \"own-policy.toml\"\n{WHOLE}");
    temp.write("own-policy.toml", "[units]\ncap = 1\ncap = 2\n");
    check(
        &temp.plan_refused(&plan),
        "own-policy.toml，第 3 行",
        "`cap`：键重复",
    );
    let policy = fuwutu_io::plan::POLICY.replace("cap = 100000", "capp = 100000");
    temp.write("own-policy.toml", &policy);
    check(
        &temp.plan_refused(&plan),
        "own-policy.toml，第 ",
        "`units` 中有不认识的键 `capp`",
    );
    // A catalogue of one's own.
    let plan = WHOLE.replace("[services]", "[services]\ncatalogue = \"own.toml\"");
    for (from, to, expected) in [
        ("[[service]]", "[[service]", "，第 "),
        (
            "tier = \"basic\"",
            "tier = \"base\"",
            "不认识的值 `base`；可用的值：`basic`、`improved`",
        ),
        ("tier = \"basic\"", "", "缺少键 `tier`"),
        (
            "tier = \"basic\"",
            "teer = \"basic\"",
            "有不认识的键 `teer`",
        ),
        (
            "target = \"0-3\"",
            "target = \"0-4\"",
            "不认识的服务对象 `0-4`；写 `all`",
        ),
        (
            "in_decision = true",
            "in_decision = 1",
            "类型不对：给出整数 `1`，应为 `true` 或 `false`",
        ),
    ] {
        temp.write("own.toml", &CATALOGUE.replacen(from, to, 1));
        check(&temp.plan_refused(&plan), "own.toml，第 ", expected);
    }
}

#[test]
fn what_a_plan_lacks_is_said_of_the_plan_and_not_of_a_policy_that_nobody_sees() {
    let temp = Temp::new("empty");
    for plan in ["", "# nothing yet\n", "[round]\n", "[units]\ncap = 5\n"] {
        let said = temp.plan_refused(plan);
        assert!(said.starts_with("错误：plan.toml"), "{plan:?}: {said}");
        assert!(said.contains("缺少键"), "{plan:?}: {said}");
        assert!(!said.contains("policy.toml"), "{plan:?}: {said}");
        assert!(
            said.contains("fuwutu schema --markdown") && !said.contains("data/demo"),
            "{said}"
        );
    }
}

#[test]
fn signs_of_chinese_typing_are_recognised_where_they_are_no_text() {
    let temp = Temp::new("wide");
    for (from, to) in [
        ("base_year = 2026", "base_year ＝ 2026"),
        ("name = \"r\"", "name = “r”"),
        ("name = \"r\"", "name = ‘r’"),
        ("minutes = 15", "minutes：15"),
        ("date = \"2026-07-01\"", "date = ＂2026-07-01＂"),
        (
            "townships = { path = \"t\" }",
            "townships = ｛ path = \"t\" }",
        ),
    ] {
        let said = temp.plan_refused(&WHOLE.replace(from, to));
        assert!(said.contains("中文输入法"), "{to}: {said}");
    }
    for (from, to) in [
        ("name = \"r\"", "name = \"“川＝，”\" x"),
        ("base_year = 2026", "base_year 2026 # 基期＝末年"),
    ] {
        let said = temp.plan_refused(&WHOLE.replace(from, to));
        assert!(!said.contains("中文输入法"), "{to}: {said}");
    }
}

#[test]
fn a_windows_path_between_double_quotes_gets_the_way_out() {
    let temp = Temp::new("backslash");
    for path in [r"D:\data\t.csv", r"C:\Users\t.csv", r"..\data"] {
        let said = temp.plan_refused(&WHOLE.replace("path = \"t\"", &format!("path = \"{path}\"")));
        assert!(said.contains("Windows 路径写作"), "{path}: {said}");
    }
    let said = temp.plan_refused(&WHOLE.replace("path = \"t\"", "path = \"t"));
    assert!(!said.contains("Windows"), "{said}");
}

#[test]
fn a_value_that_is_not_allowed_is_said_with_its_line() {
    let temp = Temp::new("lines");
    let said = temp.plan_refused(&WHOLE.replace("minutes = 15", "minutes = 0"));
    let line = WHOLE.lines().position(|line| line.contains("minutes = 15"));
    let start = format!(
        "错误：plan.toml，第 {} 行：`services.minutes` 的值为 `0`",
        line.unwrap() + 1
    );
    assert!(said.starts_with(&start), "{said}");
    // The rule is of a value that the embedded policy gives: the plan is named, and no line.
    let said = temp.plan_refused(&format!("{WHOLE}[presence.L5]\nlargest = 4999\n"));
    assert!(
        said.starts_with("错误：plan.toml：`presence.L5.from`"),
        "{said}"
    );
    // A policy of one's own, and the second row of a catalogue.
    let policy = fuwutu_io::plan::POLICY.replace("cap = 100000", "cap = 0");
    temp.write("own-policy.toml", &policy);
    let said = temp.plan_refused(&format!("policy = \"own-policy.toml\"\n{WHOLE}"));
    let line = policy.lines().position(|line| line.starts_with("cap = 0"));
    let start = format!(
        "错误：own-policy.toml，第 {} 行：`units.cap`",
        line.unwrap() + 1
    );
    assert!(said.starts_with(&start), "{said}");
    let row: Table = toml::from_str(ROW).unwrap();
    let first = with(&row, "id", Value::String("first".to_owned()));
    let second = with(&row, "urban.minutes", Value::Integer(0));
    let rows = [first, second].map(|row| format!("  {{ {} }},\n", inline(&row)));
    temp.write("own.toml", &format!("service = [\n{}]\n", rows.concat()));
    let said =
        temp.plan_refused(&WHOLE.replace("[services]", "[services]\ncatalogue = \"own.toml\""));
    assert!(
        said.starts_with("错误：own.toml，第 3 行：`service.urban.minutes` 的值为 `nursery: 0`"),
        "{said}"
    );
    assert!(!said.contains("方案中的该值"), "{said}");
}

#[test]
fn a_manifest_with_a_misspelt_key_is_to_be_made_again() {
    let temp = Temp::new("misspelt");
    temp.write("round/round.json", "{\"round\": \"r\", \"verison\": \"0\"}");
    let said = temp.refused(&["rank", "round"]);
    assert!(said.contains("重新运行 evaluate"), "{said}");
    let said = temp.refused(&["rank", "nowhere"]);
    assert!(said.contains("给出 evaluate 写出的文件夹"), "{said}");
}

#[test]
fn a_broken_manifest_is_said_in_chinese_with_its_place() {
    let temp = Temp::new("json");
    for (text, expected) in [
        ("{", "第 1 行第 1 列：内容不完整"),
        ("", "第 1 行第 0 列：内容不完整"),
        ("[]", "："),
        ("{\n\"round\" \"r\"}", "第 2 行第 9 列：缺少冒号"),
        ("{\"round\": r}", "缺少值，或值没有加引号"),
        ("{\"round\": 5}", "类型不对：给出整数 `5`，应为文字"),
        ("{\"round\": null}", "类型不对：给出空值，应为文字"),
        ("{\"round\": \"r\", \"round\": \"r\"}", "键 `round` 重复"),
        ("{\"round\": \"r\"}", "缺少键 `"),
        ("{\"round\": \"r\",}", "末尾多了逗号"),
        ("{} {}", "："),
        ("{\"round\": \"\\q\"}", "反斜杠转义有误"),
    ] {
        temp.write("round/round.json", text);
        let said = temp.refused(&["rank", "round"]);
        assert!(
            said.contains("round.json` 不是一轮的记录："),
            "{text}: {said}"
        );
        assert!(
            said.contains(expected) && said.contains("解析器原文："),
            "{text}: {said}"
        );
    }
}

#[test]
fn a_broken_layer_is_said_in_chinese_with_its_place() {
    let temp = Temp::new("layer");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/demo");
    for entry in fs::read_dir(demo).unwrap() {
        let entry = entry.unwrap();
        // Not the folder of kept roads, which a run may have left there.
        if entry.path().is_file() {
            fs::copy(entry.path(), temp.0.join(entry.file_name())).unwrap();
        }
    }
    for (text, expected) in [
        (
            "{\"type\": }",
            "不是有效的 JSON：原因 `第 1 行第 10 列：缺少值",
        ),
        ("{\"type\": \"FeatureCollection\"", "内容不完整"),
        (
            "{\"type\": \"FeatureCollection\", \"features\": 5}",
            "不是 GeoJSON 要素集合",
        ),
    ] {
        temp.write("townships.geojson", text);
        let said = temp.refused(&["check", "plan.toml"]);
        assert!(said.contains("townships.geojson"), "{said}");
        assert!(
            said.contains(expected) && said.contains("解析器原文："),
            "{text}: {said}"
        );
    }
}

#[test]
fn wrong_usage_is_said_in_chinese() {
    let temp = Temp::new("usage");
    let cases: [(&[&str], &str); 8] = [
        (&["chek"], "没有命令 `chek`；是否指 `schema`、`check`"),
        (&["check"], "缺少参数 <PLAN>"),
        (&["evaluate", "plan.toml"], "缺少参数 --out <DIR>"),
        (
            &["check", "p", "--tread"],
            "不认识的参数 `--tread`；是否指 `--threads`",
        ),
        (&["check", "p", "more"], "不认识的参数 `more`"),
        (
            &["rank", "r", "--top", "x"],
            "`--top <N>` 的值不能是 `x`：数的写法有误",
        ),
        (&["rank", "r", "--top"], "`--top <N>` 缺少值"),
        (
            &["access", "--method", "2sfc"],
            "的值不能是 `2sfc`；可用的值：2sfca、",
        ),
    ];
    for (arguments, expected) in cases {
        let said = temp.refused(arguments);
        assert!(said.contains(expected), "expected {expected}: {said}");
        assert!(said.contains("--help"), "{said}");
    }
    // Help is no fault, and English has clap's own words.
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fuwutu"));
        command.args(arguments).output().unwrap()
    };
    assert_eq!(
        run(&["--lang", "zh", "check", "--help"]).status.code(),
        Some(0)
    );
    let output = run(&["--lang", "en", "chek"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.starts_with("error: unrecognized subcommand"), "{said}");
}

#[test]
fn a_file_that_cannot_be_read_is_said_in_chinese() {
    let temp = Temp::new("absent");
    let said = temp.refused(&["check", "absent.toml"]);
    assert!(
        said.contains("无法读取 `absent.toml`：不存在（系统原文："),
        "{said}"
    );
}
