//! Who is served by which facility: what a figure of reach or supply is made of.

use std::sync::Arc;

use super::lanes::Mask;
use super::offers::Offered;
use super::received::Visits;
use super::setting::Case;
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

/// From the visits of each block of years, which are of the same units and places: unit by unit, in the order of facilities;
/// without facilities that nobody ever goes to.
pub(super) fn served(case: &Case, blocks: &[Vec<Visits>]) -> Vec<Served> {
    let years = case.setting.years.len();
    let served = |(at, visits): (usize, &Visits)| {
        let received = || {
            blocks
                .iter()
                .flat_map(|block| block[at].received)
                .take(years)
        };
        let goes = visits.trips.people > 0 || received().any(|received| received > 0.0);
        goes.then(|| Served {
            unit: visits.unit,
            service: case.rules.at,
            facility: case.offers[visits.place as usize].facility,
            people: Residents(visits.trips.people),
            least: visits.trips.least(),
            mean: visits.trips.mean(),
            received: if case.counted() {
                received().collect()
            } else {
                Vec::new()
            },
        })
    };
    let visits = blocks[0].iter().enumerate();
    visits.filter_map(served).collect()
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

    /// Adds the year at a position, which is a lane of its block, by the years of the block in which each row is `covered`. It is shared
    /// with the year before where none of the `offers` opened or closed since.
    pub(crate) fn add_year(
        &mut self,
        offers: &[Offered],
        covered: &[Mask],
        lane: usize,
        year: usize,
    ) {
        let differs = |each: &Offered| each.open(year) != each.open(year - 1);
        let bits = match self.years.last() {
            Some(last) if !offers.iter().any(differs) => Arc::clone(last),
            _ => Arc::new(Bits::of(covered, lane)),
        };
        self.years.push(bits);
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
    pub(crate) fn none(count: usize) -> Self {
        Self {
            words: vec![0; count.div_ceil(64)],
        }
    }

    /// One bit of each mask.
    ///
    /// Eight masks at a time: the bit is singled out in each byte of a word, and a multiplication brings the eight to its upper
    /// byte, the first of them lowest. Byte i holds 0 or 1 and is moved by 7 × (8 − i) bits; of all other pairs of a byte and a
    /// step none meets another in one bit, so that nothing is carried. What leaves the word is not wanted.
    pub(super) fn of(masks: &[Mask], bit: usize) -> Self {
        const LOWEST: u64 = 0x0101_0101_0101_0101;
        const GATHER: u64 = 0x0102_0408_1020_4080;
        let word = |masks: &[Mask]| {
            (0..).zip(masks.chunks(8)).fold(0, |word, (nth, eight)| {
                let mut bytes = [0; 8];
                bytes[..eight.len()].copy_from_slice(eight);
                let singled = u64::from_le_bytes(bytes) >> bit & LOWEST;
                word | singled.wrapping_mul(GATHER) >> 56 << (8 * nth)
            })
        };
        Self {
            words: masks.chunks(64).map(word).collect(),
        }
    }

    /// Whether it is yes.
    #[must_use]
    pub fn get(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    pub(crate) fn set(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    /// The 64 answers from `at` on, the first of them lowest; no beyond the last.
    #[inline]
    pub(crate) fn word(&self, at: usize) -> u64 {
        let word = |nth: usize| self.words.get(nth).copied().unwrap_or(0);
        let (nth, by) = (at / 64, at % 64);
        match by {
            0 => word(nth),
            by => word(nth) >> by | word(nth + 1) << (64 - by),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_yes_is_where_it_was_said() {
        // 200 masks: three words and a part of one, whose last byte is a part, too.
        let masks: Vec<Mask> = (0..203_u32).map(|at| (at * at / 3) as Mask).collect();
        for bit in 0..8 {
            let bits = Bits::of(&masks, bit);
            assert_eq!(bits.words.len(), 4);
            let said = masks.iter().map(|mask| mask >> bit & 1 == 1);
            assert!(said.enumerate().all(|(at, yes)| bits.get(at) == yes));
            for from in [0, 1, 64, 130, 150, 256] {
                let yes = |at: usize| {
                    masks
                        .get(from + at)
                        .is_some_and(|mask| mask >> bit & 1 == 1)
                };
                let expected = (0..64).fold(0, |word, at| word | u64::from(yes(at)) << at);
                assert_eq!(bits.word(from), expected, "from {from} on");
            }
        }
    }
}
