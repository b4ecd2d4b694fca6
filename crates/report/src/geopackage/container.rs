//! What makes an SQLite file a GeoPackage: its own tables, geometries, and the index of space.
//!
//! As GeoPackage 1.3.1 (OGC 12-128r18) has it, with the extensions for R-trees, for the schema, and for metadata. Not 1.4: of
//! that, software of offices that is some years old (GDAL before 3.7) warns that it may not know it.

use std::collections::BTreeSet;

use fuwutu_core::service::Service;
use geo::orient::Direction;
use geo::{BoundingRect, Coord, LineString, MultiPolygon, Orient, Polygon, Rect};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Result, params, params_from_iter};

use crate::metadata::union;

/// A value of a table.
pub(super) type Cell<'a> = ToSqlOutput<'a>;

/// Text as it is, and empty where there is none.
pub(super) fn text(text: &str) -> Cell<'_> {
    Cell::Borrowed(ValueRef::Text(text.as_bytes()))
}

/// Text where there is any, else nothing.
pub(super) fn some_text(words: &str) -> Cell<'_> {
    if words.is_empty() { NONE } else { text(words) }
}

/// The same of text that is made here.
pub(super) fn owned(words: String) -> Cell<'static> {
    if words.is_empty() {
        NONE
    } else {
        Cell::from(words)
    }
}

/// A whole number; nothing for `None`.
pub(super) fn whole(number: impl Into<Option<u64>>) -> Cell<'static> {
    // Numbers of people and places are far below 2⁶³.
    number
        .into()
        .map_or(NONE, |number| Cell::from(number as i64))
}

/// A number; nothing for `None`.
pub(super) fn real(number: impl Into<Option<f64>>) -> Cell<'static> {
    number.into().map_or(NONE, Cell::from)
}

/// Yes or no; nothing for `None`.
pub(super) fn yes(holds: impl Into<Option<bool>>) -> Cell<'static> {
    holds.into().map_or(NONE, Cell::from)
}

const NONE: Cell<'static> = Cell::Borrowed(ValueRef::Null);

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Real,
    Boolean,
}

impl Kind {
    fn sql(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Boolean => "BOOLEAN",
        }
    }
}

/// A column, and where its cells come from.
pub(super) struct Column<'a, T> {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// What a GIS shows at its head.
    pub(super) label: String,
    /// What it is, at length.
    pub(super) about: String,
    /// The name of the list of words that its cells are from.
    pub(super) words: Option<&'static str>,
    pub(super) cell: Box<dyn Fn(T) -> Cell<'a> + 'a>,
}

/// Where a feature is.
pub(super) enum Shape<'a> {
    Point(Coord),
    /// Nowhere, if it has no parts.
    Area(&'a MultiPolygon),
}

/// What kind of shapes a layer has, and the shape of each row.
pub(super) struct Shapes<'a, T> {
    /// `POINT` or `MULTIPOLYGON`.
    pub(super) kind: &'static str,
    pub(super) of: fn(T) -> Shape<'a>,
}

/// A layer, or without shapes a table.
pub(super) struct Layer<'a, T> {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) shapes: Option<Shapes<'a, T>>,
    pub(super) columns: Vec<Column<'a, T>>,
    pub(super) rows: Box<dyn Iterator<Item = T> + 'a>,
}

/// What is the same for all layers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common<'a> {
    /// 4326 or 4490.
    pub(super) srs: i32,
    /// What is said of each.
    pub(super) about: &'a str,
    /// When they were last changed, as the standard writes it.
    pub(super) date: &'a str,
}

/// A list of words: its name, and each word with what it means.
pub(super) type Words = (&'static str, Vec<(&'static str, String)>);

/// The tables that every GeoPackage has, and those of the extensions.
const TABLES: &str = "
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
INSERT INTO gpkg_extensions VALUES
  ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec131/#extension_schema', 'read-write'),
  ('gpkg_data_column_constraints', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec131/#extension_schema', 'read-write'),
  ('gpkg_metadata', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec131/#extension_metadata', 'read-write'),
  ('gpkg_metadata_reference', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec131/#extension_metadata', 'read-write');
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4326\"]]', 'longitude and latitude in degrees'),
  ('China Geodetic Coordinate System 2000', 4490, 'EPSG', 4490, 'GEOGCS[\"China Geodetic Coordinate System 2000\",DATUM[\"China_2000\",SPHEROID[\"CGCS2000\",6378137,298.257222101,AUTHORITY[\"EPSG\",\"1024\"]],AUTHORITY[\"EPSG\",\"1043\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4490\"]]', '2000国家大地坐标系，经纬度（度） longitude and latitude in degrees');
";

/// Makes an empty GeoPackage of an empty database. `lists` are the words that columns may name.
pub(super) fn create(connection: &Connection, lists: &[Words]) -> Result<()> {
    connection.pragma_update(None, "application_id", 0x4750_4b47)?; // "GPKG"
    connection.pragma_update(None, "user_version", 10_300)?; // 1.3
    connection.execute_batch(TABLES)?;
    let mut insert = connection.prepare(
        "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) VALUES (?1, 'enum', ?2, ?3)",
    )?;
    for (name, words) in lists {
        for (word, meaning) in words {
            insert.execute(params![name, word, meaning])?;
        }
    }
    Ok(())
}

/// Adds a document that describes the whole package.
pub(super) fn put_metadata(connection: &Connection, document: &str, date: &str) -> Result<()> {
    connection.execute(
        "INSERT INTO gpkg_metadata VALUES (1, 'dataset', 'http://www.isotc211.org/2005/gmd', 'text/xml', ?1)",
        [document],
    )?;
    connection.execute(
        "INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?1, 1, NULL)",
        [date],
    )?;
    Ok(())
}

/// Describes a table that has no shapes.
pub(super) fn register(
    connection: &Connection,
    table: &str,
    title: &str,
    common: Common,
) -> Result<()> {
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) VALUES (?1, 'attributes', ?2, ?3, ?4)",
        params![table, title, common.about, common.date],
    )?;
    Ok(())
}

/// Writes a layer or table with all that the standard wants to know of it.
pub(super) fn put<T: Copy>(connection: &Connection, layer: Layer<T>, common: Common) -> Result<()> {
    let Layer {
        name,
        title,
        shapes,
        mut columns,
        rows,
    } = layer;
    distinct(&mut columns);
    let geometry = shapes
        .as_ref()
        .map_or_else(String::new, |shapes| format!(", geom {}", shapes.kind));
    let list: Vec<String> = columns
        .iter()
        .map(|column| format!(", {} {}", quoted(&column.name), column.kind.sql()))
        .collect();
    connection.execute(
        &format!(
            "CREATE TABLE {name} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL{geometry}{})",
            list.concat()
        ),
        (),
    )?;
    register(connection, name, title, common)?;
    match shapes {
        Some(shapes) => put_features(connection, name, &shapes, &columns, rows, common.srs)?,
        None => put_rows(connection, name, &columns, rows)?,
    }
    let mut insert = connection
        .prepare("INSERT INTO gpkg_data_columns VALUES (?1, ?2, ?3, ?3, ?4, NULL, ?5)")?;
    for column in &columns {
        insert.execute(params![
            name,
            column.name,
            column.label,
            column.about,
            column.words
        ])?;
    }
    Ok(())
}

fn put_rows<T: Copy>(
    connection: &Connection,
    name: &str,
    columns: &[Column<T>],
    rows: impl Iterator<Item = T>,
) -> Result<()> {
    let mut insert = connection.prepare(&insertion(name, columns.len()))?;
    for row in rows {
        insert.execute(params_from_iter(
            columns.iter().map(|column| (column.cell)(row)),
        ))?;
    }
    Ok(())
}

fn put_features<'a, T: Copy>(
    connection: &Connection,
    name: &str,
    shapes: &Shapes<'a, T>,
    columns: &[Column<'a, T>],
    rows: impl Iterator<Item = T>,
    srs: i32,
) -> Result<()> {
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, ?3, 0, 0)",
        params![name, shapes.kind, srs],
    )?;
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?1, 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec131/#extension_rtree', 'write-only')",
        [name],
    )?;
    connection.execute(
        &format!("CREATE VIRTUAL TABLE rtree_{name}_geom USING rtree(id, minx, maxx, miny, maxy)"),
        (),
    )?;
    let mut insert = connection.prepare(&insertion(name, columns.len() + 1))?;
    let mut index = connection.prepare(&format!(
        "INSERT INTO rtree_{name}_geom VALUES (?1, ?2, ?3, ?4, ?5)"
    ))?;
    let mut extent: Option<Rect> = None;
    for (row, fid) in rows.zip(1..) {
        let (blob, bounds) = match (shapes.of)(row) {
            Shape::Point(place) => (Some(point(place, srs)), Some(Rect::new(place, place))),
            Shape::Area(area) => (self::area(area, srs), area.bounding_rect()),
        };
        let geometry = blob.map_or(NONE, Cell::from);
        insert.execute(params_from_iter(
            std::iter::once(geometry).chain(columns.iter().map(|column| (column.cell)(row))),
        ))?;
        if let Some(rect) = bounds {
            index.execute(params![
                fid,
                rect.min().x,
                rect.max().x,
                rect.min().y,
                rect.max().y
            ])?;
            extent = Some(extent.map_or(rect, |extent| union(extent, rect)));
        }
    }
    connection.execute_batch(&triggers(name))?;
    let [west, south, east, north] = extent.map_or([None; 4], |extent| {
        [
            extent.min().x,
            extent.min().y,
            extent.max().x,
            extent.max().y,
        ]
        .map(Some)
    });
    connection.execute(
        "UPDATE gpkg_contents SET data_type = 'features', min_x = ?2, min_y = ?3, max_x = ?4, max_y = ?5, srs_id = ?6 WHERE table_name = ?1",
        params![name, west, south, east, north, srs],
    )?;
    Ok(())
}

/// All columns but the first, which numbers the rows from 1.
fn insertion(name: &str, count: usize) -> String {
    format!("INSERT INTO {name} VALUES (NULL{})", ", ?".repeat(count))
}

/// They keep the index of space right when somebody edits the layer, in software that knows these functions.
fn triggers(name: &str) -> String {
    const ALL: &str = "
CREATE TRIGGER rtree_<t>_geom_insert AFTER INSERT ON <t>
  WHEN (new.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN INSERT OR REPLACE INTO rtree_<t>_geom VALUES (NEW.fid, <bounds>); END;
CREATE TRIGGER rtree_<t>_geom_update1 AFTER UPDATE OF geom ON <t>
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN INSERT OR REPLACE INTO rtree_<t>_geom VALUES (NEW.fid, <bounds>); END;
CREATE TRIGGER rtree_<t>_geom_update2 AFTER UPDATE OF geom ON <t>
  WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN DELETE FROM rtree_<t>_geom WHERE id = OLD.fid; END;
CREATE TRIGGER rtree_<t>_geom_update3 AFTER UPDATE ON <t>
  WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM rtree_<t>_geom WHERE id = OLD.fid;
  INSERT OR REPLACE INTO rtree_<t>_geom VALUES (NEW.fid, <bounds>);
END;
CREATE TRIGGER rtree_<t>_geom_update4 AFTER UPDATE ON <t>
  WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN DELETE FROM rtree_<t>_geom WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER rtree_<t>_geom_delete AFTER DELETE ON <t>
  WHEN old.geom NOT NULL
BEGIN DELETE FROM rtree_<t>_geom WHERE id = OLD.fid; END;
";
    let bounds = "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)";
    ALL.replace("<t>", name).replace("<bounds>", bounds)
}

/// A name in quotes, so that SQL takes any characters in it as a name.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// No two columns of a table may have one label: later ones get a number.
fn distinct<T>(columns: &mut [Column<T>]) {
    let mut taken = BTreeSet::new();
    columns
        .iter_mut()
        .for_each(|column| column.label = free(&column.label, &mut taken));
}

/// `name`, with a number where it is taken; names that differ by case alone are the same to SQLite.
pub(super) fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|serial| format!("{name}_{serial}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names
        .find(|candidate| taken.insert(candidate.to_ascii_lowercase()))
        .expect("numbers do not end")
}

/// GeoPackage binary without bounds, as is usual for points, and WKB, little endian.
fn point(place: Coord, srs: i32) -> Vec<u8> {
    let mut blob = header(0b0000_0001, srs);
    blob.push(1);
    blob.extend(1_u32.to_le_bytes());
    put_coord(&mut blob, place);
    blob
}

/// GeoPackage binary with bounds and WKB, little endian; outer rings run against the clock, holes with it. `None` for no area.
fn area(area: &MultiPolygon, srs: i32) -> Option<Vec<u8>> {
    let bounds = area.bounding_rect()?;
    let mut blob = header(0b0000_0011, srs);
    for edge in [
        bounds.min().x,
        bounds.max().x,
        bounds.min().y,
        bounds.max().y,
    ] {
        blob.extend(edge.to_le_bytes());
    }
    let parts: Vec<Polygon> = area
        .orient(Direction::Default)
        .into_iter()
        .filter(|part| !part.exterior().0.is_empty())
        .collect();
    blob.push(1);
    blob.extend(6_u32.to_le_bytes());
    put_count(&mut blob, parts.len());
    for part in &parts {
        blob.push(1);
        blob.extend(3_u32.to_le_bytes());
        put_count(&mut blob, 1 + part.interiors().len());
        std::iter::once(part.exterior())
            .chain(part.interiors())
            .for_each(|ring| put_ring(&mut blob, ring));
    }
    Some(blob)
}

/// `flags`: little endian is 1, bounds in two dimensions are 2.
fn header(flags: u8, srs: i32) -> Vec<u8> {
    let mut blob = vec![b'G', b'P', 0, flags];
    blob.extend(srs.to_le_bytes());
    blob
}

/// Rings of [`Polygon`] are closed.
fn put_ring(blob: &mut Vec<u8>, ring: &LineString) {
    put_count(blob, ring.0.len());
    ring.0.iter().for_each(|&place| put_coord(blob, place));
}

fn put_count(blob: &mut Vec<u8>, count: usize) {
    // A blob of 2³² corners would not fit into SQLite.
    blob.extend((count as u32).to_le_bytes());
}

fn put_coord(blob: &mut Vec<u8>, place: Coord) {
    blob.extend(place.x.to_le_bytes());
    blob.extend(place.y.to_le_bytes());
}

/// A column without a service; `about` in Chinese and English.
pub(super) fn column<'a, T>(
    name: impl Into<String>,
    kind: Kind,
    label: [&str; 2],
    about: Option<[&str; 2]>,
    cell: impl Fn(T) -> Cell<'a> + 'a,
) -> Column<'a, T> {
    let [zh, en] = about.unwrap_or(label);
    Column {
        name: name.into(),
        kind,
        label: format!("{} {}", label[0], label[1]),
        about: format!("{zh} / {en}"),
        words: None,
        cell: Box::new(cell),
    }
}

impl<T> Column<'_, T> {
    /// The same for one service, whose name it then bears.
    pub(super) fn of(mut self, service: &Service) -> Self {
        let [zh, en] = [service.name.zh.as_str(), service.name.en.as_str()];
        self.label = format!("{} {}", fuwutu_io::words::short_name(zh), self.label);
        self.about = format!("{zh} {en}: {}", self.about);
        self
    }
}
