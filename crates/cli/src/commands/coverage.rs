//! `fuwutu coverage PLAN`

use fuwutu_core::round::Round;
use fuwutu_io::finding::Lang;
use fuwutu_run::{Extent, Job, OutFolder, PlanFile};

use crate::args::CoverageArgs;
use crate::shell::{Shell, tell};
use crate::show::{self, Align, people, percent, status};

pub(crate) fn run(args: &CoverageArgs, shell: &Shell) -> anyhow::Result<()> {
    let CoverageArgs { part, points } = args;
    let folder = part
        .out
        .as_deref()
        .map(|out| OutFolder::prepare(out, part.overwrite))
        .transpose()?;
    let plan = PlanFile::open(&part.plan.plan)?;
    if let Some(folder) = &folder {
        plan.spared_by(folder)?;
    }
    let job = Job::read(plan, &shell.watcher)?;
    let evaluation = job.evaluate(Extent::BaseYear, &shell.watcher)?;
    if let Some(folder) = folder {
        job.write_coverage(folder, &evaluation, *points, &shell.watcher)?;
    }
    shell.watcher.done(false);
    tell(&evaluation.findings, &job.catalogue, shell.lang);
    if part.out.is_none() {
        print(&job, &evaluation.round, shell.lang)?;
    }
    Ok(())
}

fn print(job: &Job, round: &Round, lang: Lang) -> anyhow::Result<()> {
    let header = match lang {
        Lang::Zh => [
            "单元",
            "服务",
            "服务人口",
            "覆盖人口",
            "覆盖率",
            "依据可靠性",
        ],
        Lang::En => [
            "unit", "service", "target", "covered", "coverage", "standard",
        ],
    };
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for standing in &round.standings {
        let service = &job.catalogue[standing.service];
        rows.push(vec![
            round.units[standing.unit].id.clone(),
            lang.pick(&service.name.zh, &service.name.en).to_owned(),
            people(standing.target),
            standing
                .known(standing.covered)
                .map_or_else(|| "–".to_owned(), people),
            percent(standing.coverage()),
            status(service, job.plan.round.base_year, lang),
        ]);
    }
    let align = [
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Left,
    ];
    show::table(&align, &rows)?;
    Ok(())
}
