//! `fuwutu schema`

use fuwutu_io::plan;

use crate::args::SchemaArgs;
use crate::shell::Shell;
use crate::show;

/// Prints what a plan may hold, in the language of messages.
pub(crate) fn run(args: &SchemaArgs, shell: &Shell) -> anyhow::Result<()> {
    shell.watcher.done(false);
    let text = if args.markdown {
        plan::reference(shell.lang)
    } else {
        format!("{:#}", plan::schema(shell.lang))
    };
    show::line(text.trim_end())?;
    Ok(())
}
