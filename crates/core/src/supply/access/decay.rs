//! How the weight of a trip falls with its time.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::Millis;

/// How the weight f of a link falls with its time t under the limit d: between 0 and 1, never rising, and 0 beyond the limit.
///
/// Its text form, for plans and the command line, stands with each; [`Decay::from_str`] reads it and `Display` writes it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub enum Decay {
    /// `binary`: f = 1 up to and at the limit (Luo & Wang 2003).
    Binary,
    /// `gaussian`: f = (exp(−½ (t/d)²) − e^−½) / (1 − e^−½): 1 at the door, 0 at the limit (Dai 2010).
    Gaussian,
    /// `epanechnikov`: f = ¾ (1 − (t/d)²): ¾ at the door, 0 at the limit. 2SFCA with it is KD2SFCA (Dai & Wang 2011).
    Epanechnikov,
    /// `step`: f = 1, 0.68 and 0.22 in the first, second and last third of the limit, each to its end. 2SFCA with it is E2SFCA
    /// (Luo & Qi 2009, who have 10, 20 and 30 minutes).
    Thirds,
    /// `step:10=1,20=0.68,30=0.22`: f is the weight of the first step, in minutes, that t does not exceed; 0 beyond the last.
    Steps(Steps),
    /// `exponential:0.1`: f = exp(−b t), t in minutes; b > 0 a minute.
    Exponential {
        /// b.
        per_minute: f64,
    },
    /// `power:1,1`: f = (max(t, m) ÷ m)^−b, t in minutes: 1 until the least time m > 0, because t^−b has no end at the door; b > 0.
    /// With m = 1 this is t^−b.
    Power {
        /// b.
        exponent: f64,
        /// m.
        least_minutes: f64,
    },
    /// `logistic:10,3`: f = (1 + exp(−c/s)) ÷ (1 + exp((t − c)/s)) with s = σ √3 ÷ π, t in minutes: 1 at the door, falling fastest at
    /// c > 0, the less abruptly the larger the spread σ > 0 (Bauer & Groneberg 2016).
    Logistic {
        /// c.
        bend_minutes: f64,
        /// σ.
        spread_minutes: f64,
    },
}

impl Decay {
    /// The weight, 0 to 1.
    ///
    /// ```
    /// use fuwutu_core::{quantity::Millis, supply::access::Decay};
    /// let limit = Millis::minutes(15);
    /// assert_eq!(Decay::Binary.weight(limit, limit), 1.0);
    /// assert_eq!(Decay::Gaussian.weight(Millis(0), limit), 1.0);
    /// assert_eq!(Decay::Gaussian.weight(limit, limit), 0.0);
    /// assert_eq!(Decay::Thirds.weight(Millis::minutes(5), limit), 1.0);
    /// assert_eq!(Decay::Thirds.weight(Millis(5 * 60_000 + 1), limit), 0.68);
    /// ```
    #[inline]
    #[must_use]
    pub fn weight(&self, time: Millis, limit: Millis) -> f64 {
        if !time.within(limit) {
            return 0.0;
        }
        // Under a limit of 0 there is only the door.
        let ratio = if time.0 == 0 {
            0.0
        } else {
            f64::from(time.0) / f64::from(limit.0)
        };
        let minutes = minutes(time);
        match *self {
            Self::Binary => 1.0,
            Self::Gaussian => {
                let edge = (-0.5_f64).exp();
                ((-0.5 * ratio * ratio).exp() - edge) / (1.0 - edge)
            }
            Self::Epanechnikov => 0.75 * (1.0 - ratio * ratio),
            Self::Thirds => match u64::from(time.0) * 3 {
                triple if triple <= u64::from(limit.0) => 1.0,
                triple if triple <= u64::from(limit.0) * 2 => 0.68,
                _ => 0.22,
            },
            Self::Steps(steps) => steps.weight(time),
            Self::Exponential { per_minute } => (-per_minute * minutes).exp(),
            Self::Power {
                exponent,
                least_minutes,
            } => (minutes.max(least_minutes) / least_minutes).powf(-exponent),
            Self::Logistic {
                bend_minutes,
                spread_minutes,
            } => {
                let scale = spread_minutes * 3.0_f64.sqrt() / std::f64::consts::PI;
                (1.0 + (-bend_minutes / scale).exp())
                    / (1.0 + ((minutes - bend_minutes) / scale).exp())
            }
        }
    }
}

fn minutes(time: Millis) -> f64 {
    f64::from(time.0) / 60_000.0
}

/// Up to eight steps: times that rise, and weights from 1 to 0 that do not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps([(Millis, f64); Steps::MOST]);

impl Steps {
    const MOST: usize = 8;

    /// What stands in the place of a step that is not there: at the end of time there is no weight left.
    const NONE: (Millis, f64) = (Millis(u32::MAX), 0.0);

    /// From the end of each step and its weight. `None` for no steps or more than eight, and where times do not rise or weights
    /// rise or leave 0 to 1.
    #[must_use]
    pub fn new(given: &[(Millis, f64)]) -> Option<Self> {
        let rising = given
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 >= pair[1].1);
        let weights = given.iter().all(|(_, weight)| (0.0..=1.0).contains(weight));
        let sound = (1..=Self::MOST).contains(&given.len()) && rising && weights;
        sound.then(|| {
            Self(std::array::from_fn(|at| {
                given.get(at).copied().unwrap_or(Self::NONE)
            }))
        })
    }

    fn weight(&self, time: Millis) -> f64 {
        self.0
            .iter()
            .find(|(until, _)| time.within(*until))
            .map_or(0.0, |(_, weight)| *weight)
    }
}

/// A text that is no decay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no decay: write binary, gaussian, epanechnikov, step, step:10=1,20=0.68,30=0.22 (minutes = weight; at most 8, weights \
     from 1 to 0), exponential:0.1 (a minute), power:1,1 (exponent, least minutes) or logistic:10,3 (minutes: bend, spread)"
)]
pub struct DecayError(pub String);

/// No trip is longer (minutes), and no parameter is larger.
const MOST: f64 = 1440.0;

impl FromStr for Decay {
    type Err = DecayError;

    fn from_str(text: &str) -> Result<Self, DecayError> {
        let (name, parameters) = match text.split_once([':', '：']) {
            Some((name, parameters)) => (name.trim(), Some(parameters)),
            None => (text.trim(), None),
        };
        let parameters: Option<Vec<&str>> =
            parameters.map(|all| all.split([',', '，']).map(str::trim).collect());
        let decay = match (name, parameters.as_deref()) {
            ("binary", None) => Some(Self::Binary),
            ("gaussian", None) => Some(Self::Gaussian),
            ("epanechnikov", None) => Some(Self::Epanechnikov),
            ("step", None) => Some(Self::Thirds),
            ("step", Some(steps)) => {
                let steps: Option<Vec<_>> = steps.iter().map(|step| read_step(step)).collect();
                steps.and_then(|steps| Steps::new(&steps)).map(Self::Steps)
            }
            ("exponential", Some([rate])) => {
                positive(rate).map(|per_minute| Self::Exponential { per_minute })
            }
            ("power", Some([exponent, least])) => {
                positive(exponent)
                    .zip(positive(least))
                    .map(|(exponent, least_minutes)| Self::Power {
                        exponent,
                        least_minutes,
                    })
            }
            ("logistic", Some([bend, spread])) => {
                positive(bend)
                    .zip(positive(spread))
                    .map(|(bend_minutes, spread_minutes)| Self::Logistic {
                        bend_minutes,
                        spread_minutes,
                    })
            }
            _ => None,
        };
        decay.ok_or_else(|| DecayError(text.to_owned()))
    }
}

fn positive(text: &str) -> Option<f64> {
    text.parse()
        .ok()
        .filter(|&number| number > 0.0 && number <= MOST)
}

fn read_step(text: &str) -> Option<(Millis, f64)> {
    let (until, weight) = text.split_once('=')?;
    let until = positive(until.trim())?;
    Some((
        Millis((until * 60_000.0).round() as u32),
        weight.trim().parse().ok()?,
    ))
}

impl fmt::Display for Decay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary => f.write_str("binary"),
            Self::Gaussian => f.write_str("gaussian"),
            Self::Epanechnikov => f.write_str("epanechnikov"),
            Self::Thirds => f.write_str("step"),
            Self::Steps(steps) => {
                let given = steps.0.iter().filter(|step| **step != Steps::NONE);
                let text: Vec<String> = given
                    .map(|(until, weight)| format!("{}={weight}", minutes(*until)))
                    .collect();
                write!(f, "step:{}", text.join(","))
            }
            Self::Exponential { per_minute } => write!(f, "exponential:{per_minute}"),
            Self::Power {
                exponent,
                least_minutes,
            } => write!(f, "power:{exponent},{least_minutes}"),
            Self::Logistic {
                bend_minutes,
                spread_minutes,
            } => write!(f, "logistic:{bend_minutes},{spread_minutes}"),
        }
    }
}

impl TryFrom<String> for Decay {
    type Error = DecayError;

    fn try_from(text: String) -> Result<Self, DecayError> {
        text.parse()
    }
}

impl From<Decay> for String {
    fn from(decay: Decay) -> Self {
        decay.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 8] = [
        "binary",
        "gaussian",
        "epanechnikov",
        "step",
        "step:10=1,20=0.68,30=0.22",
        "exponential:0.1",
        "power:1.5,2",
        "logistic:10,3",
    ];

    fn decay(text: &str) -> Decay {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        for text in ALL {
            assert_eq!(decay(text).to_string(), text);
        }
        assert_eq!(decay(" power： 1.50 ， 2.0 "), decay("power:1.5,2"));
        // A third of a second is whole milliseconds only nearly.
        let steps = decay("step:0.0055555=1,7.5=0.5");
        assert_eq!(decay(&steps.to_string()), steps);
    }

    #[test]
    fn what_is_no_decay_is_named_with_what_may_be_written() {
        for text in [
            "",
            "linear",
            "binary:1",
            "step:",
            "step:10",
            "step:10=2",
            "step:10=0.5,20=0.6",
            "step:20=1,10=0.5",
            "step:10=1,10=0.5",
            "step:0=1",
            "step:10=NaN",
            "step:1=1,2=1,3=1,4=1,5=1,6=1,7=1,8=1,9=1",
            "exponential",
            "exponential:0",
            "exponential:-1",
            "exponential:NaN",
            "exponential:1,2",
            "power:1",
            "power:1,0",
            "power:inf,1",
            "logistic:10",
        ] {
            let error = text.parse::<Decay>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{text}` is no decay: write binary, gaussian")),
                "{error}"
            );
        }
    }

    #[test]
    fn weights_fall_from_the_door_to_the_limit_and_are_nothing_beyond() {
        let limit = Millis::minutes(30);
        for text in ALL {
            let weight = |time| decay(text).weight(Millis(time), limit);
            let weights: Vec<f64> = (0..=limit.0).step_by(1000).map(weight).collect();
            assert!(
                weights.iter().all(|weight| (0.0..=1.0).contains(weight)),
                "{text}"
            );
            assert!(weights.windows(2).all(|pair| pair[0] >= pair[1]), "{text}");
            assert!(weight(limit.0 + 1) <= 0.0, "{text}");
            assert!(
                decay(text).weight(Millis(0), Millis(0)) >= 0.75,
                "{text}: a limit of 0 leaves the door"
            );
        }
    }

    #[test]
    fn weights_are_those_worked_by_hand() {
        let limit = Millis::minutes(30);
        let check = |text: &str, minutes: u32, expected: f64| {
            let weight = decay(text).weight(Millis::minutes(minutes), limit);
            assert!(
                (weight - expected).abs() < 1e-12,
                "{text} {minutes}: {weight}"
            );
        };
        check("epanechnikov", 0, 0.75);
        check("epanechnikov", 15, 0.75 * 0.75);
        check("step", 10, 1.0);
        check("step", 20, 0.68);
        check("step", 21, 0.22);
        check("step:5=0.9,10=0.3", 5, 0.9);
        check("step:5=0.9,10=0.3", 6, 0.3);
        check("step:5=0.9,10=0.3", 11, 0.0);
        // e^−1; 1 ÷ 4; 2^−2 beyond the least time of 5, and 1 within it.
        check("exponential:0.1", 10, 0.367_879_441_171_442_33);
        check("power:1,1", 4, 0.25);
        check("power:2,5", 10, 0.25);
        check("power:2,5", 3, 1.0);
        // At the bend the lower part is 2: (1 + e^−c/s) ÷ 2 with c ÷ s = π √3 for c = 3 σ, which is 0.50217
        check("logistic:9,3", 0, 1.0);
        check(
            "logistic:9,3",
            9,
            (1.0 + (-std::f64::consts::PI * 3.0_f64.sqrt()).exp()) / 2.0,
        );
    }
}
