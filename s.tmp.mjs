import { createVault, generateKey } from './dist/index.js'
import { memoryStorage } from './dist/storage/memory.js'
import { compile } from 'micromustache'
const S = { zendesk: 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4', gateway: 'gw-live-51f0c3a2-7b64-4d1e-9c55-0e8a2f7b6d31', team: 'acme-operations', session: 'c2Vzc2lvbi0wMTIzNDU2Nzg5YWJjZGVm', signing: 'whsec_7Qm2Zt9Lx4Rk8Vb1Np6Yd3Hs5Gc0Wf' }
const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
for (const [tag, value] of Object.entries(S)) await vault.create({ tag, value })
const r = (t) => `<< secrets.${t} >>`
const H = (r) => ({ Authorization: `Bearer ${r('zendesk')}`, 'X-Api-Key': r('gateway'), 'X-Team': `team/${r('team')}/production`, Cookie: `session=${r('session')}; Path=/`, 'X-Signature': `v1=${r('signing')}` })
const prepared = vault.prepare(H(r), { as: 'headers' })
const snapshot = await vault.snapshot()
const mm = Object.entries(H((t) => `{{secrets.${t}}}`)).map(([n, t]) => [n, compile(t)])
const scope = { secrets: S }
const micro = () => { const c = {}; for (const [n, x] of mm) c[n] = x.render(scope); return c }
const own = () => snapshot.resolve(prepared).expose()
let sink
const time = (f, n) => { const t = process.cpuUsage(); for (let i = 0; i < n; i++) sink = f(); const c = process.cpuUsage(t); return (c.user + c.system) / n * 1e3 }
if (process.argv[2] === 'prof') { time(own, 6e6) } else {
const a = [], b = []
for (let i = 0; i < 30; i++) { a.push(time(micro, 30000)); b.push(time(own, 30000)) }
const med = x => x.slice(5).sort((p, q) => p - q)[6]
console.log('micro', med(a).toFixed(0), 'own', med(b).toFixed(0), (med(b) / med(a)).toFixed(2)) }
