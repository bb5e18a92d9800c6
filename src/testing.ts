/**
 * The conformance suite for storages, for your own adapters too, and a probe that finds the secrets an application leaks.
 *
 * @module guillemet/testing
 */

export type {
  CallOptions,
  ListPage,
  ReadOptions,
  RecordKey,
  StoredRecord,
  VaultStorage,
  WorkspacePage,
} from './ports/storage.ts'
export type { MakeStorage, Need, StorageCase } from './testing/conformance-case.ts'
export {
  type ChooseFault,
  type FaultyCall,
  faultyStorage,
  STORAGE_FAULTS,
  type StorageFault,
} from './testing/faulty-storage.ts'
export { type Leak, type LeakProbe, type LeakReport, leakProbe } from './testing/leak-probe.ts'
export { inspectHistories, type Operation } from './testing/linearizability.ts'
export { type RaceOptions, raceOn } from './testing/race.ts'
export { storageConformance } from './testing/storage-conformance.ts'
