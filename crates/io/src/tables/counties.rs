//! `counties.csv`: one line a county, service and year, of what is judged for a county as a whole.

use super::{Kind, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;
use crate::words::STANDARD;

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
        required: Option<u32> = Kind::Count, Everybody, ["应有（处）", "required"], ["应有的设施数", "how many there must be"];
        attained: Option<bool> = Kind::Truth, Everybody, ["达标", "attained"], ["是否达到", "whether there are"];
        standard_status: String = Kind::Code(STANDARD), Everybody, ["依据可靠性", "status of the standard"], ["依据可靠性：verified 已核实，partly 部分核实，secondary 转引，recalled 待核实，proposed 建议值", "how well the standard is established: verified, partly, secondary, recalled, proposed"];
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
                required: county.required,
                attained: county.attained(),
                standard_status: service.status.overall.clone(),
            }
        })
        .collect()
}
