// Drives Chromium over the DevTools protocol through a pipe (file descriptors 3 and 4, messages parted by NUL), with nothing
// but node: its version 20 has no WebSocket.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-quic', '--hide-scrollbars', '--remote-debugging-pipe',
]

/** Where the program is; throws where it is not. */
function program(name) {
  const found = name.includes('/') ? [name] : process.env.PATH.split(delimiter).map((folder) => join(folder, name))
  const path = found.find((each) => existsSync(each))
  if (path === undefined) throw new Error(`no browser: \`${name}\` was not found; install Chromium or name it in CHROMIUM`)
  return path
}

export async function launch() {
  const folder = mkdtempSync(join(tmpdir(), 'fuwutu-page-'))
  const child = spawn(program(process.env.CHROMIUM ?? 'chromium'), [...FLAGS, `--user-data-dir=${folder}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const waiting = new Map()
  const listeners = new Set()
  let gone = null
  const fail = (why) => {
    gone = new Error(why)
    waiting.forEach(({ reject }) => reject(gone))
    waiting.clear()
  }
  child.on('error', (error) => fail(`the browser did not start: ${error.message}`))
  child.on('exit', (code) => fail(`the browser ended (exit ${code})`))
  let held = []
  child.stdio[4].on('data', (bytes) => {
    let from = 0
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, from)) {
      held.push(bytes.subarray(from, end))
      receive(JSON.parse(Buffer.concat(held).toString()))
      held = []
      from = end + 1
    }
    held.push(bytes.subarray(from))
  })
  const receive = (message) => {
    const asked = waiting.get(message.id)
    if (asked === undefined) return listeners.forEach((listener) => listener(message))
    waiting.delete(message.id)
    if (message.error) asked.reject(new Error(`${asked.method}: ${message.error.message}`))
    else asked.resolve(message.result)
  }
  let last = 0
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      if (gone) return reject(gone)
      const id = ++last
      waiting.set(id, { resolve, reject, method })
      child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
  const close = async () => {
    await send('Browser.close').catch(() => undefined)
    if (child.exitCode === null) await new Promise((done) => child.once('exit', done))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return { open: (file, options) => open(send, listeners, file, options), close }
}

/** A page of a file; collects what it requests, logs and throws. */
async function open(send, listeners, file, { width = 1280, height = 800, language = 'zh-CN', hash = '' } = {}) {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
  const ask = (method, params) => send(method, params, sessionId)
  const seen = { requests: [], problems: [] }
  const events = new Map()
  const listener = (message) => {
    if (message.sessionId !== sessionId) return
    const { method, params } = message
    if (method === 'Network.requestWillBeSent') seen.requests.push(params.request.url)
    if (method === 'Runtime.exceptionThrown') seen.problems.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text)
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type)) seen.problems.push(params.args.map((each) => each.value ?? each.description).join(' '))
    if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) seen.problems.push(params.entry.text)
    events.get(method)?.(params)
  }
  listeners.add(listener)
  const once = (method) => new Promise((done) => events.set(method, done))
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await ask(`${domain}.enable`)
  await ask('Emulation.setLocaleOverride', { locale: language })
  await ask('Emulation.setUserAgentOverride', { userAgent: 'fuwutu browser test', acceptLanguage: language })
  const resize = (w, h, mobile = false) => ask('Emulation.setDeviceMetricsOverride', { width: w, height: h, deviceScaleFactor: mobile ? 2 : 1, mobile })
  await resize(width, height)
  const loaded = once('Page.loadEventFired')
  await ask('Page.navigate', { url: pathToFileURL(file).href + hash })
  await loaded
  /** What a function makes of arguments, in the page. */
  const run = async (work, ...args) => {
    const expression = `(${work})(...${JSON.stringify(args)})`
    const { result, exceptionDetails } = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }
  const close = async () => {
    listeners.delete(listener)
    await send('Target.closeTarget', { targetId })
  }
  return { ask, run, resize, seen, close }
}
