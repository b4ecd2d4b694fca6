//! The catalogue of services: the embedded one, and one of the plan's own.

use std::path::Path;

use fuwutu_core::service::{Name, Per, Requirement, Service};
use serde::{Deserialize, Serialize};

use super::error::broken;
use super::{Plan, PlanError, beside, settings_text};
use crate::finding::plain;

/// The embedded catalogue of services.
pub const CATALOGUE: &str = include_str!("../../../../seeds/services.toml");

/// The catalogue that a plan is judged by, and the positions of the services that it selects, ascending.
///
/// # Errors
/// Where the plan's own catalogue cannot be read, or a service it names is unknown or has no limit.
pub fn catalogue(plan: &Plan, path: &Path) -> Result<(Vec<Service>, Vec<u16>), PlanError> {
    let mut services = parse_catalogue(CATALOGUE, Path::new("services.toml"))?;
    if let Some(own) = &plan.services.catalogue {
        let own = beside(path, own);
        let file = catalogue_file(&settings_text(&own)?, &own)?;
        if file.whole {
            services.clear();
        }
        for row in file.service {
            match services.iter_mut().find(|each| each.id == row.id) {
                Some(same) => *same = row,
                None => services.push(row),
            }
        }
    }
    let position = |id: &String| {
        services
            .iter()
            .position(|each| each.id == *id)
            .ok_or_else(|| PlanError::UnknownService {
                path: path.to_owned(),
                id: plain(id),
                known: services
                    .iter()
                    .map(|each| each.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    };
    let named = services.iter().flat_map(others);
    for id in plan.services.default_capacity.keys().chain(named) {
        position(id)?;
    }
    if let Some((id, other)) = services
        .iter()
        .find_map(|service| unlike(service, &services))
    {
        let value = format!("{id}: {other}");
        let must = "another service that counts in the same unit";
        return Err(PlanError::Value {
            path: path.to_owned(),
            key: "service.adds_to/sums",
            value,
            must,
        });
    }
    let has_limit = |at: usize| services[at].urban.is_some() || services[at].rural.is_some();
    let mut selected: Vec<usize> = match &plan.services.select {
        Some(ids) => ids.iter().map(position).collect::<Result<_, _>>()?,
        None => (0..services.len()).filter(|&at| has_limit(at)).collect(),
    };
    selected.sort_unstable();
    selected.dedup();
    if let Some(&at) = selected.iter().find(|&&at| !has_limit(at)) {
        return Err(PlanError::NoLimit {
            path: path.to_owned(),
            id: services[at].id.clone(),
        });
    }
    Ok((services, selected.into_iter().map(|at| at as u16).collect()))
}

/// A service to which another adds its capacity though it is the same, or counts in another unit.
fn unlike<'a>(service: &'a Service, services: &'a [Service]) -> Option<(&'a str, &'a str)> {
    let others = service.adds_to.iter().chain(&service.sums);
    let fits =
        |other: &Service| other.id != service.id && other.capacity_unit == service.capacity_unit;
    let mut found = others.filter_map(|id| services.iter().find(|each| each.id == *id));
    found
        .find(|other| !fits(other))
        .map(|other| (service.id.as_str(), other.id.as_str()))
}

/// The services that a row names.
fn others(service: &Service) -> impl Iterator<Item = &String> {
    let hub = service.hub.iter().flat_map(|hub| &hub.services);
    let unless = service
        .requires
        .iter()
        .filter_map(|rule| rule.unless_covered.as_ref());
    service
        .substitutes
        .iter()
        .chain(&service.adds_to)
        .chain(&service.sums)
        .chain(hub)
        .chain(unless)
}

/// Two catalogues with the same ids at the same positions: those of the second, then those that only the first has. A row that
/// one does not have stands in it under the other's id alone, so that none of its files can mean it by name.
#[must_use]
pub fn with_same_positions(old: &[Service], new: &[Service]) -> [Vec<Service>; 2] {
    let of = |services: &[Service], id: &str| services.iter().find(|each| each.id == id).cloned();
    let only_old = old.iter().filter(|each| of(new, &each.id).is_none());
    let ids: Vec<&str> = new
        .iter()
        .chain(only_old)
        .map(|each| each.id.as_str())
        .collect();
    let stand_in = |row: Service| {
        let name = Name {
            zh: row.id.clone(),
            en: row.id.clone(),
        };
        Service { name, ..row }
    };
    let filled = |own: &[Service], other: &[Service]| -> Vec<Service> {
        let row = |id: &&str| of(own, id).or_else(|| of(other, id).map(stand_in));
        ids.iter().filter_map(row).collect()
    };
    [filled(old, new), filled(new, old)]
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    /// Whether the embedded rows do not count.
    #[serde(default)]
    whole: bool,
    service: Vec<Service>,
}

/// The rows of a catalogue.
///
/// # Errors
/// Where it is no TOML, or a row is not as it should be.
pub fn parse_catalogue(text: &str, path: &Path) -> Result<Vec<Service>, PlanError> {
    Ok(catalogue_file(text, path)?.service)
}

/// A catalogue as a file that needs no other beneath it.
#[must_use]
pub fn catalogue_text(services: &[Service]) -> String {
    let file = CatalogueFile {
        whole: true,
        service: services.to_vec(),
    };
    toml::to_string_pretty(&file).expect("a catalogue that was read can be written")
}

fn catalogue_file(text: &str, path: &Path) -> Result<CatalogueFile, PlanError> {
    let file: CatalogueFile = toml::from_str(text).map_err(|error| broken(path, text, &error))?;
    for (service, at) in file.service.iter().zip(0..) {
        let twice = file.service[..at]
            .iter()
            .any(|other| other.id == service.id);
        let value = |key, value: String, must| PlanError::Value {
            path: path.to_owned(),
            key,
            value: plain(&value),
            must,
        };
        if service.id.trim().is_empty() || twice {
            return Err(value(
                "service.id",
                service.id.clone(),
                "a name that no other row has",
            ));
        }
        if let Some((key, must)) = unsound(service) {
            return Err(value(key, service.id.clone(), must));
        }
    }
    Ok(file)
}

/// What is wrong with the figures of a row: its key, and what it must be.
fn unsound(service: &Service) -> Option<(&'static str, &'static str)> {
    let norm = &service.norm;
    let figures = [
        norm.per_1000_low,
        norm.per_1000_high,
        norm.per_target_person,
        norm.m2_per_100_households,
    ];
    let limits = [
        service.urban,
        service.rural,
        service.hub.as_ref().and_then(|hub| hub.limit),
    ];
    // What is not read may not be given.
    let rule = |rule: &Requirement| {
        let counted = matches!(rule.per, Per::Residents | Per::Households);
        let places = matches!(rule.per, Per::Community | Per::Village);
        let circle = matches!(rule.per, Per::L15 | Per::L10 | Per::L5);
        (1..=if places { 1 } else { 1000 }).contains(&rule.count)
            && rule.share > 0.0
            && rule.share <= 1.0
            && (rule.share >= 1.0 || places)
            && rule.every.is_some() == counted
            && rule.every.is_none_or(|every| (1.0..=1e9).contains(&every))
            && (circle || rule.unless_covered.is_none())
            && !(rule.per == Per::County && rule.public)
    };
    let limited = service.urban.is_some() || service.rural.is_some();
    let county_level = !limited || service.levels.iter().any(|level| level == "county");
    let rules = [
        (
            limits
                .iter()
                .flatten()
                .all(|limit| (1..=1440).contains(&limit.minutes)),
            "service.urban/rural/hub.minutes",
            "from 1 to 1440",
        ),
        (
            figures
                .iter()
                .flatten()
                .all(|&figure| figure > 0.0 && figure <= 1e6)
                && norm.per_target_person.is_none_or(|each| each <= 1e4),
            "service.norm",
            "numbers above 0, at most 1,000,000 (10,000 per person of the target group); where nothing is asked for, leave the figure out or use the basis `presence`",
        ),
        (
            service
                .minimum
                .as_ref()
                .is_none_or(|minimum| (0.0..=1e9).contains(&minimum.size)),
            "service.minimum",
            "a size from 0 to 1,000,000,000",
        ),
        (
            service
                .full_hours
                .is_none_or(|hours| hours > 0.0 && hours <= 168.0),
            "service.full_hours",
            "above 0, at most 168 hours a week",
        ),
        (
            service.requires.iter().all(rule),
            "service.requires",
            "a count from 1 to 1,000, `share` (above 0 to 1, with a count of 1) for communities and villages only, `every` (1 or more) for residents and households only, `unless_covered` for L15, L10 and L5 only, and no `public` for a county",
        ),
        (
            county_level || service.requires.iter().all(|rule| rule.per != Per::County),
            "service.requires",
            "without `county`, unless `levels` has it, too",
        ),
    ];
    rules
        .into_iter()
        .find(|(holds, ..)| !holds)
        .map(|(_, key, must)| (key, must))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalogue_that_is_written_is_read_as_it_was_and_stands_alone() {
        let services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        let file = catalogue_file(&catalogue_text(&services), Path::new("services.toml")).unwrap();
        assert!(file.whole && file.service == services);
    }

    #[test]
    fn the_catalogue_has_45_services_each_with_source_and_status() {
        let services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        assert_eq!(services.len(), 45);
        let known = ["verified", "secondary", "partly", "recalled", "proposed"];
        for service in &services {
            assert!(
                !service.source.is_empty() && known.contains(&service.status.overall.as_str()),
                "{}",
                service.id
            );
        }
    }
}
