//! Coordinate systems as programs write them beside their layers (`.prj`, GeoPackage): well-known text of ESRI and of the OGC, old and
//! new.

use super::Crs;

/// The name by which [`Crs::parse`] knows the system of a text, by its number in the EPSG's register or else by its parameters: datum,
/// meridian, false easting and scale. Where it is none that is read, what the text itself calls it, which is then refused.
///
/// By hand: a transverse Mercator of CGCS2000 with the meridian 105° and a false easting of 500,000 is `EPSG:4544`, with one of
/// 35,500,000 `EPSG:4523`. O(text).
pub(crate) fn name(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim();
    let Some(root) = Parser::whole(text) else {
        return short(text);
    };
    let root = root.horizontal();
    let registered = root.registered().filter(|name| !is_unknown(name));
    let known = registered.or_else(|| root.by_parameters());
    known.unwrap_or_else(|| short(root.title()))
}

fn is_unknown(name: &str) -> bool {
    matches!(Crs::parse(name), Err(super::CrsError::Unknown))
}

/// A name that is none of the register, even where it looks like one; not endless.
fn short(name: &str) -> String {
    let name: String = name.chars().take(80).collect();
    match is_unknown(&name) {
        true => name,
        false => format!("“{name}”"),
    }
}

// --- the text ---

/// A text, a number, or a name in brackets, which nests.
enum Item {
    Text(String),
    Number(f64),
    Node(Node),
}

struct Node {
    /// In capitals.
    word: String,
    items: Vec<Item>,
}

/// Those of systems are some kilobytes long and six deep.
const LONGEST: usize = 64 << 10;
const DEEPEST: usize = 16;

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn whole(text: &str) -> Option<Node> {
        if text.len() > LONGEST {
            return None;
        }
        match (Parser { rest: text }).item(0)? {
            Item::Node(node) => Some(node),
            _ => None,
        }
    }

    fn is_next(&mut self, signs: [char; 2]) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(signs) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn item(&mut self, depth: usize) -> Option<Item> {
        if depth > DEEPEST {
            return None;
        }
        if self.is_next(['"', '"']) {
            let (text, rest) = self.rest.split_once('"')?;
            self.rest = rest;
            return Some(Item::Text(text.to_owned()));
        }
        let end = self
            .rest
            .find([',', '[', '(', ']', ')'])
            .unwrap_or(self.rest.len());
        let word = self.rest[..end].trim();
        self.rest = &self.rest[end..];
        if let Ok(number) = word.parse() {
            return Some(Item::Number(number));
        }
        let mut items = Vec::new();
        if self.is_next(['[', '(']) {
            loop {
                items.push(self.item(depth + 1)?);
                if self.is_next([']', ')']) {
                    break;
                }
                if !self.is_next([',', ',']) {
                    return None;
                }
            }
        }
        let word = word.to_ascii_uppercase();
        Some(Item::Node(Node { word, items }))
    }
}

// --- what it says ---

/// The datums that are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Datum {
    /// CGCS2000 or WGS 84, which are taken as one; by the number of its degrees.
    Global(&'static str),
    Taiwan,
}

impl Node {
    fn nodes(&self) -> impl Iterator<Item = &Self> {
        self.items.iter().filter_map(|item| match item {
            Item::Node(node) => Some(node),
            _ => None,
        })
    }

    fn child(&self, words: &[&str]) -> Option<&Self> {
        self.nodes()
            .find(|node| words.contains(&node.word.as_str()))
    }

    /// The first node with one of these names, at any depth.
    fn within(&self, words: &[&str]) -> Option<&Self> {
        self.child(words)
            .or_else(|| self.nodes().find_map(|node| node.within(words)))
    }

    fn title(&self) -> &str {
        match self.items.first() {
            Some(Item::Text(text)) => text,
            _ => &self.word,
        }
    }

    fn number(&self) -> Option<f64> {
        self.items.iter().find_map(|item| match item {
            Item::Number(number) => Some(*number),
            _ => None,
        })
    }

    /// The system of places on the ground, where there is one of heights as well, or one that it is transformed to.
    fn horizontal(&self) -> &Self {
        const COMPOUND: [&str; 2] = ["COMPD_CS", "COMPOUNDCRS"];
        let systems = [
            "PROJCS",
            "PROJCRS",
            "PROJECTEDCRS",
            "GEOGCS",
            "GEOGCRS",
            "GEOGRAPHICCRS",
            "GEODCRS",
            "GEODETICCRS",
        ];
        let inner = match self.word.as_str() {
            "BOUNDCRS" => self
                .child(&["SOURCECRS"])
                .and_then(|source| source.nodes().next()),
            word if COMPOUND.contains(&word) => self.child(&systems),
            _ => None,
        };
        inner.map_or(self, Self::horizontal)
    }

    /// `EPSG:4544` where that is what it says of itself.
    fn registered(&self) -> Option<String> {
        let authority = self.child(&["AUTHORITY", "ID"])?;
        let code = match authority.items.get(1)? {
            Item::Text(code) => code.clone(),
            Item::Number(code) => code.to_string(),
            Item::Node(_) => return None,
        };
        let epsg = authority.title().eq_ignore_ascii_case("EPSG");
        epsg.then(|| format!("EPSG:{code}"))
    }

    /// By what it is made of.
    fn by_parameters(&self) -> Option<String> {
        let datum = self.datum()?;
        let datum = match datum {
            Ok(datum) => datum,
            Err(refused) => return Some(refused.to_owned()),
        };
        let greenwich = self.within(&["PRIMEM", "PRIMEMERIDIAN"]);
        if greenwich.and_then(Self::number).is_some_and(|at| at != 0.0) {
            return None;
        }
        if self.word.starts_with("GEOG") || self.word.starts_with("GEODCRS") {
            let unit = self.child(&["UNIT", "ANGLEUNIT"]).and_then(Self::number);
            let degrees = unit.is_none_or(|unit| close(unit, 1_f64.to_radians()));
            return match datum {
                Datum::Global(name) if degrees => Some(name.to_owned()),
                _ => None,
            };
        }
        let metres = |unit: &Self| unit.number().is_none_or(|unit| close(unit, 1.0));
        let unit = self.child(&["UNIT", "LENGTHUNIT"]);
        if !unit.is_none_or(metres) {
            return None;
        }
        self.plane(datum)
    }

    /// What the datum is; as an error, the name of one that is refused.
    fn datum(&self) -> Option<Result<Datum, &'static str>> {
        let datum = self.within(&["DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE"])?;
        let name = letters(datum.title());
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        Some(match () {
            () if has(&["china2000", "cgcs2000", "chinageodeticcoordinatesystem2000"]) => {
                Ok(Datum::Global("EPSG:4490"))
            }
            () if has(&["wgs1984", "wgs84", "worldgeodeticsystem1984"]) => {
                Ok(Datum::Global("EPSG:4326"))
            }
            () if has(&["beijing1954", "beijing54"]) => Err("Beijing 1954"),
            () if has(&["xian1980", "xian80"]) => Err("Xian 1980"),
            () if has(&["twd1997", "twd97", "taiwandatum1997"]) => Ok(Datum::Taiwan),
            () => return None,
        })
    }

    /// The number of a plane.
    fn plane(&self, datum: Datum) -> Option<String> {
        let projection = letters(self.within(&["PROJECTION", "METHOD"])?.title());
        if projection == "mercatorauxiliarysphere"
            || projection.contains("pseudomercator")
            || letters(self.title()).contains("pseudomercator")
        {
            return Some("EPSG:3857".to_owned());
        }
        if !["transversemercator", "gausskruger"].contains(&projection.as_str()) {
            return None;
        }
        let of = |names: [&str; 2]| self.parameter(&names);
        let meridian = of(["centralmeridian", "longitudeofnaturalorigin"])?;
        let parallel = of(["latitudeoforigin", "latitudeofnaturalorigin"]).unwrap_or(0.0);
        let scale = of(["scalefactor", "scalefactoratnaturalorigin"]).unwrap_or(1.0);
        let east = self.parameter(&["falseeasting"])?;
        let north = self.parameter(&["falsenorthing"]).unwrap_or(0.0);
        if !close(parallel, 0.0) {
            return None;
        }
        let code = match datum {
            Datum::Taiwan => {
                let own = [
                    (meridian, 121.0),
                    (scale, 0.9999),
                    (east, 250_000.0),
                    (north, 0.0),
                ];
                own.iter()
                    .all(|(is, wanted)| close(*is, *wanted))
                    .then_some(3826)
            }
            Datum::Global(_) if close(scale, 0.9996) && close(east, 500_000.0) => {
                let zone =
                    whole((meridian + 183.0) / 6.0).filter(|zone| (1..=60).contains(zone))?;
                match () {
                    () if close(north, 0.0) => Some(32_600 + zone),
                    () if close(north, 10_000_000.0) => Some(32_700 + zone),
                    () => None,
                }
            }
            Datum::Global(_) if close(scale, 1.0) && close(north, 0.0) => zone(meridian, east),
            Datum::Global(_) => None,
        };
        code.map(|code| format!("EPSG:{code}"))
    }

    /// A parameter of the projection, by its name in letters alone.
    fn parameter(&self, names: &[&str]) -> Option<f64> {
        let own = self.nodes().filter(|node| node.word == "PARAMETER");
        let mut own = own.filter(|node| names.contains(&letters(node.title()).as_str()));
        let of_conversion = || {
            let conversion = self.child(&["CONVERSION"])?;
            conversion.parameter(names)
        };
        own.next().map_or_else(of_conversion, Self::number)
    }
}

/// The number of a zone of CGCS2000, of 3° or 6°, by its meridian and false easting in metres: 500,000 with the number of the zone
/// before it or without.
fn zone(meridian: f64, east: f64) -> Option<u32> {
    let meridian = whole(meridian)?;
    let prefix = whole((east - 500_000.0) / 1e6)?;
    let in_china = (75..=135).contains(&meridian) && meridian % 3 == 0;
    match prefix {
        _ if !in_china => None,
        0 => Some(4534 + (meridian - 75) / 3),
        25..=45 if prefix * 3 == meridian => Some(4513 + prefix - 25),
        13..=23 if prefix * 6 == meridian + 3 => Some(4491 + prefix - 13),
        _ => None,
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

fn whole(number: f64) -> Option<u32> {
    let rounded = number.round();
    (close(number, rounded) && (0.0..1e6).contains(&rounded)).then_some(rounded as u32)
}

/// Letters and digits alone, in small letters.
fn letters(name: &str) -> String {
    let signs = name.chars().filter(|sign| sign.is_alphanumeric());
    signs.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CGCS2000: &str = "GEOGCS[\"GCS_China_Geodetic_Coordinate_System_2000\",DATUM[\"D_China_2000\",\
        SPHEROID[\"CGCS2000\",6378137.0,298.257222101]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]";

    fn gauss(geographic: &str, east: f64, meridian: f64) -> String {
        format!(
            "PROJCS[\"CGCS2000_3_Degree_GK\",{geographic},PROJECTION[\"Gauss_Kruger\"],PARAMETER[\"False_Easting\",{east}],\
             PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",{meridian}],PARAMETER[\"Scale_Factor\",1.0],\
             PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"
        )
    }

    #[test]
    fn systems_of_esri_are_known_by_their_parameters() {
        let wgs = CGCS2000.replace("D_China_2000", "D_WGS_1984");
        let utm = gauss(&wgs, 500_000.0, 105.0)
            .replace("Gauss_Kruger", "Transverse_Mercator")
            .replace("\"Scale_Factor\",1.0", "\"Scale_Factor\",0.9996");
        let beijing = CGCS2000.replace("D_China_2000", "D_Beijing_1954");
        let xian = CGCS2000.replace("D_China_2000", "D_Xian_1980");
        let cases = [
            (CGCS2000.to_owned(), "EPSG:4490"),
            (wgs, "EPSG:4326"),
            (gauss(CGCS2000, 500_000.0, 105.0), "EPSG:4544"),
            (gauss(CGCS2000, 35_500_000.0, 105.0), "EPSG:4523"),
            (gauss(CGCS2000, 18_500_000.0, 105.0), "EPSG:4496"),
            (utm.clone(), "EPSG:32648"),
            (
                utm.replace("\"False_Northing\",0.0", "\"False_Northing\",10000000.0"),
                "EPSG:32748",
            ),
            (gauss(&beijing, 500_000.0, 105.0), "Beijing 1954"),
            (xian, "Xian 1980"),
        ];
        for (text, expected) in cases {
            assert_eq!(name(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_system_that_is_read_keeps_its_own_name() {
        let odd = [
            // A zone that is not of its meridian, a false northing, feet, radians, another datum.
            gauss(CGCS2000, 36_500_000.0, 105.0),
            gauss(CGCS2000, 500_000.0, 105.0).replace("Northing\",0.0", "Northing\",1000.0"),
            gauss(CGCS2000, 500_000.0, 105.0).replace("\"Meter\",1.0", "\"Foot\",0.3048"),
            gauss(CGCS2000, 500_000.0, 105.5),
            gauss(CGCS2000, 500_000.0, 105.0).replace("Gauss_Kruger", "Lambert_Conformal_Conic"),
        ];
        for text in odd {
            assert_eq!(name(&text), "CGCS2000_3_Degree_GK", "{text}");
        }
        assert_eq!(
            name(&CGCS2000.replace("D_China", "D_Mars")),
            "GCS_China_Geodetic_Coordinate_System_2000"
        );
        assert_eq!(name("LOCAL_CS[\"4490\"]"), "“4490”");
        assert_eq!(name(""), "");
        assert_eq!(name("PROJCS[\"x\""), "PROJCS[\"x\"");
        assert_eq!(name(&"A[".repeat(20_000)).len(), 80);
    }

    #[test]
    fn a_number_of_the_register_counts_and_so_do_new_forms() {
        let numbered = |text: &str, code: &str| {
            let text = text.trim_end_matches(']');
            format!("{text},AUTHORITY[\"EPSG\",\"{code}\"]]")
        };
        assert_eq!(name(&numbered("PROJCS[\"x\"]", "4547")), "EPSG:4547");
        assert_eq!(name(&numbered("PROJCS[\"x\"]", "2433")), "EPSG:2433");
        assert_eq!(name(&numbered("PROJCS[\"x\"]", "2154")), "x");
        let new = "PROJCRS[\"CGCS2000 / 3-degree Gauss-Kruger CM 105E\",BASEGEOGCRS[\"China Geodetic Coordinate System 2000\",\
            DATUM[\"China 2000\",ELLIPSOID[\"CGCS2000\",6378137,298.257222101,LENGTHUNIT[\"metre\",1]]],\
            PRIMEM[\"Greenwich\",0,ANGLEUNIT[\"degree\",0.0174532925199433]],ID[\"EPSG\",4490]],\
            CONVERSION[\"x\",METHOD[\"Transverse Mercator\",ID[\"EPSG\",9807]],\
            PARAMETER[\"Latitude of natural origin\",0,ANGLEUNIT[\"degree\",0.0174532925199433],ID[\"EPSG\",8801]],\
            PARAMETER[\"Longitude of natural origin\",105],PARAMETER[\"Scale factor at natural origin\",1],\
            PARAMETER[\"False easting\",500000],PARAMETER[\"False northing\",0]],\
            CS[Cartesian,2],AXIS[\"northing (X)\",north,ORDER[1]],LENGTHUNIT[\"metre\",1]]";
        assert_eq!(name(new), "EPSG:4544");
        let both = format!("COMPD_CS[\"x\",{CGCS2000},VERT_CS[\"y\",VERT_DATUM[\"z\",2005]]]");
        assert_eq!(name(&both), "EPSG:4490");
    }
}
