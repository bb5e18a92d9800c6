import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Kind, Reference } from '../../src/location.ts'
import { ownValue } from '../../src/plain-object.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { renderRedacted } from '../../src/template/redacted.ts'

const R = '{{ secrets.a }}'
const masks = {
  mask(reference: Reference) {
    const field = ownValue(reference, 'field')
    return reference.tag === 'gone' ? undefined : `[secret:${reference.tag}${field === undefined ? '' : `.${field}`}]`
  },
  text: (literal: string) => literal.replaceAll('hunter2', '***'),
}
const redacted = (template: unknown, as: Kind = 'value') => renderRedacted(compile(template, as, DEFAULT_SYNTAX), masks)

describe('what a result prints', () => {
  it('has a mask for each reference, whatever its encoder', () => {
    expect(redacted(`x ${R} y {{ secrets.b.c | base64 }}`)).toBe('x [secret:a] y [secret:b.c]')
    expect(redacted({ p: R, q: [1, R] })).toEqual({ p: '[secret:a]', q: [1, '[secret:a]'] })
    expect(redacted(`https://h/${R}?${R}`, 'url')).toBe('https://h/[secret:a]?[secret:a]')
    expect(redacted({ X: R }, 'headers')).toEqual({ X: '[secret:a]' })
  })

  it('keeps a reference that has no mask', () => {
    expect(redacted('{{ secrets.gone }} \\\\{{ secrets.gone }}')).toBe('{{ secrets.gone }} \\\\{{ secrets.gone }}')
  })

  it('has every literal text cleaned, keys too', () => {
    expect(redacted(`hunter2 ${R} hunter2`)).toBe('*** [secret:a] ***')
    expect(redacted({ hunter2: 'hunter2', x: ['hunter2', { y: new Map([['hunter2', 'hunter2']]) }] })).toEqual({
      '***': '***',
      x: ['***', { y: [['***', '***']] }],
    })
    expect(redacted({ hunter2: R })).toEqual({ '***': '[secret:a]' })
    expect(redacted('hunter2')).toBe('***')
  })

  it('writes classes as pairs or text', () => {
    const url = new URL(`https://h/${R}?hunter2`)
    expect(
      redacted({ h: new Headers({ X: R, y: 'hunter2' }), m: new Map([[7, R]]), p: new URLSearchParams({ k: R }), url }),
    ).toEqual({
      h: [
        ['x', '[secret:a]'],
        ['y', '***'],
      ],
      m: [[7, '[secret:a]']],
      p: [['k', '[secret:a]']],
      url: 'https://h/[secret:a]?***',
    })
    expect(
      redacted({
        h: new Headers({ y: 'hunter2' }),
        p: new URLSearchParams('k=hunter2'),
        u: new URL('https://h/hunter2'),
        d: new Date(0),
      }),
    ).toEqual({
      h: [['y', '***']],
      p: [['k', '***']],
      u: 'https://h/***',
      d: '1970-01-01T00:00:00.000Z',
    })
  })

  it('has a placeholder for what JSON has no form for', () => {
    class Custom {
      readonly secret = 'hunter2'
    }
    class 界 {}
    const bare = Object.create(Object.create(null)) as object
    const template = {
      stream: Readable.from(['x']),
      buffer: Buffer.from('hunter2'),
      custom: new Custom(),
      odd: new 界(),
      bare,
      fn: () => 'hunter2',
      symbol: Symbol('hunter2'),
      big: 123n,
      nan: Number.NaN,
      never: undefined,
      nil: null,
      yes: true,
      bad: new Date(Number.NaN),
      set: new Set(['hunter2']),
    }
    const expected = {
      stream: '[Readable]',
      buffer: '[Buffer]',
      custom: '[Custom]',
      odd: '[Object]',
      bare: '[Object]',
      fn: '[Function]',
      symbol: '[Symbol]',
      big: '123',
      nan: null,
      nil: null,
      yes: true,
      bad: '[Date]',
      set: '[Set]',
    }
    expect(redacted(template)).toEqual(expected)
    expect(redacted({ ...template, r: R })).toEqual({ ...expected, r: '[secret:a]' })
    expect(redacted([undefined, R])).toEqual([null, '[secret:a]'])
    expect(redacted(undefined)).toBeNull()
  })

  it('is read anew, and survives what its author made of the constant parts since', () => {
    const branch: Record<string, unknown> = { x: 1 }
    const template = { branch, list: [branch], r: R }
    const plan = compile(template, 'value', DEFAULT_SYNTAX)
    branch['self'] = branch
    Object.defineProperty(branch, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('hunter2')
      },
    })
    expect(JSON.stringify(renderRedacted(plan, masks))).toBe(
      '{"branch":"[Unreadable]","list":["[Unreadable]"],"r":"[secret:a]"}',
    )
    const cycle: unknown[] = []
    const loop = compile({ cycle, r: R }, 'value', DEFAULT_SYNTAX)
    cycle.push(cycle)
    expect(JSON.stringify(renderRedacted(loop, masks))).toContain('["[Circular]"]')
    const wide: unknown[] = []
    const many = compile({ wide, r: R }, 'value', DEFAULT_SYNTAX)
    for (let index = 0; index < 1_000_001; index++) wide.push(0)
    expect((renderRedacted(many, masks) as { wide: unknown[] }).wide.at(-1)).toBe('[Truncated]')
  })

  it('masks a number whose digits are a known value', () => {
    const plan = compile({ pin: 123456, other: 7 }, 'value', DEFAULT_SYNTAX)
    expect(renderRedacted(plan, { ...masks, text: (text) => text.replaceAll('123456', '***') })).toEqual({
      pin: '***',
      other: 7,
    })
  })

  it('keeps an own __proto__ as data', () => {
    const template = JSON.parse(`{"__proto__":{"x":"${R}"}}`)
    expect(JSON.stringify(redacted(template))).toBe('{"__proto__":{"x":"[secret:a]"}}')
  })
})
