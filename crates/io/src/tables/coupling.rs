//! `coupling.csv`: one line a unit, service and year, of those whose supply and demand are known.

use std::collections::BTreeMap;

use fuwutu_core::extras;
use fuwutu_core::position::ServiceAt;
use fuwutu_core::supply::Standing;

use super::{Kind, table};
use crate::outcome::Outcome;

table! {
    Coupling in "coupling.csv", ["供需耦合协调度（仅供对照）", "coupling coordination, for comparison only"] {
        unit: String = Kind::Id, Office, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        year: i32 = Kind::Year, Office, ["年份", "year"], ["年份", "year"];
        supply_index: f64 = Kind::Index(4), Office, ["供给指数", "supply index"], ["供给指数，0 至 1", "supply, scaled to 0 to 1 over the units"];
        demand_index: f64 = Kind::Index(4), Office, ["需求指数", "demand index"], ["需求指数，0 至 1", "demand, scaled to 0 to 1 over the units"];
        coupling: Option<f64> = Kind::Index(4), Office, ["耦合度 C", "coupling C"], ["耦合度 C", "coupling C"];
        level: Option<f64> = Kind::Index(4), Office, ["综合水平 T", "level T"], ["综合水平 T", "level T"];
        coordination: Option<f64> = Kind::Index(4), Office, ["耦合协调度 D", "coordination D"], ["耦合协调度 D", "coordination D"];
        coupling_corrected: Option<f64> = Kind::Index(4), Office, ["修正的 C", "C, corrected"], ["修正的 C", "C, corrected"];
        coordination_corrected: Option<f64> = Kind::Index(4), Office, ["修正的 D", "D with the corrected C"], ["修正的 D", "D with the corrected C"];
        undefined: String = Kind::Text, Office, ["无法计算的原因", "why undefined"], ["指标无法计算的原因", "why a figure cannot be computed"];
    }
}

/// Service by service, year by year, unit by unit.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Coupling> {
    let mut groups: BTreeMap<(ServiceAt, i32), Vec<&Standing>> = BTreeMap::new();
    for standing in &result.round.standings {
        let group = groups.entry((standing.service, standing.year)).or_default();
        group.push(standing);
    }
    let mut rows = Vec::new();
    for ((service, year), standings) in groups {
        for (standing, found) in standings.iter().zip(extras::couplings(&standings)) {
            let Some(found) = found else { continue };
            let coupling = found.coupling.as_ref().ok();
            rows.push(Coupling {
                unit: result.round.units[standing.unit].id.clone(),
                service: result.catalogue[service].id.clone(),
                year,
                supply_index: found.supply,
                demand_index: found.demand,
                coupling: coupling.map(|coupling| coupling.coupling),
                level: coupling.map(|coupling| coupling.level),
                coordination: coupling.map(|coupling| coupling.coordination),
                coupling_corrected: coupling.map(|coupling| coupling.corrected),
                coordination_corrected: coupling.map(|coupling| coupling.corrected_coordination),
                undefined: found
                    .coupling
                    .err()
                    .map_or_else(String::new, |reason| reason.to_string()),
            });
        }
    }
    rows
}
