//! `counties.csv`: one line a county, service and year, of what is judged for a county as a whole.

use super::{Kind, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;
use crate::words::{RULE, STANDARD};

table! {
    County in "counties.csv", ["按区县总量评价的服务", "services judged by county"] {
        county: String = Kind::Id, Everybody, ["区县代码", "county"], ["区县代码（六位）", "code of the county, six digits"];
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        year: i32 = Kind::Year, Everybody, ["年份", "year"], ["年份", "year"];
        residents: Option<u64> = Kind::Persons, Made, ["常住人口（人）", "residents (persons)"], ["常住人口（人）", "usual residents"];
        target_residents: Option<u64> = Kind::Persons, Office, ["服务人口（人）", "target group (persons)"], ["服务人口（人）", "residents of the target group"];
        demand: Option<f64> = Kind::Capacity, Made, ["需求", "demand"], ["按标准应有的规模", "capacity that the norm asks for"];
        capacity: Option<f64> = Kind::Capacity, Everybody, ["规模", "capacity"], ["开放设施的规模；有一类未提供设施数据为空", "capacity of the open facilities; empty where facility data of a kind that counts were not supplied"];
        capacity_unknown: Option<u32> = Kind::Count, Everybody, ["规模不详（处）", "capacity not known"], ["规模不详的设施数", "open facilities whose capacity is not known"];
        short: Option<f64> = Kind::Capacity, Made, ["缺口", "short"], ["缺口；规模不全时为空", "demand − capacity, not below 0; empty where any is not known"];
        supply_demand_ratio: Option<f64> = Kind::Share(4), Made, ["供需比", "capacity ÷ demand"], ["供需比", "capacity ÷ demand"];
        facilities: Option<u32> = Kind::Count, Everybody, ["开放设施（处）", "open facilities"], ["开放设施数", "open facilities"];
        rule: String = Kind::Code(RULE), Everybody, ["配置规则", "rule"], ["配置规则（township、street、town：应有设施的镇街）", "the rule of presence (township, street, town: how many of these must have theirs)"];
        required: Option<u32> = Kind::Count, Everybody, ["应有（处）", "required"], ["该规则要求的数量", "how many it asks for"];
        present: Option<u32> = Kind::Count, Everybody, ["现有（处）", "present"], ["现有数量：开放设施，或有开放设施的镇街", "how many there are: open facilities, or townships with them"];
        attained: Option<bool> = Kind::Truth, Everybody, ["达标", "attained"], ["是否达到", "whether there are"];
        standard_status: String = Kind::Code(STANDARD), Everybody, ["依据可靠性", "status of the standard"], ["依据可靠性：verified 已核实，partly 部分核实，secondary 转引，recalled 待核实，proposed 建议值；文件、条款、年份和适用范围见 standards.csv", "how well the standard is established: verified, partly, secondary, recalled, proposed; documents, clauses, years and scopes stand in standards.csv"];
    }
}

/// County by county, service by service, year by year.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<County> {
    result
        .round
        .counties
        .iter()
        .map(|county| {
            let service = &result.catalogue[county.service];
            County {
                county: county.county.clone(),
                service: service.id.clone(),
                year: county.year,
                residents: Some(persons_whole(county.residents)),
                target_residents: Some(persons_whole(county.target)),
                demand: county.demand,
                capacity: county.supplied.then_some(county.capacity),
                capacity_unknown: county.supplied.then_some(county.unknown),
                short: county.short(),
                supply_demand_ratio: county.ratio(),
                facilities: county.supplied.then_some(county.open),
                rule: county.rule.map_or_else(String::new, |rule| {
                    service.requires[rule].per.name().to_owned()
                }),
                required: county.required,
                present: county
                    .required
                    .filter(|_| county.supplied)
                    .map(|_| county.present),
                attained: county.attained(),
                standard_status: service.status.overall.clone(),
            }
        })
        .collect()
}
