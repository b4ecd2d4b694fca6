// Where a figure comes from: residents → facilities in reach → norm → formula → input files. Pure: figure → steps.
// Every sum that is shown is made again from its parts, and a remainder is told in words.
import { amount, decimal, given, known, NONE, percent, signed, whole } from './format'
import type { Pair, Place } from './header'
import { balanceOf, coverageOf } from './measures'
import { ATTAINED, type Field, type Model, STATUSES, WAYS } from './model'
import { W } from './words'
import { ATTAINED_WORDS, FIGURE_STATUSES_WORDS, OWNERSHIP, OWNERSHIP_WORDS, STATUSES_WORDS } from './tables'

/** Positions; a unit of −1 is the whole city. For `offer`, the unit is the facility's position. */
export interface Figure {
  what: string
  unit: number
  service: number
  year: number
}

/** A name from the data, a text in both languages, the same text in both, or a figure that opens its own derivation. */
/** A `name` is of the data, in whatever language that is. */
export type Cell = string | Pair | { name: string | Pair } | { text: string; figure: Figure }

export type Block =
  | { kind: 'text'; text: Pair }
  | { kind: 'table'; head: Pair[]; rows: Cell[][]; numbers: number }
  | { kind: 'formula'; lines: Pair[] }
  | { kind: 'check'; holds: boolean; text: Pair }
  | { kind: 'source'; file: string; text: Pair; hash: string }
  | { kind: 'quote'; lead: Pair; quote: string }

export interface Step {
  title: Pair
  blocks: Block[]
}

export interface Derivation {
  /** What the figure is, its value, and of what: names, service, year. */
  title: Pair
  value: Pair
  unit: string | null
  service: Pair | null
  year: number | null
  steps: Step[]
}

const text = (zh: string, en: string): Block => ({ kind: 'text', text: [zh, en] })
const formula = (...lines: Pair[]): Block => ({ kind: 'formula', lines })
const same = (line: string): Pair => [line, line]

/** Facilities, units or communities listed at most; the others are told together. */
const LISTED = 40

export function derive(model: Model, figure: Figure): Derivation {
  const make = figure.what === 'offer' ? ofOffer : figure.unit < 0 ? CITY[figure.what] : UNIT[figure.what]
  if (!make) throw new Error(`nothing explains ${figure.what}`)
  const { title, value, steps } = make(model, figure)
  const { what, unit, service, year } = figure
  const named = what !== 'offer' && unit >= 0
  const ofService = !['need', 'unserved', 'residents', 'offer', ...CIRCLES.map(([name]) => name)].includes(what)
  return {
    title,
    value,
    unit: named ? model.unitName(unit) : null,
    service: ofService ? (model.header.services[service]?.name ?? null) : null,
    year: what === 'need' || what === 'unserved' ? (model.header.years[model.years - 1] ?? null) : (model.header.years[year] ?? null),
    steps: [...steps, filesStep(model, figure)].map((step) => ({ ...step, blocks: step.blocks.map((block) => fair(model, block)) })),
  }
}

/** What the public edition leaves out or rounds makes sums that rest on it differ: that is no fault, and cannot be checked there. */
function fair(model: Model, block: Block): Block {
  if (model.header.edition !== 'public' || block.kind !== 'check' || block.holds) return block
  return text('公开版略去或取整了部分数字，此处不能核对。', 'The public edition leaves out or rounds a part of this, so it cannot be checked here.')
}

type Made = Pick<Derivation, 'title' | 'value' | 'steps'>
type Maker = (model: Model, figure: Figure) => Made

/** Figures of how many services are in reach: name, title, which figure, way of counting. */
const CIRCLES: [string, Pair, 'share' | 'mean_share', number][] = [
  ['complete', W.complete, 'share', 0],
  ['mean', W.mean, 'mean_share', 0],
  ['complete15', W.complete15, 'share', 2],
  ['mean15', W.mean15, 'mean_share', 2],
]

function circles(before: (model: Model, f: Figure) => Step[]): Record<string, Maker> {
  const maker = ([, title, field, way]: (typeof CIRCLES)[number]): Maker => (model, f) => ({
    title, value: same(percent(model.complete(field, f.unit, f.year, way))),
    steps: [...before(model, f), circleFormula(model, f, way), lackingStep(model, f, way), circleAges(model, f, way)],
  })
  return Object.fromEntries(CIRCLES.map((each) => [each[0], maker(each)]))
}

const UNIT: Record<string, Maker> = {
  coverage: (model, f) => ({
    title: W.coverage, value: same(model.coverageText(f.service, coverageOf(model, f.unit, f.service, f.year))),
    steps: [peopleStep(model, f), reachStep(model, f, false), normStep(model, f.service), coverageFormula(model, f)],
  }),
  straight: (model, f) => ({
    title: W.straight, value: same(percent(at(model, f, 'covered_straight') / at(model, f, 'target_residents'))),
    steps: [peopleStep(model, f), normStep(model, f.service), straightFormula(model, f)],
  }),
  radius: (model, f) => ({
    title: W.radius, value: same(percent(at(model, f, 'coverage_radius'))),
    steps: [peopleStep(model, f), normStep(model, f.service), radiusFormula(model, f)],
  }),
  difference: (model, f) => ({
    title: W.difference, value: same(`${decimal(100 * (coverageOf(model, f.unit, f.service, f.year) - at(model, f, 'covered_straight') / at(model, f, 'target_residents')), 1)}`),
    steps: [peopleStep(model, f), reachStep(model, f, false), normStep(model, f.service), differenceFormula(model, f)],
  }),
  balance: (model, f) => ({
    title: W.balance, value: same(decimal(balanceOf(model, f.unit, f.service, f.year), 2)),
    steps: [peopleStep(model, f), reachStep(model, f, true), normStep(model, f.service), demandStep(model, f), balanceFormula(model, f)],
  }),
  shortfall: (model, f) => ({
    title: W.shortfall, value: counted(model, f, at(model, f, 'shortfall_reach')),
    steps: [peopleStep(model, f), reachStep(model, f, true), normStep(model, f.service), demandStep(model, f), shortfallFormula(model, f)],
  }),
  inside: (model, f) => ({
    title: W.shortfallInside, value: counted(model, f, at(model, f, 'shortfall_inside')),
    steps: [peopleStep(model, f), insideStep(model, f), normStep(model, f.service), demandStep(model, f), insideFormula(model, f)],
  }),
  short: (model, f) => ({
    title: W.short, value: counted(model, f, at(model, f, 'short_for_certain')),
    steps: [peopleStep(model, f), reachStep(model, f, true), normStep(model, f.service), demandStep(model, f), shortFormula(model, f)],
  }),
  access: (model, f) => ({
    title: W.access, value: same(decimal(1000 * at(model, f, 'access'), 1)),
    steps: [peopleStep(model, f), reachStep(model, f, true), normStep(model, f.service), accessFormula(model, f)],
  }),
  attained: (model, f) => ({ title: W.attained, value: verdict(model, f), steps: [peopleStep(model, f), insideStep(model, f), normStep(model, f.service), attainedFormula(model, f)] }),
  residents: (model, f) => ({ title: W.residents, value: same(whole(model.residents(f.unit, f.year))), steps: [peopleStep(model, f, true), growthStep(model, f)] }),
  ...circles((model, f) => [peopleStep(model, f, true)]),
  need: (model, f) => ({ title: W.need, value: same(decimal(model.place(f.unit)?.priority, 1)), steps: needSteps(model, f) }),
  unserved: (model, f) => ({ title: W.unserved, value: same(whole(model.place(f.unit)?.unserved_residents ?? NaN)), steps: [unservedStep(model, f)] }),
}

const CITY: Record<string, Maker> = {
  ...circles(() => []),
  coverage: (model, f) => {
    const total = model.total(f.service, f.year)
    const value = total && known(total.covered) && known(total.target) ? total.covered / total.target : NaN
    return { title: W.coverage, value: same(model.coverageText(f.service, value)), steps: [unitsStep(model, f, 'covered_residents', 'target_residents', total?.covered), cityCoverage(model, f), normStep(model, f.service)] }
  },
  short: (model, f) => {
    const total = model.total(f.service, f.year)
    return { title: W.short, value: counted(model, f, total?.certain_short ?? NaN), steps: [unitsStep(model, f, 'short_for_certain', 'demand', total?.certain_short), cityShort(model, f), normStep(model, f.service)] }
  },
  shortfall: (model, f) => {
    const total = model.total(f.service, f.year)
    return { title: W.shortfall, value: counted(model, f, total?.short ?? NaN), steps: [unitsStep(model, f, 'shortfall_reach', 'demand', total?.short), cityShortfall(model, f), normStep(model, f.service)] }
  },
  capacity: (model, f) => {
    const total = model.total(f.service, f.year)
    return { title: W.capacity, value: counted(model, f, total?.capacity ?? NaN), steps: [unitsStep(model, f, 'supply_received', 'demand', total?.received), cityCapacity(model, f), normStep(model, f.service)] }
  },
  attained: (model, f) => {
    const total = model.total(f.service, f.year)
    return { title: W.attainedUnits, value: same(model.attainedText(total)), steps: [cityAttained(model, f), normStep(model, f.service)] }
  },
  residents: (model, f) => ({ title: W.residents, value: same(whole(model.cityResidents(f.year))), steps: [cityResidents(model, f)] }),
}

function at(model: Model, f: Figure, field: Field): number {
  return model.value(field, f.unit, f.service, f.year)
}

/** A number of seats, beds, square metres. */
function counted(model: Model, f: Figure, value: number): Pair {
  const [zh, en] = model.header.services[f.service].unit
  return known(value) ? [`${amount(value)} ${zh}`.trim(), `${amount(value)} ${en}`.trim()] : [NONE, NONE]
}

function verdict(model: Model, f: Figure): Pair {
  const code = model.attained(f.unit, f.service, f.year)
  return code === null ? W.noRule : (ATTAINED_WORDS[code] ?? [code, code])
}

/** Ages as the catalogue has them: `all`, `3-6`, `60+`. */
function targetWords(target: string): Pair {
  if (target === 'all') return ['全体居民', 'all residents']
  if (target.endsWith('+')) return [`${target.slice(0, -1)} 岁及以上`, `aged ${target.slice(0, -1)} and over`]
  const [from, to] = target.split('-')
  return [`${from} 至不满 ${to} 岁`, `aged ${from} to under ${to}`]
}

// 1. Who lives there.

function peopleStep(model: Model, f: Figure, all = false): Step {
  const { header } = model
  const date = header.years[f.year]
  const residents = model.residents(f.unit, f.year)
  const blocks: Block[] = []
  if (all || !header.services[f.service]) {
    blocks.push(text(`${date} 年有常住人口 ${whole(residents)} 人。`, `${whole(residents)} usual residents in ${date}.`))
  } else {
    const group = targetWords(header.services[f.service].row.target)
    const target = whole(at(model, f, 'target_residents'))
    blocks.push(text(`${date} 年常住人口 ${whole(residents)} 人，其中服务人口（${group[0]}）${target} 人。`, `${whole(residents)} usual residents in ${date}; of these ${target} in the target group (${group[1]}).`))
  }
  if (f.year > 0) blocks.push(text(...projectionWords(model)))
  const communities = model.communitiesOf(f.unit)
  if (communities.length > 0) {
    const rows: Cell[][] = communities.slice(0, LISTED).map((each) => {
      const { name, code, residents: count, units } = header.communities[each]
      const parted: Pair = units.length > 1 ? [`分属 ${units.length} 个单元`, `parted among ${units.length} units`] : ['', '']
      return [{ name: name || code }, { name: code }, parted, whole(count ?? NaN)]
    })
    blocks.push({ kind: 'table', head: [W.community, W.code, ['', ''], [`常住人口 ${header.years[0]}`, `residents ${header.years[0]}`]], rows, numbers: 3 })
    if (communities.length > LISTED) blocks.push(text(`另有 ${communities.length - LISTED} 个社区（村）未列出。`, `${communities.length - LISTED} more communities are not listed.`))
    if (communities.every((each) => header.communities[each].units.length === 1 && known(header.communities[each].residents))) {
      const sum = communities.reduce((total, each) => total + (header.communities[each].residents ?? 0), 0)
      blocks.push(check(sum, model.residents(f.unit, 0), communities.length / 2 + 1, ['社区（村）人口之和', 'sum over communities'], whole))
    }
  } else if (header.communities.length === 0) {
    blocks.push(text('本版不列社区（村）。', 'This edition lists no communities.'))
  }
  return { title: ['居民', 'Residents'], blocks }
}

function projectionWords(model: Model): Pair {
  const { projection, years } = model.header
  if (projection === null) return [`没有历史人口，沿用 ${years[0]} 年人口。`, `No earlier population was given: residents stay as in ${years[0]}.`]
  const variant = { low: ['低', 'low'], middle: ['中', 'middle'], high: ['高', 'high'] }[projection.variant] ?? [projection.variant, projection.variant]
  return [`由 ${years[0]} 年预测（${variant[0]}方案：几何、线性、份额变动三法平均）。`, `Projected from ${years[0]} (${variant[1]} variant: mean of geometric, linear and shift-share).`]
}

// 2. What they reach.

function reachStep(model: Model, f: Figure, capacity: boolean): Step {
  const { header } = model
  const rows = model.served(f.unit, f.service, f.year)
  const more = model.servedMore(f.unit, f.service, f.year)
  const blocks: Block[] = []
  if (rows.length === 0) {
    const told = model.column('served.start') !== null
    const none: Pair = header.edition === 'public' ? ['公开版未列出服务本单元的设施。', 'The public edition lists no facilities that serve the unit.'] : ['没有居民在时限内能到的设施。', 'Nobody reaches any facility within the limit.']
    blocks.push(told ? text(...none) : text('本轮评估没有列出谁到哪个设施。', 'The round does not tell who reaches which facility.'))
    return { title: ['时限内的设施', 'Facilities in reach'], blocks }
  }
  const received = capacity && model.column('served.received') !== null && model.counted(f.service)
  const unit = header.services[f.service].unit
  const head: Pair[] = [['设施', 'facility'], ['状态', 'status'], ['来源', 'source'], ['最近 / 平均（分钟）', 'least / mean (min)'], [`可达人数 ${header.years[0]}`, `people ${header.years[0]}`]]
  if (received) head.push([`可达供给（${unit[0]}）`, `accessible supply (${unit[1]})`])
  const cells = rows.slice(0, LISTED).map((row): Cell[] => {
    const open = model.isOpen(row.offer, f.year)
    const named: Cell = { name: model.offerName(row.offer) }
    const shown: Cell[] = [named, open ? STATUSES_WORDS[STATUSES[model.offer('status', row.offer)]] : closedWord(model, row.offer), { name: model.offerSource(row.offer) }, `${decimal(row.least, 1)} / ${decimal(row.mean, 1)}`, whole(row.people)]
    if (received) shown.push(amount(row.received))
    return shown
  })
  blocks.push({ kind: 'table', head, rows: cells, numbers: 3 })
  const unlisted = more.offers + Math.max(0, rows.length - LISTED)
  if (unlisted > 0) blocks.push(text(`另有 ${whole(unlisted)} 个设施，服务人数较少，未列出。`, `${whole(unlisted)} more facilities, of fewer people, are not listed.`))
  blocks.push(text(`可达人数是 ${header.years[0]} 年在时限内的服务人口；一人可达几个设施，所以各行相加可以超过覆盖人数。${travelWords(model)[0]}`, `People are those of the target group in ${header.years[0]} within the limit; one person may reach several facilities, so the rows may add up to more than are covered. ${travelWords(model)[1]}`))
  if (received) {
    const listed = rows.reduce((sum, row) => sum + (known(row.received) ? row.received : 0), 0)
    const others = known(more.received) ? more.received : 0
    blocks.push(check(listed + others, at(model, f, 'supply_received'), 0.05 * (rows.length + more.offers + 1) + 0.05, ['各设施可达供给之和', 'sum of what is received'], amount))
  }
  return { title: ['时限内的设施', 'Facilities in reach'], blocks }
}

function closedWord(model: Model, offer: number): Pair {
  const opens = model.opens(offer)
  const [zh, en] = STATUSES_WORDS[STATUSES[model.offer('status', offer)]] ?? ['', '']
  const closes = model.closes(offer)
  if (closes !== null && (opens === null || opens < closes)) return [`${zh}，${closes} 年停用`, `${en}, closes ${closes}`]
  return opens === null ? [`${zh}，未开放`, `${en}, not open`] : [`${zh}，${opens} 年开放`, `${en}, opens ${opens}`]
}

function travelWords(model: Model): Pair {
  const { travel } = model.header.plan
  if (travel?.mode === 'streets') return ['时间沿路网计算。', 'Minutes are along streets.']
  const detour = travel?.detour ?? ''
  if (travel?.mode === 'radius') return ['按服务半径（直线距离）计算；分钟为所占半径的比例 × 时限。', 'By service radius as the crow flies; minutes are the part of the radius × the limit.']
  return [`时间按直线距离 × ${detour} 计算。`, `Minutes are of the straight line × ${detour}.`]
}

/** Facilities that stand in the unit, open in the year. */
function insideStep(model: Model, f: Figure): Step {
  const unit = model.header.services[f.service].unit
  const there = model.offersOf(f.service).filter((offer) => model.offer('unit', offer) === f.unit && model.isOpen(offer, f.year))
  const head: Pair[] = [['设施', 'facility'], ['来源', 'source'], W.size, [`规模${unit[0] && `（${unit[0]}）`}`, `capacity${unit[1] && ` (${unit[1]})`}`]]
  const rows = there.slice(0, LISTED).map((offer): Cell[] => [{ name: model.offerName(offer) }, { name: model.offerSource(offer) }, given(model.offer('size', offer)), given(model.offer('capacity', offer))])
  const blocks: Block[] = [there.length > 0 ? { kind: 'table', head, rows, numbers: 2 } : model.header.offers_left_out > 0 ? text('公开版未列出单元内的设施。', 'The public edition lists no facility in the unit.') : text('单元内没有开放的设施。', 'No open facility stands in the unit.')]
  if (there.length > LISTED) blocks.push(text(`另有 ${there.length - LISTED} 个未列出。`, `${there.length - LISTED} more are not listed.`))
  const inside = at(model, f, 'supply_inside')
  if (model.counted(f.service) && known(inside)) {
    const sum = there.reduce((total, offer) => total + (model.offer('capacity', offer) || 0), 0)
    blocks.push(check(sum, inside, 0.1 + 0.05 * there.length, ['单元内规模之和', 'sum of capacity inside'], amount))
  }
  return { title: ['单元内的设施', 'Facilities inside the unit'], blocks }
}

// 3. What the norm says.

const MODES: Record<string, Pair> = { walk: ['步行', 'on foot'], ebike: ['电动自行车', 'by e-bike'], car_bus: ['机动车（含公交）', 'by car or bus'] }
const SIZES: Record<string, Pair> = { m2_floor: ['平方米建筑面积', 'm² of floor'], m2_site: ['平方米用地', 'm² of site'], classes: ['班', 'classes'] }
const MARKS: Record<string, Pair> = { V: ['已核实', 'verified'], S: ['转引', 'secondary'], R: ['待核实', 'recalled'], P: ['建议值', 'proposed'] }

/** The norm in figures: capacity that the catalogue asks for. */
export function normWords(model: Model, service: number): Pair {
  const { row, unit } = model.header.services[service]
  const { norm } = row
  switch (norm.basis) {
    case 'per_1000_residents':
      return known(norm.per_1000_low) ? [`每千名居民 ${norm.per_1000_low} ${unit[0]}`, `${norm.per_1000_low} ${unit[1]} per 1,000 residents`] : W.noNorm
    case 'cohort':
      return known(norm.per_target_person) ? [`每名服务人口 ${norm.per_target_person} ${unit[0]}`, `${norm.per_target_person} ${unit[1]} per person of the target group`] : W.noNorm
    case 'households':
      return known(norm.m2_per_100_households)
        ? [`每百户 ${norm.m2_per_100_households} ${unit[0]}`, `${norm.m2_per_100_households} ${unit[1]} per 100 households`]
        : known(norm.per_1000_low)
          ? [`每千名居民 ${norm.per_1000_low} ${unit[0]}`, `${norm.per_1000_low} ${unit[1]} per 1,000 residents`]
          : W.noNorm
    case 'area':
      return known(norm.m2_per_resident) ? [`每人 ${norm.m2_per_resident} ㎡`, `${norm.m2_per_resident} m² per resident`] : W.noNorm
    case 'unit':
      return ['每单元一处', '1 per unit']
    default:
      return W.noNorm
  }
}

function limitWords(limit: { mode: string; minutes: number } | null | undefined): Pair {
  if (!limit) return ['无', 'none']
  const mode = MODES[limit.mode] ?? [limit.mode, limit.mode]
  return [`${mode[0]} ${limit.minutes} 分钟`, `${limit.minutes} min ${mode[1]}`]
}

export function limitPair(model: Model, service: number): Pair {
  const { urban, rural } = model.header.services[service].row
  const [town, country] = [limitWords(urban), limitWords(rural)]
  return [`城镇 ${town[0]}；乡村 ${country[0]}`, `urban ${town[1]}; rural ${country[1]}`]
}

export function sizeWords(model: Model, service: number): Pair {
  const { minimum } = model.header.services[service].row
  if (!minimum) return ['无', 'none']
  const unit = SIZES[minimum.unit] ?? [minimum.unit, minimum.unit]
  const rural: Pair = known(minimum.rural) ? [`（乡村 ${given(minimum.rural)}）`, ` (rural ${given(minimum.rural)})`] : ['', '']
  const steps = (minimum.smaller ?? []).map(({ below, size }): Pair => [`，镇街不足 ${whole(below)} 人时 ${given(size)}`, `, ${given(size)} in townships below ${whole(below)} residents`])
  const smaller: Pair = [steps.map(([zh]) => zh).join(''), steps.map(([, en]) => en).join('')]
  return [`${given(minimum.size)} ${unit[0]}${rural[0]}${smaller[0]}`, `${given(minimum.size)} ${unit[1]}${rural[1]}${smaller[1]}`]
}

function normStep(model: Model, service: number): Step {
  const { row, figures, scope } = model.header.services[service]
  const marked = (mark: string): Pair => (mark ? (MARKS[mark] ?? [mark, mark]) : ['', ''])
  const rows = figures.map((each): Cell[] => {
    const { figure } = each
    const of: Pair = each.scope ? [`${figure[0]}（${each.scope}）`, `${figure[1]} (${each.scope})`] : figure
    return [of, each.value, marked(each.status), { name: each.basis }]
  })
  const word = model.statusWord(service)
  const status: Pair = scope[0] ? [`${word[0]}（${scope[0]}）`, `${word[1]} (${scope[1]})`] : word
  const blocks: Block[] = [
    { kind: 'table', head: [['项目', 'item'], ['值', 'value'], ['可靠性', 'status'], ['依据', 'rests on']], rows, numbers: 9 },
    text(`依据可靠性：${status[0]}。`, `Status of the standard: ${status[1]}.`),
    { kind: 'quote', lead: ['来源（原文）：', 'Source (as written): '], quote: row.source },
  ]
  return { title: ['标准', 'Norm'], blocks }
}

// 4. How it is made.

function demandStep(model: Model, f: Figure): Step {
  const { row } = model.header.services[f.service]
  const demand = at(model, f, 'demand')
  const residents = model.residents(f.unit, f.year)
  const household = model.header.plan.people?.household_size ?? NaN
  const { basis, per_1000_low: rate, per_target_person: each, m2_per_100_households: area } = row.norm
  const blocks: Block[] = []
  const byPerson = basis === 'cohort' && known(each)
  const target = at(model, f, 'target_residents')
  const perHead = byPerson ? each : basis === 'area' ? (row.norm.m2_per_resident ?? NaN) : basis === 'households' && known(area) ? area / 100 / household : (rate ?? NaN) / 1000
  if (!known(demand) || !known(perHead)) {
    blocks.push({ kind: 'text', text: W.noNorm })
  } else if (byPerson) {
    blocks.push(formula(['需求 = 服务人口 × 每人标准', 'demand = target group × norm per person'], same(`= ${whole(target)} × ${each} = ${amount(target * each)}`)))
    blocks.push(check(target * each, demand, 0.5 * each + 0.06, ['需求', 'demand'], amount))
  } else {
    const asked: Pair[] =
      basis === 'households' && known(area)
        ? [['需求 = 居民 ÷ 户均人口 ÷ 100 × 每百户标准', 'demand = residents ÷ persons a household ÷ 100 × norm per 100 households'], same(`= ${whole(residents)} ÷ ${household} ÷ 100 × ${area} = ${amount(residents * perHead)}`)]
        : basis === 'area'
          ? [['需求 = 居民 × 每人标准', 'demand = residents × norm per resident'], same(`= ${whole(residents)} × ${row.norm.m2_per_resident} = ${amount(residents * perHead)}`)]
          : [['需求 = 居民 × 每千人标准 ÷ 1,000', 'demand = residents × norm per 1,000 ÷ 1,000'], same(`= ${whole(residents)} × ${rate} ÷ 1,000 = ${amount(residents * perHead)}`)]
    blocks.push(formula(...asked))
    const some = demand / perHead
    if (residents - some > 1 + 0.06 / perHead) {
      blocks.push(text(`只有所在类别有时限的社区的居民计入，约 ${whole(some)} 人，所以需求为 ${amount(demand)}。`, `Only residents of communities of a class with a limit count, about ${whole(some)}; so the demand is ${amount(demand)}.`))
    } else blocks.push(check(residents * perHead, demand, 0.5 * perHead + 0.06, ['需求', 'demand'], amount))
  }
  return { title: ['需求', 'Demand'], blocks }
}

/** How much the coverage depends on where in their community people live. */
function spreadBlocks(model: Model, service: number, [otherwise, least, most]: (number | null | undefined)[], target: number | null | undefined): Block[] {
  const blocks: Block[] = []
  const told = (people: number) => `${whole(people)} (${percent(people / (target ?? NaN))})`
  if (known(otherwise)) blocks.push(text(`只知道社区总数的居民若换一种方式分布，覆盖 ${told(otherwise)} 人。`, `If the residents of whom only the community is known were spread in the other way, ${told(otherwise)} would be covered.`))
  if (known(least) && known(most)) blocks.push(text(`不论他们住在社区何处，至少覆盖 ${told(least)} 人；住在最有利处，至多 ${told(most)} 人。`, `Wherever in their communities they live, at least ${told(least)} are covered; at best ${told(most)}.`))
  if (model.spreadMatters(service)) blocks.push({ kind: 'text', text: W.spreadMatters })
  return blocks
}

function coverageFormula(model: Model, f: Figure): Step {
  const [target, covered, far, off, outside] = (['target_residents', 'covered_residents', 'too_far_residents', 'unsnapped_residents', 'roadless_residents'] as const).map((field) => at(model, f, field))
  const blocks: Block[] = [
    formula(['覆盖率 = 覆盖人数 ÷ 对象人数', 'coverage = covered ÷ target group'], same(`= ${whole(covered)} ÷ ${whole(target)} = ${percent(covered / target)}`)),
  ]
  if ([target, covered, far].every(known)) {
    const rows: Cell[][] = [
      [['覆盖', 'covered'], whole(covered)],
      [['时限之外', 'too far away'], whole(far)],
    ]
    if (known(off)) rows.push([['距道路过远', 'more than the limit from a street'], whole(off)])
    if (known(outside)) rows.push([['路网数据未覆盖', 'outside the network'], whole(outside)])
    blocks.push({ kind: 'table', head: [['服务人口', 'target group'], ['人', 'people']], rows, numbers: 1 })
    blocks.push(check(covered + far + (off || 0) + (outside || 0), target, 2, ['各部分之和', 'sum of the parts'], whole))
  }
  if (!model.header.roads) blocks.push({ kind: 'text', text: W.noRoads })
  blocks.push(...spreadBlocks(model, f.service, (['covered_otherwise', 'covered_least', 'covered_most'] as const).map((field) => at(model, f, field)), target))
  return { title: W.formula, blocks }
}

function straightFormula(model: Model, f: Figure): Step {
  const [target, covered] = [at(model, f, 'target_residents'), at(model, f, 'covered_straight')]
  const detour = model.header.plan.travel?.detour ?? ''
  return {
    title: W.formula,
    blocks: [
      formula(['直线 × {detour} 覆盖率 = 覆盖人数 ÷ 对象人数', 'coverage, straight × {detour} = covered ÷ target group'], same(`= ${whole(covered)} ÷ ${whole(target)} = ${percent(covered / target)}`)),
      text(`直线距离 × ${detour} 代替路网。`, `The straight line × ${detour} stands for streets.`),
    ],
  }
}

/** The radii, and what it says beside the limit in minutes. */
function radiusFormula(model: Model, f: Figure): Step {
  const [target, within, covered] = [at(model, f, 'target_residents'), at(model, f, 'covered_radius'), at(model, f, 'covered_residents')]
  const { urban, rural } = model.header.services[f.service].row
  const radii = [urban, rural].map((limit) => (limit?.radius_m === undefined ? NONE : whole(limit.radius_m)))
  return {
    title: W.formula,
    blocks: [
      formula(['服务半径覆盖率 = 服务半径内人数 ÷ 对象人数', 'coverage within the radius = people within it ÷ target group'], same(`= ${whole(within)} ÷ ${whole(target)} = ${percent(within / target)}`)),
      text(`服务半径：城镇 ${radii[0]} 米，乡村 ${radii[1]} 米，按直线距离，不计绕行，不计步速。`, `Radius: urban ${radii[0]} m, rural ${radii[1]} m, as the crow flies, without detour and at any pace.`),
      text(`同一时限按分钟计覆盖 ${whole(covered)} 人，相差 ${whole(within - covered)} 人。`, `By the minutes of the same limit ${whole(covered)} are covered: ${whole(within - covered)} apart.`),
    ],
  }
}

function differenceFormula(model: Model, f: Figure): Step {
  const [target, covered, straight] = [at(model, f, 'target_residents'), at(model, f, 'covered_residents'), at(model, f, 'covered_straight')]
  const points = 100 * (covered / target - straight / target)
  const detour = at(model, f, 'detour_median')
  const blocks: Block[] = [
    formula(['差值 = 路网覆盖率 − 直线 × {detour} 覆盖率', 'difference = coverage on streets − straight × {detour}'], [`= ${percent(covered / target)} − ${percent(straight / target)} = ${decimal(points, 1)} 个百分点`, `= ${percent(covered / target)} − ${percent(straight / target)} = ${decimal(points, 1)} points`]),
    text(`路网覆盖 ${whole(covered)} 人，直线 × {detour} 覆盖 ${whole(straight)} 人，服务人口 ${whole(target)} 人。`, `${whole(covered)} covered on streets, ${whole(straight)} straight × {detour}, of ${whole(target)}.`),
  ]
  if (known(detour)) blocks.push(text(`实际绕行系数：半数人不超过 ${decimal(detour, 2)}，九成人不超过 ${decimal(at(model, f, 'detour_p90'), 2)}。`, `Detour observed: half of the people at most ${decimal(detour, 2)}, nine in ten at most ${decimal(at(model, f, 'detour_p90'), 2)}.`))
  return { title: W.formula, blocks }
}

function balanceFormula(model: Model, f: Figure): Step {
  const [received, demand] = [at(model, f, 'supply_received'), at(model, f, 'demand')]
  return { title: W.formula, blocks: [formula(['供需比 = 可达供给 ÷ 需求', 'supply ÷ demand = received ÷ demand'], same(`= ${amount(received)} ÷ ${amount(demand)} = ${decimal(received / demand, 2)}`)), { kind: 'text', text: W.receivedWords }] }
}

function shortfallFormula(model: Model, f: Figure): Step {
  const [received, demand, short] = [at(model, f, 'supply_received'), at(model, f, 'demand'), at(model, f, 'shortfall_reach')]
  return {
    title: W.formula,
    blocks: [
      formula(['缺口 = max(0，需求 − 可达供给)', 'shortfall = max(0, demand − received)'], same(`= max(0, ${amount(demand)} − ${amount(received)}) = ${amount(Math.max(0, demand - received))}`)),
      check(Math.max(0, demand - received), short, 0.11, W.shortfall, amount),
      { kind: 'text', text: W.receivedWords },
      { kind: 'text', text: W.shortWords },
    ],
  }
}

function insideFormula(model: Model, f: Figure): Step {
  const [inside, demand, short] = [at(model, f, 'supply_inside'), at(model, f, 'demand'), at(model, f, 'shortfall_inside')]
  return {
    title: W.formula,
    blocks: [
      formula(['缺口 = max(0，需求 − 单元内规模)', 'shortfall = max(0, demand − supply inside)'], same(`= max(0, ${amount(demand)} − ${amount(inside)}) = ${amount(Math.max(0, demand - inside))}`)),
      check(Math.max(0, demand - inside), short, 0.11, W.shortfallInside, amount),
    ],
  }
}

function causesTable(rows: [Pair, number][]): Block {
  return { kind: 'table', head: [['原因', 'cause'], ['缺口', 'short']], rows: rows.filter(([, value]) => known(value)).map(([name, value]): Cell[] => [name, amount(value)]), numbers: 1 }
}

function shortFormula(model: Model, f: Figure): Step {
  const [seated, short, far, full, none, demand] = (['seated', 'short_for_certain', 'short_none_in_reach', 'short_full', 'short_none_exists', 'demand'] as const).map((field) => at(model, f, field))
  const blocks: Block[] = [text('把每个需求点的需求分配给时限内的设施，尽量多安排（最大流）；无论怎样分配都安排不下的，是未满足需求。', 'The demand of each place is given to facilities within the limit so that as much as can be is seated (maximum flow); what no assignment can seat is unmet demand.')]
  if (known(seated)) {
    blocks.push(formula(['未满足需求 = 需求 − 得到安排的需求', 'unmet demand = demand − seated'], same(`= ${amount(demand)} − ${amount(seated)} = ${amount(demand - seated)}`)))
    blocks.push(check(demand - seated, short, 0.16, W.short, amount))
  } else blocks.push({ kind: 'text', text: model.header.edition === 'public' && known(at(model, f, 'supply_inside')) ? W.seatedWithheld : W.atLeast })
  blocks.push(causesTable([[W.causeFar, far], [W.causeFull, full], [W.causeNone, none]]))
  blocks.push(check([far, full, none].reduce((sum, each) => sum + (known(each) ? each : 0), 0), short, 0.21, ['各原因之和', 'sum of the causes'], amount))
  blocks.push({ kind: 'text', text: W.shortWords })
  return { title: W.formula, blocks }
}

function accessFormula(model: Model, f: Figure): Step {
  const [received, target] = [at(model, f, 'supply_received'), at(model, f, 'target_residents')]
  return { title: W.formula, blocks: [formula(['可达性 = 可达供给 ÷ 服务人口 × 1,000', 'access = received ÷ target group × 1,000'], same(`= ${amount(received)} ÷ ${whole(target)} × 1,000 = ${decimal((1000 * received) / target, 1)}`)), { kind: 'text', text: W.receivedWords }] }
}

/** Rules as the catalogue has them. */
function ruleWords(rule: string): Pair {
  const open = rule.endsWith('_public')
  const base = open ? rule.slice(0, -'_public'.length) : rule
  const [zh, en] = RULES[base] ?? [base, base]
  return open ? [`${zh}（只计公办和普惠）`, `${en} (public ones alone)`] : [zh, en]
}

const RULES: Record<string, Pair> = {
  L15: ['每个十五分钟生活圈', 'each 15-minute circle'],
  L10: ['每个十分钟生活圈', 'each 10-minute circle'],
  L5: ['每个五分钟生活圈', 'each 5-minute circle'],
  community: ['每个社区', 'each community'],
  village: ['每个村', 'each village'],
  street: ['每个街道', 'each street office'],
  town: ['每个镇', 'each town'],
  township: ['每个镇（街道）', 'each township'],
  county: ['每个区县', 'each county'],
  residents: ['每若干居民', 'every so many residents'],
  households: ['每若干户', 'every so many households'],
  residential_km2: ['每平方千米居住用地', 'each km² of residential land'],
}

function attainedFormula(model: Model, f: Figure): Step {
  const rule = model.rule(f.unit, f.service, f.year)
  const code = model.attained(f.unit, f.service, f.year)
  if (code === null || rule === null) return { title: W.formula, blocks: [{ kind: 'text', text: W.noRule }] }
  const [required, present, enough, unknown] = (['required', 'present', 'enough', 'unknown'] as const).map((field) => at(model, f, field))
  const asked = ruleWords(rule)
  const rows: Cell[][] = [
    [['要求', 'required'], whole(required)],
    [['现有', 'present'], whole(present)],
    [['其中规模达到要求', 'of them large enough'], whole(enough)],
    [['其中规模或性质不明', 'of them size or owner not known'], whole(unknown)],
  ]
  const lines: Record<string, Pair> = {
    yes: [`达到要求 ${whole(enough)} ≥ 要求 ${whole(required)}`, `enough ${whole(enough)} ≥ required ${whole(required)}`],
    unknown: !known(required)
      ? ['应有数量不明', 'how many are required is not known']
      : [`${whole(enough)} + 不明 ${whole(unknown)} ≥ 要求 ${whole(required)}，取决于不明者`, `enough ${whole(enough)} + unknown ${whole(unknown)} ≥ required ${whole(required)}: it depends on the unknown`],
    too_small: [`现有 ${whole(present)} ≥ 要求 ${whole(required)}，但达到规模的只有 ${whole(enough)}`, `present ${whole(present)} ≥ required ${whole(required)}, but only ${whole(enough)} large enough`],
    too_few: [`现有 ${whole(present)} < 要求 ${whole(required)}`, `present ${whole(present)} < required ${whole(required)}`],
    absent: [`现有 0，要求 ${whole(required)}`, `present 0, required ${whole(required)}`],
  }
  const word = verdict(model, f)
  return {
    title: W.formula,
    blocks: [
      text(`差距最大的配置规则：${asked[0]}。`, `The rule that the unit is farthest from: ${asked[1]}.`),
      { kind: 'table', head: [['数量', 'number'], ['个', 'facilities']], rows, numbers: 1 },
      formula([`${lines[code][0]} ⇒ ${word[0]}`, `${lines[code][1]} ⇒ ${word[1]}`]),
      check(ATTAINED.indexOf(judged(required, present, enough, unknown)), ATTAINED.indexOf(code), 0, ['按以上数量评价', 'judged by these numbers'], (value) => ATTAINED[value] ?? NONE, (value) => ATTAINED_WORDS[ATTAINED[value]] ?? [NONE, NONE]),
    ],
  }
}

function judged(required: number, present: number, enough: number, unknown: number): (typeof ATTAINED)[number] {
  if (!known(required)) return 'unknown'
  if (enough >= required) return 'yes'
  if (enough + unknown >= required) return 'unknown'
  if (present >= required) return 'too_small'
  return present > 0 ? 'too_few' : 'absent'
}

function growthStep(model: Model, f: Figure): Step {
  const { years } = model.header
  const rows = years.map((date, year): Cell[] => [String(date), whole(model.residents(f.unit, year)), year === 0 ? NONE : signed(model.growth(f.unit, year))])
  return { title: ['各年人口', 'Residents by year'], blocks: [{ kind: 'table', head: [['年份', 'year'], ['常住人口', 'residents'], ['比基期年', 'since the base']], rows, numbers: 1 }] }
}

// How many services residents have in reach.

/** What counts, the two formulas, and the same figures in the other ways of counting. */
function circleFormula(model: Model, f: Figure, way: number): Step {
  const figure = (field: 'residents' | 'complete_residents' | 'share' | 'mean_share', of = way) => model.complete(field, f.unit, f.year, of)
  const [residents, all] = [figure('residents'), figure('complete_residents')]
  const count = model.header.completeness[WAYS * f.year + way]?.count ?? NaN
  const within: Pair = way < 2 ? ['各服务自己的时限', 'the own limit of each service'] : ['步行 15 分钟', '15 minutes on foot']
  const names: [Pair, Pair][] = [[W.basic, W.ownLimits], [W.allSelected, W.ownLimits], [W.basic, W.onFoot15], [W.allSelected, W.onFoot15]]
  const rows = names.map(([services, limits], of): Cell[] => [services, limits, whole(figure('complete_residents', of)), percent(figure('share', of)), percent(figure('mean_share', of))])
  return {
    title: W.formula,
    blocks: [
      text(`共 ${count} 项基础服务；每位居民只计对其适用的：属于该服务的服务人口，且所在社区类别有时限。可达：在${within[0]}之内。`, `${count} basic services; for each resident those count that are for their age and have a limit for their class of community. In reach: within ${within[1]}.`),
      formula(['齐备率 = 适用的服务全部可达的居民 ÷ 居民', 'share with all = residents who have all in reach that count for them ÷ residents'], same(`= ${whole(all)} ÷ ${whole(residents)} = ${percent(all / residents)}`)),
      formula(['完整度 = 可达的服务 ÷ 适用的服务，各居民合计', 'completeness = services in reach ÷ services that count, over all residents'], same(`= ${percent(figure('mean_share'))}`)),
      { kind: 'table', head: [W.services, W.limit, ['齐备（人）', 'with all (persons)'], W.completeBrief, W.meanBrief], rows, numbers: 2 },
    ],
  }
}

/** How many services residents lack, and which one most often alone. */
function lackingStep(model: Model, f: Figure, way: number): Step {
  const title: Pair = ['缺少的服务', 'What is lacking']
  const lacking = model.lacking(f.unit, f.year, way)
  const [residents, all] = (['residents', 'complete_residents'] as const).map((field) => model.complete(field, f.unit, f.year, way))
  if (!lacking.some(known)) return { title, blocks: [text('公开版不列缺少几项、哪一项。', 'The public edition does not tell how many services are lacking, and which.')] }
  const counts: Pair[] = [same('1'), same('2'), same('3'), same('4'), same('5'), same('6 – 10'), same('11 – 20'), same('> 20')]
  const rows = [[same('0'), whole(all), percent(all / residents)], ...lacking.map((people, at): Cell[] => [counts[at], whole(people), percent(people / residents)])]
  const sum = lacking.reduce((total, people) => total + people, all)
  const blocks: Block[] = [
    { kind: 'table', head: [['缺少几项', 'services lacking'], ['居民', 'residents'], ['占比', 'share']], rows, numbers: 1 },
    check(sum, residents, 1, ['各部分之和', 'sum of the parts'], whole),
  ]
  const service = model.header.services[model.lacked(f.unit, f.year, way)]
  if (service) {
    const people = model.complete('lacked_residents', f.unit, f.year, way)
    blocks.push(text(`只缺一项的居民中，最多的缺${service.name[0]}：${whole(people)} 人只缺这一项。`, `Of those who lack one only, most lack ${service.name[1]}: ${whole(people)} residents lack nothing else.`))
  }
  return { title, blocks }
}

function circleAges(model: Model, f: Figure, way: number): Step {
  const title: Pair = ['分年龄', 'By age']
  const shares = model.completeByAge(f.unit, f.year, way)
  if (!shares.some(known)) return { title, blocks: [text('公开版不按年龄列。', 'The public edition does not tell it by age.')] }
  const ages = ['0–2', '3–5', '6–11', '12–14', '15–17', '18–59', '60+']
  const rows = shares.map((share, at): Cell[] => [same(ages[at]), percent(share)])
  return { title, blocks: [{ kind: 'table', head: [['年龄', 'age'], ['齐备率', 'share with all']], rows, numbers: 1 }] }
}

// The ranking.

function needSteps(model: Model, f: Figure): Step[] {
  const place = model.place(f.unit)
  if (place === null) return [{ title: W.formula, blocks: [{ kind: 'text', text: W.noPlaces }] }]
  return [needCauses(model, f, place), needInflow(model, f, place), needCertainty(model, place)]
}

function needCauses(model: Model, f: Figure, place: Place): Step {
  const last = model.years - 1
  const rows = place.causes.map(([service, weight, rate, part, by, status]): Cell[] => [
    model.header.services[service]?.short ?? ['', ''],
    decimal(weight, 3),
    { text: percent(rate), figure: { what: by === 'reach' ? 'coverage' : 'shortfall', unit: f.unit, service, year: last } },
    decimal(part, 2),
    FIGURE_STATUSES_WORDS[status] ?? same(status),
  ])
  const sum = place.causes.reduce((total, cause) => total + cause[3], 0)
  const beside = [place.unproven_share === null ? null : text(`其中依据为待核实或建议值的占 ${percent(place.unproven_share)}。`, `${percent(place.unproven_share)} of it rests on limits and norms that are only recalled or proposed.`)]
  return {
    title: ['各服务的缺口', 'What is missing, by service'],
    blocks: [
      formula(['综合缺口率 = 100 × Σ 权重 × 缺口率', 'need = 100 × Σ weight × missing share'], same(`= ${decimal(place.need, 1)}`)),
      { kind: 'table', head: [['服务', 'service'], ['权重', 'weight'], ['缺口率', 'rate'], ['部分', 'part'], ['依据', 'standard']], rows, numbers: 1 },
      text('缺口率是规模缺口（需求 − 可达供给，÷ 需求）与未覆盖率中较大者。各领域权重相同（或依评估任务文件），领域内基础类与提升类按其权重分配；本单元没有服务人口或未提供设施数据的服务不计。', 'The missing share is the greater of missing capacity ((demand − received) ÷ demand) and of people out of reach. All fields weigh the same (or as the plan says), and services share it by tier; services without a target group in the unit, or without facility data, do not count.'),
      ...beside.filter((block) => block !== null),
      check(sum, place.need, 0.051 + 0.006 * rows.length, ['各部分之和', 'sum of the parts'], (value) => decimal(value, 1)),
    ],
  }
}

function needInflow(model: Model, f: Figure, place: Place): Step {
  const plan = model.header.plan.ranking
  const [weight, reference] = [plan?.inflow_weight ?? NaN, plan?.inflow_reference ?? NaN]
  const rate = place.inflow_rate ?? 0
  const counts = Math.min(1, Math.max(0, rate / reference))
  const years = model.header.years
  const [from, to] = [model.residents(f.unit, 0), model.residents(f.unit, model.years - 1)]
  const blocks: Block[] = [
    text(`${years[0]} 至 ${years[years.length - 1]} 年人口增长：${whole(to)} ÷ ${whole(from)} − 1 = ${signed(rate)}。`, `Growth from ${years[0]} to ${years[years.length - 1]}: ${whole(to)} ÷ ${whole(from)} − 1 = ${signed(rate)}.`),
    formula(['流入系数 = 1 + λ × min(1，max(0，增长 ÷ 参照增长))', 'inflow factor = 1 + λ × min(1, max(0, growth ÷ reference))'], same(`= 1 + ${weight} × ${decimal(counts, 3)} = ${decimal(place.inflow_factor, 3)}`)),
    formula(['配置优先度 = 综合缺口率 × 流入系数', 'priority score = need × inflow factor'], same(`= ${decimal(place.need, 1)} × ${decimal(place.inflow_factor, 3)} = ${decimal(place.priority, 1)}`)),
    // The growth is told to four decimals; so much may the factor be off.
    check(1 + weight * counts, place.inflow_factor, 0.0001 + (weight * 0.00006) / reference, ['流入系数', 'inflow factor'], (value) => decimal(value, 3)),
    check(place.need * place.inflow_factor, place.priority, 0.051 + 0.00006 * place.need, ['配置优先度', 'priority score'], (value) => decimal(value, 1)),
  ]
  return { title: ['人口流入', 'Inflow'], blocks }
}

function needCertainty(model: Model, place: Place): Step {
  const band = model.header.projection ? ['、人口在低高方案之间', ' and residents (low to high)'] : ['', '']
  const of = model.header.plan.ranking?.certainty
  if (place.place_first === null) return { title: ['位次的不确定性', 'Rank uncertainty'], blocks: [text('没有抽样，位次的不确定性未知。', 'Nothing was simulated: the uncertainty of the rank is unknown.')] }
  const { place_first: first, place_last: last, in_first_ten: ten } = place
  return {
    title: ['位次的不确定性', 'Rank uncertainty'],
    blocks: [
      text(`位次 ${place.place}。权重 ±${percent(of?.weights)}、步速 ±${percent(of?.pace)}、可达供给 ±${percent(of?.capacity)}${band[0]}抽样 ${whole(of?.draws)} 次：位次在 ${first}–${last} 之间（九成），${percent(ten)} 的抽样进入前十。`, `Place ${place.place}. In ${whole(of?.draws)} draws of weights (±${percent(of?.weights)}), pace (±${percent(of?.pace)}), accessible supply (±${percent(of?.capacity)})${band[1]} it stands between ${first} and ${last} (nine in ten), and among the first ten in ${percent(ten)}.`),
      { kind: 'text', text: W.notAppraisal },
    ],
  }
}

function unservedStep(model: Model, f: Figure): Step {
  const last = model.years - 1
  let sum = 0
  let missing = false
  const rows: Cell[][] = []
  model.header.services.forEach((service, position) => {
    if (!service.supplied || service.row.norm.basis === 'supply_only') return
    const [target, covered] = [model.value('target_residents', f.unit, position, last), model.value('covered_residents', f.unit, position, last)]
    const short = target - covered
    sum += known(short) ? short : 0
    missing ||= !known(short)
    rows.push([service.short, whole(target), whole(covered), { text: whole(short), figure: { what: 'coverage', unit: f.unit, service: position, year: last } }])
  })
  const told = model.place(f.unit)?.unserved_residents ?? NaN
  return {
    title: W.formula,
    blocks: [
      formula(['未覆盖人口（累计） = Σ（服务人口 − 覆盖人口）', 'people unserved = Σ (target group − covered)'], same(`= ${missing ? whole(told) : whole(sum)}`)),
      { kind: 'table', head: [['服务', 'service'], ['对象', 'target'], ['覆盖', 'covered'], ['未覆盖', 'not covered']], rows, numbers: 1 },
      text('缺两项服务的人计两次。', 'Who lacks two services counts twice.'),
      check(missing ? NaN : sum, told, rows.length + 1, ['各服务之和', 'sum over services'], whole),
    ],
  }
}

// The city.

/** All units' parts of a total, the largest first; those not listed are told together. */
function unitsStep(model: Model, f: Figure, field: Field, beside: Field, told: number | null | undefined): Step {
  const persons = field === 'covered_residents'
  const write = persons ? (value: number) => whole(value) : amount
  const all = model.header.units.map((_, unit) => ({ unit, value: model.value(field, unit, f.service, f.year) }))
  const order = all.sort((a, b) => (known(b.value) ? b.value : -1) - (known(a.value) ? a.value : -1) || a.unit - b.unit)
  const what = persons ? 'coverage' : field === 'short_for_certain' ? 'short' : field === 'shortfall_reach' ? 'shortfall' : 'balance'
  const rows = order.slice(0, LISTED).map(({ unit, value }): Cell[] => [{ name: model.unitName(unit) }, { text: write(value), figure: { ...f, what, unit } }, write(model.value(beside, unit, f.service, f.year))])
  const rest = order.slice(LISTED)
  if (rest.length > 0) rows.push([[`其余 ${rest.length} 个单元`, `${rest.length} other units`], write(rest.reduce((sum, { value }) => sum + (known(value) ? value : 0), 0)), write(rest.reduce((sum, { unit }) => sum + (model.value(beside, unit, f.service, f.year) || 0), 0))])
  const { sum, missing } = model.sum(field, f.service, f.year)
  const blocks: Block[] = [{ kind: 'table', head: [W.unit, FIELDS[field] ?? same(field), FIELDS[beside] ?? same(beside)], rows, numbers: 1 }]
  if (missing > 0) blocks.push(text(`${missing} 个单元的数字未知，不在和中。`, `${missing} units whose figure is not known are left out of the sum.`))
  // What the public edition leaves out of the units is in the city's total all the same.
  const withheld = missing > 0 && model.header.edition === 'public'
  if (known(told)) blocks.push(check(withheld ? NaN : sum, told, 0.5 * (persons ? 1 : 0.11) * model.units + 1, ['各单元之和', 'sum over units'], write))
  return { title: ['各单元', 'By unit'], blocks }
}

const FIELDS: Partial<Record<Field, Pair>> = {
  covered_residents: ['覆盖人口', 'covered'], target_residents: ['服务人口', 'target group'], short_for_certain: ['未满足需求', 'unmet demand'], demand: ['需求', 'demand'],
  shortfall_reach: ['缺口', 'shortfall'], supply_received: ['可达供给', 'received'],
}

function cityCoverage(model: Model, f: Figure): Step {
  const total = model.total(f.service, f.year)
  if (total === null) return { title: W.formula, blocks: [{ kind: 'text', text: W.notInRound }] }
  const parts: [Pair, number | null][] = [[['覆盖', 'covered'], total.covered], [['时限之外', 'too far away'], total.too_far], [['距道路过远', 'more than the limit from a street'], total.unsnapped], [['路网数据未覆盖', 'outside the network'], total.roadless]]
  const blocks: Block[] = [
    formula(['覆盖率 = 覆盖人数 ÷ 对象人数', 'coverage = covered ÷ target group'], same(`= ${whole(total.covered)} ÷ ${whole(total.target)} = ${percent((total.covered ?? NaN) / (total.target ?? NaN))}`)),
    { kind: 'table', head: [['服务人口', 'target group'], ['人', 'people']], rows: parts.map(([name, value]): Cell[] => [name, whole(value)]), numbers: 1 },
  ]
  if (known(total.target)) blocks.push(check(parts.reduce((sum, [, value]) => sum + (value ?? NaN), 0), total.target, 1, ['各部分之和', 'sum of the parts'], whole))
  if (known(total.covered_straight)) blocks.push(text(`按直线计算则覆盖 ${whole(total.covered_straight)} 人。`, `In straight lines ${whole(total.covered_straight)} would be covered.`))
  blocks.push(...spreadBlocks(model, f.service, [total.covered_otherwise, total.covered_least, total.covered_most], total.target))
  blocks.push({ kind: 'text', text: travelWords(model) })
  return { title: W.formula, blocks }
}

function cityShort(model: Model, f: Figure): Step {
  const total = model.total(f.service, f.year)
  if (!known(total?.certain_short)) return { title: W.formula, blocks: [{ kind: 'text', text: !model.counted(f.service) ? W.noCapacity : model.header.edition === 'public' ? W.sumWithheld : W.notInRound }] }
  const [far, full, none, seated, short] = [total?.certain_too_far, total?.certain_full, total?.certain_none_exists, total?.certain_seated, total?.certain_short].map((part) => part ?? NaN)
  const blocks: Block[] = [causesTable([[W.causeFar, far], [W.causeFull, full], [W.causeNone, none]])]
  blocks.push(check(far + full + none, short, 0.21, ['各原因之和', 'sum of the causes'], amount))
  const asked = seated + short
  blocks.push(formula(['未满足需求 = 需求 − 得到安排的需求', 'unmet demand = demand − seated'], same(`= ${amount(asked)} − ${amount(seated)} = ${amount(short)}`)))
  if (total?.certain_at_least) blocks.push({ kind: 'text', text: W.atLeast })
  blocks.push({ kind: 'text', text: W.shortWords })
  return { title: W.formula, blocks }
}

function cityShortfall(model: Model, f: Figure): Step {
  const total = model.total(f.service, f.year)
  const blocks: Block[] = [formula(['缺口 = Σ 各单元 max(0，需求 − 可达供给)', 'shortfall = Σ over units of max(0, demand − received)'], same(`= ${amount(total?.short)}`))]
  if (total && known(total.units_not_judged) && total.units_not_judged > 0) blocks.push(text(`${total.units_not_judged} 个单元有规模不详的设施，不在和中。`, `${total.units_not_judged} units with facilities of unknown capacity are left out.`))
  blocks.push({ kind: 'text', text: W.shortWords })
  return { title: W.formula, blocks }
}

function cityCapacity(model: Model, f: Figure): Step {
  const total = model.total(f.service, f.year)
  if (!total || !known(total.capacity)) {
    return { title: W.formula, blocks: [text(`开放设施 ${whole(total?.facilities)} 个，其中 ${whole(total?.capacity_unknown)} 个规模不详，不能求和。`, `${whole(total?.facilities)} open facilities, of which ${whole(total?.capacity_unknown)} of unknown capacity: no sum can be told.`)] }
  }
  return {
    title: W.formula,
    blocks: [
      text(`开放设施 ${whole(total.facilities)} 个。`, `${whole(total.facilities)} open facilities.`),
      formula(['规模 = 各单元可达供给之和 + 无人可达的规模', 'capacity = received by units + reached by nobody'], same(`= ${amount(total.received)} + ${amount(total.reached_by_nobody)} = ${amount((total.received ?? NaN) + (total.reached_by_nobody ?? NaN))}`)),
      check((total.received ?? NaN) + (total.reached_by_nobody ?? NaN), total.capacity, 0.16, ['规模', 'capacity'], amount),
    ],
  }
}

function cityAttained(model: Model, f: Figure): Step {
  const total = model.total(f.service, f.year)
  const tally = ATTAINED.map((code): [string, number] => [code, 0])
  let judgedUnits = 0
  const rows: Cell[][] = []
  for (let unit = 0; unit < model.units; unit++) {
    const code = model.attained(unit, f.service, f.year)
    if (code === null) continue
    judgedUnits++
    tally[ATTAINED.indexOf(code)][1]++
    if (code !== 'yes' && rows.length < LISTED) rows.push([{ name: model.unitName(unit) }, verdict(model, { ...f, unit }), { text: `${whole(model.value('enough', unit, f.service, f.year))} / ${whole(model.value('required', unit, f.service, f.year))}`, figure: { ...f, what: 'attained', unit } }])
  }
  const blocks: Block[] = [{ kind: 'table', head: [['评价结果', 'verdict'], ['单元', 'units']], rows: tally.map(([code, count]): Cell[] => [ATTAINED_WORDS[code] ?? same(code), whole(count)]), numbers: 1 }]
  if (model.has('attained') && known(total?.units_with_a_rule)) blocks.push(check(judgedUnits, total.units_with_a_rule, 0, ['有配置规则的单元', 'units with a rule'], whole))
  if (rows.length > 0) blocks.push({ kind: 'table', head: [['未达标单元', 'units not attained'], ['评价结果', 'verdict'], ['足够 / 要求', 'enough / required']], rows, numbers: 2 })
  return { title: ['各单元的判定', 'Verdicts of units'], blocks }
}

function cityResidents(model: Model, f: Figure): Step {
  let sum = 0
  for (let unit = 0; unit < model.units; unit++) sum += model.residents(unit, f.year) || 0
  const { years, units_info: info, projection } = model.header
  const rows = years.map((date, year): Cell[] => {
    const band = projection?.residents.find((each) => each.year === date)
    return [String(date), whole(model.cityResidents(year)), band ? `${whole(band.low)} – ${whole(band.high)}` : NONE]
  })
  return {
    title: ['各年人口', 'Residents by year'],
    blocks: [
      { kind: 'table', head: [['年份', 'year'], ['常住人口', 'residents'], ['低 – 高方案', 'low – high']], rows, numbers: 1 },
      check(sum, model.cityResidents(f.year), info.count / 2 + 1, ['各单元之和', 'sum over units'], whole),
      { kind: 'text', text: f.year > 0 || projection === null ? projectionWords(model) : ['基期年人口来自输入。', 'The base year is that of the input.'] },
    ],
  }
}

// A facility.

function ofOffer(model: Model, f: Figure): Made {
  const offer = f.unit
  const { header } = model
  const service = model.offer('service', offer)
  const its = header.services[service]
  const unit = its?.unit ?? ['', '']
  const owner = model.offer('ownership', offer)
  const [opens, closes] = [model.opens(offer), model.closes(offer)]
  const rows: Cell[][] = [
    [['名称', 'name'], { name: model.offerName(offer) }],
    [['编号', 'id'], { name: header.offers.ids[offer] ?? '' }],
    [['服务', 'service'], its?.name ?? ['', '']],
    [['状态', 'status'], STATUSES_WORDS[STATUSES[model.offer('status', offer)]] ?? ['', '']],
    [['开放年份', 'opens'], opens === null ? NONE : String(opens)],
    ...(closes === null ? [] : [[['停用年份', 'closes'], String(closes)] as Cell[]]),
    [[`规模`, 'capacity'], [`${given(model.offer('capacity', offer))} ${unit[0]}`, `${given(model.offer('capacity', offer))} ${unit[1]}`]],
    [W.size, given(model.offer('size', offer))],
    [['性质', 'owner'], OWNERSHIP_WORDS[OWNERSHIP[owner]] ?? ['不明', 'not known']],
    [['所在单元', 'unit'], { name: header.units[model.offer('unit', offer)] ? model.unitName(model.offer('unit', offer)) : NONE }],
    [['来源', 'source'], { name: model.offerSource(offer) }],
  ]
  const served: Cell[][] = []
  for (let each = 0; each < model.units && its; each++) {
    const row = model.served(each, service, f.year).find((one) => one.offer === offer)
    if (row) served.push([{ name: model.unitName(each) }, decimal(row.mean, 1), whole(row.people), amount(row.received)])
  }
  const steps: Step[] = [{ title: ['设施', 'Facility'], blocks: [{ kind: 'table', head: [['项目', 'item'], ['值', 'value']], rows, numbers: 9 }] }]
  if (served.length > 0) {
    steps.push({ title: ['服务哪些单元', 'Which units it serves'], blocks: [{ kind: 'table', head: [W.unit, ['平均（分钟）', 'mean (min)'], ['可达人数', 'people'], ['分去', 'given']], rows: served, numbers: 1 }] })
  }
  if (its) steps.push(normStep(model, service))
  return { title: ['设施', 'Facility'], value: model.isOpen(offer, f.year) ? ['开放', 'open'] : ['未开放', 'not open'], steps }
}

// 5. Where it stands in the input.

/** Roles of inputs by which figures rest on them. */
function filesStep(model: Model, f: Figure): Step {
  const { header } = model
  const roles = inputRoles(model)
  const ofFacilities = !['residents'].includes(f.what)
  const wanted = header.inputs.filter(({ path }) => {
    const role = roles.get(path)?.key
    if (role === 'facilities') return ofFacilities
    if (role === 'roads') return ofFacilities && header.plan.travel?.mode === 'streets'
    return role !== undefined
  })
  const blocks: Block[] = (wanted.length > 0 ? wanted : header.inputs).map(({ path, sha256 }) => ({ kind: 'source', file: path, text: roles.get(path)?.words ?? ['', ''], hash: sha256 }))
  blocks.push({ kind: 'quote', lead: ['评估轮次：', 'Round: '], quote: header.round })
  const rows: Pair = ['行号列在设施旁，文件第一行是表头。', 'Rows stand beside facilities; the first row of a file is its header.']
  const none: Pair = ['公开版不列行号。', 'The public edition does not tell rows.']
  const [zh, en] = header.edition === 'public' ? none : rows
  blocks.push(text(`fuwutu ${header.version}。${zh}`, `fuwutu ${header.version}. ${en}`))
  return { title: ['输入文件', 'Input files'], blocks }
}

/** What each input file is to the plan. */
export function inputRoles(model: Model): Map<string, { key: string; words: Pair }> {
  const roles = new Map<string, { key: string; words: Pair }>()
  const add = (key: string, value: unknown) => {
    if (typeof value === 'string') roles.set(value, { key, words: W.inputs[key] ?? [key, key] })
    else if (Array.isArray(value)) value.forEach((each) => add(key, each))
    else if (value && typeof value === 'object') {
      const source = value as Record<string, unknown>
      for (const name of ['path', 'nodes', 'edges', 'dem']) if (typeof source[name] === 'string') add(key, source[name])
    }
  }
  for (const [key, value] of Object.entries(model.header.plan.inputs ?? {})) if (key !== 'crs') add(key, value)
  return roles
}

/** Whether a figure is what its parts make, up to rounding; a remainder in words. */
function check(made: number, told: number, within: number, what: Pair, write: (value: number) => string, words?: (value: number) => Pair): Block {
  const [a, b] = [made, told].map((value): Pair => (words ? words(value) : same(write(value))))
  if (!known(made) || !known(told)) return { kind: 'text', text: [`${what[0]}：数字不全，不能核对。`, `${what[1]}: not all figures are told, so they cannot be checked.`] }
  const holds = Math.abs(made - told) <= within + 1e-9
  if (holds && a[0] === b[0]) return { kind: 'check', holds, text: [`${what[0]} = ${a[0]}，一致`, `${what[1]} = ${a[1]}, as told`] }
  if (holds) return { kind: 'check', holds, text: [`${what[0]} = ${a[0]}，所示 ${b[0]}，相差在取整之内`, `${what[1]} = ${a[1]}, told ${b[1]}: apart by rounding`] }
  return { kind: 'check', holds, text: [`${what[0]} = ${a[0]}，所示 ${b[0]}，相差 ${write(made - told)}，取整解释不了`, `${what[1]} = ${a[1]}, told ${b[1]}: ${write(made - told)} apart, more than rounding explains`] }
}
