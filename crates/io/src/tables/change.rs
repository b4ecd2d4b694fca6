//! The tables of a comparison: figures by cause, facilities, places, codes.

use std::collections::BTreeMap;

use fuwutu_core::change::{Amount, CAUSES, Cause, Figure, Row};
use fuwutu_core::change::{FacilityChange, FacilityChangeKind};
use fuwutu_core::city::{City, Facility};
use fuwutu_core::position::{FacilityAt, ServiceAt};

use super::{Kind, Spread, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;
use crate::outcome::{Compared, name_of};
use crate::words::{FACILITY_CHANGE, FIGURE, LEVEL};

/// Headers of the causes, in the order of the comparison.
const CAUSE_NAMES: &[&str; CAUSES.len()] =
    &["facilities", "population", "standards", "units", "method"];

table! {
    Change in "change.csv", ["变化及其原因", "what changed, by cause"] {
        level: String = Kind::Code(LEVEL), Office, ["层级", "level"], ["city 全市，unit 单元", "city or unit"];
        unit: String = Kind::Id, Office, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        figure: String = Kind::Code(FIGURE), Office, ["指标", "figure"], ["指标", "what is compared"];
        old: Option<f64> = Kind::Given, Office, ["上一轮", "old"], ["上一轮的值", "its value in the old round"];
        causes[Spread::Names(CAUSE_NAMES), "{cause}"]: Vec<Option<f64>> = Kind::Given, Office, ["原因", "cause"], ["由该原因引起的变化", "what switching this cause to the new round changes, after those before it"];
        new: Option<f64> = Kind::Given, Office, ["本轮", "new"], ["本轮的值", "its value in the new round"];
        left_out_units: Option<u64> = Kind::Count, Office, ["未计入的单元", "units left out"], ["因数据不全未计入的单元数", "units left out because not all is known"];
    }
}

table! {
    FacilityChanged in "facilities_change.csv", ["设施的变化", "what became of facilities"] {
        change: String = Kind::Code(FACILITY_CHANGE), Office, ["变化", "change"], ["变化", "opened, closed, capacity, moved or renumbered"];
        id_old: String = Kind::Id, Office, ["原编号", "old id"], ["上一轮的编号", "id in the old round"];
        id_new: String = Kind::Id, Office, ["新编号", "new id"], ["本轮的编号", "id in the new round"];
        name: String = Kind::Name, Office, ["设施名称", "name"], ["设施名称", "its name"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        capacity_old: Option<f64> = Kind::Given, Office, ["原规模", "old capacity"], ["上一轮的规模", "capacity in the old round"];
        capacity_new: Option<f64> = Kind::Given, Office, ["新规模", "new capacity"], ["本轮的规模", "capacity in the new round"];
        moved_m: Option<f64> = Kind::Index(1), Office, ["移动（米）", "moved (metres)"], ["移动的距离（米）", "how far it moved, in metres"];
        community: String = Kind::Id, Office, ["社区（村）代码", "community code"], ["社区（村）代码", "code of the community"];
    }
}

table! {
    ChangeAtHorizon in "change_horizon.csv", ["预测目标年的变化及其原因", "what changed at the horizon, by cause"] {
        level: String = Kind::Code(LEVEL), Office, ["层级", "level"], ["city 全市，unit 单元", "city or unit"];
        unit: String = Kind::Id, Office, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        figure: String = Kind::Code(FIGURE), Office, ["指标", "figure"], ["指标", "what is compared"];
        old: Option<f64> = Kind::Given, Office, ["上一轮", "old"], ["上一轮预测目标年的值", "its value in the last year of the old round"];
        causes[Spread::Names(CAUSE_NAMES), "{cause}"]: Vec<Option<f64>> = Kind::Given, Office, ["原因", "cause"], ["由该原因引起的变化", "what switching this cause to the new round changes, after those before it"];
        new: Option<f64> = Kind::Given, Office, ["本轮", "new"], ["本轮预测目标年的值", "its value in the last year of the new round"];
        left_out_units: Option<u64> = Kind::Count, Office, ["未计入的单元", "units left out"], ["因数据不全未计入的单元数", "units left out because not all is known"];
    }
}

table! {
    FacilityAtHorizon in "facilities_change_horizon.csv", ["预测目标年设施的变化", "facilities at the horizon"] {
        change: String = Kind::Code(FACILITY_CHANGE), Office, ["变化", "change"], ["变化", "opened, closed, capacity, moved or renumbered"];
        id_old: String = Kind::Id, Office, ["原编号", "old id"], ["上一轮的编号", "id in the old round"];
        id_new: String = Kind::Id, Office, ["新编号", "new id"], ["本轮的编号", "id in the new round"];
        name: String = Kind::Name, Office, ["设施名称", "name"], ["设施名称", "its name"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        capacity_old: Option<f64> = Kind::Given, Office, ["原规模", "old capacity"], ["上一轮预测目标年的规模", "capacity in the last year of the old round"];
        capacity_new: Option<f64> = Kind::Given, Office, ["新规模", "new capacity"], ["本轮预测目标年的规模", "capacity in the last year of the new round"];
        moved_m: Option<f64> = Kind::Index(1), Office, ["移动（米）", "moved (metres)"], ["移动的距离（米）", "how far it moved, in metres"];
        community: String = Kind::Id, Office, ["社区（村）代码", "community code"], ["社区（村）代码", "code of the community"];
    }
}

table! {
    PlaceChanged in "places_change.csv", ["位次的变化", "places in both rounds"] {
        unit: String = Kind::Id, Office, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        township_name: String = Kind::Name, Office, ["镇（街道）", "township"], ["镇（街道）名称", "name of the township"];
        place_old: Option<u32> = Kind::Place, Office, ["原位次", "old place"], ["上一轮的位次", "place in the old round"];
        place_new: Option<u32> = Kind::Place, Office, ["新位次", "new place"], ["本轮的位次", "place in the new round"];
        priority_old: Option<f64> = Kind::Index(1), Office, ["原配置优先度", "old priority score"], ["上一轮的配置优先度", "priority score in the old round"];
        priority_new: Option<f64> = Kind::Index(1), Office, ["新配置优先度", "new priority score"], ["本轮的配置优先度", "priority score in the new round"];
        residents_old: Option<u64> = Kind::Persons, Office, ["原人口（人）", "old residents (persons)"], ["上一轮的常住人口（人）", "residents in the old round"];
        residents_new: Option<u64> = Kind::Persons, Office, ["新人口（人）", "new residents (persons)"], ["本轮的常住人口（人）", "residents in the new round"];
    }
}

table! {
    CodeChanged in "codes_change.csv", ["代码的变化", "codes that changed"] {
        level: String = Kind::Code(LEVEL), Office, ["层级", "level"], ["township 镇（街道），community 社区（村）", "township or community"];
        old: String = Kind::Id, Office, ["原代码", "old code"], ["上一轮的代码", "code in the old round"];
        old_name: String = Kind::Name, Office, ["原名称", "old name"], ["上一轮的名称", "name in the old round"];
        new: String = Kind::Id, Office, ["新代码", "new code"], ["本轮的代码", "code in the new round"];
        new_name: String = Kind::Name, Office, ["新名称", "new name"], ["本轮的名称", "name in the new round"];
        residents_old: Option<u64> = Kind::Persons, Office, ["原人口（人）", "old residents (persons)"], ["上一轮的常住人口（人）", "residents in the old round"];
    }
}

/// A cause in files.
#[must_use]
pub fn cause_name(cause: Cause) -> &'static str {
    let position = CAUSES.iter().position(|&other| other == cause);
    CAUSE_NAMES[position.expect("every cause is among them")]
}

/// A figure in files.
#[must_use]
pub fn figure_name(figure: Figure) -> &'static str {
    match figure {
        Figure::Residents => "residents",
        Figure::Target => "target_residents",
        Figure::Covered => "covered_residents",
        Figure::Coverage => "coverage",
        Figure::Demand => "demand",
        Figure::SupplyInside => "supply_inside",
        Figure::Received => "supply_received",
        Figure::Shortfall => "shortfall_reach",
        Figure::ShortForCertain => "short_for_certain",
    }
}

/// What became of a facility, in files.
#[must_use]
pub fn facility_change_name(kind: FacilityChangeKind) -> &'static str {
    match kind {
        FacilityChangeKind::Opened => "opened",
        FacilityChangeKind::Closed => "closed",
        FacilityChangeKind::Capacity => "capacity",
        FacilityChangeKind::Moved => "moved",
        FacilityChangeKind::Renumbered => "renumbered",
    }
}

/// Ten-thousandths as a number.
fn number(amount: Option<Amount>) -> Option<f64> {
    amount.map(|amount| amount.0 as f64 / 1e4)
}

/// Units first or last as the comparison has them.
#[must_use]
pub fn changes(compared: &Compared) -> Vec<Change> {
    compared
        .comparison
        .rows
        .iter()
        .map(|row| change(compared, row))
        .collect()
}

fn change(compared: &Compared, row: &Row) -> Change {
    Change {
        level: if row.unit.is_none() { "city" } else { "unit" }.to_owned(),
        unit: row.unit.clone().unwrap_or_default(),
        service: service_id(compared, row.service),
        figure: figure_name(row.figure).to_owned(),
        old: number(row.states[0]),
        causes: row.parts().map(number).to_vec(),
        new: number(row.states[CAUSES.len()]),
        left_out_units: row.unit.is_none().then_some(row.left_out as u64),
    }
}

fn service_id(compared: &Compared, service: Option<ServiceAt>) -> String {
    service.map_or_else(String::new, |service| {
        compared.new.catalogue[service].id.clone()
    })
}

/// [`changes`] in the last years of both rounds; nothing where neither looks ahead.
#[must_use]
pub fn changes_at_horizon(compared: &Compared) -> Vec<ChangeAtHorizon> {
    let rows = compared
        .comparison
        .horizon
        .iter()
        .flat_map(|horizon| &horizon.rows);
    rows.map(|row| {
        let Change {
            level,
            unit,
            service,
            figure,
            old,
            causes,
            new,
            left_out_units,
        } = change(compared, row);
        ChangeAtHorizon {
            level,
            unit,
            service,
            figure,
            old,
            causes,
            new,
            left_out_units,
        }
    })
    .collect()
}

/// [`facilities`] in the last years of both rounds.
#[must_use]
pub fn facilities_at_horizon(compared: &Compared) -> Vec<FacilityAtHorizon> {
    let horizon = compared.comparison.horizon.iter();
    let changes = horizon.flat_map(|horizon| &horizon.facilities);
    changes
        .map(|change| {
            let FacilityChanged {
                change,
                id_old,
                id_new,
                name,
                service,
                capacity_old,
                capacity_new,
                moved_m,
                community,
            } = facility(compared, change);
            FacilityAtHorizon {
                change,
                id_old,
                id_new,
                name,
                service,
                capacity_old,
                capacity_new,
                moved_m,
                community,
            }
        })
        .collect()
}

/// In the order of the comparison.
#[must_use]
pub fn facilities(compared: &Compared) -> Vec<FacilityChanged> {
    let changes = compared.comparison.facilities.iter();
    changes.map(|change| facility(compared, change)).collect()
}

fn facility(compared: &Compared, change: &FacilityChange) -> FacilityChanged {
    let before = facility_in(compared.old.city, change.old);
    let after = facility_in(compared.new.city, change.new);
    let moved = change.kind == FacilityChangeKind::Moved;
    FacilityChanged {
        change: facility_change_name(change.kind).to_owned(),
        id_old: facility_id(before),
        id_new: facility_id(after),
        name: after
            .as_ref()
            .or(before.as_ref())
            .map_or_else(String::new, |facility| facility.name.to_string()),
        service: service_id(compared, change.service),
        capacity_old: change.capacity_old,
        capacity_new: change.capacity_new,
        moved_m: moved.then_some(change.moved / 1000.0),
        community: home_of(compared.new.city, after)
            .or_else(|| home_of(compared.old.city, before))
            .unwrap_or_default(),
    }
}

/// The code of the community that a facility stands in.
fn home_of(city: &City, facility: Option<&Facility>) -> Option<String> {
    let community = facility?.community?;
    Some(city.communities()[community].code.clone())
}

fn facility_id(facility: Option<&Facility>) -> String {
    facility.map_or_else(String::new, |facility| facility.id.to_string())
}

fn facility_in(city: &City, position: Option<FacilityAt>) -> Option<&Facility> {
    position.map(|position| &city.facilities()[position])
}

/// In the order of the comparison.
#[must_use]
pub fn places(compared: &Compared) -> Vec<PlaceChanged> {
    let changes = compared.comparison.places.iter();
    changes
        .map(|change| {
            let [old, new] = [(&compared.old, change.old), (&compared.new, change.new)]
                .map(|(side, position)| position.map(|position| Side::of(side, position)));
            let township = new.as_ref().or(old.as_ref());
            PlaceChanged {
                unit: change.unit.clone(),
                township_name: township.map_or_else(String::new, |side| side.township.clone()),
                place_old: old.as_ref().map(|side| side.place),
                place_new: new.as_ref().map(|side| side.place),
                priority_old: old.as_ref().map(|side| side.priority),
                priority_new: new.as_ref().map(|side| side.priority),
                residents_old: old.as_ref().map(|side| side.residents),
                residents_new: new.as_ref().map(|side| side.residents),
            }
        })
        .collect()
}

/// A unit's line in the ranking of one of two rounds.
struct Side {
    place: u32,
    priority: f64,
    residents: u64,
    township: String,
}

impl Side {
    fn of(side: &Outcome, position: usize) -> Self {
        let place = &side.round.places[position];
        let unit = &side.round.units[place.unit];
        Self {
            place: place.place,
            priority: place.priority,
            residents: persons_whole(unit.residents),
            township: side.city.townships()[unit.township].name.clone(),
        }
    }
}

/// In the order of the comparison; a code that became several has a line for each.
#[must_use]
pub fn codes(compared: &Compared) -> Vec<CodeChanged> {
    let city = compared.old.city;
    let codes = city.communities().iter().map(|community| &*community.code);
    let residents: BTreeMap<&str, u64> = codes
        .zip(city.community_residents().into_iter().map(persons_whole))
        .collect();
    let mut rows = Vec::new();
    for change in &compared.comparison.codes {
        let none = [String::new()];
        let new_codes = if change.new.is_empty() {
            &none[..]
        } else {
            &change.new
        };
        rows.extend(new_codes.iter().map(|new| {
            CodeChanged {
                level: if change.township {
                    "township"
                } else {
                    "community"
                }
                .to_owned(),
                old: change.old.clone(),
                old_name: name_of(city, change.township, &change.old).to_owned(),
                new: new.clone(),
                new_name: name_of(compared.new.city, change.township, new).to_owned(),
                residents_old: residents.get(&*change.old).copied(),
            }
        }));
    }
    rows
}
