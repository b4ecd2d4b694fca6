//! Layers of vector files, as each form has them, and tables made of them.
//!
//! A layer is the same whatever its form: features with properties and a shape, in the numbers of a coordinate system. What its
//! rings must be is checked once, in [`crate::layer`].

mod dbf;
mod geojson;
#[cfg(feature = "gpkg")]
mod geopackage;
mod shapefile;
pub(crate) mod sides;
mod table;
#[cfg(feature = "gpkg")]
mod wkb;

use std::io::{self, BufReader, Read};
use std::path::Path;

use ::geojson::{JsonObject, JsonValue};
use geo::Coord;
use sha2::{Digest, Sha256};

pub(crate) use self::geojson::is_json;

use crate::finding::{Finding, Findings, Kind};
use crate::form::{self, Foreign, Form};
use crate::plan::Named;
use crate::read::{Given, Tabular, hex_of};
use crate::table::Column;
use crate::text;

/// A layer as its file has it: nothing is checked but that it is one.
pub(crate) struct RawLayer {
    /// The name of its coordinate system, as the file has it.
    pub crs: Option<String>,
    pub features: Vec<RawFeature>,
}

/// What the file has of a feature.
pub(crate) struct RawFeature {
    /// Beside its properties, as GeoJSON may have one.
    pub id: Option<JsonValue>,
    pub properties: JsonObject,
    pub geometry: Option<Shape>,
}

/// No layer has more: a feature takes some hundred bytes of memory, however short it is in its file.
const MOST_FEATURES: usize = 10_000_000;

/// What a feature looks like, in the numbers of the layer's coordinate system. Numbers may be any; rings may be open.
pub(crate) enum Shape {
    /// The name of the type (`Point`, `MultiPoint`), and the places.
    Points(&'static str, Vec<Coord>),
    /// Polygons, each with its outer ring and then its holes.
    Areas(Vec<Vec<Vec<Coord>>>),
    /// Lines and collections, by the name of their type.
    Other(&'static str),
    /// What is no geometry, and why.
    Broken(Kind, String),
}

/// Which columns are looked for, and how the plan calls them: by them the layer of a database is chosen.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub named: Named<'a>,
    pub columns: &'a [Column],
    /// Whether only areas will do, or a table without shapes as well.
    pub areas: bool,
}

impl Wanted<'_> {
    /// Whether a table with these columns has all that are required. A shape stands for longitude and latitude.
    #[cfg(feature = "gpkg")]
    fn by(&self, headers: &[String], shapes: bool) -> bool {
        let is_there = |column: &Column| match self.named.columns.get(column.name) {
            Some(own) => headers.contains(own),
            None => {
                let placed = shapes && ["lon", "lat"].contains(&column.name);
                placed || headers.iter().any(|header| column.is(header))
            }
        };
        (self.columns.iter())
            .filter(|column| column.required)
            .all(is_there)
    }
}

/// The layer of a file.
pub(crate) fn layer(
    given: &Given,
    wanted: Wanted,
    findings: &mut Findings,
) -> Result<RawLayer, Finding> {
    let file = &*given.file;
    match given.form {
        Form::Text => {
            let text = text::decode(file, &given.bytes, findings)?;
            geojson::layer(file, &text, is_sequence(file), findings)
        }
        Form::Shapefile => shapefile::layer(given, findings),
        Form::Dbf if !wanted.areas => dbf::layer(given, findings),
        #[cfg(feature = "gpkg")]
        Form::Sqlite => geopackage::layer(given, wanted, findings),
        #[cfg(not(feature = "gpkg"))]
        Form::Sqlite => Err(Finding::new(Kind::FormNotBuilt, file).value("GeoPackage")),
        form => Err(Finding::new(Kind::FormForeign, file).value(form.name().join(" / "))),
    }
}

/// The names of the layers of a file that may have several; one without a name where it cannot.
pub(crate) fn names(given: &Given) -> Result<Vec<Option<String>>, Finding> {
    match given.form {
        #[cfg(feature = "gpkg")]
        Form::Sqlite => Ok(geopackage::names(given)?.into_iter().map(Some).collect()),
        _ => Ok(vec![None]),
    }
}

/// A GeoJSON file that is read bit by bit, with its length and SHA-256; nothing where it is no GeoJSON in UTF-8, or anything is wrong with
/// it: then its bytes are to be looked at in memory, so that the same is said of files of any length.
pub(crate) fn streamed(file: &str, reader: impl Read) -> Option<(RawLayer, u64, String)> {
    let mut reader = Hashed {
        reader,
        length: 0,
        hash: Sha256::new(),
    };
    let mut first = Vec::new();
    reader
        .by_ref()
        .take(FIRST_BYTES)
        .read_to_end(&mut first)
        .ok()?;
    if form::of(Path::new(file), &first) != Form::Text || !is_json(&first) {
        return None;
    }
    let text = first.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&first);
    let rest = BufReader::with_capacity(1 << 20, &mut reader);
    let layer = geojson::streamed(file, text.chain(rest), is_sequence(file))?;
    Some((layer, reader.length, hex_of(&reader.hash.finalize())))
}

/// So many bytes say what form a file has.
const FIRST_BYTES: u64 = 4096;

/// What is read is hashed on the way.
struct Hashed<R> {
    reader: R,
    length: u64,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(room)?;
        self.hash.update(&room[..count]);
        self.length += count as u64;
        Ok(count)
    }
}

/// The table that a layer makes, in which these columns are looked for.
pub(crate) fn table(
    given: &Given,
    named: Named,
    columns: &[Column],
    findings: &mut Findings,
) -> Result<Tabular<'static>, Finding> {
    let wanted = Wanted {
        named,
        columns,
        areas: false,
    };
    let layer = layer(given, wanted, findings)?;
    table::of_layer(&given.file, layer, wanted, findings)
}

/// Whether features stand one after the other in files of this name, without a list around them.
fn is_sequence(file: &str) -> bool {
    const ENDS: [&str; 5] = ["geojsonl", "geojsons", "ndjson", "ndgeojson", "jsonl"];
    let end = file.rsplit('.').next().unwrap_or("");
    ENDS.iter().any(|name| name.eq_ignore_ascii_case(end))
}

fn foreign(file: &str, foreign: Foreign) -> Finding {
    Finding::new(Kind::FormForeign, file).value(foreign.name().join(" / "))
}

/// A file that is not as its form has it, or was cut off: `zh` and `en` say where.
fn broken(file: &str, zh: &str, en: &str) -> Finding {
    Finding::new(Kind::LayerBroken, file).value(format!("{zh} / {en}"))
}

#[cfg(test)]
mod tests;
