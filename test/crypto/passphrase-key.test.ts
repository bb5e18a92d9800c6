/** scrypt runs here with N = 16, whatever is asked for; at its real cost it runs in `test/vectors`. */

import { inspect } from 'node:util'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createKeyring, openKeyring } from '../../src/crypto/keyring.ts'
import { passphraseKey } from '../../src/crypto/passphrase-key.ts'
import type { WrappedKey } from '../../src/ports/key-provider.ts'

const scrypt = vi.hoisted(() => ({
  calls: [] as { N: number; r: number; p: number; salt: string }[],
  results: [] as Uint8Array[],
  running: 0,
  atOnce: 0,
  failures: 0,
}))

vi.mock('@noble/hashes/scrypt.js', async (original) => {
  const real = await original<typeof import('@noble/hashes/scrypt.js')>()
  const scryptAsync: typeof real.scryptAsync = async (password, salt, options) => {
    const { N, r, p } = options
    scrypt.calls.push({ N, r, p, salt: Buffer.from(salt as Uint8Array).toString('hex') })
    scrypt.atOnce = Math.max(scrypt.atOnce, ++scrypt.running)
    try {
      if (scrypt.failures-- > 0) throw new RangeError('Array buffer allocation failed')
      const derived = await real.scryptAsync(password, salt, { ...options, N: 16 })
      scrypt.results.push(derived)
      return derived
    } finally {
      scrypt.running--
    }
  }
  return { ...real, scryptAsync }
})

beforeEach(() => {
  Object.assign(scrypt, { calls: [], results: [], running: 0, atOnce: 0, failures: 0 })
})

const PHRASE = 'correct horse battery'
const DATA_KEY = new Uint8Array(32).map((_, index) => index)
const AAD = Uint8Array.of(1, 2, 3)
const INVALID = expect.objectContaining({ code: 'ERR_INVALID_KEY' })
const unreadable = (reason: string) => expect.objectContaining({ code: 'ERR_RECORD_UNREADABLE', reason })

describe('a passphrase', () => {
  it('unwraps what it wrapped, in another process too', async () => {
    const wrapped = await passphraseKey(PHRASE).wrap(DATA_KEY, AAD)
    expect(wrapped.bytes.length).toBe(156)
    expect(await passphraseKey(PHRASE).unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })

  it('is derived with N = 2^17, r = 8, p = 1 and a random salt for each wrapped key', async () => {
    const provider = passphraseKey(PHRASE)
    const [one, other] = [await provider.wrap(DATA_KEY, AAD), await provider.wrap(DATA_KEY, AAD)]
    expect([...one.bytes.subarray(0, 4)]).toEqual([2, 17, 8, 1])
    expect(scrypt.calls.map(({ N, r, p }) => [N, r, p])).toEqual([
      [131072, 8, 1],
      [131072, 8, 1],
    ])
    expect(scrypt.calls.map(({ salt }) => salt)).toEqual(
      [one, other].map(({ bytes }) => Buffer.from(bytes.subarray(4, 20)).toString('hex')),
    )
    expect(scrypt.calls[0]!.salt).not.toBe(scrypt.calls[1]!.salt)
  })

  it('is the same in composed and in decomposed form', async () => {
    const wrapped = await passphraseKey('Füße auf dem Küchentisch').wrap(DATA_KEY, AAD)
    expect(await passphraseKey('Fu\u0308ße auf dem Ku\u0308chentisch').unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })

  it('is derived once for each salt, also when it is asked for twice at once', async () => {
    const wrapped = await passphraseKey(PHRASE).wrap(DATA_KEY, AAD)
    const provider = passphraseKey(PHRASE)
    scrypt.calls = []
    await Promise.all([provider.unwrap(wrapped, AAD), provider.unwrap(wrapped, AAD)])
    await provider.unwrap(wrapped, AAD)
    expect(scrypt.calls.length).toBe(1)
  })

  it('is derived for one salt at a time, since each takes 128 MiB', async () => {
    const provider = passphraseKey(PHRASE)
    await Promise.all([1, 2, 3].map(() => provider.wrap(DATA_KEY, AAD)))
    expect([scrypt.calls.length, scrypt.atOnce]).toEqual([3, 1])
  })

  it('remembers 64 salts, and forgets the oldest', async () => {
    const provider = passphraseKey(PHRASE)
    const wrapped = []
    for (let index = 0; index < 65; index++) wrapped.push(await provider.wrap(DATA_KEY, AAD))
    scrypt.calls = []
    await provider.unwrap(wrapped[64]!, AAD)
    await provider.unwrap(wrapped[1]!, AAD)
    expect(scrypt.calls.length).toBe(0)
    await provider.unwrap(wrapped[0]!, AAD)
    expect(scrypt.calls.length).toBe(1)
  })

  it('is derived again after a failure, and the next one waits for none', async () => {
    const wrapped = await passphraseKey(PHRASE).wrap(DATA_KEY, AAD)
    const provider = passphraseKey(PHRASE)
    scrypt.failures = 1
    await expect(provider.unwrap(wrapped, AAD)).rejects.toThrow(RangeError)
    expect(await provider.unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })

  it('that is wrong is an invalid key, and so is one in another place', async () => {
    const wrapped = await passphraseKey(PHRASE).wrap(DATA_KEY, AAD)
    await expect(passphraseKey(`${PHRASE}s`).unwrap(wrapped, AAD)).rejects.toThrow(INVALID)
    await expect(passphraseKey(PHRASE).unwrap(wrapped, Uint8Array.of(9))).rejects.toThrow(INVALID)
  })

  it('opens a keyring, and is an invalid key for it when it is wrong', async () => {
    const { keyring, body } = await createKeyring('w', [passphraseKey(PHRASE)])
    expect((await openKeyring(body, 'w', [passphraseKey(PHRASE)])).active.id).toBe(keyring.active.id)
    await expect(openKeyring(body, 'w', [passphraseKey('another passphrase')])).rejects.toThrow(INVALID)
    await expect(openKeyring(body, 'v', [passphraseKey(PHRASE)])).rejects.toThrow(INVALID)
    await expect(openKeyring(body, 'w', [passphraseKey(PHRASE, { id: 'other' })])).rejects.toThrow(
      unreadable('key-unknown'),
    )
  })
})

describe('a passphrase that was closed', () => {
  it('neither wraps nor unwraps any more, also what was derived before or is being derived', async () => {
    const provider = passphraseKey(PHRASE)
    const wrapped = await provider.wrap(DATA_KEY, AAD)
    const underWay = expect(provider.wrap(DATA_KEY, AAD)).rejects.toThrow(INVALID)
    await provider.close!()
    await underWay
    await expect(provider.unwrap(wrapped, AAD)).rejects.toThrow(INVALID)
    await expect(provider.wrap(DATA_KEY, AAD)).rejects.toThrow(INVALID)
    expect(await passphraseKey(PHRASE).unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })

  it('has left no wrapping key in memory', async () => {
    const provider = passphraseKey(PHRASE)
    await provider.wrap(DATA_KEY, AAD)
    const derived = scrypt.results.at(-1)!
    expect(derived.some((byte) => byte !== 0)).toBe(true)
    await provider.close!()
    await Promise.resolve()
    expect(derived).toEqual(new Uint8Array(32))
  })
})

describe('wrapped bytes from a hostile storage', () => {
  const changed = async (offset: number, value: number): Promise<WrappedKey> => {
    const wrapped = await passphraseKey(PHRASE).wrap(DATA_KEY, AAD)
    wrapped.bytes[offset] = value
    scrypt.calls = []
    return wrapped
  }

  it.each([
    ['another kind', 0, 1],
    ['a weaker N', 1, 16],
    ['no N', 1, 0],
    ['an N that takes a gigabyte', 1, 20],
    ['an N beyond all memory', 1, 255],
    ['a smaller r', 2, 7],
    ['a larger r', 2, 9],
    ['no r', 2, 0],
    ['no p', 3, 0],
    ['a larger p', 3, 2],
  ])('with %s are refused before anything is derived', async (_, offset, value) => {
    await expect(passphraseKey(PHRASE).unwrap(await changed(offset, value), AAD)).rejects.toThrow(
      unreadable('tampered'),
    )
    expect(scrypt.calls).toEqual([])
  })

  it('are derived with the parameters they name, up to N = 2^19', async () => {
    for (const log2n of [17, 18, 19]) {
      await passphraseKey(PHRASE).unwrap(await changed(1, log2n), AAD)
      expect(scrypt.calls.map(({ N }) => N)).toEqual([2 ** log2n])
    }
  })

  it('of another length are refused', async () => {
    const { bytes: wrapped } = await passphraseKey(PHRASE).wrap(DATA_KEY, AAD)
    for (const bytes of [wrapped.slice(0, -1), Uint8Array.of(...wrapped, 0), new Uint8Array()]) {
      await expect(passphraseKey(PHRASE).unwrap({ bytes }, AAD)).rejects.toThrow(unreadable('tampered'))
    }
  })

  it('with another salt, nonce or commitment look like a wrong passphrase; with another ciphertext they do not', async () => {
    const { bytes: wrapped } = await passphraseKey(PHRASE).wrap(DATA_KEY, AAD)
    const flipped = (offset: number) => ({
      bytes: wrapped.map((byte, index) => (index === offset ? byte ^ 1 : byte)),
    })
    for (const offset of [4, 20, 44]) {
      await expect(passphraseKey(PHRASE).unwrap(flipped(offset), AAD)).rejects.toThrow(INVALID)
    }
    await expect(passphraseKey(PHRASE).unwrap(flipped(155), AAD)).rejects.toThrow(unreadable('tampered'))
  })
})

describe('what is no passphrase', () => {
  it.each([
    ['nothing', '', 'missing'],
    ['undefined', undefined as unknown as string, 'missing'],
    ['11 characters', 'eleven char', 'shorter than 12'],
    ['11 characters of two units each', '🗝'.repeat(11), 'shorter than 12'],
    ['11 letters and their marks', 'u\u0308'.repeat(11), 'shorter than 12'],
    ['1,025 characters', 'x'.repeat(1025), 'longer than 1024'],
    ['a lone surrogate', `twelve chars\ud800`, 'well-formed'],
  ])('such as %s is refused with the reason, and not repeated', (_, text, reason) => {
    expect(() => passphraseKey(text)).toThrow(INVALID)
    expect(() => passphraseKey(text)).toThrow(reason)
    if (text?.length > 0) expect(() => passphraseKey(text)).not.toThrow(text)
  })

  it('has limits that are inside: 12 characters, 1,024', () => {
    expect(passphraseKey('twelve chars').id).toBe('passphrase')
    expect(passphraseKey('x'.repeat(1024)).id).toBe('passphrase')
  })

  it('has a name of its own only in printable ASCII, and no other option', () => {
    expect(passphraseKey(PHRASE, { id: 'sheet 2 of 3' }).id).toBe('sheet 2 of 3')
    for (const id of ['', 'clé', 'x'.repeat(129), 'a\tb', 7 as unknown as string]) {
      expect(() => passphraseKey(PHRASE, { id })).toThrow(INVALID)
    }
    expect(() => passphraseKey(PHRASE, { cost: 1 } as object)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_INPUT' }),
    )
  })

  it('shows nothing of itself when it is printed', () => {
    const provider = passphraseKey(PHRASE)
    expect(inspect(provider, { depth: 9, showHidden: true }) + JSON.stringify(provider)).not.toContain('horse')
  })
})
