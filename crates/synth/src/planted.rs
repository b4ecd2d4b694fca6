//! Townships whose least number of units is known, because they were made from it: graphs grown into parts that are then filled
//! to the same share of the cap.

use fuwutu_core::position::NodeAt;
use fuwutu_core::units::graph::Graph;
use geo::Coord;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::chance::{apportion, normal};

/// Most residents of a unit, in the unit of weights.
pub const PLANTED_CAP: u64 = 100_000;

/// What communities look like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pattern {
    /// Squares in so many columns, neighbours by their sides.
    Grid {
        /// Squares in a row.
        columns: usize,
    },
    /// The Voronoi cells of random places in a square, neighbours by their borders.
    Voronoi,
}

/// A township that divides into units by construction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planted {
    /// How its communities lie.
    pub pattern: Pattern,
    /// How many there are.
    pub communities: usize,
    /// The units, at most one a community.
    pub units: usize,
    /// What share of [`PLANTED_CAP`] each of them is filled to, at most 1.
    pub fill: f64,
    /// How much communities differ: the standard deviation of the logarithm of their residents.
    pub sigma: f64,
    /// Chooses among all such townships.
    pub seed: u64,
}

impl Planted {
    /// The township. It divides into `units` contiguous parts of equal weight, the whole number nearest to `fill` × the cap; if
    /// `units` × (1 − `fill`) is less than 1, no division has fewer. O(communities²).
    #[must_use]
    pub fn graph(&self) -> Graph {
        let mut random = Pcg64Mcg::seed_from_u64(self.seed);
        let (places, edges) = match self.pattern {
            Pattern::Grid { columns } => grid(self.communities, columns),
            Pattern::Voronoi => voronoi(self.communities, &mut random),
        };
        let bare = Graph::new(
            places.iter().map(|&place| (0, place)).collect(),
            edges.iter().copied(),
        );
        let parts = grown(&edges, self.communities, self.units, &mut random);
        debug_assert!(parts.iter().all(|part| bare.connected(part)));
        let total = (self.fill * PLANTED_CAP as f64).round() as u64;
        let mut nodes = bare.nodes().to_vec();
        for part in parts {
            let shares = part
                .iter()
                .map(|_| (self.sigma * normal(&mut random)).exp());
            let weights = apportion(total, 0, &shares.collect::<Vec<f64>>());
            for (node, weight) in part.into_iter().zip(weights) {
                nodes[node].0 = weight;
            }
        }
        Graph::new(nodes, edges.into_iter())
    }
}

type Land = (Vec<Coord>, Vec<(NodeAt, NodeAt)>);

fn grid(count: usize, columns: usize) -> Land {
    let places = (0..count).map(|node| Coord {
        x: (node % columns) as f64 * 500.0,
        y: (node / columns) as f64 * 500.0,
    });
    let beside = |node: usize| {
        let right = (node % columns + 1 < columns).then_some(node + 1);
        let both = right.into_iter().chain([node + columns]);
        both.filter(move |&other| other < count)
            .map(move |other| (NodeAt::new(node), NodeAt::new(other)))
    };
    (places.collect(), (0..count).flat_map(beside).collect())
}

fn voronoi(count: usize, random: &mut Pcg64Mcg) -> Land {
    const SIDE: f64 = 10_000.0;
    let places: Vec<Coord> = (0..count)
        .map(|_| Coord {
            x: random.random_range(0.0..SIDE),
            y: random.random_range(0.0..SIDE),
        })
        .collect();
    let corner = |x, y| Coord { x, y };
    let square = [(0.0, 0.0), (SIDE, 0.0), (SIDE, SIDE), (0.0, SIDE)];
    let mut edges = Vec::new();
    for (node, &place) in NodeAt::enumerate(&places) {
        // The square, cut down to what is nearer to this place than to each other one; each side knows whom it is against.
        let mut cell: Vec<(Coord, Option<NodeAt>)> =
            square.iter().map(|&(x, y)| (corner(x, y), None)).collect();
        for (other, &there) in NodeAt::enumerate(&places) {
            if other != node {
                cell = nearer(&cell, place, there, other);
            }
        }
        let beside = cell.iter().filter_map(|(_, other)| *other);
        edges.extend(
            beside
                .filter(|&other| other > node)
                .map(|other| (node, other)),
        );
    }
    edges.sort_unstable();
    edges.dedup();
    (places, edges)
}

/// The part of a convex ring that is nearer to `place` than to `there`. Each corner says whom the side after it is against.
fn nearer(
    ring: &[(Coord, Option<NodeAt>)],
    place: Coord,
    there: Coord,
    other: NodeAt,
) -> Vec<(Coord, Option<NodeAt>)> {
    let (middle, away) = ((place + there) / 2.0, there - place);
    let side = |at: Coord| (at.x - middle.x) * away.x + (at.y - middle.y) * away.y;
    let mut cut = Vec::with_capacity(ring.len() + 1);
    for (position, &(from, against)) in ring.iter().enumerate() {
        let to = ring[(position + 1) % ring.len()].0;
        let (a, b) = (side(from), side(to));
        if a <= 0.0 {
            cut.push((from, against));
        }
        if (a <= 0.0) != (b <= 0.0) {
            let crossing = from + (to - from) * (a / (a - b));
            // Where the ring leaves, the new side begins; where it comes back, the old one goes on.
            cut.push((crossing, if a <= 0.0 { Some(other) } else { against }));
        }
    }
    cut
}

/// Contiguous parts of nearly equal size: from random starts, the smallest part that can grow takes a random free neighbour.
fn grown(
    edges: &[(NodeAt, NodeAt)],
    count: usize,
    units: usize,
    random: &mut Pcg64Mcg,
) -> Vec<Vec<NodeAt>> {
    let mut near = vec![Vec::new(); count];
    for &(a, b) in edges {
        near[a].push(b);
        near[b].push(a);
    }
    let mut taken = vec![false; count];
    let mut parts: Vec<Vec<NodeAt>> = Vec::new();
    while parts.len() < units {
        let start = NodeAt(random.random_range(0..count as u32));
        if !std::mem::replace(&mut taken[start], true) {
            parts.push(vec![start]);
        }
    }
    loop {
        let free = |part: &Vec<NodeAt>| -> Vec<NodeAt> {
            let beside = part.iter().flat_map(|&node| &near[node]);
            beside.copied().filter(|&node| !taken[node]).collect()
        };
        let grows = parts.iter_mut().map(|part| (free(part), part));
        let grows = grows.filter(|(free, _)| !free.is_empty());
        let Some((free, part)) = grows.min_by_key(|(_, part)| part.len()) else {
            return parts;
        };
        let next = free[random.random_range(0..free.len())];
        taken[next] = true;
        part.push(next);
    }
}
