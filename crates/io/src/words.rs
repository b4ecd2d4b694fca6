//! Words of the catalogue and of tables, for people: Chinese first, English second.

use fuwutu_core::city::Status;
use fuwutu_core::supply::presence::Attained;

/// How well a standard is established.
#[must_use]
pub fn status(status: &str) -> [&str; 2] {
    let zh = match status {
        "verified" => "已核",
        "partly" => "部分核实",
        "secondary" => "转引",
        "recalled" => "待核",
        "proposed" => "建议值",
        other => other,
    };
    [zh, status]
}

/// A unit of capacity.
#[must_use]
pub fn capacity_unit(unit: &str) -> [&str; 2] {
    match unit {
        "seats" => ["学位", "seats"],
        "places" => ["托位", "places"],
        "beds" => ["床位", "beds"],
        "learners" => ["学员", "learners"],
        "meals_per_day" => ["份/日", "meals a day"],
        "m2_floor" => ["㎡ 建筑面积", "m² of floor"],
        "m2_site" => ["㎡ 用地", "m² of land"],
        "books" => ["册", "books"],
        "spaces" => ["车位", "spaces"],
        "persons" => ["人", "persons"],
        other => [other, other],
    }
}

/// A verdict of presence.
#[must_use]
pub fn attained(attained: Attained) -> [&'static str; 2] {
    match attained {
        Attained::Yes => ["达标", "attained"],
        Attained::Unknown => ["规模未知", "size not known"],
        Attained::TooSmall => ["规模不足", "too small"],
        Attained::TooFew => ["数量不足", "too few"],
        Attained::Absent => ["缺项", "absent"],
    }
}

/// What is unusual about a unit, by the codes of `units.csv`.
#[must_use]
pub fn note(code: &str) -> [&str; 2] {
    match code {
        "over_cap" => ["超过人口上限", "over the cap"],
        "split_community" => ["含拆分的社区（村）", "holds a part of a split community"],
        "detached" => ["含不相连的部分", "with a detached part"],
        "empty" => ["无常住人口", "nobody lives there"],
        "not_joined" => ["边界未能合并", "its outline could not be merged"],
        other => [other, other],
    }
}

/// Whether a facility works; the English word is the one that tables have.
#[must_use]
pub fn facility_status(status: Status) -> [&'static str; 2] {
    let zh = match status {
        Status::Existing => "现状",
        Status::Committed => "在建",
        Status::Planned => "规划",
        Status::Idle => "闲置",
        Status::Closed => "停用",
    };
    [zh, crate::write::places::status(status)]
}

/// The first of the names that a service has, without what it also is called: `社区食堂/老年助餐点` → `社区食堂`.
#[must_use]
pub fn short_name(name: &str) -> &str {
    name.split('/').next().unwrap_or(name).trim()
}
