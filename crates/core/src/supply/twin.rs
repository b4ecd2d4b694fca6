//! The slow twin of [`super::stand`]: one year after another, one question after another, each answered by walking through all
//! rows. Its sums of floats are those of the definitions in [`super::access`], in the city's order.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::access;
use super::allocation::{Groups, UNLIMITED, WHOLE};
use super::detour::Detours;
use super::lanes::Mask;
use super::shortage::{Claims, Member};
use super::{
    Bits, Census, CoveredPoints, PublicStanding, Rules, Served, ServiceStandings, Standing,
    StraightStanding, Supply, asked, paced,
};
use crate::city::{City, Offer};
use crate::position::{FacilityAt, UnitAt};
use crate::quantity::{Millis, Point, Residents};
use crate::ranking::{PACES, paces};
use crate::reach::{GroupTrips, Limits, Link, Reach, Snapped, Trips};
use crate::service::{Limit, Target};
use crate::units::Units;

/// A group of ages at a demand point, with its links.
struct Row<'a> {
    group: &'a GroupTrips<'a>,
    point: usize,
    unit: Option<UnitAt>,
    links: Vec<Link>,
    weights: Vec<f64>,
}

struct Twin<'a> {
    years: &'a [(City, Vec<Census>)],
    units: &'a Units,
    rules: Rules<'a>,
    groups: Vec<&'a GroupTrips<'a>>,
    places: Vec<(FacilityAt, Point, Offer)>,
    rows: Vec<Row<'a>>,
}

pub(super) fn stand<'a>(
    years: &'a [(City, Vec<Census>)],
    units: &'a Units,
    rules: Rules<'a>,
    groups: &'a [GroupTrips<'a>],
) -> ServiceStandings {
    let groups = groups
        .iter()
        .filter(|group| rules.service.target.any_of(&group.bands));
    let mut places = BTreeMap::new();
    for (city, _) in years {
        for (at, facility, offer) in city.open_offers(rules.at) {
            places.entry(at).or_insert((at, facility.at, offer));
        }
    }
    let mut twin = Twin {
        years,
        units,
        rules,
        groups: groups.collect(),
        places: places.into_values().collect(),
        rows: Vec::new(),
    };
    twin.rows = twin.rows();
    let mut standings: Vec<Standing> = (0..years.len())
        .flat_map(|year| twin.standings(year))
        .collect();
    standings.sort_by_key(|each| (each.unit, each.year));
    let years = 0..years.len();
    let counted = twin.counted();
    ServiceStandings {
        standings,
        reached: years.clone().map(|year| twin.reached(year)).collect(),
        detours: twin.detours(),
        claims: twin.rates().map(|rates| twin.claims(rates)),
        received: years
            .clone()
            .filter(|_| counted)
            .map(|year| twin.communities(year))
            .collect(),
        by_pace: twin.by_pace(),
        served: twin.served(),
        points: CoveredPoints {
            service: rules.at,
            groups: twin.groups.iter().map(|group| group.bands).collect(),
            years: years.map(|year| Arc::new(twin.bits(year))).collect(),
        },
    }
}

impl<'a> Twin<'a> {
    fn rows(&self) -> Vec<Row<'a>> {
        let city = &self.years[0].0;
        let at: Vec<Point> = self.places.iter().map(|&(_, at, _)| at).collect();
        let mut all = Vec::new();
        for group in &self.groups {
            let reach = group.trips.reach(self.rules.limits, &at);
            for (point, links) in reach.rows().enumerate() {
                let limit = self.rules.limits.for_class(city.classes()[point]);
                let weight = |link: &Link| {
                    let limit = limit.map_or(Millis(0), |limit| limit.time());
                    self.rules.decay.weight(link.time, limit)
                };
                all.push(Row {
                    group,
                    point,
                    unit: self.units.of_point[point],
                    links: links.to_vec(),
                    weights: links.iter().map(weight).collect(),
                });
            }
        }
        all
    }

    fn city(&self, year: usize) -> &City {
        &self.years[year].0
    }

    fn counted(&self) -> bool {
        !self.rules.service.capacity_unit.is_empty()
    }

    fn rates(&self) -> Option<(f64, f64)> {
        let rates = self.rules.service.norm.rates(self.rules.household_size);
        rates.filter(|_| self.counted())
    }

    fn is_open(&self, year: usize, place: u32) -> bool {
        let city = self.city(year);
        city.facility(self.places[place as usize].0)
            .open(city.year())
    }

    fn capacity(&self, place: u32) -> Option<f64> {
        self.places[place as usize].2.capacity
    }

    fn is_public(&self, place: u32) -> bool {
        self.places[place as usize].2.public == Some(true)
    }

    fn open(&self, year: usize) -> impl Iterator<Item = u32> {
        (0..self.places.len() as u32).filter(move |&place| self.is_open(year, place))
    }

    fn open_places(&self, year: usize) -> Vec<Point> {
        self.open(year)
            .map(|place| self.places[place as usize].1)
            .collect()
    }

    fn people(&self, year: usize, row: &Row) -> Residents {
        let ages = &self.city(year).residents()[row.point];
        self.rules.service.target.of_bands(ages, &row.group.bands)
    }

    fn covered(&self, year: usize, row: &Row) -> bool {
        row.links.iter().any(|link| self.is_open(year, link.place))
    }

    /// The people of each unit in the rows that count.
    fn in_units(
        &self,
        people: impl Fn(&Row) -> Residents,
        counts: impl Fn(usize, &Row) -> bool,
    ) -> Vec<Residents> {
        let mut sums = vec![Residents::default(); self.units.units.len()];
        for (nth, row) in self.rows.iter().enumerate() {
            if let Some(unit) = row.unit.filter(|_| counts(nth, row)) {
                sums[unit] += people(row);
            }
        }
        sums
    }

    /// Whether each row has one of `places` within `limits`.
    fn near(
        &self,
        trips: impl Fn(&'a GroupTrips<'a>) -> &'a dyn Trips,
        limits: Limits,
        places: &[Point],
    ) -> Vec<bool> {
        let of_group = |group: &&'a GroupTrips<'a>| trips(group).nearest(limits, places);
        let times = self.groups.iter().flat_map(of_group);
        times.map(|time| time.is_some()).collect()
    }

    fn offered(&self, year: usize, services: &[crate::position::ServiceAt]) -> Vec<Point> {
        let open = services
            .iter()
            .flat_map(|&at| self.city(year).open_offers(at));
        open.map(|(_, facility, _)| facility.at).collect()
    }

    fn standings(&self, year: usize) -> Vec<Standing> {
        let (rules, people) = (self.rules, |row: &Row| self.people(year, row));
        let covered = self.in_units(people, |_, row| self.covered(year, row));
        let public = self.in_units(people, |_, row| {
            let mut links = row.links.iter();
            links.any(|link| self.is_open(year, link.place) && self.is_public(link.place))
        });
        let inside = self.inside(year, |_| true);
        let public_inside = self.inside(year, |place| self.is_public(place));
        let lost = |state: Snapped| {
            let of_group = |group: &&GroupTrips| {
                let states = group.trips.snapped(rules.limits);
                states.unwrap_or(vec![Snapped::OnStreets; self.units.of_point.len()])
            };
            let states: Vec<Snapped> = self.groups.iter().flat_map(of_group).collect();
            self.in_units(people, |nth, row| {
                !self.covered(year, row) && states[nth] == state
            })
        };
        let (unsnapped, roadless) = (lost(Snapped::Unsnapped), lost(Snapped::Roadless));
        let compared = self.groups.iter().all(|group| group.beside.is_some());
        let straight = compared.then(|| {
            let trips = |group: &'a GroupTrips<'a>| {
                group.beside.as_ref().map(|beside| &*beside.trips).unwrap()
            };
            let near = self.near(trips, rules.limits, &self.open_places(year));
            self.in_units(people, |nth, _| near[nth])
        });
        let radius = self.within_radius(year);
        let within_radius = radius.map(|near| self.in_units(people, |nth, _| near[nth]));
        let detours = self.detours();
        let near = self.near(
            |group| &*group.trips,
            rules.limits,
            &self.offered(year, rules.substitutes),
        );
        let substituted = self.in_units(people, |nth, row| near[nth] && !self.covered(year, row));
        let excused = rules.unless.map(|(at, limit)| {
            let limits = Limits {
                urban: Some(limit),
                rural: None,
            };
            let near = self.near(|group| &*group.trips, limits, &self.offered(year, &[at]));
            let everybody = |row: &Row| {
                Target::ALL.of_bands(&self.city(year).residents()[row.point], &row.group.bands)
            };
            self.in_units(everybody, |nth, _| near[nth])
        });
        let (received, unknown) = self.received(year);
        let standing = |(unit, census): (usize, &Census)| Standing {
            covered: covered[unit],
            unsnapped: unsnapped[unit],
            roadless: roadless[unit],
            straight: straight.as_ref().map(|covered| StraightStanding {
                covered: covered[unit],
                detour: detours
                    .get(unit)
                    .filter(|_| year == 0)
                    .and_then(Detours::summary),
            }),
            covered_radius: within_radius.as_ref().map(|covered| covered[unit]),
            supply: (self.counted() && !unknown[unit]).then(|| Supply {
                inside: inside[unit],
                received: received[unit],
            }),
            public: rules.service.public_apart.then(|| PublicStanding {
                covered: public[unit],
                inside: public_inside[unit],
            }),
            substituted: substituted[unit],
            excused: excused
                .as_ref()
                .map_or(Residents::default(), |excused| excused[unit]),
            ..asked(census, unit, self.city(year).year(), rules)
        };
        self.years[year]
            .1
            .iter()
            .enumerate()
            .map(standing)
            .collect()
    }

    /// For each row, whether a facility is within the radius: the length as the crow flies, to the millimetre. `None` where a limit
    /// has no radius, or there is no limit.
    fn within_radius(&self, year: usize) -> Option<Vec<bool>> {
        let (city, limits) = (self.city(0), self.rules.limits);
        let known = [limits.urban, limits.rural].into_iter().flatten();
        let radii: Vec<Option<u32>> = known.map(|limit| limit.radius_m).collect();
        if radii.is_empty() || radii.contains(&None) {
            return None;
        }
        let near = |row: &Row| {
            let limit = limits.for_class(city.classes()[row.point]);
            let radius = limit.and_then(|limit| limit.radius_m).map(f64::from);
            let from = city.points()[row.point].at;
            let mut places = self.open_places(year).into_iter();
            radius
                .is_some_and(|radius| places.any(|at| from.distance(at).round() <= radius * 1000.0))
        };
        Some(self.rows.iter().map(near).collect())
    }

    fn inside(&self, year: usize, counts: impl Fn(u32) -> bool) -> Vec<f64> {
        let mut sums = vec![0.0; self.units.units.len()];
        for place in self.open(year).filter(|&place| counts(place)) {
            if let Some(unit) = self.units.of_facility[self.places[place as usize].0] {
                sums[unit] += self.capacity(place).unwrap_or(0.0);
            }
        }
        sums
    }

    /// Covered people of each row, in persons.
    fn persons(&self, year: usize) -> Vec<f64> {
        let of = |row: &Row| {
            if self.covered(year, row) {
                self.people(year, row).persons()
            } else {
                0.0
            }
        };
        self.rows.iter().map(of).collect()
    }

    /// Rⱼ and Aᵢ, by the measures of [`super::access`].
    fn access(&self, year: usize) -> (Vec<f64>, Vec<f64>) {
        let reach = Reach::from_rows(self.rows.iter().map(|row| row.links.as_slice()));
        let weights: Vec<f64> = self
            .rows
            .iter()
            .flat_map(|row| row.weights.clone())
            .collect();
        let capacity = |place| {
            if self.is_open(year, place) {
                self.capacity(place).unwrap_or(0.0)
            } else {
                0.0
            }
        };
        let capacities: Vec<f64> = (0..self.places.len() as u32).map(capacity).collect();
        let people = self.persons(year);
        (
            access::ratios(&reach, &weights, &people, &capacities),
            access::two_step(&reach, &weights, &people, &capacities),
        )
    }

    /// The links, with a weight above 0, of those who live in a unit and are covered, to open places.
    fn used(&self, year: usize) -> Vec<(UnitAt, u32)> {
        let mut all = Vec::new();
        for (row, people) in self.rows.iter().zip(self.persons(year)) {
            let Some(unit) = row.unit.filter(|_| people > 0.0) else {
                continue;
            };
            for (link, weight) in row.links.iter().zip(&row.weights) {
                if *weight > 0.0 && self.is_open(year, link.place) {
                    all.push((unit, link.place));
                }
            }
        }
        all
    }

    /// What each unit receives, and whether what it has is not known.
    fn received(&self, year: usize) -> (Vec<f64>, Vec<bool>) {
        let units = self.units.units.len();
        let (mut sums, mut unknown) = (vec![0.0; units], vec![false; units]);
        for ((row, people), access) in self
            .rows
            .iter()
            .zip(self.persons(year))
            .zip(self.access(year).1)
        {
            if let Some(unit) = row.unit.filter(|_| people > 0.0) {
                sums[unit] += people * access;
            }
        }
        let stand = self.open(year).filter_map(|place| {
            Some((
                self.units.of_facility[self.places[place as usize].0]?,
                place,
            ))
        });
        for (unit, place) in stand.chain(self.used(year)) {
            unknown[unit] |= self.capacity(place).is_none();
        }
        (sums, unknown)
    }

    fn communities(&self, year: usize) -> Vec<f64> {
        let mut sums = vec![0.0; self.city(year).communities().len()];
        for ((row, people), access) in self
            .rows
            .iter()
            .zip(self.persons(year))
            .zip(self.access(year).1)
        {
            if people > 0.0 && row.unit.is_some() {
                sums[self.city(year).points()[row.point].community] += people * access;
            }
        }
        sums
    }

    fn reached(&self, year: usize) -> Vec<FacilityAt> {
        if !self.counted() {
            return Vec::new();
        }
        let mut all: Vec<FacilityAt> = self
            .used(year)
            .into_iter()
            .map(|(_, place)| self.places[place as usize].0)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn bits(&self, year: usize) -> Bits {
        let masks: Vec<Mask> = self
            .rows
            .iter()
            .map(|row| Mask::from(self.covered(year, row)))
            .collect();
        Bits::of(&masks, 0)
    }

    fn by_pace(&self) -> Vec<Vec<Residents>> {
        let (within, limits, last) = (
            self.rules.pace_within,
            self.rules.limits,
            self.years.len() - 1,
        );
        if within == 0.0 {
            return Vec::new();
        }
        let farther = |limit: Option<Limit>| limit.map(|limit| paced(limit, within));
        let farther = Limits {
            urban: farther(limits.urban),
            rural: farther(limits.rural),
        };
        let nearest = |group: &&GroupTrips| group.trips.nearest(farther, &self.open_places(last));
        let times: Vec<Option<Millis>> = self.groups.iter().flat_map(nearest).collect();
        let covered = |pace: f64| {
            self.in_units(
                |row| self.people(last, row),
                |nth, row| {
                    let limit = limits.for_class(self.city(last).classes()[row.point]);
                    let limit = f64::from(limit.map_or(0, |limit| limit.time().0)) * pace;
                    times[nth].is_some_and(|time| time.within(Millis(limit.round() as u32)))
                },
            )
        };
        let by_pace: Vec<Vec<Residents>> = paces(within).map(covered).to_vec();
        (0..self.units.units.len())
            .map(|unit| (0..PACES).map(|pace| by_pace[pace][unit]).collect())
            .collect()
    }

    fn served(&self) -> Vec<Served> {
        let mut all: BTreeMap<(UnitAt, u32), Vec<usize>> = BTreeMap::new();
        for (nth, row) in self.rows.iter().enumerate() {
            for link in &row.links {
                if let Some(unit) = row.unit {
                    all.entry((unit, link.place)).or_default().push(nth);
                }
            }
        }
        let years: Vec<(Vec<f64>, Vec<f64>)> = (0..self.years.len())
            .map(|year| (self.persons(year), self.access(year).0))
            .collect();
        let served = |((unit, place), rows): ((UnitAt, u32), Vec<usize>)| {
            let link = |&nth: &usize| {
                self.rows[nth]
                    .links
                    .iter()
                    .position(|link| link.place == place)
                    .unwrap()
            };
            let trip = |nth: &usize| {
                (
                    self.people(0, &self.rows[*nth]),
                    self.rows[*nth].links[link(nth)].time,
                )
            };
            let trips: Vec<(Residents, Millis)> = rows.iter().map(trip).collect();
            let people: Residents = trips.iter().map(|trip| trip.0).sum();
            let least = trips
                .iter()
                .filter(|trip| people.0 == 0 || trip.0.0 > 0)
                .map(|trip| trip.1)
                .min()
                .unwrap();
            let time: u128 = trips
                .iter()
                .map(|(people, time)| u128::from(people.0) * u128::from(time.0))
                .sum();
            let received = |(persons, ratios): &(Vec<f64>, Vec<f64>)| {
                let drawn = rows.iter().fold(0.0, |sum, nth| {
                    sum + persons[*nth] * self.rows[*nth].weights[link(nth)]
                });
                drawn * ratios[place as usize]
            };
            Served {
                unit,
                service: self.rules.at,
                facility: self.places[place as usize].0,
                people,
                least,
                mean: (time + u128::from(people.0 / 2))
                    .checked_div(u128::from(people.0))
                    .map_or(least, |mean| Millis(mean as u32)),
                received: years
                    .iter()
                    .filter(|_| self.counted())
                    .map(received)
                    .collect(),
            }
        };
        all.into_iter()
            .map(served)
            .filter(|each| {
                each.people.0 > 0 || each.received.iter().any(|&received| received > 0.0)
            })
            .collect()
    }

    fn claims(&self, (per_resident, per_target): (f64, f64)) -> Claims {
        let groups = Groups::new(&Reach::from_rows(
            self.rows.iter().map(|row| row.links.as_slice()),
        ));
        let mut members: BTreeMap<Member, Vec<u64>> = BTreeMap::new();
        for (row, &group) in self.rows.iter().zip(&groups.of_row) {
            let Some(unit) = row.unit else { continue };
            let amounts = members
                .entry(Member { group, unit })
                .or_insert(vec![0; self.years.len()]);
            for (year, amount) in amounts.iter_mut().enumerate() {
                let ages = &self.city(year).residents()[row.point];
                let (own, all) = (
                    self.people(year, row).0 as f64,
                    self.rules.service.target.of(ages).0 as f64,
                );
                let first = f64::from(u8::from(row.group.bands == self.groups[0].bands));
                let part = if all > 0.0 { own / all } else { first };
                let judged = self
                    .rules
                    .limits
                    .for_class(self.city(year).classes()[row.point])
                    .is_some();
                let asked = ages.total().0 as f64 * per_resident * part + own * per_target;
                *amount += if judged {
                    (asked * (WHOLE / 1000.0)).round() as u64
                } else {
                    0
                };
            }
        }
        let capacity = |year, place| {
            let known = self
                .capacity(place)
                .map(|capacity| (capacity * WHOLE).round() as u64);
            self.is_open(year, place)
                .then(|| known.unwrap_or(UNLIMITED))
        };
        let places = 0..self.places.len() as u32;
        let years = 0..self.years.len();
        Claims {
            facilities: self.places.iter().map(|place| place.0).collect(),
            capacities: years
                .clone()
                .map(|year| places.clone().map(|place| capacity(year, place)).collect())
                .collect(),
            groups: groups.lists,
            amounts: years
                .map(|year| members.values().map(|amounts| amounts[year]).collect())
                .collect(),
            members: members.into_keys().collect(),
        }
    }

    fn detours(&self) -> Vec<Detours> {
        let (limits, city, at) = (self.rules.limits, self.city(0), self.open_places(0));
        if self.groups.iter().any(|group| group.beside.is_none()) {
            return Vec::new();
        }
        let wider = |limit: Option<Limit>| limit.map(super::detour::searched);
        let wider = Limits {
            urban: wider(limits.urban),
            rural: wider(limits.rural),
        };
        let mut all = vec![Detours::default(); self.units.units.len()];
        let crow = self
            .groups
            .iter()
            .flat_map(|group| group.beside.as_ref().unwrap().crow(limits, &at));
        let streets = self
            .groups
            .iter()
            .flat_map(|group| group.trips.nearest(wider, &at));
        for ((row, crow), street) in self.rows.iter().zip(crow).zip(streets) {
            let snapped = row
                .group
                .trips
                .snapped(limits)
                .is_none_or(|states| states[row.point] == Snapped::OnStreets);
            let limit = wider
                .for_class(city.classes()[row.point])
                .map_or(Millis(0), |limit| limit.time());
            let (Some(unit), Some(crow)) = (row.unit, crow) else {
                continue;
            };
            if crow > Millis(45_000) && snapped && self.people(0, row).0 > 0 {
                let time = street.unwrap_or(limit);
                all[unit].add(f64::from(time.0) / f64::from(crow.0), self.people(0, row));
            }
        }
        all
    }
}
