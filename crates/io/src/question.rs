//! Questions that a plan's files leave open, as data: a terminal, a page or a script may ask them, and each answer is a change of the
//! plan that keeps its comments.

mod asked;

pub use asked::asked;

use serde::{Deserialize, Serialize};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use crate::manifest::Statement;

/// What follows where nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The plan does not run.
    Must,
    /// The first of the choices is taken.
    Default,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What it is about: a word, and the file behind a colon. No two of a plan are alike.
    pub id: String,
    /// What follows where nobody answers.
    pub level: Need,
    /// As the plan names it; empty where it is about none.
    pub file: String,
    /// What is asked.
    pub text: Statement,
    /// What speaks for the choices, in numbers.
    pub evidence: Statement,
    /// The likeliest first.
    pub choices: Vec<Choice>,
    /// An answer of one's own, where there may be one.
    pub own: Option<Own>,
}

/// A possible answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What it says.
    pub label: Statement,
    /// What the plan then says; nothing changes where it is empty.
    pub patch: Vec<Edit>,
    /// What follows from it.
    pub effect: Statement,
}

/// What an answer of one's own may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// The key that it becomes the value of.
    pub key: String,
    /// What it is.
    pub kind: OwnKind,
    /// What the plan says besides.
    pub with: Vec<Edit>,
}

/// The kinds of values that may be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnKind {
    /// A year.
    Year,
    /// A text.
    Text,
    /// Names with commas between, the first of which becomes the entry of a list at the key: `services.none_exist[2]`.
    Names,
}

/// A value of the plan to be set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Where it stands: `inputs.facilities[1].crs`. Tables that are not there are made; a list grows by one at its end.
    pub key: String,
    /// What it becomes.
    pub value: serde_json::Value,
}

impl Edit {
    /// A value at a key.
    #[must_use]
    pub fn new(key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

impl Own {
    /// A value of a kind at a key.
    #[must_use]
    pub fn new(key: impl Into<String>, kind: OwnKind) -> Self {
        Self {
            key: key.into(),
            kind,
            with: Vec::new(),
        }
    }

    /// What typed text changes; `None` where it is no value of its kind.
    ///
    /// ```
    /// use fuwutu_io::question::{Own, OwnKind};
    /// let year = Own::new("round.base_year", OwnKind::Year);
    /// assert_eq!(year.edits(" 2023 ").unwrap()[0].value, 2023);
    /// assert!(year.edits("last year").is_none());
    /// ```
    #[must_use]
    pub fn edits(&self, typed: &str) -> Option<Vec<Edit>> {
        let typed = typed.trim();
        let value = match self.kind {
            OwnKind::Year => {
                let year: i32 = typed.parse().ok()?;
                let year = Some(year).filter(|year| crate::plan::YEARS.contains(year))?;
                serde_json::Value::from(year)
            }
            OwnKind::Names => return self.names(typed),
            OwnKind::Text => match typed {
                "" => return None,
                typed => typed.into(),
            },
        };
        let edit = Edit::new(&*self.key, value);
        Some(std::iter::once(edit).chain(self.with.clone()).collect())
    }
}

impl Own {
    /// Each name is put behind those that the list has.
    fn names(&self, typed: &str) -> Option<Vec<Edit>> {
        let (list, first) = self.key.strip_suffix(']')?.rsplit_once('[')?;
        let first: usize = first.parse().ok()?;
        let names = typed.split([',', '，', '、', ';', '；']).map(str::trim);
        let names = names.filter(|name| !name.is_empty()).zip(first..);
        let edits = names.map(|(name, at)| Edit::new(format!("{list}[{at}]"), name));
        let edits: Vec<Edit> = edits.chain(self.with.clone()).collect();
        (edits.len() > self.with.len()).then_some(edits)
    }
}

/// Why a plan could not be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// It is no TOML.
    #[error("the plan is no TOML: {0}")]
    Broken(String),
    /// Something else stands where the key leads.
    #[error("`{0}` cannot be set in this plan")]
    Blocked(String),
}

/// The text of a plan after some edits. All else in it stays as it is, comments and order too.
///
/// ```
/// use fuwutu_io::question::{Edit, patched};
/// let plan = "[inputs] # as handed in\nfacilities = [{ path = \"poi.xlsx\" }] # Amap\n";
/// let edits = [Edit::new("inputs.facilities[0].crs", "GCJ-02"), Edit::new("round.base_year", 2023)];
/// let after = patched(plan, &edits).unwrap();
/// assert_eq!(after, "[inputs] # as handed in\nfacilities = [{ path = \"poi.xlsx\" , crs = \"GCJ-02\" }] # Amap\n\n[round]\nbase_year = 2023\n");
/// ```
///
/// # Errors
/// Where the text is no TOML, or a key leads through something that is no table.
pub fn patched(text: &str, edits: &[Edit]) -> Result<String, PatchError> {
    let mut plan: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| PatchError::Broken(error.to_string()))?;
    for edit in edits {
        let blocked = || PatchError::Blocked(edit.key.clone());
        let steps = steps(&edit.key).ok_or_else(blocked)?;
        let value = value(&edit.value).ok_or_else(blocked)?;
        set(plan.as_item_mut(), &steps, value, false).ok_or_else(blocked)?;
    }
    Ok(plan.to_string())
}

/// A step of a key.
enum Step<'a> {
    Name(&'a str),
    At(usize),
}

fn steps(key: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in key.split('.') {
        let (name, places) = part.split_once('[').unwrap_or((part, ""));
        steps.push(Step::Name(name));
        for place in places.split_terminator(']') {
            steps.push(Step::At(place.trim_start_matches('[').parse().ok()?));
        }
    }
    Some(steps)
}

/// Sets what stands at the end of the steps. Within a value, such as a list or `{ … }`, only values can stand (`inline`).
fn set(item: &mut Item, steps: &[Step], value: Value, inline: bool) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        let mut value = value;
        if let Some(old) = item.as_value() {
            *value.decor_mut() = old.decor().clone();
        }
        *item = Item::Value(value);
        return Some(());
    };
    match step {
        Step::Name(name) => {
            if item.is_none() {
                *item = match inline {
                    true => Item::Value(InlineTable::new().into()),
                    false => Item::Table(Table::new()),
                };
            }
            let inline = item.is_value();
            let next = item.as_table_like_mut()?.entry(name).or_insert(Item::None);
            set(next, rest, value, inline)
        }
        Step::At(at) => {
            if let Some(tables) = item.as_array_of_tables_mut() {
                let mut table = Item::Table(tables.get(*at)?.clone());
                set(&mut table, rest, value, false)?;
                *tables.get_mut(*at)? = table.into_table().ok()?;
                return Some(());
            }
            if item.is_none() {
                *item = Item::Value(Array::new().into());
            }
            let list = item.as_array_mut()?;
            let mut entry = match list.get(*at) {
                Some(old) => Item::Value(old.clone()),
                None if *at == list.len() => Item::None,
                None => return None,
            };
            set(&mut entry, rest, value, true)?;
            let entry = entry.into_value().ok()?;
            match list.get_mut(*at) {
                Some(old) => *old = entry,
                None => list.push(entry),
            }
            Some(())
        }
    }
}

/// A value as TOML has it; `None` for null, of which there is none.
fn value(json: &serde_json::Value) -> Option<Value> {
    use serde_json::Value as Json;
    Some(match json {
        Json::Null => return None,
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(all) => {
            let all: Option<Array> = all.iter().map(value).collect();
            all?.into()
        }
        Json::Object(entries) => {
            let mut table = InlineTable::new();
            for (key, each) in entries {
                table.insert(key, value(each)?);
            }
            table.into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_changes_a_value_and_keeps_the_rest() {
        let plan = "# by hand\n[round]\nbase_year = 2020 # census\n\n[inputs]\npopulation = { path = \"a.csv\" }\n\n[[inputs.facilities]]\npath = \"poi.csv\"\n";
        let cases = [
            (
                Edit::new("round.base_year", 2023),
                plan.replace("2020 # census", "2023 # census"),
            ),
            (
                Edit::new("inputs.population.crs", "EPSG:4547"),
                plan.replace("\"a.csv\" }", "\"a.csv\" , crs = \"EPSG:4547\" }"),
            ),
            (
                Edit::new("inputs.facilities[0].columns.name", "名称"),
                plan.replace(
                    "\"poi.csv\"\n",
                    "\"poi.csv\"\n\n[inputs.facilities.columns]\nname = \"名称\"\n",
                ),
            ),
            (
                Edit::new("services.none_exist", serde_json::json!(["market"])),
                format!("{plan}\n[services]\nnone_exist = [\"market\"]\n"),
            ),
            (
                Edit::new("inputs.population.columns.lon", "X"),
                plan.replace("\"a.csv\" }", "\"a.csv\" , columns = { lon = \"X\" } }"),
            ),
        ];
        for (edit, expected) in cases {
            let after = patched(plan, std::slice::from_ref(&edit)).unwrap();
            assert_eq!(after, expected, "{edit:?}");
            after.parse::<toml::Table>().unwrap();
        }
        let through = patched(plan, &[Edit::new("round.base_year.x", 1)]);
        assert_eq!(
            through,
            Err(PatchError::Blocked("round.base_year.x".into()))
        );
        assert!(patched("a = ", &[]).is_err());
    }
}
