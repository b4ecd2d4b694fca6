//! Reports beside a written round.

use std::path::Path;

use fuwutu_core::watch::{Progress, Stage};
use fuwutu_io::write::{OutFolder, ReportFolder};
use fuwutu_io::written::Written;
use fuwutu_report::ReportError;
use fuwutu_report::folder::{self, Made};

use crate::error::Error;
use crate::job::{Evaluation, Job, WriteOptions};
use crate::watch::{Watch, asked};

/// How reports are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportOptions<'a> {
    /// The folder of a comparison whose new round this is: what changed since then.
    pub change: Option<&'a Path>,
    /// Whether former reports may be replaced.
    pub overwrite: bool,
}

/// Makes the reports of the round in a folder, and of its public edition, from its files alone.
///
/// # Errors
/// Where the folder holds no round, a file of it was changed, reports stand there that may not be replaced, the comparison is
/// another round's, the file system refuses, or `watch` says stop. Former reports stay then.
pub fn report(round: &Path, options: &ReportOptions, watch: &dyn Watch) -> Result<Made, Error> {
    let ask = asked(watch);
    let written = Written::open(round)?;
    let folder = ReportFolder::prepare(round, options.overwrite)?;
    ask(Progress::Stage(Stage::Read))?;
    written.whole()?;
    let change = options.change.map(Written::open_comparison).transpose()?;
    ask(Progress::Stage(Stage::Report))?;
    Ok(folder::write(folder, &written, change.as_ref(), &ask)?)
}

/// As [`report`], of a round that was written just now and has not got its name.
fn report_within(round: &OutFolder, watch: &dyn Watch) -> Result<Made, ReportError> {
    let written = Written::open(round.unfinished())?;
    let folder = ReportFolder::within(round)?;
    folder::write(folder, &written, None, &asked(watch))
}

impl Job {
    /// As [`Job::write`], and makes the reports: the folder gets its name when both are done.
    ///
    /// # Errors
    /// As [`Job::write`]; a former round in the folder stays then. Where only the reports fail, the round stands without them:
    /// [`Error::NoReports`].
    pub fn write_with_reports(
        &self,
        folder: OutFolder,
        evaluation: &Evaluation,
        options: &WriteOptions,
        watch: &dyn Watch,
    ) -> Result<Made, Error> {
        self.write_into(&folder, evaluation, options, watch)?;
        asked(watch)(Progress::Stage(Stage::Report))?;
        let round = folder.wanted().to_owned();
        match report_within(&folder, watch) {
            Err(ReportError::Stopped(stopped)) => Err(stopped.into()),
            made => {
                // The round is good, whatever became of the reports.
                folder.finish()?;
                made.map_err(|source| Error::NoReports { round, source })
            }
        }
    }
}
