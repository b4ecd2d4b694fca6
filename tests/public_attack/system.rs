//! What an attacker knows of unknown figures: an interval of each, and sums of them that are known to lie in an interval.
//!
//! Bounds are propagated to a fixed point: each sum bounds each of its terms by the bounds of the others. That is weaker than a
//! linear program over all sums, and stronger than looking at one table at a time.

/// Rounds of propagation at most; what is left to gain after so many is less than a person.
const ROUNDS: usize = 60;
/// What floating-point sums may be off by.
const SLACK: f64 = 1e-7;

/// How near to a whole number counts as one: bounds drift by [`SLACK`] in each round.
const WHOLE: f64 = 1e-4;

/// Position of an unknown in a [`System`].
pub(crate) type Unknown = usize;

/// An interval, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interval {
    pub least: f64,
    pub most: f64,
}

impl Interval {
    pub(crate) const NOT_NEGATIVE: Self = Self {
        least: 0.0,
        most: f64::INFINITY,
    };

    pub(crate) fn new(least: f64, most: f64) -> Self {
        Self { least, most }
    }

    pub(crate) fn around(middle: f64, half: f64) -> Self {
        Self::new(middle - half, middle + half)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self::new(self.least.max(other.least), self.most.min(other.most))
    }

    pub(crate) fn width(self) -> f64 {
        self.most - self.least
    }

    /// Whole numbers within it.
    pub(crate) fn candidates(self) -> f64 {
        ((self.most + WHOLE).floor() - (self.least - WHOLE).ceil() + 1.0).max(0.0)
    }
}

/// A sum of unknowns, each with a factor, that lies within an interval.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    /// What it was concluded from, as in the table of what was tried.
    pub family: &'static str,
    pub terms: Vec<(f64, Unknown)>,
    pub within: Interval,
}

/// Unknown figures and what is known of them.
#[derive(Debug, Default)]
pub(crate) struct System {
    /// What the published cell itself says of each unknown.
    pub said: Vec<Interval>,
    pub sums: Vec<Sum>,
}

impl System {
    pub(crate) fn unknown(&mut self, said: Interval) -> Unknown {
        self.said.push(said);
        self.said.len() - 1
    }

    pub(crate) fn sum(
        &mut self,
        family: &'static str,
        terms: Vec<(f64, Unknown)>,
        within: Interval,
    ) {
        self.sums.push(Sum {
            family,
            terms,
            within,
        });
    }

    /// What follows for each unknown from the sums of these families. A sum that contradicts what else is known is left
    /// aside: the attacker has misunderstood it.
    pub(crate) fn solve(&self, uses: impl Fn(&str) -> bool) -> Vec<Interval> {
        let mut bounds = self.said.clone();
        let mut sums: Vec<&Sum> = self.sums.iter().filter(|sum| uses(sum.family)).collect();
        for _ in 0..ROUNDS {
            let mut gained = false;
            sums.retain(|sum| match narrowed(sum, &bounds) {
                Some(terms) => {
                    for (&(_, unknown), interval) in sum.terms.iter().zip(terms) {
                        let gain = bounds[unknown].width() - interval.width();
                        gained |= gain > 1e-3 || gain.is_nan() && interval.width().is_finite();
                        bounds[unknown] = interval;
                    }
                    true
                }
                None => false,
            });
            if !gained {
                break;
            }
        }
        bounds
    }
}

/// The bounds of a sum's terms, by those of the other terms; `None` where none would be left.
fn narrowed(sum: &Sum, bounds: &[Interval]) -> Option<Vec<Interval>> {
    let part = |&(factor, unknown): &(f64, Unknown)| {
        let Interval { least, most } = bounds[unknown];
        let ends = [factor * least, factor * most];
        Interval::new(ends[0].min(ends[1]), ends[0].max(ends[1]))
    };
    let parts: Vec<Interval> = sum.terms.iter().map(part).collect();
    let mut terms = Vec::with_capacity(parts.len());
    for (position, &(factor, unknown)) in sum.terms.iter().enumerate() {
        let others = parts
            .iter()
            .enumerate()
            .filter(|&(other, _)| other != position)
            .fold(Interval::new(0.0, 0.0), |all, (_, part)| {
                Interval::new(all.least + part.least, all.most + part.most)
            });
        let ends = [
            (sum.within.least - others.most) / factor,
            (sum.within.most - others.least) / factor,
        ];
        let own = Interval::new(ends[0].min(ends[1]) - SLACK, ends[0].max(ends[1]) + SLACK);
        let both = bounds[unknown].and(own);
        if both.least > both.most + SLACK {
            return None;
        }
        terms.push(Interval::new(both.least, both.most.max(both.least)));
    }
    Some(terms)
}

/// 10 to 14 are published as 10, 1 to 9 left out, and both together are 10 to 14: so those left out are 4 at most.
#[test]
fn a_sum_bounds_its_terms() {
    let mut system = System::default();
    let rounded = system.unknown(Interval::new(10.0, 14.0));
    let few = system.unknown(Interval::new(1.0, 9.0));
    let group = system.unknown(Interval::new(10.0, 14.0));
    let terms = vec![(1.0, rounded), (1.0, few), (-1.0, group)];
    system.sum("parts", terms, Interval::new(0.0, 0.0));
    let bounds = system.solve(|_| true);
    assert!(bounds[few].most < 4.0 + 1e-3 && bounds[few].least > 1.0 - 1e-3);
    assert!((bounds[few].candidates() - 4.0).abs() < 1e-9);
    assert!(bounds[rounded].most < 13.0 + 1e-3 && bounds[group].least > 11.0 - 1e-3);
}
