//! `round.json` for everybody.

use serde_json::{Value, json};

use super::rules::Rules;

/// Leaves out of `round.json` small counts of the city, rounds the others, and tells no folder of a file.
pub(super) fn manifest(all: &mut Value, rules: &Rules) {
    for total in all["totals"].as_array_mut().into_iter().flatten() {
        publish_total(total, rules);
    }
    for part in ["units", "projection"] {
        publish_people(&mut all[part], rules);
    }
    let crs = all["plan"]["inputs"]["crs"].clone();
    all["plan"]["inputs"] = json!({ "crs": crs });
    for part in ["services", "policy", "travel"] {
        without_folders(&mut all["plan"][part]);
    }
    without_folders(&mut all["inputs"]);
}

/// Paths become the names of their files.
fn without_folders(value: &mut Value) {
    match value {
        Value::String(text) => {
            *text = text
                .rsplit(['/', '\\'])
                .next()
                .unwrap_or_default()
                .to_owned()
        }
        Value::Array(all) => all.iter_mut().for_each(without_folders),
        Value::Object(all) => all.values_mut().for_each(without_folders),
        _ => {}
    }
}

