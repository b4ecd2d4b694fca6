//! About how many demand points lie near a place: what a service's links will take of memory is known before they are searched.

use std::f64::consts::PI;

use crate::city::{City, Class, cell_corners};
use crate::quantity::Point;

/// The side of a square of the city, in millimetres.
const SIDE: i64 = 1_000_000;

/// Demand points by square kilometre, added up from the south-west: any rectangle of squares is four of these sums.
#[derive(Debug)]
pub(super) struct Crowd {
    /// The first column and row of squares.
    corner: [i64; 2],
    /// So many columns and rows.
    size: [usize; 2],
    /// By class, the points of all squares west and south of each corner of a square; row by row.
    sums: [Vec<u32>; 2],
}

/// The square in which a place lies: its column and its row.
fn square(at: Point) -> [i64; 2] {
    cell_corners(at)[0].map(|low| low.div_euclid(SIDE))
}

impl Crowd {
    /// O(points + squares of the rectangle that holds them).
    pub(super) fn new(city: &City) -> Self {
        let squares: Vec<[i64; 2]> = (city.cells().iter())
            .map(|cell| square(city.points()[cell.start].at))
            .collect();
        let bound = |axis: usize, pick: fn(i64, i64) -> i64| {
            squares.iter().map(|square| square[axis]).reduce(pick)
        };
        let low = [0, 1].map(|axis| bound(axis, i64::min).unwrap_or(0));
        let high = [0, 1].map(|axis| bound(axis, i64::max).unwrap_or(-1));
        let size = [0, 1].map(|axis| (high[axis] - low[axis] + 1) as usize);
        let width = size[0] + 1;
        let mut sums = [(); 2].map(|()| vec![0; width * (size[1] + 1)]);
        for (cell, square) in city.cells().iter().zip(&squares) {
            let [column, row] = [0, 1].map(|axis| (square[axis] - low[axis]) as usize + 1);
            for class in &city.classes()[cell.clone()] {
                sums[*class as usize][row * width + column] += 1;
            }
        }
        for sums in &mut sums {
            for corner in width + 1..sums.len() {
                if corner % width != 0 {
                    sums[corner] = sums[corner] + sums[corner - 1] + sums[corner - width]
                        - sums[corner - width - 1];
                }
            }
        }
        Self {
            corner: low,
            size,
            sums,
        }
    }

    /// About how many demand points of a class lie within so many millimetres: those of all squares that the distance touches, in
    /// the proportion of the circle to these squares. O(1).
    pub(super) fn near(&self, at: Point, class: Class, farthest: u64) -> f64 {
        let reach = farthest.min(1 << 40) as i64;
        let [low, high] = [-reach, reach]
            .map(|reach| [at.x, at.y].map(|along| (i64::from(along) + reach).div_euclid(SIDE)));
        let sides = [0, 1].map(|axis| (high[axis] - low[axis] + 1) as f64);
        let held = |axis: usize, square: i64| {
            (square - self.corner[axis]).clamp(0, self.size[axis] as i64) as usize
        };
        let sum = |column: usize, row: usize| {
            i64::from(self.sums[class as usize][row * (self.size[0] + 1) + column])
        };
        let [west, south] = [0, 1].map(|axis| held(axis, low[axis]));
        let [east, north] = [0, 1].map(|axis| held(axis, high[axis] + 1));
        let points = sum(east, north) - sum(west, north) - sum(east, south) + sum(west, south);
        let radius = farthest as f64 / SIDE as f64;
        points as f64 * (PI * radius * radius / (sides[0] * sides[1])).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Community, DemandPoint, Records, Township};
    use crate::position::{CommunityAt, TownshipAt};
    use crate::quantity::{Ages, Frame};

    /// 20 × 20 points 500 m apart, four a square kilometre.
    fn city() -> City {
        let point = |nth: i32| DemandPoint {
            id: nth.to_string().into(),
            at: Point {
                x: nth % 20 * 500_000,
                y: nth / 20 * 500_000,
            },
            community: CommunityAt(0),
        };
        let records = Records {
            frame: Frame {
                lon: 104.0,
                lat: 30.0,
            },
            year: 2026,
            townships: vec![Township {
                code: "t".into(),
                name: String::new(),
                neighbour: false,
            }],
            communities: vec![Community {
                code: "c".into(),
                name: String::new(),
                township: TownshipAt(0),
                class: Class::Urban,
                polygon: geo::MultiPolygon::new(Vec::new()),
                residential_m2: None,
            }],
            points: (0..400).map(|nth| (point(nth), Ages::default())).collect(),
            facilities: Vec::new(),
        };
        City::new(records).unwrap()
    }

    #[test]
    fn points_near_a_place_are_those_of_its_squares_in_proportion() {
        let crowd = Crowd::new(&city());
        let middle = Point {
            x: 5_500_000,
            y: 5_500_000,
        };
        // From 3.5 to 7.5 km: 5 × 5 squares of four points each, and π × 2² of their 25 km².
        let near = crowd.near(middle, Class::Urban, 2_000_000);
        assert!((near - 100.0 * PI * 4.0 / 25.0).abs() < 1e-9, "{near}");
        assert!(crowd.near(middle, Class::Rural, 2_000_000) < 1e-9);
        let far = Point {
            x: 500_000_000,
            ..middle
        };
        assert!(crowd.near(far, Class::Urban, 2_000_000) < 1e-9);
        // All 400 points in 2,001 × 2,001 squares.
        let all = crowd.near(middle, Class::Urban, 1_000_000_000);
        assert!(
            (all - 400.0 * PI * 1e6 / (2001.0 * 2001.0)).abs() < 1e-9,
            "{all}"
        );
    }
}
