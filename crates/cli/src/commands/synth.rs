//! `fuwutu synth`

use std::path::Path;

use anyhow::Context;
use fuwutu_io::finding::Lang;
use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan;
use fuwutu_synth::Spec;

use crate::args::SynthArgs;
use crate::job::Shell;
use crate::show;

/// A crossing every 110 m or so.
const DEMO_CROSSINGS: u32 = 6_500;

pub(crate) fn run(args: &SynthArgs, shell: &Shell) -> anyhow::Result<()> {
    let occupied = args.out.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    anyhow::ensure!(!occupied, "`{}` is not empty", args.out.display());
    let spec = if args.demo { Spec::demo() } else { Spec::scaled(args.residents.unwrap_or_default(), args.seed) };
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml"))?;
    let city = fuwutu_synth::city(&spec, &catalogue);
    let name = if args.demo { "demo-2026".to_owned() } else { format!("synthetic-{}", args.seed) };
    let nodes = if args.demo { Some(DEMO_CROSSINGS) } else { args.streets };
    let roads = nodes.map(|nodes| fuwutu_synth::Lattice::over(&city.records, nodes, args.seed).roads());
    let extras = Extras {
        townships: &city.townships,
        earlier: &city.earlier,
        earlier_year: city.earlier_year,
        name: &name,
        select: &spec.services,
        roads: roads.as_ref(),
    };
    inputs::write(&args.out, &city.records, extras, &catalogue)
        .with_context(|| format!("cannot write to `{}`", args.out.display()))?;
    shell.watcher.done(false);
    let plan = args.out.join("plan.toml");
    show::line(&match shell.lang {
        Lang::Zh => format!("合成城市已写入；下一步：fuwutu evaluate {} --out 文件夹", plan.display()),
        Lang::En => format!("wrote a synthetic city; next: fuwutu evaluate {} --out DIR", plan.display()),
    })?;
    Ok(())
}
