//! A township as a graph: what units are made of, with residents and places, and who borders on whom.

use geo::Coord;

use super::contiguity::DisjointSets;
use crate::position::{NodeAt, PartAt};

/// Nodes with weights and places, joined by edges.
#[derive(Debug, Clone)]
pub struct Graph {
    nodes: Vec<(u64, Coord)>,
    edges: Vec<(NodeAt, NodeAt)>,
    neighbours: Vec<Vec<NodeAt>>,
}

impl Graph {
    /// From nodes (weight, place in metres) and edges between their positions.
    pub fn new(nodes: Vec<(u64, Coord)>, edges: impl Iterator<Item = (NodeAt, NodeAt)>) -> Self {
        let edges: Vec<(NodeAt, NodeAt)> = edges.collect();
        let mut neighbours = vec![Vec::new(); nodes.len()];
        for &(a, b) in &edges {
            neighbours[a].push(b);
            neighbours[b].push(a);
        }
        neighbours.iter_mut().for_each(|list| list.sort_unstable());
        Self {
            nodes,
            edges,
            neighbours,
        }
    }

    /// Weight and place of each node.
    #[must_use]
    pub fn nodes(&self) -> &[(u64, Coord)] {
        &self.nodes
    }

    /// Whether `members` (not empty) hang together.
    #[must_use]
    pub fn connected(&self, members: &[NodeAt]) -> bool {
        let mut left: Vec<NodeAt> = members[1..].to_vec();
        let mut front = vec![members[0]];
        while let Some(node) = front.pop() {
            let near = self.near(node);
            left.retain(|node| {
                let reached = near.binary_search(node).is_ok();
                if reached {
                    front.push(*node);
                }
                !reached
            });
        }
        left.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn edges(&self) -> &[(NodeAt, NodeAt)] {
        &self.edges
    }

    pub(super) fn weight(&self, node: NodeAt) -> u64 {
        self.nodes[node].0
    }

    /// The weight of an average node, at least 1.
    pub(super) fn mean_weight(&self) -> u64 {
        let sum: u64 = self.nodes.iter().map(|node| node.0).sum();
        (sum / self.nodes.len().max(1) as u64).max(1)
    }

    /// The distance between two nodes, in metres.
    pub(super) fn length(&self, a: NodeAt, b: NodeAt) -> f64 {
        let delta = self.nodes[a].1 - self.nodes[b].1;
        // Not `hypot`, whose last digit differs between platforms.
        (delta.x * delta.x + delta.y * delta.y).sqrt()
    }

    /// The nodes of each connected part, by their lowest node.
    pub(super) fn components(&self) -> Vec<Vec<NodeAt>> {
        let mut sets = DisjointSets::new(self.nodes.len());
        self.edges.iter().for_each(|&(a, b)| {
            sets.join(a, b);
        });
        let mut parts: Vec<Vec<NodeAt>> = vec![Vec::new(); self.nodes.len()];
        for node in NodeAt::first(self.nodes.len()) {
            parts[sets.root(node)].push(node);
        }
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The nodes that share an edge with `node`, ascending.
    pub(super) fn near(&self, node: NodeAt) -> &[NodeAt] {
        &self.neighbours[node]
    }

    /// The graph of some nodes (ascending), renumbered in their order, with weights of at most `cap`.
    pub(super) fn part(&self, members: &[NodeAt], cap: u64) -> Self {
        let new = |old: NodeAt| members.binary_search(&old).ok().map(NodeAt::new);
        let nodes = members
            .iter()
            .map(|&old| self.nodes[old])
            .map(|(w, place)| (w.min(cap), place));
        let edges = self
            .edges
            .iter()
            .filter_map(|&(a, b)| Some((new(a)?, new(b)?)));
        Self::new(nodes.collect(), edges)
    }
}

/// The same parts, numbered by their lowest node and without a gap.
pub(super) fn numbered_by_lowest(part_of: &[PartAt]) -> Vec<PartAt> {
    let most = part_of.iter().max().map_or(0, |most| most.index() + 1);
    let mut numbers = vec![None; most];
    let mut next = 0..;
    part_of
        .iter()
        .map(|&part| {
            let number = &mut numbers[part];
            *number = number.or_else(|| next.next());
            PartAt(number.unwrap_or_default())
        })
        .collect()
}

/// How many parts a division has whose parts are numbered without a gap.
pub(super) fn part_count(part_of: &[PartAt]) -> u32 {
    part_of.iter().max().map_or(0, |most| most.0 + 1)
}
