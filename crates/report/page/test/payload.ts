// A small city for tests: two units side by side in one township, one service with seats, two years. Every number can be
// checked by hand.
import { unpack } from '../src/blob'
import type { Header } from '../src/header'
import { Model } from '../src/model'

type Kind = 'u8' | 'u16' | 'u32' | 'i32' | 'f64'
const SIZES = { u8: 1, u16: 2, u32: 4, i32: 4, f64: 8 }

/** Bytes as the writer makes them. */
export function pack(header: object, columns: [string, Kind, number[]][]): ArrayBuffer {
  const entries: Record<string, { type: Kind; at: number; len: number }> = {}
  let at = 0
  for (const [name, type, numbers] of columns) {
    entries[name] = { type, at, len: numbers.length }
    at = Math.ceil((at + numbers.length * SIZES[type]) / 8) * 8
  }
  const json = new TextEncoder().encode(JSON.stringify({ ...header, columns: entries }))
  const start = Math.ceil((4 + json.length) / 8) * 8
  const buffer = new ArrayBuffer(start + at)
  const view = new DataView(buffer)
  view.setUint32(0, json.length, true)
  new Uint8Array(buffer, 4).set(json)
  for (const [name, type, numbers] of columns) {
    numbers.forEach((value, each) => {
      const place = start + entries[name].at + each * SIZES[type]
      if (type === 'u8') view.setUint8(place, value)
      if (type === 'u16') view.setUint16(place, value, true)
      if (type === 'u32') view.setUint32(place, value, true)
      if (type === 'i32') view.setInt32(place, value, true)
      if (type === 'f64') view.setFloat64(place, value, true)
    })
  }
  return buffer
}

const row = {
  id: 'school', name: { zh: '小学', en: 'School' }, tier: 'basic', target: '6-12', urban: { mode: 'walk', minutes: 10 }, capacity_unit: 'seats',
  norm: { basis: 'per_1000_residents', per_1000_low: 60 }, minimum: { size: 18, unit: 'classes' }, status: { reach: 'S', demand: 'V', size: 'R', overall: 'partly' }, source: 'a norm',
} as const

const figures = [
  { figure: ['时限', 'limit'], value: ['步行 10 分钟', '10 min walk'], status: 'S', basis: ['《某标准》，2018 年，全国', '《某标准》, 2018, national'], scope: '' },
  { figure: ['指标', 'norm'], value: ['60/千人', '60 per 1,000'], status: 'V', basis: ['《指引》，2022 年，广州', '《指引》, 2022, Guangzhou'], scope: '' },
  { figure: ['最小规模', 'minimum'], value: ['18 班', '18 classes'], status: 'R', basis: ['', ''], scope: '' },
  { figure: ['指标', 'norm'], value: ['70/千人', '70 per 1,000'], status: 'R', basis: ['初步成果，2018 年，成都', '初步成果, 2018, Chengdu'], scope: 'chengdu' },
]

export const HEADER = {
  format: 1, edition: 'internal', small: null, round: 'test', version: '0', synthetic: true, map_approval: null, date: null, statement: ['', ''], datum: '', attribution: null,
  years: [2026, 2027],
  totals: [
    { service: 'school', year: 2026, target: 3000, covered: 1500, not_covered: 1500, unsnapped: 0, roadless: 0, too_far: 1500, covered_straight: null, short: 600, units_not_judged: 0, facilities: 2, capacity_unknown: 0, capacity: 2000, received: 2000, reached_by_nobody: 0, certain_seated: 1700, certain_short: 1300, certain_too_far: 900, certain_full: 400, certain_none_exists: 0, certain_at_least: false, units_with_a_rule: 2, units_attained: 1, units_undecided: 0 },
  ],
  city: {}, units_info: { count: 2, over_cap: 0, townships_proved_least: 1, residents_by_year: [{ year: 2026, residents: 50000 }, { year: 2027, residents: 51000 }] },
  projection: { ages: 'advance', variant: 'middle', residents: [] }, roads: null,
  plan: { travel: { mode: 'straight', detour: 1.3 }, people: { household_size: 2.5 }, ranking: { basic: 1, improved: 0.5, inflow_weight: 1, inflow_reference: 0.1, certainty: { draws: 10, weights: 0.2, pace: 0.1, capacity: 0.1 } }, inputs: { crs: 'EPSG:4490', population: { path: 'people.csv' }, communities: { path: 'communities.geojson' }, facilities: [{ path: 'schools.csv' }] } },
  inputs: [{ path: 'people.csv', bytes: 1, sha256: 'a'.repeat(64) }, { path: 'schools.csv', bytes: 1, sha256: 'b'.repeat(64) }],
  frame: { west: 104, south: 30, east: 105, north: 31 },
  services: [{ id: 'school', name: ['小学', 'School'], short: ['小学', 'School'], unit: ['学位', 'seats'], supplied: true, row, figures, scope: ['2022 年，广州', '2022, Guangzhou'] }],
  county_services: [], not_supplied: [], townships: [{ township: '1', township_name: '甲街道', residents: 50000 }],
  units: ['1-01', '1-02'].map((id) => ({ unit: id, name: `单元${id}`, township: '1', township_name: '甲街道', township_position: 0, communities: 1, over_cap: false, contiguous: true, note: '', over_cap_year: null, since_last: '' })),
  communities: [{ code: '11', name: '东', residents: 30000, units: [0] }, { code: '12', name: '西', residents: 20000, units: [1] }],
  // 100 × 1 × 0.6667 = 66.7; growth of 5 % is half of the reference: 66.7 × 1.5 = 100.1 (of 100.05).
  places: [{ place: 1, unit_position: 0, inflow_rate: 0.05, need: 66.7, inflow_factor: 1.5, priority: 100.1, inflow_part: 33.4, unproven_share: 0, small: false, unserved_residents: 1000, place_by_unserved: 1, place_first: 1, place_last: 2, in_first_ten: 1, causes: [[0, 1, 0.6667, 66.67, 'capacity', 'V']] }],
  counties: [], equities: [], completeness: [], findings: [], files: ['schools.csv'], rules: ['L10'],
  offers: { ids: ['s1', 's2'], names: ['一小', '二小'] },
  demand: { side_m: 0, columns: [['school', 2026]], minutes: true }, offers_left_out: 0, need_limits: [10, 20, 30, 45, 60], change: null,
} as unknown as Header

const NONE = NaN
/** unit × year; the second year is not told but for a few fields. */
export const COLUMNS: [string, Kind, number[]][] = [
  ['unit.residents', 'f64', [30000, 31500, 20000, 19500]],
  ['standing.target_residents', 'f64', [1800, 1890, 1200, NONE]],
  ['standing.covered_residents', 'f64', [600, 640, 900, NONE]],
  ['standing.coverage', 'f64', [0.3333, 0.3386, 0.75, NONE]],
  ['standing.too_far_residents', 'f64', [1200, 1250, 300, NONE]],
  ['standing.unsnapped_residents', 'f64', [0, 0, 0, NONE]],
  ['standing.roadless_residents', 'f64', [0, 0, 0, NONE]],
  ['standing.demand', 'f64', [1800, 1890, 1200, NONE]],
  ['standing.supply_inside', 'f64', [2000, 2000, 0, NONE]],
  ['standing.supply_received', 'f64', [1200.4, 1300, 799.6, NONE]],
  ['standing.shortfall_reach', 'f64', [599.6, 590, 400.4, NONE]],
  ['standing.shortfall_inside', 'f64', [0, 0, 1200, NONE]],
  ['standing.access', 'f64', [0.6669, 0.6878, 0.6663, NONE]],
  ['standing.seated', 'f64', [900, 900, 800, NONE]],
  ['standing.short_for_certain', 'f64', [900, 990, 400, NONE]],
  ['standing.short_none_in_reach', 'f64', [600, 650, 300, NONE]],
  ['standing.short_full', 'f64', [300, 340, 100, NONE]],
  ['standing.short_none_exists', 'f64', [0, 0, 0, NONE]],
  ['standing.required', 'f64', [2, 2, 1, NONE]],
  ['standing.present', 'f64', [2, 2, 1, NONE]],
  ['standing.enough', 'f64', [1, 1, 1, NONE]],
  ['standing.unknown', 'f64', [0, 0, 0, NONE]],
  ['standing.attained', 'u8', [2, 2, 0, 255]],
  ['standing.rule', 'u16', [0, 0, 0, 65535]],
  ['offer.x', 'u16', [10000, 20000]],
  ['offer.y', 'u16', [30000, 30000]],
  ['offer.service', 'u16', [0, 0]],
  ['offer.status', 'u8', [0, 1]],
  ['offer.opens', 'f64', [NONE, 2027]],
  ['offer.capacity', 'f64', [2000, 500]],
  ['offer.size', 'f64', [24, NONE]],
  ['offer.ownership', 'u8', [0, 255]],
  ['offer.unit', 'u32', [0, 1]],
  ['offer.file', 'u16', [0, 0]],
  ['offer.row', 'u32', [2, 4294967295]],
  ['served.start', 'u32', [0, 2, 3]],
  ['served.offer', 'u32', [0, 1, 0]],
  ['served.people', 'u32', [600, 50, 900]],
  ['served.least', 'u16', [150, 900, 300]],
  ['served.mean', 'u16', [420, 950, 610]],
  ['served.received', 'f64', [1000, 1000, 0, 200, 799.6, 800]],
  ['served.more', 'u32', [3, 0]],
  ['served.more_received', 'f64', [200.4, 100, 0, 0]],
  ['spot.x', 'u16', [1, 2, 3]],
  ['spot.share', 'u8', [0, 50, 255]],
  ['spot.minutes', 'u16', [65535, 42, 0]],
]

export function model(header: Partial<Header> = {}, without: string[] = [], columns = COLUMNS): Model {
  return new Model(unpack(pack({ ...HEADER, ...header }, columns.filter(([name]) => !without.includes(name)))))
}
