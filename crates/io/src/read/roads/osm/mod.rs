//! Streets from OpenStreetMap in its binary form (PBF).
//!
//! Ways are cut at their ends and wherever another street meets them; places between are bends. What the file does not hold
//! (cut off, or beyond the edge of an extract) ends a street, and is counted. Beside streets what a leg does not cross is read.

mod areas;
mod barriers;
pub(crate) mod blobs;
mod block;
mod joins;
mod network;
pub(crate) mod nodes;
mod whole;
pub(crate) mod wire;

use fuwutu_core::quantity::Point;
use fuwutu_core::watch::{Progress, Watch};
use geo::Coord;
use rayon::prelude::*;

use super::{Area, FARTHEST, Found, RoadSummary, touches};
use crate::finding::{Finding, Findings, Kind, Scope};
use crate::frame::Projection;
use crate::read::ReadError;
use crate::street_rules::Rules;
use blobs::Budget;
use block::Block;
use nodes::Nodes;
use whole::{Marks, Unused};

/// A node as the file has it, in ten-millionths of a degree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) id: i64,
    pub(crate) lon: i32,
    pub(crate) lat: i32,
}

impl Node {
    pub(crate) fn degrees(self) -> Coord {
        Coord {
            x: f64::from(self.lon) / 1e7,
            y: f64::from(self.lat) / 1e7,
        }
    }
}

/// What is counted on the way.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    nodes: u64,
    /// Without tags.
    plain_nodes: u64,
    ways: u64,
    plain_ways: u64,
    relations: u64,
    streets: u64,
    closed: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.nodes += other.nodes;
        self.plain_nodes += other.plain_nodes;
        self.ways += other.ways;
        self.plain_ways += other.plain_ways;
        self.relations += other.relations;
        self.streets += other.streets;
        self.closed += other.closed;
    }
}

pub(super) fn read(
    file: &str,
    bytes: &[u8],
    rules: &Rules,
    area: &Area,
    projection: &Projection,
    findings: &mut Findings,
    watch: Watch,
) -> Result<Found, ReadError> {
    let broken = |value: String| Finding::new(Kind::PbfBroken, file).value(value);
    let (budget, marks) = (Budget::of(bytes.len()), Marks::of(bytes.len()));
    let blobs = blobs::blobs(bytes).map_err(broken)?;
    let blocks: Vec<Block> = blobs
        .par_iter()
        .map(|blob| {
            watch(Progress::Working)?;
            let inflated = blob.inflate(&budget).map_err(broken)?;
            let block = block::read(&inflated, rules, &marks, &budget);
            Ok(block.map_err(|error| broken(blob.at(error)))?)
        })
        .collect::<Result<_, ReadError>>()?;
    let mut counts = Counts::default();
    blocks.iter().for_each(|block| counts.add(block.counts));
    let Counts {
        nodes,
        ways,
        relations,
        streets,
        closed,
        ..
    } = counts;
    if streets == closed {
        let value = format!(
            "nodes {nodes}, ways {ways}, relations {relations}, streets open to nobody {closed}"
        );
        return Err(Finding::new(Kind::NoStreets, file).value(value).into());
    }
    let read = format!(
        "nodes {nodes}, ways {ways}, relations {relations}, streets {streets}, of these open to nobody {closed}"
    );
    findings.push(Finding::new(Kind::RoadsRead, file).value(read));
    findings.whole(Scope::File(file.to_owned()), streets);
    let unused = Unused::of(&blocks, &marks);
    if unused.cut() {
        findings.push(Finding::new(Kind::PbfCut, file).value(unused.value()));
    }
    drop(marks);
    watch(Progress::Working)?;
    let nodes = Nodes::new(&blocks, file, findings);
    watch(Progress::Working)?;
    let limits = Limits::new(area, projection);
    let relations =
        network::relations(&blocks, &budget).map_err(|error| broken(error.to_owned()))?;
    let network = network::network(&nodes, &blocks, &relations, &limits, watch)?;
    network.tell(file, findings);
    let mut summary = RoadSummary::default();
    summary.left_out("open_to_nobody", closed);
    summary.left_out("node_missing", network.lost.missing);
    summary.left_out("outside", network.lost.outside);
    Ok(Found {
        records: network.records,
        summary,
    })
}

/// [`FARTHEST`] in ten-millionths of a degree.
const STRETCH: i32 = (FARTHEST * 1e7) as i32;

/// The area in the file's own numbers, and the plane.
struct Limits<'a> {
    low: [i32; 2],
    high: [i32; 2],
    projection: &'a Projection,
}

impl<'a> Limits<'a> {
    fn new(area: &Area, projection: &'a Projection) -> Self {
        let corner = |at: Coord, round: fn(f64) -> f64| {
            [at.x, at.y].map(|degrees| round(degrees * 1e7) as i32)
        };
        Self {
            low: corner(area.low, f64::ceil),
            high: corner(area.high, f64::floor),
            projection,
        }
    }

    fn contains(&self, at: Node) -> bool {
        (self.low[0]..=self.high[0]).contains(&at.lon)
            && (self.low[1]..=self.high[1]).contains(&at.lat)
    }

    /// Whether the straight line between two nodes touches the area, exactly; not where one is too far away to be in the plane.
    fn touch(&self, a: Node, b: Node) -> bool {
        if self.contains(a) && self.contains(b) {
            return true;
        }
        let line = [a, b].map(|node| [node.lon, node.lat]);
        touches(line, [self.low, self.high]) && [a, b].iter().all(|&node| self.near(node))
    }

    fn near(&self, at: Node) -> bool {
        let near = |at: i32, low: i32, high: i32| {
            (low.saturating_sub(STRETCH)..=high.saturating_add(STRETCH)).contains(&at)
        };
        near(at.lon, self.low[0], self.high[0])
            && near(at.lat, self.low[1], self.high[1])
            && self.in_plane(at).is_some()
    }

    fn in_plane(&self, node: Node) -> Option<Point> {
        Point::from_metres(self.projection.to_plane(node.degrees()))
    }

    /// Where a node that is kept lies: in the plane, because it is in the area or near it.
    fn place(&self, node: Node) -> Point {
        self.in_plane(node).unwrap_or_default()
    }
}
