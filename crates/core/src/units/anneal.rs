//! A division into a given number of parts: annealing on what is over the cap, then exact searches around what still is.

use rand::RngCore;

use super::exact::{self, Answer, First};
use super::graph::Graph;
use super::parts::{Parts, below, leeway};
use super::set::NodeSet;
use super::trees;
use crate::position::{NodeAt, PartAt};

/// Steps of one annealing, a node.
const STEPS: usize = 300;

/// The temperature falls so many times, each time to this part, from 1 to 0.02 average nodes.
const STAGES: usize = 100;
const COOLER: f64 = 0.9616;

/// Searches around parts over the cap, and the most states of each.
const REPAIRS: usize = 100;
const REPAIR_WORK: u64 = 20_000;

/// A state of the exact search counts as this many steps of annealing.
const STEPS_A_STATE: u64 = 2;

/// A division into at most `parts` connected parts within `cap`, if it is found within `work` steps: again and again from a new
/// random start. The weights are at most `cap` each.
pub(super) fn divide(
    graph: &Graph,
    cap: u64,
    parts: u32,
    work: u64,
    random: &mut impl RngCore,
) -> Option<Vec<PartAt>> {
    let mut left = work;
    while left > 0 {
        let start = trees::cut_into(graph, cap, parts, random);
        let mut tried = Parts::new(graph, cap, start);
        cool(&mut tried, random);
        left = left.saturating_sub((STEPS * graph.len()) as u64);
        repair(&mut tried, &mut left, random);
        if tried.excess() == 0 {
            return Some(super::graph::numbered_by_lowest(&tried.part_of));
        }
    }
    None
}

/// Random moves and exchanges; one that raises what is over the cap is accepted the more seldom the more it does, and the
/// later. Ends as soon as nothing is over.
fn cool(parts: &mut Parts, random: &mut impl RngCore) {
    let mut temperature = parts.graph.mean_weight() as f64 * std::f64::consts::LN_2;
    let mut excess = parts.excess() as i64;
    let steps = (STEPS * parts.graph.len()).div_ceil(STAGES);
    for _ in 0..STAGES {
        for _ in 0..steps {
            if excess == 0 {
                return;
            }
            let Some(change) = parts.draw(random) else {
                continue;
            };
            let more = parts.more_excess(change);
            let accepted = more <= 0 || more as f64 <= leeway(random) * temperature;
            if accepted && parts.stays_connected(change) {
                parts.make(change);
                excess += more;
            }
        }
        temperature *= COOLER;
    }
}

/// Divides random groups of three to seven neighbouring parts anew, one of them over the cap, by the exact search, until none
/// is over or the tries are up.
pub(super) fn repair(parts: &mut Parts, work: &mut u64, random: &mut impl RngCore) {
    for _ in 0..REPAIRS {
        let over: Vec<PartAt> = PartAt::first(parts.weights.len())
            .filter(|&part| parts.weights[part] > parts.cap)
            .collect();
        if over.is_empty() || *work == 0 {
            return;
        }
        let group = group(parts, over[below(random, over.len())], random);
        let members: Vec<NodeAt> = (group.iter())
            .flat_map(|&part| parts.members[part].iter().copied())
            .collect();
        if members.len() > NodeSet::MOST {
            *work = work.saturating_sub(REPAIR_WORK);
            continue;
        }
        let first = match below(random, 2) {
            0 => First::FewestNeighbours,
            _ => First::Heaviest,
        };
        let mut states = REPAIR_WORK;
        let count = group.len() as u32;
        let answer = exact::divide(parts.graph, &members, parts.cap, count, first, &mut states);
        *work = work.saturating_sub((REPAIR_WORK - states) * STEPS_A_STATE + STEPS_A_STATE);
        if let Answer::Parts(divided) = answer {
            parts.replace(&group, &divided);
        }
    }
}

/// A part and neighbours of it, each the lightest or any one of those beside the group: three to five, and on to seven while they
/// are too heavy together.
fn group(parts: &Parts, start: PartAt, random: &mut impl RngCore) -> Vec<PartAt> {
    let wanted = 3 + below(random, 3);
    let mut group = vec![start];
    let mut weight = parts.weights[start];
    while group.len() < wanted || (group.len() < 7 && weight > group.len() as u64 * parts.cap) {
        let members = group.iter().flat_map(|&part| &parts.members[part]);
        let beside = members.flat_map(|&node| parts.graph.near(node));
        let mut beside: Vec<PartAt> = beside.map(|&node| parts.part_of[node]).collect();
        beside.sort_unstable();
        beside.dedup();
        beside.retain(|part| !group.contains(part));
        let lightest = beside
            .iter()
            .copied()
            .min_by_key(|&part| (parts.weights[part], part));
        let Some(lightest) = lightest else { break };
        let next = match below(random, 2) {
            0 => lightest,
            _ => beside[below(random, beside.len())],
        };
        weight += parts.weights[next];
        group.push(next);
    }
    group
}
