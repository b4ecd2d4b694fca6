//! `fuwutu init FOLDER`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fuwutu_io::finding::{Finding, Lang, Level, summary};
use fuwutu_io::init::{Role, Seen};
use fuwutu_io::question::Need;
use fuwutu_io::write::{FolderError, OutFile};
use fuwutu_run::init::{self, Begun};
use serde_json::json;

use super::{ask, init_osm};
use crate::args::InitArgs;
use crate::errors::{self, PlanThere};
use crate::shell::Shell;
use crate::show::{self, Align};

/// Writes a plan: for a city from open data, or for the files of a folder. `false` where something must still be answered, or the plan cannot be read.
pub(crate) fn run(args: &InitArgs, shell: &Shell) -> anyhow::Result<bool> {
    match &args.osm {
        Some(osm) => init_osm::run(osm, args, shell).map(|()| true),
        None => from_folder(args, shell),
    }
}

fn from_folder(args: &InitArgs, shell: &Shell) -> anyhow::Result<bool> {
    let plan = args
        .out
        .clone()
        .unwrap_or_else(|| args.folder.join("plan.toml"));
    // Before a plan is begun in a folder that is not there.
    fs::read_dir(&args.folder).map_err(|source| FolderError::Io {
        path: args.folder.clone(),
        source,
    })?;
    let report = report_beside(&plan);
    if let Some(there) = [&plan, &report].into_iter().find(|path| path.exists()) {
        return Err(PlanThere(there.clone()).into());
    }
    let mut files = [
        OutFile::prepare(&plan, false)?,
        OutFile::prepare(&report, false)?,
    ];
    let mut begun = init::begin(&args.folder, &plan, shell.lang, &shell.watcher)?;
    shell.watcher.done(false);
    seen(&begun.seen, shell.lang)?;
    if args.ask {
        begun = asked(begun, &plan, shell)?;
    }
    let texts = [begun.text.clone(), to_json(&begun)?];
    for (file, text) in files.iter_mut().zip(&texts) {
        file.writer().write_all(text.as_bytes())?;
    }
    for file in files {
        file.finish()?;
    }
    Ok(told(&begun, &plan, shell))
}

/// `check.json` beside the plan; of a plan with another name, `NAME.check.json`.
fn report_beside(plan: &Path) -> PathBuf {
    match plan.file_stem() {
        Some(stem) if stem != "plan" => {
            plan.with_file_name(format!("{}.check.json", stem.to_string_lossy()))
        }
        _ => plan.with_file_name("check.json"),
    }
}

/// A line for each file, sheet or layer.
fn seen(all: &[Seen], lang: Lang) -> io::Result<()> {
    let header = match lang {
        Lang::Zh => ["文件", "内容", "行数", "不计", "表头行", "依据"],
        Lang::En => [
            "file",
            "what it is",
            "rows",
            "left out",
            "header",
            "because",
        ],
    };
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for each in all {
        let [zh, en] = each.role.name();
        let file = match &each.sheet {
            Some(sheet) => format!("{} / {sheet}", each.path),
            None => each.path.clone(),
        };
        let count = |count: u64| match count {
            0 => String::new(),
            count => show::thousands(count),
        };
        rows.push(vec![
            fuwutu_io::finding::plain(&file).to_string(),
            lang.pick(zh, en).to_owned(),
            count(each.rows),
            count(each.left_out),
            each.header.map_or(String::new(), |line| line.to_string()),
            because(each, lang),
        ]);
    }
    use Align::{Left, Right};
    show::table(&[Left, Left, Right, Right, Right, Left], &rows)
}

/// Why a file is what it seems to be, and what was guessed of its columns.
fn because(seen: &Seen, lang: Lang) -> String {
    let mut parts = vec![lang.pick(&seen.why.zh, &seen.why.en).to_owned()];
    let crs = seen
        .spot
        .as_ref()
        .and_then(|spot| spot.named.as_ref().or(spot.crs.as_ref()));
    parts.extend(crs.cloned());
    if seen.role != Role::Nothing {
        let guessed = seen.columns.iter().filter(|column| !column.own);
        parts.extend(
            guessed.filter_map(|column| {
                Some(format!("{} ← {}", column.means.as_ref()?, column.header))
            }),
        );
    }
    parts.join(lang.pick("；", "; "))
}

/// Asks all questions, and those that follow from the answers. An answer that does not fit is asked for again, and nothing is lost.
fn asked(mut begun: Begun, plan: &Path, shell: &Shell) -> anyhow::Result<Begun> {
    let mut input = io::stdin().lock();
    let mut done: Vec<String> = Vec::new();
    loop {
        let open = |id: &String| !done.contains(id);
        let next = begun.questions.iter().find(|question| open(&question.id));
        let Some(question) = next.cloned() else {
            return Ok(begun);
        };
        let Some(edits) = ask::ask(&question, done.len() + 1, &mut input, shell.lang) else {
            done.push(question.id);
            continue;
        };
        match begun
            .clone()
            .answered(&question.id, &edits, plan, &shell.watcher)
        {
            Ok(next) => {
                done.push(question.id);
                begun = next;
            }
            Err(fuwutu_run::Error::Stopped(stopped)) => return Err(stopped.into()),
            Err(error) => {
                let error = errors::text(&crate::inner(error.into()), shell.lang);
                show::note(&format!("   {error}"));
            }
        }
    }
}

/// What is open, what was taken, and what to do next. `false` where the plan does not run yet.
fn told(begun: &Begun, plan: &Path, shell: &Shell) -> bool {
    let lang = shell.lang;
    for (question, number) in begun.questions.iter().zip(1..) {
        ask::print(question, number, begun.taken.contains(&question.id), lang);
    }
    let errors: Vec<&Finding> = (begun.findings.iter())
        .filter(|finding| finding.level() == Level::Error)
        .collect();
    for line in summary::lines(errors.iter().copied()) {
        show::note(&show::finding(&line, lang, &[]));
    }
    let must = begun
        .questions
        .iter()
        .filter(|question| question.level == Need::Must)
        .count();
    let file = plan.display();
    show::note(&match lang {
        Lang::Zh => format!(
            "已写出 `{file}`（依据见其中注释）和 `{}`",
            report_beside(plan).display()
        ),
        Lang::En => format!(
            "written: `{file}`, whose comments say what each entry rests on, and `{}`",
            report_beside(plan).display()
        ),
    });
    show::note(&match (lang, must, errors.len()) {
        (Lang::Zh, 0, 0) => format!(
            "下一步：fuwutu check \"{file}\"，再 fuwutu evaluate \"{file}\" --out 结果文件夹"
        ),
        (Lang::En, 0, 0) => {
            format!("next: fuwutu check \"{file}\", then fuwutu evaluate \"{file}\" --out RESULTS")
        }
        (Lang::Zh, 0, errors) => {
            format!("还有 {errors} 处错误，见上；改正后运行 fuwutu check \"{file}\"")
        }
        (Lang::En, 0, errors) => {
            format!("errors above: {errors}; mend them, then run fuwutu check \"{file}\"")
        }
        (Lang::Zh, must, _) => format!(
            "还有 {must} 个问题必须回答：在 `{file}` 中填写，或删去它后用 fuwutu init … --ask 逐一回答"
        ),
        (Lang::En, must, _) => format!(
            "to be answered: {must}; fill them in in `{file}`, or remove it and answer one by one with fuwutu init … --ask"
        ),
    });
    must == 0 && errors.is_empty()
}

/// What was seen, what is asked, and what the plan's files were found to be.
fn to_json(begun: &Begun) -> serde_json::Result<String> {
    let all = json!({
        "seen": begun.seen,
        "questions": begun.questions,
        "taken": begun.taken,
    });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}
