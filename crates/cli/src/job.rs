//! What every command that has a plan does first: read it, its catalogue and its files.

use std::collections::BTreeSet;
use std::path::Path;

use fuwutu_core::position::ServiceAt;
use fuwutu_core::round::{self, Round, Selection, Snapping};
use fuwutu_core::service::{Limit, Service};
use fuwutu_core::units::last::LastUnits;
use fuwutu_core::units::{self, Units};
use fuwutu_io::finding::{Finding, Kind, Lang, Level};
use fuwutu_io::plan::{self, Plan, PlanError};
use fuwutu_io::read::{self, Files, Folder, Input, MOST_POINTS_TOLD, Scope};
use fuwutu_io::ways::{self, Ways};
use fuwutu_io::write::{OutFolder, Outcome, PointReach};

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
        Self {
            lang: args.lang(),
            watcher: Watcher::new(args.lang()),
        }
    }
}

/// The folder that the plan's paths start from.
pub(crate) fn beside(path: &Path) -> Folder {
    Folder(path.parent().unwrap_or_else(|| Path::new("")).to_owned())
}

/// A plan and all it names.
pub(crate) struct Job {
    pub plan: Plan,
    pub catalogue: Vec<Service>,
    pub selected: Vec<ServiceAt>,
    pub input: Input,
    pub ways: Ways,
}

impl Job {
    pub(crate) fn read(path: &Path, shell: &Shell) -> anyhow::Result<Self> {
        Self::new(Plan::read(path)?, path, &beside(path), None, shell)
    }

    /// As [`Job::read`], for results in `folder`, which may hold nothing of what is read.
    pub(crate) fn read_for(
        path: &Path,
        folder: Option<&OutFolder>,
        shell: &Shell,
    ) -> anyhow::Result<Self> {
        let plan = Plan::read(path)?;
        folder.map_or(Ok(()), |folder| folder.spare(&plan.files(path)))?;
        Self::new(plan, path, &beside(path), None, shell)
    }

    /// As [`Job::read`], with roads for a trip within `longest`, too; the plan must travel on streets.
    pub(crate) fn read_streets(
        path: &Path,
        longest: Option<Limit>,
        shell: &Shell,
    ) -> anyhow::Result<Self> {
        let plan = Plan::read(path)?;
        if plan.roads().is_none() {
            return Err(PlanError::NoRoads {
                path: path.to_owned(),
            }
            .into());
        }
        Self::new(plan, path, &beside(path), longest, shell)
    }

    pub(crate) fn new(
        plan: Plan,
        path: &Path,
        files: &dyn Files,
        longest: Option<Limit>,
        shell: &Shell,
    ) -> anyhow::Result<Self> {
        let services = plan::catalogue(&plan, path)?;
        Self::within(
            plan,
            services,
            files,
            &Scope {
                longest,
                ground: None,
            },
            shell,
        )
    }

    /// As [`Job::read`], by a catalogue and its selected services, and in a wider scope.
    pub(crate) fn within(
        plan: Plan,
        (catalogue, selected): (Vec<Service>, Vec<ServiceAt>),
        files: &dyn Files,
        scope: &Scope,
        shell: &Shell,
    ) -> anyhow::Result<Self> {
        shell.watcher.stage("read");
        let mut input = read::read_for(&plan, files, &catalogue, scope)?;
        let ways = Ways::new(&plan, input.roads.as_ref());
        if let Some(streets) = ways.streets() {
            shell.watcher.stage("streets");
            let services = Selection {
                catalogue: &catalogue,
                selected: &selected,
            };
            let modes = round::modes(services, &plan.core());
            let joined = ways::joined(&input.city, streets, &modes, &plan.roads_name());
            input.findings.extend(joined?);
        }
        Ok(Self {
            plan,
            catalogue,
            selected,
            input,
            ways,
        })
    }

    pub(crate) fn services(&self) -> Selection<'_> {
        Selection {
            catalogue: &self.catalogue,
            selected: &self.selected,
        }
    }

    /// Evaluates, and adds to the findings who is on no street.
    pub(crate) fn evaluate(&mut self, shell: &Shell) -> Round {
        let watch = |progress| shell.watcher.see(progress);
        let travels = self.ways.travels();
        shell.watcher.stage("units");
        let (city, plan, units) = (&self.input.city, self.plan.core(), self.units());
        let round = round::evaluate_in(
            city,
            units,
            &self.input.outlook,
            self.services(),
            &plan,
            travels,
            &watch,
        );
        self.input
            .findings
            .extend(ways::unsnapped(&round.snapping, &self.plan));
        self.input.findings.extend(self.units_gone(&round));
        round
    }

    /// The last round's units where they still hold, or new ones.
    fn units(&self) -> Units {
        units::kept_or_drawn(
            &self.input.city,
            &self.plan.units,
            self.input.last_units.as_ref(),
        )
    }

    /// Units of the last round that are there no more.
    fn units_gone(&self, round: &Round) -> Vec<Finding> {
        let here: BTreeSet<&str> = round.units.iter().map(|unit| unit.id.as_str()).collect();
        let last = self.input.last_units.iter().flat_map(LastUnits::ids);
        let file = self
            .plan
            .inputs
            .last_units
            .as_ref()
            .map_or(String::new(), |last| last.path.display().to_string());
        let gone = last.filter(|id| !here.contains(id.as_str()));
        gone.map(|id| Finding::new(Kind::UnitGone, &file).id(id.clone()))
            .collect()
    }

    /// Who of each unit is on no street, by mode; empty without streets.
    pub(crate) fn snapping(&self) -> Vec<Snapping> {
        let (plan, city) = (self.plan.core(), &self.input.city);
        let modes = round::modes(self.services(), &plan);
        let trips = self.ways.usual().trips(city, &modes);
        let units = self.units();
        modes
            .iter()
            .filter_map(|&mode| round::snapping(city, &units, mode, &*trips))
            .flatten()
            .collect()
    }

    /// Adds to the findings who is on no street, where nothing is evaluated.
    pub(crate) fn tell_unsnapped(&mut self) {
        if self.ways.streets().is_some() {
            self.input
                .findings
                .extend(ways::unsnapped(&self.snapping(), &self.plan));
        }
    }

    /// What each demand point has of each service within its limit in the base year.
    pub(crate) fn point_reach(&self) -> PointReach {
        let (plan, city) = (self.plan.core(), &self.input.city);
        let trips = self
            .ways
            .usual()
            .trips(city, &round::modes(self.services(), &plan));
        let nearest =
            |&at: &ServiceAt| round::nearest(city, &self.catalogue[at], at, &plan, &*trips);
        self.selected.iter().map(nearest).collect()
    }

    /// The same where demand points are few enough to be told one by one, or where that is wanted of all.
    pub(crate) fn nearest(&self, all: bool) -> Option<PointReach> {
        (all || self.input.city.points().len() <= MOST_POINTS_TOLD).then(|| self.point_reach())
    }

    pub(crate) fn outcome<'a>(
        &'a self,
        round: &'a Round,
        nearest: Option<&'a PointReach>,
    ) -> Outcome<'a> {
        Outcome {
            plan: &self.plan,
            city: &self.input.city,
            outlook: &self.input.outlook,
            catalogue: &self.catalogue,
            selected: &self.selected,
            roads: self.input.roads.as_ref(),
            round,
            nearest,
            origins: &self.input.origins,
            findings: &self.input.findings,
            files: &self.input.files,
        }
    }

    /// Tells of what reading noticed.
    pub(crate) fn tell_findings(&self, lang: Lang) {
        tell(&self.input.findings, lang);
    }
}

/// Tells on stderr how many findings there are, and the first that need a decision.
pub(crate) fn tell(findings: &[Finding], lang: Lang) {
    let of = |level| {
        findings
            .iter()
            .filter(move |each| each.kind.level() == level)
    };
    let count = |level| of(level).map(|each| u64::from(each.count)).sum::<u64>();
    for finding in of(Level::Decision).take(5) {
        show::finding(finding, lang);
    }
    let (decisions, notices) = (count(Level::Decision), count(Level::Notice));
    show::note(&match lang {
        Lang::Zh => format!(
            "数据问题：待定 {decisions}，提示 {notices}（全部见 findings.csv，或用 fuwutu check）"
        ),
        Lang::En => format!(
            "findings: {decisions} need a decision, {notices} notices (all in findings.csv, or by `fuwutu check`)"
        ),
    });
}
