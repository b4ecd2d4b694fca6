use std::collections::{BTreeMap, BTreeSet};

use fuwutu_core::city::{City, Status};
use fuwutu_core::position::{ServiceAt, TownshipAt};
use fuwutu_core::quantity::Residents;
use fuwutu_core::service::{self, Basis, Limit, Minimum, Mode, Name, Norm, Target, Tier};
use geo::{Contains, LinesIter, Validation};

use super::*;

fn limit(mode: Mode, minutes: u32) -> Option<Limit> {
    Some(Limit {
        mode,
        minutes,
        radius_m: None,
    })
}

/// A service with a limit of 15 minutes on foot in cities, and in the country where `rural`.
fn service(
    id: &str,
    zh: &str,
    target: &str,
    rural: bool,
    unit: &str,
    norm: Norm,
    minimum: (f64, &str),
) -> Service {
    Service {
        id: id.into(),
        name: Name {
            zh: zh.into(),
            en: id.into(),
        },
        aliases: Vec::new(),
        category: "test".into(),
        levels: vec!["L15".into(), "town".into()],
        tier: Tier::Basic,
        in_decision: true,
        target: Target::try_from(target.to_owned()).unwrap(),
        urban: limit(Mode::Walk, 15),
        rural: if rural { limit(Mode::Ebike, 30) } else { None },
        capacity_unit: unit.into(),
        norm,
        minimum: Some(Minimum {
            size: minimum.0,
            unit: minimum.1.into(),
            rural: None,
            smaller: Vec::new(),
        }),
        presence: String::new(),
        requires: Vec::new(),
        substitutes: Vec::new(),
        adds_to: Vec::new(),
        full_hours: None,
        public_apart: false,
        sums: Vec::new(),
        hub: None,
        status: service::Status {
            reach: "P".into(),
            demand: "P".into(),
            size: "P".into(),
            overall: "proposed".into(),
            ..service::Status::default()
        },
        source: "made up".into(),
        notes: String::new(),
        own: BTreeMap::new(),
        evidence: Vec::new(),
    }
}

fn norm(
    basis: Basis,
    per_1000: Option<f64>,
    per_person: Option<f64>,
    per_100_households: Option<f64>,
) -> Norm {
    Norm {
        basis,
        per_1000_low: per_1000,
        per_1000_high: None,
        per_target_person: per_person,
        m2_per_100_households: per_100_households,
        m2_per_resident: None,
    }
}

/// The ten services of the demo, and one that has neither limit nor norm.
fn catalogue() -> Vec<Service> {
    let per_1000 = |rate| norm(Basis::PerThousand, Some(rate), None, None);
    let mut indicator = service(
        "physicians",
        "医师",
        "all",
        true,
        "persons",
        norm(Basis::CountyTotal, Some(3.2), None, None),
        (1.0, ""),
    );
    (indicator.urban, indicator.rural) = (None, None);
    vec![
        indicator,
        service(
            "nursery_0_3",
            "托育(机构)",
            "0-3",
            true,
            "places",
            per_1000(4.5),
            (200.0, "m2_floor"),
        ),
        service(
            "kindergarten",
            "幼儿园",
            "3-6",
            true,
            "seats",
            per_1000(31.0),
            (6.0, "classes"),
        ),
        service(
            "primary_school",
            "小学",
            "6-12",
            true,
            "seats",
            per_1000(60.0),
            (18.0, "classes"),
        ),
        service(
            "junior_middle",
            "初中",
            "12-15",
            true,
            "seats",
            per_1000(31.0),
            (18.0, "classes"),
        ),
        service(
            "community_health_centre",
            "社区卫生服务中心",
            "all",
            false,
            "m2_floor",
            norm(Basis::Unit, None, None, None),
            (1700.0, "m2_floor"),
        ),
        service(
            "elderly_daycare",
            "日间照料中心",
            "60+",
            false,
            "m2_floor",
            norm(Basis::Households, Some(80.0), None, Some(20.0)),
            (350.0, "m2_floor"),
        ),
        service(
            "community_canteen",
            "社区食堂",
            "60+",
            true,
            "meals_per_day",
            norm(Basis::Cohort, None, Some(0.1), None),
            (80.0, "m2_floor"),
        ),
        service(
            "culture_centre",
            "文化活动中心",
            "all",
            true,
            "m2_floor",
            per_1000(30.0),
            (3000.0, "m2_floor"),
        ),
        service(
            "small_sport_ground",
            "运动场地",
            "all",
            true,
            "m2_site",
            per_1000(64.0),
            (770.0, "m2_site"),
        ),
        service(
            "market",
            "菜市场",
            "all",
            true,
            "m2_floor",
            per_1000(50.0),
            (1000.0, "m2_floor"),
        ),
    ]
}

fn demo() -> Synthetic {
    city(&Spec::demo(), &catalogue())
}

/// Residents of each community, from its points.
fn community_residents(records: &Records) -> Vec<Residents> {
    let mut sums = vec![Residents::default(); records.communities.len()];
    for (point, ages) in &records.points {
        sums[point.community] += ages.total();
    }
    sums
}

#[test]
fn chengdu_has_the_counts_of_chengdu() {
    let spec = Spec::scaled(21_000_000, 1);
    assert_eq!(
        [spec.counties, spec.townships, spec.communities],
        [23, 261, 3_043]
    );
    assert_eq!([spec.points, spec.facilities], [1_400_000, 100_000]);
    assert!((spec.area_km2 - 14_000.0).abs() < 1e-6);
    let least = Spec::scaled(0, 1);
    assert_eq!(
        [
            least.counties,
            least.townships,
            least.communities,
            least.points,
            least.facilities
        ],
        [1; 5]
    );
}

#[test]
fn two_calls_give_the_same_city_and_another_seed_another() {
    let city = |seed| format!("{:?}", city(&Spec::scaled(100_000, seed), &catalogue()));
    let first = city(1);
    assert!(first == city(1));
    assert!(first != city(2));
}

#[test]
fn counts_and_sums_are_those_of_the_spec() {
    for residents in [1, 20, 7_000, 300_000] {
        let spec = Spec::scaled(residents, 5);
        let made = city(&spec, &catalogue());
        let records = &made.records;
        assert_eq!(records.townships.len(), spec.townships as usize);
        assert_eq!(records.communities.len(), spec.communities as usize);
        assert_eq!(records.points.len(), spec.points as usize);
        assert_eq!(records.facilities.len(), spec.facilities as usize);
        assert_eq!(
            (made.townships.len(), made.earlier.len()),
            (records.townships.len(), records.communities.len())
        );
        assert!(
            records
                .points
                .iter()
                .all(|(_, ages)| ages.total().0 % 1000 == 0 && ages.total().0 > 0)
        );
        let city = City::new(made.records).unwrap();
        assert_eq!(city.total_residents(), Residents::whole(residents));
        assert!(
            city.facilities()
                .iter()
                .all(|facility| facility.community.is_some())
        );
    }
}

#[test]
fn every_point_stands_in_its_community() {
    let records = demo().records;
    for (point, _) in &records.points {
        assert!(
            records.communities[point.community]
                .polygon
                .contains(&point.at.metres()),
            "{point:?}"
        );
    }
}

#[test]
fn communities_tile_their_townships() {
    let spec = Spec {
        points: 1_000,
        ..Spec::scaled(6_000_000, 3)
    };
    let made = city(&spec, &[]);
    let mut lands = vec![0.0; made.townships.len()];
    for community in &made.records.communities {
        assert!(community.polygon.is_valid(), "{}", community.code);
        lands[community.township] += community.polygon.unsigned_area();
    }
    for (outline, land) in made.townships.iter().zip(&lands) {
        assert!(outline.is_valid());
        assert!((outline.unsigned_area() / land - 1.0).abs() < 1e-6);
    }
    let whole = geo::unary_union(&made.townships);
    assert!((whole.unsigned_area() / lands.iter().sum::<f64>() - 1.0).abs() < 1e-6);
    assert_eq!(whole.0.len(), 1, "the city hangs together");
    assert!(
        made.townships.iter().all(|outline| outline.0.len() == 1),
        "townships hang together"
    );
}

#[test]
fn neighbours_share_their_vertices_to_the_last_bit() {
    let communities = demo().records.communities;
    let key = |vertex: geo::Coord| (vertex.x.to_bits(), vertex.y.to_bits());
    let lines = communities
        .iter()
        .flat_map(|community| community.polygon.lines_iter());
    let directed: BTreeSet<_> = lines.map(|line| (key(line.start), key(line.end))).collect();
    let inner = directed
        .iter()
        .filter(|(from, to)| directed.contains(&(*to, *from)))
        .count();
    // 60 cells of 6 borders of 8 lines: nearly all of them lie between two cells.
    assert_eq!(directed.len(), 60 * 6 * 8);
    assert!(inner > 60 * 6 * 8 * 3 / 4, "{inner}");
}

#[test]
fn the_demo_has_what_is_to_be_found() {
    let made = demo();
    let records = &made.records;
    let residents = community_residents(records);
    let mut townships: BTreeMap<TownshipAt, (u64, u64, bool)> = BTreeMap::new();
    for ((community, residents), earlier) in records
        .communities
        .iter()
        .zip(&residents)
        .zip(&made.earlier)
    {
        let sums = townships.entry(community.township).or_insert((0, 0, true));
        sums.0 += residents.0 / 1000;
        sums.1 += earlier;
        sums.2 &= community.class == Class::Rural;
    }
    let sums: Vec<_> = townships.values().collect();
    assert!(
        sums.iter()
            .any(|township| (150_000..210_000).contains(&township.0)),
        "{sums:?}"
    );
    assert!(sums.iter().any(|township| township.2), "{sums:?}");
    assert!(
        sums.iter().any(|township| township.0 * 4 > township.1 * 5),
        "{sums:?}"
    );
    let area: f64 = made.townships.iter().map(Area::unsigned_area).sum();
    assert!((70e6..90e6).contains(&area), "{area}");
    let statuses = [Status::Existing, Status::Committed, Status::Idle];
    assert!(statuses.iter().all(|status| {
        records
            .facilities
            .iter()
            .any(|facility| facility.status == *status)
    }));
    assert!(
        records
            .facilities
            .iter()
            .any(|facility| facility.offers.len() > 1)
    );
    let offered: BTreeSet<ServiceAt> = records
        .facilities
        .iter()
        .flat_map(|facility| &facility.offers)
        .map(|offer| offer.service)
        .collect();
    assert_eq!(offered, (1..=10).map(ServiceAt).collect());
}

#[test]
fn names_and_codes_are_unique_and_of_their_length() {
    let records = city(
        &Spec {
            points: 1_000,
            ..Spec::scaled(6_000_000, 3)
        },
        &[],
    )
    .records;
    let names: BTreeSet<&str> = records
        .communities
        .iter()
        .map(|community| &*community.name)
        .collect();
    assert_eq!(names.len(), records.communities.len());
    assert!(
        records
            .communities
            .iter()
            .all(|community| community.code.len() == 12 && community.code.starts_with("9901"))
    );
    assert!(
        records
            .communities
            .iter()
            .all(|community| community.code[..9] == records.townships[community.township].code)
    );
    assert!(
        records
            .communities
            .is_sorted_by_key(|community| &community.code)
    );
}

#[test]
fn ages_and_classes_are_near_the_shares_they_come_from() {
    let made = city(&Spec::scaled(1_000_000, 9), &catalogue());
    let records = &made.records;
    let share = |target: &str| {
        let target = Target::try_from(target.to_owned()).unwrap();
        records
            .points
            .iter()
            .map(|(_, ages)| target.of(ages).persons())
            .sum::<f64>()
            / 1e6
    };
    assert!((share("0-15") - 0.1328).abs() < 0.01, "{}", share("0-15"));
    assert!((share("60+") - 0.1798).abs() < 0.02, "{}", share("60+"));
    let rural = community_residents(records)
        .into_iter()
        .zip(&records.communities);
    let rural: f64 = rural
        .filter(|(_, community)| community.class == Class::Rural)
        .map(|(residents, _)| residents.persons())
        .sum();
    assert!((rural / 1e6 - 0.15).abs() < 0.01, "{rural}");
}

#[test]
fn supply_is_near_demand_in_whole_numbers() {
    let catalogue = catalogue();
    let made = city(&Spec::scaled(1_000_000, 9), &catalogue);
    let offers = || {
        made.records
            .facilities
            .iter()
            .flat_map(|facility| &facility.offers)
    };
    assert!(offers().all(|offer| {
        offer
            .capacity
            .is_some_and(|capacity| capacity.fract() == 0.0 && capacity >= 1.0)
    }));
    for (position, service) in ServiceAt::enumerate(&catalogue) {
        let Some((per_resident, 0.0)) = service.norm.rates(2.5) else {
            continue;
        };
        let people = if service.rural.is_some() { 1e6 } else { 0.85e6 };
        let supply: f64 = offers()
            .filter(|offer| offer.service == position)
            .filter_map(|offer| offer.capacity)
            .sum();
        let ratio = supply / (people * per_resident);
        assert!((0.85..1.15).contains(&ratio), "{}: {ratio}", service.id);
    }
}

#[test]
fn the_ring_that_grew_has_too_few_facilities() {
    let made = city(&Spec::scaled(1_000_000, 9), &catalogue());
    let residents = community_residents(&made.records);
    let mut people = [0.0; 2];
    let mut facilities = [0.0; 2];
    let grew =
        |community: usize| residents[community].persons() > 1.2 * made.earlier[community] as f64;
    (0..residents.len()).for_each(|community| {
        people[usize::from(grew(community))] += residents[community].persons();
    });
    for facility in &made.records.facilities {
        facilities[usize::from(grew(facility.community.unwrap().index()))] += 1.0;
    }
    assert!(
        facilities[1] / people[1] < 0.7 * facilities[0] / people[0],
        "{facilities:?} for {people:?}"
    );
}
