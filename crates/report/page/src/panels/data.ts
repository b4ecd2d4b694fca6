// What the round rests on: findings, input files with their hashes, standards with their status, parameters.
import type { App } from '../app'
import { inputRoles, limitPair, normWords, sizeWords } from '../derive'
import { type Child, h, lazily, named, put, table } from '../dom'
import { NONE, whole } from '../format'
import type { Finding } from '../header'
import { say } from '../lang'
import type { Model } from '../model'
import { W } from '../words'
import { LEVELS_WORDS } from '../tables'

export function data(app: App, box: HTMLElement) {
  const { model } = app
  const { header } = model
  const list = h('ol', { class: 'findings' })
  put(
    box,
    h('h2', {}, say(W.dataHead)),
    h('p', { class: 'note' }, say(header.statement)),
    h('h3', {}, say(W.standardsHead)),
    h('ul', { class: 'standards' }, ...header.services.map((_, at) => standard(model, at))),
    h('h3', {}, say(W.inputsHead)),
    inputs(model),
    h('h3', {}, say(W.parametersHead)),
    parameters(model),
    h('h3', {}, `${say(W.findingsHead)} · ${whole(header.findings.length)}`),
    header.findings.length === 0 ? h('p', { class: 'note' }, say(W.noFindings)) : list,
  )
  lazily(list, box, header.findings.length, (at) => finding(header.findings[at]))
}

function standard(model: Model, at: number): HTMLElement {
  const { name, row, figures, scope } = model.header.services[at]
  return h(
    'li',
    {},
    h('p', {}, h('b', {}, say(name)), h('span', { class: `badge status-${row.status.overall}` }, say(model.statusWord(at))), ' ', h('small', {}, say(scope))),
    h('p', {}, `${say(W.limit)} ${say(limitPair(model, at))} · ${say(W.norm)} ${say(normWords(model, at))} · ${say(W.minimum)} ${say(sizeWords(model, at))}`),
    ...figures.filter(({ basis }) => basis[0]).map(({ figure, value, basis, scope: own }) => h('p', { class: 'note' }, `${say(figure)}${own ? ` (${own})` : ''}: ${say(value)} — `, named(say(basis), 'source'))),
    h('p', { class: 'note' }, named(row.source, 'source')),
  )
}

function inputs(model: Model): HTMLElement {
  const roles = inputRoles(model)
  const rows = model.header.inputs.map(({ path, bytes, sha256 }): Child[] => [named(path, 'path'), say(roles.get(path)?.words ?? ['', '']), sha256 ? h('code', { title: sha256 }, `${sha256.slice(0, 16)}…`) : NONE, sha256 ? whole(bytes) : NONE])
  return table([say(W.file), say(W.use), 'SHA-256', say(W.bytes)], rows, 3, 'grid')
}

/** The plan as it was filled in, a line a value. */
function parameters(model: Model): HTMLElement {
  const rows: Child[][] = []
  const walk = (path: string, value: unknown) => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) walk(path ? `${path}.${key}` : key, inner)
    } else rows.push([h('code', {}, path), named(Array.isArray(value) ? value.map(String).join(', ') : String(value), 'value')])
  }
  for (const [section, value] of Object.entries(model.header.plan)) if (section !== 'inputs') walk(section, value)
  return table([say(W.parameter), say(W.value)], rows, 9, 'grid parameters')
}

function finding(of: Finding): HTMLElement {
  return h(
    'li',
    {},
    h('p', {}, h('span', { class: `badge level-${of.level}` }, say(LEVELS_WORDS[of.level] ?? [of.level, of.level])), ' ', say(of.text)),
    h('p', { class: 'note' }, say(of.then)),
  )
}
