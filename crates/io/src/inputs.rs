//! Writing a city as the files that a plan reads: for synthetic cities.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use fuwutu_core::city::{Community, Records};
use fuwutu_core::quantity::Residents;
use fuwutu_core::reach::roads::RoadRecords;
use fuwutu_core::service::Service;
use fuwutu_core::units::Units;
use geo::MultiPolygon;

use crate::csv_text::{Cells, persons};
use crate::frame::Projection;
use crate::tables::facilities::ownership;
use crate::words::Coded;
use crate::write::geojson_text::{Layer, properties};

/// What is written beside the records.
#[derive(Debug, Clone, Copy)]
pub struct Extras<'a> {
    /// The outline of each township of the records, in metres.
    pub townships: &'a [MultiPolygon],
    /// Residents (whole persons) of each community of the records at an earlier date.
    pub earlier: &'a [u64],
    /// That date.
    pub earlier_year: i32,
    /// The name of the round.
    pub name: &'a str,
    /// Ids of the services that the plan selects; all with a limit where empty.
    pub select: &'a [String],
    /// Streets to travel on; straight lines without.
    pub roads: Option<&'a RoadRecords>,
}

/// What a city was before: beside the files of [`each_file`], a crosswalk and the last round's units, and the earlier residents in
/// the codes of then.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The city before; its residents are the earlier ones.
    pub records: &'a Records,
    /// Old and new codes; everybody went along.
    pub codes: &'a [(String, String)],
    /// When codes changed, as the crosswalk has it.
    pub date: &'a str,
    /// Its units; their communities are those of the city made from `records`.
    pub units: &'a Units,
    /// The communities of that city.
    pub communities: &'a [Community],
}

/// As [`each_file`], with `crosswalk.csv` and `last_units.csv`; `earlier.csv` is of the city before.
///
/// # Errors
/// Of `put`.
pub fn each_file_after<E>(
    records: &Records,
    extras: Extras,
    past: Past,
    catalogue: &[Service],
    mut put: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<(), E> {
    each_file(records, extras, catalogue, |name, text| match name {
        "plan.toml" | "earlier.csv" => Ok(()),
        _ => put(name, text),
    })?;
    let year = past.records.year;
    let plan = plan(
        records,
        Extras {
            earlier_year: year,
            ..extras
        },
    );
    let more = format!(
        "crosswalk = {{ path = \"crosswalk.csv\" }}\nlast_units = {{ path = \"last_units.csv\", year = {year} }}\n"
    );
    put(
        "plan.toml",
        &plan.replacen("facilities = [", &format!("{more}facilities = ["), 1),
    )?;
    let old: Vec<u64> = community_residents(past.records)
        .iter()
        .map(|residents| residents.0 / 1000)
        .collect();
    put(
        "earlier.csv",
        &earlier(
            past.records,
            Extras {
                earlier: &old,
                ..extras
            },
        ),
    )?;
    let mut crosswalk = String::from("old,new,share,date\n");
    for (old, new) in past.codes {
        let _ = writeln!(crosswalk, "{old},{new},1,{}", past.date);
    }
    put("crosswalk.csv", &crosswalk)?;
    let mut units = String::from("community,unit,residents\n");
    for (unit, share) in past
        .units
        .units
        .iter()
        .flat_map(|unit| unit.communities.iter().map(move |share| (unit, share)))
    {
        let code = &past.communities[share.community].code;
        let _ = writeln!(units, "{code},{},{}", unit.id, persons(share.residents));
    }
    put("last_units.csv", &units)
}

fn community_residents(records: &Records) -> Vec<Residents> {
    let mut residents = vec![Residents::default(); records.communities.len()];
    records
        .points
        .iter()
        .for_each(|(point, ages)| residents[point.community] += ages.total());
    residents
}

/// Writes the files of [`each_file`] to a folder.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(
    folder: &Path,
    records: &Records,
    extras: Extras,
    catalogue: &[Service],
) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    each_file(records, extras, catalogue, |name, text| {
        std::fs::write(folder.join(name), text)
    })
}

/// Gives name and text of `plan.toml`, `townships.geojson`, `communities.geojson`, `population.csv`, `earlier.csv`, `facilities.csv` and,
/// with streets, `nodes.csv` and `edges.csv` to `put`, one after the other.
///
/// # Errors
/// Of `put`.
pub fn each_file<E>(
    records: &Records,
    extras: Extras,
    catalogue: &[Service],
    mut put: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<(), E> {
    let projection = Projection::new(records.frame);
    put("plan.toml", &plan(records, extras))?;
    put(
        "townships.geojson",
        &townships(records, extras, &projection),
    )?;
    put("communities.geojson", &communities(records, &projection))?;
    put("population.csv", &population(records, &projection))?;
    put("earlier.csv", &earlier(records, extras))?;
    put(
        "facilities.csv",
        &facilities(records, catalogue, &projection),
    )?;
    if let Some(roads) = extras.roads {
        put("nodes.csv", &nodes(roads, &projection))?;
        put("edges.csv", &edges(roads))?;
    }
    Ok(())
}

fn plan(records: &Records, extras: Extras) -> String {
    let select = if extras.select.is_empty() {
        String::new()
    } else {
        let ids: Vec<String> = extras
            .select
            .iter()
            .map(|id| format!("    \"{id}\",\n"))
            .collect();
        format!("\n[services]\nselect = [\n{}]\n", ids.concat())
    };
    let (travel, roads) = match extras.roads {
        Some(_) => (
            "[travel]\nmode = \"streets\"\ncompare = true\n\n",
            "roads = { nodes = \"nodes.csv\", edges = \"edges.csv\" }\n",
        ),
        None => ("", ""),
    };
    format!(
        "# A synthetic city: no place, person or facility in it is real.\n\n[round]\nname = \"{}\"\nbase_year = {}\nhorizon_years = 3\nsynthetic = true\n\n{travel}\
         [inputs]\ncrs = \"EPSG:4490\"\ntownships = {{ path = \"townships.geojson\" }}\ncommunities = {{ path = \"communities.geojson\" }}\n\
         population = {{ path = \"population.csv\" }}\nearlier = {{ path = \"earlier.csv\", year = {} }}\nfacilities = [{{ path = \"facilities.csv\" }}]\n{roads}{select}",
        extras.name, records.year, extras.earlier_year
    )
}

fn townships(records: &Records, extras: Extras, projection: &Projection) -> String {
    let mut layer = Layer::default();
    for (township, outline) in records.townships.iter().zip(extras.townships) {
        let about = properties([
            ("code", township.code.as_str().into()),
            ("name", township.name.as_str().into()),
        ]);
        layer.area(projection, outline, about);
    }
    layer.text()
}

fn communities(records: &Records, projection: &Projection) -> String {
    let mut layer = Layer::default();
    for (community, residents) in records.communities.iter().zip(community_residents(records)) {
        let about = properties([
            ("code", community.code.as_str().into()),
            ("name", community.name.as_str().into()),
            (
                "township",
                records.townships[community.township].code.as_str().into(),
            ),
            ("class", community.class.word().code.into()),
            ("residents", (residents.0 / 1000).into()),
        ]);
        layer.area(projection, &community.polygon, about);
    }
    layer.text()
}

fn population(records: &Records, projection: &Projection) -> String {
    let mut text = String::from(
        "id,community,lon,lat,residents,age_0_2,age_3_5,age_6_11,age_12_14,age_15_17,age_18_59,age_60_plus\n",
    );
    for (point, ages) in &records.points {
        let degrees = projection.to_degrees(point.at.metres());
        let community = &records.communities[point.community].code;
        let _ = write!(
            text,
            "{},{community},{},{},{}",
            point.id,
            degrees.x,
            degrees.y,
            persons(ages.total())
        );
        for band in ages.0 {
            let _ = write!(text, ",{}", persons(Residents(u64::from(band))));
        }
        text.push('\n');
    }
    text
}

fn nodes(roads: &RoadRecords, projection: &Projection) -> String {
    let mut text = String::from("id,lon,lat\n");
    for (node, number) in roads.nodes.iter().zip(1..) {
        let degrees = projection.to_degrees(node.metres());
        let _ = writeln!(text, "{number},{},{}", degrees.x, degrees.y);
    }
    text
}

/// Without lengths: streets are straight.
fn edges(roads: &RoadRecords) -> String {
    let mut text = String::from("from,to,class\n");
    for edge in &roads.edges {
        let _ = writeln!(text, "{},{},residential", edge.from + 1, edge.to + 1);
    }
    text
}

fn earlier(records: &Records, extras: Extras) -> String {
    let mut text = String::from("community,residents\n");
    for (community, residents) in records.communities.iter().zip(extras.earlier) {
        let _ = writeln!(text, "{},{residents}", community.code);
    }
    text
}

fn facilities(records: &Records, catalogue: &[Service], projection: &Projection) -> String {
    // Few cities say when something closes: a column of blanks would only be in the way.
    let closing = records.facilities.iter().any(|each| each.closes.is_some());
    let mut header = vec![
        "id",
        "name",
        "service",
        "lon",
        "lat",
        "capacity",
        "capacity_unit",
        "status",
        "opens",
        "ownership",
        "hours",
        "hub",
        "size",
        "size_unit",
    ];
    header.extend(closing.then_some("closes"));
    let mut cells = Cells::plain(&header);
    for facility in &records.facilities {
        let degrees = projection.to_degrees(facility.at.metres());
        for offer in &facility.offers {
            let service = &catalogue[offer.service];
            let hub = facility
                .hubs
                .iter()
                .find(|(tied, _)| *tied == offer.service)
                .map_or("", |(_, hub)| hub);
            let minimum = service
                .minimum
                .as_ref()
                .filter(|minimum| minimum.unit != service.capacity_unit);
            let (opens, closes) = (year(facility.opens), year(facility.closes));
            let (degrees, capacity, hours, size) = (
                [degrees.x, degrees.y].map(|at| at.to_string()),
                written_number(offer.capacity),
                // Capacities of records are those of the whole week.
                written_number(service.full_hours),
                written_number(offer.size.filter(|_| minimum.is_some())),
            );
            let mut row = vec![
                &*facility.id,
                &facility.name,
                &service.id,
                &degrees[0],
                &degrees[1],
                &capacity,
                &service.capacity_unit,
                facility.status.word().code,
                &opens,
                ownership(offer.public),
                &hours,
                hub,
                &size,
                minimum
                    .filter(|_| offer.size.is_some())
                    .map_or("", |minimum| &minimum.unit),
            ];
            row.extend(closing.then_some(&*closes));
            cells.row(&row);
        }
    }
    cells.text()
}

fn year(year: Option<i32>) -> String {
    year.map_or(String::new(), |year| year.to_string())
}

fn written_number(number: Option<f64>) -> String {
    number.map_or(String::new(), |number| number.to_string())
}
