//! What everybody may know of a round as a whole.
//!
//! Every struct here is taken apart with all its fields by name, those that pass as they are (`all_of_…`), too: a new field of [`Manifest`]
//! or of a plan's section does not compile until somebody decides whether the public edition has it. Only sections that are `Copy`, and so
//! hold no name and no path, pass without that.

use std::path::{Path, PathBuf};

use fuwutu_core::quantity::Residents;
use fuwutu_core::ranking::RankingPlan;
use fuwutu_io::manifest::{
    CityCounts, NotSupplied, ProjectionTotals, ResidentsBand, RoadTotals, UnitCounts, YearResidents,
};
use fuwutu_io::plan::{
    AccessSection, PeopleSection, PublicSection, ReportSection, RoundSection, ServicesSection,
    TravelSection,
};
use fuwutu_io::read::InputFile;
use fuwutu_io::tables::totals::Total;

use super::rules::Rules;
use crate::book::{Manifest, ShownInputs, ShownPlan};

/// Leaves out small counts of the city and what is restricted, rounds the other counts, and names no folder of a file.
pub(super) fn public(manifest: Manifest, rules: &Rules) -> Manifest {
    let Manifest {
        round,
        version,
        years,
        statement,
        datum,
        plan,
        inputs,
        not_supplied,
        city,
        units,
        projection,
        roads,
        totals,
        findings,
        files,
    } = manifest;
    let totals = totals
        .into_iter()
        .filter(|total| !rules.restricted.contains(&total.service));
    Manifest {
        round,
        version,
        years,
        statement,
        datum,
        plan: public_plan(plan, rules),
        inputs: inputs.into_iter().map(input).collect(),
        not_supplied: without_restricted(not_supplied, rules),
        city: public_city(city, rules),
        units: public_units(units, rules),
        projection: projection.map(|projection| public_projection(projection, rules)),
        roads: roads.inspect(all_of_roads),
        totals: totals.map(|total| public_total(total, rules)).collect(),
        findings,
        files,
    }
}

/// That a restricted kind was not supplied is not for everybody either.
fn without_restricted(services: Vec<NotSupplied>, rules: &Rules) -> Vec<NotSupplied> {
    let shown = |service: &NotSupplied| {
        let NotSupplied {
            service,
            name: _,
            selected: _,
        } = service;
        !rules.restricted.contains(service)
    };
    services.into_iter().filter(shown).collect()
}

/// A name alone: by a hash or a length the rest of a small table could be tried out until they are the same.
fn input(file: InputFile) -> InputFile {
    let InputFile {
        path,
        bytes: _,
        sha256: _,
    } = file;
    InputFile {
        path: without_folders(&path).to_owned(),
        bytes: 0,
        sha256: String::new(),
    }
}

fn public_city(city: CityCounts, rules: &Rules) -> CityCounts {
    let CityCounts {
        residents,
        townships,
        communities,
        demand_points,
        facilities,
    } = city;
    CityCounts {
        residents: rounded(residents, rules),
        townships,
        communities,
        demand_points,
        facilities,
    }
}

fn public_units(units: UnitCounts, rules: &Rules) -> UnitCounts {
    let UnitCounts {
        count,
        over_cap,
        townships_proved_least,
        residents_by_year,
    } = units;
    UnitCounts {
        count,
        over_cap,
        townships_proved_least,
        residents_by_year: residents_by_year
            .into_iter()
            .map(|YearResidents { year, residents }| YearResidents {
                year,
                residents: rounded(residents, rules),
            })
            .collect(),
    }
}

fn public_projection(projection: ProjectionTotals, rules: &Rules) -> ProjectionTotals {
    let ProjectionTotals {
        ages,
        variant,
        residents,
    } = projection;
    ProjectionTotals {
        ages,
        variant,
        residents: residents
            .into_iter()
            .map(|band| {
                let ResidentsBand {
                    year,
                    low,
                    middle,
                    high,
                } = band;
                ResidentsBand {
                    year,
                    low: rounded(low, rules),
                    middle: rounded(middle, rules),
                    high: rounded(high, rules),
                }
            })
            .collect(),
    }
}

fn all_of_roads(roads: &RoadTotals) {
    let RoadTotals {
        crossings: _,
        edges: _,
        length_km: _,
        left_out: _,
        attribution: _,
    } = roads;
}

/// Of a target group of few people nothing is said that counts people.
fn public_total(mut total: Total, rules: &Rules) -> Total {
    if total
        .target
        .is_some_and(|people| rules.few(people.persons()))
    {
        rules.hide(&mut total);
    } else {
        rules.publish(&mut total);
    }
    total
}

/// Rounded people; a city is not few.
fn rounded(residents: Residents, rules: &Rules) -> Residents {
    Residents::whole(rules.multiple(residents.persons()) as u64)
}

fn public_plan(plan: ShownPlan, rules: &Rules) -> ShownPlan {
    let ShownPlan {
        policy,
        round,
        units,
        travel,
        access,
        people,
        growth,
        presence,
        ranking,
        extras,
        report,
        public,
        inputs,
        services,
        embedded_policy: _,
    } = plan;
    all_of_round(&round);
    all_of_travel(&travel);
    let AccessSection { decay: _ } = &access;
    let PeopleSection {
        household_size: _,
        age_shares: _,
        spread: _,
    } = &people;
    let ReportSection {
        map_approval: _,
        date: _,
        // Made for all readers.
        sources: _,
    } = &report;
    let PublicSection {
        small: _,
        decimals: _,
        restricted: _,
    } = &public;
    ShownPlan {
        embedded_policy: policy.is_none().then_some(()),
        policy: policy.as_deref().map(file_name),
        round,
        units: figures(units),
        travel,
        access,
        people,
        growth: figures(growth),
        presence: figures(presence),
        ranking: figures_of_ranking(ranking),
        extras: figures(extras),
        report,
        public,
        inputs: ShownInputs::Unnamed {
            crs: inputs.crs().map(str::to_owned),
        },
        services: public_services(services, rules),
    }
}

/// A section of figures and choices: what is `Copy` holds no text.
fn figures<T: Copy>(section: T) -> T {
    section
}

/// Its fields of services are the catalogue's, which everybody may know.
fn figures_of_ranking(ranking: RankingPlan) -> RankingPlan {
    let RankingPlan {
        basic: _,
        improved: _,
        domains: _,
        inflow_weight: _,
        inflow_reference: _,
        small: _,
        certainty: _,
    } = &ranking;
    ranking
}

fn all_of_round(round: &RoundSection) {
    let RoundSection {
        name: _,
        base_year: _,
        horizon_years: _,
        synthetic: _,
    } = round;
}

fn all_of_travel(travel: &TravelSection) {
    let TravelSection {
        mode: _,
        pace_m_per_s: _,
        slow_pace_m_per_s: _,
        ebike_m_per_s: _,
        car_bus_m_per_s: _,
        detour: _,
        snap_m: _,
        least_part_km: _,
        stairs: _,
        unsnapped: _,
        compare: _,
        private: _,
        at: _,
        step_free: _,
        lift_seconds: _,
        crossing_seconds: _,
        // Tags of the embedded table, which everybody may know.
        rules: _,
    } = travel;
}

fn public_services(services: ServicesSection, rules: &Rules) -> ServicesSection {
    let ServicesSection {
        catalogue,
        scope,
        select,
        none_exist,
        minutes,
        default_capacity,
    } = services;
    let open = |ids: Vec<String>| -> Vec<String> {
        let open = ids.into_iter().filter(|id| !rules.restricted.contains(id));
        open.collect()
    };
    ServicesSection {
        catalogue: catalogue.as_deref().map(file_name),
        scope,
        select: select.map(open),
        none_exist: open(none_exist),
        minutes,
        default_capacity,
    }
}

fn file_name(path: &Path) -> PathBuf {
    PathBuf::from(without_folders(&path.to_string_lossy()))
}

/// The name of a file alone, whichever system wrote its path.
fn without_folders(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}
