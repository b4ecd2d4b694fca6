// The map on the screen: three sheets above each other (areas, lines, marks), so that a change repaints only what it touches;
// and the pointer, wheel and keys that move it.
import { type Frame, fit, roundLength, type View, worldX, worldY } from './frame'
import { markSize, offerPlace, paintAreas, paintCommunityOutline, paintLines, paintMarks, paintOutline, type Scene } from './paint'
import type { Shapes } from './shapes'

/** What is under the pointer. */
export interface Under {
  unit: number
  community: number
  offer: number
  /** In CSS pixels of the map. */
  x: number
  y: number
  /** In world metres. */
  worldX: number
  worldY: number
}

export interface Listener {
  choose(under: Under): void
  hover(under: Under | null): void
  moved(): void
}

type Chosen = Omit<Scene, 'width' | 'height' | 'dots' | 'view' | 'whole'>

/** At most so much larger than the whole. */
const MOST = 400

/** A map that takes longer than this to paint (two frames and a half) is moved as a picture first. */
const QUICK_MS = 42
const REST_MS = 110

export class MapView {
  private view: View = { scale: 1, left: 0, top: 0 }
  private whole = 1
  private width = 0
  private height = 0
  private chosen: Chosen | null = null
  private unit = -1
  private community = -1
  private hovered = -1
  private pending = 0
  /** The view that is on the sheets, and how long painting them took until they were on the screen. */
  private painted: View = this.view
  private cost = 0
  private readonly holder = document.createElement('div')
  private readonly sheets: CanvasRenderingContext2D[]
  private readonly pointers = new Map<number, { x: number; y: number }>()
  private dragged = 0

  constructor(
    private readonly box: HTMLElement,
    private readonly shapes: Shapes,
    private readonly listener: Listener,
  ) {
    this.sheets = ['areas', 'lines', 'marks', 'outlines'].map((name) => {
      const canvas = document.createElement('canvas')
      canvas.className = `sheet ${name}`
      canvas.setAttribute('aria-hidden', 'true')
      const context = canvas.getContext('2d')
      if (context === null) throw new Error('this browser draws no canvas')
      return context
    })
    this.holder.className = 'sheets'
    // The first lowest, and all below what stands over the map.
    this.holder.append(...this.sheets.map((sheet) => sheet.canvas))
    box.prepend(this.holder)
    this.listen()
    new ResizeObserver(() => this.resize()).observe(box)
  }

  get frame(): Frame {
    return this.shapes.frame
  }

  scene(): Scene | null {
    if (this.chosen === null) return null
    const dots = window.devicePixelRatio || 1
    return { ...this.chosen, width: this.width, height: this.height, dots, view: this.view, whole: this.whole }
  }

  /** Shows what is chosen; paints now what is not yet so. */
  show(chosen: Chosen, unit: number) {
    const first = this.chosen === null
    this.chosen = chosen
    this.unit = unit
    this.community = -1
    if (first) {
      this.resize()
      return
    }
    const scene = this.scene()
    if (scene === null || this.width === 0) return
    if (this.pending !== 0) {
      this.paint()
      return
    }
    paintAreas(scene, this.sheets[0])
    paintMarks(scene, this.sheets[2])
    this.outlines()
  }

  /** Marks the chosen unit alone. */
  mark(unit: number) {
    this.unit = unit
    this.community = -1
    this.outlines()
  }

  markCommunity(community: number) {
    this.community = community
    this.outlines()
  }

  hover(unit: number) {
    if (this.hovered === unit) return
    this.hovered = unit
    this.outlines()
  }

  fit() {
    this.view = fit(this.frame, this.width, this.height, Math.min(40, this.width / 20), 52)
    this.whole = this.view.scale
    this.paint()
  }

  zoom(factor: number, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(this.whole * MOST, Math.max(this.whole * 0.6, this.view.scale * factor))
    const by = scale / this.view.scale
    this.view = { scale, left: x - (x - this.view.left) * by, top: y - (y - this.view.top) * by }
    this.later()
  }

  pan(x: number, y: number) {
    this.view = { ...this.view, left: this.view.left + x, top: this.view.top + y }
    this.later()
  }

  /** Brings a unit or a community into the middle, large enough to see it. */
  goTo(bounds: readonly [number, number, number, number]) {
    const [x0, y0, x1, y1] = bounds
    const [west, east] = [worldX(this.frame, x0), worldX(this.frame, x1)]
    const [north, south] = [worldY(this.frame, y1), worldY(this.frame, y0)]
    const scale = Math.min(this.whole * MOST, 0.5 * Math.min(this.width / Math.max(1, east - west), this.height / Math.max(1, south - north)))
    this.view = {
      scale,
      left: this.width / 2 - (scale * (west + east)) / 2,
      top: this.height / 2 - (scale * (north + south)) / 2,
    }
    this.paint()
  }

  /** A round length that fits into `most` pixels, in metres and in pixels. */
  scaleBar(most: number): { metres: number; pixels: number } {
    const metres = roundLength(most / this.view.scale)
    return { metres, pixels: metres * this.view.scale }
  }

  nearness(): number {
    return this.view.scale / this.whole
  }

  private resize() {
    const { clientWidth, clientHeight } = this.box
    if (this.chosen === null || clientWidth === 0 || clientHeight === 0) return
    const dots = window.devicePixelRatio || 1
    const size = [Math.round(clientWidth * dots), Math.round(clientHeight * dots)]
    const same = this.sheets[0].canvas.width === size[0] && this.sheets[0].canvas.height === size[1]
    if (same && this.width > 0) return
    const kept = this.width > 0 && this.view.scale > this.whole * 1.05
    const [dx, dy] = [(clientWidth - this.width) / 2, (clientHeight - this.height) / 2]
    this.width = clientWidth
    this.height = clientHeight
    for (const sheet of this.sheets) [sheet.canvas.width, sheet.canvas.height] = size
    if (kept) this.pan(dx, dy)
    else this.fit()
  }

  /** Moves what is painted at once, and paints anew: with the next frame where that is quick, else when the hand rests. */
  private later() {
    const { view, painted } = this
    const by = view.scale / painted.scale
    this.holder.style.transform = `translate(${view.left - painted.left * by}px, ${view.top - painted.top * by}px) scale(${by})`
    window.clearTimeout(this.pending)
    this.pending = window.setTimeout(() => this.paint(), this.cost > QUICK_MS ? REST_MS : 0)
    this.listener.moved()
  }

  private paint() {
    window.clearTimeout(this.pending)
    this.pending = 0
    const begun = performance.now()
    // The second frame begins when the first is on the screen.
    requestAnimationFrame(() => requestAnimationFrame(() => (this.cost = performance.now() - begun)))
    this.painted = this.view
    this.holder.style.transform = ''
    const scene = this.scene()
    if (scene === null || this.width === 0) return
    paintAreas(scene, this.sheets[0])
    paintLines(scene, this.sheets[1])
    paintMarks(scene, this.sheets[2])
    this.outlines()
    this.listener.moved()
  }

  private outlines() {
    const scene = this.scene()
    // What waits to be painted anew gets its outlines then.
    if (scene === null || this.width === 0 || this.pending !== 0) return
    const sheet = this.sheets[3]
    sheet.setTransform(1, 0, 0, 1, 0, 0)
    sheet.clearRect(0, 0, sheet.canvas.width, sheet.canvas.height)
    if (this.unit >= 0) paintOutline(scene, sheet, this.unit, true)
    if (this.hovered >= 0 && this.hovered !== this.unit) paintOutline(scene, sheet, this.hovered, false)
    if (this.community >= 0) paintCommunityOutline(scene, sheet, this.community)
  }

  private under(x: number, y: number): Under {
    const [worldX, worldY] = [(x - this.view.left) / this.view.scale, (y - this.view.top) / this.view.scale]
    const unit = this.shapes.unitAt(worldX, worldY)
    const community = unit >= 0 && this.nearness() >= 2.5 ? this.shapes.communityAt(worldX, worldY) : -1
    return { unit, community, offer: this.offerAt(x, y), x, y, worldX, worldY }
  }

  private offerAt(x: number, y: number): number {
    const scene = this.scene()
    if (scene === null || !scene.facilities || !scene.measure.byService) return -1
    const size = markSize(scene)
    // Marks of a few pixels cannot be aimed at.
    if (size < 2.8) return -1
    let [nearest, best] = [-1, (size + 3) ** 2]
    for (const at of scene.model.offersOf(scene.service)) {
      const [px, py] = offerPlace(scene, at)
      const distance = (px - x) ** 2 + (py - y) ** 2
      if (distance <= best) [nearest, best] = [at, distance]
    }
    return nearest
  }

  private at(event: PointerEvent | WheelEvent): { x: number; y: number } {
    const box = this.box.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }

  private listen() {
    const { box } = this
    box.addEventListener('pointerdown', (event) => {
      if ((event.target as Element).closest('.over')) return
      box.setPointerCapture(event.pointerId)
      this.pointers.set(event.pointerId, this.at(event))
      this.dragged = this.pointers.size > 1 ? Infinity : 0
    })
    box.addEventListener('pointermove', (event) => this.moved(event))
    const up = (event: PointerEvent) => {
      if (!this.pointers.delete(event.pointerId)) return
      box.classList.remove('dragging')
      if (event.type === 'pointerup' && this.dragged < 5) this.listener.choose(this.under(this.at(event).x, this.at(event).y))
    }
    box.addEventListener('pointerup', up)
    box.addEventListener('pointercancel', up)
    box.addEventListener('pointerleave', () => {
      this.hover(-1)
      this.listener.hover(null)
    })
    box.addEventListener(
      'wheel',
      (event) => {
        if ((event.target as Element).closest('.over')) return
        event.preventDefault()
        const { x, y } = this.at(event)
        const lines = event.deltaMode === 1 ? 30 : 1
        this.zoom(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * lines)) / 320), x, y)
      },
      { passive: false },
    )
    box.addEventListener('keydown', (event) => this.key(event))
  }

  private moved(event: PointerEvent) {
    const now = this.at(event)
    const before = this.pointers.get(event.pointerId)
    if (before === undefined) {
      if (event.pointerType === 'touch') return
      const over = (event.target as Element).closest('.over') !== null
      const under = over ? null : this.under(now.x, now.y)
      this.hover(under?.unit ?? -1)
      this.listener.hover(under)
      return
    }
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1]
    this.pointers.set(event.pointerId, now)
    if (other) {
      // Two fingers: their distance zooms about their middle.
      const apart = (a: { x: number; y: number }) => Math.max(10, Math.hypot(a.x - other.x, a.y - other.y))
      this.pan((now.x - before.x) / 2, (now.y - before.y) / 2)
      this.zoom(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2)
      return
    }
    this.dragged += Math.hypot(now.x - before.x, now.y - before.y)
    if (this.dragged < 5) return
    this.box.classList.add('dragging')
    this.listener.hover(null)
    this.pan(now.x - before.x, now.y - before.y)
  }

  private key(event: KeyboardEvent) {
    if (event.target !== this.box || event.ctrlKey || event.metaKey || event.altKey) return
    const step = 80
    const moves: Record<string, () => void> = {
      ArrowLeft: () => this.pan(step, 0),
      ArrowRight: () => this.pan(-step, 0),
      ArrowUp: () => this.pan(0, step),
      ArrowDown: () => this.pan(0, -step),
      '+': () => this.zoom(1.4),
      '=': () => this.zoom(1.4),
      '-': () => this.zoom(1 / 1.4),
      '0': () => this.fit(),
      Enter: () => this.listener.choose(this.under(this.width / 2, this.height / 2)),
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    move()
  }
}
