//! Which tags of OpenStreetMap make which service: the table `seeds/osm_tags.csv`, and how it is read.
//!
//! A rule asks for tags (`amenity=clinic/doctors & access!=no | healthcare=centre`), and, where it says so, for a name, a level of
//! schools, or an area. Names are matched by words: letters with borders of words round them, Chinese characters wherever they stand.

use std::collections::BTreeSet;

use super::extract::Thing;

/// The table as it is embedded.
pub const TABLE: &str = include_str!("../../../../seeds/osm_tags.csv");

/// A tag that says more seats, beds or spaces is a slip.
const MOST_SAID: f64 = 100_000.0;

/// A rule of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its line in the table.
    pub line: usize,
    /// What it finds.
    pub finds: Finds,
    /// The tags as they are written.
    pub tags: String,
    /// What else it asks for, as it is written: names, a level, an area.
    pub asks: String,
    /// What the table says of it, in Chinese and English.
    pub note: [String; 2],
    /// How well it finds what it should: `high`, `medium`, `low`; empty for what it leaves open.
    pub confidence: String,
    any_of: Vec<Vec<Condition>>,
    name: Names,
    level: Option<u8>,
    area: Option<[f64; 2]>,
    capacity: Vec<String>,
}

/// What a rule finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finds {
    /// A service, by its id.
    Service(String),
    /// Something that may be one of these services, which nothing in the data decides.
    OneOf(Vec<String>),
}

#[derive(Debug, Clone, PartialEq)]
struct Condition {
    key: String,
    /// Empty for any.
    values: Vec<String>,
    not: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Names {
    any_of: Vec<Word>,
    none_of: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq)]
struct Word {
    text: String,
    /// Whether words that begin so count as well.
    open: bool,
}

/// Whether a thing is what a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Yes,
    /// But for `access` or a use by few.
    Closed,
    No,
}

/// The rules of the table, in its order.
#[must_use]
pub fn rules() -> Vec<Rule> {
    let mut table = csv::Reader::from_reader(TABLE.as_bytes());
    let rows = table.records().zip(2..);
    let rows = rows.filter_map(|(row, line)| Some(rule(&row.ok()?, line)));
    rows.collect()
}

fn rule(row: &csv::StringRecord, line: usize) -> Rule {
    let cell = |at: usize| row.get(at).unwrap_or_default().trim();
    let list = |text: &str| text.split('/').map(|each| each.trim().to_owned()).collect();
    let finds = match cell(0).strip_prefix('?') {
        Some(choices) => Finds::OneOf(list(choices)),
        None => Finds::Service(cell(0).to_owned()),
    };
    let area = cell(4).split_once('-').map(|(low, high)| {
        [
            low.parse().unwrap_or(0.0),
            high.parse().unwrap_or(f64::INFINITY),
        ]
    });
    let asks = [("name", 2), ("level", 3), ("area_m2", 4)];
    let asks = asks.into_iter().filter(|&(_, at)| !cell(at).is_empty());
    let asks: Vec<String> = asks
        .map(|(name, at)| format!("{name}: {}", cell(at)))
        .collect();
    Rule {
        line,
        finds,
        tags: cell(1).to_owned(),
        asks: asks.join("; "),
        note: [cell(7).to_owned(), cell(8).to_owned()],
        confidence: cell(6).to_owned(),
        any_of: cell(1).split(" | ").map(conditions).collect(),
        name: names(cell(2)),
        level: cell(3).parse().ok(),
        area,
        capacity: match cell(5) {
            "" => Vec::new(),
            keys => list(keys),
        },
    }
}

fn conditions(text: &str) -> Vec<Condition> {
    let condition = |text: &str| {
        let (key, values) = text.trim().split_once('=')?;
        let values = match values {
            "*" => Vec::new(),
            values => values.split('/').map(str::to_owned).collect(),
        };
        Some(Condition {
            key: key.trim_end_matches('!').to_owned(),
            values,
            not: key.ends_with('!'),
        })
    };
    text.split(" & ").filter_map(condition).collect()
}

fn names(text: &str) -> Names {
    let mut names = Names::default();
    for text in text
        .split('|')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let (list, text) = match text.strip_prefix('!') {
            Some(text) => (&mut names.none_of, text),
            None => (&mut names.any_of, text),
        };
        let open = text.ends_with('*');
        list.push(Word {
            text: text.trim_end_matches('*').to_lowercase(),
            open,
        });
    }
    names
}

impl Word {
    /// Whether it stands in a text of small letters.
    fn stands_in(&self, text: &str) -> bool {
        let letter = |letter: Option<char>| {
            letter.is_some_and(|letter| letter.is_alphanumeric() && !han(letter))
        };
        let (first, last) = (self.text.chars().next(), self.text.chars().next_back());
        let mut places = text.match_indices(&self.text);
        places.any(|(start, found)| {
            let before = text[..start].chars().next_back();
            let after = text[start + found.len()..].chars().next();
            let joined_before = letter(first) && letter(before);
            let joined_after = letter(last) && letter(after) && !self.open;
            !joined_before && !joined_after
        })
    }
}

/// Whether a character is Chinese: these have no borders of words.
fn han(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

impl Condition {
    /// A value may be several with `;` between.
    fn holds(&self, thing: Thing) -> bool {
        let value = thing.tag(&self.key);
        let any = value.is_some_and(|value| {
            let mut parts = value.split(';').map(str::trim);
            self.values.is_empty() || parts.any(|part| self.values.iter().any(|own| own == part))
        });
        any != self.not
    }

    /// Whether it is about who may come, not about what the thing is.
    fn about_access(&self) -> bool {
        self.key == "access"
    }
}

impl Rule {
    /// The keys that it looks at.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let conditions = self.any_of.iter().flatten();
        let capacity = self.capacity.iter().filter(|&key| key != "area");
        conditions
            .map(|each| &*each.key)
            .chain(capacity.map(String::as_str))
    }

    /// The key and values by which things are looked for: the first of each list of conditions.
    pub(super) fn first_keys(&self) -> impl Iterator<Item = &str> {
        self.any_of
            .iter()
            .filter_map(|all| all.first())
            .map(|first| &*first.key)
    }

    /// Whether a thing is what it asks for, but for its area.
    pub(super) fn matches(&self, thing: Thing, about: &About) -> Match {
        let holds = |all: &Vec<Condition>| all.iter().all(|each| each.holds(thing));
        let but_for_access = |all: &Vec<Condition>| {
            (all.iter().filter(|each| !each.about_access() || !each.not))
                .all(|each| each.holds(thing))
        };
        let found = match () {
            () if self.any_of.iter().any(holds) => Match::Yes,
            () if self.any_of.iter().any(but_for_access) => Match::Closed,
            () => return Match::No,
        };
        match self.named(about) {
            true => found,
            false => Match::No,
        }
    }

    /// By its level where tags say it, else by its name.
    fn named(&self, about: &About) -> bool {
        match self.level {
            Some(level) if !about.levels.is_empty() => about.levels.contains(&level),
            _ => self.name.any_of.is_empty() || about.names.iter().any(|name| self.name.is(name)),
        }
    }

    /// Whether an area is one that it asks for: from the lower end to below the upper one.
    pub(super) fn takes(&self, area: Option<f64>) -> bool {
        match (self.area, area) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some([low, high]), Some(area)) => low <= area && area < high,
        }
    }

    /// The capacity that the tags say, or the area where that is it.
    pub(super) fn capacity(&self, thing: Thing, area: Option<f64>) -> Option<f64> {
        let mut keys = self.capacity.iter();
        keys.find_map(|key| match key.as_str() {
            "area" => area.map(f64::round).filter(|&area| area >= 1.0),
            key => {
                let said = thing.tag(key)?.trim().parse().ok();
                said.filter(|said| (1.0..=MOST_SAID).contains(said))
            }
        })
    }
}

impl Names {
    fn is(&self, name: &str) -> bool {
        let stands = |word: &Word| word.stands_in(name);
        self.any_of.iter().any(stands) && !self.none_of.iter().any(stands)
    }
}

/// What the rules look at besides single tags.
pub(super) struct About {
    /// In small letters.
    names: Vec<String>,
    /// Of a school, by ISCED: 0 before school, 1 primary, 2 lower and 3 upper secondary. Empty where no tag says it.
    pub levels: BTreeSet<u8>,
}

impl About {
    pub(super) fn new(thing: Thing) -> Self {
        let names = thing.tags().filter(|(key, _)| is_name(key));
        Self {
            names: names.map(|(_, name)| name.to_lowercase()).collect(),
            levels: levels(thing),
        }
    }
}

/// Whether a key has a name, in any language.
pub(super) fn is_name(key: &str) -> bool {
    matches!(key, "name" | "official_name" | "alt_name" | "short_name") || key.starts_with("name:")
}

/// Keys that say which levels a school has.
pub(super) const LEVEL_KEYS: [&str; 6] = [
    "isced:level",
    "school",
    "school:type",
    "grades",
    "min_age",
    "max_age",
];

fn levels(thing: Thing) -> BTreeSet<u8> {
    let tag = |key: &str| thing.tag(key).unwrap_or_default();
    let by_isced: BTreeSet<u8> = whole_numbers(tag("isced:level"))
        .filter(|&level| level <= 3)
        .collect();
    if !by_isced.is_empty() {
        return by_isced;
    }
    let words = [tag("school"), tag("school:type")].join(";").to_lowercase();
    let by_word: BTreeSet<u8> = words
        .split([';', ',', '/'])
        .flat_map(|word| match word.trim() {
            "kindergarten" | "preschool" | "pre_school" | "nursery" => &[0][..],
            "primary" | "elementary" | "infant" | "junior" => &[1],
            "middle" | "lower_secondary" | "junior_high" => &[2],
            "secondary" => &[2],
            "high" | "senior_high" | "upper_secondary" | "sixth_form" => &[3],
            "all_through" | "comprehensive" => &[1, 2],
            _ => &[],
        })
        .copied()
        .collect();
    if !by_word.is_empty() {
        return by_word;
    }
    // Six years of primary, three of lower secondary school; other countries differ by a year or two.
    let by_grade = whole_numbers(tag("grades")).filter_map(|grade| match grade {
        0 => Some(0),
        1..=6 => Some(1),
        7..=9 => Some(2),
        10..=12 => Some(3),
        _ => None,
    });
    let by_grade: BTreeSet<u8> = by_grade.collect();
    if !by_grade.is_empty() {
        return by_grade;
    }
    let age = |key: &str| tag(key).trim().parse::<u8>().ok();
    let Some(youngest) = age("min_age") else {
        return BTreeSet::new();
    };
    let oldest = age("max_age").unwrap_or(youngest.saturating_add(2));
    let ages = [(3, 5), (6, 11), (12, 14), (15, 17)].into_iter().zip(0..);
    // All ages of the level, but for one at either end.
    ages.filter(|&((first, last), _)| youngest <= first + 1 && oldest >= last - 1)
        .map(|(_, level)| level)
        .collect()
}

/// The numbers of a text such as `0;1`, `1-3` or `7–9`: all of a range.
fn whole_numbers(text: &str) -> impl Iterator<Item = u8> {
    text.split([';', ',', ' ']).flat_map(|part| {
        let number = |text: &str| text.trim().parse::<u8>().ok();
        let ends = part
            .split_once(['-', '–'])
            .map_or((part, part), |ends| ends);
        match (number(ends.0), number(ends.1)) {
            (Some(first), Some(last)) => first..last.min(40).saturating_add(1),
            _ => 0..0,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;
    use std::path::Path;

    #[test]
    fn each_rule_finds_a_service_of_the_catalogue_and_asks_for_tags() {
        let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap();
        let known = |id: &String| catalogue.iter().any(|service| service.id == *id);
        let rules = rules();
        assert_eq!(rules.len(), TABLE.lines().count() - 1);
        for rule in &rules {
            let found = match &rule.finds {
                Finds::Service(id) => known(id),
                Finds::OneOf(ids) => ids.iter().all(known) && ids.len() > 1,
            };
            assert!(found, "line {}: {:?}", rule.line, rule.finds);
            assert!(
                rule.any_of.iter().all(|all| !all.is_empty() && !all[0].not),
                "line {}",
                rule.line
            );
            let asks_area = rule.area.is_some_and(|[low, high]| low < high);
            assert!(asks_area || rule.area.is_none(), "line {}", rule.line);
        }
    }

    #[test]
    fn names_are_matched_by_words() {
        let check = |pattern: &str, name: &str| names(pattern).is(&name.to_lowercase());
        assert!(check("CEIP|primaria", "C.E.I.P. y CEIP Las Rehoyas"));
        assert!(check("primaria", "Escuela Primaria"));
        assert!(!check("CEO", "Oceo") && !check("CEO", "CEOs") && check("CEO", "Colegio (CEO)"));
        assert!(check("gymnas*", "Gymnasium am Stadtpark") && !check("gymnas", "Gymnasium"));
        assert!(!check("gymnas*", "Realgymnasium"));
        // Chinese has no borders of words.
        assert!(check("小学", "成都市实验小学（西区）"));
        assert!(check("中学|!高级中学", "第七中学") && !check("中学|!高级中学", "市高级中学"));
        assert!(check("école primaire", "École Primaire Jules-Ferry"));
        assert!(!check("", "anything"));
    }

    #[test]
    fn ranges_of_levels_and_grades_are_all_their_numbers() {
        let numbers = |text| whole_numbers(text).collect::<Vec<u8>>();
        assert_eq!(numbers("0;1"), [0, 1]);
        assert_eq!(numbers("1-3"), [1, 2, 3]);
        assert_eq!(numbers("7–9, 12"), [7, 8, 9, 12]);
        assert!(numbers("K-5;x").is_empty());
        assert_eq!(numbers("250-255").len(), 0);
    }
}
