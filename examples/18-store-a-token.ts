/** A secret comes in through standard input: it is in no source file, no argument and no shell history. */

import { generateKey } from 'guillemet'

process.env.GUILLEMET_KEY ??= generateKey()

// reads: zd-7f3e9a1c5b
// #region store
import { text } from 'node:stream/consumers'
import { createVault } from 'guillemet'
import { fileStorage } from 'guillemet/storage/file'

const vault = createVault({ storage: fileStorage('.secrets'), keys: process.env.GUILLEMET_KEY })
const value = (await text(process.stdin)).trim()
console.log(await vault.set({ tag: 'zendesk', value, allow: { hosts: ['acme.zendesk.com'] } })) // prints: value: '••••••••'
// #endregion
