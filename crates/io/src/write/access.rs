//! Access as a table of its own.

use std::io::{self, Write};

use crate::csv_text::{Cells, shortest};

/// One column of figures: its header, and a number for each id; none leaves the cell empty.
pub type Figures = (&'static str, Vec<Option<f64>>);

/// Writes a table of `id` and `figures`, each number with eight significant digits: more than any table of times bears, and sums of
/// people × access still give the supply.
///
/// # Errors
/// Where the file system refuses.
pub fn write(to: &mut dyn Write, ids: &[Box<str>], figures: &[Figures]) -> io::Result<()> {
    let header: Vec<&str> = std::iter::once("id")
        .chain(figures.iter().map(|(name, _)| *name))
        .collect();
    to.write_all(Cells::plain(&header).text().as_bytes())?;
    for (id, at) in ids.iter().zip(0..) {
        let number = |(_, numbers): &Figures| numbers[at].map(eight_digits).unwrap_or_default();
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

/// A number rounded to eight significant digits, without zeros at its end.
fn eight_digits(number: f64) -> String {
    shortest(format!("{number:.7e}").parse().unwrap_or(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_eight_digits_and_no_zeros_behind_them() {
        for (number, text) in [
            (1.0 / 3.0, "0.33333333"),
            (0.1 + 0.2, "0.3"),
            (2.0 / 3.0 * 1e-6, "6.6666667e-7"),
            (123_456_789.0, "123456790"),
            (0.0, "0"),
        ] {
            assert_eq!(eight_digits(number), text);
        }
    }
}
