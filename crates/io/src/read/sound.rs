//! Polygons whose border crosses itself, and their repair: unions and areas rely on sound ones.

use geo::{
    Area, BooleanOps, Coord, Intersects, Line, LineIntersection, LineString, MultiPolygon, Orient,
    algorithm::bool_ops::FillRule, line_intersection::line_intersection, orient::Direction,
};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// Areas that differ by a smaller part are equal: overlays work on a grid.
const SAME: f64 = 1e-6;

/// The shape that was meant and where the border crosses itself, if it does in one place; `None` where the polygon is sound:
/// no lines of its border cross, no part or hole covers another, and it has an area. Its outer rings run
/// counter-clockwise. O(n log n), where geo's own validation compares each line with each.
pub(super) fn repaired(polygon: &MultiPolygon) -> Option<(MultiPolygon, Option<Coord>)> {
    let (area, at) = (polygon.unsigned_area(), crossing(polygon));
    let simple = matches!(polygon.0.as_slice(), [only] if only.interiors().is_empty());
    if area > 0.0 && at.is_none() && simple {
        return None;
    }
    // Whatever the border goes round, in either direction: `unary_union` would lose one wing of a bow tie.
    let repaired = polygon.union_with_fill_rule(&MultiPolygon::new(Vec::new()), FillRule::NonZero);
    let same = (repaired.unsigned_area() - area).abs() <= area * SAME;
    let sound = area > 0.0 && at.is_none() && same;
    (!sound).then(|| (repaired.orient(Direction::Default), at))
}

/// A line of a border.
#[derive(Clone, Copy)]
struct Side {
    ring: usize,
    line: Line,
}

/// The first place where two lines of the border meet that should not.
fn crossing(polygon: &MultiPolygon) -> Option<Coord> {
    let rings = polygon
        .0
        .iter()
        .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    let sides = |(ring, border): (usize, &LineString)| {
        border
            .lines()
            .map(move |line| Side { ring, line })
            .collect::<Vec<_>>()
    };
    let sides: Vec<Side> = rings.enumerate().flat_map(sides).collect();
    let corners = |line: Line| (line.start.into(), line.end.into());
    let boxes = sides.iter().zip(0_usize..).map(|(side, at)| {
        let (start, end): ([f64; 2], [f64; 2]) = corners(side.line);
        GeomWithData::new(Rectangle::from_corners(start, end), at)
    });
    let tree = RTree::bulk_load(boxes.collect());
    sides.iter().enumerate().find_map(|(at, side)| {
        let (start, end) = corners(side.line);
        let near = tree
            .locate_in_envelope_intersecting(&AABB::from_corners(start, end))
            .map(|hit| hit.data);
        let first = near
            .filter(|&other| other > at && meet(*side, sides[other]).is_some())
            .min()?;
        meet(*side, sides[first])
    })
}

/// Where two lines meet that should not: lines of one ring only where one follows the other, those of two rings not beyond
/// a touch.
fn meet(a: Side, b: Side) -> Option<Coord> {
    let follow = a.line.start == b.line.end || a.line.end == b.line.start;
    if a.ring == b.ring && (follow || !a.line.intersects(&b.line)) {
        return None;
    }
    match line_intersection(a.line, b.line)? {
        LineIntersection::SinglePoint {
            intersection,
            is_proper,
        } => (is_proper || a.ring == b.ring).then_some(intersection),
        LineIntersection::Collinear { intersection } => Some(intersection.start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Polygon, Validation};

    /// A closed ring through places on a grid of 6 by 6, so that lines often touch, by Knuth's MMIX generator.
    fn ring(seed: &mut u64) -> LineString {
        let mut below = |end: u64| {
            *seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (*seed >> 33) % end
        };
        let count = 3 + below(5);
        let mut places: Vec<Coord> = (0..count)
            .map(|_| (below(6) as f64, below(6) as f64).into())
            .collect();
        places.push(places[0]);
        places.dedup();
        LineString(places)
    }

    #[test]
    fn single_rings_are_sound_where_geo_s_own_slow_validation_says_so() {
        let (mut seed, mut counts) = (1, [0, 0]);
        for _ in 0..20_000 {
            let start = seed;
            let polygon = MultiPolygon::from(Polygon::new(ring(&mut seed), Vec::new()));
            if polygon.unsigned_area() > 0.0 {
                let repaired = repaired(&polygon);
                counts[usize::from(repaired.is_none())] += 1;
                assert_eq!(
                    repaired.is_none(),
                    polygon.is_valid(),
                    "seed {start}: {polygon:?}"
                );
                let valid = repaired
                    .is_none_or(|(shape, _)| shape.is_valid() && shape.unsigned_area() > 0.0);
                assert!(valid, "seed {start}: {polygon:?}");
            }
        }
        assert!(counts.iter().all(|&count| count > 1_000), "{counts:?}");
    }
}
