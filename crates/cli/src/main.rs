//! `fuwutu` (服务图): public-service maps of a whole city, offline. Arguments, messages, progress, exit codes.

mod args;
mod commands;
mod errors;
mod fault;
mod help_zh;
mod interrupt;
mod progress;
mod shell;
mod show;
mod usage_zh;

use std::process::ExitCode;

use fuwutu_io::finding::{Failure, Lang, summary};

use args::{Args, Command};
use shell::Shell;

fn main() -> ExitCode {
    let args = Args::from_command_line(help_zh::translated, usage_zh::in_chinese);
    fault::report_in(args.lang());
    let started = start_threads(args.threads).and_then(|()| interrupt::listen(args.lang()));
    let result = started.and_then(|()| run(&args, &Shell::new(&args)));
    interrupt::wait_where_interrupted();
    match result.map_err(inner) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error, args.lang());
            ExitCode::from(if errors::is_half(&error) { 1 } else { 2 })
        }
    }
}

/// Starts the threads that compute: all at once and before anything else, as a system that has none to give would end the program later.
fn start_threads(threads: Option<usize>) -> anyhow::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or_default());
    Ok(pool
        .build_global()
        .map_err(|error| errors::NoThreads(error.into()))?)
}

/// Whether what was asked holds: 0 or 1 as exit code.
fn run(args: &Args, shell: &Shell) -> anyhow::Result<bool> {
    match &args.command {
        Command::Demo(args) => commands::demo::run(args, shell).map(|()| true),
        Command::Init(args) => commands::init::run(args, shell),
        Command::Check(args) => commands::check::run(args, shell),
        Command::Units(args) => commands::units::run(args, shell).map(|()| true),
        Command::Coverage(args) => commands::coverage::run(args, shell).map(|()| true),
        Command::Evaluate(args) => commands::evaluate::run(args, shell),
        Command::Roads(args) => commands::roads::run(args, shell).map(|()| true),
        Command::Isochrone(args) => commands::isochrone::run(args, shell).map(|()| true),
        Command::Matrix(args) => commands::matrix::run(args, shell).map(|()| true),
        Command::Access(args) => commands::access::run(args, shell).map(|()| true),
        Command::Rank(args) => commands::rank::run(args, shell).map(|()| true),
        Command::Report(args) => commands::report::run(args, shell).map(|()| true),
        Command::Synth(args) => commands::synth::run(args, shell).map(|()| true),
        Command::Compare(args) => commands::compare::run(args, shell).map(|()| true),
        Command::Services(args) => commands::services::run(args, shell).map(|()| true),
        Command::Schema(args) => commands::schema::run(args, shell).map(|()| true),
        Command::Template(args) => commands::template::run(args, shell).map(|()| true),
    }
}

/// The error that a run passes on as it is.
pub(crate) fn inner(error: anyhow::Error) -> anyhow::Error {
    use fuwutu_run::Error;
    match error.downcast::<Error>() {
        Ok(Error::Plan(error)) => error.into(),
        Ok(Error::Input(failure)) => failure.into(),
        Ok(Error::Compare(error)) => error.into(),
        Ok(Error::Folder(error)) => error.into(),
        Ok(Error::Write(error)) => error.into(),
        Ok(Error::Stream(error)) => error.into(),
        Ok(Error::Patch(error)) => error.into(),
        Ok(Error::Written(error)) => error.into(),
        Ok(Error::Report(error)) => error.into(),
        Ok(Error::Stopped(stopped)) => stopped.into(),
        Ok(error @ Error::NoReports { .. }) => error.into(),
        Err(error) => error,
    }
}

/// Somebody closed the pipe that we print to (`| head`): nothing is wrong.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// `error:` names the thing and the value, `hint:` the way out. Of each kind of error in each file the first are named, so that none
/// hides another.
fn tell(error: &anyhow::Error, lang: Lang) {
    const SHOWN: usize = 10;
    let (error_word, hint_word) = (
        lang.pick("错误：", "error: "),
        lang.pick("提示：", "hint: "),
    );
    let Some(failure) = error.downcast_ref::<Failure>() else {
        show::note(&format!("{error_word}{}", errors::text(error, lang)));
        if let Some(hint) = errors::hint(error, lang) {
            show::note(&format!("{hint_word}{hint}"));
        }
        return;
    };
    for line in summary::lines(failure.errors()) {
        for finding in line.findings.iter().take(SHOWN) {
            show::note(&format!("{error_word}{}", finding.text(lang, &[])));
        }
        let more = line.count.saturating_sub(SHOWN as u64);
        if more > 0 {
            show::note(&match lang {
                Lang::Zh => format!("{error_word}同类问题另有 {more} 处"),
                Lang::En => format!("{error_word}{more} more of these"),
            });
        }
        show::note(&format!("{hint_word}{}", line.then(lang)));
    }
}
