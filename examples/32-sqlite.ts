/** Secrets in the SQLite database that the application has: the driver is yours, and the records in it are sealed. */

import { createVault, generateKey } from 'guillemet'
import { sqliteStorage } from 'guillemet/storage/sqlite'
import Database from 'libsql' // or better-sqlite3, node:sqlite, bun:sqlite

const path = 'app.db'
const keys = generateKey()

// #region storage
const storage = sqliteStorage({ database: new Database(path) }) // a handle for the storage alone
await storage.migrate() // when the application starts
const vault = createVault({ storage, keys })
// #endregion

await vault.set({ tag: 'stripe', value: 'sk-4c1f0e9d2b' })
console.log(storage.where) // prints: the table guillemet_records of the SQLite database

// another process, with a handle of its own
const other = createVault({ storage: sqliteStorage({ database: new Database(path) }), keys })
console.log(await other.resolve('Bearer << secrets.stripe >>')) // prints: 'Bearer [secret:stripe]'

// the application's own look at the table: no value is in it
const [row] = new Database(path).prepare("SELECT tag, body FROM guillemet_records WHERE tag = 'stripe'").all() as [
  { tag: string; body: string },
]
console.log(row.tag, row.body.includes('sk-4c1f0e9d2b')) // prints: stripe false

// a backup is a statement, never a copy of the file
new Database(path).exec("VACUUM INTO 'backup.db'")
