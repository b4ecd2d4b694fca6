//! Writes OpenStreetMap's binary form, for tests and benches: nodes with tags, ways with tags, whatever a test wants of a blob.
//! (Protocol buffers by hand: field number and wire type, then a number in groups of seven bits or bytes with their length.)

#![allow(dead_code, reason = "each test and bench uses a part of it")]

use std::collections::HashMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

pub(crate) type Tags = Vec<(&'static str, String)>;

/// Longitude and latitude in ten-millionths of a degree.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) id: i64,
    pub(crate) lon: i64,
    pub(crate) lat: i64,
    pub(crate) tags: Tags,
}

#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) id: i64,
    pub(crate) refs: Vec<i64>,
    pub(crate) tags: Tags,
}

/// Members are ways.
#[derive(Clone)]
pub(crate) struct Relation {
    pub(crate) id: i64,
    pub(crate) ways: Vec<i64>,
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

/// A blob that says that it is packed in the way of `field` (3 is zlib, 6 is LZ4) and inflates to `size` bytes.
pub(crate) fn packed_blob(field: u64, size: usize, data: &[u8]) -> Vec<u8> {
    let message = [number_field(2, size as u64), bytes_field(field, data)];
    framed("OSMData", &message.concat())
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
    let of = |of: fn(&Node) -> i64| deltas(nodes.iter().map(of));
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
        bytes_field(1, &of(|node| node.id)),
        bytes_field(8, &of(|node| node.lat)),
        bytes_field(9, &of(|node| node.lon)),
        bytes_field(10, &packed(tags.into_iter())),
    ];
    block(&strings, &bytes_field(2, &dense.concat()))
}

pub(crate) fn way_block(ways: &[Way]) -> Vec<u8> {
    located_way_block(ways, |_| None)
}

/// Ways that say where their nodes are, as `osmium add-locations-to-ways` writes them.
pub(crate) fn located_way_block(ways: &[Way], place: impl Fn(i64) -> Option<[i64; 2]>) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut group = Vec::new();
    for way in ways {
        let places: Vec<[i64; 2]> = way.refs.iter().filter_map(|&node| place(node)).collect();
        let of = |axis: usize| deltas(places.iter().map(|place| place[axis]));
        let mut message = [number_field(1, way.id as u64), strings.tags(&way.tags)].concat();
        message.extend(bytes_field(8, &deltas(way.refs.iter().copied())));
        if !places.is_empty() {
            message.extend([bytes_field(9, &of(1)), bytes_field(10, &of(0))].concat());
        }
        group.extend(bytes_field(3, &message));
    }
    block(&strings, &group)
}

pub(crate) fn relation_block(relations: &[Relation]) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut group = Vec::new();
    for Relation { id, ways, tags } in relations {
        let role = strings.at("outer");
        let message = [
            number_field(1, *id as u64),
            strings.tags(tags),
            bytes_field(8, &packed(ways.iter().map(|_| role))),
            bytes_field(9, &deltas(ways.iter().copied())),
            bytes_field(10, &packed(ways.iter().map(|_| 1))),
        ];
        group.extend(bytes_field(4, &message.concat()));
    }
    block(&strings, &group)
}

/// Each number as the difference from the one before.
fn deltas(numbers: impl Iterator<Item = i64>) -> Vec<u8> {
    let mut before = 0_i64;
    packed(
        numbers.map(|number| zigzag(number.wrapping_sub(std::mem::replace(&mut before, number)))),
    )
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
    /// The fields of keys and values of a way or a relation.
    fn tags(&mut self, tags: &Tags) -> Vec<u8> {
        let keys: Vec<u64> = tags.iter().map(|(key, _)| self.at(key)).collect();
        let values: Vec<u64> = tags.iter().map(|(_, value)| self.at(value)).collect();
        [
            bytes_field(2, &packed(keys.into_iter())),
            bytes_field(3, &packed(values.into_iter())),
        ]
        .concat()
    }

    fn at(&mut self, text: &str) -> u64 {
        *self.1.entry(text.to_owned()).or_insert_with(|| {
            self.0.push(text.to_owned());
            self.0.len() as u64 - 1
        })
    }
}

pub(crate) fn varint(mut number: u64) -> Vec<u8> {
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

pub(crate) fn number_field(field: u64, number: u64) -> Vec<u8> {
    [varint(field << 3), varint(number)].concat()
}

pub(crate) fn bytes_field(field: u64, bytes: &[u8]) -> Vec<u8> {
    [
        varint(field << 3 | 2),
        varint(bytes.len() as u64),
        bytes.to_vec(),
    ]
    .concat()
}
