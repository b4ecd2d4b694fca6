//! What must hold for every city: tried on small synthetic ones, the smallest first, so that the first to fail is the
//! smallest. A failure prints the seed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use fuwutu_core::city::{City, DemandPoint, Facility, Offer, Records};
use fuwutu_core::position::{CommunityAt, PointAt, ServiceAt, UnitAt, YearAt};
use fuwutu_core::projection::{self, Earlier, Outlook};
use fuwutu_core::quantity::{Ages, Millis, Point, Residents};
use fuwutu_core::ranking::{self, Terms};
use fuwutu_core::reach::roads::RoadRecords;
use fuwutu_core::reach::straight::Straight;
use fuwutu_core::reach::{Limits, Link, Nearest, Reach, Travel, Travels};
use fuwutu_core::round::{self, Round, Selection};
use fuwutu_core::service::{Service, Tier};
use fuwutu_core::shard;
use fuwutu_core::supply::shortage::Certain;
use fuwutu_core::supply::{self, Room, Rules, Setting};
use fuwutu_core::units::{self, Note};
use fuwutu_core::watch::{Stopped, unwatched};
use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder};
use fuwutu_io::ways::Ways;
use fuwutu_run::{Evaluation, Job, OutFolder, PlanFile, Quiet, WriteOptions};
use fuwutu_synth::{Spec, Synthetic};

use support::Temp;

// --- cities ---

fn catalogue() -> Vec<Service> {
    plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap()
}

/// A small city: the seed chooses how large. Several counties, some townships over the cap.
fn spec(seed: u64) -> Spec {
    let size = 1 + seed as u32 % 5;
    Spec {
        counties: size.min(3),
        townships: 2 * size,
        communities: 16 * size,
        points: 150 * size,
        facilities: 60 * size,
        area_km2: 20.0 * f64::from(size),
        ..Spec::scaled(130_000 * u64::from(size), seed)
    }
}

fn synthetic(seed: u64) -> Synthetic {
    fuwutu_synth::city(&spec(seed), &catalogue())
}

fn city(seed: u64) -> City {
    City::new(synthetic(seed).records).unwrap()
}

/// Seeds from small cities to large.
fn seeds(count: u64) -> impl Iterator<Item = u64> {
    let mut seeds: Vec<u64> = (0..count).collect();
    seeds.sort_by_key(|seed| (seed % 5, *seed));
    seeds.into_iter()
}

/// A plan on a city's input files, which nobody reads here.
fn plan() -> Plan {
    let text = "[round]\nname = \"law\"\nbase_year = 2026\n[inputs]\ncrs = \"EPSG:4490\"\ntownships = { path = \"townships.geojson\" }\n\
                communities = { path = \"communities.geojson\" }\npopulation = { path = \"population.csv\" }\n\
                earlier = { path = \"earlier.csv\", year = 2016 }\nfacilities = [{ path = \"facilities.csv\" }]\n";
    let mut plan = Plan::parse(text, Path::new("plan.toml")).unwrap();
    plan.services.select = Some(SERVICES.map(str::to_owned).to_vec());
    plan
}

const SERVICES: [&str; 7] = [
    "kindergarten",
    "primary_school",
    "elderly_home",
    "market",
    "village_clinic",
    "pharmacy",
    "community_station",
];

fn selected(catalogue: &[Service]) -> Vec<ServiceAt> {
    let at = |id: &&str| {
        catalogue
            .iter()
            .position(|service| service.id == *id)
            .map(ServiceAt::new)
            .unwrap()
    };
    let mut all: Vec<ServiceAt> = SERVICES.iter().map(at).collect();
    all.sort_unstable();
    all
}

fn outlook(synthetic: &Synthetic) -> Outlook {
    let residents = synthetic
        .earlier
        .iter()
        .map(|&persons| Some(Residents::whole(persons)))
        .collect();
    let earlier = Earlier {
        year: synthetic.earlier_year,
        residents,
        ages: Vec::new(),
    };
    Outlook {
        earlier: Some(earlier),
        ..Outlook::default()
    }
}

fn evaluate(city: &City, outlook: &Outlook, plan: &Plan) -> Round {
    let catalogue = catalogue();
    let services = Selection {
        catalogue: &catalogue,
        selected: &selected(&catalogue),
        no_data: &[],
    };
    round::evaluate(
        city,
        outlook,
        services,
        &plan.core(),
        straight(&plan.straight(plan.paces())),
        &unwatched,
    )
    .unwrap()
}

/// The whole at once, or county by county.
type Evaluate =
    fn(&City, &Outlook, Selection, &round::Plan, Travels, round::Watch) -> Result<Round, Stopped>;

/// Everybody in straight lines.
fn straight(travel: &Straight) -> Travels<'_> {
    (travel as &dyn Travel).into()
}

/// A fixed sequence of numbers.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    }
}

fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut number = numbers(seed);
    for at in (1..items.len()).rev() {
        items.swap(at, number(at + 1));
    }
}

// --- units ---

#[test]
fn units_keep_every_community_and_resident_and_the_cap() {
    for seed in seeds(60) {
        let city = city(seed);
        let plan = plan().units;
        let units = units::divide(&city, &plan);
        let mut of_community = vec![Residents::default(); city.communities().len()];
        let mut shares = vec![0; city.communities().len()];
        for unit in &units.units {
            for share in &unit.communities {
                let community = &city.communities()[share.community];
                assert_eq!(
                    community.township, unit.township,
                    "seed {seed}: units stay inside their township"
                );
                of_community[share.community] += share.residents;
                shares[share.community] += 1;
            }
            let over = unit.residents > Residents::whole(plan.cap);
            assert_eq!(
                over,
                unit.over_cap(),
                "seed {seed}: over the cap means flagged"
            );
            assert!(!over, "seed {seed}: no place here holds more than the cap");
        }
        assert_eq!(of_community, city.community_residents(), "seed {seed}");
        for (community, shares) in city.community_residents().iter().zip(shares) {
            let whole = *community <= Residents::whole(plan.cap);
            assert!(
                if whole { shares == 1 } else { shares > 1 },
                "seed {seed}: only what exceeds the cap is split"
            );
        }
        for (point, unit) in city.points().iter().zip(&units.of_point) {
            let unit = &units.units[unit.unwrap()];
            assert!(
                unit.communities
                    .iter()
                    .any(|share| share.community == point.community),
                "seed {seed}"
            );
        }
    }
}

/// Whether the communities of each unit hang together, seen by exact equality of border lines (synthetic borders are exact).
#[test]
fn units_that_are_not_flagged_hang_together() {
    for seed in seeds(40) {
        let city = city(seed);
        let units = units::divide(&city, &plan().units);
        for unit in units
            .units
            .iter()
            .filter(|unit| !unit.notes.contains(&Note::SplitCommunity))
        {
            let lines = |community: CommunityAt| {
                let polygon = &city.communities()[community].polygon;
                let key = |line: geo::Line| {
                    let ends = [line.start, line.end].map(|at| (at.x.to_bits(), at.y.to_bits()));
                    (ends[0].min(ends[1]), ends[0].max(ends[1]))
                };
                geo::LinesIter::lines_iter(polygon)
                    .map(key)
                    .collect::<Vec<_>>()
            };
            let mut left: Vec<CommunityAt> = unit
                .communities
                .iter()
                .map(|share| share.community)
                .collect();
            let mut front = vec![left.pop().unwrap()];
            while let Some(at) = front.pop() {
                let own = lines(at);
                let (near, far): (Vec<CommunityAt>, Vec<CommunityAt>) = left
                    .into_iter()
                    .partition(|&other| lines(other).iter().any(|line| own.contains(line)));
                left = far;
                front.extend(near);
            }
            assert_eq!(unit.contiguous, left.is_empty(), "seed {seed}, {}", unit.id);
        }
    }
}

#[test]
fn outlines_have_the_area_of_their_communities() {
    use geo::Area;
    for seed in seeds(30) {
        let city = city(seed);
        for unit in units::divide(&city, &plan().units).units {
            assert!(
                !unit.notes.contains(&Note::NotJoined),
                "seed {seed}, {}",
                unit.id
            );
            if !unit.notes.contains(&Note::SplitCommunity) {
                let area = |share: &units::Share| {
                    city.communities()[share.community].polygon.unsigned_area()
                };
                let sum: f64 = unit.communities.iter().map(area).sum();
                assert!(
                    (unit.outline.unsigned_area() - sum).abs() < 1.0,
                    "seed {seed}, {}",
                    unit.id
                );
            }
        }
    }
}

#[test]
fn a_community_over_the_cap_is_split_into_pieces_that_make_it_up() {
    use geo::Area;
    for seed in seeds(30) {
        let city = city(seed);
        // So low that many communities exceed it.
        let plan = units::UnitPlan {
            cap: 5_000,
            ..plan().units
        };
        let units = units::divide(&city, &plan);
        let outlines: f64 = units
            .units
            .iter()
            .map(|unit| unit.outline.unsigned_area())
            .sum();
        let land: f64 = city
            .communities()
            .iter()
            .map(|community| community.polygon.unsigned_area())
            .sum();
        assert!(
            (outlines - land).abs() < 1e-6 * land,
            "seed {seed}: {outlines} {land}"
        );
        assert!(
            units
                .units
                .iter()
                .any(|unit| unit.notes.contains(&Note::SplitCommunity)),
            "seed {seed}"
        );
        let sum: Residents = units.units.iter().map(|unit| unit.residents).sum();
        assert_eq!(sum, city.total_residents(), "seed {seed}");
        for (facility, unit) in city.facilities().iter().zip(&units.of_facility) {
            assert_eq!(
                facility.community.is_some(),
                unit.is_some(),
                "seed {seed}: each piece of land is in one unit"
            );
        }
    }
}

/// Squares of a kilometre side by side from west to east, with the residents of each at its four corners' inner sides.
fn row_of_squares(residents: &[u64]) -> City {
    let mut records = fuwutu_synth::grid(1, 1_000, &[]);
    let template = records.communities.remove(0);
    records.points.clear();
    for (&people, at) in residents.iter().zip(0_i32..) {
        let west = f64::from(at) * 1000.0;
        let land = geo::Rect::new(
            geo::coord! { x: west, y: 0.0 },
            geo::coord! { x: west + 1000.0, y: 1000.0 },
        );
        let polygon = land.to_polygon().into();
        records.communities.push(fuwutu_core::city::Community {
            code: format!("c{at}"),
            polygon,
            ..template.clone()
        });
        for corner in 0..4_i32 {
            let place = Point {
                x: at * 1_000_000 + 250_000 + corner % 2 * 500_000,
                y: 250_000 + corner / 2 * 500_000,
            };
            let point = DemandPoint {
                id: format!("p{at}-{corner}").into(),
                at: place,
                community: CommunityAt(at as u32),
            };
            records
                .points
                .push((point, Ages([0, 0, 0, 0, 0, people as u32 * 250, 0])));
        }
    }
    City::new(records).unwrap()
}

#[test]
fn a_number_of_units_is_called_least_only_where_it_is() {
    let division = |residents: &[u64]| {
        let division = units::divide(&row_of_squares(residents), &plan().units).divisions[0];
        (division.units, division.lower_bound, division.proved)
    };
    assert_eq!(division(&[60_000, 40_000, 50_000]), (2, 2, true));
    // 60 and 50 and 60: no two neighbours fit together.
    assert_eq!(division(&[60_000, 50_000, 60_000]), (3, 3, true));
    // A community of 160,000 is cut into two of 80,000, and its neighbour of 30,000 fits neither; cut into 100,000 and
    // 60,000 there would be two units. So three are not proved.
    assert_eq!(division(&[160_000, 30_000]), (3, 2, false));
}

// --- reach ---

/// The slow twin: every pair, by the definition.
fn every_pair(travel: Straight, city: &City, limits: Limits, places: &[Point]) -> Reach {
    let row = |point: &DemandPoint| {
        let limit = limits.for_class(city.communities()[point.community].class);
        let link = |(place, at): (usize, &Point)| {
            let limit = limit?;
            let (dx, dy) = (
                f64::from(at.x) - f64::from(point.at.x),
                f64::from(at.y) - f64::from(point.at.y),
            );
            let length = (dx * dx + dy * dy).sqrt().round();
            let time = (length * (travel.detour / travel.paces.of(limit.mode))).round();
            (time <= f64::from(limit.minutes) * 60_000.0).then_some(Link {
                place: place as u32,
                time: Millis(time as u32),
            })
        };
        places
            .iter()
            .enumerate()
            .filter_map(link)
            .collect::<Vec<Link>>()
    };
    let rows: Vec<Vec<Link>> = city.points().iter().map(row).collect();
    Reach::from_rows(rows.iter().map(Vec::as_slice))
}

#[test]
fn the_tree_finds_what_trying_every_pair_finds() {
    let (catalogue, travel) = (catalogue(), plan().straight(plan().paces()));
    for seed in seeds(40) {
        let city = city(seed);
        for &at in &selected(&catalogue) {
            let limits = Limits::of(&catalogue[at]);
            let offers = |facility: &&fuwutu_core::city::Facility| {
                facility.offers.iter().any(|offer| offer.service == at)
            };
            let places: Vec<Point> = city
                .facilities()
                .iter()
                .filter(offers)
                .map(|each| each.at)
                .collect();
            let trips = travel.trips(&city, &[]);
            let slow = every_pair(travel, &city, limits, &places);
            assert_eq!(
                trips.reach(limits, &places),
                slow,
                "seed {seed}, {}",
                catalogue[at].id
            );
            let nearest = |row: &[Link]| Nearest {
                time: row.iter().map(|link| link.time).min(),
                count: row.len() as u32,
            };
            let slow: Vec<Nearest> = slow.rows().map(nearest).collect();
            assert_eq!(
                trips.nearest_and_count(limits, &places),
                slow,
                "seed {seed}, {}",
                catalogue[at].id
            );
            let times: Vec<Option<Millis>> = slow.iter().map(|each| each.time).collect();
            assert_eq!(
                trips.nearest(limits, &places),
                times,
                "seed {seed}, {}",
                catalogue[at].id
            );
        }
    }
}

// --- supply ---

/// Unit and service → covered, and access of every unit.
fn figures(round: &Round) -> BTreeMap<(UnitAt, ServiceAt, i32), (Residents, Option<f64>)> {
    round
        .standings
        .iter()
        .map(|each| {
            (
                (each.unit, each.service, each.year),
                (each.covered, each.access()),
            )
        })
        .collect()
}

#[test]
fn more_time_never_covers_fewer() {
    for seed in seeds(20) {
        let city = city(seed);
        let covered = |minutes: u32| {
            let mut plan = plan();
            plan.round.horizon_years = 0;
            plan.services.minutes = Some(minutes);
            figures(&evaluate(&city, &Outlook::default(), &plan))
                .into_values()
                .map(|(covered, _)| covered)
                .collect::<Vec<_>>()
        };
        let by_time: Vec<Vec<Residents>> = [5, 10, 15, 20].map(covered).to_vec();
        for pair in by_time.windows(2) {
            assert!(
                pair[0]
                    .iter()
                    .zip(&pair[1])
                    .all(|(less, more)| less <= more),
                "seed {seed}"
            );
        }
    }
}

#[test]
fn one_more_facility_never_lowers_coverage_or_access() {
    for seed in seeds(30) {
        let mut plan = plan();
        plan.round.horizon_years = 0;
        let mut records = synthetic(seed).records;
        let before = figures(&evaluate(
            &City::new(records.clone()).unwrap(),
            &Outlook::default(),
            &plan,
        ));
        let mut number = numbers(seed);
        let mut more = records.facilities[number(records.facilities.len())].clone();
        more.id = "one-more".into();
        more.at = records.points[number(records.points.len())].0.at;
        records.facilities.push(more);
        let after = figures(&evaluate(
            &City::new(records).unwrap(),
            &Outlook::default(),
            &plan,
        ));
        for (key, (covered, access)) in before {
            let (covered_after, access_after) = after[&key];
            assert!(covered <= covered_after, "seed {seed}");
            if let (Some(before), Some(after)) = (access, access_after) {
                assert!(before <= after + 1e-12, "seed {seed}: {before} {after}");
            }
        }
    }
}

#[test]
fn what_units_receive_is_what_there_is_in_reach() {
    for seed in seeds(40) {
        let synthetic = synthetic(seed);
        let round = evaluate(
            &City::new(synthetic.records.clone()).unwrap(),
            &outlook(&synthetic),
            &plan(),
        );
        for total in &round.totals {
            let own = round
                .standings
                .iter()
                .filter(|each| each.service == total.service && each.year == total.year);
            let received: f64 = own.filter_map(|each| Some(each.supply?.received)).sum();
            if total.unknown == 0 {
                let reached = total.capacity - total.unreached;
                assert!(
                    (received - reached).abs() < 1e-6 * reached.max(1.0),
                    "seed {seed}: {received} {reached}"
                );
            }
        }
    }
}

#[test]
fn who_is_served_by_whom_adds_up_to_what_units_receive_and_who_is_covered() {
    let mut shared = 0;
    for seed in seeds(20) {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let round = evaluate(&city, &outlook(&synthetic), &plan());
        let mut received: BTreeMap<(UnitAt, ServiceAt, i32), f64> = BTreeMap::new();
        let mut people: BTreeMap<(UnitAt, ServiceAt), Residents> = BTreeMap::new();
        for each in &round.served {
            assert!(each.least <= each.mean, "seed {seed}: {each:?}");
            for (&year, &own) in round.years.iter().zip(&each.received) {
                *received.entry((each.unit, each.service, year)).or_default() += own;
            }
            if city.facilities()[each.facility].open(round.years[0]) {
                *people.entry((each.unit, each.service)).or_default() += each.people;
            }
        }
        for standing in &round.standings {
            let key = (standing.unit, standing.service);
            let sum = received
                .get(&(key.0, key.1, standing.year))
                .copied()
                .unwrap_or(0.0);
            let of_unit = standing.supply.map_or(0.0, |supply| supply.received);
            assert!(
                (sum - of_unit).abs() <= 1e-9 * of_unit.max(1.0),
                "seed {seed}: {standing:?}, by facility {sum}"
            );
            if standing.year == round.years[0] {
                let served = people.get(&key).copied().unwrap_or_default();
                assert!(
                    served >= standing.covered && (served.0 == 0) == (standing.covered.0 == 0),
                    "seed {seed}: {standing:?}"
                );
                shared += usize::from(served > standing.covered);
            }
        }
    }
    assert!(shared > 0, "some people have several facilities in reach");
}

#[test]
fn the_covered_of_a_unit_are_those_of_its_demand_points() {
    let catalogue = catalogue();
    for seed in seeds(10) {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let round = evaluate(&city, &outlook(&synthetic), &plan());
        for points in &round.points {
            let service = &catalogue[points.service];
            let limits = round::limits(service, &plan().core());
            let mut sums = vec![[Residents::default(); 2]; round.units.len()];
            for (at, unit) in round.of_point.iter().enumerate() {
                let judged = limits.for_class(city.classes()[at]).is_some();
                if let Some(unit) = unit.filter(|_| judged) {
                    let own = points.of_point(&city, service.target, 0, PointAt::new(at));
                    sums[unit]
                        .iter_mut()
                        .zip(own)
                        .for_each(|(sum, own)| *sum += own);
                }
            }
            let base = round
                .standings
                .iter()
                .filter(|each| each.service == points.service && each.year == round.years[0]);
            for standing in base {
                assert_eq!(
                    sums[standing.unit],
                    [standing.covered, standing.target],
                    "seed {seed}: {standing:?}"
                );
            }
        }
    }
}

/// Each demand point as two half ones at the same place, each facility as two with half the capacity.
fn halved(mut records: Records) -> Records {
    let half = |ages: &Ages, other: bool| {
        Ages(
            ages.0
                .map(|band| if other { band - band / 2 } else { band / 2 }),
        )
    };
    let points = records.points.iter();
    records.points = points
        .flat_map(|(point, ages)| {
            let twin = DemandPoint {
                id: format!("{}-b", point.id).into(),
                ..point.clone()
            };
            [(point.clone(), half(ages, false)), (twin, half(ages, true))]
        })
        .collect();
    let halves = |facility: &fuwutu_core::city::Facility| {
        let mut first = facility.clone();
        let half = |offer: &Offer| Offer {
            capacity: offer.capacity.map(|capacity| capacity / 2.0),
            ..*offer
        };
        first.offers = facility.offers.iter().map(half).collect();
        let second = fuwutu_core::city::Facility {
            id: format!("{}-b", facility.id).into(),
            ..first.clone()
        };
        [first, second]
    };
    records.facilities = records.facilities.iter().flat_map(halves).collect();
    records
}

#[test]
fn splitting_points_and_facilities_in_two_changes_no_figure() {
    for seed in seeds(20) {
        let mut plan = plan();
        plan.round.horizon_years = 0;
        let records = synthetic(seed).records;
        let whole = evaluate(
            &City::new(records.clone()).unwrap(),
            &Outlook::default(),
            &plan,
        );
        let halves = evaluate(
            &City::new(halved(records)).unwrap(),
            &Outlook::default(),
            &plan,
        );
        for (a, b) in whole.standings.iter().zip(&halves.standings) {
            assert_eq!((a.target, a.covered), (b.target, b.covered), "seed {seed}");
            if let (Some(a), Some(b)) = (a.supply, b.supply) {
                assert!(
                    (a.received - b.received).abs() < 1e-9 * a.received.max(1.0),
                    "seed {seed}"
                );
                assert!(
                    (a.inside - b.inside).abs() < 1e-9 * a.inside.max(1.0),
                    "seed {seed}"
                );
            }
        }
    }
}

#[test]
fn what_is_short_for_certain_adds_up_and_never_grows_with_a_facility() {
    for seed in seeds(25) {
        let plan = plan();
        let records = synthetic(seed).records;
        let city = City::new(records.clone()).unwrap();
        let before = evaluate(&city, &Outlook::default(), &plan);
        let demanded = |round: &Round| {
            let of = |total: &round::CityTotal| {
                total.certain.map(|each| (total.service, total.year, each))
            };
            round.totals.iter().filter_map(of).collect::<Vec<_>>()
        };
        for standing in before
            .standings
            .iter()
            .filter(|each| each.certain.is_some())
        {
            // Each demand point is rounded to the millionth.
            let asked = Certain::units(standing.certain.unwrap().demand());
            let points = records.points.len() as f64;
            assert!(
                (asked - standing.demand.unwrap()).abs() < 1e-6 * points,
                "seed {seed}: {asked} {standing:?}"
            );
        }
        for (service, year, certain) in demanded(&before) {
            let total = before
                .totals
                .iter()
                .find(|each| (each.service, each.year) == (service, year))
                .unwrap();
            let seated = Certain::units(certain.seated);
            assert!(
                total.unknown > 0 || seated <= total.capacity + 1e-3,
                "seed {seed}: no more is seated than there is"
            );
            assert!(
                Certain::units(certain.short())
                    >= Certain::units(certain.demand()) - total.capacity - 1e-3
            );
        }
        // One more facility where the first demand point is, for each service that has a norm.
        let mut more = records.clone();
        let (at, community) = (more.points[0].0.at, Some(more.points[0].0.community));
        let offers = demanded(&before)
            .iter()
            .map(|each| each.0)
            .collect::<std::collections::BTreeSet<ServiceAt>>();
        let offers = offers
            .into_iter()
            .map(|service| Offer {
                service,
                capacity: Some(100.0),
                size: None,
                public: None,
            })
            .collect();
        let first = more.facilities[0].clone();
        let status = fuwutu_core::city::Status::Existing;
        more.facilities.push(Facility {
            id: "more".into(),
            at,
            community,
            offers,
            status,
            opens: None,
            closes: None,
            ..first
        });
        let after = evaluate(&City::new(more).unwrap(), &Outlook::default(), &plan);
        for ((.., before), (.., after)) in demanded(&before).iter().zip(demanded(&after)) {
            assert!(
                after.short() <= before.short() && after.demand() == before.demand(),
                "seed {seed}"
            );
            assert!(
                after.seated - before.seated <= 100_000_000,
                "seed {seed}: no more than it has"
            );
        }
    }
}

/// The centre that makes stations needless reaches farther than they do, and is not selected: shards hold it all the same.
#[test]
fn what_makes_a_rule_needless_is_the_same_in_shards() {
    let catalogue = catalogue();
    let at = catalogue
        .iter()
        .position(|service| service.id == "community_health_station")
        .map(ServiceAt::new)
        .unwrap();
    let services = Selection {
        catalogue: &catalogue,
        selected: &[at],
        no_data: &[],
    };
    let mut excused = 0;
    for seed in seeds(15) {
        let (city, plan) = (city(seed), plan());
        let travel = plan.straight(plan.paces());
        let of = |evaluate: Evaluate| {
            evaluate(
                &city,
                &Outlook::default(),
                services,
                &plan.core(),
                straight(&travel),
                &unwatched,
            )
            .unwrap()
        };
        let whole = of(round::evaluate);
        assert_eq!(whole, of(shard::evaluate), "seed {seed}");
        excused += whole
            .standings
            .iter()
            .filter(|standing| standing.excused.0 > 0)
            .count();
    }
    assert!(excused > 0, "some unit has a centre");
}

#[test]
fn how_sure_the_order_is() {
    for seed in seeds(10) {
        let mut plan = plan();
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let round = evaluate(&city, &outlook(&synthetic), &plan);
        let units = round.places.len() as u32;
        for place in &round.places {
            let certainty = place.certainty.unwrap();
            assert!(
                1 <= certainty.first
                    && certainty.first <= place.place
                    && place.place <= certainty.last
                    && certainty.last <= units,
                "seed {seed}: no unit stands outside its own interval"
            );
            assert!((0.0..=1.0).contains(&certainty.in_first_ten), "seed {seed}");
        }
        // Ten places are given in every draw.
        let sum: f64 = round
            .places
            .iter()
            .map(|place| place.certainty.unwrap().in_first_ten)
            .sum();
        assert!(
            (sum - f64::from(units.min(10))).abs() < 1e-9,
            "seed {seed}: {sum}"
        );
        // Where nothing is drawn that differs, every place is as sure as can be.
        plan.ranking.certainty.weights = 0.0;
        plan.ranking.certainty.pace = 0.0;
        plan.ranking.certainty.capacity = 0.0;
        let sure = evaluate(&city, &Outlook::default(), &plan);
        for place in &sure.places {
            let certainty = place.certainty.unwrap();
            assert!(
                certainty.first == place.place && place.place == certainty.last,
                "seed {seed}: equal needs are in the same order in every draw"
            );
        }
        plan.ranking.certainty.draws = 0;
        assert!(
            evaluate(&city, &Outlook::default(), &plan)
                .places
                .iter()
                .all(|place| place.certainty.is_none())
        );
    }
}

/// Who is covered at each pace is who is covered when everybody goes at it.
#[test]
fn the_paces_of_one_search_are_those_of_as_many_rounds() {
    for seed in seeds(10) {
        let city = city(seed);
        let plan = plan();
        let travel = plan.straight(plan.paces());
        let units = units::divide(&city, &plan.units);
        let catalogue = catalogue();
        let years = [(city.clone(), supply::census(&city, &units))];
        let by_pace: Vec<Vec<Vec<Residents>>> = selected(&catalogue)
            .into_iter()
            .map(|at| {
                let service = &catalogue[at];
                let limits = Limits::of(service);
                let modes: Vec<_> = [limits.urban, limits.rural]
                    .into_iter()
                    .flatten()
                    .map(|limit| limit.mode)
                    .collect();
                let decay = plan.access.decay;
                let rules = Rules {
                    service,
                    at,
                    limits,
                    decay,
                    household_size: 2.5,
                    substitutes: &[],
                    pace_within: 0.1,
                    unless: None,
                };
                let trips = straight(&travel).trips(&city, &modes);
                let setting = Setting::new(&years, &units, &trips, [service.target]);
                supply::stand(&setting, rules, &mut Room::default()).by_pace
            })
            .collect();
        for (step, factor) in [(0, 0.9), (5, 0.95), (10, 1.0), (20, 1.1)] {
            let round = at_pace(seed, factor);
            let base: Vec<_> = round
                .standings
                .iter()
                .filter(|each| each.year == 2026)
                .collect();
            for (nth, standing) in base.into_iter().enumerate() {
                let covered = by_pace[nth % by_pace.len()][standing.unit][step];
                assert_eq!(covered, standing.covered, "seed {seed}, pace {factor}");
            }
        }
    }
}

fn at_pace(seed: u64, factor: f64) -> Round {
    let mut plan = plan();
    plan.travel.pace_m_per_s *= factor;
    plan.travel.ebike_m_per_s *= factor;
    plan.travel.car_bus_m_per_s *= factor;
    evaluate(&city(seed), &Outlook::default(), &plan)
}

#[test]
fn a_city_worked_out_by_hand() {
    // Markets: basic, for everybody, 10 minutes on foot (660 m of way, 507 m straight), 50 m² for 1,000 residents.
    // Two squares of 40,000 and 30,000 residents make a unit each, at a cap of 40,000. One market of 1,500 m² stands in the
    // middle of the first, 354 m from each of its four points, and 791 m from the nearest of the second.
    let city = row_of_squares(&[40_000, 30_000]);
    let mut catalogue = catalogue();
    let at = catalogue
        .iter()
        .position(|service| service.id == "market")
        .map(ServiceAt::new)
        .unwrap();
    catalogue[at.index()].norm.per_1000_low = Some(50.0);
    let market = fuwutu_core::city::Facility {
        id: "m".into(),
        name: "".into(),
        at: Point {
            x: 500_000,
            y: 500_000,
        },
        entrances: Vec::new(),
        community: None,
        status: fuwutu_core::city::Status::Existing,
        opens: None,
        closes: None,
        hubs: Vec::new(),
        offers: vec![Offer {
            service: at,
            capacity: Some(1500.0),
            size: Some(1500.0),
            public: None,
        }],
    };
    let city = City::new(Records {
        frame: city.frame(),
        year: city.year(),
        townships: city.townships().to_vec(),
        communities: city.communities().to_vec(),
        points: city
            .points()
            .iter()
            .cloned()
            .zip(city.residents().iter().copied())
            .collect(),
        facilities: vec![market],
    })
    .unwrap();
    let mut plan = plan().core();
    (plan.units.cap, plan.horizon) = (40_000, 0);
    let services = Selection {
        catalogue: &catalogue,
        selected: &[at],
        no_data: &[],
    };
    let round = round::evaluate(
        &city,
        &Outlook::default(),
        services,
        &plan,
        straight(&self::plan().straight(self::plan().paces())),
        &unwatched,
    )
    .unwrap();

    let [near, far] = round.standings.values() else {
        panic!("two units, one service, one year: {:?}", round.standings)
    };
    let close =
        |ours: Option<f64>, theirs: f64| ours.is_some_and(|ours| (ours - theirs).abs() < 1e-9);
    // 40,000 × 50 / 1,000 = 2,000 m² asked for; the 1,500 there are stand inside and go to nobody else: 500 short.
    assert_eq!(
        (near.target, near.covered),
        (Residents::whole(40_000), Residents::whole(40_000))
    );
    assert!(close(near.demand, 2000.0) && close(near.supply.map(|supply| supply.inside), 1500.0));
    assert!(
        close(near.supply.map(|supply| supply.received), 1500.0) && close(near.access(), 0.0375)
    );
    assert!(close(near.shortfall_inside(), 500.0) && close(near.shortfall_reach(), 500.0));
    // Nobody in the second reaches it: 1,500 m² asked for, all of it short.
    assert_eq!(
        (far.target, far.covered),
        (Residents::whole(30_000), Residents::default())
    );
    assert!(
        close(far.demand, 1500.0)
            && close(far.shortfall_reach(), 1500.0)
            && close(far.access(), 0.0)
    );
    // Need: all of the second's is missing, a quarter of the first's; nobody moves.
    let needs: Vec<(UnitAt, f64)> = round
        .places
        .iter()
        .map(|place| (place.unit, place.need))
        .collect();
    assert!(
        needs.len() == 2 && needs[0].0 == UnitAt(1) && close(Some(needs[0].1), 100.0),
        "{needs:?}"
    );
    assert!(
        needs[1].0 == UnitAt(0) && close(Some(needs[1].1), 25.0),
        "{needs:?}"
    );
    assert_eq!(round.places[0].unserved, Residents::whole(30_000));
    let total = round.totals[0];
    assert!(
        close(total.short, 2000.0) && total.unjudged == 0 && close(total.coverage(), 4.0 / 7.0),
        "{total:?}"
    );
}

// --- years ---

#[test]
fn projected_people_add_up_and_year_zero_is_today() {
    for seed in seeds(40) {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let outlook = outlook(&synthetic);
        let plan = plan();
        for years in 0..=3 {
            let growth = projection::growth(&city, &outlook, &plan.growth, years);
            let then = projection::project(&city, &outlook, &plan.growth, &growth);
            let wanted: Vec<Residents> = growth.iter().map(|each| each.residents).collect();
            assert_eq!(
                then.community_residents(),
                wanted,
                "seed {seed}, {years} years"
            );
            if years == 0 {
                assert_eq!(then.residents(), city.residents(), "seed {seed}");
            }
        }
        let today = round::Plan {
            horizon: 0,
            ..plan.core()
        };
        let catalogue = catalogue();
        let services = Selection {
            catalogue: &catalogue,
            selected: &selected(&catalogue),
            no_data: &[],
        };
        let with = round::evaluate(
            &city,
            &outlook,
            services,
            &today,
            straight(&plan.straight(plan.paces())),
            &unwatched,
        )
        .unwrap();
        let later = evaluate(&city, &outlook, &plan);
        let base = later.standings.in_year(YearAt(0));
        assert_eq!(
            with.standings, base,
            "seed {seed}: the base year is what it is without a horizon"
        );
    }
}

#[test]
fn a_place_that_grew_from_nothing_grows_at_the_largest_believed_rate() {
    let city = row_of_squares(&[40_000, 40_000, 40_000]);
    let then = [Some(0), Some(40_000), None].map(|persons| persons.map(Residents::whole));
    let earlier = Earlier {
        year: 2016,
        residents: then.to_vec(),
        ages: Vec::new(),
    };
    let outlook = Outlook {
        earlier: Some(earlier),
        ..Outlook::default()
    };
    let growth = projection::growth(&city, &outlook, &plan().growth, 3);
    let grew = |at: usize| growth[at].residents.persons() / 40_000.0 - 1.0;
    // 10 % a year would be 33 % in three; the mean of methods and the county's total hold it near a quarter.
    assert!((0.18..0.34).contains(&grew(0)), "{}", grew(0));
    assert!(grew(1).abs() < 0.05, "{}", grew(1));
    assert!(growth[0].flag.is_some() && growth[1].flag.is_none() && growth[2].flag.is_some());
    let county = grew(0) + grew(1);
    assert!(
        (grew(2) - county / 2.0).abs() < 1e-6,
        "without an earlier total: as the county"
    );
}

#[test]
fn another_township_changes_nobody_elses_need() {
    for seed in seeds(20) {
        let plan = plan();
        let synthetic = synthetic(seed);
        let round = evaluate(
            &City::new(synthetic.records.clone()).unwrap(),
            &outlook(&synthetic),
            &plan,
        );
        let catalogue = catalogue();
        let services = selected(&catalogue).len();
        let last: Vec<_> = round
            .standings
            .iter()
            .filter(|each| each.year == 2029)
            .cloned()
            .collect();
        let candidate = |unit: usize| ranking::Candidate {
            base: round.residents[unit][0],
            horizon: round.residents[unit][3],
            low: round.residents[unit][3],
            high: round.residents[unit][3],
            id: &round.units[unit].id,
            by_pace: &[],
            spread: &[],
            standings: &last[unit * services..(unit + 1) * services],
        };
        let all: Vec<_> = (0..round.units.len()).map(candidate).collect();
        let others = &all[..all.len() - 1];
        let terms = Terms {
            services: &catalogue,
            plan: &plan.ranking,
            own_limits: true,
        };
        let fewer = ranking::rank(others, terms, &unwatched).unwrap();
        let order: Vec<(UnitAt, f64)> = fewer
            .iter()
            .map(|place| (place.unit, place.priority))
            .collect();
        let last_unit = UnitAt::new(all.len() - 1);
        let others = round.places.iter().filter(|place| place.unit != last_unit);
        assert_eq!(
            order,
            others
                .map(|place| (place.unit, place.priority))
                .collect::<Vec<_>>(),
            "seed {seed}"
        );
        for place in &round.places {
            let parts: f64 = place.causes.iter().map(|cause| cause.part).sum();
            assert!(
                (place.need - parts).abs() < 0.051 && (0.0..=100.0).contains(&place.need),
                "seed {seed}: causes add up"
            );
            let weights: f64 = place.causes.iter().map(|cause| cause.weight).sum();
            assert!(weights < 1.0 + 1e-9, "seed {seed}: weights are parts of 1");
        }
    }
}

/// More people covered, or more received, and the unit's own need is no more; that of the others is the same.
#[test]
fn what_is_added_to_a_unit_raises_nobodys_need() {
    for seed in seeds(10) {
        let mut plan = plan();
        plan.ranking.certainty.draws = 0;
        let round = evaluate(&city(seed), &Outlook::default(), &plan);
        let catalogue = catalogue();
        let services = selected(&catalogue).len();
        let standings: Vec<_> = round.standings.in_year(YearAt(0)).values().to_vec();
        let ranked = |standings: &[supply::Standing]| -> BTreeMap<UnitAt, (f64, f64)> {
            let units = round.units.iter().zip(standings.chunks(services));
            let candidates: Vec<_> = units
                .map(|(unit, standings)| ranking::Candidate {
                    base: unit.residents,
                    horizon: unit.residents,
                    low: unit.residents,
                    high: unit.residents,
                    id: &unit.id,
                    by_pace: &[],
                    spread: &[],
                    standings,
                })
                .collect();
            let terms = Terms {
                services: &catalogue,
                plan: &plan.ranking,
                own_limits: true,
            };
            let places = ranking::rank(&candidates, terms, &unwatched).unwrap();
            let needs = places.iter().map(|place| {
                let parts = place.causes.iter().map(|cause| cause.part).sum();
                (place.unit, (place.need, parts))
            });
            needs.collect()
        };
        let before = ranked(&standings);
        for at in (0..standings.len()).step_by(3) {
            let mut more = standings.clone();
            more[at].covered = more[at].target;
            if let Some(supply) = &mut more[at].supply {
                supply.received *= 1.5;
            }
            let unit = more[at].unit;
            for (other, (need, parts)) in ranked(&more) {
                let (need_before, parts_before) = before[&other];
                assert!(
                    need <= need_before && parts <= parts_before + 1e-9,
                    "seed {seed}"
                );
                assert!(
                    other == unit || need.total_cmp(&need_before).is_eq(),
                    "seed {seed}"
                );
            }
        }
    }
}

/// A service of which nothing is known changes no need, place or certainty, and no total of another service.
#[test]
fn a_service_without_data_changes_nothing_else() {
    let catalogue = catalogue();
    let all = selected(&catalogue);
    let market = catalogue.iter().position(|row| row.id == "market");
    let unknown = ServiceAt::new(market.unwrap());
    let known: Vec<ServiceAt> = all.iter().copied().filter(|&at| at != unknown).collect();
    for seed in seeds(10) {
        let synthetic = synthetic(seed);
        let mut records = synthetic.records.clone();
        for facility in &mut records.facilities {
            facility.offers.retain(|offer| offer.service != unknown);
        }
        let city = City::new(records).unwrap();
        let plan = plan();
        let of = |evaluate: Evaluate, selected: &[ServiceAt]| {
            let services = Selection {
                catalogue: &catalogue,
                selected,
                no_data: &[unknown],
            };
            evaluate(
                &city,
                &outlook(&synthetic),
                services,
                &plan.core(),
                straight(&plan.straight(plan.paces())),
                &unwatched,
            )
            .unwrap()
        };
        let (with, without) = (of(round::evaluate, &all), of(round::evaluate, &known));
        assert_eq!(with, of(shard::evaluate, &all), "seed {seed}: shards");
        assert_eq!(with.places, without.places, "seed {seed}");
        assert_eq!(with.equities, without.equities, "seed {seed}");
        assert_eq!(with.served, without.served, "seed {seed}");
        let others = with.totals.iter().filter(|total| total.service != unknown);
        assert!(others.eq(without.totals.iter()), "seed {seed}");
        for standing in with.standings.iter().filter(|each| each.service == unknown) {
            assert!(
                standing.coverage().is_none()
                    && standing.unserved().is_none()
                    && standing.supply.is_none()
                    && standing.certain.is_none()
                    && standing.presence.is_none()
                    && standing.missing().is_none(),
                "seed {seed}"
            );
            assert!(standing.target.0 == 0 || standing.demand.is_some());
        }
        let total = with.totals.iter().find(|total| total.service == unknown);
        assert!(total.is_some_and(|total| total.coverage().is_none() && total.certain.is_none()));
    }
}

/// The ranking once more, slowly, from nothing but the written tables and the catalogue.
#[test]
fn the_written_ranking_is_what_the_written_standings_make() {
    for seed in seeds(10) {
        let temp = Temp::new("twin");
        let synthetic = synthetic(seed);
        write_inputs(&temp, &synthetic);
        let mut plan = plan();
        plan.ranking.domains = [("education".to_owned(), 2.0)].into();
        plan.ranking.small = 60_000;
        let job = job(plan, &temp);
        let round = evaluated(&job, false);
        let files = files(&job, round, &temp.path("round"));
        let twin = Twin::of(&files, &job);
        twin.agrees(&files, seed);
    }
}

/// Rows of a table, by the names of its columns.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let cells = head.iter().zip(line.split(','));
            cells
                .map(|(name, cell)| ((*name).to_owned(), cell.to_owned()))
                .collect()
        })
        .collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> Option<f64> {
    row[name].parse().ok()
}

/// A unit's need as the written standings of the last year make it.
#[derive(Default)]
struct Twin {
    /// By unit: need, how far rounding may put it off, people unserved, the part that is only recalled or proposed.
    units: BTreeMap<String, [f64; 4]>,
    /// Growth and residents of the base year.
    residents: BTreeMap<String, [f64; 2]>,
}

impl Twin {
    fn of(files: &BTreeMap<String, String>, job: &Job) -> Self {
        let mut asked: BTreeMap<String, Vec<(&Service, f64, f64, bool)>> = BTreeMap::new();
        let mut twin = Self::default();
        for row in table(&files["/standing.csv"]) {
            if row["year"] != "2029" {
                continue;
            }
            let services = job.catalogue.iter();
            let service = { services }.find(|each| each.id == row["service"]).unwrap();
            let (target, covered) = (
                number(&row, "target_residents").unwrap(),
                number(&row, "covered_residents").unwrap(),
            );
            twin.units.entry(row["unit"].clone()).or_default()[2] += target - covered;
            let all = asked.entry(row["unit"].clone()).or_default();
            let Some(coverage) = number(&row, "coverage") else {
                continue;
            };
            let demand = number(&row, "demand").filter(|&demand| demand > 0.0);
            let capacity = demand.zip(number(&row, "supply_received"));
            let (short, off) = capacity.map_or((0.0, 0.0), |(demand, received)| {
                ((demand - received).max(0.0) / demand, 0.11 / demand)
            });
            let by_capacity = short > 1.0 - coverage;
            let status = if by_capacity {
                &service.status.demand
            } else {
                &service.status.reach
            };
            let weak = status == "R" || status == "P";
            all.push((service, short.max(1.0 - coverage), 0.0001 + off, weak));
        }
        for (unit, rows) in asked {
            let of_field = |service: &Service| -> f64 {
                let same = rows.iter().filter(|row| row.0.category == service.category);
                same.map(|row| tier(row.0)).sum()
            };
            let field = |service: &Service| {
                if service.category == "education" {
                    2.0
                } else {
                    1.0
                }
            };
            let weight = |service: &Service| field(service) * tier(service) / of_field(service);
            let all: f64 = rows.iter().map(|row| weight(row.0)).sum();
            let figures = twin.units.entry(unit).or_default();
            for (service, missing, off, weak) in &rows {
                let part = 100.0 * weight(service) / all;
                figures[0] += part * missing;
                figures[1] += part * off;
                figures[3] += if *weak { part * missing } else { 0.0 };
            }
        }
        for row in table(&files["/units.csv"]) {
            let [now, then] = ["residents", "residents_2029"].map(|name| number(&row, name));
            let (now, then) = (now.unwrap(), then.unwrap());
            let growth = if now > 0.0 { then / now - 1.0 } else { 0.0 };
            twin.residents.insert(row["unit"].clone(), [growth, now]);
        }
        twin
    }

    fn agrees(&self, files: &BTreeMap<String, String>, seed: u64) {
        let rows = table(&files["/ranking.csv"]);
        assert_eq!(rows.len(), self.units.len(), "seed {seed}");
        let mut last: Option<(f64, String)> = None;
        for row in &rows {
            let unit = &row["unit"];
            let [need, off, unserved, weak] = self.units[unit];
            let [growth, residents] = self.residents[unit];
            let written = number(row, "need").unwrap();
            assert!(
                (written - need).abs() <= 0.0501 + off,
                "seed {seed}, {unit}: {written}, {need} ± {off}"
            );
            let factor = 1.0 + (growth / 0.1).clamp(0.0, 1.0);
            let told = number(row, "inflow_factor").unwrap();
            assert!(
                (told - factor).abs() < 0.001,
                "seed {seed}, {unit}: {told}, {factor}"
            );
            let priority = number(row, "priority").unwrap();
            assert!(
                (priority - written * told).abs() < 0.0601,
                "seed {seed}, {unit}"
            );
            let people = number(row, "unserved_residents").unwrap();
            assert!((people - unserved).abs() <= 7.0, "seed {seed}, {unit}");
            if need > 1.0 {
                let share = number(row, "unproven_share").unwrap();
                assert!(
                    (share - weak / need).abs() < 0.02,
                    "seed {seed}, {unit}: {share}"
                );
            }
            assert_eq!(
                row["small"] == "yes",
                residents < 60_000.0,
                "seed {seed}, {unit}"
            );
            if let Some((before, id)) = &last {
                assert!(
                    *before > priority || (*before - priority).abs() < 1e-9 && id < unit,
                    "seed {seed}, {unit}: equal ones in the order of units"
                );
            }
            last = Some((priority, unit.clone()));
        }
        let mut by_people: Vec<_> = rows.iter().collect();
        by_people.sort_by_key(|row| row["place_by_unserved"].parse::<u32>().unwrap());
        let people = |row: &BTreeMap<String, String>| number(row, "unserved_residents").unwrap();
        assert!(
            by_people
                .windows(2)
                .all(|pair| people(pair[0]) >= people(pair[1]))
        );
    }
}

fn tier(service: &Service) -> f64 {
    match service.tier {
        Tier::Basic => 1.0,
        Tier::Improved => 0.5,
    }
}

// --- bytes ---

fn write_inputs(folder: &Path, synthetic: &Synthetic) {
    write_inputs_with(folder, synthetic, None);
}

fn write_inputs_with(folder: &Path, synthetic: &Synthetic, roads: Option<&RoadRecords>) {
    let extras = Extras {
        townships: &synthetic.townships,
        earlier: &synthetic.earlier,
        earlier_year: synthetic.earlier_year,
        name: "law",
        select: &[],
        roads,
    };
    inputs::write(folder, &synthetic.records, extras, &catalogue()).unwrap();
}

/// A plan for the files in a folder, read.
fn job(plan: Plan, folder: &Path) -> Job {
    let files = Folder(folder.to_owned());
    Job::read(
        PlanFile::new(plan, &folder.join("plan.toml"), files),
        &Quiet,
    )
    .unwrap()
}

/// The round of a job, the whole at once or county by county.
fn evaluated(job: &Job, by_county: bool) -> Round {
    let evaluate = if by_county {
        shard::evaluate
    } else {
        round::evaluate
    };
    evaluate(
        &job.input.city,
        &job.input.outlook,
        job.services(),
        &job.plan.core(),
        job.ways.travels(),
        &unwatched,
    )
    .unwrap()
}

/// Every file of the round's folder.
fn files(job: &Job, round: Round, folder: &Path) -> BTreeMap<String, String> {
    let evaluation = Evaluation {
        plan: job.plan.clone(),
        selected: job.selected.clone(),
        findings: job.findings(&round.snapping),
        round,
    };
    let out = OutFolder::prepare(folder, true).unwrap();
    let options = WriteOptions::default();
    job.write(out, &evaluation, &options, &Quiet).unwrap();
    let mut all = BTreeMap::new();
    for sub in ["", "coverage"] {
        for entry in folder
            .join(sub)
            .read_dir()
            .unwrap()
            .map(Result::unwrap)
            .filter(|entry| entry.path().is_file())
        {
            let name = format!("{sub}/{}", entry.file_name().to_string_lossy());
            all.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    assert!(all.len() > 10, "{:?}", all.keys());
    all
}

#[test]
fn any_number_of_threads_and_shards_give_the_same_bytes() {
    for seed in [2, 3, 4, 9] {
        let temp = Temp::new(&format!("threads-{seed}"));
        let mut synthetic = synthetic(seed);
        // Some capacities are not known, which must not reach farther than the people who reach them.
        let blank = synthetic.records.facilities.iter_mut().skip(3).step_by(23);
        blank
            .flat_map(|facility| &mut facility.offers)
            .for_each(|offer| offer.capacity = None);
        write_inputs(&temp.0, &synthetic);
        let run = |threads: usize, by_county: bool| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let job = job(plan(), &temp);
                let round = evaluated(&job, by_county);
                files(&job, round, &temp.join("out"))
            })
        };
        let one = run(1, false);
        assert_eq!(one, run(2, false), "seed {seed}: 2 threads");
        assert_eq!(one, run(8, false), "seed {seed}: 8 threads");
        assert_eq!(one, run(2, true), "seed {seed}: by county");
    }
}

/// A plan that travels on streets, with all that can be asked of them.
fn street_plan() -> Plan {
    let mut plan = plan();
    plan.travel.mode = plan::TravelMode::Streets;
    plan.travel.compare = true;
    plan.travel.slow_pace_m_per_s = Some(0.8);
    plan.travel.snap_m = 120.0;
    plan.inputs.roads = Some(plan::RoadsSource {
        path: None,
        nodes: Some("nodes.csv".into()),
        edges: Some("edges.csv".into()),
        crs: None,
        dem: None,
        node_columns: BTreeMap::new(),
        edge_columns: BTreeMap::new(),
    });
    plan
}

#[test]
fn streets_give_the_same_bytes_on_any_threads_and_in_shards() {
    for seed in [2, 4, 9] {
        let temp = Temp::new(&format!("streets-{seed}"));
        let synthetic = synthetic(seed);
        let roads = fuwutu_synth::Lattice::over(&synthetic.records, 2_000, seed).roads();
        write_inputs_with(&temp.0, &synthetic, Some(&roads));
        let plan = street_plan();
        let run = |threads: usize, by_county: bool| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let job = job(plan.clone(), &temp);
                let round = evaluated(&job, by_county);
                let lost: u64 = round
                    .snapping
                    .iter()
                    .map(|each| each.unsnapped.0 + each.roadless.0)
                    .sum();
                assert!(lost > 0, "seed {seed}: some live off the streets");
                files(&job, round, &temp.join("out"))
            })
        };
        let one = run(1, false);
        assert!(one.contains_key("/streets.csv") && one.contains_key("/compare.csv"));
        assert_eq!(one, run(2, false), "seed {seed}: 2 threads");
        assert_eq!(one, run(8, false), "seed {seed}: 8 threads");
        assert_eq!(one, run(2, true), "seed {seed}: by county");
    }
}

/// Short trips make narrow shards; detours are searched farther than the limit.
#[test]
fn detours_of_walking_services_are_the_same_in_shards() {
    let catalogue = catalogue();
    let walked = |at: &ServiceAt| {
        ["village_clinic", "community_station"].contains(&catalogue[*at].id.as_str())
    };
    let selected: Vec<ServiceAt> = selected(&catalogue).into_iter().filter(walked).collect();
    for seed in seeds(60) {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        // Many streets are missing, so that trips are long.
        let lattice = fuwutu_synth::Lattice {
            kept: 600,
            ..fuwutu_synth::Lattice::over(&synthetic.records, 3_000, seed)
        };
        let roads = lattice.roads();
        let roads = fuwutu_core::reach::roads::Roads::new(roads).unwrap();
        let input = read::roads::RoadInput {
            roads: roads.into(),
            summary: read::roads::RoadSummary::default(),
        };
        let plan = street_plan();
        let ways = Ways::new(&plan, Some(&input));
        let services = Selection {
            catalogue: &catalogue,
            selected: &selected,
            no_data: &[],
        };
        let whole = round::evaluate(
            &city,
            &Outlook::default(),
            services,
            &plan.core(),
            ways.travels(),
            &unwatched,
        )
        .unwrap();
        let shards = shard::evaluate(
            &city,
            &Outlook::default(),
            services,
            &plan.core(),
            ways.travels(),
            &unwatched,
        )
        .unwrap();
        assert!(
            whole.standings == shards.standings,
            "seed {seed}: standings"
        );
        assert!(
            whole.detours == shards.detours && whole.snapping == shards.snapping,
            "seed {seed}: detours"
        );
    }
}

/// Covered, too far, unsnapped and roadless are everybody, in every unit, service and year; and slower people reach no more.
#[test]
fn everybody_is_accounted_for_on_streets() {
    for seed in seeds(20) {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let roads = fuwutu_synth::Lattice::over(&synthetic.records, 1_000, seed).roads();
        let roads = fuwutu_core::reach::roads::Roads::new(roads).unwrap();
        let input = read::roads::RoadInput {
            roads: roads.into(),
            summary: read::roads::RoadSummary::default(),
        };
        let catalogue = catalogue();
        let services = Selection {
            catalogue: &catalogue,
            selected: &selected(&catalogue),
            no_data: &[],
        };
        let round = |plan: &Plan| {
            let ways = Ways::new(plan, Some(&input));
            round::evaluate(
                &city,
                &Outlook::default(),
                services,
                &plan.core(),
                ways.travels(),
                &unwatched,
            )
            .unwrap()
        };
        let (with_slow, mut plan) = (street_plan(), street_plan());
        plan.travel.slow_pace_m_per_s = None;
        let (slow, usual) = (round(&with_slow), round(&plan));
        for (slow, usual) in slow.standings.iter().zip(&usual.standings) {
            for standing in [slow, usual] {
                let sum =
                    standing.covered + standing.too_far() + standing.unsnapped + standing.roadless;
                assert_eq!(sum, standing.target, "seed {seed}");
            }
            assert!(
                slow.covered <= usual.covered,
                "seed {seed}: slower people reach no more"
            );
            assert_eq!(slow.target, usual.target, "seed {seed}");
            // Nobody of the target group of a primary school is slow.
            if catalogue[slow.service].id == "primary_school" {
                assert_eq!(slow, usual, "seed {seed}");
            }
        }
        // Falling back to straight lines never lowers what is covered.
        plan.travel.unsnapped = plan::UnsnappedTrips::Straight;
        for (with, without) in round(&plan).standings.iter().zip(&usual.standings) {
            assert!(with.covered >= without.covered, "seed {seed}");
        }
        // The slow at the same pace are as everybody.
        plan.travel.unsnapped = plan::UnsnappedTrips::Apart;
        plan.travel.slow_pace_m_per_s = Some(plan.travel.pace_m_per_s);
        for (same, usual) in round(&plan).standings.iter().zip(&usual.standings) {
            assert_eq!(
                (same.covered, same.unsnapped),
                (usual.covered, usual.unsnapped),
                "seed {seed}"
            );
            if let (Some(same), Some(usual)) = (same.supply, usual.supply) {
                assert!(
                    (same.received - usual.received).abs() < 1e-6 * usual.received.max(1.0),
                    "seed {seed}"
                );
            }
        }
    }
}

#[test]
fn shuffled_rows_give_the_same_bytes() {
    for seed in [1, 4] {
        let temp = Temp::new(&format!("rows-{seed}"));
        let synthetic = synthetic(seed);
        let roads = fuwutu_synth::Lattice::over(&synthetic.records, 2_000, seed).roads();
        write_inputs_with(&temp.0, &synthetic, Some(&roads));
        let plan = street_plan();
        let run = || {
            let job = job(plan.clone(), &temp);
            let round = evaluated(&job, false);
            let mut files = files(&job, round, &temp.join("out"));
            // The manifest holds the hashes of the input files, and these did change; so did the rows of them.
            files.remove("/round.json");
            files.remove("/origins.csv");
            // Findings stand in the order of these rows.
            let findings = files.get_mut("/findings.csv").unwrap();
            let without_row = |line: &str| {
                let mut cells: Vec<&str> = line.split(',').collect();
                cells.remove(3);
                cells.join(",")
            };
            let mut lines: Vec<String> = findings.lines().map(without_row).collect();
            lines.sort();
            *findings = lines.join("\n");
            files
        };
        let ordered = run();
        for (name, head, tail) in [
            ("population.csv", 1, 0),
            ("facilities.csv", 1, 0),
            ("earlier.csv", 1, 0),
            ("nodes.csv", 1, 0),
            ("edges.csv", 1, 0),
            ("townships.geojson", 1, 1),
            ("communities.geojson", 1, 1),
        ] {
            let path = temp.0.join(name);
            let text = std::fs::read_to_string(&path).unwrap();
            let mut lines: Vec<String> = text
                .lines()
                .map(|line| {
                    if tail > 0 {
                        line.trim_end_matches(',')
                    } else {
                        line
                    }
                    .to_owned()
                })
                .collect();
            let end = lines.len() - tail;
            shuffle(&mut lines[head..end], seed);
            let comma = if tail > 0 { ",\n" } else { "\n" };
            let body = lines[head..end].join(comma);
            std::fs::write(
                &path,
                format!(
                    "{}\n{body}\n{}\n",
                    lines[..head].concat(),
                    lines[end..].concat()
                ),
            )
            .unwrap();
        }
        let shuffled = run();
        for (name, text) in &ordered {
            assert!(
                *text == shuffled[name],
                "seed {seed}: {name}\n{}",
                first_difference(text, &shuffled[name])
            );
        }
    }
}

fn first_difference(a: &str, b: &str) -> String {
    let pair = a.lines().zip(b.lines()).find(|(a, b)| a != b);
    pair.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("{a}\n{b}"))
}
