// Shows where a figure comes from, step by step. A figure within a step opens its own derivation, with a way back.
import { derive, type Block, type Cell, type Figure } from '../derive'
import { type Child, h, named, put, table, why as figureButton } from '../dom'
import { say } from '../lang'
import type { Model } from '../model'
import { W } from '../words'

export class Why {
  private trail: Figure[] = []
  private opener: Element | null = null

  constructor(
    private readonly model: Model,
    private readonly box: HTMLElement,
  ) {
    box.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      this.close()
    })
  }

  get isOpen(): boolean {
    return this.trail.length > 0
  }

  /** Opens a figure; from within the panel it goes one step deeper. */
  open(figure: Figure) {
    const active = document.activeElement
    const within = this.isOpen && active !== null && this.box.contains(active)
    if (!within) {
      this.opener = active
      this.trail = []
    }
    this.trail.push(figure)
    this.render()
    this.focus()
  }

  close() {
    this.trail = []
    this.box.hidden = true
    put(this.box)
    const opener = this.opener
    this.opener = null
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
    else document.getElementById('map')?.focus({ preventScroll: true })
  }

  render() {
    const figure = this.trail[this.trail.length - 1]
    if (!figure) return
    const made = derive(this.model, figure)
    const back = () => {
      this.trail.pop()
      this.render()
      this.focus()
    }
    const of: Child[] = [made.unit === null ? (figure.what === 'offer' ? named(this.model.offerName(figure.unit)) : say(W.cityFigure)) : named(made.unit)]
    if (made.service) of.push(` · ${say(made.service)}`)
    if (made.year !== null) of.push(` · ${made.year}`)
    put(
      this.box,
      h(
        'header',
        {},
        this.trail.length > 1 && h('button', { type: 'button', class: 'plain', click: back }, `← ${say(W.back)}`),
        h('p', { class: 'kicker' }, say(W.whyHead)),
        h('button', { type: 'button', class: 'plain close', 'aria-label': say(W.close), title: `${say(W.close)} (Esc)`, click: () => this.close() }, '×'),
      ),
      h('h2', { id: 'why-head', tabindex: -1 }, h('span', {}, say(made.title)), h('strong', {}, say(made.value))),
      h('p', { class: 'note' }, ...of),
      h('ol', { class: 'steps' }, ...made.steps.map((step) => h('li', {}, h('h3', {}, say(step.title)), ...step.blocks.map(block)))),
    )
    this.box.hidden = false
    this.box.scrollTop = 0
  }

  private focus() {
    this.box.querySelector<HTMLElement>('#why-head')?.focus({ preventScroll: true })
  }
}

function block(of: Block): HTMLElement {
  switch (of.kind) {
    case 'text':
      return h('p', {}, say(of.text))
    case 'formula':
      return h('div', { class: 'formula' }, ...of.lines.map((line) => h('p', {}, say(line))))
    case 'quote':
      return h('p', {}, say(of.lead), named(of.quote, 'quote'))
    case 'check':
      return h('p', { class: of.holds ? 'check holds' : 'check apart' }, `${of.holds ? '✓' : '≠'} ${say(of.text)}`)
    case 'source':
      return h('p', { class: 'file' }, named(of.file, 'path'), ` ${say(of.text)} `, of.hash ? h('code', { title: of.hash }, `SHA-256 ${of.hash.slice(0, 12)}…`) : '')
    case 'table':
      return h('div', { class: of.numbers > of.head.length ? 'wide texts' : 'wide' }, table(of.head.map(say), of.rows.map((row) => row.map(cell)), of.numbers, 'grid'))
  }
}

function cell(of: Cell): Child {
  if (typeof of === 'string') return of
  if ('name' in of) return named(typeof of.name === 'string' ? of.name : say(of.name))
  if ('figure' in of) {
    const { what, unit, service, year } = of.figure
    return figureButton(of.text, what, unit, service, year)
  }
  return say(of)
}
