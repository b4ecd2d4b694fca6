//! The files of a ZIP archive, within limits: what a workbook inflates to is counted while it is read, and never believed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::Trouble;

/// All that is read of one workbook inflates to at most so much: a sheet of 1,048,576 rows with 20 cells each has about 1.2 GB of markup.
const MOST_INFLATED: u64 = 3 << 29;
/// What is larger than this must not be more than [`MOST_RATIO`] times its compressed size.
const SMALL: u64 = 32 << 20;
/// Sheets of offices are compressed 5 to 20 times, one row repeated 300,000 times some 40 times; bombs more than 1,000 times.
const MOST_RATIO: u64 = 200;
/// One piece of markup or text is at most so long: a cell holds 32,767 characters.
const MOST_PIECE: u64 = 4 << 20;
/// A workbook of 200 sheets has some 1,000 files.
const MOST_ENTRIES: usize = 65_535;

/// An archive that is held in memory, by the list at its end.
pub(crate) struct Archive<'a> {
    bytes: &'a [u8],
    entries: BTreeMap<String, Entry>,
    /// What may still be inflated.
    left: Cell<u64>,
}

#[derive(Clone, Copy)]
struct Entry {
    header: u64,
    packed: u64,
    size: u64,
    crc: u32,
    deflated: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

impl<'a> Archive<'a> {
    /// Reads the list of files. O(their number).
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Trouble> {
        const END: &[u8] = b"PK\x05\x06";
        const CUT: Trouble = Trouble::Broken([
            "文件不完整，或不是压缩格式",
            "the file is cut off, or no ZIP archive",
        ]);
        // The end of the list is followed by a comment of at most 65,535 bytes.
        let tail = bytes.len().saturating_sub(22 + 65_535);
        let end = bytes[tail..].windows(4).rposition(|mark| mark == END);
        let end = tail + end.ok_or(CUT)?;
        let count = usize::from(u16_at(bytes, end + 10).ok_or(CUT)?);
        let mut at = u32_at(bytes, end + 16).ok_or(CUT)? as usize;
        let mut entries = BTreeMap::new();
        for _ in 0..count.min(MOST_ENTRIES) {
            let (name, entry, next) = listed(bytes, at).ok_or(CUT)?;
            if let Some(entry) = entry? {
                entries.entry(name).or_insert(entry);
            }
            at = next;
        }
        Ok(Self {
            bytes,
            entries,
            left: Cell::new(MOST_INFLATED),
        })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// A file of the archive, to be read to its end, where its checksum is compared.
    pub(crate) fn open_file(&self, name: &str) -> Result<Inflated<'_>, Trouble> {
        let missing = || Trouble::Missing(name.to_owned());
        let entry = self.entries.get(name).ok_or_else(missing)?;
        let too_large = || Trouble::TooLarge(name.to_owned(), entry.size);
        let most = self.left.get().min(SMALL.max(entry.packed * MOST_RATIO));
        if entry.size > most {
            return Err(too_large());
        }
        // The sizes of names and additions before the data are those of the file's own header.
        let header = entry.header as usize;
        let data = || {
            let header = self.bytes.get(header..)?;
            let start = 30 + usize::from(u16_at(header, 26)?) + usize::from(u16_at(header, 28)?);
            let packed = usize::try_from(entry.packed).ok()?;
            header.get(start..start.checked_add(packed)?)
        };
        let data = data().ok_or(Trouble::Broken(["文件不完整", "the file is cut off"]))?;
        Ok(Inflated {
            source: match entry.deflated {
                true => Source::Deflated(Box::new(DeflateDecoder::new(data))),
                false => Source::Stored(data),
            },
            buffer: vec![0; 64 << 10],
            start: 0,
            end: 0,
            entry: *entry,
            crc: Crc::new(),
            given: 0,
            piece: 0,
            left: &self.left,
        })
    }
}

/// Name, entry and the place of what follows in the list; no entry for what cannot be read, such as a folder.
type Listed = (String, Result<Option<Entry>, Trouble>, usize);

fn listed(bytes: &[u8], at: usize) -> Option<Listed> {
    let head = bytes.get(at..)?;
    if !head.starts_with(b"PK\x01\x02") {
        return None;
    }
    let (flags, method) = (u16_at(head, 8)?, u16_at(head, 10)?);
    let lengths = [28, 30, 32].map(|at| u16_at(head, at).map(usize::from));
    let [Some(name), Some(extra), Some(comment)] = lengths else {
        return None;
    };
    let mut entry = Entry {
        header: u64::from(u32_at(head, 42)?),
        packed: u64::from(u32_at(head, 20)?),
        size: u64::from(u32_at(head, 24)?),
        crc: u32_at(head, 16)?,
        deflated: method == 8,
    };
    wide(&mut entry, head.get(46 + name..46 + name + extra)?);
    let text = String::from_utf8_lossy(head.get(46..46 + name)?).into_owned();
    let next = at + 46 + name + extra + comment;
    let entry = match (flags & 1, method) {
        _ if text.ends_with('/') => Ok(None),
        (1, _) => Err(Trouble::Encrypted),
        (_, 0 | 8) => Ok(Some(entry)),
        _ => Ok(None),
    };
    Some((text, entry, next))
}

/// Sizes of 64 bits, which stand among the additions where those of 32 are all ones.
fn wide(entry: &mut Entry, mut extra: &[u8]) {
    const ONES: u64 = u32::MAX as u64;
    while let (Some(kind), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let length = usize::from(length);
        let Some(field) = extra.get(4..4 + length) else {
            return;
        };
        if kind == 1 {
            let mut at = 0;
            for number in [&mut entry.size, &mut entry.packed, &mut entry.header] {
                if *number == ONES
                    && let Some(wide) = u64_at(field, at)
                {
                    *number = wide;
                    at += 8;
                }
            }
        }
        extra = &extra[4 + length..];
    }
}

enum Source<'a> {
    Stored(&'a [u8]),
    Deflated(Box<DeflateDecoder<&'a [u8]>>),
}

/// A file as it is inflated, bit by bit.
pub(crate) struct Inflated<'a> {
    source: Source<'a>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    entry: Entry,
    crc: Crc,
    given: u64,
    /// Bytes since the last mark.
    piece: u64,
    left: &'a Cell<u64>,
}

impl Inflated<'_> {
    /// A piece of markup or text ends here.
    pub(crate) fn mark(&mut self) {
        self.piece = 0;
    }
}

impl Read for Inflated<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let some = self.fill_buf()?;
        let length = some.len().min(into.len());
        into[..length].copy_from_slice(&some[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Inflated<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece > MOST_PIECE {
            return Err(io::Error::other(
                "a piece of its markup is longer than 4 MiB",
            ));
        }
        if self.start == self.end {
            let read = match &mut self.source {
                Source::Stored(rest) => rest.read(&mut self.buffer)?,
                Source::Deflated(inflater) => inflater.read(&mut self.buffer)?,
            };
            let some = &self.buffer[..read];
            self.crc.update(some);
            self.given += read as u64;
            let left = self.left.get().checked_sub(read as u64);
            // No file gives more than its list says, so no ratio is checked here.
            let (Some(left), true) = (left, self.given <= self.entry.size) else {
                return Err(io::Error::other("it inflates to more than it says"));
            };
            self.left.set(left);
            if read == 0 && (self.given, self.crc.sum()) != (self.entry.size, self.entry.crc) {
                return Err(io::Error::other("its checksum is wrong"));
            }
            (self.start, self.end) = (0, read);
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        self.piece += count as u64;
    }
}
