//! Where people live: in the floor area of buildings, or in the cells of a raster; put on a grid as demand points with an exact total.

use std::collections::BTreeMap;

use geo::Coord;
use rayon::prelude::*;

use super::extract::{Kind, Thing};
use super::shape::{Areas, Plane};
use crate::number;

/// A place where people live.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home {
    pub at: Coord,
    /// A weight until the total is known; residents after it.
    pub residents: f64,
    /// Square metres of floor; 0 where that is not how they are counted.
    pub floor_m2: f64,
}

/// What is known of buildings.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Buildings {
    /// All of them.
    pub all: u64,
    /// Those that count as homes, in whole or by half.
    pub lived_in: u64,
    /// Of these those of which nothing but `building=yes` is known.
    pub unknown: u64,
    /// Of those that count, how many say how many storeys they have.
    pub with_storeys: u64,
}

/// Fewer buildings say nothing about where people live.
pub const LEAST_BUILDINGS: u64 = 100;

/// Square metres of floor a resident, below which buildings are not all there.
pub const LEAST_FLOOR: f64 = 8.0;

/// Of the squares that have a street so many must have a building.
pub const LEAST_BUILT: f64 = 0.2;

/// Kinds of buildings that people live in, with the storeys of those that do not say how many they have.
const LIVED_IN: [(&str, f64); 17] = [
    ("apartments", 4.0),
    ("residential", 3.0),
    ("terrace", 2.0),
    ("house", 2.0),
    ("detached", 2.0),
    ("semidetached_house", 2.0),
    ("semi", 2.0),
    ("dormitory", 4.0),
    ("bungalow", 1.0),
    ("static_caravan", 1.0),
    ("houseboat", 1.0),
    ("hut", 1.0),
    ("cabin", 1.0),
    ("farm", 2.0),
    ("ger", 1.0),
    ("block", 4.0),
    ("duplex", 2.0),
];

/// Storeys of a building of which nothing is known.
const UNKNOWN_STOREYS: f64 = 2.0;

/// How much of such a building counts. It may be a home, a workshop or a shed.
const UNKNOWN_SHARE: f64 = 0.5;

/// Smaller ones of which nothing is known are sheds and garages, in m².
const LEAST_UNKNOWN: f64 = 30.0;

/// What a building is for where it has one of these keys: no homes.
const OTHER_USES: [&str; 12] = [
    "amenity",
    "shop",
    "office",
    "tourism",
    "leisure",
    "healthcare",
    "man_made",
    "power",
    "railway",
    "aeroway",
    "military",
    "craft",
];

/// Keys that tell about buildings.
pub(super) fn keys<'a>() -> impl Iterator<Item = &'a str> {
    let own = ["building", "building:levels", "building:use", "height"];
    own.into_iter().chain(OTHER_USES)
}

/// Storeys of the tallest buildings.
const MOST_STOREYS: f64 = 200.0;

/// Metres of a storey, where only the height is known.
const STOREY: f64 = 3.2;

/// A building: where it is, and its floor in m², 0 where it is no home.
struct Building {
    at: Coord,
    floor: f64,
    unknown: bool,
    with_storeys: bool,
}

/// Homes by the floor area of buildings, and where all buildings are.
pub(super) fn in_buildings(plane: &Plane) -> (Vec<Home>, Vec<Coord>, Buildings) {
    let is = |thing: &Thing| {
        let building = thing.tag("building").is_some_and(|kind| kind != "no");
        building && thing.kind() != Kind::Node && !thing.is_collection()
    };
    let things: Vec<Thing> = plane.extract.things().filter(is).collect();
    let found: Vec<Building> = things
        .par_iter()
        .filter_map(|&thing| building(plane, thing))
        .collect();
    let mut about = Buildings {
        all: things.len() as u64,
        ..Buildings::default()
    };
    let places = found.iter().map(|building| building.at).collect();
    let mut homes = Vec::new();
    for building in found.iter().filter(|building| building.floor > 0.0) {
        about.lived_in += 1;
        about.unknown += u64::from(building.unknown);
        about.with_storeys += u64::from(building.with_storeys);
        homes.push(Home {
            at: building.at,
            residents: match building.unknown {
                true => building.floor * UNKNOWN_SHARE,
                false => building.floor,
            },
            floor_m2: building.floor,
        });
    }
    (homes, places, about)
}

fn building(plane: &Plane, thing: Thing) -> Option<Building> {
    let (at, area, _) = plane.middle(thing)?;
    let area = area?;
    let kind = thing.tag("building").unwrap_or_default();
    let said = said_storeys(thing);
    let known = LIVED_IN.iter().find(|(own, _)| *own == kind);
    let unknown = matches!(kind, "yes" | "mixed" | "mixed_use");
    let other_use = OTHER_USES
        .iter()
        .any(|key| thing.tag(key).is_some_and(|value| value != "no"));
    let floor = match known {
        Some((_, storeys)) => area * said.unwrap_or(*storeys),
        None if unknown && !other_use && area >= LEAST_UNKNOWN => {
            area * said.unwrap_or(UNKNOWN_STOREYS)
        }
        None => 0.0,
    };
    Some(Building {
        at,
        floor,
        unknown: known.is_none(),
        with_storeys: said.is_some(),
    })
}

fn said_storeys(thing: Thing) -> Option<f64> {
    let number = |key: &str| {
        let text = thing.tag(key)?.trim().trim_end_matches('m').trim_end();
        number::plain(text)
    };
    let by_height = || number("height").map(|metres| (metres / STOREY).round().max(1.0));
    let storeys = number("building:levels").or_else(by_height);
    storeys.filter(|storeys| (0.5..=MOST_STOREYS).contains(storeys))
}

/// Scales weights so that they are residents, `total` of them; those of no place are left out before.
pub(super) fn rake(homes: &mut [Home], total: f64) {
    let sum: f64 = homes.iter().map(|home| home.residents).sum();
    if sum > 0.0 {
        homes
            .iter_mut()
            .for_each(|home| home.residents *= total / sum);
    }
}

/// A demand point.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub community: usize,
    pub at: Coord,
    /// In whole thousandths.
    pub thousandths: u64,
}

/// The squares of the grid that homes are put together on, in metres; the larger where the smaller would make too many points.
pub(super) const GRIDS: [f64; 2] = [100.0, 200.0];
const MOST_POINTS: usize = 200_000;

/// Demand points: the homes of each community in each square, at their middle, or at the largest of them where that is not in the
/// community. Their total is `total` exactly, in thousandths: each has the rounded difference of the running sum. And the grid.
pub(super) fn points(homes: &[Home], communities: &Areas, total: f64) -> (Vec<Point>, f64) {
    let of_homes: Vec<Option<usize>> = homes
        .par_iter()
        .map(|home| communities.find(home.at))
        .collect();
    let [fine, coarse] = GRIDS;
    let many = cells(homes, &of_homes, fine);
    let (cells, grid) = match many.len() > MOST_POINTS {
        true => (cells(homes, &of_homes, coarse), coarse),
        false => (many, fine),
    };
    let whole: f64 = cells.values().map(|cell| cell.weight).sum();
    let thousandths = (total * 1000.0).round();
    let (mut sum, mut given) = (0.0, 0);
    let mut points = Vec::with_capacity(cells.len());
    for ((_, community), cell) in cells {
        sum += cell.weight;
        let until = (thousandths * (sum / whole)).round() as u64;
        let own = until.saturating_sub(given);
        given = given.max(until);
        let middle = Coord {
            x: cell.x / cell.weight,
            y: cell.y / cell.weight,
        };
        let at = match communities.find(middle) == Some(community) {
            true => middle,
            false => cell.largest.at,
        };
        if own > 0 {
            points.push(Point {
                community,
                at,
                thousandths: own,
            });
        }
    }
    (points, grid)
}

/// The homes of a square.
struct Cell {
    weight: f64,
    x: f64,
    y: f64,
    largest: Home,
}

fn cells(
    homes: &[Home],
    communities: &[Option<usize>],
    grid: f64,
) -> BTreeMap<([i64; 2], usize), Cell> {
    let mut cells: BTreeMap<([i64; 2], usize), Cell> = BTreeMap::new();
    for (home, community) in homes.iter().zip(communities) {
        let Some(community) = *community else {
            continue;
        };
        if home.residents <= 0.0 {
            continue;
        }
        let square = [home.at.y, home.at.x].map(|axis| (axis / grid).floor() as i64);
        let cell = cells.entry((square, community)).or_insert(Cell {
            weight: 0.0,
            x: 0.0,
            y: 0.0,
            largest: *home,
        });
        cell.weight += home.residents;
        cell.x += home.at.x * home.residents;
        cell.y += home.at.y * home.residents;
        if home.residents > cell.largest.residents {
            cell.largest = *home;
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, MultiPolygon, Polygon};

    #[test]
    fn points_have_all_residents_to_the_thousandth() {
        let ring = vec![(0.0, 0.0), (1000.0, 0.0), (1000.0, 1000.0), (0.0, 1000.0)];
        let area: MultiPolygon = Polygon::new(LineString::from(ring), Vec::new()).into();
        let areas = Areas::new(vec![&area]);
        let homes: Vec<Home> = (0..977)
            .map(|n: u32| Home {
                at: Coord {
                    x: f64::from(n * 37 % 1200),
                    y: f64::from(n * 91 % 1000),
                },
                residents: 1.0 + f64::from(n % 7),
                floor_m2: 0.0,
            })
            .collect();
        let (points, grid) = points(&homes, &areas, 12_345.678);
        assert_eq!(
            points.iter().map(|point| point.thousandths).sum::<u64>(),
            12_345_678
        );
        assert!((grid - 100.0_f64).abs() < 1e-9);
        assert!(points.len() <= 100 && points.iter().all(|point| point.at.x < 1000.0));
    }
}
