import { Readable } from 'node:stream'
import vm from 'node:vm'
import { AxiosHeaders } from 'axios'
import { describe, expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { lint } from '../../src/template/lint.ts'
import { errorOf, resolveAs } from './harness.ts'

const R = '<< secrets.a >>'
const secrets = { a: 'A' }

class Dto {
  Authorization = `Bearer ${R}`
}

class Serialised {
  #value = R
  toJSON() {
    return { k: this.#value }
  }
}

describe('names with values in an object of a class', () => {
  it('are read from an environment, inherited ones too, and come back as a plain map', () => {
    const env = Object.assign(Object.create({ INHERITED: R }) as Record<string, string>, { OWN: R, PLAIN: 'x' })
    const result = resolveAs('env', env, secrets)
    expect(result).toEqual({ OWN: 'A', PLAIN: 'x', INHERITED: 'A' })
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
  })

  it('are read from process.env', () => {
    process.env['GUILLEMET_TEST'] = R
    expect(resolveAs('env', process.env, secrets)['GUILLEMET_TEST']).toBe('A')
    delete process.env['GUILLEMET_TEST']
  })

  it('never come from Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'polluted', {
      value: R,
      enumerable: true,
      configurable: true,
      writable: true,
    })
    try {
      expect(Object.keys(resolveAs('headers', new Dto(), secrets))).toEqual(['Authorization'])
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted')
    }
  })

  it('are made anew by its own class where that has a list of them', () => {
    const headers = new AxiosHeaders({ 'X-Key': R, Accept: 'x' })
    const result = resolveAs('headers', headers, secrets)
    expect(result).toBeInstanceOf(AxiosHeaders)
    expect(result.get('x-key')).toBe('A')
    expect(headers.get('x-key')).toBe(R)
    const request = { url: 'https://h/', headers: new AxiosHeaders({ Authorization: `Bearer ${R}` }), data: { a: R } }
    expect(resolveAs('request', request, secrets).headers.get('Authorization')).toBe('Bearer A')
  })

  it('are not those of an object that keeps its entries in a map of its own', () => {
    class Metadata {
      internalRepr = new Map([['authorization', [R]]])
    }
    const headers = new Metadata()
    const opaque = { code: 'ERR_OPAQUE_VALUE', path: 'headers' }
    expect(errorOf(() => resolveAs('request', { url: 'https://h/', headers }, secrets))).toMatchObject(opaque)
    expect(errorOf(() => resolveAs('headers', headers, secrets))).toMatchObject({ ...opaque, path: '' })
  })

  it('are read from maps of another realm', () => {
    const map = vm.runInNewContext(`new Map([['K', '${R}']])`) as Map<string, string>
    expect([...resolveAs('env', map, secrets)]).toEqual([['K', 'A']])
  })

  it('are read from the headers of a request', () => {
    expect(resolveAs('request', { url: 'https://h/', headers: new Dto() }, secrets).headers).toEqual({
      Authorization: 'Bearer A',
    })
  })
})

it('a form has its texts resolved and its files kept', () => {
  const form = new FormData()
  form.append('token', R)
  form.append('token', 'x')
  form.append('file', new File([R], 'f.txt'))
  const result = resolveAs('request', { url: 'https://h/', method: 'POST', body: form }, secrets).body
  expect(result).toBeInstanceOf(FormData)
  expect(result.getAll('token')).toEqual(['A', 'x'])
  expect((result.get('file') as File).name).toBe('f.txt')
  expect(form.get('token')).toBe(R)
})

describe('a reference in what is not looked into', () => {
  const body = (value: unknown): unknown => ({ url: 'https://h/', method: 'POST', body: value })
  it.each<[string, Kind, unknown, string]>([
    ['bytes', 'request', body(new TextEncoder().encode(`{"a":"${R}"}`)), 'body'],
    ['a buffer', 'request', body(new TextEncoder().encode(R).buffer), 'body'],
    ['a buffer in a header', 'headers', { A: Buffer.from(R) }, 'A'],
    ['bytes far behind', 'request', body(Buffer.concat([Buffer.alloc(1_048_570, 97), Buffer.from(R)])), 'body'],
    ['an instance in a body', 'request', body({ deep: [new Dto()] }), 'body.deep[0]'],
    [
      'an instance within an instance',
      'json',
      { x: Object.assign(new Dto(), { Authorization: '', in: new Dto() }) },
      'x',
    ],
    ['a boxed text', 'headers', { A: new String(R) }, 'A'],
    ['parameters of a subclass', 'request', body(new (class extends URLSearchParams {})({ k: R })), 'body'],
    ['a set of headers', 'headers', { in: new Set([['authorization', R]]) }, 'in'],
    ['what an instance gives for JSON', 'request', body(new Serialised()), 'body'],
    ['a set of parameters', 'request', { url: 'https://h/', params: { ids: Buffer.from(R) } }, 'params.ids'],
  ])('is refused: %s', (_name, as, template, path) => {
    const error = errorOf(() => compile(template, as, DEFAULT_SYNTAX))
    expect(error.code).toBe('ERR_OPAQUE_VALUE')
    expect(error.path).toBe(path)
    expect(lint(template, as, DEFAULT_SYNTAX).findings).toEqual([
      expect.objectContaining({ code: 'ERR_OPAQUE_VALUE', severity: 'error', path }),
    ])
  })

  it('is no concern where there is none', () => {
    const stream = Readable.from(['x'])
    for (const value of [
      Buffer.from('x secrets.a x'),
      stream,
      new Dto().Authorization.length,
      new Date(),
      new Blob([R]),
    ]) {
      const template = { url: 'https://h/', headers: { A: R }, body: value }
      expect(resolveAs('request', template, secrets).body).toBe(value)
    }
    stream.destroy()
  })

  it('is nobody else’s either: as a value an instance passes as it is', () => {
    const instance = new Dto()
    expect(resolveAs('value', { instance, a: R }, secrets)).toEqual({ instance, a: 'A' })
  })

  it.each<[string, Kind, unknown, string]>([
    ['an instance', 'value', { deep: [new Dto()] }, 'deep[0]'],
    ['a set', 'value', new Set([R]), ''],
    ['bytes', 'value', { file: Buffer.from(R) }, 'file'],
    ['a member of a request that is a value', 'request', { url: 'https://h/', context: new Dto() }, 'context'],
  ])('there it is told by check: %s', (_name, as, template, path) => {
    expect(lint(template, as, DEFAULT_SYNTAX).findings).toEqual([
      expect.objectContaining({ code: 'WARN_OPAQUE_VALUE', severity: 'warning', path }),
    ])
    expect(lint({ date: new Date(), set: new Set(['x']) }, 'value', DEFAULT_SYNTAX).findings).toEqual([])
  })
})
