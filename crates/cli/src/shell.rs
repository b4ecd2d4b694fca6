//! The language and verbosity of messages, and what is reported of findings.

use fuwutu_core::service::Service;
use fuwutu_io::finding::summary::{self, Line};
use fuwutu_io::finding::{Finding, Lang, Level};

use crate::args::Args;
use crate::progress::Watcher;
use crate::show;

/// How messages are given.
pub(crate) struct Shell {
    pub lang: Lang,
    pub watcher: Watcher,
}

impl Shell {
    pub(crate) fn new(args: &Args) -> Self {
        Self {
            lang: args.lang(),
            watcher: Watcher::new(args.lang()),
        }
    }
}

/// Reports on stderr what needs a decision, and how many notices there are.
pub(crate) fn tell(findings: &[Finding], catalogue: &[Service], lang: Lang) {
    let lines = summary::lines(findings);
    let decisions: Vec<&Line> = decisions(&lines).collect();
    for line in &decisions {
        show::note(&show::finding(line, lang, catalogue));
    }
    let (decisions, notices) = (decisions.len(), lines.len() - decisions.len());
    show::note(&match lang {
        Lang::Zh => format!(
            "数据质检：需确认 {decisions} 项，说明 {notices} 项（逐条见 findings.csv，概要见 fuwutu check）"
        ),
        Lang::En => format!(
            "findings: open decisions {decisions}, notices {notices} (one by one in findings.csv, in short by `fuwutu check`)"
        ),
    });
}

/// Repeats on stderr what needs a decision, a line each, where anything does.
pub(crate) fn remind(findings: &[Finding], lang: Lang) {
    let lines = summary::lines(findings);
    let kinds: Vec<String> = decisions(&lines).map(|line| brief(line, lang)).collect();
    if kinds.is_empty() {
        return;
    }
    show::note(&match lang {
        Lang::Zh => format!("仍有 {} 项需确认：", kinds.len()),
        Lang::En => format!("open decisions: {}", kinds.len()),
    });
    kinds.iter().for_each(|kind| show::note(kind));
}

/// Says on stderr why `--strict` refuses, where anything needs a decision; whether it does.
pub(crate) fn refused(findings: &[Finding], catalogue: &[Service], lang: Lang) -> bool {
    let lines = summary::lines(findings);
    let open: Vec<&Line> = decisions(&lines).collect();
    if open.is_empty() {
        return false;
    }
    for line in &open {
        show::note(&show::finding(line, lang, catalogue));
    }
    let codes: Vec<&str> = open.iter().map(|line| line.kind.code()).collect();
    let codes = codes.join(", ");
    show::note(&match lang {
        Lang::Zh => format!(
            "错误：--strict：有 {} 项需确认（{codes}），没有写出任何文件\n提示：处理上述问题，或不用 --strict",
            open.len()
        ),
        Lang::En => format!(
            "error: --strict: open decisions: {} ({codes}); nothing was written\nhint: settle them, or leave `--strict` out",
            open.len()
        ),
    });
    true
}

fn decisions<'l, 'f>(lines: &'l [Line<'f>]) -> impl Iterator<Item = &'l Line<'f>> {
    lines.iter().filter(|line| line.level == Level::Decision)
}

/// `  facilities.csv: a capacity is missing (37)`.
fn brief(line: &Line, lang: Lang) -> String {
    let file = match line.findings[0].file.as_str() {
        "" => lang.pick("评估任务文件", "plan"),
        file => file,
    };
    let (file, what) = (fuwutu_io::finding::plain(file), line.kind.what(lang));
    match (lang, line.count) {
        (Lang::Zh, 1) => format!("  {file}：{what}"),
        (Lang::Zh, count) => format!("  {file}：{what}（{count} 处）"),
        (Lang::En, 1) => format!("  {file}: {what}"),
        (Lang::En, count) => format!("  {file}: {what} ({count} times)"),
    }
}
