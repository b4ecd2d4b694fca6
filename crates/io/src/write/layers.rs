//! The layers of a round.

use fuwutu_core::completeness::WAYS;
use fuwutu_core::position::{TownshipAt, UnitAt, YearAt};
use fuwutu_core::quantity::Residents;
use fuwutu_core::reach::Nearest;
use fuwutu_core::supply::Standing;
use fuwutu_core::units::Unit;
use geojson::{JsonObject, JsonValue};

use super::geojson_text::{Layer, properties};
use crate::csv_text::{decimals, persons_whole};
use crate::frame::Projection;
use crate::outcome::{Outcome, PointReach};
use crate::read::hex;
use crate::tables::standing;
use crate::tables::units::notes;
use crate::words::Coded;

/// `units.geojson`.
pub(super) fn units(result: &Outcome, projection: &Projection) -> String {
    let mut layer = Layer::about(about(result));
    for unit in &result.round.units {
        layer.area(projection, &unit.outline, unit_properties(result, unit));
    }
    layer.text()
}

/// `communities.geojson`: what units are made of. One that is in several units names them all.
pub(super) fn communities(result: &Outcome, projection: &Projection) -> String {
    let mut units = vec![Vec::new(); result.city.communities().len()];
    let mut residents = vec![Residents::default(); units.len()];
    for unit in &result.round.units {
        for share in &unit.communities {
            units[share.community].push(unit.id.as_str());
            residents[share.community] += share.residents;
        }
    }
    let mut layer = Layer::about(about(result));
    for ((community, units), residents) in
        result.city.communities().iter().zip(units).zip(residents)
    {
        let properties = properties([
            ("community", community.code.as_str().into()),
            ("community_name", community.name.as_str().into()),
            (
                "township",
                result.city.townships()[community.township]
                    .code
                    .as_str()
                    .into(),
            ),
            ("class", community.class.word().code.into()),
            ("units", units.join(" ").into()),
            ("residents", whole(residents)),
        ]);
        layer.area(projection, &community.polygon, properties);
    }
    layer.text()
}

/// `coverage/<township>.geojson`: units with their figures by service and, where wanted, demand points with what they reach.
pub(super) struct Coverage<'a> {
    result: &'a Outcome<'a>,
    standings: Vec<Vec<&'a Standing>>,
    points: Option<&'a PointReach>,
    points_of: Vec<Vec<usize>>,
}

impl<'a> Coverage<'a> {
    pub(super) fn new(result: &'a Outcome<'a>, points: Option<&'a PointReach>) -> Self {
        let mut standings = vec![Vec::new(); result.round.units.len()];
        result
            .round
            .standings
            .iter()
            .for_each(|standing| standings[standing.unit].push(standing));
        let mut points_of = vec![Vec::new(); result.city.townships().len()];
        let told = points.map_or(&[][..], |_| result.city.points());
        for (at, point) in told.iter().enumerate() {
            let township = result.city.communities()[point.community].township;
            points_of[township].push(at);
        }
        Self {
            result,
            standings,
            points,
            points_of,
        }
    }

    /// Name and text of one township's file.
    pub(super) fn of(&self, township: TownshipAt, projection: &Projection) -> (String, String) {
        let result = self.result;
        let mut layer = Layer::about(about(result));
        let units = UnitAt::enumerate(&result.round.units).zip(&self.standings);
        for ((at, unit), standings) in units.filter(|((_, unit), _)| unit.township == township) {
            let mut about = unit_properties(result, unit);
            completeness(result, at, &mut about);
            standings
                .iter()
                .for_each(|standing| figures(result, standing, &mut about));
            layer.area(projection, &unit.outline, about);
        }
        if let Some(reach) = self.points {
            for &point in &self.points_of[township] {
                let about = point_properties(result, point, reach);
                layer.place(projection, result.city.points()[point].at, about);
            }
        }
        let code = &result.city.townships()[township].code;
        (
            format!("coverage/{}.geojson", file_name("t", code)),
            layer.text(),
        )
    }
}

fn about(result: &Outcome) -> JsonObject {
    properties([
        ("round", result.plan.round.name.as_str().into()),
        (
            "note",
            "analysis units, no legal boundaries; internal draft unless approved; CGCS2000/WGS 84"
                .into(),
        ),
    ])
}

fn unit_properties(result: &Outcome, unit: &Unit) -> JsonObject {
    let township = &result.city.townships()[unit.township];
    let codes = unit
        .communities
        .iter()
        .map(|share| result.city.communities()[share.community].code.as_str());
    properties([
        ("unit", unit.id.as_str().into()),
        ("township", township.code.as_str().into()),
        ("township_name", township.name.as_str().into()),
        ("residents", whole(unit.residents)),
        ("communities", codes.collect::<Vec<_>>().join(" ").into()),
        ("over_cap", unit.over_cap().into()),
        ("contiguous", unit.contiguous.into()),
        ("note", notes(&unit.notes).into()),
    ])
}

/// Figures of the base year and of the last, named `<service>_<figure>_<year>`.
fn figures(result: &Outcome, standing: &Standing, about: &mut JsonObject) {
    let (first, last) = (
        result.round.years[0],
        result.round.years[result.round.years.len() - 1],
    );
    if standing.year != first && standing.year != last {
        return;
    }
    // The figures of the table, so that both say the same number.
    let row = standing::row(result, standing, false);
    let uncovered = row.target_residents.zip(row.covered_residents);
    let off_streets = row.unsnapped_residents.zip(row.roadless_residents);
    let mut put = |figure: &str, value: JsonValue| {
        about.insert(format!("{}_{figure}_{}", row.service, row.year), value);
    };
    put("coverage", rounded(row.coverage, 4));
    put("target", row.target_residents.into());
    put(
        "unserved",
        uncovered.map(|(target, covered)| target - covered).into(),
    );
    if result.roads.is_some() {
        put(
            "off_streets",
            off_streets
                .map(|(unsnapped, roadless)| unsnapped + roadless)
                .into(),
        );
    }
    if row.demand.is_some() {
        put("shortfall_inside", rounded(row.shortfall_inside, 1));
        put("shortfall_reach", rounded(row.shortfall_reach, 1));
    }
    if row.short_for_certain.is_some() {
        put("short_for_certain", rounded(row.short_for_certain, 1));
    }
    if let Some(attained) = row.attained {
        put("attained", attained.word().code.into());
    }
}

/// How many services the residents of a unit have in reach, in the base year and in the last: `complete_<within>_<services>_<year>`
/// is the share with all of them, `completeness_…` what the average resident has of them.
fn completeness(result: &Outcome, unit: UnitAt, about: &mut JsonObject) {
    let years = &result.round.years;
    let mut ends = vec![0, years.len() - 1];
    ends.dedup();
    for year in ends {
        for (way, (within, basket)) in WAYS.iter().enumerate() {
            let found = result.round.complete(unit, YearAt::new(year), way);
            let name = format!(
                "{}_{}_{}",
                within.word().code,
                basket.word().code,
                years[year]
            );
            about.insert(format!("complete_{name}"), rounded(found.share(), 4));
            about.insert(format!("completeness_{name}"), rounded(found.mean(), 4));
        }
    }
}

/// A demand point's `<service>_minutes` to the nearest facility (null beyond the limit) and `<service>_count` of those in reach.
fn point_properties(result: &Outcome, point: usize, reach: &[Vec<Nearest>]) -> JsonObject {
    let mut about = properties([
        ("point", (&*result.city.points()[point].id).into()),
        ("residents", whole(result.city.residents()[point].total())),
    ]);
    for (&service, nearest) in result.selected.iter().zip(reach) {
        let id = &result.catalogue[service].id;
        let minutes = nearest[point].time.map(|time| f64::from(time.0) / 60_000.0);
        about.insert(format!("{id}_minutes"), rounded(minutes, 2));
        about.insert(format!("{id}_count"), nearest[point].count.into());
    }
    about
}

fn whole(residents: Residents) -> JsonValue {
    persons_whole(residents).into()
}

/// With so many decimals, as tables are written.
fn rounded(number: Option<f64>, places: usize) -> JsonValue {
    let text = decimals(number, places);
    text.parse::<f64>().map_or(JsonValue::Null, JsonValue::from)
}

/// A file name for a code: the code itself if it is short and of lower-case letters, digits, `-` and `_`, and begins with a
/// digit; otherwise the prefix, those of its characters that are, and a hash of the whole.
#[must_use]
pub fn file_name(prefix: &str, code: &str) -> String {
    let safe = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-' || *c == '_';
    let plain = code.len() <= 40
        && code.starts_with(|c: char| c.is_ascii_digit())
        && code.chars().all(|c| safe(&c));
    if plain {
        return code.to_owned();
    }
    let kept: String = code.chars().filter(safe).take(24).collect();
    format!("{prefix}-{kept}-{}", &hex(code.as_bytes())[..10])
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_code_is_never_a_way_out_of_the_folder() {
        assert_eq!(file_name("t", "510104020"), "510104020");
        for code in ["../x", "a/b", "CON", "", "北门", "A", "a", &"9".repeat(900)] {
            let name = file_name("t", code);
            assert!(
                name.starts_with("t-") && name.len() < 60 && !name.contains(['/', '\\', '.']),
                "{name}"
            );
        }
        assert_ne!(
            file_name("t", "A").to_lowercase(),
            file_name("t", "a").to_lowercase()
        );
    }
}
