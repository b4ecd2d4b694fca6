//! Between degrees and the city's plane: transverse Mercator on the WGS 84 ellipsoid (CGCS2000's differs by 0.1 mm).

use fuwutu_core::quantity::Frame;
use geo::Coord;
use proj4rs::Proj;
use proj4rs::transform::transform;

/// Both ways between longitude and latitude in degrees and metres east and north of a [`Frame`]'s origin.
#[derive(Debug)]
pub struct Projection {
    degrees: Proj,
    plane: Proj,
}

impl Projection {
    /// The plane that touches the globe at `frame`.
    #[must_use]
    pub fn new(frame: Frame) -> Self {
        let plane = format!(
            "+proj=tmerc +lat_0={} +lon_0={} +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m",
            frame.lat, frame.lon
        );
        Self {
            degrees: Proj::from_proj_string("+proj=longlat +ellps=WGS84")
                .expect("a fixed definition"),
            plane: Proj::from_proj_string(&plane)
                .expect("a fixed definition with two finite numbers"),
        }
    }

    /// Metres of a place in degrees; not finite where the place is too far away to be in this plane.
    #[must_use]
    pub fn to_plane(&self, degrees: Coord) -> Coord {
        let mut place = (degrees.x.to_radians(), degrees.y.to_radians(), 0.0);
        match transform(&self.degrees, &self.plane, &mut place) {
            Ok(()) => Coord {
                x: place.0,
                y: place.1,
            },
            Err(_) => Coord {
                x: f64::INFINITY,
                y: f64::INFINITY,
            },
        }
    }

    /// Degrees of a place in metres, rounded to seven decimals (a centimetre).
    #[must_use]
    pub fn to_degrees(&self, metres: Coord) -> Coord {
        let mut place = (metres.x, metres.y, 0.0);
        let rounded = |radians: f64| (radians.to_degrees() * 1e7).round() / 1e7;
        match transform(&self.plane, &self.degrees, &mut place) {
            Ok(()) => Coord {
                x: rounded(place.0),
                y: rounded(place.1),
            },
            Err(_) => Coord {
                x: f64::NAN,
                y: f64::NAN,
            },
        }
    }
}

/// The origin for places between two corners (degrees): their middle, to a tenth of a degree, so that a slightly larger
/// city is measured in the same plane.
#[must_use]
pub fn frame_between(low: Coord, high: Coord) -> Frame {
    let tenth = |a: f64, b: f64| (f64::midpoint(a, b) * 10.0).round() / 10.0;
    Frame {
        lon: tenth(low.x, high.x),
        lat: tenth(low.y, high.y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_near_chengdu_are_those_of_its_national_zone() {
        // Tianfu Square in EPSG:4544 (central meridian 105° E): 410,453 m E (of 500,000 at the meridian), 3,393,597 m N.
        // From the equator on that meridian the plane is that zone without its false easting.
        let zone = Projection::new(Frame {
            lon: 105.0,
            lat: 0.0,
        });
        let square = zone.to_plane(Coord {
            x: 104.0657,
            y: 30.6595,
        });
        assert!((square.x + 500_000.0 - 410_453.0).abs() < 1.0, "{square:?}");
        assert!((square.y - 3_393_597.0).abs() < 1.0, "{square:?}");
    }

    #[test]
    fn seven_decimals_survive_the_way_there_and_back() {
        let projection = Projection::new(Frame {
            lon: 104.0,
            lat: 30.6,
        });
        for degrees in [
            Coord {
                x: 104.065_712_3,
                y: 30.659_512_3,
            },
            Coord { x: 103.0, y: 31.4 },
        ] {
            assert_eq!(projection.to_degrees(projection.to_plane(degrees)), degrees);
        }
    }
}
