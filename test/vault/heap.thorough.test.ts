/** What a process remembers of a resolve from a snapshot: nothing but the snapshot's own values. */

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Holder, holdersOf } from './heap.ts'

const SCRIPT = fileURLToPath(new URL('./children/heap.ts', import.meta.url))
const value = `v-${randomUUID()}`
const basic = Buffer.from(`ann:p-${value}`).toString('base64')
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'guillemet-heap-'))
  const backwards = [...value].reverse().join('')
  await promisify(execFile)(process.execPath, ['--import', 'tsx', SCRIPT, directory, backwards])
})

afterAll(() => rm(directory, { recursive: true }))

/** The objects that hold the value, or what a filter made of it. */
async function heldIn(name: 'released' | 'held' | 'closed'): Promise<readonly Holder[]> {
  const heap = await readFile(join(directory, name), 'utf8')
  return [...holdersOf(heap, value), ...holdersOf(heap, basic)]
}

/** Without the arrays in which the engine keeps the properties of some objects. */
function propertiesOf(holders: readonly Holder[]): readonly string[] {
  return holders
    .filter(({ holder }) => holder !== 'array (object properties)')
    .map(({ edge }) => edge)
    .sort()
}

it('nothing that outlives its results holds plaintext but the values of the snapshot', async () => {
  // the value of one secret and the one field of the other, and the same two texts as the redactors were taught them
  expect(propertiesOf(await heldIn('released'))).toEqual([
    'property password',
    'property text',
    'property text',
    'property value',
  ])
})

it('a result that is kept is seen to hold it, in every shape', async () => {
  const held = propertiesOf(await heldIn('held'))
  for (const edge of ['Authorization', 'Cookie', 'X-Basic', 'url', 'body', '#value']) {
    expect(held).toContain(`property ${edge}`)
  }
})

it('nothing at all holds plaintext once the snapshot is closed', async () => {
  expect(await heldIn('closed')).toEqual([])
})
