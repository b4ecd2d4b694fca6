//! What the cells of workbooks say, as text: numbers, days and times.

/// How a number is shown, as far as that changes what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As a number; one in per cent is a share.
    Number,
    /// As a day.
    Day,
    /// As a day and a time.
    DayAndTime,
    /// As a time of the day.
    Time,
    /// With so many digits, noughts before it.
    Digits(u8),
}

/// The formats that have numbers and no text of their own, as programs set to Chinese have them.
pub(crate) fn built_in(format: u32) -> Shown {
    match format {
        14..=17 | 27..=31 | 36 | 50..=54 | 57..=58 => Shown::Day,
        22 => Shown::DayAndTime,
        18..=21 | 32..=35 | 45 | 47 | 55..=56 => Shown::Time,
        _ => Shown::Number,
    }
}

/// A format by its text: `yyyy"年"m"月"d"日"` is a day, `000000000000` has twelve digits, `[h]:mm` is a number.
pub(crate) fn by_text(format: &str) -> Shown {
    let first = format.split(';').next().unwrap_or("");
    if (2..=20).contains(&first.len()) && first.bytes().all(|sign| sign == b'0') {
        return Shown::Digits(first.len() as u8);
    }
    let mut signs = first.chars();
    let (mut day, mut time, mut minutes) = (false, false, false);
    while let Some(sign) = signs.next() {
        match sign.to_ascii_lowercase() {
            '"' => {
                signs.by_ref().find(|&sign| sign == '"');
            }
            '\\' | '_' | '*' => {
                signs.next();
            }
            // Colours, conditions, languages; hours that go on after 24 are a duration.
            '[' => {
                let inner: String = signs.by_ref().take_while(|&sign| sign != ']').collect();
                let inner = inner.to_ascii_lowercase();
                let duration = ["h", "hh", "m", "mm", "s", "ss"].contains(&inner.as_str());
                if duration {
                    return Shown::Number;
                }
            }
            // `General` has letters that are none of a day's.
            'g' if signs.as_str().to_ascii_lowercase().starts_with("eneral") => {
                return Shown::Number;
            }
            'y' | 'd' | 'e' => day = true,
            'h' | 's' => time = true,
            'm' => minutes = true,
            // Digits: `0.00E+00` is no day of an era.
            '0' | '#' | '?' if !time => return Shown::Number,
            _ => {}
        }
    }
    match (day || minutes && !time, time) {
        (true, false) => Shown::Day,
        (true, true) => Shown::DayAndTime,
        (false, true) => Shown::Time,
        (false, false) => Shown::Number,
    }
}

/// From here on spreadsheets have lost digits: they keep fifteen.
const LOSES_DIGITS: f64 = 1e15;

/// The shortest text that is exactly this number; one that has lost digits has an exponent, so that no code is taken from it.
///
/// `510104001001` is `510104001001`, `0.1` is `0.1`, `5.1e17` is `5.1E+17`.
pub(crate) fn number(value: f64) -> String {
    let large = value.abs() >= LOSES_DIGITS;
    let tiny = value != 0.0 && value.abs() < 1e-15;
    if large || tiny {
        let text = format!("{value:E}");
        return match text.split_once('E') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                format!("{digits}E+{exponent}")
            }
            _ => text,
        };
    }
    // No sign before nought.
    format!("{}", value + 0.0)
}

/// A number as it is shown. Days are counted from 1900, or from 1904 as old Macintoshes do.
pub(crate) fn shown(value: f64, shown: Shown, since_1904: bool) -> String {
    let text = match shown {
        Shown::Number => None,
        Shown::Digits(count) => {
            let whole = value >= 0.0 && value.fract() == 0.0 && value < LOSES_DIGITS;
            whole.then(|| format!("{value:0>width$}", width = usize::from(count)))
        }
        Shown::Day | Shown::DayAndTime | Shown::Time => moment(value, shown, since_1904),
    };
    text.unwrap_or_else(|| number(value))
}

/// `2024-07-01`, `2024-07-01T08:30:00` or `08:30:00`; `None` outside the years 1900 to 9999.
fn moment(value: f64, shown: Shown, since_1904: bool) -> Option<String> {
    const DAY: i64 = 86_400;
    // Days from 1 January 1970. Spreadsheets count a 29 February 1900 (60), which there was not.
    const FIRST_OF_1900: i64 = -25_569;
    const FIRST_OF_1904: i64 = -24_107;
    if !(0.0..2_958_466.0).contains(&value) {
        return None;
    }
    let seconds = (value * DAY as f64).round() as i64;
    let (days, second) = (seconds / DAY, seconds % DAY);
    let time = format!(
        "{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    if shown == Shown::Time && days == 0 {
        return Some(time);
    }
    let days = match (since_1904, days) {
        (true, days) => days + FIRST_OF_1904,
        (false, 0 | 60) => return None,
        (false, 1..60) => days + 1 + FIRST_OF_1900,
        (false, _) => days + FIRST_OF_1900,
    };
    let (year, month, day) = civil(days);
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(match (shown, second) {
        (Shown::Day, _) | (_, 0) => date,
        _ => format!("{date}T{time}"),
    })
}

/// Year, month and day of a day that is counted from 1 January 1970, in the Gregorian calendar: years begin in March, so that the
/// odd day is the last (Hinnant, `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_month)
}

/// Whether a text is what a formula gives that has no result.
pub(crate) fn is_error(text: &str) -> bool {
    const ERRORS: [&str; 9] = [
        "#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
    ];
    ERRORS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_short_and_those_that_lost_digits_are_seen() {
        for (value, text) in [
            (510_104_001_001.0, "510104001001"),
            (104.065_432_1, "104.0654321"),
            (0.1, "0.1"),
            (-0.0, "0"),
            (-12.5, "-12.5"),
            (999_999_999_999_999.0, "999999999999999"),
            (510_104_001_001_234_560.0, "5.1010400100123456E+17"),
            (1e-20, "1E-20"),
            (0.000_001, "0.000001"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn days_are_those_that_spreadsheets_show() {
        for (value, how, since_1904, text) in [
            (45_474.0, Shown::Day, false, "2024-07-01"),
            (45_474.5, Shown::Day, false, "2024-07-01"),
            (45_474.5, Shown::DayAndTime, false, "2024-07-01T12:00:00"),
            (45_474.0, Shown::DayAndTime, false, "2024-07-01"),
            (0.354_166_666_666_667, Shown::Time, false, "08:30:00"),
            (44_012.0, Shown::Day, true, "2024-07-01"),
            (1.0, Shown::Day, false, "1900-01-01"),
            (59.0, Shown::Day, false, "1900-02-28"),
            (60.0, Shown::Day, false, "60"),
            (61.0, Shown::Day, false, "1900-03-01"),
            (36_585.0, Shown::Day, false, "2000-02-29"),
            (-1.0, Shown::Day, false, "-1"),
            (12.0, Shown::Digits(6), false, "000012"),
            (0.855, Shown::Number, false, "0.855"),
        ] {
            assert_eq!(shown(value, how, since_1904), text, "{value} {how:?}");
        }
    }

    #[test]
    fn formats_say_what_a_number_is() {
        for (format, how) in [
            ("General", Shown::Number),
            ("0.00%", Shown::Number),
            ("0.00E+00", Shown::Number),
            ("#,##0_ ;[Red]-#,##0", Shown::Number),
            ("yyyy\"年\"m\"月\"d\"日\"", Shown::Day),
            ("yyyy/m/d", Shown::Day),
            ("[$-804]yyyy\\-mm\\-dd;@", Shown::Day),
            ("m/d/yy h:mm", Shown::DayAndTime),
            ("h:mm:ss", Shown::Time),
            ("[h]:mm", Shown::Number),
            ("000000000000", Shown::Digits(12)),
            ("\"d\"0", Shown::Number),
            ("@", Shown::Number),
            ("0\"人\"", Shown::Number),
        ] {
            assert_eq!(by_text(format), how, "{format}");
        }
    }
}
