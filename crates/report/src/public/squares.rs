//! Where people live, for everybody: in squares that many live in.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use fuwutu_io::tables;
use geo::Coord;

use super::rules::Rules;
use crate::book::{Demand, Spot};

/// The least side of the squares that demand points are put together in, and the greatest.
const SIDE_M: u32 = 500;
const WIDEST_M: u32 = 8000;
/// Fewer demand points than this in a square are put together with more: of one or two, each would tell of the other.
const POINTS: u32 = 3;
/// Squares are wide enough where so many in ten people are in those that are published.
const IN_TEN: u64 = 9;
/// Metres of a degree of latitude, nearly.
const DEGREE_M: f64 = 111_320.0;

/// People of a square while it is gathered.
#[derive(Default)]
struct Square {
    residents: u64,
    points: u32,
    /// Of each unit.
    units: BTreeMap<Option<usize>, u64>,
    /// By column: residents × per cent, and the residents of those of whom a share is known.
    shares: Vec<(u64, u64)>,
}

impl Square {
    fn add(&mut self, spot: &Spot, columns: usize) {
        self.residents += spot.residents;
        self.points += spot.points;
        *self.units.entry(spot.unit).or_default() += spot.residents;
        self.shares.resize(columns, (0, 0));
        for (sum, share) in self.shares.iter_mut().zip(&spot.covered) {
            if let Some(share) = share {
                sum.0 += spot.residents * u64::from(*share);
                sum.1 += spot.residents;
            }
        }
    }

    /// The unit of most of its people, the first of equal ones.
    fn unit(&self) -> Option<usize> {
        let units = self.units.iter();
        let most = units.max_by_key(|(unit, people)| (**people, Reverse(**unit)));
        most.and_then(|(unit, _)| *unit)
    }
}

/// Squares of 500 m, 1 km, 2 km, … up to 8 km: the first so wide that nine in ten people are in those with at least 10 × `small`
/// residents at three points or more. The others are left out. Shares are rounded to tens of per cent.
pub(super) fn squares(demand: &Demand, rules: &Rules) -> Demand {
    let residents: u64 = demand.spots.iter().map(|spot| spot.residents).sum();
    let mut side_m = demand.side_m.max(SIDE_M);
    loop {
        let grid = Grid::new(demand, side_m);
        let squares = grid.squares(demand, rules);
        let shown: u64 = squares.values().map(|square| square.residents).sum();
        if shown * 10 >= residents * IN_TEN || 2 * side_m > WIDEST_M {
            return grid.publish(demand, squares, rules);
        }
        side_m *= 2;
    }
}

/// Squares by their row and column.
type Squares = BTreeMap<(i64, i64), Square>;

/// How large squares are, in degrees.
struct Grid {
    side_m: u32,
    high: f64,
    wide: f64,
}

impl Grid {
    fn new(demand: &Demand, side_m: u32) -> Self {
        let latitudes = demand.spots.iter().map(|spot| spot.lat);
        let middle = latitudes.sum::<f64>() / demand.spots.len().max(1) as f64;
        let high = f64::from(side_m) / DEGREE_M;
        let wide = high / middle.to_radians().cos().max(0.1);
        Self { side_m, high, wide }
    }

    /// Those that many live in.
    fn squares(&self, demand: &Demand, rules: &Rules) -> Squares {
        let mut squares = Squares::new();
        for spot in &demand.spots {
            let place = (
                (spot.lat / self.high).floor() as i64,
                (spot.lon / self.wide).floor() as i64,
            );
            let square = squares.entry(place).or_default();
            square.add(spot, demand.columns.len());
        }
        squares.retain(|_, square| square.residents >= 10 * rules.small && square.points >= POINTS);
        squares
    }

    fn publish(&self, demand: &Demand, squares: Squares, rules: &Rules) -> Demand {
        let spot = |((y, x), square): ((i64, i64), Square)| {
            let place = rules.place(Coord {
                x: (x as f64 + 0.5) * self.wide,
                y: (y as f64 + 0.5) * self.high,
            });
            let mut row = tables::demand::Demand {
                side_m: self.side_m,
                lon: place.x,
                lat: place.y,
                residents: square.residents,
                points: square.points,
                ..tables::demand::Demand::default()
            };
            rules.publish(&mut row);
            row.covered = square.shares.iter().map(tens).collect();
            Spot {
                row,
                unit: square.unit(),
                file_row: None,
            }
        };
        Demand {
            side_m: self.side_m,
            columns: demand.columns.clone(),
            minutes: false,
            spots: squares.into_iter().map(spot).collect(),
        }
    }
}

/// The share of a sum of residents × per cent, in tens of per cent.
fn tens(&(sum, people): &(u64, u64)) -> Option<u8> {
    (people > 0).then(|| ((sum + people * 5) / (people * 10) * 10) as u8)
}
