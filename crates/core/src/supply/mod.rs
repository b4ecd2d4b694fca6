//! Supply against demand: for each unit, service and year, who is covered, what people can draw on, and what is short.

pub mod access;

pub mod allocation;

pub mod coverage;

pub mod detour;

pub mod matching;

pub mod presence;

pub mod shortage;

use crate::city::{City, Class};
use crate::quantity::{AGE_BANDS, Millis, Point, Residents};
use crate::ranking::{PACES, paces};
use crate::reach::{GroupTrips, Limits, Reach, Snapped};
use crate::service::{Limit, Service, Target};
use crate::units::Units;
use access::{Decay, two_step};
use coverage::{by_unit, people};
use detour::{Detour, Detours};
use presence::Presence;
use shortage::{Certain, Claimants, Claims};

/// One unit, one service, one year.
///
/// Only residents whose class of community has a limit for the service count: a rural village asks for no urban street office.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Position of the unit.
    pub unit: u32,
    /// Position of the service in the catalogue.
    pub service: u16,
    /// Year.
    pub year: i32,
    /// Residents of the target group.
    pub target: Residents,
    /// Those of them with at least one open facility within the limit.
    pub covered: Residents,
    /// Those of them who are not covered and live too far from every usable street for any trip to be told.
    pub unsnapped: Residents,
    /// Those of them who are not covered and live where there is no road at all: outside the network.
    pub roadless: Residents,
    /// The same in straight lines, where it was asked for.
    pub straight: Option<StraightStanding>,
    /// Capacity that the norm asks for; `None` without a norm.
    pub demand: Option<f64>,
    /// What there is; `None` where the service has no capacity, or that of an open facility in the unit or in reach of its
    /// people is not known.
    pub supply: Option<Supply>,
    /// What is short whatever the assignment; `None` without a norm or a capacity.
    pub certain: Option<Certain>,
    /// Whether there are enough facilities, large enough; `None` where no rule applies.
    pub presence: Option<Presence>,
    /// By public and inclusive facilities alone; `None` where the service is not judged by them. Who does not say counts for
    /// neither.
    pub public: Option<PublicStanding>,
    /// Those of the target group who are not covered and have a substitute within the limit.
    pub substituted: Residents,
    /// Urban residents of all ages who have an open facility of the kind that makes a rule needless
    /// ([`crate::service::Requirement::unless_covered`]) within its limit.
    pub excused: Residents,
}

/// What public and inclusive (公办、普惠) facilities alone give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublicStanding {
    /// Residents of the target group with at least one open within the limit.
    pub covered: Residents,
    /// Known capacity of those open in the unit.
    pub inside: f64,
}

/// What straight lines say where people travel on streets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StraightStanding {
    /// Residents of the target group with at least one open facility within the limit.
    pub covered: Residents,
    /// How much longer the trip to the nearest facility is than as the crow flies; in the base year.
    pub detour: Option<Detour>,
}

/// Capacity as a unit sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supply {
    /// Of the open facilities that stand in the unit.
    pub inside: f64,
    /// The unit's part of all capacity in reach, across borders (2SFCA): over all units this adds up to the capacity of the
    /// facilities that anybody reaches.
    pub received: f64,
}

impl Standing {
    /// Covered ÷ target; `None` where nobody belongs to the target group.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.target.0 > 0).then(|| self.covered.0 as f64 / self.target.0 as f64)
    }

    /// Those of the target group who can travel and have no open facility within the limit. Covered, too far, unsnapped and
    /// roadless together are the target group.
    #[must_use]
    pub fn too_far(&self) -> Residents {
        self.target - self.covered - self.unsnapped - self.roadless
    }

    /// max(0, demand − supply inside): the administrative view, blind to what is across the border.
    #[must_use]
    pub fn shortfall_inside(&self) -> Option<f64> {
        Some((self.demand? - self.supply?.inside).max(0.0))
    }

    /// max(0, demand − supply received).
    #[must_use]
    pub fn shortfall_reach(&self) -> Option<f64> {
        Some((self.demand? - self.supply?.received).max(0.0))
    }

    /// Capacity received per person of the target group; `None` where nobody belongs to it.
    #[must_use]
    pub fn access(&self) -> Option<f64> {
        (self.target.0 > 0).then_some(self.supply?.received / self.target.persons())
    }

    /// The share of what is needed that is missing, 0 to 1: of capacity (where there is a norm and the supply is known) or of
    /// people within reach, whichever is more; so that plenty for some never hides that others have none. 0 where nothing is
    /// needed.
    #[must_use]
    pub fn shortfall_rate(&self) -> f64 {
        self.shortfall_rate_if(self.covered, 1.0)
    }

    /// The same if so many were covered, and there were `ratio` times the residents, of whom the same share is covered.
    pub(crate) fn shortfall_rate_if(&self, covered: Residents, ratio: f64) -> f64 {
        let out_of_reach = if self.target.0 > 0 { 1.0 - covered.0 as f64 / self.target.0 as f64 } else { 0.0 };
        match (self.supply, self.demand.map(|demand| demand * ratio)) {
            (Some(supply), Some(demand)) if demand > 0.0 => {
                out_of_reach.max((demand - supply.received).max(0.0) / demand)
            }
            _ => out_of_reach,
        }
    }
}

/// What one service's standings are computed by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The service.
    pub service: &'a Service,
    /// Its position in the catalogue.
    pub at: u16,
    /// Its limits, or those of the plan.
    pub limits: Limits,
    /// How weight falls with time.
    pub decay: Decay,
    /// Persons a household.
    pub household_size: f64,
    /// Positions of the kinds that will do where none of its own is in reach.
    pub substitutes: &'a [u16],
    /// How far the pace may be from the plan's, as a share of it; 0 where that is not asked.
    pub pace_within: f64,
    /// The kind that makes a rule needless for urban residents who have it, and its limit for them.
    pub unless: Option<(u16, Limit)>,
}

/// One service over the years.
#[derive(Debug, Clone)]
pub struct ServiceStandings {
    /// Unit by unit, year by year.
    pub standings: Vec<Standing>,
    /// For each year, the open facilities (by position) that somebody who counts reaches with a weight above zero; of services
    /// that have a capacity.
    pub reached: Vec<Vec<u32>>,
    /// Of each unit in the base year; empty where nothing is compared.
    pub detours: Vec<Detours>,
    /// What is asked of which facilities; of services that have a capacity and a norm.
    pub claims: Option<Claims>,
    /// Year by year, the capacity that each community receives, as far as it is known; of services that have one.
    pub received: Vec<Vec<f64>>,
    /// Of each unit in the last year, the people covered at each of [`paces`].
    pub by_pace: Vec<Vec<Residents>>,
}

/// The standing of every unit in every one of `years` (the same city in its years, in order, each with the [`census`] of its
/// units), by the trips of every group of ages.
///
/// Links are searched once, for all facilities that are open in any year; one that is closed in a year then counts for
/// nothing. O(search + years × (points + links)).
#[must_use]
pub fn stand(years: &[(City, Vec<Census>)], units: &Units, rules: Rules, groups: &[GroupTrips]) -> ServiceStandings {
    let mut all = ServiceStandings {
        standings: Vec::new(),
        reached: Vec::new(),
        detours: Vec::new(),
        claims: None,
        received: Vec::new(),
        by_pace: Vec::new(),
    };
    // Those of whom nobody belongs to the target group need no search.
    let groups: Vec<&GroupTrips> = groups.iter().filter(|group| rules.service.target.any_of(&group.bands)).collect();
    let places = Places { suppliers: Suppliers::ever_open(years, rules.at), units, rules, groups: &groups };
    let links = (!rules.service.capacity_unit.is_empty()).then(|| Links::new(&years[0].0, &places));
    let normed = rules.service.norm.rates(rules.household_size).is_some();
    let mut claimants = links.as_ref().filter(|_| normed).map(|links| Claimants::new(&places, links));
    let lost = |states: &Vec<Snapped>| states.iter().any(|&state| state != Snapped::OnStreets);
    let snapped: Vec<Option<Vec<Snapped>>> =
        groups.iter().map(|group| group.trips.snapped(rules.limits).filter(lost)).collect();
    let mut last: Option<Covered> = None;
    let mut others = Substitutes::default();
    for ((city, census), year) in years.iter().zip(0..) {
        let open = places.suppliers.open_in(city);
        let covered = match last.take() {
            Some(same) if same.open == open => same,
            _ => Covered::new(city, &places, links.as_ref(), open),
        };
        let straight = covered.straight.as_ref().map(|straight| places.in_units(city, straight));
        let (supplies, received, reached) = places.supplies(city, links.as_ref(), &covered);
        if year == 0 {
            all.detours = detour::detours(city, &places, &covered.open);
        }
        if let Some(claimants) = &mut claimants {
            claimants.ask(city, &places, &covered.open);
        }
        let within = places.in_units(city, &covered.rows);
        let substituted = others.instead(city, &places, &covered.rows);
        let excused = places.excused(city);
        let public = places.public(city, links.as_ref(), &covered.open);
        let (unsnapped, roadless) = places.lost(city, &covered.rows, &snapped);
        let of_unit = |(unit, census): (usize, &Census)| Standing {
            covered: within[unit],
            unsnapped: unsnapped[unit],
            roadless: roadless[unit],
            straight: straight.as_ref().map(|straight| StraightStanding {
                covered: straight[unit],
                detour: all.detours.get(unit).filter(|_| year == 0).and_then(Detours::summary),
            }),
            supply: supplies[unit],
            public: public.as_ref().map(|public| public[unit]),
            excused: excused.as_ref().map_or(Residents::default(), |excused| excused[unit]),
            substituted: substituted.as_ref().map_or(Residents::default(), |substituted| substituted[unit]),
            ..asked(census, unit, city.year(), rules)
        };
        all.standings.extend(census.iter().enumerate().map(of_unit));
        all.reached.push(reached);
        all.received.extend(received);
        last = Some(covered);
    }
    all.standings.sort_by_key(|each| (each.unit, each.year));
    all.claims = claimants.map(Claimants::finish);
    if let (Some((city, _)), Some(covered)) = (years.last(), &last) {
        all.by_pace = places.by_pace(city, &covered.open);
    }
    all
}

/// The part of a standing that asks: target group and demand.
fn asked(census: &Census, unit: usize, year: i32, rules: Rules) -> Standing {
    let counted = census.counted(rules.limits);
    let target = rules.service.target.sum(&counted);
    let everybody = Target::ALL.sum(&counted).persons();
    let rates = rules.service.norm.rates(rules.household_size);
    Standing {
        unit: unit as u32,
        service: rules.at,
        year,
        target,
        covered: Residents::default(),
        unsnapped: Residents::default(),
        roadless: Residents::default(),
        straight: None,
        demand: rates.map(|(per_resident, per_target)| everybody * per_resident + target.persons() * per_target),
        supply: None,
        certain: None,
        presence: None,
        public: None,
        substituted: Residents::default(),
        excused: Residents::default(),
    }
}

/// The facilities that offer a service and are open in any of the years.
#[derive(Debug)]
struct Suppliers {
    facilities: Vec<u32>,
    places: Vec<Point>,
    capacities: Vec<Option<f64>>,
    public: Vec<Option<bool>>,
}

impl Suppliers {
    fn ever_open(years: &[(City, Vec<Census>)], service: u16) -> Self {
        let mut open: Vec<_> = years
            .iter()
            .flat_map(|(city, _)| city.open_offers(service))
            .map(|(at, facility, offer)| (at, facility.at, offer))
            .collect();
        open.sort_by_key(|&(at, ..)| at);
        open.dedup_by_key(|&mut (at, ..)| at);
        let mut all = Self { facilities: Vec::new(), places: Vec::new(), capacities: Vec::new(), public: Vec::new() };
        for (facility, place, offer) in open {
            all.facilities.push(facility);
            all.places.push(place);
            all.capacities.push(offer.capacity);
            all.public.push(offer.public);
        }
        all
    }

    fn open_in(&self, city: &City) -> Vec<bool> {
        self.facilities.iter().map(|&at| city.facilities()[at as usize].open(city.year())).collect()
    }
}

/// One service's facilities, and who goes to them.
struct Places<'a> {
    suppliers: Suppliers,
    units: &'a Units,
    rules: Rules<'a>,
    /// Rows of links are those of the first group's demand points, then those of the second's.
    groups: &'a [&'a GroupTrips<'a>],
}

/// Who reaches the facilities that are ever open, with the weight of each link.
struct Links {
    reach: Reach,
    weights: Vec<f64>,
}

impl Links {
    fn new(city: &City, places: &Places) -> Self {
        let rules = places.rules;
        let of_group = |group: &&GroupTrips| {
            let reach = group.trips.reach(rules.limits, &places.suppliers.places);
            let weights = access::weights(city, rules.limits, rules.decay, &reach);
            Self { reach, weights }
        };
        let join = |mut all: Self, mut next: Self| {
            all.weights.append(&mut next.weights);
            Self { reach: all.reach.followed_by(&next.reach), weights: all.weights }
        };
        let none = || Self { reach: Reach::from_rows(std::iter::empty()), weights: Vec::new() };
        places.groups.iter().map(of_group).reduce(join).unwrap_or_else(none)
    }
}

/// Which rows have an open facility within the limit.
struct Covered {
    open: Vec<bool>,
    rows: Vec<bool>,
    straight: Option<Vec<bool>>,
}

impl Covered {
    fn new(city: &City, places: &Places, links: Option<&Links>, open: Vec<bool>) -> Self {
        let rows = places.within(links, &open);
        let at = places.open_places(&open);
        let straight = |group: &&GroupTrips| {
            let times = group.beside.as_ref()?.trips.nearest(places.rules.limits, &at);
            Some(times.iter().map(Option::is_some).collect::<Vec<bool>>())
        };
        let straight: Option<Vec<Vec<bool>>> = places.groups.iter().map(straight).collect();
        debug_assert_eq!(rows.len(), city.points().len() * places.groups.len(), "a row for each point and group");
        Self { open, rows, straight: straight.filter(|groups| !groups.is_empty()).map(|groups| groups.concat()) }
    }
}

/// Who has a substitute within the limit, for the places of the last year that was asked for.
#[derive(Default)]
struct Substitutes {
    places: Vec<Point>,
    rows: Vec<bool>,
}

impl Substitutes {
    /// Those of each unit who are not covered and have one; `None` where no kind will do instead.
    fn instead(&mut self, city: &City, places: &Places, covered: &[bool]) -> Option<Vec<Residents>> {
        if places.rules.substitutes.is_empty() {
            return None;
        }
        let open = places.rules.substitutes.iter().flat_map(|&at| city.open_offers(at));
        let open: Vec<Point> = open.map(|(_, facility, _)| facility.at).collect();
        if self.rows.is_empty() || self.places != open {
            self.rows = places.near(places.rules.limits, &open);
            self.places = open;
        }
        let rows: Vec<bool> = self.rows.iter().zip(covered).map(|(&near, &covered)| near && !covered).collect();
        Some(places.in_units(city, &rows))
    }
}

impl Places<'_> {
    /// Which rows have one of `places` within `limits`.
    fn near(&self, limits: Limits, places: &[Point]) -> Vec<bool> {
        let mut rows = Vec::with_capacity(self.units.of_point.len() * self.groups.len());
        for group in self.groups {
            rows.extend(group.trips.nearest(limits, places).iter().map(Option::is_some));
        }
        rows
    }

    /// Which rows have an open facility within the limit.
    fn within(&self, links: Option<&Links>, open: &[bool]) -> Vec<bool> {
        let Some(links) = links else { return self.near(self.rules.limits, &self.open_places(open)) };
        links.reach.rows().map(|row| row.iter().any(|link| open[link.place as usize])).collect()
    }

    /// The people of each unit who are covered at each pace, slowest first; empty where that is not asked. All trips become
    /// longer or shorter alike, so it is who has a facility within the limit × pace.
    fn by_pace(&self, city: &City, open: &[bool]) -> Vec<Vec<Residents>> {
        if self.rules.pace_within == 0.0 {
            return Vec::new();
        }
        let at = self.open_places(open);
        let farther = Limits {
            urban: self.rules.limits.urban.map(|limit| paced(limit, self.rules.pace_within)),
            rural: self.rules.limits.rural.map(|limit| paced(limit, self.rules.pace_within)),
        };
        // The limit × each pace, for both classes.
        let limits = [Class::Urban, Class::Rural].map(|class| {
            let limit = self.rules.limits.for_class(class).map_or(0, |limit| limit.time().0);
            paces(self.rules.pace_within).map(|pace| Millis((f64::from(limit) * pace).round() as u32))
        });
        let mut all = vec![vec![Residents::default(); PACES]; self.units.units.len()];
        for group in self.groups {
            let times = group.trips.nearest(farther, &at);
            for (point, (time, ages)) in times.into_iter().zip(city.residents()).enumerate() {
                let (Some(time), Some(unit)) = (time, self.units.of_point[point]) else { continue };
                let limits = &limits[usize::from(city.classes()[point] == Class::Rural)];
                let people = self.rules.service.target.of_bands(ages, &group.bands);
                // Paces ascend: who is covered at one is covered at all faster ones.
                if let Some(first) = limits.iter().position(|&limit| time.within(limit)) {
                    all[unit as usize][first] += people;
                }
            }
        }
        for covered in &mut all {
            (1..PACES).for_each(|pace| covered[pace] = covered[pace] + covered[pace - 1]);
        }
        all
    }

    /// The urban residents of each unit for whom a rule is needless; `None` where there is no such rule.
    fn excused(&self, city: &City) -> Option<Vec<Residents>> {
        let (at, limit) = self.rules.unless?;
        let open: Vec<Point> = city.open_offers(at).map(|(_, facility, _)| facility.at).collect();
        let rows = self.near(Limits { urban: Some(limit), rural: None }, &open);
        let everybody = people(city, Target::ALL, self.groups.iter().map(|group| &group.bands), &rows);
        Some(by_unit(&everybody, self.units))
    }

    /// What the public ones of the open facilities give each unit.
    fn public(&self, city: &City, links: Option<&Links>, open: &[bool]) -> Option<Vec<PublicStanding>> {
        if !self.rules.service.public_apart {
            return None;
        }
        let public = self.suppliers.public.iter().zip(open);
        let open: Vec<bool> = public.map(|(public, &open)| open && *public == Some(true)).collect();
        let covered = self.in_units(city, &self.within(links, &open));
        let inside = self.inside(&open, &mut vec![false; self.units.units.len()]);
        let standing = |(covered, inside)| PublicStanding { covered, inside };
        Some(covered.into_iter().zip(inside).map(standing).collect())
    }

    fn open_places(&self, open: &[bool]) -> Vec<Point> {
        self.suppliers.places.iter().zip(open).filter(|(_, open)| **open).map(|(&at, _)| at).collect()
    }

    /// Of each row that counts, the residents of the target group; others count for nothing.
    fn people(&self, city: &City, rows: &[bool]) -> Vec<Residents> {
        people(city, self.rules.service.target, self.groups.iter().map(|group| &group.bands), rows)
    }

    fn in_units(&self, city: &City, rows: &[bool]) -> Vec<Residents> {
        by_unit(&self.people(city, rows), self.units)
    }

    /// Of the rows that are not covered, those who cannot travel: unsnapped and roadless, by unit.
    fn lost(
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
                    let own = snapped[row / points].as_ref().map_or(Snapped::OnStreets, |own| own[row % points]);
                    !covered[row] && own == state
                })
                .collect();
            self.in_units(city, &rows)
        };
        (of(Snapped::Unsnapped), of(Snapped::Roadless))
    }

    /// What each unit has, `None` where that is not known; what each community receives; and which open facilities somebody in
    /// a unit reaches.
    fn supplies(
        &self,
        city: &City,
        links: Option<&Links>,
        covered: &Covered,
    ) -> (Vec<Option<Supply>>, Option<Vec<f64>>, Vec<u32>) {
        let Some(links) = links else { return (vec![None; self.units.units.len()], None, Vec::new()) };
        let mut unknown = vec![false; self.units.units.len()];
        let inside = self.inside(&covered.open, &mut unknown);
        let mut communities = vec![0.0; city.communities().len()];
        let (received, reached) = self.received(city, links, covered, &mut unknown, &mut communities);
        let supply = |(unit, unknown): (usize, bool)| {
            (!unknown).then(|| Supply { inside: inside[unit], received: received[unit] })
        };
        let reached = self.suppliers.facilities.iter().zip(reached).filter(|(_, hit)| *hit).map(|(&at, _)| at);
        (unknown.into_iter().enumerate().map(supply).collect(), Some(communities), reached.collect())
    }

    /// Capacity in each unit; marks those that hold an open facility whose capacity is not known.
    fn inside(&self, open: &[bool], unknown: &mut [bool]) -> Vec<f64> {
        let mut sums = vec![0.0; self.units.units.len()];
        let suppliers = self.suppliers.facilities.iter().zip(&self.suppliers.capacities).zip(open);
        for ((&facility, capacity), _) in suppliers.filter(|(_, open)| **open) {
            if let Some(unit) = self.units.of_facility[facility as usize] {
                sums[unit as usize] += capacity.unwrap_or(0.0);
                unknown[unit as usize] |= capacity.is_none();
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
        unknown: &mut [bool],
        communities: &mut [f64],
    ) -> (Vec<f64>, Vec<bool>) {
        let people: Vec<f64> = self.people(city, &covered.rows).iter().map(|each| each.persons()).collect();
        let capacities = self.suppliers.capacities.iter().zip(&covered.open);
        let capacities: Vec<f64> =
            capacities.map(|(capacity, &open)| if open { capacity.unwrap_or(0.0) } else { 0.0 }).collect();
        let access = two_step(&links.reach, &links.weights, &people, &capacities);
        let mut sums = vec![0.0; self.units.units.len()];
        let mut reached = vec![false; capacities.len()];
        let units = self.units.of_point.iter().cycle();
        for ((row, people), unit) in people.into_iter().enumerate().zip(units).filter(|((_, people), _)| *people > 0.0)
        {
            let Some(unit) = *unit else { continue };
            sums[unit as usize] += people * access[row];
            let community = city.points()[row % city.points().len()].community;
            communities[community as usize] += people * access[row];
            let weights = &links.weights[links.reach.range(row)];
            for (link, _) in links.reach.row(row).iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
                if covered.open[link.place as usize] {
                    reached[link.place as usize] = true;
                    unknown[unit as usize] |= self.suppliers.capacities[link.place as usize].is_none();
                }
            }
        }
        (sums, reached)
    }
}

/// The limit that is searched for paces up to 1 + `within` of the plan's, in whole minutes. Shards must hold so much of their
/// neighbours.
pub(crate) fn paced(limit: Limit, within: f64) -> Limit {
    Limit { minutes: (f64::from(limit.minutes) * (1.0 + within) - 1e-9).ceil() as u32, ..limit }
}

/// The residents of a unit in one year, by class of community and age band.
#[derive(Debug, Clone, Copy, Default)]
pub struct Census {
    urban: [Residents; AGE_BANDS.len()],
    rural: [Residents; AGE_BANDS.len()],
}

impl Census {
    /// Everybody.
    #[must_use]
    pub fn total(&self) -> Residents {
        self.urban.iter().chain(&self.rural).copied().sum()
    }

    /// By age band, those whose class has a limit.
    fn counted(&self, limits: Limits) -> [Residents; AGE_BANDS.len()] {
        let of = |class, bands: &[Residents; AGE_BANDS.len()]| {
            limits.for_class(class).map_or([Residents::default(); AGE_BANDS.len()], |_| *bands)
        };
        let (urban, rural) = (of(Class::Urban, &self.urban), of(Class::Rural, &self.rural));
        std::array::from_fn(|band| urban[band] + rural[band])
    }
}

/// The residents of every unit in the year of `city`. O(points).
#[must_use]
pub fn census(city: &City, units: &Units) -> Vec<Census> {
    let mut all = vec![Census::default(); units.units.len()];
    for ((class, ages), unit) in city.classes().iter().zip(city.residents()).zip(&units.of_point) {
        let Some(unit) = unit else { continue };
        let census = &mut all[*unit as usize];
        let bands = match class {
            Class::Urban => &mut census.urban,
            Class::Rural => &mut census.rural,
        };
        bands.iter_mut().zip(ages.0).for_each(|(sum, band)| *sum += Residents(u64::from(band)));
    }
    all
}
