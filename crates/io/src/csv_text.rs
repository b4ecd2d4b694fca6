//! Cells of a table as text.

use fuwutu_core::quantity::Residents;

/// A table that is being written.
///
/// Made for Excel, it begins with a byte-order mark (without which Excel garbles Chinese), ends lines with CR LF, and puts
/// `'` before text that Excel would take for a formula (CWE-1236), and before text that begins with `'` itself, so that both can be told
/// apart; numbers stay as they are. Characters that control a terminal or end a text for some programs (NUL, escape, …) become U+FFFD.
#[derive(Debug)]
pub struct Cells {
    text: String,
    excel: bool,
}

impl Cells {
    /// For people with Excel.
    #[must_use]
    pub fn excel(header: &[&str]) -> Self {
        Self::new(header, true)
    }

    /// For programs.
    #[must_use]
    pub fn plain(header: &[&str]) -> Self {
        Self::new(header, false)
    }

    /// Further rows for programs.
    #[must_use]
    pub fn headless() -> Self {
        Self {
            text: String::new(),
            excel: false,
        }
    }

    /// Further rows of this table, to be made apart and added by [`Cells::append`].
    #[must_use]
    pub fn more(&self) -> Self {
        Self {
            text: String::new(),
            excel: self.excel,
        }
    }

    /// Adds further rows.
    pub fn append(&mut self, more: &Self) {
        self.text.push_str(&more.text);
    }

    fn new(header: &[&str], excel: bool) -> Self {
        let mut cells = Self {
            text: String::new(),
            excel,
        };
        if excel {
            cells.text.push('\u{feff}');
        }
        cells.row(header);
        cells
    }

    /// Adds a row of texts.
    pub fn texts(&mut self, cells: &[String]) {
        for (cell, position) in cells.iter().zip(0..) {
            if position > 0 {
                self.text.push(',');
            }
            self.cell(cell);
        }
        self.text.push_str(if self.excel { "\r\n" } else { "\n" });
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[&str]) {
        for (cell, at) in cells.iter().zip(0..) {
            if at > 0 {
                self.text.push(',');
            }
            self.cell(cell);
        }
        self.text.push_str(if self.excel { "\r\n" } else { "\n" });
    }

    fn cell(&mut self, cell: &str) {
        let guard = self.excel && is_guarded(cell);
        let quoted = guard || cell.contains([',', '"', '\r', '\n']);
        if !quoted && !cell.contains(controls) {
            self.text.push_str(cell);
            return;
        }
        if quoted {
            self.text.push('"');
        }
        if guard {
            self.text.push('\'');
        }
        let cell = cell.replace('"', "\"\"");
        self.text.push_str(&cell.replace(controls, "\u{fffd}"));
        if quoted {
            self.text.push('"');
        }
    }

    /// The whole table.
    #[must_use]
    pub fn text(self) -> String {
        self.text
    }
}

/// Whether a character controls something other than the layout of a text.
fn controls(character: char) -> bool {
    character.is_control() && !['\t', '\r', '\n'].contains(&character)
}

/// Whether `'` is put before the text.
fn is_guarded(cell: &str) -> bool {
    cell.starts_with('\'') || is_formula(cell)
}

/// Whether Excel would take the text for a formula; it reads wide signs as narrow ones. Numbers are none.
fn is_formula(cell: &str) -> bool {
    let signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];
    cell.starts_with(signs) && cell.parse::<f64>().is_err()
}

/// The text of a cell as it was before it was made safe for Excel.
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_guarded(rest) => rest,
        _ => cell,
    }
}

/// Persons without rounding: up to three decimals, none that are zero.
#[must_use]
pub fn persons(residents: Residents) -> String {
    let (whole, thousandths) = (residents.0 / 1000, residents.0 % 1000);
    match thousandths {
        0 => whole.to_string(),
        _ => format!("{whole}.{thousandths:03}")
            .trim_end_matches('0')
            .to_owned(),
    }
}

/// Whole persons, half up.
#[must_use]
pub fn persons_whole(residents: Residents) -> u64 {
    (residents.0 + 500) / 1000
}

/// Parts in whole persons that add up to the whole persons of their sum: each is the rounded difference of the running sum.
#[must_use]
pub fn persons_parts<const N: usize>(parts: [Residents; N]) -> [u64; N] {
    let (mut sum, mut given) = (0, 0);
    parts.map(|part| {
        sum += part.0;
        let until = (sum + 500) / 1000;
        let whole = until - given;
        given = until;
        whole
    })
}

/// A number with so many decimals; empty for none. Never `-0`.
#[must_use]
pub fn decimals(number: Option<f64>, places: usize) -> String {
    let Some(number) = number else {
        return String::new();
    };
    let text = format!("{number:.places$}");
    if text.bytes().all(|byte| b"-0.".contains(&byte)) {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// The shortest text that is read as this very number. Never `-0`.
#[must_use]
pub fn shortest(number: f64) -> String {
    let text = format!("{:?}", number + 0.0);
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_would_compute_is_text_and_numbers_stay_numbers() {
        let mut cells = Cells::excel(&["a"]);
        for cell in ["=1+1", "-5", "-5 stars", "@x", "a,b", "say \"hi\"", "四"] {
            cells.row(&[cell]);
        }
        let expected = "\u{feff}a\r\n\"'=1+1\"\r\n-5\r\n\"'-5 stars\"\r\n\"'@x\"\r\n\"a,b\"\r\n\"say \"\"hi\"\"\"\r\n四\r\n";
        assert_eq!(cells.text(), expected);
    }

    #[test]
    fn what_is_made_safe_comes_back_as_it_was() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("＝1+1", "'＝1+1"),
            ("－甲", "'－甲"),
            ("＠", "'＠"),
            ("'quoted'", "''quoted'"),
            ("'=1", "''=1"),
        ] {
            let mut cells = Cells::excel(&[]);
            cells.row(&[text]);
            assert_eq!(cells.text(), format!("\u{feff}\r\n\"{safe}\"\r\n"));
            assert_eq!(unguarded(safe), text);
        }
        assert_eq!(unguarded("'as written by others"), "'as written by others");
    }

    #[test]
    fn what_controls_a_terminal_is_replaced() {
        let mut cells = Cells::plain(&["a\0b"]);
        cells.row(&["\u{1b}[2J", "a,\u{7f}", "two\nlines"]);
        let expected = "a\u{fffd}b\n\u{fffd}[2J,\"a,\u{fffd}\",\"two\nlines\"\n";
        assert_eq!(cells.text(), expected);
    }

    #[test]
    fn people_are_written_to_what_they_are() {
        assert_eq!(persons(Residents(12_000)), "12");
        assert_eq!(persons(Residents(12_340)), "12.34");
        assert_eq!(persons_whole(Residents(12_500)), 13);
        assert_eq!(decimals(Some(-0.0001), 2), "0.00");
        assert_eq!(
            [70.0, 0.1 + 0.2, 1e-9, -0.0].map(shortest),
            ["70", "0.30000000000000004", "1e-9", "0"]
        );
        // 0.5 + 0.5 + 0.5 + 0.5 are two people, not four.
        assert_eq!(persons_parts([Residents(500); 4]), [1, 0, 1, 0]);
    }
}
