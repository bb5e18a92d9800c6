/** Assertions of the conformance suite: plain errors, so that any runner shows them. Bodies are never printed. */

import { codeOf } from '../errors.ts'
import type { StoredRecord } from '../ports/storage.ts'

/** Fails the case unless the condition is true. */
export function expectThat(isTrue: boolean, otherwise: string): asserts isTrue {
  if (!isTrue) throw new Error(otherwise)
}

/** The very record, field by field; other fields are not looked at. */
export function expectRecord(actual: StoredRecord | undefined, expected: StoredRecord): void {
  if (!actual) throw new Error(`expected ${describeRecord(expected)}, got ${describeRecord(actual)}`)
  for (const field of ['workspace', 'environment', 'tag', 'version'] as const) {
    if (actual[field] === expected[field]) continue
    throw new Error(`expected ${describeRecord(expected)}, got the ${field} ${JSON.stringify(actual[field])}`)
  }
  expectThat(
    actual.body === expected.body,
    `the body of ${describeRecord(expected)} came back changed: ${expected.body.length} code units went in, ${actual.body?.length} came out`,
  )
}

/** These records in this order. */
export function expectRecords(actual: readonly (StoredRecord | undefined)[], expected: readonly StoredRecord[]): void {
  const seen = actual.map(describeRecord).join(', ')
  const wanted = expected.map(describeRecord).join(', ')
  expectThat(seen === wanted, `expected [${wanted}], got [${seen}]`)
  for (const [index, record] of expected.entries()) expectRecord(actual[index], record)
}

/** No record. */
export function expectNone(actual: StoredRecord | undefined): void {
  if (actual !== undefined) throw new Error(`expected undefined, got ${describeRecord(actual)}`)
}

/** A rejection with this code, whatever the class. */
export async function expectCode(promise: Promise<unknown>, code: string, what: string): Promise<void> {
  const outcome = await promise.then(
    () => 'fulfilled',
    (error: unknown) => `rejected with ${codeOf(error) ?? 'an error without a code'}`,
  )
  expectThat(outcome === `rejected with ${code}`, `${what} must be rejected with ${code}, but was ${outcome}`)
}

/** What a storage answered, which may be something else than its type says. */
function describeRecord(record: StoredRecord | undefined): string {
  return record ? `${record.environment}/${record.tag}@${record.version}` : String(record)
}
