//! What people see: aligned tables and thousands separators. Results go to stdout, everything else to stderr.

use std::io::{self, Write};

use fuwutu_core::quantity::Residents;
use unicode_width::UnicodeWidthStr;

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Prints a line to stdout.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Prints a line to stderr. That nobody reads it is no reason to stop.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints rows in columns two spaces apart; Chinese characters take two places. The first row is the header.
pub(crate) fn table(align: &[Align], rows: &[Vec<String>]) -> io::Result<()> {
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..align.len()).map(width).collect();
    for row in rows {
        let mut text = String::new();
        for ((cell, &width), align) in row.iter().zip(&widths).zip(align) {
            let space = " ".repeat(width.saturating_sub(cell.width()));
            match align {
                Align::Left => text += &format!("{cell}{space}  "),
                Align::Right => text += &format!("{space}{cell}  "),
            }
        }
        line(text.trim_end())?;
    }
    Ok(())
}

/// Whole persons with separators: `812,935`.
pub(crate) fn people(residents: Residents) -> String {
    thousands((residents.0 + 500) / 1000)
}

/// `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (digit, left) in digits.chars().zip((0..digits.len()).rev()) {
        text.push(digit);
        if left > 0 && left % 3 == 0 {
            text.push(',');
        }
    }
    text
}

/// `73.4 %`; a dash for none.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
