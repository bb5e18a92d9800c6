/** What is sent after `absorb` is byte for byte what the typed config would have sent. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backstage, failure } from './fixture.ts'

const url = 'https://api.acme.dev/v1'
const typeOf = (type: string) => ({ url, method: 'POST', headers: { 'Content-Type': type } })
const FORM = 'application/x-www-form-urlencoded'

describe('a whole text that is encoded at its place', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['JSON', { ...typeOf('application/json'), body: '{"user":"bob","password":"kT7pX2vQ"}' }, 'body'],
    ['JSON of axios', { ...typeOf('application/vnd.api+json'), data: '{"k":"abcdefgh"}' }, 'data'],
    ['lines of JSON', { ...typeOf('application/x-ndjson'), body: '{"k":1}\n{"k":2}\n{}' }, 'body'],
    ['a form', { ...typeOf(FORM), body: 'grant_type=x&client_secret=abc+d%2Fe' }, 'body'],
    ['the member form', { url, form: 'a=b%20c&d=e' }, 'form'],
    ['XML', { ...typeOf('text/xml'), body: '<a b="c">d &amp; e</a>' }, 'body'],
    ['a query', { url, params: 'k=a%20b&j=2' }, 'params'],
    ['a path', { origin: 'https://api.acme.dev', path: '/botkT7pX2vQ/send?x=1' }, 'path'],
    ['text', { ...typeOf('text/plain'), body: 'a b&c\nd' }, 'body'],
    ['a body without a type', { url, body: '{"k":"abcdefgh"}' }, 'body'],
    ['a whole URL', { url: 'https://hooks.dev/T0/kT7pX2vQ?x=1' }, 'url'],
    ['credentials', { url, auth: 'ann:pw:12/3' }, 'auth'],
    ['a cookie', { url, headers: { Cookie: 'a=b; sid=abcdefgh1' } }, 'headers.Cookie'],
  ])('is sent as it was typed: %s', async (_, typed, path) => {
    const { vault } = backstage()
    const { config, created } = await vault.absorb(typed, { stored: {}, paths: [path] })
    expect(JSON.stringify(config)).toContain(created[0])
    expect((await vault.resolveRequest(config)).expose()).toEqual(typed)
  })

  it.each<[string, object, string]>([
    ['a path beside a base', { baseURL: 'https://api.acme.dev', url: '/botkT7pX2vQ/send' }, 'url'],
    ['a line of headers', { url, headers: ['X-Key: kT7pX2vQ'] }, 'headers[0]'],
  ])('is refused where no reference can stand for it: %s', async (_, typed, path) => {
    const { vault } = backstage()
    const call = vault.absorb(typed, { stored: {}, paths: [path] })
    expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT', path })
  })
})

const TYPES = ['application/json', 'application/x-ndjson', 'text/xml', FORM, 'text/plain', '{{ steps.a.type }}']
const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.json({ maxDepth: 2 }),
  fc.constantFrom('a=b&c=%20', '<a>&lt;</a>', '/a/../b', 'https://api.acme.dev/x?y=1#z', 'p"w\\', 'ann:b/c@d'),
)

/** A request with a typed text at one of its fields, and the path of that. */
const typedAt = fc
  .record({
    type: fc.constantFrom(...TYPES),
    field: fc.constantFrom('body', 'data', 'form', 'query', 'params', 'path', 'auth', 'cert', 'url', 'json'),
    place: fc.constantFrom('', '.k', '.k[0]', '[0][1]', '[0].value', 'header'),
    value: text,
  })
  .map(({ type, field, place, value }) => {
    const parts: Record<string, unknown> = {
      '': value,
      '.k': { k: value },
      '.k[0]': { k: [value] },
      '[0][1]': [['k', value]],
      '[0].value': [{ name: 'k', value }],
    }
    const headers = { 'Content-Type': type, ...(place === 'header' && { 'X-Key': value }) }
    const config = { url, method: 'POST', headers, ...(place !== 'header' && { [field]: parts[place] }) }
    return { config, path: place === 'header' ? 'headers.X-Key' : `${field}${place}`, value }
  })

it('for every field, content type and text, or it is refused', async () => {
  const { vault } = backstage()
  let sent = 0
  await fc.assert(
    fc.asyncProperty(typedAt, async ({ config: typed, path }) => {
      const plain = await vault.resolveRequest(typed).catch(() => undefined)
      const absorbed = await vault.absorb(typed, { stored: {}, paths: [path] }).catch((error) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/) })
        return undefined
      })
      if (absorbed === undefined || absorbed.created.length === 0 || plain === undefined) return
      expect((await vault.resolveRequest(absorbed.config)).expose()).toEqual(plain.expose())
      sent++
    }),
    { numRuns: 60 },
  )
  expect(sent).toBeGreaterThan(10)
})
