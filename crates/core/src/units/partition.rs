//! Dividing a graph into the fewest connected parts under a cap.

use geo::Coord;
use rand::{RngCore, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::contiguity::DisjointSets;
use crate::position::{NodeAt, PartAt};

/// Up to this many nodes the least number of parts is found for certain (O(3ⁿ) subsets: a quarter of a second at 16).
pub const EXACT: usize = 16;

/// Spanning trees that are cut, a township.
const TREES: usize = 300;

/// A division this much less compact than the best still counts as equally compact.
const EQUALLY_COMPACT: f64 = 1.05;

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

    pub(super) fn weight(&self, node: NodeAt) -> u64 {
        self.nodes[node].0
    }

    /// The distance between two nodes, in metres.
    fn length(&self, a: NodeAt, b: NodeAt) -> f64 {
        let delta = self.nodes[a].1 - self.nodes[b].1;
        delta.x.hypot(delta.y)
    }

    /// The nodes of each connected part, by their lowest node.
    fn components(&self) -> Vec<Vec<NodeAt>> {
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

/// A division of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Part of each node; parts are numbered by their lowest node.
    pub part_of: Vec<PartAt>,
    /// How many parts.
    pub parts: u32,
    /// No division has fewer.
    pub lower_bound: u32,
    /// Whether no division has fewer than `parts`.
    pub proved: bool,
}

/// Divides `graph` into connected parts of weight at most `cap`: as few as can be found, then compact, then balanced (see
/// [`super::divide`]). A node over the cap shares its part only with nodes of weight 0. The same seed gives the same parts.
///
/// Each connected component is divided for itself: (1) 300 random spanning trees, each cut into its least number of
/// parts by Kundu & Misra (1977); (2) where a bound does not prove that number least and the component has at most [`EXACT`]
/// nodes, a dynamic programme over its connected subsets; (3) single moves and exchanges between neighbouring parts while
/// they make the division more compact.
#[must_use]
pub fn partition(graph: &Graph, cap: u64, seed: u64) -> Partition {
    let mut whole = Partition {
        part_of: vec![PartAt(0); graph.nodes.len()],
        parts: 0,
        lower_bound: 0,
        proved: true,
    };
    for members in graph.components() {
        let found = divide_component(&graph.part(&members, cap), cap, seed);
        for (&node, part) in members.iter().zip(&found.part_of) {
            whole.part_of[node] = PartAt(whole.parts + part.0);
        }
        whole.parts += found.parts;
        whole.lower_bound += found.lower_bound;
        whole.proved &= found.proved;
    }
    whole.part_of = numbered_by_lowest(&whole.part_of);
    whole
}

/// A number of parts that no division of the graph is below (see [`Partition::lower_bound`]).
#[must_use]
pub(super) fn bound(graph: &Graph, cap: u64) -> u32 {
    graph
        .components()
        .iter()
        .map(|members| lower_bound(&graph.part(members, cap), cap))
        .sum()
}

/// A seed from a name (FNV-1a), so that a township is divided alike whatever else the city holds.
#[must_use]
pub fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn numbered_by_lowest(part_of: &[PartAt]) -> Vec<PartAt> {
    let mut numbers = vec![None; part_of.len()];
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

fn divide_component(graph: &Graph, cap: u64, seed: u64) -> Partition {
    let bound = lower_bound(graph, cap);
    let mut starts = tree_cuts(graph, cap, seed);
    let mut parts = part_count(&starts[0]);
    let mut proved = parts == bound;
    if !proved && graph.nodes.len() <= EXACT {
        let exact = exact(graph, cap);
        proved = true;
        if part_count(&exact) < parts {
            parts = part_count(&exact);
            starts = vec![exact];
        }
    }
    let improved = starts
        .into_iter()
        .map(|start| Parts::new(graph, cap, start).improved())
        .collect();
    Partition {
        part_of: choose(graph, improved),
        parts,
        lower_bound: bound,
        proved,
    }
}

fn part_count(part_of: &[PartAt]) -> u32 {
    part_of.iter().max().map_or(0, |most| most.0 + 1)
}

/// How much heavier the heaviest part is than the lightest.
fn spread(graph: &Graph, part_of: &[PartAt]) -> u64 {
    let mut weights = vec![0; part_count(part_of) as usize];
    for (&part, &(weight, _)) in part_of.iter().zip(&graph.nodes) {
        weights[part] += weight;
    }
    weights.iter().max().unwrap_or(&0) - weights.iter().min().unwrap_or(&0)
}

/// The most compact division; among nearly as compact ones the most balanced.
fn choose(graph: &Graph, mut found: Vec<(f64, Vec<PartAt>)>) -> Vec<PartAt> {
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let most = found[0].0 * EQUALLY_COMPACT;
    let near = found
        .into_iter()
        .take_while(|(inertia, _)| *inertia <= most);
    near.map(|(_, part_of)| part_of)
        .min_by_key(|part_of| spread(graph, part_of))
        .expect("the best is near itself")
}

/// No division into connected parts, indeed no packing of the weights, has fewer: the bound L2 of Martello & Toth (1990),
/// which is never below total ÷ cap and counts weights over half the cap apart. At least 1.
fn lower_bound(graph: &Graph, cap: u64) -> u32 {
    let weights: Vec<u64> = graph.nodes.iter().map(|node| node.0).collect();
    let thresholds = weights
        .iter()
        .copied()
        .filter(|&weight| weight <= cap / 2)
        .chain([0]);
    thresholds
        .map(|threshold| {
            let (mut alone, mut halves, mut room, mut small) = (0, 0, 0_u64, 0_u64);
            for &weight in &weights {
                if weight > cap - threshold {
                    alone += 1;
                } else if weight > cap / 2 {
                    halves += 1;
                    room += cap - weight;
                } else if weight >= threshold {
                    small += weight;
                }
            }
            alone + halves + small.saturating_sub(room).div_ceil(cap)
        })
        .max()
        .unwrap_or(0)
        .max(1) as u32
}

/// Cuts of random spanning trees into the least number of parts that any of them gives; sorted, without repetition, at least
/// one. Half of the trees prefer short edges, which makes for round parts, the others any.
fn tree_cuts(graph: &Graph, cap: u64, seed: u64) -> Vec<Vec<PartAt>> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut cuts: Vec<Vec<PartAt>> = Vec::new();
    for turn in 0..TREES {
        let mut keyed: Vec<(f64, NodeAt, NodeAt)> = Vec::with_capacity(graph.edges.len());
        for &(a, b) in &graph.edges {
            let chance = (random.next_u64() >> 11) as f64;
            keyed.push((
                if turn % 2 == 0 {
                    chance * graph.length(a, b)
                } else {
                    chance
                },
                a,
                b,
            ));
        }
        keyed.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        let mut sets = DisjointSets::new(graph.nodes.len());
        let mut tree = vec![Vec::new(); graph.nodes.len()];
        for (_, a, b) in keyed {
            if sets.join(a, b) {
                tree[a].push(b);
                tree[b].push(a);
            }
        }
        cuts.push(numbered_by_lowest(&cut_tree(graph, &tree, cap)));
        if graph.edges.len() < graph.nodes.len() {
            break; // The graph is a tree: there is no other.
        }
    }
    let fewest = cuts.iter().map(|cut| part_count(cut)).min().unwrap_or(0);
    cuts.retain(|cut| part_count(cut) == fewest);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// The least number of parts of a tree (Kundu & Misra 1977): from the leaves up, each node keeps the lightest of what its
/// children have left and cuts off the heaviest until the rest is within the cap.
fn cut_tree(graph: &Graph, tree: &[Vec<NodeAt>], cap: u64) -> Vec<PartAt> {
    const TOP: NodeAt = NodeAt(0);
    let mut parent = vec![TOP; tree.len()];
    let mut order = Vec::with_capacity(tree.len());
    let mut front = vec![TOP];
    while let Some(node) = front.pop() {
        order.push(node);
        let above = (node != TOP).then_some(parent[node]);
        for &child in tree[node].iter().filter(|&&child| Some(child) != above) {
            parent[child] = node;
            front.push(child);
        }
    }
    let mut left: Vec<u64> = graph.nodes.iter().map(|node| node.0).collect();
    let mut cut = vec![false; tree.len()];
    cut[TOP] = true;
    for &node in order.iter().rev() {
        let mut children: Vec<NodeAt> = tree[node]
            .iter()
            .copied()
            .filter(|&child| child != TOP && parent[child] == node)
            .collect();
        children.sort_unstable_by_key(|&child| (left[child], child));
        for child in children {
            let together = left[node] + left[child];
            if together <= cap {
                left[node] = together;
            } else {
                cut[child] = true;
            }
        }
    }
    let mut part_of = vec![PartAt(0); tree.len()];
    let mut next = 0;
    for &node in &order {
        part_of[node] = if cut[node] {
            PartAt(next)
        } else {
            part_of[parent[node]]
        };
        next += u32::from(cut[node]);
    }
    part_of
}

/// Whether a set of nodes hangs together, given the neighbours of each node.
fn connected(near: &[NodeSet], set: NodeSet) -> bool {
    let mut reached = set.lowest();
    loop {
        let beside = reached
            .nodes()
            .fold(reached, |union, node| union.and(near[node]));
        let more = beside.within(set);
        if more == reached {
            return reached == set;
        }
        reached = more;
    }
}

/// The least number of parts for certain: for each set of nodes, the fewest connected subsets within the cap that make it up.
fn exact(graph: &Graph, cap: u64) -> Vec<PartAt> {
    let count = graph.nodes.len();
    let near: Vec<NodeSet> = graph
        .neighbours
        .iter()
        .map(|list| list.iter().copied().collect())
        .collect();
    let whole = NodeSet::first(count);
    let allowed: Vec<bool> = NodeSet::up_to(whole)
        .map(|set| {
            set != NodeSet::EMPTY
                && set.nodes().map(|node| graph.weight(node)).sum::<u64>() <= cap
                && connected(&near, set)
        })
        .collect();
    // The fewest parts of each set, and the subset with the set's lowest node that attains it.
    let mut fewest: Vec<(u8, NodeSet)> = vec![(0, NodeSet::EMPTY); allowed.len()];
    for set in NodeSet::up_to(whole).skip(1) {
        let lowest = set.lowest();
        let best = set
            .without(lowest)
            .subsets()
            .map(|others| others.and(lowest))
            .filter(|subset| allowed[subset.index()])
            .map(|subset| {
                (
                    fewest[set.without(subset).index()].0.saturating_add(1),
                    subset,
                )
            })
            .min();
        fewest[set.index()] = best.unwrap_or((u8::MAX, NodeSet::EMPTY));
    }
    let mut part_of = vec![PartAt(0); count];
    let (mut left, mut next) = (whole, 0);
    while left != NodeSet::EMPTY {
        let subset = fewest[left.index()].1;
        subset.nodes().for_each(|node| part_of[node] = PartAt(next));
        left = left.without(subset);
        next += 1;
    }
    part_of
}

/// A set of nodes of a small graph, one bit a node; in order of the number that the bits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeSet(u32);

impl NodeSet {
    pub(super) const EMPTY: Self = Self(0);

    /// The first `count` nodes, at most [`EXACT`].
    pub(super) fn first(count: usize) -> Self {
        Self((1 << count) - 1)
    }

    /// All sets from the empty one to `last`.
    pub(super) fn up_to(last: Self) -> impl Iterator<Item = Self> {
        (0..=last.0).map(Self)
    }

    /// Where the set stands in a table of all sets.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    /// The set of the lowest node alone.
    pub(super) fn lowest(self) -> Self {
        Self(self.0 & self.0.wrapping_neg())
    }

    /// With the nodes of `other`.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are in `other` too.
    fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Without the nodes of `other`, all of which it has.
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }

    /// Its nodes, ascending.
    pub(super) fn nodes(self) -> impl Iterator<Item = NodeAt> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let lowest = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some(NodeAt(lowest))
        })
    }

    /// All its subsets, itself first and the empty one last.
    pub(super) fn subsets(self) -> impl Iterator<Item = Self> {
        let mut next = Some(self.0);
        std::iter::from_fn(move || {
            let subset = next?;
            next = (subset != 0).then(|| (subset - 1) & self.0);
            Some(Self(subset))
        })
    }
}

impl FromIterator<NodeAt> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeAt>>(nodes: I) -> Self {
        Self(nodes.into_iter().fold(0, |set, node| set | 1 << node.0))
    }
}

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

/// A division that is being made more compact.
struct Parts<'a> {
    graph: &'a Graph,
    cap: u64,
    part_of: Vec<PartAt>,
    members: Vec<Vec<NodeAt>>,
    weights: Vec<u64>,
    moments: Vec<Moment>,
    node_moments: Vec<Moment>,
    /// Less inertia by at least this is better; less than this is rounding.
    least_gain: f64,
}

impl<'a> Parts<'a> {
    fn new(graph: &'a Graph, cap: u64, part_of: Vec<PartAt>) -> Self {
        let count = part_count(&part_of) as usize;
        // Places from the graph's own middle, so that squares stay small beside their differences.
        let middle = graph
            .nodes
            .iter()
            .fold(Coord::zero(), |sum, node| sum + node.1)
            / graph.nodes.len() as f64;
        let node_moments: Vec<Moment> = graph
            .nodes
            .iter()
            .map(|&(w, place)| Moment::of(w, place - middle))
            .collect();
        let mut parts = Self {
            graph,
            cap,
            members: vec![Vec::new(); count],
            weights: vec![0; count],
            moments: vec![Moment::default(); count],
            least_gain: 1e-9 * node_moments.iter().map(|moment| moment.second).sum::<f64>(),
            node_moments,
            part_of,
        };
        for node in NodeAt::first(graph.nodes.len()) {
            let part = parts.part_of[node];
            parts.members[part].push(node);
            parts.weights[part] += graph.weight(node);
            parts.moments[part] = parts.moments[part].plus(parts.node_moments[node], 1.0);
        }
        parts
    }

    /// Moves and exchanges until none helps; the inertia, and the parts numbered by their lowest node.
    fn improved(mut self) -> (f64, Vec<PartAt>) {
        let nodes = NodeAt::first(self.graph.nodes.len());
        // Each step lessens the sum, so there is an end; the bound only guards against steps too small to matter.
        for _ in 0..100 {
            let mut better = false;
            for node in nodes.clone() {
                better |= self.try_move(node);
            }
            if !better {
                for node in nodes.clone() {
                    better |= self.try_exchange(node);
                }
            }
            if !better {
                break;
            }
        }
        let inertia = self.moments.iter().map(|moment| moment.inertia()).sum();
        (inertia, numbered_by_lowest(&self.part_of))
    }

    fn parts_near(&self, node: NodeAt) -> Vec<PartAt> {
        let from = self.part_of[node];
        let near = self.graph.near(node).iter();
        let mut parts: Vec<PartAt> = near
            .map(|&other| self.part_of[other])
            .filter(|&part| part != from)
            .collect();
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// The inertia of two parts after `out` (of the first) has gone to the second and `back` the other way, less before.
    fn change(&self, from: PartAt, to: PartAt, out: NodeAt, back: Option<NodeAt>) -> f64 {
        let (a, b) = (self.moments[from], self.moments[to]);
        let out = self.node_moments[out];
        let back = back.map_or(Moment::default(), |node| self.node_moments[node]);
        let (new_a, new_b) = (
            a.plus(out, -1.0).plus(back, 1.0),
            b.plus(out, 1.0).plus(back, -1.0),
        );
        new_a.inertia() + new_b.inertia() - a.inertia() - b.inertia()
    }

    fn helps(&self, change: f64) -> bool {
        change < -self.least_gain
    }

    fn try_move(&mut self, node: NodeAt) -> bool {
        let from = self.part_of[node];
        if self.members[from].len() == 1 {
            return false;
        }
        let weight = self.graph.weight(node);
        let best = self
            .parts_near(node)
            .into_iter()
            .filter(|&to| self.weights[to] + weight <= self.cap)
            .map(|to| (self.change(from, to, node, None), to))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((change, to)) = best else {
            return false;
        };
        let possible = self.helps(change) && self.graph.connected(&self.without(from, node, None));
        if possible {
            self.shift(node, to);
        }
        possible
    }

    fn try_exchange(&mut self, node: NodeAt) -> bool {
        let from = self.part_of[node];
        let weight = self.graph.weight(node);
        for to in self.parts_near(node) {
            for other in self.members[to].clone() {
                let other_weight = self.graph.weight(other);
                let fits = self.weights[to] - other_weight + weight <= self.cap
                    && self.weights[from] - weight + other_weight <= self.cap;
                if fits
                    && self.helps(self.change(from, to, node, Some(other)))
                    && self.graph.connected(&self.without(from, node, Some(other)))
                    && self.graph.connected(&self.without(to, other, Some(node)))
                {
                    self.shift(node, to);
                    self.shift(other, from);
                    return true;
                }
            }
        }
        false
    }

    fn without(&self, part: PartAt, gone: NodeAt, came: Option<NodeAt>) -> Vec<NodeAt> {
        let stay = self.members[part]
            .iter()
            .copied()
            .filter(|&node| node != gone);
        stay.chain(came).collect()
    }

    fn shift(&mut self, node: NodeAt, to: PartAt) {
        let from = self.part_of[node];
        self.members[from].retain(|&member| member != node);
        self.members[to].push(node);
        self.weights[from] -= self.graph.weight(node);
        self.weights[to] += self.graph.weight(node);
        let moment = self.node_moments[node];
        self.moments[from] = self.moments[from].plus(moment, -1.0);
        self.moments[to] = self.moments[to].plus(moment, 1.0);
        self.part_of[node] = to;
    }
}
