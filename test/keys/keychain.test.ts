import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createKeyring, openKeyring } from '../../src/crypto/keyring.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import type { GuillemetError } from '../../src/errors.ts'
import { secretServiceMissing } from '../../src/keys/keychain/secret-service.ts'
import { type KeychainEntry, type KeychainKeyOptions, keychainKey } from '../../src/keys/keychain.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'
import { scratch } from '../storage/scratch.ts'
import { busMissing, startBus } from './buses.ts'

const KEY = generateKey()
const DATA_KEY = new Uint8Array(32).map((_, index) => index)
const AAD = Uint8Array.of(1, 2, 3)
const isLinux = process.platform === 'linux'
const newPath = scratch()

/** The entry of a keychain that does this. */
const entryOf = (getPassword: KeychainEntry['getPassword']): KeychainEntry => ({ getPassword })
const holding = (text: string) => entryOf(async () => text)
const throwing = (message: string, more: object = {}) =>
  entryOf(async () => {
    throw Object.assign(new Error(message), more)
  })
const keyIn = (entry: KeychainEntry, more: Partial<KeychainKeyOptions> = {}) =>
  keychainKey({ entry, allowVolatile: true, ...more })

async function failureOf(entry: KeychainEntry, more: Partial<KeychainKeyOptions> = {}): Promise<GuillemetError> {
  return keyIn(entry, more)
    .wrap(DATA_KEY, AAD)
    .then(
      () => expect.unreachable(),
      (error: GuillemetError) => error,
    )
}

describe('a key in a keychain', () => {
  it.each([
    ['an asynchronous entry', holding(KEY)],
    ['a synchronous entry', entryOf(() => KEY)],
  ])('of %s wraps, and unwraps in another process', async (_, entry) => {
    const wrapped = await keyIn(entry).wrap(DATA_KEY, AAD)
    expect(await keyIn(entry).unwrap(wrapped, AAD)).toEqual(DATA_KEY)
    expect(keyIn(entry).id).toBe('keychain')
  })

  it('is never kept in the vault that it opens, not even as its first secret', async () => {
    const vault = createVault({ storage: memoryStorage(), keys: keyIn(holding(KEY)) })
    const refused = { code: 'ERR_INVALID_INPUT', path: 'value' }
    await expect(vault.create({ tag: 'own', value: KEY })).rejects.toMatchObject(refused)
    await vault.create({ tag: 'a', value: generateKey() })
    await expect(vault.update('a', { value: KEY })).rejects.toMatchObject(refused)
    expect(await vault.describe('own')).toBeUndefined()
  })

  it('is asked for once, at the first use, however many wait', async () => {
    let count = 0
    const keys = keyIn(
      entryOf(async () => {
        count++
        return KEY
      }),
    )
    expect(count).toBe(0)
    const wrapped = await Promise.all(Array.from({ length: 5 }, () => keys.wrap(DATA_KEY, AAD)))
    await Promise.all(wrapped.map((one) => keys.unwrap(one, AAD)))
    expect(count).toBe(1)
  })

  it('is asked for again after it failed', async () => {
    let isLocked = true
    const keys = keyIn(
      entryOf(async () => {
        if (isLocked) throw new Error('The keychain is locked')
        return KEY
      }),
    )
    await expect(keys.wrap(DATA_KEY, AAD)).rejects.toThrow('is locked')
    isLocked = false
    await expect(keys.wrap(DATA_KEY, AAD)).resolves.toBeDefined()
  })

  it('is wiped when it is closed, also before it was ever asked for', async () => {
    const keys = keyIn(holding(KEY))
    await keys.close!()
    const wrapped = await keys.wrap(DATA_KEY, AAD)
    await keys.close!()
    await expect(keys.unwrap(wrapped, AAD)).rejects.toThrow('was closed')
  })

  it('opens keyrings, and only with its own key', async () => {
    const { body } = await createKeyring('w', [keyIn(holding(KEY))])
    await expect(openKeyring(body, 'w', [keyIn(holding(KEY))])).resolves.toBeDefined()
    await expect(openKeyring(body, 'w', [keyIn(holding(generateKey()))])).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_KEY', message: expect.stringContaining('another key') }),
    )
    await expect(openKeyring(body, 'v', [keyIn(holding(KEY))])).rejects.toThrow('of another workspace')
  })
})

describe('five failures are told apart:', () => {
  const kinds = new Set<string>()
  it.each([
    ['absent, as null', entryOf(async () => null), 'ERR_INVALID_KEY', 'no such entry'],
    ['absent, as undefined', entryOf(() => undefined), 'ERR_INVALID_KEY', 'no such entry'],
    ['absent, thrown', throwing('No matching entry found in secure storage'), 'ERR_INVALID_KEY', 'no such entry'],
    [
      'absent, thrown by macOS',
      throwing('The specified item could not be found in the keychain.'),
      'ERR_INVALID_KEY',
      'no such entry',
    ],
    ['absent, thrown by Windows', throwing('Element not found. (os error 1168)'), 'ERR_INVALID_KEY', 'no such entry'],
    ['locked', throwing("Couldn't access platform secure storage: is locked"), 'ERR_STORAGE_UNAVAILABLE', 'is locked'],
    ['locked, without a screen', throwing('User interaction is not allowed.'), 'ERR_STORAGE_UNAVAILABLE', 'is locked'],
    ['locked, and nobody wanted to', throwing('prompt dismissed'), 'ERR_STORAGE_UNAVAILABLE', 'is locked'],
    ['denied', throwing('The authorization was denied.'), 'ERR_STORAGE_UNAVAILABLE', 'does not let this program'],
    [
      'denied by a person',
      throwing('User canceled the operation.'),
      'ERR_STORAGE_UNAVAILABLE',
      'does not let this program',
    ],
    [
      'no service',
      throwing('DBus error: The name org.freedesktop.secrets was not provided by any .service files'),
      'ERR_STORAGE_UNAVAILABLE',
      'no Secret Service',
    ],
    [
      'no interface',
      throwing('zbus error: No such interface “org.freedesktop.Secret.Service”'),
      'ERR_STORAGE_UNAVAILABLE',
      'no Secret Service',
    ],
    ['unknown', throwing('boom', { code: 'EBOOM' }), 'ERR_STORAGE_UNAVAILABLE', 'failed; look whether'],
    [
      'nothing that is an error',
      entryOf(() => Promise.reject(undefined)),
      'ERR_STORAGE_UNAVAILABLE',
      'failed; look whether',
    ],
    ['empty', holding(''), 'ERR_INVALID_KEY', 'it is empty'],
    ['not a key', holding('hunter2hunter2'), 'ERR_INVALID_KEY', 'does not start with gmk1_'],
    ['a mangled key', holding(`${KEY}\n`), 'ERR_INVALID_KEY', 'white space'],
    ['not a text', entryOf(() => 7 as never), 'ERR_INVALID_KEY', 'is missing'],
  ])('%s', async (_, entry, code, words) => {
    const error = await failureOf(entry)
    expect(error.code).toBe(code)
    expect(error.message).toContain(words)
    expect(error.message).toMatch(/keychain/)
    expect(error.cause).toBeUndefined()
    kinds.add(error.message)
  })

  it('and no two of them say the same', () => {
    expect(kinds.size).toBe(9) // absent, locked, denied, no service, unknown, empty, and three faults of a key
  })

  it('a dialog that nobody answers ends in time, and is told as that', async () => {
    vi.useFakeTimers()
    try {
      let signal: AbortSignal | undefined
      const hanging = entryOf((given) => {
        signal = given
        return new Promise(() => undefined)
      })
      const failed = failureOf(hanging, { timeout: 1_000 })
      await vi.advanceTimersByTimeAsync(1_000)
      const error = await failed
      expect([error.code, signal!.aborted, vi.getTimerCount()]).toEqual(['ERR_STORAGE_UNAVAILABLE', true, 0])
      expect(error.message).toContain('did not answer in time')
    } finally {
      vi.useRealTimers()
    }
  })

  it('and nothing of what was thrown is shown', async () => {
    const error = await failureOf(throwing(`denied ${KEY}`, { name: KEY, code: KEY }))
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY.slice(0, 12))
  })
})

it('a keychain that has forgotten its entry never leads to a new key', async () => {
  const store = new Map([['key', KEY]])
  const setPassword = vi.fn()
  const entry = { getPassword: async () => store.get('key') ?? null, setPassword }
  const { body } = await createKeyring('w', [keyIn(entry)])
  store.clear() // the restart of a machine whose keychain is the kernel's
  await expect(openKeyring(body, 'w', [keyIn(entry)])).rejects.toThrow('none was made')
  await expect(createKeyring('w', [keyIn(entry)])).rejects.toThrow('none was made')
  expect(setPassword).not.toHaveBeenCalled()
})

it.runIf(isLinux)(
  'Linux without a bus is refused before the keychain is asked, unless that is what is wanted',
  async () => {
    vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', undefined)
    const asked = vi.fn(async () => KEY)
    const error = await failureOf(entryOf(asked), { allowVolatile: false })
    expect(error).toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringContaining('allowVolatile: true'),
    })
    expect(asked).not.toHaveBeenCalled()
    await keyIn(entryOf(asked)).wrap(DATA_KEY, AAD)
    expect(asked).toHaveBeenCalledOnce()
  },
)

describe.runIf(isLinux)('a Secret Service is missing', () => {
  beforeEach(() => vi.unstubAllEnvs())
  afterEach(() => vi.unstubAllEnvs())
  const missingAt = (address: string | undefined) => {
    vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', address)
    return secretServiceMissing()
  }

  it.each([
    ['no address', undefined],
    ['an empty address', ''],
    ['a dead socket', 'unix:path=/nonexistent/bus,guid=1'],
    ['a name that nobody listens to', 'unix:abstract=/nonexistent%2fbus'],
    ['another transport', 'tcp:host=localhost,port=1'],
    ['a broken address', 'unix:path=%zz;;:'],
  ])('with %s', async (_, address) => {
    expect(await missingAt(address)).toBe(true)
  })

  it.each([
    ['is no bus', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['ends', ''],
    ['talks without an end', `OK 1\r\nl\u0002${'\u00ff'.repeat(2_000)}`],
  ])('where what listens %s', async (_, answer) => {
    const path = newPath()
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end(Buffer.from(answer, 'latin1'))
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    try {
      expect(await missingAt(`unix:path=${path}`)).toBe(true)
    } finally {
      server.close()
    }
  })
})

const noBus = busMissing()
describe('on a real bus', () => {
  it.for([
    ['that can start a Secret Service, there is one', true],
    ['that cannot, there is none', false],
  ] as const)('%s', async ([, hasService], { skip }) => {
    skip(noBus !== undefined, noBus)
    const bus = await startBus(newPath(), hasService)
    try {
      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', `unix:path=/nonexistent;${bus.address}`)
      expect(await secretServiceMissing()).toBe(!hasService)
    } finally {
      vi.unstubAllEnvs()
      await bus.stop()
    }
  })
})

it('a mistake of the program is told when the provider is made', () => {
  const entry = holding(KEY)
  for (const options of [
    undefined,
    {},
    { entry: null },
    { entry: {} },
    { entry, id: '' },
    { entry, id: 'clé' },
    { entry, timeout: 0 },
    { entry, allowVolatile: 'yes' },
    { entry, vault: 1 },
  ]) {
    expect(() => keychainKey(options as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
  }
})
