//! Townships and communities of an extract: administrative areas, areas of a file, places, or hexagons.

use std::collections::{BTreeMap, BTreeSet};

use geo::{
    Area, BooleanOps, BoundingRect, Coord, LineString, MultiPolygon, Polygon, Rect, unary_union,
};

use super::Refused;
use super::extract::{Kind, Thing, plain};
use super::hexagons::{Hexagon, edge_of};
use super::people::Home;
use super::plan;
use super::shape::{Areas, Plane, Shape, inner};

/// An area that becomes a township or a community.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    pub name: String,
    /// The code that a file gives it.
    pub code: Option<String>,
    /// What it is in OpenStreetMap.
    pub osm: Option<String>,
    pub polygon: MultiPolygon,
}

/// Where areas come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Origin {
    /// Administrative areas of this level.
    Level(u8),
    /// A file of boundaries.
    File,
    /// Areas of the extract that were asked for.
    Relations,
    /// Places: what is nearer to one than to another.
    Places,
    /// Hexagons with an edge of so many metres.
    Hexagons(f64),
    /// The township itself, undivided.
    Whole,
}

/// The squares by which land is counted, in metres.
pub const SQUARE: f64 = 500.0;

/// Of the land, the whole areas of a level must have so much.
pub const LEAST_COVERED: f64 = 0.95;

/// Areas of a level with fewer residents each are communities, where a level above covers the land, too.
const COMMUNITY: f64 = 15_000.0;

/// How many hexagons there are for townships.
const HEXAGONS: [f64; 2] = [10.0, 60.0];

/// Residents of a hexagon for a community, and the smallest: about that of a block of streets.
const RESIDENTS_OF_HEXAGON: f64 = 6_000.0;
const LEAST_HEXAGON: f64 = 250_000.0;

/// How many hexagons the box round a township has room for: one that is wide and has little land would keep us busy.
const MOST_STEPS: f64 = 5_000.0;

/// So many areas of a level are looked at; a province has fewer communities.
const MOST_AREAS: usize = 20_000;

/// No more areas have codes in one above them.
pub(super) const MOST: usize = 999;

/// An area of administration.
pub(super) struct Administrative {
    pub name: String,
    pub label: String,
    pub level: u8,
    pub shape: Shape,
    /// What its tag says of its residents.
    pub population: Option<u64>,
}

/// Land that is lived on or travelled on: a place in each square that has a street, a building or a place with a name.
pub(super) struct Land {
    pub squares: Vec<Coord>,
}

impl Land {
    pub(super) fn of(places: impl Iterator<Item = Coord>) -> Self {
        let mut squares: BTreeMap<[i64; 2], (f64, f64, f64)> = BTreeMap::new();
        for at in places {
            let square = [at.x, at.y].map(|axis| (axis / SQUARE).floor() as i64);
            let (x, y, count) = squares.entry(square).or_default();
            (*x, *y, *count) = (*x + at.x, *y + at.y, *count + 1.0);
        }
        let middle = |(x, y, count): (f64, f64, f64)| Coord {
            x: x / count,
            y: y / count,
        };
        Self {
            squares: squares.into_values().map(middle).collect(),
        }
    }

    /// The share of the squares of which the middle of what stands in them lies in one of the areas.
    pub(super) fn covered(&self, areas: &[&MultiPolygon]) -> f64 {
        let areas = Areas::new(areas.to_vec());
        let inside = self.squares.iter().filter(|&&at| areas.find(at).is_some());
        inside.count() as f64 / self.squares.len().max(1) as f64
    }
}

impl Administrative {
    /// Whether it is one of these relations.
    pub(super) fn is_one_of(&self, ids: &[i64]) -> bool {
        ids.iter().any(|id| self.label == format!("r{id}"))
    }
}

/// Areas by the ids of their relations, in that order.
///
/// # Errors
/// Where one is not there or not whole.
pub(super) fn of_relations(areas: &[Administrative], ids: &[i64]) -> Result<Vec<Zone>, Refused> {
    let one = |id: &i64| {
        let area = areas.iter().find(|area| area.is_one_of(&[*id]));
        match area {
            Some(area) if area.shape.whole => Ok(zone(area)),
            Some(area) => Err(plan::not_whole(area)),
            None => Err(plan::no_relation(*id)),
        }
    };
    Ok(apart(ids.iter().map(one).collect::<Result<_, _>>()?))
}

/// All administrative areas of the extract, by level, then id.
pub(super) fn administrative(plane: &Plane) -> Vec<Administrative> {
    let is = |thing: &Thing| {
        thing.tag("boundary") == Some("administrative") && thing.kind() != Kind::Node
    };
    let mut found: BTreeMap<(u8, Kind, i64), Administrative> = BTreeMap::new();
    for thing in plane.extract.things().filter(is) {
        let level = thing
            .tag("admin_level")
            .and_then(|level| level.parse().ok());
        let Some(level) = level.filter(|level| (2..=12).contains(level)) else {
            continue;
        };
        let shape = plane.shape(thing);
        // Borders are ways of their own; only closed ones are areas.
        if thing.kind() == Kind::Way && !shape.whole {
            continue;
        }
        let population = thing
            .tag("population")
            .and_then(|said| said.trim().parse().ok());
        found
            .entry((level, thing.kind(), thing.id()))
            .or_insert(Administrative {
                name: thing.name(),
                label: thing.label(),
                level,
                shape,
                population,
            });
    }
    found.into_values().collect()
}

/// What a level is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// `admin_level`.
    pub level: u8,
    /// Areas that are whole, and all of them.
    pub whole: usize,
    /// See above.
    pub all: usize,
    /// The share of the land that the whole ones have.
    pub covered: f64,
}

/// Each level with its areas.
pub(super) fn levels(areas: &[Administrative], land: &Land) -> Vec<Level> {
    let levels: BTreeSet<u8> = areas.iter().map(|area| area.level).collect();
    let level = |level: u8| {
        let all: Vec<&Administrative> = areas.iter().filter(|area| area.level == level).collect();
        let whole = whole(areas, level);
        Level {
            level,
            whole: whole.len(),
            all: all.len(),
            covered: land.covered(
                &whole
                    .iter()
                    .map(|area| &area.shape.polygon)
                    .collect::<Vec<_>>(),
            ),
        }
    };
    levels.into_iter().map(level).collect()
}

fn whole(areas: &[Administrative], level: u8) -> Vec<&Administrative> {
    (areas.iter())
        .filter(|area| area.level == level && area.shape.whole)
        .take(MOST_AREAS)
        .collect()
}

/// The level for townships: the deepest that covers the land; the one above it where its areas are as small as communities.
pub(super) fn level_of_townships(levels: &[Level], residents: f64) -> Option<u8> {
    let mut covering = levels
        .iter()
        .rev()
        .filter(|level| level.covered >= LEAST_COVERED);
    let deepest = covering.next()?;
    let small = residents / (deepest.whole as f64) < COMMUNITY;
    match covering.next() {
        Some(above) if small => Some(above.level),
        _ => Some(deepest.level),
    }
}

/// The whole areas of a level, without what two of them share: the first has it.
pub(super) fn of_level(areas: &[Administrative], level: u8) -> Vec<Zone> {
    apart(whole(areas, level).into_iter().map(zone).collect())
}

fn zone(area: &Administrative) -> Zone {
    Zone {
        name: area.name.clone(),
        code: None,
        osm: Some(area.label.clone()),
        polygon: area.shape.polygon.clone(),
    }
}

/// Areas without what earlier ones have; what is left of less than a square metre is nothing.
pub(super) fn apart(zones: Vec<Zone>) -> Vec<Zone> {
    let mut apart: Vec<Zone> = Vec::new();
    let mut boxes: Vec<Rect> = Vec::new();
    for mut zone in zones {
        let Some(bounds) = zone.polygon.bounding_rect() else {
            continue;
        };
        let (low, high) = (bounds.min(), bounds.max());
        for (other, own) in apart.iter().zip(&boxes) {
            let (from, to) = (own.min(), own.max());
            let near = from.x < high.x && low.x < to.x && from.y < high.y && low.y < to.y;
            if near && zone.polygon.intersection(&other.polygon).unsigned_area() > 1.0 {
                zone.polygon = zone.polygon.difference(&other.polygon);
            }
        }
        if zone.polygon.unsigned_area() > 1.0 {
            boxes.push(bounds);
            apart.push(zone);
        }
    }
    apart
}

/// Hexagons over the land, and their edge in metres: some ten to sixty, each of about 50,000 residents where that is between.
pub(super) fn hexagons(land: &Land, residents: f64) -> (Vec<Zone>, f64) {
    let [least, most] = HEXAGONS;
    let wanted = (residents / 50_000.0).clamp(least, most);
    let area = land.squares.len() as f64 * SQUARE * SQUARE;
    let mut edge = edge_of(area / wanted).max(200.0);
    let on_land = |edge: f64| {
        let hexagons = land.squares.iter().map(|&at| Hexagon::at(at, edge));
        hexagons.collect::<BTreeSet<Hexagon>>()
    };
    let mut found = on_land(edge);
    // Those at the edge of the land are not full, so there are more than its area has room for.
    while found.len() as f64 > most {
        edge *= 1.1;
        found = on_land(edge);
    }
    let zone = |(hexagon, number): (Hexagon, usize)| Zone {
        name: format!("H{number:02}"),
        code: None,
        osm: None,
        polygon: hexagon.polygon(edge).into(),
    };
    (found.into_iter().zip(1..).map(zone).collect(), edge)
}

/// A place with a name.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub name: String,
    pub label: String,
    pub at: Coord,
    /// How large its kind is; towns come before hamlets.
    rank: usize,
}

/// The kinds of places that make communities, the larger first.
pub(super) const PLACES: [&str; 6] = [
    "town",
    "suburb",
    "quarter",
    "village",
    "neighbourhood",
    "hamlet",
];

/// Places of the extract; of one that is drawn as a node and an area, the node.
pub(super) fn places(plane: &Plane) -> Vec<Place> {
    let mut found: Vec<(Kind, i64, Place)> = Vec::new();
    for thing in plane.extract.things() {
        let rank = thing
            .tag("place")
            .and_then(|kind| PLACES.iter().position(|&own| own == kind));
        let (Some(rank), Some((at, ..))) = (rank, rank.and_then(|_| plane.middle(thing))) else {
            continue;
        };
        let name = thing.name();
        if !name.is_empty() {
            let label = thing.label();
            found.push((
                thing.kind(),
                thing.id(),
                Place {
                    name,
                    label,
                    at,
                    rank,
                },
            ));
        }
    }
    found.sort_by_key(|(kind, id, place)| (*kind, *id, place.rank));
    let mut kept: Vec<Place> = Vec::new();
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (_, _, place) in found {
        let same = by_name.entry(place.name.clone()).or_default();
        let near = |&other: &usize| distance(kept[other].at, place.at) < 2_000.0;
        if !same.iter().rev().take(100).any(near) {
            same.push(kept.len());
            kept.push(place);
        }
    }
    kept.sort_by_key(|place| place.rank);
    kept
}

fn distance(a: Coord, b: Coord) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// What lies in a township.
#[derive(Default)]
pub(super) struct Inside<'a> {
    zones: Vec<Zone>,
    places: Vec<&'a Place>,
    squares: Vec<Coord>,
    residents: f64,
}

/// Of each township, what lies in it: areas by their middle.
pub(super) fn inside<'a>(
    townships: &[Zone],
    zones: &[Zone],
    places: &'a [Place],
    land: &Land,
    homes: &[Home],
) -> Vec<Inside<'a>> {
    let areas = Areas::new(townships.iter().map(|zone| &zone.polygon).collect());
    let mut inside: Vec<Inside> = townships.iter().map(|_| Inside::default()).collect();
    for zone in zones {
        if let Some(at) = inner(&zone.polygon).and_then(|at| areas.find(at)) {
            inside[at].zones.push(zone.clone());
        }
    }
    for place in places {
        if let Some(at) = areas.find(place.at) {
            inside[at].places.push(place);
        }
    }
    for &square in &land.squares {
        if let Some(at) = areas.find(square) {
            inside[at].squares.push(square);
        }
    }
    for home in homes {
        if let Some(at) = areas.find(home.at) {
            inside[at].residents += home.residents;
        }
    }
    inside
}

/// The communities of a township, and what they are: the areas of the next level inside, where they have its land; else what is
/// nearest to each of its places; else hexagons; else itself.
pub(super) fn communities(
    township: &Zone,
    inside: Inside,
    rest_name: &str,
) -> (Vec<Zone>, Option<Origin>) {
    let (own_land, residents) = (
        Land {
            squares: inside.squares,
        },
        inside.residents,
    );
    let members = within(&township.polygon, inside.zones);
    let areas: Vec<&MultiPolygon> = members.iter().map(|zone| &zone.polygon).collect();
    if (2..=MOST).contains(&members.len()) && own_land.covered(&areas) >= LEAST_COVERED {
        return (with_rest(township, members, rest_name), None);
    }
    let mut sites = inside.places;
    sites.truncate(MOST);
    if sites.len() > 1 {
        let cells = within(&township.polygon, voronoi(&township.polygon, &sites));
        return (cells, Some(Origin::Places));
    }
    let area = own_land.squares.len() as f64 * SQUARE * SQUARE;
    let wanted = (residents / RESIDENTS_OF_HEXAGON).clamp(1.0, 200.0);
    let bounds = township.polygon.bounding_rect();
    let room = bounds.map_or(0.0, |bounds| bounds.width() * bounds.height());
    let each = (area / wanted).max(LEAST_HEXAGON).max(room / MOST_STEPS);
    if area / each < 2.0 {
        let zone = Zone {
            code: None,
            ..township.clone()
        };
        return (vec![zone], Some(Origin::Whole));
    }
    let edge = edge_of(each);
    (
        cut_in_hexagons(township, edge),
        Some(Origin::Hexagons(edge)),
    )
}

/// What lies of areas within another one; of those of which less than a square metre does, nothing.
fn within(outer: &MultiPolygon, zones: Vec<Zone>) -> Vec<Zone> {
    let cut = |mut zone: Zone| {
        zone.polygon = zone.polygon.intersection(outer);
        (zone.polygon.unsigned_area() > 1.0).then_some(zone)
    };
    zones.into_iter().filter_map(cut).collect()
}

/// Land of less than a hectare that no community has is a difference of two drawings of one border.
const LEAST_REST: f64 = 10_000.0;

/// With one more for the land that is in none of them.
fn with_rest(township: &Zone, mut members: Vec<Zone>, name: &str) -> Vec<Zone> {
    let together = unary_union(members.iter().map(|zone| &zone.polygon));
    let mut rest = township.polygon.difference(&together);
    rest.0.retain(|part| part.unsigned_area() >= LEAST_REST);
    if !rest.0.is_empty() && members.len() < MOST {
        members.push(Zone {
            name: format!("{} {name}", township.name).trim().to_owned(),
            code: None,
            osm: None,
            polygon: rest,
        });
    }
    members
}

/// Hexagons over a township, cut at its border. Crumbs of less than a tenth of one are joined to the neighbour with whom they share most.
fn cut_in_hexagons(township: &Zone, edge: f64) -> Vec<Zone> {
    let Some(bounds) = township.polygon.bounding_rect() else {
        return Vec::new();
    };
    let (low, high) = (bounds.min(), bounds.max());
    let mut hexagons = BTreeSet::new();
    // Steps of half an edge miss none.
    let steps = |low: f64, high: f64| {
        (0..=((high - low) / edge * 2.0).ceil() as usize + 1)
            .map(move |step| low + step as f64 * edge / 2.0)
    };
    for x in steps(low.x, high.x) {
        for y in steps(low.y, high.y) {
            hexagons.insert(Hexagon::at(Coord { x, y }, edge));
        }
    }
    let mut pieces: BTreeMap<Hexagon, MultiPolygon> = BTreeMap::new();
    for hexagon in hexagons {
        let piece = MultiPolygon::from(hexagon.polygon(edge)).intersection(&township.polygon);
        if piece.unsigned_area() > 1.0 {
            pieces.insert(hexagon, piece);
        }
    }
    let full = 1.5 * 3_f64.sqrt() * edge * edge;
    let crumbs: Vec<Hexagon> = (pieces.iter())
        .filter(|(_, piece)| piece.unsigned_area() < full / 10.0)
        .map(|(&hexagon, _)| hexagon)
        .collect();
    for crumb in crumbs {
        let around = [(1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1)];
        let neighbours = around.map(|(east, north)| Hexagon {
            column: crumb.column + east,
            row: crumb.row + north,
        });
        let largest = (neighbours.into_iter()).filter_map(|hexagon| {
            let area = pieces.get(&hexagon)?.unsigned_area();
            Some((hexagon, area))
        });
        let largest = largest.max_by(|(_, a), (_, b)| a.total_cmp(b));
        if let (Some((largest, _)), Some(piece)) = (largest, pieces.remove(&crumb)) {
            pieces
                .entry(largest)
                .and_modify(|whole| *whole = unary_union([&*whole, &piece]));
        }
    }
    let zone = |((_, polygon), number): ((Hexagon, MultiPolygon), usize)| Zone {
        name: format!("{}-{number:02}", township.name),
        code: None,
        osm: None,
        polygon,
    };
    pieces.into_iter().zip(1..=MOST).map(zone).collect()
}

/// What is nearer to each site than to any other, within the corners of an area: a cell is cut by the line half-way to each other
/// site, the nearest first, until none can reach it. O(sites² × corners) at worst.
fn voronoi(area: &MultiPolygon, sites: &[&Place]) -> Vec<Zone> {
    let Some(bounds) = area.bounding_rect() else {
        return Vec::new();
    };
    let (low, high) = (bounds.min(), bounds.max());
    let corners = [
        (low.x, low.y),
        (high.x, low.y),
        (high.x, high.y),
        (low.x, high.y),
    ];
    let corners = corners.map(|(x, y)| Coord { x, y });
    let mut zones: Vec<Zone> = Vec::new();
    for (at, site) in sites.iter().enumerate() {
        let mut others: Vec<(f64, Coord)> = (sites.iter().enumerate())
            .filter(|&(other, _)| other != at)
            .map(|(_, other)| (distance(site.at, other.at), other.at))
            .collect();
        // Of two at one place the first has it.
        if sites[..at]
            .iter()
            .any(|other| distance(other.at, site.at) < 1.0)
        {
            continue;
        }
        others.retain(|&(far, _)| far >= 1.0);
        others.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut cell = corners.to_vec();
        for (far, other) in others {
            let reach = cell.iter().map(|&corner| distance(corner, site.at));
            if far > 2.0 * reach.fold(0.0, f64::max) {
                break;
            }
            cell = nearer(&cell, site.at, other);
        }
        if cell.len() > 2 {
            zones.push(Zone {
                name: plain(&site.name),
                code: None,
                osm: Some(site.label.clone()),
                polygon: Polygon::new(LineString::new(cell), Vec::new()).into(),
            });
        }
    }
    zones
}

/// The part of a convex cell that is nearer to `own` than to `other` (Sutherland & Hodgman).
fn nearer(cell: &[Coord], own: Coord, other: Coord) -> Vec<Coord> {
    let (dx, dy) = (other.x - own.x, other.y - own.y);
    let middle = Coord {
        x: f64::midpoint(own.x, other.x),
        y: f64::midpoint(own.y, other.y),
    };
    // Below nought on our side.
    let side = |at: Coord| (at.x - middle.x) * dx + (at.y - middle.y) * dy;
    let mut kept = Vec::with_capacity(cell.len() + 1);
    for (&from, &to) in cell.iter().zip(cell.iter().cycle().skip(1)) {
        let (a, b) = (side(from), side(to));
        if a <= 0.0 {
            kept.push(from);
        }
        if (a < 0.0 && b > 0.0) || (a > 0.0 && b < 0.0) {
            let part = a / (a - b);
            kept.push(Coord {
                x: from.x + (to.x - from.x) * part,
                y: from.y + (to.y - from.y) * part,
            });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Contains, Point};

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon {
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let ring: Vec<Coord> = (corners.iter())
            .map(|(east, north)| Coord {
                x: x + east * side,
                y: y + north * side,
            })
            .collect();
        Polygon::new(LineString::new(ring), Vec::new()).into()
    }

    fn zone(polygon: MultiPolygon) -> Zone {
        Zone {
            name: "A".to_owned(),
            code: None,
            osm: None,
            polygon,
        }
    }

    #[test]
    fn cells_are_what_is_nearest_and_have_all_the_land() {
        let area = square(0.0, 0.0, 1000.0);
        let places: Vec<Place> = (0..40)
            .map(|n: u32| Place {
                name: n.to_string(),
                label: String::new(),
                at: Coord {
                    x: f64::from(n * 617 % 1000),
                    y: f64::from(n * n * 331 % 1000),
                },
                rank: 0,
            })
            .collect();
        let sites: Vec<&Place> = places.iter().collect();
        let cells = voronoi(&area, &sites);
        let all: f64 = cells.iter().map(|cell| cell.polygon.unsigned_area()).sum();
        assert!((all - 1_000_000.0).abs() < 1e-3, "{all}");
        for x in (5..1000).step_by(37) {
            for y in (5..1000).step_by(41) {
                let at = Coord {
                    x: f64::from(x),
                    y: f64::from(y),
                };
                let mut near: Vec<&Place> = places.iter().collect();
                let far = |place: &Place| distance(place.at, at);
                near.sort_by(|a, b| far(a).total_cmp(&far(b)));
                // What is as far from two lies on the border of both.
                if far(near[1]) - far(near[0]) < 1e-6 {
                    continue;
                }
                let cell = cells.iter().find(|cell| cell.name == near[0].name).unwrap();
                assert!(cell.polygon.contains(&Point(at)), "{at:?}");
            }
        }
    }

    #[test]
    fn hexagons_cut_at_a_border_have_all_the_land_and_no_crumbs() {
        let township = zone(square(-137.0, 41.0, 3000.0));
        let edge = edge_of(500_000.0);
        let pieces = cut_in_hexagons(&township, edge);
        let all: f64 = pieces
            .iter()
            .map(|piece| piece.polygon.unsigned_area())
            .sum();
        assert!((all - 9_000_000.0).abs() < 1.0, "{all}");
        assert!(
            pieces
                .iter()
                .all(|piece| piece.polygon.unsigned_area() > 50_000.0 - 1.0)
        );
        assert!((15..30).contains(&pieces.len()), "{}", pieces.len());
    }

    #[test]
    fn the_deepest_level_that_has_the_land_is_that_of_townships_unless_it_is_that_of_communities() {
        let level = |level, whole, covered| Level {
            level,
            whole,
            all: whole,
            covered,
        };
        let levels = [level(6, 1, 1.0), level(8, 10, 0.99), level(10, 100, 0.96)];
        // 3,000 each: communities of the level above. 30,000 each: townships.
        assert_eq!(level_of_townships(&levels, 300_000.0), Some(8));
        assert_eq!(level_of_townships(&levels, 3_000_000.0), Some(10));
        assert_eq!(level_of_townships(&[level(8, 10, 0.94)], 1e6), None);
        assert_eq!(level_of_townships(&[level(10, 100, 1.0)], 1e5), Some(10));
    }

    #[test]
    fn what_two_areas_share_is_the_first_ones() {
        let zones = apart(vec![
            zone(square(0.0, 0.0, 100.0)),
            zone(square(50.0, 0.0, 100.0)),
            zone(square(0.0, 0.0, 50.0)),
        ]);
        let areas: Vec<f64> = zones
            .iter()
            .map(|zone| zone.polygon.unsigned_area().round())
            .collect();
        assert_eq!(areas, [10_000.0, 5_000.0]);
    }
}
