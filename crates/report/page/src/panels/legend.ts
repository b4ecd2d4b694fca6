// What colours and marks mean, with how many units and facilities there are of each.
import { h, type Child } from '../dom'
import { whole } from '../format'
import { say } from '../lang'
import { mark, type Scene, showsSpots } from '../map/paint'
import { STATUSES } from '../model'
import { classOf } from '../scale'
import { W } from '../words'

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
  const row = (swatch: Element, words: string, count: number) => h('li', {}, swatch, h('span', {}, words), h('small', {}, whole(count)))
  const rows = absent ? [] : scale.classes.map((each, at) => row(swatch(each.colour, each.pattern ?? 'none'), say(each.label), counts[at]))
  if (unknown > 0) rows.push(row(swatch('#e9ebed', 'hatch'), say(absent ?? W.unknown), unknown))
  return [
    h('ul', { class: 'classes' }, ...rows),
    showsSpots(scene) && h('p', { class: 'note' }, say(W.spotsLegend)),
    ...facilities(scene),
  ]
}

function facilities(scene: Scene): Child[] {
  if (!scene.facilities || !scene.measure.byService) return []
  const { model, service, year } = scene
  const counts = new Map<string, { status: number; open: boolean; count: number }>()
  for (const offer of model.offersOf(service)) {
    const status = model.offer('status', offer)
    const open = model.isOpen(offer, year)
    const entry = counts.get(`${status} ${open}`) ?? { status, open, count: 0 }
    entry.count++
    counts.set(`${status} ${open}`, entry)
  }
  if (counts.size === 0) return []
  const order = [...counts.values()].sort((a, b) => a.status - b.status || Number(b.open) - Number(a.open))
  const words = (status: number, open: boolean) => {
    const name = W.status[STATUSES[status]]
    if (STATUSES[status] === 'committed') return say(open ? [`${name[0]}（已开放）`, `${name[1]}, open by then`] : [`${name[0]}（未开放）`, `${name[1]}, not yet open`])
    return say(name)
  }
  return [
    h('h2', {}, say(W.facilitiesOf)),
    h('ul', { class: 'classes' }, ...order.map(({ status, open, count }) => h('li', {}, markSwatch(status, open), h('span', {}, words(status, open)), h('small', {}, whole(count))))),
  ]
}

function small(draw: (brush: CanvasRenderingContext2D) => void): HTMLCanvasElement {
  const canvas = h('canvas', { width: 44, height: 28, class: 'swatch', 'aria-hidden': 'true' })
  const brush = canvas.getContext('2d')
  if (brush) {
    brush.scale(2, 2)
    draw(brush)
  }
  return canvas
}

export function swatch(colour: string, pattern: string): HTMLCanvasElement {
  return small((brush) => {
    brush.fillStyle = colour
    brush.fillRect(0, 0, 22, 14)
    brush.lineWidth = 1
    brush.strokeStyle = pattern === 'hatch' ? '#b4bbc1' : 'rgba(36,50,61,0.55)'
    brush.fillStyle = 'rgba(36,50,61,0.5)'
    const way = pattern === 'hatch' ? 1 : -1
    if (pattern === 'dots') {
      for (let x = 4; x < 22; x += 7) for (let y = 4; y < 14; y += 6) brush.fillRect(x - 1, y - 1, 2, 2)
    } else if (pattern !== 'none') {
      for (let x = -14; x < 36; x += 8) {
        brush.beginPath()
        brush.moveTo(x, way > 0 ? 0 : 14)
        brush.lineTo(x + 14, way > 0 ? 14 : 0)
        brush.stroke()
      }
    }
    brush.strokeStyle = 'rgba(36,50,61,0.45)'
    brush.strokeRect(0.5, 0.5, 21, 13)
  })
}

function markSwatch(status: number, open: boolean): HTMLCanvasElement {
  return small((brush) => mark(brush, 11, 7, 4.2, status, open))
}
