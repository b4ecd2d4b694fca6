//! `fuwutu evaluate PLAN --out DIR`

use std::path::Path;

use fuwutu_core::projection::Variant;
use fuwutu_core::projection::backtest::Method;
use fuwutu_core::quantity::Residents;
use fuwutu_core::ranking::Place;
use fuwutu_core::round::{CityTotal, Round, Snapping};
use fuwutu_core::service::Mode;
use fuwutu_core::supply::detour::Detours;
use fuwutu_core::supply::shortage::Certain;
use fuwutu_io::finding::{Finding, Lang, plain};
use fuwutu_io::words::short_name;
use fuwutu_run::{Evaluation, Extent, Job, OutFolder, PlanFile, WriteOptions};

use super::{check, report, units};
use crate::args::EvaluateArgs;
use crate::shell::{Shell, refused, remind, tell};
use crate::show::{
    self, Align, PlaceLine, capacity_unit, certainty, few, people, percent, status, thousands,
};

/// Evaluates and writes a round. `false` where `--strict` refuses to write it: what reading notices is known before the long run.
pub(crate) fn run(args: &EvaluateArgs, shell: &Shell) -> anyhow::Result<bool> {
    let folder = OutFolder::prepare(&args.out, args.overwrite)?;
    let plan = PlanFile::open(&args.plan.plan)?;
    plan.spared_by(&folder)?;
    let job = Job::read(plan, &shell.watcher)?;
    if args.keep_inputs {
        job.can_keep_inputs()?;
    }
    let refuses =
        |findings: &[Finding]| args.strict && refused(findings, &job.catalogue, shell.lang);
    if args.strict && refuses(&check::checked(&job, shell)?.findings) {
        return Ok(false);
    }
    let evaluation = job.evaluate(Extent::Round, &shell.watcher)?;
    if refuses(&evaluation.findings) {
        return Ok(false);
    }
    let options = WriteOptions {
        points: args.points,
        inputs: args.keep_inputs,
    };
    let made = if args.no_report {
        job.write(folder, &evaluation, &options, &shell.watcher)?;
        None
    } else {
        Some(job.write_with_reports(folder, &evaluation, &options, &shell.watcher)?)
    };
    shell.watcher.done(args.timings);
    tell(&evaluation.findings, &job.catalogue, shell.lang);
    summary(&job, &evaluation, &args.out, shell.lang)?;
    if let Some(made) = made {
        report::told(&args.out, made, shell.lang)?;
    }
    remind(&evaluation.findings, shell.lang);
    Ok(true)
}

/// What a planner wants to know first: units, services, the ten places with most need and why, where the files are.
pub(crate) fn summary(
    job: &Job,
    evaluation: &Evaluation,
    out: &Path,
    lang: Lang,
) -> anyhow::Result<()> {
    let round = &evaluation.round;
    show::line("")?;
    units::summary(job, evaluation, lang)?;
    show::line("")?;
    services(job, round, lang)?;
    streets(job, round, lang)?;
    later(job, round, lang)?;
    show::line("")?;
    places(job, round, lang)?;
    show::line("")?;
    let out = out.display();
    show::line(&match lang {
        Lang::Zh => format!(
            "结果在 {out}：coverage/*.geojson 与 units.geojson 可在 QGIS、ArcGIS 中打开，*.csv 可用 Excel 打开，round.json 记录数据、标准与校验"
        ),
        Lang::En => format!(
            "results in {out}: coverage/*.geojson and units.geojson open in QGIS and ArcGIS, *.csv in Excel; round.json records inputs, standards and checks"
        ),
    })?;
    Ok(())
}

/// One line a service: coverage and capacity in the whole city, now and at the horizon.
fn services(job: &Job, round: &Round, lang: Lang) -> anyhow::Result<()> {
    let (first, last) = (round.years[0], round.years[round.years.len() - 1]);
    let covered = |zh: &str, en: &str, year: i32| format!("{} {year}", lang.pick(zh, en));
    let header = vec![
        lang.pick("服务", "service").to_owned(),
        covered("覆盖率", "covered", first),
        covered("覆盖率", "covered", last),
        covered("缺口", "short", first),
        covered("缺口", "short", last),
        covered("未满足需求", "unmet", last),
        covered("达标单元", "meet rule", first),
        lang.pick("单位", "unit").to_owned(),
        lang.pick("依据可靠性", "standard").to_owned(),
    ];
    let mut rows = vec![header];
    let compared = round
        .totals
        .iter()
        .any(|total| total.covered_straight.is_some());
    if compared {
        rows[0].insert(2, format!("{} {first}", lang.pick("直线", "straight")));
    }
    let spread = job.input.spread.as_ref();
    let uncertain = |total: &CityTotal| {
        let service = &job.catalogue[total.service];
        spread.and_then(|spread| spread.matters(total, service, &job.plan)) == Some(true)
    };
    let totals = |year: i32| round.totals.iter().filter(move |total| total.year == year);
    for (now, then) in totals(first).zip(totals(last)) {
        let service = &job.catalogue[now.service];
        let mut row = vec![
            lang.pick(&service.name.zh, &service.name.en).to_owned(),
            if now.supplied {
                format!(
                    "{}{}",
                    if uncertain(now) { "≈ " } else { "" },
                    percent(now.coverage())
                )
            } else {
                lang.pick("未提供", "no data").to_owned()
            },
            percent(then.coverage()),
            short(now),
            short(then),
            certain_short(then),
            attained(now),
            capacity_unit(&service.capacity_unit, lang),
            status(service, first, lang),
        ];
        if compared {
            row.insert(2, percent(now.coverage_straight()));
        }
        rows.push(row);
    }
    use Align::{Left, Right};
    let mut align = vec![Left, Right, Right, Right, Right, Right, Right, Left, Left];
    if compared {
        align.insert(2, Right);
    }
    show::table(&align, &rows)?;
    show::line(lang.pick(
        "覆盖率：时限内有设施的服务人口占比；缺口：各单元对照标准、按可达供给（含跨界）计的不足之和；未满足需求：无论怎样分配都安排不下的需求（按需求点计；缺口在单元内盈亏相抵，因此可能小于未满足需求）；达标单元：设施数量和规模达到规则的单元；依据可靠性：数值的可靠程度，括号内为评价主要依据的那项标准的年份和适用范围",
        "covered = share of the target group within the limit; short = what units miss against the norm, counting all supply in reach; unmet = demand that remains after the best possible assignment of people to facilities, counted by demand point (it can exceed `short`, where surplus offsets shortage within a unit); meet rule = units with as many facilities, large enough, as the rules ask for; standard = how well its figures are established, with year and scope of the one that most verdicts rest on",
    ))?;
    if round.totals.iter().any(uncertain) {
        show::line(lang.pick(
            "≈：时间标准内走的路短于社区的平均宽度，而居民只知道社区总数，覆盖率取决于居民在社区内的分布；上下限见 standing.csv 的 covered_least、covered_most",
            "≈: the limit leads less far than the communities are wide, and of the residents only the community is known; the bounds stand in standing.csv (covered_least, covered_most)",
        ))?;
    }
    Ok(())
}

/// Where people travel on streets: how many are on them, and how much longer trips are than as the crow flies.
fn streets(job: &Job, round: &Round, lang: Lang) -> anyhow::Result<()> {
    let walking = || {
        round
            .snapping
            .iter()
            .filter(|snapping| snapping.mode == Mode::Walk)
    };
    if walking().next().is_none() {
        return Ok(());
    }
    let sum = |part: fn(&Snapping) -> Residents| people(walking().map(part).sum());
    let (unsnapped, roadless) = (
        sum(|snapping| snapping.unsnapped),
        sum(|snapping| snapping.roadless),
    );
    let metres = job.plan.travel.snap_m;
    let mut detours = Detours::default();
    round.detours.iter().for_each(|part| detours.join(part));
    let detour = detours
        .summary()
        .map_or(String::new(), |detour| match lang {
            Lang::Zh => format!(
                "；实测绕行系数：中位数 {:.2}，90 % 不超过 {:.2}",
                detour.median, detour.ninth_decile
            ),
            Lang::En => {
                format!(
                    "; detour observed: median {:.2}, nine in ten at most {:.2}",
                    detour.median, detour.ninth_decile
                )
            }
        });
    show::line(&match lang {
        Lang::Zh => format!(
            "按路网步行：{unsnapped} 人离可用道路超过 {metres} 米，{roadless} 人在路网数据未覆盖处{detour}"
        ),
        Lang::En => format!(
            "walking on streets: {unsnapped} residents live more than {metres} m from one, {roadless} outside the street data{detour}"
        ),
    })?;
    Ok(())
}

/// What cannot be seated whatever the assignment, in whole units; `≥` where some capacity is not known.
fn certain_short(total: &CityTotal) -> String {
    let sign = if total.unknown > 0 { "≥ " } else { "" };
    total.certain.map_or_else(
        || "–".to_owned(),
        |certain| {
            let units = Certain::units(certain.short()).round() as u64;
            format!("{sign}{}", thousands(units))
        },
    )
}

/// `3/7`: units that keep all rules, of those for which there is one; `3–5/7` where two depend on sizes that are not known.
fn attained(total: &CityTotal) -> String {
    let CityTotal {
        attained,
        undecided,
        required,
        ..
    } = *total;
    match (required, undecided) {
        (0, _) => "–".to_owned(),
        (_, 0) => format!("{attained}/{required}"),
        _ => format!("{attained}–{}/{required}", attained + undecided),
    }
}

/// What later years rest on, where it is not the usual: an end of the band, and how the methods did on a third date.
fn later(job: &Job, round: &Round, lang: Lang) -> anyhow::Result<()> {
    let variant = match job.plan.growth.variant {
        Variant::Middle => None,
        Variant::Low => Some(lang.pick("低方案", "low")),
        Variant::High => Some(lang.pick("高方案", "high")),
    };
    if let Some(variant) = variant.filter(|_| !round.projected.is_empty()) {
        show::line(&match lang {
            Lang::Zh => format!("基期年以后各年按人口预测的{variant}评价"),
            Lang::En => format!(
                "years after the base are evaluated on the {variant} projection of residents"
            ),
        })?;
    }
    let Some(tried) = &round.backtest else {
        return Ok(());
    };
    let [_, from, to] = tried.years;
    let [trend, constant] = [Method::Trend, Method::Constant].map(|method| {
        percent(
            tried
                .errors
                .iter()
                .find(|error| error.size.is_none() && error.method == method)
                .and_then(|error| error.weighted),
        )
    });
    show::line(&match lang {
        Lang::Zh => format!(
            "预测检验：由 {from} 年推至 {to} 年，社区人口平均偏差 {trend}（不预测则为 {constant}）；见 backtest.csv"
        ),
        Lang::En => format!(
            "back-test: from {from} to {to} the projection of a community is off by {trend} (no change: {constant}), weighted by people; see backtest.csv"
        ),
    })?;
    Ok(())
}

/// What is missing; `≥` where the supply of some units is not known, a dash where nothing can be said.
fn short(total: &CityTotal) -> String {
    let sign = if total.unjudged > 0 { "≥ " } else { "" };
    total.short.map_or_else(
        || "–".to_owned(),
        |short| format!("{sign}{}", thousands(short.round() as u64)),
    )
}

/// The ten places with most need, and why.
fn places(job: &Job, round: &Round, lang: Lang) -> anyhow::Result<()> {
    let last = round.years[round.years.len() - 1];
    show::line(&match lang {
        Lang::Zh => format!("配置优先次序（{last} 年，前十位）"),
        Lang::En => format!("where resources are needed first ({last}, the first ten)"),
    })?;
    let places = round.places.iter().take(10);
    let lines = places.map(|place| place_line(job, round, place, lang));
    show::ranking(lines.collect(), lang)?;
    Ok(())
}

fn place_line(job: &Job, round: &Round, place: &Place, lang: Lang) -> PlaceLine {
    let unit = &round.units[place.unit];
    PlaceLine {
        place: place.place.to_string(),
        unit: unit.id.clone(),
        township: plain(&job.input.city.townships()[unit.township].name),
        residents: few(people(unit.residents), place.small, lang),
        growth: percent(place.inflow_rate),
        by_unserved: place.place_by_unserved.to_string(),
        need: format!("{:.1}", place.need),
        priority: format!("{:.1}", place.priority),
        unserved: people(place.unserved),
        certainty: place.certainty.map_or_else(String::new, |places| {
            certainty(
                &places.first.to_string(),
                &places.last.to_string(),
                places.in_first_ten,
            )
        }),
        causes: causes(job, place, lang),
    }
}

/// The three largest causes with their share of the need, and the growth's.
fn causes(job: &Job, place: &Place, lang: Lang) -> String {
    let share = |part: f64| format!("{:.0} %", part / place.priority * 100.0);
    let mut causes: Vec<String> = place
        .causes
        .iter()
        .take(3)
        .map(|cause| {
            let name = &job.catalogue[cause.service].name;
            format!(
                "{} {}",
                short_name(lang.pick(&name.zh, &name.en)),
                share(cause.part)
            )
        })
        .collect();
    if place.inflow_part() > 0.0 {
        causes.push(format!(
            "{} {}",
            lang.pick("人口流入", "inflow"),
            share(place.inflow_part())
        ));
    }
    causes.join(lang.pick("，", ", "))
}
