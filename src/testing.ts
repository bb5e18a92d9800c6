/**
 * The conformance suite for storages, ours or a stranger's.
 *
 * @module guillemet/testing
 */

export type { ListPage, ReadOptions, RecordKey, StoredRecord, VaultStorage } from './ports/storage.ts'
export type { MakeStorage, StorageCase } from './testing/conformance-case.ts'
export { storageConformance } from './testing/storage-conformance.ts'
