//! Quantities, one unit each: people in thousandths, places and lengths in millimetres, times in milliseconds.
//!
//! All are integers, so that their sums do not depend on order. Persons, kilometres, minutes and 万人 exist in files and on
//! screens only.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// A number of people in thousandths of a person: grids and age shares give fractions, and integer sums are exact.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Residents(pub u64);

impl Residents {
    /// `persons` whole people.
    #[must_use]
    pub const fn whole(persons: u64) -> Self {
        Self(persons * 1000)
    }

    /// In persons.
    #[must_use]
    pub fn persons(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl Add for Residents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Residents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Residents {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Residents {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        Self(items.map(|residents| residents.0).sum())
    }
}

/// Ages are kept in these bands, in years, upper end excluded; the last one is open. They are cut where the catalogue's
/// target groups begin and end.
pub const AGE_BANDS: [(u8, u8); 7] = [
    (0, 3),
    (3, 6),
    (6, 12),
    (12, 15),
    (15, 18),
    (18, 60),
    (60, u8::MAX),
];

/// Residents of one place by [`AGE_BANDS`], each in thousandths of a person (at most 4,294,967 people a band).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ages(pub [u32; AGE_BANDS.len()]);

impl Ages {
    /// All ages.
    #[must_use]
    pub fn total(&self) -> Residents {
        Residents(self.0.iter().map(|&persons| u64::from(persons)).sum())
    }

    /// Both together, band by band. `None` where a band would exceed what it can hold.
    #[must_use]
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        let mut sum = *self;
        for (band, more) in sum.0.iter_mut().zip(other.0) {
            *band = band.checked_add(more)?;
        }
        Some(sum)
    }

    /// `total` split over the bands by `shares` (any non-negative weights). The parts add up to `total` exactly: each band
    /// takes the rounded difference of the running sum. Nothing is given out where all shares are zero.
    ///
    /// `None` where a band would exceed what it can hold.
    #[must_use]
    pub fn split(total: Residents, shares: &[f64; AGE_BANDS.len()]) -> Option<Self> {
        if shares.iter().sum::<f64>() <= 0.0 {
            return (total.0 == 0).then(Self::default);
        }
        let mut ages = Self::default();
        for (band, part) in ages.0.iter_mut().zip(split(total, shares)) {
            *band = u32::try_from(part.0).ok()?;
        }
        Some(ages)
    }
}

/// Residents of an area by [`AGE_BANDS`].
pub type ByAge = [Residents; AGE_BANDS.len()];

/// `total` split by `weights`, which are not negative: a part for each. The parts add up to `total` exactly, or are all 0 where
/// the weights are.
#[must_use]
pub fn split<const N: usize>(total: Residents, weights: &[f64; N]) -> [Residents; N] {
    let mut rest = Apportion::new(total, weights.iter().sum());
    weights.map(|weight| rest.next(weight))
}

/// A total that is handed out by weights, one after another: each takes the rounded difference of the running sum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Apportion {
    total: Residents,
    whole: f64,
    sum: f64,
    given: u64,
}

impl Apportion {
    /// `whole` is the sum of all weights in the order in which they will come: then the last running sum is the same float, and
    /// the parts add up to `total` exactly. Where it is 0 nothing is handed out.
    pub(crate) fn new(total: Residents, whole: f64) -> Self {
        Self {
            total,
            whole,
            sum: 0.0,
            given: 0,
        }
    }

    /// The part of the next weight, ≥ 0.
    pub(crate) fn next(&mut self, weight: f64) -> Residents {
        if self.whole <= 0.0 {
            return Residents::default();
        }
        self.sum += weight;
        let until = (self.total.0 as f64 * (self.sum / self.whole)).round() as u64;
        let part = until - self.given;
        self.given = until;
        Residents(part)
    }
}

/// A place in the city's plane, in millimetres east and north of the origin of its [`Frame`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Point {
    /// Millimetres east of the origin.
    pub x: i32,
    /// Millimetres north of the origin.
    pub y: i32,
}

impl Point {
    /// The same place in metres, for polygons.
    #[must_use]
    pub fn metres(self) -> geo::Coord {
        geo::Coord {
            x: f64::from(self.x) / 1000.0,
            y: f64::from(self.y) / 1000.0,
        }
    }

    /// How far it is to another place, in millimetres.
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        f64::from(self.x.abs_diff(other.x)).hypot(f64::from(self.y.abs_diff(other.y)))
    }

    /// The place `metres` lies at, to the millimetre.
    ///
    /// `None` beyond 1,000 km from the origin (and for values that are no numbers): no city is that large.
    #[must_use]
    pub fn from_metres(metres: geo::Coord) -> Option<Self> {
        const REACH: f64 = 1_000_000.0;
        let inside = metres.x.abs() <= REACH && metres.y.abs() <= REACH;
        inside.then(|| Self {
            x: (metres.x * 1000.0).round() as i32,
            y: (metres.y * 1000.0).round() as i32,
        })
    }
}

/// Where the city's plane touches the globe: a transverse Mercator projection with this origin and scale 1 there.
///
/// Within 60 km of the origin's meridian a length is right to 5 cm a kilometre, within 100 km to 13 cm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Longitude of the origin in degrees east.
    pub lon: f64,
    /// Latitude of the origin in degrees north.
    pub lat: f64,
}

/// A time in whole milliseconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Millis(pub u32);

impl Millis {
    /// Whole minutes; times beyond 49 days are held at the largest value.
    #[must_use]
    pub fn minutes(minutes: u32) -> Self {
        Self(minutes.saturating_mul(60_000))
    }

    /// Within reach means at most the limit, in whole milliseconds. This is the only place that says so.
    #[must_use]
    pub fn within(self, limit: Self) -> bool {
        self <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_that_are_split_add_up_to_the_total() {
        // 100 people in the shares of 1, 1 and 1 of 3: 33.333 + 33.334 + 33.333.
        let ages =
            Ages::split(Residents::whole(100), &[1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]).unwrap();
        assert_eq!(ages.0, [33_333, 33_334, 33_333, 0, 0, 0, 0]);
        assert_eq!(ages.total(), Residents::whole(100));
    }

    #[test]
    fn a_place_beyond_a_thousand_kilometres_is_none() {
        assert_eq!(
            Point::from_metres(geo::Coord {
                x: 1_000_000.1,
                y: 0.0
            }),
            None
        );
        assert_eq!(
            Point::from_metres(geo::Coord {
                x: f64::NAN,
                y: 0.0
            }),
            None
        );
        assert_eq!(
            Point::from_metres(geo::Coord { x: 1.0006, y: -2.0 }),
            Some(Point { x: 1001, y: -2000 })
        );
    }
}
