import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createVault, generateKey } from 'guillemet'
import { vaultFetch } from 'guillemet/http/fetch'
import { memoryStorage } from 'guillemet/storage/memory'
const child = fork('./.cpu-server.mjs')
const [port] = await once(child, 'message')
const origin = `http://127.0.0.1:${port}`
const TOKEN = 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4'
const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.create({ tag: 'zendesk', value: TOKEN, allow: { hosts: [origin] } })
const snapshot = await vault.snapshot(['zendesk'], { destination: origin, locations: ['header'] })
const send = vaultFetch(vault, { snapshot }), read = vaultFetch(vault), raw = vaultFetch(vault, { snapshot, redactResponse: false })
const h = (t) => ({ Authorization: `Bearer ${t}`, Accept: 'application/json' })
const works = {}
for (const p of ['/small', '/json', '/json-echo', '/text', '/text-echo', '/events', '/events-echo']) {
  works[p + ' plain'] = async () => (await fetch(origin + p, { headers: h(TOKEN) })).text()
  works[p + ' snap'] = async () => (await send(origin + p, { headers: h('<< secrets.zendesk >>') })).text()
  if (p === '/small') { works[p + ' read'] = async () => (await read(origin + p, { headers: h('<< secrets.zendesk >>') })).text()
  works[p + ' raw'] = async () => (await raw(origin + p, { headers: h('<< secrets.zendesk >>') })).text() }
}
const only = process.argv[2]
const res = {}, wall = {}
for (let r = 0; r < 14; r++) for (const [k, w] of Object.entries(works)) {
  if (only && !k.startsWith(only)) continue
  const n = k.startsWith('/small') ? 200 : 8
  const s = process.cpuUsage(), t = []
  for (let i = 0; i < n; i++) { const a = performance.now(); await w(); t.push(performance.now() - a) }
  const e = process.cpuUsage(s)
  if (r > 1) { (res[k] ??= []).push((e.user + e.system) / n); (wall[k] ??= []).push(t.sort((a, b) => a - b)[t.length >> 1] * 1e3) }
}
const med = (x) => x.sort((a, b) => a - b)[x.length >> 1]
for (const k in res) { const b = k.split(' ')[0] + ' plain'; console.log(k.padEnd(20), med(res[k]).toFixed(0).padStart(7), 'µs cpu', (med(res[k]) / med(res[b])).toFixed(2), ' wall', med(wall[k]).toFixed(0).padStart(7), (med(wall[k]) / med(wall[b])).toFixed(2)) }
await vault.close(); child.disconnect()
