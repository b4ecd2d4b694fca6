//! Access: capacity in reach per person, by the two-step floating catchment area (2SFCA, 两步移动搜索法).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::city::City;
use crate::quantity::Millis;
use crate::reach::{Limits, Reach};

/// How the weight f of a link falls with its time t under the limit d; 0 beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// f = 1 up to and at the limit (Luo & Wang 2003).
    Binary,
    /// f = (exp(−½ (t/d)²) − e^−½) / (1 − e^−½): 1 at the door, 0 at the limit (Dai 2010).
    Gaussian,
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
    /// ```
    #[must_use]
    pub fn weight(self, time: Millis, limit: Millis) -> f64 {
        if !time.within(limit) {
            return 0.0;
        }
        match self {
            Self::Binary => 1.0,
            Self::Gaussian if time.0 == 0 => 1.0,
            Self::Gaussian => {
                let ratio = f64::from(time.0) / f64::from(limit.0);
                let edge = (-0.5_f64).exp();
                ((-0.5 * ratio * ratio).exp() - edge) / (1.0 - edge)
            }
        }
    }
}

/// The weight of every link of `reach`, in order; each point's limit is that of its class.
#[must_use]
pub fn weights(city: &City, limits: Limits, decay: Decay, reach: &Reach) -> Vec<f64> {
    const POINTS: usize = 1 << 12;
    let mut all = vec![0.0; reach.links().len()];
    let mut rest = all.as_mut_slice();
    let mut jobs = Vec::new();
    for first in (0..city.points().len()).step_by(POINTS) {
        let points = first..(first + POINTS).min(city.points().len());
        let (room, left) = rest.split_at_mut(reach.range(points.end - 1).end - reach.range(first).start);
        jobs.push((points, room));
        rest = left;
    }
    jobs.into_par_iter().for_each(|(points, room)| {
        let mut room = room.iter_mut();
        for point in points {
            let limit = limits.for_class(city.classes()[point]).map_or(Millis(0), |limit| limit.time());
            for (link, weight) in reach.row(point).iter().zip(&mut room) {
                *weight = decay.weight(link.time, limit);
            }
        }
    });
    all
}

/// Capacity per person at each demand point: Aᵢ = Σⱼ Rⱼ fᵢⱼ with Rⱼ = Sⱼ ÷ Σₖ Pₖ fₖⱼ.
///
/// `weights` holds fᵢⱼ link by link, `people` P one a row of `reach`, `capacities` S one a place. So Σᵢ Pᵢ Aᵢ = Σ Sⱼ over
/// the places that anybody reaches. A place that nobody reaches gives nothing; a point that reaches none has 0.
/// Sums run in the order of points and links. O(links). (Luo & Wang 2003.)
#[must_use]
pub fn two_step(reach: &Reach, weights: &[f64], people: &[f64], capacities: &[f64]) -> Vec<f64> {
    let mut crowd = vec![0.0; capacities.len()];
    for (point, people) in people.iter().enumerate() {
        for (link, weight) in reach.row(point).iter().zip(&weights[reach.range(point)]) {
            crowd[link.place as usize] += people * weight;
        }
    }
    let per_person: Vec<f64> = capacities
        .iter()
        .zip(&crowd)
        .map(|(capacity, &crowd)| if crowd > 0.0 { capacity / crowd } else { 0.0 })
        .collect();
    let at_point = |point: usize| {
        let links = reach.row(point).iter().zip(&weights[reach.range(point)]);
        links.map(|(link, weight)| per_person[link.place as usize] * weight).sum()
    };
    (0..people.len()).map(at_point).collect()
}
