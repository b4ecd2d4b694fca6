//! What became of the rows of a file: read, used, repaired, left out.

use std::collections::BTreeMap;

use super::Kind;

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Codes with their names and classes.
    Codes,
    /// Old codes and what became of them.
    Crosswalk,
    /// Townships.
    Townships,
    /// Communities.
    Communities,
    /// Demand points.
    Population,
    /// Where people live in their communities: buildings, or a grid, which has no rows.
    Weights,
    /// New dwellings.
    Housing,
    /// Facilities.
    Facilities,
    /// Residents at an earlier date.
    Earlier,
    /// Residents at a third date.
    Observed,
    /// Totals of counties.
    Controls,
    /// The last round's units.
    LastUnits,
    /// Streets, whose rows `fuwutu roads` accounts for.
    Roads,
}

/// What became of the rows of a table, or of the features of a layer.
///
/// Where reading came to its end, `rows` = `used` + the sum of `left_out`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// As the plan names it.
    pub file: String,
    /// What it is read as.
    pub role: Role,
    /// Rows below the header, blank ones and sums among them, or features.
    pub rows: u64,
    /// Those that go into the computation; `None` where reading ended before that was known, and for streets.
    pub used: Option<u64>,
    /// Those of the used of which something was taken otherwise than it is written, by what was found. A row of which two things were
    /// found stands twice.
    pub repaired: BTreeMap<Kind, u64>,
    /// Those that were left out, by what was found. Each row stands once.
    pub left_out: BTreeMap<Kind, u64>,
}

impl Account {
    pub(super) fn new(role: Role, file: &str) -> Self {
        Self {
            file: file.to_owned(),
            role,
            rows: 0,
            used: None,
            repaired: BTreeMap::new(),
            left_out: BTreeMap::new(),
        }
    }

    /// Rows are left out because of this.
    pub(crate) fn leave_out(&mut self, kind: Kind, rows: u64) {
        if rows > 0 {
            *self.left_out.entry(kind).or_default() += rows;
        }
    }

    /// How many rows were left out.
    #[must_use]
    pub fn all_left_out(&self) -> u64 {
        self.left_out.values().sum()
    }

    /// How many repairs there were.
    #[must_use]
    pub fn all_repaired(&self) -> u64 {
        self.repaired.values().sum()
    }

    /// Whether a finding about its rows is a repair: they are used, and something of them is taken otherwise than it is written.
    pub(super) fn repairs(&self, kind: Kind) -> bool {
        match kind {
            Kind::Unplaced => self.role == Role::Population,
            Kind::RingOpen
            | Kind::SelfCrossing
            | Kind::FeaturesJoined
            | Kind::CodeCarried
            | Kind::AgesDiffer
            | Kind::CapacityDefault
            | Kind::CodeRestored
            | Kind::EntrancesBad
            | Kind::IdQualified
            | Kind::OwnershipUnknown
            | Kind::ResidentialLand
            | Kind::SizeUnit => !self.left_out.contains_key(&kind),
            _ => false,
        }
    }
}
