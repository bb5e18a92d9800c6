import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { faultsOf } from './degenerate.ts'

describe('a value of one byte over and over', () => {
  // nothing, the end of a line, an escape, a letter, what is not seen, and a byte that is also a number
  it.each([0, 13, 37, 65, 173, 200])('%i: every search ends, and is right', (code) => {
    for (const length of [1, 16]) expect(faultsOf(Buffer.alloc(length, code))).toEqual([])
  })
})

describe('a key of which no byte is compared', () => {
  it.each([
    '00000000-0000-0000-0000-000000000000',
    '000102030405060708090a0b0c0d0e0f',
    `${'A'.repeat(43)}=`,
    '22222222-2222-2222-2222-222222222222',
  ])('%s is masked, its bytes are not, and the verdict says so', (key) => {
    const redactor = createRedactor({ secrets: { key } })
    expect([...redactor.weak]).toEqual([['key', 'short']])
    expect(redactor.text(`hello \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0 ${key}`)).toBe(
      'hello \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0 [secret:key]',
    )
    expect(redactor.value({ key, zeros: Buffer.alloc(64) })).toEqual({ key: '[secret:key]', zeros: Buffer.alloc(64) })
  })

  it('and one with a single letter among zeros does not mask that letter', () => {
    const { text } = createRedactor({ secrets: { key: '00000000000000000000000000000041' } })
    expect(text('A BAA, and \0\0A')).toBe('A BAA, and \0\0A')
    expect(text(`<${'\0'.repeat(15)}A>`)).toBe('<[secret:key]>')
  })
})

it('a few bytes that are no text are masked where they stand alone, and are no number', () => {
  const { add, text } = createRedactor()
  for (const bytes of [Uint8Array.of(0xff), Uint8Array.of(0xff, 0xfe)]) expect(add('j', bytes)).toBe('short')
  expect(text('coffee 255 fffefd 1255,254 fffe 255,254')).toBe('coffee 255 fffefd 1255,254 [secret:j] [secret:j]')
})
