// Puts the data of a page that was written before into a page of the present build:
//   node assemble.mjs OLD.html NEW.html
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const assets = new URL('../assets/', import.meta.url)
const escape = (text) => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`)

/** The page for some data (base64 of the gzipped payload), put together as the writer in Rust does. */
export function assemble(title, data) {
  const read = (name) => readFileSync(new URL(name, assets), 'utf8')
  const [script, styles, body] = [read('report.js'), read('report.css'), read('body.html')]
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(styles)}; img-src data: blob:; base-uri 'none'; form-action 'none'`
  return `<!doctype html><html lang="zh"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title><style>${styles}</style></head>
<body>${body}
<script type="application/octet-stream" id="data">${data}</script>
<script>${script}</script></body></html>
`
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [from, to] = process.argv.slice(2)
  const page = readFileSync(from, 'utf8')
  const data = /<script type="application\/octet-stream" id="data">([^<]*)<\/script>/.exec(page)
  if (data === null) throw new Error(`${from} holds no data`)
  const title = /<title>([^<]*)<\/title>/.exec(page)?.[1] ?? ''
  const plain = title.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  writeFileSync(to, assemble(plain, data[1]))
}
