//! `fuwutu units PLAN`

use fuwutu_core::round::{self, Round};
use fuwutu_core::units::{Note, State};
use fuwutu_io::finding::Lang;
use fuwutu_io::tables::units::over_cap_year;
use fuwutu_run::{Evaluation, Extent, Job, OutFolder, PlanFile};

use crate::args::PartArgs;
use crate::shell::{Shell, tell};
use crate::show::{self, Align, people};

pub(crate) fn run(args: &PartArgs, shell: &Shell) -> anyhow::Result<()> {
    let folder = args
        .out
        .as_deref()
        .map(|out| OutFolder::prepare(out, args.overwrite))
        .transpose()?;
    let plan = PlanFile::open(&args.plan.plan)?;
    if let Some(folder) = &folder {
        plan.spared_by(folder)?;
    }
    let job = Job::read(plan, &shell.watcher)?;
    let evaluation = job.evaluate(Extent::Units, &shell.watcher)?;
    if let Some(folder) = folder {
        job.write_units(folder, &evaluation, &shell.watcher)?;
    }
    shell.watcher.done(false);
    tell(&evaluation.findings, &job.catalogue, shell.lang);
    if args.out.is_none() {
        print(&job, &evaluation.round, shell.lang)?;
    }
    summary(&job, &evaluation, shell.lang)
}

fn print(job: &Job, round: &Round, lang: Lang) -> anyhow::Result<()> {
    let header = match lang {
        Lang::Zh => ["单元", "镇（街道）", "人口", "社区", "说明"],
        Lang::En => ["unit", "township", "residents", "communities", "note"],
    };
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for unit in &round.units {
        rows.push(vec![
            unit.id.clone(),
            fuwutu_io::finding::plain(&job.input.city.townships()[unit.township].name),
            people(unit.residents),
            unit.communities.len().to_string(),
            unit.notes
                .iter()
                .map(|note| note_text(*note, lang))
                .collect::<Vec<_>>()
                .join(lang.pick("、", ", ")),
        ]);
    }
    show::table(
        &[
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Left,
        ],
        &rows,
    )?;
    Ok(())
}

fn note_text(note: Note, lang: Lang) -> &'static str {
    match note {
        Note::OverCap => lang.pick("超过上限", "over the cap"),
        Note::SplitCommunity => lang.pick("含拆分社区", "with part of a split community"),
        Note::Detached => lang.pick("含飞地或岛", "with a detached part"),
        Note::Empty => lang.pick("无常住人口", "no residents"),
        Note::NotJoined => lang.pick("边界重叠未合并", "communities overlap, outline not joined"),
    }
}

/// One line on how many units there are and how sure it is that there cannot be fewer.
pub(crate) fn summary(job: &Job, evaluation: &Evaluation, lang: Lang) -> anyhow::Result<()> {
    let round = &evaluation.round;
    let (units, townships) = (round.units.len(), round.divisions.len());
    let proved = round
        .divisions
        .iter()
        .filter(|division| division.proved)
        .count();
    let over = round.units.iter().filter(|unit| unit.over_cap()).count();
    let unusual = [
        Note::SplitCommunity,
        Note::Detached,
        Note::NotJoined,
        Note::Empty,
    ]
    .map(|note| {
        let noted = round.units.iter().filter(|unit| unit.notes.contains(&note));
        (noted.count(), note)
    });
    let plan = &job.plan.units;
    let drawn = plan.most_drawn().0 / 1000;
    let cap = match (drawn == plan.cap, lang) {
        (true, _) => show::thousands(plan.cap),
        (false, Lang::Zh) => {
            let (drawn, cap) = (show::thousands(drawn), show::thousands(plan.cap));
            format!("{drawn}（上限 {cap}，预留后）")
        }
        (false, Lang::En) => {
            let (drawn, cap) = (show::thousands(drawn), show::thousands(plan.cap));
            format!("{drawn}, the cap of {cap} less its headroom,")
        }
    };
    let people = people(round::evaluated_residents(round));
    show::line(&match lang {
        Lang::Zh => format!(
            "{townships} 个镇（街道）的 {people} 人分为 {units} 个单元，每个不超过 {cap} 人（超过上限 {over} 个）；{proved} 个镇（街道）的单元数已证明最少"
        ),
        Lang::En => format!(
            "{people} residents of {townships} townships in {units} units of at most {cap} ({over} over it); in {proved} townships the number of units is the proven minimum"
        ),
    })?;
    for (count, note) in unusual.into_iter().filter(|(count, _)| *count > 0) {
        show::line(&format!("  {count} {}", note_text(note, lang)))?;
    }
    since_last(round, lang)?;
    to_exceed(job, evaluation, lang)
}

/// What became of the last round's units, where they were to be kept.
fn since_last(round: &Round, lang: Lang) -> anyhow::Result<()> {
    let since = || round.units.iter().filter_map(|unit| unit.since);
    let [kept, changed, new] = [State::Kept, State::Changed, State::New]
        .map(|state| since().filter(|since| since.state == state).count());
    if kept + changed + new > 0 {
        let moved = people(since().map(|since| since.moved).sum());
        show::line(&match lang {
            Lang::Zh => {
                format!(
                    "  与上一轮相比：{kept} 个单元不变，{changed} 个调整，{new} 个新设；{moved} 人换了单元"
                )
            }
            Lang::En => format!(
                "  since the last round: {kept} units kept, {changed} changed, {new} new; {moved} residents moved to another"
            ),
        })?;
    }
    Ok(())
}

/// Units that will have more residents than the cap.
fn to_exceed(job: &Job, evaluation: &Evaluation, lang: Lang) -> anyhow::Result<()> {
    let round = &evaluation.round;
    let outcome = job.outcome(evaluation, None);
    let year = |unit: usize| over_cap_year(&outcome, unit).filter(|&year| year > round.years[0]);
    let units = round
        .units
        .iter()
        .enumerate()
        .filter_map(|(position, unit)| Some(format!("{} ({})", unit.id, year(position)?)));
    let units: Vec<String> = units.collect();
    if !units.is_empty() {
        let (count, listed) = (units.len(), units.join(lang.pick("、", ", ")));
        show::line(&match lang {
            Lang::Zh => format!("  {count} 个单元将超过上限：{listed}"),
            Lang::En => format!("  {count} will exceed the cap: {listed}"),
        })?;
    }
    Ok(())
}
