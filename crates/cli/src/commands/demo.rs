//! `fuwutu demo`

use std::path::Path;

use fuwutu_io::plan::Plan;
use fuwutu_io::read::Embedded;
use fuwutu_io::write::{self, OutFolder};
use fuwutu_io::written::Written;

use super::{evaluate, report};
use crate::args::DemoArgs;
use crate::job::{Job, Shell};
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
    let mut job = Job::new(plan, path, &Embedded(FILES), None, shell)?;
    let round = job.evaluate(shell);
    shell.watcher.stage("write");
    let nearest = job.nearest(false);
    write::round(folder, &job.outcome(&round, nearest.as_ref()), None)?;
    let made = report::of_new(&args.out, shell)?;
    shell.watcher.done(false);
    job.tell_findings(shell.lang);
    show::line(shell.lang.pick(
        "示例是一座合成的城市：其中的地点、人口和设施都不是真实的。",
        "The demo is a synthetic city: no place, person or facility in it is real.",
    ))?;
    evaluate::summary(&job, &round, &args.out, shell.lang)?;
    report::told(&args.out, made, shell.lang)
}
