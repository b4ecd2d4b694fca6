//! The city: townships, communities, demand points and facilities. Checked once, sorted, then trusted.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use geo::{BoundingRect, Distance, Euclidean, Intersects, MultiPolygon};
use rayon::prelude::*;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use serde::{Deserialize, Serialize};

use crate::position::{CommunityAt, FacilityAt, PointAt, ServiceAt, TownshipAt};
use crate::quantity::{Ages, Frame, Point, Residents};

/// A township (镇/街道).
#[derive(Debug, Clone, PartialEq)]
pub struct Township {
    /// Statistical code, nine digits in China; its first six name the county.
    pub code: String,
    /// Name.
    pub name: String,
    /// Belongs to a neighbouring shard: its people and facilities count as neighbours, and it gets no units.
    pub neighbour: bool,
}

impl Township {
    /// Whether it is a street (街道) and no town (镇、乡): by the end of its name or, where that tells nothing, by the last three digits of
    /// its code, which are 001 to 099 for streets.
    ///
    /// ```
    /// use fuwutu_core::city::Township;
    /// let street = |code: &str, name: &str| Township { code: code.into(), name: name.into(), neighbour: false }.is_street();
    /// assert!(street("510104020", "锦官驿街道") && street("510104020", "") && !street("510104100", ""));
    /// assert!(!street("510104020", "安德镇"));
    /// ```
    #[must_use]
    pub fn is_street(&self) -> bool {
        match self.name.trim_end() {
            name if name.ends_with("街道") => true,
            name if name.ends_with(['镇', '乡']) => false,
            _ => self
                .code
                .get(6..9)
                .and_then(|digits| digits.parse::<u16>().ok())
                .is_some_and(|kind| (1..100).contains(&kind)),
        }
    }

    /// The county's code: the first six characters of the township's.
    #[must_use]
    pub fn county(&self) -> &str {
        self.code
            .char_indices()
            .nth(6)
            .map_or(&self.code, |(end, _)| &self.code[..end])
    }
}

/// Whether a community is judged by the urban or by the rural limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Statistical classes 111, 112, 121, 122 and 123.
    Urban,
    /// Statistical classes 210 and 220.
    Rural,
}

/// A community (社区/村): what units are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Community {
    /// Statistical code, twelve digits in China.
    pub code: String,
    /// Name.
    pub name: String,
    /// Position of its township.
    pub township: TownshipAt,
    /// Urban or rural.
    pub class: Class,
    /// Its land, in metres of the city's plane: valid, with outer rings counter-clockwise.
    pub polygon: MultiPolygon,
    /// Its residential land (居住用地) in square metres, from 0 up; `None` where that is not known.
    pub residential_m2: Option<f64>,
}

/// A place where people live. The number of them stands in [`City::residents`], because it changes with the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandPoint {
    /// As in the input.
    pub id: Box<str>,
    /// Where.
    pub at: Point,
    /// Position of its community.
    pub community: CommunityAt,
}

/// A place that offers services.
#[derive(Debug, Clone, PartialEq)]
pub struct Facility {
    /// As in the input.
    pub id: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// Where.
    pub at: Point,
    /// Where it is entered, as far as that is known: trips on streets lead to the nearest of them. Empty: to `at`.
    pub entrances: Vec<Point>,
    /// Position of the community it stands in; `None` outside all. On a border: the lowest code.
    pub community: Option<CommunityAt>,
    /// Whether it works.
    pub status: Status,
    /// The year from which it is open.
    pub opens: Option<i32>,
    /// The year from which it is closed.
    pub closes: Option<i32>,
    /// The ids of the facilities that it is a branch of, each with the position of the service for which it is one.
    pub hubs: Vec<(ServiceAt, Box<str>)>,
    /// What it offers.
    pub offers: Vec<Offer>,
}

impl Facility {
    /// Whether it serves people in `year`: existing ones from their opening year on (always, where none is given),
    /// committed ones from their opening year on (never, where none is given), others never; and all until their closing
    /// year, in which they are closed.
    #[must_use]
    pub fn open(&self, year: i32) -> bool {
        self.status.open(self.opens, self.closes, year)
    }

    /// Where trips on streets lead to: its entrances, or else its place.
    #[must_use]
    pub fn doors(&self) -> &[Point] {
        if self.entrances.is_empty() {
            std::slice::from_ref(&self.at)
        } else {
            &self.entrances
        }
    }
}

/// Whether a facility works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 现状: open.
    Existing,
    /// 在建: decided and paid for, opens in its year.
    Committed,
    /// 规划: on a plan only.
    Planned,
    /// 闲置: a building without use.
    Idle,
    /// 停用.
    Closed,
}

impl Status {
    /// See [`Facility::open`].
    #[must_use]
    pub fn open(self, opens: Option<i32>, closes: Option<i32>, year: i32) -> bool {
        if closes.is_some_and(|closes| closes <= year) {
            return false;
        }
        match self {
            Self::Existing => opens.is_none_or(|opens| opens <= year),
            Self::Committed => opens.is_some_and(|opens| opens <= year),
            Self::Planned | Self::Idle | Self::Closed => false,
        }
    }
}

/// A service at a facility.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// Position in the catalogue.
    pub service: ServiceAt,
    /// In the service's unit; `None` where it is not known.
    pub capacity: Option<f64>,
    /// In the unit of the service's minimum; `None` where it is not known.
    pub size: Option<f64>,
    /// Whether it is public or inclusive (公办、普惠); `None` where that is not known.
    pub public: Option<bool>,
}

/// What a [`City`] is made from. Positions (of townships in communities, of communities in points) refer to the order here.
#[derive(Debug, Clone)]
pub struct Records {
    /// Where the plane touches the globe.
    pub frame: Frame,
    /// The year of the residents.
    pub year: i32,
    /// Any order.
    pub townships: Vec<Township>,
    /// Any order.
    pub communities: Vec<Community>,
    /// Any order, with residents.
    pub points: Vec<(DemandPoint, Ages)>,
    /// Any order; their `community` is ignored and found anew.
    pub facilities: Vec<Facility>,
}

/// Why records are no city.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CityError {
    /// Two records of one kind share an id.
    #[error("{kind} `{id}` occurs twice")]
    Duplicate {
        /// township, community, demand point or facility.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// A record refers to another that is not there.
    #[error("{kind} `{id}` lies in a {parent} that is not there")]
    Dangling {
        /// community or demand point.
        kind: &'static str,
        /// The id.
        id: String,
        /// township or community.
        parent: &'static str,
    },
}

/// A city in one year. A projected year and a what-if are cities too, and share what did not change.
///
/// Invariant: townships and communities stand in the order of their codes, facilities in that of their ids, demand points in
/// the order of [`City::cells`] and then of their ids; all are unique, and every position that one holds of another exists.
#[derive(Debug, Clone)]
pub struct City {
    frame: Frame,
    year: i32,
    townships: Arc<[Township]>,
    communities: Arc<[Community]>,
    points: Arc<[DemandPoint]>,
    residents: Arc<[Ages]>,
    facilities: Arc<[Facility]>,
    cells: Arc<[Range<usize>]>,
    classes: Arc<[Class]>,
}

/// Demand points are kept by squares of this side (mm), so that neighbours in the city are neighbours in memory.
const CELL: i32 = 1_000_000;

impl City {
    /// Sorts and checks `records`, and finds the community of each facility. O(n log n).
    /// ```
    /// use fuwutu_core::city::City;
    /// use fuwutu_core::position::CommunityAt;
    /// use fuwutu_core::quantity::Residents;
    /// // Nine people, 500 m apart, and a facility in their middle.
    /// let records = fuwutu_synth::grid(3, 500_000, &[(0, 0)]);
    /// let city = City::new(records.clone())?;
    /// assert_eq!(city.total_residents(), Residents::whole(9));
    /// assert_eq!(city.facilities()[0].community, Some(CommunityAt(0)));
    ///
    /// let mut twice = records;
    /// twice.facilities.push(twice.facilities[0].clone());
    /// assert_eq!(City::new(twice).unwrap_err().to_string(), "facility `f000001` occurs twice");
    /// # Ok::<(), fuwutu_core::city::CityError>(())
    /// ```
    ///
    /// # Errors
    /// Where two records of a kind share an id, or one refers to another that is not there.
    pub fn new(records: Records) -> Result<Self, CityError> {
        let Records {
            frame,
            year,
            mut townships,
            mut communities,
            mut points,
            mut facilities,
        } = records;
        let township_order = sort_by_code(&mut townships, "township", |each| &each.code)?;
        for community in &mut communities {
            community.township = township_order
                .get(community.township.index())
                .map(|&sorted| TownshipAt(sorted))
                .ok_or_else(|| CityError::Dangling {
                    kind: "community",
                    id: community.code.clone(),
                    parent: "township",
                })?;
        }
        let community_order = sort_by_code(&mut communities, "community", |each| &each.code)?;
        for (point, _) in &mut points {
            point.community = community_order
                .get(point.community.index())
                .map(|&sorted| CommunityAt(sorted))
                .ok_or_else(|| CityError::Dangling {
                    kind: "demand point",
                    id: point.id.to_string(),
                    parent: "community",
                })?;
        }
        if let Some(id) = duplicate(&points) {
            return Err(CityError::Duplicate {
                kind: "demand point",
                id,
            });
        }
        sort_by_code(&mut facilities, "facility", |each| &each.id)?;
        let land = Land::new(&communities);
        facilities
            .par_iter_mut()
            .for_each(|each| each.community = land.community(each.at));
        Ok(Self::of_sorted(
            frame,
            year,
            townships.into(),
            communities.into(),
            points,
            facilities.into(),
        ))
    }

    /// Puts `points` into the order of their cells; all else has the invariant already.
    pub(crate) fn of_sorted(
        frame: Frame,
        year: i32,
        townships: Arc<[Township]>,
        communities: Arc<[Community]>,
        mut points: Vec<(DemandPoint, Ages)>,
        facilities: Arc<[Facility]>,
    ) -> Self {
        let (order, cells) = in_cells(&points);
        let residents = order.iter().map(|&old| points[old].1).collect();
        let points: Arc<[DemandPoint]> = order
            .iter()
            .map(|&old| {
                let point = &mut points[old].0;
                DemandPoint {
                    id: std::mem::take(&mut point.id),
                    ..*point
                }
            })
            .collect();
        let classes = points
            .iter()
            .map(|point| communities[point.community].class)
            .collect();
        Self {
            frame,
            year,
            townships,
            communities,
            points,
            residents,
            facilities,
            cells: cells.into(),
            classes,
        }
    }

    /// The same city in another year, with other residents: one entry a demand point.
    ///
    /// # Panics
    /// Where `residents` has another length than the demand points.
    #[must_use]
    pub fn with_residents(&self, year: i32, residents: Vec<Ages>) -> Self {
        assert_eq!(
            residents.len(),
            self.points.len(),
            "one entry a demand point"
        );
        Self {
            year,
            residents: residents.into(),
            ..self.clone()
        }
    }

    /// The same city with the facilities of another, which lies in the same plane, in the other's year: what is open is what is
    /// open there.
    #[must_use]
    pub fn with_facilities_of(&self, other: &Self) -> Self {
        let land = Land::new(&self.communities);
        let mut facilities = other.facilities.to_vec();
        facilities
            .par_iter_mut()
            .for_each(|each| each.community = land.community(each.at));
        Self {
            year: other.year,
            facilities: facilities.into(),
            ..self.clone()
        }
    }

    /// The same city with all of its communities urban.
    #[must_use]
    pub fn all_urban(&self) -> Self {
        let urban = |community: &Community| Community {
            class: Class::Urban,
            ..community.clone()
        };
        Self {
            communities: self.communities.iter().map(urban).collect(),
            classes: vec![Class::Urban; self.classes.len()].into(),
            ..self.clone()
        }
    }

    /// Where the plane touches the globe.
    #[must_use]
    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// The year of the residents; facilities that open later are not open.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.year
    }

    /// In the order of their codes.
    #[must_use]
    pub fn townships(&self) -> &[Township] {
        &self.townships
    }

    /// In the order of their codes.
    #[must_use]
    pub fn communities(&self) -> &[Community] {
        &self.communities
    }

    /// Position of the township with a code. O(log n).
    #[must_use]
    pub fn township_at(&self, code: &str) -> Option<TownshipAt> {
        self.townships
            .binary_search_by(|each| each.code.as_str().cmp(code))
            .ok()
            .map(TownshipAt::new)
    }

    /// Position of the community with a code. O(log n).
    #[must_use]
    pub fn community_at(&self, code: &str) -> Option<CommunityAt> {
        self.communities
            .binary_search_by(|each| each.code.as_str().cmp(code))
            .ok()
            .map(CommunityAt::new)
    }

    /// In the order of cells, then of ids.
    #[must_use]
    pub fn points(&self) -> &[DemandPoint] {
        &self.points
    }

    /// A township.
    #[must_use]
    pub fn township(&self, position: TownshipAt) -> &Township {
        &self.townships[position]
    }

    /// A community.
    #[must_use]
    pub fn community(&self, position: CommunityAt) -> &Community {
        &self.communities[position]
    }

    /// A demand point.
    #[must_use]
    pub fn point(&self, position: PointAt) -> &DemandPoint {
        &self.points[position]
    }

    /// A facility.
    #[must_use]
    pub fn facility(&self, position: FacilityAt) -> &Facility {
        &self.facilities[position]
    }

    /// Of each demand point, in their order.
    #[must_use]
    pub fn residents(&self) -> &[Ages] {
        &self.residents
    }

    /// In the order of their ids.
    #[must_use]
    pub fn facilities(&self) -> &[Facility] {
        &self.facilities
    }

    /// Runs of demand points that lie in one square kilometre, by their indices.
    #[must_use]
    pub fn cells(&self) -> &[Range<usize>] {
        &self.cells
    }

    /// Urban or rural, of each demand point: its community's, kept beside the points because every search asks for it.
    #[must_use]
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Residents of each community, in their order.
    #[must_use]
    pub fn community_residents(&self) -> Vec<Residents> {
        let mut sums = vec![Residents::default(); self.communities.len()];
        for (point, ages) in self.points.iter().zip(self.residents.iter()) {
            sums[point.community] += ages.total();
        }
        sums
    }

    /// The facilities (by position) that are open in the city's year and offer a service, with what they have of it.
    pub fn open_offers(
        &self,
        service: ServiceAt,
    ) -> impl Iterator<Item = (FacilityAt, &Facility, Offer)> {
        FacilityAt::enumerate(self.facilities.iter())
            .filter(|(_, facility)| facility.open(self.year))
            .filter_map(move |(position, facility)| {
                let mut offers = facility.offers.iter();
                let offer = offers.find(|offer| offer.service == service)?;
                Some((position, facility, *offer))
            })
    }

    /// The same city in another year, with the same residents.
    #[must_use]
    pub fn in_year(&self, year: i32) -> Self {
        Self {
            year,
            ..self.clone()
        }
    }

    /// All residents.
    #[must_use]
    pub fn total_residents(&self) -> Residents {
        self.residents.iter().map(Ages::total).sum()
    }

    /// The communities, to be shared with a shard of the same city.
    pub(crate) fn shared_communities(&self) -> &Arc<[Community]> {
        &self.communities
    }
}

/// The order of points by their cells and then by their ids, and the run of each cell.
///
/// Positions are sorted by cells, which are numbers; ids are compared within a cell alone, where those of a file often stand in
/// order already. O(n log n). No two points are equal in cell and id, so that any sort gives the same order.
fn in_cells(points: &[(DemandPoint, Ages)]) -> (Vec<PointAt>, Vec<Range<usize>>) {
    let mut keys: Vec<u64> = points
        .par_iter()
        .zip(0..points.len() as u32)
        .map(|((point, _), position)| u64::from(cell_number(point.at)) << 32 | u64::from(position))
        .collect();
    keys.par_sort_unstable();
    let same_cell = |a: &u64, b: &u64| a >> 32 == b >> 32;
    let mut cells = Vec::new();
    let mut start = 0;
    for group in keys.chunk_by(same_cell) {
        let end = start + group.len();
        cells.push(start..end);
        start = end;
    }
    // The lower half of a key is a position.
    let point = |key: u64| PointAt::new(key as u32 as usize);
    let id = |key: u64| &points[point(key)].0.id;
    keys.par_chunk_by_mut(same_cell)
        .for_each(|group| group.sort_unstable_by(|&a, &b| id(a).cmp(id(b))));
    (keys.into_iter().map(point).collect(), cells)
}

/// In the order of cells.
fn cell_number(at: Point) -> u32 {
    // Positions in mm are 32 bits, so those of cells fit into 13.
    let (south, west) = cell(at);
    let number = |position: i32| (position - i32::MIN.div_euclid(CELL)) as u32;
    number(south) << 16 | number(west)
}

/// The square in which a place lies, south to north and then west to east.
fn cell(at: Point) -> (i32, i32) {
    (at.y.div_euclid(CELL), at.x.div_euclid(CELL))
}

/// The corners of that square, in millimetres; the upper ones still inside.
pub(crate) fn cell_corners(at: Point) -> [[i64; 2]; 2] {
    let (south, west) = cell(at);
    let low = [
        i64::from(west) * i64::from(CELL),
        i64::from(south) * i64::from(CELL),
    ];
    [low, low.map(|each| each + i64::from(CELL) - 1)]
}

/// Sorts by code, and tells for each old position the new one.
fn sort_by_code<T>(
    items: &mut Vec<T>,
    kind: &'static str,
    code: impl Fn(&T) -> &str,
) -> Result<Vec<u32>, CityError> {
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    order.sort_by(|&a, &b| code(&items[a as usize]).cmp(code(&items[b as usize])));
    let same = |pair: &&[u32]| code(&items[pair[0] as usize]) == code(&items[pair[1] as usize]);
    if let Some(pair) = order.windows(2).find(same) {
        return Err(CityError::Duplicate {
            kind,
            id: code(&items[pair[0] as usize]).to_owned(),
        });
    }
    let mut new_at = vec![0; items.len()];
    for (new, &old) in order.iter().enumerate() {
        new_at[old as usize] = new as u32;
    }
    let mut keyed: Vec<(u32, T)> = new_at.iter().copied().zip(items.drain(..)).collect();
    keyed.sort_unstable_by_key(|(new, _)| *new);
    items.extend(keyed.into_iter().map(|(_, item)| item));
    Ok(new_at)
}

/// The first id in order that two points have.
fn duplicate(points: &[(DemandPoint, Ages)]) -> Option<String> {
    let ids = points.par_iter().map(|(point, _)| &*point.id);
    if surely_differ(ids.clone()) {
        return None;
    }
    let mut ids: Vec<&str> = ids.collect();
    ids.par_sort_unstable();
    ids.windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0].to_owned())
}

/// Whether no two ids are equal. Sure where it says so; where it does not, two ids are equal or, in one of a million cities, only
/// their hashes are.
///
/// Sorts hashes of eight bytes, and touches each id once: O(n log n), a fifth of the time of sorting the ids themselves.
/// ```
/// use fuwutu_core::city::surely_differ;
/// use rayon::prelude::*;
/// assert!(surely_differ(["p1", "p2", "p10"].into_par_iter()));
/// assert!(!surely_differ(["p1", "p2", "p1"].into_par_iter()));
/// ```
#[must_use]
pub fn surely_differ<'a>(ids: impl IndexedParallelIterator<Item = &'a str>) -> bool {
    let mut hashes = Vec::new();
    ids.map(|id| {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        hasher.finish()
    })
    .collect_into_vec(&mut hashes);
    hashes.par_sort_unstable();
    hashes.windows(2).all(|pair| pair[0] != pair[1])
}

/// What lies so near to a border, in metres, lies on it. A straight border between two places that are far apart is a
/// curve in the plane, which bends it by centimetres; and places have six or seven decimals.
const ON_BORDER: f64 = 1.0;

/// The land of communities, for asking in which one a place lies.
pub struct Land<'a> {
    communities: &'a [Community],
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, CommunityAt>>,
}

impl<'a> Land<'a> {
    /// O(n log n) in the number of communities.
    #[must_use]
    pub fn new(communities: &'a [Community]) -> Self {
        let boxes = CommunityAt::enumerate(communities).filter_map(|(position, community)| {
            let bounds = community.polygon.bounding_rect()?;
            Some(GeomWithData::new(
                Rectangle::from_corners(bounds.min().into(), bounds.max().into()),
                position,
            ))
        });
        Self {
            communities,
            boxes: RTree::bulk_load(boxes.collect()),
        }
    }

    /// Position of the community in which `at` lies; on a border, and where communities overlap, the first. A place in none is
    /// in the nearest (of equally near ones the first) if that is at most a metre away. So every place is in one
    /// community at most, and one on the outer border of a city is in one, whichever side it is.
    #[must_use]
    pub fn community(&self, at: Point) -> Option<CommunityAt> {
        let at = geo::Point(at.metres());
        let corner = |by: f64| [at.x() + by, at.y() + by];
        let around = AABB::from_corners(corner(-ON_BORDER), corner(ON_BORDER));
        let hits = self.boxes.locate_in_envelope_intersecting(&around);
        let hits: Vec<CommunityAt> = hits.map(|hit| hit.data).collect();
        let within = hits
            .iter()
            .copied()
            .filter(|&each| self.polygon(each).intersects(&at));
        within.min().or_else(|| self.nearest(&hits, at))
    }

    /// Of those that the place is in none of; only places beside a border are asked about.
    fn nearest(&self, among: &[CommunityAt], at: geo::Point) -> Option<CommunityAt> {
        among
            .iter()
            .map(|&each| (Euclidean.distance(&at, self.polygon(each)), each))
            .filter(|(distance, _)| *distance <= ON_BORDER)
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, community)| community)
    }

    fn polygon(&self, community: CommunityAt) -> &geo::MultiPolygon {
        &self.communities[community].polygon
    }
}

/// The codes of the counties that have townships of their own here, in order.
#[must_use]
pub fn counties(city: &City) -> BTreeSet<&str> {
    city.townships()
        .iter()
        .filter(|each| !each.neighbour)
        .map(Township::county)
        .collect()
}
