//! Facilities: one row for each service at a place; rows with the same id are one facility.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use fuwutu_core::city::{City, Facility, Offer, Status};
use fuwutu_core::position::ServiceAt;
use fuwutu_core::quantity::Point;
use fuwutu_core::service::Service;
use geo::Coord;
use rayon::prelude::*;

use super::alike::{self, Compared};
use super::housing::year_of;
use super::kinds::Kinds;
use super::people::{elsewhere, place};
use super::{Duplicate, FacilityOrigins, Origin, ReadError, Reading, coarse, degrees, hex, name};
use crate::crs::Crs;
use crate::finding::account::Role;
use crate::finding::{Finding, Findings, Kind, Scope};
use crate::frame::Projection;
use crate::keys::normalised;
use crate::number;
use crate::plan::{MOST_CAPACITY, Plan, ServiceNames};
use crate::poi::PoiTypes;
use crate::table::{Column, Row, Table};

pub(crate) const COLUMNS: [Column; 22] = [
    Column::required("id", &["编号", "设施编号", "设施代码", "设施编码"]).or(&["name"]),
    Column::required(
        "name",
        &["名称", "设施名称", "单位名称", "学校名称", "机构名称"],
    ),
    Column::required(
        "service",
        &[
            "服务",
            "服务类别",
            "类别",
            "设施类别",
            "设施类型",
            "服务要素",
        ],
    )
    .or(&["type_code", "type"]),
    Column::required(
        "lon",
        &["经度", "longitude", "x", "lng", "long", "X坐标", "东经"],
    )
    .or(&["location"]),
    Column::required("lat", &["纬度", "latitude", "y", "Y坐标", "北纬"]).or(&["location"]),
    Column::optional(
        "capacity",
        &[
            "规模",
            "容量",
            "学位数",
            "床位数",
            "托位数",
            "设施规模",
            "供给规模",
        ],
    ),
    Column::optional("capacity_unit", &["规模单位", "单位"]),
    Column::optional(
        "status",
        &["状态", "设施状态", "建设状态", "使用状态", "运营状态"],
    ),
    Column::optional(
        "opens",
        &["开放年份", "启用年份", "启用时间", "投用年份", "投用时间"],
    ),
    Column::optional("closes", &["停用年份", "关闭年份", "停办年份", "撤销年份"]),
    Column::optional(
        "ownership",
        &["性质", "办学性质", "机构性质", "举办性质", "设施性质"],
    ),
    Column::optional("hours", &["每周开放小时", "开放小时"]),
    Column::optional("hub", &["牵头机构", "上级机构", "所属机构"]),
    Column::optional("size", &["建设规模", "建筑面积"]),
    Column::optional("size_unit", &["建设规模单位"]),
    Column::optional("entrances", &["出入口", "出入口坐标", "入口", "大门"]),
    Column::hint(
        "type_code",
        &["typecode", "类型编码", "类型代码", "poi类型编码"],
    ),
    Column::hint("type", &["类型", "poi类型", "tag", "标签"]),
    Column::hint("type_major", &["大类"]),
    Column::hint("type_middle", &["中类"]),
    Column::hint("type_minor", &["小类"]),
    Column::hint("location", &["坐标", "经纬度"]),
];
const ID: usize = 0;
pub(super) const NAME: usize = 1;
pub(super) const SERVICE: usize = 2;
const LON: usize = 3;
const LAT: usize = 4;
const CAPACITY: usize = 5;
const UNIT: usize = 6;
const STATUS: usize = 7;
const OPENS: usize = 8;
const CLOSES: usize = 9;
const OWNERSHIP: usize = 10;
const HOURS: usize = 11;
const HUB: usize = 12;
const SIZE: usize = 13;
const SIZE_UNIT: usize = 14;
const ENTRANCES: usize = 15;
pub(super) const TYPE_CODE: usize = 16;
pub(super) const TYPE: usize = 17;
/// Of several levels, the first.
pub(super) const TYPES: usize = 18;
const LOCATION: usize = 21;

/// In metres: an entrance farther from its facility is taken for a slip.
const FARTHEST_ENTRANCE: f64 = 3000.0;

/// A row as read.
struct FacilityRow {
    file: usize,
    line: u64,
    /// What the row says it offers; the facility may offer more by that.
    service: ServiceAt,
    /// All rows of the facility, once they are one.
    rows: Vec<Origin>,
    facility: Facility,
    at: Coord,
    /// Its entrances in degrees.
    entrances: Vec<Coord>,
}

impl FacilityRow {
    /// Whether one of its rows says that it offers this.
    fn offers(&self, service: ServiceAt) -> bool {
        self.rows.iter().any(|row| row.service == service)
    }
}

/// All facilities of the plan's files, and where they come from.
pub(super) fn facilities(
    reading: &mut Reading,
    catalogue: &[Service],
    projection: &Projection,
) -> Result<(Vec<Facility>, FacilityOrigins), ReadError> {
    let names = ServiceNames::new(catalogue);
    let plan = reading.plan;
    let context = Context {
        names: &names,
        types: PoiTypes::new(catalogue),
        catalogue,
        matters: matters(plan, catalogue),
        defaults: &plan.services.default_capacity,
        base_year: plan.round.base_year,
    };
    if plan.inputs.facilities.is_empty() {
        let finding = Finding::new(Kind::NoFacilities, "").column("inputs.facilities");
        reading.findings.push(finding);
    }
    let mut names = Vec::new();
    let mut all: Vec<FacilityRow> = Vec::new();
    let mut read: BTreeMap<ServiceAt, u64> = BTreeMap::new();
    for (source, number) in plan.inputs.facilities.iter().zip(0..) {
        let file = name(&source.path);
        let declared = reading.declared(source.crs.as_deref(), &source.path)?;
        let kinds = Kinds::new(source, &context, &file)?;
        // The plan says what all rows are: no column needs to.
        let mut columns = COLUMNS;
        columns[SERVICE].required &= source.service.is_none();
        let (rows, crs) = reading.file(source.named(), &columns, |reading, file, tabular| {
            let findings = &mut reading.findings;
            findings.begin(Role::Facilities, file);
            let crs = declared.of_file(tabular.crs.as_deref(), file, findings)?;
            let table = Table::open(file, &tabular.text, &columns, &source.columns, findings)?;
            let name: Arc<str> = file.into();
            let rows = table.collect(reading.watch, findings, |row, findings| {
                let service = kinds.service(row, &context);
                let Some(service) = service.map_err(|finding| finding.id(row.cell(ID)))? else {
                    return Ok(None);
                };
                let at = spot(row, &crs);
                let id = id(row, &at)?;
                let (facility, at) = facility(row, (&id, at), (service, &context), findings)?;
                let entrances = entrances(row, at, service, (&context, &crs), findings);
                let origin = Origin {
                    service,
                    file: Arc::clone(&name),
                    row: row.line,
                };
                Ok(Some(FacilityRow {
                    file: number,
                    line: row.line,
                    service,
                    rows: vec![origin],
                    facility,
                    at,
                    entrances,
                }))
            })?;
            let mut rows: Vec<FacilityRow> = rows.into_iter().flatten().collect();
            kinds.finish(file, findings);
            if !table.has(COLUMNS[ID].name) {
                told_apart(&mut rows, file, findings);
            }
            coarse(file, rows.iter().map(|row| row.at), &crs, findings);
            Ok((rows, crs))
        })?;
        for row in &rows {
            *read.entry(row.service).or_default() += 1;
        }
        let mut rows = placed(reading, &file, rows, &context, (projection, &crs))?;
        reading.findings.use_rows(rows.len());
        all.append(&mut rows);
        names.push(file);
    }
    for (&service, &rows) in &read {
        let id = catalogue[service].id.clone();
        reading.findings.whole(Scope::Service(id), rows);
    }
    refused(reading, &context, &read, &all);
    repeated(reading, &names, &context, &all);
    let mut merged = merged(reading, &names, all);
    own_hubs(&names, &mut merged);
    propose(reading, &context, &merged);
    odd(reading, &context, &merged);
    let origin = |row: &mut FacilityRow| (row.facility.id.clone(), std::mem::take(&mut row.rows));
    let origins = merged.iter_mut().map(origin).collect();
    Ok((
        merged.into_iter().map(|row| row.facility).collect(),
        origins,
    ))
}

pub(super) struct Context<'a> {
    pub names: &'a ServiceNames,
    pub types: PoiTypes,
    pub catalogue: &'a [Service],
    /// By position in the catalogue, as [`matters`].
    matters: Vec<bool>,
    defaults: &'a BTreeMap<String, f64>,
    base_year: i32,
}

/// A service that is not in the catalogue, with those that may have been meant.
pub(super) fn unknown_service(row: &Row, context: &Context) -> Finding {
    let finding = row.finding(Kind::ServiceUnknown, SERVICE);
    let asked = row.cell(SERVICE);
    let like = context.names.like(asked);
    let like = like.iter().map(|&at| {
        let Service { id, name, .. } = &context.catalogue[at];
        format!("{id} {}", name.zh)
    });
    match like.collect::<Vec<_>>().as_slice() {
        [] => finding,
        like => finding.value(format!("{asked} ≈ {}", like.join(", "))),
    }
}

impl Context<'_> {
    /// A finding about one facility of a service; nothing where no figure of the round rests on that service.
    fn about(&self, service: ServiceAt, finding: Finding) -> Option<Finding> {
        let id = &*self.catalogue[service].id;
        self.matters[service.index()].then(|| finding.service(id).weight(1))
    }
}

/// Whether any figure of the services that the plan judges rests on the facilities of each service of the catalogue: it is judged
/// itself, adds to one that is, or stands beside one as its substitute, its hub or a part of its sum.
pub(super) fn matters(plan: &Plan, catalogue: &[Service]) -> Vec<bool> {
    let judged = |service: &Service| match &plan.services.select {
        Some(ids) => ids.contains(&service.id),
        None => service.urban.is_some() || service.rural.is_some(),
    };
    let ids: BTreeSet<&str> = (catalogue.iter())
        .filter(|service| judged(service))
        .flat_map(|service| {
            let hubs = service.hub.iter().flat_map(|hub| &hub.services);
            let beside = service.substitutes.iter().chain(&service.sums).chain(hubs);
            beside.chain([&service.id])
        })
        .map(String::as_str)
        .collect();
    let adds = |service: &Service| service.adds_to.iter().any(|id| ids.contains(id.as_str()));
    let services = catalogue.iter();
    services
        .map(|service| ids.contains(service.id.as_str()) || adds(service))
        .collect()
}

/// The id of a row; of a table without ids one that is made of name and place.
fn id<'r>(row: &Row<'_, 'r>, at: &Result<Coord, Finding>) -> Result<Cow<'r, str>, Finding> {
    if row.has(ID) {
        return row.id(ID).map(Cow::Borrowed);
    }
    // Without a place there is an error anyway.
    let at = at.as_ref().copied().unwrap_or_default();
    let key = format!("{}\n{:.6}\n{:.6}", normalised(row.cell(NAME)), at.x, at.y);
    Ok(Cow::Owned(format!("{MADE}{}", &hex(key.as_bytes())[..12])))
}

/// Ids that are made begin so.
const MADE: &str = "made-";

/// Where rows of a table without ids have name, place and service in common, all but the first get a number: nothing says that they are
/// one.
fn told_apart(rows: &mut [FacilityRow], file: &str, findings: &mut Findings) {
    let mut seen: HashMap<(Box<str>, ServiceAt), u32> = HashMap::new();
    for row in rows.iter_mut() {
        let key = (row.facility.id.clone(), row.service);
        let times = seen.entry(key).or_default();
        *times += 1;
        if *times > 1 {
            row.facility.id = format!("{}-{times}", row.facility.id).into();
        }
    }
    if !rows.is_empty() {
        let finding = Finding::new(Kind::IdsMade, file).column(COLUMNS[ID].name);
        findings.push(finding.value(rows.len().to_string()));
    }
}

/// The place of a row in degrees: of its two columns, or of one that holds both (`104.06,30.65`).
fn spot(row: &Row, crs: &Crs) -> Result<Coord, Finding> {
    if row.has(LON) || !row.has(LOCATION) {
        return degrees(row, LON, LAT, crs);
    }
    let places = coordinates(row.cell(LOCATION)).unwrap_or_default();
    let [at] = places[..] else {
        return Err(row.finding(Kind::PlaceMissing, LOCATION));
    };
    crate::layer::in_degrees(at, crs).map_err(|kind| row.finding(kind, LOCATION))
}

fn facility(
    row: &Row,
    (id, at): (&str, Result<Coord, Finding>),
    (service, context): (ServiceAt, &Context),
    findings: &mut Findings,
) -> Result<(Facility, Coord), Finding> {
    let with_id = |finding: Finding| finding.id(id);
    let mut noticed = Vec::new();
    let at = at.map_err(with_id)?;
    let status = status(row.cell(STATUS))
        .ok_or_else(|| with_id(row.finding(Kind::StatusUnknown, STATUS)))?;
    let year_in = |column| match row.cell(column) {
        "" => Ok(None),
        _ => year_of(row, column).map(Some).map_err(with_id),
    };
    let (opens, closes) = (year_in(OPENS)?, year_in(CLOSES)?);
    if let Some(closes) = closes {
        let never = opens.is_some_and(|opens| closes <= opens);
        let kind = match never {
            true => Some(Kind::ClosesFirst),
            false => (closes <= context.base_year).then_some(Kind::ClosesPast),
        };
        noticed.extend(kind.map(|kind| row.finding(kind, CLOSES)));
    }
    if status == Status::Committed && opens.is_none() {
        noticed.push(row.finding(Kind::NotYet, OPENS));
    }
    if status == Status::Committed && opens.is_some_and(|opens| opens <= context.base_year) {
        noticed.push(row.finding(Kind::OpensPast, OPENS));
    }
    let public = ownership(row.cell(OWNERSHIP));
    if public.is_none() && !row.cell(OWNERSHIP).is_empty() {
        noticed.push(row.finding(Kind::OwnershipUnknown, OWNERSHIP));
    }
    let kind = &context.catalogue[service];
    let capacity = capacity(row, kind, context.defaults, &mut noticed).map_err(with_id)?;
    let size = size(row, kind, &mut noticed).map_err(with_id)?;
    if capacity == Some(0.0) && matches!(status, Status::Existing | Status::Committed) {
        noticed.push(row.finding(Kind::CapacityZero, CAPACITY).value("0"));
    }
    let whole = capacity;
    let capacity = capacity
        .map(|capacity| open_by_the_hour(row, kind, capacity, &mut noticed))
        .transpose()
        .map_err(with_id)?;
    let noticed = noticed.into_iter().map(with_id);
    findings.extend(noticed.filter_map(|finding| context.about(service, finding)));
    let hub = row.cell(HUB);
    let facility = Facility {
        id: id.into(),
        name: row.cell(NAME).into(),
        at: Point::default(),
        entrances: Vec::new(),
        community: None,
        status,
        opens,
        closes,
        hubs: if hub.is_empty() {
            Vec::new()
        } else {
            vec![(service, hub.into())]
        },
        offers: offers(
            context.catalogue,
            Offer {
                service,
                capacity,
                size,
                public,
            },
            whole,
        ),
    };
    Ok((facility, at))
}

/// The entrances that a row names, in degrees: `lon lat; lon lat` or the text of a point or of several (`MULTIPOINT`). What is not so,
/// or too far from the facility at `at`, is told and counts as nothing.
fn entrances(
    row: &Row,
    at: Coord,
    service: ServiceAt,
    (context, crs): (&Context, &Crs),
    findings: &mut Findings,
) -> Vec<Coord> {
    let read = coordinates(row.cell(ENTRANCES)).and_then(|places| {
        let places = places.into_iter();
        let degrees = places.map(|place| crate::layer::in_degrees(place, crs).ok());
        degrees.collect::<Option<Vec<Coord>>>()
    });
    let near = |entrance: &Coord| {
        let east = (entrance.x - at.x) * at.y.to_radians().cos();
        east.hypot(entrance.y - at.y) * METRES_PER_DEGREE <= FARTHEST_ENTRANCE
    };
    let known: Vec<Coord> = read.iter().flatten().copied().filter(near).collect();
    if read.is_none_or(|read| read.len() > known.len()) {
        let finding = row.finding(Kind::EntrancesBad, ENTRANCES).id(row.cell(ID));
        findings.extend(context.about(service, finding));
    }
    known
}

/// A little more than a degree of latitude has, so that no entrance is nearer than it seems.
const METRES_PER_DEGREE: f64 = 111_700.0;

/// Pairs of numbers; `None` where there is anything else.
fn coordinates(text: &str) -> Option<Vec<Coord>> {
    let upper = text.to_uppercase();
    let numbers = upper
        .trim_start_matches("MULTI")
        .trim_start_matches("POINT");
    let split = |letter: char| letter.is_whitespace() || "(),;（），；、|".contains(letter);
    let numbers = numbers.split(split).filter(|number| !number.is_empty());
    let numbers: Vec<f64> = numbers
        .map(|number| {
            number
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
        })
        .collect::<Option<_>>()?;
    let pairs = numbers.chunks(2);
    pairs
        .map(|pair| {
            Some(Coord {
                x: pair[0],
                y: *pair.get(1)?,
            })
        })
        .collect()
}

/// Existing where nothing is said.
fn status(text: &str) -> Option<Status> {
    match text.to_lowercase().as_str() {
        "" | "existing" | "open" | "现状" | "已建" | "在用" => Some(Status::Existing),
        "committed" | "在建" => Some(Status::Committed),
        "planned" | "规划" => Some(Status::Planned),
        "idle" | "闲置" => Some(Status::Idle),
        "closed" | "停用" | "撤销" => Some(Status::Closed),
        _ => None,
    }
}

/// Whether a facility is public or inclusive; `None` where the word is empty or not known.
fn ownership(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "public" | "inclusive" | "公办" | "公立" | "国有" | "公益" | "普惠" | "普惠性"
        | "公办民营" | "民办普惠" => Some(true),
        "private" | "民办" | "私立" | "民营" | "营利性" => Some(false),
        _ => None,
    }
}

/// The row's size in the unit of the service's minimum: its own capacity, where that is in the same unit (never a default).
fn size(row: &Row, service: &Service, noticed: &mut Vec<Finding>) -> Result<Option<f64>, Finding> {
    let Some(minimum) = &service.minimum else {
        return Ok(None);
    };
    let (own, unit) = amount(row, SIZE, SIZE_UNIT)?;
    match own {
        Some(own) if unit.is_empty() || same_unit(unit, &minimum.unit) => Ok(Some(own)),
        Some(_) => {
            let value = format!("{unit} ≠ {}", minimum.unit);
            noticed.push(row.finding(Kind::SizeUnit, SIZE_UNIT).value(value));
            Ok(None)
        }
        None => {
            let (own, unit) = amount(row, CAPACITY, UNIT)?;
            Ok(own.filter(|_| {
                minimum.unit == service.capacity_unit
                    && (unit.is_empty() || same_unit(unit, &service.capacity_unit))
            }))
        }
    }
}

/// An amount and its unit: the one beside the number (`36班`), or in the column of units, or that of the header; empty where none of
/// them says one.
fn amount<'r>(
    row: &Row<'_, 'r>,
    at: usize,
    unit: usize,
) -> Result<(Option<f64>, &'r str), Finding> {
    let cell = row.cell(at);
    if let Some((number, unit)) = number::with_unit(cell)
        && UNITS.iter().any(|(_, words)| words.contains(&unit))
    {
        return match number {
            0.0..=MOST_CAPACITY => Ok((Some(number), unit)),
            _ => Err(row.finding(Kind::NumberHuge, at)),
        };
    }
    let number = row.optional_amount(at, MOST_CAPACITY)?;
    let unit = match row.cell(unit) {
        "" => row.unit_of_header(at),
        unit => unit,
    };
    Ok((number, unit))
}

/// Units of the catalogue, and the words that offices have for them.
const UNITS: [(&str, &[&str]); 10] = [
    (
        "seats",
        &["学位", "个学位", "座", "座位", "个", "位", "人", "名"],
    ),
    ("places", &["托位", "个托位", "个", "位", "人", "名"]),
    ("beds", &["床位", "张床位", "床", "张床", "张", "个"]),
    ("classes", &["班", "个班"]),
    ("m2_floor", &["㎡", "m2", "m²", "平方米", "平米"]),
    ("m2_site", &["㎡", "m2", "m²", "平方米", "平米"]),
    ("books", &["册", "本"]),
    ("spaces", &["个", "车位", "泊位", "个车位", "个泊位"]),
    ("persons", &["人", "名"]),
    ("learners", &["人", "名", "学位"]),
];

/// Whether a word is a unit of the catalogue.
fn same_unit(word: &str, unit: &str) -> bool {
    let mut units = UNITS.iter();
    let words = units.find(|(code, _)| *code == unit);
    word == unit || words.is_some_and(|(_, words)| words.contains(&word))
}

/// Capacity × hours open ÷ full hours, at most all of it, where the kind counts by the hour.
fn open_by_the_hour(
    row: &Row,
    service: &Service,
    capacity: f64,
    noticed: &mut Vec<Finding>,
) -> Result<f64, Finding> {
    const HOURS_OF_A_WEEK: f64 = 168.0;
    let hours = row.optional_amount(HOURS, HOURS_OF_A_WEEK)?;
    match (service.full_hours, hours) {
        (Some(full), Some(hours)) => Ok(capacity * (hours / full).min(1.0)),
        (Some(_), None) => {
            noticed.push(row.finding(Kind::HoursMissing, HOURS));
            Ok(capacity)
        }
        (None, _) => Ok(capacity),
    }
}

/// What a row offers: its service, and the same for every kind that this one adds to. As one of those it is as large as its
/// `whole` capacity, where their minimum is in the same unit: hours count for capacity alone, and only one that never opens is
/// none of them.
fn offers(catalogue: &[Service], own: Offer, whole: Option<f64>) -> Vec<Offer> {
    let kind = &catalogue[own.service];
    let never = own.capacity == Some(0.0) && whole != Some(0.0);
    let added = ServiceAt::enumerate(catalogue)
        .filter(|(_, other)| !never && kind.adds_to.contains(&other.id));
    let as_other = |(service, other): (ServiceAt, &Service)| {
        let same_unit = other
            .minimum
            .as_ref()
            .is_some_and(|minimum| minimum.unit == kind.capacity_unit);
        Offer {
            service,
            size: whole.filter(|_| same_unit),
            ..own
        }
    };
    let mut offers: Vec<Offer> = added.map(as_other).collect();
    offers.push(own);
    offers.sort_by_key(|each| each.service);
    offers
}

/// The row's capacity in the service's unit, or the plan's default. Services that are not counted need none.
fn capacity(
    row: &Row,
    service: &Service,
    defaults: &BTreeMap<String, f64>,
    noticed: &mut Vec<Finding>,
) -> Result<Option<f64>, Finding> {
    let (own, unit) = amount(row, CAPACITY, UNIT)?;
    if own.is_some()
        && (unit.is_empty()
            || same_unit(unit, &service.capacity_unit)
            || service.capacity_unit.is_empty())
    {
        return Ok(own);
    }
    if service.capacity_unit.is_empty() {
        return Ok(None);
    }
    let value = if own.is_some() {
        format!("{unit} ≠ {}", service.capacity_unit)
    } else {
        String::new()
    };
    let default = defaults.get(&service.id).copied();
    let kind = if default.is_some() {
        Kind::CapacityDefault
    } else {
        Kind::CapacityMissing
    };
    noticed.push(row.finding(kind, CAPACITY).value(value));
    Ok(default)
}

/// Puts the facilities into the plane; those that are nowhere near are left out.
fn placed(
    reading: &mut Reading,
    file: &str,
    rows: Vec<FacilityRow>,
    context: &Context,
    (projection, crs): (&Projection, &Crs),
) -> Result<Vec<FacilityRow>, Finding> {
    let places: Vec<_> = rows
        .par_iter()
        .map(|row| place(row.at, projection))
        .collect();
    elsewhere(file, &places, |at| rows[at].at, (projection, crs))?;
    let mut kept = Vec::with_capacity(rows.len());
    for (mut row, found) in rows.into_iter().zip(places) {
        match found {
            Some(at) => {
                row.facility.at = at;
                let entrances = row.entrances.iter();
                row.facility.entrances = entrances
                    .filter_map(|&entrance| place(entrance, projection))
                    .collect();
                kept.push(row);
            }
            None => {
                reading.findings.leave_out(Kind::Unplaced, 1);
                let value = format!("{}, {}", row.at.x, row.at.y);
                let finding = Finding::new(Kind::Unplaced, file).row(row.line);
                let finding = finding.id(&*row.facility.id).value(value);
                let finding = context.about(row.service, finding);
                reading.findings.extend(finding);
            }
        }
    }
    Ok(kept)
}

/// Tells of services that have rows, none of which is `kept`.
fn refused(
    reading: &mut Reading,
    context: &Context,
    read: &BTreeMap<ServiceAt, u64>,
    kept: &[FacilityRow],
) {
    let kept: BTreeSet<ServiceAt> = kept.iter().map(|row| row.service).collect();
    for (&service, &rows) in read.iter().filter(|(service, _)| !kept.contains(service)) {
        let finding = Finding::new(Kind::ServiceRefused, "").value(rows.to_string());
        let finding = context.about(service, finding);
        reading
            .findings
            .extend(finding.map(|finding| finding.weight(rows)));
    }
}

/// The services of whose facilities nothing is known: those that no facility offers and of which the plan does not say that there
/// are none. Positions, ascending. What the plan says of services that have facilities is told.
pub(super) fn no_data(
    reading: &mut Reading,
    city: &City,
    catalogue: &[Service],
    origins: &FacilityOrigins,
) -> Vec<ServiceAt> {
    let mut rows: BTreeMap<ServiceAt, u64> = BTreeMap::new();
    for origin in origins.values().flatten() {
        *rows.entry(origin.service).or_default() += 1;
    }
    let facilities = city.facilities().iter();
    let offered: BTreeSet<ServiceAt> = facilities
        .flat_map(|facility| facility.offers.iter().map(|offer| offer.service))
        .collect();
    let services = &reading.plan.services;
    let (none_exist, select) = (&services.none_exist, &services.select);
    let mut unknown = Vec::new();
    for (at, service) in ServiceAt::enumerate(catalogue) {
        let said = none_exist.contains(&service.id);
        if let Some(rows) = rows.get(&at).filter(|_| said) {
            let finding = Finding::new(Kind::NoneExistRows, "").column("services.none_exist");
            let finding = finding.service(&*service.id).value(rows.to_string());
            reading.findings.push(finding);
        }
        let selected = select.as_ref().is_none_or(|ids| ids.contains(&service.id));
        if said && !selected {
            let finding = Finding::new(Kind::NoneExistUnselected, "");
            let finding = finding.column("services.none_exist");
            reading.findings.push(finding.service(&*service.id));
        }
        if !said && !offered.contains(&at) {
            unknown.push(at);
        }
    }
    unknown
}

/// Tells of services that the plan judges whose facilities are all closed, idle or planned in every year of the round.
fn nothing_open(reading: &mut Reading, city: &City, catalogue: &[Service]) {
    let round = &reading.plan.round;
    let years = round.base_year..=round.base_year + round.horizon_years as i32;
    // By service: how many there are, and whether any is open in a year.
    let mut facilities: BTreeMap<ServiceAt, (u64, bool)> = BTreeMap::new();
    for facility in city.facilities() {
        let open = years.clone().any(|year| facility.open(year));
        for offer in &facility.offers {
            let (count, any_open) = facilities.entry(offer.service).or_default();
            *count += 1;
            *any_open |= open;
        }
    }
    let select = &reading.plan.services.select;
    for (service, (count, _)) in facilities.into_iter().filter(|(_, (_, open))| !open) {
        let id = &catalogue[service].id;
        if select.as_ref().is_none_or(|ids| ids.contains(id)) {
            let finding = Finding::new(Kind::NothingOpen, "").service(id);
            reading.findings.push(finding.value(count.to_string()));
        }
    }
}

/// Tells of the same service under the same name at the same place with another id.
fn repeated(reading: &mut Reading, names: &[String], context: &Context, rows: &[FacilityRow]) {
    let mut first: HashMap<(&str, ServiceAt, Point), &FacilityRow> = HashMap::new();
    for row in rows.iter().filter(|row| !row.facility.name.is_empty()) {
        let key = (&*row.facility.name, row.service, row.facility.at);
        let known = first.entry(key).or_insert(row);
        if known.facility.id != row.facility.id {
            let ids = format!("{}, {}", known.facility.id, row.facility.id);
            let finding = Finding::new(Kind::FacilityTwice, &names[row.file]).row(row.line);
            let finding = finding.id(ids).value(&*row.facility.name);
            let finding = context.about(row.service, finding);
            reading.findings.extend(finding);
        }
    }
}

/// Proposes facilities that may be one: those of services that matter, by the services that their rows name.
fn propose(reading: &mut Reading, context: &Context, facilities: &[FacilityRow]) {
    let offered = facilities.iter().flat_map(|facility| {
        let rows = facility.rows.iter().map(move |row| (facility, row));
        rows.filter(|(_, row)| context.matters[row.service.index()])
    });
    let offered: Vec<(&FacilityRow, &Origin)> = offered.collect();
    let compared = offered.iter().map(|(facility, row)| Compared {
        service: row.service,
        name: &facility.facility.name,
        at: facility.facility.at,
    });
    let compared: Vec<Compared> = compared.collect();
    let ids: Vec<&str> = context
        .catalogue
        .iter()
        .map(|service| &*service.id)
        .collect();
    let alike = alike::groups(&compared, context.names, &ids);
    let mut counts: BTreeMap<ServiceAt, (BTreeSet<usize>, u64)> = BTreeMap::new();
    for each in &alike {
        let (facility, row) = offered[each.at];
        let (groups, count) = counts.entry(row.service).or_default();
        groups.insert(each.group);
        *count += 1;
        reading.duplicates.push(Duplicate {
            group: each.group,
            service: row.service,
            id: facility.facility.id.clone(),
            name: facility.facility.name.clone(),
            file: Arc::clone(&row.file),
            row: row.row,
            apart_m: each.apart,
            why: each.why,
        });
    }
    for (service, (groups, count)) in counts {
        let value = format!("{} / {count}", groups.len());
        let finding = Finding::new(Kind::FacilitiesAlike, "").value(value);
        let finding = finding.service(&*context.catalogue[service].id);
        // What may be too much are all of a group but one.
        reading
            .findings
            .push(finding.weight(count - groups.len() as u64));
    }
}

/// So many times the median of its service is odd.
const TIMES_MEDIAN: f64 = 20.0;
/// More seats than any school has.
const MOST_PLACES: f64 = 5_000.0;
/// Less than a room, in m².
const LEAST_AREA: f64 = 10.0;

/// Reports capacities that are very unlike those of the same service. Defaults of the plan are nobody's slip.
fn odd(reading: &mut Reading, context: &Context, facilities: &[FacilityRow]) {
    let mut by_service: BTreeMap<ServiceAt, Vec<(f64, &FacilityRow, &Origin)>> = BTreeMap::new();
    for facility in facilities {
        for row in &facility.rows {
            let mut offers = facility.facility.offers.iter();
            let own = offers.find(|offer| offer.service == row.service);
            let service = &context.catalogue[row.service];
            let default = context.defaults.get(&service.id).copied();
            let capacity = own.and_then(|own| own.capacity);
            let capacity = capacity.filter(|own| *own > 0.0 && Some(*own) != default);
            if let Some(capacity) = capacity {
                let all = by_service.entry(row.service).or_default();
                all.push((capacity, facility, row));
            }
        }
    }
    for (at, mut rows) in by_service {
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let median = rows[rows.len() / 2].0;
        let service = &context.catalogue[at];
        let unit = service.capacity_unit.as_str();
        let area = unit.starts_with("m2");
        let places = ["seats", "places", "beds", "learners"].contains(&unit);
        rows.sort_by_key(|(_, _, row)| (Arc::clone(&row.file), row.row));
        for (capacity, facility, row) in rows {
            let odd = capacity > TIMES_MEDIAN * median
                || places && capacity > MOST_PLACES
                || area && capacity < LEAST_AREA && service.full_hours.is_none();
            if odd {
                let finding = Finding::new(Kind::CapacityOdd, &row.file).row(row.row);
                let finding = finding
                    .column(COLUMNS[CAPACITY].name)
                    .id(&*facility.facility.id);
                let finding = finding.value(format!("{capacity} / {median}"));
                reading.findings.extend(context.about(at, finding));
            }
        }
    }
}

/// Rows of one id as one facility with several offers.
fn merged(reading: &mut Reading, names: &[String], rows: Vec<FacilityRow>) -> Vec<FacilityRow> {
    let mut at_id: HashMap<Box<str>, usize> = HashMap::new();
    let mut merged: Vec<FacilityRow> = Vec::new();
    for mut row in rows {
        if let Some(&known) = at_id.get(&row.facility.id) {
            qualify(reading, names, &merged[known], &mut row);
        }
        let Some(&known) = at_id.get(&row.facility.id) else {
            at_id.insert(row.facility.id.clone(), merged.len());
            merged.push(row);
            continue;
        };
        let first = &mut merged[known];
        let about = |kind, first: &FacilityRow| {
            let lines = format!(
                "{} {}, {} {}",
                names[first.file], first.line, names[row.file], row.line
            );
            Finding::new(kind, &names[row.file])
                .row(row.line)
                .id(&*row.facility.id)
                .value(lines)
        };
        let (a, b) = (&first.facility, &row.facility);
        if first.offers(row.service) {
            reading.findings.push(about(Kind::IdTwice, first));
        } else if works(a) != works(b) {
            reading.findings.push(about(Kind::FacilityDiffers, first));
        } else {
            first.rows.append(&mut row.rows);
            join(&mut first.facility, row.facility);
        }
    }
    merged
}

/// Adds what another row says of the same facility. Of one service that both add to, capacity adds up; it is as large as the larger
/// one, and public only if both are.
fn join(first: &mut Facility, row: Facility) {
    first.hubs.extend(row.hubs);
    first.hubs.sort();
    first.entrances.extend(row.entrances);
    first.entrances.sort_unstable();
    first.entrances.dedup();
    for offer in row.offers {
        match first
            .offers
            .iter_mut()
            .find(|each| each.service == offer.service)
        {
            Some(same) => {
                same.capacity = same
                    .capacity
                    .zip(offer.capacity)
                    .map(|(own, more)| own + more);
                same.size = same
                    .size
                    .zip(offer.size)
                    .map(|(own, other)| own.max(other))
                    .or(same.size)
                    .or(offer.size);
                same.public = same
                    .public
                    .zip(offer.public)
                    .map(|(own, other)| own && other);
            }
            None => first.offers.push(offer),
        }
    }
    first.offers.sort_by_key(|each| each.service);
}

/// A hub that has the file's name added to its id is meant by the facilities of its own file.
fn own_hubs(names: &[String], rows: &mut [FacilityRow]) {
    let qualified: BTreeSet<Box<str>> = rows
        .iter()
        .map(|row| row.facility.id.clone())
        .filter(|id| id.contains('@'))
        .collect();
    for row in rows {
        for (_, hub) in &mut row.facility.hubs {
            let own: Box<str> = format!("{hub}@{}", names[row.file]).into();
            if qualified.contains(&own) {
                *hub = own;
            }
        }
    }
}

/// What rows of one facility must agree on: where it stands, and when it is open.
fn works(facility: &Facility) -> (Point, Status, Option<i32>, Option<i32>) {
    (
        facility.at,
        facility.status,
        facility.opens,
        facility.closes,
    )
}

/// Departments number their facilities each for itself: an id that another file has for another facility is made its own by
/// the file's name.
fn qualify(reading: &mut Reading, names: &[String], known: &FacilityRow, row: &mut FacilityRow) {
    let (a, b) = (&known.facility, &row.facility);
    let offered = known.offers(row.service);
    let same = works(a) == works(b) && !offered;
    if known.file != row.file && !same {
        let own = format!("{}@{}", row.facility.id, names[row.file]);
        let finding = Finding::new(Kind::IdQualified, &names[row.file])
            .row(row.line)
            .id(&*row.facility.id);
        reading.findings.push(finding.value(&*own));
        row.facility.id = own.into();
    }
}

/// Tells files most of whose facilities lie in no community: they are probably in another coordinate system. A few may lie beyond the
/// city's border.
fn files_outside(reading: &mut Reading, city: &City, origins: &FacilityOrigins) {
    const LEAST: u64 = 10;
    let mut files: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for facility in city.facilities() {
        if let Some(origin) = origins.get(&facility.id).and_then(|rows| rows.first()) {
            let [outside, all] = files.entry(&origin.file).or_default();
            *outside += u64::from(facility.community.is_none());
            *all += 1;
        }
    }
    for (file, [outside, all]) in files {
        if all >= LEAST && outside * 2 > all {
            let finding = Finding::new(Kind::FileOutside, file).column("lon, lat");
            reading
                .findings
                .push(finding.value(format!("{outside} / {all}")));
        }
    }
}

/// Facilities that stand in no community, hubs that are not there, and services of which nothing is open, are told.
pub(super) fn check(
    reading: &mut Reading,
    city: &City,
    catalogue: &[Service],
    origins: &FacilityOrigins,
) {
    nothing_open(reading, city, catalogue);
    files_outside(reading, city, origins);
    let matters = matters(reading.plan, catalogue);
    for facility in city
        .facilities()
        .iter()
        .filter(|each| each.community.is_none())
    {
        let mut rows = origins[&facility.id].iter();
        let row = rows.find(|row| matters[row.service.index()]);
        let finding = row.map(|Origin { service, file, row }| {
            Finding::new(Kind::FacilityOutside, file)
                .row(*row)
                .service(&*catalogue[*service].id)
                .id(&*facility.id)
                .value(&*facility.name)
                .weight(1)
        });
        reading.findings.extend(finding);
    }
    let known = |id: &str| {
        city.facilities()
            .binary_search_by(|each| (*each.id).cmp(id))
            .is_ok()
    };
    for facility in city.facilities() {
        let asked = |of: ServiceAt| catalogue[of].hub.is_some() && matters[of.index()];
        for (of, hub) in facility
            .hubs
            .iter()
            .filter(|(of, hub)| asked(*of) && !known(hub))
        {
            let Origin { file, row, .. } = &origins[&facility.id][0];
            reading.findings.push(
                Finding::new(Kind::HubUnknown, file)
                    .row(*row)
                    .service(&*catalogue[*of].id)
                    .id(&*facility.id)
                    .value(&**hub)
                    .weight(1),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entrances_are_pairs_of_numbers_however_they_are_written() {
        let two = Some(vec![
            Coord { x: 104.1, y: 30.6 },
            Coord { x: 104.2, y: 30.7 },
        ]);
        for text in [
            "104.1 30.6; 104.2 30.7",
            "104.1,30.6；104.2,30.7",
            "MULTIPOINT((104.1 30.6), (104.2 30.7))",
            "multipoint (104.1 30.6, 104.2 30.7)",
        ] {
            assert_eq!(coordinates(text), two, "{text}");
        }
        assert_eq!(coordinates(""), Some(Vec::new()));
        for text in [
            "104.1",
            "104.1 30.6; 104.2",
            "the north gate",
            "nan 3",
            "LINESTRING(1 2)",
        ] {
            assert_eq!(coordinates(text), None, "{text}");
        }
    }
}
