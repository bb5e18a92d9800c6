/** Headers in the shapes that clients use; each comes back in its own shape. */

import { createVault, generateKey } from 'guillemet'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'zendesk', value: 'zd-7f3e9a1c5b' })
await vault.set({ tag: 'svc', type: 'basicAuth', value: { username: 'Aladdin', password: 'open sesame' } })

// #region shapes
const map = await vault.resolveHeaders({ Authorization: 'Bearer << secrets.zendesk >>', Accept: '*/*' })
const pairs = await vault.resolveHeaders([['X-Api-Key', '{{ secrets.zendesk }}']])
const named = await vault.resolveHeaders([{ name: 'Authorization', value: 'Basic << secrets.svc | basic >>' }])
const headers = await vault.resolveHeaders(new Headers({ Authorization: 'Bearer << secrets.zendesk >>' }))

console.log(map) // prints: { Authorization: 'Bearer [secret:zendesk]', Accept: '*/*' }
console.log(`${pairs}`) // prints: [["X-Api-Key","[secret:zendesk]"]]
console.log(JSON.stringify(named)) // prints: [{"name":"Authorization","value":"Basic [secret:svc]"}]
await fetch('data:,', { headers: headers.expose() }) // plaintext, only here
// #endregion

// A value that would break out of its header is refused before any client sees it.
await vault.set({ tag: 'pasted', value: 'zd-7f3e9a1c5b\n' })
const refused = await vault.resolveHeaders({ Authorization: 'Bearer << secrets.pasted >>' }).catch((error) => error)
console.log(refused.code, refused.path) // prints: ERR_UNSAFE_HEADER_VALUE Authorization
console.log(await vault.resolveHeaders({ Authorization: 'Bearer << secrets.pasted | trim >>' }))
await vault.close()
