//! A city in shards: county by county, each with a margin of its neighbours, to the same bytes as the whole (whose units are
//! drawn anew).
//!
//! What a county's people receive depends on the facilities within one limit of them, and what those have left on the people
//! within one limit of each facility. So a shard holds its county's people and land, all facilities within one limit of
//! them, and all people within two. It is a [`City`] like any other; townships of other counties are marked as neighbours.

use std::sync::Arc;

use rstar::AABB;

use crate::city::{City, Facility, counties};
use crate::completeness::QUARTER_HOUR;
use crate::position::{FacilityAt, PointAt, UnitAt};
use crate::projection::Outlook;
use crate::quantity::Point;
use crate::reach::Travels;
use crate::round::{self, Part, Plan, Round, Selection, ServicePart, Settling, Shortage};
use crate::supply::{self, detour};
use crate::units::{self, Units};
use crate::watch::{Progress, Stopped, Watch};

/// A part of a city.
#[derive(Debug, Clone)]
pub struct Shard {
    /// The county's people and land with their margin; townships and communities keep their positions.
    pub city: City,
    /// For each facility of the shard, its position in the whole city.
    pub facilities: Vec<FacilityAt>,
}

/// The shard of one county (see [`counties`]); `margin` is one limit in millimetres. A county without people still has its land.
#[must_use]
pub fn split(city: &City, county: &str, margin: u64) -> Shard {
    let mut townships = city.townships().to_vec();
    for township in &mut townships {
        township.neighbour = township.neighbour || township.county() != county;
    }
    let communities = city.shared_communities();
    let is_inside: Vec<bool> = communities
        .iter()
        .map(|community| !townships[community.township].neighbour)
        .collect();
    let places: Vec<[i64; 2]> = city
        .points()
        .iter()
        .filter(|point| is_inside[point.community])
        .map(|point| corner(point.at))
        .collect();
    let around = AABB::from_points(&places);
    let ([west, south], [east, north]) = (around.lower(), around.upper());
    let margin = i64::try_from(margin).unwrap_or(i64::MAX).min(i64::MAX / 8);
    let within = |place: Point, by: i64| {
        let [x, y] = corner(place);
        !places.is_empty() && west - by <= x && x <= east + by && south - by <= y && y <= north + by
    };
    // Who shares a facility with this county may come to another of its entrances.
    let apart = city.facilities().iter().map(width).max().unwrap_or(0);
    let people = city.points().iter().zip(city.residents());
    let people = people
        .filter(|(point, _)| within(point.at, 2 * margin + apart))
        .map(|(point, ages)| (point.clone(), *ages));
    let (facilities, kept): (Vec<FacilityAt>, Vec<_>) = FacilityAt::enumerate(city.facilities())
        .filter(|(_, facility)| {
            places_of(facility).any(|place| within(place, margin))
                || facility
                    .community
                    .is_some_and(|community| is_inside[community])
        })
        .map(|(position, facility)| (position, facility.clone()))
        .unzip();
    let part = City::of_sorted(
        city.frame(),
        city.year(),
        townships.into(),
        Arc::clone(communities),
        people.collect(),
        kept.into(),
    );
    Shard {
        city: part,
        facilities,
    }
}

/// Where a facility is and where it is entered.
fn places_of(facility: &Facility) -> impl Iterator<Item = Point> {
    let entrances = facility.entrances.iter().copied();
    std::iter::once(facility.at).chain(entrances)
}

/// How wide or high these places lie apart, whichever is more; in millimetres.
fn width(facility: &Facility) -> i64 {
    let places: Vec<[i64; 2]> = places_of(facility).map(corner).collect();
    let around = AABB::from_points(&places);
    let (low, high) = (around.lower(), around.upper());
    (high[0] - low[0]).max(high[1] - low[1])
}

fn corner(place: Point) -> [i64; 2] {
    [i64::from(place.x), i64::from(place.y)]
}

/// As [`round::evaluate`], with the units and standings of one county after another; the shards could as well be computed on
/// as many machines.
///
/// Units are always drawn anew. The exception from the same bytes: a round that keeps the last one's units is evaluated whole,
/// by [`round::evaluate_in`].
///
/// The margin is the longest trip of all selected services, and a quarter of an hour on foot at least, so that one of 60 minutes by car makes every shard hold much of
/// a city: select services of like limits together. Measured one shard after another: 2.1 million residents, 2 counties, 42
/// services 1.3 s (whole 0.6 s); 21 million, 23 counties, 21 walking services 8.8 s (whole 3.7 s).
///
/// # Errors
/// As [`round::evaluate`]; `watch` is asked before each county, too.
pub fn evaluate(
    city: &City,
    outlook: &Outlook,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    watch: Watch,
) -> Result<Round, Stopped> {
    let (years, projected) = round::years(city, outlook, plan, watch)?;
    let margin = margin(services, plan, travels);
    let part = |cities: &[City]| {
        let units = units::divide(&cities[0], &plan.units);
        let settling = Settling::Later;
        round::part(cities, units, services, plan, travels, settling, watch)
    };
    let mut whole: Option<Part> = None;
    for county in counties(city) {
        watch(Progress::Working)?;
        let shards: Vec<Shard> = years
            .iter()
            .map(|city| split(city, county, margin))
            .collect();
        let cities: Vec<City> = shards.iter().map(|shard| shard.city.clone()).collect();
        let mut part = part(&cities)?;
        rename(&mut part, &shards[0], city);
        match &mut whole {
            None => whole = Some(part),
            Some(whole) => append(whole, part),
        }
    }
    let whole = match whole {
        Some(whole) => whole,
        None => part(&years)?,
    };
    let round = round::assemble(&years, projected, whole, services, plan, travels, watch)?;
    Ok(Round {
        backtest: round::tried(city, outlook, plan),
        ..round
    })
}

/// Turns the positions of a shard's demand points and facilities into those of the whole city.
fn rename(part: &mut Part, shard: &Shard, city: &City) {
    let facilities = &shard.facilities;
    let points = own_points(&shard.city, city);
    for service in &mut part.services {
        for reached in service.reached.iter_mut().flatten() {
            *reached = facilities[*reached];
        }
        if let Shortage::Claimed(claims) = &mut service.shortage {
            claims.rename(facilities);
        }
        service.points = service.points.in_whole(&points, city.points().len());
    }
    for served in &mut part.served {
        served.facility = facilities[served.facility];
    }
    let units = &mut part.units;
    let places = points.iter().map(|point| point.map(PointAt::index));
    units.of_point = in_whole(&units.of_point, places, city.points().len());
    let places = facilities.iter().map(|facility| Some(facility.index()));
    units.of_facility = in_whole(&units.of_facility, places, city.facilities().len());
}

/// For each demand point of a shard its position in the whole city; `None` for those of its neighbours.
fn own_points(shard: &City, city: &City) -> Vec<Option<PointAt>> {
    let mut whole = PointAt::enumerate(city.points());
    shard
        .points()
        .iter()
        .map(|point| {
            // Both are in the same order.
            let position = whole
                .find(|(_, other)| other.id == point.id)
                .map(|(position, _)| position);
            let township = shard.community(point.community).township;
            position.filter(|_| !shard.township(township).neighbour)
        })
        .collect()
}

/// What is known of things of a shard, at their places in the whole city.
fn in_whole(
    units_of_shard: &[Option<UnitAt>],
    places: impl Iterator<Item = Option<usize>>,
    count: usize,
) -> Vec<Option<UnitAt>> {
    let mut whole = vec![None; count];
    for (place, unit) in places.zip(units_of_shard) {
        if let (Some(place), Some(unit)) = (place, unit) {
            whole[place] = Some(*unit);
        }
    }
    whole
}

/// The longest trip that is searched for any service, in millimetres: that of its limit at the fastest pace or, where detours
/// are wanted, of a multiple of it, its radius, and a quarter of an hour on foot in any case.
fn margin(services: Selection, plan: &Plan, travels: Travels) -> u64 {
    let on_foot = travels.farthest(QUARTER_HOUR);
    let limits = services.selected.iter().map(|&service_at| {
        let service = &services.catalogue[service_at];
        let limits = round::limits(service, plan);
        let needless = round::unless(services.catalogue, service, plan);
        [limits.urban, limits.rural, needless.map(|(_, limit)| limit)]
    });
    limits
        .flatten()
        .flatten()
        .map(|limit| supply::paced(limit, plan.ranking.certainty.pace))
        .map(|limit| {
            if travels.compared() {
                detour::searched(limit)
            } else {
                limit
            }
        })
        .map(|limit| {
            let radius = u64::from(limit.radius_m.unwrap_or(0)) * 1000;
            travels.farthest(limit).max(radius)
        })
        .fold(on_foot, u64::max)
}

/// Adds the part of the next county; counties come in the order of their codes, and so do units.
fn append(whole: &mut Part, mut next: Part) {
    let units = whole.units.units.len();
    let standings = next.standings.iter_mut().map(|standing| &mut standing.unit);
    let snapping = next.snapping.iter_mut().map(|snapping| &mut snapping.unit);
    let served = next.served.iter_mut().map(|served| &mut served.unit);
    for unit in standings.chain(snapping).chain(served) {
        *unit = unit.after(units);
    }
    whole.standings.append(next.standings);
    whole.snapping.append(&mut next.snapping);
    whole.served.append(&mut next.served);
    whole.detours.append(&mut next.detours);
    whole.completeness.append(&mut next.completeness);
    whole.residents.append(&mut next.residents);
    for (service, next) in whole.services.iter_mut().zip(next.services) {
        append_service(service, next, units);
    }
    append_units(&mut whole.units, next.units);
}

/// Adds what a service comes to in the next county, whose units come after `units` others.
fn append_service(whole: &mut ServicePart, mut next: ServicePart, units: usize) {
    let claims = std::mem::replace(&mut whole.shortage, Shortage::Unasked);
    whole.shortage = match (claims, next.shortage) {
        (Shortage::Claimed(claims), Shortage::Claimed(next)) => {
            Shortage::Claimed(claims.join(next, units))
        }
        // Whether anything is claimed is the service's, and the same in all shards.
        (claims, _) => claims,
    };
    whole.by_pace.append(&mut next.by_pace);
    whole.points.join(&next.points);
    // A community belongs to one shard, and receives nothing in the others.
    let received = next.received.into_iter().flatten();
    for (sum, more) in whole.received.iter_mut().flatten().zip(received) {
        *sum += more;
    }
    for (reached, more) in whole.reached.iter_mut().zip(next.reached) {
        reached.extend(more);
        reached.sort_unstable();
        reached.dedup();
    }
}

/// Adds the units of the next county.
fn append_units(whole: &mut Units, mut next: Units) {
    let units = whole.units.len();
    for (unit, next) in [
        (&mut whole.of_point, next.of_point),
        (&mut whole.of_facility, next.of_facility),
    ] {
        for (unit, next) in unit.iter_mut().zip(next) {
            *unit = unit.or(next.map(|unit| unit.after(units)));
        }
    }
    whole.units.append(&mut next.units);
    whole.divisions.append(&mut next.divisions);
}
