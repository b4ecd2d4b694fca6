//! `fuwutu coverage PLAN`

use fuwutu_core::round::Round;
use fuwutu_io::finding::Lang;
use fuwutu_io::write::{self, OutFolder};

use crate::args::CoverageArgs;
use crate::job::{Job, Shell};
use crate::show::{self, Align, people, percent, status};

pub(crate) fn run(args: &CoverageArgs, shell: &Shell) -> anyhow::Result<()> {
    let CoverageArgs { part, points } = args;
    let folder = part
        .out
        .as_deref()
        .map(|out| OutFolder::prepare(out, part.overwrite))
        .transpose()?;
    let mut job = Job::read_for(&part.plan.plan, folder.as_ref(), shell)?;
    // Who is covered is told for the base year.
    job.plan.round.horizon_years = 0;
    let round = job.evaluate(shell);
    if let Some(folder) = folder {
        shell.watcher.stage("write");
        let points = points.then(|| job.point_reach());
        write::coverage(folder, &job.outcome(&round, None), points.as_ref())?;
    }
    shell.watcher.done(false);
    job.tell_findings(shell.lang);
    if part.out.is_none() {
        print(&job, &round, shell.lang)?;
    }
    Ok(())
}

fn print(job: &Job, round: &Round, lang: Lang) -> anyhow::Result<()> {
    let header = match lang {
        Lang::Zh => ["单元", "服务", "对象人口", "覆盖人口", "覆盖率", "标准状态"],
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
            people(standing.covered),
            percent(standing.coverage()),
            status(&service.status.overall, lang),
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
