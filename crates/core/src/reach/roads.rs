//! Roads: crossings (nodes) and the ways between them (edges), each with its length, its shape, and the modes that may use it.

use rayon::prelude::*;

use crate::quantity::Point;
use crate::service::Mode;

/// The modes that may use an edge, each along it and against it; which of them only where their trip begins or ends; whether it is
/// made of stairs, whether nobody lives along it, and whether nobody can step on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Access(pub u16);

impl Access {
    /// Stairs.
    pub const STAIRS: Self = Self(1 << 6);

    /// One mode, along the edge and against it.
    #[must_use]
    pub fn of(mode: Mode, along: bool, against: bool) -> Self {
        Self((u16::from(along) | u16::from(against) << 1) << (2 * mode as u16))
    }

    /// Private for a mode: its trips may begin and end here and lead through it from there to the open streets, never from one
    /// open street to another.
    #[must_use]
    pub fn private_for(mode: Mode) -> Self {
        Self(1 << (8 + mode as u16))
    }

    /// Nobody lives along it: a viaduct, a tunnel, a through road, a path.
    pub const NO_HOMES: Self = Self(1 << 7);

    /// Nobody steps on or off between its ends: a viaduct, a tunnel, a corridor under ground. It is a passage.
    pub const NO_SNAP: Self = Self(1 << 11);

    /// The bits that say who may go where.
    const WHO: u16 = 0b11_1111;

    /// Everybody, both ways.
    #[must_use]
    pub fn everybody() -> Self {
        Self::of(Mode::Walk, true, true)
            .and(Self::of(Mode::Ebike, true, true))
            .and(Self::of(Mode::CarBus, true, true))
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `mode` may go from the edge's first node to its last.
    #[must_use]
    pub fn along(self, mode: Mode) -> bool {
        self.0 >> (2 * mode as u8) & 1 == 1
    }

    /// Whether `mode` may go from the edge's last node to its first.
    #[must_use]
    pub fn against(self, mode: Mode) -> bool {
        self.0 >> (2 * mode as u8) & 2 == 2
    }

    /// Whether `mode` may use it in any direction.
    #[must_use]
    pub fn any(self, mode: Mode) -> bool {
        self.along(mode) || self.against(mode)
    }

    /// Whether it is open to no mode.
    #[must_use]
    pub fn nobody(self) -> bool {
        self.0 & Self::WHO == 0
    }

    /// Whether it is private for `mode`; see [`Access::private_for`].
    #[must_use]
    pub fn private(self, mode: Mode) -> bool {
        self.0 & Self::private_for(mode).0 != 0
    }

    /// Whether trips may begin and end between its ends: it is no [`Access::NO_SNAP`].
    #[must_use]
    pub fn snaps(self) -> bool {
        self.0 & Self::NO_SNAP.0 == 0
    }

    /// Whether people may live along it: somebody walks there, and it is no [`Access::NO_HOMES`].
    #[must_use]
    pub fn homes(self) -> bool {
        self.any(Mode::Walk) && self.0 & Self::NO_HOMES.0 == 0
    }

    /// Whether it is made of stairs.
    #[must_use]
    pub fn stairs(self) -> bool {
        self.0 & Self::STAIRS.0 != 0
    }

    fn reversed(self) -> Self {
        let (along, against) = (self.0 & 0b01_0101, self.0 & 0b10_1010);
        Self(self.0 & !Self::WHO | along << 1 | against >> 1)
    }
}

/// A way between two crossings, in 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Position of its first node.
    pub from: u32,
    /// Position of its last node.
    pub to: u32,
    /// In millimetres; at least the straight line between its ends.
    pub length: u32,
    /// The modes that may use it.
    pub access: Access,
}

/// How long a trip against a slope takes, in thousandths of one on level ground: along an edge, and against it.
pub type Slope = [u16; 2];

/// What [`Roads`] are made from.
#[derive(Debug, Clone, Default)]
pub struct RoadRecords {
    /// Where each node is. Of nodes at one place the order matters; let it be that of their ids.
    pub nodes: Vec<Point>,
    /// Any order. A length less than that of the shape is raised to it.
    pub edges: Vec<Edge>,
    /// The places between the ends, edge after edge; empty where all edges are straight.
    pub bends: Vec<Point>,
    /// Where the bends of each edge end; empty where all edges are straight, else one entry an edge.
    pub bend_ends: Vec<u32>,
    /// For each node the modes that it is blocked for, as bits (1 << mode): streets end there; and those that it is private for
    /// (8 << mode), as edges are. Empty where there is none of either.
    pub blocked: Vec<u8>,
    /// For each edge how its slope slows a walk; empty where everything is level.
    pub slopes: Vec<Slope>,
    /// For each edge how long one waits on it on foot (a lift, a crossing), in milliseconds; empty where nobody waits.
    pub waits: Vec<u32>,
    /// What a leg does not cross, in any order.
    pub barriers: Vec<Barrier>,
}

/// A straight piece of something that people do not walk across.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Barrier {
    /// What it is.
    pub kind: BarrierKind,
    /// Its ends.
    pub line: [Point; 2],
}

/// What a barrier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BarrierKind {
    /// A river or a canal as a line, or what is left of an outline that is not whole.
    Water,
    /// A railway on the ground.
    Rail,
    /// A wall or a fence.
    Wall,
    /// A piece of the whole outline of an area of water (an inner outline, too). Who is inside crosses it once to get out.
    Shore,
}

/// The records make no network: an edge leads to a node that does not exist, or the parts have different lengths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("edge {edge} leads to a node that is not there, or has no shape, slope or wait")]
pub struct RoadsError {
    /// Position of the edge.
    pub edge: usize,
}

/// A network of roads, in one order whatever the order of the records.
///
/// Invariant: nodes stand along a Hilbert curve, so that neighbours in the city are neighbours in memory; edges run from the
/// lower node to the higher and stand in the order of their nodes; every position exists; an edge is at least as long as its
/// shape.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roads {
    nodes: Vec<Point>,
    edges: Vec<Edge>,
    bends: Vec<Point>,
    bend_ends: Vec<u32>,
    blocked: Vec<u8>,
    slopes: Vec<Slope>,
    waits: Vec<u32>,
    barriers: Vec<Barrier>,
}

impl Roads {
    /// Sorts and checks `records`. O(n log n), 16 bytes an edge and 8 a node beside the records.
    ///
    /// # Errors
    /// Where an edge leads to a node that does not exist, or its shape, slope or wait is missing.
    pub fn new(records: RoadRecords) -> Result<Self, RoadsError> {
        let RoadRecords {
            nodes,
            edges,
            bends,
            bend_ends,
            blocked,
            slopes,
            waits,
            mut barriers,
        } = records;
        check(
            &nodes,
            &edges,
            &bends,
            &bend_ends,
            [slopes.len(), waits.len()],
        )?;
        for barrier in &mut barriers {
            barrier.line.sort_unstable();
        }
        barriers.par_sort_unstable();
        barriers.dedup();
        let mut order: Vec<(u32, u32)> = nodes
            .par_iter()
            .map(|&node| hilbert(node))
            .zip(0..nodes.len() as u32)
            .collect();
        order.par_sort_unstable_by_key(|&(key, old)| (key, nodes[old as usize], old));
        let mut new_at = vec![0; nodes.len()];
        for (&(_, old), new) in order.iter().zip(0..) {
            new_at[old as usize] = new;
        }
        let blocked = if blocked.len() == nodes.len() {
            order
                .iter()
                .map(|&(_, node)| blocked[node as usize])
                .collect()
        } else {
            Vec::new()
        };
        let nodes = order.iter().map(|&(_, old)| nodes[old as usize]).collect();
        drop(order);
        let mut roads = Self {
            nodes,
            edges,
            bends,
            bend_ends,
            blocked,
            slopes,
            waits,
            barriers,
        };
        roads.turn(&new_at);
        roads.lengthen();
        roads.sort_edges();
        Ok(roads)
    }

    /// Gives edges their new nodes and lets each run from the lower to the higher.
    fn turn(&mut self, new_at: &[u32]) {
        for edge_at in 0..self.edges.len() {
            let bends = self.bend_range(edge_at);
            let edge = &mut self.edges[edge_at];
            (edge.from, edge.to) = (new_at[edge.from as usize], new_at[edge.to as usize]);
            let bends = &mut self.bends[bends];
            // A loop has no lower end; let it run the way in which its places read lower.
            let backwards = edge.from > edge.to
                || (edge.from == edge.to && bends.iter().rev().lt(bends.iter()));
            if backwards {
                std::mem::swap(&mut edge.from, &mut edge.to);
                edge.access = edge.access.reversed();
                bends.reverse();
                if let Some(slope) = self.slopes.get_mut(edge_at) {
                    slope.reverse();
                }
            }
        }
    }

    fn sort_edges(&mut self) {
        if self.bend_ends.is_empty() && self.slopes.is_empty() && self.waits.is_empty() {
            self.edges.par_sort_unstable();
            return;
        }
        let mut order: Vec<u32> = (0..self.edges.len() as u32).collect();
        let key = |&edge_at: &u32| {
            (
                self.edges[edge_at as usize],
                self.bends_of(edge_at),
                self.slope(edge_at),
                self.wait(edge_at),
            )
        };
        order.par_sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        let edges = order
            .iter()
            .map(|&edge_at| self.edges[edge_at as usize])
            .collect();
        if !self.bend_ends.is_empty() {
            let bends: Vec<Point> = order
                .iter()
                .flat_map(|&edge_at| self.bends_of(edge_at))
                .copied()
                .collect();
            let lengths = order
                .iter()
                .map(|&edge_at| self.bends_of(edge_at).len() as u32);
            let ends = lengths.scan(0, |end, length| {
                *end += length;
                Some(*end)
            });
            self.bend_ends = ends.collect();
            self.bends = bends;
        }
        if !self.slopes.is_empty() {
            self.slopes = order
                .iter()
                .map(|&edge_at| self.slopes[edge_at as usize])
                .collect();
        }
        if !self.waits.is_empty() {
            self.waits = order
                .iter()
                .map(|&edge_at| self.waits[edge_at as usize])
                .collect();
        }
        self.edges = edges;
    }

    /// No road is shorter than its own shape.
    fn lengthen(&mut self) {
        let least: Vec<u32> = (0..self.edges.len() as u32)
            .into_par_iter()
            .map(|edge_at| self.shape_length(edge_at))
            .collect();
        self.edges
            .par_iter_mut()
            .zip(least)
            .for_each(|(edge, least)| edge.length = edge.length.max(least));
    }

    /// The length of the shape of an edge in millimetres, each of its lines rounded up.
    fn shape_length(&self, edge: u32) -> u32 {
        let sum: f64 = self
            .lines(edge)
            .map(|[a, b]| straight_line(a, b).ceil())
            .sum();
        sum.min(f64::from(u32::MAX)) as u32
    }

    /// Along a Hilbert curve.
    #[must_use]
    pub fn nodes(&self) -> &[Point] {
        &self.nodes
    }

    /// In the order of their nodes.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The length of all edges in millimetres.
    #[must_use]
    pub fn length_mm(&self) -> u64 {
        self.edges.iter().map(|edge| u64::from(edge.length)).sum()
    }

    /// Whether streets end at a node for `mode`.
    #[must_use]
    pub fn blocked(&self, node: u32, mode: Mode) -> bool {
        self.blocked
            .get(node as usize)
            .is_some_and(|modes| modes >> mode as u8 & 1 == 1)
    }

    /// Whether a node is private for `mode`: a gate that only trips which begin or end behind it pass.
    #[must_use]
    pub fn private(&self, node: u32, mode: Mode) -> bool {
        self.blocked
            .get(node as usize)
            .is_some_and(|modes| modes >> (3 + mode as u8) & 1 == 1)
    }

    /// How long one waits on an edge on foot, in milliseconds.
    #[must_use]
    pub fn wait(&self, edge: u32) -> u32 {
        self.waits.get(edge as usize).copied().unwrap_or(0)
    }

    /// What a leg does not cross, in order, each once.
    #[must_use]
    pub fn barriers(&self) -> &[Barrier] {
        &self.barriers
    }

    /// How an edge's slope slows a walk, in thousandths.
    #[must_use]
    pub fn slope(&self, edge: u32) -> Slope {
        self.slopes
            .get(edge as usize)
            .copied()
            .unwrap_or([1000, 1000])
    }

    /// The places of an edge from end to end.
    pub fn places(&self, edge: u32) -> impl Iterator<Item = Point> {
        let Edge { from, to, .. } = self.edges[edge as usize];
        let bends = self.bends_of(edge).iter().copied();
        std::iter::once(self.nodes[from as usize])
            .chain(bends)
            .chain([self.nodes[to as usize]])
    }

    /// The straight lines that make up an edge.
    #[inline]
    pub fn lines(&self, edge: u32) -> impl Iterator<Item = [Point; 2]> {
        let Edge { from, to, .. } = self.edges[edge as usize];
        let (first, last) = (self.nodes[from as usize], self.nodes[to as usize]);
        let bends = self.bends_of(edge);
        // By number rather than a chain of iterators: most edges are one line, of which many are looked at for each place.
        (0..=bends.len()).map(move |line| {
            let before = line.checked_sub(1).map_or(first, |bend| bends[bend]);
            [before, bends.get(line).copied().unwrap_or(last)]
        })
    }

    /// What the roads consist of, to be kept and made anew by [`Roads::new`], which then finds everything in order.
    #[must_use]
    pub fn records(&self) -> RoadRecords {
        let Self {
            nodes,
            edges,
            bends,
            bend_ends,
            blocked,
            slopes,
            waits,
            barriers,
        } = self.clone();
        RoadRecords {
            nodes,
            edges,
            bends,
            bend_ends,
            blocked,
            slopes,
            waits,
            barriers,
        }
    }

    fn bends_of(&self, edge: u32) -> &[Point] {
        &self.bends[self.bend_range(edge as usize)]
    }

    fn bend_range(&self, edge: usize) -> std::ops::Range<usize> {
        let end = |edge_at: usize| self.bend_ends.get(edge_at).map_or(0, |&end| end as usize);
        (if edge == 0 { 0 } else { end(edge - 1) })..end(edge)
    }
}

fn check(
    nodes: &[Point],
    edges: &[Edge],
    bends: &[Point],
    bend_ends: &[u32],
    others: [usize; 2],
) -> Result<(), RoadsError> {
    let count = nodes.len() as u64;
    if let Some(edge) = edges
        .iter()
        .position(|edge| u64::from(edge.from.max(edge.to)) >= count)
    {
        return Err(RoadsError { edge });
    }
    let one_each = |length: usize| length == 0 || length == edges.len();
    let ends =
        bend_ends.is_sorted() && bend_ends.last().map_or(0, |&end| end as usize) == bends.len();
    if one_each(bend_ends.len()) && others.into_iter().all(one_each) && ends {
        Ok(())
    } else {
        Err(RoadsError {
            edge: bend_ends.len().min(edges.len()),
        })
    }
}

/// In millimetres.
pub(crate) fn straight_line(a: Point, b: Point) -> f64 {
    let (dx, dy) = (
        f64::from(b.x) - f64::from(a.x),
        f64::from(b.y) - f64::from(a.y),
    );
    (dx * dx + dy * dy).sqrt()
}

/// Where a place stands along a Hilbert curve over the plane (Hilbert 1891), whose squares are 65 m wide.
fn hilbert(place: Point) -> u32 {
    const BITS: u32 = 16;
    let square = |mm: i32| (i64::from(mm) - i64::from(i32::MIN)) as u32 >> (32 - BITS);
    let (mut x, mut y) = (square(place.x), square(place.y));
    let mut along = 0;
    for level in (0..BITS).rev() {
        let (east, north) = (x >> level & 1, y >> level & 1);
        along = along << 2 | (3 * east) ^ north;
        if north == 0 {
            if east == 1 {
                (x, y) = (!x, !y);
            }
            std::mem::swap(&mut x, &mut y);
        }
    }
    along
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: u32, to: u32, length: u32) -> Edge {
        Edge {
            from,
            to,
            length,
            access: Access::everybody(),
        }
    }

    #[test]
    fn the_curve_visits_neighbouring_squares_one_after_the_other() {
        // A corner of 16 × 16 squares: sorted by the curve, each next one shares a side with the last.
        let mut places: Vec<Point> = (0..256)
            .map(|number| Point {
                x: number % 16 * 65_536,
                y: number / 16 * 65_536,
            })
            .collect();
        places.sort_by_key(|&place| hilbert(place));
        for pair in places.windows(2) {
            let step = (pair[1].x - pair[0].x).abs() + (pair[1].y - pair[0].y).abs();
            assert_eq!(step, 65_536);
        }
    }

    #[test]
    fn a_road_is_at_least_as_long_as_its_shape_and_its_order_does_not_matter() {
        let place = |x: i32, y: i32| Point { x, y };
        let nodes = vec![place(0, 0), place(3000, 0), place(3000, 4000)];
        let forward = RoadRecords {
            nodes: nodes.clone(),
            edges: vec![edge(0, 2, 1), edge(0, 1, 5000)],
            bends: vec![place(3000, 0)],
            bend_ends: vec![1, 1],
            ..RoadRecords::default()
        };
        let one_way = Access::of(Mode::CarBus, true, false);
        let back = RoadRecords {
            nodes: vec![nodes[2], nodes[1], nodes[0]],
            edges: vec![edge(1, 2, 5000), edge(0, 2, 1)],
            bends: vec![place(3000, 0)],
            bend_ends: vec![0, 1],
            ..RoadRecords::default()
        };
        let roads = Roads::new(forward).unwrap();
        assert_eq!(roads, Roads::new(back).unwrap());
        // 3 m east and 4 m north along the bend; the other one keeps its 5 m.
        let mut lengths: Vec<u32> = roads.edges().iter().map(|edge| edge.length).collect();
        lengths.sort_unstable();
        assert_eq!(lengths, [5000, 7000]);
        assert_eq!(one_way.reversed(), Access::of(Mode::CarBus, false, true));
        assert_eq!(
            Access::everybody().and(Access::STAIRS).reversed(),
            Access::everybody().and(Access::STAIRS)
        );
    }

    #[test]
    fn an_edge_to_nowhere_is_refused() {
        let records = RoadRecords {
            nodes: vec![Point::default()],
            edges: vec![edge(0, 1, 5)],
            ..RoadRecords::default()
        };
        assert_eq!(Roads::new(records), Err(RoadsError { edge: 0 }));
    }
}
