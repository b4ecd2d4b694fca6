//! The network of one mode at one pace: for each node the arcs that leave it, as head and milliseconds.

use std::ops::Range;

use rayon::prelude::*;

use super::grounds::Grounds;
use crate::quantity::Millis;
use crate::reach::roads::{Edge, Roads};
use crate::service::Mode;

/// Where an arc leads and how long it takes: 8 bytes, so 16 for an edge that goes both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Arc {
    pub head: u32,
    pub time: u32,
}

/// Arcs by the node they leave (compressed rows).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Arcs {
    starts: Vec<u32>,
    arcs: Vec<Arc>,
}

impl Arcs {
    pub(super) fn of(&self, node: u32) -> &[Arc] {
        &self.arcs[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// Fetches the rows of some nodes that will be needed, one after the other: a processor sees that coming, while each row that a
    /// search comes upon in its own order is waited for.
    fn fetch(&self, nodes: Range<usize>) {
        let starts = &self.starts[nodes.start..=nodes.end];
        fetch(starts);
        fetch(&self.arcs[starts[0] as usize..starts[starts.len() - 1] as usize]);
    }
}

/// Reads something of each line of memory that holds `items`.
pub(super) fn fetch<T: Copy>(items: &[T]) {
    const LINE: usize = 64;
    let step = (LINE / size_of::<T>()).max(1);
    for item in items.iter().step_by(step) {
        std::hint::black_box(*item);
    }
}

/// How long edges take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Timing {
    pub mode: Mode,
    /// Milliseconds a millimetre.
    pub slowness: f64,
    /// How much longer stairs take on foot.
    pub stairs: f64,
}

impl Timing {
    /// Milliseconds from the first node of an edge to its last, and back; `None` where the mode may not go. Rounded half up. On foot
    /// with how long one waits on it.
    pub(super) fn of(&self, roads: &Roads, edge_at: u32) -> [Option<u32>; 2] {
        let Edge { length, access, .. } = roads.edges()[edge_at as usize];
        let foot = self.mode == Mode::Walk;
        let slowness = self.slowness
            * if foot && access.stairs() {
                self.stairs
            } else {
                1.0
            };
        let [up, down] = roads
            .slope(edge_at)
            .map(|slope| if foot { f64::from(slope) / 1000.0 } else { 1.0 });
        let wait = if foot { roads.wait(edge_at) } else { 0 };
        let time = |slope: f64| {
            let moving = milliseconds(f64::from(length), slowness * slope);
            moving.saturating_add(wait).min(LONGEST as u32)
        };
        [
            access.along(self.mode).then(|| time(up)),
            access.against(self.mode).then(|| time(down)),
        ]
    }
}

/// No edge takes longer (24 days), so that the sum of a time within a limit and an edge's fits into 32 bits.
const LONGEST: f64 = (u32::MAX / 2) as f64;

/// The time that a length in millimetres takes, rounded half up.
pub(super) fn milliseconds(length: f64, slowness: f64) -> u32 {
    (length * slowness + 0.5).min(LONGEST) as u32
}

/// The network of one mode at one pace.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    /// Arcs as they are travelled.
    out: Arcs,
    /// The same turned round; `None` where that changes nothing.
    back: Option<Arcs>,
    /// 2 to this power milliseconds is what one bucket of a search spans: about half of a usual arc.
    pub(super) bucket: u32,
}

/// Which way a search runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From where trips begin, as one travels.
    Onward,
    /// From where trips end, against the arcs.
    Backward,
}

impl Graph {
    /// In parallel: each thread fills the rows of a run of nodes, and reads all edges for it. O(edges) a thread.
    pub(super) fn new(roads: &Roads, timing: Timing, grounds: &Grounds) -> Self {
        let out = fill(roads, timing, grounds, Direction::Onward);
        let back = if symmetric(roads, timing) {
            None
        } else {
            Some(fill(roads, timing, grounds, Direction::Backward))
        };
        let sum: u64 = out.arcs.par_iter().map(|arc| u64::from(arc.time)).sum();
        let mean = sum / out.arcs.len().max(1) as u64;
        Self {
            out,
            back,
            bucket: (mean / 2).clamp(1 << 8, 1 << 20).ilog2(),
        }
    }

    pub(super) fn arcs(&self, direction: Direction) -> &Arcs {
        match (direction, &self.back) {
            (Direction::Backward, Some(back)) => back,
            _ => &self.out,
        }
    }
}

/// Whether every arc has its like in the other direction.
fn symmetric(roads: &Roads, timing: Timing) -> bool {
    (0..roads.edges().len() as u32)
        .into_par_iter()
        .all(|edge_at| {
            let [along, against] = timing.of(roads, edge_at);
            along == against
        })
}

/// First counted, then written where they belong: each thread does the rows of a run of nodes.
fn fill(roads: &Roads, timing: Timing, grounds: &Grounds, direction: Direction) -> Arcs {
    let nodes = grounds.count();
    let share = nodes.div_ceil(rayon::current_num_threads()).max(1);
    let mut starts = vec![0_u32; nodes + 1];
    starts[1..]
        .par_chunks_mut(share)
        .enumerate()
        .for_each(|(run, counts)| {
            let run = run * share..run * share + counts.len();
            for_each_arc(roads, timing, grounds, direction, &run, |tail, _| {
                counts[tail] += 1;
            });
        });
    for node in 0..nodes {
        starts[node + 1] += starts[node];
    }
    let mut arcs = vec![Arc::default(); starts[nodes] as usize];
    let mut jobs = Vec::new();
    let mut rest = arcs.as_mut_slice();
    for first in (0..nodes).step_by(share) {
        let run = first..(first + share).min(nodes);
        let (room, left) = rest.split_at_mut((starts[run.end] - starts[first]) as usize);
        jobs.push((run, room));
        rest = left;
    }
    jobs.into_par_iter().for_each(|(run, room)| {
        let mut next: Vec<u32> = starts[run.clone()]
            .iter()
            .map(|start| start - starts[run.start])
            .collect();
        for_each_arc(roads, timing, grounds, direction, &run, |tail, arc| {
            room[next[tail] as usize] = arc;
            next[tail] += 1;
        });
    });
    Arcs { starts, arcs }
}

/// The arcs that leave the nodes of `run`, in the order of edges, each with the position of its tail in the run; then those that
/// enter private ground, which are the same in both directions.
fn for_each_arc(
    roads: &Roads,
    timing: Timing,
    grounds: &Grounds,
    direction: Direction,
    run: &Range<usize>,
    mut on_arc: impl FnMut(usize, Arc),
) {
    for (edge, edge_at) in roads.edges().iter().zip(0..) {
        let ends = grounds.ends(edge_at, edge);
        if !ends.iter().any(|&end| run.contains(&(end as usize))) || edge.access.nobody() {
            continue;
        }
        // A street ends at a blocked node: no arc leads there or away.
        if [edge.from, edge.to]
            .iter()
            .any(|&end| roads.blocked(end, timing.mode))
        {
            continue;
        }
        for (time, [tail, head]) in timing
            .of(roads, edge_at)
            .into_iter()
            .zip([ends, [ends[1], ends[0]]])
        {
            let Some(time) = time else { continue };
            let (from, to) = if direction == Direction::Onward {
                (tail, head)
            } else {
                (head, tail)
            };
            if run.contains(&(from as usize)) {
                on_arc(from as usize - run.start, Arc { head: to, time });
            }
        }
    }
    for (node, twin) in grounds
        .twins()
        .filter(|&(node, _)| run.contains(&(node as usize)))
    {
        on_arc(
            node as usize - run.start,
            Arc {
                head: twin,
                time: 0,
            },
        );
    }
}

/// As many neighbouring starts as reach no more than fits into a usual second-level cache.
const STARTS_AT_A_TIME: usize = 8;

/// No more nodes are fetched before a start, nor after it: some hundred kilobytes.
const MOST_AROUND: usize = 2048;

/// Room for searches, used again and again.
#[derive(Debug)]
pub(super) struct Scratch {
    /// Milliseconds to each node; [`Scratch::FAR`] where none within the limit is found.
    times: Vec<u32>,
    /// The nodes that have a time.
    found: Vec<u32>,
    buckets: Vec<Vec<u32>>,
    open: Vec<u32>,
    /// How many nodes before and after a start are fetched: about half of what the last one has reached.
    around: usize,
}

impl Scratch {
    pub(super) const FAR: u32 = u32::MAX;

    pub(super) fn new(nodes: usize) -> Self {
        Self {
            times: vec![Self::FAR; nodes],
            found: Vec::new(),
            buckets: Vec::new(),
            open: Vec::new(),
            around: 0,
        }
    }

    /// Times from (or to) `starts` (a node, and the time there) to every node within `limit`, with what is found so far, of which
    /// only what they reach in less time is looked at: Dijkstra's search with a queue of buckets (Dial 1969).
    ///
    /// A bucket may span more than the shortest arc; then some nodes of it are done twice, and every time is still the
    /// least. Of many starts, best in the order of nodes, some neighbours are done at a time, so that what they reach stays
    /// in the cache; where a later group comes in less time, it goes on from there. Nothing is allocated once the room has
    /// grown. O(nodes and arcs within the limit).
    ///
    /// Whether an arc leads somewhere in less time is chance; to write everything without a branch on it took half as long again.
    pub(super) fn search_on(
        &mut self,
        graph: &Graph,
        direction: Direction,
        starts: &[(u32, u32)],
        limit: Millis,
    ) {
        for some in starts.chunks(STARTS_AT_A_TIME) {
            self.search_at_once(graph, direction, some, limit);
        }
    }

    /// The same from starts that are all near each other.
    pub(super) fn search_at_once(
        &mut self,
        graph: &Graph,
        direction: Direction,
        starts: &[(u32, u32)],
        limit: Millis,
    ) {
        let arcs = graph.arcs(direction);
        let shift = graph.bucket;
        let last = (limit.0 >> shift) as usize;
        if self.buckets.len() <= last {
            self.buckets.resize_with(last + 1, Vec::new);
        }
        let found_before = self.found.len();
        self.fetch(arcs, starts);
        for &(node, time) in starts {
            self.reach(node, time, shift, limit);
        }
        for bucket in 0..=last {
            while !self.buckets[bucket].is_empty() {
                let mut open = std::mem::take(&mut self.open);
                std::mem::swap(&mut open, &mut self.buckets[bucket]);
                for node in open.drain(..) {
                    let time = self.times[node as usize];
                    // It has since been reached in less time, and done in an earlier bucket.
                    if (time >> shift) as usize != bucket {
                        continue;
                    }
                    for arc in arcs.of(node) {
                        self.reach(arc.head, time + arc.time, shift, limit);
                    }
                }
                self.open = open;
            }
        }
        let reached = self.found.len() - found_before;
        self.around = (reached / starts.len().max(1) / 2).min(MOST_AROUND);
    }

    /// The same where little is reached, as on private ground: it says nothing about how much the next search will.
    pub(super) fn search_apart(
        &mut self,
        graph: &Graph,
        direction: Direction,
        starts: &[(u32, u32)],
        limit: Millis,
    ) {
        let around = self.around;
        self.search_on(graph, direction, starts, limit);
        self.around = around;
    }

    /// Fetches what is known of the nodes around some starts, which stand along a curve: neighbours in the city are neighbours in
    /// memory.
    fn fetch(&self, arcs: &Arcs, starts: &[(u32, u32)]) {
        let mut done = 0;
        for &(node, _) in starts {
            let around = self.around(node);
            let nodes = around.start.max(done)..around.end;
            if !nodes.is_empty() {
                done = nodes.end;
                fetch(&self.times[nodes.clone()]);
                arcs.fetch(nodes);
            }
        }
    }

    /// The nodes before and after one in memory, about as many as a search reaches.
    pub(super) fn around(&self, node: u32) -> Range<usize> {
        let node = node as usize;
        node.saturating_sub(self.around)..(node + self.around).min(self.times.len())
    }

    #[inline]
    fn reach(&mut self, node: u32, time: u32, shift: u32, limit: Millis) {
        let best = &mut self.times[node as usize];
        if time < *best && Millis(time).within(limit) {
            if *best == Self::FAR {
                self.found.push(node);
            }
            *best = time;
            self.buckets[(time >> shift) as usize].push(node);
        }
    }

    /// Forgets what is found.
    pub(super) fn clear(&mut self) {
        for node in self.found.drain(..) {
            self.times[node as usize] = Self::FAR;
        }
    }

    /// The time to a node, [`Scratch::FAR`] beyond the limit.
    pub(super) fn time(&self, node: u32) -> u32 {
        self.times[node as usize]
    }

    /// The nodes within the limit, in no particular order (but always the same).
    pub(super) fn found(&self) -> &[u32] {
        &self.found
    }
}

/// A sum of times that stays [`Scratch::FAR`] where one of them is.
pub(super) fn sum(a: u32, b: u32) -> u32 {
    a.saturating_add(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Point;
    use crate::reach::roads::{Access, RoadRecords};
    use crate::reach::streets::parts::Parts;

    #[test]
    fn a_thousand_streets_at_one_crossing_are_all_walked() {
        // Each is 100 m long, so at 1 m/s all ends are reached in 100 s, and none in less.
        let ends = (1..=1000).map(|to| Edge {
            from: 0,
            to,
            length: 100_000,
            access: Access::everybody(),
        });
        let roads = Roads::new(RoadRecords {
            nodes: (0..=1000).map(|x| Point { x, y: 0 }).collect(),
            edges: ends.collect(),
            ..RoadRecords::default()
        })
        .expect("a sound network");
        let timing = Timing {
            mode: Mode::Walk,
            slowness: 1.0,
            stairs: 1.0,
        };
        let grounds = Grounds::new(&roads, Mode::Walk, &Parts::new(&roads, Mode::Walk));
        let graph = Graph::new(&roads, timing, &grounds);
        let crossing = Point::default();
        let crossing = roads.nodes().iter().position(|&node| node == crossing);
        let crossing = crossing.expect("it is one of the nodes") as u32;
        let mut scratch = Scratch::new(roads.nodes().len());
        scratch.search_at_once(&graph, Direction::Onward, &[(crossing, 0)], Millis(100_000));
        let times = scratch.found().iter().map(|&node| scratch.time(node));
        assert_eq!(times.clone().count(), 1001);
        assert_eq!(times.filter(|&time| time == 100_000).count(), 1000);
        scratch.clear();
        scratch.search_at_once(&graph, Direction::Onward, &[(crossing, 0)], Millis(99_999));
        assert_eq!(scratch.found(), [crossing]);
    }
}
