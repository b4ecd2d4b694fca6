//! Figures that are derived from published ones: sums over units, and the ranking.

use std::cmp::Reverse;

use fuwutu_core::cube::Cube;
use fuwutu_core::position::{SelectedAt, UnitAt, YearAt};
use fuwutu_core::projection::Variant;
use fuwutu_core::quantity::Residents;
use fuwutu_core::ranking;
use fuwutu_core::service::{Basis, Service};
use fuwutu_core::supply::{Missing, MissingWhat};
use fuwutu_io::tables;
use fuwutu_io::tables::causes::missing_by;
use fuwutu_io::tables::counties::County;
use fuwutu_io::tables::standing::Standing;
use fuwutu_io::tables::totals::Total;

use super::restricted::name_causes;
use super::rules::Rules;
use super::short;
use crate::book::{Book, Cause, Place};

/// Makes anew what is made of the units' figures, which are published already.
pub(super) fn of_published(book: &mut Book, rules: &Rules) {
    let residents: Vec<u64> = (0..book.manifest.years.len())
        .map(|year| book.units.iter().map(|unit| unit.residents(year)).sum())
        .collect();
    city(book, &residents);
    townships(book, rules);
    counties(book, rules);
    totals(book);
    equities(book, rules);
    places(book, rules);
}

/// Residents of the city in each year.
fn city(book: &mut Book, residents: &[u64]) {
    let manifest = &mut book.manifest;
    manifest.city.residents = Residents::whole(residents[0]);
    for (year, &sum) in manifest.units.residents_by_year.iter_mut().zip(residents) {
        year.residents = Residents::whole(sum);
    }
    let variant = manifest.plan.growth.variant;
    let later = manifest
        .projection
        .iter_mut()
        .flat_map(|projection| &mut projection.residents);
    for (band, &sum) in later.zip(residents.iter().skip(1)) {
        // The one that later years are evaluated on is that of the units.
        let evaluated = match variant {
            Variant::Low => &mut band.low,
            Variant::Middle => &mut band.middle,
            Variant::High => &mut band.high,
        };
        *evaluated = Residents::whole(sum);
    }
}

fn townships(book: &mut Book, rules: &Rules) {
    for (position, township) in book.townships.iter_mut().enumerate() {
        rules.publish(township);
        let units = book.units.iter().filter(|unit| unit.township == position);
        township.residents = units.map(|unit| unit.row.residents).sum();
        let cap = book.manifest.plan.units.cap;
        township.fill = tables::townships::fill(township.residents, township.units, cap);
    }
}

fn counties(book: &mut Book, rules: &Rules) {
    let services: Vec<&Service> = book.services.iter().chain(&book.county_services).collect();
    for county in &mut book.counties {
        let exact = county.clone();
        rules.publish(county);
        let year = book
            .manifest
            .years
            .iter()
            .position(|&year| year == county.year);
        let units = book
            .units
            .iter()
            .filter(|unit| unit.row.township.starts_with(&county.county));
        let residents = year.map(|year| units.map(|unit| unit.residents(year)).sum());
        let service = services.iter().find(|service| service.id == county.service);
        let each = service.and_then(|service| match service.norm.basis {
            Basis::CountyTotal => service.norm.county_rates(1.0).map(|(rate, _)| rate),
            _ => service.norm.per_1000_low.map(|rate| rate / 1000.0),
        });
        judge(county, &exact, residents, each);
    }
}

/// What a county asks for by its published residents.
fn judge(county: &mut County, exact: &County, residents: Option<u64>, each: Option<f64>) {
    county.residents = residents;
    let asked = residents.zip(each);
    let demand = asked.map(|(residents, each)| (each * residents as f64).round());
    county.demand = exact.demand.and(demand);
    county.short = exact.short.and(short(county.demand, county.capacity));
    let ratio = county
        .capacity
        .zip(county.demand.filter(|&demand| demand > 0.0));
    county.supply_demand_ratio = exact
        .supply_demand_ratio
        .and(ratio.map(|(capacity, demand)| capacity / demand));
}

/// Totals of the city: sums of what is published of the units.
fn totals(book: &mut Book) {
    let years = &book.manifest.years;
    for total in &mut book.manifest.totals {
        let service = book
            .services
            .iter()
            .position(|service| service.id == total.service);
        let year = years.iter().position(|&year| year == total.year);
        if let Some((service, year)) = service.zip(year) {
            let compares = book.compares.as_ref();
            let straight = compares.and_then(|compares| {
                sum(compares, service, year, |row| {
                    row.covered_straight.map(|people| people as f64)
                })
            });
            total_of(total, &book.standings, service, year);
            total.covered_straight = straight.map(|people| Residents::whole(people as u64));
        }
    }
}

fn total_of(total: &mut Total, standings: &Cube<Standing>, service: usize, year: usize) {
    let people = |count: fn(&Standing) -> Option<u64>| {
        sum(standings, service, year, |row: &Standing| {
            count(row).map(|people| people as f64)
        })
        .map(|sum| Residents::whole(sum as u64))
    };
    let seats = |amount: fn(&Standing) -> Option<f64>| sum(standings, service, year, amount);
    let (target, covered) = (
        people(|row| row.target_residents),
        people(|row| row.covered_residents),
    );
    total.target = target;
    total.covered = covered;
    total.not_covered = target
        .zip(covered)
        .map(|(target, covered)| Residents(target.0.saturating_sub(covered.0)));
    total.covered_radius = people(|row| row.covered_radius);
    total.unsnapped = people(|row| row.unsnapped_residents);
    total.roadless = people(|row| row.roadless_residents);
    total.too_far = people(|row| row.too_far_residents);
    total.covered_otherwise = people(|row| row.covered_otherwise);
    total.covered_least = people(|row| row.covered_least);
    total.covered_most = people(|row| row.covered_most);
    total.received = total.capacity.and(seats(|row| row.supply_received));
    total.short = seats(|row| row.shortfall_reach);
    // Large units are left out where few are seated: a sum without them would say far too little.
    total.certain_short = of_service(standings, service, year)
        .map(|row| row.short_for_certain)
        .sum();
    total.certain_at_least = total
        .certain_at_least
        .filter(|_| total.certain_short.is_some());
}

fn of_service<T>(values: &Cube<T>, service: usize, year: usize) -> impl Iterator<Item = &T> {
    let (service, year) = (SelectedAt::new(service), YearAt::new(year));
    UnitAt::first(values.units()).filter_map(move |unit| values.get(unit, service, year))
}

/// Over all units; what is left out of some adds nothing, and what is left out of all is not known.
fn sum<T>(
    values: &Cube<T>,
    service: usize,
    year: usize,
    amount: impl Fn(&T) -> Option<f64>,
) -> Option<f64> {
    let amounts = of_service(values, service, year).filter_map(amount);
    amounts.reduce(|sum, amount| sum + amount)
}

/// The average that people receive of a service: received ÷ target, both of the city's published totals.
fn equities(book: &mut Book, rules: &Rules) {
    for equity in &mut book.equities {
        let exact = equity.row.mean_access;
        rules.publish(&mut equity.row);
        let (service, year) = (&equity.row.service, equity.row.year);
        let mut totals = book.manifest.totals.iter();
        let total = totals.find(|total| total.service == *service && total.year == year);
        let figures = total.and_then(|total| total.received.zip(total.target));
        let mean = figures
            .filter(|(_, target)| target.0 > 0)
            .map(|(received, target)| received / target.persons());
        equity.row.mean_access = exact.and(mean);
    }
}

/// The ranking: need and what it is made of, by what is published of the last year.
fn places(book: &mut Book, rules: &Rules) {
    let last = book.manifest.years.len() - 1;
    let growth = book.manifest.projection.is_some();
    let ranking = book.manifest.plan.ranking.clone();
    for mut place in std::mem::take(&mut book.places) {
        rules.publish(&mut place.row);
        let unit = &book.units[place.unit];
        let (now, then) = (unit.row.residents, unit.residents(last));
        let rate = (growth && now > 0).then(|| then as f64 / now as f64 - 1.0);
        place.row.inflow_rate = rate;
        // By published residents: the exact number must not show at the threshold.
        place.row.small = now < ranking.small;
        place.row.unserved_residents = unserved(book, place.unit, last);
        place.causes = causes(book, &place, last);
        name_causes(&mut place);
        let parts: f64 = place.causes.iter().map(|cause| cause.part).sum();
        let inflow = (rate.unwrap_or(0.0) / ranking.inflow_reference).clamp(0.0, 1.0);
        place.row.need = tenth(parts);
        place.row.inflow_factor = 1.0 + ranking.inflow_weight * inflow;
        place.row.priority = tenth(place.row.need * place.row.inflow_factor);
        place.row.inflow_part = tenth(place.row.priority - place.row.need);
        let unproven = place.causes.iter().filter(|cause| {
            let status = cause.row.figure_status.as_str();
            status == "R" || status == "P"
        });
        let unproven: f64 = unproven.map(|cause| cause.part).sum();
        place.row.unproven_share = (parts > 0.0).then(|| hundredth(unproven / parts));
        book.places.push(place);
    }
    in_order(&mut book.places);
}

/// Places in the order of what is published: of equal priorities and counts in the order that they had.
fn in_order(places: &mut [Place]) {
    let unserved = |place: &Place| place.row.unserved_residents.unwrap_or(0);
    places.sort_by_key(|place| (Reverse(unserved(place)), place.row.place_by_unserved));
    for (place, number) in places.iter_mut().zip(1..) {
        place.row.place_by_unserved = number;
    }
    places.sort_by(|a, b| {
        let by_priority = b.row.priority.total_cmp(&a.row.priority);
        by_priority.then(a.row.place.cmp(&b.row.place))
    });
    for (place, number) in places.iter_mut().zip(1..) {
        place.row.place = number;
        // A place is never outside its own interval.
        let (first, last) = (&mut place.row.place_first, &mut place.row.place_last);
        *first = first.map(|first| first.min(number));
        *last = last.map(|last| last.max(number));
        for cause in &mut place.causes {
            cause.row.place = number;
        }
    }
}

/// People out of reach in the last year, over the services for which that is published; `None` where there are none.
fn unserved(book: &Book, unit: usize, last: usize) -> Option<u64> {
    let services = book.services.iter().enumerate();
    let judged = services.filter(|(_, service)| service.norm.basis != Basis::SupplyOnly);
    judged
        .filter_map(|(service, _)| {
            let row = book.standing(unit, service, last);
            Some(row.target_residents?.saturating_sub(row.covered_residents?))
        })
        .reduce(|sum, people| sum + people)
}

/// The causes of a place by what is published: services of which no share is are left out, and the others weighed without them.
fn causes(book: &Book, place: &Place, last: usize) -> Vec<Cause> {
    let services = book.services.iter().enumerate();
    let asked: Vec<(usize, Missing)> = services
        .filter(|(_, service)| ranking::counts(service))
        .filter_map(|(service, _)| {
            Some((service, missing(book.standing(place.unit, service, last))?))
        })
        .collect();
    let rows: Vec<&Service> = asked.iter().map(|&(at, _)| &book.services[at]).collect();
    let plan = &book.manifest.plan;
    let weights = ranking::weights(&rows, &plan.ranking);
    let own_limits = plan.services.minutes.is_none();
    let made = asked.iter().zip(weights).map(|(&(at, missing), weight)| {
        let service = &book.services[at];
        Cause {
            row: tables::causes::Cause {
                place: place.row.place,
                unit: place.row.unit.clone(),
                service: service.id.clone(),
                weight: Some(weight),
                shortfall_rate: Some(missing.share),
                part: hundredth(100.0 * weight * missing.share),
                standard_status: service.status.overall.clone(),
                missing_by: missing_by(missing.what).to_owned(),
                figure_status: ranking::status_of(service, missing, own_limits).to_owned(),
            },
            service: at,
        }
    });
    let mut causes: Vec<Cause> = made.filter(|cause| cause.part > 0.0).collect();
    causes.sort_by(|a, b| b.part.total_cmp(&a.part).then(a.service.cmp(&b.service)));
    causes
}

/// What is missing of a service by its published line, to the hundredth; `None` where that is not published, or nobody is counted.
fn missing(standing: &Standing) -> Option<Missing> {
    let coverage = standing.coverage?;
    standing.target_residents.filter(|&target| target > 0)?;
    let capacity = standing.demand.zip(standing.shortfall_reach);
    let of_capacity = capacity
        .filter(|(demand, _)| *demand > 0.0)
        .map_or(0.0, |(demand, short)| short / demand);
    let (share, what) = if of_capacity > 1.0 - coverage {
        (of_capacity, MissingWhat::Capacity)
    } else {
        (1.0 - coverage, MissingWhat::Reach)
    };
    Some(Missing {
        share: hundredth(share),
        what,
    })
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

fn hundredth(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
