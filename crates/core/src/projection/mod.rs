//! The residents of later years: how many there are, where new dwellings are, and how old they are.
//!
//! [`growth`] says how many live in each community in a year, and of which ages; [`project`] puts them where people live.
//!
//! 1. **Trend** of each community, from two dated totals: the mean of three methods, scaled to its county's own trend, which is
//!    the mean of its geometric and linear one. Over short horizons the methods are alike, and their average does very well
//!    (Rayer 2004; Rayer & Smith 2010).
//! 2. **Dwellings** that are known to come. The trend expects new dwellings already, as there were some before. So they add only
//!    what exceeds the growth that the trend expects: residents moving in − max(0, trend − base), if that is more than 0.
//! 3. **Control**: a county's communities are scaled to its total. That is the given one; else it is that of its trend, dwellings
//!    or not: flats draw people from all of the county, and there are not more of them for it. Who expects that gives a control.
//!    A county of nobody has until its first control whom its dwellings hold.
//! 4. **Band**: low = middle/(1 + e), high = middle × (1 + e), where e grows with the years, and is larger for small and for
//!    fast-growing places (the same papers):
//!    e = h × (`error_yearly` × max(1, √(`error_size`/residents)) + `error_growth` × |yearly growth|).
//!    Each community for itself: all of them at once are hardly ever low, so that sums of low are lower than the low of a sum.
//! 5. **Ages** ([`ages`]): people grow older by the year, and the table is scaled to the residents. Ages that were estimated from
//!    shares that are the same everywhere stay in proportion: there is nothing to learn from growing them older.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::city::City;
use crate::position::{CommunityAt, PointAt};
use crate::quantity::{Apportion, ByAge, Residents};

mod methods;

pub mod ages;

mod trend;

mod older;

mod place;

pub mod backtest;

pub use methods::{
    Vital, cohort_component, controlled, geometric, linear, share_of_growth, shift_share,
};
pub use older::{Special, age_rule, ages_of, special};
pub use place::project;

use older::Older;
use trend::{County, Member, Trend};

/// What may be believed of growth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrowthPlan {
    /// Yearly growth and decline are held within ± this share.
    #[schemars(extend("x-zh" = "年增长率和年减少率不超过此比例"))]
    pub most_yearly: f64,
    /// Communities with fewer residents than this at the base, in whole persons, have no growth
    /// rate of their own.
    #[schemars(extend("x-zh" = "基期年人口少于此数的社区不单独估计增长率"))]
    pub tiny: u64,
    /// How ages are carried forward; by default the last of the three rules for which the inputs
    /// have the data.
    #[schemars(extend("x-zh" = "年龄如何预测；不填则取输入数据足以支持的最后一种"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ages: Option<AgeRule>,
    /// Children born per adult, as a multiple of the children under 3 per adult at the base; 0.9 is
    /// a tenth fewer.
    #[schemars(extend("x-zh" = "每个成人的出生数，以基期年每个成人的 3 岁以下儿童数为 1；0.9 为少一成"))]
    pub births: f64,
    /// Share of the people aged 60 and over who die in a year; with `cohorts` it follows from the
    /// two dates instead.
    #[schemars(extend("x-zh" = "60 岁及以上人口一年中的死亡比例；用 `cohorts` 时由两个年份得出"))]
    pub deaths_60_plus: f64,
    /// Share of new dwellings that are lived in, where the input does not give it.
    #[schemars(extend("x-zh" = "新建住房的入住率，用于输入未给出时"))]
    pub occupancy: f64,
    /// The end of the band, or its middle, on which later years are evaluated.
    #[schemars(extend("x-zh" = "以后各年按低、中、高哪一方案评估"))]
    pub variant: Variant,
    /// Yearly error, as a share of residents, of communities with `error_size` residents or more
    /// that do not grow.
    #[schemars(extend("x-zh" = "人口不少于 `error_size` 且不增长的社区，一年的误差（占人口的比例）"))]
    pub error_yearly: f64,
    /// Residents, in whole persons, below which the yearly error is larger.
    #[schemars(extend("x-zh" = "人口少于此数时，一年的误差更大"))]
    pub error_size: u64,
    /// Share of the yearly growth that is added to the yearly error.
    #[schemars(extend("x-zh" = "年增长率按此比例加入一年的误差"))]
    pub error_growth: f64,
}

/// How ages follow over the years; each needs more of the input than the one before.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AgeRule {
    /// Age groups keep their proportions.
    #[schemars(extend("x-zh" = "各年龄组比例不变"))]
    Keep,
    /// People grow older, are born and die at the rates of the plan.
    #[schemars(extend("x-zh" = "按年增龄，出生和死亡按方案的比率"))]
    Advance,
    /// People grow older, and move and die as they did between two dates.
    #[schemars(extend("x-zh" = "按年增龄，迁移和死亡如两个年份之间"))]
    Cohorts,
}

impl AgeRule {
    /// As in plans.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Advance => "advance",
            Self::Cohorts => "cohorts",
        }
    }
}

/// One of three figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The lower end of the band.
    #[schemars(extend("x-zh" = "低方案"))]
    Low,
    /// What is most likely.
    #[schemars(extend("x-zh" = "中方案：最可能"))]
    Middle,
    /// The upper end of the band.
    #[schemars(extend("x-zh" = "高方案"))]
    High,
}

/// What is known of other years than the city's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outlook {
    /// Whether the city's ages are its own: not estimated from shares that are the same everywhere.
    pub aged: bool,
    /// Residents at an earlier date; without it nobody comes or goes but into new dwellings, and as controls have it.
    pub earlier: Option<Earlier>,
    /// Totals of counties, in the order of counties and years, all later than the city's.
    pub controls: Vec<Control>,
    /// New dwellings, in any order; all later than the city's year.
    pub housing: Vec<Housing>,
    /// Residents at a third date, to try the methods on (see [`backtest`]).
    pub observed: Option<Observed>,
}

impl Outlook {
    /// Whether later years have the residents of the base year, in number and age.
    #[must_use]
    pub fn is_still(&self, plan: &GrowthPlan) -> bool {
        let moves = self.earlier.is_some() || !self.controls.is_empty() || !self.housing.is_empty();
        !moves && age_rule(self, plan) == AgeRule::Keep
    }
}

/// Residents at an earlier date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// When; before the city's year.
    pub year: i32,
    /// Of each community, in the city's order; `None` where not known.
    pub residents: Vec<Option<Residents>>,
    /// The same by age; empty where no ages are known.
    pub ages: Vec<Option<ByAge>>,
}

/// Residents at a third date, neither the city's nor the earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// When.
    pub year: i32,
    /// Of each community, in the city's order; `None` where not known.
    pub residents: Vec<Option<Residents>>,
}

/// The total of a county in a year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Control {
    /// Code of six characters, as [`crate::city::Township::county`].
    pub county: String,
    /// Later than the city's.
    pub year: i32,
    /// All residents of its communities; above 0.
    pub residents: Residents,
}

/// Dwellings that are known to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Housing {
    /// Position of the community.
    pub community: CommunityAt,
    /// The year in which people move in, and from which they are there; later than the city's.
    pub year: i32,
    /// Those who move in: dwellings × persons a dwelling × occupancy.
    pub residents: Residents,
    /// Position of the demand point where they will live; without one they live where the community's residents do, and do
    /// not come where it has none.
    pub point: Option<PointAt>,
}

/// Why a community's growth is not its own figures'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrowthFlag {
    /// No earlier figure: grows as its county does.
    NoBase,
    /// Too few people to tell a rate: grows as its county does.
    TinyBase,
    /// Its rate was held at the largest believed; so is that of a place where nobody lived before.
    Capped,
}

/// One community in one later year. The middle figure is (trend + housing) × control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projected {
    /// Position of the community.
    pub community: CommunityAt,
    /// The year.
    pub year: i32,
    /// By each method, before they are averaged and scaled; `None` where the community grows as its county does.
    pub methods: Option<Methods>,
    /// Residents by the trend: the average of the methods, scaled to the county's trend.
    pub trend: f64,
    /// Residents whom new dwellings bring beyond the growth that the trend expects.
    pub housing: f64,
    /// By what the county's communities are scaled so that they add up to its total.
    pub control: f64,
    /// The middle figure, to the thousandth of a person; over a county's communities it adds up to its total.
    pub residents: Residents,
    /// At least so many, as far as the band reaches.
    pub low: Residents,
    /// At most so many.
    pub high: Residents,
    /// Those of the plan's variant by age; they add up to [`Projected::of`] exactly.
    pub ages: ByAge,
    /// What is unusual.
    pub flag: Option<GrowthFlag>,
}

impl Projected {
    /// The figure of a variant.
    #[must_use]
    pub fn of(&self, variant: Variant) -> Residents {
        match variant {
            Variant::Low => self.low,
            Variant::Middle => self.residents,
            Variant::High => self.high,
        }
    }
}

/// A community's residents by each method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Methods {
    /// At a constant rate.
    pub geometric: f64,
    /// By a constant number.
    pub linear: f64,
    /// By a constant change of its share of the county.
    pub shift_share: f64,
}

impl Methods {
    /// The average of the three.
    #[must_use]
    pub fn mean(&self) -> f64 {
        (self.geometric + self.linear + self.shift_share) / 3.0
    }
}

/// Every community of `city` in the year `years` after its own, in the order of communities. The steps stand above.
///
/// Communities without usable dates grow at the rate of their county's others (not at all where there are none). At `years` 0
/// everything is as it is. O(communities + points).
#[must_use]
pub fn growth(city: &City, outlook: &Outlook, plan: &GrowthPlan, years: u32) -> Vec<Projected> {
    let year = city.year() + years as i32;
    let span = outlook.earlier.as_ref().map_or(1.0, |earlier| {
        f64::from(city.year() - earlier.year).max(1.0)
    });
    let bases = city.community_residents();
    let dates = CommunityAt::enumerate(&bases).map(|(community, &base)| {
        let earlier = outlook
            .earlier
            .as_ref()
            .and_then(|earlier| earlier.residents[community]);
        Member::new(community, earlier, base, plan, span)
    });
    let counties = trend::counties(city, dates, span);
    let arriving = arriving(outlook, &bases, year);
    let of_county = |(code, county): (&&str, &County)| {
        let trends = county.trends(f64::from(years));
        let ready = trends
            .iter()
            .map(|each| arriving[each.member.community])
            .sum();
        let total = controlled_total((code, county, ready), &outlook.controls, city.year(), years);
        in_county(&trends, &arriving, total, plan, (year, f64::from(years)))
    };
    let mut all: Vec<Projected> = counties.iter().flat_map(of_county).collect();
    all.sort_unstable_by_key(|each| each.community);
    let older = Older::new(city, outlook, plan, years);
    all.iter_mut()
        .for_each(|each| each.ages = older.ages(each.community, each.of(plan.variant)));
    all
}

/// A county's communities by their trends and new dwellings, scaled to `total` (to the trends' where none is given); without
/// ages.
fn in_county(
    trends: &[Trend],
    arriving: &[Residents],
    total: Option<Residents>,
    plan: &GrowthPlan,
    (year, years): (i32, f64),
) -> Vec<Projected> {
    let housing = |each: &Trend| {
        let expected = (each.residents - each.member.base).max(0.0);
        (arriving[each.member.community].persons() - expected).max(0.0)
    };
    let total = total.unwrap_or_else(|| persons(trends.iter().map(|each| each.residents).sum()));
    let whole: f64 = trends
        .iter()
        .map(|each| each.residents + housing(each))
        .sum();
    let mut rest = Apportion::new(total, whole);
    let of = |each: &Trend| {
        let residents = rest.next(each.residents + housing(each));
        let (low, high) = band(each, residents, plan, years);
        Projected {
            community: each.member.community,
            year,
            methods: each.methods,
            trend: each.residents,
            housing: housing(each),
            control: if whole > 0.0 {
                total.persons() / whole
            } else {
                1.0
            },
            residents,
            low,
            high,
            ages: ByAge::default(),
            flag: each.member.flag,
        }
    };
    trends.iter().map(of).collect()
}

/// Who moves into each community's new dwellings until a year.
fn arriving(outlook: &Outlook, bases: &[Residents], year: i32) -> Vec<Residents> {
    let mut all = vec![Residents::default(); bases.len()];
    for each in housed(outlook, bases, year) {
        all[each.community] += each.residents;
    }
    all
}

/// Dwellings that are lived in until a year, and where.
fn housed<'a>(
    outlook: &'a Outlook,
    bases: &'a [Residents],
    year: i32,
) -> impl Iterator<Item = &'a Housing> {
    let somewhere = |each: &&Housing| each.point.is_some() || bases[each.community].0 > 0;
    outlook
        .housing
        .iter()
        .filter(move |each| each.year <= year)
        .filter(somewhere)
}

fn persons(persons: f64) -> Residents {
    Residents((persons * 1000.0).round() as u64)
}

/// What a county's communities add up to where controls are given: between two years by a constant rate, after the last as the
/// county's trend has it. There is no rate from nobody: until the first control those come whose dwellings are `ready`, and no
/// more than that control.
fn controlled_total(
    (code, county, ready): (&str, &County, Residents),
    controls: &[Control],
    base_year: i32,
    years: u32,
) -> Option<Residents> {
    let ahead = |control: &Control| f64::from(control.year - base_year);
    let own: Vec<&Control> = controls.iter().filter(|each| each.county == code).collect();
    let years = f64::from(years);
    let next = own.iter().find(|each| ahead(each) >= years);
    let before = own.iter().rfind(|each| ahead(each) <= years);
    let (at, then) = before.map_or((0.0, county.base()), |each| {
        (ahead(each), each.residents.persons())
    });
    match (own.is_empty() || years <= 0.0, next) {
        (true, _) => None,
        (false, Some(next)) if ahead(next) <= years => Some(next.residents),
        (false, Some(next)) if then <= 0.0 => Some(next.residents.min(ready)),
        (false, Some(next)) => {
            let span = ahead(next) - at;
            Some(persons(
                geometric(then, next.residents.persons(), span, years - ahead(next))
                    .unwrap_or(then),
            ))
        }
        (false, None) => Some(persons(then * county.rate(years) / county.rate(at))),
    }
}

/// The ends of the band round the middle figure of a community.
fn band(trend: &Trend, middle: Residents, plan: &GrowthPlan, years: f64) -> (Residents, Residents) {
    let (base, then) = (trend.member.base, middle.persons());
    let known = trend.member.flag.is_none() && base > 0.0 && years > 0.0;
    // Whose own rate is not known or not believed may grow or shrink as fast as is believed of any.
    let yearly = if known {
        ((then / base).powf(1.0 / years) - 1.0).abs().min(1.0)
    } else {
        plan.most_yearly
    };
    let small = (plan.error_size as f64 / base.max(then).max(1.0))
        .sqrt()
        .max(1.0);
    let error = years * (plan.error_yearly * small + plan.error_growth * yearly);
    (persons(then / (1.0 + error)), persons(then * (1.0 + error)))
}
