/** A key service as they are: versions of one key, a context that is checked (or not), calls that fail, hang or lie. */

import type { KeyProvider, WrappedKey } from '../../src/ports/key-provider.ts'

/** What a test may do to a key service. */
export interface FakeKeyService extends KeyProvider {
  /** How often each method was called. */
  readonly calls: { wrap: number; unwrap: number }
  /** Every array of a data key that was handed out. */
  readonly handedOut: Uint8Array[]
  /** Makes a new version of the key, which wraps from now on. */
  newVersion(): string
  /** Destroys a version: what it wrapped does not unwrap any more. */
  destroyVersion(version: string): void
  /** Runs before each call; throws or waits as the test likes. */
  before: (call: 'wrap' | 'unwrap') => void | Promise<void>
}

/**
 * A key service that wraps by remembering.
 *
 * @param id of the provider
 * @param isVersioned whether it says which version of its key it has used
 */
export function fakeKeyService(id: string, isVersioned = true): FakeKeyService {
  let version = 1
  let count = 0
  const kept = new Map<string, { key: Uint8Array; context: string; version: string }>()
  const destroyed = new Set<string>()
  const service: FakeKeyService = {
    id,
    calls: { wrap: 0, unwrap: 0 },
    handedOut: [],
    newVersion: () => `v${++version}`,
    destroyVersion: (gone) => void destroyed.add(gone),
    before: () => undefined,
    async wrap(dataKey, aad): Promise<WrappedKey> {
      service.calls.wrap++
      await service.before('wrap')
      const handle = `${id}#${++count}`
      kept.set(handle, { key: dataKey.slice(), context: String(aad), version: `v${version}` })
      const bytes = new TextEncoder().encode(handle)
      return isVersioned ? { bytes, keyVersion: `v${version}` } : { bytes }
    },
    async unwrap({ bytes, keyVersion }, aad) {
      service.calls.unwrap++
      await service.before('unwrap')
      const found = kept.get(new TextDecoder().decode(bytes))
      if (found === undefined || found.context !== String(aad)) throw new Error('InvalidCiphertextException')
      if (destroyed.has(found.version)) throw new Error('the version is destroyed')
      if (isVersioned && keyVersion !== found.version) throw new Error('decoding OAEP padding')
      const key = found.key.slice()
      service.handedOut.push(key)
      return key
    },
  }
  return service
}
