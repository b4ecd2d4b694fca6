//! Private grounds: where a mode's trips may begin and end, and never only pass through.
//!
//! A trip is a way P\* O\* P\*: over private arcs from where it begins, over open ones, over private ones to where it ends; each
//! of the three may be empty. In no other order: it does not come from an open street through private ground to an open street.
//!
//! **Nodes.** A node that touches open and private edges has a *twin*: its private edges hang on the twin, its open ones on the
//! node. Node → twin *enters*, twin → node *leaves*, both in no time. So two private grounds that meet at a public path are one,
//! and the path may be crossed.
//!
//! **Search.** Phase 1 goes over private arcs alone, from those starts that lie on private ground. All that it finds starts phase 2
//! with its time: private nodes as themselves, and twins as their nodes, too (they leave). Phase 2 goes over open, entering and
//! private arcs, never leaving. One network is enough: from a private node without leaving arcs only private nodes are found, so
//! phase 1 is a search of the same network.
//!
//! **Why this is exact.** *No time is too short*: what phase 1 finds is a way P\*; what phase 2 adds to it are open arcs, then at
//! most one entering one (no arc leads back from private to open nodes), then private ones: P\* O\* P\*. *None is too long*: let w be
//! a quickest way P\* O\* P\*. Where its O\* is empty, it is a way over private arcs, and phase 1 finds its time. Else its first P\*
//! ends at a twin (or is empty and w begins open), whose time phase 1 knows; the rest is a way of phase 2's network from a start that
//! it was given; and Dijkstra's search gives the least over all starts. So it is with each of many starts, as the least over them.
//! Turned round, P\* O\* P\* is P\* O\* P\*: entering from the far end is what is left from the near one, and the search backward is
//! the same search over arcs turned round, with the same entering arcs.
//!
//! Going on from a former search, phase 1 has a room of its own: what phase 2 knows of private nodes may have come through open
//! streets, and must not leave again.

use super::parts::Parts;
use crate::reach::roads::{Edge, Roads};
use crate::service::Mode;

/// The private grounds of one mode, and the nodes that they add to the network. All empty where nothing is private.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Grounds {
    /// How many nodes the roads have; twins are numbered from here.
    nodes: u32,
    /// For each edge whether it is private.
    private: Vec<bool>,
    /// For each node the one that its private edges hang on: its twin, itself where all its edges are private,
    /// [`Grounds::NONE`] where none is.
    inside: Vec<u32>,
    /// The nodes that have a twin, ascending; the twin of the first is `nodes`.
    doubled: Vec<u32>,
}

impl Grounds {
    const NONE: u32 = u32::MAX;

    /// An edge is private where it, or a gate at one of its ends, is so for `mode`. Of the open edges of a part those that hang
    /// together longest are its open core (of equally long ones those with the lowest edge); the others are roads behind a gate,
    /// and private. A part without any open edge is one ground: all of it is open.
    ///
    /// O(edges) where nothing is private, and then nothing is kept; O(edges + nodes) else.
    ///
    /// Three streets in a row of 300, 100 and 200 m, the second of which is private: the third is private, too.
    pub(super) fn new(roads: &Roads, mode: Mode, parts: &Parts) -> Self {
        let mut grounds = Self {
            nodes: roads.nodes().len() as u32,
            ..Self::default()
        };
        let marked = |edge: &Edge| {
            let gate = || {
                [edge.from, edge.to]
                    .iter()
                    .any(|&end| roads.private(end, mode))
            };
            edge.access.any(mode) && (edge.access.private(mode) || gate())
        };
        if !roads.edges().iter().any(marked) {
            return grounds;
        }
        let private: Vec<bool> = roads.edges().iter().map(marked).collect();
        let open = Parts::among(roads, mode, |edge| !private[edge]);
        let cores = cores(parts, &open);
        let core_of = |edge: usize| cores[parts.of_edge[edge] as usize];
        grounds.private = (0..roads.edges().len())
            .map(|edge| {
                let usable = parts.of_edge[edge] != u32::MAX;
                usable && core_of(edge).is_some_and(|core| core != open.of_edge[edge])
            })
            .collect();
        grounds.double(roads, mode);
        grounds
    }

    /// Gives twins to the nodes that touch both.
    fn double(&mut self, roads: &Roads, mode: Mode) {
        let mut touches = vec![[false; 2]; roads.nodes().len()];
        for (edge, &private) in roads.edges().iter().zip(&self.private) {
            let ends = [edge.from, edge.to].into_iter();
            for end in ends.filter(|&end| edge.access.any(mode) && !roads.blocked(end, mode)) {
                touches[end as usize][usize::from(private)] = true;
            }
        }
        self.inside = vec![Self::NONE; roads.nodes().len()];
        for (node, [open, private]) in (0..).zip(touches) {
            if open && private {
                self.inside[node as usize] = self.nodes + self.doubled.len() as u32;
                self.doubled.push(node);
            } else if private {
                self.inside[node as usize] = node;
            }
        }
    }

    /// How many nodes the network has: those of the roads, and twins.
    pub(super) fn count(&self) -> usize {
        self.nodes as usize + self.doubled.len()
    }

    /// Whether an edge is private.
    pub(super) fn private(&self, edge: u32) -> bool {
        self.private
            .get(edge as usize)
            .is_some_and(|&private| private)
    }

    /// The nodes of the network that an edge leads from and to: twins where it is private and they are there.
    #[inline]
    pub(super) fn ends(&self, edge_at: u32, edge: &Edge) -> [u32; 2] {
        let ends = [edge.from, edge.to];
        if !self.private(edge_at) {
            return ends;
        }
        ends.map(|end| match self.inside[end as usize] {
            // A blocked end: no arc leads there.
            Self::NONE => end,
            inside => inside,
        })
    }

    /// Whether a node of the network lies on private ground.
    #[inline]
    pub(super) fn inside(&self, node: u32) -> bool {
        node >= self.nodes || self.inside.get(node as usize) == Some(&node)
    }

    /// Where one gets out to from a node of the network, if it is a twin.
    pub(super) fn outside(&self, node: u32) -> Option<u32> {
        let twin = node.checked_sub(self.nodes)?;
        self.doubled.get(twin as usize).copied()
    }

    /// The nodes that have a twin, each with that, ascending.
    pub(super) fn twins(&self) -> impl Iterator<Item = (u32, u32)> {
        self.doubled.iter().copied().zip(self.nodes..)
    }
}

/// The open core of each part; `None` where it has no open edge.
fn cores(parts: &Parts, open: &Parts) -> Vec<Option<u32>> {
    let mut cores: Vec<Option<u32>> = vec![None; parts.lengths.len()];
    let mut seen = vec![false; open.lengths.len()];
    // Open components are numbered by their first edge: of equally long ones the first stays.
    for (&part, &component) in parts.of_edge.iter().zip(&open.of_edge) {
        if component == u32::MAX || std::mem::replace(&mut seen[component as usize], true) {
            continue;
        }
        let length = |component: u32| open.lengths[component as usize];
        let core = &mut cores[part as usize];
        if core.is_none_or(|core| length(component) > length(core)) {
            *core = Some(component);
        }
    }
    cores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Point;
    use crate::reach::roads::{Access, RoadRecords};

    /// A row of streets, each as long as said in metres, those that are marked private for walking.
    fn row(streets: &[(u32, bool)]) -> Roads {
        let mut records = RoadRecords {
            nodes: vec![Point::default()],
            ..RoadRecords::default()
        };
        for (&(metres, private), from) in streets.iter().zip(0..) {
            let x = records.nodes[from as usize].x + metres as i32 * 1000;
            records.nodes.push(Point { x, y: 0 });
            let access = if private {
                Access::everybody().and(Access::private_for(Mode::Walk))
            } else {
                Access::everybody()
            };
            records.edges.push(Edge {
                from,
                to: from + 1,
                length: metres * 1000,
                access,
            });
        }
        Roads::new(records).expect("a sound network")
    }

    fn grounds_of(roads: &Roads, mode: Mode) -> Grounds {
        Grounds::new(roads, mode, &Parts::new(roads, mode))
    }

    /// The lengths in metres of the edges that are private on foot.
    fn private(streets: &[(u32, bool)]) -> Vec<u32> {
        let roads = row(streets);
        let grounds = grounds_of(&roads, Mode::Walk);
        let edges = roads.edges().iter().zip(0..);
        let mut private: Vec<u32> = edges
            .filter(|&(_, at)| grounds.private(at))
            .map(|(edge, _)| edge.length / 1000)
            .collect();
        private.sort_unstable();
        private
    }

    #[test]
    fn roads_behind_a_gate_are_private_and_the_longest_are_the_core() {
        assert_eq!(
            private(&[(300, false), (100, true), (200, false)]),
            [100, 200]
        );
        // With nothing open, all is one ground.
        assert_eq!(private(&[(300, true), (100, true)]), [0; 0]);
        assert_eq!(private(&[(300, false), (100, false)]), [0; 0]);
    }

    #[test]
    fn only_nodes_between_open_and_private_have_a_twin() {
        let roads = row(&[(300, false), (100, true), (50, true), (200, false)]);
        let grounds = grounds_of(&roads, Mode::Walk);
        // The last 200 m are private, too: one twin, between 300 and 100 m.
        assert_eq!(grounds.count(), 6);
        let (node, twin) = grounds.twins().next().expect("there is one");
        assert_eq!(roads.nodes()[node as usize].x, 300_000);
        assert_eq!((twin, grounds.outside(twin)), (5, Some(node)));
        assert!(grounds.inside(twin) && !grounds.inside(node));
        assert_eq!((0..5).filter(|&node| grounds.inside(node)).count(), 3);
        // For e-bikes nothing is private.
        assert_eq!(grounds_of(&roads, Mode::Ebike).count(), 5);
    }
}
