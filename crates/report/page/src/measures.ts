// What the map can show: each measure with its colours, its figure and the words for where it does not apply.
import type { Pair } from './header'
import * as format from './format'
import { ATTAINED, type CompleteField, type Field, type Model } from './model'
import * as scales from './scale'
import type { Scale } from './scale'
import { W } from './words'
import { ATTAINED_WORDS } from './tables'

export type Group = 'circle' | 'reach' | 'capacity' | 'presence' | 'overall'

export interface Measure {
  id: string
  group: Group
  name: Pair
  /** Where there is little room, beside the name of its group. */
  brief?: Pair
  /** What a figure of it opens; see derive. */
  what: string
  /** Whether it differs by service, and by year. */
  byService: boolean
  byYear: boolean
  /** Which end comes first in a list. */
  first: 'high' | 'low'
  scale(model: Model, service: number): Scale
  value(model: Model, unit: number, service: number, year: number): number
  text(model: Model, unit: number, service: number, year: number): string
  /** Why nothing can be shown at all; null where something can. */
  absent(model: Model, service: number): Pair | null
}

const always = () => null
const ratio = (a: number, b: number) => (b > 0 ? a / b : NaN)

export function coverageOf(model: Model, unit: number, service: number, year: number): number {
  return model.value('coverage', unit, service, year)
}

/** Received ÷ demand. */
export function balanceOf(model: Model, unit: number, service: number, year: number): number {
  return ratio(model.value('supply_received', unit, service, year), model.value('demand', unit, service, year))
}

/** Nothing is known of the service's facilities. */
export const noData = (model: Model, service: number): Pair | null => (model.header.services[service]?.supplied === false ? W.noData : null)

/** Why a figure of capacity is absent: the round does not have it, or the service has no capacity. */
const noCapacity = (field: Field) => (model: Model, service: number): Pair | null => (!model.has(field) ? W.notInRound : model.counted(service) ? null : W.noCapacity)
const straightOf = (model: Model, unit: number, service: number, year: number) =>
  ratio(model.value('covered_straight', unit, service, year), model.value('target_residents', unit, service, year))
const radiusOf = (model: Model, unit: number, service: number, year: number) => model.value('coverage_radius', unit, service, year)
const differenceOf = (model: Model, unit: number, service: number, year: number) =>
  coverageOf(model, unit, service, year) - straightOf(model, unit, service, year)

/** Growth until a year; in the base year, when nobody has grown yet, until the last. */
const growthOf = (model: Model, unit: number, year: number) => model.growth(unit, year > 0 ? year : model.years - 1)
const noStraight = (model: Model): Pair | null => (model.has('covered_straight') ? null : W.noStraight)

/** What the norm asks for per thousand of the target group in the whole city, in the base year. */
function cityNorm(model: Model, service: number): number {
  return 1000 * ratio(model.sum('demand', service, 0).sum, model.sum('target_residents', service, 0).sum)
}

/** People unserved ÷ the target groups of all services with facility data, at the horizon. */
function unservedShare(model: Model, unit: number): number {
  let all = 0
  model.header.services.forEach(({ row, supplied }, service) => {
    if (supplied && row.norm.basis !== 'supply_only') all += model.value('target_residents', unit, service, model.years - 1) || 0
  })
  return ratio(model.place(unit)?.unserved_residents ?? NaN, all)
}

/** How many of the basic services the residents have in reach. */
function circle(id: string, name: Pair, brief: Pair, title: Pair, field: CompleteField, way: number): Measure {
  return {
    id, group: 'circle', name, brief, what: id, byService: false, byYear: true, first: 'low',
    scale: () => scales.coverage(title), value: (model, u, _, y) => model.complete(field, u, y, way),
    text: (model, u, _, y) => format.percent(model.complete(field, u, y, way)),
    absent: (model) => (!model.hasCompleteness ? W.notInRound : Number.isNaN(model.complete(field, -1, 0, way)) ? W.completeWithheld : null),
  }
}

const ALL: Measure[] = [
  circle('complete', W.complete, W.completeBrief, W.completeTitle, 'share', 0),
  circle('mean', W.mean, W.meanBrief, W.meanTitle, 'mean_share', 0),
  circle('complete15', W.complete15, W.complete15Brief, W.complete15Title, 'share', 2),
  circle('mean15', W.mean15, W.mean15Brief, W.mean15Title, 'mean_share', 2),
  {
    id: 'coverage', group: 'reach', name: W.coverage, what: 'coverage', byService: true, byYear: true, first: 'low',
    scale: () => scales.coverage(W.coverageTitle), value: coverageOf,
    text: (model, u, s, y) => model.coverageText(s, coverageOf(model, u, s, y)),
    absent: (model) => (model.has('coverage') ? null : W.notInRound),
  },
  {
    id: 'straight', group: 'reach', name: W.straight, brief: W.straightBrief, what: 'straight', byService: true, byYear: true, first: 'low',
    scale: () => scales.coverage(W.straightTitle), value: straightOf,
    text: (model, u, s, y) => format.percent(straightOf(model, u, s, y)), absent: noStraight,
  },
  {
    id: 'radius', group: 'reach', name: W.radius, brief: W.radiusBrief, what: 'radius', byService: true, byYear: true, first: 'low',
    scale: () => scales.coverage(W.radiusTitle), value: radiusOf,
    text: (model, u, s, y) => format.percent(radiusOf(model, u, s, y)),
    absent: (model, service) => (!model.has('coverage_radius') ? W.notInRound : Number.isNaN(model.sum('coverage_radius', service, 0).sum) ? W.noRadius : null),
  },
  {
    id: 'difference', group: 'reach', name: W.difference, brief: W.differenceBrief, what: 'difference', byService: true, byYear: true, first: 'low',
    scale: () => scales.difference(W.differenceTitle), value: differenceOf,
    text: (model, u, s, y) => format.decimal(100 * differenceOf(model, u, s, y), 1), absent: noStraight,
  },
  {
    id: 'balance', group: 'capacity', name: W.balance, brief: W.balanceBrief, what: 'balance', byService: true, byYear: true, first: 'low',
    scale: () => scales.balance(W.balanceTitle), value: balanceOf,
    text: (model, u, s, y) => format.decimal(balanceOf(model, u, s, y), 2), absent: noCapacity('supply_received'),
  },
  {
    id: 'short', group: 'capacity', name: W.short, brief: W.shortBrief, what: 'short', byService: true, byYear: true, first: 'high',
    scale: () => scales.missing(W.shortTitle),
    value: (model, u, s, y) => ratio(model.value('short_for_certain', u, s, y), model.value('demand', u, s, y)),
    text: (model, u, s, y) => format.amount(model.value('short_for_certain', u, s, y)), absent: noCapacity('short_for_certain'),
  },
  {
    id: 'shortfall', group: 'capacity', name: W.shortfall, what: 'shortfall', byService: true, byYear: true, first: 'high',
    scale: () => scales.missing(W.shortfallTitle),
    value: (model, u, s, y) => ratio(model.value('shortfall_reach', u, s, y), model.value('demand', u, s, y)),
    text: (model, u, s, y) => format.amount(model.value('shortfall_reach', u, s, y)), absent: noCapacity('shortfall_reach'),
  },
  {
    id: 'access', group: 'capacity', name: W.access, what: 'access', byService: true, byYear: true, first: 'low',
    scale: (model, s) => scales.access(W.accessTitle, cityNorm(model, s)),
    value: (model, u, s, y) => 1000 * model.value('access', u, s, y),
    text: (model, u, s, y) => format.decimal(1000 * model.value('access', u, s, y), 1),
    absent: (model, s) => noCapacity('access')(model, s) ?? (Number.isNaN(cityNorm(model, s)) ? W.noNorm : null),
  },
  {
    id: 'attained', group: 'presence', name: W.attained, what: 'attained', byService: true, byYear: true, first: 'high',
    scale: () => scales.attained(W.attainedTitle, ATTAINED_WORDS, ATTAINED),
    value: (model, u, s, y) => {
      const verdict = model.attained(u, s, y)
      return verdict === null ? NaN : ATTAINED.indexOf(verdict)
    },
    text: () => '', // a word, not a number: see attainedWord
    absent: (model) => (model.has('attained') ? null : W.notInRound),
  },
  {
    id: 'need', group: 'overall', name: W.need, what: 'need', byService: false, byYear: false, first: 'high',
    scale: (model) => scales.need(W.needTitle, model.header.need_limits), value: (model, u) => model.place(u)?.priority ?? NaN,
    text: (model, u) => format.decimal(model.place(u)?.priority, 1), absent: (model) => (model.header.places.length ? null : W.noPlaces),
  },
  {
    id: 'unserved', group: 'overall', name: W.unserved, brief: W.unservedBrief, what: 'unserved', byService: false, byYear: false, first: 'high',
    scale: () => scales.unserved(W.unservedTitle), value: unservedShare,
    text: (model, u) => format.whole(model.place(u)?.unserved_residents ?? NaN), absent: (model) => (model.header.places.length ? null : W.noPlaces),
  },
  {
    id: 'residents', group: 'overall', name: W.residents, brief: W.residentsBrief, what: 'residents', byService: false, byYear: true, first: 'high',
    scale: (model) => scales.residents(W.residentsTitle, model.header.plan.units?.cap ?? 100_000),
    value: (model, u, _, y) => model.residents(u, y), text: (model, u, _, y) => format.whole(model.residents(u, y)), absent: always,
  },
  {
    id: 'growth', group: 'overall', name: W.growth, brief: W.growthBrief, what: 'residents', byService: false, byYear: true, first: 'high',
    scale: () => scales.growth(W.growthTitle), value: (model, u, _, y) => growthOf(model, u, y),
    text: (model, u, _, y) => format.signed(growthOf(model, u, y)), absent: (model) => (model.header.projection && model.years > 1 ? null : W.noProjection),
  },
]

/** A service without facility data has none of its measures. */
export const MEASURES: Measure[] = ALL.map((measure) =>
  measure.byService ? { ...measure, absent: (model, service) => noData(model, service) ?? measure.absent(model, service) } : measure,
)
const COVERAGE = MEASURES.find((measure) => measure.id === 'coverage') as Measure

export function measureOf(id: string): Measure {
  return MEASURES.find((measure) => measure.id === id) ?? COVERAGE
}

/** A unit's figure as text, in the present language for words. */
export function textOf(measure: Measure, model: Model, unit: number, service: number, year: number, say: (pair: Pair) => string): string {
  if (measure.id !== 'attained') return measure.text(model, unit, service, year)
  const verdict = model.attained(unit, service, year)
  return verdict === null ? format.NONE : say(ATTAINED_WORDS[verdict] ?? [verdict, verdict])
}
