//! `projection.csv`: each community in each later year, by each method, and what makes up the result: `residents` =
//! (`trend` + `housing`) × `control_factor`, between `low` and `high`.

use fuwutu_core::projection::GrowthFlag;

use super::{Kind, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;
use crate::words::Coded;

table! {
    Projected in "projection.csv", ["人口预测", "projection of residents"] {
        community: String = Kind::Id, Office, ["社区（村）代码", "community code"], ["社区（村）代码", "code of the community"];
        community_name: String = Kind::Name, Office, ["社区（村）", "community"], ["社区（村）名称", "name of the community"];
        year: i32 = Kind::Year, Office, ["年份", "year"], ["年份", "year"];
        geometric: Option<f64> = Kind::Estimate, Office, ["几何法（人）", "geometric (persons)"], ["几何法（人）", "residents by the geometric method"];
        linear: Option<f64> = Kind::Estimate, Office, ["线性法（人）", "linear (persons)"], ["线性法（人）", "residents by the linear method"];
        shift_share: Option<f64> = Kind::Estimate, Office, ["份额变动法（人）", "shift-share (persons)"], ["份额变动法（人）", "residents by shift-share"];
        residents: u64 = Kind::Persons, Office, ["中方案（人）", "middle (persons)"], ["中方案人口（人）", "residents, the middle figure"];
        flag: Option<GrowthFlag> = Kind::Code(GrowthFlag::WORDS), Office, ["标记", "flag"], ["no_base 无历史人口，tiny_base 基数过小，capped 增速受限", "no_base, tiny_base or capped"];
        mean: Option<f64> = Kind::Estimate, Office, ["三法平均（人）", "mean (persons)"], ["三法平均（人）", "mean of the three methods"];
        trend: f64 = Kind::Estimate, Office, ["趋势（人）", "trend (persons)"], ["趋势（按区县调整后）（人）", "by the trend: the mean, scaled to the county's"];
        housing: f64 = Kind::Estimate, Office, ["新建住宅（人）", "housing (persons)"], ["新建住宅超出趋势带来的人口（人）", "people that new dwellings bring beyond the trend"];
        control_factor: f64 = Kind::Index(6), Office, ["控制系数", "control factor"], ["按区县人口控制数调整的系数", "factor by which a county's communities meet its total"];
        low: u64 = Kind::Persons, Office, ["低方案（人）", "low (persons)"], ["低方案（人）", "low figure"];
        high: u64 = Kind::Persons, Office, ["高方案（人）", "high (persons)"], ["高方案（人）", "high figure"];
    }
}

/// As the projection has them.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Projected> {
    result
        .round
        .projected
        .iter()
        .map(|projected| {
            let community = &result.city.communities()[projected.community];
            let methods = projected.methods;
            Projected {
                community: community.code.clone(),
                community_name: community.name.clone(),
                year: projected.year,
                geometric: methods.map(|methods| methods.geometric),
                linear: methods.map(|methods| methods.linear),
                shift_share: methods.map(|methods| methods.shift_share),
                residents: persons_whole(projected.residents),
                flag: projected.flag,
                mean: methods.map(|methods| methods.mean()),
                trend: projected.trend,
                housing: projected.housing,
                control_factor: projected.control,
                low: persons_whole(projected.low),
                high: persons_whole(projected.high),
            }
        })
        .collect()
}
