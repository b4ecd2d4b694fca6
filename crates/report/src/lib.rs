//! What an office hands in: one map (一图), one table (一表), one list (一清单), made from a written round.
//!
//! ```text
//! a round's folder ─book::read─▶ Book ─┬─▶ report.html, round.xlsx, sheets, pictures, round.gpkg, metadata.xml
//!                                      └─public─▶ Book ─▶ the same, for everybody
//! ```

pub mod book;

pub mod change;

pub mod drawing;

mod error;

pub mod folder;

mod foot;

#[cfg(feature = "gpkg")]
pub mod geopackage;

mod html;

pub mod metadata;

pub mod page;

pub mod public;

pub mod sheets;

pub mod template;

mod text;

mod words;

mod workbook;

mod xml;

#[cfg(test)]
mod testing;

pub use error::ReportError;
pub use workbook::workbook;
