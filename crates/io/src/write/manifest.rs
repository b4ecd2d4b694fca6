//! `round.json`: what the round rests on (version, plan, inputs with hashes, standards with status), totals that must add up,
//! and the hash of every other file. It is written last.

use std::collections::{BTreeMap, BTreeSet};

use fuwutu_core::position::ServiceAt;
use fuwutu_core::projection::{Variant, age_rule};
use fuwutu_core::quantity::Residents;
use fuwutu_core::round::CityTotal;
use fuwutu_core::supply::shortage::Certain;
use serde_json::{Value, json};

use super::Outcome;
use crate::finding::Finding;
use crate::read::hex;

/// Sums that must agree; the name of one that does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("internal check failed: {0}")]
pub struct Disagreement(pub(super) String);

/// Name and hash of a file of the folder.
pub(super) fn entry(name: &str, text: &str) -> Value {
    json!({ "path": name, "sha256": hex(text.as_bytes()) })
}

/// The manifest; `files` are the entries of the others of the folder.
pub(super) fn manifest(result: &Outcome, files: &[Value]) -> Result<String, Disagreement> {
    let round = result.round;
    let manifest = json!({
        "tool": "fuwutu",
        "version": env!("CARGO_PKG_VERSION"),
        "round": result.plan.round.name,
        "years": round.years,
        "statement": {
            "zh": "依据一项已公布决定中的一条要求编制，不是官方格式；单元为分析单元，不作法定界线；未经审图不得公开；用于资源配置优先序，不作考核依据",
            "en": "implements one clause of a published decision, no official format; units are analysis units, no legal boundaries; not for publication without map approval; for setting priorities, not for appraisal",
        },
        "datum": "CGCS2000/WGS 84 (EPSG:4490/4326), measured in a transverse Mercator plane at the city's centre",
        "frame": { "lon": result.city.frame().lon, "lat": result.city.frame().lat },
        "plan": result.plan,
        "inputs": result.files,
        "standards": standards(result),
        "city": {
            "residents": people(result.city.total_residents()),
            "townships": result.city.townships().len(),
            "communities": result.city.communities().len(),
            "demand_points": result.city.points().len(),
            "facilities": result.city.facilities().len(),
        },
        "units": {
            "count": round.units.len(),
            "over_cap": round.units.iter().filter(|unit| unit.over_cap()).count(),
            "townships_proved_least": round.divisions.iter().filter(|division| division.proved).count(),
            "residents_by_year": residents_by_year(result)?,
        },
        "projection": projection(result)?,
        "roads": result.roads.map(|roads| json!({
            "crossings": roads.roads.nodes().len(),
            "edges": roads.roads.edges().len(),
            "length_km": (roads.roads.length_mm() as f64 / 1e6 * 10.0).round() / 10.0,
            "left_out": roads.summary.left_out,
            "attribution": openstreetmap(result).then_some("© OpenStreetMap contributors, ODbL 1.0"),
        })),
        "totals": totals(result)?,
        "findings": levels(result.findings),
        "files": files,
    });
    Ok(serde_json::to_string_pretty(&manifest).expect("a manifest is plain data") + "\n")
}

/// Whether the streets come from OpenStreetMap, whose licence asks for its name on what is made of it.
fn openstreetmap(result: &Outcome) -> bool {
    result
        .plan
        .roads()
        .is_some_and(|roads| roads.path.is_some())
}

/// Persons, to the thousandth.
fn people(residents: Residents) -> Value {
    if residents.0.is_multiple_of(1000) {
        (residents.0 / 1000).into()
    } else {
        residents.persons().into()
    }
}

/// How many findings there are of each level.
pub(super) fn levels(findings: &[Finding]) -> BTreeMap<&'static str, u64> {
    let mut levels = BTreeMap::new();
    findings.iter().for_each(|each| {
        *levels.entry(each.kind.level().name()).or_default() += u64::from(each.count)
    });
    levels
}

/// The whole rows of the catalogue that any figure of the round rests on, in its order.
pub(super) fn standards(result: &Outcome) -> Vec<Value> {
    let counties = result.round.counties.iter().map(|each| each.service);
    let all: BTreeSet<ServiceAt> = result.selected.iter().copied().chain(counties).collect();
    all.into_iter()
        .map(|at| json!(result.catalogue[at]))
        .collect()
}

/// How the later years came about, and their totals; null where everybody stays. Ages of a community add up to it.
fn projection(result: &Outcome) -> Result<Value, Disagreement> {
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
    let year = |&year: &i32| {
        let of = |variant| {
            people(
                projected
                    .iter()
                    .filter(|each| each.year == year)
                    .map(|each| each.of(variant))
                    .sum(),
            )
        };
        json!({ "year": year, "low": of(Variant::Low), "middle": of(Variant::Middle), "high": of(Variant::High) })
    };
    let years: Vec<Value> = result.round.years.iter().skip(1).map(year).collect();
    let ages = age_rule(result.outlook, growth).name();
    Ok(if projected.is_empty() {
        Value::Null
    } else {
        json!({ "ages": ages, "variant": growth.variant, "residents": years })
    })
}

/// Everybody is in exactly one unit, in every year.
fn residents_by_year(result: &Outcome) -> Result<Vec<Value>, Disagreement> {
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
        .map(|(year, sum)| json!({ "year": year, "residents": people(sum) }))
        .collect())
}

/// For each service and year: covered + unsnapped + roadless + too far = target group, and what units receive = capacity − what nobody reaches.
fn totals(result: &Outcome) -> Result<Vec<Value>, Disagreement> {
    result
        .round
        .totals
        .iter()
        .map(|total| total_entry(result, total))
        .collect()
}

fn total_entry(result: &Outcome, total: &CityTotal) -> Result<Value, Disagreement> {
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
    let certain = total
        .certain
        .map(|certain| certain_entry(result, total, &certain))
        .transpose()?;
    let tenth = |number: f64| (number * 10.0).round() / 10.0;
    let if_known = |number: f64| known.then(|| tenth(number));
    Ok(json!({
        "service": service.id,
        "year": year,
        "target": people(target),
        "covered": people(covered),
        "not_covered": people(target - covered),
        "unsnapped": people(total.unsnapped),
        "roadless": people(total.roadless),
        "too_far": people(target - covered - total.unsnapped - total.roadless),
        "covered_straight": total.covered_straight.map(people),
        "short": total.short.map(tenth),
        "units_not_judged": total.unjudged,
        "facilities": total.open,
        "capacity_unknown": total.unknown,
        "capacity": if_known(total.capacity),
        "received": if_known(received),
        "reached_by_nobody": if_known(total.unreached),
        "certain": certain,
        "units_with_a_rule": total.required,
        "units_attained": total.attained,
        "units_undecided": total.undecided,
    }))
}

/// What no assignment can seat, by cause. Seated and short are what the norm asks for, and no more is seated than there is.
fn certain_entry(
    result: &Outcome,
    total: &CityTotal,
    certain: &Certain,
) -> Result<Value, Disagreement> {
    let asked = total.demand.unwrap_or(0.0);
    let (seated, demand) = (
        Certain::units(certain.seated),
        Certain::units(certain.demand()),
    );
    let what = || format!("{} {}", result.catalogue[total.service].id, total.year);
    // Each demand point's share is rounded to the millionth.
    if (demand - asked).abs() > 1e-6 * result.city.points().len().max(1) as f64 + 1e-9 * asked {
        return Err(Disagreement(format!(
            "{}: asked by norm {asked}, by demand points {demand}",
            what()
        )));
    }
    if total.unknown == 0 && seated > total.capacity + 1e-5 * f64::from(total.open) {
        return Err(Disagreement(format!(
            "{}: seated {seated}, capacity {}",
            what(),
            total.capacity
        )));
    }
    let tenth = |millionths: u64| (Certain::units(millionths) * 10.0).round() / 10.0;
    Ok(json!({
        "seated": tenth(certain.seated),
        "short": tenth(certain.short()),
        "too_far": tenth(certain.too_far),
        "full": tenth(certain.full),
        "none_exists": tenth(certain.none_exists),
        "at_least": total.unknown > 0,
    }))
}
