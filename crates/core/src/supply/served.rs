//! Who is served by which facility: what a figure of reach or supply is made of.

use std::sync::Arc;

use rayon::prelude::*;

use super::places::{Links, Places};
use crate::city::City;
use crate::position::{FacilityAt, PointAt, ServiceAt, UnitAt};
use crate::quantity::{AGE_BANDS, Millis, Residents};
use crate::service::Target;

/// The people of a unit who have one of a service's facilities within the limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Served {
    /// Position of the unit.
    pub unit: UnitAt,
    /// Position of the service in the catalogue.
    pub service: ServiceAt,
    /// Position of the facility, which is open in at least one of the years.
    pub facility: FacilityAt,
    /// Residents of the target group who have it within the limit, in the base year.
    pub people: Residents,
    /// The shortest of their trips; of everybody's, where nobody lives there in the base year.
    pub least: Millis,
    /// Their mean trip, by people, half up; the shortest, where nobody lives there in the base year.
    pub mean: Millis,
    /// Year by year, the capacity that the unit receives from it by 2SFCA: Rⱼ Σᵢ Pᵢ fᵢⱼ over the unit's demand points. Over all
    /// facilities this is the unit's supply received. 0 where it is closed, or its capacity is not known; empty for services
    /// without a capacity.
    pub received: Vec<f64>,
}

/// The served of one service while its years are gone through.
pub(super) struct Tally {
    /// The rows of links of each unit.
    rows: Vec<Vec<u32>>,
    /// Unit by unit, in the order of places.
    served: Vec<Vec<Served>>,
    places: usize,
}

/// One place while a unit's rows are gone through.
#[derive(Clone, Copy, Default)]
struct Sum {
    people: Residents,
    /// Thousandths of persons × milliseconds.
    time: u128,
    least: Option<Millis>,
    least_of_all: Option<Millis>,
}

impl Tally {
    /// With everybody's trips in the base year; `people` has one entry a row. O(links).
    pub(super) fn new(places: &Places, links: &Links, people: &[Residents]) -> Self {
        let mut rows = vec![Vec::new(); places.units.units.len()];
        for (row, unit) in (0..people.len() as u32).zip(places.units.of_point.iter().cycle()) {
            if let Some(unit) = unit {
                rows[*unit].push(row);
            }
        }
        let count = places.suppliers.facilities.len();
        let of_unit = |(unit, rows): (usize, &Vec<u32>)| {
            let mut sums = vec![Sum::default(); count];
            let mut touched = Vec::new();
            for &row in rows {
                let own = people[row as usize];
                for link in links.reach.row(row as usize) {
                    let sum = &mut sums[link.place as usize];
                    if sum.least_of_all.is_none() {
                        touched.push(link.place);
                    }
                    sum.least_of_all = Some(
                        sum.least_of_all
                            .map_or(link.time, |least| least.min(link.time)),
                    );
                    if own.0 > 0 {
                        sum.people += own;
                        sum.time += u128::from(own.0) * u128::from(link.time.0);
                        sum.least = Some(sum.least.map_or(link.time, |least| least.min(link.time)));
                    }
                }
            }
            touched.sort_unstable();
            let served = |&place: &u32| {
                let sum = sums[place as usize];
                let least = sum.least.or(sum.least_of_all).unwrap_or_default();
                let people = u128::from(sum.people.0);
                let mean = (sum.time + people / 2)
                    .checked_div(people)
                    .map_or(least, |mean| Millis(mean as u32));
                let facility = places.suppliers.facilities[place as usize];
                let (unit, service) = (UnitAt::new(unit), places.rules.at);
                Served {
                    unit,
                    service,
                    facility,
                    people: sum.people,
                    least,
                    mean,
                    received: Vec::new(),
                }
            };
            touched.iter().map(served).collect()
        };
        let served = rows.par_iter().enumerate().map(of_unit).collect();
        Self {
            rows,
            served,
            places: count,
        }
    }

    /// Adds a year: `people` has one entry a row, `ratios` one Rⱼ a place. O(links).
    pub(super) fn add_year(
        &mut self,
        places: &Places,
        links: &Links,
        people: &[f64],
        ratios: &[f64],
    ) {
        let count = self.places;
        self.served
            .par_iter_mut()
            .zip(&self.rows)
            .for_each(|(served, rows)| {
                let mut sums = vec![0.0; count];
                for &row in rows {
                    let own = people[row as usize];
                    if own > 0.0 {
                        let (links, weights) = links.row(row as usize);
                        links
                            .iter()
                            .zip(weights)
                            .for_each(|(link, weight)| sums[link.place as usize] += own * weight);
                    }
                }
                for each in served {
                    // Positions of facilities ascend with those of places.
                    let place = places
                        .suppliers
                        .facilities
                        .binary_search(&each.facility)
                        .unwrap_or_default();
                    each.received.push(sums[place] * ratios[place]);
                }
            });
    }

    /// Unit by unit, in the order of facilities; without those that nobody ever goes to.
    pub(super) fn finish(self) -> Vec<Served> {
        let all = self.served.into_iter().flatten();
        all.filter(|each| each.people.0 > 0 || each.received.iter().any(|&received| received > 0.0))
            .collect()
    }
}

/// Which demand points are covered in each year.
#[derive(Debug, Clone, PartialEq)]
pub struct CoveredPoints {
    /// Position of the service in the catalogue.
    pub service: ServiceAt,
    /// The bands of each group of ages that is told apart because it is slower.
    pub groups: Vec<[bool; AGE_BANDS.len()]>,
    /// Year by year, for each point of the first group whether it is covered, then of the second. Years in which the same
    /// facilities are open share theirs.
    pub years: Vec<Arc<Bits>>,
}

impl CoveredPoints {
    /// Of a demand point of `city`: the residents of the service's target group who are covered in a year, and all of them.
    #[must_use]
    pub fn of_point(
        &self,
        city: &City,
        target: Target,
        year: usize,
        point: PointAt,
    ) -> [Residents; 2] {
        let (points, ages) = (city.points().len(), &city.residents()[point]);
        let mut both = [Residents::default(); 2];
        for (bands, first) in self.groups.iter().zip((0..).step_by(points)) {
            let people = target.of_bands(ages, bands);
            both[1] += people;
            if self.years[year].get(first + point.index()) {
                both[0] += people;
            }
        }
        both
    }

    /// The same of a shard's own points, which are at `places` of the whole city's `points`; of others it says no.
    pub(crate) fn in_whole(&self, places: &[Option<PointAt>], points: usize) -> Self {
        let year = |own: &Arc<Bits>| {
            let mut whole = Bits::none(points * self.groups.len());
            for (group, at) in (0..self.groups.len())
                .flat_map(|group| (0..places.len()).map(move |at| (group, at)))
            {
                if let Some(place) = places[at].filter(|_| own.get(group * places.len() + at)) {
                    whole.set(group * points + place.index());
                }
            }
            Arc::new(whole)
        };
        Self {
            years: self.years.iter().map(year).collect(),
            ..self.clone()
        }
    }

    /// Adds the points of another shard.
    pub(crate) fn join(&mut self, other: &Self) {
        for (own, other) in self.years.iter_mut().zip(&other.years) {
            let own = Arc::make_mut(own);
            own.words
                .iter_mut()
                .zip(&other.words)
                .for_each(|(own, other)| *own |= other);
        }
    }
}

/// Yes or no, many times, in an eighth of the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// All no.
    fn none(count: usize) -> Self {
        Self {
            words: vec![0; count.div_ceil(64)],
        }
    }

    pub(super) fn of(rows: &[bool]) -> Self {
        let mut bits = Self::none(rows.len());
        rows.iter()
            .enumerate()
            .filter(|(_, yes)| **yes)
            .for_each(|(at, _)| bits.set(at));
        bits
    }

    /// Whether it is yes.
    #[must_use]
    pub fn get(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    fn set(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn every_yes_is_where_it_was_said() {
        let rows: Vec<bool> = (0..200).map(|at| at % 7 == 3).collect();
        let bits = Bits::of(&rows);
        assert!(
            rows.iter()
                .enumerate()
                .all(|(at, &yes)| bits.get(at) == yes)
        );
    }
}
