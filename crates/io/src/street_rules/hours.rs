//! The hour of a plan's trips, and what tags say of hours: `opening_hours`, and conditions such as `yes @ (06:00-22:00)`.
//!
//! What is known: days (`Mo-Fr`, `Sa,Su`), times (`06:00-22:00`, over midnight, `20:00+`, `sunrise-sunset`), `24/7`, `off`,
//! several of these (`;`), and `AND` in conditions. The hour is that of an ordinary day: no public holiday (`PH`), no school
//! holiday (`SH`). The sun rises at 6:00 and sets at 18:00. Dates, months, weeks, weather, weights and words are not known.

/// A day of the week and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// 0 is Monday.
    day: u8,
    /// Minutes since midnight.
    minute: u16,
}

const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
const DAY: u16 = 24 * 60;

impl Hour {
    /// Ten on a weekday: open offices, schools and shops.
    pub(super) const USUAL: Self = Self {
        day: 2,
        minute: 600,
    };

    /// `weekday 10:00`: a day (`weekday`, `saturday`, `sunday`, or `mo` to `su`) and a time from 00:00 to 23:59. A weekday is a
    /// Wednesday.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (day, time) = (words.next()?.to_ascii_lowercase(), words.next()?);
        if words.next().is_some() {
            return None;
        }
        let day = match day.as_str() {
            "weekday" => 2,
            "saturday" => 5,
            "sunday" => 6,
            day => DAYS.iter().position(|name| *name == day)? as u8,
        };
        let minute = clock(&time.replace('：', ":")).filter(|minute| *minute < DAY)?;
        Some(Self { day, minute })
    }
}

/// What a conditional tag's value is at an hour: that of its last restriction whose condition holds; `None` where none does. And
/// whether a condition could not be read, which counts as one that does not hold.
pub(super) fn conditional(text: &str, hour: Hour) -> (Option<&str>, bool) {
    let (mut value, mut unread) = (None, false);
    for restriction in outside_brackets(text, ';') {
        if restriction.trim().is_empty() {
            continue;
        }
        match restriction.split_once('@') {
            Some((said, condition)) => match holds(condition, hour) {
                Some(true) => value = Some(said.trim()),
                Some(false) => {}
                None => unread = true,
            },
            None => unread = true,
        }
    }
    (value, unread)
}

/// Whether all parts of a condition hold; `None` where that rests on one that is not known.
fn holds(condition: &str, hour: Hour) -> Option<bool> {
    let inner = condition.trim();
    let inner = inner
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(inner);
    let text = inner.replace(" and ", " AND ");
    let parts: Vec<Option<bool>> = text.split(" AND ").map(|part| open(part, hour)).collect();
    if parts.contains(&Some(false)) {
        Some(false)
    } else if parts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// Whether opening hours hold at an hour. A later rule replaces earlier ones on its days; a rule that is not known says nothing;
/// `None` where no known rule is left, or none speaks and one is not known.
pub(super) fn open(text: &str, hour: Hour) -> Option<bool> {
    let (mut result, mut known, mut unread) = (None, false, false);
    for (rule, additional) in rules(text) {
        match Selected::parse(&rule) {
            None => unread = true,
            Some(selected) => {
                known = true;
                match (selected.at(hour), additional) {
                    (Some(false), true) | (None, _) => {}
                    (said, _) => result = said,
                }
            }
        }
    }
    match result {
        Some(said) => Some(said),
        None if known && !unread => Some(false),
        None => None,
    }
}

/// The rules of opening hours, tidied, and whether each adds to the one before it (`, `) instead of replacing it (`;`).
fn rules(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for rule in text.split(';') {
        let tidy = tidy(rule);
        let mut additional = false;
        let mut start = 0;
        // `Mo-Fr 08:00-18:00,Sa 09:00-13:00`: days after a time begin a rule.
        for (at, _) in tidy.match_indices(',') {
            let before =
                tidy[start..at].ends_with(|sign: char| sign.is_ascii_digit() || sign == '+');
            let after = tidy[at + 1..].starts_with(|sign: char| sign.is_ascii_uppercase());
            if before && after {
                found.push((tidy[start..at].to_owned(), additional));
                (additional, start) = (true, at + 1);
            }
        }
        if !tidy[start..].is_empty() {
            found.push((tidy[start..].to_owned(), additional));
        }
    }
    found
}

/// One space between words, none around `-` and `,`.
fn tidy(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut text = words.join(" ").replace(['–', '—'], "-");
    for sign in ["-", ",", "+"] {
        text = text
            .replace(&format!(" {sign}"), sign)
            .replace(&format!("{sign} "), if sign == "+" { "+ " } else { sign });
    }
    text.trim().to_owned()
}

/// A rule: on which days, from when to when, and whether that is open.
struct Selected {
    /// As bits, Monday first.
    days: u8,
    /// In minutes; beyond 24 hours where they reach into the next day.
    spans: Vec<[u16; 2]>,
    open: bool,
}

const ALL_DAYS: u8 = 0b111_1111;

impl Selected {
    fn parse(rule: &str) -> Option<Self> {
        let mut selected = Self {
            days: ALL_DAYS,
            spans: Vec::new(),
            open: true,
        };
        let mut any = false;
        for word in rule.split(' ') {
            let lower = word.to_ascii_lowercase();
            match lower.as_str() {
                "24/7" => {}
                "off" | "closed" => selected.open = false,
                "open" => {}
                _ => match days(&lower) {
                    Some(days) if selected.spans.is_empty() => selected.days = days,
                    _ => selected.spans = spans(&lower)?,
                },
            }
            any = true;
        }
        if selected.spans.is_empty() {
            selected.spans.push([0, DAY]);
        }
        any.then_some(selected)
    }

    /// What it says at an hour; `None` where it is about other days.
    fn at(&self, hour: Hour) -> Option<bool> {
        let on = |day: u8| self.days >> day & 1 == 1;
        let within = |minute: u16| {
            let mut spans = self.spans.iter();
            spans.any(|&[from, to]| from <= minute && minute < to)
        };
        let from_before = on((hour.day + 6) % 7) && within(hour.minute + DAY);
        if from_before || (on(hour.day) && within(hour.minute)) {
            Some(self.open)
        } else if on(hour.day) && self.open {
            Some(false)
        } else {
            None
        }
    }
}

/// `mo-fr,su` as bits; holidays are no days of an ordinary week.
fn days(text: &str) -> Option<u8> {
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    let mut bits = 0;
    for range in text.split(',') {
        match range.split_once('-') {
            _ if ["ph", "sh"].contains(&range) => {}
            Some((from, to)) => {
                let (mut at, to) = (day(from)?, day(to)?);
                loop {
                    bits |= 1 << at;
                    if at == to {
                        break;
                    }
                    at = (at + 1) % 7;
                }
            }
            None => bits |= 1 << day(range)?,
        }
    }
    Some(bits)
}

/// `06:00-22:00,23:00+` in minutes.
fn spans(text: &str) -> Option<Vec<[u16; 2]>> {
    let span = |range: &str| {
        if let Some(from) = range.strip_suffix('+') {
            return Some([clock(from)?, DAY]);
        }
        let (from, to) = range.split_once('-')?;
        let (from, to) = (clock(from)?, clock(to)?);
        Some([from, if to <= from { to + DAY } else { to }])
    };
    text.split(',').map(span).collect()
}

/// `06:30` in minutes since midnight, up to 48:00; or what the sun does.
fn clock(text: &str) -> Option<u16> {
    match text {
        "dawn" => return Some(5 * 60 + 30),
        "sunrise" => return Some(6 * 60),
        "sunset" => return Some(18 * 60),
        "dusk" => return Some(18 * 60 + 30),
        _ => {}
    }
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str, most: usize| {
        let sound =
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        sound.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let sound = minutes < 60 && hours * 60 + minutes <= 2 * DAY;
    sound.then_some(hours * 60 + minutes)
}

/// The parts of a text between signs that stand outside brackets.
fn outside_brackets(text: &str, between: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, sign) in text.char_indices() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if sign == between && depth <= 0 => {
                parts.push(&text[start..at]);
                start = at + sign.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(text: &str) -> Hour {
        Hour::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn an_hour_is_a_day_and_a_time() {
        assert_eq!(hour("weekday 10:00"), hour("we 10:00"));
        assert_eq!(hour("saturday 9:30"), hour("Sa 09:30"));
        assert_eq!(hour("sunday 00:00"), hour("su 0:00"));
        for text in [
            "",
            "10:00",
            "weekday",
            "weekday 24:00",
            "weekday 10:60",
            "monday 10:00",
            "weekday 10:00 x",
            "weekday 1000",
        ] {
            assert_eq!(Hour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn opening_hours_hold_when_they_say() {
        let cases = [
            ("24/7", "su 03:00", Some(true)),
            ("06:00-22:00", "we 06:00", Some(true)),
            ("06:00-22:00", "we 22:00", Some(false)),
            ("Mo-Fr 08:00-18:00; Sa 09:00-13:00", "sa 10:00", Some(true)),
            ("Mo-Fr 08:00-18:00; Sa 09:00-13:00", "su 10:00", Some(false)),
            ("Mo-Fr 08:00-18:00, Sa 09:00-13:00", "sa 10:00", Some(true)),
            ("Mo-Su 08:00-18:00; We off", "we 10:00", Some(false)),
            ("Mo-Su 08:00-18:00; PH off", "we 10:00", Some(true)),
            ("PH 10:00-12:00", "we 11:00", Some(false)),
            // Over midnight: Friday's night ends on Saturday morning.
            ("Fr 22:00-06:00", "sa 05:59", Some(true)),
            ("Fr 22:00-06:00", "fr 05:59", Some(false)),
            ("22:00-06:00", "mo 23:00", Some(true)),
            ("Fr-Mo", "su 12:00", Some(true)),
            ("Fr - Mo 8:00 - 9:00", "mo 8:30", Some(true)),
            ("sunrise-sunset", "we 12:00", Some(true)),
            ("sunrise-sunset", "we 21:00", Some(false)),
            ("20:00+", "we 23:00", Some(true)),
            ("18:00-26:00", "th 01:00", Some(true)),
            ("off", "we 10:00", Some(false)),
            ("May-Sep 08:00-18:00", "we 10:00", None),
            ("\"by appointment\"", "we 10:00", None),
            ("week 1-20", "we 10:00", None),
            ("", "we 10:00", None),
        ];
        for (text, at, expected) in cases {
            assert_eq!(open(text, hour(at)), expected, "{text} at {at}");
        }
    }

    #[test]
    fn the_last_condition_that_holds_counts_and_what_is_not_known_is_told() {
        let cases = [
            ("yes @ (06:00-22:00)", "we 10:00", Some("yes"), false),
            ("yes @ (06:00-22:00)", "we 23:00", None, false),
            ("no @ 22:00-06:00", "we 23:00", Some("no"), false),
            (
                "no @ (Mo-Fr 07:00-09:00,16:00-18:00)",
                "we 17:00",
                Some("no"),
                false,
            ),
            (
                "yes @ (00:00-24:00); no @ (22:00-06:00)",
                "we 23:00",
                Some("no"),
                false,
            ),
            (
                "yes @ (Mo-Fr 06:00-22:00; Sa 08:00-20:00)",
                "sa 09:00",
                Some("yes"),
                false,
            ),
            ("destination @ (weight>7.5)", "we 10:00", None, true),
            ("no @ (weight>7.5 AND 06:00-08:00)", "we 10:00", None, false),
            ("no @ (weight>7.5 AND 06:00-08:00)", "we 07:00", None, true),
            (
                "no @ wet; yes @ (08:00-12:00)",
                "we 10:00",
                Some("yes"),
                true,
            ),
            ("no", "we 10:00", None, true),
            (
                "delivery @ (Mo-Sa 05:00-11:00)",
                "weekday 10:00",
                Some("delivery"),
                false,
            ),
        ];
        for (text, at, value, unread) in cases {
            assert_eq!(
                conditional(text, hour(at)),
                (value, unread),
                "{text} at {at}"
            );
        }
    }

    #[test]
    fn nonsense_is_not_known_and_no_panic() {
        for text in [
            "@",
            "@@",
            "yes @ (((",
            ")(;)(",
            "yes @ ：",
            "99:99-99:99",
            "-",
            ",",
            "Mo-",
            "-Fr",
            "yes@(-)",
            "é@é",
            "24:00-24:00+",
        ] {
            conditional(text, hour("we 10:00"));
            open(text, hour("we 10:00"));
        }
    }
}
