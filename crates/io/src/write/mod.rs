//! A round as a folder of files: tables for Excel, layers for a GIS, and `round.json` that says what all of it rests on.
//!
//! Each file is a function of its input alone: no clock, no machine. Figures are rounded here and only here.

pub mod csv_text;

pub mod geojson_text;

mod folder;

mod manifest;

mod layers;

mod tables;

use fuwutu_core::city::City;
use fuwutu_core::reach::Nearest;
use fuwutu_core::round::Round;
use fuwutu_core::service::Service;

use crate::finding::Finding;
use crate::frame::Projection;
use crate::plan::Plan;
use crate::read::InputFile;

pub use folder::{FolderError, OutFolder};

/// All that a folder of results tells of.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// The plan, filled in.
    pub plan: &'a Plan,
    /// In the base year.
    pub city: &'a City,
    /// The catalogue.
    pub catalogue: &'a [Service],
    /// Positions in it.
    pub selected: &'a [u16],
    /// What was computed.
    pub round: &'a Round,
    /// What reading noticed.
    pub findings: &'a [Finding],
    /// What was read.
    pub files: &'a [InputFile],
}

/// For each selected service, what each demand point has within the limit.
pub type PointReach = Vec<Vec<Nearest>>;

/// Why a round was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Sums that must agree do not: a fault of the tool, not of the input.
    #[error(transparent)]
    Disagreement(#[from] manifest::Disagreement),
}

/// Writes a whole round: tables, layers (with demand points where `points` are given), and last `round.json`.
///
/// # Errors
/// Where the file system refuses, or sums that must agree do not; then nothing stands under the final name.
pub fn round(folder: OutFolder, result: &Outcome, points: Option<&PointReach>) -> Result<(), WriteError> {
    let projection = Projection::new(result.city.frame());
    let mut files = units_files(result, &projection);
    files.extend(layers::coverage(result, &projection, points));
    let tables = [
        ("standing.csv", tables::standing(result)),
        ("ranking.csv", tables::ranking(result)),
        ("causes.csv", tables::causes(result)),
        ("projection.csv", tables::projection(result)),
    ];
    files.extend(tables.map(|(name, text)| (name.to_owned(), text)));
    finish(folder, result, files)
}

/// Writes units only.
///
/// # Errors
/// As [`round`].
pub fn units(folder: OutFolder, result: &Outcome) -> Result<(), WriteError> {
    let files = units_files(result, &Projection::new(result.city.frame()));
    finish(folder, result, files)
}

/// Writes the layers of coverage only.
///
/// # Errors
/// As [`round`].
pub fn coverage(folder: OutFolder, result: &Outcome, points: Option<&PointReach>) -> Result<(), WriteError> {
    let files = layers::coverage(result, &Projection::new(result.city.frame()), points);
    finish(folder, result, files)
}

fn units_files(result: &Outcome, projection: &Projection) -> Vec<(String, String)> {
    vec![
        ("units.geojson".to_owned(), layers::units(result, projection)),
        ("units.csv".to_owned(), tables::units(result)),
        ("townships.csv".to_owned(), tables::townships(result)),
        ("communities.csv".to_owned(), tables::communities(result)),
    ]
}

/// Adds the findings, then the manifest.
fn finish(folder: OutFolder, result: &Outcome, mut files: Vec<(String, String)>) -> Result<(), WriteError> {
    files.push(("findings.csv".to_owned(), tables::findings(result.findings)));
    let manifest = manifest::manifest(result, &files)?;
    for (name, text) in files.iter().map(|(name, text)| (name.as_str(), text)).chain([("round.json", &manifest)]) {
        folder.put(name, text)?;
    }
    folder.finish()?;
    Ok(())
}
