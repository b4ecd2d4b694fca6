//! Coverage: who has at least one facility within the limit.

use rayon::prelude::*;

use crate::city::City;
use crate::quantity::{AGE_BANDS, Residents};
use crate::service::Target;
use crate::units::Units;

/// The residents of the target group of each row that counts, 0 for others. Rows are the demand points of the first group of
/// ages, then those of the second. O(rows).
#[must_use]
pub fn people<'a>(
    city: &City,
    target: Target,
    groups: impl Iterator<Item = &'a [bool; AGE_BANDS.len()]>,
    rows: &[bool],
) -> Vec<Residents> {
    let mut all = Vec::with_capacity(rows.len());
    for (bands, rows) in groups.zip(rows.chunks(city.points().len().max(1))) {
        let of = |(&row, ages)| {
            if row {
                target.of_bands(ages, bands)
            } else {
                Residents::default()
            }
        };
        all.par_extend(rows.par_iter().zip(city.residents()).map(of));
    }
    all
}

/// The people of each unit, from one number a row. People outside all units are left out. O(rows).
#[must_use]
pub fn by_unit(people: &[Residents], units: &Units) -> Vec<Residents> {
    let mut sums = vec![Residents::default(); units.units.len()];
    for (&people, unit) in people.iter().zip(units.of_point.iter().cycle()) {
        if let Some(unit) = unit {
            sums[*unit] += people;
        }
    }
    sums
}
