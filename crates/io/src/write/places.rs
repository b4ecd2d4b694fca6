//! The tables of places: facilities, who is served by them, where people live, and where all of it stands in the input.

use std::collections::BTreeMap;

use fuwutu_core::city::{Class, Facility, Status};
use fuwutu_core::position::{PointAt, UnitAt};
use fuwutu_core::quantity::{Millis, Point, Residents};
use fuwutu_core::reach::Nearest;
use fuwutu_core::round;
use geo::Coord;
use rayon::prelude::*;

use super::Outcome;
use super::csv_text::{Cells, decimals, shortest, whole_persons};
use crate::frame::Projection;
use crate::read::{MOST_POINTS_TOLD, Origin};

/// The word of a status, as the input has it.
pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Existing => "existing",
        Status::Committed => "committed",
        Status::Planned => "planned",
        Status::Idle => "idle",
        Status::Closed => "closed",
    }
}

/// `public`, `private`, or empty where that is not known.
pub(crate) fn ownership(public: Option<bool>) -> &'static str {
    match public {
        Some(true) => "public",
        Some(false) => "private",
        None => "",
    }
}

/// The word of a community's class, as the input has it.
pub(crate) fn class(class: Class) -> &'static str {
    match class {
        Class::Urban => "urban",
        Class::Rural => "rural",
    }
}

/// `facilities.csv`: one line a facility and service that it offers, be it open or not.
pub(super) fn facilities(result: &Outcome, projection: &Projection) -> String {
    let mut cells = Cells::excel(&[
        "facility",
        "facility_name",
        "service",
        "lon",
        "lat",
        "status",
        "opens",
        "capacity",
        "capacity_unit",
        "size",
        "ownership",
        "unit",
        "community",
    ]);
    for (facility, unit) in result
        .city
        .facilities()
        .iter()
        .zip(&result.round.of_facility)
    {
        let [lon, lat] = degrees(projection, facility.at.metres());
        let community = facility
            .community
            .map_or("", |at| &result.city.communities()[at].code);
        for offer in &facility.offers {
            let service = &result.catalogue[offer.service];
            cells.row(&[
                &facility.id,
                &facility.name,
                &service.id,
                &lon,
                &lat,
                status(facility.status),
                &facility
                    .opens
                    .map_or(String::new(), |year| year.to_string()),
                &offer.capacity.map_or(String::new(), shortest),
                &service.capacity_unit,
                &offer.size.map_or(String::new(), shortest),
                ownership(offer.public),
                unit.map_or("", |unit| &result.round.units[unit].id),
                community,
            ]);
        }
    }
    cells.text()
}

/// `served.csv`: one line a unit, service and facility that people of it have within the limit.
pub(super) fn served(result: &Outcome) -> String {
    let mut header: Vec<String> = [
        "unit",
        "service",
        "facility",
        "people_in_reach",
        "minutes_least",
        "minutes_mean",
    ]
    .map(str::to_owned)
    .to_vec();
    header.extend(
        result
            .round
            .years
            .iter()
            .map(|year| format!("received_{year}")),
    );
    let mut cells = Cells::excel(&header.iter().map(String::as_str).collect::<Vec<_>>());
    let minutes = |time: Millis| decimals(Some(f64::from(time.0) / 60_000.0), 2);
    for each in &result.round.served {
        let mut row = vec![
            result.round.units[each.unit].id.clone(),
            result.catalogue[each.service].id.clone(),
            result.city.facilities()[each.facility].id.to_string(),
            whole_persons(each.people),
            minutes(each.least),
            minutes(each.mean),
        ];
        let received = each
            .received
            .iter()
            .map(|&received| decimals(Some(received), 1));
        row.extend(
            received
                .chain(std::iter::repeat(String::new()))
                .take(result.round.years.len()),
        );
        cells.row(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    cells.text()
}

/// `origins.csv`: the file and row of each facility's services and, where they are told one by one, of each demand point.
pub(super) fn origins(result: &Outcome) -> String {
    let mut cells = Cells::excel(&["kind", "id", "service", "file", "row"]);
    let offered = |facility: &Facility, origin: &Origin| {
        let named = &result.catalogue[origin.service];
        let all = facility
            .offers
            .iter()
            .map(|offer| &result.catalogue[offer.service].id);
        all.filter(|id| **id == named.id || named.adds_to.contains(id))
            .cloned()
            .collect::<Vec<_>>()
    };
    for facility in result.city.facilities() {
        for origin in result
            .origins
            .facilities
            .get(&facility.id)
            .into_iter()
            .flatten()
        {
            for service in offered(facility, origin) {
                cells.row(&[
                    "facility",
                    &facility.id,
                    &service,
                    &origin.file,
                    &origin.row.to_string(),
                ]);
            }
        }
    }
    let file = result
        .plan
        .inputs
        .population
        .as_ref()
        .map_or(String::new(), |source| source.path.display().to_string());
    for (id, row) in &result.origins.points {
        cells.row(&["point", id, "", &file, &row.to_string()]);
    }
    cells.text()
}

/// Sides of squares (m), as fine as they may be for at most [`MOST_SQUARES`] of them.
const SIDES: [u32; 6] = [100, 200, 500, 1000, 2000, 5000];
/// Of squares with people.
const MOST_SQUARES: usize = 50_000;

/// The demand points of one line of `demand.csv`.
struct Spot {
    /// Its middle, in metres.
    middle: Coord,
    points: Vec<PointAt>,
}

/// `demand.csv`: where people live and how many of them are covered, by service: one line a demand point or, where they are more than
/// [`MOST_POINTS_TOLD`], one a square of the plane. A later year has a column where other facilities are open than the year before.
pub(super) fn demand(result: &Outcome, projection: &Projection) -> String {
    let (side, spots) = spots(result);
    let mut header: Vec<String> = [
        "point",
        "side_m",
        "lon",
        "lat",
        "unit",
        "residents",
        "points",
    ]
    .map(str::to_owned)
    .to_vec();
    let columns = columns(result);
    let id = |at: usize| &result.catalogue[result.selected[at]].id;
    header.extend(
        columns
            .iter()
            .map(|&(at, year)| format!("{}_covered_{}", id(at), result.round.years[year])),
    );
    let nearest = result.nearest.filter(|_| side == 0);
    header.extend(
        nearest
            .iter()
            .flat_map(|_| (0..result.selected.len()).map(|at| format!("{}_minutes", id(at)))),
    );
    let mut cells = Cells::excel(&header.iter().map(String::as_str).collect::<Vec<_>>());
    let units = &result.round.of_point;
    let line = |spot: &Spot| {
        let [lon, lat] = degrees(projection, spot.middle);
        let residents = |&at: &PointAt| result.city.residents()[at].total();
        let mut in_units: BTreeMap<Option<UnitAt>, Residents> = BTreeMap::new();
        spot.points
            .iter()
            .for_each(|at| *in_units.entry(units[*at]).or_default() += residents(at));
        // Of units with as many people the first.
        let unit = in_units
            .iter()
            .rev()
            .max_by_key(|(_, people)| **people)
            .and_then(|(unit, _)| *unit);
        let mut row = vec![
            if side == 0 {
                result.city.point(spot.points[0]).id.to_string()
            } else {
                String::new()
            },
            side.to_string(),
            lon,
            lat,
            unit.map_or(String::new(), |unit| result.round.units[unit].id.clone()),
            whole_persons(spot.points.iter().map(residents).sum()),
            spot.points.len().to_string(),
        ];
        row.extend(
            columns
                .iter()
                .map(|&(at, year)| share(result, at, year, &spot.points)),
        );
        if let Some(nearest) = nearest {
            let time = |of: &Vec<Nearest>| of[spot.points[0]].time;
            row.extend(
                nearest
                    .iter()
                    .map(|of| decimals(time(of).map(|time| f64::from(time.0) / 60_000.0), 1)),
            );
        }
        row
    };
    // Some at a time, so that memory does not grow with the city.
    for some in spots.chunks(4096) {
        for row in some.par_iter().map(line).collect::<Vec<_>>() {
            cells.row(&row.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    cells.text()
}

/// The side of the squares in metres, 0 for none, and the lines from south to north and west to east.
fn spots(result: &Outcome) -> (u32, Vec<Spot>) {
    let points = result.city.points();
    if points.len() <= MOST_POINTS_TOLD {
        let spot = |at: PointAt| Spot {
            middle: points[at].at.metres(),
            points: vec![at],
        };
        return (0, PointAt::first(points.len()).map(spot).collect());
    }
    let few = |side: &u32| {
        let mut all: Vec<(i32, i32)> = points.iter().map(|point| square(point.at, *side)).collect();
        all.par_sort_unstable();
        all.dedup();
        all.len() <= MOST_SQUARES
    };
    let side = SIDES
        .into_iter()
        .find(few)
        .unwrap_or(SIDES[SIDES.len() - 1]);
    let mut squares: BTreeMap<(i32, i32), Vec<PointAt>> = BTreeMap::new();
    PointAt::enumerate(points)
        .for_each(|(at, point)| squares.entry(square(point.at, side)).or_default().push(at));
    let spot = |((y, x), points): ((i32, i32), Vec<PointAt>)| {
        let middle = |at: i32| (f64::from(at) + 0.5) * f64::from(side);
        Spot {
            middle: Coord {
                x: middle(x),
                y: middle(y),
            },
            points,
        }
    };
    (side, squares.into_iter().map(spot).collect())
}

/// South to north, west to east.
fn square(at: Point, side: u32) -> (i32, i32) {
    let side = side as i32 * 1000;
    (at.y.div_euclid(side), at.x.div_euclid(side))
}

/// Which services (by position among the selected) have a column for which year (by position).
fn columns(result: &Outcome) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for (points, at) in result.round.points.iter().zip(0..) {
        let other = |&year: &usize| year == 0 || points.years[year] != points.years[year - 1];
        all.extend((0..points.years.len()).filter(other).map(|year| (at, year)));
    }
    all
}

/// Per cent of the target group who live there in the base year and are covered by what is open in a year; 0 for nobody alone and 100 for
/// everybody alone. Empty where nobody belongs to it.
fn share(result: &Outcome, at: usize, year: usize, points: &[PointAt]) -> String {
    let (covered, target) = (
        &result.round.points[at],
        result.catalogue[result.selected[at]].target,
    );
    let limits = round::limits(&result.catalogue[result.selected[at]], &result.plan.core());
    let (mut within, mut all) = (0, 0);
    for &point in points {
        if limits.for_class(result.city.classes()[point]).is_some() {
            let [own, of] = covered.of_point(result.city, target, year, point);
            within += own.0;
            all += of.0;
        }
    }
    match (within, all) {
        (_, 0) => String::new(),
        (0, _) => "0".to_owned(),
        _ if within == all => "100".to_owned(),
        _ => ((within * 200 + all) / (all * 2)).clamp(1, 99).to_string(),
    }
}

fn degrees(projection: &Projection, at: Coord) -> [String; 2] {
    let at = projection.to_degrees(at);
    [shortest(at.x), shortest(at.y)]
}
