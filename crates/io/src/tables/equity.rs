//! `equity.csv`: one line a service and year: how evenly people share what there is, by community.

use std::collections::BTreeSet;

use fuwutu_core::equity::Theil;

use super::{Kind, Spread, table};
use crate::outcome::Outcome;

/// Tenths of the people who have least.
const TENTHS: &[&str] = &[
    "lorenz_10",
    "lorenz_20",
    "lorenz_30",
    "lorenz_40",
    "lorenz_50",
    "lorenz_60",
    "lorenz_70",
    "lorenz_80",
    "lorenz_90",
];

table! {
    Equity in "equity.csv", ["均衡程度", "equity"] {
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        year: i32 = Kind::Year, Everybody, ["年份", "year"], ["年份", "year"];
        target_residents: Option<u64> = Kind::Persons, Rounded, ["服务人口（人）", "target group (persons)"], ["服务人口（人）", "residents of the target group"];
        mean_access: Option<f64> = Kind::PerPerson, Made, ["平均可达性（规模单位/人）", "mean access (capacity per person)"], ["人均可达规模", "capacity received per person"];
        gini: Option<f64> = Kind::Index(4), Rounded, ["基尼系数", "Gini"], ["基尼系数，按社区，人口加权", "Gini, over communities, by people"];
        palma: Option<f64> = Kind::Index(4), Rounded, ["帕尔马比值", "Palma"], ["最多的一成人与最少的四成人所占份额之比", "share of the tenth that has most ÷ that of the four tenths that have least"];
        theil: Option<f64> = Kind::Index(4), Rounded, ["泰尔指数", "Theil"], ["泰尔指数 T", "Theil's T"];
        theil_between_townships: Option<f64> = Kind::Index(4), Rounded, ["泰尔：镇（街道）之间", "Theil between townships"], ["其中：镇（街道）之间", "of it: between townships"];
        theil_within_townships: Option<f64> = Kind::Index(4), Rounded, ["泰尔：镇（街道）之内", "Theil within townships"], ["其中：镇（街道）之内", "of it: within townships"];
        concentration_by_inflow: Option<f64> = Kind::Index(4), Rounded, ["集中指数（按增长）", "concentration by growth"], ["按人口增长排序的集中指数，-1 至 1；负值表示增长慢处较多", "concentration index by growth, −1 to 1; below 0 where slow places have more"];
        norm_access: Option<f64> = Kind::PerPerson, Everybody, ["标准人均", "norm per person"], ["按标准应有的人均规模", "capacity per person that the norm asks for"];
        below_norm_share: Option<f64> = Kind::Share(4), Rounded, ["低于标准的人", "share below the norm"], ["低于标准的人口占比（FGT0）", "share of people below the norm (FGT 0)"];
        below_norm_gap: Option<f64> = Kind::Share(4), Rounded, ["平均差距", "mean gap"], ["平均差距（FGT1）", "mean gap below it (FGT 1)"];
        below_norm_severity: Option<f64> = Kind::Share(4), Rounded, ["差距的严重程度", "severity of the gap"], ["差距的严重程度（FGT2）", "its severity (FGT 2)"];
        lorenz[Spread::Names(TENTHS), "lorenz_{tenth}"]: Vec<Option<f64>> = Kind::Share(4), Rounded, ["洛伦兹曲线", "Lorenz curve"], ["可达量最少的百分之几的人所占的可达量份额，0 至 1", "share of all access held by this percentage of people, those with the least first, 0 to 1"];
        undefined: String = Kind::Text, Everybody, ["无法计算的原因", "why undefined"], ["指标无法计算的原因", "why a figure cannot be computed"];
    }
}

/// Service by service, year by year.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Equity> {
    result
        .round
        .equities
        .iter()
        .map(|equity| row(result, equity))
        .collect()
}

fn row(result: &Outcome, of_service: &fuwutu_core::round::ServiceEquity) -> Equity {
    let equity = &of_service.equity;
    let (theil, below) = (equity.theil.as_ref().ok(), equity.below.as_ref().ok());
    let reasons: BTreeSet<String> = [equity.gini.err(), equity.palma.err(), equity.below.err()]
        .into_iter()
        .flatten()
        .map(|reason| reason.to_string())
        .collect();
    let curve = equity.lorenz.as_ref().ok();
    let tenths = 1..=TENTHS.len();
    Equity {
        service: result.catalogue[of_service.service].id.clone(),
        year: of_service.year,
        target_residents: Some(equity.people.round_ties_even() as u64),
        mean_access: equity.mean.ok(),
        gini: equity.gini.ok(),
        palma: equity.palma.ok(),
        theil: theil.map(Theil::total),
        theil_between_townships: theil.map(|theil| theil.between),
        theil_within_townships: theil.map(|theil| theil.within),
        concentration_by_inflow: equity.concentration.ok(),
        norm_access: of_service.line,
        below_norm_share: below.map(|below| below.headcount),
        below_norm_gap: below.map(|below| below.gap),
        below_norm_severity: below.map(|below| below.severity),
        lorenz: tenths
            .map(|tenth| curve.map(|curve| curve.at(tenth as f64 / 10.0)))
            .collect(),
        undefined: reasons.into_iter().collect::<Vec<_>>().join("; "),
    }
}
