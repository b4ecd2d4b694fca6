//! A round as a folder of files: tables for Excel, layers for a GIS, and `round.json` that says what all of it rests on.
//!
//! Each file is a function of its input alone: no clock, no machine. Figures are rounded here and only here.

pub mod geojson_text;

pub mod access;

pub mod change;

pub mod check;

pub(crate) mod folder;

mod kept;

pub(crate) mod lock;

mod manifest;

mod layers;

mod report;

pub mod streets;

use fuwutu_core::service::NATIONAL;
use fuwutu_core::watch::{Progress, Stopped, Watch};
use rayon::prelude::*;

use crate::frame::Projection;
use crate::manifest::FileEntry;
use crate::outcome::{Outcome, PointReach};
use crate::read;
use crate::tables::{
    self, Table, Text, Width, ages, backtest, causes, communities, compare, completeness, counties,
    coupling, demand, dictionary, duplicates, equity, facilities, findings, inputs, matches,
    origins, projection, ranking, served, standing, ties, topsis, townships,
};

pub use folder::{FolderError, OutFile, OutFolder};
pub use kept::can_keep;
pub use layers::file_name;
pub use lock::abandon;
pub use report::ReportFolder;

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

/// Writes a whole round: tables, layers (with demand points where `points` are given), and last `round.json`. As many files are in
/// memory at a time as there are threads.
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
    let files = Files::new(folder, result, watch);
    let coverage = layers::Coverage::new(result, points);
    let mut tasks = files.units();
    tasks.extend(files.coverage(&coverage));
    tasks.extend(files.tables());
    let made = files.make(&tasks)?;
    let kept = match inputs {
        Some(source) => kept::put(folder, result, source, watch)?,
        None => Vec::new(),
    };
    files.manifest(made, kept)
}

/// Writes units only.
///
/// # Errors
/// As [`round`].
pub fn units(folder: OutFolder, result: &Outcome, watch: Watch) -> Result<(), WriteError> {
    let files = Files::new(&folder, result, watch);
    files.manifest(files.make(&files.units())?, Vec::new())?;
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
    let files = Files::new(&folder, result, watch);
    let coverage = layers::Coverage::new(result, points);
    let made = files.make(&files.coverage(&coverage).collect::<Vec<_>>())?;
    files.manifest(made, Vec::new())?;
    Ok(folder.finish()?)
}

/// Makes and writes a file; nothing where there is none to be written.
type Task<'a> = Box<dyn Fn() -> Result<Option<Made>, WriteError> + Send + Sync + 'a>;

/// A file that was written.
struct Made {
    entry: FileEntry,
    /// Of a table, what its columns are.
    columns: Vec<dictionary::Entry>,
}

/// What the files of a round are made from, and where they go.
struct Files<'a> {
    folder: &'a OutFolder,
    result: &'a Outcome<'a>,
    watch: Watch<'a>,
    projection: Projection,
}

impl<'a> Files<'a> {
    fn new(folder: &'a OutFolder, result: &'a Outcome<'a>, watch: Watch<'a>) -> Self {
        Self {
            folder,
            result,
            watch,
            projection: Projection::new(result.city.frame()),
        }
    }

    /// Does the tasks, each on any thread: its text is made, hashed and written there, and dropped, so that no more texts are in memory
    /// than there are threads. What was made stands in the order of the tasks, and of several that fail the first is told.
    fn make(&self, tasks: &[Task]) -> Result<Vec<Made>, WriteError> {
        let tasks = tasks.par_iter().with_max_len(1);
        let made: Vec<Result<Option<Made>, WriteError>> = tasks
            .map(|task| {
                (self.watch)(Progress::Working)?;
                task()
            })
            .collect();
        made.into_iter().filter_map(Result::transpose).collect()
    }

    fn put(&self, name: &str, text: &str) -> Result<Option<Made>, WriteError> {
        self.folder.put(name, text)?;
        Ok(Some(Made {
            entry: manifest::entry(name, text),
            columns: Vec::new(),
        }))
    }

    fn put_table<R: Table>(&self, text: Text<R>) -> Result<Option<Made>, WriteError> {
        let columns = dictionary::rows(&text);
        let made = self.put(R::FILE, &text.finish())?;
        Ok(made.map(|made| Made { columns, ..made }))
    }

    fn put_rows<R: Table>(&self, rows: &[R]) -> Result<Option<Made>, WriteError> {
        self.put_table(Text::of(rows, &Width::default()))
    }

    /// A table only where there are rows.
    fn put_some<R: Table>(&self, rows: &[R]) -> Result<Option<Made>, WriteError> {
        if rows.is_empty() {
            return Ok(None);
        }
        self.put_rows(rows)
    }

    fn units(&self) -> Vec<Task<'_>> {
        let (result, projection) = (self.result, &self.projection);
        vec![
            Box::new(move || self.put("units.geojson", &layers::units(result, projection))),
            Box::new(move || self.put_table(tables::units::text(result))),
            Box::new(move || self.put_rows(&townships::rows(result))),
            Box::new(move || self.put_rows(&communities::rows(result))),
            Box::new(move || {
                let text = layers::communities(result, projection);
                self.put("communities.geojson", &text)
            }),
        ]
    }

    fn coverage<'f>(&'f self, coverage: &'f layers::Coverage) -> impl Iterator<Item = Task<'f>> {
        let divisions = self.result.round.divisions.iter();
        let divided = divisions.filter(|division| division.units > 0);
        divided.map(move |division| -> Task<'f> {
            Box::new(move || {
                let (name, text) = coverage.of(division.township, &self.projection);
                self.put(&name, &text)
            })
        })
    }

    fn tables(&self) -> Vec<Task<'_>> {
        let (result, projection) = (self.result, &self.projection);
        let (extras, round) = (&result.plan.extras, result.round);
        let mut tasks: Vec<Task> = vec![
            Box::new(move || self.put_rows(&standing::rows(result))),
            Box::new(move || self.put_some(&completeness::rows(result))),
            Box::new(move || self.put_some(&equity::rows(result))),
            Box::new(move || self.put_some(&counties::rows(result))),
            Box::new(move || self.put_some(&ties::rows(result))),
        ];
        if extras.topsis {
            tasks.push(Box::new(move || self.put_rows(&topsis::rows(result))));
        }
        if extras.coupling {
            tasks.push(Box::new(move || self.put_rows(&coupling::rows(result))));
        }
        tasks.extend::<[Task; 8]>([
            Box::new(move || self.put_rows(&facilities::rows(result, projection))),
            Box::new(move || self.put_table(served::text(result))),
            Box::new(move || self.put_table(demand::text(result, projection))),
            Box::new(move || self.put_rows(&origins::rows(result))),
            Box::new(move || self.put_rows(&ranking::rows(result))),
            Box::new(move || self.put_rows(&causes::rows(result))),
            Box::new(move || {
                let scope = result.plan.services.scope.as_deref().unwrap_or(NATIONAL);
                let services = manifest::standards(result);
                let base_year = result.plan.round.base_year;
                self.put_rows(&tables::standards::rows(&services, scope, base_year))
            }),
            Box::new(move || self.put_rows(&projection::rows(result))),
        ]);
        if !round.projected.is_empty() {
            tasks.push(Box::new(move || self.put_rows(&ages::rows(result))));
        }
        if let Some(backtest) = &round.backtest {
            tasks.push(Box::new(move || self.put_rows(&backtest::rows(backtest))));
        }
        tasks.push(Box::new(move || {
            self.put_some(&tables::streets::rows(result))
        }));
        if !round.detours.is_empty() {
            tasks.push(Box::new(move || self.put_rows(&compare::rows(result))));
        }
        tasks
    }

    /// Adds the findings and what became of the rows, then the manifest, of which `made` and `kept` are the other files.
    fn manifest(&self, made: Vec<Made>, kept: Vec<FileEntry>) -> Result<(), WriteError> {
        let mut dictionary = Vec::new();
        let mut entries = Vec::new();
        for made in made {
            dictionary.extend(made.columns);
            entries.push(made.entry);
        }
        entries.extend(kept);
        let result = self.result;
        let findings = findings::rows(result.findings);
        (self.watch)(Progress::Working)?;
        let last = [
            self.put_rows(&findings)?,
            self.put_rows(&inputs::rows(result.accounts, result.files))?,
            self.put_some(&matches::rows(result.matches))?,
            self.put_some(&duplicates::rows(result.duplicates, result.catalogue))?,
        ];
        for made in last.into_iter().flatten() {
            dictionary.extend(made.columns);
            entries.push(made.entry);
        }
        (self.watch)(Progress::Working)?;
        let dictionary = Text::of(&dictionary, &Width::default());
        let made = self.put(dictionary::Entry::FILE, &dictionary.finish())?;
        entries.extend(made.map(|made| made.entry));
        let manifest = manifest::manifest(self.result, entries)?;
        self.folder.put("round.json", &manifest)?;
        Ok((self.watch)(Progress::Working)?)
    }
}
