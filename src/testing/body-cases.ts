/** Conformance: a body is opaque text and comes back exactly, or is refused before anything is written. */

import type { VaultStorage } from '../ports/storage.ts'
import { readBack, recordOf, type StorageCase, storageCase } from './conformance-case.ts'
import { everyStoredRecord } from './every-page.ts'
import { expectNone, expectRecord, expectThat, outcomeOf } from './expect.ts'

const MEBIBYTE = 1024 * 1024
/** The longest text of a TEXT column of MySQL in bytes, which without strict mode cuts what is longer in silence. */
const TEXT_COLUMN = 65_535

/** What each body puts to the test, and the body. */
const BODIES: readonly (readonly [what: string, body: string])[] = [
  ['the empty text', ''],
  ['control characters', 'a\u0001\u001f\u007f\u0085'],
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

/** Sizes at which something is cut or refused, and what is there. */
const SIZES: readonly (readonly [what: string, body: () => string])[] = [
  ['65,535, 65,536 and 65,537 bytes of ASCII', () => 'x'.repeat(TEXT_COLUMN)],
  ['as many bytes of text beyond ASCII', () => `${'ä'.repeat((TEXT_COLUMN - 1) / 2)}x`],
]

export const bodyCases: readonly StorageCase[] = [
  ...BODIES.map(([what, body], index) =>
    storageCase(`a body comes back exactly: ${what}`, async ({ storage }) => {
      await expectKept(storage, `body-${index}`, body)
    }),
  ),

  ...SIZES.map(([what, body], index) =>
    storageCase(`a body comes back exactly: ${what}`, async ({ storage }) => {
      for (const more of ['', 'y', 'yz']) await expectKept(storage, `size-${index}${more}`, body() + more)
    }),
  ),

  storageCase('a body comes back exactly: 1 MiB of text beyond ASCII', async ({ storage }) => {
    await expectKept(storage, 'one', 'ä🔐x'.repeat(MEBIBYTE / 7))
  }),

  storageCase('a body comes back exactly: more than 2 MiB', async ({ storage }) => {
    await expectKept(storage, 'two', `${'0123456789abcdef'.repeat(MEBIBYTE / 8)} and more`)
  }),

  storageCase('a body of 8 MiB comes back exactly, or is refused and nothing is written', async ({ storage }) => {
    await expectKeptOrRefused(storage, 'eight', '0123456789abcdef'.repeat(MEBIBYTE / 2))
  }),

  storageCase('a body with NUL comes back exactly, or is refused and nothing is written', async ({ storage }) => {
    await expectKeptOrRefused(storage, 'nul', 'before\0after')
  }),
]

/** Through get and through list, over a body of another length. */
async function expectKept(storage: VaultStorage, tag: string, body: string): Promise<void> {
  await storage.put(recordOf(tag, 1, { body: 'the body before' }))
  const record = recordOf(tag, 2, { body })
  await storage.put(record)
  expectRecord(await readBack(storage, tag), record)
  const listed = await everyStoredRecord(storage, { limit: 10 })
  expectRecord(
    listed.find((one) => one.tag === tag),
    record,
  )
}

/** A limit of the storage is no fault as long as it is said: by a code that means that nothing was written. */
async function expectKeptOrRefused(storage: VaultStorage, tag: string, body: string): Promise<void> {
  const record = recordOf(tag, 1, { body })
  const outcome = await outcomeOf(storage.put(record))
  const isRefused = outcome === 'ERR_INVALID_INPUT' || outcome === 'ERR_STORAGE_UNAVAILABLE'
  expectThat(outcome === 'done' || isRefused, `the put must be done or be refused, but was rejected with ${outcome}`)
  if (isRefused) expectNone(await readBack(storage, tag))
  else expectRecord(await readBack(storage, tag), record)
  // and the storage works on
  await storage.put(recordOf(`after-${tag}`))
  expectRecord(await readBack(storage, `after-${tag}`), recordOf(`after-${tag}`))
}
