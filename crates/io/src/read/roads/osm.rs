//! Streets from OpenStreetMap in its binary form (PBF).
//!
//! Ways are cut at their ends and wherever another street meets them; places between are bends. What the file does not hold
//! (cut off, or beyond the edge of an extract) ends a street, and is counted.

use std::io::Cursor;
use std::sync::atomic::{AtomicU64, Ordering};

use fuwutu_core::quantity::Point;
use fuwutu_core::reach::roads::{Access, Edge, RoadRecords};
use fuwutu_core::watch::{Progress, Watch};
use geo::Coord;
use osmpbf::{BlobReader, BlobType, Element, PrimitiveBlock};
use rayon::prelude::*;

use super::tags::Tags;
use super::{Area, Found, RoadSummary};
use crate::finding::{Finding, Findings, Kind, Scope};
use crate::frame::Projection;
use crate::read::ReadError;
use crate::street_rules::Rules;

/// A node as the file has it, in ten-millionths of a degree.
#[derive(Clone, Copy)]
struct Node {
    id: i64,
    lon: i32,
    lat: i32,
}

impl Node {
    fn degrees(self) -> Coord {
        Coord {
            x: f64::from(self.lon) / 1e7,
            y: f64::from(self.lat) / 1e7,
        }
    }
}

/// A street: who may use it, and where its nodes end among all of its block.
struct Way {
    access: Access,
    end: usize,
}

/// What a block of the file holds.
#[derive(Default)]
struct Block {
    nodes: Vec<Node>,
    /// Nodes that some may not pass.
    blocked: Vec<(i64, u8)>,
    ways: Vec<Way>,
    refs: Vec<i64>,
    counts: Counts,
}

/// What is counted on the way.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    nodes: u64,
    ways: u64,
    refs: u64,
    relations: u64,
    streets: u64,
    closed: u64,
    texts: u64,
}

impl Counts {
    /// How many things of any kind there are.
    fn held(&self) -> u64 {
        self.nodes + self.ways + self.refs + self.relations + self.texts
    }

    fn add(&mut self, other: Self) {
        self.nodes += other.nodes;
        self.ways += other.ways;
        self.refs += other.refs;
        self.relations += other.relations;
        self.streets += other.streets;
        self.closed += other.closed;
        self.texts += other.texts;
    }
}

/// Where a blob begins and ends.
struct Span {
    start: usize,
    end: usize,
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
    let broken = |value: &str| Finding::new(Kind::PbfBroken, file).value(value);
    let spans = spans(bytes).map_err(|value| broken(&value))?;
    // Counted block by block: a small file that inflates without end is refused before it fills the memory.
    let held = AtomicU64::new(0);
    let blocks: Vec<Block> = spans
        .par_iter()
        .map(|span| {
            watch(Progress::Working)?;
            let block =
                block(&bytes[span.start..span.end], rules).map_err(|value| broken(&value))?;
            let own = block.counts.held();
            let sum = held.fetch_add(own, Ordering::Relaxed) + own;
            if sum > bytes.len() as u64 * MOST_A_BYTE {
                return Err(broken("far more content than a file of this size can hold").into());
            }
            Ok(block)
        })
        .collect::<Result<_, ReadError>>()?;
    let mut counts = Counts::default();
    blocks.iter().for_each(|block| counts.add(block.counts));
    if counts.streets == counts.closed {
        let Counts {
            nodes,
            ways,
            relations,
            closed,
            ..
        } = counts;
        let value = format!(
            "nodes {nodes}, ways {ways}, relations {relations}, streets open to nobody {closed}"
        );
        return Err(Finding::new(Kind::NoStreets, file).value(value).into());
    }
    let told = format!(
        "nodes {}, ways {}, relations {}, streets {}, of these open to nobody {}",
        counts.nodes, counts.ways, counts.relations, counts.streets, counts.closed
    );
    findings.push(Finding::new(Kind::RoadsRead, file).value(told));
    findings.whole(Scope::File(file.to_owned()), counts.streets);
    // Nearly every node belongs to a way: far fewer references than nodes mean that ways are missing at the end.
    if counts.refs * 10 < counts.nodes * 9 {
        let value = format!("nodes {}, used by ways {}", counts.nodes, counts.refs);
        findings.push(Finding::new(Kind::PbfCut, file).value(value));
    }
    watch(Progress::Working)?;
    let nodes = Nodes::new(&blocks, file, findings);
    watch(Progress::Working)?;
    let network = network(&nodes, &blocks, area, projection);
    network.lost.tell(file, findings);
    let mut summary = RoadSummary::default();
    summary.left_out("open_to_nobody", counts.closed);
    summary.left_out("node_missing", network.lost.missing);
    summary.left_out("outside", network.lost.outside);
    Ok(Found {
        records: network.records,
        summary,
    })
}

/// Nodes, references to them and all else, for each byte of a file: each takes at least one byte before compression, mostly three, and
/// what a map holds is never packed to less than a twentieth.
const MOST_A_BYTE: u64 = 20;

/// The data blobs, after a check that the file is whole: blobs follow one another to its very end, the first is a header, and
/// it asks for nothing that we do not know.
fn spans(bytes: &[u8]) -> Result<Vec<Span>, String> {
    let mut reader =
        BlobReader::new_seekable(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let (mut spans, mut whole) = (Vec::new(), 0);
    while let Some(next) = reader.next_header_skip_blob() {
        let (header, _) = next.map_err(|error| format!("{error}, at byte {whole}"))?;
        let head = bytes
            .get(whole..whole + 4)
            .and_then(|head| head.try_into().ok())
            .map_or(0, u32::from_be_bytes);
        let size = usize::try_from(header.get_blob_size())
            .map_err(|_| format!("a blob of negative size, at byte {whole}"))?;
        let end = whole + 4 + head as usize + size;
        if end > bytes.len() {
            return Err(format!(
                "the file ends at byte {}, within a blob that ends at {end}",
                bytes.len()
            ));
        }
        let first = whole == 0;
        match header.blob_type() {
            BlobType::OsmHeader if first => check_header(&bytes[..end])?,
            _ if first => return Err("it does not begin with a header".to_owned()),
            BlobType::OsmData => spans.push(Span { start: whole, end }),
            _ => {}
        }
        whole = end;
    }
    if whole != bytes.len() {
        return Err(format!("{} bytes after the last blob", bytes.len() - whole));
    }
    Ok(spans)
}

fn check_header(bytes: &[u8]) -> Result<(), String> {
    let header = BlobReader::new(bytes)
        .next()
        .ok_or("it does not begin with a header")?;
    let header = header
        .and_then(|blob| blob.to_headerblock())
        .map_err(|error| error.to_string())?;
    match header
        .required_features()
        .iter()
        .find(|feature| !["OsmSchema-V0.6", "DenseNodes"].contains(&feature.as_str()))
    {
        Some(feature) if feature == "HistoricalInformation" => {
            Err("it is a history file".to_owned())
        }
        Some(feature) => Err(format!("it needs `{feature}`, which is not known here")),
        None => Ok(()),
    }
}

fn block(bytes: &[u8], rules: &Rules) -> Result<Block, String> {
    let blob = BlobReader::new(bytes)
        .next()
        .ok_or("a blob that is not there")?;
    let decoded: PrimitiveBlock = blob
        .and_then(|blob| blob.to_primitiveblock())
        .map_err(|error| error.to_string())?;
    // Most ways are no streets; that is seen without looking at what their tags say.
    let texts = decoded.raw_stringtable();
    let street = |key: u32| {
        texts
            .get(key as usize)
            .is_some_and(|text| rules.street_key(text))
    };
    let mut block = Block::default();
    block.counts.texts = texts.len() as u64;
    decoded.for_each_element(|element| match element {
        Element::Node(node) => block.node(
            node.id(),
            node.nano_lon(),
            node.nano_lat(),
            &Tags::new(rules, node.tags()),
        ),
        Element::DenseNode(node) => block.node(
            node.id(),
            node.nano_lon(),
            node.nano_lat(),
            &Tags::new(rules, node.tags()),
        ),
        Element::Way(way) => {
            let may_be = way.raw_tags().any(|(key, _)| street(key));
            let tags = may_be.then(|| Tags::new(rules, way.tags()));
            match tags.filter(Tags::is_street) {
                Some(tags) => block.street(&tags, way.refs()),
                None => {
                    block.counts.ways += 1;
                    block.counts.refs += way.raw_refs().len() as u64;
                }
            }
        }
        Element::Relation(_) => block.counts.relations += 1,
    });
    Ok(block)
}

impl Block {
    /// Keeps a node; one that is nowhere on the globe is as if it were missing.
    fn node(&mut self, id: i64, lon: i64, lat: i64, tags: &Tags) {
        self.counts.nodes += 1;
        let on_globe = lon.abs() <= 180_000_000_000 && lat.abs() <= 90_000_000_000;
        if let (true, Ok(lon), Ok(lat)) =
            (on_globe, i32::try_from(lon / 100), i32::try_from(lat / 100))
        {
            self.nodes.push(Node { id, lon, lat });
        }
        match tags.blocked() {
            0 => {}
            modes => self.blocked.push((id, modes)),
        }
    }

    fn street(&mut self, tags: &Tags, refs: impl Iterator<Item = i64>) {
        self.counts.ways += 1;
        self.counts.streets += 1;
        // What is open to nobody is kept too: it is drawn as what was left out.
        let access = tags.street();
        self.counts.closed += u64::from(access.nobody());
        let before = self.refs.len();
        self.refs.extend(refs);
        self.counts.refs += (self.refs.len() - before) as u64;
        self.ways.push(Way {
            access,
            end: self.refs.len(),
        });
    }

    fn ways(&self) -> impl Iterator<Item = (Access, &[i64])> {
        let mut start = 0;
        self.ways.iter().map(move |way| {
            let refs = &self.refs[start..way.end];
            start = way.end;
            (way.access, refs)
        })
    }
}

/// All nodes, by their ids.
struct Nodes(Vec<Node>);

impl Nodes {
    fn new(blocks: &[Block], file: &str, findings: &mut Findings) -> Self {
        let mut all: Vec<Node> =
            Vec::with_capacity(blocks.iter().map(|block| block.nodes.len()).sum());
        blocks
            .iter()
            .for_each(|block| all.extend_from_slice(&block.nodes));
        if all.is_sorted_by(|a, b| a.id < b.id) {
            return Self(all);
        }
        all.par_sort_by_key(|node| node.id);
        let before = all.len();
        all.dedup_by_key(|node| node.id);
        if all.len() < before {
            let twice = before - all.len();
            let finding = Finding::new(Kind::NodeTwice, file).value(format!("nodes {twice}"));
            findings.push(finding.concerns(twice as u64, before as u64));
        }
        Self(all)
    }

    /// The position of a node; often it is the one behind the last.
    fn find(&self, id: i64, last: usize) -> Option<usize> {
        match self.0.get(last + 1) {
            Some(next) if next.id == id => Some(last + 1),
            _ => self.0.binary_search_by_key(&id, |node| node.id).ok(),
        }
    }
}

/// What could not become part of the network.
#[derive(Debug, Clone, Copy, Default)]
struct Lost {
    /// References to nodes that the file does not hold.
    missing: u64,
    /// Streets that have one.
    streets: u64,
    /// References to nodes too far from the city to matter.
    outside: u64,
}

impl Lost {
    fn add(&mut self, other: Self) {
        self.missing += other.missing;
        self.streets += other.streets;
        self.outside += other.outside;
    }

    fn tell(self, file: &str, findings: &mut Findings) {
        if self.missing > 0 {
            let value = format!("nodes {}, streets {}", self.missing, self.streets);
            let finding = Finding::new(Kind::NodesMissing, file).value(value);
            findings.push(finding.weight(self.streets));
        }
        if self.outside > 0 {
            findings.push(
                Finding::new(Kind::RoadsOutside, file).value(format!("nodes {}", self.outside)),
            );
        }
    }
}

struct Network {
    records: RoadRecords,
    lost: Lost,
}

/// Runs of nodes that are all there and near the city, of streets or parts of streets: each of at least two.
#[derive(Default)]
struct Runs {
    nodes: Vec<u32>,
    /// Who may use each run, and where its nodes end.
    ends: Vec<(Access, u32)>,
    lost: Lost,
}

impl Runs {
    fn each(&self) -> impl Iterator<Item = (Access, &[u32])> {
        let mut start = 0;
        self.ends.iter().map(move |&(access, end)| {
            let run = &self.nodes[start as usize..end as usize];
            start = end;
            (access, run)
        })
    }

    /// Adds a street, cut where the file lacks a node or leads too far away.
    fn street(&mut self, access: Access, refs: &[i64], nodes: &Nodes, area: &TenMillionths) {
        let (mut last, mut missing) = (0, 0);
        for &id in refs {
            let found = nodes.find(id, last);
            last = found.unwrap_or(last);
            match found {
                None => missing += 1,
                Some(at) if area.contains(nodes.0[at]) => {
                    self.push(at as u32);
                    continue;
                }
                Some(_) => self.lost.outside += 1,
            }
            self.end(access);
        }
        self.end(access);
        self.lost.missing += missing;
        self.lost.streets += u64::from(missing > 0);
    }

    fn start(&self) -> usize {
        self.ends.last().map_or(0, |&(_, end)| end as usize)
    }

    /// Adds a node to the open run; one that is named twice in a row counts once.
    fn push(&mut self, node: u32) {
        if self.nodes.len() == self.start() || self.nodes.last() != Some(&node) {
            self.nodes.push(node);
        }
    }

    /// Ends the open run; a single node is none.
    fn end(&mut self, access: Access) {
        if self.nodes.len() > self.start() + 1 {
            self.ends.push((access, self.nodes.len() as u32));
        } else {
            self.nodes.truncate(self.start());
        }
    }
}

/// An area in the file's own numbers.
struct TenMillionths {
    low: Node,
    high: Node,
}

impl TenMillionths {
    fn new(area: &Area) -> Self {
        let corner = |at: Coord, round: fn(f64) -> f64| Node {
            id: 0,
            lon: round(at.x * 1e7) as i32,
            lat: round(at.y * 1e7) as i32,
        };
        Self {
            low: corner(area.low, f64::ceil),
            high: corner(area.high, f64::floor),
        }
    }

    fn contains(&self, at: Node) -> bool {
        (self.low.lon..=self.high.lon).contains(&at.lon)
            && (self.low.lat..=self.high.lat).contains(&at.lat)
    }
}

fn network(nodes: &Nodes, blocks: &[Block], area: &Area, projection: &Projection) -> Network {
    let area = TenMillionths::new(area);
    let of_block = |block: &Block| {
        let mut runs = Runs::default();
        block
            .ways()
            .for_each(|(access, refs)| runs.street(access, refs, nodes, &area));
        runs
    };
    let all: Vec<Runs> = blocks.par_iter().map(of_block).collect();
    // How often streets come to a node: twice or more makes a crossing of it; an end counts as two.
    let mut visits = vec![0_u8; nodes.0.len()];
    for (_, run) in all.iter().flat_map(Runs::each) {
        let ends = [run[0], run[run.len() - 1]];
        for &node in run.iter().chain(&ends) {
            visits[node as usize] = visits[node as usize].saturating_add(1);
        }
    }
    let mut blocked: Vec<(u32, u8)> = Vec::new();
    for &(id, modes) in blocks.iter().flat_map(|block| &block.blocked) {
        if let Some(node) = nodes
            .find(id, nodes.0.len())
            .filter(|&node| visits[node] > 0)
        {
            visits[node] = visits[node].saturating_add(2);
            blocked.push((node as u32, modes));
        }
    }
    let places: Vec<Point> = (nodes.0.par_iter().zip(&visits))
        .map(|(node, &visits)| {
            if visits > 0 {
                in_plane(*node, projection)
            } else {
                Point::default()
            }
        })
        .collect();
    let mut position = vec![0_u32; nodes.0.len()];
    let mut records = RoadRecords::default();
    for (node, _) in visits.iter().enumerate().filter(|(_, visits)| **visits > 1) {
        position[node] = records.nodes.len() as u32;
        records.nodes.push(places[node]);
    }
    if !blocked.is_empty() {
        records.blocked = vec![0; records.nodes.len()];
        blocked
            .iter()
            .for_each(|&(node, modes)| records.blocked[position[node as usize] as usize] |= modes);
    }
    for (access, run) in all.iter().flat_map(Runs::each) {
        let mut from = run[0];
        for &node in &run[1..] {
            if visits[node as usize] < 2 {
                records.bends.push(places[node as usize]);
                continue;
            }
            let (from, to) = (
                position[std::mem::replace(&mut from, node) as usize],
                position[node as usize],
            );
            // The length is that of the shape.
            records.edges.push(Edge {
                from,
                to,
                length: 0,
                access,
            });
            records.bend_ends.push(records.bends.len() as u32);
        }
    }
    let mut lost = Lost::default();
    all.iter().for_each(|runs| lost.add(runs.lost));
    Network { records, lost }
}

fn in_plane(node: Node, projection: &Projection) -> Point {
    // Near the city (`runs` kept no others), so that the place is in the plane.
    Point::from_metres(projection.to_plane(node.degrees())).unwrap_or_default()
}
