//! The language and verbosity of messages, and what is reported of findings.

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

/// Reports on stderr how many findings there are, and the first that need a decision.
pub(crate) fn tell(findings: &[Finding], lang: Lang) {
    let of_level = |level| {
        findings
            .iter()
            .filter(move |finding| finding.kind.level() == level)
    };
    let count = |level| {
        of_level(level)
            .map(|finding| u64::from(finding.count))
            .sum::<u64>()
    };
    for finding in of_level(Level::Decision).take(5) {
        show::finding(finding, lang);
    }
    let (decisions, notices) = (count(Level::Decision), count(Level::Notice));
    show::note(&match lang {
        Lang::Zh => format!(
            "数据质检问题：需确认 {decisions}，说明 {notices}（全部见 findings.csv，或用 fuwutu check）"
        ),
        Lang::En => format!(
            "findings: {decisions} need a decision, {notices} notices (all in findings.csv, or by `fuwutu check`)"
        ),
    });
}
