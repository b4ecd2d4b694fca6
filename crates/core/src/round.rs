//! A round: one evaluation of a city, from its records to the ranking.

mod schedule;
mod spreads;
mod totals;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::city::City;
use crate::completeness::{self, Completeness, Judged};
use crate::county::{self, CountyStanding};
use crate::cube::Cube;
use crate::position::{FacilityAt, ServiceAt, UnitAt, YearAt};
use crate::projection::backtest::{Backtest, backtest};
use crate::projection::{self, GrowthPlan, Outlook, Projected, Variant};
use crate::quantity::Residents;
use crate::ranking::{self, Candidate, Place, RankingPlan};
use crate::reach::{Limits, Nearest, Snapped, Travels, Trips};
use crate::service::{Limit, Mode, Service};
use crate::supply::access::Decay;
use crate::supply::detour::Detours;
use crate::supply::presence::{self, PresencePlan, Terms};
use crate::supply::{
    self, Census, CoveredPoints, Offers, Rules, Served, ServiceStandings, Setting, Standing,
};
use crate::ties::{self, Tie};
use crate::units::{self, Division, Unit, UnitPlan, Units};

pub use crate::watch::{Progress, Stage, Stopped, Watch};
pub(crate) use schedule::{Settling, Shortage};
pub use spreads::{OtherSpread, Spreads};
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
    pub selected: &'a [ServiceAt],
    /// Positions in it, ascending, selected or not: those of whose facilities nothing was supplied. A city without such a
    /// facility does not say that there are none.
    pub no_data: &'a [ServiceAt],
}

impl Selection<'_> {
    /// Whether something is known of a service's facilities, if only that there are none.
    #[must_use]
    pub fn supplied(&self, service: ServiceAt) -> bool {
        self.no_data.binary_search(&service).is_err()
    }
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
    pub standings: Cube<Standing>,
    /// County by county, service by service, year by year.
    pub counties: Vec<CountyStanding>,
    /// Service by service, in the order of the branches' ids.
    pub ties: Vec<Tie>,
    /// In the order of priority in the last year; empty where no service can be judged.
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
    /// How many services the residents of each unit have in reach: unit by unit, year by year, in each of [`completeness::WAYS`].
    pub completeness: Vec<Completeness>,
    /// Who is served by which facility: unit by unit, service by service, in the order of facilities.
    pub served: Vec<Served>,
    /// Which demand points are covered, service by service.
    pub points: Vec<CoveredPoints>,
    /// The unit of each demand point; `None` in neighbouring townships.
    pub of_point: Vec<Option<UnitAt>>,
    /// The unit of each facility; `None` outside all units.
    pub of_facility: Vec<Option<UnitAt>>,
}

impl Round {
    /// What the residents of one unit have in reach in one year, in the way with this place among [`completeness::WAYS`].
    ///
    /// # Panics
    /// Where there is no such unit, year or way.
    #[must_use]
    pub fn complete(&self, unit: UnitAt, year: YearAt, way: usize) -> &Completeness {
        let years = unit.index() * self.years.len() + year.index();
        &self.completeness[years * completeness::WAYS.len() + way]
    }
}

/// Who of a unit is on the network of a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapping {
    /// Position of the unit.
    pub unit: UnitAt,
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
    pub units: Units,
    /// Unit by unit, year by year.
    pub residents: Vec<Vec<Residents>>,
    pub standings: Cube<Standing>,
    pub snapping: Vec<Snapping>,
    pub detours: Vec<Detours>,
    pub completeness: Vec<Completeness>,
    pub served: Vec<Served>,
    pub services: Vec<ServicePart>,
}

/// What is kept of one service beside its standings; each field but `shortage` is as in [`ServiceStandings`].
#[derive(Debug, Clone)]
pub(crate) struct ServicePart {
    pub reached: Vec<Vec<FacilityAt>>,
    pub shortage: Shortage,
    pub received: Vec<Vec<f64>>,
    pub by_pace: Vec<Vec<Residents>>,
    pub points: CoveredPoints,
}

/// Evaluates `city`: units, reach, supply and demand in each year up to the horizon, ranking at the horizon.
///
/// Where the `outlook` knows nothing everybody stays where they are, and only facilities change over the years. Units are drawn
/// in the base year and kept. Services go in parallel.
/// ```
/// use fuwutu_core::city::City;
/// use fuwutu_core::position::ServiceAt;
/// use fuwutu_core::projection::Outlook;
/// use fuwutu_core::reach::Travel;
/// use fuwutu_core::round::{Selection, evaluate};
/// use fuwutu_core::watch::unwatched;
/// use fuwutu_synth::example::{STRAIGHT, plan, service};
/// // Nine people 500 m apart, of whom five have the facility in their middle within ten minutes at 1 m/s.
/// let city = City::new(fuwutu_synth::grid(3, 500_000, &[(0, 0)]))?;
/// let catalogue = [service()];
/// let services = Selection { catalogue: &catalogue, selected: &[ServiceAt(0)], no_data: &[] };
/// let travels = (&STRAIGHT as &dyn Travel).into();
/// let round = evaluate(&city, &Outlook::default(), services, &plan(), travels, &unwatched).expect("nobody stops it");
/// assert_eq!(round.units.len(), 1);
/// assert_eq!(round.totals[0].coverage(), Some(5.0 / 9.0));
/// # Ok::<(), fuwutu_core::city::CityError>(())
/// ```
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

/// As [`evaluate`], in units that are drawn already: those of the last round kept, or carried on. With another spread of the
/// people, the standings of the base year say what it gives ([`Standing::spread`]).
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_in<'a>(
    cities: impl Into<Spreads<'a>>,
    units: Units,
    outlook: &Outlook,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    watch: Watch,
) -> Result<Round, Stopped> {
    let Spreads { city, other } = cities.into();
    let (years, projected) = years(city, outlook, plan, watch)?;
    let mut part = part(
        &years,
        units,
        services,
        plan,
        travels,
        Settling::AtOnce,
        watch,
    )?;
    if let Some(other) = other {
        spreads::add(&mut part, city, other, services, plan, travels, watch)?;
    }
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
    let later = |ahead: u32| {
        watch(Progress::Working)?;
        if outlook.is_still(&plan.growth) {
            return Ok((city.in_year(city.year() + ahead as i32), Vec::new()));
        }
        let growth = projection::growth(city, outlook, &plan.growth, ahead);
        let then = projection::project(city, outlook, &plan.growth, &growth);
        Ok((then, growth))
    };
    // No year depends on another: each is projected from the base, and they are put together in their order.
    let years = (1..=plan.horizon).into_par_iter().map(later);
    let (mut cities, mut all) = (vec![city.clone()], Vec::new());
    for (city, growth) in years.collect::<Result<Vec<_>, Stopped>>()? {
        cities.push(city);
        all.extend(growth);
    }
    Ok((cities, all))
}

/// The city in the last year of a plan, as its round has it.
///
/// # Errors
/// Where `watch` says stop.
pub fn last_year(
    city: &City,
    outlook: &Outlook,
    plan: &Plan,
    watch: Watch,
) -> Result<City, Stopped> {
    let (mut years, _) = years(city, outlook, plan, watch)?;
    Ok(years.pop().unwrap_or_else(|| city.clone()))
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

/// Units and standings in every year, of which `units` are drawn already.
pub(crate) fn part(
    years: &[City],
    units: Units,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    settling: Settling,
    watch: Watch,
) -> Result<Part, Stopped> {
    let modes = modes(services, plan);
    watch(Progress::Stage(Stage::Streets))?;
    let groups = travels.trips(&years[0], &modes);
    let snapping = snapping_of_modes(&years[0], &units, &modes, &*groups[0].trips);
    watch(Progress::Stage(Stage::Supply))?;
    let years: Vec<(City, Vec<Census>)> = years
        .par_iter()
        .map(|city| (city.clone(), supply::census(city, &units)))
        .collect();
    let targets = services
        .selected
        .iter()
        .map(|&at| services.catalogue[at].target);
    let setting = Setting::new(&years, &units, &groups, targets);
    let mut gathered = Gathered::default();
    for (standings, shortage) in
        schedule::stand_all(&setting, services, plan, travels, settling, watch)?
    {
        gathered.add(standings, shortage);
    }
    let mut standings = gathered.standings(units.units.len(), services.selected.len(), years.len());
    let terms = Terms {
        catalogue: services.catalogue,
        plan: &plan.presence,
        household_size: plan.household_size,
        no_data: services.no_data,
    };
    presence::judge(&years, &units, setting.offers(), terms, &mut standings);
    for standing in standings.iter_mut() {
        if !services.supplied(standing.service) {
            standing.forget_supply();
        }
    }
    watch(Progress::Stage(Stage::Completeness))?;
    let judged: Vec<Judged> = services
        .selected
        .iter()
        .zip(&gathered.services)
        .map(|(&at, part)| Judged {
            service: &services.catalogue[at],
            at,
            limits: limits(&services.catalogue[at], plan),
            supplied: services.supplied(at),
            covered: &part.points,
        })
        .collect();
    let cities: Vec<&City> = years.iter().map(|(city, _)| city).collect();
    let offers = setting.offers();
    let completeness = completeness::judge(&cities, &units, &groups, offers, &judged, watch)?;
    drop(setting);
    Ok(Part {
        residents: residents_by_unit(&years, units.units.len()),
        units,
        standings,
        snapping,
        detours: gathered.detours,
        completeness,
        served: gathered.served,
        services: gathered.services,
    })
}

/// Who of each unit is on the network of each mode, in the order of units; empty where trips need none.
fn snapping_of_modes(
    city: &City,
    units: &Units,
    modes: &[Mode],
    trips: &dyn Trips,
) -> Vec<Snapping> {
    let by_mode = modes
        .iter()
        .filter_map(|&mode| snapping(city, units, mode, trips));
    let mut by_unit: Vec<Snapping> = by_mode.flatten().collect();
    by_unit.sort_by_key(|snapping| (snapping.unit, snapping.mode));
    by_unit
}

/// The residents of each unit in each year.
fn residents_by_unit(years: &[(City, Vec<Census>)], units: usize) -> Vec<Vec<Residents>> {
    UnitAt::first(units)
        .map(|unit| {
            years
                .iter()
                .map(|(_, census)| census[unit].total())
                .collect()
        })
        .collect()
}

/// What a service's standings are computed by.
fn rules<'a>(
    catalogue: &'a [Service],
    at: ServiceAt,
    substitutes: &'a [ServiceAt],
    plan: &Plan,
) -> Rules<'a> {
    let service = &catalogue[at];
    let certainty = &plan.ranking.certainty;
    Rules {
        service,
        at,
        limits: limits(service, plan),
        decay: plan.decay,
        household_size: plan.household_size,
        substitutes,
        unless: unless(catalogue, service, plan),
        pace_within: if certainty.draws > 0 {
            certainty.pace
        } else {
            0.0
        },
    }
}

/// What all services come to, one after the other.
#[derive(Default)]
struct Gathered {
    standings: Vec<Standing>,
    served: Vec<Served>,
    detours: Vec<Detours>,
    services: Vec<ServicePart>,
}

impl Gathered {
    fn add(&mut self, service: ServiceStandings, shortage: Shortage) {
        let ServiceStandings {
            standings,
            reached,
            detours,
            claims: _,
            received,
            by_pace,
            served,
            points,
        } = service;
        self.standings.extend(standings);
        self.served.extend(served);
        let units = self.detours.len().max(detours.len());
        self.detours.resize_with(units, Detours::default);
        for (sum, more) in self.detours.iter_mut().zip(&detours) {
            sum.join(more);
        }
        self.services.push(ServicePart {
            reached,
            shortage,
            received,
            by_pace,
            points,
        });
    }

    /// Puts what is served into the order of units, and takes the standings in that order.
    fn standings(&mut self, units: usize, services: usize, years: usize) -> Cube<Standing> {
        // Services come in order, and the facilities of each: a stable sort leaves them so within a unit.
        self.served.par_sort_by_key(|served| served.unit);
        let mut standings = std::mem::take(&mut self.standings);
        standings.sort_by_key(|standing| (standing.unit, standing.service, standing.year));
        Cube::new(units, services, years, standings)
            .expect("each service has a standing for each unit and year")
    }
}

/// The kind that makes one of the service's rules needless for those who have it, and its limit for urban communities. It need
/// not be selected.
pub(crate) fn unless(
    catalogue: &[Service],
    service: &Service,
    plan: &Plan,
) -> Option<(ServiceAt, Limit)> {
    let other = service
        .requires
        .iter()
        .find_map(|rule| rule.unless_covered.as_ref())?;
    let (at, other) = ServiceAt::enumerate(catalogue).find(|(_, each)| each.id == *other)?;
    Some((at, limits(other, plan).urban?))
}

/// The positions of the kinds that will do instead of a service, in the order of the catalogue.
fn substitutes(catalogue: &[Service], service: ServiceAt) -> Vec<ServiceAt> {
    let ids = &catalogue[service].substitutes;
    ServiceAt::enumerate(catalogue)
        .filter(|(_, other)| ids.contains(&other.id))
        .map(|(other, _)| other)
        .collect()
}

/// How one travels to any of the services, in order.
#[must_use]
pub fn modes(services: Selection, plan: &Plan) -> Vec<Mode> {
    let limits = services
        .selected
        .iter()
        .map(|&at| limits(&services.catalogue[at], plan));
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
    let count = |counts: &dyn Fn(Snapped) -> bool| {
        let mut sums = vec![Residents::default(); units.units.len()];
        let points = snapped.iter().zip(city.residents()).zip(&units.of_point);
        for ((&state, ages), unit) in points {
            if let Some(unit) = unit.filter(|_| counts(state)) {
                sums[unit] += ages.total();
            }
        }
        sums
    };
    let residents = count(&|_| true);
    let unsnapped = count(&|state| state == Snapped::Unsnapped);
    let roadless = count(&|state| state == Snapped::Roadless);
    let of_unit = |unit: usize| Snapping {
        unit: UnitAt::new(unit),
        mode,
        residents: residents[unit],
        unsnapped: unsnapped[unit],
        roadless: roadless[unit],
    };
    Some((0..units.units.len()).map(of_unit).collect())
}

/// A service's limits under the plan.
#[must_use]
pub fn limits(service: &Service, plan: &Plan) -> Limits {
    let own = Limits::of(service);
    Limits {
        urban: own.urban.map(|limit| limit.with_minutes(plan.minutes)),
        rural: own.rural.map(|limit| limit.with_minutes(plan.minutes)),
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
    let offers = Offers::new(&years.iter().collect::<Vec<_>>());
    settle(&mut part, services, &offers, years.len(), watch)?;
    let counties = county::judge(years, services, plan.household_size);
    let ties = ties::ties(&years[0], services.catalogue, services.selected, travels);
    watch(Progress::Stage(Stage::Ranking))?;
    let places = rank(years, &projected, &part, services, plan, watch)?;
    let totals = totals::totals(years, services, &offers, &part);
    Ok(Round {
        years: years.iter().map(City::year).collect(),
        equities: totals::equities(years, services, plan, &part.services, &totals),
        totals,
        units: part.units.units,
        residents: part.residents,
        divisions: part.units.divisions,
        projected,
        backtest: None,
        standings: part.standings,
        counties,
        ties,
        places,
        snapping: part.snapping,
        detours: part.detours,
        completeness: part.completeness,
        served: part.served,
        points: part
            .services
            .into_iter()
            .map(|service| service.points)
            .collect(),
        of_point: part.units.of_point,
        of_facility: part.units.of_facility,
    })
}

/// The ranking at the horizon.
fn rank(
    years: &[City],
    projected: &[Projected],
    part: &Part,
    services: Selection,
    plan: &Plan,
    watch: Watch,
) -> Result<Vec<Place>, Stopped> {
    let horizon = YearAt::new(years.len() - 1);
    let standings = part.standings.in_year(horizon);
    let by_pace: Vec<Vec<Vec<Residents>>> = UnitAt::first(part.units.units.len())
        .map(|unit| {
            let services = part.services.iter();
            services
                .filter_map(|service| service.by_pace.get(unit.index()).cloned())
                .collect()
        })
        .collect();
    let of_base = part.standings.in_year(YearAt::new(0));
    let spread: Vec<Vec<[f64; 2]>> = UnitAt::enumerate(&part.units.units)
        .map(|(position, unit)| {
            let standings = of_base.of_unit(position).iter();
            standings
                .filter_map(|each| {
                    Some(ranking::spread_of(
                        each.target,
                        each.covered,
                        each.spread?,
                        unit.communities.len(),
                    ))
                })
                .collect()
        })
        .collect();
    let base = years[0].community_residents();
    let last = years[horizon].year();
    let band: Vec<&Projected> = projected.iter().filter(|each| each.year == last).collect();
    let candidates: Vec<Candidate> = UnitAt::enumerate(&part.units.units)
        .map(|(position, unit)| {
            let residents = &part.residents[position];
            let (low, high) = band_of(unit, residents[horizon], &base, &band, plan.growth.variant);
            Candidate {
                base: residents[0],
                horizon: residents[horizon],
                low,
                high,
                id: &unit.id,
                standings: standings.of_unit(position),
                by_pace: &by_pace[position],
                spread: &spread[position],
            }
        })
        .collect();
    let terms = ranking::Terms {
        services: services.catalogue,
        plan: &plan.ranking,
        own_limits: plan.minutes.is_none(),
    };
    ranking::rank(&candidates, terms, watch)
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
        let at = share.community;
        let Some(projected) = band.get(at.index()).filter(|_| base[at].0 > 0) else {
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

/// Adds to the standings what no assignment can seat; where that waited for the claims of all shards, it is computed now.
fn settle(
    part: &mut Part,
    services: Selection,
    offers: &Offers,
    years: usize,
    watch: Watch,
) -> Result<(), Stopped> {
    let units = part.units.units.len();
    let shortages: Vec<Shortage> = part
        .services
        .iter_mut()
        .map(|service| std::mem::replace(&mut service.shortage, Shortage::Unasked))
        .collect();
    let settled: Vec<Shortage> = shortages
        .into_par_iter()
        .zip(services.selected)
        .map(|(shortage, &service)| {
            watch(Progress::Working)?;
            Ok(shortage.settle(service, offers, years, units))
        })
        .collect::<Result<_, _>>()?;
    for ((unit, service, year), standing) in part.standings.enumerate_mut() {
        standing.certain = match &settled[service] {
            Shortage::Settled(years) if standing.supplied => Some(years[year][unit]),
            _ => None,
        };
    }
    Ok(())
}

/// For one service, what every demand point has within its limit in the city's year, by the trips of `city`. For maps of single
/// places.
#[must_use]
pub fn nearest(
    city: &City,
    service: &Service,
    at: ServiceAt,
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
