//! The table of a unit's services.

use std::fmt::Write;

use fuwutu_core::service::Service;
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::standards;
use fuwutu_io::words::{attained, capacity_unit, rule, short_name};

use super::page::Context;
use crate::text::{self, NONE, isolated};
use crate::words;
use crate::xml::escape;
use fuwutu_io::tables::standing::Standing;

pub(super) fn write(out: &mut String, context: &Context, unit: usize) {
    let book = context.book;
    let years = &book.manifest.years;
    let last = years.len() - 1;
    out.push_str("<section class=\"wide\"><h2>各项服务 <small>Services</small></h2>\n");
    head(out, years[0], years[last]);
    for (position, service) in book.services.iter().enumerate() {
        if !book.supplied(position) {
            row_without_data(out, service, book.standing(unit, position, 0));
            continue;
        }
        row(
            out,
            service,
            book.standing(unit, position, 0),
            book.standing(unit, position, last),
        );
    }
    out.push_str("</tbody></table>\n");
    let mut rows = (0..book.services.len()).map(|service| book.standing(unit, service, 0));
    if rows.any(depends_on_spread) {
        out.push_str(
            "<p class=\"note\">≈ 只知道社区总数的居民住在何处不详，覆盖率随其分布而变。\
             <small>≈ of some residents only the community is known: the coverage depends on where in it they live.</small></p>\n",
        );
    }
    out.push_str("</section>\n");
}

fn head(out: &mut String, now: i32, then: i32) {
    let _ = writeln!(
        out,
        "<table><thead><tr><th rowspan=\"2\" scope=\"col\">服务<small>service · 单位 unit</small></th>{}{}{}\
         <th rowspan=\"2\" scope=\"col\">标准与状态<small>standard, status</small></th></tr><tr>{}{}{}{}{}{}{}{}\
         <th scope=\"col\">应有／现有<small>required / present</small></th></tr></thead><tbody>",
        group("覆盖", "reach", 3),
        group("供需", &format!("capacity, {now}"), 5),
        group("配置", "presence", 1),
        column(&now.to_string(), "covered"),
        column(&then.to_string(), "covered"),
        column("未覆盖", &format!("not, {now}")),
        column("需求", "demand"),
        column("单元内", "inside"),
        column("可达供给", "accessible"),
        column("未满足", "unmet"),
        column(&format!("{then} 年缺"), "short then"),
    );
}

fn column(zh: &str, en: &str) -> String {
    format!("<th class=\"n\" scope=\"col\">{zh}<small>{en}</small></th>")
}

fn group(zh: &str, en: &str, columns: u32) -> String {
    format!("<th class=\"g\" colspan=\"{columns}\">{zh} <small>{en}</small></th>")
}

fn row(out: &mut String, service: &Service, now: &Standing, then: &Standing) {
    let measure = capacity_unit(&service.capacity_unit);
    let unit = if service.capacity_unit.is_empty() {
        String::new()
    } else {
        format!(" · {}", escape(measure[0]))
    };
    let short = now.short_for_certain.is_some_and(|short| short >= 0.5);
    let _ = writeln!(
        out,
        "<tr><th scope=\"row\">{}<small>{}{unit}</small></th><td class=\"n\">{}{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
         <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n{}\">{}{}</td><td class=\"n\">{}</td>\
         <td>{}</td><td>{}</td></tr>",
        isolated(short_name(&service.name.zh)),
        isolated(short_name(&service.name.en)),
        if depends_on_spread(now) { "≈ " } else { "" },
        text::percent(now.coverage),
        text::percent(then.coverage),
        text::people(not_covered(now)),
        text::amount(now.demand),
        text::amount(now.supply_inside),
        text::amount(now.supply_received),
        if short { " bad" } else { "" },
        shortage(now),
        why(now),
        shortage(then),
        presence(now),
        standard(service, now.year),
    );
}

/// Whether a hundredth of the target group or more is covered or not as people live here or there in their communities, of whom only
/// these are known.
fn depends_on_spread(standing: &Standing) -> bool {
    let apart = standing.covered_most.zip(standing.covered_least);
    let apart = apart.map(|(most, least)| most.saturating_sub(least));
    let target = standing.target_residents.unwrap_or_default();
    apart.is_some_and(|apart| target > 0 && apart * 100 >= target)
}

/// Nothing is known of the service's facilities: what the norm asks for, and why there is no more.
fn row_without_data(out: &mut String, service: &Service, now: &Standing) {
    let [zh, en] = words::NO_DATA;
    let _ = writeln!(
        out,
        "<tr><th scope=\"row\">{}<small>{}</small></th><td colspan=\"3\">{zh}<small>{en}</small></td><td class=\"n\">{}</td>\
         <td colspan=\"5\">{NONE}</td><td>{}</td></tr>",
        isolated(short_name(&service.name.zh)),
        isolated(short_name(&service.name.en)),
        text::amount(now.demand),
        standard(service, now.year),
    );
}

/// Not the difference of target group and covered: what an edition rounds or leaves out must not come back.
fn not_covered(standing: &Standing) -> Option<u64> {
    Some(standing.too_far_residents? + standing.unsnapped_residents? + standing.roadless_residents?)
}

/// Whether unmet demand is a lower bound: a capacity in reach is not known, and with it the unit's supply. That nobody is reported
/// as seated does not say so, because the public edition leaves that out.
pub(super) fn is_lower_bound(standing: &Standing) -> bool {
    standing.short_for_certain.is_some()
        && standing.seated.is_none()
        && standing.supply_inside.is_none()
}

/// Unmet demand; at least so much where a capacity in reach is not known.
fn shortage(standing: &Standing) -> String {
    let least = if is_lower_bound(standing) { "≥ " } else { "" };
    format!("{least}{}", text::amount(standing.short_for_certain))
}

/// The cause of most of what is missing.
fn why(standing: &Standing) -> String {
    let causes = [
        (standing.short_none_exists, "全市无 none"),
        (standing.short_none_in_reach, "太远 too far"),
        (standing.short_full, "已满 full"),
    ];
    let parts = causes
        .into_iter()
        .filter_map(|(part, words)| Some((part.filter(|part| *part >= 0.5)?, words)));
    parts
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, words)| format!("<small>{words}</small>"))
}

fn presence(standing: &Standing) -> String {
    let Some(verdict) = standing.attained else {
        return NONE.to_owned();
    };
    let ([zh, en], [rule, _]) = (attained(verdict), rule(&standing.rule));
    let bad = if matches!(verdict, Attained::Yes | Attained::Unknown) {
        "verdict"
    } else {
        "verdict bad"
    };
    format!(
        "<span class=\"{bad}\">{zh} <span>{en}</span></span><small>{} {} / {}</small>",
        escape(&rule),
        standing.required.unwrap_or_default(),
        standing.present.unwrap_or_default()
    )
}

/// The standard's figures with how well they are established, and by what.
fn standard(service: &Service, base_year: i32) -> String {
    let [zh, en] = standards::status(service, base_year);
    let parts = [words::limits(service), words::norm(service)];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .map(|[zh, _]| format!("<span class=\"part\">{}</span>", escape(&zh)))
        .collect();
    format!(
        "{}<small>{} {}</small>",
        parts.join("；"),
        escape(&zh),
        escape(&en)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::book;

    fn table(unit: usize) -> String {
        let book = book();
        let mut out = String::new();
        write(&mut out, &Context::new(&book), unit);
        out
    }

    #[test]
    fn a_row_has_what_the_round_says() {
        let table = table(0);
        for cell in [
            "75.0 %",
            "68.2 %",
            ">500<",
            ">1,700<",
            ">800<",
            ">600<",
            "1,500<small>已满 full",
            ">1,670<",
            "5 分钟生活圈 5 / 1",
        ] {
            assert!(table.contains(cell), "{cell} in {table}");
        }
    }

    #[test]
    fn a_service_without_data_says_so_and_no_figure_but_its_demand() {
        let mut book = book();
        crate::testing::without_data(&mut book, "kindergarten");
        let mut out = String::new();
        write(&mut out, &Context::new(&book), 0);
        let row = out
            .split("<tr>")
            .find(|row| row.contains("幼儿园"))
            .unwrap();
        assert!(row.contains("未提供数据<small>no data"), "{row}");
        assert!(row.contains(">1,700<") && !row.contains("75.0 %"), "{row}");
    }

    #[test]
    fn a_service_without_a_capacity_or_rule_has_dashes() {
        let table = table(0);
        let market = table
            .split("<tr>")
            .find(|row| row.contains("菜市场"))
            .unwrap();
        assert_eq!(market.matches(">–<").count(), 6, "{market}");
    }
}
