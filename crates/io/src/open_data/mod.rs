//! A plan for any city from open data: an OpenStreetMap extract, and a raster of residents or their number.
//!
//! ```text
//! extract ─▶ land, buildings, areas of administration, places, facilities
//! buildings or raster ─▶ homes ─▶ townships ─▶ communities ─▶ demand points ─▶ files of a plan
//! ```
//! What is invented (codes, hexagons), modelled (where residents live) or left open (which level a school has) is said in the files.

mod bounds;
mod extract;
mod facilities;
mod hexagons;
mod people;
mod plan;
mod shape;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fuwutu_core::service::Service;
use fuwutu_core::watch::{Progress, Watch};
use geo::{BoundingRect, Coord, MapCoords, MultiPolygon};

use crate::finding::{Finding, Findings, Kind as Noticed, Lang};
use crate::frame::{Projection, frame_between};
use crate::layer::{self, Properties};
use crate::plan::Named;
use crate::read::{Declared, Folder, Given, ReadError};
use crate::table::Column;
use crate::vector::{self, Wanted};

use bounds::{Administrative, Land, Zone};
use extract::Extract;
use people::Home;
use shape::{Areas, Plane};

pub use bounds::{LEAST_COVERED, Level, Origin, SQUARE};
pub use extract::Counts;
pub use people::{Buildings, LEAST_BUILDINGS, LEAST_BUILT, LEAST_FLOOR};
pub use tags::{Finds, Rule, TABLE, rules};

/// The cells of a raster between two corners in degrees: where each is, and its residents.
pub type Cells<'a> = &'a dyn Fn(Coord, Coord) -> Result<Vec<(Coord, f64)>, ReadError>;

/// What a plan is to be made of.
pub struct Request<'a> {
    /// The extract, as messages name it.
    pub file: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
    /// Its path from the folder of the plan.
    pub roads: &'a str,
    /// The name of the round.
    pub name: &'a str,
    /// Of a raster of residents, its name and its cells.
    pub population: Option<(&'a str, Cells<'a>)>,
    /// How many residents there are.
    pub residents: Option<u64>,
    /// What becomes townships, where that is said.
    pub boundaries: Option<Boundaries<'a>>,
    /// The base year where the extract does not say what day it is of.
    pub this_year: i32,
    /// The language of comments and notes.
    pub lang: Lang,
}

/// Areas that are to be the townships.
#[derive(Debug, Clone)]
pub enum Boundaries<'a> {
    /// Areas of a file, of any form that layers may have.
    File(&'a Path),
    /// Relations of the extract, by their ids.
    Relations(Vec<i64>),
}

impl Boundaries<'_> {
    /// The ids of relations in a text such as `r340783,r345131`; `None` where it is no such text.
    #[must_use]
    pub fn relations(text: &str) -> Option<Vec<i64>> {
        let id = |text: &str| {
            let digits = text.trim().strip_prefix('r')?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse().ok())?
        };
        text.split(',').map(id).collect()
    }
}

/// A plan and its files, and what is to be said of them.
#[derive(Debug)]
pub struct Made {
    /// Name and text.
    pub files: Vec<(&'static str, String)>,
    /// What was found and decided, a line each.
    pub said: Vec<String>,
    /// Rows of a table: service, found, rule, confidence. The first is the header.
    pub table: Vec<[String; 4]>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum OpenDataError {
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Something is missing.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl From<Finding> for OpenDataError {
    fn from(finding: Finding) -> Self {
        Self::Read(finding.into())
    }
}

/// What is missing, and the way out, each in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", said[1])]
pub struct Refused {
    /// What is wrong.
    pub said: [String; 2],
    /// What to do.
    pub hint: [String; 2],
}

/// Facilities farther than this from the townships, in metres, are left out: an hour's walk, and a quarter of an hour by e-bike.
pub const BEYOND: f64 = 4_000.0;

/// Degrees that an extract spans at most, either way, as for all land.
const WIDEST: f64 = 10.0;

/// All that is found, before it is written.
struct City<'a> {
    request: &'a Request<'a>,
    projection: Projection,
    day: Option<([i64; 3], bool)>,
    counts: Counts,
    squares: usize,
    buildings: Buildings,
    levels: Vec<Level>,
    /// Areas that the extract cuts: name, label, level, ways that are missing and all.
    incomplete: Vec<(String, String, u8, [usize; 2])>,
    /// Areas that are whole: name and label.
    whole: Vec<(String, String)>,
    townships: Vec<Zone>,
    origin: Origin,
    /// Whether the file of boundaries has the codes.
    own_codes: bool,
    /// By township.
    communities: Vec<Vec<Zone>>,
    origins: Vec<Origin>,
    residents: f64,
    /// Of the homes in the townships.
    floor_m2: f64,
    points: Vec<people::Point>,
    grid: f64,
    rules: Vec<Rule>,
    found: facilities::Found,
    /// Facilities that were too far away.
    beyond: usize,
}

/// Makes a plan. `catalogue` is the embedded one.
///
/// # Errors
/// Where a file is broken, or nothing says how many residents there are or where they live.
pub fn make(request: &Request, catalogue: &[Service], watch: Watch) -> Result<Made, OpenDataError> {
    let rules = rules();
    let extract = read(request, &rules, watch)?;
    let projection = Projection::new(frame(&extract, request.file)?);
    let plane = Plane {
        extract: &extract,
        projection: &projection,
    };
    watch(Progress::Working).map_err(ReadError::from)?;
    let (mut homes, built, buildings) = people::in_buildings(&plane);
    watch(Progress::Working).map_err(ReadError::from)?;
    let places = bounds::places(&plane);
    let streets = street_places(&plane);
    let land = Land::of(
        streets
            .iter()
            .chain(&built)
            .copied()
            .chain(places.iter().map(|place| place.at)),
    );
    let areas = bounds::administrative(&plane);
    let levels = bounds::levels(&areas, &land);
    let total = match request.population {
        Some((_, cells)) => {
            homes = in_cells(cells, &extract, &projection)?;
            request.residents.map(|residents| residents as f64)
        }
        None => Some(counted(
            request, &areas, &levels, &buildings, &built, &streets,
        )?),
    };
    watch(Progress::Working).map_err(ReadError::from)?;
    let all: f64 = total.unwrap_or_else(|| homes.iter().map(|home| home.residents).sum());
    people::rake(&mut homes, all);
    let (townships, origin, own_codes) =
        townships(request, &areas, &levels, (&land, &homes, all), &projection)?;
    let below = next_level(request, &areas, &levels, origin);
    let rest = request.lang.pick("其余", "(rest)");
    let mut origins: Vec<Origin> = Vec::new();
    let mut communities = Vec::with_capacity(townships.len());
    let (zones, level) = below.unwrap_or_default();
    let inside = bounds::inside(&townships, &zones, &places, &land, &homes);
    for (township, inside) in townships.iter().zip(inside) {
        watch(Progress::Working).map_err(ReadError::from)?;
        let (own, how) = bounds::communities(township, inside, rest);
        let how = how.unwrap_or(Origin::Level(level));
        // Hexagons of one township are larger than those of another.
        let same = |other: &Origin| std::mem::discriminant(other) == std::mem::discriminant(&how);
        if !origins.iter().any(same) {
            origins.push(how);
        }
        communities.push(own);
    }
    let flat: Vec<&MultiPolygon> = communities
        .iter()
        .flatten()
        .map(|zone| &zone.polygon)
        .collect();
    let of_communities = Areas::new(flat);
    let inside: Vec<Home> = (homes.iter())
        .filter(|home| of_communities.find(home.at).is_some())
        .copied()
        .collect();
    let lived_in: f64 = inside.iter().map(|home| home.residents).sum();
    let floor_m2: f64 = inside.iter().map(|home| home.floor_m2).sum();
    if lived_in <= 0.0 {
        return Err(plan::nobody().into());
    }
    let residents = total.unwrap_or(lived_in).round();
    if request.population.is_none() && floor_m2 < LEAST_FLOOR * residents {
        return Err(plan::little_floor(floor_m2, residents).into());
    }
    let (points, grid) = people::points(&inside, &of_communities, residents);
    let mut found = facilities::find(&plane, &rules);
    let beyond = near(&mut found, &townships);
    let incomplete = areas.iter().filter(|area| !area.shape.whole).map(|area| {
        let border = &area.shape.border;
        (
            area.name.clone(),
            area.label.clone(),
            area.level,
            [border.missing, border.ways],
        )
    });
    let whole = areas.iter().filter(|area| area.shape.whole);
    let whole = whole.map(|area| (area.name.clone(), area.label.clone()));
    let city = City {
        request,
        day: extract.day(),
        counts: extract.counts,
        squares: land.squares.len(),
        buildings,
        levels,
        incomplete: incomplete.collect(),
        whole: whole.collect(),
        townships,
        origin,
        own_codes,
        communities,
        origins,
        residents,
        floor_m2,
        points,
        grid,
        rules,
        found,
        beyond,
        projection,
    };
    Ok(plan::written(&city, catalogue))
}

/// Reads what matters of the extract.
fn read(request: &Request, rules: &[Rule], watch: Watch) -> Result<Extract, ReadError> {
    // Streets are no things, and `access` alone makes none.
    let first: BTreeSet<&str> = (rules.iter().flat_map(Rule::first_keys))
        .filter(|&key| key != "highway")
        .chain(["boundary", "building", "place"])
        .collect();
    let others: BTreeSet<&str> = (rules.iter().flat_map(Rule::keys))
        .chain(people::keys())
        .chain(tags::LEVEL_KEYS)
        .chain(facilities::USELESS)
        .chain([
            "admin_level",
            "population",
            "highway",
            "operator",
            "operator:type",
            "brand",
            "type",
        ])
        .collect();
    let former = |key: &str| {
        let mut former = facilities::FORMER.iter();
        former.any(|former| {
            key.strip_prefix(former)
                .is_some_and(|key| first.contains(key))
        })
    };
    let matters = |key: &str| first.contains(key) || former(key);
    let also = |key: &str| others.contains(key) || tags::is_name(key);
    extract::read(request.file, request.bytes, &matters, &also, watch)
}

/// The plane, about the middle of the streets; of all nodes where there are none.
fn frame(extract: &Extract, file: &str) -> Result<fuwutu_core::quantity::Frame, ReadError> {
    let (low, high) = corners(extract).ok_or_else(|| Finding::new(Noticed::NoStreets, file))?;
    if high.x - low.x > WIDEST || high.y - low.y > WIDEST {
        let value = format!("{}…{}, {}…{}", low.x, high.x, low.y, high.y);
        return Err(Finding::new(Noticed::TooWide, file).value(value).into());
    }
    Ok(frame_between(low, high))
}

/// Between which all nodes of streets lie, in degrees.
fn corners(extract: &Extract) -> Option<(Coord, Coord)> {
    let (mut low, mut high) = ([i32::MAX; 2], [i32::MIN; 2]);
    for node in extract.streets().flatten() {
        let node = extract.nodes.all[node as usize];
        for (axis, at) in [node.lon, node.lat].into_iter().enumerate() {
            low[axis] = low[axis].min(at);
            high[axis] = high[axis].max(at);
        }
    }
    let degrees = |[x, y]: [i32; 2]| Coord {
        x: f64::from(x) / 1e7,
        y: f64::from(y) / 1e7,
    };
    (low[0] <= high[0]).then(|| (degrees(low), degrees(high)))
}

fn street_places(plane: &Plane) -> Vec<Coord> {
    let mut nodes: Vec<u32> = plane.extract.streets().flatten().collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes.into_iter().map(|node| plane.place(node)).collect()
}

/// The cells of a raster that have residents, where the streets are.
fn in_cells(
    cells: Cells,
    extract: &Extract,
    projection: &Projection,
) -> Result<Vec<Home>, ReadError> {
    let Some((low, high)) = corners(extract) else {
        return Ok(Vec::new());
    };
    let home = |(at, residents): (Coord, f64)| Home {
        at: projection.to_plane(at),
        residents,
        floor_m2: 0.0,
    };
    let cells = cells(low, high)?.into_iter();
    Ok(cells
        .filter(|(_, residents)| *residents > 0.0)
        .map(home)
        .collect())
}

/// The residents that are to be put into buildings, where these are enough.
fn counted(
    request: &Request,
    areas: &[Administrative],
    levels: &[Level],
    buildings: &Buildings,
    built: &[Coord],
    streets: &[Coord],
) -> Result<f64, Refused> {
    let built = Land::of(built.iter().copied()).squares.len();
    let on_streets = Land::of(streets.iter().copied()).squares.len();
    let share = built as f64 / on_streets.max(1) as f64;
    let few = buildings.lived_in < LEAST_BUILDINGS || share < LEAST_BUILT;
    let Some(residents) = request.residents else {
        return Err(match few {
            true => plan::streets_alone(buildings, share),
            false => plan::how_many(areas, levels),
        });
    };
    match few {
        true => Err(plan::streets_alone(buildings, share)),
        false => Ok(residents as f64),
    }
}

/// Townships, where they come from, and whether the file of boundaries has their codes.
fn townships(
    request: &Request,
    areas: &[Administrative],
    levels: &[Level],
    (land, homes, residents): (&Land, &[Home], f64),
    projection: &Projection,
) -> Result<(Vec<Zone>, Origin, bool), OpenDataError> {
    match &request.boundaries {
        Some(Boundaries::File(path)) => {
            let zones = of_file(path, projection)?;
            let codes: BTreeSet<&str> = zones
                .iter()
                .filter_map(|zone| zone.code.as_deref())
                .collect();
            let own = codes.len() == zones.len();
            return Ok((zones, Origin::File, own));
        }
        Some(Boundaries::Relations(ids)) => {
            let zones = bounds::of_relations(areas, ids)?;
            return Ok((zones, Origin::Relations, false));
        }
        None => {}
    }
    if let Some(level) = bounds::level_of_townships(levels, residents) {
        return Ok((bounds::of_level(areas, level), Origin::Level(level), false));
    }
    let (mut zones, edge) = bounds::hexagons(land, residents);
    let polygons: Vec<&MultiPolygon> = zones.iter().map(|zone| &zone.polygon).collect();
    let areas = Areas::new(polygons);
    let lived_in: BTreeSet<usize> = homes
        .iter()
        .filter_map(|home| areas.find(home.at))
        .collect();
    let mut number = 0..;
    zones.retain(|_| {
        number
            .next()
            .is_some_and(|number| lived_in.contains(&number))
    });
    Ok((zones, Origin::Hexagons(edge), false))
}

const CODE: usize = 0;
const NAME: usize = 1;
const COLUMNS: [Column; 2] = [
    Column::optional("code", &["代码", "镇街代码"]),
    Column::optional("name", &["名称", "镇街名称"]),
];

/// The areas of a file of boundaries.
fn of_file(path: &Path, projection: &Projection) -> Result<Vec<Zone>, ReadError> {
    let mut findings = Findings::default();
    let given = Given::read(&Folder(PathBuf::new()), path)?;
    let file = &*given.file;
    let none = BTreeMap::new();
    let read = |findings: &mut Findings| -> Result<Vec<Zone>, ReadError> {
        let wanted = Wanted {
            named: Named {
                path,
                sheet: None,
                columns: &none,
            },
            columns: &COLUMNS,
            areas: true,
        };
        let raw = vector::layer(&given, wanted, findings)?;
        let features = layer::features(file, raw, &Declared::nothing(), findings)?;
        let properties = Properties::open(file, &features, &COLUMNS, &none, findings)?;
        let zone = |feature: &layer::Feature| {
            let code = properties.text(feature, CODE);
            let sound = code.len() == 9 && code.bytes().all(|byte| byte.is_ascii_digit());
            Zone {
                name: extract::plain(&properties.text(feature, NAME)),
                code: sound.then_some(code),
                osm: None,
                polygon: feature.polygon.map_coords(|at| projection.to_plane(at)),
            }
        };
        Ok(bounds::apart(features.iter().map(zone).collect()))
    };
    let zones = read(&mut findings)?;
    match zones.is_empty() {
        true => Err(Finding::new(Noticed::NoFeatures, file).into()),
        false => Ok(zones),
    }
}

/// The areas of the level below that of townships, which may be their communities.
fn next_level(
    request: &Request,
    areas: &[Administrative],
    levels: &[Level],
    origin: Origin,
) -> Option<(Vec<Zone>, u8)> {
    let asked = |area: &Administrative| match &request.boundaries {
        Some(Boundaries::Relations(ids)) => area.is_one_of(ids),
        _ => false,
    };
    let least = match origin {
        Origin::Level(level) => level + 1,
        Origin::File => 2,
        Origin::Relations => areas
            .iter()
            .filter(|area| asked(area))
            .map(|area| area.level + 1)
            .max()?,
        _ => return None,
    };
    let mut next = levels
        .iter()
        .filter(|level| level.level >= least && level.whole > 0);
    // Under the areas of a file the deepest level is that of communities; else the one that comes next.
    let next = match origin {
        Origin::File => next.next_back(),
        _ => next.min_by_key(|level| level.level),
    }?;
    Some((bounds::of_level(areas, next.level), next.level))
}

/// Leaves out what is far from all townships; how many.
fn near(found: &mut facilities::Found, townships: &[Zone]) -> usize {
    let boxes: Vec<geo::Rect> = townships
        .iter()
        .filter_map(|zone| zone.polygon.bounding_rect())
        .collect();
    let near = |at: Coord| {
        boxes.iter().any(|each| {
            let (low, high) = (each.min(), each.max());
            (low.x - BEYOND..=high.x + BEYOND).contains(&at.x)
                && (low.y - BEYOND..=high.y + BEYOND).contains(&at.y)
        })
    };
    let before = found.facilities.len();
    found.facilities.retain(|facility| near(facility.at));
    found.undecided.retain(|each| near(each.at));
    before - found.facilities.len()
}
