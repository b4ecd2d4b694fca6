//! How QGIS shows the layers when they are opened: its table `layer_styles`.
//!
//! Colours are ColorBrewer's that colour-blind people can distinguish; what is not known is grey, not absent.

use fuwutu_core::city::Status;
use fuwutu_core::service::Service;
use fuwutu_io::words::{Coded, Word, short_name};
use rusqlite::{Connection, Result, params};

use super::container::{Common, quoted, register};
use super::layers::{coverage_column, covered_column, keys};
use crate::book::Book;
use crate::xml::{element, escape};

/// Light for little need, dark for much: YlOrBr.
const NEED: [&str; 6] = [
    "#ffffd4", "#fee391", "#fec44f", "#fe9929", "#d95f0e", "#993404",
];
/// Light for few people covered, dark for many: YlGnBu.
const COVERAGE: [&str; 5] = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"];
/// Orange for none covered, blue for all.
const COVERED: [&str; 4] = ["#e08214", "#fdb863", "#92c5de", "#2166ac"];
const UNKNOWN: &str = "#d9d9d9";

/// Shape and colour of facilities, in the order of [`Status::WORDS`]: either alone distinguishes them.
const MARKERS: [(&str, &str); 5] = [
    ("circle", "#0072b2"),
    ("triangle", "#e69f00"),
    ("square", "#009e73"),
    ("diamond", "#cc79a7"),
    ("cross2", "#595959"),
];

/// A style of a layer; the first one of a layer is the one that it is opened in.
pub(super) struct Style {
    table: &'static str,
    name: String,
    qml: String,
}

/// All styles: units by need and by the coverage of each service, demand by each service, and one for the other layers.
pub(super) fn styles(book: &Book) -> Vec<Style> {
    let base = book.manifest.years[0];
    let style = |table, name: &str, qml| Style {
        table,
        name: name.to_owned(),
        qml,
    };
    let mut styles = vec![
        style(
            "units",
            "配置优先度 priority score",
            qml(
                &graduated("priority", &need_classes(book.need_limits()), area),
                LABELS,
            ),
        ),
        style(
            "communities",
            "界线 outlines",
            qml(&single(&symbol(0, "fill", "SimpleFill", &OUTLINE)), ""),
        ),
        style("facilities", "状态 status", qml(&statuses(), "")),
    ];
    let name = |service: &Service| {
        format!(
            "{} {} {base}",
            short_name(&service.name.zh),
            service.name.en
        )
    };
    let keys = keys(book);
    styles.extend(book.services.iter().zip(&keys).map(|(service, key)| {
        let renderer = graduated(&coverage_column(key, base), &coverage_classes(), area);
        style("units", &name(service), qml(&renderer, LABELS))
    }));
    let of_base = book.demand.columns.iter().filter(|(_, year)| *year == base);
    styles.extend(of_base.map(|&(service, _)| {
        let renderer = graduated(
            &covered_column(&keys[service], base),
            &covered_classes(),
            spot,
        );
        style("demand", &name(&book.services[service]), qml(&renderer, ""))
    }));
    styles
}

/// Writes the table, with names and kinds as QGIS itself makes it.
pub(super) fn put(connection: &Connection, styles: &[Style], common: Common) -> Result<()> {
    connection.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), \
         f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT, styleQML TEXT, \
         styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), \
         update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))",
        (),
    )?;
    register(connection, "layer_styles", "layer_styles", common)?;
    let mut insert = connection
        .prepare("INSERT INTO layer_styles VALUES (NULL, '', '', ?1, 'geom', ?2, ?3, '', ?4, '', '', NULL, ?5)")?;
    for (position, style) in styles.iter().enumerate() {
        let first = styles[..position]
            .iter()
            .all(|other| other.table != style.table);
        insert.execute(params![
            style.table,
            style.name,
            style.qml,
            first,
            common.date
        ])?;
    }
    Ok(())
}

/// From … to (both within), how the legend calls it, and its colour.
type Class = (f64, f64, String, &'static str);

/// What a null is shown as: graduated styles leave nulls out.
fn unknown() -> Class {
    (
        -1.0,
        -0.5,
        "不适用或未知 none or not known".to_owned(),
        UNKNOWN,
    )
}

/// With limits that are the same in every round; see [`Book::need_limits`].
fn need_classes(limits: [f64; 5]) -> Vec<Class> {
    NEED.iter()
        .enumerate()
        .map(|(class, colour)| {
            let from = if class == 0 { 0.0 } else { limits[class - 1] };
            match limits.get(class) {
                Some(&to) => (from, to, format!("{from:.0}–{to:.0}"), *colour),
                // No need is more than 100, and hardly a factor of inflow more than 10.
                None => (from, 1000.0, format!("> {from:.0}"), *colour),
            }
        })
        .chain([unknown()])
        .collect()
}

fn coverage_classes() -> Vec<Class> {
    (0..)
        .zip(&COVERAGE)
        .map(|(class, colour)| {
            let (from, to) = (class * 20, (class + 1) * 20);
            (
                f64::from(from) / 100.0,
                f64::from(to) / 100.0,
                format!("{from}–{to} %"),
                *colour,
            )
        })
        .chain([unknown()])
        .collect()
}

fn covered_classes() -> Vec<Class> {
    let classes = [
        (0, 0, "0 %"),
        (1, 49, "1–49 %"),
        (50, 99, "50–99 %"),
        (100, 100, "100 %"),
    ];
    classes
        .into_iter()
        .zip(&COVERED)
        .map(|((from, to, label), colour)| {
            (f64::from(from), f64::from(to), label.to_owned(), *colour)
        })
        .chain([unknown()])
        .collect()
}

fn graduated(column: &str, classes: &[Class], symbol: fn(usize, &str) -> String) -> String {
    let ranges: String = classes
        .iter()
        .enumerate()
        .map(|(position, (from, to, label, _))| {
            let label = escape(label);
            format!(
                "<range lower=\"{from}\" upper=\"{to}\" symbol=\"{position}\" label=\"{label}\" \
                 render=\"true\"/>\n"
            )
        })
        .collect();
    let symbols: String = classes
        .iter()
        .enumerate()
        .map(|(number, class)| symbol(number, class.3))
        .collect();
    let expression = escape(&format!("coalesce({}, -1)", quoted(column)));
    format!(
        "<renderer-v2 type=\"graduatedSymbol\" attr=\"{expression}\" graduatedMethod=\"GraduatedColor\" symbollevels=\"0\" \
         forceraster=\"0\" enableorderby=\"0\">\n{}{}</renderer-v2>\n",
        element("ranges", &ranges),
        element("symbols", &symbols)
    )
}

fn statuses() -> String {
    let categories: String = Status::WORDS
        .iter()
        .enumerate()
        .map(|(symbol, status)| {
            let Word {
                code,
                name: [zh, en],
            } = status;
            format!(
                "<category value=\"{code}\" symbol=\"{symbol}\" label=\"{zh} {en}\" \
                 render=\"true\" type=\"string\"/>\n"
            )
        })
        .collect();
    let symbols: String = MARKERS
        .iter()
        .enumerate()
        .map(|(number, (shape, colour))| marker(number, shape, colour, "2.4"))
        .collect();
    format!(
        "<renderer-v2 type=\"categorizedSymbol\" attr=\"status\" symbollevels=\"0\" forceraster=\"0\" enableorderby=\"0\">\n{}{}</renderer-v2>\n",
        element("categories", &categories),
        element("symbols", &symbols)
    )
}

fn single(symbol: &str) -> String {
    format!(
        "<renderer-v2 type=\"singleSymbol\" symbollevels=\"0\" forceraster=\"0\" enableorderby=\"0\">\n{}</renderer-v2>\n",
        element("symbols", symbol)
    )
}

const OUTLINE: [(&str, &str); 4] = [
    ("color", "#ffffff"),
    ("style", "no"),
    ("outline_color", "#8c8c8c"),
    ("outline_width", "0.15"),
];

fn area(number: usize, colour: &str) -> String {
    let options = [
        ("color", colour),
        ("style", "solid"),
        ("outline_color", "#595959"),
        ("outline_width", "0.3"),
    ];
    symbol(number, "fill", "SimpleFill", &options)
}

fn spot(number: usize, colour: &str) -> String {
    marker(number, "circle", colour, "1.4")
}

/// `size` in millimetres.
fn marker(number: usize, shape: &str, colour: &str, size: &str) -> String {
    let options = [
        ("name", shape),
        ("color", colour),
        ("outline_color", "#333333"),
        ("outline_width", "0.1"),
        ("size", size),
    ];
    symbol(number, "marker", "SimpleMarker", &options)
}

fn symbol(number: usize, kind: &str, class: &str, options: &[(&str, &str)]) -> String {
    let options: String = options
        .iter()
        .map(|(name, value)| {
            let value = value
                .strip_prefix('#')
                .map_or_else(|| (*value).to_owned(), rgb);
            format!("<Option type=\"QString\" name=\"{name}\" value=\"{value}\"/>\n")
        })
        .collect();
    format!(
        "<symbol type=\"{kind}\" name=\"{number}\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">\
         <layer class=\"{class}\" enabled=\"1\" locked=\"0\" pass=\"0\">\n<Option type=\"Map\">\n{options}</Option>\n</layer></symbol>\n"
    )
}

/// A colour as QGIS writes it.
fn rgb(hex: &str) -> String {
    let rgb_bits = u32::from_str_radix(hex, 16).expect("colours here are six hexadecimal digits");
    format!(
        "{},{},{},255",
        rgb_bits >> 16,
        rgb_bits >> 8 & 255,
        rgb_bits & 255
    )
}

/// The names of units, in black with a white border.
const LABELS: &str = "<labeling type=\"simple\"><settings>\
<text-style fieldName=\"name\" isExpression=\"0\" fontSize=\"9\" fontSizeUnit=\"Point\" textColor=\"0,0,0,255\">\
<text-buffer bufferDraw=\"1\" bufferSize=\"0.8\" bufferSizeUnits=\"MM\" bufferColor=\"255,255,255,255\"/></text-style>\
</settings></labeling>\n";

fn qml(renderer: &str, labels: &str) -> String {
    let on = u8::from(!labels.is_empty());
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
         <qgis version=\"3.22\" styleCategories=\"Symbology|Labeling\" labelsEnabled=\"{on}\">\n{renderer}{labels}</qgis>\n"
    )
}
