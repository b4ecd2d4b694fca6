// Where to put resources first: two lists, and one by what the map shows. A line tells its causes.
import type { App } from '../app'
import { h, lazily, named, put, why } from '../dom'
import { NONE, decimal, known, percent, whole } from '../format'
import type { Pair, Place } from '../header'
import { say } from '../lang'
import { measureOf, textOf } from '../measures'
import type { Model } from '../model'
import type { List, State } from '../state'
import { W } from '../words'

/** Units in the order of a list; those without a figure last. */
export function order(model: Model, state: State): number[] {
  const { places } = model.header
  if (state.list === 'need' && places.length > 0) return places.map((place) => place.unit_position)
  if (state.list === 'unserved' && places.length > 0) {
    return [...places].sort((a, b) => a.place_by_unserved - b.place_by_unserved).map((place) => place.unit_position)
  }
  const measure = measureOf(state.verdict)
  const absent = measure.absent(model, state.service) !== null
  const values = model.header.units.map((_, unit) => (absent ? NaN : measure.value(model, unit, state.service, state.year)))
  const sign = measure.first === 'high' ? -1 : 1
  return values
    .map((_, unit) => unit)
    .sort((a, b) => {
      const [x, y] = [values[a], values[b]]
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b
      return sign * (x - y) || a - b
    })
}

/** The three largest causes, and inflow, with their parts of the priority score. */
export function causes(model: Model, place: Place): string {
  if (!(place.priority > 0)) return ''
  const parts = place.causes.slice(0, 3).map(([service, , , part]) => {
    return `${say(model.header.services[service]?.short ?? ['', ''])} ${decimal((100 * part) / place.priority, 0)} %`
  })
  if (place.inflow_part > 0) parts.push(`${say(W.inflow)} ${decimal((100 * place.inflow_part) / place.priority, 0)} %`)
  return parts.join(' · ')
}

/** With `reveal` the chosen unit is brought into view, however far down it stands; without, the list begins at its top. */
export function ranking(app: App, box: HTMLElement, reveal: boolean): { mark(): void } {
  const { model, state } = app
  const ordered = order(model, state)
  const position = new Map(ordered.map((unit, at) => [unit, at]))
  const shown = state.list === 'shown'
  const measure = measureOf(state.verdict)
  const horizon = model.years - 1
  const lists: [List, Pair][] = [['need', W.byNeed], ['unserved', W.byUnserved], ['shown', W.byShown]]
  const value = shown ? measure.name : state.list === 'need' ? W.need : W.unserved
  // Where the map shows a share of what is listed, the list is in its order and tells it, too.
  const withShare = ['short', 'shortfall', 'unserved'].includes(measure.id)

  const row = (at: number): HTMLElement => {
    const unit = ordered[at]
    const place = model.place(unit)
    const number = shown ? at + 1 : state.list === 'need' ? (place?.place ?? at + 1) : (place?.place_by_unserved ?? at + 1)
    const figure = shown
      ? why(textOf(measure, model, unit, state.service, state.year, say) || NONE, measure.what, unit, state.service, measure.byYear ? state.year : horizon)
      : state.list === 'need'
        ? why(decimal(place?.priority, 1), 'need', unit, 0, horizon)
        : why(whole(place?.unserved_residents ?? NaN), 'unserved', unit, 0, horizon)
    // The other order stands beside each: many people need not be a large share, nor a large share many people.
    const [other, otherPlace] = state.list === 'need' ? [whole(place?.unserved_residents ?? NaN), place?.place_by_unserved] : [decimal(place?.priority, 1), place?.place]
    const beside = shown || !place ? null : `${say(state.list === 'need' ? W.unserved : W.need)} ${other} · #${otherPlace}`
    const share = shown && withShare ? percent(measure.value(model, unit, state.service, state.year)) : null
    // A unit is often named after its township.
    const township = model.unitName(unit).startsWith(model.townshipName(unit)) ? null : named(model.townshipName(unit), 'township')
    const reasons = place ? `${township ? ' · ' : ''}${causes(model, place)}` : ''
    const interval = known(place?.place_first) ? `${place?.place_first}–${place?.place_last}` : NONE
    return h(
      'tbody',
      { 'data-unit': unit, tabindex: -1, 'aria-current': unit === state.unit ? 'true' : 'false' },
      h(
        'tr',
        {},
        h('td', { class: 'number place' }, String(number)),
        h('td', { class: 'who' }, named(model.unitName(unit)), place?.small ? h('span', { class: 'under', title: say(W.fewWhole) }, say(W.few)) : null),
        h('td', { class: 'number' }, why(whole(model.residents(unit, shown ? state.year : horizon)), 'residents', unit, state.service, shown ? state.year : horizon)),
        h('td', { class: 'number strong' }, figure, share && h('span', { class: 'under' }, share)),
        h('td', { class: 'number', title: say(W.intervalWhole) }, interval),
      ),
      h('tr', { class: 'because' }, h('td', {}), h('td', { colspan: 4 }, township, reasons, beside && h('span', { class: 'under' }, beside))),
    )
  }

  const year = String(model.header.years[shown ? state.year : horizon])
  const head = h(
    'thead',
    {},
    h(
      'tr',
      {},
      h('th', { scope: 'col', class: 'number' }, '#'),
      h('th', { scope: 'col' }, say(W.unit)),
      h('th', { scope: 'col', class: 'number' }, say(W.residents), h('span', { class: 'under' }, year)),
      h('th', { scope: 'col', class: 'number' }, say(value)),
      h('th', { scope: 'col', class: 'number', title: say(W.intervalWhole) }, say(W.interval)),
    ),
  )
  const list = h('table', { class: 'ranking' }, head)
  const choice = ([list, name]: [List, Pair]) => {
    const radio = h('input', { type: 'radio', name: 'list', change: () => app.change({ list }) })
    radio.checked = list === state.list
    return h('label', { class: 'pill' }, radio, h('span', {}, say(name)))
  }
  const about = model.header.places.length === 0 ? say(W.noPlaces) : shown ? `${measure.byService ? `${say(model.header.services[state.service]?.name ?? ['', ''])} · ` : ''}${say(measure.name)} · ${year}` : `${year} · ${say(W.baseYearOnly)} · ${say(W.notAppraisal)}`
  put(
    box,
    h('h2', {}, say(W.rankingHead)),
    h('div', { class: 'pills', role: 'group', 'aria-label': say(W.listLabel) }, ...lists.map(choice)),
    h('p', { class: 'note' }, about),
    list,
  )
  const rows = lazily(list, box, ordered.length, row)
  const find = (unit: number) => list.querySelector<HTMLElement>(`tbody[data-unit="${unit}"]`)

  const mark = (far = true) => {
    const unit = app.state.unit
    list.querySelectorAll('tbody[aria-current="true"]').forEach((each) => each.setAttribute('aria-current', 'false'))
    list.querySelectorAll('tbody[tabindex="0"]').forEach((each) => each.setAttribute('tabindex', '-1'))
    const at = position.get(unit)
    if (at !== undefined && far) rows.reach(at)
    const chosen = at === undefined ? null : find(unit)
    chosen?.setAttribute('aria-current', 'true')
    ;(chosen ?? list.querySelector('tbody'))?.setAttribute('tabindex', '0')
    if (chosen && far) intoView(chosen, box)
  }

  list.addEventListener('click', (event) => {
    const target = event.target as Element
    const unit = target.closest('tbody')?.dataset.unit
    if (unit !== undefined && !target.closest('.figure')) app.change({ unit: Number(unit) })
  })
  list.addEventListener('dblclick', (event) => {
    const unit = (event.target as Element).closest('tbody')?.dataset.unit
    if (unit !== undefined) app.showUnit(Number(unit))
  })
  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
    const current = (event.target as Element).closest('tbody')
    if (!current || event.target !== current) return
    if (event.key === 'Enter') app.change({ unit: Number(current.dataset.unit), tab: 'unit' })
    if (step === undefined) return
    event.preventDefault()
    const from = position.get(Number(current.dataset.unit)) ?? 0
    const to = Math.max(0, Math.min(ordered.length - 1, from + step))
    app.change({ unit: ordered[to] })
    find(ordered[to])?.focus({ preventScroll: true })
  })
  list.addEventListener('pointerover', (event) => app.map.hover(Number((event.target as Element).closest('tbody')?.dataset.unit ?? -1)))
  list.addEventListener('pointerleave', () => app.map.hover(-1))
  mark(reveal)
  return { mark }
}

/** Scrolls only the list, and only where needed. */
function intoView(row: HTMLElement, box: HTMLElement) {
  const [outer, inner] = [box.getBoundingClientRect(), row.getBoundingClientRect()]
  const head = 40
  if (inner.top < outer.top + head) box.scrollTop += inner.top - outer.top - head - 40
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + 40
}
