//! `fuwutu template`

use std::path::Path;

use fuwutu_io::finding::Lang;
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::template::{csv, services, templates};
use fuwutu_io::write::OutFolder;
use fuwutu_report::template;

use crate::args::TemplateArgs;
use crate::shell::Shell;
use crate::show;

/// Writes a workbook and a CSV file for each table that departments fill in.
pub(crate) fn run(args: &TemplateArgs, shell: &Shell) -> anyhow::Result<()> {
    let catalogue = match &args.plan {
        Some(path) => plan::catalogue(&mut Plan::read(path)?, path)?.0,
        None => plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml"))?,
    };
    let services = services(&catalogue);
    let folder = OutFolder::prepare_new(&args.out)?;
    let templates = templates();
    for table in &templates {
        let book = template::workbook(table, &services)?;
        folder.copy(&format!("{}.xlsx", table.name), &mut &*book)?;
        folder.put(&format!("{}.csv", table.name), &csv(table))?;
    }
    folder.finish()?;
    shell.watcher.done(false);
    let out = args.out.display();
    let count = templates.len();
    show::line(&match shell.lang {
        Lang::Zh => format!("{count} 张空表已写入 {out}：各有 xlsx 和 CSV 两种，填一种即可"),
        Lang::En => format!(
            "wrote {count} tables to {out}, each as xlsx and as CSV: fill in one of the two"
        ),
    })?;
    Ok(())
}
