//! Numbers as offices write them: in full-width digits, with thousands separators, units, 约 and 万.

use std::borrow::Cow;

/// What a cell of numbers says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Written {
    /// A plain number.
    Plain(f64),
    /// A number in full-width digits.
    Wide(f64),
    /// A number with something beside it: `1,234`, `36人`, `约200`, `4.2万`.
    Worded(f64),
    /// That it is not known: `—`, `不详`.
    Unknown,
}

impl Written {
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Plain(number) | Self::Wide(number) | Self::Worded(number) => Some(number),
            Self::Unknown => None,
        }
    }
}

/// A number with a unit behind it that is no part of it: `36班` is 36 and 班, `1,200㎡` is 1200 and ㎡.
pub(crate) fn with_unit(cell: &str) -> Option<(f64, &str)> {
    let digits = cell.rfind(|sign: char| sign.is_ascii_digit() || matches!(sign, '０'..='９'))?;
    let end = digits + cell[digits..].chars().next().map_or(0, char::len_utf8);
    // `m2` ends in a digit itself.
    let (number, unit) = match cell.strip_suffix("m2") {
        Some(number) => (number, "m2"),
        None => cell.split_at(end),
    };
    let (unit, number) = (unit.trim(), number.trim_end());
    let unit = unit
        .strip_prefix('万')
        .map_or((unit, 1.0), |unit| (unit, 1e4));
    let number = written(number)?.number()?;
    (!unit.0.is_empty()).then_some(((number * unit.1 * 1e6).round() / 1e6, unit.0))
}

/// Words and signs that stand for a number that is not known. `无` is none of them: it may mean 0.
const UNKNOWN: [&str; 14] = [
    "-", "--", "—", "——", "–", "/", "不详", "未知", "暂无", "暂缺", "N/A", "n/a", "#N/A", "…",
];

/// What may stand behind a number. No other unit is read away: 200 households (户) are no 200 people, 18 classes (班) no 18 seats.
const UNITS: [&str; 3] = ["人", "名", "口"];

/// A finite decimal number, or that there is none; `None` for everything else (ranges, words, infinities, other units).
///
/// Thousands are separated by commas, each three digits (`1,234,567`); behind the number may stand 万 (× 10,000) or 亿 (× 100,000,000)
/// and one of [`UNITS`], before it 约, 近 or ≈. The number is read as it stands: 约200 is 200.
pub(crate) fn written(cell: &str) -> Option<Written> {
    // Nearly all are plain.
    if let Some(number) = plain(cell) {
        return Some(Written::Plain(number));
    }
    let text = narrow(cell);
    if UNKNOWN.contains(&&*text) {
        return Some(Written::Unknown);
    }
    let wide = plain(&text).map(Written::Wide);
    wide.or_else(|| worded(&text).map(Written::Worded))
}

fn worded(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(['约', '近', '≈']).trim_start();
    let unit = UNITS.iter().find_map(|unit| text.strip_suffix(unit));
    let text = unit.unwrap_or(text).trim_end();
    let (text, times) = match text.strip_suffix('万') {
        Some(text) => (text, 1e4),
        None => text
            .strip_suffix('亿')
            .map_or((text, 1.0), |text| (text, 1e8)),
    };
    let number = plain(&without_separators(text.trim_end())?)?;
    // Decimal times, so that 4.2万 is 42,000 and no binary neighbour of it.
    let product = (number * times * 1e6).round() / 1e6;
    Some(if times > 1.0 { product } else { number })
}

/// Without commas, where each parts three digits from what stands before.
fn without_separators(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.trim_start_matches(['+', '-']).split(',');
    let first = groups.next()?;
    let sound = (1..=3).contains(&first.len())
        && digits(first)
        && groups.all(|group| group.len() == 3 && digits(group))
        && digits(part);
    sound.then(|| Cow::Owned(text.replace(',', "")))
}

/// In plain digits: full-width ones of Chinese typing (`１２３．５`, `１，２３４`) have their places after those of ASCII.
pub(crate) fn narrow(text: &str) -> Cow<'_, str> {
    let is_wide = |letter: char| matches!(letter, '０'..='９' | '．' | '－' | '＋' | '，' | '／');
    let plain = |letter: char| match letter {
        letter if is_wide(letter) => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        letter => letter,
    };
    if text.contains(is_wide) {
        Cow::Owned(text.chars().map(plain).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// A finite decimal number in plain digits; no separators, units, infinities or words.
pub(crate) fn plain(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number: f64 = if plain {
        text.parse().ok()?
    } else {
        return None;
    };
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_offices_write_them() {
        for (cell, expected) in [
            ("42000", Written::Plain(42_000.0)),
            ("-1.5e3", Written::Plain(-1500.0)),
            ("１２３．５", Written::Wide(123.5)),
            ("42,000", Written::Worded(42_000.0)),
            ("1,234,567.25", Written::Worded(1_234_567.25)),
            ("４２，０００", Written::Worded(42_000.0)),
            ("-1,234", Written::Worded(-1234.0)),
            ("4.2万", Written::Worded(42_000.0)),
            ("0.07万", Written::Worded(700.0)),
            ("1.05亿", Written::Worded(105_000_000.0)),
            ("3.6万人", Written::Worded(36_000.0)),
            ("约200", Written::Worded(200.0)),
            ("约 200 人", Written::Worded(200.0)),
            ("12人", Written::Worded(12.0)),
            ("1,200 名", Written::Worded(1200.0)),
            ("—", Written::Unknown),
            ("－", Written::Unknown),
            ("不详", Written::Unknown),
            ("N/A", Written::Unknown),
        ] {
            assert_eq!(written(cell), Some(expected), "{cell}");
        }
    }

    #[test]
    fn units_are_parted_from_numbers() {
        for (cell, expected) in [
            ("36班", Some((36.0, "班"))),
            ("1,200㎡", Some((1200.0, "㎡"))),
            ("约1200 m2", Some((1200.0, "m2"))),
            ("0.5万平方米", Some((5000.0, "平方米"))),
            ("１２０张", Some((120.0, "张"))),
            ("36", None),
            ("班", None),
            ("100-200座", None),
        ] {
            assert_eq!(with_unit(cell), expected, "{cell}");
        }
    }

    #[test]
    fn what_could_be_meant_otherwise_is_no_number() {
        for cell in [
            "",
            "无",
            "NaN",
            "inf",
            "1e999",
            "一二",
            "0x10",
            "1_000",
            "1 000",
            "--5",
            ".",
            "1,23",
            "12,34,567",
            ",123",
            "1,234,",
            "100-200",
            "100～200",
            "200以上",
            "5公里",
            "18班",
            "200户",
            "200㎡",
            "3亩",
            "万",
            "约",
            "人",
            "1.2.3",
            "1,234.5,678",
            "2万3",
        ] {
            assert_eq!(written(cell), None, "{cell}");
        }
    }
}
