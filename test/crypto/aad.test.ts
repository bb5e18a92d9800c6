import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DigestPart, recordAad, stateDigest, wrapAad } from '../../src/crypto/aad.ts'
import { anyContext, anyParts, anyText } from './arbitraries.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const sha256 = (text: string): string => createHash('sha256').update(Buffer.from(text, 'hex')).digest('hex')

const CONTEXT = {
  workspace: 'w',
  environment: 'é',
  tag: 't-1',
  type: 'apiKey',
  visibility: 'masked',
  version: 2 ** 32 + 3,
  digest: new Uint8Array(32).fill(0xd1),
}

describe('the AAD of a record', () => {
  it('is the parts of the format in their order, each behind its length', () => {
    const expected = [
      ['00000002', '0101'],
      ['00000001', '77'],
      ['00000002', 'c3a9'],
      ['00000003', '742d31'],
      ['00000006', '6170694b6579'],
      ['00000006', '6d61736b6564'],
      ['00000008', '0000000100000003'],
      ['00000020', 'd1'.repeat(32)],
    ]
    expect(hex(recordAad(CONTEXT))).toBe(expected.flat().join(''))
  })

  it('is long enough for names of any length', () => {
    const tag = 'é'.repeat(3000)
    expect(recordAad({ ...CONTEXT, tag }).length).toBe(recordAad(CONTEXT).length - 3 + 6000)
  })

  it('differs whenever the context does', () => {
    fc.assert(
      fc.property(anyContext, anyContext, (one, other) => {
        const same = JSON.stringify(Object.values(one)) === JSON.stringify(Object.values(other))
        expect(hex(recordAad(one)) === hex(recordAad(other))).toBe(same)
      }),
    )
  })

  it('differs when a character moves from one part to its neighbour', () => {
    expect(recordAad({ ...CONTEXT, workspace: 'ab', environment: 'c' })).not.toEqual(
      recordAad({ ...CONTEXT, workspace: 'a', environment: 'bc' }),
    )
  })

  it('refuses what has no bytes: a lone surrogate, a version that is no whole number', () => {
    for (const fault of [
      { tag: 'a\ud800' },
      { tag: '\udc00é' },
      { version: -1 },
      { version: 1.5 },
      { version: 2 ** 53 },
      { version: Number.NaN },
    ]) {
      expect(() => recordAad({ ...CONTEXT, ...fault })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
    }
  })
})

describe('the digest of rule and state', () => {
  const digest = (...parts: DigestPart[]): string => hex(stateDigest(parts))

  it('is SHA-256 of name, count and values, each text behind its length', () => {
    expect(digest()).toBe(sha256(''))
    expect(digest({ name: 'in', values: ['env', 'é'] }, { name: 'allow', values: [] })).toBe(
      sha256('00000002 696e 00000002 00000003 656e76 00000002 c3a9 00000005 616c6c6f77 00000000'.replaceAll(' ', '')),
    )
  })

  it('tells absent from empty, one value from two, and a value from a name', () => {
    const digests = [
      digest(),
      digest({ name: 'a', values: [] }),
      digest({ name: 'a', values: [''] }),
      digest({ name: 'a', values: ['', ''] }),
      digest({ name: 'a', values: ['b'] }),
      digest({ name: 'a', values: [] }, { name: 'b', values: [] }),
      digest({ name: 'b', values: [] }, { name: 'a', values: [] }),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('differs whenever the parts do', () => {
    fc.assert(
      fc.property(anyParts, anyParts, (one, other) => {
        expect(digest(...one) === digest(...other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })
})

describe('the AAD of a wrapped data key', () => {
  it('differs whenever workspace, key id or provider do', () => {
    const anyId = fc.uint8Array({ minLength: 8, maxLength: 8, max: 1 })
    const anyPlace = fc.tuple(anyText, anyId, anyText)
    fc.assert(
      fc.property(anyPlace, anyPlace, (one, other) => {
        const same = one[0] === other[0] && hex(one[1]) === hex(other[1]) && one[2] === other[2]
        expect(hex(wrapAad(...one)) === hex(wrapAad(...other))).toBe(same)
      }),
    )
  })
})
