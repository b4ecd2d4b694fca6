//! `ties.csv`: one line a branch and service, in the base year.

use fuwutu_core::ties::TieState;

use super::{Kind, table};
use crate::outcome::Outcome;
use crate::words::Coded;

table! {
    Tie in "ties.csv", ["分支机构与牵头机构", "branches and their hubs"] {
        branch: String = Kind::Id, Office, ["分支机构编号", "branch"], ["分支机构编号", "id of the branch"];
        branch_name: String = Kind::Name, Office, ["分支机构", "branch"], ["分支机构名称", "name of the branch"];
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        hub: String = Kind::Id, Office, ["牵头机构编号", "hub"], ["牵头机构编号", "id of its hub"];
        hub_name: String = Kind::Name, Office, ["牵头机构", "hub"], ["牵头机构名称", "name of its hub"];
        minutes: Option<f64> = Kind::Minutes(2), Everybody, ["到牵头机构（分钟）", "to the hub (minutes)"], ["到牵头机构的时间（分钟）", "minutes to the hub"];
        limit: Option<u32> = Kind::Minutes(0), Everybody, ["时限（分钟）", "limit (minutes)"], ["时限（分钟）", "minutes allowed"];
        tied: Option<TieState> = Kind::Code(TieState::WORDS), Everybody, ["联系", "tied"], ["yes 已建立，no_hub 未填，hub_unknown 编号不存在，hub_closed 未开放，hub_of_other_kind 类别不符，off_streets 距道路过远，too_far 超过时限", "yes, no_hub, hub_unknown, hub_closed, hub_of_other_kind, off_streets or too_far"];
    }
}

/// Service by service, in the order of facilities.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Tie> {
    result
        .round
        .ties
        .iter()
        .map(|tie| row(result, tie))
        .collect()
}

fn row(result: &Outcome, tie: &fuwutu_core::ties::Tie) -> Tie {
    let facilities = result.city.facilities();
    let branch = &facilities[tie.branch];
    let service = &result.catalogue[tie.service];
    let limit = service.hub.as_ref().and_then(|hub| hub.limit);
    let named = branch.hubs.iter().find(|(kind, _)| *kind == tie.service);
    Tie {
        branch: branch.id.to_string(),
        branch_name: branch.name.to_string(),
        service: service.id.clone(),
        hub: named.map_or_else(String::new, |(_, hub)| hub.to_string()),
        hub_name: tie
            .hub
            .map_or_else(String::new, |hub| facilities[hub].name.to_string()),
        minutes: tie.time.map(|time| f64::from(time.0) / 60_000.0),
        limit: limit.map(|limit| limit.minutes),
        tied: Some(tie.state),
    }
}
