//! Where the nodes of a file are, by their ids.

use rayon::prelude::*;

use super::block::Block;
use super::wire::{Broken, Value};
use super::{Limits, Node};
use crate::finding::{Finding, Findings, Kind};

/// In what a block counts places: billionths of a degree.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    granularity: i64,
    /// Of longitudes, of latitudes.
    offsets: [i64; 2],
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            granularity: 100,
            offsets: [0; 2],
        }
    }
}

impl Scale {
    /// Takes a field of a block that is about it; others change nothing.
    pub(crate) fn field(&mut self, number: u64, value: Value) -> Result<(), Broken> {
        match number {
            17 => self.granularity = i64::from(value.number()? as i32),
            19 => self.offsets[1] = value.number()? as i64,
            20 => self.offsets[0] = value.number()? as i64,
            _ => {}
        }
        Ok(())
    }

    /// In ten-millionths of a degree; `None` for what is nowhere on the globe.
    pub(crate) fn place(&self, id: i64, lon: i64, lat: i64) -> Option<Node> {
        let number = |number: i64, offset: i64, most: i64| {
            let billionths = offset.wrapping_add(self.granularity.wrapping_mul(number));
            let on_globe = (-most..=most).contains(&billionths);
            on_globe.then_some((billionths / 100) as i32)
        };
        Some(Node {
            id,
            lon: number(lon, self.offsets[0], 180_000_000_000)?,
            lat: number(lat, self.offsets[1], 90_000_000_000)?,
        })
    }
}

/// All nodes, by their ids, with where the ids of each of many equal steps begin.
pub(crate) struct Nodes {
    pub(crate) all: Vec<Node>,
    steps: Vec<u32>,
    shift: u32,
}

impl Nodes {
    pub(super) fn new(blocks: &[Block], file: &str, findings: &mut Findings) -> Self {
        let count = |of: fn(&Block) -> &Vec<Node>| blocks.iter().map(|block| of(block).len()).sum();
        let mut all: Vec<Node> = Vec::with_capacity(count(|block| &block.nodes));
        blocks
            .iter()
            .for_each(|block| all.extend_from_slice(&block.nodes));
        if !all.is_sorted_by(|a, b| a.id < b.id) {
            all.par_sort_by_key(|node| node.id);
            let before = all.len();
            all.dedup_by_key(|node| node.id);
            if all.len() < before {
                let twice = before - all.len();
                let finding = Finding::new(Kind::NodeTwice, file).value(format!("nodes {twice}"));
                findings.push(finding.concerns(twice as u64, before as u64));
            }
        }
        let located: usize = count(|block| &block.located);
        if located > 0 {
            all = with_located(all, blocks, located);
        }
        Self::sorted(all)
    }

    /// Of nodes as they stand in a file; of several with one id the first counts.
    pub(crate) fn of(mut all: Vec<Node>) -> Self {
        if !all.is_sorted_by(|a, b| a.id < b.id) {
            all.par_sort_by_key(|node| node.id);
            all.dedup_by_key(|node| node.id);
        }
        Self::sorted(all)
    }

    fn sorted(all: Vec<Node>) -> Self {
        let range = match (all.first(), all.last()) {
            (Some(first), Some(last)) => (last.id as u64).wrapping_sub(first.id as u64),
            _ => 0,
        };
        // Some two steps a node.
        let bits = (2 * all.len().max(1)).ilog2();
        let shift = (u64::BITS - range.leading_zeros()).saturating_sub(bits);
        let mut nodes = Self {
            all,
            steps: Vec::new(),
            shift,
        };
        let count = (range >> shift) as usize + 1;
        nodes.steps = Vec::with_capacity(count + 1);
        for (node, at) in nodes.all.iter().zip(0..) {
            let step = nodes.step(node.id);
            if step >= nodes.steps.len() {
                nodes.steps.resize(step + 1, at);
            }
        }
        nodes.steps.push(nodes.all.len() as u32);
        nodes
    }

    fn step(&self, id: i64) -> usize {
        let first = self.all.first().map_or(0, |node| node.id);
        ((id as u64).wrapping_sub(first as u64) >> self.shift) as usize
    }

    /// The position of a node; often it is the one behind the last.
    pub(crate) fn find(&self, id: i64, last: usize) -> Option<usize> {
        match self.all.get(last + 1) {
            Some(next) if next.id == id => return Some(last + 1),
            _ => {}
        }
        let step = self.step(id);
        let (start, end) = (*self.steps.get(step)?, *self.steps.get(step + 1)?);
        let some = &self.all[start as usize..end as usize];
        let found = some.binary_search_by_key(&id, |node| node.id).ok()?;
        Some(start as usize + found)
    }
}

/// With the nodes that only ways have, each at the first of the places they give.
fn with_located(mut all: Vec<Node>, blocks: &[Block], count: usize) -> Vec<Node> {
    let mut located: Vec<Node> = Vec::with_capacity(count);
    blocks
        .iter()
        .for_each(|block| located.extend_from_slice(&block.located));
    located.par_sort_by_key(|node| node.id);
    located.dedup_by_key(|node| node.id);
    located.retain(|node| {
        all.binary_search_by_key(&node.id, |other| other.id)
            .is_err()
    });
    all.extend(located);
    all.par_sort_by_key(|node| node.id);
    all
}

/// What could not become part of the network.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lost {
    /// References to nodes that the file does not hold.
    pub missing: u64,
    /// Streets that have one.
    pub streets: u64,
    /// References to nodes too far from the city to matter.
    pub outside: u64,
}

impl Lost {
    pub(super) fn add(&mut self, other: Self) {
        self.missing += other.missing;
        self.streets += other.streets;
        self.outside += other.outside;
    }

    pub(super) fn tell(self, file: &str, findings: &mut Findings) {
        if self.missing > 0 {
            let value = format!("nodes {}, streets {}", self.missing, self.streets);
            let finding = Finding::new(Kind::NodesMissing, file).value(value);
            findings.push(finding.weight(self.streets));
        }
        if self.outside > 0 {
            findings.push(
                Finding::new(Kind::RoadsOutside, file).value(format!("nodes {}", self.outside)),
            );
        }
    }
}

/// Runs of nodes that are all there and near the city, of lines or parts of lines: each of at least two.
pub(super) struct Runs<T> {
    pub nodes: Vec<u32>,
    /// What each run is, and where its nodes end.
    pub ends: Vec<(T, u32)>,
    pub lost: Lost,
}

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            ends: Vec::new(),
            lost: Lost::default(),
        }
    }
}

impl<T: Copy> Runs<T> {
    pub(super) fn each(&self) -> impl Iterator<Item = (T, &[u32])> {
        let mut start = 0;
        self.ends.iter().map(move |&(what, end)| {
            let run = &self.nodes[start as usize..end as usize];
            start = end;
            (what, run)
        })
    }

    pub(super) fn run(&self, number: usize) -> &[u32] {
        let start = number
            .checked_sub(1)
            .map_or(0, |before| self.ends[before].1);
        &self.nodes[start as usize..self.ends[number].1 as usize]
    }

    /// Adds a line, cut where the file lacks a node, without the pieces between two nodes that do not touch the area.
    pub(super) fn line(
        &mut self,
        what: T,
        refs: impl Iterator<Item = i64>,
        nodes: &Nodes,
        limits: &Limits,
    ) {
        let (mut last, mut missing) = (0, 0);
        // The node before, and whether a piece of the line that is kept ends there.
        let mut before: Option<(usize, bool)> = None;
        for id in refs {
            let found = nodes.find(id, last);
            last = found.unwrap_or(last);
            missing += u64::from(found.is_none());
            let touches = match (before, found) {
                (Some((from, _)), Some(to)) => limits.touch(nodes.all[from], nodes.all[to]),
                _ => false,
            };
            self.leave(before, touches, nodes, limits);
            match (before, found) {
                (Some((from, _)), Some(to)) if touches => {
                    self.push(from as u32);
                    self.push(to as u32);
                }
                _ => self.end(what),
            }
            before = found.map(|to| (to, touches));
        }
        self.leave(before, false, nodes, limits);
        self.end(what);
        self.lost.missing += missing;
        self.lost.streets += u64::from(missing > 0);
    }

    /// Counts a node that no piece which is kept leads to.
    fn leave(&mut self, before: Option<(usize, bool)>, kept: bool, nodes: &Nodes, limits: &Limits) {
        if let (Some((node, false)), false) = (before, kept) {
            self.lost.outside += u64::from(!limits.contains(nodes.all[node]));
        }
    }

    fn start(&self) -> usize {
        self.ends.last().map_or(0, |&(_, end)| end as usize)
    }

    /// Adds a node to the open run; one that is named twice in a row counts once.
    fn push(&mut self, node: u32) {
        if self.nodes.len() == self.start() || self.nodes.last() != Some(&node) {
            self.nodes.push(node);
        }
    }

    /// Ends the open run; a single node is none.
    fn end(&mut self, what: T) {
        if self.nodes.len() > self.start() + 1 {
            self.ends.push((what, self.nodes.len() as u32));
        } else {
            self.nodes.truncate(self.start());
        }
    }
}

/// Whether runs join to rings: an even number of them ends wherever one does.
pub(super) fn closes<'a>(runs: impl Iterator<Item = &'a [u32]>) -> bool {
    let mut ends: Vec<u32> = runs.flat_map(|run| [run[0], run[run.len() - 1]]).collect();
    ends.sort_unstable();
    !ends.is_empty() && ends.chunk_by(|a, b| a == b).all(|same| same.len() % 2 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_found_by_ids_however_they_lie() {
        let ids = [i64::MIN, -9, -8, 0, 1, 2, 3, 1 << 40, i64::MAX - 1];
        for from in 0..ids.len() {
            for to in from..=ids.len() {
                let some = &ids[from..to];
                let node = |&id: &i64| Node { id, lon: 0, lat: 0 };
                let nodes = Nodes::sorted(some.iter().map(node).collect());
                for id in ids.into_iter().chain([4, -10, i64::MAX]) {
                    let found = some.iter().position(|&other| other == id);
                    assert_eq!(nodes.find(id, some.len()), found, "{id} in {some:?}");
                    assert_eq!(nodes.find(id, 0), found, "{id} in {some:?}");
                }
            }
        }
    }
}
