//! Facilities of an extract, by the table of tags.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use geo::{Coord, Intersects, Line, LineIntersection, line_intersection::line_intersection};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::extract::{Kind, Thing, plain};
use super::shape::{Plane, Shape};
use super::tags::{About, Finds, Match, Rule, is_name};

/// A facility of one service.
#[derive(Debug, Clone)]
pub(super) struct Facility {
    pub id: String,
    pub name: String,
    pub service: String,
    pub at: Coord,
    pub capacity: Option<f64>,
    pub public: Option<bool>,
    pub entrances: Vec<Coord>,
    /// The line of the rule that found it.
    pub line: usize,
}

/// Something that may be one of several services.
#[derive(Debug, Clone)]
pub(super) struct Undecided {
    pub id: String,
    pub name: String,
    pub at: Coord,
    pub tags: String,
    pub choices: Vec<String>,
    /// The line of the rule that leaves it open.
    pub line: usize,
}

/// What the table found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub facilities: Vec<Facility>,
    pub undecided: Vec<Undecided>,
    /// By line of the table: how many each rule would have found, but for `access`.
    pub closed_to_public: BTreeMap<usize, u64>,
    /// Things that are closed for good.
    pub disused: u64,
    /// Platforms that are one with a stop.
    pub platforms: u64,
}

/// How far a platform may be from its stop, in metres.
pub(super) const PLATFORM: f64 = 30.0;

/// The same where both are of one `stop_area`.
const OF_STOP_AREA: f64 = 300.0;

/// Services whose places are entered at their border where paths cross it.
const GREENS: [&str; 3] = ["public_green_15", "public_green_10", "public_green_5"];

/// Entrances nearer to one another are one, in metres.
const ONE_ENTRANCE: f64 = 10.0;

/// No more entrances of one place are written.
const MOST_ENTRANCES: usize = 60;

/// Keys of what stood there once.
pub(super) const FORMER: [&str; 6] = [
    "disused:",
    "abandoned:",
    "demolished:",
    "removed:",
    "was:",
    "razed:",
];

/// Keys that say that a thing is of no use any more.
pub(super) const USELESS: [&str; 4] = ["disused", "abandoned", "demolished", "ruins"];

pub(super) fn find(plane: &Plane, rules: &[Rule]) -> Found {
    let mut found = Found::default();
    let mut stops = Vec::new();
    let mut seen: HashSet<(Kind, i64)> = HashSet::new();
    let mut greens: Vec<(usize, Shape)> = Vec::new();
    for thing in plane.extract.things() {
        if thing.is_collection() {
            continue;
        }
        if seen.insert((thing.kind(), thing.id())) {
            one(plane, rules, thing, &mut found, &mut stops, &mut greens);
        }
    }
    one_stop_each(plane, &mut found, &stops);
    enter(plane, &mut found.facilities, greens);
    found.facilities.retain(|facility| !facility.id.is_empty());
    found
        .facilities
        .sort_by(|a, b| (&a.service, &a.id).cmp(&(&b.service, &b.id)));
    found
        .undecided
        .sort_by(|a, b| (a.line, &a.id).cmp(&(b.line, &b.id)));
    found
}

/// What a thing is by all rules.
fn one(
    plane: &Plane,
    rules: &[Rule],
    thing: Thing,
    found: &mut Found,
    stops: &mut Vec<Stop>,
    greens: &mut Vec<(usize, Shape)>,
) {
    let about = About::new(thing);
    let matches: Vec<(&Rule, Match)> = rules
        .iter()
        .map(|rule| (rule, rule.matches(thing, &about)))
        .filter(|(_, each)| *each != Match::No)
        .collect();
    let useless = USELESS
        .iter()
        .any(|key| thing.tag(key).is_some_and(|value| value != "no"));
    let former = || {
        thing
            .tags()
            .any(|(key, _)| FORMER.iter().any(|former| key.starts_with(former)))
    };
    match matches.is_empty() {
        true if former() => {
            found.disused += 1;
            return;
        }
        true => return,
        false if useless => {
            found.disused += 1;
            return;
        }
        false => {}
    }
    let Some((at, area, shape)) = plane.middle(thing) else {
        return;
    };
    let mut shape = Some(shape);
    let mut services: BTreeSet<&str> = BTreeSet::new();
    for (rule, how) in &matches {
        if !rule.takes(area) {
            continue;
        }
        if *how == Match::Closed {
            *found.closed_to_public.entry(rule.line).or_default() += 1;
            continue;
        }
        match &rule.finds {
            Finds::Service(service) if services.insert(service) => {
                let place = found.facilities.len();
                if service == "bus_stop" {
                    stops.push(Stop::new(thing, place, at));
                }
                if GREENS.contains(&service.as_str()) {
                    greens.extend(shape.take().map(|shape| (place, shape)));
                }
                found.facilities.push(Facility {
                    id: thing.label(),
                    name: thing.name(),
                    service: service.clone(),
                    at,
                    capacity: rule.capacity(thing, area),
                    public: public(thing),
                    entrances: Vec::new(),
                    line: rule.line,
                });
            }
            Finds::OneOf(choices) if !choices.iter().any(|id| services.contains(id.as_str())) => {
                found.undecided.push(Undecided {
                    id: thing.label(),
                    name: thing.name(),
                    at,
                    tags: tags_of(thing),
                    choices: choices.clone(),
                    line: rule.line,
                });
            }
            _ => {}
        }
    }
}

/// Whether it is run by the public, where a tag says so.
fn public(thing: Thing) -> Option<bool> {
    match thing.tag("operator:type")? {
        "public" | "government" | "municipal" => Some(true),
        "private" | "business" => Some(false),
        _ => None,
    }
}

/// Its tags but for its names, on one line.
fn tags_of(thing: Thing) -> String {
    let tags = thing.tags().filter(|(key, _)| !is_name(key));
    let tags: Vec<String> = tags
        .map(|(key, value)| plain(&format!("{key}={value}")))
        .collect();
    tags.join("; ")
}

/// A bus stop, or a platform of one.
struct Stop {
    kind: Kind,
    id: i64,
    platform: bool,
    place: usize,
    at: Coord,
}

impl Stop {
    fn new(thing: Thing, place: usize, at: Coord) -> Self {
        let stop =
            thing.tag("highway") == Some("bus_stop") || thing.tag("amenity") == Some("bus_station");
        Self {
            kind: thing.kind(),
            id: thing.id(),
            platform: !stop,
            place,
            at,
        }
    }
}

/// Platforms go into the stop they belong to: the nearest of their `stop_area`, else the nearest within [`PLATFORM`]. Stops are never
/// joined with one another: those of both directions often stand opposite.
fn one_stop_each(plane: &Plane, found: &mut Found, stops: &[Stop]) {
    let areas = stop_areas(plane);
    let poles = stops.iter().filter(|stop| !stop.platform);
    let tree = RTree::bulk_load(
        poles
            .map(|stop| GeomWithData::new([stop.at.x, stop.at.y], stop))
            .collect(),
    );
    for platform in stops.iter().filter(|stop| stop.platform) {
        let of = |stop: &Stop| areas.get(&(stop.kind, stop.id));
        let here = [platform.at.x, platform.at.y];
        let near = tree.locate_within_distance(here, OF_STOP_AREA * OF_STOP_AREA);
        // So many stops within 300 m are none of a city's.
        let one = near.into_iter().take(1_000).any(|pole| {
            let far = (pole.geom()[0] - here[0]).hypot(pole.geom()[1] - here[1]);
            let same = of(platform).is_some_and(|area| of(pole.data) == Some(area));
            far <= PLATFORM || same
        });
        if one {
            found.platforms += 1;
            // Left out when all are sorted: positions of others stay as they are until then.
            found.facilities[platform.place].id.clear();
        }
    }
}

/// The `stop_area` of each member, by the smallest id.
fn stop_areas(plane: &Plane) -> HashMap<(Kind, i64), i64> {
    let mut areas: HashMap<(Kind, i64), i64> = HashMap::new();
    let is = |thing: &Thing| thing.tag("public_transport") == Some("stop_area");
    for area in plane.extract.things().filter(is) {
        for member in plane.extract.members(area) {
            let known = areas.entry((member.kind, member.id)).or_insert(area.id());
            *known = area.id().min(*known);
        }
    }
    areas
}

/// A piece of the border of a green, and whose it is.
type Side = GeomWithData<Rectangle<[f64; 2]>, (usize, Line)>;

/// Gives greens their entrances: where streets and paths cross their border or share a node with it.
fn enter(plane: &Plane, facilities: &mut [Facility], greens: Vec<(usize, Shape)>) {
    let mut sides: Vec<Side> = Vec::new();
    for (at, (_, shape)) in greens.iter().enumerate() {
        let rings = shape.polygon.0.iter().map(|polygon| polygon.exterior());
        for line in rings.flat_map(|ring| ring.lines()) {
            let corners =
                Rectangle::from_corners([line.start.x, line.start.y], [line.end.x, line.end.y]);
            sides.push(GeomWithData::new(corners, (at, line)));
        }
    }
    if sides.is_empty() {
        return;
    }
    let tree = RTree::bulk_load(sides);
    let mut entrances: Vec<Vec<Coord>> = vec![Vec::new(); greens.len()];
    let mut looks = MOST_LOOKS;
    for street in plane.extract.streets() {
        let places: Vec<Coord> = street.iter().map(|&node| plane.place(node)).collect();
        for pair in places.windows(2) {
            let piece = Line::new(pair[0], pair[1]);
            let corners = AABB::from_corners([pair[0].x, pair[0].y], [pair[1].x, pair[1].y]);
            for side in tree.locate_in_envelope_intersecting(&corners) {
                looks -= 1;
                if looks == 0 {
                    return;
                }
                let (green, line) = side.data;
                if entrances[green].len() < MOST_CROSSINGS && piece.intersects(&line) {
                    entrances[green].extend(crossing(piece, line));
                }
            }
        }
    }
    for ((place, _), crossings) in greens.into_iter().zip(entrances) {
        facilities[place].entrances = thinned(crossings);
    }
}

/// Pairs of pieces of streets and borders that are looked at: a file that is made to have more would keep us busy for hours.
const MOST_LOOKS: usize = 50_000_000;

/// Crossings of one border that are kept before they are thinned.
const MOST_CROSSINGS: usize = 10_000;

fn crossing(a: Line, b: Line) -> Option<Coord> {
    match line_intersection(a, b)? {
        LineIntersection::SinglePoint { intersection, .. } => Some(intersection),
        // Streets along the border are walked in from wherever they begin to run there.
        LineIntersection::Collinear { intersection } => Some(intersection.start),
    }
}

/// The first of those that are near to one another, from the west.
fn thinned(mut places: Vec<Coord>) -> Vec<Coord> {
    places.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let mut kept: Vec<Coord> = Vec::new();
    for place in places {
        let near = |other: &Coord| (other.x - place.x).hypot(other.y - place.y) < ONE_ENTRANCE;
        if kept.len() < MOST_ENTRANCES && !kept.iter().any(near) {
            kept.push(place);
        }
    }
    kept
}
