/** The command line as it is built: a file of its own, which no program loads, over the entries that a program loads. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { ROOT } from '../tooling/repository.ts'

const DIST = `${ROOT}dist`

const importsIn = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)\b[^;'"]*?["']([^"']+)["']/gm)].map(([, name]) => name!)

it('is built, is a program of Node, and needs nothing that is not published', () => {
  expect(manifest.bin).toEqual({ guillemet: 'dist/cli.js' })
  expect(existsSync(`${DIST}/cli.js`), 'npm run build:js').toBe(true)
  const text = readFileSync(`${DIST}/cli.js`, 'utf8')
  expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true)
  const imports = [...new Set(importsIn(text))].filter(
    (name) => !name.startsWith('node:') && !builtinModules.includes(name),
  )
  const published = Object.values(manifest.exports).map((target) => (typeof target === 'string' ? '' : target.default))
  // the vault of a configuration is known to the administrator's commands of the same files only
  expect(imports).toEqual(expect.arrayContaining(['./index.js', './admin.js']))
  expect(
    imports.filter(
      (name) =>
        !published.includes(name.replace('./', './dist/')) &&
        !(name in manifest.dependencies) &&
        !/^@noble\//.test(name),
    ),
  ).toEqual([])
})

it('is loaded by no entry of the library', () => {
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  expect(files.length).toBeGreaterThan(20)
  const guilty = files.filter((name) => {
    if (name === 'cli.js') return false
    const text = readFileSync(join(DIST, name), 'utf8')
    return /CommanderError|inquirer|\/cli\.js/i.test(text)
  })
  expect(guilty).toEqual([])
  expect(readFileSync(`${DIST}/cli.js`, 'utf8')).toContain('CommanderError')
})

it('adds no dependency', () => {
  expect(Object.keys(manifest.dependencies).sort()).toEqual(['@noble/ciphers', '@noble/hashes', 'mustache', 'zod'])
})

it('has no vault of its own: one of a configuration would be of another copy', () => {
  expect(readFileSync(`${DIST}/cli.js`, 'utf8')).not.toMatch(/function (?:rememberRoot|rootViewOf|createVault)\b/)
})
