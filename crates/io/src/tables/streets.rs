//! `streets.csv`: one line a unit and mode, in the base year: how many residents are on the network.

use fuwutu_core::service::Mode;

use super::{Kind, table};
use crate::csv_text::{persons_parts, persons_whole};
use crate::outcome::Outcome;
use crate::words::Coded;

table! {
    OnStreets in "streets.csv", ["接入路网的人口", "residents on the network"] {
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        mode: Option<Mode> = Kind::Code(Mode::WORDS), Everybody, ["出行方式", "mode"], ["出行方式", "how one travels"];
        residents: u64 = Kind::Persons, Rounded, ["常住人口（人）", "residents (persons)"], ["常住人口（人）", "usual residents"];
        on_streets_residents: Option<u64> = Kind::Persons, Rounded, ["接入路网（人）", "on the network (persons)"], ["接入路网的人口", "residents on the network"];
        unsnapped_residents: Option<u64> = Kind::Persons, Rounded, ["距道路过远（人）", "too far from a street (persons)"], ["距道路过远的人口", "residents too far from every street that can be used"];
        roadless_residents: Option<u64> = Kind::Persons, Rounded, ["路网数据未覆盖（人）", "outside the street data (persons)"], ["路网数据未覆盖的人口", "residents outside the network"];
    }
}

/// Unit by unit, mode by mode.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<OnStreets> {
    result
        .round
        .snapping
        .iter()
        .map(|snapping| {
            let on_streets = snapping.residents - snapping.unsnapped - snapping.roadless;
            let [on_streets, unsnapped, roadless] =
                persons_parts([on_streets, snapping.unsnapped, snapping.roadless]);
            OnStreets {
                unit: result.round.units[snapping.unit].id.clone(),
                mode: Some(snapping.mode),
                residents: persons_whole(snapping.residents),
                on_streets_residents: Some(on_streets),
                unsnapped_residents: Some(unsnapped),
                roadless_residents: Some(roadless),
            }
        })
        .collect()
}
