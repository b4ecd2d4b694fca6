//! Detour: how much longer trips on streets are than as the crow flies.

use super::lanes::Mask;
use super::paces::{FirstCovered, Paces};
use super::setting::{Case, Group};
use crate::quantity::{Millis, Residents};
use crate::reach::{GroupTrips, Limits};
use crate::service::Limit;
use crate::units::Units;

/// The detours of a unit's people, in hundredths: 1.00 in the first place, 10.00 or more in the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detours(Vec<Residents>);

/// What is told of detours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detour {
    /// Half of the people have this or less. To the hundredth, from 1; 10 stands for 10 or more.
    pub median: f64,
    /// Nine in ten people have this or less.
    pub ninth_decile: f64,
}

const LEAST: usize = 100;
const MOST: usize = 1000;

impl Default for Detours {
    fn default() -> Self {
        Self(vec![Residents::default(); MOST - LEAST + 1])
    }
}

impl Detours {
    /// Adds people whose trip is `ratio` times as long as the straight line; below 1 is rounding.
    pub fn add(&mut self, ratio: f64, people: Residents) {
        let hundredths = ((ratio * 100.0).round() as usize).clamp(LEAST, MOST);
        self.0[hundredths - LEAST] += people;
    }

    /// Adds those of another service or unit.
    pub fn join(&mut self, other: &Self) {
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(sum, &people)| *sum += people);
    }

    /// `None` where there is nobody.
    #[must_use]
    pub fn summary(&self) -> Option<Detour> {
        let all: Residents = self.0.iter().copied().sum();
        let at = |tenths: u64| {
            let mut sum = 0;
            let reaches = |people: &Residents| {
                sum += people.0;
                sum * 10 >= all.0 * tenths
            };
            self.0
                .iter()
                .position(reaches)
                .map(|at| (at + LEAST) as f64 / 100.0)
        };
        if all.0 == 0 {
            None
        } else {
            Some(Detour {
                median: at(5)?,
                ninth_decile: at(9)?,
            })
        }
    }
}

/// In less time than this (45 s, some 50 m on foot) a ratio says more of the legs than of the streets.
const NEAR: Millis = Millis(45_000);

/// Beyond so many times the limit no street is searched.
const SEARCHED: u32 = 3;

/// The detours of each unit to the nearest facility that is open in the base year; empty where straight lines are not asked
/// for. The same search says who is covered at which of the `paces`, which is added to `first`.
///
/// Detour = time to the nearest one on streets ÷ time to the nearest one as the crow flies (they need not be the same one).
/// Counted are the people of the target group who have one within the limit as the crow flies, more than 45 seconds away, and
/// are on the network. Who has none within three times the limit on streets counts as that much.
pub(super) fn detours(
    case: &Case,
    paces: Option<&Paces>,
    first: &mut FirstCovered,
) -> Vec<Detours> {
    const BASE: Mask = 1;
    const LAST: Mask = 2;
    let mut detours = Vec::new();
    let limits = case.rules.limits;
    let farther = wider(limits);
    let marks = case.offers.iter().map(|each| {
        let last = paces.is_some_and(|paces| paces.counts(each));
        (Mask::from(each.open(0)) * BASE) | (Mask::from(last) * LAST)
    });
    let (places, marks): (_, Vec<Mask>) = (case.places(), marks.collect());
    for group in &case.groups {
        let Some(beside) = &group.trips.beside else {
            return Vec::new();
        };
        detours.resize_with(case.units(), Detours::default);
        let times = group.trips.trips.nearest_by_mark(farther, &places, &marks);
        let times_to = |mark: Mask| {
            let found = times.iter().find(|(marks, _)| marks & mark != 0);
            found.map_or(&[][..], |(_, times)| times)
        };
        let crow = beside.crow(limits, &case.open_places(0));
        add_group(case, group, &crow, times_to(BASE), &mut detours);
        if let Some(paces) = paces {
            let points = 0..case.setting.points.units.len();
            paces.add(case, group, times_to(LAST), points, first);
        }
    }
    detours
}

/// Adds the detours of a group, by the times to the nearest facility as the crow flies and on `streets`.
fn add_group(
    case: &Case,
    group: &Group,
    crow: &[Option<Millis>],
    streets: &[Option<Millis>],
    detours: &mut [Detours],
) {
    let (limits, classes) = (case.rules.limits, case.city().classes());
    let counts = counted(group.trips, limits, crow);
    for point in (0..counts.len()).filter(|&point| counts[point]) {
        let people = Residents(group.people[0].of(point)[0]);
        let limit = limits.for_class(classes[point]).map(searched);
        let limit = limit.map_or(Millis(0), |limit| limit.time());
        let Some(crow) = crow[point] else { continue };
        let time = streets.get(point).copied().flatten().unwrap_or(limit);
        if people.0 > 0 {
            let ratio = f64::from(time.0) / f64::from(crow.0);
            add(detours, case.setting.units, point, ratio, people);
        }
    }
}

fn add(all: &mut [Detours], units: &Units, point: usize, ratio: f64, people: Residents) {
    if let Some(unit) = units.of_point[point] {
        all[unit].add(ratio, people);
    }
}

fn counted(group: &GroupTrips, limits: Limits, crow: &[Option<Millis>]) -> Vec<bool> {
    let snapped = group.trips.snapped(limits);
    let on_streets = |point: usize| {
        snapped
            .as_ref()
            .is_none_or(|snapped| snapped[point] == crate::reach::Snapped::OnStreets)
    };
    crow.iter()
        .enumerate()
        .map(|(point, crow)| crow.is_some_and(|crow| crow > NEAR) && on_streets(point))
        .collect()
}

fn wider(limits: Limits) -> Limits {
    Limits {
        urban: limits.urban.map(searched),
        rural: limits.rural.map(searched),
    }
}

/// How far streets are searched for a detour. Shards must hold so much of their neighbours.
pub(crate) fn searched(limit: Limit) -> Limit {
    Limit {
        minutes: limit.minutes.saturating_mul(SEARCHED),
        ..limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_people_and_nine_in_ten() {
        // 5 people at 1.1, 4 at 1.4, 1 at 20: half have at most 1.1, nine in ten at most 1.4; one more at 20 makes it 10.
        let mut detours = Detours::default();
        for (ratio, people) in [(1.1, 5), (1.4, 4), (20.0, 1)] {
            detours.add(ratio, Residents::whole(people));
        }
        assert_eq!(
            detours.summary(),
            Some(Detour {
                median: 1.1,
                ninth_decile: 1.4
            })
        );
        detours.add(20.0, Residents::whole(1));
        assert_eq!(
            detours.summary(),
            Some(Detour {
                median: 1.4,
                ninth_decile: 10.0
            })
        );
        assert_eq!(Detours::default().summary(), None);
    }
}
