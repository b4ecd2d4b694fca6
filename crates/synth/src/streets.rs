//! Streets: a rough lattice, as large as wanted, in which some of the streets are missing.

use fuwutu_core::city::Records;
use fuwutu_core::quantity::Point;
use fuwutu_core::reach::roads::{Access, Edge, RoadRecords};

use crate::chance::splitmix;

/// A lattice of crossings and of streets between neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lattice {
    /// Crossings from west to east.
    pub columns: u32,
    /// Crossings from south to north.
    pub rows: u32,
    /// From one to the next, in millimetres; each is moved by up to a quarter of it either way.
    pub spacing: i32,
    /// The place of the crossing in the south-west, before it is moved.
    pub corner: Point,
    /// How many of 1,000 streets there are.
    pub kept: u64,
    /// Another seed, other streets.
    pub seed: u64,
}

impl Lattice {
    /// Over all places of a city, of crossings so far apart that they are about `nodes`. One street in seven is missing, which
    /// makes trips some 1.4 times as long as the crow flies.
    ///
    /// # Panics
    /// Where the records have no demand point, or `nodes` is 0.
    #[must_use]
    pub fn over(records: &Records, nodes: u32, seed: u64) -> Self {
        let places = || records.points.iter().map(|(point, _)| point.at);
        let (west, east) = (
            places().map(|place| place.x).min(),
            places().map(|place| place.x).max(),
        );
        let (south, north) = (
            places().map(|place| place.y).min(),
            places().map(|place| place.y).max(),
        );
        let (Some(west), Some(east), Some(south), Some(north)) = (west, east, south, north) else {
            panic!("a city without demand points has no streets");
        };
        assert!(nodes > 0, "a network has crossings");
        let (width, height) = (
            f64::from(east) - f64::from(west),
            f64::from(north) - f64::from(south),
        );
        let spacing = (width * height / f64::from(nodes)).sqrt().max(20_000.0) as i32;
        let count = |length: f64| (length / f64::from(spacing)) as u32 + 2;
        let corner = Point {
            x: west - spacing / 2,
            y: south - spacing / 2,
        };
        Self {
            columns: count(width),
            rows: count(height),
            spacing,
            corner,
            kept: 850,
            seed,
        }
    }

    /// Its streets, in the order of their crossings; crossings without a street are there, too. Lengths are those of straight
    /// lines.
    #[must_use]
    pub fn roads(&self) -> RoadRecords {
        let Self { columns, rows, .. } = *self;
        let mut records = RoadRecords::default();
        for node in 0..columns * rows {
            records.nodes.push(self.crossing(node));
            let neighbours = [
                (node % columns + 1 < columns).then_some(node + 1),
                (node / columns + 1 < rows).then_some(node + columns),
            ];
            for (to, side) in neighbours.into_iter().zip(0_u64..) {
                let number = self.number((1 << 40) + 2 * u64::from(node) + side);
                if let Some(to) = to.filter(|_| number % 1000 < self.kept) {
                    records.edges.push(Edge {
                        from: node,
                        to,
                        length: 0,
                        access: Access::everybody(),
                    });
                }
            }
        }
        records
    }

    fn number(&self, item: u64) -> u64 {
        splitmix(item.wrapping_add(self.seed << 48))
    }

    fn crossing(&self, node: u32) -> Point {
        let moved = self.number(u64::from(node));
        let move_by = |bits: u64| {
            ((bits & 0xffff) as i64 * i64::from(self.spacing) / (2 << 16)) as i32 - self.spacing / 4
        };
        let place = |step: u32, bits: u64| step as i32 * self.spacing + move_by(bits);
        Point {
            x: self.corner.x + place(node % self.columns, moved),
            y: self.corner.y + place(node / self.columns, moved >> 16),
        }
    }
}

/// The streets of a network that hang together with the most others, with the crossings they lead to, in their order.
#[must_use]
pub fn largest_part(records: &RoadRecords) -> RoadRecords {
    let mut root: Vec<u32> = (0..records.nodes.len() as u32).collect();
    for edge in &records.edges {
        let (a, b) = (root_of(&mut root, edge.from), root_of(&mut root, edge.to));
        root[a.max(b) as usize] = a.min(b);
    }
    let mut sizes = vec![0_u32; root.len()];
    let roots: Vec<u32> = (0..root.len() as u32)
        .map(|node| root_of(&mut root, node))
        .collect();
    roots.iter().for_each(|&root| sizes[root as usize] += 1);
    let largest = (0..sizes.len())
        .max_by_key(|&root| (sizes[root], std::cmp::Reverse(root)))
        .unwrap_or(0) as u32;
    let mut position = vec![0; root.len()];
    let mut kept = RoadRecords::default();
    for (node, _) in roots
        .iter()
        .enumerate()
        .filter(|(_, root)| **root == largest)
    {
        position[node] = kept.nodes.len() as u32;
        kept.nodes.push(records.nodes[node]);
    }
    let inside = records
        .edges
        .iter()
        .filter(|edge| roots[edge.from as usize] == largest);
    kept.edges = inside
        .map(|edge| Edge {
            from: position[edge.from as usize],
            to: position[edge.to as usize],
            ..*edge
        })
        .collect();
    kept
}

/// The root of a node in a forest of parents; shortens the ways it goes.
fn root_of(root: &mut [u32], mut node: u32) -> u32 {
    while root[node as usize] != node {
        root[node as usize] = root[root[node as usize] as usize];
        node = root[node as usize];
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thirds_of_the_streets_are_there_and_most_hang_together() {
        let lattice = Lattice {
            columns: 100,
            rows: 100,
            spacing: 100_000,
            corner: Point { x: 0, y: 0 },
            kept: 650,
            seed: 1,
        };
        let roads = lattice.roads();
        assert_eq!(roads.nodes.len(), 10_000);
        assert!(
            (12_500..13_300).contains(&roads.edges.len()),
            "{}",
            roads.edges.len()
        );
        let part = largest_part(&roads);
        assert!(
            part.nodes.len() > 9_300 && part.nodes.len() < 10_000,
            "{}",
            part.nodes.len()
        );
        assert!(
            part.edges
                .iter()
                .all(|edge| edge.from < edge.to && (edge.to as usize) < part.nodes.len())
        );
        assert_eq!(roads.nodes, lattice.roads().nodes);
    }
}
