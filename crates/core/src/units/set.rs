//! Sets of a few nodes as the bits of a number.

use crate::position::NodeAt;

/// A set of nodes of a graph with at most [`NodeSet::MOST`], one bit a node; in order of the number that the bits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeSet(u128);

impl NodeSet {
    pub(super) const EMPTY: Self = Self(0);

    /// A graph with more nodes has no such sets.
    pub(super) const MOST: usize = 128;

    /// The first `count` nodes, at most [`Self::MOST`].
    pub(super) fn first(count: usize) -> Self {
        Self(
            u128::MAX
                .checked_shr((Self::MOST - count) as u32)
                .unwrap_or(0),
        )
    }

    /// All sets from the empty one to `last`.
    pub(super) fn up_to(last: Self) -> impl Iterator<Item = Self> {
        (0..=last.0).map(Self)
    }

    /// Where the set stands in a table of all sets.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The set of the lowest node alone; of none, if there is none.
    pub(super) fn lowest(self) -> Self {
        Self(self.0 & self.0.wrapping_neg())
    }

    /// The set of a node alone.
    pub(super) fn only(node: NodeAt) -> Self {
        Self(1 << node.0)
    }

    /// With the nodes of `other`.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are in `other` too.
    pub(super) fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are not in `other`.
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Its nodes, ascending.
    pub(super) fn nodes(self) -> impl Iterator<Item = NodeAt> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let lowest = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some(NodeAt(lowest))
        })
    }

    /// All its subsets, itself first and the empty one last.
    pub(super) fn subsets(self) -> impl Iterator<Item = Self> {
        let mut next = Some(self.0);
        std::iter::from_fn(move || {
            let subset = next?;
            next = (subset != 0).then(|| (subset - 1) & self.0);
            Some(Self(subset))
        })
    }
}

impl FromIterator<NodeAt> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeAt>>(nodes: I) -> Self {
        nodes
            .into_iter()
            .fold(Self::EMPTY, |set, node| set.and(Self::only(node)))
    }
}
