//! The roads of a plan: OpenStreetMap in its binary form, or two tables. What was read is kept beside the plan for the next
//! run.

mod dem;

mod kept;

pub(crate) mod osm;

mod tables;

pub(crate) use tables::{EDGE_COLUMNS, NODE_COLUMNS};

mod tags;

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::path::Path;

use fuwutu_core::city::Records;
use fuwutu_core::completeness::QUARTER_HOUR;
use fuwutu_core::quantity::Point;
use fuwutu_core::reach::roads::{RoadRecords, Roads};
use fuwutu_core::service::{Limit, Service};
use fuwutu_core::watch::Progress;
use geo::{BoundingRect, Coord};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::spread::Totals;
use super::{
    Ground, InputFile, MOST, ReadError, ReadSeek, Reading, TOO_LONG, hex_of, name, unreadable,
};
use crate::finding::{Finding, Findings, Kind};
use crate::frame::Projection;
use crate::plan::{Plan, RoadsSource};
use crate::street_rules::{self, Rules};

/// What reading left out, by reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoadSummary {
    /// Reason → number of streets, edges or nodes.
    pub left_out: BTreeMap<String, u64>,
}

impl RoadSummary {
    fn left_out(&mut self, reason: &str, count: u64) {
        if count > 0 {
            self.left_out.insert(reason.to_owned(), count);
        }
    }
}

/// Roads as a file has them.
struct Found {
    records: RoadRecords,
    summary: RoadSummary,
}

/// Roads, and what became of the rest.
#[derive(Debug, Clone)]
pub struct RoadInput {
    /// The network.
    pub roads: std::sync::Arc<Roads>,
    /// What was left out.
    pub summary: RoadSummary,
}

/// The city and what lies within one trip of it, in degrees. Roads elsewhere are not kept.
#[derive(Debug, Clone, Copy)]
struct Area {
    low: Coord,
    high: Coord,
}

impl Area {
    /// Round two corners of the plane, with a margin in metres.
    fn around((low, high): (Point, Point), projection: &Projection, margin: f64) -> Self {
        let corner = |at: Point, margin: f64| {
            let metres = at.metres();
            projection.to_degrees(Coord {
                x: metres.x + margin,
                y: metres.y + margin,
            })
        };
        Self {
            low: corner(low, -margin),
            high: corner(high, margin),
        }
    }

    /// Whether a street of the area may lead there.
    fn near(&self, at: Coord) -> bool {
        let near = |at: f64, low: f64, high: f64| low - FARTHEST <= at && at <= high + FARTHEST;
        near(at.x, self.low.x, self.high.x) && near(at.y, self.low.y, self.high.y)
    }

    /// Its corners in the plane.
    fn corners(&self, projection: &Projection) -> [[i32; 2]; 2] {
        let corner = |at: Coord, else_at: i32| {
            let point = Point::from_metres(projection.to_plane(at));
            point.map_or([else_at; 2], |point| [point.x, point.y])
        };
        [corner(self.low, i32::MIN), corner(self.high, i32::MAX)]
    }
}

/// A street that leads out of the area is kept up to a node at most this far from it, in degrees.
const FARTHEST: f64 = 2.0;

/// Whether a straight line touches a rectangle, its edge counted in; exact.
fn touches([from, to]: [[i32; 2]; 2], [low, high]: [[i32; 2]; 2]) -> bool {
    let aside = |axis: usize| {
        (from[axis] < low[axis] && to[axis] < low[axis])
            || (from[axis] > high[axis] && to[axis] > high[axis])
    };
    if aside(0) || aside(1) {
        return false;
    }
    let wide = |number: i32| i128::from(number);
    let along = [0, 1].map(|axis| wide(to[axis]) - wide(from[axis]));
    // On which side of the line a corner lies. Both are beside the rectangle only where all corners are on one side.
    let side = |x: i32, y: i32| {
        (along[0] * (wide(y) - wide(from[1])) - along[1] * (wide(x) - wide(from[0]))).signum()
    };
    let corners = [
        side(low[0], low[1]),
        side(low[0], high[1]),
        side(high[0], low[1]),
        side(high[0], high[1]),
    ];
    corners.iter().any(|&side| side >= 0) && corners.iter().any(|&side| side <= 0)
}

impl Ground {
    /// Where a city's people and facilities are, and as far round as a trip of its plan leads, or one within `longest`.
    pub(super) fn of(
        records: &Records,
        totals: &Totals,
        plan: &Plan,
        catalogue: &[Service],
        longest: Option<Limit>,
    ) -> Self {
        let (low, high) = corners(records, totals);
        Self {
            frame: records.frame,
            low,
            high,
            margin: margin(plan, catalogue, longest),
        }
    }

    /// What holds both, where both lie in one plane.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            frame: self.frame,
            low: Point {
                x: self.low.x.min(other.low.x),
                y: self.low.y.min(other.low.y),
            },
            high: Point {
                x: self.high.x.max(other.high.x),
                y: self.high.y.max(other.high.y),
            },
            margin: self.margin.max(other.margin),
        }
    }
}

/// The corners between which all places of a city lie, and the communities of which only the total of residents is known.
fn corners(records: &Records, totals: &Totals) -> (Point, Point) {
    let points = records.points.iter().map(|(point, _)| point.at);
    let communities = records.communities.iter().zip(totals);
    let land = communities
        .filter(|(_, total)| total.is_some())
        .filter_map(|(community, _)| community.polygon.bounding_rect())
        .flat_map(|land| [land.min(), land.max()])
        .filter_map(Point::from_metres);
    let places = points
        .chain(land)
        .chain(records.facilities.iter().map(|each| each.at));
    let start = (
        Point {
            x: i32::MAX,
            y: i32::MAX,
        },
        Point {
            x: i32::MIN,
            y: i32::MIN,
        },
    );
    places.fold(start, |(low, high), at| {
        (
            Point {
                x: low.x.min(at.x),
                y: low.y.min(at.y),
            },
            Point {
                x: high.x.max(at.x),
                y: high.y.max(at.y),
            },
        )
    })
}

/// The farthest that a trip of the plan can lead, in metres; half as far again, since a trip may lead out of the city and in.
fn margin(plan: &Plan, catalogue: &[Service], longest: Option<Limit>) -> f64 {
    let selected = |service: &&Service| {
        plan.services
            .select
            .as_ref()
            .is_none_or(|ids| ids.contains(&service.id))
    };
    let limits = catalogue
        .iter()
        .filter(selected)
        .flat_map(|service| [service.urban, service.rural])
        .flatten();
    let named = catalogue
        .iter()
        .filter(selected)
        .flat_map(|service| &service.requires);
    let named: Vec<&String> = named
        .filter_map(|rule| rule.unless_covered.as_ref())
        .collect();
    let needless = catalogue
        .iter()
        .filter(|each| named.contains(&&each.id))
        .filter_map(|each| each.urban);
    let ties = catalogue
        .iter()
        .filter(selected)
        .filter_map(|service| service.hub.as_ref()?.limit);
    let far = |limit: Limit| {
        let pace = plan.paces().of(limit.mode).max(plan.travel.pace_m_per_s);
        pace * 60.0 * f64::from(limit.minutes) * 1.5
    };
    limits
        .chain(needless)
        .map(|limit| limit.with_minutes(plan.services.minutes))
        .chain(ties)
        .chain([QUARTER_HOUR])
        .chain(longest)
        .map(far)
        .fold(1000.0, f64::max)
}

/// A file that is open: it is read once for its hash and, where nothing was kept of it, from its beginning again.
pub(super) struct Opened<'a> {
    pub(super) name: String,
    pub(super) reader: Box<dyn ReadSeek + 'a>,
}

/// What reads roads: what it made is not used by a program that would make something else.
const READER: [&str; 16] = [
    include_str!("dem.rs"),
    include_str!("../../raster/grid.rs"),
    include_str!("mod.rs"),
    include_str!("osm/areas.rs"),
    include_str!("osm/barriers.rs"),
    include_str!("osm/blobs.rs"),
    include_str!("osm/block.rs"),
    include_str!("osm/joins.rs"),
    include_str!("osm/mod.rs"),
    include_str!("osm/network.rs"),
    include_str!("osm/nodes.rs"),
    include_str!("osm/wire.rs"),
    include_str!("tables.rs"),
    include_str!("tags.rs"),
    include_str!("../../street_rules/compiled.rs"),
    include_str!("../../street_rules/hours.rs"),
];

/// Reads the roads of the plan that lie in or near `ground`, or takes what an earlier run kept of the same files.
pub(super) fn read(
    reading: &mut Reading,
    source: &RoadsSource,
    ground: &Ground,
    projection: &Projection,
) -> Result<RoadInput, ReadError> {
    let area = Area::around((ground.low, ground.high), projection, ground.margin);
    let files: Vec<&Path> = source.files().collect();
    let travel = &reading.plan.travel;
    let mut key = Sha256::new();
    key.update(format!(
        "{} {source:?} {area:?} {:?} {:?}",
        env!("CARGO_PKG_VERSION"),
        ground.frame,
        (&reading.plan.inputs.crs, street_rules::decisive(travel)),
    ));
    key.update(street_rules::TABLE);
    READER.iter().for_each(|source| key.update(source));
    let mut opened = Vec::new();
    for path in files.iter().copied().chain(source.dem.as_deref()) {
        let (file, open) = hashed(reading, path)?;
        key.update(&file.sha256);
        reading.files.push(file);
        opened.push(open);
    }
    let dem = source.dem.as_ref().and_then(|_| opened.pop());
    let key = hex_of(&key.finalize());
    let kept = reading
        .source
        .keep(&files)
        .map(|path| kept::Kept { path, key });
    // A round says nothing of what was kept: it is the same with it and without.
    if let Some((found, findings)) = kept.as_ref().and_then(kept::Kept::open)
        && let Some(input) = sorted(found)
    {
        reading.findings.append(findings);
        return Ok(input);
    }
    let mut findings = Findings::default();
    let found = found(reading, source, opened, (&area, projection), &mut findings)
        .and_then(|found| sloped(dem, found, projection, &mut findings));
    // An error says what was noticed before, too.
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            reading.findings.append(findings);
            return Err(error);
        }
    };
    (reading.watch)(Progress::Working)?;
    if let Some(kept) = &kept {
        // Where it cannot be written, the next run reads the files again; nothing is lost but time.
        let _ = kept.put(&found, &findings);
    }
    reading.findings.append(findings);
    let name = name(files[files.len() - 1]);
    sorted(found).ok_or_else(|| Finding::new(Kind::NoStreets, &name).value("0").into())
}

fn sorted(found: Found) -> Option<RoadInput> {
    let roads = Roads::new(found.records)
        .ok()
        .filter(|roads| !roads.edges().is_empty())?;
    Some(RoadInput {
        roads: roads.into(),
        summary: found.summary,
    })
}

fn found(
    reading: &Reading,
    source: &RoadsSource,
    opened: Vec<Opened>,
    (area, projection): (&Area, &Projection),
    findings: &mut Findings,
) -> Result<Found, ReadError> {
    let watch = reading.watch;
    let crs = source.nodes.as_deref().unwrap_or(Path::new(""));
    let crs = reading.declared(source.crs.as_deref(), crs)?.by_plan();
    let rules = Rules::of(&reading.plan.travel);
    let mut opened = opened.into_iter();
    let (file, found) = match (opened.next(), opened.next()) {
        (Some(pbf), None) => {
            let (name, bytes) = pbf.bytes()?;
            let found = osm::read(&name, &bytes, &rules, area, projection, findings, watch)?;
            (name, found)
        }
        (Some(nodes), Some(edges)) => {
            let names = [&*nodes.name, &*edges.name];
            let found = tables::read(
                (source, &crs, &rules),
                names,
                [nodes.reader, edges.reader],
                area,
                projection,
                findings,
                watch,
            )?;
            (edges.name, found)
        }
        (None, _) => {
            return Err(Finding::new(Kind::FileMissing, "")
                .column("inputs.roads")
                .into());
        }
    };
    if rules.unread() > 0 {
        let value = format!("tags {}", rules.unread());
        let finding = Finding::new(Kind::ConditionUnread, &file).value(value);
        findings.push(finding.weight(rules.unread()));
    }
    Ok(found)
}

/// With the slopes of the elevation model, where the plan names one.
fn sloped(
    dem: Option<Opened>,
    mut found: Found,
    projection: &Projection,
    findings: &mut Findings,
) -> Result<Found, ReadError> {
    if let Some(dem) = dem {
        let (name, bytes) = dem.bytes()?;
        dem::add(&name, &bytes, &mut found.records, projection, findings)?;
    }
    Ok(found)
}

impl Opened<'_> {
    /// The file's name and all of it, at most 2 GiB.
    fn bytes(self) -> Result<(String, Vec<u8>), Finding> {
        let mut bytes = Vec::new();
        let read = self.reader.take(MOST + 1).read_to_end(&mut bytes);
        match read {
            Ok(length) if length as u64 <= MOST => Ok((self.name, bytes)),
            Ok(_) => Err(Finding::new(Kind::FileUnreadable, &self.name).value(TOO_LONG)),
            Err(error) => Err(unreadable(Path::new(&self.name), &error)),
        }
    }
}

/// A file's length and hash, without keeping it in memory; and the file, to be read from its beginning.
pub(super) fn hashed<'a>(
    reading: &Reading<'a>,
    path: &Path,
) -> Result<(InputFile, Opened<'a>), ReadError> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let mut reader = reading.source.open(path).map_err(failed)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut room = vec![0; 1 << 20];
    loop {
        (reading.watch)(Progress::Working)?;
        match reader.read(&mut room) {
            Ok(0) => break,
            Ok(count) => {
                hash.update(&room[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error).into()),
        }
    }
    let name = name(path);
    if bytes == 0 {
        return Err(Finding::new(Kind::FileEmpty, &name).into());
    }
    reader.rewind().map_err(failed)?;
    let file = InputFile {
        path: name.clone(),
        bytes,
        sha256: hex_of(&hash.finalize()),
    };
    Ok((file, Opened { name, reader }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_touches_a_rectangle_where_it_does_to_the_last_unit() {
        let square = [[0, 0], [10, 10]];
        for (line, expected) in [
            ([[5, 5], [5, 5]], true),
            ([[-5, 5], [15, 5]], true),
            ([[10, 20], [10, -20]], true),
            ([[11, 20], [11, -20]], false),
            // Through the corner at 10, 10, and past it by one.
            ([[0, 20], [20, 0]], true),
            ([[0, 21], [21, 0]], false),
            ([[0, 20], [20, 1]], false),
            ([[-5, 0], [0, -5]], false),
            ([[-5, 5], [5, -5]], true),
            ([[20, 20], [30, 30]], false),
            ([[i32::MIN, i32::MIN], [i32::MAX, i32::MAX]], true),
            ([[i32::MIN, 0], [i32::MAX, 1]], true),
            ([[i32::MIN, 11], [i32::MAX, 11]], false),
        ] {
            assert_eq!(touches(line, square), expected, "{line:?}");
            let [a, b] = line;
            assert_eq!(touches([b, a], square), expected, "{line:?} back");
        }
    }
}
