//! Whether a file is all that was written of it. Blobs follow one another without a count, so that a file which ends between two of
//! them looks whole. What tells it is what nothing uses: maps have next to no node without tags that is in no way, and few ways
//! without tags that are in no relation; a file that lacks the ways or relations at its end has many.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::block::Block;

/// The most bits, 128 MB.
const MOST_BITS: u64 = 1 << 30;

/// Which nodes and ways are of use, as marks in a table by a hash of their ids. A mark that two ids share makes a thing seem used
/// which is not: one in some thirty.
pub(super) struct Marks {
    bits: Vec<AtomicU64>,
    shift: u32,
}

impl Marks {
    /// For a file of so many bytes, each thing of which takes three or more.
    pub(super) fn of(length: usize) -> Self {
        let bits = (length as u64 * 8).clamp(1 << 16, MOST_BITS);
        let bits = bits.next_power_of_two();
        Self {
            bits: (0..bits / 64).map(|_| AtomicU64::new(0)).collect(),
            shift: 64 - bits.trailing_zeros(),
        }
    }

    pub(super) fn node(&self, id: i64) {
        self.put(id as u64);
    }

    pub(super) fn way(&self, id: i64) {
        self.put(WAYS ^ id as u64);
    }

    pub(super) fn has_node(&self, id: i64) -> bool {
        self.has(id as u64)
    }

    pub(super) fn has_way(&self, id: i64) -> bool {
        self.has(WAYS ^ id as u64)
    }

    fn put(&self, key: u64) {
        let (word, bit) = self.place(key);
        self.bits[word].fetch_or(bit, Ordering::Relaxed);
    }

    fn has(&self, key: u64) -> bool {
        let (word, bit) = self.place(key);
        self.bits[word].load(Ordering::Relaxed) & bit != 0
    }

    /// By Fibonacci's hash, after the higher bits are folded into the lower.
    fn place(&self, key: u64) -> (usize, u64) {
        let hash = (key ^ key >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        ((hash / 64) as usize, 1 << (hash % 64))
    }
}

/// Ways have ids of their own, other than those of nodes.
const WAYS: u64 = 1 << 62;

/// How many nodes and ways have no tags, and how many of these nothing uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unused {
    pub nodes: [u64; 2],
    pub ways: [u64; 2],
}

impl Unused {
    /// Looks at all blocks after all of them are read.
    pub(super) fn of(blocks: &[Block], marks: &Marks) -> Self {
        let of_block = |block: &Block| {
            let nodes = block.nodes.iter().filter(|node| !marks.has_node(node.id));
            let ways = block.ways().filter(|(way, _)| !marks.has_way(way.id));
            Self {
                nodes: [block.counts.plain_nodes, nodes.count() as u64],
                ways: [block.counts.plain_ways, ways.count() as u64],
            }
        };
        let sum = |[a, b]: [u64; 2], [c, d]: [u64; 2]| [a + c, b + d];
        let both = |a: Self, b: Self| Self {
            nodes: sum(a.nodes, b.nodes),
            ways: sum(a.ways, b.ways),
        };
        blocks.par_iter().map(of_block).reduce(Self::default, both)
    }

    /// Whether so many are unused that the file is likely cut: of nodes one in a thousand (of whole maps three in a million were), of
    /// ways one in a hundred (two in ten thousand).
    pub(super) fn cut(self) -> bool {
        let [nodes, alone] = self.nodes;
        let [ways, apart] = self.ways;
        alone * 1000 > nodes || apart * 100 > ways
    }

    pub(super) fn value(self) -> String {
        let ([nodes, alone], [ways, apart]) = (self.nodes, self.ways);
        format!(
            "nodes without tags {nodes}, in no way {alone}; ways without tags {ways}, in no relation {apart}"
        )
    }
}
