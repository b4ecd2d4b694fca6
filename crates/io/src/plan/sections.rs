//! The plan's sections, but for `[inputs]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fuwutu_core::quantity::AGE_BANDS;
use fuwutu_core::supply::access::Decay;
use serde::{Deserialize, Serialize};

/// `[round]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundSection {
    /// What the round is called.
    pub name: String,
    /// The year of the population.
    pub base_year: i32,
    /// Years looked ahead, 0 to 10.
    pub horizon_years: u32,
    /// Whether places, people and facilities are made up: every report then says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synthetic: bool,
}

/// `[report]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSection {
    /// The number under which the maps may be published (审图号); without one they are internal working maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map_approval: Option<String>,
    /// The date that reports bear, as it is to be read; none where not given, so that the same input gives the same report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

impl ReportSection {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `[public]`: what the public edition of the reports leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicSection {
    /// Counts of fewer people than this are left out, and all others rounded to multiples of it, 1 to 1000.
    pub small: u32,
    /// Decimals of degrees, 2 to 7: 4 are about 10 m.
    pub decimals: u32,
    /// Ids of services that are left out, with every facility that offers one.
    pub restricted: Vec<String>,
}

/// `[travel]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TravelSection {
    /// Straight lines or streets.
    pub mode: TravelMode,
    /// Walking.
    pub pace_m_per_s: f64,
    /// Walking of children under 6 and people of 60 and over; the same as everybody's where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_pace_m_per_s: Option<f64>,
    /// E-bike.
    pub ebike_m_per_s: f64,
    /// Car or bus.
    pub car_bus_m_per_s: f64,
    /// How much longer streets are than the straight line; for straight lines alone.
    pub detour: f64,
    /// Farther than this from every usable street one is unsnapped.
    pub snap_m: f64,
    /// Parts of the network that are cut off from all others and shorter than this are not used.
    pub least_part_km: f64,
    /// How much longer stairs take than a level street.
    pub stairs: f64,
    /// What happens to trips with an unsnapped end.
    pub unsnapped: UnsnappedTrips,
    /// Whether the figures of straight lines stand beside those of streets.
    pub compare: bool,
}

/// How trips are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TravelMode {
    /// Straight line × detour ÷ pace.
    Straight,
    /// On the roads of `inputs.roads`.
    Streets,
}

/// What happens to trips with an end that is too far from every street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsnappedTrips {
    /// They are out of reach, and counted apart.
    Apart,
    /// They lead in a straight line × detour.
    Straight,
}

/// `[access]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessSection {
    /// How weight falls with time.
    pub decay: Decay,
}

/// `[extras]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtrasSection {
    /// Units by TOPSIS with entropy weights.
    pub topsis: bool,
    /// Coupling coordination of supply and demand.
    pub coupling: bool,
}

/// `[people]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleSection {
    /// Persons a household.
    pub household_size: f64,
    /// Weights of the age bands where the input has no ages.
    pub age_shares: [f64; AGE_BANDS.len()],
}

/// `[services]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServicesSection {
    /// A catalogue of one's own, relative to the plan: its rows replace those of the same id and add others; with `whole = true`
    /// they are all there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<PathBuf>,
    /// Ids; every service with a limit where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<Vec<String>>,
    /// Replaces every service's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// By service: the capacity of facilities that do not give one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub default_capacity: BTreeMap<String, f64>,
}
