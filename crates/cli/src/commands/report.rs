//! `fuwutu report DIR`

use std::path::Path;

use fuwutu_io::finding::Lang;
use fuwutu_run::{Made, ReportOptions};

use crate::args::ReportArgs;
use crate::shell::Shell;
use crate::show;

pub(crate) fn run(args: &ReportArgs, shell: &Shell) -> anyhow::Result<()> {
    let options = ReportOptions {
        change: args.change.as_deref(),
        overwrite: args.overwrite,
    };
    let made = fuwutu_run::report(&args.folder, &options, &shell.watcher)?;
    shell.watcher.done(args.timings);
    told(&args.folder, made, shell.lang)
}

/// What to open first.
pub(crate) fn told(round: &Path, made: Made, lang: Lang) -> anyhow::Result<()> {
    let page = round.join("report.html");
    let page = page.display();
    let [zh, en] = if cfg!(feature = "gpkg") {
        ["，round.gpkg 供 QGIS", ", round.gpkg (for QGIS)"]
    } else {
        ["", ""]
    };
    show::line(&match lang {
        Lang::Zh => format!(
            "报告：用浏览器打开 {page}（无需网络）；同一文件夹中：round.xlsx 表格，sheets.html 单元图则（可打印），map-*.png/svg 图片{zh}，public 为公开版"
        ),
        Lang::En => format!(
            "reports: open {page} in a browser, no network needed; beside it round.xlsx (workbook), sheets.html (unit sheets to print), map-*.png/svg (pictures){en}, public (the public edition)"
        ),
    })?;
    if !made.chinese {
        show::note(lang.pick(
            "提示：本机没有中文字体，map-*.png 中的汉字无法显示；map-*.svg 不受影响。安装中文字体后运行 fuwutu report --overwrite",
            "note: this machine has no font with Chinese characters, and map-*.png lack them; map-*.svg do not. Install one and run `fuwutu report --overwrite`",
        ));
    }
    Ok(())
}
