//! GeoJSON: a collection of features, or a sequence of them, read once from its beginning to its end.
//!
//! What is no JSON, or has a key twice in an object, ends the reading with its line. What is JSON but no feature, or no geometry,
//! stays with its feature, so that all of them are reported.

use std::collections::HashSet;
use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use geo::Coord;
use geojson::{JsonObject, JsonValue};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};

use super::{MOST_FEATURES, RawFeature, RawLayer, Shape};
use crate::finding::{Finding, Findings, Kind};
use crate::form::Foreign;

/// The layer of a GeoJSON text. `sequence` says that a single feature is one, as the ending of a name can.
///
/// Beyond the text it takes 16 bytes a position, and the properties.
pub(crate) fn layer(
    file: &str,
    text: &str,
    sequence: bool,
    findings: &mut Findings,
) -> Result<RawLayer, Finding> {
    findings.layer(file);
    // Text sequences (RFC 8142) have a separator before each feature. JSON has none within.
    let plain;
    let text = match text.starts_with(SEPARATOR) {
        true => {
            plain = text.replace(SEPARATOR, " ");
            &plain
        }
        false => text,
    };
    of_json(file, serde_json::Deserializer::from_str(text), sequence)
}

/// The same of a file that is read bit by bit: nothing where anything is wrong with it, or it is not UTF-8. Who has its text says what.
/// Half as fast, but the text takes no memory.
pub(crate) fn streamed(file: &str, reader: impl Read, sequence: bool) -> Option<RawLayer> {
    of_json(
        file,
        serde_json::Deserializer::from_reader(reader),
        sequence,
    )
    .ok()
}

fn of_json<'de, R: serde_json::de::Read<'de>>(
    file: &str,
    mut json: serde_json::Deserializer<R>,
    sequence: bool,
) -> Result<RawLayer, Finding> {
    let broken = |error: serde_json::Error| {
        let problem = |kind| Finding::new(kind, file).row(error.line() as u64);
        let message = error.to_string();
        match message.strip_prefix(KEY_TWICE) {
            Some(key) => problem(Kind::KeyTwice).value(key),
            None => problem(Kind::JsonBroken).value(message),
        }
    };
    let mut top = Json::<Top>::deserialize(&mut json).map_err(broken)?.0;
    let mut end = json.end();
    if top.feature.is_feature() && (end.is_err() || sequence) {
        let mut features = vec![top.feature.finish()];
        while end.is_err() {
            if features.len() == MOST_FEATURES {
                return Err(broken(too_many()));
            }
            top = Json::<Top>::deserialize(&mut json).map_err(broken)?.0;
            features.push(top.feature.finish());
            end = json.end();
        }
        return Ok(RawLayer {
            crs: None,
            features,
        });
    }
    end.map_err(broken)?;
    if let Some(foreign) = top.foreign() {
        return Err(super::foreign(file, foreign));
    }
    let crs = top.crs.as_ref().map(named_crs);
    match top.features {
        Some(features) if top.feature.kind.as_deref() == Some("FeatureCollection") => {
            Ok(RawLayer { crs, features })
        }
        _ => Err(Finding::new(Kind::NotLayer, file)),
    }
}

fn too_many<E: Error>() -> E {
    E::custom(format_args!("more than {MOST_FEATURES} features"))
}

/// Whether a text is JSON rather than a table.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let first = bytes.trim_ascii_start().first();
    first.is_some_and(|first| [b'{', SEPARATOR as u8].contains(first))
}

const SEPARATOR: char = '\u{1e}';
const KEY_TWICE: &str = "key twice: ";

/// The name in a `crs` member, or the member itself where it has none.
fn named_crs(crs: &JsonValue) -> String {
    let name = crs.pointer("/properties/name").and_then(JsonValue::as_str);
    name.map_or_else(|| crs.to_string(), str::to_owned)
}

// --- a whole text ---

/// What a text, or a line of a sequence, says.
#[derive(Default)]
struct Top {
    /// Its own members where it is a feature; `type` in any case.
    feature: Draft,
    features: Option<Vec<RawFeature>>,
    crs: Option<JsonValue>,
    /// Members that tell other sorts of JSON.
    arcs: bool,
    esri: bool,
}

impl Top {
    fn foreign(&self) -> Option<Foreign> {
        let topology = self.arcs && self.feature.kind.as_deref() == Some("Topology");
        match (topology, self.esri && self.feature.kind.is_none()) {
            (true, _) => Some(Foreign::TopoJson),
            (_, true) => Some(Foreign::EsriJson),
            _ => None,
        }
    }
}

impl FromJson for Top {
    fn plain(_: Unexpected) -> Self {
        Self::default()
    }

    fn object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut top = Top::default();
        let mut keys = Keys::default();
        while let Some(key) = keys.next(&mut entries)? {
            match key.as_str() {
                "features" => top.features = entries.next_value::<Json<Features>>()?.0.0,
                "crs" => {
                    let crs = entries.next_value::<Json<Whole>>()?.0.0;
                    top.crs = Some(crs).filter(|crs| !crs.is_null());
                }
                "arcs" | "geometryType" | "rings" => {
                    top.arcs |= key == "arcs";
                    top.esri |= key != "arcs";
                    entries.next_value::<Json<Passed>>()?;
                }
                key => top.feature.member(key, &mut entries)?,
            }
        }
        Ok(top)
    }
}

/// The features of a collection; nothing where it is no list.
struct Features(Option<Vec<RawFeature>>);

impl FromJson for Features {
    fn plain(_: Unexpected) -> Self {
        Self(None)
    }

    fn list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut features = Vec::new();
        while let Some(Json(Member(draft))) = items.next_element()? {
            if features.len() == MOST_FEATURES {
                return Err(too_many());
            }
            features.push(draft.finish());
        }
        Ok(Self(Some(features)))
    }
}

// --- a feature ---

/// What was read of a feature.
#[derive(Default)]
struct Draft {
    kind: Option<String>,
    id: Option<JsonValue>,
    properties: JsonObject,
    geometry: Option<Shape>,
    /// Why it is none.
    broken: Option<String>,
}

impl Draft {
    fn is_feature(&self) -> bool {
        self.kind.as_deref() == Some("Feature")
    }

    fn finish(self) -> RawFeature {
        let broken = self.broken.clone().or_else(|| match self.kind.as_deref() {
            Some("Feature") => None,
            Some(kind) => Some(format!("unknown variant `{kind}`, expected `Feature`")),
            None => Some("missing field `type`".to_owned()),
        });
        let geometry = match broken {
            Some(message) => Some(Shape::Broken(Kind::GeometryBroken, message)),
            None => self.geometry,
        };
        RawFeature {
            id: self.id,
            properties: self.properties,
            geometry,
        }
    }

    /// Takes a member in.
    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        key: &str,
        entries: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            "type" => {
                let kind = entries.next_value::<Json<Whole>>()?.0.0;
                self.kind = Some(
                    kind.as_str()
                        .map_or_else(|| kind.to_string(), str::to_owned),
                );
            }
            "id" => {
                let id = entries.next_value::<Json<Whole>>()?.0.0;
                self.id = Some(id).filter(|id| id.is_string() || id.is_number());
            }
            "properties" => match entries.next_value::<Json<Whole>>()?.0.0 {
                JsonValue::Object(properties) => self.properties = properties,
                JsonValue::Null => {}
                other => {
                    let message = format!("invalid type: {}, expected a map", unexpected(&other));
                    self.broken = Some(message);
                }
            },
            "geometry" => self.geometry = entries.next_value::<Json<Geometry>>()?.0.0,
            _ => {
                entries.next_value::<Json<Passed>>()?;
            }
        }
        Ok(())
    }
}

/// One of the features of a collection.
struct Member(Draft);

impl FromJson for Member {
    fn plain(value: Unexpected) -> Self {
        let message = format!("invalid type: {value}, expected struct Feature");
        Self(Draft {
            broken: Some(message),
            ..Draft::default()
        })
    }

    fn object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut draft = Draft::default();
        let mut keys = Keys::default();
        while let Some(key) = keys.next(&mut entries)? {
            draft.member(&key, &mut entries)?;
        }
        Ok(Self(draft))
    }
}

// --- a geometry ---

/// The geometry of a feature; nothing where it is `null` or has no place.
struct Geometry(Option<Shape>);

impl FromJson for Geometry {
    fn plain(value: Unexpected) -> Self {
        if value == Unexpected::Unit {
            return Self(None);
        }
        let message = format!("invalid type: {value}, expected struct Geometry");
        Self(Some(Shape::Broken(Kind::GeometryBroken, message)))
    }

    fn object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let (mut kind, mut coordinates) = (None, None);
        let mut keys = Keys::default();
        while let Some(key) = keys.next(&mut entries)? {
            match key.as_str() {
                "type" => kind = Some(entries.next_value::<Json<Whole>>()?.0.0),
                "coordinates" => coordinates = Some(entries.next_value::<Json<Nest>>()?.0),
                _ => {
                    entries.next_value::<Json<Passed>>()?;
                }
            }
        }
        let kind = kind.as_ref().and_then(JsonValue::as_str).unwrap_or("");
        let shape = shape(kind, coordinates);
        Ok(Geometry(shape.unwrap_or_else(|(kind, message)| {
            Some(Shape::Broken(kind, message))
        })))
    }
}

type Fault = (Kind, String);

/// The shape that a geometry of a type with such coordinates is.
fn shape(kind: &str, coordinates: Option<Nest>) -> Result<Option<Shape>, Fault> {
    const TYPES: [&str; 7] = [
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    ];
    let Some(name) = TYPES.iter().find(|name| **name == kind) else {
        let names = TYPES.map(|name| format!("`{name}`")).join(", ");
        let message = format!("unknown variant `{kind}`, expected one of {names}");
        return Err((Kind::GeometryBroken, message));
    };
    if *name == "GeometryCollection" {
        return Ok(Some(Shape::Other(name)));
    }
    let missing = || {
        (
            Kind::GeometryBroken,
            "missing field `coordinates`".to_owned(),
        )
    };
    let coordinates = coordinates.ok_or_else(missing)?;
    Ok(Some(match *name {
        "Point" if matches!(&coordinates, Nest::List(list) if list.is_empty()) => return Ok(None),
        "Point" => Shape::Points(name, vec![coordinates.place()?]),
        "MultiPoint" => Shape::Points(name, coordinates.places()?),
        "Polygon" => Shape::Areas(vec![coordinates.rings()?]),
        "MultiPolygon" => {
            let polygons = coordinates.list()?.into_iter().map(Nest::rings);
            Shape::Areas(polygons.collect::<Result<_, Fault>>()?)
        }
        _ => Shape::Other(name),
    }))
}

/// Coordinates, nested to any depth: lists of places take 16 bytes a place.
enum Nest {
    Number(f64),
    /// The first two of some numbers.
    Place(Coord),
    /// A list of a single number.
    Short(f64),
    Places(Vec<Coord>),
    List(Vec<Nest>),
    /// What it is instead of numbers.
    Broken(String),
}

impl Nest {
    /// What it is, where something else belongs.
    fn instead(self, expected: &str) -> Fault {
        let found = match self {
            Self::Broken(message) => return (Kind::GeometryBroken, message),
            Self::Short(number) => return (Kind::PositionBroken, format!("{:?}", [number])),
            Self::Number(number) => format!("floating point `{number:?}`"),
            Self::Place(place) => format!("floating point `{:?}`", place.x),
            Self::Places(_) | Self::List(_) => "sequence".to_owned(),
        };
        let message = format!("invalid type: {found}, expected {expected}");
        (Kind::GeometryBroken, message)
    }

    fn place(self) -> Result<Coord, Fault> {
        match self {
            Self::Place(place) => Ok(place),
            Self::List(list) if list.is_empty() => Err((Kind::PositionBroken, "[]".to_owned())),
            other => Err(other.instead("f64")),
        }
    }

    fn list(self) -> Result<Vec<Self>, Fault> {
        match self {
            Self::List(list) => Ok(list),
            Self::Places(places) => Ok(places.into_iter().map(Self::Place).collect()),
            other => Err(other.instead("a sequence")),
        }
    }

    fn places(self) -> Result<Vec<Coord>, Fault> {
        match self {
            Self::Places(places) => Ok(places),
            other => other.list()?.into_iter().map(Self::place).collect(),
        }
    }

    fn rings(self) -> Result<Vec<Vec<Coord>>, Fault> {
        self.list()?.into_iter().map(Self::places).collect()
    }
}

impl FromJson for Nest {
    fn plain(value: Unexpected) -> Self {
        match value {
            Unexpected::Signed(number) => Self::Number(number as f64),
            Unexpected::Unsigned(number) => Self::Number(number as f64),
            Unexpected::Float(number) => Self::Number(number),
            other => Self::Broken(format!("invalid type: {other}, expected f64")),
        }
    }

    fn list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        match items.next_element()? {
            None => Ok(Nest::List(Vec::new())),
            Some(Json(Nest::Number(first))) => position(first, items),
            Some(Json(Nest::Place(first))) => places(first, items),
            Some(Json(first)) => {
                let mut list = vec![first];
                while let Some(Json(next)) = items.next_element()? {
                    list.push(next);
                }
                Ok(Nest::List(list))
            }
        }
    }
}

/// A list that begins with a number: longitude, latitude, and what else there is.
fn position<'de, A: SeqAccess<'de>>(first: f64, mut items: A) -> Result<Nest, A::Error> {
    let (mut second, mut broken) = (None, None);
    while let Some(Json(next)) = items.next_element()? {
        match next {
            Nest::Number(number) => {
                second.get_or_insert(number);
            }
            other => {
                broken.get_or_insert(other.instead("f64").1);
            }
        }
    }
    Ok(match (broken, second) {
        (Some(message), _) => Nest::Broken(message),
        (None, Some(y)) => Nest::Place(Coord { x: first, y }),
        (None, None) => Nest::Short(first),
    })
}

/// A list that begins with a place.
fn places<'de, A: SeqAccess<'de>>(first: Coord, mut items: A) -> Result<Nest, A::Error> {
    let mut places = vec![first];
    while let Some(Json(next)) = items.next_element()? {
        match next {
            Nest::Place(place) => places.push(place),
            other => {
                let mut list: Vec<Nest> = places.into_iter().map(Nest::Place).collect();
                list.push(other);
                while let Some(Json(next)) = items.next_element()? {
                    list.push(next);
                }
                return Ok(Nest::List(list));
            }
        }
    }
    places.shrink_to_fit();
    Ok(Nest::Places(places))
}

// --- values ---

/// The keys of an object, of which none may occur twice. (The usual readers keep one of the two and say nothing.)
#[derive(Default)]
struct Keys(HashSet<String>);

impl Keys {
    fn next<'de, A: MapAccess<'de>>(
        &mut self,
        entries: &mut A,
    ) -> Result<Option<String>, A::Error> {
        let Some(key) = entries.next_key::<String>()? else {
            return Ok(None);
        };
        match self.0.insert(key.clone()) {
            true => Ok(Some(key)),
            false => Err(A::Error::custom(format_args!("{KEY_TWICE}{key}"))),
        }
    }
}

fn unexpected(value: &JsonValue) -> Unexpected<'_> {
    match value {
        JsonValue::Null => Unexpected::Unit,
        JsonValue::Bool(value) => Unexpected::Bool(*value),
        JsonValue::Number(number) => Unexpected::Float(number.as_f64().unwrap_or(0.0)),
        JsonValue::String(text) => Unexpected::Str(text),
        JsonValue::Array(_) => Unexpected::Seq,
        JsonValue::Object(_) => Unexpected::Map,
    }
}

/// A value that is kept.
struct Whole(JsonValue);

impl FromJson for Whole {
    fn plain(value: Unexpected) -> Self {
        Self(match value {
            Unexpected::Bool(value) => value.into(),
            Unexpected::Signed(number) => number.into(),
            Unexpected::Unsigned(number) => number.into(),
            Unexpected::Float(number) => number.into(),
            Unexpected::Str(text) => text.into(),
            _ => JsonValue::Null,
        })
    }

    fn object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut object = JsonObject::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("{KEY_TWICE}{key}")));
            }
            let value = entries.next_value::<Json<Self>>()?.0.0;
            object.insert(key, value);
        }
        Ok(Self(JsonValue::Object(object)))
    }

    fn list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(Self(item))) = items.next_element()? {
            list.push(item);
        }
        Ok(Self(JsonValue::Array(list)))
    }
}

/// A value that is passed over.
struct Passed;

impl FromJson for Passed {
    fn plain(_: Unexpected) -> Self {
        Self
    }
}

/// What is made of any JSON, whatever it is.
trait FromJson: Sized {
    /// Of what is neither an object nor a list, or of one of these that is passed over.
    fn plain(value: Unexpected) -> Self;

    fn object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut keys = Keys::default();
        while keys.next(&mut entries)?.is_some() {
            entries.next_value::<Json<Passed>>()?;
        }
        Ok(Self::plain(Unexpected::Map))
    }

    fn list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Json<Passed>>()?.is_some() {}
        Ok(Self::plain(Unexpected::Seq))
    }
}

struct Json<T>(T);

impl<'de, T: FromJson> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Made(PhantomData)).map(Self)
    }
}

struct Made<T>(PhantomData<T>);

impl<'de, T: FromJson> Visitor<'de> for Made<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
        T::object(entries)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        T::list(items)
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::plain(Unexpected::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::plain(Unexpected::Signed(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::plain(Unexpected::Unsigned(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::plain(Unexpected::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::plain(Unexpected::Str(value)))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::plain(Unexpected::Unit))
    }
}
