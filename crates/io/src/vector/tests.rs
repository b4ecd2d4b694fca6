use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ::geojson::JsonValue;
use geo::Coord;

use super::*;
use crate::form;
use crate::read::Folder;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/vectors");

fn given(file: &str) -> Given {
    let path = Path::new(FOLDER).join(file);
    let bytes = fs::read(&path).unwrap();
    let form = form::of(&path, &bytes);
    let sides = match form {
        Form::Shapefile => sides::read(Path::new(file), &Folder(PathBuf::from(FOLDER))).unwrap(),
        _ => Vec::new(),
    };
    Given {
        file: file.to_owned(),
        bytes,
        form,
        sides,
    }
}

fn read(given: &Given, sheet: Option<&str>) -> (Result<RawLayer, Finding>, Vec<Finding>) {
    let columns = BTreeMap::new();
    let named = Named {
        path: Path::new(""),
        sheet,
        columns: &columns,
    };
    let wanted = Wanted {
        named,
        columns: &[],
        areas: false,
    };
    let mut findings = Findings::default();
    let layer = layer(given, wanted, &mut findings);
    (layer, findings.finish().unwrap())
}

fn coordinates(shape: &Shape) -> JsonValue {
    let place = |at: &Coord| JsonValue::from(vec![at.x, at.y]);
    match shape {
        Shape::Points(_, places) => place(&places[0]),
        Shape::Areas(polygons) => {
            let ring = |ring: &Vec<Coord>| JsonValue::from_iter(ring.iter().map(place));
            let rings = |rings: &Vec<Vec<Coord>>| JsonValue::from_iter(rings.iter().map(ring));
            JsonValue::from_iter(polygons.iter().map(rings))
        }
        Shape::Other(_) | Shape::Broken(..) => JsonValue::Null,
    }
}

/// Whole numbers that GDAL has as such are the same in either way of writing.
fn same(ours: &JsonValue, theirs: &JsonValue) -> bool {
    match (ours, theirs) {
        (JsonValue::Number(ours), JsonValue::Number(theirs)) => ours.as_f64() == theirs.as_f64(),
        (JsonValue::Array(ours), JsonValue::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
        }
        _ => ours == theirs,
    }
}

#[test]
fn layers_that_gdal_wrote_are_read_as_gdal_reads_them() {
    let expected = fs::read_to_string(Path::new(FOLDER).join("expected.json")).unwrap();
    let expected: JsonObject = serde_json::from_str(&expected).unwrap();
    assert_eq!(expected.len(), 9);
    for (name, features) in &expected {
        let (file, sheet) = match name.split_once(' ') {
            Some(_) if cfg!(not(feature = "gpkg")) => continue,
            Some((file, sheet)) => (file, Some(sheet)),
            None => (name.as_str(), None),
        };
        let (layer, findings) = read(&given(file), sheet);
        let layer = layer.unwrap();
        let crs = match name {
            name if name.contains("4523") => "EPSG:4523",
            name if name.contains("utm") => "EPSG:32648",
            name if name.contains("4544") => "EPSG:4544",
            name if name.ends_with("geojson") => "urn:ogc:def:crs:EPSG::4490",
            _ => "EPSG:4490",
        };
        let own = layer.crs.as_deref();
        assert_eq!(own, (!name.ends_with("geojsonl")).then_some(crs), "{name}");
        let gbk = findings.iter().filter(|each| each.kind == Kind::Gb18030);
        assert_eq!(gbk.count(), usize::from(name.contains("gbk")), "{name}");
        assert_eq!(findings.len(), usize::from(name.contains("gbk")), "{name}");
        let features = features.as_array().unwrap();
        assert_eq!(layer.features.len(), features.len(), "{name}");
        for (ours, theirs) in layer.features.iter().zip(features) {
            let shape = coordinates(ours.geometry.as_ref().unwrap());
            assert!(same(&shape, &theirs["shape"]), "{name}: {shape}");
            let properties = theirs["properties"].as_object().unwrap();
            for (key, value) in properties {
                let own = ours.properties.get(key).unwrap_or(&JsonValue::Null);
                assert!(same(own, value), "{name} {key}: {own} ≠ {value}");
            }
            assert!(
                ours.properties
                    .keys()
                    .all(|key| properties.contains_key(key))
            );
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error_or_a_layer_and_never_a_panic() {
    let files = [
        "areas_gbk_4523.shp",
        "points.shp",
        "areas.geojson",
        "points.geojsonl",
    ];
    for file in files {
        let whole = given(file);
        let length = whole.bytes.len();
        let step = (length / 200).max(1);
        for end in (0..length).filter(|end| *end < 128 || end % step == 0) {
            let cut = Given {
                file: file.to_owned(),
                bytes: whole.bytes[..end].to_vec(),
                form: whole.form,
                sides: Vec::new(),
            };
            let cut = Given {
                sides: given(file).sides,
                ..cut
            };
            let (layer, _) = read(&cut, None);
            assert!(layer.is_err() || file.ends_with('l'), "{file} {end}");
        }
    }
}

#[test]
fn attributes_cut_anywhere_are_an_error() {
    let file = "areas_gbk_4523.shp";
    let length = given(file).sides[0].bytes.len();
    // The last byte is a mark of the end, which not all programs write.
    for end in 0..length - 1 {
        let mut cut = given(file);
        cut.sides[0].bytes.truncate(end);
        assert!(read(&cut, None).0.is_err(), "{end}");
    }
}

#[test]
fn a_file_that_is_read_bit_by_bit_gives_the_same_layer_and_hash() {
    for file in ["areas.geojson", "points.geojsonl"] {
        let whole = given(file);
        let (layer, length, hash) = streamed(file, &*whole.bytes).unwrap();
        let other = read(&whole, None).0.unwrap();
        assert_eq!(layer.crs, other.crs);
        let shapes = |layer: &RawLayer| -> Vec<JsonValue> {
            let shapes = layer
                .features
                .iter()
                .filter_map(|each| each.geometry.as_ref());
            shapes.map(coordinates).collect()
        };
        assert_eq!(shapes(&layer), shapes(&other));
        assert_eq!(
            (length, hash),
            (whole.bytes.len() as u64, crate::read::hex(&whole.bytes))
        );
        let marked = [b"\xef\xbb\xbf", &*whole.bytes].concat();
        assert!(streamed(file, &*marked).is_some());
        for broken in [
            &whole.bytes[1..],
            &whole.bytes[..length as usize / 2],
            b"id,lon\n",
        ] {
            assert!(streamed(file, broken).is_none());
        }
    }
}
