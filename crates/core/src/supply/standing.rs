//! What is said of a unit, a service and a year.

use super::detour::Detour;
use super::presence::Presence;
use super::shortage::Certain;
use crate::position::{ServiceAt, UnitAt};
use crate::quantity::Residents;

/// One unit, one service, one year.
///
/// Only residents whose class of community has a limit for the service count: a rural village asks for no urban street office.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Position of the unit.
    pub unit: UnitAt,
    /// Position of the service in the catalogue.
    pub service: ServiceAt,
    /// Year.
    pub year: i32,
    /// Whether anything is known of the service's facilities. Where it is not, target group and demand are all that is said:
    /// people are 0 in the fields below and `None` in the methods, and the rest is `None`.
    pub supplied: bool,
    /// Residents of the target group.
    pub target: Residents,
    /// Those of them with at least one open facility within the limit.
    pub covered: Residents,
    /// Those of them who are not covered and live too far from every usable street for any trip to be told.
    pub unsnapped: Residents,
    /// Those of them who are not covered and live where there is no road at all: outside the network.
    pub roadless: Residents,
    /// The same in straight lines, where it was asked for.
    pub straight: Option<StraightStanding>,
    /// Those of the target group with an open facility within the service radius (服务半径) of their limit, as the crow flies; `None` where
    /// a limit has none.
    pub covered_radius: Option<Residents>,
    /// Capacity that the norm asks for; `None` without a norm.
    pub demand: Option<f64>,
    /// What there is; `None` where the service has no capacity, or that of an open facility in the unit or in reach of its
    /// people is not known.
    pub supply: Option<Supply>,
    /// What is short whatever the assignment; `None` without a norm or a capacity.
    pub certain: Option<Certain>,
    /// Whether there are enough facilities, large enough; `None` where no rule applies.
    pub presence: Option<Presence>,
    /// By public and inclusive facilities alone; `None` where the service is not judged by them. Who does not say counts for
    /// neither.
    pub public: Option<PublicStanding>,
    /// Those of the target group who are not covered and have a substitute within the limit.
    pub substituted: Residents,
    /// Urban residents of all ages who have an open facility of the kind that makes a rule needless
    /// ([`crate::service::Requirement::unless_covered`]) within its limit.
    pub excused: Residents,
    /// How far `covered` depends on where in their communities people live; in the base year, where that is not known of some.
    pub spread: Option<SpreadStanding>,
}

/// What public and inclusive (公办、普惠) facilities alone give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublicStanding {
    /// Residents of the target group with at least one open within the limit.
    pub covered: Residents,
    /// Known capacity of those open in the unit.
    pub inside: f64,
}

/// What becomes of the people covered where people live elsewhere in their communities, of whom only these are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpreadStanding {
    /// Covered if they are spread in the other way: see [`crate::spread`].
    pub otherwise: Residents,
    /// Covered wherever they live: those of communities all of whose squares are covered count.
    pub least: Residents,
    /// Covered at best: those of communities of which any square is.
    pub most: Residents,
}

/// What straight lines say where people travel on streets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StraightStanding {
    /// Residents of the target group with at least one open facility within the limit.
    pub covered: Residents,
    /// How much longer the trip to the nearest facility is than as the crow flies; in the base year.
    pub detour: Option<Detour>,
}

/// Capacity as a unit sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supply {
    /// Of the open facilities that stand in the unit.
    pub inside: f64,
    /// The unit's part of all capacity in reach, across borders (2SFCA): over all units this adds up to the capacity of the
    /// facilities that anybody reaches.
    pub received: f64,
}

/// The share of what a target group needs that is missing: of capacity (where there is a norm and the supply is known) or of people
/// within reach, whichever is more; so that plenty for some never hides that others have none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missing {
    /// 0 to 1.
    pub share: f64,
    /// Which of the two it is: reach where both are the same.
    pub what: MissingWhat,
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingWhat {
    /// A facility within the limit.
    Reach,
    /// Capacity against the norm.
    Capacity,
}

impl Standing {
    /// Leaves what is known without the service's facilities.
    pub(crate) fn forget_supply(&mut self) {
        *self = Self {
            supplied: false,
            covered: Residents::default(),
            unsnapped: Residents::default(),
            roadless: Residents::default(),
            straight: None,
            supply: None,
            certain: None,
            presence: None,
            public: None,
            substituted: Residents::default(),
            excused: Residents::default(),
            covered_radius: None,
            spread: None,
            ..*self
        };
    }

    /// Covered ÷ target; `None` where nobody belongs to the target group, or nothing is known of the facilities.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        let covered = self.known(self.covered)?;
        (self.target.0 > 0).then(|| covered.0 as f64 / self.target.0 as f64)
    }

    /// A number of people that rests on facilities; `None` where nothing is known of these.
    #[must_use]
    pub fn known(&self, people: Residents) -> Option<Residents> {
        self.supplied.then_some(people)
    }

    /// Those of the target group who have no open facility within the limit; `None` where nothing is known of the facilities.
    #[must_use]
    pub fn unserved(&self) -> Option<Residents> {
        self.known(self.target - self.covered)
    }

    /// The same within the service radius.
    #[must_use]
    pub fn coverage_radius(&self) -> Option<f64> {
        let covered = self.covered_radius.filter(|_| self.target.0 > 0)?;
        Some(covered.0 as f64 / self.target.0 as f64)
    }

    /// Those of the target group who can travel and have no open facility within the limit. Covered, too far, unsnapped and
    /// roadless together are the target group.
    #[must_use]
    pub fn too_far(&self) -> Residents {
        self.target - self.covered - self.unsnapped - self.roadless
    }

    /// max(0, demand − supply inside): the administrative view, blind to what is across the border.
    #[must_use]
    pub fn shortfall_inside(&self) -> Option<f64> {
        Some((self.demand? - self.supply?.inside).max(0.0))
    }

    /// max(0, demand − supply received).
    #[must_use]
    pub fn shortfall_reach(&self) -> Option<f64> {
        Some((self.demand? - self.supply?.received).max(0.0))
    }

    /// Capacity received per person of the target group; `None` where nobody belongs to it.
    #[must_use]
    pub fn access(&self) -> Option<f64> {
        (self.target.0 > 0).then_some(self.supply?.received / self.target.persons())
    }

    /// The share of what the target group needs that is missing; `None` where nobody belongs to it, or nothing is known of the
    /// facilities.
    #[must_use]
    pub fn missing(&self) -> Option<Missing> {
        (self.supplied && self.target.0 > 0).then(|| self.missing_if(self.covered, 1.0, 1.0))
    }

    /// The same if so many were covered, there were `ratio` times the residents, of whom the same share is covered, and `capacity`
    /// times as much were received.
    pub(crate) fn missing_if(&self, covered: Residents, ratio: f64, capacity: f64) -> Missing {
        let out_of_reach = if self.target.0 > 0 {
            1.0 - covered.0 as f64 / self.target.0 as f64
        } else {
            0.0
        };
        let of_capacity = match (self.supply, self.demand.map(|demand| demand * ratio)) {
            (Some(supply), Some(demand)) if demand > 0.0 => {
                (demand - supply.received * capacity).max(0.0) / demand
            }
            _ => 0.0,
        };
        if of_capacity > out_of_reach {
            Missing {
                share: of_capacity,
                what: MissingWhat::Capacity,
            }
        } else {
            Missing {
                share: out_of_reach,
                what: MissingWhat::Reach,
            }
        }
    }
}
