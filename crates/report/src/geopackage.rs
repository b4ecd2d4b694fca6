//! `round.gpkg`: the round as layers and tables for a GIS, with styles that QGIS opens them in.

mod container;

mod layers;

mod style;

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Result};

use crate::ReportError;
use crate::book::Book;
use crate::metadata::{date, metadata, notices, srs};
use container::Common;

/// Writes an OGC GeoPackage (1.4) to `path`, which must not exist.
///
/// Layers, in longitude and latitude of CGCS2000 (EPSG:4490) where the plan's inputs are in it, else of WGS 84 (EPSG:4326):
/// `units` and `communities` (areas; one without land has no geometry), `facilities` (points, a row for each service that one
/// offers), `demand` (points: demand points, or the middles of their squares). Tables: `standing`, `ranking`, `causes`, as in
/// the round's files of these names. Where the name of a column is the same as in these files, it is the same figure; figures
/// that are not known are null. Each column has a label and an explanation in Chinese and English, each layer styles for QGIS,
/// and the package bears [`metadata`] within.
///
/// Text is kept as it is, whatever is in it. Equal books give equal bytes: the time of the last change is the day that the
/// plan's `report.date` names, else the start of 1970. O(rows × columns), with one row in memory at a time.
///
/// # Errors
/// Where `path` exists or cannot be written, which then may hold a part of a package; and where there are more than about 300
/// services, as a table has at most 2,000 columns.
pub fn geopackage(book: &Book, path: &Path) -> std::result::Result<(), ReportError> {
    let failed = |message: String| ReportError::File { path: path.to_owned(), message };
    File::create_new(path).map_err(|error| failed(error.to_string()))?;
    write(book, path).map_err(|error| failed(error.to_string()))
}

fn write(book: &Book, path: &Path) -> Result<()> {
    // Not as a URI: a path may have any characters.
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Nobody else reads a file that is new, and one that is not whole is thrown away.
    connection.execute_batch("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    let day = date(book).map_or("1970-01-01", |date| date);
    let date = format!("{day}T00:00:00.000Z");
    let [zh, en] = notices(book);
    let about = format!("{} / {}", zh.join("；"), en.join("; "));
    let common = Common { srs: srs(book), about: &about, date: &date };
    let transaction = connection.transaction()?;
    container::create(&transaction, &layers::words())?;
    container::put(&transaction, layers::units(book), common)?;
    container::put(&transaction, layers::communities(book), common)?;
    container::put(&transaction, layers::facilities(book), common)?;
    container::put(&transaction, layers::demand(book), common)?;
    container::put(&transaction, layers::standing(book), common)?;
    container::put(&transaction, layers::ranking(book), common)?;
    container::put(&transaction, layers::causes(book), common)?;
    style::put(&transaction, &style::styles(book), common)?;
    container::put_metadata(&transaction, &metadata(book), &date)?;
    transaction.commit()
}
