//! `townships.csv`: one line for each township, and whether fewer units are possible.

use super::{Kind, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;

table! {
    Township in "townships.csv", ["镇（街道）", "townships"] {
        township: String = Kind::Id, Everybody, ["镇（街道）代码", "township code"], ["镇（街道）代码", "code of the township"];
        township_name: String = Kind::Name, Everybody, ["镇（街道）", "township"], ["镇（街道）名称", "name of the township"];
        residents: u64 = Kind::Persons, Made, ["常住人口（人）", "residents (persons)"], ["常住人口（人）", "usual residents"];
        units: u32 = Kind::Count, Everybody, ["单元数", "units"], ["单元数", "number of units"];
        fill: f64 = Kind::Share(3), Made, ["单元满载率", "fill"], ["常住人口÷（单元数×单元人口上限）；接近 1 时，人口稍增单元就会超过上限", "residents ÷ (units × cap): near 1, units pass the cap with little growth"];
        lower_bound: u32 = Kind::Count, Everybody, ["单元数下界", "lower bound"], ["单元数下界，不一定能达到", "no division into fewer is possible; not always reachable"];
        proved_least: bool = Kind::Truth, Everybody, ["已证明最少", "proven minimum"], ["是否已证明最少", "whether the number is proved to be the least"];
    }
}

/// In the order of codes.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Township> {
    result
        .round
        .divisions
        .iter()
        .map(|division| {
            let township = &result.city.townships()[division.township];
            let units = result.round.units.iter();
            let residents = units
                .filter(|unit| unit.township == division.township)
                .map(|unit| unit.residents);
            let residents = persons_whole(residents.sum());
            Township {
                township: township.code.clone(),
                township_name: township.name.clone(),
                residents,
                units: division.units,
                fill: fill(residents, division.units, result.plan.units.cap),
                lower_bound: division.lower_bound,
                proved_least: division.proved,
            }
        })
        .collect()
}

/// How full a township's units are on average: 1 where each has as many residents as the cap allows. 0 without units.
#[must_use]
pub fn fill(residents: u64, units: u32, cap: u64) -> f64 {
    residents as f64 / (f64::from(units.max(1)) * cap as f64)
}
