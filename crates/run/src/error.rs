//! Why a run came to no result.

use fuwutu_core::watch::Stopped;
use fuwutu_io::finding::Failure;
use fuwutu_io::plan::PlanError;
use fuwutu_io::question::PatchError;
use fuwutu_io::read::ReadError;
use fuwutu_io::write::{FolderError, StreamError, WriteError};
use fuwutu_io::written::WrittenError;
#[cfg(feature = "report")]
use fuwutu_report::ReportError;

use crate::compare::CompareError;

/// Why a run came to no result. Nothing is left half-written, and what stood in the folder of the results stands there still but for
/// [`Error::NoReports`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The plan or its catalogue.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// What the plan's files say: all findings, at least one of them an error.
    #[error(transparent)]
    Input(#[from] Failure),
    /// Two plans that cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The folder of the results.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The results.
    #[error(transparent)]
    Write(WriteError),
    /// What a result is written to refuses.
    #[error(transparent)]
    Stream(std::io::Error),
    /// A folder that should hold a round or a comparison.
    #[error(transparent)]
    Written(#[from] WrittenError),
    /// A plan that an answer does not fit.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// A report.
    #[cfg(feature = "report")]
    #[error(transparent)]
    Report(ReportError),
    /// The round is written and whole, and its reports are not there.
    #[cfg(feature = "report")]
    #[error("the round is written in `{}`, its reports are not", round.display())]
    NoReports {
        /// The round's folder.
        round: std::path::PathBuf,
        /// Why.
        source: ReportError,
    },
    /// [`Watch::stop`](crate::Watch::stop) said so.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Input(failure) => Self::Input(failure),
            ReadError::Stopped(stopped) => Self::Stopped(stopped),
        }
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stopped(stopped) => Self::Stopped(stopped),
            WriteError::Folder(error) => Self::Folder(error),
            other => Self::Write(other),
        }
    }
}

impl From<StreamError> for Error {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Io(error) => Self::Stream(error),
            StreamError::Stopped(stopped) => Self::Stopped(stopped),
        }
    }
}

#[cfg(feature = "report")]
impl From<ReportError> for Error {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Stopped(stopped) => Self::Stopped(stopped),
            ReportError::Folder(error) => Self::Folder(error),
            ReportError::Round(error) => Self::Written(error),
            other => Self::Report(other),
        }
    }
}
