// Finds units, townships, communities, services and facilities by name or code.
import type { App } from '../app'
import { h, named, put } from '../dom'
import { plain } from '../format'
import type { Pair } from '../header'
import { say } from '../lang'
import { W } from '../words'

interface Hit {
  kind: Pair
  name: string
  more: string
  go(): void
}

const MOST = 12

export function search(app: App, box: HTMLElement, showCommunity: (community: number) => void, showOffer: (offer: number) => void) {
  const { model } = app
  const { header } = model
  let hits: Hit[] = []
  let at = -1

  const find = (text: string): Hit[] => {
    const wanted = text.trim().toLowerCase()
    if (wanted === '') return []
    const found: Hit[] = []
    const has = (...texts: string[]) => texts.some((each) => each.toLowerCase().includes(wanted))
    const take = <T>(all: readonly T[], test: (each: T, at: number) => boolean, make: (each: T, at: number) => Hit, most: number) => {
      let taken = 0
      for (let each = 0; each < all.length && taken < most && found.length < MOST; each++) {
        if (test(all[each], each)) {
          found.push(make(all[each], each))
          taken++
        }
      }
    }
    take(header.services, ({ name, short, id }) => has(...name, ...short, id), ({ name }, service) => ({ kind: W.kindService, name: say(name), more: '', go: () => app.change({ service }) }), 4)
    take(header.units, ({ name, unit }) => has(name, unit), ({ unit: more }, unit) => ({ kind: W.kindUnit, name: model.unitName(unit), more, go: () => app.showUnit(unit) }), 6)
    take(header.townships, ({ township_name: name, township: code }) => has(name, code), ({ township_name: name, township: more }) => ({ kind: W.kindTownship, name, more, go: () => app.showUnit(header.units.findIndex(({ township }) => township === more)) }), 4)
    take(header.communities, ({ name, code }) => has(name, code), ({ name, code }, community) => ({ kind: W.kindCommunity, name, more: code, go: () => showCommunity(community) }), 6)
    take(header.offers.names, (name, offer) => has(name, header.offers.ids[offer] ?? ''), (name, offer) => ({ kind: W.kindFacility, name: name || header.offers.ids[offer], more: header.offers.ids[offer] ?? '', go: () => showOffer(offer) }), 8)
    return found
  }

  const list = h('ul', { id: 'hits', role: 'listbox', hidden: true })
  const input = h('input', {
    type: 'search', id: 'search', role: 'combobox', autocomplete: 'off', spellcheck: 'false', 'aria-expanded': 'false', 'aria-controls': 'hits', 'aria-autocomplete': 'list',
    placeholder: say(W.search), 'aria-label': say(W.search),
    input: () => show(find(input.value)),
    keydown: (event: KeyboardEvent) => key(event),
    blur: () => window.setTimeout(close, 150),
    focus: () => show(find(input.value)),
  })

  const close = () => {
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
  }
  const go = (hit: Hit | undefined) => {
    if (!hit) return
    input.value = plain(hit.name)
    close()
    hit.go()
  }
  const show = (found: Hit[]) => {
    hits = found
    at = found.length > 0 ? 0 : -1
    const empty = input.value.trim() !== '' && found.length === 0
    put(
      list,
      ...found.map((hit, position) =>
        h('li', { role: 'option', id: `hit-${position}`, pointerdown: () => go(hit) }, h('small', {}, say(hit.kind)), named(hit.name), h('span', { class: 'more' }, plain(hit.more, 24))),
      ),
      empty && h('li', { class: 'none' }, say(W.nothingFound)),
    )
    list.hidden = found.length === 0 && !empty
    input.setAttribute('aria-expanded', String(!list.hidden))
    mark()
  }
  const mark = () => {
    list.querySelectorAll('[role=option]').forEach((each, position) => each.setAttribute('aria-selected', String(position === at)))
    if (at >= 0) input.setAttribute('aria-activedescendant', `hit-${at}`)
  }
  const key = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      at = Math.max(0, Math.min(hits.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)))
      mark()
    } else if (event.key === 'Enter') go(hits[at])
    else if (event.key === 'Escape' && !list.hidden) {
      event.stopPropagation()
      close()
    }
  }
  put(box, input, h('kbd', { 'aria-hidden': 'true' }, '/'), list)
}
