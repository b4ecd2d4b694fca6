//! Shapefiles: `x.shp` with its attributes in `x.dbf`, and what stands beside them.
//!
//! Lengths and counts are checked against what is left of the file before memory is taken for them. (The crate `shapefile` takes
//! the counts of a record as they are, and its tables know no Chinese names.)

use geo::{BoundingRect, Contains, Coord, LineString, Point, Polygon, Rect};

use super::sides::Side;
use super::{RawFeature, RawLayer, Shape, broken, dbf};
use crate::crs::wkt;
use crate::finding::{Finding, Findings, Kind};
use crate::read::Given;

const HEADER: usize = 100;
/// Of a record: its number and length.
const RECORD: usize = 8;

/// The layer of a Shapefile.
pub(super) fn layer(given: &Given, findings: &mut Findings) -> Result<RawLayer, Finding> {
    let file = &*given.file;
    findings.layer(file);
    let side = |end| given.sides.iter().find(|side| side.end == end);
    let Some(table) = side("dbf") else {
        return Err(Finding::new(Kind::SideMissing, file).value(".dbf"));
    };
    let shapes = shapes(file, &given.bytes)?;
    let cpg = side("cpg").map(|side| &*side.bytes);
    findings.layer(&table.file);
    let records = dbf::read(&table.file, &table.bytes, cpg, findings)?.records;
    if records.len() != shapes.len() {
        let value = format!("{} ≠ {}", shapes.len(), records.len());
        return Err(Finding::new(Kind::SidesDiffer, file).value(value));
    }
    if let Some(finding) = side("shx").and_then(|index| of_index(file, index, shapes.len())) {
        findings.push(finding);
    }
    let crs = side("prj").map(|side| wkt::name(&String::from_utf8_lossy(&side.bytes)));
    let pairs = records.into_iter().zip(shapes);
    let features = pairs.filter_map(|(properties, geometry)| {
        Some(RawFeature {
            id: None,
            properties: properties?,
            geometry,
        })
    });
    Ok(RawLayer {
        crs,
        features: features.collect(),
    })
}

/// What is to be said of an index that has another number of shapes. It is not needed.
fn of_index(file: &str, index: &Side, shapes: usize) -> Option<Finding> {
    let count = index.bytes.len().saturating_sub(HEADER) / RECORD;
    let value = format!("{shapes} ≠ {count}");
    (count != shapes).then(|| Finding::new(Kind::IndexDiffers, file).value(value))
}

/// The shapes of a file in their order; `None` for those without a place.
fn shapes(file: &str, bytes: &[u8]) -> Result<Vec<Option<Shape>>, Finding> {
    let cut = || broken(file, "文件不完整", "the file is cut off");
    // Lengths are in words of two bytes.
    let length = big(bytes, 24).ok_or_else(cut)? as usize * 2;
    if length < HEADER || bytes.len() < length {
        return Err(cut());
    }
    let bytes = &bytes[..length];
    let mut shapes = Vec::new();
    let mut at = HEADER;
    while at < length {
        let content = big(bytes, at + 4).ok_or_else(cut)? as usize * 2;
        let start = at + RECORD;
        let record = bytes.get(start..start + content).ok_or_else(cut)?;
        let shape = shape(record).ok_or_else(|| {
            let finding = broken(file, "记录有误", "the record makes no sense");
            finding.row(shapes.len() as u64 + 1)
        })?;
        shapes.push(shape);
        at = start + content;
    }
    Ok(shapes)
}

fn big(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn little(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// Some places, one after the other.
fn places(bytes: &[u8]) -> Vec<Coord> {
    let number = |eight: &[u8]| f64::from_le_bytes(eight.try_into().expect("eight bytes"));
    let pairs = bytes.chunks_exact(16);
    let place = |pair: &[u8]| Coord {
        x: number(&pair[..8]),
        y: number(&pair[8..]),
    };
    pairs.map(place).collect()
}

/// The shape of a record; `None` where its counts are not those of its length.
fn shape(record: &[u8]) -> Option<Option<Shape>> {
    // After the type, shapes of several places have the corners of their box.
    const BOX: usize = 4 + 32;
    Some(match little(record, 0)? {
        0 => None,
        // With or without heights and measures, which stand behind.
        1 | 11 | 21 => Some(Shape::Points("Point", places(record.get(4..20)?))),
        8 | 18 | 28 => {
            let count = little(record, BOX)? as usize;
            let start = BOX + 4;
            let bytes = record.get(start..start.checked_add(count.checked_mul(16)?)?)?;
            Some(Shape::Points("MultiPoint", places(bytes)))
        }
        5 | 15 | 25 => {
            let (parts, count) = (little(record, BOX)?, little(record, BOX + 4)?);
            let starts = BOX + 8;
            let start = starts.checked_add((parts as usize).checked_mul(4)?)?;
            let end = start.checked_add((count as usize).checked_mul(16)?)?;
            let bytes = record.get(start..end)?;
            let firsts = record.get(starts..start)?.chunks_exact(4);
            let firsts = firsts.map(|four| little(four, 0).map(|first| first as usize * 16));
            let firsts = firsts.collect::<Option<Vec<usize>>>()?;
            let ends = firsts.iter().skip(1).copied().chain([bytes.len()]);
            let rings = firsts.iter().zip(ends);
            let rings = rings.map(|(first, end)| bytes.get(*first..end).map(places));
            Some(Shape::Areas(polygons(rings.collect::<Option<_>>()?)))
        }
        3 | 13 | 23 => Some(Shape::Other("PolyLine")),
        31 => Some(Shape::Other("MultiPatch")),
        kind => {
            let message = format!("unknown variant `{kind}`, expected a shape");
            Some(Shape::Broken(Kind::GeometryBroken, message))
        }
    })
}

/// Rings as polygons: one that turns clockwise is an outer one, any other is a hole of the smallest outer one that it lies in. What
/// lies in none was written the wrong way round, and is an outer one as well.
fn polygons(rings: Vec<Vec<Coord>>) -> Vec<Vec<Vec<Coord>>> {
    let finite = |place: &Coord| place.x.is_finite() && place.y.is_finite();
    // What is no place is reported by who checks the rings.
    if rings.len() < 2 || !rings.iter().flatten().all(finite) {
        return rings.into_iter().map(|ring| vec![ring]).collect();
    }
    let (outer, others): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| is_outer(ring));
    // All of them the wrong way round: then it is the outer ones that lie in no other.
    if outer.is_empty() {
        return nested(others);
    }
    let shells: Vec<Shell> = outer.iter().map(|ring| Shell::new(ring)).collect();
    let mut polygons: Vec<Vec<Vec<Coord>>> = outer.into_iter().map(|ring| vec![ring]).collect();
    for hole in others {
        match holder(&shells, &hole) {
            Some(at) => polygons[at].push(hole),
            None => polygons.push(vec![hole]),
        }
    }
    polygons
}

/// Whether a ring turns clockwise, by twice its signed area: seen from its first place, because eastings have eight digits.
fn is_outer(ring: &[Coord]) -> bool {
    let Some(&first) = ring.first() else {
        return false;
    };
    let from = |place: &Coord| *place - first;
    let pairs = ring.iter().zip(ring.iter().skip(1));
    let twice: f64 = pairs
        .map(|(a, b)| from(a).x * from(b).y - from(b).x * from(a).y)
        .sum();
    twice < 0.0
}

/// Rings that all turn the same way, wrongly: those that lie in no larger one are outer ones.
fn nested(mut rings: Vec<Vec<Coord>>) -> Vec<Vec<Vec<Coord>>> {
    let area = |ring: &[Coord]| Shell::new(ring).area;
    rings.sort_by(|a, b| area(b).total_cmp(&area(a)));
    let mut shells: Vec<Shell> = Vec::new();
    let mut polygons: Vec<Vec<Vec<Coord>>> = Vec::new();
    for ring in rings {
        match holder(&shells, &ring) {
            Some(at) => polygons[at].push(ring),
            None => {
                shells.push(Shell::new(&ring));
                polygons.push(vec![ring]);
            }
        }
    }
    polygons
}

/// An outer ring that may hold others.
struct Shell {
    area: f64,
    bounds: Option<Rect>,
    polygon: Polygon,
}

impl Shell {
    fn new(ring: &[Coord]) -> Self {
        let polygon = Polygon::new(LineString(ring.to_vec()), Vec::new());
        Self {
            area: geo::Area::unsigned_area(&polygon),
            bounds: polygon.bounding_rect(),
            polygon,
        }
    }
}

/// The smallest of the shells in which a ring lies. Where the bounds leave only one, that is taken without a further look, so that many
/// holes in one large polygon take no time.
fn holder(shells: &[Shell], ring: &[Coord]) -> Option<usize> {
    let bounds = LineString(ring.to_vec()).bounding_rect()?;
    let around = |shell: &&(usize, &Shell)| {
        (shell.1.bounds).is_some_and(|outer| {
            let (low, high) = (outer.min(), outer.max());
            low.x <= bounds.min().x
                && low.y <= bounds.min().y
                && high.x >= bounds.max().x
                && high.y >= bounds.max().y
        })
    };
    let numbered: Vec<(usize, &Shell)> = shells.iter().enumerate().collect();
    let near: Vec<&(usize, &Shell)> = numbered.iter().filter(around).collect();
    if let [only] = near.as_slice() {
        return Some(only.0);
    }
    let mut near = near;
    near.sort_by(|a, b| a.1.area.total_cmp(&b.1.area));
    // A place on the border of both says nothing, and it takes three such to be a touching ring: one inside is enough.
    let holds = |shell: &Shell| {
        ring.iter()
            .any(|place| shell.polygon.contains(&Point(*place)))
    };
    near.into_iter()
        .find(|(_, shell)| holds(shell))
        .map(|(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square ring from its lower corner, clockwise or not.
    fn square(x: f64, y: f64, side: f64, clockwise: bool) -> Vec<Coord> {
        let corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)];
        let mut ring: Vec<Coord> = corners
            .map(|(east, north)| Coord {
                x: x + east * side,
                y: y + north * side,
            })
            .to_vec();
        if !clockwise {
            ring.reverse();
        }
        ring
    }

    fn counts(rings: Vec<Vec<Coord>>) -> Vec<usize> {
        let mut counts: Vec<usize> = polygons(rings).iter().map(Vec::len).collect();
        counts.sort_unstable();
        counts
    }

    #[test]
    fn holes_go_to_the_outer_ring_that_holds_them() {
        // Two squares with a hole and two, an island in a hole, and holes before their outer rings.
        let rings = vec![
            square(1.0, 1.0, 2.0, false),
            square(0.0, 0.0, 10.0, true),
            square(4.0, 4.0, 4.0, false),
            square(5.0, 5.0, 2.0, true),
            square(20.0, 0.0, 10.0, true),
            square(21.0, 1.0, 1.0, false),
        ];
        let made = polygons(rings);
        let sizes: Vec<(f64, usize)> = made
            .iter()
            .map(|rings| (Shell::new(&rings[0]).area, rings.len()))
            .collect();
        assert_eq!(sizes, [(100.0, 3), (4.0, 1), (100.0, 2)]);
    }

    #[test]
    fn rings_that_turn_the_wrong_way_are_told_by_where_they_lie() {
        let one = vec![square(0.0, 0.0, 10.0, false)];
        assert_eq!(counts(one), [1]);
        let ring = vec![
            square(0.0, 0.0, 10.0, false),
            square(2.0, 2.0, 3.0, false),
            square(20.0, 0.0, 10.0, false),
        ];
        assert_eq!(counts(ring), [1, 2]);
        // A hole that lies in nothing is an area.
        let astray = vec![square(0.0, 0.0, 10.0, true), square(20.0, 0.0, 3.0, false)];
        assert_eq!(counts(astray), [1, 1]);
    }

    #[test]
    fn counts_that_are_not_those_of_the_record_are_no_shape() {
        let polygon = |parts: u32, count: u32| {
            let mut record = 5_u32.to_le_bytes().to_vec();
            record.extend([0; 32]);
            record.extend(parts.to_le_bytes());
            record.extend(count.to_le_bytes());
            record.extend(0_u32.to_le_bytes());
            record.extend([0; 64]);
            record
        };
        assert!(shape(&polygon(1, 4)).is_some());
        for (parts, count) in [(u32::MAX, 4), (1, u32::MAX), (u32::MAX, u32::MAX), (2, 4)] {
            assert!(shape(&polygon(parts, count)).is_none(), "{parts} {count}");
        }
        assert!(shape(&[5, 0, 0, 0]).is_none() && shape(&[]).is_none());
    }
}
