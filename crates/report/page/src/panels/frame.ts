// The head and the foot of the page: what it is, of when, and what may be done with it.
import { h, named, put, type Child } from '../dom'
import { tenThousands, whole } from '../format'
import { say } from '../lang'
import type { Model } from '../model'
import { W } from '../words'

export function title(model: Model, box: HTMLElement) {
  const { header } = model
  put(box, h('h1', {}, named(header.round)), h('p', { class: 'product' }, say(W.product)), ...badges(model))
}

export function badges(model: Model): Child[] {
  const { edition, synthetic, map_approval: approval } = model.header
  return [
    edition === 'public' ? h('span', { class: 'badge' }, say(W.publicEdition)) : null,
    approval === null ? h('span', { class: 'badge draft' }, say(edition === 'public' ? W.unapproved : W.internal)) : null,
    synthetic ? h('span', { class: 'badge synthetic' }, say(W.synthetic)) : null,
  ]
}

/** How many standards have each status. */
function standards(model: Model): string {
  const counts = new Map<string, number>()
  model.header.services.forEach((_, at) => counts.set(say(model.statusWord(at)), (counts.get(say(model.statusWord(at))) ?? 0) + 1))
  return [...counts].map(([word, count]) => `${word} ${count}`).join(say(['、', ', ']))
}

/** The services of whose facilities nothing was supplied. */
function unsupplied(model: Model): string {
  const services = model.header.not_supplied
  return say([
    `${services.length} 项服务未提供设施数据，不评价：${services.map(({ name }) => name.zh.split('/')[0]).join('、')}`,
    `${services.length} services without facility data, not judged: ${services.map(({ name }) => name.en.split('/')[0].trim()).join(', ')}`,
  ])
}

/** The lines of the foot: people, travel, standards, units, approval. */
export function footLines(model: Model): Child[] {
  const { header } = model
  const { travel } = header.plan
  const residents = model.cityResidents(0)
  const people = say([`${header.years[0]} 年常住人口 ${whole(residents)} 人${residents >= 1e6 ? `（${tenThousands(residents)}）` : ''}`, `${whole(residents)} usual residents in ${header.years[0]}`])
  const slow = travel?.slow_pace_m_per_s ? say([`，六岁以下和六十岁及以上 ${travel.slow_pace_m_per_s} 米/秒`, `, ${travel.slow_pace_m_per_s} m/s under 6 and from 60 on`]) : ''
  const way = travel?.mode === 'streets' ? say(W.onStreets) : travel?.mode === 'radius' ? say(W.byRadius) : say([`按直线 × ${travel?.detour}`, `straight line × ${travel?.detour}`])
  const pace = say([`步行 ${travel?.pace_m_per_s} 米/秒${slow}，${way}`, `walking ${travel?.pace_m_per_s} m/s${slow}, ${way}`])
  const approval = header.map_approval === null ? say(W.noApproval) : [say(W.approval), ' ', named(header.map_approval)]
  return [
    h('span', {}, people),
    h('span', {}, pace),
    h('span', {}, `${say(W.standardsState)}: ${standards(model)}`.replace(': ', say(['：', ': ']))),
    h('span', {}, say(W.analysisUnits)),
    h('span', { class: 'approval' }, ...(Array.isArray(approval) ? approval : [approval])),
    header.attribution ? h('span', {}, named(header.attribution, 'attribution')) : null,
    header.edition === 'public' ? h('span', {}, say([`少于 ${header.small} 人的数字不公布（–），其余人数按 ${header.small} 取整`, `counts of fewer than ${header.small} people are not told (–), others are rounded to multiples of ${header.small}`])) : null,
    header.not_supplied.length > 0 ? h('span', {}, unsupplied(model)) : null,
    header.offers_left_out > 0 ? h('span', {}, say([`公开版未列限制公开的服务及其 ${whole(header.offers_left_out)} 处设施`, `restricted services and their ${whole(header.offers_left_out)} facilities are left out of the public edition`])) : null,
    h('span', { class: 'version' }, `fuwutu ${header.version}`),
  ]
}

export function foot(model: Model, box: HTMLElement) {
  put(box, ...footLines(model))
}

/** The line on the map: of when, in which datum. */
export function caption(model: Model): Child[] {
  const { header } = model
  return [header.date ? h('span', {}, header.date) : null, h('span', {}, datum(header.datum))]
}

/** The datum's name, without how lengths were measured. */
function datum(text: string): string {
  return text.split(',')[0]
}
