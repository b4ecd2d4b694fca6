//! What the page knows: a header of plain JSON, and columns of numbers.

use fuwutu_core::city::Status;
use fuwutu_core::service::Service;
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::words;
use geo::{BoundingRect, Coord, InteriorPoint, MultiPolygon};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::columns::Columns;
use super::topology::{Frame, Layer};
use crate::book::{Book, Edition, Offer, Place, Served, Standing};
use crate::change::Change;
use crate::foot;

/// Facilities told for each unit and service; of those beyond, how many there are and what is received from them.
const SERVED_MOST: usize = 20;
/// Findings told.
const FINDINGS_MOST: usize = 2000;
/// Points of the borders of units, and of those of communities.
const POINTS_MOST: [usize; 2] = [150_000, 300_000];

/// All that the page knows, as the bytes that the page unpacks.
pub(super) fn payload(book: &Book, change: Option<&Change>) -> Vec<u8> {
    let frame = frame(book);
    let mut columns = Columns::default();
    let mut header = header(book, &frame, change);
    columns.put(
        "unit.residents",
        book.units
            .iter()
            .flat_map(|unit| &unit.residents)
            .map(|&all| all as f64),
    );
    areas(book, &frame, &mut columns);
    standings(book, &mut header, &mut columns);
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
    let spots = book.demand.spots.iter().map(|spot| spot.at);
    Frame::around(
        corners
            .chain(spots)
            .chain(book.served.iter().map(|each| book.offers[each.offer].at)),
    )
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
        "attribution": foot::attribution(book),
        "years": manifest.years,
        "totals": manifest.totals,
        "city": manifest.city,
        "units_info": manifest.units,
        "projection": manifest.projection,
        "roads": manifest.roads,
        "plan": manifest.plan,
        "inputs": manifest.inputs,
        "frame": { "west": frame.west, "south": frame.south, "east": frame.east, "north": frame.north },
        "services": book.services.iter().map(service).collect::<Vec<_>>(),
        "county_services": book.county_services.iter().map(service).collect::<Vec<_>>(),
        "townships": book.townships.iter().map(|each| json!({
            "code": each.code, "name": each.name, "residents": each.residents,
        })).collect::<Vec<_>>(),
        "units": book.units.iter().map(|unit| json!({
            "id": unit.id, "name": unit.name, "township": unit.township, "communities": unit.communities,
            "over_cap": unit.over_cap, "contiguous": unit.contiguous, "notes": unit.notes,
            "over_cap_year": unit.over_cap_year, "since": unit.since,
        })).collect::<Vec<_>>(),
        "communities": book.communities.iter().map(|each| json!({
            "code": each.code, "name": each.name, "residents": each.residents, "units": each.units,
        })).collect::<Vec<_>>(),
        "places": book.places.iter().map(place).collect::<Vec<_>>(),
        "counties": book.counties.iter().map(|each| json!({
            "county": each.county, "service": each.service, "year": each.year, "residents": each.residents,
            "demand": each.demand, "capacity": each.capacity, "capacity_unknown": each.capacity_unknown,
            "short": each.short, "ratio": each.ratio, "facilities": each.facilities, "required": each.required,
            "attained": each.attained,
        })).collect::<Vec<_>>(),
        "equities": book.equities.iter().map(|each| json!({
            "service": each.service, "year": each.year, "mean": each.mean, "gini": each.gini, "palma": each.palma,
            "theil": each.theil, "below_norm_share": each.below_norm_share,
        })).collect::<Vec<_>>(),
        "findings": book.findings.iter().take(FINDINGS_MOST).map(|each| json!({
            "level": each.level, "finding": each.finding, "file": each.file, "row": each.row, "id": each.id,
            "column": each.column, "value": each.value, "what": each.what, "done": each.done,
        })).collect::<Vec<_>>(),
        "findings_total": book.findings.len(),
        "words": told_words(book),
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

fn service(service: &Service) -> Value {
    let name = [&service.name.zh, &service.name.en];
    let unit = if service.capacity_unit.is_empty() {
        ["", ""]
    } else {
        words::capacity_unit(&service.capacity_unit)
    };
    json!({ "id": service.id, "name": name, "short": name.map(|name| words::short_name(name)), "unit": unit, "row": service })
}

fn place(place: &Place) -> Value {
    let causes = place.causes.iter().map(|cause| {
        json!([
            cause.service,
            cause.weight,
            cause.shortfall_rate,
            cause.target_share,
            cause.part
        ])
    });
    json!({
        "place": place.place, "unit": place.unit, "inflow_rate": place.inflow_rate, "need": place.need,
        "inflow_part": place.inflow_part, "unserved": place.unserved, "place_by_unserved": place.place_by_unserved,
        "certainty": place.certainty.map(|each| json!([each.first, each.last, each.in_first_ten])),
        "causes": causes.collect::<Vec<_>>(),
    })
}

/// Words for the codes that occur.
fn told_words(book: &Book) -> Value {
    let mut status = Map::new();
    for service in book.services.iter().chain(&book.county_services) {
        status.insert(
            service.status.overall.clone(),
            json!(words::status(&service.status.overall)),
        );
    }
    let verdicts = [
        ("yes", Attained::Yes),
        ("unknown", Attained::Unknown),
        ("too_small", Attained::TooSmall),
        ("too_few", Attained::TooFew),
        ("absent", Attained::Absent),
    ];
    let attained: Map<String, Value> = verdicts
        .into_iter()
        .map(|(code, each)| (code.to_owned(), json!(words::attained(each))))
        .collect();
    let mut notes = Map::new();
    for note in book.units.iter().flat_map(|unit| &unit.notes) {
        notes.insert(note.clone(), json!(words::note(note)));
    }
    json!({ "status": status, "attained": attained, "notes": notes })
}

fn areas(book: &Book, frame: &Frame, columns: &mut Columns) {
    let units: Vec<&MultiPolygon> = book.units.iter().map(|unit| &unit.outline).collect();
    let layer = Layer::of(&units, frame, POINTS_MOST[0]);
    let township = |side: Option<u32>| side.map(|at| book.units[at as usize].township);
    let parts = |[a, b]: &[Option<u32>; 2]| u8::from(township(*a) != township(*b));
    columns.put(
        "unit.arc.township",
        layer.sides.iter().map(parts).collect::<Vec<_>>(),
    );
    put_layer("unit", &layer, columns);
    let labels: Vec<_> = units
        .par_iter()
        .map(|outline| frame.cell(label(outline)))
        .collect();
    columns.put("unit.label.x", labels.iter().map(|each| each.0));
    columns.put("unit.label.y", labels.iter().map(|each| each.1));
    let communities: Vec<&MultiPolygon> =
        book.communities.iter().map(|each| &each.outline).collect();
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
    let size = |part: &&geo::Polygon| {
        let rect = part.bounding_rect();
        rect.map_or(0.0, |rect| rect.width() * rect.height())
    };
    let largest = outline.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
    largest
        .and_then(InteriorPoint::interior_point)
        .map(Coord::from)
        .unwrap_or_default()
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

/// Where each of so many begins, and where the last ends.
fn starts(counts: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut all = vec![0];
    let mut sum = 0;
    all.extend(counts.map(|count| {
        sum += count as u32;
        sum
    }));
    all
}

fn people(count: Option<u64>) -> Option<f64> {
    count.map(|count| count as f64)
}

fn standings(book: &Book, header: &mut Map<String, Value>, columns: &mut Columns) {
    type Figure = fn(&Standing) -> Option<f64>;
    let fields: [(&str, Figure); 27] = [
        ("target", |each| people(each.target)),
        ("covered", |each| people(each.covered)),
        ("coverage", |each| each.coverage),
        ("unsnapped", |each| people(each.unsnapped)),
        ("roadless", |each| people(each.roadless)),
        ("too_far", |each| people(each.too_far)),
        ("covered_straight", |each| people(each.covered_straight)),
        ("detour_median", |each| each.detour_median),
        ("detour_p90", |each| each.detour_p90),
        ("demand", |each| each.demand),
        ("supply_inside", |each| each.supply_inside),
        ("supply_received", |each| each.supply_received),
        ("shortfall_inside", |each| each.shortfall_inside),
        ("shortfall_reach", |each| each.shortfall_reach),
        ("access", |each| each.access),
        ("seated", |each| each.seated),
        ("short", |each| each.short),
        ("short_far", |each| each.short_far),
        ("short_full", |each| each.short_full),
        ("short_none", |each| each.short_none),
        ("required", |each| {
            each.attained.map(|_| f64::from(each.required))
        }),
        ("present", |each| {
            each.attained.map(|_| f64::from(each.present))
        }),
        ("enough", |each| {
            each.attained.map(|_| f64::from(each.enough))
        }),
        ("unknown", |each| {
            each.attained.map(|_| f64::from(each.unknown))
        }),
        ("covered_public", |each| people(each.covered_public)),
        ("inside_public", |each| each.inside_public),
        ("substitute", |each| people(each.substitute)),
    ];
    for (name, figure) in fields {
        // What nothing is known of has no column.
        if book.standings.iter().any(|each| figure(each).is_some()) {
            columns.put(
                format!("standing.{name}"),
                book.standings
                    .iter()
                    .map(|each| figure(each).unwrap_or(f64::NAN)),
            );
        }
    }
    let verdict = |each: &Standing| match each.attained {
        Some(Attained::Yes) => 0u8,
        Some(Attained::Unknown) => 1,
        Some(Attained::TooSmall) => 2,
        Some(Attained::TooFew) => 3,
        Some(Attained::Absent) => 4,
        None => u8::MAX,
    };
    columns.put("standing.attained", book.standings.iter().map(verdict));
    let mut rules: Vec<&str> = book
        .standings
        .iter()
        .map(|each| each.rule.as_str())
        .filter(|rule| !rule.is_empty())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    let rule = |each: &Standing| {
        rules
            .binary_search(&each.rule.as_str())
            .map_or(u16::MAX, |at| at as u16)
    };
    columns.put("standing.rule", book.standings.iter().map(rule));
    header.insert("rules".to_owned(), json!(rules));
}

fn offers(book: &Book, frame: &Frame, header: &mut Map<String, Value>, columns: &mut Columns) {
    let all = &book.offers;
    let cell = |offer: &Offer| {
        if frame.holds(offer.at) {
            frame.cell(offer.at)
        } else {
            (u16::MAX, u16::MAX)
        }
    };
    let cells: Vec<_> = all.iter().map(cell).collect();
    columns.put("offer.x", cells.iter().map(|each| each.0));
    columns.put("offer.y", cells.iter().map(|each| each.1));
    columns.put(
        "offer.service",
        all.iter()
            .map(|each| each.service.map_or(u16::MAX, |at| at as u16)),
    );
    columns.put(
        "offer.status",
        all.iter().map(|each| match each.status {
            Status::Existing => 0u8,
            Status::Committed => 1,
            Status::Planned => 2,
            Status::Idle => 3,
            Status::Closed => 4,
        }),
    );
    columns.put(
        "offer.opens",
        all.iter()
            .map(|each| each.opens.map_or(u16::MAX, |year| year as u16)),
    );
    columns.put(
        "offer.capacity",
        all.iter().map(|each| each.capacity.unwrap_or(f64::NAN)),
    );
    columns.put(
        "offer.size",
        all.iter().map(|each| each.size.unwrap_or(f64::NAN)),
    );
    columns.put(
        "offer.public",
        all.iter().map(|each| each.public.map_or(u8::MAX, u8::from)),
    );
    columns.put(
        "offer.unit",
        all.iter()
            .map(|each| each.unit.map_or(u32::MAX, |at| at as u32)),
    );
    let mut files: Vec<&str> = all.iter().map(|each| each.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let file = |each: &Offer| {
        files
            .binary_search(&each.file.as_str())
            .map_or(u16::MAX, |at| at as u16)
    };
    columns.put("offer.file", all.iter().map(file).collect::<Vec<_>>());
    columns.put(
        "offer.row",
        all.iter()
            .map(|each| each.row.map_or(u32::MAX, |row| row as u32)),
    );
    header.insert("files".to_owned(), json!(files));
    let ids: Vec<&str> = all.iter().map(|each| each.facility.as_str()).collect();
    let names: Vec<&str> = all.iter().map(|each| each.name.as_str()).collect();
    header.insert("offers".to_owned(), json!({ "ids": ids, "names": names }));
}

fn served(book: &Book, columns: &mut Columns) {
    let (services, years) = (book.services.len(), book.manifest.years.len());
    let pairs = book.units.len() * services;
    let (mut told, mut count, mut more) = (Vec::new(), vec![0; pairs], vec![0u32; pairs]);
    let mut more_received = vec![0.0; pairs * years];
    for each in &book.served {
        let pair = each.unit * services + each.service;
        if count[pair] < SERVED_MOST {
            count[pair] += 1;
            told.push(each);
        } else {
            more[pair] += 1;
            let sums = more_received[pair * years..].iter_mut().zip(&each.received);
            sums.for_each(|(sum, received)| *sum += received);
        }
    }
    let hundredths = |minutes: f64| (minutes * 100.0).round().min(65_534.0) as u16;
    columns.put("served.start", starts(count.into_iter()));
    columns.put("served.offer", told.iter().map(|each| each.offer as u32));
    columns.put("served.people", told.iter().map(|each| each.people as u32));
    columns.put(
        "served.least",
        told.iter().map(|each| hundredths(each.least)),
    );
    columns.put("served.mean", told.iter().map(|each| hundredths(each.mean)));
    columns.put("served.more", more);
    if told.iter().any(|each| !each.received.is_empty()) {
        columns.put(
            "served.received",
            told.iter().flat_map(|each| received(each, years)),
        );
        columns.put("served.more_received", more_received);
    }
}

/// As many as there are years; NaN for a service without a capacity.
fn received(served: &Served, years: usize) -> impl Iterator<Item = f64> {
    served
        .received
        .iter()
        .copied()
        .chain(std::iter::repeat(f64::NAN))
        .take(years)
}

fn spots(book: &Book, frame: &Frame, columns: &mut Columns) {
    let all = &book.demand.spots;
    columns.put("spot.x", all.iter().map(|spot| frame.cell(spot.at).0));
    columns.put("spot.y", all.iter().map(|spot| frame.cell(spot.at).1));
    columns.put(
        "spot.unit",
        all.iter()
            .map(|spot| spot.unit.map_or(u32::MAX, |at| at as u32)),
    );
    columns.put(
        "spot.residents",
        all.iter().map(|spot| spot.residents as u32),
    );
    columns.put("spot.points", all.iter().map(|spot| spot.points));
    if book.demand.side_m == 0 {
        columns.put(
            "spot.row",
            all.iter()
                .map(|spot| spot.row.map_or(u32::MAX, |row| row as u32)),
        );
    }
    let shares = (0..book.demand.columns.len()).flat_map(|at| {
        all.iter()
            .map(move |spot| spot.shares[at].unwrap_or(u8::MAX))
    });
    columns.put("spot.share", shares);
    if book.demand.minutes {
        let tenths = |minutes: Option<f64>| {
            minutes.map_or(u16::MAX, |minutes| (minutes * 10.0).round() as u16)
        };
        let minutes = (0..book.services.len())
            .flat_map(|at| all.iter().map(move |spot| tenths(spot.minutes[at])));
        columns.put("spot.minutes", minutes);
    }
}
