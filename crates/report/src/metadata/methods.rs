//! How the figures came about, with the formulas in words.

use fuwutu_core::ranking::RankingPlan;
use fuwutu_io::plan::TravelMode;
use serde::Serialize;
use serde_json::{Value, json};

use super::Both;
use crate::book::{Book, Manifest, ShownPlan};
use crate::foot;

/// The methods that were used, in the order in which they were.
pub(super) fn steps(book: &Book) -> Vec<Both> {
    let plan = &book.manifest.plan;
    let mut steps = vec![units(plan), travel(plan)];
    steps.extend(projection(book));
    steps.extend([
        coverage(),
        completeness(),
        supply(plan),
        short(),
        presence(),
        ranking(&plan.ranking),
    ]);
    steps.extend(certainty(&book.manifest));
    steps.extend(foot::not_supplied(book).map(|[zh, en]| {
        [
            format!("未提供设施数据的服务，不评价，不计入配置优先度：{zh}"),
            format!("services without facility data are not judged and have no part in the priority score: {en}"),
        ]
    }));
    steps
}

/// A figure or a choice of the plan as it stands there.
fn figure(value: impl Serialize) -> String {
    match json!(value) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn units(plan: &ShownPlan) -> Both {
    let cap = plan.units.cap;
    let [kept_zh, kept_en] = match plan.inputs.named() {
        Some(inputs) if inputs.last_units.is_some() => [
            "；上一轮的单元仍然成立的予以保留",
            "; units of the last round are kept where they still hold",
        ],
        _ => ["", ""],
    };
    [
        format!(
            "单元：在一个镇（街道）内由完整的社区（村）组成，人口以不超过 {cap} 人为限，超过上限的社区拆分；单元数最少，其次紧凑{kept_zh}"
        ),
        format!(
            "units: whole communities of one township with at most {cap} residents, communities above that are split; as few as can be, then compact{kept_en}"
        ),
    ]
}

fn travel(plan: &ShownPlan) -> Both {
    let travel = &plan.travel;
    let [walk, ebike, car_bus] = [
        travel.pace_m_per_s,
        travel.ebike_m_per_s,
        travel.car_bus_m_per_s,
    ]
    .map(figure);
    let detour = figure(travel.detour);
    let [zh, en] = match travel.mode {
        TravelMode::Streets => {
            let choices = foot::streets(travel);
            let said = |lang: usize, between: &str| {
                let said: Vec<&str> = choices.iter().map(|said| said[lang].as_str()).collect();
                said.join(between)
            };
            [
                format!("沿路网的最短时间（{}）", said(0, "；")),
                format!("shortest time along streets ({})", said(1, "; ")),
            ]
        }
        TravelMode::Straight => [
            format!("直线距离 × 绕行系数 {detour}"),
            format!("straight distance × detour {detour}"),
        ],
        TravelMode::Radius => [
            "服务半径（直线距离，不计绕行，与步速无关）；没有半径的为直线距离 × 绕行系数 ".to_owned() + &detour,
            "service radius as the crow flies, without detour and at any pace; where there is none, straight distance × detour ".to_owned() + &detour,
        ],
    };
    let limit = plan.services.minutes;
    let [limit_zh, limit_en] = limit.map_or_else(
        || {
            [
                "方式与时限依各服务的标准".to_owned(),
                "by the mode and within the limit of each service's standard".to_owned(),
            ]
        },
        |minutes| {
            [
                format!("方式依各服务的标准，时限均为 {minutes} 分钟"),
                format!("by the mode of each service's standard, within {minutes} minutes for all"),
            ]
        },
    );
    [
        format!(
            "出行：{zh}；步行 {walk}、电动自行车 {ebike}、机动车（含公交） {car_bus}（米/秒）；{limit_zh}；时间不超过时限即为可达"
        ),
        format!(
            "travel: {en}; {walk} m/s on foot, {ebike} by e-bike, {car_bus} by car or bus; {limit_en}; what takes no longer is within reach"
        ),
    ]
}

/// `None` where everybody was taken to stay.
fn projection(book: &Book) -> Option<Both> {
    let variant = figure(book.manifest.projection.as_ref()?.variant);
    Some([
        format!(
            "人口预测：几何法、线性法与份额变动法的平均，按区县人口控制数调整，加新建住宅超出趋势的人口；年龄逐年递进；采用方案：{variant}"
        ),
        format!(
            "projection: mean of the geometric, linear and shift-share methods, scaled to the counties' totals, and the people that new dwellings bring beyond the trend; figure used: {variant}"
        ),
    ])
}

fn coverage() -> Both {
    [
        "覆盖率 = 时限内有开放设施的服务人口 ÷ 服务人口".to_owned(),
        "coverage = residents of the target group with an open facility within the limit ÷ target group".to_owned(),
    ]
}

fn completeness() -> Both {
    [
        "生活圈完整度：每位居民适用的服务中可达的份额；齐备率 = 适用的服务全部可达的居民 ÷ 居民；分别按各服务自己的时限和一律步行 15 分钟计，分别按基础保障类和所选全部服务计".to_owned(),
        "completeness: of the services that count for each resident, the share in reach; share with all = residents who have all in reach ÷ residents; within each service's own limit and within 15 minutes on foot for all, of basic services and of all selected".to_owned(),
    ]
}

fn supply(plan: &ShownPlan) -> Both {
    let decay = figure(plan.access.decay);
    [
        format!(
            "供给：需求 = 标准 × 其人口基数；可达供给 = 各设施规模按距离衰减（{decay}）分给可达人口后的合计（2SFCA）；缺口 = 需求 − 规模，不低于 0"
        ),
        format!(
            "supply: demand = norm × the people that it counts; accessible supply = each facility's capacity shared over the people who reach it, by decay ({decay}), summed (2SFCA); shortfall = demand − supply, not below 0"
        ),
    ]
}

fn short() -> Both {
    [
        "未满足需求 = 需求 − 任何分配都能安排的最大需求（时限内最大流）；逐个需求点计，缺口为 0 时仍可大于 0".to_owned(),
        "unmet demand = demand − the most that any assignment within the limit can seat (maximum flow); asked at every place, so it can be above 0 where the shortfall is 0".to_owned(),
    ]
}

fn presence() -> Both {
    [
        "配建达标：按标准规则比较要求与现有的设施数量和规模；各级不互相替代".to_owned(),
        "presence: how many facilities the rules ask for, against those there are and are large enough; levels do not nest"
            .to_owned(),
    ]
}

fn ranking(plan: &RankingPlan) -> Both {
    let [weight, reference] = [plan.inflow_weight, plan.inflow_reference].map(figure);
    let [basic, improved] = [plan.basic, plan.improved].map(figure);
    let [domains_zh, domains_en] = if plan.domains.is_empty() {
        ["相同".to_owned(), "the same for all fields".to_owned()]
    } else {
        let given = plan.domains.iter();
        let given: Vec<String> = given
            .map(|(field, weight)| format!("{field} {weight}"))
            .collect();
        let given = given.join(", ");
        [
            format!("按评估任务文件（{given}；其余 1）"),
            format!("of fields as the plan says ({given}; others 1)"),
        ]
    };
    [
        format!(
            "综合缺口率 = 100 × Σ 权重 × 缺口率 ÷ Σ 权重（只计有设施数据、且有服务人口的服务）；配置优先度 = 综合缺口率 ×（1 + {weight} × 流入），流入 = 增长率 ÷ {reference}，取 0 至 1；权重：各领域{domains_zh}，领域内基础 {basic}、提升 {improved}；配置优先次序，不作考核"
        ),
        format!(
            "need = 100 × sum of weight × missing share ÷ sum of weights (over services with facility data and a target group); priority score = need × (1 + {weight} × inflow), inflow = growth ÷ {reference}, from 0 to 1; weights: {domains_en}, within a field basic {basic}, improved {improved}"
        ),
    ]
}

/// `None` where nothing was drawn. Residents are drawn where there is a projection.
fn certainty(manifest: &Manifest) -> Option<Both> {
    let plan = &manifest.plan.ranking.certainty;
    let draws = Some(plan.draws).filter(|&draws| draws > 0)?;
    let pace = match manifest.plan.travel.mode {
        TravelMode::Radius => 0.0,
        TravelMode::Straight | TravelMode::Streets => plan.pace,
    };
    let [weights, pace, capacity] = [plan.weights, pace, plan.capacity].map(figure);
    let band = if manifest.projection.is_none() {
        ["", ""]
    } else {
        ["，人口在低高方案之间", ", residents from low to high"]
    };
    Some([
        format!(
            "位次的不确定性：{draws} 次抽样（权重 ± {weights}，步速 ± {pace}，可达供给 ± {capacity}{}），给出 90 % 的区间",
            band[0]
        ),
        format!(
            "rank uncertainty: {draws} draws (weights ± {weights}, pace ± {pace} and accessible supply ± {capacity} as shares{}), nine in ten of them",
            band[1]
        ),
    ])
}
