import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'

const KEY = generateKey()
const DATA_KEY = new Uint8Array(32).map((_, index) => index)
const AAD = Uint8Array.of(1, 2, 3)
const INVALID = expect.objectContaining({ code: 'ERR_INVALID_KEY' })
const unreadable = (reason: string) => expect.objectContaining({ code: 'ERR_RECORD_UNREADABLE', reason })

describe('a generated key', () => {
  it('is 53 characters that fit an environment variable, and never the same', () => {
    const keys = Array.from({ length: 50 }, generateKey)
    for (const key of keys) expect(key).toMatch(/^gmk1_[A-Za-z0-9_-]{48}$/)
    expect(new Set(keys).size).toBe(50)
  })

  it('makes a provider whose id is always the same, and its own', () => {
    expect(localKey(KEY).id).toBe(localKey(KEY).id)
    expect(localKey(KEY).id).toMatch(/^local:[A-Za-z0-9_-]{11}$/)
    expect(localKey(generateKey()).id).not.toBe(localKey(KEY).id)
  })
})

describe('a local key', () => {
  const provider = localKey(KEY)

  it('unwraps what it wrapped, in 137 bytes that differ each time', async () => {
    const [one, other] = [await provider.wrap(DATA_KEY, AAD), await provider.wrap(DATA_KEY, AAD)]
    expect(one.bytes.length).toBe(137)
    expect(one).not.toEqual(other)
    expect(await provider.unwrap(one, AAD)).toEqual(DATA_KEY)
    expect(await localKey(KEY).unwrap(other, AAD)).toEqual(DATA_KEY)
  })

  it('unwraps nothing of another key or place', async () => {
    const wrapped = await provider.wrap(DATA_KEY, AAD)
    await expect(localKey(generateKey()).unwrap(wrapped, AAD)).rejects.toThrow(unreadable('moved'))
    await expect(provider.unwrap(wrapped, Uint8Array.of(1, 2))).rejects.toThrow(unreadable('moved'))
  })

  it('unwraps nothing that was changed', async () => {
    const wrapped = await provider.wrap(DATA_KEY, AAD)
    for (const [offset, reason] of [
      [0, 'tampered'],
      [1, 'moved'],
      [25, 'moved'],
      [57, 'tampered'],
      [136, 'tampered'],
    ] as const) {
      const changed = wrapped.bytes.slice()
      changed[offset]! ^= 1
      await expect(provider.unwrap({ bytes: changed }, AAD)).rejects.toThrow(unreadable(reason))
    }
    for (const bytes of [wrapped.bytes.slice(0, -1), Uint8Array.of(...wrapped.bytes, 0), new Uint8Array()]) {
      await expect(provider.unwrap({ bytes }, AAD)).rejects.toThrow(unreadable('tampered'))
    }
  })

  it('unwraps nothing that is no data key', async () => {
    const wrapped = await provider.wrap(DATA_KEY.subarray(1), AAD)
    await expect(provider.unwrap(wrapped, AAD)).rejects.toThrow(unreadable('tampered'))
  })

  it('shows nothing of itself when it is printed', () => {
    const prints = [inspect(provider, { depth: 9, showHidden: true }), JSON.stringify(provider)].join()
    expect(prints).not.toContain(KEY.slice(5, 15))
    expect(prints).toContain(provider.id)
  })
})

describe('a text that is no key', () => {
  it.each([
    ['nothing', '', 'is missing'],
    ['undefined', undefined as unknown as string, 'is missing'],
    ['an object', {} as unknown as string, 'is missing'],
    ['a line break at its end', `${KEY}\n`, 'white space'],
    ['a space before it', ` ${KEY}`, 'white space'],
    ['a byte order mark', `\ufeff${KEY}`, 'byte order mark'],
    ['quotation marks, as docker --env-file keeps them', `"${KEY}"`, 'quotation marks'],
    ['export before it', `export GUILLEMET_KEY=${KEY}`, 'name of its variable'],
    ['the name of its variable', `GUILLEMET_KEY=${KEY}`, 'name of its variable'],
    ['its prefix twice', `gmk1_${KEY}`, 'gmk1_ twice'],
    ['another key below it', `${KEY}\r\n${KEY}`, 'several lines'],
    ['another prefix', `gmk2_${KEY.slice(5)}`, 'does not start with gmk1_'],
    ['a passphrase', 'correct horse battery staple', 'does not start with gmk1_'],
    ['a character too few', KEY.slice(0, -1), 'has 52 characters, not 53'],
    ['a character too many', `${KEY}A`, 'has 54 characters, not 53'],
    ['a foreign character', `${KEY.slice(0, 20)}+${KEY.slice(21)}`, 'a character other than'],
    ['a wrong character', `${KEY.slice(0, 20)}${KEY[20] === 'A' ? 'B' : 'A'}${KEY.slice(21)}`, 'checksum'],
  ])('such as one with %s is refused with the reason', (_, text, reason) => {
    expect(() => localKey(text)).toThrow(INVALID)
    expect(() => localKey(text)).toThrow(reason)
    expect(() => localKey(text)).toThrow('generateKey()')
    expect(() => localKey(text)).toThrow('A new key does not open what another one sealed')
  })

  it('of any kind is never repeated', () => {
    const nearlyKey = fc.tuple(fc.nat(52), fc.constantFrom(...'AB+é \n')).map(([index, character]) => {
      return KEY.slice(0, index) + character + KEY.slice(index + 1)
    })
    fc.assert(
      fc.property(nearlyKey, (text) => {
        fc.pre(text !== KEY)
        try {
          localKey(text)
          expect.unreachable()
        } catch (error) {
          const shown = inspect(error, { depth: 9, showHidden: true })
          expect(shown).toContain('ERR_INVALID_KEY')
          for (let index = 5; index + 8 <= KEY.length; index++) expect(shown).not.toContain(KEY.slice(index, index + 8))
        }
      }),
    )
  })

  it('with one character mistyped, or two swapped, is always found', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let index = 5; index < KEY.length; index++) {
      for (const letter of letters) {
        if (letter === KEY[index]) continue
        expect(() => localKey(KEY.slice(0, index) + letter + KEY.slice(index + 1))).toThrow(INVALID)
      }
      const swapped = `${KEY.slice(0, index - 1)}${KEY[index]}${KEY[index - 1]}${KEY.slice(index + 1)}`
      if (swapped !== KEY) expect(() => localKey(swapped)).toThrow(INVALID)
    }
  })
})
