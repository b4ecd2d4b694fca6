//! The second pass, unit by unit: what capacity each unit and community receives, and by which facilities it is served.
//!
//! A unit's rows are gone through in the city's order, those of the first group of ages and then of the second. So every float
//! sum of a unit, of a unit's people at a place and of a community in one unit adds the same numbers in the same order as a
//! walk through the whole city would; what a community of several units receives is kept by row and added up at the end.
//! Lanes are years; a lane in which a row is not covered adds 0.
//!
//! Worked by hand: 5 people of unit 0 and 15 of unit 1 have one place of capacity 10 within their limit, at weight 1. The first
//! pass gives the place a demand of 20, so R = 10 ÷ 20 = ½; unit 0 receives 5 × ½ = 2.5 and unit 1 15 × ½ = 7.5.

use std::ops::Range;

use super::access;
use super::demand::{Demand, Room};
use super::lanes::{LANES, Mask, masked, persons};
use super::setting::Case;
use crate::position::UnitAt;
use crate::quantity::Millis;

/// What a block of years comes to in the second pass.
pub(super) struct Received {
    /// Capacity that each unit receives.
    pub(super) units: Vec<[f64; LANES]>,
    /// Capacity that each community receives.
    pub(super) communities: Vec<[f64; LANES]>,
    /// In which years somebody in a unit reaches each place, while it is open, with a weight above zero.
    pub(super) reached: Vec<Mask>,
    /// In which years each unit reaches one whose capacity is not known.
    pub(super) unknown: Vec<Mask>,
    /// Who goes where: unit by unit, in the order of places.
    pub(super) visits: Vec<Visits>,
}

/// A unit's people at a place within their limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visits {
    pub(super) unit: UnitAt,
    pub(super) place: u32,
    pub(super) trips: Trips,
    /// The capacity that they receive from it in each year.
    pub(super) received: [f64; LANES],
}

/// The trips of a unit's people to a place in the first year of a block, whether it is open then or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trips {
    /// Thousandths of persons × milliseconds. Rows are fewer than 2³², people of one fewer than 2³⁵, milliseconds than 2³²: a
    /// sum below 2⁹⁹.
    pub(super) time: u128,
    /// In thousandths.
    pub(super) people: u64,
    /// The shortest of those of `people`.
    pub(super) least: Millis,
    /// The shortest, whether anybody lives there or not.
    pub(super) least_of_all: Millis,
}

impl Trips {
    const NONE: Self = Self {
        time: 0,
        people: 0,
        least: Millis(u32::MAX),
        least_of_all: Millis(u32::MAX),
    };

    /// The shortest; of everybody's, where nobody lives there in the first year.
    pub(super) fn least(&self) -> Millis {
        if self.people > 0 {
            self.least
        } else {
            self.least_of_all
        }
    }

    /// The mean by people, half up; the shortest, where there are none.
    pub(super) fn mean(&self) -> Millis {
        let people = u128::from(self.people);
        (self.time + people / 2)
            .checked_div(people)
            .map_or(self.least(), |mean| Millis(mean as u32))
    }

    #[inline]
    fn add(&mut self, people: u64, time: Millis) {
        self.time = self
            .time
            .wrapping_add(u128::from(people) * u128::from(time.0));
        self.people += people;
        self.least_of_all = self.least_of_all.min(time);
        if people > 0 {
            self.least = self.least.min(time);
        }
    }
}

/// What the pass knows of a place.
#[derive(Clone, Copy)]
struct Place {
    /// Rⱼ: capacity for each of the weighted people who come; 0 while it is closed, or where its capacity is not known.
    ratio: [f64; LANES],
    open: Mask,
    /// `open` where its capacity is not known.
    unknown: Mask,
}

/// A place while a unit's rows are gone through.
#[derive(Clone, Copy)]
struct Sums {
    trips: Trips,
    /// Σᵢ Pᵢ fᵢⱼ of those who are covered.
    drawn: [f64; LANES],
    /// Whether any row of the unit has a link to it.
    met: bool,
}

impl Sums {
    const NONE: Self = Self {
        trips: Trips::NONE,
        drawn: [0.0; LANES],
        met: false,
    };
}

/// The second pass over the links in `room`, which the first pass has left there. O(rows + links).
pub(super) fn receive(case: &Case, block: &Range<usize>, room: &Room, demand: &Demand) -> Received {
    let places = places(case, block, &demand.of_places);
    let mut pass = Pass {
        case,
        block: block.start / LANES,
        room,
        sums: vec![Sums::NONE; places.len()],
        met: Vec::new(),
        split: Vec::new(),
        all: Received {
            units: vec![[0.0; LANES]; case.units()],
            communities: vec![[0.0; LANES]; case.city().communities().len()],
            reached: vec![0; places.len()],
            unknown: vec![0; case.units()],
            visits: Vec::new(),
        },
        places,
    };
    for unit in UnitAt::first(case.units()) {
        pass.add_unit(unit);
    }
    pass.finish()
}

fn places(case: &Case, block: &Range<usize>, demand: &[[f64; LANES]]) -> Vec<Place> {
    let open = case.open(block, |_| true);
    let place = |((each, &open), demand): ((&super::Offered, &Mask), &[f64; LANES])| {
        let capacity = |lane| {
            if super::lanes::has(open, lane) {
                each.offer.capacity.unwrap_or(0.0)
            } else {
                0.0
            }
        };
        Place {
            ratio: std::array::from_fn(|lane| access::quotient(capacity(lane), demand[lane])),
            open,
            unknown: if each.offer.capacity.is_none() {
                open
            } else {
                0
            },
        }
    };
    case.offers
        .iter()
        .zip(&open)
        .zip(demand)
        .map(place)
        .collect()
}

struct Pass<'a> {
    case: &'a Case<'a>,
    block: usize,
    room: &'a Room,
    places: Vec<Place>,
    sums: Vec<Sums>,
    /// Places that the unit has links to.
    met: Vec<u32>,
    /// What rows in communities of several units receive, with their communities.
    split: Vec<(usize, u32, [f64; LANES])>,
    all: Received,
}

impl Pass<'_> {
    fn add_unit(&mut self, unit: UnitAt) {
        let case = self.case;
        for group in &case.groups {
            let column = &group.people[self.block];
            for &point in case.setting.points.of_unit(unit) {
                let row = group.first + point as usize;
                let range = self.room.rows.range(row);
                if range.is_empty() {
                    continue;
                }
                let people = column.of(point as usize);
                self.meet(range.clone(), people[0]);
                if case.counted() {
                    let covered = masked(people, self.room.covered[row]);
                    let received = self.draw(unit, range, persons(covered));
                    self.give(unit, row, point, received);
                }
            }
        }
        self.leave(unit);
    }

    /// Adds the trips of a row's people.
    #[inline]
    fn meet(&mut self, links: Range<usize>, people: u64) {
        let rows = &self.room.rows;
        for (&place, &time) in rows.places()[links.clone()]
            .iter()
            .zip(&rows.times()[links])
        {
            let sums = &mut self.sums[place as usize];
            if !sums.met {
                sums.met = true;
                self.met.push(place);
            }
            sums.trips.add(people, time);
        }
    }

    /// Adds what a row's people ask of its places; gives what they receive: Pᵢ Σⱼ Rⱼ fᵢⱼ, over links in their order.
    #[inline]
    fn draw(&mut self, unit: UnitAt, links: Range<usize>, people: [f64; LANES]) -> [f64; LANES] {
        let some = (0..LANES)
            .map(|lane| Mask::from(people[lane] > 0.0) << lane)
            .sum::<Mask>();
        let mut access = [0.0; LANES];
        let mut unknown = 0;
        for (&place, &weight) in self.room.rows.places()[links.clone()]
            .iter()
            .zip(&self.room.weights[links])
        {
            let here = self.places[place as usize];
            let sums = &mut self.sums[place as usize];
            for lane in 0..LANES {
                sums.drawn[lane] += people[lane] * weight;
                access[lane] += here.ratio[lane] * weight;
            }
            let reaching = if weight > 0.0 { some } else { 0 };
            self.all.reached[place as usize] |= reaching & here.open;
            unknown |= reaching & here.unknown;
        }
        self.all.unknown[unit] |= unknown;
        std::array::from_fn(|lane| people[lane] * access[lane])
    }

    /// Adds what a row receives to its unit and its community.
    #[inline]
    fn give(&mut self, unit: UnitAt, row: usize, point: u32, received: [f64; LANES]) {
        add(&mut self.all.units[unit], received);
        let community = self.case.setting.points.communities[point as usize];
        if self.case.setting.points.split[community as usize] {
            self.split.push((row, community, received));
        } else {
            add(&mut self.all.communities[community as usize], received);
        }
    }

    /// Takes what the places have of the unit.
    fn leave(&mut self, unit: UnitAt) {
        self.met.sort_unstable();
        for place in self.met.drain(..) {
            let position = place as usize;
            let Sums { trips, drawn, .. } = std::mem::replace(&mut self.sums[position], Sums::NONE);
            let ratio = self.places[position].ratio;
            self.all.visits.push(Visits {
                unit,
                place,
                trips,
                received: std::array::from_fn(|lane| drawn[lane] * ratio[lane]),
            });
        }
    }

    fn finish(mut self) -> Received {
        // In the order of rows, as if the whole city were gone through.
        self.split.sort_unstable_by_key(|&(row, ..)| row);
        for (_, community, received) in self.split {
            add(&mut self.all.communities[community as usize], received);
        }
        self.all
    }
}

#[inline]
fn add(sums: &mut [f64; LANES], more: [f64; LANES]) {
    sums.iter_mut()
        .zip(more)
        .for_each(|(sum, more)| *sum += more);
}
