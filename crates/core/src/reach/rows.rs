//! Links in columns: the places of all rows in one array, their times in another.

use std::ops::Range;

use super::{Link, Reach};
use crate::quantity::Millis;

/// Rows of links, each row's places in ascending position: what a [`Reach`] holds, but in columns, so that a pass reads only
/// what it needs; and to be filled again and again without asking for memory.
#[derive(Debug, Default)]
pub struct LinkRows {
    /// Where each row ends; the first begins at 0.
    ends: Vec<usize>,
    places: Vec<u32>,
    times: Vec<Millis>,
    /// One a demand point of the last run; see [`super::Trips::search`].
    pub(super) nearest: Vec<Option<Millis>>,
}

impl LinkRows {
    /// Without rows, with the memory of those that were there.
    pub fn clear(&mut self) {
        self.ends.clear();
        self.places.clear();
        self.times.clear();
        self.nearest.clear();
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Where a row stands among all links.
    #[inline]
    #[must_use]
    pub fn range(&self, row: usize) -> Range<usize> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        start..self.ends[row]
    }

    /// Whether none of some rows has a place.
    #[must_use]
    pub fn none_in(&self, rows: &Range<usize>) -> bool {
        rows.is_empty() || self.range(rows.start).start == self.ends[rows.end - 1]
    }

    /// The places of all links, row after row.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// The times of all links, row after row.
    #[must_use]
    pub fn times(&self) -> &[Millis] {
        &self.times
    }

    /// The places of a row, in ascending position.
    #[inline]
    #[must_use]
    pub fn row(&self, row: usize) -> &[u32] {
        &self.places[self.range(row)]
    }

    /// The time to the nearest place of each demand point of the last run of a search; empty where none was asked for, or where
    /// no place is near any of them.
    #[must_use]
    pub fn nearest(&self) -> &[Option<Millis>] {
        &self.nearest
    }

    /// Adds a row.
    #[inline]
    pub(super) fn push(&mut self, places: &[u32], times: impl Iterator<Item = Millis>) {
        // Most rows of most services have no place at all.
        if !places.is_empty() {
            self.places.extend_from_slice(places);
            self.times.extend(times);
        }
        self.ends.push(self.places.len());
    }

    /// Adds so many rows without places.
    pub(super) fn push_empty(&mut self, count: usize) {
        self.ends.resize(self.ends.len() + count, self.places.len());
    }

    /// Adds `count` rows from links in any order of rows, each with its row among them, which `links` gives twice. In a row they
    /// keep their order. O(rows + links).
    pub(super) fn push_unordered<I: Iterator<Item = (u32, Link)>>(
        &mut self,
        count: usize,
        links: impl Fn() -> I,
    ) {
        let (first, mut sum) = (self.ends.len(), self.places.len());
        self.ends.resize(first + count, 0);
        let ends = &mut self.ends[first..];
        links().for_each(|(row, _)| ends[row as usize] += 1);
        for end in &mut *ends {
            sum += std::mem::replace(end, sum);
        }
        self.places.resize(sum, 0);
        self.times.resize(sum, Millis(0));
        let (places, times) = (&mut self.places[..sum], &mut self.times[..sum]);
        // Each start moves to its end.
        links().for_each(|(row, link)| {
            let end = &mut ends[row as usize];
            places[*end] = link.place;
            times[*end] = link.time;
            *end += 1;
        });
    }

    /// Adds all rows of a reach.
    pub(crate) fn push_all(&mut self, reach: &Reach) {
        for row in reach.rows() {
            self.places.extend(row.iter().map(|link| link.place));
            self.times.extend(row.iter().map(|link| link.time));
            self.ends.push(self.places.len());
        }
    }
}
