//! The coordinate system of numbers that nobody named, by the numbers themselves.

use geo::Coord;

use crate::crs::Crs;

/// What pairs of numbers may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Numbers {
    /// Longitude and latitude in degrees.
    Degrees,
    /// Metres of a zone whose number stands before the easting: its system.
    Zone(String),
    /// Metres of some zone.
    Metres,
    /// None of these.
    Unknown,
}

/// What the numbers of a file are, and whether the second of a pair is the one that goes east, as surveyors write it (X north, Y east).
///
/// Degrees lie within ±180 and ±90; a zone's easting has 6 digits, or 8 with the number of the zone before them (13 to 23: 6°, 25 to 45: 3°),
/// and its northing 7. Nine of ten pairs count.
///
/// By hand: 35,410,453 and 3,393,597 are EPSG:4523 (zone 35 of 3°).
pub(crate) fn numbers(pairs: &[Coord]) -> (Numbers, bool) {
    let share = |is: &dyn Fn(Coord) -> bool| {
        let count = pairs.iter().filter(|&&at| is(at)).count();
        !pairs.is_empty() && count * 10 >= pairs.len() * 9
    };
    let turned = |at: Coord| Coord { x: at.y, y: at.x };
    let degrees = |at: Coord| at.x.abs() <= 180.0 && at.y.abs() <= 90.0;
    if share(&degrees) {
        return (Numbers::Degrees, false);
    }
    if share(&|at| degrees(turned(at))) {
        return (Numbers::Degrees, true);
    }
    let northing = |y: f64| (1.0e6..7.0e6).contains(&y);
    let metres = |at: Coord| (1.0e5..9.0e5).contains(&at.x) && northing(at.y);
    let zone = |at: Coord| (at.x / 1e6).floor();
    let zoned = |at: Coord| (13.0..46.0).contains(&zone(at)) && northing(at.y);
    for swapped in [false, true] {
        let way = |at: Coord| if swapped { turned(at) } else { at };
        if share(&|at| metres(way(at))) {
            return (Numbers::Metres, swapped);
        }
        let first = pairs.first().map_or(0.0, |&at| zone(way(at)));
        let one = |at: Coord| zoned(way(at)) && zone(way(at)).total_cmp(&first).is_eq();
        if share(&one) {
            let code = match first as u32 {
                number @ 13..=23 => 4491 + number - 13,
                number => 4513 + number.max(25) - 25,
            };
            return (Numbers::Zone(format!("EPSG:{code}")), swapped);
        }
    }
    (Numbers::Unknown, false)
}

/// The systems of zones without numbers in which a place in metres lies between two corners in degrees: CGCS2000 of 3° first, then of 6°.
pub(crate) fn zones(metres: Coord, (low, high): (Coord, Coord)) -> Vec<String> {
    let codes = (4534..=4554).chain(4502..=4512);
    let names = codes.map(|code| format!("EPSG:{code}"));
    let within = |name: &String| {
        let degrees = Crs::parse(name).ok().and_then(|crs| crs.to_degrees(metres));
        degrees
            .is_some_and(|at| (low.x..=high.x).contains(&at.x) && (low.y..=high.y).contains(&at.y))
    };
    names.filter(within).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_say_what_they_are() {
        let cases = [
            ((104.06, 30.66), Numbers::Degrees, false),
            ((30.66, 104.06), Numbers::Degrees, true),
            (
                (35_410_453.0, 3_393_597.0),
                Numbers::Zone("EPSG:4523".into()),
                false,
            ),
            (
                (3_393_597.0, 35_410_453.0),
                Numbers::Zone("EPSG:4523".into()),
                true,
            ),
            (
                (18_410_453.0, 3_393_597.0),
                Numbers::Zone("EPSG:4496".into()),
                false,
            ),
            ((410_453.0, 3_393_597.0), Numbers::Metres, false),
            ((3_393_597.0, 410_453.0), Numbers::Metres, true),
            ((5.0e7, 3.4e6), Numbers::Unknown, false),
        ];
        for ((x, y), expected, swapped) in cases {
            assert_eq!(
                numbers(&[Coord { x, y }; 3]),
                (expected, swapped),
                "{x} {y}"
            );
        }
    }

    #[test]
    fn a_zone_is_found_by_where_the_city_is() {
        let at = Coord {
            x: 410_453.0,
            y: 3_393_597.0,
        };
        let chengdu = (Coord { x: 103.5, y: 30.3 }, Coord { x: 104.6, y: 31.0 });
        assert_eq!(zones(at, chengdu), ["EPSG:4544", "EPSG:4507"]);
        let wuhan = (Coord { x: 113.0, y: 30.3 }, Coord { x: 113.2, y: 31.0 });
        assert_eq!(zones(at, wuhan), ["EPSG:4547"]);
    }
}
