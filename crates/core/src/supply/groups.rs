//! Rows of links with the same places, as one group, while the rows come in.

use std::ops::Range;

use super::allocation::{PlaceLists, first_places};
use crate::reach::LinkRows;

/// The group of each row, numbered in the order in which they were found. Its memory is used again.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    /// Of each row.
    of_row: Vec<u32>,
    /// A row of each group.
    examples: Vec<u32>,
    /// A table of groups by the hash of their places, at most half full: the number of a group + 1, or 0.
    slots: Vec<u32>,
    /// The group of the last row that has places.
    last: Option<u32>,
    /// That of rows without places.
    empty: Option<u32>,
}

impl Grouping {
    pub(super) fn clear(&mut self) {
        self.of_row.clear();
        self.examples.clear();
        self.slots.clear();
        self.slots.resize(1 << 10, 0);
        self.last = None;
        self.empty = None;
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.examples.len()
    }

    /// The group of a row.
    #[inline]
    pub(super) fn of(&self, row: usize) -> u32 {
        self.of_row[row]
    }

    /// Takes in the next row. Most rows have no place; neighbours mostly are of one group, so that the last one is tried first;
    /// then the table, in which places are compared, never only their hashes. O(places of the row).
    #[inline]
    pub(super) fn add(&mut self, rows: &LinkRows, row: usize) {
        let places = rows.row(row);
        let group = if places.is_empty() {
            self.empty.unwrap_or_else(|| self.find(rows, row))
        } else {
            match self.last {
                Some(last) if same(self.places(rows, last), places) => last,
                _ => self.find(rows, row),
            }
        };
        if places.is_empty() {
            self.empty = Some(group);
        } else {
            self.last = Some(group);
        }
        self.of_row.push(group);
    }

    /// Takes in the next rows, none of which has a place.
    pub(super) fn add_empty(&mut self, rows: &LinkRows, next: &Range<usize>) {
        if next.is_empty() {
            return;
        }
        self.add(rows, next.start);
        let group = self.of(next.start);
        self.of_row.resize(next.end, group);
    }

    /// The places of a group.
    #[inline]
    fn places<'a>(&self, rows: &'a LinkRows, group: u32) -> &'a [u32] {
        rows.row(self.examples[group as usize] as usize)
    }

    /// The group of a row by the table, which learns it where it is new.
    fn find(&mut self, rows: &LinkRows, row: usize) -> u32 {
        let places = rows.row(row);
        let slot = self.slot(rows, places);
        if let Some(group) = self.slots[slot].checked_sub(1) {
            return group;
        }
        let group = self.examples.len() as u32;
        self.examples.push(row as u32);
        self.slots[slot] = group + 1;
        if self.examples.len() * 2 > self.slots.len() {
            self.grow(rows);
        }
        group
    }

    /// Where places stand in the table, or would.
    fn slot(&self, rows: &LinkRows, places: &[u32]) -> usize {
        let last = self.slots.len() - 1;
        let mut slot = hash(places) as usize & last;
        while let Some(group) = self.slots[slot].checked_sub(1) {
            if same(self.places(rows, group), places) {
                break;
            }
            slot = (slot + 1) & last;
        }
        slot
    }

    /// Makes the table four times as large.
    fn grow(&mut self, rows: &LinkRows) {
        let size = self.slots.len() * 4;
        self.slots.clear();
        self.slots.resize(size, 0);
        for (number, &row) in (1..).zip(&self.examples) {
            let slot = self.slot(rows, rows.row(row as usize));
            self.slots[slot] = number;
        }
    }

    /// The groups in the order of their places, the empty one first: the place of each group in this order, and their places.
    /// Only groups are sorted, of which there are few, and not rows. O(groups × log groups).
    pub(super) fn in_order(&self, rows: &LinkRows) -> (Vec<u32>, PlaceLists) {
        let places = |group| self.places(rows, group);
        let mut order: Vec<(u64, u32)> = (0..self.len() as u32)
            .map(|group| (first_places(places(group).iter().copied()), group))
            .collect();
        order.sort_unstable_by(|&(a, left), &(b, right)| {
            a.cmp(&b).then_with(|| places(left).cmp(places(right)))
        });
        let mut numbers = vec![0; self.len()];
        let mut lists = PlaceLists::default();
        for (number, &(_, group)) in (0..).zip(&order) {
            numbers[group as usize] = number;
            lists.push(places(group).iter().copied());
        }
        (numbers, lists)
    }
}

/// Whether both are the same places: one by one, because rows are short and a call to compare memory takes longer.
#[inline]
fn same(places: &[u32], others: &[u32]) -> bool {
    places.len() == others.len()
        && places
            .iter()
            .zip(others)
            .all(|(place, other)| place == other)
}

/// A number that differs for different places, mostly; the same in every run.
#[inline]
fn hash(places: &[u32]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = places.iter().fold(places.len() as u64, |hash, &place| {
        (hash.rotate_left(5) ^ u64::from(place)).wrapping_mul(ODD)
    });
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Millis;
    use crate::reach::{Link, Reach};
    use crate::supply::allocation::Groups;

    #[test]
    fn groups_by_hash_are_those_by_order() {
        // More different rows than the table first has room for, many of them again and again.
        let link = |place| Link {
            place,
            time: Millis(0),
        };
        let row = |at: u32| -> Vec<Link> {
            let kind = at.wrapping_mul(2_654_435_761) % 1500;
            (0..kind % 4)
                .map(|nth| link(kind / 4 + nth * (1 + kind % 3)))
                .collect()
        };
        let rows: Vec<Vec<Link>> = (0..6000).map(row).collect();
        let reach = Reach::from_rows(rows.iter().map(Vec::as_slice));
        let mut links = LinkRows::default();
        links.push_all(&reach);
        let mut grouping = Grouping::default();
        for _ in 0..2 {
            grouping.clear();
            (0..rows.len()).for_each(|row| grouping.add(&links, row));
            let (numbers, lists) = grouping.in_order(&links);
            let sorted = Groups::new(&reach);
            let of_row = grouping.of_row.iter().map(|&group| numbers[group as usize]);
            assert!(grouping.len() > 600 && of_row.eq(sorted.of_row.iter().copied()));
            assert_eq!(lists, sorted.lists);
        }
    }
}
