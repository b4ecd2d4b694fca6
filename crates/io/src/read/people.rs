//! Demand points.

use std::collections::BTreeMap;

use fuwutu_core::city::{Community, DemandPoint, surely_differ};
use fuwutu_core::position::CommunityAt;
use fuwutu_core::quantity::{AGE_BANDS, Ages, Point, Residents};
use fuwutu_core::spread;
use fuwutu_core::watch::{Stopped, step};
use geo::{Coord, Distance, Euclidean, Intersects};
use rayon::prelude::*;

use super::ages::{Groups, Scheme};
use super::keyed::{self, BESIDE, KeyColumns, Keys};
use super::land::{Land, MOST_RESIDENTS};
use super::spread::Totals;
use super::{MOST_POINTS_TOLD, ReadError, Reading, coarse, degrees, misplaced, name};
use crate::crs::Crs;
use crate::finding::account::Role;
use crate::finding::{Finding, Findings, Kind, Scope};
use crate::frame::Projection;
use crate::table::{Column, Row, Table};

pub(crate) const COLUMNS: [Column; 16] = [
    Column::optional("id", &["编号", "需求点编号"]),
    Column::required("community", keyed::CODES).or(&[keyed::NAME]),
    Column::optional(
        "lon",
        &["经度", "longitude", "x", "lng", "long", "X坐标", "东经"],
    ),
    Column::optional("lat", &["纬度", "latitude", "y", "Y坐标", "北纬"]),
    Column::required("residents", keyed::RESIDENTS),
    Column::optional("age_0_2", &[]),
    Column::optional("age_3_5", &[]),
    Column::optional("age_6_11", &[]),
    Column::optional("age_12_14", &[]),
    Column::optional("age_15_17", &[]),
    Column::optional("age_18_59", &[]),
    Column::optional("age_60_plus", &[]),
    BESIDE[0],
    BESIDE[1],
    BESIDE[2],
    BESIDE[3],
];
const ID: usize = 0;
const COMMUNITY: usize = 1;
const LON: usize = 2;
const LAT: usize = 3;
const RESIDENTS: usize = 4;
pub(super) const FIRST_AGE: usize = 5;
const KEYS: KeyColumns = KeyColumns {
    code: COMMUNITY,
    residents: Some(RESIDENTS),
    beside: 12,
};

/// A place holds at most a million people: more than any building, and no band can overflow.
pub(super) const MOST_AT_A_PLACE: f64 = 1e6;

/// Where most demand points of a file in metres are farther (metres) from their communities, it is in another system.
const FAR: f64 = 20_000.0;

/// A row as read.
struct PointRow {
    line: u64,
    id: Box<str>,
    community: CommunityAt,
    at: Coord,
    ages: Ages,
}

/// Demand points.
pub(super) struct People {
    pub points: Vec<(DemandPoint, Ages)>,
    /// Residents without a demand point, by community.
    pub totals: Totals,
    /// The groups by which the input counts their ages; without them these are estimated.
    pub ages: Option<Groups>,
    /// See [`super::Origins::points`].
    pub rows: BTreeMap<Box<str>, u64>,
}

/// The demand points of the plan's population; without one, and for communities that have residents and no point, their totals. A
/// population without places is one of totals.
pub(super) fn points(
    reading: &mut Reading,
    land: &Land,
    projection: &Projection,
) -> Result<People, ReadError> {
    let mut people = People {
        points: Vec::new(),
        totals: Vec::new(),
        ages: None,
        rows: BTreeMap::new(),
    };
    let mut given = vec![None; land.communities.len()];
    let mut listed = None;
    if let Some(source) = reading.plan.inputs.population.clone() {
        let file = name(&source.path);
        let declared = reading.declared(source.crs.as_deref(), &source.path)?;
        let (rows, crs) = reading.file(source.named(), &COLUMNS, |reading, file, tabular| {
            let findings = &mut reading.findings;
            findings.begin(Role::Population, file);
            let crs = declared.of_file(tabular.crs.as_deref(), file, findings)?;
            let table = Table::open(file, &tabular.text, &COLUMNS, &source.columns, findings)?;
            let placed = has_places(&table)?;
            if ["户", "套"].contains(&table.unit_of("residents")) {
                let finding = Finding::new(Kind::ResidentsUnit, file).column("residents");
                return Err(finding.value(table.unit_of("residents")).into());
            }
            let scheme = Scheme::new(&table, &reading.plan.people.age_shares);
            let groups = scheme.groups(&table, findings);
            if table.ages().is_empty() {
                findings.push(Finding::new(Kind::AgesEstimated, file));
            }
            let rows = match placed {
                true => Rows::Points(rows_of(reading, &table, groups.as_ref(), &crs)?),
                false => Rows::Totals(totals_of(reading, &table, land, groups.as_ref())?),
            };
            if let Rows::Points(rows) = &rows {
                let places = rows.iter().map(|row| row.at);
                coarse(file, places, &crs, &mut reading.findings);
            }
            people.ages = groups;
            Ok((rows, crs))
        })?;
        let everybody = Scope::File(file.clone());
        match rows {
            Rows::Points(rows) => {
                let residents = rows.iter().map(|row| row.ages.total().0).sum();
                reading.findings.whole(everybody, residents);
                twice(&mut reading.findings, &file, &rows);
                repeated(&mut reading.findings, &file, &rows);
                if rows.len() <= MOST_POINTS_TOLD {
                    people.rows = rows.iter().map(|row| (row.id.clone(), row.line)).collect();
                }
                people.points = placed(reading, &file, rows, land, (projection, &crs))?;
            }
            Rows::Totals(rows) => {
                let residents = rows.iter().map(|(_, ages, _)| ages.total().0).sum();
                reading.findings.whole(everybody, residents);
                let mut lines = vec![0; land.communities.len()];
                for (at, ages, line) in rows {
                    given[at.index()] = Some(ages);
                    let first = std::mem::replace(&mut lines[at.index()], line);
                    if first > 0 {
                        let finding = Finding::new(Kind::CommunityTwice, &file).row(line);
                        let code = land.communities[at].code.clone();
                        let finding = finding.id(code).value(format!("{first}, {line}"));
                        reading.findings.push(finding);
                    }
                }
                listed = Some(file.clone());
            }
        }
    }
    if let Some(file) = &listed {
        unlisted(&mut reading.findings, file, &given, land);
    }
    people.totals = totals(reading, &people.points, given, land);
    few(reading, land, &people);
    Ok(people)
}

/// Tells the communities that a table of totals does not have.
fn unlisted(findings: &mut Findings, file: &str, given: &[Option<Ages>], land: &Land) {
    for (community, _) in (land.communities.iter().zip(given)).filter(|(_, given)| given.is_none())
    {
        findings.push(Finding::new(Kind::CommunityUnlisted, file).id(community.code.clone()));
    }
}

/// Fewer residents in a community, on average, than any city has: they are counted in something else.
const FEW_A_COMMUNITY: f64 = 20.0;

/// Tells where the city has so few residents that they are probably tens of thousands, or households.
fn few(reading: &mut Reading, land: &Land, people: &People) {
    let all: Residents = of_communities(people).into_iter().sum();
    let communities = land.communities.len();
    if all.persons() < FEW_A_COMMUNITY * communities as f64 && communities >= 10 {
        let source = reading.plan.inputs.population.as_ref();
        let file = source.map_or(land.file.clone(), |source| name(&source.path));
        let value = format!("{} / {communities}", all.persons());
        reading.findings.push(
            Finding::new(Kind::PeopleFew, &file)
                .column("residents")
                .value(value),
        );
    }
}

/// What the rows of a population are.
enum Rows {
    Points(Vec<PointRow>),
    /// Residents of communities, and the line of each.
    Totals(Vec<(CommunityAt, Ages, u64)>),
}

/// Whether the rows of a table have places. Then they have ids, too.
fn has_places(table: &Table) -> Result<bool, Finding> {
    let placed = table.has("lon") || table.has("lat");
    let missing: Vec<&str> = ["id", "lon", "lat"]
        .into_iter()
        .filter(|name| placed && !table.has(name))
        .collect();
    if missing.is_empty() {
        return Ok(placed);
    }
    Err(table.missing(&missing))
}

/// The residents of the communities of a table without places.
fn totals_of(
    reading: &mut Reading,
    table: &Table,
    land: &Land,
    groups: Option<&Groups>,
) -> Result<Vec<(CommunityAt, Ages, u64)>, ReadError> {
    let shares = reading.plan.people.age_shares;
    let total = |row: &Row, at: Option<CommunityAt>, findings: &mut Findings| {
        let Some(at) = at else {
            return Ok(None);
        };
        let code = &*land.communities[at].code;
        let residents = row.amount(RESIDENTS, MOST_RESIDENTS);
        let residents = residents.map_err(|finding| finding.id(code))?;
        let ages = ages(row, code, residents, (groups, &shares), findings)?;
        Ok(Some((at, ages, row.line)))
    };
    keyed_rows(reading, table, |row, at, findings| {
        let at = at(row, findings)?;
        total(row, at, findings)
    })
}

/// The community of a row; `None` where a name leads to none, which is told of all such rows together.
type AtHome<'k> = dyn Fn(&Row, &mut Findings) -> Result<Option<CommunityAt>, Finding> + Sync + 'k;

/// What `read` makes of each row, to which it may ask for the community. Rows of which it makes nothing are left out.
fn keyed_rows<T: Send>(
    reading: &mut Reading,
    table: &Table,
    read: impl Fn(&Row, &AtHome, &mut Findings) -> Result<Option<T>, Finding> + Sync,
) -> Result<Vec<T>, ReadError> {
    let (walk, year) = (&reading.walk, reading.plan.round.base_year);
    let keys = Keys::new(table.file, &reading.gazetteer, KEYS, true);
    let home = |row: &Row, findings: &mut Findings| {
        let at = keys.community(row, (walk, year), findings)?;
        Ok(at.map(|at| CommunityAt::new(at as usize)))
    };
    let made = table.collect(reading.watch, &mut reading.findings, |row, findings| {
        read(row, &home, findings)
    })?;
    let matches = keys.finish(&mut reading.findings);
    reading.matches.extend(matches);
    let made: Vec<T> = made.into_iter().flatten().collect();
    reading.findings.use_rows(made.len());
    Ok(made)
}

fn rows_of(
    reading: &mut Reading,
    table: &Table,
    groups: Option<&Groups>,
    crs: &Crs,
) -> Result<Vec<PointRow>, ReadError> {
    let shares = reading.plan.people.age_shares;
    keyed_rows(reading, table, |row, home, findings| {
        let at = |id: &str| degrees(row, LON, LAT, crs).map_err(|finding| finding.id(id));
        point(row, home, &at, (groups, &shares), findings)
    })
}

fn point(
    row: &Row,
    home: &AtHome,
    at: &impl Fn(&str) -> Result<Coord, Finding>,
    (groups, shares): (Option<&Groups>, &[f64; AGE_BANDS.len()]),
    findings: &mut Findings,
) -> Result<Option<PointRow>, Finding> {
    let id = row.id(ID)?;
    let Some(community) = home(row, findings).map_err(|finding| finding.id(id))? else {
        return Ok(None);
    };
    let at = at(id)?;
    let persons = row
        .amount(RESIDENTS, MOST_AT_A_PLACE)
        .map_err(|finding| finding.id(id))?;
    Ok(Some(PointRow {
        line: row.line,
        id: id.into(),
        community,
        at,
        ages: ages(row, id, persons, (groups, shares), findings)?,
    }))
}

/// The ages of a row's residents: by its own columns of ages, else by `shares`.
fn ages(
    row: &Row,
    id: &str,
    persons: f64,
    (groups, shares): (Option<&Groups>, &[f64; AGE_BANDS.len()]),
    findings: &mut Findings,
) -> Result<Ages, Finding> {
    let residents = thousandths(persons);
    let own = match groups {
        Some(groups) => groups.people(row, id, (RESIDENTS, residents.persons()), findings)?,
        None => None,
    };
    let ages = Ages::split(residents, own.as_ref().unwrap_or(shares));
    ages.ok_or_else(|| row.finding(Kind::NumberHuge, RESIDENTS).id(id))
}

pub(super) fn thousandths(persons: f64) -> Residents {
    Residents((persons * 1000.0).round() as u64)
}

fn twice(findings: &mut Findings, file: &str, rows: &[PointRow]) {
    if surely_differ(rows.par_iter().map(|row| &*row.id)) {
        return;
    }
    let mut order: Vec<&PointRow> = rows.iter().collect();
    order.par_sort_unstable_by(|a, b| (&a.id, a.line).cmp(&(&b.id, b.line)));
    for pair in order.windows(2).filter(|pair| pair[0].id == pair[1].id) {
        let lines = format!("{}, {}", pair[0].line, pair[1].line);
        findings.push(
            Finding::new(Kind::IdTwice, file)
                .row(pair[1].line)
                .id(&*pair[1].id)
                .value(lines),
        );
    }
}

/// Tells rows that have the community, place and residents of another: a row was copied, or an export holds it twice. Places without
/// residents add nothing. O(n log n).
fn repeated(findings: &mut Findings, file: &str, rows: &[PointRow]) {
    let key = |row: &PointRow| {
        let Coord { x, y } = row.at;
        (x.to_bits(), y.to_bits(), row.community, row.ages.total())
    };
    let lived_in = rows.par_iter().filter(|row| row.ages.total().0 > 0);
    let mut order: Vec<&PointRow> = lived_in.collect();
    order.par_sort_unstable_by_key(|row| (key(row), row.line));
    let mut pairs: Vec<(&PointRow, &PointRow)> = order
        .windows(2)
        .filter(|pair| key(pair[0]) == key(pair[1]))
        .map(|pair| (pair[0], pair[1]))
        .collect();
    pairs.sort_unstable_by_key(|(_, second)| second.line);
    for (first, second) in pairs {
        let finding = Finding::new(Kind::PointTwice, file)
            .row(second.line)
            .id(format!("{}, {}", first.id, second.id));
        let finding = finding.value(format!("{}, {}", first.line, second.line));
        findings.push(finding.weight(second.ages.total().0));
    }
}

/// Puts the points into the plane. One that is nowhere near goes to a place inside its community.
fn placed(
    reading: &mut Reading,
    file: &str,
    rows: Vec<PointRow>,
    land: &Land,
    (projection, crs): (&Projection, &Crs),
) -> Result<Vec<(DemandPoint, Ages)>, ReadError> {
    let places: Vec<Option<Point>> = rows
        .par_iter()
        .map(|row| place(row.at, projection))
        .collect();
    elsewhere(file, &places, |at| rows[at].at, (projection, crs))?;
    let watch = reading.watch;
    let astray: Vec<Option<f64>> = rows
        .par_iter()
        .zip(&places)
        .enumerate()
        .map(|(number, (row, place))| {
            step(watch, number)?;
            Ok(place.and_then(|at| astray(&land.communities[row.community], at)))
        })
        .collect::<Result<_, Stopped>>()?;
    // Another zone has them far from where they belong, though still in the plane.
    let far: Vec<usize> = (0..rows.len())
        .filter(|&at| astray[at] > Some(FAR) && crs.is_plane())
        .collect();
    if far.len() * 2 > rows.len() {
        let value = numbers(rows[far[0]].at, projection, crs);
        return Err(Finding::new(Kind::Elsewhere, file).value(value).into());
    }
    let mut points = Vec::with_capacity(rows.len());
    for ((row, place), astray) in rows.into_iter().zip(places).zip(astray) {
        let residents = row.ages.total().0;
        let about = |kind| {
            let finding = Finding::new(kind, file).row(row.line).id(&*row.id);
            finding.weight(residents)
        };
        if let Some(distance) = astray {
            let code = &land.communities[row.community].code;
            reading
                .findings
                .push(about(Kind::Astray).value(format!("{code}, {distance:.0} m")));
        }
        let at = place.unwrap_or_else(|| {
            reading
                .findings
                .push(about(Kind::Unplaced).value(format!("{}, {}", row.at.x, row.at.y)));
            inside(&land.communities[row.community])
        });
        points.push((
            DemandPoint {
                id: row.id,
                at,
                community: row.community,
            },
            row.ages,
        ));
    }
    Ok(points)
}

/// A place in the plane; `None` at 0,0 and beyond all cities.
pub(super) fn place(degrees: Coord, projection: &Projection) -> Option<Point> {
    let nowhere = degrees == Coord::zero();
    if nowhere {
        None
    } else {
        Point::from_metres(projection.to_plane(degrees))
    }
}

/// An error where most places are not near the city: the whole file is in another system, or of another city.
pub(super) fn elsewhere(
    file: &str,
    places: &[Option<Point>],
    degrees: impl Fn(usize) -> Coord,
    (projection, crs): (&Projection, &Crs),
) -> Result<(), Finding> {
    let far: Vec<usize> = (0..places.len())
        .filter(|&at| places[at].is_none())
        .collect();
    if far.len() * 2 <= places.len() {
        return Ok(());
    }
    let turned = |&at: &usize| {
        let at = degrees(at);
        place(Coord { x: at.y, y: at.x }, projection).is_some()
    };
    let kind = if far.iter().filter(|at| turned(at)).count() * 2 > far.len() {
        Kind::Swapped
    } else {
        Kind::Elsewhere
    };
    let first = degrees(far[0]);
    let value = numbers(first, projection, crs);
    Err(Finding::new(kind, file).value(value))
}

/// The numbers of a place that lies far from the city, and what they fit.
fn numbers(degrees: Coord, projection: &Projection, crs: &Crs) -> String {
    let city = projection.to_degrees(Coord::zero());
    match crs.of_degrees(degrees).filter(|_| crs.is_plane()) {
        Some(metres) => misplaced(metres, crs, Some(city)),
        None => format!("{}, {}", degrees.x, degrees.y),
    }
}

/// How far (metres) the place lies from its community, if more than digitising and moving gates explain.
pub(super) fn astray(community: &Community, at: Point) -> Option<f64> {
    let at = geo::Point(at.metres());
    // Part by part: of the whole geo would find the bounding box first, each time.
    if community.polygon.iter().any(|part| part.intersects(&at)) {
        return None;
    }
    let distance = Euclidean.distance(&at, &community.polygon);
    (distance > 100.0).then_some(distance)
}

/// A place inside a community.
pub(super) fn inside(community: &Community) -> Point {
    spread::centre(&community.polygon)
}

/// The residents of each community, at points or without one.
pub(super) fn of_communities(people: &People) -> Vec<Residents> {
    let mut sums: Vec<Residents> = (people.totals.iter())
        .map(|total| total.as_ref().map_or(Residents::default(), Ages::total))
        .collect();
    for (point, ages) in &people.points {
        sums[point.community.index()] += ages.total();
    }
    sums
}

/// Per thousand: parts that differ from their total by more are reported.
pub(super) const SUMS_DIFFER: u64 = 5;

/// Whether a sum is so far from its total that this is reported.
pub(super) fn sum_differs(sum: Residents, total: Residents) -> bool {
    u128::from(sum.0.abs_diff(total.0)) * 1000 > u128::from(total.0) * u128::from(SUMS_DIFFER)
}

/// Reports townships whose communities have more or fewer residents than the layer of townships says.
pub(super) fn sums(reading: &mut Reading, land: &Land, people: &People) {
    let mut sums = vec![Residents::default(); land.townships.len()];
    for (community, residents) in land.communities.iter().zip(of_communities(people)) {
        sums[community.township.index()] += residents;
    }
    let file = name(&reading.plan.inputs.townships.path);
    let totals = land.stated_of_townships.iter();
    let stated = totals.clone().flatten();
    let stated = stated.map(|&persons| thousandths(persons).0).sum();
    reading.findings.whole(Scope::File(file.clone()), stated);
    for ((township, total), sum) in land.townships.iter().zip(totals).zip(sums) {
        let Some(total) = total.map(thousandths) else {
            continue;
        };
        if sum_differs(sum, total) {
            let finding = Finding::new(Kind::SumDiffers, &file).column("residents");
            let finding = finding.id(&*township.code).value(difference(sum, total));
            reading
                .findings
                .push(finding.weight(sum.0.abs_diff(total.0)));
        }
    }
}

/// `950 ≠ 1000 (-50)`.
pub(super) fn difference(sum: Residents, total: Residents) -> String {
    let (sum, total) = (sum.persons(), total.persons());
    format!("{sum} ≠ {total} ({:+})", sum - total)
}

/// The residents of each community that has no point: those that the population gives it (`given`), else those of the layer; compares
/// both with what the layer says.
fn totals(
    reading: &mut Reading,
    points: &[(DemandPoint, Ages)],
    given: Vec<Option<Ages>>,
    land: &Land,
) -> Totals {
    let mut sums: Vec<Option<Residents>> = given
        .iter()
        .map(|given| given.as_ref().map(Ages::total))
        .collect();
    let mut totals = given;
    for (point, ages) in points {
        let sum = sums[point.community].get_or_insert(Residents::default());
        *sum += ages.total();
    }
    let stated = land.stated.iter().flatten();
    let stated = stated.map(|&persons| thousandths(persons).0).sum();
    let everybody = Scope::File(land.file.clone());
    reading.findings.whole(everybody, stated);
    let mut nobody = vec![true; land.townships.len()];
    for (at, ((community, stated), sum)) in
        CommunityAt::enumerate(land.communities.iter().zip(&land.stated).zip(sums))
    {
        let about = |kind| Finding::new(kind, &land.file).id(community.code.clone());
        let stated = stated.map(thousandths);
        let mut residents = sum.unwrap_or_default();
        match (sum, stated) {
            (Some(sum), Some(stated)) if sum.0.abs_diff(stated.0) >= 500 => {
                let value = format!("{} ≠ {}", stated.persons(), sum.persons());
                let finding = about(Kind::TotalDiffers).column("residents").value(value);
                let differs = sum.0.abs_diff(stated.0);
                reading.findings.push(finding.weight(differs));
            }
            (None, Some(stated)) if stated.0 > 0 => {
                match Ages::split(stated, &reading.plan.people.age_shares) {
                    Some(ages) => totals[at.index()] = Some(ages),
                    None => reading
                        .findings
                        .push(about(Kind::NumberHuge).column("residents")),
                }
                if reading.plan.inputs.population.is_some() {
                    reading
                        .findings
                        .push(about(Kind::NoPoints).value(stated.persons().to_string()));
                }
                residents = stated;
            }
            (None, None) if reading.plan.inputs.population.is_some() => {
                reading.findings.push(about(Kind::Nobody));
            }
            (None, None) => reading
                .findings
                .push(about(Kind::NumberMissing).column("residents")),
            _ => {}
        }
        nobody[community.township] &= residents.0 == 0;
    }
    if reading.plan.inputs.population.is_none() {
        reading
            .findings
            .push(Finding::new(Kind::AgesEstimated, &land.file));
    }
    let township_file = reading.plan.inputs.townships.path.display().to_string();
    for (township, _) in land
        .townships
        .iter()
        .zip(nobody)
        .filter(|(_, nobody)| *nobody)
    {
        reading
            .findings
            .push(Finding::new(Kind::Nobody, &township_file).id(township.code.clone()));
    }
    let some = |total: Option<Ages>| total.filter(|ages| ages.total().0 > 0);
    totals.into_iter().map(some).collect()
}
