//! `fuwutu rank DIR`

use fuwutu_core::service::Service;
use fuwutu_io::finding::{Lang, plain};
use fuwutu_io::plan;
use fuwutu_io::words::short_name;
use fuwutu_io::written::Written;

use crate::args::RankArgs;
use crate::shell::Shell;
use crate::show::{self, PlaceLine, certainty, few, percent, thousands};

pub(crate) fn run(args: &RankArgs, shell: &Shell) -> anyhow::Result<()> {
    shell.watcher.done(false);
    let written = Written::open(&args.folder)?;
    let table = written.table("ranking.csv")?;
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, std::path::Path::new("services.toml"))?;
    let round = plain(&written.manifest().round);
    let year = written.manifest().years.last().copied().unwrap_or_default();
    show::line(&match shell.lang {
        Lang::Zh => format!("{round}：配置优先次序，{year} 年"),
        Lang::En => format!("{round}: where resources are needed first, {year}"),
    })?;
    let header = table.first().cloned().unwrap_or_default();
    let rows = table.iter().skip(1).take(args.top.unwrap_or(usize::MAX));
    let lines = rows
        .map(|row| place_line(&header, row, &catalogue, shell.lang))
        .collect();
    show::ranking(lines, shell.lang)?;
    Ok(())
}

/// A row of `ranking.csv`, for people.
fn place_line(header: &[String], row: &[String], catalogue: &[Service], lang: Lang) -> PlaceLine {
    let cell = |name: &str| {
        let column = header.iter().position(|heading| heading == name);
        column
            .and_then(|column| row.get(column))
            .map_or("", String::as_str)
    };
    let number = |name: &str| {
        cell(name)
            .parse()
            .map_or_else(|_| plain(cell(name)), thousands)
    };
    let causes: Vec<String> = ["cause_1", "cause_2", "cause_3"]
        .map(|name| {
            let id = cell(name);
            let found = catalogue.iter().find(|service| service.id == id);
            found.map_or_else(
                || plain(id),
                |service| short_name(lang.pick(&service.name.zh, &service.name.en)).to_owned(),
            )
        })
        .into_iter()
        .filter(|cause| !cause.is_empty())
        .collect();
    PlaceLine {
        place: plain(cell("place")),
        unit: plain(cell("unit")),
        township: plain(cell("township_name")),
        residents: few(number("residents"), cell("small") == "yes", lang),
        growth: percent(cell("inflow_rate").parse().ok()),
        by_unserved: plain(cell("place_by_unserved")),
        need: plain(cell("need")),
        priority: plain(cell("priority")),
        unserved: number("unserved_residents"),
        certainty: cell("in_first_ten").parse().map_or_else(
            |_| String::new(),
            |in_first_ten| {
                certainty(
                    &plain(cell("place_first")),
                    &plain(cell("place_last")),
                    in_first_ten,
                )
            },
        ),
        causes: causes.join(lang.pick("，", ", ")),
    }
}
