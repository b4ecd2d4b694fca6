//! `backtest.csv`: how far off each method was at a third date, for all communities and by their size.

use fuwutu_core::projection::backtest::Backtest;

use super::{Kind, table};
use crate::csv_text::persons_whole;

table! {
    Tried in "backtest.csv", ["预测检验", "how far off the projection was"] {
        method: String = Kind::Text, Office, ["方法", "method"], ["方法", "method"];
        from_year: i32 = Kind::Year, Office, ["第一个年份", "first year"], ["第一个年份", "first of the two dates projected from"];
        until_year: i32 = Kind::Year, Office, ["第二个年份", "second year"], ["第二个年份", "second of them"];
        tested_year: i32 = Kind::Year, Office, ["被检验的年份", "tested year"], ["被检验的年份", "the date that is compared"];
        size_from: Option<u64> = Kind::Persons, Office, ["规模下限（人）", "size from (persons)"], ["社区规模下限（人）；空为全部", "communities from this size; empty for all"];
        size_below: Option<u64> = Kind::Persons, Office, ["规模上限（人）", "size below (persons)"], ["社区规模上限（人）", "and below this"];
        communities: u32 = Kind::Count, Office, ["社区数", "communities"], ["社区数", "number of communities"];
        tested_residents: u64 = Kind::Persons, Office, ["被检验年份人口（人）", "tested residents (persons)"], ["被检验年份的人口（人）", "their residents at the tested date"];
        mean_error: f64 = Kind::Estimate, Office, ["平均误差（人）", "mean error (persons)"], ["平均误差（人）", "mean error, in persons"];
        mean_absolute_share: Option<f64> = Kind::Share(4), Office, ["平均绝对误差率", "mean absolute error ÷ residents"], ["平均绝对百分比误差", "mean absolute error ÷ residents"];
        weighted_absolute_share: Option<f64> = Kind::Share(4), Office, ["加权绝对误差率", "the same, weighted"], ["人口加权的绝对百分比误差", "the same, weighted by people"];
        within_band_share: Option<f64> = Kind::Share(4), Office, ["落在区间内的占比", "share within the band"], ["落在低高方案之间的社区占比", "share of communities within the band"];
    }
}

/// Method by method, all sizes first.
#[must_use]
pub fn rows(backtest: &Backtest) -> Vec<Tried> {
    let [from_year, until_year, tested_year] = backtest.years;
    backtest
        .errors
        .iter()
        .map(|error| {
            let bound = |bound: u64| (bound < u64::MAX).then_some(bound);
            Tried {
                method: error.method.name().to_owned(),
                from_year,
                until_year,
                tested_year,
                size_from: error.size.and_then(|(from, _)| bound(from)),
                size_below: error.size.and_then(|(_, below)| bound(below)),
                communities: error.communities,
                tested_residents: persons_whole(error.observed),
                mean_error: error.mean,
                mean_absolute_share: error.absolute,
                weighted_absolute_share: error.weighted,
                within_band_share: error.in_band,
            }
        })
        .collect()
}
