//! Equity: how unevenly people share something, each person counting once.
//!
//! The people of one [`Holder`] (a unit, a place) all have the same value. [`equity`] gives every index at once. Equal shares give
//! 0 for all but Palma (¼) and the indices below a line. All but the latter stay as they are when every value is multiplied, and
//! all stay as they are when every number of people is, or when a holder is recorded as two. Holders without people change
//! nothing, and neither does the order of holders. A figure that is undefined is a reason, never a number.

use std::collections::BTreeMap;

/// People who have the same value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holder {
    /// What each of them has, ≥ 0: access, for example.
    pub value: f64,
    /// How many they are, ≥ 0.
    pub people: f64,
    /// The group they belong to, for Theil: a township, for example.
    pub group: u32,
    /// What orders them for the concentration index, from low to high: inflow, for example.
    pub rank: f64,
}

impl Holder {
    fn is_sound(&self) -> bool {
        self.value >= 0.0
            && self.people >= 0.0
            && self.value.is_finite()
            && self.people.is_finite()
            && self.rank.is_finite()
    }
}

/// All indices.
#[derive(Debug, Clone, PartialEq)]
pub struct Equity {
    /// How many people there are.
    pub people: f64,
    /// The mean value μ of a person.
    pub mean: Result<f64, Undefined>,
    /// From those who have least to those who have most.
    pub lorenz: Result<Curve, Undefined>,
    /// Gini = Σᵢⱼ pᵢ pⱼ |xᵢ − xⱼ| ÷ 2μ, with p the share of people: one less twice the area under the Lorenz curve. 0 where all have the same,
    /// below 1; 1 − (share of the one) where one has all.
    pub gini: Result<f64, Undefined>,
    /// The share of the tenth that has most ÷ the share of the four tenths that have least, both by value and read off the Lorenz
    /// curve between its points (Palma 2011 for incomes; some packages order by income instead). ¼ where all have the same.
    pub palma: Result<f64, Undefined>,
    /// Theil's T.
    pub theil: Result<Theil, Undefined>,
    /// As Gini, with people in the order of their rank: from −1 (those of low rank have all) to 1. Those of equal rank stand side by
    /// side as one. Gini, where the rank is the value.
    pub concentration: Result<f64, Undefined>,
    /// Below a line.
    pub below: Result<Below, Undefined>,
}

/// Σ p (x ÷ μ) ln(x ÷ μ) = Σ s ln(s ÷ p), with s the share of value and 0 ln 0 = 0, taken apart into groups (Theil 1967). From 0 to the logarithm of the number of people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theil {
    /// Between the means of groups.
    pub between: f64,
    /// Within groups, each weighed by its share of all value.
    pub within: f64,
}

impl Theil {
    /// Between + within.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.between + self.within
    }
}

/// Foster–Greer–Thorbecke: Σ p ((z − x) ÷ z)^α over those with x below the line z, 0 to 1 (Foster, Greer & Thorbecke 1984).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Below {
    /// α = 0: the share of people below the line.
    pub headcount: f64,
    /// α = 1: the mean gap, as a share of the line.
    pub gap: f64,
    /// α = 2: the same with deep gaps weighing more.
    pub severity: f64,
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// There are no people.
    #[error("there are no people")]
    NoPeople,
    /// All values are 0: neither evenly nor unevenly shared.
    #[error("no value is above 0")]
    NothingAnywhere,
    /// The four tenths that have least have nothing, and nothing can be divided by it.
    #[error("the four tenths of people who have least have nothing")]
    LeastHaveNothing,
    /// There is no line, or it is not above 0.
    #[error("there is no line above 0")]
    NoLine,
}

/// Values that make no sense.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A value or a number of people is negative, or one of them or the rank is no finite number.
    #[error("holder {at} has a value or a number of people that is negative or no number")]
    Broken {
        /// Position of the holder.
        at: usize,
    },
    /// The sum leaves what a number can hold.
    #[error("the values are too large to be added up")]
    Huge,
}

/// Points of a Lorenz or concentration curve: the share of people and the share of value up to there, from (0, 0) to (1, 1).
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Both never fall.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// Of holders in the order of `key`, those with the same key as one. There must be people and value.
    fn new(holders: &[Holder], key: impl Fn(&Holder) -> f64) -> Self {
        let (people, value) = totals(holders);
        let mut points = vec![(0.0, 0.0)];
        let (mut people_so_far, mut value_so_far) = (0.0, 0.0);
        for alike in holders.chunk_by(|a, b| key(a).total_cmp(&key(b)).is_eq()) {
            let (more, more_value) = totals(alike);
            people_so_far += more;
            value_so_far += more_value;
            points.push((people_so_far / people, value_so_far / value));
        }
        // The sums of parts may differ from the sum of all in the last digit.
        if let Some(last) = points.last_mut() {
            *last = (1.0, 1.0);
        }
        Self { points }
    }

    /// The share of value of the first `share` of people (0 to 1), in a straight line between points.
    #[must_use]
    pub fn at(&self, share: f64) -> f64 {
        let beyond = self.points.partition_point(|(people, _)| *people < share);
        match (
            beyond
                .checked_sub(1)
                .and_then(|before| self.points.get(before)),
            self.points.get(beyond),
        ) {
            (Some(&(from, low)), Some(&(to, high))) => {
                low + (high - low) * (share - from) / (to - from)
            }
            (None, _) => 0.0,
            (_, None) => 1.0,
        }
    }

    /// One less twice the area under the curve.
    fn index(&self) -> f64 {
        1.0 - self
            .points
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) * (pair[1].1 + pair[0].1))
            .sum::<f64>()
    }
}

/// All indices of `holders`, and those below `line`, where there is one. O(n log n).
///
/// ```
/// use fuwutu_core::equity::{Holder, equity};
/// // One of four has all: 1 − ¼.
/// let holder = |value| Holder { value, people: 25.0, group: 0, rank: value };
/// let all = equity(&[0.0, 0.0, 0.0, 8.0].map(holder), Some(4.0))?;
/// assert_eq!(all.gini, Ok(0.75));
/// assert_eq!(all.below.map(|below| below.headcount), Ok(0.75));
/// # Ok::<(), fuwutu_core::equity::Refused>(())
/// ```
///
/// # Errors
/// Where a value or a number of people is negative or no finite number, or their sum is none.
pub fn equity(holders: &[Holder], line: Option<f64>) -> Result<Equity, Refused> {
    if let Some(position) = holders.iter().position(|holder| !holder.is_sound()) {
        return Err(Refused::Broken { at: position });
    }
    // A zero may come with a minus.
    let mut sorted: Vec<Holder> = holders
        .iter()
        .filter(|holder| holder.people > 0.0)
        .map(|holder| Holder {
            value: holder.value + 0.0,
            rank: holder.rank + 0.0,
            ..*holder
        })
        .collect();
    sort_by(&mut sorted, |holder| {
        [holder.value, holder.people, holder.rank]
    });
    let (people, value) = totals(&sorted);
    if !people.is_finite() || !value.is_finite() {
        return Err(Refused::Huge);
    }
    let some_people = if people > 0.0 {
        Ok(())
    } else {
        Err(Undefined::NoPeople)
    };
    let some_value = some_people.and(if value > 0.0 {
        Ok(())
    } else {
        Err(Undefined::NothingAnywhere)
    });
    let lorenz = some_value.map(|()| Curve::new(&sorted, |holder| holder.value));
    let mut ranked = sorted.clone();
    sort_by(&mut ranked, |holder| {
        [holder.rank, holder.value, holder.people]
    });
    Ok(Equity {
        people,
        mean: some_people.map(|()| value / people),
        gini: lorenz.as_ref().map(Curve::index).map_err(|why| *why),
        palma: lorenz.as_ref().map_err(|why| *why).and_then(palma),
        lorenz,
        theil: some_value.map(|()| theil(&sorted)),
        concentration: some_value.map(|()| Curve::new(&ranked, |holder| holder.rank).index()),
        below: some_people.and_then(|()| {
            below(
                &sorted,
                line.filter(|line| *line > 0.0).ok_or(Undefined::NoLine)?,
            )
        }),
    })
}

/// In one order whatever the order was before, so that sums are the same.
fn sort_by(holders: &mut [Holder], keys: impl Fn(&Holder) -> [f64; 3]) {
    holders.sort_unstable_by(|a, b| {
        let by_keys = keys(a)
            .iter()
            .zip(keys(b))
            .map(|(a, b)| a.total_cmp(&b))
            .find(|order| order.is_ne());
        by_keys.unwrap_or(a.group.cmp(&b.group))
    });
}

/// People, and what they have together.
fn totals(holders: &[Holder]) -> (f64, f64) {
    holders.iter().fold((0.0, 0.0), |(people, value), holder| {
        (people + holder.people, value + holder.people * holder.value)
    })
}

fn palma(lorenz: &Curve) -> Result<f64, Undefined> {
    let least = lorenz.at(0.4);
    if least > 0.0 {
        Ok((1.0 - lorenz.at(0.9)) / least)
    } else {
        Err(Undefined::LeastHaveNothing)
    }
}

/// Of holders who have something.
fn theil(holders: &[Holder]) -> Theil {
    let whole = totals(holders);
    let mut groups: BTreeMap<u32, Vec<Holder>> = BTreeMap::new();
    for holder in holders {
        groups.entry(holder.group).or_default().push(*holder);
    }
    let mut found = Theil {
        between: 0.0,
        within: 0.0,
    };
    for group in groups.values() {
        let part = totals(group);
        found.between += entropy(part, whole);
        let within: f64 = group
            .iter()
            .map(|holder| entropy(totals(&[*holder]), part))
            .sum();
        found.within += if part.1 > 0.0 {
            part.1 / whole.1 * within
        } else {
            0.0
        };
    }
    found
}

/// s ln(s ÷ p) of a part that has people and value of a whole.
fn entropy((people, value): (f64, f64), whole: (f64, f64)) -> f64 {
    if value > 0.0 {
        value / whole.1 * (value / whole.1 / (people / whole.0)).ln()
    } else {
        0.0
    }
}

fn below(holders: &[Holder], line: f64) -> Result<Below, Undefined> {
    let (people, _) = totals(holders);
    let power = |power: i32| -> f64 {
        let below = holders.iter().filter(|holder| holder.value < line);
        below
            .map(|holder| holder.people / people * ((line - holder.value) / line).powi(power))
            .sum()
    };
    Ok(Below {
        headcount: power(0),
        gap: power(1),
        severity: power(2),
    })
}
