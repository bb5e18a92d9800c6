/** `conceal`: what a model may read of what was sent, and write back. */

import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Resolved, Vault } from '../../src/vault/api.ts'
import { backstage, thrown } from './fixture.ts'

const VALUE = 'v-0123456789/+"'
const PASSWORD = 'hunter2-long-pw'
let vault: Vault
let of: readonly Resolved<unknown>[]

beforeAll(async () => {
  vault = backstage().vault
  await vault.create({ tag: 'crm', value: VALUE })
  await vault.create({ tag: 'other', value: 'value-of-another-one' })
  await vault.create({ tag: 'db', value: { host: 'db.internal', port: 48213377, password: PASSWORD } })
  await vault.create({ tag: 'login', type: 'basicAuth', value: { username: 'ann', password: 'pw-of-ann-77' } })
  await vault.resolve('<< secrets.other >>')
  of = [
    await vault.resolve(['<< secrets.crm >>', '<< secrets.db.password >>', '<< secrets.db.port >>']),
    await vault.use('<< secrets.login | basic >>', () => 1),
  ]
})

const conceal = <T>(value: T): T => vault.conceal(value, { of })

describe('a value', () => {
  it.each([
    ['as it is', `Bearer ${VALUE} x`, 'Bearer << secrets.crm >> x'],
    ['of a field', `pw=${PASSWORD};`, 'pw=<< secrets.db.password >>;'],
    ['as filters make it', `Basic ${btoa('ann:pw-of-ann-77')}`, 'Basic << secrets.login | basic >>'],
    [
      'several times',
      `${PASSWORD} ${VALUE} ${PASSWORD}`,
      '<< secrets.db.password >> << secrets.crm >> << secrets.db.password >>',
    ],
    ['encoded', `?k=${encodeURIComponent(VALUE)}&j=${btoa(PASSWORD)}`, '?k=[secret:crm]&j=[secret:db.password]'],
    ['in JSON text', JSON.stringify({ VALUE }), '{"VALUE":"[secret:crm]"}'],
    ['that was not used', 'at db.internal', 'at db.internal'],
    ['of another result', 'value-of-another-one', 'value-of-another-one'],
    ['nowhere', 'nothing here', 'nothing here'],
    ['after a backslash', `C:\\${PASSWORD}`, 'C:\\\\<< secrets.db.password >>'],
  ])('%s', (_, text, expected) => {
    expect(conceal(text)).toBe(expected)
  })

  it.each([
    ['<< secrets.other >>', '\\<< secrets.other >>'],
    [`{{ secrets.other }} ${PASSWORD}`, '\\{{ secrets.other }} << secrets.db.password >>'],
    [`<< secrets.${PASSWORD} >>`, '\\<< secrets.<< secrets.db.password >> >>'],
    ['<< RUNPOD_SECRET_other', '\\<< RUNPOD_SECRET_other'],
    ['\\<< secrets.other >>', '\\\\\\<< secrets.other >>'],
    ['{{ steps.a }}', '{{ steps.a }}'],
  ])('and a reference that was there is inert: %s', (text, expected) => {
    expect(conceal(text)).toBe(expected)
  })

  it('is a reference between delimiters that begin as a mask does, too', async () => {
    const bracketed = backstage({ delimiters: [['[[', ']]']] }).vault
    await bracketed.create({ tag: 'crm', value: VALUE })
    const used = [await bracketed.resolve('[[ secrets.crm ]]')]
    for (const [text, expected] of [
      [`C:\\${VALUE}`, 'C:\\\\[[ secrets.crm ]]'],
      [`${VALUE} ${encodeURIComponent(VALUE)}`, '[[ secrets.crm ]] [secret:crm]'],
    ] as const) {
      expect(bracketed.conceal(text, { of: used })).toBe(expected)
    }
  })

  it('in structures, not in names, without changing the input', () => {
    const input = {
      [PASSWORD]: 1,
      [`${PASSWORD}`.toUpperCase()]: 2,
      list: [VALUE, { port: 48213377, n: 5, ok: true }],
      none: null,
      map: new Map([['k', VALUE]]),
    }
    const before = structuredClone(input)
    expect(conceal(input)).toEqual({
      '[secret:db.password]': 1,
      'HUNTER2-LONG-PW': 2,
      list: ['<< secrets.crm >>', { port: '<< secrets.db.port >>', n: 5, ok: true }],
      none: null,
      map: new Map([['k', '<< secrets.crm >>']]),
    })
    expect(input).toEqual(before)
    const cyclic: Record<string, unknown> = { VALUE }
    cyclic['self'] = cyclic
    const copy = conceal(cyclic)
    expect(copy['self']).toBe(copy)
  })

  it('comes back when it is resolved, and nothing else does', async () => {
    const pieces = fc.constantFrom(
      VALUE,
      PASSWORD,
      btoa(PASSWORD),
      encodeURIComponent(VALUE),
      '\\',
      '<<',
      '>>',
      '{{',
      '}}',
      '{',
      '<',
      ' ',
      'secrets.',
      'other',
      ' secrets.other ',
      '<< secrets.other >>',
      '{{ secrets.crm }}',
      '|',
      'x',
      '\n',
      '\ue000',
      '[secret:x]',
      'RUNPOD_SECRET_',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 10 }), async (parts) => {
        const text = parts.join('')
        const concealed = conceal(text)
        for (const secret of [VALUE, PASSWORD, btoa(PASSWORD)]) expect(concealed).not.toContain(secret)
        for (const { tag } of vault.references(concealed)) expect(['crm', 'db']).toContain(tag)
        const again = (await vault.resolve(concealed)).expose()
        // a mask stays a mask; without one the text is as it was
        if (!/\[secret:(?:crm|db|login)/.test(concealed)) expect(again).toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })
})

it.each([undefined, {}, { of: undefined }, { of: 'x' }, { of: [{}] }, { of: [null] }, { of: [], tags: [] }])(
  'refuses the options %j',
  (options) => {
    expect(thrown(() => vault.conceal('x', options as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  },
)

it('without results only makes references inert', () => {
  expect(vault.conceal(`<< secrets.crm >> ${VALUE}`, { of: [] })).toBe(`\\<< secrets.crm >> ${VALUE}`)
})

// with every value the text before it was searched again, for longer than a test may take, and with every name all names
it('takes time by the size of a text or an object, and not by its square', () => {
  const text = `${'\\'.repeat(300)}${PASSWORD}`
  expect(conceal(text.repeat(1_200))).toBe(`${'\\'.repeat(600)}<< secrets.db.password >>`.repeat(1_200))
  // the same value, each time with other characters of it percent-encoded
  const nameOf = (at: number): string =>
    [...PASSWORD].map((char, bit) => ((at >> bit) & 1 ? `%${char.charCodeAt(0).toString(16)}` : char)).join('')
  const given = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [nameOf(at), at]))
  const hasOwn = vi.spyOn(Object, 'hasOwn')
  try {
    expect(Object.keys(conceal(given)).at(-1)).toBe('[secret:db.password]#499')
    expect(hasOwn.mock.calls.length).toBeLessThan(500 * 20)
  } finally {
    hasOwn.mockRestore()
  }
})

it('files in a message keep their text, with references inert', () => {
  const text = `é << secrets.other >> {{ secrets.other }}`
  const inert = text.replaceAll(/<<|\{\{/g, '\\$&')
  const base64 = (of: string): string => Buffer.from(of).toString('base64')
  const mediaType = 'text/plain'
  expect(new TextDecoder().decode(conceal(new TextEncoder().encode(text)))).toBe(inert)
  expect(conceal({ mediaType, data: base64(text) })).toEqual({ mediaType, data: base64(inert) })
  expect(conceal({ mediaType, data: base64(`to ${PASSWORD}`) }).data).toBe(base64('to << secrets.db.password >>'))
  const others = [base64('nothing'), 'no base64 at all', '/w==', new URL('https://a.example/?q=%7B'), 5]
  for (const data of others) expect(conceal({ mediaType, data })).toEqual({ mediaType, data })
  const inside = (data: unknown, type = 'data') => ({ mediaType, data: { type, data } })
  expect(conceal(inside(base64(text)))).toEqual(inside(base64(inert)))
  expect(conceal(inside(base64(`to ${PASSWORD}`)))).toEqual(inside(base64('to << secrets.db.password >>')))
  for (const data of others) expect(conceal(inside(data))).toEqual(inside(data))
  expect(conceal({ mediaType, data: { type: 'text', text } })).toEqual({
    mediaType,
    data: { type: 'text', text: inert },
  })
  const image = { mediaType: 'image/png', data: base64(text) }
  expect(conceal(image)).toEqual(image)
  const url = new URL('https://a.example/p?k=<< secrets.other >>&j={{ secrets.other }}')
  expect(conceal(url).href).toBe(
    'https://a.example/p?k=%3C%3C%20secrets.other%20%3E%3E&j=%7B%7B%20secrets.other%20%7D%7D',
  )
})

it('a number that holds one becomes a text, whatever its sign and fraction', () => {
  expect(conceal([-48213377, 48213377.5, -48213378, 148213377])).toEqual([
    '-<< secrets.db.port >>',
    '<< secrets.db.port >>.5',
    -48213378,
    148213377,
  ])
})

it('no reference stays live in any other object, and no number changes for a text that is too common', async () => {
  const reference = '<< secrets.other >>'
  const cyclic = new Map<string, unknown>([['k', reference]])
  cyclic.set('self', cyclic)
  const copy = conceal(cyclic)
  expect(copy.get('k')).toBe(`\\${reference}`)
  expect(copy.get('self')).toBe(copy)
  class Part {
    text = reference
  }
  for (const part of [
    new Part(),
    new Set([reference]),
    new Error(reference),
    Uint8Array.of(255, ...Buffer.from(reference)),
  ]) {
    expect(conceal({ part })).toEqual({ part: '[Object]' })
  }
  const date = new Date(0)
  expect(conceal({ date, list: [new Set([1])] })).toEqual({ date, list: [new Set([1])] })
  const pin = await vault
    .create({ tag: 'pin', value: { code: 7 } })
    .then(() => vault.resolve({ p: '<< secrets.pin.code >>' }))
  expect(vault.conceal({ count: 7 }, { of: [pin] })).toEqual({ count: 7 })
})
