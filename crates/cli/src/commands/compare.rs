//! `fuwutu compare OLD NEW --out DIR`

use std::collections::BTreeMap;
use std::path::Path;

use fuwutu_core::change::{Amount, CAUSES, Cause, FacilityChange, FacilityChangeKind, Figure, Row};
use fuwutu_core::position::ServiceAt;
use fuwutu_core::round::Round;
use fuwutu_io::finding::{Lang, plain};
use fuwutu_io::outcome::{Compared, name_of};
use fuwutu_io::words::short_name;
use fuwutu_run::{OutFolder, PlanFile};

use crate::args::CompareArgs;
use crate::shell::{Shell, tell};
use crate::show::{self, Align, people, thousands};

pub(crate) fn run(args: &CompareArgs, shell: &Shell) -> anyhow::Result<()> {
    let folder = OutFolder::prepare_comparison(&args.out, args.overwrite)?;
    let (old, new) = (plan_of(&args.old)?, plan_of(&args.new)?);
    old.spared_by(&folder)?;
    new.spared_by(&folder)?;
    let rounds = fuwutu_run::compare(old, new, &shell.watcher)?;
    rounds.write(folder, &shell.watcher)?;
    shell.watcher.done(args.timings);
    tell(&rounds.findings, &rounds.new.catalogue, shell.lang);
    summary(&rounds.outcome(), &args.out, shell.lang)
}

/// The plan of a round's folder, or of a plan's file.
fn plan_of(path: &Path) -> Result<PlanFile, fuwutu_run::Error> {
    match path.is_dir() {
        true => PlanFile::of_round(path),
        false => PlanFile::open(path),
    }
}

fn cause_text(cause: Cause, lang: Lang) -> &'static str {
    match cause {
        Cause::Facilities => lang.pick("设施", "facilities"),
        Cause::Population => lang.pick("人口", "population"),
        Cause::Standards => lang.pick("标准", "standards"),
        Cause::Units => lang.pick("单元", "units"),
        Cause::Method => lang.pick("方法", "method"),
    }
}

/// What a planner wants to know first.
fn summary(compared: &Compared, out: &Path, lang: Lang) -> anyhow::Result<()> {
    let [(old, from), (new, to)] =
        [&compared.old, &compared.new].map(|side| (&side.plan.round, side.round.years[0]));
    let (old, new) = (plain(&old.name), plain(&new.name));
    let residents = [&compared.old, &compared.new].map(|side| people(side.city.total_residents()));
    let [before, after] = residents;
    show::line("")?;
    show::line(&match lang {
        Lang::Zh => format!("{old}（{from}）→ {new}（{to}）：人口 {before} → {after}"),
        Lang::En => format!("{old} ({from}) → {new} ({to}): {before} → {after} residents"),
    })?;
    codes(compared, lang)?;
    facilities(&compared.comparison.facilities, lang)?;
    show::line("")?;
    let base = [&compared.old, &compared.new].map(|side| side.round.years[0]);
    services(compared, &compared.comparison.rows, base, lang)?;
    if let Some(horizon) = &compared.comparison.horizon {
        show::line("")?;
        show::line(lang.pick("两轮的预测目标年", "the last years of both rounds"))?;
        facilities(&horizon.facilities, lang)?;
        let last = [&compared.old, &compared.new].map(|side| {
            let years = &side.round.years;
            years[years.len() - 1]
        });
        services(compared, &horizon.rows, last, lang)?;
    }
    only_in_one(compared, lang)?;
    show::line("")?;
    places(compared, lang)?;
    show::line("")?;
    let out = out.display();
    show::line(&match lang {
        Lang::Zh => {
            format!("结果在 {out}：change.csv 按原因分解每项变化，compare.json 记录数据与校验")
        }
        Lang::En => format!(
            "results in {out}: change.csv takes every change apart by cause; compare.json says what it rests on"
        ),
    })?;
    Ok(())
}

/// Townships and communities that were merged, parted or lost; how many only have another code.
fn codes(compared: &Compared, lang: Lang) -> std::io::Result<()> {
    const SHOWN: usize = 5;
    for (township, zh, en) in [
        (true, "镇（街道）", "townships"),
        (false, "社区（村）", "communities"),
    ] {
        let (old, new) = (compared.old.city, compared.new.city);
        let mut by_new: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
        for code in compared
            .comparison
            .codes
            .iter()
            .filter(|code| code.township == township && !code.old.is_empty())
        {
            by_new.entry(&code.new).or_default().push(&code.old);
        }
        let names = |city, codes: &[&str]| -> String {
            codes
                .iter()
                .map(|code| plain(name_of(city, township, code)))
                .collect::<Vec<_>>()
                .join("+")
        };
        let (mut changed, mut renumbered) = (Vec::new(), 0);
        for (codes, mut olds) in by_new {
            // Those that went into one that was there already.
            let host = codes
                .iter()
                .map(String::as_str)
                .filter(|code| !name_of(old, township, code).is_empty());
            olds.extend(host.filter(|code| !olds.contains(code)).collect::<Vec<_>>());
            olds.sort_unstable();
            let news: Vec<&str> = codes.iter().map(String::as_str).collect();
            let went = names(new, &news);
            let went = if news.is_empty() {
                lang.pick("去向不明", "destination unknown")
            } else {
                went.as_str()
            };
            match (olds.len(), news.len()) {
                (1, 1) => renumbered += 1,
                _ => changed.push(format!("{} → {went}", names(old, &olds))),
            }
        }
        if changed.len() + renumbered == 0 {
            continue;
        }
        let more = if changed.len() > SHOWN { "…" } else { "" };
        let (count, shown) = (
            changed.len(),
            changed[..changed.len().min(SHOWN)].join(lang.pick("，", ", ")),
        );
        show::line(&match lang {
            Lang::Zh => {
                format!("{zh}：合并或拆分 {count}（{shown}{more}），仅更换代码 {renumbered}")
            }
            Lang::En => format!(
                "{en}: {count} merged or parted ({shown}{more}), {renumbered} only have another code"
            ),
        })?;
    }
    Ok(())
}

fn facilities(changes: &[FacilityChange], lang: Lang) -> std::io::Result<()> {
    use FacilityChangeKind::{Capacity, Closed, Moved, Opened, Renumbered};
    let [opened, closed, capacity, moved, renumbered] =
        [Opened, Closed, Capacity, Moved, Renumbered].map(|kind| {
            let changes = changes.iter();
            changes.filter(|change| change.kind == kind).count()
        });
    show::line(&match lang {
        Lang::Zh => format!(
            "设施（按服务计）：开放 {opened}，关闭 {closed}，规模变化 {capacity}；搬迁 {moved} 处，更换编号 {renumbered} 处"
        ),
        Lang::En => format!(
            "facilities (a service at a place): {opened} opened, {closed} closed, {capacity} of another capacity; {moved} moved, {renumbered} renumbered"
        ),
    })
}

/// One line a service: what it was and is in the whole city, and what did most of it.
fn services(
    compared: &Compared,
    changes: &[Row],
    [old_year, new_year]: [i32; 2],
    lang: Lang,
) -> std::io::Result<()> {
    let header = match lang {
        Lang::Zh => [
            "服务",
            "",
            "覆盖率",
            "变化",
            "主要因为",
            "缺口",
            "变化",
            "主要因为",
        ],
        Lang::En => [
            "service",
            "",
            "covered",
            "change",
            "mostly by",
            "short",
            "change",
            "mostly by",
        ],
    };
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let years = format!("{old_year} → {new_year}");
    [2, 5]
        .into_iter()
        .for_each(|column| rows[0][column] = format!("{} {years}", rows[0][column]));
    let mut left_out = false;
    let row_of = |service: ServiceAt, figure: Figure| {
        let mut city = changes.iter().take_while(|row| row.unit.is_none());
        city.find(|row| row.service == Some(service) && row.figure == figure)
    };
    for &service in compared.selected {
        let name = &compared.new.catalogue[service].name;
        let (coverage, shortfall) = (
            row_of(service, Figure::Coverage),
            row_of(service, Figure::Shortfall),
        );
        let mut row = vec![short_name(lang.pick(&name.zh, &name.en)).to_owned()];
        row.push(verdict(coverage, shortfall, lang).to_owned());
        row.extend(cells(coverage, &COVERAGE, lang));
        row.extend(cells(shortfall, &SHORTFALL, lang));
        rows.push(row);
        left_out |= shortfall.is_some_and(|row| row.left_out > 0);
    }
    use Align::{Left, Right};
    show::table(&[Left, Left, Right, Right, Left, Right, Right, Left], &rows)?;
    if left_out {
        show::line(lang.pick(
            "≥：缺口不详的单元未计入，变化是其余单元的；不据以判断改善或变差",
            "≥: without the units whose shortfall is not known; the change is that of the others, and makes nothing better or worse",
        ))?;
    }
    Ok(())
}

/// Services that one of the rounds does not have.
fn only_in_one(compared: &Compared, lang: Lang) -> std::io::Result<()> {
    for (zh, en, one, other) in [
        (
            "仅上一轮有的服务：",
            "only in the old round: ",
            compared.old.judged(),
            compared.new.judged(),
        ),
        (
            "仅本轮有的服务：",
            "only in the new round: ",
            compared.new.judged(),
            compared.old.judged(),
        ),
    ] {
        let only = one.iter().filter(|service| !other.contains(service));
        let ids: Vec<String> = only
            .map(|&service| plain(&compared.new.catalogue[service].id))
            .collect();
        if !ids.is_empty() {
            show::line(&format!(
                "{}{}",
                lang.pick(zh, en),
                ids.join(lang.pick("、", ", "))
            ))?;
        }
    }
    Ok(())
}

/// How a figure stands on the screen.
struct Shown {
    /// What a difference is rounded to, in ten-thousandths.
    step: i64,
    /// It, and a difference.
    texts: [fn(Amount) -> String; 2],
}

const COVERAGE: Shown = Shown {
    step: 10,
    texts: [percent, points],
};
const SHORTFALL: Shown = Shown {
    step: 10_000,
    texts: [whole, signed],
};

impl Shown {
    fn rounded(&self, Amount(amount): Amount) -> Amount {
        Amount(amount.saturating_add(amount.signum() * self.step / 2) / self.step * self.step)
    }

    /// New − old.
    fn difference(&self, row: &Row) -> Option<Amount> {
        row.difference().map(|amount| self.rounded(amount))
    }
}

/// Better where one of the two is better by what can be seen, and none is worse. None where a side is not known; a shortfall that leaves
/// units out says nothing.
fn verdict(coverage: Option<&Row>, shortfall: Option<&Row>, lang: Lang) -> &'static str {
    let differences =
        [(coverage, &COVERAGE, 1), (shortfall, &SHORTFALL, -1)].map(|(row, shown, better)| {
            row.filter(|row| row.left_out == 0).map(|row| {
                shown
                    .difference(row)
                    .map(|amount| amount.0.signum() * better)
            })
        });
    let signs: Option<Vec<i64>> = differences.into_iter().flatten().collect();
    let signs = signs.unwrap_or_default();
    match (
        signs.iter().any(|&sign| sign > 0),
        signs.iter().any(|&sign| sign < 0),
    ) {
        _ if signs.is_empty() => "–",
        (false, false) => lang.pick("不变", "same"),
        (true, false) => lang.pick("改善", "better"),
        (false, true) => lang.pick("变差", "worse"),
        (true, true) => lang.pick("互有增减", "mixed"),
    }
}

/// Old → new, the difference, and the cause with the largest part in its direction, if it can be seen. `≥` where units are left
/// out.
fn cells(row: Option<&Row>, shown: &Shown, lang: Lang) -> [String; 3] {
    let dash = || "–".to_owned();
    let Some(row) = row else {
        return [dash(), dash(), String::new()];
    };
    let [amount, difference] = shown.texts;
    let least = if row.left_out > 0 { "≥ " } else { "" };
    let ends = [row.states[0], row.states[CAUSES.len()]];
    let ends = ends.map(|end| end.map_or_else(dash, |end| format!("{least}{}", amount(end))));
    let changed = shown.difference(row);
    let direction = changed.map_or(0, |whole| whole.0.signum());
    let along = |part: Option<Amount>| part.map_or(0, |part| part.0 * direction);
    // The first of equal parts.
    let most = CAUSES
        .into_iter()
        .zip(row.parts())
        .rev()
        .max_by_key(|(_, part)| along(*part));
    let most = most.and_then(|(cause, part)| Some((cause, shown.rounded(part?))));
    let most = most.filter(|(_, part)| along(Some(*part)) > 0);
    let because =
        most.map(|(cause, part)| format!("{} {}", cause_text(cause, lang), difference(part)));
    [
        ends.join(" → "),
        changed.map_or_else(dash, difference),
        because.unwrap_or_default(),
    ]
}

fn percent(amount: Amount) -> String {
    format!("{:.1} %", amount.0 as f64 / 100.0)
}

fn points(amount: Amount) -> String {
    format!("{:+.1}", amount.0 as f64 / 100.0)
}

fn whole(amount: Amount) -> String {
    thousands((amount.0.unsigned_abs() + 5_000) / 10_000)
}

fn signed(amount: Amount) -> String {
    format!("{}{}", if amount.0 < 0 { "-" } else { "+" }, whole(amount))
}

/// The first ten of the new ranking, and where they stood.
fn places(compared: &Compared, lang: Lang) -> std::io::Result<()> {
    let header = match lang {
        Lang::Zh => [
            "位次",
            "上一轮",
            "单元",
            "镇（街道）",
            "配置优先度",
            "上一轮配置优先度",
        ],
        Lang::En => [
            "place",
            "before",
            "unit",
            "township",
            "priority",
            "priority before",
        ],
    };
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (column, side) in [
        (0, &compared.new),
        (1, &compared.old),
        (4, &compared.new),
        (5, &compared.old),
    ] {
        rows[0][column] = format!(
            "{} {}",
            rows[0][column],
            side.round.years[side.round.years.len() - 1]
        );
    }
    for change in compared
        .comparison
        .places
        .iter()
        .filter(|change| change.new.is_some())
        .take(10)
    {
        let place = |position: Option<usize>, round: &Round| {
            position.map(|position| round.places[position].clone())
        };
        let (old, new) = (
            place(change.old, compared.old.round),
            place(change.new, compared.new.round),
        );
        let Some(new) = new else { continue };
        let township = compared.new.round.units[new.unit].township;
        let before = old.map_or(("–".to_owned(), "–".to_owned()), |old| {
            (old.place.to_string(), format!("{:.1}", old.priority))
        });
        rows.push(vec![
            new.place.to_string(),
            before.0,
            plain(&change.unit),
            plain(&compared.new.city.townships()[township].name),
            format!("{:.1}", new.priority),
            before.1,
        ]);
    }
    use Align::{Left, Right};
    show::table(&[Right, Right, Left, Left, Right, Right], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of the whole city with these ends, in ten-thousandths.
    fn row(figure: Figure, old: Option<i64>, new: Option<i64>, left_out: u32) -> Row {
        let mut states = [old.map(Amount); CAUSES.len() + 1];
        states[CAUSES.len()] = new.map(Amount);
        Row {
            unit: None,
            service: Some(ServiceAt(0)),
            figure,
            states,
            left_out,
        }
    }

    #[test]
    fn verdicts_came_from_differences_that_nobody_sees_and_from_figures_that_nobody_knows() {
        let covered = |old, new| row(Figure::Coverage, old, new, 0);
        let short =
            |old: i64, new: i64, left_out| row(Figure::Shortfall, Some(old), Some(new), left_out);
        let verdict_of =
            |coverage: &Row, shortfall: Option<&Row>| verdict(Some(coverage), shortfall, Lang::En);
        // 0.04 of a percent and 0.4 places cannot be seen, 0.05 and 0.5 can.
        let still = covered(Some(5000), Some(5004));
        assert_eq!(verdict_of(&still, Some(&short(10_000, 14_000, 0))), "same");
        assert_eq!(verdict_of(&still, Some(&short(10_000, 15_000, 0))), "worse");
        assert_eq!(verdict_of(&covered(Some(5000), Some(5005)), None), "better");
        assert_eq!(
            verdict_of(
                &covered(Some(5000), Some(5005)),
                Some(&short(10_000, 15_000, 0))
            ),
            "mixed"
        );
        // A shortfall that leaves units out says nothing; a side that is not known leaves no verdict.
        assert_eq!(verdict_of(&still, Some(&short(10_000, 90_000, 1))), "same");
        assert_eq!(
            verdict_of(&covered(None, Some(5000)), Some(&short(10_000, 90_000, 0))),
            "–"
        );
        assert_eq!(verdict(None, None, Lang::En), "–");
    }
}
