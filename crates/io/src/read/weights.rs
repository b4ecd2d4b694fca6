//! Where in their communities people live of whom only these are known: by a grid of people, or by buildings.
//!
//! A grid is a GeoTIFF ([`crate::raster`]). Buildings are rows of a table or points of a layer with their floor area or dwellings, or areas
//! of a layer, whose floor area is footprint × storeys where it is not given. What is not lived in weighs nothing. One measure holds
//! for a whole file: dwellings where most buildings that are lived in have them, else floor area; a building without it takes the median
//! of the others, since what is not known is not nothing.

use std::collections::BTreeMap;
use std::io::Read;

use fuwutu_core::city::Community;
use fuwutu_core::position::CommunityAt;
use fuwutu_core::spread::{Home, Spread, Weighing};
use geo::{Area, BoundingRect, Centroid, Coord, MapCoords, MultiPolygon};

use super::roads::{Opened, hashed};
use super::spread::Totals;
use super::{Declared, ReadError, Reading, degrees, name};
use crate::crs::Crs;
use crate::finding::account::Role;
use crate::finding::{Finding, Findings, Kind, Level};
use crate::form::{self, Form};
use crate::frame::Projection;
use crate::layer::{self, Feature, Properties};
use crate::number::{self, Written};
use crate::plan::Source;
use crate::raster;
use crate::table::{Column, Row, Table};
use crate::vector::{RawLayer, Shape};

const COLUMNS: [Column; 7] = [
    Column::optional("floor_m2", &["建筑面积", "总建筑面积"]),
    Column::optional("footprint_m2", &["占地面积", "基底面积"]),
    Column::optional("floors", &["层数", "楼层数", "地上层数", "building:levels"]),
    Column::optional("dwellings", &["户数", "住宅套数", "套数"]),
    Column::optional("use", &["用途", "房屋用途", "建筑用途", "building"]),
    Column::required("lon", &["经度", "longitude", "x"]),
    Column::required("lat", &["纬度", "latitude", "y"]),
];
const FLOOR: usize = 0;
const FOOTPRINT: usize = 1;
const FLOORS: usize = 2;
const DWELLINGS: usize = 3;
const USE: usize = 4;
const LON: usize = 5;
const LAT: usize = 6;
/// Those of a layer, which has places of its own.
const OF_LAYER: usize = 5;

/// No building has more square metres, storeys or dwellings.
const MOST: f64 = 1e8;

/// So many places are looked up in the communities at a time.
const BATCH: usize = 1 << 16;

/// The homes of each community that has a total, by the plan's weights; `None` where it has none, or nobody is spread by them. Tells how the weights compare with the
/// totals, and which communities have none.
pub(super) fn homes(
    reading: &mut Reading,
    communities: &[Community],
    totals: &Totals,
    projection: &Projection,
) -> Result<Option<Vec<Vec<Home>>>, ReadError> {
    let Some(source) = reading.plan.inputs.weights.clone() else {
        return Ok(None);
    };
    let wanted: Vec<bool> = totals.iter().map(Option::is_some).collect();
    let by_them = matches!(reading.plan.people.spread, None | Some(Spread::Weights));
    if !(by_them && wanted.contains(&true)) {
        let unused = Finding::new(Kind::WeightsUnused, &name(&source.path));
        reading.findings.push(unused);
        return Ok(None);
    }
    let mut weighing = Weighing::new(communities, &wanted);
    reading.findings.begin(Role::Weights, &name(&source.path));
    let unit = weigh(reading, &source, communities, &mut weighing, projection)?;
    let file = name(&source.path);
    compare(reading, &file, (communities, totals), &weighing, unit)?;
    Ok(Some(weighing.homes()))
}

/// What weights are counted in.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    People,
    Dwellings,
    SquareMetres,
}

impl Unit {
    fn word(self) -> &'static str {
        match self {
            Self::People => "people in the grid",
            Self::Dwellings => "dwellings",
            Self::SquareMetres => "m²",
        }
    }
}

fn weigh(
    reading: &mut Reading,
    source: &Source,
    communities: &[Community],
    weighing: &mut Weighing,
    projection: &Projection,
) -> Result<Unit, ReadError> {
    match form_of(reading, source)? {
        Form::Tiff => {
            grid(reading, source, communities, weighing, projection)?;
            Ok(Unit::People)
        }
        form => {
            let buildings = match form {
                Form::Shapefile | Form::Sqlite | Form::FlatGeobuf | Form::Parquet => {
                    of_layer(reading, source, projection)?
                }
                Form::Text if is_json(reading, source)? => of_layer(reading, source, projection)?,
                _ => of_table(reading, source, projection)?,
            };
            let file = name(&source.path);
            Ok(weigh_buildings(
                &mut reading.findings,
                &file,
                buildings,
                weighing,
            )?)
        }
    }
}

/// The first bytes of a file.
fn first(reading: &Reading, source: &Source) -> Result<Vec<u8>, ReadError> {
    let failed = |error: std::io::Error| super::unreadable(&source.path, &error);
    let opened = reading.source.open(&source.path).map_err(failed)?;
    let mut first = Vec::new();
    opened.take(4_096).read_to_end(&mut first).map_err(failed)?;
    Ok(first)
}

fn form_of(reading: &Reading, source: &Source) -> Result<Form, ReadError> {
    Ok(form::of(&source.path, &first(reading, source)?))
}

fn is_json(reading: &Reading, source: &Source) -> Result<bool, ReadError> {
    let first = first(reading, source)?;
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&first);
    Ok(text.trim_ascii_start().starts_with(b"{"))
}

/// Weighs by the cells of a grid in and round the communities.
fn grid(
    reading: &mut Reading,
    source: &Source,
    communities: &[Community],
    weighing: &mut Weighing,
    projection: &Projection,
) -> Result<(), ReadError> {
    let own = source.crs.as_deref();
    let own = own
        .map(|own| super::crs_named(own, &name(&source.path)))
        .transpose()?;
    let (file, Opened { name, reader }) = hashed(reading, &source.path)?;
    reading.files.push(file);
    let window = window(communities, projection);
    let mut batch = Vec::with_capacity(BATCH);
    let mut each = |cell: raster::Cell| {
        batch.push((projection.to_plane(cell.at), cell.value));
        if batch.len() == BATCH {
            weighing.extend(&batch);
            batch.clear();
        }
        Ok(())
    };
    let watch = reading.watch;
    let findings = &mut reading.findings;
    raster::visit(
        &name,
        reader,
        own.as_ref(),
        window,
        findings,
        watch,
        &mut each,
    )?;
    weighing.extend(&batch);
    Ok(())
}

/// The corners in degrees of what the communities' land lies between.
fn window(communities: &[Community], projection: &Projection) -> (Coord, Coord) {
    let mut low = Coord {
        x: 180.0_f64,
        y: 90.0,
    };
    let mut high = Coord {
        x: -180.0_f64,
        y: -90.0,
    };
    let bounds = communities
        .iter()
        .filter_map(|each| each.polygon.bounding_rect());
    for bounds in bounds {
        let (a, b) = (bounds.min(), bounds.max());
        for (x, y) in [(a.x, a.y), (a.x, b.y), (b.x, a.y), (b.x, b.y)] {
            let at = projection.to_degrees(Coord { x, y });
            low = Coord {
                x: f64::min(low.x, at.x),
                y: f64::min(low.y, at.y),
            };
            high = Coord {
                x: f64::max(high.x, at.x),
                y: f64::max(high.y, at.y),
            };
        }
    }
    // The side of a box in the plane bends by less than this between its corners, in a city 10° wide and for the cells at its border.
    const BEND: f64 = 0.01;
    (
        Coord {
            x: low.x - BEND,
            y: low.y - BEND,
        },
        Coord {
            x: high.x + BEND,
            y: high.y + BEND,
        },
    )
}

/// A building that is lived in.
struct Building {
    /// In the plane.
    at: Coord,
    floor: Option<f64>,
    footprint: Option<f64>,
    floors: Option<f64>,
    dwellings: Option<f64>,
}

/// The buildings of a file that are lived in, and what is counted of the others.
#[derive(Default)]
struct Buildings {
    lived_in: Vec<Building>,
    /// All of them.
    all: u64,
    /// Those that cannot be read, and why the first one cannot.
    broken: u64,
    reason: Option<Finding>,
    /// Words for uses that are not known, in order, and how many buildings have them.
    unread: BTreeMap<String, u64>,
}

/// So many words for uses are kept to be told.
const MOST_WORDS: usize = 1_000;

impl Buildings {
    fn add(&mut self, building: Result<(Building, String), Finding>) {
        self.all += 1;
        match building {
            Err(finding) => {
                self.broken += 1;
                self.reason.get_or_insert(finding);
            }
            Ok((building, used)) => match is_home(&used) {
                Some(false) => {}
                Some(true) => self.lived_in.push(building),
                None => {
                    if self.unread.len() < MOST_WORDS || self.unread.contains_key(&used) {
                        *self.unread.entry(used).or_default() += 1;
                    }
                    self.lived_in.push(building);
                }
            },
        }
    }
}

fn of_table(
    reading: &mut Reading,
    source: &Source,
    projection: &Projection,
) -> Result<Buildings, ReadError> {
    let declared = reading.declared(source.crs.as_deref(), &source.path)?;
    reading.file(source.named(), &COLUMNS, |reading, file, tabular| {
        let findings = &mut reading.findings;
        let crs = declared.of_file(tabular.crs.as_deref(), file, findings)?;
        let table = Table::open(file, &tabular.text, &COLUMNS, &source.columns, findings)?;
        let building = |row: &Row| -> Result<(Building, String), Finding> {
            let amount = |at| row.optional_amount(at, MOST);
            let at = projection.to_plane(degrees(row, LON, LAT, &crs)?);
            let building = Building {
                at,
                floor: amount(FLOOR)?,
                footprint: amount(FOOTPRINT)?,
                floors: amount(FLOORS)?,
                dwellings: amount(DWELLINGS)?,
            };
            Ok((building, row.cell(USE).to_owned()))
        };
        let mut buildings = Buildings::default();
        table.rows(reading.watch, |row| buildings.add(building(&row)))?;
        table.report_counts(&mut reading.findings);
        Ok(buildings)
    })
}

fn of_layer(
    reading: &mut Reading,
    source: &Source,
    projection: &Projection,
) -> Result<Buildings, ReadError> {
    let declared = reading.declared(source.crs.as_deref(), &source.path)?;
    let columns = &COLUMNS[..OF_LAYER];
    let (file, layer) = reading.layer(source.named(), columns)?;
    let Placed {
        features,
        places,
        broken,
    } = if is_of_points(&layer) {
        let crs = declared.of_file(layer.crs.as_deref(), &file, &mut reading.findings)?;
        points(&file, layer, &crs, projection)
    } else {
        areas(&file, layer, &declared, projection)?
    };
    let findings = &mut reading.findings;
    let properties = Properties::open(&file, &features, columns, &source.columns, findings)?;
    let mut buildings = Buildings::default();
    broken.into_iter().for_each(|each| buildings.add(Err(each)));
    for (feature, (at, area)) in features.iter().zip(places) {
        let amount = |at: usize| {
            let text = properties.text(feature, at);
            let number = match number::written(&text) {
                _ if text.is_empty() => return Ok(None),
                Some(Written::Unknown) => return Ok(None),
                Some(Written::Plain(number) | Written::Wide(number) | Written::Worded(number)) => {
                    Some(number)
                }
                None => None,
            };
            let number = number.filter(|number| (0.0..=MOST).contains(number));
            let about = Finding::new(Kind::NumberBroken, &file).row(feature.number);
            number.map(Some).ok_or_else(|| about.value(text))
        };
        let building = || -> Result<(Building, String), Finding> {
            let building = Building {
                at,
                floor: amount(FLOOR)?,
                footprint: amount(FOOTPRINT)?.or(area),
                floors: amount(FLOORS)?,
                dwellings: amount(DWELLINGS)?,
            };
            Ok((building, properties.text(feature, USE)))
        };
        buildings.add(building());
    }
    if let Some(account) = reading.findings.account() {
        account.rows += buildings.all;
    }
    Ok(buildings)
}

/// Buildings of a layer.
struct Placed {
    features: Vec<Feature>,
    /// Where each stands in the plane, and the square metres of its land where it has any.
    places: Vec<(Coord, Option<f64>)>,
    /// What is wrong with the others.
    broken: Vec<Finding>,
}

fn is_of_points(layer: &RawLayer) -> bool {
    let first = layer
        .features
        .iter()
        .find_map(|each| each.geometry.as_ref());
    matches!(first, Some(Shape::Points(..)))
}

fn points(file: &str, layer: RawLayer, crs: &Crs, projection: &Projection) -> Placed {
    let mut placed = Placed {
        features: Vec::new(),
        places: Vec::new(),
        broken: Vec::new(),
    };
    for (each, number) in layer.features.into_iter().zip(1..) {
        let about = |kind| Finding::new(kind, file).row(number);
        let degrees = match each.geometry {
            Some(Shape::Points(_, places)) => match places.as_slice() {
                [at] if at.x.is_finite() && at.y.is_finite() => {
                    layer::in_degrees(*at, crs).map_err(about)
                }
                _ => Err(about(Kind::PositionBroken)),
            },
            Some(_) => Err(about(Kind::GeometryBroken)),
            None => Err(about(Kind::GeometryMissing)),
        };
        match degrees {
            Ok(degrees) => {
                placed.places.push((projection.to_plane(degrees), None));
                placed.features.push(Feature {
                    number,
                    properties: each.properties,
                    polygon: MultiPolygon(Vec::new()),
                });
            }
            Err(finding) => placed.broken.push(finding),
        }
    }
    placed
}

/// What is wrong with one of a hundred thousand footprints is no reason to stop: it is counted.
fn areas(
    file: &str,
    layer: RawLayer,
    declared: &Declared,
    projection: &Projection,
) -> Result<Placed, Finding> {
    let mut told = Findings::default();
    let features = layer::features(file, layer, declared, &mut told)?;
    let (told, ..) = told.parts();
    let broken = told.iter().filter(|each| each.level() == Level::Error);
    let place = |feature: &Feature| {
        let land = feature.polygon.map_coords(|at| projection.to_plane(at));
        let middle = land.centroid().unwrap_or(geo::Point(Coord::zero()));
        (middle.0, Some(land.unsigned_area()))
    };
    Ok(Placed {
        places: features.iter().map(place).collect(),
        broken: broken.cloned().collect(),
        features,
    })
}

/// Uses of which nobody lives there, though their words hold one for housing.
const NOT_HOUSING: [&str; 4] = ["非住", "非居", "住院", "住宿"];
/// What words for housing hold.
const HOUSING: [&str; 10] = [
    "住",
    "宿舍",
    "公寓",
    "别墅",
    "民居",
    "民房",
    "农房",
    "自建房",
    "小区",
    "保障房",
];
/// The same in English, whole.
const HOUSING_WORDS: [&str; 14] = [
    "residential",
    "apartments",
    "apartment",
    "house",
    "houses",
    "detached",
    "semidetached_house",
    "terrace",
    "dormitory",
    "bungalow",
    "mixed",
    "yes",
    "farm",
    "hut",
];
/// What other words hold.
const OTHER: [&str; 30] = [
    "商",
    "办公",
    "写字楼",
    "工业",
    "厂",
    "仓",
    "学",
    "教育",
    "幼儿园",
    "医",
    "公共",
    "市政",
    "公用",
    "交通",
    "车",
    "酒店",
    "宾馆",
    "旅馆",
    "行政",
    "文化",
    "体育",
    "宗教",
    "寺",
    "军",
    "农业",
    "大棚",
    "养殖",
    "市场",
    "机关",
    "配套",
];
/// The same in English, whole.
const OTHER_WORDS: [&str; 40] = [
    "commercial",
    "office",
    "industrial",
    "warehouse",
    "retail",
    "shop",
    "supermarket",
    "kiosk",
    "school",
    "kindergarten",
    "university",
    "college",
    "hospital",
    "clinic",
    "public",
    "civic",
    "government",
    "church",
    "chapel",
    "mosque",
    "temple",
    "cathedral",
    "garage",
    "garages",
    "carport",
    "parking",
    "shed",
    "hotel",
    "train_station",
    "transportation",
    "service",
    "greenhouse",
    "farm_auxiliary",
    "barn",
    "stable",
    "hangar",
    "roof",
    "ruins",
    "stadium",
    "construction",
];

/// Whether a use of a building is housing; what is not said is. `None` where the word is not known. Classes of urban land begin with a
/// letter (GB 50137): R is housing, A, B, M, W, S, U and G are not.
fn is_home(used: &str) -> Option<bool> {
    let word = used.trim().to_lowercase();
    let holds = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    let is = |words: &[&str]| words.contains(&&*word);
    let mut signs = word.chars();
    let class = signs
        .next()
        .filter(|_| signs.all(|sign| sign.is_ascii_digit()));
    match class {
        _ if word.is_empty() => Some(true),
        _ if holds(&NOT_HOUSING) || is(&OTHER_WORDS) => Some(false),
        _ if holds(&HOUSING) || is(&HOUSING_WORDS) => Some(true),
        _ if holds(&OTHER) => Some(false),
        Some('r') => Some(true),
        Some('a' | 'b' | 'm' | 'w' | 's' | 'u' | 'g') => Some(false),
        _ => None,
    }
}

/// Weighs by buildings, and tells what was made of them.
fn weigh_buildings(
    findings: &mut Findings,
    file: &str,
    buildings: Buildings,
    weighing: &mut Weighing,
) -> Result<Unit, Finding> {
    let about = |kind| Finding::new(kind, file);
    let lived_in = buildings.lived_in.len() as u64;
    let others = buildings.all - buildings.broken - lived_in;
    findings.use_rows(buildings.lived_in.len());
    findings.leave_out(Kind::WeightsLeftOut, buildings.broken);
    findings.leave_out(Kind::WeightsNotHomes, others);
    let (unit, columns, weights) = measured(&buildings.lived_in)
        .ok_or_else(|| about(Kind::ColumnMissing).column("floor_m2 / dwellings / footprint_m2"))?;
    let mut known: Vec<f64> = weights.iter().flatten().copied().collect();
    let usual = median(&mut known);
    let places: Vec<(Coord, f64)> = (buildings.lived_in.iter().zip(&weights))
        .map(|(building, weight)| (building.at, weight.unwrap_or(usual)))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    places
        .chunks(BATCH)
        .for_each(|batch| weighing.extend(batch));
    findings.push(about(Kind::WeightsMeasure).value(columns));
    let mut tell = |kind, part: u64, whole: u64, value: String| {
        if part > 0 {
            findings.push(about(kind).value(value).concerns(part, whole));
        }
    };
    let counted = |part: u64, whole: u64| format!("buildings {part} / {whole}");
    let assumed = weights.iter().filter(|weight| weight.is_none()).count() as u64;
    tell(
        Kind::WeightsAssumed,
        assumed,
        lived_in,
        counted(assumed, lived_in),
    );
    let outside = weighing.outside();
    tell(
        Kind::WeightsOutside,
        outside,
        lived_in,
        counted(outside, lived_in),
    );
    let (broken, all) = (buildings.broken, buildings.all);
    let reason = buildings.reason.map_or("", |reason| reason.kind.code());
    tell(
        Kind::WeightsLeftOut,
        broken,
        all,
        format!("{broken} / {all}, {reason}"),
    );
    tell(Kind::WeightsNotHomes, others, all, counted(others, all));
    let unread: u64 = buildings.unread.values().sum();
    let words: Vec<&str> = buildings
        .unread
        .keys()
        .take(10)
        .map(String::as_str)
        .collect();
    tell(Kind::UseUnread, unread, all, words.join(" "));
    Ok(unit)
}

/// What buildings are weighed by, the columns for it, and the weight of each; `None` where no building has any.
fn measured(buildings: &[Building]) -> Option<(Unit, &'static str, Vec<Option<f64>>)> {
    let with_dwellings = buildings.iter().filter(|each| each.dwellings.is_some());
    if with_dwellings.count() * 2 > buildings.len() {
        let dwellings = buildings.iter().map(|each| each.dwellings);
        return Some((Unit::Dwellings, "dwellings", dwellings.collect()));
    }
    let mut storeys: Vec<f64> = buildings.iter().filter_map(|each| each.floors).collect();
    // Where storeys are not known of any building, all have as many.
    let usual = if storeys.is_empty() {
        1.0
    } else {
        median(&mut storeys)
    };
    let floor = |each: &Building| {
        let made = each
            .footprint
            .map(|land| land * each.floors.unwrap_or(usual));
        each.floor.or(made)
    };
    let weights: Vec<Option<f64>> = buildings.iter().map(floor).collect();
    let given = buildings.iter().any(|each| each.floor.is_some());
    let columns = if given {
        "floor_m2"
    } else {
        "footprint_m2 × floors"
    };
    let any = weights.iter().any(Option::is_some);
    any.then_some((Unit::SquareMetres, columns, weights))
}

/// The upper one of two in the middle; 0 of none.
fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

/// Tells how weights and totals compare: both sums, and of how many communities the share of the weights differs from that of the
/// residents by more than half of it; and which communities have residents and no weight.
fn compare(
    reading: &mut Reading,
    file: &str,
    (communities, totals): (&[Community], &Totals),
    weighing: &Weighing,
    unit: Unit,
) -> Result<(), Finding> {
    let findings = &mut reading.findings;
    let land = name(&reading.plan.inputs.communities.path);
    let wanted = CommunityAt::enumerate(communities.iter().zip(totals));
    let wanted: Vec<(f64, f64)> = wanted
        .filter_map(|(at, (community, total))| {
            let residents = total.as_ref()?.total();
            let weight = weighing.sum(at);
            if weight <= 0.0 {
                let finding = Finding::new(Kind::WeightsMissing, &land).id(&*community.code);
                let value = format!("{:.0}", residents.persons());
                findings.push(finding.value(value).weight(residents.0));
            }
            Some((residents.persons(), weight))
        })
        .collect();
    let people: f64 = wanted.iter().map(|(people, _)| people).sum();
    let weight: f64 = wanted.iter().map(|(_, weight)| weight).sum();
    if weight <= 0.0 {
        return Err(Finding::new(Kind::RasterEmpty, file));
    }
    let off =
        |(own, by_weight): &&(f64, f64)| (by_weight / weight * people / own - 1.0).abs() > 0.5;
    let off = wanted.iter().filter(off).count();
    let value = format!(
        "{} {weight:.0}, people in the communities {people:.0}, communities off by over half {off} / {}",
        unit.word(),
        wanted.len()
    );
    findings.push(Finding::new(Kind::WeightsDiffer, file).value(value));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_of_buildings() {
        for (word, expected) in [
            ("", Some(true)),
            ("住宅", Some(true)),
            ("商住", Some(true)),
            ("学生宿舍", Some(true)),
            ("R2", Some(true)),
            ("house", Some(true)),
            ("Apartments", Some(true)),
            ("非住宅", Some(false)),
            ("住院部", Some(false)),
            ("商业", Some(false)),
            ("小学", Some(false)),
            ("B1", Some(false)),
            ("warehouse", Some(false)),
            ("greenhouse", Some(false)),
            ("鼓楼", None),
            ("Rathaus", None),
        ] {
            assert_eq!(is_home(word), expected, "{word}");
        }
    }

    #[test]
    fn one_measure_holds_for_a_file() {
        let building = |floor, footprint, floors, dwellings| Building {
            at: Coord::zero(),
            floor,
            footprint,
            floors,
            dwellings,
        };
        let of = |buildings: &[Building]| {
            measured(buildings).map(|(_, columns, weights)| (columns, weights))
        };
        // Two of three have dwellings.
        let some = [
            building(Some(900.0), None, None, Some(10.0)),
            building(None, None, None, Some(0.0)),
            building(Some(500.0), None, None, None),
        ];
        assert_eq!(
            of(&some),
            Some(("dwellings", vec![Some(10.0), Some(0.0), None]))
        );
        // 100 m² × 6 storeys; 50 m² × the usual 6; nothing.
        let some = [
            building(None, Some(100.0), Some(6.0), None),
            building(None, Some(50.0), None, None),
            building(None, None, Some(2.0), None),
        ];
        assert_eq!(
            of(&some),
            Some((
                "footprint_m2 × floors",
                vec![Some(600.0), Some(300.0), None]
            ))
        );
        assert_eq!(of(&[building(None, None, Some(3.0), None)]), None);
    }
}
