//! Trips of a city's demand points on streets: which places they reach within a time.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::graph::{Direction, Scratch, sum};
use super::stops::{self, Attached, Stop};
use super::{Streets, once};
use crate::city::{City, Class, Facility};
use crate::quantity::{Millis, Point};
use crate::reach::{
    Limits, Link, LinkRows, Query, Reach, Snapped, Trips, least_times, marked, marks_together,
};
use crate::service::{Limit, Mode};

/// Trips of a city's demand points on streets.
pub(super) struct StreetTrips<'a> {
    streets: &'a Streets,
    city: &'a City,
    otherwise: Option<Box<dyn Trips + 'a>>,
    /// The demand points on the network of each mode.
    attached: [OnceLock<Attached>; 3],
    /// Of the places of facilities that have entrances: those of all facilities there.
    entrances: BTreeMap<Point, Vec<Point>>,
}

/// The doors of places: a facility with entrances has each of them, another place has itself.
struct Doors<'a> {
    points: Cow<'a, [Point]>,
    /// The place that each belongs to, ascending; `None` where each is a place.
    of_place: Option<Vec<u32>>,
}

impl Doors<'_> {
    /// Links to doors as links to places: of each the shortest.
    fn to_places(&self, reach: Reach) -> Reach {
        let Some(of_place) = &self.of_place else {
            return reach;
        };
        let (mut joined, mut row) = (Reach::empty(), Vec::new());
        for links in reach.rows() {
            row.clear();
            row.extend(links.iter().map(|link| Link {
                place: of_place[link.place as usize],
                ..*link
            }));
            row.sort_unstable_by_key(|link| (link.place, link.time));
            row.dedup_by_key(|link| link.place);
            joined.push_row(&row);
        }
        joined
    }

    /// What is said of each place, of each of its doors.
    fn of_each<'m, T: Copy>(&self, places: &'m [T]) -> Cow<'m, [T]> {
        match &self.of_place {
            None => Cow::Borrowed(places),
            Some(of_place) => of_place
                .iter()
                .map(|&place| places[place as usize])
                .collect(),
        }
    }
}

/// A search for the demand points of one class or of both.
#[derive(Clone, Copy)]
struct Question {
    limit: Limit,
    /// The first and the last class.
    classes: [Class; 2],
}

impl Question {
    /// Both classes at once where they have the same limit.
    fn all(limits: Limits) -> Vec<Self> {
        let ask = |limit: Option<Limit>, classes| limit.map(|limit| Self { limit, classes });
        match (limits.urban, limits.rural) {
            (Some(urban), Some(rural))
                if urban.mode == rural.mode && urban.minutes == rural.minutes =>
            {
                vec![Self {
                    limit: urban,
                    classes: [Class::Urban, Class::Rural],
                }]
            }
            (urban, rural) => {
                let questions = [ask(urban, [Class::Urban; 2]), ask(rural, [Class::Rural; 2])];
                questions.into_iter().flatten().collect()
            }
        }
    }

    fn about(self, class: Class) -> bool {
        self.classes.contains(&class)
    }
}

/// A link as a search finds it: the searched-from end is known, the other end and the time are new.
#[derive(Debug, Clone, Copy)]
struct Hit {
    end: u32,
    time: Millis,
}

/// Places asked about, snapped once for each mode.
struct Places<'a> {
    streets: &'a Streets,
    places: &'a [Point],
    stops: [OnceLock<Vec<Stop>>; 3],
}

impl<'a> Places<'a> {
    fn new(streets: &'a Streets, places: &'a [Point]) -> Self {
        Self {
            streets,
            places,
            stops: Default::default(),
        }
    }

    fn stops(&self, mode: Mode) -> &[Stop] {
        let stops = &self.stops[mode as usize];
        once(stops, || self.streets.stops(mode, self.places)).as_slice()
    }
}

impl<'a> StreetTrips<'a> {
    /// With trips `otherwise` where an end is off the streets.
    pub(super) fn new(
        streets: &'a Streets,
        city: &'a City,
        otherwise: Option<Box<dyn Trips + 'a>>,
    ) -> Self {
        let mut entrances: BTreeMap<Point, Vec<Point>> = BTreeMap::new();
        let has_some = |facility: &&Facility| !facility.entrances.is_empty();
        for facility in city.facilities().iter().filter(has_some) {
            let there = entrances.entry(facility.at).or_default();
            there.extend(&facility.entrances);
        }
        Self {
            streets,
            city,
            otherwise,
            attached: Default::default(),
            entrances,
        }
    }

    fn doors<'p>(&self, places: &'p [Point]) -> Doors<'p> {
        if !places
            .iter()
            .any(|place| self.entrances.contains_key(place))
        {
            return Doors {
                points: Cow::Borrowed(places),
                of_place: None,
            };
        }
        let (mut points, mut of_place) = (Vec::new(), Vec::new());
        for (place, number) in places.iter().zip(0..) {
            let entrances = self.entrances.get(place);
            points.extend(entrances.map_or(std::slice::from_ref(place), Vec::as_slice));
            of_place.resize(points.len(), number);
        }
        Doors {
            points: Cow::Owned(points),
            of_place: Some(of_place),
        }
    }

    /// Links to doors.
    fn reach_doors(&self, limits: Limits, doors: &Places) -> Reach {
        let mut answers = Question::all(limits)
            .into_iter()
            .map(|question| self.links(question, doors));
        let reach = match (answers.next(), answers.next()) {
            (None, _) => Reach::from_rows(self.city.points().iter().map(|_| [].as_slice())),
            (Some(only), None) => only,
            (Some(urban), Some(rural)) => Reach::from_rows((0..self.city.points().len()).map(
                |point| match self.city.classes()[point] {
                    Class::Urban => urban.row(point),
                    Class::Rural => rural.row(point),
                },
            )),
        };
        self.with_straight_lines(reach, limits, doors)
    }

    /// The demand points on the network of a mode.
    pub(super) fn attached(&self, mode: Mode) -> &Attached {
        once(&self.attached[mode as usize], || {
            let network = self.streets.network(mode);
            let places: Vec<Point> = self.city.points().iter().map(|point| point.at).collect();
            let stops = self.streets.stops(mode, &places);
            Attached::new(
                &self.streets.roads,
                network,
                stops,
                self.city.classes(),
                Direction::Onward,
            )
        })
    }

    /// Searched from the fewer side: from places to demand points, or the other way round.
    fn links(&self, question: Question, places: &Places) -> Reach {
        if !self.places_are_fewer(question, places) {
            return rows_in_order(&self.found_from_points(question, places));
        }
        turned(
            &self.found_from_places(question, places),
            self.city.points().len(),
        )
    }

    /// Whether there are fewer places than demand points, or as many, that are asked about.
    fn places_are_fewer(&self, question: Question, places: &Places) -> bool {
        let classes = self.city.classes().iter();
        let asked = classes.filter(|&&class| question.about(class)).count();
        places.places.len() <= asked
    }

    /// Demand points from places.
    fn found_from_places(&self, question: Question, places: &Places) -> Hits {
        let mode = question.limit.mode;
        let begins: Vec<Option<Stop>> = places.stops(mode).iter().copied().map(Some).collect();
        self.search_from(question, Direction::Backward, &begins, self.attached(mode))
    }

    /// Places from demand points.
    fn found_from_points(&self, question: Question, places: &Places) -> Hits {
        let mode = question.limit.mode;
        let (points, classes) = (self.attached(mode), self.city.classes());
        // Places have no class: all of them hang in the first of the question's.
        let ends = Attached::new(
            &self.streets.roads,
            self.streets.network(mode),
            places.stops(mode).to_vec(),
            &vec![question.classes[0]; places.places.len()],
            Direction::Backward,
        );
        let begins = points.stops().iter().zip(classes);
        let begins: Vec<Option<Stop>> = begins
            .map(|(&stop, &class)| question.about(class).then_some(stop))
            .collect();
        self.search_from(question, Direction::Onward, &begins, &ends)
    }

    /// From each of `begins`, all of `ends` within the limit. Neighbours are searched one after the other, so that what one
    /// has fetched from memory serves the next.
    fn search_from(
        &self,
        question: Question,
        direction: Direction,
        begins: &[Option<Stop>],
        ends: &Attached,
    ) -> Hits {
        let (roads, network) = (
            &*self.streets.roads,
            self.streets.network(question.limit.mode),
        );
        let mut order: Vec<(u32, u32, Stop)> = (begins.iter().zip(0..))
            .filter_map(|(begin, begin_at)| {
                let begin = (*begin)?;
                let doors = stops::ends(roads, network, begin, direction).map(|(node, _)| node);
                let node = doors
                    .min()
                    .or_else(|| Some(roads.edges()[begin.edge()? as usize].from))?;
                Some((node, begin_at, begin))
            })
            .collect();
        order.sort_unstable_by_key(|&(node, begin_at, _)| (node, begin_at));
        let size = order
            .len()
            .div_ceil(rayon::current_num_threads() * 8)
            .max(1);
        let runs: Vec<(Vec<Hit>, Vec<usize>)> = order
            .par_chunks(size)
            .map(|begins| {
                let mut room = network.room();
                let mut hits = Vec::new();
                let mut until = Vec::with_capacity(begins.len());
                for &(node, _, begin) in begins {
                    let scratch = room.get();
                    ends.fetch(scratch.around(node));
                    self.walk(question, direction, begin, scratch);
                    self.pass_nodes(question, begin, ends, scratch, &mut hits);
                    self.pass_none(question, direction, begin, ends, scratch, &mut hits);
                    until.push(hits.len());
                }
                (hits, until)
            })
            .collect();
        let mut of_begin = vec![(0, 0..0); begins.len()];
        for ((run, some), (_, until)) in (0..).zip(order.chunks(size)).zip(&runs) {
            let mut start = 0;
            for (&(_, begin_at, _), &end) in some.iter().zip(until) {
                of_begin[begin_at as usize] = (run, start..end);
                start = end;
            }
        }
        Hits {
            runs: runs.into_iter().map(|(hits, _)| hits).collect(),
            of_begin,
        }
    }

    /// Searches the nodes within the limit of one beginning.
    fn walk(&self, question: Question, direction: Direction, begin: Stop, scratch: &mut Scratch) {
        let network = self.streets.network(question.limit.mode);
        let doors = stops::doors(&self.streets.roads, network, begin, direction);
        network.search(direction, &doors, question.limit.time(), scratch);
    }

    /// Adds all of `ends` that are reached within the limit by way of a node, each once, except those on the edge of the
    /// beginning.
    fn pass_nodes(
        &self,
        question: Question,
        begin: Stop,
        ends: &Attached,
        scratch: &Scratch,
        hits: &mut Vec<Hit>,
    ) {
        let limit = question.limit.time();
        let own_edge = begin.edge();
        let own_ends = own_edge.map_or([u32::MAX; 2], |edge_at| {
            let edge = &self.streets.roads.edges()[edge_at as usize];
            let network = self.streets.network(question.limit.mode);
            network.grounds.ends(edge_at, edge)
        });
        for &node in scratch.found() {
            let time = scratch.time(node);
            let at_own = own_ends.contains(&node);
            for attached in ends.at(node, question.classes) {
                let here = sum(time, attached.here);
                let there = sum(scratch.time(attached.other), attached.there);
                // One that is found from both ends of its edge is reported from the nearer; from the lower where they are equal.
                let nearer = here < there || (here == there && node < attached.other);
                if nearer && Millis(here).within(limit) {
                    if at_own && ends.stops()[attached.end as usize].edge() == own_edge {
                        continue;
                    }
                    hits.push(Hit {
                        end: attached.end,
                        time: Millis(here),
                    });
                }
            }
        }
    }

    /// Adds those of `ends` within the limit that lie on the edge of the beginning, to which there is also a way without passing a
    /// node.
    fn pass_none(
        &self,
        question: Question,
        direction: Direction,
        begin: Stop,
        ends: &Attached,
        scratch: &Scratch,
        hits: &mut Vec<Hit>,
    ) {
        let Some(edge) = begin.edge() else { return };
        let (roads, limit) = (&*self.streets.roads, question.limit.time());
        let network = self.streets.network(question.limit.mode);
        for end in ends.on(edge, question.classes) {
            let stop = ends.stops()[end as usize];
            let (from, to) = if direction == Direction::Onward {
                (begin, stop)
            } else {
                (stop, begin)
            };
            let direct = stops::direct(roads, network.timing, from, to);
            let round = stops::ends(roads, network, stop, opposite(direction));
            let round = round
                .map(|(node, time)| sum(scratch.time(node), time))
                .min()
                .unwrap_or(Scratch::FAR);
            let time = Millis(direct.map_or(round, |direct| direct.min(round)));
            if time.within(limit) && time.0 != Scratch::FAR {
                hits.push(Hit { end, time });
            }
        }
    }

    /// The least time from each demand point that is asked about to any of `places`, `None` for others: one search from all
    /// of them at once.
    fn least(&self, question: Question, places: &Places) -> Vec<Option<Millis>> {
        let stops = places.stops(question.limit.mode).iter().copied();
        let stops: Vec<Stop> = stops.filter(|stop| stop.snapped()).collect();
        let network = self.streets.network(question.limit.mode);
        let mut room = network.room();
        let scratch = room.get();
        scratch.clear();
        self.search_back(question, &stops, scratch);
        self.least_times(question, &stops, scratch)
    }

    /// Searches back from some stops, with what is found so far.
    fn search_back(&self, question: Question, stops: &[Stop], scratch: &mut Scratch) {
        let network = self.streets.network(question.limit.mode);
        let ends =
            |&stop: &Stop| stops::ends(&self.streets.roads, network, stop, Direction::Backward);
        let mut begins: Vec<(u32, u32)> = stops.iter().flat_map(ends).collect();
        begins.sort_unstable();
        network.search_on(Direction::Backward, &begins, question.limit.time(), scratch);
    }

    /// The least time from each demand point that is asked about to any of the `stops` from which was searched.
    fn least_times(
        &self,
        question: Question,
        stops: &[Stop],
        scratch: &Scratch,
    ) -> Vec<Option<Millis>> {
        let (roads, limit, mode) = (
            &*self.streets.roads,
            question.limit.time(),
            question.limit.mode,
        );
        let (network, points) = (self.streets.network(mode), self.attached(mode));
        let mut times: Vec<Option<Millis>> = points
            .doors()
            .par_iter()
            .zip(self.city.classes())
            .map(|(&[a, b], &class)| {
                let least = sum(scratch.time(a.0), a.1).min(sum(scratch.time(b.0), b.1));
                (question.about(class) && least != Scratch::FAR && Millis(least).within(limit))
                    .then_some(Millis(least))
            })
            .collect();
        for (stop, edge) in stops.iter().filter_map(|&stop| Some((stop, stop.edge()?))) {
            for point in points.on(edge, question.classes) {
                let direct =
                    stops::direct(roads, network.timing, points.stops()[point as usize], stop)
                        .map(Millis);
                let best = &mut times[point as usize];
                if direct.is_some_and(|direct| {
                    direct.within(limit) && best.is_none_or(|earlier| direct < earlier)
                }) {
                    *best = direct;
                }
            }
        }
        times
    }

    /// Calls `each` with the bits that are set at the same places and the least times from them. Where the places of some bits are those
    /// of the ones before and more, as those of a year mostly are, the search goes on from the new ones.
    fn least_by_mark(
        &self,
        question: Question,
        places: &Places,
        marks: &[u8],
        mut each: impl FnMut(u8, Vec<Option<Millis>>),
    ) {
        let stops = places.stops(question.limit.mode).iter().zip(marks);
        let stops: Vec<(Stop, u8)> = stops
            .filter(|(stop, _)| stop.snapped())
            .map(|(&stop, &marks)| (stop, marks))
            .collect();
        let with = |wanted: u8, but: u8| -> Vec<Stop> {
            let has = stops
                .iter()
                .filter(|(_, marks)| marks & wanted != 0 && marks & but == 0);
            has.map(|&(stop, _)| stop).collect()
        };
        let mut together = marks_together(marks);
        together.sort_by_key(|&same| with(same, 0).len());
        let network = self.streets.network(question.limit.mode);
        let mut room = network.room();
        let scratch = room.get();
        let mut before = 0;
        for same in together {
            if stops
                .iter()
                .any(|(_, marks)| marks & before != 0 && marks & same == 0)
            {
                before = 0;
            }
            if before == 0 {
                scratch.clear();
            }
            self.search_back(question, &with(same, before), scratch);
            each(same, self.least_times(question, &with(same, 0), scratch));
            before = same;
        }
    }

    /// The least time from each demand point to any of `places`; `None` beyond its limit.
    fn least_of_all(&self, limits: Limits, places: &Places) -> Vec<Option<Millis>> {
        if self.otherwise.is_some() {
            return least_times(&self.reach_doors(limits, places));
        }
        let answers = Question::all(limits)
            .into_iter()
            .map(|question| self.least(question, places));
        answers
            .reduce(
                |mut times: Vec<Option<Millis>>, others: Vec<Option<Millis>>| {
                    join_times(&mut times, others);
                    times
                },
            )
            .unwrap_or_else(|| vec![None; self.city.points().len()])
    }

    /// Calls `each` for all bits that are set at the same places, and for each class that has a limit of its own.
    fn each_mark(
        &self,
        limits: Limits,
        places: &[Point],
        marks: &[u8],
        mut each: impl FnMut(u8, Vec<Option<Millis>>),
    ) {
        let doors = self.doors(places);
        let marks = &*doors.of_each(marks);
        if self.otherwise.is_some() {
            for same in marks_together(marks) {
                let marked = marked(&doors.points, marks, same);
                each(
                    same,
                    self.least_of_all(limits, &Places::new(self.streets, &marked)),
                );
            }
            return;
        }
        let places = Places::new(self.streets, &doors.points);
        for question in Question::all(limits) {
            self.least_by_mark(question, &places, marks, &mut each);
        }
    }

    /// Adds to `reach` the links in straight lines with an end that is unsnapped.
    fn with_straight_lines(&self, reach: Reach, limits: Limits, places: &Places) -> Reach {
        let Some(otherwise) = &self.otherwise else {
            return reach;
        };
        let straight = otherwise.reach(limits, places.places);
        let lost_places = Question::all(limits).into_iter().map(|question| {
            let stops = places.stops(question.limit.mode).iter();
            (question, stops.map(|stop| !stop.snapped()).collect())
        });
        let lost_places: Vec<(Question, Vec<bool>)> = lost_places.collect();
        let mut row = Vec::new();
        let mut joined = Reach::empty();
        for (point, &class) in self.city.classes().iter().enumerate() {
            row.clear();
            row.extend_from_slice(reach.row(point));
            if let Some((question, lost)) = lost_places
                .iter()
                .find(|(question, _)| question.about(class))
            {
                let off = !self.attached(question.limit.mode).stops()[point].snapped();
                let links = straight
                    .row(point)
                    .iter()
                    .filter(|link| off || lost[link.place as usize]);
                row.extend(links);
                row.sort_unstable_by_key(|link| link.place);
            }
            joined.push_row(&row);
        }
        joined
    }
}

impl Trips for StreetTrips<'_> {
    /// O(places × nodes and arcs within the limit + links), searched from the fewer side.
    fn reach(&self, limits: Limits, places: &[Point]) -> Reach {
        let doors = self.doors(places);
        doors.to_places(self.reach_doors(limits, &Places::new(self.streets, &doors.points)))
    }

    /// As `reach`, but what is found goes straight into `rows`.
    fn search(
        &self,
        query: &Query,
        rows: &mut LinkRows,
        each: &mut dyn FnMut(&LinkRows, Range<usize>),
    ) {
        let (doors, points) = (self.doors(query.places), self.city.points());
        let places = Places::new(self.streets, &doors.points);
        let questions = Question::all(query.limits);
        let mut fewer = questions
            .iter()
            .map(|&question| self.places_are_fewer(question, &places));
        if self.otherwise.is_none() && doors.of_place.is_none() && fewer.all(|fewer| fewer) {
            let questions = questions.into_iter();
            let found = questions.map(|question| self.found_from_places(question, &places));
            let found: Vec<Hits> = found.collect();
            rows.push_unordered(points.len(), || found.iter().flat_map(Hits::links));
        } else {
            rows.push_all(&doors.to_places(self.reach_doors(query.limits, &places)));
        }
        let nearest = |farther| self.least_of_all(farther, &places);
        rows.nearest = query.farther.map(nearest).unwrap_or_default();
        each(rows, 0..points.len());
    }

    /// One search from all places at once: O(nodes and arcs within the limit of any + demand points).
    fn nearest(&self, limits: Limits, places: &[Point]) -> Vec<Option<Millis>> {
        self.least_of_all(
            limits,
            &Places::new(self.streets, &self.doors(places).points),
        )
    }

    /// As `nearest_by_mark`.
    fn mark(&self, limits: Limits, places: &[Point], marks: &[u8]) -> Vec<u8> {
        let mut found = vec![0; self.city.points().len()];
        self.each_mark(limits, places, marks, |same, times| {
            let near = found.iter_mut().zip(times);
            near.filter(|(_, time)| time.is_some())
                .for_each(|(found, _)| *found |= same);
        });
        found
    }

    /// One search for all where each adds places to those of another. O(as `nearest`, and demand points × different marks).
    fn nearest_by_mark(
        &self,
        limits: Limits,
        places: &[Point],
        marks: &[u8],
    ) -> Vec<(u8, Vec<Option<Millis>>)> {
        let mut found: Vec<(u8, Vec<Option<Millis>>)> = Vec::new();
        self.each_mark(limits, places, marks, |same, times| {
            match found.iter_mut().find(|(marks, _)| *marks == same) {
                Some((_, known)) => join_times(known, times),
                None => found.push((same, times)),
            }
        });
        found
    }

    fn snapped(&self, limits: Limits) -> Option<Vec<Snapped>> {
        Some(
            self.city
                .classes()
                .iter()
                .enumerate()
                .map(|(point, &class)| match limits.for_class(class) {
                    None => Snapped::OnStreets,
                    Some(limit) => self.attached(limit.mode).stops()[point].state(),
                })
                .collect(),
        )
    }
}

/// Adds the times of demand points that another question is about.
fn join_times(times: &mut [Option<Millis>], others: Vec<Option<Millis>>) {
    times
        .par_iter_mut()
        .zip(others)
        .for_each(|(time, other)| *time = time.or(other));
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Onward => Direction::Backward,
        Direction::Backward => Direction::Onward,
    }
}

/// What beginnings reach.
struct Hits {
    runs: Vec<Vec<Hit>>,
    /// For each beginning the run that holds its hits, and where.
    of_begin: Vec<(usize, Range<usize>)>,
}

impl Hits {
    /// Of each beginning, in order.
    fn each(&self) -> impl Iterator<Item = &[Hit]> {
        self.of_begin.iter().map(|(run, range)| {
            self.runs
                .get(*run)
                .map_or(&[][..], |hits| &hits[range.clone()])
        })
    }
}

impl Hits {
    /// What each beginning reaches, as a link to the beginning.
    fn links(&self) -> impl Iterator<Item = (u32, Link)> {
        self.each().zip(0..).flat_map(|(hits, place)| {
            hits.iter().map(move |hit| {
                let time = hit.time;
                (hit.end, Link { place, time })
            })
        })
    }
}

/// Rows of demand points that were searched from, each in ascending order of places.
fn rows_in_order(hits: &Hits) -> Reach {
    let mut reach = Reach::empty();
    for row in hits.each() {
        let mut row: Vec<Link> = row
            .iter()
            .map(|hit| Link {
                place: hit.end,
                time: hit.time,
            })
            .collect();
        row.sort_unstable_by_key(|link| link.place);
        reach.push_row(&row);
    }
    reach
}

/// Rows of demand points from what places reach: a counting sort, each thread for a run of demand points. As places come in
/// their order, so do they in each row.
fn turned(hits: &Hits, points: usize) -> Reach {
    let mut starts = vec![0_usize; points + 1];
    for hit in hits.runs.iter().flatten() {
        starts[hit.end as usize + 1] += 1;
    }
    for point in 0..points {
        starts[point + 1] += starts[point];
    }
    let mut links = vec![
        Link {
            place: 0,
            time: Millis(0)
        };
        starts[points]
    ];
    let mut jobs = Vec::new();
    let (mut rest, mut first) = (links.as_mut_slice(), 0);
    let threads = rayon::current_num_threads();
    for thread in 1..=threads {
        let end = points * thread / threads;
        let (room, left) = rest.split_at_mut(starts[end] - starts[first]);
        jobs.push((first..end, room));
        (rest, first) = (left, end);
    }
    jobs.into_par_iter().for_each(|(run, room)| {
        let base = starts[run.start];
        let mut next: Vec<usize> = starts[run.clone()]
            .iter()
            .map(|start| start - base)
            .collect();
        for (hits, place) in hits.each().zip(0..) {
            for hit in hits.iter().filter(|hit| run.contains(&(hit.end as usize))) {
                let free = &mut next[hit.end as usize - run.start];
                room[*free] = Link {
                    place,
                    time: hit.time,
                };
                *free += 1;
            }
        }
    });
    Reach { starts, links }
}
