//! Layers as tables: the attributes of each feature, and where it is.

use std::borrow::Cow;
use std::collections::HashMap;

use geo::{Area, ConvexHull, Coord, InteriorPoint, LineString, MultiPolygon, Polygon};
use geojson::JsonValue;

use super::{RawFeature, RawLayer, Shape, Wanted, broken};
use crate::finding::{Finding, Findings, Kind};
use crate::layer::text_of;
use crate::read::Tabular;
use crate::table::{self, Column};

/// A table has at most so many cells: its text takes no more memory than some hundred megabytes beyond what the file has.
const MOST_CELLS: usize = 200_000_000;

/// The columns of a place.
const PLACE: [&str; 2] = ["lon", "lat"];

/// A layer as a table, in which feature `n` stands in line `n + 1`. Where places are looked for and the layer has shapes, they are those of
/// the shapes: points as they are, areas by a point within them. A feature that has none stays a row without a place, which is for the
/// reader to report; lines are an error.
pub(super) fn of_layer(
    file: &str,
    layer: RawLayer,
    wanted: Wanted,
    findings: &mut Findings,
) -> Result<Tabular<'static>, Finding> {
    if layer.features.is_empty() {
        return Err(Finding::new(Kind::NoFeatures, file));
    }
    let column = |name: &str| wanted.columns.iter().find(|column| column.name == name);
    let renamed = |name: &&str| wanted.named.columns.contains_key(*name);
    let shapes = layer.features.iter().any(|each| each.geometry.is_some());
    // The plan's word on where the places stand goes before the shapes.
    let placed = shapes && column(PLACE[0]).is_some() && !PLACE.iter().any(renamed);
    let is_place = |key: &str| {
        let mut columns = PLACE.iter().filter_map(|name| column(name));
        placed && columns.any(|column: &Column| column.is(table::clean(key)))
    };
    let keys = keys(&layer.features, column("id"));
    let (away, keys): (Vec<&str>, Vec<&str>) = keys.into_iter().partition(|key| is_place(key));
    if !away.is_empty() {
        findings.push(Finding::new(Kind::PlaceTwice, file).value(away.join(", ")));
    }
    let width = keys.len() + if placed { PLACE.len() } else { 0 };
    if width.saturating_mul(layer.features.len()) > MOST_CELLS {
        return Err(broken(file, "属性过多", "it has too many attributes"));
    }
    let mut text = Vec::new();
    let head = PLACE
        .iter()
        .copied()
        .filter(|_| placed)
        .chain(keys.iter().copied());
    row(&mut text, head.map(Cow::Borrowed));
    let mut areas = 0;
    for (feature, number) in layer.features.iter().zip(1..) {
        let place = match feature.geometry.as_ref().filter(|_| placed) {
            Some(shape) => place(shape, &mut areas),
            None => Ok(None),
        };
        let place = match place {
            Ok(place) => place.map(|at| [at.x, at.y].map(|number| number.to_string())),
            Err((kind, value)) => {
                let id = crate::layer::label(&feature.properties);
                findings.push(Finding::new(kind, file).row(number).id(id).value(value));
                // An empty line is no row, but it counts.
                text.push(b'\n');
                continue;
            }
        };
        let place = place.unwrap_or_default();
        let place = place
            .iter()
            .filter(|_| placed)
            .map(|number| Cow::Borrowed(&**number));
        row(
            &mut text,
            place.chain(keys.iter().map(|key| cell(feature, key))),
        );
    }
    if areas > 0 {
        findings.push(Finding::new(Kind::AreasAsPoints, file).value(areas.to_string()));
    }
    Ok(Tabular {
        text: Cow::Owned(String::from_utf8(text).expect("made of texts")),
        crs: layer.crs.filter(|_| shapes),
    })
}

/// The attributes of all features in the order in which they are met, and first `id` where features have one that is no attribute.
fn keys<'a>(features: &'a [RawFeature], id: Option<&Column>) -> Vec<&'a str> {
    let mut met: HashMap<&str, usize> = HashMap::new();
    for key in features.iter().flat_map(|each| each.properties.keys()) {
        let next = met.len();
        met.entry(key).or_insert(next);
    }
    let mut keys: Vec<(&str, usize)> = met.into_iter().collect();
    keys.sort_unstable_by_key(|(_, met)| *met);
    let mut keys: Vec<&str> = keys.into_iter().map(|(key, _)| key).collect();
    let named = |column: &Column| keys.iter().any(|key| column.is(table::clean(key)));
    let ids = features.iter().any(|each| each.id.is_some());
    if ids && id.is_some_and(|column| !named(column)) {
        keys.insert(0, "id");
    }
    keys
}

/// A cell as one line of text.
fn cell<'a>(feature: &'a RawFeature, key: &str) -> Cow<'a, str> {
    let own = feature.id.as_ref().filter(|_| key == "id");
    match feature.properties.get(key).or(own) {
        None | Some(JsonValue::Null) => Cow::Borrowed(""),
        Some(JsonValue::String(text)) => Cow::Borrowed(text),
        Some(other) => Cow::Owned(text_of(other)),
    }
}

/// Writes a row. Line ends within a cell become spaces, so that lines are features.
fn row<'a>(text: &mut Vec<u8>, cells: impl Iterator<Item = Cow<'a, str>>) {
    for (cell, at) in cells.zip(0..) {
        if at > 0 {
            text.push(b',');
        }
        let one_line = |sign: u8| if b"\r\n".contains(&sign) { b' ' } else { sign };
        let quoted = cell.contains([',', '"', ';', '\t']);
        if !quoted {
            text.extend(cell.bytes().map(one_line));
            continue;
        }
        text.push(b'"');
        for sign in cell.bytes() {
            text.push(one_line(sign));
            if sign == b'"' {
                text.push(b'"');
            }
        }
        text.push(b'"');
    }
    text.push(b'\n');
}

/// The place of a shape; `None` where it has none. Areas are counted.
fn place(shape: &Shape, areas: &mut u64) -> Result<Option<Coord>, (Kind, String)> {
    match shape {
        Shape::Points(_, places) => match places.as_slice() {
            [] => Ok(None),
            [one] => finite(one).map(Some),
            more => Err((Kind::GeometryNotPoint, format!("MultiPoint {}", more.len()))),
        },
        Shape::Areas(polygons) => {
            polygons
                .iter()
                .flatten()
                .flatten()
                .try_for_each(|place| finite(place).map(drop))?;
            let polygons = polygons.iter().map(|rings| {
                let mut rings = rings.iter().map(|ring| LineString(ring.clone()));
                let outer = rings.next().unwrap_or_else(|| LineString(Vec::new()));
                Polygon::new(outer, rings.collect())
            });
            let area = MultiPolygon(polygons.collect());
            if area.0.is_empty() {
                return Ok(None);
            }
            let hull = area.convex_hull().unsigned_area();
            if hull.is_nan() || hull <= 0.0 {
                return Err((Kind::AreaZero, String::new()));
            }
            *areas += 1;
            Ok(area.interior_point().map(Coord::from))
        }
        Shape::Other(name) => Err((Kind::GeometryNotPoint, (*name).to_owned())),
        Shape::Broken(kind, why) => Err((*kind, why.clone())),
    }
}

fn finite(place: &Coord) -> Result<Coord, (Kind, String)> {
    match place.x.is_finite() && place.y.is_finite() {
        true => Ok(*place),
        false => Err((Kind::PositionBroken, format!("{:?}", [place.x, place.y]))),
    }
}
