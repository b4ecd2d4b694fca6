//! `fuwutu synth`

use std::path::Path;

use fuwutu_core::city::City;
use fuwutu_core::service::Service;
use fuwutu_core::units;
use fuwutu_io::finding::Lang;
use fuwutu_io::inputs::{self, Extras, Past};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::write::OutFolder;
use fuwutu_synth::{Later, Lattice, Spec};

use crate::args::SynthArgs;
use crate::errors::NotEmpty;
use crate::shell::Shell;
use crate::show;

/// A crossing every 110 m or so.
const DEMO_CROSSINGS: u32 = 6_500;

pub(crate) fn run(args: &SynthArgs, shell: &Shell) -> anyhow::Result<()> {
    let occupied = args
        .out
        .read_dir()
        .is_ok_and(|mut entries| entries.next().is_some());
    anyhow::ensure!(!occupied, NotEmpty(args.out.clone()));
    let spec = if args.demo {
        Spec::demo()
    } else {
        Spec::scaled(args.residents.unwrap_or_default(), args.seed)
    };
    let mut catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml"))?;
    if args.demo {
        as_built(&mut catalogue);
    }
    if args.later {
        return later(args, &spec, &catalogue, shell);
    }
    let city = fuwutu_synth::city(&spec, &catalogue);
    let name = if args.demo {
        "demo-2026".to_owned()
    } else {
        format!("synthetic-{}", args.seed)
    };
    let nodes = if args.demo {
        Some(DEMO_CROSSINGS)
    } else {
        args.streets
    };
    let roads = nodes.map(|nodes| Lattice::over(&city.records, nodes, args.seed).roads());
    let extras = Extras {
        townships: &city.townships,
        earlier: &city.earlier,
        earlier_year: city.earlier_year,
        name: &name,
        select: &spec.services,
        roads: roads.as_ref(),
    };
    let folder = OutFolder::prepare_new(&args.out)?;
    inputs::each_file(&city.records, extras, &catalogue, |name, text| {
        folder.put(name, text)
    })?;
    folder.finish()?;
    written(args, shell)
}

/// What the demo's facilities were built for, where the catalogue asks for something else since: id, norm per 1,000 residents (kept where
/// it is none), smallest size. A city does not rebuild its schools when a norm is better known, and neither does the demo.
const BUILT_FOR: [(&str, Option<f64>, f64); 7] = [
    ("kindergarten", Some(31.0), 6.0),
    ("primary_school", Some(60.0), 18.0),
    ("junior_middle", Some(31.0), 18.0),
    ("community_health_centre", None, 1700.0),
    ("community_canteen", None, 80.0),
    ("culture_centre", None, 3000.0),
    ("market", Some(50.0), 1000.0),
];

/// The catalogue as it was when the demo's facilities were built.
fn as_built(catalogue: &mut [Service]) {
    for (id, per_1000, size) in BUILT_FOR {
        let mut rows = catalogue.iter_mut();
        let Some(service) = rows.find(|service| service.id == id) else {
            continue;
        };
        if per_1000.is_some() {
            service.norm.per_1000_low = per_1000;
        }
        if let Some(minimum) = &mut service.minimum {
            minimum.size = size;
        }
    }
}

/// The demo three years later, with what is needed to go on from the round before.
fn later(
    args: &SynthArgs,
    spec: &Spec,
    catalogue: &[Service],
    shell: &Shell,
) -> anyhow::Result<()> {
    let Later {
        city,
        before,
        codes,
    } = fuwutu_synth::later(spec, catalogue);
    let roads = Lattice::over(&before.records, DEMO_CROSSINGS, args.seed).roads();
    let extras = Extras {
        townships: &city.townships,
        earlier: &city.earlier,
        earlier_year: city.earlier_year,
        name: &format!("demo-{}", city.records.year),
        select: &spec.services,
        roads: Some(&roads),
    };
    let least = "[round]\nname = \"demo\"\nbase_year = 2026\n[inputs]\ntownships = { path = \"t\" }\ncommunities = { path = \"c\" }\nfacilities = []\n";
    let policy = Plan::parse(least, Path::new("plan.toml"))?;
    let last = City::new(before.records.clone())?;
    let units = units::divide(&last, &policy.units);
    let date = format!("{}-07-01", before.records.year + 1);
    let (records, communities) = (&before.records, last.communities());
    let past = Past {
        records,
        codes: &codes,
        date: &date,
        units: &units,
        communities,
    };
    let folder = OutFolder::prepare_new(&args.out)?;
    inputs::each_file_after(&city.records, extras, past, catalogue, |name, text| {
        folder.put(name, text)
    })?;
    folder.finish()?;
    written(args, shell)
}

fn written(args: &SynthArgs, shell: &Shell) -> anyhow::Result<()> {
    shell.watcher.done(false);
    let plan = args.out.join("plan.toml");
    show::line(&match shell.lang {
        Lang::Zh => format!(
            "模拟城市已写入；下一步：fuwutu evaluate {} --out 文件夹",
            plan.display()
        ),
        Lang::En => format!(
            "wrote a synthetic city; next: fuwutu evaluate {} --out DIR",
            plan.display()
        ),
    })?;
    Ok(())
}
