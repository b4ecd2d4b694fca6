//! What there is to write: a round or a comparison, with all that its files report on.

use fuwutu_core::change::Comparison;
use fuwutu_core::city::City;
use fuwutu_core::position::ServiceAt;
use fuwutu_core::projection::Outlook;
use fuwutu_core::reach::Nearest;
use fuwutu_core::round::Round;
use fuwutu_core::service::Service;

use crate::finding::Finding;
use crate::finding::account::Account;
use crate::plan::Plan;
use crate::read::keyed::Match;
use crate::read::roads::RoadInput;
use crate::read::spread::SpreadPeople;
use crate::read::{Duplicate, InputFile, Origins};

/// All that a folder of results reports on.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// The plan, filled in.
    pub plan: &'a Plan,
    /// In the base year.
    pub city: &'a City,
    /// Where people are spread over communities.
    pub spread: Option<&'a SpreadPeople>,
    /// What is known of other years.
    pub outlook: &'a Outlook,
    /// The catalogue.
    pub catalogue: &'a [Service],
    /// Positions in it.
    pub selected: &'a [ServiceAt],
    /// Positions in it, ascending: services of whose facilities nothing is known.
    pub no_data: &'a [ServiceAt],
    /// Those of them that were left out of the selected because of that.
    pub left_out: &'a [ServiceAt],
    /// The roads, where people travel on streets.
    pub roads: Option<&'a RoadInput>,
    /// What was computed.
    pub round: &'a Round,
    /// What each demand point has within its limit in the base year, where points are listed one by one.
    pub nearest: Option<&'a PointReach>,
    /// Where facilities and demand points stand in the files.
    pub origins: &'a Origins,
    /// What reading noticed.
    pub findings: &'a [Finding],
    /// What was read.
    pub files: &'a [InputFile],
    /// What became of the rows of each file.
    pub accounts: &'a [Account],
    /// What names were taken for, in place of codes.
    pub matches: &'a [Match],
    /// Facilities that may be one.
    pub duplicates: &'a [Duplicate],
}

impl Outcome<'_> {
    /// Whether something is known of a service's facilities, if only that there are none.
    #[must_use]
    pub fn supplied(&self, service: ServiceAt) -> bool {
        self.no_data.binary_search(&service).is_err()
    }

    /// The selected services of which that is so: those that are judged.
    #[must_use]
    pub fn judged(&self) -> Vec<ServiceAt> {
        let selected = self.selected.iter().copied();
        selected.filter(|&at| self.supplied(at)).collect()
    }
}

/// For each selected service, what each demand point has within the limit.
pub type PointReach = Vec<Vec<Nearest>>;

/// All that a folder of a comparison reports on.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The old round.
    pub old: Outcome<'a>,
    /// The new one; both catalogues have the same ids at the same positions.
    pub new: Outcome<'a>,
    /// Positions of the services that both have.
    pub selected: &'a [ServiceAt],
    /// What was computed.
    pub comparison: &'a Comparison,
    /// What was noticed, of both rounds.
    pub findings: &'a [Finding],
}

/// The name of a township or community by its code; empty where there is none.
#[must_use]
pub fn name_of<'a>(city: &'a City, township: bool, code: &str) -> &'a str {
    let name = match township {
        true => city
            .townships()
            .iter()
            .find(|each| each.code == code)
            .map(|each| &each.name),
        false => city
            .communities()
            .iter()
            .find(|each| each.code == code)
            .map(|each| &each.name),
    };
    name.map_or("", String::as_str)
}
