//! `compare.csv`: streets and straight lines beside each other. One line a unit, service and year; then one a unit, with no
//! service, for the detour over all services.

use fuwutu_core::quantity::Residents;
use fuwutu_core::supply::detour::Detour;

use super::{Kind, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;

table! {
    Compare in "compare.csv", ["路网与直线对照", "streets beside straight lines"] {
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        year: i32 = Kind::Year, Everybody, ["年份", "year"], ["年份", "year"];
        target_residents: Option<u64> = Kind::Persons, Rounded, ["服务人口（人）", "target group (persons)"], ["服务人口（人）", "residents of the target group"];
        covered_streets: Option<u64> = Kind::Persons, Rounded, ["路网覆盖（人）", "covered on streets (persons)"], ["按路网覆盖的人口", "covered on streets"];
        covered_straight: Option<u64> = Kind::Persons, Rounded, ["直线 × 绕行系数覆盖（人）", "covered, straight × detour (persons)"], ["按直线 × 绕行系数覆盖的人口", "covered in straight lines × detour"];
        coverage_streets: Option<f64> = Kind::Share(4), Made, ["路网覆盖率", "coverage on streets"], ["按路网的覆盖率", "coverage on streets"];
        coverage_straight: Option<f64> = Kind::Share(4), Made, ["直线 × 绕行系数覆盖率", "coverage, straight × detour"], ["按直线 × 绕行系数的覆盖率", "coverage in straight lines × detour"];
        detour_median: Option<f64> = Kind::Index(2), Everybody, ["绕行系数：半数人", "detour, median"], ["绕行系数：半数人不超过", "detour of half of the people at most"];
        detour_p90: Option<f64> = Kind::Index(2), Everybody, ["绕行系数：九成人", "detour, nine in ten"], ["绕行系数：九成人不超过", "detour of nine in ten people at most"];
    }
}

impl Compare {
    fn with_detour(self, detour: Option<Detour>) -> Self {
        Self {
            detour_median: detour.map(|detour| detour.median),
            detour_p90: detour.map(|detour| detour.ninth_decile),
            ..self
        }
    }
}

/// Unit by unit, service by service, year by year; then unit by unit.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Compare> {
    let round = result.round;
    let compared = !round.detours.is_empty();
    let standings = round.standings.iter().filter(|_| compared);
    let standings = standings.map(|standing| {
        let straight = standing.straight.map(|straight| straight.covered);
        let share = |covered: Residents| {
            (standing.target.0 > 0).then(|| covered.0 as f64 / standing.target.0 as f64)
        };
        let row = Compare {
            unit: round.units[standing.unit].id.clone(),
            service: result.catalogue[standing.service].id.clone(),
            year: standing.year,
            target_residents: Some(persons_whole(standing.target)),
            covered_streets: standing.known(standing.covered).map(persons_whole),
            covered_straight: straight.map(persons_whole),
            coverage_streets: standing.coverage(),
            coverage_straight: straight.and_then(share),
            ..Compare::default()
        };
        row.with_detour(standing.straight.and_then(|straight| straight.detour))
    });
    let whole_units = round
        .units
        .iter()
        .zip(&round.detours)
        .map(|(unit, detours)| {
            let row = Compare {
                unit: unit.id.clone(),
                year: round.years[0],
                ..Compare::default()
            };
            row.with_detour(detours.summary())
        });
    standings.chain(whole_units).collect()
}
