//! What the page knows: a header of plain JSON, and columns of numbers.

use std::collections::BTreeMap;

use fuwutu_core::completeness::WAYS;
use fuwutu_core::quantity::AGE_BANDS;
use fuwutu_core::service::{Figure, Service};
use fuwutu_io::finding::{Finding, Lang, summary};
use fuwutu_io::standards;
use fuwutu_io::tables::completeness::{Completeness, LACKING};
use fuwutu_io::tables::findings::FindingRow;
use fuwutu_io::tables::{self, Kind, Spread, Table, Topic};
use fuwutu_io::words::{self, Coded, Word};
use geo::{BoundingRect, Coord, InteriorPoint, MultiPolygon};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::columns::Columns;
use super::topology::{Frame, Layer};
use crate::book::{Book, Edition, Equity, Place, Served, Spot, Unit};
use crate::change::Change;
use crate::foot;

/// Facilities listed for each unit and service; of those beyond, how many there are and what is received from them.
const SERVED_MOST: usize = 20;
/// Points of the borders of units, and of those of communities.
const POINTS_MOST: [usize; 2] = [150_000, 300_000];

/// All that the page knows, as the bytes that the page unpacks.
pub(super) fn payload(book: &Book, change: Option<&Change>) -> Vec<u8> {
    let frame = frame(book);
    let mut columns = Columns::default();
    let mut header = header(book, &frame, change);
    columns.put(
        "unit.residents",
        book.units.iter().flat_map(|unit| {
            (0..book.manifest.years.len()).map(|year| unit.residents(year) as f64)
        }),
    );
    areas(book, &frame, &mut columns);
    standings(book, &mut header, &mut columns);
    completeness(book, &mut header, &mut columns);
    offers(book, &frame, &mut header, &mut columns);
    served(book, &mut columns);
    spots(book, &frame, &mut columns);
    columns.under(header)
}

/// Round the units, where people live and the facilities that they have within the limit. Others are beyond the map.
fn frame(book: &Book) -> Frame {
    let outlines = book.units.iter().map(|unit| &unit.outline);
    let corners = outlines
        .filter_map(BoundingRect::bounding_rect)
        .flat_map(|rect| [rect.min(), rect.max()]);
    let spots = book.demand.spots.iter().map(Spot::place);
    Frame::around(
        corners.chain(spots).chain(
            book.served
                .iter()
                .map(|served| book.offers[served.offer].place()),
        ),
    )
}

/// A line for each kind of findings in each file: its level, what it says and what was done, in both languages. Single ones stand in
/// `findings.csv`.
fn findings(book: &Book) -> Vec<Value> {
    let findings: Vec<Finding> = book
        .findings
        .iter()
        .filter_map(FindingRow::finding)
        .collect();
    let catalogue = [&book.services[..], &book.county_services].concat();
    let lines = summary::lines(&findings);
    let line = |line: &summary::Line| {
        json!({
            "level": line.level.name(),
            "text": [line.text(Lang::Zh, &catalogue), line.text(Lang::En, &catalogue)],
            "then": [line.then(Lang::Zh), line.then(Lang::En)],
        })
    };
    lines.iter().map(line).collect()
}

fn header(book: &Book, frame: &Frame, change: Option<&Change>) -> Map<String, Value> {
    let manifest = &book.manifest;
    let (edition, small) = match book.edition {
        Edition::Internal => ("internal", None),
        Edition::Public { small } => ("public", Some(small)),
    };
    let header = json!({
        "format": 1,
        "edition": edition,
        "small": small,
        "round": manifest.round,
        "version": manifest.version,
        "synthetic": manifest.plan.round.synthetic,
        "map_approval": manifest.plan.report.map_approval,
        "date": manifest.plan.report.date,
        "statement": [manifest.statement.zh, manifest.statement.en],
        "datum": manifest.datum,
        "attribution": attribution(book),
        "years": manifest.years,
        "totals": objects(&manifest.totals),
        "city": manifest.city,
        "units_info": manifest.units,
        "projection": manifest.projection,
        "roads": manifest.roads,
        "plan": manifest.plan,
        "inputs": manifest.inputs,
        "frame": { "west": frame.west, "south": frame.south, "east": frame.east, "north": frame.north },
        "services": book.services.iter().enumerate().map(|(at, row)| service(row, book.supplied(at), manifest.years[0])).collect::<Vec<_>>(),
        "county_services": book.county_services.iter().map(|row| service(row, true, manifest.years[0])).collect::<Vec<_>>(),
        "not_supplied": manifest.not_supplied,
        "townships": objects(&book.townships),
        "units": book.units.iter().map(unit).collect::<Vec<_>>(),
        "communities": book.communities.iter().map(|community| json!({
            "code": community.code, "name": community.name, "residents": community.residents, "units": community.units,
        })).collect::<Vec<_>>(),
        "places": book.places.iter().map(place).collect::<Vec<_>>(),
        "counties": objects(&book.counties),
        "equities": book.equities.iter().map(equity).collect::<Vec<_>>(),
        "findings": findings(book),
        "demand": { "side_m": book.demand.side_m, "columns": book.demand.columns, "minutes": book.demand.minutes },
        "offers_left_out": book.offers_left_out,
        "need_limits": book.need_limits(),
        "change": change,
    });
    match header {
        Value::Object(header) => header,
        _ => Map::new(),
    }
}

/// Whether something is known of its facilities beside it.
fn service(service: &Service, supplied: bool, base_year: i32) -> Value {
    let name = [&service.name.zh, &service.name.en];
    let unit = if service.capacity_unit.is_empty() {
        ["", ""]
    } else {
        words::capacity_unit(&service.capacity_unit)
    };
    let figures = figures(service, "", &Figure::ALL, base_year);
    let others = service.own.iter().flat_map(|(scope, own)| {
        let row = service.clone().in_scope(scope);
        self::figures(&row, scope, &own.figures(), base_year)
    });
    let scope = service
        .main_evidence()
        .map(|evidence| standards::short(evidence, base_year));
    // What the figures say in words need not stand there twice.
    let row = Service {
        evidence: Vec::new(),
        own: BTreeMap::new(),
        aliases: Vec::new(),
        ..service.clone()
    };
    json!({
        "id": service.id,
        "name": name,
        "short": name.map(|name| words::short_name(name)),
        "unit": unit,
        "supplied": supplied,
        "figures": figures.into_iter().chain(others).collect::<Vec<_>>(),
        "scope": scope.unwrap_or_default(),
        "row": row,
    })
}

/// Figures of a row in words, with what they rest on; `scope` where it is not the one that counts.
fn figures(service: &Service, scope: &str, figures: &[Figure], base_year: i32) -> Vec<Value> {
    let line = |&figure: &Figure| {
        let value = standards::figure(service, figure)?;
        let evidence = service.evidence_of(figure);
        let basis = evidence.map(|evidence| standards::basis(evidence, base_year));
        Some(json!({
            "figure": figure.word().name,
            "value": value,
            "status": service.status.of(figure),
            "basis": basis.unwrap_or_default(),
            "scope": scope,
        }))
    };
    figures.iter().filter_map(line).collect()
}

/// A row as an object: a field for each of its columns, a list for one that is spread; null for nothing.
fn object<R: Table>(row: &R) -> Map<String, Value> {
    let columns = R::COLUMNS.iter();
    columns
        .map(|column| {
            let cells = (0..(column.cells)(row))
                .map(|cell| json(column.about.kind, &(column.get)(row, cell)));
            let value = match column.about.spread {
                Spread::One | Spread::IfAny => cells.into_iter().next().unwrap_or_default(),
                _ => cells.collect(),
            };
            (column.about.name.to_owned(), value)
        })
        .collect()
}

fn objects<R: Table>(rows: &[R]) -> Value {
    rows.iter().map(object).map(Value::Object).collect()
}

fn json(kind: Kind, value: &tables::Value<'_>) -> Value {
    match value {
        // Text is empty where there is none.
        tables::Value::Nothing if kind.is_text() => json!(""),
        value => tables::json(kind, value),
    }
}

fn unit(unit: &Unit) -> Value {
    let mut object = object(&unit.row);
    object.insert("name".to_owned(), json!(unit.name));
    object.insert("township_position".to_owned(), json!(unit.township));
    Value::Object(object)
}

fn place(place: &Place) -> Value {
    let causes = place.causes.iter().map(|cause| {
        json!([
            cause.service,
            cause.weight,
            cause.shortfall_rate,
            cause.part,
            cause.missing_by,
            cause.figure_status
        ])
    });
    let mut object = object(&place.row);
    object.insert("unit_position".to_owned(), json!(place.unit));
    object.insert("causes".to_owned(), causes.collect());
    Value::Object(object)
}

fn equity(equity: &Equity) -> Value {
    let mut object = object(&equity.row);
    object.insert("service_position".to_owned(), json!(equity.service));
    Value::Object(object)
}

fn areas(book: &Book, frame: &Frame, columns: &mut Columns) {
    let units: Vec<&MultiPolygon> = book.units.iter().map(|unit| &unit.outline).collect();
    let layer = Layer::of(&units, frame, POINTS_MOST[0]);
    let township = |side: Option<u32>| side.map(|unit| book.units[unit as usize].township);
    columns.put(
        "unit.arc.township",
        layer
            .sides
            .iter()
            .map(|[a, b]| u8::from(township(*a) != township(*b)))
            .collect::<Vec<_>>(),
    );
    put_layer("unit", &layer, columns);
    let labels: Vec<_> = units
        .par_iter()
        .map(|outline| frame.cell(label(outline)))
        .collect();
    columns.put("unit.label.x", labels.iter().map(|cell| cell.0));
    columns.put("unit.label.y", labels.iter().map(|cell| cell.1));
    let communities: Vec<&MultiPolygon> = book
        .communities
        .iter()
        .map(|community| &community.outline)
        .collect();
    if !communities.is_empty() {
        put_layer(
            "community",
            &Layer::of(&communities, frame, POINTS_MOST[1]),
            columns,
        );
    }
}

/// A place inside the largest part of an area; the frame's origin for none.
fn label(outline: &MultiPolygon) -> Coord {
    let largest = outline.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
    largest
        .and_then(InteriorPoint::interior_point)
        .map(Coord::from)
        .unwrap_or_default()
}

fn size(part: &&geo::Polygon) -> f64 {
    let rect = part.bounding_rect();
    rect.map_or(0.0, |rect| rect.width() * rect.height())
}

fn put_layer(name: &str, layer: &Layer, columns: &mut Columns) {
    let points = || layer.arcs.iter().flatten();
    columns.put(
        format!("{name}.arc.start"),
        starts(layer.arcs.iter().map(Vec::len)),
    );
    columns.put(format!("{name}.arc.x"), points().map(|cell| cell.0));
    columns.put(format!("{name}.arc.y"), points().map(|cell| cell.1));
    columns.put(
        format!("{name}.arc.sides"),
        layer
            .sides
            .iter()
            .flatten()
            .map(|side| side.unwrap_or(u32::MAX)),
    );
    columns.put(
        format!("{name}.ring.start"),
        starts(layer.areas.iter().flatten().map(Vec::len)),
    );
    columns.put(
        format!("{name}.ring.arcs"),
        layer.areas.iter().flatten().flatten().copied(),
    );
    columns.put(
        format!("{name}.rings"),
        starts(layer.areas.iter().map(Vec::len)),
    );
}

/// The positions where each group begins, and where the last ends.
fn starts(counts: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut starts = vec![0];
    let mut sum = 0;
    starts.extend(counts.map(|count| {
        sum += count as u32;
        sum
    }));
    starts
}

/// The numbers and codes of a declared table, row by row, under `name.` and the column's name: a number as it is (NaN for nothing), a
/// code by its place among its words (255 for nothing). What nothing is known of has no column, and names and ids are left to others.
fn put_rows<'a, R: Table>(
    columns: &mut Columns,
    name: &str,
    wanted: impl Fn(&tables::About) -> bool,
    rows: &(impl Iterator<Item = &'a R> + Clone),
) {
    let single = R::COLUMNS
        .iter()
        .filter(|column| matches!(column.about.spread, Spread::One | Spread::IfAny));
    for column in single.filter(|column| wanted(&column.about)) {
        let values = rows.clone().map(|row| (column.get)(row, 0));
        let name = format!("{name}.{}", column.about.name);
        let kind = column.about.kind;
        if let Kind::Code(words) = kind {
            columns.put(name, values.map(|value| code(words, &value)));
        } else if !kind.is_text() && values.clone().any(|value| value.number().is_some()) {
            columns.put(name, values.map(|value| value.number().unwrap_or(f64::NAN)));
        }
    }
}

/// The place of a code among its words.
fn code(words: &[Word], value: &tables::Value<'_>) -> u8 {
    let tables::Value::Text(code) = value else {
        return u8::MAX;
    };
    let place = words.iter().position(|word| word.code == code);
    place.map_or(u8::MAX, |place| place as u8)
}

fn standings(book: &Book, header: &mut Map<String, Value>, columns: &mut Columns) {
    // Which line it is its place says, and the rule may be one of the catalogue's own.
    put_rows(
        columns,
        "standing",
        |about: &tables::About| about.topic != Topic::Which && about.name != "rule",
        &book.standings.iter(),
    );
    if let Some(compares) = &book.compares {
        put_rows(columns, "standing", straight, &compares.iter());
    }
    let mut rules: Vec<&str> = book
        .standings
        .iter()
        .map(|standing| standing.rule.as_str())
        .filter(|rule| !rule.is_empty())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    columns.put(
        "standing.rule",
        book.standings.iter().map(|standing| {
            let place = rules.binary_search(&standing.rule.as_str());
            place.map_or(u16::MAX, |place| place as u16)
        }),
    );
    header.insert("rules".to_owned(), json!(rules));
}

/// What the residents of units have in reach, year by year, in each way of counting; and the lines of the city.
fn completeness(book: &Book, header: &mut Map<String, Value>, columns: &mut Columns) {
    let (years, services) = (book.manifest.years.len(), &book.services);
    let lines = years * WAYS.len();
    let rows = &book.completeness[..(book.units.len() * lines).min(book.completeness.len())];
    let city = book.completeness.len().saturating_sub(lines);
    header.insert(
        "completeness".to_owned(),
        objects(&book.completeness[city..]),
    );
    let singles = |about: &tables::About| !["year", "count"].contains(&about.name);
    put_rows(columns, "complete", singles, &rows.iter());
    let position = |row: &Completeness| {
        let mut ids = services.iter();
        let position = ids.position(|service| service.id == row.lacked_service);
        position.map_or(u16::MAX, |position| position as u16)
    };
    columns.put("complete.lacked_service", rows.iter().map(position));
    let lacking = rows
        .iter()
        .flat_map(|row| (0..LACKING.len()).map(|class| row.lacking.get(class).copied().flatten()));
    let lacking = lacking.map(|people| people.map_or(u32::MAX, |people| people as u32));
    columns.put("complete.lacking", lacking);
    let ages = rows.iter().flat_map(|row| {
        (0..AGE_BANDS.len()).map(|band| row.share_by_age.get(band).copied().flatten())
    });
    columns.put(
        "complete.share_by_age",
        ages.map(|share| share.unwrap_or(f64::NAN)),
    );
}

/// What stands beside straight lines.
pub(super) fn straight(about: &tables::About) -> bool {
    ["covered_straight", "detour_median", "detour_p90"].contains(&about.name)
}

fn offers(book: &Book, frame: &Frame, header: &mut Map<String, Value>, columns: &mut Columns) {
    let offers = &book.offers;
    let cells: Vec<_> = offers
        .iter()
        .map(|offer| {
            if frame.holds(offer.place()) {
                frame.cell(offer.place())
            } else {
                (u16::MAX, u16::MAX)
            }
        })
        .collect();
    columns.put("offer.x", cells.iter().map(|cell| cell.0));
    columns.put("offer.y", cells.iter().map(|cell| cell.1));
    columns.put(
        "offer.service",
        offers
            .iter()
            .map(|offer| offer.service.map_or(u16::MAX, |service| service as u16)),
    );
    columns.put(
        "offer.unit",
        offers
            .iter()
            .map(|offer| offer.unit.map_or(u32::MAX, |unit| unit as u32)),
    );
    put_rows(
        columns,
        "offer",
        offered,
        &offers.iter().map(|offer| &offer.row),
    );
    let mut files: Vec<&str> = offers.iter().map(|offer| offer.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    columns.put(
        "offer.file",
        offers.iter().map(|offer| {
            let place = files.binary_search(&offer.file.as_str());
            place.map_or(u16::MAX, |place| place as u16)
        }),
    );
    columns.put(
        "offer.row",
        offers
            .iter()
            .map(|offer| offer.file_row.map_or(u32::MAX, |row| row as u32)),
    );
    header.insert("files".to_owned(), json!(files));
    let ids: Vec<&str> = offers.iter().map(|offer| offer.facility.as_str()).collect();
    let names: Vec<&str> = offers
        .iter()
        .map(|offer| offer.facility_name.as_str())
        .collect();
    header.insert("offers".to_owned(), json!({ "ids": ids, "names": names }));
}

/// What of an offer has a column here: its place is a cell of the frame.
pub(super) fn offered(about: &tables::About) -> bool {
    about.kind != Kind::Degrees
}

fn served(book: &Book, columns: &mut Columns) {
    let (services, years) = (book.services.len(), book.manifest.years.len());
    let pairs = book.units.len() * services;
    let (mut shown, mut count, mut more) = (Vec::new(), vec![0; pairs], vec![0u32; pairs]);
    let mut more_received = vec![0.0; pairs * years];
    for served in &book.served {
        let pair = served.unit * services + served.service;
        if count[pair] < SERVED_MOST {
            count[pair] += 1;
            shown.push(served);
        } else {
            more[pair] += 1;
            let sums = more_received[pair * years..].iter_mut();
            sums.zip(&served.received)
                .for_each(|(sum, received)| *sum += received.unwrap_or_default());
        }
    }
    columns.put("served.start", starts(count.into_iter()));
    let offer = shown.iter().map(|served| served.offer as u32);
    columns.put("served.offer", offer);
    let people = shown.iter().map(|served| served.people_in_reach);
    columns.put(
        "served.people",
        people.map(|people| people.map_or(u32::MAX, |people| people as u32)),
    );
    let least = shown.iter().map(|served| hundredths(served.minutes_least));
    columns.put("served.least", least);
    let mean = shown.iter().map(|served| hundredths(served.minutes_mean));
    columns.put("served.mean", mean);
    columns.put("served.more", more);
    if shown
        .iter()
        .any(|served| served.received.iter().any(Option::is_some))
    {
        let received = shown.iter().flat_map(|served| received(served, years));
        columns.put("served.received", received);
        columns.put("served.more_received", more_received);
    }
}

/// Hundredths of a minute, as the page reads them.
fn hundredths(minutes: Option<f64>) -> u16 {
    minutes.map_or(u16::MAX, |minutes| {
        (minutes * 100.0).round().min(65_534.0) as u16
    })
}

/// As many as there are years; NaN for nothing.
fn received(served: &Served, years: usize) -> impl Iterator<Item = f64> {
    (0..years).map(|year| {
        let received = served.received.get(year).copied().flatten();
        received.unwrap_or(f64::NAN)
    })
}

fn spots(book: &Book, frame: &Frame, columns: &mut Columns) {
    let spots = &book.demand.spots;
    let cells: Vec<_> = spots.iter().map(|spot| frame.cell(spot.place())).collect();
    columns.put("spot.x", cells.iter().map(|cell| cell.0));
    columns.put("spot.y", cells.iter().map(|cell| cell.1));
    columns.put(
        "spot.unit",
        spots
            .iter()
            .map(|spot| spot.unit.map_or(u32::MAX, |unit| unit as u32)),
    );
    let residents = spots.iter().map(|spot| spot.residents as u32);
    columns.put("spot.residents", residents);
    columns.put("spot.points", spots.iter().map(|spot| spot.points));
    if book.demand.side_m == 0 {
        columns.put(
            "spot.row",
            spots
                .iter()
                .map(|spot| spot.file_row.map_or(u32::MAX, |row| row as u32)),
        );
    }
    let shares = (0..book.demand.columns.len()).flat_map(|column| {
        let spots = spots.iter();
        spots.map(move |spot| spot.covered[column].unwrap_or(u8::MAX))
    });
    columns.put("spot.share", shares);
    if book.demand.minutes {
        let tenths = |minutes: Option<f64>| {
            minutes.map_or(u16::MAX, |minutes| (minutes * 10.0).round() as u16)
        };
        let minutes = (0..book.services.len()).flat_map(|service| {
            let spots = spots.iter();
            spots.map(move |spot| tenths(spot.minutes.get(service).copied().flatten()))
        });
        columns.put("spot.minutes", minutes);
    }
}

/// Whose the roads are, and where the plan says that the data come from.
fn attribution(book: &Book) -> Option<String> {
    let roads = foot::attribution(book).map(str::to_owned);
    let all: Vec<String> = roads.into_iter().chain(foot::sources(book)).collect();
    (!all.is_empty()).then(|| all.join(" · "))
}
