//! A written round, read back whole: what every report tells of.
//!
//! All of it comes from the tables and layers of the round's folder, which anybody can read, and nothing from memory: so what a
//! report says is what the files say, and a report can be made again as long as the folder is there.

mod manifest;

mod read;

use std::collections::BTreeMap;

use fuwutu_core::city::Status;
use fuwutu_core::service::{Basis, Service, Tier};
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::manifest::CityTotalRow;
use geo::{Coord, MultiPolygon};

pub use manifest::{Manifest, ShownInputs, ShownPlan};

/// For whom a report is made.
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

/// A round as its files tell it. Positions (of units in standings, of services in facilities, …) are those of the lists here.
#[derive(Debug, Clone)]
pub struct Book {
    /// For whom.
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
    pub standings: Vec<Standing>,
    /// In the order of need.
    pub places: Vec<Place>,
    /// County by county, service by service, year by year.
    pub counties: Vec<CountyStanding>,
    /// Service by service, year by year.
    pub equities: Vec<Equity>,
    /// What facilities offer, one line a facility and service.
    pub offers: Vec<Offer>,
    /// How many offers a public edition leaves out.
    pub offers_left_out: usize,
    /// Who is served by which offer: unit by unit, service by service, most people first.
    pub served: Vec<Served>,
    /// Demand points, or squares of them.
    pub demand: Demand,
    /// What reading noticed.
    pub findings: Vec<Finding>,
}

/// A township.
#[derive(Debug, Clone)]
pub struct Township {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Residents in the base year, whole persons.
    pub residents: u64,
    /// Whether it is proved that it cannot have fewer units.
    pub proved_least: bool,
}

/// A unit.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Id.
    pub id: String,
    /// Position of its township.
    pub township: usize,
    /// The township's name, with the unit's serial where the township has more than one.
    pub name: String,
    /// Residents in each year, whole persons.
    pub residents: Vec<u64>,
    /// How many communities it holds, whole or in part.
    pub communities: usize,
    /// Whether it has more residents than the cap.
    pub over_cap: bool,
    /// Whether all its land hangs together.
    pub contiguous: bool,
    /// Codes of what is unusual: `split_community`, `detached`, …
    pub notes: Vec<String>,
    /// The first later year in which it exceeds the cap.
    pub over_cap_year: Option<i32>,
    /// `kept`, `changed` or `new`, where the last round's units are known.
    pub since: Option<String>,
    /// Its land in degrees.
    pub outline: MultiPolygon,
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

/// One unit, service and year, as in `standing.csv` and `compare.csv`. `None` where that is not known or does not apply.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Residents of the target group; `None` in a public edition where they are few.
    pub target: Option<u64>,
    /// Those of them with an open facility within the limit.
    pub covered: Option<u64>,
    /// Covered ÷ target, 0 to 1.
    pub coverage: Option<f64>,
    /// Not covered, and too far from every street.
    pub unsnapped: Option<u64>,
    /// Not covered, and outside the network.
    pub roadless: Option<u64>,
    /// Not covered, all others.
    pub too_far: Option<u64>,
    /// Covered in straight lines.
    pub covered_straight: Option<u64>,
    /// Detour of half of the people at most.
    pub detour_median: Option<f64>,
    /// Detour of nine in ten people at most.
    pub detour_p90: Option<f64>,
    /// Capacity that the norm asks for.
    pub demand: Option<f64>,
    /// Capacity of the open facilities in the unit.
    pub supply_inside: Option<f64>,
    /// The unit's part of all capacity in reach.
    pub supply_received: Option<f64>,
    /// Demand − supply inside, not below 0.
    pub shortfall_inside: Option<f64>,
    /// Demand − supply received, not below 0.
    pub shortfall_reach: Option<f64>,
    /// Supply received per person of the target group.
    pub access: Option<f64>,
    /// Demand that the fair greatest assignment seats.
    pub seated: Option<f64>,
    /// Demand that no assignment can seat (at least, where `seated` is `None`).
    pub short: Option<f64>,
    /// Of it: no facility is open within the limit.
    pub short_far: Option<f64>,
    /// Of it: all facilities within the limit are full.
    pub short_full: Option<f64>,
    /// Of it: none is open in the whole city.
    pub short_none: Option<f64>,
    /// The rule of presence that the unit is farthest from; empty where none applies.
    pub rule: String,
    /// How many facilities it asks for.
    pub required: u32,
    /// How many there are.
    pub present: u32,
    /// How many of them are large enough.
    pub enough: u32,
    /// Of how many of them that is not known.
    pub unknown: u32,
    /// The verdict.
    pub attained: Option<Attained>,
    /// Covered by public and inclusive facilities alone.
    pub covered_public: Option<u64>,
    /// Supply inside of public and inclusive facilities alone.
    pub inside_public: Option<f64>,
    /// Not covered, with a substitute within the limit.
    pub substitute: Option<u64>,
}

/// A line of `ranking.csv` with its lines of `causes.csv`.
#[derive(Debug, Clone)]
pub struct Place {
    /// Place by need, 1 first.
    pub place: u32,
    /// Position of the unit.
    pub unit: usize,
    /// Growth of residents over the horizon; `None` where nothing is told of growth.
    pub inflow_rate: Option<f64>,
    /// Need, 0 upwards.
    pub need: f64,
    /// The part of need that growth adds.
    pub inflow_part: f64,
    /// People out of reach, summed over services; `None` in a public edition where they are few.
    pub unserved: Option<u64>,
    /// Place by people unserved.
    pub place_by_unserved: u32,
    /// Where nine in ten draws put it, and the share of draws in which it is among the first ten.
    pub certainty: Option<Certainty>,
    /// Largest first.
    pub causes: Vec<Cause>,
}

/// How sure a place is.
#[derive(Debug, Clone, Copy)]
pub struct Certainty {
    /// From this place …
    pub first: u32,
    /// … to this one.
    pub last: u32,
    /// 0 to 1.
    pub in_first_ten: f64,
}

/// What makes up a need.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Position of the service.
    pub service: usize,
    /// Weight of the service.
    pub weight: f64,
    /// Missing share.
    pub shortfall_rate: f64,
    /// Target group ÷ residents.
    pub target_share: f64,
    /// weight × missing share × target share.
    pub part: f64,
}

/// A line of `counties.csv`.
#[derive(Debug, Clone)]
pub struct CountyStanding {
    /// Code.
    pub county: String,
    /// Id of the service.
    pub service: String,
    /// Year.
    pub year: i32,
    /// Whole persons.
    pub residents: u64,
    /// Capacity that the norm asks for.
    pub demand: Option<f64>,
    /// Capacity of the open facilities.
    pub capacity: Option<f64>,
    /// Open facilities whose capacity is not known.
    pub capacity_unknown: u32,
    /// What is missing.
    pub short: Option<f64>,
    /// Capacity ÷ demand.
    pub ratio: Option<f64>,
    /// Open facilities.
    pub facilities: u32,
    /// How many there must be.
    pub required: Option<u32>,
    /// Whether there are.
    pub attained: Option<bool>,
}

/// A line of `equity.csv`.
#[derive(Debug, Clone)]
pub struct Equity {
    /// Position of the service.
    pub service: usize,
    /// Year.
    pub year: i32,
    /// Capacity received per person.
    pub mean: Option<f64>,
    /// Gini.
    pub gini: Option<f64>,
    /// Palma.
    pub palma: Option<f64>,
    /// Theil's T.
    pub theil: Option<f64>,
    /// Share of people below the norm.
    pub below_norm_share: Option<f64>,
}

/// A line of `facilities.csv`: what a facility offers.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Id of the facility.
    pub facility: String,
    /// Its name.
    pub name: String,
    /// Position of the service; `None` for one that is not judged by unit.
    pub service: Option<usize>,
    /// Id of the service.
    pub service_id: String,
    /// Where, in degrees.
    pub at: Coord,
    /// Whether it works.
    pub status: Status,
    /// The year from which it is open.
    pub opens: Option<i32>,
    /// In the service's unit.
    pub capacity: Option<f64>,
    /// In the unit of the service's minimum.
    pub size: Option<f64>,
    /// Whether it is public or inclusive.
    pub public: Option<bool>,
    /// Position of the unit it stands in; `None` outside all.
    pub unit: Option<usize>,
    /// The input file.
    pub file: String,
    /// And its row.
    pub row: Option<u64>,
}

impl Offer {
    /// Whether it serves people in `year`: see [`fuwutu_core::city::Facility::open`].
    #[must_use]
    pub fn open(&self, year: i32) -> bool {
        self.status.open(self.opens, year)
    }
}

/// A line of `served.csv`: the people of a unit who have an offer within the limit.
#[derive(Debug, Clone)]
pub struct Served {
    /// Position of the unit.
    pub unit: usize,
    /// Position of the service.
    pub service: usize,
    /// Position of the offer.
    pub offer: usize,
    /// Residents of the target group in the base year.
    pub people: u64,
    /// Minutes of the nearest of them.
    pub least: f64,
    /// Their mean.
    pub mean: f64,
    /// Capacity that they receive of it in each year; empty for a service without a capacity.
    pub received: Vec<f64>,
}

/// `demand.csv`: who lives where, and how many of them are covered.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// Side of the squares in metres; 0 where every demand point has a line of its own.
    pub side_m: u32,
    /// What the shares are of: position of the service, and year. A year without a column is as the one before.
    pub columns: Vec<(usize, i32)>,
    /// Whether minutes are told.
    pub minutes: bool,
    /// The lines.
    pub spots: Vec<Spot>,
}

/// A line of `demand.csv`.
#[derive(Debug, Clone)]
pub struct Spot {
    /// Id of the demand point; empty for a square.
    pub id: String,
    /// Its middle, in degrees.
    pub at: Coord,
    /// Position of the unit of most of its people; `None` where nobody is in one.
    pub unit: Option<usize>,
    /// Whole persons.
    pub residents: u64,
    /// Demand points.
    pub points: u32,
    /// Row of the demand point in the file of the population.
    pub row: Option<u64>,
    /// By column: per cent of the target group who are covered; `None` for nobody.
    pub shares: Vec<Option<u8>>,
    /// By service: minutes to the nearest open facility; `None` beyond the limit. Empty where minutes are not told.
    pub minutes: Vec<Option<f64>>,
}

/// A line of `findings.csv`.
#[derive(Debug, Clone)]
pub struct Finding {
    /// `decision` or `notice`.
    pub level: String,
    /// Its code.
    pub finding: String,
    /// Input file.
    pub file: String,
    /// Its row.
    pub row: Option<u64>,
    /// Of the record.
    pub id: String,
    /// Column.
    pub column: String,
    /// The value.
    pub value: String,
    /// What is the matter, Chinese and English.
    pub what: [String; 2],
    /// What was done about it, Chinese and English.
    pub done: [String; 2],
}

impl Book {
    /// One unit, service and year, by position.
    #[must_use]
    pub fn standing(&self, unit: usize, service: usize, year: usize) -> &Standing {
        &self.standings[(unit * self.services.len() + service) * self.manifest.years.len() + year]
    }

    /// The whole city in one year, as `round.json` has it; `None` where it has no such row.
    #[must_use]
    pub fn total(&self, service: &str, year: i32) -> Option<&CityTotalRow> {
        let mut rows = self.manifest.totals.iter();
        rows.find(|row| row.service == service && row.year == year)
    }

    /// Where classes of need end, for maps: 2, 5, 10, 20 and 40 % of the greatest need that there can be, which is Σ weights × (1 + λ): all
    /// missing for everybody, with full inflow. They depend on the plan and its services alone, so that another unit changes no colour.
    #[must_use]
    pub fn need_limits(&self) -> [f64; 5] {
        let plan = &self.manifest.plan.ranking;
        let ranked = self
            .services
            .iter()
            .filter(|service| service.norm.basis != Basis::SupplyOnly);
        let weights = ranked.map(|service| match service.tier {
            Tier::Basic => plan.basic,
            Tier::Improved => plan.improved,
        });
        let greatest = weights.sum::<f64>() * (1.0 + plan.inflow_weight);
        [0.02, 0.05, 0.1, 0.2, 0.4].map(|part| part * greatest)
    }

    /// Names of services by id, Chinese and English.
    #[must_use]
    pub fn service_names(&self) -> BTreeMap<&str, [&str; 2]> {
        let all = self.services.iter().chain(&self.county_services);
        all.map(|service| {
            (
                service.id.as_str(),
                [service.name.zh.as_str(), service.name.en.as_str()],
            )
        })
        .collect()
    }
}
