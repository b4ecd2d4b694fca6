//! The outline of a unit: the union of its communities, checked to have their area.

use geo::{Area, MultiPolygon, unary_union};

/// The union, and whether its area is that of the parts. Where it is not (the parts overlap, or the union lost something),
/// the parts are returned side by side: a true picture with lines inside rather than a smooth wrong one.
pub(super) fn join(parts: &[&MultiPolygon]) -> (MultiPolygon, bool) {
    if let [only] = parts {
        return ((*only).clone(), true);
    }
    let union = unary_union(parts.iter().copied());
    let apart: f64 = parts.iter().map(|part| part.unsigned_area()).sum();
    // A square metre or a millionth, whichever is more: what rounding the corners of a large unit can change.
    let agrees = (union.unsigned_area() - apart).abs() <= 1.0_f64.max(apart * 1e-6);
    if agrees {
        (union, true)
    } else {
        (MultiPolygon(parts.iter().flat_map(|part| part.0.iter().cloned()).collect()), false)
    }
}
