/**
 * `npm run check`: everything that a change must pass, part by part, and how long each part took.
 *
 * A part that fails does not stop the others, so that one run shows all there is to mend. `npm run check -- lint types`
 * runs these parts only.
 */

import { spawnSync } from 'node:child_process'

/** The parts, each a script of package.json, and what it looks at. */
const PARTS = {
  lint: 'format and lint',
  types: 'types, also of the portable core without Node',
  build: 'the build, with declarations',
  'test:coverage': 'the tests of `npm test`, the examples among them, with coverage',
  'test:thorough': 'exhaustive tables, fault loops, sizes, and laws with twenty times the examples',
  'test:polluted': 'the tests once more, under an attacked Object.prototype',
  'package:check': 'what would be published: publint and attw',
  'docs:check': 'a comment on every public name',
}

const asked = process.argv.slice(2)
const unknown = asked.filter((part) => !Object.hasOwn(PARTS, part))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. The parts are ${Object.keys(PARTS).join(', ')}.`)
  process.exit(2)
}

const isWindows = process.platform === 'win32' // where npm is a script
/** What is packed is what the part `build` has built: `prepack` need not do it again. */
const env = { ...process.env, npm_config_ignore_scripts: 'true' }

const results = Object.entries(PARTS)
  .filter(([part]) => asked.length === 0 || asked.includes(part))
  .map(([part, what]) => {
    console.log(`\n== ${part}: ${what}`)
    const start = performance.now()
    const { status } = spawnSync('npm', ['run', '-s', part], { stdio: 'inherit', env, shell: isWindows })
    return { part, isGood: status === 0, seconds: (performance.now() - start) / 1000 }
  })

console.log('')
for (const { part, isGood, seconds } of results) {
  console.log(`${part.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s  ${isGood ? 'passed' : 'FAILED'}`)
}
const total = results.reduce((sum, { seconds }) => sum + seconds, 0)
console.log(`${'all'.padEnd(14)} ${total.toFixed(1).padStart(6)} s`)
process.exitCode = results.every(({ isGood }) => isGood) ? 0 : 1
