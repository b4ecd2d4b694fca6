//! Compact divisions: local changes, and annealing on the moment of inertia.

use rand::RngCore;

use super::anneal;
use super::graph::{Graph, numbered_by_lowest, part_count};
use super::parts::{Change, Parts, leeway};
use crate::position::{NodeAt, PartAt};

/// Rounds of annealing, each from the best so far, and steps of each, a node.
const ROUNDS: usize = 10;
const STEPS: usize = 2_000;

/// The temperature begins at so many times the inertia of an average node, which lets a part of two take a third on its way to
/// another, and falls so many times, each time to this part, to 0.01.
const HOT: f64 = 4.0;
const STAGES: usize = 100;
const COOLER: f64 = 0.9418;

/// What is over the cap weighs this much beside the inertia at the end; a hundredth of it at the start.
const OVER: f64 = 100.0;

/// States of the exact search that may bring the end of a round within the cap.
const REPAIR_WORK: u64 = 1_000_000;

/// A division this much less compact than the best still counts as equally compact: more than rounding, and less than anybody
/// sees on a map.
const EQUALLY_COMPACT: f64 = 1.01;

/// The most compact division into as many parts as `starts` have (not empty, all within the cap), of those that can be found; of nearly as
/// compact ones the most balanced.
pub(super) fn compact(
    graph: &Graph,
    cap: u64,
    starts: Vec<Vec<PartAt>>,
    random: &mut impl RngCore,
) -> Vec<PartAt> {
    let count = part_count(&starts[0]) as usize;
    let mut found: Vec<Found> = (starts.into_iter())
        .map(|start| improved(Parts::new(graph, cap, start)))
        .collect();
    if count > 1 && count < graph.len() {
        for _ in 0..ROUNDS {
            let best = most_compact(&found);
            let (inertia, start) = (best.inertia, best.part_of.clone());
            found.extend(round(graph, cap, (inertia, start), random));
        }
    }
    choose(graph, found)
}

struct Found {
    inertia: f64,
    part_of: Vec<PartAt>,
}

fn most_compact(found: &[Found]) -> &Found {
    found
        .iter()
        .min_by(|a, b| by_inertia(a, b))
        .expect("there is a start")
}

fn by_inertia(a: &Found, b: &Found) -> std::cmp::Ordering {
    (a.inertia.total_cmp(&b.inertia)).then_with(|| a.part_of.cmp(&b.part_of))
}

/// One annealing: the best within the cap that it passed, and its end, brought within the cap if that can be done.
fn round(
    graph: &Graph,
    cap: u64,
    (inertia, start): (f64, Vec<PartAt>),
    random: &mut impl RngCore,
) -> Vec<Found> {
    let count = part_count(&start);
    let mut parts = Parts::new(graph, cap, start);
    let passed = cool(&mut parts, inertia, random);
    anneal::repair(&mut parts, &mut { REPAIR_WORK }, random);
    let end = (parts.excess() == 0).then_some(parts.part_of);
    let ends = passed.into_iter().chain(end);
    ends.filter(|part_of| part_count(part_of) == count)
        .map(|part_of| improved(Parts::new(graph, cap, part_of)))
        .collect()
}

/// Random moves and exchanges on inertia + λ × what is over the cap, λ growing; the best within the cap on the way.
fn cool(parts: &mut Parts, inertia: f64, random: &mut impl RngCore) -> Option<Vec<PartAt>> {
    let scale = inertia / parts.graph.len() as f64;
    let a_node = parts.graph.mean_weight() as f64;
    let mut temperature = HOT * std::f64::consts::LN_2;
    let (mut now, mut excess) = (parts.inertia(), parts.excess() as i64);
    let (mut least, mut best) = (inertia, None);
    let steps = (STEPS * parts.graph.len()).div_ceil(STAGES);
    for stage in 0..STAGES {
        let weight = OVER * (stage + 1) as f64 / STAGES as f64 / a_node * scale;
        for _ in 0..steps {
            let Some(change) = parts.draw(random) else {
                continue;
            };
            let (more, over) = (parts.more_inertia(change), parts.more_excess(change));
            let worse = more + weight * over as f64;
            let accepted = worse <= 0.0 || worse <= leeway(random) * temperature * scale;
            if accepted && parts.stays_connected(change) {
                parts.make(change);
                now += more;
                excess += over;
                if excess == 0 && now < least * (1.0 - 1e-9) {
                    (least, best) = (now, Some(parts.part_of.clone()));
                }
            }
        }
        temperature *= COOLER;
    }
    best
}

/// Moves and exchanges within the cap until none helps.
fn improved(mut parts: Parts) -> Found {
    let nodes = NodeAt::first(parts.graph.len());
    // Less inertia by at least this is better; less than this is rounding.
    let least_gain = 1e-9 * parts.inertia();
    // Each step lessens the sum, so there is an end; the bound only guards against steps too small to matter.
    for _ in 0..100 {
        let mut better = false;
        for node in nodes.clone() {
            better |= try_move(&mut parts, node, least_gain);
        }
        if !better {
            for node in nodes.clone() {
                better |= try_exchange(&mut parts, node, least_gain);
            }
        }
        if !better {
            break;
        }
    }
    let part_of = numbered_by_lowest(&parts.part_of);
    let parts = Parts::new(parts.graph, parts.cap, part_of);
    Found {
        inertia: parts.inertia(),
        part_of: parts.part_of,
    }
}

fn parts_near(parts: &Parts, node: NodeAt) -> Vec<PartAt> {
    let near = parts.graph.near(node).iter();
    let mut beside: Vec<PartAt> = near
        .map(|&other| parts.part_of[other])
        .filter(|&part| part != parts.part_of[node])
        .collect();
    beside.sort_unstable();
    beside.dedup();
    beside
}

fn fits(parts: &Parts, change: Change) -> bool {
    let (from, to) = parts.weights_after(change);
    from <= parts.cap && to <= parts.cap
}

fn try_move(parts: &mut Parts, node: NodeAt, least_gain: f64) -> bool {
    if parts.members[parts.part_of[node]].len() == 1 {
        return false;
    }
    let best = parts_near(parts, node)
        .into_iter()
        .map(|to| Change {
            node,
            to,
            back: None,
        })
        .filter(|&change| fits(parts, change))
        .map(|change| (parts.more_inertia(change), change))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((more, change)) = best else {
        return false;
    };
    let possible = more < -least_gain && parts.stays_connected(change);
    if possible {
        parts.make(change);
    }
    possible
}

fn try_exchange(parts: &mut Parts, node: NodeAt, least_gain: f64) -> bool {
    for to in parts_near(parts, node) {
        let mut others = parts.members[to].clone();
        others.sort_unstable();
        for other in others {
            let change = Change {
                node,
                to,
                back: Some(other),
            };
            if fits(parts, change)
                && parts.more_inertia(change) < -least_gain
                && parts.stays_connected(change)
            {
                parts.make(change);
                return true;
            }
        }
    }
    false
}

/// The most compact division; among nearly as compact ones the most balanced.
fn choose(graph: &Graph, mut found: Vec<Found>) -> Vec<PartAt> {
    found.sort_by(by_inertia);
    let most = found[0].inertia * EQUALLY_COMPACT;
    let near = found.into_iter().take_while(|each| each.inertia <= most);
    near.map(|each| each.part_of)
        .min_by_key(|part_of| spread(graph, part_of))
        .expect("the best is near itself")
}

/// How much heavier the heaviest part is than the lightest.
fn spread(graph: &Graph, part_of: &[PartAt]) -> u64 {
    let mut weights = vec![0; part_count(part_of) as usize];
    for (&part, &(weight, _)) in part_of.iter().zip(graph.nodes()) {
        weights[part] += weight;
    }
    weights.iter().max().unwrap_or(&0) - weights.iter().min().unwrap_or(&0)
}
