//! What is told beside coverage: who has a substitute, for whom a rule is needless, who would be covered in straight lines, and
//! who cannot travel at all.
//!
//! Each is a question for the years in which some places near a demand point are open.

use std::ops::Range;

use super::lanes::{LANES, Mask};
use super::setting::{Case, Group};
use crate::position::ServiceAt;
use crate::quantity::{Point, Residents};
use crate::reach::{Limits, Snapped, Trips};

/// People of each unit in the years of a block.
pub(super) type ByUnit = Vec<[Residents; LANES]>;

/// For each row, the years of a block in which it has one of the `places` within `limits` that are open then; `None` where a
/// group has no such `trips`.
fn near<'a>(
    case: &Case<'a>,
    trips: impl Fn(&Group<'a>) -> Option<&'a dyn Trips>,
    limits: Limits,
    (places, open): &(Vec<Point>, Vec<Mask>),
) -> Option<Vec<Mask>> {
    let mut masks: Vec<Mask> = Vec::with_capacity(case.rows());
    for group in &case.groups {
        masks.extend(trips(group)?.mark(limits, places, open));
    }
    Some(masks)
}

fn own_trips<'a>(group: &Group<'a>) -> Option<&'a dyn Trips> {
    Some(&*group.trips.trips)
}

/// Where the facilities of some kinds stand that are ever open, and in which years of a block each is so.
fn places(case: &Case, kinds: &[ServiceAt], block: &Range<usize>) -> (Vec<Point>, Vec<Mask>) {
    let offers = kinds
        .iter()
        .flat_map(|&kind| case.setting.offers.ever_open(kind));
    offers.map(|each| (each.at, each.open_in(block))).unzip()
}

/// Those who are not `covered` and have a substitute within the limit; `None` where no kind will do instead.
pub(super) fn substituted(case: &Case, block: &Range<usize>, covered: &[Mask]) -> Option<ByUnit> {
    let kinds = case.rules.substitutes;
    if kinds.is_empty() {
        return None;
    }
    let near = near(
        case,
        own_trips,
        case.rules.limits,
        &places(case, kinds, block),
    )?;
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
    let near = near(case, own_trips, limits, &places(case, &[kind], block))?;
    let mask = |group: &Group, point: usize| near[group.first + point];
    Some(case.in_units(block, |group| group.everybody, mask))
}

/// Those who are covered in straight lines; `None` where these are not compared.
pub(super) fn straight(case: &Case, block: &Range<usize>) -> Option<ByUnit> {
    let near = near(
        case,
        |group| group.trips.beside.as_ref().map(|beside| &*beside.trips),
        case.rules.limits,
        &places(case, &[case.rules.at], block),
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
    let near = near(
        case,
        |_| Some(&*case.setting.radius),
        limits,
        &places(case, &[case.rules.at], block),
    )?;
    let mask = |group: &Group, point: usize| near[group.first + point];
    Some(case.in_units(block, |group| group.people, mask))
}

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
