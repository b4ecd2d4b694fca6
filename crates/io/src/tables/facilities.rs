//! `facilities.csv`: one line for each facility and service that it offers, whether it is open or not.

use fuwutu_core::city::{self, Status};
use fuwutu_core::position::UnitAt;

use super::{Kind, table};
use crate::frame::Projection;
use crate::outcome::Outcome;
use crate::words::{Coded, OWNERSHIP};

table! {
    Facility in "facilities.csv", ["设施", "facilities"] {
        facility: String = Kind::Id, Everybody, ["设施编号", "facility"], ["设施编号", "id of the facility"];
        facility_name: String = Kind::Name, Everybody, ["设施名称", "facility name"], ["设施名称", "its name"];
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        lon: f64 = Kind::Degrees, Everybody, ["经度", "longitude"], ["经度，CGCS2000/WGS 84", "longitude, CGCS2000/WGS 84"];
        lat: f64 = Kind::Degrees, Everybody, ["纬度", "latitude"], ["纬度", "latitude"];
        status: Option<Status> = Kind::Code(Status::WORDS), Everybody, ["状态", "status"], ["状态：existing 现状，committed 在建，planned 规划，idle 闲置，closed 停用", "existing, committed, planned, idle or closed"];
        opens: Option<i32> = Kind::Year, Everybody, ["开放年份", "opens"], ["开放年份", "the year from which it is open"];
        closes: Option<i32> = Kind::Year, Everybody, ["停用年份", "closes"], ["停用年份，该年起不开放", "the year from which it is closed"];
        capacity: Option<f64> = Kind::Given, Everybody, ["规模", "capacity"], ["规模，已按开放小时折算", "capacity, by the hours that it is open"];
        capacity_unit: String = Kind::Text, Everybody, ["规模单位", "unit of capacity"], ["规模的单位", "what capacity is counted in"];
        size: Option<f64> = Kind::Given, Everybody, ["建设规模", "size"], ["建设规模，按该服务最小规模的单位", "size, in the unit of the service's minimum"];
        ownership: String = Kind::Code(OWNERSHIP), Everybody, ["性质", "ownership"], ["public 公办或普惠，private 民办；不明为空", "public (or inclusive) or private; empty where not known"];
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        community: String = Kind::Id, Office, ["社区（村）代码", "community code"], ["社区（村）代码", "code of the community"];
    }
}

/// The code of an ownership; empty where it is not known.
#[must_use]
pub fn ownership(public: Option<bool>) -> &'static str {
    match public {
        Some(true) => OWNERSHIP[0].code,
        Some(false) => OWNERSHIP[1].code,
        None => "",
    }
}

/// What an ownership's code says.
#[must_use]
pub fn is_public(code: &str) -> Option<bool> {
    let position = OWNERSHIP.iter().position(|word| word.code == code)?;
    Some(position == 0)
}

/// In the order of facilities, and of what each offers.
#[must_use]
pub fn rows(result: &Outcome, projection: &Projection) -> Vec<Facility> {
    let facilities = result.city.facilities().iter();
    facilities
        .zip(&result.round.of_facility)
        .flat_map(|(facility, unit)| of_facility(result, projection, facility, *unit))
        .collect()
}

fn of_facility(
    result: &Outcome,
    projection: &Projection,
    facility: &city::Facility,
    unit: Option<UnitAt>,
) -> Vec<Facility> {
    let place = projection.to_degrees(facility.at.metres());
    let unit = unit.map_or_else(String::new, |unit| result.round.units[unit].id.clone());
    let community = facility.community.map_or_else(String::new, |community| {
        result.city.communities()[community].code.clone()
    });
    facility
        .offers
        .iter()
        .map(|offer| {
            let service = &result.catalogue[offer.service];
            Facility {
                facility: facility.id.to_string(),
                facility_name: facility.name.to_string(),
                service: service.id.clone(),
                lon: place.x,
                lat: place.y,
                status: Some(facility.status),
                opens: facility.opens,
                closes: facility.closes,
                capacity: offer.capacity,
                capacity_unit: service.capacity_unit.clone(),
                size: offer.size,
                ownership: ownership(offer.public).to_owned(),
                unit: unit.clone(),
                community: community.clone(),
            }
        })
        .collect()
}
