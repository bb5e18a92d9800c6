/** Runs a program that counts the signals it gets, and ends as it ends. */

import { createVault, generateKey } from '../../../src/index.ts'
import { runProcess } from '../../../src/process.ts'
import { memoryStorage } from '../../../src/storage/memory.ts'

const COUNTER = `
const counts = {}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
  process.on(signal, () => {
    counts[signal] = (counts[signal] ?? 0) + 1
    setTimeout(() => { console.log(signal, counts[signal]); process.exit(5) }, 200)
  })
}
setInterval(() => {}, 1000)
console.log('ready')`

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
const { exitCode } = await runProcess(vault, process.execPath, ['-e', COUNTER])
process.exitCode = exitCode
