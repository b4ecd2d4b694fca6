//! `round.xlsx`: one table (一表), for those who go on working with the figures.
//!
//! Every sheet is a plain table with a header in Chinese and English, so that it can be filtered, sorted, added up and printed.
//! Figures are values, read from the round; formulas stand only where the overview checks that the sheets add up to the city.

mod completeness;
mod counties;
mod facilities;
mod findings;
mod inputs;
mod method;
mod overview;
mod ranking;
mod sheet;
mod standards;
mod standing;
mod text;
mod units;
mod words;

#[cfg(test)]
mod tests;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::ReportError;
use crate::book::Book;

/// The workbook of a round: the bytes of `round.xlsx`.
///
/// Sheets, in this order: overview (with two charts and the checks), units, completeness, standing, ranking by need, ranking by people,
/// facilities, what became of the rows of each file, findings, standards, counties and equity (where the round has them), method. Text is always text, whatever it
/// begins with, and formatted as text, so that editing a cell makes no formula of it. Control characters stand as `_xHHHH_`, as
/// Excel writes them; text beyond 32,767 characters is cut and says so. What is not known is an empty cell among numbers and
/// `–` among words. Equal books give equal bytes.
///
/// A round with more than 250,000 lines of standing is shown for the base year and the horizon alone, or not at all; the sheet
/// says which, and so do those of facilities and findings. Cost: O(cells), all of them in memory at once: 36,400 lines of
/// standing take 2 s and 240 MB.
///
/// # Errors
/// [`ReportError::File`] where the file cannot be put together.
pub fn workbook(book: &Book) -> Result<Vec<u8>, ReportError> {
    assemble(book).map_err(|error| ReportError::File {
        path: "round.xlsx".into(),
        message: error.to_string(),
    })
}

fn assemble(book: &Book) -> Result<Vec<u8>, XlsxError> {
    let (units, units_area) = units::sheet(book)?;
    let (standing, standing_area) = standing::sheet(book)?;
    let (by_need, by_need_area) = ranking::by_need(book)?;
    let mut file = Workbook::new();
    // The day is always the same one: the file says nothing that the round does not say.
    let day = ExcelDateTime::from_ymd(2000, 1, 1)?;
    file.set_properties(&DocProperties::new().set_creation_datetime(&day));
    file.push_worksheet(overview::sheet(
        book,
        &units_area,
        &standing_area,
        &by_need_area,
    )?);
    file.push_worksheet(units);
    if !book.completeness.is_empty() {
        file.push_worksheet(completeness::sheet(book)?);
    }
    file.push_worksheet(standing);
    file.push_worksheet(by_need);
    file.push_worksheet(ranking::by_unserved(book)?);
    file.push_worksheet(facilities::sheet(book)?);
    if !book.inputs.is_empty() {
        file.push_worksheet(inputs::sheet(book)?);
    }
    file.push_worksheet(findings::sheet(book)?);
    file.push_worksheet(standards::sheet(book)?);
    if !book.counties.is_empty() {
        file.push_worksheet(counties::counties(book)?);
    }
    if !book.equities.is_empty() {
        file.push_worksheet(counties::equity(book)?);
    }
    file.push_worksheet(method::sheet(book)?);
    file.save_to_buffer()
}
