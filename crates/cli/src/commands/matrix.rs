//! `fuwutu matrix PLAN --out FILE`

use fuwutu_io::finding::Lang;
use fuwutu_run::{Job, PlanFile};

use super::put::Target;
use crate::args::MatrixArgs;
use crate::shell::{Shell, tell};
use crate::show;

/// With streets or with straight lines, as the plan has it.
pub(crate) fn run(args: &MatrixArgs, shell: &Shell) -> anyhow::Result<()> {
    let file = Target::prepare(&args.file.out, args.file.overwrite)?;
    let plan = PlanFile::open(&args.plan.plan)?;
    let reads = plan.reads();
    let job = Job::read(plan, &shell.watcher)?;
    file.spare(&reads)?;
    let findings = job.findings(&job.snapping(&shell.watcher)?);
    let printed = file.printed();
    let links = file.write(|to| job.matrix(to, &shell.watcher))?;
    shell.watcher.done(false);
    tell(&findings, &job.catalogue, shell.lang);
    if !printed {
        let links = show::thousands(links);
        show::line(&match shell.lang {
            Lang::Zh => format!("{links} 条需求点到设施的出行时间"),
            Lang::En => format!("{links} trips from demand points to facilities"),
        })?;
    }
    Ok(())
}
