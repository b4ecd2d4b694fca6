//! Bounds: numbers of parts that no division is below.

use super::graph::Graph;
use super::set::NodeSet;
use crate::position::NodeAt;

/// No packing of the weights (each at most `cap`) has fewer bins, so that no division into connected parts has: the bound L2
/// of Martello & Toth (1990), which is never below total ÷ cap and counts weights over half the cap apart. At least 1.
/// O(n²) in the number of weights.
pub(super) fn packing(weights: &[u64], cap: u64) -> u32 {
    let small = weights.iter().filter(|&&weight| weight <= cap / 2);
    small
        .chain([&0])
        .map(|&threshold| packing_over(weights, cap, threshold))
        .max()
        .unwrap_or(0)
        .max(1) as u32
}

/// What weights of at least `threshold` need: those that leave less than it have a bin each, those over half the cap another,
/// and the others fill what these leave.
fn packing_over(weights: &[u64], cap: u64, threshold: u64) -> u64 {
    let (mut alone, mut halves, mut room, mut small) = (0, 0, 0_u64, 0_u64);
    for &weight in weights {
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
}

/// Nodes no two of which can be in one part need a part each: the lightest way between them, both ends counted, is over `cap`.
/// The greedy choice takes again and again the node that excludes fewest others. 0 for more than [`NodeSet::MOST`] nodes.
/// O(n³).
///
/// Six villages of 30 round one of 50 that borders on all, under a cap of 100: the way from one to another weighs 30 + 50 + 30,
/// so they need six parts, where [`packing`] says three.
pub(super) fn apart(graph: &Graph, cap: u64) -> u32 {
    if graph.len() > NodeSet::MOST {
        return 0;
    }
    let together: Vec<NodeSet> = NodeAt::first(graph.len())
        .map(|node| within(graph, node, cap))
        .collect();
    let mut left = NodeSet::first(graph.len());
    let mut chosen = 0;
    while let Some(node) =
        (left.nodes()).min_by_key(|&node| (left.within(together[node]).count(), node))
    {
        left = left.without(together[node]);
        chosen += 1;
    }
    chosen
}

/// The nodes that can be in one part with `start`, itself included: by Dijkstra's search over weights of nodes.
fn within(graph: &Graph, start: NodeAt, cap: u64) -> NodeSet {
    let mut ways = vec![u64::MAX; graph.len()];
    ways[start] = graph.weight(start);
    let mut open = NodeSet::only(start);
    let mut found = NodeSet::EMPTY;
    while let Some(node) = open.nodes().min_by_key(|&node| ways[node]) {
        found = found.and(NodeSet::only(node));
        open = open.without(NodeSet::only(node));
        for &near in graph.near(node) {
            let way = ways[node] + graph.weight(near);
            if way <= cap && way < ways[near] {
                ways[near] = way;
                open = open.and(NodeSet::only(near));
            }
        }
    }
    found
}
