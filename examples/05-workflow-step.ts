/** A workflow step: the engine renders its own tags first, secrets come last, the run history holds no plaintext. */

import { createVault, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'crm', value: 'crm-0d6e21f9aa', allow: { hosts: ['crm.example'] } })
await vault.set({ tag: 'stripe', value: 'sk-4c1f0e9d2b' })

// #region step
// What the author saved, checked when it was saved. Findings have a severity: refuse an error, show a warning.
const stored = {
  url: 'https://crm.example/contacts',
  headers: { Authorization: 'Bearer << secrets.crm >>' },
  body: { note: '{{ steps.form.note }}' },
}
console.log(await vault.check(stored, { as: 'request' })) // prints: []

// A step's output is data, even if somebody writes a reference into it. Fill it into each text of the parsed config, never into
// its JSON: an output that holds a quote could write another "url".
const outputs: Record<string, string> = { 'steps.form.note': 'hi << secrets.stripe >>' }
const fill = (text: string) => text.replace(/\{\{ (steps\.[\w.]+) \}\}/g, (_, name: string) => outputs[name] ?? '')
const rendered = JSON.parse(JSON.stringify(stored), (_, leaf) => (typeof leaf === 'string' ? fill(leaf) : leaf))
const authored = vault.references(stored, { as: 'request' })
const send = async (request: typeof stored) => ({ status: 200, echo: request.headers.Authorization })

const refused = await vault.use(rendered, send, { as: 'request', authored }).catch((error) => error)
console.log(refused.code, refused.path) // prints: ERR_UNEXPECTED_REFERENCE body.note

// Without the foreign reference the step runs. Its result goes into the history as data: values of at least eight characters
// are masked, ports, flags and names stay.
rendered.body.note = 'hi'
console.log(await vault.use(rendered, send, { as: 'request', authored })) // prints: { status: 200, echo: 'Bearer [secret:crm]' }
// #endregion
await vault.close()
