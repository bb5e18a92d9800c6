/** An environment map for a child process: the parent never prints it, the child gets plaintext. */

import { execFileSync } from 'node:child_process'
import { createVault, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const root = createVault({ storage: memoryStorage(), keys: generateKey(), fallback: { preview: ['development'] } })
const vault = root.with({ environment: 'preview' })
await root.with({ environment: 'development' }).set({ tag: 'hf_token', value: 'hf-93b1c07aa2' })

// #region env
const env = await vault.resolveEnv({
  HF_TOKEN: '{{ RUNPOD_SECRET_hf_token }}',
  PORT: '8080',
  TEMPLATE: 'Hello {{ user.name }}', // not ours: stays byte for byte
})
console.log(env) // prints: HF_TOKEN: '[secret:hf_token]'
console.log(env.references[0]?.environment) // prints: development

const child = execFileSync(process.execPath, ['-e', 'console.log(process.env.HF_TOKEN.length)'], {
  env: env.expose(),
  encoding: 'utf8',
})
console.log(child.trim()) // prints: 13
// #endregion
await root.close()
