import { expect, it } from 'vitest'
import type { Encoding, Placeholder } from '../../src/template/compiled.ts'
import { encode } from '../../src/template/encoding.ts'
import { errorOf } from './harness.ts'

function encodeAt(encoding: Encoding, value: string): string {
  const reference = { tag: 'a', path: 'url', index: 0, filters: [], location: 'host' as const }
  return encode({ tag: 'a', field: undefined, filters: [], encoding, reference, source: '' } as Placeholder, value)
}

it.each<[Encoding, string]>([
  ['host', 'api.acme.dev'],
  ['host-port', 'api.acme.dev:8443'],
  ['host-port', '[::1]:8443'],
  ['port', '8443'],
  ['address', '::1'],
  ['base', 'https://api.acme.dev/v1'],
  ['whole', 'https://api.acme.dev/v1?k=v#f'],
])('%s takes %s whole, and nothing before or behind it', (encoding, value) => {
  expect(encodeAt(encoding, value)).toBe(value)
  for (const around of ['@', '/', '?', '#', ' ', '\n', '\\', '%']) {
    const isPartOfUrl = encoding === 'base' || encoding === 'whole'
    const wrong = [around + value, ...(isPartOfUrl && !/\s/.test(around) ? [] : [value + around])]
    for (const text of wrong) {
      expect(errorOf(() => encodeAt(encoding, text))).toMatchObject({ code: 'ERR_UNSAFE_URL_VALUE', tag: 'a' })
    }
  }
})
