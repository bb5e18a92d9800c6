/** Names survive every common file system. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeName, decodeVersion, encodeName } from '../../../src/storage/file/names.ts'

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/)
const stored = fc.oneof(
  name,
  fc.constant('$'),
  name.map((text) => `$${text}`),
)

describe('encodeName', () => {
  test.each([
    ['zendesk', '_zendesk'],
    ['ZenDesk', '_zendesk.9'],
    ['A', '_a.1'],
    ['aaaaaB', '_aaaaab.01'],
    ['__proto__', '___proto__'],
    ['con', '_con'],
    ['NUL', '_nul.7'],
    ['-', '_-'],
    ['$', '$'],
    ['$keyring', '$keyring'],
    ['keyring', '_keyring'],
  ])('writes %s as %s', (plain, encoded) => {
    expect(encodeName(plain, 'tag')).toBe(encoded)
    expect(decodeName(encoded)).toBe(plain)
  })

  test('is undone by decodeName', () => {
    fc.assert(
      fc.property(stored, (plain) => {
        expect(decodeName(encodeName(plain, 'tag'))).toBe(plain)
      }),
    )
  })

  test('gives two names two directories even where case is ignored', () => {
    fc.assert(
      fc.property(stored, fc.infiniteStream(fc.boolean()), (plain, capitals) => {
        const other = [...plain].map((letter) => (capitals.next().value ? letter.toUpperCase() : letter)).join('')
        const isSame = encodeName(plain, 'tag').toLowerCase() === encodeName(other, 'tag').toLowerCase()
        expect(isSame).toBe(plain === other)
      }),
    )
  })

  test('needs no more than 255 bytes and no character that a file system changes or reserves', () => {
    for (const letter of ['A', 'a', '_']) expect(encodeName(letter.repeat(128), 'tag').length).toBeLessThanOrEqual(255)
    fc.assert(
      fc.property(stored, (plain) => {
        expect(encodeName(plain, 'tag')).toMatch(/^[_$][a-z0-9_-]*(\.[a-z0-9]+)?$/)
      }),
    )
  })

  test.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\\b',
    'a.',
    'a b',
    'a\0',
    'ä',
    'a'.repeat(129),
    '$$',
    '$a/b',
    'a$',
    undefined,
    null,
    7,
    {},
  ])('refuses %j, so that it never becomes part of a path', (text) => {
    expect(() => encodeName(text, 'tag')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_INPUT', message: expect.stringContaining('The tag of a record') }),
    )
  })
})

describe('decodeName', () => {
  test.each([
    '',
    '_',
    'zendesk',
    '.DS_Store',
    'lost+found',
    '_Zendesk',
    '_zendesk.',
    '_zendesk.0',
    '_zendesk.90',
    '_zendesk.w',
    '_zendesk.9.9',
    '_a.2',
    '_-.1',
    '$Recycle.Bin',
    '_zende~1',
    `_${'a'.repeat(129)}`,
  ])('knows %j to be foreign', (encoded) => {
    expect(decodeName(encoded)).toBeUndefined()
  })

  test('gives a name only where encodeName gives the text back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[_$][a-c]{0,7}(\.[0-9a-v]{1,2})?$/), (encoded) => {
        const plain = decodeName(encoded)
        if (plain !== undefined) expect(encodeName(plain, 'tag')).toBe(encoded)
      }),
    )
  })
})

test('decodeVersion reads whole numbers from 1, written plainly, and nothing else', () => {
  expect(['1', '10', '9007199254740991'].map(decodeVersion)).toEqual([1, 10, Number.MAX_SAFE_INTEGER])
  for (const foreign of ['', '0', '01', '-1', '1.5', '1e3', ' 1', '1~', '1.tmp', '.1', '12345678901234567']) {
    expect(decodeVersion(foreign)).toBe(0)
  }
})
