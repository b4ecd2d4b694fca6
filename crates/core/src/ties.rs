//! Ties (机构联系): branches and their hubs, such as clinics and the lead hospital of their alliance (医共体), village points and
//! the town's centre for the elderly, schools and the lead school of their group.

use std::sync::Arc;

use crate::city::{City, DemandPoint};
use crate::position::{FacilityAt, ServiceAt};
use crate::quantity::{Ages, Millis, Point};
use crate::reach::{Limits, Snapped, Travels};
use crate::service::{Hub, Service};

/// A branch in the base year, and what it is tied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tie {
    /// Position of the branch.
    pub branch: FacilityAt,
    /// Position of the service for which it is one.
    pub service: ServiceAt,
    /// Position of the facility it names; `None` where it names none, or none that there is.
    pub hub: Option<FacilityAt>,
    /// How long the trip takes; `None` where no time is asked for, or the trip is longer than the limit.
    pub time: Option<Millis>,
    /// What is to be said.
    pub state: TieState,
}

/// Whether a branch is tied as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TieState {
    /// To an open hub of the right kind, within its time.
    Tied,
    /// It names no hub.
    Untied,
    /// There is no facility of this id.
    Unknown,
    /// The hub is not open.
    Closed,
    /// The hub offers none of the kinds asked for.
    OtherKind,
    /// The branch is too far from every street for any trip to be computed.
    OffStreets,
    /// The trip takes longer than the limit.
    TooFar,
}

/// The ties of all open facilities of the kinds of `selected` that have hubs, service by service, in the order of their ids; of
/// kinds where any branch names a hub: where none does, the ties are unknown rather than absent. Trips are those of people at the usual
/// pace. O(search).
#[must_use]
pub fn ties(
    city: &City,
    catalogue: &[Service],
    selected: &[ServiceAt],
    travels: Travels,
) -> Vec<Tie> {
    let any_named = |service_at: ServiceAt| {
        city.facilities().iter().any(|facility| {
            facility
                .hubs
                .iter()
                .any(|(service, _)| *service == service_at)
        })
    };
    let hubs = selected
        .iter()
        .filter_map(|&service_at| Some((service_at, catalogue[service_at].hub.as_ref()?)));
    let mut ties = Vec::new();
    for (service_at, hub) in hubs.filter(|(service_at, _)| any_named(*service_at)) {
        let branches: Vec<FacilityAt> = city
            .open_offers(service_at)
            .map(|(branch, ..)| branch)
            .collect();
        let named: Vec<Tie> = branches
            .iter()
            .map(|&branch| named(city, catalogue, service_at, branch, hub))
            .collect();
        ties.extend(timed(city, named, hub, travels));
    }
    ties
}

/// What a branch names, before any trip.
fn named(
    city: &City,
    catalogue: &[Service],
    service_at: ServiceAt,
    branch: FacilityAt,
    hub: &Hub,
) -> Tie {
    let facilities = city.facilities();
    let tie = |hub, state| Tie {
        branch,
        service: service_at,
        hub,
        time: None,
        state,
    };
    let hub_named = facilities[branch]
        .hubs
        .iter()
        .find(|(service, _)| *service == service_at);
    let Some((_, id)) = hub_named else {
        return tie(None, TieState::Untied);
    };
    let Ok(position) = facilities.binary_search_by(|facility| facility.id.cmp(id)) else {
        return tie(None, TieState::Unknown);
    };
    let found = &facilities[position];
    let state = match (
        found.open(city.year()),
        found
            .offers
            .iter()
            .any(|offer| hub.services.contains(&catalogue[offer.service].id)),
    ) {
        (false, _) => TieState::Closed,
        (true, false) => TieState::OtherKind,
        (true, true) => TieState::Tied,
    };
    tie(Some(FacilityAt::new(position)), state)
}

/// Adds the times from the branches that are tied to their hubs.
fn timed(city: &City, mut ties: Vec<Tie>, hub: &Hub, travels: Travels) -> Vec<Tie> {
    let Some(limit) = hub.limit else { return ties };
    let tied = |tie: &&Tie| tie.state == TieState::Tied;
    let hubs: Vec<FacilityAt> = {
        let mut hubs: Vec<FacilityAt> =
            ties.iter().filter(tied).filter_map(|tie| tie.hub).collect();
        hubs.sort_unstable();
        hubs.dedup();
        hubs
    };
    let from = branches(city, ties.iter().filter(tied).map(|tie| tie.branch));
    let places: Vec<Point> = hubs.iter().map(|&hub| city.facility(hub).at).collect();
    let trips = travels.usual.travel.trips(&from, &[limit.mode]);
    let reach = trips.reach(Limits::both(limit), &places);
    let snapped = trips.snapped(Limits::both(limit));
    let mut rows: Vec<usize> = (0..from.points().len()).collect();
    rows.sort_unstable_by(|&a, &b| from.points()[a].id.cmp(&from.points()[b].id));
    for tie in ties.iter_mut().filter(|tie| tie.state == TieState::Tied) {
        let id = &city.facility(tie.branch).id;
        let row = rows
            .binary_search_by(|&row| from.points()[row].id.cmp(id))
            .ok()
            .map(|position| rows[position]);
        let place = tie.hub.and_then(|hub| hubs.binary_search(&hub).ok());
        let link = row.and_then(|row| {
            reach
                .row(row)
                .iter()
                .find(|link| Some(link.place as usize) == place)
        });
        tie.time = link.map(|link| link.time);
        if tie.time.is_none() {
            let off_streets = row
                .zip(snapped.as_ref())
                .is_some_and(|(row, snapped)| snapped[row] != Snapped::OnStreets);
            tie.state = if off_streets {
                TieState::OffStreets
            } else {
                TieState::TooFar
            };
        }
    }
    ties
}

/// A city whose people are the branches. One that stands in no community takes the first: trips do not ask for it.
fn branches(city: &City, branches: impl Iterator<Item = FacilityAt>) -> City {
    let communities = Arc::clone(city.shared_communities());
    let none = Arc::from(Vec::new());
    City::of_sorted(
        city.frame(),
        city.year(),
        city.townships().into(),
        communities,
        branches
            .map(|branch| {
                let facility = &city.facility(branch);
                let community = facility.community.unwrap_or_default();
                (
                    DemandPoint {
                        id: facility.id.clone(),
                        at: facility.at,
                        community,
                    },
                    Ages::default(),
                )
            })
            .collect(),
        none,
    )
}
