//! Reading a plan's files into a city, with what was noticed on the way.

pub mod access;

mod crosswalk;

mod facilities;

mod land;

mod people;

mod housing;

mod outlook;

pub mod roads;

mod sound;

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fuwutu_core::city::{City, Records};
use fuwutu_core::crosswalk::Crosswalk;
use fuwutu_core::position::ServiceAt;
use fuwutu_core::projection::Outlook;
use fuwutu_core::quantity::{Frame, Point};
use fuwutu_core::service::{Basis, Limit, Service};
use fuwutu_core::units::last::LastUnits;
use geo::Coord;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::{Failure, Finding, Findings, Kind};
use crate::frame::{Projection, frame_between};
use crate::layer::supported_crs;
use crate::plan::Plan;
use crate::text;
use roads::RoadInput;

/// What a plan's files say.
#[derive(Debug, Clone)]
pub struct Input {
    /// Checked.
    pub city: City,
    /// What is known of other years.
    pub outlook: Outlook,
    /// Where the plan travels on streets.
    pub roads: Option<RoadInput>,
    /// Codes that changed; without one nothing did.
    pub crosswalk: Crosswalk,
    /// The last round's units, where they are to be kept.
    pub last_units: Option<LastUnits>,
    /// Where facilities and demand points stand in the files.
    pub origins: Origins,
    /// What was noticed; no errors among them.
    pub findings: Vec<Finding>,
    /// The files, in the order of the plan.
    pub files: Vec<InputFile>,
}

/// Where in the files things stand, by their ids.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// Of each facility, its rows: one for each service that one of them names.
    pub facilities: FacilityOrigins,
    /// Of each demand point, its row in the file of the population; empty where they are more than [`MOST_POINTS_TOLD`].
    pub points: BTreeMap<Box<str>, u64>,
}

/// By id of the facility.
pub type FacilityOrigins = BTreeMap<Box<str>, Vec<Origin>>;

/// A row of a table of facilities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The position of the service that it names.
    pub service: ServiceAt,
    /// The file.
    pub file: Arc<str>,
    /// The row, as in findings.
    pub row: u64,
}

/// Up to so many demand points are told one by one; more are told in squares.
pub const MOST_POINTS_TOLD: usize = 20_000;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// As the plan names it.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// Where the files of a plan come from.
pub trait Files {
    /// The bytes of a file that the plan names.
    ///
    /// # Errors
    /// Where it is missing or cannot be read.
    fn bytes(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The same, to be read bit by bit.
    ///
    /// # Errors
    /// Where it is missing or cannot be read.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Cursor::new(self.bytes(path)?)))
    }

    /// Where what was made of some files may be kept for the next run.
    fn keep(&self, _files: &[&Path]) -> Option<PathBuf> {
        None
    }
}

/// Files on disk, relative to this folder.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Files for Folder {
    /// A plain file of at most 2 GiB, so that a device or an endless pipe is no trap.
    fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        const MOST: u64 = 2 << 30;
        let path = self.0.join(path);
        let about = std::fs::metadata(&path)?;
        match (about.is_file(), about.len() <= MOST) {
            (true, true) => std::fs::read(path),
            (true, false) => Err(io::Error::other(
                "larger than 2 GiB: split it into several files",
            )),
            (false, _) => Err(io::Error::other("no plain file")),
        }
    }

    /// A plain file of any length.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        let path = self.0.join(path);
        match std::fs::metadata(&path)?.is_file() {
            true => Ok(Box::new(std::fs::File::open(path)?)),
            false => Err(io::Error::other("no plain file")),
        }
    }

    /// In the folder `.fuwutu` beside the plan: a file for each set of names.
    fn keep(&self, files: &[&Path]) -> Option<PathBuf> {
        let names: Vec<String> = files
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        Some(self.0.join(".fuwutu").join(format!(
            "roads-{}.bin",
            &hex(names.join("\n").as_bytes())[..16]
        )))
    }
}

/// Files in memory, by name.
#[derive(Debug, Clone, Copy)]
pub struct Embedded(pub &'static [(&'static str, &'static str)]);

impl Files for Embedded {
    fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The files of a plan, and what is noticed while they are read.
struct Reading<'a> {
    plan: &'a Plan,
    source: &'a dyn Files,
    files: Vec<InputFile>,
    findings: Findings,
    walk: crosswalk::Walk,
}

impl Reading<'_> {
    /// The text of a file, named as in the plan.
    fn text(&mut self, path: &Path) -> Result<(String, String), Finding> {
        let file = name(path);
        let bytes = self
            .source
            .bytes(path)
            .map_err(|error| unreadable(path, &error))?;
        let sha256 = hex(&bytes);
        self.files.push(InputFile {
            path: file.clone(),
            bytes: bytes.len() as u64,
            sha256,
        });
        let text = text::decode(&file, bytes, &mut self.findings)?;
        Ok((file, text))
    }

    /// Ends where an error was found; what comes next could only misunderstand.
    fn stop_at_errors(&mut self) -> Result<(), Failure> {
        if self.findings.failed() {
            std::mem::take(&mut self.findings).finish().map(drop)
        } else {
            Ok(())
        }
    }
}

/// A path as findings and records name it.
fn name(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Finding {
    match error.kind() {
        io::ErrorKind::NotFound => Finding::new(Kind::FileMissing, &name(path)),
        _ => Finding::new(Kind::FileUnreadable, &name(path)).value(error.to_string()),
    }
}

/// SHA-256 in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    hex_of(&Sha256::digest(bytes))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the files of `plan` from `source`. `catalogue` is the plan's (see [`crate::plan::catalogue`]).
///
/// # Errors
/// With all findings, where an error is among them. Reading goes as far as it can, so that many errors show at once.
pub fn read(plan: &Plan, source: &dyn Files, catalogue: &[Service]) -> Result<Input, Failure> {
    read_for(plan, source, catalogue, &Scope::default())
}

/// What is read beyond what the plan itself asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scope {
    /// Roads for a trip as long as this, too.
    pub longest: Option<Limit>,
    /// In this plane, and with the roads of this area, too.
    pub ground: Option<Ground>,
}

/// A plane, and an area of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ground {
    /// The plane.
    pub frame: Frame,
    /// The lower corner.
    pub low: Point,
    /// The upper corner.
    pub high: Point,
    /// How far roads reach beyond it, in metres.
    pub margin: f64,
}

impl Ground {
    /// The plane of the second of two cities, with the places of both and the farther trips of their plans: what both are read
    /// in where one is put into the other.
    #[must_use]
    pub fn common(sides: [(&Plan, &[Service], &City); 2]) -> Self {
        let frame = sides[1].2.frame();
        let projection = Projection::new(frame);
        let corners = sides.map(|(_, _, city)| {
            let own = Projection::new(city.frame());
            let (low, high) = roads::corners(city);
            // A metre more than a corner that is seen from another plane.
            let seen = |at: Point, by: f64| {
                let at = projection.to_plane(own.to_degrees(at.metres()));
                Point::from_metres(Coord {
                    x: at.x + by,
                    y: at.y + by,
                })
                .unwrap_or_default()
            };
            if city.frame() == frame {
                (low, high)
            } else {
                (seen(low, -1.0), seen(high, 1.0))
            }
        });
        let [(low, high), (other_low, other_high)] = corners;
        let margins = sides.map(|(plan, catalogue, _)| roads::margin(plan, catalogue, None));
        Self {
            frame,
            low: Point {
                x: low.x.min(other_low.x),
                y: low.y.min(other_low.y),
            },
            high: Point {
                x: high.x.max(other_high.x),
                y: high.y.max(other_high.y),
            },
            margin: margins[0].max(margins[1]),
        }
    }
}

/// As [`read`], for a wider scope.
///
/// # Errors
/// As [`read`].
pub fn read_for(
    plan: &Plan,
    source: &dyn Files,
    catalogue: &[Service],
    scope: &Scope,
) -> Result<Input, Failure> {
    let walk = crosswalk::Walk::default();
    let mut reading = Reading {
        plan,
        source,
        files: Vec::new(),
        findings: Findings::default(),
        walk,
    };
    match read_all(&mut reading, catalogue, scope) {
        Ok(input) => Ok(Input {
            findings: reading.findings.finish()?,
            ..input
        }),
        Err(failure) => Err(reading.findings.ended_by(failure)),
    }
}

/// All but the findings.
fn read_all(reading: &mut Reading, catalogue: &[Service], scope: &Scope) -> Result<Input, Failure> {
    declared(reading)?;
    crosswalk::read(reading)?;
    let townships = land::townships(reading)?;
    let communities = land::communities(reading, &townships)?;
    reading.stop_at_errors()?;
    let (low, high) = land::corners(reading, &townships, &communities)?;
    let frame = scope
        .ground
        .map_or_else(|| frame_between(low, high), |ground| ground.frame);
    let projection = Projection::new(frame);
    let mut land = land::in_plane(reading, townships, communities, &projection);
    reading.stop_at_errors()?;
    land::check(reading, &land);
    let mut people = people::points(reading, &land, &projection)?;
    let housing = housing::rows(reading, &land, &mut people.points, &projection)?;
    let (facilities, origins) = facilities::facilities(reading, catalogue, &projection)?;
    reading.stop_at_errors()?;
    let records = Records {
        frame,
        year: reading.plan.round.base_year,
        townships: std::mem::take(&mut land.townships),
        communities: std::mem::take(&mut land.communities),
        points: people.points,
        facilities,
    };
    let city = City::new(records)
        .map_err(|error| Finding::new(Kind::IdTwice, "").value(error.to_string()))?;
    facilities::check(reading, &city, catalogue, &origins);
    without_norm(reading, catalogue);
    let outlook = outlook::outlook(reading, &city, people.aged, &housing)?;
    let last_units = crosswalk::last_units(reading, &city)?;
    crosswalk::check(reading, &city);
    let roads = match reading.plan.roads().cloned() {
        Some(source) => Some(roads::read(
            reading,
            &source,
            catalogue,
            scope,
            &city,
            &projection,
        )?),
        None => None,
    };
    let crosswalk = std::mem::take(&mut reading.walk.crosswalk);
    let files = std::mem::take(&mut reading.files);
    let origins = Origins {
        facilities: origins,
        points: people.rows,
    };
    Ok(Input {
        city,
        outlook,
        roads,
        crosswalk,
        last_units,
        origins,
        findings: Vec::new(),
        files,
    })
}

/// The plan's word on the coordinate system.
fn declared(reading: &mut Reading) -> Result<(), Failure> {
    match &reading.plan.inputs.crs {
        None => reading.findings.push(Finding::new(Kind::CrsUndeclared, "")),
        Some(crs) if !supported_crs(crs) => {
            return Err(Finding::new(Kind::CrsUnknown, "")
                .column("inputs.crs")
                .value(crs)
                .into());
        }
        Some(_) => {}
    }
    Ok(())
}

/// Services that the plan names and whose norm has no figure, though its basis asks for one.
fn without_norm(reading: &mut Reading, catalogue: &[Service]) {
    let named = reading.plan.services.select.clone().unwrap_or_default();
    let counted = |basis| {
        matches!(
            basis,
            Basis::PerThousand | Basis::Cohort | Basis::Households
        )
    };
    for service in catalogue
        .iter()
        .filter(|each| named.contains(&each.id) && counted(each.norm.basis))
    {
        if service
            .norm
            .rates(reading.plan.people.household_size)
            .is_none()
        {
            reading
                .findings
                .push(Finding::new(Kind::NormMissing, "").id(&*service.id));
        }
    }
}

/// A place of a table in degrees, checked to be such.
fn degrees(row: &crate::table::Row, lon: usize, lat: usize) -> Result<Coord, Finding> {
    let at = Coord {
        x: row.number(lon)?,
        y: row.number(lat)?,
    };
    crate::layer::in_degrees(at).map_err(|kind| {
        let value = format!("{}, {}", at.x, at.y);
        row.finding(kind, lon).value(value)
    })?;
    Ok(at)
}
