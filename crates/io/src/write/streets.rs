//! Streets as files of their own: what was left out, what is reached from a place, and the table of all trips.

use std::io::Write;

use fuwutu_core::city::City;
use fuwutu_core::position::ServiceAt;
use fuwutu_core::quantity::{Frame, Point};
use fuwutu_core::reach::streets::{Streets, Stretch};
use fuwutu_core::reach::{Limits, Snapped, Trips};
use fuwutu_core::service::{Limit, Mode, Service};
use fuwutu_core::watch::{Progress, Watch, step};
use geo::{Area, Buffer, Coord, Euclidean, Length, LineString, MultiLineString};

use super::StreamError;
use super::geojson_text::{Layer, properties};
use crate::csv_text::Cells;
use crate::frame::Projection;
use crate::ways::mode_name;

/// `roads.geojson`: streets that are open to nobody (`closed`) or not to `mode` (`other_modes`), parts cut off from all others
/// (`isolated`), demand points (`unsnapped`, `roadless`) and facilities (`facility_unsnapped`) that are on no street for it; with
/// `all`, the streets that are used, too (`street`).
#[must_use]
pub fn left_out(city: &City, streets: &Streets, mode: Mode, all: bool) -> String {
    let projection = Projection::new(city.frame());
    let mut layer = Layer::about(properties([("mode", mode_name(mode).into())]));
    let roads = streets.roads();
    let parts = streets.parts(mode);
    for (edge, at) in roads.edges().iter().zip(0_u32..) {
        let part = parts.of_edge[at as usize];
        let kind = match () {
            () if streets.usable(mode)[at as usize] => "street",
            () if part != u32::MAX => "isolated",
            () if edge.access.nobody() => "closed",
            () => "other_modes",
        };
        if all || kind != "street" {
            let mut about = properties([
                ("kind", kind.into()),
                ("length_m", (edge.length / 1000).into()),
            ]);
            if let Some(&length) = parts
                .lengths
                .get(part as usize)
                .filter(|_| kind == "isolated")
            {
                about.insert("part_km".to_owned(), tenth(length as f64 / 1e6).into());
            }
            layer.lines(&projection, &[line(roads.places(at))], about);
        }
    }
    let trips = fuwutu_core::reach::Travel::trips(streets, city, &[mode]);
    let snapped = trips
        .snapped(Limits::both(Limit {
            mode,
            minutes: 0,
            radius_m: None,
        }))
        .unwrap_or_default();
    for ((point, ages), snapped) in city.points().iter().zip(city.residents()).zip(snapped) {
        let kind = match snapped {
            Snapped::OnStreets => continue,
            Snapped::Unsnapped => "unsnapped",
            Snapped::Roadless => "roadless",
        };
        let about = properties([
            ("kind", kind.into()),
            ("id", (&*point.id).into()),
            ("residents", ages.total().persons().into()),
        ]);
        layer.place(&projection, point.at, about);
    }
    for facility in city.facilities().iter().filter(|facility| {
        let mut doors = facility.doors().iter();
        doors.all(|&door| streets.foot(mode, door).is_none())
    }) {
        let about = properties([
            ("kind", "facility_unsnapped".into()),
            ("id", (&*facility.id).into()),
            ("name", (&*facility.name).into()),
        ]);
        layer.place(&projection, facility.at, about);
    }
    layer.text()
}

fn line(places: impl Iterator<Item = Point>) -> LineString {
    places.map(Point::metres).collect()
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// What is reached from a place.
#[derive(Debug)]
pub struct Isochrone {
    frame: Frame,
    from: Coord,
    limit: Limit,
    tolerance_m: f64,
    lines: Vec<LineString>,
}

impl Isochrone {
    /// From a place in degrees; the outline is drawn `tolerance_m` round what is reached. `None` where the place is too far
    /// from every street that can be used.
    #[must_use]
    pub fn new(
        city: &City,
        streets: &Streets,
        from: Coord,
        limit: Limit,
        tolerance_m: f64,
    ) -> Option<Self> {
        let at = Point::from_metres(Projection::new(city.frame()).to_plane(from))?;
        let reached = streets.reached(at, limit)?;
        let lines = reached
            .iter()
            .flat_map(|stretch: &Stretch| streets.lines_of(stretch))
            .collect();
        Some(Self {
            frame: city.frame(),
            from,
            limit,
            tolerance_m,
            lines,
        })
    }

    /// The length of the streets that are reached, in kilometres.
    #[must_use]
    pub fn length_km(&self) -> f64 {
        self.lines
            .iter()
            .map(|line| Euclidean.length(line))
            .sum::<f64>()
            / 1000.0
    }

    /// The streets, in metres of the city's plane.
    #[must_use]
    pub fn lines(&self) -> &[LineString] {
        &self.lines
    }

    /// All that lies within the tolerance of a street that is reached, in metres of the city's plane: so no place in it is
    /// farther than that from one.
    #[must_use]
    pub fn outline(&self) -> geo::MultiPolygon {
        MultiLineString(self.lines.clone()).buffer(self.tolerance_m)
    }

    /// Three features: `start`, `streets` and `outline`.
    #[must_use]
    pub fn text(&self) -> String {
        let projection = Projection::new(self.frame);
        let about = properties([
            ("mode", mode_name(self.limit.mode).into()),
            ("minutes", self.limit.minutes.into()),
            ("tolerance_m", self.tolerance_m.into()),
        ]);
        let mut layer = Layer::about(about.clone());
        let with = |kind: &str, more: Option<(&str, f64)>| {
            let mut own = properties([("kind", kind.into())]);
            own.extend(about.clone());
            own.extend(more.map(|(name, value)| (name.to_owned(), value.into())));
            own
        };
        let outline = self.outline();
        let km2 = (outline.unsigned_area() / 1e6 * 1000.0).round() / 1000.0;
        layer.area(
            &projection,
            &outline,
            with("outline", Some(("area_km2", km2))),
        );
        let km = (self.length_km() * 1000.0).round() / 1000.0;
        layer.lines(
            &projection,
            &self.lines,
            with("streets", Some(("length_km", km))),
        );
        if let Some(at) = Point::from_metres(projection.to_plane(self.from)) {
            layer.place(&projection, at, with("start", None));
        }
        layer.text()
    }
}

/// Writes a table of all trips within the limit from demand points to the open facilities of services: `id` of the demand
/// point, `facility`, `seconds` (to the millisecond), `service`. In the order of services, demand points and facilities.
///
/// # Errors
/// Where the file system refuses, or `watch` says stop: it is asked for each service and every few thousand demand points.
pub fn matrix(
    to: &mut dyn Write,
    city: &City,
    services: &[(ServiceAt, &Service, Limits)],
    trips: &dyn Trips,
    watch: Watch,
) -> Result<u64, StreamError> {
    let mut links = 0;
    to.write_all(
        Cells::plain(&["id", "facility", "seconds", "service"])
            .text()
            .as_bytes(),
    )?;
    for (at, service, limits) in services {
        let (ids, places): (Vec<&str>, Vec<Point>) = city
            .open_offers(*at)
            .map(|(_, facility, _)| (&*facility.id, facility.at))
            .unzip();
        watch(Progress::Working)?;
        let reach = trips.reach(*limits, &places);
        for (number, (point, row)) in city
            .points()
            .iter()
            .zip(reach.rows())
            .filter(|(_, row)| !row.is_empty())
            .enumerate()
        {
            step(watch, number)?;
            let mut cells = Cells::headless();
            for link in row {
                let seconds = format!("{}.{:03}", link.time.0 / 1000, link.time.0 % 1000);
                cells.row(&[&point.id, ids[link.place as usize], &seconds, &service.id]);
            }
            to.write_all(cells.text().as_bytes())?;
            links += row.len() as u64;
        }
    }
    to.flush()?;
    Ok(links)
}
