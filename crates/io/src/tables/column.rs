//! What a column of a table is. It is declared once, in the file of its table; every format, the dictionary, the page's types
//! and the public edition are made from the declaration.

use std::borrow::Cow;

use fuwutu_core::quantity::Residents;

use crate::words::{Coded, Word};

/// A column of the rows `R`.
#[derive(Debug)]
pub struct Column<R: 'static> {
    /// What it is.
    pub about: About,
    /// How many cells of a row belong to it: one, unless it is spread.
    pub cells: fn(&R) -> usize,
    /// One of its cells.
    pub get: fn(&R, usize) -> Value<'_>,
    /// Puts a value into one of its cells; `false`, and nothing changes, where the cell cannot hold it.
    pub set: fn(&mut R, usize, Value<'_>) -> bool,
}

/// What is known of a column without its rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct About {
    /// The header in files; of a column that is spread, a pattern with `{year}` or `{service}` in it.
    pub name: &'static str,
    /// A short heading for people, Chinese and English.
    pub label: [&'static str; 2],
    /// What it is in one sentence, Chinese and English.
    pub meaning: [&'static str; 2],
    /// What its cells hold.
    pub kind: Kind,
    /// The readers who may see it.
    pub seen: Seen,
    /// Which of the three verdicts it belongs to.
    pub topic: Topic,
    /// Whether it is one column of a file, or several.
    pub spread: Spread,
}

/// A value of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Not known, or it does not apply. Never zero.
    Nothing,
    /// Text; not empty.
    Text(Cow<'a, str>),
    /// A finite number. Whole numbers are exact up to 2⁵³.
    Number(f64),
    /// Yes or no.
    Truth(bool),
}

impl Value<'_> {
    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The same, of its own.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Nothing => Value::Nothing,
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Number(number) => Value::Number(number),
            Self::Truth(holds) => Value::Truth(holds),
        }
    }
}

/// What the cells of a column hold: in which unit, and with how many decimals they are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// An id or a code of the data.
    Id,
    /// A name of the data.
    Name,
    /// Text.
    Text,
    /// One of these words, by its code.
    Code(&'static [Word]),
    /// Some of these words, by their codes with a space between.
    Codes(&'static [Word]),
    /// `yes` or `no`.
    Truth,
    /// A year.
    Year,
    /// A place in an order, 1 first.
    Place,
    /// A number of things.
    Count,
    /// Whole persons.
    Persons,
    /// Persons to the thousandth.
    Exact,
    /// Persons of an estimate, with one decimal.
    Estimate,
    /// Capacity in the unit of its service, with one decimal.
    Capacity,
    /// Capacity or size as the input gives it.
    Given,
    /// Capacity per person, with six decimals.
    PerPerson,
    /// A share, 1 for all, with this many decimals.
    Share(usize),
    /// Per cent, whole.
    Percent,
    /// A number without a unit, with this many decimals.
    Index(usize),
    /// Minutes, with this many decimals.
    Minutes(usize),
    /// Metres, whole.
    Meters,
    /// Degrees of longitude or latitude, as many decimals as they have.
    Degrees,
}

impl Kind {
    /// How many decimals its numbers are written with; `None` for as many as they have.
    #[must_use]
    pub fn decimals(self) -> Option<usize> {
        match self {
            Self::Given | Self::Degrees | Self::Exact => None,
            Self::Estimate | Self::Capacity => Some(1),
            Self::PerPerson => Some(6),
            Self::Share(decimals) | Self::Index(decimals) | Self::Minutes(decimals) => {
                Some(decimals)
            }
            _ => Some(0),
        }
    }

    /// Whether its cells are text.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Self::Id | Self::Name | Self::Text | Self::Code(_) | Self::Codes(_)
        )
    }

    /// Whether its numbers are whole.
    #[must_use]
    pub fn is_whole(self) -> bool {
        !self.is_text() && self != Self::Truth && self.decimals() == Some(0)
    }

    /// The words that its cells are from.
    #[must_use]
    pub fn words(self) -> &'static [Word] {
        match self {
            Self::Code(words) | Self::Codes(words) => words,
            _ => &[],
        }
    }

    /// Unit and range for readers, Chinese and English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::Id => ["编号", "id"],
            Self::Name => ["名称", "name"],
            Self::Text => ["文字", "text"],
            Self::Code(_) => ["代码", "code"],
            Self::Codes(_) => ["代码（可多个）", "codes"],
            Self::Truth => ["yes/no", "yes or no"],
            Self::Year => ["年份", "year"],
            Self::Place => ["位次", "place"],
            Self::Count => ["个数", "count"],
            Self::Persons | Self::Exact => ["人", "persons"],
            Self::Estimate => ["人（一位小数）", "persons, one decimal"],
            Self::Capacity => ["服务的规模单位", "the service's unit of capacity"],
            Self::Given => ["如输入所给", "as given"],
            Self::PerPerson => ["规模单位/人", "capacity per person"],
            Self::Share(_) => ["份额，0 至 1", "share, 0 to 1"],
            Self::Percent => ["%", "per cent"],
            Self::Index(_) => ["无单位", "no unit"],
            Self::Minutes(_) => ["分钟", "minutes"],
            Self::Meters => ["米", "metres"],
            Self::Degrees => ["度", "degrees"],
        }
    }
}

/// The readers who may see a column. There is no default: the declaration of a column decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Everybody, as it is: it says nothing of how many people there are.
    Everybody,
    /// Everybody, rounded: persons and capacities to multiples of `public.small`, fewer than that left out; other numbers to
    /// hundredths.
    Rounded,
    /// Everybody, made anew of what is rounded; left out where nothing makes it.
    Made,
    /// The office only.
    Office,
}

impl Seen {
    /// In words, Chinese and English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::Everybody => ["公开", "public"],
            Self::Rounded => ["公开时取整", "public, rounded"],
            Self::Made => ["公开时由取整后的数重算", "public, made of rounded figures"],
            Self::Office => ["仅限内部", "office only"],
        }
    }
}

/// Which of the three verdicts a column belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// None: it says which row it is, or what it rests on.
    Which,
    /// 覆盖.
    Reach,
    /// 供需.
    Capacity,
    /// 配建达标.
    Presence,
}

impl Topic {
    /// The first of some, or none.
    pub(super) const fn first(topics: &[Self]) -> Self {
        match topics {
            [topic, ..] => *topic,
            [] => Self::Which,
        }
    }
}

/// How a column stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// One column.
    One,
    /// One column, which is left out of files in which no row has a value.
    IfAny,
    /// One for each year.
    Years,
    /// One for each year after the base year.
    LaterYears,
    /// One for each service and year in which other facilities are open than the year before.
    Coverage,
    /// One for each service, where times are reported.
    Services,
    /// One for each of these names.
    Names(&'static [&'static str]),
}

impl Spread {
    /// The first of some, or one column.
    pub(super) const fn first(spreads: &[Self]) -> Self {
        match spreads {
            [spread, ..] => *spread,
            [] => Self::One,
        }
    }
}

/// What columns are spread over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Width {
    /// The base year first.
    pub years: Vec<i32>,
    /// Ids of the services whose times are reported.
    pub timed: Vec<String>,
    /// Ids of services with years.
    pub coverage: Vec<(String, i32)>,
}

impl About {
    /// The headers of the column in a file of this width, in order.
    #[must_use]
    pub fn headers(&self, width: &Width) -> Vec<String> {
        let of_year = |year: &i32| self.name.replace("{year}", &year.to_string());
        match self.spread {
            Spread::One | Spread::IfAny => vec![self.name.to_owned()],
            Spread::Years => width.years.iter().map(of_year).collect(),
            Spread::LaterYears => width.years.iter().skip(1).map(of_year).collect(),
            Spread::Coverage => {
                let columns = width.coverage.iter();
                columns
                    .map(|(service, year)| {
                        self.name
                            .replace("{service}", service)
                            .replace("{year}", &year.to_string())
                    })
                    .collect()
            }
            Spread::Services => {
                let services = width.timed.iter();
                services
                    .map(|service| self.name.replace("{service}", service))
                    .collect()
            }
            Spread::Names(names) => names.iter().map(|&name| name.to_owned()).collect(),
        }
    }
}

impl About {
    /// What the columns of [`About::headers`] are called, Chinese and English, with the year or name that
    /// distinguishes those of one column.
    #[must_use]
    pub fn labels(&self, width: &Width) -> Vec<[String; 2]> {
        let [zh, en] = self.label;
        let of_year = |year: &i32| [format!("{year} 年{zh}"), format!("{en} {year}")];
        match self.spread {
            Spread::One | Spread::IfAny => vec![self.label.map(str::to_owned)],
            Spread::Years => width.years.iter().map(of_year).collect(),
            Spread::LaterYears => width.years.iter().skip(1).map(of_year).collect(),
            Spread::Coverage => {
                let years = width.coverage.iter().map(|(_, year)| year);
                years.map(of_year).collect()
            }
            Spread::Services => vec![self.label.map(str::to_owned); width.timed.len()],
            Spread::Names(names) => names
                .iter()
                .map(|name| [format!("{zh} {name}"), format!("{en} {name}")])
                .collect(),
        }
    }
}

/// What a field of a row may be: a value that cells hold.
pub trait Field: Sized {
    /// As a value.
    fn value(&self) -> Value<'_>;

    /// The field of a value; `None` where it cannot be one of this type.
    fn of(value: Value<'_>) -> Option<Self>;
}

/// The cells of a field: one, or those of a list.
pub trait Cells {
    /// How many.
    fn count(&self) -> usize;

    /// One of them; nothing beyond the last.
    fn cell(&self, position: usize) -> Value<'_>;

    /// Puts a value into one of them; `false`, and nothing changes, where it cannot hold it. A list grows as far as it is needed.
    fn put(&mut self, position: usize, value: Value<'_>) -> bool;
}

impl<T: Field> Cells for T {
    fn count(&self) -> usize {
        1
    }

    fn cell(&self, _: usize) -> Value<'_> {
        self.value()
    }

    fn put(&mut self, _: usize, value: Value<'_>) -> bool {
        match T::of(value) {
            Some(field) => *self = field,
            None => return false,
        }
        true
    }
}

impl<T: Field + Default> Cells for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn cell(&self, position: usize) -> Value<'_> {
        self.get(position).map_or(Value::Nothing, Field::value)
    }

    fn put(&mut self, position: usize, value: Value<'_>) -> bool {
        if self.len() <= position {
            self.resize_with(position + 1, T::default);
        }
        self[position].put(0, value)
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl Field for $number {
            fn value(&self) -> Value<'_> {
                Value::Number(*self as f64)
            }

            fn of(value: Value<'_>) -> Option<Self> {
                let number = value.number()?;
                // A number that is not whole, or out of range, comes back as another one.
                let whole = number as Self;
                (whole as f64 == number).then_some(whole)
            }
        }
    )*};
}

#[expect(
    clippy::float_cmp,
    reason = "a whole number is exactly itself, or it does not fit"
)]
mod whole {
    use super::{Field, Value};

    whole_numbers!(u8, u32, u64, i32);
}

/// A code is written as its word's, and read by it.
impl<T: Coded> Field for T {
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self.word().code))
    }

    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(code) => Self::of_code(&code),
            _ => None,
        }
    }
}

impl Field for f64 {
    fn value(&self) -> Value<'_> {
        if self.is_finite() {
            Value::Number(*self)
        } else {
            Value::Nothing
        }
    }

    fn of(value: Value<'_>) -> Option<Self> {
        value.number()
    }
}

impl Field for Residents {
    fn value(&self) -> Value<'_> {
        Value::Number(self.persons())
    }

    fn of(value: Value<'_>) -> Option<Self> {
        let thousandths = (value.number()? * 1000.0).round();
        (0.0..9e15)
            .contains(&thousandths)
            .then_some(Self(thousandths as u64))
    }
}

impl Field for String {
    fn value(&self) -> Value<'_> {
        if self.is_empty() {
            Value::Nothing
        } else {
            Value::Text(Cow::Borrowed(self))
        }
    }

    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Nothing => Some(Self::new()),
            Value::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}

impl Field for bool {
    fn value(&self) -> Value<'_> {
        Value::Truth(*self)
    }

    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Truth(holds) => Some(holds),
            _ => None,
        }
    }
}

impl<T: Field> Field for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Nothing, Field::value)
    }

    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Nothing => Some(None),
            value => T::of(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_takes_only_what_it_can_hold() {
        let mut count = 7_u32;
        assert!(count.put(0, Value::Number(12.0)) && count == 12);
        for wrong in [
            Value::Nothing,
            Value::Number(1.5),
            Value::Number(-1.0),
            Value::Truth(true),
        ] {
            assert!(!count.put(0, wrong) && count == 12);
        }
        let mut maybe = Some(3_u64);
        assert!(maybe.put(0, Value::Nothing) && maybe.is_none());
    }

    #[test]
    fn a_list_grows_to_the_cell_that_is_put() {
        let mut list: Vec<Option<u64>> = Vec::new();
        assert!(list.put(2, Value::Number(5.0)));
        assert_eq!(list, [None, None, Some(5)]);
        assert_eq!(list.cell(9), Value::Nothing);
    }
}
