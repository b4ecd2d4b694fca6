// Makes elements. Texts only ever become text nodes, so a name can be anything.
import { plain } from './format'

export type Child = Node | string | number | null | undefined | false

type Value = string | number | boolean | null | undefined | ((event: never) => void)

/** An element with attributes (functions are listeners) and children; null, undefined and false are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, Value> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name, value as unknown as EventListener)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

export function append(element: Element, children: Child[]) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue
    element.append(typeof child === 'number' ? String(child) : child)
  }
}

export function put(element: Element, ...children: Child[]) {
  element.textContent = ''
  append(element, children)
}

/** A name from the data: kept apart from the writing direction around it, cut by the style, whole in its tooltip. */
export function named(text: string, kind = 'name'): HTMLElement {
  const shown = plain(text, 400)
  return h('bdi', { class: kind, title: shown }, shown)
}

export function get(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}

/** A figure that tells where it comes from when it is pressed. */
export function why(text: string, what: string, unit: number, service: number, year: number, label?: string): HTMLElement {
  return h('button', { type: 'button', class: 'figure', 'data-why': `${what},${unit},${service},${year}`, title: label }, text)
}

/** A table: header cells, and rows of cells. Columns from `numbers` on are aligned as numbers. */
export function table(head: Child[], rows: Child[][], numbers = 1, kind = ''): HTMLTableElement {
  const cell = (tag: 'th' | 'td', child: Child, at: number) =>
    h(tag, { class: at >= numbers ? 'number' : null, scope: tag === 'th' ? 'col' : null }, child)
  return h(
    'table',
    { class: kind },
    h('thead', {}, h('tr', {}, ...head.map((child, at) => cell('th', child, at)))),
    h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((child, at) => cell('td', child, at))))),
  )
}

/** Rows that come as one scrolls, below and above: only a window of a long list is made. */
export function lazily(body: HTMLElement, scroller: HTMLElement, count: number, row: (at: number) => HTMLElement) {
  let [from, to] = [0, 0]
  let made: HTMLElement[] = []
  const make = (start: number, end: number) => Array.from({ length: end - start }, (_, at) => row(start + at))
  const down = (end: number) => {
    const rows = make(to, Math.max(to, Math.min(end, count)))
    to += rows.length
    made.push(...rows)
    body.append(...rows)
  }
  const up = (start: number) => {
    const rows = make(Math.max(0, start), from)
    const [first] = made
    const top = first.getBoundingClientRect().top
    from -= rows.length
    made.unshift(...rows)
    first.before(...rows)
    // What one looks at stays where it is.
    scroller.scrollTop += first.getBoundingClientRect().top - top
  }
  /** Makes a row, by making those on the way to it, or a new window about it where it is far. */
  const reach = (at: number) => {
    if (at >= from && at < to) return
    if (at >= to && at < to + PAGE) down(at + PAGE / 2)
    else if (at < from && at >= from - PAGE) up(at - PAGE / 2)
    else {
      made.forEach((each) => each.remove())
      made = []
      from = to = Math.max(0, at - PAGE / 2)
      down(at + PAGE)
    }
  }
  const scrolled = () => {
    if (!body.isConnected) return scroller.removeEventListener('scroll', scrolled)
    if (to < count && scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - 500) down(to + PAGE)
    else if (from > 0 && scroller.scrollTop < 500) up(from - PAGE)
  }
  scroller.addEventListener('scroll', scrolled, { passive: true })
  down(PAGE)
  return { reach }
}

const PAGE = 30
