//! Travel in a straight line, made longer by a detour factor.

use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};
use serde::{Deserialize, Serialize};

use super::{Limits, Link, LinkRows, Nearest, Query, Reach, Travel, Trips};
use crate::city::{City, Class, cell_corners};
use crate::quantity::{Millis, Point};
use crate::service::{Limit, Mode};

/// Time = length × detour ÷ pace, in whole milliseconds.
///
/// The length is the straight line in the city's plane, rounded to the millimetre; the time is rounded to the millisecond,
/// half up. 990 m at detour 1 and 1.1 m/s are 900,000 ms, which is exactly 15 minutes and counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Straight {
    /// How much longer streets are than the straight line, ≥ 1.
    pub detour: f64,
    /// How fast one travels.
    pub paces: Paces,
}

/// Metres a second, by mode; all > 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paces {
    /// On foot.
    pub walk: f64,
    /// By e-bike.
    pub ebike: f64,
    /// By car or bus.
    pub car_bus: f64,
}

impl Paces {
    /// The pace of one mode.
    #[must_use]
    pub fn of(&self, mode: Mode) -> f64 {
        match mode {
            Mode::Walk => self.walk,
            Mode::Ebike => self.ebike,
            Mode::CarBus => self.car_bus,
        }
    }
}

/// One limit, made ready: times and the largest square of a length that is within it.
///
/// Squares of lengths (mm²) are held as `f64`, exact up to 94 km: whole numbers below 2⁵³.
#[derive(Debug, Clone, Copy)]
struct Rule {
    /// Milliseconds a millimetre.
    slowness: f64,
    /// In mm².
    farthest_squared: f64,
}

impl Rule {
    /// For classes that have no limit.
    const NOWHERE: Self = Self {
        slowness: 0.0,
        farthest_squared: -1.0,
    };

    /// Rounded half up, to the millimetre and then to the millisecond; by casts, which are one instruction where `round` is
    /// a call: this runs once a link. Never falls as the square grows.
    fn time(&self, squared: f64) -> Millis {
        let length = (squared.sqrt() + 0.5) as i64 as f64;
        let time = length * self.slowness + 0.5;
        Millis(time.min(f64::from(u32::MAX)) as i64 as u32)
    }

    /// The longest trip in millimetres, rounded up.
    fn farthest(&self) -> i64 {
        self.farthest_squared.sqrt() as i64 + 1
    }
}

impl Rules for Straight {
    fn rule(&self, limit: Limit) -> Rule {
        let mut rule = Rule {
            slowness: self.detour / self.paces.of(limit.mode),
            farthest_squared: 0.0,
        };
        // Time never falls as the square grows, so the edge is found by halving: what is within is decided by time alone.
        let (mut within, mut beyond) = (0_u64, 1 << 62);
        while beyond - within > 1 {
            let middle = within + (beyond - within) / 2;
            if rule.time(middle as f64).within(limit.time()) {
                within = middle;
            } else {
                beyond = middle;
            }
        }
        rule.farthest_squared = within as f64;
        rule
    }
}

impl Travel for Straight {
    fn trips<'a>(&'a self, city: &'a City, _modes: &[Mode]) -> Box<dyn Trips + 'a> {
        Box::new(StraightTrips::new(self, city))
    }

    fn farthest(&self, limit: Limit) -> u64 {
        self.rule(limit).farthest() as u64
    }
}

/// Service radii (服务半径): within reach means at most the radius of the limit away, as the crow flies and to the millimetre, at
/// any pace. A limit without a radius is as `otherwise`.
///
/// The time of a trip is its part of the radius × the minutes of the limit, so that weight falls as it does with minutes: at 500 m of
/// a radius of 1,000 m for 15 minutes it is 7.5 minutes.
/// ```
/// use fuwutu_core::city::City;
/// use fuwutu_core::reach::straight::Radius;
/// use fuwutu_core::reach::{Limits, Travel};
/// use fuwutu_core::service::Limit;
/// use fuwutu_synth::example::{LIMIT, STRAIGHT};
/// // Nine people 500 m apart: exactly 500 m from the middle counts, a millimetre less does not.
/// let city = City::new(fuwutu_synth::grid(3, 500_000, &[(0, 0)]))?;
/// let near = |radius_m| {
///     let limits = Limits::both(Limit { radius_m: Some(radius_m), ..LIMIT });
///     let travel = Radius { otherwise: STRAIGHT };
///     travel.trips(&city, &[]).reach(limits, &[city.facilities()[0].at]).links().len()
/// };
/// assert_eq!((near(500), near(499)), (5, 1));
/// # Ok::<(), fuwutu_core::city::CityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Radius {
    /// For limits without a radius.
    pub otherwise: Straight,
}

impl Travel for Radius {
    fn trips<'a>(&'a self, city: &'a City, _modes: &[Mode]) -> Box<dyn Trips + 'a> {
        Box::new(StraightTrips::new(self, city))
    }

    fn farthest(&self, limit: Limit) -> u64 {
        self.rule(limit).farthest() as u64
    }
}

/// What makes a rule of a limit.
trait Rules: Sync {
    fn rule(&self, limit: Limit) -> Rule;
}

impl Rules for Radius {
    fn rule(&self, limit: Limit) -> Rule {
        let Some(radius) = limit.radius_m else {
            return self.otherwise.rule(limit);
        };
        let radius = u64::from(radius) * 1000;
        Rule {
            slowness: f64::from(limit.time().0) / radius.max(1) as f64,
            // A length is rounded half up to the millimetre: it is at most r where its square is below (r + ½)² = r² + r + ¼.
            farthest_squared: (radius * radius + radius) as f64,
        }
    }
}

/// Trips of a city's demand points in straight lines.
struct StraightTrips<'a> {
    travel: &'a dyn Rules,
    city: &'a City,
    /// Of the demand points, side by side: a quarter of what a search would read otherwise.
    places: OnceLock<Vec<Point>>,
}

impl<'a> StraightTrips<'a> {
    fn new(travel: &'a dyn Rules, city: &'a City) -> Self {
        Self {
            travel,
            city,
            places: OnceLock::new(),
        }
    }
}

impl StraightTrips<'_> {
    fn places(&self) -> &[Point] {
        self.places
            .get_or_init(|| self.city.points().iter().map(|point| point.at).collect())
    }

    /// For each demand point, the `answer` to the places near it.
    fn each<T: Send + Copy>(
        &self,
        limits: Limits,
        places: &[Point],
        none: T,
        answer: impl Fn(Point, &[Near], Rule) -> T + Sync,
    ) -> Vec<T> {
        let (city, search) = (self.city, Search::new(self.travel, limits, places));
        self.in_chunks(none, |cells, room| {
            let mut room = room.iter_mut();
            search.for_each_point(city, cells, |from, near, rule| {
                if let Some(room) = room.next() {
                    *room = answer(from, near, rule);
                }
            });
        })
    }

    /// One value for each demand point: `fill` is given runs of cells and room for their points, in parallel.
    fn in_chunks<T: Send + Copy>(
        &self,
        none: T,
        fill: impl Fn(&[Range<usize>], &mut [T]) + Sync,
    ) -> Vec<T> {
        let mut values = vec![none; self.city.points().len()];
        let mut rest = values.as_mut_slice();
        let mut jobs: Vec<(&[Range<usize>], &mut [T])> = Vec::new();
        for cells in chunks(self.city) {
            let points = cells.iter().map(|cell| cell.len()).sum();
            let (room, left) = rest.split_at_mut(points);
            jobs.push((cells, room));
            rest = left;
        }
        jobs.into_par_iter()
            .for_each(|(cells, room)| fill(cells, room));
        values
    }
}

impl Trips for StraightTrips<'_> {
    /// The R-tree of places is asked once for each cell of demand points, and the few places found are tried for each point
    /// of the cell; cells go in parallel. O(places × log places + points × places near their cell).
    fn reach(&self, limits: Limits, places: &[Point]) -> Reach {
        let (city, search) = (self.city, Search::new(self.travel, limits, places));
        let pieces: Vec<Piece> = chunks(city)
            .into_par_iter()
            .map(|cells| {
                let mut piece = Piece {
                    lengths: Vec::new(),
                    links: Vec::new(),
                };
                let mut hits: Vec<(u32, f64)> = Vec::new();
                search.for_each_point(city, cells, |from, near, rule| {
                    let found = within(from, near, rule, &mut hits);
                    piece.lengths.push(found.len() as u32);
                    piece
                        .links
                        .extend(found.iter().map(|&(place, squared)| Link {
                            place,
                            time: rule.time(squared),
                        }));
                });
                piece
            })
            .collect();
        join(&pieces, city.points().len())
    }

    /// Cell by cell on one thread: services go in parallel. One look at the places near a cell finds both the links and the
    /// nearest place at the farther limit.
    fn search(
        &self,
        query: &Query,
        rows: &mut LinkRows,
        each: &mut dyn FnMut(&LinkRows, Range<usize>),
    ) {
        let (places, classes) = (self.places(), self.city.classes());
        let mut search = CellSearch::new(self.travel, query);
        for cell in self.city.cells() {
            rows.nearest.clear();
            let (places, classes) = (&places[cell.clone()], &classes[cell.clone()]);
            search.enter(places[0], classes);
            if search.is_far_from_all() {
                rows.push_empty(cell.len());
            } else {
                for (&place, &class) in places.iter().zip(classes) {
                    search.add_row(place, class, rows);
                }
            }
            each(rows, cell.clone());
        }
    }

    /// As `reach`, without keeping the links.
    fn nearest(&self, limits: Limits, places: &[Point]) -> Vec<Option<Millis>> {
        self.each(limits, places, None, |from, near, rule| {
            nearest(from, near, rule).time
        })
    }

    /// Place by place for a whole cell: where all of the cell is within the limit of a place no point is looked at, and otherwise
    /// all of them are compared without a branch.
    fn mark(&self, limits: Limits, places: &[Point], marks: &[u8]) -> Vec<u8> {
        let (own, city) = (self.places(), self.city);
        let search = Search::new(self.travel, limits, places);
        self.in_chunks(0, |cells, found: &mut [u8]| {
            let mut marking = Marking::default();
            let first = cells.first().map_or(0, |cell| cell.start);
            for cell in cells {
                let found = &mut found[cell.start - first..cell.end - first];
                marking.enter(&own[cell.clone()]);
                search.mark_cell(&city.classes()[cell.clone()], marks, &marking, found);
            }
        })
    }

    /// As `reach`, without keeping the links.
    fn nearest_and_count(&self, limits: Limits, places: &[Point]) -> Vec<Nearest> {
        self.each(
            limits,
            places,
            Nearest {
                time: None,
                count: 0,
            },
            nearest,
        )
    }
}

type Tree = RTree<GeomWithData<[i64; 2], u32>>;

/// Cells in runs for the threads: a few a thread level out dense and empty ones, and keep the pieces to be joined few.
fn chunks(city: &City) -> Vec<&[Range<usize>]> {
    let size = city
        .cells()
        .len()
        .div_ceil(rayon::current_num_threads() * 16)
        .max(1);
    city.cells().chunks(size).collect()
}

/// The rows of some consecutive demand points.
struct Piece {
    lengths: Vec<u32>,
    links: Vec<Link>,
}

/// A place near a cell.
struct Near {
    /// Position among all places.
    at: u32,
    x: f64,
    y: f64,
}

/// Places in a tree, and the rule of each class.
struct Search {
    rules: [Rule; 2],
    tree: Tree,
}

impl Search {
    fn new(travel: &dyn Rules, limits: Limits, places: &[Point]) -> Self {
        let leaf = |(point, place): (&Point, u32)| {
            GeomWithData::new([i64::from(point.x), i64::from(point.y)], place)
        };
        Self {
            rules: Self::rules(travel, limits),
            tree: RTree::bulk_load(places.iter().zip(0..).map(leaf).collect()),
        }
    }

    fn rules(travel: &dyn Rules, limits: Limits) -> [Rule; 2] {
        [Class::Urban, Class::Rural].map(|class| {
            limits
                .for_class(class)
                .map_or(Rule::NOWHERE, |limit| travel.rule(limit))
        })
    }

    /// Calls `on_point` with every demand point of `cells`, the places that may be within its rule, and the rule.
    fn for_each_point(
        &self,
        city: &City,
        cells: &[Range<usize>],
        mut on_point: impl FnMut(Point, &[Near], Rule),
    ) {
        let mut near: [Vec<Near>; 2] = Default::default();
        for cell in cells {
            let (points, classes) = (&city.points()[cell.clone()], &city.classes()[cell.clone()]);
            for (class, near) in [Class::Urban, Class::Rural].into_iter().zip(&mut near) {
                near.clear();
                let rule = self.rules[class as usize];
                if rule.farthest_squared >= 0.0 && classes.contains(&class) {
                    find_near(&self.tree, points[0].at, rule, near);
                }
            }
            for (point, &class) in points.iter().zip(classes) {
                on_point(point.at, &near[class as usize], self.rules[class as usize]);
            }
        }
    }
}

/// Adds the places in the square of the cell around `member`, made larger by the longest trip, in ascending position.
fn find_near(tree: &Tree, member: Point, rule: Rule, near: &mut Vec<Near>) {
    let [low, high] = cell_corners(member);
    let longest = rule.farthest();
    let around = AABB::from_corners(low.map(|mm| mm - longest), high.map(|mm| mm + longest));
    for hit in tree.locate_in_envelope(&around) {
        let [x, y] = *hit.geom();
        near.push(Near {
            at: hit.data,
            x: x as f64,
            y: y as f64,
        });
    }
    near.sort_unstable_by_key(|place| place.at);
}

/// Those of `near` within the rule, with the squares of their lengths, written to `hits`. Each candidate is written and then
/// kept or overwritten: without a branch on what chance decides.
fn within<'a>(
    from: Point,
    near: &[Near],
    rule: Rule,
    hits: &'a mut Vec<(u32, f64)>,
) -> &'a [(u32, f64)] {
    if hits.len() < near.len() {
        hits.resize(near.len(), (0, 0.0));
    }
    let (x, y) = (f64::from(from.x), f64::from(from.y));
    let mut count = 0;
    for place in near {
        let (dx, dy) = (place.x - x, place.y - y);
        let squared = dx * dx + dy * dy;
        hits[count] = (place.at, squared);
        count += usize::from(squared <= rule.farthest_squared);
    }
    &hits[..count]
}

/// The nearest of `near` within the rule, and how many are.
fn nearest(from: Point, near: &[Near], rule: Rule) -> Nearest {
    let (x, y) = (f64::from(from.x), f64::from(from.y));
    let (mut least, mut count) = (f64::INFINITY, 0);
    for place in near {
        let (dx, dy) = (place.x - x, place.y - y);
        let squared = dx * dx + dy * dy;
        count += u32::from(squared <= rule.farthest_squared);
        least = if squared < least { squared } else { least };
    }
    Nearest {
        time: (count > 0).then(|| rule.time(least)),
        count,
    }
}

/// Demand points of a cell, in columns, and the least rectangle around them.
#[derive(Default)]
struct Marking {
    x: Vec<f64>,
    y: Vec<f64>,
    /// West and south, east and north.
    corners: [[i32; 2]; 2],
}

impl Marking {
    fn enter(&mut self, points: &[Point]) {
        self.x.clear();
        self.y.clear();
        self.x.extend(points.iter().map(|point| f64::from(point.x)));
        self.y.extend(points.iter().map(|point| f64::from(point.y)));
        let point = points[0];
        self.corners = points
            .iter()
            .fold([[point.x, point.y]; 2], |[low, high], point| {
                [
                    [low[0].min(point.x), low[1].min(point.y)],
                    [high[0].max(point.x), high[1].max(point.y)],
                ]
            });
    }

    /// The least and the greatest square of the length from a place to anywhere in the rectangle.
    fn squares(&self, place: [i64; 2]) -> [f64; 2] {
        let along = |axis: usize| {
            let (low, high) = (self.corners[0][axis].into(), self.corners[1][axis].into());
            let least = place[axis] - place[axis].clamp(low, high);
            let most = (place[axis] - low).abs().max((high - place[axis]).abs());
            [least as f64, most as f64]
        };
        let ([least_x, most_x], [least_y, most_y]) = (along(0), along(1));
        [
            least_x * least_x + least_y * least_y,
            most_x * most_x + most_y * most_y,
        ]
    }
}

impl Search {
    /// Joins to what was `found` of each demand point of a cell the `marks` of the places within its rule.
    fn mark_cell(&self, classes: &[Class], marks: &[u8], cell: &Marking, found: &mut [u8]) {
        for class in [Class::Urban, Class::Rural] {
            let rule = self.rules[class as usize];
            if rule.farthest_squared < 0.0 || !classes.contains(&class) {
                continue;
            }
            let longest = rule.farthest();
            let [low, high] = cell.corners.map(|corner| corner.map(i64::from));
            let around =
                AABB::from_corners(low.map(|mm| mm - longest), high.map(|mm| mm + longest));
            // Of all points of the class.
            let mut whole = 0;
            for hit in self.tree.locate_in_envelope(&around) {
                let marks = marks[hit.data as usize];
                let [least, most] = cell.squares(*hit.geom());
                if most <= rule.farthest_squared {
                    whole |= marks;
                } else if least <= rule.farthest_squared && whole & marks != marks {
                    let [x, y] = hit.geom().map(|mm| mm as f64);
                    for (((found, own_x), own_y), &own) in
                        found.iter_mut().zip(&cell.x).zip(&cell.y).zip(classes)
                    {
                        let (dx, dy) = (x - own_x, y - own_y);
                        let within = dx * dx + dy * dy <= rule.farthest_squared;
                        // All bits or none.
                        *found |= marks & u8::from(within & (own == class)).wrapping_neg();
                    }
                }
            }
            if whole != 0 {
                let own = found.iter_mut().zip(classes);
                own.filter(|(_, own)| **own == class)
                    .for_each(|(found, _)| *found |= whole);
            }
        }
    }
}

/// Links and the nearest place of the demand points of one cell after the other.
struct CellSearch {
    /// Within which links are kept, by class.
    rules: [Rule; 2],
    /// Within which the nearest place is searched, by class; those of the links where no nearest place is wanted.
    farther: [Rule; 2],
    /// Whether the nearest place is wanted.
    nearest: bool,
    tree: Tree,
    found: Vec<Near>,
    /// Places near the cell, by class.
    near: [NearColumns; 2],
    /// Of a demand point, the places within its rule and the squares of their lengths.
    hits: Vec<u32>,
    squares: Vec<f64>,
}

/// Places near a cell, in columns.
#[derive(Default)]
struct NearColumns {
    at: Vec<u32>,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl NearColumns {
    fn fill(&mut self, places: &[Near]) {
        self.at.clear();
        self.x.clear();
        self.y.clear();
        self.at.extend(places.iter().map(|place| place.at));
        self.x.extend(places.iter().map(|place| place.x));
        self.y.extend(places.iter().map(|place| place.y));
    }
}

impl CellSearch {
    fn new(travel: &dyn Rules, query: &Query) -> Self {
        let Search { rules, tree } = Search::new(travel, query.limits, query.places);
        let farther = query.farther;
        Self {
            rules,
            farther: farther.map_or(rules, |limits| Search::rules(travel, limits)),
            nearest: farther.is_some(),
            tree,
            found: Vec::new(),
            near: Default::default(),
            hits: Vec::new(),
            squares: Vec::new(),
        }
    }

    /// Finds the places near the cell of `member`, whose demand points are of `classes`.
    fn enter(&mut self, member: Point, classes: &[Class]) {
        for class in [Class::Urban, Class::Rural] {
            let rule = self.farther[class as usize];
            self.found.clear();
            if rule.farthest_squared >= 0.0 && classes.contains(&class) {
                find_near(&self.tree, member, rule, &mut self.found);
            }
            self.near[class as usize].fill(&self.found);
            let room = self.hits.len().max(self.found.len());
            self.hits.resize(room, 0);
            self.squares.resize(room, 0.0);
        }
    }

    /// Whether no place is near the cell, so that all of its rows are empty.
    fn is_far_from_all(&self) -> bool {
        self.near.iter().all(|near| near.at.is_empty())
    }

    /// Adds the row of a demand point of the cell, and the time to its nearest place. As in [`within`] each candidate is
    /// written and then kept or overwritten.
    #[inline]
    fn add_row(&mut self, from: Point, class: Class, rows: &mut LinkRows) {
        let (rule, farther) = (self.rules[class as usize], self.farther[class as usize]);
        let NearColumns { at, x, y } = &self.near[class as usize];
        let (own_x, own_y) = (f64::from(from.x), f64::from(from.y));
        let (hits, squares) = (&mut self.hits[..at.len()], &mut self.squares[..at.len()]);
        let (mut least, mut count) = (f64::INFINITY, 0);
        for ((&place, x), y) in at.iter().zip(x).zip(y) {
            let (dx, dy) = (x - own_x, y - own_y);
            let squared = dx * dx + dy * dy;
            hits[count] = place;
            squares[count] = squared;
            count += usize::from(squared <= rule.farthest_squared);
            least = if squared < least { squared } else { least };
        }
        let times = squares[..count].iter().map(|&squared| rule.time(squared));
        rows.push(&hits[..count], times);
        if self.nearest {
            let within = least <= farther.farthest_squared;
            rows.nearest.push(within.then(|| farther.time(least)));
        }
    }
}

fn join(pieces: &[Piece], points: usize) -> Reach {
    let links = pieces.iter().map(|piece| piece.links.len()).sum();
    let mut reach = Reach {
        starts: Vec::with_capacity(points + 1),
        links: Vec::with_capacity(links),
    };
    reach.starts.push(0);
    let mut end = 0_usize;
    for piece in pieces {
        reach.links.extend_from_slice(&piece.links);
        for &length in &piece.lengths {
            end += length as usize;
            reach.starts.push(end);
        }
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::*;

    fn straight(walk: f64, detour: f64) -> Straight {
        Straight {
            detour,
            paces: Paces {
                walk,
                ebike: 4.0,
                car_bus: 8.0,
            },
        }
    }

    fn walk(minutes: u32) -> Limit {
        Limit {
            mode: Mode::Walk,
            minutes,
            radius_m: None,
        }
    }

    #[test]
    fn a_place_at_exactly_the_limit_counts() {
        // 15 minutes at 1.1 m/s are 990 m. A millimetre takes 0.9 ms, so the first one beyond still rounds to 900,001 ms.
        let rule = straight(1.1, 1.0).rule(walk(15));
        let within = |millimetres: f64| (millimetres * millimetres) <= rule.farthest_squared;
        assert_eq!(rule.time(990_000.0 * 990_000.0), Millis(900_000));
        assert!(within(990_000.0));
        assert!(!within(990_001.0));
    }

    #[test]
    fn the_largest_square_is_where_time_passes_the_limit() {
        for (pace, detour, minutes) in [
            (1.1, 1.3, 5),
            (0.8, 1.0, 15),
            (1.31, 1.27, 10),
            (1.0, 1.0, 0),
        ] {
            let rule = straight(pace, detour).rule(walk(minutes));
            assert!(
                rule.time(rule.farthest_squared)
                    .within(Millis::minutes(minutes))
            );
            assert!(
                !rule
                    .time(rule.farthest_squared + 1.0)
                    .within(Millis::minutes(minutes))
            );
        }
    }
}
