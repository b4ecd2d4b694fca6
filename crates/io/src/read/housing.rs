//! New dwellings, and the demand points where their residents will live.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use fuwutu_core::city::{City, Community, DemandPoint};
use fuwutu_core::crosswalk::Date;
use fuwutu_core::position::{CommunityAt, PointAt};
use fuwutu_core::projection::Housing;
use fuwutu_core::quantity::{Ages, Point, Residents};
use geo::Coord;

use super::keyed::{self, BESIDE, KeyColumns, Keys};
use super::land::Land;
use super::people::{MOST_AT_A_PLACE, People, astray, inside, place, thousandths};
use super::{ReadError, Reading, degrees};
use crate::crs::Crs;
use crate::finding::account::Role;
use crate::finding::{Finding, Findings, Kind};
use crate::frame::Projection;
use crate::plan::{Plan, year};
use crate::table::{Column, Row, Table};

pub(crate) const COLUMNS: [Column; 11] = [
    Column::required("community", keyed::CODES).or(&[keyed::NAME]),
    Column::required(
        "year",
        &["入住年份", "年份", "入住时间", "交付年份", "交付时间"],
    ),
    Column::required("dwellings", &["住宅套数", "套数"]),
    Column::optional("persons", &["户均人口"]),
    Column::optional("occupancy", &["入住率"]),
    Column::optional(
        "lon",
        &["经度", "longitude", "x", "lng", "long", "X坐标", "东经"],
    ),
    Column::optional("lat", &["纬度", "latitude", "y", "Y坐标", "北纬"]),
    BESIDE[0],
    BESIDE[1],
    BESIDE[2],
    BESIDE[3],
];
const COMMUNITY: usize = 0;
const YEAR: usize = 1;
const DWELLINGS: usize = 2;
const PERSONS: usize = 3;
const OCCUPANCY: usize = 4;
const LON: usize = 5;
const LAT: usize = 6;
const KEYS: KeyColumns = KeyColumns {
    code: COMMUNITY,
    residents: None,
    beside: 7,
};

/// A row that counts.
pub(super) struct HousingRow {
    line: u64,
    community: String,
    year: i32,
    residents: Residents,
    /// The demand point where they will live, where it is known.
    home: Option<DemandPoint>,
}

/// The plan's housing. Adds to the demand points those where residents will live: at the rows' own places, and inside communities where
/// nobody lives so far. Their ids say community and place, so that they do not depend on the order of rows.
pub(super) fn rows(
    reading: &mut Reading,
    land: &Land,
    people: &mut People,
    projection: &Projection,
) -> Result<Vec<HousingRow>, ReadError> {
    let Some(source) = reading.plan.inputs.housing.clone() else {
        return Ok(Vec::new());
    };
    let declared = reading.declared(source.crs.as_deref(), &source.path)?;
    let (file, tabular) = reading.table(source.named(), &COLUMNS)?;
    let crs = declared.of_file(tabular.crs.as_deref(), &file, &mut reading.findings)?;
    reading.findings.begin(Role::Housing, &file);
    let table = Table::open(
        &file,
        &tabular.text,
        &COLUMNS,
        &source.columns,
        &mut reading.findings,
    )?;
    let gazetteer = Arc::clone(&reading.gazetteer);
    let keys = Keys::new(&file, &gazetteer, KEYS, true);
    let mut lived_in: Vec<bool> = people.totals.iter().map(Option::is_some).collect();
    people
        .points
        .iter()
        .for_each(|(point, ages)| lived_in[point.community] |= ages.total().0 > 0);
    let Reading {
        plan,
        findings,
        walk,
        watch,
        matches: all_matches,
        ..
    } = reading;
    let mut housing = Vec::new();
    let mut add = |row: &Row, findings: &mut Findings| -> Result<(), Finding> {
        let Some(at) = keys.community(row, (walk, plan.round.base_year), findings)? else {
            return Ok(());
        };
        let at = CommunityAt::new(at as usize);
        let code = &*land.communities[at].code;
        let about = |finding: Finding| finding.id(code);
        let (year, residents) = counted(row, plan).map_err(about)?;
        let community = &land.communities[at];
        let spot = spot(row, community, (&crs, projection), findings).map_err(about)?;
        let spot = spot
            .or_else(|| (!lived_in[at]).then(|| (format!("housing-{code}"), inside(community))));
        if let Some(kind) = not_in_time(year, plan) {
            findings.refuse(row.finding(kind, YEAR).id(code));
            return Ok(());
        }
        let home = spot.map(|(id, place)| DemandPoint {
            id: id.into(),
            at: place,
            community: at,
        });
        housing.push(HousingRow {
            line: row.line,
            community: code.to_owned(),
            year,
            residents,
            home,
        });
        Ok(())
    };
    let count = table.rows(*watch, |row| {
        if let Err(finding) = add(&row, findings) {
            findings.refuse(finding);
        }
    })?;
    table.report_counts(findings);
    all_matches.extend(keys.finish(findings));
    findings.use_rows(housing.len());
    if count == 0 {
        findings.push(Finding::new(Kind::NoRows, &file));
    }
    check(findings, &file, &housing);
    let homes = housing.iter().filter_map(|row| row.home.as_ref());
    let homes: BTreeMap<&str, &DemandPoint> = homes.map(|home| (&*home.id, home)).collect();
    people.points.extend(
        homes
            .into_values()
            .map(|home| (home.clone(), Ages::default())),
    );
    Ok(housing)
}

/// What is wrong with a year in which the dwellings do not count.
fn not_in_time(year: i32, plan: &Plan) -> Option<Kind> {
    let (base, ahead) = (plan.round.base_year, plan.round.horizon_years as i32);
    match year {
        _ if year <= base => Some(Kind::HousingPast),
        _ if year > base + ahead => Some(Kind::HousingLate),
        _ => None,
    }
}

/// Tells equal rows, and places with more people than any has.
fn check(findings: &mut Findings, file: &str, housing: &[HousingRow]) {
    let mut seen = BTreeMap::new();
    let mut there: BTreeMap<&str, Residents> = BTreeMap::new();
    for row in housing {
        let about = |kind| {
            Finding::new(kind, file)
                .row(row.line)
                .id(row.community.as_str())
                .column("dwellings")
        };
        let place = row
            .home
            .as_ref()
            .map_or(row.community.as_str(), |home| &home.id);
        if let Some(first) = seen.insert((place, row.year, row.residents), row.line) {
            findings.push(about(Kind::HousingTwice).value(format!("{first}, {}", row.line)));
        }
        let there = there.entry(place).or_default();
        *there += row.residents;
        if there.persons() > MOST_AT_A_PLACE {
            findings.push(about(Kind::NumberHuge).value(there.persons().to_string()));
        }
    }
}

/// The year in which people move in, and how many.
fn counted(row: &Row, plan: &Plan) -> Result<(i32, Residents), Finding> {
    let year = year_of(row, YEAR)?;
    let dwellings = row.amount(DWELLINGS, MOST_AT_A_PLACE)?;
    let persons = row
        .optional_amount(PERSONS, 50.0)?
        .unwrap_or(plan.people.household_size);
    let occupancy = row
        .optional_number(OCCUPANCY)?
        .unwrap_or(plan.growth.occupancy);
    if !(0.0..=1.0).contains(&occupancy) {
        return Err(row.finding(Kind::ShareBroken, OCCUPANCY));
    }
    Ok((year, thousandths(dwellings * persons * occupancy)))
}

/// The year in a cell, which may be a date.
pub(super) fn year_of(row: &Row, at: usize) -> Result<i32, Finding> {
    row.date(at)
        .map(Date::year)
        .filter(|&each| year(each))
        .ok_or_else(|| row.finding(Kind::YearBroken, at))
}

/// The row's own place, where it has one, with the id of its demand point. One far from the city is moved inside its
/// community.
fn spot(
    row: &Row,
    community: &Community,
    (crs, projection): (&Crs, &Projection),
    findings: &mut Findings,
) -> Result<Option<(String, Point)>, Finding> {
    if row.cell(LON).is_empty() && row.cell(LAT).is_empty() {
        return Ok(None);
    }
    let degrees = degrees(row, LON, LAT, crs)?;
    let Coord { x: lon, y: lat } = degrees;
    let about = |kind| row.finding(kind, LON).id(community.code.clone());
    let at = place(degrees, projection).unwrap_or_else(|| {
        findings.push(about(Kind::Unplaced).value(format!("{lon}, {lat}")));
        inside(community)
    });
    if let Some(distance) = astray(community, at) {
        findings.push(about(Kind::Astray).value(format!("{}, {distance:.0} m", community.code)));
    }
    Ok(Some((
        format!("housing-{}-{lon}-{lat}", community.code),
        at,
    )))
}

/// The rows with the positions that their communities and demand points have in the city.
pub(super) fn placed(city: &City, rows: &[HousingRow]) -> Vec<Housing> {
    let homes: HashSet<&str> = rows
        .iter()
        .filter_map(|row| Some(&*row.home.as_ref()?.id))
        .collect();
    let points = PointAt::enumerate(city.points());
    let points: HashMap<&str, PointAt> = points
        .filter(|(_, point)| homes.contains(&*point.id))
        .map(|(at, point)| (&*point.id, at))
        .collect();
    let placed = |row: &HousingRow| {
        let community = city.community_at(&row.community)?;
        let point = row
            .home
            .as_ref()
            .and_then(|home| points.get(&*home.id).copied());
        Some(Housing {
            community,
            year: row.year,
            residents: row.residents,
            point,
        })
    };
    rows.iter().filter_map(placed).collect()
}
