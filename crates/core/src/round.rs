//! A round: one evaluation of a city, from its records to the ranking.

mod totals;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::city::City;
use crate::county::{self, CountyStanding};
use crate::projection::backtest::{Backtest, backtest};
use crate::projection::{self, GrowthPlan, Outlook, Projected, Variant};
use crate::quantity::{AGE_BANDS, Residents};
use crate::ranking::{self, Candidate, Place, RankingPlan};
use crate::reach::{Limits, Nearest, Snapped, Travels, Trips};
use crate::service::{Limit, Mode, Service, Target};
use crate::supply::access::Decay;
use crate::supply::coverage;
use crate::supply::detour::Detours;
use crate::supply::presence::{self, PresencePlan, Terms};
use crate::supply::shortage::{Certain, Claims};
use crate::supply::{self, CoveredPoints, Rules, Served, Standing};
use crate::ties::{self, Tie};
use crate::units::{self, Division, Unit, UnitPlan, Units};

pub use crate::watch::{Progress, Stage, Stopped, Watch};
pub use totals::{CityTotal, ServiceEquity};

/// What a round is computed by.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How units are drawn.
    pub units: UnitPlan,
    /// Years looked ahead; 0 for the base year alone.
    pub horizon: u32,
    /// Minutes that replace every service's own limit (its mode stays); services without a limit stay without.
    pub minutes: Option<u32>,
    /// How weight falls with time.
    pub decay: Decay,
    /// Persons a household, > 0.
    pub household_size: f64,
    /// What may be believed of growth.
    pub growth: GrowthPlan,
    /// How many residents make a circle.
    pub presence: PresencePlan,
    /// What counts how much.
    pub ranking: RankingPlan,
}

/// The catalogue and which of its services a round is about.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    /// All services.
    pub catalogue: &'a [Service],
    /// Positions in it, ascending.
    pub selected: &'a [u16],
}

/// The result of a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// Years, the base first.
    pub years: Vec<i32>,
    /// Township by township in the order of codes, in each in the order of ids. That is the order of ids, but for units that kept
    /// the id of a township which another took in: they stand in the other's place.
    pub units: Vec<Unit>,
    /// Residents of each unit in each year.
    pub residents: Vec<Vec<Residents>>,
    /// One a township.
    pub divisions: Vec<Division>,
    /// Every community in each later year; empty where everybody stays as in the base year.
    pub projected: Vec<Projected>,
    /// The methods tried on a third date, where one is known.
    pub backtest: Option<Backtest>,
    /// Unit by unit, service by service, year by year.
    pub standings: Vec<Standing>,
    /// County by county, service by service, year by year.
    pub counties: Vec<CountyStanding>,
    /// Service by service, in the order of the branches' ids.
    pub ties: Vec<Tie>,
    /// In the order of need in the last year.
    pub places: Vec<Place>,
    /// Service by service, year by year: the whole city.
    pub totals: Vec<CityTotal>,
    /// How evenly what is received is shared over people, by community: service by service, year by year. Of services that
    /// have a capacity, which is known of all open facilities.
    pub equities: Vec<ServiceEquity>,
    /// Unit by unit, mode by mode, in the base year; empty where trips need no streets.
    pub snapping: Vec<Snapping>,
    /// Of each unit in the base year, over all services; empty where nothing is compared.
    pub detours: Vec<Detours>,
    /// Who is served by which facility: unit by unit, service by service, in the order of facilities.
    pub served: Vec<Served>,
    /// Which demand points are covered, service by service.
    pub points: Vec<CoveredPoints>,
    /// The unit of each demand point; `None` in neighbouring townships.
    pub of_point: Vec<Option<u32>>,
    /// The unit of each facility; `None` outside all units.
    pub of_facility: Vec<Option<u32>>,
}

/// Who of a unit is on the network of a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapping {
    /// Position of the unit.
    pub unit: u32,
    /// How one travels.
    pub mode: Mode,
    /// Residents.
    pub residents: Residents,
    /// Those of them who live too far from every usable street.
    pub unsnapped: Residents,
    /// Those of them who live where there is no road at all.
    pub roadless: Residents,
}

/// Units and standings of a city or of a shard of it, before ranking.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub units: Vec<Unit>,
    pub residents: Vec<Vec<Residents>>,
    pub divisions: Vec<Division>,
    pub standings: Vec<Standing>,
    /// Service by service, year by year: facilities reached, by position.
    pub reached: Vec<Vec<Vec<u32>>>,
    pub snapping: Vec<Snapping>,
    pub detours: Vec<Detours>,
    /// Service by service.
    pub claims: Vec<Option<Claims>>,
    /// Service by service: see [`supply::ServiceStandings::received`].
    pub received: Vec<Vec<Vec<f64>>>,
    /// Unit by unit, service by service: see [`supply::ServiceStandings::by_pace`].
    pub by_pace: Vec<Vec<Vec<Residents>>>,
    pub served: Vec<Served>,
    /// Service by service.
    pub points: Vec<CoveredPoints>,
    pub of_point: Vec<Option<u32>>,
    pub of_facility: Vec<Option<u32>>,
}

/// Evaluates `city`: units, reach, supply and demand in each year up to the horizon, ranking at the horizon.
///
/// Where the `outlook` knows nothing everybody stays where they are, and only facilities change over the years. Units are drawn
/// in the base year and kept. Services go in parallel.
///
/// # Errors
/// Where `watch` says stop: it is asked between stages, after each year and each service, and every few draws of the ranking.
pub fn evaluate(
    city: &City,
    outlook: &Outlook,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    watch: Watch,
) -> Result<Round, Stopped> {
    watch(Progress::Stage(Stage::Units))?;
    evaluate_in(
        city,
        units::divide(city, &plan.units),
        outlook,
        services,
        plan,
        travels,
        watch,
    )
}

/// As [`evaluate`], in units that are drawn already: those of the last round kept, or carried on.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_in(
    city: &City,
    units: Units,
    outlook: &Outlook,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    watch: Watch,
) -> Result<Round, Stopped> {
    let (years, projected) = years(city, outlook, plan, watch)?;
    let part = part(&years, units, services, plan, travels, watch)?;
    let round = assemble(&years, projected, part, services, plan, travels, watch)?;
    Ok(Round {
        backtest: tried(city, outlook, plan),
        ..round
    })
}

/// The city in each year from its own to the horizon.
pub(crate) fn years(
    city: &City,
    outlook: &Outlook,
    plan: &Plan,
    watch: Watch,
) -> Result<(Vec<City>, Vec<Projected>), Stopped> {
    watch(Progress::Stage(Stage::Project))?;
    let mut cities = vec![city.clone()];
    let mut all = Vec::new();
    for ahead in 1..=plan.horizon {
        if outlook.is_still(&plan.growth) {
            cities.push(city.in_year(city.year() + ahead as i32));
        } else {
            let growth = projection::growth(city, outlook, &plan.growth, ahead);
            cities.push(projection::project(city, outlook, &plan.growth, &growth));
            all.extend(growth);
        }
        watch(Progress::Working)?;
    }
    Ok((cities, all))
}

/// The methods tried on a third date, where one is known.
pub(crate) fn tried(city: &City, outlook: &Outlook, plan: &Plan) -> Option<Backtest> {
    backtest(
        city,
        outlook.earlier.as_ref()?,
        outlook.observed.as_ref()?,
        &plan.growth,
    )
}

pub(crate) fn part(
    years: &[City],
    units: Units,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    watch: Watch,
) -> Result<Part, Stopped> {
    let modes = modes(services, plan);
    watch(Progress::Stage(Stage::Streets))?;
    let groups = travels.trips(&years[0], &modes);
    let snapping = modes
        .iter()
        .filter_map(|&mode| snapping(&years[0], &units, mode, &*groups[0].trips));
    let mut snapping: Vec<Snapping> = snapping.flatten().collect();
    snapping.sort_by_key(|each| (each.unit, each.mode));
    watch(Progress::Stage(Stage::Supply))?;
    let years: Vec<(City, Vec<supply::Census>)> = years
        .iter()
        .map(|city| (city.clone(), supply::census(city, &units)))
        .collect();
    let residents = (0..units.units.len()).map(|unit| {
        years
            .iter()
            .map(|(_, census)| census[unit].total())
            .collect()
    });
    let residents = residents.collect();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let stand = |&at: &u16| {
        let service = &services.catalogue[at as usize];
        let limits = limits(service, plan);
        let substitutes = positions(services.catalogue, &service.substitutes);
        let rules = Rules {
            service,
            at,
            limits,
            decay: plan.decay,
            household_size: plan.household_size,
            substitutes: &substitutes,
            unless: unless(services.catalogue, service, plan),
            pace_within: if plan.ranking.certainty.draws > 0 {
                plan.ranking.certainty.pace
            } else {
                0.0
            },
        };
        watch(Progress::Working)?;
        let standings = supply::stand(&years, &units, rules, &groups);
        let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        watch(Progress::Service {
            done,
            of: services.selected.len(),
        })?;
        Ok(standings)
    };
    // A few services at a time, each of them on all threads: memory must not grow with the number of threads.
    let some = services.selected.chunks(SERVICES_AT_A_TIME);
    let by_service = some.flat_map(|some| some.par_iter().map(stand).collect::<Vec<_>>());
    let (mut standings, mut reached, mut detours, mut claims) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut by_pace = vec![Vec::new(); units.units.len()];
    let (mut received, mut served, mut points) = (Vec::new(), Vec::new(), Vec::new());
    for each in by_service {
        let each = each?;
        served.extend(each.served);
        points.push(each.points);
        received.push(each.received);
        claims.push(each.claims);
        by_pace
            .iter_mut()
            .zip(each.by_pace)
            .for_each(|(all, own): (&mut Vec<_>, _)| all.push(own));
        standings.extend(each.standings);
        reached.push(each.reached);
        detours.resize_with(each.detours.len().max(detours.len()), Detours::default);
        detours
            .iter_mut()
            .zip(&each.detours)
            .for_each(|(all, own)| all.join(own));
    }
    standings.sort_by_key(|each| (each.unit, each.service, each.year));
    served.sort_by_key(|each: &Served| (each.unit, each.service, each.facility));
    let terms = Terms {
        catalogue: services.catalogue,
        plan: &plan.presence,
        household_size: plan.household_size,
    };
    presence::judge(&years, &units, terms, &mut standings);
    Ok(Part {
        units: units.units,
        residents,
        divisions: units.divisions,
        standings,
        reached,
        snapping,
        detours,
        claims,
        received,
        by_pace,
        served,
        points,
        of_point: units.of_point,
        of_facility: units.of_facility,
    })
}

/// The kind that makes one of the service's rules needless for those who have it, and its limit for urban communities. It need
/// not be selected.
pub(crate) fn unless(
    catalogue: &[Service],
    service: &Service,
    plan: &Plan,
) -> Option<(u16, Limit)> {
    let other = service
        .requires
        .iter()
        .find_map(|rule| rule.unless_covered.as_ref())?;
    let (at, other) = (0..).zip(catalogue).find(|(_, each)| each.id == *other)?;
    Some((at, limits(other, plan).urban?))
}

/// The positions of services in the catalogue, in its order.
fn positions(catalogue: &[Service], ids: &[String]) -> Vec<u16> {
    (0..)
        .zip(catalogue)
        .filter(|(_, service)| ids.contains(&service.id))
        .map(|(at, _)| at)
        .collect()
}

/// How one travels to any of the services, in order.
#[must_use]
pub fn modes(services: Selection, plan: &Plan) -> Vec<Mode> {
    let limits = services
        .selected
        .iter()
        .map(|&at| limits(&services.catalogue[at as usize], plan));
    let modes = limits
        .flat_map(|limits| [limits.urban, limits.rural])
        .flatten()
        .map(|limit| limit.mode);
    modes.collect::<BTreeSet<Mode>>().into_iter().collect()
}

/// Who of each unit is on the network of a mode; `None` where trips need no network.
#[must_use]
pub fn snapping(
    city: &City,
    units: &Units,
    mode: Mode,
    trips: &dyn Trips,
) -> Option<Vec<Snapping>> {
    let snapped = trips.snapped(Limits::both(Limit {
        mode,
        minutes: 0,
        radius_m: None,
    }))?;
    let everybody = [true; AGE_BANDS.len()];
    let count = |counts: &dyn Fn(Snapped) -> bool| {
        let rows: Vec<bool> = snapped.iter().map(|&state| counts(state)).collect();
        coverage::by_unit(
            &coverage::people(city, Target::ALL, std::iter::once(&everybody), &rows),
            units,
        )
    };
    let residents = count(&|_| true);
    let unsnapped = count(&|state| state == Snapped::Unsnapped);
    let roadless = count(&|state| state == Snapped::Roadless);
    let of_unit = |unit: usize| Snapping {
        unit: unit as u32,
        mode,
        residents: residents[unit],
        unsnapped: unsnapped[unit],
        roadless: roadless[unit],
    };
    Some((0..units.units.len()).map(of_unit).collect())
}

/// Each holds the links of one service, up to some hundred megabytes in a city of 21 million.
const SERVICES_AT_A_TIME: usize = 6;

/// A service's limits under the plan.
#[must_use]
pub fn limits(service: &Service, plan: &Plan) -> Limits {
    let own = Limits::of(service);
    let replaced = |limit: Option<Limit>| {
        limit.map(|own| Limit {
            minutes: plan.minutes.unwrap_or(own.minutes),
            ..own
        })
    };
    Limits {
        urban: replaced(own.urban),
        rural: replaced(own.rural),
    }
}

pub(crate) fn assemble(
    years: &[City],
    projected: Vec<Projected>,
    mut part: Part,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    watch: Watch,
) -> Result<Round, Stopped> {
    watch(Progress::Stage(Stage::Allocation))?;
    settle(&mut part, services, years, watch)?;
    let counties = county::judge(
        years,
        services.catalogue,
        services.selected,
        plan.household_size,
    );
    let ties = ties::ties(&years[0], services.catalogue, services.selected, travels);
    watch(Progress::Stage(Stage::Ranking))?;
    let last = years[years.len() - 1].year();
    let at_horizon: Vec<Standing> = part
        .standings
        .iter()
        .filter(|each| each.year == last)
        .cloned()
        .collect();
    let at_horizon = at_horizon
        .chunks(services.selected.len().max(1))
        .map(Some)
        .chain(std::iter::repeat(None));
    let units = part.units.iter().zip(&part.residents).zip(&part.by_pace);
    let base = years[0].community_residents();
    let band: Vec<&Projected> = projected.iter().filter(|each| each.year == last).collect();
    let candidates = units
        .zip(at_horizon)
        .map(|(((unit, residents), by_pace), standings)| {
            let horizon = residents[residents.len() - 1];
            let (low, high) = band_of(unit, horizon, &base, &band, plan.growth.variant);
            let standings = standings.unwrap_or(&[]);
            Candidate {
                base: residents[0],
                horizon,
                low,
                high,
                id: &unit.id,
                standings,
                by_pace,
            }
        });
    let candidates: Vec<Candidate> = candidates.collect();
    let places = ranking::rank(&candidates, services.catalogue, &plan.ranking, watch)?;
    let totals = totals::totals(years, services, &part);
    Ok(Round {
        years: years.iter().map(City::year).collect(),
        equities: totals::equities(years, services, plan, &part.received, &totals),
        totals,
        units: part.units,
        residents: part.residents,
        divisions: part.divisions,
        projected,
        backtest: None,
        standings: part.standings,
        counties,
        ties,
        places,
        snapping: part.snapping,
        detours: part.detours,
        served: part.served,
        points: part.points,
        of_point: part.of_point,
        of_facility: part.of_facility,
    })
}

/// The fewest and the most residents of a unit in the last year: as its communities' low and high are to what is evaluated,
/// each with the part of it that belongs to the unit. `band` holds every community, in order, or none.
fn band_of(
    unit: &Unit,
    horizon: Residents,
    base: &[Residents],
    band: &[&Projected],
    evaluated: Variant,
) -> (Residents, Residents) {
    let (mut low, mut middle, mut high) = (0.0, 0.0, 0.0);
    for share in &unit.communities {
        let at = share.community as usize;
        let Some(projected) = band.get(at).filter(|_| base[at].0 > 0) else {
            continue;
        };
        let part = share.residents.persons() / base[at].persons();
        low += part * projected.low.persons();
        middle += part * projected.of(evaluated).persons();
        high += part * projected.high.persons();
    }
    let of = |end: f64| {
        if middle > 0.0 {
            Residents((horizon.0 as f64 * end / middle).round() as u64)
        } else {
            horizon
        }
    };
    (of(low), of(high))
}

/// Adds to the standings what no assignment can seat.
fn settle(
    part: &mut Part,
    services: Selection,
    years: &[City],
    watch: Watch,
) -> Result<(), Stopped> {
    let units = part.units.len();
    let exists = |service: u16| {
        years
            .iter()
            .map(|city| city.open_offers(service).next().is_some())
            .collect::<Vec<bool>>()
    };
    let settled: Vec<Option<Vec<Vec<Certain>>>> = std::mem::take(&mut part.claims)
        .into_par_iter()
        .zip(services.selected)
        .map(|(claims, &service)| {
            watch(Progress::Working)?;
            Ok(claims.map(|claims| claims.settle(units, &exists(service))))
        })
        .collect::<Result<_, _>>()?;
    // Standings are those of a unit, service by service, year by year.
    let years = part.standings.len() / (units * services.selected.len()).max(1);
    for (at, standing) in part.standings.iter_mut().enumerate() {
        let service = at / years.max(1) % services.selected.len();
        standing.certain = settled[service]
            .as_ref()
            .map(|years_of| years_of[at % years][standing.unit as usize]);
    }
    Ok(())
}

/// For one service, what every demand point has within its limit in the city's year, by the trips of `city`. For maps of single
/// places.
#[must_use]
pub fn nearest(
    city: &City,
    service: &Service,
    at: u16,
    plan: &Plan,
    trips: &dyn Trips,
) -> Vec<Nearest> {
    let places: Vec<_> = city
        .open_offers(at)
        .map(|(_, facility, _)| facility.at)
        .collect();
    trips.nearest_and_count(limits(service, plan), &places)
}

/// All residents of a round's units in its base year.
#[must_use]
pub fn evaluated_residents(round: &Round) -> Residents {
    round.units.iter().map(|unit| unit.residents).sum()
}
