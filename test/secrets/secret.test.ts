import { describe, expect, it } from 'vitest'
import { parseAllow } from '../../src/secrets/allow.ts'
import { type ClearInfo, DOTS, fieldsOf, infoOf, SECRET_TYPES, TEXT_TYPES } from '../../src/secrets/secret.ts'

const place = { workspace: 'acme', environment: 'preview', tag: 'zendesk', version: 3 }
const least: ClearInfo = {
  type: 'text',
  visibility: 'restricted',
  fields: null,
  name: undefined,
  description: undefined,
  allow: undefined,
  enabled: true,
  expiresAt: undefined,
  publicFields: undefined,
  createdBy: undefined,
  updatedBy: undefined,
  createdAt: '2026-01-02T03:04:05.006Z',
  updatedAt: '2026-02-03T04:05:06.007Z',
}

describe('what may be shown of a secret', () => {
  it('is eight dots for a text and nothing that was not said', () => {
    const info = infoOf(place, least)
    expect(info).toEqual({
      ...place,
      type: 'text',
      visibility: 'restricted',
      enabled: true,
      createdAt: new Date('2026-01-02T03:04:05.006Z'),
      updatedAt: new Date('2026-02-03T04:05:06.007Z'),
      value: '••••••••',
    })
    expect(Object.keys(info)).not.toContain('name')
    expect([...DOTS]).toHaveLength(8)
  })

  it('is eight dots under each field name, in their order, whatever the names', () => {
    const names = ['username', '__proto__', 'constructor']
    const { value } = infoOf(place, { ...least, type: 'custom', fields: names })
    expect(Object.entries(value)).toEqual(names.map((name) => [name, DOTS]))
  })

  it('holds name, description, rule and expiry where there are some', () => {
    const info = infoOf(place, {
      ...least,
      name: 'Zendesk',
      description: 'the support desk',
      allow: parseAllow({ hosts: ['api.zendesk.com'], in: [] }),
      expiresAt: '2027-01-01T00:00:00.000Z',
    })
    expect(info).toMatchObject({
      name: 'Zendesk',
      description: 'the support desk',
      allow: { hosts: ['api.zendesk.com'], in: [] },
      expiresAt: new Date('2027-01-01T00:00:00.000Z'),
    })
    expect(Object.keys(info.allow ?? {})).toEqual(['hosts', 'in'])
  })

  it('shares no object with what is stored, so that a policy cannot change a rule', () => {
    const stored: ClearInfo = { ...least, type: 'custom', fields: ['key'], allow: parseAllow({ hosts: ['a.example'] }) }
    const first = infoOf(place, stored)
    ;(first.allow!.hosts as string[]).push('evil.example')
    first.createdAt.setTime(0)
    ;(first.value as Record<string, string>)['more'] = DOTS
    expect(stored.allow).toEqual({ hosts: ['a.example'] })
    expect(infoOf(place, stored)).toMatchObject({
      allow: { hosts: ['a.example'] },
      createdAt: new Date(least.createdAt),
      value: { key: DOTS },
    })
  })

  it('has no prototype that could answer for a rule that is not there', () => {
    const info = infoOf(place, { ...least, type: 'custom', fields: ['key'], allow: parseAllow({}) })
    for (const object of [info, info.allow, info.value]) expect(Object.getPrototypeOf(object)).toBeNull()
  })
})

it('the fields of a text are null, those of a map its names in order', () => {
  expect(fieldsOf('')).toBeNull()
  expect(fieldsOf({ b: '1', a: 2 })).toEqual(['b', 'a'])
})

it('four of the eight types are one text', () => {
  expect(SECRET_TYPES.filter((type) => TEXT_TYPES.has(type))).toEqual(['text', 'password', 'apiKey', 'token'])
})
