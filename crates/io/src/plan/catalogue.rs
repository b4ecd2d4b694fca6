//! The catalogue of services: the embedded one, and one of the plan's own.

use std::collections::BTreeSet;
use std::path::Path;

use fuwutu_core::position::ServiceAt;
use fuwutu_core::reach::Limits;
use fuwutu_core::service::{Limit, Name, Service};
use serde::{Deserialize, Serialize};

use super::error::{broken, line_of};
use super::rules::{self, Breach, SAME_UNIT, UNIQUE_ID};
use super::{Plan, PlanError, TravelMode, beside, settings_text};
use crate::finding::plain;

/// The embedded catalogue of services.
pub const CATALOGUE: &str = include_str!("../../../../seeds/services.toml");

/// The catalogue that a plan is judged by, and the positions of the services that it selects or, where it selects none, might
/// select (see [`choose`]), ascending.
///
/// # Errors
/// Where the plan's own catalogue cannot be read, or a service or a field that it names is unknown, or a service has no limit, or
/// no radius where radii are what counts.
pub fn catalogue(plan: &Plan, path: &Path) -> Result<(Vec<Service>, Vec<ServiceAt>), PlanError> {
    let mut services = parse_catalogue(CATALOGUE, Path::new("services.toml"))?;
    let embedded: Vec<String> = services.iter().map(|service| service.id.clone()).collect();
    if let Some(file_path) = &plan.services.catalogue {
        let file_path = beside(path, file_path);
        let file = catalogue_file(&settings_text(&file_path)?, &file_path)?;
        if file.whole {
            services.clear();
        }
        for row in file.service {
            match services.iter_mut().find(|service| service.id == row.id) {
                Some(same) => *same = row,
                None => services.push(row),
            }
        }
    }
    let position = |id: &String| {
        services
            .iter()
            .position(|service| service.id == *id)
            .ok_or_else(|| PlanError::UnknownService {
                path: path.to_owned(),
                id: plain(id),
                known: services
                    .iter()
                    .map(|service| service.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    };
    // A policy may restrict services of the embedded catalogue that a plan's own has not.
    for id in &plan.public.restricted {
        if !embedded.contains(id) {
            position(id)?;
        }
    }
    let named = services.iter().flat_map(others);
    let in_plan = plan.services.default_capacity.keys();
    for id in in_plan.chain(&plan.services.none_exist).chain(named) {
        position(id)?;
    }
    let mut fields: Vec<&str> = services.iter().map(|row| row.category.as_str()).collect();
    fields.sort_unstable();
    fields.dedup();
    let mut weighed = plan.ranking.domains.keys();
    if let Some(field) = weighed.find(|field| !fields.contains(&field.as_str())) {
        return Err(PlanError::UnknownField {
            path: path.to_owned(),
            field: plain(field),
            known: fields.join(", "),
        });
    }
    if let Some((id, other)) = services
        .iter()
        .find_map(|service| unlike(service, &services))
    {
        let (key, must) = &SAME_UNIT;
        return Err(PlanError::Value {
            path: path.to_owned(),
            line: None,
            key: (*key).to_owned(),
            value: Some(format!("{id}: {other}")),
            must,
        });
    }
    let has_limit =
        |position: usize| services[position].urban.is_some() || services[position].rural.is_some();
    let mut selected: Vec<usize> = match &plan.services.select {
        Some(ids) => ids.iter().map(position).collect::<Result<_, _>>()?,
        None => (0..services.len())
            .filter(|&position| has_limit(position))
            .collect(),
    };
    selected.sort_unstable();
    selected.dedup();
    if let Some(&position) = selected.iter().find(|&&position| !has_limit(position)) {
        return Err(PlanError::NoLimit {
            path: path.to_owned(),
            id: services[position].id.clone(),
        });
    }
    let without: Vec<&str> = selected
        .iter()
        .map(|&position| &services[position])
        .filter(|service| !with_minutes(service, plan).have_radius())
        .map(|service| service.id.as_str())
        .collect();
    if plan.travel.mode == TravelMode::Radius && !without.is_empty() {
        return Err(PlanError::NoRadius {
            path: path.to_owned(),
            services: without.join(", "),
        });
    }
    Ok((services, selected.into_iter().map(ServiceAt::new).collect()))
}

/// The services that a round is about, and those that it leaves out because nothing of theirs was supplied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chosen {
    /// Positions in the catalogue, ascending.
    pub selected: Vec<ServiceAt>,
    /// Positions in the catalogue, ascending; empty where the plan says what is selected.
    pub left_out: Vec<ServiceAt>,
}

/// Of those that [`catalogue`] gives, those that a plan names or, where it names none, those that were supplied: all but `no_data`.
/// Where nothing at all was supplied, none is left out.
#[must_use]
pub fn choose(plan: &Plan, from: Vec<ServiceAt>, no_data: &[ServiceAt]) -> Chosen {
    let supplied = |at: &ServiceAt| no_data.binary_search(at).is_err();
    let named = plan.services.select.is_some();
    if named || !from.iter().any(supplied) {
        return Chosen {
            selected: from,
            left_out: Vec::new(),
        };
    }
    let (selected, left_out) = from.into_iter().partition(supplied);
    Chosen { selected, left_out }
}

/// A service's limits under the plan.
fn with_minutes(service: &Service, plan: &Plan) -> Limits {
    let limit = |limit: Option<Limit>| limit.map(|limit| limit.with_minutes(plan.services.minutes));
    Limits {
        urban: limit(service.urban),
        rural: limit(service.rural),
    }
}

/// A service to which another adds its capacity though it is the same, or counts in another unit.
fn unlike<'a>(service: &'a Service, services: &'a [Service]) -> Option<(&'a str, &'a str)> {
    let others = service.adds_to.iter().chain(&service.sums);
    let mut found = others.filter_map(|id| services.iter().find(|other| other.id == *id));
    found
        .find(|other| other.id == service.id || other.capacity_unit != service.capacity_unit)
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
    let find =
        |services: &[Service], id: &str| services.iter().find(|service| service.id == id).cloned();
    let only_old = old
        .iter()
        .filter(|service| find(new, &service.id).is_none());
    let ids: Vec<&str> = new
        .iter()
        .chain(only_old)
        .map(|service| service.id.as_str())
        .collect();
    let filled = |first: &[Service], other: &[Service]| -> Vec<Service> {
        ids.iter()
            .filter_map(|id| {
                find(first, id).or_else(|| {
                    find(other, id).map(|row| {
                        let name = Name {
                            zh: row.id.clone(),
                            en: row.id.clone(),
                        };
                        Service { name, ..row }
                    })
                })
            })
            .collect()
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
    let broken = |error| of_faulty_row(text, broken(path, text, &error));
    let file: CatalogueFile = toml::from_str(text).map_err(broken)?;
    let written: toml::Table = toml::from_str(text).map_err(broken)?;
    let rows = written["service"].as_array().into_iter().flatten();
    let mut ids = BTreeSet::new();
    for ((service, row), number) in file.service.iter().zip(rows).zip(0..) {
        let breach = unsound(service, row).or_else(|| {
            let (key, must) = &UNIQUE_ID;
            (!ids.insert(&service.id)).then(|| Breach {
                key: (*key).to_owned(),
                value: None,
                must,
            })
        });
        if let Some(breach) = breach {
            return Err(of_row(path, text, number, service, breach));
        }
    }
    Ok(file)
}

/// A fault of a row as a whole, such as a key that is missing: with the id of the row, where it has one.
fn of_faulty_row(text: &str, error: PlanError) -> PlanError {
    let PlanError::Broken {
        path,
        line,
        key: None,
        message,
        wide,
    } = error
    else {
        return error;
    };
    let id = toml::from_str(text).ok().and_then(|file: toml::Table| {
        let rows = file.get("service")?.as_array()?;
        let faulty = rows
            .iter()
            .find(|row| Service::deserialize((*row).clone()).is_err())?;
        Some(plain(faulty.get("id")?.as_str()?))
    });
    let (key, message) = match id {
        Some(id) => {
            let key = format!("service {id}");
            let message = format!("`{key}`: {message}");
            (Some(key), message)
        }
        None => (None, message),
    };
    PlanError::Broken {
        path,
        line,
        key,
        message,
        wide,
    }
}

/// The first rule that a row does not keep; `row` is the row as it was written.
fn unsound(service: &Service, row: &toml::Value) -> Option<Breach> {
    let row = toml::Table::from_iter([("service".to_owned(), row.clone())]);
    rules::first_breach(&rules::CATALOGUE_RULES, &row, service)
}

/// The breach of a row, by its number from 0: with the id before the value, and the line of the key or else of the row.
fn of_row(path: &Path, text: &str, number: usize, service: &Service, breach: Breach) -> PlanError {
    let id = plain(&service.id);
    let value = match breach.value {
        Some(value) if value != id => format!("{id}: {value}"),
        _ => id,
    };
    let inner = breach.key.strip_prefix("service").unwrap_or_default();
    PlanError::Value {
        path: path.to_owned(),
        line: line_of(text, &format!("service.{number}{inner}")),
        key: breach.key,
        value: Some(value),
        must: breach.must,
    }
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
        let statuses = ["verified", "secondary", "partly", "recalled", "proposed"];
        for service in &services {
            assert!(
                !service.source.is_empty() && statuses.contains(&service.status.overall.as_str()),
                "{}",
                service.id
            );
        }
    }
}
