/** An error says by its code what happened, and by its fields where. */

import { createVault, type GuillemetError, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'zendesk', value: 'zd-7f3e9a1c5b' })

// #region catch
try {
  await vault.resolveHeaders({ Authorization: 'Bearer << secrets.zendes >>' })
} catch (error) {
  const { code, missing = [] } = error as GuillemetError
  if (code !== 'ERR_MISSING_SECRETS') throw error
  for (const { tag, path, suggestion } of missing) console.log({ tag, path, suggestion })
  // prints: { tag: 'zendes', path: 'Authorization', suggestion: 'zendesk' }
}
// #endregion
await vault.close()
