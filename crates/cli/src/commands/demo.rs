//! `fuwutu demo`

use std::path::Path;

use fuwutu_io::plan::Plan;
use fuwutu_io::read::Embedded;
use fuwutu_io::written::Written;
use fuwutu_run::{Extent, Job, OutFolder, PlanFile, WriteOptions};

use super::{evaluate, report};
use crate::args::DemoArgs;
use crate::shell::{Shell, tell};
use crate::show;

/// The files of `data/demo`.
const FILES: &[(&str, &str)] = &[
    (
        "townships.geojson",
        include_str!("../../../../data/demo/townships.geojson"),
    ),
    (
        "communities.geojson",
        include_str!("../../../../data/demo/communities.geojson"),
    ),
    (
        "population.csv",
        include_str!("../../../../data/demo/population.csv"),
    ),
    (
        "earlier.csv",
        include_str!("../../../../data/demo/earlier.csv"),
    ),
    (
        "facilities.csv",
        include_str!("../../../../data/demo/facilities.csv"),
    ),
    ("nodes.csv", include_str!("../../../../data/demo/nodes.csv")),
    ("edges.csv", include_str!("../../../../data/demo/edges.csv")),
];
const PLAN: &str = include_str!("../../../../data/demo/plan.toml");

pub(crate) fn run(args: &DemoArgs, shell: &Shell) -> anyhow::Result<()> {
    let path = Path::new("plan.toml");
    let plan = Plan::parse(PLAN, path)?;
    let again = Written::round_name(&args.out).is_some_and(|name| name == plan.round.name);
    let folder = OutFolder::prepare(&args.out, again)?;
    let job = Job::read(PlanFile::new(plan, path, Embedded(FILES)), &shell.watcher)?;
    let evaluation = job.evaluate(Extent::Round, &shell.watcher)?;
    let options = WriteOptions::default();
    let made = job.write_with_reports(folder, &evaluation, &options, &shell.watcher)?;
    shell.watcher.done(false);
    tell(&evaluation.findings, &job.catalogue, shell.lang);
    show::line(shell.lang.pick(
        "示例是一座模拟的城市：其中的地点、人口和设施都不是真实的。",
        "The demo is a synthetic city: no place, person or facility in it is real.",
    ))?;
    evaluate::summary(&job, &evaluation, &args.out, shell.lang)?;
    report::told(&args.out, made, shell.lang)
}
