/** Rows of a form: each is known by its name, so that no secret is sent under the name of another one. */

import { describe, expect, it } from 'vitest'
import { backstage, failure } from './fixture.ts'

const DOTS = '••••••••'
const url = 'https://api.acme.dev/v1'
const NAMES = ['X-Read-Key', 'X-Admin-Key']
const typedFor = (name: string) => `${name.toLowerCase()}-0123`

/** Each shape that rows with names have: how they are written, and where the value of a row is. */
const SHAPES: readonly [string, string, (rows: readonly [string, string][]) => unknown, (index: number) => string][] = [
  [
    'records',
    'headers',
    (rows) => rows.map(([name, value], id) => ({ id, name, value })),
    (at) => `headers[${at}].value`,
  ],
  ['keyed records', 'headers', (rows) => rows.map(([key, value]) => ({ key, value })), (at) => `headers[${at}].value`],
  ['pairs', 'headers', (rows) => rows, (at) => `headers[${at}][1]`],
  ['a flat list', 'headers', (rows) => rows.flat(), (at) => `headers[${at * 2 + 1}]`],
  ['parameters', 'params', (rows) => rows.map(([key, value]) => ({ key, value })), (at) => `params[${at}].value`],
  ['a form', 'form', (rows) => rows, (at) => `form[${at}][1]`],
]

describe.each(SHAPES)('rows as %s', (_, member, write, pathOf) => {
  const configOf = (rows: readonly [string, string][]) => ({ url, method: 'POST', [member]: write(rows) })
  const pathsOf = (rows: readonly unknown[]) => rows.map((__, index) => pathOf(index))

  /** What is sent once rows with dots were submitted over stored ones. */
  async function saved(rows: readonly [string, string][], sendBack = 'dots') {
    const { vault } = backstage()
    const typed = NAMES.map((name): [string, string] => [name, typedFor(name)])
    const { config: stored, created } = await vault.absorb(configOf(typed), { stored: {}, paths: pathsOf(typed) })
    const references = created.map((tag) => `<< secrets.${tag} >>`)
    const back = rows.map(([name, value]): [string, string] =>
      sendBack === 'dots' || value !== DOTS ? [name, value] : [name, references[NAMES.indexOf(name)] ?? references[1]!],
    )
    const { config } = await vault.absorb(configOf(back), { stored, paths: pathsOf(rows) })
    return (await vault.resolveRequest<Record<string, unknown>>(config)).expose()[member]
  }

  it.each(['dots', 'references'])('that come back as %s are found by their name', async (back) => {
    const [read = '', admin = ''] = NAMES
    const removed: [string, string][] = [[admin, DOTS]]
    const dragged: [string, string][] = [
      [admin, DOTS],
      [read, DOTS],
    ]
    const inserted: [string, string][] = [
      ['Accept', '*/*'],
      [read, DOTS],
      [admin, 'typed-98765'],
    ]
    for (const rows of [removed, dragged, inserted]) {
      const sent = rows.map(([name, value]): [string, string] => [name, value === DOTS ? typedFor(name) : value])
      expect(await saved(rows, back)).toEqual(write(sent))
    }
  })

  it.each(['dots', 'references'])('that were renamed and come back as %s are refused', async (back) => {
    const renamed: [string, string][] = [
      [NAMES[0]!, DOTS],
      ['User-Agent', DOTS],
    ]
    expect(await failure(saved(renamed, back))).toMatchObject({ code: 'ERR_INVALID_INPUT', path: pathOf(1) })
  })
})

it('a header is the same one in another case; a parameter is another one', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: 'a-0123456789', allow: null })
  const call = (member: string) =>
    vault.absorb(
      { url, [member]: [['x-KEY ', DOTS]] },
      { stored: { url, [member]: [['X-Key', '<< secrets.a >>']] }, paths: [`${member}[0][1]`] },
    )
  expect((await call('headers')).kept).toEqual(['a'])
  expect(await failure(call('params'))).toMatchObject({ path: 'params[0][1]' })
})

describe('a list without names, or with one several times', () => {
  const users = [
    { login: 'ann', pw: '<< secrets.ann >>', note: 1 },
    { login: 'bob', pw: '<< secrets.bob >>' },
  ]
  const twice = [
    ['X-Key', '<< secrets.ann >>'],
    ['X-Key', '<< secrets.bob >>'],
  ]
  const flat = ['<< secrets.ann >>', '<< secrets.bob >>']
  const fields = [
    { name: 'a', value: '<< secrets.ann >>' },
    { name: 'b', value: '<< secrets.bob >>' },
  ]
  const deep = Array.from({ length: 600 }).reduce<object>((inner) => [inner], [])

  async function stage() {
    const { vault } = backstage()
    for (const tag of ['ann', 'bob']) await vault.create({ tag, value: `${tag}-0123456789`, allow: null })
    return vault
  }

  it.each<[string, object, object, readonly string[]]>([
    [
      'elements as they were, but for their secrets',
      { body: { users } },
      {
        body: {
          users: [
            { note: 1, pw: DOTS, login: 'ann' },
            { login: 'bob', pw: 'typed-0123' },
          ],
        },
      },
      ['body.users[0].pw', 'body.users[1].pw'],
    ],
    [
      'one more at the end',
      { body: { users } },
      {
        body: {
          users: [
            { ...users[0], pw: DOTS },
            { ...users[1], pw: DOTS },
            { login: 'eve', pw: 'typed-0123' },
          ],
        },
      },
      ['body.users[0].pw', 'body.users[1].pw', 'body.users[2].pw'],
    ],
    [
      'alike, and all of them there',
      { body: { flat } },
      { body: { flat: [DOTS, DOTS] } },
      ['body.flat[0]', 'body.flat[1]'],
    ],
    [
      'with one name, and all of them there',
      { headers: twice },
      {
        headers: [
          ['X-Key', DOTS],
          ['X-Key', DOTS],
        ],
      },
      ['headers[0][1]', 'headers[1][1]'],
    ],
  ])('keeps secrets of %s', async (_, stored, submitted, paths) => {
    const { config } = await (await stage()).absorb({ url, ...submitted }, { stored: { url, ...stored }, paths })
    const sent = JSON.stringify(config).match(/secrets\.(?:ann|bob)/g)
    expect(sent).toEqual(['secrets.ann', 'secrets.bob'].slice(0, JSON.stringify(submitted).split(DOTS).length - 1))
  })

  it.each<[string, object, object, readonly string[]]>([
    [
      'of which the first was removed',
      { body: { users } },
      { body: { users: [{ login: 'bob', pw: DOTS }] } },
      ['body.users[0].pw'],
    ],
    [
      'of which another member was changed',
      { body: { users } },
      { body: { users: [{ ...users[0], login: 'eve', pw: DOTS }] } },
      ['body.users[0].pw'],
    ],
    ['alike, of which one is gone', { body: { flat } }, { body: { flat: [DOTS] } }, ['body.flat[0]']],
    [
      'alike, of which one was typed',
      { body: { flat } },
      { body: { flat: [DOTS, 'typed-0123'] } },
      ['body.flat[0]', 'body.flat[1]'],
    ],
    ['with one name, of which one is gone', { headers: twice }, { headers: [['X-Key', DOTS]] }, ['headers[0][1]']],
    [
      'under one name, of which the first was removed',
      { params: { key: flat } },
      { params: { key: [DOTS] } },
      ['params.key[0]'],
    ],
    [
      'under one header, of which one was removed',
      { headers: { Key: [...flat, 'x'] } },
      { headers: { Key: [DOTS, 'x'] } },
      ['headers.Key[0]'],
    ],
    [
      'within another list, of which the first was removed',
      { body: { grid: [flat] } },
      { body: { grid: [[DOTS]] } },
      ['body.grid[0][0]'],
    ],
    [
      'within another list, of which one was typed',
      { body: { grid: [flat] } },
      { body: { grid: [[DOTS, 'typed-0123']] } },
      ['body.grid[0][0]', 'body.grid[0][1]'],
    ],
    [
      'of a body, whose names nobody knows, of which the first was removed',
      { body: { fields } },
      { body: { fields: [{ ...fields[1], value: DOTS }] } },
      ['body.fields[0].value'],
    ],
    ...[new Date(0), () => 1, Symbol.iterator, deep].map((what): [string, object, object, readonly string[]] => [
      `next to what cannot be compared: ${typeof what}`,
      { body: { users: [{ pw: '<< secrets.ann >>', what }] } },
      { body: { users: [{ pw: DOTS, what }] } },
      ['body.users[0].pw'],
    ]),
    ['that was none', { body: { flat: 'x' } }, { body: { flat: [DOTS] } }, ['body.flat[0]']],
  ])('takes no dots %s', async (_, stored, submitted, paths) => {
    const vault = await stage()
    const call = vault.absorb({ url, ...submitted }, { stored: { url, ...stored }, paths })
    expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT', path: paths[0] })
  })

  it('keeps references by their index, whatever else is edited in their element', async () => {
    const vault = await stage()
    const edited = { url, body: { users: [{ ...users[0], login: 'anna' }, users[1]] } }
    expect((await vault.absorb(edited, { stored: { url, body: { users } }, paths: [] })).kept).toEqual(['ann', 'bob'])
    const moved = { url, body: { users: [users[1], users[0]] } }
    const call = vault.absorb(moved, { stored: { url, body: { users } }, paths: [] })
    expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT', tag: 'bob' })
    const dragged = vault.absorb(
      { url, body: { fields: [fields[1], fields[0]] } },
      { stored: { url, body: { fields } }, paths: [] },
    )
    expect(await failure(dragged)).toMatchObject({ code: 'ERR_INVALID_INPUT', tag: 'bob' })
  })

  it('ends, also where an element holds itself or is deep', async () => {
    const vault = await stage()
    const loop: { pw: string; self?: unknown; other?: unknown } = { pw: DOTS }
    loop.self = loop
    loop.other = loop
    const stored = { url, body: { users: [loop] } }
    const call = vault.absorb(stored, { stored, paths: ['body.users[0].pw'] })
    expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

it('a row with a name and another key is known by both, of which clients read one', async () => {
  const { vault } = backstage()
  const rows = NAMES.map((key) => ({ name: 'shown', key, value: typedFor(key) }))
  const paths = ['headers[0].value', 'headers[1].value']
  const { config: stored } = await vault.absorb({ url, headers: rows }, { stored: {}, paths })
  const [, admin] = stored.headers
  const { config } = await vault.absorb({ url, headers: [{ ...admin!, value: DOTS }] }, { stored, paths: [paths[0]!] })
  expect(config.headers).toEqual([admin])
})

describe('a row that is switched off', () => {
  const rowsOf = (isOff: boolean, value: string) => ({ url, headers: [{ key: 'X-Key', value, disabled: isOff }] })
  const paths = ['headers[0].value']

  it('keeps its secret, as dots and as its reference, and can be switched on again', async () => {
    const { vault } = backstage()
    const { config: stored, created } = await vault.absorb(rowsOf(false, 'typed-0123'), { stored: {}, paths })
    const reference = `<< secrets.${created[0]} >>`
    for (const value of [DOTS, reference]) {
      const off = await vault.absorb(rowsOf(true, value), { stored, paths })
      expect(off).toEqual({ config: rowsOf(true, reference), created: [], kept: created })
      const on = await vault.absorb(rowsOf(false, value), { stored: off.config, paths })
      expect(on).toEqual({ config: rowsOf(false, reference), created: [], kept: created })
      expect((await vault.resolveRequest(on.config)).expose()).toEqual(rowsOf(false, 'typed-0123'))
    }
  })

  it('takes a secret that is typed', async () => {
    const { vault } = backstage()
    const { config, created } = await vault.absorb(rowsOf(true, 'typed-0123'), { stored: {}, paths })
    expect(config).toEqual(rowsOf(true, `<< secrets.${created[0]} >>`))
    expect((await vault.describe(created[0]!))?.allow).toEqual({ hosts: ['api.acme.dev'] })
  })

  it('takes no unbound secret elsewhere, where it could be switched on', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const stored = rowsOf(false, '<< secrets.free >>')
    const moved = { ...rowsOf(true, DOTS), url: 'https://evil.example/' }
    expect(await failure(vault.absorb(moved, { stored, paths }))).toMatchObject({ tag: 'free' })
    const brought = rowsOf(true, '<< secrets.free >>')
    expect(await failure(vault.absorb(brought, { stored: {}, paths }))).toMatchObject({ path: paths[0] })
  })

  it('is no fault of a config, whatever stands in it', async () => {
    const { vault } = backstage()
    const config = { url, headers: [{ name: 'Host', value: '{{ secrets.', enabled: false }] }
    expect((await vault.absorb(config, { stored: {}, paths: [] })).config).toBe(config)
  })
})

describe('the name of a secret', () => {
  it.each<[object, string, RegExp]>([
    [{ headers: [{ name: 'X-Admin-Key', value: 'typed-0123' }] }, 'headers[0].value', /^x-admin-key-[0-9a-f]{16}$/],
    [{ params: [['api_key', 'typed-0123']] }, 'params[0][1]', /^api-key-/],
    [{ headers: ['X-Key', 'typed-0123'] }, 'headers[1]', /^x-key-/],
    [{ body: { keys: ['typed-0123'] } }, 'body.keys[0]', /^keys-/],
    [{ headers: [{ value: 'typed-0123' }] }, 'headers[0].value', /^value-/],
  ])('is made of the name of its row: %j', async (config, path, tag) => {
    const { vault } = backstage()
    const { created } = await vault.absorb({ url, ...config }, { stored: {}, paths: [path] })
    expect(created[0]).toMatch(tag)
  })
})
