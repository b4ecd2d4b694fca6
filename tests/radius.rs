//! Service radii: beside coverage by minutes, and where they are what counts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use fuwutu_core::city::City;
use fuwutu_core::position::ServiceAt;
use fuwutu_core::projection::Outlook;
use fuwutu_core::quantity::Residents;
use fuwutu_core::reach::straight::{Paces, Radius, Straight};
use fuwutu_core::reach::{Travel, Travels, Way};
use fuwutu_core::round::{self, Round, Selection};
use fuwutu_core::service::{Limit, Service};
use fuwutu_core::shard;
use fuwutu_core::watch::unwatched;
use fuwutu_io::plan::{self, Plan, PlanError, TravelMode};
use fuwutu_synth::{Spec, example};

fn catalogue() -> Vec<Service> {
    plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap()
}

/// The example's service with a radius, in a grid of 5 × 5 people 250 m apart with a facility in their middle.
fn grid(radius_m: Option<u32>, travels: Travels) -> Round {
    let limit = Limit {
        radius_m,
        ..example::LIMIT
    };
    let service = Service {
        urban: Some(limit),
        rural: Some(limit),
        ..example::service()
    };
    let city = City::new(fuwutu_synth::grid(5, 250_000, &[(0, 0)])).unwrap();
    let services = Selection {
        no_data: &[],
        catalogue: &[service],
        selected: &[ServiceAt(0)],
    };
    round::evaluate(
        &city,
        &Outlook::default(),
        services,
        &example::plan(),
        travels,
        &unwatched,
    )
    .unwrap()
}

/// Within 499 m: the middle, four at 250 m and four at 354 m. At 500 m four more. 559 m away are eight, 707 m the four corners.
#[test]
fn a_facility_at_exactly_the_radius_counts_at_any_pace() {
    let slow = Straight {
        paces: Paces {
            walk: 0.1,
            ..example::STRAIGHT.paces
        },
        ..example::STRAIGHT
    };
    for (radius, covered) in [
        (249, 1),
        (250, 5),
        (499, 9),
        (500, 13),
        (559, 13),
        (560, 21),
        (708, 25),
    ] {
        for travel in [example::STRAIGHT, slow] {
            let round = grid(Some(radius), (&travel as &dyn Travel).into());
            let within = round.standings.values()[0].covered_radius;
            assert_eq!(within, Some(Residents::whole(covered)), "{radius}");
            assert_eq!(round.totals[0].covered_radius, within);
            let radii = Radius { otherwise: travel };
            let round = grid(Some(radius), (&radii as &dyn Travel).into());
            let standing = &round.standings.values()[0];
            assert_eq!(standing.covered, Residents::whole(covered), "{radius}");
            assert_eq!(standing.covered_radius, Some(standing.covered));
        }
    }
}

#[test]
fn what_is_not_known_is_no_figure() {
    let round = grid(None, (&example::STRAIGHT as &dyn Travel).into());
    assert_eq!(round.standings.values()[0].covered_radius, None);
    assert_eq!(round.totals[0].covered_radius, None);
    // Of other minutes the radius is not known either.
    let limit = Limit {
        radius_m: Some(500),
        ..example::LIMIT
    };
    assert_eq!(limit.with_minutes(Some(10)).radius_m, Some(500));
    assert_eq!(limit.with_minutes(Some(15)).radius_m, None);
}

fn city(seed: u64) -> City {
    let spec = Spec {
        counties: 3,
        townships: 6,
        communities: 40,
        points: 500,
        facilities: 200,
        area_km2: 60.0,
        ..Spec::scaled(300_000, seed)
    };
    City::new(fuwutu_synth::city(&spec, &catalogue()).records).unwrap()
}

/// Services whose limits all have a radius.
fn known(catalogue: &[Service]) -> Vec<ServiceAt> {
    let known = ServiceAt::enumerate(catalogue).filter(|(_, service)| {
        let limits = [service.urban, service.rural].into_iter().flatten();
        limits.clone().count() > 0 && { limits }.all(|limit| limit.radius_m.is_some())
    });
    known.map(|(at, _)| at).collect()
}

#[test]
fn the_radius_beside_minutes_is_that_which_counts_and_the_same_in_shards() {
    const STRAIGHT: Straight = Straight {
        detour: 1.3,
        paces: Paces {
            walk: 1.1,
            ebike: 4.2,
            car_bus: 8.0,
        },
    };
    let catalogue = catalogue();
    let selected = known(&catalogue);
    let services = Selection {
        no_data: &[],
        catalogue: &catalogue,
        selected: &selected,
    };
    let mut plan = example::plan();
    plan.units.cap = 100_000;
    plan.horizon = 1;
    for seed in 0..4 {
        let city = city(seed);
        let radii = Radius {
            otherwise: STRAIGHT,
        };
        let run = |travel: &dyn Travel, by_county: bool| {
            let evaluate = if by_county {
                shard::evaluate
            } else {
                round::evaluate
            };
            let travels = Travels {
                usual: Way {
                    travel,
                    beside: None,
                },
                slow: None,
            };
            evaluate(
                &city,
                &Outlook::default(),
                services,
                &plan,
                travels,
                &unwatched,
            )
            .unwrap()
        };
        let (beside, counts) = (run(&STRAIGHT, false), run(&radii, false));
        let mut more = 0;
        for (beside, counts) in beside.standings.iter().zip(&counts.standings) {
            assert_eq!(beside.covered_radius, Some(counts.covered), "seed {seed}");
            assert_eq!(counts.covered_radius, Some(counts.covered), "seed {seed}");
            more += u32::from(counts.covered > beside.covered);
        }
        assert!(more > 0, "seed {seed}: 1,000 m are more than 762 m");
        for travel in [&STRAIGHT as &dyn Travel, &radii] {
            let (whole, parts) = (run(travel, false), run(travel, true));
            assert_eq!(whole.standings, parts.standings, "seed {seed}");
            assert_eq!(whole.completeness, parts.completeness, "seed {seed}");
        }
    }
}

#[test]
fn a_plan_of_radii_names_the_services_that_have_none() {
    let text = "[round]\nname = \"r\"\nbase_year = 2026\n[travel]\nmode = \"radius\"\n[inputs]\ncrs = \"EPSG:4490\"\n\
                townships = { path = \"t\" }\ncommunities = { path = \"c\" }\npopulation = { path = \"p\" }\nfacilities = [{ path = \"f\" }]\n";
    let mut plan = Plan::parse(text, Path::new("plan.toml")).unwrap();
    assert_eq!(plan.travel.mode, TravelMode::Radius);
    assert!(plan.core().ranking.certainty.pace.abs() < 1e-12);
    let refused = |plan: &Plan| match plan::catalogue(&mut plan.clone(), Path::new("plan.toml")) {
        Err(PlanError::NoRadius { services, .. }) => services,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(&plan),
        "elderly_home, county_elderly_inst, county_hospital_hub, public_parking"
    );
    plan.services.select = Some(vec!["market".to_owned(), "kindergarten".to_owned()]);
    assert!(plan::catalogue(&mut plan, Path::new("plan.toml")).is_ok());
    // Radii belong to their minutes.
    plan.services.minutes = Some(15);
    assert_eq!(refused(&plan), "kindergarten, market");
}
