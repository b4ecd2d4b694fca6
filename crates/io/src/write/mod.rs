//! A round as a folder of files: tables for Excel, layers for a GIS, and `round.json` that says what all of it rests on.
//!
//! Each file is a function of its input alone: no clock, no machine. Figures are rounded here and only here.

pub mod csv_text;

pub mod geojson_text;

pub mod access;

pub mod change;

pub(crate) mod folder;

mod kept;

mod manifest;

mod layers;

mod report;

pub mod streets;

use fuwutu_core::city::City;
use fuwutu_core::position::ServiceAt;
use fuwutu_core::projection::Outlook;
use fuwutu_core::reach::Nearest;
use fuwutu_core::round::Round;
use fuwutu_core::service::Service;
use fuwutu_core::watch::{Progress, Stopped, Watch};

use crate::finding::Finding;
use crate::frame::Projection;
use crate::manifest::FileEntry;
use crate::plan::Plan;
use crate::read::roads::RoadInput;
use crate::read::{self, InputFile, Origins};
use crate::tables::{
    self, Table, Text, Width, ages, backtest, causes, communities, compare, counties, coupling,
    demand, dictionary, equity, facilities, findings, origins, projection, ranking, served,
    standing, ties, topsis, townships,
};

pub use folder::{FolderError, OutFile, OutFolder};
pub use kept::can_keep;
pub use layers::file_name;
pub use report::ReportFolder;

/// All that a folder of results tells of.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// The plan, filled in.
    pub plan: &'a Plan,
    /// In the base year.
    pub city: &'a City,
    /// What is known of other years.
    pub outlook: &'a Outlook,
    /// The catalogue.
    pub catalogue: &'a [Service],
    /// Positions in it.
    pub selected: &'a [ServiceAt],
    /// The roads, where people travel on streets.
    pub roads: Option<&'a RoadInput>,
    /// What was computed.
    pub round: &'a Round,
    /// What each demand point has within its limit in the base year, where that is to be told one by one.
    pub nearest: Option<&'a PointReach>,
    /// Where facilities and demand points stand in the files.
    pub origins: &'a Origins,
    /// What reading noticed.
    pub findings: &'a [Finding],
    /// What was read.
    pub files: &'a [InputFile],
}

/// For each selected service, what each demand point has within the limit.
pub type PointReach = Vec<Vec<Nearest>>;

/// Why a round was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Sums that must agree do not: a fault of the tool, not of the input.
    #[error(transparent)]
    Disagreement(#[from] manifest::Disagreement),
    /// A file that was to be kept is not what was read any more.
    #[error("`{}` changed while it was used", .0.display())]
    Moved(std::path::PathBuf),
    /// The caller said stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Why a result was not written to where the caller said.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// What is written to refuses.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The caller said stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Writes a whole round: tables, layers (with demand points where `points` are given), and last `round.json`. One file is in
/// memory at a time.
///
/// # Errors
/// Where the file system refuses, sums that must agree do not, or `watch` says stop (it is asked before each file); then nothing
/// stands under the final name.
pub fn round(
    folder: OutFolder,
    result: &Outcome,
    points: Option<&PointReach>,
    watch: Watch,
) -> Result<(), WriteError> {
    round_into(&folder, result, points, None, watch)?;
    Ok(folder.finish()?)
}

/// As [`round`], in a folder that [`OutFolder::finish`] still has to give its name. Where `inputs` are given, with a copy of the
/// plan and all its files in `inputs/`, from which the round can be evaluated again.
///
/// # Errors
/// As [`round`]; and where a file cannot be read again, or is not what it was.
pub fn round_into(
    folder: &OutFolder,
    result: &Outcome,
    points: Option<&PointReach>,
    inputs: Option<&dyn read::Files>,
    watch: Watch,
) -> Result<(), WriteError> {
    let mut files = round_files(folder, result, points, watch)?;
    if let Some(source) = inputs {
        let entries = kept::put(folder, result, source, watch)?;
        files.entries.extend(entries);
    }
    files.manifest()
}

fn round_files<'a>(
    folder: &'a OutFolder,
    result: &'a Outcome,
    points: Option<&PointReach>,
    watch: Watch<'a>,
) -> Result<Files<'a>, WriteError> {
    let mut files = Files::new(folder, result, watch);
    files.put_units()?;
    files.put_coverage(points)?;
    files.put_rows(&standing::rows(result))?;
    files.put_some(&equity::rows(result))?;
    files.put_some(&counties::rows(result))?;
    files.put_some(&ties::rows(result))?;
    if result.plan.extras.topsis {
        files.put_rows(&topsis::rows(result))?;
    }
    if result.plan.extras.coupling {
        files.put_rows(&coupling::rows(result))?;
    }
    files.put_rows(&facilities::rows(result, &files.projection))?;
    files.put_table(served::text(result))?;
    files.put_table(demand::text(result, &files.projection))?;
    files.put_rows(&origins::rows(result))?;
    files.put_rows(&ranking::rows(result))?;
    files.put_rows(&causes::rows(result))?;
    files.put_rows(&projection::rows(result))?;
    if !result.round.projected.is_empty() {
        files.put_rows(&ages::rows(result))?;
    }
    if let Some(backtest) = &result.round.backtest {
        files.put_rows(&backtest::rows(backtest))?;
    }
    files.put_some(&tables::streets::rows(result))?;
    if !result.round.detours.is_empty() {
        files.put_rows(&compare::rows(result))?;
    }
    Ok(files)
}

/// Writes units only.
///
/// # Errors
/// As [`round`].
pub fn units(folder: OutFolder, result: &Outcome, watch: Watch) -> Result<(), WriteError> {
    let mut files = Files::new(&folder, result, watch);
    files.put_units()?;
    files.manifest()?;
    Ok(folder.finish()?)
}

/// Writes the layers of coverage only.
///
/// # Errors
/// As [`round`].
pub fn coverage(
    folder: OutFolder,
    result: &Outcome,
    points: Option<&PointReach>,
    watch: Watch,
) -> Result<(), WriteError> {
    let mut files = Files::new(&folder, result, watch);
    files.put_coverage(points)?;
    files.manifest()?;
    Ok(folder.finish()?)
}

/// Files of a round as they are written, and their entries in the manifest.
struct Files<'a> {
    folder: &'a OutFolder,
    result: &'a Outcome<'a>,
    watch: Watch<'a>,
    projection: Projection,
    entries: Vec<FileEntry>,
    /// Of the tables, what their columns are.
    dictionary: Vec<dictionary::Entry>,
}

impl<'a> Files<'a> {
    fn new(folder: &'a OutFolder, result: &'a Outcome, watch: Watch<'a>) -> Self {
        Self {
            folder,
            result,
            watch,
            projection: Projection::new(result.city.frame()),
            entries: Vec::new(),
            dictionary: Vec::new(),
        }
    }

    fn put(&mut self, name: &str, text: &str) -> Result<(), WriteError> {
        (self.watch)(Progress::Working)?;
        self.entries.push(manifest::entry(name, text));
        Ok(self.folder.put(name, text)?)
    }

    fn put_table<R: Table>(&mut self, text: Text<R>) -> Result<(), WriteError> {
        self.dictionary.extend(dictionary::rows(&text));
        self.put(R::FILE, &text.finish())
    }

    fn put_rows<R: Table>(&mut self, rows: &[R]) -> Result<(), WriteError> {
        self.put_table(Text::of(rows, &Width::default()))
    }

    /// A table only where there are rows.
    fn put_some<R: Table>(&mut self, rows: &[R]) -> Result<(), WriteError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.put_rows(rows)
    }

    fn put_units(&mut self) -> Result<(), WriteError> {
        self.put(
            "units.geojson",
            &layers::units(self.result, &self.projection),
        )?;
        self.put_table(tables::units::text(self.result))?;
        self.put_rows(&townships::rows(self.result))?;
        self.put_rows(&communities::rows(self.result))?;
        self.put(
            "communities.geojson",
            &layers::communities(self.result, &self.projection),
        )
    }

    fn put_coverage(&mut self, points: Option<&PointReach>) -> Result<(), WriteError> {
        let coverage = layers::Coverage::new(self.result, points);
        for division in self
            .result
            .round
            .divisions
            .iter()
            .filter(|division| division.units > 0)
        {
            let (name, text) = coverage.of(division.township, &self.projection);
            self.put(&name, &text)?;
        }
        Ok(())
    }

    /// Adds the findings, then the manifest.
    fn manifest(mut self) -> Result<(), WriteError> {
        self.put_rows(&findings::rows(self.result.findings))?;
        let dictionary = Text::of(&self.dictionary, &Width::default());
        self.put(dictionary::Entry::FILE, &dictionary.finish())?;
        self.folder.put(
            "round.json",
            &manifest::manifest(self.result, self.entries)?,
        )?;
        Ok((self.watch)(Progress::Working)?)
    }
}
