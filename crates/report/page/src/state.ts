// What is chosen, and how it stands in the address so that it can be kept as a bookmark.
import type { Model } from './model'
import { MEASURES } from './measures'

export type Lang = 'zh' | 'en'
export const TABS = ['ranking', 'unit', 'city', 'change', 'projects', 'data'] as const
export type Tab = (typeof TABS)[number]
export type List = 'need' | 'unserved' | 'shown'

/** Positions of service, year and unit (−1: none). */
export interface State {
  lang: Lang
  service: number
  verdict: string
  year: number
  unit: number
  tab: Tab
  list: List
  facilities: boolean
  spots: boolean
}

/** The same as people name it: the id of a service and a unit, and the year itself. */
export interface Named {
  lang?: string
  service?: string
  verdict?: string
  year?: number | string
  unit?: string | null
  tab?: string
  list?: string
  facilities?: boolean
  spots?: boolean
}

export function initial(language: string): State {
  const lang = language.toLowerCase().startsWith('en') ? 'en' : 'zh'
  return { lang, service: 0, verdict: 'coverage', year: 0, unit: -1, tab: 'ranking', list: 'need', facilities: true, spots: true }
}

/** The state with what is named changed; names that the round does not have change nothing. */
export function withNamed(state: State, named: Named, model: Model): State {
  const next = { ...state }
  if (named.lang === 'zh' || named.lang === 'en') next.lang = named.lang
  if (named.service !== undefined) next.service = orElse(model.serviceAt(named.service), state.service)
  if (MEASURES.some((each) => each.id === named.verdict)) next.verdict = named.verdict as string
  if (named.year !== undefined) next.year = orElse(model.header.years.indexOf(Number(named.year)), state.year)
  if (named.unit !== undefined) next.unit = named.unit === null ? -1 : orElse(model.unitAt(named.unit), state.unit)
  if (TABS.some((each) => each === named.tab)) next.tab = named.tab as Tab
  if (named.list === 'need' || named.list === 'unserved' || named.list === 'shown') next.list = named.list
  if (named.facilities !== undefined) next.facilities = named.facilities
  if (named.spots !== undefined) next.spots = named.spots
  return next
}

export function names(state: State, model: Model): Required<Named> {
  return {
    lang: state.lang,
    service: model.header.services[state.service]?.id ?? '',
    verdict: state.verdict,
    year: model.header.years[state.year],
    unit: model.header.units[state.unit]?.unit ?? null,
    tab: state.tab,
    list: state.list,
    facilities: state.facilities,
    spots: state.spots,
  }
}

/** `#service=…&verdict=…&year=…&unit=…`. */
export function address(state: State, model: Model): string {
  const { service, verdict, year, unit } = names(state, model)
  const parts = new URLSearchParams({ service, verdict, year: String(year) })
  if (unit !== null) parts.set('unit', unit)
  return `#${parts}`
}

export function fromAddress(hash: string): Named {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  const named: Named = {}
  for (const key of ['service', 'verdict', 'year', 'unit', 'tab'] as const) {
    const value = parts.get(key)
    if (value !== null) named[key] = value
  }
  return named
}

function orElse(position: number, otherwise: number): number {
  return position < 0 ? otherwise : position
}
