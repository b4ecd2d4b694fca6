//! Divisions from random spanning trees, each cut at its best.

use rand::RngCore;

use super::contiguity::DisjointSets;
use super::graph::{Graph, numbered_by_lowest, part_count};
use crate::position::{NodeAt, PartAt};

/// A random spanning tree of a connected graph that prefers short edges, cut into its least number of parts; parts are numbered by
/// their lowest node. Where the graph is a tree, no division has fewer. O(m log m) in the number of edges.
pub(super) fn cut(graph: &Graph, cap: u64, random: &mut impl RngCore) -> Vec<PartAt> {
    let mut keyed: Vec<(f64, NodeAt, NodeAt)> = Vec::with_capacity(graph.edges().len());
    for &(a, b) in graph.edges() {
        let chance = (random.next_u64() >> 11) as f64;
        keyed.push((chance * graph.length(a, b), a, b));
    }
    keyed.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut sets = DisjointSets::new(graph.len());
    let mut tree = vec![Vec::new(); graph.len()];
    for (_, a, b) in keyed {
        if sets.join(a, b) {
            tree[a].push(b);
            tree[b].push(a);
        }
    }
    numbered_by_lowest(&cut_tree(graph, &tree, cap))
}

/// As [`cut`], and then the two lightest neighbouring parts are joined again and again until there are at most `parts`, whatever
/// they weigh.
pub(super) fn cut_into(
    graph: &Graph,
    cap: u64,
    parts: u32,
    random: &mut impl RngCore,
) -> Vec<PartAt> {
    let mut part_of = cut(graph, cap, random);
    let mut weights = vec![0_u64; part_count(&part_of) as usize];
    for (&part, &(weight, _)) in part_of.iter().zip(graph.nodes()) {
        weights[part] += weight;
    }
    for _ in parts..part_count(&part_of) {
        let beside = (graph.edges().iter())
            .map(|&(a, b)| (part_of[a], part_of[b]))
            .filter(|(a, b)| a != b);
        let lightest = beside.min_by_key(|&(a, b)| (weights[a] + weights[b], a.min(b), a.max(b)));
        let Some((a, b)) = lightest else { break };
        weights[a] += weights[b];
        part_of
            .iter_mut()
            .filter(|part| **part == b)
            .for_each(|part| *part = a);
    }
    numbered_by_lowest(&part_of)
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
    let mut left: Vec<u64> = graph.nodes().iter().map(|node| node.0).collect();
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
