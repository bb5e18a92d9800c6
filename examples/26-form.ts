/** A form with a secret field: what is typed becomes a secret, dots come back unchanged. */

import { createVault, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })

// #region form
// The first time, somebody types a token into the form.
const typed = { url: 'https://crm.example/contacts', headers: { Authorization: 'Bearer crm-5b1f0c7e94' } }
const paths = ['headers.Authorization']
const { config, created } = await vault.absorb(typed, { stored: {}, paths })
const [tag = ''] = created
console.log(config.headers.Authorization.replace(/-[0-9a-f]{16}/, '-…')) // prints: << secrets.authorization-… >>
console.log((await vault.describe(tag))?.allow) // prints: { hosts: [ 'crm.example' ] }

// Later the form shows dots; they come back, with another URL next to them.
const edited = { url: 'https://crm.example/people', headers: { Authorization: '••••••••' } }
const saved = await vault.absorb(edited, { stored: config, paths })
console.log(saved.config.headers.Authorization === config.headers.Authorization) // prints: true

// Somebody who may edit the form gets at no secret that was not there.
const stolen = { ...edited, headers: { Authorization: '<< secrets.stripe >>' } }
const refused = await vault.absorb(stolen, { stored: config, paths }).catch((error) => error)
console.log(refused.code, refused.path) // prints: ERR_INVALID_INPUT headers.Authorization
// #endregion
await vault.close()
