/** Everything once: make a key, store five kinds of secrets, send a real request, print nothing that is secret. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault, generateKey, referenceTo } from 'guillemet'
import { vaultFetch } from 'guillemet/http/fetch'
import { fileStorage } from 'guillemet/storage/file'

const directory = await mkdtemp(join(tmpdir(), 'guillemet-'))
const title = (text: string) => console.log(`\n── ${text}`)

// A plugin's server: it checks what arrives, and has one page that redirects to another origin.
const elsewhere = createServer((request, response) => response.end(JSON.stringify(request.headers)))
const server = createServer((request, response) => {
  if (request.url?.startsWith('/elsewhere')) {
    const { port } = elsewhere.address() as AddressInfo
    response.writeHead(307, { location: `http://localhost:${port}/` }).end()
    return
  }
  const isRight = request.headers.authorization === 'Bearer zd-7f3e9a1c5b' && request.headers['x-team'] === 'support'
  response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ isRight, got: request.headers.authorization }))
})
await Promise.all([server, elsewhere].map((each) => new Promise<void>((ready) => each.listen(0, 'localhost', ready))))
const origin = `http://localhost:${(server.address() as AddressInfo).port}`

// 1. A key, made once and kept outside the repository, and a vault over a fresh directory.
const vault = createVault({ storage: fileStorage(directory), keys: generateKey() })

title('Store five kinds of secrets')
await vault.set({
  tag: 'zendesk',
  type: 'token',
  value: 'zd-7f3e9a1c5b',
  allow: { hosts: [origin], in: ['header', 'body'] },
})
await vault.set({ tag: 'runpod', type: 'apiKey', value: 'rp-51e0d44b7c' })
await vault.set({ tag: 'svc', type: 'basicAuth', value: { username: 'robot', password: 'open sesame' } })
await vault.set({
  tag: 'database',
  type: 'database',
  value: { name: 'main', mode: 'uri', uri: 'mongodb+srv://app:hunter22@db.acme.dev/' },
})
await vault.set({ tag: 'mail', value: { host: 'smtp.acme.dev', port: 587, password: 'correct horse' } })
for await (const { tag, type, value } of vault.list()) console.log(tag.padEnd(10), type.padEnd(10), value)

title('The record on disk is sealed')
for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
  if (!name.isFile() || !name.parentPath.includes('zendesk')) continue
  const text = await readFile(join(name.parentPath, name.name), 'utf8')
  if (text.includes('gm1.')) console.log(`${text.slice(text.indexOf('gm1.'), text.indexOf('gm1.') + 72)}…`)
}

title("A plugin's proxy headers: before and after")
const headers = [
  { name: 'Authorization', value: `Bearer ${referenceTo('zendesk')}` },
  { name: 'X-Team', value: 'support' },
]
console.log('stored:  ', headers)
console.log('resolved:', await vault.resolveHeaders(headers, { destination: origin }))

title('An environment map; what is not a reference of ours stays as it is')
const env = {
  API_KEY: '{{ RUNPOD_SECRET_runpod }}',
  MONGODB_URI: '<< secrets.database.uri >>',
  SMTP: 'smtp://<< secrets.mail.host >>:<< secrets.mail.port >>',
  GREETING: 'Hello {{ steps.user.name }}, ${{ secrets.CI }}',
}
console.log('stored:  ', env)
console.log('resolved:', await vault.resolveEnv(env))

title('Send it for real; the server checks what arrives')
const request = { method: 'POST', headers: { Authorization: 'Bearer << secrets.zendesk >>', 'X-Team': 'support' } }
const response = await vaultFetch(vault)(`${origin}/tickets.json`, request)
console.log(response.status, vault.redactor.text(await response.text()))

title('What goes wrong says how to put it right')
const failures = {
  'a missing reference': () => vault.resolveHeaders({ Authorization: 'Bearer << secrets.ZenDesk >>' }),
  'a host that the rule does not name': () => vaultFetch(vault)('https://evil.example/', request),
  'a redirect that would carry the secret away': () =>
    vaultFetch(vault, { in: ['body'] })(`${origin}/elsewhere`, { method: 'POST', body: 'token=<< secrets.zendesk >>' }),
}
for (const [name, attempt] of Object.entries(failures)) {
  const error = await attempt().then(
    () => new Error(`${name} was let through`),
    (reason) => reason,
  )
  console.log(`${name}:\n  ${error.code}: ${error.message}`)
  if (error.missing) console.log(' ', error.missing)
}

await vault.close()
server.close()
elsewhere.close()
await rm(directory, { recursive: true })
