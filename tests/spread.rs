//! People of whom only the community is known: where they are put, and how far coverage depends on it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fuwutu_core::city::City;
use fuwutu_core::position::{PointAt, UnitAt};
use fuwutu_core::quantity::{AGE_BANDS, Ages, Residents};
use fuwutu_core::round::Round;
use fuwutu_core::spread::Spread;
use fuwutu_io::frame::Projection;
use fuwutu_io::plan::Plan;
use fuwutu_io::read::Folder;
use fuwutu_run::{Evaluation, Extent, Job, PlanFile, Quiet};
use geo::{BoundingRect, Contains, Coord, Distance, Euclidean};

use support::{Temp, root};

/// A plan of `folder`, changed, read and evaluated in its base year.
fn evaluated(folder: &Path, change: impl Fn(&str) -> String) -> (Job, Evaluation) {
    let path = folder.join("plan.toml");
    let plan = Plan::parse(&change(&std::fs::read_to_string(&path).unwrap()), &path).unwrap();
    let job = Job::read(
        PlanFile::new(plan, &path, Folder(folder.to_owned())),
        &Quiet,
    )
    .unwrap();
    let evaluation = job.evaluate(Extent::BaseYear, &Quiet).unwrap();
    (job, evaluation)
}

/// A real city beside the project, if it is there.
fn tainan() -> Option<PathBuf> {
    let folder = root().join("../shared/data/tainan");
    let there = folder.join("plan.toml").exists();
    if !there {
        eprintln!("skipped: the real city is not at ../shared/data/tainan");
    }
    there.then_some(folder)
}

/// The plan without demand points.
fn totals(plan: &str) -> String {
    let lines = plan.lines().filter(|line| !line.starts_with("population"));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

fn spread(way: &'static str) -> impl Fn(&str) -> String {
    move |plan| format!("{}\n[people]\nspread = \"{way}\"\n", totals(plan))
}

fn by_community(city: &City) -> Vec<[u64; AGE_BANDS.len()]> {
    let mut sums = vec![[0; AGE_BANDS.len()]; city.communities().len()];
    for (point, ages) in city.points().iter().zip(city.residents()) {
        let sums = &mut sums[point.community.index()];
        sums.iter_mut()
            .zip(ages.0)
            .for_each(|(sum, band)| *sum += u64::from(band));
    }
    sums
}

#[test]
fn every_spread_has_everybody_of_each_age_on_the_land_of_their_community() {
    let temp = Temp::with_demo("spread-exact");
    let shares = [0.0282, 0.03109, 0.05104, 0.02247, 0.02427, 0.66314, 0.17977];
    let stated: BTreeMap<String, u64> = stated(&temp.0);
    let (mut counts, mut sums) = (Vec::new(), Vec::new());
    for way in ["streets", "area", "centre"] {
        let (job, _) = evaluated(&temp.0, spread(way));
        let other = &job.input.spread.as_ref().unwrap().city;
        for city in [&job.input.city, other] {
            for (at, bands) in by_community(city).into_iter().enumerate() {
                let people = Residents::whole(stated[&city.communities()[at].code]);
                let exact = Ages::split(people, &shares).unwrap();
                assert_eq!(bands, exact.0.map(u64::from), "{way}");
            }
            for point in city.points() {
                let land = &city.communities()[point.community.index()].polygon;
                // What lies within a metre of a border lies on it.
                let beyond = Euclidean.distance(&geo::Point(point.at.metres()), land);
                assert!(beyond <= 1.0, "{way}: {}", point.id);
            }
        }
        counts.push(job.input.city.points().len());
        sums.push(job.input.city.total_residents());
    }
    assert_eq!(counts[2], stated.len(), "one place a community");
    assert!(
        counts[0] > 20 * counts[2] && counts[1] > 20 * counts[2],
        "{counts:?}"
    );
    assert!(sums.iter().all(|sum| *sum == sums[0]));
}

/// A census of communities: the demo's residents and ages, added up by a plain loop over its table of demand points.
fn census(folder: &Path) -> BTreeMap<String, [u64; AGE_BANDS.len()]> {
    let path = folder.join("population.csv");
    let mut table = csv::Reader::from_path(&path).unwrap();
    let mut sums: BTreeMap<String, [u64; AGE_BANDS.len()]> = BTreeMap::new();
    for row in table.records().map(Result::unwrap) {
        let sums = sums.entry(row[1].to_owned()).or_default();
        for (sum, cell) in sums.iter_mut().zip(row.iter().skip(5)) {
            *sum += (cell.parse::<f64>().unwrap() * 1000.0).round() as u64;
        }
    }
    let mut text = String::from(
        "community,residents,age_0_2,age_3_5,age_6_11,age_12_14,age_15_17,age_18_59,age_60_plus\n",
    );
    for (code, ages) in &sums {
        let cells = [ages.iter().sum()].into_iter().chain(*ages);
        let cells = cells.map(|thousandths: u64| (thousandths as f64 / 1000.0).to_string());
        text += &format!("{code},{}\n", cells.collect::<Vec<_>>().join(","));
    }
    std::fs::write(&path, text).unwrap();
    sums
}

#[test]
fn a_population_without_places_gives_each_community_its_residents_and_their_ages() {
    let temp = Temp::with_demo("spread-census");
    let census = census(&temp.0);
    let (job, _) = evaluated(&temp.0, str::to_owned);
    let people = job.input.spread.as_ref().unwrap();
    for city in [&job.input.city, &people.city] {
        for (community, bands) in city.communities().iter().zip(by_community(city)) {
            assert_eq!(bands, census[&community.code], "{}", community.code);
        }
        assert!(city.points().len() > 20 * city.communities().len());
    }
    // Rows of parts of a community could be copies as well: they are refused, and so is what is counted in households.
    let path = temp.0.join("population.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let refused = |changed: String, kind: fuwutu_io::finding::Kind| {
        std::fs::write(&path, changed).unwrap();
        let plan = PlanFile::open(&temp.0.join("plan.toml")).unwrap();
        let Err(fuwutu_run::Error::Input(failure)) = Job::read(plan, &Quiet) else {
            panic!("read");
        };
        assert!(
            failure.findings.iter().any(|each| each.kind == kind),
            "{kind:?}"
        );
    };
    use fuwutu_io::finding::Kind;
    let last = text.lines().last().unwrap();
    refused(format!("{text}{last}\n"), Kind::CommunityTwice);
    refused(
        text.replacen("residents", "常住人口（户）", 1),
        Kind::ResidentsUnit,
    );
    std::fs::write(&path, &text).unwrap();
    // With a column of longitudes it is one of points, and the others are missed.
    std::fs::write(&path, text.replace("age_0_2", "lon")).unwrap();
    let plan = PlanFile::open(&temp.0.join("plan.toml")).unwrap();
    let Err(fuwutu_run::Error::Input(failure)) = Job::read(plan, &Quiet) else {
        panic!("read");
    };
    let missing = failure
        .findings
        .iter()
        .find(|each| each.column == "id, lat");
    assert_eq!(
        missing.unwrap().kind,
        fuwutu_io::finding::Kind::ColumnMissing
    );
}

#[test]
fn a_census_that_lacks_a_community_or_counts_in_ten_thousands_is_told() {
    let temp = Temp::with_demo("spread-lacks");
    let census = census(&temp.0);
    let path = temp.0.join("population.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let told = |kind: &str| {
        let (job, _) = evaluated(&temp.0, str::to_owned);
        let findings = job.input.findings.iter();
        let mut told = findings.filter(|each| each.kind.code() == kind);
        told.next()
            .map(|each| (each.id.clone(), each.value.clone()))
    };
    assert_eq!(
        (told("community_unlisted"), told("people_few")),
        (None, None)
    );
    let last = census.keys().last().unwrap();
    let without = text.lines().filter(|line| !line.starts_with(last.as_str()));
    std::fs::write(&path, without.collect::<Vec<_>>().join("\n")).unwrap();
    assert_eq!(told("community_unlisted").unwrap().0, *last);
    // 40 of 400,000 people in 60 communities, by hand: fewer than 20 each.
    let rows = census.iter().map(|(code, ages)| {
        let people: u64 = ages.iter().sum();
        format!("{code},{}\n", people as f64 / 1000.0 / 10_000.0)
    });
    let rows: String = rows.collect();
    std::fs::write(&path, format!("community,residents\n{rows}")).unwrap();
    let (_, value) = told("people_few").unwrap();
    assert!(
        value.ends_with(" / 60") && value.starts_with("40"),
        "{value}"
    );
}

/// What the layer says of each community's residents.
fn stated(folder: &Path) -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(folder.join("communities.geojson")).unwrap();
    let layer: geojson::FeatureCollection = text.parse().unwrap();
    let stated = |feature: &geojson::Feature| {
        let about = |key| feature.property(key).unwrap().clone();
        (
            about("code").as_str().unwrap().to_owned(),
            about("residents").as_u64().unwrap(),
        )
    };
    layer.features.iter().map(stated).collect()
}

/// Shares of the target group: covered, by the other spread, at least and at most.
fn shares(round: &Round) -> Vec<[f64; 4]> {
    let of_base = round
        .totals
        .iter()
        .filter(|total| total.year == round.years[0]);
    of_base
        .map(|total| {
            let spread = total.spread.unwrap_or_default();
            [total.covered, spread.otherwise, spread.least, spread.most]
                .map(|part| part.0 as f64 / total.target.0 as f64)
        })
        .collect()
}

/// The census of a folder as 10 × 10 demand points a community, each of those on its land with the same residents.
fn with_grid(folder: &Path, plan: &str) {
    let (job, _) = evaluated(folder, totals);
    let city = &job.input.city;
    let projection = Projection::new(city.frame());
    let stated = stated(folder);
    let mut rows = String::from("id,community,lon,lat,residents\n");
    for community in city.communities() {
        let bounds = community.polygon.bounding_rect().unwrap();
        let at = |column: u32, row: u32| Coord {
            x: bounds.min().x + bounds.width() * (f64::from(column) + 0.5) / 10.0,
            y: bounds.min().y + bounds.height() * (f64::from(row) + 0.5) / 10.0,
        };
        let all = (0..100).map(|number| at(number % 10, number / 10));
        let inside: Vec<Coord> = all
            .filter(|&at| community.polygon.contains(&geo::Point(at)))
            .collect();
        let each = stated[&community.code] as f64 / inside.len() as f64;
        for (number, place) in inside.iter().enumerate() {
            let place = projection.to_degrees(*place);
            writeln!(
                rows,
                "{}-{number},{},{:.7},{:.7},{each:.6}",
                community.code, community.code, place.x, place.y
            )
            .unwrap();
        }
    }
    std::fs::write(folder.join("population.csv"), rows).unwrap();
    std::fs::write(folder.join("plan.toml"), plan).unwrap();
}

#[test]
fn a_census_as_points_and_as_totals_has_the_coverage_that_is_stated() {
    let temp = Temp::with_demo("spread-census");
    let plan = std::fs::read_to_string(temp.0.join("plan.toml")).unwrap();
    with_grid(&temp.0, &plan);
    let points = shares(&evaluated(&temp.0, str::to_owned).1.round);
    let streets = shares(&evaluated(&temp.0, totals).1.round);
    let area = shares(&evaluated(&temp.0, spread("area")).1.round);
    let centre = shares(&evaluated(&temp.0, spread("centre")).1.round);
    let mut worst: f64 = 0.0;
    for (at, [truth, ..]) in points.iter().enumerate() {
        for [_, _, least, most] in [streets[at], area[at], centre[at]] {
            assert!(
                least <= *truth && *truth <= most,
                "service {at}: {truth} in {least}..{most}"
            );
        }
        // The points are all over the land, and so is this spread.
        assert!(
            (area[at][0] - truth).abs() < 0.01,
            "service {at}: {} for {truth}",
            area[at][0]
        );
        let [by_area, by_streets] = [area[at], streets[at]];
        assert_eq!(
            by_area[..2],
            [by_streets[1], by_streets[0]],
            "what is compared with is what it gives alone"
        );
        assert_eq!(
            area[at][2..],
            streets[at][2..],
            "bounds do not depend on the way"
        );
        worst = worst.max((centre[at][0] - truth).abs());
    }
    assert!(worst > 0.05, "one place a community misleads: {worst}");
}

#[test]
fn in_a_real_city_coverage_lies_within_what_totals_state() {
    let Some(folder) = tainan() else { return };
    let points = shares(&evaluated(&folder, str::to_owned).1.round);
    let (job, found) = evaluated(&folder, totals);
    assert_eq!(job.input.spread.as_ref().unwrap().spread, Spread::Area);
    for ([truth, ..], [covered, _, least, most]) in points.iter().zip(shares(&found.round)) {
        eprintln!("{truth:.3} as points, {covered:.3} as totals, from {least:.3} to {most:.3}");
        assert!(least <= *truth && *truth <= most);
    }
}

#[test]
fn bounds_are_those_of_their_definition() {
    let temp = Temp::with_demo("spread-bounds");
    let (job, found) = evaluated(&temp.0, spread("area"));
    let (city, round) = (&job.input.city, &found.round);
    for (position, points) in round.points.iter().enumerate() {
        let target = job.catalogue[points.service].target;
        // By hand: squares by community and unit.
        let mut squares = BTreeMap::<_, Vec<(bool, Residents)>>::new();
        for (at, point) in PointAt::enumerate(city.points()) {
            let [covered, people] = points.of_point(city, target, 0, at);
            if people.0 > 0 {
                squares
                    .entry((round.of_point[at.index()].unwrap(), point.community))
                    .or_default()
                    .push((covered == people, people));
            }
        }
        for unit in UnitAt::first(round.units.len()) {
            let standing = round.standings.iter().find(|each| {
                each.unit == unit && each.service == points.service && each.year == round.years[0]
            });
            let spread = standing.unwrap().spread.unwrap();
            let here = || {
                squares
                    .iter()
                    .filter(|((of, _), _)| *of == unit)
                    .map(|(_, squares)| squares)
            };
            let sum = |counts: fn(&Vec<(bool, Residents)>) -> bool| -> u64 {
                here()
                    .filter(|squares| counts(squares))
                    .flatten()
                    .map(|(_, people)| people.0)
                    .sum()
            };
            assert_eq!(
                spread.least.0,
                sum(|squares| squares.iter().all(|(covered, _)| *covered)),
                "service {position}"
            );
            assert_eq!(
                spread.most.0,
                sum(|squares| squares.iter().any(|(covered, _)| *covered)),
                "service {position}"
            );
        }
    }
}
