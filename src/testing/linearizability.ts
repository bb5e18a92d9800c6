/**
 * Whether what several writers saw of shared records can have happened in one order: linearizability of compare-and-set
 * registers with versions.
 *
 * Versions make it simple. The writes of one record stand in the order of their versions, so all that is looked for is a
 * moment for each version to begin: not before its put was called and not after it was acknowledged; after the call of
 * every read that still saw the version before; before the answer of every read that saw it. The earliest moments that
 * satisfy all of that are found by raising them step by step, and if one of them is too late the history is unsound.
 */

/** What one put or one read of one record saw. Plain data: as JSON it can be sent from one process to another. */
export interface Operation {
  /** Which of the writers; its operations follow one another. */
  readonly by: string
  /** A read is one of `get` or of `list`. */
  readonly kind: 'put' | 'read'
  /** The record: any text that is one for each. */
  readonly key: string
  /** The version that was put or seen; 0 where a read saw none. */
  readonly version: number
  /** The body that was put or seen, unlike any other; `''` where a read saw none. */
  readonly body: string
  /**
   * Of a put: `done`; `conflict`; `failed` where it says that it was certainly not written; `unknown`. Of a read: `done`.
   */
  readonly outcome: 'done' | 'conflict' | 'failed' | 'unknown'
  /** When it was called, by one clock for all writers, in any unit. */
  readonly start: number
  /** When it was answered, by the same clock. */
  readonly end: number
}

/** When a version can have begun to be the stored one. */
interface Begin {
  earliest: number
  latest: number
}

/**
 * What cannot have happened, one sentence each; nothing where the history is sound.
 *
 * @param histories of any number of writers, in one process or in several
 * @example
 * const problems = inspectHistories(await Promise.all([raceOn(one, { by: 'a' }), raceOn(other, { by: 'b' })]))
 */
export function inspectHistories(histories: readonly (readonly Operation[])[]): readonly string[] {
  const byKey = new Map<string, Operation[]>()
  for (const operation of histories.flat()) {
    const known = byKey.get(operation.key)
    if (known === undefined) byKey.set(operation.key, [operation])
    else known.push(operation)
  }
  return [...byKey].flatMap(([key, operations]) => inspectRecord(operations).map((problem) => `${key}: ${problem}`))
}

function inspectRecord(operations: readonly Operation[]): readonly string[] {
  const puts = operations.filter(({ kind }) => kind === 'put')
  const reads = operations.filter(({ kind }) => kind === 'read')
  const told = [...doublePuts(puts), ...reads.flatMap((read) => falseRead(read, puts, reads))]
  if (told.length > 0) return told
  const newest = Math.max(0, ...[...reads, ...puts.filter(isDone)].map(({ version }) => version))
  const writers: (readonly Operation[])[] = []
  for (let version = 1; ; version++) {
    const some = writersOf(version, puts, reads)
    if (some.length > 0) writers.push(some)
    // what follows the newest version may be written by a put whose outcome is open, or by nobody
    else if (version > newest) break
    else return [`version ${newest} is there, but nobody wrote version ${version} (a put that compares nothing?)`]
  }
  return inspectOrder(
    writers.map(beginOf),
    reads,
    puts.filter(({ outcome }) => outcome === 'conflict'),
  )
}

const isDone = ({ outcome }: Operation): boolean => outcome === 'done'

function doublePuts(puts: readonly Operation[]): readonly string[] {
  const winners = new Map<number, Operation>()
  return puts.filter(isDone).flatMap((put) => {
    const other = winners.get(put.version)
    winners.set(put.version, put)
    if (other === undefined) return []
    return [`${other.by} and ${put.by} were both told that they wrote version ${put.version} (an update is lost)`]
  })
}

/** A read must show what somebody put, and nobody was told that it was not written; all reads of a version the same. */
function falseRead(read: Operation, puts: readonly Operation[], reads: readonly Operation[]): readonly string[] {
  const { by, version, body } = read
  if (version === 0) return []
  const atVersion = puts.filter((put) => put.version === version)
  const writer = atVersion.find((put) => put.body === body)
  if (writer === undefined) return [`${by} read a body at version ${version} that nobody put there (torn or mixed?)`]
  if (writer.outcome === 'conflict' || writer.outcome === 'failed') {
    return [`${by} read version ${version} of ${writer.by}, whose put was answered "${writer.outcome}"`]
  }
  const winner = atVersion.find(isDone) ?? reads.find((other) => other.version === version) ?? read
  if (winner.body === body) return []
  return [`${by} read another body at version ${version} than the one that ${winner.by} put or read`]
}

/** Whose put a version can be: that of the one who was told so or whose body was seen, else any whose outcome is open. */
function writersOf(version: number, puts: readonly Operation[], reads: readonly Operation[]): readonly Operation[] {
  const candidates = puts.filter((put) => put.version === version && put.outcome !== 'conflict')
  const seen = reads.find((read) => read.version === version)
  const writer = candidates.find(isDone) ?? candidates.find(({ body }) => body === seen?.body)
  return writer === undefined ? candidates.filter(({ outcome }) => outcome === 'unknown') : [writer]
}

function beginOf(writers: readonly Operation[]): Begin {
  const [writer] = writers
  return {
    earliest: Math.min(...writers.map(({ start }) => start)),
    // a put whose outcome is open may be done at any time, also after it was given up
    latest: writer!.outcome === 'done' ? writer!.end : Number.POSITIVE_INFINITY,
  }
}

/** @param begins of the versions from 1 on */
function inspectOrder(
  begins: readonly Begin[],
  reads: readonly Operation[],
  conflicts: readonly Operation[],
): readonly string[] {
  const nothing: Begin = { earliest: Number.NEGATIVE_INFINITY, latest: Number.POSITIVE_INFINITY }
  const never: Begin = { earliest: Number.POSITIVE_INFINITY, latest: Number.POSITIVE_INFINITY }
  const begin = (version: number): Begin => (version === 0 ? nothing : (begins[version - 1] ?? never))
  for (const { version, start, end } of reads) {
    raise(begin(version + 1), start)
    begin(version).latest = Math.min(begin(version).latest, end)
  }
  for (let hasRisen = true; hasRisen; ) {
    hasRisen = false
    for (let version = 2; version <= begins.length; version++) {
      hasRisen = raise(begin(version), begin(version - 1).earliest) || hasRisen
    }
    for (const { version, start, end } of conflicts) {
      // it was there already when the conflict was told, or else the version before was not there yet at the call
      if (end >= begin(version).earliest) continue
      hasRisen = (version > 1 && raise(begin(version - 1), start)) || hasRisen
    }
  }
  const told = conflicts.filter(({ version, start, end }) => {
    return begin(version - 1).earliest < start && begin(version).earliest > end
  })
  const late = begins.flatMap(({ earliest, latest }, index) => (earliest > latest ? [index + 1] : []))
  return [
    ...told.map(({ by, version }) => `${by} was told of a conflict at version ${version}, which was free`),
    ...late.map((version) => `what was seen of version ${version} fits no order (a stale read, a false conflict?)`),
  ]
}

/** Whether the earliest moment has changed. */
function raise(begin: Begin, moment: number): boolean {
  if (begin.earliest >= moment) return false
  begin.earliest = moment
  return true
}
