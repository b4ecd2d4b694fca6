//! `fuwutu matrix PLAN --out FILE`

use fuwutu_core::position::ServiceAt;
use fuwutu_core::round;
use fuwutu_io::finding::Lang;
use fuwutu_io::write::streets;

use super::put::Target;
use crate::args::MatrixArgs;
use crate::job::{Job, Shell};
use crate::show;

/// With streets or with straight lines, as the plan has it.
pub(crate) fn run(args: &MatrixArgs, shell: &Shell) -> anyhow::Result<()> {
    let file = Target::prepare(&args.file.out, args.file.overwrite)?;
    let mut job = Job::read(&args.plan.plan, shell)?;
    file.spare(&job.plan.files(&args.plan.plan))?;
    job.tell_unsnapped();
    shell.watcher.stage("reach and supply");
    let plan = job.plan.core();
    let service = |&at: &ServiceAt| {
        let service = &job.catalogue[at];
        (at, service, round::limits(service, &plan))
    };
    let services: Vec<_> = job.selected.iter().map(service).collect();
    let trips = job
        .ways
        .usual()
        .trips(&job.input.city, &round::modes(job.services(), &plan));
    let printed = file.printed();
    let links = file.write(|to| streets::matrix(to, &job.input.city, &services, &*trips))?;
    shell.watcher.done(false);
    job.tell_findings(shell.lang);
    if !printed {
        let links = show::thousands(links);
        show::line(&match shell.lang {
            Lang::Zh => format!("{links} 条需求点到设施的出行时间"),
            Lang::En => format!("{links} trips from demand points to facilities"),
        })?;
    }
    Ok(())
}
