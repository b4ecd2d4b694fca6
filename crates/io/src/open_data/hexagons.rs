//! Hexagons that cover an area, where nothing else divides it.

use geo::{Coord, LineString, Polygon};

/// A hexagon by its column and row; it lies on one of its sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hexagon {
    pub column: i64,
    pub row: i64,
}

/// The edge of hexagons of an area in m²: 3√3/2 · edge².
pub(super) fn edge_of(area: f64) -> f64 {
    (area / (1.5 * 3_f64.sqrt())).sqrt()
}

impl Hexagon {
    /// The one in which a place lies (Red Blob Games: cube coordinates, rounded so that they add up to nought).
    pub(super) fn at(place: Coord, edge: f64) -> Self {
        let column = place.x / (1.5 * edge);
        let row = place.y / (3_f64.sqrt() * edge) - column / 2.0;
        let third = -column - row;
        let mut rounded = [column.round(), row.round(), third.round()];
        let off = [
            (rounded[0] - column).abs(),
            (rounded[1] - row).abs(),
            (rounded[2] - third).abs(),
        ];
        if off[0] > off[1] && off[0] > off[2] {
            rounded[0] = -rounded[1] - rounded[2];
        } else if off[1] > off[2] {
            rounded[1] = -rounded[0] - rounded[2];
        }
        Self {
            column: rounded[0] as i64,
            row: rounded[1] as i64,
        }
    }

    /// Its corners are whole steps of one lattice, so that neighbours have the very same ones.
    pub(super) fn polygon(self, edge: f64) -> Polygon {
        let corner = |east: i64, north: i64| Coord {
            x: (3 * self.column + east) as f64 * (edge / 2.0),
            y: (2 * self.row + self.column + north) as f64 * (edge * 3_f64.sqrt() / 2.0),
        };
        let corners = [(2, 0), (1, 1), (-1, 1), (-2, 0), (-1, -1), (1, -1)];
        let ring: Vec<Coord> = corners.into_iter().map(|(x, y)| corner(x, y)).collect();
        Polygon::new(LineString::new(ring), Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, Contains, Point};

    #[test]
    fn hexagons_have_their_area_and_their_places() {
        let edge = edge_of(1_000_000.0);
        let mut seed = 1_u64;
        let mut next = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as f64 / f64::from(1_u32 << 31) * 20_000.0 - 10_000.0
        };
        for _ in 0..1000 {
            let place = Coord {
                x: next(),
                y: next(),
            };
            let polygon = Hexagon::at(place, edge).polygon(edge);
            assert!((polygon.unsigned_area() - 1_000_000.0).abs() < 1e-3);
            assert!(polygon.contains(&Point(place)), "{place:?}");
        }
    }
}
