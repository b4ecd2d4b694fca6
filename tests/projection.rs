//! Later years: worked by hand on a row of squares, and what must hold for every city.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use fuwutu_core::city::{City, Class, Community, DemandPoint, Records, Township};
use fuwutu_core::position::{CommunityAt, PointAt, ServiceAt, TownshipAt};
use fuwutu_core::projection::backtest::{Method, backtest};
use fuwutu_core::projection::{
    self, AgeRule, Control, Earlier, GrowthFlag, GrowthPlan, Housing, Observed, Outlook, Projected,
    Variant, age_rule, ages_of,
};
use fuwutu_core::quantity::{Ages, Frame, Point, Residents};
use fuwutu_core::reach::Travel;
use fuwutu_core::round::{self, Selection};
use fuwutu_core::shard;
use fuwutu_core::watch::unwatched;
use fuwutu_io::plan::{self, Plan};
use fuwutu_synth::{Spec, Synthetic};
use geo::{MultiPolygon, polygon};

const YEAR: i32 = 2026;

fn plan() -> Plan {
    let text = "[round]\nname = \"years\"\nbase_year = 2026\n[inputs]\ntownships = { path = \"t\" }\n\
                communities = { path = \"c\" }\nfacilities = [{ path = \"f\" }]\n";
    Plan::parse(text, Path::new("plan.toml")).unwrap()
}

fn growth_plan() -> GrowthPlan {
    plan().growth
}

// --- worked by hand ---

/// Ages of people in whole persons.
fn persons(bands: [u32; 7]) -> Ages {
    Ages(bands.map(|band| band * 1000))
}

/// `number` people of 18 to 59.
fn adults(number: u32) -> Ages {
    persons([0, 0, 0, 0, 0, number, 0])
}

/// A row of square communities in one township, each with two demand points: one with the people, one with nobody.
fn row(people: &[Ages]) -> City {
    let township = Township {
        code: "990101001".to_owned(),
        name: "镇".to_owned(),
        neighbour: false,
    };
    let square = |at: usize| -> MultiPolygon {
        let (west, east) = (at as f64 * 1000.0, (at + 1) as f64 * 1000.0);
        polygon![(x: west, y: 0.0), (x: east, y: 0.0), (x: east, y: 1000.0), (x: west, y: 1000.0)]
            .into()
    };
    let community = |at: usize| Community {
        code: format!("990101001{at:03}"),
        name: format!("社区{at}"),
        township: TownshipAt(0),
        class: Class::Urban,
        polygon: square(at),
        residential_m2: None,
    };
    let point = |at: usize, name: &str, east: i32, ages: Ages| {
        let place = Point {
            x: at as i32 * 1_000_000 + east,
            y: 500_000,
        };
        (
            DemandPoint {
                id: format!("{name}{at}").into(),
                at: place,
                community: CommunityAt::new(at),
            },
            ages,
        )
    };
    City::new(Records {
        frame: Frame {
            lon: 104.0,
            lat: 30.6,
        },
        year: YEAR,
        townships: vec![township],
        communities: (0..people.len()).map(community).collect(),
        points: people
            .iter()
            .enumerate()
            .flat_map(|(at, &ages)| {
                [
                    point(at, "home", 300_000, ages),
                    point(at, "new", 700_000, Ages::default()),
                ]
            })
            .collect(),
        facilities: Vec::new(),
    })
    .unwrap()
}

/// Position of a demand point.
fn point(city: &City, id: &str) -> PointAt {
    city.points()
        .iter()
        .position(|point| &*point.id == id)
        .map(PointAt::new)
        .unwrap()
}

fn whole(persons: &[u64]) -> Vec<Option<Residents>> {
    persons
        .iter()
        .map(|&each| Some(Residents::whole(each)))
        .collect()
}

fn earlier(persons: &[u64]) -> Option<Earlier> {
    Some(Earlier {
        year: 2016,
        residents: whole(persons),
        ages: Vec::new(),
    })
}

fn control(year: i32, persons: u64) -> Control {
    Control {
        county: "990101".to_owned(),
        year,
        residents: Residents::whole(persons),
    }
}

fn housing(community: CommunityAt, year: i32, persons: u64, point: Option<PointAt>) -> Housing {
    Housing {
        community,
        year,
        residents: Residents::whole(persons),
        point,
    }
}

fn residents(city: &City, outlook: &Outlook, years: u32) -> Vec<f64> {
    let all = projection::growth(city, outlook, &growth_plan(), years);
    all.iter().map(|each| each.residents.persons()).collect()
}

fn near(ours: &[f64], by_hand: &[f64]) {
    let same = ours.len() == by_hand.len()
        && ours
            .iter()
            .zip(by_hand)
            .all(|(ours, hand)| (ours - hand).abs() < 0.0011);
    assert!(same, "{ours:?} {by_hand:?}");
}

#[test]
fn new_dwellings_move_people_within_their_county() {
    let city = row(&[adults(1000), adults(1000)]);
    let stable = Outlook {
        earlier: earlier(&[1000, 1000]),
        ..Outlook::default()
    };
    let homes = vec![
        housing(CommunityAt(0), 2027, 150, None),
        housing(CommunityAt(0), 2029, 50, None),
    ];
    let outlook = Outlook {
        housing: homes,
        ..stable
    };
    // The county stays 2,000, and 150 of 2,150 live in new dwellings; two years later 200 of 2,200.
    near(
        &residents(&city, &outlook, 1),
        &[1150.0 * 2000.0 / 2150.0, 1000.0 * 2000.0 / 2150.0],
    );
    near(
        &residents(&city, &outlook, 2),
        &[1150.0 * 2000.0 / 2150.0, 1000.0 * 2000.0 / 2150.0],
    );
    near(
        &residents(&city, &outlook, 3),
        &[1200.0 * 2000.0 / 2200.0, 1000.0 * 2000.0 / 2200.0],
    );
    // Where the county is given as so much larger, nobody leaves for them.
    let given = Outlook {
        controls: vec![control(2029, 2200)],
        ..outlook
    };
    near(&residents(&city, &given, 3), &[1200.0, 1000.0]);
}

#[test]
fn dwellings_add_what_exceeds_the_growth_that_the_trend_expects() {
    // By 10 a year on from 2,000, of which both have half: the linear figure is 1,015 each, the others near it.
    let city = row(&[adults(1000), adults(1000)]);
    let trend = Outlook {
        earlier: earlier(&[950, 950]),
        ..Outlook::default()
    };
    let alone = projection::growth(&city, &trend, &growth_plan(), 3);
    let expected = alone[0].trend - 1000.0;
    assert!((14.0..17.0).contains(&expected), "{expected}");
    for (arriving, extra) in [(10, 0.0), (100, 100.0 - expected)] {
        let outlook = Outlook {
            housing: vec![housing(CommunityAt(0), 2028, arriving, None)],
            ..trend.clone()
        };
        let then = projection::growth(&city, &outlook, &growth_plan(), 3);
        assert!(
            (then[0].housing - extra).abs() < 1e-9 && then[1].housing.abs() < 1e-9,
            "{then:?}"
        );
        let sum: Residents = then.iter().map(|each| each.residents).sum();
        assert_eq!(
            sum,
            alone.iter().map(|each| each.residents).sum::<Residents>(),
            "the county is held"
        );
    }
    // Where people leave, the old homes lose them and the new ones are full all the same.
    let leaving = Outlook {
        earlier: earlier(&[1100, 900]),
        ..Outlook::default()
    };
    let outlook = Outlook {
        housing: vec![housing(CommunityAt(0), 2027, 100, None)],
        ..leaving
    };
    let then = projection::growth(&city, &outlook, &growth_plan(), 3);
    assert!(
        then[0].trend < 1000.0 && (then[0].housing - 100.0).abs() < 1e-9,
        "{then:?}"
    );
}

#[test]
fn new_residents_live_at_the_place_of_their_dwellings() {
    let city = row(&[persons([30, 30, 60, 30, 30, 720, 100]), adults(1000)]);
    let outlook = Outlook {
        earlier: earlier(&[1000, 1000]),
        housing: vec![housing(
            CommunityAt(0),
            2027,
            200,
            Some(point(&city, "new0")),
        )],
        controls: vec![control(2027, 2200)],
        ..Outlook::default()
    };
    let growth = projection::growth(&city, &outlook, &growth_plan(), 1);
    let then = projection::project(&city, &outlook, &growth_plan(), &growth);
    let at = |id: &str| then.residents()[point(&city, id)];
    // 200 of the ages of their community; the others are as they were.
    assert_eq!(at("new0"), persons([6, 6, 12, 6, 6, 144, 20]));
    assert_eq!(
        [at("home0"), at("home1")],
        [persons([30, 30, 60, 30, 30, 720, 100]), adults(1000)]
    );
}

#[test]
fn dwellings_where_nobody_lives_bring_the_ages_of_the_city() {
    let city = row(&[Ages::default(), persons([0, 0, 0, 0, 0, 300, 100])]);
    let homes = vec![housing(
        CommunityAt(0),
        2027,
        100,
        Some(point(&city, "new0")),
    )];
    let outlook = Outlook {
        housing: homes,
        controls: vec![control(2027, 500)],
        ..Outlook::default()
    };
    let growth = projection::growth(&city, &outlook, &growth_plan(), 1);
    let then = projection::project(&city, &outlook, &growth_plan(), &growth);
    assert_eq!(
        then.residents()[point(&city, "new0")],
        persons([0, 0, 0, 0, 0, 75, 25])
    );
    // Without a place there, nobody can come.
    let nowhere = Outlook {
        housing: vec![housing(CommunityAt(0), 2027, 100, None)],
        ..Outlook::default()
    };
    near(&residents(&city, &nowhere, 1), &[0.0, 400.0]);
    // A city of new dwellings only: of working age, as nothing else is known.
    let city = row(&[Ages::default()]);
    let homes = vec![housing(
        CommunityAt(0),
        2027,
        100,
        Some(point(&city, "new0")),
    )];
    let outlook = Outlook {
        housing: homes,
        controls: vec![control(2027, 120)],
        aged: true,
        ..Outlook::default()
    };
    let growth = projection::growth(&city, &outlook, &growth_plan(), 2);
    let then = projection::project(&city, &outlook, &growth_plan(), &growth);
    assert_eq!(then.residents()[point(&city, "new0")], adults(120));
}

#[test]
fn a_county_of_nobody_has_whom_its_dwellings_hold_until_its_first_total() {
    let city = row(&[Ages::default(), Ages::default()]);
    let home = |at: u32, year, persons| {
        housing(
            CommunityAt(at),
            year,
            persons,
            Some(point(&city, &format!("new{at}"))),
        )
    };
    let homes = vec![home(0, 2027, 100), home(1, 2028, 300)];
    let outlook = Outlook {
        housing: homes,
        controls: vec![control(2029, 350)],
        ..Outlook::default()
    };
    near(&residents(&city, &outlook, 1), &[100.0, 0.0]);
    // Never more than the total: 350 of the 400 for whom there is room.
    near(&residents(&city, &outlook, 2), &[87.5, 262.5]);
    near(&residents(&city, &outlook, 3), &[87.5, 262.5]);
}

#[test]
fn where_nobody_lived_before_people_grow_older_as_if_nothing_were_known() {
    let city = row(&[persons([30, 30, 60, 30, 30, 720, 100])]);
    let ages = |ages: Option<fuwutu_core::quantity::ByAge>| {
        let earlier = Earlier {
            year: 2016,
            residents: whole(&[0]),
            ages: vec![ages],
        };
        let outlook = Outlook {
            aged: true,
            earlier: Some(earlier),
            ..Outlook::default()
        };
        projection::growth(&city, &outlook, &growth_plan(), 3)[0].ages
    };
    assert_eq!(ages(Some(Default::default())), ages(None));
}

#[test]
fn controls_hold_in_their_years_and_grow_evenly_between() {
    let city = row(&[adults(1500), adults(500)]);
    let outlook = Outlook {
        controls: vec![control(2028, 2420), control(2030, 2420)],
        earlier: earlier(&[1500, 500]),
        ..Outlook::default()
    };
    // √(2,000 × 2,420) = 2,200.
    for (years, total) in [
        (0, 2000.0),
        (1, 2200.0),
        (2, 2420.0),
        (3, 2420.0),
        (4, 2420.0),
    ] {
        near(
            &residents(&city, &outlook, years),
            &[total * 0.75, total * 0.25],
        );
    }
    // After the last one as the trend has it.
    let shrinking = Outlook {
        earlier: earlier(&[1650, 550]),
        controls: vec![control(2027, 1000)],
        ..Outlook::default()
    };
    let trend = Outlook {
        controls: Vec::new(),
        ..shrinking.clone()
    };
    let sum = |outlook: &Outlook, years: u32| residents(&city, outlook, years).iter().sum::<f64>();
    near(
        &[sum(&shrinking, 3)],
        &[1000.0 * sum(&trend, 3) / sum(&trend, 1)],
    );
}

#[test]
fn children_of_three_are_six_three_years_on() {
    let city = row(&[persons([0, 90, 0, 0, 0, 0, 0]), adults(420)]);
    let plan = GrowthPlan {
        deaths_60_plus: 0.0,
        ..growth_plan()
    };
    let outlook = Outlook {
        aged: true,
        ..Outlook::default()
    };
    let years = |plan: &GrowthPlan, years: u32| {
        let growth = projection::growth(&city, &outlook, plan, years);
        (growth[0].ages, growth[1].ages)
    };
    let persons = |bands: [u64; 7]| bands.map(Residents::whole);
    // Of 42 ages of 10 each, three have turned 60.
    let then = (
        persons([0, 0, 90, 0, 0, 0, 0]),
        persons([0, 0, 0, 0, 0, 390, 30]),
    );
    assert_eq!(years(&plan, 3), then);
    assert_eq!(years(&plan, 1).0, persons([0, 60, 30, 0, 0, 0, 0]));
    // Kept, they stay what they were.
    let kept = GrowthPlan {
        ages: Some(AgeRule::Keep),
        ..plan
    };
    assert_eq!(
        years(&kept, 3),
        (
            persons([0, 90, 0, 0, 0, 0, 0]),
            persons([0, 0, 0, 0, 0, 420, 0])
        )
    );
}

#[test]
fn boarders_do_not_all_become_parents() {
    // Two children of three adults, and 300 boarders; elsewhere 42 children of 420 adults.
    let city = row(&[
        persons([2, 0, 0, 0, 300, 3, 0]),
        persons([42, 0, 0, 0, 0, 420, 0]),
    ]);
    let outlook = Outlook {
        aged: true,
        ..Outlook::default()
    };
    let then = projection::growth(&city, &outlook, &growth_plan(), 3);
    // 44/423 in the city, twice that at most: 63 of some 303, and not 2/3 of them.
    let [children, adults] = [then[0].ages[0], then[0].ages[5]].map(Residents::persons);
    assert!(
        (children / adults - 2.0 * 44.0 / 423.0).abs() < 1e-4,
        "{children} {adults}"
    );
}

#[test]
fn ages_follow_no_further_than_the_input_bears() {
    let plan = growth_plan();
    let aged_earlier = |ages| {
        Some(Earlier {
            year: 2016,
            residents: whole(&[100]),
            ages,
        })
    };
    let with = |aged, earlier| Outlook {
        aged,
        earlier,
        ..Outlook::default()
    };
    let ages = vec![Some([100, 0, 0, 0, 0, 0, 0].map(Residents::whole))];
    let rule = |outlook: &Outlook, ages| age_rule(outlook, &GrowthPlan { ages, ..plan });
    let none = with(false, aged_earlier(ages.clone()));
    let base = with(true, aged_earlier(Vec::new()));
    let both = with(true, aged_earlier(ages));
    assert_eq!(
        [&none, &base, &both].map(|each| rule(each, None)),
        [AgeRule::Keep, AgeRule::Advance, AgeRule::Cohorts]
    );
    assert_eq!(
        [&none, &base, &both].map(|each| rule(each, Some(AgeRule::Advance))),
        [AgeRule::Keep, AgeRule::Advance, AgeRule::Advance]
    );
    assert!(Outlook::default().is_still(&plan) && !base.is_still(&plan));
}

#[test]
fn cohorts_that_people_moved_into_keep_being_moved_into() {
    // Ten years ago 100 children of 0 to 2 and 1,200 adults; now 200 of 10 to 12 and as many adults as growing older alone
    // gives: 32/42 of 1,200, and nobody had been 8 to 17.
    let stayed = 1200 * 32 / 42;
    let city = row(&[persons([0, 0, 133, 67, 0, stayed, 286])]);
    let then = [100, 0, 0, 0, 0, 1200, 0].map(Residents::whole);
    let earlier = Earlier {
        year: 2016,
        residents: whole(&[1300]),
        ages: vec![Some(then)],
    };
    let outlook = Outlook {
        aged: true,
        earlier: Some(earlier),
        ..Outlook::default()
    };
    let growth = projection::growth(&city, &outlook, &growth_plan(), 3);
    let share = |band: usize| growth[0].ages[band].persons() / growth[0].residents.persons();
    // Those of 12 to 14: 67 now are 15 to 17 then. Over ten years the ratio of 15 to 17 is 1 (nobody came from 5 to 7), that of
    // 12 to 14 is 67 ÷ (100 of 3) = 2.01. By the table of three years ago on the line between the dates, half of 93.1 have
    // become 67, and 46.9 have become nobody. Of 1,400 each, the tables differ by 972.0, and the later from the earlier one
    // grown older by 150.9.
    let still = 150.87 / (972.0 + 150.87);
    let [of_67, of_66] = [
        1.0 - still,
        still * 67.0 / 46.55 + (1.0 - still) * 2.01_f64.powf(0.3),
    ];
    let wanted = 66.5 * of_66 / (67.0 * of_67);
    assert!(
        (share(3) / share(4) - wanted).abs() < 0.01,
        "{} {wanted}",
        share(3) / share(4)
    );
}

/// Knuth's linear congruential generator: numbers below `most`.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

#[test]
fn equal_tables_of_ages_stay_equal_whatever_lies_between_the_dates() {
    let plan = growth_plan();
    let mut chance = Chance(14);
    for round in 0..100 {
        // Ten communities: towns and villages, campuses, homes, and tables with any bands empty.
        let tables: Vec<Ages> = (0..10)
            .map(|kind| {
                let bands: [u32; 7] = std::array::from_fn(|band| {
                    let usual = [300, 300, 600, 300, 300, 4200, 1000][band];
                    let most = match (kind % 5, band) {
                        (0, 5) => 50_000,
                        (1, 6) | (2, 4) => 9_000,
                        (3, _) if chance.below(2) == 0 => 1,
                        _ => usual,
                    };
                    chance.below(most) as u32
                });
                let ages = persons(bands);
                if ages.total().0 == 0 {
                    adults(500)
                } else {
                    ages
                }
            })
            .collect();
        let city = row(&tables);
        let now = ages_of(&city);
        for gap in 1..=12 {
            let outlook = Outlook {
                aged: true,
                earlier: Some(Earlier {
                    year: YEAR - gap,
                    residents: city.community_residents().into_iter().map(Some).collect(),
                    ages: now.iter().copied().map(Some).collect(),
                }),
                ..Outlook::default()
            };
            for years in [1, 3, 10, 13] {
                let growth = projection::growth(&city, &outlook, &plan, years);
                let then: Vec<_> = growth.iter().map(|each| each.ages).collect();
                let off = |(now, then): (&Residents, &Residents)| now.0.abs_diff(then.0);
                let pairs = now.iter().flatten().zip(then.iter().flatten());
                // A thousandth of a person is what rounding may leave.
                let most = pairs.map(off).max().unwrap();
                assert!(
                    most <= 1,
                    "{round}: {years} years on, {gap} between: {now:?} {then:?}"
                );
            }
        }
    }
}

#[test]
fn a_campus_that_nearly_stayed_as_it_was_keeps_its_ages() {
    // 0.5 % of 60 and over six years ago and 0.6 % now, beside a town that did not change.
    let town = persons([266, 266, 531, 266, 458, 6413, 1800]);
    let city = row(&[persons([266, 266, 531, 266, 458, 8153, 60]), town]);
    let mut then = ages_of(&city);
    then[0][5] = Residents::whole(8163);
    then[0][6] = Residents::whole(50);
    let outlook = Outlook {
        aged: true,
        earlier: Some(Earlier {
            year: 2020,
            residents: whole(&[10_000, 10_000]),
            ages: then.into_iter().map(Some).collect(),
        }),
        ..Outlook::default()
    };
    let growth = projection::growth(&city, &outlook, &growth_plan(), 3);
    let old = growth[0].ages[6].persons();
    assert!((60.0..70.0).contains(&old), "{old}");
    // It is said of the campus that its ages are unlike the city's, and of nobody else.
    let special = projection::special(&city, &growth_plan());
    assert_eq!(special.len(), 1);
    assert_eq!((special[0].community.index(), special[0].band), (0, 6));
    assert!((special[0].share - 0.006).abs() < 1e-9 && (special[0].of_city - 0.093).abs() < 1e-9);
}

#[test]
fn the_band_is_wider_for_later_smaller_and_faster_growing_places() {
    let width = |people: u32, before: u64, years: u32| {
        let city = row(&[adults(people)]);
        let outlook = Outlook {
            earlier: earlier(&[before]),
            ..Outlook::default()
        };
        let each = projection::growth(&city, &outlook, &growth_plan(), years)[0];
        each.high.persons() / each.residents.persons() - 1.0
    };
    // 1 % a year in a place of 10,000 that does not grow; twice that in one of a quarter of the size.
    near(
        &[
            width(10_000, 10_000, 3),
            width(2_500, 2_500, 3),
            width(10_000, 10_000, 6),
        ],
        &[0.03, 0.06, 0.06],
    );
    assert!(width(10_000, 7_000, 3) > 0.033 && width(10_000, 13_000, 3) > 0.033);
    assert!(width(10_000, 10_000, 0).abs() < 1e-12);
}

#[test]
fn methods_are_tried_on_the_last_of_three_dates() {
    let city = row(&[adults(10_000), adults(5_000), adults(50), adults(700)]);
    let observed = Observed {
        year: 2029,
        residents: vec![whole(&[10_600])[0], whole(&[5_000])[0], None, None],
    };
    let before = earlier(&[8_000, 5_000, 40, 700]).unwrap();
    let tried = backtest(&city, &before, &observed, &growth_plan()).unwrap();
    assert_eq!(tried.years, [2016, 2026, 2029]);
    let of = |method| {
        tried
            .errors
            .iter()
            .find(|each| each.method == method && each.size.is_none())
            .unwrap()
    };
    // Linear: 10,600 and 5,000. No change: 600 too few of 10,600, and none of 5,000.
    let (linear, constant) = (of(Method::Linear), of(Method::Constant));
    near(
        &[
            linear.mean,
            linear.absolute.unwrap(),
            linear.weighted.unwrap(),
        ],
        &[0.0, 0.0, 0.0],
    );
    near(
        &[
            constant.mean,
            constant.absolute.unwrap() * 1e3,
            constant.weighted.unwrap() * 1e3,
        ],
        &[-300.0, 600.0 / 10.6 / 2.0, 600.0 / 15.6],
    );
    // Geometric: 10,000 × 1.25^0.3 = 10,692.3.
    near(
        &[of(Method::Geometric).mean],
        &[(10_000.0 * 1.25_f64.powf(0.3) - 10_600.0) / 2.0],
    );
    assert_eq!(
        (of(Method::Trend).communities, of(Method::Trend).in_band),
        (2, Some(1.0))
    );
    // By size: one of 5,000 to 20,000 with both, so that all is as above.
    assert!(
        tried
            .errors
            .iter()
            .all(|each| each.size.is_none_or(|size| size == (5_000, 20_000))),
        "{tried:?}"
    );
    // A date between the others is the second, and the base is projected.
    let between = Observed {
        year: 2021,
        residents: whole(&[9_000, 5_000, 45, 700]),
    };
    let tried = backtest(&city, &before, &between, &growth_plan()).unwrap();
    assert_eq!(tried.years, [2016, 2021, 2026]);
    let linear = tried
        .errors
        .iter()
        .find(|each| each.method == Method::Linear)
        .unwrap();
    // 9,000 + 1,000 = 10,000; the tiny one does not count.
    assert!(
        linear.mean.abs() < 1e-9 && linear.communities == 3,
        "{linear:?}"
    );
    let nowhere = Observed {
        year: 2029,
        residents: vec![None; 4],
    };
    assert_eq!(backtest(&city, &before, &nowhere, &growth_plan()), None);
}

// --- laws ---

fn synthetic(seed: u64) -> Synthetic {
    let size = 1 + seed as u32 % 5;
    let spec = Spec {
        counties: size.min(3),
        townships: 2 * size,
        communities: 16 * size,
        points: 150 * size,
        facilities: 60 * size,
        area_km2: 20.0 * f64::from(size),
        ..Spec::scaled(130_000 * u64::from(size), seed)
    };
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap();
    fuwutu_synth::city(&spec, &catalogue)
}

/// A fixed sequence of numbers.
fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

/// All that may be known, with gaps: some communities without an earlier total, one of nobody then, ages for some, dwellings
/// with and without a place, a control for some counties.
fn outlook(synthetic: &Synthetic, city: &City, seed: u64) -> Outlook {
    let mut number = numbers(seed);
    let bases = city.community_residents();
    let mut then = |at: usize| match number(12) {
        0 => None,
        1 => Some(Residents::default()),
        _ => Some(Residents::whole(synthetic.earlier[at])),
    };
    let residents: Vec<Option<Residents>> = (0..bases.len()).map(&mut then).collect();
    let mut number = numbers(seed + 1);
    let by_age = |(at, ages): (usize, [Residents; 7])| {
        let factor = 50 + number(100);
        (number(9) > 0 && residents[at].is_some())
            .then(|| ages.map(|band| Residents(band.0 * factor / 100)))
    };
    let ages = ages_of(city).into_iter().enumerate().map(by_age).collect();
    let mut number = numbers(seed + 2);
    let homes = (0..20).map(|_| {
        let point = PointAt(number(city.points().len() as u64) as u32);
        let community = city.point(point).community;
        let placed = number(2) == 0;
        housing(
            community,
            YEAR + 1 + number(5) as i32,
            number(3_000),
            placed.then_some(point),
        )
    });
    let housing: Vec<Housing> = homes.collect();
    let mut counties: BTreeMap<&str, Residents> = BTreeMap::new();
    for (community, base) in city.communities().iter().zip(&bases) {
        *counties
            .entry(city.townships()[community.township].county())
            .or_default() += *base;
    }
    let mut number = numbers(seed + 3);
    let mut controls = Vec::new();
    for (county, base) in counties {
        for year in [2028, 2031] {
            if number(3) > 0 {
                let residents = Residents(base.0 * (80 + number(60)) / 100);
                controls.push(Control {
                    county: county.to_owned(),
                    year,
                    residents,
                });
            }
        }
    }
    let earlier = Earlier {
        year: synthetic.earlier_year,
        residents,
        ages,
    };
    Outlook {
        aged: true,
        earlier: Some(earlier),
        controls,
        housing,
        observed: None,
    }
}

/// Plans of every rule of ages and variant.
fn plans() -> Vec<GrowthPlan> {
    let rules = [AgeRule::Keep, AgeRule::Advance, AgeRule::Cohorts];
    let variants = [Variant::Low, Variant::Middle, Variant::High];
    let of = |ages| {
        variants.map(|variant| GrowthPlan {
            ages: Some(ages),
            variant,
            ..growth_plan()
        })
    };
    rules.into_iter().flat_map(of).collect()
}

fn by_county(city: &City, growth: &[Projected]) -> BTreeMap<String, Residents> {
    let mut sums = BTreeMap::new();
    for each in growth {
        let township = city.communities()[each.community].township;
        *sums
            .entry(city.townships()[township].county().to_owned())
            .or_default() += each.residents;
    }
    sums
}

#[test]
fn parts_components_bands_and_controls_add_up_in_every_year() {
    for seed in 0..12 {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let outlook = outlook(&synthetic, &city, seed);
        for plan in plans() {
            for years in [0, 1, 2, 3, 5, 10] {
                let at = format!("seed {seed}, {years} years, {plan:?}");
                let growth = projection::growth(&city, &outlook, &plan, years);
                let then = projection::project(&city, &outlook, &plan, &growth);
                assert_eq!(then.year(), YEAR + years as i32, "{at}");
                let by_age: Vec<[Residents; 7]> = growth.iter().map(|each| each.ages).collect();
                assert_eq!(
                    ages_of(&then),
                    by_age,
                    "{at}: demand points add up to communities, age by age"
                );
                for each in &growth {
                    assert_eq!(
                        each.ages.iter().copied().sum::<Residents>(),
                        each.of(plan.variant),
                        "{at}: ages"
                    );
                    assert!(
                        each.low <= each.residents && each.residents <= each.high,
                        "{at}: {each:?}"
                    );
                    let sum = (each.trend + each.housing) * each.control;
                    assert!(
                        (sum - each.residents.persons()).abs() < 0.002,
                        "{at}: {each:?}"
                    );
                    assert!(each.housing >= 0.0 && each.trend >= 0.0, "{at}: {each:?}");
                }
                let sums = by_county(&city, &growth);
                for control in outlook
                    .controls
                    .iter()
                    .filter(|each| each.year == YEAR + years as i32)
                {
                    assert_eq!(sums[&control.county], control.residents, "{at}");
                }
                if years == 0 {
                    assert_eq!(then.residents(), city.residents(), "{at}");
                    assert!(growth.iter().all(|each| each.low == each.high), "{at}");
                }
            }
        }
    }
}

#[test]
fn the_order_of_dwellings_does_not_matter() {
    for seed in 0..5 {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let outlook = outlook(&synthetic, &city, seed);
        let mut turned = outlook.clone();
        turned.housing.reverse();
        let run = |outlook: &Outlook| {
            let growth = projection::growth(&city, outlook, &growth_plan(), 3);
            let then = projection::project(&city, outlook, &growth_plan(), &growth);
            (growth, then.residents().to_vec())
        };
        assert_eq!(run(&outlook), run(&turned), "seed {seed}");
    }
}

#[test]
fn three_times_the_people_are_three_times_as_many_later() {
    let plan = GrowthPlan {
        tiny: 0,
        ..growth_plan()
    };
    for seed in 0..5 {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let outlook = outlook(&synthetic, &city, seed);
        let three = |residents: Residents| Residents(residents.0 * 3);
        let larger = city.with_residents(
            YEAR,
            city.residents()
                .iter()
                .map(|ages| Ages(ages.0.map(|band| 3 * band)))
                .collect(),
        );
        let mut more = outlook.clone();
        let before = more.earlier.as_mut().unwrap();
        before
            .residents
            .iter_mut()
            .for_each(|each| *each = each.map(three));
        before
            .ages
            .iter_mut()
            .for_each(|each| *each = each.map(|ages| ages.map(three)));
        more.controls
            .iter_mut()
            .for_each(|each| each.residents = three(each.residents));
        more.housing
            .iter_mut()
            .for_each(|each| each.residents = three(each.residents));
        let small = projection::growth(&city, &outlook, &plan, 3);
        let large = projection::growth(&larger, &more, &plan, 3);
        for (small, large) in small.iter().zip(&large) {
            assert!(
                large.residents.0.abs_diff(3 * small.residents.0) <= 3,
                "seed {seed}: {small:?} {large:?}"
            );
            for (small, large) in small.ages.iter().zip(large.ages) {
                assert!(
                    large.0.abs_diff(3 * small.0) <= 6,
                    "seed {seed}: {small:?} {large:?}"
                );
            }
        }
    }
}

#[test]
fn a_city_in_shards_has_the_same_later_years() {
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap();
    let selected: Vec<ServiceAt> = ServiceAt::enumerate(&catalogue)
        .filter(|(_, service)| {
            ["kindergarten", "primary_school", "market"].contains(&service.id.as_str())
        })
        .map(|(at, _)| at)
        .collect();
    let services = Selection {
        catalogue: &catalogue,
        selected: &selected,
        no_data: &[],
    };
    for seed in [2, 4] {
        let synthetic = synthetic(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let outlook = outlook(&synthetic, &city, seed);
        let plan = plan();
        let straight = plan.straight(plan.paces());
        let travel = &straight as &dyn Travel;
        let whole = round::evaluate(
            &city,
            &outlook,
            services,
            &plan.core(),
            travel.into(),
            &unwatched,
        )
        .unwrap();
        let shards = shard::evaluate(
            &city,
            &outlook,
            services,
            &plan.core(),
            travel.into(),
            &unwatched,
        )
        .unwrap();
        assert_eq!(whole.projected.len(), 3 * city.communities().len());
        assert_eq!(whole.projected, shards.projected, "seed {seed}");
        assert_eq!(whole.standings, shards.standings, "seed {seed}");
        assert_eq!(whole.residents, shards.residents, "seed {seed}");
    }
}

#[test]
fn places_without_dates_are_flagged_and_grow_as_their_county() {
    let city = row(&[adults(1000), adults(1000), adults(50)]);
    let then = vec![
        Some(Residents::whole(900)),
        None,
        Some(Residents::whole(10)),
    ];
    let earlier = Some(Earlier {
        year: 2016,
        residents: then,
        ages: Vec::new(),
    });
    let growth = projection::growth(
        &city,
        &Outlook {
            earlier,
            ..Outlook::default()
        },
        &growth_plan(),
        3,
    );
    let flags: Vec<Option<GrowthFlag>> = growth.iter().map(|each| each.flag).collect();
    assert_eq!(
        flags,
        [None, Some(GrowthFlag::NoBase), Some(GrowthFlag::TinyBase)]
    );
    let rates: Vec<f64> = growth
        .iter()
        .zip([1000.0, 1000.0, 50.0])
        .map(|(each, base)| each.trend / base)
        .collect();
    near(&rates[1..], &[rates[0], rates[0]]);
}
