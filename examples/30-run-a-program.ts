/** A program gets a secret by its environment; what it prints goes through the redactor, and its exit code comes back. */

import process from 'node:process'
import { createVault, generateKey } from 'guillemet'
import { renderDotenv, runProcess } from 'guillemet/process'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.create({ tag: 'npm', value: 'npm_4kVb7Qe2mZ81xWcR' })

// #region run
const script = "console.log('publishing with', process.env.NPM_TOKEN); process.exitCode = 3" // prints: publishing with [secret:npm]
const { exitCode } = await runProcess(vault, process.execPath, ['-e', script], {
  env: { NPM_TOKEN: '<< secrets.npm >>' },
})
console.log('ended with', exitCode) // prints: ended with 3
// #endregion

// #region dotenv
// for a program that reads nothing but a file: write text.expose() with mode 0600
const text = await renderDotenv(vault, { REGISTRY: 'registry.example', NPM_TOKEN: '<< secrets.npm >>' })
console.log(`${text}`) // prints: NPM_TOKEN='[secret:npm]'
// #endregion

await vault.close()
