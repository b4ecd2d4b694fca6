//! The streets that are reached from a place within a time: what an isochrone is drawn from.

use geo::{Coord, LineString};

use super::Streets;
use super::graph::{Direction, Scratch, Timing};
use super::stops::{self, Place, Stop};
use crate::quantity::{Millis, Point};
use crate::reach::roads::straight_line;
use crate::service::Limit;

/// What is reached of an edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Position of the edge.
    pub edge: u32,
    /// From where to where, as shares of its length from its first node: ascending, apart from each other.
    pub parts: Vec<[f64; 2]>,
}

impl Streets {
    /// What is reached of each edge from `from` within `limit`, in the order of edges. `None` where `from` is unsnapped.
    ///
    /// An edge is reached from its first node, from its last, and from a trip that begins on it; along it time grows with
    /// length. O(edges).
    #[must_use]
    pub fn reached(&self, from: Point, limit: Limit) -> Option<Vec<Stretch>> {
        let network = self.network(limit.mode);
        let start = self.stop(limit.mode, from);
        if !start.snapped() {
            return None;
        }
        let mut room = network.room();
        let scratch = room.get();
        let doors = stops::doors(&self.roads, network, start, Direction::Onward);
        network.search(Direction::Onward, &doors, limit.time(), scratch);
        Some(
            self.roads
                .edges()
                .iter()
                .zip(0..)
                .filter_map(|(edge, edge_at)| {
                    let [along, against] = network.timing.of(&self.roads, edge_at);
                    let [first, last] = network.grounds.ends(edge_at, edge);
                    let from_first =
                        share(scratch.time(first), along, limit.time()).map(|share| [0.0, share]);
                    let from_last = share(scratch.time(last), against, limit.time())
                        .map(|share| [1.0 - share, 1.0]);
                    let from_start = own_part(self, network.timing, start, edge_at, limit.time());
                    let parts = joined(
                        [from_first, from_last, from_start]
                            .into_iter()
                            .flatten()
                            .collect(),
                    );
                    (!parts.is_empty()).then_some(Stretch {
                        edge: edge_at,
                        parts,
                    })
                })
                .collect(),
        )
    }

    /// The lines of a stretch, in metres.
    pub fn lines_of(&self, stretch: &Stretch) -> impl Iterator<Item = LineString> {
        let places: Vec<Point> = self.roads.places(stretch.edge).collect();
        stretch
            .parts
            .clone()
            .into_iter()
            .map(move |part| cut(&places, part))
    }
}

/// How much of an edge is reached from an end at `time`; `None` where nothing is.
fn share(time: u32, whole: Option<u32>, limit: Millis) -> Option<f64> {
    let (whole, left) = (whole?, left(time, limit)?);
    Some(if whole == 0 {
        1.0
    } else {
        (f64::from(left) / f64::from(whole)).min(1.0)
    })
}

/// What is left of the limit after some time; `None` beyond it.
fn left(time: u32, limit: Millis) -> Option<u32> {
    (time != Scratch::FAR && Millis(time).within(limit)).then(|| limit.0 - time)
}

/// What a trip that begins on an edge reaches of it without passing a node.
fn own_part(
    streets: &Streets,
    timing: Timing,
    start: Stop,
    edge_at: u32,
    limit: Millis,
) -> Option<[f64; 2]> {
    let Place::Edge {
        edge,
        along,
        against,
    } = start.place
    else {
        return None;
    };
    let left = left(start.leg, limit).filter(|_| edge == edge_at)?;
    let [to_last, to_first] = timing.of(&streets.roads, edge_at);
    let last = to_last.map(|whole| share_of(whole.min(along.saturating_add(left)), whole));
    let first = to_first.map(|whole| share_of(against.saturating_sub(left), whole));
    // Where one may not go back, the part begins at the trip itself.
    let here = to_last
        .map(|whole| share_of(along, whole))
        .or(to_first.map(|whole| share_of(against, whole)))?;
    Some([first.unwrap_or(here), last.unwrap_or(here)])
}

fn share_of(time: u32, whole: u32) -> f64 {
    if whole == 0 {
        1.0
    } else {
        f64::from(time) / f64::from(whole)
    }
}

/// Parts that touch or overlap as one; without those that are points.
fn joined(mut parts: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    parts.retain(|part| part[1] > part[0]);
    parts.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let mut joined: Vec<[f64; 2]> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last) if part[0] <= last[1] => last[1] = last[1].max(part[1]),
            _ => joined.push(part),
        }
    }
    joined
}

/// A part of a line of places, from one share of its length to another; in metres.
fn cut(places: &[Point], [from, to]: [f64; 2]) -> LineString {
    let lengths: Vec<f64> = places
        .windows(2)
        .map(|pair| straight_line(pair[0], pair[1]))
        .collect();
    let whole: f64 = lengths.iter().sum();
    let (from, to) = (from * whole, to * whole);
    let mut line: Vec<Coord> = Vec::new();
    let mut walked = 0.0;
    for (pair, length) in places.windows(2).zip(lengths) {
        let (a, b) = (pair[0].metres(), pair[1].metres());
        let point_at = |way: f64| a + (b - a) * ((way - walked) / length).clamp(0.0, 1.0);
        if length > 0.0 && walked + length >= from && walked <= to {
            line.extend([point_at(from), point_at(to)]);
        }
        walked += length;
    }
    line.dedup();
    LineString(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_its_shares_say() {
        // 3 m east and 1 m north: from a quarter to the whole.
        let places = [(0, 0), (3000, 0), (3000, 1000)].map(|(x, y)| Point { x, y });
        let line = cut(&places, [0.25, 1.0]);
        assert_eq!(
            line,
            LineString::from(vec![(1.0, 0.0), (3.0, 0.0), (3.0, 1.0)])
        );
        assert_eq!(
            cut(&places, [0.25, 0.5]),
            LineString::from(vec![(1.0, 0.0), (2.0, 0.0)])
        );
        assert_eq!(
            joined(vec![[0.6, 1.0], [0.0, 0.2], [0.1, 0.3], [0.5, 0.5]]),
            [[0.0, 0.3], [0.6, 1.0]]
        );
    }
}
