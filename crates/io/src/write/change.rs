//! A comparison of two rounds as a folder of files: what changed and because of what, what became of facilities, places and
//! codes, and `compare.json` that says what all of it rests on.

use std::collections::BTreeMap;

use fuwutu_core::change::{
    Amount, CAUSES, Cause, Comparison, FacilityChange, FacilityChangeKind, Figure, Row,
};
use fuwutu_core::city::{City, Facility};
use fuwutu_core::watch::{Progress, Watch};
use serde_json::{Value, json};

use super::csv_text::{Cells, decimals, whole_persons};
use super::manifest::{Disagreement, entry, levels, standards};
use super::{OutFolder, Outcome, WriteError, tables};
use crate::finding::Finding;

/// All that a folder of a comparison tells of.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The old round.
    pub old: Outcome<'a>,
    /// The new one; both catalogues have the same ids at the same positions.
    pub new: Outcome<'a>,
    /// Positions of the services that both have.
    pub selected: &'a [u16],
    /// What was computed.
    pub comparison: &'a Comparison,
    /// What was noticed, of both rounds.
    pub findings: &'a [Finding],
}

/// Writes a comparison: `change.csv`, `facilities_change.csv`, `places_change.csv`, `codes_change.csv`, `findings.csv`, and
/// last `compare.json`.
///
/// # Errors
/// Where the file system refuses, parts do not add up, or `watch` says stop; then nothing stands under the final name.
pub fn write(folder: OutFolder, compared: &Compared, watch: Watch) -> Result<(), WriteError> {
    check(compared)?;
    let files = [
        ("change.csv", change(compared)),
        ("facilities_change.csv", facilities(compared)),
        ("places_change.csv", places(compared)),
        ("codes_change.csv", codes(compared)),
        ("findings.csv", tables::findings(compared.findings)),
    ];
    let mut entries = Vec::new();
    for (name, text) in &files {
        watch(Progress::Working)?;
        entries.push(entry(name, text));
        folder.put(name, text)?;
    }
    folder.put("compare.json", &manifest(compared, &entries))?;
    watch(Progress::Working)?;
    folder.finish()?;
    Ok(())
}

/// Of each row the parts add up to new − old; units add up to the city in every state; and what can be known apart is equal:
/// the residents of both cities, and the target groups and those covered of both rounds.
fn check(compared: &Compared) -> Result<(), Disagreement> {
    let rows = &compared.comparison.rows;
    let wrong = |what: &str, row: &Row| Err(Disagreement(format!("{what}: {row:?}")));
    let mut sums: BTreeMap<(Option<u16>, Figure), Vec<i64>> = BTreeMap::new();
    for row in rows {
        let parts: Option<i64> = row
            .parts()
            .into_iter()
            .map(|part| part.map(|part| part.0))
            .sum();
        if parts.is_some() && parts != row.difference().map(|amount| amount.0) {
            return wrong("parts do not add up", row);
        }
        let known: Option<Vec<i64>> = row
            .states
            .iter()
            .map(|state| state.map(|amount| amount.0))
            .collect();
        if let (Some(_), Some(known)) = (&row.unit, known) {
            let sums = sums
                .entry((row.service, row.figure))
                .or_insert_with(|| vec![0; known.len()]);
            sums.iter_mut()
                .zip(known)
                .for_each(|(sum, own)| *sum += own);
        }
    }
    for row in rows.iter().filter(|row| row.unit.is_none()) {
        let states: Option<Vec<i64>> = row
            .states
            .iter()
            .map(|state| state.map(|amount| amount.0))
            .collect();
        let sums = sums.get(&(row.service, row.figure));
        if row.figure.additive() && states.is_some() && sums.is_some() && states.as_ref() != sums {
            return wrong("units do not add up to the city", row);
        }
        let ends = [
            (&compared.old, row.states[0]),
            (&compared.new, row.states[CAUSES.len()]),
        ];
        for (side, state) in ends {
            let apart = people_apart(side, row.service, row.figure);
            if apart.is_some() && apart != state.map(|amount| amount.0) {
                return wrong("the round says otherwise", row);
            }
        }
    }
    Ok(())
}

/// The figure as the round itself has it, in ten-thousandths; of those that are exact.
fn people_apart(side: &Outcome, service: Option<u16>, figure: Figure) -> Option<i64> {
    let base = side.round.years[0];
    let total = side
        .round
        .totals
        .iter()
        .find(|total| Some(total.service) == service && total.year == base);
    let residents = match figure {
        Figure::Residents => side.city.total_residents(),
        Figure::Target => total?.target,
        Figure::Covered => total?.covered,
        _ => return None,
    };
    i64::try_from(residents.0)
        .ok()
        .map(|thousandths| thousandths * 10)
}

/// A cause in files.
#[must_use]
pub fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Facilities => "facilities",
        Cause::Population => "population",
        Cause::Standards => "standards",
        Cause::Units => "units",
        Cause::Method => "method",
    }
}

fn figure_name(figure: Figure) -> &'static str {
    match figure {
        Figure::Residents => "residents",
        Figure::Target => "target_residents",
        Figure::Covered => "covered_residents",
        Figure::Coverage => "coverage",
        Figure::Demand => "demand",
        Figure::SupplyInside => "supply_inside",
        Figure::Received => "supply_received",
        Figure::Shortfall => "shortfall_reach",
        Figure::ShortForCertain => "short_for_certain",
    }
}

/// An amount with as many decimals as it has, four at most; empty for none.
fn text(amount: Option<Amount>) -> String {
    let Some(Amount(amount)) = amount else {
        return String::new();
    };
    let (whole, rest) = (
        amount.unsigned_abs() / 10_000,
        amount.unsigned_abs() % 10_000,
    );
    let sign = if amount < 0 { "-" } else { "" };
    match rest {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{rest:04}")
            .trim_end_matches('0')
            .to_owned(),
    }
}

fn change(compared: &Compared) -> String {
    let causes = CAUSES.map(cause_name);
    let header = [
        ["level", "unit", "service", "figure", "old"].as_slice(),
        &causes,
        &["new", "left_out_units"],
    ]
    .concat();
    let mut cells = Cells::excel(&header);
    for row in &compared.comparison.rows {
        let parts = row.parts().map(text);
        let (old, new) = (text(row.states[0]), text(row.states[CAUSES.len()]));
        let left_out = if row.unit.is_none() {
            row.left_out.to_string()
        } else {
            String::new()
        };
        let mut line = vec![
            if row.unit.is_none() { "city" } else { "unit" },
            row.unit.as_deref().unwrap_or(""),
            row.service
                .map_or("", |at| &compared.new.catalogue[at as usize].id),
            figure_name(row.figure),
            &old,
        ];
        line.extend(parts.iter().map(String::as_str));
        line.extend([new.as_str(), &left_out]);
        cells.row(&line);
    }
    cells.text()
}

/// What became of a facility, in files.
#[must_use]
pub fn facility_change_name(kind: FacilityChangeKind) -> &'static str {
    match kind {
        FacilityChangeKind::Opened => "opened",
        FacilityChangeKind::Closed => "closed",
        FacilityChangeKind::Capacity => "capacity",
        FacilityChangeKind::Moved => "moved",
        FacilityChangeKind::Renumbered => "renumbered",
    }
}

fn facilities<'a>(compared: &Compared<'a>) -> String {
    let mut cells = Cells::excel(&[
        "change",
        "id_old",
        "id_new",
        "name",
        "service",
        "capacity_old",
        "capacity_new",
        "moved_m",
        "community",
    ]);
    for change in &compared.comparison.facilities {
        let FacilityChange {
            kind,
            old,
            new,
            service,
            capacity_old,
            capacity_new,
            moved,
        } = *change;
        let before = old.map(|at| &compared.old.city.facilities()[at as usize]);
        let after = new.map(|at| &compared.new.city.facilities()[at as usize]);
        let id = |facility: Option<&'a Facility>| facility.map_or("", |each| &each.id);
        let home = |city: &'a City, facility: Option<&Facility>| {
            facility
                .and_then(|each| each.community)
                .map(|at| city.communities()[at as usize].code.as_str())
        };
        let community = home(compared.new.city, after).or_else(|| home(compared.old.city, before));
        let name = after.or(before).map_or("", |each| &each.name);
        cells.row(&[
            facility_change_name(kind),
            id(before),
            id(after),
            name,
            service.map_or("", |at| &compared.new.catalogue[at as usize].id),
            &capacity_old.map_or(String::new(), |capacity| capacity.to_string()),
            &capacity_new.map_or(String::new(), |capacity| capacity.to_string()),
            &decimals(
                (kind == FacilityChangeKind::Moved).then_some(moved / 1000.0),
                1,
            ),
            community.unwrap_or_default(),
        ]);
    }
    cells.text()
}

fn places(compared: &Compared) -> String {
    let mut cells = Cells::excel(&[
        "unit",
        "township_name",
        "place_old",
        "place_new",
        "need_old",
        "need_new",
        "residents_old",
        "residents_new",
    ]);
    for change in &compared.comparison.places {
        let line = |side: &Outcome, at: Option<usize>| {
            let place = &side.round.places[at?];
            let unit = &side.round.units[place.unit as usize];
            let township = side.city.townships()[unit.township as usize].name.clone();
            let need = decimals(Some(place.need), 4);
            Some((
                place.place.to_string(),
                need,
                whole_persons(unit.residents),
                township,
            ))
        };
        let (old, new) = (
            line(&compared.old, change.old),
            line(&compared.new, change.new),
        );
        let township = new
            .as_ref()
            .or(old.as_ref())
            .map_or(String::new(), |line| line.3.clone());
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        cells.row(&[
            &change.unit,
            &township,
            &old.0,
            &new.0,
            &old.1,
            &new.1,
            &old.2,
            &new.2,
        ]);
    }
    cells.text()
}

fn codes(compared: &Compared) -> String {
    let mut cells = Cells::excel(&[
        "level",
        "old",
        "old_name",
        "new",
        "new_name",
        "residents_old",
    ]);
    let residents: BTreeMap<String, String> = {
        let city = compared.old.city;
        let codes = city.communities().iter().map(|each| each.code.clone());
        codes
            .zip(city.community_residents().into_iter().map(whole_persons))
            .collect()
    };
    for change in &compared.comparison.codes {
        let level = if change.township {
            "township"
        } else {
            "community"
        };
        let old_name = name_of(compared.old.city, change.township, &change.old);
        let people = residents.get(&change.old).map_or("", String::as_str);
        let new = if change.new.is_empty() {
            vec![String::new()]
        } else {
            change.new.clone()
        };
        for new in new {
            let new_name = name_of(compared.new.city, change.township, &new);
            cells.row(&[level, &change.old, old_name, &new, new_name, people]);
        }
    }
    cells.text()
}

/// The name of a township or community by its code; empty where there is none.
#[must_use]
pub fn name_of<'a>(city: &'a City, township: bool, code: &str) -> &'a str {
    let name = match township {
        true => city
            .townships()
            .iter()
            .find(|each| each.code == code)
            .map(|each| &each.name),
        false => city
            .communities()
            .iter()
            .find(|each| each.code == code)
            .map(|each| &each.name),
    };
    name.map_or("", String::as_str)
}

fn manifest(compared: &Compared, files: &[Value]) -> String {
    let side = |side: &Outcome| {
        json!({
            "round": side.plan.round.name,
            "years": side.round.years,
            "plan": side.plan,
            "inputs": side.files,
            "standards": standards(side),
        })
    };
    let id = |at: &u16| compared.new.catalogue[*at as usize].id.as_str();
    let only = |one: &[u16], other: &[u16]| -> Vec<&str> {
        one.iter()
            .filter(|at| !other.contains(at))
            .map(id)
            .collect()
    };
    let city = compared
        .comparison
        .rows
        .iter()
        .filter(|row| row.unit.is_none());
    let figures = city.map(|row| {
        let states: Vec<Option<f64>> =
            row.states.iter().map(|state| state.map(|amount| amount.0 as f64 / 1e4)).collect();
        json!({ "service": row.service.as_ref().map(id), "figure": figure_name(row.figure), "states": states, "left_out_units": row.left_out })
    });
    let manifest = json!({
        "tool": "fuwutu",
        "version": env!("CARGO_PKG_VERSION"),
        "comparison": "what changed between the base years of two rounds; each cause is what switching it to the new round changes, after those before it",
        "causes": CAUSES.map(cause_name),
        "old": side(&compared.old),
        "new": side(&compared.new),
        "services": {
            "compared": compared.selected.iter().map(id).collect::<Vec<_>>(),
            "only_old": only(compared.old.selected, compared.new.selected),
            "only_new": only(compared.new.selected, compared.old.selected),
        },
        "city": figures.collect::<Vec<_>>(),
        "findings": levels(compared.findings),
        "files": files,
    });
    serde_json::to_string_pretty(&manifest).expect("a manifest is plain data") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_to_what_they_are() {
        let texts =
            [12_000_000, -5_000, 6_731, -10_000, 0].map(|amount| text(Some(Amount(amount))));
        assert_eq!(texts, ["1200", "-0.5", "0.6731", "-1", "0"]);
        assert_eq!(text(None), "");
    }
}
