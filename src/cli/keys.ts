/** Which key this is: the variable GUILLEMET_KEY, or the key file. Never one of them in silence over the other. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { localKeyFrom } from '../crypto/local-key.ts'
import { fileKey } from '../keys/file.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { CommandError, type Host } from './host.ts'
import { KEY_FILE } from './key-file.ts'

/** The name of the environment variable. */
export const KEY_VARIABLE = 'GUILLEMET_KEY'

/** How the key of the file gets into the variable. */
export const EXPORT_KEY = `export ${KEY_VARIABLE}="$(cat ${KEY_FILE})"`

/** A key that was found, and where. */
export interface FoundKey {
  readonly provider: KeyProvider
  readonly source: string
}

/**
 * The key of this folder; undefined where there is none.
 *
 * @throws CommandError when variable and file hold different keys; ERR_INVALID_KEY when one of them is not a key
 */
export function findKey(host: Host): FoundKey | undefined {
  const variable = host.env[KEY_VARIABLE]
  const path = join(host.cwd, KEY_FILE)
  const fromFile = existsSync(path) ? { provider: fileKey(path), source: `the file ${KEY_FILE}` } : undefined
  if (variable === undefined || variable === '') return fromFile
  const fromVariable = {
    provider: localKeyFrom(`The key in the variable ${KEY_VARIABLE}`, variable),
    source: `the variable ${KEY_VARIABLE}`,
  }
  if (fromFile !== undefined && fromFile.provider.id !== fromVariable.provider.id) {
    throw new CommandError(
      `Two different keys: the variable ${KEY_VARIABLE} holds ${fromVariable.provider.id}, the file ${path} holds ${fromFile.provider.id}. Take away the one that did not make this storage; nothing was done.`,
    )
  }
  return fromVariable
}
