// Starts the page: reads its data, draws the first picture, and keeps map, panels and address in step with what is chosen.
import type { App } from './app'
import { fromBase64, gunzip, unpack } from './blob'
import type { Figure } from './derive'
import { append, get, h, named, put } from './dom'
import { know, say, speak } from './lang'
import { Shapes } from './map/shapes'
import { MapView, type Under } from './map/view'
import { measureOf, textOf } from './measures'
import { Model, STATUSES } from './model'
import { decimal, given, plain, whole } from './format'
import { change, projects } from './panels/change'
import { choices, layers } from './panels/choices'
import { city } from './panels/city'
import { data } from './panels/data'
import { caption, foot, title } from './panels/frame'
import { legend } from './panels/legend'
import { ranking } from './panels/ranking'
import { search } from './panels/search'
import { lengthWords, sheet } from './panels/sheet'
import { unit } from './panels/unit'
import { Why } from './panels/why'
import { address, fromAddress, initial, names, type Named, type State, type Tab, TABS, withNamed } from './state'
import { W } from './words'
import { STATUSES_WORDS } from './tables'

const timings = { decode_ms: 0, first_picture_ms: 0, last_change_ms: 0 }

const TAB_WORDS = { ranking: W.tabRanking, unit: W.tabUnit, city: W.tabCity, change: W.tabChange, projects: W.tabProjects, data: W.tabData }

async function start(): Promise<Page> {
  const begun = performance.now()
  const text = get('data').textContent ?? ''
  const model = new Model(unpack(await gunzip(fromBase64(text))))
  timings.decode_ms = performance.now() - begun
  const page = new Page(model)
  page.open()
  return page
}

class Page implements App {
  state: State
  readonly map: MapView
  private readonly shapes: Shapes
  private readonly why: Why
  private chooser: { update(): void } | null = null
  private ranked: { mark(): void } | null = null
  /** The open panel, as far as it tells of one service. */
  private served: { service(): void } | null = null
  private saving = 0

  constructor(readonly model: Model) {
    this.state = withNamed(initial(navigator.language), fromAddress(location.hash), model)
    speak(this.state.lang)
    know(model.header.plan.travel?.detour)
    this.shapes = new Shapes(model)
    this.map = new MapView(get('map'), this.shapes, {
      choose: (under) => this.choose(under),
      hover: (under) => this.hover(under),
      moved: () => this.moved(),
    })
    this.why = new Why(model, get('why'))
  }

  open() {
    get('app').hidden = false
    get('wait').hidden = true
    get('switch').addEventListener('click', () => this.change({ lang: this.state.lang === 'zh' ? 'en' : 'zh' }))
    document.addEventListener('click', (event) => {
      const told = (event.target as Element).closest<HTMLElement>('[data-why]')?.dataset.why
      if (told !== undefined) this.explain(figureFrom(told))
    })
    document.addEventListener('keydown', (event) => this.key(event))
    window.addEventListener('hashchange', () => this.update(withNamed(this.state, fromAddress(location.hash), this.model)))
    window.addEventListener('beforeprint', () => {
      const scene = this.map.scene()
      if (scene) sheet(this, scene, get('sheet'))
    })
    window.addEventListener('afterprint', () => put(get('sheet')))
    this.words()
    this.draw()
    this.chooser?.update()
    this.panel()
  }

  change(patch: Partial<State>) {
    this.update({ ...this.state, ...patch })
  }

  set(named: Named) {
    this.update(withNamed(this.state, named, this.model))
  }

  showUnit(unit: number) {
    if (unit < 0) return
    this.change({ unit, tab: this.state.tab === 'ranking' ? 'ranking' : 'unit' })
    const area = this.shapes.units[unit]
    if (area) this.map.goTo(area.bounds)
  }

  explain(figure: Figure) {
    this.why.open(figure)
  }

  /** Shows a state; touches only what differs from the present one. */
  private update(next: State) {
    const begun = performance.now()
    const before = this.state
    this.state = next
    const differs = (...keys: (keyof State)[]) => keys.some((key) => before[key] !== next[key])
    if (differs('lang')) {
      speak(next.lang)
      this.words()
      this.moved()
    }
    if (differs('lang', 'service', 'verdict', 'year', 'facilities', 'spots')) this.draw()
    else if (differs('unit')) this.map.mark(next.unit)
    if (differs('service', 'verdict', 'year')) this.chooser?.update()
    const stale: Record<Tab, boolean> = {
      ranking: differs('list') || (next.list === 'shown' && differs('service', 'verdict', 'year')),
      unit: differs('unit', 'year'),
      city: differs('year'),
      change: false,
      projects: false,
      data: false,
    }
    if (differs('lang', 'tab') || stale[next.tab]) this.panel(differs('lang', 'tab', 'list', 'unit'))
    else {
      if (differs('service')) this.served?.service()
      if (differs('unit')) this.ranked?.mark()
    }
    if (differs('lang')) this.why.render()
    if (differs('unit', 'service', 'verdict', 'year')) this.tell()
    // Browsers hold back pages that write their address too often.
    window.clearTimeout(this.saving)
    this.saving = window.setTimeout(() => history.replaceState(null, '', address(this.state, this.model)), 300)
    timings.last_change_ms = performance.now() - begun
  }

  /** All texts that change with the language alone. */
  private words() {
    const { lang } = this.state
    document.documentElement.lang = lang === 'zh' ? 'zh-Hans' : 'en'
    document.title = `${plain(this.model.header.round)} · ${say(W.product)}`
    const other = get('switch')
    other.textContent = say(W.switchTo)
    other.setAttribute('aria-label', say(W.switchLabel))
    other.setAttribute('lang', lang === 'zh' ? 'en' : 'zh-Hans')
    title(this.model, get('title'))
    foot(this.model, get('foot'))
    put(get('caption'), ...caption(this.model))
    search(this, get('find'), (community) => this.showCommunity(community), (offer) => this.showOffer(offer))
    get('choices').setAttribute('aria-label', say(W.choices))
    get('side').setAttribute('aria-label', say(W.panels))
    get('map').setAttribute('aria-label', say(W.mapLabel))
    get('legend').setAttribute('aria-label', say(W.legend))
    put(get('north').querySelector('span') as Element, say(W.north))
    const button = (text: string, name: readonly [string, string], act: () => void) => h('button', { type: 'button', title: say(name), 'aria-label': say(name), click: act }, text)
    put(get('zoom'), button('+', W.zoomIn, () => this.map.zoom(1.6)), button('−', W.zoomOut, () => this.map.zoom(1 / 1.6)), button('⤢', W.zoomAll, () => this.map.fit()))
    this.chooser = choices(this, get('choices'))
    layers(this, get('layers'))
    this.tabs()
  }

  private tabs() {
    const tab = (name: Tab) =>
      h('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'panel', click: () => this.change({ tab: name }), keydown: (event: KeyboardEvent) => this.tabKey(event, name) }, say(TAB_WORDS[name]))
    put(get('tabs'), ...TABS.map(tab))
  }

  private tabKey(event: KeyboardEvent, name: Tab) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const next = TABS[(TABS.indexOf(name) + step + TABS.length) % TABS.length]
    this.change({ tab: next })
    get(`tab-${next}`).focus()
  }

  private panel(reveal = true) {
    const { tab } = this.state
    for (const name of TABS) {
      const button = get(`tab-${name}`)
      button.setAttribute('aria-selected', String(name === tab))
      button.setAttribute('tabindex', name === tab ? '0' : '-1')
    }
    const box = get('panel')
    const kept = box.dataset.tab === tab && tab !== 'ranking' ? box.scrollTop : 0
    box.dataset.tab = tab
    box.setAttribute('aria-labelledby', `tab-${tab}`)
    this.ranked = tab === 'ranking' ? ranking(this, box, reveal) : null
    this.served = tab === 'unit' ? unit(this, box) : tab === 'city' ? city(this, box) : null
    if (tab === 'change') change(this, box)
    if (tab === 'projects') projects(box)
    if (tab === 'data') data(this, box)
    if (tab !== 'ranking') box.scrollTop = kept
  }

  private draw() {
    const { service, year, facilities, spots, verdict, unit } = this.state
    const measure = measureOf(verdict)
    this.map.show({ model: this.model, shapes: this.shapes, measure, scale: measure.scale(this.model, service), service, year, facilities, spots, say }, unit)
    const absent = measure.absent(this.model, service)
    get('absent').hidden = absent === null
    get('absent').textContent = absent === null ? '' : say(absent)
    this.legend()
  }

  private legend() {
    const scene = this.map.scene()
    if (scene) put(get('legend'), ...legend(scene))
  }

  private wasNear = false

  private moved() {
    const { metres, pixels } = this.map.scaleBar(140)
    const [words, bar] = get('scale').children
    words.textContent = lengthWords(metres)
    ;(bar as HTMLElement).style.width = `${pixels}px`
    const near = this.map.nearness() >= 3
    if (near !== this.wasNear) {
      this.wasNear = near
      this.legend()
    }
  }

  private choose(under: Under) {
    if (under.offer >= 0) {
      this.explain({ what: 'offer', unit: under.offer, service: this.state.service, year: this.state.year })
      return
    }
    const tab = under.unit >= 0 && this.state.tab !== 'ranking' ? 'unit' : this.state.tab
    this.change({ unit: under.unit, tab })
  }

  private hover(under: Under | null) {
    const tip = get('tip')
    tip.hidden = under === null || under.unit < 0
    if (under === null || tip.hidden) return
    const { service, year, verdict } = this.state
    const measure = measureOf(verdict)
    const { model } = this
    const absent = measure.absent(model, service)
    put(tip, h('b', {}, named(model.unitName(under.unit))), h('span', {}, absent ? say(absent) : `${say(measure.name)} ${textOf(measure, model, under.unit, service, year, say)}`), h('span', {}, `${whole(model.residents(under.unit, year))} ${say(W.thousandsNote)}`))
    const community = model.header.communities[under.community]
    if (community) append(tip, [h('span', {}, named(community.name || community.code))])
    if (under.offer >= 0) {
      const capacity = model.offer('capacity', under.offer)
      const status = STATUSES_WORDS[STATUSES[model.offer('status', under.offer)]]
      const size = Number.isNaN(capacity) ? '' : ` · ${given(capacity)} ${say(model.header.services[service].unit)}`
      append(tip, [h('span', { class: 'offer' }, named(model.offerName(under.offer)), ` · ${say(status)}${size}`)])
    }
    const spot = this.map.nearness() >= 3 ? this.spotAt(under) : -1
    const minutes = spot < 0 ? NaN : model.spotMinutes(service, spot)
    if (Number.isFinite(minutes)) append(tip, [h('span', {}, `${say(W.minutesTo)} ${decimal(minutes, 1)} ${say(W.minutes)}`)])
    const box = get('map')
    const left = under.x + 16 + 240 > box.clientWidth ? Math.max(8, under.x - 16 - tip.offsetWidth) : under.x + 16
    const top = under.y + 16 + tip.offsetHeight > box.clientHeight ? under.y - 12 - tip.offsetHeight : under.y + 16
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
  }

  /** The place where people live that is nearest to the pointer, within a few pixels or its square. */
  private spotAt(under: Under): number {
    const { model } = this
    const scene = this.map.scene()
    const [xs, ys] = [model.column('spot.x'), model.column('spot.y')]
    if (!scene || !xs || !ys || !scene.spots) return -1
    const reach = Math.max(6 / scene.view.scale, model.header.demand.side_m / 2)
    const { width, height } = this.map.frame
    let [best, nearest] = [reach, -1]
    for (let spot = 0; spot < model.spots; spot++) {
      const apart = Math.max(Math.abs((xs[spot] / 65535) * width - under.worldX), Math.abs((1 - ys[spot] / 65535) * height - under.worldY))
      if (apart <= best) [best, nearest] = [apart, spot]
    }
    return nearest
  }

  private showCommunity(community: number) {
    const unit = this.model.header.communities[community].units[0] ?? -1
    const area = this.shapes.communities().areas[community]
    this.change({ unit })
    if (area) this.map.goTo(area.bounds)
    this.map.markCommunity(community)
  }

  private showOffer(offer: number) {
    const service = this.model.offer('service', offer)
    const known = this.model.header.services[service] !== undefined
    this.change({ unit: this.model.header.units[this.model.offer('unit', offer)] ? this.model.offer('unit', offer) : -1, ...(known ? { service } : {}) })
    // A neighbourhood of about a kilometre, in steps of the frame.
    const [dx, dy] = [(65535 * 500) / this.map.frame.width, (65535 * 500) / this.map.frame.height]
    const [x, y] = [this.model.offer('x', offer), this.model.offer('y', offer)]
    this.map.goTo([x - dx, y - dy, x + dx, y + dy])
    this.explain({ what: 'offer', unit: offer, service: this.state.service, year: this.state.year })
  }

  /** Says what is chosen to those who do not see it. */
  private tell() {
    const { unit, service, year, verdict } = this.state
    const measure = measureOf(verdict)
    const parts = [measure.byService ? say(this.model.header.services[service]?.name ?? ['', '']) : '', say(measure.name), String(this.model.header.years[year])]
    if (unit >= 0) parts.unshift(`${plain(this.model.unitName(unit))} ${textOf(measure, this.model, unit, service, year, say)}`)
    get('live').textContent = parts.filter((each) => each !== '').join(' · ')
  }

  private key(event: KeyboardEvent) {
    const typing = event.target instanceof HTMLInputElement && event.target.type === 'search'
    if (event.key === '/' && !typing) {
      event.preventDefault()
      get('search').focus()
    } else if (event.key === 'Escape' && this.why.isOpen) this.why.close()
    else if (event.key === 'Escape' && !typing && this.state.unit >= 0) this.change({ unit: -1 })
  }
}

function figureFrom(told: string): Figure {
  const [what, unit, service, year] = told.split(',')
  return { what, unit: Number(unit), service: Number(service), year: Number(year) }
}

const frames = (count: number) =>
  new Promise<void>((done) => {
    const step = (left: number) => (left === 0 ? done() : requestAnimationFrame(() => step(left - 1)))
    step(count)
  })

let page: Page | null = null
const ready = start().then(async (made) => {
  page = made
  // The second frame begins when the first is on the screen.
  await frames(2)
  timings.first_picture_ms = performance.now()
})
ready.catch((error: unknown) => {
  const wait = get('wait')
  wait.hidden = false
  wait.className = 'failed'
  wait.textContent = `页面打不开。The page cannot be opened. ${error instanceof Error ? error.message : String(error)}`
})

declare global {
  interface Window {
    /** For tests and measurements. */
    fuwutu: {
      ready: Promise<void>
      timings: typeof timings
      state(): Required<Named> | null
      set(named: Named): void
    }
  }
}

window.fuwutu = {
  ready,
  timings,
  state: () => (page ? names(page.state, page.model) : null),
  set: (named) => page?.set(named),
}
