//! `fuwutu access --costs FILE --demand FILE --supply FILE --limit MINUTES --out FILE`

use std::path::{Path, PathBuf};

use fuwutu_core::reach;
use fuwutu_core::supply::access::{self, Decay};
use fuwutu_io::csv_text::shortest;
use fuwutu_io::finding::{Lang, summary};
use fuwutu_io::plan::Source;
use fuwutu_io::read::Folder;
use fuwutu_io::read::access::{AccessInput, Amounts, Tables, read};
use fuwutu_io::write::access::{Figures, write};
use fuwutu_run::{Stage, Watch, asked};

use super::put::Target;
use crate::args::{AccessArgs, Measure};
use crate::errors::NoDecay;
use crate::shell::Shell;
use crate::show::{self, ten_digits, thousands};

/// The figures go to the file alone; their sums are reported on stderr.
pub(crate) fn run(args: &AccessArgs, shell: &Shell) -> anyhow::Result<()> {
    let decay = decay(args)?;
    let file = Target::prepare(&args.file.out, args.file.overwrite)?;
    file.spare(&[&args.costs, &args.demand, &args.supply].map(Clone::clone))?;
    shell.watcher.stage(Stage::Read);
    let folder = Folder(PathBuf::new());
    let input = read(&tables(args), &folder, args.limit, &asked(&shell.watcher))
        .map_err(fuwutu_run::Error::from)?;
    shell.watcher.stage(Stage::Access);
    let weights = access::weights_within(args.limit, decay, &input.reach);
    let (ids, figures) = figures(args.method, &input, &weights);
    file.write(|to| write(to, ids, &figures))?;
    shell.watcher.done(false);
    tell_findings(&input, shell.lang);
    tell(args, &input, &weights, &figures, shell.lang);
    Ok(())
}

/// A measure that counts all within the limit alike has none to choose.
fn decay(args: &AccessArgs) -> anyhow::Result<Decay> {
    match (args.method, args.decay) {
        (Measure::Cumulative | Measure::Nearest, None) => Ok(Decay::Binary),
        (Measure::Cumulative | Measure::Nearest, Some(_)) => {
            Err(NoDecay(args.method.name()).into())
        }
        (_, given) => Ok(given.unwrap_or(Decay::Gaussian)),
    }
}

fn tables(args: &AccessArgs) -> Tables {
    Tables {
        costs: source(&args.costs, &args.costs_columns),
        demand: source(&args.demand, &args.demand_columns),
        supply: source(&args.supply, &args.supply_columns),
        service: args.service.clone(),
    }
}

fn source(path: &Path, columns: &[(String, String)]) -> Source {
    Source {
        crs: None,
        path: path.to_owned(),
        sheet: None,
        columns: columns.iter().cloned().collect(),
    }
}

/// The figures of a measure, and whose they are.
fn figures<'a>(
    measure: Measure,
    input: &'a AccessInput,
    weights: &[f64],
) -> (&'a [Box<str>], Vec<Figures>) {
    let AccessInput {
        demand,
        supply,
        reach,
        ..
    } = input;
    let (people, capacities) = (&demand.amounts[..], &supply.amounts[..]);
    let some = |numbers: Vec<f64>| numbers.into_iter().map(Some).collect();
    let of_people = |name, numbers| (&demand.ids[..], vec![(name, some(numbers))]);
    match measure {
        Measure::TwoStep => of_people(
            "access",
            access::two_step(reach, weights, people, capacities),
        ),
        Measure::ThreeStep => of_people(
            "access",
            access::three_step(reach, weights, people, capacities),
        ),
        Measure::Modified => of_people(
            "access",
            access::modified(reach, weights, people, capacities),
        ),
        Measure::Balanced => of_people(
            "access",
            access::balanced(reach, weights, people, capacities),
        ),
        Measure::Availability => of_people(
            "available_capacity",
            access::availability(reach, weights, people, capacities),
        ),
        Measure::Gravity => of_people(
            "weighted_capacity",
            access::gravity(reach, weights, capacities),
        ),
        Measure::Cumulative => {
            let counts = reach::counted(reach)
                .iter()
                .map(|nearest| Some(f64::from(nearest.count)))
                .collect();
            (
                &demand.ids,
                vec![
                    ("capacity", some(access::cumulative(reach, capacities))),
                    ("count", counts),
                ],
            )
        }
        Measure::Nearest => (
            &demand.ids,
            vec![(
                "minutes",
                reach::counted(reach)
                    .iter()
                    .map(|nearest| nearest.time.map(|time| f64::from(time.0) / 60_000.0))
                    .collect(),
            )],
        ),
        Measure::Crowding => {
            let crowding = access::crowding(reach, weights, people, capacities);
            (&supply.ids, vec![("people_per_capacity", some(crowding))])
        }
    }
}

fn tell_findings(input: &AccessInput, lang: Lang) {
    let lines = summary::lines(&input.findings);
    let lines = lines.iter();
    lines.for_each(|line| show::note(&show::finding(line, lang, &[])));
}

/// What the figures rest on and add up to, the demand that reaches nothing, and the supply that is not reached.
fn tell(args: &AccessArgs, input: &AccessInput, weights: &[f64], figures: &[Figures], lang: Lang) {
    let AccessInput {
        demand,
        supply,
        reach,
        rows,
        ..
    } = input;
    let minutes = shortest(f64::from(args.limit.0) / 60_000.0);
    let decay = decay(args).map_or(String::new(), |decay| decay.to_string());
    let (method, rows, links) = (
        args.method.name(),
        thousands(*rows),
        thousands(reach.links().len() as u64),
    );
    show::note(&match lang {
        Lang::Zh => format!(
            "{method}，衰减 {decay}，时限 {minutes} 分钟：{rows} 行中有 {links} 行在时限以内"
        ),
        Lang::En => format!(
            "{method}, decay {decay}, limit {minutes} minutes: {links} of {rows} rows are trips within the limit"
        ),
    });
    let lost = Lost::of(demand, |point| {
        !weights[reach.range(point)]
            .iter()
            .any(|weight| *weight > 0.0)
    });
    show::note(&match lang {
        Lang::Zh => format!(
            "需求：{} 处，{} 人；其中 {} 无设施可达",
            demand.ids.len(),
            ten_digits(demand.total()),
            lost.text("人", lang)
        ),
        Lang::En => format!(
            "demand: {} ids, {} residents; reaching nothing: {}",
            demand.ids.len(),
            ten_digits(demand.total()),
            lost.text("residents", lang)
        ),
    });
    let visitors = access::demand(reach, weights, &demand.amounts, supply.ids.len());
    let lost = Lost::of(supply, |place| visitors[place] <= 0.0);
    show::note(&match lang {
        Lang::Zh => format!(
            "供给：{} 处，规模 {}；其中 {} 无人可达",
            supply.ids.len(),
            ten_digits(supply.total()),
            lost.text("规模", lang)
        ),
        Lang::En => format!(
            "supply: {} ids, capacity {}; reached by nobody: {}",
            supply.ids.len(),
            ten_digits(supply.total()),
            lost.text("capacity", lang)
        ),
    });
    if let Some((_, numbers)) = figures.first() {
        show::note(&sum(args.method, numbers, input, lang));
    }
}

/// Those left out, how much they have, and the first of them.
struct Lost<'a> {
    count: u64,
    amount: f64,
    first: Vec<&'a str>,
}

impl<'a> Lost<'a> {
    fn of(amounts: &'a Amounts, lost: impl Fn(usize) -> bool) -> Self {
        const NAMED: usize = 5;
        let mut found = Self {
            count: 0,
            amount: 0.0,
            first: Vec::new(),
        };
        for ((id, amount), _) in amounts
            .ids
            .iter()
            .zip(&amounts.amounts)
            .zip(0..)
            .filter(|(_, row)| lost(*row))
        {
            found.count += 1;
            found.amount += amount;
            if found.first.len() < NAMED {
                found.first.push(id);
            }
        }
        found
    }

    fn text(&self, unit: &str, lang: Lang) -> String {
        if self.count == 0 {
            return "0".to_owned();
        }
        let more = if self.count > self.first.len() as u64 {
            ", …"
        } else {
            ""
        };
        let ids: Vec<String> = self
            .first
            .iter()
            .map(|id| fuwutu_io::finding::plain(id))
            .collect();
        let (count, amount, ids) = (
            thousands(self.count),
            ten_digits(self.amount),
            ids.join(", "),
        );
        match lang {
            Lang::Zh => format!("{count} 处（{amount} {unit}；{ids}{more}）"),
            Lang::En => format!("{count} ({amount} {unit}; {ids}{more})"),
        }
    }
}

/// What the first column adds up to.
fn sum(measure: Measure, numbers: &[Option<f64>], input: &AccessInput, lang: Lang) -> String {
    let weighted = |amounts: &Amounts| -> f64 {
        numbers
            .iter()
            .zip(&amounts.amounts)
            .filter_map(|(number, amount)| Some((*number)? * amount))
            .sum()
    };
    let (zh, en, sum) = match measure {
        Measure::Availability => (
            "可用规模合计",
            "capacity in all",
            numbers.iter().flatten().sum(),
        ),
        Measure::Crowding => (
            "Σ 规模 × 每单位规模人数",
            "Σ capacity × people per capacity",
            weighted(&input.supply),
        ),
        Measure::Gravity | Measure::Cumulative => (
            "Σ 人口 × 可达规模",
            "Σ residents × capacity in reach",
            weighted(&input.demand),
        ),
        Measure::Nearest => (
            "Σ 人口 × 分钟",
            "Σ residents × minutes",
            weighted(&input.demand),
        ),
        _ => (
            "Σ 人口 × 可达性",
            "Σ residents × access",
            weighted(&input.demand),
        ),
    };
    format!("{} = {}", lang.pick(zh, en), ten_digits(sum))
}
