// What is to be seen: verdict, year and service; beside each service the city's figure.
import type { App } from '../app'
import { h, put } from '../dom'
import { amount, NONE, known } from '../format'
import type { Pair } from '../header'
import { say } from '../lang'
import { type Group, measureOf, MEASURES } from '../measures'
import { W } from '../words'

const GROUPS: [Group, Pair][] = [
  ['circle', W.groupCircle],
  ['reach', W.groupReach],
  ['capacity', W.groupCapacity],
  ['presence', W.groupPresence],
  ['overall', W.groupOverall],
]

export function choices(app: App, box: HTMLElement): { update(): void } {
  const { model } = app
  const services = new Map<number, { radio: HTMLInputElement; figure: HTMLElement }>()
  const verdicts = new Map<string, HTMLInputElement>()

  const service = (at: number) => {
    const { name, short } = model.header.services[at]
    const radio = h('input', { type: 'radio', name: 'service', value: at, change: () => app.change({ service: at }) })
    const figure = h('button', { type: 'button', class: 'figure' })
    services.set(at, { radio, figure })
    return h('li', {}, h('label', { title: say(name) }, radio, h('span', {}, say(short[0] ? short : name))), figure)
  }
  const tier = (tier: string, name: Pair) => {
    const its = model.header.services.map((_, at) => at).filter((at) => model.header.services[at].row.tier === tier)
    return its.length > 0 && h('div', { class: 'tier' }, h('h3', {}, say(name), h('small', { class: 'of-figure' }, '')), h('ul', { class: 'services' }, ...its.map(service)))
  }
  const verdict = (id: string) => {
    const measure = measureOf(id)
    const radio = h('input', { type: 'radio', name: 'verdict', value: id, change: () => app.change({ verdict: id }) })
    verdicts.set(id, radio)
    return h('label', { class: 'pill' }, radio, h('span', {}, say(measure.brief ?? measure.name)))
  }
  const group = ([group, name]: [Group, Pair]) =>
    h('div', { class: 'verdicts', role: 'group', 'aria-label': say(name) }, h('b', {}, say(name)), h('div', {}, ...MEASURES.filter((each) => each.group === group).map((each) => verdict(each.id))))
  const slider = h('input', { type: 'range', id: 'year', min: 0, max: Math.max(0, model.years - 1), step: 1, 'aria-label': say(W.year), input: () => app.change({ year: Number(slider.value) }) })
  const ticks = model.header.years.map((year, at) => h('button', { type: 'button', tabindex: -1, click: () => app.change({ year: at }) }, String(year)))
  const yearNote = h('p', { class: 'note' })

  put(
    box,
    h('section', {}, h('h2', {}, say(W.verdict)), ...GROUPS.map(group)),
    h(
      'section',
      { class: 'years' },
      h('h2', {}, say(W.year)),
      model.years > 1 && slider,
      h('div', { class: 'ticks', 'aria-hidden': 'true' }, ...ticks),
      yearNote,
    ),
    h('section', { class: 'list' }, h('h2', {}, say(W.services)), tier('basic', W.basic), tier('improved', W.improved)),
  )

  const update = () => {
    const { service: chosen, verdict, year } = app.state
    for (const [id, radio] of verdicts) {
      radio.checked = id === verdict
      const absent = measureOf(id).absent(model, chosen)
      const label = radio.parentElement as HTMLElement
      label.classList.toggle('absent', absent !== null)
      label.title = absent === null ? '' : say(absent)
    }
    const of = figureOf(verdict)
    box.querySelectorAll('.of-figure').forEach((each) => (each.textContent = `${say(W.cityFigure)} · ${say(of.name)}`))
    for (const [at, { radio, figure }] of services) {
      radio.checked = at === chosen
      figure.textContent = of.text(app, at)
      figure.dataset.why = `${of.what},-1,${at},${year}`
      figure.classList.toggle('off', figure.textContent === NONE)
    }
    slider.value = String(year)
    slider.setAttribute('aria-valuetext', String(model.header.years[year]))
    ticks.forEach((tick, at) => tick.classList.toggle('now', at === year))
    const { projection } = model.header
    const kind = year === 0 ? W.baseYear : W.projectedYear
    yearNote.textContent = projection === null ? say(W.noEarlier) : `${model.header.years[year]} · ${say(kind)}`
  }
  update()
  return { update }
}

/** What is drawn above the areas. */
export function layers(app: App, box: HTMLElement) {
  const layer = (key: 'facilities' | 'spots', name: Pair) => {
    const input = h('input', { type: 'checkbox', change: () => app.change({ [key]: input.checked }) })
    input.checked = app.state[key]
    return h('label', { class: 'check' }, input, h('span', {}, say(name)))
  }
  box.setAttribute('role', 'group')
  box.setAttribute('aria-label', say(W.layers))
  put(box, layer('facilities', W.showFacilities), app.model.spots > 0 && layer('spots', W.showSpots))
}

/** The city's figure that belongs to what is shown. */
function figureOf(verdict: string): { name: Pair; what: string; text(app: App, service: number): string } {
  const { group } = measureOf(verdict)
  const total = (app: App, service: number) => app.model.total(service, app.state.year)
  if (group === 'capacity') return { name: W.short, what: 'short', text: (app, service) => amount(total(app, service)?.certain_short) }
  if (group === 'presence') {
    return {
      name: W.attainedUnits,
      what: 'attained',
      text: (app, service) => {
        return app.model.attainedText(total(app, service))
      },
    }
  }
  return { name: W.coverage, what: 'coverage', text: (app, service) => cityCoverage(app, service) }
}

function cityCoverage(app: App, service: number): string {
  const its = app.model.total(service, app.state.year)
  return its && known(its.covered) && known(its.target) && its.target > 0 ? app.model.coverageText(service, its.covered / its.target) : NONE
}
