import { createVault, generateKey } from './dist/index.js'
import { memoryStorage } from './dist/storage/memory.js'
const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'zendesk', value: 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4' })
const text = vault.prepare('Bearer << secrets.zendesk >>')
for (let i = 0; i < 200000; i++) await vault.resolve(text)
