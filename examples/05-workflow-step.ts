/** A workflow step: the engine renders its own tags first, secrets come last, the run history holds no plaintext. */

import { createVault, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'crm', value: 'crm-0d6e21f9aa', allow: { hosts: ['crm.example'] } })
await vault.set({ tag: 'stripe', value: 'sk-4c1f0e9d2b' })

// #region step
// What the author saved, checked when it was saved; [] means that nothing is wrong with it.
const stored = {
  url: 'https://crm.example/contacts',
  headers: { Authorization: 'Bearer << secrets.crm >>' },
  body: { note: '{{ steps.form.note }}' },
}
console.log(await vault.check(stored, { as: 'request' })) // prints: []

// A step's output is data, even if somebody writes a reference into it.
const outputs = { 'steps.form.note': 'hi << secrets.stripe >>' }
const rendered = JSON.parse(
  JSON.stringify(stored).replace(/\{\{ (steps\.[\w.]+) \}\}/g, (_, name: keyof typeof outputs) => outputs[name]),
)
const authored = vault.references(stored, { as: 'request' })
const send = async (request: typeof stored) => ({ status: 200, echo: request.headers.Authorization })

const refused = await vault.use(rendered, send, { as: 'request', authored }).catch((error) => error)
console.log(refused.code, refused.path) // prints: ERR_UNEXPECTED_REFERENCE body.note

// Without the foreign reference the step runs; its result goes into the history redacted.
rendered.body.note = 'hi'
console.log(await vault.use(rendered, send, { as: 'request', authored })) // prints: { status: 200, echo: 'Bearer [secret:crm]' }
// #endregion
await vault.close()
