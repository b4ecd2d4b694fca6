//! Rows of a table that are no things of their own: sums, notes, footers and examples; and whether sums add up.

use crate::finding::{Finding, Findings, Kind};
use crate::headers;
use crate::table::clean;

/// What a row is that is no thing of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aside {
    /// The sum of some rows (`小计`).
    Part,
    /// The sum of all rows (`合计`, `Total`), or of more than some.
    Whole,
    /// A note or a footer.
    Note,
    /// The example of a template (`示例`).
    Example,
}

impl Aside {
    pub(crate) fn is_sum(self) -> bool {
        matches!(self, Self::Part | Self::Whole)
    }
}

/// What a row is by its first cells that say something; `None` for a thing of its own. Before the word may stand a number of the row,
/// or the name of what is summed up: `12, 合计` and `东街, 小计` are sums, as is `东街小计`.
pub(crate) fn aside(record: &csv::StringRecord) -> Option<Aside> {
    let mut cells = record.iter().map(clean).filter(|cell| !cell.is_empty());
    let first = cells.next()?;
    if first.is_ascii() {
        // Nearly all rows begin with an id.
        if let Some(sum) = sum_in_english(first) {
            return Some(sum);
        }
        let number = first.len() <= 5 && first.bytes().all(|byte| byte.is_ascii_digit());
        let second = cells.next().filter(|second| number && !second.is_ascii());
        return second.and_then(|second| sum(second, true));
    }
    // With an id behind it: places may be called so.
    let id = first.strip_prefix(crate::read::template::EXAMPLE);
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if id.is_some_and(is_id) {
        return Some(Aside::Example);
    }
    let second = cells.next();
    let alone = || second.is_none();
    sum(first, true)
        .or_else(|| second.and_then(|second| sum(second, false)))
        .or_else(|| note(first, alone()).then_some(Aside::Note))
}

fn sum_in_english(cell: &str) -> Option<Aside> {
    const LONGEST: usize = 12;
    if cell.len() > LONGEST || !cell.starts_with(['t', 'T', 's', 'S', 'g', 'G']) {
        return None;
    }
    match cell.trim_end_matches(':').to_ascii_lowercase().as_str() {
        "subtotal" | "sub-total" | "sub total" => Some(Aside::Part),
        "total" | "totals" | "sum" | "grand total" => Some(Aside::Whole),
        _ => None,
    }
}

/// A word for a sum, or what ends with one where that is allowed: `武侯区小计`, `合 计：`, `总计（人）`.
fn sum(cell: &str, ending: bool) -> Option<Aside> {
    const SUMS: [(&str, Aside); 5] = [
        ("小计", Aside::Part),
        ("合计", Aside::Whole),
        ("总计", Aside::Whole),
        ("累计", Aside::Whole),
        ("共计", Aside::Whole),
    ];
    const LONGEST: usize = 90;
    if cell.len() > LONGEST {
        return None;
    }
    let word = headers::parts(cell).name;
    let word = word.trim_end_matches(':');
    let found = SUMS.iter().find(|(sum, _)| word.ends_with(sum));
    let found = found.filter(|(sum, _)| ending || word == *sum);
    // What a page adds up is a part.
    found.map(|&(_, sum)| match word.starts_with("本页") {
        true => Aside::Part,
        false => sum,
    })
}

/// Whether a cell begins a note that stands `alone`, or a footer, whatever stands beside it.
fn note(cell: &str, alone: bool) -> bool {
    const NOTES: [&str; 7] = ["注", "备注", "附注", "说明", "资料来源", "数据来源", "单位"];
    const FOOTERS: [&str; 17] = [
        "填报单位",
        "填报人",
        "填报时间",
        "填报日期",
        "填表单位",
        "填表人",
        "填表时间",
        "填表日期",
        "审核人",
        "审核",
        "单位负责人",
        "负责人",
        "制表人",
        "制表时间",
        "联系人",
        "联系电话",
        "统计负责人",
    ];
    let begins = |word: &str| {
        let rest = cell.strip_prefix(word)?;
        let rest = rest.trim_start_matches(|sign: char| sign.is_ascii_digit());
        Some(rest.trim_start().starts_with(['：', ':']))
    };
    let any = |words: &[&str]| words.iter().any(|word| begins(word) == Some(true));
    any(&FOOTERS) || alone && any(&NOTES)
}

/// A row of sums, and what stands above it.
struct Sum {
    line: u64,
    kind: Aside,
    /// By column: what it says.
    written: Vec<Option<f64>>,
    /// By column: the sum of all rows above that are none.
    above: Vec<f64>,
}

/// The sums of a table, as they are read row by row.
pub(crate) struct Sums {
    /// Names of the columns that are added up.
    columns: Vec<String>,
    total: Vec<f64>,
    sums: Vec<Sum>,
}

/// More rows of sums than these are no ledger's; they are passed over.
const MOST_SUMS: usize = 10_000;

impl Sums {
    pub(crate) fn new(columns: Vec<String>) -> Self {
        Self {
            total: vec![0.0; columns.len()],
            columns,
            sums: Vec::new(),
        }
    }

    /// Adds a row of sums, or one that is none.
    pub(crate) fn add(&mut self, line: u64, kind: Option<Aside>, numbers: Vec<Option<f64>>) {
        match kind {
            None => {
                for (total, number) in self.total.iter_mut().zip(numbers) {
                    *total += number.unwrap_or(0.0);
                }
            }
            Some(kind) if kind.is_sum() && self.sums.len() < MOST_SUMS => self.sums.push(Sum {
                line,
                kind,
                written: numbers,
                above: self.total.clone(),
            }),
            Some(_) => {}
        }
    }

    /// Tells of each sum that no rows add up to: those since the last sum, since the last one of its kind, all above it, all below it to
    /// the next sum, and all there are.
    pub(crate) fn differences(&self, file: &str, findings: &mut Findings) {
        for (at, sum) in self.sums.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &self.sums[before].above);
            let same = self.sums[..at].iter().rfind(|other| other.kind == sum.kind);
            let next = self
                .sums
                .get(at + 1)
                .map_or(&self.total, |next| &next.above);
            for (column, name) in self.columns.iter().enumerate() {
                let Some(written) = sum.written[column] else {
                    continue;
                };
                let above = sum.above[column];
                let all = self.total[column];
                let since = |from: Option<f64>| above - from.unwrap_or(0.0);
                let last = since(before.map(|before| before[column]));
                let alike = since(same.map(|same| same.above[column]));
                let ways = [last, alike, above, next[column] - above, all - above, all];
                // Sums of people and places are whole; of areas they are rounded.
                let near = |way: &f64| (way - written).abs() <= 0.5 + 1e-9 * written.abs();
                if ways.iter().any(near) {
                    continue;
                }
                let expected = match (sum.kind, above > 0.0) {
                    (_, false) => all,
                    (Aside::Part, _) => last,
                    _ => above,
                };
                let finding = Finding::new(Kind::SumRowDiffers, file).row(sum.line);
                let (written, expected, difference) =
                    (short(written), short(expected), short(written - expected));
                findings.push(
                    finding
                        .column(&**name)
                        .value(format!("{written} ≠ {expected} ({difference})")),
                );
            }
        }
    }
}

/// With three decimals at most.
fn short(number: f64) -> String {
    format!("{}", (number * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_notes_and_examples_are_told_from_rows() {
        for (row, expected) in [
            (vec!["合计", "", "900"], Some(Aside::Whole)),
            (vec!["合 计：", "900"], Some(Aside::Whole)),
            (vec!["总计（人）", "900"], Some(Aside::Whole)),
            (vec!["武侯区小计", "900"], Some(Aside::Part)),
            (vec!["本页合计", "900"], Some(Aside::Part)),
            (vec!["12", "合计", "900"], Some(Aside::Whole)),
            (vec!["", "累计", "900"], Some(Aside::Whole)),
            (vec!["东街街道", "小计", "900"], Some(Aside::Part)),
            (vec!["Sub-total", "900"], Some(Aside::Part)),
            (vec!["TOTAL:", "900"], Some(Aside::Whole)),
            (vec!["注：截至年末", ""], Some(Aside::Note)),
            (vec!["注1：截至年末"], Some(Aside::Note)),
            (vec!["审核人：甲", "填报人：乙", "2021"], Some(Aside::Note)),
            (vec!["填报时间: 2021年"], Some(Aside::Note)),
            (vec!["示例f001", "第一小学"], Some(Aside::Example)),
            (vec!["东街街道", "合计社区", "900"], None),
            (vec!["510104001001", "小计", "900"], None),
            (vec!["单位：某小学", "primary_school"], None),
            (vec!["s1", "x"], None),
            (vec!["1", "东街"], None),
            (vec!["total school", "x"], None),
            (vec!["设计院", "900"], None),
        ] {
            let record = csv::StringRecord::from(row.clone());
            assert_eq!(aside(&record), expected, "{row:?}");
        }
    }

    fn differences(rows: &[(Option<Aside>, f64)]) -> Vec<(u64, String)> {
        let mut sums = Sums::new(vec!["residents".to_owned()]);
        for ((kind, number), line) in rows.iter().zip(1..) {
            sums.add(line, *kind, vec![Some(*number)]);
        }
        let mut findings = Findings::default();
        sums.differences("a", &mut findings);
        let found = findings.finish().unwrap().into_iter();
        found.map(|each| (each.row.unwrap(), each.value)).collect()
    }

    #[test]
    fn sums_that_do_not_add_up_are_told_with_the_difference() {
        let (part, whole) = (Some(Aside::Part), Some(Aside::Whole));
        let rows = [
            (None, 900.0),
            (None, 1000.0),
            (part, 1900.0),
            (None, 800.0),
            (part, 800.0),
            (whole, 2710.0),
        ];
        assert_eq!(differences(&rows), [(6, "2710 ≠ 2700 (10)".to_owned())]);
        // Sums of townships above their communities, and that of the city above all.
        let above = [
            (whole, 2700.0),
            (part, 1900.0),
            (None, 900.0),
            (None, 1000.0),
            (part, 800.0),
            (None, 800.0),
        ];
        assert_eq!(differences(&above), []);
        let wrong = [
            (part, 1900.0),
            (None, 900.0),
            (None, 1001.0),
            (part, 800.0),
            (None, 800.0),
        ];
        assert_eq!(differences(&wrong).len(), 1);
    }
}
