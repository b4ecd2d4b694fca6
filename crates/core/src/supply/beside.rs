//! What is told beside coverage: who has a substitute, for whom a rule is needless, who would be covered in straight lines, and
//! who cannot travel at all.
//!
//! Each is a question for the nearest of some places, year by year; places mostly stay the same, so that one answer serves
//! several years.

use std::ops::Range;

use rayon::prelude::*;

use super::lanes::{LANES, Mask};
use super::setting::{Case, Group};
use crate::position::ServiceAt;
use crate::quantity::{Point, Residents};
use crate::reach::straight::{Paces, Radius, Straight};
use crate::reach::{Limits, Snapped, Travel, Trips};

/// People of each unit in the years of a block.
pub(super) type ByUnit = Vec<[Residents; LANES]>;

/// For each row, the years of a block in which it has one of that year's `places` within `limits`; `None` where a group has no
/// such `trips`.
fn near<'a, 't>(
    case: &Case<'a>,
    trips: impl Fn(&Group<'a>) -> Option<&'t dyn Trips>,
    limits: Limits,
    places: &[Vec<Point>],
) -> Option<Vec<Mask>> {
    let mut masks: Vec<Mask> = Vec::with_capacity(case.rows());
    for group in &case.groups {
        let trips = trips(group)?;
        let first = masks.len();
        masks.resize(first + case.setting.points.units.len(), 0);
        let mut lane = 0;
        for same in places.chunk_by(|a, b| a == b) {
            // As many ones as there are years with these places, from the first of them on.
            let years = ((1 << same.len()) - 1) << lane;
            lane += same.len();
            let times = trips.nearest(limits, &same[0]);
            masks[first..]
                .par_iter_mut()
                .zip(times)
                .filter(|(_, time)| time.is_some())
                .for_each(|(mask, _)| *mask |= years);
        }
    }
    Some(masks)
}

fn own_trips<'a>(group: &Group<'a>) -> Option<&'a dyn Trips> {
    Some(&*group.trips.trips)
}

/// Where the facilities of some kinds stand that are open in each year of a block.
fn open_places(case: &Case, kinds: &[ServiceAt], block: &Range<usize>) -> Vec<Vec<Point>> {
    let in_year = |year| {
        let open = kinds
            .iter()
            .flat_map(|&kind| case.setting.offers.open(kind, year));
        open.map(|each| each.at).collect()
    };
    block.clone().map(in_year).collect()
}

/// Those who are not `covered` and have a substitute within the limit; `None` where no kind will do instead.
pub(super) fn substituted(case: &Case, block: &Range<usize>, covered: &[Mask]) -> Option<ByUnit> {
    let kinds = case.rules.substitutes;
    if kinds.is_empty() {
        return None;
    }
    let places = open_places(case, kinds, block);
    let near = near(case, own_trips, case.rules.limits, &places)?;
    let mask = |group: &Group, point: usize| {
        let row = group.first + point;
        near[row] & !covered[row]
    };
    Some(case.in_units(block, |group| group.people, mask))
}

/// The urban residents of all ages for whom a rule is needless; `None` where there is no such rule.
pub(super) fn excused(case: &Case, block: &Range<usize>) -> Option<ByUnit> {
    let (kind, limit) = case.rules.unless?;
    let limits = Limits {
        urban: Some(limit),
        rural: None,
    };
    let near = near(case, own_trips, limits, &open_places(case, &[kind], block))?;
    let mask = |group: &Group, point: usize| near[group.first + point];
    Some(case.in_units(block, |group| group.everybody, mask))
}

/// Those who are covered in straight lines; `None` where these are not compared.
pub(super) fn straight(case: &Case, block: &Range<usize>) -> Option<ByUnit> {
    let places: Vec<Vec<Point>> = block.clone().map(|year| case.open_places(year)).collect();
    let near = near(
        case,
        |group| group.trips.beside.as_ref().map(|beside| &*beside.trips),
        case.rules.limits,
        &places,
    )?;
    let mask = |group: &Group, point: usize| near[group.first + point];
    Some(case.in_units(block, |group| group.people, mask))
}

/// Those who have an open facility within the service radius of their limit as the crow flies, at whatever pace; `None` where a
/// limit has none.
pub(super) fn radius(case: &Case, block: &Range<usize>) -> Option<ByUnit> {
    let limits = case.rules.limits;
    if !limits.have_radius() {
        return None;
    }
    let trips = RADIUS.trips(case.city(), &[]);
    let places: Vec<Vec<Point>> = block.clone().map(|year| case.open_places(year)).collect();
    let near = near(case, |_| Some(&*trips), limits, &places)?;
    let mask = |group: &Group, point: usize| near[group.first + point];
    Some(case.in_units(block, |group| group.people, mask))
}

/// Only limits that have a radius are asked for.
const RADIUS: Radius = Radius {
    otherwise: Straight {
        detour: 1.0,
        paces: Paces {
            walk: 1.0,
            ebike: 1.0,
            car_bus: 1.0,
        },
    },
};

/// Whether the demand points of each group can travel; `None` where all can.
pub(super) fn snapped(case: &Case) -> Vec<Option<Vec<Snapped>>> {
    let lost = |states: &Vec<Snapped>| states.iter().any(|&state| state != Snapped::OnStreets);
    let of_group = |group: &Group| {
        let states = group.trips.trips.snapped(case.rules.limits);
        states.filter(lost)
    };
    case.groups.iter().map(of_group).collect()
}

/// Those who are not `covered` and are in one `state`, by what [`snapped`] gives; `None` where all can travel.
pub(super) fn lost(
    case: &Case,
    block: &Range<usize>,
    covered: &[Mask],
    snapped: &[Option<Vec<Snapped>>],
    state: Snapped,
) -> Option<ByUnit> {
    let points = case.setting.points.units.len();
    let mask = |group: &Group, point: usize| {
        let states = snapped[group.first / points].as_ref();
        let is_so = states.is_some_and(|states| states[point] == state);
        if is_so {
            !covered[group.first + point]
        } else {
            0
        }
    };
    let any = snapped.iter().any(Option::is_some);
    any.then(|| case.in_units(block, |group| group.people, mask))
}
