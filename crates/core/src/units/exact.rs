//! The exact search: whether some nodes divide into so many connected parts under a cap, found or refuted.

use std::collections::BTreeMap;

use super::bound::packing;
use super::graph::Graph;
use super::set::NodeSet;
use crate::position::NodeAt;

/// Which node of what is left the next part begins with. Any choice is right; some problems are easy by one and hard by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// One with the fewest neighbours left, of these the heaviest: a dead end has few parts it can be in.
    FewestNeighbours,
    /// The heaviest.
    Heaviest,
}

/// What the search says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The parts; they may be fewer than asked for.
    Parts(Vec<Vec<NodeAt>>),
    /// There is no such division.
    None,
    /// The work was up before that was known.
    Open,
}

/// Whether `members` (at most [`NodeSet::MOST`], connected, each within `cap`) divide into at most `parts` connected parts within
/// `cap`. Takes what it works off `work`, one for each state, and stops when that is up; a state costs about a microsecond.
///
/// The first part grows from one node, by all neighbours one after the other, heaviest first, each taken or left for good. When
/// it can grow no more, the connected components of the rest are solved for themselves. All parts together may leave
/// `parts` × `cap` − weight free; a part that cannot be filled, or a component that is cut off and cannot fill its
/// parts, ends a branch as soon as they leave more than that.
pub(super) fn divide(
    graph: &Graph,
    members: &[NodeAt],
    cap: u64,
    parts: u32,
    first: First,
    work: &mut u64,
) -> Answer {
    let terrain = Terrain::new(graph, members);
    let whole = NodeSet::first(members.len());
    let mut search = Search {
        terrain: &terrain,
        cap,
        first,
        work: *work,
        failed: BTreeMap::new(),
        solved: BTreeMap::new(),
    };
    let answer = search.solve(whole, parts);
    *work = search.work;
    match answer {
        Some(true) => Answer::Parts(search.parts(whole)),
        Some(false) => Answer::None,
        None => Answer::Open,
    }
}

/// Nodes renumbered so that a lower number is a heavier node.
struct Terrain {
    nodes: Vec<NodeAt>,
    weights: Vec<u64>,
    near: Vec<NodeSet>,
}

impl Terrain {
    fn new(graph: &Graph, members: &[NodeAt]) -> Self {
        let mut nodes = members.to_vec();
        nodes.sort_unstable_by_key(|&node| (std::cmp::Reverse(graph.weight(node)), node));
        let mut number = vec![None; graph.len()];
        for (new, &node) in NodeAt::enumerate(&nodes) {
            number[node] = Some(new);
        }
        let near = |&node: &NodeAt| graph.near(node).iter().filter_map(|&other| number[other]);
        Self {
            near: nodes.iter().map(|node| near(node).collect()).collect(),
            weights: nodes.iter().map(|&node| graph.weight(node)).collect(),
            nodes,
        }
    }

    fn weight(&self, set: NodeSet) -> u64 {
        set.nodes().map(|node| self.weights[node]).sum()
    }

    /// All nodes of at most this weight.
    fn at_most(&self, weight: u64) -> NodeSet {
        let heavier = self.weights.partition_point(|&each| each > weight);
        NodeSet::first(self.weights.len()).without(NodeSet::first(heavier))
    }

    /// The neighbours of a set, among them nodes of its own.
    fn beside(&self, set: NodeSet) -> NodeSet {
        set.nodes()
            .fold(NodeSet::EMPTY, |sum, node| sum.and(self.near[node]))
    }

    /// What `start` reaches through `free`, itself included.
    fn reach(&self, start: NodeSet, free: NodeSet) -> NodeSet {
        let (mut reached, mut front) = (start, start);
        while !front.is_empty() {
            front = self.beside(front).within(free).without(reached);
            reached = reached.and(front);
        }
        reached
    }

    /// The connected components of a set, by their heaviest node.
    fn components(&self, mut set: NodeSet) -> impl Iterator<Item = NodeSet> {
        std::iter::from_fn(move || {
            let component = (!set.is_empty()).then(|| self.reach(set.lowest(), set))?;
            set = set.without(component);
            Some(component)
        })
    }
}

struct Search<'a> {
    terrain: &'a Terrain,
    cap: u64,
    first: First,
    work: u64,
    /// The most parts that a set is known not to divide into.
    failed: BTreeMap<NodeSet, u32>,
    /// The parts that a set does divide into, and the first of them.
    solved: BTreeMap<NodeSet, (u32, NodeSet)>,
}

/// What is divided, by its first part.
struct Task {
    set: NodeSet,
    parts: u32,
    /// What all parts together may leave free.
    slack: u64,
}

/// The first part so far.
#[derive(Clone, Copy)]
struct Part {
    nodes: NodeSet,
    weight: u64,
    /// The neighbours of its nodes.
    beside: NodeSet,
}

/// `None` where the work is up.
type Known = Option<bool>;

impl Search<'_> {
    fn solve(&mut self, set: NodeSet, parts: u32) -> Known {
        let weight = self.terrain.weight(set);
        if weight <= self.cap {
            return Some(parts > 0);
        }
        let failed = self.failed.get(&set).is_some_and(|&most| most >= parts);
        if failed || weight.div_ceil(self.cap) > u64::from(parts) {
            return Some(false);
        }
        if self.solved.get(&set).is_some_and(|&(few, _)| few <= parts) {
            return Some(true);
        }
        let start = self.start(set);
        let part = Part {
            nodes: NodeSet::only(start),
            weight: self.terrain.weights[start],
            beside: self.terrain.near[start],
        };
        let slack = u64::from(parts) * self.cap - weight;
        let found = self.grow(&Task { set, parts, slack }, part, NodeSet::EMPTY)?;
        if !found {
            self.failed.insert(set, parts);
        }
        Some(found)
    }

    fn start(&self, set: NodeSet) -> NodeAt {
        let neighbours = |node: &NodeAt| match self.first {
            First::FewestNeighbours => self.terrain.near[*node].within(set).count(),
            First::Heaviest => 0,
        };
        // The first of equals, which is the heaviest.
        (set.nodes().min_by_key(neighbours)).expect("a set over the cap has nodes")
    }

    /// All ways in which the part may go on without the nodes that were left.
    fn grow(&mut self, task: &Task, part: Part, mut left: NodeSet) -> Known {
        loop {
            self.work = self.work.checked_sub(1)?;
            let fitting = self.terrain.at_most(self.cap - part.weight);
            let free = task.set.without(left).within(fitting);
            let reach = self.terrain.reach(part.nodes, free);
            if self.wasted(task, part, reach) > task.slack {
                return Some(false);
            }
            let next = part.beside.within(reach).without(part.nodes).lowest();
            let Some(node) = next.nodes().next() else {
                return self.close(task, part);
            };
            let larger = Part {
                nodes: part.nodes.and(next),
                weight: part.weight + self.terrain.weights[node],
                beside: part.beside.and(self.terrain.near[node]),
            };
            if self.grow(task, larger, left)? {
                return Some(true);
            }
            left = left.and(next);
        }
    }

    /// What stays free at least: in the part when it takes all that it can reach, and in components that it cannot
    /// touch any more.
    fn wasted(&self, task: &Task, part: Part, reach: NodeSet) -> u64 {
        let mut wasted = self.cap.saturating_sub(self.terrain.weight(reach));
        let touched = reach.without(part.nodes);
        for component in self.terrain.components(task.set.without(reach)) {
            if wasted > task.slack {
                break;
            }
            if !self.terrain.beside(component).meets(touched) {
                let weight = self.terrain.weight(component);
                wasted += weight.div_ceil(self.cap) * self.cap - weight;
            }
        }
        wasted
    }

    /// The part is what it is; the components of the rest share the other parts.
    fn close(&mut self, task: &Task, part: Part) -> Known {
        let rest = task.set.without(part.nodes);
        let mut needs: Vec<(u32, NodeSet, u32)> = (self.terrain.components(rest))
            .map(|component| (component.count(), component, self.need(component)))
            .collect();
        needs.sort_unstable();
        let need: u32 = needs.iter().map(|(_, _, need)| need).sum();
        let Some(mut spare) = (task.parts - 1).checked_sub(need) else {
            return Some(false);
        };
        for (_, component, need) in needs {
            let mut parts = need;
            while !self.solve(component, parts)? {
                let Some(left) = spare.checked_sub(1) else {
                    return Some(false);
                };
                (spare, parts) = (left, parts + 1);
            }
        }
        let found = task.parts - spare;
        self.solved.insert(task.set, (found, part.nodes));
        Some(true)
    }

    fn need(&self, set: NodeSet) -> u32 {
        let weights: Vec<u64> = set.nodes().map(|node| self.terrain.weights[node]).collect();
        packing(&weights, self.cap)
    }

    /// The parts of a set that was solved.
    fn parts(&self, set: NodeSet) -> Vec<Vec<NodeAt>> {
        let Some((_, first)) = self.solved.get(&set) else {
            return vec![set.nodes().map(|node| self.terrain.nodes[node]).collect()];
        };
        let rest = self.terrain.components(set.without(*first));
        let first = first.nodes().map(|node| self.terrain.nodes[node]).collect();
        let others = rest.flat_map(|component| self.parts(component));
        std::iter::once(first).chain(others).collect()
    }
}
