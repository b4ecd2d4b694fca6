//! `fuwutu isochrone PLAN --from LON,LAT --minutes N --out FILE`

use fuwutu_core::service::Limit;
use fuwutu_io::finding::Lang;
use fuwutu_io::write::streets::Isochrone;
use fuwutu_run::{Job, PlanFile};
use geo::Coord;

use super::put::Target;
use super::roads::mode_text;
use crate::args::IsochroneArgs;
use crate::errors::OffStreets;
use crate::shell::Shell;
use crate::show;

pub(crate) fn run(args: &IsochroneArgs, shell: &Shell) -> anyhow::Result<()> {
    let file = Target::prepare(&args.file.out, args.file.overwrite)?;
    let limit = Limit {
        mode: args.mode.into(),
        minutes: args.minutes,
        radius_m: None,
    };
    let plan = PlanFile::open(&args.plan.plan)?;
    let reads = plan.reads();
    let job = Job::read_streets(plan, Some(limit), &shell.watcher)?;
    file.spare(&reads)?;
    let (lon, lat) = args.from;
    let isochrone = job.ways.streets().and_then(|streets| {
        Isochrone::new(
            &job.input.city,
            streets,
            Coord { x: lon, y: lat },
            limit,
            args.tolerance,
        )
    });
    let isochrone = isochrone.ok_or(OffStreets {
        lon,
        lat,
        metres: job.plan.travel.snap_m,
    })?;
    let printed = file.printed();
    file.put(&isochrone.text())?;
    shell.watcher.done(false);
    if !printed {
        let (minutes, km, mode) = (
            args.minutes,
            isochrone.length_km(),
            mode_text(limit.mode, shell.lang),
        );
        show::line(&match shell.lang {
            Lang::Zh => format!("{mode} {minutes} 分钟可到达 {km:.1} 公里道路"),
            Lang::En => format!("{km:.1} km of streets within {minutes} minutes by {mode}"),
        })?;
    }
    Ok(())
}
