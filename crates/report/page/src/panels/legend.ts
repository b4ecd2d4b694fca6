// What colours and marks mean, with how many units and facilities there are of each.
import { h, type Child } from '../dom'
import { whole } from '../format'
import { say } from '../lang'
import { mark, type Scene, showsSpots } from '../map/paint'
import { STATUSES } from '../model'
import { classOf } from '../scale'
import { W } from '../words'
import { STATUSES_WORDS } from '../tables'

export function legend(scene: Scene): Child[] {
  const { model, measure, scale, service, year } = scene
  const absent = measure.absent(model, service)
  const counts = new Array<number>(scale.classes.length).fill(0)
  let unknown = 0
  for (let unit = 0; unit < model.units; unit++) {
    const at = absent ? -1 : classOf(scale, measure.value(model, unit, service, year))
    if (at < 0) unknown++
    else counts[at]++
  }
  const row = (colour: string, pattern: string, words: string, count: number) => h('li', { title: words }, swatch(colour, pattern), h('span', {}, words), h('small', {}, say([`${whole(count)} 个`, whole(count)])))
  const rows = absent ? [] : scale.classes.map((each, at) => row(each.colour, each.pattern ?? 'none', say(each.label), counts[at]))
  if (unknown > 0) rows.push(row('#e9ebed', 'hatch', say(W.unknown), unknown))
  return [
    h('h2', {}, say(scale.title), h('small', {}, say(showsSpots(scene) ? W.spotsLegend : W.legendCounts))),
    h('ul', { class: 'classes' }, ...rows),
    facilities(scene),
  ]
}

/** A line of its own even where there is nothing to tell, so that the map keeps its size. */
function facilities(scene: Scene): HTMLElement {
  const { model, service, year } = scene
  const list = h('ul', { class: 'marks', 'aria-label': say(W.facilitiesOf) })
  if (!scene.facilities || !scene.measure.byService) return list
  const { open, shut } = model.offersByOpen(service, year)
  const counts = new Map<number, { status: number; open: boolean; count: number }>()
  const add = (offer: number, isOpen: boolean) => {
    const status = model.offer('status', offer)
    // An existing one that opens later, and a committed one that is open by then, have marks of their own.
    const key = 2 * status + Number(isOpen)
    const entry = counts.get(key) ?? { status, open: isOpen, count: 0 }
    entry.count++
    counts.set(key, entry)
  }
  open.forEach((offer) => add(offer, true))
  shut.forEach((offer) => add(offer, false))
  const order = [...counts.values()].sort((a, b) => a.status - b.status || Number(b.open) - Number(a.open))
  for (const { status, open, count } of order) {
    list.append(h('li', {}, markSwatch(status, open), h('span', {}, statusWords(status, open)), h('small', {}, whole(count))))
  }
  return list
}

function statusWords(status: number, open: boolean): string {
  const [zh, en] = STATUSES_WORDS[STATUSES[status]] ?? ['', '']
  if (STATUSES[status] === 'committed' && open) return say([`${zh}，已开放`, `${en}, open`])
  if (STATUSES[status] === 'existing' && !open) return say([`${zh}，未开放`, `${en}, not yet open`])
  return say([zh, en])
}

function small(kind: string, width: number, height: number, draw: (brush: CanvasRenderingContext2D) => void): HTMLCanvasElement {
  const canvas = h('canvas', { width: 2 * width, height: 2 * height, class: kind, 'aria-hidden': 'true' })
  const brush = canvas.getContext('2d')
  if (brush) {
    brush.scale(2, 2)
    draw(brush)
  }
  return canvas
}

/** Stretched to the width of its class by the style. */
function swatch(colour: string, pattern: string): HTMLElement {
  if (pattern === 'none') {
    const plain = h('div', { class: 'swatch' })
    plain.style.background = colour
    return plain
  }
  const [width, height] = [96, 12]
  return small('swatch', width, height, (brush) => {
    brush.fillStyle = colour
    brush.fillRect(0, 0, width, height)
    brush.strokeStyle = pattern === 'hatch' ? '#a9b1b8' : 'rgba(36,50,61,0.55)'
    brush.fillStyle = 'rgba(36,50,61,0.5)'
    const falls = pattern === 'hatch'
    if (pattern === 'dots') for (let x = 4; x < width; x += 7) for (let y = 3; y < height; y += 6) brush.fillRect(x - 1, y - 1, 2, 2)
    else {
      for (let x = -height; x < width; x += 8) {
        brush.beginPath()
        brush.moveTo(x, falls ? 0 : height)
        brush.lineTo(x + height, falls ? height : 0)
        brush.stroke()
      }
    }
  })
}

function markSwatch(status: number, open: boolean): HTMLCanvasElement {
  return small('mark', 16, 14, (brush) => mark(brush, 8, 7, 4.2, status, open))
}
