//! Layers as GeoJSON (RFC 7946): degrees in WGS 84, seven decimals, exterior rings counter-clockwise.

use fuwutu_core::quantity::Point;
use geo::{Coord, LineString, MapCoords, MultiPolygon, Orient, Polygon, orient::Direction};
use geojson::{
    Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, JsonValue, Position,
};

use crate::frame::Projection;

/// A layer that is being written.
#[derive(Debug, Default)]
pub struct Layer {
    features: Vec<Feature>,
    about: JsonObject,
}

/// Properties in this order.
#[must_use]
pub fn properties<const N: usize>(pairs: [(&str, JsonValue); N]) -> JsonObject {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

impl Layer {
    /// With members beside the features that tell what the layer is.
    #[must_use]
    pub fn about(about: JsonObject) -> Self {
        Self {
            features: Vec::new(),
            about,
        }
    }

    /// Adds an area given in metres.
    pub fn area(&mut self, projection: &Projection, area: &MultiPolygon, properties: JsonObject) {
        let degrees = area.map_coords(|at| projection.to_degrees(at));
        let mut parts: Vec<Vec<Vec<Position>>> = degrees
            .0
            .iter()
            .map(rings)
            .filter(|rings| !rings.is_empty())
            .collect();
        let geometry = match parts.len() {
            1 => GeometryValue::Polygon {
                coordinates: parts.remove(0),
            },
            _ => GeometryValue::MultiPolygon { coordinates: parts },
        };
        self.add(geometry, properties);
    }

    /// Adds a place.
    pub fn place(&mut self, projection: &Projection, at: Point, properties: JsonObject) {
        let coordinates = position(projection.to_degrees(at.metres()));
        self.add(GeometryValue::Point { coordinates }, properties);
    }

    /// Adds lines given in metres; nothing where there is none.
    pub fn lines(&mut self, projection: &Projection, lines: &[LineString], properties: JsonObject) {
        let line = |line: &LineString| {
            let mut places: Vec<Coord> =
                line.0.iter().map(|&at| projection.to_degrees(at)).collect();
            places.dedup();
            (places.len() > 1).then(|| places.into_iter().map(position).collect::<Vec<Position>>())
        };
        let coordinates: Vec<Vec<Position>> = lines.iter().filter_map(line).collect();
        if !coordinates.is_empty() {
            self.add(GeometryValue::MultiLineString { coordinates }, properties);
        }
    }

    fn add(&mut self, geometry: GeometryValue, properties: JsonObject) {
        self.features.push(Feature {
            geometry: Some(Geometry::new(geometry)),
            properties: Some(properties),
            ..Feature::default()
        });
    }

    /// The whole layer, a feature a line.
    #[must_use]
    pub fn text(self) -> String {
        let features: Vec<String> = self.features.iter().map(ToString::to_string).collect();
        let empty = FeatureCollection {
            bbox: None,
            features: Vec::new(),
            foreign_members: Some(self.about),
        };
        let frame = empty.to_string();
        let list = format!("\"features\":[\n{}\n]", features.join(",\n"));
        frame.replacen("\"features\":[]", &list, 1) + "\n"
    }
}

/// Rings without places that rounding made equal; none where nothing of an area is left.
fn rings(polygon: &Polygon) -> Vec<Vec<Position>> {
    let ring = |line: &LineString| {
        let mut places = line.0.clone();
        places.dedup();
        (places.len() >= 4).then_some(LineString(places))
    };
    let Some(exterior) = ring(polygon.exterior()) else {
        return Vec::new();
    };
    let oriented = Polygon::new(
        exterior,
        polygon.interiors().iter().filter_map(ring).collect(),
    );
    let oriented = oriented.orient(Direction::Default);
    let positions = |line: &LineString| line.0.iter().map(|at| position(*at)).collect();
    std::iter::once(oriented.exterior())
        .chain(oriented.interiors())
        .map(positions)
        .collect()
}

fn position(at: Coord) -> Position {
    Position::from([at.x, at.y])
}
