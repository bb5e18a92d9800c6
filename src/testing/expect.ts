/** Assertions of the conformance suite: plain errors, so that any runner shows them. Bodies are never printed. */

import { codeOf } from '../errors.ts'
import type { StoredRecord } from '../ports/storage.ts'
import { bodyHint, orderHint, versionHint } from './usual-causes.ts'

/** What was seen in place of what the storage port promises. */
export class BrokenPromise extends Error {
  /** The name of the class, as `error.toString()` shows it. */
  override readonly name = 'BrokenPromise'
}

/** Fails the case unless the condition is true. */
export function expectThat(isTrue: boolean, otherwise: string): asserts isTrue {
  if (!isTrue) throw new BrokenPromise(otherwise)
}

/** The very record, field by field; other fields are not looked at. */
export function expectRecord(actual: StoredRecord | undefined, expected: StoredRecord): void {
  if (!actual) throw new BrokenPromise(`expected ${describeRecord(expected)}, got ${describeRecord(actual)}`)
  for (const field of ['workspace', 'environment', 'tag', 'version'] as const) {
    if (actual[field] === expected[field]) continue
    const hint = field === 'version' ? versionHint(actual.version) : ''
    throw new BrokenPromise(`expected ${describeRecord(expected)}, got the ${field} ${shown(actual[field])}${hint}`)
  }
  if (actual.body === expected.body) return
  const lengths = `${expected.body.length} code units went in, ${actual.body?.length} came out`
  const hint = bodyHint(actual.body, expected.body)
  throw new BrokenPromise(`the body of ${describeRecord(expected)} came back changed: ${lengths}${hint}`)
}

/** These records in this order. */
export function expectRecords(actual: readonly (StoredRecord | undefined)[], expected: readonly StoredRecord[]): void {
  const seen = actual.map(describeRecord)
  const wanted = expected.map(describeRecord)
  if (seen.join() !== wanted.join()) {
    throw new BrokenPromise(`expected [${wanted.join(', ')}], got [${seen.join(', ')}]${orderHint(seen, wanted)}`)
  }
  for (const [index, record] of expected.entries()) expectRecord(actual[index], record)
}

/** No record. */
export function expectNone(actual: StoredRecord | undefined): void {
  if (actual !== undefined) throw new BrokenPromise(`expected undefined, got ${describeRecord(actual)}`)
}

/** A rejection with this code, whatever the class. */
export async function expectCode(promise: Promise<unknown>, code: string, what: string): Promise<void> {
  const outcome = await outcomeOf(promise)
  expectThat(
    outcome === code,
    outcome === 'done'
      ? `${what} must be rejected with ${code}, but was acknowledged (a write that compares nothing, or affected rows misread?)`
      : `${what} must be rejected with ${code}, but was with ${outcome} (an error of the driver that is not told apart?)`,
  )
}

/** `done`, or the code of the rejection. */
export function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => codeOf(error) ?? 'an error without a code',
  )
}

/** What a storage answered, which may be something else than its type says. */
function describeRecord(record: StoredRecord | undefined): string {
  return record ? `${record.environment}/${record.tag}@${record.version}` : String(record)
}

function shown(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : String(JSON.stringify(value))
}
