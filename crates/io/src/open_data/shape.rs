//! Places and areas of an extract in a plane.

use std::collections::{BTreeMap, BTreeSet};

use geo::algorithm::bool_ops::FillRule;
use geo::orient::Direction;
use geo::{
    Area, BooleanOps, BoundingRect, Centroid, Contains, Coord, InteriorPoint, LineString,
    MultiPolygon, Orient, Point, Polygon,
};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::extract::{Border, Extract, Thing};
use crate::frame::Projection;

/// An extract and the plane that it is measured in.
pub(super) struct Plane<'a> {
    pub extract: &'a Extract,
    pub projection: &'a Projection,
}

/// An area as the file has it.
pub(super) struct Shape {
    /// Sound, outer rings counter-clockwise. Empty where no ring closes.
    pub polygon: MultiPolygon,
    pub border: Border,
    /// Whether all of its border is there and closes.
    pub whole: bool,
}

impl Plane<'_> {
    /// The place of a node by its position.
    pub(super) fn place(&self, node: u32) -> Coord {
        let node = self.extract.nodes.all[node as usize];
        self.projection.to_plane(node.degrees())
    }

    /// The area that a way or a relation goes round.
    pub(super) fn shape(&self, thing: Thing) -> Shape {
        let border = self.extract.border(thing);
        let (rings, open) = rings(&border.lines);
        let polygons = rings.iter().filter(|ring| ring.len() > 3).map(|ring| {
            let places = ring.iter().map(|&node| self.place(node)).collect();
            Polygon::new(LineString::new(places), Vec::new())
        });
        let polygons: Vec<Polygon> = polygons.filter(|each| each.unsigned_area() > 0.0).collect();
        Shape {
            whole: border.missing == 0 && open == 0 && !polygons.is_empty(),
            polygon: sound(polygons),
            border,
        }
    }

    /// Where a thing is, and its area in m² if it has one and all of its border is there: a node's place; the middle of an area, within
    /// it; the middle node of a line, and of what the extract cuts.
    pub(super) fn middle(&self, thing: Thing) -> Option<(Coord, Option<f64>, Shape)> {
        let shape = self.shape(thing);
        if shape.whole {
            let at = inner(&shape.polygon)?;
            return Some((at, Some(shape.polygon.unsigned_area()), shape));
        }
        let nodes = self.extract.known(thing);
        let at = self.place(*nodes.get(nodes.len() / 2)?);
        Some((at, None, shape))
    }
}

/// A place within an area: its centroid, if that lies within.
pub(super) fn inner(area: &MultiPolygon) -> Option<Coord> {
    let centroid = area.centroid()?;
    let place = match area.contains(&centroid) {
        true => centroid,
        false => area.interior_point()?,
    };
    Some(place.0)
}

/// What rings go round: what lies within an odd number of them. So holes are holes, and islands in them land.
fn sound(polygons: Vec<Polygon>) -> MultiPolygon {
    let polygon = MultiPolygon::new(polygons);
    let simple = matches!(polygon.0.as_slice(), [only] if only.exterior().0.len() <= 5);
    let polygon = match simple {
        // Most buildings.
        true => polygon,
        false => polygon.union_with_fill_rule(&MultiPolygon::new(Vec::new()), FillRule::EvenOdd),
    };
    polygon.orient(Direction::Default)
}

/// The rings that lines join to, and how many lines are in none.
fn rings(lines: &[Vec<u32>]) -> (Vec<Vec<u32>>, usize) {
    let mut ends: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        for end in [line[0], line[line.len() - 1]] {
            ends.entry(end).or_default().push(at);
        }
    }
    let (mut used, mut rings, mut open) = (vec![false; lines.len()], Vec::new(), 0);
    for first in 0..lines.len() {
        if std::mem::replace(&mut used[first], true) {
            continue;
        }
        let mut ring = lines[first].clone();
        let mut joined = 1;
        while ring.first() != ring.last() {
            let end = ring[ring.len() - 1];
            // Lines that were used are dropped, so that all lines are looked at twice at most.
            let found = ends.get_mut(&end).and_then(|lines| {
                while let Some(line) = lines.pop() {
                    if !std::mem::replace(&mut used[line], true) {
                        return Some(line);
                    }
                }
                None
            });
            let Some(next) = found else { break };
            joined += 1;
            let line = &lines[next];
            match line[0] == end {
                true => ring.extend(&line[1..]),
                false => ring.extend(line.iter().rev().skip(1)),
            }
        }
        match ring.first() == ring.last() {
            true => rings.push(ring),
            false => open += joined,
        }
    }
    (rings, open)
}

/// Areas by where they are.
pub(super) struct Areas<'a> {
    areas: Vec<&'a MultiPolygon>,
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl<'a> Areas<'a> {
    pub(super) fn new(areas: Vec<&'a MultiPolygon>) -> Self {
        let boxes = areas.iter().zip(0_usize..).filter_map(|(area, at)| {
            let bounds = area.bounding_rect()?;
            let corners = [bounds.min(), bounds.max()].map(|at| [at.x, at.y]);
            let [low, high] = corners;
            Some(GeomWithData::new(Rectangle::from_corners(low, high), at))
        });
        Self {
            boxes: RTree::bulk_load(boxes.collect()),
            areas,
        }
    }

    /// The first area in which a place lies.
    pub(super) fn find(&self, at: Coord) -> Option<usize> {
        let here = AABB::from_point([at.x, at.y]);
        let near = self.boxes.locate_in_envelope_intersecting(&here);
        let near: BTreeSet<usize> = near.map(|hit| hit.data).collect();
        let mut near = near.into_iter();
        near.find(|&area| self.areas[area].contains(&Point(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_join_to_rings_whichever_way_they_run() {
        // A square in three pieces, one of them backwards; a ring by itself; a line that leads nowhere.
        let lines = vec![
            vec![1, 2],
            vec![4, 3, 2],
            vec![4, 1],
            vec![7, 8, 9, 7],
            vec![5, 6],
        ];
        let (rings, open) = rings(&lines);
        assert_eq!(rings, [vec![1, 2, 3, 4, 1], vec![7, 8, 9, 7]]);
        assert_eq!(open, 1);
    }
}
