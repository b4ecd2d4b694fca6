// Opens pages in Chromium and looks at them as a reader would:
//   node browser.test.mjs PAGE.html ROUND_DIR [PAGE.html ROUND_DIR …]
// CHROMIUM names the program (default: chromium). With MEASURE=1, MAX_FIRST_MS (2000) and MAX_CHANGE_MS (100) are limits.
// With SHOTS=folder it leaves pictures and printed sheets there.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { launch } from './chromium.mjs'

const LIMITS = { first: Number(process.env.MAX_FIRST_MS ?? 2000), change: Number(process.env.MAX_CHANGE_MS ?? 100) }
const NONE = '–'

// The page's way of writing numbers, written a second time.
const known = (value) => value !== null && value !== undefined && !Number.isNaN(value)
const minus = (text) => text.replace('-', '−')
const whole = (value) => (known(value) ? minus(Math.round(value).toLocaleString('en-US')) : NONE)
const amount = (value) => (known(value) ? (Math.abs(value) >= 999.95 ? whole(value) : minus(value.toFixed(1))) : NONE)
const percent = (value) => (known(value) ? `${(value * 100).toFixed(1)} %` : NONE)

function csv(path) {
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  const rows = [...text.matchAll(/(?:"(?:[^"]|"")*"|[^",\r\n])*(?:,(?:"(?:[^"]|"")*"|[^",\r\n])*)*/g)].map((match) => match[0]).filter((line) => line !== '')
  const cells = (line) => [...line.matchAll(/(^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map((match) => match[2]?.replaceAll('""', '"') ?? match[3] ?? '')
  const [head, ...body] = rows.map(cells)
  return body.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]])))
}

const number = (text) => (text === '' || text === undefined ? NaN : Number(text))

/** Rows of a table in the panel as texts: the first cell, and the others. */
const tableRows = `(table) => [...table.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))`

/** A number that stands for all dots of a sheet of the map, and how many colours there are. */
async function picture(page, sheet) {
  return page.run((name) => {
    const canvas = document.querySelector(`canvas.sheet.${name}`)
    const dots = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)
    let hash = 0
    const colours = new Set()
    for (const dot of dots) {
      hash = (Math.imul(hash, 31) + dot) | 0
      colours.add(dot)
    }
    return { hash, colours: colours.size }
  }, sheet)
}

/** Until a moved map is painted anew. */
const rested = () => new Promise((done) => setTimeout(done, 400))

async function rendersAlone(page, file) {
  await page.run(() => window.fuwutu.ready)
  const areas = await picture(page, 'areas')
  assert.ok(areas.colours >= 3, `the map has ${areas.colours} colours`)
  assert.ok((await picture(page, 'lines')).colours >= 3, 'no borders are drawn')
  assert.deepEqual(page.seen.requests.filter((url) => !url.endsWith(encodeURI(basename(file)))), [], 'the page asks for something else than itself')
}

async function choicesChangeWhatIsShown(page, round, ids) {
  const set = (named) => page.run((each) => window.fuwutu.set(each), named)
  await set({ verdict: 'coverage', service: ids.services[0], year: round.years[0], tab: 'unit', unit: ids.units[0] })
  const before = await picture(page, 'areas')
  await set({ verdict: 'residents' })
  assert.notEqual((await picture(page, 'areas')).hash, before.hash, 'another verdict looks the same')
  await set({ verdict: 'coverage' })
  assert.equal((await picture(page, 'areas')).hash, before.hash, 'the same choice looks different')
  const pictures = new Set()
  for (const service of ids.services.slice(0, 6)) {
    await set({ service })
    pictures.add((await picture(page, 'areas')).hash)
  }
  assert.ok(ids.services.length === 1 || pictures.size > 1, 'all services look the same')
  const marked = await picture(page, 'outlines')
  const head = () => page.run(() => document.querySelector('#panel h2').textContent)
  if (ids.units.length > 1) {
    const first = await head()
    await set({ unit: ids.units[1] })
    assert.notEqual((await picture(page, 'outlines')).hash, marked.hash, 'another unit is not marked')
    assert.notEqual(await head(), first, 'the panel tells of the unit before')
  }
  if (round.projection !== null && round.years.length > 1) {
    await set({ verdict: 'growth', year: round.years[0] })
    const base = await picture(page, 'areas')
    await set({ year: round.years.at(-1) })
    assert.equal((await picture(page, 'areas')).hash, base.hash, 'the base year shows the growth until the last')
    if (round.years.length > 2) {
      await set({ year: round.years[1] })
      assert.notEqual((await picture(page, 'areas')).hash, base.hash, 'another year looks the same')
    }
  }
  const chosen = await page.run(() => [window.fuwutu.state().year, document.querySelector('.ticks .now').textContent])
  assert.equal(String(chosen[0]), chosen[1])
  await set({ verdict: 'coverage', year: round.years[0] })
}

/** Every total of round.json stands on the page. */
async function cityIsAsTheRoundSays(page, round, ids) {
  const shown = await page.run(
    async (services, years, rows) => {
      const texts = new Function(`return ${rows}`)()
      const all = {}
      for (const service of services) {
        for (const year of years) {
          window.fuwutu.set({ lang: 'zh', tab: 'city', service, year })
          const row = document.querySelector(`#panel tr[data-service="${service}"]`)
          all[`${service} ${year}`] = [...row.cells].map((cell) => cell.textContent.trim())
        }
        all[service] = Object.fromEntries(texts(document.querySelector('#panel .years')).map(([name, ...cells]) => [name.replace(/（.*/, ''), cells]))
      }
      return all
    },
    ids.services, round.years, tableRows,
  )
  let compared = 0
  for (const total of round.totals.filter((each) => ids.services.includes(each.service))) {
    const at = `${total.service} ${total.year}`
    const short = total.certain === null ? NONE : `${total.certain.at_least ? '≥ ' : ''}${amount(total.certain.short)}`
    const undecided = total.units_undecided > 0 ? `–${whole(total.units_attained + total.units_undecided)}` : ''
    const attained = total.units_with_a_rule > 0 ? `${whole(total.units_attained)}${undecided} / ${whole(total.units_with_a_rule)}` : NONE
    const coverage = total.target > 0 ? percent(total.covered / total.target) : NONE
    assert.deepEqual(shown[at].slice(1), [whole(total.target), whole(total.covered), coverage, short, attained], at)
    const year = round.years.indexOf(total.year)
    const line = (name, text) => {
      assert.equal(shown[total.service][name]?.[year], text, `${at} ${name}`)
      compared++
    }
    line('时限之外', whole(total.too_far))
    line('距道路过远', whole(total.unsnapped))
    line('路网数据未覆盖', whole(total.roadless))
    line('设施', whole(total.facilities))
    const straight = `直线 × ${round.plan.travel.detour} 覆盖人口`
    if (shown[total.service][straight]) line(straight, whole(total.covered_straight))
    if (shown[total.service]['服务半径内人口']) line('服务半径内人口', whole(total.covered_radius))
    if (shown[total.service]['规模']) {
      line('规模', amount(total.capacity))
      line('缺口', amount(total.short))
      line('— 时限内没有开放设施', amount(total.certain?.too_far))
      line('— 时限内的设施均已满负荷', amount(total.certain?.full))
      line('— 全市没有开放设施', amount(total.certain?.none_exists))
    }
    compared += 5
  }
  return compared
}

/** The figures of some units are those of standing.csv, and each is explained without a remainder. */
async function unitsAreAsTheTableSays(page, round, ids, standing) {
  const units = [...new Set([0, ids.units.length >> 1, ids.units.length - 1])].map((at) => ids.units[at])
  let compared = 0
  for (const unit of units) {
    for (const service of ids.services) {
      const shown = await page.run(
        (named, rows) => {
          window.fuwutu.set(named)
          const texts = new Function(`return ${rows}`)()
          return Object.fromEntries(texts([...document.querySelectorAll('#panel table')].at(-1)).map(([name, ...cells]) => [name.replace(/（.*/, ''), cells]))
        },
        { lang: 'zh', tab: 'unit', unit, service, year: round.years[0] }, tableRows,
      )
      for (const [at, year] of round.years.entries()) {
        const row = standing.get(`${unit} ${service} ${year}`)
        const fields = { 服务人口: whole(number(row.target_residents)), 覆盖人口: whole(number(row.covered_residents)), 覆盖率: percent(number(row.coverage)), 需求: amount(number(row.demand)), 可达供给: amount(number(row.supply_received)), 缺口: amount(number(row.shortfall_reach)), 单元内缺口: amount(number(row.shortfall_inside)), 未满足需求: amount(number(row.short_for_certain)) }
        for (const [name, text] of Object.entries(fields)) {
          if (shown[name] === undefined) continue
          assert.equal(shown[name][at], text, `${unit} ${service} ${year} ${name}`)
          compared++
        }
      }
    }
  }
  return { compared, units }
}

async function figuresExplainThemselves(page, round, ids, units) {
  const problems = []
  let opened = 0
  for (const unit of units) {
    for (const service of ids.services) {
      for (const year of [round.years[0], round.years.at(-1)]) {
        const found = await page.run((named) => {
          window.fuwutu.set(named)
          const apart = []
          const figures = [...document.querySelectorAll('#panel .facts .figure, #panel tr.now .figure, #panel > div > table .figure')]
          for (const figure of figures) {
            figure.focus()
            figure.click()
            const why = document.getElementById('why')
            if (why.hidden || why.querySelectorAll('.steps > li').length < 2) apart.push(`${figure.dataset.why}: not explained`)
            why.querySelectorAll('.check.apart').forEach((each) => apart.push(`${figure.dataset.why}: ${each.textContent}`))
            const value = why.querySelector('h2 strong').textContent
            // The head repeats the figure, with its unit where it has one.
            if (figure.dataset.why.split(',')[0] !== 'balance' && !value.startsWith(figure.textContent)) apart.push(`${figure.dataset.why}: ${figure.textContent}, explained as ${value}`)
            why.querySelector('.close').click()
          }
          return { apart, count: figures.length }
        }, { lang: 'zh', tab: 'unit', unit, service, year })
        problems.push(...found.apart)
        opened += found.count
      }
    }
  }
  const city = await page.run((services, years) => {
    const apart = []
    let count = 0
    for (const service of services) {
      window.fuwutu.set({ tab: 'city', service, year: years.at(-1) })
      for (const figure of document.querySelectorAll('#panel .note .figure, #panel tr.now .figure, #panel .years .figure')) {
        figure.click()
        document.querySelectorAll('#why .check.apart').forEach((each) => apart.push(`${figure.dataset.why}: ${each.textContent}`))
        document.querySelector('#why .close').click()
        count++
      }
    }
    return { apart, count }
  }, ids.services, round.years)
  problems.push(...city.apart)
  assert.deepEqual(problems.slice(0, 20), [], `${problems.length} figures are not what their parts make`)
  return opened + city.count
}

async function keysWork(page, ids) {
  const key = async (name, text = undefined) => {
    await page.ask('Input.dispatchKeyEvent', { type: 'keyDown', key: name, text })
    await page.ask('Input.dispatchKeyEvent', { type: 'keyUp', key: name })
  }
  const active = () => page.run(() => document.activeElement.id || document.activeElement.dataset.why || document.activeElement.dataset.unit || document.activeElement.tagName)
  await page.run((unit) => {
    window.fuwutu.set({ tab: 'unit', unit })
    document.querySelector('#panel .figure').focus()
  }, ids.units[0])
  const opener = await active()
  await page.run(() => document.activeElement.click())
  assert.equal(await active(), 'why-head', 'the focus does not go to the explanation')
  await key('Escape')
  assert.equal(await active(), opener, 'Escape does not lead back to the figure')
  await page.run(() => document.getElementById('map').focus())
  await key('/', '/')
  assert.equal(await active(), 'search', '/ does not lead to the search')
  await page.run((id) => {
    const search = document.getElementById('search')
    search.value = id
    search.dispatchEvent(new Event('input', { bubbles: true }))
  }, ids.units.at(-1))
  await key('Enter')
  assert.equal(await page.run(() => window.fuwutu.state().unit), ids.units.at(-1), 'the search does not choose the unit')
  await page.run(() => {
    window.fuwutu.set({ tab: 'ranking', list: 'need' })
    const first = document.querySelector('#panel tbody[data-unit]')
    first.focus()
    first.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }))
  })
  if (ids.units.length > 1) {
    await key('ArrowDown')
    const [chosen, focused] = await page.run(() => [document.querySelector('tbody[aria-current=true]')?.dataset.unit, document.activeElement.dataset.unit])
    assert.ok(chosen !== undefined && chosen === focused, 'arrow keys do not move through the ranking')
  }
  const before = await picture(page, 'areas')
  await page.run(() => document.getElementById('map').focus())
  await key('+', '+')
  await page.run(rested)
  assert.notEqual((await picture(page, 'areas')).hash, before.hash, '+ does not zoom')
  await key('0', '0')
}

/** No text of one language is left when the other is chosen; names, sources and codes keep their own. */
async function languagesSwitch(page, ids) {
  for (const lang of ['en', 'zh']) {
    const left = await page.run(async (chosen, unit) => {
      const found = new Set()
      const foreign = chosen === 'en' ? (text) => /[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]/.test(text) : (text) => /[A-Za-z]{3,}/.test(text) && !/[\u3400-\u9fff]/.test(text)
      const kept = /^(fuwutu .*|SHA-256.*|CGCS2000.*|EPSG.*)$/
      const look = () => {
        for (const root of ['app', 'why']) {
          const walk = document.createTreeWalker(document.getElementById(root), NodeFilter.SHOW_TEXT)
          for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            if (node.parentElement.closest('bdi, code, #switch, kbd, .formula')) continue
            const text = node.textContent.trim()
            if (foreign(text) && !kept.test(text)) found.add(`${node.parentElement.tagName}.${node.parentElement.className}: ${text}`)
          }
        }
        document.querySelectorAll('[aria-label], [placeholder]').forEach((each) => {
          if (each.id === 'switch') return
          const text = each.getAttribute('aria-label') ?? each.getAttribute('placeholder')
          if (foreign(text)) found.add(`${each.tagName}: ${text}`)
        })
      }
      window.fuwutu.set({ lang: chosen, unit })
      for (const verdict of ['complete', 'mean', 'complete15', 'mean15', 'coverage', 'straight', 'radius', 'difference', 'balance', 'short', 'shortfall', 'access', 'attained', 'need', 'unserved', 'residents', 'growth']) {
        window.fuwutu.set({ verdict, tab: 'ranking', list: 'shown' })
        look()
      }
      for (const tab of ['unit', 'city', 'change', 'projects', 'data']) {
        window.fuwutu.set({ tab })
        document.querySelectorAll('#panel details:not([open]) summary').forEach((each) => each.click())
        await new Promise((done) => setTimeout(done, 20))
        look()
        const whats = new Set()
        for (const figure of document.querySelectorAll('#panel .figure')) {
          const [what] = figure.dataset.why.split(',')
          if (whats.has(what)) continue
          whats.add(what)
          figure.click()
          look()
          document.querySelector('#why .close').click()
        }
      }
      return [...found]
    }, lang, ids.units[0])
    assert.deepEqual(left.slice(0, 12), [], `${left.length} texts are not in ${lang}`)
    assert.match(await page.run(() => document.documentElement.lang), new RegExp(`^${lang}`))
  }
}

/** Whatever names hold, they are only ever text. */
async function namesAreInert(page) {
  const found = await page.run(() => {
    for (const tab of ['ranking', 'unit', 'city', 'change', 'projects', 'data']) window.fuwutu.set({ tab })
    const search = document.getElementById('search')
    for (const text of ['<', '"', 'a', '1']) {
      search.value = text
      search.dispatchEvent(new Event('input', { bubbles: true }))
    }
    search.value = ''
    search.dispatchEvent(new Event('input', { bubbles: true }))
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
    return { pwned: window.__pwned, scripts: document.scripts.length, others: document.querySelectorAll('img, iframe, object, embed, link, form, video').length, handlers: [...document.querySelectorAll('*')].filter((each) => [...each.attributes].some(({ name }) => name.startsWith('on'))).length, wide }
  })
  assert.deepEqual(found, { scripts: 2, others: 0, handlers: 0, wide: 0 }, 'names did something')
}

/** Milliseconds from a change until the map is rasterised and the panels are laid out. */
async function changeTimes(page, round, ids) {
  return page.run((services, years, units) => {
    let seed = 7
    const draw = (all) => all[(seed = (Math.imul(seed, 1103515245) + 12345) >>> 1) % all.length]
    const verdicts = ['coverage', 'balance', 'short', 'attained', 'need', 'residents']
    const sheets = [...document.querySelectorAll('canvas.sheet')].map((canvas) => canvas.getContext('2d'))
    const times = []
    for (let at = 0; at < 30; at++) {
      const named = [{ service: draw(services) }, { year: draw(years) }, { unit: draw(units) }, { verdict: draw(verdicts) }, { service: draw(services), verdict: 'coverage' }][at % 5]
      window.fuwutu.set({ tab: ['ranking', 'unit', 'city'][at % 3], list: at % 2 ? 'shown' : 'need' })
      sheets.forEach((sheet) => sheet.getImageData(0, 0, 1, 1))
      void document.body.offsetHeight
      const begun = performance.now()
      window.fuwutu.set(named)
      sheets.forEach((sheet) => sheet.getImageData(0, 0, 1, 1))
      void document.body.offsetHeight
      times.push(performance.now() - begun)
    }
    return times.sort((a, b) => a - b)
  }, ids.services, round.years, ids.units)
}

async function near(page, times) {
  await page.run(() => {
    window.fuwutu.set({ verdict: 'coverage' })
    for (let at = 0; at < 3; at++) document.querySelector('#zoom button').click()
  })
  await page.run(rested)
  const found = await times()
  await page.run(() => document.querySelectorAll('#zoom button')[2].click())
  return found
}

async function printsOneSheet(page, name) {
  for (const [paper, width, height] of [['A4', 8.27, 11.69], ['A3', 11.69, 16.54]]) {
    const { data } = await page.ask('Page.printToPDF', { landscape: true, printBackground: true, paperWidth: width, paperHeight: height })
    const bytes = Buffer.from(data, 'base64')
    const pages = [...bytes.toString('latin1').matchAll(/\/Type\s*\/Page\b(?!s)/g)].length
    assert.equal(pages, 1, `${paper} takes ${pages} sheets`)
    if (process.env.SHOTS) writeFileSync(join(process.env.SHOTS, `${name}-${paper}.pdf`), bytes)
  }
}

async function shots(page, name, ids) {
  mkdirSync(process.env.SHOTS, { recursive: true })
  const shoot = async (label, whole = false) => {
    await page.run(() => new Promise((done) => setTimeout(done, 150)))
    const clip = whole ? { x: 0, y: 0, width: 390, height: Math.min(3600, (await page.ask('Page.getLayoutMetrics')).cssContentSize.height), scale: 0.5 } : undefined
    const { data } = await page.ask('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole, clip })
    writeFileSync(join(process.env.SHOTS, `${name}-${label}.png`), Buffer.from(data, 'base64'))
  }
  for (const lang of ['zh', 'en']) {
    for (const [width, height] of [[1920, 1080], [1280, 800], [390, 844]]) {
      await page.resize(width, height, width < 500)
      for (const tab of ['ranking', 'unit', 'city', 'data']) {
        await page.run((named) => window.fuwutu.set(named), { lang, tab, unit: ids.units[0], verdict: 'coverage', service: ids.services[0], list: 'need' })
        await shoot(`${lang}-${width}-${tab}`, width < 500)
      }
      await page.run(() => {
        window.fuwutu.set({ tab: 'unit' })
        document.querySelector('#panel table .figure').click()
      })
      await shoot(`${lang}-${width}-why`)
      await page.run(() => document.querySelector('#why .close').click())
    }
  }
  await page.resize(1280, 800)
}

async function check(browser, file, folder) {
  const name = basename(file, '.html')
  const round = JSON.parse(readFileSync(join(folder, 'round.json'), 'utf8'))
  const rows = csv(join(folder, 'standing.csv'))
  const standing = new Map(rows.map((row) => [`${row.unit} ${row.service} ${row.year}`, row]))
  const ids = { units: [...new Set(rows.map((row) => row.unit))], services: [...new Set(rows.map((row) => row.service))] }
  // A public edition leaves out and rounds: it is not compared with the round's figures, but must explain its own.
  const everybody = resolve(file).split('/').at(-2) === 'public'
  if (everybody) ids.services = ids.services.filter((id) => !round.plan.public.restricted.includes(id))
  const page = await browser.open(resolve(file), { width: 1280, height: 800 })
  if (process.env.SHOTS) mkdirSync(process.env.SHOTS, { recursive: true })
  await rendersAlone(page, file)
  const timings = await page.run(() => window.fuwutu.timings)
  await choicesChangeWhatIsShown(page, round, ids)
  const totals = everybody ? 0 : await cityIsAsTheRoundSays(page, round, ids)
  const { compared, units } = everybody ? { compared: 0, units: ids.units } : await unitsAreAsTheTableSays(page, round, ids, standing)
  const explained = await figuresExplainThemselves(page, round, ids, units.slice(0, ids.services.length > 20 ? 1 : 3))
  await keysWork(page, ids)
  await languagesSwitch(page, ids)
  await namesAreInert(page)
  const times = await changeTimes(page, round, ids)
  const nearTimes = await near(page, () => changeTimes(page, round, ids))
  await page.run((named) => window.fuwutu.set(named), { lang: 'zh', verdict: 'coverage', tab: 'ranking', list: 'need', service: ids.services[0] })
  await printsOneSheet(page, name)
  if (process.env.SHOTS) await shots(page, name, ids)
  // Reading dots back is this test's doing.
  assert.deepEqual(page.seen.problems.filter((text) => !text.includes('willReadFrequently')), [], 'the console is not silent')
  assert.deepEqual(page.seen.requests.filter((url) => !url.startsWith('file:') || url.split('#')[0].split('/').at(-1) !== encodeURI(basename(file))), [], 'the page asks for something else than itself')
  await page.close()
  const english = await browser.open(resolve(file), { width: 1280, height: 800, language: 'en-GB', hash: `#service=${ids.services.at(-1)}&unit=${ids.units.at(-1)}&year=${round.years.at(-1)}&verdict=residents` })
  await english.run(() => window.fuwutu.ready)
  const { lang, service, unit, year, verdict } = await english.run(() => window.fuwutu.state())
  assert.deepEqual({ lang, service, unit, year, verdict }, { lang: 'en', service: ids.services.at(-1), unit: ids.units.at(-1), year: round.years.at(-1), verdict: 'residents' }, 'the address does not say what is shown')
  await english.close()

  const [median, worst] = [times[times.length >> 1], times.at(-1)]
  const [nearMedian, nearWorst] = [nearTimes[nearTimes.length >> 1], nearTimes.at(-1)]
  const ms = (value) => `${value.toFixed(0)} ms`
  console.log(`${name}: ${(statSync(file).size / 1e6).toFixed(2)} MB; decoded in ${ms(timings.decode_ms)}, first picture ${ms(timings.first_picture_ms)}; change median ${ms(median)}, worst ${ms(worst)}; near by median ${ms(nearMedian)}, worst ${ms(nearWorst)}; ${totals} totals and ${compared} figures of units as in the round, ${explained} figures explained`)
  if (process.env.MEASURE === '1') {
    assert.ok(timings.first_picture_ms <= LIMITS.first, `first picture after ${ms(timings.first_picture_ms)}, allowed ${LIMITS.first}`)
    assert.ok(Math.max(worst, nearWorst) <= LIMITS.change, `a change takes ${ms(Math.max(worst, nearWorst))}, allowed ${LIMITS.change}`)
  }
}

const pairs = process.argv.slice(2)
if (pairs.length === 0 || pairs.length % 2 === 1) {
  console.error('usage: node browser.test.mjs PAGE.html ROUND_DIR [PAGE.html ROUND_DIR …]')
  process.exit(2)
}
const browser = await launch()
try {
  for (let at = 0; at < pairs.length; at += 2) await check(browser, pairs[at], pairs[at + 1])
} finally {
  await browser.close()
}
