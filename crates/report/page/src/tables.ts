// Made from the declarations in crates/io/src/tables by `UPDATE_SNAPSHOTS=1 cargo test -p fuwutu-report types`; not to be
// edited.

/** Chinese and English. */
export type Pair = readonly [string, string]

export const ATTAINED = ['yes', 'unknown', 'too_small', 'too_few', 'absent'] as const
export const ATTAINED_WORDS: Record<string, Pair> = {
  yes: ['达标', 'attained'],
  unknown: ['资料不详', 'not known'],
  too_small: ['规模不足', 'too small'],
  too_few: ['数量不足', 'too few'],
  absent: ['缺项', 'absent'],
}

export const STATUSES = ['existing', 'committed', 'planned', 'idle', 'closed'] as const
export const STATUSES_WORDS: Record<string, Pair> = {
  existing: ['现状', 'existing'],
  committed: ['在建', 'committed'],
  planned: ['规划', 'planned'],
  idle: ['闲置', 'idle'],
  closed: ['停用', 'closed'],
}

export const OWNERSHIP = ['public', 'private'] as const
export const OWNERSHIP_WORDS: Record<string, Pair> = {
  public: ['公办或普惠', 'public or inclusive'],
  private: ['民办', 'private'],
}

export const NOTES = ['over_cap', 'split_community', 'detached', 'empty', 'not_joined'] as const
export const NOTES_WORDS: Record<string, Pair> = {
  over_cap: ['超过人口上限', 'over the cap'],
  split_community: ['含拆分的社区（村）', 'contains part of a split community'],
  detached: ['含飞地', 'with a detached part'],
  empty: ['无常住人口', 'no residents'],
  not_joined: ['边界重叠未合并', 'boundaries could not be merged'],
}

export const SINCE = ['kept', 'changed', 'new'] as const
export const SINCE_WORDS: Record<string, Pair> = {
  kept: ['与上一轮相同', 'as in the last round'],
  changed: ['较上一轮有变化', 'changed since the last round'],
  new: ['本轮新设', 'new in this round'],
}

export const LEVELS = ['error', 'decision', 'notice'] as const
export const LEVELS_WORDS: Record<string, Pair> = {
  error: ['错误', 'error'],
  decision: ['需确认', 'decision'],
  notice: ['说明', 'notice'],
}

export const STANDARDS = ['verified', 'partly', 'secondary', 'recalled', 'proposed'] as const
export const STANDARDS_WORDS: Record<string, Pair> = {
  verified: ['已核实', 'verified'],
  partly: ['部分核实', 'partly'],
  secondary: ['转引', 'secondary'],
  recalled: ['待核实', 'recalled'],
  proposed: ['建议值', 'proposed'],
}

export const FIGURE_STATUSES = ['V', 'S', 'R', 'P', 'plan'] as const
export const FIGURE_STATUSES_WORDS: Record<string, Pair> = {
  V: ['已核实', 'verified'],
  S: ['转引', 'secondary'],
  R: ['待核实', 'recalled'],
  P: ['建议值', 'proposed'],
  plan: ['评估任务文件给出', 'given by the plan'],
}

/** A line of units.csv: units. */
export interface UnitRow {
  /** id of the unit. */
  'unit': string
  /** code of the township. */
  'township': string
  /** name of the township. */
  'township_name': string
  /** usual residents. */
  'residents': number
  /** number of its communities. */
  'communities': number
  /** whether it has more residents than the cap. */
  'over_cap': boolean
  /** whether its land hangs together. */
  'contiguous': boolean
  /** what is unusual. */
  'note': string
  /** first projected year in which it exceeds the cap. */
  'over_cap_year': number | null
  /** since the last round: kept, changed or new. */
  'since_last': string
  /** residents who belonged to another unit in the last round. */
  'moved_residents': number | null
  /** residents in this later year. */
  'residents_{year}': (number)[]
}

/** A line of townships.csv: townships. */
export interface TownshipRow {
  /** code of the township. */
  'township': string
  /** name of the township. */
  'township_name': string
  /** usual residents. */
  'residents': number
  /** number of units. */
  'units': number
  /** residents ÷ (units × cap): near 1, units pass the cap with little growth. */
  'fill': number
  /** no division into fewer is possible; not always reachable. */
  'lower_bound': number
  /** whether the number is proved to be the least. */
  'proved_least': boolean
}

/** A line of ranking.csv: ranking. */
export interface PlaceRow {
  /** place by priority, 1 first. */
  'place': number
  /** id of the unit. */
  'unit': string
  /** code of the township. */
  'township': string
  /** usual residents. */
  'residents': number
  /** growth of residents over the horizon. */
  'inflow_rate': number | null
  /** need, 0 to 100: weighted mean of what is missing of each service; 0 where nothing is, 100 where everything is. */
  'need': number
  /** people out of reach, summed over services. */
  'unserved_residents': number | null
  /** largest cause, a service. */
  'cause_1': string
  /** second cause. */
  'cause_2': string
  /** third cause. */
  'cause_3': string
  /** name of the township. */
  'township_name': string
  /** the part of the priority score that growth adds: priority score − need. */
  'inflow_part': number
  /** place by people unserved. */
  'place_by_unserved': number
  /** residents in the last year. */
  'residents_horizon': number
  /** first of the interval of places: nineteen in twenty draws put it at this place or a later one. */
  'place_first': number | null
  /** last of the interval of places: nineteen in twenty draws put it at this place or an earlier one. */
  'place_last': number | null
  /** share of draws in which it is among the first ten. */
  'in_first_ten': number | null
  /** 1 + λ × inflow. */
  'inflow_factor': number
  /** priority score: need × inflow factor; it orders the units, and those of the same figure stand in the order of their ids. */
  'priority': number
  /** the part of the need that rests on limits and norms that are only recalled or proposed, 0 to 1. */
  'unproven_share': number | null
  /** fewer residents in the base year than ranking.small. */
  'small': boolean
}

/** A line of counties.csv: services judged by county. */
export interface CountyRow {
  /** code of the county, six digits. */
  'county': string
  /** id of the service; its standard stands in round.json. */
  'service': string
  /** year. */
  'year': number
  /** usual residents. */
  'residents': number | null
  /** residents of the target group. */
  'target_residents': number | null
  /** capacity that the norm asks for. */
  'demand': number | null
  /** capacity of the open facilities; empty where facility data of a kind that counts were not supplied. */
  'capacity': number | null
  /** open facilities whose capacity is not known. */
  'capacity_unknown': number | null
  /** demand − capacity, not below 0; empty where any is not known. */
  'short': number | null
  /** capacity ÷ demand. */
  'supply_demand_ratio': number | null
  /** open facilities. */
  'facilities': number | null
  /** the rule of presence (township, street, town: how many of these must have theirs). */
  'rule': string
  /** how many it asks for. */
  'required': number | null
  /** how many there are: open facilities, or townships with them. */
  'present': number | null
  /** whether there are. */
  'attained': boolean | null
  /** how well the standard is established: verified, partly, secondary, recalled, proposed; documents, clauses, years and scopes stand in standards.csv. */
  'standard_status': string
}

/** A line of equity.csv: equity. */
export interface EquityRow {
  /** id of the service; its standard stands in round.json. */
  'service': string
  /** year. */
  'year': number
  /** residents of the target group. */
  'target_residents': number | null
  /** capacity received per person. */
  'mean_access': number | null
  /** Gini, over communities, by people. */
  'gini': number | null
  /** share of the tenth that has most ÷ that of the four tenths that have least. */
  'palma': number | null
  /** Theil's T. */
  'theil': number | null
  /** of it: between townships. */
  'theil_between_townships': number | null
  /** of it: within townships. */
  'theil_within_townships': number | null
  /** concentration index by growth, −1 to 1; below 0 where slow places have more. */
  'concentration_by_inflow': number | null
  /** capacity per person that the norm asks for. */
  'norm_access': number | null
  /** share of people below the norm (FGT 0). */
  'below_norm_share': number | null
  /** mean gap below it (FGT 1). */
  'below_norm_gap': number | null
  /** its severity (FGT 2). */
  'below_norm_severity': number | null
  /** share of all access held by this percentage of people, those with the least first, 0 to 1. */
  'lorenz_{tenth}': (number | null)[]
  /** why a figure cannot be computed. */
  'undefined': string
}

/** A line of findings.csv: findings. */
export interface FindingRow {
  /** error, decision or notice. */
  'level': string
  /** code of the finding. */
  'finding': string
  /** file. */
  'file': string
  /** row of a table, the header being 1. */
  'row': number | null
  /** number of a feature in a layer, from 1. */
  'feature': number | null
  /** id of the service that it is about. */
  'service': string
  /** id. */
  'id': string
  /** column. */
  'column': string
  /** value. */
  'value': string
  /** how many findings this line stands for: 1, or in a last line the rest of very many of a kind. */
  'count': number
  /** share of the residents, of the service's facilities or of the streets that all findings of the kind about the file or service concern; a decision that concerns 1 % or less is a notice. */
  'share': number | null
  /** problem. */
  'what': string
  /** what was done. */
  'done': string
  /** problem, in Chinese. */
  '说明': string
  /** what was done, in Chinese. */
  '处理': string
}

/** A line of round.json: totals of the city. */
export interface TotalRow {
  /** id of the service; its standard stands in round.json. */
  'service': string
  /** year. */
  'year': number
  /** residents of the target group. */
  'target': number | null
  /** those of the target group with an open facility within the limit. */
  'covered': number | null
  /** those of the target group without one. */
  'not_covered': number | null
  /** not covered, too far from every street that can be used. */
  'unsnapped': number | null
  /** not covered, outside the network. */
  'roadless': number | null
  /** not covered, all others. */
  'too_far': number | null
  /** covered in straight lines × detour. */
  'covered_straight': number | null
  /** those covered if the residents of whom only the community is known were spread in the other way; in the base year, empty where all have demand points. */
  'covered_otherwise': number | null
  /** those covered wherever in their communities people live; in the base year, empty where all have demand points. */
  'covered_least': number | null
  /** those covered if people live where it is best for them; in the base year, empty where all have demand points. */
  'covered_most': number | null
  /** whether the limit leads less far than the communities are wide, so that the coverage depends on how residents are spread over them. */
  'spread_matters': boolean | null
  /** covered within the service radius, as the crow flies; empty where a limit has no radius. */
  'covered_radius': number | null
  /** sum of the units' shortfalls in reach. */
  'short': number | null
  /** units that ask for capacity and whose supply is not known. */
  'units_not_judged': number
  /** open facilities; empty where no facility data were supplied. */
  'facilities': number | null
  /** open facilities whose capacity is not known. */
  'capacity_unknown': number | null
  /** capacity of the open facilities; empty where any is not known. */
  'capacity': number | null
  /** sum of what the units receive. */
  'received': number | null
  /** capacity that nobody reaches. */
  'reached_by_nobody': number | null
  /** demand that the fair greatest assignment seats. */
  'certain_seated': number | null
  /** demand that no assignment can seat; at least so much where a capacity is not known; asked at every place within the limit, so it can be large where the shortfall is 0. */
  'certain_short': number | null
  /** of it: no facility is open within the limit. */
  'certain_too_far': number | null
  /** of it: all facilities within the limit are full. */
  'certain_full': number | null
  /** of it: none is open in the whole city. */
  'certain_none_exists': number | null
  /** whether a capacity is not known, so that it is at least so much. */
  'certain_at_least': boolean | null
  /** units for which a rule of presence applies; empty where no facility data were supplied. */
  'units_with_a_rule': number | null
  /** those of them that keep all. */
  'units_attained': number | null
  /** those of them whose sizes or owners are not known. */
  'units_undecided': number | null
}

/** A line of completeness.csv: completeness. */
export interface CompletenessRow {
  /** unit, township or city. */
  'area': string
  /** id of the unit or code of the township; empty for the city. */
  'id': string
  /** year. */
  'year': number
  /** limit: the own limit of each service; walk_15: 15 minutes on foot for all. */
  'within': string
  /** basic services, or all that are selected. */
  'services': string
  /** services that count: those with a limit that do not only add capacity to others. */
  'count': number
  /** residents for whom at least one service counts. */
  'residents': number | null
  /** those of them who have all services in reach that count for them. */
  'complete_residents': number | null
  /** those with all in reach ÷ residents. */
  'share': number | null
  /** services in reach ÷ services that count, over all residents. */
  'mean_share': number | null
  /** residents who lack so many services. */
  'lacking_{count}': (number | null)[]
  /** of those who lack one service only, the one that most of them lack. */
  'lacked_service': string
  /** residents who lack that service only. */
  'lacked_residents': number | null
  /** share of these ages with all in reach. */
  'share_{age}': (number | null)[]
}

export type Field =
  /** residents of the target group. */
  | 'target_residents'
  /** those of the target group with an open facility within the limit. */
  | 'covered_residents'
  /** covered ÷ target, 0 to 1. */
  | 'coverage'
  /** capacity that the norm asks for. */
  | 'demand'
  /** capacity of the open facilities in the unit. */
  | 'supply_inside'
  /** the unit's part of all capacity in reach, across borders (2SFCA). */
  | 'supply_received'
  /** demand − supply inside, not below 0. */
  | 'shortfall_inside'
  /** demand − accessible supply, not below 0: of totals, so that plenty in one place offsets want in another. */
  | 'shortfall_reach'
  /** access: accessible supply per person of the target group, in the unit of capacity. */
  | 'access'
  /** not covered, too far from every street that can be used. */
  | 'unsnapped_residents'
  /** not covered, outside the network. */
  | 'roadless_residents'
  /** not covered, all others. */
  | 'too_far_residents'
  /** demand that the fair greatest assignment seats; empty where a capacity in reach is not known. */
  | 'seated'
  /** demand that no assignment can seat; at least so much where a capacity is not known; asked at every place within the limit, so it can be large where the shortfall is 0. */
  | 'short_for_certain'
  /** of it: no facility is open within the limit. */
  | 'short_none_in_reach'
  /** of it: all facilities within the limit are full. */
  | 'short_full'
  /** of it: none is open in the whole city. */
  | 'short_none_exists'
  /** how many it asks for. */
  | 'required'
  /** how many there are. */
  | 'present'
  /** how many of them are large (and public) enough. */
  | 'enough'
  /** of how many of them that is not known. */
  | 'unknown'
  /** covered by public and inclusive facilities alone; empty where any owner is not known. */
  | 'covered_public'
  /** supply inside of public and inclusive facilities alone. */
  | 'supply_inside_public'
  /** those covered if the residents of whom only the community is known were spread in the other way; in the base year, empty where all have demand points. */
  | 'covered_otherwise'
  /** those covered wherever in their communities people live; in the base year, empty where all have demand points. */
  | 'covered_least'
  /** those covered if people live where it is best for them; in the base year, empty where all have demand points. */
  | 'covered_most'
  /** those of the target group with an open facility within the service radius of the limit, as the crow flies; empty where a limit has no radius. */
  | 'covered_radius'
  /** within the radius ÷ target, 0 to 1. */
  | 'coverage_radius'
  /** not covered, with a substitute within the limit. */
  | 'substitute_residents'
  /** covered in straight lines × detour. */
  | 'covered_straight'
  /** detour of half of the people at most. */
  | 'detour_median'
  /** detour of nine in ten people at most. */
  | 'detour_p90'

export type OfferColumn =
  /** existing, committed, planned, idle or closed. */
  | 'status'
  /** the year from which it is open. */
  | 'opens'
  /** the year from which it is closed. */
  | 'closes'
  /** capacity, by the hours that it is open. */
  | 'capacity'
  /** size, in the unit of the service's minimum. */
  | 'size'
  /** public (or inclusive) or private; empty where not known. */
  | 'ownership'

