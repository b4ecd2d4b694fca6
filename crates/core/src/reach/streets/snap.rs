//! Snapping: the place on the streets at which a trip begins or ends.

use super::barriers::{Barriers, Crossed};
use super::grid::Grid;
use super::parts::Parts;
use crate::quantity::Point;
use crate::reach::roads::{Roads, straight_line};

/// The nearest place on an edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foot {
    /// Position of the edge.
    pub edge: u32,
    /// How far along the edge, from its first node: 0 to 1 of its length. Exactly 0 and 1 are its nodes.
    pub along: f64,
    /// From the point to there as the crow flies, in millimetres.
    pub leg: f64,
    /// Whether a wall is crossed on the way, because no street can be reached without.
    pub over_wall: bool,
}

/// How a place is joined to the streets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Snap {
    /// There is a street that it can be reached from.
    On(Foot),
    /// Streets are near enough, but water or rails lie between it and each of them.
    CutOff,
    /// No street is near enough.
    Far,
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
    /// For each edge whether it may be used.
    usable: Vec<bool>,
    /// Those of them that are no passages.
    grid: Grid,
    barriers: Barriers,
}

impl Snapper {
    /// Of the edges in parts of at least `least_part` millimetres. Nothing snaps to passages.
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
        let edges = (0_u32..).zip(&usable).zip(roads.edges());
        let edges: Vec<u32> = edges
            .filter(|((_, usable), edge)| **usable && edge.access.snaps())
            .map(|((edge_at, _), _)| edge_at)
            .collect();
        let grid = Grid::new(&edges, |edge| roads.lines(edge));
        Self {
            usable,
            grid,
            barriers: Barriers::new(roads),
        }
    }

    pub(super) fn usable(&self) -> &[bool] {
        &self.usable
    }

    /// The line of an edge that is nearest, whatever lies between, at most `most` millimetres away; of equally near ones the first of
    /// the first edge.
    ///
    /// Squares are looked through in rings round the point, until what lies outside must be farther than what is found; those of
    /// a ring that are farther are left out.
    pub(super) fn nearest(&self, roads: &Roads, place: Point, most: f64) -> Option<Near> {
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
                for &edge in self.grid.items(column, row) {
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
        let lines = roads.lines(edge).zip(0_u32..);
        let (_, line) = lines
            .map(|(line, number)| (nearest_on_line(place, line).1, number))
            .fold((f64::INFINITY, 0), |best, line| {
                if line.0 < best.0 { line } else { best }
            });
        Some(Near {
            squared,
            edge,
            line,
        })
    }

    /// Where a trip from `place` (or to it) steps on or off the streets, at most `most` millimetres away: the nearest place on a line of
    /// an edge to which the leg crosses no barrier. Where there is none such, the nearest one to which it crosses no water or rails but a wall,
    /// or the shore that `place` is inside of; see [`Crossed`].
    ///
    /// Without barriers, or where they do not cut the leg to the nearest street, O(edges near). Else all lines within `most` are
    /// sorted by distance.
    pub(super) fn snap(&self, roads: &Roads, place: Point, most: f64) -> Snap {
        let Some(nearest) = self.nearest(roads, place, most) else {
            return Snap::Far;
        };
        if self.barriers.is_empty() || self.crossed(roads, place, nearest) == Crossed::Nothing {
            return Snap::On(foot(roads, place, nearest, Crossed::Nothing));
        }
        let mut second = None;
        for near in self.within(roads, place, most) {
            match self.crossed(roads, place, near) {
                Crossed::Nothing => return Snap::On(foot(roads, place, near, Crossed::Nothing)),
                Crossed::Much => {}
                little => second = second.or(Some((near, little))),
            }
        }
        second.map_or(Snap::CutOff, |(near, crossed)| {
            Snap::On(foot(roads, place, near, crossed))
        })
    }

    /// What the leg from a place to a line crosses.
    fn crossed(&self, roads: &Roads, place: Point, near: Near) -> Crossed {
        let line = line_of(roads, near);
        let (share, _) = nearest_on_line(place, line);
        let ((dx, dy), (x, y)) = (vector(line[0], line[1]), vector(place, line[0]));
        self.barriers
            .crossed(roads, place, [x + share * dx, y + share * dy])
    }

    /// The lines of all edges of the grid that are at most `most` millimetres away, nearest first; of equally near ones the
    /// first.
    fn within(&self, roads: &Roads, place: Point, most: f64) -> Vec<Near> {
        let mut edges = Vec::new();
        self.grid.within(place, most, |edge| edges.push(edge));
        edges.sort_unstable();
        edges.dedup();
        let lines = edges.into_iter().flat_map(|edge| {
            roads.lines(edge).zip(0..).map(move |(line, number)| Near {
                squared: nearest_on_line(place, line).1,
                edge,
                line: number,
            })
        });
        let mut lines: Vec<Near> = lines.filter(|near| near.squared.sqrt() <= most).collect();
        lines.sort_by(|a, b| {
            (a.squared.total_cmp(&b.squared)).then((a.edge, a.line).cmp(&(b.edge, b.line)))
        });
        lines
    }
}

/// A line of an edge, and the square of its distance in mm².
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    squared: f64,
    edge: u32,
    line: u32,
}

/// The square of the distance to an edge, in mm².
#[inline]
fn nearest_on_edge(roads: &Roads, edge: u32, place: Point) -> f64 {
    roads
        .lines(edge)
        .map(|line| nearest_on_line(place, line).1)
        .fold(f64::INFINITY, f64::min)
}

fn line_of(roads: &Roads, near: Near) -> [Point; 2] {
    let mut lines = roads.lines(near.edge).skip(near.line as usize);
    lines.next().expect("one of its lines")
}

fn foot(roads: &Roads, place: Point, near: Near, crossed: Crossed) -> Foot {
    Foot {
        edge: near.edge,
        along: along(roads, place, near),
        leg: near.squared.sqrt(),
        over_wall: crossed == Crossed::Wall,
    }
}

/// How far along its edge the nearest place of a line lies: a share of the edge's length, exactly 0 and 1 at its nodes.
fn along(roads: &Roads, point: Point, near: Near) -> f64 {
    let (mut walked, mut lines, mut share, mut before) = (0.0, 0, 0.0, 0.0);
    for line in roads.lines(near.edge) {
        let length = straight_line(line[0], line[1]);
        if lines == near.line {
            (share, _) = nearest_on_line(point, line);
            before = walked + share * length;
        }
        walked += length;
        lines += 1;
    }
    // A straight edge has its share, and the last place is the end, without a rounding on the way.
    if lines == 1 || (lines == near.line + 1 && share >= 1.0) {
        share
    } else if walked > 0.0 {
        before / walked
    } else {
        0.0
    }
}
