/** The secrets of a `.env` file go into the vault, and the file keeps references in their place. */

import { readFileSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { createVault, generateKey } from 'guillemet'
import { importEnv } from 'guillemet/admin'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
writeFileSync('.env', '# the shop\nPORT=8080\nexport STRIPE_KEY="sk_live_51H8x" # of Ann\nSMTP_PASSWORD=pa#ss\n')

// #region import
const file = readFileSync('.env', 'utf8')
const { text, entries } = await importEnv(vault, file, { parse: parseEnv })
writeFileSync('.env', text) // every secret was read back from the storage before
console.log(text) // prints: export STRIPE_KEY="<< secrets.STRIPE_KEY >>" # of Ann

// The parser ends this value at the #, which may have been meant or not: it stays, until it is named in `select`.
const left = entries.filter(({ isSecret, isImported }) => isSecret && !isImported)
for (const { name, line, doubts } of left) console.log(name, line, doubts) // prints: SMTP_PASSWORD 4 [ 'left-over' ]

const env = await vault.resolveEnv(parseEnv(text))
console.log(env.expose().STRIPE_KEY?.length) // prints: 13
// #endregion
