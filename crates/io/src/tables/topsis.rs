//! `topsis.csv`: one line a unit, in the last year; then one a service with its entropy weight. Only a reason where units
//! cannot be distinguished.

use fuwutu_core::extras;
use fuwutu_core::supply::Standing;

use super::{Kind, table};
use crate::outcome::Outcome;

/// What must be known of all of it.
const NOTE: &str = "depends on which units there are (rank reversal); for comparison only";

table! {
    Topsis in "topsis.csv", ["TOPSIS（仅供对照）", "TOPSIS, for comparison only"] {
        unit: String = Kind::Id, Office, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        closeness: Option<f64> = Kind::Index(4), Office, ["贴近度", "closeness"], ["贴近度，0 至 1", "how near the unit is to the worst shortfall of every service, 0 to 1"];
        place_by_topsis: Option<u32> = Kind::Place, Office, ["位次（按贴近度）", "place by closeness"], ["按贴近度的位次", "place by closeness"];
        place: Option<u32> = Kind::Place, Office, ["位次（按配置优先度）", "place by priority"], ["位次，按配置优先度", "place by priority, 1 first"];
        entropy_weight: Option<f64> = Kind::Index(4), Office, ["熵权", "entropy weight"], ["熵权", "entropy weight of the service"];
        note: String = Kind::Text, Office, ["说明", "note"], ["说明", "what is unusual"];
    }
}

/// Units in the order of need, then services in that of the catalogue.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Topsis> {
    let round = result.round;
    let last = round.years[round.years.len() - 1];
    let standings: Vec<Standing> = round
        .standings
        .iter()
        .filter(|standing| standing.year == last)
        .cloned()
        .collect();
    let found = match extras::by_topsis(&standings, result.selected.len()) {
        Ok(found) => found,
        Err(reason) => {
            return vec![Topsis {
                note: reason.to_string(),
                ..Topsis::default()
            }];
        }
    };
    let units = round.places.iter().map(|place| {
        let unit = place.unit;
        Topsis {
            unit: round.units[unit].id.clone(),
            closeness: Some(found.closeness[unit]),
            place_by_topsis: Some(found.places[unit]),
            place: Some(place.place),
            note: NOTE.to_owned(),
            ..Topsis::default()
        }
    });
    let supplied = result.selected.iter().filter(|&&at| result.supplied(at));
    let weights = supplied.zip(&found.weights);
    let services = weights.map(|(&service, &weight)| Topsis {
        service: result.catalogue[service].id.clone(),
        entropy_weight: Some(weight),
        ..Topsis::default()
    });
    units.chain(services).collect()
}
