//! What reports say of a round as a whole: `round.json`, as far as an edition may show it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fuwutu_core::projection::GrowthPlan;
use fuwutu_core::ranking::RankingPlan;
use fuwutu_core::service::Service;
use fuwutu_core::supply::presence::PresencePlan;
use fuwutu_core::units::UnitPlan;
use fuwutu_io::manifest::{
    self, CityCounts, FileEntry, NotSupplied, ProjectionTotals, RoadTotals, Statement, UnitCounts,
};
use fuwutu_io::plan::{
    AccessSection, ExtrasSection, Inputs, PeopleSection, Plan, PublicSection, ReportSection,
    RoundSection, ServicesSection, TravelSection,
};
use fuwutu_io::read::InputFile;
use fuwutu_io::tables::totals::Total;
use serde::Serialize;

/// What is read back of `round.json`; its standards are the book's services.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The round's name.
    pub round: String,
    /// Of the tool that wrote it.
    pub version: String,
    /// The base year first; at least one.
    pub years: Vec<i32>,
    /// What the round is, and what it is not.
    pub statement: Statement,
    /// Datum of all coordinates, and how lengths were measured.
    pub datum: String,
    /// The plan.
    pub plan: ShownPlan,
    /// The files that were read.
    pub inputs: Vec<InputFile>,
    /// Services of whose facilities nothing was supplied.
    pub not_supplied: Vec<NotSupplied>,
    /// How large the city is.
    pub city: CityCounts,
    /// The units.
    pub units: UnitCounts,
    /// How the later years came about; `None` where nothing is known of growth.
    pub projection: Option<ProjectionTotals>,
    /// The streets; `None` without them.
    pub roads: Option<RoadTotals>,
    /// Service by service, year by year: the whole city.
    pub totals: Vec<Total>,
    /// Level → how many findings.
    pub findings: BTreeMap<String, u64>,
    /// The other files of the round's folder.
    pub files: Vec<FileEntry>,
}

/// The plan of a round, section by section as in [`Plan`], except for inputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownPlan {
    /// Another policy than the embedded one.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    #[serde(skip_serializing_if = "no_report")]
    pub report: ReportSection,
    /// What the public edition leaves out.
    pub public: PublicSection,
    /// Files.
    pub inputs: ShownInputs,
    /// Which services.
    pub services: ServicesSection,
    /// Where the embedded policy is said to be the one that was used: a public edition's `"policy": null`.
    #[serde(rename = "policy", skip_serializing_if = "Option::is_none")]
    pub embedded_policy: Option<()>,
}

fn no_report(report: &ReportSection) -> bool {
    *report == ReportSection::default()
}

/// The inputs that the plan names.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ShownInputs {
    /// All of them, with their paths and columns.
    Named(Box<Inputs>),
    /// Their coordinate system alone.
    Unnamed {
        /// As in [`Inputs::crs`].
        crs: Option<String>,
    },
}

impl ShownInputs {
    /// As in [`Inputs::crs`].
    #[must_use]
    pub fn crs(&self) -> Option<&str> {
        match self {
            Self::Named(inputs) => inputs.crs.as_deref(),
            Self::Unnamed { crs } => crs.as_deref(),
        }
    }

    /// All of them, where they may be named.
    #[must_use]
    pub fn named(&self) -> Option<&Inputs> {
        match self {
            Self::Named(inputs) => Some(inputs),
            Self::Unnamed { .. } => None,
        }
    }
}

impl Manifest {
    /// What an internal edition shows of `round.json`, and its standards.
    pub(super) fn internal(manifest: manifest::Manifest) -> (Self, Vec<Service>) {
        let manifest::Manifest {
            tool: _,
            version,
            round,
            years,
            statement,
            datum,
            frame: _,
            plan,
            inputs,
            standards,
            not_supplied,
            city,
            units,
            projection,
            roads,
            totals,
            findings,
            files,
        } = manifest;
        let shown = Self {
            round,
            version,
            years,
            statement,
            datum,
            projection: projection.filter(|_| grows(&plan.inputs)),
            plan: ShownPlan::from(plan),
            inputs,
            not_supplied,
            city,
            units,
            roads,
            totals,
            findings,
            files,
        };
        (shown, standards)
    }
}

/// Whether anything is known of growth: an earlier population, dwellings to come or totals to come. Otherwise residents stay as they are,
/// and that they grow by 0 % is nothing that anybody knows.
fn grows(inputs: &Inputs) -> bool {
    inputs.earlier.is_some() || inputs.housing.is_some() || inputs.controls.is_some()
}

impl From<Plan> for ShownPlan {
    fn from(plan: Plan) -> Self {
        let Plan {
            policy,
            round,
            units,
            travel,
            access,
            people,
            growth,
            presence,
            ranking,
            extras,
            report,
            public,
            inputs,
            services,
        } = plan;
        Self {
            policy,
            round,
            units,
            travel,
            access,
            people,
            growth,
            presence,
            ranking,
            extras,
            report,
            public,
            inputs: ShownInputs::Named(Box::new(inputs)),
            services,
            embedded_policy: None,
        }
    }
}
