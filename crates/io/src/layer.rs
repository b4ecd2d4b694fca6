//! Layers of areas, checked ring by ring.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use geo::{Area, ConvexHull, Coord, LineString, MultiPolygon, Polygon};
use geojson::{FeatureCollection, GeoJson, GeometryValue, JsonObject, JsonValue, Position};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::crs::Crs;
use crate::finding::{Finding, Findings, Kind};
use crate::headers;
use crate::read::Declared;
use crate::table::{self, Column};

/// An area in degrees with its properties.
pub(crate) struct Feature {
    /// From 1.
    pub number: u64,
    pub properties: JsonObject,
    pub polygon: MultiPolygon,
}

/// A layer as its file has it: nothing is checked but that it is one.
pub(crate) struct RawLayer {
    /// The name of its coordinate system, as the file has it.
    pub crs: Option<String>,
    pub features: Vec<RawFeature>,
}

/// What the file has of a feature.
pub(crate) struct RawFeature {
    pub properties: JsonObject,
    /// In the numbers of the layer's coordinate system.
    pub geometry: Option<GeometryValue>,
}

/// The layer of a GeoJSON text.
pub(crate) fn geojson(
    file: &str,
    text: &str,
    findings: &mut Findings,
) -> Result<RawLayer, Finding> {
    findings.layer(file);
    let problem = |kind| Finding::new(kind, file);
    if let Err(error) = serde_json::from_str::<NoKeyTwice>(text) {
        let message = error.to_string();
        return Err(match message.strip_prefix(KEY_TWICE) {
            Some(key) => problem(Kind::KeyTwice).row(error.line() as u64).value(key),
            None => problem(Kind::JsonBroken)
                .row(error.line() as u64)
                .value(message),
        });
    }
    let layer = match text.parse::<GeoJson>() {
        Ok(GeoJson::FeatureCollection(layer)) => layer,
        Ok(_) => return Err(problem(Kind::NotLayer)),
        Err(error) => {
            return Err(broken_feature(file, text)
                .unwrap_or(problem(Kind::NotLayer).value(error.to_string())));
        }
    };
    let crs = own_crs(&layer);
    let features = layer.features.into_iter().map(|feature| RawFeature {
        properties: feature.properties.unwrap_or_default(),
        geometry: feature.geometry.map(|geometry| geometry.value),
    });
    Ok(RawLayer {
        crs,
        features: features.collect(),
    })
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
        },
        number,
    ) in layer.features.into_iter().zip(1..)
    {
        let about = |kind| Finding::new(kind, file).row(number).id(label(&properties));
        let area = match geometry {
            Some(value) => area(&value, &crs, &about, findings),
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

/// The first feature because of which a layer cannot be read, if it is because of one.
fn broken_feature(file: &str, text: &str) -> Option<Finding> {
    let layer: JsonValue = serde_json::from_str(text).ok()?;
    layer
        .get("features")?
        .as_array()?
        .iter()
        .zip(1..)
        .find_map(|(value, number)| {
            let error = serde_json::from_value::<geojson::Feature>(value.clone()).err()?;
            let properties = value
                .get("properties")
                .and_then(JsonValue::as_object)
                .cloned()
                .unwrap_or_default();
            let about = Finding::new(Kind::GeometryBroken, file)
                .row(number)
                .id(label(&properties));
            Some(about.value(error.to_string()))
        })
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
        let others: Vec<&str> = keys.iter().copied().filter(other).collect();
        let others = headers::passed_over(file, &others, columns, &found);
        let missing = columns.iter().zip(&found);
        let will_do = |column: &Column| {
            let mut others = columns.iter().zip(&found);
            others.any(|(other, found)| *found && column.or.contains(&other.name))
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
        let mut others = feature.properties.iter();
        let other = || {
            let found = others.find(|(key, value)| !value.is_null() && self.is(column, key));
            found.map(|(_, value)| value)
        };
        exact
            .filter(|value| !value.is_null())
            .or_else(other)
            .map_or(String::new(), text_of)
    }
}

/// Code or name of a feature, for findings about its geometry.
fn label(properties: &JsonObject) -> String {
    let named = |name: &str| properties.get(name).filter(|value| !value.is_null());
    ["code", "name"]
        .into_iter()
        .find_map(named)
        .map_or(String::new(), text_of)
}

fn text_of(value: &JsonValue) -> String {
    match value {
        JsonValue::String(text) => table::clean(text).to_owned(),
        JsonValue::Number(number) => match number.as_f64() {
            Some(value) if value.fract() == 0.0 && value.abs() < 9e15 => format!("{value:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// The name in a `crs` member, or the member itself where it has none.
fn own_crs(layer: &FeatureCollection) -> Option<String> {
    let crs = layer
        .foreign_members
        .as_ref()?
        .get("crs")
        .filter(|crs| !crs.is_null())?;
    let name = crs.pointer("/properties/name").and_then(JsonValue::as_str);
    Some(name.map_or_else(|| crs.to_string(), str::to_owned))
}

fn area(
    value: &GeometryValue,
    crs: &Crs,
    about: &dyn Fn(Kind) -> Finding,
    findings: &mut Findings,
) -> Result<MultiPolygon, Finding> {
    let polygons = match value {
        GeometryValue::Polygon { coordinates } => vec![polygon(coordinates, crs, about, findings)?],
        GeometryValue::MultiPolygon { coordinates } => {
            let parts: Result<Vec<_>, _> = coordinates
                .iter()
                .map(|part| polygon(part, crs, about, findings))
                .collect();
            parts?
        }
        other => return Err(about(Kind::GeometryNotArea).value(other.type_name())),
    };
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
    rings: &[Vec<Position>],
    crs: &Crs,
    about: &dyn Fn(Kind) -> Finding,
    findings: &mut Findings,
) -> Result<Polygon, Finding> {
    let rings: Result<Vec<LineString>, Finding> = rings
        .iter()
        .map(|positions| ring(positions, crs, about, findings))
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
    positions: &[Position],
    crs: &Crs,
    about: &dyn Fn(Kind) -> Finding,
    findings: &mut Findings,
) -> Result<LineString, Finding> {
    let mut places: Vec<Coord> = Vec::with_capacity(positions.len());
    for position in positions {
        match position.as_slice() {
            [x, y, ..] if x.is_finite() && y.is_finite() => {
                let place = in_degrees(Coord { x: *x, y: *y }, crs);
                places.push(place.map_err(|kind| about(kind).value(format!("{x}, {y}")))?);
            }
            other => return Err(about(Kind::PositionBroken).value(format!("{other:?}"))),
        }
    }
    if places.first() != places.last() {
        findings.push(about(Kind::RingOpen));
        places.push(places[0]);
    }
    places.dedup();
    if places.len() < 4 {
        return Err(about(Kind::RingShort).value(positions.len().to_string()));
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

/// Any JSON in which no object has a key twice. (The usual readers keep one of the two and say nothing.)
struct NoKeyTwice;

const KEY_TWICE: &str = "key twice: ";

impl<'de> Deserialize<'de> for NoKeyTwice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for NoKeyTwice {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let mut keys = std::collections::HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(A::Error::custom(format_args!("{KEY_TWICE}{key}")));
            }
            entries.next_value::<Self>()?;
            keys.insert(key);
        }
        Ok(self)
    }
}
