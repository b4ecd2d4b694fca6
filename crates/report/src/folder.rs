//! All reports of a round, in its folder.

use fuwutu_core::watch::{Progress, Watch};
use fuwutu_io::manifest::ComparisonManifest;
use fuwutu_io::write::{ReportFolder, file_name};
use fuwutu_io::written::Written;
use rayon::prelude::*;

use crate::book::Book;
use crate::change::Change;
use crate::drawing::{CityMaps, Fonts, Subject, png};
use crate::error::ReportError;
use crate::{metadata, page, public, sheets, workbook};

/// Where reports of the public edition stand in the round's folder.
const PUBLIC: &str = "public/";
/// Pixels of a picture for each of its 1600 × 900: those of a slide on a screen of 1920 × 1080.
const SCALE: f32 = 1.2;

/// What there is to say of reports that were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Whether the machine has a font with Chinese characters; otherwise they lack in `map-*.png`.
    pub chinese: bool,
}

/// Makes all reports of a round and of its public edition, with what changed since another where a comparison is given. `folder` is
/// that of the round.
///
/// # Errors
/// Where a file of the round or of the comparison is missing, was changed or cannot be understood, or a report cannot be written.
/// Or where `watch` says stop: it is asked before each report, sheet and picture. Nothing is left half-made: see
/// [`ReportFolder::finish`].
pub fn write(
    folder: ReportFolder,
    round: &Written,
    comparison: Option<&Written<ComparisonManifest>>,
    watch: Watch,
) -> Result<Made, ReportError> {
    watch(Progress::Working)?;
    let book = Book::read(round)?;
    let change = comparison
        .map(|comparison| Change::read(comparison, &book))
        .transpose()?;
    let fonts = Fonts::load();
    reports(&folder, "", &book, change.as_ref(), &fonts, watch)?;
    // What changed names single facilities, and is not for everybody.
    reports(
        &folder,
        PUBLIC,
        &public::edition(&book),
        None,
        &fonts,
        watch,
    )?;
    watch(Progress::Working)?;
    folder.finish()?;
    Ok(Made {
        chinese: fonts.chinese(),
    })
}

fn reports(
    folder: &ReportFolder,
    prefix: &str,
    book: &Book,
    change: Option<&Change>,
    fonts: &Fonts,
    watch: Watch,
) -> Result<(), ReportError> {
    let named = |name: &str| format!("{prefix}{name}");
    // What one thread writes and what all share go side by side.
    let (documents, drawn) = rayon::join(
        || -> Result<(), ReportError> {
            watch(Progress::Working)?;
            folder.put(&named("report.html"), page::page(book, change).as_bytes())?;
            watch(Progress::Working)?;
            folder.put(&named("round.xlsx"), &workbook(book)?)?;
            watch(Progress::Working)?;
            folder.put(&named("metadata.xml"), metadata::metadata(book).as_bytes())?;
            #[cfg(feature = "gpkg")]
            geopackage(folder, &named("round.gpkg"), book)?;
            Ok(())
        },
        || -> Result<(), ReportError> {
            watch(Progress::Working)?;
            folder.put(&named("sheets.html"), sheets::all_sheets(book).as_bytes())?;
            for (unit, sheet) in book.units.iter().zip(sheets::every_sheet(book, watch)?) {
                watch(Progress::Working)?;
                folder.put(
                    &named(&format!("sheets/{}", sheets::sheet_name(unit))),
                    sheet.as_bytes(),
                )?;
            }
            let maps = CityMaps::new(book);
            pictures(book)
                .into_par_iter()
                .try_for_each(|(name, subject)| {
                    watch(Progress::Working)?;
                    let svg = maps.svg(subject);
                    folder.put(&named(&format!("map-{name}.svg")), svg.as_bytes())?;
                    Ok(folder.put(
                        &named(&format!("map-{name}.png")),
                        &png(&svg, fonts, SCALE)?,
                    )?)
                })
        },
    );
    documents.and(drawn)
}

/// As [`crate::geopackage::geopackage`]; an error names the file as it will be called.
#[cfg(feature = "gpkg")]
fn geopackage(folder: &ReportFolder, name: &str, book: &Book) -> Result<(), ReportError> {
    let made = crate::geopackage::geopackage(book, &folder.path(name)?);
    made.map_err(|error| match error {
        ReportError::File { message, .. } => ReportError::File {
            path: folder.named(name),
            message,
        },
        other => other,
    })
}

/// The name of the picture of need.
const NEED: &str = "need";

/// Their names and what they show: need, the coverage of each service, and the verdicts of presence where there are some.
fn pictures(book: &Book) -> Vec<(String, Subject)> {
    let mut pictures = vec![(NEED.to_owned(), Subject::Need)];
    for (service, about) in book.services.iter().enumerate() {
        let name = picture_name(&about.id);
        if (0..book.units.len()).any(|unit| book.standing(unit, service, 0).attained.is_some()) {
            pictures.push((format!("{name}-presence"), Subject::Attained { service }));
        }
        pictures.push((name, Subject::Coverage { service }));
    }
    pictures
}

/// The id of a service where it can stand in the name of a file on any system, else a name with a hash of it.
fn picture_name(id: &str) -> String {
    let plain = id != NEED
        && (1..=60).contains(&id.len())
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if plain {
        id.to_owned()
    } else {
        file_name("service", id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_never_a_way_out_of_the_folder() {
        assert_eq!(picture_name("primary_school"), "primary_school");
        for id in ["../x", "a/b", "", "need", "小学", "A", "a.b"] {
            let name = picture_name(id);
            assert!(
                name.starts_with("service-") && !name.contains(['/', '\\', '.']),
                "{name}"
            );
        }
    }
}
