//! A written round, read back whole: the source of every report.
//!
//! All of it comes from the tables and layers of the round's folder, which anybody can read, and nothing from memory: so what a
//! report says is what the files say, and a report can be made again as long as the folder is there.

mod manifest;

mod read;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use fuwutu_core::completeness::WAYS;
use fuwutu_core::cube::{At, Cube};
use fuwutu_core::position::{SelectedAt, UnitAt, YearAt};
use fuwutu_core::service::Service;
use fuwutu_io::tables;
use fuwutu_io::tables::compare::Compare;
use fuwutu_io::tables::completeness::Completeness;
use fuwutu_io::tables::counties::County;
use fuwutu_io::tables::facilities::{Facility, is_public};
use fuwutu_io::tables::findings::FindingRow;
use fuwutu_io::tables::inputs::Input;
use fuwutu_io::tables::standing::Standing;
use fuwutu_io::tables::totals::Total;
use fuwutu_io::tables::townships::Township;
use geo::{Coord, MultiPolygon};

pub use manifest::{Manifest, ShownInputs, ShownPlan};

/// The readers a report is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// For the office: everything.
    Internal,
    /// For everybody: figures about few people, restricted kinds and exact places are left out.
    Public {
        /// Figures about fewer people than this are left out.
        small: u32,
    },
}

/// A round as its files have it. Positions (of units in standings, of services in facilities, …) are those of the lists here.
#[derive(Debug, Clone)]
pub struct Book {
    /// Its readers.
    pub edition: Edition,
    /// `round.json`.
    pub manifest: Manifest,
    /// Services that are judged by unit, in the order of the catalogue.
    pub services: Vec<Service>,
    /// Services that are judged by county alone.
    pub county_services: Vec<Service>,
    /// In the order of codes.
    pub townships: Vec<Township>,
    /// In the order of the round.
    pub units: Vec<Unit>,
    /// In the order of codes.
    pub communities: Vec<Community>,
    /// Unit by unit, service by service, year by year: see [`Book::standing`].
    pub standings: Cube<Standing>,
    /// How many services people have in reach: unit by unit, township by township, and the city; in each year by year, in each of
    /// [`WAYS`]. Empty where no service counts.
    pub completeness: Vec<Completeness>,
    /// The same beside straight lines, where they were compared.
    pub compares: Option<Cube<Compare>>,
    /// In the order of need.
    pub places: Vec<Place>,
    /// County by county, service by service, year by year.
    pub counties: Vec<County>,
    /// Service by service, year by year.
    pub equities: Vec<Equity>,
    /// What facilities offer, one line a facility and service.
    pub offers: Vec<Offer>,
    /// How many offers a public edition leaves out.
    pub offers_left_out: usize,
    /// Which people are served by which offer: unit by unit, service by service, most people first.
    pub served: Vec<Served>,
    /// Demand points, or squares of them.
    pub demand: Demand,
    /// What reading noticed.
    pub findings: Vec<FindingRow>,
    /// What became of the rows of each file; empty in rounds of former versions.
    pub inputs: Vec<Input>,
}

/// A row of a table with what it names, by position.
macro_rules! row_of {
    ($name:ty: $row:ty) => {
        impl Deref for $name {
            type Target = $row;

            fn deref(&self) -> &$row {
                &self.row
            }
        }

        impl DerefMut for $name {
            fn deref_mut(&mut self) -> &mut $row {
                &mut self.row
            }
        }
    };
}

row_of!(Unit: tables::units::Unit);
row_of!(Place: tables::ranking::Place);
row_of!(Cause: tables::causes::Cause);
row_of!(Equity: tables::equity::Equity);
row_of!(Offer: Facility);
row_of!(Served: tables::served::Served);
row_of!(Spot: tables::demand::Demand);

/// A line of `units.csv`.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The line.
    pub row: tables::units::Unit,
    /// Position of its township.
    pub township: usize,
    /// The township's name, with the unit's serial where the township has more than one.
    pub name: String,
    /// Its land in degrees.
    pub outline: MultiPolygon,
}

impl Unit {
    /// Residents in a year by position, whole persons.
    #[must_use]
    pub fn residents(&self, year: usize) -> u64 {
        match year.checked_sub(1) {
            None => self.row.residents,
            Some(later) => self.row.residents_later[later],
        }
    }

    /// Codes of what is unusual: `split_community`, `detached`, …
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.row.note.split_whitespace()
    }
}

/// A community.
#[derive(Debug, Clone)]
pub struct Community {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Residents in the base year, whole persons.
    pub residents: u64,
    /// Positions of the units that it, or a part of it, belongs to.
    pub units: Vec<usize>,
    /// Its land in degrees.
    pub outline: MultiPolygon,
}

/// A line of `ranking.csv` with its lines of `causes.csv`.
#[derive(Debug, Clone)]
pub struct Place {
    /// The line; its growth is not known where nothing is reported of growth.
    pub row: tables::ranking::Place,
    /// Position of the unit.
    pub unit: usize,
    /// Largest first, without the part that growth adds.
    pub causes: Vec<Cause>,
}

/// A line of `causes.csv`.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The line.
    pub row: tables::causes::Cause,
    /// Position of the service.
    pub service: usize,
}

/// A line of `equity.csv`.
#[derive(Debug, Clone)]
pub struct Equity {
    /// The line.
    pub row: tables::equity::Equity,
    /// Position of the service.
    pub service: usize,
}

/// A line of `facilities.csv`: what a facility offers.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The line.
    pub row: Facility,
    /// Position of the service; `None` for one that is not judged by unit.
    pub service: Option<usize>,
    /// Position of the unit it stands in; `None` outside all.
    pub unit: Option<usize>,
    /// The input file.
    pub file: String,
    /// And its row.
    pub file_row: Option<u64>,
}

impl Offer {
    /// Where, in degrees.
    #[must_use]
    pub fn place(&self) -> Coord {
        Coord {
            x: self.lon,
            y: self.lat,
        }
    }

    /// Whether it serves people in `year`: see [`fuwutu_core::city::Facility::open`].
    #[must_use]
    pub fn open(&self, year: i32) -> bool {
        self.status
            .is_some_and(|status| status.open(self.opens, self.closes, year))
    }

    /// Whether it is public or inclusive.
    #[must_use]
    pub fn public(&self) -> Option<bool> {
        is_public(&self.ownership)
    }
}

/// A line of `served.csv`: the people of a unit who have an offer within the limit. Its ids are taken out, as positions say them.
#[derive(Debug, Clone)]
pub struct Served {
    /// The line.
    pub row: tables::served::Served,
    /// Position of the unit.
    pub unit: usize,
    /// Position of the service.
    pub service: usize,
    /// Position of the offer.
    pub offer: usize,
}

/// `demand.csv`: the residents of each place, and how many of them are covered.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// Side of the squares in metres; 0 where every demand point has a line of its own.
    pub side_m: u32,
    /// What the shares are of: position of the service, and year. A year without a column is as the one before.
    pub columns: Vec<(usize, i32)>,
    /// Whether minutes are reported.
    pub minutes: bool,
    /// The lines.
    pub spots: Vec<Spot>,
}

/// A line of `demand.csv`.
#[derive(Debug, Clone)]
pub struct Spot {
    /// The line.
    pub row: tables::demand::Demand,
    /// Position of the unit of most of its people; `None` where none of them is in a unit.
    pub unit: Option<usize>,
    /// Row of the demand point in the file of the population.
    pub file_row: Option<u64>,
}

impl Spot {
    /// Its middle, in degrees.
    #[must_use]
    pub fn place(&self) -> Coord {
        Coord {
            x: self.lon,
            y: self.lat,
        }
    }
}

impl Book {
    /// One unit, service and year, by position.
    #[must_use]
    pub fn standing(&self, unit: usize, service: usize, year: usize) -> &Standing {
        &self.standings[place(unit, service, year)]
    }

    /// One unit, service and year beside straight lines.
    #[must_use]
    pub fn compare(&self, unit: usize, service: usize, year: usize) -> Option<&Compare> {
        let (unit, service, year) = place(unit, service, year);
        self.compares.as_ref()?.get(unit, service, year)
    }

    /// Whether something is known of a service's facilities, if only that there are none. Where nothing is, its standings have a
    /// target group and a demand and nothing else.
    #[must_use]
    pub fn supplied(&self, service: usize) -> bool {
        let id = &self.services[service].id;
        let mut unknown = self.manifest.not_supplied.iter();
        !unknown.any(|other| other.service == *id)
    }

    /// What the residents of one unit have in reach in a year, in the way with this place among [`WAYS`]; `None` where no service
    /// counts.
    #[must_use]
    pub fn complete(&self, unit: usize, year: usize, way: usize) -> Option<&Completeness> {
        let years = self.manifest.years.len();
        self.completeness
            .get((unit * years + year) * WAYS.len() + way)
    }

    /// The same of the whole city.
    #[must_use]
    pub fn city_complete(&self, year: usize, way: usize) -> Option<&Completeness> {
        let after = (self.manifest.years.len() - year) * WAYS.len() - way;
        self.completeness
            .get(self.completeness.len().checked_sub(after)?)
    }

    /// The whole city in one year, as `round.json` has it; `None` where it has no such row.
    #[must_use]
    pub fn total(&self, service: &str, year: i32) -> Option<&Total> {
        let mut rows = self.manifest.totals.iter();
        rows.find(|row| row.service == service && row.year == year)
    }

    /// Where classes of priority end, for maps: of 100, which is a unit that lacks everything and does not grow. So a colour means the same
    /// in every round, and another unit changes none.
    #[must_use]
    pub fn need_limits(&self) -> [f64; 5] {
        [10.0, 20.0, 30.0, 45.0, 60.0]
    }

    /// Names of services by id, Chinese and English.
    #[must_use]
    pub fn service_names(&self) -> BTreeMap<&str, [&str; 2]> {
        let services = self.services.iter().chain(&self.county_services);
        services
            .map(|service| {
                (
                    service.id.as_str(),
                    [service.name.zh.as_str(), service.name.en.as_str()],
                )
            })
            .collect()
    }
}

/// A place in a cube of the book.
pub(crate) fn place(unit: usize, service: usize, year: usize) -> At {
    (
        UnitAt::new(unit),
        SelectedAt::new(service),
        YearAt::new(year),
    )
}
