//! The plan's JSON Schema (draft 2020-12): keys and meanings from the types, defaults from the embedded policy, ranges from the rules.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::allowed::Allowed;
use super::rules::PLAN_RULES;
use super::{POLICY, Plan};
use crate::finding::Lang;

/// The schema that a plan keeps, as the plan itself is written: the embedded policy fills in what it leaves out, so that no key of
/// the policy is required. Descriptions are in one language.
///
/// What depends on several keys (`travel.mode` and `inputs.roads`, years before others) is said in descriptions only.
#[must_use]
pub fn schema(lang: Lang) -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<Plan>()
        .to_value();
    tidy(&mut schema, lang);
    let policy: toml::Table = toml::from_str(POLICY).expect("the embedded policy is TOML");
    fill_in(&mut schema, &policy);
    for rule in &PLAN_RULES {
        let Some(Value::Object(value)) = find(&mut schema, rule.key) else {
            continue;
        };
        rule.allowed.bound(value);
        if let Allowed::Words(_) = rule.allowed {
            describe(value, &rule.allowed, lang);
        }
    }
    let title = lang.pick("fuwutu 方案", "fuwutu plan");
    let about = lang.pick(
        "评估一座城市公共服务的方案（TOML 文件）；未写的键取内置政策中的值",
        "A plan (TOML) by which the public services of a city are evaluated; keys that it leaves out have the values of the embedded policy.",
    );
    schema["title"] = json!(title);
    schema["description"] = json!(about);
    schema
}

/// Adds a rule in words to the description of a value.
fn describe(schema: &mut Map<String, Value>, allowed: &Allowed, lang: Lang) {
    let about = schema.get("description").and_then(Value::as_str);
    let about = about.unwrap_or_default();
    let words = allowed.text(lang);
    let text = match lang {
        Lang::Zh => format!("{about}。允许的值：{words}"),
        Lang::En => format!("{about} It must be {words}."),
    };
    schema.insert("description".to_owned(), json!(text));
}

/// The schema of a key such as `services.default_capacity.*`.
pub(super) fn find<'a>(schema: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    key.split('.').try_fold(schema, |schema, part| match part {
        "*" if schema.get("items").is_some() => schema.get_mut("items"),
        "*" => schema.get_mut("additionalProperties"),
        name => schema.get_mut("properties")?.get_mut(name),
    })
}

/// Brings a derived schema into the form that editors and people read most easily, all the way down: TOML has no null, choices of
/// texts become one `enum`, and descriptions are single lines in one language.
fn tidy(schema: &mut Value, lang: Lang) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(|inner| tidy(inner, lang)),
        Value::Object(object) => {
            object.values_mut().for_each(|inner| tidy(inner, lang));
            // A key of a plan may have the name of a word of the schema's (`format`), but then its value is an object.
            if object.get("format").is_some_and(Value::is_string) {
                object.remove("format");
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            without_null(object);
            in_one_language(object, lang);
            choices(object);
        }
        _ => {}
    }
}

fn without_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(mut choices)) = object.remove("anyOf") else {
        return;
    };
    choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
    if let [Value::Object(only)] = choices.as_slice() {
        // What is said of the key goes before what is said of its type.
        for (name, value) in only {
            object.entry(name.clone()).or_insert_with(|| value.clone());
        }
    } else {
        object.insert("anyOf".to_owned(), Value::Array(choices));
    }
}

fn in_one_language(object: &mut Map<String, Value>, lang: Lang) {
    let Some(Value::String(about)) = object.get_mut("description") else {
        return;
    };
    *about = about.replace('\n', " ");
    if let Some(chinese) = object.remove("x-zh")
        && lang == Lang::Zh
    {
        object.insert("description".to_owned(), chinese);
    }
}

/// Texts to choose from, each with its description: `enumDescriptions` is the name that editors know.
fn choices(object: &mut Map<String, Value>) {
    let Some(Value::Array(list)) = object.get("oneOf") else {
        return;
    };
    let part = |name: &str| -> Option<Vec<Value>> {
        list.iter()
            .map(|choice| choice.get(name).cloned())
            .collect()
    };
    let (Some(values), Some(meanings)) = (part("const"), part("description")) else {
        return;
    };
    object.remove("oneOf");
    object.insert("type".to_owned(), json!("string"));
    object.insert("enum".to_owned(), Value::Array(values));
    object.insert("enumDescriptions".to_owned(), Value::Array(meanings));
}

/// Gives defaults to the keys that the policy has, which then are not required.
fn fill_in(schema: &mut Value, policy: &toml::Table) {
    for (key, value) in policy {
        let Some(inner) = find(schema, key) else {
            continue;
        };
        match value {
            toml::Value::Table(table) if inner.get("properties").is_some() => fill_in(inner, table),
            _ => inner["default"] = json!(value),
        }
        if inner.get("required").is_none() {
            no_longer_required(schema, key);
        }
    }
}

fn no_longer_required(schema: &mut Value, key: &str) {
    let Some(Value::Array(required)) = schema.get_mut("required") else {
        return;
    };
    required.retain(|name| name != key);
    if required.is_empty()
        && let Value::Object(object) = schema
    {
        object.remove("required");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(schema: &Value, key: &str, see: &mut dyn FnMut(&str, &Value)) {
        see(key, schema);
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, inner) in properties {
                every(inner, format!("{key}.{name}").trim_start_matches('.'), see);
            }
        }
        if let Some(items) = schema.get("items") {
            every(items, &format!("{key}.*"), see);
        }
    }

    #[test]
    fn every_key_has_a_meaning_in_each_language_and_no_object_takes_unknown_keys() {
        let has_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for lang in [Lang::Zh, Lang::En] {
            every(&schema(lang), "", &mut |key, value| {
                let about = value["description"].as_str();
                assert!(
                    key.ends_with(".*") || about.is_some(),
                    "{key} has no description"
                );
                let chinese = about.is_none_or(has_chinese);
                assert!(lang == Lang::En || chinese, "{key}: {about:?}");
                if value["properties"].is_object() {
                    assert_eq!(value["additionalProperties"], false, "{key}");
                }
                for meaning in value["enumDescriptions"].as_array().into_iter().flatten() {
                    let meaning = meaning.as_str().unwrap();
                    assert!(lang == Lang::En || has_chinese(meaning), "{key}: {meaning}");
                }
                let text = value.to_string();
                assert!(
                    !text.contains("x-zh") && !text.contains("null"),
                    "{key}: {text}"
                );
            });
        }
    }

    #[test]
    fn every_rule_of_a_plan_stands_in_the_schema() {
        let mut whole = schema(Lang::En);
        for rule in &PLAN_RULES {
            let value = find(&mut whole, rule.key);
            let value = value.unwrap_or_else(|| panic!("there is no key `{}`", rule.key));
            let mut bounds = Map::new();
            rule.allowed.bound(&mut bounds);
            for (name, bound) in bounds {
                assert_eq!(value[name.as_str()], bound, "{}: {name}", rule.key);
            }
        }
    }

    #[test]
    fn defaults_are_those_of_the_policy_and_only_the_rest_is_required() {
        let mut whole = schema(Lang::En);
        assert_eq!(whole["required"], json!(["round", "inputs"]));
        let value = |key: &str, name: &str| find(&mut whole, key).unwrap()[name].clone();
        let mut value = value;
        assert_eq!(value("units.cap", "default"), 100_000);
        assert_eq!(value("presence.L10.largest", "default"), 25_000);
        assert_eq!(value("ranking.certainty.draws", "default"), 1000);
        assert_eq!(value("round", "required"), json!(["name", "base_year"]));
        assert_eq!(
            value("inputs", "required"),
            json!(["townships", "communities", "facilities"])
        );
        assert_eq!(value("travel", "required"), Value::Null);
        assert_eq!(
            value("travel.mode", "enum"),
            json!(["straight", "streets", "radius"])
        );
    }
}
