//! The cells of a sheet, in little memory and within limits, and the text that is made of them.

use super::Trouble;

/// Rows and columns that a sheet can have.
pub(crate) const MOST_ROWS: u32 = 1 << 20;
pub(crate) const MOST_COLUMNS: u32 = 1 << 14;
/// Cells that say something: 300,000 rows of 40, or a million of 12. They take 144 MB.
const MOST_CELLS: usize = 12_000_000;
/// Bytes of text in all cells, and in the text that is made of them.
const MOST_TEXT: usize = 128 << 20;
const MOST_MERGED: usize = 1 << 20;

/// A cell that says something. Twelve bytes, as there may be millions of them.
#[derive(Clone, Copy)]
struct Cell {
    row: u32,
    start: u32,
    column: u16,
    length: u16,
}

/// Cells that are one, corners included; counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merged {
    pub rows: [u32; 2],
    pub columns: [u32; 2],
}

/// How often something is so in a sheet, and in which cell first, by row and column.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub count: u64,
    first: (u32, u32),
}

impl Seen {
    pub(crate) fn add(&mut self, row: u32, column: u32) {
        if self.count == 0 {
            self.first = (row, column);
        }
        self.count += 1;
    }

    /// The row, from 1.
    pub(crate) fn row(self) -> u64 {
        u64::from(self.first.0) + 1
    }

    /// Such as `C`.
    pub(crate) fn column(self) -> String {
        column_name(self.first.1)
    }
}

/// The beginning of a text, at most so many bytes of whole letters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `A`, `Z`, `AA`.
pub(crate) fn column_name(mut column: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (column % 26) as u8));
        match (column / 26).checked_sub(1) {
            Some(next) => column = next,
            None => return letters.iter().rev().collect(),
        }
    }
}

/// Texts that cells share, by number.
#[derive(Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: &str) -> Result<(), Trouble> {
        if self.text.len() + text.len() > MOST_TEXT || self.ends.len() == MOST_CELLS {
            return Err(Trouble::Text(MOST_TEXT));
        }
        self.text += text;
        self.ends.push(self.text.len() as u32);
        Ok(())
    }

    pub(crate) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = at
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize);
        Some(&self.text[start..end])
    }
}

/// A sheet as it is read.
#[derive(Default)]
pub(crate) struct Grid {
    /// In the order of rows and columns, once it is [`Grid::sorted`].
    cells: Vec<Cell>,
    text: String,
    pub merged: Vec<Merged>,
    /// Rows that are hidden or filtered out and say something.
    pub hidden_rows: Seen,
    /// First and last columns that are hidden.
    pub hidden_columns: Vec<[u32; 2]>,
    /// Formulas whose result was not stored.
    pub unsaved: Seen,
    /// Formulas without a result.
    pub failed: Seen,
}

impl Grid {
    /// Adds a cell, unless it says nothing. Line ends and tabs are spaces in it.
    pub(crate) fn push(&mut self, row: u32, column: u32, text: &str) -> Result<(), Trouble> {
        let text = text.trim_matches(|letter: char| letter.is_ascii_whitespace());
        if text.is_empty() {
            return Ok(());
        }
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(Trouble::Beyond(row, column));
        }
        if self.cells.len() == MOST_CELLS {
            return Err(Trouble::Cells(MOST_CELLS));
        }
        // No figure and no name is that long; what stands behind is cut off.
        let text = cut(text, usize::from(u16::MAX));
        if self.text.len() + text.len() > MOST_TEXT {
            return Err(Trouble::Text(MOST_TEXT));
        }
        if self.cells.len() == self.cells.capacity() {
            self.cells.reserve_exact(self.cells.len() / 4 + 4096);
        }
        self.cells.push(Cell {
            row,
            start: self.text.len() as u32,
            column: column as u16,
            length: text.len() as u16,
        });
        if text.contains(['\n', '\r', '\t']) {
            let spaces = text
                .split(['\n', '\r', '\t'])
                .filter(|part| !part.is_empty());
            let before = self.text.len();
            for part in spaces {
                if self.text.len() > before {
                    self.text.push(' ');
                }
                self.text.push_str(part);
            }
            if let Some(cell) = self.cells.last_mut() {
                cell.length = (self.text.len() - before) as u16;
            }
        } else {
            self.text.push_str(text);
        }
        Ok(())
    }

    /// Cells that are one.
    pub(crate) fn merge(&mut self, merged: Merged) -> Result<(), Trouble> {
        let [top, bottom] = merged.rows;
        let [left, right] = merged.columns;
        if self.merged.len() == MOST_MERGED {
            return Err(Trouble::Cells(MOST_MERGED));
        }
        if top <= bottom && left <= right && (top, left) != (bottom, right) {
            self.merged.push(merged);
        }
        Ok(())
    }

    /// In the order of rows and columns; of cells at one place the first counts.
    pub(crate) fn sorted(mut self) -> Self {
        let order = |cell: &Cell| (cell.row, cell.column);
        if !self.cells.is_sorted_by_key(order) {
            self.cells.sort_by_key(order);
        }
        self.cells.dedup_by_key(|cell| order(cell));
        self
    }

    fn of(&self, cell: &Cell) -> &str {
        let start = cell.start as usize;
        &self.text[start..start + usize::from(cell.length)]
    }

    /// The cells of a row, from 0, with their columns.
    pub(crate) fn row(&self, row: u32) -> impl Iterator<Item = (u32, &str)> {
        let start = self.cells.partition_point(|cell| cell.row < row);
        let cells = self.cells[start..].iter();
        cells
            .take_while(move |cell| cell.row == row)
            .map(|cell| (u32::from(cell.column), self.of(cell)))
    }

    pub(crate) fn cell(&self, row: u32, column: u32) -> Option<&str> {
        let at = |cell: &Cell| (cell.row, u32::from(cell.column)).cmp(&(row, column));
        let found = self.cells.binary_search_by(at).ok()?;
        Some(self.of(&self.cells[found]))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// How many hidden columns left of `width` say something.
    pub(crate) fn columns_hidden(&self, width: u32) -> u64 {
        let hidden = |column: u32| {
            let mut ranges = self.hidden_columns.iter();
            ranges.any(|&[first, last]| (first..=last).contains(&column))
        };
        if self.hidden_columns.is_empty() {
            return 0;
        }
        let mut says = vec![false; width as usize];
        for cell in &self.cells {
            if let Some(says) = says.get_mut(usize::from(cell.column)) {
                *says = true;
            }
        }
        let columns = (0..width).zip(says);
        columns
            .filter(|&(column, says)| says && hidden(column))
            .count() as u64
    }

    /// Cells of columns from `width` on, below a row.
    pub(crate) fn beside(&self, width: u32, below: u32) -> Seen {
        let mut seen = Seen::default();
        for cell in &self.cells {
            if cell.row > below && u32::from(cell.column) >= width {
                seen.add(cell.row, u32::from(cell.column));
            }
        }
        seen
    }

    /// Gives cells that are one in several rows below `header` the text of the first of them in each row that says something, unless
    /// that is a number, which would be counted more than once; a code of nine or more digits is none. Says how many.
    pub(crate) fn fill_down(mut self, header: u32) -> Result<(Self, u64), Trouble> {
        let mut rows: Vec<u32> = self.cells.iter().map(|cell| cell.row).collect();
        rows.dedup();
        let mut copies: Vec<Cell> = Vec::new();
        for merged in &self.merged {
            let [top, bottom] = merged.rows;
            let at =
                |cell: &Cell| (cell.row, u32::from(cell.column)).cmp(&(top, merged.columns[0]));
            let found = self.cells.binary_search_by(at);
            let Some(cell) = found.ok().filter(|_| top > header && top < bottom) else {
                continue;
            };
            let cell = self.cells[cell];
            if counts(self.of(&cell)) {
                continue;
            }
            let first = rows.partition_point(|row| *row <= top);
            let below = rows[first..].iter().take_while(|row| **row <= bottom);
            // The text is shared, so that copies take no more of it.
            copies.extend(below.map(|&row| Cell { row, ..cell }));
            if self.cells.len() + copies.len() > MOST_CELLS {
                return Err(Trouble::Cells(MOST_CELLS));
            }
        }
        let filled = copies.len() as u64;
        self.cells.append(&mut copies);
        Ok((self.sorted(), filled))
    }

    /// Delimited text whose line `n` is row `n`: the cells left of `width` as they are, but in row `header` these, and nothing in
    /// the rows above it that are of the header, from `first` on.
    pub(crate) fn text(
        &self,
        headers: &[String],
        [first, header]: [u32; 2],
    ) -> Result<String, Trouble> {
        let width = headers.len();
        let mut text = String::new();
        let mut row = 0;
        let mut line =
            |cells: &mut dyn Iterator<Item = (usize, &str)>, to: u32, text: &mut String| {
                while row < to {
                    text.push('\n');
                    row += 1;
                }
                let mut column = 0;
                for (at, cell) in cells.filter(|(at, _)| *at < width) {
                    while column < at {
                        text.push(',');
                        column += 1;
                    }
                    quote(cell, text);
                }
                (column + 1..width).for_each(|_| text.push(','));
                if text.len() > MOST_TEXT + self.text.len() {
                    return Err(Trouble::Text(MOST_TEXT));
                }
                Ok(())
            };
        let mut written = false;
        for cells in self.cells.chunk_by(|a, b| a.row == b.row) {
            let at = cells[0].row;
            if !written && at >= header {
                written = true;
                let mut names = headers.iter().map(String::as_str).enumerate();
                line(&mut names, header, &mut text)?;
            }
            if (first..=header).contains(&at) || usize::from(cells[0].column) >= width {
                continue;
            }
            let mut cells = cells
                .iter()
                .map(|cell| (usize::from(cell.column), self.of(cell)));
            line(&mut cells, at, &mut text)?;
        }
        text.push('\n');
        Ok(text)
    }
}

/// Whether a text is a number that counts something.
fn counts(text: &str) -> bool {
    const CODE: usize = 9;
    let code = text.len() >= CODE && text.bytes().all(|byte| byte.is_ascii_digit());
    !code && crate::number::written(text).is_some()
}

fn quote(cell: &str, text: &mut String) {
    if !cell.contains([',', '"']) {
        text.push_str(cell);
        return;
    }
    text.push('"');
    for (part, number) in cell.split('"').zip(0..) {
        if number > 0 {
            text.push_str("\"\"");
        }
        text.push_str(part);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(cells: &[(u32, u32, &str)]) -> Grid {
        let mut grid = Grid::default();
        for (row, column, text) in cells {
            grid.push(*row, *column, text).unwrap();
        }
        grid.sorted()
    }

    #[test]
    fn line_n_is_row_n() {
        let grid = grid(&[
            (0, 0, "题名"),
            (3, 0, "a"),
            (3, 1, "b"),
            (5, 1, " x\r\ny "),
            (5, 0, "1,\"2\""),
            (5, 9, "far"),
            (8, 1, "z"),
        ]);
        let headers = ["a", "b"].map(str::to_owned);
        let text = grid.text(&headers, [3, 3]).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let expected = [
            "题名,",
            "",
            "",
            "a,b",
            "",
            "\"1,\"\"2\"\"\",x y",
            "",
            "",
            ",z",
        ];
        assert_eq!(lines, expected);
        assert_eq!(grid.beside(2, 3).count, 1);
        assert_eq!(grid.beside(2, 3).column(), "J");
    }

    #[test]
    fn text_and_codes_fill_cells_that_are_one_and_numbers_do_not() {
        let mut cells = grid(&[
            (0, 0, "镇街"),
            (1, 0, "东街"),
            (1, 1, "510104001"),
            (1, 2, "800"),
            (1, 3, "x"),
            (2, 3, "x"),
            (4, 3, "x"),
        ]);
        for column in 0..3 {
            let merged = Merged {
                rows: [1, 3],
                columns: [column; 2],
            };
            cells.merge(merged).unwrap();
        }
        let (cells, filled) = cells.fill_down(0).unwrap();
        assert_eq!(filled, 2);
        let row: Vec<_> = cells.row(2).collect();
        assert_eq!(row, [(0, "东街"), (1, "510104001"), (3, "x")]);
        assert_eq!(cells.row(3).count(), 0);
        assert_eq!(cells.row(4).count(), 1);
    }

    #[test]
    fn columns_are_named_as_in_spreadsheets() {
        for (column, name) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_name(column), name);
        }
    }
}
