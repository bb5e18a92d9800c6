/** A webhook: its signature is checked where the secret is, and what came out of it is asked by expose(). */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { createVault, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'hook', value: 'whsec-7f3e9a1c5b0042' })

// #region verify
async function isGenuine(body: string, signature: string): Promise<boolean> {
  const outcome = await vault.use('<< secrets.hook >>', (key) => {
    const expected = createHmac('sha256', key).update(body).digest()
    const given = Buffer.from(signature, 'hex')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  return outcome.expose() // the boolean; the outcome itself is an object, so `if (outcome)` is always true
}
// #endregion

const body = '{"paid":true}'
const signed = createHmac('sha256', 'whsec-7f3e9a1c5b0042').update(body).digest('hex')
for (const signature of [signed, '00'.repeat(32), '']) {
  if (await isGenuine(body, signature)) console.log('200 accepted')
  else console.log('401 refused')
}
// prints: 200 accepted
// prints: 401 refused
// prints: 401 refused
await vault.close()
