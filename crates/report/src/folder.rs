//! All reports of a round, in its folder.

use fuwutu_io::write::ReportFolder;
use fuwutu_io::written::Written;

use crate::book::Book;
use crate::change::Change;
use crate::error::ReportError;
use crate::{metadata, page, public, workbook};

/// Where reports of the public edition stand in the round's folder.
const PUBLIC: &str = "public/";

/// Makes all reports of a round and of its public edition, with what changed since another where a comparison is given. `folder` is
/// that of the round.
///
/// # Errors
/// Where a file of the round or of the comparison is missing, was changed or cannot be understood, or a report cannot be written.
/// Nothing is left half-made: see [`ReportFolder::finish`].
pub fn write(folder: ReportFolder, round: &Written, comparison: Option<&Written>) -> Result<(), ReportError> {
    let book = Book::read(round)?;
    let change = comparison.map(|comparison| Change::read(comparison, &book)).transpose()?;
    reports(&folder, "", &book, change.as_ref())?;
    // What changed names single facilities, and is not for everybody.
    reports(&folder, PUBLIC, &public::edition(&book), None)?;
    Ok(folder.finish()?)
}

fn reports(folder: &ReportFolder, prefix: &str, book: &Book, change: Option<&Change>) -> Result<(), ReportError> {
    let named = |name: &str| format!("{prefix}{name}");
    folder.put(&named("report.html"), page::page(book, change).as_bytes())?;
    folder.put(&named("round.xlsx"), &workbook(book)?)?;
    folder.put(&named("metadata.xml"), metadata::metadata(book).as_bytes())?;
    #[cfg(feature = "gpkg")]
    crate::geopackage::geopackage(book, &folder.path(&named("round.gpkg"))?)?;
    Ok(())
}
