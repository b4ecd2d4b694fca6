//! Areas as arcs that neighbours share, on a grid of whole numbers, with fewer points.
//!
//! A border between two areas is one arc, which both refer to: however it is simplified, no gap and no overlap opens between
//! them, and it is written once. Where borders part or meet, points stay as they are.

use std::collections::HashMap;

use geo::algorithm::SimplifyIdx;
use geo::{Coord, LineString, MultiPolygon};
use rayon::prelude::*;

/// A place on the grid of a [`Frame`].
pub(super) type Cell = (u16, u16);

/// A rectangle of degrees with a grid of 65,536 × 65,536 places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Frame {
    /// The smallest that holds all `places`; one of 0.01° round the origin where there are none.
    pub(super) fn around(places: impl Iterator<Item = Coord>) -> Self {
        let nothing = Self {
            west: f64::MAX,
            south: f64::MAX,
            east: f64::MIN,
            north: f64::MIN,
        };
        let mut frame = places.fold(nothing, |frame, place| Self {
            west: frame.west.min(place.x),
            south: frame.south.min(place.y),
            east: frame.east.max(place.x),
            north: frame.north.max(place.y),
        });
        if frame.west > frame.east {
            frame = Self {
                west: 0.0,
                south: 0.0,
                east: 0.0,
                north: 0.0,
            };
        }
        // A single place has room about it, so that the grid has a size.
        let room = |from: f64, to: f64| if to - from < 1e-6 { 0.005 } else { 0.0 };
        let (wide, high) = (room(frame.west, frame.east), room(frame.south, frame.north));
        Self {
            west: frame.west - wide,
            south: frame.south - high,
            east: frame.east + wide,
            north: frame.north + high,
        }
    }

    /// The nearest place of the grid; at the edge for what lies beyond.
    pub(super) fn cell(&self, place: Coord) -> Cell {
        (
            grid_step(place.x, self.west, self.east),
            grid_step(place.y, self.south, self.north),
        )
    }

    /// Whether it is within the rectangle.
    pub(super) fn holds(&self, place: Coord) -> bool {
        (self.west..=self.east).contains(&place.x) && (self.south..=self.north).contains(&place.y)
    }

    /// How wide a step east is, in steps north.
    fn aspect(&self) -> f64 {
        let middle = f64::midpoint(self.south, self.north).to_radians();
        ((self.east - self.west) * middle.cos() / (self.north - self.south)).max(1e-6)
    }
}

fn grid_step(value: f64, from: f64, to: f64) -> u16 {
    ((value - from) / (to - from) * 65_535.0).round() as u16
}

/// Areas as rings of arcs.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layer {
    /// The points of each arc, two at least.
    pub arcs: Vec<Vec<Cell>>,
    /// For each arc the areas on its two sides; `None` is outside.
    pub sides: Vec<[Option<u32>; 2]>,
    /// For each area its rings, to be filled evenodd: `k` is arc k as it is, `!k` the same backwards.
    pub areas: Vec<Vec<Vec<i32>>>,
}

impl Layer {
    /// The areas of `outlines`. Rings that are nothing on the grid are left out. At most about `most` points are kept, and all of
    /// those where arcs begin and end. O(n log n) in the number of points.
    pub(super) fn of(outlines: &[&MultiPolygon], frame: &Frame, most: usize) -> Self {
        let rings: Vec<Vec<Vec<Cell>>> = outlines
            .par_iter()
            .map(|outline| rings(outline, frame))
            .collect();
        let junctions = Junctions::of(rings.iter().flatten());
        let mut layer = Self::default();
        let mut arc_at: HashMap<Vec<Cell>, usize> = HashMap::new();
        for (rings, area) in rings.iter().zip(0..) {
            let mut references = Vec::new();
            for ring in rings {
                let arcs = cut(ring, &junctions).into_iter();
                references.push(
                    arcs.map(|arc| layer.refer(arc, area, &mut arc_at))
                        .collect(),
                );
            }
            layer.areas.push(references);
        }
        layer.simplify(frame.aspect(), most);
        layer
    }

    /// The reference to an arc, which is new unless a neighbour has it.
    fn refer(&mut self, arc: Vec<Cell>, area: u32, arc_at: &mut HashMap<Vec<Cell>, usize>) -> i32 {
        let backwards: Vec<Cell> = arc.iter().rev().copied().collect();
        let turned = backwards < arc;
        let arc = if turned { backwards } else { arc };
        let position = *arc_at.entry(arc).or_insert_with_key(|arc| {
            self.arcs.push(arc.clone());
            self.sides.push([None; 2]);
            self.arcs.len() - 1
        });
        self.sides[position][usize::from(turned)] = Some(area);
        if turned {
            !(position as i32)
        } else {
            position as i32
        }
    }

    /// Doubles the tolerance, from a quarter of a step on, until there are few enough points.
    fn simplify(&mut self, aspect: f64, most: usize) {
        let mut tolerance = 0.25;
        loop {
            let simple: Vec<Vec<Cell>> = self
                .arcs
                .par_iter()
                .map(|arc| simplified(arc, aspect, tolerance))
                .collect();
            let count: usize = simple.iter().map(Vec::len).sum();
            if count <= most || tolerance > 4096.0 {
                self.arcs = simple;
                return;
            }
            tolerance *= 2.0;
        }
    }
}

/// The rings of an outline on the grid, without their closing points; each with three places at least.
fn rings(outline: &MultiPolygon, frame: &Frame) -> Vec<Vec<Cell>> {
    let linestrings = outline
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    linestrings
        .map(|ring| {
            let mut cells: Vec<Cell> = ring.coords().map(|&place| frame.cell(place)).collect();
            cells.dedup();
            while cells.len() > 1 && cells.first() == cells.last() {
                cells.pop();
            }
            cells
        })
        .filter(|ring| ring.len() >= 3)
        .collect()
}

/// Where borders part or meet: points whose neighbours differ between the rings that pass through them.
struct Junctions(HashMap<Cell, ([Cell; 2], bool)>);

impl Junctions {
    fn of<'a>(rings: impl Iterator<Item = &'a Vec<Cell>>) -> Self {
        let mut cells: HashMap<Cell, ([Cell; 2], bool)> = HashMap::new();
        for ring in rings {
            let count = ring.len();
            for (position, &cell) in ring.iter().enumerate() {
                let mut beside = [
                    ring[(position + count - 1) % count],
                    ring[(position + 1) % count],
                ];
                beside.sort_unstable();
                let entry = cells.entry(cell).or_insert((beside, false));
                entry.1 |= entry.0 != beside;
            }
        }
        Self(cells)
    }

    fn has(&self, cell: Cell) -> bool {
        self.0.get(&cell).is_some_and(|entry| entry.1)
    }
}

/// A ring cut where borders meet; one that meets none begins at its least point, as its neighbour's does.
fn cut(ring: &[Cell], junctions: &Junctions) -> Vec<Vec<Cell>> {
    let count = ring.len();
    let junction = (0..count).find(|&position| junctions.has(ring[position]));
    let start = junction
        .or_else(|| (0..count).min_by_key(|&position| ring[position]))
        .unwrap_or(0);
    let mut arcs = Vec::new();
    let mut arc = vec![ring[start]];
    for step in 1..=count {
        let cell = ring[(start + step) % count];
        arc.push(cell);
        if step == count || junctions.has(cell) {
            arcs.push(std::mem::replace(&mut arc, vec![cell]));
        }
    }
    arcs
}

/// Douglas–Peucker between the two ends. A closed arc is cut at the point farthest from its beginning, and keeps three places.
fn simplified(arc: &[Cell], aspect: f64, tolerance: f64) -> Vec<Cell> {
    let point = |&(x, y): &Cell| Coord {
        x: f64::from(x) * aspect,
        y: f64::from(y),
    };
    let part = |part: &[Cell]| -> Vec<Cell> {
        let line = LineString(part.iter().map(point).collect());
        line.simplify_idx(tolerance)
            .into_iter()
            .map(|position| part[position])
            .collect()
    };
    if arc.first() != arc.last() {
        return part(arc);
    }
    let distance = |from: Cell, to: Cell| {
        let (from, to) = (point(&from), point(&to));
        (from.x - to.x).powi(2) + (from.y - to.y).powi(2)
    };
    let far = (1..arc.len() - 1)
        .max_by(|&a, &b| distance(arc[0], arc[a]).total_cmp(&distance(arc[0], arc[b])));
    let far = far.unwrap_or(0);
    let mut places = part(&arc[..=far]);
    places.extend(&part(&arc[far..])[1..]);
    if places.len() < 4 {
        // A ring of two places and back has no area: the point farthest from both stays, too.
        let from_both = |position: &usize| {
            distance(arc[0], arc[*position]).min(distance(arc[far], arc[*position]))
        };
        let others = (1..arc.len() - 1).filter(|&position| position != far);
        if let Some(third) = others.max_by(|a, b| from_both(a).total_cmp(&from_both(b))) {
            let (a, b) = (third.min(far), third.max(far));
            places = vec![arc[0], arc[a], arc[b], arc[0]];
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(rings: &[&[(f64, f64)]]) -> MultiPolygon {
        let mut lines = rings.iter().map(|ring| LineString::from(ring.to_vec()));
        MultiPolygon(vec![geo::Polygon::new(
            lines.next().unwrap(),
            lines.collect(),
        )])
    }

    const FRAME: Frame = Frame {
        west: 0.0,
        south: 0.0,
        east: 65_535.0,
        north: 65_535.0,
    };

    /// The places of a ring, in order, as its arcs give them.
    fn walked(layer: &Layer, ring: &[i32]) -> Vec<Cell> {
        let mut cells: Vec<Cell> = Vec::new();
        for &reference in ring {
            let mut arc =
                layer.arcs[if reference < 0 { !reference } else { reference } as usize].clone();
            if reference < 0 {
                arc.reverse();
            }
            assert!(
                cells.last().is_none_or(|last| *last == arc[0]),
                "arcs hang together"
            );
            cells.extend(&arc[usize::from(!cells.is_empty())..]);
        }
        assert_eq!(cells.first(), cells.last(), "a ring is closed");
        cells
    }

    #[test]
    fn neighbours_share_their_border() {
        let left = area(&[&[
            (0., 0.),
            (10., 0.),
            (12., 5.),
            (10., 10.),
            (0., 10.),
            (0., 0.),
        ]]);
        let right = area(&[&[
            (10., 0.),
            (20., 0.),
            (20., 10.),
            (10., 10.),
            (12., 5.),
            (10., 0.),
        ]]);
        let layer = Layer::of(&[&left, &right], &FRAME, 1000);
        assert_eq!(layer.arcs.len(), 3);
        let shared: Vec<_> = layer
            .sides
            .iter()
            .filter(|sides| sides.iter().all(Option::is_some))
            .collect();
        assert_eq!(shared.len(), 1);
        for rings in &layer.areas {
            assert_eq!(walked(&layer, &rings[0]).len(), 6);
        }
    }

    #[test]
    fn an_enclave_is_the_hole_of_the_one_around() {
        let hole = [(30., 30.), (40., 30.), (40., 40.), (30., 40.), (30., 30.)];
        let turned = [(40., 30.), (40., 40.), (30., 40.), (30., 30.), (40., 30.)];
        let around = area(&[
            &[(0., 0.), (90., 0.), (90., 90.), (0., 90.), (0., 0.)],
            &hole,
        ]);
        let layer = Layer::of(&[&around, &area(&[&turned])], &FRAME, 1000);
        assert_eq!(layer.arcs.len(), 2);
        assert_eq!(layer.areas[0][1].len(), 1);
        assert_eq!(layer.areas[1][0].len(), 1);
    }

    #[test]
    fn few_points_keep_rings_and_shared_ends() {
        // A wavy border between two areas, and a small round island.
        let wave: Vec<(f64, f64)> = (0..=400)
            .map(|step| {
                (
                    1000.0 + 40.0 * f64::from(step).sin(),
                    f64::from(step) * 10.0,
                )
            })
            .collect();
        let mut left = vec![(0., 4000.), (0., 0.)];
        left.extend(&wave);
        left.push((0., 4000.));
        let mut right = vec![(3000., 0.), (3000., 4000.)];
        right.extend(wave.iter().rev());
        right.push((3000., 0.));
        let island: Vec<(f64, f64)> = (0..=36)
            .map(|step| f64::from(step % 36).to_radians() * 10.0)
            .map(|turn| (5000.0 + 3.0 * turn.cos(), 5000.0 + 3.0 * turn.sin()))
            .collect();
        let areas = [area(&[&left]), area(&[&right]), area(&[&island])];
        let layer = Layer::of(&areas.iter().collect::<Vec<_>>(), &FRAME, 30);
        assert!(layer.arcs.iter().map(Vec::len).sum::<usize>() <= 30);
        for rings in &layer.areas {
            let mut places = walked(&layer, &rings[0]);
            places.sort_unstable();
            places.dedup();
            assert!(places.len() >= 3, "an area stays one");
        }
        assert_eq!(
            layer
                .sides
                .iter()
                .filter(|sides| sides.iter().all(Option::is_some))
                .count(),
            1
        );
    }

    #[test]
    fn a_ring_that_is_nothing_on_the_grid_is_left_out() {
        let speck = area(&[&[(5.1, 5.1), (5.2, 5.1), (5.2, 5.2), (5.1, 5.1)]]);
        assert_eq!(
            Layer::of(&[&speck], &FRAME, 10).areas,
            [Vec::<Vec<i32>>::new()]
        );
    }
}
