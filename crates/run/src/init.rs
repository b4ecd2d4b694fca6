//! A plan from the files of a folder: drafted, read once as a plan is read, and what reading asks added to what the draft asks.

use std::path::Path;

use fuwutu_io::finding::{Finding, Kind, Lang};
use fuwutu_io::init::{self, Draft, Seen};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::question::{self, Edit, Need, Question};
use fuwutu_io::read::Folder;
use fuwutu_io::write::FolderError;

use crate::error::Error;
use crate::job::Job;
use crate::plan_file::PlanFile;
use crate::watch::Watch;

/// A plan that was begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// What the files seem to be.
    pub seen: Vec<Seen>,
    /// The plan, TOML with comments.
    pub text: String,
    /// What is still to be answered, or was answered by its first choice (see [`Begun::taken`]).
    pub questions: Vec<Question>,
    /// Ids of the questions whose first choice was taken because the numbers are clear.
    pub taken: Vec<String>,
    /// What reading the plan noticed; empty where it cannot be read yet.
    pub findings: Vec<Finding>,
}

impl Begun {
    /// Whether something must be answered before the plan can be read.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.questions
            .iter()
            .any(|question| question.level == Need::Must)
    }

    /// The plan after an answer, read again.
    ///
    /// # Errors
    /// Where the edits do not fit the plan, or `watch` says stop.
    pub fn answered(
        mut self,
        question: &str,
        edits: &[Edit],
        plan: &Path,
        watch: &dyn Watch,
    ) -> Result<Self, Error> {
        self.text = question::patched(&self.text, edits)?;
        self.questions.retain(|each| each.id != question);
        self.taken.retain(|each| each != question);
        self.read(plan, watch)
    }

    /// Reads the plan as it is, where nothing keeps it from being read, and asks what follows.
    fn read(mut self, plan: &Path, watch: &dyn Watch) -> Result<Self, Error> {
        if self.is_open() {
            return Ok(self);
        }
        let parsed = Plan::parse(&self.text, plan)?;
        self.findings = found(parsed.clone(), plan, watch)?;
        for asked in question::asked(&self.findings, &parsed) {
            if self.questions.iter().all(|known| known.id != asked.id) {
                self.questions.push(asked);
            }
        }
        Ok(self)
    }

    /// Takes the first choice of each question about a datum: places that fit so much better are not left in the wrong one.
    fn decided(mut self, plan: &Path, watch: &dyn Watch) -> Result<Self, Error> {
        // What is held against a file may be in doubt itself, so one is decided at a time.
        loop {
            let doubted = |question: &&Question| {
                let datum = question.id.starts_with(Kind::DatumDoubted.code());
                datum && !self.taken.contains(&question.id)
            };
            let Some(question) = self.questions.iter().find(doubted).cloned() else {
                return Ok(self);
            };
            let patch = question
                .choices
                .first()
                .map_or(&[][..], |choice| &choice.patch);
            self.text = question::patched(&self.text, patch)?;
            self.taken.push(question.id);
            self = self.read(plan, watch)?;
        }
    }
}

/// What reading a plan finds, errors among it.
fn found(parsed: Plan, plan: &Path, watch: &dyn Watch) -> Result<Vec<Finding>, Error> {
    let folder = plan.parent().unwrap_or_else(|| Path::new("")).to_owned();
    match Job::read(PlanFile::new(parsed, plan, Folder(folder)), watch) {
        Ok(job) => Ok(job.input.findings),
        Err(Error::Input(failure)) => Ok(failure.findings),
        Err(error) => Err(error),
    }
}

/// Looks at the files of a folder and drafts a plan that will stand at `plan`; nothing is written.
///
/// # Errors
/// Where the folder cannot be read, or `watch` says stop.
pub fn begin(folder: &Path, plan: &Path, lang: Lang, watch: &dyn Watch) -> Result<Begun, Error> {
    let io = |source| FolderError::Io {
        path: folder.to_owned(),
        source,
    };
    let whole = folder.canonicalize().map_err(io)?;
    let paths = init::files(&whole).map_err(io)?;
    let files = Folder(whole.clone());
    let mut seen = Vec::new();
    for path in &paths {
        if watch.stop() {
            return Err(crate::watch::Stopped.into());
        }
        seen.extend(init::look(&files, path));
    }
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml"))?;
    let name = whole
        .file_name()
        .map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let beside = beside(&whole, plan);
    let Draft { text, questions } = init::draft(&seen, &name, &beside, &catalogue, lang);
    let begun = Begun {
        seen,
        text,
        questions,
        taken: Vec::new(),
        findings: Vec::new(),
    };
    begun.read(plan, watch)?.decided(plan, watch)
}

/// The way from the folder of a plan to another: empty for the same one, relative within it, else the whole path.
fn beside(folder: &Path, plan: &Path) -> String {
    let own = match plan.parent() {
        Some(parent) if parent != Path::new("") => parent.canonicalize(),
        _ => Path::new(".").canonicalize(),
    };
    let way = own.ok().and_then(|own| folder.strip_prefix(own).ok());
    way.unwrap_or(folder)
        .display()
        .to_string()
        .replace('\\', "/")
}
