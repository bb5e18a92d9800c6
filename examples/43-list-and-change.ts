/** What is known of secrets as a page shows it, and a form for a secret of two fields. */

import { createVault, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })

// #region fields
await vault.set({ tag: 'aws', value: { accessKeyId: 'AKIA5EXAMPLE', secretAccessKey: 'first-secret-access-key' } })
// A new value replaces all fields, so both are typed again: what is left out would be gone, and dots are refused.
await vault.update('aws', { value: { accessKeyId: 'AKIA6EXAMPLE', secretAccessKey: 'next-secret-access-key' } })

// Fields that are changed one by one are secrets of their own.
await vault.set({ tag: 'aws_id', value: 'AKIA5EXAMPLE' })
await vault.set({ tag: 'aws_key', value: 'first-secret-access-key' })
await vault.update('aws_key', { value: 'next-secret-access-key' }) // the other one stays
// #endregion

// #region list
const secrets = []
for await (const { tag, type, value } of vault.list()) secrets.push({ tag, type, value })
console.log(JSON.stringify(secrets[0])) // prints: "value":{"accessKeyId":"••••••••","secretAccessKey":"••••••••"}
// #endregion
console.log(secrets.map(({ tag }) => tag).join()) // prints: aws,aws_id,aws_key
await vault.close()
