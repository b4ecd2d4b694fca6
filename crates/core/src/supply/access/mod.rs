//! Access: capacity in reach per person, by the two-step floating catchment area (2SFCA, 两步移动搜索法) and its relatives.
//!
//! Pᵢ people at demand point i, Sⱼ capacity of place j, fᵢⱼ the weight of the link between them (by a [`Decay`]; no link, no
//! weight). All measures take links as a [`Reach`] with one weight a link, run over links in their order, and cost O(links).
//! People and capacities are finite and not negative. A point that reaches no place has 0; a place that nobody reaches gives
//! nothing, and [`demand`] tells which ones these are.
//!
//! | | 2SFCA | 3SFCA | M2SFCA | BFCA |
//! |---|---|---|---|---|
//! | function | [`two_step`] | [`three_step`] | [`modified`] | [`balanced`] |
//! | Σ Pᵢ Aᵢ = Σ Sⱼ of the places that anybody reaches | yes | yes | at most | **no** |
//! | people × c makes it A ÷ c, capacities × c make it A × c | yes | yes | yes | yes |
//! | f × c changes nothing | yes | yes | **A × c** | yes |
//! | more of one capacity never lowers any A, more people never raise any | yes | yes | yes | yes |
//! | one more place never lowers any A | yes | **no** | yes | yes |
//! | two halves of a place are as the whole | yes | **no** | yes | **no** |
//! | two halves of a demand point have the A of the whole | yes | yes | yes | **no** |
//!
//! So 2SFCA is what the rounds compute; the others are for comparison. E2SFCA is 2SFCA with the decay `step`, KD2SFCA with
//! `epanechnikov`. Seen from the place there is [`crowding`] (i2SFCA); without competition of people there are [`gravity`] and
//! [`cumulative`], and [`crate::reach::counted`] for the nearest place. The choice of limit and decay mostly changes figures
//! more than that of the measure: tell them with every figure.

mod decay;

use rayon::prelude::*;

use crate::city::City;
use crate::quantity::Millis;
use crate::reach::{Limits, Reach};

pub use decay::{Decay, DecayError, Steps};

/// The weight of every link of `reach`, in order; each point's limit is that of its class.
#[must_use]
pub fn weights(city: &City, limits: Limits, decay: Decay, reach: &Reach) -> Vec<f64> {
    const POINTS: usize = 1 << 12;
    let mut all = vec![0.0; reach.links().len()];
    let mut rest = all.as_mut_slice();
    let mut jobs = Vec::new();
    for first in (0..city.points().len()).step_by(POINTS) {
        let points = first..(first + POINTS).min(city.points().len());
        let (room, left) =
            rest.split_at_mut(reach.range(points.end - 1).end - reach.range(first).start);
        jobs.push((points, room));
        rest = left;
    }
    jobs.into_par_iter().for_each(|(points, room)| {
        let mut room = room.iter_mut();
        for point in points {
            let limit = limits
                .for_class(city.classes()[point])
                .map_or(Millis(0), |limit| limit.time());
            for (link, weight) in reach.row(point).iter().zip(&mut room) {
                *weight = decay.weight(link.time, limit);
            }
        }
    });
    all
}

/// The weight of every link of `reach`, in order, under one limit for all.
#[must_use]
pub fn weights_within(limit: Millis, decay: Decay, reach: &Reach) -> Vec<f64> {
    reach
        .links()
        .par_iter()
        .map(|link| decay.weight(link.time, limit))
        .collect()
}

/// 2SFCA: capacity per person at each demand point, Aᵢ = Σⱼ Rⱼ fᵢⱼ with Rⱼ = Sⱼ ÷ Σₖ Pₖ fₖⱼ (Luo & Wang 2003).
///
/// `weights` holds fᵢⱼ link by link, `people` P one a row of `reach`, `capacities` S one a place. So Σᵢ Pᵢ Aᵢ = Σ Sⱼ over
/// the places that anybody reaches. A place that nobody reaches gives nothing; a point that reaches none has 0.
/// Sums run in the order of points and links. O(links).
/// ```
/// use fuwutu_core::quantity::Millis;
/// use fuwutu_core::reach::{Link, Reach};
/// use fuwutu_core::supply::access::two_step;
/// // 100 and 300 people reach one place of capacity 20: 20 ÷ 400 for each of them. 50 more reach nothing.
/// let link = Link { place: 0, time: Millis(60_000) };
/// let rows: [&[Link]; 3] = [&[link], &[link], &[]];
/// let reach = Reach::from_rows(rows.into_iter());
/// assert_eq!(two_step(&reach, &[1.0, 1.0], &[100.0, 300.0, 50.0], &[20.0]), [0.05, 0.05, 0.0]);
/// ```
#[must_use]
pub fn two_step(reach: &Reach, weights: &[f64], people: &[f64], capacities: &[f64]) -> Vec<f64> {
    gathered(reach, weights, &ratios(reach, weights, people, capacities))
}

/// The first of 2SFCA's two steps: capacity per weighted person of each place, Rⱼ = Sⱼ ÷ Σₖ Pₖ fₖⱼ; 0 where nobody reaches it.
#[must_use]
pub fn ratios(reach: &Reach, weights: &[f64], people: &[f64], capacities: &[f64]) -> Vec<f64> {
    quotients(
        capacities,
        &demand(reach, weights, people, capacities.len()),
    )
}

/// 3SFCA: as [`two_step`] with weights Gᵢⱼ fᵢⱼ, where Gᵢⱼ = fᵢⱼ ÷ Σₗ fᵢₗ is how a point's people choose among the places within its
/// limit (Wan, Zou & Sternberg 2012).
///
/// Conserves capacity as 2SFCA does. A new place draws people from where they went before, which can leave others with less:
/// one more place may lower the access of some, and a place recorded as two halves counts for more than the whole.
/// Where a cost table also has pairs beyond the limit, `PySAL` takes G over those, too: `two_step` with [`shares`] of all pairs.
#[must_use]
pub fn three_step(reach: &Reach, weights: &[f64], people: &[f64], capacities: &[f64]) -> Vec<f64> {
    let mut chosen = shares(reach, weights);
    chosen
        .iter_mut()
        .zip(weights)
        .for_each(|(share, weight)| *share *= weight);
    two_step(reach, &chosen, people, capacities)
}

/// M2SFCA: Aᵢ = Σⱼ Sⱼ fᵢⱼ² ÷ Σₖ Pₖ fₖⱼ (Delamater 2013).
///
/// Σ Pᵢ Aᵢ is at most Σ Sⱼ: what is missing is the loss by distance, which 2SFCA does not show. Changes with the scale of f, so
/// decays that do not begin at 1 compare badly.
#[must_use]
pub fn modified(reach: &Reach, weights: &[f64], people: &[f64], capacities: &[f64]) -> Vec<f64> {
    let per_person = ratios(reach, weights, people, capacities);
    let squares: Vec<f64> = weights.par_iter().map(|weight| weight * weight).collect();
    gathered(reach, &squares, &per_person)
}

/// BFCA, balanced floating catchment areas: Aᵢ = Σⱼ Lⱼ fᵢⱼ ÷ Σₖ fₖⱼ with Lⱼ = Sⱼ ÷ Σᵢ Pᵢ fᵢⱼ ÷ Σₗ fᵢₗ, the capacity per person that
/// chooses the place (Páez, Higgins & Vivona 2019).
///
/// Everybody who reaches anything is counted once: Σⱼ Σᵢ Pᵢ fᵢⱼ ÷ Σₗ fᵢₗ = people with a place in reach; and Σᵢ Aᵢ = Σⱼ Lⱼ.
/// Capacity is not conserved. One demand point of 100 people alone with a place of 10 has 0.1, the same people as two points of
/// 50 have 0.05 each: never compare figures between cities or units whose points are cut differently.
#[must_use]
pub fn balanced(reach: &Reach, weights: &[f64], people: &[f64], capacities: &[f64]) -> Vec<f64> {
    let places = capacities.len();
    let chosen = demand(reach, &shares(reach, weights), people, places);
    let of_place = demand(reach, weights, &vec![1.0; people.len()], places);
    gathered(
        reach,
        weights,
        &quotients(&quotients(capacities, &chosen), &of_place),
    )
}

/// i2SFCA, seen from the places: people per capacity, Cⱼ = Σᵢ fᵢⱼ Pᵢ ÷ Σₗ Sₗ fᵢₗ, one a place (Wang 2018).
///
/// Σⱼ Sⱼ Cⱼ = the people who reach any capacity. A place that nobody reaches has 0.
#[must_use]
pub fn crowding(reach: &Reach, weights: &[f64], people: &[f64], capacities: &[f64]) -> Vec<f64> {
    let per_capacity = quotients(people, &gathered(reach, weights, capacities));
    demand(reach, weights, &per_capacity, capacities.len())
}

/// Spatial availability: the capacity itself that a demand point can claim, Vᵢ = Σⱼ Sⱼ Pᵢ fᵢⱼ ÷ Σₖ Pₖ fₖⱼ (Soukhov et al. 2023).
///
/// Σ Vᵢ = Σ Sⱼ of the places that anybody reaches, and Vᵢ ÷ Pᵢ is 2SFCA.
#[must_use]
pub fn availability(
    reach: &Reach,
    weights: &[f64],
    people: &[f64],
    capacities: &[f64],
) -> Vec<f64> {
    let access = two_step(reach, weights, people, capacities);
    people
        .iter()
        .zip(access)
        .map(|(people, access)| people * access)
        .collect()
}

/// Gravity: Σⱼ Sⱼ fᵢⱼ (Hansen 1959). Sums over places; blind to how many people share them.
#[must_use]
pub fn gravity(reach: &Reach, weights: &[f64], capacities: &[f64]) -> Vec<f64> {
    gathered(reach, weights, capacities)
}

/// Cumulative opportunities: the capacity of all places within the limit. Sums over places, never falls with a longer limit; blind
/// to how many people share them. How many places there are, [`crate::reach::counted`] says.
#[must_use]
pub fn cumulative(reach: &Reach, capacities: &[f64]) -> Vec<f64> {
    let of_row = |point| {
        reach
            .row(point)
            .iter()
            .fold(0.0, |sum, link| sum + capacities[link.place as usize])
    };
    (0..reach.rows().len()).map(of_row).collect()
}

/// The weighted people of each place: Σᵢ Pᵢ fᵢⱼ. 0 where nobody reaches it, or only with a weight of 0.
#[must_use]
pub fn demand(reach: &Reach, weights: &[f64], people: &[f64], places: usize) -> Vec<f64> {
    let mut sums = vec![0.0; places];
    for (point, people) in people.iter().enumerate() {
        for (link, weight) in reach.row(point).iter().zip(&weights[reach.range(point)]) {
            sums[link.place as usize] += people * weight;
        }
    }
    sums
}

/// How a point's people choose among its links: fᵢⱼ ÷ Σₗ fᵢₗ, link by link. They add up to 1 in each row that has any weight.
#[must_use]
pub fn shares(reach: &Reach, weights: &[f64]) -> Vec<f64> {
    let mut shares = weights.to_vec();
    for point in 0..reach.rows().len() {
        let row = &mut shares[reach.range(point)];
        let sum: f64 = row.iter().sum();
        row.iter_mut()
            .for_each(|share| *share = quotient(*share, sum));
    }
    shares
}

/// The second of 2SFCA's two steps: Σⱼ xⱼ fᵢⱼ for each demand point, x one a place.
pub(super) fn gathered(reach: &Reach, weights: &[f64], of_places: &[f64]) -> Vec<f64> {
    let at_point = |point| {
        let links = reach.row(point).iter().zip(&weights[reach.range(point)]);
        // From 0 and not by `sum`, which makes −0 of nothing.
        links.fold(0.0, |sum, (link, weight)| {
            sum + of_places[link.place as usize] * weight
        })
    };
    (0..reach.rows().len()).map(at_point).collect()
}

/// Less than this can only come from weights that have all but vanished; figures divided by it would leave what a number can hold.
const LEAST: f64 = 1e-100;

/// 0 where there is nothing to divide by.
pub(super) fn quotient(of: f64, by: f64) -> f64 {
    if by >= LEAST { of / by } else { 0.0 }
}

fn quotients(of: &[f64], by: &[f64]) -> Vec<f64> {
    of.iter()
        .zip(by)
        .map(|(&of, &by)| quotient(of, by))
        .collect()
}
