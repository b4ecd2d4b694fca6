//! Completeness: how many of the services that count for a resident are in reach, each within its own limit, or all of them within
//! a quarter of an hour on foot (15 分钟生活圈).
//!
//! A service counts for those of its target group whose class of community has a limit for it. Who is covered within the own
//! limits is known from [`crate::supply`]; within 15 minutes it is searched here, but for services whose limit that is anyway.
//!
//! Worked by hand: 10 children and 90 adults at one place have a market in reach and no kindergarten. Both count for the children,
//! the market alone for the adults: 90 of 100 have all, 10 lack one, which is the kindergarten, and of 110 pairs of a resident and a
//! service 100 are in reach.

use rayon::prelude::*;

use crate::city::{City, Class};
use crate::position::{ServiceAt, UnitAt};
use crate::quantity::{AGE_BANDS, ByAge, Point, Residents};
use crate::reach::{GroupTrips, Limits};
use crate::service::{Basis, Limit, Mode, Service, Tier};
use crate::supply::{Bits, CoveredPoints, Mask, Offers, blocks};
use crate::units::Units;
use crate::watch::{Progress, Stopped, Watch};

/// A quarter of an hour on foot, or 1,000 m where radii count (GB 50180-2018).
pub const QUARTER_HOUR: Limit = Limit {
    mode: Mode::Walk,
    minutes: 15,
    radius_m: Some(1000),
};

/// What is in reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// What is within each service's own limit.
    OwnLimit,
    /// What is within [`QUARTER_HOUR`], whatever the service's own limit and mode.
    QuarterHour,
}

/// Which services count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basket {
    /// The basic ones.
    Basic,
    /// All that are selected.
    Selected,
}

/// How each unit and year is judged, in the order of [`Round::completeness`](crate::round::Round::completeness).
pub const WAYS: [(Within, Basket); 4] = [
    (Within::OwnLimit, Basket::Basic),
    (Within::OwnLimit, Basket::Selected),
    (Within::QuarterHour, Basket::Basic),
    (Within::QuarterHour, Basket::Selected),
];

/// The residents of a unit, or of several, in one year, by how many services they have in reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// By age band, those for whom at least one service counts.
    pub asked: ByAge,
    /// Those of them who have all services in reach that count for them.
    pub complete: ByAge,
    /// Thousandths of a resident × services that count for them.
    pub pairs: u64,
    /// Those who lack so many, by their number: from none to all selected services.
    pub lacking: Vec<Residents>,
    /// Those who lack one service only, by its place among the selected.
    pub lacking_only: Vec<Residents>,
}

impl Completeness {
    /// Nobody; of so many selected services.
    #[must_use]
    pub fn none(services: usize) -> Self {
        Self {
            asked: ByAge::default(),
            complete: ByAge::default(),
            pairs: 0,
            lacking: vec![Residents::default(); services + 1],
            lacking_only: vec![Residents::default(); services],
        }
    }

    /// Adds the residents of another unit, judged in the same way by the same services.
    pub fn join(&mut self, other: &Self) {
        let add = |sums: &mut [Residents], more: &[Residents]| {
            sums.iter_mut()
                .zip(more)
                .for_each(|(sum, more)| *sum += *more);
        };
        add(&mut self.asked, &other.asked);
        add(&mut self.complete, &other.complete);
        add(&mut self.lacking, &other.lacking);
        add(&mut self.lacking_only, &other.lacking_only);
        self.pairs += other.pairs;
    }

    /// Residents for whom at least one service counts.
    #[must_use]
    pub fn residents(&self) -> Residents {
        self.asked.iter().copied().sum()
    }

    /// Those who have all services in reach ÷ those for whom one counts at least; `None` where there are none.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let of = self.residents();
        (of.0 > 0).then(|| self.lacking[0].0 as f64 / of.0 as f64)
    }

    /// The same of each age band.
    #[must_use]
    pub fn share_by_age(&self) -> [Option<f64>; AGE_BANDS.len()] {
        std::array::from_fn(|band| {
            let of = self.asked[band];
            (of.0 > 0).then(|| self.complete[band].0 as f64 / of.0 as f64)
        })
    }

    /// Of all pairs of a resident and a service that counts for them, the share in which it is in reach: what the average
    /// resident has; `None` where there are none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let lacking: u64 = (0..)
            .zip(&self.lacking)
            .map(|(count, people)| count * people.0)
            .sum();
        (self.pairs > 0).then(|| (self.pairs - lacking) as f64 / self.pairs as f64)
    }

    /// The place of the service that most people lack as the only one, and how many they are; of several the first, `None` where
    /// nobody lacks one only.
    #[must_use]
    pub fn lacked_most(&self) -> Option<(usize, Residents)> {
        let most = self.lacking_only.iter().copied().max()?;
        let service = self.lacking_only.iter().position(|&people| people == most);
        service
            .map(|service| (service, most))
            .filter(|_| most.0 > 0)
    }
}

/// A selected service, and who has it within its limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) service: &'a Service,
    pub(crate) at: ServiceAt,
    pub(crate) limits: Limits,
    /// Whether anything is known of its facilities; otherwise it counts for nobody.
    pub(crate) supplied: bool,
    pub(crate) covered: &'a CoveredPoints,
}

impl Basket {
    /// Whether a resident can have or lack a selected service with these limits, and it belongs to the basket. A kind that only
    /// adds capacity to others is no service of its own, and what nobody has a limit for is not judged by reach.
    #[must_use]
    pub fn has(self, service: &Service, limits: Limits) -> bool {
        service.norm.basis != Basis::SupplyOnly
            && (limits.urban.is_some() || limits.rural.is_some())
            && (self == Self::Selected || service.tier == Tier::Basic)
    }
}

impl Judged<'_> {
    fn is_in(&self, basket: Basket) -> bool {
        self.supplied && basket.has(self.service, self.limits)
    }

    /// The quarter of an hour for those who have a limit.
    fn quarter_hour(&self) -> Limits {
        Limits {
            urban: self.limits.urban.map(|_| QUARTER_HOUR),
            rural: self.limits.rural.map(|_| QUARTER_HOUR),
        }
    }

    /// Whether the own limit is a quarter of an hour on foot, wherever there is one.
    fn is_quarter_hour(&self) -> bool {
        let limits = [self.limits.urban, self.limits.rural];
        limits
            .into_iter()
            .flatten()
            .all(|limit| limit == QUARTER_HOUR)
    }
}

/// The completeness of each unit in each of `years` (the same city in its years, in order), judged in each of [`WAYS`]: unit by
/// unit, year by year, way by way.
///
/// 64 demand points at a time: bit by bit, who lacks each service is added into a binary counter that has a word for each
/// of its digits, so that a service costs about two operations for all 64. O(points × services × age bands ÷ 64 + points ×
/// age bands) for each year and way, which go in parallel; and a search for the facilities of each service that open in a year.
/// Holds a bit for each demand point, group of ages, service and different year, some 25 MB for 42 services of a city of 21
/// million. Sums are whole: no order matters.
///
/// # Errors
/// Where `watch` says stop: it is asked before each service and each year.
pub(crate) fn judge(
    years: &[&City],
    units: &Units,
    groups: &[GroupTrips],
    offers: &Offers,
    services: &[Judged],
    watch: Watch,
) -> Result<Vec<Completeness>, Stopped> {
    let within_quarter_hour: Vec<CoveredPoints> = services
        .par_iter()
        .with_max_len(1)
        .map(|service| {
            watch(Progress::Working)?;
            Ok(quarter_hour(years.len(), groups, offers, service))
        })
        .collect::<Result<_, Stopped>>()?;
    let ways = (0..years.len()).flat_map(|year| WAYS.map(|way| (year, way)));
    let ways: Vec<_> = ways.collect();
    let urban = urban(years[0]);
    let mut by_way: Vec<_> = ways
        .into_par_iter()
        .with_max_len(1)
        .map(|(year, (within, basket))| {
            watch(Progress::Working)?;
            let covered = |nth: usize| match within {
                Within::OwnLimit => services[nth].covered,
                Within::QuarterHour => &within_quarter_hour[nth],
            };
            let counter = Counter::new(years[year], services, basket, |nth| {
                (covered(nth), &*covered(nth).years[year])
            });
            Ok(counter.tally(&urban, units, services.len()).into_iter())
        })
        .collect::<Result<_, Stopped>>()?;
    let mut all = Vec::with_capacity(units.units.len() * by_way.len());
    for _ in UnitAt::first(units.units.len()) {
        all.extend(by_way.iter_mut().filter_map(Iterator::next));
    }
    Ok(all)
}

/// Which demand points have the service within [`QUARTER_HOUR`], in the layout of those within its own limit.
fn quarter_hour(
    years: usize,
    groups: &[GroupTrips],
    offers: &Offers,
    judged: &Judged,
) -> CoveredPoints {
    if judged.is_quarter_hour() || !judged.is_in(Basket::Selected) {
        return judged.covered.clone();
    }
    let offers = offers.ever_open(judged.at);
    let mut found = CoveredPoints {
        years: Vec::with_capacity(years),
        ..judged.covered.clone()
    };
    for block in blocks(years) {
        let open = offers.iter().map(|each| (each.at, each.open_in(&block)));
        let (places, open): (Vec<Point>, Vec<Mask>) = open.unzip();
        let of_target = |group: &&GroupTrips| judged.service.target.any_of(&group.bands);
        let near = groups.iter().filter(of_target).flat_map(|group| {
            let trips = &group.trips;
            trips.mark(judged.quarter_hour(), &places, &open)
        });
        let near: Vec<Mask> = near.collect();
        for (lane, year) in block.enumerate() {
            found.add_year(offers, &near, lane, year);
        }
    }
    found
}

/// Which demand points lie in urban communities, 64 in a word.
fn urban(city: &City) -> Vec<u64> {
    let word = |classes: &[Class]| {
        let bits = (0..).zip(classes);
        bits.fold(0, |word, (at, &class)| {
            word | u64::from(class == Class::Urban) << at
        })
    };
    city.classes().chunks(64).map(word).collect()
}

/// A service that counts for an age band.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// Place among the selected.
    nth: usize,
    /// Of whom it is known whether they have it in reach.
    covered: &'a Bits,
    /// The first demand point's bit of the band's group.
    first: usize,
    /// All ones where it counts for urban communities, else 0; the same for rural ones.
    classes: [u64; 2],
}

/// Counts what everybody lacks, in one year and one way.
struct Counter<'a> {
    city: &'a City,
    /// The services of each age band.
    asked: [Vec<Asked<'a>>; AGE_BANDS.len()],
}

/// Digits of a number of services.
const DIGITS: usize = u16::BITS as usize;

impl<'a> Counter<'a> {
    /// Of the services of a basket, of each of which `covered` says who has it in reach.
    fn new(
        city: &'a City,
        services: &[Judged],
        basket: Basket,
        covered: impl Fn(usize) -> (&'a CoveredPoints, &'a Bits),
    ) -> Self {
        let points = city.points().len();
        let mut asked: [Vec<Asked>; AGE_BANDS.len()] = Default::default();
        let counted = services.iter().enumerate();
        for (nth, judged) in counted.filter(|(_, each)| each.is_in(basket)) {
            let target = judged.service.target.bands();
            let (points_of_groups, bits) = covered(nth);
            let limits = [judged.limits.urban, judged.limits.rural];
            for (bands, first) in points_of_groups
                .groups
                .iter()
                .zip((0..).step_by(points.max(1)))
            {
                for band in (0..AGE_BANDS.len()).filter(|&band| target[band] && bands[band]) {
                    asked[band].push(Asked {
                        nth,
                        covered: bits,
                        first,
                        classes: limits.map(|limit| if limit.is_some() { u64::MAX } else { 0 }),
                    });
                }
            }
        }
        Self { city, asked }
    }

    /// Unit by unit.
    fn tally(&self, urban: &[u64], units: &Units, services: usize) -> Vec<Completeness> {
        let mut sums = vec![UnitSums::none(services); units.units.len()];
        let mut lacking = Vec::new();
        for (word, (&urban, of_points)) in urban.iter().zip(units.of_point.chunks(64)).enumerate() {
            let residents = &self.city.residents()[word * 64..][..of_points.len()];
            for (band, asked) in self.asked.iter().enumerate() {
                let digits = Digits::of(asked, urban, word * 64, &mut lacking);
                let numbers = digits.numbers();
                for (at, (unit, ages)) in of_points.iter().zip(residents).enumerate() {
                    if let Some(unit) = *unit {
                        let people = u64::from(ages.0[band]);
                        let sums = &mut sums[unit];
                        sums.lacking[band][usize::from(numbers[at])] += people;
                        sums.of_class[band][usize::from(urban >> at & 1 == 0)] += people;
                    }
                }
                for (asked, &lacking) in asked.iter().zip(&lacking) {
                    for at in ones(lacking & digits.exactly_one()) {
                        if let Some(unit) = of_points.get(at).copied().flatten() {
                            sums[unit].lacking_only[asked.nth] += u64::from(residents[at].0[band]);
                        }
                    }
                }
            }
        }
        let asked = self.asked.each_ref().map(|asked| {
            [0, 1].map(|class| asked.iter().filter(|each| each.classes[class] > 0).count())
        });
        sums.iter().map(|sums| sums.completeness(&asked)).collect()
    }
}

/// Thousandths of residents of a unit.
#[derive(Clone)]
struct UnitSums {
    /// By age band and how many services they lack: none where none counts for them.
    lacking: [Vec<u64>; AGE_BANDS.len()],
    /// By age band, urban and rural ones.
    of_class: [[u64; 2]; AGE_BANDS.len()],
    /// As [`Completeness::lacking_only`].
    lacking_only: Vec<u64>,
}

impl UnitSums {
    fn none(services: usize) -> Self {
        Self {
            lacking: std::array::from_fn(|_| vec![0; services + 1]),
            of_class: Default::default(),
            lacking_only: vec![0; services],
        }
    }

    /// Where so many services count for each age band, by class.
    fn completeness(&self, asked: &[[usize; 2]; AGE_BANDS.len()]) -> Completeness {
        let mut found = Completeness::none(self.lacking_only.len());
        for (band, (asked, of_class)) in asked.iter().zip(self.of_class).enumerate() {
            // Those for whom none counts lack none.
            let mut nobody = 0;
            for (&asked, people) in asked.iter().zip(of_class) {
                if asked == 0 {
                    nobody += people;
                } else {
                    found.asked[band] += Residents(people);
                    found.pairs += people * asked as u64;
                }
            }
            let mut lacking = self.lacking[band].clone();
            lacking[0] -= nobody;
            found.complete[band] = Residents(lacking[0]);
            for (sum, people) in found.lacking.iter_mut().zip(lacking) {
                *sum += Residents(people);
            }
        }
        let only = self.lacking_only.iter().map(|&people| Residents(people));
        found.lacking_only = only.collect();
        found
    }
}

/// How many services each of 64 demand points lacks, in binary digits, the lowest first.
struct Digits([u64; DIGITS]);

impl Digits {
    /// Of the demand points from `first` on; which of them lack each service is left in `lacking`.
    fn of(asked: &[Asked], urban: u64, first: usize, lacking: &mut Vec<u64>) -> Self {
        let mut digits = [0; DIGITS];
        let used = DIGITS - (asked.len() as u16).leading_zeros() as usize;
        lacking.clear();
        for each in asked {
            let counts = urban & each.classes[0] | !urban & each.classes[1];
            let lacks = counts & !each.covered.word(each.first + first);
            lacking.push(lacks);
            let mut carry = lacks;
            for digit in &mut digits[..used] {
                (*digit, carry) = (*digit ^ carry, *digit & carry);
            }
        }
        Self(digits)
    }

    /// The same as numbers, eight at a time: the digits of each place are spread over eight bytes, and those of higher places moved
    /// up in them.
    fn numbers(&self) -> [u16; 64] {
        let mut numbers = [0; 64];
        for (nth, eight) in numbers.chunks_exact_mut(8).enumerate() {
            let bytes = |digits: &[u64]| {
                let spread = digits
                    .iter()
                    .map(|digit| spread((digit >> (8 * nth)) as u8));
                let joined = (0..)
                    .zip(spread)
                    .fold(0, |joined, (place, spread)| joined | spread << place);
                joined.to_le_bytes()
            };
            let (low, high) = self.0.split_at(8);
            let high = if high.iter().any(|&digit| digit > 0) {
                bytes(high)
            } else {
                [0; 8]
            };
            for ((number, low), high) in eight.iter_mut().zip(bytes(low)).zip(high) {
                *number = u16::from_le_bytes([low, high]);
            }
        }
        numbers
    }

    /// Those who lack one service.
    fn exactly_one(&self) -> u64 {
        let more = self.0[1..].iter().fold(0, |any, digit| any | digit);
        self.0[0] & !more
    }
}

/// Eight bits as the lowest bits of eight bytes, the lowest first. Bit n is to move by 7 × n; a multiplication moves each of the lower seven
/// by all multiples of 7, of which no two meet, and the eighth is put in place alone.
#[inline]
fn spread(bits: u8) -> u64 {
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    const MOVES: u64 = 0x0002_0408_1020_4081;
    ((u64::from(bits & 0x7f) * MOVES) & LOWEST) | (u64::from(bits >> 7) << 56)
}

/// The places of the ones in a word, the lowest first.
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (at < 64).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_as_the_numbers_they_are() {
        // Numbers of all lengths.
        let numbers: [u16; 64] = std::array::from_fn(|at| (at as u16).wrapping_mul(0x3b4d));
        let digit = |place: usize| {
            let bit = |(at, number): (usize, &u16)| u64::from(number >> place & 1) << at;
            numbers.iter().enumerate().map(bit).sum()
        };
        assert_eq!(Digits(std::array::from_fn(digit)).numbers(), numbers);
        for bits in 0..=u8::MAX {
            let bytes = spread(bits).to_le_bytes();
            let expected: [u8; 8] = std::array::from_fn(|at| bits >> at & 1);
            assert_eq!(bytes, expected);
        }
    }
}
