//! Snapping: the place on the streets at which a trip begins or ends.

use rayon::prelude::*;

use crate::quantity::Point;
use crate::reach::roads::{Roads, straight_line};
use crate::service::Mode;

/// The nearest place on an edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foot {
    /// Position of the edge.
    pub edge: u32,
    /// How far along the edge, from its first node: 0 to 1 of its length. Exactly 0 and 1 are its nodes.
    pub along: f64,
    /// From the point to there as the crow flies, in millimetres.
    pub leg: f64,
}

/// The foot of the perpendicular from `place` on the line from `a` to `b`, as a share of the line, and the square of its length
/// in mm². Where it falls outside the line it is the nearer end, exactly.
///
/// A line and the same line the other way round give the very same square.
#[inline]
fn nearest_on_line(place: Point, [a, b]: [Point; 2]) -> (f64, f64) {
    let turned = a > b;
    let (a, b) = if turned { (b, a) } else { (a, b) };
    let ((dx, dy), (px, py)) = (vector(a, b), vector(a, place));
    let whole = dx * dx + dy * dy;
    let share = if whole > 0.0 {
        ((px * dx + py * dy) / whole).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (ex, ey) = if share >= 1.0 {
        vector(b, place)
    } else {
        (px - share * dx, py - share * dy)
    };
    (if turned { 1.0 - share } else { share }, ex * ex + ey * ey)
}

fn vector(from: Point, to: Point) -> (f64, f64) {
    (
        f64::from(to.x) - f64::from(from.x),
        f64::from(to.y) - f64::from(from.y),
    )
}

/// Which edges one may snap to, and where they are.
#[derive(Debug)]
pub(super) struct Snapper {
    /// For each edge whether it may be snapped to.
    usable: Vec<bool>,
    grid: Grid,
}

/// Edges by squares of the plane: for each square those that touch it.
#[derive(Debug, Default)]
struct Grid {
    /// Side of a square in millimetres.
    side: i64,
    west: i64,
    south: i64,
    columns: i64,
    rows: i64,
    starts: Vec<u32>,
    edges: Vec<u32>,
}

/// Squares of about the length of a block.
const SIDE: i64 = 150_000;

/// A network has parts: edges that hang together for a mode.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// The part of each edge that the mode may use; `u32::MAX` for others. Numbered in the order of their first edge.
    pub of_edge: Vec<u32>,
    /// In millimetres, of each part.
    pub lengths: Vec<u64>,
}

impl Parts {
    /// The parts of the network of `mode`. One-way streets join their ends; a blocked node joins nothing.
    #[must_use]
    pub fn new(roads: &Roads, mode: Mode) -> Self {
        let mut root: Vec<u32> = (0..roads.nodes().len() as u32).collect();
        let usable = |edge_at: usize| roads.edges()[edge_at].access.any(mode);
        for (edge_at, edge) in roads.edges().iter().enumerate() {
            if usable(edge_at) && !roads.blocked(edge.from, mode) && !roads.blocked(edge.to, mode) {
                let (a, b) = (find(&mut root, edge.from), find(&mut root, edge.to));
                root[a.max(b) as usize] = a.min(b);
            }
        }
        let mut parts = Self {
            of_edge: vec![u32::MAX; roads.edges().len()],
            lengths: Vec::new(),
        };
        let mut of_root = vec![u32::MAX; roads.nodes().len()];
        for (edge_at, edge) in roads
            .edges()
            .iter()
            .enumerate()
            .filter(|(edge_at, _)| usable(*edge_at))
        {
            // Where one end is blocked, the street belongs to what is beyond the other.
            let end = if roads.blocked(edge.from, mode) {
                edge.to
            } else {
                edge.from
            };
            let part = &mut of_root[find(&mut root, end) as usize];
            if *part == u32::MAX {
                *part = parts.lengths.len() as u32;
                parts.lengths.push(0);
            }
            parts.of_edge[edge_at] = *part;
            parts.lengths[*part as usize] += u64::from(edge.length);
        }
        parts
    }
}

/// The lowest node that hangs together with `node`, with the way to it made shorter.
fn find(root: &mut [u32], mut node: u32) -> u32 {
    while root[node as usize] != node {
        let above = root[node as usize];
        root[node as usize] = root[above as usize];
        node = above;
    }
    node
}

impl Snapper {
    /// Of the edges in parts of at least `least_part` millimetres.
    pub(super) fn new(roads: &Roads, parts: &Parts, least_part: u64) -> Self {
        let usable: Vec<bool> = parts
            .of_edge
            .iter()
            .map(|&part| {
                parts
                    .lengths
                    .get(part as usize)
                    .is_some_and(|&length| length >= least_part)
            })
            .collect();
        let grid = Grid::new(roads, &usable);
        Self { usable, grid }
    }

    pub(super) fn usable(&self) -> &[bool] {
        &self.usable
    }

    /// The nearest place on a usable edge, at most `most` millimetres away; of places equally near that on the first edge.
    ///
    /// Squares are looked through in rings round the point, until what lies outside must be farther than what is found; those of
    /// a ring that are farther are left out.
    pub(super) fn nearest(&self, roads: &Roads, place: Point, most: f64) -> Option<Foot> {
        let mut best: Option<(f64, u32)> = None;
        let nearer = |best: Option<(f64, u32)>| {
            best.map_or(most, |(squared, _): (f64, u32)| squared.sqrt().min(most))
        };
        let (column, row) = self.grid.square(place);
        let margin = self.grid.margin(place);
        let mut ring = self.grid.rings_to(column, row);
        loop {
            // What no square within the last ring touches is at least so far away.
            let outside = (ring - 1) * self.grid.side + margin;
            if ring > 0 && outside as f64 > nearer(best) {
                break;
            }
            self.grid.ring(column, row, ring, |column, row| {
                // A millimetre is more than squares of distances are rounded by.
                if self.grid.distance(place, column, row) > nearer(best) + 1.0 {
                    return;
                }
                for &edge in self.grid.edges(column, row) {
                    let squared = nearest_on_edge(roads, edge, place);
                    if best.is_none_or(|found| (squared, edge) < found) {
                        best = Some((squared, edge));
                    }
                }
            });
            if !self.grid.any_beyond(column, row, ring) {
                break;
            }
            ring += 1;
        }
        let (squared, edge) = best.filter(|(squared, _)| squared.sqrt() <= most)?;
        Some(Foot {
            edge,
            along: along(roads, edge, place),
            leg: squared.sqrt(),
        })
    }
}

/// The square of the distance to an edge, in mm².
fn nearest_on_edge(roads: &Roads, edge: u32, place: Point) -> f64 {
    roads
        .lines(edge)
        .map(|line| nearest_on_line(place, line).1)
        .fold(f64::INFINITY, f64::min)
}

/// How far along an edge its nearest place lies: a share of its length, exactly 0 and 1 at its nodes. The first of equally
/// near places.
fn along(roads: &Roads, edge: u32, point: Point) -> f64 {
    let lines = roads.places(edge).count() - 1;
    let (mut walked, mut nearest, mut place) = (0.0, f64::INFINITY, (0.0, 0.0, 0));
    for (line, number) in roads.lines(edge).zip(1..) {
        let (share, squared) = nearest_on_line(point, line);
        let length = straight_line(line[0], line[1]);
        if squared < nearest {
            (nearest, place) = (squared, (share, walked + share * length, number));
        }
        walked += length;
    }
    let (share, before, number) = place;
    // A straight edge has its share, and the last place is the end, without a rounding on the way.
    if lines == 1 || (number == lines && share >= 1.0) {
        share
    } else if walked > 0.0 {
        before / walked
    } else {
        0.0
    }
}

impl Grid {
    fn new(roads: &Roads, usable: &[bool]) -> Self {
        let edges: Vec<u32> = (0..)
            .zip(usable)
            .filter(|(_, usable)| **usable)
            .map(|(edge_at, _)| edge_at)
            .collect();
        let Some((low, high)) = corners(roads, &edges) else {
            return Self {
                side: SIDE,
                ..Self::default()
            };
        };
        // A network that is thin for its size gets larger squares, so that there are not many more of them than edges.
        let area = (high[0] - low[0]) as f64 * (high[1] - low[1]) as f64;
        let side = SIDE.max((area / (4.0 * edges.len() as f64 + 1e6)).sqrt() as i64);
        let count = |low: i64, high: i64| (high - low) / side + 1;
        let (columns, rows) = (count(low[0], high[0]), count(low[1], high[1]));
        let mut grid = Self {
            side,
            west: low[0],
            south: low[1],
            columns,
            rows,
            starts: Vec::new(),
            edges: Vec::new(),
        };
        let mut starts = vec![0_u32; (columns * rows) as usize + 1];
        edges
            .iter()
            .for_each(|&edge| grid.touched(roads, edge, |square| starts[square] += 1));
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        let mut filled = vec![0; sum as usize];
        for &edge in &edges {
            grid.touched(roads, edge, |square| {
                filled[starts[square] as usize] = edge;
                starts[square] += 1;
            });
        }
        // Each start has moved to its end, which is the next one's start.
        starts.rotate_right(1);
        starts[0] = 0;
        (grid.starts, grid.edges) = (starts, filled);
        grid
    }

    /// Calls `on_square` with every square that a line of the edge may touch, and never twice in a row with the same.
    fn touched(&self, roads: &Roads, edge: u32, mut on_square: impl FnMut(usize)) {
        let mut last = usize::MAX;
        for [a, b] in roads.lines(edge) {
            let (low_column, low_row) = self.square(Point {
                x: a.x.min(b.x),
                y: a.y.min(b.y),
            });
            let (high_column, high_row) = self.square(Point {
                x: a.x.max(b.x),
                y: a.y.max(b.y),
            });
            for row in low_row..=high_row {
                let (from, to) = if low_row == high_row || low_column == high_column {
                    (low_column, high_column)
                } else {
                    self.columns_in_row(a, b, row)
                };
                for column in from.max(low_column)..=to.min(high_column) {
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

    fn square(&self, point: Point) -> (i64, i64) {
        let place = |mm: i32, low: i64| (i64::from(mm) - low).div_euclid(self.side);
        (place(point.x, self.west), place(point.y, self.south))
    }

    /// From a point to the nearest side of its own square, in millimetres.
    fn margin(&self, place: Point) -> i64 {
        let to_side = |mm: i32, low: i64| {
            let inside = (i64::from(mm) - low).rem_euclid(self.side);
            inside.min(self.side - inside)
        };
        to_side(place.x, self.west).min(to_side(place.y, self.south))
    }

    /// How many rings round a square lie wholly outside the grid.
    fn rings_to(&self, column: i64, row: i64) -> i64 {
        beyond(column, self.columns).max(beyond(row, self.rows))
    }

    /// Whether there are squares beyond a ring.
    fn any_beyond(&self, column: i64, row: i64, ring: i64) -> bool {
        let farthest = |position: i64, count: i64| position.max(count - 1 - position);
        ring < farthest(column, self.columns).max(farthest(row, self.rows))
    }

    /// Calls `on_square` with the column and row of each square of a ring.
    fn ring(&self, column: i64, row: i64, ring: i64, mut on_square: impl FnMut(i64, i64)) {
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

    /// The edges that may touch a square.
    fn edges(&self, column: i64, row: i64) -> &[u32] {
        let square = (row * self.columns + column) as usize;
        &self.edges[self.starts[square] as usize..self.starts[square + 1] as usize]
    }

    /// From a point to a square, in millimetres; 0 inside.
    fn distance(&self, place: Point, column: i64, row: i64) -> f64 {
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

/// The corners round all places of the edges, in millimetres.
fn corners(roads: &Roads, edges: &[u32]) -> Option<([i64; 2], [i64; 2])> {
    edges
        .par_iter()
        .filter_map(|&edge| {
            let places = roads
                .places(edge)
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
