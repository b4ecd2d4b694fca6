//! What a value may be: one entry, from which come the check, its text in Chinese and English, and the bounds in the JSON Schema.

use std::fmt;
use std::ops::{Bound, RangeBounds};

use serde_json::{Map, Value, json};

use crate::finding::Lang;

/// A text in Chinese and in English.
pub type Words = [&'static str; 2];

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Allowed {
    /// A number.
    Number(Range),
    /// A year that a city can have figures of: [`YEARS`].
    Year,
    /// A text that is not blank.
    Name,
    /// A text that is not blank, of limited length, without control characters.
    Text {
        /// At most this many characters.
        longest: u32,
    },
    /// What the words say; it depends on other values.
    Words(Words),
}

/// An interval of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lower end. Without one, the type of the key says what is least.
    pub low: Bound<f64>,
    /// The upper end. Without one, any finite number will do.
    pub high: Bound<f64>,
    /// What to do where no number of the interval fits.
    pub advice: Option<Words>,
}

/// The years that can be named.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

impl Allowed {
    /// From `low` to `high`, both included.
    pub(super) const fn from_to(low: f64, high: f64) -> Self {
        Self::number(Bound::Included(low), Bound::Included(high))
    }

    /// Above `low`, up to and including `high`.
    pub(super) const fn above_to(low: f64, high: f64) -> Self {
        Self::number(Bound::Excluded(low), Bound::Included(high))
    }

    /// Above `low`.
    pub(super) const fn above(low: f64) -> Self {
        Self::number(Bound::Excluded(low), Bound::Unbounded)
    }

    /// `low` or more.
    pub(super) const fn at_least(low: f64) -> Self {
        Self::number(Bound::Included(low), Bound::Unbounded)
    }

    /// `high` or less.
    pub(super) const fn at_most(high: f64) -> Self {
        Self::number(Bound::Unbounded, Bound::Included(high))
    }

    const fn number(low: Bound<f64>, high: Bound<f64>) -> Self {
        Self::Number(Range {
            low,
            high,
            advice: None,
        })
    }

    /// The same interval, with what to do where none of its numbers fits.
    pub(super) const fn or(self, words: Words) -> Self {
        match self {
            Self::Number(Range { low, high, .. }) => Self::Number(Range {
                low,
                high,
                advice: Some(words),
            }),
            other => other,
        }
    }

    /// Whether a value is allowed, as far as that does not depend on other values.
    #[must_use]
    pub fn admits(&self, value: &toml::Value) -> bool {
        let number = match value {
            toml::Value::Integer(number) => Some(*number as f64),
            toml::Value::Float(number) => Some(*number),
            _ => None,
        };
        match self {
            Self::Number(range) => number.is_some_and(|number| range.admits(number)),
            Self::Year => value
                .as_integer()
                .and_then(|year| i32::try_from(year).ok())
                .is_some_and(|year| YEARS.contains(&year)),
            Self::Name => value.as_str().is_some_and(|text| !text.trim().is_empty()),
            Self::Text { longest } => value.as_str().is_some_and(|text| readable(text, *longest)),
            Self::Words(_) => true,
        }
    }

    /// What is allowed, to follow "it must be" or `允许的值：`.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Number(range) => range.text(lang),
            Self::Year => {
                let (first, last) = (YEARS.start(), YEARS.end());
                match lang {
                    Lang::Zh => format!("{first} 至 {last} 之间的年份"),
                    Lang::En => format!("a year from {first} to {last}"),
                }
            }
            Self::Name => lang.pick("不为空的名称", "a name").to_owned(),
            Self::Text { longest } => match lang {
                Lang::Zh => format!("1 至 {longest} 个字的文字，不含控制字符"),
                Lang::En => {
                    format!("a text of 1 to {longest} characters, without control characters")
                }
            },
            Self::Words([zh, en]) => lang.pick(zh, en).to_owned(),
        }
    }

    /// Puts what JSON Schema can say of it into the schema of the value.
    pub(super) fn bound(&self, schema: &mut Map<String, Value>) {
        match self {
            Self::Number(range) => range.bound(schema),
            Self::Year => {
                schema.insert("minimum".to_owned(), json!(YEARS.start()));
                schema.insert("maximum".to_owned(), json!(YEARS.end()));
            }
            Self::Name => {
                schema.insert("pattern".to_owned(), json!(r"\S"));
            }
            Self::Text { longest } => {
                schema.insert("pattern".to_owned(), json!(TEXT_PATTERN));
                schema.insert("maxLength".to_owned(), json!(longest));
            }
            Self::Words(_) => {}
        }
    }
}

/// As [`readable`] has it.
const TEXT_PATTERN: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]*$";

/// Whether a text can stand in a report.
fn readable(text: &str, longest: u32) -> bool {
    let short = text.chars().count() <= longest as usize;
    short && !text.trim().is_empty() && !text.contains(char::is_control)
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl Range {
    fn admits(&self, number: f64) -> bool {
        number.is_finite() && (self.low, self.high).contains(&number)
    }

    fn text(&self, lang: Lang) -> String {
        let interval = match lang {
            Lang::Zh => self.in_chinese(),
            Lang::En => self.in_english(),
        };
        match self.advice {
            Some([zh, en]) => format!("{interval}{}{}", lang.pick("；", "; "), lang.pick(zh, en)),
            None => interval,
        }
    }

    fn in_english(&self) -> String {
        let high = match self.high {
            Bound::Included(high) => format!("at most {}", figure(high)),
            Bound::Excluded(high) => format!("below {}", figure(high)),
            Bound::Unbounded => String::new(),
        };
        match (self.low, self.high) {
            (Bound::Included(low), Bound::Included(high)) => {
                format!("from {} to {}", figure(low), figure(high))
            }
            (Bound::Included(low), Bound::Unbounded) => format!("{} or more", figure(low)),
            (Bound::Excluded(low), Bound::Unbounded) => format!("above {}", figure(low)),
            (Bound::Included(low), Bound::Excluded(_)) => {
                format!("at least {}, {high}", figure(low))
            }
            (Bound::Excluded(low), _) => format!("above {}, {high}", figure(low)),
            (Bound::Unbounded, _) => high,
        }
    }

    fn in_chinese(&self) -> String {
        let high = match self.high {
            Bound::Included(high) => format!("不超过 {}", figure(high)),
            Bound::Excluded(high) => format!("小于 {}", figure(high)),
            Bound::Unbounded => String::new(),
        };
        match (self.low, self.high) {
            (Bound::Included(low), Bound::Included(high)) => {
                format!("{} 至 {}", figure(low), figure(high))
            }
            (Bound::Included(low), Bound::Unbounded) => format!("不小于 {}", figure(low)),
            (Bound::Excluded(low), Bound::Unbounded) => format!("大于 {}", figure(low)),
            (Bound::Included(low), Bound::Excluded(_)) => format!("不小于 {}，{high}", figure(low)),
            (Bound::Excluded(low), _) => format!("大于 {}，{high}", figure(low)),
            (Bound::Unbounded, _) => high,
        }
    }

    fn bound(&self, schema: &mut Map<String, Value>) {
        let ends = [
            (self.low, ["minimum", "exclusiveMinimum"]),
            (self.high, ["maximum", "exclusiveMaximum"]),
        ];
        for (end, [closed, open]) in ends {
            let (name, value) = match end {
                Bound::Included(value) => (closed, value),
                Bound::Excluded(value) => (open, value),
                Bound::Unbounded => continue,
            };
            // The type's own least value would say the same again, or less.
            schema.remove(closed);
            schema.insert(name.to_owned(), number(value));
        }
    }
}

/// A number in JSON, whole where it is whole.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// A number for people: from 10,000 up in groups of three digits.
fn figure(value: f64) -> String {
    let plain = value.to_string();
    if value.fract() != 0.0 || value.abs() < 10_000.0 {
        return plain;
    }
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", plain.as_str()),
    };
    let mut grouped = String::from(sign);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(allowed: Allowed, zh: &str, en: &str, bounds: &Value) {
        assert_eq!(
            [allowed.text(Lang::Zh), allowed.text(Lang::En)],
            [zh.to_owned(), en.to_owned()]
        );
        let mut schema = Map::new();
        allowed.bound(&mut schema);
        assert_eq!(Value::Object(schema), *bounds);
    }

    #[test]
    fn texts_and_bounds_come_from_one_interval() {
        check(
            Allowed::from_to(1.0, 1440.0),
            "1 至 1440",
            "from 1 to 1440",
            &json!({ "minimum": 1, "maximum": 1440 }),
        );
        check(
            Allowed::above_to(0.0, 0.15),
            "大于 0，不超过 0.15",
            "above 0, at most 0.15",
            &json!({ "exclusiveMinimum": 0, "maximum": 0.15 }),
        );
        check(
            Allowed::above(0.0),
            "大于 0",
            "above 0",
            &json!({ "exclusiveMinimum": 0 }),
        );
        check(
            Allowed::at_least(0.0),
            "不小于 0",
            "0 or more",
            &json!({ "minimum": 0 }),
        );
        check(
            Allowed::at_most(1e9).or(["可不写", "leave it out"]),
            "不超过 1,000,000,000；可不写",
            "at most 1,000,000,000; leave it out",
            &json!({ "maximum": 1_000_000_000 }),
        );
    }

    #[test]
    fn open_ends_are_out_and_closed_ends_are_in() {
        let float = toml::Value::Float;
        let half_open = Allowed::above_to(0.0, 1.0);
        assert!(!half_open.admits(&float(0.0)) && half_open.admits(&float(1.0)));
        assert!(half_open.admits(&toml::Value::Integer(1)));
        for number in [f64::NAN, f64::INFINITY] {
            assert!(!Allowed::above(0.0).admits(&float(number)));
            assert!(!Allowed::at_most(1.0).admits(&float(number)));
        }
        let text = |text: &str| toml::Value::String(text.to_owned());
        let short = Allowed::Text { longest: 2 };
        assert!(short.admits(&text("成都")));
        for refused in ["", " ", "成都市", "a\n"] {
            assert!(!short.admits(&text(refused)), "{refused:?}");
        }
    }
}
