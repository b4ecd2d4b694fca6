//! What a unit lacks, in sentences: the most severe first.

use std::fmt::Write;

use fuwutu_core::supply::presence::Attained;
use fuwutu_io::words::{self, attained, capacity_unit, short_name};

use super::page::Context;
use super::services::is_lower_bound;
use crate::text::{self, isolated};
use crate::xml::escape;
use fuwutu_io::tables::standing::Standing;

/// The number of services that are described in full; of others only the name is given.
const IN_FULL: usize = 3;

/// A share of people out of reach below this is not called a lack.
const FEW: f64 = 0.05;

pub(super) fn write(out: &mut String, context: &Context, unit: usize) {
    out.push_str(
        "<section><h2>缺什么 <small>What is missing（不可达超过 5 %、有未满足需求或配置不达标 \
         over 5 % out of reach, unmet demand, or presence not attained）</small></h2>\n",
    );
    let lacking = lacking(context, unit);
    if lacking.is_empty() {
        let words = nothing(context, unit);
        let _ = writeln!(out, "<p>{words}</p></section>");
        return;
    }
    out.push_str("<ol class=\"lacks\">");
    for &service in lacking.iter().take(IN_FULL) {
        let [zh, en] = sentence(context, unit, service);
        let _ = write!(out, "<li>{zh} <span lang=\"en\">{en}</span></li>");
    }
    out.push_str("</ol>\n");
    if lacking.len() > IN_FULL {
        let names = |language: usize| {
            lacking[IN_FULL..]
                .iter()
                .map(|&service| {
                    let name = &context.book.services[service].name;
                    isolated(short_name([&name.zh, &name.en][language]))
                })
                .collect::<Vec<_>>()
                .join(["、", ", "][language])
        };
        let _ = writeln!(
            out,
            "<p>另外还缺（见下表）：{}。 Also lacking (see the table): {}.</p>",
            names(0),
            names(1)
        );
    }
    out.push_str("</section>\n");
}

/// Why nothing is said to be missing.
fn nothing(context: &Context, unit: usize) -> &'static str {
    let any_judged = (0..context.book.services.len()).any(|service| {
        let now = context.book.standing(unit, service, 0);
        now.coverage.is_some() || now.short_for_certain.is_some() || now.attained.is_some()
    });
    if context.book.units[unit].row.residents == 0 {
        "无常住人口，不作评价。 No residents, not assessed."
    } else if any_judged {
        "在可以评价的服务中没有发现缺项。 Of what could be judged, nothing is missing."
    } else {
        "没有可以评价的数据。 There is nothing that could be judged."
    }
}

/// Services with a shortfall in the base year: in the order of the parts they have in need, then in that of the
/// catalogue.
fn lacking(context: &Context, unit: usize) -> Vec<usize> {
    let mut order: Vec<usize> = context.place(unit).map_or_else(Vec::new, |place| {
        place.causes.iter().map(|cause| cause.service).collect()
    });
    let others = (0..context.book.services.len())
        .filter(|service| !order.contains(service))
        .collect::<Vec<_>>();
    order.extend(others);
    order.retain(|&service| lacks(context.book.standing(unit, service, 0)));
    order
}

fn lacks(standing: &Standing) -> bool {
    let reach = standing
        .coverage
        .is_some_and(|coverage| coverage < 1.0 - FEW);
    let capacity = standing.short_for_certain.is_some_and(|short| short >= 0.5);
    let presence = standing
        .attained
        .is_some_and(|verdict| !matches!(verdict, Attained::Yes | Attained::Unknown));
    reach || capacity || presence
}

/// The shortfall of one service, with all that is known of it.
fn sentence(context: &Context, unit: usize, service: usize) -> [String; 2] {
    let book = context.book;
    let about = &book.services[service];
    let now = book.standing(unit, service, 0);
    let measure = capacity_unit(&about.capacity_unit);
    let mut parts: Vec<[String; 2]> = Vec::new();
    parts.extend(reach(now));
    parts.extend(capacity(now, measure).map(|part| with_later(part, context, unit, service)));
    parts.extend(presence(now));
    let joined = |language: usize, between: &str| {
        parts
            .iter()
            .map(|part| part[language].as_str())
            .collect::<Vec<_>>()
            .join(between)
    };
    [
        format!(
            "<b>{}</b>：{}。",
            isolated(short_name(&about.name.zh)),
            joined(0, "；")
        ),
        format!(
            "<b>{}</b>: {}.",
            isolated(short_name(&about.name.en)),
            joined(1, "; ")
        ),
    ]
}

fn reach(now: &Standing) -> Option<[String; 2]> {
    let coverage = now.coverage.filter(|coverage| *coverage < 1.0)?;
    let share = text::percent(Some(1.0 - coverage));
    // A public edition may give the share alone.
    let (Some(target), Some(covered)) = (now.target_residents, now.covered_residents) else {
        return Some([
            format!("{share} 的服务人口时限内不可达"),
            format!("{share} of the people have none within the limit"),
        ]);
    };
    let (target, number) = (
        text::whole(target),
        text::whole(target.saturating_sub(covered)),
    );
    Some([
        format!("{target} 人中 {number} 人（{share}）时限内不可达"),
        format!("{number} of {target} people ({share}) have none within the limit"),
    ])
}

fn capacity(now: &Standing, [zh, en]: [&str; 2]) -> Option<[String; 2]> {
    let short = now.short_for_certain.filter(|short| *short >= 0.5)?;
    // Where a capacity in reach is not known, so much is missing at least.
    let least = if is_lower_bound(now) {
        ["至少 ", "at least "]
    } else {
        ["", ""]
    };
    let causes = [
        (now.short_none_exists, ["全市没有", "none in the city"]),
        (now.short_none_in_reach, ["时限内没有", "none in reach"]),
        (now.short_full, ["可达的已满", "those in reach are full"]),
    ];
    let parts: Vec<(f64, [&str; 2])> = causes
        .into_iter()
        .filter_map(|(part, words)| Some((part.filter(|part| *part >= 0.5)?, words)))
        .collect();
    let because = |language: usize| match &parts[..] {
        [] => String::new(),
        // The only cause is that of all.
        [(_, words)] => words[language].to_owned(),
        parts => parts
            .iter()
            .map(|(part, words)| format!("{} {}", words[language], text::amount(Some(*part))))
            .collect::<Vec<_>>()
            .join(["，", ", "][language]),
    };
    let (short, demand) = (text::amount(Some(short)), text::amount(now.demand));
    Some([
        format!(
            "需求 {demand} {zh}，未满足 {}{short}{}",
            least[0],
            enclosed(because(0), ["（", "）"])
        ),
        format!(
            "of {demand} {en} needed {}{short} are unmet{}",
            least[1],
            enclosed(because(1), [" (", ")"])
        ),
    ])
}

fn enclosed(text: String, [begin, end]: [&str; 2]) -> String {
    if text.is_empty() {
        text
    } else {
        format!("{begin}{text}{end}")
    }
}

/// A lack of capacity with what it comes to in the last year, where that is known and not the same.
fn with_later(
    [zh, en]: [String; 2],
    context: &Context,
    unit: usize,
    service: usize,
) -> [String; 2] {
    let book = context.book;
    let last = book.manifest.years.len() - 1;
    let short = |year| book.standing(unit, service, year).short_for_certain;
    match (short(0), short(last)) {
        (Some(now), Some(then)) if (now - then).abs() >= 0.5 => {
            let (year, then) = (book.manifest.years[last], text::amount(Some(then)));
            [
                format!("{zh}，{year} 年缺 {then}"),
                format!("{en}, {then} in {year}"),
            ]
        }
        _ => [zh, en],
    }
}

fn presence(now: &Standing) -> Option<[String; 2]> {
    let verdict = now.attained.filter(|verdict| *verdict != Attained::Yes)?;
    let [rule_zh, rule] = words::rule(&now.rule);
    let [zh, en] = attained(verdict);
    let [required, present, enough_count] =
        [now.required, now.present, now.enough].map(Option::unwrap_or_default);
    let [enough_zh, enough] = if verdict == Attained::TooSmall {
        [
            format!("，达到规模的 {enough_count} 处"),
            format!(", {enough_count} large enough"),
        ]
    } else {
        [String::new(), String::new()]
    };
    Some([
        format!(
            "{}应有 {required} 处，现有 {present} 处{enough_zh}（{zh}）",
            escape(&rule_zh)
        ),
        format!(
            "{required} required ({}), {present} present{enough} ({en})",
            escape(&rule)
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::book;

    #[test]
    fn a_sentence_says_who_what_and_why() {
        let book = book();
        let [zh, en] = sentence(&Context::new(&book), 0, 0);
        // 2,000 children, 1,500 covered; demand 1,700, 200 seated; five required, one there; 2029: 2,200 × 0.85 − 200.
        assert_eq!(
            zh,
            "<b><bdi>幼儿园</bdi></b>：2,000 人中 500 人（25.0 %）时限内不可达；需求 1,700 学位，未满足 1,500\
             （时限内没有 100，可达的已满 1,400），2029 年缺 1,670；5 分钟生活圈应有 5 处，现有 1 处（数量不足）。"
        );
        assert!(
            en.contains("500 of 2,000 people (25.0 %)") && en.contains("1,500 are unmet"),
            "{en}"
        );
    }

    #[test]
    fn what_is_not_known_is_no_lack() {
        let mut book = book();
        let count = |book: &crate::book::Book| lacking(&Context::new(book), 1).len();
        assert_eq!(count(&book), 2);
        book.standings
            .iter_mut()
            .for_each(|standing| *standing = Standing::default());
        assert_eq!(count(&book), 0);
    }

    #[test]
    fn where_people_are_left_out_the_share_is_told_alone() {
        let now = Standing {
            coverage: Some(0.75),
            ..Standing::default()
        };
        assert_eq!(reach(&now).unwrap()[0], "25.0 % 的服务人口时限内不可达");
        assert_eq!(
            reach(&Standing {
                coverage: Some(1.0),
                ..Standing::default()
            }),
            None
        );
    }

    #[test]
    fn where_a_capacity_is_not_known_so_much_is_missing_at_least() {
        let now = Standing {
            demand: Some(100.0),
            short_for_certain: Some(40.0),
            seated: None,
            ..Standing::default()
        };
        let [zh, en] = capacity(&now, ["床位", "beds"]).unwrap();
        assert_eq!(
            (zh.as_str(), en.as_str()),
            (
                "需求 100 床位，未满足 至少 40",
                "of 100 beds needed at least 40 are unmet"
            )
        );
        // The public edition leaves out what is seated; the supply still says that every capacity is known.
        let known = Standing {
            supply_inside: Some(60.0),
            ..now
        };
        let [_, en] = capacity(&known, ["床位", "beds"]).unwrap();
        assert_eq!(en, "of 100 beds needed 40 are unmet");
    }
}
