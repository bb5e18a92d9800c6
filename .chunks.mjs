import { fork } from 'node:child_process'
import { once } from 'node:events'
const child = fork('./.cpu-server.mjs')
const [port] = await once(child, 'message')
const r = await fetch(`http://127.0.0.1:${port}/json`)
const sizes = []; for await (const c of r.body) sizes.push(c.length)
console.log(sizes.length, sizes.join(' '))
child.disconnect()
