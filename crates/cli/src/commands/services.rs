//! `fuwutu services`

use std::path::Path;

use fuwutu_core::position::ServiceAt;
use fuwutu_core::service::{Figure, NATIONAL, Service};
use fuwutu_io::finding::Lang;
use fuwutu_io::plan::{self, Plan, PlanError, ServiceNames};
use fuwutu_io::standards;
use fuwutu_io::tables::standards::rows;
use fuwutu_io::tables::{Text, Width};
use fuwutu_io::words::{self, Coded};

use super::put::Target;
use crate::args::{CatalogueFormat, ServicesArgs};
use crate::shell::Shell;
use crate::show::{self, Align};

/// No year is before it, so that no target has passed where no plan says which year it is.
const NO_YEAR: i32 = i32::MIN;

/// Shows or exports a catalogue: the embedded one, or that of a plan.
pub(crate) fn run(args: &ServicesArgs, shell: &Shell) -> anyhow::Result<()> {
    shell.watcher.done(false);
    let target = Target::prepare(&args.out, args.overwrite)?;
    let (services, scope, year) = catalogue(args)?;
    let services = chosen(args, services)?;
    let text = match args.format {
        CatalogueFormat::Table if target.printed() => return table(&services, year, shell.lang),
        CatalogueFormat::Table | CatalogueFormat::Csv => {
            Text::of(&rows(&services, &scope, year), &Width::default()).finish()
        }
        CatalogueFormat::Json => format!("{:#}\n", serde_json::to_value(&services)?),
        CatalogueFormat::Toml => plan::catalogue_text(&services, args.service.is_empty()),
    };
    target.put(&text)
}

/// The rows as they count in the scope that is asked for, its name, and the year by which targets are judged.
fn catalogue(args: &ServicesArgs) -> Result<(Vec<Service>, String, i32), PlanError> {
    let path = args.plan.as_deref().unwrap_or(Path::new("plan.toml"));
    let mut plan = match &args.plan {
        Some(path) => Plan::read(path)?,
        None => Plan::parse(NO_PLAN, path)?,
    };
    if args.scope.is_some() {
        plan.services.scope.clone_from(&args.scope);
    }
    let (services, _) = plan::catalogue(&mut plan, path)?;
    let scope = plan.services.scope.as_deref().unwrap_or(NATIONAL);
    let year = args.plan.as_ref().map_or(NO_YEAR, |_| plan.round.base_year);
    Ok((services, scope.to_owned(), year))
}

/// What a plan has to say at least: its catalogue is then the embedded one.
const NO_PLAN: &str = r#"
    round = { name = "services", base_year = 2026 }
    [inputs]
    townships = { path = "" }
    communities = { path = "" }
    facilities = []
"#;

/// The services that are asked for by any of their names; all of them where none is.
fn chosen(args: &ServicesArgs, services: Vec<Service>) -> Result<Vec<Service>, PlanError> {
    if args.service.is_empty() {
        return Ok(services);
    }
    let names = ServiceNames::new(&services);
    let mut asked: Vec<ServiceAt> = Vec::new();
    for name in &args.service {
        let path = Path::new("--service");
        asked.push(
            names
                .find(name)
                .ok_or_else(|| plan::unknown(name, &services, path))?,
        );
    }
    asked.sort_unstable();
    asked.dedup();
    Ok(asked.into_iter().map(|at| services[at].clone()).collect())
}

/// A line for each figure that counts, and the first of each that a scope has of its own.
fn table(services: &[Service], year: i32, lang: Lang) -> anyhow::Result<()> {
    let header = match lang {
        Lang::Zh => ["编号", "服务", "标准项", "标准", "可靠性", "依据"],
        Lang::En => ["id", "service", "figure", "value", "status", "rests on"],
    };
    let mut lines = vec![header.map(str::to_owned).to_vec()];
    for service in services {
        lines.extend(lines_of(service, None, &Figure::ALL, year, lang));
        for (scope, own) in &service.own {
            let row = service.clone().in_scope(scope);
            lines.extend(lines_of(&row, Some(scope), &own.figures(), year, lang));
        }
    }
    show::table(&[Align::Left; 6], &lines)?;
    let mut counts: Vec<String> = Vec::new();
    for status in words::STANDARD {
        let of_status = |service: &&Service| service.status.overall == status.code;
        let count = services.iter().filter(of_status).count();
        counts.push(format!(
            "{} {count}",
            lang.pick(status.name[0], status.name[1])
        ));
    }
    show::line(&counts.join(lang.pick("，", ", ")))?;
    Ok(())
}

fn lines_of(
    service: &Service,
    scope: Option<&str>,
    figures: &[Figure],
    year: i32,
    lang: Lang,
) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    for &figure in figures {
        let Some([zh, en]) = standards::figure(service, figure) else {
            continue;
        };
        let basis = match service.evidence_of(figure) {
            Some(evidence) => standards::basis(evidence, year),
            None => [service.source.clone(), service.source.clone()],
        };
        let [word_zh, word_en] = figure.word().name;
        let mark = words::name(words::FIGURE_STATUS, service.status.of(figure));
        let first = lines.is_empty() && scope.is_none();
        lines.push(vec![
            if first {
                service.id.clone()
            } else {
                String::new()
            },
            match scope {
                Some(scope) => format!("services.scope = \"{scope}\""),
                None if first => lang.pick(&service.name.zh, &service.name.en).to_owned(),
                None => String::new(),
            },
            lang.pick(word_zh, word_en).to_owned(),
            lang.pick(&zh, &en).to_owned(),
            lang.pick(mark[0], mark[1]).to_owned(),
            lang.pick(&basis[0], &basis[1]).to_owned(),
        ]);
    }
    lines
}
