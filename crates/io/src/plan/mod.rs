//! The plan: one TOML file that says what is evaluated, by what, from which files. What it leaves out, the policy says.

use std::path::{Path, PathBuf};

use fuwutu_core::projection::GrowthPlan;
use fuwutu_core::ranking::{CertaintyPlan, RankingPlan};
use fuwutu_core::reach::straight::{Paces, Radius, Straight};
use fuwutu_core::reach::streets::StreetPlan;
use fuwutu_core::round;
use fuwutu_core::supply::presence::PresencePlan;
use fuwutu_core::units::UnitPlan;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::street_rules;

mod sections;

mod sources;

mod allowed;

pub mod rules;

mod names;

mod catalogue;

mod error;

mod schema;

mod reference;

pub use allowed::{Allowed, Range, Words, YEARS};
pub use catalogue::{
    CATALOGUE, Chosen, catalogue, catalogue_text, choose, parse_catalogue, scopes, unknown,
    with_same_positions,
};
pub use error::{PlanError, Slip};
pub use names::ServiceNames;
pub(crate) use names::likeness;
pub use reference::reference;
pub use schema::schema;
pub use sections::{
    AccessSection, ExtrasSection, PeopleSection, PrivateWays, PublicSection, ReportSection,
    RoundSection, ServicesSection, TravelMode, TravelSection, UnsnappedTrips,
};
pub(crate) use sources::Named;
pub use sources::{DatedSource, FacilitySource, Inputs, LastUnitsSource, RoadsSource, Source};

use error::{broken, broken_together};

use crate::plain;
pub(crate) use rules::{MOST_CAPACITY, year};

/// The embedded policy: the decision's figures, and defaults for what it leaves open.
pub const POLICY: &str = include_str!("../../../../seeds/policy.toml");

/// A plan with everything filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// A policy to use instead of the embedded one; a path relative to the plan.
    #[schemars(extend("x-zh" = "代替内置默认值的政策文件；路径相对于评估任务文件"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PathBuf>,
    /// The round: its name and its years.
    #[schemars(extend("x-zh" = "评估轮次：名称和年份"))]
    pub round: RoundSection,
    /// How townships are divided into units.
    #[schemars(extend("x-zh" = "镇（街道）如何划分为单元"))]
    pub units: UnitPlan,
    /// How people travel, and what happens where there is no street.
    #[schemars(extend("x-zh" = "出行方式和速度，以及附近没有道路时如何处理"))]
    pub travel: TravelSection,
    /// How capacity is shared among the people who reach it.
    #[schemars(extend("x-zh" = "容量在可达的人之间如何分享"))]
    pub access: AccessSection,
    /// Assumptions about people where the inputs have no figures.
    #[schemars(extend("x-zh" = "输入中没有数据时对人口的假定"))]
    pub people: PeopleSection,
    /// How residents of later years are projected.
    #[schemars(extend("x-zh" = "以后各年的人口如何预测"))]
    pub growth: GrowthPlan,
    /// How many residents make a living circle (生活圈) of each level.
    #[schemars(extend("x-zh" = "每级生活圈的人口"))]
    pub presence: PresencePlan,
    /// Weights in the ranking, and how its certainty is tested.
    #[schemars(extend("x-zh" = "优先次序中的权重，以及位次的可靠程度如何检验"))]
    pub ranking: RankingPlan,
    /// Indicators that are shown for comparison only and do not enter the ranking.
    #[schemars(extend("x-zh" = "只作对照的指标，不进入优先次序"))]
    pub extras: ExtrasSection,
    /// What is printed on reports.
    #[schemars(extend("x-zh" = "报告上印的内容"))]
    #[serde(default, skip_serializing_if = "ReportSection::is_empty")]
    pub report: ReportSection,
    /// What the public edition of the reports leaves out or rounds.
    #[schemars(extend("x-zh" = "公开版报告略去和取整的内容"))]
    pub public: PublicSection,
    /// Input files; paths are relative to the plan.
    #[schemars(extend("x-zh" = "输入文件；路径相对于评估任务文件"))]
    pub inputs: Inputs,
    /// Which services are evaluated, and by which standards.
    #[schemars(extend("x-zh" = "评估哪些服务，用什么标准"))]
    pub services: ServicesSection,
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
            Some(policy) => (
                beside(path, Path::new(policy)),
                settings_text(&beside(path, Path::new(policy)))?,
            ),
            None => (PathBuf::from("policy.toml"), POLICY.to_owned()),
        };
        let mut settings: toml::Table = toml::from_str(&policy_text)
            .map_err(|error| broken(&policy_path, &policy_text, &error))?;
        lay_over(&mut settings, plan);
        let plan: Self = settings.clone().try_into().map_err(|error| {
            broken_together(&[(path, text), (&policy_path, &policy_text)], &error)
        })?;
        let texts = [(path, text), (&*policy_path, &*policy_text)];
        if let Some(breach) = rules::first_breach(&rules::PLAN_RULES, &settings, &plan) {
            // Nobody can correct the embedded one.
            let own = if plan.policy.is_some() { 2 } else { 1 };
            return Err(PlanError::value(&texts[..own], breach));
        }
        match street_rules::with(&plan.travel.rules) {
            Ok(_) => Ok(plan),
            Err(unknown) => Err(PlanError::unknown_tag(&texts, unknown)),
        }
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
            ranking: RankingPlan {
                certainty: self.certainty(),
                ..self.ranking.clone()
            },
        }
    }

    /// What is drawn: no pace where radii count, for which it means nothing.
    fn certainty(&self) -> CertaintyPlan {
        let certainty = self.ranking.certainty;
        match self.travel.mode {
            TravelMode::Radius => CertaintyPlan {
                pace: 0.0,
                ..certainty
            },
            TravelMode::Straight | TravelMode::Streets => certainty,
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

    /// Service radii, where they are what counts; limits without one are straight lines at these paces.
    #[must_use]
    pub fn radius(&self, paces: Paces) -> Option<Radius> {
        let otherwise = self.straight(paces);
        (self.travel.mode == TravelMode::Radius).then_some(Radius { otherwise })
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

/// `path` as seen from the folder of `plan`.
#[must_use]
pub fn beside(plan: &Path, path: &Path) -> PathBuf {
    plan.parent()
        .map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

fn settings_text(path: &Path) -> Result<String, PlanError> {
    let text = plain::read_to_string(path).map_err(|source| PlanError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
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
    fn a_misspelt_restricted_service_is_refused_and_not_published() {
        let catalogue = |restricted: &str| {
            let text = format!("{LEAST}\n[public]\nrestricted = [\"{restricted}\"]");
            let mut plan = Plan::parse(&text, Path::new("plan.toml")).unwrap();
            catalogue(&mut plan, Path::new("plan.toml")).map(|_| plan.public.restricted)
        };
        for name in ["market", "Market", "农贸市场"] {
            assert_eq!(catalogue(name).unwrap(), ["market"]);
        }
        for id in ["polis", "police_staton"] {
            let error = catalogue(id).unwrap_err();
            assert!(
                matches!(&error, PlanError::UnknownService { id: unknown, .. } if unknown == id),
                "{id}: {error}"
            );
        }
    }

    #[test]
    fn a_rule_about_an_unknown_tag_is_told_with_its_line_and_what_may_be_meant() {
        let text = format!(
            "{LEAST}\n[[travel.rules]]\ntag = \"highway=track\"\nwalk = \"closed\"\n[[travel.rules]]\ntag = \"highway=trak\"\nwalk = \"open\""
        );
        let error = Plan::parse(&text, Path::new("plan.toml"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "plan.toml, line 13: there is no rule for the tag `highway=trak`; perhaps `highway=track` is meant"
        );
        let text = format!("{LEAST}\n[[travel.rules]]\ntag = \"highway=track\"\nwalk = \"shut\"");
        let error = Plan::parse(&text, Path::new("plan.toml"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown variant `shut`"), "{error}");
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
}
