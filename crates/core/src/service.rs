//! Services and their standards: the people a service is for, how long a trip may take, how much capacity the norm asks for, and
//! where each figure comes from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::city::Class;
use crate::quantity::{AGE_BANDS, Ages, Millis, Residents};

/// One row of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Short ASCII name, unique in the catalogue.
    pub id: String,
    /// Name in Chinese and English.
    pub name: Name,
    /// Other names that tables and plans have for it, in any language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Field: education, health, elderly, …
    pub category: String,
    /// Levels at which it is provided: `L15`, `L10`, `L5`, `town`, `village`, `county`. Levels do not nest.
    pub levels: Vec<String>,
    /// Basic services secure the minimum; improved ones raise quality, and count half in the ranking.
    pub tier: Tier,
    /// Whether the decision names it.
    pub in_decision: bool,
    /// The people it is for.
    pub target: Target,
    /// Longest trip for urban communities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urban: Option<Limit>,
    /// Longest trip for rural communities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rural: Option<Limit>,
    /// What capacity is counted in: `seats`, `beds`, `m2_floor`, …; empty where it has none.
    #[serde(default)]
    pub capacity_unit: String,
    /// How much capacity people should have.
    pub norm: Norm,
    /// Smallest useful facility, as the source words it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Minimum>,
    /// How many there must be and where, as the source words it.
    #[serde(default)]
    pub presence: String,
    /// The same as rules; empty where the source gives none that can be counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// Kinds whose facilities will do where none of its own is in reach: reported beside coverage, never added to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutes: Vec<String>,
    /// Kinds to which its facilities add their capacity, by the hours that they are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adds_to: Vec<String>,
    /// Hours a week at which a facility that is open by the hour counts in full; always in full where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_hours: Option<f64>,
    /// Whether public and inclusive (公办、普惠) facilities are judged apart, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public_apart: bool,
    /// For a county's total: kinds whose capacity counts besides its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sums: Vec<String>,
    /// The facility that each of its own is to be tied to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<Hub>,
    /// How well each figure is established.
    pub status: Status,
    /// Where the figures come from, in one text; that of `evidence` where a row has evidence and no text of its own.
    #[serde(default)]
    pub source: String,
    /// Where each figure comes from. The first of a figure is what the row's figure rests on; what others say stands after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What a reader should know.
    #[serde(default)]
    pub notes: String,
    /// What other scopes have instead, by the name that a plan chooses them by: see [`Service::in_scope`]. Under [`NATIONAL`] stands
    /// what another scope took the place of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<String, Own>,
}

/// The scope that counts where a plan chooses none: the whole country's figures and, where there are none, the best established ones.
pub const NATIONAL: &str = "national";

impl Service {
    /// The row as it counts in a scope: with the figures that the scope has of its own, and all others as they were. What they took
    /// the place of then stands in `own` as [`NATIONAL`].
    #[must_use]
    pub fn in_scope(mut self, scope: &str) -> Self {
        let Some(own) = self.own.remove(scope) else {
            return self;
        };
        let figures = own.figures();
        let mut before = Own {
            status: self.status.clone(),
            evidence: self.evidence.clone(),
            ..Own::default()
        };
        before
            .evidence
            .retain(|evidence| figures.contains(&evidence.figure));
        let replace = |figure| figures.contains(&figure);
        if replace(Figure::Limit) {
            before.urban = std::mem::replace(&mut self.urban, own.urban);
        }
        if replace(Figure::LimitRural) {
            before.rural = std::mem::replace(&mut self.rural, own.rural);
        }
        if let Some(norm) = own.norm {
            before.norm = Some(std::mem::replace(&mut self.norm, norm));
        }
        if replace(Figure::Minimum) {
            before.minimum = std::mem::replace(&mut self.minimum, own.minimum);
        }
        if replace(Figure::Presence) {
            before.presence = std::mem::replace(&mut self.presence, own.presence);
            before.requires = std::mem::replace(&mut self.requires, own.requires);
        }
        self.evidence
            .retain(|evidence| !figures.contains(&evidence.figure));
        self.evidence.splice(0..0, own.evidence);
        self.status = own.status;
        self.own.insert(NATIONAL.to_owned(), before);
        self
    }

    /// What a figure of the row rests on; `None` where the row does not say.
    #[must_use]
    pub fn evidence_of(&self, figure: Figure) -> Option<&Evidence> {
        self.evidence
            .iter()
            .find(|evidence| evidence.figure == figure)
    }

    /// What the verdicts of the row rest on: the evidence of the figure that counts for most of them, which is the norm, the limit, the
    /// rules of presence or the minimum, the first that the row has evidence of.
    #[must_use]
    pub fn main_evidence(&self) -> Option<&Evidence> {
        let figures = [
            Figure::Norm,
            Figure::Limit,
            Figure::LimitRural,
            Figure::Presence,
            Figure::Minimum,
        ];
        figures
            .into_iter()
            .find_map(|figure| self.evidence_of(figure))
    }
}

/// A figure of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// The limit for urban communities, or the only one.
    Limit,
    /// The limit for rural communities, where there is another for urban ones.
    LimitRural,
    /// The norm.
    Norm,
    /// The minimum.
    Minimum,
    /// How many there must be, and where.
    Presence,
}

impl Figure {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 5] = [
        Self::Limit,
        Self::LimitRural,
        Self::Norm,
        Self::Minimum,
        Self::Presence,
    ];
}

/// Where a document applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In the whole country.
    National,
    /// In a province.
    Province,
    /// In a city or county.
    City,
    /// Nowhere: a proposal of the catalogue.
    Catalogue,
}

/// What says a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Which figure.
    pub figure: Figure,
    /// What the document says, as short as it can be said.
    pub says: String,
    /// How it was seen: `V`, `S`, `R` or `P`, see [`Status`].
    pub status: String,
    /// The document.
    pub document: String,
    /// Its clause or table; empty where that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
    /// The year of the document or, where it bears none, of the report of it; `None` where neither is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Where it applies.
    pub scope: Scope,
    /// The province or city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Name>,
    /// The year by which the figure was to be reached, where it is a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_year: Option<i32>,
    /// Where the text or the report of it was seen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

impl Evidence {
    /// Whether it is a target whose year lies before `year`.
    #[must_use]
    pub fn passed(&self, year: i32) -> bool {
        self.target_year.is_some_and(|target| target < year)
    }
}

/// The figures that a scope has of its own; what is left out is as in the row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// See [`Service::urban`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urban: Option<Limit>,
    /// See [`Service::rural`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rural: Option<Limit>,
    /// See [`Service::norm`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub norm: Option<Norm>,
    /// See [`Service::minimum`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Minimum>,
    /// See [`Service::presence`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub presence: String,
    /// See [`Service::requires`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// Of the whole row with these figures.
    pub status: Status,
    /// Of these figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl Own {
    /// The figures that it has.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let there = [
            (Figure::Limit, self.urban.is_some()),
            (Figure::LimitRural, self.rural.is_some()),
            (Figure::Norm, self.norm.is_some()),
            (Figure::Minimum, self.minimum.is_some()),
            (
                Figure::Presence,
                !self.requires.is_empty() || !self.presence.is_empty(),
            ),
        ];
        let there = there.into_iter().filter(|(_, there)| *there);
        there.map(|(figure, _)| figure).collect()
    }
}

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What a service is for: 基础保障 or 品质提升.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// 基础保障.
    Basic,
    /// 品质提升.
    Improved,
}

/// The residents a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Target {
    /// First band of [`AGE_BANDS`].
    first: usize,
    /// One past the last band.
    end: usize,
}

impl Target {
    /// Everybody.
    pub const ALL: Self = Self {
        first: 0,
        end: AGE_BANDS.len(),
    };

    /// Those of `ages` who belong to the target group.
    #[must_use]
    pub fn of(self, ages: &Ages) -> Residents {
        Residents(
            ages.0[self.first..self.end]
                .iter()
                .map(|&persons| u64::from(persons))
                .sum(),
        )
    }

    /// Those of `ages` who belong to the target group and to one of `bands`.
    #[must_use]
    pub fn of_bands(self, ages: &Ages, bands: &[bool; AGE_BANDS.len()]) -> Residents {
        let counted = ages.0[self.first..self.end]
            .iter()
            .zip(&bands[self.first..self.end]);
        Residents(
            counted
                .map(|(&people, &counts)| if counts { u64::from(people) } else { 0 })
                .sum(),
        )
    }

    /// Whether each of [`AGE_BANDS`] belongs to the target group.
    #[must_use]
    pub fn bands(self) -> [bool; AGE_BANDS.len()] {
        std::array::from_fn(|band| (self.first..self.end).contains(&band))
    }

    /// Whether anybody of `bands` belongs to the target group.
    #[must_use]
    pub fn any_of(self, bands: &[bool; AGE_BANDS.len()]) -> bool {
        bands[self.first..self.end].contains(&true)
    }

    /// Those of many people's `bands` who belong to the target group.
    #[must_use]
    pub fn sum(self, bands: &[Residents; AGE_BANDS.len()]) -> Residents {
        bands[self.first..self.end].iter().copied().sum()
    }
}

/// A target group that does not begin and end at the edges of [`AGE_BANDS`].
#[derive(Debug, thiserror::Error)]
#[error(
    "unknown target group `{0}`: use `all`, or ages such as `3-6` or `60+` that begin and end at 0, 3, 6, 12, 15, 18 or 60"
)]
pub struct UnknownTarget(String);

impl TryFrom<String> for Target {
    type Error = UnknownTarget;

    /// `all`, `3-6` (three to under six) or `60+`.
    fn try_from(text: String) -> Result<Self, UnknownTarget> {
        if text == "all" {
            return Ok(Self::ALL);
        }
        let (from, to) = match text.strip_suffix('+') {
            Some(from) => (from.parse().ok(), Some(u8::MAX)),
            None => match text.split_once('-') {
                Some((from, to)) => (from.parse().ok(), to.parse().ok()),
                None => (None, None),
            },
        };
        let first = AGE_BANDS.iter().position(|band| Some(band.0) == from);
        let last = AGE_BANDS.iter().position(|band| Some(band.1) == to);
        match (first, last) {
            (Some(first), Some(last)) if first <= last => Ok(Self {
                first,
                end: last + 1,
            }),
            _ => Err(UnknownTarget(text)),
        }
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        if target == Target::ALL {
            return "all".to_owned();
        }
        let (from, to) = (AGE_BANDS[target.first].0, AGE_BANDS[target.end - 1].1);
        if to == u8::MAX {
            format!("{from}+")
        } else {
            format!("{from}-{to}")
        }
    }
}

/// How people get around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// On foot.
    Walk,
    /// By e-bike.
    Ebike,
    /// By car or bus.
    CarBus,
}

/// The longest acceptable trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How one travels.
    pub mode: Mode,
    /// At most this many minutes.
    pub minutes: u32,
    /// The service radius (服务半径) that the source gives beside the time, in metres as the crow flies. It is reported beside coverage, and
    /// is what counts for [`crate::reach::straight::Radius`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius_m: Option<u32>,
}

impl Limit {
    /// The limit as a time.
    #[must_use]
    pub fn time(&self) -> Millis {
        Millis::minutes(self.minutes)
    }

    /// The limit under a plan: its `services.minutes`, where given, replace the minutes of every service. The mode stays; a
    /// radius belongs to its minutes, and is not known of others.
    #[must_use]
    pub fn with_minutes(self, minutes: Option<u32>) -> Self {
        let minutes = minutes.unwrap_or(self.minutes);
        Self {
            minutes,
            radius_m: self.radius_m.filter(|_| minutes == self.minutes),
            ..self
        }
    }
}

/// How much capacity people should have. Where the source gives a range, the lower end is the norm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Norm {
    /// Which of the figures counts.
    pub basis: Basis,
    /// Capacity per 1,000 residents of all ages, lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_1000_low: Option<f64>,
    /// The upper end; reported, not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_1000_high: Option<f64>,
    /// Capacity per person of the target group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_target_person: Option<f64>,
    /// Square metres per 100 households, lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub m2_per_100_households: Option<f64>,
    /// Square metres per resident, lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub m2_per_resident: Option<f64>,
}

/// What a norm is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Capacity per 1,000 residents.
    #[serde(rename = "per_1000_residents")]
    PerThousand,
    /// Capacity per person of the target group.
    Cohort,
    /// Capacity per household.
    Households,
    /// Square metres per resident.
    Area,
    /// One facility a unit: no capacity norm.
    Unit,
    /// There must be one: no capacity norm.
    Presence,
    /// Judged for the county as a whole: no capacity norm in a unit.
    CountyTotal,
    /// Adds capacity to other services: no norm of its own.
    SupplyOnly,
}

impl Norm {
    /// As [`Norm::rates`], for a county as a whole.
    #[must_use]
    pub fn county_rates(&self, household_size: f64) -> Option<(f64, f64)> {
        match self.basis {
            Basis::CountyTotal => self
                .m2_per_resident
                .or_else(|| self.per_1000_low.map(|rate| rate / 1000.0))
                .map(|rate| (rate, 0.0)),
            _ => self.rates(household_size),
        }
    }

    /// Capacity per resident (of all ages) and per person of the target group; a place's demand is
    /// residents × the first + target group × the second. `None` where the service has no capacity norm.
    #[must_use]
    pub fn rates(&self, household_size: f64) -> Option<(f64, f64)> {
        match self.basis {
            Basis::PerThousand => self.per_1000_low.map(|rate| (rate / 1000.0, 0.0)),
            Basis::Cohort => self.per_target_person.map(|rate| (0.0, rate)),
            Basis::Households => self
                .m2_per_100_households
                .map(|area| area / 100.0 / household_size)
                .or_else(|| self.per_1000_low.map(|rate| rate / 1000.0))
                .map(|rate| (rate, 0.0)),
            Basis::Area => self.m2_per_resident.map(|area| (area, 0.0)),
            Basis::Unit | Basis::Presence | Basis::CountyTotal | Basis::SupplyOnly => None,
        }
    }
}

/// Smallest useful facility.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// Size.
    pub size: f64,
    /// `m2_floor`, `m2_site` or `classes`.
    pub unit: String,
    /// Size in rural communities, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rural: Option<f64>,
    /// Sizes in townships of fewer residents, fewest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub smaller: Vec<Smaller>,
}

/// The minimum in townships of fewer residents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smaller {
    /// Fewer residents than this, in whole persons.
    pub below: u64,
    /// Size.
    pub size: f64,
}

impl Minimum {
    /// The size that a facility must have in a community of a class and a township of so many residents. In a rural community `rural`
    /// comes before `smaller`.
    ///
    /// ```
    /// use fuwutu_core::city::Class;
    /// use fuwutu_core::quantity::Residents;
    /// use fuwutu_core::service::{Minimum, Smaller};
    /// let smaller = vec![Smaller { below: 30_000, size: 500.0 }, Smaller { below: 50_000, size: 800.0 }];
    /// let minimum = Minimum { size: 1_000.0, unit: "m2_floor".into(), rural: None, smaller };
    /// let of = |people| minimum.asked(Class::Rural, Residents::whole(people));
    /// assert_eq!([29_999, 30_000, 50_000].map(of), [500.0, 800.0, 1_000.0]);
    /// ```
    #[must_use]
    pub fn asked(&self, class: Class, township: Residents) -> f64 {
        let mut smaller = self.smaller.iter();
        let of_few = smaller.find(|step| township < Residents::whole(step.below));
        self.rural
            .filter(|_| class == Class::Rural)
            .or(of_few.map(|step| step.size))
            .unwrap_or(self.size)
    }
}

/// How many facilities there must be. One large enough is one; see [`crate::supply::presence`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// In each of what.
    pub per: Per,
    /// This many, at least 1; 1 for communities and villages.
    #[serde(default = "one")]
    pub count: u32,
    /// In this share of the communities or villages, above 0 to 1; of townships, streets or towns, a share below 1 is one of those of
    /// their county, and judged there. 1 for others.
    #[serde(default = "all")]
    pub share: f64,
    /// Residents or households that one is for; for [`Per::Residents`] and [`Per::Households`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<f64>,
    /// Only public ones count; not for counties.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// Urban residents who have an open facility of this kind within its limit ask for none; for circles alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless_covered: Option<String>,
}

fn one() -> u32 {
    1
}

fn all() -> f64 {
    1.0
}

/// What a requirement is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// 十五分钟: a 15-minute circle of urban residents.
    #[serde(rename = "L15")]
    L15,
    /// 十分钟.
    #[serde(rename = "L10")]
    L10,
    /// 五分钟.
    #[serde(rename = "L5")]
    L5,
    /// An urban community.
    Community,
    /// A rural community.
    Village,
    /// A township, whether a street or a town.
    Township,
    /// A street (街道).
    Street,
    /// A town (镇、乡).
    Town,
    /// A county: judged in the table of counties, not in a unit.
    County,
    /// A number of residents.
    Residents,
    /// A number of households.
    Households,
    /// A square kilometre of the residential land (居住用地) of urban communities.
    ResidentialKm2,
}

impl Requirement {
    /// Whether the rule is one for a county as a whole: it counts by counties, or asks for a share of their towns.
    #[must_use]
    pub fn of_county(&self) -> bool {
        let of_towns = matches!(self.per, Per::Township | Per::Street | Per::Town);
        self.per == Per::County || (of_towns && self.share < 1.0)
    }
}

impl Per {
    /// As in the catalogue.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::L15 => "L15",
            Self::L10 => "L10",
            Self::L5 => "L5",
            Self::Community => "community",
            Self::Village => "village",
            Self::Township => "township",
            Self::Street => "street",
            Self::Town => "town",
            Self::County => "county",
            Self::Residents => "residents",
            Self::Households => "households",
            Self::ResidentialKm2 => "residential_km2",
        }
    }
}

/// What a branch is tied to: the lead hospital of a clinic, the town's centre of a village's point, the lead school of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// Kinds, any of them.
    pub services: Vec<String>,
    /// How long the trip between them may take; without it the tie alone is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

/// How well a row's figures are established: `V` seen in an official text or a report of it, `S` in a restatement, `R`
/// recalled, `P` proposed, empty where there is no figure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Of the limit: for urban communities, where there is one.
    #[serde(default)]
    pub reach: String,
    /// Of the limit for rural communities, where there is one for urban ones, too.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rural: String,
    /// Of the norm.
    #[serde(default)]
    pub demand: String,
    /// Of the minimum.
    #[serde(default)]
    pub size: String,
    /// Of how many there must be.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub presence: String,
    /// `verified`, `secondary`, `partly`, `recalled` or `proposed`: printed with every verdict.
    pub overall: String,
}

impl Status {
    /// Of a figure; empty where the row has none.
    #[must_use]
    pub fn of(&self, figure: Figure) -> &str {
        match figure {
            Figure::Limit => &self.reach,
            Figure::LimitRural => &self.rural,
            Figure::Norm => &self.demand,
            Figure::Minimum => &self.size,
            Figure::Presence => &self.presence,
        }
    }

    /// What all marks together make: `verified` where each is `V`, `secondary` where the others are `S`, `partly` where at least one is
    /// either, `recalled` where one is `R`, and otherwise `proposed`.
    /// ```
    /// use fuwutu_core::service::Status;
    /// let of = |reach: &str, demand: &str| Status { reach: reach.into(), demand: demand.into(), ..Status::default() };
    /// assert_eq!(of("V", "").together(), "verified");
    /// assert_eq!(of("V", "S").together(), "secondary");
    /// assert_eq!(of("V", "P").together(), "partly");
    /// assert_eq!(of("R", "P").together(), "recalled");
    /// ```
    #[must_use]
    pub fn together(&self) -> &'static str {
        let marks = Figure::ALL.map(|figure| self.of(figure));
        let any = |mark| marks.contains(&mark);
        match (any("V"), any("S"), any("R"), any("P")) {
            (true, false, false, false) => "verified",
            (_, true, false, false) => "secondary",
            (true, ..) | (_, true, ..) => "partly",
            (_, _, true, _) => "recalled",
            _ => "proposed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_group_counts_its_bands() {
        let ages = Ages([1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]);
        let count = |text: &str| Target::try_from(text.to_owned()).unwrap().of(&ages).0;
        assert_eq!(
            [count("3-6"), count("0-15"), count("60+"), count("all")],
            [10, 1_111, 1_000_000, 1_111_111]
        );
        assert!(Target::try_from("5-7".to_owned()).is_err());
        assert!(Target::try_from("6-3".to_owned()).is_err());
        assert_eq!(
            String::from(Target::try_from("60+".to_owned()).unwrap()),
            "60+"
        );
    }

    #[test]
    fn twenty_square_metres_per_hundred_households_of_two_and_a_half() {
        // 1,000 residents are 400 households: 80 m².
        let norm = Norm {
            basis: Basis::Households,
            per_1000_low: None,
            per_1000_high: None,
            per_target_person: None,
            m2_per_100_households: Some(20.0),
            m2_per_resident: None,
        };
        let (per_resident, per_target) = norm.rates(2.5).unwrap();
        assert!((1000.0 * per_resident - 80.0).abs() < 1e-12 && per_target.abs() < 1e-12);
    }
}
