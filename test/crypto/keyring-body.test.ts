import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type KeyEntry, type KeyState, readKeyringBody, writeKeyringBody } from '../../src/crypto/keyring-body.ts'

const CORRUPT = expect.objectContaining({ code: 'ERR_RECORD_CORRUPT' })

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const anyId = bytes(8).map((id) => Buffer.from(id).toString('base64url'))
const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 128 })
const anySlots = fc.uniqueArray(
  fc.record({
    provider: printable.filter((id) => id !== 'gone'),
    keyVersion: fc.option(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 256 }), { nil: undefined }),
    wrapped: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  { minLength: 1, maxLength: 8, selector: ({ provider }) => provider },
)
const anyRetired = fc.tuple(anyId, anySlots).map(([id, slots]): KeyEntry => ({ id, state: 'retired', slots }))
const anyDestroyed = anyId.map((id): KeyEntry => ({ id, state: 'destroyed', slots: [] }))
const anyKeys = fc
  .uniqueArray(fc.oneof(anyRetired, anyDestroyed), { minLength: 1, maxLength: 8, selector: ({ id }) => id })
  .filter((keys) => keys.some(({ state }) => state === 'retired'))
  .map((keys) => {
    const at = keys.findIndex(({ state }) => state === 'retired')
    return keys.map((key, index): KeyEntry => (index === at ? { ...key, state: 'active' } : key))
  })

/** An entry of the form that the text has. */
const key = (n: number, state: KeyState = 'retired', slots: unknown[] = [slot()]) => ({
  id: Buffer.of(0, 0, 0, 0, 0, 0, 0, n).toString('base64url'),
  state,
  slots: state === 'destroyed' ? [] : slots,
})
const slot = (provider: unknown = 'p', wrapped: unknown = 'AA') => ({ provider, wrapped })
const GOOD = {
  format: 1,
  sequence: 1,
  keys: [key(0, 'active')] as unknown,
  withdrawn: [] as unknown,
  mac: 'A'.repeat(43) as unknown,
}
const textOf = (changes: object = {}): string => JSON.stringify({ ...GOOD, ...changes })

describe('the text of a keyring', () => {
  it('comes back as what it says, and gives the same text again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), anyKeys, bytes(32), (sequence, keys, mac) => {
        const content = { sequence, keys, withdrawn: ['gone'], mac }
        const text = writeKeyringBody(content)
        expect(readKeyringBody(text)).toEqual(content)
        expect(writeKeyringBody(readKeyringBody(text))).toBe(text)
      }),
    )
  })

  it('is read up to its limits: 64 data keys, 8 slots, 4 KiB', () => {
    const slots = Array.from({ length: 8 }, (_, n) => slot(`p${n}`.padEnd(128, '"'), `${'A'.repeat(5460)}AA`))
    const keys = Array.from({ length: 64 }, (_, n) => key(n, n === 0 ? 'active' : 'retired', slots))
    expect(readKeyringBody(textOf({ keys })).keys.length).toBe(64)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a text', '"format"'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['no text at all', undefined as unknown as string],
    ['white space', `${textOf()} `],
    ['white space inside', JSON.stringify(GOOD, null, 1)],
    ['another order', JSON.stringify({ mac: GOOD.mac, withdrawn: [], keys: GOOD.keys, sequence: 1, format: 1 })],
    ['an unknown member', textOf({ more: 1 })],
    ['an unknown member that a prototype could hide', textOf().replace('{', '{"__proto__":{},')],
    ['a doubled member', textOf().replace('{', '{"format":1,')],
    ['an escaped name', textOf().replace('format', '\\u0066ormat')],
    ['format 0', textOf({ format: 0 })],
    ['half a format', textOf({ format: 1.5 })],
    ['format 1 as a text', textOf({ format: '1' })],
    ['sequence 0', textOf({ sequence: 0 })],
    ['half a sequence', textOf({ sequence: 1.5 })],
    ['a sequence beyond 2^53', textOf({ sequence: 2 ** 53 })],
    ['a sequence as a text', textOf({ sequence: '1' })],
    ['a sequence written otherwise', textOf().replace('"sequence":1', '"sequence":1.0')],
    ['no mac', textOf({ mac: undefined })],
    ['a mac of 31 bytes', textOf({ mac: 'A'.repeat(42) })],
    ['a mac that is not text', textOf({ mac: 1 })],
    ['no keys', textOf({ keys: undefined })],
    ['keys that are no list', textOf({ keys: { 0: key(0, 'active') } })],
    ['an empty list of keys', textOf({ keys: [] })],
    ['no active data key', textOf({ keys: [key(0)] })],
    ['two active data keys', textOf({ keys: [key(0, 'active'), key(1, 'active')] })],
    ['the same id twice', textOf({ keys: [key(0, 'active'), key(0)] })],
    ['65 data keys', textOf({ keys: Array.from({ length: 65 }, (_, n) => key(n, n === 0 ? 'active' : 'retired')) })],
    ['a data key that is null', textOf({ keys: [key(0, 'active'), null] })],
    ['an unknown member of a data key', textOf({ keys: [{ ...key(0, 'active'), more: 1 }] })],
    ['an id of 7 bytes', textOf({ keys: [{ ...key(0, 'active'), id: 'A'.repeat(10) }] })],
    ['an id that is not canonical', textOf({ keys: [{ ...key(0, 'active'), id: `${'A'.repeat(10)}B` }] })],
    ['an id that is not text', textOf({ keys: [{ ...key(0, 'active'), id: 1 }] })],
    ['an unknown state', textOf({ keys: [key(0, 'active'), key(1, 'lost' as KeyState)] })],
    ['a state that a prototype has', textOf({ keys: [key(0, 'active'), key(1, 'constructor' as KeyState)] })],
    ['no slots', textOf({ keys: [{ ...key(0, 'active'), slots: undefined }] })],
    ['an active data key without a slot', textOf({ keys: [key(0, 'active', [])] })],
    ['a destroyed data key with a slot', textOf({ keys: [key(0, 'active'), { ...key(1), state: 'destroyed' }] })],
    [
      '9 slots',
      textOf({
        keys: [
          key(
            0,
            'active',
            Array.from({ length: 9 }, (_, n) => slot(`p${n}`)),
          ),
        ],
      }),
    ],
    ['two slots of one provider', textOf({ keys: [key(0, 'active', [slot(), slot()])] })],
    ['an unknown member of a slot', textOf({ keys: [key(0, 'active', [{ ...slot(), more: 1 }])] })],
    ['a slot that is a text', textOf({ keys: [key(0, 'active', ['slot'])] })],
    ['a provider without a name', textOf({ keys: [key(0, 'active', [slot('')])] })],
    ['a provider beyond ASCII', textOf({ keys: [key(0, 'active', [slot('é')])] })],
    ['a provider that is not text', textOf({ keys: [key(0, 'active', [slot(1)])] })],
    ['nothing wrapped', textOf({ keys: [key(0, 'active', [slot('p', '')])] })],
    ['4,097 bytes wrapped', textOf({ keys: [key(0, 'active', [slot('p', `${'A'.repeat(5460)}AAA`)])] })],
    ['base64 that is not canonical', textOf({ keys: [key(0, 'active', [slot('p', 'AB')])] })],
    ['wrapped bytes that are not text', textOf({ keys: [key(0, 'active', [slot('p', [0])])] })],
    ['an empty version', textOf({ keys: [key(0, 'active', [{ provider: 'p', keyVersion: '', wrapped: 'AA' }])] })],
    [
      'a version of 257 characters',
      textOf({ keys: [key(0, 'active', [{ provider: 'p', keyVersion: 'v'.repeat(257), wrapped: 'AA' }])] }),
    ],
    [
      'a version beyond ASCII',
      textOf({ keys: [key(0, 'active', [{ provider: 'p', keyVersion: 'é', wrapped: 'AA' }])] }),
    ],
    [
      'a version that is null',
      textOf({ keys: [key(0, 'active', [{ provider: 'p', keyVersion: null, wrapped: 'AA' }])] }),
    ],
    ['a version in the wrong place', textOf({ keys: [key(0, 'active', [{ ...slot(), keyVersion: 'v' }])] })],
    ['no list of the withdrawn', textOf({ withdrawn: undefined })],
    ['257 withdrawn', textOf({ withdrawn: Array.from({ length: 257 }, (_, n) => `q${n}`) })],
    ['one withdrawn twice', textOf({ withdrawn: ['q', 'q'] })],
    ['a withdrawn one that is not text', textOf({ withdrawn: [1] })],
    ['a withdrawn one that still has a slot', textOf({ withdrawn: ['p'] })],
    ['deep nesting', '['.repeat(100_000)],
  ])('is not read from %s', (_, text) => {
    expect(() => readKeyringBody(text)).toThrow(CORRUPT)
  })
  it.each([2, 3, 1_000_000])('of format %d is one of a newer release, whatever it says', (format) => {
    for (const text of [textOf({ format }), JSON.stringify({ format, rings: [] })]) {
      expect(() => readKeyringBody(text)).toThrow(expect.objectContaining({ code: 'ERR_NEWER_FORMAT' }))
    }
  })

  it('is not even parsed beyond 4 MiB', () => {
    const parse = vi.spyOn(JSON, 'parse')
    expect(() => readKeyringBody(textOf({ more: 'x'.repeat(4 * 1024 * 1024) }))).toThrow(CORRUPT)
    expect(parse).not.toHaveBeenCalled()
  })
})
