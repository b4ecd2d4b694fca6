//! `causes.csv`: each place's priority taken apart; the parts of services add up to the need, and with the inflow part to the priority.

use fuwutu_core::ranking::status_of;
use fuwutu_core::supply::MissingWhat;

use super::{Kind, table};
use crate::outcome::Outcome;
use crate::words::{FIGURE_STATUS, MISSING, STANDARD};

/// What stands instead of a service for the part that growth adds.
pub const INFLOW: &str = "inflow";

table! {
    Cause in "causes.csv", ["配置优先度的组成", "what makes up the priority score"] {
        place: u32 = Kind::Place, Everybody, ["位次（按配置优先度）", "place by priority"], ["位次，按配置优先度", "place by priority, 1 first"];
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        weight: Option<f64> = Kind::Index(4), Made, ["权重", "weight"], ["权重：占本单元应评各服务权重之和的份额，0 至 1", "weight: its part of the weights of all services that are asked of the unit, 0 to 1"];
        shortfall_rate: Option<f64> = Kind::Share(4), Made, ["缺口率", "missing share"], ["缺口率：供给缺口或未覆盖率，取大者", "missing share, of capacity or of people within reach, whichever is more"];
        part: f64 = Kind::Index(4), Made, ["综合缺口率中的部分", "part of the need"], ["综合缺口率中的部分：100 × 权重 × 缺口率；人口流入一行为配置优先度中增加的部分", "its part of the need: 100 × weight × missing share; that of inflow is what it adds to the priority score"];
        standard_status: String = Kind::Code(STANDARD), Everybody, ["依据可靠性", "status of the standard"], ["依据可靠性：verified 已核实，partly 部分核实，secondary 转引，recalled 待核实，proposed 建议值；文件、条款、年份和适用范围见 standards.csv", "how well the standard is established: verified, partly, secondary, recalled, proposed; documents, clauses, years and scopes stand in standards.csv"];
        missing_by: String = Kind::Code(MISSING), Everybody, ["缺口率取自", "missing share by"], ["缺口率取自：reach 覆盖，capacity 规模（取大者）", "what the missing share is one of: reach or capacity, whichever is more"];
        figure_status: String = Kind::Code(FIGURE_STATUS), Everybody, ["该数值的可靠性", "status of that figure"], ["所据时限或指标的可靠性：V 已核实，S 转引，R 待核实，P 建议值，plan 评估任务文件给出", "how well the limit or norm that it rests on is established: V verified, S secondary, R recalled, P proposed, plan given by the plan"];
    }
}

/// In the order of priority, the largest cause first, the inflow last.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Cause> {
    let own_limits = result.plan.services.minutes.is_none();
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
                shortfall_rate: Some(cause.missing.share),
                part: cause.part,
                standard_status: service.status.overall.clone(),
                missing_by: missing_by(cause.missing.what).to_owned(),
                figure_status: status_of(service, cause.missing, own_limits).to_owned(),
            }
        }));
        if place.inflow_part() > 0.0 {
            rows.push(Cause {
                place: place.place,
                unit: unit.clone(),
                service: INFLOW.to_owned(),
                part: place.inflow_part(),
                ..Cause::default()
            });
        }
    }
    rows
}

/// The code of what is missing.
#[must_use]
pub fn missing_by(what: MissingWhat) -> &'static str {
    match what {
        MissingWhat::Reach => "reach",
        MissingWhat::Capacity => "capacity",
    }
}
