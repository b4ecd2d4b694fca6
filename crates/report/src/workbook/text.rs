//! Text in cells: inert, and exactly what it was.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// What Excel holds in a cell, in UTF-16 units.
const LONGEST: usize = 32_767;
/// So long may a text be that the library would take for its own markup; each run of it takes up to 200 characters of markup.
const LONGEST_TAGGED: usize = 300;
/// Stands at the end of a text that was cut.
const CUT: &str = " …（过长，已截断 truncated, too long）";

/// Writes a text cell, never a formula, a link or a number; an empty text is an empty cell. Longer than a cell can hold, it is
/// cut and says so.
pub(super) fn write(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    // The library writes a text between these as it stands into the file, as markup; as runs of a rich text it is escaped.
    let tagged = text.starts_with("<r>") && text.ends_with("</r>");
    let most = if tagged { LONGEST_TAGGED } else { LONGEST };
    match cut(text, most) {
        Some(short) => page.write_string_with_format(row, column, short, format)?,
        None if tagged => {
            let plain = Format::default();
            let runs: Vec<(&Format, &str)> =
                runs(text).into_iter().map(|run| (&plain, run)).collect();
            page.write_rich_string_with_format(row, column, &runs, format)?
        }
        None => page.write_string_with_format(row, column, text, format)?,
    };
    Ok(())
}

/// The text without its end and with a word on it; `None` where it is short enough.
fn cut(text: &str, most: usize) -> Option<String> {
    // A byte or more a unit: nothing is counted of what is short in any case.
    if text.len() <= most || text.encode_utf16().count() <= most {
        return None;
    }
    let mut left = most - CUT.encode_utf16().count();
    let short = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    Some(short.chain(CUT.chars()).collect())
}

/// The text in pieces, none of which holds `_x`: where it begins a code such as `_x0041_`, a reader would take it for `A`.
fn runs(text: &str) -> Vec<&str> {
    let mut from = 0;
    let mut runs: Vec<&str> = Vec::new();
    for (position, _) in text.match_indices("_x") {
        runs.push(&text[from..=position]);
        from = position + 1;
    }
    runs.push(&text[from..]);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(cut("短", 1), None);
        let long = "🏥".repeat(20_000);
        let short = cut(&long, LONGEST).expect("it is too long");
        assert!(short.encode_utf16().count() <= LONGEST);
        assert!(short.starts_with("🏥🏥") && short.ends_with(CUT));
        assert_eq!(cut(&"a".repeat(LONGEST), LONGEST), None);
        assert_eq!(
            cut(&"市".repeat(LONGEST), LONGEST),
            None,
            "of more bytes than units"
        );
    }

    #[test]
    fn no_run_holds_the_begin_of_a_code() {
        assert_eq!(runs("<r>a_x0041_x_</r>"), ["<r>a_", "x0041_", "x_</r>"]);
        assert_eq!(runs("<r></r>"), ["<r></r>"]);
    }
}
