//! `communities.csv`: which unit each community, or part of one, belongs to.

use super::{Kind, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;

table! {
    Community in "communities.csv", ["社区（村）", "communities"] {
        community: String = Kind::Id, Everybody, ["社区（村）代码", "community code"], ["社区（村）代码", "code of the community"];
        community_name: String = Kind::Name, Everybody, ["社区（村）", "community"], ["社区（村）名称", "name of the community"];
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        residents: u64 = Kind::Persons, Office, ["常住人口（人）", "residents (persons)"], ["常住人口（人）", "usual residents"];
    }
}

/// Unit by unit.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Community> {
    let shares = result
        .round
        .units
        .iter()
        .flat_map(|unit| unit.communities.iter().map(move |share| (unit, share)));
    shares
        .map(|(unit, share)| {
            let community = &result.city.communities()[share.community];
            Community {
                community: community.code.clone(),
                community_name: community.name.clone(),
                unit: unit.id.clone(),
                residents: persons_whole(share.residents),
            }
        })
        .collect()
}
