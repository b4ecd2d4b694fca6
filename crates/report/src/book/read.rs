//! From the files of a round to a [`Book`].

use std::collections::BTreeMap;

use fuwutu_core::completeness::WAYS;
use fuwutu_core::cube::{At, Cube};
use fuwutu_core::service::Service;
use fuwutu_io::tables;
use fuwutu_io::tables::compare::Compare;
use fuwutu_io::tables::completeness::Completeness;
use fuwutu_io::tables::facilities::Facility;
use fuwutu_io::tables::origins::{FACILITY, Origin, POINT};
use fuwutu_io::tables::standing::Standing;
use fuwutu_io::tables::townships::Township;
use fuwutu_io::tables::{Table, Width};
use fuwutu_io::written::{Written, WrittenError};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use geojson::{FeatureCollection, GeometryValue, JsonObject, Position};
use serde_json::Value;

use super::{
    Book, Cause, Community, Demand, Edition, Equity, Manifest, Offer, Place, Served, Spot, Unit,
    place,
};

impl Book {
    /// Reads a round back. Each file is checked against its hash.
    ///
    /// # Errors
    /// Where a file is missing, was changed, or is not what the tool writes.
    pub fn read(written: &Written) -> Result<Self, WrittenError> {
        let (manifest, standards) = Manifest::internal(written.manifest().clone());
        let (services, county_services) = services(standards, &manifest);
        let townships = written.rows(&Width::default())?;
        let units = units(written, &manifest, &townships)?;
        let positions = Positions::new(&manifest, &services, &units);
        let communities = communities(written, &positions)?;
        let standings = standings(written, &positions)?;
        let mut places = places(written, &positions)?;
        if manifest.projection.is_none() {
            places.iter_mut().for_each(|place| place.inflow_rate = None);
        }
        let origins: Vec<Origin> = written.rows(&Width::default())?;
        let offers = offers(written, &positions, &origins)?;
        let served = served(written, &positions, &manifest.years, &offers)?;
        let demand = demand(written, &positions, &services, &origins)?;
        Ok(Self {
            edition: Edition::Internal,
            completeness: completeness(written, &manifest, &units)?,
            compares: compares(written, &positions)?,
            counties: some_rows(written)?,
            equities: equities(written, &positions)?,
            findings: written.rows(&Width::default())?,
            inputs: some_rows(written)?,
            manifest,
            services,
            county_services,
            townships,
            units,
            communities,
            standings,
            places,
            offers,
            offers_left_out: 0,
            served,
            demand,
        })
    }
}

/// Positions of what tables name by id.
struct Positions {
    units: BTreeMap<String, usize>,
    services: BTreeMap<String, usize>,
    years: BTreeMap<i32, usize>,
}

impl Positions {
    fn new(manifest: &Manifest, services: &[Service], units: &[Unit]) -> Self {
        Self {
            units: units
                .iter()
                .map(|unit| unit.row.unit.clone())
                .zip(0..)
                .collect(),
            services: services
                .iter()
                .map(|service| service.id.clone())
                .zip(0..)
                .collect(),
            years: manifest.years.iter().copied().zip(0..).collect(),
        }
    }

    /// An empty row for every unit, service and year.
    fn cube<R: Table>(&self) -> Cube<R> {
        let [units, services, years] = [self.units.len(), self.services.len(), self.years.len()];
        Cube::from_fn(units, services, years, |_| R::default())
    }

    fn standing(&self, unit: &str, service: &str, year: i32) -> Option<At> {
        let (unit, service, year) = (
            *self.units.get(unit)?,
            *self.services.get(service)?,
            *self.years.get(&year)?,
        );
        Some(place(unit, service, year))
    }
}

/// Services that are judged by unit, with the limits that were used; and services that are judged by county only.
fn services(mut standards: Vec<Service>, manifest: &Manifest) -> (Vec<Service>, Vec<Service>) {
    for service in &mut standards {
        for limit in [&mut service.urban, &mut service.rural] {
            *limit = limit.map(|limit| limit.with_minutes(manifest.plan.services.minutes));
        }
    }
    standards.into_iter().partition(|service| {
        let mut totals = manifest.totals.iter();
        totals.any(|total| total.service == service.id)
    })
}

fn units(
    written: &Written,
    manifest: &Manifest,
    townships: &[Township],
) -> Result<Vec<Unit>, WrittenError> {
    let width = Width {
        years: manifest.years.clone(),
        ..Width::default()
    };
    let rows: Vec<tables::units::Unit> = written.rows(&width)?;
    let mut outlines = outlines(written, "units.geojson", "unit")?;
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        *count.entry(row.township.clone()).or_default() += 1;
    }
    rows.into_iter()
        .map(|row| {
            let township = townships
                .iter()
                .position(|township| township.township == row.township);
            let township = township.ok_or_else(|| {
                broken(written, "units.csv", format!("township `{}`", row.township))
            })?;
            let name = &townships[township].township_name;
            let serial = row.unit.rsplit_once('-').map_or("", |(_, serial)| serial);
            Ok(Unit {
                name: if count[&row.township] > 1 {
                    format!("{name} {serial}")
                } else {
                    name.clone()
                },
                township,
                outline: outlines
                    .remove(&row.unit)
                    .map_or_else(|| MultiPolygon(Vec::new()), |(outline, _)| outline),
                row,
            })
        })
        .collect()
}

/// The areas of a layer with their properties, by one of these.
fn outlines(
    written: &Written,
    name: &str,
    key: &str,
) -> Result<BTreeMap<String, (MultiPolygon, JsonObject)>, WrittenError> {
    let text = written.text(name)?;
    let layer: FeatureCollection = text
        .parse()
        .map_err(|error: geojson::Error| broken(written, name, error.to_string()))?;
    let mut outlines = BTreeMap::new();
    for feature in layer.features {
        let properties = feature.properties.unwrap_or_default();
        let id = properties
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let outline = feature
            .geometry
            .and_then(|geometry| area(&geometry.value))
            .ok_or_else(|| broken(written, name, format!("`{id}` is no area")))?;
        outlines.insert(id, (outline, properties));
    }
    Ok(outlines)
}

/// `None` of what is no area or has a position that is no pair of numbers.
fn area(geometry: &GeometryValue) -> Option<MultiPolygon> {
    let ring = |positions: &Vec<Position>| {
        let place = |position: &Position| match position.as_slice() {
            &[x, y, ..] if x.is_finite() && y.is_finite() => Some(Coord { x, y }),
            _ => None,
        };
        positions.iter().map(place).collect::<Option<Vec<Coord>>>()
    };
    let polygon = |rings: &Vec<Vec<Position>>| {
        let rings: Option<Vec<_>> = rings.iter().map(ring).collect();
        let mut rings = rings?.into_iter().map(LineString);
        Some(Polygon::new(rings.next()?, rings.collect()))
    };
    match geometry {
        GeometryValue::Polygon { coordinates } => Some(MultiPolygon(vec![polygon(coordinates)?])),
        GeometryValue::MultiPolygon { coordinates } => coordinates
            .iter()
            .map(polygon)
            .collect::<Option<_>>()
            .map(MultiPolygon),
        _ => None,
    }
}

fn communities(written: &Written, positions: &Positions) -> Result<Vec<Community>, WrittenError> {
    Ok(outlines(written, "communities.geojson", "community")?
        .into_iter()
        .map(|(code, (outline, about))| {
            let text = |name: &str| about.get(name).and_then(Value::as_str).unwrap_or_default();
            Community {
                code,
                name: text("community_name").to_owned(),
                residents: about
                    .get("residents")
                    .and_then(Value::as_u64)
                    .unwrap_or_default(),
                units: text("units")
                    .split(' ')
                    .filter_map(|unit| positions.units.get(unit).copied())
                    .collect(),
                outline,
            }
        })
        .collect())
}

fn standings(written: &Written, positions: &Positions) -> Result<Cube<Standing>, WrittenError> {
    let mut standings: Cube<Standing> = positions.cube();
    for row in written.rows::<Standing>(&Width::default())? {
        let position = positions.standing(&row.unit, &row.service, row.year);
        let position = position.ok_or_else(|| {
            let name = format!("`{}`, `{}`, {}", row.unit, row.service, row.year);
            broken(written, Standing::FILE, name)
        })?;
        standings[position] = row;
    }
    Ok(standings)
}

fn completeness(
    written: &Written,
    manifest: &Manifest,
    units: &[Unit],
) -> Result<Vec<Completeness>, WrittenError> {
    let rows: Vec<Completeness> = some_rows(written)?;
    let years = &manifest.years;
    let lines = years.iter().flat_map(|&year| WAYS.map(|way| (year, way)));
    let lines: Vec<_> = lines.collect();
    let whole = rows.is_empty() || rows.len() > units.len() * lines.len();
    let in_order = rows.chunks(lines.len()).enumerate().all(|(area, rows)| {
        let same = |(row, (year, (within, services))): (&Completeness, &(i32, (_, _)))| {
            let way = (row.within, row.services) == (Some(*within), Some(*services));
            row.year == *year && way && units.get(area).is_none_or(|unit| unit.row.unit == row.id)
        };
        rows.len() == lines.len() && rows.iter().zip(&lines).all(same)
    });
    if whole && in_order {
        Ok(rows)
    } else {
        let message = "not one line for each unit, year and way of counting".to_owned();
        Err(broken(written, Completeness::FILE, message))
    }
}

fn compares(
    written: &Written,
    positions: &Positions,
) -> Result<Option<Cube<Compare>>, WrittenError> {
    if !written.has(Compare::FILE) {
        return Ok(None);
    }
    let mut compares: Cube<Compare> = positions.cube();
    for row in written.rows::<Compare>(&Width::default())? {
        // The lines of a unit over all services have no service.
        if let Some(position) = positions.standing(&row.unit, &row.service, row.year) {
            compares[position] = row;
        }
    }
    Ok(Some(compares))
}

fn places(written: &Written, positions: &Positions) -> Result<Vec<Place>, WrittenError> {
    let mut causes: BTreeMap<String, Vec<Cause>> = BTreeMap::new();
    for row in written.rows::<tables::causes::Cause>(&Width::default())? {
        // The part of growth is no service's, and stands in the ranking.
        if let Some(&service) = positions.services.get(&row.service) {
            let of_unit = causes.entry(row.unit.clone()).or_default();
            of_unit.push(Cause { row, service });
        }
    }
    let rows = written.rows(&Width::default())?;
    rows.into_iter()
        .map(|row: tables::ranking::Place| {
            let unit = positions.units.get(&row.unit).copied();
            Ok(Place {
                unit: unit.ok_or_else(|| {
                    broken(written, "ranking.csv", format!("unit `{}`", row.unit))
                })?,
                causes: causes.remove(&row.unit).unwrap_or_default(),
                row,
            })
        })
        .collect()
}

/// The rows of a table that a round may not have.
fn some_rows<R: Table>(written: &Written) -> Result<Vec<R>, WrittenError> {
    if written.has(R::FILE) {
        written.rows(&Width::default())
    } else {
        Ok(Vec::new())
    }
}

fn equities(written: &Written, positions: &Positions) -> Result<Vec<Equity>, WrittenError> {
    Ok(some_rows(written)?
        .into_iter()
        .filter_map(|row: tables::equity::Equity| {
            let service = *positions.services.get(&row.service)?;
            Some(Equity { row, service })
        })
        .collect())
}

fn offers(
    written: &Written,
    positions: &Positions,
    origins: &[Origin],
) -> Result<Vec<Offer>, WrittenError> {
    let mut first: BTreeMap<(&str, &str), &Origin> = BTreeMap::new();
    for origin in origins.iter().filter(|origin| origin.kind == FACILITY) {
        // Where a facility's capacity is the sum of several rows, the first of them.
        let key = (origin.id.as_str(), origin.service.as_str());
        first.entry(key).or_insert(origin);
    }
    let rows = written.rows(&Width::default())?;
    Ok(rows
        .into_iter()
        .map(|row: Facility| {
            let origin = first.get(&(row.facility.as_str(), row.service.as_str()));
            Offer {
                service: positions.services.get(&row.service).copied(),
                unit: positions.units.get(&row.unit).copied(),
                file: origin.map_or_else(String::new, |origin| origin.file.clone()),
                file_row: origin.map(|origin| origin.row),
                row,
            }
        })
        .collect())
}

fn served(
    written: &Written,
    positions: &Positions,
    years: &[i32],
    offers: &[Offer],
) -> Result<Vec<Served>, WrittenError> {
    let offer_positions: BTreeMap<(&str, &str), usize> = offers
        .iter()
        .map(|offer| (offer.facility.as_str(), offer.row.service.as_str()))
        .zip(0..)
        .collect();
    let width = Width {
        years: years.to_vec(),
        ..Width::default()
    };
    let mut served = Vec::new();
    written.each::<tables::served::Served>(&width, |mut row| {
        let unknown = || format!("`{}`, `{}`, `{}`", row.unit, row.service, row.facility);
        let offer = offer_positions.get(&(row.facility.as_str(), row.service.as_str()));
        let (unit, service) = (
            positions.units.get(&row.unit),
            positions.services.get(&row.service),
        );
        let (unit, service, offer) = (
            *unit.ok_or_else(unknown)?,
            *service.ok_or_else(unknown)?,
            *offer.ok_or_else(unknown)?,
        );
        for id in [&mut row.unit, &mut row.service, &mut row.facility] {
            *id = String::new();
        }
        served.push(Served {
            row,
            unit,
            service,
            offer,
        });
        Ok(())
    })?;
    served.sort_by_key(|served| {
        (
            served.unit,
            served.service,
            std::cmp::Reverse(served.people_in_reach),
            served.offer,
        )
    });
    Ok(served)
}

fn demand(
    written: &Written,
    positions: &Positions,
    services: &[Service],
    origins: &[Origin],
) -> Result<Demand, WrittenError> {
    let points = origins.iter().filter(|origin| origin.kind == POINT);
    let file_rows: BTreeMap<&str, u64> = points
        .map(|origin| (origin.id.as_str(), origin.row))
        .collect();
    let header = written.header(tables::demand::Demand::FILE)?;
    let columns = header.iter().filter_map(|name| column(name, positions));
    let columns: Vec<(usize, i32)> = columns.collect();
    let minutes = header.iter().any(|name| name.ends_with("_minutes"));
    let ids = services.iter().map(|service| service.id.clone());
    let width = Width {
        coverage: columns
            .iter()
            .map(|&(service, year)| (services[service].id.clone(), year))
            .collect(),
        timed: if minutes { ids.collect() } else { Vec::new() },
        ..Width::default()
    };
    let mut demand = Demand {
        columns,
        minutes,
        ..Demand::default()
    };
    written.each::<tables::demand::Demand>(&width, |row| {
        demand.side_m = row.side_m;
        demand.spots.push(Spot {
            unit: positions.units.get(&row.unit).copied(),
            file_row: file_rows.get(row.point.as_str()).copied(),
            row,
        });
        Ok(())
    })?;
    Ok(demand)
}

/// The service and year of a column `<service>_covered_<year>`.
fn column(name: &str, positions: &Positions) -> Option<(usize, i32)> {
    let (service, year) = name.rsplit_once("_covered_")?;
    Some((*positions.services.get(service)?, year.parse().ok()?))
}

fn broken(written: &Written, name: &str, message: String) -> WrittenError {
    WrittenError::Broken {
        path: written.folder().join(name),
        message,
    }
}
