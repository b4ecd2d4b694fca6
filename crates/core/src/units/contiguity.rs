//! Which polygons are neighbours, from the length of border they share.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

use geo::{BoundingRect, Coord, Distance, Euclidean, Line, LinesIter, MultiPolygon, Rect};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::position::NodeAt;

/// A shared border.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Border {
    /// The lower of the two positions.
    pub a: NodeAt,
    /// The higher.
    pub b: NodeAt,
    /// How much border they share, in metres.
    pub length: f64,
}

/// The pairs of `polygons` (in metres) that share at least `least` metres of border, where lines at most `tolerance` apart
/// count as shared: digitised neighbours seldom meet exactly. Sorted by pair.
///
/// The length is that part of `a`'s border which lies within `tolerance` of a line of `b`'s, seen across. Where two polygons
/// only touch at a corner, this is at most a few tolerances, so `least` should be some ten times as large.
/// O(n log n + k) in the number of lines n and of pairs of near lines k.
#[must_use]
pub fn borders(polygons: &[&MultiPolygon], tolerance: f64, least: f64) -> Vec<Border> {
    let lines: Vec<Line> = polygons
        .iter()
        .flat_map(|polygon| polygon.lines_iter())
        .collect();
    let owners: Vec<NodeAt> = NodeAt::enumerate(polygons)
        .flat_map(|(owner, polygon)| std::iter::repeat_n(owner, polygon.lines_iter().count()))
        .collect();
    let boxes = lines
        .iter()
        .zip(&owners)
        .map(|(line, &owner)| GeomWithData::new(corners(line, 0.0), (owner, line)));
    let tree = RTree::bulk_load(boxes.collect());
    let mut shared: BTreeMap<(NodeAt, NodeAt), f64> = BTreeMap::new();
    for (line, &owner) in lines.iter().zip(&owners) {
        let around = corners(line, tolerance);
        let envelope = AABB::from_corners(around.lower(), around.upper());
        let mut covered: BTreeMap<NodeAt, Vec<(f64, f64)>> = BTreeMap::new();
        for hit in tree.locate_in_envelope_intersecting(&envelope) {
            let (other, beside) = &hit.data;
            if *other > owner
                && let Some(part) = alongside(line, beside, tolerance)
            {
                covered.entry(*other).or_default().push(part);
            }
        }
        for (other, parts) in covered {
            *shared.entry((owner, other)).or_default() += united_length(parts);
        }
    }
    let long = shared.into_iter().filter(|(_, length)| *length >= least);
    long.map(|((a, b), length)| Border { a, b, length })
        .collect()
}

fn corners(line: &Line, margin: f64) -> Rectangle<[f64; 2]> {
    let bounds = line.bounding_rect();
    let (min, max) = (bounds.min(), bounds.max());
    Rectangle::from_corners(
        [min.x - margin, min.y - margin],
        [max.x + margin, max.y + margin],
    )
}

/// The part of `line`, from and to in metres along it, that `other` runs beside within `tolerance`.
fn alongside(line: &Line, other: &Line, tolerance: f64) -> Option<(f64, f64)> {
    let (along, length) = direction(line)?;
    let place = |place_on: Coord| {
        let from_start = place_on - line.start;
        (
            from_start.x * along.x + from_start.y * along.y,
            from_start.x * along.y - from_start.y * along.x,
        )
    };
    let ((s0, d0), (s1, d1)) = (place(other.start), place(other.end));
    let (mut from, mut to) = (0.0, 1.0);
    // The offset d0 + t (d1 − d0) must stay within ±tolerance: a range of t along `other`.
    let slope = d1 - d0;
    if slope.abs() > f64::EPSILON {
        let (low, high) = ((-tolerance - d0) / slope, (tolerance - d0) / slope);
        from = low.min(high).max(from);
        to = low.max(high).min(to);
    } else if d0.abs() > tolerance {
        return None;
    }
    let clamped = |t: f64| (s0 + t * (s1 - s0)).clamp(0.0, length);
    let (first, last) = (
        clamped(from).min(clamped(to)),
        clamped(from).max(clamped(to)),
    );
    (from <= to && last > first).then_some((first, last))
}

fn direction(line: &Line) -> Option<(Coord, f64)> {
    let delta = line.end - line.start;
    let length = delta.x.hypot(delta.y);
    (length > 0.0).then(|| (delta / length, length))
}

fn united_length(mut parts: Vec<(f64, f64)>) -> f64 {
    parts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut sum, mut end) = (0.0, f64::NEG_INFINITY);
    for (from, to) in parts {
        sum += (to - from.max(end)).max(0.0);
        end = end.max(to);
    }
    sum
}

/// A pair of polygons that are joined across a gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bridge {
    /// The lower of the two positions.
    pub a: NodeAt,
    /// The higher.
    pub b: NodeAt,
    /// The gap between them, in metres.
    pub gap: f64,
}

/// The fewest extra pairs that connect what `borders` leaves apart: again and again the nearest two polygons (by the gap
/// between them, then by position) of different parts. Empty where everything hangs together, as nearly everywhere.
///
/// The gap between two boxes is never more than that between what is in them, so a pair's own gap is measured only when its
/// boxes' comes up. O(n² log n) cheap steps in the number of polygons, and few measurements.
#[must_use]
pub fn bridges(polygons: &[&MultiPolygon], borders: &[Border]) -> Vec<Bridge> {
    let mut sets = DisjointSets::new(polygons.len());
    borders.iter().for_each(|border| {
        sets.join(border.a, border.b);
    });
    let mut nodes = NodeAt::first(polygons.len());
    if nodes.all(|node| sets.root(node) == NodeAt(0)) {
        return Vec::new();
    }
    let boxes: Vec<Option<Rect>> = polygons
        .iter()
        .map(|polygon| polygon.bounding_rect())
        .collect();
    let mut gaps = BinaryHeap::new();
    for (a, b) in NodeAt::pairs(polygons.len()) {
        if sets.root(a) != sets.root(b) {
            gaps.push(Reverse(Gap {
                length: box_gap(boxes[a], boxes[b]),
                a,
                b,
                measured: false,
            }));
        }
    }
    let mut found = Vec::new();
    while let Some(Reverse(gap)) = gaps.pop() {
        if sets.root(gap.a) == sets.root(gap.b) {
            continue;
        }
        if gap.measured {
            sets.join(gap.a, gap.b);
            found.push(Bridge {
                a: gap.a,
                b: gap.b,
                gap: gap.length,
            });
        } else {
            let length = Euclidean.distance(polygons[gap.a], polygons[gap.b]);
            gaps.push(Reverse(Gap {
                length,
                measured: true,
                ..gap
            }));
        }
    }
    found
}

/// The gap between two polygons, or between their boxes. In order of length, measured ones last among equals: when one of
/// them comes up, no other pair can be nearer.
#[derive(Debug, Clone, Copy)]
struct Gap {
    length: f64,
    a: NodeAt,
    b: NodeAt,
    measured: bool,
}

impl Ord for Gap {
    fn cmp(&self, other: &Self) -> Ordering {
        let rest = |gap: &Self| (gap.measured, gap.a, gap.b);
        self.length
            .total_cmp(&other.length)
            .then(rest(self).cmp(&rest(other)))
    }
}

impl PartialOrd for Gap {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Gap {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Gap {}

fn box_gap(a: Option<Rect>, b: Option<Rect>) -> f64 {
    let (Some(a), Some(b)) = (a, b) else {
        return f64::INFINITY;
    };
    gap_between(a.min().x, a.max().x, b.min().x, b.max().x).hypot(gap_between(
        a.min().y,
        a.max().y,
        b.min().y,
        b.max().y,
    ))
}

/// The gap between two intervals; 0 where they meet.
fn gap_between(low_a: f64, high_a: f64, low_b: f64, high_b: f64) -> f64 {
    (low_b - high_a).max(low_a - high_b).max(0.0)
}

/// Union-find, the lower position as root.
#[derive(Debug, Clone)]
pub(super) struct DisjointSets(Vec<NodeAt>);

impl DisjointSets {
    pub(super) fn new(count: usize) -> Self {
        Self(NodeAt::first(count).collect())
    }

    pub(super) fn root(&mut self, mut node: NodeAt) -> NodeAt {
        while self.0[node] != node {
            self.0[node] = self.0[self.0[node]];
            node = self.0[node];
        }
        node
    }

    /// Whether they were apart.
    pub(super) fn join(&mut self, a: NodeAt, b: NodeAt) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
        a != b
    }
}

#[cfg(test)]
mod tests {
    use geo::{MultiPolygon, Rect, coord};

    use super::*;

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon {
        Rect::new(coord! { x: x, y: y }, coord! { x: x + side, y: y + side })
            .to_polygon()
            .into()
    }

    #[test]
    fn neighbours_share_their_side_and_not_their_corner() {
        // b lies right of a, c above b, so that a and c meet in one corner.
        let (a, b, c) = (
            square(0.0, 0.0, 100.0),
            square(100.0, 0.0, 100.0),
            square(100.0, 100.0, 100.0),
        );
        let found = borders(&[&a, &b, &c], 1.0, 10.0);
        let pairs: Vec<(u32, u32)> = found
            .iter()
            .map(|border| (border.a.0, border.b.0))
            .collect();
        assert_eq!(pairs, [(0, 1), (1, 2)]);
        // 100 m of a's eastern side, and a metre of its northern and southern one beside b's: 102 m.
        assert!(
            (found[0].length - 100.0).abs() <= 2.0,
            "{}",
            found[0].length
        );
    }

    #[test]
    fn a_gap_counts_up_to_the_tolerance() {
        let (a, near, far) = (
            square(0.0, 0.0, 100.0),
            square(100.9, 0.0, 100.0),
            square(101.1, 0.0, 100.0),
        );
        assert_eq!(borders(&[&a, &near], 1.0, 10.0).len(), 1);
        assert_eq!(borders(&[&a, &far], 1.0, 10.0).len(), 0);
    }

    #[test]
    fn an_island_is_bridged_to_the_nearest() {
        let (a, b, island) = (
            square(0.0, 0.0, 100.0),
            square(100.0, 0.0, 100.0),
            square(250.0, 0.0, 10.0),
        );
        let polygons = [&a, &b, &island];
        assert_eq!(
            bridges(&polygons, &borders(&polygons, 1.0, 10.0)),
            [Bridge {
                a: NodeAt(1),
                b: NodeAt(2),
                gap: 50.0
            }]
        );
    }
}
