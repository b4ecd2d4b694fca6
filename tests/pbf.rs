//! Writes OpenStreetMap's binary form, for tests and benches: nodes with tags, ways with tags, whatever a test wants of a blob.
//! (Protocol buffers by hand: field number and wire type, then a number in groups of seven bits or bytes with their length.)

use std::collections::HashMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

pub(crate) type Tags = Vec<(&'static str, String)>;

/// Longitude and latitude in ten-millionths of a degree.
pub(crate) struct Node {
    pub(crate) id: i64,
    pub(crate) lon: i64,
    pub(crate) lat: i64,
    pub(crate) tags: Tags,
}

pub(crate) struct Way {
    pub(crate) id: i64,
    pub(crate) refs: Vec<i64>,
    pub(crate) tags: Tags,
}

/// A file with a header, blocks of nodes, then blocks of ways.
pub(crate) fn file(nodes: &[Node], ways: &[Way]) -> Vec<u8> {
    let mut bytes = header(&["OsmSchema-V0.6", "DenseNodes"]);
    for some in nodes.chunks(8_000) {
        bytes.extend(blob("OSMData", &node_block(some)));
    }
    for some in ways.chunks(8_000) {
        bytes.extend(blob("OSMData", &way_block(some)));
    }
    bytes
}

pub(crate) fn header(features: &[&str]) -> Vec<u8> {
    let message: Vec<u8> = features
        .iter()
        .flat_map(|feature| bytes_field(4, feature.as_bytes()))
        .collect();
    blob("OSMHeader", &message)
}

/// A blob with its header, compressed.
pub(crate) fn blob(kind: &str, message: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(message).expect("memory");
    let data = encoder.finish().expect("memory");
    framed(
        kind,
        &[number_field(2, message.len() as u64), bytes_field(3, &data)].concat(),
    )
}

/// A blob with its header, as it is.
pub(crate) fn raw_blob(kind: &str, message: &[u8]) -> Vec<u8> {
    framed(kind, &bytes_field(1, message))
}

fn framed(kind: &str, blob: &[u8]) -> Vec<u8> {
    let header = [
        bytes_field(1, kind.as_bytes()),
        number_field(3, blob.len() as u64),
    ]
    .concat();
    [&(header.len() as u32).to_be_bytes()[..], &header, blob].concat()
}

pub(crate) fn node_block(nodes: &[Node]) -> Vec<u8> {
    let mut strings = Strings::default();
    let deltas = |of: fn(&Node) -> i64| {
        let before = std::iter::once(0).chain(nodes.iter().map(of));
        packed(
            nodes
                .iter()
                .zip(before)
                .map(|(node, before)| zigzag(of(node).wrapping_sub(before))),
        )
    };
    let tags = nodes.iter().flat_map(|node| {
        let own: Vec<u64> = node
            .tags
            .iter()
            .flat_map(|(key, value)| [strings.at(key), strings.at(value)])
            .chain([0])
            .collect();
        own
    });
    let tags: Vec<u64> = tags.collect();
    let dense = [
        bytes_field(1, &deltas(|node| node.id)),
        bytes_field(8, &deltas(|node| node.lat)),
        bytes_field(9, &deltas(|node| node.lon)),
        bytes_field(10, &packed(tags.into_iter())),
    ];
    block(&strings, &bytes_field(2, &dense.concat()))
}

pub(crate) fn way_block(ways: &[Way]) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut group = Vec::new();
    for way in ways {
        let keys = packed(
            way.tags
                .iter()
                .map(|(key, _)| strings.at(key))
                .collect::<Vec<u64>>()
                .into_iter(),
        );
        let values = packed(
            way.tags
                .iter()
                .map(|(_, value)| strings.at(value))
                .collect::<Vec<u64>>()
                .into_iter(),
        );
        let before = std::iter::once(&0).chain(&way.refs);
        let refs = packed(
            way.refs
                .iter()
                .zip(before)
                .map(|(node, before)| zigzag(node.wrapping_sub(*before))),
        );
        let message = [
            number_field(1, way.id as u64),
            bytes_field(2, &keys),
            bytes_field(3, &values),
            bytes_field(8, &refs),
        ];
        group.extend(bytes_field(3, &message.concat()));
    }
    block(&strings, &group)
}

fn block(strings: &Strings, group: &[u8]) -> Vec<u8> {
    let table: Vec<u8> = strings
        .0
        .iter()
        .flat_map(|text| bytes_field(1, text.as_bytes()))
        .collect();
    [bytes_field(1, &table), bytes_field(2, group)].concat()
}

/// The texts of a block; the first is empty.
struct Strings(Vec<String>, HashMap<String, u64>);

impl Default for Strings {
    fn default() -> Self {
        Self(vec![String::new()], HashMap::new())
    }
}

impl Strings {
    fn at(&mut self, text: &str) -> u64 {
        *self.1.entry(text.to_owned()).or_insert_with(|| {
            self.0.push(text.to_owned());
            self.0.len() as u64 - 1
        })
    }
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn packed(numbers: impl Iterator<Item = u64>) -> Vec<u8> {
    numbers.flat_map(varint).collect()
}

fn number_field(field: u64, number: u64) -> Vec<u8> {
    [varint(field << 3), varint(number)].concat()
}

fn bytes_field(field: u64, bytes: &[u8]) -> Vec<u8> {
    [
        varint(field << 3 | 2),
        varint(bytes.len() as u64),
        bytes.to_vec(),
    ]
    .concat()
}
