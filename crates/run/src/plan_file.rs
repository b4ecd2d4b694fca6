//! A plan, and where it and its files stand.

use std::fmt;
use std::path::{Path, PathBuf};

use fuwutu_io::plan::{Plan, PlanError};
use fuwutu_io::read::{Files, Folder, InputFile, ReadError};
use fuwutu_io::write::OutFolder;
use fuwutu_io::written::Written;

use crate::compare::CompareError;
use crate::error::Error;

/// A plan that can be read from.
pub struct PlanFile {
    /// What it says. May be changed before [`Job::read`](crate::Job::read).
    pub plan: Plan,
    pub(crate) path: PathBuf,
    pub(crate) files: Box<dyn Files + Send + Sync>,
    /// The round that kept it.
    kept: Option<Written>,
}

impl PlanFile {
    /// Reads a plan from disk; the paths in it start from its folder.
    ///
    /// # Errors
    /// Where it cannot be read, or a value in it is not allowed.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self::new(Plan::read(path)?, path, folder_of(path)))
    }

    /// A plan that is there already, with `files` by the paths that it names. A catalogue of its own is looked for beside `path`.
    pub fn new(plan: Plan, path: &Path, files: impl Files + Send + Sync + 'static) -> Self {
        Self {
            plan,
            path: path.to_owned(),
            files: Box::new(files),
            kept: None,
        }
    }

    /// The plan that a round kept in its folder together with its inputs (see [`WriteOptions::inputs`]). That nobody changed
    /// them since is made sure of while they are read.
    ///
    /// # Errors
    /// Where the folder holds no round, or one without its inputs, or the plan was changed.
    ///
    /// [`WriteOptions::inputs`]: crate::WriteOptions::inputs
    pub fn of_round(folder: &Path) -> Result<Self, Error> {
        if !folder.join("round.json").is_file() {
            return Err(CompareError::NoRound(folder.to_owned()).into());
        }
        let path = folder.join("inputs").join("plan.toml");
        if !path.is_file() {
            return Err(CompareError::NoInputs(folder.to_owned()).into());
        }
        let written = Written::open(folder)?;
        let plan = Plan::parse(&written.text("inputs/plan.toml")?, &path)?;
        Ok(Self {
            kept: Some(written),
            ..Self::new(plan, &path, folder_of(&path))
        })
    }

    /// Makes sure that results in `folder` replace nothing of what is to be read.
    ///
    /// # Errors
    /// With the first file that would go.
    pub fn spared_by(&self, folder: &OutFolder) -> Result<(), Error> {
        Ok(folder.spare(&self.reads())?)
    }

    /// All files that are to be read, the plan among them.
    #[must_use]
    pub fn reads(&self) -> Vec<PathBuf> {
        self.plan.files(&self.path)
    }

    /// Makes sure that people travel on streets.
    ///
    /// # Errors
    /// Where they do not.
    pub fn on_streets(&self) -> Result<(), Error> {
        match self.plan.roads() {
            Some(_) => Ok(()),
            None => Err(PlanError::NoRoads {
                path: self.path.clone(),
            }
            .into()),
        }
    }

    /// Makes sure that what was read of a round's kept inputs is what the round kept.
    pub(crate) fn unchanged(&self, read: &[InputFile]) -> Result<(), Error> {
        match &self.kept {
            Some(written) => Ok(written.inputs_as_read(read)?),
            None => Ok(()),
        }
    }

    /// Why reading failed: that a round's kept inputs were changed comes before what is wrong with them.
    pub(crate) fn blamed(&self, error: ReadError) -> Error {
        match (&self.kept, error) {
            (Some(written), ReadError::Input(failure)) => written
                .inputs_unchanged()
                .map_or_else(Error::from, |()| failure.into()),
            (_, error) => error.into(),
        }
    }
}

impl fmt::Debug for PlanFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlanFile")
            .field("plan", &self.plan)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn folder_of(path: &Path) -> Folder {
    Folder(path.parent().unwrap_or_else(|| Path::new("")).to_owned())
}
