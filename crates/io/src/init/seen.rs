//! What one file seems to be.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use geo::Coord;
use serde::Serialize;

use super::place::{self, Numbers};
use super::role::{self, Meanings, Role};
use crate::book;
use crate::crs::{Crs, CrsError};
use crate::finding::{Finding, Findings, Lang};
use crate::form::{self, Form};
use crate::layer;
use crate::manifest::Statement;
use crate::plan::Named;
use crate::read::{Files, Given, land, name, unreadable};
use crate::table::{self, Preview};
use crate::text;
use crate::vector::{self, RawLayer, Shape, Wanted};

/// What a file, or one of its sheets or layers, seems to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// Relative to the folder.
    pub path: String,
    /// The sheet or layer, where the file has several.
    pub sheet: Option<String>,
    /// What it is to a plan.
    pub role: Role,
    /// What the file is, and why it is that to a plan.
    pub why: Statement,
    /// The line of the header, where it is a table.
    pub header: Option<u64>,
    /// What stands above the header.
    pub titles: Vec<String>,
    /// Rows or features.
    pub rows: u64,
    /// Rows that are none: sums, notes, blank ones.
    pub left_out: u64,
    /// Its columns or properties, in their order.
    pub columns: Vec<SeenColumn>,
    /// The first rows.
    pub first: Vec<Vec<String>>,
    /// Where its places are.
    pub spot: Option<Spot>,
    /// The latest year that its name, titles or headers name.
    pub year: Option<i32>,
    /// Whether its rows name places.
    pub placed: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenColumn {
    /// As the file has it.
    pub header: String,
    /// The usual name of the column that it means.
    pub means: Option<String>,
    /// Whether it is one of that column's own headers. Else the plan has to name it.
    pub own: bool,
}

/// The numbers of a file's places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spot {
    /// The coordinate system that the file names, as it names it.
    pub named: Option<String>,
    /// The one that its numbers are in, where they or the file say so.
    pub crs: Option<String>,
    /// Whether the column or axis called first goes north.
    pub swapped: bool,
    /// The middle of the places in their own numbers: east, north.
    pub middle: [f64; 2],
    /// Between which corners they lie, in degrees: west, south, east, north; where the system is known.
    pub degrees: Option<[f64; 4]>,
}

/// Looks at a file. One entry for each sheet or layer that says anything; a file that cannot be read is one entry that says why. Never
/// an error: a folder holds all kinds of files. O(bytes) for tables and layers.
#[must_use]
pub fn look(files: &dyn Files, path: &Path) -> Vec<Seen> {
    let file = name(path);
    let first = files.open(path).and_then(|mut reader| {
        let mut first = Vec::new();
        reader.by_ref().take(4096).read_to_end(&mut first)?;
        Ok(first)
    });
    let first = match first {
        Ok(first) => first,
        Err(error) => return vec![unread(&file, &unreadable(path, &error))],
    };
    match form::of(path, &first) {
        Form::Text | Form::Workbook(_) | Form::Dbf | Form::Shapefile | Form::Sqlite => {
            match Given::read(files, path) {
                Ok(given) => of_given(&given),
                Err(finding) => vec![unread(&file, &finding)],
            }
        }
        Form::Pbf => vec![plain(
            &file,
            Role::Roads,
            ["OpenStreetMap 数据", "an OpenStreetMap extract"],
        )],
        Form::Tiff => vec![plain(&file, Role::Grid, ["GeoTIFF 栅格", "a GeoTIFF"])],
        form => vec![plain(&file, Role::Nothing, form.name())],
    }
}

/// What a table, or each layer of a file, seems to be.
fn of_given(given: &Given) -> Vec<Seen> {
    let file = &*given.file;
    if given.form == Form::Text && !vector::is_json(&given.bytes) {
        let seen = text::decode(file, &given.bytes, &mut Findings::default())
            .map(|text| of_text(file, None, &text));
        return vec![seen.unwrap_or_else(|finding| unread(file, &finding))];
    }
    if let Form::Workbook(form) = given.form {
        let sheets = book::sheets(file, &given.bytes, form, &role::kinds());
        return match sheets {
            Ok(sheets) if sheets.is_empty() => {
                vec![plain(file, Role::Nothing, ["没有内容", "nothing is in it"])]
            }
            Ok(sheets) => {
                let several = sheets.len() > 1;
                let named = |sheet: &book::Sheet| several.then(|| sheet.name.clone());
                let each = sheets.iter();
                each.map(|sheet| of_text(file, named(sheet).as_deref(), &sheet.text))
                    .collect()
            }
            Err(finding) => vec![unread(file, &finding)],
        };
    }
    let names = match vector::names(given) {
        Ok(names) => names,
        Err(finding) => return vec![unread(file, &finding)],
    };
    let several = names.len() > 1;
    let one = |sheet: Option<String>| {
        let none = BTreeMap::new();
        let wanted = Wanted {
            named: Named {
                path: Path::new(file),
                sheet: sheet.as_deref(),
                columns: &none,
            },
            columns: &[],
            areas: false,
        };
        match vector::layer(given, wanted, &mut Findings::default()) {
            Ok(layer) => of_layer(file, sheet.as_deref().filter(|_| several), &layer),
            Err(finding) => unread(file, &finding),
        }
    };
    names.into_iter().map(one).collect()
}

/// What a table of text seems to be.
fn of_text(file: &str, sheet: Option<&str>, text: &str) -> Seen {
    match table::preview(text, &role::is_known) {
        Some(preview) => of_table(file, sheet, preview),
        None => Seen {
            sheet: sheet.map(str::to_owned),
            ..plain(
                file,
                Role::Nothing,
                ["没有认得的列名", "no header that is known"],
            )
        },
    }
}

/// A file of which nothing more is looked at.
fn plain(file: &str, role: Role, [zh, en]: [&str; 2]) -> Seen {
    Seen {
        path: file.to_owned(),
        sheet: None,
        role,
        why: Statement {
            zh: zh.to_owned(),
            en: en.to_owned(),
        },
        header: None,
        titles: Vec::new(),
        rows: 0,
        left_out: 0,
        columns: Vec::new(),
        first: Vec::new(),
        spot: None,
        year: year_in(file),
        placed: false,
    }
}

fn unread(file: &str, finding: &Finding) -> Seen {
    let said = |lang| finding.kind.what(lang);
    plain(file, Role::Nothing, [said(Lang::Zh), said(Lang::En)])
}

/// A table, by its columns.
pub(super) fn of_table(file: &str, sheet: Option<&str>, preview: Preview) -> Seen {
    let (role, meanings) = role::of_table(&preview.headers);
    let at = |name: &str| {
        let mut places = meanings.iter().enumerate();
        places.find_map(|(at, meaning)| {
            meaning
                .is_some_and(|(column, _)| column == name)
                .then_some(at)
        })
    };
    let pairs = match (at("lon"), at("lat"), at("location")) {
        (Some(lon), Some(lat), _) => pairs(&preview, lon, lat),
        (_, _, Some(both)) => pairs_in_one(&preview, both),
        _ => Vec::new(),
    };
    let spot = spot(None, &pairs);
    let titles = preview.titles.join(" ");
    let headers = preview.headers.join(" ");
    let years = [sheet.unwrap_or(""), &titles, &headers, file]
        .into_iter()
        .find_map(year_in);
    let what = |name: &str| at(name).map(|at| preview.headers[at].clone());
    let words = [file, sheet.unwrap_or(""), &titles, &headers].concat();
    let (role, why) = match not_of_now(role, &words, at("status").is_some()) {
        Some(why) => (Role::Nothing, why),
        None => (role, why_table(role, &what)),
    };
    Seen {
        sheet: sheet.map(str::to_owned),
        role,
        why,
        header: Some(preview.first),
        placed: spot.is_some(),
        columns: columns(&preview.headers, &meanings),
        titles: preview.titles,
        rows: preview.count,
        left_out: preview.left_out,
        first: preview.rows.into_iter().take(3).collect(),
        spot,
        year: years,
        ..plain(file, role, ["", ""])
    }
}

/// Why a table is none of what is there now: people who do not live there, or later, and facilities that are planned.
fn not_of_now(role: Role, words: &str, has_status: bool) -> Option<Statement> {
    let found = |marks: &[&'static str]| marks.iter().find(|mark| words.contains(**mark)).copied();
    let (mark, zh, en) = match role {
        Role::Population => (
            found(&[
                "规划人口",
                "预测人口",
                "目标人口",
                "流动人口",
                "户籍人口",
                "暂住人口",
            ])
            .filter(|_| !words.contains("常住"))?,
            "不是现状常住人口",
            "they are not the residents of now",
        ),
        Role::Facilities if !has_status => (
            found(&["规划", "拟建", "待建", "在建"]).filter(|_| !words.contains("现状"))?,
            "不是现状设施；加一列“状态”（规划、在建）和“启用年份”后可用",
            "these are not there yet; they need a column of their status and year of opening",
        ),
        _ => return None,
    };
    Some(Statement {
        zh: format!("文字中有“{mark}”：{zh}"),
        en: format!("it says {mark}: {en}"),
    })
}

/// Which headers say what the table is.
fn why_table(role: Role, header: &dyn Fn(&str) -> Option<String>) -> Statement {
    let telling: &[&str] = match role {
        Role::Crosswalk => &["old", "new"],
        Role::Edges => &["from", "to"],
        Role::LastUnits => &["community", "community_name", "unit"],
        Role::Housing => &["community", "community_name", "dwellings"],
        Role::Controls => &["county", "year", "residents"],
        Role::Facilities => &[
            "name",
            "service",
            "type_code",
            "type",
            "lon",
            "lat",
            "location",
        ],
        Role::Population => &["community", "community_name", "residents", "lon", "lat"],
        Role::Nodes => &["id", "lon", "lat"],
        _ => &[],
    };
    let named: Vec<String> = telling.iter().filter_map(|name| header(name)).collect();
    match named.as_slice() {
        [] => Statement {
            zh: "列名不足以判断".to_owned(),
            en: "its headers do not tell".to_owned(),
        },
        named => Statement {
            zh: format!("有列 {}", named.join("、")),
            en: format!("it has {}", named.join(", ")),
        },
    }
}

fn columns(headers: &[String], meanings: &Meanings) -> Vec<SeenColumn> {
    let pairs = headers.iter().zip(meanings);
    pairs
        .map(|(header, meaning)| SeenColumn {
            header: header.clone(),
            means: meaning.map(|(column, _)| column.to_owned()),
            own: meaning.is_none_or(|(_, own)| own),
        })
        .collect()
}

/// Pairs of numbers of two columns, where both are such.
fn pairs(preview: &Preview, lon: usize, lat: usize) -> Vec<Coord> {
    let number = |row: &[String], at: usize| row.get(at)?.parse::<f64>().ok();
    let rows = preview.rows.iter();
    rows.filter_map(|row| {
        let at = Coord {
            x: number(row, lon)?,
            y: number(row, lat)?,
        };
        (at.x.is_finite() && at.y.is_finite() && at != Coord::zero()).then_some(at)
    })
    .collect()
}

/// Pairs of numbers that one column has: `104.06,30.66`.
fn pairs_in_one(preview: &Preview, at: usize) -> Vec<Coord> {
    let cells = preview
        .rows
        .iter()
        .filter_map(|row| row.get(at)?.split_once([',', '，', ' ']));
    cells
        .filter_map(|(x, y)| {
            Some(Coord {
                x: x.trim().parse().ok()?,
                y: y.trim().parse().ok()?,
            })
        })
        .collect()
}

/// Where places are, whose system a file may name.
fn spot(named: Option<String>, places: &[Coord]) -> Option<Spot> {
    let (numbers, swapped) = place::numbers(places);
    let places: Vec<Coord> = (places.iter())
        .map(|at| {
            if swapped {
                Coord { x: at.y, y: at.x }
            } else {
                *at
            }
        })
        .collect();
    let (first, rest) = places.split_first()?;
    let (mut low, mut high) = (*first, *first);
    for at in rest {
        (low.x, low.y) = (low.x.min(at.x), low.y.min(at.y));
        (high.x, high.y) = (high.x.max(at.x), high.y.max(at.y));
    }
    let crs = match (&named, numbers) {
        (Some(named), _) => Some(named.clone()),
        (None, Numbers::Degrees) => Some("EPSG:4490".to_owned()),
        (None, Numbers::Zone(zone)) => Some(zone),
        (None, Numbers::Metres | Numbers::Unknown) => None,
    };
    let mut spot = Spot {
        named,
        crs,
        swapped,
        middle: [f64::midpoint(low.x, high.x), f64::midpoint(low.y, high.y)],
        degrees: None,
    };
    spot.degrees = spot.corners(low, high);
    Some(spot)
}

impl Spot {
    /// Two corners in degrees.
    fn corners(&self, low: Coord, high: Coord) -> Option<[f64; 4]> {
        let crs = Crs::parse(self.crs.as_deref()?).ok()?;
        let (low, high) = (crs.to_degrees(low)?, crs.to_degrees(high)?);
        Some([low.x, low.y, high.x, high.y])
    }

    /// Whether the system that the file names is one that cannot be read: a datum without transformation, or another one.
    #[must_use]
    pub fn refused(&self) -> Option<CrsError> {
        Crs::parse(self.named.as_deref()?).err()
    }
}

/// A layer, by its shapes and properties.
pub(super) fn of_layer(file: &str, sheet: Option<&str>, layer: &RawLayer) -> Seen {
    let mut keys: Vec<String> = Vec::new();
    for key in layer
        .features
        .iter()
        .flat_map(|feature| feature.properties.keys())
    {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    let rows: Vec<Vec<String>> = (layer.features.iter().take(table::PREVIEWED))
        .map(|feature| {
            let cell = |key: &String| {
                feature
                    .properties
                    .get(key)
                    .map_or(String::new(), layer::text_of)
            };
            keys.iter().map(cell).collect()
        })
        .collect();
    let count = |is: &dyn Fn(&Shape) -> bool| {
        let shapes = layer
            .features
            .iter()
            .filter_map(|each| each.geometry.as_ref());
        shapes.filter(|shape| is(shape)).count()
    };
    let areas = count(&|shape| matches!(shape, Shape::Areas(_)));
    let points = count(&|shape| matches!(shape, Shape::Points(..)));
    let bare = layer.features.iter().all(|each| each.geometry.is_none());
    let places: Vec<Coord> = (layer.features.iter().take(20 * table::PREVIEWED))
        .filter_map(|feature| some_place(feature.geometry.as_ref()?))
        .collect();
    let spot = spot(layer.crs.clone(), &places);
    let many = layer.features.len() as u64;
    let (role, meanings, why) = if areas * 2 > layer.features.len() {
        of_areas(&keys, &rows, many)
    } else if points * 2 > layer.features.len() {
        let with_place = keys
            .iter()
            .cloned()
            .chain(["lon".to_owned(), "lat".to_owned()]);
        let (role, mut meanings) = role::of_table(&with_place.collect::<Vec<_>>());
        meanings.truncate(keys.len());
        let why = Statement {
            zh: format!("{points} 个点"),
            en: format!("{points} points"),
        };
        (role, meanings, why)
    } else if bare {
        let (role, meanings) = role::of_table(&keys);
        let at = |name: &str| {
            let mut pairs = keys.iter().zip(&meanings);
            pairs.find_map(|(key, each)| {
                each.is_some_and(|(column, _)| column == name)
                    .then(|| key.clone())
            })
        };
        (role, meanings.clone(), why_table(role, &at))
    } else {
        let why = Statement {
            zh: "既非面也非点".to_owned(),
            en: "neither areas nor points".to_owned(),
        };
        (Role::Nothing, vec![None; keys.len()], why)
    };
    let years = [sheet.unwrap_or(""), file].into_iter().find_map(year_in);
    Seen {
        sheet: sheet.map(str::to_owned),
        role,
        why,
        rows: many,
        columns: columns(&keys, &meanings),
        first: rows.into_iter().take(3).collect(),
        placed: spot.is_some(),
        spot,
        year: years,
        ..plain(file, role, ["", ""])
    }
}

/// The first place of a shape.
fn some_place(shape: &Shape) -> Option<Coord> {
    let place = match shape {
        Shape::Points(_, places) => places.first(),
        Shape::Areas(areas) => areas.first()?.first()?.first(),
        Shape::Other(_) | Shape::Broken(..) => None,
    };
    place
        .filter(|at| at.x.is_finite() && at.y.is_finite())
        .copied()
}

/// Areas are townships or communities: by the digits of their codes, or else by how their names end.
fn of_areas(keys: &[String], rows: &[Vec<String>], many: u64) -> (Role, Meanings, Statement) {
    let townships = role::meanings(keys, &land::TOWNSHIP_COLUMNS);
    let communities = role::meanings(keys, &land::COMMUNITY_COLUMNS);
    let share = |meanings: &Meanings, name: &str, is: &dyn Fn(&str) -> bool| {
        let at = meanings
            .iter()
            .position(|each| each.is_some_and(|(column, _)| column == name));
        let cells: Vec<&String> =
            at.map_or(Vec::new(), |at| rows.iter().map(|row| &row[at]).collect());
        let right = cells.iter().filter(|cell| is(cell)).count();
        !cells.is_empty() && right * 10 >= cells.len() * 8
    };
    let digits = |count: usize| {
        move |cell: &str| {
            let code = table::code(cell);
            code.len() == count && code.bytes().all(|byte| byte.is_ascii_digit())
        }
    };
    let township_code = |cell: &str| digits(9)(cell) || digits(12)(cell) && cell.ends_with("000");
    let ends = |ends: &'static [&'static str]| {
        move |cell: &str| ends.iter().any(|end| cell.ends_with(end))
    };
    let why = |zh: &str, en: &str| Statement {
        zh: format!("{many} 个面，{zh}"),
        en: format!("{many} areas, {en}"),
    };
    if share(&townships, "code", &township_code) {
        return (
            Role::Townships,
            townships,
            why("9 位代码", "codes of 9 digits"),
        );
    }
    if share(&communities, "code", &digits(12)) {
        return (
            Role::Communities,
            communities,
            why("12 位代码", "codes of 12 digits"),
        );
    }
    if share(&townships, "name", &ends(&["街道", "镇", "乡", "办事处"])) {
        return (
            Role::Townships,
            townships,
            why("名称是街道、镇、乡", "named as townships"),
        );
    }
    if share(
        &communities,
        "name",
        &ends(&["社区", "村", "居委会", "村委会"]),
    ) {
        return (
            Role::Communities,
            communities,
            why("名称是社区、村", "named as communities"),
        );
    }
    let nothing = vec![None; keys.len()];
    (
        Role::Nothing,
        nothing,
        why(
            "代码和名称都不像镇（街道）或社区（村）",
            "neither codes nor names of townships or communities",
        ),
    )
}

/// The latest year from 1990 to 2100 that a text names, or that of a national census.
///
/// By hand: `2023年常住人口` is 2023, `第七次人口普查` 2020, `facilities_20240131` 2024.
pub(super) fn year_in(text: &str) -> Option<i32> {
    let censuses = [
        ("第七次", 2020),
        ("七普", 2020),
        ("第六次", 2010),
        ("六普", 2010),
        ("第五次", 2000),
        ("五普", 2000),
    ];
    let census = censuses
        .iter()
        .filter(|(name, _)| text.contains(name))
        .map(|(_, year)| *year);
    let runs = text.split(|sign: char| !sign.is_ascii_digit());
    let years = runs.filter_map(|run| match run.len() {
        4 | 6 | 8 => run[..4].parse::<i32>().ok(),
        _ => None,
    });
    years
        .chain(census)
        .filter(|year| (1990..=2100).contains(year))
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_found_in_names_and_titles() {
        let cases = [
            ("武侯区2023年常住人口统计表", Some(2023)),
            ("第七次人口普查分社区", Some(2020)),
            ("POI_20240131.csv", Some(2024)),
            ("510107001", None),
            ("人口", None),
            ("2020年与2023年对比", Some(2023)),
        ];
        for (text, year) in cases {
            assert_eq!(year_in(text), year, "{text}");
        }
    }
}
