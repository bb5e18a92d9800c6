/** What set and update take, what describe and reveal give, and secrets that a form has replaced. */

import { createVault, generateKey, referenceTo } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })

// #region change
await vault.set({
  tag: 'crm',
  value: 'crm-5b1f0c7e94',
  visibility: 'masked',
  name: 'CRM',
  allow: { hosts: ['crm.example'] },
  expiresAt: '2099-01-01T00:00:00Z',
})
await vault.update('crm', { value: 'crm-next-3d7a', name: null }) // the rule and the expiry stay, the name goes
const crm = await vault.describe('crm')
console.log(crm?.value, crm?.name, crm?.allow) // prints: •••••••• undefined { hosts: [ 'crm.example' ] }
console.log((await vault.reveal('crm')).expose()) // prints: crm-next-3d7a
console.log(await vault.describe('none')) // prints: undefined

// Two people with the same page open: the second is told.
const { version } = crm!
await vault.update('crm', { enabled: false }, { ifVersion: version })
const late = await vault.update('crm', { expiresAt: null }, { ifVersion: version }).catch((error) => error)
console.log(late.code) // prints: ERR_CONFLICT
console.log(referenceTo('crm'), referenceTo('aws', 'accessKeyId')) // prints: << secrets.crm >> << secrets.aws.accessKeyId >>
// #endregion

// #region replaced
// A form without a URL: put the key where it is sent, beside the URL of the service that it is for.
const connection = (apiKey: string) => ({ url: 'https://crm.example', headers: { 'x-api-key': apiKey } })
const paths = ['headers.x-api-key']
const { config: stored } = await vault.absorb(connection('crm-5b1f0c7e94'), { stored: {}, paths })

// Another key is typed: it is a new secret, and the old one stays until nobody needs it, such as a run that has begun.
const { config, kept } = await vault.absorb(connection('crm-3d7a0b9c21'), { stored, paths })
await saveConfig(config)
const replaced = vault.references(stored, { as: 'request' }).filter(({ tag }) => !kept.includes(tag))
for (const { tag } of replaced) await vault.delete(tag, { confirm: tag })
console.log(replaced.length) // prints: 1
// #endregion

async function saveConfig(saved: object): Promise<void> {
  await Promise.resolve(saved)
}
await vault.close()
