/** What is said of rules that permit more than is likely meant. */

import { describe, expect, it } from 'vitest'
import { parseAllow } from '../../src/secrets/allow.ts'
import { ruleWarnings } from '../../src/secrets/rule-warnings.ts'
import { backstage } from '../vault/fixture.ts'

const codesOf = (rule: object) => ruleWarnings(parseAllow(rule)).map(({ code }) => code)

describe('a rule is said to be broad', () => {
  it.each([
    '*.com',
    '*.dev:8443',
    '*.co.uk',
    '*.com.au/v2',
    '*.github.io',
    '*.amazonaws.com',
    '*.s3.eu-west-1.amazonaws.com',
    '*.blob.core.windows.net',
    '*.herokuapp.com',
    'http://*.xn--p1ai',
  ])('with %s', (host) => {
    expect(codesOf({ hosts: ['a.example', host] })).toContain('WARN_BROAD_HOST')
  })

  it.each([
    'acme.com',
    '*.acme.com',
    '*.acme.co.uk',
    '*.acme.github.io',
    'acme.github.io',
    '*.local',
    '*.internal',
    '*.acme.co',
  ])('but not with %s', (host) => {
    expect(codesOf({ hosts: [host] })).toEqual([])
  })
})

describe('a rule is said to be plain http', () => {
  it.each([
    'http://acme.dev',
    'http://*.acme.dev/v2',
    'http://8.8.8.8:8080',
    'http://[2001:db8::1]',
    'http://172.32.0.1',
  ])('with %s', (host) => {
    expect(codesOf({ hosts: [host] })).toEqual(['WARN_PLAIN_HTTP'])
  })

  it.each([
    'acme.dev',
    'http://localhost:*/v2',
    'http://127.0.0.1:8080',
    'http://[::1]',
    'http://10.1.2.3',
    'http://172.31.0.1',
    'http://[fd00::1]',
    'http://vault',
    'http://vault.svc',
    'http://*.corp.internal',
  ])('but not with %s', (host) => {
    expect(codesOf({ hosts: [host] })).toEqual([])
  })
})

it('a rule is said to permit every member of a body only where it names none', () => {
  expect(codesOf({ in: ['header', 'body'] })).toEqual(['WARN_ANY_BODY_MEMBER'])
  expect(codesOf({ in: ['header', 'body:a'] })).toEqual([])
  expect(codesOf({})).toEqual([])
})

it('check says so at the first reference to the secret, and a resolve goes on', async () => {
  const { vault } = backstage()
  const allow = { hosts: ['*.com', 'http://acme.dev'], in: ['header', 'body'] } as const
  await vault.create({ tag: 'a', value: 'v-0123456789', allow })
  const request = { url: 'https://acme.com', headers: { A: '<< secrets.a >>', B: '<< secrets.a >>' } }
  expect(await vault.check(request, { as: 'request' })).toMatchObject([
    {
      code: 'WARN_BROAD_HOST',
      severity: 'warning',
      path: 'headers.A',
      tag: 'a',
      message: 'The rule of "a" names "*.com", under which anybody can have a host; name the hosts that are meant.',
    },
    expect.objectContaining({ code: 'WARN_PLAIN_HTTP', path: 'headers.A' }),
    expect.objectContaining({ code: 'WARN_ANY_BODY_MEMBER', path: 'headers.A' }),
  ])
  await vault.resolveRequest(request)
})

it('check tells nothing of a rule to who may not use the secret', async () => {
  const stage = backstage()
  await stage.vault.create({ tag: 'a', value: 'v-0123456789', allow: { hosts: ['*.com'], maxUses: 1 } })
  const other = stage.another({ policy: () => false })
  const found = await other.check(['<< secrets.a >>', '<< secrets.a >>'])
  expect(new Set(found.map(({ code }) => code))).toEqual(new Set(['ERR_PERMISSION_DENIED']))
})
