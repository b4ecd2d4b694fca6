//! The land: cells that meet without gap or overlap, small in the centre and large at the rim, with winding borders.
//!
//! The cells are those of a brick pattern pulled into hexagons, so that three meet at each corner. Corners and borders are
//! functions of the corners' numbers alone: the two cells that share a border get the same vertices, to the last bit.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, Contains, Coord, LineString, MultiPolygon, Polygon};
use rand::Rng;

use crate::chance::{Seed, Waves, angle};
use crate::spec::Spec;

/// Height of a row of cells, whose width is 1; and how far corners lie above or below the line between two rows. With these
/// two the bricks are regular hexagons.
const ROW: f64 = 0.866;
const LIFT: f64 = 0.144;
/// How far a corner strays.
const STRAY: f64 = 0.14;
/// Area of a cell in the very centre over the mean, about: 0.8 km² where the mean is 4.6 km².
const CENTRE_AREA: f64 = 0.17;
/// Standard deviation of the bends in the whole land, over its radius.
const BEND: f64 = 0.022;
/// How far the land's middle lies from the city's centre, over its radius: the far side is a wide rural country.
const OFFSET: f64 = 0.40;
/// Lines in a border; and how far the middle of a line moves sideways, at most, over its length. The moves halve, so that a
/// border stays within 12 % of its length, and next to a corner leaves it at a slope of at most six times this.
const LINES: usize = 8;
const SWING: f64 = 0.09;

/// A cell of the lattice: column and row. The city's centre is at the corner of the cell (0, 0).
pub(crate) type Cell = (i32, i32);

/// A corner of the lattice: half columns, and the line below the row of the same number.
type Corner = (i32, i32);

/// The land of a city.
pub(crate) struct Land {
    seed: Seed,
    /// Of a disc of as many cells, in cells.
    radius: f64,
    /// Metres a cell.
    scale: f64,
    bends: [Waves; 2],
    /// In the order of their distance from the land's middle.
    pub(crate) cells: Vec<Cell>,
}

impl Land {
    /// As many cells as `spec` has communities, together `spec.area_km2` but for the winding of the outer border.
    pub(crate) fn new(spec: &Spec) -> Self {
        let seed = Seed(spec.seed).of("land");
        let radius = (f64::from(spec.communities) * ROW / std::f64::consts::PI).sqrt();
        let bends = ["east", "north"].map(|way| Waves::new(seed.of(way), 0.55));
        let cells = chosen(seed, spec.communities as usize, radius);
        let mut land = Self {
            seed,
            radius,
            scale: 1.0,
            bends,
            cells,
        };
        let area: f64 = land
            .cells
            .iter()
            .map(|&cell| ring_area(corners(cell).map(|corner| land.place(corner)).into()))
            .sum();
        land.scale = (spec.area_km2 * 1e6 / area).sqrt();
        land
    }

    /// Positions of the cells that share a border with each.
    pub(crate) fn neighbours(&self) -> Vec<Vec<usize>> {
        let sides = self
            .cells
            .iter()
            .enumerate()
            .flat_map(|(position, &cell)| borders(cell).map(|border| (border, position)));
        let owner: BTreeMap<(Corner, Corner), usize> = sides.collect();
        self.cells
            .iter()
            .map(|&cell| {
                let others = borders(cell)
                    .into_iter()
                    .filter_map(|(from, to)| owner.get(&(to, from)).copied());
                others.collect()
            })
            .collect()
    }

    /// The middle of a cell, in metres.
    pub(crate) fn centre(&self, cell: Cell) -> Coord {
        self.laid(middle(cell))
    }

    /// Distance of a cell from the city's centre before cells are widened, about 1 at the rim.
    pub(crate) fn depth(&self, cell: Cell) -> f64 {
        let place = middle(cell);
        place.x.hypot(place.y) / self.radius
    }

    /// The land of one cell in metres, a ring anticlockwise.
    pub(crate) fn polygon(&self, cell: Cell) -> Polygon {
        let ring = borders(cell)
            .into_iter()
            .flat_map(|(from, to)| self.border(from, to));
        Polygon::new(ring.collect(), Vec::new())
    }

    /// The land of several cells: the borders that only one of them has, chained to rings. At a corner three borders meet, and
    /// none or two of them lie on the outline, so that the chain never has a choice.
    pub(crate) fn outline(&self, cells: &[Cell]) -> MultiPolygon {
        let edges: BTreeSet<(Corner, Corner)> =
            cells.iter().flat_map(|&cell| borders(cell)).collect();
        let outer = edges
            .iter()
            .filter(|&&(from, to)| !edges.contains(&(to, from)));
        let mut next: BTreeMap<Corner, Corner> = outer.copied().collect();
        let mut rings = Vec::new();
        while let Some((&start, _)) = next.first_key_value() {
            let (mut ring, mut corner) = (Vec::new(), start);
            while let Some(to) = next.remove(&corner) {
                ring.extend(self.border(corner, to));
                corner = to;
            }
            rings.push(LineString::from(ring));
        }
        nested(rings)
    }

    /// The border from one corner to the next, without its end, by midpoint displacement. The same vertices both ways.
    fn border(&self, from: Corner, to: Corner) -> Vec<Coord> {
        let (low, high) = (from.min(to), from.max(to));
        let seed = self
            .of_corner("border", low)
            .at(u64::from(high == (low.0, low.1 + 1)));
        let swing = self.swing(low, high).min(self.swing(high, low));
        let mut line = [Coord::zero(); LINES + 1];
        (line[0], line[LINES]) = (self.place(low), self.place(high));
        for step in [LINES, LINES / 2, LINES / 4] {
            for start in (0..LINES).step_by(step) {
                let along = line[start + step] - line[start];
                let aside = Coord {
                    x: -along.y,
                    y: along.x,
                } * (swing * seed.at((start + step / 2) as u64).signed());
                line[start + step / 2] = line[start] + along / 2.0 + aside;
            }
        }
        if from > to {
            line.reverse();
        }
        line[..LINES]
            .iter()
            .map(|&place| whole_centimetres(place))
            .collect()
    }

    /// How far a border may swing so that it does not meet the others at `corner`: it has half of the angle between.
    fn swing(&self, corner: Corner, to: Corner) -> f64 {
        let place = self.place(corner);
        let direction = |other: Corner| {
            let along = self.place(other) - place;
            along.y.atan2(along.x)
        };
        let (here, turn) = (direction(to), std::f64::consts::TAU);
        let others = next_corners(corner)
            .into_iter()
            .filter(|&other| other != to);
        let angles = others
            .map(|other| (direction(other) - here).rem_euclid(turn))
            .map(|angle| angle.min(turn - angle));
        let half = angles.fold(f64::INFINITY, f64::min) / 2.0;
        SWING.min(half.min(1.0).tan() / 6.0)
    }

    /// Where a corner lies, in metres.
    fn place(&self, corner: Corner) -> Coord {
        let mut rng = self.of_corner("corner", corner).stream();
        let (sin, cos) = angle(&mut rng).sin_cos();
        let stray = STRAY * rng.random::<f64>().sqrt();
        let up = if leads_up(corner) { LIFT } else { -LIFT };
        let flat = Coord {
            x: f64::from(corner.0) / 2.0,
            y: f64::from(corner.1) * ROW + up,
        };
        self.laid(flat + Coord { x: cos, y: sin } * stray)
    }

    /// From the lattice to metres: bent, and widened with the distance t from the centre so that the area of a cell goes from
    /// c at the centre as c + 1.5 (1 − c) t, with c = [`CENTRE_AREA`].
    fn laid(&self, flat: Coord) -> Coord {
        let unit_place = flat / self.radius;
        let bent = unit_place
            + Coord {
                x: self.bends[0].at(unit_place),
                y: self.bends[1].at(unit_place),
            } * BEND;
        let wide = (CENTRE_AREA + (1.0 - CENTRE_AREA) * bent.x.hypot(bent.y)).sqrt();
        bent * (wide * self.radius * self.scale)
    }

    fn of_corner(&self, usage: &str, corner: Corner) -> Seed {
        self.seed
            .of(usage)
            .at(u64::from(corner.0.cast_unsigned()))
            .at(u64::from(corner.1.cast_unsigned()))
    }
}

/// The `count` cells nearest to the land's middle, where nearness is stretched and shrunk smoothly with the direction: an
/// irregular outline round a land that hangs together.
fn chosen(seed: Seed, count: usize, radius: f64) -> Vec<Cell> {
    let mut rng = seed.of("outline").stream();
    let (sin, cos) = angle(&mut rng).sin_cos();
    let middle_of_land = Coord { x: cos, y: sin } * (OFFSET * radius);
    let phases: [f64; 5] = std::array::from_fn(|_| angle(&mut rng));
    let nearness = |cell: Cell| {
        let from_middle = middle(cell) - middle_of_land;
        let direction = from_middle.y.atan2(from_middle.x);
        let lobes = phases
            .iter()
            .zip(2_u8..)
            .map(|(phase, k)| (f64::from(k) * direction + phase).sin() / f64::from(k));
        from_middle.x.hypot(from_middle.y) / (1.0 + 0.25 * lobes.sum::<f64>())
    };
    let reach = (2.4 * radius) as i32 + 3;
    let grid = (-reach..=reach).flat_map(|row| (-reach..=reach).map(move |column| (column, row)));
    let mut cells: Vec<(f64, Cell)> = grid.map(|cell| (nearness(cell), cell)).collect();
    cells.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    cells
        .into_iter()
        .take(count)
        .map(|(_, cell)| cell)
        .collect()
}

/// The middle of a cell of the lattice.
fn middle(cell: Cell) -> Coord {
    Coord {
        x: f64::from(first_half_column(cell) + 1) / 2.0,
        y: (f64::from(cell.1) + 0.5) * ROW,
    }
}

/// Every second row is shifted by half a cell.
fn first_half_column((column, row): Cell) -> i32 {
    2 * column + row.rem_euclid(2)
}

/// Anticlockwise.
fn corners(cell: Cell) -> [Corner; 6] {
    let (first, row) = (first_half_column(cell), cell.1);
    [
        (first, row),
        (first + 1, row),
        (first + 2, row),
        (first + 2, row + 1),
        (first + 1, row + 1),
        (first, row + 1),
    ]
}

/// At every second corner the border that leads away from the line goes up, at the others down.
fn leads_up(corner: Corner) -> bool {
    (corner.0 - corner.1).rem_euclid(2) == 0
}

/// The other ends of the three borders at a corner.
fn next_corners(corner: Corner) -> [Corner; 3] {
    let (half_column, line) = corner;
    let away = if leads_up(corner) { line + 1 } else { line - 1 };
    [
        (half_column - 1, line),
        (half_column + 1, line),
        (half_column, away),
    ]
}

/// Anticlockwise.
fn borders(cell: Cell) -> [(Corner, Corner); 6] {
    let corners = corners(cell);
    std::array::from_fn(|side| (corners[side], corners[(side + 1) % 6]))
}

/// So that vertices survive being written as degrees with seven decimals (1.1 cm).
fn whole_centimetres(place: Coord) -> Coord {
    Coord {
        x: (place.x * 100.0).round() / 100.0,
        y: (place.y * 100.0).round() / 100.0,
    }
}

fn ring_area(ring: Vec<Coord>) -> f64 {
    Polygon::new(LineString::from(ring), Vec::new()).signed_area()
}

/// Anticlockwise rings as shells, clockwise ones as holes in the smallest shell that has them inside.
fn nested(rings: Vec<LineString>) -> MultiPolygon {
    let polygons = rings.into_iter().map(|ring| Polygon::new(ring, Vec::new()));
    let (mut shells, holes): (Vec<Polygon>, Vec<Polygon>) =
        polygons.partition(|polygon| polygon.signed_area() > 0.0);
    shells.sort_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
    for hole in holes {
        let start = hole.exterior().0[0];
        let around = shells.iter_mut().find(|shell| shell.contains(&start));
        around
            .expect("a hole lies in a shell")
            .interiors_push(hole.into_inner().0);
    }
    shells.reverse();
    MultiPolygon(shells)
}

#[cfg(test)]
mod tests {
    use geo::Validation;

    use super::*;

    #[test]
    fn a_cell_inside_seven_is_a_hole_when_it_is_left_out() {
        let land = Land::new(&Spec {
            communities: 40,
            ..Spec::demo()
        });
        let ring = [(-1, 0), (1, 0), (-1, 1), (0, 1), (-1, -1), (0, -1)];
        let outline = land.outline(&ring);
        assert_eq!((outline.0.len(), outline.0[0].interiors().len()), (1, 1));
        let sum: f64 = ring
            .iter()
            .map(|&cell| land.polygon(cell).unsigned_area())
            .sum();
        assert!((outline.unsigned_area() - sum).abs() < 1e-3);
        assert!(outline.is_valid());
    }

    #[test]
    fn the_land_has_the_area_asked_for_and_small_cells_in_the_centre() {
        let land = Land::new(&Spec {
            communities: 1_000,
            area_km2: 5_000.0,
            ..Spec::demo()
        });
        let areas: Vec<f64> = land
            .cells
            .iter()
            .map(|&cell| land.polygon(cell).unsigned_area() / 1e6)
            .collect();
        let sum: f64 = areas.iter().sum();
        assert!((sum / 5_000.0 - 1.0).abs() < 0.01, "{sum}");
        let central: Vec<f64> = land
            .cells
            .iter()
            .zip(&areas)
            .filter(|(cell, _)| land.depth(**cell) < 0.1)
            .map(|(_, &area)| area)
            .collect();
        let mean = central.iter().sum::<f64>() / central.len() as f64;
        assert!(mean > 0.5 && mean < 2.0, "{mean}");
    }
}
