//! Parts: edges of the network that hang together.

use crate::reach::roads::Roads;
use crate::service::Mode;

/// A network has parts: edges that hang together for a mode.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// The part of each edge that the mode may use; `u32::MAX` for others. Numbered in the order of their first edge.
    pub of_edge: Vec<u32>,
    /// In millimetres, of each part.
    pub lengths: Vec<u64>,
}

impl Parts {
    /// The parts of the network of `mode`. One-way streets join their ends, and private ways theirs; a blocked node joins nothing.
    pub(super) fn new(roads: &Roads, mode: Mode) -> Self {
        Self::among(roads, mode, |_| true)
    }

    /// The same of some of the edges.
    pub(super) fn among(roads: &Roads, mode: Mode, some: impl Fn(usize) -> bool) -> Self {
        let mut root: Vec<u32> = (0..roads.nodes().len() as u32).collect();
        let usable = |edge_at: usize| roads.edges()[edge_at].access.any(mode) && some(edge_at);
        for (edge_at, edge) in roads.edges().iter().enumerate() {
            if usable(edge_at) && !roads.blocked(edge.from, mode) && !roads.blocked(edge.to, mode) {
                let (a, b) = (find(&mut root, edge.from), find(&mut root, edge.to));
                root[a.max(b) as usize] = a.min(b);
            }
        }
        let mut parts = Self {
            of_edge: vec![u32::MAX; roads.edges().len()],
            lengths: Vec::new(),
        };
        let mut of_root = vec![u32::MAX; roads.nodes().len()];
        for (edge_at, edge) in roads
            .edges()
            .iter()
            .enumerate()
            .filter(|(edge_at, _)| usable(*edge_at))
        {
            // Where one end is blocked, the street belongs to what is beyond the other.
            let end = if roads.blocked(edge.from, mode) {
                edge.to
            } else {
                edge.from
            };
            let part = &mut of_root[find(&mut root, end) as usize];
            if *part == u32::MAX {
                *part = parts.lengths.len() as u32;
                parts.lengths.push(0);
            }
            parts.of_edge[edge_at] = *part;
            parts.lengths[*part as usize] += u64::from(edge.length);
        }
        parts
    }
}

/// The lowest node that hangs together with `node`, with the way to it made shorter.
fn find(root: &mut [u32], mut node: u32) -> u32 {
    while root[node as usize] != node {
        let above = root[node as usize];
        root[node as usize] = root[above as usize];
        node = above;
    }
    node
}
