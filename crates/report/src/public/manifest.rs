//! What everybody may know of a round as a whole.
//!
//! Every struct here is taken apart with all its fields by name, those that pass as they are (`all_of_…`), too: a new field of [`Manifest`]
//! or of a plan's section does not compile until somebody decides whether the public edition has it. Only sections that are `Copy`, and so
//! hold no name and no path, pass without that.

use std::path::{Path, PathBuf};

use fuwutu_core::quantity::Residents;
use fuwutu_io::manifest::{CityCounts, CityTotalRow, ProjectionTotals, RoadTotals, UnitCounts};
use fuwutu_io::plan::{
    AccessSection, PeopleSection, PublicSection, ReportSection, RoundSection, ServicesSection,
    TravelSection,
};
use fuwutu_io::read::InputFile;

use super::Rules;
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
        city: public_city(city),
        units: public_units(units),
        projection: projection.map(public_projection),
        roads: roads.inspect(all_of_roads),
        totals: totals.map(|total| public_total(total, rules)).collect(),
        findings,
        files,
    }
}

fn input(file: InputFile) -> InputFile {
    let InputFile {
        path,
        bytes,
        sha256,
    } = file;
    InputFile {
        path: without_folders(&path).to_owned(),
        bytes,
        sha256,
    }
}

fn public_city(city: CityCounts) -> CityCounts {
    let CityCounts {
        residents,
        townships,
        communities,
        demand_points,
        facilities,
    } = city;
    CityCounts {
        residents,
        townships,
        communities,
        demand_points,
        facilities,
    }
}

fn public_units(units: UnitCounts) -> UnitCounts {
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
        residents_by_year,
    }
}

fn public_projection(projection: ProjectionTotals) -> ProjectionTotals {
    let ProjectionTotals {
        ages,
        variant,
        residents,
    } = projection;
    ProjectionTotals {
        ages,
        variant,
        residents,
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
fn public_total(total: CityTotalRow, rules: &Rules) -> CityTotalRow {
    let CityTotalRow {
        service,
        year,
        target,
        covered,
        not_covered,
        unsnapped,
        roadless,
        too_far,
        covered_straight,
        short,
        units_not_judged,
        facilities,
        capacity_unknown,
        capacity,
        received,
        reached_by_nobody,
        certain,
        units_with_a_rule,
        units_attained,
        units_undecided,
    } = total;
    let small = target.is_some_and(|target| rules.few(whole(target)));
    let count = |residents: Option<Residents>| {
        let people = residents.map(whole).filter(|_| !small);
        let people = people.filter(|&people| !rules.few(people));
        people.map(|people| Residents::whole(rules.rounded(people)))
    };
    CityTotalRow {
        service,
        year,
        target: count(target),
        covered: count(covered),
        not_covered: count(not_covered),
        unsnapped: count(unsnapped),
        roadless: count(roadless),
        too_far: count(too_far),
        covered_straight: count(covered_straight),
        short: short.filter(|_| !small),
        units_not_judged,
        facilities,
        capacity_unknown,
        capacity,
        received,
        reached_by_nobody,
        certain: certain.filter(|_| !small),
        units_with_a_rule,
        units_attained,
        units_undecided,
    }
}

/// People, a part of one as a whole one.
fn whole(residents: Residents) -> u64 {
    residents.0.div_ceil(1000)
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
    } = &people;
    let ReportSection {
        map_approval: _,
        date: _,
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
        ranking: figures(ranking),
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
    } = travel;
}

fn public_services(services: ServicesSection, rules: &Rules) -> ServicesSection {
    let ServicesSection {
        catalogue,
        select,
        minutes,
        default_capacity,
    } = services;
    let open = |ids: Vec<String>| {
        let open = ids.into_iter().filter(|id| !rules.restricted.contains(id));
        open.collect()
    };
    ServicesSection {
        catalogue: catalogue.as_deref().map(file_name),
        select: select.map(open),
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
