//! `origins.csv`: the file and row of each facility's services and, where they are reported one by one, of each demand point.

use fuwutu_core::city::Facility;

use super::{Kind, table};
use crate::outcome::Outcome;
use crate::read;
use crate::words::ORIGIN;

/// A line about a service of a facility.
pub const FACILITY: &str = ORIGIN[0].code;
/// A line about a demand point.
pub const POINT: &str = ORIGIN[1].code;

table! {
    Origin in "origins.csv", ["来自哪个文件的哪一行", "file and row of what was read"] {
        kind: String = Kind::Code(ORIGIN), Office, ["类别", "kind"], ["facility 设施，point 需求点", "facility or point (demand point)"];
        id: String = Kind::Id, Office, ["编号", "id"], ["编号", "its id"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        file: String = Kind::Text, Office, ["输入文件", "input file"], ["输入文件", "input file"];
        row: u64 = Kind::Count, Office, ["所在行", "input row"], ["所在行", "its row"];
    }
}

/// Facilities first, then demand points.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Origin> {
    let mut rows = Vec::new();
    for facility in result.city.facilities() {
        let origins = result.origins.facilities.get(&facility.id);
        for origin in origins.into_iter().flatten() {
            rows.extend(offered(result, facility, origin).map(|service| Origin {
                kind: FACILITY.to_owned(),
                id: facility.id.to_string(),
                service: service.to_owned(),
                file: origin.file.to_string(),
                row: origin.row,
            }));
        }
    }
    let population = result.plan.inputs.population.as_ref();
    let file = population.map_or_else(String::new, |source| source.path.display().to_string());
    rows.extend(result.origins.points.iter().map(|(id, row)| Origin {
        kind: POINT.to_owned(),
        id: id.to_string(),
        file: file.clone(),
        row: *row,
        ..Origin::default()
    }));
    rows
}

/// Ids of the services that a facility offers because of a row: the row's own, and those that it adds to.
fn offered<'a>(
    result: &'a Outcome,
    facility: &'a Facility,
    origin: &read::Origin,
) -> impl Iterator<Item = &'a str> {
    let named = &result.catalogue[origin.service];
    let offers = facility.offers.iter();
    offers
        .map(|offer| &result.catalogue[offer.service].id)
        .filter(|id| **id == named.id || named.adds_to.contains(id))
        .map(String::as_str)
}
