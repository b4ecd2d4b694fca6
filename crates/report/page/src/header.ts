// What stands in the header of the data, as the writer puts it there (crates/report/src/page).

import type { CompletenessRow, CountyRow, EquityRow, Pair, PlaceRow, TotalRow, TownshipRow, UnitRow } from './tables'

export type { Pair }

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
    m2_per_resident?: number | null
  }
  minimum?: { size: number; unit: string; rural?: number | null; smaller?: { below: number; size: number }[] } | null
  presence?: string
  requires?: Requirement[]
  status: { reach?: string; demand?: string; size?: string; overall: string }
  source: string
  notes?: string
}

/** A figure of a standard. */
export interface StandardFigure {
  figure: Pair
  value: Pair
  status: string
  basis: Pair
  /** The scope that has it of its own, where the round uses another. */
  scope: string
}

/** A rule of presence. */
export interface Requirement {
  per: string
  count: number
  share?: number
  every?: number | null
  public?: boolean
}

export interface Service {
  id: string
  name: Pair
  short: Pair
  unit: Pair
  /** Its figures in words, each with its status, what it rests on, and what other scopes have. */
  figures: StandardFigure[]
  /** Year and scope of what its main figure rests on; empty where the catalogue does not say. */
  scope: Pair
  /** Whether something is known of its facilities, if only that there are none. */
  supplied: boolean
  row: Row
}

/** A service of whose facilities nothing was supplied, and whether the round is about it all the same. */
export interface NotSupplied {
  service: string
  name: { zh: string; en: string }
  selected: boolean
}

export type Total = TotalRow

/** A unit: its line, its name, and the position of its township. */
export interface UnitInfo extends UnitRow {
  name: string
  township_position: number
}

/** A place: its line, the position of its unit, and causes as service, weight, missing share, part, what is missing, status of that figure. */
export interface Place extends PlaceRow {
  unit_position: number
  causes: [number, number, number, number, string, string][]
}

export type County = CountyRow

/** How evenly a service is shared: its line, and the position of the service. */
export interface Equity extends EquityRow {
  service_position: number
}

/** The findings of one kind in one file. */
export interface Finding {
  level: string
  text: Pair
  then: Pair
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
  units?: { cap?: number; headroom?: number }
  travel?: {
    mode?: 'streets' | 'straight' | 'radius'
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
    small?: number
    inflow_reference?: number
    certainty?: { draws?: number; weights?: number; pace?: number; capacity?: number }
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
  not_supplied: NotSupplied[]
  townships: TownshipRow[]
  units: UnitInfo[]
  communities: { code: string; name: string; residents: number | null; units: number[] }[]
  places: Place[]
  counties: County[]
  equities: Equity[]
  /** The city, year by year, in each way of counting. */
  completeness: CompletenessRow[]
  findings: Finding[]
  files: string[]
  rules: string[]
  offers: { ids: string[]; names: string[] }
  demand: { side_m: number; columns: [string | number, number][]; minutes: boolean }
  offers_left_out: number
  need_limits: number[]
  change: { from: string; to: string; tables: ChangeTable[] } | null
  columns: Record<string, Column>
}
