//! Coverage: who has at least one facility within the limit.

use crate::quantity::Residents;
use crate::reach::Reach;

/// The people of each unit with at least one place in reach. `people` and `unit_of` have one entry a row of `reach`;
/// people outside all units are left out. O(points).
#[must_use]
pub fn covered(reach: &Reach, people: &[Residents], unit_of: &[Option<u32>], units: usize) -> Vec<Residents> {
    let mut sums = vec![Residents::default(); units];
    for ((row, &people), unit) in reach.rows().zip(people).zip(unit_of) {
        if let Some(unit) = unit.filter(|_| !row.is_empty()) {
            sums[unit as usize] += people;
        }
    }
    sums
}
