//! A grid of numbers in a TIFF: what it says of itself, and its values window by window.
//!
//! Nothing is believed: before the `tiff` crate reads the directory, the entries are looked at here, so that no count or size of it takes
//! more memory than [`MOST_HELD`].

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use fuwutu_core::watch::{Progress, Stopped, Watch};
use geo::Coord;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use crate::crs::Crs;

/// Why a grid is not read.
#[derive(Debug)]
pub(crate) enum Fault {
    /// What is the matter with it, in Chinese and in English.
    Broken([String; 2]),
    /// The caller said stop.
    Stopped(Stopped),
}

impl Fault {
    pub(crate) fn of(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Broken([zh.into(), en.into()])
    }

    fn of_tiff(error: impl std::fmt::Display) -> Self {
        Self::of(
            format!("TIFF 结构有误：{error}"),
            format!("its TIFF is broken: {error}"),
        )
    }
}

/// What lies decoded in memory at a time, in bytes. A row of the largest tiles in use (1,024 rows) over 10° in cells of 100 m takes 50 MB.
const MOST_HELD: usize = 128 << 20;

/// So many values are decoded for a window at most: a city of 100 km × 100 km in cells of 3 m.
const MOST_DECODED: u64 = 1 << 30;

/// An entry of the directory has at most so many values. The grid of the whole world in cells of 100 m has 1 million tiles; in memory they
/// take 64 bytes each.
const MOST_VALUES: u64 = 2_000_000;

/// A tile is at most so wide and high; those in use are up to 1,024.
const MOST_TILE: u64 = 1 << 15;

/// The directory has at most so many entries; those in use have thirty.
const MOST_ENTRIES: u64 = 4_096;

/// A grid, open to be read.
pub(crate) struct Grid<R: Read + Seek> {
    tiff: Decoder<R>,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The middle of the first cell, in the north-west, in the grid's system.
    pub corner: Coord,
    /// From the middle of a cell to the next: eastwards and southwards, > 0.
    pub step: Coord,
    keys: Keys,
    /// Columns and rows of a strip or tile.
    chunk: [u32; 2],
    /// The bytes of each.
    lengths: Vec<u64>,
    /// What a cell holds of which nothing is known.
    none: Option<f32>,
}

/// What the file says of its system (GeoKeys).
#[derive(Default)]
struct Keys {
    directory: Vec<u16>,
    words: String,
}

impl Keys {
    /// The value of a key that is a number.
    fn number(&self, id: u16) -> Option<u16> {
        let mut keys = self.directory.chunks_exact(4).skip(1);
        keys.find(|key| key[0] == id && key[1] == 0)
            .map(|key| key[3])
    }

    /// The value of a key that is a text, up to the first `|`.
    fn text(&self, id: u16) -> Option<&str> {
        let mut keys = self.directory.chunks_exact(4).skip(1);
        let key = keys.find(|key| key[0] == id && key[1] == 34737)?;
        let text = self.words.get(usize::from(key[3])..)?;
        Some(text.split('|').next().unwrap_or("").trim())
    }
}

impl<R: Read + Seek> Grid<R> {
    /// Reads what the file says of itself; no value.
    pub(crate) fn open(mut reader: R) -> Result<Self, Fault> {
        sound(&mut reader)?;
        reader.seek(SeekFrom::Start(0)).map_err(Fault::of_tiff)?;
        let mut limits = Limits::default();
        limits.decoding_buffer_size = MOST_HELD;
        let tiff = Decoder::new(reader).map_err(Fault::of_tiff)?;
        let mut tiff = tiff.with_limits(limits);
        let (width, height) = tiff.dimensions().map_err(Fault::of_tiff)?;
        let keys = Keys {
            directory: tiff
                .get_tag_u16_vec(Tag::Unknown(34735))
                .unwrap_or_default(),
            words: tiff
                .get_tag_ascii_string(Tag::Unknown(34737))
                .unwrap_or_default(),
        };
        let (corner, step) = place(&mut tiff, &keys)?;
        let none = tiff.get_tag_ascii_string(Tag::Unknown(42113)).ok();
        let none = none.and_then(|text| text.trim_matches(['\0', ' ']).parse().ok());
        let (columns, rows) = tiff.chunk_dimensions();
        let lengths = [Tag::StripByteCounts, Tag::TileByteCounts]
            .into_iter()
            .find_map(|tag| tiff.find_tag_unsigned_vec(tag).ok().flatten());
        Ok(Self {
            tiff,
            width,
            height,
            corner,
            step,
            keys,
            chunk: [columns, rows.min(height)],
            lengths: lengths.unwrap_or_default(),
            none,
        })
    }

    /// Whether it says that its system is no longitude and latitude.
    pub(crate) fn is_projected(&self) -> bool {
        self.keys.number(1024).is_some_and(|model| model != 2)
    }

    /// The name of its system; `None` where it says nothing.
    pub(crate) fn system(&self) -> Option<String> {
        const OWN: u16 = 32767;
        let code = |id| self.keys.number(id).filter(|&code| code > 0 && code != OWN);
        match self.keys.number(1024)? {
            2 => Some(match (code(2048), self.keys.number(2050)) {
                (Some(code), _) => format!("EPSG:{code}"),
                // By its datum.
                (None, Some(6326)) => "EPSG:4326".to_owned(),
                (None, Some(1043)) => "EPSG:4490".to_owned(),
                _ => self.keys.text(2049).unwrap_or("EPSG:4326").to_owned(),
            }),
            3 => Some("geocentric".to_owned()),
            // What is in no register is user-defined in this, too.
            _ => Some(code(3072).map_or_else(
                || {
                    let words = [3073, 1026].map(|id| self.keys.text(id).unwrap_or(""));
                    let mollweide = words.iter().any(|words| words.contains("Mollweide"));
                    if mollweide || self.keys.words.contains("PROJECTION[\"Mollweide\"]") {
                        "ESRI:54009".to_owned()
                    } else {
                        words
                            .into_iter()
                            .rfind(|words| !words.is_empty())
                            .unwrap_or("?")
                            .to_owned()
                    }
                },
                |code| format!("EPSG:{code}"),
            )),
        }
    }

    /// Whether its place and its steps can be ones of its system.
    pub(crate) fn placed(&self, in_degrees: bool) -> Result<(), Fault> {
        let (Coord { x: dx, y: dy }, Coord { x, y }) = (self.step, self.corner);
        let most = if in_degrees {
            [10.0, 361.0, 91.0]
        } else {
            [1e6, 1e9, 1e9]
        };
        let steps = [dx, dy]
            .into_iter()
            .all(|step| step > 0.0 && step < most[0]);
        if steps && x.abs() <= most[1] && y.abs() <= most[2] {
            return Ok(());
        }
        let [zh, en] = if in_degrees {
            ["度", "degrees"]
        } else {
            ["米", "metres"]
        };
        Err(Fault::of(
            format!("第一个单元在 {x}、{y}，单元为 {dx} × {dy} {zh}"),
            format!("its first cell is at {x}, {y}, and its cells are {dx} × {dy} {en}"),
        ))
    }

    /// The columns and rows whose middles may lie between two corners in degrees, with one more on each side.
    pub(crate) fn window(&self, crs: &Crs, (low, high): (Coord, Coord)) -> [Range<u32>; 2] {
        // A border that bends in the grid's system lies between these places to a thousandth of the window.
        const SIDE: u32 = 64;
        let (mut first, mut last) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for step in 0..=SIDE {
            let share = f64::from(step) / f64::from(SIDE);
            let x = low.x + (high.x - low.x) * share;
            let y = low.y + (high.y - low.y) * share;
            for (x, y) in [(x, low.y), (x, high.y), (low.x, y), (high.x, y)] {
                let Some(at) = crs.of_degrees(Coord { x, y }) else {
                    continue;
                };
                let cell = [
                    (at.x - self.corner.x) / self.step.x,
                    (self.corner.y - at.y) / self.step.y,
                ];
                for axis in 0..2 {
                    first[axis] = first[axis].min(cell[axis]);
                    last[axis] = last[axis].max(cell[axis]);
                }
            }
        }
        let slack = |axis: usize| 1.0 + (last[axis] - first[axis]) / 1000.0;
        // Numbers beyond those of a grid are its ends.
        let range = |axis: usize, size: u32| {
            let from = (first[axis] - slack(axis)).floor() as u32;
            let to = (last[axis] + slack(axis)).ceil() as u32;
            from.min(size)..to.saturating_add(1).min(size)
        };
        [range(0, self.width), range(1, self.height)]
    }

    /// Calls `each` with column, row and value of the cells of a window that hold something, row by row. Memory: the strips or tiles
    /// of one row of them.
    pub(crate) fn values(
        &mut self,
        [columns, rows]: [Range<u32>; 2],
        watch: Watch,
        each: &mut dyn FnMut(u32, u32, f64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if columns.is_empty() || rows.is_empty() {
            return Ok(());
        }
        let [wide, high] = self.chunk;
        let across = self.width.div_ceil(wide);
        let chunks = columns.start / wide..columns.end.div_ceil(wide);
        let mut decoded = 0;
        for down in rows.start / high..rows.end.div_ceil(high) {
            watch(Progress::Working).map_err(Fault::Stopped)?;
            let mut held = Vec::with_capacity(chunks.len());
            let mut bytes = 0;
            for chunk in chunks.clone() {
                let (values, size) = self.chunk(down * across + chunk)?;
                bytes += size;
                decoded += size as u64 / 4;
                if bytes > MOST_HELD || decoded > MOST_DECODED {
                    return Err(too_large());
                }
                held.push(values);
            }
            let top = down * high;
            for row in rows.start.max(top)..rows.end.min(top.saturating_add(high)) {
                for (values, chunk) in held.iter().zip(chunks.clone()) {
                    let left = chunk * wide;
                    let right = left.saturating_add(wide).min(self.width);
                    for column in columns.start.max(left)..columns.end.min(right) {
                        let at = u64::from(row - top) * u64::from(right - left)
                            + u64::from(column - left);
                        let value = values
                            .as_ref()
                            .and_then(|values| value(values, at as usize));
                        let known = |value: &f64| self.none != Some(*value as f32);
                        if let Some(value) = value.filter(known) {
                            each(column, row, value)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The values of a strip or tile, and how many bytes they take; none where the file has left it out, as it may where all is unknown.
    fn chunk(&mut self, at: u32) -> Result<(Option<DecodingResult>, usize), Fault> {
        if self.lengths.get(at as usize) == Some(&0) {
            return Ok((None, 0));
        }
        let (wide, high) = self.tiff.chunk_data_dimensions(at);
        // Eight bytes a value at most.
        if u64::from(wide) * u64::from(high) > MOST_HELD as u64 {
            return Err(too_large());
        }
        let values = self.tiff.read_chunk(at).map_err(|error| match error {
            tiff::TiffError::LimitsExceeded => too_large(),
            error => Fault::of_tiff(error),
        })?;
        let size = size_of_values(&values);
        Ok((Some(values), size))
    }
}

fn too_large() -> Fault {
    Fault::of(
        "条带或瓦片过大，或所需范围内单元过多：请裁剪到本城市，并分条带或瓦片保存",
        "its strips or tiles are too large, or it has too many cells there: cut it to this city, and save it in strips or tiles",
    )
}

/// Where the first cell's middle lies, and the steps from cell to cell.
fn place<R: Read + Seek>(tiff: &mut Decoder<R>, keys: &Keys) -> Result<(Coord, Coord), Fault> {
    let mut numbers = |tag: u16| tiff.get_tag_f64_vec(Tag::Unknown(tag)).ok();
    // Where areas are meant (the usual case) a place is a corner of a cell, not its middle.
    let half = if keys.number(1025) == Some(2) {
        0.0
    } else {
        0.5
    };
    let (scale, tie) = (numbers(33550), numbers(33922));
    if let (Some([dx, dy, ..]), Some([column, row, _, x, y, ..])) =
        (scale.as_deref(), tie.as_deref())
    {
        let corner = Coord {
            x: x + (half - column) * dx,
            y: y - (half - row) * dy,
        };
        return Ok((corner, Coord { x: *dx, y: *dy }));
    }
    if let Some([a, b, _, x, d, e, _, y, ..]) = numbers(34264).as_deref() {
        if *b != 0.0 || *d != 0.0 {
            return Err(Fault::of(
                "栅格相对坐标轴有旋转",
                "it is turned against its axes",
            ));
        }
        let corner = Coord {
            x: x + half * a,
            y: y + half * e,
        };
        return Ok((corner, Coord { x: *a, y: -e }));
    }
    Err(Fault::of(
        "没有位置（ModelPixelScale 和 ModelTiepoint，或 ModelTransformation）",
        "it has no place (ModelPixelScale and ModelTiepoint, or ModelTransformation)",
    ))
}

/// Looks through the first directory of a TIFF before anything is made of it: what is not read is named, and no count or size in it
/// is larger than it may be.
fn sound<R: Read + Seek>(reader: &mut R) -> Result<(), Fault> {
    let mut header = Header::open(reader).map_err(Fault::of_tiff)?;
    let entries = header.count().map_err(Fault::of_tiff)?;
    if entries > MOST_ENTRIES {
        return Err(Fault::of_tiff(format!("{entries} entries")));
    }
    for _ in 0..entries {
        let (tag, count, value) = header.entry().map_err(Fault::of_tiff)?;
        if count > MOST_VALUES {
            return Err(Fault::of_tiff(format!("{count} values in tag {tag}")));
        }
        match (tag, value) {
            (TILE_WIDTH | TILE_LENGTH, size) if size > MOST_TILE => return Err(too_large()),
            (SAMPLES, samples) if samples != 1 => {
                return Err(Fault::of(
                    format!("有 {samples} 个波段，只读取单波段"),
                    format!("it has {samples} bands, and is read with one"),
                ));
            }
            (PHOTOMETRIC, meaning) if meaning != 1 => {
                return Err(Fault::of(
                    "是图片，不是数值栅格",
                    "it is a picture, not a grid of numbers",
                ));
            }
            (COMPRESSION, 1 | 5 | 8 | 32946) => {}
            (COMPRESSION, other) => {
                let name = compression(other);
                return Err(Fault::of(
                    format!("压缩方式为 {name}；可读取不压缩、LZW 和 Deflate 的"),
                    format!("it is compressed by {name}; none, LZW and Deflate are read"),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const SAMPLES: u16 = 277;
const TILE_WIDTH: u16 = 322;
const TILE_LENGTH: u16 = 323;

/// The name of a compression that is not read.
fn compression(code: u64) -> String {
    let name = match code {
        2..=4 => "CCITT",
        6 | 7 => "JPEG",
        32773 => "PackBits",
        34712 => "JPEG 2000",
        34887 => "LERC",
        34925 => "LZMA",
        50000 => "Zstandard",
        50001 => "WebP",
        _ => return code.to_string(),
    };
    name.to_owned()
}

/// The bytes at the beginning of a TIFF and of its first directory.
struct Header<'a, R> {
    reader: &'a mut R,
    little: bool,
    big: bool,
}

impl<'a, R: Read + Seek> Header<'a, R> {
    /// At the directory.
    fn open(reader: &'a mut R) -> io::Result<Self> {
        let mut order = [0; 2];
        reader.read_exact(&mut order)?;
        let mut header = Self {
            reader,
            little: &order == b"II",
            big: false,
        };
        header.big = header.number(2)? == 43;
        if header.big {
            header.number(4)?;
        }
        let at = header.number(if header.big { 8 } else { 4 })?;
        header.reader.seek(SeekFrom::Start(at))?;
        Ok(header)
    }

    /// So many entries follow.
    fn count(&mut self) -> io::Result<u64> {
        self.number(if self.big { 8 } else { 2 })
    }

    /// The tag of the next entry, how many values it has, and the first of them where it is a whole number that stands in the entry.
    fn entry(&mut self) -> io::Result<(u16, u64, u64)> {
        let room = if self.big { 8 } else { 4 };
        let tag = self.number(2)?;
        let kind = self.number(2)?;
        let count = self.number(room)?;
        let mut bytes = [0; 8];
        let bytes = &mut bytes[..room];
        self.reader.read_exact(bytes)?;
        let size = match kind {
            1 => 1,
            3 => 2,
            4 => 4,
            16 => 8,
            _ => 0,
        };
        let first = self.whole(&bytes[..size.min(room)]);
        Ok((tag as u16, count, first))
    }

    fn number(&mut self, size: usize) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.reader.read_exact(&mut bytes[..size])?;
        Ok(self.whole(&bytes[..size]))
    }

    fn whole(&self, bytes: &[u8]) -> u64 {
        let joined = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.little {
            bytes.iter().rev().fold(0, joined)
        } else {
            bytes.iter().fold(0, joined)
        }
    }
}

/// The value at a position.
fn value(values: &DecodingResult, at: usize) -> Option<f64> {
    Some(match values {
        DecodingResult::U8(values) => f64::from(*values.get(at)?),
        DecodingResult::U16(values) => f64::from(*values.get(at)?),
        DecodingResult::U32(values) => f64::from(*values.get(at)?),
        DecodingResult::U64(values) => *values.get(at)? as f64,
        DecodingResult::F16(values) => f64::from(f32::from(*values.get(at)?)),
        DecodingResult::F32(values) => f64::from(*values.get(at)?),
        DecodingResult::F64(values) => *values.get(at)?,
        DecodingResult::I8(values) => f64::from(*values.get(at)?),
        DecodingResult::I16(values) => f64::from(*values.get(at)?),
        DecodingResult::I32(values) => f64::from(*values.get(at)?),
        DecodingResult::I64(values) => *values.get(at)? as f64,
    })
}

/// The bytes that values take.
fn size_of_values(values: &DecodingResult) -> usize {
    match values {
        DecodingResult::U8(values) => values.len(),
        DecodingResult::I8(values) => values.len(),
        DecodingResult::U16(values) => values.len() * 2,
        DecodingResult::I16(values) => values.len() * 2,
        DecodingResult::F16(values) => values.len() * 2,
        DecodingResult::U32(values) => values.len() * 4,
        DecodingResult::I32(values) => values.len() * 4,
        DecodingResult::F32(values) => values.len() * 4,
        DecodingResult::U64(values) => values.len() * 8,
        DecodingResult::I64(values) => values.len() * 8,
        DecodingResult::F64(values) => values.len() * 8,
    }
}
