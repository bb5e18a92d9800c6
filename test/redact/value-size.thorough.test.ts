/** Structures of a size or depth that a recursive or quadratic walk does not survive. */

import { describe, expect, it } from 'vitest'
import { type Any, hidden, MASK, reading, S, set, value } from './looks.ts'

const made = {
  getter: (): object => reading({}, 'next', () => made.getter()),
  error: (): object => reading(new Error('e'), 'next', () => made.error()),
  list: (): object => reading([0], 0, () => made.list()),
  toJSON: (): object => ({ toJSON: () => ({ next: made.toJSON() }) }),
}
class Getter extends Error {
  get next(): unknown {
    return new Getter()
  }
}
const endless: ProxyHandler<object> = {
  get: (_, key) => (key === 'next' ? new Proxy({}, endless) : undefined),
  ownKeys: () => ['next'],
  getOwnPropertyDescriptor: () =>
    Object.assign(Object.create(null), { configurable: true, enumerable: true, value: 1 }),
}

describe('a structure', () => {
  class Failure extends Error {
    get next(): unknown {
      return (this as unknown as Any)['inner']
    }
  }
  class Lazy {
    readonly #inner: unknown
    constructor(inner: unknown) {
      this.#inner = inner
    }
    toJSON(): unknown {
      return { inner: this.#inner }
    }
  }
  const chain = (link: (inner: unknown) => unknown): unknown => {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0 // the frames of 20,000 errors take seconds
    let outer: unknown = S
    for (let depth = 0; depth < 20_000; depth++) outer = link(outer)
    Error.stackTraceLimit = stackTraceLimit
    return outer
  }

  it.each<[of: string, link: (inner: unknown) => unknown, next: (outer: never) => unknown]>([
    ['objects', (inner) => ({ inner }), ({ inner }: { inner: unknown }) => inner],
    ['arrays', (inner) => [inner], ([inner]: [unknown]) => inner],
    ['Maps', (inner) => new Map([[0, inner]]), (map: Map<number, unknown>) => map.get(0)],
    ['Sets', (inner) => new Set([inner]), (all: Set<unknown>) => [...all][0]],
    ['causes', (cause) => new Error('e', { cause }), ({ cause }: Error) => cause],
    ['getters of errors', (inner) => hidden(new Failure('e'), 'inner', inner), ({ next }: Failure) => next],
    ['what toJSON gives', (inner) => new Lazy(inner), ({ inner }: { inner: unknown }) => inner],
    ['instances', (inner) => set(new (class Link {})(), { inner }), ({ inner }: { inner: unknown }) => inner],
  ])('%s are walked 20,000 deep', (_, link, next) => {
    let copy = value(chain(link))
    for (let depth = 0; depth < 20_000; depth++) copy = next(copy as never)
    expect(copy).toBe(MASK)
  })

  it('a million items are copied', () => {
    const copy = value(Array.from({ length: 1_000_000 }, (_, index) => (index % 2 === 0 ? {} : S)))
    expect([copy.length, copy[999_998], copy[999_999]]).toEqual([1_000_000, {}, MASK])
  })

  it('a list that is all holes takes no time', () => {
    expect(value(new Array(2 ** 32 - 1)).length).toBe(2 ** 32 - 1)
  })

  it('what makes new parts as it is read ends', () => {
    class Endless {
      toJSON(): unknown {
        return { next: new Endless() }
      }
    }
    let copy: unknown = value(new Endless())
    while (typeof copy === 'object') copy = (copy as Any)['next']
    expect(copy).toBe('[Too large]')
  })

  it.each<[what: string, make: () => object]>([
    ['a getter', () => reading({}, 'next', () => made.getter())],
    ['a getter of a class', () => new Getter()],
    ['the cause of an error', () => reading(new Error('e'), 'next', () => made.error())],
    ['a proxy', () => new Proxy({}, endless)],
    ['a list', () => reading([0], 0, () => made.list())],
  ])('%s that makes new objects without end is read 50,000 deep', (_, make) => {
    let depth = 0
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    let copy: unknown = value(make())
    Error.stackTraceLimit = stackTraceLimit
    for (; typeof copy === 'object'; depth++) copy = (copy as Any)['next'] ?? (copy as Any)[0]
    expect([copy, depth]).toEqual(['[Too large]', 50_000])
  })

  it('a toJSON of its own that makes new objects without end ends too', () => {
    let depth = 0
    let plain: unknown = value({ next: made.toJSON() })
    for (; typeof plain === 'object'; depth++) plain = ((plain as Any)['next'] as { toJSON(): unknown }).toJSON()
    expect(plain).toBe('[Too large]')
    expect(depth).toBeLessThan(50_000)
  })

  it('what a getter gives is read before that, and data after it too', () => {
    const many = Array.from({ length: 60_000 }, () => ({}))
    const copy = value({ many, last: { c: S }, lazy: reading({}, 'a', () => ({ b: S })) })
    expect(copy).toMatchObject({ lazy: { a: { b: MASK } }, last: { c: MASK } })
    expect(copy.many).toHaveLength(60_000)
  })
})
