//! The blobs of a file, and what they hold once inflated. A small file cannot make us hold much: what a blob says that it inflates
//! to is set against its own length and against what is left for the whole file before a byte of it is inflated.

use std::sync::atomic::{AtomicU64, Ordering};

use flate2::{Decompress, FlushDecompress, Status};

use super::wire::{Broken, Fields, Value};

/// The longest header of a blob and the most that a blob may inflate to, by the format.
const LONGEST_HEADER: usize = 64 << 10;
const LONGEST_BLOCK: u64 = 32 << 20;

/// How many times its length a file may inflate to. Maps inflate to 2 to 4 times as much, plain lattices to 15.
const MOST_INFLATED: u64 = 20;

/// How many things a file may hold for each of its bytes: nodes, nodes of ways, members of relations, texts, ways, relations. Maps hold
/// 0.1 to 0.3.
const MOST_THINGS: u64 = 2;

/// What any file may inflate to and hold, however short it is.
const ALWAYS_INFLATED: u64 = 16 << 20;
const ALWAYS_THINGS: u64 = 1 << 18;

/// Deflate packs no byte into less than a 1032nd.
const DENSEST: u64 = 1032;

/// A blob in its file.
#[derive(Clone, Copy)]
pub(crate) struct Blob<'a> {
    /// Its message.
    bytes: &'a [u8],
    /// Where its header begins.
    start: usize,
}

/// The blobs of data, after a check that the file is whole: blobs follow one another to its very end, the first is a header, and
/// it asks for nothing that we do not know.
pub(crate) fn blobs(bytes: &[u8]) -> Result<Vec<Blob<'_>>, String> {
    let (mut blobs, mut start) = (Vec::new(), 0);
    while start < bytes.len() {
        let (kind, blob, end) = blob(bytes, start)?;
        match (kind, start) {
            (b"OSMHeader", 0) => check_header(blob, bytes.len())?,
            (_, 0) => return Err("it does not begin with a header".to_owned()),
            (b"OSMData", _) => blobs.push(blob),
            _ => {}
        }
        start = end;
    }
    Ok(blobs)
}

/// What the header says of the file, once [`blobs`] found it sound: the message itself.
pub(crate) fn header(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let (_, blob, _) = blob(bytes, 0)?;
    blob.inflate(&Budget::of(bytes.len()))
}

/// The blob that begins at `start`: its kind, and where it ends.
fn blob(bytes: &[u8], start: usize) -> Result<(&[u8], Blob<'_>, usize), String> {
    let at = |what: &str| format!("{what}, at byte {start}");
    let rest = &bytes[start..];
    let Some((length, rest)) = rest.split_first_chunk() else {
        return Err(format!("{} bytes after the last blob", rest.len()));
    };
    let length = u32::from_be_bytes(*length) as usize;
    if length >= LONGEST_HEADER {
        return Err(at("a blob with too long a header"));
    }
    let early = |end: usize| {
        let length = bytes.len();
        format!("the file ends at byte {length}, within a blob that ends at {end}")
    };
    let (header, rest) = (rest.split_at_checked(length))
        .ok_or_else(|| early(start.saturating_add(4).saturating_add(length)))?;
    let (mut kind, mut size) = (&b""[..], None);
    for field in Fields(header) {
        match field.map_err(at)? {
            (1, value) => kind = value.bytes().map_err(at)?,
            (3, value) => size = Some(value.number().map_err(at)?),
            _ => {}
        }
    }
    let size = size
        .and_then(|size| i32::try_from(size).ok())
        .and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| at("a blob without a size"))?;
    let end = start + 4 + length + size;
    let bytes = rest.get(..size).ok_or_else(|| early(end))?;
    Ok((kind, Blob { bytes, start }, end))
}

/// Places of nodes on ways (`LocationsOnWays`) are read where they are, whether the header announces them or not.
fn check_header(blob: Blob, length: usize) -> Result<(), String> {
    for field in Fields(&blob.inflate(&Budget::of(length))?) {
        let (number, value) = field.map_err(|error| format!("{error}, in its header"))?;
        let Value::Bytes(feature) = value else {
            continue;
        };
        let known = [&b"OsmSchema-V0.6"[..], b"DenseNodes", b"LocationsOnWays"];
        if number != 4 || known.contains(&feature) {
            continue;
        }
        return Err(if feature == b"HistoricalInformation" {
            "it is a history file".to_owned()
        } else {
            let feature = String::from_utf8_lossy(feature);
            format!("it needs `{feature}`, which is not known here")
        });
    }
    Ok(())
}

/// What a file may still inflate to, and how many things it may still hold. All threads draw on it.
pub(crate) struct Budget {
    bytes: AtomicU64,
    things: AtomicU64,
}

/// What is wrong with a file that holds more than it can.
const TOO_MUCH: Broken = "far more content than a file of this size can hold";

impl Budget {
    /// For a file of so many bytes.
    pub(crate) fn of(length: usize) -> Self {
        let most = |a_byte: u64, always: u64| {
            AtomicU64::new((length as u64).saturating_mul(a_byte).max(always))
        };
        Self {
            bytes: most(MOST_INFLATED, ALWAYS_INFLATED),
            things: most(MOST_THINGS, ALWAYS_THINGS),
        }
    }

    /// Takes room for so many things more, before they are kept.
    pub(crate) fn things(&self, count: usize) -> Result<(), Broken> {
        take(&self.things, count as u64)
    }
}

fn take(left: &AtomicU64, size: u64) -> Result<(), Broken> {
    let without = |left: u64| left.checked_sub(size);
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, without)
        .map_or(Err(TOO_MUCH), |_| Ok(()))
}

/// How a blob is packed.
enum Packing<'a> {
    None(&'a [u8]),
    Zlib(&'a [u8]),
}

impl Blob<'_> {
    /// What is wrong, and with which blob.
    pub(crate) fn at(&self, what: &str) -> String {
        format!("{what}, in the blob at byte {}", self.start)
    }

    /// What it holds.
    pub(crate) fn inflate(&self, budget: &Budget) -> Result<Vec<u8>, String> {
        self.inflated(budget).map_err(|error| self.at(error))
    }

    fn inflated(&self, budget: &Budget) -> Result<Vec<u8>, Broken> {
        let (packing, size) = self.packing()?;
        let size = match packing {
            Packing::None(bytes) => bytes.len() as u64,
            Packing::Zlib(_) => size.ok_or("no length of what is packed")?,
        };
        if size > LONGEST_BLOCK {
            return Err("more than 32 MB");
        }
        take(&budget.bytes, size)?;
        match packing {
            Packing::None(bytes) => Ok(bytes.to_vec()),
            Packing::Zlib(bytes) => inflate(bytes, size as usize),
        }
    }

    /// How it is packed, and what it says that it inflates to.
    fn packing(&self) -> Result<(Packing<'_>, Option<u64>), Broken> {
        let (mut packing, mut size) = (None, None);
        for field in Fields(self.bytes) {
            match field? {
                (2, value) => size = Some(value.number()?),
                (1, value) => packing = Some(Packing::None(value.bytes()?)),
                (3, value) => packing = Some(Packing::Zlib(value.bytes()?)),
                (4, _) => return Err("it is packed with LZMA"),
                (5, _) => return Err("it is packed with BZIP2"),
                (6, _) => return Err("it is packed with LZ4"),
                (7, _) => return Err("it is packed with ZSTD"),
                _ => {}
            }
        }
        Ok((packing.ok_or("no content")?, size))
    }
}

/// Exactly `size` bytes.
fn inflate(bytes: &[u8], size: usize) -> Result<Vec<u8>, Broken> {
    if size as u64 > (bytes.len() as u64).saturating_mul(DENSEST) {
        return Err(TOO_MUCH);
    }
    let mut inflated = Vec::with_capacity(size);
    let mut zlib = Decompress::new(true);
    let status = zlib.decompress_vec(bytes, &mut inflated, FlushDecompress::Finish);
    let whole = matches!(status, Ok(Status::StreamEnd)) && inflated.len() == size;
    whole.then_some(inflated).ok_or("broken zlib data")
}
