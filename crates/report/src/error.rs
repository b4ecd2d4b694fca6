//! Why a report cannot be made.

use std::path::PathBuf;

use fuwutu_core::watch::Stopped;
use fuwutu_io::write::FolderError;
use fuwutu_io::written::WrittenError;

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The round it is made from is not whole.
    #[error(transparent)]
    Round(#[from] WrittenError),
    /// It cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The caller said stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The comparison to be shown belongs to another round.
    #[error("the comparison in `{}` is one with the round `{found}`, not with `{wanted}`", path.display())]
    OtherRound {
        /// The comparison's folder.
        path: PathBuf,
        /// Its new round.
        found: String,
        /// The round that is reported.
        wanted: String,
    },
    /// One of the files cannot be made.
    #[error("`{}` cannot be made: {message}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// A picture cannot be drawn.
    #[error("a picture cannot be drawn: {message}")]
    Picture {
        /// Why.
        message: String,
    },
}
