//! The plan's sections, except for `[inputs]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fuwutu_core::quantity::AGE_BANDS;
use fuwutu_core::spread::Spread;
use fuwutu_core::supply::access::Decay;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::street_rules::RuleChange;

/// `[round]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundSection {
    /// Name of the round.
    #[schemars(extend("x-zh" = "轮次名称"))]
    pub name: String,
    /// Year of the population figures.
    #[schemars(extend("x-zh" = "人口数据的年份（基期年）"))]
    pub base_year: i32,
    /// How many years are projected after the base year; 0 evaluates the base year alone.
    #[schemars(extend("x-zh" = "基期年之后预测几年；0 为只评估基期年"))]
    pub horizon_years: u32,
    /// Whether places, people and facilities are made up; every report then says so.
    #[schemars(extend("default" = false))]
    #[schemars(extend("x-zh" = "地点、人口和设施是否为模拟（非真实）；是则每份报告都注明"))]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synthetic: bool,
}

/// `[report]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSection {
    /// Approval number (审图号) under which the maps may be published; without one they are marked as
    /// internal working maps.
    #[schemars(extend("x-zh" = "审图号；不填则地图注明为内部工作用图"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map_approval: Option<String>,
    /// Date on the reports, as it is to be read; left out where not given, so that equal inputs
    /// give equal reports.
    #[schemars(extend("x-zh" = "报告日期，原样印出；不填则不印，使相同的输入得到相同的报告"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Where the data come from, where their licences ask that it be named or their makers should be known: printed at the foot of
    /// every report, of the public ones, too.
    #[schemars(extend("x-zh" = "数据来源（许可要求注明的，或应当说明的），印在每份报告的页脚，公开版也印"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
}

impl ReportSection {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `[public]`: what the public edition of the reports leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicSection {
    /// Counts of fewer people are left out, and all others rounded to multiples of it.
    #[schemars(extend("x-zh" = "小于此数的人数不公布，其余取整为它的倍数"))]
    pub small: u32,
    /// Decimals of longitudes and latitudes; 4 are about 10 m.
    #[schemars(extend("x-zh" = "经纬度的小数位数；4 位约 10 米"))]
    pub decimals: u32,
    /// Services, by id or name, that are left out, together with every facility that offers one of them.
    #[schemars(extend("x-zh" = "不公布的服务，写编号或名称；提供其中任何一项的设施一并略去"))]
    pub restricted: Vec<String>,
}

/// `[travel]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TravelSection {
    /// How trips are measured.
    #[schemars(extend("x-zh" = "如何计算出行"))]
    pub mode: TravelMode,
    /// Walking speed in metres per second.
    #[schemars(extend("x-zh" = "步行速度（米/秒）"))]
    pub pace_m_per_s: f64,
    /// Walking speed of children under 6 and of people aged 60 and over, in metres per second; the
    /// same as `pace_m_per_s` where not given.
    #[schemars(extend("x-zh" = "6 岁以下儿童和 60 岁及以上老人的步行速度（米/秒）；不填则与 `pace_m_per_s` 相同"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_pace_m_per_s: Option<f64>,
    /// Speed of e-bikes in metres per second.
    #[schemars(extend("x-zh" = "电动自行车速度（米/秒）"))]
    pub ebike_m_per_s: f64,
    /// Speed of cars and buses in metres per second.
    #[schemars(extend("x-zh" = "汽车和公交速度（米/秒）"))]
    pub car_bus_m_per_s: f64,
    /// How many times longer a trip is than the straight line between its ends; used for straight
    /// lines only.
    #[schemars(extend("x-zh" = "绕行系数：路程是两端直线距离的多少倍；只用于直线"))]
    pub detour: f64,
    /// Demand points and facilities farther than this from every usable street, in metres, are not
    /// connected to the network (unsnapped).
    #[schemars(extend("x-zh" = "离每条可用道路都超过此距离（米）的需求点和设施，视为距道路过远"))]
    pub snap_m: f64,
    /// Isolated parts of the network with less street than this, in kilometres, are not used.
    #[schemars(extend("x-zh" = "与其余路网不连通、且道路总长小于此数（千米）的部分不用"))]
    pub least_part_km: f64,
    /// How many times longer stairs take than a level street of the same length; 1 means no
    /// difference.
    #[schemars(extend("x-zh" = "楼梯用时是同长平路的多少倍；1 为相同"))]
    pub stairs: f64,
    /// What happens to trips with an end that is not connected to the network.
    #[schemars(extend("x-zh" = "一端距道路过远的出行如何处理"))]
    pub unsnapped: UnsnappedTrips,
    /// Whether straight-line figures and the observed detour are reported beside those of streets.
    #[schemars(extend("x-zh" = "是否在路网结果旁列出直线结果和实际绕行系数"))]
    pub compare: bool,
    /// What private ways and gates are: those that tags give to residents, customers, deliveries, or those with a permit.
    #[schemars(extend("x-zh" = "私有的道路和门（标签限居民、顾客、送货、凭证等）如何通行"))]
    #[serde(default)]
    pub private: PrivateWays,
    /// Day and hour of the trips, for tags that depend on them: `weekday`, `saturday`, `sunday` or `mo` to `su`, and a time.
    #[schemars(extend("x-zh" = "出行的日子和时刻，用于随时间变化的标签：`weekday`、`saturday`、`sunday` 或 `mo` 至 `su`，加时刻"))]
    #[serde(default = "usual_hour")]
    pub at: String,
    /// Whether trips on foot avoid stairs, escalators and what else wheelchairs and prams do not pass.
    #[schemars(extend("x-zh" = "步行是否只走无障碍路线：不走楼梯、自动扶梯和轮椅、婴儿车过不去的地方"))]
    #[serde(default)]
    pub step_free: bool,
    /// Wait at each lift, in seconds; 0 is none.
    #[schemars(extend("x-zh" = "每次乘电梯的等候时间（秒）；0 为不计"))]
    #[serde(default)]
    pub lift_seconds: f64,
    /// Wait at each crossing of a street that the data has, in seconds; 0 is none.
    #[schemars(extend("x-zh" = "数据中每处过街的等候时间（秒）；0 为不计"))]
    #[serde(default)]
    pub crossing_seconds: f64,
    /// Rules of who may go where (`fuwutu roads --rules`) that are changed.
    #[schemars(extend("x-zh" = "改动的通行规则（`fuwutu roads --rules` 列出全部）"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleChange>,
}

/// At which a policy that does not say so lets people travel.
fn usual_hour() -> String {
    "weekday 10:00".to_owned()
}

/// What private ways and gates are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrivateWays {
    /// Trips begin and end on them and pass their gates, and do not lead through.
    #[schemars(extend("x-zh" = "出行可在其中起止、经过其门，不可穿过"))]
    #[default]
    Ends,
    /// Open as other ways.
    #[schemars(extend("x-zh" = "与其他道路一样开放"))]
    Open,
    /// Closed.
    #[schemars(extend("x-zh" = "不通"))]
    Closed,
}

/// How trips are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TravelMode {
    /// The straight line × `detour` ÷ speed.
    #[schemars(extend("x-zh" = "直线距离 × 绕行系数 ÷ 速度"))]
    Straight,
    /// Along the streets of `inputs.roads`.
    #[schemars(extend("x-zh" = "沿 `inputs.roads` 的道路"))]
    Streets,
    /// The service radius of each limit in the catalogue, as the crow flies.
    #[schemars(extend("x-zh" = "服务要素配置表中各时限的服务半径，按直线距离"))]
    Radius,
}

/// What happens to trips with an end that is too far from every street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnsnappedTrips {
    /// They are out of reach and counted apart.
    #[schemars(extend("x-zh" = "视为不可达，单独计数"))]
    Apart,
    /// They follow the straight line × `detour`.
    #[schemars(extend("x-zh" = "按直线距离 × 绕行系数"))]
    Straight,
}

/// `[access]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessSection {
    /// How the weight of a facility falls with the time to it: `binary`, `gaussian`,
    /// `epanechnikov`, `step`, `step:10=1,20=0.68,30=0.22`, `exponential:0.1`, `power:1,1` or
    /// `logistic:10,3`; parameters are in minutes.
    #[schemars(extend("x-zh" = "设施的权重如何随时间衰减：`binary`、`gaussian`、`epanechnikov`、`step`、`step:10=1,20=0.68,30=0.22`、`exponential:0.1`、`power:1,1` 或 `logistic:10,3`；参数以分钟计"))]
    #[schemars(extend("pattern" = r"^\s*(binary|gaussian|epanechnikov|step|(step|exponential|power|logistic)\s*[:：].+)\s*$"))]
    pub decay: Decay,
}

/// `[extras]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtrasSection {
    /// Whether units are also compared by TOPSIS with entropy weights.
    #[schemars(extend("x-zh" = "是否另用熵权 TOPSIS 比较单元"))]
    pub topsis: bool,
    /// Whether the coupling coordination of supply and demand is computed.
    #[schemars(extend("x-zh" = "是否计算供需耦合协调度"))]
    pub coupling: bool,
}

/// `[people]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleSection {
    /// Persons per household.
    #[schemars(extend("x-zh" = "户均人口"))]
    pub household_size: f64,
    /// Weights of the ages 0–2, 3–5, 6–11, 12–14, 15–17, 18–59 and 60+, for inputs without ages;
    /// only their proportions count.
    #[schemars(extend("x-zh" = "0–2、3–5、6–11、12–14、15–17、18–59 和 60 岁及以上的权重，用于没有年龄的输入；只看相互比例"))]
    pub age_shares: [f64; AGE_BANDS.len()],
    /// Where residents are put of whom only the community is known; by `inputs.weights` where they are given, else along streets
    /// where the plan travels on them, else evenly over the land.
    #[schemars(extend("x-zh" = "只知道社区总数的居民放在哪里；有 `inputs.weights` 时默认按其分布，否则按道路出行时默认沿道路，其他默认按面积"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
}

/// `[services]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicesSection {
    /// A catalogue of services of your own; a path relative to the plan. Its rows replace those of
    /// the same id and add others; with `whole = true` it replaces the embedded catalogue.
    #[schemars(extend("x-zh" = "自己的服务目录；路径相对于评估任务文件。其中的行替换编号相同的行，其余为新增；写 `whole = true` 则代替整个内置目录"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<PathBuf>,
    /// The scope whose figures count, where the catalogue has figures of its own for it: `national`,
    /// or a city such as `chengdu`. By default `national`: the country's figures and, where there are
    /// none, the best established ones.
    #[schemars(extend("x-zh" = "采用哪一适用范围的标准：`national`（全国），或目录中有自有标准的城市，如 `chengdu`。默认 `national`：用全国标准，没有全国标准的用依据最可靠的"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Services to evaluate, by id or name; where not given, every service with a time limit of which a
    /// file has a facility or `none_exist` says that there is none.
    #[schemars(extend("x-zh" = "要评估的服务，写编号或名称；不填则为所有有时限、且有设施数据或列入 `none_exist` 的服务"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<Vec<String>>,
    /// Services, by id or name, of which there is no facility at all. Of any other service without a facility
    /// in the files nothing is known: it is not evaluated, or reported as not supplied where `select`
    /// names it.
    #[schemars(extend("x-zh" = "确实一处设施也没有的服务，写编号或名称。其他没有设施数据的服务视为未提供：不评价，`select` 选定的则标明未提供"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none_exist: Vec<String>,
    /// One time limit in minutes that replaces those of all services; by default each keeps its
    /// own.
    #[schemars(extend("x-zh" = "代替各项服务时限的统一时限（分钟）；默认各用各的"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// For a service by its id or name: the capacity of facilities whose capacity is not given, in the unit of
    /// the catalogue, as in `default_capacity = { kindergarten = 270, market = 1000 }`. Without it their
    /// supply is not judged.
    #[schemars(extend("x-zh" = "按服务编号或名称：未给出规模的设施按此规模计，单位同目录，如 `default_capacity = { kindergarten = 270, market = 1000 }`；不写则这些设施所在和可达的单元不做供需评价"))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub default_capacity: BTreeMap<String, f64>,
}
