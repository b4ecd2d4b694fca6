import assert from 'node:assert/strict'
import test from 'node:test'
import { type Block, derive, type Derivation } from '../src/derive'
import { COLUMNS, model } from './payload'

const of = (made: Derivation) => made.steps.flatMap((step) => step.blocks)
const english = (block: Block): string => (block.kind === 'formula' ? block.lines.map((line) => line[1]).join('\n') : block.kind === 'table' ? JSON.stringify(block.rows) : block.kind === 'source' ? block.file : block.kind === 'quote' ? block.quote : block.text[1])
const all = (made: Derivation) => of(made).map(english).join('\n')
const explained = (what: string, unit = 0, year = 0, city = model()) => derive(city, { what, unit, service: 0, year })
const UNIT = ['coverage', 'straight', 'radius', 'difference', 'balance', 'shortfall', 'inside', 'short', 'access', 'attained', 'residents', 'need', 'unserved']
const CITY = ['coverage', 'short', 'shortfall', 'capacity', 'attained', 'residents']

function apart(made: Derivation): string[] {
  return of(made).flatMap((block) => (block.kind === 'check' && !block.holds ? [block.text[1]] : []))
}

test('coverage is the covered over the target group, and its parts make up the group', () => {
  const made = explained('coverage')
  assert.equal(made.value[1], '33.3 %')
  assert.match(all(made), /= 600 ÷ 1,800 = 33\.3 %/)
  assert.match(all(made), /sum of the parts = 1,800, as told/)
  assert.match(all(made), /sum over communities = 30,000, as told/)
  assert.deepEqual(made.steps.map((step) => step.title[1]), ['Residents', 'Facilities in reach', 'Norm', 'Formula', 'Input files'])
})

test('facilities in reach are told with status, minutes, people and where they stand in the input', () => {
  const text = all(explained('balance'))
  assert.match(text, /一小.*schools\.csv:2.*1\.5 \/ 4\.2.*600/)
  assert.match(text, /committed, opens 2027/)
  assert.match(text, /3 more facilities/)
})

test('what is received adds up over the listed and the others', () => {
  // 1,000 + 0 listed + 200.4 of the others = 1,200.4.
  assert.match(all(explained('balance')), /sum of what is received = 1,200, as told/)
  assert.deepEqual(apart(explained('balance')), [])
})

test('a remainder that rounding does not explain is told', () => {
  const short = COLUMNS.map((each): (typeof COLUMNS)[number] => (each[0] === 'served.more_received' ? ['served.more_received', 'f64', [100.4, 100, 0, 0]] : each))
  assert.deepEqual(apart(explained('balance', 0, 0, model({}, [], short))), ['sum of what is received = 1,100, told 1,200: −100.0 apart, more than rounding explains'])
})

test('demand is the norm times the residents', () => {
  assert.match(all(explained('shortfall')), /= 30,000 × 60 ÷ 1,000 = 1,800/)
  assert.match(all(explained('shortfall')), /= max\(0, 1,800 − 1,200\) = 599\.6/)
})

test('where only some communities have a limit, demand tells how many residents count', () => {
  const fewer = COLUMNS.map((each): (typeof COLUMNS)[number] => (each[0] === 'standing.demand' ? ['standing.demand', 'f64', [1200, 1890, 1200, NaN]] : each))
  assert.match(all(explained('balance', 0, 0, model({}, [], fewer))), /about 20,000; so the demand is 1,200/)
})

test('unmet demand is the demand without the seated, by cause', () => {
  const text = all(explained('short'))
  assert.match(text, /= 1,800 − 900\.0 = 900\.0/)
  assert.match(text, /sum of the causes = 900\.0, as told/)
})

/** Of a unit of 30,000: 3,000 have all two services, 6,000 lack the school alone, 21,000 lack both. */
const LINE = { residents: 30000, complete_residents: 3000, share: 0.1, mean_share: 0.2, lacked_service: 'school', lacked_residents: 6000, count: 2, 'lacking_{count}': [6000, 21000, 0, 0, 0, 0, 0, 0], 'share_{age}': [0.1, 0.1, null, 0.1, 0.1, 0.1, 0.1] }
const lines = (parts: number[]) => Array.from({ length: 16 }, () => parts).flat()
const CIRCLE: typeof COLUMNS = [
  ...COLUMNS,
  ['complete.residents', 'f64', lines([30000])],
  ['complete.complete_residents', 'f64', lines([3000])],
  ['complete.share', 'f64', lines([0.1])],
  ['complete.mean_share', 'f64', lines([0.2])],
  ['complete.lacked_residents', 'f64', lines([6000])],
  ['complete.lacked_service', 'u16', lines([0])],
  ['complete.lacking', 'u32', lines([6000, 21000, 0, 0, 0, 0, 0, 0])],
  ['complete.share_by_age', 'f64', lines([0.1, 0.1, NaN, 0.1, 0.1, 0.1, 0.1])],
]
const circle = () => model({ completeness: Array.from({ length: 8 }, () => LINE) as never }, [], CIRCLE)

test('how many have all services, how many are lacking, and which is lacked alone', () => {
  for (const unit of [0, -1]) {
    for (const [what, value] of [['complete', '10.0 %'], ['mean', '20.0 %'], ['complete15', '10.0 %'], ['mean15', '20.0 %']]) {
      const made = explained(what, unit, 1, circle())
      assert.equal(made.value[1], value)
      assert.deepEqual([made.service, apart(made)], [null, []])
      assert.match(all(made), /= 3,000 ÷ 30,000 = 10\.0 %/)
      assert.match(all(made), /sum of the parts = 30,000, as told/)
      assert.match(all(made), /most lack School: 6,000 residents lack nothing else/)
      assert.match(all(made), /"6–11".*"–"/)
    }
  }
})

test('where how many are lacking is left out, that is said', () => {
  const left = CIRCLE.filter(([name]) => !['complete.lacking', 'complete.share_by_age'].includes(name))
  const text = all(explained('complete', 0, 0, model({ edition: 'public', completeness: Array.from({ length: 8 }, () => LINE) as never }, [], left)))
  assert.match(text, /does not tell how many services are lacking/)
  assert.match(text, /does not tell it by age/)
})

test('a verdict follows from its numbers', () => {
  assert.equal(explained('attained').value[1], 'too small')
  assert.match(all(explained('attained')), /present 2 ≥ required 2, but only 1 large enough ⇒ too small/)
  assert.match(all(explained('attained')), /judged by these numbers = too small, as told/)
  assert.equal(explained('attained', 1, 1).value[1], 'no rule of presence applies')
})

test('need is its causes and inflow', () => {
  const text = all(explained('need'))
  // 1 + 1 × (0.05 ÷ 0.10) = 1.5; 66.7 × 1.5 = 100.05.
  assert.match(text, /= 1 \+ 1 × 0\.500 = 1\.500/)
  assert.match(text, /= 66\.7 × 1\.500 = 100\.1/)
  assert.deepEqual(apart(explained('need')), [])
})

test('nothing that is shown is more than rounding away from its parts', () => {
  for (const what of UNIT) if (what !== 'unserved') assert.deepEqual(apart(explained(what)), [], what)
})

test('city totals are the sums over units', () => {
  const made = derive(model(), { what: 'coverage', unit: -1, service: 0, year: 0 })
  assert.equal(made.value[1], '50.0 %')
  assert.match(all(made), /sum over units = 1,500, as told/)
  const short = derive(model(), { what: 'short', unit: -1, service: 0, year: 0 })
  assert.match(all(short), /sum over units = 1,300, as told/)
  assert.match(all(derive(model(), { what: 'capacity', unit: -1, service: 0, year: 0 })), /= 2,000 \+ 0\.0 = 2,000/)
})

test('every figure names the files that it rests on', () => {
  assert.match(all(explained('coverage')), /people\.csv[\s\S]*schools\.csv/)
  assert.doesNotMatch(all(explained('residents')), /schools\.csv/)
})

test('a facility tells whom it serves', () => {
  const made = derive(model(), { what: 'offer', unit: 0, service: 0, year: 0 })
  assert.match(all(made), /单元1-01.*4\.2.*600.*1,000[\s\S]*单元1-02.*6\.1.*900.*799\.6/)
})

test('a round without columns explains what there is, and says what is absent', () => {
  const bare = model({ projection: null, places: [], communities: [] }, COLUMNS.map(([name]) => name).filter((name) => !['unit.residents', 'standing.target_residents'].includes(name)))
  for (const what of UNIT) for (const year of [0, 1]) assert.ok(derive(bare, { what, unit: 0, service: 0, year }).steps.length > 0, what)
  for (const what of CITY) assert.ok(derive(bare, { what, unit: -1, service: 0, year: 0 }).steps.length > 0, what)
  assert.match(all(explained('coverage', 0, 1, bare)), /No earlier population was given: residents stay as in 2026/)
  assert.match(all(explained('coverage', 0, 0, bare)), /does not tell who reaches which facility/)
  assert.doesNotMatch(all(explained('coverage', 0, 0, bare)), /NaN|undefined/)
})

test('no derivation holds a broken number', () => {
  for (const what of UNIT) for (const unit of [0, 1]) for (const year of [0, 1]) assert.doesNotMatch(all(explained(what, unit, year)), /NaN|undefined|Infinity/, `${what} ${unit} ${year}`)
})

test('what a public edition leaves out is not taken for a remainder', () => {
  const left = COLUMNS.map((each): (typeof COLUMNS)[number] => (each[0] === 'standing.covered_residents' ? ['standing.covered_residents', 'f64', [600, NaN, NaN, NaN]] : each))
  const city = model({ edition: 'public', small: 10 }, [], left)
  const made = derive(city, { what: 'coverage', unit: -1, service: 0, year: 0 })
  assert.deepEqual(apart(made), [])
  assert.match(all(made), /not all figures are told/)
  assert.deepEqual(apart(explained('unserved', 0, 1, city)), [])
})
