//! Layers of areas, checked ring by ring.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, ConvexHull, Coord, LineString, MultiPolygon, Polygon};
use geojson::{JsonObject, JsonValue};

use crate::crs::Crs;
use crate::finding::{Finding, Findings, Kind};
use crate::headers;
use crate::read::{Declared, misplaced};
use crate::table::{self, Column};
use crate::vector::{RawFeature, RawLayer, Shape};

/// An area in degrees with its properties.
pub(crate) struct Feature {
    /// From 1.
    pub number: u64,
    pub properties: JsonObject,
    pub polygon: MultiPolygon,
}

/// The areas of a layer, whose coordinate system is the one that the plan declares for it, else its own, else that of all files
/// (`usual`). A feature that is none is an error, and reading goes on to find the others.
pub(crate) fn features(
    file: &str,
    layer: RawLayer,
    declared: &Declared,
    findings: &mut Findings,
) -> Result<Vec<Feature>, Finding> {
    let crs = declared.of_file(layer.crs.as_deref(), file, findings)?;
    if layer.features.is_empty() {
        return Err(Finding::new(Kind::NoFeatures, file));
    }
    if let Some(account) = findings.account() {
        account.rows += layer.features.len() as u64;
    }
    let mut areas = Vec::with_capacity(layer.features.len());
    for (
        RawFeature {
            properties,
            geometry,
            ..
        },
        number,
    ) in layer.features.into_iter().zip(1..)
    {
        let about = |kind| Finding::new(kind, file).row(number).id(label(&properties));
        let area = match geometry {
            Some(shape) => area(shape, &crs, &about, findings),
            None => Err(about(Kind::GeometryMissing)),
        };
        match area {
            Ok(polygon) => areas.push(Feature {
                number,
                properties,
                polygon,
            }),
            Err(finding) => findings.refuse(finding),
        }
    }
    Ok(areas)
}

/// The properties that a layer may have, and those of its features that are none of them.
pub(crate) struct Properties<'a> {
    columns: &'a [Column],
    renamed: &'a BTreeMap<String, String>,
}

impl<'a> Properties<'a> {
    /// Those of a layer's features. `renamed` maps names to those that the plan gives them. What else the features have is passed
    /// over, which is among the findings.
    ///
    /// # Errors
    /// Where no feature has a property that is required, or the plan names one that is none of these.
    pub(crate) fn open(
        file: &str,
        features: &[Feature],
        columns: &'a [Column],
        renamed: &'a BTreeMap<String, String>,
        findings: &mut Findings,
    ) -> Result<Self, Finding> {
        table::known_names(file, columns, renamed)?;
        let properties = Self { columns, renamed };
        let keys: BTreeSet<&str> = features
            .iter()
            .flat_map(|each| each.properties.keys().map(String::as_str))
            .collect();
        let has = |column| keys.iter().any(|key| properties.is(column, key));
        let found: Vec<bool> = columns.iter().map(has).collect();
        let other = |key: &&str| columns.iter().all(|column| !properties.is(column, key));
        let unknown: Vec<&str> = keys.iter().copied().filter(other).collect();
        let others = headers::passed_over(file, &unknown, columns, &found);
        let missing = columns.iter().zip(&found);
        // Where a property probably means a column, another one will not do in its place.
        let meant = |column: &Column| {
            let mut unknown = unknown.iter();
            unknown.any(|key| headers::meant(key, columns, &found) == Some(column.name))
        };
        let will_do = |column: &Column| {
            let mut others = columns.iter().zip(&found);
            let other = others.any(|(other, found)| *found && column.or.contains(&other.name));
            other && !meant(column)
        };
        let missing =
            missing.filter(|(column, found)| column.required && !**found && !will_do(column));
        let missing: Vec<&str> = missing.map(|(column, _)| properties.name(column)).collect();
        // Without any feature left there are other errors.
        if missing.is_empty() || features.is_empty() {
            findings.extend(others);
            return Ok(properties);
        }
        findings.extend(others.filter(|each| each.kind == Kind::ColumnMeant));
        let keys: Vec<&str> = keys.into_iter().collect();
        Err(Finding::new(Kind::ColumnMissing, file)
            .column(missing.join(", "))
            .value(keys.join(" ")))
    }

    /// The name by which the plan, or else the code, knows a property.
    fn name(&self, column: &'a Column) -> &'a str {
        self.renamed.get(column.name).map_or(column.name, |own| own)
    }

    fn is(&self, column: &Column, key: &str) -> bool {
        match self.renamed.get(column.name) {
            Some(own) => own == key,
            None => column.is(table::clean(key)),
        }
    }

    /// The property at this position in the list, as text: numbers without decimals as plain digits, since GIS software likes to
    /// turn codes into numbers; empty where there is none. Of several that mean it (`code`, `CODE`) the one that is written as it
    /// is here counts.
    pub(crate) fn text(&self, feature: &Feature, at: usize) -> String {
        let column = &self.columns[at];
        let exact = feature.properties.get(self.name(column));
        let other = || {
            let others = || {
                feature
                    .properties
                    .iter()
                    .filter(|(_, value)| !value.is_null())
            };
            let mut own = others().filter(|(key, _)| !table::is_general(key));
            let found = own.find(|(key, _)| self.is(column, key));
            let found = found.or_else(|| others().find(|(key, _)| self.is(column, key)));
            found.map(|(_, value)| value)
        };
        exact
            .filter(|value| !value.is_null())
            .or_else(other)
            .map_or(String::new(), text_of)
    }
}

/// Code or name of a feature, for findings about its geometry.
pub(crate) fn label(properties: &JsonObject) -> String {
    let named = |name: &str| properties.get(name).filter(|value| !value.is_null());
    ["code", "name"]
        .into_iter()
        .find_map(named)
        .map_or(String::new(), text_of)
}

pub(crate) fn text_of(value: &JsonValue) -> String {
    match value {
        JsonValue::String(text) => table::clean(text).to_owned(),
        JsonValue::Number(number) => match number.as_f64() {
            Some(value) if value.fract() == 0.0 && value.abs() < 9e15 => format!("{value:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

fn area(
    shape: Shape,
    crs: &Crs,
    about: &dyn Fn(Kind) -> Finding,
    findings: &mut Findings,
) -> Result<MultiPolygon, Finding> {
    let polygons = match shape {
        Shape::Areas(polygons) => polygons,
        Shape::Points(name, _) | Shape::Other(name) => {
            return Err(about(Kind::GeometryNotArea).value(name));
        }
        Shape::Broken(kind, why) => return Err(about(kind).value(why)),
    };
    let polygons: Result<Vec<Polygon>, Finding> = polygons
        .into_iter()
        .map(|rings| polygon(rings, crs, about, findings))
        .collect();
    let polygons = polygons?;
    if polygons.is_empty() {
        return Err(about(Kind::RingShort).value("[]"));
    }
    if polygons.len() > 1 {
        findings.push(about(Kind::Parts).value(polygons.len().to_string()));
    }
    Ok(MultiPolygon(polygons))
}

/// Square degrees (about 0.01 m²) below which the places of a ring lie on one line. Its own area says less: that of a bow tie
/// can be zero, and it can be repaired.
const LEAST_HULL: f64 = 1e-12;

fn polygon(
    rings: Vec<Vec<Coord>>,
    crs: &Crs,
    about: &dyn Fn(Kind) -> Finding,
    findings: &mut Findings,
) -> Result<Polygon, Finding> {
    let rings: Result<Vec<LineString>, Finding> = rings
        .into_iter()
        .map(|places| ring(places, crs, about, findings))
        .collect();
    let mut rings = rings?.into_iter();
    let exterior = rings
        .next()
        .ok_or_else(|| about(Kind::RingShort).value("[]"))?;
    if exterior.convex_hull().unsigned_area() < LEAST_HULL {
        return Err(about(Kind::AreaZero));
    }
    Ok(Polygon::new(exterior, rings.collect()))
}

fn ring(
    mut places: Vec<Coord>,
    crs: &Crs,
    about: &dyn Fn(Kind) -> Finding,
    findings: &mut Findings,
) -> Result<LineString, Finding> {
    let count = places.len();
    for place in &mut places {
        let Coord { x, y } = *place;
        if !(x.is_finite() && y.is_finite()) {
            return Err(about(Kind::PositionBroken).value(format!("{:?}", [x, y])));
        }
        let degrees = in_degrees(*place, crs);
        *place = degrees.map_err(|kind| about(kind).value(misplaced(Coord { x, y }, crs, None)))?;
    }
    if places.first() != places.last() {
        findings.push(about(Kind::RingOpen));
        places.push(places[0]);
    }
    places.dedup();
    if places.len() < 4 {
        return Err(about(Kind::RingShort).value(count.to_string()));
    }
    Ok(LineString(places))
}

/// A place of a file in degrees. Where it can be none, and only one of its numbers is at fault, that is said, unless they fit the
/// other way round.
pub(crate) fn in_degrees(place: Coord, crs: &Crs) -> Result<Coord, Kind> {
    let turned = Coord {
        x: place.y,
        y: place.x,
    };
    if crs.is_plane() {
        return match (crs.to_degrees(place), crs.to_degrees(turned)) {
            (Some(degrees), _) => Ok(degrees),
            (None, Some(_)) => Err(Kind::Swapped),
            (None, None) => Err(Kind::NotInCrs),
        };
    }
    let turned = turned.x.abs() <= 180.0 && turned.y.abs() <= 90.0;
    match (place.x.abs() <= 180.0, place.y.abs() <= 90.0) {
        (true, true) => crs.to_degrees(place).ok_or(Kind::NotInCrs),
        _ if turned => Err(Kind::Swapped),
        (false, false) => Err(Kind::NotDegrees),
        _ => Err(Kind::DegreeBeyond),
    }
}
