//! `standing.csv`: one line a unit, service and year, with the three verdicts side by side.

use std::collections::BTreeSet;

use fuwutu_core::position::ServiceAt;
use fuwutu_core::service::Service;
use fuwutu_core::supply;
use fuwutu_core::supply::presence::{Attained, Presence};
use fuwutu_core::supply::shortage::Certain;

use super::{Kind, table};
use crate::csv_text::{persons_parts, persons_whole};
use crate::outcome::Outcome;
use crate::words::{Coded, RULE, STANDARD};

table! {
    Standing in "standing.csv", ["评价结果：单元 × 服务 × 年份", "results by unit, service and year"] {
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        year: i32 = Kind::Year, Everybody, ["年份", "year"], ["年份", "year"];
        target_residents: Option<u64> = Kind::Persons, Rounded, Reach, ["服务人口（人）", "target group (persons)"], ["服务人口（人）", "residents of the target group"];
        covered_residents: Option<u64> = Kind::Persons, Rounded, Reach, ["已覆盖（人）", "covered (persons)"], ["时限内有开放设施的服务人口", "those of the target group with an open facility within the limit"];
        coverage: Option<f64> = Kind::Share(4), Made, Reach, ["覆盖率", "coverage"], ["覆盖率，0 至 1", "covered ÷ target, 0 to 1"];
        demand: Option<f64> = Kind::Capacity, Made, Capacity, ["需求", "demand"], ["按标准应有的规模", "capacity that the norm asks for"];
        supply_inside: Option<f64> = Kind::Capacity, Everybody, Capacity, ["单元内供给", "supply inside"], ["单元内开放设施的规模", "capacity of the open facilities in the unit"];
        supply_received: Option<f64> = Kind::Capacity, Made, Capacity, ["可达供给", "accessible supply"], ["单元的可达供给（2SFCA，含跨界）", "the unit's part of all capacity in reach, across borders (2SFCA)"];
        shortfall_inside: Option<f64> = Kind::Capacity, Made, Capacity, ["供给缺口（单元内）", "shortfall inside"], ["缺口：需求减单元内规模", "demand − supply inside, not below 0"];
        shortfall_reach: Option<f64> = Kind::Capacity, Made, Capacity, ["供给缺口（计入可达供给）", "shortfall in reach"], ["缺口：需求减可达供给；是单元总量之差，一处的富余抵消另一处的不足", "demand − accessible supply, not below 0: of totals, so that plenty in one place offsets want in another"];
        access: Option<f64> = Kind::PerPerson, Made, Capacity, ["可达性（规模单位/人）", "access (capacity per person)"], ["可达性：人均可达供给，按规模单位计", "access: accessible supply per person of the target group, in the unit of capacity"];
        standard_status: String = Kind::Code(STANDARD), Everybody, ["依据可靠性", "status of the standard"], ["依据可靠性：verified 已核实，partly 部分核实，secondary 转引，recalled 待核实，proposed 建议值；文件、条款、年份和适用范围见 standards.csv", "how well the standard is established: verified, partly, secondary, recalled, proposed; documents, clauses, years and scopes stand in standards.csv"];
        unsnapped_residents: Option<u64> = Kind::Persons, Rounded, Reach, ["未覆盖：距道路过远（人）", "not covered: too far from a street (persons)"], ["未覆盖且距道路过远的人", "not covered, too far from every street that can be used"];
        roadless_residents: Option<u64> = Kind::Persons, Rounded, Reach, ["未覆盖：路网数据未覆盖（人）", "not covered: outside the street data (persons)"], ["未覆盖且在路网数据未覆盖处的人", "not covered, outside the network"];
        too_far_residents: Option<u64> = Kind::Persons, Rounded, Reach, ["未覆盖：超过时限（人）", "not covered: too far (persons)"], ["未覆盖的其余的人", "not covered, all others"];
        seated: Option<f64> = Kind::Capacity, Office, Capacity, ["已满足需求", "seated"], ["最大分配下得到安排的需求；可达设施规模不详时为空", "demand that the fair greatest assignment seats; empty where a capacity in reach is not known"];
        short_for_certain: Option<f64> = Kind::Capacity, Rounded, Capacity, ["未满足需求", "unmet demand"], ["未满足需求：无论怎样分配都安排不下的需求（规模不详时为下限）；逐个需求点按时限计，供给缺口为 0 时仍可大于 0", "demand that no assignment can seat; at least so much where a capacity is not known; asked at every place within the limit, so it can be large where the shortfall is 0"];
        short_none_in_reach: Option<f64> = Kind::Capacity, Office, Capacity, ["其中：时限内没有", "of it: none in reach"], ["其中：时限内没有开放设施", "of it: no facility is open within the limit"];
        short_full: Option<f64> = Kind::Capacity, Office, Capacity, ["其中：可达设施已满负荷", "of it: all full"], ["其中：时限内的设施均已满负荷", "of it: all facilities within the limit are full"];
        short_none_exists: Option<f64> = Kind::Capacity, Office, Capacity, ["其中：全市没有", "of it: none exists"], ["其中：全市没有开放设施", "of it: none is open in the whole city"];
        rule: String = Kind::Code(RULE), Everybody, Presence, ["配置规则", "rule"], ["差距最大的配置规则（_public：只计公办和普惠）", "the rule of presence that the unit is farthest from (_public: public ones alone)"];
        required: Option<u32> = Kind::Count, Everybody, Presence, ["应有（处）", "required"], ["该规则要求的数量", "how many it asks for"];
        present: Option<u32> = Kind::Count, Everybody, Presence, ["现有（处）", "present"], ["现有数量", "how many there are"];
        enough: Option<u32> = Kind::Count, Everybody, Presence, ["规模足够（处）", "large enough"], ["其中规模（和性质）达到要求的数量", "how many of them are large (and public) enough"];
        unknown: Option<u32> = Kind::Count, Everybody, Presence, ["规模不详（处）", "size not known"], ["其中规模或性质不明的数量", "of how many of them that is not known"];
        attained: Option<Attained> = Kind::Code(Attained::WORDS), Everybody, Presence, ["达标", "attained"], ["达标：yes 达标，unknown 不明，too_small 规模不足，too_few 数量不足，absent 缺项", "yes, unknown, too_small, too_few or absent"];
        covered_public: Option<u64> = Kind::Persons, Rounded, Reach, ["公办普惠覆盖（人）", "covered by public ones (persons)"], ["只计公办和普惠设施的覆盖人口；设施性质不全时为空", "covered by public and inclusive facilities alone; empty where any owner is not known"];
        supply_inside_public: Option<f64> = Kind::Capacity, Everybody, Capacity, ["公办普惠供给（单元内）", "public supply inside"], ["只计公办和普惠设施的单元内规模", "supply inside of public and inclusive facilities alone"];
        covered_otherwise: Option<u64> = Kind::Persons, Rounded, Reach, ["换一种人口分布的覆盖（人）", "covered by the other spread (persons)"], ["只知道社区总数的居民若换一种方式分布，已覆盖的人；只有基期年；需求点齐全时为空", "those covered if the residents of whom only the community is known were spread in the other way; in the base year, empty where all have demand points"];
        covered_least: Option<u64> = Kind::Persons, Rounded, Reach, ["至少覆盖（人）", "covered at least (persons)"], ["不论居民住在社区何处都已覆盖的人；只有基期年；需求点齐全时为空", "those covered wherever in their communities people live; in the base year, empty where all have demand points"];
        covered_most: Option<u64> = Kind::Persons, Rounded, Reach, ["至多覆盖（人）", "covered at most (persons)"], ["居民住在社区最有利处时已覆盖的人；只有基期年；需求点齐全时为空", "those covered if people live where it is best for them; in the base year, empty where all have demand points"];
        covered_radius: Option<u64> = Kind::Persons, Rounded, Reach, ["服务半径内（人）", "within the radius (persons)"], ["服务半径内（直线距离，不计绕行）有开放设施的服务人口；时限没有半径时为空", "those of the target group with an open facility within the service radius of the limit, as the crow flies; empty where a limit has no radius"];
        coverage_radius: Option<f64> = Kind::Share(4), Made, Reach, ["服务半径覆盖率", "coverage within the radius"], ["服务半径内的服务人口 ÷ 服务人口", "within the radius ÷ target, 0 to 1"];
        substitute_residents: Option<u64> = Kind::Persons, Rounded, Reach, ["未覆盖但有替代（人）", "not covered, with a substitute (persons)"], ["未覆盖但时限内有替代设施的人", "not covered, with a substitute within the limit"];
    }
}

/// Unit by unit, service by service, year by year.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Standing> {
    let owned = owned(result);
    let standings = result.round.standings.iter();
    standings
        .map(|standing| {
            let owned = owned.contains(&(standing.service, standing.year));
            row(result, standing, owned)
        })
        .collect()
}

/// Services and years in which all open facilities say whether they are public: public ones are reported apart only then.
fn owned(result: &Outcome) -> BTreeSet<(ServiceAt, i32)> {
    let totals = result.round.totals.iter();
    totals
        .filter(|total| total.owned == total.open)
        .map(|total| (total.service, total.year))
        .collect()
}

/// Of one unit, service and year; what public facilities give apart only where the ownership of all is known.
pub(crate) fn row(result: &Outcome, standing: &supply::Standing, owned: bool) -> Standing {
    let service = &result.catalogue[standing.service];
    let [covered, unsnapped, roadless, too_far] = persons_parts([
        standing.covered,
        standing.unsnapped,
        standing.roadless,
        standing.too_far(),
    ]);
    let [seated, short, none_in_reach, full, none_exists] = certain(standing);
    let public = standing.public.filter(|_| owned);
    let substituted = standing
        .known(standing.substituted)
        .filter(|_| has_substitute(result, service));
    let known = |people: u64| standing.supplied.then_some(people);
    let presence = standing.presence;
    let spread = standing.spread.filter(|_| standing.supplied);
    Standing {
        unit: result.round.units[standing.unit].id.clone(),
        service: service.id.clone(),
        year: standing.year,
        target_residents: Some(persons_whole(standing.target)),
        covered_residents: known(covered),
        coverage: standing.coverage(),
        demand: standing.demand,
        supply_inside: standing.supply.map(|supply| supply.inside),
        supply_received: standing.supply.map(|supply| supply.received),
        shortfall_inside: standing.shortfall_inside(),
        shortfall_reach: standing.shortfall_reach(),
        access: standing.access(),
        standard_status: service.status.overall.clone(),
        unsnapped_residents: known(unsnapped),
        roadless_residents: known(roadless),
        too_far_residents: known(too_far),
        seated,
        short_for_certain: short,
        short_none_in_reach: none_in_reach,
        short_full: full,
        short_none_exists: none_exists,
        rule: presence.map_or_else(String::new, |presence| rule(service, presence)),
        required: presence.and_then(|presence| presence.required),
        present: presence.map(|presence| presence.present),
        enough: presence.map(|presence| presence.enough),
        unknown: presence.map(|presence| presence.unknown),
        attained: presence.map(|presence| presence.attained()),
        covered_public: public.map(|public| persons_whole(public.covered)),
        supply_inside_public: public.map(|public| public.inside),
        covered_otherwise: spread.map(|spread| persons_whole(spread.otherwise)),
        covered_least: spread.map(|spread| persons_whole(spread.least)),
        covered_most: spread.map(|spread| persons_whole(spread.most)),
        covered_radius: standing.covered_radius.map(persons_whole),
        coverage_radius: standing.coverage_radius(),
        substitute_residents: substituted.map(persons_whole),
    }
}

/// Whether it has substitutes, and something is known of the facilities of any.
fn has_substitute(result: &Outcome, service: &Service) -> bool {
    let mut rows = ServiceAt::enumerate(result.catalogue);
    rows.any(|(at, other)| service.substitutes.contains(&other.id) && result.supplied(at))
}

/// What a rule is counted by, and whether public facilities alone count.
fn rule(service: &Service, presence: Presence) -> String {
    let rule = &service.requires[presence.rule as usize];
    let public = if rule.public { "_public" } else { "" };
    format!("{}{public}", rule.per.name())
}

/// What is seated, short, and short for each cause, in tenths that add up; nothing where that cannot be said. Where a capacity is
/// not known, what is seated and what is full are not either, and so much is short at least.
fn certain(standing: &supply::Standing) -> [Option<f64>; 5] {
    let Some(certain) = standing.certain else {
        return [None; 5];
    };
    let Certain {
        seated,
        too_far,
        full,
        none_exists,
    } = certain;
    let [seated, too_far, full, none_exists] = tenths([seated, too_far, full, none_exists]);
    let has_supply = standing.supply.is_some();
    [
        Some(seated).filter(|_| has_supply),
        Some(too_far + full + none_exists),
        Some(too_far),
        Some(full).filter(|_| has_supply),
        Some(none_exists),
    ]
    .map(|tenths| tenths.map(|tenths| tenths as f64 / 10.0))
}

/// Millionths in tenths that add up to the rounded sum: each is the rounded difference of the running sum.
fn tenths<const N: usize>(millionths: [u64; N]) -> [u64; N] {
    let (mut sum, mut given) = (0, 0);
    millionths.map(|part| {
        sum += part;
        let until = (sum + 50_000) / 100_000;
        let tenths = until - given;
        given = until;
        tenths
    })
}
