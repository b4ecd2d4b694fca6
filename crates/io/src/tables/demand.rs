//! `demand.csv`: where people live and how many of them are covered, by service: one line a demand point or, where they are more than
//! [`MOST_POINTS_TOLD`], one a square of the plane. A later year has a column where other facilities are open than the year before.

use std::collections::{BTreeMap, HashSet};

use fuwutu_core::city::{City, Class};
use fuwutu_core::position::{PointAt, SelectedAt, UnitAt};
use fuwutu_core::quantity::{AGE_BANDS, Point, Residents};
use fuwutu_core::round;
use fuwutu_core::service::Target;
use fuwutu_core::supply::Bits;
use geo::Coord;
use rayon::prelude::*;

use super::{Kind, Spread, Text, Width, table};
use crate::csv_text::persons_whole;
use crate::frame::Projection;
use crate::outcome::Outcome;
use crate::read::MOST_POINTS_TOLD;

table! {
    Demand in "demand.csv", ["人口分布与覆盖", "where people live"] {
        point: String = Kind::Id, Office, ["需求点", "demand point"], ["需求点编号；合并为方格时为空", "id of the demand point; empty for a square"];
        side_m: u32 = Kind::Meters, Everybody, ["方格边长（米）", "side (metres)"], ["方格边长（米）；0 为单个需求点", "side of the square in metres; 0 for a demand point"];
        lon: f64 = Kind::Degrees, Everybody, ["经度", "longitude"], ["经度，CGCS2000/WGS 84", "longitude, CGCS2000/WGS 84"];
        lat: f64 = Kind::Degrees, Everybody, ["纬度", "latitude"], ["纬度", "latitude"];
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        residents: u64 = Kind::Persons, Rounded, ["常住人口（人）", "residents (persons)"], ["常住人口，取整到人；每行各自取整，合计可与单元人口略有出入", "usual residents in whole persons: each line is rounded for itself, so that sums may differ a little from those of units"];
        points: u32 = Kind::Count, Everybody, ["需求点数", "demand points"], ["需求点数", "demand points"];
        covered[Spread::Coverage, "{service}_covered_{year}"]: Vec<Option<u8>> = Kind::Percent, Made, ["覆盖（%）", "covered (%)"], ["当地服务人口中，在该年开放设施时限内的百分比；没有服务人口为空；没有列出的年份与前一年相同", "per cent of the target group living there within the limit of what is open in this year; empty for nobody; a year without a column is as the one before"];
        minutes[Spread::Services, "{service}_minutes"]: Vec<Option<f64>> = Kind::Minutes(1), Office, ["到最近的设施（分钟）", "to the nearest facility (minutes)"], ["基期年到最近的开放设施的时间（分钟）；超过时限或未提供设施数据为空", "minutes to the nearest facility open in the base year; empty beyond the limit, and without facility data"];
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
    let columns = Columns::new(result);
    let id = |service: SelectedAt| result.catalogue[result.selected[service]].id.clone();
    let timed = result.nearest.is_some() && side == 0;
    let years = &result.round.years;
    let width = Width {
        timed: SelectedAt::first(result.selected.len() * usize::from(timed))
            .map(id)
            .collect(),
        coverage: columns
            .columns
            .iter()
            .map(|column| (id(column.service), years[column.year]))
            .collect(),
        ..Width::default()
    };
    let mut text = Text::new(&width, &[]);
    text.extend(&spots, |text, spot| {
        text.cells(&row(result, projection, side, &columns, spot))
    });
    text
}

fn row(
    result: &Outcome,
    projection: &Projection,
    side: u32,
    columns: &Columns,
    spot: &Spot,
) -> Demand {
    let place = projection.to_degrees(spot.middle);
    let first = spot.points[0];
    let residents = |&point: &PointAt| result.city.residents()[point].total();
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
        residents: persons_whole(spot.points.iter().map(residents).sum()),
        points: spot.points.len() as u32,
        covered: columns.shares(result.city, &spot.points),
        minutes: minutes.collect(),
    }
}

/// The unit of most people who live there; of units with as many the first, and empty where they are in none.
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
        let spot = |point: PointAt| Spot {
            middle: points[point].at.metres(),
            points: vec![point],
        };
        return (0, PointAt::first(points.len()).map(spot).collect());
    }
    let few = |side: &u32| {
        let mut squares = HashSet::new();
        points.iter().all(|point| {
            squares.insert(square(point.at, *side));
            squares.len() <= MOST_SQUARES
        })
    };
    let side = SIDES
        .into_iter()
        .find(few)
        .unwrap_or(SIDES[SIDES.len() - 1]);
    let mut squares: Vec<((i32, i32), PointAt)> = PointAt::enumerate(points)
        .map(|(position, point)| (square(point.at, side), position))
        .collect();
    squares.par_sort_unstable();
    let spot = |points: &[((i32, i32), PointAt)]| {
        let (y, x) = points[0].0;
        let middle = |cell: i32| (f64::from(cell) + 0.5) * f64::from(side);
        Spot {
            middle: Coord {
                x: middle(x),
                y: middle(y),
            },
            points: points.iter().map(|&(_, point)| point).collect(),
        }
    };
    let spots = squares.chunk_by(|a, b| a.0 == b.0).map(spot);
    (side, spots.collect())
}

/// South to north, west to east.
fn square(place: Point, side: u32) -> (i32, i32) {
    let side = side as i32 * 1000;
    (place.y.div_euclid(side), place.x.div_euclid(side))
}

/// The columns of coverage. Services often count the same people, who are summed once for all of them.
struct Columns<'a> {
    counted: Vec<Counted<'a>>,
    columns: Vec<Column<'a>>,
}

/// Whom a service counts.
#[derive(PartialEq)]
struct Counted<'a> {
    target: Target,
    /// The bands of each group of ages that is told apart.
    groups: &'a [[bool; AGE_BANDS.len()]],
    /// Whether there is a limit in urban and in rural communities; people of others do not count.
    limited: [bool; 2],
}

/// The column of a service and a year.
struct Column<'a> {
    service: SelectedAt,
    /// Position of the year.
    year: usize,
    /// Position of those whom the service counts.
    counted: usize,
    /// Who of each group and point is covered.
    covered: &'a Bits,
}

impl<'a> Columns<'a> {
    /// A year without a column has the facilities of the year before.
    fn new(result: &'a Outcome) -> Self {
        let plan = result.plan.core();
        let (mut counted, mut columns) = (Vec::new(), Vec::new());
        let services = SelectedAt::enumerate(&result.round.points);
        for (service, points) in services.filter(|(at, _)| result.supplied(result.selected[*at])) {
            let about = &result.catalogue[result.selected[service]];
            let limits = round::limits(about, &plan);
            let own = Counted {
                target: about.target,
                groups: &points.groups,
                limited: [limits.urban.is_some(), limits.rural.is_some()],
            };
            let known = counted.iter().position(|each| *each == own);
            let counted = known.unwrap_or_else(|| {
                counted.push(own);
                counted.len() - 1
            });
            let other = |&year: &usize| year == 0 || points.years[year] != points.years[year - 1];
            let years = (0..points.years.len()).filter(other);
            columns.extend(years.map(|year| Column {
                service,
                year,
                counted,
                covered: &points.years[year],
            }));
        }
        Self { counted, columns }
    }

    /// Per cent of the target group who live at `points` in the base year and are covered, column by column; 0 for nobody alone and
    /// 100 for everybody alone. Nothing where nobody belongs to it. O(columns × points), a bit each.
    fn shares(&self, city: &City, points: &[PointAt]) -> Vec<Option<u8>> {
        let counted = self.counted.iter();
        let people: Vec<Vec<u64>> = counted.map(|each| each.people(city, points)).collect();
        let all: Vec<u64> = people.iter().map(|people| people.iter().sum()).collect();
        let share = |column: &Column| {
            let people = &people[column.counted];
            let within = column.people_covered(city.points().len(), points, people);
            share(within, all[column.counted])
        };
        self.columns.iter().map(share).collect()
    }
}

impl Counted<'_> {
    /// In thousandths of a person: those at each of `points` who are of the first group, then of the second.
    fn people(&self, city: &City, points: &[PointAt]) -> Vec<u64> {
        let [urban, rural] = self.limited;
        let of = |bands: &[bool; AGE_BANDS.len()], point: PointAt| {
            let limited = match city.classes()[point] {
                Class::Urban => urban,
                Class::Rural => rural,
            };
            if limited {
                self.target.of_bands(&city.residents()[point], bands).0
            } else {
                0
            }
        };
        let groups = self.groups.iter();
        groups
            .flat_map(|bands| points.iter().map(move |&point| of(bands, point)))
            .collect()
    }
}

impl Column<'_> {
    /// Those of `people`, group by group at each of `points`, who are covered; `count` is the number of the city's points.
    fn people_covered(&self, count: usize, points: &[PointAt], people: &[u64]) -> u64 {
        let mut sum = 0;
        for (group, people) in people.chunks(points.len()).enumerate() {
            for (point, people) in points.iter().zip(people) {
                if self.covered.get(group * count + point.index()) {
                    sum += people;
                }
            }
        }
        sum
    }
}

fn share(within: u64, people: u64) -> Option<u8> {
    match (within, people) {
        (_, 0) => None,
        (0, _) => Some(0),
        _ if within == people => Some(100),
        _ => Some(((within * 200 + people) / (people * 2)).clamp(1, 99) as u8),
    }
}
