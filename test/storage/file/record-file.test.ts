/** A version file is either exactly what was written for its place, or nothing. */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../../../src/storage/file/record-file.ts'

const place = { workspace: 'main', environment: 'default', tag: 'zendesk', version: 7 }
const record = { ...place, body: 'sealed\n text \ufeff🔐' }

describe('decodeRecord', () => {
  test('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 2 ** 53 - 1 }), (body, version) => {
        const one = { ...place, version, body }
        expect(decodeRecord(encodeRecord(one), { ...place, version })).toEqual(one)
      }),
    )
  })

  test('refuses a file cut at any length, or longer than it was', () => {
    const bytes = encodeRecord(record)
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeRecord(bytes.subarray(0, length), place)).toBeUndefined()
    }
    expect(decodeRecord(new Uint8Array([...bytes, 0]), place)).toBeUndefined()
  })

  test('refuses any changed byte, and a page of zeros', () => {
    const bytes = encodeRecord(record)
    for (let index = 0; index < bytes.length; index++) {
      const changed = bytes.slice()
      changed[index]! ^= 1
      expect(decodeRecord(changed, place)).toBeUndefined()
      expect(decodeRecord(bytes.slice().fill(0, index), place)).toBeUndefined()
    }
  })

  test('refuses the file of another place', () => {
    const bytes = encodeRecord(record)
    expect(decodeRecord(bytes, place)).toEqual(record)
    for (const other of [{ workspace: 'Main' }, { environment: 'dev' }, { tag: 'zendesk2' }, { version: 8 }]) {
      expect(decodeRecord(bytes, { ...place, ...other })).toBeUndefined()
    }
  })

  test('refuses a body that is not UTF-8, even with its checksum', () => {
    const head = Buffer.from('guillemet record 1\nmain\ndefault\nzendesk\n7\n')
    const body = Buffer.from([0xc3, 0x28])
    const checksum = createHash('sha256').update(head).update(body).digest('hex').slice(0, 32)
    expect(decodeRecord(Buffer.concat([head, Buffer.from(`${checksum}\n`), body]), place)).toBeUndefined()
    const text = Buffer.from('ok')
    const right = createHash('sha256').update(head).update(text).digest('hex').slice(0, 32)
    expect(decodeRecord(Buffer.concat([head, Buffer.from(`${right}\n`), text]), place)?.body).toBe('ok')
  })
})

describe('encodeRecord', () => {
  test('takes a body of exactly the limit', () => {
    const body = 'x'.repeat(16 * 1024 * 1024)
    expect(decodeRecord(encodeRecord({ ...record, body }), place)?.body).toBe(body)
  })
})
