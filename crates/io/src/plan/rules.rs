//! The rules of a plan and of a catalogue, as data: which key, and what its value may be.

use std::collections::BTreeSet;

use fuwutu_core::projection::Variant;
use fuwutu_core::service::{Per, Requirement, Service, Smaller};
use fuwutu_core::spread::Spread;
use fuwutu_core::supply::presence::Circle;

use super::allowed::{Allowed, YEARS};
use super::{Plan, RoadsSource, TravelMode};
use crate::finding::plain;
use crate::street_rules::{Hour, RuleChange};

/// A rule for one key of a plan (`T` is [`Plan`]) or of a row of the catalogue ([`Service`]).
#[derive(Debug, Clone, Copy)]
pub struct Rule<T: 'static> {
    /// Section and name, such as `travel.detour`; `*` stands for every entry of a list or of a table with names of its own.
    pub key: &'static str,
    /// What the value may be, where it is given.
    pub allowed: Allowed,
    /// What must hold besides, for a rule that looks at other values, too.
    pub(super) holds: Option<fn(&T) -> bool>,
}

const fn value<T>(key: &'static str, allowed: Allowed) -> Rule<T> {
    Rule {
        key,
        allowed,
        holds: None,
    }
}

/// A rule in words: the key, the words in Chinese and English, and what must hold.
const fn words<T>(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    holds: fn(&T) -> bool,
) -> Rule<T> {
    Rule {
        key,
        allowed: Allowed::Words([zh, en]),
        holds: Some(holds),
    }
}

/// The rule of both figures of a circle.
const fn circle(key: &'static str, holds: fn(&Plan) -> bool) -> Rule<Plan> {
    words(key, "不大于 `largest`", "at most `largest`", holds)
}

fn fits(circle: Circle) -> bool {
    circle.from <= circle.largest
}

/// No facility has more, in any unit.
pub(crate) const MOST_CAPACITY: f64 = 1e9;

/// Whether a number can be a year of this century or a neighbouring one.
pub(crate) fn year(year: i32) -> bool {
    YEARS.contains(&year)
}

const PACE: Allowed = Allowed::above_to(0.0, 50.0);
const MINUTES: Allowed = Allowed::from_to(1.0, 1440.0);
const SHARE: Allowed = Allowed::from_to(0.0, 1.0);
const CIRCLE: Allowed = Allowed::from_to(1.0, 100_000_000.0);
const REPORT_TEXT: Allowed = Allowed::Text { longest: 100 };
const SOURCE: Allowed = Allowed::Text { longest: 300 };

/// The rules of a plan: first those of single values, in the order of sections, then those of values that depend on others.
pub static PLAN_RULES: [Rule<Plan>; 68] = [
    value("round.name", Allowed::Name),
    value("round.base_year", Allowed::Year),
    value("round.horizon_years", Allowed::at_most(10.0)),
    value("units.cap", Allowed::from_to(1.0, 1e9)),
    value("units.gap_tolerance_m", Allowed::above_to(0.0, 100.0)),
    value("units.min_border_m", Allowed::above(0.0)),
    value("units.headroom", Allowed::from_to(0.0, 0.5)),
    value("travel.pace_m_per_s", PACE),
    value("travel.slow_pace_m_per_s", PACE),
    value("travel.ebike_m_per_s", PACE),
    value("travel.car_bus_m_per_s", PACE),
    value("travel.detour", Allowed::from_to(1.0, 10.0)),
    value("travel.snap_m", Allowed::from_to(1.0, 10_000.0)),
    value("travel.least_part_km", Allowed::from_to(0.0, 10_000.0)),
    value("travel.stairs", Allowed::from_to(1.0, 10.0)),
    value("travel.lift_seconds", Allowed::from_to(0.0, 600.0)),
    value("travel.crossing_seconds", Allowed::from_to(0.0, 600.0)),
    value("people.household_size", Allowed::from_to(0.5, 50.0)),
    value("people.age_shares.*", Allowed::from_to(0.0, 1e6)),
    value("growth.most_yearly", Allowed::from_to(0.0, 0.15)),
    value("growth.tiny", Allowed::at_most(1e6)),
    value("growth.births", Allowed::from_to(0.0, 10.0)),
    value("growth.deaths_60_plus", Allowed::from_to(0.0, 0.5)),
    value("growth.occupancy", SHARE),
    value("growth.error_yearly", SHARE),
    value("growth.error_size", Allowed::at_most(1e8)),
    value("growth.error_growth", Allowed::from_to(0.0, 10.0)),
    value("presence.L15.from", CIRCLE),
    value("presence.L15.largest", CIRCLE),
    value("presence.L10.from", CIRCLE),
    value("presence.L10.largest", CIRCLE),
    value("presence.L5.from", CIRCLE),
    value("presence.L5.largest", CIRCLE),
    value("ranking.basic", Allowed::at_least(0.0)),
    value("ranking.improved", Allowed::at_least(0.0)),
    value("ranking.domains.*", Allowed::from_to(0.0, 1000.0)),
    value("ranking.inflow_weight", Allowed::at_least(0.0)),
    value("ranking.inflow_reference", Allowed::above(0.0)),
    value("ranking.small", Allowed::at_most(1e9)),
    value("ranking.certainty.draws", Allowed::at_most(1e6)),
    value("ranking.certainty.weights", SHARE),
    value("ranking.certainty.pace", Allowed::from_to(0.0, 0.5)),
    value("ranking.certainty.capacity", SHARE),
    value("report.map_approval", REPORT_TEXT),
    value("report.date", REPORT_TEXT),
    value("report.sources.*", SOURCE),
    value("public.small", Allowed::from_to(1.0, 1000.0)),
    value("public.decimals", Allowed::from_to(2.0, 7.0)),
    value("inputs.earlier.year", Allowed::Year),
    value("inputs.observed.year", Allowed::Year),
    value("inputs.last_units.year", Allowed::Year),
    value("services.minutes", MINUTES),
    value(
        "services.default_capacity.*",
        Allowed::from_to(0.0, MOST_CAPACITY),
    ),
    words(
        "services.select",
        "服务要素的编号或名称，每项服务只写一次",
        "ids or names of services, each service once",
        |plan| {
            let ids = plan.services.select.iter().flatten();
            let mut seen = BTreeSet::new();
            ids.into_iter().all(|id| seen.insert(id))
        },
    ),
    words(
        "travel.mode",
        "没有 `inputs.roads` 时只能是 `straight` 或 `radius`",
        "`straight` or `radius`, or `inputs.roads` must name the roads",
        |plan| plan.travel.mode != TravelMode::Streets || plan.inputs.roads.is_some(),
    ),
    words(
        "travel.at",
        "日子和时刻，如 `weekday 10:00`：`weekday`、`saturday`、`sunday` 或 `mo` 至 `su`，00:00 至 23:59",
        "a day and a time such as `weekday 10:00`: `weekday`, `saturday`, `sunday` or `mo` to `su`, 00:00 to 23:59",
        |plan| Hour::parse(&plan.travel.at).is_some(),
    ),
    words(
        "travel.rules",
        "每条写明 `walk`、`ebike`、`car_bus` 或 `marks` 中至少一项；方向（`along`、`against`、`both`）只用于道路类别和方向部分，开放、不通只用于其余部分，位置和等候部分只有 `marks`",
        "changes that each say at least one of `walk`, `ebike`, `car_bus` and `marks`; directions (`along`, `against`, `both`) for streets and the part of directions alone, `open`, `closed` and `private` for all others, and for places and waits `marks` alone",
        |plan| plan.travel.rules.iter().all(RuleChange::sound),
    ),
    words(
        "people.spread",
        "`travel.mode` 为 `streets` 时才能是 `streets`，有 `inputs.weights` 时才能是 `weights`",
        "`streets` with `travel.mode = \"streets\"` alone, and `weights` with `inputs.weights` alone",
        |plan| match plan.people.spread {
            Some(Spread::Streets) => plan.roads().is_some(),
            Some(Spread::Weights) => plan.inputs.weights.is_some(),
            _ => true,
        },
    ),
    words(
        "inputs.roads",
        "`{ path = \"city.osm.pbf\" }` 或 `{ nodes = \"nodes.csv\", edges = \"edges.csv\" }`",
        "`{ path = \"city.osm.pbf\" }` or `{ nodes = \"nodes.csv\", edges = \"edges.csv\" }`",
        |plan| plan.inputs.roads.as_ref().is_none_or(RoadsSource::sound),
    ),
    words(
        "people.age_shares",
        "七个不小于 0 的数，不全为 0",
        "seven numbers from 0 up, not all 0",
        |plan| plan.people.age_shares.iter().sum::<f64>() > 0.0,
    ),
    words(
        "growth.variant",
        "`round.horizon_years` 为 0 时只能是 `middle`",
        "`middle` where `round.horizon_years` is 0",
        |plan| plan.growth.variant == Variant::Middle || plan.round.horizon_years > 0,
    ),
    circle("presence.L15.from", |plan| fits(plan.presence.l15)),
    circle("presence.L10.from", |plan| fits(plan.presence.l10)),
    circle("presence.L5.from", |plan| fits(plan.presence.l5)),
    words(
        "inputs.earlier.year",
        "早于 `round.base_year` 的年份",
        "a year before `round.base_year`",
        |plan| {
            let earlier = plan.inputs.earlier.as_ref();
            earlier.is_none_or(|source| source.year < plan.round.base_year)
        },
    ),
    words(
        "inputs.observed",
        "与 `inputs.earlier` 一起给出：预测方法由两个年份的人口推到第三个年份",
        "beside `inputs.earlier`: the methods need two dates to project to a third",
        |plan| plan.inputs.observed.is_none() || plan.inputs.earlier.is_some(),
    ),
    words(
        "inputs.observed.year",
        "既不是 `round.base_year` 也不是 `inputs.earlier.year` 的年份",
        "a year that is neither `round.base_year` nor `inputs.earlier.year`",
        |plan| {
            let earlier = plan.inputs.earlier.as_ref().map(|source| source.year);
            let used = [Some(plan.round.base_year), earlier];
            let observed = plan.inputs.observed.as_ref();
            observed.is_none_or(|source| !used.contains(&Some(source.year)))
        },
    ),
    words(
        "inputs.last_units.year",
        "不晚于 `round.base_year` 的年份；有 `inputs.crosswalk` 时必须给出",
        "a year that is not after `round.base_year`; required where there is a crosswalk",
        |plan| match &plan.inputs.last_units {
            // Changes before that year must not apply again.
            Some(source) => match source.year {
                Some(year) => year <= plan.round.base_year,
                None => plan.inputs.crosswalk.is_none(),
            },
            None => true,
        },
    ),
];

const FIGURE: Allowed = Allowed::above_to(0.0, 1e6).or(NO_NORM);
const FIGURE_A_PERSON: Allowed = Allowed::above_to(0.0, 1e4).or(NO_NORM);
const NO_NORM: super::allowed::Words = [
    "没有指标时不写该数，或用 `presence` 作 `basis`",
    "where nothing is asked for, leave the figure out or use the basis `presence`",
];

const SIZE: Allowed = Allowed::from_to(0.0, 1e9);

/// The rules of a row of the catalogue, in the same order.
pub static CATALOGUE_RULES: [Rule<Service>; 26] = [
    value("service.id", Allowed::Name),
    value("service.urban.minutes", MINUTES),
    value("service.rural.minutes", MINUTES),
    value("service.hub.limit.minutes", MINUTES),
    value("service.norm.per_1000_low", FIGURE),
    value("service.norm.per_1000_high", FIGURE),
    value("service.norm.m2_per_100_households", FIGURE),
    value("service.norm.m2_per_resident", FIGURE_A_PERSON),
    value("service.norm.per_target_person", FIGURE_A_PERSON),
    value("service.minimum.size", SIZE),
    value("service.minimum.rural", SIZE),
    value("service.minimum.smaller.*.size", SIZE),
    value(
        "service.minimum.smaller.*.below",
        Allowed::from_to(1.0, 1e8),
    ),
    value("service.evidence.*.year", Allowed::Year),
    value("service.evidence.*.target_year", Allowed::Year),
    value("service.full_hours", Allowed::above_to(0.0, 168.0)),
    value("service.requires.*.count", Allowed::from_to(1.0, 1000.0)),
    value("service.requires.*.share", Allowed::above_to(0.0, 1.0)),
    value("service.requires.*.every", Allowed::from_to(1.0, 1e9)),
    words(
        "service.requires.count",
        "按社区、村计的只能是 1（不写即为 1）",
        "1 for communities and villages",
        |service| each_rule(service, |rule| !counts_places(rule) || rule.count == 1),
    ),
    words(
        "service.requires.share",
        "只有按社区、村、镇街、街道、镇计的可以小于 1",
        "1 (or left out), but for communities, villages, townships, streets and towns",
        |service| {
            each_rule(service, |rule| {
                rule.share >= 1.0 || counts_places(rule) || rule.of_county()
            })
        },
    ),
    words(
        "service.requires.every",
        "按居民、户计的必须给出，其余不写",
        "given for residents and households, and for nothing else",
        |service| {
            each_rule(service, |rule| {
                rule.every.is_some() == matches!(rule.per, Per::Residents | Per::Households)
            })
        },
    ),
    words(
        "service.minimum.smaller",
        "`below` 由小到大",
        "the fewest residents (`below`) first",
        |service| {
            let steps = service.minimum.iter().map(|minimum| &minimum.smaller);
            let below = |step: &Smaller| step.below;
            steps
                .into_iter()
                .all(|steps| steps.windows(2).all(|two| below(&two[0]) < below(&two[1])))
        },
    ),
    words(
        "service.requires.unless_covered",
        "只用于 L15、L10 和 L5",
        "left out, except for L15, L10 and L5",
        |service| {
            each_rule(service, |rule| {
                rule.unless_covered.is_none() || matches!(rule.per, Per::L15 | Per::L10 | Per::L5)
            })
        },
    ),
    words(
        "service.requires.public",
        "按区县计的不写",
        "left out for a county",
        |service| each_rule(service, |rule| rule.per != Per::County || !rule.public),
    ),
    words(
        "service.requires",
        "不含 `county`，除非 `levels` 中也有",
        "without `county`, unless `levels` has it, too",
        |service| {
            let limited = service.urban.is_some() || service.rural.is_some();
            let of_county = !limited || service.levels.iter().any(|level| level == "county");
            of_county || each_rule(service, |rule| rule.per != Per::County)
        },
    ),
];

/// The id of a row, beside its being a name.
pub(super) static UNIQUE_ID: (&str, Allowed) = (
    "service.id",
    Allowed::Words(["其他行没有用过的编号", "a name that no other row has"]),
);

/// What a plan names services by.
pub(super) static NAMED_ONCE: Allowed = Allowed::Words([
    "服务要素的编号或名称，每项服务只写一次",
    "ids or names of services, each service once",
]);

/// What a row adds its capacity to, or sums up.
pub(super) static SAME_UNIT: (&str, Allowed) = (
    "service.adds_to/sums",
    Allowed::Words([
        "计量单位相同的其他服务",
        "another service that counts in the same unit",
    ]),
);

/// Every rule there is, with what it allows.
pub fn rules() -> impl Iterator<Item = (&'static str, Allowed)> {
    let plan = PLAN_RULES.iter().map(|rule| (rule.key, rule.allowed));
    let catalogue = CATALOGUE_RULES.iter().map(|rule| (rule.key, rule.allowed));
    plan.chain(catalogue).chain([UNIQUE_ID, SAME_UNIT])
}

/// A value that a rule does not allow.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Breach {
    pub key: String,
    /// `None` where the key is not there.
    pub value: Option<String>,
    pub must: &'static Allowed,
}

/// The first rule that does not hold. `settings` has the values as they were written, `whole` what was read from them.
pub(super) fn first_breach<T>(
    rules: &'static [Rule<T>],
    settings: &toml::Table,
    whole: &T,
) -> Option<Breach> {
    rules.iter().find_map(|rule| rule.breach(settings, whole))
}

impl<T> Rule<T> {
    fn breach(&'static self, settings: &toml::Table, whole: &T) -> Option<Breach> {
        let must = &self.allowed;
        let found = entries(settings, self.key);
        if let Some((key, value)) = found.iter().find(|(_, value)| !must.admits(value)) {
            let (key, value) = (key.clone(), Some(shown(value)));
            return Some(Breach { key, value, must });
        }
        let holds = self.holds.is_none_or(|holds| holds(whole));
        (!holds).then(|| Breach {
            key: self.key.to_owned(),
            value: found.first().map(|(_, value)| shown(value)),
            must,
        })
    }
}

/// The values at a key such as `travel.detour` or `services.default_capacity.*`, each with its own key.
fn entries<'a>(settings: &'a toml::Table, key: &str) -> Vec<(String, &'a toml::Value)> {
    let (first, rest) = match key.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (key, None),
    };
    let found = settings.get(first).map(|value| values(value, rest));
    let found = found.into_iter().flatten();
    found
        .map(|(under, value)| (joined(first, &under), value))
        .collect()
}

/// As [`entries`], below one value; the values of a list have no keys of their own.
fn values<'a>(value: &'a toml::Value, key: Option<&str>) -> Vec<(String, &'a toml::Value)> {
    let Some(key) = key else {
        return vec![(String::new(), value)];
    };
    match (value, key.strip_prefix('*')) {
        (toml::Value::Table(table), None) => entries(table, key),
        (toml::Value::Table(table), Some(rest)) => table
            .iter()
            .flat_map(|(name, value)| {
                let found = values(value, rest.strip_prefix('.'));
                let name = name.clone();
                found
                    .into_iter()
                    .map(move |(under, value)| (joined(&name, &under), value))
            })
            .collect(),
        (toml::Value::Array(list), Some(rest)) => list
            .iter()
            .flat_map(|value| values(value, rest.strip_prefix('.')))
            .collect(),
        // A rule in words about a key of a list's tables: the list as a whole is to be shown.
        (toml::Value::Array(_), None) => vec![(key.to_owned(), value)],
        _ => Vec::new(),
    }
}

fn joined(key: &str, under: &str) -> String {
    if under.is_empty() {
        key.to_owned()
    } else {
        format!("{key}.{under}")
    }
}

/// A value as it stands in messages: a text without quotes, a file by its path.
fn shown(value: &toml::Value) -> String {
    let text = match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Table(table) => match table.get("path") {
            Some(toml::Value::String(path)) => path.clone(),
            _ => value.to_string(),
        },
        other => other.to_string(),
    };
    plain(&text)
}

fn each_rule(service: &Service, holds: impl Fn(&Requirement) -> bool) -> bool {
    service.requires.iter().all(holds)
}

fn counts_places(rule: &Requirement) -> bool {
    matches!(rule.per, Per::Community | Per::Village)
}
