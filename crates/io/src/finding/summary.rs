//! Findings as people read them: one line for each kind in each file, with counts by service and the first examples.

use std::collections::BTreeMap;

use fuwutu_core::service::Service;

use super::{Finding, Kind, Lang, Level, file_text, labels, plain, service_name};

/// The findings of one kind and level in one file.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// What follows from them.
    pub level: Level,
    /// What they are about.
    pub kind: Kind,
    /// How many there are.
    pub count: u64,
    /// At least one; in the order in which they were found.
    pub findings: Vec<&'a Finding>,
}

/// So many examples stand in a line.
const EXAMPLES: usize = 3;
/// So many services or values stand in a line.
const LISTED: usize = 16;

/// Findings by level (what needs somebody first), then in the order in which the first of each kind and file was found.
/// O(n log n).
#[must_use]
pub fn lines<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Line<'a>> {
    let mut lines: Vec<Line> = Vec::new();
    let mut known: BTreeMap<(Level, Kind, &str), usize> = BTreeMap::new();
    for finding in findings {
        let (level, kind) = (finding.level(), finding.kind);
        let next = lines.len();
        let at = *known
            .entry((level, kind, finding.file.as_str()))
            .or_insert(next);
        if at == next {
            lines.push(Line {
                level,
                kind,
                count: 0,
                findings: Vec::new(),
            });
        }
        lines[at].count += u64::from(finding.count);
        lines[at].findings.push(finding);
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.level));
    lines
}

impl Line<'_> {
    /// Where, what and how many, without what was done. Services have the names that `catalogue` gives them.
    #[must_use]
    pub fn text(&self, lang: Lang, catalogue: &[Service]) -> String {
        let first = self.findings[0];
        let share = match (first.share, first.service.is_empty()) {
            (Some(share), true) => Some(percent(share)),
            _ => None,
        };
        if self.count == 1 {
            let share = share.map_or_else(String::new, |share| match lang {
                Lang::Zh => format!("（涉及 {share}）"),
                Lang::En => format!(" (concerns {share})"),
            });
            return first.text(lang, catalogue) + &share;
        }
        let (file, what) = (file_text(&first.file, lang), self.kind.what(lang));
        let count = match (lang, share) {
            (Lang::Zh, None) => format!("{} 处", self.count),
            (Lang::Zh, Some(share)) => format!("{} 处，涉及 {share}", self.count),
            (Lang::En, None) => format!("{} times", self.count),
            (Lang::En, Some(share)) => format!("{} times, concerning {share}", self.count),
        };
        let head = match lang {
            Lang::Zh => format!("{file}：{what}（{count}）"),
            Lang::En => format!("{file}: {what} ({count})"),
        };
        let counted = if self.each_a_service() {
            return head + lang.pick("：", ": ") + &self.each_service(lang, catalogue);
        } else if self.of_services() {
            self.services(lang, catalogue)
        } else if labels::counts_values(self.kind) {
            self.values()
        } else {
            String::new()
        };
        let mut parts = vec![counted, self.examples(lang)];
        parts.retain(|part| !part.is_empty());
        if parts.is_empty() {
            return head;
        }
        head + lang.pick("：", ": ") + &parts.join(lang.pick("；", "; "))
    }

    /// What was done, or what to do.
    #[must_use]
    pub fn then(&self, lang: Lang) -> &'static str {
        self.kind.then(lang)
    }

    /// Whether services are named.
    fn of_services(&self) -> bool {
        self.findings.iter().any(|each| !each.service.is_empty())
    }

    /// Whether each is about a service as a whole.
    fn each_a_service(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.all(|each| !each.service.is_empty() && each.id.is_empty() && each.row.is_none())
    }

    /// `Kindergarten 24.5 %, Pharmacy 89.2 %`: each service and its value.
    fn each_service(&self, lang: Lang, catalogue: &[Service]) -> String {
        let label = self.findings[0].value_label(lang);
        let parts = self.findings.iter().map(|finding| {
            let name = service_name(&finding.service, lang, catalogue);
            match finding.value.as_str() {
                "" => name,
                value => format!("{name} `{}`", plain(value)),
            }
        });
        let list = listed(parts, lang.pick("，", ", "));
        let labelled = self.findings.iter().any(|each| !each.value.is_empty());
        match (labelled, lang) {
            (false, _) => list,
            (true, Lang::Zh) => format!("{list}（{label}）"),
            (true, Lang::En) => format!("{list} ({label})"),
        }
    }

    /// `Kindergarten 25 (78 %), Primary school 12 (52 %)`: the most first.
    fn services(&self, lang: Lang, catalogue: &[Service]) -> String {
        let mut counts: BTreeMap<&str, (u64, Option<u32>)> = BTreeMap::new();
        for finding in &self.findings {
            let (count, share) = counts.entry(&finding.service).or_default();
            *count += u64::from(finding.count);
            *share = share.or(finding.share);
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        let parts = counts.iter().map(|(id, (count, share))| {
            let name = service_name(id, lang, catalogue);
            match (lang, share) {
                (_, None) => format!("{name} {count}"),
                (Lang::Zh, Some(share)) => format!("{name} {count}（{}）", percent(*share)),
                (Lang::En, Some(share)) => format!("{name} {count} ({})", percent(*share)),
            }
        });
        listed(parts, lang.pick("，", ", "))
    }

    /// `` `kindergarden` 12, `bus stop` 3 ``: the most first.
    fn values(&self) -> String {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(&finding.value).or_default() += u64::from(finding.count);
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let parts = counts.iter();
        listed(
            parts.map(|(value, count)| format!("`{}` {count}", plain(value))),
            ", ",
        )
    }

    /// The first of them: `row 704 (id …), row 705 (id …), …`.
    fn examples(&self, lang: Lang) -> String {
        let counted = self.of_services() || labels::counts_values(self.kind);
        let first = self.findings.iter().take(EXAMPLES);
        let listed = first.filter_map(|finding| example(finding, counted, lang));
        let listed: Vec<String> = listed.collect();
        if listed.is_empty() {
            return String::new();
        }
        let between = match counted {
            true => lang.pick("、", ", "),
            false => lang.pick("；", "; "),
        };
        let mut list = listed.join(between);
        if self.count > listed.len() as u64 {
            list += between;
            list.push('…');
        }
        match (counted, lang) {
            (false, _) => list,
            (true, Lang::Zh) => format!("如{list}"),
            (true, Lang::En) => format!("such as {list}"),
        }
    }
}

/// `row 704 (id …)`: where it is, and what is known of it; of those that are `counted` by something else, the id alone.
fn example(finding: &Finding, counted: bool, lang: Lang) -> Option<String> {
    let details = if counted {
        let id = &finding.id;
        (!id.is_empty()).then(|| format!("`{}`", plain(id)))
    } else {
        Some(finding.details(lang, &[])).filter(|details| !details.is_empty())
    };
    match (finding.place(lang), details, lang) {
        (Some(place), Some(details), Lang::Zh) => Some(format!("{place}（{details}）")),
        (Some(place), Some(details), Lang::En) => Some(format!("{place} ({details})")),
        (place, details, _) => place.or(details),
    }
}

/// The first parts, and how many more there are.
fn listed(parts: impl ExactSizeIterator<Item = String>, between: &str) -> String {
    let more = parts.len().saturating_sub(LISTED);
    let mut parts: Vec<String> = parts.take(LISTED).collect();
    if more > 0 {
        parts.push(format!("+{more}"));
    }
    parts.join(between)
}

/// A share in millionths as per cent: one decimal below ten.
fn percent(share: u32) -> String {
    let percent = f64::from(share) / 10_000.0;
    match share {
        0..1_000 => "< 0.1 %".to_owned(),
        1_000..100_000 => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Findings;
    use super::super::Scope;
    use super::*;

    /// 40 schools of which 12 give no capacity, and 300 pharmacies of which 3 give none.
    fn findings() -> Vec<Finding> {
        let mut findings = Findings::default();
        findings.whole(Scope::Service("school".to_owned()), 40);
        findings.whole(Scope::Service("pharmacy".to_owned()), 300);
        for (service, row) in [("school", 2..14), ("pharmacy", 14..17)] {
            findings.extend(row.map(|row| {
                Finding::new(Kind::CapacityMissing, "f.csv")
                    .row(row)
                    .service(service)
                    .id(format!("x{row}"))
                    .weight(1)
            }));
        }
        findings.push(Finding::new(Kind::ClassAbsent, "c.geojson").column("class"));
        findings.finish().unwrap()
    }

    #[test]
    fn one_line_a_kind_and_a_decision_only_where_it_decides_something() {
        let findings = findings();
        let lines = lines(&findings);
        let texts: Vec<(Level, String)> = lines
            .iter()
            .map(|line| (line.level, line.text(Lang::En, &[])))
            .collect();
        let what = Kind::CapacityMissing.what(Lang::En);
        // 12 ÷ 40 is 30 %; 3 ÷ 300 is 1 %, which is not more than 1 %.
        let expected = [
            (
                Level::Decision,
                format!(
                    "f.csv: {what} (12 times): school 12 (30 %); such as row 2 (`x2`), row 3 (`x3`), row 4 (`x4`), …"
                ),
            ),
            (
                Level::Notice,
                format!(
                    "f.csv: {what} (3 times): pharmacy 3 (1.0 %); such as row 14 (`x14`), row 15 (`x15`), row 16 (`x16`)"
                ),
            ),
            (
                Level::Notice,
                format!(
                    "c.geojson: {}: column `class`",
                    Kind::ClassAbsent.what(Lang::En)
                ),
            ),
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_share_just_above_the_limit_is_a_decision() {
        for (part, level) in [(10, Level::Notice), (11, Level::Decision)] {
            let finding = Finding::new(Kind::Unsnapped, "r").concerns(part, 1_000);
            assert_eq!(finding.level(), level, "{part}");
        }
        let finding = Finding::new(Kind::Unsnapped, "r").concerns(10_000_001, 1_000_000_000);
        assert_eq!(finding.level(), Level::Decision, "rounded up");
        let unknown = Finding::new(Kind::Unsnapped, "r").concerns(1, 0);
        assert_eq!(unknown.level(), Level::Decision, "a share of nothing");
    }
}
