//! What units are made of: communities, and pieces of those that alone exceed the cap.

use geo::{Area, BooleanOps, BoundingRect, Centroid, Coord, MultiPolygon, Rect};

use super::UnitPlan;
use crate::city::City;
use crate::position::{CommunityAt, PointAt};
use crate::quantity::{Point, Residents};

/// A community or a piece of one.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    /// Position of the community.
    pub community: CommunityAt,
    /// Whether it is only a piece.
    pub piece: bool,
    /// Its demand points.
    pub points: Vec<PointAt>,
    /// The part of the plane that the piece takes of its community; everything for a whole one.
    pub bounds: Bounds,
    pub residents: Residents,
    /// Where its residents live on average; without any, the middle of its land. Metres.
    pub centre: Coord,
    pub polygon: MultiPolygon,
}

/// A rectangle of the plane: greater than the lower corner, at most the upper one. In millimetres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    over: Point,
    upto: Point,
}

impl Bounds {
    const EVERYTHING: Self = Self {
        over: Point {
            x: i32::MIN,
            y: i32::MIN,
        },
        upto: Point {
            x: i32::MAX,
            y: i32::MAX,
        },
    };

    pub(super) fn contains(&self, place: Point) -> bool {
        let inside = |value: i32, over: i32, upto: i32| over < value && value <= upto;
        inside(place.x, self.over.x, self.upto.x) && inside(place.y, self.over.y, self.upto.y)
    }

    fn cut(self, axis: Axis, cut_at: i32) -> (Self, Self) {
        let (mut low, mut high) = (self, self);
        match axis {
            Axis::X => (low.upto.x, high.over.x) = (cut_at, cut_at),
            Axis::Y => (low.upto.y, high.over.y) = (cut_at, cut_at),
        }
        (low, high)
    }
}

#[derive(Clone, Copy)]
enum Axis {
    X,
    Y,
}

impl Axis {
    fn of(self, place: Point) -> i32 {
        match self {
            Axis::X => place.x,
            Axis::Y => place.y,
        }
    }
}

/// The community as one atom or, if it has more residents than the cap, cut along its demand points by straight lines to the
/// east or the north into pieces that each have at most as many as a unit is drawn with, as even as the points allow. Only a
/// single place with more residents than that remains over it.
pub(super) fn atoms(
    city: &City,
    community: CommunityAt,
    points: &[PointAt],
    plan: &UnitPlan,
) -> Vec<Atom> {
    let land = &city.community(community).polygon;
    let mut parts = Vec::new();
    let most = if residents(city, points) > plan.most() {
        plan.most_drawn()
    } else {
        plan.most()
    };
    split(city, points.to_vec(), Bounds::EVERYTHING, most, &mut parts);
    let piece = parts.len() > 1;
    parts
        .into_iter()
        .map(|(points, bounds)| {
            let polygon = if piece {
                clip(land, bounds)
            } else {
                land.clone()
            };
            let residents = residents(city, &points);
            let centre = centre(city, &points, &polygon, residents);
            Atom {
                community,
                piece,
                points,
                bounds,
                residents,
                centre,
                polygon,
            }
        })
        .collect()
}

fn residents(city: &City, points: &[PointAt]) -> Residents {
    points
        .iter()
        .map(|&point| city.residents()[point].total())
        .sum()
}

fn split(
    city: &City,
    points: Vec<PointAt>,
    bounds: Bounds,
    cap: Residents,
    parts: &mut Vec<(Vec<PointAt>, Bounds)>,
) {
    let total = residents(city, &points);
    let cuts = total.0.div_ceil(cap.0);
    let wanted = u128::from(total.0) * u128::from(cuts / 2) / u128::from(cuts.max(1));
    let cut = if cuts > 1 {
        best_cut(city, &points, total.0, wanted as u64)
    } else {
        None
    };
    let Some((axis, cut_at)) = cut else {
        parts.push((points, bounds));
        return;
    };
    let (low, high) = bounds.cut(axis, cut_at);
    let (below, above) = points
        .into_iter()
        .partition(|point| axis.of(city.point(*point).at) <= cut_at);
    split(city, below, low, cap, parts);
    split(city, above, high, cap, parts);
}

/// A line across the longer side of the points (across the other, if they all lie on one line) that leaves about `wanted`
/// of the `total` residents (in thousandths) below it and somebody on either side. `None` where the residents cannot be parted.
fn best_cut(city: &City, points: &[PointAt], total: u64, wanted: u64) -> Option<(Axis, i32)> {
    let peopled: Vec<PointAt> = points
        .iter()
        .copied()
        .filter(|&point| city.residents()[point].total().0 > 0)
        .collect();
    let extent = |axis: Axis| {
        let places = peopled.iter().map(|&point| axis.of(city.point(point).at));
        places
            .clone()
            .max()
            .unwrap_or(0)
            .abs_diff(places.min().unwrap_or(0))
    };
    let axis = if extent(Axis::X) >= extent(Axis::Y) {
        Axis::X
    } else {
        Axis::Y
    };
    let mut along: Vec<(i32, u64)> = peopled
        .iter()
        .map(|&point| {
            (
                axis.of(city.point(point).at),
                city.residents()[point].total().0,
            )
        })
        .collect();
    along.sort_unstable();
    let mut below = 0;
    let lines = along.windows(2).filter_map(|pair| {
        below += pair[0].1;
        let middle = pair[0].0 + (pair[1].0.abs_diff(pair[0].0) / 2) as i32;
        (pair[0].0 < pair[1].0 && below < total).then_some((below.abs_diff(wanted), middle))
    });
    lines.min().map(|(_, line)| (axis, line))
}

fn clip(land: &MultiPolygon, bounds: Bounds) -> MultiPolygon {
    let Some(extent) = land.bounding_rect() else {
        return land.clone();
    };
    let (low, high) = (bounds.over.metres(), bounds.upto.metres());
    let corner = |low: f64, high: f64, edge: f64| edge.clamp(low - 1.0, high + 1.0);
    let frame = Rect::new(
        Coord {
            x: corner(extent.min().x, extent.max().x, low.x),
            y: corner(extent.min().y, extent.max().y, low.y),
        },
        Coord {
            x: corner(extent.min().x, extent.max().x, high.x),
            y: corner(extent.min().y, extent.max().y, high.y),
        },
    );
    let part = land.intersection(&MultiPolygon::from(frame.to_polygon()));
    MultiPolygon(
        part.0
            .into_iter()
            .filter(|polygon| polygon.unsigned_area() > 0.0)
            .collect(),
    )
}

fn centre(city: &City, points: &[PointAt], polygon: &MultiPolygon, residents: Residents) -> Coord {
    if residents.0 == 0 {
        return polygon.centroid().map_or(Coord::zero(), Into::into);
    }
    let mut sum = Coord::zero();
    for &point in points {
        let weight = city.residents()[point].total().0 as f64 / residents.0 as f64;
        sum = sum + city.point(point).at.metres() * weight;
    }
    sum
}
