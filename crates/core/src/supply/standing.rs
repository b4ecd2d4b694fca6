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
}

/// What public and inclusive (公办、普惠) facilities alone give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublicStanding {
    /// Residents of the target group with at least one open within the limit.
    pub covered: Residents,
    /// Known capacity of those open in the unit.
    pub inside: f64,
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

impl Standing {
    /// Covered ÷ target; `None` where nobody belongs to the target group.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.target.0 > 0).then(|| self.covered.0 as f64 / self.target.0 as f64)
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

    /// The share of what is needed that is missing, 0 to 1: of capacity (where there is a norm and the supply is known) or of
    /// people within reach, whichever is more; so that plenty for some never hides that others have none. 0 where nothing is
    /// needed.
    #[must_use]
    pub fn shortfall_rate(&self) -> f64 {
        self.shortfall_rate_if(self.covered, 1.0)
    }

    /// The same if so many were covered, and there were `ratio` times the residents, of whom the same share is covered.
    pub(crate) fn shortfall_rate_if(&self, covered: Residents, ratio: f64) -> f64 {
        let out_of_reach = if self.target.0 > 0 {
            1.0 - covered.0 as f64 / self.target.0 as f64
        } else {
            0.0
        };
        match (self.supply, self.demand.map(|demand| demand * ratio)) {
            (Some(supply), Some(demand)) if demand > 0.0 => {
                out_of_reach.max((demand - supply.received).max(0.0) / demand)
            }
            _ => out_of_reach,
        }
    }
}
