//! The reference of a plan's keys, as a page in Markdown, made from its schema and rules.

use serde_json::{Map, Value};

use super::rules::PLAN_RULES;
use super::schema::schema;
use crate::finding::Lang;

/// What stands above the tables.
const HEAD: [&str; 2] = [
    include_str!("reference_zh.md"),
    include_str!("reference_en.md"),
];

/// The page: section by section, each key with its type, default, allowed values and meaning.
#[must_use]
pub fn reference(lang: Lang) -> String {
    let schema = schema(lang);
    let page = Page { lang };
    let [zh, en] = HEAD;
    let mut text = lang.pick(zh, en).to_owned();
    let sections = properties(&schema);
    let (tables, single): (Vec<_>, Vec<_>) =
        sections.partition(|(_, section)| section.get("properties").is_some());
    let single: Vec<Row> = single
        .into_iter()
        .map(|(name, value)| page.row(name, name, value, required(&schema, name)))
        .collect();
    text += &format!("\n## {}\n\n", lang.pick("各节之外", "Outside all sections"));
    text += &page.table(&single);
    for (name, section) in tables {
        text += &page.section(name, section);
    }
    text
}

/// A line of a table.
struct Row([String; 5]);

#[derive(Clone, Copy)]
struct Page {
    lang: Lang,
}

impl Page {
    fn section(self, name: &str, section: &Value) -> String {
        let mut rows = Vec::new();
        let mut inner: Vec<(Vec<String>, &Value)> = Vec::new();
        for (key, value) in properties(section) {
            let full = format!("{name}.{key}");
            if has_defaults(value) {
                rows.extend(properties(value).map(|(below, value)| {
                    let key = format!("{key}.{below}");
                    self.row(&key, &format!("{name}.{key}"), value, false)
                }));
                continue;
            }
            rows.push(self.row(key, &full, value, required(section, key)));
            let (key, table) = match value.get("items") {
                Some(items) => (format!("{key}[]"), items),
                None => (key.to_owned(), value),
            };
            if table.get("properties").is_some() {
                match inner.iter_mut().find(|(_, other)| alike(other, table)) {
                    Some((names, _)) => names.push(key),
                    None => inner.push((vec![key], table)),
                }
            }
        }
        let mut text = format!("\n## [{name}]\n\n{}\n\n", meaning(section));
        text += &self.table(&rows);
        for (names, table) in inner {
            text += &self.inner(name, &names, table);
        }
        text
    }

    /// The keys of the tables that stand at the keys `names` of a section, which are all alike.
    fn inner(self, section: &str, names: &[String], table: &Value) -> String {
        let rows: Vec<Row> = properties(table)
            .map(|(key, value)| {
                self.row(
                    key,
                    &format!("{section}.{}.{key}", names[0].trim_end_matches("[]")),
                    value,
                    required(table, key),
                )
            })
            .collect();
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let names = names.join(self.lang.pick("、", ", "));
        let head = match self.lang {
            Lang::Zh => format!("{names} 中的键："),
            Lang::En => format!("Keys of {names}:"),
        };
        format!("\n{head}\n\n{}", self.table(&rows))
    }

    fn row(self, key: &str, full: &str, value: &Value, required: bool) -> Row {
        let default = match value.get("default") {
            Some(default) => format!("`{default}`"),
            None if required => format!("**{}**", self.lang.pick("必填", "required")),
            None => String::new(),
        };
        Row([
            format!("`{key}`"),
            self.kind(value),
            default,
            self.allowed(full, value),
            self.meaning_of(full, value),
        ])
    }

    fn table(self, rows: &[Row]) -> String {
        let head = match self.lang {
            Lang::Zh => ["键", "类型", "默认值", "允许的值", "含义"],
            Lang::En => ["Key", "Type", "Default", "Allowed values", "Meaning"],
        };
        let mut text = format!("| {} |\n|---|---|---|---|---|\n", head.join(" | "));
        for Row(cells) in rows {
            let cells = cells.each_ref().map(|cell| cell.replace('|', "\\|"));
            text += &format!("| {} |\n", cells.join(" | "));
        }
        text
    }

    fn kind(self, value: &Value) -> String {
        let pick = |zh, en| self.lang.pick(zh, en).to_owned();
        match value["type"].as_str() {
            Some("integer") => pick("整数", "integer"),
            Some("number") => pick("数", "number"),
            Some("boolean") => "`true` / `false`".to_owned(),
            Some("string") => pick("文字", "text"),
            Some("array") => {
                let items = self.kind(&value["items"]);
                match self.lang {
                    Lang::Zh => format!("数组（{items}）"),
                    Lang::En => format!("list ({items})"),
                }
            }
            _ => pick("表", "table"),
        }
    }

    /// What the rules say of a key, or the texts that can be chosen.
    fn allowed(self, full: &str, value: &Value) -> String {
        let choices = value["enum"].as_array().into_iter().flatten();
        let choices: Vec<String> = choices
            .filter_map(Value::as_str)
            .map(|choice| format!("`{choice}`"))
            .collect();
        let mut parts = Vec::new();
        if !choices.is_empty() {
            parts.push(choices.join(self.lang.pick("、", ", ")));
        }
        for rule in &PLAN_RULES {
            let entries = rule.key.strip_suffix(".*") == Some(full);
            let text = rule.allowed.text(self.lang);
            if entries {
                parts.push(format!("{}{text}", self.lang.pick("每个：", "each: ")));
            } else if rule.key == full {
                parts.push(text);
            }
        }
        parts.join(self.lang.pick("；", "; "))
    }

    /// The meaning without the rules that stand in a column of their own, and of each choice.
    fn meaning_of(self, full: &str, value: &Value) -> String {
        let mut text = meaning(value).to_owned();
        for rule in PLAN_RULES.iter().filter(|rule| rule.key == full) {
            let words = rule.allowed.text(self.lang);
            text = text.replace(&format!(" It must be {words}."), "");
            text = text.replace(&format!("。允许的值：{words}"), "");
        }
        let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
        for (choice, meaning) in list("enum").iter().zip(list("enumDescriptions")) {
            let (choice, meaning) = (choice.as_str(), meaning.as_str());
            text += &format!(
                "<br>`{}`{}{}",
                choice.unwrap_or_default(),
                self.lang.pick("：", ": "),
                meaning.unwrap_or_default()
            );
        }
        text
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flat_map(Map::iter);
    properties.map(|(name, value)| (name.as_str(), value))
}

fn required(schema: &Value, key: &str) -> bool {
    let names = schema.get("required").and_then(Value::as_array);
    names.is_some_and(|names| names.iter().any(|name| name == key))
}

/// Whether a table has keys with defaults of their own.
fn has_defaults(table: &Value) -> bool {
    properties(table).any(|(_, value)| value.get("default").is_some())
}

/// Whether two tables have the same keys, with the same said of them.
fn alike(one: &Value, other: &Value) -> bool {
    one["properties"] == other["properties"] && one["required"] == other["required"]
}

fn meaning(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn check(lang: Lang, name: &str, word: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs")
            .join(name);
        let now = reference(lang);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = now
            .lines()
            .zip(kept.lines())
            .find(|(now, kept)| now != kept);
        assert!(
            kept == now,
            "docs/{name} is not what the code makes ({differs:?}); write it anew: \
             cargo run -- --lang {word} schema --markdown > docs/{name}, or this test with UPDATE_SNAPSHOTS=1"
        );
    }

    #[test]
    fn the_pages_are_those_that_the_types_and_rules_make() {
        check(Lang::En, "plan.md", "en");
        check(Lang::Zh, "plan.zh-CN.md", "zh");
    }
}
