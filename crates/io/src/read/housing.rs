//! New dwellings, and the demand points where their residents will live.

use std::collections::{BTreeMap, HashMap};

use fuwutu_core::city::{City, Community, DemandPoint};
use fuwutu_core::projection::Housing;
use fuwutu_core::quantity::{Ages, Point, Residents};
use geo::Coord;

use super::land::Land;
use super::people::{MOST_AT_A_PLACE, astray, inside, place, thousandths};
use super::{Reading, degrees};
use crate::finding::{Failure, Finding, Findings, Kind};
use crate::frame::Projection;
use crate::plan::year;
use crate::table::{Column, Row, Table};

const COLUMNS: [Column; 7] = [
    Column::required("community", &["社区代码", "社区"]),
    Column::required("year", &["入住年份", "年份"]),
    Column::required("dwellings", &["住宅套数", "套数"]),
    Column::optional("persons", &["户均人口"]),
    Column::optional("occupancy", &["入住率"]),
    Column::optional("lon", &["经度", "longitude", "x"]),
    Column::optional("lat", &["纬度", "latitude", "y"]),
];
const COMMUNITY: usize = 0;
const YEAR: usize = 1;
const DWELLINGS: usize = 2;
const PERSONS: usize = 3;
const OCCUPANCY: usize = 4;
const LON: usize = 5;
const LAT: usize = 6;

/// A row that counts.
pub(super) struct HousingRow {
    community: String,
    year: i32,
    residents: Residents,
    /// Id of the demand point where they will live, where the row says where.
    point: Option<String>,
}

/// What is noticed over several rows.
#[derive(Default)]
struct Seen {
    /// Lines of equal rows.
    rows: BTreeMap<String, u64>,
    /// Who lives at each new demand point.
    points: BTreeMap<String, f64>,
}

/// The plan's housing. Adds to `points` those where residents will live: at the rows' own places, and inside communities where
/// nobody lives so far. Their ids say community and place, so that they do not depend on the order of rows.
pub(super) fn rows(
    reading: &mut Reading,
    land: &Land,
    points: &mut Vec<(DemandPoint, Ages)>,
    projection: &Projection,
) -> Result<Vec<HousingRow>, Failure> {
    let Some(source) = reading.plan.inputs.housing.clone() else { return Ok(Vec::new()) };
    let (file, text) = reading.text(&source.path)?;
    let table = Table::open(&file, &text, &COLUMNS, &source.columns, &mut reading.findings)?;
    let codes: HashMap<&str, u32> = land.communities.iter().map(|each| each.code.as_str()).zip(0..).collect();
    let mut lived_in = vec![false; land.communities.len()];
    points.iter().for_each(|(point, ages)| lived_in[point.community as usize] |= ages.total().0 > 0);
    let (mut rows, mut seen, mut new) = (Vec::new(), Seen::default(), BTreeMap::new());
    let Reading { plan, findings, .. } = reading;
    let mut add = |row: &Row, findings: &mut Findings| -> Result<(), Finding> {
        let code = row.id(COMMUNITY)?;
        let at = *codes.get(code).ok_or_else(|| row.finding(Kind::ParentUnknown, COMMUNITY))?;
        let about = |finding: Finding| finding.id(code);
        let (year, persons) = counted(row, plan.people.household_size, plan.growth.occupancy).map_err(about)?;
        let community = &land.communities[at as usize];
        let spot = spot(row, community, projection, findings).map_err(about)?;
        let spot = spot.or_else(|| (!lived_in[at as usize]).then(|| (format!("housing-{code}"), inside(community))));
        let about = |kind, at| row.finding(kind, at).id(code);
        if year <= plan.round.base_year {
            findings.push(about(Kind::HousingPast, YEAR));
            return Ok(());
        }
        if year > plan.round.base_year + plan.round.horizon_years as i32 {
            findings.push(about(Kind::HousingLate, YEAR));
        }
        let point = spot.map(|(id, place)| {
            new.insert(id.clone(), DemandPoint { id: id.as_str().into(), at: place, community: at });
            id
        });
        let key = format!("{code} {year} {} {}", row.cell(DWELLINGS), point.as_deref().unwrap_or_default());
        if let Some(first) = seen.rows.insert(key, row.line) {
            findings.push(about(Kind::HousingTwice, DWELLINGS).value(format!("{first}, {}", row.line)));
        }
        let there = seen.points.entry(point.clone().unwrap_or_else(|| code.to_owned())).or_default();
        *there += persons;
        if *there > MOST_AT_A_PLACE {
            return Err(about(Kind::NumberHuge, DWELLINGS).value(there.to_string()));
        }
        rows.push(HousingRow { community: code.to_owned(), year, residents: thousandths(persons), point });
        Ok(())
    };
    let count = table.rows(|row| {
        if let Err(finding) = add(&row, findings) {
            findings.push(finding);
        }
    })?;
    if count == 0 {
        reading.findings.push(Finding::new(Kind::NoRows, &file));
    }
    points.extend(new.into_values().map(|point| (point, Ages::default())));
    Ok(rows)
}

/// The year in which people move in, and how many.
fn counted(row: &Row, household_size: f64, occupancy: f64) -> Result<(i32, f64), Finding> {
    let year = year_of(row, YEAR)?;
    let dwellings = row.amount(DWELLINGS, MOST_AT_A_PLACE)?;
    let persons = row.optional_amount(PERSONS, 50.0)?.unwrap_or(household_size);
    let own = row.optional_number(OCCUPANCY)?.unwrap_or(occupancy);
    if !(0.0..=1.0).contains(&own) {
        return Err(row.finding(Kind::ShareBroken, OCCUPANCY));
    }
    Ok((year, dwellings * persons * own))
}

/// The year in a cell.
pub(super) fn year_of(row: &Row, at: usize) -> Result<i32, Finding> {
    row.cell(at).parse().ok().filter(|&each| year(each)).ok_or_else(|| row.finding(Kind::YearBroken, at))
}

/// The row's own place, where it has one, with the id of its demand point. One far from the city is moved inside its
/// community.
fn spot(
    row: &Row,
    community: &Community,
    projection: &Projection,
    findings: &mut Findings,
) -> Result<Option<(String, Point)>, Finding> {
    if row.cell(LON).is_empty() && row.cell(LAT).is_empty() {
        return Ok(None);
    }
    let degrees = degrees(row, LON, LAT)?;
    let Coord { x: lon, y: lat } = degrees;
    let about = |kind| row.finding(kind, LON).id(community.code.clone());
    let at = place(degrees, projection).unwrap_or_else(|| {
        findings.push(about(Kind::Unplaced).value(format!("{lon}, {lat}")));
        inside(community)
    });
    if let Some(distance) = astray(community, at) {
        findings.push(about(Kind::Astray).value(format!("{}, {distance:.0} m", community.code)));
    }
    Ok(Some((format!("housing-{}-{lon}-{lat}", community.code), at)))
}

/// The rows with the positions that their communities and demand points have in the city.
pub(super) fn placed(city: &City, rows: Vec<HousingRow>) -> Vec<Housing> {
    let new = city.points().iter().zip(0..).filter(|(point, _)| point.id.starts_with("housing-"));
    let points: HashMap<&str, u32> = new.map(|(point, at)| (&*point.id, at)).collect();
    let at = |code: &str| city.communities().binary_search_by(|each| each.code.as_str().cmp(code));
    let placed = |row: HousingRow| {
        let community = at(&row.community).ok()? as u32;
        let point = row.point.and_then(|id| points.get(id.as_str()).copied());
        Some(Housing { community, year: row.year, residents: row.residents, point })
    };
    rows.into_iter().filter_map(placed).collect()
}
