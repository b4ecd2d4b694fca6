//! `round.json`: what the round rests on (version, plan, inputs with hashes, standards with status), totals that must add up,
//! and the hash of every other file. It is written last.

use std::collections::{BTreeMap, BTreeSet};

use fuwutu_core::position::ServiceAt;
use fuwutu_core::projection::{Variant, age_rule};
use fuwutu_core::quantity::Residents;
use fuwutu_core::round::CityTotal;
use fuwutu_core::service::Service;
use fuwutu_core::supply::shortage::Certain;

use crate::finding::Finding;
use crate::manifest::{
    self, CityCounts, FileEntry, Manifest, Middle, NotSupplied, ProjectionTotals, ResidentsBand,
    RoadTotals, Statement, TOOL, UnitCounts, YearResidents,
};
use crate::outcome::Outcome;
use crate::read::hex;
use crate::read::roads::RoadInput;
use crate::tables::totals::{self, Total};

/// Sums that must agree; the name of one that does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("internal check failed: {0}")]
pub struct Disagreement(pub(super) String);

/// Name and hash of a file of the folder.
pub(super) fn entry(name: &str, text: &str) -> FileEntry {
    FileEntry {
        path: name.to_owned(),
        sha256: hex(text.as_bytes()),
    }
}

/// The text of the manifest; `files` are the entries of the others of the folder.
pub(super) fn manifest(result: &Outcome, files: Vec<FileEntry>) -> Result<String, Disagreement> {
    let manifest = Manifest {
        tool: TOOL.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        round: result.plan.round.name.clone(),
        years: result.round.years.clone(),
        statement: statement(),
        datum: "CGCS2000/WGS 84 (EPSG:4490/4326), measured in a transverse Mercator plane at the city's centre".to_owned(),
        frame: Middle {
            lon: result.city.frame().lon,
            lat: result.city.frame().lat,
        },
        plan: result.plan.clone(),
        inputs: result.files.to_vec(),
        standards: standards(result),
        not_supplied: not_supplied(result),
        city: city(result),
        units: units(result)?,
        projection: projection(result)?,
        roads: result.roads.map(|roads| road_totals(result, roads)),
        totals: totals(result)?,
        findings: levels(result.findings),
        files,
    };
    Ok(manifest::text(&manifest))
}

fn statement() -> Statement {
    Statement {
        zh: "依据一项已公布决定中的一条要求编制，不是官方格式；单元为分析单元，不作法定界线；未经审图不得公开；用于配置优先次序，不作考核依据".to_owned(),
        en: "implements one clause of a published decision, no official format; units are analysis units, no legal boundaries; not for publication without map approval; for setting priorities, not for appraisal".to_owned(),
    }
}

fn city(result: &Outcome) -> CityCounts {
    CityCounts {
        residents: result.city.total_residents(),
        townships: result.city.townships().len(),
        communities: result.city.communities().len(),
        demand_points: result.city.points().len(),
        facilities: result.city.facilities().len(),
    }
}

fn units(result: &Outcome) -> Result<UnitCounts, Disagreement> {
    let round = result.round;
    let over_cap = round.units.iter().filter(|unit| unit.over_cap());
    let proved = round.divisions.iter().filter(|division| division.proved);
    Ok(UnitCounts {
        count: round.units.len(),
        over_cap: over_cap.count(),
        townships_proved_least: proved.count(),
        residents_by_year: residents_by_year(result)?,
    })
}

fn road_totals(result: &Outcome, roads: &RoadInput) -> RoadTotals {
    let attribution = "© OpenStreetMap contributors, ODbL 1.0";
    RoadTotals {
        crossings: roads.roads.nodes().len(),
        edges: roads.roads.edges().len(),
        length_km: (roads.roads.length_mm() as f64 / 1e6 * 10.0).round() / 10.0,
        left_out: roads.summary.left_out.clone(),
        attribution: openstreetmap(result).then(|| attribution.to_owned()),
    }
}

/// Whether the streets come from OpenStreetMap, whose licence asks for its name on what is made of it.
fn openstreetmap(result: &Outcome) -> bool {
    result
        .plan
        .roads()
        .is_some_and(|roads| roads.path.is_some())
}

/// How many findings there are of each level.
pub(super) fn levels(findings: &[Finding]) -> BTreeMap<String, u64> {
    let mut levels = BTreeMap::new();
    for finding in findings {
        let level = finding.level().name().to_owned();
        *levels.entry(level).or_default() += u64::from(finding.count);
    }
    levels
}

/// The whole rows of the catalogue that any figure of the round rests on, in its order.
pub(super) fn standards(result: &Outcome) -> Vec<Service> {
    let counties = result.round.counties.iter().map(|each| each.service);
    let used: BTreeSet<ServiceAt> = result.selected.iter().copied().chain(counties).collect();
    used.into_iter()
        .map(|service| result.catalogue[service].clone())
        .collect()
}

/// Services without data: those of the round, then those that were left out of it.
fn not_supplied(result: &Outcome) -> Vec<NotSupplied> {
    let selected = result.selected.iter().filter(|&&at| !result.supplied(at));
    let selected = selected.map(|&at| (at, true));
    let left_out = result.left_out.iter().map(|&at| (at, false));
    let row = |(at, selected): (ServiceAt, bool)| NotSupplied {
        service: result.catalogue[at].id.clone(),
        name: result.catalogue[at].name.clone(),
        selected,
    };
    selected.chain(left_out).map(row).collect()
}

/// How the later years came about, and their totals; none where everybody stays. Ages of a community add up to it.
fn projection(result: &Outcome) -> Result<Option<ProjectionTotals>, Disagreement> {
    let growth = &result.plan.growth;
    let projected = &result.round.projected;
    for each in projected {
        let ages: Residents = each.ages.iter().copied().sum();
        if ages != each.of(growth.variant) {
            let code = &result.city.communities()[each.community].code;
            return Err(Disagreement(format!(
                "ages of {code} in {} {ages:?}, of residents {:?}",
                each.year,
                each.of(growth.variant)
            )));
        }
    }
    let residents = |year: i32, variant: Variant| {
        let of_year = projected.iter().filter(|each| each.year == year);
        of_year.map(|each| each.of(variant)).sum()
    };
    let band = |&year: &i32| ResidentsBand {
        year,
        low: residents(year, Variant::Low),
        middle: residents(year, Variant::Middle),
        high: residents(year, Variant::High),
    };
    Ok((!projected.is_empty()).then(|| ProjectionTotals {
        ages: age_rule(result.outlook, growth),
        variant: growth.variant,
        residents: result.round.years.iter().skip(1).map(band).collect(),
    }))
}

/// Everybody is in exactly one unit, in every year.
fn residents_by_year(result: &Outcome) -> Result<Vec<YearResidents>, Disagreement> {
    let sums = (0..result.round.years.len()).map(|year| {
        result
            .round
            .residents
            .iter()
            .map(|unit| unit[year])
            .sum::<Residents>()
    });
    let sums: Vec<Residents> = sums.collect();
    for (&year, &sum) in result.round.years.iter().zip(&sums) {
        let of_year = result
            .round
            .projected
            .iter()
            .filter(|each| each.year == year);
        let projected = of_year
            .map(|each| each.of(result.plan.growth.variant))
            .reduce(|a, b| a + b);
        let city = projected.unwrap_or_else(|| result.city.total_residents());
        if sum != city {
            return Err(Disagreement(format!(
                "residents of units in {year} {sum:?}, of the city {city:?}"
            )));
        }
    }
    Ok(result
        .round
        .years
        .iter()
        .zip(sums)
        .map(|(&year, residents)| YearResidents { year, residents })
        .collect())
}

/// For each service and year: covered + unsnapped + roadless + too far = target, and what units receive = capacity − what nobody reaches.
fn totals(result: &Outcome) -> Result<Vec<Total>, Disagreement> {
    let totals = result.round.totals.iter();
    totals
        .map(|total| {
            agrees(result, total)?;
            if let Some(certain) = &total.certain {
                certain_agrees(result, total, certain)?;
            }
            Ok(totals::row(result, total))
        })
        .collect()
}

fn agrees(result: &Outcome, total: &CityTotal) -> Result<(), Disagreement> {
    let CityTotal {
        year,
        target,
        covered,
        received,
        ..
    } = *total;
    let service = &result.catalogue[total.service];
    let known = total.unknown == 0 && !service.capacity_unit.is_empty();
    let reached = total.capacity - total.unreached;
    if covered + total.unsnapped + total.roadless > target {
        return Err(Disagreement(format!(
            "{} {year}: covered {covered:?}, target {target:?}",
            service.id
        )));
    }
    if known && (received - reached).abs() > 1e-6 * reached.max(1.0) {
        return Err(Disagreement(format!(
            "{} {year}: received {received}, in reach {reached}",
            service.id
        )));
    }
    Ok(())
}

/// Seated and short are what the norm asks for, and no more is seated than there is.
fn certain_agrees(
    result: &Outcome,
    total: &CityTotal,
    certain: &Certain,
) -> Result<(), Disagreement> {
    let asked = total.demand.unwrap_or(0.0);
    let (seated, demand) = (
        Certain::units(certain.seated),
        Certain::units(certain.demand()),
    );
    let service = &result.catalogue[total.service].id;
    let place = format!("{service} {}", total.year);
    // Each demand point's share is rounded to the millionth.
    if (demand - asked).abs() > 1e-6 * result.city.points().len().max(1) as f64 + 1e-9 * asked {
        return Err(Disagreement(format!(
            "{place}: asked by norm {asked}, by demand points {demand}"
        )));
    }
    if total.unknown == 0 && seated > total.capacity + 1e-5 * f64::from(total.open) {
        return Err(Disagreement(format!(
            "{place}: seated {seated}, capacity {}",
            total.capacity
        )));
    }
    Ok(())
}
