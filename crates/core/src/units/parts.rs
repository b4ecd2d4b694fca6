//! A division that is being changed: what each part holds, and the changes that leave all parts connected.

use geo::Coord;
use rand::RngCore;

use super::graph::Graph;
use crate::position::{NodeAt, PartAt};

/// Sums over a part, from which its moment of inertia follows at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moment {
    mass: f64,
    first: Coord,
    second: f64,
}

impl Moment {
    /// Everybody counts, and each node one person more, so that empty communities are drawn compactly too.
    pub(super) fn of(weight: u64, place: Coord) -> Self {
        let mass = weight as f64 / 1000.0 + 1.0;
        Self {
            mass,
            first: place * mass,
            second: mass * (place.x * place.x + place.y * place.y),
        }
    }

    /// Of each node of a graph, seen from its middle, so that squares stay small beside their differences.
    pub(super) fn of_nodes(graph: &Graph) -> Vec<Self> {
        let places = graph.nodes().iter().map(|node| node.1);
        let middle = places.fold(Coord::zero(), |sum, place| sum + place) / graph.len() as f64;
        let nodes = graph.nodes().iter();
        nodes
            .map(|&(weight, place)| Self::of(weight, place - middle))
            .collect()
    }

    pub(super) fn plus(self, other: Self, sign: f64) -> Self {
        Self {
            mass: self.mass + sign * other.mass,
            first: self.first + other.first * sign,
            second: self.second + sign * other.second,
        }
    }

    /// Σ mass × squared distance to the centre of mass.
    pub(super) fn inertia(self) -> f64 {
        let squared = self.first.x * self.first.x + self.first.y * self.first.y;
        if self.mass > 0.0 {
            (self.second - squared / self.mass).max(0.0)
        } else {
            0.0
        }
    }
}

/// A node that goes to a neighbouring part, and one of that part that may come back for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub node: NodeAt,
    pub to: PartAt,
    pub back: Option<NodeAt>,
}

/// A division of a graph into connected parts, of which none is empty.
pub(super) struct Parts<'a> {
    pub graph: &'a Graph,
    pub cap: u64,
    pub part_of: Vec<PartAt>,
    pub members: Vec<Vec<NodeAt>>,
    pub weights: Vec<u64>,
    moments: Vec<Moment>,
    node_moments: Vec<Moment>,
    /// Of each node, where it stands among the members of its part.
    slots: Vec<usize>,
    /// Of each node, the search that has met it last.
    met: Vec<u32>,
    search: u32,
    front: Vec<NodeAt>,
}

impl<'a> Parts<'a> {
    /// From parts numbered without a gap.
    pub(super) fn new(graph: &'a Graph, cap: u64, part_of: Vec<PartAt>) -> Self {
        let count = super::graph::part_count(&part_of) as usize;
        let mut parts = Self {
            graph,
            cap,
            members: vec![Vec::new(); count],
            weights: vec![0; count],
            moments: vec![Moment::default(); count],
            node_moments: Moment::of_nodes(graph),
            slots: vec![0; graph.len()],
            met: vec![0; graph.len()],
            search: 0,
            front: Vec::new(),
            part_of,
        };
        for node in NodeAt::first(graph.len()) {
            parts.put(node, parts.part_of[node]);
        }
        parts
    }

    /// Σ over parts of [`Moment::inertia`].
    pub(super) fn inertia(&self) -> f64 {
        self.moments.iter().map(|moment| moment.inertia()).sum()
    }

    /// What is over the cap, over all parts.
    pub(super) fn excess(&self) -> u64 {
        let weights = self.weights.iter();
        weights.map(|weight| weight.saturating_sub(self.cap)).sum()
    }

    /// A node and one of the parts beside it, at random; three times in five it alone would move, otherwise it is exchanged
    /// for a member of that part. `None` where the neighbour drawn is in its own part, or it is the last of its part.
    pub(super) fn draw(&self, random: &mut impl RngCore) -> Option<Change> {
        let node = NodeAt::new(below(random, self.graph.len()));
        let near = self.graph.near(node);
        let to = self.part_of[*near.get(below(random, near.len()))?];
        if to == self.part_of[node] {
            return None;
        }
        let moves = below(random, 5) < 3;
        if moves && self.members[self.part_of[node]].len() == 1 {
            return None;
        }
        let others = &self.members[to];
        let back = (!moves).then(|| others[below(random, others.len())]);
        Some(Change { node, to, back })
    }

    /// The weights of the two parts after a change: of the one that the node leaves, and of the other.
    pub(super) fn weights_after(&self, change: Change) -> (u64, u64) {
        let out = self.graph.weight(change.node);
        let back = change.back.map_or(0, |node| self.graph.weight(node));
        let from = self.weights[self.part_of[change.node]];
        (from - out + back, self.weights[change.to] - back + out)
    }

    /// By how much a change raises what is over the cap.
    pub(super) fn more_excess(&self, change: Change) -> i64 {
        let over = |weight: u64| weight.saturating_sub(self.cap) as i64;
        let (from, to) = self.weights_after(change);
        let before = over(self.weights[self.part_of[change.node]]) + over(self.weights[change.to]);
        over(from) + over(to) - before
    }

    /// By how much a change raises the inertia.
    pub(super) fn more_inertia(&self, change: Change) -> f64 {
        let (a, b) = (
            self.moments[self.part_of[change.node]],
            self.moments[change.to],
        );
        let out = self.node_moments[change.node];
        let back = change
            .back
            .map_or(Moment::default(), |node| self.node_moments[node]);
        let (new_a, new_b) = (
            a.plus(out, -1.0).plus(back, 1.0),
            b.plus(out, 1.0).plus(back, -1.0),
        );
        new_a.inertia() + new_b.inertia() - a.inertia() - b.inertia()
    }

    /// Whether both parts are connected after a change.
    pub(super) fn stays_connected(&mut self, change: Change) -> bool {
        let Change { node, to, back } = change;
        self.holds_without(node, back)
            && back.is_none_or(|back| {
                debug_assert_eq!(self.part_of[back], to);
                self.holds_without(back, Some(node))
            })
    }

    /// Whether a node's part is connected without it, and with a newcomer: whether the search from that (or from one of its
    /// neighbours) meets all its neighbours there, since each piece that it leaves has one.
    fn holds_without(&mut self, gone: NodeAt, came: Option<NodeAt>) -> bool {
        let part = self.part_of[gone];
        let graph = self.graph;
        let beside = graph.near(gone).iter().copied();
        let mut beside = beside.filter(|&node| self.part_of[node] == part);
        let wanted = beside.clone().count() - usize::from(came.is_none());
        let start = match came {
            Some(_) if self.members[part].len() == 1 => return true,
            Some(came) => came,
            None if wanted == 0 => return true,
            None => beside
                .next()
                .expect("a member of a larger part has a neighbour there"),
        };
        self.search += 1;
        let search = self.search;
        let mut left = wanted;
        self.met[gone] = search;
        self.met[start] = search;
        self.front.clear();
        self.front.push(start);
        while let Some(node) = self.front.pop() {
            for &next in graph.near(node) {
                if self.part_of[next] == part && self.met[next] != search {
                    self.met[next] = search;
                    if graph.near(gone).binary_search(&next).is_ok() {
                        left -= 1;
                        if left == 0 {
                            return true;
                        }
                    }
                    self.front.push(next);
                }
            }
        }
        false
    }

    /// Makes a change.
    pub(super) fn make(&mut self, change: Change) {
        let from = self.part_of[change.node];
        self.shift(change.node, change.to);
        if let Some(back) = change.back {
            self.shift(back, from);
        }
    }

    /// Puts the nodes of some parts into `divided` instead, which are no more than they; a part that is left over is dropped.
    pub(super) fn replace(&mut self, old: &[PartAt], divided: &[Vec<NodeAt>]) {
        for (&part, nodes) in old.iter().zip(divided) {
            nodes.iter().for_each(|&node| self.part_of[node] = part);
        }
        *self = Self::new(
            self.graph,
            self.cap,
            super::graph::numbered_by_lowest(&self.part_of),
        );
    }

    fn shift(&mut self, node: NodeAt, to: PartAt) {
        let from = self.part_of[node];
        let slot = self.slots[node];
        self.members[from].swap_remove(slot);
        if let Some(&moved) = self.members[from].get(slot) {
            self.slots[moved] = slot;
        }
        self.weights[from] -= self.graph.weight(node);
        self.moments[from] = self.moments[from].plus(self.node_moments[node], -1.0);
        self.part_of[node] = to;
        self.put(node, to);
    }

    fn put(&mut self, node: NodeAt, part: PartAt) {
        self.slots[node] = self.members[part].len();
        self.members[part].push(node);
        self.weights[part] += self.graph.weight(node);
        self.moments[part] = self.moments[part].plus(self.node_moments[node], 1.0);
    }
}

/// A whole number below `count`; 0 for 0.
pub(super) fn below(random: &mut impl RngCore, count: usize) -> usize {
    ((u128::from(random.next_u64()) * count as u128) >> 64) as usize
}

/// How much worse a change may be, in units of temperature ÷ ln 2: x or more with chance 2⁻ˣ at whole x, and straight between
/// them. So annealing accepts as Metropolis did, by whole numbers and halving alone, which are the same on every platform.
pub(super) fn leeway(random: &mut impl RngCore) -> f64 {
    let bits = random.next_u64();
    f64::from(bits.trailing_zeros().min(31)) + (bits >> 32) as f64 / 4_294_967_296.0
}
