//! What the examples of the documentation share: a service, a plan and a way to travel with round figures.
//!
//! With [`crate::grid`] of spacing 500 m: people walk 1 m a second in straight lines and have 10 minutes, so that a facility
//! is reached from at most 600 m. One at the middle of 3 × 3 people serves itself and the four beside it, and not the four
//! at the corners, which are 707 m away.

use std::collections::BTreeMap;

use fuwutu_core::position::{ServiceAt, UnitAt};
use fuwutu_core::projection::{GrowthPlan, Variant};
use fuwutu_core::quantity::Residents;
use fuwutu_core::ranking::{CertaintyPlan, RankingPlan};
use fuwutu_core::reach::straight::{Paces, Straight};
use fuwutu_core::round::Plan;
use fuwutu_core::service::{Basis, Limit, Mode, Name, Norm, Service, Status, Target, Tier};
use fuwutu_core::supply::Standing;
use fuwutu_core::supply::access::Decay;
use fuwutu_core::supply::presence::{Circle, PresencePlan};
use fuwutu_core::units::UnitPlan;

/// Ten minutes on foot.
pub const LIMIT: Limit = Limit {
    mode: Mode::Walk,
    minutes: 10,
    radius_m: None,
};

/// Straight lines at 1 m/s.
pub const STRAIGHT: Straight = Straight {
    detour: 1.0,
    paces: Paces {
        walk: 1.0,
        ebike: 1.0,
        car_bus: 1.0,
    },
};

/// A service for everybody within [`LIMIT`], of whose capacity four people need 1.
#[must_use]
pub fn service() -> Service {
    Service {
        id: "library".into(),
        name: Name {
            zh: "图书馆".into(),
            en: "library".into(),
        },
        aliases: Vec::new(),
        category: "culture".into(),
        levels: vec!["L15".into()],
        tier: Tier::Basic,
        in_decision: true,
        target: Target::ALL,
        urban: Some(LIMIT),
        rural: Some(LIMIT),
        capacity_unit: "rooms".into(),
        norm: Norm {
            basis: Basis::PerThousand,
            per_1000_low: Some(250.0),
            per_1000_high: None,
            per_target_person: None,
            m2_per_100_households: None,
            m2_per_resident: None,
        },
        minimum: None,
        presence: String::new(),
        requires: Vec::new(),
        substitutes: Vec::new(),
        adds_to: Vec::new(),
        full_hours: None,
        public_apart: false,
        sums: Vec::new(),
        hub: None,
        status: Status {
            reach: "P".into(),
            demand: "P".into(),
            size: "P".into(),
            overall: "proposed".into(),
            ..Status::default()
        },
        source: "an example".into(),
        notes: String::new(),
        own: BTreeMap::new(),
        evidence: Vec::new(),
    }
}

/// The base year alone, units of at most 100 residents, weight 1 for a basic service, nothing drawn.
#[must_use]
pub fn plan() -> Plan {
    let circle = Circle {
        from: 1,
        largest: 100,
    };
    Plan {
        units: UnitPlan {
            cap: 100,
            gap_tolerance_m: 1.0,
            min_border_m: 10.0,
            join_detached: true,
            headroom: 0.0,
        },
        horizon: 0,
        minutes: None,
        decay: Decay::Binary,
        household_size: 2.5,
        growth: GrowthPlan {
            most_yearly: 0.15,
            tiny: 1,
            ages: None,
            births: 1.0,
            deaths_60_plus: 0.0,
            occupancy: 1.0,
            variant: Variant::Middle,
            error_yearly: 0.01,
            error_size: 1,
            error_growth: 0.0,
        },
        presence: PresencePlan {
            l15: circle,
            l10: circle,
            l5: circle,
        },
        ranking: RankingPlan {
            basic: 1.0,
            improved: 0.5,
            domains: BTreeMap::new(),
            inflow_weight: 1.0,
            inflow_reference: 0.1,
            small: 0,
            certainty: CertaintyPlan {
                draws: 0,
                weights: 0.0,
                pace: 0.0,
                capacity: 0.0,
            },
        },
    }
}

/// Of so many people of a unit, whole persons, so many have the service within its limit; it has no norm.
#[must_use]
pub fn standing(unit: UnitAt, target: u64, covered: u64) -> Standing {
    Standing {
        unit,
        service: ServiceAt(0),
        year: crate::YEAR,
        supplied: true,
        target: Residents::whole(target),
        covered: Residents::whole(covered),
        unsnapped: Residents::default(),
        roadless: Residents::default(),
        straight: None,
        covered_radius: None,
        demand: None,
        supply: None,
        certain: None,
        presence: None,
        public: None,
        substituted: Residents::default(),
        excused: Residents::default(),
        spread: None,
    }
}
