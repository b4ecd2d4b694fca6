//! Who may walk, ride and drive where: one table of rules over the tags of OpenStreetMap, each with its source, and what a plan
//! changes in it.
//!
//! The table is `seeds/street_rules.csv`. A rule says of a tag what it does to people on foot, e-bikes, and cars or buses. Rules
//! count part by part ([`Part`]), in the order of the table; within a part the last one that speaks of a mode counts.

mod compiled;

mod hours;

pub(crate) use compiled::{Key, Ready, Rules};
pub use hours::Hour;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::csv_text::Cells;
use crate::plan::{TravelSection, likeness};
use crate::words::Word;

/// The table as it is embedded.
pub const TABLE: &str = include_str!("../../../../seeds/street_rules.csv");

/// When a rule counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The tag makes a way a street, and opens it.
    #[schemars(extend("x-zh" = "使一条线成为道路的标签"))]
    Street,
    /// It changes whom a street is open to, before access tags are asked.
    #[schemars(extend("x-zh" = "道路上的其他标签，先于通行标签"))]
    Way,
    /// A value of access tags: `access`, `vehicle`, `motor_vehicle`, `motorcar`, `bicycle`, `foot`, the most special last.
    #[schemars(extend("x-zh" = "通行标签的值"))]
    Access,
    /// It counts whatever access tags say.
    #[schemars(extend("x-zh" = "不论通行标签如何"))]
    Always,
    /// The directions that are open.
    #[schemars(extend("x-zh" = "方向"))]
    Direction,
    /// Where a street lies: whether people step on it and live along it.
    #[schemars(extend("x-zh" = "道路所在的位置"))]
    Place,
    /// Whom a barrier on a node lets through.
    #[schemars(extend("x-zh" = "路口上的障碍"))]
    Barrier,
    /// What closes a barrier of which no access tag speaks.
    #[schemars(extend("x-zh" = "没有通行标签的障碍"))]
    Locked,
    /// Counts with `travel.step_free` alone, last.
    #[schemars(extend("x-zh" = "只在 `travel.step_free` 时"))]
    StepFree,
    /// Where people wait.
    #[schemars(extend("x-zh" = "等候"))]
    Wait,
}

impl Part {
    /// Codes and names.
    pub const WORDS: &'static [Word] = &[
        Word {
            code: "street",
            name: ["道路类别", "street"],
        },
        Word {
            code: "way",
            name: ["道路标签", "way"],
        },
        Word {
            code: "access",
            name: ["通行标签", "access"],
        },
        Word {
            code: "always",
            name: ["一律", "always"],
        },
        Word {
            code: "direction",
            name: ["方向", "direction"],
        },
        Word {
            code: "place",
            name: ["位置", "place"],
        },
        Word {
            code: "barrier",
            name: ["障碍", "barrier"],
        },
        Word {
            code: "locked",
            name: ["门锁", "locked"],
        },
        Word {
            code: "step_free",
            name: ["无障碍", "step-free"],
        },
        Word {
            code: "wait",
            name: ["等候", "wait"],
        },
    ];

    /// Its name, Chinese and English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        Self::WORDS[self as usize].name
    }
}

impl Part {
    fn can_say(self, effect: Effect) -> bool {
        use Effect::{Against, Along, Both, Closed, Keep, Open, Private};
        match self {
            Self::Street => effect != Keep,
            Self::Direction => matches!(effect, Along | Against | Both | Keep),
            Self::Place | Self::Wait => false,
            _ => matches!(effect, Open | Closed | Private | Keep),
        }
    }
}

/// What a rule does to a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Open.
    #[schemars(extend("x-zh" = "开放"))]
    Open,
    /// Closed.
    #[schemars(extend("x-zh" = "不通"))]
    Closed,
    /// Trips begin and end there and do not pass through (`travel.private`).
    #[schemars(extend("x-zh" = "出行可在此起止，不可穿过（`travel.private`）"))]
    Private,
    /// Along the way as it is drawn; of a street: open so.
    #[schemars(extend("x-zh" = "只可顺画线方向"))]
    Along,
    /// Against the way as it is drawn.
    #[schemars(extend("x-zh" = "只可逆画线方向"))]
    Against,
    /// Along and against.
    #[schemars(extend("x-zh" = "两个方向"))]
    Both,
    /// As without the rules of the same part before it.
    #[schemars(extend("x-zh" = "不因同一部分中前面的规则改变"))]
    Keep,
}

impl Effect {
    /// Its name, Chinese and English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::Open => ["开放", "open"],
            Self::Closed => ["不通", "closed"],
            Self::Private => ["起止", "private"],
            Self::Along => ["顺向", "along"],
            Self::Against => ["逆向", "against"],
            Self::Both => ["双向", "both"],
            Self::Keep => ["不变", "keep"],
        }
    }
}

/// What else a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("x-zh" = "规则的其他标记"))]
pub enum Mark {
    /// It is made of stairs (`travel.stairs`).
    #[schemars(extend("x-zh" = "楼梯（`travel.stairs`）"))]
    Stairs,
    /// Nobody lives along it (`people.spread`).
    #[schemars(extend("x-zh" = "两侧不住人（`people.spread`）"))]
    NoHomes,
    /// Nobody steps on it between its ends.
    #[schemars(extend("x-zh" = "只能从两端上下"))]
    NoSnap,
    /// People wait for a lift (`travel.lift_seconds`).
    #[schemars(extend("x-zh" = "等电梯（`travel.lift_seconds`）"))]
    Lift,
    /// People wait to cross (`travel.crossing_seconds`).
    #[schemars(extend("x-zh" = "等过街（`travel.crossing_seconds`）"))]
    Crossing,
}

impl Mark {
    /// Its name, Chinese and English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::Stairs => ["楼梯", "stairs"],
            Self::NoHomes => ["不住人", "no homes"],
            Self::NoSnap => ["不上路", "no stepping on"],
            Self::Lift => ["等电梯", "lift"],
            Self::Crossing => ["等过街", "crossing"],
        }
    }

    fn of(code: &str) -> Option<Self> {
        Some(match code {
            "stairs" => Self::Stairs,
            "no_homes" => Self::NoHomes,
            "no_snap" => Self::NoSnap,
            "lift" => Self::Lift,
            "crossing" => Self::Crossing,
            _ => return None,
        })
    }

    fn code(self) -> &'static str {
        match self {
            Self::Stairs => "stairs",
            Self::NoHomes => "no_homes",
            Self::NoSnap => "no_snap",
            Self::Lift => "lift",
            Self::Crossing => "crossing",
        }
    }
}

/// How a rule is established: code, Chinese, English.
pub const STATUS: &[Word] = &[
    Word {
        code: "law",
        name: ["法规、标准", "law or standard"],
    },
    Word {
        code: "documented",
        name: ["标签说明", "meaning of the tag"],
    },
    Word {
        code: "router",
        name: ["通行做法", "default of routers"],
    },
    Word {
        code: "proposed",
        name: ["建议值", "proposed"],
    },
    Word {
        code: "plan",
        name: ["评估任务文件给出", "given by the plan"],
    },
];

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StreetRule {
    /// When it counts.
    pub on: Part,
    /// `key=value`; `*` is any value but `no` that no other rule of its key has in the same part; `a=b & c=d` is both.
    pub tag: String,
    /// What it does on foot; `None` where it says nothing.
    pub walk: Option<Effect>,
    /// What it does to e-bikes.
    pub ebike: Option<Effect>,
    /// What it does to cars and buses.
    pub car_bus: Option<Effect>,
    /// What else it says.
    pub marks: Vec<Mark>,
    /// How it is established: a code of [`STATUS`].
    pub status: String,
    /// Where it is from: a page, a router's profile, a clause.
    pub source: String,
    /// Remark in Chinese.
    pub zh: String,
    /// Remark in English.
    pub en: String,
}

impl StreetRule {
    /// On foot, by e-bike, by car or bus.
    #[must_use]
    pub fn effects(&self) -> [Option<Effect>; 3] {
        [self.walk, self.ebike, self.car_bus]
    }

    /// Whether a plan changed it.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.status == "plan"
    }
}

/// One of `[[travel.rules]]`: what a plan changes in a rule of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-zh" = "对表中一条规则的改动"))]
pub struct RuleChange {
    /// The tag of the rule as `fuwutu roads --rules` has it, such as `highway=track`.
    #[schemars(extend("x-zh" = "规则的标签，写法同 `fuwutu roads --rules`，如 `highway=track`"))]
    pub tag: String,
    /// The part of the table, where the tag stands in several; the first of them where not given.
    #[schemars(extend("x-zh" = "标签在表中多处时，是哪一部分；不写为第一处"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Part>,
    /// What it does on foot; as in the table where not given.
    #[schemars(extend("x-zh" = "对步行的作用；不写同表"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk: Option<Effect>,
    /// What it does to e-bikes; as in the table where not given.
    #[schemars(extend("x-zh" = "对电动自行车的作用；不写同表"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ebike: Option<Effect>,
    /// What it does to cars and buses; as in the table where not given.
    #[schemars(extend("x-zh" = "对机动车（含公交）的作用；不写同表"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub car_bus: Option<Effect>,
    /// What else it says, in place of the marks in the table; as there where not given.
    #[schemars(extend("x-zh" = "其他标记，代替表中的；不写同表"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marks: Option<Vec<Mark>>,
}

impl RuleChange {
    /// Whether it changes something, to what its part of the table can say; a tag that no rule has is another matter.
    pub(crate) fn sound(&self) -> bool {
        let effects = [self.walk, self.ebike, self.car_bus];
        let mut given = effects.into_iter().flatten().peekable();
        if given.peek().is_none() {
            return self.marks.is_some();
        }
        let rules = table();
        let rule = rules.iter().find(|rule| self.is_about(rule));
        rule.is_none_or(|rule| given.all(|effect| rule.on.can_say(effect)))
    }

    fn is_about(&self, rule: &StreetRule) -> bool {
        rule.tag == tidy(&self.tag) && self.on.is_none_or(|part| part == rule.on)
    }

    /// As one line: `highway=track: walk closed`.
    #[must_use]
    pub fn text(&self) -> [String; 2] {
        let modes = [
            (self.walk, ["步行", "walk"]),
            (self.ebike, ["电动自行车", "e-bike"]),
            (self.car_bus, ["机动车（含公交）", "car or bus"]),
        ];
        [0, 1].map(|lang| {
            let mut said: Vec<String> = modes
                .iter()
                .filter_map(|(effect, name)| {
                    effect.map(|effect| format!("{} {}", name[lang], effect.name()[lang]))
                })
                .collect();
            if let Some(marks) = &self.marks {
                let names: Vec<&str> = marks.iter().map(|mark| mark.name()[lang]).collect();
                let none = ["无标记", "no marks"][lang];
                said.push(if names.is_empty() {
                    none.to_owned()
                } else {
                    names.join(" ")
                });
            }
            format!("{}: {}", self.tag, said.join(", "))
        })
    }
}

/// A row of the table's file.
#[derive(Deserialize)]
struct Row {
    on: Part,
    tag: String,
    walk: Option<Effect>,
    ebike: Option<Effect>,
    car_bus: Option<Effect>,
    marks: String,
    status: String,
    source: String,
    zh: String,
    en: String,
}

/// The rules as they are embedded, in order.
///
/// # Panics
/// Never: the table is read by a test.
#[must_use]
pub fn table() -> Vec<StreetRule> {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let rows = reader.deserialize();
    rows.map(|row: Result<Row, _>| rule(row.expect("the embedded table is sound")))
        .collect()
}

fn rule(row: Row) -> StreetRule {
    let marks = row.marks.split_whitespace();
    StreetRule {
        on: row.on,
        tag: row.tag,
        walk: row.walk,
        ebike: row.ebike,
        car_bus: row.car_bus,
        marks: marks
            .map(|code| Mark::of(code).expect("the embedded table is sound"))
            .collect(),
        status: row.status,
        source: row.source,
        zh: row.zh,
        en: row.en,
    }
}

/// What of a plan decides who may go where: roads that were read by other choices are others.
pub(crate) fn decisive(travel: &TravelSection) -> impl std::fmt::Debug {
    (
        travel.private,
        travel.at.clone(),
        travel.step_free,
        (travel.lift_seconds, travel.crossing_seconds),
        travel.rules.clone(),
    )
}

/// A tag that no rule has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTag {
    /// Position of the change in the plan.
    pub at: usize,
    /// The tag.
    pub tag: String,
    /// Tags that may have been meant, at most three, the likest first.
    pub like: Vec<String>,
}

/// The rules with what a plan changes in them; changed ones have the status `plan`.
///
/// # Errors
/// Where a change is about a tag that no rule has, or none of the part that it names.
pub fn with(changes: &[RuleChange]) -> Result<Vec<StreetRule>, UnknownTag> {
    let mut rules = table();
    for (at, change) in changes.iter().enumerate() {
        let Some(rule) = rules.iter_mut().find(|rule| change.is_about(rule)) else {
            return Err(unknown(at, &tidy(&change.tag), &rules));
        };
        rule.walk = change.walk.or(rule.walk);
        rule.ebike = change.ebike.or(rule.ebike);
        rule.car_bus = change.car_bus.or(rule.car_bus);
        if let Some(marks) = &change.marks {
            rule.marks.clone_from(marks);
        }
        "plan".clone_into(&mut rule.status);
    }
    Ok(rules)
}

/// A tag as the table writes it: `highway = steps&ramp:wheelchair = yes` as `highway=steps & ramp:wheelchair=yes`.
fn tidy(tag: &str) -> String {
    let parts = tag.split('&').map(|part| {
        let sides = part.split('=').map(str::trim);
        sides.collect::<Vec<_>>().join("=")
    });
    parts.collect::<Vec<_>>().join(" & ")
}

fn unknown(at: usize, tag: &str, rules: &[StreetRule]) -> UnknownTag {
    let mut found: Vec<(f64, &str)> = rules
        .iter()
        .map(|rule| (likeness(tag, &rule.tag), rule.tag.as_str()))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    found.dedup_by(|a, b| a.1 == b.1);
    let likest = found.first().map_or(0.0, |(likeness, _)| *likeness);
    // Beside a tag that is nearly the same, one that is only somewhat like it misleads.
    found.retain(|(likeness, _)| *likeness >= likest - 0.05);
    UnknownTag {
        at,
        tag: tag.to_owned(),
        like: found
            .iter()
            .take(3)
            .map(|(_, tag)| (*tag).to_owned())
            .collect(),
    }
}

/// Rules as a table for spreadsheets, with the columns of the embedded file.
#[must_use]
pub fn csv(rules: &[StreetRule]) -> String {
    let mut cells = Cells::excel(&HEADER);
    for rule in rules {
        let marks: Vec<&str> = rule.marks.iter().map(|mark| mark.code()).collect();
        let [walk, ebike, car_bus] = rule.effects().map(|effect| {
            let code = effect.and_then(|effect| serde_json::to_value(effect).ok());
            code.and_then(|code| code.as_str().map(str::to_owned))
                .unwrap_or_default()
        });
        cells.row(&[
            Part::WORDS[rule.on as usize].code,
            &rule.tag,
            &walk,
            &ebike,
            &car_bus,
            &marks.join(" "),
            &rule.status,
            &rule.source,
            &rule.zh,
            &rule.en,
        ]);
    }
    cells.text()
}

const HEADER: [&str; 10] = [
    "on", "tag", "walk", "ebike", "car_bus", "marks", "status", "source", "zh", "en",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    fn change(text: &str) -> RuleChange {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn every_rule_has_a_source_a_status_and_remarks_and_stands_once() {
        let rules = table();
        let mut seen = std::collections::BTreeSet::new();
        for rule in &rules {
            assert!(
                !rule.source.is_empty() && !rule.zh.is_empty() && !rule.en.is_empty(),
                "{rule:?}"
            );
            assert!(
                STATUS.iter().any(|word| word.code == rule.status),
                "{rule:?}"
            );
            assert!(seen.insert((rule.on, rule.tag.clone())), "{rule:?}");
            let mut effects = rule.effects().into_iter().flatten();
            assert!(effects.all(|effect| rule.on.can_say(effect)), "{rule:?}");
            assert_eq!(tidy(&rule.tag), rule.tag);
            assert_ne!(
                words::name(STATUS, &rule.status)[0],
                rule.status,
                "{rule:?}"
            );
        }
        assert!(rules.len() > 150);
        assert!(
            rules.is_sorted_by_key(|rule| rule.on as usize),
            "parts in order"
        );
    }

    #[test]
    fn a_plan_changes_what_it_names_and_nothing_else() {
        let rules = with(&[
            change("tag = \"highway=track\"\nwalk = \"closed\""),
            change("tag = \"highway = steps\"\non = \"step_free\"\nwalk = \"keep\""),
            change("tag = \"bridge=*\"\nmarks = []"),
        ])
        .unwrap();
        let changed: Vec<&StreetRule> = rules.iter().filter(|rule| rule.changed()).collect();
        assert_eq!(changed.len(), 3);
        assert_eq!(
            changed[0].effects(),
            [
                Some(Effect::Closed),
                Some(Effect::Open),
                Some(Effect::Closed)
            ]
        );
        assert_eq!(
            (changed[2].on, changed[2].walk),
            (Part::StepFree, Some(Effect::Keep))
        );
        assert!(changed[1].marks.is_empty());
        let same = rules.iter().zip(table()).filter(|(now, then)| *now == then);
        assert_eq!(same.count(), rules.len() - 3);
    }

    #[test]
    fn a_tag_that_no_rule_has_is_refused_with_what_may_be_meant() {
        for (tag, like) in [
            ("highway=trak", "highway=track"),
            ("acess=private", "access=private"),
            ("highway=foot_way", "highway=footway"),
        ] {
            let error = with(&[change(&format!("tag = \"{tag}\"\nwalk = \"open\""))]).unwrap_err();
            assert_eq!(error.like.first().map(String::as_str), Some(like), "{tag}");
        }
        // What a part cannot say is no change.
        for (tag, effect, sound) in [
            ("oneway=yes", "closed", false),
            ("oneway=yes", "both", true),
            ("access=private", "along", false),
            ("bridge=*", "closed", false),
            ("highway=trak", "closed", true),
        ] {
            let change = change(&format!("tag = \"{tag}\"\nwalk = \"{effect}\""));
            assert_eq!(change.sound(), sound, "{tag} {effect}");
        }
        let elsewhere = change("tag = \"highway=track\"\non = \"always\"\nwalk = \"open\"");
        assert!(with(&[elsewhere]).is_err());
    }
}
