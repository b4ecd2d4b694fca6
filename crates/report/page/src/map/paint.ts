// Draws a round's map on a canvas: the screen's and the printed one by the same hand.
import type { Measure } from '../measures'
import { type Model, STATUSES } from '../model'
import { plain } from '../format'
import { classOf, coverage, type Pattern, type Scale } from '../scale'
import { W } from '../words'
import { type View, worldX, worldY } from './frame'
import type { Shapes } from './shapes'

/** What is to be seen. */
export interface Scene {
  model: Model
  shapes: Shapes
  measure: Measure
  scale: Scale
  service: number
  year: number
  facilities: boolean
  spots: boolean
  /** Width and height in CSS pixels; and how many dots make one. */
  width: number
  height: number
  dots: number
  view: View
  /** The scale at which the whole city is in view, to tell near from far. */
  whole: number
  say(pair: readonly [string, string]): string
}

type Canvas = CanvasRenderingContext2D

const INK = '#24323d'
const FONT = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","Segoe UI",sans-serif'

/** Demand points appear where the map is drawn so many times larger than the whole. */
const SPOTS_FROM = 3
const COMMUNITIES_FROM = 2.5

export function showsSpots(scene: Scene): boolean {
  return scene.spots && scene.measure.id === 'coverage' && scene.model.column('spot.share') !== null && scene.view.scale >= SPOTS_FROM * scene.whole
}

const world = ({ dots, view }: Scene, canvas: Canvas) => canvas.setTransform(dots * view.scale, 0, 0, dots * view.scale, dots * view.left, dots * view.top)
const screen = ({ dots }: Scene, canvas: Canvas) => canvas.setTransform(dots, 0, 0, dots, 0, 0)

/** Units in their colours, and demand points above them when near. */
export function paintAreas(scene: Scene, canvas: Canvas) {
  const { model, measure, scale, service, year, view, shapes } = scene
  canvas.setTransform(1, 0, 0, 1, 0, 0)
  canvas.clearRect(0, 0, canvas.canvas.width, canvas.canvas.height)
  const absent = measure.absent(model, service) !== null
  const near = showsSpots(scene)
  world(scene, canvas)
  const hatched: { path: Path2D; pattern: Pattern | 'hatch' }[] = []
  shapes.units.forEach(({ path }, unit) => {
    const at = absent ? -1 : classOf(scale, measure.value(model, unit, service, year))
    const its = scale.classes[at]
    canvas.fillStyle = its ? its.colour : '#e9ebed'
    canvas.fill(path, 'evenodd')
    if (!its) hatched.push({ path, pattern: 'hatch' })
    else if (its.pattern && its.pattern !== 'none') hatched.push({ path, pattern: its.pattern })
  })
  for (const { path, pattern } of hatched) {
    canvas.fillStyle = texture(canvas, pattern, view, scene.dots)
    canvas.fill(path, 'evenodd')
  }
  if (near) {
    // Units step back behind the places where people live.
    screen(scene, canvas)
    canvas.fillStyle = 'rgba(255,255,255,0.62)'
    canvas.fillRect(0, 0, scene.width, scene.height)
    paintSpots(scene, canvas)
  }
}

/** Squares (or dots, where each stands for one demand point) in the colours of coverage. */
function paintSpots(scene: Scene, canvas: Canvas) {
  const { model, service, year, view, shapes } = scene
  const column = model.shareColumn(service, year)
  if (column < 0) return
  const colours = coverage(W.coverageTitle)
  const side = model.header.demand.side_m
  const size = side > 0 ? Math.max(2, side * view.scale) : Math.min(10, Math.max(4, 3 * (view.scale / scene.whole) ** 0.5))
  const [xs, ys] = [model.column('spot.x'), model.column('spot.y')]
  if (!xs || !ys) return
  const groups: number[][] = [...colours.classes.map(() => []), []]
  for (let spot = 0; spot < model.spots; spot++) {
    const x = view.scale * worldX(shapes.frame, xs[spot]) + view.left
    const y = view.scale * worldY(shapes.frame, ys[spot]) + view.top
    if (x < -size || y < -size || x > scene.width + size || y > scene.height + size) continue
    const at = classOf(colours, model.spotShare(column, spot) / 100)
    groups[at < 0 ? colours.classes.length : at].push(x, y)
  }
  groups.forEach((places, at) => {
    canvas.fillStyle = colours.classes[at]?.colour ?? '#d3d7da'
    for (let each = 0; each < places.length; each += 2) canvas.fillRect(places[each] - size / 2, places[each + 1] - size / 2, size, size)
  })
  // Squares tile the ground; points stand alone, and the pale ones need a rim.
  if (side === 0) {
    canvas.strokeStyle = 'rgba(36,50,61,0.6)'
    canvas.lineWidth = 0.7
    for (const places of groups) for (let each = 0; each < places.length; each += 2) canvas.strokeRect(places[each] - size / 2, places[each + 1] - size / 2, size, size)
  }
}

/** Borders: communities faint and only near, units thin, townships and the outside thicker. */
export function paintLines(scene: Scene, canvas: Canvas) {
  const { shapes, view } = scene
  canvas.setTransform(1, 0, 0, 1, 0, 0)
  canvas.clearRect(0, 0, canvas.canvas.width, canvas.canvas.height)
  world(scene, canvas)
  canvas.lineJoin = 'round'
  const near = view.scale >= COMMUNITIES_FROM * scene.whole
  if (near && scene.model.header.communities.length > 0) line(canvas, shapes.communities().lines, 'rgba(120,138,152,0.6)', 0.6 / view.scale)
  // A middle grey is seen on the pale and on the dark end of every ramp; townships have a light rim for the same reason.
  line(canvas, shapes.unitLines, 'rgba(120,138,152,0.95)', (near ? 1.4 : 0.8) / view.scale)
  line(canvas, shapes.townshipLines, 'rgba(255,255,255,0.6)', (near ? 3.6 : 2.4) / view.scale)
  line(canvas, shapes.townshipLines, 'rgba(36,50,61,0.9)', (near ? 1.8 : 1) / view.scale)
}

function line(canvas: Canvas, path: Path2D, colour: string, width: number) {
  canvas.strokeStyle = colour
  canvas.lineWidth = width
  canvas.stroke(path)
}

/** Facilities by status, and names. */
export function paintMarks(scene: Scene, canvas: Canvas) {
  canvas.setTransform(1, 0, 0, 1, 0, 0)
  canvas.clearRect(0, 0, canvas.canvas.width, canvas.canvas.height)
  screen(scene, canvas)
  if (scene.facilities && scene.measure.byService) paintFacilities(scene, canvas)
  paintNames(scene, canvas)
}

/** Where a facility stands on the screen. */
export function offerPlace(scene: Scene, at: number): [number, number] {
  const { model, shapes, view } = scene
  return [view.scale * worldX(shapes.frame, model.offer('x', at)) + view.left, view.scale * worldY(shapes.frame, model.offer('y', at)) + view.top]
}

/** Radius of a facility's mark: smaller where there are many on a map of the whole. */
export function markSize(scene: Scene): number {
  const nearness = Math.sqrt(scene.view.scale / scene.whole)
  const many = scene.model.offersOf(scene.service).length
  const base = many > 5000 ? 0.9 : many > 1500 ? 1.4 : many > 400 ? 2 : 3.2
  return Math.min(6.5, base * nearness ** 0.9)
}

function paintFacilities(scene: Scene, canvas: Canvas) {
  const { model, service, year } = scene
  const size = markSize(scene)
  const { open, shut } = model.offersByOpen(service, year)
  const seen = (at: number): [number, number] | null => {
    const [x, y] = offerPlace(scene, at)
    return x < -9 || y < -9 || x > scene.width + 9 || y > scene.height + 9 ? null : [x, y]
  }
  const stamped = (at: number, isOpen: boolean) => {
    const place = seen(at)
    if (place === null) return
    const stamp = stampOf(size, model.offer('status', at), isOpen, scene.dots)
    const [wide, high] = [stamp.width / scene.dots, stamp.height / scene.dots]
    canvas.drawImage(stamp, place[0] - wide / 2, place[1] - high / 2, wide, high)
  }
  // Those that are open last, on top of those that are not.
  shut.forEach((at) => stamped(at, false))
  if (size >= TINY) {
    open.forEach((at) => stamped(at, true))
    return
  }
  // Thousands of discs of this size look like squares, which are drawn ten times faster.
  const places = open.map(seen)
  for (const [colour, half] of [['#17232e', size + 0.3], ['#ffd447', size - 0.5]] as const) {
    canvas.fillStyle = colour
    for (const place of places) if (place !== null) canvas.fillRect(place[0] - half, place[1] - half, 2 * half, 2 * half)
  }
}

/** Marks smaller than this are seen as dots alone. */
const TINY = 1.8

const stamps = new Map<number, HTMLCanvasElement>()

/** A mark drawn once; thousands of the same are copied much faster than drawn. */
function stampOf(size: number, status: number, open: boolean, dots: number): HTMLCanvasElement {
  // Sizes in tenths of a pixel, so that zooming makes few of them.
  const tenths = Math.round(size * 10)
  const key = ((tenths * 8 + status) * 2 + Number(open)) * 1000 + Math.round(dots * 100)
  let stamp = stamps.get(key)
  if (stamp === undefined) {
    const side = Math.ceil((tenths / 10) * 1.7 + 1)
    stamp = document.createElement('canvas')
    stamp.width = stamp.height = Math.ceil(2 * side * dots)
    const brush = stamp.getContext('2d')
    if (brush) {
      brush.setTransform(dots, 0, 0, dots, stamp.width / 2, stamp.height / 2)
      mark(brush, 0, 0, tenths / 10, status, open)
    }
    stamps.set(key, stamp)
  }
  return stamp
}

/** A status by shape: disc, disc with a dot or ring (committed, by whether it is open yet), diamond, square, cross. */
export function mark(canvas: Canvas, x: number, y: number, size: number, status: number, open: boolean) {
  const name = STATUSES[status]
  canvas.lineWidth = Math.max(0.8, size * 0.32)
  canvas.beginPath()
  if (open) {
    canvas.arc(x, y, size, 0, 2 * Math.PI)
    // Yellow with a dark rim stands out on the pale and on the dark ends of every ramp.
    canvas.fillStyle = '#ffd447'
    canvas.strokeStyle = '#17232e'
    canvas.fill()
    canvas.stroke()
    if (name === 'committed' && size > 2) {
      canvas.beginPath()
      canvas.arc(x, y, size * 0.38, 0, 2 * Math.PI)
      canvas.fillStyle = '#17232e'
      canvas.fill()
    }
    return
  }
  canvas.strokeStyle = '#17232e'
  canvas.fillStyle = '#ffffff'
  if (name === 'committed' || name === 'existing') canvas.arc(x, y, size, 0, 2 * Math.PI)
  else if (name === 'planned') {
    canvas.moveTo(x, y - size * 1.2)
    canvas.lineTo(x + size * 1.2, y)
    canvas.lineTo(x, y + size * 1.2)
    canvas.lineTo(x - size * 1.2, y)
    canvas.closePath()
  } else if (name === 'idle') canvas.rect(x - size, y - size, 2 * size, 2 * size)
  else {
    canvas.moveTo(x - size, y - size)
    canvas.lineTo(x + size, y + size)
    canvas.moveTo(x + size, y - size)
    canvas.lineTo(x - size, y + size)
  }
  canvas.fill()
  canvas.stroke()
}

/** Names that find room: townships on a map of the whole, units nearer by. The largest come first. */
function paintNames(scene: Scene, canvas: Canvas) {
  const far = scene.view.scale < 1.8 * scene.whole && scene.model.units > 40
  const labels = far ? townshipLabels(scene) : unitLabels(scene)
  // On a map of the whole, names leave room for the colours.
  const [wide, high, most] = far ? [16, 20, 45] : [4, 9, 120]
  const taken: [number, number, number, number][] = []
  canvas.font = `500 12px ${FONT}`
  canvas.textAlign = 'center'
  canvas.textBaseline = 'middle'
  canvas.lineJoin = 'round'
  let shown = 0
  for (const { name, x, y } of labels) {
    if (x < 0 || y < 0 || x > scene.width || y > scene.height) continue
    const half = canvas.measureText(name).width / 2 + wide
    const box: [number, number, number, number] = [x - half, y - high, x + half, y + high]
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue
    taken.push(box)
    canvas.strokeStyle = 'rgba(255,255,255,0.88)'
    canvas.lineWidth = 3
    canvas.strokeText(name, x, y)
    canvas.fillStyle = INK
    canvas.fillText(name, x, y)
    if (++shown >= most) return
  }
}

interface Label {
  name: string
  x: number
  y: number
  weight: number
}

function unitLabels(scene: Scene): Label[] {
  const { model, shapes, view } = scene
  const [xs, ys] = [model.column('unit.label.x'), model.column('unit.label.y')]
  if (!xs || !ys) return []
  return model.header.units
    .map((_, unit) => ({
      name: plain(model.unitName(unit), 14),
      x: view.scale * worldX(shapes.frame, xs[unit]) + view.left,
      y: view.scale * worldY(shapes.frame, ys[unit]) + view.top,
      weight: model.residents(unit, 0),
    }))
    .sort((a, b) => (b.weight || 0) - (a.weight || 0))
}

/** A township's name stands in its largest unit. */
function townshipLabels(scene: Scene): Label[] {
  const first = new Map<number, Label>()
  const { model } = scene
  const order = model.header.units.map((_, unit) => unit).sort((a, b) => (model.residents(b, 0) || 0) - (model.residents(a, 0) || 0))
  const [xs, ys] = [model.column('unit.label.x'), model.column('unit.label.y')]
  if (!xs || !ys) return []
  for (const unit of order) {
    const township = model.header.units[unit].township_position
    const known = first.get(township)
    if (known) known.weight += model.residents(unit, 0) || 0
    else {
      const { view, shapes } = scene
      const x = view.scale * worldX(shapes.frame, xs[unit]) + view.left
      const y = view.scale * worldY(shapes.frame, ys[unit]) + view.top
      first.set(township, { name: plain(model.townshipName(unit), 12), x, y, weight: model.residents(unit, 0) || 0 })
    }
  }
  return [...first.values()].sort((a, b) => b.weight - a.weight)
}

/** The outline of a unit that is chosen or under the pointer. */
export function paintOutline(scene: Scene, canvas: Canvas, unit: number, chosen: boolean) {
  const path = scene.shapes.units[unit]?.path
  if (path) outline(scene, canvas, path, chosen)
}

export function paintCommunityOutline(scene: Scene, canvas: Canvas, community: number) {
  const path = scene.shapes.communities().areas[community]?.path
  if (path) outline(scene, canvas, path, false)
}

function outline(scene: Scene, canvas: Canvas, path: Path2D, chosen: boolean) {
  world(scene, canvas)
  canvas.lineJoin = 'round'
  if (chosen) line(canvas, path, '#ffffff', 5.5 / scene.view.scale)
  line(canvas, path, chosen ? '#c2185b' : '#24323d', (chosen ? 3 : 1.8) / scene.view.scale)
}

const textures = new Map<string, CanvasPattern>()

/** Lines or dots that keep their size on the screen whatever the scale. */
function texture(canvas: Canvas, pattern: Pattern | 'hatch', view: View, dots: number): CanvasPattern | string {
  const size = Math.round(8 * dots)
  const key = `${pattern} ${size}`
  let found = textures.get(key)
  if (!found) {
    const tile = document.createElement('canvas')
    tile.width = tile.height = size
    const brush = tile.getContext('2d')
    if (!brush) return 'transparent'
    brush.strokeStyle = pattern === 'hatch' ? '#b4bbc1' : 'rgba(36,50,61,0.55)'
    brush.fillStyle = 'rgba(36,50,61,0.5)'
    brush.lineWidth = dots
    if (pattern === 'dots') {
      brush.beginPath()
      brush.arc(size / 2, size / 2, 1.1 * dots, 0, 2 * Math.PI)
      brush.fill()
    } else {
      const down = pattern === 'hatch' ? 1 : -1
      for (const shift of [-size, 0, size]) {
        brush.beginPath()
        brush.moveTo(shift - size, down > 0 ? -size : size * 2)
        brush.lineTo(shift + size * 2, down > 0 ? size * 2 : -size)
        brush.stroke()
      }
    }
    const made = canvas.createPattern(tile, 'repeat')
    if (!made) return 'transparent'
    found = made
    textures.set(key, found)
  }
  // A pattern is drawn under the world's transform: take it back, so that it stays on the paper.
  const back = 1 / (view.scale * dots)
  found.setTransform(new DOMMatrix([back, 0, 0, back, -view.left / view.scale, -view.top / view.scale]))
  return found
}
