//! Access as a table of its own.

use std::io::{self, Write};

use crate::csv_text::{Cells, shortest};

/// One column of figures: its header, and a number for each id; none leaves the cell empty.
pub type Figures = (&'static str, Vec<Option<f64>>);

/// Writes a table of `id` and `figures`, each number as the shortest text that is read as this very number.
///
/// # Errors
/// Where the file system refuses.
pub fn write(to: &mut dyn Write, ids: &[Box<str>], figures: &[Figures]) -> io::Result<()> {
    let header: Vec<&str> = std::iter::once("id")
        .chain(figures.iter().map(|(name, _)| *name))
        .collect();
    to.write_all(Cells::plain(&header).text().as_bytes())?;
    for (id, at) in ids.iter().zip(0..) {
        let number = |(_, numbers): &Figures| numbers[at].map(shortest).unwrap_or_default();
        let numbers: Vec<String> = figures.iter().map(number).collect();
        let cells: Vec<&str> = std::iter::once(&**id)
            .chain(numbers.iter().map(String::as_str))
            .collect();
        let mut row = Cells::headless();
        row.row(&cells);
        to.write_all(row.text().as_bytes())?;
    }
    to.flush()
}
