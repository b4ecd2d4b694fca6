//! The same city three years later: two townships and two communities merged, people moved in, facilities opened and closed.

use std::collections::BTreeMap;

use fuwutu_core::city::{Facility, Status};
use fuwutu_core::position::{CommunityAt, TownshipAt};
use fuwutu_core::quantity::{AGE_BANDS, Ages, Residents};
use fuwutu_core::service::Service;

use crate::land::{Cell, Land};
use crate::spec::Spec;
use crate::{Place, Synthetic, city, divided};

/// Years between two rounds.
const YEARS: i32 = 3;
/// Where more moved in than out, they go on faster.
const FASTER: f64 = 1.05;

/// A city and what it was three years before.
#[derive(Debug, Clone)]
pub struct Later {
    /// Its `earlier` are the residents of three years before, of the communities of today.
    pub city: Synthetic,
    /// Three years before.
    pub before: Synthetic,
    /// Old and new code of each township and community that has another one now; everybody went along.
    pub codes: Vec<(String, String)>,
}

/// The city of `spec` three years later. What can be merged is; a city of one township has none to merge.
///
/// - The two neighbouring townships with the fewest residents are one: the communities of the second get codes of the first.
/// - In the township with the most communities (of the others) the first two neighbours are one community.
/// - Communities go on as in the ten years before; those that grew, faster by a twentieth.
/// - The first open facility is closed; one of the same service and size opens where most people moved in.
///
/// # Panics
/// As [`city`].
#[must_use]
pub fn later(spec: &Spec, catalogue: &[Service]) -> Later {
    let before = city(spec, catalogue);
    let land = Land::new(spec);
    let places = divided(&land, spec);
    let beside = beside(&land, &places);
    let residents = residents(&before);
    let mut after = before.clone();
    after.records.year += YEARS;
    let gone = merge_townships(&mut after, &land, &places, &beside, &residents);
    let pair = first_pair(&places, &beside, gone);
    let codes = rename(&mut after, &land, &places, gone, pair);
    grow(&mut after, &before, &residents);
    renew(&mut after, &before, &residents);
    after.earlier_year = before.records.year;
    after.earlier = vec![0; after.records.communities.len()];
    for (point, ages) in &before.records.points {
        let old = &before.records.communities[point.community].code;
        let new = codes
            .iter()
            .find(|(code, _)| code == old)
            .map_or(old, |(_, new)| new);
        let position = after
            .records
            .communities
            .iter()
            .position(|community| community.code == *new);
        after.earlier[position.expect("every code leads to one of today")] += ages.total().0 / 1000;
    }
    Later {
        city: after,
        before,
        codes,
    }
}

/// Places that share a border with each.
fn beside(land: &Land, places: &[Place]) -> Vec<Vec<usize>> {
    let position: BTreeMap<Cell, usize> = places.iter().map(|place| place.cell).zip(0..).collect();
    let mut neighbours = vec![Vec::new(); places.len()];
    for (cell, near) in land.cells.iter().zip(land.neighbours()) {
        let mut near: Vec<usize> = near
            .into_iter()
            .map(|other| position[&land.cells[other]])
            .collect();
        near.sort_unstable();
        neighbours[position[cell]] = near;
    }
    neighbours
}

fn residents(city: &Synthetic) -> Vec<Residents> {
    let mut sums = vec![Residents::default(); city.records.communities.len()];
    city.records
        .points
        .iter()
        .for_each(|(point, ages)| sums[point.community] += ages.total());
    sums
}

/// The two townships that are one now, the first of which goes on.
fn merge_townships(
    after: &mut Synthetic,
    land: &Land,
    places: &[Place],
    beside: &[Vec<usize>],
    residents: &[Residents],
) -> Option<(TownshipAt, TownshipAt)> {
    let residents_of = |township: TownshipAt| -> Residents {
        let members = places
            .iter()
            .zip(residents)
            .filter(|(place, _)| place.township == township);
        members.map(|(_, residents)| *residents).sum()
    };
    let near = places.iter().zip(beside).flat_map(|(place, near)| {
        near.iter()
            .map(move |&other| (place.township, places[other].township))
            .filter(|(a, b)| a < b)
    });
    let (a, b) = near.min_by_key(|&(a, b)| (residents_of(a) + residents_of(b), a, b))?;
    let cells: Vec<Cell> = places
        .iter()
        .filter(|place| place.township == a || place.township == b)
        .map(|place| place.cell)
        .collect();
    after.townships[a] = land.outline(&cells);
    after.townships.remove(b.index());
    after.records.townships.remove(b.index());
    Some((a, b))
}

/// Two neighbouring communities of the township with the most, that is none of those merged.
fn first_pair(
    places: &[Place],
    beside: &[Vec<usize>],
    merged: Option<(TownshipAt, TownshipAt)>,
) -> Option<(usize, usize)> {
    let mut counts: BTreeMap<TownshipAt, usize> = BTreeMap::new();
    places
        .iter()
        .filter(|place| merged.is_none_or(|(a, b)| place.township != a && place.township != b))
        .for_each(|place| {
            *counts.entry(place.township).or_default() += 1;
        });
    // The first of townships with equally many.
    let (&most, _) = counts.iter().rev().max_by_key(|(_, count)| **count)?;
    let in_most = |&place: &usize| places[place].township == most;
    (0..places.len()).filter(in_most).find_map(|place| {
        let other = beside[place]
            .iter()
            .copied()
            .filter(in_most)
            .find(|&other| other > place)?;
        Some((place, other))
    })
}

/// Gives communities their new townships and codes, and makes the pair one; old and new codes.
fn rename(
    after: &mut Synthetic,
    land: &Land,
    places: &[Place],
    merged: Option<(TownshipAt, TownshipAt)>,
    pair: Option<(usize, usize)>,
) -> Vec<(String, String)> {
    let count = |township: TownshipAt| {
        places
            .iter()
            .filter(|place| place.township == township)
            .count()
    };
    let mut codes = Vec::new();
    let records = &mut after.records;
    if let Some((a, b)) = merged {
        let heir = records.townships[a].code.clone();
        let mut serial = count(a);
        for (place, community) in places.iter().zip(&mut records.communities) {
            if place.township == b {
                serial += 1;
                community.code = format!("{heir}{serial:03}");
                community.township = a;
                codes.push((place.code.clone(), community.code.clone()));
            } else if place.township > b {
                community.township.0 -= 1;
            }
        }
        let gone = places
            .iter()
            .find(|place| place.township == b)
            .map(|place| place.code[..9].to_owned());
        codes.extend(gone.map(|gone| (gone, heir)));
    }
    if let Some((first, second)) = pair {
        let code = format!(
            "{}{:03}",
            &places[first].code[..9],
            count(places[first].township) + 1
        );
        codes.extend([first, second].map(|place| (places[place].code.clone(), code.clone())));
        records.communities[first].code = code;
        records.communities[first].polygon =
            land.outline(&[places[first].cell, places[second].cell]);
        records
            .points
            .iter_mut()
            .filter(|(point, _)| point.community.index() == second)
            .for_each(|(point, _)| {
                point.community = CommunityAt::new(first);
            });
        records.communities.remove(second);
        let beyond = records
            .points
            .iter_mut()
            .filter(|(point, _)| point.community.index() > second);
        beyond.for_each(|(point, _)| point.community.0 -= 1);
    }
    codes.sort();
    codes
}

/// Growth of an old community in three years.
fn growth(before: &Synthetic, residents: &[Residents], community: CommunityAt) -> f64 {
    let years = f64::from(before.records.year - before.earlier_year);
    let rate = residents[community].persons() / (before.earlier[community].max(1)) as f64;
    rate.powf(f64::from(YEARS) / years) * if rate > 1.0 { FASTER } else { 1.0 }
}

/// Everybody's number, in whole persons a place, with the ages they had.
fn grow(after: &mut Synthetic, before: &Synthetic, residents: &[Residents]) {
    for ((_, now), (point, ages)) in after.records.points.iter_mut().zip(&before.records.points) {
        let rate = growth(before, residents, point.community);
        let persons = (ages.total().persons() * rate).round() as u64;
        let shares: [f64; AGE_BANDS.len()] = ages.0.map(f64::from);
        *now = Ages::split(Residents::whole(persons), &shares).unwrap_or_default();
    }
}

/// Closes one facility and opens another.
fn renew(after: &mut Synthetic, before: &Synthetic, residents: &[Residents]) {
    let year = before.records.year;
    let Some(closed) = after
        .records
        .facilities
        .iter()
        .position(|facility| facility.open(year))
    else {
        return;
    };
    let inflow = |community: CommunityAt| {
        residents[community].persons() * (growth(before, residents, community) - 1.0)
    };
    let most = CommunityAt::first(residents.len())
        .max_by(|&a, &b| inflow(a).total_cmp(&inflow(b)).then(b.cmp(&a)));
    let home = before
        .records
        .points
        .iter()
        .find(|(point, _)| Some(point.community) == most);
    let Some((home, _)) = home else { return };
    let old = after.records.facilities[closed].clone();
    let year = after.records.year;
    for facility in &mut after.records.facilities {
        if facility.status == Status::Committed && facility.opens.is_some_and(|opens| opens <= year)
        {
            facility.status = Status::Existing;
        }
    }
    after.records.facilities[closed].status = Status::Closed;
    let name = format!("{}新设施", before.records.communities[home.community].name);
    after.records.facilities.push(Facility {
        id: "g1".into(),
        name: name.into(),
        at: home.at,
        entrances: Vec::new(),
        community: None,
        status: Status::Existing,
        opens: Some(after.records.year),
        closes: None,
        hubs: Vec::new(),
        offers: old.offers,
    });
}

#[cfg(test)]
mod tests {
    use fuwutu_core::city::City;
    use geo::Area;

    use super::*;

    #[test]
    fn nobody_and_nothing_is_lost_between_the_two() {
        for seed in 1..20 {
            let spec = Spec {
                seed,
                ..Spec::demo()
            };
            let made = later(&spec, &[]);
            let (old, new) = (&made.before, &made.city);
            assert_eq!(
                new.records.townships.len() + 1,
                old.records.townships.len(),
                "seed {seed}"
            );
            assert_eq!(
                new.records.communities.len() + 1,
                old.records.communities.len(),
                "seed {seed}"
            );
            assert_eq!(new.earlier.iter().sum::<u64>(), spec.residents);
            let area = |city: &Synthetic| -> f64 {
                city.records
                    .communities
                    .iter()
                    .map(|community| community.polygon.unsigned_area())
                    .sum()
            };
            assert!((area(old) / area(new) - 1.0).abs() < 1e-9);
            let outline: f64 = new.townships.iter().map(Area::unsigned_area).sum();
            assert!((outline / area(new) - 1.0).abs() < 1e-6);
            for (point, _) in &new.records.points {
                let community = &new.records.communities[point.community];
                assert!(
                    community
                        .code
                        .starts_with(&new.records.townships[community.township].code)
                );
            }
            assert!(City::new(new.records.clone()).is_ok());
        }
    }
}
