//! A city in shards: county by county, each with a margin of its neighbours, to the same bytes as the whole (whose units are
//! drawn anew).
//!
//! What a county's people receive depends on the facilities within one limit of them, and what those have left on the people
//! within one limit of each facility. So a shard holds its county's people and land, all facilities within one limit of
//! them, and all people within two. It is a [`City`] like any other; townships of other counties are marked as neighbours.

use std::sync::Arc;

use rstar::AABB;

use crate::city::{City, DemandPoint, counties};
use crate::projection::Outlook;
use crate::quantity::Point;
use crate::reach::Travels;
use crate::round::{self, Part, Plan, Progress, Round, Selection, Stopped, Watch};
use crate::supply::{self, detour};
use crate::units;

/// A part of a city.
#[derive(Debug, Clone)]
pub struct Shard {
    /// The county's people and land with their margin; townships and communities keep their positions.
    pub city: City,
    /// For each facility of the shard, its position in the whole city.
    pub facilities: Vec<u32>,
}

/// The shard of one county (see [`counties`]); `margin` is one limit in millimetres. A county without people still has its land.
#[must_use]
pub fn split(city: &City, county: &str, margin: u64) -> Shard {
    let mut townships = city.townships().to_vec();
    for township in &mut townships {
        township.neighbour = township.neighbour || township.county() != county;
    }
    let communities = city.shared_communities();
    let own: Vec<bool> = communities
        .iter()
        .map(|each| !townships[each.township as usize].neighbour)
        .collect();
    let places: Vec<[i64; 2]> = city
        .points()
        .iter()
        .filter(|point| own[point.community as usize])
        .map(|point| corner(point.at))
        .collect();
    let around = AABB::from_points(&places);
    let ([west, south], [east, north]) = (around.lower(), around.upper());
    let margin = i64::try_from(margin).unwrap_or(i64::MAX).min(i64::MAX / 8);
    let within = |at: Point, limits: i64| {
        let by = margin * limits;
        let [x, y] = corner(at);
        !places.is_empty() && west - by <= x && x <= east + by && south - by <= y && y <= north + by
    };
    let people = city.points().iter().zip(city.residents());
    let people = people
        .filter(|(point, _)| within(point.at, 2))
        .map(|(point, ages)| (point.clone(), *ages));
    let (facilities, kept): (Vec<u32>, Vec<_>) = city
        .facilities()
        .iter()
        .zip(0..)
        .filter(|(each, _)| {
            within(each.at, 1)
                || each
                    .community
                    .is_some_and(|community| own[community as usize])
        })
        .map(|(each, at)| (at, each.clone()))
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

fn corner(at: Point) -> [i64; 2] {
    [i64::from(at.x), i64::from(at.y)]
}

/// As [`round::evaluate`], with the units and standings of one county after another; the shards could as well be computed on
/// as many machines.
///
/// Units are always drawn anew. The exception from the same bytes: a round that keeps the last one's units is evaluated whole,
/// by [`round::evaluate_in`].
///
/// The margin is the longest trip of all selected services, so that one of 60 minutes by car makes every shard hold much of
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
    let mut whole: Option<Part> = None;
    for county in counties(city) {
        watch(Progress::Working)?;
        let shards: Vec<Shard> = years
            .iter()
            .map(|city| split(city, county, margin))
            .collect();
        let cities: Vec<City> = shards.iter().map(|shard| shard.city.clone()).collect();
        let units = units::divide(&cities[0], &plan.units);
        let mut part = round::part(&cities, units, services, plan, travels, watch)?;
        for reached in part.reached.iter_mut().flatten().flatten() {
            *reached = shards[0].facilities[*reached as usize];
        }
        part.claims
            .iter_mut()
            .flatten()
            .for_each(|claims| claims.rename(&shards[0].facilities));
        part.served
            .iter_mut()
            .for_each(|each| each.facility = shards[0].facilities[each.facility as usize]);
        let own = own_points(&cities[0], city);
        part.of_point = in_whole(&part.of_point, own.iter().copied(), city.points().len());
        let facilities = shards[0].facilities.iter().map(|&at| Some(at));
        part.of_facility = in_whole(&part.of_facility, facilities, city.facilities().len());
        part.points = part
            .points
            .iter()
            .map(|points| points.in_whole(&own, city.points().len()))
            .collect();
        match &mut whole {
            None => whole = Some(part),
            Some(whole) => append(whole, part),
        }
    }
    let whole = match whole {
        Some(whole) => whole,
        None => {
            let units = units::divide(&years[0], &plan.units);
            round::part(&years, units, services, plan, travels, watch)?
        }
    };
    let round = round::assemble(&years, projected, whole, services, plan, travels, watch)?;
    Ok(Round {
        backtest: round::tried(city, outlook, plan),
        ..round
    })
}

/// For each demand point of a shard its position in the whole city; `None` for those of its neighbours.
fn own_points(shard: &City, city: &City) -> Vec<Option<u32>> {
    let mut whole = city.points().iter().zip(0..);
    let place = |point: &DemandPoint| {
        // Both are in the same order.
        let at = whole
            .find(|(each, _)| each.id == point.id)
            .map(|(_, at)| at);
        let township = shard.communities()[point.community as usize].township;
        at.filter(|_| !shard.townships()[township as usize].neighbour)
    };
    shard.points().iter().map(place).collect()
}

/// What is known of things of a shard, at their places in the whole city.
fn in_whole(
    known: &[Option<u32>],
    places: impl Iterator<Item = Option<u32>>,
    count: usize,
) -> Vec<Option<u32>> {
    let mut whole = vec![None; count];
    for (place, known) in places.zip(known) {
        if let (Some(place), Some(known)) = (place, known) {
            whole[place as usize] = Some(*known);
        }
    }
    whole
}

/// The longest trip that is searched for any service, in millimetres: that of its limit at the fastest pace or, where detours
/// are wanted, of a multiple of it.
fn margin(services: Selection, plan: &Plan, travels: Travels) -> u64 {
    let limits = services.selected.iter().map(|&at| {
        let service = &services.catalogue[at as usize];
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
        .map(|limit| travels.farthest(limit))
        .max()
        .unwrap_or(0)
}

/// Adds the part of the next county; counties come in the order of their codes, and so do units.
fn append(whole: &mut Part, mut next: Part) {
    let units = whole.units.len() as u32;
    next.standings
        .iter_mut()
        .for_each(|each| each.unit += units);
    next.snapping.iter_mut().for_each(|each| each.unit += units);
    whole.snapping.append(&mut next.snapping);
    whole.detours.append(&mut next.detours);
    let claims = std::mem::take(&mut whole.claims)
        .into_iter()
        .zip(std::mem::take(&mut next.claims));
    whole.claims = claims
        .map(|(own, next)| Some(own?.join(next?, units)))
        .collect();
    whole.by_pace.append(&mut next.by_pace);
    next.served.iter_mut().for_each(|each| each.unit += units);
    whole.served.append(&mut next.served);
    whole
        .points
        .iter_mut()
        .zip(&next.points)
        .for_each(|(own, next)| own.join(next));
    // A community belongs to one shard, and receives nothing in the others.
    let received = whole
        .received
        .iter_mut()
        .flatten()
        .flatten()
        .zip(next.received.into_iter().flatten().flatten());
    received.for_each(|(own, next)| *own += next);
    for (own, next) in [
        (&mut whole.of_point, next.of_point),
        (&mut whole.of_facility, next.of_facility),
    ] {
        own.iter_mut()
            .zip(next)
            .for_each(|(own, next)| *own = own.or(next.map(|unit| unit + units)));
    }
    whole.units.append(&mut next.units);
    whole.residents.append(&mut next.residents);
    whole.divisions.append(&mut next.divisions);
    whole.standings.append(&mut next.standings);
    for (all, more) in whole
        .reached
        .iter_mut()
        .flatten()
        .zip(next.reached.into_iter().flatten())
    {
        all.extend(more);
        all.sort_unstable();
        all.dedup();
    }
}
