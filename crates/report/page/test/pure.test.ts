import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import test from 'node:test'
import { fromBase64, gunzip, unpack } from '../src/blob'
import { amount, decimal, given, percent, plain, signed, tenThousands, whole } from '../src/format'
import { fit, frame, roundLength, worldX, worldY } from '../src/map/frame'
import { MEASURES, measureOf } from '../src/measures'
import { balance, classOf, coverage, difference, missing } from '../src/scale'
import { address, fromAddress, initial, names, withNamed } from '../src/state'
import { areas, bounds, inside, ring, ringsOf, topology } from '../src/topology'
import { W } from '../src/words'
import { COLUMNS, HEADER, model, pack } from './payload'

test('a payload is read back as it was written', async () => {
  const packed = pack({ ...HEADER, round: '轮次' }, [['a', 'u8', [1, 255]], ['b', 'f64', [0.5, NaN]], ['c', 'i32', [-3]]])
  const text = gzipSync(new Uint8Array(packed)).toString('base64')
  const { header, column } = unpack(await gunzip(fromBase64(`\n${text}\n`)))
  assert.equal(header.round, '轮次')
  assert.deepEqual([...(column('a') ?? [])], [1, 255])
  assert.deepEqual([...(column('b') ?? [])], [0.5, NaN])
  assert.deepEqual([...(column('c') ?? [])], [-3])
  assert.equal(column('d'), null)
})

test('data of another format are refused', () => {
  assert.throws(() => unpack(pack({ ...HEADER, format: 2 }, [])), /format 2/)
})

test('what is not known is a dash, never a nought', () => {
  for (const write of [whole, amount, given, percent, signed]) assert.deepEqual([write(NaN), write(null), write(undefined)], ['–', '–', '–'])
  assert.equal(decimal(NaN, 2), '–')
})

test('numbers are grouped, and rounded as told', () => {
  assert.deepEqual([0, 999.4, 1234567, -1234.5].map(whole), ['0', '999', '1,234,567', '−1,234'])
  assert.deepEqual([0, 254, 999.94, 999.96, 12345.6].map(amount), ['0.0', '254.0', '999.9', '1,000', '12,346'])
  assert.deepEqual([36, 36.5, 2000].map(given), ['36', '36.5', '2,000'])
  assert.deepEqual([0.52635, 1, 0].map(percent), ['52.6 %', '100.0 %', '0.0 %'])
  assert.deepEqual([0.031, -0.031, 0.00001].map(signed), ['+3.1 %', '−3.1 %', '0.0 %'])
  assert.equal(decimal(1234.567, 2), '1,234.57')
  assert.equal(decimal(-0.001, 1), '0.0')
  assert.equal(tenThousands(21_000_000), '2,100.0 万')
})

test('names lose what steers and keep what shows', () => {
  assert.equal(plain('a\u0000b\u202Ec\nd'), 'abcd')
  assert.equal(plain('长'.repeat(300), 10), `${'长'.repeat(9)}…`)
  assert.equal(plain('<b>&"'), '<b>&"')
  // Letters outside the basic plane are not cut in two.
  assert.equal(plain('🏫'.repeat(3), 2), '🏫…')
})

test('a value at the end of a class belongs to it', () => {
  const classes = [0, 0.2, 0.2001, 0.4, 0.95, 0.9501, 1].map((value) => classOf(coverage(W.coverage), value))
  assert.deepEqual(classes, [0, 0, 1, 1, 4, 5, 5])
  assert.equal(classOf(coverage(W.coverage), NaN), -1)
  assert.deepEqual([0, 0.0001, 0.1, 0.61].map((value) => classOf(missing(W.short), value)), [0, 1, 1, 5])
  assert.deepEqual([0.949, 0.951, 1, 1.05, 1.06].map((value) => classOf(balance(W.balance), value)), [2, 3, 3, 3, 4])
  assert.deepEqual([-0.5, -0.05, -0.03, -0.005, 0].map((value) => classOf(difference(W.difference), value)), [0, 3, 4, 5, 5])
})

test('every scale has one more class than limits, and the limits ascend', () => {
  for (const measure of MEASURES) {
    const { edges, classes } = measure.scale(model(), 0)
    assert.equal(classes.length, edges.length + 1, measure.id)
    edges.slice(1).forEach((edge, at) => assert.ok(edge > edges[at], measure.id))
  }
})

/** Relative luminance, after WCAG 2. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

test('ramps of one hue family change lightness one way, so that they survive grey', () => {
  for (const id of ['coverage', 'short', 'difference', 'need', 'unserved', 'attained']) {
    const light = measureOf(id).scale(model(), 0).classes.map((each) => luminance(each.colour))
    const rising = light.every((each, at) => at === 0 || each > light[at - 1])
    const falling = light.every((each, at) => at === 0 || each < light[at - 1])
    assert.ok(rising || falling, `${id}: ${light.map((each) => each.toFixed(2)).join(' ')}`)
  }
})

// Two squares side by side with a shared border: arc 0 is the border, 1 the left rest, 2 the right rest.
//   (0,10)──(10,10)──(20,10)
//     │   left  0  right │
//   (0,0)───(10,0)───(20,0)
const SQUARES: Record<string, number[]> = {
  'unit.arc.start': [0, 2, 6, 10],
  'unit.arc.x': [10, 10, 10, 0, 0, 10, 10, 20, 20, 10],
  'unit.arc.y': [0, 10, 10, 10, 0, 0, 0, 0, 10, 10],
  'unit.ring.start': [0, 2, 4],
  'unit.ring.arcs': [0, 1, 2, ~0],
  'unit.rings': [0, 1, 2],
}

test('areas are put together from the arcs that they share, forwards and backwards', () => {
  const squares = topology('unit', (name) => SQUARES[name] ?? null)
  assert.ok(squares)
  assert.equal(areas(squares), 2)
  assert.deepEqual(ring(squares, 0), [10, 0, 10, 10, 0, 10, 0, 0])
  assert.deepEqual(ring(squares, 1), [10, 0, 20, 0, 20, 10, 10, 10])
  assert.deepEqual(bounds(ringsOf(squares, 1)), [10, 0, 20, 10])
  assert.deepEqual([[5, 5], [15, 5], [25, 5]].map(([x, y]) => [inside(ringsOf(squares, 0), x, y), inside(ringsOf(squares, 1), x, y)]), [[true, false], [false, true], [false, false]])
})

test('a hole is outside', () => {
  const rings = [[0, 0, 10, 0, 10, 10, 0, 10], [4, 4, 6, 4, 6, 6, 4, 6]]
  assert.deepEqual([[2, 2], [5, 5]].map(([x, y]) => inside(rings, x, y)), [true, false])
})

test('a layer that the round does not have is none', () => {
  assert.equal(topology('community', (name) => SQUARES[name] ?? null), null)
})

test('the frame is in metres, north is up, and it fits into the middle', () => {
  const of = frame({ west: 104, south: -0.5, east: 105, north: 0.5 })
  assert.ok(Math.abs(of.width - 111_320) < 10 && Math.abs(of.height - 110_900) < 10)
  assert.deepEqual([worldX(of, 0), worldY(of, 65535)], [0, 0])
  const view = fit(of, 1000, 500, 50)
  assert.ok(Math.abs(view.scale * of.height - 400) < 1e-6)
  assert.ok(Math.abs(view.left + (view.scale * of.width) / 2 - 500) < 1e-6)
  assert.deepEqual([1, 1.9, 4999, 5000, 9e4].map(roundLength), [1, 1, 2000, 5000, 5e4])
})

test('a facility is open by its status and year', () => {
  const city = model()
  assert.deepEqual([0, 1].map((offer) => [0, 1].map((year) => city.isOpen(offer, year))), [[true, true], [false, true]])
  for (const status of [2, 3, 4]) {
    const columns = COLUMNS.map((each): (typeof COLUMNS)[number] => (each[0] === 'offer.status' ? ['offer.status', 'u8', [status, status]] : each))
    assert.equal(model({}, [], columns).isOpen(0, 1), false)
  }
  const later = COLUMNS.map((each): (typeof COLUMNS)[number] => (each[0] === 'offer.opens' ? ['offer.opens', 'u16', [2027, 2027]] : each))
  assert.deepEqual([0, 1].map((year) => model({}, [], later).isOpen(0, year)), [false, true])
})

test('a figure that the round does not have is not known', () => {
  const city = model({}, ['standing.short_for_certain', 'standing.attained', 'served.start', 'spot.share'])
  assert.ok(Number.isNaN(city.value('short_for_certain', 0, 0, 0)))
  assert.equal(city.attained(0, 0, 0), null)
  assert.deepEqual(city.served(0, 0, 0), [])
  assert.equal(city.has('short_for_certain'), false)
  assert.deepEqual(measureOf('short').absent(city, 0), W.notInRound)
})

test('a year without a column of shares is as the latest before it', () => {
  const city = model()
  assert.deepEqual([0, 1].map((year) => city.shareColumn(0, year)), [0, 0])
  assert.deepEqual([0, 1, 2].map((spot) => city.spotShare(0, spot)), [0, 50, NaN])
  assert.deepEqual([0, 1, 2].map((spot) => city.spotMinutes(0, spot)), [Infinity, 4.2, 0])
  assert.equal(model({ demand: { side_m: 0, columns: [['school', 2027]], minutes: false } }).shareColumn(0, 0), -1)
})

test('facilities tell file and row, as far as they are known', () => {
  assert.deepEqual([0, 1].map((offer) => model().offerSource(offer)), ['schools.csv:2', 'schools.csv'])
})

test('what is chosen goes into the address and comes back', () => {
  const city = model()
  const state = withNamed(initial('zh-CN'), { service: 'school', verdict: 'short', year: 2027, unit: '1-02' }, city)
  assert.deepEqual([state.lang, state.verdict, state.year, state.unit], ['zh', 'short', 1, 1])
  const again = withNamed(initial('en-GB'), fromAddress(address(state, city)), city)
  assert.deepEqual([again.lang, names(again, city).unit, names(again, city).year], ['en', '1-02', 2027])
})

test('names that the round does not have choose nothing', () => {
  const city = model()
  const state = initial('zh')
  assert.deepEqual(withNamed(state, fromAddress('#service=nothing&verdict=best&year=1999&unit=%3Cb%3E&tab=x'), city), state)
})

test('every text is there in both languages', () => {
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      assert.equal(value.length, 2)
      assert.ok(value.every((each) => typeof each === 'string' && each !== ''), String(value))
    } else for (const each of Object.values(value as object)) walk(each)
  }
  walk(W)
})
