//! `fuwutu check PLAN`

use fuwutu_core::service::Service;
use fuwutu_io::finding::summary;
use fuwutu_io::finding::{Finding, Lang, Level};
use fuwutu_io::ways;
use fuwutu_run::{Error, Evaluation, Extent, Job, PlanFile, Stopped};

use super::units;
use crate::args::PlanArgs;
use crate::shell::Shell;
use crate::show::{self, people};

/// Lists all findings, and what the units would be. `false` where one needs a decision.
pub(crate) fn run(args: &PlanArgs, shell: &Shell) -> anyhow::Result<bool> {
    let plan = PlanFile::open(&args.plan)?;
    let job = match Job::read(plan, &shell.watcher) {
        Ok(job) => job,
        Err(error) => {
            if let Error::Input(failure) = &error {
                let others = failure
                    .findings
                    .iter()
                    .filter(|finding| finding.kind.level() != Level::Error);
                print(others, &[], shell.lang)?;
            }
            return Err(error.into());
        }
    };
    let evaluation = checked(&job, shell)?;
    shell.watcher.done(false);
    print(evaluation.findings.iter(), &job.catalogue, shell.lang)?;
    let city = &job.input.city;
    let (residents, points) = (
        people(city.total_residents()),
        show::thousands(city.points().len() as u64),
    );
    let (townships, communities) = (city.townships().len(), city.communities().len());
    let (facilities, services) = (city.facilities().len(), job.selected.len());
    show::line(&match shell.lang {
        Lang::Zh => format!(
            "{residents} 人，{townships} 个镇（街道），{communities} 个社区（村），{points} 个需求点，{facilities} 处设施，{services} 项服务"
        ),
        Lang::En => format!(
            "{residents} residents, {townships} townships, {communities} communities, {points} demand points, {facilities} facilities, {services} services"
        ),
    })?;
    units::summary(&job, &evaluation, shell.lang)?;
    Ok(evaluation
        .findings
        .iter()
        .all(|finding| finding.level() != Level::Decision))
}

/// The units, and what is noticed without the long search: for services, only whether people can get to them on streets.
pub(super) fn checked(job: &Job, shell: &Shell) -> Result<Evaluation, Stopped> {
    let mut evaluation = job.evaluate(Extent::Units, &shell.watcher)?;
    let unsnapped = ways::unsnapped(&job.snapping(&shell.watcher)?, &job.plan);
    let read = job.input.findings.len();
    evaluation.findings.splice(read..read, unsnapped);
    Ok(evaluation)
}

/// A line for each kind in each file.
fn print<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    catalogue: &[Service],
    lang: Lang,
) -> std::io::Result<()> {
    let lines = summary::lines(findings);
    let mut lines = lines.iter();
    lines.try_for_each(|line| show::line(&show::finding(line, lang, catalogue)))
}
