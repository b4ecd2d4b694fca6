// Builds the page: src/ → ../assets/{report.js, report.css, body.html}. The same source gives the same bytes, so that a check
// can build again and compare. With --tests it bundles test/ into .tests/ for node's own test runner.
import { build } from 'esbuild'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'

const here = new URL('.', import.meta.url).pathname
const assets = `${here}../assets/`

if (process.argv.includes('--tests')) {
  rmSync(`${here}.tests`, { recursive: true, force: true })
  const entryPoints = readdirSync(`${here}test`).filter((name) => name.endsWith('.test.ts')).map((name) => `${here}test/${name}`)
  await build({ entryPoints, bundle: true, platform: 'node', format: 'esm', outdir: `${here}.tests`, outExtension: { '.js': '.mjs' } })
} else {
  mkdirSync(assets, { recursive: true })
  const common = { bundle: true, minify: true, legalComments: 'none', charset: 'utf8', write: false }
  const script = await build({ ...common, entryPoints: [`${here}src/main.ts`], format: 'iife', target: ['es2020', 'chrome90'] })
  const styles = await build({ ...common, entryPoints: [`${here}src/page.css`], target: ['chrome90'] })
  const text = script.outputFiles[0].text.trimEnd()
  // Either would end the script early in a page that holds it inline.
  if (/<\/script|<!--/i.test(text)) throw new Error('the script holds what ends a script element')
  writeFileSync(`${assets}report.js`, text)
  writeFileSync(`${assets}report.css`, styles.outputFiles[0].text.trimEnd())
  writeFileSync(`${assets}body.html`, readFileSync(`${here}src/body.html`, 'utf8'))
}
