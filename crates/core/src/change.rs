//! What changed between two rounds, and because of what.
//!
//! The new round is reached from the old one in five steps, each of which switches one thing to the new round's: facilities,
//! population (people and land), standards, units, method. Every step on the way is a round of a city that never existed, and what
//! a figure does at a step is that cause's part: the parts add up to new − old. What two causes do together only
//! (a school that opened where people moved in) counts for the later of the two, so that the order is part of the result.

use std::collections::{BTreeMap, BTreeSet};

use crate::city::{City, Facility};
use crate::crosswalk::{Crosswalk, Span};
use crate::position::{FacilityAt, ServiceAt};
use crate::projection::Outlook;
use crate::quantity::Residents;
use crate::reach::Travels;
use crate::round::{self, Plan, Round, Selection, Stopped, Watch};
use crate::service::Service;
use crate::supply::Standing;
use crate::supply::shortage::Certain;
use crate::units::last::{LastRow, LastUnits};
use crate::units::{self, Units};

/// What is switched, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Which facilities there are, where, how large, and which of them are open in the round's base year.
    Facilities,
    /// People and land: townships, communities and demand points. The old units are carried on to the new land.
    Population,
    /// The rows of the catalogue, and minutes that the plan puts in the place of all limits.
    Standards,
    /// How townships are divided.
    Units,
    /// Travel, streets, decay, household size.
    Method,
}

/// All causes in order.
pub const CAUSES: [Cause; 5] = [
    Cause::Facilities,
    Cause::Population,
    Cause::Standards,
    Cause::Units,
    Cause::Method,
];

/// The old round, the four between, and the new one.
const STATES: usize = CAUSES.len() + 1;

/// One of two rounds.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// Both lie in the same plane.
    pub city: &'a City,
    /// The city in the round's last year, with the residents who are expected then.
    pub later: &'a City,
    /// Both have the same ids at the same positions.
    pub standards: &'a [Service],
    /// Positions of the services of whose facilities nothing is known, ascending.
    pub no_data: &'a [ServiceAt],
    /// What it was computed by.
    pub plan: &'a Plan,
    /// How its people get around.
    pub travels: Travels<'a>,
    /// The last units that its own keep, where they do.
    pub last: Option<&'a LastUnits>,
    /// What it came to.
    pub round: &'a Round,
}

impl Side<'_> {
    /// The round's units on the land of `city`.
    fn units(&self, city: &City) -> Units {
        units::kept_or_drawn(city, &self.plan.units, self.last)
    }

    /// Its units as the last ones of a round in `city`.
    #[must_use]
    pub fn as_last(&self, city: &City, crosswalk: &Crosswalk) -> LastUnits {
        let rows = self.round.units.iter().flat_map(|unit| {
            unit.communities.iter().map(|share| LastRow {
                code: self.city.community(share.community).code.clone(),
                unit: unit.id.clone(),
                residents: share.residents,
            })
        });
        LastUnits::new(city, &rows.collect::<Vec<_>>(), crosswalk, self.span(city)).0
    }

    /// From the codes of this round to those of `city`.
    #[must_use]
    pub fn span(&self, city: &City) -> Span {
        Span {
            after: self.city.year(),
            upto: city.year(),
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Usual residents, of no service.
    Residents,
    /// Residents of the target group.
    Target,
    /// Those of them with an open facility within the limit.
    Covered,
    /// Covered ÷ target; the one figure that does not add up over units.
    Coverage,
    /// Capacity that the norm asks for.
    Demand,
    /// Capacity of the open facilities that stand in the unit.
    SupplyInside,
    /// Capacity received, across borders.
    Received,
    /// max(0, demand − received).
    Shortfall,
    /// What no assignment of people to facilities can seat.
    ShortForCertain,
}

/// The figures of a service.
pub const OF_SERVICE: [Figure; 8] = [
    Figure::Target,
    Figure::Covered,
    Figure::Coverage,
    Figure::Demand,
    Figure::SupplyInside,
    Figure::Received,
    Figure::Shortfall,
    Figure::ShortForCertain,
];

impl Figure {
    /// Whether the figures of units add up to the city's.
    #[must_use]
    pub fn additive(self) -> bool {
        self != Self::Coverage
    }

    /// Whether it is counted in the service's unit of capacity.
    #[must_use]
    pub fn in_capacity(self) -> bool {
        !matches!(
            self,
            Self::Residents | Self::Target | Self::Covered | Self::Coverage
        )
    }
}

/// A figure in whole ten-thousandths, so that differences and sums are exact. People are exact (to the thousandth), capacity is
/// rounded to a tenth and coverage to a hundredth of a percent before anything is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Amount(pub i64);

impl Amount {
    fn people(residents: Residents) -> Self {
        Self(i64::try_from(residents.0).unwrap_or(i64::MAX / 16) * 10)
    }

    fn capacity(capacity: f64) -> Self {
        Self((capacity * 10.0).round() as i64 * 1000)
    }

    fn rate(part: Self, whole: Self) -> Option<Self> {
        (whole.0 > 0).then(|| Self((part.0 as f64 / whole.0 as f64 * 1e4).round() as i64))
    }

    fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// One figure on its way from the old round to the new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Id of the unit; `None` for the city.
    pub unit: Option<String>,
    /// Position in the catalogue.
    pub service: Option<ServiceAt>,
    /// Which.
    pub figure: Figure,
    /// Old, after each of [`CAUSES`]; the last is the new one. `None` where it is not known, or there is none. A unit that is not
    /// there has 0 of all that adds up.
    pub states: [Option<Amount>; STATES],
    /// Of the city: units that are left out, because the figure is not known of them in some state.
    pub left_out: u32,
}

impl Row {
    /// What each of [`CAUSES`] did; `None` where one of the two states is not known. Where all are known they add up to
    /// new − old.
    #[must_use]
    pub fn parts(&self) -> [Option<Amount>; CAUSES.len()] {
        std::array::from_fn(|position| {
            Some(self.states[position + 1]?.minus(self.states[position]?))
        })
    }

    /// New − old.
    #[must_use]
    pub fn difference(&self) -> Option<Amount> {
        Some(self.states[STATES - 1]?.minus(self.states[0]?))
    }
}

/// Two rounds beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// First the city, then unit by unit in the order of ids; in each residents, then service by service.
    pub rows: Vec<Row>,
    /// In the order of ids.
    pub facilities: Vec<FacilityChange>,
    /// The same two of the rounds' last years; `None` where neither looks ahead.
    pub horizon: Option<Horizon>,
    /// In the order of the new ranking, then those that are only in the old one.
    pub places: Vec<PlaceChange>,
    /// In the order of old codes, townships first; then new codes of unknown origin.
    pub codes: Vec<CodeChange>,
}

/// Two rounds beside each other in their last years: each is compared with what the other expected then. Facilities that are decided
/// and open or close until then are among them.
#[derive(Debug, Clone, PartialEq)]
pub struct Horizon {
    /// As [`Comparison::rows`].
    pub rows: Vec<Row>,
    /// As [`Comparison::facilities`].
    pub facilities: Vec<FacilityChange>,
}

/// Compares two rounds by the services `selected` (positions, ascending), which both must have evaluated by supplied facilities; at
/// their base years and at their last.
/// `crosswalk` leads from the old codes to the new ones. Services whose unit of capacity changed (see
/// [`Figure::in_capacity`]) have no figures in it.
///
/// Four rounds are evaluated on the way, each in its base year alone; and four more in the last years, where there are later ones.
/// ```
/// use fuwutu_core::change::{Amount, Cause, Figure, Side, compare};
/// use fuwutu_core::city::City;
/// use fuwutu_core::crosswalk::Crosswalk;
/// use fuwutu_core::position::ServiceAt;
/// use fuwutu_core::projection::Outlook;
/// use fuwutu_core::reach::Travel;
/// use fuwutu_core::round::{Selection, evaluate};
/// use fuwutu_core::watch::unwatched;
/// use fuwutu_synth::example::{STRAIGHT, plan, service};
/// // The same nine people before and after a facility opens in their middle, which five of them reach.
/// let cities = [City::new(fuwutu_synth::grid(3, 500_000, &[]))?, City::new(fuwutu_synth::grid(3, 500_000, &[(0, 0)]))?];
/// let (catalogue, plan) = ([service()], plan());
/// let services = Selection { catalogue: &catalogue, selected: &[ServiceAt(0)], no_data: &[] };
/// let travels = (&STRAIGHT as &dyn Travel).into();
/// let rounds = cities.each_ref().map(|city| evaluate(city, &Outlook::default(), services, &plan, travels, &unwatched).expect("nobody stops it"));
/// let side = |at: usize| Side {
///     city: &cities[at],
///     later: &cities[at],
///     standards: &catalogue,
///     no_data: &[],
///     plan: &plan,
///     travels,
///     last: None,
///     round: &rounds[at],
/// };
/// let comparison = compare(&side(0), &side(1), &Crosswalk::default(), services.selected, &unwatched).expect("nobody stops it");
/// let mut rows = comparison.rows.iter();
/// let covered = rows.find(|row| row.unit.is_none() && row.figure == Figure::Covered).expect("the city has one");
/// // Five people more, all of them because of the facility; amounts are ten-thousandths.
/// assert_eq!(covered.difference(), Some(Amount(50_000)));
/// assert_eq!(covered.parts()[Cause::Facilities as usize], Some(Amount(50_000)));
/// # Ok::<(), fuwutu_core::city::CityError>(())
/// ```
///
/// # Errors
/// Where `watch` says stop: see [`round::evaluate`].
pub fn compare(
    old: &Side,
    new: &Side,
    crosswalk: &Crosswalk,
    selected: &[ServiceAt],
    watch: Watch,
) -> Result<Comparison, Stopped> {
    let refitted = old.units(&old.city.with_facilities_of(new.city));
    let carried = units::carry(new.city, &old.plan.units, &old.as_last(new.city, crosswalk));
    let drawn = new.units(new.city);
    let evaluate = |city: &City, units: &Units, standards: &Side| {
        let mut plan = Plan {
            horizon: 0,
            minutes: standards.plan.minutes,
            ..old.plan.clone()
        };
        plan.ranking.certainty.draws = 0;
        let services = Selection {
            catalogue: standards.standards,
            selected,
            no_data: &[],
        };
        let round = round::evaluate_in(
            city,
            units.clone(),
            &Outlook::default(),
            services,
            &plan,
            old.travels,
            watch,
        )?;
        Ok(state(&round, 0, selected))
    };
    // Units are drawn of the base year's residents, whatever the year they are compared in.
    let rows_of = |[before, after]: [&City; 2], [nth_old, nth_new]: [usize; 2]| {
        let states = [
            state(old.round, nth_old, selected),
            evaluate(&before.with_facilities_of(after), &refitted, old)?,
            evaluate(after, &carried, old)?,
            evaluate(after, &carried, new)?,
            evaluate(after, &drawn, new)?,
            state(new.round, nth_new, selected),
        ];
        let comparable = |service: ServiceAt, figure: Figure| {
            let unit = |side: &Side| side.standards[service].capacity_unit.clone();
            !figure.in_capacity() || unit(old) == unit(new)
        };
        Ok(rows(&states, selected, &comparable))
    };
    let last = [old, new].map(|side| side.round.years.len() - 1);
    let horizon = if last == [0, 0] {
        None
    } else {
        let cities = [old.later, new.later];
        Some(Horizon {
            rows: rows_of(cities, last)?,
            facilities: known_changes([old, new], cities),
        })
    };
    Ok(Comparison {
        rows: rows_of([old.city, new.city], [0, 0])?,
        facilities: known_changes([old, new], [old.city, new.city]),
        horizon,
        places: places(old.round, new.round, &stayed(new.city, &carried, &drawn)),
        codes: codes(old, new.city, crosswalk),
    })
}

/// What became of facilities, without services of which one side knows nothing: that their facilities opened or closed is not known.
fn known_changes(sides: [&Side; 2], [before, after]: [&City; 2]) -> Vec<FacilityChange> {
    let known = |service: ServiceAt| {
        let mut sides = sides.into_iter();
        sides.all(|side| side.no_data.binary_search(&service).is_err())
    };
    let mut changes = facilities(before, after);
    changes.retain(|change| change.service.is_none_or(known));
    changes
}

/// All figures of a round's units in one of its years, by unit, service and figure.
type State = BTreeMap<String, BTreeMap<(Option<ServiceAt>, Figure), Option<Amount>>>;

fn state(round: &Round, nth: usize, selected: &[ServiceAt]) -> State {
    let mut state = State::new();
    for (unit, residents) in round.units.iter().zip(&round.residents) {
        let figures = state.entry(unit.id.clone()).or_default();
        add(
            figures,
            (None, Figure::Residents),
            Some(Amount::people(residents[nth])),
        );
    }
    let of_year = round
        .standings
        .iter()
        .filter(|standing| standing.year == round.years[nth]);
    for standing in of_year.filter(|standing| selected.binary_search(&standing.service).is_ok()) {
        let figures = state
            .entry(round.units[standing.unit].id.clone())
            .or_default();
        for figure in OF_SERVICE.into_iter().filter(|figure| figure.additive()) {
            add(
                figures,
                (Some(standing.service), figure),
                amount(standing, figure),
            );
        }
    }
    state
}

/// Units of one id are added up.
fn add(
    figures: &mut BTreeMap<(Option<ServiceAt>, Figure), Option<Amount>>,
    key: (Option<ServiceAt>, Figure),
    amount: Option<Amount>,
) {
    let sum = figures.entry(key).or_insert(Some(Amount::default()));
    *sum = sum.and_then(|sum| Some(sum.plus(amount?)));
}

fn amount(standing: &Standing, figure: Figure) -> Option<Amount> {
    match figure {
        Figure::Target => Some(Amount::people(standing.target)),
        Figure::Covered => Some(Amount::people(standing.covered)),
        Figure::Demand => standing.demand.map(Amount::capacity),
        Figure::SupplyInside => standing
            .supply
            .map(|supply| Amount::capacity(supply.inside)),
        Figure::Received => standing
            .supply
            .map(|supply| Amount::capacity(supply.received)),
        Figure::Shortfall => standing.shortfall_reach().map(Amount::capacity),
        Figure::ShortForCertain => standing
            .certain
            .map(|standing| Amount::capacity(Certain::units(standing.short()))),
        Figure::Residents | Figure::Coverage => None,
    }
}

fn rows(
    states: &[State; STATES],
    selected: &[ServiceAt],
    comparable: &dyn Fn(ServiceAt, Figure) -> bool,
) -> Vec<Row> {
    let ids: BTreeSet<&String> = states.iter().flat_map(BTreeMap::keys).collect();
    let services = selected
        .iter()
        .flat_map(|&service| OF_SERVICE.map(|figure| (Some(service), figure)));
    let keys: Vec<(Option<ServiceAt>, Figure)> = std::iter::once((None, Figure::Residents))
        .chain(services)
        .collect();
    let mut units: Vec<Vec<Row>> = ids
        .into_iter()
        .map(|id| -> Vec<Row> {
            keys.iter()
                .map(|&(service, figure)| {
                    let states = std::array::from_fn(|position| match states[position].get(id) {
                        None => Some(Amount::default()),
                        Some(figures) => figures.get(&(service, figure)).copied().flatten(),
                    });
                    Row {
                        unit: Some(id.clone()),
                        service,
                        figure,
                        states,
                        left_out: 0,
                    }
                })
                .collect()
        })
        .collect();
    let mut city: Vec<Row> = (0..keys.len())
        .map(|position| sum(keys[position], units.iter().map(|rows| &rows[position])))
        .collect();
    units
        .iter_mut()
        .chain([&mut city])
        .for_each(|rows| rates(rows));
    // A unit that does not exist in a state has 0 of everything there. That says nothing of a figure that is not known in the others.
    let there = |id: &String, key: (Option<ServiceAt>, Figure)| {
        states.iter().any(|state| {
            let figure = state.get(id).and_then(|figures| figures.get(&key));
            figure.copied().flatten().is_some()
        })
    };
    city.into_iter()
        .chain(units.into_iter().flatten())
        .filter(|row| {
            let apart = row.unit.as_ref().filter(|_| row.figure.additive());
            row.states.iter().any(Option::is_some)
                && apart.is_none_or(|id| there(id, (row.service, row.figure)))
                && row
                    .service
                    .is_none_or(|service| comparable(service, row.figure))
        })
        .collect()
}

/// The city's row: the sum over the units whose figure is known in every state.
fn sum<'a>(
    (service, figure): (Option<ServiceAt>, Figure),
    units: impl Iterator<Item = &'a Row>,
) -> Row {
    let mut row = Row {
        unit: None,
        service,
        figure,
        states: [Some(Amount::default()); STATES],
        left_out: 0,
    };
    let mut counted = 0;
    for unit in units {
        if unit.states.iter().any(Option::is_none) {
            row.left_out += 1;
            continue;
        }
        counted += 1;
        row.states
            .iter_mut()
            .zip(&unit.states)
            .for_each(|(sum, part)| {
                *sum = sum.and_then(|sum| Some(sum.plus((*part)?)));
            });
    }
    if counted == 0 {
        row.states = [None; STATES];
    }
    row
}

/// Fills in the coverage, from the rows of target group and covered.
fn rates(rows: &mut [Row]) {
    let of_figure = |figure: Figure| {
        let rows_of_figure = rows.iter().filter(|row| row.figure == figure);
        rows_of_figure
            .map(|row| (row.service, row.states))
            .collect::<BTreeMap<_, _>>()
    };
    let (target, covered) = (of_figure(Figure::Target), of_figure(Figure::Covered));
    for row in rows.iter_mut().filter(|row| row.figure == Figure::Coverage) {
        if let (Some(target), Some(covered)) = (target.get(&row.service), covered.get(&row.service))
        {
            row.states =
                std::array::from_fn(|position| Amount::rate(covered[position]?, target[position]?));
            row.left_out = 0;
        }
    }
}

/// What became of a facility, or of one of its services.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FacilityChange {
    /// What.
    pub kind: FacilityChangeKind,
    /// Position among the old facilities.
    pub old: Option<FacilityAt>,
    /// Position among the new ones.
    pub new: Option<FacilityAt>,
    /// Position in the catalogue, where it is about one service.
    pub service: Option<ServiceAt>,
    /// Capacity in the old round, where it was open and it is known.
    pub capacity_old: Option<f64>,
    /// Capacity in the new one.
    pub capacity_new: Option<f64>,
    /// How far it moved, in millimetres.
    pub moved: f64,
}

/// What became of a facility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacilityChangeKind {
    /// It offers a service in the new base year that it did not in the old one.
    Opened,
    /// The other way round.
    Closed,
    /// The capacity of a service differs.
    Capacity,
    /// It stands elsewhere, by more than a metre.
    Moved,
    /// It has another id: name, a service and place (within 50 m) are the same.
    Renumbered,
}

/// Farther than this (mm) it is another place.
const SAME_PLACE: f64 = 50_000.0;
/// Less than this (mm) is drawing.
const SAME_POINT: f64 = 1_000.0;

/// What became of the facilities that are open in either base year.
///
/// Those of one id are the same; of the others those of one name with a service in common at most 50 m apart, the
/// nearest first. O(n log n), and O(n²) among those of one name.
#[must_use]
pub fn facilities(old: &City, new: &City) -> Vec<FacilityChange> {
    let mut changes = Vec::new();
    for (before, after) in pairs(old.facilities(), new.facilities()) {
        let a = before.map(|facility_at| old.facility(facility_at));
        let b = after.map(|facility_at| new.facility(facility_at));
        let change = |kind| FacilityChange {
            kind,
            old: before,
            new: after,
            service: None,
            capacity_old: None,
            capacity_new: None,
            moved: 0.0,
        };
        let (open_a, open_b) = (
            a.filter(|facility| facility.open(old.year())),
            b.filter(|facility| facility.open(new.year())),
        );
        for service in offered(open_a).union(&offered(open_b)).copied() {
            let capacity_of = |facility: Option<&Facility>| {
                Some(
                    *facility?
                        .offers
                        .iter()
                        .find(|offer| offer.service == service)?,
                )
            };
            let (then, now) = (capacity_of(open_a), capacity_of(open_b));
            let kind = match (then, now) {
                (None, _) => FacilityChangeKind::Opened,
                (_, None) => FacilityChangeKind::Closed,
                (Some(then), Some(now)) if then.capacity != now.capacity => {
                    FacilityChangeKind::Capacity
                }
                _ => continue,
            };
            changes.push(FacilityChange {
                service: Some(service),
                capacity_old: then.and_then(|offer| offer.capacity),
                capacity_new: now.and_then(|offer| offer.capacity),
                ..change(kind)
            });
        }
        if let (Some(a), Some(b), true) = (a, b, open_a.is_some() || open_b.is_some()) {
            let moved = a.at.distance(b.at);
            if moved > SAME_POINT {
                changes.push(FacilityChange {
                    moved,
                    ..change(FacilityChangeKind::Moved)
                });
            }
            if a.id != b.id {
                changes.push(change(FacilityChangeKind::Renumbered));
            }
        }
    }
    changes
}

fn offered(facility: Option<&Facility>) -> BTreeSet<ServiceAt> {
    facility
        .iter()
        .flat_map(|facility| &facility.offers)
        .map(|offer| offer.service)
        .collect()
}

/// Pairs of old and new facilities that are the same, in the order of their ids (the new one, where there are two).
fn pairs(old: &[Facility], new: &[Facility]) -> Vec<(Option<FacilityAt>, Option<FacilityAt>)> {
    let at_id: BTreeMap<&str, FacilityAt> = FacilityAt::enumerate(old)
        .map(|(position, facility)| (&*facility.id, position))
        .collect();
    let mut partner: Vec<Option<FacilityAt>> = new
        .iter()
        .map(|facility| at_id.get(&*facility.id).copied())
        .collect();
    let mut taken = vec![false; old.len()];
    partner
        .iter()
        .flatten()
        .for_each(|&facility_at| taken[facility_at] = true);
    let mut named: BTreeMap<&str, Vec<FacilityAt>> = BTreeMap::new();
    for (facility_at, facility) in FacilityAt::enumerate(old)
        .filter(|(facility_at, facility)| !taken[*facility_at] && !facility.name.is_empty())
    {
        named.entry(&facility.name).or_default().push(facility_at);
    }
    let mut near: Vec<(f64, FacilityAt, FacilityAt)> = Vec::new();
    for (facility_at, facility) in
        FacilityAt::enumerate(new).filter(|(facility_at, _)| partner[*facility_at].is_none())
    {
        for &other in named.get(&*facility.name).into_iter().flatten() {
            let candidate = &old[other];
            let distance = candidate.at.distance(facility.at);
            let common = !offered(Some(candidate)).is_disjoint(&offered(Some(facility)));
            if common && distance <= SAME_PLACE {
                near.push((distance, facility_at, other));
            }
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (_, facility_at, other) in near {
        if partner[facility_at].is_none() && !taken[other] {
            (partner[facility_at], taken[other]) = (Some(other), true);
        }
    }
    let of_new = FacilityAt::enumerate(&partner).map(|(after, &before)| (before, Some(after)));
    let gone = FacilityAt::enumerate(&taken)
        .filter(|(_, taken)| !**taken)
        .map(|(before, _)| (Some(before), None));
    let mut pairs: Vec<(Option<FacilityAt>, Option<FacilityAt>)> = of_new.chain(gone).collect();
    let id = |&(before, after): &(Option<FacilityAt>, Option<FacilityAt>)| {
        let after = after.map(|facility_at| &new[facility_at]);
        after
            .or_else(|| before.map(|facility_at| &old[facility_at]))
            .map(|facility| &*facility.id)
    };
    pairs.sort_by(|a, b| id(a).cmp(&id(b)).then(a.cmp(b)));
    pairs
}

/// A unit's line in both rankings, each at its own horizon. An id that both rounds have, but most of whose residents were in
/// another unit, has two lines: it is another unit.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceChange {
    /// The unit's id.
    pub unit: String,
    /// Position in [`Round::places`] of the old round.
    pub old: Option<usize>,
    /// Of the new one.
    pub new: Option<usize>,
}

/// Residents of each new unit who were in the old unit of the same id; `carried` are the old units on the new land.
fn stayed(city: &City, carried: &Units, drawn: &Units) -> BTreeMap<String, Residents> {
    let id = |units: &Units, point: usize| Some(units.units[units.of_point[point]?].id.clone());
    let mut stayed = BTreeMap::new();
    for (point, ages) in city.residents().iter().enumerate() {
        if let Some(same) =
            id(drawn, point).filter(|unit| id(carried, point).as_ref() == Some(unit))
        {
            *stayed.entry(same).or_default() += ages.total();
        }
    }
    stayed
}

fn places(old: &Round, new: &Round, stayed: &BTreeMap<String, Residents>) -> Vec<PlaceChange> {
    let (before, after) = (places_by_unit(old), places_by_unit(new));
    let residents: BTreeMap<&str, Residents> = new
        .units
        .iter()
        .map(|unit| (&*unit.id, unit.residents))
        .collect();
    let same = |id: &String| {
        let (now, stayed) = (
            residents.get(&**id).copied().unwrap_or_default(),
            stayed.get(id).copied(),
        );
        stayed.unwrap_or_default().0 >= now.0.div_ceil(2)
    };
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut places: Vec<PlaceChange> = ids
        .into_iter()
        .flat_map(|id| {
            let line = |old, new| PlaceChange {
                unit: id.clone(),
                old,
                new,
            };
            match (before.get(id).copied(), after.get(id).copied()) {
                (Some(old), Some(new)) if !same(id) => {
                    vec![line(None, Some(new)), line(Some(old), None)]
                }
                (old, new) => vec![line(old, new)],
            }
        })
        .collect();
    places.sort_by_key(|place| (place.new.is_none(), place.new, place.old));
    places
}

fn places_by_unit(round: &Round) -> BTreeMap<String, usize> {
    let ids = round
        .places
        .iter()
        .map(|place| round.units[place.unit].id.clone());
    ids.zip(0..).collect()
}

/// A code that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChange {
    /// Whether it is a township's, or a community's.
    pub township: bool,
    /// The old code; empty where a new one has no known origin.
    pub old: String,
    /// What it became, in order; empty where that is not known.
    pub new: Vec<String>,
}

fn codes(old: &Side, new: &City, crosswalk: &Crosswalk) -> Vec<CodeChange> {
    let span = old.span(new);
    let mut changes = Vec::new();
    for township in [true, false] {
        let (before, mut after) = (codes_of(old.city, township), codes_of(new, township));
        for code in &before {
            let changed = crosswalk.changes(code, span);
            let parts = crosswalk.carry(code, Residents(1_000_000_000), span);
            let new: Vec<String> = parts
                .keys()
                .filter(|new| after.contains(**new))
                .map(|&new| new.to_owned())
                .collect();
            if changed || new.is_empty() {
                changes.push(CodeChange {
                    township,
                    old: code.clone(),
                    new,
                });
            }
        }
        for code in before.iter().flat_map(|code| {
            crosswalk
                .carry(code, Residents(1_000_000_000), span)
                .into_keys()
        }) {
            after.remove(code);
        }
        changes.extend(after.into_iter().map(|new| CodeChange {
            township,
            old: String::new(),
            new: vec![new],
        }));
    }
    changes
}

/// The codes of a city's townships, or of its communities.
fn codes_of(city: &City, township: bool) -> BTreeSet<String> {
    match township {
        true => city
            .townships()
            .iter()
            .map(|township| township.code.clone())
            .collect(),
        false => city
            .communities()
            .iter()
            .map(|community| community.code.clone())
            .collect(),
    }
}
