//! A comparison of two rounds as a folder of files: what changed and because of what, what became of facilities, places and
//! codes, and `compare.json` that says what all of it rests on.

use std::collections::BTreeMap;

use fuwutu_core::change::{Amount, CAUSES, Figure, Row};
use fuwutu_core::position::ServiceAt;
use fuwutu_core::watch::{Progress, Watch};

use super::manifest::{Disagreement, entry, levels, standards};
use super::{OutFolder, WriteError};
use crate::manifest::{
    self, CityFigure, ComparedRound, ComparedServices, ComparisonManifest, FileEntry, TOOL,
};
use crate::outcome::{Compared, Outcome};
use crate::tables::change::{self, cause_name, figure_name};
use crate::tables::{Table, Text, Width, findings};

/// Writes a comparison: `change.csv` and `facilities_change.csv` of the base years and, where a round looks ahead, the same of the last
/// years (`change_horizon.csv`, `facilities_change_horizon.csv`), `places_change.csv`, `codes_change.csv`, `findings.csv`, and
/// last `compare.json`.
///
/// # Errors
/// Where the file system refuses, parts do not add up, or `watch` says stop; then nothing stands under the final name.
pub fn write(folder: OutFolder, compared: &Compared, watch: Watch) -> Result<(), WriteError> {
    check(compared, &compared.comparison.rows, 0)?;
    let horizon = compared.comparison.horizon.as_ref();
    if let Some(horizon) = horizon {
        check(compared, &horizon.rows, usize::MAX)?;
    }
    let width = Width::default();
    let mut files = vec![
        file(&change::changes(compared), &width),
        file(&change::facilities(compared), &width),
    ];
    if horizon.is_some() {
        files.push(file(&change::changes_at_horizon(compared), &width));
        files.push(file(&change::facilities_at_horizon(compared), &width));
    }
    files.extend([
        file(&change::places(compared), &width),
        file(&change::codes(compared), &width),
        file(&findings::rows(compared.findings), &width),
    ]);
    let mut entries = Vec::new();
    for (name, text) in &files {
        watch(Progress::Working)?;
        entries.push(entry(name, text));
        folder.put(name, text)?;
    }
    folder.put("compare.json", &manifest(compared, entries))?;
    watch(Progress::Working)?;
    folder.finish()?;
    Ok(())
}

/// Of each row the parts add up to new − old; units add up to the city in every state; and what can be known apart is equal:
/// the residents of both cities at the base, and the target groups and those covered of both rounds. The rows are those of a year of each
/// round, the last one where it is beyond that.
fn check(compared: &Compared, rows: &[Row], nth: usize) -> Result<(), Disagreement> {
    let wrong = |what: &str, row: &Row| Err(Disagreement(format!("{what}: {row:?}")));
    let mut sums: BTreeMap<(Option<ServiceAt>, Figure), Vec<i64>> = BTreeMap::new();
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
            let apart = people_apart(side, row.service, row.figure, nth);
            if apart.is_some() && apart != state.map(|amount| amount.0) {
                return wrong("the round says otherwise", row);
            }
        }
    }
    Ok(())
}

/// The figure as the round itself has it, in ten-thousandths; of those that are exact.
fn people_apart(
    side: &Outcome,
    service: Option<ServiceAt>,
    figure: Figure,
    nth: usize,
) -> Option<i64> {
    let years = &side.round.years;
    let year = years[nth.min(years.len() - 1)];
    let total = side
        .round
        .totals
        .iter()
        .find(|total| Some(total.service) == service && total.year == year);
    let residents = match figure {
        Figure::Residents if nth == 0 => side.city.total_residents(),
        Figure::Target => total?.target,
        Figure::Covered => total?.covered,
        _ => return None,
    };
    i64::try_from(residents.0)
        .ok()
        .map(|thousandths| thousandths * 10)
}

/// Name and text of a table.
fn file<R: Table>(rows: &[R], width: &Width) -> (&'static str, String) {
    (R::FILE, Text::of(rows, width).finish())
}

fn manifest(compared: &Compared, files: Vec<FileEntry>) -> String {
    let id = |service: &ServiceAt| compared.new.catalogue[*service].id.clone();
    let only = |one: &[ServiceAt], other: &[ServiceAt]| -> Vec<String> {
        let own = one.iter().filter(|service| !other.contains(service));
        own.map(id).collect()
    };
    let rows = &compared.comparison.rows;
    let city = rows.iter().filter(|row| row.unit.is_none());
    let figure = |row: &Row| CityFigure {
        service: row.service.as_ref().map(id),
        figure: figure_name(row.figure).to_owned(),
        states: row.states.iter().map(|state| number(*state)).collect(),
        left_out_units: row.left_out,
    };
    manifest::text(&ComparisonManifest {
        tool: TOOL.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        comparison: "what changed between the base years of two rounds; each cause is what switching it to the new round changes, after those before it".to_owned(),
        causes: CAUSES.map(|cause| cause_name(cause).to_owned()).to_vec(),
        old: compared_round(&compared.old),
        new: compared_round(&compared.new),
        services: ComparedServices {
            compared: compared.selected.iter().map(id).collect(),
            only_old: only(&compared.old.judged(), &compared.new.judged()),
            only_new: only(&compared.new.judged(), &compared.old.judged()),
        },
        city: city.map(figure).collect(),
        findings: levels(compared.findings),
        files,
    })
}

fn compared_round(side: &Outcome) -> ComparedRound {
    ComparedRound {
        round: side.plan.round.name.clone(),
        years: side.round.years.clone(),
        plan: side.plan.clone(),
        inputs: side.files.to_vec(),
        standards: standards(side),
    }
}

/// An amount as a number.
fn number(amount: Option<Amount>) -> Option<f64> {
    amount.map(|amount| amount.0 as f64 / 1e4)
}
