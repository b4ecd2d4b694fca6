//! Counties (县区): what is judged for a county as a whole, such as beds of its hospitals or seats of its senior schools.

use std::collections::BTreeMap;

use crate::city::{City, Class, Facility};
use crate::position::{ServiceAt, TownshipAt};
use crate::projection::ages_of;
use crate::quantity::{ByAge, Residents};
use crate::round::Selection;
use crate::service::{Limit, Per, Requirement, Service};

/// A service in a county in one year: all residents count, and all open facilities that stand there.
#[derive(Debug, Clone, PartialEq)]
pub struct CountyStanding {
    /// The first six digits of its townships' codes.
    pub county: String,
    /// Position in the catalogue.
    pub service: ServiceAt,
    /// Year.
    pub year: i32,
    /// Everybody.
    pub residents: Residents,
    /// Residents of the target group.
    pub target: Residents,
    /// Capacity that the norm asks for; `None` without a norm.
    pub demand: Option<f64>,
    /// Whether something is known of the facilities of all kinds that count. Where it is not, `capacity`, `unknown` and `open` are
    /// of those that are known.
    pub supplied: bool,
    /// Known capacity of the open facilities, with that of the kinds that the service sums.
    pub capacity: f64,
    /// Open facilities whose capacity is not known.
    pub unknown: u32,
    /// Open facilities, of all kinds that count.
    pub open: u32,
    /// The rule that is judged here, by its position among the service's `requires`; `None` without one, and where the county has no
    /// residents of the target group.
    pub rule: Option<usize>,
    /// How many facilities there must be by the rule or, where it asks for a share of towns, how many towns must have theirs.
    pub required: Option<u32>,
    /// How many there are of what the rule counts: open facilities, or towns with as many of them as it asks for.
    pub present: u32,
}

impl CountyStanding {
    /// Whether all capacity is known.
    fn whole(&self) -> bool {
        self.supplied && self.unknown == 0
    }

    /// max(0, demand − capacity); `None` without a norm, or where some capacity is not known.
    #[must_use]
    pub fn short(&self) -> Option<f64> {
        Some((self.demand.filter(|_| self.whole())? - self.capacity).max(0.0))
    }

    /// Whether there are as many as there must be; `None` without a rule, or where there may be more than are known.
    #[must_use]
    pub fn attained(&self) -> Option<bool> {
        let attained = self.present >= self.required?;
        (attained || self.supplied).then_some(attained)
    }

    /// Capacity ÷ demand (供需比); `None` without demand, or where some capacity is not known.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        self.demand
            .filter(|&demand| demand > 0.0 && self.whole())
            .map(|demand| self.capacity / demand)
    }
}

/// The county's people in one year, by age band: urban ones and rural ones.
type People = BTreeMap<String, [ByAge; 2]>;

/// Every county, service and year, in this order: services of the level `county`, or of which a share of towns must have one, that
/// are selected, and those without a limit of which there is any facility, or all of whose parts are selected. O(years × (points + services × facilities)).
#[must_use]
pub fn judge(years: &[City], services: Selection, household_size: f64) -> Vec<CountyStanding> {
    let (catalogue, selected) = (services.catalogue, services.selected);
    let people: Vec<People> = years.iter().map(people).collect();
    let judged: Vec<ServiceAt> = ServiceAt::first(catalogue.len())
        .filter(|&service_at| is_judged(&years[0], catalogue, selected, service_at))
        .collect();
    let facilities = facilities(&years[0]);
    let towns: Vec<BTreeMap<String, Inhabited>> = years.iter().map(inhabited).collect();
    let mut standings = Vec::new();
    for county in people
        .first()
        .map_or(Vec::new(), |people| people.keys().collect())
    {
        let standing_there = facilities
            .get(county.as_str())
            .map_or(&[][..], Vec::as_slice);
        for &service_at in &judged {
            for ((city, people), towns) in years.iter().zip(&people).zip(&towns) {
                let open = standing_there
                    .iter()
                    .copied()
                    .filter(|facility| facility.open(city.year()));
                let towns = Towns {
                    city,
                    inhabited: &towns[county],
                };
                standings.push(standing(
                    county,
                    &towns,
                    &people[county],
                    open,
                    services,
                    service_at,
                    household_size,
                ));
            }
        }
    }
    standings
}

/// The facilities that stand in each county, in the order of their ids.
fn facilities(city: &City) -> BTreeMap<&str, Vec<&Facility>> {
    let mut by_county: BTreeMap<&str, Vec<&Facility>> = BTreeMap::new();
    for facility in city.facilities() {
        let Some(community) = facility.community else {
            continue;
        };
        let township = city.township(city.community(community).township);
        by_county
            .entry(township.county())
            .or_default()
            .push(facility);
    }
    by_county
}

fn is_judged(
    city: &City,
    catalogue: &[Service],
    selected: &[ServiceAt],
    service_at: ServiceAt,
) -> bool {
    let service = &catalogue[service_at];
    if service.urban.is_some() || service.rural.is_some() {
        let of_county = service.levels.iter().any(|level| level == "county")
            || service.requires.iter().any(Requirement::of_county);
        return of_county && selected.contains(&service_at);
    }
    let sums: Vec<ServiceAt> = counted(catalogue, service_at).into_iter().skip(1).collect();
    let sums_selected = !sums.is_empty() && sums.iter().all(|other| selected.contains(other));
    sums_selected
        || (city
            .facilities()
            .iter()
            .flat_map(|facility| &facility.offers))
        .any(|offer| offer.service == service_at)
}

/// The service and the kinds that it sums.
fn counted(catalogue: &[Service], service_at: ServiceAt) -> Vec<ServiceAt> {
    let sums = &catalogue[service_at].sums;
    let others = ServiceAt::enumerate(catalogue)
        .filter(|(_, other)| sums.contains(&other.id))
        .map(|(other, _)| other);
    std::iter::once(service_at).chain(others).collect()
}

/// Whether something is known of all kinds that count. A total of others (one without a limit) needs no facilities of its own.
fn is_supplied(services: Selection, counted: &[ServiceAt]) -> bool {
    let own = &services.catalogue[counted[0]];
    let others_only = counted.len() > 1 && own.urban.is_none() && own.rural.is_none();
    let needed = &counted[usize::from(others_only)..];
    needed.iter().all(|&other| services.supplied(other))
}

fn people(city: &City) -> People {
    let mut sums_by_county = People::new();
    for (community, ages) in city.communities().iter().zip(ages_of(city)) {
        let county = city.township(community.township).county().to_owned();
        let of_class: &mut [ByAge; 2] = sums_by_county.entry(county).or_default();
        let sums = &mut of_class[usize::from(community.class == Class::Rural)];
        sums.iter_mut()
            .zip(ages)
            .for_each(|(sum, band)| *sum += band);
    }
    sums_by_county
}

/// The townships of a county with urban (first) or rural residents in a year.
type Inhabited = BTreeMap<TownshipAt, [bool; 2]>;

fn inhabited(city: &City) -> BTreeMap<String, Inhabited> {
    let mut by_county: BTreeMap<String, Inhabited> = BTreeMap::new();
    for (community, residents) in city.communities().iter().zip(city.community_residents()) {
        let county = city.township(community.township).county().to_owned();
        let of_class = by_county
            .entry(county)
            .or_default()
            .entry(community.township)
            .or_default();
        of_class[usize::from(community.class == Class::Rural)] |= residents.0 > 0;
    }
    by_county
}

/// The townships of a county in a year.
struct Towns<'a> {
    city: &'a City,
    inhabited: &'a Inhabited,
}

impl Towns<'_> {
    /// How many of a rule's towns must have theirs, and how many do, of the facilities of a service that are open.
    ///
    /// Towns count that have residents of a class with a limit (of any class where there is none at all); a facility counts in the
    /// township that it stands in, whatever its size. 0.6 of 5 towns are 3, and of 6 they are 4.
    fn share(
        &self,
        rule: &Requirement,
        service: &Service,
        open: &[(TownshipAt, Option<bool>)],
    ) -> (u32, u32) {
        let anywhere = service.urban.is_none() && service.rural.is_none();
        let asks =
            [service.urban.is_some(), service.rural.is_some()].map(|limit| limit || anywhere);
        let counts = |(at, of_class): &(&TownshipAt, &[bool; 2])| {
            let street = self.city.township(**at).is_street();
            let kind = match rule.per {
                Per::Street => street,
                Per::Town => !street,
                _ => true,
            };
            kind && of_class
                .iter()
                .zip(asks)
                .any(|(&lived_in, asks)| lived_in && asks)
        };
        let (mut towns, mut present) = (0_u32, 0);
        for (&at, _) in self.inhabited.iter().filter(counts) {
            let mut there = open.iter().filter(|(town, _)| *town == at);
            let enough = there
                .by_ref()
                .filter(|(_, public)| !rule.public || *public == Some(true))
                .count();
            towns += 1;
            present += u32::from(enough >= rule.count as usize);
        }
        // 0.6 of 5 are 3, whatever the last binary digit says.
        (
            (f64::from(towns) * rule.share - 1e-9).ceil() as u32,
            present,
        )
    }
}

fn standing<'a>(
    county: &str,
    towns: &Towns,
    [urban, rural]: &[ByAge; 2],
    open: impl Iterator<Item = &'a Facility>,
    services: Selection,
    service_at: ServiceAt,
    household_size: f64,
) -> CountyStanding {
    let catalogue = services.catalogue;
    let service = &catalogue[service_at];
    let counted = counted(catalogue, service_at);
    let residents: Residents = urban.iter().chain(rural).copied().sum();
    let target = service.target.sum(urban) + service.target.sum(rural);
    let anywhere = service.urban.is_none() && service.rural.is_none();
    let asks = |limit: Option<Limit>, ages: &ByAge| {
        (anywhere || limit.is_some()) && ages.iter().any(|band| band.0 > 0)
    };
    let asked = asks(service.urban, urban) || asks(service.rural, rural);
    let rates = service.norm.county_rates(household_size);
    let mut rules = service.requires.iter().zip(0..);
    let rule = rules.find(|(rule, _)| rule.of_county()).filter(|_| asked);
    let mut standing_there = CountyStanding {
        county: county.to_owned(),
        service: service_at,
        year: towns.city.year(),
        residents,
        target,
        demand: rates.map(|(of_resident, of_target)| {
            residents.persons() * of_resident + target.persons() * of_target
        }),
        supplied: is_supplied(services, &counted),
        capacity: 0.0,
        unknown: 0,
        open: 0,
        rule: rule.map(|(_, position)| position),
        required: None,
        present: 0,
    };
    let mut in_towns = Vec::new();
    for facility in open {
        let community = facility.community.map(|at| towns.city.community(at));
        for offer in facility
            .offers
            .iter()
            .filter(|offer| counted.contains(&offer.service))
        {
            standing_there.open += 1;
            standing_there.capacity += offer.capacity.unwrap_or(0.0);
            standing_there.unknown += u32::from(offer.capacity.is_none());
            in_towns.extend(community.map(|community| (community.township, offer.public)));
        }
    }
    if let Some((rule, _)) = rule {
        let (required, present) = match rule.per {
            Per::County => (rule.count, standing_there.open),
            _ => towns.share(rule, service, &in_towns),
        };
        standing_there.present = present;
        standing_there.required = Some(required).filter(|&required| required > 0);
    }
    standing_there
}
