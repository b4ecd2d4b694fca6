//! From the files of a round to a [`Book`].

use std::collections::BTreeMap;

use fuwutu_core::city::Status;
use fuwutu_core::service::Service;
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::written::{Written, WrittenError};
use geo::{Coord, MultiPolygon};
use geojson::{FeatureCollection, JsonObject};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{
    Book, Cause, Certainty, Community, CountyStanding, Demand, Edition, Equity, Finding, Manifest,
    Offer, Place, Served, Spot, Standing, Township, Unit,
};

impl Book {
    /// Reads a round back. Each file is checked against its hash.
    ///
    /// # Errors
    /// Where a file is missing, was changed, or is not what the tool writes.
    pub fn read(written: &Written) -> Result<Self, WrittenError> {
        let (manifest, standards) = Manifest::internal(written.manifest().clone());
        let (services, county_services) = services(standards, &manifest);
        let townships = townships(written)?;
        let units = units(written, &manifest, &townships)?;
        let at = Positions::new(&manifest, &services, &units);
        let communities = communities(written, &at)?;
        let standings = standings(written, &at)?;
        let mut places = places(written, &at)?;
        if manifest.projection.is_none() {
            places.iter_mut().for_each(|place| place.inflow_rate = None);
        }
        let offers = offers(written, &at)?;
        let served = served(written, &at, &offers)?;
        let demand = demand(written, &at)?;
        Ok(Self {
            edition: Edition::Internal,
            counties: counties(written)?,
            equities: equities(written, &at)?,
            findings: findings(written)?,
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
            units: units.iter().map(|unit| unit.id.clone()).zip(0..).collect(),
            services: services
                .iter()
                .map(|service| service.id.clone())
                .zip(0..)
                .collect(),
            years: manifest.years.iter().copied().zip(0..).collect(),
        }
    }

    fn standing(&self, unit: &str, service: &str, year: i32) -> Option<usize> {
        let (unit, service, year) = (
            *self.units.get(unit)?,
            *self.services.get(service)?,
            *self.years.get(&year)?,
        );
        Some((unit * self.services.len() + service) * self.years.len() + year)
    }
}

/// Those that are judged by unit, with the limits that were used; and those that are judged by county alone.
fn services(mut standards: Vec<Service>, manifest: &Manifest) -> (Vec<Service>, Vec<Service>) {
    for service in &mut standards {
        for limit in [&mut service.urban, &mut service.rural] {
            *limit = limit.map(|limit| limit.with_minutes(manifest.plan.services.minutes));
        }
    }
    let by_unit = |service: &Service| {
        let mut totals = manifest.totals.iter();
        totals.any(|total| total.service == service.id)
    };
    standards.into_iter().partition(by_unit)
}

#[derive(Deserialize)]
struct TownshipRow {
    township: String,
    township_name: String,
    residents: u64,
    #[serde(deserialize_with = "yes")]
    proved_least: bool,
}

fn townships(written: &Written) -> Result<Vec<Township>, WrittenError> {
    let rows: Vec<TownshipRow> = written.records("townships.csv")?;
    let township = |row: TownshipRow| Township {
        code: row.township,
        name: row.township_name,
        residents: row.residents,
        proved_least: row.proved_least,
    };
    Ok(rows.into_iter().map(township).collect())
}

#[derive(Deserialize)]
struct UnitRow {
    unit: String,
    township: String,
    residents: u64,
    communities: usize,
    #[serde(deserialize_with = "yes")]
    over_cap: bool,
    #[serde(deserialize_with = "yes")]
    contiguous: bool,
    note: String,
    over_cap_year: Option<i32>,
    #[serde(default)]
    since_last: Option<String>,
}

fn units(
    written: &Written,
    manifest: &Manifest,
    townships: &[Township],
) -> Result<Vec<Unit>, WrittenError> {
    let rows: Vec<UnitRow> = written.records("units.csv")?;
    // The columns of later years have names of their own in each round.
    let cells: Vec<BTreeMap<String, String>> = written.records("units.csv")?;
    let mut outlines = outlines(written, "units.geojson", "unit")?;
    let at: BTreeMap<&str, usize> = townships
        .iter()
        .map(|each| each.code.as_str())
        .zip(0..)
        .collect();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    rows.iter()
        .for_each(|row| *count.entry(row.township.clone()).or_default() += 1);
    let unit = |(row, cells): (UnitRow, BTreeMap<String, String>)| {
        let township = at.get(row.township.as_str()).copied();
        let township = township
            .ok_or_else(|| broken(written, "units.csv", format!("township `{}`", row.township)))?;
        let later = manifest.years[1..].iter().map(|year| {
            let own = cells
                .get(&format!("residents_{year}"))
                .and_then(|text| text.parse().ok());
            own.unwrap_or(row.residents)
        });
        let name = &townships[township].name;
        let serial = row.unit.rsplit_once('-').map_or("", |(_, serial)| serial);
        Ok(Unit {
            name: if count[&row.township] > 1 {
                format!("{name} {serial}")
            } else {
                name.clone()
            },
            township,
            residents: std::iter::once(row.residents).chain(later).collect(),
            communities: row.communities,
            over_cap: row.over_cap,
            contiguous: row.contiguous,
            notes: row.note.split_whitespace().map(str::to_owned).collect(),
            over_cap_year: row.over_cap_year,
            since: row.since_last.filter(|since| !since.is_empty()),
            outline: outlines
                .remove(&row.unit)
                .map_or_else(|| MultiPolygon(Vec::new()), |(outline, _)| outline),
            id: row.unit,
        })
    };
    rows.into_iter().zip(cells).map(unit).collect()
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
    let mut all = BTreeMap::new();
    for feature in layer.features {
        let properties = feature.properties.unwrap_or_default();
        let id = properties
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let geometry = feature
            .geometry
            .and_then(|geometry| geo::Geometry::try_from(geometry).ok());
        let outline = match geometry {
            Some(geo::Geometry::MultiPolygon(outline)) => outline,
            Some(geo::Geometry::Polygon(polygon)) => MultiPolygon(vec![polygon]),
            _ => return Err(broken(written, name, format!("`{id}` is no area"))),
        };
        all.insert(id, (outline, properties));
    }
    Ok(all)
}

fn communities(written: &Written, at: &Positions) -> Result<Vec<Community>, WrittenError> {
    let community = |(code, (outline, about)): (String, (MultiPolygon, JsonObject))| {
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
                .filter_map(|unit| at.units.get(unit).copied())
                .collect(),
            outline,
        }
    };
    Ok(outlines(written, "communities.geojson", "community")?
        .into_iter()
        .map(community)
        .collect())
}

#[derive(Deserialize)]
struct StandingRow {
    unit: String,
    service: String,
    year: i32,
    target_residents: Option<u64>,
    covered_residents: Option<u64>,
    coverage: Option<f64>,
    demand: Option<f64>,
    supply_inside: Option<f64>,
    supply_received: Option<f64>,
    shortfall_inside: Option<f64>,
    shortfall_reach: Option<f64>,
    access: Option<f64>,
    unsnapped_residents: Option<u64>,
    roadless_residents: Option<u64>,
    too_far_residents: Option<u64>,
    seated: Option<f64>,
    short_for_certain: Option<f64>,
    short_none_in_reach: Option<f64>,
    short_full: Option<f64>,
    short_none_exists: Option<f64>,
    rule: String,
    required: Option<u32>,
    present: Option<u32>,
    enough: Option<u32>,
    unknown: Option<u32>,
    attained: String,
    covered_public: Option<u64>,
    supply_inside_public: Option<f64>,
    substitute_residents: Option<u64>,
}

#[derive(Deserialize)]
struct CompareRow {
    unit: String,
    service: String,
    year: i32,
    covered_straight: Option<u64>,
    detour_median: Option<f64>,
    detour_p90: Option<f64>,
}

fn standings(written: &Written, at: &Positions) -> Result<Vec<Standing>, WrittenError> {
    let mut all = vec![Standing::default(); at.units.len() * at.services.len() * at.years.len()];
    for row in written.records::<StandingRow>("standing.csv")? {
        let place = at.standing(&row.unit, &row.service, row.year);
        let place = place.ok_or_else(|| {
            broken(
                written,
                "standing.csv",
                format!("`{}`, `{}`, {}", row.unit, row.service, row.year),
            )
        })?;
        all[place] = standing(row);
    }
    if written.has("compare.csv") {
        for row in written.records::<CompareRow>("compare.csv")? {
            // The lines of a unit over all services have no service.
            if let Some(place) = at.standing(&row.unit, &row.service, row.year) {
                all[place].covered_straight = row.covered_straight;
                all[place].detour_median = row.detour_median;
                all[place].detour_p90 = row.detour_p90;
            }
        }
    }
    Ok(all)
}

fn standing(row: StandingRow) -> Standing {
    Standing {
        target: row.target_residents,
        covered: row.covered_residents,
        coverage: row.coverage,
        unsnapped: row.unsnapped_residents,
        roadless: row.roadless_residents,
        too_far: row.too_far_residents,
        covered_straight: None,
        detour_median: None,
        detour_p90: None,
        demand: row.demand,
        supply_inside: row.supply_inside,
        supply_received: row.supply_received,
        shortfall_inside: row.shortfall_inside,
        shortfall_reach: row.shortfall_reach,
        access: row.access,
        seated: row.seated,
        short: row.short_for_certain,
        short_far: row.short_none_in_reach,
        short_full: row.short_full,
        short_none: row.short_none_exists,
        rule: row.rule,
        required: row.required.unwrap_or_default(),
        present: row.present.unwrap_or_default(),
        enough: row.enough.unwrap_or_default(),
        unknown: row.unknown.unwrap_or_default(),
        attained: match row.attained.as_str() {
            "yes" => Some(Attained::Yes),
            "unknown" => Some(Attained::Unknown),
            "too_small" => Some(Attained::TooSmall),
            "too_few" => Some(Attained::TooFew),
            "absent" => Some(Attained::Absent),
            _ => None,
        },
        covered_public: row.covered_public,
        inside_public: row.supply_inside_public,
        substitute: row.substitute_residents,
    }
}

#[derive(Deserialize)]
struct PlaceRow {
    place: u32,
    unit: String,
    inflow_rate: Option<f64>,
    need: f64,
    unserved_residents: Option<u64>,
    inflow_part: f64,
    place_by_unserved: u32,
    place_first: Option<u32>,
    place_last: Option<u32>,
    in_first_ten: Option<f64>,
}

#[derive(Deserialize)]
struct CauseRow {
    unit: String,
    service: String,
    weight: Option<f64>,
    shortfall_rate: Option<f64>,
    target_share: Option<f64>,
    part: f64,
}

fn places(written: &Written, at: &Positions) -> Result<Vec<Place>, WrittenError> {
    let mut causes: BTreeMap<usize, Vec<Cause>> = BTreeMap::new();
    for row in written.records::<CauseRow>("causes.csv")? {
        let known = at.units.get(&row.unit).zip(at.services.get(&row.service));
        let figures = row.weight.zip(row.shortfall_rate).zip(row.target_share);
        // The part of growth is no service's, and stands in the ranking.
        if let (Some((&unit, &service)), Some(((weight, shortfall_rate), target_share))) =
            (known, figures)
        {
            let cause = Cause {
                service,
                weight,
                shortfall_rate,
                target_share,
                part: row.part,
            };
            causes.entry(unit).or_default().push(cause);
        }
    }
    let place = |row: PlaceRow| {
        let unit = at.units.get(&row.unit).copied();
        let unit =
            unit.ok_or_else(|| broken(written, "ranking.csv", format!("unit `{}`", row.unit)))?;
        let certainty = row.place_first.zip(row.place_last).zip(row.in_first_ten);
        Ok(Place {
            place: row.place,
            unit,
            inflow_rate: row.inflow_rate,
            need: row.need,
            inflow_part: row.inflow_part,
            unserved: row.unserved_residents,
            place_by_unserved: row.place_by_unserved,
            certainty: certainty.map(|((first, last), in_first_ten)| Certainty {
                first,
                last,
                in_first_ten,
            }),
            causes: causes.remove(&unit).unwrap_or_default(),
        })
    };
    written
        .records::<PlaceRow>("ranking.csv")?
        .into_iter()
        .map(place)
        .collect()
}

#[derive(Deserialize)]
struct CountyRow {
    county: String,
    service: String,
    year: i32,
    residents: u64,
    demand: Option<f64>,
    capacity: Option<f64>,
    capacity_unknown: u32,
    short: Option<f64>,
    supply_demand_ratio: Option<f64>,
    facilities: u32,
    required: Option<u32>,
    attained: String,
}

fn counties(written: &Written) -> Result<Vec<CountyStanding>, WrittenError> {
    if !written.has("counties.csv") {
        return Ok(Vec::new());
    }
    let county = |row: CountyRow| CountyStanding {
        county: row.county,
        service: row.service,
        year: row.year,
        residents: row.residents,
        demand: row.demand,
        capacity: row.capacity,
        capacity_unknown: row.capacity_unknown,
        short: row.short,
        ratio: row.supply_demand_ratio,
        facilities: row.facilities,
        required: row.required,
        attained: (!row.attained.is_empty()).then(|| row.attained == "yes"),
    };
    Ok(written
        .records::<CountyRow>("counties.csv")?
        .into_iter()
        .map(county)
        .collect())
}

#[derive(Deserialize)]
struct EquityRow {
    service: String,
    year: i32,
    mean_access: Option<f64>,
    gini: Option<f64>,
    palma: Option<f64>,
    theil: Option<f64>,
    below_norm_share: Option<f64>,
}

fn equities(written: &Written, at: &Positions) -> Result<Vec<Equity>, WrittenError> {
    if !written.has("equity.csv") {
        return Ok(Vec::new());
    }
    let equity = |row: EquityRow| {
        Some(Equity {
            service: *at.services.get(&row.service)?,
            year: row.year,
            mean: row.mean_access,
            gini: row.gini,
            palma: row.palma,
            theil: row.theil,
            below_norm_share: row.below_norm_share,
        })
    };
    Ok(written
        .records::<EquityRow>("equity.csv")?
        .into_iter()
        .filter_map(equity)
        .collect())
}

#[derive(Deserialize)]
struct OfferRow {
    facility: String,
    facility_name: String,
    service: String,
    lon: f64,
    lat: f64,
    status: Status,
    opens: Option<i32>,
    capacity: Option<f64>,
    size: Option<f64>,
    ownership: String,
    unit: String,
}

#[derive(Deserialize)]
struct OriginRow {
    kind: String,
    id: String,
    service: String,
    file: String,
    row: u64,
}

fn offers(written: &Written, at: &Positions) -> Result<Vec<Offer>, WrittenError> {
    let mut origins: BTreeMap<(String, String), (String, u64)> = BTreeMap::new();
    for row in written
        .records::<OriginRow>("origins.csv")?
        .into_iter()
        .filter(|row| row.kind == "facility")
    {
        // Of several rows that a facility's capacity is added up from, the first.
        origins
            .entry((row.id, row.service))
            .or_insert((row.file, row.row));
    }
    let offer = |row: OfferRow| {
        let origin = origins.remove(&(row.facility.clone(), row.service.clone()));
        let (file, line) =
            origin.map_or_else(|| (String::new(), None), |(file, line)| (file, Some(line)));
        Offer {
            facility: row.facility,
            name: row.facility_name,
            service: at.services.get(&row.service).copied(),
            service_id: row.service,
            at: Coord {
                x: row.lon,
                y: row.lat,
            },
            status: row.status,
            opens: row.opens,
            capacity: row.capacity,
            size: row.size,
            public: match row.ownership.as_str() {
                "public" => Some(true),
                "private" => Some(false),
                _ => None,
            },
            unit: at.units.get(&row.unit).copied(),
            file,
            row: line,
        }
    };
    Ok(written
        .records::<OfferRow>("facilities.csv")?
        .into_iter()
        .map(offer)
        .collect())
}

/// The columns of `served.csv` before those of the years.
const SERVED: usize = 6;

fn served(
    written: &Written,
    at: &Positions,
    offers: &[Offer],
) -> Result<Vec<Served>, WrittenError> {
    let offer_at: BTreeMap<(&str, &str), usize> = offers
        .iter()
        .map(|offer| (offer.facility.as_str(), offer.service_id.as_str()))
        .zip(0..)
        .collect();
    let (mut all, mut header) = (Vec::new(), true);
    written.rows("served.csv", |row| {
        if std::mem::take(&mut header) {
            return Ok(());
        }
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let number = |at: usize| {
            cell(at)
                .parse::<f64>()
                .map_err(|_| format!("`{}` is no number", cell(at)))
        };
        let unknown = || format!("`{}`, `{}`, `{}`", cell(0), cell(1), cell(2));
        let received = (SERVED..row.len())
            .filter(|&at| !cell(at).is_empty())
            .map(number);
        all.push(Served {
            unit: *at.units.get(cell(0)).ok_or_else(unknown)?,
            service: *at.services.get(cell(1)).ok_or_else(unknown)?,
            offer: *offer_at.get(&(cell(2), cell(1))).ok_or_else(unknown)?,
            people: number(3)? as u64,
            least: number(4)?,
            mean: number(5)?,
            received: received.collect::<Result<_, _>>()?,
        });
        Ok(())
    })?;
    all.sort_by_key(|each| {
        (
            each.unit,
            each.service,
            std::cmp::Reverse(each.people),
            each.offer,
        )
    });
    Ok(all)
}

/// The columns of `demand.csv` before those of the services.
const SPOT: usize = 7;

fn demand(written: &Written, at: &Positions) -> Result<Demand, WrittenError> {
    let origins = written.records::<OriginRow>("origins.csv")?;
    let points = origins
        .into_iter()
        .filter(|row| row.kind == "point")
        .map(|row| (row.id, row.row));
    let rows: BTreeMap<String, u64> = points.collect();
    let (mut all, mut header) = (Demand::default(), None);
    written.rows("demand.csv", |row| {
        let Some(columns) = header else {
            all.columns = row
                .iter()
                .skip(SPOT)
                .map_while(|name| column(name, at))
                .collect();
            all.minutes = row.len() > SPOT + all.columns.len();
            header = Some(all.columns.len());
            return Ok(());
        };
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let number = |at: usize| {
            cell(at)
                .parse::<f64>()
                .map_err(|_| format!("`{}` is no number", cell(at)))
        };
        all.side_m = number(1)? as u32;
        all.spots.push(Spot {
            id: cell(0).to_owned(),
            at: Coord {
                x: number(2)?,
                y: number(3)?,
            },
            unit: at.units.get(cell(4)).copied(),
            residents: number(5)? as u64,
            points: number(6)? as u32,
            row: rows.get(cell(0)).copied(),
            shares: (SPOT..SPOT + columns)
                .map(|at| cell(at).parse().ok())
                .collect(),
            minutes: (SPOT + columns..row.len())
                .map(|at| cell(at).parse().ok())
                .collect(),
        });
        Ok(())
    })?;
    Ok(all)
}

/// What `<service>_covered_<year>` tells of.
fn column(name: &str, at: &Positions) -> Option<(usize, i32)> {
    let (service, year) = name.rsplit_once("_covered_")?;
    Some((*at.services.get(service)?, year.parse().ok()?))
}

#[derive(Deserialize)]
struct FindingRow {
    level: String,
    finding: String,
    file: String,
    row: Option<u64>,
    id: String,
    column: String,
    value: String,
    what: String,
    done: String,
    #[serde(rename = "说明")]
    what_zh: String,
    #[serde(rename = "处理")]
    done_zh: String,
}

fn findings(written: &Written) -> Result<Vec<Finding>, WrittenError> {
    let finding = |row: FindingRow| Finding {
        level: row.level,
        finding: row.finding,
        file: row.file,
        row: row.row,
        id: row.id,
        column: row.column,
        value: row.value,
        what: [row.what_zh, row.what],
        done: [row.done_zh, row.done],
    };
    Ok(written
        .records::<FindingRow>("findings.csv")?
        .into_iter()
        .map(finding)
        .collect())
}

fn broken(written: &Written, name: &str, message: String) -> WrittenError {
    WrittenError::Broken {
        path: written.folder().join(name),
        message,
    }
}

fn yes<'de, D: Deserializer<'de>>(cell: D) -> Result<bool, D::Error> {
    Ok(String::deserialize(cell)? == "yes")
}
