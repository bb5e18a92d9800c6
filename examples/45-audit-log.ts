/** An audit log in a file: each use of a secret is a line, and a change of any line shows. */

import { appendFileSync, createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault, generateKey } from 'guillemet'
import { auditLog, verifyAuditLog } from 'guillemet/audit'
import { memoryStorage } from 'guillemet/storage/memory'

const folder = mkdtempSync(join(tmpdir(), 'audit-'))
const file = join(folder, 'audit.log')
const storage = memoryStorage()
const keys = generateKey()
const key = generateKey()

// #region write
const onEvent = auditLog({
  key, // one of its own, from generateKey()
  write: (line) => appendFileSync(file, line, { flush: true }),
  readEnd: () => (existsSync(file) ? readFileSync(file, 'utf8') : undefined),
})
const vault = createVault({ storage, keys, onEvent, audit: 'required', actor: { id: 'ada' } })

await vault.create({ tag: 'zendesk', value: 'zd-7f3e9a1c5b' })
await vault.resolveHeaders({ Authorization: 'Bearer << secrets.zendesk >>' })
const [, line] = readFileSync(file, 'utf8').split('\n')
const { entry, event } = JSON.parse(line!)
console.log(entry, event.action, event.actor.id, event.secrets[0].tag) // prints: 2 use ada zendesk
// #endregion

// #region verify
const { entries, last } = await verifyAuditLog(createReadStream(file, 'utf8'), { key })
console.log(entries) // prints: 2

// later: `last` was kept where nobody who can change the log can change it
await verifyAuditLog(createReadStream(file, 'utf8'), { key, kept: last })

writeFileSync(file, readFileSync(file, 'utf8').replace('"ada"', '"bob"'))
const error = await verifyAuditLog(createReadStream(file, 'utf8'), { key }).catch((reason) => reason)
console.log(error.reason, error.message)
// prints: tampered Line 1 of the audit log was changed, or written with another key than the one that was given.
// #endregion

await vault.close()
rmSync(folder, { recursive: true })
