/**
 * The conformance suite for storages, ours or a stranger's, and a probe that finds what an application lets out.
 *
 * @module guillemet/testing
 */

export type { ListPage, ReadOptions, RecordKey, StoredRecord, VaultStorage } from './ports/storage.ts'
export type { MakeStorage, StorageCase } from './testing/conformance-case.ts'
export { type Leak, type LeakProbe, type LeakReport, leakProbe } from './testing/leak-probe.ts'
export { storageConformance } from './testing/storage-conformance.ts'
