//! One service's facilities and who goes to them: who is covered, by whom else, at which pace, and what capacity units receive.

use std::sync::Arc;

use super::access;
use super::census::Census;
use super::coverage::{by_unit, people};
use super::served::{Bits, Tally};
use super::standing::{PublicStanding, Supply};
use super::{Rules, paced};
use crate::city::{City, Class};
use crate::position::{FacilityAt, ServiceAt};
use crate::quantity::{Millis, Point, Residents};
use crate::ranking::{PACES, paces};
use crate::reach::{GroupTrips, Limits, Link, Reach, Snapped};
use crate::service::Target;
use crate::units::Units;

/// The facilities that offer a service and are open in any of the years.
#[derive(Debug)]
pub(super) struct Suppliers {
    pub(super) facilities: Vec<FacilityAt>,
    places: Vec<Point>,
    pub(super) capacities: Vec<Option<f64>>,
    public: Vec<Option<bool>>,
}

impl Suppliers {
    pub(super) fn ever_open(years: &[(City, Vec<Census>)], service: ServiceAt) -> Self {
        let mut open: Vec<_> = years
            .iter()
            .flat_map(|(city, _)| city.open_offers(service))
            .map(|(at, facility, offer)| (at, facility.at, offer))
            .collect();
        open.sort_by_key(|&(at, ..)| at);
        open.dedup_by_key(|&mut (at, ..)| at);
        let mut all = Self {
            facilities: Vec::new(),
            places: Vec::new(),
            capacities: Vec::new(),
            public: Vec::new(),
        };
        for (facility, place, offer) in open {
            all.facilities.push(facility);
            all.places.push(place);
            all.capacities.push(offer.capacity);
            all.public.push(offer.public);
        }
        all
    }

    pub(super) fn open_in(&self, city: &City) -> Vec<bool> {
        self.facilities
            .iter()
            .map(|&facility| city.facility(facility).open(city.year()))
            .collect()
    }
}

/// One service's facilities, and who goes to them.
pub(super) struct Places<'a> {
    pub(super) suppliers: Suppliers,
    pub(super) units: &'a Units,
    pub(super) rules: Rules<'a>,
    /// Rows of links are those of the first group's demand points, then those of the second's.
    pub(super) groups: &'a [&'a GroupTrips<'a>],
}

/// Who reaches the facilities that are ever open, with the weight of each link.
pub(super) struct Links {
    pub(super) reach: Reach,
    weights: Vec<f64>,
}

impl Links {
    pub(super) fn new(city: &City, places: &Places) -> Self {
        let rules = places.rules;
        let of_group = |group: &&GroupTrips| {
            let reach = group.trips.reach(rules.limits, &places.suppliers.places);
            let weights = access::weights(city, rules.limits, rules.decay, &reach);
            Self { reach, weights }
        };
        let join = |mut all: Self, mut next: Self| {
            all.weights.append(&mut next.weights);
            Self {
                reach: all.reach.followed_by(&next.reach),
                weights: all.weights,
            }
        };
        let none = || Self {
            reach: Reach::from_rows(std::iter::empty()),
            weights: Vec::new(),
        };
        places
            .groups
            .iter()
            .map(of_group)
            .reduce(join)
            .unwrap_or_else(none)
    }

    /// The links of a row, and their weights.
    pub(super) fn row(&self, row: usize) -> (&[Link], &[f64]) {
        (self.reach.row(row), &self.weights[self.reach.range(row)])
    }
}

/// Which rows have an open facility within the limit.
pub(super) struct Covered {
    pub(super) open: Vec<bool>,
    pub(super) rows: Vec<bool>,
    /// The same, to be kept.
    pub(super) bits: Arc<Bits>,
    pub(super) straight: Option<Vec<bool>>,
}

impl Covered {
    pub(super) fn new(city: &City, places: &Places, links: &Links, open: Vec<bool>) -> Self {
        let rows = within(links, &open);
        let at = places.open_places(&open);
        let straight = |group: &&GroupTrips| {
            let times = group
                .beside
                .as_ref()?
                .trips
                .nearest(places.rules.limits, &at);
            Some(times.iter().map(Option::is_some).collect::<Vec<bool>>())
        };
        let straight: Option<Vec<Vec<bool>>> = places.groups.iter().map(straight).collect();
        debug_assert_eq!(
            rows.len(),
            city.points().len() * places.groups.len(),
            "a row for each point and group"
        );
        let bits = Arc::new(Bits::of(&rows));
        Self {
            open,
            rows,
            bits,
            straight: straight
                .filter(|groups| !groups.is_empty())
                .map(|groups| groups.concat()),
        }
    }
}

/// Who has one of some places near, kept from year to year: mostly the places stay the same.
#[derive(Default)]
pub(super) struct Remembered {
    places: Vec<Point>,
    rows: Vec<bool>,
}

impl Remembered {
    /// Which rows have one of `places` within `limits`, which are the same each time.
    fn near(&mut self, of: &Places, limits: Limits, places: Vec<Point>) -> &[bool] {
        if self.rows.is_empty() || self.places != places {
            self.rows = of.near(limits, &places);
            self.places = places;
        }
        &self.rows
    }
}

/// Which rows have an open facility within the limit.
fn within(links: &Links, open: &[bool]) -> Vec<bool> {
    links
        .reach
        .rows()
        .map(|row| row.iter().any(|link| open[link.place as usize]))
        .collect()
}

impl Places<'_> {
    /// Which rows have one of `places` within `limits`.
    fn near(&self, limits: Limits, places: &[Point]) -> Vec<bool> {
        let mut rows = Vec::with_capacity(self.units.of_point.len() * self.groups.len());
        for group in self.groups {
            rows.extend(
                group
                    .trips
                    .nearest(limits, places)
                    .iter()
                    .map(Option::is_some),
            );
        }
        rows
    }

    /// Whether the service has a capacity.
    pub(super) fn counted(&self) -> bool {
        !self.rules.service.capacity_unit.is_empty()
    }

    /// Of each row, the residents of the target group.
    pub(super) fn everybody(&self, city: &City) -> Vec<Residents> {
        self.people(city, &vec![true; city.points().len() * self.groups.len()])
    }

    /// The people of each unit who are covered at each pace, slowest first; empty where that is not asked. All trips become
    /// longer or shorter alike, so it is who has a facility within the limit × pace.
    pub(super) fn by_pace(&self, city: &City, open: &[bool]) -> Vec<Vec<Residents>> {
        if self.rules.pace_within == 0.0 {
            return Vec::new();
        }
        let at = self.open_places(open);
        let farther = Limits {
            urban: self
                .rules
                .limits
                .urban
                .map(|limit| paced(limit, self.rules.pace_within)),
            rural: self
                .rules
                .limits
                .rural
                .map(|limit| paced(limit, self.rules.pace_within)),
        };
        // The limit × each pace, for both classes.
        let limits = [Class::Urban, Class::Rural].map(|class| {
            let limit = self
                .rules
                .limits
                .for_class(class)
                .map_or(0, |limit| limit.time().0);
            paces(self.rules.pace_within)
                .map(|pace| Millis((f64::from(limit) * pace).round() as u32))
        });
        let mut all = vec![vec![Residents::default(); PACES]; self.units.units.len()];
        for group in self.groups {
            let times = group.trips.nearest(farther, &at);
            for (point, (time, ages)) in times.into_iter().zip(city.residents()).enumerate() {
                let (Some(time), Some(unit)) = (time, self.units.of_point[point]) else {
                    continue;
                };
                let limits = &limits[usize::from(city.classes()[point] == Class::Rural)];
                let people = self.rules.service.target.of_bands(ages, &group.bands);
                // Paces ascend: who is covered at one is covered at all faster ones.
                if let Some(first) = limits.iter().position(|&limit| time.within(limit)) {
                    all[unit][first] += people;
                }
            }
        }
        for covered in &mut all {
            (1..PACES).for_each(|pace| covered[pace] = covered[pace] + covered[pace - 1]);
        }
        all
    }

    /// Those of each unit who are not covered and have a substitute within the limit; `None` where no kind will do instead.
    pub(super) fn instead(
        &self,
        city: &City,
        covered: &[bool],
        near: &mut Remembered,
    ) -> Option<Vec<Residents>> {
        if self.rules.substitutes.is_empty() {
            return None;
        }
        let open = self
            .rules
            .substitutes
            .iter()
            .flat_map(|&at| city.open_offers(at));
        let near = near.near(
            self,
            self.rules.limits,
            open.map(|(_, facility, _)| facility.at).collect(),
        );
        let rows: Vec<bool> = near
            .iter()
            .zip(covered)
            .map(|(&near, &covered)| near && !covered)
            .collect();
        Some(self.in_units(city, &rows))
    }

    /// The urban residents of each unit for whom a rule is needless; `None` where there is no such rule.
    pub(super) fn excused(&self, city: &City, near: &mut Remembered) -> Option<Vec<Residents>> {
        let (at, limit) = self.rules.unless?;
        let open = city
            .open_offers(at)
            .map(|(_, facility, _)| facility.at)
            .collect();
        let rows = near.near(
            self,
            Limits {
                urban: Some(limit),
                rural: None,
            },
            open,
        );
        let everybody = people(
            city,
            Target::ALL,
            self.groups.iter().map(|group| &group.bands),
            rows,
        );
        Some(by_unit(&everybody, self.units))
    }

    /// What the public ones of the open facilities give each unit.
    pub(super) fn public(
        &self,
        city: &City,
        links: &Links,
        open: &[bool],
    ) -> Option<Vec<PublicStanding>> {
        if !self.rules.service.public_apart {
            return None;
        }
        let public = self.suppliers.public.iter().zip(open);
        let open: Vec<bool> = public
            .map(|(public, &open)| open && *public == Some(true))
            .collect();
        let covered = self.in_units(city, &within(links, &open));
        let inside = self.inside(&open, &mut vec![false; self.units.units.len()]);
        let standing = |(covered, inside)| PublicStanding { covered, inside };
        Some(covered.into_iter().zip(inside).map(standing).collect())
    }

    pub(super) fn open_places(&self, open: &[bool]) -> Vec<Point> {
        self.suppliers
            .places
            .iter()
            .zip(open)
            .filter(|(_, open)| **open)
            .map(|(&at, _)| at)
            .collect()
    }

    /// Of each row that counts, the residents of the target group; others count for nothing.
    fn people(&self, city: &City, rows: &[bool]) -> Vec<Residents> {
        people(
            city,
            self.rules.service.target,
            self.groups.iter().map(|group| &group.bands),
            rows,
        )
    }

    pub(super) fn in_units(&self, city: &City, rows: &[bool]) -> Vec<Residents> {
        by_unit(&self.people(city, rows), self.units)
    }

    /// Of the rows that are not covered, those who cannot travel: unsnapped and roadless, by unit.
    pub(super) fn lost(
        &self,
        city: &City,
        covered: &[bool],
        snapped: &[Option<Vec<Snapped>>],
    ) -> (Vec<Residents>, Vec<Residents>) {
        let none = || vec![Residents::default(); self.units.units.len()];
        if snapped.iter().all(Option::is_none) {
            return (none(), none());
        }
        let points = city.points().len();
        let of = |state: Snapped| {
            let rows: Vec<bool> = (0..covered.len())
                .map(|row| {
                    let own = snapped[row / points]
                        .as_ref()
                        .map_or(Snapped::OnStreets, |own| own[row % points]);
                    !covered[row] && own == state
                })
                .collect();
            self.in_units(city, &rows)
        };
        (of(Snapped::Unsnapped), of(Snapped::Roadless))
    }

    /// What each unit has, `None` where that is not known; what each community receives; and which open facilities somebody in
    /// a unit reaches.
    pub(super) fn supplies(
        &self,
        city: &City,
        links: &Links,
        covered: &Covered,
        tally: &mut Tally,
    ) -> (Vec<Option<Supply>>, Option<Vec<f64>>, Vec<FacilityAt>) {
        if !self.counted() {
            return (vec![None; self.units.units.len()], None, Vec::new());
        }
        let mut unknown = vec![false; self.units.units.len()];
        let inside = self.inside(&covered.open, &mut unknown);
        let mut communities = vec![0.0; city.communities().len()];
        let (received, reached) =
            self.received(city, links, covered, tally, &mut unknown, &mut communities);
        let supply = |(unit, unknown): (usize, bool)| {
            (!unknown).then(|| Supply {
                inside: inside[unit],
                received: received[unit],
            })
        };
        let reached = self
            .suppliers
            .facilities
            .iter()
            .zip(reached)
            .filter(|(_, hit)| *hit)
            .map(|(&at, _)| at);
        (
            unknown.into_iter().enumerate().map(supply).collect(),
            Some(communities),
            reached.collect(),
        )
    }

    /// Capacity in each unit; marks those that hold an open facility whose capacity is not known.
    fn inside(&self, open: &[bool], unknown: &mut [bool]) -> Vec<f64> {
        let mut sums = vec![0.0; self.units.units.len()];
        let suppliers = self
            .suppliers
            .facilities
            .iter()
            .zip(&self.suppliers.capacities)
            .zip(open);
        for ((&facility, capacity), _) in suppliers.filter(|(_, open)| **open) {
            if let Some(unit) = self.units.of_facility[facility] {
                sums[unit] += capacity.unwrap_or(0.0);
                unknown[unit] |= capacity.is_none();
            }
        }
        sums
    }

    /// Capacity that each unit receives, and which open facilities somebody in a unit reaches with a weight above zero; marks
    /// the units that reach one whose capacity is not known, and adds to what communities receive.
    fn received(
        &self,
        city: &City,
        links: &Links,
        covered: &Covered,
        tally: &mut Tally,
        unknown: &mut [bool],
        communities: &mut [f64],
    ) -> (Vec<f64>, Vec<bool>) {
        let people: Vec<f64> = self
            .people(city, &covered.rows)
            .iter()
            .map(|each| each.persons())
            .collect();
        let capacities = self.suppliers.capacities.iter().zip(&covered.open);
        let capacities: Vec<f64> = capacities
            .map(|(capacity, &open)| if open { capacity.unwrap_or(0.0) } else { 0.0 })
            .collect();
        let ratios = access::ratios(&links.reach, &links.weights, &people, &capacities);
        let access = access::gathered(&links.reach, &links.weights, &ratios);
        tally.add_year(self, links, &people, &ratios);
        let mut sums = vec![0.0; self.units.units.len()];
        let mut reached = vec![false; capacities.len()];
        let units = self.units.of_point.iter().cycle();
        for ((row, people), unit) in people
            .into_iter()
            .enumerate()
            .zip(units)
            .filter(|((_, people), _)| *people > 0.0)
        {
            let Some(unit) = *unit else { continue };
            sums[unit] += people * access[row];
            let community = city.points()[row % city.points().len()].community;
            communities[community] += people * access[row];
            let (links, weights) = links.row(row);
            for (link, _) in links
                .iter()
                .zip(weights)
                .filter(|(_, weight)| **weight > 0.0)
            {
                if covered.open[link.place as usize] {
                    reached[link.place as usize] = true;
                    unknown[unit] |= self.suppliers.capacities[link.place as usize].is_none();
                }
            }
        }
        (sums, reached)
    }
}
