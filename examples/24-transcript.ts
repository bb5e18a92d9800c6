/** A transcript that a model reads: it sees references, never values, and what it writes back resolves again. */

import { createVault, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'crm', value: 'crm-51e0d44b7c', allow: { hosts: ['crm.example'] } })

// #region conceal
const request = await vault.resolveRequest({
  url: 'https://crm.example/contacts',
  headers: { Authorization: 'Bearer << secrets.crm >>' },
})
const { Authorization } = request.expose().headers

// what a tool has printed; somebody's reference in it is not ours
const output = `sent ${Authorization}, got key=${btoa('crm-51e0d44b7c')} and << secrets.stripe >>`
console.log(vault.conceal(output, { of: [request] })) // prints: sent Bearer << secrets.crm >>, got key=[secret:crm] and \<< secrets.stripe >>
// #endregion
await vault.close()
