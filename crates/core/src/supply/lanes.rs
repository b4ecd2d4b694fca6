//! Years side by side: a block of four goes through each pass at once.
//!
//! A round of more years is as many blocks; the last one's unused lanes stay 0 and are not read.

use std::ops::Range;

/// Years in a block.
pub(super) const LANES: usize = 4;

/// Years of a block: bit n is its n-th year.
pub(crate) type Mask = u8;

/// The people of a place in each year of a block, in thousandths.
pub(super) type People = [u64; LANES];

/// The blocks of so many years, in order.
pub(crate) fn blocks(years: usize) -> impl Iterator<Item = Range<usize>> {
    (0..years)
        .step_by(LANES)
        .map(move |first| first..years.min(first + LANES))
}

/// Whether a year of the block is in the mask.
#[inline]
pub(super) fn has(mask: Mask, lane: usize) -> bool {
    mask >> lane & 1 == 1
}

/// The numbers of the years in the mask, and 0 for the others.
#[inline]
pub(super) fn masked(people: People, mask: Mask) -> People {
    std::array::from_fn(|lane| if has(mask, lane) { people[lane] } else { 0 })
}

/// As floats; exact, because people of one place are below 2³⁵. By way of `i64`, for which there is an instruction.
#[inline]
pub(super) fn floats(people: People) -> [f64; LANES] {
    people.map(|people| people as i64 as f64)
}

/// In persons, as [`crate::quantity::Residents::persons`].
#[inline]
pub(super) fn persons(people: People) -> [f64; LANES] {
    floats(people).map(|people| people / 1000.0)
}

/// Adds lane by lane.
#[inline]
pub(super) fn add(sums: &mut People, people: People) {
    sums.iter_mut()
        .zip(people)
        .for_each(|(sum, people)| *sum += people);
}
