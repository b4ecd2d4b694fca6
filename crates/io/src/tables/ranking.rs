//! `ranking.csv`: one line a unit, the highest priority first.

use super::{Kind, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;

table! {
    Place in "ranking.csv", ["配置优先次序", "ranking"] {
        place: u32 = Kind::Place, Everybody, ["位次（按配置优先度）", "place by priority"], ["位次，按配置优先度", "place by priority, 1 first"];
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        township: String = Kind::Id, Everybody, ["镇（街道）代码", "township code"], ["镇（街道）代码", "code of the township"];
        residents: u64 = Kind::Persons, Rounded, ["常住人口（人）", "residents (persons)"], ["常住人口（人）", "usual residents"];
        inflow_rate: Option<f64> = Kind::Share(4), Made, ["人口增长率", "growth"], ["预测期内的人口增长率", "growth of residents over the horizon"];
        need: f64 = Kind::Index(1), Made, ["综合缺口率", "need"], ["综合缺口率，0 至 100：各服务缺口率的加权平均；0 什么也不缺，100 全缺", "need, 0 to 100: weighted mean of what is missing of each service; 0 where nothing is, 100 where everything is"];
        unserved_residents: Option<u64> = Kind::Persons, Made, ["未覆盖人口（累计）", "unserved (summed over services)"], ["未覆盖人口（累计）", "people out of reach, summed over services"];
        cause_1: String = Kind::Id, Everybody, ["第一原因", "first cause"], ["最主要原因（服务编号）", "largest cause, a service"];
        cause_2: String = Kind::Id, Everybody, ["第二原因", "second cause"], ["第二原因", "second cause"];
        cause_3: String = Kind::Id, Everybody, ["第三原因", "third cause"], ["第三原因", "third cause"];
        township_name: String = Kind::Name, Everybody, ["镇（街道）", "township"], ["镇（街道）名称", "name of the township"];
        inflow_part: f64 = Kind::Index(1), Made, ["其中人口流入", "of it inflow"], ["配置优先度中因人口流入的部分：配置优先度 − 综合缺口率", "the part of the priority score that growth adds: priority score − need"];
        place_by_unserved: u32 = Kind::Place, Everybody, ["位次（按未覆盖）", "place by people unserved"], ["位次，按未覆盖人口（累计）", "place by people unserved"];
        residents_horizon: u64 = Kind::Persons, Rounded, ["目标年人口（人）", "residents in the last year (persons)"], ["预测目标年人口（人）", "residents in the last year"];
        place_first: Option<u32> = Kind::Place, Everybody, ["位次区间：前端", "interval of places: first"], ["抽样中位次区间的前端：二十次抽样中有十九次不在其前", "first of the interval of places: nineteen in twenty draws put it at this place or a later one"];
        place_last: Option<u32> = Kind::Place, Everybody, ["位次区间：后端", "interval of places: last"], ["抽样中位次区间的后端：二十次抽样中有十九次不在其后", "last of the interval of places: nineteen in twenty draws put it at this place or an earlier one"];
        in_first_ten: Option<f64> = Kind::Share(3), Everybody, ["列入前十的抽样占比", "draws in the first ten"], ["抽样中列入前十的次数占比", "share of draws in which it is among the first ten"];
        inflow_factor: f64 = Kind::Index(4), Made, ["人口流入系数", "inflow factor"], ["人口流入系数：1 + λ × 流入", "1 + λ × inflow"];
        priority: f64 = Kind::Index(1), Made, ["配置优先度", "priority score"], ["配置优先度：综合缺口率 × 人口流入系数；据此排序，写出的数相同的按单元编号", "priority score: need × inflow factor; it orders the units, and those of the same figure stand in the order of their ids"];
        unproven_share: Option<f64> = Kind::Share(4), Made, ["待核实依据占比", "on recalled or proposed standards"], ["综合缺口率中依据为待核实或建议值的部分所占份额，0 至 1", "the part of the need that rests on limits and norms that are only recalled or proposed, 0 to 1"];
        small: bool = Kind::Truth, Everybody, ["人口少", "few residents"], ["基期年常住人口少于 ranking.small", "fewer residents in the base year than ranking.small"];
    }
}

/// In the order of need.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Place> {
    let places = result.round.places.iter();
    places.map(|place| row(result, place)).collect()
}

fn row(result: &Outcome, place: &fuwutu_core::ranking::Place) -> Place {
    let unit = &result.round.units[place.unit];
    let township = &result.city.townships()[unit.township];
    let residents = &result.round.residents[place.unit];
    let cause = |position: usize| {
        let cause = place.causes.get(position);
        cause.map_or_else(String::new, |cause| {
            result.catalogue[cause.service].id.clone()
        })
    };
    Place {
        place: place.place,
        unit: unit.id.clone(),
        township: township.code.clone(),
        residents: persons_whole(unit.residents),
        inflow_rate: place.inflow_rate,
        need: place.need,
        unserved_residents: Some(persons_whole(place.unserved)),
        cause_1: cause(0),
        cause_2: cause(1),
        cause_3: cause(2),
        township_name: township.name.clone(),
        inflow_part: place.inflow_part(),
        place_by_unserved: place.place_by_unserved,
        residents_horizon: persons_whole(residents.last().copied().unwrap_or_default()),
        place_first: place.certainty.map(|certainty| certainty.first),
        place_last: place.certainty.map(|certainty| certainty.last),
        in_first_ten: place.certainty.map(|certainty| certainty.in_first_ten),
        inflow_factor: place.inflow_factor,
        priority: place.priority,
        unproven_share: place.unproven,
        small: place.small,
    }
}
