/** A configuration that a program and the command line share: `guillemet.config.ts`. */

import { generateKey } from 'guillemet'

process.env.GUILLEMET_KEY ??= generateKey()

// #region config
import { createVault } from 'guillemet'
import { fileStorage } from 'guillemet/storage/file'

const vault = createVault({ storage: fileStorage('secrets'), keys: process.env.GUILLEMET_KEY })
export default vault
// #endregion

console.log((await vault.with({ environment: 'staging' }).describe('stripe')) === undefined) // prints: true
