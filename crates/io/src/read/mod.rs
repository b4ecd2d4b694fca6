//! Reading a plan's files into a city, with what was noticed on the way.

pub mod access;

pub mod alike;

pub(crate) mod ages;

mod codes;

mod crosswalk;

mod facilities;

pub mod keyed;

mod kinds;

mod land;

mod people;

mod housing;

mod outlook;

pub mod roads;

mod sound;

pub mod spread;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fuwutu_core::city::{City, Class, Records};
use fuwutu_core::crosswalk::Crosswalk;
use fuwutu_core::position::{CommunityAt, ServiceAt};
use fuwutu_core::projection::Outlook;
use fuwutu_core::quantity::{Frame, Point, Residents};
use fuwutu_core::service::{Basis, Limit, Per, Service};
use fuwutu_core::units::last::LastUnits;
use fuwutu_core::watch::{Progress, Stopped, Watch, unwatched};
use geo::Coord;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use housing::HousingRow;
use keyed::Match;

use crate::crs::{Crs, CrsError};
use crate::finding::account::Account;
use crate::finding::{Failure, Finding, Findings, Kind};
use crate::form::{self, Form};
use crate::frame::{Projection, frame_between};
use crate::keys::{Coding, Gazetteer};
use crate::layer::{self, RawLayer};
use crate::plain;
use crate::plan::{Named, Plan};
use crate::table::Column;
use crate::text;
use roads::RoadInput;
use spread::{SpreadPeople, Totals};

/// What a plan's files say.
#[derive(Debug, Clone)]
pub struct Input {
    /// Checked.
    pub city: City,
    /// Where people are spread over communities.
    pub spread: Option<SpreadPeople>,
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
    /// Positions in the catalogue, ascending: services of whose facilities nothing is known, not even that there are none.
    pub no_data: Vec<ServiceAt>,
    /// Whether communities are rural because few people live in their area: no file says their class.
    pub by_density: bool,
    /// What was noticed; no errors among them.
    pub findings: Vec<Finding>,
    /// The files, in the order of the plan.
    pub files: Vec<InputFile>,
    /// What became of the rows of each file, in the order in which they were read.
    pub accounts: Vec<Account>,
    /// What names were taken for, in place of codes.
    pub matches: Vec<Match>,
    /// Facilities that may be one, by group.
    pub duplicates: Vec<Duplicate>,
}

/// A facility of a group that may be one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicate {
    /// The number of the group, from 1.
    pub group: usize,
    /// The position of the service that all of them offer.
    pub service: ServiceAt,
    /// Its id.
    pub id: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// The file of its row.
    pub file: Arc<str>,
    /// The row.
    pub row: u64,
    /// Metres to the first of the group.
    pub apart_m: f64,
    /// Why it is in the group.
    pub why: alike::Why,
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

/// Bytes that can be read again from their beginning.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

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
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek + '_>> {
        Ok(Box::new(Cursor::new(self.bytes(path)?)))
    }

    /// Where what was made of some files may be kept for the next run.
    fn keep(&self, _files: &[&Path]) -> Option<PathBuf> {
        None
    }
}

/// A file that is held in memory has at most so many bytes.
const MOST: u64 = 2 << 30;
const TOO_LONG: &str = "larger than 2 GiB: split it into several files";

/// Files on disk, relative to this folder.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Files for Folder {
    /// A plain file of at most 2 GiB, so that a device or an endless pipe is no trap.
    fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut file = plain::open(&self.0.join(path))?;
        let length = file.metadata()?.len();
        if length > MOST {
            return Err(io::Error::other(TOO_LONG));
        }
        let mut bytes = Vec::new();
        // Where there is not as much memory, that is an error and no end of the program.
        bytes.try_reserve_exact(length as usize)?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A plain file of any length.
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek + '_>> {
        Ok(Box::new(plain::open(&self.0.join(path))?))
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

/// Why reading came to no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// What the files say makes no sense.
    #[error(transparent)]
    Input(#[from] Failure),
    /// The caller said stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl ReadError {
    /// With what was noticed before it.
    fn after(self, findings: Findings) -> Self {
        match self {
            Self::Input(failure) => Self::Input(findings.ended_by(failure)),
            Self::Stopped(stopped) => Self::Stopped(stopped),
        }
    }

    /// With each finding replaced.
    #[must_use]
    pub fn map(self, change: impl FnMut(Finding) -> Finding) -> Self {
        match self {
            Self::Input(failure) => Self::Input(Failure {
                findings: failure.findings.into_iter().map(change).collect(),
                accounts: failure.accounts,
            }),
            Self::Stopped(stopped) => Self::Stopped(stopped),
        }
    }
}

impl From<Finding> for ReadError {
    fn from(finding: Finding) -> Self {
        Self::Input(finding.into())
    }
}

/// A file of a plan.
pub(crate) struct Given {
    /// As the plan names it.
    pub file: String,
    pub bytes: Vec<u8>,
    pub form: Form,
}

/// A table, whatever form its file has.
pub(crate) struct Tabular<'a> {
    /// Delimited text with a header. Its lines are those of the file, or the rows of its sheet; of a layer, line `n + 1` is feature `n`.
    pub text: Cow<'a, str>,
    /// The coordinate system that the file itself names, as a layer does.
    pub crs: Option<String>,
}

impl<'a> Tabular<'a> {
    /// The table of a file in which these columns are looked for.
    fn of(
        given: &'a Given,
        (_named, _columns): (Named, &[Column]),
        findings: &mut Findings,
    ) -> Result<Self, Finding> {
        match given.form {
            Form::Foreign(foreign) => {
                let [zh, en] = foreign.name();
                let finding = Finding::new(Kind::FormForeign, &given.file);
                Err(finding.value(format!("{zh} / {en}")))
            }
            _ => Ok(Self {
                text: text::decode(&given.file, &given.bytes, findings)?,
                crs: None,
            }),
        }
    }

    fn into_owned(self) -> Tabular<'static> {
        Tabular {
            text: Cow::Owned(self.text.into_owned()),
            crs: self.crs,
        }
    }
}

/// The files of a plan, and what is noticed while they are read.
struct Reading<'a> {
    plan: &'a Plan,
    source: &'a dyn Files,
    watch: Watch<'a>,
    files: Vec<InputFile>,
    findings: Findings,
    walk: crosswalk::Walk,
    /// All places with codes and names, once the land is known.
    gazetteer: Arc<Gazetteer>,
    /// The counties that the list of codes has, with their names.
    counties: Vec<(String, String)>,
    matches: Vec<Match>,
    duplicates: Vec<Duplicate>,
    /// Of all files that the plan says nothing else of.
    usual_crs: Option<Crs>,
}

impl Reading<'_> {
    /// What the plan says of the coordinate system of a file, which may have its own.
    fn declared(&self, own: Option<&str>, path: &Path) -> Result<Declared, Finding> {
        let own = own.map(|own| crs_named(own, &name(path))).transpose()?;
        Ok(Declared {
            own,
            usual: self.usual_crs.clone(),
        })
    }

    /// A file, hashed. What it is not read as is an error.
    fn given(&mut self, named: Named) -> Result<Given, ReadError> {
        (self.watch)(Progress::Working)?;
        let path = named.path;
        let file = name(path);
        let bytes = self
            .source
            .bytes(path)
            .map_err(|error| unreadable(path, &error))?;
        let form = form::of(path, &bytes);
        Ok(Given { file, bytes, form })
    }

    /// What `read` makes of a file with a table. The bytes are hashed in a task of their own meanwhile.
    fn file<T>(
        &mut self,
        named: Named,
        columns: &[Column],
        read: impl FnOnce(&mut Self, &str, Tabular) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let given = self.given(named)?;
        let mut sha256 = String::new();
        let made = rayon::in_place_scope(|scope| {
            scope.spawn(|_| sha256 = hex(&given.bytes));
            let tabular = Tabular::of(&given, (named, columns), &mut self.findings)?;
            read(self, &given.file, tabular)
        })?;
        self.files.push(InputFile {
            path: given.file,
            bytes: given.bytes.len() as u64,
            sha256,
        });
        Ok(made)
    }

    /// The name of a file, as in the plan, and its table: for those that are not large.
    fn table(
        &mut self,
        named: Named,
        columns: &[Column],
    ) -> Result<(String, Tabular<'static>), ReadError> {
        self.file(named, columns, |_, file, tabular| {
            Ok((file.to_owned(), tabular.into_owned()))
        })
    }

    /// The name of a file with areas, as in the plan, and its layer.
    fn layer(&mut self, named: Named, columns: &[Column]) -> Result<(String, RawLayer), ReadError> {
        self.file(named, columns, |reading, file, tabular| {
            let layer = layer::geojson(file, &tabular.text, &mut reading.findings)?;
            Ok((file.to_owned(), layer))
        })
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

pub(crate) use land::township_code as nine_digits;

/// A path as findings and records name it.
pub(crate) fn name(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Finding {
    // Systems differ in what they report of a name that they do not allow.
    let has_controls = path.to_string_lossy().contains(char::is_control);
    match error.kind() {
        _ if has_controls => Finding::new(Kind::PathEscaped, &name(path)),
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
    read_for(plan, source, catalogue, None, &unwatched).map_err(|error| match error {
        ReadError::Input(failure) => failure,
        ReadError::Stopped(_) => unreachable!("nobody says stop"),
    })
}

/// As [`read`], with roads for a trip within `longest`, too, for those who watch.
///
/// # Errors
/// As [`read`], and where `watch` says stop: it is asked for each file, every few thousand rows, and for each megabyte of roads.
pub fn read_for(
    plan: &Plan,
    source: &dyn Files,
    catalogue: &[Service],
    longest: Option<Limit>,
    watch: Watch,
) -> Result<Input, ReadError> {
    let land = Land::read(plan, source, watch)?;
    let frame = land.frame();
    let places = land.places(catalogue, frame)?;
    let ground = places.ground(longest);
    places.roads(&ground)
}

/// An area of a plane.
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

/// The first phase of reading: townships and communities, which say where the city lies.
///
/// Two cities that are to lie in one plane are read side by side: the land of both, then the [`Places`] of both in the plane of
/// one, then the roads of both on common [`Ground`]. So each file is opened once.
pub struct Land<'a> {
    reading: Reading<'a>,
    townships: Vec<land::TownshipRow>,
    communities: Vec<land::CommunityRow>,
    frame: Frame,
}

impl<'a> Land<'a> {
    /// Reads the land of a plan.
    ///
    /// # Errors
    /// As [`read_for`].
    pub fn read(
        plan: &'a Plan,
        source: &'a dyn Files,
        watch: Watch<'a>,
    ) -> Result<Self, ReadError> {
        let mut reading = Reading {
            plan,
            source,
            watch,
            files: Vec::new(),
            findings: Findings::default(),
            walk: crosswalk::Walk::default(),
            gazetteer: Arc::new(Gazetteer::new(Vec::new(), Vec::new(), &[])),
            counties: Vec::new(),
            matches: Vec::new(),
            duplicates: Vec::new(),
            usual_crs: None,
        };
        match rows_of_land(&mut reading) {
            Ok((townships, communities, frame)) => Ok(Self {
                reading,
                townships,
                communities,
                frame,
            }),
            Err(error) => Err(error.after(reading.findings)),
        }
    }

    /// The plane that suits it best.
    #[must_use]
    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// Reads all but the roads, in a plane: its own, or that of a city it is compared with.
    ///
    /// # Errors
    /// As [`read_for`].
    pub fn places(self, catalogue: &'a [Service], frame: Frame) -> Result<Places<'a>, ReadError> {
        let Self {
            mut reading,
            townships,
            communities,
            ..
        } = self;
        match in_plane(&mut reading, townships, communities, catalogue, frame) {
            Ok(read) => Ok(Places {
                reading,
                catalogue,
                read,
            }),
            Err(error) => Err(error.after(reading.findings)),
        }
    }
}

/// The second phase: all but the roads is read.
pub struct Places<'a> {
    reading: Reading<'a>,
    catalogue: &'a [Service],
    read: InPlane,
}

/// What the second phase gives.
struct InPlane {
    records: Records,
    /// Residents without a demand point, who get one when the roads are known.
    totals: Totals,
    /// Whether communities are rural by their density.
    by_density: bool,
    /// The groups by which the input counts the residents' ages.
    ages: Option<ages::Groups>,
    housing: Vec<HousingRow>,
    origins: Origins,
}

impl Places<'_> {
    /// Where its people and facilities are, with as much round them as a trip of the plan leads, or one within `longest`.
    #[must_use]
    pub fn ground(&self, longest: Option<Limit>) -> Ground {
        let InPlane {
            records, totals, ..
        } = &self.read;
        Ground::of(records, totals, self.reading.plan, self.catalogue, longest)
    }

    /// Reads the roads in and near `ground`, where the plan travels on streets. That is the end of reading.
    ///
    /// # Errors
    /// As [`read_for`].
    pub fn roads(self, ground: &Ground) -> Result<Input, ReadError> {
        let Self {
            mut reading,
            catalogue,
            read,
        } = self;
        let by_density = read.by_density;
        match on_ground(&mut reading, catalogue, read, ground) {
            Ok(OnGround {
                city,
                spread,
                outlook,
                roads,
                last_units,
                origins,
                no_data,
            }) => Ok(Input {
                city,
                spread,
                outlook,
                roads,
                crosswalk: reading.walk.crosswalk,
                last_units,
                origins,
                no_data,
                by_density,
                accounts: reading.findings.accounts(),
                findings: reading.findings.finish()?,
                files: reading.files,
                matches: reading.matches,
                duplicates: reading.duplicates,
            }),
            Err(error) => Err(error.after(reading.findings)),
        }
    }
}

/// What the third phase gives.
struct OnGround {
    city: City,
    spread: Option<SpreadPeople>,
    outlook: Outlook,
    roads: Option<RoadInput>,
    last_units: Option<LastUnits>,
    origins: Origins,
    no_data: Vec<ServiceAt>,
}

/// Townships and communities in degrees, and their plane.
fn rows_of_land(
    reading: &mut Reading,
) -> Result<(Vec<land::TownshipRow>, Vec<land::CommunityRow>, Frame), ReadError> {
    declared(reading)?;
    crosswalk::read(reading)?;
    let list = codes::read(reading)?;
    let townships = land::townships(reading, &list)?;
    let communities = land::communities(reading, &townships, &list)?;
    reading.counties = list.counties;
    reading.stop_at_errors()?;
    let (low, high) = land::corners(reading, &townships, &communities)?;
    Ok((townships, communities, frame_between(low, high)))
}

/// All but the roads.
fn in_plane(
    reading: &mut Reading,
    townships: Vec<land::TownshipRow>,
    communities: Vec<land::CommunityRow>,
    catalogue: &[Service],
    frame: Frame,
) -> Result<InPlane, ReadError> {
    let projection = Projection::new(frame);
    let mut land = land::in_plane(reading, townships, communities, &projection);
    reading.stop_at_errors()?;
    land::check(reading, &land)?;
    reading.gazetteer = Arc::new(gazetteer(&land, &reading.counties));
    let mut people = people::points(reading, &land, &projection)?;
    people::sums(reading, &land, &people);
    let by_density = land::classes_by_density(reading, &mut land, &people::of_communities(&people));
    let housing = housing::rows(reading, &land, &mut people, &projection)?;
    let (facilities, origins) = facilities::facilities(reading, catalogue, &projection)?;
    reading.stop_at_errors()?;
    Ok(InPlane {
        records: Records {
            frame,
            year: reading.plan.round.base_year,
            townships: std::mem::take(&mut land.townships),
            communities: std::mem::take(&mut land.communities),
            points: people.points,
            facilities,
        },
        totals: people.totals,
        by_density,
        ages: people.ages,
        housing,
        origins: Origins {
            facilities: origins,
            points: people.rows,
        },
    })
}

/// All townships and communities by code and name.
fn gazetteer(land: &land::Land, counties: &[(String, String)]) -> Gazetteer {
    let townships = land.townships.iter().map(|each| Coding {
        code: each.code.clone(),
        name: each.name.clone(),
        township: 0,
    });
    let communities = land.communities.iter().map(|each| Coding {
        code: each.code.clone(),
        name: each.name.clone(),
        township: each.township.index() as u32,
    });
    Gazetteer::new(townships.collect(), communities.collect(), counties)
}

/// The roads, the city with everybody in their place, and what rests on it.
fn on_ground(
    reading: &mut Reading,
    catalogue: &[Service],
    read: InPlane,
    ground: &Ground,
) -> Result<OnGround, ReadError> {
    let InPlane {
        records,
        totals,
        by_density: _,
        ages,
        housing,
        origins,
    } = read;
    let projection = Projection::new(records.frame);
    let roads = match reading.plan.roads() {
        Some(source) => Some(roads::read(reading, source, ground, &projection)?),
        None => None,
    };
    let network = roads.as_ref().map(|roads| &*roads.roads);
    let (city, spread) = spread::city(reading, records, &totals, network)?;
    facilities::check(reading, &city, catalogue, &origins.facilities);
    let no_data = facilities::no_data(reading, &city, catalogue, &origins.facilities);
    without_norm(reading, catalogue);
    without_land(reading, &city, catalogue, &no_data);
    let outlook = outlook::outlook(reading, &city, ages.as_ref(), &housing)?;
    let last_units = crosswalk::last_units(reading, &city)?;
    crosswalk::check(reading, &city);
    Ok(OnGround {
        city,
        spread,
        outlook,
        roads,
        last_units,
        origins,
        no_data,
    })
}

/// The plan's word on the coordinate system.
fn declared(reading: &mut Reading) -> Result<(), ReadError> {
    let crs = reading.plan.inputs.crs.as_deref();
    if crs.is_none() {
        reading.findings.push(Finding::new(Kind::CrsUndeclared, ""));
    }
    reading.usual_crs = crs.map(|name| crs_named(name, "")).transpose()?;
    Ok(())
}

/// A coordinate system by the name that the plan has for it.
fn crs_named(name: &str, file: &str) -> Result<Crs, Finding> {
    let kind = |error| match error {
        CrsError::NoTransformation(_) => Kind::CrsNoTransformation,
        CrsError::Unknown => Kind::CrsUnknown,
    };
    let finding = |error| Finding::new(kind(error), file).column("crs").value(name);
    Crs::parse(name).map_err(finding)
}

/// What the plan says of the coordinate system of one file.
pub(crate) struct Declared {
    own: Option<Crs>,
    usual: Option<Crs>,
}

impl Declared {
    /// That of a file which names none.
    fn by_plan(&self) -> Crs {
        let crs = self.own.as_ref().or(self.usual.as_ref());
        crs.cloned().unwrap_or_else(Crs::degrees)
    }

    /// That of a file which names one itself, as layers do, or does not. What the plan says of the very file counts; where the file says
    /// something else of other numbers than degrees, that is a finding.
    pub(crate) fn of_file(
        &self,
        named: Option<&str>,
        file: &str,
        findings: &mut Findings,
    ) -> Result<Crs, Finding> {
        let Some(named) = named else {
            return Ok(self.by_plan());
        };
        let layers = crs_named(named, file);
        let Some(own) = &self.own else {
            return layers;
        };
        // Files in GCJ-02 are said to be in WGS 84 by the programs that write them.
        let alike =
            layers.is_ok_and(|layers| layers.same(own) || !(layers.is_plane() || own.is_plane()));
        if !alike {
            let finding = Finding::new(Kind::CrsContradicts, file).column("crs");
            findings.push(finding.value(format!("{named} ≠ {own}")));
        }
        Ok(own.clone())
    }
}

/// Tells the services that are judged by residential land, where that of some urban community with residents is not known.
fn without_land(reading: &mut Reading, city: &City, catalogue: &[Service], no_data: &[ServiceAt]) {
    let mut inhabited = vec![false; city.communities().len()];
    for (point, ages) in city.points().iter().zip(city.residents()) {
        inhabited[point.community.index()] |= ages.total() > Residents(0);
    }
    let urban = CommunityAt::enumerate(city.communities())
        .filter(|(at, community)| community.class == Class::Urban && inhabited[at.index()]);
    let known: Vec<bool> = urban
        .map(|(_, each)| each.residential_m2.is_some())
        .collect();
    let missing = known.iter().filter(|known| !**known).count();
    let matters = facilities::matters(reading.plan, catalogue);
    let by_land = |service: &Service| {
        let mut rules = service.requires.iter();
        rules.any(|rule| rule.per == Per::ResidentialKm2)
    };
    let file = name(&reading.plan.inputs.communities.path);
    for (at, service) in ServiceAt::enumerate(catalogue) {
        if missing > 0 && matters[at.index()] && by_land(service) && !no_data.contains(&at) {
            let finding = Finding::new(Kind::ResidentialUnknown, &file).service(&service.id);
            let finding = finding.column("residential_km2");
            let value = format!("{missing} / {}", known.len());
            reading.findings.push(finding.value(value));
        }
    }
}

/// Services that the plan names and whose norm has no figure, though its basis asks for one.
fn without_norm(reading: &mut Reading, catalogue: &[Service]) {
    let named = reading.plan.services.select.clone().unwrap_or_default();
    let counted = |basis| {
        matches!(
            basis,
            Basis::PerThousand | Basis::Cohort | Basis::Households | Basis::Area
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
                .push(Finding::new(Kind::NormMissing, "").service(&*service.id));
        }
    }
}

/// A place of a table in degrees, checked to be such. Where one of the two is at fault, it is the column of the finding.
fn degrees(row: &crate::table::Row, lon: usize, lat: usize, crs: &Crs) -> Result<Coord, Finding> {
    let number = |at| {
        let number = row.optional_number(at)?;
        number.ok_or_else(|| row.finding(Kind::PlaceMissing, at))
    };
    let at = Coord {
        x: number(lon)?,
        y: number(lat)?,
    };
    crate::layer::in_degrees(at, crs).map_err(|kind| match kind {
        Kind::DegreeBeyond if at.x.abs() <= 180.0 => row.finding(kind, lat),
        Kind::DegreeBeyond => row.finding(kind, lon),
        _ => row.finding(kind, lon).value(format!("{}, {}", at.x, at.y)),
    })
}
