/** A fetch to give away: a client that knows nothing of secrets sends the key, quotes references, and prints what fails. */

import { createVault, generateKey } from 'guillemet'
import { vaultFetch } from 'guillemet/http/fetch'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
const allow = { hosts: ['api.model.example'] }
await vault.set({ tag: 'model', value: 'sk-7f3e9a1c5b8d', allow })
await vault.set({ tag: 'stripe', value: 'rk_live_51H8x0aZq9' })

/** A server that shows what it got, its key among it. */
globalThis.fetch = async (_input, init) => {
  const { authorization } = Object.fromEntries(new Headers(init?.headers))
  return Response.json({
    asked: JSON.parse(String(init?.body)).prompt,
    error: `invalid key ${authorization?.slice(7)}`,
  })
}

/** Any client that takes a fetch. */
class Model {
  constructor(readonly options: { apiKey: string; fetch: typeof fetch }) {}

  async ask(prompt: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.options.apiKey}`, 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify({ prompt }) }
    return (await this.options.fetch('https://api.model.example/v1', init)).json()
  }
}

// #region client
const model = new Model({ apiKey: '<< secrets.model >>', fetch: vaultFetch(vault) })
console.log(await model.ask('what is {{ secrets.stripe }}?'))
// prints: asked: 'what is {{ secrets.stripe }}?',
// prints: error: 'invalid key [secret:model]'
// #endregion

// #region options
const token = vaultFetch(vault, {
  headers: ['x-acme-key'], // further headers with references
  in: ['body'], // and whole bodies: only where all their text is yours
  tags: ['model'], // no other secret, whoever asks
  redactResponse: false, // the answer as it was sent
})
// #endregion
console.log(typeof token) // prints: function
