//! Microsoft's compound files, in which old workbooks are kept, and encrypted new ones: names and bytes of their streams [MS-CFB].

use super::Trouble;

const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// From here on numbers of sectors are marks.
const MARKS: u32 = 0xffff_fffa;
/// Streams below this stand in small sectors of the root's.
const SMALL: u64 = 4096;

pub(crate) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// The sector after each.
    next: Vec<u32>,
    streams: Vec<Stream>,
    /// All small sectors, and the one after each.
    small: Vec<u8>,
    small_next: Vec<u32>,
}

struct Stream {
    name: String,
    start: u32,
    length: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let four = bytes.chunks_exact(4);
    four.map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

impl<'a> Compound<'a> {
    /// Reads the tables of sectors and the directory. O(bytes), and a few bytes of memory for each sector.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Trouble> {
        Self::parse(bytes).ok_or(Trouble::Broken([
            "文件不完整，或目录损坏",
            "the file is cut off, or its directory is broken",
        ]))
    }

    fn parse(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(&SIGNATURE) {
            return None;
        }
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut file = Self {
            bytes,
            sector,
            next: Vec::new(),
            streams: Vec::new(),
            small: Vec::new(),
            small_next: Vec::new(),
        };
        file.next = file.table()?;
        let directory = file.chain(u32_at(bytes, 48)?, u64::MAX)?;
        let entries = directory.chunks_exact(128).map(|entry| {
            let letters = usize::from(u16_at(entry, 64)?).min(64) / 2;
            let letters = (0..letters.saturating_sub(1)).map(|at| u16_at(entry, 2 * at));
            let name: Vec<u16> = letters.collect::<Option<_>>()?;
            Some((
                entry[66],
                Stream {
                    name: String::from_utf16_lossy(&name),
                    start: u32_at(entry, 116)?,
                    length: u64::from(u32_at(entry, 120)?),
                },
            ))
        });
        let entries: Vec<(u8, Stream)> = entries.collect::<Option<_>>()?;
        const ROOT: u8 = 5;
        const STREAM: u8 = 2;
        if let Some((_, root)) = entries.iter().find(|(kind, _)| *kind == ROOT) {
            file.small = file.chain(root.start, root.length)?;
            let table = file.chain(u32_at(bytes, 60)?, u64::MAX)?;
            file.small_next = numbers(&table).collect();
        }
        file.streams = entries
            .into_iter()
            .filter_map(|(kind, stream)| (kind == STREAM).then_some(stream))
            .collect();
        Some(file)
    }

    fn sector_at(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize + 1).checked_mul(self.sector)?;
        // The last one may be cut.
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// The sector after each: the table's own sectors are listed in the header and in sectors that are chained by their last number.
    fn table(&self) -> Option<Vec<u32>> {
        let most = self.bytes.len() / self.sector + 1;
        let mut listed: Vec<u32> = numbers(self.bytes.get(76..512)?).collect();
        let mut more = u32_at(self.bytes, 68)?;
        for _ in 0..most {
            if more >= MARKS {
                break;
            }
            let mut some: Vec<u32> = numbers(self.sector_at(more)?).collect();
            more = some.pop()?;
            listed.append(&mut some);
        }
        let mut next = Vec::new();
        for number in listed.into_iter().filter(|number| *number < MARKS) {
            next.extend(numbers(self.sector_at(number)?));
            if next.len() > most + self.sector {
                break;
            }
        }
        Some(next)
    }

    /// The bytes of a chain of sectors, up to a length; no chain is longer than the file.
    fn chain(&self, mut number: u32, length: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        while number < MARKS && (bytes.len() as u64) < length {
            if bytes.len() > self.bytes.len() {
                return None;
            }
            bytes.extend_from_slice(self.sector_at(number)?);
            number = *self.next.get(number as usize)?;
        }
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Some(bytes)
    }

    fn small_chain(&self, mut number: u32, length: u64) -> Option<Vec<u8>> {
        const SECTOR: usize = 64;
        let mut bytes = Vec::new();
        while number < MARKS && (bytes.len() as u64) < length {
            let start = (number as usize).checked_mul(SECTOR)?;
            let end = (start + SECTOR).min(self.small.len());
            bytes.extend_from_slice(self.small.get(start..end)?);
            number = *self.small_next.get(number as usize)?;
        }
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Some(bytes)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.streams
            .iter()
            .any(|stream| stream.name.eq_ignore_ascii_case(name))
    }

    /// The bytes of a stream; fewer where the file is cut off.
    pub(crate) fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let mut streams = self.streams.iter();
        let stream = streams.find(|stream| stream.name.eq_ignore_ascii_case(name))?;
        let bytes = match stream.length {
            0..SMALL => self.small_chain(stream.start, stream.length),
            _ => self.chain(stream.start, stream.length),
        };
        bytes.filter(|bytes| bytes.len() as u64 == stream.length)
    }
}
