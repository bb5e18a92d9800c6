/** Bytes as text, with the platform's Buffer and without one. */

import { afterEach, describe, expect, it, vi } from 'vitest'

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const ONE_BY_ONE = Array.from(ALL, (byte) => String.fromCharCode(byte)).join('')

afterEach(() => {
  vi.unstubAllGlobals()
})

describe.each([
  ['with a Buffer', globalThis.Buffer],
  ['without one, as in a browser', undefined],
])('%s', (_name, buffer) => {
  const load = async () => {
    vi.stubGlobal('Buffer', buffer)
    vi.resetModules()
    return import('../../src/redact/byte-text.ts')
  }

  it.each([
    ['every byte', ALL, ONE_BY_ONE],
    ['a part of what is in memory', ALL.subarray(3, 200), ONE_BY_ONE.slice(3, 200)],
    ['a part of a Buffer', Buffer.from(ALL).subarray(100), ONE_BY_ONE.slice(100)],
    ['ASCII', ALL.subarray(0, 128), ONE_BY_ONE.slice(0, 128)],
    ['nothing', new Uint8Array(), ''],
    ['more than one call takes', Uint8Array.from({ length: 10_000 }, () => 233), 'é'.repeat(10_000)],
  ])('%s is one character each, and comes back', async (_what, bytes, text) => {
    const { byteText, textBytes } = await load()
    expect(byteText(bytes)).toBe(text)
    const back = textBytes(text)
    expect([...back]).toEqual([...bytes])
    // never the memory that Node keeps for small Buffers
    expect(back.buffer.byteLength).toBe(bytes.length)
  })

  it('numbers of two bytes are units of the text, half a pair too', async () => {
    const { byteText } = await load()
    expect(byteText(Uint16Array.of(0x61, 0x20ac, 0xd83d))).toBe('a\u20ac\ud83d')
  })
})
