/** One redactor for one run of a workflow: it knows what this run has seen, and goes away with it. */

import { createVault, generateKey } from 'guillemet'
import { createRedactor } from 'guillemet/redact'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'crm', value: 'crm-51e0d44b7c' })

// #region run
const redactor = createRedactor()
const run = vault.with({ redactor }) // learns what this view opens, and cleans its results

const request = await run.resolve({ authorization: 'Bearer << secrets.crm >>' })
redactor.add('session', 'session-8d1f0c2e') // a step got it from a server: no vault knows it

const { authorization } = request.expose()
console.log(redactor.text(`sent ${authorization}, got session-8d1f0c2e`)) // prints: sent Bearer [secret:crm], got [secret:session]
console.log(vault.redactor.text('crm-51e0d44b7c session-8d1f0c2e')) // prints: [secret:crm] session-8d1f0c2e
// #endregion
await vault.close()
