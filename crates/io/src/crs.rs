//! Coordinate systems of input files: from their numbers to longitude and latitude in degrees.
//!
//! | declared as | what it is |
//! |---|---|
//! | `EPSG:4490`, `CGCS2000`, `EPSG:4326`, `WGS84`, `CRS84` | longitude and latitude (the two differ by decimetres, and are taken as one) |
//! | `EPSG:4491` to `4501` | CGCS2000, zones of 6°, easting with the number of the zone (13 to 23) before it |
//! | `EPSG:4502` to `4512` | the same without the number (central meridians 75° to 135°) |
//! | `EPSG:4513` to `4533` | CGCS2000, zones of 3°, with the number (25 to 45) |
//! | `EPSG:4534` to `4554` | the same without the number (75° to 135°) |
//! | `EPSG:32601` to `32660`, `32701` to `32760` | UTM on WGS 84, north and south |
//! | `EPSG:3826` | TWD97 / TM2, 121° |
//! | `EPSG:3857` | Web Mercator |
//! | `ESRI:54009`, `World_Mollweide` | Mollweide, of population grids of the whole world (GHSL) |
//! | `GCJ-02` | longitude and latitude as maps in China show them (Amap, Tencent) |
//! | `BD-09` | the same as Baidu shows them |
//!
//! Beijing 1954 and Xi'an 1980 have no public transformation that is exact enough, and are refused with that reason.
//!
//! GCJ-02 moves a place by a sum of sines of its distance from 105° E, 35° N, by 18 to 711 m in China; BD-09 moves that once more, in
//! polar coordinates. Both are undone by p ← p + (g − f(p)), from p = g, until the step is below a hundredth of a millimetre (four
//! or five steps; measured against the forward formula, what is left is below 10⁻⁹ degrees). How exact providers themselves are is
//! not known; users report some 10 m.
//!
//! By hand: Tianfu Square in Chengdu, 104.0657° E, 30.6595° N, is 104.06820740 E, 30.65707914 N in GCJ-02 (240 m east, 268 m south), and
//! E 410,453, N 3,393,597 in EPSG:4544.

pub(crate) mod wkt;

use std::fmt;

use geo::Coord;
use proj4rs::Proj;
use proj4rs::transform::transform;

/// A coordinate system that files may be in.
#[derive(Debug, Clone)]
pub struct Crs {
    name: String,
    way: Way,
}

/// How its numbers become degrees.
#[derive(Debug, Clone)]
enum Way {
    Degrees,
    Gcj02,
    Bd09,
    Plane(Box<Plane>),
}

/// A plane in metres.
#[derive(Debug, Clone)]
struct Plane {
    /// What it is made of, by which two of them are compared.
    definition: String,
    plane: Proj,
    degrees: Proj,
    area: Area,
}

/// The degrees between which places are taken for ones of a plane: west, east, south, north.
type Area = [f64; 4];

/// Why a name is none of a coordinate system that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrsError {
    /// A datum of which no transformation is public that is exact enough: its name.
    NoTransformation(&'static str),
    /// It is not known.
    Unknown,
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Crs {
    /// Longitude and latitude in CGCS2000 or WGS 84.
    #[must_use]
    pub fn degrees() -> Self {
        Self {
            name: "EPSG:4490".to_owned(),
            way: Way::Degrees,
        }
    }

    /// By a name of the table above, in any capitals, with `EPSG:` before a number or without, or as a URN
    /// (`urn:ogc:def:crs:EPSG::4547`).
    ///
    /// # Errors
    /// For every other name.
    pub fn parse(name: &str) -> Result<Self, CrsError> {
        let short = name.trim().rsplit(':').next().unwrap_or("").trim();
        let word: String = (short.chars())
            .filter(|sign| sign.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let own = |name: &str, way| {
            Ok(Self {
                name: name.to_owned(),
                way,
            })
        };
        match word.as_str() {
            "4490" | "cgcs2000" | "国家2000" | "2000国家大地坐标系" => {
                own("EPSG:4490", Way::Degrees)
            }
            "4326" | "wgs84" | "crs84" => own("EPSG:4326", Way::Degrees),
            "gcj02" | "火星坐标" | "火星坐标系" | "高德" | "amap" => {
                own("GCJ-02", Way::Gcj02)
            }
            "bd09" | "bd09ll" | "百度" | "baidu" => own("BD-09", Way::Bd09),
            "mollweide" | "worldmollweide" => of_epsg(MOLLWEIDE),
            "beijing1954" | "beijing54" | "北京54" | "北京1954" => {
                Err(CrsError::NoTransformation(BEIJING))
            }
            "xian1980" | "xian80" | "西安80" | "西安1980" => {
                Err(CrsError::NoTransformation(XIAN))
            }
            word => word
                .parse()
                .map_err(|_| CrsError::Unknown)
                .and_then(of_epsg),
        }
    }

    /// Whether its numbers say the same as those of another: CGCS2000 and WGS 84 do, and zones of 3° and 6° with one meridian.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (&self.way, &other.way) {
            (Way::Degrees, Way::Degrees) => true,
            (Way::Plane(own), Way::Plane(others)) => own.definition == others.definition,
            _ => self.name == other.name,
        }
    }

    /// Whether its numbers are metres.
    #[must_use]
    pub fn is_plane(&self) -> bool {
        matches!(self.way, Way::Plane(_))
    }

    /// Longitude and latitude in degrees of a place of a file, `x` being its longitude or easting; `None` where a plane has no such place:
    /// more than 8° from a zone's meridian, or where the system is not used. Degrees may be any: that they are on the globe is for the reader to see. About 1 µs.
    #[must_use]
    pub fn to_degrees(&self, at: Coord) -> Option<Coord> {
        match &self.way {
            Way::Degrees => Some(at),
            Way::Gcj02 => Some(undo(at, gcj02)),
            Way::Bd09 => Some(undo(undo(at, bd09), gcj02)),
            Way::Plane(plane) => plane.to_degrees(at),
        }
    }

    /// The numbers that a file in this system has for a place in degrees; `None` where its plane has no such place.
    #[must_use]
    pub fn of_degrees(&self, at: Coord) -> Option<Coord> {
        match &self.way {
            Way::Degrees => Some(at),
            Way::Gcj02 => Some(gcj02(at)),
            Way::Bd09 => Some(bd09(gcj02(at))),
            Way::Plane(plane) => plane.of_degrees(at),
        }
    }
}

/// Round numbers by which degrees are multiplied to be kept as whole ones.
const FACTORS: [f64; 3] = [1e5, 1e6, 1e7];

/// Where China lies, in degrees: west, east, south, north.
const CHINA: Area = [73.0, 136.0, 3.0, 54.0];

fn within(at: Coord, [west, east, south, north]: Area) -> bool {
    (west..=east).contains(&at.x) && (south..=north).contains(&at.y)
}

impl Crs {
    /// What the numbers of a place fit, where they do not fit this system, or lie in it far from where the city is (`near`, in degrees): a
    /// zone of CGCS2000 or UTM by its name, or by how much degrees were multiplied (`÷ 100000`). `None` where nothing fits.
    ///
    /// A zone is known by the number before the easting, or because it is the declared one with its number or without; without
    /// either, by where the city lies, to a degree.
    #[must_use]
    pub fn fitting(&self, at: Coord, near: Option<Coord>) -> Option<String> {
        let own: u32 = self.name.strip_prefix("EPSG:")?.parse().ok()?;
        let zone = (at.x / 1e6).floor();
        let numbered = match zone as u32 {
            zone @ 25..=45 => [Some(4513 + zone - 25), None],
            zone @ 13..=23 => [Some(4491 + zone - 13), None],
            _ => [None, None],
        };
        // The same zone without the number.
        let plain = match own {
            4491..=4501 => [Some(own + 11), None],
            4513..=4533 => [Some(own + 21), None],
            _ => [None, None],
        };
        let (narrow, wide) = (4534..=4554, 4502..=4512);
        let utm = (32601..=32660).chain(32701..=32760);
        let others: Vec<u32> = match own {
            _ if near.is_none() => Vec::new(),
            4491..=4512 => wide.chain(narrow).collect(),
            32601..=32760 => utm.collect(),
            _ => narrow.chain(wide).chain(utm).collect(),
        };
        let all = numbered.into_iter().chain(plain).flatten().chain(others);
        let fits = |code: &u32| {
            let found = of_epsg(*code).ok().filter(|crs| !crs.same(self));
            let found = found.and_then(|crs| crs.to_degrees(at));
            found.is_some_and(|found| match near {
                Some(near) => within(
                    found,
                    [near.x - 1.0, near.x + 1.0, near.y - 1.0, near.y + 1.0],
                ),
                None => within(found, CHINA),
            })
        };
        let zone = all
            .into_iter()
            .find(fits)
            .map(|code| format!("EPSG:{code}"));
        let divided = || {
            let factor = FACTORS.into_iter().filter(|_| !self.is_plane());
            let mut fits = factor.filter(|factor| {
                let at = Coord {
                    x: at.x / factor,
                    y: at.y / factor,
                };
                within(at, CHINA)
            });
            fits.next().map(|factor| format!("÷ {factor:.0}"))
        };
        zone.or_else(divided)
    }
}

const BEIJING: &str = "Beijing 1954";
const XIAN: &str = "Xi'an 1980";

/// Not in the EPSG's register, but in Esri's.
const MOLLWEIDE: u32 = 54009;

impl Plane {
    /// By what it is made of: the projection, its ellipsoid, and where it is used.
    fn new(projection: &str, ellipsoid: &str, area: Area) -> Self {
        let proj = |definition: &str| Proj::from_proj_string(&format!("{definition} {ellipsoid}"));
        Self {
            definition: format!("{projection} {ellipsoid}"),
            plane: proj(projection).expect("a fixed definition"),
            degrees: proj("+proj=longlat").expect("a fixed definition"),
            area,
        }
    }

    fn to_degrees(&self, at: Coord) -> Option<Coord> {
        let mut place = (at.x, at.y, 0.0);
        transform(&self.plane, &self.degrees, &mut place).ok()?;
        let degrees = Coord {
            x: place.0.to_degrees(),
            y: place.1.to_degrees(),
        };
        let [west, east, south, north] = self.area;
        let near = (west..=east).contains(&degrees.x) && (south..=north).contains(&degrees.y);
        near.then_some(degrees)
    }

    fn of_degrees(&self, at: Coord) -> Option<Coord> {
        let mut place = (at.x.to_radians(), at.y.to_radians(), 0.0);
        transform(&self.degrees, &self.plane, &mut place).ok()?;
        let metres = Coord {
            x: place.0,
            y: place.1,
        };
        (metres.x.is_finite() && metres.y.is_finite()).then_some(metres)
    }
}

/// Cities reach beyond the zone that they are drawn in: so many degrees from its meridian are taken.
const FROM_MERIDIAN: f64 = 8.0;

/// A system by its number in the EPSG's register.
fn of_epsg(code: u32) -> Result<Crs, CrsError> {
    let round = |meridian: f64, south, north| {
        [
            meridian - FROM_MERIDIAN,
            meridian + FROM_MERIDIAN,
            south,
            north,
        ]
    };
    let china = |meridian: u32, zone: u32| {
        let false_easting = 500_000 + zone * 1_000_000;
        let projection =
            format!("+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0={false_easting} +y_0=0");
        Plane::new(
            &projection,
            "+ellps=GRS80",
            round(f64::from(meridian), 2.0, 55.0),
        )
    };
    let utm = |zone: u32, south: bool| {
        let area = if south { [-81.0, 1.0] } else { [-1.0, 85.0] };
        let hemisphere = if south { "+south" } else { "" };
        let projection = format!("+proj=utm +zone={zone} {hemisphere}");
        let meridian = f64::from(zone) * 6.0 - 183.0;
        Plane::new(
            &projection,
            "+ellps=WGS84",
            round(meridian, area[0], area[1]),
        )
    };
    let plane = match code {
        4491..=4501 => china(75 + 6 * (code - 4491), 13 + code - 4491),
        4502..=4512 => china(75 + 6 * (code - 4502), 0),
        4513..=4533 => china(75 + 3 * (code - 4513), 25 + code - 4513),
        4534..=4554 => china(75 + 3 * (code - 4534), 0),
        32601..=32660 => utm(code - 32600, false),
        32701..=32760 => utm(code - 32700, true),
        3826 => {
            let projection = "+proj=tmerc +lat_0=0 +lon_0=121 +k=0.9999 +x_0=250000 +y_0=0";
            Plane::new(projection, "+ellps=GRS80", [117.0, 124.0, 20.0, 28.0])
        }
        3857 => Plane::new(
            "+proj=merc +lon_0=0 +k=1 +x_0=0 +y_0=0",
            "+a=6378137 +b=6378137",
            [-180.0, 180.0, -86.0, 86.0],
        ),
        MOLLWEIDE => {
            let whole = [-180.0, 180.0, -90.0, 90.0];
            Plane::new("+proj=moll +lon_0=0 +x_0=0 +y_0=0", "+ellps=WGS84", whole)
        }
        4214 | 2401..=2442 | 21413..=21423 | 21453..=21463 => {
            return Err(CrsError::NoTransformation(BEIJING));
        }
        4610 | 2327..=2390 => return Err(CrsError::NoTransformation(XIAN)),
        _ => return Err(CrsError::Unknown),
    };
    Ok(Crs {
        name: format!("{}:{code}", if code == MOLLWEIDE { "ESRI" } else { "EPSG" }),
        way: Way::Plane(Box::new(plane)),
    })
}

/// The place that `moved` moves to `to`.
fn undo(to: Coord, moved: fn(Coord) -> Coord) -> Coord {
    let mut at = to;
    for _ in 0..20 {
        let there = moved(at);
        let step = Coord {
            x: to.x - there.x,
            y: to.y - there.y,
        };
        at = Coord {
            x: at.x + step.x,
            y: at.y + step.y,
        };
        // A ten-billionth of a degree is a hundredth of a millimetre.
        if step.x.abs().max(step.y.abs()) < 1e-10 {
            break;
        }
    }
    at
}

/// Whether web maps of China move a place in degrees: within a box round it.
pub(crate) fn is_moved(at: Coord) -> bool {
    within(at, [72.004, 137.8347, 0.8293, 55.8271])
}

/// What GCJ-02 makes of a place: itself outside that box.
fn gcj02(at: Coord) -> Coord {
    use std::f64::consts::PI;
    // Krassowsky's ellipsoid: its half axis in metres, and the square of its eccentricity.
    const AXIS: f64 = 6_378_245.0;
    const ECCENTRICITY: f64 = 0.006_693_421_622_965_943;
    if !is_moved(at) {
        return at;
    }
    let (x, y) = (at.x - 105.0, at.y - 35.0);
    // Waves along a number, each with its height and how many half turns a degree has.
    let waves = |of: f64, waves: [(f64, f64); 2]| -> f64 {
        waves
            .iter()
            .map(|(height, turns)| height * (of * turns * PI).sin())
            .sum::<f64>()
            * 2.0
            / 3.0
    };
    let short = waves(x, [(20.0, 6.0), (20.0, 2.0)]);
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + short
        + waves(y, [(20.0, 1.0), (40.0, 1.0 / 3.0)])
        + waves(y, [(160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0)]);
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + short
        + waves(x, [(20.0, 1.0), (40.0, 1.0 / 3.0)])
        + waves(x, [(150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0)]);
    let (sin, cos) = at.y.to_radians().sin_cos();
    let w = 1.0 - ECCENTRICITY * sin * sin;
    let along_meridian = AXIS * (1.0 - ECCENTRICITY) / (w * w.sqrt());
    let along_parallel = AXIS / w.sqrt() * cos;
    Coord {
        x: at.x + (east / along_parallel).to_degrees(),
        y: at.y + (north / along_meridian).to_degrees(),
    }
}

/// What BD-09 makes of a place in GCJ-02.
fn bd09(at: Coord) -> Coord {
    const TURNS: f64 = std::f64::consts::PI * 3000.0 / 180.0;
    let length = at.x.hypot(at.y) + 0.00002 * (at.y * TURNS).sin();
    let angle = at.y.atan2(at.x) + 0.000_003 * (at.x * TURNS).cos();
    Coord {
        x: length * angle.cos() + 0.0065,
        y: length * angle.sin() + 0.006,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Coord, b: Coord, within: f64) -> bool {
        (a.x - b.x).abs() <= within && (a.y - b.y).abs() <= within
    }

    #[test]
    fn published_places_of_gcj_02_and_bd_09() {
        let [gcj, bd] = ["gcj-02", "BD09"].map(|name| Crs::parse(name).unwrap());
        let at = |x, y| Coord { x, y };
        for (place, in_gcj, in_bd) in [
            (
                at(104.0657, 30.6595),
                at(104.068_207_400_0, 30.657_079_144_678),
                Some(at(104.074_701_702_803, 30.663_109_266_261)),
            ),
            (
                at(116.404, 39.915),
                at(116.410_244_499_169, 39.916_404_281_502),
                None,
            ),
        ] {
            assert!(close(gcj.of_degrees(place).unwrap(), in_gcj, 1e-9));
            assert!(close(gcj.to_degrees(in_gcj).unwrap(), place, 1e-9));
            if let Some(in_bd) = in_bd {
                assert!(close(bd.of_degrees(place).unwrap(), in_bd, 1e-9));
                assert!(close(bd.to_degrees(in_bd).unwrap(), place, 1e-9));
            }
        }
        // From GCJ-02 alone: (116.404, 39.915) is (116.41036949, 39.92133699) in BD-09.
        assert!(close(
            bd09(at(116.404, 39.915)),
            at(116.410_369_493_710, 39.921_336_993_510),
            1e-9
        ));
    }

    #[test]
    fn what_is_moved_comes_back_everywhere_in_china() {
        let systems = ["GCJ-02", "BD-09"].map(|name| Crs::parse(name).unwrap());
        for (column, row) in (0..66).flat_map(|column| (0..55).map(move |row| (column, row))) {
            let place = Coord {
                x: 72.5 + f64::from(column) * 0.987,
                y: 1.5 + f64::from(row) * 0.971,
            };
            for crs in &systems {
                let moved = crs.of_degrees(place).unwrap();
                assert!(
                    close(crs.to_degrees(moved).unwrap(), place, 1e-9),
                    "{crs}: {place:?}"
                );
            }
        }
    }

    #[test]
    fn places_abroad_are_not_moved() {
        let place = Coord { x: -51.2, y: -30.0 };
        assert_eq!(Crs::parse("GCJ-02").unwrap().of_degrees(place), Some(place));
    }

    #[test]
    fn names_as_people_write_them() {
        let name = |name: &str| Crs::parse(name).map(|crs| crs.to_string());
        for (given, expected) in [
            ("epsg:4547", "EPSG:4547"),
            ("4544", "EPSG:4544"),
            ("urn:ogc:def:crs:EPSG::4523", "EPSG:4523"),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
            ("WGS 84", "EPSG:4326"),
            ("gcj02", "GCJ-02"),
            ("EPSG:32722", "EPSG:32722"),
        ] {
            assert_eq!(name(given), Ok(expected.to_owned()), "{given}");
        }
        for given in ["EPSG:2434", "EPSG:4214", "Beijing 1954", "北京54"] {
            assert_eq!(
                name(given),
                Err(CrsError::NoTransformation(BEIJING)),
                "{given}"
            );
        }
        for given in ["EPSG:4610", "EPSG:2379", "西安80"] {
            assert_eq!(
                name(given),
                Err(CrsError::NoTransformation(XIAN)),
                "{given}"
            );
        }
        for given in [
            "",
            "EPSG:",
            "EPSG:4555",
            "EPSG:32661",
            "local",
            "EPSG:99999999999",
        ] {
            assert_eq!(name(given), Err(CrsError::Unknown), "{given}");
        }
    }

    #[test]
    fn numbers_that_fit_another_system_say_which() {
        let at = |x, y| Coord { x, y };
        let fits = |name: &str, place, near| Crs::parse(name).unwrap().fitting(place, near);
        let city = Some(at(104.0, 30.6));
        for (declared, place, near, expected) in [
            // With the number of the zone though declared without, and the other way round.
            (
                "EPSG:4544",
                at(35_410_453.0, 3_393_597.0),
                None,
                Some("EPSG:4523"),
            ),
            (
                "EPSG:4523",
                at(410_453.0, 3_393_597.0),
                None,
                Some("EPSG:4544"),
            ),
            (
                "EPSG:4490",
                at(35_410_453.0, 3_393_597.0),
                None,
                Some("EPSG:4523"),
            ),
            (
                "EPSG:4490",
                at(18_410_453.0, 3_393_597.0),
                None,
                Some("EPSG:4496"),
            ),
            // In the next zone, which only the city's place tells.
            ("EPSG:4547", at(410_453.0, 3_393_597.0), None, None),
            (
                "EPSG:4547",
                at(410_453.0, 3_393_597.0),
                city,
                Some("EPSG:4544"),
            ),
            (
                "EPSG:4490",
                at(10_406_570.0, 3_065_950.0),
                None,
                Some("÷ 100000"),
            ),
            (
                "EPSG:4490",
                at(104_065_700.0, 30_659_500.0),
                None,
                Some("÷ 1000000"),
            ),
            ("EPSG:4490", at(500.0, 400.0), None, None),
        ] {
            let found = fits(declared, place, near);
            assert_eq!(found.as_deref(), expected, "{declared} {place:?} {near:?}");
        }
    }

    #[test]
    fn a_plane_does_not_have_every_place() {
        let zone = Crs::parse("EPSG:4544").unwrap();
        assert!(zone.is_plane());
        let square = zone
            .to_degrees(Coord {
                x: 410_453.0,
                y: 3_393_597.0,
            })
            .unwrap();
        assert!(close(
            square,
            Coord {
                x: 104.0657,
                y: 30.6595
            },
            1e-5
        ));
        // With the number of the zone before it, it is of another system.
        assert_eq!(
            zone.to_degrees(Coord {
                x: 35_410_453.0,
                y: 3_393_597.0
            }),
            None
        );
        assert_eq!(
            zone.to_degrees(Coord {
                x: f64::NAN,
                y: 0.0
            }),
            None
        );
    }

    /// Places by pyproj 3.7.2 (PROJ 9.5.1), 40 in each area of use; `tests/fixtures/crs_pyproj.py`, which says how to try 10,000.
    #[test]
    fn planes_are_those_of_proj() {
        let table = include_str!("../../../tests/fixtures/crs_pyproj.csv");
        let more = std::env::var("CRS_PLACES").map(|file| std::fs::read_to_string(file).unwrap());
        let table = more.as_deref().unwrap_or(table);
        let mut farthest = 0.0_f64;
        for line in table.lines().skip(1) {
            let numbers: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            let [code, lon, lat, x, y] = numbers[..] else {
                panic!("{line}")
            };
            let crs = Crs::parse(&code.to_string()).unwrap();
            let (place, plane) = (Coord { x: lon, y: lat }, Coord { x, y });
            let found = crs.of_degrees(place).unwrap();
            farthest = farthest.max((found.x - x).abs()).max((found.y - y).abs());
            assert!(close(found, plane, 1e-3), "{line}: {found:?}");
            assert!(close(crs.to_degrees(plane).unwrap(), place, 1e-8), "{line}");
        }
        eprintln!("at most {farthest} m off");
    }
}
