//! Stops: where trips begin and end on the network of one mode, and which of them hang on each node.

use rayon::prelude::*;

use super::graph::{Direction, Scratch, Timing, sum};
use crate::reach::Snapped;
use crate::reach::roads::{Edge, Roads};

/// Where a trip begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    pub place: Place,
    /// Milliseconds on foot between the point itself and the street.
    pub leg: u32,
}

/// A place on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Exactly at a node that is not blocked: all its streets are open.
    Node(u32),
    /// Between the ends of an edge.
    Edge {
        edge: u32,
        /// Milliseconds from the first node, going along the edge.
        along: u32,
        /// Milliseconds to the first node, going against the edge.
        against: u32,
    },
    /// Too far from every usable street.
    Unsnapped,
    /// Far outside the network.
    Roadless,
}

impl Stop {
    pub(super) fn snapped(self) -> bool {
        self.state() == Snapped::OnStreets
    }

    pub(super) fn state(self) -> Snapped {
        match self.place {
            Place::Node(_) | Place::Edge { .. } => Snapped::OnStreets,
            Place::Unsnapped => Snapped::Unsnapped,
            Place::Roadless => Snapped::Roadless,
        }
    }

    /// The edge between whose ends it lies.
    pub(super) fn edge(self) -> Option<u32> {
        match self.place {
            Place::Edge { edge, .. } => Some(edge),
            _ => None,
        }
    }
}

/// The nodes at which a trip that begins (or, backward, ends) at `stop` enters (or leaves) the network, with the milliseconds
/// between the point itself and there.
pub(super) fn ends(
    roads: &Roads,
    timing: Timing,
    stop: Stop,
    direction: Direction,
) -> impl Iterator<Item = (u32, u32)> + use<> {
    let leg = move |(node, time): (u32, u32)| (node, sum(time, stop.leg));
    // A street ends at a blocked node.
    let open = |end: Option<(u32, u32)>| end.filter(|&(node, _)| !roads.blocked(node, timing.mode));
    let ends = match stop.place {
        Place::Node(node) => [Some((node, 0)), None],
        Place::Edge { edge, along, against } => {
            let Edge { from, to, .. } = roads.edges()[edge as usize];
            let [to_last, to_first] = timing.of(roads, edge);
            match direction {
                Direction::Onward => [to_last.map(|whole| (to, whole - along)), to_first.map(|_| (from, against))],
                Direction::Backward => [to_last.map(|_| (from, along)), to_first.map(|whole| (to, whole - against))],
            }
        }
        Place::Unsnapped | Place::Roadless => [None, None],
    };
    ends.map(open).into_iter().flatten().map(leg)
}

/// Milliseconds from one point to another whose stops lie on one edge, without passing a node; `None` where nobody may go
/// that way.
pub(super) fn direct(roads: &Roads, timing: Timing, from: Stop, to: Stop) -> Option<u32> {
    let (Place::Edge { edge, along: a, against: b }, Place::Edge { edge: same, along: c, against: d }) =
        (from.place, to.place)
    else {
        return None;
    };
    if edge != same {
        return None;
    }
    let [to_last, to_first] = timing.of(roads, edge);
    let onward = to_last.and_then(|_| c.checked_sub(a));
    let back = to_first.and_then(|_| b.checked_sub(d));
    let between = onward.into_iter().chain(back).min()?;
    Some(sum(between, sum(from.leg, to.leg)))
}

/// A stop that hangs on a node.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hanging {
    /// Position of the stop.
    pub end: u32,
    /// Milliseconds between the point itself and the node.
    pub here: u32,
    /// The other node that it hangs on; where there is none, this one.
    pub other: u32,
    /// Milliseconds between the point itself and that; [`Scratch::FAR`] where there is none.
    pub there: u32,
}

/// Stops by the nodes they hang on.
#[derive(Debug)]
pub(super) struct Attached {
    stops: Vec<Stop>,
    starts: Vec<u32>,
    hanging: Vec<Hanging>,
    /// Edge and stop, for those that lie between the ends of one; in order.
    on_edges: Vec<(u32, u32)>,
}

impl Attached {
    /// Of stops at which trips begin (onward) or end (backward).
    pub(super) fn new(roads: &Roads, timing: Timing, stops: Vec<Stop>, direction: Direction) -> Self {
        let mut starts = vec![0_u32; roads.nodes().len() + 1];
        let all = || stops.iter().zip(0..).flat_map(|(&stop, end)| hangings(roads, timing, stop, end, direction));
        all().for_each(|(node, _)| starts[node as usize] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        let mut hanging = vec![Hanging::default(); sum as usize];
        for (node, each) in all() {
            let start = &mut starts[node as usize];
            hanging[*start as usize] = each;
            *start += 1;
        }
        // Each start has moved to its end, which is the next one's start.
        starts.rotate_right(1);
        starts[0] = 0;
        let on_edge = |(stop, end): (&Stop, u32)| stop.edge().map(|edge| (edge, end));
        let mut on_edges: Vec<(u32, u32)> = stops.iter().zip(0..).filter_map(on_edge).collect();
        on_edges.par_sort_unstable();
        Self { stops, starts, hanging, on_edges }
    }

    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// Those that hang on a node.
    pub(super) fn at(&self, node: u32) -> &[Hanging] {
        &self.hanging[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// Those between the ends of an edge, by position.
    pub(super) fn on(&self, edge: u32) -> impl Iterator<Item = u32> {
        let first = self.on_edges.partition_point(|&(other, _)| other < edge);
        self.on_edges[first..].iter().take_while(move |&&(other, _)| other == edge).map(|&(_, end)| end)
    }
}

/// The one or two nodes that a stop hangs on.
fn hangings(
    roads: &Roads,
    timing: Timing,
    stop: Stop,
    end: u32,
    direction: Direction,
) -> impl Iterator<Item = (u32, Hanging)> {
    let mut ends = ends(roads, timing, stop, direction);
    let alone = |(node, here): (u32, u32)| (node, Hanging { end, here, other: node, there: Scratch::FAR });
    let both = match (ends.next(), ends.next()) {
        (Some((a, here)), Some((b, there))) if a == b => [Some(alone((a, here.min(there)))), None],
        (Some((a, at_a)), Some((b, at_b))) => [
            Some((a, Hanging { end, here: at_a, other: b, there: at_b })),
            Some((b, Hanging { end, here: at_b, other: a, there: at_a })),
        ],
        (only, _) => [only.map(alone), None],
    };
    both.into_iter().flatten()
}
