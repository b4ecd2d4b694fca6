//! Whether the places of a file fit better if they are in another datum than the plan says: points of Amap and Baidu lie 300 to 990 m off
//! where they are taken for CGCS2000, averages hide it, and nothing else tells of it.
//!
//! For each file it is tried what the places would be if they were in GCJ-02 or BD-09, and what if they had been one of these and were
//! moved once too often. Demand points are held against the communities that they say they are in, facilities against people and, where
//! the plan has them, streets: by the distance to the nearest demand point, and to the nearest street. Of all places that fit better
//! or worse by a try, w win and l lose; it fits clearly better where
//!
//! z = (w − l) ÷ √(w + l) ≥ 4 and w + l ≥ 30 (the sign test, Fisher 1925), and the other distance does not speak against it (z > −2).
//!
//! With right places a try is no better than chance, and mostly worse, so that one in 30,000 tries is wrong at most. By hand: of 100
//! facilities 75 are nearer to a street in GCJ-02 and 25 farther: z = 50 ÷ 10 = 5.

use std::collections::{BTreeMap, HashMap};

use fuwutu_core::city::City;
use fuwutu_core::quantity::Point;
use fuwutu_core::reach::streets::Streets;
use fuwutu_core::service::Mode;
use geo::{Contains, Coord};
use rayon::prelude::*;

use crate::crs::Crs;
use crate::finding::{Finding, Kind};
use crate::frame::Projection;
use crate::plan::Plan;
use crate::read::Origins;

/// So many places of a file are tried, evenly among all.
const TRIED: usize = 2000;
/// What the sign test must come to.
const CLEARLY: f64 = 4.0;
const LEAST: usize = 30;
/// Distances (mm) that differ less are equal.
const EQUAL: f64 = 5_000.0;
/// A test that comes to less speaks against a try.
const AGAINST: f64 = -2.0;
/// Farther than this (mm) is as far as this.
const FAR: f64 = 500_000.0;

/// What a place would be: moved by a datum, or back from it.
#[derive(Clone, Copy)]
struct Try {
    /// What the file would be in, and what the plan says of it, where the plan says degrees.
    words: &'static str,
    datum: &'static str,
    back: bool,
}

const TRIES: [Try; 4] = [
    Try {
        words: "GCJ-02",
        datum: "GCJ-02",
        back: true,
    },
    Try {
        words: "BD-09",
        datum: "BD-09",
        back: true,
    },
    Try {
        words: "GCJ-02 removed twice",
        datum: "GCJ-02",
        back: false,
    },
    Try {
        words: "BD-09 removed twice",
        datum: "BD-09",
        back: false,
    },
];

/// Files whose places fit clearly better in another datum: one finding each, with what fits and how well. Places outside China are in
/// none of these datums. O(demand points + 2,000 × tries × search for the nearest) a file.
#[must_use]
pub fn doubts(
    city: &City,
    origins: &Origins,
    plan: &Plan,
    streets: Option<&Streets>,
) -> Vec<Finding> {
    let projection = Projection::new(city.frame());
    let mut found = Vec::new();
    if let Some(source) = &plan.inputs.population {
        let file = source.path.display().to_string().replace('\\', "/");
        found.extend(of_people(city, &projection, &file));
    }
    // What is in doubt itself says nothing of others.
    let people_fit = found.is_empty();
    let mut files: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
    for facility in city.facilities() {
        for origin in origins.facilities.get(&*facility.id).into_iter().flatten() {
            files.entry(&origin.file).or_default().push(facility.at);
        }
    }
    for (file, mut places) in files {
        places.dedup();
        let places = some(&places);
        let people = people_fit.then_some(city);
        found.extend(of_facilities(&places, people, streets, &projection, file));
    }
    found
}

/// Each place as it would be by a try; `None` where that changes nothing.
fn moved(place: Point, projection: &Projection, try_of: Try) -> Option<Point> {
    let crs = Crs::parse(try_of.datum).ok()?;
    let degrees = projection.to_degrees(place.metres());
    let there = if try_of.back {
        crs.to_degrees(degrees)
    } else {
        crs.of_degrees(degrees)
    };
    let there = there.filter(|there| *there != degrees)?;
    Point::from_metres(projection.to_plane(there))
}

/// Some of many, evenly among all.
fn some<T: Copy>(all: &[T]) -> Vec<T> {
    all.iter()
        .step_by(all.len().div_ceil(TRIED).max(1))
        .copied()
        .collect()
}

/// Demand points against their communities.
fn of_people(city: &City, projection: &Projection, file: &str) -> Option<Finding> {
    let points: Vec<&_> = city.points().iter().collect();
    let points = some(&points);
    let inside = |of: &dyn Fn(Point) -> Option<Point>| -> Option<Vec<bool>> {
        let inside = points.iter().map(|point| {
            let Coord { x, y } = of(point.at)?.metres();
            let land = &city.community(point.community).polygon;
            Some(land.contains(&geo::Point::new(x, y)))
        });
        inside.collect()
    };
    let now = inside(&Some)?;
    let count = |inside: &[bool]| inside.iter().filter(|inside| **inside).count();
    let better = TRIES.iter().filter_map(|&each| {
        let there = inside(&|at| moved(at, projection, each))?;
        let pairs = now.iter().zip(&there);
        let wins = pairs
            .clone()
            .filter(|(now, there)| !**now && **there)
            .count();
        let losses = pairs.filter(|(now, there)| **now && !**there).count();
        let z = z(wins, losses);
        (z >= CLEARLY).then(|| (z, each.words, count(&there)))
    });
    let (_, words, there) = better.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let value = format!(
        "{} → {there} of {} points in their community: {words}",
        count(&now),
        points.len()
    );
    Some(
        Finding::new(Kind::DatumDoubted, file)
            .column("crs")
            .value(value),
    )
}

/// Facilities against people and streets.
fn of_facilities(
    places: &[Point],
    people: Option<&City>,
    streets: Option<&Streets>,
    projection: &Projection,
    file: &str,
) -> Option<Finding> {
    let tries = TRIES.iter().filter_map(|each| {
        let there = places.iter().map(|&at| moved(at, projection, *each));
        Some((each.words, there.collect::<Option<Vec<Point>>>()?))
    });
    let tries: Vec<(&str, Vec<Point>)> = tries.collect();
    let everywhere = tries.iter().flat_map(|(_, places)| places).chain(places);
    let near = people.map(|city| People::near(city, everywhere.copied()));
    let street = |at: Point| {
        let foot = streets.and_then(|streets| streets.foot(Mode::Walk, at));
        foot.map_or(FAR, |foot| foot.leg.min(FAR))
    };
    let person = |at: Point| near.as_ref().map_or(FAR, |near| near.nearest(at));
    let anchors: [(&str, &(dyn Fn(Point) -> f64 + Sync)); 2] =
        [("demand point", &person), ("street", &street)];
    let far = |places: &[Point], from: &(dyn Fn(Point) -> f64 + Sync)| -> Vec<f64> {
        places.par_iter().map(|&at| from(at)).collect()
    };
    let now: Vec<Vec<f64>> = anchors.iter().map(|(_, from)| far(places, *from)).collect();
    let better = tries.iter().filter_map(|(words, there)| {
        let tests = anchors.iter().zip(&now).map(|(&(anchor, from), now)| {
            let there = far(there, from);
            (z_of(now, &there), anchor, [median(now), median(&there)])
        });
        let tests: Vec<_> = tests.collect();
        let contradicted = tests.iter().any(|test| test.0 <= AGAINST);
        let best = tests.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 >= CLEARLY && !contradicted).then_some((best, words))
    });
    let ((_, anchor, [now, there]), words) = better.max_by(|a, b| a.0.0.total_cmp(&b.0.0))?;
    let value = format!(
        "{:.0} → {:.0} m to the nearest {anchor} (median of {}): {words}",
        now / 1000.0,
        there / 1000.0,
        places.len()
    );
    let finding = Finding::new(Kind::DatumDoubted, file).column("crs");
    Some(finding.value(value))
}

/// The sign test of distances: how many are less than before, against how many are more.
fn z_of(now: &[f64], there: &[f64]) -> f64 {
    let pairs = now.iter().zip(there);
    let wins = pairs.clone().filter(|(now, there)| *there + EQUAL < **now);
    let losses = pairs.filter(|(now, there)| *now + EQUAL < **there);
    z(wins.count(), losses.count())
}

/// Demand points near some places, by squares of [`FAR`].
struct People(HashMap<[i32; 2], Vec<Point>>);

impl People {
    /// O(demand points + places).
    fn near(city: &City, places: impl Iterator<Item = Point>) -> Self {
        let mut squares: HashMap<[i32; 2], Vec<Point>> = HashMap::new();
        for square in places.flat_map(Self::around) {
            squares.entry(square).or_default();
        }
        for point in city.points() {
            if let Some(points) = squares.get_mut(&Self::square(point.at)) {
                points.push(point.at);
            }
        }
        Self(squares)
    }

    fn square(at: Point) -> [i32; 2] {
        [at.x, at.y].map(|mm| mm.div_euclid(FAR as i32))
    }

    fn around(at: Point) -> impl Iterator<Item = [i32; 2]> {
        let [x, y] = Self::square(at);
        (-1..=1).flat_map(move |east| (-1..=1).map(move |north| [x + east, y + north]))
    }

    /// The distance to the nearest, at most [`FAR`].
    fn nearest(&self, at: Point) -> f64 {
        let points = Self::around(at).filter_map(|square| self.0.get(&square));
        let far = |point: &Point| f64::from(point.x - at.x).hypot(f64::from(point.y - at.y));
        points.flatten().map(far).fold(FAR, f64::min)
    }
}

/// What the sign test comes to; 0 where too few say anything.
fn z(wins: usize, losses: usize) -> f64 {
    let all = wins + losses;
    if all < LEAST {
        return 0.0;
    }
    (wins as f64 - losses as f64) / (all as f64).sqrt()
}

/// The upper one of two in the middle; 0 of none.
fn median(numbers: &[f64]) -> f64 {
    let mut numbers = numbers.to_vec();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}
