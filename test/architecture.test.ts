/** The house: floors, doors and names (the rules are in `tooling/architecture.ts`), and what leaves it. */

import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENTRIES, FLOORS, importsOf, inspectHouse, NODE_ROOMS, PACKAGE_ROOMS } from './tooling/architecture.ts'
import { filesOf, ROOT, read, subpaths, trackedFiles } from './tooling/repository.ts'

const house = (files: Record<string, string>): string[] => inspectHouse(new Map(Object.entries(files)))

describe('the sources', () => {
  it('stand on their floors', () => {
    const tree = filesOf('src', '.ts')
    expect(tree.size).toBeGreaterThan(10)
    expect(inspectHouse(tree)).toEqual([])
  })

  it('have every room that the rules name', () => {
    const rooms = [...FLOORS.flat(), ...NODE_ROOMS, ...Object.values(PACKAGE_ROOMS).flat()]
    expect(rooms.filter((room) => !existsSync(`${ROOT}src/${room}`))).toEqual([])
  })

  it('are compiled without Node but for the rooms that may use it', () => {
    const { exclude } = JSON.parse(read('test/tooling/tsconfig.portable.json')) as { exclude: string[] }
    expect(exclude.sort()).toEqual(NODE_ROOMS.map((room) => `../../src/${room.replace(/\/$/, '')}`).sort())
  })
})

describe('the checker sees', () => {
  const NOTHING = 'export {}\n'
  const floor0 = { 'errors.ts': NOTHING, 'tag.ts': "import { x } from './errors.ts'\n" }

  it('nothing wrong in a good tree', () => {
    const files = {
      ...floor0,
      'crypto/seal.ts': "import { x } from '../errors.ts'\nimport { y } from '@noble/ciphers/chacha.js'\n",
      'crypto/aad.ts': "import type { x } from './seal.ts'\n",
      'secrets/rules.ts': "import * as z from 'zod/mini'\n",
      'template/grammar.ts': "import mustache from 'mustache'\n",
      'vault/vault.ts': "import { x } from '../crypto/seal.ts'\n",
      'storage/file.ts': "import { open } from 'node:fs/promises'\nimport { x } from '../errors.ts'\n",
      'storage/file/names.ts': "import { sep } from 'path'\n",
      'index.ts': "export { x } from './vault/vault.ts'\nexport type * from './tag.ts'\n",
    }
    expect(house(files)).toEqual([])
  })

  it.each([
    ['an import that goes up', 'a floor up', 'ports/storage.ts', "import '../crypto/a.ts'", 'crypto/a.ts'],
    ['a type import that goes up', 'a floor up', 'errors.ts', "import type { x } from './vault/a.ts'", 'vault/a.ts'],
    ['an export that goes up', 'a floor up', 'vault/a.ts', "export * from '../http/b.ts'", 'http/b.ts'],
    ['a room that imports an entry', 'a floor up', 'vault/a.ts', "import '../index.ts'", 'index.ts'],
    ['a wing that imports a wing', 'wings never meet', 'redact/a.ts', "import '../crypto/b.ts'", 'crypto/b.ts'],
    [
      'a wing that names a type of a wing',
      'wings never meet',
      'redact/a.ts',
      "type A = import('../crypto/b.ts').B",
      'crypto/b.ts',
    ],
    [
      'a wing that loads a wing late',
      'wings never meet',
      'redact/a.ts',
      "await import('../crypto/b.ts')",
      'crypto/b.ts',
    ],
    ['a leaf that imports a leaf', 'a leaf never imports', 'http/a.ts', "import '../storage/b.ts'", 'storage/b.ts'],
    [
      'an entry that imports an entry',
      'an entry never imports',
      'index.ts',
      "export * from './redact.ts'",
      'redact.ts',
    ],
    ['an entry with code of its own', 'more than re-exports', 'index.ts', 'export const x = 1'],
    ['a file that imports itself', 'cycle: crypto/a.ts -> crypto/a.ts', 'crypto/a.ts', "import './a.ts'"],
    ['a Node built-in', 'a Node built-in', 'vault/a.ts', "import { x } from 'node:crypto'"],
    ['a Node built-in without its prefix', 'a Node built-in', 'storage/memory.ts', "import { x } from 'fs/promises'"],
    ['a Node built-in by its type', 'a Node built-in', 'log/winston.ts', "import type { x } from 'node:stream'"],
    ['zod in another room', 'belongs to secrets/rules.ts', 'secrets/input.ts', "import * as z from 'zod/mini'"],
    ['mustache in another room', 'belongs to template/grammar.ts', 'template/parse.ts', "import m from 'mustache'"],
    ['noble where it is not shipped', 'belongs to crypto/', 'redact/a.ts', "import x from '@noble/hashes/sha2.js'"],
    ['a package that is no dependency', 'no runtime dependency', 'log/pino.ts', "import type { Logger } from 'pino'"],
    ['a package that is required', 'no runtime dependency', 'log/pino.ts', "const pino = require('pino')"],
    ['an import that cannot be read', '(computed)', 'log/pino.ts', 'await import(name)'],
    ['an import of nothing', 'which is not there', 'vault/a.ts', "import './b.ts'"],
    ['an import without its extension', 'which is not there', 'vault/a.ts', "import './b'", 'vault/b.ts'],
    ['an import that leaves the sources', 'which is not there', 'vault/a.ts', "import '../../test/x.ts'"],
    ['a file on no floor', 'stands on no floor', 'attic/a.ts', ''],
    ['a loose file', 'stands on no floor', 'thing.ts', ''],
    ['a name in camel case', 'kebab-case', 'vault/openAll.ts', ''],
    ['a folder of helpers', 'says nothing', 'vault/helpers/a.ts', ''],
    ['a file of utilities', 'says nothing', 'crypto/utils.ts', ''],
    ['a literal with a class of Unicode', 'use lateRegExp', 'crypto/a.ts', 'const x = [/a/, /[^\\p{L}]/u]'],
    ['an index inside a folder', 'an index inside a folder', 'vault/index.ts', ''],
  ])('%s', (_title, finding, file, text, other?: string) => {
    const findings = house({ ...(other === undefined ? {} : { [other]: '' }), [file!]: text! })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toContain(finding)
  })

  it('a cycle, of types too', () => {
    const files = {
      'crypto/a.ts': "import './b.ts'",
      'crypto/b.ts': "import type { c } from './c.ts'",
      'crypto/c.ts': "export type { a } from './a.ts'",
    }
    expect(house(files)).toEqual(['cycle: crypto/a.ts -> crypto/b.ts -> crypto/c.ts -> crypto/a.ts'])
  })

  it('a file of 401 lines', () => {
    expect(house({ 'vault/a.ts': 'f()\n'.repeat(400) })).toEqual([])
    expect(house({ 'vault/a.ts': 'f()\n'.repeat(401) })).toEqual(['vault/a.ts has 401 lines, over 400'])
  })

  it('every way of importing', () => {
    const text = [
      "import a from 'a'",
      "import type { b } from 'b'",
      "export { c } from 'c'",
      "export * as d from 'd'",
      "const e = await import('e')",
      "type F = import('f').F",
      "import g = require('g')",
      "const h = () => require('h')",
      "import('i' + i)",
      "export const text = \"import x from 'text'\" // import y from 'comment'",
      'export { local }',
    ].join('\n')
    const specifiers = importsOf('crypto/a.ts', text).map((edge) => edge.specifier)
    expect(specifiers).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '(computed)'])
  })
})

describe('the package', () => {
  it('lists every subpath, without a wildcard, types first', () => {
    for (const { subpath, room, target } of subpaths()) {
      expect(subpath).not.toContain('*')
      expect(target).toEqual({ types: `./dist/${room}.d.ts`, default: `./dist/${room}.js` })
      expect(Object.keys(target as object)).toEqual(['types', 'default'])
    }
  })

  it('has a source and a test for every subpath', () => {
    const tests = [...filesOf('test', '.test.ts')].filter(([path]) => !/^(?:tooling|package|architecture)/.test(path))
    for (const { subpath, room } of subpaths()) {
      expect(existsSync(`${ROOT}src/${room}.ts`), `src/${room}.ts`).toBe(true)
      const names = [`/src/${room}.ts'`, `'${subpath.replace('.', 'guillemet')}'`]
      const isMentioned = tests.some(([, text]) => names.some((name) => text.includes(name)))
      expect(isMentioned, `a test that imports ${names.join(' or ')}`).toBe(true)
    }
  })

  it('publishes every entry', () => {
    const published = subpaths().map(({ room }) => `${room}.ts`)
    const entries = [...filesOf('src', '.ts').keys()].filter((path) => FLOORS[ENTRIES]!.includes(path))
    expect(published).toEqual(expect.arrayContaining(entries))
  })

  it('has a lock file that names no registry', () => {
    const lock = read('package-lock.json')
    expect(lock).not.toContain('"resolved"')
    expect(lock).not.toMatch(/registry\.|\.tgz/)
  })

  it('holds no path of the machine it was made on', ({ skip }) => {
    const files = trackedFiles()
    if (files === undefined) return skip('not a git checkout')
    const MACHINE_PATH = /(?<![\w.~-])\/(?:work|root|home)\//
    expect(MACHINE_PATH.test('see /'.concat('work/main'))).toBe(true)
    const guilty = files.filter((path) => existsSync(ROOT + path) && MACHINE_PATH.test(read(path)))
    expect(guilty).toEqual([])
  })
})
