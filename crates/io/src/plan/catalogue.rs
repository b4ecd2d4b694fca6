//! The catalogue of services: the embedded one, and one of the plan's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fuwutu_core::position::ServiceAt;
use fuwutu_core::reach::Limits;
use fuwutu_core::service::{Evidence, Limit, NATIONAL, Name, Own, Service};
use serde::{Deserialize, Serialize};

use super::error::{broken, line_of};
use super::names::ServiceNames;
use super::rules::{self, Breach, NAMED_ONCE, SAME_UNIT, UNIQUE_ID};
use super::{Plan, PlanError, TravelMode, beside, settings_text};
use crate::finding::plain;

/// The embedded catalogue of services.
pub const CATALOGUE: &str = include_str!("../../../../seeds/services.toml");

/// The catalogue that a plan is judged by, and the positions of the services that it selects or, where it selects none, might
/// select (see [`choose`]), ascending. Rows are those of the plan's scope, and services that the plan names by a name have
/// their ids in it afterwards.
///
/// # Errors
/// Where the plan's own catalogue cannot be read, or a service, a field or a scope that it names is unknown, or a service has no
/// limit, or no radius where radii are what counts.
pub fn catalogue(
    plan: &mut Plan,
    path: &Path,
) -> Result<(Vec<Service>, Vec<ServiceAt>), PlanError> {
    let mut services = parse_catalogue(CATALOGUE, Path::new("services.toml"))?;
    let embedded = services.clone();
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
    let services = scoped(services, plan, path)?;
    named(plan, &services, &embedded, path)?;
    let position = |id: &String| {
        services
            .iter()
            .position(|service| service.id == *id)
            .ok_or_else(|| unknown(id, &services, path))
    };
    for id in services.iter().flat_map(others) {
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

/// The rows as they count in the plan's scope, which then has the name that rows have for it.
fn scoped(services: Vec<Service>, plan: &mut Plan, path: &Path) -> Result<Vec<Service>, PlanError> {
    let Some(scope) = &mut plan.services.scope else {
        return Ok(services);
    };
    let known = scopes(&services);
    let asked = plain(scope).to_lowercase();
    let is_meant = |(id, place): &&(String, Option<Name>)| {
        let names = place.iter().flat_map(|name| [&name.zh, &name.en]);
        std::iter::once(id)
            .chain(names)
            .any(|name| name.to_lowercase() == asked)
    };
    let found = known.iter().find(is_meant);
    let Some((id, _)) = found else {
        let known: Vec<&str> = known.iter().map(|(id, _)| id.as_str()).collect();
        return Err(PlanError::UnknownScope {
            path: path.to_owned(),
            scope: plain(scope),
            known: known.join(", "),
        });
    };
    scope.clone_from(id);
    let rows = services.iter().cloned();
    Ok(rows.map(|service| service.in_scope(scope)).collect())
}

/// The scopes that a plan may choose: [`NATIONAL`], then those that rows have figures for, each with the place that it is.
#[must_use]
pub fn scopes(services: &[Service]) -> Vec<(String, Option<Name>)> {
    let own = services.iter().flat_map(|service| &service.own);
    let place = |own: &Own| {
        own.evidence
            .iter()
            .find_map(|evidence| evidence.place.clone())
    };
    let mut known: BTreeMap<&String, Option<Name>> = BTreeMap::new();
    for (scope, own) in own.filter(|(scope, _)| *scope != NATIONAL) {
        let known = known.entry(scope).or_default();
        *known = known.take().or_else(|| place(own));
    }
    let national = (NATIONAL.to_owned(), None);
    let others = known
        .into_iter()
        .map(|(scope, place)| (scope.clone(), place));
    std::iter::once(national).chain(others).collect()
}

/// Puts ids in the place of the names by which the plan names services.
fn named(
    plan: &mut Plan,
    services: &[Service],
    embedded: &[Service],
    path: &Path,
) -> Result<(), PlanError> {
    let names = ServiceNames::new(services);
    let id_of = |name: &String| match names.find(name) {
        Some(at) => Ok(services[at].id.clone()),
        None => Err(unknown(name, services, path)),
    };
    let ids = |listed: &[String]| listed.iter().map(id_of).collect::<Result<Vec<_>, _>>();
    // A policy may restrict services of the embedded catalogue that a plan's own has not.
    let other_names = ServiceNames::new(embedded);
    for name in &mut plan.public.restricted {
        *name = match (names.find(name), other_names.find(name)) {
            (None, Some(at)) => embedded[at].id.clone(),
            _ => id_of(name)?,
        };
    }
    let capacities = std::mem::take(&mut plan.services.default_capacity);
    for (name, capacity) in capacities {
        let id = id_of(&name)?;
        if plan
            .services
            .default_capacity
            .insert(id, capacity)
            .is_some()
        {
            return Err(twice("services.default_capacity", &name, path));
        }
    }
    plan.services.none_exist = ids(&plan.services.none_exist)?;
    if let Some(select) = &plan.services.select {
        let found = ids(select)?;
        let mut seen = BTreeSet::new();
        if let Some((_, name)) = found.iter().zip(select).find(|(id, _)| !seen.insert(*id)) {
            return Err(twice("services.select", name, path));
        }
        plan.services.select = Some(found);
    }
    Ok(())
}

/// A service that is named twice, by two of its names.
fn twice(key: &str, name: &str, path: &Path) -> PlanError {
    PlanError::Value {
        path: path.to_owned(),
        line: None,
        key: key.to_owned(),
        value: Some(plain(name)),
        must: &NAMED_ONCE,
    }
}

/// That a catalogue has no service of a name, with those that may have been meant; `path` is where it was named.
#[must_use]
pub fn unknown(name: &str, services: &[Service], path: &Path) -> PlanError {
    let like = ServiceNames::new(services).like(name);
    let listed = |at: &ServiceAt| {
        let Service { id, name, .. } = &services[*at];
        (id.clone(), name.clone())
    };
    PlanError::UnknownService {
        path: path.to_owned(),
        id: plain(name),
        like: like.iter().map(listed).collect(),
        known: services
            .iter()
            .map(|service| service.id.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    }
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

/// A catalogue as a file: one that needs no other beneath it where it is `whole`, else rows that stand before those of the embedded one.
#[must_use]
pub fn catalogue_text(services: &[Service], whole: bool) -> String {
    let file = CatalogueFile {
        whole,
        service: services.to_vec(),
    };
    toml::to_string_pretty(&file).expect("a catalogue that was read can be written")
}

fn catalogue_file(text: &str, path: &Path) -> Result<CatalogueFile, PlanError> {
    let broken = |error| of_faulty_row(text, broken(path, text, &error));
    let mut file: CatalogueFile = toml::from_str(text).map_err(broken)?;
    for service in &mut file.service {
        if service.source.is_empty() {
            service.source = cited(&service.evidence);
        }
    }
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

/// What evidence rests on, each document once, in one text.
fn cited(evidence: &[Evidence]) -> String {
    let mut documents: Vec<String> = Vec::new();
    for evidence in evidence {
        let text = match evidence.year {
            Some(year) => format!("{} ({year})", evidence.document),
            None => evidence.document.clone(),
        };
        if !documents.contains(&text) {
            documents.push(text);
        }
    }
    documents.join("; ")
}

/// A fault of a row as a whole, such as a key that is missing: with the id of the row, where it has one.
fn of_faulty_row(text: &str, error: PlanError) -> PlanError {
    let PlanError::Broken {
        path,
        line,
        key: None,
        message,
        slip,
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
        slip,
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
    use fuwutu_core::service::{Figure, Scope};

    use super::*;

    #[test]
    fn a_catalogue_that_is_written_is_read_as_it_was_and_stands_alone() {
        let services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        let file =
            catalogue_file(&catalogue_text(&services, true), Path::new("services.toml")).unwrap();
        assert!(file.whole && file.service == services);
    }

    #[test]
    fn the_catalogue_has_45_services_each_with_source_year_scope_and_status() {
        let services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        assert_eq!(services.len(), 45);
        for service in &services {
            let id = &service.id;
            assert!(!service.source.is_empty(), "{id}");
            assert!(
                service
                    .evidence
                    .iter()
                    .any(|evidence| evidence.year.is_some()),
                "{id}"
            );
            let rows = service
                .own
                .keys()
                .map(|scope| service.clone().in_scope(scope));
            for row in rows.chain([service.clone()]) {
                for figure in Figure::ALL {
                    let evidence = row.evidence_of(figure);
                    let mark = evidence.map_or("", |evidence| evidence.status.as_str());
                    // The first thing said of a figure is what it rests on; a figure that counts rests on something.
                    assert_eq!(row.status.of(figure), mark, "{id} {figure:?}");
                    let counts = crate::standards::figure(&row, figure).is_some();
                    assert!(!counts || evidence.is_some(), "{id} {figure:?}");
                }
                assert_eq!(row.status.overall, row.status.together(), "{id}");
            }
        }
    }

    #[test]
    fn what_is_said_has_a_document_a_scope_and_a_mark_and_no_page_of_spam() {
        let pages = ["028hzcbd", "shanyouwang", "zhzykj", "cltnet", "feifmx"];
        for service in parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap() {
            let own = service.own.values().flat_map(|own| &own.evidence);
            for evidence in service.evidence.iter().chain(own) {
                let place = format!("{} {}", service.id, evidence.document);
                assert!(
                    ["V", "S", "R", "P"].contains(&evidence.status.as_str()),
                    "{place}"
                );
                assert!(
                    !evidence.document.is_empty() && !evidence.says.is_empty(),
                    "{place}"
                );
                let somewhere = evidence.place.is_some();
                let local = matches!(evidence.scope, Scope::Province | Scope::City);
                assert!(local || !somewhere, "{place}");
                let spam = pages.iter().any(|page| evidence.url.contains(page));
                assert!(!spam || evidence.status == "R", "{place}");
                // What the catalogue proposes is marked so.
                assert!(
                    (evidence.scope != Scope::Catalogue) || evidence.status == "P",
                    "{place}"
                );
            }
        }
    }

    #[test]
    fn a_scope_changes_the_figures_that_it_has_and_no_others() {
        let row = |scope: Option<&str>| {
            let text = format!(
                "round = {{ name = \"a\", base_year = 2026 }}\n[inputs]\ntownships = {{ path = \"t\" }}\ncommunities = {{ path = \"c\" }}\nfacilities = []\n[services]\nselect = [\"小学\"]\n{}",
                scope.map_or(String::new(), |scope| format!("scope = \"{scope}\""))
            );
            let path = Path::new("plan.toml");
            let mut plan = Plan::parse(&text, path).unwrap();
            let (services, selected) = catalogue(&mut plan, path)?;
            assert_eq!(plan.services.select.unwrap(), ["primary_school"]);
            Ok((services[selected[0]].clone(), plan.services.scope))
        };
        let found = |scope| -> Result<_, PlanError> { row(scope) };
        let (country, none) = found(None).unwrap();
        assert_eq!((country.norm.per_1000_low, none), (Some(80.0), None));
        for name in ["chengdu", "成都", "Chengdu", " CHENGDU"] {
            let (city, scope) = found(Some(name.trim())).unwrap();
            assert_eq!(scope.as_deref(), Some("chengdu"));
            assert_eq!(city.norm.per_1000_low, Some(60.0));
            assert_eq!(
                (city.urban, &city.minimum),
                (country.urban, &country.minimum)
            );
            // The country's stands beside it, and comes back.
            assert_eq!(city.in_scope(NATIONAL).norm, country.norm);
        }
        assert_eq!(found(Some("national")).unwrap().0, country);
        for name in ["beijing", "", "国家"] {
            assert!(
                matches!(found(Some(name)), Err(PlanError::UnknownScope { known, .. }) if known == "national, chengdu"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_service_that_a_plan_names_twice_by_two_names_is_refused() {
        let text = "round = { name = \"a\", base_year = 2026 }\n[inputs]\ntownships = { path = \"t\" }\ncommunities = { path = \"c\" }\nfacilities = []\n[services]\nselect = [\"market\", \"菜市场\"]";
        let path = Path::new("plan.toml");
        let mut plan = Plan::parse(text, path).unwrap();
        let error = catalogue(&mut plan, path).unwrap_err().to_string();
        assert!(error.contains("`services.select` is `菜市场`"), "{error}");
    }
}
