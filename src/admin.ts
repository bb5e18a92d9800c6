/**
 * The commands of an administrator: each works on a whole vault, so each takes the vault that `createVault` has made.
 *
 * @module guillemet/admin
 */

export type { EnvDoubt } from './admin/env-value.ts'
export { type EnvEntry, type ImportEnvOptions, type ImportedEnv, importEnv } from './admin/import-env.ts'
export {
  type InitKeyringOptions,
  initKeyring,
  inspectStorage,
  type StorageContents,
  type WorkspaceOptions,
} from './admin/init-keyring.ts'
export type { EnvRefusal } from './admin/known-secret.ts'
export type { AdminRun } from './admin/run.ts'
