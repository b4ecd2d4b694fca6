//! `fuwutu check PLAN`: the data-quality sheet.

use fuwutu_core::service::Service;
use fuwutu_io::finding::account::Account;
use fuwutu_io::finding::summary;
use fuwutu_io::finding::{Finding, Lang, Level};
use fuwutu_io::read::InputFile;
use fuwutu_io::tables::inputs;
use fuwutu_io::ways;
use fuwutu_io::words::Coded;
use fuwutu_io::write::check;
use fuwutu_run::{Error, Evaluation, Extent, Job, PlanFile, Stopped};

use super::put::Target;
use super::units;
use crate::args::CheckArgs;
use crate::shell::Shell;
use crate::show::{self, Align, people};

/// Lists what became of the rows of each file, all findings, and what the units would be. `false` where one needs a decision.
pub(crate) fn run(args: &CheckArgs, shell: &Shell) -> anyhow::Result<bool> {
    let target = args.json.as_deref();
    let mut target = target
        .map(|out| Target::prepare(out, args.overwrite))
        .transpose()?;
    let plan = PlanFile::open(&args.plan.plan)?;
    if let Some(target) = &target {
        target.spare(&plan.reads())?;
    }
    let job = match Job::read(plan, &shell.watcher) {
        Ok(job) => job,
        Err(error) => {
            if let Error::Input(failure) = &error {
                let (accounts, findings) = (&failure.accounts, &failure.findings);
                let others =
                    (findings.iter()).filter(|finding| finding.kind.level() != Level::Error);
                let printed = target.as_ref().is_some_and(Target::printed);
                if let Some(target) = target {
                    target.put(&check::json(accounts, &[], findings))?;
                }
                if !printed {
                    sheet(accounts, &[], shell.lang)?;
                    print(others, &[], shell.lang)?;
                }
            }
            return Err(error.into());
        }
    };
    let evaluation = checked(&job, shell)?;
    shell.watcher.done(false);
    let input = &job.input;
    let decided = (evaluation.findings.iter()).all(|finding| finding.level() != Level::Decision);
    if let Some(target) = target.take() {
        let printed = target.printed();
        target.put(&check::json(
            &input.accounts,
            &input.files,
            &evaluation.findings,
        ))?;
        if printed {
            return Ok(decided);
        }
    }
    sheet(&input.accounts, &input.files, shell.lang)?;
    print(evaluation.findings.iter(), &job.catalogue, shell.lang)?;
    let city = &job.input.city;
    let (residents, points) = (
        people(city.total_residents()),
        show::thousands(city.points().len() as u64),
    );
    let (townships, communities) = (city.townships().len(), city.communities().len());
    let (facilities, services) = (city.facilities().len(), job.selected.len());
    show::line(&match shell.lang {
        Lang::Zh => format!(
            "{residents} 人，{townships} 个镇（街道），{communities} 个社区（村），{points} 个需求点，{facilities} 处设施，{services} 项服务"
        ),
        Lang::En => format!(
            "{residents} residents, {townships} townships, {communities} communities, {points} demand points, {facilities} facilities, {services} services"
        ),
    })?;
    units::summary(&job, &evaluation, shell.lang)?;
    Ok(decided)
}

/// What became of the rows of each file; nothing where none was read.
fn sheet(accounts: &[Account], files: &[InputFile], lang: Lang) -> std::io::Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    let heading = match lang {
        Lang::Zh => ["文件", "用途", "读取", "采用", "修正", "未计入", "原因"],
        Lang::En => [
            "file", "read as", "rows", "used", "repaired", "left out", "why",
        ],
    };
    let mut lines = vec![heading.map(str::to_owned).to_vec()];
    for (row, at) in inputs::rows(accounts, files).iter().zip(0..) {
        let count = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), show::thousands);
        let [zh, en] = row.role.map_or([""; 2], |role| role.word().name);
        let why = accounts.get(at).map(|account| {
            let parts = [&account.left_out, &account.repaired];
            let parts = parts.into_iter().filter(|counts| !counts.is_empty());
            let parts: Vec<String> = parts.map(|counts| inputs::words(counts, lang)).collect();
            parts.join(lang.pick("；修正：", "; repaired: "))
        });
        lines.push(vec![
            fuwutu_io::finding::plain(&row.file),
            lang.pick(zh, en).to_owned(),
            count(row.rows),
            count(row.used),
            count(row.repaired),
            count(row.left_out),
            why.unwrap_or_default(),
        ]);
    }
    let align = [
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Left,
    ];
    show::table(&align, &lines)?;
    show::line("")
}

/// The units, and what is noticed without the long search: for services, only whether people can get to them on streets.
pub(super) fn checked(job: &Job, shell: &Shell) -> Result<Evaluation, Stopped> {
    let mut evaluation = job.evaluate(Extent::Units, &shell.watcher)?;
    let unsnapped = ways::unsnapped(&job.snapping(&shell.watcher)?, &job.plan);
    let read = job.input.findings.len();
    evaluation.findings.splice(read..read, unsnapped);
    Ok(evaluation)
}

/// A line for each kind in each file.
fn print<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    catalogue: &[Service],
    lang: Lang,
) -> std::io::Result<()> {
    let lines = summary::lines(findings);
    let mut lines = lines.iter();
    lines.try_for_each(|line| show::line(&show::finding(line, lang, catalogue)))
}
