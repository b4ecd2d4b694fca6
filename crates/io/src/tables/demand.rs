//! `demand.csv`: where people live and how many of them are covered, by service: one line a demand point or, where they are more than
//! [`MOST_POINTS_TOLD`], one a square of the plane. A later year has a column where other facilities are open than the year before.

use std::collections::BTreeMap;

use fuwutu_core::position::{PointAt, UnitAt};
use fuwutu_core::quantity::{Point, Residents};
use fuwutu_core::round;
use geo::Coord;
use rayon::prelude::*;

use super::{Kind, Spread, Text, Width, table};
use crate::frame::Projection;
use crate::read::MOST_POINTS_TOLD;
use crate::write::Outcome;
use crate::write::csv_text::persons_whole;

table! {
    Demand in "demand.csv", ["人口分布与覆盖", "where people live"] {
        point: String = Kind::Id, Office, ["需求点", "demand point"], ["需求点编号；合并为方格时为空", "id of the demand point; empty for a square"];
        side_m: u32 = Kind::Meters, Everybody, ["方格边长（米）", "side (metres)"], ["方格边长（米）；0 为单个需求点", "side of the square in metres; 0 for a demand point"];
        lon: f64 = Kind::Degrees, Everybody, ["经度", "longitude"], ["经度，CGCS2000/WGS 84", "longitude, CGCS2000/WGS 84"];
        lat: f64 = Kind::Degrees, Everybody, ["纬度", "latitude"], ["纬度", "latitude"];
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        residents: u64 = Kind::Persons, Rounded, ["常住人口（人）", "residents (persons)"], ["常住人口（人）", "usual residents"];
        points: u32 = Kind::Count, Everybody, ["需求点数", "demand points"], ["需求点数", "demand points"];
        covered[Spread::Coverage, "{service}_covered_{year}"]: Vec<Option<u8>> = Kind::Percent, Made, ["覆盖（%）", "covered (%)"], ["当地服务人口中，在该年开放设施时限内的百分比；没有服务人口为空；没有列出的年份与前一年相同", "per cent of the target group living there within the limit of what is open in this year; empty for nobody; a year without a column is as the one before"];
        minutes[Spread::Services, "{service}_minutes"]: Vec<Option<f64>> = Kind::Minutes(1), Office, ["到最近的设施（分钟）", "to the nearest facility (minutes)"], ["基期年到最近的开放设施的时间（分钟）；超过时限为空", "minutes to the nearest facility open in the base year; empty beyond the limit"];
    }
}

/// Sides of squares (m), as fine as they may be for at most [`MOST_SQUARES`] of them.
const SIDES: [u32; 6] = [100, 200, 500, 1000, 2000, 5000];
/// Of squares with people.
const MOST_SQUARES: usize = 50_000;

/// The demand points of one line.
struct Spot {
    /// Its middle, in metres.
    middle: Coord,
    points: Vec<PointAt>,
}

/// As text. Lines are made some at a time, so that memory does not grow with the city.
pub(crate) fn text(result: &Outcome, projection: &Projection) -> Text<Demand> {
    let (side, spots) = spots(result);
    let columns = columns(result);
    let id = |position: usize| result.catalogue[result.selected[position]].id.clone();
    let timed = result.nearest.is_some() && side == 0;
    let years = &result.round.years;
    let width = Width {
        timed: (0..result.selected.len() * usize::from(timed))
            .map(id)
            .collect(),
        coverage: columns
            .iter()
            .map(|&(service, year)| (id(service), years[year]))
            .collect(),
        ..Width::default()
    };
    let mut text = Text::new(&width, &[]);
    for chunk in spots.chunks(4096) {
        let lines: Vec<Vec<String>> = chunk
            .par_iter()
            .map(|spot| text.cells(&row(result, projection, side, &columns, spot)))
            .collect();
        lines.iter().for_each(|line| text.push(line));
    }
    text
}

fn row(
    result: &Outcome,
    projection: &Projection,
    side: u32,
    columns: &[(usize, usize)],
    spot: &Spot,
) -> Demand {
    let place = projection.to_degrees(spot.middle);
    let first = spot.points[0];
    let covered = columns.iter();
    let nearest = result.nearest.filter(|_| side == 0).into_iter().flatten();
    let minutes = nearest.map(|service| {
        let time = service[first].time;
        time.map(|time| f64::from(time.0) / 60_000.0)
    });
    Demand {
        point: if side == 0 {
            result.city.points()[first].id.to_string()
        } else {
            String::new()
        },
        side_m: side,
        lon: place.x,
        lat: place.y,
        unit: unit(result, spot),
        residents: persons_whole(
            spot.points
                .iter()
                .map(|&point| result.city.residents()[point].total())
                .sum(),
        ),
        points: spot.points.len() as u32,
        covered: covered
            .map(|&(service, year)| share(result, service, year, &spot.points))
            .collect(),
        minutes: minutes.collect(),
    }
}

/// The unit of most people who live there; of equal units the first; empty where they are in none.
fn unit(result: &Outcome, spot: &Spot) -> String {
    let mut people: BTreeMap<Option<UnitAt>, Residents> = BTreeMap::new();
    for &point in &spot.points {
        let unit = result.round.of_point[point];
        *people.entry(unit).or_default() += result.city.residents()[point].total();
    }
    let most = people.iter().rev().max_by_key(|(_, people)| **people);
    most.and_then(|(unit, _)| *unit)
        .map_or_else(String::new, |unit| result.round.units[unit].id.clone())
}

/// The side of the squares in metres, 0 for none, and the lines from south to north and west to east.
fn spots(result: &Outcome) -> (u32, Vec<Spot>) {
    let points = result.city.points();
    if points.len() <= MOST_POINTS_TOLD {
        return (
            0,
            PointAt::first(points.len())
                .map(|point| Spot {
                    middle: points[point].at.metres(),
                    points: vec![point],
                })
                .collect(),
        );
    }
    let side = SIDES
        .into_iter()
        .find(|side| {
            let mut squares: Vec<(i32, i32)> =
                points.iter().map(|point| square(point.at, *side)).collect();
            squares.par_sort_unstable();
            squares.dedup();
            squares.len() <= MOST_SQUARES
        })
        .unwrap_or(SIDES[SIDES.len() - 1]);
    let mut squares: BTreeMap<(i32, i32), Vec<PointAt>> = BTreeMap::new();
    for (position, point) in PointAt::enumerate(points) {
        let square = squares.entry(square(point.at, side)).or_default();
        square.push(position);
    }
    (
        side,
        squares
            .into_iter()
            .map(|((y, x), points)| {
                let middle = |cell: i32| (f64::from(cell) + 0.5) * f64::from(side);
                Spot {
                    middle: Coord {
                        x: middle(x),
                        y: middle(y),
                    },
                    points,
                }
            })
            .collect(),
    )
}

/// South to north, west to east.
fn square(place: Point, side: u32) -> (i32, i32) {
    let side = side as i32 * 1000;
    (place.y.div_euclid(side), place.x.div_euclid(side))
}

/// Which services (by position among the selected) have a column for which year (by position).
fn columns(result: &Outcome) -> Vec<(usize, usize)> {
    let mut columns = Vec::new();
    for (points, service) in result.round.points.iter().zip(0..) {
        let years = (0..points.years.len())
            .filter(|&year| year == 0 || points.years[year] != points.years[year - 1]);
        columns.extend(years.map(|year| (service, year)));
    }
    columns
}

/// Per cent of the target group who live there in the base year and are covered by what is open in a year; 0 only for none and 100
/// only for all. `None` where the target group is empty.
fn share(result: &Outcome, service: usize, year: usize, points: &[PointAt]) -> Option<u8> {
    let covered = &result.round.points[service];
    let service = &result.catalogue[result.selected[service]];
    let limits = round::limits(service, &result.plan.core());
    let (mut within, mut people) = (0, 0);
    for &point in points {
        let class = result.city.classes()[point];
        if limits.for_class(class).is_some() {
            let [of_point, of_all] = covered.of_point(result.city, service.target, year, point);
            within += of_point.0;
            people += of_all.0;
        }
    }
    match (within, people) {
        (_, 0) => None,
        (0, _) => Some(0),
        _ if within == people => Some(100),
        _ => Some(((within * 200 + people) / (people * 2)).clamp(1, 99) as u8),
    }
}
