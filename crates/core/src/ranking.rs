//! Where to put resources first (配置优先次序): units by need, with the reasons.
//!
//! need = 100 × Σ weight × missing share ÷ Σ weight, over the services that are asked of the unit: those of whose facilities
//! something is known, and to whose target group somebody belongs there. The missing share is that of the target group itself
//! ([`Standing::missing`]). 0: nothing is missing; 100: everything. See [`weights`] for the weights.
//!
//! priority = need × (1 + λ × inflow), where inflow is the projected growth over the horizon ÷ `inflow_reference`, from 0 to 1 at
//! most. It orders the units; equal ones, to the decimals that are written, stand in the order of units. All thresholds are fixed: another
//! unit in the list changes no unit's need.

use std::collections::BTreeMap;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::position::{ServiceAt, UnitAt};
use crate::quantity::Residents;
use crate::service::{Basis, Service, Tier};
use crate::supply::{Missing, MissingWhat, SpreadStanding, Standing};
use crate::watch::{Progress, Stopped, Watch};

/// What counts how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RankingPlan {
    /// Weight of a basic service (基础保障) within its field.
    #[schemars(extend("x-zh" = "基础保障类服务在本领域内的权重"))]
    pub basic: f64,
    /// Weight of an improved service (品质提升) within its field.
    #[schemars(extend("x-zh" = "品质提升类服务在本领域内的权重"))]
    pub improved: f64,
    /// For a field by its name in the catalogue (`education`, `health`, …): its weight. That of all
    /// others is 1; at 0 a field does not count.
    #[schemars(extend("x-zh" = "按目录中的领域名称（`education`、`health` 等）：该领域的权重；未列的为 1，0 为不计"))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub domains: BTreeMap<String, f64>,
    /// How much is added to the need of a unit that grows by `inflow_reference` or more, as a share
    /// (λ).
    #[schemars(extend("x-zh" = "增长达到 `inflow_reference` 的单元，在综合缺口率上增加的比例（λ）"))]
    pub inflow_weight: f64,
    /// Growth over the whole horizon that counts in full, as a share of residents.
    #[schemars(extend("x-zh" = "整个预测期内计满的人口增长率"))]
    pub inflow_reference: f64,
    /// Units with fewer residents in the base year are marked as small wherever they are ranked.
    #[schemars(extend("x-zh" = "基期年常住人口少于此数的单元，在各处排序中标明人口少"))]
    pub small: u64,
    /// How the certainty of places is tested: weights, speed, capacity and residents are drawn anew
    /// many times.
    #[schemars(extend("x-zh" = "位次的可靠程度如何检验：多次随机改变权重、速度、供给和人口"))]
    pub certainty: CertaintyPlan,
}

/// What is drawn anew to see how sure the order is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertaintyPlan {
    /// Number of draws; at 0 nothing is drawn, and no certainty is reported.
    #[schemars(extend("x-zh" = "抽取次数；0 为不检验"))]
    pub draws: u32,
    /// The weight of each field, and of each service within it, is drawn within ± this share.
    #[schemars(extend("x-zh" = "每个领域的权重、领域内每项服务的权重，各在 ± 此比例内变动"))]
    pub weights: f64,
    /// The speed of all people is drawn within ± this share.
    #[schemars(extend("x-zh" = "所有人的速度在 ± 此比例内变动"))]
    pub pace: f64,
    /// The capacity that each unit receives of each service is drawn within ± this share.
    #[schemars(extend("x-zh" = "每个单元每项服务的可达供给在 ± 此比例内变动"))]
    pub capacity: f64,
}

/// By what units are ranked.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The catalogue.
    pub services: &'a [Service],
    /// What counts how much.
    pub plan: &'a RankingPlan,
    /// Whether each service has its own limit; otherwise the plan gives one for all.
    pub own_limits: bool,
}

/// One line of the ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Position of the unit.
    pub unit: UnitAt,
    /// 1 for the highest priority; equal ones in the order of units.
    pub place: u32,
    /// 1 for the most people unserved; equal numbers in the order of units.
    pub place_by_unserved: u32,
    /// Residents in the horizon year ÷ in the base year − 1; `None` without residents.
    pub inflow_rate: Option<f64>,
    /// What is missing of what is asked, in hundredths of it: 0 to 100, rounded to the decimals that are written. 0 where nothing is
    /// asked.
    pub need: f64,
    /// 1 + λ × inflow: 1 to 1 + λ.
    pub inflow_factor: f64,
    /// `need × inflow_factor`, rounded to the decimals that are written: 0 to 100 × (1 + λ).
    pub priority: f64,
    /// People of the target groups out of reach, summed over services whose facilities are known (except for kinds that only add to
    /// others): a person who lacks two services counts twice.
    pub unserved: Residents,
    /// Whether the unit has fewer residents in the base year than [`RankingPlan::small`].
    pub small: bool,
    /// The part of the need that rests on limits and norms that are only recalled or proposed, 0 to 1; `None` without need.
    pub unproven: Option<f64>,
    /// What makes up `need`, the largest first, equal ones in the order of the catalogue; without zeros.
    pub causes: Vec<Cause>,
    /// How sure its place is; `None` where nothing is drawn.
    pub certainty: Option<Certainty>,
}

impl Place {
    /// What growth adds: priority − need.
    #[must_use]
    pub fn inflow_part(&self) -> f64 {
        written(self.priority - self.need)
    }
}

/// Where a unit stands when weights, residents, pace and capacity are drawn anew. Its own place is within.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certainty {
    /// At least nineteen in twenty draws put it at this place or a later one.
    pub first: u32,
    /// At least nineteen in twenty draws put it at this place or an earlier one.
    pub last: u32,
    /// Share of draws in which it stands among the first ten, 0 to 1.
    pub in_first_ten: f64,
}

/// A service's part in a unit's need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cause {
    /// Position in the catalogue.
    pub service: ServiceAt,
    /// Its part of the weights of all that is asked of the unit, 0 to 1.
    pub weight: f64,
    /// See [`Standing::missing`].
    pub missing: Missing,
    /// 100 × weight × missing share.
    pub part: f64,
}

/// How well the figure is established by which something is missing of a service: `V`, `S`, `R` or `P` as in
/// [`crate::service::Status`], and `plan` for a limit that the plan gives.
#[must_use]
pub fn status_of(service: &Service, missing: Missing, own_limits: bool) -> &str {
    match missing.what {
        MissingWhat::Reach if !own_limits => "plan",
        MissingWhat::Reach => &service.status.reach,
        MissingWhat::Capacity => &service.status.demand,
    }
}

/// The weights of the services that are asked of a unit, in their order; together 1 (or all 0, where none counts).
///
/// All fields ([`Service::category`]) of which something is asked have the same weight, or that of [`RankingPlan::domains`]; within
/// a field, services share it by tier. So a field of many services counts as much as one of few, and a field that is asked of nobody in
/// the unit takes nothing from the others.
/// ```
/// use fuwutu_core::ranking::weights;
/// use fuwutu_core::service::{Service, Tier};
/// use fuwutu_synth::example::{plan, service};
/// // Two of culture (basic, improved) and one of health.
/// let improved = Service { tier: Tier::Improved, ..service() };
/// let health = Service { category: "health".into(), ..service() };
/// let of = |services: &[&Service]| weights(services, &plan().ranking);
/// assert_eq!(of(&[&service(), &improved, &health]), [1.0 / 3.0, 1.0 / 6.0, 0.5]);
/// assert_eq!(of(&[&service()]), [1.0]);
/// ```
#[must_use]
pub fn weights(asked: &[&Service], plan: &RankingPlan) -> Vec<f64> {
    let mut tiers: BTreeMap<&str, f64> = BTreeMap::new();
    for service in asked {
        *tiers.entry(&service.category).or_default() += tier(service, plan);
    }
    let weight = |service: &&Service| {
        let all = tiers[service.category.as_str()];
        if all > 0.0 {
            domain(&service.category, plan) * tier(service, plan) / all
        } else {
            0.0
        }
    };
    let weights: Vec<f64> = asked.iter().map(weight).collect();
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter().map(|weight| weight / sum).collect()
    } else {
        weights
    }
}

fn domain(category: &str, plan: &RankingPlan) -> f64 {
    plan.domains.get(category).copied().unwrap_or(1.0)
}

fn tier(service: &Service, plan: &RankingPlan) -> f64 {
    match service.tier {
        Tier::Basic => plan.basic,
        Tier::Improved => plan.improved,
    }
}

/// Whether a service has a part in need: kinds that only add to others have no norm of their own.
#[must_use]
pub fn counts(service: &Service) -> bool {
    service.norm.basis != Basis::SupplyOnly
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
    /// For each of them, how far its coverage may be off; empty where everybody's place is known.
    pub spread: &'a [[f64; 2]],
}

/// How far the coverage of a unit may be below and above what it is, as shares of the target group (at most 0, and at least 0), where
/// only the community is known of people: its distance to the bounds of [`SpreadStanding`] ÷ √`communities`. If each of n communities
/// of like size has any coverage between its bounds, evenly and whatever the others have, the sum varies as much as one even number of
/// this span.
/// ```
/// use fuwutu_core::quantity::Residents;
/// use fuwutu_core::ranking::spread_of;
/// use fuwutu_core::supply::SpreadStanding;
/// // Half of 100 people are covered, at least 10 and at most 70 of them; four communities.
/// let [covered, least, most] = [50, 10, 70].map(Residents::whole);
/// let spread = SpreadStanding { otherwise: covered, least, most };
/// assert_eq!(spread_of(Residents::whole(100), covered, spread, 4), [-0.2, 0.1]);
/// ```
#[must_use]
pub fn spread_of(
    target: Residents,
    covered: Residents,
    spread: SpreadStanding,
    communities: usize,
) -> [f64; 2] {
    if target.0 == 0 || communities == 0 {
        return [0.0, 0.0];
    }
    let span = target.persons() * (communities as f64).sqrt();
    [
        (spread.least.persons() - covered.persons()).min(0.0) / span,
        (spread.most.persons() - covered.persons()).max(0.0) / span,
    ]
}

/// Ranks units, given in the order in which equal ones stand. Returned in the order of priority; nothing where no service can be judged,
/// because nothing is known of anybody's facilities.
/// ```
/// use fuwutu_core::position::UnitAt;
/// use fuwutu_core::quantity::Residents;
/// use fuwutu_core::ranking::{Candidate, Terms, rank};
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
///         spread: &[],
///     })
///     .collect();
/// let (services, plan) = ([service()], plan().ranking);
/// let terms = Terms { services: &services, plan: &plan, own_limits: true };
/// let places = rank(&candidates, terms, &unwatched).expect("nobody stops it");
/// let order: Vec<(UnitAt, f64)> = places.iter().map(|place| (place.unit, place.need)).collect();
/// assert_eq!(order, [(UnitAt(1), 100.0), (UnitAt(0), 50.0)]);
/// ```
///
/// # Errors
/// Where `watch` says stop: it is asked before each draw of the certainty.
pub fn rank(candidates: &[Candidate], terms: Terms, watch: Watch) -> Result<Vec<Place>, Stopped> {
    let mut standings = candidates.iter().flat_map(|candidate| candidate.standings);
    if !standings.any(|each| each.supplied && counts(&terms.services[each.service])) {
        return Ok(Vec::new());
    }
    let asked: Vec<Vec<Asked>> = candidates
        .iter()
        .map(|candidate| asked(candidate, terms))
        .collect();
    let mut places: Vec<Place> = UnitAt::enumerate(candidates)
        .map(|(unit, candidate)| place(unit, candidate, &asked[unit.index()], terms))
        .collect();
    places.sort_by(|a, b| b.unserved.cmp(&a.unserved).then(a.unit.cmp(&b.unit)));
    places
        .iter_mut()
        .zip(1..)
        .for_each(|(row, number)| row.place_by_unserved = number);
    places.sort_by(|a, b| b.priority.total_cmp(&a.priority).then(a.unit.cmp(&b.unit)));
    places
        .iter_mut()
        .zip(1..)
        .for_each(|(row, number)| row.place = number);
    let drawn = draw_all(candidates, &asked, terms, watch)?;
    for place in &mut places {
        let drawn = drawn.get(place.unit.index());
        place.certainty = drawn.map(|places| certainty(places, place.place));
    }
    Ok(places)
}

/// A need or a priority with the one decimal that is written: what looks the same is the same, in the ranking and in each draw.
fn written(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// 100 × Σ weight × missing share ÷ Σ weight, of pairs of these; 0 where nothing has a weight.
fn need(missing: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut sum, mut all) = (0.0, 0.0);
    for (weight, share) in missing {
        all += weight;
        sum += weight * share;
    }
    written(if all > 0.0 { 100.0 * sum / all } else { 0.0 })
}

/// A service that is asked of a unit.
struct Asked<'a> {
    standing: &'a Standing,
    /// Position among the unit's standings.
    position: usize,
    /// See [`weights`].
    weight: f64,
}

/// What is asked of a unit, in the order of the catalogue.
fn asked<'a>(candidate: &Candidate<'a>, terms: Terms) -> Vec<Asked<'a>> {
    let standings = candidate.standings.iter().enumerate();
    let mut asked: Vec<Asked> = standings
        .filter(|(_, standing)| counts(&terms.services[standing.service]))
        .filter(|(_, standing)| standing.missing().is_some())
        .map(|(position, standing)| Asked {
            standing,
            position,
            weight: 0.0,
        })
        .collect();
    let services: Vec<&Service> = (asked.iter())
        .map(|each| &terms.services[each.standing.service])
        .collect();
    for (each, weight) in asked.iter_mut().zip(weights(&services, terms.plan)) {
        each.weight = weight;
    }
    asked
}

fn place(unit: UnitAt, candidate: &Candidate, asked: &[Asked], terms: Terms) -> Place {
    let mut causes: Vec<Cause> = asked
        .iter()
        .filter_map(|asked| {
            let missing = asked.standing.missing()?;
            Some(Cause {
                service: asked.standing.service,
                weight: asked.weight,
                missing,
                part: 100.0 * asked.weight * missing.share,
            })
        })
        .filter(|cause| cause.part > 0.0)
        .collect();
    let sum: f64 = causes.iter().map(|cause| cause.part).sum();
    let unproven = causes.iter().filter(|cause| is_unproven(cause, terms));
    let unproven: f64 = unproven.map(|cause| cause.part).sum();
    causes.sort_by(|a, b| b.part.total_cmp(&a.part).then(a.service.cmp(&b.service)));
    let standings = candidate.standings.iter();
    let judged = standings.filter(|standing| counts(&terms.services[standing.service]));
    let inflow_rate = growth(candidate.base, candidate.horizon.persons());
    let inflow_factor = 1.0 + inflow(inflow_rate, terms.plan);
    let missing = asked.iter().filter_map(|asked| {
        let missing = asked.standing.missing()?;
        Some((asked.weight, missing.share))
    });
    let need = need(missing);
    Place {
        unit,
        place: 0,
        place_by_unserved: 0,
        inflow_rate,
        need,
        inflow_factor,
        priority: written(need * inflow_factor),
        unserved: judged.filter_map(Standing::unserved).sum(),
        small: candidate.base < Residents::whole(terms.plan.small),
        unproven: (sum > 0.0).then(|| unproven / sum),
        causes,
        certainty: None,
    }
}

/// Whether a cause rests on a figure that is only recalled or proposed.
fn is_unproven(cause: &Cause, terms: Terms) -> bool {
    let service = &terms.services[cause.service];
    matches!(
        status_of(service, cause.missing, terms.own_limits),
        "R" | "P"
    )
}

/// Paces from 1 − `within` to 1 + `within` of the plan's, in equal steps.
#[must_use]
pub fn paces(within: f64) -> [f64; PACES] {
    std::array::from_fn(|step| 1.0 + within * (2.0 * step as f64 / (PACES - 1) as f64 - 1.0))
}

/// The number of paces that are distinguished.
pub const PACES: usize = 21;

/// The places of each candidate, draw by draw; empty where nothing is drawn.
///
/// In each draw every field, every service and everybody's pace have a weight of their own within what the plan says, what a unit
/// receives of a service is so much more or less, coverage is anywhere within [`spread_of`], and every unit has a number of residents at the horizon between its low and its high
/// one; all evenly. People out of reach follow the pace, demand and inflow the residents. O(draws × units × (services + log units)).
fn draw_all(
    candidates: &[Candidate],
    asked: &[Vec<Asked>],
    terms: Terms,
    watch: Watch,
) -> Result<Vec<Vec<u32>>, Stopped> {
    let draws = terms.plan.certainty.draws;
    if draws == 0 {
        return Ok(Vec::new());
    }
    let draws_of = Draws {
        candidates,
        asked,
        terms,
        units: candidates.iter().map(|judged| seed(judged.id)).collect(),
        services: terms.services.iter().map(|row| seed(&row.id)).collect(),
    };
    // One draw after another in its own place, so that threads change nothing.
    let places: Vec<Vec<u32>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            watch(Progress::Working)?;
            Ok(draws_of.places(draw))
        })
        .collect::<Result<_, _>>()?;
    let of_unit = |unit: usize| places.iter().map(|places| places[unit]).collect();
    Ok((0..candidates.len()).map(of_unit).collect())
}

/// Where a unit stood in all draws, and stands.
fn certainty(drawn: &[u32], place: u32) -> Certainty {
    let mut sorted = drawn.to_vec();
    sorted.sort_unstable();
    let tail = sorted.len() / 20;
    let among_ten = sorted.iter().filter(|&&place| place <= 10).count();
    Certainty {
        first: sorted[tail].min(place),
        last: sorted[sorted.len() - 1 - tail].max(place),
        in_first_ten: among_ten as f64 / sorted.len() as f64,
    }
}

/// What draws are made of.
struct Draws<'a> {
    candidates: &'a [Candidate<'a>],
    asked: &'a [Vec<Asked<'a>>],
    terms: Terms<'a>,
    /// Seeds of the candidates' ids.
    units: Vec<u64>,
    /// Seeds of the ids of the catalogue.
    services: Vec<u64>,
}

impl Draws<'_> {
    /// The place of every candidate in one draw.
    fn places(&self, draw: u32) -> Vec<u32> {
        let of_draw = mix(u64::from(draw));
        let factors = self.weight_factors(of_draw);
        let step = ((even(mix(of_draw)) * PACES as f64) as usize).min(PACES - 1);
        let priorities: Vec<f64> = (0..self.candidates.len())
            .map(|unit| self.priority(unit, of_draw, &factors, step))
            .collect();
        let mut order: Vec<UnitAt> = UnitAt::first(self.candidates.len()).collect();
        order.sort_by(|&a, &b| priorities[b].total_cmp(&priorities[a]).then(a.cmp(&b)));
        let mut places = vec![0; self.candidates.len()];
        for (&unit, place) in order.iter().zip(1..) {
            places[unit] = place;
        }
        places
    }

    /// By what the weight of each service of the catalogue is multiplied: its field's factor × its own.
    fn weight_factors(&self, of_draw: u64) -> Vec<f64> {
        let within = self.terms.plan.certainty.weights;
        let rows = self.terms.services.iter().zip(&self.services);
        rows.map(|(service, &own)| {
            let field = mix(seed(&service.category));
            around(within, of_draw ^ field) * around(within, of_draw ^ own)
        })
        .collect()
    }

    /// A unit's priority in a draw.
    fn priority(&self, unit: usize, of_draw: u64, factors: &[f64], step: usize) -> f64 {
        let (candidate, plan) = (&self.candidates[unit], self.terms.plan);
        let least = candidate.low.persons();
        let residents =
            least + (candidate.high.persons() - least) * even(of_draw ^ self.units[unit]);
        let ratio = if candidate.horizon.0 > 0 {
            residents / candidate.horizon.persons()
        } else {
            1.0
        };
        let missing = self.asked[unit].iter().map(|asked| {
            let service = asked.standing.service;
            let weight = asked.weight * factors[service.index()];
            let own = mix(self.units[unit] ^ self.services[service.index()]);
            let capacity = around(plan.certainty.capacity, of_draw ^ own);
            let covered = covered(candidate, asked, step, even(mix(of_draw) ^ own));
            let missing = asked.standing.missing_if(covered, ratio, capacity);
            (weight, missing.share)
        });
        let factor = 1.0 + inflow(growth(candidate.base, residents), plan);
        written(need(missing) * factor)
    }
}

/// Who is covered in a draw, at a step of the paces and so far (0 to 1) between what the spread of people allows. All that coverage
/// may depend on is drawn here.
fn covered(candidate: &Candidate, asked: &Asked, step: usize, between: f64) -> Residents {
    let by_pace = candidate.by_pace.get(asked.position);
    let covered = by_pace.map_or(asked.standing.covered, |paces| paces[step]);
    let Some([below, above]) = candidate.spread.get(asked.position) else {
        return covered;
    };
    let target = asked.standing.target;
    let off = (below + (above - below) * between) * target.persons();
    let people = (covered.persons() + off).clamp(0.0, target.persons());
    Residents((people * 1000.0).round() as u64)
}

/// A number from 1 − `within` to 1 + `within` that belongs to `number`.
fn around(within: f64, number: u64) -> f64 {
    1.0 + within * (2.0 * even(number) - 1.0)
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
