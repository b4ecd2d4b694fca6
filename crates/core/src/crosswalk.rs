//! A crosswalk (区划代码变更对照表): which codes of townships and communities went over into which, with what share of the residents,
//! and when. It carries figures of an earlier date into today's codes.

use std::collections::BTreeMap;

use crate::quantity::Residents;

/// Shares of one code and date may add up to 1 within this: three decimals are written, as in 0.333 for each of three. They
/// are then scaled to 1.
pub const TOLERANCE: f64 = 0.001;

/// A date whose month and day may be unknown; it then comes before all others of its year (or month).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(i32);

impl Date {
    /// A year, with or without month and day, as offices and their programs write it: `2024`, `2024-07`, `2024-07-01`, the same with
    /// strokes or full stops, `2024年7月1日`, `20240701`, with a time behind the day, and `2024.0`, which is a year that was made a number.
    /// Years from 1900 to 2200. `None` for anything else.
    ///
    /// ```
    /// use fuwutu_core::crosswalk::Date;
    /// assert_eq!(Date::parse("2024-07-01").map(Date::year), Some(2024));
    /// assert_eq!(Date::parse("2024年7月"), Date::parse("2024/07"));
    /// assert_eq!(Date::parse("2024.0"), Date::parse("2024年"));
    /// assert!(Date::parse("2024") < Date::parse("2024/7"));
    /// assert_eq!(Date::parse("2024-13"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_time = |text: &str| text.bytes().all(|byte| b"0123456789:.".contains(&byte));
        let text = match text.split_once([' ', 'T']) {
            Some((day, time)) if is_time(time) => day,
            _ => text,
        };
        let fields: Vec<&str> = match text.len() {
            6 | 8 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                let (year, rest) = text.split_at(4);
                let (month, day) = rest.split_at(2);
                [year, month, day]
                    .into_iter()
                    .filter(|field| !field.is_empty())
                    .collect()
            }
            _ => text
                .trim_end_matches(['年', '月', '日', '号'])
                .split(['-', '/', '.', '年', '月'])
                .collect(),
        };
        let number = |at: usize, least: i32, most: i32| match fields.get(at) {
            None => Some(0),
            Some(field) if field.bytes().all(|byte| byte.is_ascii_digit()) => {
                let number = field.parse().ok()?;
                (least..=most).contains(&number).then_some(number)
            }
            Some(_) => None,
        };
        // The nought of a number with a decimal point is no month.
        if let &[year, "0" | "00"] = &fields[..]
            && text.contains('.')
        {
            return Self::parse(year);
        }
        let (year, month, day) = (number(0, 1900, 2200)?, number(1, 1, 12)?, number(2, 1, 31)?);
        (fields.len() <= 3).then_some(Self((year * 100 + month) * 100 + day))
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0 / 10_000
    }

    /// Before all dates of the year after `year`.
    fn after(year: i32) -> Self {
        Self(year.saturating_add(1).clamp(0, 9_999) * 10_000)
    }

    fn following(self) -> Self {
        Self(self.0 + 1)
    }
}

/// One row: at `date` a part of the residents of `old` came to `new`.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The code before.
    pub old: String,
    /// The code after; the same where a part stays.
    pub new: String,
    /// The part of the residents, above 0 and at most 1.
    pub share: f64,
    /// When.
    pub date: Date,
}

/// A row that is not valid.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Position of the row among the changes.
    pub at: usize,
    /// The problem.
    pub kind: FaultKind,
}

/// The problem of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// The share is not above 0 and at most 1.
    Share,
    /// Old code, new code and date stand in an earlier row, too (by position).
    Twice(usize),
    /// The shares of the row's old code at its date add up to this; reported at the first of them.
    Sum(f64),
}

/// Figures hold in the codes of the end of a year: changes apply that are dated after the year `after` and up to the end of
/// the year `upto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The year of the figures; `i32::MIN` where it is not known, and all changes apply.
    pub after: i32,
    /// The year of the codes that are wanted.
    pub upto: i32,
}

/// New codes in order, with weights in billionths: all changes of one code at one date.
type Split = Vec<(String, u64)>;

/// Checked changes.
///
/// Invariant: the weights of a split are above 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crosswalk {
    splits: BTreeMap<String, BTreeMap<Date, Split>>,
}

impl Crosswalk {
    /// Checks `changes`, in any order. O(n log n).
    ///
    /// # Errors
    /// All rows that are not valid, in their order: a share not above 0 and at most 1, a repeated row, shares that do not add up
    /// to 1 within [`TOLERANCE`].
    pub fn new(changes: &[Change]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut rows: BTreeMap<(Date, &str), Vec<usize>> = BTreeMap::new();
        let mut first: BTreeMap<(Date, &str, &str), usize> = BTreeMap::new();
        for (change, row) in changes.iter().zip(0..) {
            if !(change.share > 0.0 && change.share <= 1.0) {
                faults.push(Fault {
                    at: row,
                    kind: FaultKind::Share,
                });
            }
            match first.insert((change.date, &change.old, &change.new), row) {
                Some(earlier) => faults.push(Fault {
                    at: row,
                    kind: FaultKind::Twice(earlier),
                }),
                None => rows
                    .entry((change.date, &change.old))
                    .or_default()
                    .push(row),
            }
        }
        if faults.is_empty() {
            for of_code in rows.values() {
                let sum: f64 = of_code.iter().map(|&row| changes[row].share).sum();
                if (sum - 1.0).abs() > TOLERANCE + 1e-9 {
                    faults.push(Fault {
                        at: of_code[0],
                        kind: FaultKind::Sum(sum),
                    });
                }
            }
        }
        if !faults.is_empty() {
            faults.sort_by_key(|fault| fault.at);
            return Err(faults);
        }
        let mut crosswalk = Self::default();
        for ((date, code), rows) in rows {
            let part = |&row: &usize| {
                let Change { new, share, .. } = &changes[row];
                (new.clone(), (share * 1e9).round().max(1.0) as u64)
            };
            let mut parts: Split = rows.iter().map(part).collect();
            parts.sort_unstable();
            let of_code = crosswalk.splits.entry(code.to_owned()).or_default();
            of_code.insert(date, parts);
        }
        Ok(crosswalk)
    }

    /// `amount` people counted under `code` at the end of `span.after`, by the codes they have at the end of `span.upto`, in
    /// order. The parts add up to `amount` exactly: each change gives the rounded differences of the running sum of its
    /// shares. A code that nothing happened to keeps them all.
    ///
    /// Changes of one date apply at once, to the codes before it: two codes may be exchanged on one day, and what comes to a code
    /// on the day on which it is parted is not parted with it. Those of different dates follow each other.
    /// O(changes on the way).
    #[must_use]
    pub fn carry<'a>(
        &'a self,
        code: &'a str,
        amount: Residents,
        span: Span,
    ) -> BTreeMap<&'a str, Residents> {
        let mut done: BTreeMap<&str, Residents> = BTreeMap::new();
        // What is still to be parted, the earliest first: by then all that comes to it has come.
        let mut open: BTreeMap<(Date, &str), Residents> = BTreeMap::new();
        let mut put = |code: &'a str, amount, from, open: &mut BTreeMap<_, Residents>| match self
            .next(code, from, span.upto)
        {
            Some((date, _)) => *open.entry((date, code)).or_default() += amount,
            None => *done.entry(code).or_default() += amount,
        };
        put(code, amount, Date::after(span.after), &mut open);
        while let Some(((date, code), amount)) = open.pop_first() {
            let parts = &self.splits[code][&date];
            let whole: u128 = parts.iter().map(|part| u128::from(part.1)).sum();
            let (mut sum, mut given) = (0, 0);
            for (new, weight) in parts {
                sum += u128::from(*weight);
                let until = ((u128::from(amount.0) * sum * 2 + whole) / (whole * 2)) as u64;
                put(new, Residents(until - given), date.following(), &mut open);
                given = until;
            }
        }
        done
    }

    /// The one code that all people of `code` went over to; `None` where they were parted, or stayed.
    #[must_use]
    pub fn only<'a>(&'a self, code: &'a str, span: Span) -> Option<&'a str> {
        let parts = self.carry(code, Residents(1_000_000_000), span);
        match (parts.len(), parts.into_keys().next()) {
            (1, Some(new)) if new != code => Some(new),
            _ => None,
        }
    }

    /// Whether anything happened to `code`.
    #[must_use]
    pub fn changes(&self, code: &str, span: Span) -> bool {
        self.next(code, Date::after(span.after), span.upto)
            .is_some()
    }

    /// Whether anything happened to `code` after a date, up to the end of the year `upto`.
    #[must_use]
    pub fn changes_after(&self, code: &str, date: Date, upto: i32) -> bool {
        self.next(code, date.following(), upto).is_some()
    }

    /// The first change of a code from `from` on, up to the end of a year.
    fn next(&self, code: &str, from: Date, upto: i32) -> Option<(Date, &Split)> {
        let (&date, split) = self.splits.get(code)?.range(from..).next()?;
        (date.year() <= upto).then_some((date, split))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Span = Span {
        after: i32::MIN,
        upto: 2026,
    };

    fn change(old: &str, new: &str, share: f64, date: &str) -> Change {
        Change {
            old: old.into(),
            new: new.into(),
            share,
            date: Date::parse(date).unwrap(),
        }
    }

    fn crosswalk(rows: &[(&str, &str, f64, &str)]) -> Crosswalk {
        let changes: Vec<Change> = rows
            .iter()
            .map(|&(old, new, share, date)| change(old, new, share, date))
            .collect();
        Crosswalk::new(&changes).unwrap()
    }

    fn carried(crosswalk: &Crosswalk, code: &str, amount: u64, span: Span) -> Vec<(String, u64)> {
        crosswalk
            .carry(code, Residents(amount), span)
            .into_iter()
            .map(|(code, part)| (code.to_owned(), part.0))
            .collect()
    }

    fn faults(rows: &[(&str, &str, f64, &str)]) -> Vec<(usize, FaultKind)> {
        let changes: Vec<Change> = rows
            .iter()
            .map(|&(old, new, share, date)| change(old, new, share, date))
            .collect();
        Crosswalk::new(&changes)
            .unwrap_err()
            .into_iter()
            .map(|fault| (fault.at, fault.kind))
            .collect()
    }

    #[test]
    fn parts_add_up_exactly_and_follow_the_dates() {
        // 10 by 1 : 1 : 1 is 3 (3.33), 4 (up to 6.67), 3.
        let thirds = crosswalk(&[
            ("a", "x", 0.333, "2024"),
            ("a", "y", 0.333, "2024"),
            ("a", "z", 0.333, "2024"),
        ]);
        assert_eq!(
            carried(&thirds, "a", 10, ALL),
            [("x".into(), 3), ("y".into(), 4), ("z".into(), 3)]
        );
        // 100 in a: 60 stay, 40 go to b in 2021; all of b goes to c in 2024, and half of that to d in 2025.
        let chain = crosswalk(&[
            ("c", "d", 0.5, "2025-03"),
            ("c", "c", 0.5, "2025-03"),
            ("b", "c", 1.0, "2024-07-01"),
            ("a", "a", 0.6, "2021"),
            ("a", "b", 0.4, "2021"),
        ]);
        assert_eq!(
            carried(&chain, "a", 100, ALL),
            [("a".into(), 60), ("c".into(), 20), ("d".into(), 20)]
        );
        assert_eq!(
            carried(
                &chain,
                "a",
                100,
                Span {
                    after: 2020,
                    upto: 2024
                }
            ),
            [("a".into(), 60), ("c".into(), 40)]
        );
        // Figures of 2021 are in the codes of its end.
        assert_eq!(
            carried(
                &chain,
                "a",
                100,
                Span {
                    after: 2021,
                    upto: 2026
                }
            ),
            [("a".into(), 100)]
        );
        assert_eq!(
            (
                chain.only(
                    "b",
                    Span {
                        after: 2020,
                        upto: 2024
                    }
                ),
                chain.only("a", ALL)
            ),
            (Some("c"), None)
        );
        assert_eq!(chain.only("nowhere", ALL), None);
    }

    #[test]
    fn changes_of_one_day_apply_at_once_and_codes_may_be_used_again_later() {
        let day = crosswalk(&[("a", "b", 1.0, "2024"), ("b", "c", 1.0, "2024")]);
        assert_eq!(
            (day.only("a", ALL), day.only("b", ALL)),
            (Some("b"), Some("c"))
        );
        // Codes that are exchanged, and three that go round.
        let swap = crosswalk(&[("a", "b", 1.0, "2024"), ("b", "a", 1.0, "2024")]);
        assert_eq!(
            (swap.only("a", ALL), swap.only("b", ALL)),
            (Some("b"), Some("a"))
        );
        let round = crosswalk(&[
            ("a", "b", 1.0, "2024-05"),
            ("b", "c", 1.0, "2024-05"),
            ("c", "a", 1.0, "2024-05"),
        ]);
        let became = ["a", "b", "c"].map(|code| round.only(code, ALL));
        assert_eq!(became, [Some("b"), Some("c"), Some("a")]);
        // A tenth of a goes to b, a fifth of which goes to c on that day: of those who were there before.
        let chain = crosswalk(&[
            ("a", "a", 0.9, "2024"),
            ("a", "b", 0.1, "2024"),
            ("b", "b", 0.8, "2024"),
            ("b", "c", 0.2, "2024"),
        ]);
        assert_eq!(
            carried(&chain, "a", 1000, ALL),
            [("a".into(), 900), ("b".into(), 100)]
        );
        assert_eq!(
            carried(&chain, "b", 1000, ALL),
            [("b".into(), 800), ("c".into(), 200)]
        );
        // Days of one year follow each other.
        let days = crosswalk(&[("a", "b", 1.0, "2024-07-01"), ("b", "c", 1.0, "2024-07-02")]);
        assert_eq!(days.only("a", ALL), Some("c"));
        let again = crosswalk(&[("a", "b", 1.0, "2018"), ("c", "a", 1.0, "2022")]);
        assert_eq!(
            (again.only("a", ALL), again.only("c", ALL)),
            (Some("b"), Some("a"))
        );
        let back = crosswalk(&[("a", "b", 1.0, "2018"), ("b", "a", 1.0, "2022")]);
        assert_eq!(
            (back.only("a", ALL), back.only("b", ALL)),
            (None, Some("a"))
        );
    }

    #[test]
    fn any_permutation_of_codes_on_one_day_moves_each_once() {
        for shift in 1..7 {
            let names: Vec<String> = (0..7).map(|code| format!("c{code}")).collect();
            let rows: Vec<Change> = (0..7)
                .map(|code| change(&names[code], &names[(code + shift) % 7], 1.0, "2018"))
                .collect();
            let crosswalk = Crosswalk::new(&rows).unwrap();
            for code in 0..7 {
                let wanted = names[(code + shift) % 7].as_str();
                assert_eq!(crosswalk.only(&names[code], ALL), Some(wanted));
            }
        }
    }

    #[test]
    fn rows_that_cannot_be_are_told_each() {
        assert_eq!(
            faults(&[("a", "b", 0.0, "2024"), ("a", "c", 1.5, "2024")]),
            [(0, FaultKind::Share), (1, FaultKind::Share)]
        );
        assert_eq!(
            faults(&[("a", "b", f64::NAN, "2024")]),
            [(0, FaultKind::Share)]
        );
        assert_eq!(
            faults(&[("a", "b", 0.5, "2024"), ("a", "c", 0.25, "2024")]),
            [(0, FaultKind::Sum(0.75))]
        );
        assert_eq!(
            faults(&[("a", "b", 1.0, "2024"), ("a", "b", 1.0, "2024")]),
            [(1, FaultKind::Twice(0))]
        );
    }

    #[test]
    fn many_ways_to_one_code_take_no_longer_than_there_are_changes() {
        // Sixty layers of two codes that both go half to each of the next two: 2^60 ways.
        let mut rows = Vec::new();
        for layer in 0..60 {
            for (from, to) in [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")] {
                rows.push(change(
                    &format!("{from}{layer}"),
                    &format!("{to}{}", layer + 1),
                    0.5,
                    &format!("{}-{:02}", 1960 + layer / 12, 1 + layer % 12),
                ));
            }
        }
        let crosswalk = Crosswalk::new(&rows).unwrap();
        assert_eq!(
            carried(&crosswalk, "a0", 1_000, ALL),
            [("a60".into(), 500), ("b60".into(), 500)]
        );
    }
}
