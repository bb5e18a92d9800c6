/** New data keys and a new key-encryption key, while the program that uses the secrets runs on. */

import { createVault, generateKey } from 'guillemet'
import { destroyKey, retireKey, rewrapKeys, rotateKeys } from 'guillemet/admin'
import { memoryStorage } from 'guillemet/storage/memory'

const storage = memoryStorage()
const [old, next] = [generateKey(), generateKey()]
const app = createVault({ storage, keys: [next, old] })
const first = createVault({ storage, keys: old })
await first.create({ tag: 'zendesk', value: 'zd-7f3e9a1c5b' })
await first.create({ tag: 'stripe', value: 'sk-51b0c7e94a' })

// #region rotate
const vault = createVault({ storage, keys: old })
const run = rotateKeys(vault)
for await (const { tag, outcome } of run) console.log(tag, outcome)
// prints: stripe rotated
// prints: zendesk rotated
const { isComplete, workspaces } = await run
console.log(isComplete) // prints: true

// Once nothing needs the old data keys any longer: each is proved by opening every record.
for (const { workspace, retired } of workspaces) {
  for (const id of retired) await destroyKey(vault, id, { confirm: id, workspaces: [workspace] })
}
// #endregion

// #region rewrap
// 1. Every program is started with both keys, the new one first; then every data key is wrapped with both.
const report = await rewrapKeys(createVault({ storage, keys: [next, old] }))
console.log(report.isComplete, report.needed.length) // prints: true 2

// 2. Every program is started with the new key alone. One that has it proves that it opens everything.
console.log(await retireKey(createVault({ storage, keys: next }), old)) // prints: { done: 1, isComplete: true }
// #endregion

console.log((await app.resolve('Bearer << secrets.zendesk >>')).expose()) // prints: Bearer zd-7f3e9a1c5b
