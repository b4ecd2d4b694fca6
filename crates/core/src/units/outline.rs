//! The outline of a unit: the union of its communities, checked to have their area.

use geo::{Area, BooleanOps, BoundingRect, Intersects, MultiPolygon, unary_union};

/// The union, and whether its area is that of the parts less what pairs of them share. Where it is not (three overlap at one
/// place, or the union lost something),
/// the parts are returned side by side: a true picture with lines inside rather than a smooth wrong one.
pub(super) fn join(parts: &[&MultiPolygon]) -> (MultiPolygon, bool) {
    if let [only] = parts {
        return ((*only).clone(), true);
    }
    let union = unary_union(parts.iter().copied());
    let apart: f64 = parts.iter().map(|part| part.unsigned_area()).sum();
    // A square metre or a millionth, whichever is more: what rounding the corners of a large unit can change.
    let agrees = |sum: f64| (union.unsigned_area() - sum).abs() <= 1.0_f64.max(apart * 1e-6);
    if agrees(apart) || agrees(apart - overlaps(parts)) {
        (union, true)
    } else {
        (
            MultiPolygon(
                parts
                    .iter()
                    .flat_map(|part| part.0.iter().cloned())
                    .collect(),
            ),
            false,
        )
    }
}

/// The area that pairs of parts share.
fn overlaps(parts: &[&MultiPolygon]) -> f64 {
    let boxes: Vec<_> = parts.iter().map(|part| part.bounding_rect()).collect();
    let pairs = (0..parts.len()).flat_map(|a| (a + 1..parts.len()).map(move |b| (a, b)));
    let near = pairs
        .filter(|&(a, b)| matches!((boxes[a], boxes[b]), (Some(a), Some(b)) if a.intersects(&b)));
    near.map(|(a, b)| parts[a].intersection(parts[b]).unsigned_area())
        .sum()
}
