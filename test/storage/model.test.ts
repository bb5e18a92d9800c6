/** A storage behaves as a Map with versions, whatever is done with it and through which handle. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import { compareKeys, type StoredRecord, type VaultStorage } from '../../src/ports/storage.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { scratch } from './scratch.ts'

const place = scratch()
const key = fc.record({
  workspace: fc.constantFrom('w', 'W'),
  environment: fc.constantFrom('$', 'e', 'e-1'),
  tag: fc.constantFrom('a', 'A', 'a-b', '__proto__', '$keyring'),
})
const handle = fc.nat({ max: 1 })
const step = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    handle,
    key,
    ahead: fc.constantFrom(0, 1, 1, 1, 2),
    body: fc.string({ unit: 'grapheme' }),
  }),
  fc.record({ kind: fc.constant('get' as const), handle, key }),
  fc.record({
    kind: fc.constant('list' as const),
    handle,
    key,
    hasEnvironment: fc.boolean(),
    hasCursor: fc.boolean(),
    limit: fc.integer({ min: 1, max: 8 }),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

describe.each([
  ['memoryStorage', 100, () => [memoryStorage()]],
  ['fileStorage', 15, () => [place()].flatMap((directory) => [fileStorage(directory), fileStorage(directory)])],
] as const)('%s', (_, numRuns, open) => {
  test('behaves as a Map with versions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const handles = open()
        const model = new Map<string, StoredRecord>()
        for (const one of steps) await follow(handles[one.handle % handles.length]!, model, one)
      }),
      { numRuns },
    )
  })
})

async function follow(storage: VaultStorage, model: Map<string, StoredRecord>, one: Step): Promise<void> {
  const { workspace, environment, tag } = one.key
  const path = `${workspace}/${environment}/${tag}`
  const stored = model.get(path)
  if (one.kind === 'get') {
    expect(await storage.get(workspace, [{ environment, tag }])).toEqual([stored])
  } else if (one.kind === 'put') {
    const record = { ...one.key, version: Math.max(1, (stored?.version ?? 0) + one.ahead), body: one.body }
    const code = await storage.put(record).then(() => undefined, codeOf)
    const isNext = record.version === (stored?.version ?? 0) + 1
    expect(code).toBe(isNext ? undefined : 'ERR_CONFLICT')
    if (isNext) model.set(path, record)
  } else {
    const after = { environment, tag }
    const expected = [...model.values()]
      .filter((record) => record.workspace === workspace)
      .filter((record) => !one.hasEnvironment || record.environment === environment)
      .filter((record) => !one.hasCursor || compareKeys(record, after) > 0)
      .sort(compareKeys)
    const page = { limit: one.limit, ...(one.hasEnvironment && { environment }), ...(one.hasCursor && { after }) }
    expect(await storage.list(workspace, page)).toEqual(expected.slice(0, one.limit))
  }
}
