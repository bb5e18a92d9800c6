/**
 * The commands of an administrator: each works on a whole vault, so each takes the vault that `createVault` has made.
 *
 * @module guillemet/admin
 */

export type { CopiedWorkspace, CopyReport } from './admin/copy-report.ts'
export { type CopyVaultOptions, copyVault } from './admin/copy-vault.ts'
export { type DestroyKeyOptions, type DestroyReport, destroyKey, type ProvenRecord } from './admin/destroy-key.ts'
export type { EnvDoubt } from './admin/env-value.ts'
export { type ExportBackupOptions, exportBackup } from './admin/export-backup.ts'
export { type Backup, type ImportBackupOptions, importBackup } from './admin/import-backup.ts'
export { type EnvEntry, type ImportEnvOptions, type ImportedEnv, importEnv } from './admin/import-env.ts'
export {
  type InitKeyringOptions,
  initKeyring,
  inspectStorage,
  type StorageContents,
  type WorkspaceOptions,
} from './admin/init-keyring.ts'
export type { KeySlotInfo, KeyVersion } from './admin/key-slots.ts'
export type { EnvRefusal } from './admin/known-secret.ts'
export type { CopiedRecord, CopyOutcome } from './admin/place-copy.ts'
export {
  type PurgedRecord,
  type PurgeReport,
  type PurgeWorkspaceOptions,
  purgeWorkspace,
} from './admin/purge-workspace.ts'
export { type RetiredIn, type RetireKeyOptions, type RetireReport, retireKey } from './admin/retire-key.ts'
export { type RewrappedWorkspace, type RewrapReport, rewrapKeys } from './admin/rewrap-keys.ts'
export {
  type RotatedRecord,
  type RotatedWorkspace,
  type RotateKeysOptions,
  type RotateReport,
  rotateKeys,
} from './admin/rotate-keys.ts'
export type { AdminRun } from './admin/run.ts'
export type { WorkspaceFailure, WorkspacesOptions } from './admin/workspaces.ts'
