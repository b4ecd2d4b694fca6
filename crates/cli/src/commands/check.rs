//! `fuwutu check PLAN`

use fuwutu_io::finding::{Failure, Finding, Lang, Level};

use super::units;
use crate::args::PlanArgs;
use crate::job::{Job, Shell};
use crate::show::{self, Align, people};

/// Lists all findings, and what the units would be. `false` where one needs a decision.
pub(crate) fn run(args: &PlanArgs, shell: &Shell) -> anyhow::Result<bool> {
    let job = Job::read(&args.plan, shell);
    let mut job = match job {
        Ok(job) => job,
        Err(error) => {
            if let Some(failure) = error.downcast_ref::<Failure>() {
                let others = failure
                    .findings
                    .iter()
                    .filter(|each| each.kind.level() != Level::Error);
                print(others, shell.lang)?;
            }
            return Err(error);
        }
    };
    job.plan.round.horizon_years = 0;
    job.tell_unsnapped();
    let selected = std::mem::take(&mut job.selected);
    let round = job.evaluate(shell);
    job.selected = selected;
    shell.watcher.done(false);
    print(job.input.findings.iter(), shell.lang)?;
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
    units::summary(&job, &round, shell.lang)?;
    Ok(job
        .input
        .findings
        .iter()
        .all(|finding| finding.kind.level() != Level::Decision))
}

fn print<'a>(findings: impl Iterator<Item = &'a Finding>, lang: Lang) -> std::io::Result<()> {
    let mut findings: Vec<&Finding> = findings.collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.kind.level()));
    let row = |finding: &&Finding| {
        vec![
            finding.kind.level().label(lang).to_owned(),
            finding.text(lang),
            finding.kind.then(lang).to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = findings.iter().map(row).collect();
    show::table(&[Align::Left, Align::Left, Align::Left], &rows)
}
