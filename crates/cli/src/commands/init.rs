//! `fuwutu init`

use super::init_osm;
use crate::args::InitArgs;
use crate::shell::Shell;

pub(crate) fn run(args: &InitArgs, shell: &Shell) -> anyhow::Result<()> {
    match &args.osm {
        Some(osm) => init_osm::run(osm, args, shell),
        None => anyhow::bail!("`--osm FILE` is missing"),
    }
}
