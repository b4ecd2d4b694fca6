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
//!
//! Files in metres are in no other datum, but may be in another zone: where most of their places lie far from the city, and four in five near
//! it by the numbers of another zone, that is told.
//!
//! What things are held against may be wrong itself, so tries go both ways: if demand points fit their communities better once *these* are
//! moved, the communities are in doubt. Communities are held against their townships, too, by their corners, and tables of streets
//! against demand points and facilities. What is in doubt says nothing of others.
//!
//! Where a part of a file came from elsewhere, the whole fits none better. A place counts then where it fits better in the other datum than
//! as it is and than moved by as much the other way; places that fit best the other way are what chance gives, and count against it. A
//! part is told where z ≥ 5, at least 30 places count, and at least 10 % of the file are more than chance gives (along a coast right places fit one
//! way rather than the other). By hand: of 160 facilities 48 in GCJ-02; 52 fit best so and 8 the
//! other way: z = 44 ÷ √60 = 5.7, and 44 ÷ 160 = 27 %.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use fuwutu_core::city::{City, Community};
use fuwutu_core::position::TownshipAt;
use fuwutu_core::quantity::Point;
use fuwutu_core::reach::streets::Streets;
use fuwutu_core::service::Mode;
use geo::{
    BoundingRect, Contains, Coord, Distance, Euclidean, Intersects, MultiPoint, MultiPolygon,
};
use rayon::prelude::*;

use crate::crs::{self, Crs};
use crate::finding::{Finding, Kind};
use crate::frame::Projection;
use crate::plan::Plan;
use crate::read::{Origins, name};

/// So many places of a file are tried, evenly among all.
const TRIED: usize = 2000;
/// So many corners of communities are tried: whether one lies in its township takes as long as that has corners.
const CORNERS: usize = 500;
/// Borders of two layers differ by so many metres.
const ON_BORDER: f64 = 50.0;
/// A part of a file is at least so large to be told.
const LEAST_PART: f64 = 0.1;
/// What the sign test of a part must come to.
const CLEAR_PART: f64 = 5.0;
/// What the sign test must come to.
const CLEARLY: f64 = 4.0;
const LEAST: usize = 30;
/// Distances (mm) that differ less are equal.
const EQUAL: f64 = 5_000.0;
/// A test that comes to less speaks against a try.
const AGAINST: f64 = -2.0;
/// Farther than this (mm) is as far as this.
const FAR: f64 = 500_000.0;
/// What is farther (metres) from the city's bounds is not near it.
const NEAR: f64 = 20_000.0;

/// The datums of degrees that files in China are in.
const DATUMS: [&str; 3] = ["EPSG:4490", "GCJ-02", "BD-09"];

/// Files whose places fit clearly better in another datum: one finding each, with what fits and how well. Places outside China are in
/// none of these datums. `told` is what reading found, of areas among others. O(demand points + 2,000 × tries × search for the nearest) a
/// file.
#[must_use]
pub fn doubts(
    city: &City,
    origins: &Origins,
    plan: &Plan,
    streets: Option<&Streets>,
    told: &[Finding],
) -> Vec<Finding> {
    let projection = Projection::new(city.frame());
    let inputs = &plan.inputs;
    let context = (city, plan, &projection);
    let mut found = of_people(city, plan, told, &projection);
    let population = inputs.population.as_ref().map(|source| name(&source.path));
    // What is in doubt itself says nothing of others.
    let people_fit =
        !population.is_some_and(|file| found.iter().any(|finding| finding.file == file));
    let mut files: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
    for facility in city.facilities() {
        for origin in origins.facilities.get(&*facility.id).into_iter().flatten() {
            files.entry(&origin.file).or_default().push(facility.at);
        }
    }
    let people = people_fit.then_some(city);
    let of_streets = streets.and_then(|streets| {
        let places = files.values().flatten().copied();
        of_roads(
            people,
            &places.collect::<Vec<_>>(),
            streets,
            plan,
            &projection,
        )
    });
    let streets = streets.filter(|_| of_streets.is_none());
    for (file, mut places) in files {
        places.dedup();
        let places = some(&places, TRIED);
        let mut sources = inputs.facilities.iter();
        let source = sources.find(|source| name(&source.path) == file);
        let own = source.and_then(|source| source.crs.as_deref());
        found.extend(of_zone(&places, own, context, file));
        let tries = Try::all(own, plan);
        found.extend(of_facilities(
            &places,
            people,
            streets,
            (&tries, &projection),
            file,
        ));
    }
    found.extend(of_streets);
    found
}

/// Places of a file in metres, most of which lie far from the city, and near it in another zone. Its places may reach beyond the
/// city, but not by so much that four in five are wrong.
fn of_zone(
    places: &[Point],
    own: Option<&str>,
    (city, plan, projection): (&City, &Plan, &Projection),
    file: &str,
) -> Option<Finding> {
    let declared = Crs::parse(own.or(plan.inputs.crs.as_deref())?).ok()?;
    let bounds = city.communities().iter();
    let bounds: MultiPoint = bounds
        .filter_map(|each| each.polygon.bounding_rect())
        .flat_map(|bounds| [bounds.min(), bounds.max()].map(geo::Point))
        .collect();
    let bounds = bounds.bounding_rect().filter(|_| declared.is_plane())?;
    let near = |at: Coord| {
        let along = |at: f64, from: f64, to: f64| (from - NEAR..=to + NEAR).contains(&at);
        let (low, high) = (bounds.min(), bounds.max());
        along(at.x, low.x, high.x) && along(at.y, low.y, high.y)
    };
    let far = places.iter().find(|at| !near(at.metres()))?;
    let now = places.iter().filter(|at| near(at.metres())).count();
    let numbers = |at: &Point| declared.of_degrees(projection.to_degrees(at.metres()));
    let middle = projection.to_degrees(bounds.center());
    let fits = declared.fitting(numbers(far)?, Some(middle))?;
    let zone = Crs::parse(&fits).ok()?;
    let is_near = |at: &&Point| {
        let there = numbers(at).and_then(|at| zone.to_degrees(at));
        there.is_some_and(|there| near(projection.to_plane(there)))
    };
    let there = places.iter().filter(is_near).count();
    let all = places.len();
    let clear = now * 2 < all && there * 5 >= all * 4;
    clear.then(|| {
        doubted(
            Path::new(file),
            &zone,
            [now, there],
            all,
            "places near the city",
        )
    })
}

/// What a file would be in, and what the plan says that it is in.
struct Try {
    is: Crs,
    declared: Crs,
    /// Whether it is about what the places are held against, so that they are moved the other way.
    back: bool,
}

impl Try {
    /// All but what the plan says; none for files in metres.
    fn all(own: Option<&str>, plan: &Plan) -> Vec<Self> {
        Self::ways(own, plan, false)
    }

    /// The same about what places are held against.
    fn all_back(own: Option<&str>, plan: &Plan) -> Vec<Self> {
        Self::ways(own, plan, true)
    }

    fn ways(own: Option<&str>, plan: &Plan, back: bool) -> Vec<Self> {
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
                back,
            })
            .collect()
    }

    /// Where a place would be; `None` where that changes nothing.
    fn moved(&self, place: Point, projection: &Projection) -> Option<Point> {
        let degrees = projection.to_degrees(place.metres());
        // Nobody uses BD-09 abroad, though its formula moves places there.
        if !crs::is_moved(degrees) {
            return None;
        }
        let (from, to) = match self.back {
            false => (&self.declared, &self.is),
            true => (&self.is, &self.declared),
        };
        let there = to.to_degrees(from.of_degrees(degrees)?)?;
        let apart = (there.x - degrees.x).abs().max((there.y - degrees.y).abs());
        (apart > 1e-6)
            .then(|| Point::from_metres(projection.to_plane(there)))
            .flatten()
    }

    /// The same try the other way.
    fn turned(&self) -> Self {
        Self {
            is: self.is.clone(),
            declared: self.declared.clone(),
            back: !self.back,
        }
    }
}

/// Where a place would be; `None` where it is nowhere, or a try moves nothing.
type Moved<'m> = &'m (dyn Fn(Point) -> Option<Point> + 'm);

/// Whether places of a set, moved by each try, lie where they belong.
struct Inside<'a> {
    places: usize,
    /// Whether the place at a position lies where it belongs if it were elsewhere.
    at: &'a (dyn for<'m> Fn(usize, Moved<'m>) -> Option<bool> + Sync),
}

impl Inside<'_> {
    /// By place; `None` where a try moves nothing.
    fn by(&self, moved: &(dyn Fn(Point) -> Option<Point> + Sync)) -> Option<Vec<bool>> {
        let places = (0..self.places).into_par_iter();
        places.map(|place| (self.at)(place, &moved)).collect()
    }

    /// The try that fits clearly better, and how many places lie where they belong now and by it.
    fn better<'t>(
        &self,
        tries: &'t [Try],
        projection: &Projection,
    ) -> Option<(&'t Try, [usize; 2])> {
        let now = self.by(&|at| Some(at))?;
        let count = |inside: &[bool]| inside.iter().filter(|inside| **inside).count();
        let better = tries.iter().filter_map(|each| {
            let there = self.by(&|at| each.moved(at, projection))?;
            let pairs = now.iter().zip(&there);
            let wins = pairs.clone().filter(|(now, there)| !**now && **there);
            let losses = pairs.filter(|(now, there)| **now && !**there);
            let z = z(wins.count(), losses.count());
            (z >= CLEARLY).then(|| (z, each, [count(&now), count(&there)]))
        });
        // Where both sides may be wrong by as much, what places are held against is thought right.
        let worth = |found: &(f64, &Try, [usize; 2])| found.0 - f64::from(u8::from(found.1.back));
        let best = better.reduce(|best, next| {
            if worth(&next) > worth(&best) {
                next
            } else {
                best
            }
        });
        let (_, each, counts) = best?;
        Some((each, counts))
    }

    /// The try that fits a part of the places, and how many more than chance gives.
    fn part<'t>(&self, tries: &'t [Try], projection: &Projection) -> Option<(&'t Try, usize)> {
        let now = self.by(&|at| Some(at))?;
        let better = tries.iter().filter_map(|each| {
            let turned = each.turned();
            let there = self.by(&|at| each.moved(at, projection))?;
            let other = self.by(&|at| turned.moved(at, projection))?;
            let only = |one: &[bool], than: &[bool]| {
                let all = one.iter().zip(than).zip(&now);
                all.filter(|((one, than), now)| **one && !**than && !**now)
                    .count()
            };
            let (wins, losses) = (only(&there, &other), only(&other, &there));
            part(wins, losses, self.places).map(|more| (more, each))
        });
        let (more, each) = better.max_by_key(|(more, _)| *more)?;
        Some((each, more))
    }
}

/// How many places more than chance gives fit a try, where that is clear.
fn part(wins: usize, losses: usize, places: usize) -> Option<usize> {
    let clear = z(wins, losses) >= CLEAR_PART;
    let more = wins.saturating_sub(losses);
    (clear && more as f64 >= LEAST_PART * places as f64).then_some(more)
}

/// A file of areas or points that is in another datum than the plan says.
fn doubted(file: &Path, is: &Crs, [now, there]: [usize; 2], of: usize, what: &str) -> Finding {
    let value = format!("{now} → {there} of {of} {what}: {is}");
    let finding = Finding::new(Kind::DatumDoubted, &name(file));
    finding.column("crs").value(value)
}

/// Communities against the land of their townships, by their corners: the file of which is in doubt. O(corners tried × tries × corners
/// of a township).
pub(crate) fn of_areas(
    communities: &[Community],
    townships: &[MultiPolygon],
    plan: &Plan,
    projection: &Projection,
) -> Option<Finding> {
    let inputs = &plan.inputs;
    let corners = corners(communities);
    let at = |corner: usize, moved: &dyn Fn(Point) -> Option<Point>| {
        let (at, township) = corners[corner];
        let at = geo::Point(moved(at)?.metres());
        let near = |part: &geo::Polygon| {
            part.intersects(&at) || Euclidean.distance(&at, part) <= ON_BORDER
        };
        Some(townships[township.index()].iter().any(near))
    };
    let inside = Inside {
        places: corners.len(),
        at: &at,
    };
    let mut tries = Try::all(inputs.communities.crs.as_deref(), plan);
    tries.extend(Try::all_back(inputs.townships.crs.as_deref(), plan));
    let (each, counts) = inside.better(&tries, projection)?;
    let source = if each.back {
        &inputs.townships
    } else {
        &inputs.communities
    };
    let what = "corners in their township";
    Some(doubted(&source.path, &each.is, counts, corners.len(), what))
}

/// Demand points and communities against each other. `told` are the doubts of areas.
fn of_people(city: &City, plan: &Plan, told: &[Finding], projection: &Projection) -> Vec<Finding> {
    let inputs = &plan.inputs;
    let Some(population) = &inputs.population else {
        return Vec::new();
    };
    let points: Vec<&_> = city.points().iter().collect();
    let points = some(&points, TRIED);
    let at = |point: usize, moved: &dyn Fn(Point) -> Option<Point>| {
        let point = points[point];
        let land = &city.community(point.community).polygon;
        Some(land.contains(&geo::Point(moved(point.at)?.metres())))
    };
    let inside = Inside {
        places: points.len(),
        at: &at,
    };
    let own = Try::all(population.crs.as_deref(), plan);
    let mut tries = Try::all(population.crs.as_deref(), plan);
    tries.extend(Try::all_back(inputs.communities.crs.as_deref(), plan));
    let Some((each, counts)) = inside.better(&tries, projection) else {
        let part = inside.part(&own, projection);
        let file = name(&population.path);
        return Vec::from_iter(part.map(|(each, more)| mixed(&file, more, points.len(), &each.is)));
    };
    // Townships that fit the communities are where these are.
    let areas = told
        .iter()
        .any(|finding| finding.kind == Kind::DatumDoubted);
    let files = match each.back {
        false => vec![&population.path],
        true if areas => vec![&inputs.communities.path],
        true => vec![&inputs.townships.path, &inputs.communities.path],
    };
    let new = files
        .into_iter()
        .filter(|file| !told.iter().any(|finding| is_doubt(finding, &name(file))));
    let what = "points in their community";
    new.map(|file| doubted(file, &each.is, counts, points.len(), what))
        .collect()
}

fn is_doubt(finding: &Finding, file: &str) -> bool {
    finding.kind == Kind::DatumDoubted && finding.file == file
}

/// A part of a file fits another datum.
fn mixed(file: &str, more: usize, of: usize, is: &Crs) -> Finding {
    let finding = Finding::new(Kind::DatumMixed, file).column("crs");
    finding
        .value(format!("{more} of {of}: {is}"))
        .concerns(more as u64, of as u64)
}

/// Some corners of the communities, evenly among all, with their townships.
fn corners(communities: &[Community]) -> Vec<(Point, TownshipAt)> {
    let all = communities.iter().flat_map(|community| {
        let rings = community.polygon.iter().map(geo::Polygon::exterior);
        let corners = rings.flat_map(|ring| ring.coords());
        corners.map(|at| (*at, community.township))
    });
    let all: Vec<(Coord, TownshipAt)> = all.collect();
    let some = some(&all, CORNERS);
    some.into_iter()
        .filter_map(|(at, township)| Some((Point::from_metres(at)?, township)))
        .collect()
}

/// Tables of streets against demand points and facilities, which are moved the other way.
fn of_roads(
    people: Option<&City>,
    facilities: &[Point],
    streets: &Streets,
    plan: &Plan,
    projection: &Projection,
) -> Option<Finding> {
    let source = plan.roads()?;
    let nodes = source.nodes.as_ref()?;
    let points: Vec<Point> = people
        .map(|city| city.points().iter().map(|point| point.at).collect())
        .unwrap_or_default();
    let sets = [some(&points, TRIED), some(facilities, TRIED)];
    let far = |places: &[Point]| -> Vec<f64> {
        let street = |at: &Point| {
            streets
                .foot(Mode::Walk, *at)
                .map_or(FAR, |foot| foot.leg.min(FAR))
        };
        places.par_iter().map(street).collect()
    };
    let now = sets.each_ref().map(|places| far(places));
    let tries = Try::all_back(source.crs.as_deref(), plan);
    let better = tries.iter().filter_map(|each| {
        let moved = |places: &Vec<Point>| -> Option<Vec<Point>> {
            places
                .iter()
                .map(|&at| each.moved(at, projection))
                .collect()
        };
        let there = [moved(&sets[0])?, moved(&sets[1])?].map(|places| far(&places));
        let z = [0, 1].map(|set| z_of(&now[set], &there[set]));
        let best = if z[0] >= z[1] { 0 } else { 1 };
        let clear = z[best] >= CLEARLY && z[1 - best] > AGAINST;
        clear.then(|| (z[best], best, median(&there[best]), &each.is))
    });
    let (_, set, there, is) = better.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let value = format!(
        "{:.0} → {:.0} m to the nearest street (median of {}): {is}",
        median(&now[set]) / 1000.0,
        there / 1000.0,
        sets[set].len()
    );
    let finding = Finding::new(Kind::DatumDoubted, &name(nodes)).column("crs");
    Some(finding.value(value))
}

/// Some of many, evenly among all.
fn some<T: Copy>(all: &[T], most: usize) -> Vec<T> {
    all.iter()
        .step_by(all.len().div_ceil(most).max(1))
        .copied()
        .collect()
}

/// Facilities against people and streets.
fn of_facilities(
    places: &[Point],
    people: Option<&City>,
    streets: Option<&Streets>,
    (tries, projection): (&[Try], &Projection),
    file: &str,
) -> Option<Finding> {
    let own = tries;
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
    let Some(((_, anchor, [now, there]), is)) = better.max_by(|a, b| a.0.0.total_cmp(&b.0.0))
    else {
        return part_of_facilities(
            places,
            &anchors.map(|(_, from)| from),
            &now,
            own,
            projection,
            file,
        );
    };
    let value = format!(
        "{:.0} → {:.0} m to the nearest {anchor} (median of {}): {is}",
        now / 1000.0,
        there / 1000.0,
        places.len()
    );
    let finding = Finding::new(Kind::DatumDoubted, file).column("crs");
    Some(finding.value(value))
}

/// Facilities of which a part is in another datum, by what they are near to now.
fn part_of_facilities(
    places: &[Point],
    anchors: &[&(dyn Fn(Point) -> f64 + Sync)],
    now: &[Vec<f64>],
    tries: &[Try],
    projection: &Projection,
    file: &str,
) -> Option<Finding> {
    let better = tries.iter().filter_map(|each| {
        let turned = each.turned();
        let moved = |by: &Try| -> Option<Vec<Point>> {
            places.iter().map(|&at| by.moved(at, projection)).collect()
        };
        let (there, other) = (moved(each)?, moved(&turned)?);
        let tests = anchors.iter().zip(now).map(|(from, now)| {
            let far =
                |places: &[Point]| -> Vec<f64> { places.par_iter().map(|&at| from(at)).collect() };
            let (there, other) = (far(&there), far(&other));
            let best = |one: &[f64], than: &[f64]| {
                let all = one.iter().zip(than).zip(now);
                all.filter(|((one, than), now)| **one + EQUAL < than.min(**now))
                    .count()
            };
            (best(&there, &other), best(&other, &there))
        });
        let tests: Vec<(usize, usize)> = tests.collect();
        let contradicted = tests
            .iter()
            .any(|&(wins, losses)| z(wins, losses) <= AGAINST);
        let clear = tests
            .iter()
            .filter_map(|&(wins, losses)| part(wins, losses, places.len()));
        let more = clear.max()?;
        (!contradicted).then_some((more, &each.is))
    });
    let (more, is) = better.max_by_key(|(more, _)| *more)?;
    Some(mixed(file, more, places.len(), is))
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
