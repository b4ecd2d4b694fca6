//! Where to put resources first (资源配置优先序): units by need, with the reasons.
//!
//! need = Σ over services of weight × shortfall rate × target group's share of residents, × (1 + λ × inflow), where inflow is
//! the projected growth over the horizon ÷ `inflow_reference`, held between 0 and 1. All thresholds are fixed: another unit
//! in the list changes nobody's need.

use serde::{Deserialize, Serialize};

use crate::quantity::Residents;
use crate::service::{Service, Tier};
use crate::supply::Standing;

/// What counts how much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankingPlan {
    /// Weight of a basic service, ≥ 0.
    pub basic: f64,
    /// Weight of an improved service, ≥ 0.
    pub improved: f64,
    /// λ: how much more a unit needs that grows by the reference or more, ≥ 0.
    pub inflow_weight: f64,
    /// Growth over the whole horizon that counts in full, > 0.
    pub inflow_reference: f64,
}

/// One line of the ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Position of the unit.
    pub unit: u32,
    /// 1 for the greatest need; equal needs in the order of unit ids.
    pub place: u32,
    /// 1 for the most people unserved; equal numbers in the order of unit ids.
    pub place_by_unserved: u32,
    /// Residents in the horizon year ÷ in the base year − 1; `None` without residents.
    pub inflow_rate: Option<f64>,
    /// 0 upwards.
    pub need: f64,
    /// The part of `need` that growth adds.
    pub inflow_part: f64,
    /// People of the target groups out of reach, summed over services: who lacks two services counts twice.
    pub unserved: Residents,
    /// What makes up `need − inflow_part`, the largest first, equal ones in the order of the catalogue; without zeros.
    pub causes: Vec<Cause>,
}

/// A service's part in a unit's need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cause {
    /// Position in the catalogue.
    pub service: u16,
    /// Weight of its tier.
    pub weight: f64,
    /// See [`Standing::shortfall_rate`].
    pub shortfall_rate: f64,
    /// Target group ÷ residents, 0 to 1.
    pub share: f64,
    /// weight × rate × share.
    pub part: f64,
}

/// A unit as the ranking sees it: residents at the base and at the horizon, and its standings at the horizon.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// At the base.
    pub base: Residents,
    /// At the horizon.
    pub horizon: Residents,
    /// One a service, in the order of the catalogue.
    pub standings: &'a [Standing],
}

/// Ranks units, given in the order of their ids. Returned in the order of need.
#[must_use]
pub fn rank(candidates: &[Candidate], services: &[Service], plan: &RankingPlan) -> Vec<Place> {
    let mut places: Vec<Place> =
        candidates.iter().zip(0..).map(|(candidate, unit)| place(unit, candidate, services, plan)).collect();
    places.sort_by(|a, b| b.unserved.cmp(&a.unserved).then(a.unit.cmp(&b.unit)));
    places.iter_mut().zip(1..).for_each(|(each, at)| each.place_by_unserved = at);
    places.sort_by(|a, b| b.need.total_cmp(&a.need).then(a.unit.cmp(&b.unit)));
    places.iter_mut().zip(1..).for_each(|(each, at)| each.place = at);
    places
}

fn place(unit: u32, candidate: &Candidate, services: &[Service], plan: &RankingPlan) -> Place {
    let mut causes: Vec<Cause> =
        candidate.standings.iter().map(|standing| cause(standing, candidate.horizon, services, plan)).collect();
    let shortfall: f64 = causes.iter().map(|cause| cause.part).sum();
    causes.retain(|cause| cause.part > 0.0);
    causes.sort_by(|a, b| b.part.total_cmp(&a.part).then(a.service.cmp(&b.service)));
    let inflow_rate = (candidate.base.0 > 0).then(|| candidate.horizon.0 as f64 / candidate.base.0 as f64 - 1.0);
    let inflow = (inflow_rate.unwrap_or(0.0) / plan.inflow_reference).clamp(0.0, 1.0);
    let inflow_part = shortfall * plan.inflow_weight * inflow;
    Place {
        unit,
        place: 0,
        place_by_unserved: 0,
        inflow_rate,
        need: shortfall + inflow_part,
        inflow_part,
        unserved: candidate.standings.iter().map(|each| each.target - each.covered).sum(),
        causes,
    }
}

fn cause(standing: &Standing, residents: Residents, services: &[Service], plan: &RankingPlan) -> Cause {
    let weight = match services[standing.service as usize].tier {
        Tier::Basic => plan.basic,
        Tier::Improved => plan.improved,
    };
    let shortfall_rate = standing.shortfall_rate();
    let share = if residents.0 > 0 { standing.target.0 as f64 / residents.0 as f64 } else { 0.0 };
    Cause { service: standing.service, weight, shortfall_rate, share, part: weight * shortfall_rate * share }
}
