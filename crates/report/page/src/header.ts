// What stands in the header of the data, as the writer puts it there (crates/report/src/page).

/** Chinese and English. */
export type Pair = readonly [string, string]

export interface Column {
  type: 'u8' | 'u16' | 'u32' | 'i32' | 'f64'
  at: number
  len: number
}

/** A service's limit for urban or rural communities. */
export interface Limit {
  mode: string
  minutes: number
  radius_m?: number
}

/** A row of the catalogue of standards. */
export interface Row {
  id: string
  name: { zh: string; en: string }
  category?: string
  levels?: string[]
  tier: 'basic' | 'improved'
  target: string
  urban?: Limit | null
  rural?: Limit | null
  capacity_unit?: string
  norm: {
    basis: string
    per_1000_low?: number | null
    per_1000_high?: number | null
    per_target_person?: number | null
    m2_per_100_households?: number | null
  }
  minimum?: { size: number; unit: string } | null
  presence?: string
  requires?: Requirement[]
  status: { reach?: string; demand?: string; size?: string; overall: string }
  source: string
  notes?: string
}

/** A rule of presence. */
export interface Requirement {
  per: string
  count: number
  every?: number | null
  public?: boolean
}

export interface Service {
  id: string
  name: Pair
  short: Pair
  unit: Pair
  row: Row
}

export interface Total {
  service: string
  year: number
  target: number | null
  covered: number | null
  not_covered: number | null
  unsnapped: number | null
  roadless: number | null
  too_far: number | null
  covered_straight: number | null
  short: number | null
  units_not_judged: number | null
  facilities: number | null
  capacity_unknown: number | null
  capacity: number | null
  received: number | null
  reached_by_nobody: number | null
  certain: { seated: number; short: number; too_far: number; full: number; none_exists: number; at_least: boolean } | null
  units_with_a_rule: number | null
  units_attained: number | null
  units_undecided: number | null
}

export interface UnitInfo {
  id: string
  name: string
  township: number
  communities: number
  over_cap: boolean
  contiguous: boolean
  notes: string[]
  over_cap_year: number | null
  since: 'kept' | 'changed' | 'new' | null
}

/** A line of the ranking; a cause is service, weight, shortfall rate, share of the target group, part. */
export interface Place {
  place: number
  unit: number
  inflow_rate: number | null
  need: number
  inflow_part: number
  unserved: number | null
  place_by_unserved: number
  certainty: [number, number, number] | null
  causes: [number, number, number, number, number][]
}

export interface County {
  county: string
  service: string
  year: number
  residents: number | null
  demand: number | null
  capacity: number | null
  capacity_unknown: number | null
  short: number | null
  ratio: number | null
  facilities: number | null
  required: number | null
  attained: boolean | string | null
}

export interface Equity {
  service: number
  year: number
  mean: number | null
  gini: number | null
  palma: number | null
  theil: number | null
  below_norm_share: number | null
}

export interface Finding {
  level: string
  finding: string
  file: string
  row: number | string | null
  id: string | null
  column: string | null
  value: string | null
  what: Pair
  done: Pair
}

export interface ChangeTable {
  title: Pair
  header: Pair[]
  rows: (string | Pair)[][]
  unit: number | null
  more: number
}

/** A plan as round.json tells it; only what the page shows is named. */
export interface Plan {
  round?: { name?: string; base_year?: number; horizon_years?: number }
  units?: { cap?: number }
  travel?: {
    mode?: 'streets' | 'straight'
    pace_m_per_s?: number
    slow_pace_m_per_s?: number | null
    ebike_m_per_s?: number
    car_bus_m_per_s?: number
    detour?: number
    snap_m?: number
    compare?: boolean
  }
  access?: { decay?: unknown }
  people?: { household_size?: number }
  growth?: Record<string, unknown>
  ranking?: {
    basic?: number
    improved?: number
    inflow_weight?: number
    inflow_reference?: number
    certainty?: { draws?: number; weights?: number; pace?: number }
  }
  inputs?: Record<string, unknown>
  [section: string]: unknown
}

export interface Header {
  format: number
  edition: 'internal' | 'public'
  small: number | null
  round: string
  version: string
  synthetic: boolean
  map_approval: string | null
  date: string | null
  statement: Pair
  datum: string
  attribution: string | null
  years: number[]
  totals: Total[]
  city: Record<string, number>
  units_info: { count: number; over_cap: number; townships_proved_least: number; residents_by_year: { year: number; residents: number }[] }
  projection: { ages: string; variant: string; residents: { year: number; low: number; middle: number; high: number }[] } | null
  roads: { crossings: number; edges: number; length_km: number; attribution?: string | null } | null
  plan: Plan
  inputs: { path: string; bytes: number; sha256: string }[]
  frame: { west: number; south: number; east: number; north: number }
  services: Service[]
  county_services: Service[]
  townships: { code: string; name: string; residents: number | null }[]
  units: UnitInfo[]
  communities: { code: string; name: string; residents: number | null; units: number[] }[]
  places: Place[]
  counties: County[]
  equities: Equity[]
  findings: Finding[]
  findings_total: number
  files: string[]
  rules: string[]
  offers: { ids: string[]; names: string[] }
  words: { status: Record<string, Pair>; attained: Record<string, Pair>; notes: Record<string, Pair> }
  demand: { side_m: number; columns: [string | number, number][]; minutes: boolean }
  offers_left_out: number
  need_limits: number[]
  change: { from: string; to: string; tables: ChangeTable[] } | null
  columns: Record<string, Column>
}
