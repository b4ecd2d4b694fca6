//! Where to put resources first (配置优先次序): units by need, with the reasons.
//!
//! need = Σ over services of weight × shortfall rate × target group's share of residents, × (1 + λ × inflow), where inflow is
//! the projected growth over the horizon ÷ `inflow_reference`, held between 0 and 1. All thresholds are fixed: another unit
//! in the list changes no unit's need.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::position::{ServiceAt, UnitAt};
use crate::quantity::Residents;
use crate::service::{Basis, Service, Tier};
use crate::supply::Standing;
use crate::watch::{Progress, Stopped, Watch};

/// What counts how much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RankingPlan {
    /// Weight of a basic service (基础保障).
    #[schemars(extend("x-zh" = "基础保障类服务的权重"))]
    pub basic: f64,
    /// Weight of an improved service (品质提升).
    #[schemars(extend("x-zh" = "品质提升类服务的权重"))]
    pub improved: f64,
    /// How much is added to the need of a unit that grows by `inflow_reference` or more, as a share
    /// (λ).
    #[schemars(extend("x-zh" = "增长达到 `inflow_reference` 的单元，配置优先度增加的比例（λ）"))]
    pub inflow_weight: f64,
    /// Growth over the whole horizon that counts in full, as a share of residents.
    #[schemars(extend("x-zh" = "整个预测期内计满的人口增长率"))]
    pub inflow_reference: f64,
    /// How the certainty of places is tested: weights, speed and residents are drawn anew many
    /// times.
    #[schemars(extend("x-zh" = "位次的可靠程度如何检验：多次随机改变权重、速度和人口"))]
    pub certainty: CertaintyPlan,
}

/// What is drawn anew to see how sure the order is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertaintyPlan {
    /// Number of draws; at 0 nothing is drawn, and no certainty is reported.
    #[schemars(extend("x-zh" = "抽取次数；0 为不检验"))]
    pub draws: u32,
    /// The weight of each service is drawn within ± this share.
    #[schemars(extend("x-zh" = "每项服务的权重在 ± 此比例内变动"))]
    pub weights: f64,
    /// The speed of all people is drawn within ± this share.
    #[schemars(extend("x-zh" = "所有人的速度在 ± 此比例内变动"))]
    pub pace: f64,
}

/// One line of the ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Position of the unit.
    pub unit: UnitAt,
    /// 1 for the greatest need; equal needs in the order of units.
    pub place: u32,
    /// 1 for the most people unserved; equal numbers in the order of units.
    pub place_by_unserved: u32,
    /// Residents in the horizon year ÷ in the base year − 1; `None` without residents.
    pub inflow_rate: Option<f64>,
    /// 0 upwards.
    pub need: f64,
    /// The part of `need` that growth adds.
    pub inflow_part: f64,
    /// People of the target groups out of reach, summed over services (except for kinds that only add to others): a person who lacks two
    /// services counts twice.
    pub unserved: Residents,
    /// What makes up `need − inflow_part`, the largest first, equal ones in the order of the catalogue; without zeros.
    pub causes: Vec<Cause>,
    /// How sure its place is; `None` where nothing is drawn.
    pub certainty: Option<Certainty>,
}

/// Where a unit stands when weights, residents and pace are drawn anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certainty {
    /// Nineteen in twenty draws put it at this place or a later one.
    pub first: u32,
    /// Nineteen in twenty draws put it at this place or an earlier one.
    pub last: u32,
    /// Share of draws in which it stands among the first ten, 0 to 1.
    pub in_first_ten: f64,
}

/// A service's part in a unit's need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cause {
    /// Position in the catalogue.
    pub service: ServiceAt,
    /// Weight of its tier.
    pub weight: f64,
    /// See [`Standing::missing`].
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
    /// The least that may live there at the horizon.
    pub low: Residents,
    /// The most.
    pub high: Residents,
    /// Distinguishes a unit's draws from those of others, whatever other units there are: its id.
    pub id: &'a str,
    /// One a service, in the order of the catalogue.
    pub standings: &'a [Standing],
    /// For each of them, the people covered at each pace of [`paces`]; empty where that is not known.
    pub by_pace: &'a [Vec<Residents>],
}

/// Ranks units, given in the order in which equal needs stand. Returned in the order of need; nothing where no service can be
/// judged, because nothing is known of anybody's facilities.
/// ```
/// use fuwutu_core::position::UnitAt;
/// use fuwutu_core::quantity::Residents;
/// use fuwutu_core::ranking::{Candidate, rank};
/// use fuwutu_core::watch::unwatched;
/// use fuwutu_synth::example::{plan, service, standing};
/// // Two units of 100 people: half of the first's lack the service, and all of the second's. Nobody moves.
/// let standings = [standing(UnitAt(0), 100, 50), standing(UnitAt(1), 100, 0)];
/// let people = Residents::whole(100);
/// let candidates: Vec<Candidate> = ["first", "second"]
///     .into_iter()
///     .zip(standings.chunks(1))
///     .map(|(id, standings)| Candidate {
///         base: people,
///         horizon: people,
///         low: people,
///         high: people,
///         id,
///         standings,
///         by_pace: &[],
///     })
///     .collect();
/// let places = rank(&candidates, &[service()], &plan().ranking, &unwatched).expect("nobody stops it");
/// let order: Vec<(UnitAt, f64)> = places.iter().map(|place| (place.unit, place.need)).collect();
/// assert_eq!(order, [(UnitAt(1), 1.0), (UnitAt(0), 0.5)]);
/// ```
///
/// # Errors
/// Where `watch` says stop: it is asked before each draw of the certainty.
pub fn rank(
    candidates: &[Candidate],
    services: &[Service],
    plan: &RankingPlan,
    watch: Watch,
) -> Result<Vec<Place>, Stopped> {
    let counts = |standing: &Standing| {
        standing.supplied && services[standing.service].norm.basis != Basis::SupplyOnly
    };
    let mut standings = candidates.iter().flat_map(|candidate| candidate.standings);
    if !standings.any(counts) {
        return Ok(Vec::new());
    }
    let mut places: Vec<Place> = UnitAt::enumerate(candidates)
        .map(|(unit, candidate)| place(unit, candidate, services, plan))
        .collect();
    places.sort_by(|a, b| b.unserved.cmp(&a.unserved).then(a.unit.cmp(&b.unit)));
    places
        .iter_mut()
        .zip(1..)
        .for_each(|(row, number)| row.place_by_unserved = number);
    places.sort_by(|a, b| b.need.total_cmp(&a.need).then(a.unit.cmp(&b.unit)));
    places
        .iter_mut()
        .zip(1..)
        .for_each(|(row, number)| row.place = number);
    let certainties = certainties(candidates, services, plan, watch)?;
    places
        .iter_mut()
        .for_each(|row| row.certainty = certainties.get(row.unit.index()).copied());
    Ok(places)
}

/// Paces from 1 − `within` to 1 + `within` of the plan's, in equal steps.
#[must_use]
pub fn paces(within: f64) -> [f64; PACES] {
    std::array::from_fn(|step| 1.0 + within * (2.0 * step as f64 / (PACES - 1) as f64 - 1.0))
}

/// The number of paces that are distinguished.
pub const PACES: usize = 21;

fn place(unit: UnitAt, candidate: &Candidate, services: &[Service], plan: &RankingPlan) -> Place {
    let mut causes: Vec<Cause> = candidate
        .standings
        .iter()
        .map(|standing| cause(standing, candidate.horizon, services, plan))
        .collect();
    let shortfall: f64 = causes.iter().map(|cause| cause.part).sum();
    causes.retain(|cause| cause.part > 0.0);
    causes.sort_by(|a, b| b.part.total_cmp(&a.part).then(a.service.cmp(&b.service)));
    let asked = candidate
        .standings
        .iter()
        .filter(|standing| services[standing.service].norm.basis != Basis::SupplyOnly);
    let unserved = asked.filter_map(Standing::unserved).sum();
    let inflow_rate = growth(candidate.base, candidate.horizon.persons());
    let inflow_part = shortfall * inflow(inflow_rate, plan);
    Place {
        unit,
        place: 0,
        place_by_unserved: 0,
        inflow_rate,
        need: shortfall + inflow_part,
        inflow_part,
        unserved,
        causes,
        certainty: None,
    }
}

/// The certainty of each candidate's place.
///
/// In each draw every service has a weight and everybody a pace of their own within what the plan says, and every unit a
/// number of residents at the horizon between its low and its high one; all evenly. People out of reach follow the pace, the
/// demand and the inflow the residents; capacity received stays as it is. Units of the same need come in any order. O(draws × units × (services + log units)).
fn certainties(
    candidates: &[Candidate],
    services: &[Service],
    plan: &RankingPlan,
    watch: Watch,
) -> Result<Vec<Certainty>, Stopped> {
    let draws = plan.certainty.draws;
    if draws == 0 {
        return Ok(Vec::new());
    }
    let seeds: Vec<u64> = candidates.iter().map(|judged| seed(judged.id)).collect();
    // One draw after another in its own place, so that threads change nothing.
    let places: Vec<Vec<u32>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            watch(Progress::Working)?;
            Ok(drawn(candidates, services, plan, &seeds, draw))
        })
        .collect::<Result<_, _>>()?;
    Ok((0..candidates.len())
        .map(|unit| {
            let mut drawn_places: Vec<u32> = places.iter().map(|places| places[unit]).collect();
            drawn_places.sort_unstable();
            let tail = drawn_places.len() / 20;
            Certainty {
                first: drawn_places[tail],
                last: drawn_places[drawn_places.len() - 1 - tail],
                in_first_ten: drawn_places.iter().filter(|&&place| place <= 10).count() as f64
                    / drawn_places.len() as f64,
            }
        })
        .collect())
}

/// The place of every candidate in one draw.
fn drawn(
    candidates: &[Candidate],
    services: &[Service],
    plan: &RankingPlan,
    seeds: &[u64],
    draw: u32,
) -> Vec<u32> {
    let of_draw = mix(u64::from(draw));
    let weights: Vec<f64> = services
        .iter()
        .map(|service| {
            weight(service, plan)
                * (1.0 + plan.certainty.weights * (2.0 * even(of_draw ^ seed(&service.id)) - 1.0))
        })
        .collect();
    let step = ((even(mix(of_draw)) * PACES as f64) as usize).min(PACES - 1);
    let need = |(candidate, seed): (&Candidate, &u64)| {
        let least = candidate.low.persons();
        let residents = least + (candidate.high.persons() - least) * even(of_draw ^ seed);
        let ratio = if candidate.horizon.0 > 0 {
            residents / candidate.horizon.persons()
        } else {
            1.0
        };
        let shortfall: f64 = candidate
            .standings
            .iter()
            .enumerate()
            .filter(|(_, standing)| standing.supplied)
            .map(|(position, standing)| {
                let covered = candidate
                    .by_pace
                    .get(position)
                    .map_or(standing.covered, |paces| paces[step]);
                let share = share(standing, candidate.horizon);
                weights[standing.service] * standing.missing_if(covered, ratio, 1.0).share * share
            })
            .sum();
        shortfall * (1.0 + inflow(growth(candidate.base, residents), plan))
    };
    // Needs that are the same to the thousandth, as they are shown, come in an order that is drawn, too.
    let needs: Vec<f64> = candidates
        .iter()
        .zip(seeds)
        .map(need)
        .map(|need| (need * 1000.0).round())
        .collect();
    let lot = |unit: UnitAt| mix(of_draw ^ mix(seeds[unit]));
    let mut order: Vec<UnitAt> = UnitAt::first(candidates.len()).collect();
    order.sort_by(|&a, &b| {
        needs[b]
            .total_cmp(&needs[a])
            .then(lot(a).cmp(&lot(b)))
            .then(a.cmp(&b))
    });
    let mut places = vec![0; candidates.len()];
    order
        .iter()
        .zip(1..)
        .for_each(|(&unit, place)| places[unit] = place);
    places
}

/// Scrambles a number (splitmix64; Steele, Lea & Flood 2014).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn seed(text: &str) -> u64 {
    text.bytes()
        .fold(0, |seed, byte| mix(seed ^ u64::from(byte)))
}

/// A number from 0 up to 1 that belongs to `number`.
fn even(number: u64) -> f64 {
    (mix(number) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Residents later ÷ residents before − 1; `None` without residents before.
fn growth(before: Residents, later: f64) -> Option<f64> {
    (before.0 > 0).then(|| later / before.persons() - 1.0)
}

/// λ × growth ÷ reference, the latter held between 0 and 1.
fn inflow(growth: Option<f64>, plan: &RankingPlan) -> f64 {
    plan.inflow_weight * (growth.unwrap_or(0.0) / plan.inflow_reference).clamp(0.0, 1.0)
}

/// Kinds that only add to others have no norm of their own, and no weight.
fn weight(service: &Service, plan: &RankingPlan) -> f64 {
    match (service.norm.basis, service.tier) {
        (Basis::SupplyOnly, _) => 0.0,
        (_, Tier::Basic) => plan.basic,
        (_, Tier::Improved) => plan.improved,
    }
}

/// Target group ÷ residents.
fn share(standing: &Standing, residents: Residents) -> f64 {
    if residents.0 > 0 {
        standing.target.0 as f64 / residents.0 as f64
    } else {
        0.0
    }
}

fn cause(
    standing: &Standing,
    residents: Residents,
    services: &[Service],
    plan: &RankingPlan,
) -> Cause {
    let weight = weight(&services[standing.service], plan);
    let shortfall_rate = standing.missing().map_or(0.0, |missing| missing.share);
    let share = share(standing, residents);
    Cause {
        service: standing.service,
        weight,
        shortfall_rate,
        share,
        part: weight * shortfall_rate * share,
    }
}
