//! A fault of the program itself: one line says where, and how to report it. The exit code is then Rust's, 101.

use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use fuwutu_io::finding::{Lang, plain};

use crate::show;

/// From now on, whatever thread fails. Of several the first is reported; what was written whole stays, and what was not goes, now or with
/// the next run.
pub(crate) fn report_in(lang: Lang) {
    static REPORTED: AtomicBool = AtomicBool::new(false);
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |fault| {
        // Who develops wants to see how it came to that.
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            usual(fault);
        }
        if !REPORTED.swap(true, Ordering::SeqCst) {
            show::note(&text(fault, lang));
        }
    }));
}

fn text(fault: &PanicHookInfo, lang: Lang) -> String {
    let place = fault.location().map_or_else(String::new, |place| {
        format!("{}:{}", short(place.file()), place.line())
    });
    let payload = fault.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let what = plain(
        text.or_else(|| payload.downcast_ref().copied())
            .unwrap_or_default(),
    );
    match lang {
        Lang::Zh => format!(
            "错误：程序自身的故障（{place}）：{what}\n提示：请把本行和所用的命令报告给提供本程序的人；先前的结果没有改动"
        ),
        Lang::En => format!(
            "error: a fault of the program itself ({place}): {what}\nhint: please report this line and the command to those who gave you the program; former results are unchanged"
        ),
    }
}

/// The last parts of a path: where the program was compiled is nobody's business.
fn short(path: &str) -> String {
    let parts: Vec<_> = Path::new(path).iter().rev().take(4).collect();
    let parts: Vec<_> = parts
        .iter()
        .rev()
        .map(|part| part.to_string_lossy())
        .collect();
    parts.join("/")
}
