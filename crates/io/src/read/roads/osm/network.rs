//! From ways and relations to crossings, edges and barriers.

use fuwutu_core::quantity::Point;
use fuwutu_core::reach::roads::{Barrier, BarrierKind, Edge, RoadRecords};
use fuwutu_core::watch::{Progress, Stopped, Watch};
use rayon::prelude::*;

use super::areas;
use super::blobs::Budget;
use super::block::{Block, Street, What};
use super::joins::{self, Renames};
use super::nodes::{Lost, Nodes, Runs, closes};
use super::wire::{Broken, Packed};
use super::{Limits, Node};
use crate::finding::{Finding, Findings, Kind};

/// What became of the file's streets.
pub(super) struct Network {
    pub records: RoadRecords,
    pub lost: Lost,
    /// Nodes that lie where another one does and became one with it.
    joined: u64,
    /// Streets that end within an area and were led to its edge.
    in_areas: u64,
    /// Ids of nodes where a street ends within a metre of another.
    near: Vec<i64>,
}

/// How many ids a finding names.
const NAMED: usize = 5;

impl Network {
    pub(super) fn tell(&self, file: &str, findings: &mut Findings) {
        self.lost.tell(file, findings);
        let mut count = |kind, count: u64, what: &str| {
            if count > 0 {
                findings.push(Finding::new(kind, file).value(format!("{what} {count}")));
            }
        };
        count(Kind::NodesJoined, self.joined, "nodes");
        count(Kind::EndsInAreas, self.in_areas, "street ends");
        if self.near.is_empty() {
            return;
        }
        let ids: Vec<String> = self.near.iter().take(NAMED).map(i64::to_string).collect();
        let more = if self.near.len() > NAMED { ", …" } else { "" };
        let (count, ids) = (self.near.len(), ids.join(", "));
        let value = format!("street ends {count}: nodes {ids}{more}");
        let finding = Finding::new(Kind::EndsNear, file).value(value);
        findings.push(finding.weight(count as u64));
    }
}

/// Streets as runs of nodes.
#[derive(Default)]
pub(super) struct Lines {
    /// Lines, by block.
    pub streets: Vec<Runs<Street>>,
    /// Outlines of areas; those of a relation are several runs.
    pub outlines: Runs<Street>,
    /// Where the runs of each area end among the outlines.
    pub area_ends: Vec<usize>,
}

impl Lines {
    /// All runs, outlines too.
    pub(super) fn all(&self) -> impl Iterator<Item = &Runs<Street>> {
        self.streets.iter().chain([&self.outlines])
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (Street, &[u32])> {
        self.all().flat_map(Runs::each)
    }

    /// Whether a run comes to one of two nodes.
    pub(super) fn shares(&self, [runs, run]: [usize; 2], nodes: [u32; 2]) -> bool {
        let own = self.streets[runs].run(run);
        own.iter().any(|node| nodes.contains(node))
    }

    /// How often streets come to a node: twice or more makes a crossing of it; an end counts as two.
    fn visits(&self, nodes: usize) -> Vec<u8> {
        let mut visits = vec![0_u8; nodes];
        for (_, run) in self.each() {
            let ends = [run[0], run[run.len() - 1]];
            for &node in run.iter().chain(&ends) {
                visits[node as usize] = visits[node as usize].saturating_add(1);
            }
        }
        visits
    }

    fn lost(&self) -> Lost {
        let mut lost = Lost::default();
        self.all().for_each(|runs| lost.add(runs.lost));
        lost
    }
}

pub(super) fn network(
    nodes: &Nodes,
    blocks: &[Block],
    relations: &[Relation],
    limits: &Limits,
    watch: Watch,
) -> Result<Network, Stopped> {
    let mut lines = lines(nodes, blocks, relations, limits);
    let barriers = barriers(nodes, blocks, relations, limits);
    watch(Progress::Working)?;
    let mut visits = lines.visits(nodes.all.len());
    let renames = joins::join(&mut lines, &nodes.all, &mut visits);
    let gates = at_nodes(nodes, blocks, &renames, &mut visits, |block| &block.gates);
    let waits = at_nodes(nodes, blocks, &renames, &mut visits, |block| &block.waits);
    let mut places = places(&nodes.all, &visits, limits);
    watch(Progress::Working)?;
    let (on, mut near) = joins::onto(&mut lines, &places, &mut visits);
    let in_areas = areas::join(&mut lines, &mut places, &mut visits);
    // Some have been led to the outline of an area since.
    near.retain(|&node| visits[node as usize] == 2);
    watch(Progress::Working)?;
    Ok(Network {
        records: RoadRecords {
            barriers,
            ..records(&lines, &places, &visits, &gates, &waits)
        },
        lost: lines.lost(),
        joined: renames.len() as u64 + on,
        in_areas,
        near: (near.iter())
            .map(|&node| nodes.all[node as usize].id)
            .collect(),
    })
}

/// A relation that is something, with the nodes of those of its ways that the file holds.
pub(super) type Relation<'a> = (What, Vec<Packed<'a>>);

/// All relations that are something. A way may be a member of many; its nodes are counted as often.
pub(super) fn relations<'a>(
    blocks: &'a [Block],
    budget: &Budget,
) -> Result<Vec<Relation<'a>>, Broken> {
    let relations = || blocks.iter().flat_map(Block::relations);
    let mut wanted: Vec<i64> = relations().flat_map(|(_, ways)| ways).copied().collect();
    wanted.par_sort_unstable();
    wanted.dedup();
    let of_block = |block: &'a Block| {
        let ways = block.ways().map(|(way, refs)| (way.id, refs));
        ways.filter(|(id, _)| wanted.binary_search(id).is_ok())
            .collect::<Vec<_>>()
    };
    let mut ways: Vec<(i64, Packed)> = blocks.par_iter().flat_map_iter(of_block).collect();
    ways.sort_by_key(|&(id, _)| id);
    let find = |id: &i64| ways.binary_search_by_key(id, |&(id, _)| id).ok();
    let of_relation = |(what, members): (What, &[i64])| {
        let lines = members.iter().filter_map(find).map(|at| ways[at].1);
        let counted = lines.map(|refs| budget.things(refs.count()).map(|()| refs));
        Ok((what, counted.collect::<Result<_, Broken>>()?))
    };
    relations().map(of_relation).collect()
}

fn lines(nodes: &Nodes, blocks: &[Block], relations: &[Relation], limits: &Limits) -> Lines {
    let of_block = |block: &Block| {
        let mut runs = Runs::default();
        for (way, refs) in block.ways() {
            if let What::Street(street) = way.what
                && !street.area
            {
                runs.line(street, refs.sums(), nodes, limits);
            }
        }
        runs
    };
    let mut lines = Lines {
        streets: blocks.par_iter().map(of_block).collect(),
        ..Lines::default()
    };
    let Lines {
        outlines,
        area_ends,
        ..
    } = &mut lines;
    for block in blocks {
        for (way, refs) in block.ways() {
            if let What::Street(street) = way.what
                && street.area
            {
                outlines.line(street, refs.sums(), nodes, limits);
                area_ends.push(outlines.ends.len());
            }
        }
    }
    for (what, ways) in relations {
        if let What::Street(street) = *what {
            for refs in ways {
                outlines.line(street, refs.sums(), nodes, limits);
            }
            area_ends.push(outlines.ends.len());
        }
    }
    lines
}

fn barriers(
    nodes: &Nodes,
    blocks: &[Block],
    relations: &[Relation],
    limits: &Limits,
) -> Vec<Barrier> {
    let of_block = |block: &Block| {
        let mut barriers = Vec::new();
        for (way, refs) in block.ways() {
            if let What::Barrier(kind) = way.what {
                barrier(kind, &[refs], nodes, limits, &mut barriers);
            }
        }
        barriers
    };
    let mut barriers: Vec<Barrier> = blocks.par_iter().flat_map_iter(of_block).collect();
    for (what, ways) in relations {
        if let What::Barrier(kind) = *what {
            barrier(kind, ways, nodes, limits, &mut barriers);
        }
    }
    barriers
}

/// Adds what lines make a barrier. A shore that is not whole is water: nobody can tell who is inside.
fn barrier(
    kind: BarrierKind,
    lines: &[Packed],
    nodes: &Nodes,
    limits: &Limits,
    barriers: &mut Vec<Barrier>,
) {
    let mut runs = Runs::default();
    for refs in lines {
        runs.line((), refs.sums(), nodes, limits);
    }
    let whole = closes(runs.each().map(|((), run)| run));
    let kind = match kind {
        BarrierKind::Shore if !whole => BarrierKind::Water,
        kind => kind,
    };
    for ((), run) in runs.each() {
        pieces(kind, run, nodes, limits, barriers);
    }
}

/// The straight pieces of a line that is a barrier.
fn pieces(
    kind: BarrierKind,
    run: &[u32],
    nodes: &Nodes,
    limits: &Limits,
    barriers: &mut Vec<Barrier>,
) {
    let mut before = None;
    for &node in run {
        let place = limits.place(nodes.all[node as usize]);
        if let Some(before) = before.filter(|&before| before != place) {
            let line = [before, place];
            barriers.push(Barrier { kind, line });
        }
        before = Some(place);
    }
}

/// What stands at nodes that streets come to: each of them is a crossing.
fn at_nodes<T: Copy>(
    nodes: &Nodes,
    blocks: &[Block],
    renames: &Renames,
    visits: &mut [u8],
    of: fn(&Block) -> &Vec<(i64, T)>,
) -> Vec<(u32, T)> {
    let mut all = Vec::new();
    for &(id, what) in blocks.iter().flat_map(of) {
        let Some(node) = nodes.find(id, nodes.all.len()) else {
            continue;
        };
        let node = renames.of(node as u32);
        let visits = &mut visits[node as usize];
        if *visits > 0 {
            *visits = visits.saturating_add(2);
            all.push((node, what));
        }
    }
    all
}

fn places(nodes: &[Node], visits: &[u8], limits: &Limits) -> Vec<Point> {
    let place = |(node, &visits): (&Node, &u8)| match visits {
        0 => Point::default(),
        _ => limits.place(*node),
    };
    nodes.par_iter().zip(visits).map(place).collect()
}

fn records(
    lines: &Lines,
    places: &[Point],
    visits: &[u8],
    gates: &[(u32, u8)],
    waits: &[(u32, u32)],
) -> RoadRecords {
    let mut position = vec![0_u32; places.len()];
    let mut records = RoadRecords::default();
    for (node, _) in visits.iter().enumerate().filter(|(_, visits)| **visits > 1) {
        position[node] = records.nodes.len() as u32;
        records.nodes.push(places[node]);
    }
    if !gates.is_empty() {
        records.blocked = vec![0; records.nodes.len()];
        for &(node, modes) in gates {
            records.blocked[position[node as usize] as usize] |= modes;
        }
    }
    for (street, run) in lines.each() {
        let first = records.edges.len();
        let mut from = run[0];
        for &node in &run[1..] {
            if visits[node as usize] < 2 {
                records.bends.push(places[node as usize]);
                continue;
            }
            let bent =
                records.bend_ends.last().map_or(0, |&end| end as usize) < records.bends.len();
            let before = std::mem::replace(&mut from, node);
            // Two nodes that became one.
            if before == node && !bent {
                continue;
            }
            // The length is that of the shape.
            records.edges.push(Edge {
                from: position[before as usize],
                to: position[node as usize],
                length: 0,
                access: street.access,
            });
            records.bend_ends.push(records.bends.len() as u32);
        }
        share(street.wait, first, &mut records);
    }
    wait_at_nodes(waits, &position, &mut records);
    records
}

/// Gives the edges of a way, the last of all, equal shares of how long one waits on it.
fn share(wait: u32, first: usize, records: &mut RoadRecords) {
    let count = (records.edges.len() - first) as u32;
    if wait > 0 && count > 0 {
        records.waits.resize(first, 0);
        let more = wait % count;
        let shares = (0..count).map(|edge| wait / count + u32::from(edge < more));
        records.waits.extend(shares);
    }
}

/// Whoever comes to a node where one waits does so on the edges there, half on the one and half on the other.
fn wait_at_nodes(waits: &[(u32, u32)], position: &[u32], records: &mut RoadRecords) {
    if waits.is_empty() && records.waits.is_empty() {
        return;
    }
    records.waits.resize(records.edges.len(), 0);
    let mut at_node = vec![0; records.nodes.len()];
    for &(node, wait) in waits {
        at_node[position[node as usize] as usize] = wait / 2;
    }
    for (edge, wait) in records.edges.iter().zip(&mut records.waits) {
        *wait += at_node[edge.from as usize] + at_node[edge.to as usize];
    }
}
