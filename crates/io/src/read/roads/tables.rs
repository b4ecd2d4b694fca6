//! Streets from two tables: nodes with their places, edges between them. Read in pieces, so that a table of any size needs only
//! the room of what is kept of it.

use std::collections::HashMap;
use std::io::Read;

use fuwutu_core::quantity::Point;
use fuwutu_core::reach::roads::{Access, Edge, RoadRecords};
use fuwutu_core::watch::Watch;
use geo::{Coord, Distance, Euclidean};

use super::tags::Tags;
use super::{Area, Found, RoadSummary, touches};
use crate::crs::Crs;
use crate::finding::{Failure, Finding, Findings, Kind, Scope};
use crate::frame::Projection;
use crate::layer::in_degrees;
use crate::plan::RoadsSource;
use crate::read::{ReadError, degrees};
use crate::street_rules::Rules;
use crate::table::{self, Column, Row};

pub(crate) const NODE_COLUMNS: [Column; 3] = [
    Column::required("id", &["编号", "节点编号"]),
    Column::required("lon", &["经度", "longitude", "x"]),
    Column::required("lat", &["纬度", "latitude", "y"]),
];
pub(crate) const EDGE_COLUMNS: [Column; 19] = [
    Column::required("from", &["起点", "起点编号"]),
    Column::required("to", &["终点", "终点编号"]),
    Column::optional("length_m", &["长度", "长度米"]),
    Column::optional("class", &["等级", "道路等级", "类别"]),
    Column::optional("geometry", &["几何", "wkt", "WKT"]),
    Column::optional("snap", &["上路", "可上路"]),
    Column::optional("wait_s", &["等候秒", "等候秒数"]),
    Column::optional("oneway", &["单行", "单向"]),
    Column::optional("oneway_foot", &["步行单向"]),
    Column::optional("conveying", &["自动扶梯"]),
    Column::optional("access", &["通行", "通行限制"]),
    Column::optional("foot", &["步行"]),
    Column::optional("bicycle", &["非机动车", "自行车"]),
    Column::optional("motor_vehicle", &["机动车"]),
    Column::optional("sidewalk", &["人行道"]),
    Column::optional("bridge", &["桥", "桥梁"]),
    Column::optional("tunnel", &["隧道"]),
    Column::optional("level", &["楼层", "层"]),
    Column::optional("indoor", &["室内"]),
];
const FROM: usize = 0;
const TO: usize = 1;
const LENGTH: usize = 2;
const CLASS: usize = 3;
const GEOMETRY: usize = 4;
const SNAP: usize = 5;
const WAIT: usize = 6;

/// Columns whose cells are tags of OpenStreetMap, and the key of each.
const TAGS: [(usize, &str); 12] = [
    (7, "oneway"),
    (8, "oneway:foot"),
    (9, "conveying"),
    (10, "access"),
    (11, "foot"),
    (12, "bicycle"),
    (13, "motor_vehicle"),
    (14, "sidewalk"),
    (15, "bridge"),
    (16, "tunnel"),
    (17, "level"),
    (18, "indoor"),
];

/// Nobody waits longer than this (an hour) on one edge.
const LONGEST_WAIT_S: f64 = 3600.0;

/// No street is longer than this between two crossings (1,000 km).
const LONGEST_M: f64 = 1e6;

/// Lengths this much shorter than the straight line between their ends are a matter of rounding or of the earth's shape.
const SHORTER: f64 = 0.01;

/// A street of more than so many metres that is so many times as long as its shape is probably in another unit.
const LONGER_M: f64 = 500.0;
const LONGER: f64 = 5.0;

/// A shape that begins or ends farther than this (m) from its nodes is another street's.
const ENDS_MEET: f64 = 50.0;

pub(super) fn read(
    (source, crs, rules): (&RoadsSource, &Crs, &Rules),
    names: [&str; 2],
    [nodes, edges]: [Box<dyn Read + '_>; 2],
    area: &Area,
    projection: &Projection,
    findings: &mut Findings,
    watch: Watch,
) -> Result<Found, ReadError> {
    let Nodes { ids, places } = Nodes::read(
        (source, crs),
        names[0],
        nodes,
        area,
        projection,
        findings,
        watch,
    )?;
    stop_at_errors(findings)?;
    let known = Known {
        ids: &ids,
        places: &places,
        crs,
        projection,
        rules,
        corners: area.corners(projection),
    };
    let (rows, counts) = edges_of(source, names[1], edges, &known, findings, watch)?;
    stop_at_errors(findings)?;
    let outside = known.left_out(&rows.edges);
    if outside > 0 {
        let finding = Finding::new(Kind::RoadsOutside, names[0]);
        findings.push(finding.value(format!("nodes {outside}")));
    }
    counts.tell(names[1], findings);
    let same = same_place(&rows, &places);
    if same > 0 {
        let finding = Finding::new(Kind::NodesSamePlace, names[0]);
        findings.push(finding.value(format!("nodes {same}")).weight(same));
    }
    if rows.edges.len() as u64 == counts.closed {
        let Counts {
            rows,
            closed,
            loops,
            unknown,
            outside,
        } = counts;
        let value = format!(
            "rows {rows}: {closed} open to nobody, {loops} without length, {unknown} to unknown nodes, {outside} far from the city"
        );
        return Err(Finding::new(Kind::NoStreets, names[1]).value(value).into());
    }
    let told = format!(
        "nodes {}, edges {}, of these open to nobody {}",
        ids.len(),
        counts.rows,
        counts.closed
    );
    findings.push(Finding::new(Kind::RoadsRead, names[1]).value(told));
    findings.whole(Scope::File(names[1].to_owned()), counts.rows);
    let mut summary = RoadSummary::default();
    summary.left_out("open_to_nobody", counts.closed);
    summary.left_out("node_missing", counts.unknown);
    summary.left_out("outside", counts.outside + outside);
    summary.left_out("no_length", counts.loops);
    Ok(Found {
        records: rows.records(&places),
        summary,
    })
}

fn stop_at_errors(findings: &mut Findings) -> Result<(), Failure> {
    if findings.failed() {
        std::mem::take(findings).finish().map(drop)
    } else {
        Ok(())
    }
}

/// Where a node lies that is too far from the city for a street to lead there from it: nowhere.
const OUTSIDE: Point = Point {
    x: i32::MIN,
    y: i32::MIN,
};

/// Ids in order, and the place of each.
struct Nodes {
    ids: Ids,
    places: Vec<Point>,
}

/// Ids as numbers where all of them are, which takes a third of the room; as they stand otherwise. In order.
enum Ids {
    Numbers(Vec<i64>),
    Names(Vec<Box<str>>),
}

impl Ids {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(ids) => ids.len(),
            Self::Names(ids) => ids.len(),
        }
    }

    fn find(&self, id: &str) -> Option<usize> {
        match self {
            Self::Numbers(ids) => ids.binary_search(&number(id)?).ok(),
            Self::Names(ids) => ids.binary_search_by(|known| (**known).cmp(id)).ok(),
        }
    }
}

/// The number that an id is written as, where it is written in the one usual way (`007` is a name).
fn number(id: &str) -> Option<i64> {
    let digits = id.strip_prefix('-').unwrap_or(id);
    let usual = !digits.starts_with('0') || id == "0";
    id.parse()
        .ok()
        .filter(|_| usual && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Id, line and place of each node: ids as numbers as long as all are.
enum NodeRows {
    Numbers(Vec<(i64, u32, Point)>),
    Names(Vec<(Box<str>, u32, Point)>),
}

impl NodeRows {
    fn push(&mut self, id: NodeId, line: u32, at: Point) {
        match (&mut *self, id) {
            (Self::Numbers(rows), NodeId::Number(id)) => rows.push((id, line, at)),
            (Self::Names(rows), NodeId::Number(id)) => rows.push((id.to_string().into(), line, at)),
            (Self::Names(rows), NodeId::Name(id)) => rows.push((id, line, at)),
            (Self::Numbers(rows), NodeId::Name(id)) => {
                let names = rows
                    .drain(..)
                    .map(|(id, line, at)| (id.to_string().into(), line, at));
                *self = Self::Names(names.chain([(id, line, at)]).collect());
            }
        }
    }
}

enum NodeId {
    Number(i64),
    Name(Box<str>),
}

impl Nodes {
    fn read(
        (source, crs): (&RoadsSource, &Crs),
        file: &str,
        reader: Box<dyn Read + '_>,
        area: &Area,
        projection: &Projection,
        findings: &mut Findings,
        watch: Watch,
    ) -> Result<Self, ReadError> {
        let mut rows = NodeRows::Numbers(Vec::new());
        let node = |row: &Row, nodes: &mut Vec<(NodeId, u32, Point)>, _: &mut Findings| {
            let id = row.id(0)?;
            let degrees = degrees(row, 1, 2, crs).map_err(|finding| finding.id(id))?;
            let near = if area.near(degrees) {
                Point::from_metres(projection.to_plane(degrees))
            } else {
                None
            };
            let id = number(id).map_or_else(|| NodeId::Name(id.into()), NodeId::Number);
            nodes.push((id, row.line as u32, near.unwrap_or(OUTSIDE)));
            Ok(())
        };
        let columns = (&NODE_COLUMNS[..], &source.node_columns);
        table::for_each_piece(file, reader, columns, findings, watch, node, |more| {
            for (id, line, at) in more {
                rows.push(id, line, at);
            }
        })?;
        let (ids, places) = match rows {
            NodeRows::Numbers(rows) => {
                let (ids, places) = table::in_order(rows, file, findings);
                (Ids::Numbers(ids), places)
            }
            NodeRows::Names(rows) => {
                let (ids, places) = table::in_order(rows, file, findings);
                (Ids::Names(ids), places)
            }
        };
        Ok(Self { ids, places })
    }
}

/// What edges refer to.
struct Known<'a> {
    ids: &'a Ids,
    places: &'a [Point],
    crs: &'a Crs,
    projection: &'a Projection,
    rules: &'a Rules,
    /// The corners of the area.
    corners: [[i32; 2]; 2],
}

impl Known<'_> {
    /// Whether a line leads through the area or touches it.
    fn touch(&self, line: &[Point]) -> bool {
        let pieces = line.windows(2);
        pieces
            .map(|piece| [piece[0], piece[1]].map(|at| [at.x, at.y]))
            .any(|piece| touches(piece, self.corners))
    }

    /// How many nodes lie outside the area and on no edge that leads into it.
    fn left_out(&self, edges: &[Edge]) -> u64 {
        let outside = |&at: &Point| at == OUTSIDE || !self.touch(&[at, at]);
        let mut left: Vec<bool> = self.places.iter().map(outside).collect();
        for edge in edges {
            (left[edge.from as usize], left[edge.to as usize]) = (false, false);
        }
        left.iter().filter(|&&left| left).count() as u64
    }
}

/// An edge as read.
struct EdgeRow {
    edge: Edge,
    /// In milliseconds.
    wait: u32,
    bends: Vec<Point>,
}

/// What became of a row.
enum Made {
    Edge(EdgeRow),
    /// From a place to itself, without a shape.
    Loop,
    /// An end is not among the nodes.
    Unknown,
    /// An end is too far from the city to matter.
    Outside,
}

/// What is counted on the way.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    rows: u64,
    closed: u64,
    loops: u64,
    unknown: u64,
    outside: u64,
}

impl Counts {
    fn tell(self, file: &str, findings: &mut Findings) {
        let mut tell = |kind, count: u64| {
            if count > 0 {
                findings.push(Finding::new(kind, file).value(format!("edges {count}")));
            }
        };
        tell(Kind::RoadsOutside, self.outside);
        tell(Kind::EdgeLoop, self.loops);
    }
}

/// Edges kept, with their bends and waits joined only where there are any.
#[derive(Default)]
struct Edges {
    edges: Vec<Edge>,
    bends: Vec<Point>,
    bend_ends: Vec<u32>,
    waits: Vec<u32>,
}

impl Edges {
    fn push(&mut self, row: EdgeRow) {
        if row.wait > 0 || !self.waits.is_empty() {
            self.waits.resize(self.edges.len(), 0);
            self.waits.push(row.wait);
        }
        if !row.bends.is_empty() || !self.bend_ends.is_empty() {
            self.bend_ends
                .resize(self.edges.len(), self.bends.len() as u32);
            self.bends.extend(row.bends);
            self.bend_ends.push(self.bends.len() as u32);
        }
        self.edges.push(row.edge);
    }

    /// Without the nodes that no edge leads to.
    fn records(mut self, places: &[Point]) -> RoadRecords {
        let mut position = vec![u32::MAX; places.len()];
        for edge in &self.edges {
            (position[edge.from as usize], position[edge.to as usize]) = (0, 0);
        }
        let mut nodes = Vec::new();
        for (position, &place) in position
            .iter_mut()
            .zip(places)
            .filter(|(position, _)| **position == 0)
        {
            *position = nodes.len() as u32;
            nodes.push(place);
        }
        for edge in &mut self.edges {
            (edge.from, edge.to) = (position[edge.from as usize], position[edge.to as usize]);
        }
        // Growing left room for up to as many edges again.
        self.edges.shrink_to_fit();
        let Self {
            edges,
            bends,
            bend_ends,
            waits,
        } = self;
        RoadRecords {
            nodes,
            edges,
            bends,
            bend_ends,
            waits,
            ..RoadRecords::default()
        }
    }
}

fn edges_of(
    source: &RoadsSource,
    file: &str,
    reader: Box<dyn Read + '_>,
    known: &Known,
    findings: &mut Findings,
    watch: Watch,
) -> Result<(Edges, Counts), ReadError> {
    let (mut edges, mut counts) = (Edges::default(), Counts::default());
    let read = |row: &Row, piece: &mut EdgesPiece, findings: &mut Findings| {
        piece
            .made
            .push(edge(row, known, &mut piece.plain, findings)?);
        Ok(())
    };
    let columns = (&EDGE_COLUMNS[..], &source.edge_columns);
    table::for_each_piece(file, reader, columns, findings, watch, read, |piece| {
        for read in piece.made {
            counts.rows += 1;
            match read {
                Made::Edge(row) => {
                    counts.closed += u64::from(row.edge.access.nobody());
                    edges.push(row);
                }
                Made::Loop => counts.loops += 1,
                Made::Unknown => counts.unknown += 1,
                Made::Outside => counts.outside += 1,
            }
        }
    })?;
    Ok((edges, counts))
}

/// Who may use a street of a class of which nothing else is said, and how long one waits on it: most streets are such.
type Plain = HashMap<Box<str>, (Access, u32)>;

/// What is made of a piece of the table.
#[derive(Default)]
struct EdgesPiece {
    made: Vec<Made>,
    plain: Plain,
}

fn edge(
    row: &Row,
    known: &Known,
    plain: &mut Plain,
    findings: &mut Findings,
) -> Result<Made, Finding> {
    let mut ends = [0_u32; 2];
    for (end, column) in ends.iter_mut().zip([FROM, TO]) {
        let id = row.id(column)?;
        match known.ids.find(id) {
            Some(at) => *end = at as u32,
            None => {
                findings.push(row.finding(Kind::NodeUnknown, column).id(id).weight(1));
                return Ok(Made::Unknown);
            }
        }
    }
    let length = row.optional_amount(LENGTH, LONGEST_M)?;
    let (access, wait) = access(row, known.rules, plain, findings)?;
    let [from, to] = ends.map(|end| known.places[end as usize]);
    if [from, to].contains(&OUTSIDE) {
        return Ok(Made::Outside);
    }
    let shape = bends(row, from, to, known);
    let bends = shape.as_deref().unwrap_or_default();
    if !known.touch(&[&[from], bends, &[to]].concat()) {
        return Ok(Made::Outside);
    }
    if shape.is_none() {
        findings.push(row.finding(Kind::EdgeShape, GEOMETRY).weight(1));
    }
    if ends[0] == ends[1] && bends.is_empty() {
        return Ok(Made::Loop);
    }
    let straight = Euclidean.distance(geo::Point(from.metres()), geo::Point(to.metres()));
    if length.is_some_and(|length| length < straight * (1.0 - SHORTER)) {
        let value = format!("{} < {straight:.1}", row.cell(LENGTH));
        findings.push(row.finding(Kind::EdgeShort, LENGTH).value(value).weight(1));
    }
    if let Some(length) = length.filter(|length| *length > LONGER_M) {
        let places = [&[from], bends, &[to]].concat();
        let pieces = places.windows(2).map(|piece| piece[0].distance(piece[1]));
        let shape = pieces.sum::<f64>() / 1000.0;
        if length > shape * LONGER {
            let value = format!("{} > {shape:.1}", row.cell(LENGTH));
            findings.push(row.finding(Kind::EdgeLong, LENGTH).value(value).weight(1));
        }
    }
    // Without a length it is that of the shape, which `Roads` sees to.
    let length = length.map_or(0, |length| (length * 1000.0).round() as u32);
    Ok(Made::Edge(EdgeRow {
        edge: Edge {
            from: ends[0],
            to: ends[1],
            length,
            access,
        },
        wait,
        bends: shape.unwrap_or_default(),
    }))
}

/// How many nodes of streets lie where another one of another id lies: streets that meet on a map, and here do not.
fn same_place(rows: &Edges, places: &[Point]) -> u64 {
    let mut used: Vec<u32> = (rows.edges.iter().flat_map(|edge| [edge.from, edge.to])).collect();
    used.sort_unstable();
    used.dedup();
    used.sort_by_key(|&node| places[node as usize]);
    let same = used.windows(2);
    same.filter(|two| places[two[0] as usize] == places[two[1] as usize])
        .count() as u64
}

/// Who may use a street, and how long one waits on it: all classes that are named together open it. Without a class, everybody.
fn access(
    row: &Row,
    rules: &Rules,
    plain: &mut Plain,
    findings: &mut Findings,
) -> Result<(Access, u32), Finding> {
    let class = row.cell(CLASS);
    let others = TAGS.iter().map(|&(column, _)| column);
    let mut others = others.chain([SNAP, WAIT]);
    let is_plain = others.all(|column| row.cell(column).is_empty());
    if let Some(&access) = plain.get(class).filter(|_| is_plain) {
        return Ok(access);
    }
    let access = said(row, class, rules, findings)?;
    if is_plain && (class.is_empty() || Tags::known(rules, class)) {
        plain.insert(class.into(), access);
    }
    Ok(access)
}

/// The same by all that the row says.
fn said(
    row: &Row,
    class: &str,
    rules: &Rules,
    findings: &mut Findings,
) -> Result<(Access, u32), Finding> {
    let mut given = Vec::new();
    for (column, key) in TAGS {
        let written = row.cell(column).to_ascii_lowercase();
        let value = word(&written).to_owned();
        if understood(rules, key, &value) {
            given.extend((!value.is_empty()).then_some((key, value)));
        } else {
            findings.push(row.finding(Kind::RoadWordUnknown, column).weight(1));
        }
    }
    let tags = Tags::new(rules, given.iter().map(|(key, value)| (*key, &**value)));
    let of = |class| tags.with_class(class).street();
    let named = || class.split(';').map(str::trim);
    let open = if class.is_empty() {
        // As a street that is open to everybody.
        of("residential")
    } else if named().any(|class| Tags::known(rules, class)) {
        named().map(of).fold(Access::default(), Access::and)
    } else {
        findings.push(row.finding(Kind::ClassOfRoadUnknown, CLASS).weight(1));
        of("residential")
    };
    let open = match word(&row.cell(SNAP).to_ascii_lowercase()) {
        "no" => open.and(Access::NO_SNAP),
        "yes" | "1" => Access(open.0 & !Access::NO_SNAP.0),
        "" => open,
        _ => {
            findings.push(row.finding(Kind::RoadWordUnknown, SNAP).weight(1));
            open
        }
    };
    let wait = match row.optional_amount(WAIT, LONGEST_WAIT_S)? {
        Some(seconds) => (seconds * 1000.0).round() as u32,
        None => tags.with_class(class).wait(),
    };
    Ok((open, wait))
}

/// Whether a word of a column means something: what is not known must not open or close a street in silence.
fn understood(rules: &Rules, key: &str, value: &str) -> bool {
    match key {
        _ if value.is_empty() => true,
        "access" | "foot" | "bicycle" | "motor_vehicle" => Tags::says(rules, value),
        "oneway" | "oneway:foot" => {
            matches!(
                value,
                "yes" | "no" | "1" | "-1" | "reverse" | "reversible" | "alternating"
            )
        }
        "conveying" => {
            matches!(value, "yes" | "no" | "forward" | "backward" | "reversible")
        }
        "level" => {
            let mut floors = value.split([';', ',']).map(str::trim);
            floors.all(|floor| {
                let mut signs = floor.bytes();
                floor.contains(|sign: char| sign.is_ascii_digit())
                    && signs.all(|sign| sign.is_ascii_digit() || b"-.".contains(&sign))
            })
        }
        _ => true,
    }
}

/// The ways to write words of tags in tables, all in small letters, as one.
fn word(text: &str) -> &str {
    match text {
        "是" | "有" | "单行" | "单向" | "y" | "t" | "true" => "yes",
        "否" | "无" | "双向" | "n" | "f" | "false" | "0" => "no",
        "私有" | "内部" | "限内部" => "private",
        "禁止" | "禁行" => "no",
        "开放" | "公共" => "yes",
        "顺向" => "forward",
        "逆向" => "backward",
        other => other,
    }
}

/// The places between the ends, from the edge's first node to its last; `None` for a shape that does not lead from one to the other.
fn bends(row: &Row, from: Point, to: Point, known: &Known) -> Option<Vec<Point>> {
    let text = row.cell(GEOMETRY);
    if text.is_empty() {
        return Some(Vec::new());
    }
    let places = line_string(text, known.crs).and_then(|line| {
        let place = |at: Coord| Point::from_metres(known.projection.to_plane(at));
        line.into_iter().map(place).collect::<Option<Vec<Point>>>()
    });
    let meets = |a: Point, b: Point| {
        Euclidean.distance(geo::Point(a.metres()), geo::Point(b.metres())) <= ENDS_MEET
    };
    let fits = |line: &[Point], from: Point, to: Point| {
        line.first().is_some_and(|&first| meets(first, from))
            && line.last().is_some_and(|&last| meets(last, to))
    };
    match places {
        Some(line) if fits(&line, from, to) => Some(inner(&line)),
        Some(mut line) if fits(&line, to, from) => {
            line.reverse();
            Some(inner(&line))
        }
        _ => None,
    }
}

fn inner(line: &[Point]) -> Vec<Point> {
    line.get(1..line.len().saturating_sub(1))
        .unwrap_or(&[])
        .to_vec()
}

/// The places of a WKT `LINESTRING`, in degrees.
fn line_string(text: &str, crs: &Crs) -> Option<Vec<Coord>> {
    let body = text
        .trim()
        .strip_prefix("LINESTRING")?
        .trim_start()
        .trim_start_matches('Z')
        .trim_start();
    let body = body.strip_prefix('(')?.strip_suffix(')')?;
    let place = |pair: &str| {
        let mut numbers = pair.split_whitespace().map(crate::number::plain);
        let at = Coord {
            x: numbers.next()??,
            y: numbers.next()??,
        };
        in_degrees(at, crs).ok()
    };
    body.split(',').map(place).collect()
}
