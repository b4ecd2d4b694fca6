// The round as the page asks for it: by positions of unit, service and year, with NaN for whatever is not there.
import type { Payload } from './blob'
import { known, NONE, percent, whole } from './format'
import type { Header, Pair, Place, Total } from './header'
import { ATTAINED, type Field, type OfferColumn, STANDARDS_WORDS, STATUSES } from './tables'

/** Ways of counting how many services are in reach: within own limits and within 15 minutes on foot, in each basic services and all. */
export const WAYS = 4

/** Figures of completeness that are one number. */
export type CompleteField = 'residents' | 'complete_residents' | 'share' | 'mean_share' | 'lacked_residents'

/** What stands for nothing in columns of whole numbers. */
const NO_NUMBER = 0xffffffff
const NO_SHORT = 0xffff

/** Classes of how many services are lacked, and age bands, as `completeness.csv` has them. */
const LACKING = 8
const AGES = 7

/** A number of a column, NaN where there is none. */
function some(value: number | undefined, none: number): number {
  return value === undefined || value === none ? NaN : value
}

export type { Field }

/** Columns of offers: what the page has of each, and those of `facilities.csv`. */
type OfferField = OfferColumn | 'x' | 'y' | 'service' | 'unit' | 'file' | 'row'

export type Attained = (typeof ATTAINED)[number]
export { ATTAINED, STATUSES }

/** A facility that residents of a unit reach for a service. */
export interface Served {
  offer: number
  people: number
  least: number
  mean: number
  received: number
}

export class Model {
  readonly header: Header
  readonly units: number
  readonly services: number
  readonly years: number
  /** Place of each unit in `header.places`; −1 where it has none. */
  private readonly placeOf: Int32Array
  private readonly totals = new Map<string, Total>()
  private readonly columns = new Map<string, ArrayLike<number> | null>()

  constructor(private readonly payload: Payload) {
    const header = payload.header
    this.header = header
    this.units = header.units.length
    this.services = header.services.length
    this.years = header.years.length
    this.placeOf = new Int32Array(this.units).fill(-1)
    header.places.forEach((place, at) => (this.placeOf[place.unit_position] = at))
    header.totals.forEach((total) => this.totals.set(`${total.service} ${total.year}`, total))
  }

  column(name: string): ArrayLike<number> | null {
    let column = this.columns.get(name)
    if (column === undefined) {
      column = this.payload.column(name)
      this.columns.set(name, column)
    }
    return column
  }

  /** How many units of those with a rule keep it: from how many to how many, where that is not known of some. */
  attainedText(total: Total | null): string {
    if (!total || !known(total.units_with_a_rule) || total.units_with_a_rule === 0) return NONE
    const [least, undecided] = [total.units_attained ?? 0, total.units_undecided ?? 0]
    const attained = undecided > 0 ? `${whole(least)}–${whole(least + undecided)}` : whole(least)
    return `${attained} / ${whole(total.units_with_a_rule)}`
  }

  /** Whether a service's coverage depends on how people are spread over their communities. */
  spreadMatters(service: number): boolean {
    return this.total(service, 0)?.spread_matters === true
  }

  /** A coverage as it is written: marked where it depends on the spread. */
  coverageText(service: number, share: number): string {
    const text = percent(share)
    return this.spreadMatters(service) && text !== NONE ? `≈ ${text}` : text
  }

  has(field: Field | 'attained'): boolean {
    return this.column(`standing.${field}`) !== null
  }

  private at(unit: number, service: number, year: number): number {
    return (unit * this.services + service) * this.years + year
  }

  /** Columns by their names without `standing.` and `offer.`: putting names together takes longer than reading. */
  private readonly standing = new Map<Field, ArrayLike<number> | null>()
  private readonly offered = new Map<OfferField, ArrayLike<number> | null>()

  value(field: Field, unit: number, service: number, year: number): number {
    let column = this.standing.get(field)
    if (column === undefined) {
      column = this.column(`standing.${field}`)
      this.standing.set(field, column)
    }
    return column?.[this.at(unit, service, year)] ?? NaN
  }

  attained(unit: number, service: number, year: number): Attained | null {
    const code = this.column('standing.attained')?.[this.at(unit, service, year)] ?? 255
    return ATTAINED[code] ?? null
  }

  /** The rule that the verdict is about, as the catalogue words it. */
  rule(unit: number, service: number, year: number): string | null {
    const at = this.column('standing.rule')?.[this.at(unit, service, year)] ?? 65535
    return this.header.rules?.[at] ?? null
  }

  residents(unit: number, year: number): number {
    return this.column('unit.residents')?.[unit * this.years + year] ?? NaN
  }

  /** Residents in a year ÷ in the base year − 1. */
  growth(unit: number, year: number): number {
    const base = this.residents(unit, 0)
    return base > 0 ? this.residents(unit, year) / base - 1 : NaN
  }

  /** Whether the round says how many services residents have in reach. */
  get hasCompleteness(): boolean {
    return this.header.completeness.length > 0
  }

  private wayAt(unit: number, year: number, way: number): number {
    return (unit * this.years + year) * WAYS + way
  }

  /** How many services count. */
  completeCount(year: number, way: number): number {
    return this.header.completeness[this.wayAt(0, year, way)]?.count ?? NaN
  }

  /** A figure of what residents of a unit, or of the city (−1), have in reach. */
  complete(field: CompleteField, unit: number, year: number, way: number): number {
    if (unit < 0) return this.header.completeness[this.wayAt(0, year, way)]?.[field] ?? NaN
    return this.column(`complete.${field}`)?.[this.wayAt(unit, year, way)] ?? NaN
  }

  /** How many residents lack one service, two, …, in the classes of the table; NaN where that is left out. */
  lacking(unit: number, year: number, way: number): number[] {
    if (unit < 0) return (this.header.completeness[this.wayAt(0, year, way)]?.['lacking_{count}'] ?? []).map((each) => each ?? NaN)
    const from = LACKING * this.wayAt(unit, year, way)
    return Array.from({ length: LACKING }, (_, at) => some(this.column('complete.lacking')?.[from + at], NO_NUMBER))
  }

  /** The service that most residents lack as the only one; −1 where there is none. */
  lacked(unit: number, year: number, way: number): number {
    if (unit < 0) return this.serviceAt(this.header.completeness[this.wayAt(0, year, way)]?.lacked_service ?? '')
    const service = this.column('complete.lacked_service')?.[this.wayAt(unit, year, way)] ?? NO_SHORT
    return service === NO_SHORT ? -1 : service
  }

  /** By age band, the share of those who have all in reach. */
  completeByAge(unit: number, year: number, way: number): number[] {
    if (unit < 0) return (this.header.completeness[this.wayAt(0, year, way)]?.['share_{age}'] ?? []).map((each) => each ?? NaN)
    const from = AGES * this.wayAt(unit, year, way)
    return Array.from({ length: AGES }, (_, at) => this.column('complete.share_by_age')?.[from + at] ?? NaN)
  }

  cityResidents(year: number): number {
    const told = this.header.units_info.residents_by_year.find((each) => each.year === this.header.years[year])
    return told?.residents ?? NaN
  }

  total(service: number, year: number): Total | null {
    return this.totals.get(`${this.header.services[service].id} ${this.header.years[year]}`) ?? null
  }

  /** A field summed over all units that have it, and how many have not. */
  sum(field: Field, service: number, year: number): { sum: number; missing: number } {
    let [sum, missing] = [0, 0]
    for (let unit = 0; unit < this.units; unit++) {
      const value = this.value(field, unit, service, year)
      if (Number.isNaN(value)) missing++
      else sum += value
    }
    return { sum: missing === this.units ? NaN : sum, missing }
  }

  place(unit: number): Place | null {
    return this.header.places[this.placeOf[unit]] ?? null
  }

  unitAt(id: string): number {
    return this.header.units.findIndex(({ unit }) => unit === id)
  }

  serviceAt(id: string): number {
    return this.header.services.findIndex((service) => service.id === id)
  }

  /** Whether the service is counted in seats, beds, square metres. */
  counted(service: number): boolean {
    return this.header.services[service].unit[0] !== ''
  }

  unitName(unit: number): string {
    const info = this.header.units[unit]
    return info.name || info.unit
  }

  townshipName(unit: number): string {
    return this.header.units[unit].township_name
  }

  // Facilities.

  get offers(): number {
    return this.column('offer.x')?.length ?? 0
  }

  offer(field: OfferField, at: number): number {
    let column = this.offered.get(field)
    if (column === undefined) {
      column = this.column(`offer.${field}`)
      this.offered.set(field, column)
    }
    return column?.[at] ?? NaN
  }

  offerName(at: number): string {
    return this.header.offers.names[at] || this.header.offers.ids[at] || ''
  }

  /** The year in which it opens; null where it is open already or no year is given. */
  opens(at: number): number | null {
    const year = this.offer('opens', at)
    return Number.isNaN(year) ? null : year
  }

  /** The year from which it is closed; null where none is given. */
  closes(at: number): number | null {
    const year = this.offer('closes', at)
    return Number.isNaN(year) ? null : year
  }

  /** Whether a facility is open in a year (its position). Planned, idle and closed ones never are. */
  isOpen(at: number, year: number): boolean {
    const [opens, closes] = [this.opens(at), this.closes(at)]
    const status = STATUSES[this.offer('status', at)]
    const date = this.header.years[year]
    if (closes !== null && closes <= date) return false
    if (status === 'existing') return opens === null || opens <= date
    return status === 'committed' && opens !== null && opens <= date
  }

  /** `people.csv:17`: where a facility stands in the input. */
  offerSource(at: number): string {
    const file = this.header.files[this.offer('file', at)]
    const row = this.offer('row', at)
    return file === undefined ? '' : row === NO_NUMBER || Number.isNaN(row) ? file : `${file}:${row}`
  }

  private offersByService: number[][] | null = null

  /** Facilities of a service, in the order of the input. */
  offersOf(service: number): number[] {
    if (this.offersByService === null) {
      this.offersByService = this.header.services.map(() => [])
      for (let at = 0; at < this.offers; at++) this.offersByService[this.offer('service', at)]?.push(at)
    }
    return this.offersByService[service]
  }

  private readonly parted = new Map<number, { open: number[]; shut: number[] }>()

  /** Facilities of a service by whether they are open in a year; kept, since maps ask for it at every change. */
  offersByOpen(service: number, year: number): { open: number[]; shut: number[] } {
    const key = service * this.years + year
    let parted = this.parted.get(key)
    if (parted === undefined) {
      parted = { open: [], shut: [] }
      for (const at of this.offersOf(service)) (this.isOpen(at, year) ? parted.open : parted.shut).push(at)
      this.parted.set(key, parted)
    }
    return parted
  }

  /** The facilities that residents of a unit reach, most people first, as many as the page is told. */
  served(unit: number, service: number, year: number): Served[] {
    const start = this.column('served.start')
    if (start === null) return []
    const of = unit * this.services + service
    const rows: Served[] = []
    for (let at = start[of]; at < start[of + 1]; at++) {
      rows.push({
        offer: this.column('served.offer')?.[at] ?? NaN,
        people: some(this.column('served.people')?.[at], NO_NUMBER),
        least: some(this.column('served.least')?.[at], NO_SHORT) / 100,
        mean: some(this.column('served.mean')?.[at], NO_SHORT) / 100,
        received: this.column('served.received')?.[at * this.years + year] ?? NaN,
      })
    }
    return rows
  }

  /** How many facilities are left out of `served`, and what is received from them. */
  servedMore(unit: number, service: number, year: number): { offers: number; received: number } {
    const offers = this.column('served.more')?.[unit * this.services + service] ?? 0
    const received = this.column('served.more_received')?.[this.at(unit, service, year)] ?? NaN
    return { offers, received }
  }

  // Demand spots.

  get spots(): number {
    return this.column('spot.x')?.length ?? 0
  }

  /** The position of the column of shares that stands for a service and year: its own, or that of the latest earlier year. */
  shareColumn(service: number, year: number): number {
    const id = this.header.services[service].id
    let found = -1
    let latest = -Infinity
    this.header.demand.columns.forEach(([of, date], at) => {
      const same = of === id || of === service
      if (same && date <= this.header.years[year] && date > latest) [found, latest] = [at, date]
    })
    return found
  }

  /** Per cent of the target group of a spot who are covered; NaN where nobody of it lives there. */
  spotShare(column: number, spot: number): number {
    const share = this.column('spot.share')?.[column * this.spots + spot] ?? 255
    return share === 255 ? NaN : share
  }

  /** Minutes to the nearest facility; Infinity beyond the limit, NaN where the round does not say. */
  spotMinutes(service: number, spot: number): number {
    const tenths = this.column('spot.minutes')?.[service * this.spots + spot] ?? NaN
    return tenths === 65535 ? Infinity : tenths / 10
  }

  /** The communities of a unit. */
  communitiesOf(unit: number): number[] {
    const found: number[] = []
    this.header.communities.forEach((community, at) => {
      if (community.units.includes(unit)) found.push(at)
    })
    return found
  }

  /** What the catalogue's status word means. */
  statusWord(service: number): Pair {
    const code = this.header.services[service].row.status.overall
    return STANDARDS_WORDS[code] ?? [code, code]
  }
}
