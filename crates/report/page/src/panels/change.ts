// What has changed since the last round; and the projects that siting will bring.
import type { App } from '../app'
import { type Child, h, named, put, table } from '../dom'
import { whole } from '../format'
import { say } from '../lang'
import { W } from '../words'

export function change(app: App, box: HTMLElement) {
  const { model } = app
  const of = model.header.change
  if (of === null) {
    put(box, h('h2', {}, say(W.changeHead)), h('p', { class: 'empty' }, say(W.noChange)))
    return
  }
  put(
    box,
    h('h2', {}, say(W.changeHead)),
    h('p', { class: 'note' }, named(of.from), ' → ', named(of.to)),
    ...of.tables.flatMap(({ title, header, rows: told, unit, more }): Child[] => {
      const rows = told.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : say(cell))))
      const cells = rows.map((row) => row.map((text, at): Child => (at === unit ? unitButton(app, text) : numeric(text) ? text : named(text))))
      const made = table(header.map(say), cells, 99, 'grid')
      const numbers = header.map((_, at) => at !== unit && rows.some((row) => numeric(row[at] ?? '')) && rows.every((row) => row[at] === '' || numeric(row[at] ?? '')))
      made.querySelectorAll<HTMLTableCellElement>('th, td').forEach((each) => each.classList.toggle('number', numbers[each.cellIndex]))
      const rest = more > 0 ? h('p', { class: 'note' }, say([`另有 ${whole(more)} 行，见比较的文件夹。`, `${whole(more)} more lines are in the comparison's folder.`])) : null
      return [h('h3', {}, say(title)), h('div', { class: 'wide' }, made), rest]
    }),
  )
}

function numeric(text: string): boolean {
  return /^[+−-]?[\d,.]+ ?%?$/.test(text)
}

function unitButton(app: App, id: string): Child {
  const unit = app.model.unitAt(id)
  return unit < 0 ? named(id) : h('button', { type: 'button', class: 'pick', click: () => app.showUnit(unit) }, named(id))
}

/** Room for what siting is to propose; until it does there is nothing to list. */
export function projects(box: HTMLElement) {
  put(box, h('h2', {}, say(W.projectsHead)), h('p', { class: 'empty' }, say(W.noProjects)))
}
