/** What is nearly a reference in a credential header. */

import { describe, expect, it, vi } from 'vitest'
import { nearReferencesIn } from '../../src/http/near-references.ts'
import { warnOfNearReferences, warnOfNearUrl, warnOfSkipped } from '../../src/http/skipped-warning.ts'
import type { ReferenceLocation } from '../../src/location.ts'
import { clientAccessOf } from '../../src/vault/client.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { backstage } from '../vault/fixture.ts'

const isOpenHeader = (header: string): boolean => header === 'authorization'
const CLOSED = { isOpenHeader, locations: new Set<ReferenceLocation>(['header']), authored: undefined }
const found = (name: string, value: string, options: Partial<VaultOptions> = {}) => {
  const call = { url: 'https://h.example/', headers: [{ name, value, keys: ['headers', name] }] } as never
  return nearReferencesIn(call, CLOSED, clientAccessOf(backstage(options).vault)!)
}

describe('in a credential header', () => {
  it.each([
    'Bearer {{ secret.openai }}',
    'Bearer ${secrets.t}',
    '<<secret.T>>',
    'Bearer << Secrets.t >>',
    'Bearer $' + '{{ secrets.t }}',
    'Bearer <secrets.t>',
    'Bearer %3C%3C secrets.t %3E%3E',
    'Bearer {{ secrets["t"] }}',
    `Basic ${btoa('ann:{{ secret.pw }}')}`,
  ])('%s is told, and nothing of it', (value) => {
    expect(found('authorization', value)).toEqual([{ tag: undefined, location: 'header' }])
  })

  it.each([
    'Bearer sk-0123456789',
    'Bearer << secrets.openai >>',
    'Bearer {{ connector.token }}',
    'Bearer a<b>$c%20\\d{e}#f&g',
    `Basic ${btoa('ann:secret.pw')}`,
    'Basic {{{{',
  ])('%s is not', (value) => {
    expect(found('authorization', value)).toEqual([])
  })

  it('in any other header it is that one’s text, and so it is for an engine with names of its own', () => {
    expect(found('x-request-id', '{{ secret.openai }}')).toEqual([])
    expect(found('authorization', '{{ secret.openai }}', { prefixes: ['vault.'] })).toEqual([])
  })
})

describe('in a URL', () => {
  const access = clientAccessOf(backstage().vault)!
  const inUrl = (url: string | URL, open: object) =>
    nearReferencesIn({ url: String(url), headers: [] } as never, { ...CLOSED, ...open }, access)
  const OPEN = { locations: new Set<ReferenceLocation>(['query']) }

  it('whose query or path is open, what a URL object has encoded is told', () => {
    const encoded = new URL('https://h.example/a?k=<< secrets.k >>')
    expect(inUrl(encoded, OPEN)).toEqual([{ tag: undefined, location: 'query' }])
    expect(inUrl(new URL('https://h.example/{{secrets.k}}?a'), OPEN)).toEqual([{ tag: undefined, location: 'path' }])
    const authored = [{ tag: 'k', filters: [], path: 'url', index: 0, location: 'query' as const }]
    expect(inUrl(encoded, { authored })).toHaveLength(1)
    expect(inUrl(encoded, { authored: [] })).toEqual([])
  })

  it('that is closed, or that a server has named, it is text', () => {
    const encoded = String(new URL('https://h.example/a?k=<< secrets.k >>'))
    expect(inUrl(encoded, {})).toEqual([])
    expect(inUrl('https://h.example/a?k=<< secrets.k >>', OPEN)).toEqual([])
    const settings = { ...CLOSED, ...OPEN }
    expect(nearReferencesIn({ url: encoded, headers: [] } as never, settings, access, true)).toEqual([])
  })

  it('parameters that a client writes later are not the URL’s', () => {
    const params = { url: 'https://h.example/', value: {}, key: 'params', write: String }
    const call = { url: String(new URL('https://h.example/?k=<< secrets.k >>')), headers: [], params }
    expect(nearReferencesIn(call as never, { ...CLOSED, ...OPEN }, access)).toEqual([])
  })
})

it('each kind of text is warned of once for a vault, in words of its own', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const root = {}
  for (let time = 0; time < 2; time++) {
    warnOfSkipped(root, 'vaultFetch')
    warnOfNearReferences(root, 'vaultFetch')
    warnOfNearUrl(root, 'vaultFetch')
  }
  expect(warned.mock.calls.map(([message]) => message)).toEqual([
    expect.stringContaining('in a URL and a body'),
    expect.stringContaining('credential header'),
    expect.stringContaining('URL object'),
  ])
})
