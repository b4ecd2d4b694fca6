//! The binary workbooks of Excel 97 to 2003 (`.xls`, and `.et` that is one): the records of their stream [MS-XLS].

use std::cell::Cell;

use super::compound::Compound;
use super::grid::{Grid, Merged, Texts};
use super::values::{self, Shown};
use super::{SheetName, Trouble};

/// A workbook whose sheets can be read.
pub(crate) struct Xls {
    stream: Vec<u8>,
    pub sheets: Vec<SheetName>,
    /// Where the records of each sheet begin.
    starts: Vec<usize>,
    since_1904: bool,
    styles: Vec<Shown>,
    shared: Texts,
    /// Bytes of records that may still be read: sheets can be said to begin at one place.
    left: Cell<usize>,
}

const SHORT: Trouble = Trouble::Broken(["记录过短", "a record is too short"]);

struct Record<'a> {
    kind: u16,
    data: &'a [u8],
    /// Where the next one begins.
    end: usize,
}

/// The record at a place; `None` at the end.
fn record(stream: &[u8], at: usize) -> Option<Record<'_>> {
    let length = usize::from(u16_at(stream, at + 2).ok()?);
    Some(Record {
        kind: u16_at(stream, at).ok()?,
        data: stream.get(at + 4..at + 4 + length)?,
        end: at + 4 + length,
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Trouble> {
    let two = bytes.get(at..at + 2).ok_or(SHORT)?;
    Ok(u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Trouble> {
    Ok(u32::from(u16_at(bytes, at)?) | u32::from(u16_at(bytes, at + 2)?) << 16)
}

fn f64_at(bytes: &[u8], at: usize) -> Result<f64, Trouble> {
    let eight = bytes.get(at..at + 8).ok_or(SHORT)?;
    Ok(f64::from_le_bytes(eight.try_into().map_err(|_| SHORT)?))
}

/// Kinds of records.
mod kind {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const END: u16 = 0x000a;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const PASSWORD: u16 = 0x002f;
    pub(super) const CONTINUE: u16 = 0x003c;
    pub(super) const COLUMNS: u16 = 0x007d;
    pub(super) const SHEET: u16 = 0x0085;
    pub(super) const SMALL_NUMBERS: u16 = 0x00bd;
    pub(super) const RICH_TEXT: u16 = 0x00d6;
    pub(super) const STYLE: u16 = 0x00e0;
    pub(super) const MERGED: u16 = 0x00e5;
    pub(super) const SHARED: u16 = 0x00fc;
    pub(super) const SHARED_TEXT: u16 = 0x00fd;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const TEXT: u16 = 0x0204;
    pub(super) const BOOL_OR_ERROR: u16 = 0x0205;
    pub(super) const RESULT: u16 = 0x0207;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const SMALL_NUMBER: u16 = 0x027e;
    pub(super) const FORMAT: u16 = 0x041e;
    pub(super) const BEGIN: u16 = 0x0809;
}

impl Xls {
    pub(crate) fn open(bytes: &[u8]) -> Result<Self, Trouble> {
        let file = Compound::open(bytes)?;
        if file.has("EncryptedPackage") {
            return Err(Trouble::Encrypted);
        }
        let stream = match (file.stream("Workbook"), file.has("Book")) {
            (Some(stream), _) => stream,
            (None, true) => return Err(Trouble::Old),
            (None, false) => {
                return Err(Trouble::Broken(["其中没有工作簿", "it holds no workbook"]));
            }
        };
        // Each record is looked at once for the book and once for its sheet.
        let left = Cell::new(stream.len().saturating_mul(2));
        let mut book = Self {
            stream: Vec::new(),
            sheets: Vec::new(),
            starts: Vec::new(),
            since_1904: false,
            styles: Vec::new(),
            shared: Texts::default(),
            left,
        };
        book.globals(&stream)?;
        book.stream = stream;
        Ok(book)
    }

    fn globals(&mut self, stream: &[u8]) -> Result<(), Trouble> {
        const OF_EXCEL_97: u16 = 0x0600;
        let (mut at, mut formats, mut styles) = (0, Vec::new(), Vec::new());
        let cut = || Trouble::Broken(["文件不完整", "the file is cut off"]);
        loop {
            let Record { kind, data, end } = record(stream, at).ok_or_else(cut)?;
            match kind {
                kind::BEGIN if u16_at(data, 0)? != OF_EXCEL_97 => return Err(Trouble::Old),
                kind::PASSWORD => return Err(Trouble::Encrypted),
                kind::DATE_MODE => self.since_1904 = u16_at(data, 0)? == 1,
                kind::SHEET => self.sheet(data)?,
                kind::FORMAT => {
                    let mut text = Text::new(vec![data.get(2..).ok_or(SHORT)?]);
                    formats.push((u16_at(data, 0)?, values::by_text(&text.long_or_part())));
                }
                kind::STYLE => styles.push(u16_at(data, 2)?),
                kind::SHARED => {
                    let mut parts = vec![data];
                    let mut from = end;
                    while let Some(more) = record(stream, from)
                        && more.kind == kind::CONTINUE
                    {
                        parts.push(more.data);
                        from = more.end;
                    }
                    self.shared = shared(parts)?;
                }
                kind::END => break,
                _ => {}
            }
            at = end;
        }
        let shown = |number: u16| {
            let mut own = formats.iter();
            let own = own.find(|(format, _)| *format == number);
            own.map_or_else(|| values::built_in(u32::from(number)), |(_, shown)| *shown)
        };
        self.styles = styles.into_iter().map(shown).collect();
        Ok(())
    }

    fn sheet(&mut self, data: &[u8]) -> Result<(), Trouble> {
        const CELLS: u8 = 0;
        let (hidden, sort) = (data.get(4).ok_or(SHORT)?, data.get(5).ok_or(SHORT)?);
        let letters = *data.get(6).ok_or(SHORT)?;
        let mut text = Text::new(vec![data.get(7..).ok_or(SHORT)?]);
        if *sort == CELLS {
            self.starts.push(u32_at(data, 0)? as usize);
            self.sheets.push(SheetName {
                name: text.letters(usize::from(letters))?,
                hidden: hidden & 3 != 0,
            });
        }
        Ok(())
    }

    /// The cells of a sheet, by its position among them.
    pub(crate) fn grid(&self, sheet: usize) -> Result<Grid, Trouble> {
        let cut = || Trouble::Broken(["文件不完整", "the file is cut off"]);
        let mut at = *self.starts.get(sheet).ok_or_else(cut)?;
        let (mut grid, mut hidden) = (Grid::default(), Vec::new());
        // Charts stand among the records of a sheet, with records of their own.
        let mut depth = 0_u32;
        let mut awaits = None;
        loop {
            let Record { kind, data, end } = record(&self.stream, at).ok_or_else(cut)?;
            let left = self.left.get().checked_sub(end - at);
            self.left
                .set(left.ok_or(Trouble::Broken(["工作表互相重叠", "its sheets overlap"]))?);
            at = end;
            match kind {
                kind::BEGIN => depth += 1,
                kind::END if depth <= 1 => break,
                kind::END => depth -= 1,
                _ if depth != 1 => {}
                kind::ROW if data.get(12).ok_or(SHORT)? & 0x20 != 0 => {
                    hidden.push(u32::from(u16_at(data, 0)?));
                }
                kind::COLUMNS if data.get(8).ok_or(SHORT)? & 1 != 0 => {
                    let columns = [u16_at(data, 0)?, u16_at(data, 2)?];
                    grid.hidden_columns.push(columns.map(u32::from));
                }
                kind::MERGED => {
                    for four in data.get(2..).ok_or(SHORT)?.chunks_exact(8) {
                        let at = |at| u16_at(four, at).map(u32::from);
                        grid.merge(Merged {
                            rows: [at(0)?, at(2)?],
                            columns: [at(4)?, at(6)?],
                        })?;
                    }
                }
                kind::RESULT => {
                    if let Some((row, column)) = awaits.take() {
                        // A long text goes on in further records; so much of it is enough.
                        let text = Text::new(vec![data]).long_or_part();
                        grid.push(row, column, &text)?;
                    }
                }
                _ => awaits = self.cell(kind, data, &mut grid)?.or(awaits),
            }
        }
        let mut grid = grid.sorted();
        hidden.sort_unstable();
        hidden.dedup();
        for row in hidden {
            let first = grid.row(row).next().map(|(column, _)| column);
            if let Some(column) = first {
                grid.hidden_rows.add(row, column);
            }
        }
        Ok(grid)
    }

    /// Reads a record that is a cell or several; the place of a formula whose text follows.
    fn cell(&self, kind: u16, data: &[u8], grid: &mut Grid) -> Result<Option<(u32, u32)>, Trouble> {
        let is_cell = matches!(
            kind,
            kind::NUMBER
                | kind::SMALL_NUMBER
                | kind::SMALL_NUMBERS
                | kind::SHARED_TEXT
                | kind::TEXT
                | kind::RICH_TEXT
                | kind::BOOL_OR_ERROR
                | kind::FORMULA
        );
        if !is_cell {
            return Ok(None);
        }
        let (row, column) = (u32::from(u16_at(data, 0)?), u32::from(u16_at(data, 2)?));
        let number = |value: f64, style: u16| {
            let shown = self.styles.get(usize::from(style)).copied();
            values::shown(value, shown.unwrap_or(Shown::Number), self.since_1904)
        };
        let style = || u16_at(data, 4);
        match kind {
            kind::NUMBER => grid.push(row, column, &number(f64_at(data, 6)?, style()?))?,
            kind::SMALL_NUMBER => {
                grid.push(row, column, &number(small(u32_at(data, 6)?), style()?))?;
            }
            kind::SMALL_NUMBERS => {
                let cells = data.get(4..data.len() - 2).ok_or(SHORT)?;
                for (six, column) in cells.chunks_exact(6).zip(column..) {
                    let value = small(u32_at(six, 2)?);
                    grid.push(row, column, &number(value, u16_at(six, 0)?))?;
                }
            }
            kind::SHARED_TEXT => {
                let text = self.shared.get(u32_at(data, 6)? as usize);
                let text = text.ok_or(Trouble::Broken([
                    "单元格引用的文本不存在",
                    "a cell has a text that is not there",
                ]))?;
                grid.push(row, column, text)?;
            }
            kind::TEXT | kind::RICH_TEXT => {
                let text = Text::new(vec![data.get(6..).ok_or(SHORT)?]).long_or_part();
                grid.push(row, column, &text)?;
            }
            kind::BOOL_OR_ERROR => {
                let [value, is_error] = *data.get(6..8).ok_or(SHORT)? else {
                    return Err(SHORT);
                };
                bool_or_error(grid, (row, column), value, is_error == 1)?;
            }
            _ => return result(grid, (row, column), data, &number),
        }
        Ok(None)
    }
}

fn bool_or_error(
    grid: &mut Grid,
    (row, column): (u32, u32),
    value: u8,
    is_error: bool,
) -> Result<(), Trouble> {
    if is_error {
        grid.failed.add(row, column);
    }
    let text = match (is_error, value) {
        (false, 0) => "false",
        (false, _) => "true",
        (true, 0x00) => "#NULL!",
        (true, 0x07) => "#DIV/0!",
        (true, 0x0f) => "#VALUE!",
        (true, 0x17) => "#REF!",
        (true, 0x1d) => "#NAME?",
        (true, 0x24) => "#NUM!",
        (true, _) => "#N/A",
    };
    grid.push(row, column, text)
}

/// The stored result of a formula; its place where that is a text, which follows.
fn result(
    grid: &mut Grid,
    place: (u32, u32),
    data: &[u8],
    number: &impl Fn(f64, u16) -> String,
) -> Result<Option<(u32, u32)>, Trouble> {
    let (row, column) = place;
    let stored = data.get(6..14).ok_or(SHORT)?;
    match (&stored[6..], stored[0]) {
        ([0xff, 0xff], 0) => return Ok(Some(place)),
        ([0xff, 0xff], kind @ 1..=2) => bool_or_error(grid, place, stored[2], kind == 2)?,
        ([0xff, 0xff], _) => {}
        _ => grid.push(row, column, &number(f64_at(data, 6)?, u16_at(data, 4)?))?,
    }
    Ok(None)
}

/// A number in four bytes: thirty bits of a whole number, or the upper ones of a fraction; a hundredth of it where the first bit says so.
fn small(bits: u32) -> f64 {
    let value = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits.cast_signed() >> 2),
    };
    match bits & 1 {
        0 => value,
        _ => value / 100.0,
    }
}

/// Texts in a record and those that continue it.
struct Text<'a> {
    parts: Vec<&'a [u8]>,
    part: usize,
    at: usize,
}

impl<'a> Text<'a> {
    fn new(parts: Vec<&'a [u8]>) -> Self {
        Self {
            parts,
            part: 0,
            at: 0,
        }
    }

    /// What is left of the record; the next one's where nothing is.
    fn rest(&mut self) -> Result<&'a [u8], Trouble> {
        loop {
            let part = *self.parts.get(self.part).ok_or(SHORT)?;
            if self.at < part.len() {
                return Ok(&part[self.at..]);
            }
            self.part += 1;
            self.at = 0;
        }
    }

    fn byte(&mut self) -> Result<u8, Trouble> {
        let byte = self.rest()?[0];
        self.at += 1;
        Ok(byte)
    }

    fn u16(&mut self) -> Result<u16, Trouble> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, mut count: usize) -> Result<(), Trouble> {
        while count > 0 {
            let some = self.rest()?.len().min(count);
            self.at += some;
            count -= some;
        }
        Ok(())
    }

    /// A text with its number of letters before it, in two bytes.
    fn long(&mut self) -> Result<String, Trouble> {
        let count = usize::from(self.u16()?);
        self.letters(count)
    }

    /// The same, or what is there of it.
    fn long_or_part(&mut self) -> String {
        let Ok(count) = self.u16() else {
            return String::new();
        };
        let room = self.rest().map_or(0, |rest| {
            let wide = usize::from(rest[0] & 1);
            (rest.len() - 1) >> wide
        });
        self.letters(usize::from(count).min(room))
            .unwrap_or_default()
    }

    /// So many letters, with what stands before and after them: how they are written, runs of fonts, how they are spoken.
    fn letters(&mut self, count: usize) -> Result<String, Trouble> {
        const WIDE: u8 = 1;
        const SPOKEN: u8 = 4;
        const RICH: u8 = 8;
        let mut flags = self.byte()?;
        let runs = match flags & RICH {
            0 => 0,
            _ => usize::from(self.u16()?),
        };
        let spoken = match flags & SPOKEN {
            0 => 0,
            _ => usize::from(self.u16()?) | usize::from(self.u16()?) << 16,
        };
        let mut letters: Vec<u16> = Vec::new();
        while letters.len() < count {
            // In a record that continues the text stands anew how its letters are written.
            let part = self.part;
            let rest = self.rest()?;
            if self.part != part && !letters.is_empty() {
                flags = self.byte()?;
                continue;
            }
            let wide = flags & WIDE != 0;
            let size = 1 + usize::from(wide);
            let some = (count - letters.len()).min(rest.len() / size);
            if some == 0 {
                return Err(SHORT);
            }
            match wide {
                true => {
                    let pairs = rest[..2 * some].chunks_exact(2);
                    letters.extend(pairs.map(|two| u16::from_le_bytes([two[0], two[1]])));
                }
                false => letters.extend(rest[..some].iter().map(|byte| u16::from(*byte))),
            }
            self.at += size * some;
        }
        self.skip(4 * runs + spoken)?;
        Ok(String::from_utf16_lossy(&letters))
    }
}

/// The texts that cells share.
fn shared(parts: Vec<&[u8]>) -> Result<Texts, Trouble> {
    let count = u32_at(parts[0], 4)?;
    let mut text = Text::new(parts);
    text.skip(8)?;
    let mut all = Texts::default();
    for _ in 0..count {
        all.push(&text.long()?)?;
    }
    Ok(all)
}
