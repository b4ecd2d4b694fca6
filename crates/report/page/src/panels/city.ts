// The whole city: totals by service, the chosen service year by year, counties, equity.
import type { App } from '../app'
import { type Child, h, put, table, why } from '../dom'
import { amount, decimal, known, NONE, percent, tenThousands, whole } from '../format'
import type { Pair, Total } from '../header'
import { say } from '../lang'
import { W } from '../words'
import { circleFact } from './unit'

/** With the service alone another, only its own table is made anew: see `service`. */
export function city(app: App, box: HTMLElement): { service(): void } {
  const { model, state } = app
  const all = totals(app)
  const own = h('div', {})
  const { units_info: info, plan } = model.header
  const residents = model.cityResidents(state.year)
  const year = model.header.years[state.year]
  const headroom = plan.units?.headroom ?? 0
  const left = headroom > 0 ? [`（划分时预留 ${percent(headroom)}，单元最少也以此为准）`, ` (drawn with a headroom of ${percent(headroom)}, under which the number is proven)`] : ['', '']
  put(
    box,
    h('h2', {}, `${say(W.cityHead)} · ${year}`),
    h(
      'p',
      { class: 'note' },
      why(whole(residents), 'residents', -1, state.service, state.year),
      say([` 人${residents >= 1e6 ? `（${tenThousands(residents)}）` : ''}；${whole(info.count)} 个单元，人口上限 ${whole(plan.units?.cap)}${left[0]}，${whole(info.over_cap)} 个超过；${whole(model.header.townships.length)} 个镇（街道）中 ${whole(info.townships_proved_least)} 个已证明单元最少。`, ` residents; ${whole(info.count)} units of at most ${whole(plan.units?.cap)}${left[1]}, ${whole(info.over_cap)} over it; in ${whole(info.townships_proved_least)} of ${whole(model.header.townships.length)} townships the number of units is the proven minimum.`]),
    ),
    model.hasCompleteness && h('dl', { class: 'facts' }, circleFact(model, -1, state.year, 'complete', 'mean', 0), circleFact(model, -1, state.year, 'complete15', 'mean15', 2)),
    all,
    model.header.services.some((_, at) => model.spreadMatters(at)) && h('p', { class: 'note' }, say(W.spreadMatters)),
    own,
    folded('equity', say(W.equityHead), () => equity(app)),
    folded('counties', say(W.countiesHead), () => counties(app)),
  )
  const service = () => {
    markService(all, app.state.service)
    put(own, h('h3', {}, `${say(W.tableYears)} · ${say(model.header.services[app.state.service]?.name ?? ['', ''])}`), years(app), model.counted(app.state.service) && h('p', { class: 'note' }, say(W.shortWords)))
  }
  service()
  return { service }
}

/** Marks the row of a service in a table of all of them, in their order. */
export function markService(table: HTMLElement, service: number) {
  table.querySelectorAll('tbody tr').forEach((row, at) => {
    row.classList.toggle('now', at === service)
    row.querySelector('.pick')?.setAttribute('aria-pressed', String(at === service))
  })
}

/** Which long tables are unfolded: they stay so when the panel is made anew. */
const unfolded = new Set<string>()

/** A table that is made when it is unfolded. */
function folded(key: string, title: string, make: () => Child): HTMLElement {
  const body = h('div', {})
  const box = h('details', {}, h('summary', {}, title), body)
  const fill = () => put(body, box.open && make())
  box.open = unfolded.has(key)
  fill()
  box.addEventListener('toggle', () => {
    if (box.open) unfolded.add(key)
    else unfolded.delete(key)
    if (box.open !== body.hasChildNodes()) fill()
  })
  return box
}

export function share(total: Total | null): number {
  return total && known(total.covered) && known(total.target) && total.target > 0 ? total.covered / total.target : NaN
}

function cell(text: string, what: string, service: number, year: number): Child {
  return text === NONE ? h('span', { class: 'none' }, NONE) : why(text, what, -1, service, year)
}

/** Certain: at least so much where the capacity of some facility is not known. */
function shortText(total: Total | null): string {
  const text = amount(total?.certain_short)
  return total?.certain_at_least && text !== NONE ? `≥ ${text}` : text
}

function totals(app: App): HTMLElement {
  const { model, state } = app
  const rows = model.header.services.map((service, at): Child[] => {
    const total = model.total(at, state.year)
    const pick = h('button', { type: 'button', class: 'pick', title: say(service.name), click: () => app.change({ service: at }) }, say(service.short))
    return [pick, whole(total?.target), whole(total?.covered), service.supplied ? cell(model.coverageText(at, share(total)), 'coverage', at, state.year) : h('span', { class: 'none' }, say(W.noData)), cell(shortText(total), 'short', at, state.year), cell(model.attainedText(total), 'attained', at, state.year)]
  })
  const made = table([W.service, W.target, W.covered, W.coverage, W.certain, W.attainedOf].map(say), rows, 1, 'grid totals')
  made.querySelectorAll('tbody tr').forEach((row, at) => row.setAttribute('data-service', model.header.services[at].id))
  return made
}

function years(app: App): HTMLElement {
  const { model, state } = app
  const { service } = state
  const unit = model.header.services[service]?.unit ?? ['', '']
  const withUnit = (name: Pair): string => say([unit[0] ? `${name[0]}（${unit[0]}）` : name[0], unit[1] ? `${name[1]} (${unit[1]})` : name[1]])
  const line = (name: string, make: (total: Total | null, year: number) => Child): Child[] => [name, ...model.header.years.map((_, year) => make(model.total(service, year), year))]
  const rows: Child[][] = [
    line(say(W.target), (total) => whole(total?.target)),
    line(say(W.covered), (total) => whole(total?.covered)),
    line(say(W.coverage), (total, year) => cell(model.coverageText(service, share(total)), 'coverage', service, year)),
    line(say(['时限之外', 'Too far away']), (total) => whole(total?.too_far)),
    line(say(['距道路过远', 'Too far from a street']), (total) => whole(total?.unsnapped)),
    line(say(['路网数据未覆盖', 'Outside the street data']), (total) => whole(total?.roadless)),
  ]
  if (model.has('covered_straight')) rows.push(line(say(['直线 × {detour} 覆盖人口', 'Covered, straight × {detour}']), (total) => whole(total?.covered_straight)))
  if (model.header.years.some((_, year) => known(model.total(service, year)?.covered_radius))) rows.push(line(say(['服务半径内人口', 'Within the radius']), (total) => whole(total?.covered_radius)))
  if (known(model.total(service, 0)?.covered_otherwise)) rows.push(line(say(W.otherwise), (total) => whole(total?.covered_otherwise)), line(say(W.between), (total) => (known(total?.covered_least) ? `${whole(total?.covered_least)}–${whole(total?.covered_most)}` : NONE)))
  rows.push(line(say(W.facilitiesN), (total) => whole(total?.facilities)))
  const some = (key: 'capacity_unknown' | 'units_undecided') => model.header.years.some((_, year) => (model.total(service, year)?.[key] ?? 0) > 0)
  if (some('capacity_unknown')) rows.push(line(say(W.capacityUnknown), (total) => whole(total?.capacity_unknown)))
  if (model.counted(service)) {
    rows.push(
      line(withUnit(W.capacity), (total, year) => cell(amount(total?.capacity), 'capacity', service, year)),
      line(say(W.shortfall), (total, year) => cell(amount(total?.short), 'shortfall', service, year)),
      line(say(W.short), (total, year) => cell(shortText(total), 'short', service, year)),
      line(`— ${say(W.causeFar)}`, (total) => amount(total?.certain_too_far)),
      line(`— ${say(W.causeFull)}`, (total) => amount(total?.certain_full)),
      line(`— ${say(W.causeNone)}`, (total) => amount(total?.certain_none_exists)),
    )
  }
  rows.push(line(say(W.attainedUnits), (total, year) => cell(model.attainedText(total), 'attained', service, year)))
  if (some('units_undecided')) rows.push(line(say(W.undecided), (total) => whole(total?.units_undecided)))
  return table(['', ...model.header.years.map(String)], rows, 1, 'grid years')
}

function equity(app: App): Child {
  const { model, state } = app
  const year = model.header.years[state.year]
  const its = model.header.equities.filter((each) => each.year === year)
  if (its.length === 0) return h('p', { class: 'note' }, say(W.noEquity))
  const rows = its.map((each): Child[] => [say(model.header.services[each.service_position]?.short ?? ['', '']), decimal(each.gini, 3), decimal(each.palma, 2), decimal(each.theil, 3), percent(each.below_norm_share)])
  return table([W.service, W.gini, W.palma, W.theil, W.belowNorm].map(say), rows, 1, 'grid')
}

function counties(app: App): Child {
  const { model, state } = app
  const year = model.header.years[state.year]
  const its = model.header.counties.filter((each) => each.year === year)
  if (its.length === 0) return h('p', { class: 'note' }, say(W.noCounties))
  const all = [...model.header.county_services, ...model.header.services]
  const name = (id: string) => say(all.find((each) => each.id === id)?.short ?? [id, id])
  const rows = its.map((each): Child[] => [each.county, name(each.service), known(each.required) ? `${whole(each.present)} / ${whole(each.required)}` : whole(each.facilities), amount(each.demand), amount(each.capacity), decimal(each.supply_demand_ratio, 2), amount(each.short)])
  return table([W.county, W.service, W.facilitiesN, W.demand, W.capacity, W.ratio, W.shortfall].map(say), rows, 2, 'grid')
}
