//! Stops: where trips begin and end on the network of one mode, and which of them hang on each node.

use std::ops::Range;

use rayon::prelude::*;

use super::graph::{Direction, Scratch, Timing, fetch, sum};
use super::network::Network;
use crate::city::Class;
use crate::reach::Snapped;
use crate::reach::roads::Roads;

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
    /// Exactly at a node that is not blocked. Where one of its edges is open it is there, else on private ground.
    Node(u32),
    /// Between the ends of an edge.
    Edge {
        edge: u32,
        /// Milliseconds from the first node, going along the edge.
        along: u32,
        /// Milliseconds to the first node, going against the edge.
        against: u32,
    },
    /// Too far from every usable street, or cut off from all that are near.
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

/// The nodes of the network at which a trip that begins (or, backward, ends) at `stop` enters (or leaves) it, with the milliseconds
/// between the point itself and there. They all lie on private ground or none does.
pub(super) fn ends(
    roads: &Roads,
    network: &Network,
    stop: Stop,
    direction: Direction,
) -> impl Iterator<Item = (u32, u32)> + use<> {
    let ends = match stop.place {
        Place::Node(node) => [Some((node, 0)), None],
        Place::Edge {
            edge: edge_at,
            along,
            against,
        } => {
            let edge = roads.edges()[edge_at as usize];
            let [to_last, to_first] = network.timing.of(roads, edge_at);
            let [first, last] = match direction {
                Direction::Onward => [
                    to_last.map(|whole| (1, whole - along)),
                    to_first.map(|_| (0, against)),
                ],
                Direction::Backward => [
                    to_last.map(|_| (0, along)),
                    to_first.map(|whole| (1, whole - against)),
                ],
            };
            let (ends, nodes) = ([edge.from, edge.to], network.grounds.ends(edge_at, &edge));
            // A street ends at a blocked node.
            let open = |&(end, _): &(usize, u32)| !roads.blocked(ends[end], network.timing.mode);
            [first, last].map(|door| door.filter(open).map(|(end, time)| (nodes[end], time)))
        }
        Place::Unsnapped | Place::Roadless => [None, None],
    };
    ends.into_iter()
        .flatten()
        .map(move |(node, time): (u32, u32)| (node, sum(time, stop.leg)))
}

/// Milliseconds from one point to another whose stops lie on one edge, without passing a node; `None` where the mode may not go
/// that way.
pub(super) fn direct(roads: &Roads, timing: Timing, from: Stop, to: Stop) -> Option<u32> {
    let (
        Place::Edge {
            edge,
            along: a,
            against: b,
        },
        Place::Edge {
            edge: same,
            along: c,
            against: d,
        },
    ) = (from.place, to.place)
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

/// The one or two nodes that a stop hangs on, with the milliseconds between the point itself and each: FAR where there is none.
pub(super) type Doors = [(u32, u32); 2];

/// Items by their row (compressed rows).
#[derive(Debug)]
struct Rows<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy + Default> Rows<T> {
    /// So many rows from items in any order, each with its row, which `items` gives twice. In a row they keep their order.
    fn new<I: Iterator<Item = (usize, T)>>(rows: usize, items: impl Fn() -> I) -> Self {
        let mut starts = vec![0_u32; rows + 1];
        items().for_each(|(row, _)| starts[row] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        let mut sorted = vec![T::default(); sum as usize];
        items().for_each(|(row, item)| {
            let start = &mut starts[row];
            sorted[*start as usize] = item;
            *start += 1;
        });
        // Each start has moved to its end, which is the next one's start.
        starts.rotate_right(1);
        starts[0] = 0;
        Self {
            starts,
            items: sorted,
        }
    }

    /// The items of some rows, one after the other.
    #[inline]
    fn range(&self, first: usize, last: usize) -> &[T] {
        &self.items[self.starts[first] as usize..self.starts[last + 1] as usize]
    }
}

/// Stops by the nodes they hang on, those of urban and of rural communities apart: a search for the one need not look at the
/// other.
#[derive(Debug)]
pub(super) struct Attached {
    stops: Vec<Stop>,
    doors: Vec<Doors>,
    /// Two rows a node, one for each class.
    hanging: Rows<Hanging>,
    /// Those that lie between the ends of an edge, by edge.
    on_edges: Rows<u32>,
    classes: Vec<Class>,
}

impl Attached {
    /// Of stops at which trips begin (onward) or end (backward), each with its class.
    pub(super) fn new(
        roads: &Roads,
        network: &Network,
        stops: Vec<Stop>,
        classes: &[Class],
        direction: Direction,
    ) -> Self {
        let doors: Vec<Doors> = stops
            .par_iter()
            .map(|&stop| doors(roads, network, stop, direction))
            .collect();
        let hangings_of_doors = || {
            let ends = doors.iter().zip(classes).zip(0..);
            ends.flat_map(|((&doors, &class), end)| {
                hangings(doors, end)
                    .map(move |(node, hanging)| (2 * node as usize + class as usize, hanging))
            })
        };
        let on_edges = || {
            let ends = stops.iter().zip(0..);
            ends.filter_map(|(stop, end)| stop.edge().map(|edge| (edge as usize, end)))
        };
        let (hanging, on_edges) = rayon::join(
            || Rows::new(2 * network.grounds.count(), hangings_of_doors),
            || Rows::new(roads.edges().len(), on_edges),
        );
        Self {
            stops,
            doors,
            hanging,
            on_edges,
            classes: classes.to_vec(),
        }
    }

    /// Of each stop.
    pub(super) fn doors(&self) -> &[Doors] {
        &self.doors
    }

    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// Fetches what hangs on some nodes, as [`super::graph::fetch`].
    pub(super) fn fetch(&self, nodes: Range<usize>) {
        let rows = &self.hanging.starts[2 * nodes.start..=2 * nodes.end];
        fetch(rows);
        fetch(&self.hanging.items[rows[0] as usize..rows[rows.len() - 1] as usize]);
    }

    /// Those of the classes from the first to the last that hang on a node.
    #[inline]
    pub(super) fn at(&self, node: u32, [first, last]: [Class; 2]) -> &[Hanging] {
        let row = |class: Class| 2 * node as usize + class as usize;
        self.hanging.range(row(first), row(last))
    }

    /// Those of the classes from the first to the last that lie between the ends of an edge.
    pub(super) fn on(&self, edge: u32, [first, last]: [Class; 2]) -> impl Iterator<Item = u32> {
        let ends = self.on_edges.range(edge as usize, edge as usize);
        let asked = move |&end: &u32| (first..=last).contains(&self.classes[end as usize]);
        ends.iter().copied().filter(asked)
    }
}

pub(super) fn doors(roads: &Roads, network: &Network, stop: Stop, direction: Direction) -> Doors {
    let mut ends = ends(roads, network, stop, direction);
    match (ends.next(), ends.next()) {
        // A loop: both ends are one node.
        (Some((a, here)), Some((b, there))) if a == b => [(a, here.min(there)), (a, Scratch::FAR)],
        (Some(a), Some(b)) => [a, b],
        (Some(only), None) => [only, (only.0, Scratch::FAR)],
        (None, _) => [(0, Scratch::FAR); 2],
    }
}

/// A stop as seen from each of its doors.
fn hangings([a, b]: Doors, end: u32) -> impl Iterator<Item = (u32, Hanging)> {
    let seen = |(node, here): (u32, u32), (other, there): (u32, u32)| {
        (
            node,
            Hanging {
                end,
                here,
                other,
                there,
            },
        )
    };
    [seen(a, b), seen(b, a)]
        .into_iter()
        .filter(|(_, hanging)| hanging.here != Scratch::FAR)
}
