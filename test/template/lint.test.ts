import { describe, expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { lint } from '../../src/template/lint.ts'

const findingsOf = (template: unknown, as: Kind = 'value') => lint(template, as, DEFAULT_SYNTAX).findings
const codesOf = (template: unknown, as: Kind = 'value') =>
  findingsOf(template, as).map(({ code, path }) => `${code} ${path}`)

describe('a lint', () => {
  it('says nothing of a sound template', () => {
    const template = {
      url: 'https://h/{{ secrets.a }}',
      headers: { A: '<< secrets.b | trim >>' },
      x: '{{ secrets }}',
    }
    expect(lint(template, 'request', DEFAULT_SYNTAX)).toMatchObject({
      findings: [],
      references: [{ tag: 'a' }, { tag: 'b' }],
    })
  })

  it('lists every fault at once, in document order, and the references with them', () => {
    const template = {
      a: '{{ secrets.ok }} {{ secrets. }} {{ secrets.b | tirm }} {{ Secrets.x }}',
      '{{ secrets.key }}': '{{ secrets.ok2 }}',
      b: ['<< secrets.c', { d: '{{ secrets.ok3 }}' }],
    }
    const { findings, references } = lint(template, 'value', DEFAULT_SYNTAX)
    expect(findings.map(({ code, severity, path, column }) => [code, severity, path, column])).toEqual([
      ['ERR_MALFORMED_REFERENCE', 'error', 'a', 18],
      ['ERR_UNKNOWN_FILTER', 'error', 'a', 33],
      ['WARN_NAME_CASE', 'warning', 'a', 56],
      ['ERR_REFERENCE_IN_KEY', 'error', '{{ secrets["{{ secrets.key }}"]'.slice(10), 1],
      ['ERR_UNCLOSED_REFERENCE', 'error', 'b[0]', 1],
    ])
    expect(findings[1]).toMatchObject({ suggestion: 'trim' })
    expect(findings[3]).toMatchObject({ tag: 'key' })
    expect(references.map(({ tag }) => tag)).toEqual(['ok', 'ok2', 'ok3'])
  })

  it('says line and column within a text', () => {
    const text = 'a: 1\nb: {{ secrets. }}\n\n  {{ secrets.x. }} {{ secrets.y'
    expect(findingsOf(text).map(({ line, column }) => [line, column])).toEqual([
      [2, 4],
      [4, 3],
      [4, 20],
    ])
    expect(findingsOf(['\n{{ secrets. }}', '{{ secrets. }}']).map(({ line }) => line)).toEqual([2, 1])
  })

  it('warns of what was probably meant as a reference', () => {
    const warnings = (text: string) => findingsOf(text).map(({ code, severity, column }) => [code, severity, column])
    expect(warnings('{{ SECRETS.a }}')).toEqual([['WARN_NAME_CASE', 'warning', 1]])
    expect(warnings('x {{& Secrets.a }}')).toEqual([['WARN_NAME_CASE', 'warning', 3]])
    expect(warnings('<< runpod_secret_a >>')).toEqual([['WARN_NAME_CASE', 'warning', 1]])
    expect(warnings('{{#secrets.a}}x{{/secrets.a}}')).toEqual([['WARN_SECTION', 'warning', 1]])
    expect(warnings('{{ ^ secrets.a }}')).toEqual([['WARN_SECTION', 'warning', 1]])
    expect(warnings("{{ secrets['a'] }}")).toEqual([['WARN_BRACKET_ACCESS', 'warning', 1]])
    expect(warnings('<< Secrets ["a"] >>')).toEqual([['WARN_BRACKET_ACCESS', 'warning', 1]])
  })

  it.each(['Secrets.a', '{{ my.Secrets.a }}', '{{ "SECRETS." }}', 'the secrets. And more', '{{ secrets }}[0]'])(
    'does not warn of %j',
    (text) => {
      expect(findingsOf(text)).toEqual([])
    },
  )

  it('finds what else a compilation would refuse', () => {
    expect(
      codesOf(
        {
          url: 'https://h\n/{{ secrets.a }}',
          method: '{{ secrets.m }}',
          headers: { Host: '{{ secrets.h', X: ' {{ secrets.x }}' },
        },
        'request',
      ),
    ).toEqual([
      'ERR_INVALID_INPUT url',
      'ERR_REFERENCE_IN_KEY method',
      'ERR_REFERENCE_IN_KEY headers.Host',
      'ERR_UNSAFE_HEADER_VALUE headers.X',
    ])
    expect(codesOf('https://[x/{{ secrets.a }}', 'url')).toEqual(['ERR_INVALID_INPUT '])
    expect(codesOf('{"{{ secrets.a }}":1}', 'json')).toEqual(['ERR_REFERENCE_IN_KEY '])
    expect(codesOf(7, 'request')).toEqual(['ERR_INVALID_INPUT '])
    expect(findingsOf(7, 'request')[0]).not.toHaveProperty('line')
  })

  it('survives templates that hold themselves or throw', () => {
    const cycle: Record<string, unknown> = { a: 'x {{ secrets.' }
    cycle['self'] = [cycle]
    Object.defineProperty(cycle, 'z', {
      enumerable: true,
      value: {
        get bad(): never {
          throw new Error('hunter2')
        },
      },
    })
    expect(codesOf(cycle)).toEqual(['ERR_UNCLOSED_REFERENCE a', 'ERR_INVALID_INPUT self[0]', 'ERR_INVALID_INPUT z'])
    expect(codesOf(cycle, 'headers')).toHaveLength(3)
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    const { proxy } = revoked
    expect(codesOf([proxy])).toEqual(['ERR_INVALID_INPUT [0]'])
    expect(
      codesOf(
        {
          url: proxy,
          headers: { common: proxy },
          auth: proxy,
          params: proxy,
          method: 7,
          json: { a: new Array(2_000_000) },
        },
        'request',
      ),
    ).toEqual(
      ['url', 'headers.common', 'auth', 'params', 'method', 'json.a'].map((path) => `ERR_INVALID_INPUT ${path}`),
    )
    const list: unknown[] = ['{{ secrets.']
    list.push(list)
    const map = new Map<string, unknown>([['x', '{{ secrets.']])
    map.set('m', map)
    expect(codesOf([list, map])).toEqual([
      'ERR_UNCLOSED_REFERENCE [0][0]',
      'ERR_INVALID_INPUT [0][1]',
      'ERR_UNCLOSED_REFERENCE [1].x',
      'ERR_INVALID_INPUT [1].m',
    ])
    const wide: unknown[] = Array.from({ length: 999 }, () => new Array(1000).fill(0))
    // an object is too large as a whole; what stands next to it is still read, and the rest is not reported again
    expect(codesOf([...wide, map, '{{ secrets.'])).toEqual(['ERR_INVALID_INPUT [998]', 'ERR_UNCLOSED_REFERENCE [1000]'])
    wide.push(new Array(1000).fill(0))
    expect(codesOf(wide)).toEqual(['ERR_INVALID_INPUT [999]'])
  })

  it('leaves nothing behind that a compilation would take for sound', () => {
    const template = { X: 'lint {{ secrets.a }} ' }
    expect(codesOf(template, 'headers')).toEqual(['ERR_UNSAFE_HEADER_VALUE X'])
    expect(() => compile(template, 'headers', DEFAULT_SYNTAX)).toThrow()
    const sound = { X: 'lint {{ secrets.b }}' }
    compile(sound, 'headers', DEFAULT_SYNTAX)
    expect(lint(sound, 'headers', DEFAULT_SYNTAX)).toMatchObject({ findings: [], references: [{ tag: 'b' }] })
  })

  it('lists at most a thousand faults and a hundred warnings of one text', () => {
    expect(findingsOf('{{ secrets. }}'.repeat(5000))).toHaveLength(1000)
    expect(findingsOf('{{ SECRETS. }}'.repeat(5000))).toHaveLength(100)
  })
})

describe('what looks like a reference of another tool', () => {
  it.each([
    ['{{- secrets.t -}}', 'WARN_DIALECT'],
    ['{{ $secrets.t }}', 'WARN_DIALECT'],
    ['{{ .secrets.t }}', 'WARN_DIALECT'],
    ['${secrets.t}', 'WARN_DIALECT'],
    ['{{ secrets:t }}', 'WARN_DIALECT'],
    ['{{ secret.t }}', 'WARN_DIALECT'],
    ['{{ secrets .t }}', 'WARN_DIALECT'],
    ['{{ RUNPOD_SECRETS_t }}', 'WARN_DIALECT'],
    ['« secrets.t »', 'WARN_DIALECT'],
    ['<%= secrets.t %>', 'WARN_DIALECT'],
    ['{{ Secrets.t }}', 'WARN_NAME_CASE'],
    ['{{#secrets.t}}', 'WARN_SECTION'],
    ['{{#with secrets}}{{t}}{{/with}}', 'WARN_SECTION'],
    ['{{#each secrets as |s|}}{{s}}{{/each}}', 'WARN_SECTION'],
    ['{{ (secrets.t) }}', 'WARN_DIALECT'],
    ['<<(secrets.t)>>', 'WARN_DIALECT'],
    ['{{ secrets?.t }}', 'WARN_DIALECT'],
    ['[[ .secrets.t ]]', 'WARN_DIALECT'],
    ['%{secrets.t}', 'WARN_DIALECT'],
    ['@secrets.t', 'WARN_DIALECT'],
    ["{{ secrets['t'] }}", 'WARN_BRACKET_ACCESS'],
    ['https://h/?k=%3C%3C+secrets.t+%3E%3E', 'WARN_ENCODED'],
    ['https://h/?k=%7B%7B%20secrets.t%20%7D%7D', 'WARN_ENCODED'],
    ['&lt;&lt; secrets.t &gt;&gt;', 'WARN_ENCODED'],
    ['&#123;&#123; secrets.t }}', 'WARN_ENCODED'],
    ['\\u003c\\u003c secrets.t \\u003e\\u003e', 'WARN_ENCODED'],
    ['CORP\\<< secrets.t >>', 'WARN_ESCAPED'],
    ['C:\\{{ secrets.t }}', 'WARN_ESCAPED'],
    ['Server=HOST\\{{ secrets.t }};', 'WARN_ESCAPED'],
  ])('is a warning: %s', (text, code) => {
    expect(codesOf(text)).toEqual([`${code} `])
  })

  it.each([
    '\\<< secrets.t >>',
    'write \\<< secrets.t >>',
    'the secrets. of {{ steps.secretsauce }}',
    '{{ steps.a.secrets }} { secrets.x }',
    'a << b >> c',
    '{{ my_secrets.t }}',
    'call(secrets.t)',
    'if ((secrets.t) > 1)',
    'ann@secrets.example',
    '@secrets/core',
    '[[secrets.t]]',
    '{{#if secrets}}{{/if}}',
    'with secrets}}',
  ])('is none: %s', (text) => {
    expect(codesOf(text)).toEqual([])
  })

  it('is found in linear time', () => {
    const text = '{{ secret.t }} %7b%7b'.repeat(20_000)
    expect(codesOf(text)).toHaveLength(100)
  })
})

it.each([
  ['postgres://app:<< secrets.pw >>@db/x', ['WARN_RAW_IN_URL U']],
  ['redis://<< secrets.pw >>@db', ['WARN_RAW_IN_URL U']],
  ['postgres://app:<< secrets.pw | urlencode >>@db/x', []],
  ['postgres://db/<< secrets.pw >>', []],
  ['<< secrets.pw >>@db', []],
])('a raw value in the credentials of a URL is a warning in an environment: %s', (text, expected) => {
  expect(codesOf({ U: text }, 'env')).toEqual(expected)
})

it.each([
  ['https://h/?x=%3C%3C+secrets.free+%3E%3E', '%3C%3C+secrets.free+%3E%3E'],
  ['https://h/%7B%7B%20secrets.free%20%7D%7D', '%7B%7B%20secrets.free%20%7D%7D'],
  ['https://h/?x=%3C%3C+secrets.free+pa55w0rd', '%3C%3C+secrets.free'],
  ['https://h/?x={{ (secrets.free) }}', '{{ (secrets.free) }}'],
])('the caret shows a near miss of a URL: %s', (url, shown) => {
  const [finding] = lint(url, 'url', DEFAULT_SYNTAX).findings
  expect(finding?.caret?.split('\n')[0]?.replaceAll('…', '')).toBe(shown)
})
