//! `data-dictionary.csv`: what every column of the tables beside it is, in Chinese and English.

use super::csv_text::Cells;

/// A column of a file, or of all files (`*`) that have one of this name and none of their own here.
struct Entry(&'static str, &'static str, &'static str, &'static str);

/// One line a column, in the order of `headers`: names of files, each with its header as written.
pub(super) fn dictionary(headers: &[(String, String)]) -> String {
    let mut cells = Cells::excel(&["file", "column", "说明", "meaning"]);
    for (file, header) in headers {
        for column in header.trim_start_matches('\u{feff}').trim_end().split(',') {
            let [zh, en] = meaning(file, column).unwrap_or_default();
            cells.row(&[file, column, zh, en]);
        }
    }
    cells.text()
}

/// What a column of one of the round's tables is, in Chinese and English; `None` where nobody has said.
#[must_use]
pub fn meaning(file: &str, column: &str) -> Option<[&'static str; 2]> {
    if column.starts_with("lorenz_") {
        return Some([
            "可达量最少的百分之几的人所占的可达量份额，0 至 1",
            "share of all access that so many in a hundred who have least have, 0 to 1",
        ]);
    }
    if column.starts_with("age_") {
        return Some(["该年龄段的常住人口（人）", "usual residents of these ages"]);
    }
    if let Some(found) = by_pattern(file, column) {
        return Some(found);
    }
    let of = |name: &str| {
        ENTRIES
            .iter()
            .find(|entry| entry.0 == name && entry.1 == column)
    };
    of(file)
        .or_else(|| of("*"))
        .map(|Entry(_, _, zh, en)| [*zh, *en])
}

/// Columns that are named after a service or a year.
fn by_pattern(file: &str, column: &str) -> Option<[&'static str; 2]> {
    let year = column
        .rsplit_once('_')
        .is_some_and(|(_, year)| year.parse::<i32>().is_ok());
    match file {
        "units.csv" if year => Some(["该年的推算人口（人）", "residents in this later year"]),
        "served.csv" if year => Some([
            "单元该年从该设施分得的规模（2SFCA）；设施未开放为 0，没有规模的服务为空",
            "capacity that the unit receives from it in this year (2SFCA); 0 while it is closed, empty for services without a capacity",
        ]),
        "demand.csv" if year => Some([
            "当地对象人口中，在该年开放设施时限内的百分比；没有对象人口为空；没有列出的年份与前一年相同",
            "per cent of the target group living there within the limit of what is open in this year; empty for nobody; a year without a column is as the one before",
        ]),
        "demand.csv" if column.ends_with("_minutes") => Some([
            "基年到最近的开放设施的时间（分钟）；超过时限为空",
            "minutes to the nearest facility open in the base year; empty beyond the limit",
        ]),
        _ => None,
    }
}

#[rustfmt::skip]
const ENTRIES: &[Entry] = &[
    Entry("*", "unit", "单元编号", "id of the unit"),
    Entry("*", "township", "镇（街道）代码", "code of the township"),
    Entry("*", "township_name", "镇（街道）名称", "name of the township"),
    Entry("*", "community", "社区（村）代码", "code of the community"),
    Entry("*", "community_name", "社区（村）名称", "name of the community"),
    Entry("*", "county", "区县代码（六位）", "code of the county, six digits"),
    Entry("*", "service", "服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"),
    Entry("*", "year", "年份", "year"),
    Entry("*", "residents", "常住人口（人）", "usual residents"),
    Entry("*", "target_residents", "对象人口（人）", "residents of the target group"),
    Entry("*", "standard_status", "标准状态：verified 已核，partly 部分核实，secondary 转引，recalled 待核，proposed 建议值", "how well the standard is established: verified, partly, secondary, recalled, proposed"),
    Entry("*", "place", "位次，按紧迫度", "place by need, 1 first"),
    Entry("*", "undefined", "指标无法计算的原因", "why a figure cannot be told"),
    Entry("*", "note", "说明", "what is unusual"),
    Entry("*", "facility", "设施编号", "id of the facility"),
    Entry("*", "lon", "经度，CGCS2000/WGS 84", "longitude, CGCS2000/WGS 84"),
    Entry("*", "lat", "纬度", "latitude"),
    Entry("facilities.csv", "facility_name", "设施名称", "its name"),
    Entry("facilities.csv", "status", "状态：existing 现状，committed 在建，planned 规划，idle 闲置，closed 停用", "existing, committed, planned, idle or closed"),
    Entry("facilities.csv", "opens", "开放年份", "the year from which it is open"),
    Entry("facilities.csv", "capacity", "规模，已按开放小时折算", "capacity, by the hours that it is open"),
    Entry("facilities.csv", "capacity_unit", "规模的单位", "what capacity is counted in"),
    Entry("facilities.csv", "size", "规模大小，按该服务最小规模的单位", "size, in the unit of the service's minimum"),
    Entry("facilities.csv", "ownership", "public 公办或普惠，private 民办；不明为空", "public (or inclusive) or private; empty where not known"),
    Entry("served.csv", "people_in_reach", "基年对象人口中，该设施在时限内的人（开放与否不计）", "those of the target group in the base year who have it within the limit, be it open or not"),
    Entry("served.csv", "minutes_least", "其中最近的人所需时间（分钟）", "minutes of the nearest of them"),
    Entry("served.csv", "minutes_mean", "其平均时间（分钟，按人口）", "their mean minutes, by people"),
    Entry("demand.csv", "point", "需求点编号；合并为方格时为空", "id of the demand point; empty for a square"),
    Entry("demand.csv", "side_m", "方格边长（米）；0 为单个需求点", "side of the square in metres; 0 for a demand point"),
    Entry("demand.csv", "points", "需求点数", "demand points"),
    Entry("origins.csv", "kind", "facility 设施，point 需求点", "facility or point (demand point)"),
    Entry("origins.csv", "id", "编号", "its id"),
    Entry("origins.csv", "file", "输入文件", "input file"),
    Entry("origins.csv", "row", "所在行", "its row"),
    Entry("units.csv", "communities", "所含社区（村）数", "number of its communities"),
    Entry("units.csv", "over_cap", "是否超过人口上限", "whether it has more residents than the cap"),
    Entry("units.csv", "contiguous", "是否连片", "whether its land hangs together"),
    Entry("units.csv", "over_cap_year", "首个超过上限的推算年份", "first projected year in which it exceeds the cap"),
    Entry("units.csv", "since_last", "与上一轮相比：kept 保留，changed 变化，new 新设", "since the last round: kept, changed or new"),
    Entry("units.csv", "moved_residents", "划入的人口（人）", "residents who belonged to another unit in the last round"),
    Entry("townships.csv", "units", "单元数", "number of units"),
    Entry("townships.csv", "lower_bound", "单元数下界，不一定能达到", "no division into fewer is possible; not always reachable"),
    Entry("townships.csv", "proved_least", "是否已证明最少", "whether the number is proved to be the least"),
    Entry("standing.csv", "covered_residents", "时限内有开放设施的对象人口", "those of the target group with an open facility within the limit"),
    Entry("standing.csv", "coverage", "覆盖率，0 至 1", "covered ÷ target, 0 to 1"),
    Entry("standing.csv", "demand", "按标准应有的规模", "capacity that the norm asks for"),
    Entry("standing.csv", "supply_inside", "单元内开放设施的规模", "capacity of the open facilities in the unit"),
    Entry("standing.csv", "supply_received", "单元分得的可达规模（2SFCA，含跨界）", "the unit's part of all capacity in reach, across borders (2SFCA)"),
    Entry("standing.csv", "shortfall_inside", "缺口：需求减单元内规模", "demand − supply inside, not below 0"),
    Entry("standing.csv", "shortfall_reach", "缺口：需求减分得规模", "demand − supply received, not below 0"),
    Entry("standing.csv", "access", "人均分得规模", "supply received per person of the target group"),
    Entry("standing.csv", "unsnapped_residents", "未覆盖且离可用道路太远的人", "not covered, too far from every street that can be used"),
    Entry("standing.csv", "roadless_residents", "未覆盖且在路网之外的人", "not covered, outside the network"),
    Entry("standing.csv", "too_far_residents", "未覆盖的其余的人", "not covered, all others"),
    Entry("standing.csv", "seated", "最大分配下得到安排的需求；可达设施规模不明时为空", "demand that the fair greatest assignment seats; empty where a capacity in reach is not known"),
    Entry("standing.csv", "short_for_certain", "确定缺口：无论怎样分配都安排不下的需求（规模不明时为下限）", "demand that no assignment can seat; at least so much where a capacity is not known"),
    Entry("standing.csv", "short_none_in_reach", "其中：时限内没有开放设施", "of it: no facility is open within the limit"),
    Entry("standing.csv", "short_full", "其中：时限内的设施都已满", "of it: all facilities within the limit are full"),
    Entry("standing.csv", "short_none_exists", "其中：全市没有开放设施", "of it: none is open in the whole city"),
    Entry("standing.csv", "rule", "差距最大的配置规则（_public：只计公办和普惠）", "the rule of presence that the unit is farthest from (_public: public ones alone)"),
    Entry("standing.csv", "required", "该规则要求的数量", "how many it asks for"),
    Entry("standing.csv", "present", "现有数量", "how many there are"),
    Entry("standing.csv", "enough", "其中规模（和性质）达到要求的数量", "how many of them are large (and public) enough"),
    Entry("standing.csv", "unknown", "其中规模或性质不明的数量", "of how many of them that is not known"),
    Entry("standing.csv", "attained", "达标：yes 达标，unknown 不明，too_small 规模不足，too_few 数量不足，absent 缺项", "yes, unknown, too_small, too_few or absent"),
    Entry("standing.csv", "covered_public", "只计公办和普惠设施的覆盖人口；设施性质不全时为空", "covered by public and inclusive facilities alone; empty where any owner is not known"),
    Entry("standing.csv", "supply_inside_public", "只计公办和普惠设施的单元内规模", "supply inside of public and inclusive facilities alone"),
    Entry("standing.csv", "substitute_residents", "未覆盖但时限内有替代设施的人", "not covered, with a substitute within the limit"),
    Entry("streets.csv", "mode", "出行方式", "how one travels"),
    Entry("streets.csv", "on_streets_residents", "接入路网的人口", "residents on the network"),
    Entry("streets.csv", "unsnapped_residents", "离可用道路太远的人口", "residents too far from every street that can be used"),
    Entry("streets.csv", "roadless_residents", "路网之外的人口", "residents outside the network"),
    Entry("compare.csv", "covered_streets", "按路网覆盖的人口", "covered on streets"),
    Entry("compare.csv", "covered_straight", "按直线覆盖的人口", "covered in straight lines"),
    Entry("compare.csv", "coverage_streets", "按路网的覆盖率", "coverage on streets"),
    Entry("compare.csv", "coverage_straight", "按直线的覆盖率", "coverage in straight lines"),
    Entry("compare.csv", "detour_median", "绕行系数：半数人不超过", "detour of half of the people at most"),
    Entry("compare.csv", "detour_p90", "绕行系数：九成人不超过", "detour of nine in ten people at most"),
    Entry("equity.csv", "mean_access", "人均可达规模", "capacity received per person"),
    Entry("equity.csv", "gini", "基尼系数，按社区，人口加权", "Gini, over communities, by people"),
    Entry("equity.csv", "palma", "最多的一成人与最少的四成人所占份额之比", "share of the tenth that has most ÷ that of the four tenths that have least"),
    Entry("equity.csv", "theil", "泰尔指数 T", "Theil's T"),
    Entry("equity.csv", "theil_between_townships", "其中：镇（街道）之间", "of it: between townships"),
    Entry("equity.csv", "theil_within_townships", "其中：镇（街道）之内", "of it: within townships"),
    Entry("equity.csv", "concentration_by_inflow", "按人口增长排序的集中指数，-1 至 1；负值表示增长慢处较多", "concentration index by growth, −1 to 1; below 0 where slow places have more"),
    Entry("equity.csv", "norm_access", "按标准应有的人均规模", "capacity per person that the norm asks for"),
    Entry("equity.csv", "below_norm_share", "低于标准的人口占比（FGT0）", "share of people below the norm (FGT 0)"),
    Entry("equity.csv", "below_norm_gap", "平均差距（FGT1）", "mean gap below it (FGT 1)"),
    Entry("equity.csv", "below_norm_severity", "差距的严重程度（FGT2）", "its severity (FGT 2)"),
    Entry("counties.csv", "demand", "按标准应有的规模", "capacity that the norm asks for"),
    Entry("counties.csv", "capacity", "开放设施的规模", "capacity of the open facilities"),
    Entry("counties.csv", "capacity_unknown", "规模不明的设施数", "open facilities whose capacity is not known"),
    Entry("counties.csv", "short", "缺口；规模不全时为空", "demand − capacity, not below 0; empty where any is not known"),
    Entry("counties.csv", "supply_demand_ratio", "供需比", "capacity ÷ demand"),
    Entry("counties.csv", "facilities", "开放设施数", "open facilities"),
    Entry("counties.csv", "required", "应有的设施数", "how many there must be"),
    Entry("counties.csv", "attained", "是否达到", "whether there are"),
    Entry("ties.csv", "branch", "分支机构编号", "id of the branch"),
    Entry("ties.csv", "branch_name", "分支机构名称", "name of the branch"),
    Entry("ties.csv", "hub", "牵头机构编号", "id of its hub"),
    Entry("ties.csv", "hub_name", "牵头机构名称", "name of its hub"),
    Entry("ties.csv", "minutes", "到牵头机构的时间（分钟）", "minutes to the hub"),
    Entry("ties.csv", "limit", "时限（分钟）", "minutes allowed"),
    Entry("ties.csv", "tied", "yes 已建立，no_hub 未填，hub_unknown 编号不存在，hub_closed 未开放，hub_of_other_kind 类别不符，off_streets 接不上路网，too_far 超过时限", "yes, no_hub, hub_unknown, hub_closed, hub_of_other_kind, off_streets or too_far"),
    Entry("ranking.csv", "inflow_rate", "推算期内的人口增长率", "growth of residents over the horizon"),
    Entry("ranking.csv", "need", "紧迫度", "need, 0 upwards"),
    Entry("ranking.csv", "unserved_residents", "未覆盖人次", "people out of reach, summed over services"),
    Entry("ranking.csv", "cause_1", "最主要原因（服务编号）", "largest cause, a service"),
    Entry("ranking.csv", "cause_2", "第二原因", "second cause"),
    Entry("ranking.csv", "cause_3", "第三原因", "third cause"),
    Entry("ranking.csv", "inflow_part", "紧迫度中因人口流入的部分", "the part of need that growth adds"),
    Entry("ranking.csv", "place_by_unserved", "位次，按未覆盖人次", "place by people unserved"),
    Entry("ranking.csv", "residents_horizon", "推算末年人口（人）", "residents in the last year"),
    Entry("ranking.csv", "place_first", "抽样中位次区间的前端", "nineteen in twenty draws put it at this place or a later one"),
    Entry("ranking.csv", "place_last", "抽样中位次区间的后端", "nineteen in twenty draws put it at this place or an earlier one"),
    Entry("ranking.csv", "in_first_ten", "抽样中列入前十的次数占比", "share of draws in which it is among the first ten"),
    Entry("causes.csv", "weight", "权重", "weight of the service"),
    Entry("causes.csv", "shortfall_rate", "缺口率：供给缺口或未覆盖率，取大者", "missing share, of capacity or of people within reach, whichever is more"),
    Entry("causes.csv", "target_share", "对象人口占比", "target group ÷ residents"),
    Entry("causes.csv", "part", "紧迫度中的部分", "its part of need"),
    Entry("topsis.csv", "closeness", "贴近度，0 至 1", "how near the unit is to the worst shortfall of every service, 0 to 1"),
    Entry("topsis.csv", "place_by_topsis", "按贴近度的位次", "place by closeness"),
    Entry("topsis.csv", "entropy_weight", "熵权", "entropy weight of the service"),
    Entry("coupling.csv", "supply_index", "供给指数，0 至 1", "supply, scaled to 0 to 1 over the units"),
    Entry("coupling.csv", "demand_index", "需求指数，0 至 1", "demand, scaled to 0 to 1 over the units"),
    Entry("coupling.csv", "coupling", "耦合度 C", "coupling C"),
    Entry("coupling.csv", "level", "综合水平 T", "level T"),
    Entry("coupling.csv", "coordination", "耦合协调度 D", "coordination D"),
    Entry("coupling.csv", "coupling_corrected", "修正的 C", "C, corrected"),
    Entry("coupling.csv", "coordination_corrected", "修正的 D", "D with the corrected C"),
    Entry("projection.csv", "geometric", "几何法（人）", "residents by the geometric method"),
    Entry("projection.csv", "linear", "线性法（人）", "residents by the linear method"),
    Entry("projection.csv", "shift_share", "份额变动法（人）", "residents by shift-share"),
    Entry("projection.csv", "residents", "中方案人口（人）", "residents, the middle figure"),
    Entry("projection.csv", "flag", "no_base 无往期，tiny_base 基数过小，capped 增速受限", "no_base, tiny_base or capped"),
    Entry("projection.csv", "mean", "三法平均（人）", "mean of the three methods"),
    Entry("projection.csv", "trend", "趋势（按区县调整后）（人）", "by the trend: the mean, scaled to the county's"),
    Entry("projection.csv", "housing", "新建住宅超出趋势带来的人口（人）", "whom new dwellings bring beyond the trend"),
    Entry("projection.csv", "control_factor", "按区县总数调整的系数", "factor by which a county's communities meet its total"),
    Entry("projection.csv", "low", "低方案（人）", "low figure"),
    Entry("projection.csv", "high", "高方案（人）", "high figure"),
    Entry("backtest.csv", "method", "方法", "method"),
    Entry("backtest.csv", "from_year", "第一个年份", "first of the two dates projected from"),
    Entry("backtest.csv", "until_year", "第二个年份", "second of them"),
    Entry("backtest.csv", "tested_year", "被检验的年份", "the date that is compared"),
    Entry("backtest.csv", "size_from", "社区规模下限（人）；空为全部", "communities from this size; empty for all"),
    Entry("backtest.csv", "size_below", "社区规模上限（人）", "and below this"),
    Entry("backtest.csv", "communities", "社区数", "number of communities"),
    Entry("backtest.csv", "tested_residents", "被检验年份的人口（人）", "their residents at the tested date"),
    Entry("backtest.csv", "mean_error", "平均误差（人）", "mean error, in persons"),
    Entry("backtest.csv", "mean_absolute_share", "平均绝对百分比误差", "mean absolute error ÷ residents"),
    Entry("backtest.csv", "weighted_absolute_share", "人口加权的绝对百分比误差", "the same, weighted by people"),
    Entry("backtest.csv", "within_band_share", "落在低高方案之间的社区占比", "share of communities within the band"),
    Entry("findings.csv", "level", "error 错误，decision 待定，notice 提示", "error, decision or notice"),
    Entry("findings.csv", "finding", "问题代码", "code of the finding"),
    Entry("findings.csv", "file", "文件", "file"),
    Entry("findings.csv", "row", "行", "row"),
    Entry("findings.csv", "id", "编号", "id"),
    Entry("findings.csv", "column", "列", "column"),
    Entry("findings.csv", "value", "值", "value"),
    Entry("findings.csv", "what", "问题（英文）", "what is the matter"),
    Entry("findings.csv", "done", "处理（英文）", "what was done"),
    Entry("findings.csv", "说明", "问题", "what is the matter, in Chinese"),
    Entry("findings.csv", "处理", "处理", "what was done, in Chinese"),
];
