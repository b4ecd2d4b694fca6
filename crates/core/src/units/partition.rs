//! Dividing a graph into the fewest connected parts under a cap.

use rand::{RngCore, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::exact::{self, Answer, First};
use super::graph::{Graph, numbered_by_lowest, part_count};
use super::set::NodeSet;
use super::{anneal, bound, compact, trees};
use crate::position::{NodeAt, PartAt};

/// Spanning trees that are cut, a component: the least of their numbers is where the search begins.
const TREES: usize = 100;

/// States of the exact search before annealing, and after it. All limits count work and read no clock, so that the result does
/// not depend on the load of a machine.
const QUICK: u64 = 50_000;
const LONG: u64 = 2_000_000;

/// Steps of annealing and of the searches around what it leaves over.
const STEPS: u64 = 12_000_000;

/// Further divisions that are made compact, and the most steps for each, where no tree gave any: one is too little to choose from.
const OTHERS: usize = 8;
const OTHERS_STEPS: u64 = 100_000;

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
/// Each connected component is divided for itself. The cuts of some random spanning trees say how many parts are enough, bounds
/// how many are needed at least. Where they differ, numbers between them are tried, the middle one first: if some number of
/// parts is enough, so is any greater one. A number is tried by a short exact search (`exact`), which finds a division
/// or refutes it; then by annealing on what is over the cap (`anneal`); then by a long exact search. In the end the
/// division is made compact (`compact`).
///
/// Townships of up to 120 nodes take some hundredths of a second where the number is found or refuted, and a few seconds where it is
/// neither. Beyond 128 nodes nothing is refuted, and the number is the best of trees and annealing.
#[must_use]
pub fn partition(graph: &Graph, cap: u64, seed: u64) -> Partition {
    let mut whole = Partition {
        part_of: vec![PartAt(0); graph.len()],
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

/// A number of parts that no division of the graph is below (see [`Partition::lower_bound`]), of use to one into `parts`: a short
/// exact search refutes what bounds allow.
#[must_use]
pub(super) fn bound(graph: &Graph, cap: u64, parts: u32) -> u32 {
    let components = graph.components();
    let graphs = components.iter().map(|members| graph.part(members, cap));
    let graphs: Vec<Graph> = graphs.collect();
    let mut bounds: Vec<u32> = graphs.iter().map(|graph| lower_bound(graph, cap)).collect();
    for (at, graph) in graphs.iter().enumerate() {
        let others: u32 = bounds.iter().sum::<u32>() - bounds[at];
        while others + bounds[at] < parts
            && matches!(
                exactly(graph, cap, bounds[at], First::FewestNeighbours, QUICK),
                Answer::None
            )
        {
            bounds[at] += 1;
        }
    }
    bounds.iter().sum()
}

/// A seed from a name (FNV-1a), so that a township is divided alike whatever else the city holds.
#[must_use]
pub fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn divide_component(graph: &Graph, cap: u64, seed: u64) -> Partition {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut starts = tree_cuts(graph, cap, &mut random);
    let mut parts = part_count(&starts[0]);
    let is_tree = graph.edges().len() < graph.len();
    let mut lower_bound = if is_tree {
        parts // No division of a tree has fewer than its cut.
    } else {
        lower_bound(graph, cap)
    };
    // Numbers below this are refuted, or were tried in vain.
    let mut open = lower_bound;
    while open < parts {
        let wanted = open + (parts - open) / 2;
        match divide_into(graph, cap, wanted, &mut random) {
            Tried::Found(part_of) => {
                parts = part_count(&part_of);
                starts = vec![part_of];
            }
            Tried::Refuted => (lower_bound, open) = (wanted + 1, wanted + 1),
            Tried::Open => open = wanted + 1,
        }
    }
    if starts.len() == 1 && parts > 1 {
        let others = (0..OTHERS)
            .filter_map(|_| anneal::divide(graph, cap, parts, OTHERS_STEPS, &mut random))
            .filter(|other| part_count(other) == parts);
        starts.extend(others);
    }
    let lower_bound = lower_bound.min(parts);
    Partition {
        part_of: compact::compact(graph, cap, starts, &mut random),
        parts,
        lower_bound,
        proved: lower_bound == parts,
    }
}

fn lower_bound(graph: &Graph, cap: u64) -> u32 {
    let weights: Vec<u64> = graph.nodes().iter().map(|node| node.0).collect();
    bound::packing(&weights, cap).max(bound::apart(graph, cap))
}

/// Cuts of random spanning trees into the least number of parts that any of them gives; sorted, without repetition, at least
/// one.
fn tree_cuts(graph: &Graph, cap: u64, random: &mut impl RngCore) -> Vec<Vec<PartAt>> {
    let mut cuts: Vec<Vec<PartAt>> = (0..TREES).map(|_| trees::cut(graph, cap, random)).collect();
    let fewest = cuts.iter().map(|cut| part_count(cut)).min().unwrap_or(0);
    cuts.retain(|cut| part_count(cut) == fewest);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

enum Tried {
    Found(Vec<PartAt>),
    Refuted,
    Open,
}

/// Into at most `parts` parts, if that can be found or refuted.
fn divide_into(graph: &Graph, cap: u64, parts: u32, random: &mut impl RngCore) -> Tried {
    match exactly(graph, cap, parts, First::FewestNeighbours, QUICK) {
        Answer::Open => {}
        known => return tried(graph, known),
    }
    if let Some(part_of) = anneal::divide(graph, cap, parts, STEPS, random) {
        return Tried::Found(part_of);
    }
    match exactly(graph, cap, parts, First::FewestNeighbours, LONG) {
        Answer::Open => tried(graph, exactly(graph, cap, parts, First::Heaviest, LONG)),
        known => tried(graph, known),
    }
}

/// The exact search on a whole graph, where it is small enough.
fn exactly(graph: &Graph, cap: u64, parts: u32, first: First, mut work: u64) -> Answer {
    if graph.len() > NodeSet::MOST {
        return Answer::Open;
    }
    let all: Vec<NodeAt> = NodeAt::first(graph.len()).collect();
    exact::divide(graph, &all, cap, parts, first, &mut work)
}

fn tried(graph: &Graph, answer: Answer) -> Tried {
    match answer {
        Answer::Parts(parts) => {
            let mut part_of = vec![PartAt(0); graph.len()];
            for (part, nodes) in PartAt::enumerate(parts) {
                nodes.into_iter().for_each(|node| part_of[node] = part);
            }
            Tried::Found(numbered_by_lowest(&part_of))
        }
        Answer::None => Tried::Refuted,
        Answer::Open => Tried::Open,
    }
}
