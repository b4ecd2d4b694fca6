//! `round.gpkg`: the round as layers and tables for a GIS, with styles that QGIS opens them in.

mod container;

mod layers;

mod style;

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Result};

use crate::ReportError;
use crate::book::Book;
use crate::metadata::{date, metadata, notices, srs};
use container::Common;

/// Writes an OGC GeoPackage (1.3) to `path`, which must not exist.
///
/// Layers, in longitude and latitude of CGCS2000 (EPSG:4490) where the plan's inputs are in it, else of WGS 84 (EPSG:4326):
/// `units` and `communities` (areas; one without land has no geometry), `facilities` (points, a row for each service that one
/// offers), `demand` (points: demand points, or the middles of their squares). Tables: `standing`, `ranking`, `causes`, as in
/// the round's files of these names. Where the name of a column is the same as in these files, it is the same figure; figures
/// that are not known are null. Each column has a label and an explanation in Chinese and English, each layer styles for QGIS,
/// and the package bears [`metadata`] within.
///
/// Text is kept as it is, whatever is in it. Equal books give equal bytes: the time of the last change is the day that the
/// plan's `report.date` names, else the start of 1970. O(rows × columns), with one row in memory at a time.
///
/// # Errors
/// Where `path` exists or cannot be written, which then may hold a part of a package; and where there are more than about 300
/// services, as a table has at most 2,000 columns.
pub fn geopackage(book: &Book, path: &Path) -> std::result::Result<(), ReportError> {
    let failed = |message: String| ReportError::File {
        path: path.to_owned(),
        message,
    };
    File::create_new(path).map_err(|error| failed(error.to_string()))?;
    write(book, path).map_err(|error| failed(error.to_string()))?;
    let flushed = File::open(path).and_then(|file| file.sync_all());
    flushed.map_err(|error| failed(error.to_string()))
}

fn write(book: &Book, path: &Path) -> Result<()> {
    // Not as a URI: a path may have any characters.
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // No other program reads a file that is new, and one that is not whole is thrown away.
    connection.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536",
    )?;
    let day = date(book).map_or("1970-01-01", |date| date);
    let date = format!("{day}T00:00:00.000Z");
    let [zh, en] = notices(book);
    let about = format!("{} / {}", zh.join("；"), en.join("; "));
    let common = Common {
        srs: srs(book),
        about: &about,
        date: &date,
    };
    let transaction = connection.transaction()?;
    container::create(&transaction, &layers::words())?;
    container::put(&transaction, layers::units(book), common)?;
    container::put(&transaction, layers::communities(book), common)?;
    container::put(&transaction, layers::facilities(book), common)?;
    container::put(&transaction, layers::demand(book), common)?;
    container::put(&transaction, layers::standing(book), common)?;
    container::put(&transaction, layers::completeness(book), common)?;
    container::put(&transaction, layers::ranking(book), common)?;
    container::put(&transaction, layers::causes(book), common)?;
    style::put(&transaction, &style::styles(book), common)?;
    container::put_metadata(&transaction, &metadata(book), &date)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use std::ops::Deref;
    use std::path::PathBuf;

    use geo::{Coord, LineString, MultiPolygon, Polygon};
    use resvg::usvg::roxmltree::{Document, ParsingOptions};
    use rusqlite::Connection;

    use super::geopackage;
    use crate::book::{Book, ShownInputs};
    use crate::testing::{NASTY, book};

    /// A path where nothing is.
    fn fresh(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("fuwutu-{}-{name}.gpkg", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path
    }

    /// A package that is open; the file goes when it is closed.
    struct Package {
        connection: Connection,
        _file: Temporary,
    }

    struct Temporary(PathBuf);

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    impl Deref for Package {
        type Target = Connection;

        fn deref(&self) -> &Connection {
            &self.connection
        }
    }

    /// The package of a book, read back with nothing but SQLite.
    fn written(book: &Book, name: &str) -> Package {
        let path = fresh(name);
        geopackage(book, &path).expect("a folder for temporary files can be written");
        Package {
            connection: Connection::open(&path).unwrap(),
            _file: Temporary(path),
        }
    }

    fn all<T: rusqlite::types::FromSql>(connection: &Connection, sql: &str) -> Vec<T> {
        let mut query = connection.prepare(sql).unwrap();
        query
            .query_map((), |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    fn one<T: rusqlite::types::FromSql>(connection: &Connection, sql: &str) -> T {
        connection.query_row(sql, (), |row| row.get(0)).unwrap()
    }

    #[test]
    fn it_is_a_sound_geopackage() {
        let package = written(&book(), "sound");
        assert_eq!(one::<String>(&package, "PRAGMA integrity_check"), "ok");
        assert_eq!(one::<i64>(&package, "PRAGMA application_id"), 0x4750_4b47);
        assert_eq!(one::<i64>(&package, "PRAGMA user_version"), 10_300);
        assert!(all::<String>(&package, "PRAGMA foreign_key_check").is_empty());
        for (layer, count) in [
            ("units", 3),
            ("communities", 3),
            ("facilities", 3),
            ("demand", 3),
        ] {
            assert_eq!(
                one::<i64>(&package, &format!("SELECT count(*) FROM {layer}")),
                count,
                "{layer}"
            );
            assert_eq!(
                one::<i64>(
                    &package,
                    &format!("SELECT count(*) FROM rtree_{layer}_geom")
                ),
                count,
                "{layer}"
            );
            assert_eq!(
                one::<String>(
                    &package,
                    &format!("SELECT rtreecheck('rtree_{layer}_geom')")
                ),
                "ok"
            );
        }
        // Three units, two services, two years.
        assert_eq!(one::<i64>(&package, "SELECT count(*) FROM standing"), 12);
        assert_eq!(one::<i64>(&package, "SELECT count(*) FROM ranking"), 3);
        assert_eq!(one::<i64>(&package, "SELECT count(*) FROM causes"), 3);
        assert_eq!(
            one::<i64>(&package, "SELECT sum(residents) FROM units"),
            140_000
        );
        assert_eq!(
            one::<i64>(&package, "SELECT sum(residents_2029) FROM units"),
            145_000
        );
        // Squares of 0.01° from 104.00° E, 30.50° N: two side by side, one above.
        let extent = package.query_row(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'units'",
            (),
            |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, f64>(3)?]),
        );
        assert_eq!(
            extent
                .unwrap()
                .map(|edge: f64| (edge * 100.0).round() as i64),
            [10_400, 3050, 10_402, 3052]
        );
    }

    #[test]
    fn the_same_book_gives_the_same_bytes() {
        let paths = [fresh("same-1"), fresh("same-2")];
        let bytes = paths.map(|path| {
            geopackage(&book(), &path).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            bytes
        });
        assert!(bytes[0] == bytes[1]);
    }

    #[test]
    fn the_time_is_that_of_the_plan() {
        let mut dated = book();
        let times = "SELECT DISTINCT last_change FROM gpkg_contents UNION SELECT DISTINCT update_time FROM layer_styles UNION SELECT timestamp FROM gpkg_metadata_reference";
        assert_eq!(
            all::<String>(&written(&dated, "undated"), times),
            ["1970-01-01T00:00:00.000Z"]
        );
        dated.manifest.plan.report.date = Some("2026-11-25".to_owned());
        assert_eq!(
            all::<String>(&written(&dated, "dated"), times),
            ["2026-11-25T00:00:00.000Z"]
        );
        dated.manifest.plan.report.date = Some("11月".to_owned());
        assert_eq!(
            all::<String>(&written(&dated, "in-words"), times),
            ["1970-01-01T00:00:00.000Z"]
        );
    }

    #[test]
    fn nasty_names_come_back_as_they_were() {
        for (row, name) in NASTY
            .iter()
            .copied()
            .chain(["长".repeat(300).as_str(), "a\0b"])
            .enumerate()
        {
            let mut book = book();
            book.manifest.round = name.to_owned();
            book.units[0].name = name.to_owned();
            book.units[0].row.unit = name.to_owned();
            book.units[0].row.township_name = name.to_owned();
            book.communities[0].name = name.to_owned();
            book.offers[0].row.facility_name = name.to_owned();
            book.offers[0].file = name.to_owned();
            book.demand.spots[0].row.point = name.to_owned();
            book.services[0].id = name.to_owned();
            book.standings[crate::book::place(0, 0, 0)].service = name.to_owned();
            book.services[0].name.zh = name.to_owned();
            let package = written(&book, &format!("nasty-{row}"));
            for (table, column) in [
                ("units", "name"),
                ("units", "unit"),
                ("units", "township_name"),
                ("communities", "community_name"),
                ("facilities", "facility_name"),
                ("facilities", "file"),
                ("demand", "point"),
                ("standing", "service"),
                ("standing", "service_zh"),
            ] {
                let back: String = one(
                    &package,
                    &format!("SELECT {column} FROM {table} ORDER BY fid LIMIT 1"),
                );
                assert_eq!(back, name, "{table}.{column}");
            }
            assert_eq!(one::<String>(&package, "PRAGMA integrity_check"), "ok");
        }
    }

    #[test]
    fn services_may_be_named_as_they_like() {
        let mut book = book();
        book.services[0].id = "A".to_owned();
        book.services[1].id = "a".to_owned();
        book.services[1].name = book.services[0].name.clone();
        let package = written(&book, "alike");
        let columns = |table: &str| {
            all::<String>(
                &package,
                &format!("SELECT name FROM pragma_table_info('{table}')"),
            )
        };
        let has = |table: &str, names: &[&str]| {
            names
                .iter()
                .all(|name| columns(table).iter().any(|column| column == name))
        };
        assert!(has(
            "units",
            &[
                "A_coverage_2026",
                "A_coverage_2029",
                "a_2_coverage_2026",
                "a_2_coverage_2029"
            ]
        ));
        assert!(has(
            "demand",
            &[
                "A_covered_2026",
                "a_2_covered_2026",
                "A_minutes",
                "a_2_minutes"
            ]
        ));
        // Each style is of its own service.
        let styles = "SELECT count(*) FROM layer_styles WHERE styleQML LIKE '%(&quot;a_2_cover%'";
        assert_eq!(one::<i64>(&package, styles), 2);
    }

    #[test]
    fn what_is_not_known_is_null() {
        let mut book = book();
        book.places.remove(0);
        book.places[0].row.unserved_residents = None;
        let package = written(&book, "null");
        // Markets have no capacity.
        assert_eq!(
            one::<i64>(
                &package,
                "SELECT count(*) FROM units WHERE market_short_2026 IS NULL"
            ),
            3
        );
        assert_eq!(
            one::<i64>(
                &package,
                "SELECT count(*) FROM units WHERE market_attained_2026 IS NULL"
            ),
            3
        );
        assert_eq!(
            one::<i64>(
                &package,
                "SELECT count(*) FROM units WHERE need IS NULL AND place IS NULL"
            ),
            1
        );
        assert_eq!(
            one::<i64>(
                &package,
                "SELECT count(*) FROM ranking WHERE unserved_residents IS NULL"
            ),
            1
        );
        assert_eq!(
            one::<i64>(
                &package,
                "SELECT count(*) FROM standing WHERE required IS NULL AND service = 'market'"
            ),
            6
        );
        assert_eq!(
            one::<i64>(
                &package,
                "SELECT count(*) FROM facilities WHERE capacity IS NULL"
            ),
            1
        );
        assert_eq!(
            one::<i64>(
                &package,
                "SELECT count(*) FROM demand WHERE market_minutes IS NULL"
            ),
            3
        );
        assert_eq!(
            one::<i64>(
                &package,
                "SELECT count(*) FROM demand WHERE market_covered_2026 IS NULL"
            ),
            3
        );
    }

    #[test]
    fn figures_are_those_of_the_book() {
        let package = written(&book(), "figures");
        let row = "SELECT unit || ' ' || name || ' ' || place || ' ' || need || ' ' || priority || ' ' || kindergarten_coverage_2026 || ' ' || kindergarten_attained_2029 FROM units WHERE fid = 1";
        assert_eq!(
            one::<String>(&package, row),
            "990101001-1 甲街道 1 2 30.0 33.0 0.75 数量不足 too few"
        );
        // The second kindergarten opens in 2028.
        assert_eq!(
            all::<i64>(&package, "SELECT open_2026 FROM facilities"),
            [1, 0, 1]
        );
        assert_eq!(
            all::<i64>(&package, "SELECT open_2029 FROM facilities"),
            [1, 1, 1]
        );
        assert_eq!(
            all::<String>(&package, "SELECT status FROM facilities"),
            ["existing", "committed", "existing"]
        );
    }

    #[test]
    fn a_unit_without_land_has_no_geometry() {
        let mut book = book();
        book.units[1].outline = MultiPolygon(Vec::new());
        let package = written(&book, "landless");
        assert_eq!(
            all::<i64>(&package, "SELECT fid FROM units WHERE geom IS NULL"),
            [2]
        );
        assert_eq!(
            all::<i64>(&package, "SELECT id FROM rtree_units_geom ORDER BY id"),
            [1, 3]
        );
        book.units
            .iter_mut()
            .for_each(|unit| unit.outline = MultiPolygon(Vec::new()));
        let package = written(&book, "nowhere");
        assert_eq!(
            one::<Option<f64>>(
                &package,
                "SELECT min_x FROM gpkg_contents WHERE table_name = 'units'"
            ),
            None
        );
    }

    #[test]
    fn rings_are_closed_and_run_the_right_way() {
        let ring = |corners: &[(f64, f64)]| {
            LineString(corners.iter().map(|&(x, y)| Coord { x, y }).collect())
        };
        // Both rings the wrong way round: the outer one with the clock, the hole against it.
        let outer = [(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (4.0, 0.0)];
        let hole = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0)];
        let mut book = book();
        book.units[0].outline = MultiPolygon(vec![Polygon::new(ring(&outer), vec![ring(&hole)])]);
        let blob: Vec<u8> = one(
            &written(&book, "rings"),
            "SELECT geom FROM units WHERE fid = 1",
        );
        let mut right = b"GP\0\x03".to_vec();
        right.extend(4326_i32.to_le_bytes());
        [0.0, 4.0, 0.0, 4.0_f64]
            .iter()
            .for_each(|edge| right.extend(edge.to_le_bytes()));
        right.extend([1, 6, 0, 0, 0, 1, 0, 0, 0, 1, 3, 0, 0, 0, 2, 0, 0, 0]);
        for corners in [
            [
                (0.0, 0.0),
                (4.0, 0.0),
                (4.0, 4.0),
                (0.0, 4.0),
                (0.0, 0.0_f64),
            ],
            [
                (1.0, 1.0),
                (1.0, 2.0),
                (2.0, 2.0),
                (2.0, 1.0),
                (1.0, 1.0_f64),
            ],
        ] {
            right.extend([5, 0, 0, 0]);
            corners.iter().for_each(|&(x, y): &(f64, f64)| {
                right.extend([x.to_le_bytes(), y.to_le_bytes()].concat());
            });
        }
        assert_eq!(blob, right);
    }

    #[test]
    fn the_datum_is_that_of_the_inputs() {
        let mut book = book();
        let query = "SELECT DISTINCT srs_id FROM gpkg_geometry_columns";
        assert_eq!(all::<i64>(&written(&book, "4326"), query), [4326]);
        book.manifest.plan.inputs = ShownInputs::Unnamed {
            crs: Some("EPSG:4490".to_owned()),
        };
        let package = written(&book, "4490");
        assert_eq!(all::<i64>(&package, query), [4490]);
        let blob: Vec<u8> = one(&package, "SELECT geom FROM facilities LIMIT 1");
        assert_eq!(blob[4..8], 4490_i32.to_le_bytes());
    }

    #[test]
    fn every_column_is_explained_in_both_languages() {
        let package = written(&book(), "explained");
        for table in [
            "units",
            "communities",
            "facilities",
            "demand",
            "standing",
            "ranking",
            "causes",
        ] {
            let unexplained = format!(
                "SELECT name FROM pragma_table_info('{table}') WHERE name NOT IN ('fid', 'geom') AND name NOT IN \
                 (SELECT column_name FROM gpkg_data_columns WHERE table_name = '{table}' AND description LIKE '_% / _%')"
            );
            assert_eq!(all::<String>(&package, &unexplained), [""; 0], "{table}");
        }
    }

    #[test]
    fn styles_are_xml_and_of_columns_that_exist() {
        let mut nasty = book();
        nasty.services[0].id = "x\"<&'\u{7}\0\ny".to_owned();
        nasty.services[0].name.zh = "<script>&".to_owned();
        let package = written(&nasty, "styles");
        let mut query = package
            .prepare("SELECT f_table_name, styleQML FROM layer_styles")
            .unwrap();
        let styles = query
            .query_map((), |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })
            .unwrap();
        let mut seen = 0;
        for (table, qml) in styles.map(Result::unwrap) {
            let options = ParsingOptions {
                allow_dtd: true,
                ..ParsingOptions::default()
            };
            let document = Document::parse_with_options(&qml, options).unwrap();
            let renderer = document
                .descendants()
                .find(|node| node.has_tag_name("renderer-v2"))
                .unwrap();
            if let Some(attribute) = renderer.attribute("attr") {
                let quoted = attribute
                    .strip_prefix("coalesce(\"")
                    .and_then(|expression| expression.strip_suffix("\", -1)"));
                let column = quoted.map_or_else(
                    || attribute.to_owned(),
                    |quoted| quoted.replace("\"\"", "\""),
                );
                let columns = all::<String>(
                    &package,
                    &format!("SELECT name FROM pragma_table_info('{table}')"),
                );
                assert!(columns.contains(&column), "{table}.{column}");
                seen += 1;
            }
            let symbols = document
                .descendants()
                .filter(|node| node.has_tag_name("symbol"))
                .count();
            for number in document
                .descendants()
                .filter_map(|node| node.attribute("symbol"))
            {
                assert!(number.parse::<usize>().unwrap() < symbols);
            }
        }
        // Need, status, and coverage and demand of two services.
        assert_eq!(seen, 6);
        let firsts = "SELECT f_table_name || ' ' || styleName FROM layer_styles WHERE useAsDefault ORDER BY 1";
        let firsts = all::<String>(&package, firsts);
        assert_eq!(firsts.len(), 4);
        assert_eq!(firsts[3], "units 配置优先度 priority score");
    }

    #[test]
    fn it_says_what_it_is() {
        let package = written(&book(), "about");
        let about: Vec<String> = all(&package, "SELECT description FROM gpkg_contents");
        assert!(about.iter().all(
            |about| about.contains("模拟数据，非真实地点") && about.contains("internal draft")
        ));
        let document: String = one(&package, "SELECT metadata FROM gpkg_metadata");
        assert_eq!(document, crate::metadata::metadata(&book()));
    }

    #[test]
    fn what_exists_is_left_alone() {
        let path = fresh("exists");
        std::fs::write(&path, "somebody's").unwrap();
        let error = geopackage(&book(), &path).unwrap_err().to_string();
        assert!(error.contains("exists.gpkg` cannot be made: "), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"somebody's");
        std::fs::remove_file(&path).unwrap();
    }
}
