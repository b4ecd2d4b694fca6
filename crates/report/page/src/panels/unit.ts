// One unit: all its services in the chosen year, and the chosen service year by year.
import type { App } from '../app'
import { type Child, h, named, put, table, why } from '../dom'
import { NONE, amount, decimal, known, percent, signed, whole } from '../format'
import type { Pair, Place } from '../header'
import { say } from '../lang'
import { balanceOf, coverageOf, measureOf, noData, textOf } from '../measures'
import type { Field, Model } from '../model'
import { W } from '../words'
import { markService } from './city'
import { NOTES_WORDS, SINCE_WORDS } from '../tables'

/** With the service alone another, only its own table is made anew: see `service`. */
export function unit(app: App, box: HTMLElement): { service(): void } {
  const { model, state } = app
  const at = state.unit
  if (at < 0) {
    put(box, h('p', { class: 'empty' }, say(W.chooseUnit)))
    return { service: () => undefined }
  }
  const info = model.header.units[at]
  const place = model.place(at)
  const last = model.years - 1
  const all = services(app)
  const own = h('div', {})
  put(
    box,
    h('h2', { class: 'whose' }, named(model.unitName(at))),
    h('p', { class: 'note' }, named(model.townshipName(at)), ' · ', named(info.unit, 'code'), ` · ${info.communities} ${say(W.communitiesN)}`),
    ...notes(model, at).map((note) => h('p', { class: 'flag' }, note)),
    h('div', { class: 'actions' }, h('button', { type: 'button', click: () => app.showUnit(at) }, say(W.goTo)), h('button', { type: 'button', click: () => app.change({ unit: -1 }) }, say(W.clearUnit))),
    h(
      'dl',
      { class: 'facts' },
      fact(`${say(W.residents)} ${model.header.years[state.year]}`, why(whole(model.residents(at, state.year)), 'residents', at, state.service, state.year), state.year > 0 && model.header.projection ? signed(model.growth(at, state.year)) : null),
      model.hasCompleteness && circleFact(model, at, state.year, 'complete', 'mean', 0),
      model.hasCompleteness && circleFact(model, at, state.year, 'complete15', 'mean15', 2),
      place && fact(say(W.need), why(decimal(place.priority, 1), 'need', at, 0, last), placeWords(place.place, place)),
      place && fact(say(W.needShare), decimal(place.need, 1), place.unproven_share === null ? null : `${say(W.unproven)} ${percent(place.unproven_share)}`),
      place && fact(say(W.unserved), why(whole(place.unserved_residents ?? NaN), 'unserved', at, 0, last), placeWords(place.place_by_unserved, null)),
    ),
    h('h3', {}, `${say(W.tableServices)} · ${model.header.years[state.year]}`),
    all,
    model.header.services.some((_, at) => model.spreadMatters(at)) && h('p', { class: 'note' }, say(W.spreadMatters)),
    own,
  )
  const service = () => {
    markService(all, app.state.service)
    put(own, h('h3', {}, `${say(W.tableYears)} · ${say(model.header.services[app.state.service]?.name ?? ['', ''])}`), years(app), model.counted(app.state.service) && h('p', { class: 'note' }, say(W.shortWords)))
  }
  service()
  return { service }
}

/** The share of residents with all basic services in reach, and below it what they have of them on average. */
export function circleFact(model: Model, unit: number, year: number, all: string, mean: string, way: number): HTMLElement {
  const figure = (field: 'share' | 'mean_share', what: string) => {
    const text = percent(model.complete(field, unit, year, way))
    return text === NONE ? h('span', { class: 'none' }, NONE) : why(text, what, unit, 0, year)
  }
  const [zh, en] = measureOf(all).name
  const count = model.completeCount(year, way)
  return fact(say([`${zh}（${count} 项）`, `${en} (${count})`]), figure('share', all), h('span', {}, `${say(W.meanBrief)} `, figure('mean_share', mean)))
}

function fact(name: string, ...values: Child[]): HTMLElement {
  const [first, ...rest] = values
  return h('div', {}, h('dt', {}, name), h('dd', {}, first, ...rest.map((each) => each && h('span', { class: 'under' }, each))))
}

function placeWords(place: number, sure: Place | null): string {
  const interval = sure && sure.place_first !== null ? `${sure.place_first}–${sure.place_last}` : ''
  const between = interval && `（${interval}）`
  return say([`第 ${place} 位${between}`, `place ${place}${interval && ` (${interval})`}`])
}

/** What is unusual about a unit. */
function notes(model: Model, at: number): string[] {
  const info = model.header.units[at]
  const told = info.note.split(' ').filter(Boolean).map((code) => say(NOTES_WORDS[code] ?? [code, code]))
  if (model.place(at)?.small) told.push(say(W.fewWhole))
  if (info.over_cap_year !== null) told.push(say([`${info.over_cap_year} 年起超过人口上限`, `over the cap from ${info.over_cap_year}`]))
  if (info.since_last) told.push(say(SINCE_WORDS[info.since_last] ?? ['', '']))
  return told
}

function services(app: App): HTMLElement {
  const { model, state } = app
  const { unit: at, year } = state
  const straight = model.has('covered_straight')
  const radius = model.has('coverage_radius')
  const head = [say(W.service), say(W.coverage), straight && say(W.straightBrief), radius && say(W.radiusBrief), say(W.balanceBrief), say(W.certain), say(W.attained)].filter((each) => each !== false)
  const rows = model.header.services.map((service, s): Child[] => {
    const target = model.value('target_residents', at, s, year)
    const cells: (Child | false)[] = [
      h('button', { type: 'button', class: 'pick', title: say(service.name), click: () => app.change({ service: s }) }, say(service.short)),
      service.supplied ? cell(model.coverageText(s, coverageOf(model, at, s, year)), 'coverage', at, s, year) : h('span', { class: 'none' }, say(W.noData)),
      straight && cell(percent(model.value('covered_straight', at, s, year) / target), 'straight', at, s, year),
      radius && cell(percent(model.value('coverage_radius', at, s, year)), 'radius', at, s, year),
      cell(decimal(balanceOf(model, at, s, year), 2), 'balance', at, s, year),
      cell(amount(model.value('short_for_certain', at, s, year)), 'short', at, s, year),
      attained(app, at, s, year),
    ]
    return cells.filter((each) => each !== false)
  })
  return table(head, rows, 1, 'grid')
}

function cell(text: string, what: string, at: number, service: number, year: number): Child {
  return text === NONE ? h('span', { class: 'none' }, NONE) : why(text, what, at, service, year)
}

function attained(app: App, at: number, service: number, year: number): Child {
  const { model } = app
  const code = model.attained(at, service, year)
  if (code === null) return h('span', { class: 'none', title: say(noData(model, service) ?? W.noRule) }, NONE)
  const shown = why(textOf(measureOf('attained'), model, at, service, year, say), 'attained', at, service, year)
  shown.classList.add('verdict', code)
  return shown
}

function years(app: App): HTMLElement {
  const { model, state } = app
  const { unit: at, service } = state
  const dates = model.header.years.map((_, year) => year)
  const line = (name: Pair, make: (year: number) => Child): Child[] => [say(name), ...dates.map(make)]
  const counted = model.counted(service)
  const unit = model.header.services[service]?.unit ?? ['', '']
  const withUnit = (name: Pair): Pair => [`${name[0]}（${unit[0]}）`, `${name[1]} (${unit[1]})`]
  const rows: Child[][] = [
    line(W.target, (year) => whole(model.value('target_residents', at, service, year))),
    line(W.covered, (year) => whole(model.value('covered_residents', at, service, year))),
    line(W.coverage, (year) => cell(model.coverageText(service, coverageOf(model, at, service, year)), 'coverage', at, service, year)),
  ]
  if (model.has('covered_straight')) rows.push(line(W.straight, (year) => cell(percent(model.value('covered_straight', at, service, year) / model.value('target_residents', at, service, year)), 'straight', at, service, year)))
  if (dates.some((year) => known(model.value('coverage_radius', at, service, year)))) rows.push(line(W.radius, (year) => cell(percent(model.value('coverage_radius', at, service, year)), 'radius', at, service, year)))
  if (counted) {
    rows.push(
      line(withUnit(W.demand), (year) => cell(amount(model.value('demand', at, service, year)), 'balance', at, service, year)),
      line(['可达供给', 'Received'], (year) => cell(amount(model.value('supply_received', at, service, year)), 'balance', at, service, year)),
      line(W.balance, (year) => cell(decimal(balanceOf(model, at, service, year), 2), 'balance', at, service, year)),
      line(W.shortfall, (year) => cell(amount(model.value('shortfall_reach', at, service, year)), 'shortfall', at, service, year)),
      line(W.shortfallInside, (year) => cell(amount(model.value('shortfall_inside', at, service, year)), 'inside', at, service, year)),
      line(W.short, (year) => cell(amount(model.value('short_for_certain', at, service, year)), 'short', at, service, year)),
      line([`${W.access[0]}（${unit[0]}/千人）`, `${W.access[1]} (${unit[1]} per 1,000)`], (year) => cell(decimal(1000 * model.value('access', at, service, year), 1), 'access', at, service, year)),
    )
  }
  // Only where the round tells them of this service.
  const further: [Pair, Field, (value: number) => string][] = [
    [W.coveredPublic, 'covered_public', (value) => whole(value)],
    [W.insidePublic, 'supply_inside_public', amount],
    [W.substitute, 'substitute_residents', (value) => whole(value)],
  ]
  for (const [name, field, write] of further) {
    if (dates.some((year) => known(model.value(field, at, service, year)))) rows.push(line(name, (year) => write(model.value(field, at, service, year))))
  }
  if (model.has('attained')) rows.push(line(W.attained, (year) => attained(app, at, service, year)))
  return table(['', ...model.header.years.map(String)], rows, 1, 'grid')
}
