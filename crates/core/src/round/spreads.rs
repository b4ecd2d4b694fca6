//! What becomes of coverage where people live elsewhere in their communities, of whom only these are known.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Part, Plan, Selection, Settling};
use crate::city::City;
use crate::position::{CommunityAt, PointAt, UnitAt, YearAt};
use crate::quantity::Residents;
use crate::reach::Travels;
use crate::spread::Spread;
use crate::supply::SpreadStanding;
use crate::watch::{Progress, Stopped, Watch};

/// A city and, where only the community is known of some of its people, these people spread in another way.
#[derive(Debug, Clone, Copy)]
pub struct Spreads<'a> {
    /// What is evaluated.
    pub city: &'a City,
    /// What its coverage is compared with, in the base year.
    pub other: Option<OtherSpread<'a>>,
}

/// The same city with people spread in another way (see [`crate::spread`]): the same records but for demand points.
#[derive(Debug, Clone, Copy)]
pub struct OtherSpread<'a> {
    /// The city.
    pub city: &'a City,
    /// How people are spread in it. Where it is not over the area, they are so in the city that is evaluated.
    pub spread: Spread,
    /// Of which communities, by position.
    pub communities: &'a [bool],
}

impl<'a> From<&'a City> for Spreads<'a> {
    /// Everybody's place is known, or nothing is compared.
    fn from(city: &'a City) -> Self {
        Self { city, other: None }
    }
}

/// Adds to the standings of the base year what becomes of them where people live elsewhere in their communities.
pub(super) fn add(
    whole: &mut Part,
    city: &City,
    other: OtherSpread,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    watch: Watch,
) -> Result<(), Stopped> {
    let units = whole.units.for_points_of(city, other.city);
    let mut plan = plan.clone();
    plan.ranking.certainty.draws = 0;
    // It belongs to the stage that it is in: only whether to stop is asked.
    let ask = |_| watch(Progress::Working);
    let base = [other.city.clone()];
    let part = super::part(
        &base,
        units,
        services,
        &plan,
        travels,
        Settling::Later,
        &ask,
    )?;
    let by_area = if other.spread == Spread::Area {
        (other.city, &part)
    } else {
        (city, &*whole)
    };
    let bounds = bounds(by_area, other.communities, services);
    let year = YearAt::new(0);
    for ((unit, service, at), standing) in whole
        .standings
        .enumerate_mut()
        .filter(|((_, _, at), _)| *at == year)
    {
        let [least, most] = bounds[service.index()][unit];
        standing.spread = part
            .standings
            .get(unit, service, at)
            .map(|other| SpreadStanding {
                otherwise: other.covered,
                least,
                most,
            });
    }
    Ok(())
}

/// The fewest and the most people covered in the base year, by service and unit, wherever people live in the communities that
/// `spread` names. `city` has them all over the land of these.
fn bounds(
    (city, part): (&City, &Part),
    spread: &[bool],
    services: Selection,
) -> Vec<Vec<[Residents; 2]>> {
    let units = part.units.units.len();
    let of_point = &part.units.of_point;
    (services.selected.par_iter().zip(&part.services))
        .map(|(&service, found)| {
            let target = services.catalogue[service].target;
            let mut bounds = vec![[Residents::default(); 2]; units];
            // By the part of a community that belongs to a unit: its people, and whether all or any of its points are covered.
            let mut parts = BTreeMap::<(UnitAt, CommunityAt), (Residents, bool, bool)>::new();
            for (at, point) in PointAt::enumerate(city.points()) {
                let Some(unit) = of_point[at] else { continue };
                let [covered, people] = found.points.of_point(city, target, 0, at);
                if !spread[point.community.index()] {
                    bounds[unit].iter_mut().for_each(|bound| *bound += covered);
                } else if people.0 > 0 {
                    let (sum, all, any) = parts.entry((unit, point.community)).or_insert((
                        Residents::default(),
                        true,
                        false,
                    ));
                    *sum += people;
                    *all &= covered == people;
                    *any |= covered.0 > 0;
                }
            }
            for ((unit, _), (people, all, any)) in parts {
                let [least, most] = &mut bounds[unit];
                *least += if all { people } else { Residents::default() };
                *most += if any { people } else { Residents::default() };
            }
            bounds
        })
        .collect()
}
