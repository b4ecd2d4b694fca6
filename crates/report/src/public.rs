//! The edition for everybody: figures from which few people could be made out, restricted kinds and exact places are left out.
//!
//! That published statistics must not let a respondent be made out is the Statistics Law's, article 25; how it is done here is a
//! proposal, by the plan's `[public]`:
//!
//! - Of a unit, service and year, a count of 1 to `small` − 1 people is left out; where the whole target group is so small, all that is made
//!   of it is.
//! - All other counts of people, of units, townships, the city and facilities, are rounded to multiples of `small`, and what is made of them
//!   (coverage, demand, shortfalls, access) is made of the rounded ones. So nothing that was left out can be worked out: a difference or a
//!   sum is as unsure as its parts.
//! - Demand points are put together in squares of at least 500 m with at least 10 × `small` residents, and shares rounded to tens of
//!   per cent. Communities, findings, rows and paths of inputs are left out.
//! - `restricted` services are left out, and so is every facility that offers one; all places are rounded to `decimals` of degrees.
//! - Need and its parts are rounded to the hundredth.

mod manifest;

use std::collections::{BTreeMap, BTreeSet};

use fuwutu_core::service::{Basis, Service};
use fuwutu_io::plan::PublicSection;
use geo::{Coord, MapCoords};

use crate::book::{Book, Demand, Edition, Served, Spot, Standing};

/// The least side of the squares that demand points are put together in.
const SIDE_M: u32 = 500;
/// Metres of a degree of latitude, nearly.
const DEGREE_M: f64 = 111_320.0;

/// What the plan's `[public]` says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rules {
    small: u64,
    decimals: i32,
    restricted: BTreeSet<String>,
}

impl Rules {
    fn of(book: &Book) -> Self {
        let PublicSection {
            small,
            decimals,
            restricted,
        } = &book.manifest.plan.public;
        Self {
            small: u64::from(*small).max(1),
            decimals: *decimals as i32,
            restricted: restricted.iter().cloned().collect(),
        }
    }

    fn few(&self, people: u64) -> bool {
        (1..self.small).contains(&people)
    }

    /// The nearest multiple of `small`, half up.
    fn rounded(&self, people: u64) -> u64 {
        (people + self.small / 2) / self.small * self.small
    }

    /// Capacity that stands for people: as they are, few of it is left out.
    fn rounded_capacity(&self, capacity: f64) -> Option<f64> {
        let small = self.small as f64;
        let few = capacity > 0.0 && capacity < small;
        (!few).then(|| (capacity / small).round() * small)
    }

    fn place(&self, at: Coord) -> Coord {
        let scale = 10f64.powi(self.decimals);
        Coord {
            x: (at.x * scale).round() / scale,
            y: (at.y * scale).round() / scale,
        }
    }
}

/// The same round for everybody. O(n) in the size of the book.
#[must_use]
pub fn edition(book: &Book) -> Book {
    let rules = Rules::of(book);
    let mut public = without_restricted(book, &rules);
    public.edition = Edition::Public {
        small: rules.small as u32,
    };
    public.communities.clear();
    public.findings.clear();
    let told = standings(&mut public, &rules);
    for unit in &mut public.units {
        unit.residents
            .iter_mut()
            .for_each(|residents| *residents = rules.rounded(*residents));
        unit.outline = unit.outline.map_coords(|at| rules.place(at));
    }
    public
        .townships
        .iter_mut()
        .for_each(|each| each.residents = rules.rounded(each.residents));
    places(&mut public, &rules, &told);
    public.demand = demand(&public.demand, &rules);
    served(&mut public, &rules, &told);
    for offer in &mut public.offers {
        (offer.at, offer.file, offer.row) = (rules.place(offer.at), String::new(), None);
    }
    public.manifest = manifest::public(public.manifest, &rules);
    public
}

/// Without restricted services and the facilities that offer one.
fn without_restricted(book: &Book, rules: &Rules) -> Book {
    let mut public = book.clone();
    let kept = |service: &Service| !rules.restricted.contains(&service.id);
    let mut count = 0..;
    let services: Vec<Option<usize>> = book
        .services
        .iter()
        .map(|service| if kept(service) { count.next() } else { None })
        .collect();
    public.services.retain(kept);
    public.county_services.retain(kept);
    public
        .counties
        .retain(|each| !rules.restricted.contains(&each.service));
    let years = book.manifest.years.len();
    let of_service = |at: usize| services[at / years % services.len().max(1)].is_some();
    public.standings = book
        .standings
        .iter()
        .enumerate()
        .filter(|(at, _)| of_service(*at))
        .map(|(_, each)| each.clone())
        .collect();
    for place in &mut public.places {
        place.causes.retain_mut(|cause| {
            services[cause.service]
                .map(|at| cause.service = at)
                .is_some()
        });
    }
    public
        .equities
        .retain_mut(|each| services[each.service].map(|at| each.service = at).is_some());

    let open: BTreeSet<&str> = book
        .offers
        .iter()
        .filter(|each| rules.restricted.contains(&each.service_id))
        .map(|each| each.facility.as_str())
        .collect();
    let mut count = 0..;
    let offers: Vec<Option<usize>> = book
        .offers
        .iter()
        .map(|offer| {
            if open.contains(offer.facility.as_str()) {
                None
            } else {
                count.next()
            }
        })
        .collect();
    public
        .offers
        .retain(|offer| !open.contains(offer.facility.as_str()));
    public
        .offers
        .iter_mut()
        .for_each(|offer| offer.service = offer.service.and_then(|at| services[at]));
    public.offers_left_out = book.offers.len() - public.offers.len();
    public
        .served
        .retain_mut(|each| match (services[each.service], offers[each.offer]) {
            (Some(service), Some(offer)) => {
                (each.service, each.offer) = (service, offer);
                true
            }
            _ => false,
        });

    let columns: Vec<bool> = book
        .demand
        .columns
        .iter()
        .map(|column| services[column.0].is_some())
        .collect();
    public.demand.columns = book
        .demand
        .columns
        .iter()
        .filter_map(|&(at, year)| Some((services[at]?, year)))
        .collect();
    for spot in &mut public.demand.spots {
        let mut kept = columns.iter();
        spot.shares.retain(|_| *kept.next().unwrap_or(&true));
    }
    public
}

/// Leaves out what few people could be made out from, and rounds the rest; for each unit and service, whether the target group is told in
/// every year.
fn standings(book: &mut Book, rules: &Rules) -> Vec<bool> {
    let (services, years) = (book.services.len(), book.manifest.years.len());
    let mut told = vec![true; book.units.len() * services];
    for (at, each) in book.standings.iter_mut().enumerate() {
        let (unit, service, year) = (at / (services * years), at / years % services, at % years);
        if each.target.is_some_and(|target| rules.few(target)) {
            told[at / years] = false;
            *each = without_people(each);
            continue;
        }
        let people = match book.services[service].norm.basis {
            Basis::Cohort => each.target.unwrap_or_default(),
            _ => book.units[unit].residents[year],
        };
        round(each, people, rules);
    }
    told
}

/// What is no matter of people: facilities and the verdict on them.
fn without_people(each: &Standing) -> Standing {
    Standing {
        supply_inside: each.supply_inside,
        inside_public: each.inside_public,
        rule: each.rule.clone(),
        required: each.required,
        present: each.present,
        enough: each.enough,
        unknown: each.unknown,
        attained: each.attained,
        ..Standing::default()
    }
}

/// Rounds the counts, without those of few people, and what the norm asks for (which it asks for so many `people`) along with them.
fn round(each: &mut Standing, people: u64, rules: &Rules) {
    let share = |(covered, target): (u64, u64)| {
        (target > 0).then(|| (covered as f64 / target as f64).min(1.0))
    };
    let rounded = |count: Option<u64>| count.map(|people| rules.rounded(people));
    each.coverage = each
        .coverage
        .and(rounded(each.covered).zip(rounded(each.target)))
        .and_then(share);
    for count in [
        &mut each.target,
        &mut each.covered,
        &mut each.unsnapped,
        &mut each.roadless,
        &mut each.too_far,
        &mut each.covered_straight,
        &mut each.covered_public,
        &mut each.substitute,
    ] {
        *count = count
            .filter(|&people| !rules.few(people))
            .map(|people| rules.rounded(people));
    }
    let by = if people > 0 {
        rules.rounded(people) as f64 / people as f64
    } else {
        1.0
    };
    each.demand = each.demand.map(|demand| (demand * by).round());
    each.supply_received = each.supply_received.map(f64::round);
    let short = |supply: Option<f64>| {
        each.demand
            .zip(supply)
            .map(|(demand, supply)| (demand - supply).max(0.0))
    };
    (each.shortfall_inside, each.shortfall_reach) = (
        each.shortfall_inside.and(short(each.supply_inside)),
        each.shortfall_reach.and(short(each.supply_received)),
    );
    let per_person =
        |(received, target): (f64, u64)| (target > 0).then(|| received / target as f64);
    each.access = each
        .access
        .and(each.supply_received.zip(each.target))
        .and_then(per_person);
    let seats = [
        &mut each.seated,
        &mut each.short,
        &mut each.short_far,
        &mut each.short_full,
        &mut each.short_none,
    ];
    for capacity in seats {
        *capacity = capacity.and_then(|capacity| rules.rounded_capacity(capacity));
    }
}

fn places(book: &mut Book, rules: &Rules, told: &[bool]) {
    let hundredth = |figure: f64| (figure * 100.0).round() / 100.0;
    let services = book.services.len();
    for place in &mut book.places {
        let of_unit = &told[place.unit * services..(place.unit + 1) * services];
        let unserved = place.unserved.filter(|&unserved| !rules.few(unserved));
        place.unserved = unserved.map(|people| rules.rounded(people));
        place.need = hundredth(place.need);
        place.inflow_part = hundredth(place.inflow_part);
        place.causes.retain(|cause| of_unit[cause.service]);
        for cause in &mut place.causes {
            cause.shortfall_rate = hundredth(cause.shortfall_rate);
            cause.target_share = hundredth(cause.target_share);
            cause.part = hundredth(cause.part);
        }
    }
}

/// Who is served by whom, but not where few people have the facility in reach; what the unit receives is not taken apart then, for what
/// is missing of it would tell of them.
fn served(book: &mut Book, rules: &Rules, told: &[bool]) {
    let services = book.services.len();
    let pair = |each: &Served| each.unit * services + each.service;
    let parted: BTreeSet<usize> = book
        .served
        .iter()
        .filter(|each| rules.few(each.people))
        .map(pair)
        .collect();
    book.served
        .retain(|each| told[pair(each)] && !rules.few(each.people));
    for each in &mut book.served {
        if parted.contains(&pair(each)) {
            each.received.clear();
        }
        each.people = rules.rounded(each.people);
        each.received
            .iter_mut()
            .for_each(|received| *received = received.round());
    }
}

/// People of a square while it is gathered.
#[derive(Default)]
struct Square {
    residents: u64,
    points: u32,
    /// Of each unit.
    units: BTreeMap<Option<usize>, u64>,
    /// By column: residents × per cent, and the residents of those of whom a share is known.
    shares: Vec<(u64, u64)>,
}

fn demand(all: &Demand, rules: &Rules) -> Demand {
    let side_m = all.side_m.max(SIDE_M);
    let middle =
        all.spots.iter().map(|spot| spot.at.y).sum::<f64>() / all.spots.len().max(1) as f64;
    let high = f64::from(side_m) / DEGREE_M;
    let wide = high / middle.to_radians().cos().max(0.1);
    let mut squares: BTreeMap<(i64, i64), Square> = BTreeMap::new();
    for spot in &all.spots {
        let square = squares
            .entry((
                (spot.at.y / high).floor() as i64,
                (spot.at.x / wide).floor() as i64,
            ))
            .or_default();
        square.residents += spot.residents;
        square.points += spot.points;
        *square.units.entry(spot.unit).or_default() += spot.residents;
        square.shares.resize(all.columns.len(), (0, 0));
        for (sum, share) in square.shares.iter_mut().zip(&spot.shares) {
            if let Some(share) = share {
                sum.0 += spot.residents * u64::from(*share);
                sum.1 += spot.residents;
            }
        }
    }
    let tens = |&(sum, of): &(u64, u64)| (of > 0).then(|| ((sum + of * 5) / (of * 10) * 10) as u8);
    let spot = |((y, x), square): ((i64, i64), Square)| Spot {
        id: String::new(),
        at: rules.place(Coord {
            x: (x as f64 + 0.5) * wide,
            y: (y as f64 + 0.5) * high,
        }),
        unit: square
            .units
            .iter()
            .max_by_key(|(unit, people)| (**people, std::cmp::Reverse(**unit)))
            .and_then(|most| *most.0),
        residents: rules.rounded(square.residents),
        points: square.points,
        row: None,
        shares: square.shares.iter().map(tens).collect(),
        minutes: Vec::new(),
    };
    let told = squares
        .into_iter()
        .filter(|(_, square)| square.residents >= 10 * rules.small);
    Demand {
        side_m,
        columns: all.columns.clone(),
        minutes: false,
        spots: told.map(spot).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    /// A book whose first service is asked for by the children there are.
    fn of_children() -> Book {
        let mut book = testing::book();
        book.services[0].norm.basis = Basis::Cohort;
        book
    }

    fn at(book: &Book, unit: usize) -> &Standing {
        book.standing(unit, 0, 0)
    }

    #[test]
    fn few_people_are_left_out_and_no_sum_gives_them_away() {
        let mut book = testing::book();
        // Four children of a unit are not covered.
        let years = book.manifest.years.len();
        let few = &mut book.standings[years * book.services.len()];
        (few.covered, few.too_far, few.target, few.short_far) =
            (Some(1597), Some(4), Some(1601), Some(3.4));
        let each = at(&edition(&book), 1).clone();
        assert_eq!((each.too_far, each.short_far), (None, None));
        assert_eq!(
            (each.covered, each.target, each.coverage),
            (Some(1600), Some(1600), Some(1.0))
        );
        // None, or up to nine: all look alike.
        let few = &mut book.standings[years * book.services.len()];
        (few.covered, few.too_far, few.target, few.short_far) =
            (Some(1595), Some(8), Some(1603), Some(6.8));
        assert_eq!(format!("{each:?}"), format!("{:?}", at(&edition(&book), 1)));
        book.served[0].people = 4;
        let public = edition(&book);
        assert!(
            public
                .served
                .iter()
                .all(|each| each.unit != 0 || each.service != 0),
            "few have it in reach"
        );
    }

    #[test]
    fn a_small_group_is_left_out_whole() {
        let mut book = testing::book();
        book.standings[0].target = Some(9);
        let public = edition(&book);
        assert!(at(&public, 0).target.is_none() && at(&public, 0).demand.is_none());
        (
            book.standings[0].target,
            book.standings[0].covered,
            book.standings[0].too_far,
        ) = (Some(10), Some(10), Some(0));
        assert_eq!(at(&edition(&book), 0).target, Some(10), "ten are not few");
    }

    #[test]
    fn counts_are_rounded_and_what_is_made_of_them_follows() {
        let mut book = of_children();
        let each = &mut book.standings[0];
        (each.target, each.covered, each.too_far) = (Some(2004), Some(1496), Some(508));
        each.demand = Some(2004.0 * 0.85);
        book.units[0].residents[0] = 60_004;
        let public = edition(&book);
        let each = at(&public, 0);
        assert_eq!(
            (each.target, each.covered, each.too_far),
            (Some(2000), Some(1500), Some(510))
        );
        assert_eq!((each.coverage, each.demand), (Some(0.75), Some(1700.0)));
        assert_eq!(each.shortfall_reach, Some(1100.0));
        assert_eq!(public.units[0].residents[0], 60_000);
    }

    /// Of each count that is told, at least so many true counts are possible as there are in a step.
    #[test]
    fn neighbouring_cities_look_alike() {
        let (mut one, mut other) = (of_children(), of_children());
        (one.standings[0].target, other.standings[0].target) = (Some(2001), Some(2004));
        (one.standings[0].demand, other.standings[0].demand) =
            (Some(2001.0 * 0.85), Some(2004.0 * 0.85));
        (one.standings[0].covered, other.standings[0].covered) = (Some(1500), Some(1503));
        assert_eq!(
            format!("{:?}", at(&edition(&one), 0)),
            format!("{:?}", at(&edition(&other), 0))
        );
    }

    #[test]
    fn restricted_kinds_and_exact_places_are_left_out() {
        let mut book = testing::book();
        book.manifest.plan.public.restricted = vec!["kindergarten".to_owned()];
        book.offers[2].at = Coord {
            x: 104.123_456_7,
            y: 30.5,
        };
        let public = edition(&book);
        assert_eq!((public.offers.len(), public.offers_left_out), (1, 2));
        assert_eq!(
            public.offers[0].at,
            Coord {
                x: 104.1235,
                y: 30.5
            }
        );
        assert_eq!(
            (public.services.len(), public.services[0].id.as_str()),
            (1, "market")
        );
        assert!(
            public
                .served
                .iter()
                .all(|each| each.service == 0 && each.offer == 0)
        );
        assert_eq!(public.standings.len(), 3 * 2);
        assert_eq!(public.standing(0, 0, 0).target, Some(60_000));
        assert!(public.places.iter().all(|place| place.causes.is_empty()));
        assert_eq!(public.demand.columns, [(0, 2026)]);
        assert_eq!(public.demand.spots[0].shares.len(), 1);
        assert!(
            !format!("{:?}", public.manifest)
                .replace("restricted: [\"kindergarten\"]", "")
                .contains("kindergarten")
        );
        assert!(
            public.offers[0].file.is_empty()
                && public.findings.is_empty()
                && public.communities.is_empty()
        );
    }

    #[test]
    fn a_facility_of_a_restricted_kind_is_left_out_with_all_that_it_offers() {
        let mut book = testing::book();
        book.manifest.plan.public.restricted = vec!["kindergarten".to_owned()];
        book.offers[2].facility = book.offers[0].facility.clone();
        assert!(edition(&book).offers.is_empty());
    }

    #[test]
    fn no_folder_of_an_input_is_told() {
        let mut book = testing::book();
        book.manifest.plan.policy = Some("/home/somebody/policy.toml".into());
        book.manifest.plan.services.catalogue = Some("C:\\data\\own.toml".into());
        book.manifest.inputs[0].path = "/home/somebody/people.csv".to_owned();
        let public = edition(&book).manifest;
        let shown = format!("{public:?}");
        assert!(
            !shown.contains("somebody") && !shown.contains("data"),
            "{shown}"
        );
        assert_eq!(public.inputs[0].path, "people.csv");
        assert_eq!(public.plan.policy, Some("policy.toml".into()));
        assert_eq!(public.plan.services.catalogue, Some("own.toml".into()));
    }

    #[test]
    fn where_people_live_is_told_in_squares() {
        let book = testing::book();
        let public = edition(&book);
        assert_eq!(public.demand.side_m, 500);
        assert_eq!(
            public
                .demand
                .spots
                .iter()
                .map(|spot| spot.residents)
                .sum::<u64>(),
            3000
        );
        assert!(
            public
                .demand
                .spots
                .iter()
                .all(|spot| spot.id.is_empty() && spot.row.is_none())
        );
        let mut book = book;
        book.demand.spots[0].residents = 99;
        assert_eq!(
            edition(&book).demand.spots.len(),
            2,
            "a square of fewer than a hundred is left out"
        );
    }
}
