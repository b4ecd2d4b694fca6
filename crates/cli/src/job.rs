//! What every command that has a plan does first: read it, its catalogue and its files.

use std::path::Path;

use fuwutu_core::round::{self, Round, Selection};
use fuwutu_core::service::Service;
use fuwutu_io::finding::{Lang, Level};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Files, Folder, Input};
use fuwutu_io::write::{FolderError, Outcome, PointReach};
use fuwutu_io::written::WrittenError;

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

/// The way out of an error that is no finding.
pub(crate) fn hint(error: &anyhow::Error, lang: Lang) -> Option<&'static str> {
    if let Some(error) = error.chain().find_map(|cause| cause.downcast_ref::<FolderError>()) {
        return Some(match error {
            FolderError::NotFolder(_) => lang.pick("换一个 --out 文件夹", "choose another folder for --out"),
            FolderError::Occupied(_) => lang
                .pick("加 --overwrite 替换，或换一个文件夹", "add --overwrite to replace it, or choose another folder"),
            FolderError::Foreign { .. } => lang.pick(
                "换一个新的或空的文件夹；其中的内容没有改动",
                "choose a new or empty folder; nothing in this one was changed",
            ),
            FolderError::Io { .. } => lang.pick(
                "检查权限和磁盘空间；先前的结果没有改动",
                "check permissions and disk space; former results are unchanged",
            ),
        });
    }
    if let Some(error) = error.chain().find_map(|cause| cause.downcast_ref::<WrittenError>()) {
        return Some(match error {
            WrittenError::Changed(_) => lang.pick("重新运行 evaluate", "run evaluate again"),
            WrittenError::Unreadable { .. } | WrittenError::Manifest { .. } | WrittenError::Absent { .. } => {
                lang.pick("给出 evaluate 写出的文件夹", "name a folder that evaluate wrote")
            }
        });
    }
    let plan = error.chain().find_map(|cause| cause.downcast_ref::<plan::PlanError>())?;
    Some(match plan {
        plan::PlanError::Unreadable { .. } => lang.pick(
            "检查路径；`fuwutu synth --demo --out 文件夹` 可生成一个方案示例",
            "check the path; `fuwutu synth --demo --out DIR` writes a plan to start from",
        ),
        plan::PlanError::Broken { .. } => {
            lang.pick("对照 data/demo/plan.toml 改正", "compare with data/demo/plan.toml")
        }
        plan::PlanError::Value { .. } => lang.pick("改正方案中的该值", "correct this value in the plan"),
        plan::PlanError::UnknownService { .. } => lang.pick(
            "改正编号，或在 services.catalogue 中补充",
            "correct the id, or add the service to a catalogue of your own (`services.catalogue`)",
        ),
        plan::PlanError::NoLimit { .. } => lang.pick(
            "从 services.select 中删去，或在自己的目录中补充时限",
            "take it out of `services.select`, or give it a limit in a catalogue of your own",
        ),
    })
}
