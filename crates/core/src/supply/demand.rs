//! The first pass, in the city's order: who has an open facility within the limit, and how many people each facility draws.
//!
//! Each row of links is found once and read while it is still in the processor's cache, for all years of a block at once.
//!
//! Sums of people are whole numbers, whose order is free. The demand on a place is a float: it is added up row by row in the
//! city's order, the first group of ages and then the second, each year in a lane of its own, so that its bits are those of
//! one year after another. A row that is not covered in a year adds 0 × weight = 0 there, which changes no bit of a sum that
//! is not negative.
//!
//! Worked by hand: a place that opens in the second of two years is reached by rows of 5 and 15 people at weight 1. Its mask is
//! 10 in binary, and so is that of both rows: nobody is covered in the first year and 20 people in the second, and its demand
//! is 0 × 1 + 0 × 1 and 5 × 1 + 15 × 1.
//!
//! Whole numbers add up with checks: a sum that does not fit stops the program instead of being wrong.

use std::ops::Range;

use super::groups::Grouping;
use super::lanes::{LANES, Mask, People, add, masked, persons};
use super::paces::{FirstCovered, Paces};
use super::setting::{Case, Group};
use crate::city::Class;
use crate::quantity::Millis;
use crate::reach::{LinkRows, Query};

/// What a service's passes write and read again, kept from one service to the next: asking for fresh memory takes five times as
/// long as to write to that which is there.
///
/// O(rows + links): 13 bytes a row and 16 a link, some 60 MB for most services of a city of 21 million.
#[derive(Debug, Default)]
pub struct Room {
    /// The links of each row.
    pub(super) rows: LinkRows,
    /// Of each link; of services that have a capacity.
    pub(super) weights: Vec<f64>,
    /// Of each row, the years of the block in which it has an open facility within the limit.
    pub(super) covered: Vec<Mask>,
    /// Of services that have a capacity and a norm.
    pub(super) groups: Grouping,
}

impl Room {
    fn clear(&mut self) {
        self.rows.clear();
        self.weights.clear();
        self.covered.clear();
        self.groups.clear();
    }
}

/// What a block of years adds up to in the first pass.
pub(super) struct Demand<'a> {
    case: &'a Case<'a>,
    /// Position of the block.
    block: usize,
    /// In which years each place is open.
    open: Vec<Mask>,
    /// The same of those that are public; `None` where these are not judged apart.
    public: Option<Vec<Mask>>,
    /// The people of each unit who are covered, and last those in no unit.
    pub(super) covered: Vec<People>,
    /// Those who are covered by public places.
    pub(super) covered_by_public: Vec<People>,
    /// Σᵢ Pᵢ fᵢⱼ of each place, over the people who are covered.
    pub(super) of_places: Vec<[f64; LANES]>,
}

impl<'a> Demand<'a> {
    pub(super) fn new(case: &'a Case<'a>, block: &Range<usize>) -> Self {
        let apart = case.rules.service.public_apart;
        let units = case.units() + 1;
        Self {
            case,
            block: block.start / LANES,
            open: case.open(block, |_| true),
            public: apart.then(|| case.open(block, |each| each.offer.public == Some(true))),
            covered: vec![[0; LANES]; units],
            covered_by_public: vec![[0; LANES]; if apart { units } else { 0 }],
            of_places: vec![[0.0; LANES]; case.offers.len()],
        }
    }

    /// Searches the links of all rows into `room` and takes them up, run by run: their weights and groups, where they are needed,
    /// and in `first` who is covered from which of the `paces` on. O(search + links).
    pub(super) fn search(
        &mut self,
        room: &mut Room,
        paces: Option<&Paces>,
        first: &mut FirstCovered,
    ) {
        room.clear();
        let case = self.case;
        let places = case.places();
        if let Some(paces) = paces.filter(|paces| !paces.with_links) {
            paces.add_apart(case, first);
        }
        let paces = paces.filter(|paces| paces.with_links);
        let query = Query {
            limits: case.rules.limits,
            places: &places,
            farther: paces.map(|paces| paces.farther),
        };
        let Room {
            rows,
            weights,
            covered,
            groups,
        } = room;
        for group in &case.groups {
            group.trips.trips.search(&query, rows, &mut |rows, points| {
                let of_run = group.first + points.start..group.first + points.end;
                if let Some(paces) = paces {
                    paces.add(case, group, rows.nearest(), points.clone(), first);
                }
                if rows.none_in(&of_run) {
                    // Of most services that is so in most cells.
                    covered.resize(of_run.end, 0);
                    if case.rates().is_some() {
                        groups.add_empty(rows, &of_run);
                    }
                    return;
                }
                if case.counted() {
                    weigh(case, rows, points.clone(), weights);
                }
                if case.rates().is_some() {
                    of_run.for_each(|row| groups.add(rows, row));
                }
                self.add(group, rows, weights, points, covered);
            });
        }
    }

    /// Takes up the links that an earlier block has found. O(rows + links).
    pub(super) fn again(&mut self, room: &mut Room) {
        room.covered.clear();
        let points = self.case.setting.points.units.len();
        for group in &self.case.groups {
            self.add(
                group,
                &room.rows,
                &room.weights,
                0..points,
                &mut room.covered,
            );
        }
    }

    /// Takes up the next rows, those of some demand points of a group.
    fn add(
        &mut self,
        group: &Group,
        rows: &LinkRows,
        weights: &[f64],
        points: Range<usize>,
        covered: &mut Vec<Mask>,
    ) {
        let column = &group.people[self.block];
        for point in points {
            let row = group.first + point;
            let range = rows.range(row);
            let places = &rows.places()[range.clone()];
            let mask = any(places, &self.open);
            covered.push(mask);
            if mask == 0 {
                continue;
            }
            let people_here = column.of(point);
            let people = masked(people_here, mask);
            let last = self.covered.len() - 1;
            let unit = (self.case.setting.points.units[point] as usize).min(last);
            add(&mut self.covered[unit], people);
            if let Some(public) = &self.public {
                add(
                    &mut self.covered_by_public[unit],
                    masked(people_here, any(places, public)),
                );
            }
            if let Some(weights) = weights.get(range) {
                draw(&mut self.of_places, places, weights, persons(people));
            }
        }
    }
}

/// The years in which any of the places is open.
#[inline]
fn any(places: &[u32], open: &[Mask]) -> Mask {
    places
        .iter()
        .fold(0, |mask, &place| mask | open[place as usize])
}

/// Adds what the people of a row ask of its places.
#[inline]
fn draw(demand: &mut [[f64; LANES]], places: &[u32], weights: &[f64], people: [f64; LANES]) {
    for (&place, &weight) in places.iter().zip(weights) {
        let sums = &mut demand[place as usize];
        for (sum, people) in sums.iter_mut().zip(people) {
            *sum += people * weight;
        }
    }
}

/// Adds the weights of the links of some demand points.
fn weigh(case: &Case, rows: &LinkRows, points: Range<usize>, weights: &mut Vec<f64>) {
    let rules = case.rules;
    let limit = |class| {
        let limit = rules.limits.for_class(class);
        limit.map_or(Millis(0), |limit| limit.time())
    };
    let limits = [limit(Class::Urban), limit(Class::Rural)];
    let classes = &case.city().classes()[points.clone()];
    let rows_of_points = rows.len() - points.len()..;
    for (row, &class) in rows_of_points.zip(classes) {
        let limit = limits[class as usize];
        let times = &rows.times()[rows.range(row)];
        weights.extend(times.iter().map(|&time| rules.decay.weight(time, limit)));
    }
}
