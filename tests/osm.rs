//! OpenStreetMap files as they are: areas made of relations, ways that end within them, nodes at one place, streets that lead out of
//! the area, barriers, places on ways, files that are cut. Each on a lattice of streets where the answer is counted by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "pbf.rs"]
mod pbf;
mod support;

use fuwutu_core::reach::roads::{BarrierKind, Roads};
use fuwutu_core::service::Mode;
use fuwutu_io::finding::{Failure, Finding, Level};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder};

use pbf::{Node, Relation, Way};
use support::Temp;

// ---- A town, and what is read of it.

const COLUMNS: i64 = 12;
/// The lattice's step, 0.001°: 95.9 m to the east, 110.9 m to the north.
const STEP: i64 = 10_000;
const WEST: i64 = 1_039_800_000;
const SOUTH: i64 = 306_000_000;
const FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];

/// Streets over the demo's middle, 12 × 12 crossings with ids from 1, the lowest row first: 264 edges. And what a test adds.
#[derive(Clone)]
struct Town {
    nodes: Vec<Node>,
    ways: Vec<Way>,
    relations: Vec<Relation>,
}

fn town() -> Town {
    let mut town = Town {
        nodes: Vec::new(),
        ways: Vec::new(),
        relations: Vec::new(),
    };
    for row in 0..COLUMNS {
        for column in 0..COLUMNS {
            town = town.node(1 + row * COLUMNS + column, [column * STEP, row * STEP]);
        }
    }
    for line in 0..COLUMNS {
        let row: Vec<i64> = (0..COLUMNS).map(|at| 1 + line * COLUMNS + at).collect();
        let column: Vec<i64> = (0..COLUMNS).map(|at| 1 + at * COLUMNS + line).collect();
        town = town
            .way(1000 + line, &row, &[("highway", "residential")])
            .way(2000 + line, &column, &[("highway", "residential")]);
    }
    town
}

fn tags(tags: &[(&'static str, &str)]) -> pbf::Tags {
    tags.iter()
        .map(|&(key, value)| (key, value.to_owned()))
        .collect()
}

/// The lattice's south-east corner, and the crossing north of it.
const CORNER: i64 = 12;
const ABOVE: i64 = 24;
const EAST: i64 = 11 * STEP;

impl Town {
    /// At so many ten-millionths of a degree from the lattice's first crossing.
    fn node(mut self, id: i64, [east, north]: [i64; 2]) -> Self {
        self.nodes.push(Node {
            id,
            lon: WEST + east,
            lat: SOUTH + north,
            tags: Vec::new(),
        });
        self
    }

    fn way(mut self, id: i64, refs: &[i64], of: &[(&'static str, &str)]) -> Self {
        self.ways.push(Way {
            id,
            refs: refs.to_vec(),
            tags: tags(of),
        });
        self
    }

    fn relation(mut self, ways: &[i64], of: &[(&'static str, &str)]) -> Self {
        self.relations.push(Relation {
            id: 1,
            ways: ways.to_vec(),
            tags: tags(of),
        });
        self
    }

    /// A square beside the corner, in two pieces without tags (900 and 901), with a hole (902).
    fn square(self) -> Self {
        self.node(501, [EAST + STEP, 0])
            .node(502, [EAST + STEP, STEP])
            .node(503, [EAST + 4000, 4000])
            .node(504, [EAST + 6000, 4000])
            .node(505, [EAST + 6000, 6000])
            .node(506, [EAST + 4000, 6000])
            .way(900, &[CORNER, 501, 502], &[])
            .way(901, &[502, ABOVE, CORNER], &[])
            .way(902, &[503, 504, 505, 506, 503], &[])
    }

    /// A blob for so many of each.
    fn bytes(&self, some: usize) -> Vec<u8> {
        self.blobs(some).concat()
    }

    fn blobs(&self, some: usize) -> Vec<Vec<u8>> {
        let mut blobs = vec![pbf::header(&FEATURES)];
        let data = |message: Vec<u8>| pbf::blob("OSMData", &message);
        blobs.extend(
            self.nodes
                .chunks(some)
                .map(|some| data(pbf::node_block(some))),
        );
        blobs.extend(
            self.ways
                .chunks(some)
                .map(|some| data(pbf::way_block(some))),
        );
        blobs.extend((self.relations.chunks(some)).map(|some| data(pbf::relation_block(some))));
        blobs
    }

    fn read(&self) -> (Roads, Vec<Finding>) {
        read_bytes(&self.bytes(8000)).unwrap()
    }

    fn roads(&self) -> Roads {
        self.read().0
    }
}

const PLAN: &str = r#"
[round]
name = "osm"
base_year = 2026
[inputs]
crs = "EPSG:4490"
townships = { path = "townships.geojson" }
communities = { path = "communities.geojson" }
population = { path = "population.csv" }
facilities = [{ path = "facilities.csv" }]
roads = { path = "city.osm.pbf" }
[travel]
mode = "streets"
[services]
select = ["community_health_centre"]
"#;

/// A layer of one square round the lattice.
fn layer(properties: &str) -> String {
    let ring = "[[[103.97,30.59],[104.0,30.59],[104.0,30.62],[103.97,30.62],[103.97,30.59]]]";
    format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{{properties}}},
        "geometry":{{"type":"Polygon","coordinates":{ring}}}}}]}}"#
    )
}

/// The roads of a file, for people at two corners of the lattice.
fn read_bytes(bytes: &[u8]) -> Result<(Roads, Vec<Finding>), Failure> {
    let folder = Temp::new("osm");
    folder.put("plan.toml", PLAN);
    let township = r#""code":"510104001","name":"甲街道""#;
    folder.put("townships.geojson", layer(township));
    let community = r#""code":"510104001001","name":"甲社区","township":"510104001""#;
    folder.put("communities.geojson", layer(community));
    folder.put(
        "population.csv",
        "id,community,lon,lat,residents\na,510104001001,103.98,30.6,500\nb,510104001001,103.99,30.61,500\n",
    );
    folder.put(
        "facilities.csv",
        "id,name,service,lon,lat,capacity\nf,f,community_health_centre,103.985,30.605,\n",
    );
    folder.put("city.osm.pbf", bytes);
    let path = folder.path("plan.toml");
    let mut plan = Plan::read(&path).unwrap();
    let (catalogue, _) = plan::catalogue(&mut plan, &path).unwrap();
    let input = read::read(&plan, &Folder(folder.to_path_buf()), &catalogue)?;
    let roads = Roads::clone(&input.roads.unwrap().roads);
    Ok((roads, input.findings))
}

fn value<'a>(findings: &'a [Finding], code: &str) -> Option<&'a str> {
    let found = findings.iter().find(|finding| finding.kind.code() == code);
    found.map(|finding| finding.value.as_str())
}

/// How many edges that one can walk on each part of the network has, the largest first.
fn parts(roads: &Roads) -> Vec<usize> {
    let mut part: Vec<u32> = (0..roads.nodes().len() as u32).collect();
    fn root(part: &mut [u32], mut node: u32) -> u32 {
        while part[node as usize] != node {
            node = part[node as usize];
        }
        node
    }
    let walked = || (roads.edges().iter()).filter(|edge| edge.access.any(Mode::Walk));
    for edge in walked() {
        let [a, b] = [edge.from, edge.to].map(|node| root(&mut part, node));
        part[a as usize] = b;
    }
    let mut counts = vec![0; part.len()];
    walked().for_each(|edge| counts[root(&mut part, edge.from) as usize] += 1);
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts.retain(|&count| count > 0);
    counts
}

/// Whether there is an edge of about so many metres.
fn has_edge(roads: &Roads, metres: f64) -> bool {
    let near = |length: u32| (f64::from(length) / 1000.0 - metres).abs() < 0.3;
    roads.edges().iter().any(|edge| near(edge.length))
}

// ---- Areas.

#[test]
fn a_square_made_of_a_relation_is_walked_along() {
    let plain = town().square().node(507, [EAST + 3 * STEP, STEP]).way(
        903,
        &[502, 507],
        &[("highway", "footway")],
    );
    assert_eq!(parts(&plain.roads()), [264, 1], "no relation, no way there");
    for of in [
        [("type", "multipolygon"), ("highway", "pedestrian")],
        [("type", "multipolygon"), ("highway", "footway")],
    ] {
        let town = plain.clone().relation(&[900, 901, 902, 999], &of);
        // Corner to 502, 502 to the crossing above, and back to the corner; the footway; the hole stands alone.
        assert_eq!(parts(&town.roads()), [264 + 3 + 1, 1], "{of:?}");
    }
    let (roads, _) = plain
        .relation(
            &[900, 901, 902],
            &[("type", "route"), ("highway", "pedestrian")],
        )
        .read();
    assert_eq!(parts(&roads), [264, 1], "a route is no area");
}

/// A square as one closed way, with a footway that ends in it, 33.3 m north of its southern edge.
fn ending_within(square: &[(&'static str, &str)], footway: &[(&'static str, &str)]) -> Town {
    town()
        .node(501, [EAST + STEP, 0])
        .node(502, [EAST + STEP, STEP])
        .node(520, [EAST + 3 * STEP, 3000])
        .node(521, [EAST + 5000, 3000])
        .way(900, &[CORNER, 501, 502, ABOVE, CORNER], square)
        .way(903, &[520, 521], footway)
}

const AREA: [(&str, &str); 2] = [("highway", "pedestrian"), ("area", "yes")];
const FOOTWAY: (&str, &str) = ("highway", "footway");

#[test]
fn a_way_that_ends_within_an_area_is_led_to_its_edge() {
    let (roads, findings) = ending_within(&AREA, &[FOOTWAY]).read();
    // The square's outline is three edges where it is cut, else two; the footway, and the way to the edge.
    assert_eq!(parts(&roads), [264 + 3 + 1 + 1]);
    assert!(
        has_edge(&roads, 33.27),
        "3000 of the lattice's steps of 110.9 m"
    );
    assert_eq!(value(&findings, "ends_in_areas"), Some("street ends 1"));
    for (square, footway, why) in [
        (
            &[("highway", "pedestrian")][..],
            &[FOOTWAY][..],
            "a street that is closed is no area",
        ),
        (&AREA, &[FOOTWAY, ("layer", "-1")], "below it"),
        (&AREA, &[("highway", "motorway")], "nobody walks there"),
        (
            &[
                ("highway", "pedestrian"),
                ("area", "yes"),
                ("bridge", "yes"),
            ],
            &[FOOTWAY],
            "above it",
        ),
    ] {
        let (roads, findings) = ending_within(square, footway).read();
        assert_eq!(parts(&roads)[0], 264 + 2, "{why}");
        assert_eq!(value(&findings, "ends_in_areas"), None, "{why}");
    }
}

#[test]
fn two_ways_that_end_within_an_area_meet_along_its_edge() {
    let town = ending_within(&AREA, &[FOOTWAY])
        .node(522, [EAST + 5000, -2 * STEP])
        .node(523, [EAST + 5000, 2000])
        .node(524, [EAST + 7000, 2 * STEP])
        .node(525, [EAST + 7000, 4000])
        .way(904, &[522, 523], &[FOOTWAY])
        .way(905, &[524, 525], &[FOOTWAY]);
    let (roads, findings) = town.read();
    // 521 and 523 come to one place of the southern edge, 525 (28.8 m from the eastern edge) to another.
    assert_eq!(value(&findings, "ends_in_areas"), Some("street ends 3"));
    assert_eq!(parts(&roads).len(), 1);
    assert!(has_edge(&roads, 28.77), "3000 of 95.9 m");
}

#[test]
fn where_an_outline_is_cut_no_street_ends() {
    // Another square to the south has the same edge.
    let town = ending_within(&AREA, &[FOOTWAY])
        .node(531, [EAST + STEP, -STEP])
        .node(532, [EAST, -STEP])
        .way(906, &[CORNER, 501, 531, 532, CORNER], &AREA);
    let (roads, findings) = town.read();
    assert_eq!(value(&findings, "ends_in_areas"), Some("street ends 1"));
    assert_eq!(value(&findings, "ends_near"), None);
    assert_eq!(parts(&roads).len(), 1);
}

#[test]
fn a_way_that_ends_in_the_hole_of_an_area_is_not_in_it() {
    let relation = [("type", "multipolygon"), ("highway", "pedestrian")];
    let of = |end: [i64; 2]| {
        let town = town()
            .square()
            .node(520, [EAST + 3 * STEP, 5000])
            .node(521, end)
            .way(903, &[520, 521], &[FOOTWAY]);
        value(
            &town.relation(&[900, 901, 902], &relation).read().1,
            "ends_in_areas",
        )
        .map(str::to_owned)
    };
    assert_eq!(of([EAST + 5000, 5000]), None, "in the hole");
    assert_eq!(of([EAST + 8000, 5000]), Some("street ends 1".to_owned()));
}

#[test]
fn an_outline_that_is_not_whole_says_nothing_of_what_lies_within() {
    let town = town()
        .square()
        .node(520, [EAST + 3 * STEP, 3000])
        .node(521, [EAST + 8000, 3000])
        .way(903, &[520, 521], &[FOOTWAY])
        .relation(
            &[900],
            &[("type", "multipolygon"), ("highway", "pedestrian")],
        );
    let (roads, findings) = town.read();
    assert_eq!(value(&findings, "ends_in_areas"), None);
    assert_eq!(parts(&roads)[0], 264 + 1);
}

// ---- Nodes at one place.

/// Two ways whose nodes 601 and 603 lie so far apart (ten-millionths of a degree to the north).
fn twins(apart: i64, first: &[(&'static str, &str)], second: &[(&'static str, &str)]) -> Town {
    town()
        .node(601, [EAST + STEP, 0])
        .node(603, [EAST + STEP, apart])
        .node(604, [EAST + 2 * STEP, 0])
        .way(910, &[CORNER, 601], first)
        .way(911, &[603, 604], second)
}

#[test]
fn ends_at_one_place_are_joined_and_ends_near_one_another_are_told() {
    let (roads, findings) = twins(0, &[FOOTWAY], &[FOOTWAY]).read();
    assert_eq!(parts(&roads), [264 + 2]);
    assert_eq!(value(&findings, "nodes_joined"), Some("nodes 1"));
    assert_eq!(value(&findings, "ends_near"), None);
    // Where a bridge ends, the street goes on.
    let bridge = [FOOTWAY, ("bridge", "yes"), ("layer", "1")];
    assert_eq!(parts(&twins(0, &bridge, &[FOOTWAY]).roads()), [264 + 2]);
    // 50 are 0.55 m, 200 are 2.2 m.
    let (roads, findings) = twins(50, &[FOOTWAY], &[FOOTWAY]).read();
    assert_eq!(parts(&roads), [264 + 1, 1]);
    let near = findings
        .iter()
        .find(|finding| finding.kind.code() == "ends_near");
    assert_eq!(near.unwrap().value, "street ends 2: nodes 601, 603");
    assert_eq!(near.unwrap().kind.level(), Level::Decision);
    let (_, findings) = twins(200, &[FOOTWAY], &[FOOTWAY]).read();
    assert_eq!(value(&findings, "ends_near"), None);
    let (_, findings) = twins(50, &bridge, &[FOOTWAY]).read();
    assert_eq!(value(&findings, "ends_near"), None, "one above the other");
}

#[test]
fn a_bridge_over_a_street_does_not_meet_it_and_streets_of_one_height_do() {
    let over = |of: &[(&'static str, &str)]| {
        town()
            .node(601, [STEP / 2, -STEP])
            .node(602, [STEP / 2, 0])
            .node(603, [STEP / 2, STEP / 2])
            .node(604, [STEP / 2, 0])
            .way(910, &[601, 602, 603], of)
            .way(911, &[1, 604, 2], &[FOOTWAY])
            .roads()
    };
    // The street from 1 to 2 lies there twice; the other is cut in two, and so is this one where they meet.
    assert_eq!(parts(&over(&[FOOTWAY])), [264 + 2 + 2]);
    for apart in [
        ("bridge", "yes"),
        ("layer", "1"),
        ("tunnel", "yes"),
        ("level", "-1"),
    ] {
        assert_eq!(parts(&over(&[FOOTWAY, apart])), [264 + 1, 1], "{apart:?}");
    }
    assert_eq!(
        parts(&over(&[FOOTWAY, ("tunnel", "building_passage")])),
        [264 + 2 + 2]
    );
}

#[test]
fn a_stub_near_the_street_that_it_leaves_is_not_told() {
    let town = town()
        .node(601, [EAST + 80, 0])
        .way(910, &[CORNER, 601], &[FOOTWAY]);
    assert_eq!(value(&town.read().1, "ends_near"), None);
    // One that ends beside another street is.
    let town = town
        .node(602, [STEP / 2, -STEP])
        .node(603, [STEP / 2, -40])
        .way(911, &[602, 603], &[FOOTWAY]);
    assert_eq!(
        value(&town.read().1, "ends_near"),
        Some("street ends 1: nodes 603")
    );
}

#[test]
fn a_street_that_ends_on_another_meets_it() {
    // 2 ten-millionths of a degree are 2 cm; the street from 1 to 2 lies along latitude 0.
    let ending = |at: i64, of: &[(&'static str, &str)]| {
        town()
            .node(602, [STEP / 2, -STEP])
            .node(603, [STEP / 2, at])
            .way(911, &[602, 603], of)
            .read()
    };
    for at in [0, -2, 2] {
        let (roads, findings) = ending(at, &[FOOTWAY]);
        assert_eq!(parts(&roads), [264 + 2], "{at}");
        assert_eq!(value(&findings, "nodes_joined"), Some("nodes 1"));
        assert_eq!(value(&findings, "ends_near"), None);
    }
    // 20 cm short of it, or above it, it does not.
    let (roads, findings) = ending(-20, &[FOOTWAY]);
    assert_eq!(parts(&roads), [264, 1]);
    assert_eq!(
        value(&findings, "ends_near"),
        Some("street ends 1: nodes 603")
    );
    let (roads, findings) = ending(0, &[FOOTWAY, ("layer", "1")]);
    assert_eq!(parts(&roads), [264, 1]);
    assert_eq!(value(&findings, "ends_near"), None);
}

// ---- The edge of the area.

#[test]
fn a_street_that_leads_out_of_the_area_is_kept_to_its_next_node() {
    let (roads, findings) = town()
        .node(700, [EAST + 3_000_000, 0])
        .way(920, &[CORNER, 700], &[FOOTWAY])
        .read();
    assert_eq!(parts(&roads), [264 + 1]);
    assert_eq!(value(&findings, "roads_outside"), None);
    let longest = roads.edges().iter().map(|edge| edge.length).max().unwrap();
    // 0.3° of 95,900 m, a little more on the curve of the plane.
    assert!((28_600_000..29_000_000).contains(&longest), "{longest}");
    // Through the area from outside to outside, with both nodes beyond it.
    let (roads, _) = town()
        .node(700, [-3_000_000, -500])
        .node(701, [3_000_000, -500])
        .way(920, &[700, 701], &[FOOTWAY])
        .read();
    assert_eq!(parts(&roads), [264, 1]);
    // Past a corner of it, and too far for any plane.
    for (far, [east, north]) in [
        ([4_000_000, 0], [0, 4_000_000]),
        ([500_000_000, 0], [EAST, 5]),
    ] {
        let (roads, findings) = town()
            .node(700, far)
            .node(701, [east, north])
            .way(920, &[700, 701], &[FOOTWAY])
            .read();
        assert_eq!(parts(&roads), [264], "{far:?}");
        assert!(value(&findings, "roads_outside").is_some(), "{far:?}");
    }
}

// ---- Barriers.

/// How many pieces of each kind: shore, water, rail, wall.
fn barriers(town: &Town) -> [usize; 4] {
    use BarrierKind::{Rail, Shore, Wall, Water};
    let roads = town.roads();
    let all = || roads.barriers().iter();
    [Shore, Water, Rail, Wall].map(|kind| all().filter(|barrier| barrier.kind == kind).count())
}

#[test]
fn water_rails_and_walls_are_kept_as_what_legs_do_not_cross() {
    let town = town()
        .node(801, [0, -STEP])
        .node(802, [STEP, -STEP])
        .node(803, [STEP, -2 * STEP])
        .node(804, [500_000_000, 0])
        .way(930, &[801, 802, 803, 801], &[])
        .way(931, &[801, 802], &[("railway", "rail")])
        .way(932, &[802, 803], &[("barrier", "wall")])
        .way(
            933,
            &[801, 803],
            &[("waterway", "canal"), ("tunnel", "culvert")],
        )
        .way(934, &[801, 804], &[("waterway", "river")])
        .way(935, &[801, 803], &[("railway", "rail"), ("bridge", "yes")])
        .relation(&[930], &[("type", "multipolygon"), ("natural", "water")]);
    assert_eq!(barriers(&town), [3, 0, 1, 1]);
    assert_eq!(town.roads().edges().len(), 264, "they are no streets");
}

#[test]
fn a_shore_that_is_not_whole_is_water() {
    // A node that is not there, one that is too far, one outside the area whose pieces touch it.
    for (node, expected) in [
        (7777, [0, 1, 0, 0]),
        (804, [0, 1, 0, 0]),
        (700, [3, 0, 0, 0]),
    ] {
        let pond = [("natural", "water")];
        let town = town()
            .node(801, [0, -STEP])
            .node(802, [STEP, -STEP])
            .node(700, [0, -3_000_000])
            .node(804, [500_000_000, 0]);
        let closed = town.clone().way(930, &[801, 802, node, 801], &pond);
        assert_eq!(barriers(&closed), expected, "{node}");
        let ways = town
            .way(930, &[801, 802], &[])
            .way(931, &[802, node, 801], &[]);
        let relation = ways.relation(&[930, 931], &[("type", "multipolygon"), pond[0]]);
        assert_eq!(barriers(&relation), expected, "{node}");
    }
}

// ---- Files.

#[test]
fn places_on_ways_serve_where_there_are_no_nodes() {
    let town = town();
    let place = |id: i64| {
        let node = town.nodes.iter().find(|node| node.id == id)?;
        Some([node.lon, node.lat])
    };
    let ways = pbf::blob("OSMData", &pbf::located_way_block(&town.ways, place));
    let mut with_gates: Vec<Node> = Vec::new();
    for feature in ["LocationsOnWays", "Sort.Type_then_ID"] {
        let features = [&FEATURES[..], &[feature][..1]].concat();
        let header = pbf::header(&features[..2 + usize::from(feature == "LocationsOnWays")]);
        let (roads, _) = read_bytes(&[header, ways.clone()].concat()).unwrap();
        assert_eq!(roads, town.roads());
    }
    // Nodes with tags stand beside them.
    with_gates.push(Node {
        id: 14,
        lon: town.nodes[13].lon,
        lat: town.nodes[13].lat,
        tags: tags(&[("barrier", "bollard")]),
    });
    let nodes = pbf::blob("OSMData", &pbf::node_block(&with_gates));
    let header = pbf::header(&FEATURES);
    let (roads, findings) = read_bytes(&[header, nodes, ways].concat()).unwrap();
    assert_eq!(roads.nodes(), town.roads().nodes());
    assert_eq!(value(&findings, "node_twice"), None);
    let blocked = (0..144).filter(|&node| roads.blocked(node, Mode::CarBus));
    assert_eq!(blocked.count(), 1);
}

#[test]
fn tags_of_one_node_are_not_taken_for_those_of_the_next() {
    let mut town = town();
    let gates = ["bollard", "gate", "gate", "bollard"];
    for (node, barrier) in town.nodes[13..17].iter_mut().zip(gates) {
        node.tags = tags(&[("barrier", barrier), ("name", "门"), ("access", "no")]);
    }
    // All four are closed to everybody, by the last of three tags; in one block and each in its own.
    for some in [1, 8000] {
        let (roads, _) = read_bytes(&town.bytes(some)).unwrap();
        let blocked = (0..144).filter(|&node| roads.blocked(node, Mode::Walk));
        assert_eq!(blocked.count(), 4, "{some}");
    }
}

#[test]
fn packings_that_are_not_read_are_named() {
    for (field, name) in [(4, "LZMA"), (5, "BZIP2"), (6, "LZ4"), (7, "ZSTD")] {
        let blob = pbf::packed_blob(field, 100, &[1, 2, 3]);
        let failure = read_bytes(&[pbf::header(&FEATURES), blob].concat()).unwrap_err();
        let error = failure.errors().next().unwrap();
        assert_eq!(error.kind.code(), "pbf_broken");
        assert!(error.value.contains(name), "{error:?}");
    }
}

#[test]
fn a_file_that_ends_between_two_blobs_is_an_error_or_told() {
    // A town with houses, and a square of ways without tags.
    let mut town = town().square().relation(
        &[900, 901, 902],
        &[("type", "multipolygon"), ("highway", "pedestrian")],
    );
    for house in 0..200 {
        let (id, east, north) = (10_000 + house * 10, house % 20 * 5000, house / 20 * 9000);
        let corner = |at: i64, [x, y]: [i64; 2]| (id + at, [1000 + east + x, 1000 + north + y]);
        for (id, at) in [[0, 0], [900, 0], [900, 900], [0, 900]]
            .into_iter()
            .zip(0..)
            .map(|(place, at)| corner(at, place))
        {
            town = town.node(id, at);
        }
        let outline = [id, id + 1, id + 2, id + 3, id];
        town = town.way(5000 + house, &outline, &[("building", "yes")]);
    }
    let (whole, findings) = town.read();
    assert_eq!(value(&findings, "pbf_cut"), None);
    for some in [5, 100] {
        let blobs = town.blobs(some);
        for end in 0..blobs.len() {
            match read_bytes(&blobs[..end].concat()) {
                Ok((_, findings)) => {
                    assert!(
                        value(&findings, "pbf_cut").is_some(),
                        "{end} of {}, {some}",
                        blobs.len()
                    );
                }
                Err(failure) => assert!(failure.errors().count() > 0),
            }
        }
        assert_eq!(read_bytes(&blobs.concat()).unwrap().0, whole);
    }
    // Anywhere else it is an error.
    let (bytes, ends) = (town.bytes(100), town.blobs(100));
    let ends: Vec<usize> = ends
        .iter()
        .scan(0, |sum, blob| {
            *sum += blob.len();
            Some(*sum)
        })
        .collect();
    for number in 0..500 {
        let end = bytes.len() * number / 500;
        if !ends.contains(&end) {
            assert!(read_bytes(&bytes[..end]).is_err(), "{end}");
        }
    }
}
