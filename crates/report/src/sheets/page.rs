//! One unit's page.

use std::collections::BTreeMap;
use std::fmt::Write;

use fuwutu_io::tables::findings::FindingRow;
use fuwutu_io::words::{Coded, note, short_name};

use super::{facilities, missing, services};
use crate::book::{Book, Place, Served};
use crate::drawing::Atlas;
use crate::foot;
use crate::text::{self, NONE, isolated};
use crate::xml::escape;

/// Causes that are named beside the map.
const CAUSES: usize = 5;
/// Findings that are shown in full.
const FINDINGS: usize = 3;

/// What pages of units have in common, found once.
pub(super) struct Context<'a> {
    pub(super) book: &'a Book,
    atlas: Atlas<'a>,
    places: Vec<Option<&'a Place>>,
    findings: BTreeMap<&'a str, Vec<&'a FindingRow>>,
    communities: Vec<Vec<&'a str>>,
    facilities: Vec<Vec<&'a str>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(book: &'a Book) -> Self {
        let units = book.units.len();
        let mut places = vec![None; units];
        book.places
            .iter()
            .for_each(|place| places[place.unit] = Some(place));
        let mut findings: BTreeMap<&str, Vec<&FindingRow>> = BTreeMap::new();
        for finding in book
            .findings
            .iter()
            .filter(|finding| !finding.id.is_empty())
        {
            findings.entry(&finding.id).or_default().push(finding);
        }
        let mut communities = vec![Vec::new(); units];
        for community in &book.communities {
            community
                .units
                .iter()
                .for_each(|&unit| communities[unit].push(community.code.as_str()));
        }
        let mut facilities = vec![Vec::new(); units];
        for offer in &book.offers {
            if let Some(unit) = offer.unit {
                facilities[unit].push(offer.facility.as_str());
            }
        }
        facilities.iter_mut().for_each(Vec::dedup);
        Self {
            book,
            atlas: Atlas::new(book),
            places,
            findings,
            communities,
            facilities,
        }
    }

    /// Its place in the ranking, where it has one.
    pub(super) fn place(&self, unit: usize) -> Option<&'a Place> {
        self.places[unit]
    }

    /// The facilities that serve the unit with this service.
    pub(super) fn served(&self, unit: usize, service: usize) -> &'a [Served] {
        let rows = &self.book.served;
        let from = rows.partition_point(|served| (served.unit, served.service) < (unit, service));
        let to = rows.partition_point(|served| (served.unit, served.service) <= (unit, service));
        &rows[from..to]
    }

    /// The page of a unit.
    pub(super) fn article(&self, unit: usize) -> String {
        let mut out = format!(
            "<article class=\"sheet\" id=\"{}\">\n",
            anchor(self.book, unit)
        );
        self.head(&mut out, unit);
        let _ = writeln!(
            out,
            "<div class=\"top\"><figure>{}</figure><aside>",
            self.atlas.draw(unit, false)
        );
        self.facts(&mut out, unit);
        out.push_str("</aside></div>\n");
        missing::write(&mut out, self, unit);
        services::write(&mut out, self, unit);
        facilities::write(&mut out, self, unit);
        self.notes(&mut out, unit);
        let _ = writeln!(out, "{}</article>", feet(self.book));
        out
    }

    fn head(&self, out: &mut String, unit: usize) {
        let (book, about) = (self.book, &self.book.units[unit]);
        let township = &book.townships[about.township];
        let _ = writeln!(
            out,
            "<header><div><p>{} <bdi>{}</bdi></p><h1>{}</h1><p>单元 unit <bdi>{}</bdi> · 图号 sheet {} / {}</p></div>\
             <p class=\"badges\"><strong>{}</strong>{}<br>{} {}</p></header>",
            isolated(&township.township_name),
            escape(&township.township),
            isolated(&about.name),
            escape(&about.row.unit),
            unit + 1,
            book.units.len(),
            escape(&foot::standing(book).join(" ")),
            if foot::synthetic(book) {
                "<br><strong>模拟数据 synthetic data</strong>"
            } else {
                ""
            },
            isolated(&book.manifest.round),
            foot::years(book),
        );
    }

    fn facts(&self, out: &mut String, unit: usize) {
        let (book, about) = (self.book, &self.book.units[unit]);
        let years = &book.manifest.years;
        out.push_str("<h2>概况 <small>At a glance</small></h2><dl>");
        let mut fact = |zh: &str, en: &str, value: &str, class: &str| {
            let _ = write!(out, "<dt>{zh} {en}</dt><dd{class}>{value}</dd>");
        };
        let first = " class=\"first\"";
        let small = self.place(unit).is_some_and(|place| place.small);
        fact(
            &format!("常住人口 {}", years[0]),
            "residents",
            &format!("{}{}", text::whole(about.row.residents), text::small(small)),
            first,
        );
        if years.len() > 1 && book.manifest.projection.is_some() {
            let (now, then) = (about.row.residents, about.residents(years.len() - 1));
            fact(
                &format!("预测人口 {}", years[years.len() - 1]),
                "projected",
                &growth(now, then),
                "",
            );
        }
        for (way, zh, en) in [
            (0, "基础服务齐备的居民", "with all basic services"),
            (2, "其中一律步行 15 分钟", "all within 15 min on foot"),
        ] {
            if let Some(line) = book.complete(unit, 0, way) {
                let mean = match line.mean_share {
                    Some(mean) => format!("（完整度 mean {}）", text::percent(Some(mean))),
                    None => String::new(),
                };
                fact(zh, en, &format!("{}{mean}", text::percent(line.share)), "");
            }
        }
        if let Some(place) = self.place(unit) {
            fact(
                "优先次序位次",
                "place by priority",
                &format!("{} / {}", place.place, book.places.len()),
                first,
            );
            if let Some((first_place, last_place)) = place.place_first.zip(place.place_last) {
                fact(
                    "位次区间",
                    "9 in 10 draws",
                    &format!("{first_place} – {last_place}"),
                    "",
                );
                if book.places.len() > 10 {
                    fact(
                        "列入前十",
                        "in the first ten",
                        &text::percent(place.in_first_ten),
                        "",
                    );
                }
            }
            fact(
                "配置优先度",
                "priority score",
                &format!("{:.1}", place.priority),
                "",
            );
            fact(
                "综合缺口率 × 流入系数",
                "need × inflow factor",
                &format!("{:.1} × {:.2}", place.need, place.inflow_factor),
                "",
            );
            fact(
                "依据待核实或建议值的部分",
                "on recalled or proposed standards",
                &text::percent(place.unproven_share),
                "",
            );
            fact(
                "未覆盖人口（累计）",
                "unserved, over services",
                &text::people(place.unserved_residents),
                "",
            );
            fact(
                "按未覆盖人口的位次",
                "place by unserved",
                &place.place_by_unserved.to_string(),
                "",
            );
        } else {
            fact("优先次序位次", "place by priority", NONE, "");
        }
        fact(
            "社区（村）",
            "communities",
            &about.communities.to_string(),
            "",
        );
        out.push_str("</dl>\n");
        if let Some(place) = self.place(unit).filter(|place| place.priority > 0.0) {
            self.causes(out, place);
        }
    }

    fn causes(&self, out: &mut String, place: &Place) {
        out.push_str(
            "<h2>配置优先度的构成 <small>What makes up its priority score</small></h2><ul class=\"causes\">",
        );
        let mut line = |zh: &str, en: &str, part: f64| {
            let share = text::percent(Some(part / place.priority));
            let _ = write!(out, "<li><span>{zh} {en}</span><b>{share}</b></li>");
        };
        for cause in place.causes.iter().take(CAUSES) {
            let name = &self.book.services[cause.service].name;
            line(
                &isolated(short_name(&name.zh)),
                &isolated(short_name(&name.en)),
                cause.part,
            );
        }
        let rest: f64 = place
            .causes
            .iter()
            .skip(CAUSES)
            .map(|cause| cause.part)
            .sum();
        if rest > 0.0 {
            line("其他服务", "other services", rest);
        }
        if place.inflow_part > 0.0 {
            line("人口流入", "people moving in", place.inflow_part);
        }
        out.push_str("</ul>\n");
    }

    fn notes(&self, out: &mut String, unit: usize) {
        let lines = self.note_lines(unit);
        if lines.is_empty() {
            return;
        }
        out.push_str("<h2>数据说明 <small>Notes on the data</small></h2><ul class=\"notes\">");
        lines.iter().for_each(|line| {
            let _ = write!(out, "<li>{line}</li>");
        });
        out.push_str("</ul>\n");
    }

    fn note_lines(&self, unit: usize) -> Vec<String> {
        let (book, about) = (self.book, &self.book.units[unit]);
        let mut lines: Vec<String> = about.notes().map(|code| bilingual(note(code))).collect();
        lines.extend(about.since_last.map(|since| bilingual(since.word().name)));
        if let Some(year) = about.over_cap_year {
            let cap = text::whole(book.manifest.plan.units.cap);
            lines.push(format!("预测 {year} 年起超过人口上限 {cap} projected to exceed the cap of {cap} from {year}"));
        }
        lines.extend(
            foot::without(book)
                .iter()
                .map(|[zh, en]| bilingual([zh, en])),
        );
        lines.extend(self.finding_lines(unit));
        lines
    }

    /// What reading noticed about the unit, its township, its communities and its facilities.
    fn finding_lines(&self, unit: usize) -> Vec<String> {
        let about = &self.book.units[unit];
        let township = about.row.township.as_str();
        let ids = [about.row.unit.as_str(), township].into_iter();
        let ids = ids
            .chain(self.communities[unit].iter().copied())
            .chain(self.facilities[unit].iter().copied());
        let findings: Vec<&FindingRow> = ids
            .filter_map(|id| self.findings.get(id))
            .flatten()
            .copied()
            .collect();
        let mut lines: Vec<String> = findings
            .iter()
            .take(FINDINGS)
            .map(|finding| {
                let FindingRow {
                    id,
                    what,
                    done,
                    说明: what_zh,
                    处理: done_zh,
                    ..
                } = finding;
                let [id, what_zh, done_zh, what, done] =
                    [id, what_zh, done_zh, what, done].map(|part| isolated(part));
                format!("{id}：{what_zh}（{done_zh}） {what} ({done})")
            })
            .collect();
        if let Some(more) = findings
            .len()
            .checked_sub(FINDINGS)
            .filter(|more| *more > 0)
        {
            lines.push(format!(
                "另有 {more} 条，见 findings.csv; {more} more in findings.csv"
            ));
        }
        lines
    }

    /// Its line of the index.
    pub(super) fn index_row(&self, unit: usize) -> String {
        let (book, about) = (self.book, &self.book.units[unit]);
        let place = self.place(unit);
        let last = about.residents(book.manifest.years.len() - 1);
        let cause = place.and_then(|place| place.causes.first());
        let cause = cause.map_or_else(
            || NONE.to_owned(),
            |cause| {
                let name = &book.services[cause.service].name;
                format!(
                    "{} {}",
                    isolated(short_name(&name.zh)),
                    isolated(short_name(&name.en))
                )
            },
        );
        format!(
            "<tr><td class=\"n\">{}</td><td class=\"name\"><a href=\"#{}\">{}</a>{}</td><td><bdi>{}</bdi></td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{cause}</td></tr>\n",
            unit + 1,
            anchor(book, unit),
            isolated(&about.name),
            text::small(place.is_some_and(|place| place.small)),
            escape(&about.row.unit),
            text::whole(about.row.residents),
            text::whole(last),
            place.map_or_else(|| NONE.to_owned(), |place| place.place.to_string()),
            place.map_or_else(
                || NONE.to_owned(),
                |place| place.place_by_unserved.to_string()
            ),
            place.map_or_else(|| NONE.to_owned(), |place| format!("{:.1}", place.priority)),
        )
    }
}

/// Both languages, or one where they say the same.
fn bilingual([zh, en]: [&str; 2]) -> String {
    if zh == en {
        isolated(zh)
    } else {
        format!("{} {}", escape(zh), escape(en))
    }
}

fn anchor(book: &Book, unit: usize) -> String {
    format!(
        "s-{}",
        fuwutu_io::write::file_name("u", &book.units[unit].row.unit)
    )
}

fn growth(now: u64, then: u64) -> String {
    if now == 0 {
        return text::whole(then);
    }
    let rate = then as f64 / now as f64 - 1.0;
    format!("{} ({rate:+.1} %)", text::whole(then), rate = rate * 100.0)
}

/// The footer of a page.
pub(super) fn feet(book: &Book) -> String {
    let lines = foot::lines(book);
    let joined = |language: usize, between: &str| {
        lines
            .iter()
            .map(|line| isolated(&line[language]))
            .collect::<Vec<_>>()
            .join(between)
    };
    format!(
        "<footer><p lang=\"zh\">{}</p><p lang=\"en\">{}</p></footer>",
        joined(0, "；"),
        joined(1, "; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::book;

    #[test]
    fn notes_tell_what_is_unusual_and_what_reading_noticed() {
        let mut book = book();
        book.units[0].over_cap_year = Some(2028);
        let notes = Context::new(&book).note_lines(0).join("\n");
        for words in [
            "拆分",
            "2028 年起超过人口上限 100,000",
            "没有历史人口",
            "没有用路网",
            "F3",
            "没有规模",
        ] {
            assert!(notes.contains(words), "{words} in {notes}");
        }
        assert!(!Context::new(&book).note_lines(1).join("\n").contains("F3"));
    }

    #[test]
    fn growth_of_an_empty_unit_has_no_rate() {
        assert_eq!(
            [growth(60_000, 66_000), growth(0, 5), growth(30_000, 29_000)],
            ["66,000 (+10.0 %)", "5", "29,000 (-3.3 %)"]
        );
    }

    #[test]
    fn a_unit_is_served_by_its_own_rows_alone() {
        let book = book();
        let context = Context::new(&book);
        let offers = |unit, service| {
            context
                .served(unit, service)
                .iter()
                .map(|served| served.offer)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (offers(0, 0), offers(0, 1), offers(1, 0), offers(2, 0)),
            (vec![0], vec![2], vec![0, 1], vec![])
        );
    }
}
