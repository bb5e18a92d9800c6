import { describe, expect, it } from 'vitest'
import type { Reference } from '../../src/location.ts'
import { isAuthored, requireAuthored } from '../../src/template/authored.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { render } from '../../src/template/render.ts'
import { references } from '../../src/template.ts'
import { errorOf, lookupIn } from './harness.ts'

const stored = { a: 'Bearer << secrets.t >>', b: ['{{ secrets.db.port | trim }}', '{{ steps.x }}'] }

it('lets pass what the author wrote, in any order and after a round trip through JSON', () => {
  const authored = references(stored)
  requireAuthored(references(stored), authored)
  requireAuthored(references({ b: stored.b, a: stored.a }), JSON.parse(JSON.stringify(authored)) as Reference[])
  requireAuthored(references({ a: 'x' }), authored)
  requireAuthored([], [])
})

it('forgives that the text before a reference has become longer', () => {
  requireAuthored(references({ a: '12345 << secrets.t >>' }), references({ a: '{{ steps.x }} << secrets.t >>' }))
})

it.each([
  [{ a: stored.a, c: '<< secrets.t >>' }, 'c', 0],
  [{ a: 'Bearer << secrets.t >><< secrets.t >>' }, 'a', 22],
  [{ a: 'Bearer << secrets.u >>' }, 'a', 7],
  [{ a: 'Bearer << secrets.t.x >>' }, 'a', 7],
  [{ a: 'Bearer << secrets.t | raw >>' }, 'a', 7],
  [{ b: ['x {{ secrets.db.port }}'] }, 'b[0]', 2],
  [{ b: ['x', '{{ secrets.db.port | trim }}'] }, 'b[1]', 0],
])('refuses any other: %j', (rendered, path, index) => {
  const error = errorOf(() => requireAuthored(references(rendered), references(stored)))
  expect(error).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE', path, index })
  expect(error.tag).toBeTypeOf('string')
})

it.each([
  ['x'],
  [{}],
  [null],
  [['x']],
  [[null]],
  [[{}]],
  [[{ tag: 'a', filters: [] }]],
  [[{ tag: 'a', path: '' }]],
  [[{ tag: 7, filters: [], path: '' }]],
  [[{ tag: 'a', filters: [], path: '', field: 7 }]],
  [[Object.create({ tag: 'a', filters: [], path: '' })]],
])('refuses what is not a list of references: %j', (authored) => {
  expect(errorOf(() => requireAuthored(references(stored), authored as Reference[])).code).toBe('ERR_INVALID_INPUT')
})

it('cannot be confused by names that run into one another', () => {
  const one = { tag: 'a', field: 'b', filters: [], path: 'p', index: 0, location: 'value' } satisfies Reference
  const other = { tag: 'a', filters: ['b'], path: 'p', index: 0, location: 'value' } as const satisfies Reference
  expect(errorOf(() => requireAuthored([one], [other])).code).toBe('ERR_UNEXPECTED_REFERENCE')
})

it('takes the location for part of a reference', () => {
  const [one] = references(stored)
  expect(errorOf(() => requireAuthored([one!], [{ ...one!, location: 'header' }])).code).toBe(
    'ERR_UNEXPECTED_REFERENCE',
  )
  const { location: _, ...without } = one!
  expect(errorOf(() => requireAuthored([one!], [without as Reference])).code).toBe('ERR_INVALID_INPUT')
})

describe('a reference that a backslash made literal', () => {
  const authored = references({ a: '{{ steps.x }}<< secrets.t >>' })
  const silencedIn = (text: string) => compile({ a: text }, 'value', DEFAULT_SYNTAX)
  it('is refused where its author wrote one', () => {
    const { references: found, silenced } = silencedIn('x\\<< secrets.t >>')
    const error = errorOf(() => requireAuthored(found, authored, silenced))
    expect(error).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE', tag: 't', path: 'a' })
    expect(error.message).toContain('backslash')
  })

  it('is no concern where its author wrote it so, or wrote none', () => {
    const { references: found, silenced } = silencedIn('\\<< secrets.t >> << secrets.t >>')
    requireAuthored(found, references({ a: '\\<< secrets.t >> << secrets.t >>' }), silenced)
    const other = silencedIn('\\<< secrets.other >>')
    requireAuthored(other.references, authored, other.silenced)
    requireAuthored([], authored, [])
  })
})

describe('a percent-encoded reference of a text', () => {
  const url = 'https://h.example/x?api_key=%3C%3C+secrets.t+%3E%3E&q=%7B%7B%20secrets.u%20%7D%7D'
  const secrets = { t: 'a b', u: 'U' }
  const every = () => true
  const ours = (template: unknown, as: 'url' | 'form' | 'request' | 'headers', isOurs?: () => boolean) =>
    render(compile(template, as, DEFAULT_SYNTAX, isOurs), lookupIn(secrets))

  it('is text by itself', () => {
    expect(ours(url, 'url')).toBe(url)
  })

  it('is a reference in a URL and a form whose author says so', () => {
    expect(ours(url, 'url', every)).toBe('https://h.example/x?api_key=a%20b&q=U')
    const form = 'grant_type=x&client_secret=%3C%3C+secrets.t+%3E%3E'
    expect(ours(form, 'form', every)).toBe('grant_type=x&client_secret=a%20b')
    const request = { url: 'https://h/', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form }
    expect(ours(request, 'request', every)).toEqual({ ...request, body: 'grant_type=x&client_secret=a%20b' })
  })

  it('is no reference anywhere else', () => {
    expect(ours({ A: '%3C%3C secrets.t >>' }, 'headers', every)).toEqual({ A: '%3C%3C secrets.t >>' })
  })

  it.each(['x%5C', 'x%24', '%7B%7B%20secrets.x', '%7B%7B%20secrets.%20%7D%7D&k='])(
    'of a stranger changes nothing of a plain one after it: %s',
    (text) => {
      const stored = { url: 'https://h/?q={{ steps.q }}{{ secrets.u }}' }
      const authored = references(stored, { as: 'request' })
      const rendered = { url: stored.url.replace('{{ steps.q }}', text) }
      for (const isOurs of [isAuthored(authored), undefined]) {
        const compiled = compile(rendered, 'request', DEFAULT_SYNTAX, isOurs)
        requireAuthored(compiled.references, authored, compiled.silenced)
        expect(render(compiled, lookupIn(secrets))).toEqual({ url: `https://h/?q=${text}U` })
      }
    },
  )

  it('that a stranger has silenced is refused', () => {
    const authored = compile(url, 'url', DEFAULT_SYNTAX, every).references
    const compiled = compile(url.replace('%3C%3C', 'x%5C%3C%3C'), 'url', DEFAULT_SYNTAX, isAuthored(authored))
    expect(errorOf(() => requireAuthored(compiled.references, authored, compiled.silenced)).code).toBe(
      'ERR_UNEXPECTED_REFERENCE',
    )
  })

  it('is one of those that were authored, or text', () => {
    const authored = compile(url, 'url', DEFAULT_SYNTAX, every).references.slice(0, 1)
    const compiled = compile(url, 'url', DEFAULT_SYNTAX, isAuthored(authored))
    requireAuthored(compiled.references, authored, compiled.silenced)
    expect(render(compiled, lookupIn(secrets))).toBe('https://h.example/x?api_key=a%20b&q=%7B%7B%20secrets.u%20%7D%7D')
  })
})
