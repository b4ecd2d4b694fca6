//! A grid: things made of straight lines by the squares of the plane that they touch.

use rayon::prelude::*;

use crate::quantity::Point;

/// Things by squares of the plane: for each square those that touch it.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// Side of a square in millimetres.
    pub(super) side: i64,
    west: i64,
    south: i64,
    columns: i64,
    rows: i64,
    starts: Vec<u32>,
    items: Vec<u32>,
}

/// Squares of about the length of a block.
const SIDE: i64 = 150_000;

impl Grid {
    /// Of things by their positions, each with its lines.
    pub(super) fn new<L: Iterator<Item = [Point; 2]>>(
        items: &[u32],
        lines: impl Fn(u32) -> L + Sync,
    ) -> Self {
        let Some((low, high)) = corners(items, &lines) else {
            return Self {
                side: SIDE,
                ..Self::default()
            };
        };
        // A network that is thin for its size gets larger squares, so that there are not many more of them than things.
        let area = (high[0] - low[0]) as f64 * (high[1] - low[1]) as f64;
        let side = SIDE.max((area / (4.0 * items.len() as f64 + 1e6)).sqrt() as i64);
        let count = |low: i64, high: i64| (high - low) / side + 1;
        let (columns, rows) = (count(low[0], high[0]), count(low[1], high[1]));
        let mut grid = Self {
            side,
            west: low[0],
            south: low[1],
            columns,
            rows,
            starts: Vec::new(),
            items: Vec::new(),
        };
        let mut starts = vec![0_u32; (columns * rows) as usize + 1];
        items
            .iter()
            .for_each(|&item| grid.touched(lines(item), |square| starts[square] += 1));
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        let mut filled = vec![0; sum as usize];
        for &item in items {
            grid.touched(lines(item), |square| {
                filled[starts[square] as usize] = item;
                starts[square] += 1;
            });
        }
        // Each start has moved to its end, which is the next one's start.
        starts.rotate_right(1);
        starts[0] = 0;
        (grid.starts, grid.items) = (starts, filled);
        grid
    }

    /// Calls `on_square` with every square of the grid that one of the lines may touch, and never twice in a row with the same.
    fn touched(&self, lines: impl Iterator<Item = [Point; 2]>, mut on_square: impl FnMut(usize)) {
        let mut last = usize::MAX;
        for [a, b] in lines {
            let (low_column, low_row) = self.square(Point {
                x: a.x.min(b.x),
                y: a.y.min(b.y),
            });
            let (high_column, high_row) = self.square(Point {
                x: a.x.max(b.x),
                y: a.y.max(b.y),
            });
            for row in low_row.max(0)..=high_row.min(self.rows - 1) {
                let (from, to) = if low_row == high_row || low_column == high_column {
                    (low_column, high_column)
                } else {
                    self.columns_in_row(a, b, row)
                };
                let columns =
                    from.max(low_column).max(0)..=to.min(high_column).min(self.columns - 1);
                for column in columns {
                    let square = (row * self.columns + column) as usize;
                    if square != last {
                        on_square(square);
                        last = square;
                    }
                }
            }
        }
    }

    /// The columns that a slanting line touches in a row, with a millimetre to spare.
    fn columns_in_row(&self, a: Point, b: Point, row: i64) -> (i64, i64) {
        let south = (self.south + row * self.side) as f64;
        let slant = (f64::from(b.x) - f64::from(a.x)) / (f64::from(b.y) - f64::from(a.y));
        let x = |y: f64| f64::from(a.x) + (y - f64::from(a.y)) * slant;
        let (one, other) = (x(south), x(south + self.side as f64));
        let column = |x: f64| (x as i64 - self.west).div_euclid(self.side);
        (column(one.min(other) - 1.0), column(one.max(other) + 1.0))
    }

    pub(super) fn square(&self, point: Point) -> (i64, i64) {
        let place = |mm: i32, low: i64| (i64::from(mm) - low).div_euclid(self.side);
        (place(point.x, self.west), place(point.y, self.south))
    }

    /// From a point to the nearest side of its own square, in millimetres.
    pub(super) fn margin(&self, place: Point) -> i64 {
        let to_side = |mm: i32, low: i64| {
            let inside = (i64::from(mm) - low).rem_euclid(self.side);
            inside.min(self.side - inside)
        };
        to_side(place.x, self.west).min(to_side(place.y, self.south))
    }

    /// How many rings round a square lie wholly outside the grid.
    pub(super) fn rings_to(&self, column: i64, row: i64) -> i64 {
        beyond(column, self.columns).max(beyond(row, self.rows))
    }

    /// Whether there are squares beyond a ring.
    pub(super) fn any_beyond(&self, column: i64, row: i64, ring: i64) -> bool {
        let farthest = |position: i64, count: i64| position.max(count - 1 - position);
        ring < farthest(column, self.columns).max(farthest(row, self.rows))
    }

    /// Calls `on_square` with the column and row of each square of a ring.
    #[inline]
    pub(super) fn ring(
        &self,
        column: i64,
        row: i64,
        ring: i64,
        mut on_square: impl FnMut(i64, i64),
    ) {
        let rows = (row - ring).max(0)..=(row + ring).min(self.rows - 1);
        for row_at in rows {
            let whole = (row_at - row).abs() == ring;
            let step = if whole || ring == 0 { 1 } else { 2 * ring };
            let mut column_at = column - ring;
            while column_at <= column + ring {
                if (0..self.columns).contains(&column_at) {
                    on_square(column_at, row_at);
                }
                column_at += step;
            }
        }
    }

    /// What may touch a square.
    pub(super) fn items(&self, column: i64, row: i64) -> &[u32] {
        self.items_in((row * self.columns + column) as usize)
    }

    fn items_in(&self, square: usize) -> &[u32] {
        &self.items[self.starts[square] as usize..self.starts[square + 1] as usize]
    }

    /// Calls `on_item` with what may touch a line; with some more than once.
    pub(super) fn along(&self, line: [Point; 2], mut on_item: impl FnMut(u32)) {
        self.touched(std::iter::once(line), |square| {
            self.items_in(square).iter().for_each(|&item| on_item(item));
        });
    }

    /// Calls `on_item` with what may be at most so many millimetres from a place; with some more than once.
    pub(super) fn within(&self, place: Point, most: f64, mut on_item: impl FnMut(u32)) {
        let (column, row) = self.square(place);
        // One ring more than the whole squares within.
        let rings = (most / self.side as f64) as i64 + 1;
        for ring in 0..=rings {
            self.ring(column, row, ring, |column, row| {
                if self.distance(place, column, row) <= most + 1.0 {
                    self.items(column, row)
                        .iter()
                        .for_each(|&item| on_item(item));
                }
            });
        }
    }

    /// From a point to a square, in millimetres; 0 inside.
    pub(super) fn distance(&self, place: Point, column: i64, row: i64) -> f64 {
        let along = |mm: i32, low: i64| {
            let mm = i64::from(mm);
            (low - mm).max(mm - (low + self.side)).max(0) as f64
        };
        let x = along(place.x, self.west + column * self.side);
        let y = along(place.y, self.south + row * self.side);
        (x * x + y * y).sqrt()
    }
}

fn beyond(position: i64, count: i64) -> i64 {
    (-position).max(position - count + 1).max(0)
}

/// The corners round all lines, in millimetres.
fn corners<L: Iterator<Item = [Point; 2]>>(
    items: &[u32],
    lines: &(impl Fn(u32) -> L + Sync),
) -> Option<([i64; 2], [i64; 2])> {
    items
        .par_iter()
        .filter_map(|&item| {
            let places = lines(item)
                .flatten()
                .map(|corner| [i64::from(corner.x), i64::from(corner.y)]);
            places.map(|corner| (corner, corner)).reduce(around)
        })
        .reduce_with(around)
}

fn around(a: ([i64; 2], [i64; 2]), b: ([i64; 2], [i64; 2])) -> ([i64; 2], [i64; 2]) {
    let both =
        |pick: fn(i64, i64) -> i64, a: [i64; 2], b: [i64; 2]| [pick(a[0], b[0]), pick(a[1], b[1])];
    (both(i64::min, a.0, b.0), both(i64::max, a.1, b.1))
}
