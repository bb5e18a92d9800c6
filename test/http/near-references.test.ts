/** What is nearly a reference in a credential header. */

import { describe, expect, it, vi } from 'vitest'
import { nearReferencesIn } from '../../src/http/near-references.ts'
import { warnOfNearReferences, warnOfSkipped } from '../../src/http/skipped-warning.ts'
import { clientAccessOf } from '../../src/vault/client.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { backstage } from '../vault/fixture.ts'

const found = (name: string, value: string, options: Partial<VaultOptions> = {}) => {
  const call = { headers: [{ name, value, keys: ['headers', name] }] } as never
  const isOpenHeader = (header: string): boolean => header === 'authorization'
  return nearReferencesIn(call, { isOpenHeader }, clientAccessOf(backstage(options).vault)!)
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

it('each kind of text is warned of once for a vault, in words of its own', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const root = {}
  for (let time = 0; time < 2; time++) {
    warnOfSkipped(root, 'vaultFetch')
    warnOfNearReferences(root, 'vaultFetch')
  }
  expect(warned.mock.calls.map(([message]) => message)).toEqual([
    expect.stringContaining('in a URL and a body'),
    expect.stringContaining('credential header'),
  ])
})
