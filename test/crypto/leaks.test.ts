/** No error of this wing holds a value, a key, a passphrase or a ciphertext: not in message, stack, field or cause. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { recordAad } from '../../src/crypto/aad.ts'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { createKeyring, openKeyring, wipe } from '../../src/crypto/keyring.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import { passphraseKey } from '../../src/crypto/passphrase-key.ts'
import { seal } from '../../src/crypto/seal.ts'
import { GuillemetError } from '../../src/errors.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import { open, under } from './opening.ts'

const VALUE = 'canary-value-5f1d'
const PHRASE = 'canary-phrase-77aa'
const NEEDLE_LENGTH = 8

/** Every error that a call of this wing ends in, each beside what must not be in it. */
async function failures(): Promise<{ error: unknown; secrets: Uint8Array[] }[]> {
  const text = generateKey()
  const provider = localKey(text)
  const { keyring, body } = await createKeyring('w', [provider])
  const { active } = keyring
  const aad = new TextEncoder().encode('canary-aad-91')
  const sealed = seal(new TextEncoder().encode(VALUE), active, aad)
  const secrets = [VALUE, PHRASE, text.slice(5), sealed.slice(80), body.slice(120)].map((secret) => Buffer.from(secret))
  secrets.push(Buffer.from(active.bytes), Buffer.from(text.slice(5), 'base64url'))

  const bytes = Buffer.from(sealed.slice(4), 'base64url')
  const flipped = (offset: number): string => {
    const changed = Buffer.from(bytes)
    changed[offset]! ^= 1
    return `gm1.${changed.toString('base64url')}`
  }
  const leaky = (error: unknown): KeyProvider => ({
    id: provider.id,
    wrap: () => Promise.reject(error),
    unwrap: () => Promise.reject(error),
  })
  const loud = new Error(`cannot unwrap ${VALUE} with ${text}`, { cause: new Error(PHRASE) })
  const context = {
    environment: 'e',
    tag: 't',
    type: 'text',
    visibility: 'masked',
    version: 1,
    digest: new Uint8Array(32),
  }
  const attempts: (() => unknown)[] = [
    ...[1, 5, 20, 40, 70, bytes.length - 1].map(
      (offset) => () => open(flipped(offset), (id) => (id === active.id ? active : undefined), aad),
    ),
    () => open(sealed, () => undefined, aad),
    () => open(sealed, () => active, new Uint8Array()),
    () => open(sealed, () => under(active.id, createDataKey()), aad),
    () => open(`${sealed}!`, () => active, aad),
    () => open(VALUE, () => active, aad),
    () => seal(new Uint8Array(9 * 1024 * 1024).fill(97), active, aad),
    () => seal(new TextEncoder().encode(VALUE), under('x', active), aad),
    () => recordAad({ ...context, workspace: `${VALUE}\ud800` }),
    () => localKey(`${text}x`),
    () => localKey(text.slice(0, -1)),
    () => localKey(`${text.slice(0, 30)}*${text.slice(31)}`),
    () => localKey(text.toUpperCase()),
    () => localKey(VALUE),
    () => passphraseKey(PHRASE.slice(0, 11)),
    () => passphraseKey(`${PHRASE}\ud800`),
    () => passphraseKey(PHRASE.repeat(100)),
    () => openKeyring(`${body} `, 'w', [provider]),
    () => openKeyring(body.slice(1), 'w', [provider]),
    () => openKeyring(body, 'v', [provider]),
    () => openKeyring(body.replace('"sequence":1', '"sequence":2'), 'w', [provider]),
    () => openKeyring(body, 'w', [localKey(generateKey())]),
    () => openKeyring(body, 'w', [leaky(loud)]),
    () => openKeyring(body, 'w', [leaky(Object.assign(loud, { code: 'ERR_INVALID_KEY' }))]),
    () => openKeyring(body, 'w', [leaky({ code: 'ERR_RECORD_UNREADABLE', message: VALUE })]),
    () => createKeyring('w', [leaky(VALUE)]),
  ]
  const errors: { error: unknown; secrets: Uint8Array[] }[] = []
  for (const attempt of attempts) {
    try {
      await attempt()
    } catch (error) {
      errors.push({ error, secrets })
    }
  }
  wipe(keyring)
  expect(errors.length).toBe(attempts.length)
  return errors
}

/** Pieces of a secret as an error could show it: as text, in base64 at its three offsets, in hexadecimal, as numbers. */
function* needles(secret: Uint8Array): Generator<string> {
  const bytes = Buffer.from(secret)
  const forms = [0, 1, 2].map((skip) => bytes.subarray(skip).toString('base64'))
  for (const form of [bytes.toString('latin1'), bytes.toString('hex'), ...forms, ...forms.map(urlSafe)]) {
    for (let index = 0; index + NEEDLE_LENGTH <= form.length; index++) yield form.slice(index, index + NEEDLE_LENGTH)
  }
  yield [...bytes.subarray(0, 4)].join(',')
}

/** All that printing shows, once more without white space: lists of numbers are aligned with it. */
function print(value: unknown): string {
  const options = { depth: 9, showHidden: true, maxArrayLength: null, maxStringLength: null }
  const shown = [inspect(value, options), JSON.stringify(value), String(value)].join('\n')
  return shown + shown.replace(/\s+/g, '')
}

const urlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')

describe('an error', () => {
  it('is of our class and holds nothing secret, whatever went wrong', async () => {
    for (const { error, secrets } of await failures()) {
      expect(error).toBeInstanceOf(GuillemetError)
      expect((error as Error).cause).toBeUndefined()
      const shown = print(error)
      for (const secret of secrets) {
        for (const needle of needles(secret)) {
          if (shown.includes(needle)) expect.unreachable(`${(error as GuillemetError).code} holds "${needle}"`)
        }
      }
    }
  })

  it('would be found if it did', () => {
    const secret = Buffer.from('canary-value-5f1d')
    const leaks = [
      secret.toString(),
      secret.toString('hex'),
      `x${secret.toString('base64url')}`,
      { secret },
      [...secret],
    ]
    for (const leak of leaks) {
      const shown = print(Object.assign(new Error('x'), { leak }))
      expect([...needles(secret)].some((needle) => shown.includes(needle))).toBe(true)
    }
  })
})
