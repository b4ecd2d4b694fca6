//! Where people live, for everybody: in squares that many live in.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use fuwutu_io::tables;
use geo::Coord;

use super::rules::Rules;
use crate::book::{Demand, Spot};

/// The least side of the squares that demand points are put together in.
const SIDE_M: u32 = 500;
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

/// Squares of at least 500 m with at least 10 × `small` residents; shares are rounded to tens of per cent.
pub(super) fn squares(demand: &Demand, rules: &Rules) -> Demand {
    let side_m = demand.side_m.max(SIDE_M);
    let latitudes = demand.spots.iter().map(|spot| spot.lat);
    let middle = latitudes.sum::<f64>() / demand.spots.len().max(1) as f64;
    let high = f64::from(side_m) / DEGREE_M;
    let wide = high / middle.to_radians().cos().max(0.1);
    let mut squares: BTreeMap<(i64, i64), Square> = BTreeMap::new();
    for spot in &demand.spots {
        let place = (
            (spot.lat / high).floor() as i64,
            (spot.lon / wide).floor() as i64,
        );
        let square = squares.entry(place).or_default();
        square.add(spot, demand.columns.len());
    }
    squares.retain(|_, square| square.residents >= 10 * rules.small);
    Demand {
        side_m,
        columns: demand.columns.clone(),
        minutes: false,
        spots: squares
            .into_iter()
            .map(|((y, x), square)| {
                let place = rules.place(Coord {
                    x: (x as f64 + 0.5) * wide,
                    y: (y as f64 + 0.5) * high,
                });
                let mut row = tables::demand::Demand {
                    side_m,
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
            })
            .collect(),
    }
}

/// The share of a sum of residents × per cent, in tens of per cent.
fn tens(&(sum, people): &(u64, u64)) -> Option<u8> {
    (people > 0).then(|| ((sum + people * 5) / (people * 10) * 10) as u8)
}
