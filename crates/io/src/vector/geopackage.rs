//! GeoPackages: SQLite databases with layers, read from memory.
//!
//! A database is a program of sorts: views and triggers run when it is read. So it can do nothing but select and read, recursive
//! queries are refused, and steps and bytes are limited by the length of the file.

use std::io::Read;

use geojson::{JsonObject, JsonValue};
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};
use serde_json::Number;

use super::{RawFeature, RawLayer, Wanted, broken, wkb};
use crate::crs::{Crs, CrsError, wkt};
use crate::finding::{Finding, Findings, Kind};
use crate::read::Given;

/// Steps of SQLite's machine, and so many for each byte of the file: a row takes at least as many bytes as steps.
const STEPS: u64 = 5_000_000;
const STEPS_A_BYTE: u64 = 20;
/// How often they are counted.
const STEPS_AT_ONCE: u64 = 1000;
/// Bytes of values: views may say the same several times.
const BYTES: usize = 64 << 20;
const BYTES_A_BYTE: usize = 8;

/// A table that the database says to hold features or attributes.
struct Table {
    name: String,
    headers: Vec<String>,
    /// The column of shapes, and the system that they are in.
    shapes: Option<(String, i64)>,
}

/// The layer of a database that the plan names, or else the first that has the columns which are looked for.
pub(super) fn layer(
    given: &Given,
    wanted: Wanted,
    findings: &mut Findings,
) -> Result<RawLayer, Finding> {
    let file = &*given.file;
    findings.layer(file);
    let failed = |error: rusqlite::Error| unread(file, &error);
    let database = opened(&given.bytes).map_err(failed)?;
    let tables = tables(&database).map_err(|_| Finding::new(Kind::NotGeoPackage, file))?;
    let candidates = tables
        .iter()
        .filter(|table| !wanted.areas || table.shapes.is_some());
    let candidates: Vec<&Table> = candidates.collect();
    let names = candidates.iter().map(|table| table.name.as_str());
    let names: Vec<&str> = names.collect();
    let (table, fitting) = match wanted.named.sheet {
        Some(sheet) => (candidates.iter().find(|table| table.name == sheet), 1),
        None => {
            let fits = |table: &&&Table| wanted.by(&table.headers, table.shapes.is_some());
            let fitting = candidates.iter().filter(fits).count();
            let first = candidates.iter().find(fits).or(candidates.first());
            (first, fitting)
        }
    };
    let Some(table) = table else {
        let finding = match wanted.named.sheet {
            Some(sheet) => Finding::new(Kind::LayerUnknown, file).column(sheet),
            None => Finding::new(Kind::NoFeatures, file),
        };
        return Err(finding.value(names.join(", ")));
    };
    if fitting > 1 {
        let finding = Finding::new(Kind::LayersSeveral, file).column(&table.name);
        findings.push(finding.value(names.join(", ")));
    }
    let crs = match table.shapes {
        Some((_, system)) => system_named(&database, system).map_err(failed)?,
        None => None,
    };
    let features = features(file, &database, table, wanted, given.bytes.len())?;
    Ok(RawLayer { crs, features })
}

/// The names of its tables of features, and then of those of attributes.
pub(super) fn names(given: &Given) -> Result<Vec<String>, Finding> {
    let file = &*given.file;
    let database = opened(&given.bytes).map_err(|error| unread(file, &error))?;
    let tables = tables(&database).map_err(|_| Finding::new(Kind::NotGeoPackage, file))?;
    Ok(tables.into_iter().map(|table| table.name).collect())
}

/// What SQLite says of a database that it cannot read.
fn unread(file: &str, error: &rusqlite::Error) -> Finding {
    Finding::new(Kind::LayerBroken, file).value(format!("SQLite: {error}"))
}

/// A database in memory, that can do nothing but be read.
fn opened(bytes: &[u8]) -> rusqlite::Result<Connection> {
    // Two bytes say that changes may stand in a file beside it, without which it would not open. Such a file is looked for by who
    // reads the bytes.
    let (head, rest) = bytes.split_at(bytes.len().min(18));
    let plain = head
        .chain(&[1, 1][..rest.len().min(2)])
        .chain(rest.get(2..).unwrap_or(&[]));
    let mut database = Connection::open_in_memory()?;
    database.deserialize_read_exact("main", plain, bytes.len(), true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    let longest = i32::try_from(bytes.len()).unwrap_or(i32::MAX).max(1 << 20);
    database.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest)?;
    database.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let most = (STEPS + STEPS_A_BYTE * bytes.len() as u64) / STEPS_AT_ONCE;
    let mut counted = 0;
    let stop = move || {
        counted += 1;
        counted > most
    };
    database.progress_handler(STEPS_AT_ONCE as i32, Some(stop))?;
    let only_read = |context: AuthContext| match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Function { .. } => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    };
    database.authorizer(Some(only_read))?;
    Ok(database)
}

/// The tables of features, and then those of attributes alone, that the database's contents name.
fn tables(database: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut contents = database.prepare(
        "SELECT table_name, data_type FROM gpkg_contents \
         WHERE data_type IN ('features', 'attributes', 'aspatial') AND table_name IN \
         (SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND sql NOT LIKE 'create virtual%') \
         ORDER BY data_type <> 'features', rowid",
    )?;
    let named = contents.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let named: Vec<(String, String)> = named.collect::<Result<_, _>>()?;
    let mut tables = Vec::new();
    for (name, kind) in named {
        let shapes = match kind.as_str() {
            "features" => shapes_of(database, &name)?,
            _ => None,
        };
        let statement = all_of(database, &name)?;
        let headers = statement.column_names().map(str::to_owned);
        let headers: Vec<String> = headers.collect();
        if shapes
            .as_ref()
            .is_none_or(|(column, _)| headers.contains(column))
        {
            tables.push(Table {
                name,
                headers,
                shapes,
            });
        }
    }
    Ok(tables)
}

fn shapes_of(database: &Connection, name: &str) -> rusqlite::Result<Option<(String, i64)>> {
    let query = "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?1";
    let mut columns = database.prepare(query)?;
    let mut rows = columns.query([name])?;
    match rows.next()? {
        Some(row) => Ok(Some((row.get(0)?, row.get(1)?))),
        None => Ok(None),
    }
}

fn all_of<'a>(database: &'a Connection, name: &str) -> rusqlite::Result<Statement<'a>> {
    database.prepare(&format!("SELECT * FROM \"{}\"", name.replace('"', "\"\"")))
}

/// The name of a system by its number in the database; `None` where that says that it is not known.
fn system_named(database: &Connection, number: i64) -> rusqlite::Result<Option<String>> {
    if number == 0 || number == -1 {
        return Ok(None);
    }
    let query = "SELECT organization, organization_coordsys_id, definition \
                 FROM gpkg_spatial_ref_sys WHERE srs_id = ?1";
    let mut systems = database.prepare(query)?;
    let mut rows = systems.query([number])?;
    let Some(row) = rows.next()? else {
        return Ok(Some(number.to_string()));
    };
    let (organization, code): (String, i64) = (row.get(0)?, row.get(1)?);
    let registered = format!("{}:{code}", organization.to_uppercase());
    if organization.eq_ignore_ascii_case("EPSG")
        && !matches!(Crs::parse(&registered), Err(CrsError::Unknown))
    {
        return Ok(Some(registered));
    }
    let definition: String = row.get(2)?;
    let by_definition = wkt::name(&definition);
    let known = !matches!(Crs::parse(&by_definition), Err(CrsError::Unknown));
    Ok(Some(if known { by_definition } else { registered }))
}

/// The rows of a table.
fn features(
    file: &str,
    database: &Connection,
    table: &Table,
    wanted: Wanted,
    length: usize,
) -> Result<Vec<RawFeature>, Finding> {
    let failed = |error: rusqlite::Error| unread(file, &error);
    let mut statement = all_of(database, &table.name).map_err(failed)?;
    let shapes = table.shapes.as_ref().map(|(column, _)| column.as_str());
    // The numbers that programs give to rows by themselves.
    let own_number = |header: &str| {
        let programs = ["fid", "ogc_fid"]
            .iter()
            .any(|name| header.eq_ignore_ascii_case(name));
        programs && !wanted.named.columns.values().any(|own| own == header)
    };
    let mut rows = statement.query([]).map_err(failed)?;
    let mut features: Vec<RawFeature> = Vec::new();
    let mut left = BYTES.saturating_add(length.saturating_mul(BYTES_A_BYTE));
    while let Some(row) = rows.next().map_err(failed)? {
        let number = features.len() as u64 + 1;
        let mut feature = RawFeature {
            id: None,
            properties: JsonObject::new(),
            geometry: None,
        };
        for (header, at) in table.headers.iter().zip(0..) {
            let cell = row.get_ref(at).map_err(failed)?;
            let length = match cell {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
                _ => 8,
            };
            left = left
                .checked_sub(header.len() + length)
                .ok_or_else(|| broken(file, "视图展开后过大", "a view gives too many rows"))?;
            match cell {
                ValueRef::Blob(blob) if shapes == Some(header) => {
                    feature.geometry = wkb::shape(blob);
                }
                _ if shapes == Some(header) || own_number(header) => {}
                cell => {
                    let value = value(cell).ok_or_else(|| {
                        Finding::new(Kind::Undecodable, file)
                            .row(number)
                            .column(header)
                    })?;
                    feature.properties.insert(header.clone(), value);
                }
            }
        }
        features.push(feature);
    }
    Ok(features)
}

/// A cell; `None` where a text is not UTF-8. Bytes are no attribute.
fn value(cell: ValueRef) -> Option<JsonValue> {
    Some(match cell {
        ValueRef::Null | ValueRef::Blob(_) => JsonValue::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or(JsonValue::Null, Into::into),
        ValueRef::Text(text) => std::str::from_utf8(text).ok()?.into(),
    })
}
