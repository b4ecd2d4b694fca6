//! Reading a plan's files into a city, with what was noticed on the way.

pub mod access;

mod facilities;

mod land;

mod people;

pub mod roads;

mod sound;

use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use fuwutu_core::city::{City, Records};
use fuwutu_core::projection::Earlier;
use fuwutu_core::service::{Limit, Service};
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
    /// Residents at an earlier date.
    pub earlier: Option<Earlier>,
    /// Where the plan travels on streets.
    pub roads: Option<RoadInput>,
    /// What was noticed; no errors among them.
    pub findings: Vec<Finding>,
    /// The files, in the order of the plan.
    pub files: Vec<InputFile>,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
            (true, false) => Err(io::Error::other("larger than 2 GiB: split it into several files")),
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
        let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
        Some(self.0.join(".fuwutu").join(format!("roads-{}.bin", &hex(names.join("\n").as_bytes())[..16])))
    }
}

/// Files in memory, by name.
#[derive(Debug, Clone, Copy)]
pub struct Embedded(pub &'static [(&'static str, &'static str)]);

impl Files for Embedded {
    fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The files of a plan, and what is noticed while they are read.
struct Reading<'a> {
    plan: &'a Plan,
    source: &'a dyn Files,
    files: Vec<InputFile>,
    findings: Findings,
}

impl Reading<'_> {
    /// The text of a file, named as in the plan.
    fn text(&mut self, path: &Path) -> Result<(String, String), Finding> {
        let file = name(path);
        let bytes = self.source.bytes(path).map_err(|error| unreadable(path, &error))?;
        let sha256 = hex(&bytes);
        self.files.push(InputFile { path: file.clone(), bytes: bytes.len() as u64, sha256 });
        let text = text::decode(&file, bytes, &mut self.findings)?;
        Ok((file, text))
    }

    /// Ends where an error was found; what comes next could only misunderstand.
    fn stop_at_errors(&mut self) -> Result<(), Failure> {
        if self.findings.failed() { std::mem::take(&mut self.findings).finish().map(drop) } else { Ok(()) }
    }
}

/// A path as findings and records name it.
fn name(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

fn unreadable(path: &Path, error: &io::Error) -> Finding {
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
fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the files of `plan` from `source`. `catalogue` is the plan's (see [`crate::plan::catalogue`]).
///
/// # Errors
/// With all findings, where an error is among them. Reading goes as far as it can, so that many errors show at once.
pub fn read(plan: &Plan, source: &dyn Files, catalogue: &[Service]) -> Result<Input, Failure> {
    read_for(plan, source, catalogue, None)
}

/// As [`read`], with roads for a trip as long as `longest`, too.
///
/// # Errors
/// As [`read`].
pub fn read_for(
    plan: &Plan,
    source: &dyn Files,
    catalogue: &[Service],
    longest: Option<Limit>,
) -> Result<Input, Failure> {
    let mut reading = Reading { plan, source, files: Vec::new(), findings: Findings::default() };
    match read_all(&mut reading, catalogue, longest) {
        Ok((city, earlier, roads)) => {
            let findings = reading.findings.finish()?;
            Ok(Input { city, earlier, roads, findings, files: reading.files })
        }
        Err(failure) => Err(reading.findings.ended_by(failure)),
    }
}

fn read_all(
    reading: &mut Reading,
    catalogue: &[Service],
    longest: Option<Limit>,
) -> Result<(City, Option<Earlier>, Option<RoadInput>), Failure> {
    declared(reading)?;
    let townships = land::townships(reading)?;
    let communities = land::communities(reading, &townships)?;
    reading.stop_at_errors()?;
    let (low, high) = land::corners(reading, &townships, &communities)?;
    let frame = frame_between(low, high);
    let projection = Projection::new(frame);
    let mut land = land::in_plane(reading, townships, communities, &projection);
    reading.stop_at_errors()?;
    land::check(reading, &land);
    let points = people::points(reading, &land, &projection)?;
    let (facilities, origins) = facilities::facilities(reading, catalogue, &projection)?;
    reading.stop_at_errors()?;
    let records = Records {
        frame,
        year: reading.plan.round.base_year,
        townships: std::mem::take(&mut land.townships),
        communities: std::mem::take(&mut land.communities),
        points,
        facilities,
    };
    let city = City::new(records).map_err(|error| Finding::new(Kind::IdTwice, "").value(error.to_string()))?;
    facilities::check(reading, &city, &origins);
    let earlier = people::earlier(reading, &city)?;
    let roads = match reading.plan.roads().cloned() {
        Some(source) => Some(roads::read(reading, &source, catalogue, longest, &city, &projection)?),
        None => None,
    };
    Ok((city, earlier, roads))
}

/// The plan's word on the coordinate system.
fn declared(reading: &mut Reading) -> Result<(), Failure> {
    match &reading.plan.inputs.crs {
        None => reading.findings.push(Finding::new(Kind::CrsUndeclared, "")),
        Some(crs) if !supported_crs(crs) => {
            return Err(Finding::new(Kind::CrsUnknown, "").column("inputs.crs").value(crs).into());
        }
        Some(_) => {}
    }
    Ok(())
}

/// A place of a table in degrees, checked to be such.
fn degrees(row: &crate::table::Row, lon: usize, lat: usize) -> Result<Coord, Finding> {
    let at = Coord { x: row.number(lon)?, y: row.number(lat)? };
    crate::layer::in_degrees(at).map_err(|kind| {
        let value = format!("{}, {}", at.x, at.y);
        row.finding(kind, lon).value(value)
    })?;
    Ok(at)
}
