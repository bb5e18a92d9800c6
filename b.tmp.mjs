import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { randomBytes } from 'node:crypto'
const root = process.argv[2]
const { createVault, generateKey } = await import(root + '/dist/index.js')
const { memoryStorage } = await import(root + '/dist/storage/memory.js')
const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'zendesk', value: 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4' })
const request = { url: 'https://acme.zendesk.com/api/v2/tickets.json', headers: { Authorization: 'Bearer << secrets.zendesk >>' } }
const headers = { Authorization: 'Bearer << secrets.zendesk >>' }
const text = 'Bearer << secrets.zendesk >>'
const pReq = vault.prepare(request, { as: 'request' }), pText = vault.prepare(text)
const key = randomBytes(32), nonce = randomBytes(24), info = randomBytes(64)
const boxed = xchacha20poly1305(key, nonce).encrypt(new Uint8Array(64))
const works = {
  prim: async () => { const d = expand(sha256, key, info, 64); return xchacha20poly1305(key, nonce).decrypt(boxed) },
  text: () => vault.resolve(text), pText: () => vault.resolve(pText),
  headers: () => vault.resolveHeaders(headers), request: () => vault.resolveRequest(request), pReq: () => vault.resolveRequest(pReq),
}
const names = Object.keys(works); const times = Object.fromEntries(names.map(n => [n, []]))
for (let r = 0; r < 40; r++) for (const n of (r % 2 ? names : names.slice().reverse())) {
  const w = works[n]; const t = process.cpuUsage(); for (let i = 0; i < 150; i++) await w(); const c = process.cpuUsage(t); times[n].push((c.user + c.system) / 150)
}
const med = a => a.slice(5).sort((x, y) => x - y)[1]
const p = med(times.prim)
for (const n of names) console.log(n.padEnd(8), med(times[n]).toFixed(1) + ' µs', (med(times[n]) / p).toFixed(2))
const snap = await vault.snapshot()
