/**
 * One writer of a race on shared records: what each of several handles or processes does, and remembers of it.
 *
 * How an adapter's author runs it in four processes: each child opens the storage, runs {@link raceOn} and prints the
 * result as JSON; the parent merges what they printed, reads once more after the last one has ended, and inspects it.
 *
 * ```ts
 * // child.ts, four times with 'p1' to 'p4'
 * const [, , by = ''] = process.argv
 * console.log(JSON.stringify(await raceOn(myStorage(), { by })))
 *
 * // parent: outputs are the texts that the children printed
 * const after = await raceOn(myStorage(), { by: 'parent', rounds: 0 })
 * expect(inspectHistories([...outputs.map((text) => JSON.parse(text)), after])).toEqual([])
 * ```
 */

import { codeOf, GuillemetError } from '../errors.ts'
import type { RecordKey, StoredRecord, VaultStorage } from '../ports/storage.ts'
import { readOptions } from '../read-options.ts'
import { everyStoredRecord } from './every-page.ts'
import type { Operation } from './linearizability.ts'

/** Options of a race. */
export interface RaceOptions {
  /** The name of this writer, unlike those of the others: 1 to 32 characters. */
  readonly by: string
  /** How often it reads and writes; 0 reads every record once. @default 100 */
  readonly rounds?: number | undefined
  /** The workspace with the records; all writers of one race use the same. @default 'race' */
  readonly workspace?: string | undefined
  /**
   * A clock that all writers share, in any unit.
   *
   * @default the monotonic clock of the machine where the runtime gives it (Node, Bun, Deno), which all its processes share;
   *   else performance.now, which each process has for itself
   */
  now?(): number
}

const TAGS = ['race-a', 'race-b', 'race-c']
const KEYS: readonly RecordKey[] = TAGS.map((tag) => ({ environment: 'default', tag }))
const DEFAULT_ROUNDS = 100
const MAX_ROUNDS = 100_000
const NO_RECORD = Object.freeze({ version: 0, body: '' })
/** Bodies are of several lengths, so that a torn one is seen. */
const MAX_REPEATS = 40

/** What a race works with. */
interface Race {
  readonly storage: VaultStorage
  readonly by: string
  readonly workspace: string
  readonly now: () => number
  readonly seen: Operation[]
}

/**
 * Reads and writes a few shared records by compare-and-set, always the version after the one that it read, and now and
 * then one that is taken; then reads every record once more. A put that fails for another reason than a conflict is
 * part of what it remembers, a read that fails ends it.
 *
 * @returns what it did and saw, as plain data for `inspectHistories`
 * @throws ERR_INVALID_INPUT for an option; what a read of the storage throws
 * @example
 * const history = await raceOn(storage, { by: 'p1' })
 */
export async function raceOn(storage: VaultStorage, options: RaceOptions): Promise<readonly Operation[]> {
  const given = readOptions(options, 'options of raceOn', ['by', 'rounds', 'workspace', 'now'])
  const { by, rounds = DEFAULT_ROUNDS, workspace = 'race', now = machineClock } = given
  if (typeof by !== 'string' || by === '' || by.length > 32) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The option by must name the writer in 1 to 32 characters.')
  }
  if (!Number.isInteger(rounds) || rounds < 0 || rounds > MAX_ROUNDS) {
    throw new GuillemetError('ERR_INVALID_INPUT', `The option rounds must be a whole number up to ${MAX_ROUNDS}.`)
  }
  const race: Race = { storage, by, workspace, now, seen: [] }
  for (let round = 0; round < rounds; round++) await playRound(race, round)
  await readVersions(race, KEYS)
  return race.seen
}

/** In milliseconds. A clock of each process alone would say nothing of what came first in two of them. */
function machineClock(): number {
  const { process } = globalThis as { readonly process?: { readonly hrtime?: { bigint?(): bigint } } }
  const nanoseconds = process?.hrtime?.bigint?.()
  return nanoseconds === undefined ? performance.now() : Number(nanoseconds) / 1e6
}

async function playRound(race: Race, round: number): Promise<void> {
  const key = KEYS[Math.floor(Math.random() * KEYS.length)]!
  const [version] = round % 8 === 7 ? await listedVersions(race, key) : await readVersions(race, [key])
  // a version that is taken, as a writer would try that has read long ago
  const isStale = round % 5 === 4 && version! > 0
  await putVersion(race, key, isStale ? version! : version! + 1, round)
}

/** The versions of the records, 0 for none. */
async function readVersions(race: Race, keys: readonly RecordKey[]): Promise<readonly number[]> {
  const { storage, workspace, now } = race
  const start = now()
  const found = await storage.get(workspace, keys, { fresh: true })
  const end = now()
  return keys.map((key, index) => saw(race, key, found[index], start, end))
}

/** The same by listing everything: what is not listed is not there. */
async function listedVersions(race: Race, wanted: RecordKey): Promise<readonly number[]> {
  const { storage, workspace, now } = race
  const start = now()
  const found = await everyStoredRecord(storage, { limit: KEYS.length + 1 }, workspace)
  const end = now()
  const versionOf = (key: RecordKey) =>
    saw(
      race,
      key,
      found.find(({ tag }) => tag === key.tag),
      start,
      end,
    )
  const versions = KEYS.map((key) => [key, versionOf(key)] as const)
  return versions.flatMap(([key, version]) => (key === wanted ? [version] : []))
}

function saw({ seen, by }: Race, key: RecordKey, found: StoredRecord | undefined, start: number, end: number): number {
  const { version, body } = found ?? NO_RECORD
  seen.push({ by, kind: 'read', key: key.tag, version, body, outcome: 'done', start, end })
  return version
}

async function putVersion({ storage, by, workspace, now, seen }: Race, key: RecordKey, version: number, round: number) {
  const body = `${by} in round ${round}; `.repeat(1 + (round % MAX_REPEATS))
  const start = now()
  const outcome = await storage.put({ workspace, ...key, version, body }).then(() => 'done' as const, putOutcome)
  seen.push({ by, kind: 'put', key: key.tag, version, body, outcome, start, end: now() })
}

function putOutcome(error: unknown): Operation['outcome'] {
  const code = codeOf(error)
  if (code === 'ERR_CONFLICT') return 'conflict'
  return code === 'ERR_STORAGE_UNAVAILABLE' ? 'failed' : 'unknown'
}
