//! Rounds from a plan to files, for programs: what the command line, a Python package and a page of one's own share.
//!
//! ```text
//! plan.toml ─PlanFile─▶ Job::read ─▶ Job ─evaluate─▶ Evaluation ─write─▶ a folder, with reports
//!                       two of them ─compare─▶ Compared ─write─▶ a folder
//! ```
//! Nothing here prints, asks the environment or knows a language: progress goes to a [`Watch`], which may also say stop, and
//! errors are values ([`Error`]). A folder of results is there whole or not at all: where a run fails or is stopped, what stood
//! there before stands there still.
//!
//! ```
//! use std::path::Path;
//!
//! use fuwutu_run::{Extent, Job, OutFolder, PlanFile, Quiet, WriteOptions};
//!
//! # fn main() -> Result<(), fuwutu_run::Error> {
//! # let out = std::env::temp_dir().join(format!("fuwutu-run-example-{}", std::process::id()));
//! # let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/demo/plan.toml");
//! // Asked first, so that nothing is computed for a folder that may not be written.
//! let folder = OutFolder::prepare(&out, false)?;
//! let plan = PlanFile::open(&plan)?;
//! plan.spared_by(&folder)?;
//!
//! let job = Job::read(plan, &Quiet)?;
//! let evaluation = job.evaluate(Extent::Round, &Quiet)?;
//! // The demo: 400,000 people in seven units; that of most need first.
//! assert_eq!(evaluation.round.units.len(), 7);
//! assert_eq!(evaluation.round.places[0].place, 1);
//!
//! job.write(folder, &evaluation, &WriteOptions::default(), &Quiet)?;
//! assert!(out.join("ranking.csv").is_file());
//! # std::fs::remove_dir_all(&out).expect("just written");
//! # Ok(())
//! # }
//! ```

mod compare;
mod error;
pub mod init;
mod job;
mod plan_file;
#[cfg(feature = "report")]
mod report;
mod watch;

pub use compare::{CompareError, Compared, compare};
pub use error::Error;
pub use fuwutu_io::write::OutFolder;
#[cfg(feature = "report")]
pub use fuwutu_report::folder::Made;
pub use job::{Evaluation, Extent, Job, WriteOptions};
pub use plan_file::PlanFile;
#[cfg(feature = "report")]
pub use report::{ReportOptions, report};
pub use watch::{Quiet, Stage, Stopped, Watch, asked};
