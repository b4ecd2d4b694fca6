//! What the services of a round have in common, and one service among it.

use std::ops::Range;

use super::columns::{Bands, Column, Points};
use super::crowd::Crowd;
use super::lanes::{LANES, Mask, has};
use super::offers::{Offered, Offers};
use super::{Census, Rules};
use crate::city::{City, Class};
use crate::position::ServiceAt;
use crate::quantity::{AGE_BANDS, Point, Residents};
use crate::reach::straight::{Paces, Radius, Straight};
use crate::reach::{GroupTrips, Travel, Trips};
use crate::service::Target;
use crate::units::Units;

/// The city in its years, its units, who goes where, and columns of what every service reads of them: made once a round.
pub struct Setting<'a> {
    pub(super) years: &'a [(City, Vec<Census>)],
    pub(super) units: &'a Units,
    pub(super) trips: &'a [GroupTrips<'a>],
    /// As the crow flies, within the radius of a limit that has one.
    pub(super) radius: Box<dyn Trips + 'a>,
    pub(super) offers: Offers,
    pub(super) points: Points,
    crowd: Crowd,
}

/// Only limits that have a radius are asked for.
const RADIUS: Radius = Radius {
    otherwise: Straight {
        detour: 1.0,
        paces: Paces {
            walk: 1.0,
            ebike: 1.0,
            car_bus: 1.0,
        },
    },
};

impl<'a> Setting<'a> {
    /// Of the same city in its `years`, in order, each with the [`super::census()`] of its units, by the trips of every group
    /// of ages, for services for `targets`. O(points × years × different targets), which is also what it holds: 16 bytes for
    /// each.
    #[must_use]
    pub fn new(
        years: &'a [(City, Vec<Census>)],
        units: &'a Units,
        trips: &'a [GroupTrips<'a>],
        targets: impl IntoIterator<Item = Target>,
    ) -> Self {
        let mut bands = vec![[true; AGE_BANDS.len()]];
        bands.extend(trips.iter().map(|group| group.bands));
        for target in targets {
            bands.push(target.bands());
            bands.extend(
                trips
                    .iter()
                    .map(|group| both(&target.bands(), &group.bands)),
            );
        }
        Self {
            years,
            units,
            trips,
            radius: RADIUS.trips(&years[0].0, &[]),
            offers: Offers::new(&years.iter().map(|(city, _)| city).collect::<Vec<_>>()),
            points: Points::new(years, units, bands),
            crowd: Crowd::new(&years[0].0),
        }
    }

    /// Which facilities offer which service.
    #[must_use]
    pub fn offers(&self) -> &Offers {
        &self.offers
    }

    /// How many years there are.
    #[must_use]
    pub fn years(&self) -> usize {
        self.years.len()
    }

    /// How many units there are.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units.units.len()
    }

    /// Bytes of the [`super::Room`] that a service needs, about, where no trip of a class is longer than `longest` millimetres. O(its
    /// facilities).
    pub(crate) fn room_needed(&self, service: ServiceAt, longest: Limited) -> usize {
        const ROW: usize = 13;
        const LINK: usize = 16;
        let near = |each: &Offered| -> f64 {
            [Class::Urban, Class::Rural]
                .into_iter()
                .zip(longest)
                .filter_map(|(class, longest)| Some(self.crowd.near(each.at, class, longest?)))
                .sum()
        };
        let links: f64 = self.offers.ever_open(service).iter().map(near).sum();
        let points = self.years[0].0.points().len();
        self.trips.len() * (points * ROW + links as usize * LINK)
    }
}

/// Of urban and of rural communities; `None` without a limit.
pub(crate) type Limited = [Option<u64>; 2];

/// Those who are of both.
fn both(bands: &Bands, others: &Bands) -> Bands {
    std::array::from_fn(|band| bands[band] && others[band])
}

/// One service in a setting.
pub(super) struct Case<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) rules: Rules<'a>,
    /// Its places, in the order of facilities.
    pub(super) offers: &'a [Offered],
    /// Those of whom anybody belongs to the target group: the others need no search. Rows of links are those of the first
    /// group's demand points, then those of the second's.
    pub(super) groups: Vec<Group<'a>>,
}

/// The demand points of a group of ages.
#[derive(Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) trips: &'a GroupTrips<'a>,
    /// Those of its ages who belong to the target group, by block of years.
    pub(super) people: &'a [Column],
    /// All of its ages.
    pub(super) everybody: &'a [Column],
    /// Its first row.
    pub(super) first: usize,
}

impl<'a> Case<'a> {
    pub(super) fn new(setting: &'a Setting<'a>, rules: Rules<'a>) -> Self {
        let count = setting.points.units.len();
        let target = rules.service.target;
        let groups = (setting.trips.iter())
            .filter(|group| target.any_of(&group.bands))
            .enumerate()
            .map(|(nth, trips)| Group {
                trips,
                people: setting.points.people(both(&target.bands(), &trips.bands)),
                everybody: setting.points.people(trips.bands),
                first: nth * count,
            });
        Self {
            setting,
            rules,
            offers: setting.offers.ever_open(rules.at),
            groups: groups.collect(),
        }
    }

    /// The city in the base year: its demand points are those of all years.
    pub(super) fn city(&self) -> &'a City {
        &self.setting.years[0].0
    }

    /// How many units there are.
    pub(super) fn units(&self) -> usize {
        self.setting.units.units.len()
    }

    /// How many rows of links there are.
    pub(super) fn rows(&self) -> usize {
        self.groups.len() * self.setting.points.units.len()
    }

    /// Whether straight lines are compared.
    pub(super) fn compared(&self) -> bool {
        self.groups.iter().all(|group| group.trips.beside.is_some())
    }

    /// Whether the service has a capacity.
    pub(super) fn counted(&self) -> bool {
        !self.rules.service.capacity_unit.is_empty()
    }

    /// What the norm asks for, where what is there can be counted.
    pub(super) fn rates(&self) -> Option<(f64, f64)> {
        let rates = self.rules.service.norm.rates(self.rules.household_size);
        rates.filter(|_| self.counted())
    }

    /// Where its facilities stand.
    pub(super) fn places(&self) -> Vec<Point> {
        self.offers.iter().map(|each| each.at).collect()
    }

    /// In which years of a block each place is open, of those that `counts` says.
    pub(super) fn open(
        &self,
        block: &Range<usize>,
        counts: impl Fn(&Offered) -> bool,
    ) -> Vec<Mask> {
        let mask = |each: &Offered| {
            if counts(each) { each.open_in(block) } else { 0 }
        };
        self.offers.iter().map(mask).collect()
    }

    /// The places that are open in a year.
    pub(super) fn open_places(&self, year: usize) -> Vec<Point> {
        let open = self.offers.iter().filter(|each| each.open(year));
        open.map(|each| each.at).collect()
    }

    /// The people of each unit in each year of a block, of those rows and years that `mask` says: of a group and a demand
    /// point of it. O(rows).
    pub(super) fn in_units(
        &self,
        block: &Range<usize>,
        people: impl Fn(&Group<'a>) -> &'a [Column],
        mask: impl Fn(&Group<'a>, usize) -> Mask,
    ) -> Vec<[Residents; LANES]> {
        let mut sums = vec![[Residents::default(); LANES]; self.units()];
        for group in &self.groups {
            let column = &people(group)[block.start / LANES];
            for (point, &unit) in self.setting.points.units.iter().enumerate() {
                let mask = mask(group, point);
                let Some(sums) = sums.get_mut(unit as usize).filter(|_| mask != 0) else {
                    continue;
                };
                for (lane, people) in column.of(point).into_iter().enumerate() {
                    if has(mask, lane) {
                        sums[lane] += Residents(people);
                    }
                }
            }
        }
        sums
    }

    /// The known capacity of the places in each unit that `counts` says, in the order of facilities.
    pub(super) fn inside(&self, counts: impl Fn(&Offered) -> bool) -> Vec<f64> {
        let mut sums = vec![0.0; self.units()];
        for each in self.offers.iter().filter(|each| counts(each)) {
            if let Some(unit) = self.setting.units.of_facility[each.facility] {
                sums[unit] += each.offer.capacity.unwrap_or(0.0);
            }
        }
        sums
    }
}
