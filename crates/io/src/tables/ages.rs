//! `ages.csv`: each community in each year by age, the base year first; in later years of the variant that is evaluated.

use fuwutu_core::position::CommunityAt;
use fuwutu_core::projection::ages_of;
use fuwutu_core::quantity::AGE_BANDS;

use super::{Kind, Spread, table};
use crate::csv_text::{persons_parts, persons_whole};
use crate::outcome::Outcome;

/// Headers of the age bands, the youngest first.
const BANDS: &[&str; AGE_BANDS.len()] = &[
    "age_0_2",
    "age_3_5",
    "age_6_11",
    "age_12_14",
    "age_15_17",
    "age_18_59",
    "age_60_plus",
];

table! {
    Ages in "ages.csv", ["年龄构成", "residents by age"] {
        community: String = Kind::Id, Office, ["社区（村）代码", "community code"], ["社区（村）代码", "code of the community"];
        year: i32 = Kind::Year, Office, ["年份", "year"], ["年份", "year"];
        bands[Spread::Names(BANDS), "age_{band}"]: Vec<u64> = Kind::Persons, Office, ["该年龄段（人）", "of these ages (persons)"], ["该年龄段的常住人口（人）", "usual residents of these ages"];
        residents: u64 = Kind::Persons, Office, ["常住人口（人）", "residents (persons)"], ["常住人口（人）", "usual residents"];
    }
}

/// The base year first.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Ages> {
    let base = CommunityAt::enumerate(ages_of(result.city))
        .map(|(community, ages)| (community, result.city.year(), ages));
    let later = result
        .round
        .projected
        .iter()
        .map(|projected| (projected.community, projected.year, projected.ages));
    base.chain(later)
        .map(|(community, year, ages)| Ages {
            community: result.city.communities()[community].code.clone(),
            year,
            bands: persons_parts(ages).to_vec(),
            residents: persons_whole(ages.into_iter().sum()),
        })
        .collect()
}
