//! From degrees to the picture: equirectangular about the middle latitude, so a degree of longitude is cos φ of one of latitude.
//!
//! Within a city of 100 km the scale differs by less than 1 % between its north and south.

use std::fmt::Write;

use geo::{
    BoundingRect, Coord, LineString, MapCoords, MultiPolygon, Rect, SimplifyVw, SimplifyVwPreserve,
};

/// Metres in a degree of latitude.
const METERS_PER_DEGREE: f64 = 111_195.0;

/// Triangles smaller than this many square pixels are left out of an outline: a quarter of a pixel on an edge of one pixel, so that
/// two neighbours, each simplified for itself, show no gap under the line that is drawn along both.
const SMALLEST: f64 = 0.12;

/// The picture's plane: where a coordinate comes to stand, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    west: f64,
    north: f64,
    left: f64,
    top: f64,
    per_lon: f64,
    per_lat: f64,
}

/// A part of the picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Plane {
    /// Puts `bounds` (degrees) into the middle of `area`, as large as it fits. Bounds without an extent are given 100 m.
    pub(super) fn fit(bounds: Rect, area: Area) -> Self {
        let least = 100.0 / METERS_PER_DEGREE;
        let shrink = bounds.center().y.to_radians().cos();
        let (width, height) = (
            (bounds.width() * shrink).max(least),
            bounds.height().max(least),
        );
        let per_lat = (area.width / width).min(area.height / height);
        Self {
            west: bounds.min().x,
            north: bounds.max().y,
            left: area.left + (area.width - bounds.width() * shrink * per_lat) / 2.0,
            top: area.top + (area.height - bounds.height() * per_lat) / 2.0,
            per_lon: per_lat * shrink,
            per_lat,
        }
    }

    /// Where it comes to stand.
    pub(super) fn at(&self, place: Coord) -> Coord {
        Coord {
            x: self.left + (place.x - self.west) * self.per_lon,
            y: self.top + (self.north - place.y) * self.per_lat,
        }
    }

    /// Pixels in a kilometre.
    pub(super) fn per_km(&self) -> f64 {
        self.per_lat * 1000.0 / METERS_PER_DEGREE
    }

    /// Land in pixels, without detail that cannot be seen. Polygons of less than a pixel vanish.
    pub(super) fn land(&self, outline: &MultiPolygon) -> MultiPolygon {
        MultiPolygon(
            outline
                .iter()
                .filter(|polygon| {
                    let bounds = polygon.bounding_rect();
                    bounds.is_some_and(|bounds| {
                        bounds.width() * self.per_lon >= 1.0
                            || bounds.height() * self.per_lat >= 1.0
                    })
                })
                .map(|polygon| {
                    polygon
                        .map_coords(|place| self.at(place))
                        .simplify_vw_preserve(SMALLEST)
                })
                .collect(),
        )
    }

    /// A line in pixels, without detail that cannot be seen.
    pub(super) fn line(&self, line: &[Coord]) -> LineString {
        LineString(line.iter().map(|&place| self.at(place)).collect()).simplify_vw(SMALLEST)
    }
}

/// The data of an SVG path for land in pixels; empty where nothing of it can be seen.
pub(super) fn path(land: &MultiPolygon) -> String {
    let mut data = String::new();
    for polygon in land {
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            // The last point repeats the first.
            let points = &ring.0[..ring.0.len().saturating_sub(1)];
            if trace(points, &mut data) {
                data.push('z');
            }
        }
    }
    data
}

/// Adds a line to the data of a path: absolute at its beginning, then from point to point in tenths of a pixel. Whether there is
/// anything to see.
pub(super) fn trace(points: &[Coord], data: &mut String) -> bool {
    let mut steps = points.iter().map(|place| {
        (
            (place.x * 10.0).round() as i64,
            (place.y * 10.0).round() as i64,
        )
    });
    let Some(mut last) = steps.next() else {
        return false;
    };
    let before = data.len();
    let _ = write!(data, "M{} {}l", tenth(last.0), tenth(last.1));
    let begun = data.len();
    for next in steps {
        if next != last {
            let space = if data.len() == begun { "" } else { " " };
            let _ = write!(
                data,
                "{space}{} {}",
                tenth(next.0 - last.0),
                tenth(next.1 - last.1)
            );
            last = next;
        }
    }
    let seen = data.len() > begun;
    if !seen {
        data.truncate(before);
    }
    seen
}

/// A number of tenths, as short as it can be: `-12` is `-1.2`, `30` is `3`.
fn tenth(number: i64) -> String {
    match (number / 10, number % 10) {
        (whole, 0) => whole.to_string(),
        (0, rest) if number < 0 => format!("-.{}", -rest),
        (0, rest) => format!(".{rest}"),
        (whole, rest) => format!("{whole}.{}", rest.abs()),
    }
}

/// A number of pixels with at most one decimal.
pub(super) fn px(number: f64) -> String {
    tenth((number * 10.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use geo::{Distance, Euclidean, Point, Polygon};

    use super::*;

    const AREA: Area = Area {
        left: 10.0,
        top: 20.0,
        width: 200.0,
        height: 100.0,
    };

    fn bounds(west: f64, south: f64, east: f64, north: f64) -> Rect {
        Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north })
    }

    #[test]
    fn at_sixty_degrees_a_degree_of_longitude_is_half_as_long() {
        // 2° × 1° at latitude 60 is as wide as high: it fills the height, in the middle of the width.
        let plane = Plane::fit(bounds(100.0, 59.5, 102.0, 60.5), AREA);
        let (corner, far) = (
            plane.at(Coord { x: 100.0, y: 60.5 }),
            plane.at(Coord { x: 102.0, y: 59.5 }),
        );
        assert!(
            (corner.x - 60.0).abs() < 1e-6 && (corner.y - 20.0).abs() < 1e-6,
            "{corner:?}"
        );
        assert!(
            (far.x - 160.0).abs() < 1e-6 && (far.y - 120.0).abs() < 1e-6,
            "{far:?}"
        );
        assert!((plane.per_km() - 100.0 / 111.195).abs() < 1e-6);
    }

    #[test]
    fn a_place_without_an_extent_is_drawn_at_the_middle() {
        let place =
            Plane::fit(bounds(104.0, 30.0, 104.0, 30.0), AREA).at(Coord { x: 104.0, y: 30.0 });
        assert!(
            (place.x - 110.0).abs() < 1e-6 && (place.y - 70.0).abs() < 1e-6,
            "{place:?}"
        );
    }

    #[test]
    fn a_path_goes_in_tenths_of_a_pixel_and_back_to_its_beginning() {
        let ring = [
            (0.0, 0.0),
            (10.04, 0.0),
            (10.04, 0.04),
            (10.0, 9.96),
            (-0.31, 10.0),
            (0.0, 0.0),
        ];
        let land = MultiPolygon(vec![Polygon::new(LineString::from(ring.to_vec()), vec![])]);
        assert_eq!(path(&land), "M0 0l10 0 0 10 -10.3 0z");
        assert_eq!(
            [px(-0.04), px(-1.25), px(3.0), px(0.5)],
            ["0", "-1.3", "3", ".5"]
        );
    }

    #[test]
    fn what_is_left_out_of_a_line_is_less_than_half_a_pixel() {
        // A winding bank of 5,000 points over 200 pixels, as neighbours share it: from either end.
        let plane = Plane::fit(bounds(104.0, 30.0, 104.2, 30.1), AREA);
        let there: Vec<Coord> = (0..5000)
            .map(|step| {
                let t = f64::from(step) / 5000.0;
                Coord {
                    x: 104.0 + 0.2 * t,
                    y: 30.05 + 0.02 * (40.0 * t).sin() + 0.0005 * (900.0 * t).sin(),
                }
            })
            .collect();
        let back: Vec<Coord> = there.iter().rev().copied().collect();
        for line in [there, back] {
            let drawn = plane.line(&line);
            assert!(drawn.0.len() < 1000, "{}", drawn.0.len());
            for place in line {
                let off = Euclidean.distance(&Point(plane.at(place)), &drawn);
                assert!(off < 0.5, "{off}");
            }
        }
    }

    #[test]
    fn land_of_less_than_a_pixel_is_not_drawn() {
        let plane = Plane::fit(bounds(104.0, 30.0, 105.0, 31.0), AREA);
        let islet = MultiPolygon(vec![bounds(104.5, 30.5, 104.501, 30.501).to_polygon()]);
        assert_eq!(path(&plane.land(&islet)), "");
    }
}
