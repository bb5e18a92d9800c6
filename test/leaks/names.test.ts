/** Names and values that trip others up: they come back exactly, or are refused, and never show. */

import { describe, expect, it } from 'vitest'
import { nullRecord, setOwn } from '../../src/plain-object.ts'
import type { SecretValue } from '../../src/secret-value.ts'
import type { SecretInput } from '../../src/secrets/secret.ts'
import { scratch } from '../storage/scratch.ts'
import { all } from '../vault/fixture.ts'
import { CANARIES } from './canaries.ts'
import { STORAGES, watched } from './stages.ts'

const place = scratch()

/** Fit the grammar, and mean something elsewhere. */
const ODD_NAMES = [
  '__proto__',
  'constructor',
  'then',
  'toJSON',
  'hasOwnProperty',
  '-',
  '0',
  'CON',
  'con',
  'x'.repeat(128),
]
/** Do not fit it. */
const NO_NAMES = [
  '',
  '../x',
  '..',
  '.',
  'a/b',
  'a\\b',
  'a.b',
  'a b',
  'a\0',
  'ä',
  '$',
  '$keyring',
  'x'.repeat(129),
  '\ud800',
]
const [LONG] = CANARIES.map(({ exposed }) => exposed) as [string]
const MIB = 1024 * 1024
const ODD_VALUES = [
  ' \t\r\n ',
  `\0${LONG}\0`,
  `\ufeff${LONG}`,
  '\ufeff\ufeff',
  '\uffff\ufffe\u{10ffff}',
  `${LONG}\u2028\u2029\u0085`,
  'é e\u0301',
]

const NO_VALUES: readonly [string, Partial<Record<keyof SecretInput, unknown>>][] = [
  ['one MiB and a byte', { value: 'x'.repeat(MIB + 1) }],
  ['one MiB of characters that take more', { value: LONG.padEnd(MIB, '€') }],
  ['one MiB over two fields', { value: { a: LONG, b: 'x'.repeat(MIB) } }],
  ['a lone surrogate', { value: `${LONG}\ud800` }],
  ['a lone surrogate the other way', { value: `\udc00${LONG}` }],
  ['a lone surrogate in a field', { value: { a: `${LONG}\ud800` } }],
  ['no fields', { value: {} }],
  ['fields in fields', { value: { a: { b: LONG } } }],
  ['a list', { value: [LONG] }],
  ['bytes', { value: new TextEncoder().encode(LONG) }],
  ['a number', { value: 8_264_519_073 }],
  ['a number that is none', { value: { a: Number.NaN } }],
  ['null', { value: null }],
  ['a field that is null', { value: { a: LONG, b: null } }],
  [
    'an instance',
    {
      value: new (class {
        readonly a = LONG
      })(),
    },
  ],
  [
    'a member that throws',
    {
      value: {
        get a(): string {
          throw new Error(LONG)
        },
      },
    },
  ],
  ['an unknown member', { value: LONG, [LONG]: LONG }],
  ['a type of its own', { value: LONG, type: LONG }],
  ['another type’s shape', { value: LONG, type: 'basicAuth' }],
  ['a rule that is none', { value: LONG, allow: { hosts: [`https://user:${LONG}@h.example`] } }],
  ['a rule of one word', { value: LONG, allow: LONG }],
  ['a time that is none', { value: LONG, expiresAt: LONG }],
  ['a name that is too long', { value: LONG, name: LONG.repeat(10) }],
]

const plain = (key: string, value: unknown): object => {
  const object = {}
  setOwn(object, key, value)
  return object
}

describe.each(STORAGES)('over %s', (storage) => {
  it('names that mean something elsewhere are ordinary tags, environments, fields and keys', async () => {
    const stage = await watched(storage, place)
    for (const name of ODD_NAMES) {
      const { vault } = stage
      expect(await vault.describe(name)).toBeUndefined()
      await stage.refuses(() => vault.resolve(`<< secrets.${name} >>`), 'ERR_MISSING_SECRETS')
      const value = `${LONG}-${name}`
      await vault.create({ tag: name, value })
      expect((await vault.resolve(`<< secrets.${name} >>`)).expose() === value).toBe(true)
      await vault.set({ tag: `${name.slice(0, 100)}-fields`, value: nullRecord([[name, value]]) })
      const reference = `<< secrets.${name.slice(0, 100)}-fields.${name} >>`
      const resolved = await stage.another().resolve(plain(name, reference))
      const exposed = resolved.expose()
      expect(Object.keys(exposed)).toEqual([name])
      expect(Object.getOwnPropertyDescriptor(exposed, name)?.value === value).toBe(true)
      expect(Object.getPrototypeOf(exposed)).toBe(Object.prototype)
      stage.see(resolved, resolved.redacted, await vault.use(plain(name, reference), (given) => given))
      const view = stage.another({ environment: name, workspace: name })
      await view.create({ tag: name, value })
      expect((await view.resolve(`<< secrets.${name} >>`)).expose() === value).toBe(true)
      expect((await all(view.list())).map(({ tag }) => tag)).toEqual([name])
      await view.delete(name, { confirm: name })
      expect(await view.describe(name)).toBeUndefined()
    }
    expect(({} as Record<string, unknown>)['note']).toBeUndefined()
    await stage.expectUnharmed()
  })

  it('names that are none are refused everywhere, and nothing is written', async () => {
    const stage = await watched(storage, place)
    const { vault } = stage
    const odd = CANARIES.filter(({ tag }) => tag === 'quoted' || tag === 'lure').map(({ exposed }) => exposed)
    for (const name of [...NO_NAMES, ...odd]) {
      for (const call of [
        () => vault.create({ tag: name, value: LONG }),
        () => vault.set({ tag: name, value: LONG }),
        () => vault.create({ tag: 'fresh', value: plain(name, LONG) as SecretValue }),
        () => vault.update(name, { value: LONG }),
        () => vault.update('numbered', { value: plain(name, LONG) as SecretValue }),
        () => vault.describe(name),
        () => vault.reveal(name),
        () => vault.delete(name, { confirm: name }),
        () => vault.snapshot([name]),
        () => vault.with({ environment: name }),
        () => vault.with({ workspace: name }),
        () => all(vault.list({ environment: name })),
        () => stage.another({ environment: name }),
        () => stage.another({ fallback: { default: [name] } }),
      ]) {
        await stage.refuses(call, 'ERR_INVALID_INPUT')
      }
    }
    expect(await vault.describe('fresh')).toBeUndefined()
    await stage.expectUnharmed()
  })

  it('values come back exactly, from texts and from fields', async () => {
    const stage = await watched(storage, place)
    for (const [index, value] of ODD_VALUES.entries()) {
      await stage.vault.create({ tag: `text-${index}`, value })
      await stage.vault.create({ tag: `fields-${index}`, value: { a: value, b: 0, c: false } })
      const other = stage.another()
      expect((await other.resolve(`<< secrets.text-${index} >>`)).expose() === value).toBe(true)
      expect((await other.resolve([`<< secrets.fields-${index}.a >>`])).expose()[0] === value).toBe(true)
      await other.update(`text-${index}`, { description: 'sealed again' })
      expect((await stage.another().resolve(`<< secrets.text-${index} >>`)).expose() === value).toBe(true)
    }
    await stage.expectUnharmed()
  })

  it('a value of one MiB comes back exactly', async () => {
    const stage = await watched(storage, place)
    const value = storage === 'memory' ? 'x'.repeat(MIB) : '€'.repeat(Math.floor(MIB / 3))
    await stage.vault.set({ tag: 'large', value })
    expect((await stage.vault.resolve('<< secrets.large >>')).expose() === value).toBe(true)
    await stage.expectUnharmed()
  })

  it('what is no value is refused', async () => {
    const stage = await watched(storage, place)
    const { vault } = stage
    const codes = ['ERR_INVALID_INPUT', 'ERR_IMMUTABLE_FIELD'] as const
    const wrong: string[] = []
    for (const [what, input] of NO_VALUES) {
      try {
        await stage.refuses(() => vault.create({ tag: 'fresh', ...input } as SecretInput), 'ERR_INVALID_INPUT')
        await stage.refuses(() => vault.set({ tag: 'fresh', ...input } as SecretInput), 'ERR_INVALID_INPUT')
        // of an existing one, its type is fixed
        await stage.refuses(() => vault.update('long', input as object), codes)
        await stage.refuses(() => vault.set({ tag: 'long', ...input } as SecretInput), codes)
      } catch {
        wrong.push(what)
      }
    }
    expect(wrong).toEqual([])
    expect(await vault.describe('fresh')).toBeUndefined()
    await stage.expectUnharmed()
  })
})
