//! `fuwutu roads PLAN`

use std::path::Path;

use fuwutu_core::round::Snapping;
use fuwutu_core::service::Mode;
use fuwutu_io::finding::Lang;
use fuwutu_io::plan::Plan;
use fuwutu_io::street_rules::{self, StreetRule};
use fuwutu_io::ways::ModeTotal;
use fuwutu_io::words;
use fuwutu_io::write::streets;
use fuwutu_run::{Job, PlanFile};

use super::put;
use crate::args::{RoadsArgs, RulesFormat};
use crate::shell::{Shell, tell};
use crate::show::{self, Align, people, percent};

pub(crate) fn run(args: &RoadsArgs, shell: &Shell) -> anyhow::Result<()> {
    match &args.plan {
        Some(plan) if !args.rules => streets(plan, args, shell),
        plan => rules(plan.as_deref(), args, shell),
    }
}

fn streets(plan: &Path, args: &RoadsArgs, shell: &Shell) -> anyhow::Result<()> {
    let file = args
        .out
        .as_deref()
        .map(|out| put::Target::prepare(out, args.overwrite))
        .transpose()?;
    let plan = PlanFile::open(plan)?;
    let reads = plan.reads();
    let job = Job::read_streets(plan, None, &shell.watcher)?;
    file.as_ref().map_or(Ok(()), |file| file.spare(&reads))?;
    let snapping = job.snapping(&shell.watcher)?;
    let Some(streets) = job.ways.streets() else {
        return Ok(());
    };
    let printed = file.as_ref().is_some_and(put::Target::printed);
    if let Some(file) = file {
        file.put(&streets::left_out(
            &job.input.city,
            streets,
            args.mode.into(),
            args.all,
        ))?;
    }
    shell.watcher.done(false);
    tell(&job.findings(&snapping), &job.catalogue, shell.lang);
    if printed {
        Ok(())
    } else {
        summary(&job, &snapping, shell.lang)
    }
}

/// The rules of who may go where, as they are embedded or as a plan has them.
fn rules(plan: Option<&Path>, args: &RoadsArgs, shell: &Shell) -> anyhow::Result<()> {
    shell.watcher.done(false);
    let out = args.out.as_deref().unwrap_or(Path::new("-"));
    let target = put::Target::prepare(out, args.overwrite)?;
    let plan = plan.map(Plan::read).transpose()?;
    let changes = plan.map(|plan| plan.travel.rules).unwrap_or_default();
    // The plan was read, so that each change is about a rule.
    let rules = street_rules::with(&changes).unwrap_or_else(|_| street_rules::table());
    let text = match args.format {
        RulesFormat::Table if target.printed() => return table(&rules, shell.lang),
        RulesFormat::Table | RulesFormat::Csv => street_rules::csv(&rules),
        RulesFormat::Json => format!("{:#}\n", serde_json::to_value(&rules)?),
    };
    target.put(&text)
}

fn table(rules: &[StreetRule], lang: Lang) -> anyhow::Result<()> {
    let header = match lang {
        Lang::Zh => [
            "部分",
            "标签",
            "步行",
            "电动自行车",
            "机动车",
            "标记",
            "可靠性",
            "说明",
            "依据",
        ],
        Lang::En => [
            "part", "tag", "walk", "e-bike", "car", "marks", "status", "remark", "source",
        ],
    };
    let pick = |[zh, en]: [&'static str; 2]| lang.pick(zh, en).to_owned();
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut part = None;
    for rule in rules {
        let first = part != Some(rule.on);
        part = Some(rule.on);
        let [walk, ebike, car_bus] = rule
            .effects()
            .map(|effect| effect.map_or(String::new(), |effect| pick(effect.name())));
        let marks: Vec<String> = rule.marks.iter().map(|mark| pick(mark.name())).collect();
        let [zh, en] = words::name(street_rules::STATUS, &rule.status);
        rows.push(vec![
            if first {
                pick(rule.on.name())
            } else {
                String::new()
            },
            rule.tag.clone(),
            walk,
            ebike,
            car_bus,
            marks.join(lang.pick("、", ", ")),
            lang.pick(zh, en).to_owned(),
            lang.pick(&rule.zh, &rule.en).to_owned(),
            rule.source.clone(),
        ]);
    }
    show::table(&[Align::Left; 9], &rows)?;
    Ok(())
}

/// A line a mode: kilometres, parts, and the residents on the network.
fn summary(job: &Job, snapping: &[Snapping], lang: Lang) -> anyhow::Result<()> {
    let Some(streets) = job.ways.streets() else {
        return Ok(());
    };
    let roads = streets.roads();
    let (crossings, edges) = (
        show::thousands(roads.nodes().len() as u64),
        show::thousands(roads.edges().len() as u64),
    );
    let km = |km: f64| show::thousands(km.round() as u64);
    let length = km(roads.length_mm() as f64 / 1e6);
    show::line(&match lang {
        Lang::Zh => format!("{crossings} 个路口，{edges} 条路段，{length} 公里"),
        Lang::En => format!("{crossings} crossings, {edges} edges, {length} km"),
    })?;
    for (reason, count) in job
        .input
        .roads
        .iter()
        .flat_map(|input| &input.summary.left_out)
    {
        show::line(&format!(
            "  {} {}",
            show::thousands(*count),
            reason_text(reason, lang)
        ))?;
    }
    let header = match lang {
        Lang::Zh => [
            "方式",
            "可用公里",
            "孤立公里",
            "不通公里",
            "块数",
            "最大块",
            "居民",
            "距道路过远",
            "数据未覆盖",
        ],
        Lang::En => [
            "mode",
            "usable km",
            "isolated km",
            "closed km",
            "parts",
            "longest",
            "residents",
            "far from a street",
            "outside the data",
        ],
    };
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for mode in [Mode::Walk, Mode::Ebike, Mode::CarBus] {
        let total = ModeTotal::of(streets, mode);
        let of_mode = || snapping.iter().filter(|row| row.mode == mode);
        let any = of_mode().next().is_some();
        let sum = |sum| if any { people(sum) } else { "–".to_owned() };
        rows.push(vec![
            mode_text(mode, lang).to_owned(),
            km(total.usable_km),
            km(total.isolated_km),
            km(total.closed_km),
            show::thousands(total.parts as u64),
            percent(Some(total.longest)),
            sum(of_mode().map(|row| row.residents).sum()),
            sum(of_mode().map(|row| row.unsnapped).sum()),
            sum(of_mode().map(|row| row.roadless).sum()),
        ]);
    }
    let mut align = [Align::Right; 9];
    align[0] = Align::Left;
    show::table(&align, &rows)?;
    Ok(())
}

fn reason_text(reason: &str, lang: Lang) -> &str {
    match reason {
        "open_to_nobody" => lang.pick(
            "条道路无人可用（在建、禁行、轮渡等）",
            "streets that are open to nobody (not built, closed)",
        ),
        "node_missing" => lang.pick("处引用的节点缺失", "references to nodes that are missing"),
        "outside" => lang.pick("处远离城市", "too far from the city for any trip"),
        "no_length" => lang.pick("条没有长度", "without length"),
        other => other,
    }
}

pub(crate) fn mode_text(mode: Mode, lang: Lang) -> &'static str {
    match mode {
        Mode::Walk => lang.pick("步行", "walk"),
        Mode::Ebike => lang.pick("电动自行车", "e-bike"),
        Mode::CarBus => lang.pick("机动车（含公交）", "car or bus"),
    }
}
