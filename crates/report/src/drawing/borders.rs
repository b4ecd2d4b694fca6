//! Where townships meet: what of the units' borders parts two of them, or is the city's edge.

use std::collections::BTreeMap;

use geo::Coord;

use crate::book::Book;

/// A stretch of border in an order that both sides share.
type Edge = [(u64, u64); 2];

fn edge(a: Coord, b: Coord) -> Edge {
    let bits = |place: Coord| (place.x.to_bits(), place.y.to_bits());
    let (a, b) = (bits(a), bits(b));
    if a < b { [a, b] } else { [b, a] }
}

/// Lines along the borders of townships, in degrees. A stretch that two townships share is given twice, once from either side.
///
/// Units of one township share the points of their common border, as the round writes them; a stretch that only one of them has
/// counts as the township's. O(n log n) in the points.
pub(super) fn townships(book: &Book) -> Vec<Vec<Coord>> {
    let rings = || {
        book.units.iter().flat_map(|unit| {
            let polygons = unit.outline.iter();
            let rings = polygons
                .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
            rings.map(move |ring| (unit.township, ring))
        })
    };
    let mut sides: BTreeMap<(usize, Edge), u32> = BTreeMap::new();
    for (township, ring) in rings() {
        for line in ring.lines() {
            *sides
                .entry((township, edge(line.start, line.end)))
                .or_default() += 1;
        }
    }
    let mut lines: Vec<Vec<Coord>> = Vec::new();
    for (township, ring) in rings() {
        let mut line: Vec<Coord> = Vec::new();
        for part in ring.lines() {
            if sides[&(township, edge(part.start, part.end))] > 1 {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            if line.is_empty() {
                line.push(part.start);
            }
            line.push(part.end);
        }
        lines.push(line);
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use geo::{Euclidean, Length, LineString};

    use super::*;
    use crate::testing::book;

    #[test]
    fn two_units_of_one_township_have_no_township_border_between_them() {
        // Squares of 0.01°: two of one township side by side (6 sides around), another above (4 sides).
        let length: f64 = townships(&book())
            .into_iter()
            .map(|line| Euclidean.length(&LineString(line)))
            .sum();
        assert!((length - 0.10).abs() < 1e-9, "{length}");
    }
}
