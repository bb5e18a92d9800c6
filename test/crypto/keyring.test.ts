import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { createKeyring, type Keyring, openKeyring, wipe } from '../../src/crypto/keyring.ts'
import { type KeyEntry, readKeyringBody } from '../../src/crypto/keyring-body.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import { seal } from '../../src/crypto/seal.ts'
import { GuillemetError } from '../../src/errors.ts'
import type { KeyProvider, WrappedKey } from '../../src/ports/key-provider.ts'
import { open } from './opening.ts'
import { bodyOf, edited, entry, withSlot } from './rings.ts'

const ours = localKey(generateKey())
const theirs = localKey(generateKey())
const AAD = Uint8Array.of(1)

const coded = (code: string) => expect.objectContaining({ name: 'GuillemetError', code })
const unreadable = (reason: string) => expect.objectContaining({ code: 'ERR_RECORD_UNREADABLE', reason })

/** A provider that is not ours: a KMS, a token. It wraps by copying, which is enough to misbehave with. */
const foreign = (own: Partial<KeyProvider> = {}): KeyProvider => ({
  id: 'kms:1',
  wrap: async (dataKey) => ({ bytes: dataKey.slice() }),
  unwrap: async ({ bytes }) => bytes.slice(),
  ...own,
})

describe('a new keyring', () => {
  it('opens what it sealed after it was stored and opened again', async () => {
    const { keyring, body } = await createKeyring('w', [ours])
    const sealed = seal(Uint8Array.of(7), keyring.active, AAD)
    const again = await openKeyring(body, 'w', [ours])
    expect(open(sealed, (id) => again.key(id), AAD)).toEqual(Uint8Array.of(7))
    expect([again.sequence, again.active.id, again.ids]).toEqual([1, keyring.active.id, [keyring.active.id]])
    expect(keyring.sequence).toBe(1)
  })

  it('is wrapped by every provider, any of which opens it alone', async () => {
    const { keyring, body } = await createKeyring('w', [ours, theirs])
    expect(readKeyringBody(body).keys[0]!.slots.map(({ provider }) => provider)).toEqual([ours.id, theirs.id])
    for (const provider of [ours, theirs]) {
      expect((await openKeyring(body, 'w', [provider])).active.id).toBe(keyring.active.id)
    }
  })

  it('is not made when one of the providers fails', async () => {
    const down = foreign({ id: 'kms:2', wrap: () => Promise.reject(new Error('connect ECONNREFUSED')) })
    await expect(createKeyring('w', [ours, down])).rejects.toThrow(coded('ERR_STORAGE_UNAVAILABLE'))
  })

  it('keeps which version of its key a provider has used, and gives it back with the bytes', async () => {
    const seen: unknown[] = []
    const versioned = foreign({
      wrap: async (key) => ({ bytes: key.slice(), keyVersion: 'https://kms.example/keys/a/7' }),
      unwrap: async (wrapped) => {
        seen.push(wrapped.keyVersion)
        return wrapped.bytes.slice()
      },
    })
    const { body } = await createKeyring('w', [versioned])
    await openKeyring(body, 'w', [versioned])
    // once to prove the slot before it is stored, once to open
    expect(seen).toEqual(['https://kms.example/keys/a/7', 'https://kms.example/keys/a/7'])
    const other = body.replace('/keys/a/7', '/keys/a/8')
    await expect(openKeyring(other, 'w', [versioned])).rejects.toThrow(unreadable('tampered'))
  })

  it('never has the same data key', async () => {
    const [one, other] = [await createKeyring('w', [ours]), await createKeyring('w', [ours])]
    expect(one.keyring.active.id).not.toBe(other.keyring.active.id)
  })

  it('survives a provider that wipes what it is given', async () => {
    const wiping = foreign({
      async wrap(dataKey) {
        const bytes = dataKey.slice()
        dataKey.fill(0)
        return { bytes }
      },
      async unwrap({ bytes }) {
        const copy = bytes.slice()
        bytes.fill(0)
        return copy
      },
    })
    const { keyring, body } = await createKeyring('w', [wiping])
    expect(() => seal(Uint8Array.of(7), keyring.active, AAD)).not.toThrow()
    await expect(openKeyring(body, 'w', [wiping])).resolves.toBeDefined()
  })

  it.each([
    ['a provider that wraps into nothing', [foreign({ wrap: async () => ({ bytes: new Uint8Array() }) })]],
    ['a provider that wraps into more than 4 KiB', [foreign({ wrap: async () => ({ bytes: new Uint8Array(4097) }) })]],
    ['a provider that gives no bytes', [foreign({ wrap: async () => ({ bytes: 'text' as unknown as Uint8Array }) })]],
    ['a provider that gives bytes alone', [foreign({ wrap: async () => new Uint8Array(9) as unknown as WrappedKey })]],
    ['a provider that gives nothing', [foreign({ wrap: async () => undefined as unknown as WrappedKey })]],
    ['a provider with an empty version', [foreign({ wrap: async (bytes) => ({ bytes, keyVersion: '' }) })]],
    ['a provider with a long version', [foreign({ wrap: async (bytes) => ({ bytes, keyVersion: 'v'.repeat(257) }) })]],
  ])('is refused with %s', async (_, providers) => {
    await expect(createKeyring('w', providers)).rejects.toThrow(coded('ERR_INVALID_KEY'))
  })

  it('takes wrapped keys of up to 4 KiB', async () => {
    const wordy = foreign({
      wrap: async (key) => ({ bytes: Uint8Array.from({ length: 4096 }, (_, index) => key[index] ?? 0) }),
      unwrap: async ({ bytes }) => bytes.slice(0, 32),
    })
    const { body } = await createKeyring('w', [wordy])
    await expect(openKeyring(body, 'w', [wordy])).resolves.toBeDefined()
  })
})

describe('a keyring after rotations', () => {
  const [active, retired, old, gone] = [createDataKey(), createDataKey(), createDataKey(), createDataKey()]
  let body: string
  beforeAll(async () => {
    const keys = [
      await entry(gone, 'destroyed', 'w', []),
      await entry(old, 'retired', 'w', [theirs]),
      await entry(retired, 'retired', 'w', [ours, theirs]),
      await entry(active, 'active', 'w', [ours, theirs]),
    ]
    body = bodyOf('w', 9, keys, active)
  })

  const idsFor = async (...providers: KeyProvider[]) => (await openKeyring(body, 'w', providers)).ids

  it('opens every data key that a given provider has a slot for, the active one first', async () => {
    expect(await idsFor(theirs)).toEqual([active.id, old.id, retired.id])
    expect(await idsFor(ours)).toEqual([active.id, retired.id])
    expect(await idsFor(ours, theirs)).toEqual([active.id, old.id, retired.id])
  })

  it('opens records of retired data keys, and knows none of the others', async () => {
    const keyring = await openKeyring(body, 'w', [ours])
    const lookUp = (id: string) => keyring.key(id)
    expect(open(seal(Uint8Array.of(7), retired, AAD), lookUp, AAD)).toEqual(Uint8Array.of(7))
    for (const key of [old, gone]) {
      expect(() => open(seal(Uint8Array.of(7), key, AAD), lookUp, AAD)).toThrow(unreadable('key-unknown'))
    }
    expect(keyring.active.bytes).toEqual(active.bytes)
    expect(keyring.sequence).toBe(9)
  })

  it('is key-unknown when no given provider has a slot for the active data key', async () => {
    await expect(openKeyring(body, 'w', [localKey(generateKey())])).rejects.toThrow(unreadable('key-unknown'))
    const onlyOld = bodyOf(
      'w',
      1,
      [await entry(active, 'active', 'w', [theirs]), await entry(old, 'retired', 'w', [ours])],
      active,
    )
    await expect(openKeyring(onlyOld, 'w', [ours])).rejects.toThrow(unreadable('key-unknown'))
  })

  it('of another workspace is moved', async () => {
    await expect(openKeyring(body, 'v', [ours])).rejects.toThrow(unreadable('moved'))
  })

  it('of another workspace is tampered even where a provider looks at no AAD', async () => {
    const { body: careless } = await createKeyring('w', [foreign()])
    await expect(openKeyring(careless, 'w', [foreign()])).resolves.toBeDefined()
    await expect(openKeyring(careless, 'v', [foreign()])).rejects.toThrow(unreadable('tampered'))
  })

  it('is moved when a slot of ours was edited, or grafted from elsewhere', async () => {
    const { keys } = readKeyringBody(body)
    const activeAt = 3
    const [mine, other] = keys[activeAt]!.slots
    const another = (await entry(active, 'active', 'v', [ours])).slots[0]!.wrapped
    const grafts: Uint8Array[] = [
      another, // of this data key, in another workspace
      keys[2]!.slots[0]!.wrapped, // of another data key
      other!.wrapped, // of another provider
      mine!.wrapped.slice(0, -1),
      Uint8Array.of(2, ...mine!.wrapped.slice(1)),
      Uint8Array.of(0),
    ]
    for (const wrapped of grafts) {
      const body2 = edited(body, (entries) => withSlot(entries, activeAt, { wrapped }))
      await expect(openKeyring(body2, 'w', [ours])).rejects.toThrow(unreadable('moved'))
    }
  })

  it('is moved with any one bit of a slot flipped', async () => {
    const { wrapped } = readKeyringBody(body).keys[3]!.slots[0]!
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const flipped = wrapped.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      const changed = edited(body, (keys) => withSlot(keys, 3, { wrapped: flipped }))
      await expect(openKeyring(changed, 'w', [ours])).rejects.toThrow(unreadable('moved'))
    }
  })

  it('is moved when a data key got another id', async () => {
    const renamed = edited(body, (keys) => keys.map((key, at) => (at === 3 ? { ...key, id: createDataKey().id } : key)))
    await expect(openKeyring(renamed, 'w', [ours])).rejects.toThrow(unreadable('moved'))
  })

  it('is tampered when anything else was edited', async () => {
    const fresh = await entry(createDataKey(), 'retired', 'w', [ours])
    const edits: ((keys: KeyEntry[]) => KeyEntry[])[] = [
      (keys) => keys.slice(1), // the destroyed one forgotten
      (keys) => [keys[0]!, keys[2]!, keys[3]!], // a retired one removed
      (keys) => [...keys, fresh], // one added
      (keys) => [keys[1]!, keys[0]!, keys[2]!, keys[3]!], // another order
      (keys) => keys.map((key, at) => (at === 1 ? { ...key, state: 'destroyed', slots: [] } : key)),
      (keys) => keys.map((key, at) => (at === 0 ? { ...fresh, id: key.id } : key)), // a destroyed one brought back
      // the active data key and a retired one change places
      (keys) =>
        keys.map((key, at) =>
          at < 2 ? key : { ...key, state: at === 2 ? ('active' as const) : ('retired' as const) },
        ),
      (keys) => withSlot(keys, 2, { wrapped: Uint8Array.of(1) }), // a slot that is not looked at before the mac
      (keys) => withSlot(keys, 1, { provider: 'elsewhere' }), // a slot of another provider
      (keys) => keys.map((key, at) => (at === 3 ? { ...key, slots: key.slots.slice(0, 1) } : key)),
    ]
    for (const edit of edits) {
      await expect(openKeyring(edited(body, edit), 'w', [ours])).rejects.toThrow(unreadable('tampered'))
    }
    const { sequence, mac } = JSON.parse(body) as { sequence: number; mac: string }
    for (const changed of [
      body.replace(`"sequence":${sequence}`, `"sequence":${sequence + 1}`),
      body.replace(mac, `${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`),
    ]) {
      await expect(openKeyring(changed, 'w', [ours])).rejects.toThrow(unreadable('tampered'))
    }
  })

  it('never opens after any one character of its text was changed', async () => {
    const anyChange = fc.tuple(fc.nat(body.length - 1), fc.constantFrom(...'A0z_-"{}[],: \n\\1e+é'))
    await fc.assert(
      fc.asyncProperty(anyChange, async ([index, character]) => {
        fc.pre(body[index] !== character)
        const changed = body.slice(0, index) + character + body.slice(index + 1)
        await expect(openKeyring(changed, 'w', [ours, theirs])).rejects.toBeInstanceOf(GuillemetError)
      }),
      { numRuns: 500 },
    )
  })

  it('opens without a retired data key that does not unwrap, and says what is wrong with that one', async () => {
    const spoiled = withSlot([await entry(retired, 'retired', 'w', [ours])], 0, { wrapped: Uint8Array.of(1) })
    const keys = [await entry(active, 'active', 'w', [ours]), ...spoiled, await entry(old, 'retired', 'w', [ours])]
    const keyring = await openKeyring(bodyOf('w', 1, keys, active), 'w', [ours])
    expect(keyring.ids).toEqual([active.id, old.id])
    expect(keyring.failureOf(retired.id)).toEqual(unreadable('moved'))
    expect([keyring.failureOf(active.id), keyring.failureOf(gone.id)]).toEqual([undefined, undefined])
  })

  it('that is tampered leaves no key in memory', async () => {
    const seen: Uint8Array[] = []
    const watching: KeyProvider = {
      ...ours,
      async unwrap(wrapped, aad) {
        const bytes = await ours.unwrap(wrapped, aad)
        seen.push(bytes)
        return bytes
      },
    }
    const changed = edited(body, (keys) => keys.slice(1))
    await expect(openKeyring(changed, 'w', [watching])).rejects.toThrow(unreadable('tampered'))
    expect(seen).toEqual([new Uint8Array(32)])
  })
})

describe('a provider', () => {
  const failing = (error: unknown) =>
    foreign({
      unwrap: async () => {
        throw error
      },
    })
  let body: string
  beforeAll(async () => {
    body = (await createKeyring('w', [foreign()])).body
  })

  it.each([
    ['other bytes', createDataKey().bytes],
    ['too few bytes', new Uint8Array(31)],
    ['no bytes', 'text' as unknown as Uint8Array],
    ['nothing', undefined as unknown as Uint8Array],
  ])('that gives back %s is key-corrupt', async (_, bytes) => {
    const opening = openKeyring(body, 'w', [foreign({ unwrap: async () => bytes })])
    await expect(opening).rejects.toThrow(unreadable('key-corrupt'))
  })

  it.each([
    ['moved', new GuillemetError('ERR_RECORD_UNREADABLE', 'No.', { reason: 'tampered' }), unreadable('moved')],
    ['an error of another copy of the package', { code: 'ERR_RECORD_UNREADABLE' }, unreadable('moved')],
    ['a wrong key', new GuillemetError('ERR_INVALID_KEY', 'The PIN is wrong.'), coded('ERR_INVALID_KEY')],
    ['a wrong key of another copy', { code: 'ERR_INVALID_KEY' }, coded('ERR_INVALID_KEY')],
    ['a broken connection', new Error('ECONNRESET'), coded('ERR_STORAGE_UNAVAILABLE')],
    ['nothing that is an error', 'down', coded('ERR_STORAGE_UNAVAILABLE')],
  ])('that throws %s is told so', async (_, thrown, expected) => {
    await expect(openKeyring(body, 'w', [failing(thrown)])).rejects.toThrow(expected)
    const creating = createKeyring('w', [foreign({ wrap: () => Promise.reject(thrown) })])
    await expect(creating).rejects.toThrow(expected)
  })

  it('keeps what it says about its own key', async () => {
    const said = new GuillemetError('ERR_INVALID_KEY', 'The PIN is wrong.')
    await expect(openKeyring(body, 'w', [failing(said)])).rejects.toBe(said)
  })

  it('that fails is made up for by another one that has a slot', async () => {
    const active = createDataKey()
    const text = bodyOf('w', 1, [await entry(active, 'active', 'w', [foreign(), ours])], active)
    const opened = await openKeyring(text, 'w', [failing(new Error('down')), ours])
    expect(opened.active.id).toBe(active.id)
  })

  it('that fails first is the one told of, if none unwraps', async () => {
    const active = createDataKey()
    const text = bodyOf('v', 1, [await entry(active, 'active', 'v', [foreign(), ours])], active)
    await expect(openKeyring(text, 'w', [failing(new Error('down')), ours])).rejects.toThrow(
      coded('ERR_STORAGE_UNAVAILABLE'),
    )
    await expect(openKeyring(text, 'w', [ours, failing(new Error('down'))])).rejects.toThrow(unreadable('moved'))
  })
})

describe('an opened keyring', () => {
  let keyring: Keyring
  beforeAll(async () => {
    keyring = (await createKeyring('w', [ours])).keyring
  })

  it('shows ids and nothing else, however it is printed', () => {
    const { bytes } = keyring.active
    const prints = [
      JSON.stringify(keyring),
      JSON.stringify(keyring.active),
      inspect(keyring, { depth: 9, showHidden: true }),
      inspect(keyring.active, { depth: 9, showHidden: true }),
      JSON.stringify({ ...keyring, ...keyring.active }),
    ].join()
    expect(prints).toContain(keyring.active.id)
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      expect(prints).not.toContain(Buffer.from(bytes).toString(form))
    }
    expect(prints.replace(/\s+/g, '')).not.toContain(bytes.subarray(0, 4).join(','))
  })

  it('can be wiped: its keys are zeros, and seal and open nothing more', async () => {
    const { keyring: used } = await createKeyring('w', [ours])
    const { active } = used
    const sealed = seal(Uint8Array.of(7), active, AAD)
    wipe(used)
    expect(active.bytes).toEqual(new Uint8Array(32))
    expect(() => open(sealed, (id) => used.key(id), AAD)).toThrow(unreadable('key-corrupt'))
    expect(() => seal(Uint8Array.of(7), active, AAD)).toThrow(unreadable('key-corrupt'))
  })
})
