//! Dividing a graph into the fewest connected parts under a cap.

use geo::Coord;
use rand::{RngCore, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::contiguity::DisjointSets;

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
    edges: Vec<(u32, u32)>,
    neighbours: Vec<Vec<u32>>,
}

impl Graph {
    /// From nodes (weight, place in metres) and edges between their positions.
    pub fn new(nodes: Vec<(u64, Coord)>, edges: impl Iterator<Item = (u32, u32)>) -> Self {
        let edges: Vec<(u32, u32)> = edges.collect();
        let mut neighbours = vec![Vec::new(); nodes.len()];
        for &(a, b) in &edges {
            neighbours[a as usize].push(b);
            neighbours[b as usize].push(a);
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
    pub fn connected(&self, members: &[u32]) -> bool {
        let mut left: Vec<u32> = members[1..].to_vec();
        let mut front = vec![members[0]];
        while let Some(at) = front.pop() {
            let near = &self.neighbours[at as usize];
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

    pub(super) fn weight(&self, node: u32) -> u64 {
        self.nodes[node as usize].0
    }

    /// The nodes of each connected part, by their lowest node.
    fn components(&self) -> Vec<Vec<u32>> {
        let mut sets = DisjointSets::new(self.nodes.len());
        self.edges.iter().for_each(|&(a, b)| {
            sets.join(a, b);
        });
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); self.nodes.len()];
        (0..self.nodes.len() as u32).for_each(|at| parts[sets.root(at) as usize].push(at));
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The nodes that share an edge with `node`, ascending.
    pub(super) fn near(&self, node: u32) -> &[u32] {
        &self.neighbours[node as usize]
    }

    /// The graph of some nodes (ascending), renumbered in their order, with weights of at most `cap`.
    pub(super) fn part(&self, members: &[u32], cap: u64) -> Self {
        let new = |old: u32| members.binary_search(&old).ok().map(|at| at as u32);
        let nodes = members
            .iter()
            .map(|&old| self.nodes[old as usize])
            .map(|(w, at)| (w.min(cap), at));
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
    pub part_of: Vec<u32>,
    /// How many parts.
    pub parts: u32,
    /// No division has fewer.
    pub lower_bound: u32,
    /// Whether no division has fewer than `parts`.
    pub proved: bool,
}

/// Divides `graph` into connected parts of weight at most `cap`: as few as can be found, then compact, then balanced (see
/// [`super::divide`]). A node over the cap shares its part with nobody (but nodes of weight 0). The same seed gives the same parts.
///
/// Each connected component is divided for itself: (1) 300 random spanning trees, each cut into its least number of
/// parts by Kundu & Misra (1977); (2) where a bound does not prove that number least and the component has at most [`EXACT`]
/// nodes, a dynamic programme over its connected subsets; (3) single moves and exchanges between neighbouring parts while
/// they make the division more compact.
#[must_use]
pub fn partition(graph: &Graph, cap: u64, seed: u64) -> Partition {
    let mut whole = Partition {
        part_of: vec![0; graph.nodes.len()],
        parts: 0,
        lower_bound: 0,
        proved: true,
    };
    for members in graph.components() {
        let found = divide_component(&graph.part(&members, cap), cap, seed);
        for (&node, part) in members.iter().zip(&found.part_of) {
            whole.part_of[node as usize] = whole.parts + part;
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

fn numbered_by_lowest(part_of: &[u32]) -> Vec<u32> {
    let mut new = vec![u32::MAX; part_of.len()];
    let mut next = 0;
    part_of
        .iter()
        .map(|&part| {
            let number = &mut new[part as usize];
            if *number == u32::MAX {
                *number = next;
                next += 1;
            }
            *number
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

fn part_count(part_of: &[u32]) -> u32 {
    part_of.iter().max().map_or(0, |most| most + 1)
}

/// The most compact division; among nearly as compact ones the most balanced.
fn choose(graph: &Graph, mut found: Vec<(f64, Vec<u32>)>) -> Vec<u32> {
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let most = found[0].0 * EQUALLY_COMPACT;
    let spread = |part_of: &[u32]| {
        let mut weights = vec![0; part_count(part_of) as usize];
        part_of
            .iter()
            .zip(0..)
            .for_each(|(&part, node)| weights[part as usize] += graph.weight(node));
        weights.iter().max().unwrap_or(&0) - weights.iter().min().unwrap_or(&0)
    };
    let near = found
        .into_iter()
        .take_while(|(inertia, _)| *inertia <= most);
    near.map(|(_, part_of)| part_of)
        .min_by_key(|part_of| spread(part_of))
        .expect("the best is near itself")
}

/// No division into connected parts, indeed no packing of the weights, has fewer: the bound L2 of Martello & Toth (1990),
/// which is never below total ÷ cap and counts weights over half the cap apart. At least 1.
fn lower_bound(graph: &Graph, cap: u64) -> u32 {
    let weights: Vec<u64> = graph.nodes.iter().map(|node| node.0).collect();
    let thresholds = weights
        .iter()
        .copied()
        .filter(|&each| each <= cap / 2)
        .chain([0]);
    let at = |threshold: u64| {
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
    };
    thresholds.map(at).max().unwrap_or(0).max(1) as u32
}

/// Cuts of random spanning trees into the least number of parts that any of them gives; sorted, without repetition, at least
/// one. Half of the trees prefer short edges, which makes for round parts, the others any.
fn tree_cuts(graph: &Graph, cap: u64, seed: u64) -> Vec<Vec<u32>> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let length = |a: u32, b: u32| {
        let delta = graph.nodes[a as usize].1 - graph.nodes[b as usize].1;
        delta.x.hypot(delta.y)
    };
    let mut cuts: Vec<Vec<u32>> = Vec::new();
    for turn in 0..TREES {
        let mut keyed: Vec<(f64, u32, u32)> = Vec::with_capacity(graph.edges.len());
        for &(a, b) in &graph.edges {
            let chance = (random.next_u64() >> 11) as f64;
            keyed.push((
                if turn % 2 == 0 {
                    chance * length(a, b)
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
                tree[a as usize].push(b);
                tree[b as usize].push(a);
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
fn cut_tree(graph: &Graph, tree: &[Vec<u32>], cap: u64) -> Vec<u32> {
    let mut parent: Vec<u32> = vec![0; tree.len()];
    let mut order = Vec::with_capacity(tree.len());
    let mut front = vec![0_u32];
    while let Some(at) = front.pop() {
        order.push(at);
        let above = (at != 0).then_some(parent[at as usize]);
        for &child in tree[at as usize]
            .iter()
            .filter(|&&child| Some(child) != above)
        {
            parent[child as usize] = at;
            front.push(child);
        }
    }
    let mut left: Vec<u64> = graph.nodes.iter().map(|node| node.0).collect();
    let mut cut = vec![false; tree.len()];
    cut[0] = true;
    for &at in order.iter().rev() {
        let mut children: Vec<u32> = tree[at as usize]
            .iter()
            .copied()
            .filter(|&child| child != 0 && parent[child as usize] == at)
            .collect();
        children.sort_unstable_by_key(|&child| (left[child as usize], child));
        for child in children {
            let together = left[at as usize] + left[child as usize];
            if together <= cap {
                left[at as usize] = together
            } else {
                cut[child as usize] = true
            }
        }
    }
    let mut part_of = vec![0; tree.len()];
    let mut next = 0;
    for &at in &order {
        part_of[at as usize] = if cut[at as usize] {
            next
        } else {
            part_of[parent[at as usize] as usize]
        };
        next += u32::from(cut[at as usize]);
    }
    part_of
}

/// The least number of parts for certain: for each set of nodes, the fewest connected subsets within the cap that make it up.
fn exact(graph: &Graph, cap: u64) -> Vec<u32> {
    let count = graph.nodes.len();
    let near: Vec<u32> = graph
        .neighbours
        .iter()
        .map(|list| list.iter().fold(0, |mask, &node| mask | 1_u32 << node))
        .collect();
    let weight = |mask: u32| bits(mask).map(|node| graph.weight(node)).sum::<u64>();
    let connected = |mask: u32| {
        let mut reached = mask & mask.wrapping_neg();
        loop {
            let more = bits(reached).fold(reached, |all, node| all | near[node as usize]) & mask;
            if more == reached {
                return reached == mask;
            }
            reached = more;
        }
    };
    let all = (1_u32 << count) - 1;
    let allowed: Vec<bool> = (0..=all)
        .map(|mask| mask != 0 && weight(mask) <= cap && connected(mask))
        .collect();
    // fewest[mask] and the subset with the mask's lowest node that attains it.
    let mut fewest: Vec<(u8, u32)> = vec![(0, 0); allowed.len()];
    for mask in 1..=all {
        let lowest = mask & mask.wrapping_neg();
        let rest = mask ^ lowest;
        let mut best = (u8::MAX, 0);
        let mut chosen = rest;
        loop {
            let subset = chosen | lowest;
            if allowed[subset as usize] {
                best = best.min((fewest[(mask ^ subset) as usize].0.saturating_add(1), subset));
            }
            if chosen == 0 {
                break;
            }
            chosen = (chosen - 1) & rest;
        }
        fewest[mask as usize] = best;
    }
    let mut part_of = vec![0; count];
    let (mut left, mut part) = (all, 0);
    while left != 0 {
        let subset = fewest[left as usize].1;
        bits(subset).for_each(|node| part_of[node as usize] = part);
        left ^= subset;
        part += 1;
    }
    part_of
}

pub(super) fn bits(mut mask: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let lowest = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask - 1;
        Some(lowest)
    })
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
    pub(super) fn of(weight: u64, at: Coord) -> Self {
        let mass = weight as f64 / 1000.0 + 1.0;
        Self {
            mass,
            first: at * mass,
            second: mass * (at.x * at.x + at.y * at.y),
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
    part_of: Vec<u32>,
    members: Vec<Vec<u32>>,
    weights: Vec<u64>,
    moments: Vec<Moment>,
    node_moments: Vec<Moment>,
    /// Less inertia by at least this is better; less than this is rounding.
    least_gain: f64,
}

impl<'a> Parts<'a> {
    fn new(graph: &'a Graph, cap: u64, part_of: Vec<u32>) -> Self {
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
            .map(|&(w, at)| Moment::of(w, at - middle))
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
        for node in 0..graph.nodes.len() as u32 {
            let part = parts.part_of[node as usize] as usize;
            parts.members[part].push(node);
            parts.weights[part] += graph.weight(node);
            parts.moments[part] = parts.moments[part].plus(parts.node_moments[node as usize], 1.0);
        }
        parts
    }

    /// Moves and exchanges until none helps; the inertia, and the parts numbered by their lowest node.
    fn improved(mut self) -> (f64, Vec<u32>) {
        let nodes = self.graph.nodes.len() as u32;
        // Each step lessens the sum, so there is an end; the bound only guards against steps too small to matter.
        for _ in 0..100 {
            let mut better = false;
            for node in 0..nodes {
                better |= self.try_move(node);
            }
            if !better {
                for node in 0..nodes {
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

    fn parts_near(&self, node: u32) -> Vec<u32> {
        let own = self.part_of[node as usize];
        let near = self.graph.neighbours[node as usize]
            .iter()
            .map(|&other| self.part_of[other as usize]);
        let mut parts: Vec<u32> = near.filter(|&part| part != own).collect();
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// The inertia of two parts after `out` (of the first) has gone to the second and `back` the other way, less before.
    fn change(&self, from: u32, to: u32, out: u32, back: Option<u32>) -> f64 {
        let (a, b) = (self.moments[from as usize], self.moments[to as usize]);
        let out = self.node_moments[out as usize];
        let back = back.map_or(Moment::default(), |node| self.node_moments[node as usize]);
        let (new_a, new_b) = (
            a.plus(out, -1.0).plus(back, 1.0),
            b.plus(out, 1.0).plus(back, -1.0),
        );
        new_a.inertia() + new_b.inertia() - a.inertia() - b.inertia()
    }

    fn helps(&self, change: f64) -> bool {
        change < -self.least_gain
    }

    fn try_move(&mut self, node: u32) -> bool {
        let from = self.part_of[node as usize];
        if self.members[from as usize].len() == 1 {
            return false;
        }
        let weight = self.graph.weight(node);
        let best = self
            .parts_near(node)
            .into_iter()
            .filter(|&to| self.weights[to as usize] + weight <= self.cap)
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

    fn try_exchange(&mut self, node: u32) -> bool {
        let from = self.part_of[node as usize];
        let weight = self.graph.weight(node);
        for to in self.parts_near(node) {
            for other in self.members[to as usize].clone() {
                let other_weight = self.graph.weight(other);
                let fits = self.weights[to as usize] - other_weight + weight <= self.cap
                    && self.weights[from as usize] - weight + other_weight <= self.cap;
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

    fn without(&self, part: u32, gone: u32, came: Option<u32>) -> Vec<u32> {
        let stay = self.members[part as usize]
            .iter()
            .copied()
            .filter(|&node| node != gone);
        stay.chain(came).collect()
    }

    fn shift(&mut self, node: u32, to: u32) {
        let from = self.part_of[node as usize];
        self.members[from as usize].retain(|&each| each != node);
        self.members[to as usize].push(node);
        self.weights[from as usize] -= self.graph.weight(node);
        self.weights[to as usize] += self.graph.weight(node);
        let moment = self.node_moments[node as usize];
        self.moments[from as usize] = self.moments[from as usize].plus(moment, -1.0);
        self.moments[to as usize] = self.moments[to as usize].plus(moment, 1.0);
        self.part_of[node as usize] = to;
    }
}
