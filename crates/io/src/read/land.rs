//! Townships and communities: their polygons, how they fit together.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use fuwutu_core::city::{Class, Community, Township};
use fuwutu_core::position::{CommunityAt, TownshipAt};
use fuwutu_core::quantity::Residents;
use fuwutu_core::watch::{Progress, Stopped};
use geo::{
    Area, BooleanOps, BoundingRect, Coord, MapCoords, MultiPolygon, Orient, Rect,
    orient::Direction, unary_union,
};
use rayon::prelude::*;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::codes::{self, CodeList, Uncoded};
use super::crosswalk::Carried;
use super::keyed::{self, MOST_SEARCHED, Match};
use super::sound::repaired;
use super::{ReadError, Reading};
use crate::finding::account::Role;
use crate::finding::{Finding, Findings, Kind};
use crate::frame::Projection;
use crate::keys::{By, Coding, Found, Gazetteer, Level};
use crate::layer::{self, Properties};
use crate::number::{self, Written};
use crate::table::{self, Column};

/// A township as read, in degrees.
pub(super) struct TownshipRow {
    number: u64,
    pub code: String,
    name: String,
    /// Where the layer gives them.
    residents: Option<f64>,
    /// Of each feature that has the code.
    polygons: Vec<MultiPolygon>,
}

/// A community as read, in degrees.
pub(super) struct CommunityRow {
    number: u64,
    code: String,
    name: String,
    township: TownshipAt,
    /// Where it is said.
    class: Option<Class>,
    residents: Option<f64>,
    /// Square kilometres of residential land, as written.
    residential: String,
    /// Of each feature that has the code.
    polygons: Vec<MultiPolygon>,
}

/// Townships and communities in the city's plane.
pub(super) struct Land {
    pub file: String,
    pub townships: Vec<Township>,
    /// What the layer says of each township's residents.
    pub stated_of_townships: Vec<Option<f64>>,
    pub township_polygons: Vec<MultiPolygon>,
    pub communities: Vec<Community>,
    /// What the layer says of each community's residents.
    pub stated: Vec<Option<f64>>,
    /// The communities of which it does not say whether they are urban, with the numbers of their features.
    unclassed: Vec<(CommunityAt, u64)>,
}

/// No community or county has more.
pub(super) const MOST_RESIDENTS: f64 = 1e8;

const TOWNSHIP_COLUMNS: [Column; 4] = [
    Column::required("code", &["代码", "镇街代码", "街道代码", "乡镇代码"]).or(&["name"]),
    Column::optional("name", &["名称", "镇街名称", "街道名称", "乡镇名称"]),
    Column::hint("county", &["区县", "区县代码", "区县名称", "所属区县"]),
    Column::optional("residents", &["常住人口"]),
];
const COMMUNITY_COLUMNS: [Column; 8] = [
    Column::required("code", &["代码", "社区代码"]).or(&["name"]),
    Column::optional("name", &["名称", "社区名称"]),
    Column::required("township", &["镇街", "镇街代码", "街道代码"]).or(&["township_name"]),
    Column::optional("class", &["城乡分类", "城乡分类代码"]),
    Column::optional("residents", &["常住人口"]),
    Column::optional("residential_km2", &["居住用地", "居住用地面积"]),
    Column::hint(
        "township_name",
        &[
            "镇街名称",
            "街道",
            "街道名称",
            "乡镇",
            "乡镇名称",
            "所属街道",
            "所属镇街",
        ],
    ),
    Column::hint("county", &["区县", "区县代码", "区县名称", "所属区县"]),
];
const CODE: usize = 0;
const NAME: usize = 1;
const TOWNSHIP: usize = 2;
const CLASS: usize = 3;
const RESIDENTS: usize = 4;
const RESIDENTIAL: usize = 5;
const TOWNSHIP_NAME: usize = 6;
const COUNTY: usize = 7;
const TOWNSHIP_COUNTY: usize = 2;
const TOWNSHIP_RESIDENTS: usize = 3;

pub(super) fn townships(
    reading: &mut Reading,
    list: &CodeList,
) -> Result<Vec<TownshipRow>, ReadError> {
    let source = reading.plan.inputs.townships.clone();
    let declared = reading.declared(source.crs.as_deref(), &source.path)?;
    let (file, raw) = reading.layer(source.named(), &TOWNSHIP_COLUMNS)?;
    let findings = &mut reading.findings;
    findings.begin(Role::Townships, &file);
    let features = layer::features(&file, raw, &declared, findings)?;
    let columns = &source.columns;
    let properties = Properties::open(&file, &features, &TOWNSHIP_COLUMNS, columns, findings)?;
    let names = features.iter().map(|feature| {
        let get = |column| properties.text(feature, column);
        (feature.number, get(CODE), get(NAME), get(TOWNSHIP_COUNTY))
    });
    let names: Vec<_> = names.collect();
    let made = made_codes(reading, Level::Township, (&file, list), &names);
    let mut rows = Vec::new();
    for (feature, (_, code, name, _)) in features.into_iter().zip(&names) {
        let code = match made.get(&feature.number) {
            Some(made) => made.clone(),
            None => sound_code(&mut reading.findings, &file, feature.number, code, 9),
        };
        let told = properties.text(&feature, TOWNSHIP_RESIDENTS);
        let about = |kind| {
            Finding::new(kind, &file)
                .row(feature.number)
                .column("residents")
        };
        let (residents, noticed) = match residents(&told) {
            Ok((residents, noticed)) => (residents, noticed.map(|kind| about(kind).value(&told))),
            Err((kind, value)) => (None, Some(about(kind).value(value))),
        };
        reading.findings.extend(noticed);
        if let Some(code) = code {
            rows.push(TownshipRow {
                number: feature.number,
                code,
                name: name.clone(),
                residents,
                polygons: vec![feature.polygon],
            });
        }
    }
    reading.findings.use_rows(rows.len());
    Ok(joined(rows, &file, &mut reading.findings))
}

/// Codes for the features of a layer that have a name and none, where the plan has a list of codes or no feature has one; by the numbers
/// of the features. Of each feature `names` has its number, code, name and parent.
fn made_codes(
    reading: &mut Reading,
    level: Level,
    (file, list): (&str, &CodeList),
    names: &[(u64, String, String, String)],
) -> HashMap<u64, Option<String>> {
    let uncoded = names.iter().filter(|(_, code, _, _)| code.is_empty());
    let uncoded: Vec<Uncoded> = uncoded
        .map(|(number, _, name, parent)| Uncoded {
            number: *number,
            name,
            parent,
        })
        .collect();
    let none = uncoded.len() == names.len() && uncoded.iter().any(|each| !each.name.is_empty());
    if uncoded.is_empty() || !none && list.is_empty() {
        return HashMap::new();
    }
    let codes = codes::for_names(reading, level, file, list, &uncoded);
    let numbers = uncoded.iter().map(|each| each.number);
    numbers.zip(codes).collect()
}

pub(super) fn communities(
    reading: &mut Reading,
    townships: &[TownshipRow],
    list: &CodeList,
) -> Result<Vec<CommunityRow>, ReadError> {
    let source = reading.plan.inputs.communities.clone();
    let declared = reading.declared(source.crs.as_deref(), &source.path)?;
    let (file, raw) = reading.layer(source.named(), &COMMUNITY_COLUMNS)?;
    let findings = &mut reading.findings;
    findings.begin(Role::Communities, &file);
    let features = layer::features(&file, raw, &declared, findings)?;
    let columns = &source.columns;
    let properties = Properties::open(&file, &features, &COMMUNITY_COLUMNS, columns, findings)?;
    let parents = Parents::new(&file, townships, &list.counties);
    let mut rows = Vec::new();
    let all = features.len();
    for feature in features {
        let get = |column| properties.text(&feature, column);
        let (written, name) = (get(CODE), get(NAME));
        let code = if written.is_empty() && !name.is_empty() {
            String::new()
        } else {
            let number = feature.number;
            let code = sound_code(&mut reading.findings, &file, number, &written, 12);
            let Some(code) = code else {
                continue;
            };
            code
        };
        let label = if code.is_empty() { &name } else { &code };
        let about = |kind, column: &str| {
            Finding::new(kind, &file)
                .row(feature.number)
                .id(label.clone())
                .column(column)
        };
        let told = [get(TOWNSHIP), get(TOWNSHIP_NAME), get(COUNTY)];
        let Some(township) = parents.township(reading, &code, &told, &about) else {
            continue;
        };
        let class_text = get(CLASS);
        let class = class_of(&class_text);
        if class.is_none() && !class_text.is_empty() {
            let finding = about(Kind::ClassUnknown, "class").value(class_text);
            reading.findings.push(finding);
        }
        let told = get(RESIDENTS);
        let residents = match residents(&told) {
            Ok((residents, noticed)) => {
                let noticed = noticed.map(|kind| about(kind, "residents").value(&told));
                reading.findings.extend(noticed);
                residents
            }
            Err((kind, value)) => {
                let finding = about(kind, "residents").value(value);
                reading.findings.refuse(finding);
                continue;
            }
        };
        rows.push(CommunityRow {
            number: feature.number,
            name,
            code,
            township,
            class,
            residents,
            residential: get(RESIDENTIAL),
            polygons: vec![feature.polygon],
        });
    }
    parents.finish(reading);
    coded(reading, &mut rows, all, townships, (&file, list));
    classed(reading, &mut rows, &file, list);
    reading.findings.use_rows(rows.len());
    Ok(joined(rows, &file, &mut reading.findings))
}

/// Gives codes to the communities that have a name alone; those that get none go, with an error among the findings. The layer has `all`
/// features.
fn coded(
    reading: &mut Reading,
    rows: &mut Vec<CommunityRow>,
    all: usize,
    townships: &[TownshipRow],
    (file, list): (&str, &CodeList),
) {
    let names = rows.iter().map(|row| {
        let parent = townships[row.township.index()].code.clone();
        (row.number, row.code.clone(), row.name.clone(), parent)
    });
    let names: Vec<_> = names.collect();
    let missing = names.iter().filter(|(_, code, ..)| code.is_empty()).count();
    if missing == 0 {
        return;
    }
    // Where others have codes, one without is a slip.
    let slips = list.is_empty() && missing < all;
    let made = match slips {
        true => HashMap::new(),
        false => made_codes(reading, Level::Community, (file, list), &names),
    };
    rows.retain_mut(|row| {
        if !row.code.is_empty() {
            return true;
        }
        match made.get(&row.number) {
            Some(Some(code)) => row.code.clone_from(code),
            Some(None) => {}
            None => {
                let finding = Finding::new(Kind::IdMissing, file).row(row.number);
                reading.findings.refuse(finding.column("code").value(""));
            }
        }
        !row.code.is_empty()
    });
}

/// Takes the classes that the layer does not say from the list of codes.
fn classed(reading: &mut Reading, rows: &mut [CommunityRow], file: &str, list: &CodeList) {
    let mut taken = 0;
    for row in rows.iter_mut().filter(|row| row.class.is_none()) {
        row.class = list.class(&row.code);
        taken += u64::from(row.class.is_some());
    }
    if taken > 0 {
        let finding = Finding::new(Kind::ClassListed, file).column("class");
        reading.findings.push(finding.value(taken.to_string()));
    }
}

/// A name in a column.
type InColumn = (&'static str, String);

/// The townships by code and name, as communities refer to them.
struct Parents<'a> {
    file: &'a str,
    at: HashMap<&'a str, TownshipAt>,
    gazetteer: Gazetteer,
    /// By what is written: what it was taken for, and how often.
    matched: RefCell<BTreeMap<String, (TownshipAt, By, u64)>>,
    /// Names that lead to none: how many features have them, and the first.
    unknown: RefCell<BTreeMap<InColumn, (u64, u64)>>,
}

impl<'a> Parents<'a> {
    fn new(file: &'a str, townships: &'a [TownshipRow], counties: &[(String, String)]) -> Self {
        let codings = townships.iter().map(|each| Coding {
            code: each.code.clone(),
            name: each.name.clone(),
            township: 0,
        });
        Self {
            file,
            at: TownshipAt::enumerate(townships)
                .map(|(at, each)| (each.code.as_str(), at))
                .collect(),
            gazetteer: Gazetteer::new(codings.collect(), Vec::new(), counties),
            matched: RefCell::default(),
            unknown: RefCell::default(),
        }
    }

    /// The township of a community, of which code, name and county are `told`; of several that have the name the one whose digits the
    /// community's `own` code begins with.
    fn township(
        &self,
        reading: &mut Reading,
        own: &str,
        [code, name, county]: &[String; 3],
        about: &dyn Fn(Kind, &str) -> Finding,
    ) -> Option<TownshipAt> {
        let code_there = township_code(table::code(code));
        let digits = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit());
        let named = if code_there.is_empty() { name } else { code };
        let column = if code_there.is_empty() && !name.is_empty() {
            "township_name"
        } else {
            "township"
        };
        let known = self.at.contains_key(code_there);
        if !known && !named.is_empty() && !digits(code_there)
            || !known && code_there.is_empty() && !name.is_empty()
        {
            let found = match self.gazetteer.township(named, county) {
                Found::Several(some) => {
                    let codes = some
                        .iter()
                        .map(|&at| &*self.gazetteer.townships[at as usize].code);
                    match codes.clone().position(|code| own.starts_with(code)) {
                        Some(position) => Found::One(some[position], By::InTownship),
                        None => {
                            let codes: Vec<&str> = codes.collect();
                            let finding = about(Kind::NameTwice, column);
                            let value = format!("{named}: {}", codes.join(" / "));
                            reading.findings.refuse(finding.value(value));
                            return None;
                        }
                    }
                }
                found => found,
            };
            if let Found::One(at, by) = found {
                let at = TownshipAt::new(at as usize);
                let mut matched = self.matched.borrow_mut();
                let written = match county.as_str() {
                    "" => format!("{column}\n{named}"),
                    county => format!("{column}\n{county} / {named}"),
                };
                matched.entry(written).or_insert((at, by, 0)).2 += 1;
                return Some(at);
            }
            if !named.is_ascii() {
                let number = about(Kind::NameUnknown, column).row.unwrap_or(0);
                let mut unknown = self.unknown.borrow_mut();
                let key = (column, named.clone());
                unknown.entry(key).or_insert((0, number)).0 += 1;
                reading.findings.leave_out(Kind::NameUnknown, 1);
                return None;
            }
        }
        township_of(reading, code_there, &self.at, &|kind| {
            about(kind, "township")
        })
    }

    /// Reports what was found by names, and which names lead to none.
    fn finish(self, reading: &mut Reading) {
        let unknown = self.unknown.into_inner().into_iter().enumerate();
        for (at, ((column, name), (features, first))) in unknown {
            let near = (at < MOST_SEARCHED).then(|| self.gazetteer.near_township(&name));
            let value = match near.flatten() {
                Some(near) => format!("{features} ≈ {} {}", near.code, near.name),
                None => features.to_string(),
            };
            let finding = Finding::new(Kind::NameUnknown, self.file).row(first);
            reading
                .findings
                .push(finding.column(column).id(name).value(value));
        }
        let matched = self.matched.into_inner().into_iter();
        let matches: Vec<Match> = matched
            .map(|(written, (at, by, rows))| {
                let (column, written) = written.split_once('\n').unwrap_or(("", &written));
                let place = &self.gazetteer.townships[at.index()];
                Match {
                    file: self.file.to_owned(),
                    column: column.to_owned(),
                    written: written.to_owned(),
                    code: place.code.clone(),
                    name: place.name.clone(),
                    by,
                    rows,
                }
            })
            .collect();
        keyed::tell(self.file, &matches, &mut reading.findings);
        reading.matches.extend(matches);
    }
}

/// A row of a layer, which may be a part of an area.
trait Part {
    fn number(&self) -> u64;
    fn code(&self) -> &str;
    fn land(&self) -> &[MultiPolygon];
    fn polygons(&mut self) -> &mut Vec<MultiPolygon>;
    /// Why two rows of one code are no parts of one area.
    fn apart(&self, other: &Self) -> Option<Kind>;
}

impl Part for TownshipRow {
    fn number(&self) -> u64 {
        self.number
    }

    fn code(&self) -> &str {
        &self.code
    }

    fn land(&self) -> &[MultiPolygon] {
        &self.polygons
    }

    fn polygons(&mut self) -> &mut Vec<MultiPolygon> {
        &mut self.polygons
    }

    fn apart(&self, other: &Self) -> Option<Kind> {
        (self.name != other.name).then_some(Kind::IdTwice)
    }
}

impl Part for CommunityRow {
    fn number(&self) -> u64 {
        self.number
    }

    fn code(&self) -> &str {
        &self.code
    }

    fn land(&self) -> &[MultiPolygon] {
        &self.polygons
    }

    fn polygons(&mut self) -> &mut Vec<MultiPolygon> {
        &mut self.polygons
    }

    fn apart(&self, other: &Self) -> Option<Kind> {
        if (&self.name, self.township) != (&other.name, other.township) {
            Some(Kind::IdTwice)
        } else if (self.class, self.residents, &self.residential)
            != (other.class, other.residents, &other.residential)
        {
            Some(Kind::PartsDiffer)
        } else {
            None
        }
    }
}

/// Rows of one code as one, where all they say is the same: software writes an area of several parts as several features. They stand
/// where the first of them stood.
fn joined<T: Part>(rows: Vec<T>, file: &str, findings: &mut Findings) -> Vec<T> {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut joined: Vec<T> = Vec::with_capacity(rows.len());
    let mut members: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for mut row in rows {
        let Some(&at) = first.get(row.code()) else {
            first.insert(row.code().to_owned(), joined.len());
            joined.push(row);
            continue;
        };
        let known = &mut joined[at];
        let about = |kind| Finding::new(kind, file).row(row.number()).column("code");
        if let Some(kind) = known.apart(&row) {
            let value = format!("{}, {}", known.number(), row.number());
            findings.push(about(kind).id(row.code()).value(value));
            continue;
        }
        let more = std::mem::take(row.polygons());
        known.polygons().extend(more);
        let number = known.number();
        members
            .entry(at)
            .or_insert_with(|| vec![number])
            .push(row.number());
    }
    for (at, numbers) in members {
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let first = &joined[at];
        let finding = Finding::new(Kind::FeaturesJoined, file).row(first.number());
        findings.push(finding.id(first.code()).value(numbers.join(", ")));
    }
    joined
}

/// The nine digits of a township's code, also where it stands as the statistics office lists it: with the three noughts of the level
/// below.
pub(crate) fn township_code(code: &str) -> &str {
    let nine = code.strip_suffix("000");
    nine.filter(|nine| nine.len() == 9 && nine.bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap_or(code)
}

/// The township with a code; where that is an old one that all went over from to another, that one.
fn township_of(
    reading: &mut Reading,
    code: &str,
    townships: &HashMap<&str, TownshipAt>,
    about: &dyn Fn(Kind) -> Finding,
) -> Option<TownshipAt> {
    if let Some(&known) = townships.get(code) {
        return Some(known);
    }
    let carried = reading.walk.carried(code, reading.plan.round.base_year);
    let (kind, value, known) = match carried {
        Carried::To(new) => match townships.get(new.as_str()) {
            Some(&known) => (Kind::CodeCarried, format!("{code} → {new}"), Some(known)),
            None => (Kind::ParentUnknown, new, None),
        },
        Carried::Parted => (Kind::CodeParted, code.to_owned(), None),
        Carried::Unknown if code.is_empty() => (Kind::IdMissing, String::new(), None),
        Carried::Unknown if table::is_scientific(code) => {
            (Kind::CodeDestroyed, code.to_owned(), None)
        }
        Carried::Unknown => (Kind::ParentUnknown, code.to_owned(), None),
    };
    let finding = about(kind).value(value);
    match known {
        Some(_) => reading.findings.push(finding),
        None => reading.findings.refuse(finding),
    }
    known
}

/// A code as it was before a spreadsheet wrote it, if there is one; its form is only told.
fn sound_code(
    findings: &mut Findings,
    file: &str,
    number: u64,
    text: &str,
    digits: usize,
) -> Option<String> {
    let about = |kind| Finding::new(kind, file).row(number).column("code");
    let code = match digits {
        9 => township_code(table::code(text)),
        _ => table::code(text),
    };
    if code.is_empty() {
        findings.refuse(about(Kind::IdMissing));
        return None;
    }
    if table::is_scientific(code) {
        findings.refuse(about(Kind::CodeDestroyed).value(code));
        return None;
    }
    if code.len() != digits || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        findings.push(about(Kind::CodeForm).id(code));
    }
    Some(code.to_owned())
}

/// `None` where nothing is said, or nothing that is known.
pub(super) fn class_of(text: &str) -> Option<Class> {
    match text {
        "urban" | "城镇" | "城" | "111" | "112" | "121" | "122" | "123" => Some(Class::Urban),
        "rural" | "乡村" | "农村" | "乡" | "210" | "220" => Some(Class::Rural),
        _ => None,
    }
}

/// The residents that a property says, if any, and what is noticed about how it says them.
fn residents(text: &str) -> Result<(Option<f64>, Option<Kind>), (Kind, String)> {
    if text.is_empty() {
        return Ok((None, None));
    }
    let (value, noticed) = match number::written(text) {
        None => return Err((Kind::NumberBroken, text.to_owned())),
        Some(Written::Unknown) => return Ok((None, Some(Kind::NumberUnknown))),
        Some(Written::Plain(value)) => (value, None),
        Some(Written::Wide(value)) => (value, Some(Kind::DigitsWide)),
        Some(Written::Worded(value)) => (value, Some(Kind::NumberWorded)),
    };
    match value {
        value if value < 0.0 => Err((Kind::NumberNegative, text.to_owned())),
        value if value > MOST_RESIDENTS => Err((Kind::NumberHuge, text.to_owned())),
        value => Ok((Some(value), noticed)),
    }
}

/// China with some margin; only used to see whether a layer would fit better the other way round.
const CHINA: (Coord, Coord) = (Coord { x: 72.0, y: 3.0 }, Coord { x: 136.0, y: 54.0 });

/// Degrees that a city spans at most, either way.
const WIDEST: f64 = 10.0;

/// The corners (degrees) between which all communities lie. Townships must lie there too, for one plane is not good for
/// the whole globe.
pub(super) fn corners(
    reading: &Reading,
    townships: &[TownshipRow],
    communities: &[CommunityRow],
) -> Result<(Coord, Coord), ReadError> {
    let inputs = &reading.plan.inputs;
    let township_file = inputs.townships.path.display().to_string();
    let (west, east) = layer_corners(&township_file, townships)?;
    let file = inputs.communities.path.display().to_string();
    let (low, high) = layer_corners(&file, communities)?;
    let apart = (west.x - high.x)
        .max(low.x - east.x)
        .max(west.y - high.y)
        .max(low.y - east.y);
    if apart > WIDEST {
        let value = format!("{}, {} … {}, {}", west.x, west.y, low.x, low.y);
        return Err(Finding::new(Kind::Elsewhere, &township_file)
            .value(value)
            .into());
    }
    Ok((low, high))
}

/// The corners of a layer that lies where a city can lie.
fn layer_corners<T: Part>(file: &str, rows: &[T]) -> Result<(Coord, Coord), Finding> {
    let polygons = rows.iter().flat_map(Part::land);
    let mut boxes = polygons.filter_map(|each| each.bounding_rect());
    let first = boxes
        .next()
        .ok_or_else(|| Finding::new(Kind::NoFeatures, file))?;
    let (low, high) = boxes.fold((first.min(), first.max()), |(low, high), each| {
        let (min, max) = (each.min(), each.max());
        (
            Coord {
                x: low.x.min(min.x),
                y: low.y.min(min.y),
            },
            Coord {
                x: high.x.max(max.x),
                y: high.y.max(max.y),
            },
        )
    });
    let value = format!("{}…{}, {}…{}", low.x, high.x, low.y, high.y);
    let inside = |low: Coord, high: Coord| {
        CHINA.0.x <= low.x && high.x <= CHINA.1.x && CHINA.0.y <= low.y && high.y <= CHINA.1.y
    };
    let turned = |at: Coord| Coord { x: at.y, y: at.x };
    if !inside(low, high) && inside(turned(low), turned(high)) {
        return Err(Finding::new(Kind::Swapped, file).value(value));
    }
    if high.x - low.x > WIDEST || high.y - low.y > WIDEST {
        let finding = Finding::new(Kind::TooWide, file).value(value);
        return Err(match farthest(rows) {
            Some(row) => finding.row(row.number()).id(row.code()),
            None => finding,
        });
    }
    Ok((low, high))
}

/// The feature that reaches farthest from the middle one of all, by its corners and in degrees: the one to look at where a layer
/// is too wide.
fn farthest<T: Part>(rows: &[T]) -> Option<&T> {
    let boxes: Vec<(Rect, &T)> = (rows.iter())
        .flat_map(|row| row.land().iter().map(move |each| (each, row)))
        .filter_map(|(each, row)| Some((each.bounding_rect()?, row)))
        .collect();
    let middle = |axis: fn(Coord) -> f64| {
        let mut centres: Vec<f64> = boxes.iter().map(|(each, _)| axis(each.center())).collect();
        centres.sort_by(f64::total_cmp);
        centres.get(centres.len() / 2).copied()
    };
    let (x, y) = (middle(|at| at.x)?, middle(|at| at.y)?);
    let reach = |each: &Rect| {
        let sides = [
            each.min().x - x,
            each.max().x - x,
            each.min().y - y,
            each.max().y - y,
        ];
        sides.into_iter().map(f64::abs).fold(0.0, f64::max)
    };
    let mut boxes = boxes.iter();
    let first = boxes.next()?;
    let far = boxes.fold(first, |far, each| {
        if reach(&each.0) > reach(&far.0) {
            each
        } else {
            far
        }
    });
    Some(far.1)
}

/// Puts all polygons into the plane; repairs those that cross themselves.
pub(super) fn in_plane(
    reading: &mut Reading,
    townships: Vec<TownshipRow>,
    communities: Vec<CommunityRow>,
    projection: &Projection,
) -> Land {
    let township_file = reading.plan.inputs.townships.path.display().to_string();
    let file = reading.plan.inputs.communities.path.display().to_string();
    let mut land = Land {
        file: file.clone(),
        townships: Vec::new(),
        stated_of_townships: Vec::new(),
        township_polygons: Vec::new(),
        communities: Vec::new(),
        stated: Vec::new(),
        unclassed: Vec::new(),
    };
    for row in townships {
        let about = |kind| {
            Finding::new(kind, &township_file)
                .row(row.number)
                .id(row.code.clone())
        };
        let polygon = whole(reading, &row.polygons, projection, &about);
        land.township_polygons.push(polygon);
        land.stated_of_townships.push(row.residents);
        land.townships.push(Township {
            code: row.code,
            name: row.name,
            neighbour: false,
        });
    }
    for row in communities {
        let about = |kind| {
            Finding::new(kind, &file)
                .row(row.number)
                .id(row.code.clone())
        };
        let polygon = whole(reading, &row.polygons, projection, &about);
        let residential_m2 = match residential(&row.residential, &polygon) {
            Ok(land) => land,
            Err(value) => {
                let finding = about(Kind::ResidentialLand).column("residential_km2");
                reading.findings.push(finding.value(value));
                None
            }
        };
        land.stated.push(row.residents);
        if row.class.is_none() {
            let at = CommunityAt::new(land.communities.len());
            land.unclassed.push((at, row.number));
        }
        land.communities.push(Community {
            code: row.code,
            name: row.name,
            township: row.township,
            class: row.class.unwrap_or(Class::Urban),
            polygon,
            residential_m2,
        });
    }
    land
}

/// Residential land in m², of a text in km²; none where the text is empty. Not more than the land there is, but for a hundredth
/// that borders are off.
fn residential(text: &str, polygon: &MultiPolygon) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let most = polygon.unsigned_area() * 1.01;
    let land = number::plain(&number::narrow(text));
    let land = land.map(|km2| km2 * 1e6);
    match land.filter(|land| (0.0..=most).contains(land)) {
        Some(land) => Ok(Some(land)),
        None => Err(text.to_owned()),
    }
}

/// The polygons of an area in the plane, as one.
fn whole(
    reading: &mut Reading,
    polygons: &[MultiPolygon],
    projection: &Projection,
    about: &dyn Fn(Kind) -> Finding,
) -> MultiPolygon {
    let mut sound = |polygon: &MultiPolygon| {
        let polygon = polygon.map_coords(|at| projection.to_plane(at));
        sound(reading, &polygon, projection, about)
    };
    match polygons {
        [only] => sound(only),
        several => {
            let parts: Vec<MultiPolygon> = several.iter().map(sound).collect();
            unary_union(&parts).orient(Direction::Default)
        }
    }
}

/// The polygon without crossings of its own border, its outer rings counter-clockwise: unions rely on that.
fn sound(
    reading: &mut Reading,
    polygon: &MultiPolygon,
    projection: &Projection,
    about: &dyn Fn(Kind) -> Finding,
) -> MultiPolygon {
    let polygon = polygon.orient(Direction::Default);
    let Some((repaired, at)) = repaired(&polygon) else {
        return polygon;
    };
    let at = at.map_or(String::new(), |at| {
        let at = projection.to_degrees(at);
        format!("{}, {}", at.x, at.y)
    });
    let kind = if repaired.unsigned_area() > 0.0 {
        Kind::SelfCrossing
    } else {
        Kind::AreaZero
    };
    // What the repair changed of it: opposite loops of a crossing border cancel out.
    let whole = repaired.unsigned_area();
    let changed = (whole - polygon.unsigned_area()).abs();
    let finding = about(kind).value(at);
    let square_metres = |area: f64| area.round() as u64;
    let finding = finding.concerns(square_metres(changed), square_metres(whole));
    reading.findings.push(finding);
    repaired
}

/// Residents a square kilometre from which on a place is urban: the limit of urban clusters in the degree of urbanisation (UN
/// Statistical Commission 2020; there of cells of 1 km²). The rules of China's statistics go by what is built, which no layer says.
const URBAN_DENSITY: f64 = 300.0;

/// In fewer communities than this nothing tells town from country.
const LEAST_COMMUNITIES: usize = 10;

/// Where a smaller share of the residents would be rural, sparse communities are a city's parks, ports and works, and no villages.
const LEAST_RURAL: f64 = 0.01;

/// Gives a class to communities of which the layer says none, by their density, and tells it. Whether any of them became rural.
pub(super) fn classes_by_density(
    reading: &mut Reading,
    land: &mut Land,
    residents: &[Residents],
) -> bool {
    let many = land.communities.len();
    let density = |at: CommunityAt| {
        let area = land.communities[at.index()].polygon.unsigned_area() / 1e6;
        residents[at.index()].persons() / area
    };
    let densities: Vec<f64> = land.unclassed.iter().map(|&(at, _)| density(at)).collect();
    let sparse = || {
        let all = land.unclassed.iter().zip(&densities);
        all.filter(|(_, density)| **density < URBAN_DENSITY)
            .map(|((at, _), _)| at.index())
    };
    let of_sparse: Residents = sparse().map(|at| residents[at]).sum();
    let of_all: Residents = residents.iter().copied().sum();
    let country = of_sparse.persons() >= LEAST_RURAL * of_all.persons();
    let rural: Vec<usize> = match many >= LEAST_COMMUNITIES && country {
        true => sparse().collect(),
        false => Vec::new(),
    };
    for &at in &rural {
        land.communities[at].class = Class::Rural;
    }
    let about = || Finding::new(Kind::ClassAbsent, &land.file).column("class");
    let findings = &mut reading.findings;
    if land.unclassed.len() == many && many > 0 {
        findings.push(about().value(format!("rural: {} / {many}", rural.len())));
        return !rural.is_empty();
    }
    for (&(at, number), density) in land.unclassed.iter().zip(&densities) {
        let community = &land.communities[at.index()];
        let class = match community.class {
            Class::Urban => "urban",
            Class::Rural => "rural",
        };
        let finding = about().row(number).id(community.code.clone());
        findings.push(finding.value(format!("{density:.0} / km²: {class}")));
    }
    !rural.is_empty()
}

/// Square metres below which an overlap, a gap or an overhang is not worth a word.
const WORTH: f64 = 10.0;

/// How communities fit together and into their townships.
pub(super) fn check(reading: &mut Reading, land: &Land) -> Result<(), Stopped> {
    let mut members: BTreeMap<TownshipAt, Vec<&MultiPolygon>> = BTreeMap::new();
    for community in &land.communities {
        members
            .entry(community.township)
            .or_default()
            .push(&community.polygon);
    }
    let township_file = reading.plan.inputs.townships.path.display().to_string();
    let watch = reading.watch;
    let fits: Vec<Vec<Finding>> = (0..land.townships.len())
        .into_par_iter()
        .map(|at| {
            watch(Progress::Working)?;
            let about =
                |kind| Finding::new(kind, &township_file).id(land.townships[at].code.clone());
            Ok(match members.get(&TownshipAt::new(at)) {
                None => vec![about(Kind::NoCommunities)],
                Some(members) => fit(&land.township_polygons[at], members, &about),
            })
        })
        .collect::<Result<_, Stopped>>()?;
    let found = fits.into_iter().flatten().chain(overlaps(land));
    found.for_each(|finding| reading.findings.push(finding));
    watch(Progress::Working)
}

/// Gap and overhang of a township's communities.
fn fit(
    township: &MultiPolygon,
    members: &[&MultiPolygon],
    about: &dyn Fn(Kind) -> Finding,
) -> Vec<Finding> {
    let together = unary_union(members.iter().copied());
    let shared = township.intersection(&together).unsigned_area();
    let area = township.unsigned_area();
    let tell = |kind, size: f64, what: &str| {
        let kind = if size > area * 0.01 {
            kind
        } else {
            Kind::Sliver
        };
        (size > WORTH).then(|| about(kind).column(what).value(format!("{size:.0} m²")))
    };
    [
        tell(Kind::Gap, area - shared, "gap"),
        tell(Kind::Outside, together.unsigned_area() - shared, "outside"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Pairs of communities that overlap.
fn overlaps(land: &Land) -> Vec<Finding> {
    let boxes = land
        .communities
        .iter()
        .zip(0_usize..)
        .filter_map(|(community, at)| {
            let bounds = community.polygon.bounding_rect()?;
            Some(GeomWithData::new(
                Rectangle::from_corners(bounds.min().into(), bounds.max().into()),
                at,
            ))
        });
    let tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>> = RTree::bulk_load(boxes.collect());
    let of = |at: usize| -> Vec<Finding> {
        let a = &land.communities[at];
        let Some(bounds) = a.polygon.bounding_rect() else {
            return Vec::new();
        };
        let around = AABB::from_corners(bounds.min().into(), bounds.max().into());
        let mut others: Vec<usize> = tree
            .locate_in_envelope_intersecting(&around)
            .map(|hit| hit.data)
            .collect();
        others.retain(|&other| other > at);
        others.sort_unstable();
        let overlap = |other: usize| {
            let b = &land.communities[other];
            let size = a.polygon.intersection(&b.polygon).unsigned_area();
            let smaller = a.polygon.unsigned_area().min(b.polygon.unsigned_area());
            let kind = if size > smaller * 0.01 {
                Kind::Overlap
            } else {
                Kind::Sliver
            };
            let ids = format!("{}, {}", a.code, b.code);
            (size > WORTH).then(|| {
                Finding::new(kind, &land.file)
                    .id(ids)
                    .column("overlap")
                    .value(format!("{size:.0} m²"))
            })
        };
        others.into_iter().filter_map(overlap).collect()
    };
    (0..land.communities.len())
        .into_par_iter()
        .flat_map_iter(of)
        .collect()
}
