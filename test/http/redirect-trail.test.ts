import { expect, it } from 'vitest'
import type { Outgoing } from '../../src/http/hop.ts'
import { RedirectTrail } from '../../src/http/redirect-trail.ts'
import type { UsedSecret } from '../../src/vault/redirect.ts'

const SECRET: UsedSecret = {
  tag: 'key',
  path: 'headers.x-api-key',
  name: 'x-api-key',
  location: 'header',
  allow: undefined,
  texts: [],
  written: [],
  label: 'key',
}

/** What arrives at the last of the origins, each of which redirects to the next: the header of the first request is on all. */
function headersAt(...origins: readonly string[]): readonly string[] {
  return headersAfter(302, ...origins)
}

function headersAfter(status: number, ...origins: readonly string[]): readonly string[] {
  const trail = new RedirectTrail()
  let arrived: readonly string[] = []
  for (const [index, origin] of origins.entries()) {
    const asked: Outgoing = {
      url: new URL(origin),
      method: 'GET',
      headers: [['x-api-key', 'v', [SECRET]]],
      body: undefined,
      bodySecrets: [],
    }
    const sent = trail.applyTo(asked, [SECRET])
    arrived = sent.headers.map(([name]) => name)
    const location = origins[index + 1] ?? null
    trail.note(sent, { status: location === null ? 200 : status, location })
  }
  return arrived
}

it('a header that did not go along to the second host does not go on to a third', () => {
  expect(headersAt('https://one.test')).toEqual(['x-api-key'])
  expect(headersAt('https://one.test', 'https://two.test')).toEqual([])
  expect(headersAt('https://one.test', 'https://two.test', 'https://three.test')).toEqual([])
})

it('it is there again on the way back, and the host that it was meant for stays clean', () => {
  expect(headersAt('https://one.test', 'https://two.test', 'https://one.test')).toEqual(['x-api-key'])
})

it.each([300, 304, 305, 399])('a status of %i leads away as well: some follow it', (status) => {
  expect(headersAfter(status, 'https://one.test', 'https://two.test')).toEqual([])
})

it.each([201, 401])('a status of %i leads nowhere, whatever location it has', (status) => {
  expect(headersAfter(status, 'https://one.test', 'https://two.test')).toEqual(['x-api-key'])
})
