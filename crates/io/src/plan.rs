//! The plan: one TOML file that says what is evaluated, by what, from which files. What it leaves out, the policy says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fuwutu_core::position::ServiceAt;
use fuwutu_core::projection::{GrowthPlan, Variant};
use fuwutu_core::quantity::AGE_BANDS;
use fuwutu_core::ranking::RankingPlan;
use fuwutu_core::reach::straight::{Paces, Straight};
use fuwutu_core::reach::streets::StreetPlan;
use fuwutu_core::round;
use fuwutu_core::service::{Name, Per, Requirement, Service};
use fuwutu_core::supply::access::Decay;
use fuwutu_core::supply::presence::PresencePlan;
use fuwutu_core::units::UnitPlan;
use serde::{Deserialize, Serialize};

use crate::finding::{escaped, plain};

/// The embedded policy: the decision's figures, and defaults for what it leaves open.
pub const POLICY: &str = include_str!("../../../seeds/policy.toml");

/// The embedded catalogue of services.
pub const CATALOGUE: &str = include_str!("../../../seeds/services.toml");

/// A plan with everything filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Another policy than the embedded one, relative to the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PathBuf>,
    /// Which round.
    pub round: RoundSection,
    /// How units are drawn.
    pub units: UnitPlan,
    /// How people get around.
    pub travel: TravelSection,
    /// How capacity is shared.
    pub access: AccessSection,
    /// What is assumed of people.
    pub people: PeopleSection,
    /// What may be believed of growth.
    pub growth: GrowthPlan,
    /// How many residents make a circle.
    pub presence: PresencePlan,
    /// What counts how much.
    pub ranking: RankingPlan,
    /// What is shown for comparison only.
    pub extras: ExtrasSection,
    /// What reports bear.
    #[serde(default, skip_serializing_if = "ReportSection::is_empty")]
    pub report: ReportSection,
    /// What the public edition of the reports leaves out.
    pub public: PublicSection,
    /// Files.
    pub inputs: Inputs,
    /// Which services.
    pub services: ServicesSection,
}

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
    fn is_empty(&self) -> bool {
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

/// `[inputs]`: paths relative to the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Coordinate system of all files: `EPSG:4490` or `EPSG:4326`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Polygons with `code` and `name`.
    pub townships: Source,
    /// Polygons with `code`, `name`, `township` and `residents`.
    pub communities: Source,
    /// Demand points; without them each community's residents live at one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Source>,
    /// Residents at an earlier date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<DatedSource>,
    /// Facilities, in any number of files.
    pub facilities: Vec<Source>,
    /// Streets, for `travel.mode = "streets"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roads: Option<RoadsSource>,
    /// New dwellings: community, year, dwellings [, persons, occupancy, lon, lat].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub housing: Option<Source>,
    /// Totals of counties in later years: county, year, residents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controls: Option<Source>,
    /// Residents at a third date, to try the methods on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<DatedSource>,
    /// Codes before and after townships and communities changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crosswalk: Option<Source>,
    /// The units of the last round, to be kept: its `communities.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_units: Option<LastUnitsSource>,
}

impl Inputs {
    /// Every path of the section, to be read or changed.
    pub(crate) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut all = vec![&mut self.townships.path, &mut self.communities.path];
        all.extend(self.population.iter_mut().map(|source| &mut source.path));
        all.extend(self.earlier.iter_mut().map(|source| &mut source.path));
        all.extend(self.housing.iter_mut().map(|source| &mut source.path));
        all.extend(self.controls.iter_mut().map(|source| &mut source.path));
        all.extend(self.observed.iter_mut().map(|source| &mut source.path));
        all.extend(self.facilities.iter_mut().map(|source| &mut source.path));
        if let Some(RoadsSource {
            path,
            nodes,
            edges,
            dem,
            ..
        }) = &mut self.roads
        {
            all.extend([path, nodes, edges, dem].into_iter().flatten());
        }
        all.extend(self.crosswalk.iter_mut().map(|source| &mut source.path));
        all.extend(self.last_units.iter_mut().map(|source| &mut source.path));
        all
    }
}

/// The last round's communities and their units, and the year whose codes they are in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastUnitsSource {
    /// Relative to the plan.
    pub path: PathBuf,
    /// The last round's base year, whose codes the file is in; may be left out where there is no crosswalk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Usual name → name in this file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

/// Streets: OpenStreetMap in its binary form, or a table of nodes and one of edges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoadsSource {
    /// An `.osm.pbf`, relative to the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// A table: id, lon, lat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<PathBuf>,
    /// A table: from, to [, `length_m`, class, oneway, geometry].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edges: Option<PathBuf>,
    /// An elevation model (GeoTIFF in degrees): on foot, slopes then take longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dem: Option<PathBuf>,
    /// Usual name → name in the table of nodes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_columns: BTreeMap<String, String>,
    /// Usual name → name in the table of edges.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub edge_columns: BTreeMap<String, String>,
}

impl RoadsSource {
    /// The binary file alone, or the table of nodes and then that of edges.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.path, &self.nodes, &self.edges]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
    }

    /// Either the one or both of the others.
    fn sound(&self) -> bool {
        matches!(
            (&self.path, &self.nodes, &self.edges),
            (Some(_), None, None) | (None, Some(_), Some(_))
        )
    }
}

/// A file, and the names its columns have where they are not the usual ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Relative to the plan.
    pub path: PathBuf,
    /// Usual name → name in this file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

/// A file of residents at another date than the base, and its year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedSource {
    /// Relative to the plan.
    pub path: PathBuf,
    /// Of the residents.
    pub year: i32,
    /// Usual name → name in this file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
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

/// A plan that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The plan, or a file of settings that it names, cannot be read.
    #[error("cannot read `{}`", escaped(&path.display().to_string()))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no TOML, or holds something unknown.
    #[error("{}{}: {message}", escaped(&path.display().to_string()), line.map_or(String::new(), |line| format!(", line {line}")))]
    Broken {
        /// Which.
        path: PathBuf,
        /// Where, if known.
        line: Option<usize>,
        /// What.
        message: String,
    },
    /// A value cannot be.
    #[error("{}: `{key}` is `{value}`; it must be {must}", path.display())]
    Value {
        /// Which plan.
        path: PathBuf,
        /// Section and name.
        key: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        must: &'static str,
    },
    /// A service that is not in the catalogue.
    #[error("{}: there is no service `{id}` in the catalogue; it has {known}", path.display())]
    UnknownService {
        /// Which plan.
        path: PathBuf,
        /// The id.
        id: String,
        /// Those there are.
        known: String,
    },
    /// The plan does not travel on streets, and something was asked of them.
    #[error("{}: `travel.mode` is `straight`: there are no streets", path.display())]
    NoRoads {
        /// Which plan.
        path: PathBuf,
    },
    /// A service that no limit applies to.
    #[error("{}: `{id}` has no limit in the catalogue, so that nobody can be said to reach it", path.display())]
    NoLimit {
        /// Which plan.
        path: PathBuf,
        /// The id.
        id: String,
    },
}

/// Whether a text can stand in a report.
fn told(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 100 && !text.contains(char::is_control)
}

impl Plan {
    /// Reads a plan and fills in what it leaves out from its policy.
    ///
    /// # Errors
    /// Where a file cannot be read, is no TOML, holds unknown keys, or a value is out of its range.
    pub fn read(path: &Path) -> Result<Self, PlanError> {
        let text = settings_text(path)?;
        Self::parse(&text, path)
    }

    /// As [`Plan::read`], from text; `path` is where its own paths start.
    ///
    /// # Errors
    /// As [`Plan::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, PlanError> {
        let plan: toml::Table = toml::from_str(text).map_err(|error| broken(path, text, &error))?;
        let (policy_path, policy_text) = match plan.get("policy").and_then(toml::Value::as_str) {
            Some(own) => (
                beside(path, Path::new(own)),
                settings_text(&beside(path, Path::new(own)))?,
            ),
            None => (PathBuf::from("policy.toml"), POLICY.to_owned()),
        };
        let mut settings: toml::Table = toml::from_str(&policy_text)
            .map_err(|error| broken(&policy_path, &policy_text, &error))?;
        lay_over(&mut settings, plan);
        let plan: Self = settings
            .try_into()
            .map_err(|error| broken(path, text, &error))?;
        plan.check(path)?;
        Ok(plan)
    }

    fn check(&self, path: &Path) -> Result<(), PlanError> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let rules: [(&'static str, String, bool, &'static str); 30] = [
            (
                "growth.tiny",
                self.growth.tiny.to_string(),
                self.growth.tiny <= 1_000_000,
                "at most 1,000,000",
            ),
            (
                "round.name",
                self.round.name.clone(),
                !self.round.name.trim().is_empty(),
                "a name",
            ),
            (
                "round.base_year",
                self.round.base_year.to_string(),
                year(self.round.base_year),
                "a year from 1900 to 2200",
            ),
            (
                "round.horizon_years",
                self.round.horizon_years.to_string(),
                self.round.horizon_years <= 10,
                "at most 10",
            ),
            (
                "units.cap",
                self.units.cap.to_string(),
                (1..=1_000_000_000).contains(&self.units.cap),
                "from 1 to 1,000,000,000",
            ),
            (
                "units.gap_tolerance_m",
                self.units.gap_tolerance_m.to_string(),
                positive(self.units.gap_tolerance_m) && self.units.gap_tolerance_m <= 100.0,
                "above 0, at most 100",
            ),
            (
                "units.min_border_m",
                self.units.min_border_m.to_string(),
                positive(self.units.min_border_m),
                "above 0",
            ),
            (
                "travel.pace_m_per_s",
                self.travel.pace_m_per_s.to_string(),
                pace(self.travel.pace_m_per_s),
                "above 0, at most 50",
            ),
            (
                "travel.ebike_m_per_s",
                self.travel.ebike_m_per_s.to_string(),
                pace(self.travel.ebike_m_per_s),
                "above 0, at most 50",
            ),
            (
                "travel.car_bus_m_per_s",
                self.travel.car_bus_m_per_s.to_string(),
                pace(self.travel.car_bus_m_per_s),
                "above 0, at most 50",
            ),
            (
                "travel.detour",
                self.travel.detour.to_string(),
                (1.0..=10.0).contains(&self.travel.detour),
                "from 1 to 10",
            ),
            (
                "travel.slow_pace_m_per_s",
                format!("{:?}", self.travel.slow_pace_m_per_s),
                self.travel.slow_pace_m_per_s.is_none_or(pace),
                "above 0, at most 50",
            ),
            (
                "travel.snap_m",
                self.travel.snap_m.to_string(),
                (1.0..=10_000.0).contains(&self.travel.snap_m),
                "from 1 to 10,000",
            ),
            (
                "travel.least_part_km",
                self.travel.least_part_km.to_string(),
                (0.0..=10_000.0).contains(&self.travel.least_part_km),
                "from 0 to 10,000",
            ),
            (
                "travel.stairs",
                self.travel.stairs.to_string(),
                (1.0..=10.0).contains(&self.travel.stairs),
                "from 1 to 10",
            ),
            (
                "travel.mode",
                "streets".to_owned(),
                self.travel.mode == TravelMode::Straight || self.inputs.roads.is_some(),
                "`straight`, or `inputs.roads` must name the roads",
            ),
            (
                "inputs.roads",
                self.inputs.roads.as_ref().map_or(String::new(), |roads| {
                    format!("{:?}", roads.files().collect::<Vec<_>>())
                }),
                self.inputs.roads.as_ref().is_none_or(RoadsSource::sound),
                "`{ path = \"city.osm.pbf\" }` or `{ nodes = \"nodes.csv\", edges = \"edges.csv\" }`",
            ),
            (
                "people.household_size",
                self.people.household_size.to_string(),
                (0.5..=50.0).contains(&self.people.household_size),
                "from 0.5 to 50",
            ),
            (
                "people.age_shares",
                format!("{:?}", self.people.age_shares),
                self.people
                    .age_shares
                    .iter()
                    .all(|each| (0.0..=1e6).contains(each))
                    && self.people.age_shares.iter().sum::<f64>() > 0.0,
                "seven numbers from 0 up, not all 0",
            ),
            (
                "growth.most_yearly",
                self.growth.most_yearly.to_string(),
                (0.0..=0.15).contains(&self.growth.most_yearly),
                "from 0 to 0.15",
            ),
            (
                "ranking",
                format!("{:?}", self.ranking),
                [
                    self.ranking.basic,
                    self.ranking.improved,
                    self.ranking.inflow_weight,
                ]
                .iter()
                .all(|each| each.is_finite() && *each >= 0.0)
                    && positive(self.ranking.inflow_reference),
                "numbers from 0 up, and `inflow_reference` above 0",
            ),
            (
                "services.minutes",
                format!("{:?}", self.services.minutes),
                self.services
                    .minutes
                    .is_none_or(|minutes| (1..=1440).contains(&minutes)),
                "from 1 to 1440",
            ),
            (
                "services.default_capacity",
                format!("{:?}", self.services.default_capacity),
                self.services
                    .default_capacity
                    .values()
                    .all(|each| (0.0..=MOST_CAPACITY).contains(each)),
                "numbers from 0 to 1,000,000,000",
            ),
            (
                "inputs.earlier.year",
                self.inputs
                    .earlier
                    .as_ref()
                    .map_or(String::new(), |each| each.year.to_string()),
                self.inputs
                    .earlier
                    .as_ref()
                    .is_none_or(|each| year(each.year) && each.year < self.round.base_year),
                "a year from 1900, before `round.base_year`",
            ),
            (
                "public.small",
                self.public.small.to_string(),
                (1..=1000).contains(&self.public.small),
                "from 1 to 1000",
            ),
            (
                "public.decimals",
                self.public.decimals.to_string(),
                (2..=7).contains(&self.public.decimals),
                "from 2 to 7",
            ),
            (
                "report",
                format!("{:?}", self.report),
                [&self.report.map_approval, &self.report.date]
                    .into_iter()
                    .flatten()
                    .all(|text| told(text)),
                "texts of 1 to 100 characters",
            ),
            (
                "ranking.certainty",
                format!("{:?}", self.ranking.certainty),
                self.ranking.certainty.draws <= 1_000_000
                    && (0.0..=1.0).contains(&self.ranking.certainty.weights)
                    && (0.0..=0.5).contains(&self.ranking.certainty.pace),
                "at most 1,000,000 draws, weights from 0 to 1, pace from 0 to 0.5",
            ),
            (
                "presence.L15/L10/L5",
                format!("{:?}", self.presence),
                [self.presence.l15, self.presence.l10, self.presence.l5]
                    .iter()
                    .all(|each| {
                        (1..=each.largest).contains(&each.from) && each.largest <= 100_000_000
                    }),
                "`from` of at least 1 and at most `largest`, and that at most 100,000,000",
            ),
            (
                "inputs.last_units.year",
                self.last_units_year()
                    .map_or_else(String::new, |each| each.to_string()),
                match self.last_units_year() {
                    Some(each) => year(each) && each <= self.round.base_year,
                    // Changes before it must not apply again.
                    None => self.inputs.last_units.is_none() || self.inputs.crosswalk.is_none(),
                },
                "a year from 1900, not after `round.base_year`; required where there is a crosswalk",
            ),
        ];
        match rules
            .into_iter()
            .chain(self.growth_rules())
            .find(|(_, _, holds, _)| !holds)
        {
            Some((key, value, _, must)) => Err(PlanError::Value {
                path: path.to_owned(),
                key,
                value,
                must,
            }),
            None => Ok(()),
        }
    }

    fn last_units_year(&self) -> Option<i32> {
        self.inputs.last_units.as_ref()?.year
    }

    /// What must hold of growth: name, value, whether it holds, and what it must be.
    fn growth_rules(&self) -> [(&'static str, String, bool, &'static str); 9] {
        let growth = &self.growth;
        let from_0 = |key, value: f64, most: f64, must| {
            (key, value.to_string(), (0.0..=most).contains(&value), must)
        };
        let (earlier, observed) = (&self.inputs.earlier, &self.inputs.observed);
        let third = observed.as_ref().map(|each| each.year);
        let other = |each: i32| {
            let known = [
                Some(self.round.base_year),
                earlier.as_ref().map(|each| each.year),
            ];
            year(each) && !known.contains(&Some(each))
        };
        [
            from_0("growth.births", growth.births, 10.0, "from 0 to 10"),
            from_0(
                "growth.deaths_60_plus",
                growth.deaths_60_plus,
                0.5,
                "from 0 to 0.5",
            ),
            from_0("growth.occupancy", growth.occupancy, 1.0, "from 0 to 1"),
            from_0(
                "growth.error_yearly",
                growth.error_yearly,
                1.0,
                "from 0 to 1",
            ),
            from_0(
                "growth.error_growth",
                growth.error_growth,
                10.0,
                "from 0 to 10",
            ),
            (
                "growth.error_size",
                growth.error_size.to_string(),
                growth.error_size <= 100_000_000,
                "at most 100,000,000",
            ),
            (
                "growth.variant",
                format!("{:?}", growth.variant).to_lowercase(),
                growth.variant == Variant::Middle || self.round.horizon_years > 0,
                "`middle` where `round.horizon_years` is 0",
            ),
            (
                "inputs.observed.year",
                third.map_or(String::new(), |each| each.to_string()),
                third.is_none_or(other),
                "a year from 1900 that is neither `round.base_year` nor `inputs.earlier.year`",
            ),
            (
                "inputs.observed",
                observed
                    .as_ref()
                    .map_or(String::new(), |each| each.path.display().to_string()),
                observed.is_none() || earlier.is_some(),
                "beside `inputs.earlier`: the methods need two dates to project to a third",
            ),
        ]
    }

    /// The part of the plan that the core computes by.
    #[must_use]
    pub fn core(&self) -> round::Plan {
        round::Plan {
            units: self.units,
            horizon: self.round.horizon_years,
            minutes: self.services.minutes,
            decay: self.access.decay,
            household_size: self.people.household_size,
            growth: self.growth,
            presence: self.presence,
            ranking: self.ranking,
        }
    }

    /// The plan at `path` and all the files that it names, as seen from where it runs.
    #[must_use]
    pub fn files(&self, path: &Path) -> Vec<PathBuf> {
        let mut inputs = self.inputs.clone();
        let settings = [&self.policy, &self.services.catalogue]
            .into_iter()
            .flatten();
        let named = inputs
            .paths()
            .into_iter()
            .map(|path| &*path)
            .chain(settings);
        let named: Vec<PathBuf> = named.map(|named| beside(path, named)).collect();
        std::iter::once(path.to_owned()).chain(named).collect()
    }

    /// How fast people travel, by mode.
    #[must_use]
    pub fn paces(&self) -> Paces {
        let TravelSection {
            pace_m_per_s: walk,
            ebike_m_per_s: ebike,
            car_bus_m_per_s: car_bus,
            ..
        } = self.travel;
        Paces {
            walk,
            ebike,
            car_bus,
        }
    }

    /// How fast the slow travel, where they are slower.
    #[must_use]
    pub fn slow_paces(&self) -> Option<Paces> {
        self.travel.slow_pace_m_per_s.map(|walk| Paces {
            walk,
            ..self.paces()
        })
    }

    /// Straight lines at these paces.
    #[must_use]
    pub fn straight(&self, paces: Paces) -> Straight {
        Straight {
            detour: self.travel.detour,
            paces,
        }
    }

    /// The roads, where they are travelled on.
    #[must_use]
    pub fn roads(&self) -> Option<&RoadsSource> {
        self.inputs
            .roads
            .as_ref()
            .filter(|_| self.travel.mode == TravelMode::Streets)
    }

    /// The file of the roads, for findings: the binary one, or the table of edges; empty without roads.
    #[must_use]
    pub fn roads_name(&self) -> String {
        let last = self.roads().and_then(|roads| roads.files().last());
        last.map_or(String::new(), |path| {
            path.display().to_string().replace('\\', "/")
        })
    }

    /// Streets at these paces.
    #[must_use]
    pub fn streets(&self, paces: Paces) -> StreetPlan {
        let TravelSection {
            snap_m,
            least_part_km,
            stairs,
            unsnapped,
            ..
        } = self.travel;
        StreetPlan {
            paces,
            stairs,
            longest_leg: (snap_m * 1000.0).round() as u32,
            least_part: (least_part_km * 1e6).round() as u64,
            otherwise: (unsnapped == UnsnappedTrips::Straight).then(|| self.straight(paces)),
        }
    }
}

/// No facility has more, in any unit.
pub(crate) const MOST_CAPACITY: f64 = 1e9;

/// Whether a number can be a year of this century or a neighbouring one.
pub(crate) fn year(year: i32) -> bool {
    (1900..=2200).contains(&year)
}

fn pace(pace: f64) -> bool {
    pace > 0.0 && pace <= 50.0
}

/// `path` as seen from the folder of `plan`.
#[must_use]
pub fn beside(plan: &Path, path: &Path) -> PathBuf {
    plan.parent()
        .map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

/// The catalogue that a plan is judged by, and the positions of the services that it selects, ascending.
///
/// # Errors
/// Where the plan's own catalogue cannot be read, or a service it names is unknown or has no limit.
pub fn catalogue(plan: &Plan, path: &Path) -> Result<(Vec<Service>, Vec<ServiceAt>), PlanError> {
    let mut services = parse_catalogue(CATALOGUE, Path::new("services.toml"))?;
    if let Some(own) = &plan.services.catalogue {
        let own = beside(path, own);
        let file = catalogue_file(&settings_text(&own)?, &own)?;
        if file.whole {
            services.clear();
        }
        for row in file.service {
            match services.iter_mut().find(|each| each.id == row.id) {
                Some(same) => *same = row,
                None => services.push(row),
            }
        }
    }
    let position = |id: &String| {
        services
            .iter()
            .position(|each| each.id == *id)
            .ok_or_else(|| PlanError::UnknownService {
                path: path.to_owned(),
                id: plain(id),
                known: services
                    .iter()
                    .map(|each| each.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    };
    let named = services.iter().flat_map(others);
    for id in plan.services.default_capacity.keys().chain(named) {
        position(id)?;
    }
    if let Some((id, other)) = services
        .iter()
        .find_map(|service| unlike(service, &services))
    {
        let value = format!("{id}: {other}");
        let must = "another service that counts in the same unit";
        return Err(PlanError::Value {
            path: path.to_owned(),
            key: "service.adds_to/sums",
            value,
            must,
        });
    }
    let has_limit = |at: usize| services[at].urban.is_some() || services[at].rural.is_some();
    let mut selected: Vec<usize> = match &plan.services.select {
        Some(ids) => ids.iter().map(position).collect::<Result<_, _>>()?,
        None => (0..services.len()).filter(|&at| has_limit(at)).collect(),
    };
    selected.sort_unstable();
    selected.dedup();
    if let Some(&at) = selected.iter().find(|&&at| !has_limit(at)) {
        return Err(PlanError::NoLimit {
            path: path.to_owned(),
            id: services[at].id.clone(),
        });
    }
    Ok((services, selected.into_iter().map(ServiceAt::new).collect()))
}

/// A service to which another adds its capacity though it is the same, or counts in another unit.
fn unlike<'a>(service: &'a Service, services: &'a [Service]) -> Option<(&'a str, &'a str)> {
    let others = service.adds_to.iter().chain(&service.sums);
    let fits =
        |other: &Service| other.id != service.id && other.capacity_unit == service.capacity_unit;
    let mut found = others.filter_map(|id| services.iter().find(|each| each.id == *id));
    found
        .find(|other| !fits(other))
        .map(|other| (service.id.as_str(), other.id.as_str()))
}

/// The services that a row names.
fn others(service: &Service) -> impl Iterator<Item = &String> {
    let hub = service.hub.iter().flat_map(|hub| &hub.services);
    let unless = service
        .requires
        .iter()
        .filter_map(|rule| rule.unless_covered.as_ref());
    service
        .substitutes
        .iter()
        .chain(&service.adds_to)
        .chain(&service.sums)
        .chain(hub)
        .chain(unless)
}

/// Two catalogues with the same ids at the same positions: those of the second, then those that only the first has. A row that
/// one does not have stands in it under the other's id alone, so that none of its files can mean it by name.
#[must_use]
pub fn with_same_positions(old: &[Service], new: &[Service]) -> [Vec<Service>; 2] {
    let of = |services: &[Service], id: &str| services.iter().find(|each| each.id == id).cloned();
    let only_old = old.iter().filter(|each| of(new, &each.id).is_none());
    let ids: Vec<&str> = new
        .iter()
        .chain(only_old)
        .map(|each| each.id.as_str())
        .collect();
    let stand_in = |row: Service| {
        let name = Name {
            zh: row.id.clone(),
            en: row.id.clone(),
        };
        Service { name, ..row }
    };
    let filled = |own: &[Service], other: &[Service]| -> Vec<Service> {
        let row = |id: &&str| of(own, id).or_else(|| of(other, id).map(stand_in));
        ids.iter().filter_map(row).collect()
    };
    [filled(old, new), filled(new, old)]
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    /// Whether the embedded rows do not count.
    #[serde(default)]
    whole: bool,
    service: Vec<Service>,
}

/// The rows of a catalogue.
///
/// # Errors
/// Where it is no TOML, or a row is not as it should be.
pub fn parse_catalogue(text: &str, path: &Path) -> Result<Vec<Service>, PlanError> {
    Ok(catalogue_file(text, path)?.service)
}

/// A catalogue as a file that needs no other beneath it.
#[must_use]
pub fn catalogue_text(services: &[Service]) -> String {
    let file = CatalogueFile {
        whole: true,
        service: services.to_vec(),
    };
    toml::to_string_pretty(&file).expect("a catalogue that was read can be written")
}

fn catalogue_file(text: &str, path: &Path) -> Result<CatalogueFile, PlanError> {
    let file: CatalogueFile = toml::from_str(text).map_err(|error| broken(path, text, &error))?;
    for (service, at) in file.service.iter().zip(0..) {
        let twice = file.service[..at]
            .iter()
            .any(|other| other.id == service.id);
        let value = |key, value: String, must| PlanError::Value {
            path: path.to_owned(),
            key,
            value: plain(&value),
            must,
        };
        if service.id.trim().is_empty() || twice {
            return Err(value(
                "service.id",
                service.id.clone(),
                "a name that no other row has",
            ));
        }
        if let Some((key, must)) = unsound(service) {
            return Err(value(key, service.id.clone(), must));
        }
    }
    Ok(file)
}

/// What is wrong with the figures of a row: its key, and what it must be.
fn unsound(service: &Service) -> Option<(&'static str, &'static str)> {
    let norm = &service.norm;
    let figures = [
        norm.per_1000_low,
        norm.per_1000_high,
        norm.per_target_person,
        norm.m2_per_100_households,
    ];
    let limits = [
        service.urban,
        service.rural,
        service.hub.as_ref().and_then(|hub| hub.limit),
    ];
    // What is not read may not be given.
    let rule = |rule: &Requirement| {
        let counted = matches!(rule.per, Per::Residents | Per::Households);
        let places = matches!(rule.per, Per::Community | Per::Village);
        let circle = matches!(rule.per, Per::L15 | Per::L10 | Per::L5);
        (1..=if places { 1 } else { 1000 }).contains(&rule.count)
            && rule.share > 0.0
            && rule.share <= 1.0
            && (rule.share >= 1.0 || places)
            && rule.every.is_some() == counted
            && rule.every.is_none_or(|every| (1.0..=1e9).contains(&every))
            && (circle || rule.unless_covered.is_none())
            && !(rule.per == Per::County && rule.public)
    };
    let limited = service.urban.is_some() || service.rural.is_some();
    let county_level = !limited || service.levels.iter().any(|level| level == "county");
    let rules = [
        (
            limits
                .iter()
                .flatten()
                .all(|limit| (1..=1440).contains(&limit.minutes)),
            "service.urban/rural/hub.minutes",
            "from 1 to 1440",
        ),
        (
            figures
                .iter()
                .flatten()
                .all(|&figure| figure > 0.0 && figure <= 1e6)
                && norm.per_target_person.is_none_or(|each| each <= 1e4),
            "service.norm",
            "numbers above 0, at most 1,000,000 (10,000 per person of the target group); where nothing is asked for, leave the figure out or use the basis `presence`",
        ),
        (
            service
                .minimum
                .as_ref()
                .is_none_or(|minimum| (0.0..=1e9).contains(&minimum.size)),
            "service.minimum",
            "a size from 0 to 1,000,000,000",
        ),
        (
            service
                .full_hours
                .is_none_or(|hours| hours > 0.0 && hours <= 168.0),
            "service.full_hours",
            "above 0, at most 168 hours a week",
        ),
        (
            service.requires.iter().all(rule),
            "service.requires",
            "a count from 1 to 1,000, `share` (above 0 to 1, with a count of 1) for communities and villages only, `every` (1 or more) for residents and households only, `unless_covered` for L15, L10 and L5 only, and no `public` for a county",
        ),
        (
            county_level || service.requires.iter().all(|rule| rule.per != Per::County),
            "service.requires",
            "without `county`, unless `levels` has it, too",
        ),
    ];
    rules
        .into_iter()
        .find(|(holds, ..)| !holds)
        .map(|(_, key, must)| (key, must))
}

fn settings_text(path: &Path) -> Result<String, PlanError> {
    let unreadable = |source| PlanError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Puts the entries of `over` into `under`, section by section.
fn lay_over(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => lay_over(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// The message of a TOML error with its line. Once plan and policy are laid together there are no lines any more; then the
/// first line that has the name in question is told.
fn broken(path: &Path, text: &str, error: &toml::de::Error) -> PlanError {
    let by_span = error
        .span()
        .map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
    // Without a span the error ends in the key's full name: "in `round.base_year`".
    let whole = error.to_string();
    let key = whole
        .lines()
        .find_map(|line| line.strip_prefix("in `")?.strip_suffix('`'))
        .filter(|_| by_span.is_none());
    let (name, message) = match (error.message().split('`').nth(1), key) {
        (None, Some(key)) => (
            key.rsplit('.').next().unwrap_or(key),
            format!("`{key}`: {}", error.message()),
        ),
        (name, _) => (name.unwrap_or(""), error.message().to_owned()),
    };
    let by_name = || {
        text.lines()
            .position(|line| !name.is_empty() && line.contains(name))
            .map(|at| at + 1)
    };
    PlanError::Broken {
        path: path.to_owned(),
        line: by_span.or_else(by_name),
        message: escaped(&message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = r#"
        [round]
        name = "r"
        base_year = 2026
        [inputs]
        townships = { path = "t" }
        communities = { path = "c" }
        facilities = [{ path = "f" }]
    "#;

    #[test]
    fn what_a_plan_leaves_out_the_policy_says() {
        let plan = Plan::parse(LEAST, Path::new("plan.toml")).unwrap();
        assert_eq!((plan.units.cap, plan.round.horizon_years), (100_000, 3));
        let over = Plan::parse(
            &format!("{LEAST}\n[units]\ncap = 5"),
            Path::new("plan.toml"),
        )
        .unwrap();
        assert_eq!((over.units.cap, over.units.join_detached), (5, true));
    }

    #[test]
    fn a_wrong_key_is_told_with_its_line() {
        let text = format!("{LEAST}\n[units]\ncapp = 5");
        let error = Plan::parse(&text, Path::new("plan.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("plan.toml, line 11: unknown field `capp`"),
            "{error}"
        );
    }

    #[test]
    fn a_catalogue_that_is_written_is_read_as_it_was_and_stands_alone() {
        let services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        let file = catalogue_file(&catalogue_text(&services), Path::new("services.toml")).unwrap();
        assert!(file.whole && file.service == services);
    }

    #[test]
    fn the_catalogue_has_45_services_each_with_source_and_status() {
        let services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        assert_eq!(services.len(), 45);
        let known = ["verified", "secondary", "partly", "recalled", "proposed"];
        for service in &services {
            assert!(
                !service.source.is_empty() && known.contains(&service.status.overall.as_str()),
                "{}",
                service.id
            );
        }
    }
}
