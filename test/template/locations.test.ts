import { describe, expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { errorOf, resolveAs } from './harness.ts'

const locationsOf = (as: Kind, template: unknown) =>
  compile(template, as, DEFAULT_SYNTAX).references.map(({ tag, location }) => `${tag}:${location}`)

describe('a header', () => {
  it.each(['\n', 'a\rb', 'a\0', '\x7f', 'Ā', '🔑', '\x1b[0m'])('refuses a value that holds %j', (value) => {
    const error = errorOf(() => resolveAs('headers', { X: 'a {{ secrets.t }} b' }, { t: value }))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_HEADER_VALUE', tag: 't', path: 'X' })
    expect(`${error.message}${JSON.stringify(error)}`).not.toContain(value)
  })

  it.each([
    ['{{ secrets.t }}', ' x'],
    ['{{ secrets.t }}', 'x\t'],
    ['{{ secrets.t }}', '\u00a0x'],
    ['a {{ secrets.t }}', 'x '],
    ['a {{ secrets.t }}', ''],
    ['{{ secrets.t }} a', ''],
    ['{{ secrets.t }} a', ' x'],
  ])('refuses to begin or end with white space: %j with %j', (text, value) => {
    const error = errorOf(() => resolveAs('headers', { X: text }, { t: value }))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_HEADER_VALUE', tag: 't', path: 'X' })
    expect(error.message).toContain(value === '' ? 'is empty' : '| trim')
  })

  it.each([' a {{ secrets.t }}', '{{ secrets.t }} ', 'a\n{{ secrets.t }}', 'ä€ {{ secrets.t }}'])(
    'refuses a text of its author that no client sends: %j',
    (text) => {
      const error = errorOf(() => compile({ X: text }, 'headers', DEFAULT_SYNTAX))
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_HEADER_VALUE', tag: 't', path: 'X' })
    },
  )

  it('carries a tab, white space within, and every character of Latin-1', () => {
    expect(resolveAs('headers', { X: 'a {{ secrets.t }} b' }, { t: ' x\ty ' })).toEqual({ X: 'a  x\ty  b' })
    expect(resolveAs('headers', { X: '{{ secrets.t }}' }, { t: 'é\x80ÿ' })).toEqual({ X: 'é\x80ÿ' })
    expect(resolveAs('headers', { X: '{{ secrets.t }}{{ secrets.u }}' }, { t: '', u: '' })).toEqual({ X: '' })
    expect(resolveAs('headers', { X: '{{ secrets.t.n }}' }, { t: { n: 7 } })).toEqual({ X: '7' })
  })

  it('is not looked at where it holds no reference', () => {
    const headers = { X: ' \n', Y: '{{ secrets.t }}' }
    expect(resolveAs('headers', headers, { t: 'x' })).toEqual({ X: ' \n', Y: 'x' })
  })

  it.each(['Host', 'HOST', ' host ', 'Content-Length', 'transfer-encoding', 'Connection'])(
    '%s holds no reference in any shape',
    (name) => {
      const value = '{{ secrets.t }}'
      const shapes = [
        { [name]: value },
        { [name]: [value] },
        [[name, value]],
        [{ name, value }],
        [{ key: name, value }],
        [{ key: name, name: 'x', value }],
        [{ key: 'x', name, value }],
      ]
      for (const shape of [...shapes, [name, value], new Map([[name, value]]), { common: { [name]: value } }]) {
        expect(errorOf(() => compile(shape, 'headers', DEFAULT_SYNTAX))).toMatchObject({
          code: 'ERR_REFERENCE_IN_KEY',
          tag: 't',
          index: 0,
        })
      }
      expect(resolveAs('headers', { [name]: '\\{{ user }}', X: value }, { t: 'x' })).toEqual({
        [name]: '\\{{ user }}',
        X: 'x',
      })
    },
  )

  it.each([
    { key: 'x', name: 'Cookie', value: 'a={{ secrets.t }}' },
    { key: 'cookie', name: 'x', value: 'a={{ secrets.t }}' },
  ])('is a cookie where one of two names says so: %j', (record) => {
    expect(errorOf(() => resolveAs('headers', [record], { t: 'a;b' }))).toMatchObject({
      code: 'ERR_UNSAFE_HEADER_VALUE',
      path: '[0].value',
    })
  })

  it('is one location, also for a text alone', () => {
    expect(locationsOf('headers', { A: '{{ secrets.a }}', B: ['{{ secrets.b }}'] })).toEqual(['a:header', 'b:header'])
    expect(locationsOf('headers', 'Bearer {{ secrets.a }}')).toEqual(['a:header'])
  })
})

describe('an environment', () => {
  it('refuses NUL and carries everything else', () => {
    expect(errorOf(() => resolveAs('env', { A: 'x{{ secrets.t }}' }, { t: 'a\0b' }))).toMatchObject({
      code: 'ERR_UNSAFE_ENV_VALUE',
      tag: 't',
      path: 'A',
    })
    expect(resolveAs('env', { A: '{{ secrets.t }}' }, { t: ' \n🔑$' })).toEqual({ A: ' \n🔑$' })
  })

  it('takes values that are no text as they are, and writes a number as text', () => {
    const env = { A: 5, B: null, C: undefined, D: true, E: '{{ secrets.db.port }}' }
    expect(resolveAs('env', env, { db: { port: 5432 } })).toEqual({ ...env, E: '5432' })
    expect(locationsOf('env', { A: '{{ secrets.a }}' })).toEqual(['a:env'])
    expect(locationsOf('env', '{{ secrets.a }}')).toEqual(['a:env'])
  })
})

describe('a text of kind value', () => {
  it('takes a value as it is', () => {
    expect(resolveAs('value', '"{{ secrets.a }}"', { a: '"\n\0 ' })).toBe('""\n\0 "')
    expect(locationsOf('value', '{{ secrets.a }}')).toEqual(['a:value'])
  })
})

describe('a number or boolean', () => {
  const secrets = { db: { port: 5432, tls: false, name: 'x' } }

  it('keeps its type where it is the whole text of a value or a body', () => {
    const template = { p: '{{ secrets.db.port }}', t: ['{{ secrets.db.tls }}'], n: '{{secrets.db.name}}' }
    const expected = { p: 5432, t: [false], n: 'x' }
    expect(resolveAs('value', template, secrets)).toEqual(expected)
    expect(resolveAs('json', template, secrets)).toEqual(expected)
    expect(resolveAs('form', template, secrets)).toEqual(expected)
    expect(resolveAs('request', { url: 'https://h', data: template }, secrets)).toMatchObject({ data: expected })
    expect(resolveAs('request', { url: 'https://h', json: '{{ secrets.db.port }}' }, secrets)).toMatchObject({
      json: 5432,
    })
  })

  it('is text in a longer text, after a filter, and in a template that is a text itself', () => {
    expect(resolveAs('value', { p: ':{{ secrets.db.port }}', q: '{{ secrets.db.port | raw }}' }, secrets)).toEqual({
      p: ':5432',
      q: '5432',
    })
    expect(resolveAs('value', '{{ secrets.db.port }}', secrets)).toBe('5432')
    expect(resolveAs('request', { body: '{{ secrets.db.port }}' }, secrets)).toEqual({ body: '5432' })
    expect(resolveAs('request', { query: { a: '{{ secrets.db.port }}' } }, secrets)).toEqual({ query: { a: '5432' } })
  })
})

describe('a JSON text', () => {
  const parsed = (text: string, secrets: Parameters<typeof resolveAs>[2]) =>
    JSON.parse(resolveAs('json', text, secrets))

  it('gives the value back inside a string and outside of one', () => {
    const a = '"\\\n\u2028\u0000é🔑'
    expect(parsed('{"x":"<{{ secrets.a }}>","y":{{ secrets.a }},"z":[{{secrets.a}}]}', { a })).toEqual({
      x: `<${a}>`,
      y: a,
      z: [a],
    })
  })

  it('writes numbers and booleans as they are outside of a string', () => {
    const secrets = { db: { port: 5432, tls: true } }
    expect(parsed('{"p":{{ secrets.db.port }},"t":{{ secrets.db.tls }},"s":"{{ secrets.db.port }}"}', secrets)).toEqual(
      {
        p: 5432,
        t: true,
        s: '5432',
      },
    )
  })

  it('knows a quote that is escaped, and a backslash that is', () => {
    expect(parsed('{"a":"\\"{{ secrets.a }}","b":"\\\\","c":{{ secrets.a }}}', { a: '"' })).toEqual({
      a: '""',
      b: '\\',
      c: '"',
    })
    expect(parsed('["\\\\\\\\{{ secrets.a }}"]', { a: 'n' })).toEqual(['\\n'])
  })

  it('refuses an escape that would take the first character of a value', () => {
    expect(errorOf(() => compile('["\\\\{{ secrets.a }}"]', 'json', DEFAULT_SYNTAX))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      index: 4,
    })
  })

  it.each(['{"{{ secrets.a }}" : 1}', '{"x{{ secrets.b }}{{ secrets.a }}":1}', '{ {{ secrets.a }}\n: 1}'])(
    'never resolves a key: %j',
    (text) => {
      expect(errorOf(() => compile(text, 'json', DEFAULT_SYNTAX)).code).toBe('ERR_REFERENCE_IN_KEY')
    },
  )

  it('knows a key from a value', () => {
    expect(parsed('{"a":"{{ secrets.a }}","b":{{ secrets.a }},"c": "{{secrets.a}}"}', { a: 'x' })).toEqual({
      a: 'x',
      b: 'x',
      c: 'x',
    })
    expect(locationsOf('json', '[{{ secrets.a }}]')).toEqual(['a:body'])
    expect(locationsOf('json', { a: '{{ secrets.a }}' })).toEqual(['a:body'])
  })
})

describe('a form text', () => {
  it('gives the value back, a space as %20', () => {
    const a = 'a b&c=d+e%20ä\n'
    const text = resolveAs('form', 'x={{ secrets.a }}&y=1', { a })
    expect(text).toContain('a%20b%26c')
    expect(new URLSearchParams(text).get('x')).toBe(a)
    expect(locationsOf('form', 'x={{ secrets.a }}')).toEqual(['a:body'])
    expect(locationsOf('form', { x: '{{ secrets.a }}' })).toEqual(['a:body'])
    expect(locationsOf('form', [['x', '{{ secrets.a }}']])).toEqual(['a:body'])
  })

  it('refuses a lone surrogate', () => {
    expect(errorOf(() => resolveAs('form', 'x={{ secrets.a }}', { a: '\ud800' })).code).toBe('ERR_INVALID_INPUT')
  })
})
