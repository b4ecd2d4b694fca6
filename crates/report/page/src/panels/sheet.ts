// The sheet that is printed (A4 or A3, landscape): map, legend, key figures, the first twenty, foot.
import type { App } from '../app'
import { h, named, put, type Child } from '../dom'
import { amount, known, NONE, whole } from '../format'
import { say } from '../lang'
import { fit, roundLength } from '../map/frame'
import { paintAreas, paintLines, paintMarks, paintOutline, type Scene } from '../map/paint'
import { textOf } from '../measures'
import { W } from '../words'
import { legend } from './legend'
import { badges, caption, footLines } from './frame'
import { causes, order } from './ranking'

/** The map's size on paper in CSS pixels, drawn with three dots to one: about 290 dots an inch on A4. */
const [WIDTH, HEIGHT, DOTS] = [600, 600, 3]

export function sheet(app: App, scene: Scene, box: HTMLElement) {
  const { model, state } = app
  const year = model.header.years[state.year]
  const service = model.header.services[state.service]
  const title = scene.measure.byService && service ? `${say(service.name)} · ${say(scene.measure.name)} · ${year}` : `${say(scene.measure.name)} · ${scene.measure.byYear ? year : model.header.years[model.years - 1]}`
  const { canvas, scale } = map(scene, state.unit)
  put(
    box,
    h('header', {}, h('h1', {}, named(model.header.round)), h('p', {}, title), ...badges(model)),
    h(
      'div',
      { class: 'sheet-body' },
      h('figure', {}, canvas, h('div', { class: 'north' }, `${say(W.north)} ▲`), scaleBar(scale), h('figcaption', {}, ...caption(model))),
      h('div', { class: 'sheet-side' }, h('div', { class: 'legend' }, ...legend(scene)), keyFigures(app), ranking(app, scene)),
    ),
    h('footer', {}, ...footLines(model)),
  )
}

/** The part of the map that is on the screen, or the whole city, whichever fits. */
function map(scene: Scene, unit: number): { canvas: HTMLCanvasElement; scale: number } {
  const canvas = h('canvas', { width: WIDTH * DOTS, height: HEIGHT * DOTS })
  const whole = fit(scene.shapes.frame, WIDTH, HEIGHT, 16)
  const near = scene.view.scale > scene.whole * 1.05
  // What is in the middle of the screen stays in the middle of the paper.
  const factor = Math.min(WIDTH / scene.width, HEIGHT / scene.height)
  const scale = scene.view.scale * factor
  const middle = [(scene.width / 2 - scene.view.left) / scene.view.scale, (scene.height / 2 - scene.view.top) / scene.view.scale]
  const view = near ? { scale, left: WIDTH / 2 - scale * middle[0], top: HEIGHT / 2 - scale * middle[1] } : whole
  const printed: Scene = { ...scene, width: WIDTH, height: HEIGHT, dots: DOTS, view, whole: whole.scale }
  const target = canvas.getContext('2d')
  const layer = h('canvas', { width: WIDTH * DOTS, height: HEIGHT * DOTS }).getContext('2d')
  if (target && layer) {
    paintAreas(printed, target)
    for (const paint of [paintLines, paintMarks]) {
      paint(printed, layer)
      target.setTransform(1, 0, 0, 1, 0, 0)
      target.drawImage(layer.canvas, 0, 0)
    }
    if (unit >= 0) paintOutline(printed, target, unit, true)
  }
  return { canvas, scale: view.scale }
}

function scaleBar(scale: number): HTMLElement {
  const metres = roundLength(120 / scale)
  const bar = h('i', {})
  // Of the figure's width, so that it stays true on any paper.
  bar.style.width = `${((100 * metres * scale) / WIDTH).toFixed(3)}%`
  return h('div', { class: 'scale' }, h('span', {}, lengthWords(metres)), bar)
}

export function lengthWords(metres: number): string {
  return metres >= 1000 ? `${metres / 1000} ${say(W.km)}` : `${metres} ${say(W.metre)}`
}

function keyFigures(app: App): HTMLElement {
  const { model, state } = app
  const total = model.total(state.service, state.year)
  const fact = (name: string, value: Child) => h('div', {}, h('dt', {}, name), h('dd', {}, value))
  const coverage = total && known(total.covered) && known(total.target) && total.target > 0 ? model.coverageText(state.service, total.covered / total.target) : NONE
  const attained = model.attainedText(total)
  return h(
    'dl',
    { class: 'facts' },
    fact(say(W.residents), whole(model.cityResidents(state.year))),
    fact(say(W.coverage), coverage),
    fact(say(W.short), amount(total?.certain_short)),
    fact(say(W.attainedUnits), attained),
  )
}

function ranking(app: App, scene: Scene): HTMLElement {
  const { model, state } = app
  const list = { ...state, list: state.list === 'shown' || model.header.places.length === 0 ? ('shown' as const) : state.list }
  const rows = order(model, list).slice(0, 20).map((unit, at) => {
    const place = model.place(unit)
    const value = list.list === 'shown' ? textOf(scene.measure, model, unit, state.service, state.year, say) : list.list === 'need' ? (place?.priority.toFixed(1) ?? NONE) : whole(place?.unserved_residents)
    return h('tr', {}, h('td', { class: 'number' }, String(at + 1)), h('td', {}, named(model.unitName(unit)), h('span', { class: 'because' }, place ? causes(model, place) : '')), h('td', { class: 'number' }, value))
  })
  const by = list.list === 'shown' ? scene.measure.name : list.list === 'need' ? W.need : W.unserved
  return h('div', { class: 'sheet-ranking' }, h('h2', {}, `${say(W.rankingHead)} · ${say(W.topTwenty)} · ${say(by)}`), h('table', {}, h('tbody', {}, ...rows)), h('p', { class: 'note' }, say(W.notAppraisal)))
}
