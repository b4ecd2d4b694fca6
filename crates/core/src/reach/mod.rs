//! Which places people reach in time. A way to travel is an implementor of [`Travel`]; it answers with a [`Reach`].

pub mod straight;

pub mod roads;

mod rows;

pub mod streets;

use std::ops::Range;

use rayon::prelude::*;

use crate::city::{City, Class};
use crate::quantity::{AGE_BANDS, Millis, Point};
use crate::service::{Limit, Mode, Service};

pub use rows::LinkRows;

/// The longest trip for each class of community; `None` where the service is not judged there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For urban communities.
    pub urban: Option<Limit>,
    /// For rural communities.
    pub rural: Option<Limit>,
}

impl Limits {
    /// The service's own.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        Self {
            urban: service.urban,
            rural: service.rural,
        }
    }

    /// The same for both.
    #[must_use]
    pub fn both(limit: Limit) -> Self {
        Self {
            urban: Some(limit),
            rural: Some(limit),
        }
    }

    /// Whether each of them has a service radius, of those that there are; `false` without any.
    #[must_use]
    pub fn have_radius(&self) -> bool {
        let limits = [self.urban, self.rural];
        let mut limits = limits.into_iter().flatten().peekable();
        limits.peek().is_some() && limits.all(|limit| limit.radius_m.is_some())
    }

    /// The limit for one class.
    #[must_use]
    pub fn for_class(&self, class: Class) -> Option<Limit> {
        match class {
            Class::Urban => self.urban,
            Class::Rural => self.rural,
        }
    }
}

/// A place within reach of a demand point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Position among the places asked for.
    pub place: u32,
    /// How long it takes.
    pub time: Millis,
}

/// Sparse rows: for each demand point, in the city's order, the places within its limit in ascending position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    starts: Vec<usize>,
    links: Vec<Link>,
}

impl Reach {
    fn empty() -> Self {
        Self {
            starts: vec![0],
            links: Vec::new(),
        }
    }

    fn push_row(&mut self, row: &[Link]) {
        self.links.extend_from_slice(row);
        self.starts.push(self.links.len());
    }

    /// From one row a demand point.
    #[must_use]
    pub fn from_rows<'a>(rows: impl Iterator<Item = &'a [Link]>) -> Self {
        let mut reach = Self::empty();
        rows.for_each(|row| reach.push_row(row));
        reach
    }

    /// From pairs of one of `points` demand points and a link, in pieces and any order. Of the links of a point those to one place
    /// stand side by side, the shortest first. O(pairs).
    #[must_use]
    pub fn from_pairs(points: usize, pieces: &[Vec<(u32, Link)>]) -> Self {
        let pairs = || pieces.iter().flatten();
        let mut starts = vec![0; points + 1];
        pairs().for_each(|(point, _)| starts[*point as usize + 1] += 1);
        (0..points).for_each(|point| starts[point + 1] += starts[point]);
        let mut links = vec![
            Link {
                place: 0,
                time: Millis(0)
            };
            starts[points]
        ];
        let mut ends = starts.clone();
        for (point, link) in pairs() {
            let end = &mut ends[*point as usize];
            links[*end] = *link;
            *end += 1;
        }
        let mut reach = Self { starts, links };
        reach
            .rows_mut()
            .into_par_iter()
            .for_each(|row| row.sort_unstable_by_key(|link| (link.place, link.time)));
        reach
    }

    fn rows_mut(&mut self) -> Vec<&mut [Link]> {
        let mut rest = self.links.as_mut_slice();
        let mut rows = Vec::with_capacity(self.starts.len() - 1);
        for pair in self.starts.windows(2) {
            let (row, left) = rest.split_at_mut(pair[1] - pair[0]);
            rows.push(row);
            rest = left;
        }
        rows
    }

    /// The places within the limit of a demand point.
    #[must_use]
    pub fn row(&self, point: usize) -> &[Link] {
        &self.links[self.range(point)]
    }

    /// Where a demand point's row stands among all links.
    #[must_use]
    pub fn range(&self, point: usize) -> Range<usize> {
        self.starts[point]..self.starts[point + 1]
    }

    /// Each demand point's places.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Link]> {
        self.starts
            .windows(2)
            .map(|pair| &self.links[pair[0]..pair[1]])
    }

    /// All links, row after row.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }
}

/// What a demand point has within its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nearest {
    /// To the nearest place; `None` where there is none.
    pub time: Option<Millis>,
    /// How many places there are.
    pub count: u32,
}

/// Whether trips from a demand point can be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snapped {
    /// It is joined to the streets (or needs none).
    OnStreets,
    /// Every street that can be used is too far away.
    Unsnapped,
    /// There is no street anywhere near: the place lies outside the network.
    Roadless,
}

/// A way to get around.
pub trait Travel: Sync {
    /// Makes ready for trips of the demand points of `city`, which its later years share, in `modes`. Other modes are made
    /// ready when they are first asked for.
    fn trips<'a>(&'a self, city: &'a City, modes: &[Mode]) -> Box<dyn Trips + 'a>;

    /// How far, in millimetres as the crow flies, a trip within `limit` can lead. Shards keep this much of their neighbours.
    fn farthest(&self, limit: Limit) -> u64;
}

/// A way to get around, and the straight lines at the same pace, where their figures are wanted beside.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// The way.
    pub travel: &'a dyn Travel,
    /// Straight lines.
    pub beside: Option<&'a straight::Straight>,
}

/// How the people of a round get around.
#[derive(Clone, Copy)]
pub struct Travels<'a> {
    /// Everybody, or all but the slow.
    pub usual: Way<'a>,
    /// Children under 6 and people of 60 and over, where they are slower.
    pub slow: Option<Way<'a>>,
}

impl<'a> From<&'a dyn Travel> for Travels<'a> {
    /// Everybody in the same way.
    fn from(travel: &'a dyn Travel) -> Self {
        Self {
            usual: Way {
                travel,
                beside: None,
            },
            slow: None,
        }
    }
}

/// Whether each of [`AGE_BANDS`] is slow: those under 6 and from 60.
const SLOW: [bool; AGE_BANDS.len()] = [true, true, false, false, false, false, true];

impl<'a> Travels<'a> {
    /// The farthest that anybody comes within `limit`, as [`Travel::farthest`].
    #[must_use]
    pub fn farthest(&self, limit: Limit) -> u64 {
        let ways = std::iter::once(self.usual).chain(self.slow);
        ways.map(|way| {
            way.travel
                .farthest(limit)
                .max(way.beside.map_or(0, |straight| straight.farthest(limit)))
        })
        .max()
        .unwrap_or(0)
    }

    /// Whether straight lines are wanted beside.
    #[must_use]
    pub fn compared(&self) -> bool {
        std::iter::once(self.usual)
            .chain(self.slow)
            .any(|way| way.beside.is_some())
    }

    /// Makes ready for trips of everybody in `city`.
    #[must_use]
    pub fn trips(&self, city: &'a City, modes: &[Mode]) -> Vec<GroupTrips<'a>> {
        let group = |bands, way: Way<'a>| GroupTrips {
            bands,
            trips: way.travel.trips(city, modes),
            beside: way.beside.map(|straight| Beside {
                trips: straight.trips(city, modes),
                straight,
                city,
            }),
        };
        match self.slow {
            None => vec![group([true; AGE_BANDS.len()], self.usual)],
            Some(slow) => vec![group(SLOW.map(|slow| !slow), self.usual), group(SLOW, slow)],
        }
    }
}

/// The trips of some ages.
pub struct GroupTrips<'a> {
    /// Whether each of [`AGE_BANDS`] belongs to the group.
    pub bands: [bool; AGE_BANDS.len()],
    /// Their trips.
    pub trips: Box<dyn Trips + 'a>,
    /// The same in straight lines.
    pub beside: Option<Beside<'a>>,
}

/// Straight lines beside another way to travel.
pub struct Beside<'a> {
    /// With the plan's detour.
    pub trips: Box<dyn Trips + 'a>,
    straight: &'a straight::Straight,
    city: &'a City,
}

impl Beside<'_> {
    /// The time to the nearest of `places` as the crow flies: at detour 1.
    #[must_use]
    pub fn crow(&self, limits: Limits, places: &[Point]) -> Vec<Option<Millis>> {
        straight::Straight {
            detour: 1.0,
            ..*self.straight
        }
        .trips(self.city, &[])
        .nearest(limits, places)
    }
}

/// What is asked of trips at once: all links to `places`, and the nearest of them within farther limits.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Links end here.
    pub limits: Limits,
    /// Where links lead to.
    pub places: &'a [Point],
    /// How far the nearest place is searched: by the same modes as links, and not less far. `None` where links are all that is
    /// wanted.
    pub farther: Option<Limits>,
}

/// Trips from the demand points of a city.
pub trait Trips: Sync {
    /// Every pair of a demand point and one of `places` within the limit of the point's class.
    /// ```
    /// use fuwutu_core::city::City;
    /// use fuwutu_core::reach::{Limits, Travel};
    /// use fuwutu_synth::example::{LIMIT, STRAIGHT};
    /// // Ten minutes at 1 m/s are 600 m: of nine people 500 m apart the middle one and the four beside it reach a place in their
    /// // middle, and the four at the corners (707 m) do not.
    /// let city = City::new(fuwutu_synth::grid(3, 500_000, &[(0, 0)]))?;
    /// let trips = STRAIGHT.trips(&city, &[LIMIT.mode]);
    /// let reach = trips.reach(Limits::both(LIMIT), &[city.facilities()[0].at]);
    /// let times: Vec<u32> = reach.links().iter().map(|link| link.time.0).collect();
    /// assert_eq!(times, [500_000, 500_000, 0, 500_000, 500_000]);
    /// # Ok::<(), fuwutu_core::city::CityError>(())
    /// ```
    fn reach(&self, limits: Limits, places: &[Point]) -> Reach;

    /// The same links, added to `rows` run by run: after each run of demand points, in the city's order, calls `each` with the
    /// rows so far, those of the run last, and the positions of its demand points. For the farther limits of the query `rows`
    /// then holds the time to the nearest place of each demand point of the run. The memory of `rows` is used again.
    ///
    /// The run is still in the processor's cache when `each` gets it; where nothing is gained by that, the whole city is one run.
    fn search(
        &self,
        query: &Query,
        rows: &mut LinkRows,
        each: &mut dyn FnMut(&LinkRows, Range<usize>),
    ) {
        let reach = self.reach(query.limits, query.places);
        rows.push_all(&reach);
        let nearest = |farther| self.nearest(farther, query.places);
        rows.nearest = query.farther.map(nearest).unwrap_or_default();
        each(rows, 0..reach.rows().len());
    }

    /// The time to the nearest of `places`, for each demand point; `None` beyond the limit.
    fn nearest(&self, limits: Limits, places: &[Point]) -> Vec<Option<Millis>> {
        least_times(&self.reach(limits, places))
    }

    /// For each demand point the `marks` of all `places` within its limit, joined bit by bit: where bits are years, those in which it has
    /// an open place. One question for the nearest place for all bits that are set at the same places.
    fn mark(&self, limits: Limits, places: &[Point], marks: &[u8]) -> Vec<u8>;

    /// For all bits that are set at the same of the `places`, the time from each demand point to the nearest of them; `None`
    /// beyond the limit.
    fn nearest_by_mark(
        &self,
        limits: Limits,
        places: &[Point],
        marks: &[u8],
    ) -> Vec<(u8, Vec<Option<Millis>>)> {
        let together = marks_together(marks).into_iter();
        let nearest = |same| (same, self.nearest(limits, &marked(places, marks, same)));
        together.map(nearest).collect()
    }

    /// The nearest of `places` and their number, for each demand point.
    fn nearest_and_count(&self, limits: Limits, places: &[Point]) -> Vec<Nearest> {
        counted(&self.reach(limits, places))
    }

    /// Which demand points can travel at all, by the mode of their class's limit; `None` where all can.
    fn snapped(&self, _limits: Limits) -> Option<Vec<Snapped>> {
        None
    }
}

/// The bits that are set in any of `marks`: those that are set at the same ones together.
fn marks_together(marks: &[u8]) -> Vec<u8> {
    let mut together = Vec::new();
    let mut rest = marks.iter().fold(0, |all, marks| all | marks);
    while rest != 0 {
        let lowest = rest & rest.wrapping_neg();
        // Of the marks with the lowest bit, what all have; of the others, what none has.
        let same = marks.iter().fold(rest, |same, marks| {
            same & if marks & lowest == 0 { !marks } else { *marks }
        });
        together.push(same);
        rest &= !same;
    }
    together
}

/// The places of which any of the bits is set.
fn marked(places: &[Point], marks: &[u8], any: u8) -> Vec<Point> {
    let marked = places
        .iter()
        .zip(marks)
        .filter(|(_, marks)| **marks & any != 0);
    marked.map(|(place, _)| *place).collect()
}

fn least_time(row: &[Link]) -> Option<Millis> {
    row.iter().map(|link| link.time).min()
}

fn least_times(reach: &Reach) -> Vec<Option<Millis>> {
    reach.rows().map(least_time).collect()
}

/// The nearest place of each demand point, and how many it has.
#[must_use]
pub fn counted(reach: &Reach) -> Vec<Nearest> {
    reach
        .rows()
        .map(|row| Nearest {
            time: least_time(row),
            count: row.len() as u32,
        })
        .collect()
}
