//! Travel in a straight line, made longer by a detour factor.

use rayon::prelude::*;
use rstar::primitives::GeomWithData;
use rstar::{AABB, Envelope, RTree};
use serde::{Deserialize, Serialize};

use super::{Limits, Link, Reach, Travel};
use crate::city::{City, Class};
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
#[derive(Debug, Clone, Copy)]
struct Rule {
    /// Milliseconds a millimetre.
    slowness: f64,
    /// In mm².
    farthest_squared: u64,
}

impl Rule {
    fn time(&self, squared: u64) -> Millis {
        // ⌊x + ½⌋: without SSE 4.1 `round` is a function call, and this runs once a link. Casts stop at the largest value.
        let length = ((squared as f64).sqrt() + 0.5) as u64;
        Millis((length as f64 * self.slowness + 0.5) as u32)
    }
}

impl Straight {
    fn rule(&self, limit: Limit) -> Rule {
        let mut rule = Rule { slowness: self.detour / self.paces.of(limit.mode), farthest_squared: 0 };
        // Time never falls as the square grows, so the edge is found by halving: what is within is decided by time alone.
        let (mut within, mut beyond) = (0_u64, 1 << 62);
        while beyond - within > 1 {
            let middle = within + (beyond - within) / 2;
            if rule.time(middle).within(limit.time()) { within = middle } else { beyond = middle }
        }
        rule.farthest_squared = within;
        rule
    }
}

impl Travel for Straight {
    /// The R-tree of places is asked once for each cell of demand points, and the few places found are tried for each point
    /// of the cell; cells go in parallel. O(places × log places + points × places near their cell).
    fn reach(&self, city: &City, limits: Limits, places: &[Point]) -> Reach {
        let tree = RTree::bulk_load(
            places.iter().zip(0..).map(|(at, place)| GeomWithData::new(envelope_point(*at), place)).collect(),
        );
        let rule = |class| limits.for_class(class).map(|limit| self.rule(limit));
        let rules = [rule(Class::Urban), rule(Class::Rural)];
        // A few chunks a thread level out dense and empty cells, and keep the pieces to be joined few.
        let chunk = city.cells().len().div_ceil(rayon::current_num_threads() * 16).max(1);
        let pieces: Vec<Piece> =
            city.cells().par_chunks(chunk).map(|cells| Piece::search(city, cells, rules, &tree)).collect();
        join(&pieces, city.points().len())
    }

    fn farthest(&self, limit: Limit) -> u64 {
        self.rule(limit).farthest_squared.isqrt() + 1
    }
}

type Tree = RTree<GeomWithData<[i64; 2], u32>>;

fn envelope_point(at: Point) -> [i64; 2] {
    [i64::from(at.x), i64::from(at.y)]
}

/// The rows of some consecutive demand points.
struct Piece {
    lengths: Vec<u32>,
    links: Vec<Link>,
}

impl Piece {
    fn search(city: &City, cells: &[std::ops::Range<u32>], rules: [Option<Rule>; 2], tree: &Tree) -> Self {
        let mut piece = Self { lengths: Vec::new(), links: Vec::new() };
        let mut near: [Vec<(u32, Point)>; 2] = Default::default();
        for cell in cells {
            let points = &city.points()[cell.start as usize..cell.end as usize];
            for class in [Class::Urban, Class::Rural] {
                let members = points.iter().filter(|point| city.class(point) == class).map(|point| point.at);
                let near = &mut near[class as usize];
                near.clear();
                near.extend(rules[class as usize].iter().flat_map(|rule| near_places(tree, members.clone(), rule)));
                near.sort_unstable_by_key(|&(place, _)| place);
            }
            for point in points {
                let class = city.class(point) as usize;
                let before = piece.links.len();
                if let Some(rule) = rules[class] {
                    piece.links.extend(near[class].iter().filter_map(|&(place, at)| {
                        let squared = point.at.squared_to(at);
                        (squared <= rule.farthest_squared).then(|| Link { place, time: rule.time(squared) })
                    }));
                }
                piece.lengths.push((piece.links.len() - before) as u32);
            }
        }
        piece
    }
}

/// The places in the box around `members`, made larger by the longest trip.
fn near_places(tree: &Tree, members: impl Iterator<Item = Point>, rule: &Rule) -> impl Iterator<Item = (u32, Point)> {
    let around = members.map(envelope_point).map(AABB::from_point).reduce(|a, b| a.merged(&b));
    let around = around.map(|members| grown(members, rule.farthest_squared.isqrt() as i64 + 1));
    around.into_iter().flat_map(|around| tree.locate_in_envelope(&around)).map(|hit| {
        let [x, y] = *hit.geom();
        (hit.data, Point { x: x as i32, y: y as i32 })
    })
}

fn grown(area: AABB<[i64; 2]>, by: i64) -> AABB<[i64; 2]> {
    let ([west, south], [east, north]) = (area.lower(), area.upper());
    AABB::from_corners([west - by, south - by], [east + by, north + by])
}

fn join(pieces: &[Piece], points: usize) -> Reach {
    let links = pieces.iter().map(|piece| piece.links.len()).sum();
    let mut reach = Reach { starts: Vec::with_capacity(points + 1), links: Vec::with_capacity(links) };
    reach.starts.push(0);
    let mut end = 0_usize;
    for piece in pieces {
        reach.links.extend_from_slice(&piece.links);
        for &length in &piece.lengths {
            end += length as usize;
            reach.starts.push(u32::try_from(end).expect("fewer links than memory holds"));
        }
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::*;

    fn straight(walk: f64, detour: f64) -> Straight {
        Straight { detour, paces: Paces { walk, ebike: 4.0, car_bus: 8.0 } }
    }

    fn walk(minutes: u32) -> Limit {
        Limit { mode: Mode::Walk, minutes, radius_m: None }
    }

    #[test]
    fn a_place_at_exactly_the_limit_counts() {
        // 15 minutes at 1.1 m/s are 990 m. A millimetre takes 0.9 ms, so the first one beyond still rounds to 900,001 ms.
        let rule = straight(1.1, 1.0).rule(walk(15));
        let at = |millimetres: u64| (millimetres * millimetres) <= rule.farthest_squared;
        assert_eq!(rule.time(990_000 * 990_000), Millis(900_000));
        assert!(at(990_000));
        assert!(!at(990_001));
    }

    #[test]
    fn the_largest_square_is_where_time_passes_the_limit() {
        for (pace, detour, minutes) in [(1.1, 1.3, 5), (0.8, 1.0, 15), (1.31, 1.27, 10), (1.0, 1.0, 0)] {
            let rule = straight(pace, detour).rule(walk(minutes));
            assert!(rule.time(rule.farthest_squared).within(Millis::minutes(minutes)));
            assert!(!rule.time(rule.farthest_squared + 1).within(Millis::minutes(minutes)));
        }
    }
}
