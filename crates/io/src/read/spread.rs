//! Where people are put of whom only the community is known: in the plan's way, and in the other one to see how much that
//! matters.

use std::collections::BTreeSet;

use fuwutu_core::city::{City, Community, DemandPoint, Records};
use fuwutu_core::position::CommunityAt;
use fuwutu_core::quantity::{Ages, Residents};
use fuwutu_core::reach::roads::Roads;
use fuwutu_core::round::CityTotal;
use fuwutu_core::service::Service;
use fuwutu_core::spread::{Home, Spread, residents};
use geo::Area;

use super::{ReadError, Reading, weights};
use crate::finding::{Finding, Kind};
use crate::frame::Projection;
use crate::plan::Plan;

/// How people were spread over their communities, and the city with them spread in the other way.
#[derive(Debug, Clone)]
pub struct SpreadPeople {
    /// The way that counts.
    pub spread: Spread,
    /// The way that it is compared with.
    pub other: Spread,
    /// Whose residents are spread, by position of the community.
    pub communities: Vec<bool>,
    /// How wide these are: the square root of the area, in metres, averaged over the people.
    pub width_m: f64,
    /// The city with the people spread in the other way.
    pub city: City,
}

impl SpreadPeople {
    /// Whether a service's coverage in the base year depends on where in their community people are put: the shorter of its limits
    /// leads less far as the crow flies (pace × time ÷ detour) than the communities are wide, and the bounds of the coverage are a
    /// hundredth apart or more. `None` in other years, and where nothing is known of its facilities.
    #[must_use]
    pub fn matters(&self, total: &CityTotal, service: &Service, plan: &Plan) -> Option<bool> {
        let spread = total
            .spread
            .filter(|_| total.supplied && total.target.0 > 0)?;
        let apart = (spread.most.0 - spread.least.0) as f64 / total.target.0 as f64;
        Some(apart >= 0.01 && self.is_narrow(service, plan))
    }

    /// Whether the shorter limit of a service leads less far than the communities are wide.
    fn is_narrow(&self, service: &Service, plan: &Plan) -> bool {
        let limits = [service.urban, service.rural].into_iter().flatten();
        let far = limits.map(|limit| {
            let limit = limit.with_minutes(plan.services.minutes);
            plan.paces().of(limit.mode) * 60.0 * f64::from(limit.minutes) / plan.travel.detour
        });
        far.fold(f64::INFINITY, f64::min) < self.width_m
    }

    /// Where the spread matters, and where it changes a service's coverage of the base year by a hundredth or more.
    #[must_use]
    pub fn findings(
        &self,
        totals: &[CityTotal],
        catalogue: &[Service],
        plan: &Plan,
    ) -> Vec<Finding> {
        let file = plan.inputs.communities.path.display().to_string();
        let told = |total: &CityTotal| {
            let (service, spread) = (&catalogue[total.service], total.spread?);
            let share = |covered: Residents| covered.0 as f64 / total.target.0 as f64;
            let (coverage, other) = (share(total.covered), share(spread.otherwise));
            let matters = self.matters(total, service, plan)? || (coverage - other).abs() >= 0.01;
            let [coverage, other, least, most] =
                [coverage, other, share(spread.least), share(spread.most)]
                    .map(|share| share * 100.0);
            let value = format!("{coverage:.1} % / {other:.1} % [{least:.1}–{most:.1} %]");
            matters.then(|| {
                Finding::new(Kind::SpreadMatters, &file)
                    .service(&*service.id)
                    .value(value)
            })
        };
        totals.iter().filter_map(told).collect()
    }
}

/// The residents of each community of whom nothing but it is known, by age; `None` for those that have demand points, or nobody.
pub(super) type Totals = Vec<Option<Ages>>;

/// Adds the demand points of `totals` to the records, and makes the city of them; tells what was done.
pub(super) fn city(
    reading: &mut Reading,
    mut records: Records,
    totals: &Totals,
    roads: Option<&Roads>,
    projection: &Projection,
) -> Result<(City, Option<SpreadPeople>), ReadError> {
    let wanted: Vec<bool> = totals.iter().map(Option::is_some).collect();
    let communities = wanted.iter().filter(|wanted| **wanted).count();
    let weighed = weights::homes(reading, &records.communities, totals, projection)?;
    if communities == 0 {
        return Ok((made(records)?, None));
    }
    let usual = match (&weighed, roads) {
        (Some(_), _) => Spread::Weights,
        (None, Some(_)) => Spread::Streets,
        (None, None) => Spread::Area,
    };
    let spread = reading.plan.people.spread.unwrap_or(usual);
    let other = spread.other(roads.is_some());
    let mut otherwise = records.clone();
    for (spread, records) in [(spread, &mut records), (other, &mut otherwise)] {
        let weighed = weighed.clone();
        let homes = spread.homes(&records.communities, &wanted, roads, weighed);
        let points = points(&records.communities, totals, &homes);
        records.points.extend(points);
    }
    let people: Residents = totals.iter().flatten().map(Ages::total).sum();
    let width_m = width(&records.communities, totals);
    let file = reading.plan.inputs.communities.path.display().to_string();
    reading.findings.push(
        Finding::new(Kind::PeopleSpread, &file)
            .column("people.spread")
            .value(format!(
                "{communities}: {:.0}, {}, {width_m:.0} m",
                people.persons(),
                word(spread),
            )),
    );
    let spread_over: BTreeSet<String> = (records.communities.iter().zip(&wanted))
        .filter(|(_, wanted)| **wanted)
        .map(|(community, _)| community.code.clone())
        .collect();
    let (city, otherwise) = (made(records)?, made(otherwise)?);
    // A city has its communities in the order of their codes.
    let communities = city
        .communities()
        .iter()
        .map(|each| spread_over.contains(&each.code))
        .collect();
    let people = SpreadPeople {
        spread,
        other,
        communities,
        width_m,
        city: otherwise,
    };
    Ok((city, Some(people)))
}

fn made(records: Records) -> Result<City, Finding> {
    City::new(records).map_err(|error| Finding::new(Kind::IdTwice, "").value(error.to_string()))
}

/// The demand points of communities of which only the total is known. A single one is called by the community's code, several
/// have serials besides; a home for nobody is none.
fn points<'a>(
    communities: &'a [Community],
    totals: &'a Totals,
    homes: &'a [Vec<Home>],
) -> impl Iterator<Item = (DemandPoint, Ages)> + 'a {
    let all = CommunityAt::enumerate(communities.iter().zip(totals).zip(homes));
    all.filter_map(|(at, ((community, total), homes))| {
        Some((at, &community.code, total.as_ref()?, homes))
    })
    .flat_map(|(at, code, total, homes)| {
        let people = residents(total, homes);
        let single = homes.len() == 1;
        (1..)
            .zip(homes)
            .zip(people)
            .filter(|(_, ages)| ages.total().0 > 0)
            .map(move |((serial, home), ages)| {
                let id = if single {
                    format!("community-{code}")
                } else {
                    format!("community-{code}-{serial:03}")
                };
                (
                    DemandPoint {
                        id: id.into(),
                        at: home.at,
                        community: at,
                    },
                    ages,
                )
            })
    })
}

/// The square root of a community's area in metres, averaged over the people who are spread.
fn width(communities: &[Community], totals: &Totals) -> f64 {
    let (mut people, mut sum) = (0.0, 0.0);
    for (community, total) in communities.iter().zip(totals) {
        let residents = total.as_ref().map_or(0.0, |ages| ages.total().persons());
        people += residents;
        sum += residents * community.polygon.unsigned_area().sqrt();
    }
    sum / people
}

/// The plan's word for a spread.
fn word(spread: Spread) -> &'static str {
    match spread {
        Spread::Streets => "streets",
        Spread::Area => "area",
        Spread::Weights => "weights",
        Spread::Centre => "centre",
    }
}
