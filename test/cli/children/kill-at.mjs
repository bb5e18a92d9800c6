/**
 * Loaded before the command line: ends the process, as a power cut would, before the n-th call that changes the disk or
 * waits for it: `KILL_AT=n`.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const killAt = Number(process.env['KILL_AT'] ?? 0)
let calls = 0

function counted(call) {
  return function (...given) {
    calls++
    if (calls === killAt) process.kill(process.pid, 'SIGKILL')
    return call.apply(this, given)
  }
}

for (const name of ['open', 'link', 'unlink', 'rename', 'writeFile', 'mkdir', 'chmod', 'truncate', 'rmdir']) {
  fs.promises[name] = counted(fs.promises[name])
  fs[name] = counted(fs[name])
  fs[`${name}Sync`] = counted(fs[`${name}Sync`])
}
for (const name of ['write', 'fsync', 'ftruncate', 'writev']) {
  fs[name] = counted(fs[name])
  fs[`${name}Sync`] = counted(fs[`${name}Sync`])
}
const { open } = fs.promises
let isPatched = false
fs.promises.open = async (...given) => {
  const handle = await open(...given)
  if (!isPatched) {
    isPatched = true
    const prototype = Object.getPrototypeOf(handle)
    for (const name of ['writeFile', 'write', 'sync', 'chmod', 'close']) prototype[name] = counted(prototype[name])
  }
  return handle
}
syncBuiltinESMExports()
