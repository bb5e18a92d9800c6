import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { createKeyring, openKeyring } from '../../src/crypto/keyring.ts'
import { readKeyringBody, writeKeyringBody } from '../../src/crypto/keyring-body.ts'
import type { GuillemetError } from '../../src/errors.ts'
import { type KmsClient, type KmsKeyOptions, kmsKey } from '../../src/keys/kms.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'
import { awsService, azureService, type FakeService, googleService, transitService } from './kms-services.ts'

const DATA_KEY = new Uint8Array(32).map((_, index) => index)
const AAD = Uint8Array.of(1, 2, 3)
const ID = 'kms:acme'

const services: readonly (readonly [string, () => FakeService, string])[] = [
  ['AWS', awsService, 'mrk-1234abcd'],
  ['Google', googleService, '1'],
  ['Azure', azureService, '1'.padStart(32, 'a')],
  ['transit', transitService, 'v1'],
]
const coded = (code: string, message = '') =>
  expect.objectContaining({ name: 'GuillemetError', code, message: expect.stringContaining(message) })
const unreadable = (reason: string) => expect.objectContaining({ code: 'ERR_RECORD_UNREADABLE', reason })
const keyOf = (client: KmsClient, more: Partial<KmsKeyOptions> = {}) => kmsKey({ id: ID, client, ...more })
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: GuillemetError) => error,
  )

describe.each(services)('a key in %s', (_, make, version) => {
  it('wraps a data key, says which version it used, and unwraps it', async () => {
    const { client, calls } = make()
    const wrapped = await keyOf(client).wrap(DATA_KEY, AAD)
    expect(wrapped.keyVersion).toBe(version)
    expect(await keyOf(client).unwrap(wrapped, AAD)).toEqual(DATA_KEY)
    expect(calls).toEqual({ encrypt: 1, decrypt: 1 })
  })

  it('opens what an older version wrapped after a new one was made', async () => {
    const service = make()
    const keys = keyOf(service.client)
    const old = await keys.wrap(DATA_KEY, AAD)
    service.rotate()
    const fresh = await keys.wrap(DATA_KEY, AAD)
    expect(await keys.unwrap(old, AAD)).toEqual(DATA_KEY)
    expect(await keys.unwrap(fresh, AAD)).toEqual(DATA_KEY)
  })

  it('opens nothing under another context, though the service knows of none', async () => {
    const { client } = make()
    const wrapped = await keyOf(client).wrap(DATA_KEY, AAD)
    await expect(keyOf(client).unwrap(wrapped, Uint8Array.of(1, 2))).rejects.toThrow(unreadable('moved'))
  })

  it('does not hand a workspace the data key of another one, if their slots are swapped', async () => {
    const keys = keyOf(make().client)
    const [ours, theirs] = [await createKeyring('ours', [keys]), await createKeyring('theirs', [keys])]
    const body = readKeyringBody(ours.body)
    const [{ slots }] = readKeyringBody(theirs.body).keys as [(typeof body.keys)[0]]
    const swapped = writeKeyringBody({ ...body, keys: [{ ...body.keys[0]!, slots }] })
    await expect(openKeyring(swapped, 'ours', [keys])).rejects.toThrow(unreadable('moved'))
    await expect(openKeyring(ours.body, 'ours', [keys])).resolves.toBeDefined()
  })

  it('that does not permit decryption is told by id, version and the right that is needed', async () => {
    const service = make()
    const wrapped = await keyOf(service.client).wrap(DATA_KEY, AAD)
    service.deny()
    const error = await failureOf(keyOf(service.client).unwrap(wrapped, AAD))
    expect(error).toEqual(coded('ERR_STORAGE_UNAVAILABLE', `"${ID}"`))
    expect(error.message).toContain(`version "${version}"`)
    expect(error.message).toMatch(/kms:Decrypt.+useToDecrypt.+get.+transit/)
    expect(inspect(error, { depth: 9 })).not.toMatch(/arn:aws|assumed-role|does not have|denied/)
    expect(error.cause).toBeUndefined()
  })

  it('whose version was destroyed is told so', async () => {
    const service = make()
    const wrapped = await keyOf(service.client).wrap(DATA_KEY, AAD)
    service.rotate()
    service.destroy(1)
    const error = await failureOf(keyOf(service.client).unwrap(wrapped, AAD))
    expect(error.message).toMatch(/version is neither disabled nor destroyed/)
    expect(error.message).toMatch(/DisabledException|code 9|KeyDisabled|code 400/)
  })
})

describe('a service that misbehaves', () => {
  it('and asks the newest version whatever was asked for, as an address without a version does, is found', async () => {
    const service = azureService({ asks: false })
    const wrapped = await keyOf(service.client).wrap(DATA_KEY, AAD)
    service.rotate()
    await expect(keyOf(service.client).unwrap(wrapped, AAD)).rejects.toThrow(
      coded('ERR_STORAGE_UNAVAILABLE', `decrypt what key version "${wrapped.keyVersion}" has wrapped (BadParameter, `),
    )
  })

  it('and answers with an empty message is told with the usual causes', async () => {
    const keys = keyOf(awsService().client)
    const wrapped = await keys.wrap(DATA_KEY, AAD)
    const other = keyOf(awsService().client)
    const error = await failureOf(other.unwrap(wrapped, AAD))
    expect(error.message).toContain('(InvalidCiphertextException)')
    expect(error.message).toMatch(/region, tenant and key.+context which your client adds/)
  })

  it('and gives another key of the same length is found by the box', async () => {
    const { client } = awsService()
    const wrapped = await keyOf(client).wrap(DATA_KEY, AAD)
    const swapping: KmsClient = { ...client, decrypt: async () => new Uint8Array(32).fill(9) }
    await expect(keyOf(swapping).unwrap(wrapped, AAD)).rejects.toThrow(unreadable('moved'))
  })

  it.each([
    ['nothing', undefined],
    ['a text', 'x'.repeat(32)],
    ['too few bytes', new Uint8Array(31)],
  ])('and decrypts into %s is refused', async (_, answer) => {
    const { client } = awsService()
    const wrapped = await keyOf(client).wrap(DATA_KEY, AAD)
    const broken = { ...client, decrypt: async () => answer as Uint8Array }
    await expect(keyOf(broken).unwrap(wrapped, AAD)).rejects.toThrow(coded('ERR_INVALID_KEY', '32 bytes'))
  })

  it.each([
    ['no version', { ciphertext: Uint8Array.of(1) }, 'keyVersion'],
    ['an empty version', { ciphertext: Uint8Array.of(1), keyVersion: '' }, 'keyVersion'],
    ['an address for a version', { ciphertext: Uint8Array.of(1), keyVersion: 'https://evil.example/k' }, 'keyVersion'],
    ['a way up for a version', { ciphertext: Uint8Array.of(1), keyVersion: '..' }, 'keyVersion'],
    ['no ciphertext', { keyVersion: '1' }, '3900 bytes'],
    ['an empty ciphertext', { ciphertext: new Uint8Array(), keyVersion: '1' }, '3900 bytes'],
    ['a long ciphertext', { ciphertext: new Uint8Array(3_901), keyVersion: '1' }, '3900 bytes'],
    ['nothing', undefined, '3900 bytes'],
    ['null', null, '3900 bytes'],
  ])('and encrypts into %s is refused before anything is stored', async (_, answer, fault) => {
    const client = { ...awsService().client, encrypt: async () => answer as never }
    const storage = memoryStorage()
    const vault = createVault({ storage, keys: keyOf(client) })
    await expect(vault.set({ tag: 'a', value: 'one' })).rejects.toThrow(coded('ERR_INVALID_KEY', fault))
    expect(await storage.list('default', { limit: 9 })).toEqual([])
  })

  it('and takes as long a ciphertext as it may fits into the keyring', async () => {
    const client: KmsClient = {
      encrypt: async (plaintext) => {
        const ciphertext = new Uint8Array(3_900)
        ciphertext.set(plaintext)
        return { ciphertext, keyVersion: '1' }
      },
      decrypt: async ({ ciphertext }) => ciphertext.slice(0, 32),
    }
    const { body } = await createKeyring('w', [keyOf(client)])
    await expect(openKeyring(body, 'w', [keyOf(client)])).resolves.toBeDefined()
  })

  it('and never answers is left after its time, told so, and hears of it', async () => {
    vi.useFakeTimers()
    try {
      const signals: AbortSignal[] = []
      const hang = (signal: AbortSignal) => new Promise<never>(() => signals.push(signal))
      const client: KmsClient = {
        encrypt: (_, { signal }) => hang(signal),
        decrypt: (_, { signal }) => hang(signal),
      }
      const wrapped = await keyOf(awsService().client).wrap(DATA_KEY, AAD)
      const failed = [
        failureOf(keyOf(client).wrap(DATA_KEY, AAD)),
        failureOf(keyOf(client, { timeout: 500 }).unwrap(wrapped, AAD)),
      ]
      await vi.advanceTimersByTimeAsync(499)
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
      await vi.advanceTimersByTimeAsync(1)
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
      await vi.advanceTimersByTimeAsync(9_500)
      for (const error of await Promise.all(failed)) {
        expect(error).toEqual(coded('ERR_STORAGE_UNAVAILABLE', 'did not answer in time'))
      }
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('and throws anything at all is told by name, code or status, never by its words', async () => {
    const secret = 'AKIAsecret'
    const wrapped = await keyOf(awsService().client).wrap(DATA_KEY, AAD)
    const thrown: unknown[] = [
      new Error(secret),
      secret,
      undefined,
      Object.assign(new Error(secret), { name: `${secret} x`, code: `${secret}!` }),
      Object.assign(new Error(secret), { statusCode: 503 }),
      Object.defineProperty({}, 'name', {
        get() {
          throw new Error(secret)
        },
      }),
    ]
    for (const error of thrown) {
      const client: KmsClient = { ...awsService().client, decrypt: () => Promise.reject(error) }
      const failed = await failureOf(keyOf(client).unwrap(wrapped, AAD))
      expect(failed.code).toBe('ERR_STORAGE_UNAVAILABLE')
      expect(inspect(failed, { depth: 9, showHidden: true })).not.toContain(secret)
    }
  })

  it('reaches the user of a vault in its own words', async () => {
    const { client } = awsService()
    const storage = memoryStorage()
    const inUse = () => {
      // #region vault
      const keys = kmsKey({ id: 'aws:acme-production', client })
      const vault = createVault({ storage, keys })
      // #endregion
      return vault
    }
    await inUse().set({ tag: 'a', value: 'one' })
    const down = { ...client, decrypt: () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' })) }
    const vault = createVault({ storage, keys: keyOf(down, { id: 'aws:acme-production' }) })
    await expect(vault.resolve('<< secrets.a >>')).rejects.toThrow(coded('ERR_STORAGE_UNAVAILABLE', '(ECONNREFUSED)'))
  })
})

describe('what was wrapped', () => {
  it('is refused after any change, and the service is asked for nothing that cannot be', async () => {
    const { client, calls } = googleService()
    const keys = keyOf(client)
    const { bytes, keyVersion } = await keys.wrap(DATA_KEY, AAD)
    const changes: { bytes: Uint8Array; keyVersion?: string }[] = [
      { bytes },
      { bytes, keyVersion: '../../other' },
      { bytes, keyVersion: 'https://evil.example' },
      { bytes: bytes.slice(1), keyVersion: keyVersion! },
      { bytes: bytes.slice(0, -1), keyVersion: keyVersion! },
      { bytes: Uint8Array.of(1, ...bytes.subarray(1)), keyVersion: keyVersion! },
      { bytes: Uint8Array.of(3), keyVersion: keyVersion! },
      { bytes: Uint8Array.of(3, 255, 255), keyVersion: keyVersion! },
    ]
    for (const changed of changes) await expect(keys.unwrap(changed, AAD)).rejects.toThrow(unreadable('tampered'))
    expect(calls.decrypt).toBe(0)
    const flipped = bytes.slice()
    flipped[bytes.length - 1]! ^= 1
    await expect(keys.unwrap({ bytes: flipped, keyVersion: keyVersion! }, AAD)).rejects.toThrow(unreadable('tampered'))
  })

  it('is unwrapped by one call for all who ask at the same time, and by a new one later', async () => {
    const { client, calls } = googleService()
    const keys = keyOf(client)
    const wrapped = await keys.wrap(DATA_KEY, AAD)
    const all = await Promise.all(Array.from({ length: 20 }, () => keys.unwrap(wrapped, AAD)))
    expect(calls.decrypt).toBe(1)
    for (const dataKey of all) expect(dataKey).toEqual(DATA_KEY)
    all[0]!.fill(0)
    expect(all[1]).toEqual(DATA_KEY)
    await keys.unwrap(wrapped, AAD)
    expect(calls.decrypt).toBe(2)
  })

  it('is not remembered where it failed, and each who asked is told', async () => {
    const { client } = googleService()
    let isDown = true
    const shaky: KmsClient = {
      ...client,
      decrypt: (...of) => (isDown ? Promise.reject(new Error('down')) : client.decrypt(...of)),
    }
    const keys = keyOf(shaky)
    const wrapped = await keys.wrap(DATA_KEY, AAD)
    const failed = await Promise.all([1, 2, 3].map(() => failureOf(keys.unwrap(wrapped, AAD))))
    expect(failed.map(({ code }) => code)).toEqual(Array(3).fill('ERR_STORAGE_UNAVAILABLE'))
    isDown = false
    expect(await keys.unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })

  it('leaves no wrapping key with a client, and none of its own changes one', async () => {
    const seen: Uint8Array[] = []
    const { client } = awsService()
    const keeping: KmsClient = {
      async encrypt(plaintext, options) {
        seen.push(plaintext)
        return client.encrypt(plaintext.slice(), options)
      },
      decrypt: client.decrypt,
    }
    const wrapped = await keyOf(keeping).wrap(DATA_KEY, AAD)
    expect(seen).toEqual([new Uint8Array(32)])
    expect(await keyOf(client).unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })
})

it('a mistake of the program is told when the provider is made', () => {
  const { client } = awsService()
  for (const options of [
    undefined,
    {},
    { id: ID },
    { id: '', client },
    { id: 'clé', client },
    { id: ID, client: { encrypt: client.encrypt } },
    { id: ID, client: null },
    { id: ID, client, timeout: 0 },
    { id: ID, client, timeout: 1.5 },
    { id: ID, client, timeout: 2 ** 31 },
    { id: ID, client, timeOut: 5 },
  ]) {
    expect(() => kmsKey(options as never)).toThrow(coded('ERR_INVALID_INPUT'))
  }
})
