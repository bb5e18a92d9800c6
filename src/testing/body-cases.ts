/** Conformance: a body is opaque text and comes back exactly. */

import { readBack, recordOf, type StorageCase, storageCase, WORKSPACE } from './conformance-case.ts'
import { expectRecord } from './expect.ts'

const MEBIBYTE = 1024 * 1024

/** What each body puts to the test, and the body. */
const BODIES: readonly (readonly [what: string, body: string])[] = [
  ['the empty text', ''],
  ['control characters', 'ab\u0001\u001f\u007f\u0085'],
  ['line ends of every kind, at the end too', '\r\n\n\r\u2028\u2029 end\n'],
  ['a leading and an inner U+FEFF', '\ufeffbody\ufeff'],
  ['emoji and other characters beyond the first plane', '🔐👩‍👩‍👧 𐀀\u{10ffff}'],
  ['characters that look alike, not normalised', 'é e\u0301 ﬁ K'],
  ['white space around the text', ' \t body \t '],
  ['quotes, backslashes and what a query or a template would read', '\'"\\`$1 %s ? :a {{x}} << y >> -- ;\\u0000'],
  ['text that is a number, null or an object elsewhere', '0123e4'],
  ['the word null', 'null'],
  ['JSON with a key __proto__', '{"__proto__":{"a":1},"b":[1.0,-0]}'],
]

export const bodyCases: readonly StorageCase[] = [
  ...BODIES.map(([what, body], index) =>
    storageCase(`a body comes back exactly: ${what}`, async ({ storage }) => {
      await expectKept(storage, `body-${index}`, body)
    }),
  ),

  storageCase('a body comes back exactly: 1 MiB of text beyond ASCII', async ({ storage }) => {
    await expectKept(storage, 'one', 'ä🔐x'.repeat(MEBIBYTE / 7))
  }),

  storageCase('a body comes back exactly: more than 2 MiB', async ({ storage }) => {
    await expectKept(storage, 'two', `${'0123456789abcdef'.repeat(MEBIBYTE / 8)} and more`)
  }),
]

/** Through get and through list, over a body of another length. */
async function expectKept(storage: Parameters<typeof readBack>[0], tag: string, body: string): Promise<void> {
  await storage.put(recordOf(tag, 1, { body: 'the body before' }))
  const record = recordOf(tag, 2, { body })
  await storage.put(record)
  expectRecord(await readBack(storage, tag), record)
  expectRecord((await storage.list(WORKSPACE, { limit: 1 }))[0], record)
}
