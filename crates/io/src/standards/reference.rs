//! `docs/catalogue.md`: every figure of the catalogue with what it rests on, beside what it was before each figure had its evidence.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use fuwutu_core::service::{Figure, Service};

use super::{basis, figure};
use crate::plan::{CATALOGUE, parse_catalogue};
use crate::words::{Coded, FIGURE_STATUS, STANDARD, name, status};

/// The rows as they were: service, limit, limit_rural, norm, minimum, presence, overall, source.
const FORMER: &str = include_str!("../../../../tests/fixtures/catalogue_former.csv");

/// No target has passed: the page does not change with the year.
const NO_YEAR: i32 = i32::MIN;

/// What a row was.
struct Former {
    /// By the name of the figure.
    figures: BTreeMap<String, String>,
    status: String,
    source: String,
}

fn former() -> BTreeMap<String, Former> {
    let mut reader = csv::Reader::from_reader(FORMER.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let mut cells: BTreeMap<String, String> = header
            .iter()
            .zip(&record)
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect();
        let mut take = |name: &str| cells.remove(name).unwrap();
        let (service, status, source) = (take("service"), take("overall"), take("source"));
        let former = Former {
            figures: cells,
            status,
            source,
        };
        (service, former)
    };
    reader
        .records()
        .map(|record| row(record.unwrap()))
        .collect()
}

/// The text of `docs/catalogue.md`.
fn reference() -> String {
    let services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
    let former = former();
    let mut text = String::from(
        "# The catalogue 服务要素配置表\n\n\
         Made from `seeds/services.toml` (`UPDATE_SNAPSHOTS=1 cargo test -p fuwutu-io --lib standards`); not to be edited. 本页由内置的服务要素配置表生成，请勿手工修改。\n\n\
         `fuwutu services` shows the same on the screen, also for a catalogue of your own. Each figure says what it rests on: document, clause, year and \
         where it applies; the first that is named is what counts, others stand in `fuwutu services --format csv`. 「原值」是各项标准逐项标明依据之前的数值（= 表示未变）。\n\n\
         A row is verified where all of its figures are, secondary where they are verified or secondary, partly where some are, else recalled or proposed. \
         What is known of it alone from a letting site or a page of spam counts as recalled.\n",
    );
    counts(&mut text, &services, &former);
    text.push_str(
        "\n## Figures 标准值\n\n| service 服务 | figure 标准项 | value 标准 | in English | status 可靠性 | rests on 依据 | before 原值 |\n|---|---|---|---|---|---|---|\n",
    );
    for service in &services {
        let was = &former[&service.id];
        for line in lines(service, &Figure::ALL, Some(was)) {
            let _ = writeln!(text, "| `{}` {} |{line}", service.id, service.name.zh);
        }
    }
    text.push_str(
        "\n## Figures that a city has of its own 城市自有标准\n\nThey count for a plan with that `services.scope`.\n\n| service 服务 | `services.scope` | figure 标准项 | value 标准 | in English | status 可靠性 | rests on 依据 |\n|---|---|---|---|---|---|---|\n",
    );
    for service in &services {
        for (scope, own) in &service.own {
            let row = service.clone().in_scope(scope);
            for line in lines(&row, &own.figures(), None) {
                let _ = writeln!(
                    text,
                    "| `{}` {} | `{scope}` |{line}",
                    service.id, service.name.zh
                );
            }
        }
    }
    text.push_str(
        "\n## Rows before and now 前后对照\n\n| service 服务 | before 原 | now 今 | source before 原来源 |\n|---|---|---|---|\n",
    );
    for service in &services {
        let was = &former[&service.id];
        let words = |code: &str| status(code).map(str::to_owned).join(" ");
        let (before, now) = (words(&was.status), words(&service.status.overall));
        let _ = writeln!(
            text,
            "| `{}` {} | {before} | {now} | {} |",
            service.id, service.name.zh, was.source
        );
    }
    text
}

fn counts(text: &mut String, services: &[Service], former: &BTreeMap<String, Former>) {
    text.push_str("\n| status 可靠性 | rows before 原 | rows now 今 |\n|---|---|---|\n");
    for word in STANDARD {
        let before = former.values().filter(|was| was.status == word.code);
        let now = services
            .iter()
            .filter(|row| row.status.overall == word.code);
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            word.name.join(" "),
            before.count(),
            now.count()
        );
    }
    text.push_str("\n| figures 标准项 |");
    for word in FIGURE_STATUS.iter().filter(|word| word.code != "plan") {
        let _ = write!(text, " {} |", word.name.join(" "));
    }
    text.push_str("\n|---|---|---|---|---|\n");
    for of_row in Figure::ALL {
        let _ = write!(text, "| {} |", of_row.word().name.join(" "));
        for word in FIGURE_STATUS.iter().filter(|word| word.code != "plan") {
            let so = services
                .iter()
                .filter(|row| row.status.of(of_row) == word.code);
            let _ = write!(text, " {} |", so.count());
        }
        text.push('\n');
    }
}

/// The cells of each figure from the second on.
fn lines(service: &Service, figures: &[Figure], was: Option<&Former>) -> Vec<String> {
    let mut lines = Vec::new();
    for &of_row in figures {
        let before = was.map(|was| was.figures[of_row.word().code].as_str());
        let value = figure(service, of_row);
        if value.is_none() && before.is_none_or(str::is_empty) {
            continue;
        }
        let [zh, en] = value.unwrap_or_default();
        let evidence = service.evidence_of(of_row);
        let [rests_on, _] = evidence.map_or_else(Default::default, |each| basis(each, NO_YEAR));
        let [mark, _] = name(FIGURE_STATUS, service.status.of(of_row));
        let mut line = format!(
            " {} | {zh} | {en} | {mark} | {rests_on} |",
            of_row.word().name.join(" ")
        );
        if let Some(before) = before {
            let same = before == zh || (of_row == Figure::Presence && before == service.presence);
            let _ = write!(line, " {} |", if same { "=" } else { before });
        }
        lines.push(line);
    }
    lines
}

#[test]
fn the_page_of_the_catalogue_is_what_the_catalogue_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/catalogue.md");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, reference()).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == reference(),
        "{path} is not what the catalogue says: UPDATE_SNAPSHOTS=1 writes it anew"
    );
}
