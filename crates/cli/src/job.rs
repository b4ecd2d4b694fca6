//! What every command that has a plan does first: read it, its catalogue and its files.

use std::path::Path;

use fuwutu_core::round::{self, Round, Selection};
use fuwutu_core::service::Service;
use fuwutu_io::finding::{Lang, Level};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Files, Folder, Input};
use fuwutu_io::write::{Outcome, PointReach};

use crate::args::Args;
use crate::progress::Watcher;
use crate::show;

/// How we talk.
pub(crate) struct Shell {
    pub lang: Lang,
    pub watcher: Watcher,
}

impl Shell {
    pub(crate) fn new(args: &Args) -> Self {
        Self { lang: args.lang(), watcher: Watcher::new(args.lang()) }
    }
}

/// A plan and all it names.
pub(crate) struct Job {
    pub plan: Plan,
    pub catalogue: Vec<Service>,
    pub selected: Vec<u16>,
    pub input: Input,
}

impl Job {
    pub(crate) fn read(path: &Path, shell: &Shell) -> anyhow::Result<Self> {
        let folder = Folder(path.parent().unwrap_or_else(|| Path::new("")).to_owned());
        Self::new(Plan::read(path)?, path, &folder, shell)
    }

    pub(crate) fn new(plan: Plan, path: &Path, files: &dyn Files, shell: &Shell) -> anyhow::Result<Self> {
        shell.watcher.stage("read");
        let (catalogue, selected) = plan::catalogue(&plan, path)?;
        let input = read::read(&plan, files, &catalogue)?;
        Ok(Self { plan, catalogue, selected, input })
    }

    pub(crate) fn evaluate(&self, shell: &Shell) -> Round {
        let services = Selection { catalogue: &self.catalogue, selected: &self.selected };
        let watch = |progress| shell.watcher.see(progress);
        let earlier = self.input.earlier.as_ref();
        round::evaluate(&self.input.city, earlier, services, &self.plan.core(), &self.plan.travel(), &watch)
    }

    /// What each demand point has of each service within its limit in the base year.
    pub(crate) fn point_reach(&self) -> PointReach {
        let (plan, travel) = (self.plan.core(), self.plan.travel());
        let nearest = |&at: &u16| round::nearest(&self.input.city, &self.catalogue[at as usize], at, &plan, &travel);
        self.selected.iter().map(nearest).collect()
    }

    pub(crate) fn outcome<'a>(&'a self, round: &'a Round) -> Outcome<'a> {
        Outcome {
            plan: &self.plan,
            city: &self.input.city,
            catalogue: &self.catalogue,
            selected: &self.selected,
            round,
            findings: &self.input.findings,
            files: &self.input.files,
        }
    }

    /// Tells on stderr how many findings there are, and the first that need a decision.
    pub(crate) fn tell_findings(&self, lang: Lang) {
        let of = |level| self.input.findings.iter().filter(move |each| each.kind.level() == level);
        let count = |level| of(level).map(|each| u64::from(each.count)).sum::<u64>();
        for finding in of(Level::Decision).take(5) {
            show::note(&format!("{} {}", Level::Decision.label(lang), finding.text(lang)));
            show::note(&format!("    {}", finding.kind.then(lang)));
        }
        let (decisions, notices) = (count(Level::Decision), count(Level::Notice));
        show::note(&match lang {
            Lang::Zh => format!("数据问题：待定 {decisions}，提示 {notices}（全部见 findings.csv，或用 fuwutu check）"),
            Lang::En => format!(
                "findings: {decisions} need a decision, {notices} notices (all in findings.csv, or by `fuwutu check`)"
            ),
        });
    }
}
