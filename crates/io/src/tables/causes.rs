//! `causes.csv`: each place's need taken apart; the parts and the inflow part add up to the need.

use super::{Kind, table};
use crate::outcome::Outcome;
use crate::words::STANDARD;

/// What stands instead of a service for the part that growth adds.
pub const INFLOW: &str = "inflow";

table! {
    Cause in "causes.csv", ["配置优先度的组成", "what makes up the priority score"] {
        place: u32 = Kind::Place, Everybody, ["位次（按配置优先度）", "place by priority"], ["位次，按配置优先度", "place by priority, 1 first"];
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        weight: Option<f64> = Kind::Index(2), Everybody, ["权重", "weight"], ["权重", "weight of the service"];
        shortfall_rate: Option<f64> = Kind::Share(4), Made, ["缺口率", "missing share"], ["缺口率：供给缺口或未覆盖率，取大者", "missing share, of capacity or of people within reach, whichever is more"];
        target_share: Option<f64> = Kind::Share(4), Made, ["服务人口占比", "target group's share"], ["服务人口占比", "target group ÷ residents"];
        part: f64 = Kind::Index(6), Made, ["配置优先度中的部分", "part of the priority score"], ["配置优先度中的部分", "its part of the priority score"];
        standard_status: String = Kind::Code(STANDARD), Everybody, ["依据可靠性", "status of the standard"], ["依据可靠性：verified 已核实，partly 部分核实，secondary 转引，recalled 待核实，proposed 建议值", "how well the standard is established: verified, partly, secondary, recalled, proposed"];
    }
}

/// In the order of need, the largest cause first, the inflow last.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Cause> {
    let mut rows = Vec::new();
    for place in &result.round.places {
        let unit = &result.round.units[place.unit].id;
        rows.extend(place.causes.iter().map(|cause| {
            let service = &result.catalogue[cause.service];
            Cause {
                place: place.place,
                unit: unit.clone(),
                service: service.id.clone(),
                weight: Some(cause.weight),
                shortfall_rate: Some(cause.shortfall_rate),
                target_share: Some(cause.share),
                part: cause.part,
                standard_status: service.status.overall.clone(),
            }
        }));
        if place.inflow_part > 0.0 {
            rows.push(Cause {
                place: place.place,
                unit: unit.clone(),
                service: INFLOW.to_owned(),
                part: place.inflow_part,
                ..Cause::default()
            });
        }
    }
    rows
}
