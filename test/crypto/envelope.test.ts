import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope, MAX_SEALED_BYTES } from '../../src/crypto/envelope.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

const anyEnvelope = fc.record({
  keyId: bytes(8).map((id) => Buffer.from(id).toString('base64url')),
  nonce: bytes(24),
  commitment: bytes(32),
  ciphertext: fc.constantFrom(80, 144, 208).chain(bytes),
})

const CORRUPT = expect.objectContaining({ code: 'ERR_RECORD_CORRUPT' })
const textOf = (...parts: number[][]): string => `gm1.${Buffer.from(parts.flat()).toString('base64url')}`
const zeros = (length: number): number[] => Array.from({ length }, () => 0)

describe('an envelope', () => {
  it('comes back from its text as it was, and gives the same text again', () => {
    fc.assert(
      fc.property(anyEnvelope, (envelope) => {
        const text = encodeEnvelope(envelope)
        expect(text).toMatch(/^gm1\.[A-Za-z0-9_-]+$/)
        expect(decodeEnvelope(text)).toEqual(envelope)
        expect(encodeEnvelope(decodeEnvelope(text))).toBe(text)
      }),
    )
  })

  it('is read from any text that has its form, of whatever key', () => {
    expect(decodeEnvelope(textOf([1, 1], zeros(64 + 64 + 16))).ciphertext.length).toBe(80)
  })

  it.each([
    ['nothing', ''],
    ['another prefix', `gm2.${textOf([1, 1], zeros(144)).slice(4)}`],
    ['a prefix in capitals', `GM1.${textOf([1, 1], zeros(144)).slice(4)}`],
    ['the prefix alone', 'gm1.'],
    ['no prefix', textOf([1, 1], zeros(144)).slice(4)],
    ['version 0', textOf([0, 1], zeros(144))],
    ['version 2', textOf([2, 1], zeros(144))],
    ['suite 0', textOf([1, 0], zeros(144))],
    ['suite 2', textOf([1, 2], zeros(144))],
    ['no ciphertext', textOf([1, 1], zeros(64 + 16))],
    ['nothing after the header', textOf([1, 1])],
    ['a byte too many', textOf([1, 1], zeros(145))],
    ['a byte too few', textOf([1, 1], zeros(143))],
    ['padding of base64', `${textOf([1, 1], zeros(143))}=`],
    ['stray bits in the last character', `${textOf([1, 1], zeros(144)).slice(0, -1)}B`],
    ['white space before', ` ${textOf([1, 1], zeros(144))}`],
    ['a line break after', `${textOf([1, 1], zeros(144))}\n`],
    ['no text at all', undefined as unknown as string],
    ['a list that looks like text', ['gm1.'] as unknown as string],
  ])('is not read from %s', (_, text) => {
    expect(() => decodeEnvelope(text)).toThrow(CORRUPT)
  })

  it('is not read beyond the longest value, even if it has the form', () => {
    const longest = { keyId: 'AAAAAAAAAAA', nonce: new Uint8Array(24), commitment: new Uint8Array(32) }
    const fits = { ...longest, ciphertext: new Uint8Array(MAX_SEALED_BYTES + 64 + 16) }
    expect(decodeEnvelope(encodeEnvelope(fits)).ciphertext.length).toBe(MAX_SEALED_BYTES + 80)
    const tooLong = { ...longest, ciphertext: new Uint8Array(MAX_SEALED_BYTES + 128 + 16) }
    expect(() => decodeEnvelope(encodeEnvelope(tooLong))).toThrow(CORRUPT)
  })
})
