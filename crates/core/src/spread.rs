//! Where the residents of a community are put when only their total is known.
//!
//! A total put at one place in the middle misleads: a limit of five minutes is shorter than most communities are wide. So
//! residents are spread over squares of the community, evenly over its area or by the length of the streets that people live
//! along. Each square gets one place, and the total is handed out by weight, exactly.

use std::collections::BTreeMap;

use geo::{Area, BoundingRect, Centroid, Coord, InteriorPoint, LineString, MultiPolygon};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::city::{Community, Land};
use crate::position::CommunityAt;
use crate::quantity::{AGE_BANDS, Ages, Apportion, Point, Residents};
use crate::reach::roads::Roads;

/// How residents of whom only the community is known are spread over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// Along the streets that people may live along, by their length; evenly over the land of a community without any.
    #[schemars(extend("x-zh" = "沿社区内可居住的道路，按长度分布；没有这种道路的社区按面积均匀分布"))]
    Streets,
    /// Evenly over the land.
    #[schemars(extend("x-zh" = "按面积均匀分布"))]
    Area,
    /// By what is known of where people live: a grid of people, or buildings (`inputs.weights`); a community without any along its streets,
    /// else evenly over its land.
    #[schemars(extend("x-zh" = "按人口栅格或建筑（`inputs.weights`）分布；其中没有的社区沿道路分布，没有道路的按面积"))]
    Weights,
    /// At one place in the middle of the land.
    #[schemars(extend("x-zh" = "都在社区中心一点"))]
    Centre,
}

impl Spread {
    /// What it is compared with, to see how much the choice matters: the best of the others that can be had.
    #[must_use]
    pub fn other(self, with_roads: bool) -> Self {
        match self {
            Self::Streets | Self::Weights | Self::Centre => Self::Area,
            Self::Area if with_roads => Self::Streets,
            Self::Area => Self::Centre,
        }
    }

    /// The homes of each community that is `wanted`; none for the others. Without `roads` nobody lives along a street; `weighed` are
    /// the homes of each community by [`Weighing`], for [`Spread::Weights`] alone. Communities go in parallel.
    #[must_use]
    pub fn homes(
        self,
        communities: &[Community],
        wanted: &[bool],
        roads: Option<&Roads>,
        weighed: Option<Vec<Vec<Home>>>,
    ) -> Vec<Vec<Home>> {
        let none = || vec![Vec::new(); communities.len()];
        let weighed = weighed.filter(|_| self == Self::Weights);
        let weighed = weighed.unwrap_or_else(none);
        let along = match (self, roads) {
            (Self::Streets | Self::Weights, Some(roads)) => {
                let sides: Vec<Option<f64>> = communities
                    .par_iter()
                    .zip(wanted)
                    .zip(&weighed)
                    .map(|((community, wanted), weighed)| {
                        (*wanted && weighed.is_empty()).then(|| side(&community.polygon))
                    })
                    .collect();
                along_streets(roads, &Land::new(communities), &sides)
            }
            _ => none(),
        };
        let all = communities.par_iter().zip(wanted).zip(weighed).zip(along);
        all.map(|(((community, wanted), weighed), along)| match self {
            _ if !wanted => Vec::new(),
            _ if !weighed.is_empty() => weighed,
            _ if !along.is_empty() => along,
            Self::Streets | Self::Area | Self::Weights => over_area(&community.polygon),
            Self::Centre => vec![Home {
                at: centre(&community.polygon),
                weight: 1.0,
            }],
        })
        .collect()
    }
}

/// A place of a community's residents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Home {
    /// Where.
    pub at: Point,
    /// Its part of the residents, > 0, against that of the community's other homes.
    pub weight: f64,
}

/// A community is cut into about so many squares at most.
pub const MOST_SQUARES: f64 = 200.0;

/// Squares have at least this side (metres): people of one square are less than a minute and a half apart.
pub const LEAST_SIDE: f64 = 100.0;

/// A square is looked at in so many rows and columns.
const LOOKS: i64 = 4;

/// Streets are looked at in steps of so many metres.
const STEP: f64 = 20.0;

/// The side (metres) of the squares that `land` is cut into: [`LEAST_SIDE`], or larger so that there are about
/// [`MOST_SQUARES`] of them.
/// ```
/// use fuwutu_core::spread::side;
/// use geo::{MultiPolygon, Rect, coord};
/// let square = |side: f64| MultiPolygon::from(Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: side, y: side }).to_polygon());
/// assert_eq!(side(&square(1_000.0)), 100.0); // 100 squares of 100 m
/// assert_eq!(side(&square(20_000.0)), 1_415.0); // 400 km² ÷ 200 = 2 km² a square, rounded up to whole metres
/// ```
#[must_use]
pub fn side(land: &MultiPolygon) -> f64 {
    (land.unsigned_area() / MOST_SQUARES)
        .sqrt()
        .ceil()
        .max(LEAST_SIDE)
}

/// One home in the middle: inside the land, wherever its centroid lies.
#[must_use]
pub fn centre(land: &MultiPolygon) -> Point {
    let inner = land.interior_point().or_else(|| land.centroid());
    inner
        .and_then(|at| Point::from_metres(at.0))
        .unwrap_or_default()
}

/// Homes evenly over the land: one a square, weighted by how much of the square is land.
///
/// A square of the plane is looked at in 4 × 4 places; its weight is the number of those inside, and its home is the one of
/// them nearest to their mean. Squares come from south to north and from west to east. Land that no look hits has one home in
/// its middle. O(looks + rows of looks × corners).
/// ```
/// use fuwutu_core::spread::over_area;
/// use geo::{MultiPolygon, Rect, coord};
/// // 200 m × 100 m are two squares, each of them land all over.
/// let land = MultiPolygon::from(Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 200.0, y: 100.0 }).to_polygon());
/// let homes = over_area(&land);
/// assert_eq!(homes.iter().map(|home| home.weight).collect::<Vec<_>>(), [16.0, 16.0]);
/// assert!(homes[0].at.x < 100_000 && homes[1].at.x > 100_000);
/// ```
#[must_use]
pub fn over_area(land: &MultiPolygon) -> Vec<Home> {
    let side = side(land);
    let mut squares = Squares::new(side);
    for at in looks(land, side / LOOKS as f64) {
        squares.add(at, 1.0);
    }
    let homes = squares.homes();
    if homes.is_empty() {
        return vec![Home {
            at: centre(land),
            weight: 1.0,
        }];
    }
    homes
}

/// Homes along the streets of each community, weighted by their length; none for communities without such a street.
///
/// Streets count that people may live along ([`Access::homes`](crate::reach::roads::Access::homes)). They are looked at every
/// 20 m, in the middle of equal steps; each look counts for its community, wherever the street comes from, and within it for its
/// square as in [`over_area`]. `sides` holds the side of each community's squares, or `None` where its people are known.
/// O(looks × log communities).
#[must_use]
pub fn along_streets(roads: &Roads, land: &Land, sides: &[Option<f64>]) -> Vec<Vec<Home>> {
    let mut squares: Vec<Option<Squares>> =
        sides.iter().map(|side| side.map(Squares::new)).collect();
    for (position, edge) in roads.edges().iter().enumerate() {
        if !edge.access.homes() {
            continue;
        }
        for [from, to] in roads.lines(position as u32) {
            for (at, length) in steps(from.metres(), to.metres()) {
                let place = Point::from_metres(at);
                let community: Option<CommunityAt> = place.and_then(|place| land.community(place));
                if let Some(squares) = community.and_then(|at| squares[at.index()].as_mut()) {
                    squares.add(at, length);
                }
            }
        }
    }
    squares
        .into_iter()
        .map(|squares| squares.map_or_else(Vec::new, |squares| squares.homes()))
        .collect()
}

/// The middles of equal steps of at most [`STEP`] between two places, with the length of a step.
fn steps(from: Coord, to: Coord) -> impl Iterator<Item = (Coord, f64)> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx.hypot(dy);
    let count = (length / STEP).ceil() as u32;
    (0..count).map(move |step| {
        let part = (f64::from(step) + 0.5) / f64::from(count);
        let at = Coord {
            x: from.x + dx * part,
            y: from.y + dy * part,
        };
        (at, length / f64::from(count))
    })
}

/// Homes by weights at places: the cells of a grid of people, or buildings.
///
/// A place counts for the community in which it lies, and within it for its square as in [`over_area`]: so many homes at most as there
/// are squares, whatever the number of places, since people less than a minute and a half apart reach the same in a limit of whole
/// minutes.
/// ```
/// use fuwutu_core::city::{Class, Community};
/// use fuwutu_core::position::{CommunityAt, TownshipAt};
/// use fuwutu_core::spread::Weighing;
/// use geo::{MultiPolygon, Rect, coord};
/// let land = MultiPolygon::from(Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 200.0, y: 100.0 }).to_polygon());
/// let community = Community {
///     code: "c".into(), name: String::new(), township: TownshipAt(0), class: Class::Urban, residential_m2: None, polygon: land,
/// };
/// let communities = [community];
/// let mut weighing = Weighing::new(&communities, &[true]);
/// // Two buildings in the western square, one in the eastern, one outside.
/// let at = |x, weight| (coord! { x: x, y: 50.0 }, weight);
/// weighing.extend(&[at(20.0, 1.0), at(60.0, 2.0), at(150.0, 5.0), at(300.0, 9.0)]);
/// assert_eq!(weighing.sum(CommunityAt(0)), 8.0);
/// let homes = weighing.homes();
/// assert_eq!(homes[0].iter().map(|home| (home.at.x, home.weight)).collect::<Vec<_>>(), [(60_000, 3.0), (150_000, 5.0)]);
/// ```
pub struct Weighing<'a> {
    land: Land<'a>,
    /// By position of the community; `None` where its people are known.
    squares: Vec<Option<Squares>>,
    sums: Vec<f64>,
    outside: u64,
}

impl<'a> Weighing<'a> {
    /// For the communities that are `wanted`.
    #[must_use]
    pub fn new(communities: &'a [Community], wanted: &[bool]) -> Self {
        let squares = communities.par_iter().zip(wanted);
        let squares = squares
            .map(|(community, wanted)| wanted.then(|| Squares::new(side(&community.polygon))));
        Self {
            land: Land::new(communities),
            squares: squares.collect(),
            sums: vec![0.0; communities.len()],
            outside: 0,
        }
    }

    /// Adds places of the plane in metres, each with its weight > 0. Where they lie is found in parallel.
    pub fn extend(&mut self, places: &[(Coord, f64)]) {
        let land = &self.land;
        let communities: Vec<Option<CommunityAt>> = places
            .par_iter()
            .map(|(at, _)| land.community(Point::from_metres(*at)?))
            .collect();
        for ((at, weight), community) in places.iter().zip(communities) {
            let Some(community) = community.map(CommunityAt::index) else {
                self.outside += 1;
                continue;
            };
            if let Some(squares) = &mut self.squares[community] {
                squares.add(*at, *weight);
                self.sums[community] += weight;
            }
        }
    }

    /// What the places of a community weigh together; 0 where it is not wanted.
    #[must_use]
    pub fn sum(&self, community: CommunityAt) -> f64 {
        self.sums[community.index()]
    }

    /// How many places lie in no community.
    #[must_use]
    pub fn outside(&self) -> u64 {
        self.outside
    }

    /// The homes of each community; none where nothing weighs.
    #[must_use]
    pub fn homes(&self) -> Vec<Vec<Home>> {
        let squares = self.squares.par_iter();
        squares
            .map(|squares| squares.as_ref().map_or_else(Vec::new, Squares::homes))
            .collect()
    }
}

/// The residents of each home: `total` by weight, in whole thousandths by band of ages. Each band adds up exactly.
/// ```
/// use fuwutu_core::quantity::{Ages, Point};
/// use fuwutu_core::spread::{Home, residents};
/// let home = |weight| Home { at: Point::default(), weight };
/// // Ten people of the first band over weights 1 and 2: 3.333 and 6.667.
/// let homes = [home(1.0), home(2.0)];
/// let parts = residents(&Ages([10_000, 0, 0, 0, 0, 0, 0]), &homes);
/// assert_eq!(parts.iter().map(|ages| ages.0[0]).collect::<Vec<_>>(), [3_333, 6_667]);
/// ```
#[must_use]
pub fn residents(total: &Ages, homes: &[Home]) -> Vec<Ages> {
    let whole: f64 = homes.iter().map(|home| home.weight).sum();
    let mut rests: [Apportion; AGE_BANDS.len()] = total
        .0
        .map(|band| Apportion::new(Residents(u64::from(band)), whole));
    let part = |home: &Home| {
        // A part is no larger than its band's total, which fits.
        Ages(std::array::from_fn(|band| {
            rests[band].next(home.weight).0 as u32
        }))
    };
    homes.iter().map(part).collect()
}

/// What was looked at, by square.
struct Squares {
    side: f64,
    /// By row (south to north) and column: the sum of weights, and every look.
    looks: BTreeMap<(i64, i64), Vec<(Coord, f64)>>,
}

impl Squares {
    fn new(side: f64) -> Self {
        Self {
            side,
            looks: BTreeMap::new(),
        }
    }

    fn add(&mut self, at: Coord, weight: f64) {
        let square = (
            (at.y / self.side).floor() as i64,
            (at.x / self.side).floor() as i64,
        );
        self.looks.entry(square).or_default().push((at, weight));
    }

    /// One home a square: the look nearest to the weighted mean of all of them, the first of equally near ones.
    fn homes(&self) -> Vec<Home> {
        let homes = self.looks.values().filter_map(|looks| {
            let weight: f64 = looks.iter().map(|(_, weight)| weight).sum();
            let mean = |along: fn(&Coord) -> f64| {
                looks
                    .iter()
                    .map(|(at, weight)| along(at) * weight)
                    .sum::<f64>()
                    / weight
            };
            let mean = Coord {
                x: mean(|at| at.x),
                y: mean(|at| at.y),
            };
            let apart = |at: &Coord| (at.x - mean.x).hypot(at.y - mean.y);
            let nearest = looks
                .iter()
                .min_by(|(a, _), (b, _)| apart(a).total_cmp(&apart(b)));
            let at = nearest.and_then(|(at, _)| Point::from_metres(*at))?;
            Some(Home { at, weight })
        });
        homes.collect()
    }
}

/// The places of a lattice with `spacing` metres (half a spacing off the plane's origin) that lie in `land`, row by row from the
/// south, each from the west.
///
/// In each row the crossings of all rings are sorted: what lies between the first and the second, the third and the fourth, …
/// is land.
fn looks(land: &MultiPolygon, spacing: f64) -> Vec<Coord> {
    let Some(bounds) = land.bounding_rect() else {
        return Vec::new();
    };
    let first = (bounds.min().y / spacing - 0.5).ceil() as i64;
    let last = (bounds.max().y / spacing - 0.5).floor() as i64;
    let rings: Vec<&LineString> = land
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
        .collect();
    let mut found = Vec::new();
    for row in first..=last {
        let y = (row as f64 + 0.5) * spacing;
        let mut crossings: Vec<f64> = rings.iter().flat_map(|ring| crossings(ring, y)).collect();
        crossings.sort_by(f64::total_cmp);
        for span in crossings.chunks_exact(2) {
            let west = (span[0] / spacing - 0.5).ceil() as i64;
            let east = (span[1] / spacing - 0.5).ceil() as i64;
            found.extend((west..east).map(|column| Coord {
                x: (column as f64 + 0.5) * spacing,
                y,
            }));
        }
    }
    found
}

/// Where the sides of a ring cross the height `y`. A side holds its lower end and not its upper one, so that a corner at that
/// height counts once, or twice, as it must.
fn crossings(ring: &LineString, y: f64) -> impl Iterator<Item = f64> + '_ {
    ring.lines().filter_map(move |side| {
        let (a, b) = (side.start, side.end);
        ((a.y <= y) != (b.y <= y)).then(|| a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::roads::{Access, Edge, RoadRecords};
    use crate::service::Mode;
    use geo::{Contains, polygon};

    fn land() -> MultiPolygon {
        // A U of 900 m × 600 m whose notch is 300 m wide and 400 m deep, with a hole in its left arm.
        MultiPolygon::from(geo::Polygon::new(
            polygon![(x: 0.0, y: 0.0), (x: 900.0, y: 0.0), (x: 900.0, y: 600.0), (x: 600.0, y: 600.0),
                (x: 600.0, y: 200.0), (x: 300.0, y: 200.0), (x: 300.0, y: 600.0), (x: 0.0, y: 600.0)]
            .exterior()
            .clone(),
            vec![polygon![(x: 125.0, y: 325.0), (x: 175.0, y: 325.0), (x: 175.0, y: 375.0), (x: 125.0, y: 375.0)].exterior().clone()],
        ))
    }

    #[test]
    fn homes_lie_on_the_land_and_weigh_what_is_land() {
        let homes = over_area(&land());
        let inside = |home: &&Home| land().contains(&geo::Point(home.at.metres()));
        assert_eq!(homes.iter().filter(inside).count(), homes.len());
        // 900 × 600 − 300 × 400 − 50 × 50 m², each look 25 × 25 m: 864 − 192 − 4 looks.
        let looks: f64 = homes.iter().map(|home| home.weight).sum();
        assert_eq!(looks as u32, 864 - 192 - 4);
        assert_eq!(
            homes.len(),
            54 - 12,
            "one a square of 100 m, none in the notch"
        );
    }

    #[test]
    fn land_smaller_than_a_look_has_one_home() {
        let tiny =
            MultiPolygon::from(polygon![(x: 1.0, y: 1.0), (x: 3.0, y: 1.0), (x: 3.0, y: 3.0)]);
        let homes = over_area(&tiny);
        assert_eq!(homes.len(), 1);
        assert!(tiny.contains(&geo::Point(homes[0].at.metres())));
    }

    #[test]
    fn everybody_is_put_somewhere_and_nobody_twice() {
        let homes = over_area(&land());
        let total = Ages([1, 20, 333, 4_444, 0, 1_234_567, 7]);
        let parts = residents(&total, &homes);
        for band in 0..AGE_BANDS.len() {
            assert_eq!(
                parts.iter().map(|part| part.0[band]).sum::<u32>(),
                total.0[band]
            );
        }
    }

    #[test]
    fn people_live_along_streets_by_their_length() {
        let east = |x: i32| Point {
            x: x * 1_000,
            y: 50_000,
        };
        let edge = |from, to, length, access| Edge {
            from,
            to,
            length,
            access,
        };
        // 60 m in the community's west, 180 m in its east; between them a drive that nobody may walk on; a viaduct over all.
        let roads = Roads::new(RoadRecords {
            nodes: vec![east(20), east(80), east(120), east(300)],
            edges: vec![
                edge(0, 1, 60_000, Access::everybody()),
                edge(2, 3, 180_000, Access::everybody()),
                edge(1, 2, 40_000, Access::of(Mode::CarBus, true, true)),
                edge(0, 3, 280_000, Access::everybody().and(Access::NO_HOMES)),
            ],
            ..RoadRecords::default()
        })
        .unwrap();
        let community = crate::city::Community {
            residential_m2: None,
            code: "c".into(),
            name: String::new(),
            township: crate::position::TownshipAt(0),
            class: crate::city::Class::Urban,
            polygon: MultiPolygon::from(
                polygon![(x: 0.0, y: 0.0), (x: 300.0, y: 0.0), (x: 300.0, y: 100.0), (x: 0.0, y: 100.0)],
            ),
        };
        let communities = [community];
        let homes = along_streets(&roads, &Land::new(&communities), &[Some(100.0)]);
        let weights: Vec<f64> = homes[0].iter().map(|home| home.weight.round()).collect();
        assert_eq!(weights, [60.0, 80.0, 100.0]);
        assert_eq!(
            homes[0][0].at,
            east(50),
            "the look nearest to the middle of its square's street"
        );
    }
}
