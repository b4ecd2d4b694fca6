//! Files in another coordinate system.

use std::fs;
use std::path::Path;

use fuwutu_io::crs::Crs;
use geo::Coord;
use geojson::{Feature, FeatureCollection, GeometryValue};

/// A place of a file in another system, with as many decimals as a tenth of a micrometre needs.
pub(crate) fn moved(crs: &Crs, lon: f64, lat: f64) -> [String; 2] {
    let at = crs.of_degrees(Coord { x: lon, y: lat }).unwrap();
    let decimals = if crs.is_plane() { 7 } else { 13 };
    [at.x, at.y].map(|number| format!("{number:.decimals$}"))
}

/// A table with its columns `lon` and `lat` in another system.
pub(crate) fn table(path: &Path, crs: &Crs) {
    part_of_table(path, crs, |_| true);
}

/// The same of some rows, by their first cell.
pub(crate) fn part_of_table(path: &Path, crs: &Crs, wanted: impl Fn(&str) -> bool) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let columns: Vec<&str> = header.split(',').collect();
    let at = |name| columns.iter().position(|column| *column == name).unwrap();
    let (lon, lat) = (at("lon"), at("lat"));
    let mut made = format!("{header}\n");
    for line in lines {
        if !wanted(line.split(',').next().unwrap()) {
            made += &format!("{line}\n");
            continue;
        }
        let mut cells: Vec<&str> = line.split(',').collect();
        let [x, y] = moved(
            crs,
            cells[lon].parse().unwrap(),
            cells[lat].parse().unwrap(),
        );
        (cells[lon], cells[lat]) = (&x, &y);
        made += &(cells.join(",") + "\n");
    }
    fs::write(path, made).unwrap();
}

/// A layer of polygons in another system.
pub(crate) fn layer(path: &Path, crs: &Crs) {
    let text = fs::read_to_string(path).unwrap();
    let mut layer: FeatureCollection = text
        .parse::<geojson::GeoJson>()
        .unwrap()
        .try_into()
        .unwrap();
    let rings = |feature: &mut Feature, change: &mut dyn FnMut(&mut geojson::Position)| {
        let geometry = feature.geometry.as_mut().unwrap();
        let parts = match &mut geometry.value {
            GeometryValue::Polygon { coordinates } => std::slice::from_mut(coordinates),
            GeometryValue::MultiPolygon { coordinates } => coordinates.as_mut_slice(),
            other => panic!("{other:?}"),
        };
        parts.iter_mut().flatten().flatten().for_each(change);
    };
    for feature in &mut layer.features {
        rings(feature, &mut |position| {
            let [x, y] = moved(crs, position.as_slice()[0], position.as_slice()[1]);
            *position = vec![x.parse().unwrap(), y.parse().unwrap()].into();
        });
    }
    fs::write(path, geojson::GeoJson::from(layer).to_string()).unwrap();
}
