//! The roads of a plan: OpenStreetMap in its binary form, or two tables. What was read is kept beside the plan for the next
//! run.

mod dem;

mod kept;

mod osm;

mod tables;

mod tags;

use std::collections::BTreeMap;
use std::path::Path;

use fuwutu_core::city::City;
use fuwutu_core::quantity::Point;
use fuwutu_core::reach::roads::{RoadRecords, Roads};
use fuwutu_core::service::{Limit, Service};
use geo::Coord;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{InputFile, Reading, Scope, hex_of, name, unreadable};
use crate::finding::{Failure, Finding, Findings, Kind};
use crate::frame::Projection;
use crate::plan::{Plan, RoadsSource};

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

    fn contains(&self, at: Coord) -> bool {
        self.low.x <= at.x && at.x <= self.high.x && self.low.y <= at.y && at.y <= self.high.y
    }
}

/// The corners between which all places of a city lie.
pub(super) fn corners(city: &City) -> (Point, Point) {
    let places = city
        .points()
        .iter()
        .map(|point| point.at)
        .chain(city.facilities().iter().map(|each| each.at));
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
pub(super) fn margin(plan: &Plan, catalogue: &[Service], longest: Option<Limit>) -> f64 {
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
        .chain(longest)
        .map(far)
        .fold(1000.0, f64::max)
}

/// Reads the roads of the plan, or takes what an earlier run kept of the same files.
pub(super) fn read(
    reading: &mut Reading,
    source: &RoadsSource,
    catalogue: &[Service],
    scope: &Scope,
    city: &City,
    projection: &Projection,
) -> Result<RoadInput, Failure> {
    let (corners, margin) = match scope.ground {
        Some(ground) => ((ground.low, ground.high), ground.margin),
        None => (
            corners(city),
            margin(reading.plan, catalogue, scope.longest),
        ),
    };
    let area = Area::around(corners, projection, margin);
    let files: Vec<&Path> = source.files().collect();
    let mut key = Sha256::new();
    key.update(format!(
        "{} {source:?} {area:?} {:?}",
        env!("CARGO_PKG_VERSION"),
        city.frame()
    ));
    for path in files.iter().copied().chain(source.dem.as_deref()) {
        let file = hashed(reading, path)?;
        key.update(&file.sha256);
        reading.files.push(file);
    }
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
    let found = found(reading, source, &area, projection, &mut findings)
        .and_then(|found| sloped(reading, source, found, projection, &mut findings));
    // An error says what was noticed before, too.
    let found = match found {
        Ok(found) => found,
        Err(failure) => {
            reading.findings.append(findings);
            return Err(failure);
        }
    };
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
    area: &Area,
    projection: &Projection,
    findings: &mut Findings,
) -> Result<Found, Failure> {
    let files: Vec<&Path> = source.files().collect();
    match files[..] {
        [pbf] => {
            let bytes = reading
                .source
                .bytes(pbf)
                .map_err(|error| unreadable(pbf, &error))?;
            Ok(osm::read(&name(pbf), &bytes, area, projection, findings)?)
        }
        [nodes, edges, ..] => {
            let open = |path: &Path| {
                reading
                    .source
                    .open(path)
                    .map_err(|error| unreadable(path, &error))
            };
            let (of_nodes, of_edges) = (name(nodes), name(edges));
            let readers = [open(nodes)?, open(edges)?];
            tables::read(
                source,
                [&of_nodes, &of_edges],
                readers,
                area,
                projection,
                findings,
            )
        }
        [] => Err(Finding::new(Kind::FileMissing, "")
            .column("inputs.roads")
            .into()),
    }
}

/// With the slopes of the elevation model, where the plan names one.
fn sloped(
    reading: &Reading,
    source: &RoadsSource,
    mut found: Found,
    projection: &Projection,
    findings: &mut Findings,
) -> Result<Found, Failure> {
    if let Some(path) = &source.dem {
        let bytes = reading
            .source
            .bytes(path)
            .map_err(|error| unreadable(path, &error))?;
        dem::add(
            &name(path),
            &bytes,
            &mut found.records,
            projection,
            findings,
        )?;
    }
    Ok(found)
}

/// A file's length and hash, without keeping it in memory.
fn hashed(reading: &Reading, path: &Path) -> Result<InputFile, Finding> {
    let mut reader = reading
        .source
        .open(path)
        .map_err(|error| unreadable(path, &error))?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut room = vec![0; 1 << 20];
    loop {
        match reader.read(&mut room) {
            Ok(0) => break,
            Ok(count) => {
                hash.update(&room[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
    if bytes == 0 {
        return Err(Finding::new(Kind::FileEmpty, &name(path)));
    }
    Ok(InputFile {
        path: name(path),
        bytes,
        sha256: hex_of(&hash.finalize()),
    })
}
