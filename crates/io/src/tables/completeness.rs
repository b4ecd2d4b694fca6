//! `completeness.csv`: how many services people have in reach. One line for each unit, year and way of counting; then the same for
//! each township, and for the whole city.

use fuwutu_core::completeness::{Basket, Completeness as Counted, WAYS, Within};
use fuwutu_core::position::{ServiceAt, UnitAt, YearAt};
use fuwutu_core::quantity::{AGE_BANDS, Residents};

use super::{Kind, Spread, table};
use crate::csv_text::{persons_parts, persons_whole};
use crate::outcome::Outcome;
use crate::words::{AREA, Coded};

/// How many services are lacked, in classes: headers, and the most of each class.
pub const LACKING: [(&str, usize); 8] = [
    ("lacking_1", 1),
    ("lacking_2", 2),
    ("lacking_3", 3),
    ("lacking_4", 4),
    ("lacking_5", 5),
    ("lacking_6_10", 10),
    ("lacking_11_20", 20),
    ("lacking_21_more", usize::MAX),
];

const LACKING_NAMES: &[&str] = &[
    LACKING[0].0,
    LACKING[1].0,
    LACKING[2].0,
    LACKING[3].0,
    LACKING[4].0,
    LACKING[5].0,
    LACKING[6].0,
    LACKING[7].0,
];

/// Headers of the age bands, the youngest first.
const BANDS: &[&str; AGE_BANDS.len()] = &[
    "share_0_2",
    "share_3_5",
    "share_6_11",
    "share_12_14",
    "share_15_17",
    "share_18_59",
    "share_60_plus",
];

table! {
    Completeness in "completeness.csv", ["生活圈完整度", "completeness"] {
        area: String = Kind::Code(AREA), Everybody, ["范围", "area"], ["范围：unit 单元，township 镇（街道），city 全市", "unit, township or city"];
        id: String = Kind::Id, Everybody, ["单元编号或镇（街道）代码", "unit or township"], ["单元编号或镇（街道）代码；全市为空", "id of the unit or code of the township; empty for the city"];
        year: i32 = Kind::Year, Everybody, ["年份", "year"], ["年份", "year"];
        within: Option<Within> = Kind::Code(Within::WORDS), Everybody, ["可达标准", "within"], ["limit 各服务自己的时限；walk_15 一律步行 15 分钟", "limit: the own limit of each service; walk_15: 15 minutes on foot for all"];
        services: Option<Basket> = Kind::Code(Basket::WORDS), Everybody, ["服务范围", "services"], ["basic 基础保障类；selected 所选全部", "basic services, or all that are selected"];
        count: u32 = Kind::Count, Everybody, ["服务数", "number of services"], ["计入的服务数（不含只补充供给的和没有时限的）", "services that count: those with a limit that do not only add capacity to others"];
        residents: Option<u64> = Kind::Persons, Rounded, ["居民（人）", "residents (persons)"], ["至少有一项服务适用的居民", "residents for whom at least one service counts"];
        complete_residents: Option<u64> = Kind::Persons, Rounded, ["服务齐备的居民（人）", "with all in reach (persons)"], ["适用的服务全部可达的居民", "those of them who have all services in reach that count for them"];
        share: Option<f64> = Kind::Share(4), Made, ["齐备率", "share with all"], ["齐备率：服务齐备的居民 ÷ 居民", "those with all in reach ÷ residents"];
        mean_share: Option<f64> = Kind::Share(4), Made, ["完整度", "completeness"], ["完整度：适用的服务中可达的份额，各居民合计", "services in reach ÷ services that count, over all residents"];
        lacking[Spread::Names(LACKING_NAMES), "lacking_{count}"]: Vec<Option<u64>> = Kind::Persons, Office, ["缺少服务数（人）", "lacking so many (persons)"], ["缺少这么多项服务的居民", "residents who lack so many services"];
        lacked_service: String = Kind::Id, Office, ["最常单独缺少的服务", "service most often lacked alone"], ["只缺一项的居民中，最常缺少的服务", "of those who lack one service only, the one that most of them lack"];
        lacked_residents: Option<u64> = Kind::Persons, Office, ["只缺该项的居民（人）", "lacking it alone (persons)"], ["只缺该项服务的居民", "residents who lack that service only"];
        share_by_age[Spread::Names(BANDS), "share_{age}"]: Vec<Option<f64>> = Kind::Share(4), Office, ["分年龄齐备率", "share with all, by age"], ["该年龄段的齐备率", "share of these ages with all in reach"];
    }
}

/// Unit by unit, township by township, and the city; in each year by year, in each of [`WAYS`]. None where no service counts.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Completeness> {
    let round = result.round;
    let units = &round.units;
    if round
        .completeness
        .iter()
        .all(|each| each.residents().0 == 0)
    {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (at, unit) in UnitAt::enumerate(units) {
        all.extend(of_area(result, ("unit", &unit.id), &[at]));
    }
    for (at, township) in result.city.townships().iter().enumerate() {
        let inside = UnitAt::enumerate(units).filter(|(_, unit)| unit.township.index() == at);
        let inside: Vec<UnitAt> = inside.map(|(at, _)| at).collect();
        if !inside.is_empty() {
            all.extend(of_area(result, ("township", &township.code), &inside));
        }
    }
    let everywhere: Vec<UnitAt> = UnitAt::first(units.len()).collect();
    all.extend(of_area(result, ("city", ""), &everywhere));
    all
}

/// The lines of the area that some units make up.
fn of_area(result: &Outcome, area: (&str, &str), units: &[UnitAt]) -> Vec<Completeness> {
    let round = result.round;
    let mut all = Vec::new();
    for (nth, &year) in round.years.iter().enumerate() {
        for (way, &(within, services)) in WAYS.iter().enumerate() {
            let mut sum = Counted::none(result.selected.len());
            for &unit in units {
                sum.join(round.complete(unit, YearAt::new(nth), way));
            }
            all.push(Completeness {
                area: area.0.to_owned(),
                id: area.1.to_owned(),
                year,
                within: Some(within),
                services: Some(services),
                count: counted(result, services),
                ..row(result, &sum)
            });
        }
    }
    all
}

/// How many services count.
fn counted(result: &Outcome, basket: Basket) -> u32 {
    let plan = result.plan.core();
    let counts = |at: &&ServiceAt| {
        let service = &result.catalogue[**at];
        result.supplied(**at) && basket.has(service, fuwutu_core::round::limits(service, &plan))
    };
    result.selected.iter().filter(counts).count() as u32
}

fn row(result: &Outcome, sum: &Counted) -> Completeness {
    let parts = persons_parts(classes(&sum.lacking));
    let lacked = sum.lacked_most();
    Completeness {
        residents: Some(persons_whole(sum.residents())),
        complete_residents: Some(persons_whole(sum.lacking[0])),
        share: sum.share(),
        mean_share: sum.mean(),
        lacking: parts[1..].iter().map(|&people| Some(people)).collect(),
        lacked_service: lacked.map_or_else(String::new, |(nth, _)| {
            result.catalogue[result.selected[nth]].id.clone()
        }),
        lacked_residents: lacked.map(|(_, people)| persons_whole(people)),
        share_by_age: sum.share_by_age().to_vec(),
        ..Completeness::default()
    }
}

/// Who lacks none, and who lacks as many as each of [`LACKING`] says.
fn classes(lacking: &[Residents]) -> [Residents; LACKING.len() + 1] {
    let mut classes = [Residents::default(); LACKING.len() + 1];
    for (count, &people) in lacking.iter().enumerate() {
        let class = LACKING.iter().position(|(_, most)| count <= *most);
        let class = if count == 0 {
            0
        } else {
            class.map_or(LACKING.len(), |class| class + 1)
        };
        classes[class] += people;
    }
    classes
}
