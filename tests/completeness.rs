//! How many services residents have in reach: theory, a twin that looks at one resident after the other, and laws.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use fuwutu_core::city::{City, Class, Facility, Offer};
use fuwutu_core::completeness::{Basket, Completeness, WAYS, Within};
use fuwutu_core::position::{PointAt, ServiceAt, UnitAt, YearAt};
use fuwutu_core::projection::{Earlier, Outlook};
use fuwutu_core::quantity::{AGE_BANDS, Point, Residents};
use fuwutu_core::reach::straight::{Paces, Straight};
use fuwutu_core::reach::{Travel, Travels, Way};
use fuwutu_core::round::{self, Plan, Round, Selection};
use fuwutu_core::service::{Basis, Limit, Mode, Service, Target, Tier};
use fuwutu_core::shard;
use fuwutu_core::watch::unwatched;
use fuwutu_io::plan;
use fuwutu_synth::example;
use fuwutu_synth::{Spec, Synthetic};

const USUAL: Straight = Straight {
    detour: 1.3,
    paces: Paces {
        walk: 1.1,
        ebike: 4.0,
        car_bus: 8.0,
    },
};

/// Children under 6 and people from 60 on.
const SLOW: Straight = Straight {
    detour: 1.3,
    paces: Paces {
        walk: 0.7,
        ebike: 3.0,
        car_bus: 8.0,
    },
};

fn travels(with_slow: bool) -> Travels<'static> {
    let way = |travel: &'static Straight| Way {
        travel: travel as &dyn Travel,
        beside: None,
    };
    Travels {
        usual: way(&USUAL),
        slow: with_slow.then(|| way(&SLOW)),
    }
}

fn catalogue() -> Vec<Service> {
    plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap()
}

fn synthetic(seed: u64) -> Synthetic {
    let size = 1 + seed as u32 % 4;
    let spec = Spec {
        counties: size.min(3),
        townships: 2 * size,
        communities: 12 * size,
        points: 130 * size,
        facilities: 80 * size,
        area_km2: 15.0 * f64::from(size),
        ..Spec::scaled(120_000 * u64::from(size), seed)
    };
    fuwutu_synth::city(&spec, &catalogue())
}

/// Growth since ten years ago, so that other people live there in later years.
fn outlook(synthetic: &Synthetic) -> Outlook {
    let residents = synthetic.earlier.iter();
    Outlook {
        earlier: Some(Earlier {
            year: synthetic.earlier_year,
            residents: residents
                .map(|&persons| Some(Residents::whole(persons)))
                .collect(),
            ages: Vec::new(),
        }),
        ..Outlook::default()
    }
}

/// A few years ahead, in units of a city's size.
fn ahead(horizon: u32) -> Plan {
    let mut plan = Plan {
        horizon,
        ..example::plan()
    };
    plan.units.cap = 100_000;
    plan
}

/// Some of the catalogue, by chance of the seed; all of them for seed 0.
fn some(catalogue: &[Service], seed: u64) -> Vec<ServiceAt> {
    let number = |at: usize| (at as u64 * 7 + seed * 13) % 5;
    let chosen = (0..catalogue.len()).filter(|&at| seed == 0 || number(at) < 3);
    chosen.map(ServiceAt::new).collect()
}

/// By what was evaluated, unit by unit, looking at one point and age band after the other.
struct Twin<'a> {
    years: Vec<City>,
    catalogue: &'a [Service],
    selected: &'a [ServiceAt],
    with_slow: bool,
}

impl Twin<'_> {
    fn within(
        &self,
        (year, point, band): (usize, PointAt, usize),
        limit: Limit,
        at: ServiceAt,
    ) -> bool {
        let city = &self.years[year];
        let is_slow = self.with_slow && (band < 2 || band == AGE_BANDS.len() - 1);
        let travel = if is_slow { SLOW } else { USUAL };
        let offers = |facility: &&Facility| {
            facility.open(city.year()) && facility.offers.iter().any(|offer| offer.service == at)
        };
        let mut open = city.facilities().iter().filter(offers);
        open.any(|facility| {
            let length = facility.at.distance(city.points()[point].at).round();
            let time = (length * (travel.detour / travel.paces.of(limit.mode))).round();
            time <= f64::from(limit.minutes) * 60_000.0
        })
    }

    fn add(&self, sum: &mut Completeness, at: (usize, PointAt, usize), way: (Within, Basket)) {
        let (year, point, band) = at;
        let city = &self.years[year];
        let people = Residents(u64::from(city.residents()[point].0[band]));
        let class = city.community(city.points()[point].community).class;
        let (mut counted, mut lacking) = (0, Vec::new());
        for (nth, &service_at) in self.selected.iter().enumerate() {
            let service = &self.catalogue[service_at];
            let limit = match class {
                Class::Urban => service.urban,
                Class::Rural => service.rural,
            };
            let asked = way.1 == Basket::Selected || service.tier == Tier::Basic;
            let is_own = service.norm.basis != Basis::SupplyOnly;
            let Some(limit) = limit.filter(|_| asked && is_own && service.target.bands()[band])
            else {
                continue;
            };
            let limit = match way.0 {
                Within::OwnLimit => limit,
                Within::QuarterHour => Limit {
                    mode: Mode::Walk,
                    minutes: 15,
                    radius_m: None,
                },
            };
            counted += 1;
            if !self.within(at, limit, service_at) {
                lacking.push(nth);
            }
        }
        if counted == 0 || people.0 == 0 {
            return;
        }
        sum.asked[band] += people;
        sum.pairs += counted * people.0;
        sum.lacking[lacking.len()] += people;
        match lacking[..] {
            [] => sum.complete[band] += people,
            [nth] => sum.lacking_only[nth] += people,
            _ => {}
        }
    }
}

fn rounds(seed: u64) -> (Synthetic, Vec<Service>, Vec<ServiceAt>, Plan) {
    let catalogue = catalogue();
    let selected = some(&catalogue, seed);
    (synthetic(seed), catalogue, selected, ahead(2))
}

#[test]
fn it_is_what_looking_at_one_resident_after_the_other_finds() {
    let mut lacking_one = Residents::default();
    for seed in 0..6 {
        let (synthetic, catalogue, selected, plan) = rounds(seed);
        let mut records = synthetic.records.clone();
        // Some facilities open or close later, so that years differ.
        for (nth, facility) in records.facilities.iter_mut().enumerate() {
            if nth % 3 == 0 {
                facility.opens = Some(records.year + nth as i32 % 4);
            }
            if nth % 5 == 0 {
                facility.closes = Some(records.year + 1 + nth as i32 % 3);
            }
        }
        let city = City::new(records).unwrap();
        // Nobody moves, so that the twin knows the later years.
        let (services, with_slow) = (
            Selection {
                no_data: &[],
                catalogue: &catalogue,
                selected: &selected,
            },
            seed % 2 == 1,
        );
        let round = round::evaluate(
            &city,
            &Outlook::default(),
            services,
            &plan,
            travels(with_slow),
            &unwatched,
        )
        .unwrap();
        let twin = Twin {
            years: (0..3)
                .map(|ahead| city.in_year(city.year() + ahead))
                .collect(),
            catalogue: &catalogue,
            selected: &selected,
            with_slow,
        };
        for (year, _) in round.years.iter().enumerate() {
            for (nth, &way) in WAYS.iter().enumerate() {
                let mut expected = vec![Completeness::none(selected.len()); round.units.len()];
                for (point, unit) in PointAt::enumerate(&round.of_point) {
                    for band in 0..AGE_BANDS.len() {
                        twin.add(&mut expected[unit.unwrap()], (year, point, band), way);
                    }
                }
                for (unit, expected) in UnitAt::enumerate(&expected) {
                    let found = round.complete(unit, YearAt::new(year), nth);
                    assert_eq!(found, expected, "seed {seed}, {unit:?}, {year}, {way:?}");
                }
                lacking_one += expected.iter().map(|each| each.lacking[1]).sum();
            }
        }
    }
    assert!(lacking_one.0 > 0, "somebody lacks one service only");
}

#[test]
fn shards_and_threads_find_the_same() {
    for seed in [2, 3, 7] {
        let (synthetic, catalogue, selected, plan) = rounds(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        let run = |threads: usize, by_county: bool| {
            let pool = rayon::ThreadPoolBuilder::new();
            let services = Selection {
                no_data: &[],
                catalogue: &catalogue,
                selected: &selected,
            };
            let evaluate = if by_county {
                shard::evaluate
            } else {
                round::evaluate
            };
            pool.num_threads(threads).build().unwrap().install(|| {
                let outlook = outlook(&synthetic);
                evaluate(&city, &outlook, services, &plan, travels(true), &unwatched).unwrap()
            })
        };
        let one = run(1, false).completeness;
        assert!(one.iter().any(|each| each.residents().0 > 0), "seed {seed}");
        assert_eq!(one, run(4, false).completeness, "seed {seed}: 4 threads");
        assert_eq!(one, run(2, true).completeness, "seed {seed}: by county");
    }
}

fn evaluated(city: &City, catalogue: &[Service], selected: &[ServiceAt], horizon: u32) -> Round {
    let services = Selection {
        no_data: &[],
        catalogue,
        selected,
    };
    let plan = ahead(horizon);
    round::evaluate(
        city,
        &Outlook::default(),
        services,
        &plan,
        travels(false),
        &unwatched,
    )
    .unwrap()
}

#[test]
fn a_service_of_which_nothing_is_known_counts_for_nobody() {
    for seed in 0..4 {
        let (synthetic, catalogue, selected, _) = rounds(seed);
        let city = City::new(synthetic.records.clone()).unwrap();
        // The second of them has no data; then it is not selected.
        let no_data = [selected[1]];
        let without: Vec<ServiceAt> = selected
            .iter()
            .copied()
            .filter(|at| *at != selected[1])
            .collect();
        let [unknown, left_out] =
            [(&selected, &no_data[..]), (&without, &[])].map(|(selected, no_data)| {
                let services = Selection {
                    no_data,
                    catalogue: &catalogue,
                    selected,
                };
                let (outlook, plan) = (Outlook::default(), ahead(1));
                round::evaluate(&city, &outlook, services, &plan, travels(false), &unwatched)
                    .unwrap()
            });
        for (unknown, left_out) in unknown.completeness.iter().zip(&left_out.completeness) {
            assert_eq!(
                (unknown.asked, unknown.complete, unknown.pairs),
                (left_out.asked, left_out.complete, left_out.pairs),
                "seed {seed}"
            );
            let (lacked, other) = (unknown.lacked_most(), left_out.lacked_most());
            assert_eq!(
                lacked.map(|(nth, people)| (selected[nth], people)),
                other.map(|(nth, people)| (without[nth], people)),
                "seed {seed}"
            );
        }
    }
}

#[test]
fn one_more_facility_never_takes_a_service_away() {
    for seed in 0..8 {
        let (synthetic, catalogue, selected, _) = rounds(seed);
        let mut records = synthetic.records;
        let before = evaluated(
            &City::new(records.clone()).unwrap(),
            &catalogue,
            &selected,
            0,
        );
        let mut more = records.facilities[seed as usize].clone();
        more.id = "one-more".into();
        more.at = records.points[records.points.len() / 2].0.at;
        records.facilities.push(more);
        let after = evaluated(&City::new(records).unwrap(), &catalogue, &selected, 0);
        for (before, after) in before.completeness.iter().zip(&after.completeness) {
            assert_eq!(before.asked, after.asked, "seed {seed}");
            assert!(before.share() <= after.share() && before.mean() <= after.mean());
            let fewer = (0..before.lacking.len()).all(|count| {
                let at_most = |all: &[Residents]| all[..=count].iter().copied().sum::<Residents>();
                at_most(&before.lacking) <= at_most(&after.lacking)
            });
            assert!(fewer, "seed {seed}");
        }
    }
}

#[test]
fn who_has_all_has_all_basic_ones_and_everybody_is_counted_once() {
    for seed in 0..8 {
        let (synthetic, catalogue, selected, _) = rounds(seed);
        let city = City::new(synthetic.records).unwrap();
        let round = evaluated(&city, &catalogue, &selected, 1);
        for ways in round.completeness.chunks(WAYS.len()) {
            for within in ways.chunks(2) {
                let [basic, all] = within else { unreachable!() };
                assert!(all.lacking[0] <= all.residents() && basic.residents() <= all.residents());
                // Those for whom no basic service counts lack none.
                let none = all.residents() - basic.residents();
                assert!(all.lacking[0] <= basic.lacking[0] + none, "seed {seed}");
            }
            for each in ways {
                assert_eq!(
                    each.lacking.iter().copied().sum::<Residents>(),
                    each.residents()
                );
                assert_eq!(
                    each.complete.iter().copied().sum::<Residents>(),
                    each.lacking[0]
                );
                assert_eq!(
                    each.lacking_only.iter().copied().sum::<Residents>(),
                    each.lacking[1]
                );
                assert!(
                    each.mean() >= each.share(),
                    "the average has no less than the share with all"
                );
            }
        }
    }
}

#[test]
fn of_one_service_it_is_coverage() {
    let catalogue = catalogue();
    let city = City::new(synthetic(3).records).unwrap();
    for at in (0..catalogue.len()).map(ServiceAt::new) {
        let service = &catalogue[at];
        if service.norm.basis == Basis::SupplyOnly {
            continue;
        }
        let round = evaluated(&city, &catalogue, &[at], 1);
        for standing in &round.standings {
            let year = YearAt::new((standing.year - round.years[0]) as usize);
            let own = round.complete(standing.unit, year, 1);
            assert_eq!(own.share(), standing.coverage(), "{}", service.id);
            assert_eq!(own.residents(), standing.target, "{}", service.id);
            assert_eq!(own.lacking_only[0], standing.target - standing.covered);
            assert_eq!(own.mean(), own.share());
        }
    }
}

/// Nine people 500 m apart walk 1 m a second. A library in their middle is in reach of five within ten minutes and of all nine
/// within fifteen (707 m); a pool at a corner, which only adults may use, is in reach of three within ten minutes (the corner and
/// its two neighbours) and of four within fifteen (with the middle, 707 m; the next ones are 1,000 m away).
#[test]
fn nine_people_two_services() {
    let mut records = fuwutu_synth::grid(3, 500_000, &[(0, 0), (1, 1)]);
    records.facilities[1].offers = vec![Offer {
        service: ServiceAt(1),
        capacity: Some(1.0),
        size: None,
        public: None,
    }];
    // Nobody else is a child but the one in the middle.
    let middle = records
        .points
        .iter()
        .position(|(point, _)| point.at == Point { x: 0, y: 0 });
    records.points[middle.unwrap()].1.0 = [0, 0, 1000, 0, 0, 0, 0];
    let pool = Service {
        id: "pool".into(),
        tier: Tier::Improved,
        target: Target::try_from("18-60".to_owned()).unwrap(),
        ..example::service()
    };
    let catalogue = [example::service(), pool];
    let services = Selection {
        no_data: &[],
        catalogue: &catalogue,
        selected: &[ServiceAt(0), ServiceAt(1)],
    };
    let city = City::new(records).unwrap();
    let travels = (&example::STRAIGHT as &dyn Travel).into();
    let round = round::evaluate(
        &city,
        &Outlook::default(),
        services,
        &example::plan(),
        travels,
        &unwatched,
    )
    .unwrap();
    let whole = |people: [u64; 3]| people.map(Residents::whole).to_vec();
    let found: Vec<_> = (0..WAYS.len())
        .map(|way| round.complete(UnitAt(0), YearAt(0), way))
        .collect();
    // Within the own limits: the library alone.
    assert_eq!(found[0].lacking, whole([5, 4, 0]));
    // With the pool: the two beside the corner and the child have all that counts for them, the corner lacks the library, the
    // other two beside the middle lack the pool, and three corners lack both.
    assert_eq!(found[1].lacking, whole([3, 3, 3]));
    assert_eq!(found[1].lacking_only, whole([1, 2, 0])[..2]);
    assert_eq!(found[1].lacked_most(), Some((1, Residents::whole(2))));
    assert_eq!(found[1].pairs, 17_000);
    // Of 17 pairs 1 × 3 + 2 × 3 are lacked.
    assert_eq!(found[1].mean(), Some(8.0 / 17.0));
    assert_eq!(found[1].share_by_age()[2], Some(1.0));
    // Within fifteen minutes: the library for all; the pool for the corner, the two beside it, and not for five.
    assert_eq!(
        (found[2].share(), found[2].lacked_most()),
        (Some(1.0), None)
    );
    assert_eq!(found[3].lacking, whole([4, 5, 0]));
}
