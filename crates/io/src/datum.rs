//! Whether the places of a file fit better if they are in another datum than the plan says: points of Amap and Baidu lie 300 to 990 m off
//! where they are taken for CGCS2000, averages hide it, and nothing else tells of it.
//!
//! For each file it is tried what the places would be if it were in another of these three datums than the plan says. Demand points
//! are held against the communities that they say they are in, facilities against people and, where the plan has them, streets: by the
//! distance to the nearest demand point, and to the nearest street. Of all places that fit better or worse by a try, w win and l lose;
//! it fits clearly better where
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
use crate::read::{Origins, name};

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

/// The datums of degrees that files in China are in.
const DATUMS: [&str; 3] = ["EPSG:4490", "GCJ-02", "BD-09"];

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
        let file = name(&source.path);
        let tries = Try::all(source.crs.as_deref(), plan);
        found.extend(of_people(city, &tries, &projection, &file));
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
        let mut sources = plan.inputs.facilities.iter();
        let source = sources.find(|source| name(&source.path) == file);
        let own = source.and_then(|source| source.crs.as_deref());
        let tries = Try::all(own, plan);
        let people = people_fit.then_some(city);
        found.extend(of_facilities(
            &places,
            people,
            streets,
            (&tries, &projection),
            file,
        ));
    }
    found
}

/// What a file would be in, and what the plan says that it is in.
struct Try {
    is: Crs,
    declared: Crs,
}

impl Try {
    /// All but what the plan says; none for files in metres.
    fn all(own: Option<&str>, plan: &Plan) -> Vec<Self> {
        let declared = own.or(plan.inputs.crs.as_deref()).map(Crs::parse);
        let Ok(declared) = declared.unwrap_or(Ok(Crs::degrees())) else {
            return Vec::new();
        };
        let others = DATUMS.iter().filter_map(|datum| Crs::parse(datum).ok());
        let others = others.filter(|other| !declared.is_plane() && !declared.same(other));
        others
            .map(|is| Self {
                is,
                declared: declared.clone(),
            })
            .collect()
    }

    /// Where a place would be; `None` where that changes nothing.
    fn moved(&self, place: Point, projection: &Projection) -> Option<Point> {
        let degrees = projection.to_degrees(place.metres());
        let there = self.is.to_degrees(self.declared.of_degrees(degrees)?)?;
        let apart = (there.x - degrees.x).abs().max((there.y - degrees.y).abs());
        (apart > 1e-6)
            .then(|| Point::from_metres(projection.to_plane(there)))
            .flatten()
    }
}

/// Some of many, evenly among all.
fn some<T: Copy>(all: &[T]) -> Vec<T> {
    all.iter()
        .step_by(all.len().div_ceil(TRIED).max(1))
        .copied()
        .collect()
}

/// Demand points against their communities.
fn of_people(city: &City, tries: &[Try], projection: &Projection, file: &str) -> Option<Finding> {
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
    let better = tries.iter().filter_map(|each| {
        let there = inside(&|at| each.moved(at, projection))?;
        let pairs = now.iter().zip(&there);
        let wins = pairs
            .clone()
            .filter(|(now, there)| !**now && **there)
            .count();
        let losses = pairs.filter(|(now, there)| **now && !**there).count();
        let z = z(wins, losses);
        (z >= CLEARLY).then(|| (z, &each.is, count(&there)))
    });
    let (_, is, there) = better.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let value = format!(
        "{} → {there} of {} points in their community: {is}",
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
    (tries, projection): (&[Try], &Projection),
    file: &str,
) -> Option<Finding> {
    let tries = tries.iter().filter_map(|each| {
        let there = places.iter().map(|&at| each.moved(at, projection));
        Some((&each.is, there.collect::<Option<Vec<Point>>>()?))
    });
    let tries: Vec<(&Crs, Vec<Point>)> = tries.collect();
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
    let better = tries.iter().filter_map(|(is, there)| {
        let tests = anchors.iter().zip(&now).map(|(&(anchor, from), now)| {
            let there = far(there, from);
            (z_of(now, &there), anchor, [median(now), median(&there)])
        });
        let tests: Vec<_> = tests.collect();
        let contradicted = tests.iter().any(|test| test.0 <= AGAINST);
        let best = tests.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 >= CLEARLY && !contradicted).then_some((best, is))
    });
    let ((_, anchor, [now, there]), is) = better.max_by(|a, b| a.0.0.total_cmp(&b.0.0))?;
    let value = format!(
        "{:.0} → {:.0} m to the nearest {anchor} (median of {}): {is}",
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
