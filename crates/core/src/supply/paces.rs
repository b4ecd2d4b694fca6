//! Who is covered when everybody is slower or faster: the nearest facility of each demand point against the limit at each pace.

use std::ops::Range;

use super::lanes::LANES;
use super::offers::Offered;
use super::paced;
use super::setting::{Case, Group};
use crate::city::Class;
use crate::quantity::{Millis, Residents};
use crate::ranking::{PACES, paces};
use crate::reach::Limits;

/// All trips become longer or shorter alike, so a pace is asked for by a limit: who has a facility within the limit × pace is
/// covered at it.
pub(super) struct Paces {
    /// How far the nearest facility is searched.
    pub(super) farther: Limits,
    /// Whether all facilities that are ever open are so in the last year: then the search of links finds the nearest.
    pub(super) with_links: bool,
    /// The limit × each pace, ascending, by class.
    limits: [[Millis; PACES]; 2],
    /// Position of the last year.
    year: usize,
}

/// Of each unit, the people who are covered at each pace and at no slower one.
pub(super) type FirstCovered = Vec<[Residents; PACES]>;

impl Paces {
    /// `None` where paces are not asked for.
    pub(super) fn new(case: &Case) -> Option<Self> {
        let (limits, within) = (case.rules.limits, case.rules.pace_within);
        if within == 0.0 {
            return None;
        }
        let year = case.setting.years.len() - 1;
        let of_class = |class| {
            let limit = limits.for_class(class).map_or(0, |limit| limit.time().0);
            paces(within).map(|pace| Millis((f64::from(limit) * pace).round() as u32))
        };
        Some(Self {
            farther: Limits {
                urban: limits.urban.map(|limit| paced(limit, within)),
                rural: limits.rural.map(|limit| paced(limit, within)),
            },
            with_links: case.offers.iter().all(|each| each.open(year)),
            limits: [of_class(Class::Urban), of_class(Class::Rural)],
            year,
        })
    }

    /// Whether a place is open in the year that counts.
    pub(super) fn counts(&self, each: &Offered) -> bool {
        each.open(self.year)
    }

    /// Adds everybody by a search of their own, of the facilities that are open in the last year.
    pub(super) fn add_apart(&self, case: &Case, sums: &mut FirstCovered) {
        let places = case.open_places(self.year);
        for group in &case.groups {
            let times = group.trips.trips.nearest(self.farther, &places);
            self.add(case, group, &times, 0..times.len(), sums);
        }
    }

    /// Adds some demand points of a group by the `times` to their nearest facilities. Paces ascend: who is covered at one is
    /// covered at all faster ones.
    pub(super) fn add(
        &self,
        case: &Case,
        group: &Group,
        times: &[Option<Millis>],
        points: Range<usize>,
        sums: &mut FirstCovered,
    ) {
        let (column, lane) = (&group.people[self.year / LANES], self.year % LANES);
        for (point, time) in points.zip(times) {
            let Some(time) = time else { continue };
            let unit = case.setting.points.units[point] as usize;
            let limits = &self.limits[case.city().classes()[point] as usize];
            let first = limits.partition_point(|&limit| !time.within(limit));
            let sum = sums.get_mut(unit).and_then(|sums| sums.get_mut(first));
            if let Some(sum) = sum {
                *sum += Residents(column.of(point)[lane]);
            }
        }
    }
}

/// Of each unit, the people who are covered at each pace, slowest first.
pub(super) fn covered(sums: FirstCovered) -> Vec<Vec<Residents>> {
    let of_unit = |first: [Residents; PACES]| {
        let mut sum = Residents::default();
        first.map(|people| {
            sum += people;
            sum
        })
    };
    sums.into_iter()
        .map(|first| of_unit(first).to_vec())
        .collect()
}
