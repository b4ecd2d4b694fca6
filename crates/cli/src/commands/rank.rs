//! `fuwutu rank DIR`

use fuwutu_io::finding::{Lang, plain};
use fuwutu_io::written::Written;

use crate::args::RankArgs;
use crate::job::Shell;
use crate::show::{self, Align};

pub(crate) fn run(args: &RankArgs, shell: &Shell) -> anyhow::Result<()> {
    shell.watcher.done(false);
    let written = Written::open(&args.folder)?;
    let table = written.table("ranking.csv")?;
    let round = plain(&written.manifest().round);
    let year = written.manifest().years.last().copied().unwrap_or_default();
    show::line(&match shell.lang {
        Lang::Zh => format!("{round}：资源配置优先序，{year} 年；不作考核依据"),
        Lang::En => format!("{round}: where resources are needed first, {year}; not for appraisal"),
    })?;
    let rows = table.iter().take(args.top.map_or(usize::MAX, |top| top.saturating_add(1)));
    let rows: Vec<Vec<String>> = rows.map(|row| row.iter().map(|cell| plain(cell)).collect()).collect();
    use Align::{Left, Right};
    let align = [Right, Left, Left, Right, Right, Right, Right, Left, Left, Left, Left, Right, Right];
    show::table(&align, &rows)?;
    Ok(())
}
