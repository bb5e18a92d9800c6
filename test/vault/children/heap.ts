/**
 * Resolves from a snapshot and writes what is on the heap into three files: once the results are `released`, while some
 * are `held`, and when the snapshot is `closed`.
 *
 * `heap.ts <directory> <the value, backwards>`: the value itself is in no argument and no source, so whatever holds it got
 * it from the vault.
 */

import { join } from 'node:path'
import { writeHeapSnapshot } from 'node:v8'
import { generateKey } from '../../../src/crypto/local-key.ts'
import type { Redactor } from '../../../src/redact/redactor.ts'
import { memoryStorage } from '../../../src/storage/memory.ts'
import type { Resolved } from '../../../src/vault/api.ts'
import { createVault } from '../../../src/vault/vault.ts'

const [directory, backwards] = process.argv.slice(2) as [string, string]

// a redactor knows values, which is what it is for; this one keeps none
const redactor = {
  add: () => 'ok',
  text: (text: string) => text,
  json: (line: string) => line,
  value: <T>(value: T) => value,
  data: <T>(value: T) => value,
  find: () => [],
  chunks: () => undefined,
  stream: () => undefined,
} as unknown as Redactor

const vault = createVault({ storage: memoryStorage(), keys: generateKey(), redactor })

async function store(): Promise<void> {
  const value = [...backwards].reverse().join('')
  await vault.create({ tag: 'token', value })
  await vault.create({ tag: 'login', value: { username: 'ann', password: `p-${value}` } })
}

const HEADERS = {
  Authorization: 'Bearer << secrets.token >>',
  Cookie: 'session=<< secrets.login.password >>; Path=/',
  'X-Basic': 'Basic << secrets.login | basic >>',
}
const REQUEST = {
  url: 'https://acme.dev/x?key=<< secrets.token >>',
  headers: HEADERS,
  body: '{"k":"<< secrets.token >>"}',
}

await store()
const view = vault.with({ redactor })
const snapshot = await view.snapshot()
const prepared = view.prepare(HEADERS, { as: 'headers' })

function resolveAll(): readonly Resolved<unknown>[] {
  return [
    snapshot.resolve(prepared),
    snapshot.resolve(HEADERS, { as: 'headers' }),
    snapshot.resolve({ ...HEADERS }, { as: 'env' }),
    snapshot.resolve(REQUEST, { as: 'request' }),
    snapshot.resolve('token=<< secrets.token >>'),
  ]
}

/** Called in a function of its own, whose variables are gone when the heap is written. */
function resolveAndForget(): void {
  for (let round = 0; round < 200; round++) {
    for (const resolved of resolveAll()) JSON.stringify([resolved.expose(), resolved.redacted, resolved.references])
  }
}

async function writeHeap(name: 'released' | 'held' | 'closed'): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 1)) // no frame of what was done is left
  writeHeapSnapshot(join(directory, name))
}

resolveAndForget()
await writeHeap('released')
let held = resolveAll()
await writeHeap('held')
process.stdout.write(`${held.length} results held\n`) // so that they live until now
held = []
snapshot.close()
await writeHeap('closed')
process.stdout.write(`${typeof snapshot} ${typeof prepared} released\n`)
