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
        let mut tallies = vec![Completeness::none(services); units.units.len()];
        let mut lacking = Vec::new();
        for (word, (&urban, of_points)) in urban.iter().zip(units.of_point.chunks(64)).enumerate() {
            for (band, asked) in self.asked.iter().enumerate() {
                let counts = Counts::of(asked, urban, word * 64, &mut lacking);
                for (at, unit) in of_points.iter().enumerate() {
                    let people = u64::from(self.city.residents()[word * 64 + at].0[band]);
                    let Some(unit) = unit.filter(|_| people > 0) else {
                        continue;
                    };
                    let (asked, lacking) = counts.at(at, urban);
                    if asked > 0 {
                        tallies[unit].add(band, Residents(people), asked, lacking);
                    }
                }
                for (asked, &lacking) in asked.iter().zip(&lacking) {
                    for at in ones(lacking & counts.exactly_one()) {
                        if let Some(unit) = of_points.get(at).copied().flatten() {
                            let people = self.city.residents()[word * 64 + at].0[band];
                            tallies[unit].lacking_only[asked.nth] += Residents(u64::from(people));
                        }
                    }
                }
            }
        }
        tallies
    }
}

impl Completeness {
    #[inline]
    fn add(&mut self, band: usize, people: Residents, asked: usize, lacking: usize) {
        self.asked[band] += people;
        if lacking == 0 {
            self.complete[band] += people;
        }
        self.lacking[lacking] += people;
        self.pairs += people.0 * asked as u64;
    }
}

/// How many services count for 64 demand points, and how many are lacked.
struct Counts {
    /// For urban and for rural ones.
    asked: [usize; 2],
    /// Binary digits of the number that each lacks, the lowest first.
    digits: [u64; DIGITS],
    /// How many digits there may be.
    used: usize,
}

impl Counts {
    /// Of the demand points from `first` on; which of them lack each service is left in `lacking`.
    fn of(asked: &[Asked], urban: u64, first: usize, lacking: &mut Vec<u64>) -> Self {
        let counts_for = |class: usize| asked.iter().filter(|each| each.classes[class] > 0).count();
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
        Self {
            asked: [counts_for(0), counts_for(1)],
            digits,
            used,
        }
    }

    /// How many services count for one of them, and how many it lacks.
    #[inline]
    fn at(&self, at: usize, urban: u64) -> (usize, usize) {
        let asked = self.asked[usize::from(urban >> at & 1 == 0)];
        let digits = (0..).zip(&self.digits[..self.used]);
        let lacking = digits.fold(0, |count, (place, digit)| {
            count | ((digit >> at & 1) as usize) << place
        });
        (asked, lacking)
    }

    /// Those who lack one service.
    fn exactly_one(&self) -> u64 {
        let more = self.digits[1..].iter().fold(0, |any, digit| any | digit);
        self.digits[0] & !more
    }
}

/// The places of the ones in a word, the lowest first.
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (at < 64).then_some(at)
    })
}
