//! The totals of the city in `round.json`: one entry a service and year.

use fuwutu_core::quantity::Residents;
use fuwutu_core::round::CityTotal;
use fuwutu_core::supply::shortage::Certain;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::{Kind, Table, Value, json, table};
use crate::outcome::Outcome;

table! {
    Total in "round.json", ["全市合计", "totals of the city"] {
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        year: i32 = Kind::Year, Everybody, ["年份", "year"], ["年份", "year"];
        target: Option<Residents> = Kind::Exact, Made, ["服务人口（人）", "target group (persons)"], ["服务人口（人）", "residents of the target group"];
        covered: Option<Residents> = Kind::Exact, Made, ["已覆盖（人）", "covered (persons)"], ["时限内有开放设施的服务人口", "those of the target group with an open facility within the limit"];
        not_covered: Option<Residents> = Kind::Exact, Made, ["未覆盖（人）", "not covered (persons)"], ["未覆盖的服务人口", "those of the target group without one"];
        unsnapped: Option<Residents> = Kind::Exact, Made, ["未覆盖：距道路过远（人）", "not covered: too far from a street (persons)"], ["未覆盖且距道路过远的人", "not covered, too far from every street that can be used"];
        roadless: Option<Residents> = Kind::Exact, Made, ["未覆盖：路网数据未覆盖（人）", "not covered: outside the street data (persons)"], ["未覆盖且在路网数据未覆盖处的人", "not covered, outside the network"];
        too_far: Option<Residents> = Kind::Exact, Made, ["未覆盖：超过时限（人）", "not covered: too far (persons)"], ["未覆盖的其余的人", "not covered, all others"];
        covered_straight: Option<Residents> = Kind::Exact, Made, ["直线 × 绕行系数覆盖（人）", "covered, straight × detour (persons)"], ["按直线 × 绕行系数覆盖的人口", "covered in straight lines × detour"];
        covered_otherwise: Option<Residents> = Kind::Exact, Made, ["换一种人口分布的覆盖（人）", "covered by the other spread (persons)"], ["只知道社区总数的居民若换一种方式分布，已覆盖的人；只有基期年；需求点齐全时为空", "those covered if the residents of whom only the community is known were spread in the other way; in the base year, empty where all have demand points"];
        covered_least: Option<Residents> = Kind::Exact, Made, ["至少覆盖（人）", "covered at least (persons)"], ["不论居民住在社区何处都已覆盖的人；只有基期年；需求点齐全时为空", "those covered wherever in their communities people live; in the base year, empty where all have demand points"];
        covered_most: Option<Residents> = Kind::Exact, Made, ["至多覆盖（人）", "covered at most (persons)"], ["居民住在社区最有利处时已覆盖的人；只有基期年；需求点齐全时为空", "those covered if people live where it is best for them; in the base year, empty where all have demand points"];
        spread_matters: Option<bool> = Kind::Truth, Everybody, ["覆盖率取决于人口分布", "depends on the spread"], ["时间标准内走的路短于社区的平均宽度，覆盖率取决于居民在社区内的分布", "whether the limit leads less far than the communities are wide, so that the coverage depends on how residents are spread over them"];
        covered_radius: Option<Residents> = Kind::Exact, Made, ["服务半径内（人）", "within the radius (persons)"], ["服务半径内（直线距离）有开放设施的服务人口；时限没有半径时为空", "covered within the service radius, as the crow flies; empty where a limit has no radius"];
        short: Option<f64> = Kind::Capacity, Made, ["供给缺口（计入可达供给）", "shortfall in reach"], ["各单元供给缺口（计入可达供给）之和", "sum of the units' shortfalls in reach"];
        units_not_judged: u32 = Kind::Count, Everybody, ["供给未知的单元", "units not judged"], ["有需求而供给未知的单元数", "units that ask for capacity and whose supply is not known"];
        facilities: Option<u32> = Kind::Count, Everybody, ["开放设施（处）", "open facilities"], ["开放设施数；未提供设施数据为空", "open facilities; empty where no facility data were supplied"];
        capacity_unknown: Option<u32> = Kind::Count, Everybody, ["规模不详（处）", "capacity not known"], ["规模不详的设施数", "open facilities whose capacity is not known"];
        capacity: Option<f64> = Kind::Capacity, Everybody, ["规模", "capacity"], ["开放设施的规模；规模不全时为空", "capacity of the open facilities; empty where any is not known"];
        received: Option<f64> = Kind::Capacity, Made, ["可达供给", "accessible supply"], ["各单元可达供给之和", "sum of what the units receive"];
        reached_by_nobody: Option<f64> = Kind::Capacity, Everybody, ["无人可达的规模", "capacity that nobody reaches"], ["无人可达的规模", "capacity that nobody reaches"];
        certain_seated: Option<f64> = Kind::Capacity, Office, ["已满足需求", "seated"], ["最大分配下得到安排的需求", "demand that the fair greatest assignment seats"];
        certain_short: Option<f64> = Kind::Capacity, Made, ["未满足需求", "unmet demand"], ["未满足需求：无论怎样分配都安排不下的需求（规模不详时为下限）；逐个需求点按时限计，供给缺口为 0 时仍可大于 0", "demand that no assignment can seat; at least so much where a capacity is not known; asked at every place within the limit, so it can be large where the shortfall is 0"];
        certain_too_far: Option<f64> = Kind::Capacity, Office, ["其中：时限内没有", "of it: none in reach"], ["其中：时限内没有开放设施", "of it: no facility is open within the limit"];
        certain_full: Option<f64> = Kind::Capacity, Office, ["其中：可达设施已满负荷", "of it: all full"], ["其中：时限内的设施均已满负荷", "of it: all facilities within the limit are full"];
        certain_none_exists: Option<f64> = Kind::Capacity, Office, ["其中：全市没有", "of it: none exists"], ["其中：全市没有开放设施", "of it: none is open in the whole city"];
        certain_at_least: Option<bool> = Kind::Truth, Everybody, ["未满足需求为下限", "at least so much"], ["有设施规模不详，未满足需求为下限", "whether a capacity is not known, so that it is at least so much"];
        units_with_a_rule: Option<u32> = Kind::Count, Everybody, ["有配置规则的单元", "units with a rule"], ["有配置规则的单元数；未提供设施数据为空", "units for which a rule of presence applies; empty where no facility data were supplied"];
        units_attained: Option<u32> = Kind::Count, Everybody, ["达标单元", "units that attain it"], ["其中达标的", "those of them that keep all"];
        units_undecided: Option<u32> = Kind::Count, Everybody, ["未定单元", "units undecided"], ["其中规模或性质不明而未定的", "those of them whose sizes or owners are not known"];
    }
}

/// Of a service in a year.
#[must_use]
pub fn row(result: &Outcome, total: &CityTotal) -> Total {
    let service = &result.catalogue[total.service];
    let comparable = total.supplied && total.unknown == 0 && !service.capacity_unit.is_empty();
    let tenth = |number: f64| (number * 10.0).round() / 10.0;
    let if_known = |number: f64| comparable.then(|| tenth(number));
    let certain = |part: fn(&Certain) -> u64| {
        total
            .certain
            .as_ref()
            .map(|certain| tenth(Certain::units(part(certain))))
    };
    let outside = total.target - total.covered;
    let known = |people: Residents| total.supplied.then_some(people);
    Total {
        service: service.id.clone(),
        year: total.year,
        target: Some(total.target),
        covered: known(total.covered),
        not_covered: known(outside),
        unsnapped: known(total.unsnapped),
        roadless: known(total.roadless),
        too_far: known(outside - total.unsnapped - total.roadless),
        covered_straight: total.covered_straight,
        covered_otherwise: total.spread.map(|spread| spread.otherwise),
        covered_least: total.spread.map(|spread| spread.least),
        covered_most: total.spread.map(|spread| spread.most),
        spread_matters: result
            .spread
            .and_then(|spread| spread.matters(total, service, result.plan)),
        covered_radius: total.covered_radius,
        short: total.short.map(tenth),
        units_not_judged: total.unjudged,
        facilities: total.supplied.then_some(total.open),
        capacity_unknown: total.supplied.then_some(total.unknown),
        capacity: if_known(total.capacity),
        received: if_known(total.received),
        reached_by_nobody: if_known(total.unreached),
        certain_seated: certain(|certain| certain.seated),
        certain_short: certain(Certain::short),
        certain_too_far: certain(|certain| certain.too_far),
        certain_full: certain(|certain| certain.full),
        certain_none_exists: certain(|certain| certain.none_exists),
        certain_at_least: total.certain.map(|_| total.unknown > 0),
        units_with_a_rule: total.supplied.then_some(total.required),
        units_attained: total.supplied.then_some(total.attained),
        units_undecided: total.supplied.then_some(total.undecided),
    }
}

impl Total {
    /// Covered ÷ target; `None` where the target group is empty, or one of them is not known.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        let (covered, target) = (self.covered?.persons(), self.target?.persons());
        (target > 0.0).then(|| covered / target)
    }
}

/// Columns that begin so stand together in an object of this name, without the beginning.
const NESTED: &str = "certain";

/// The name of a column in `round.json`: where it is nested, in the object.
fn key(name: &str) -> Result<&str, &str> {
    let nested = name.strip_prefix(NESTED);
    nested
        .and_then(|rest| rest.strip_prefix('_'))
        .map_or(Ok(name), Err)
}

/// As an object of `round.json`, a key a column.
impl Serialize for Total {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut object, mut nested) = (Map::new(), Map::new());
        for column in Self::COLUMNS {
            let value = json(column.about.kind, &(column.get)(self, 0));
            match key(column.about.name) {
                Ok(key) => {
                    object.insert(key.to_owned(), value);
                }
                Err(key) => {
                    nested.insert(key.to_owned(), value);
                    object.insert(NESTED.to_owned(), Json::Null);
                }
            }
        }
        if self.certain_short.is_some() {
            object.insert(NESTED.to_owned(), Json::Object(nested));
        }
        object.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Total {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = Map::deserialize(deserializer)?;
        let nested = match object.remove(NESTED) {
            Some(Json::Object(nested)) => nested,
            Some(Json::Null) | None => Map::new(),
            Some(other) => return Err(D::Error::custom(format!("`{NESTED}` is `{other}`"))),
        };
        let nested = nested
            .into_iter()
            .map(|(key, value)| (format!("{NESTED}_{key}"), value));
        let mut total = Self::default();
        for (key, value) in object.into_iter().chain(nested) {
            let column = Self::COLUMNS.iter().find(|column| column.about.name == key);
            let column =
                column.ok_or_else(|| D::Error::custom(format!("unknown field `{key}`")))?;
            if !(column.set)(&mut total, 0, cell(&value)) {
                return Err(D::Error::custom(format!("`{key}` is `{value}`")));
            }
        }
        Ok(total)
    }
}

fn cell(value: &Json) -> Value<'_> {
    match value {
        Json::String(text) => Value::Text(text.as_str().into()),
        Json::Bool(holds) => Value::Truth(*holds),
        value => value.as_f64().map_or(Value::Nothing, Value::Number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_read_as_it_was_written_and_nothing_else_is() {
        let total = Total {
            service: "market".to_owned(),
            year: 2026,
            target: Some(Residents(1_500)),
            short: Some(3.0),
            certain_short: Some(2.5),
            certain_at_least: Some(false),
            ..Total::default()
        };
        let text = serde_json::to_string(&total).unwrap();
        assert!(
            text.contains(r#""target":1.5"#) && text.contains(r#""short":3.0"#),
            "{text}"
        );
        assert!(
            text.contains(r#""certain":{"seated":null,"short":2.5"#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Total>(&text).unwrap(), total);
        let misspelt = text.replace("target", "tarket");
        let error = serde_json::from_str::<Total>(&misspelt).unwrap_err();
        assert!(
            error.to_string().contains("unknown field `tarket`"),
            "{error}"
        );
        let wrong = text.replace("2026", "\"soon\"");
        assert!(serde_json::from_str::<Total>(&wrong).is_err());
    }
}
