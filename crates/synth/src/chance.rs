//! Chance: streams of random numbers, one for each use, so that a change in one stage moves nothing in the others.

use geo::Coord;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Where a stream of chance begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    /// The seed of one use.
    pub(crate) fn of(self, usage: &str) -> Self {
        usage
            .bytes()
            .fold(self, |seed, byte| seed.at(u64::from(byte)))
    }

    /// The seed of one of many.
    pub(crate) fn at(self, number: u64) -> Self {
        Self(mixed(self.0 ^ splitmix(number)))
    }

    /// A single number, at least −1 and below 1, without a stream.
    pub(crate) fn signed(self) -> f64 {
        (mixed(self.0) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    pub(crate) fn stream(self) -> Pcg64Mcg {
        Pcg64Mcg::seed_from_u64(self.0)
    }
}

/// A number for each number, the same in every language: SplitMix64 begun at `number`.
pub(crate) fn splitmix(number: u64) -> u64 {
    mixed(number.wrapping_add(0x9e37_79b9_7f4a_7c15))
}

/// The finalizer of SplitMix64 (Steele, Lea & Flood 2014): every bit of the input sways every bit of the output.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A number with mean 0 and standard deviation 1, between −6 and 6: the sum of twelve even ones is near enough to normal.
pub(crate) fn normal(rng: &mut Pcg64Mcg) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

/// `total` in whole parts: each gets `least`, and the rest goes by `weights`, whose sum is above 0. The parts add up to
/// `total` exactly, because each takes the rounded difference of the running sum.
pub(crate) fn apportion(total: u64, least: u64, weights: &[f64]) -> Vec<u64> {
    let spare = total - least * weights.len() as u64;
    let whole: f64 = weights.iter().sum();
    let (mut sum, mut given) = (0.0, 0);
    let parts = weights.iter().map(|weight| {
        sum += weight;
        let until = (spare as f64 * (sum / whole)).round() as u64;
        let part = until - given;
        given = until;
        least + part
    });
    parts.collect()
}

/// A smooth irregular surface over the plane: mean 0, standard deviation 1, at most 4 either way.
pub(crate) struct Waves([(Coord, f64); 8]);

impl Waves {
    /// A sum of eight sine waves in random directions, each between `shortest` and twice as long.
    pub(crate) fn new(seed: Seed, shortest: f64) -> Self {
        let mut rng = seed.stream();
        Self(std::array::from_fn(|_| {
            let number = std::f64::consts::TAU / (shortest * rng.random_range(1.0..2.0));
            let (sin, cos) = angle(&mut rng).sin_cos();
            (
                Coord {
                    x: cos * number,
                    y: sin * number,
                },
                angle(&mut rng),
            )
        }))
    }

    pub(crate) fn at(&self, place: Coord) -> f64 {
        self.0
            .iter()
            .map(|(wave, phase)| (wave.x * place.x + wave.y * place.y + phase).sin())
            .sum::<f64>()
            / 2.0
    }
}

/// Any direction, in radians.
pub(crate) fn angle(rng: &mut Pcg64Mcg) -> f64 {
    rng.random_range(0.0..std::f64::consts::TAU)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_follow_the_weights() {
        // 10 to three: one each, and 7 by 1 : 2 : 4.
        assert_eq!(apportion(10, 1, &[1.0, 2.0, 4.0]), [2, 3, 5]);
        assert_eq!(apportion(2, 0, &[1.0, 1.0, 1.0]).iter().sum::<u64>(), 2);
    }

    #[test]
    fn seeds_of_different_uses_differ() {
        assert_ne!(Seed(1).of("land").0, Seed(1).of("people").0);
        assert_ne!(Seed(1).at(0).0, Seed(2).at(0).0);
    }
}
