/**
 * Every order in which writers, sweepers and readers of one tag can do their calls: the code itself, on a simulated
 * disk, with each process stopped before any call for as long as the others go on.
 *
 * A process that is killed is one that is never let go on, so every state counts, not only the last ones.
 */

import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { codeOf } from '../../../src/errors.ts'
import type { StoredRecord } from '../../../src/ports/storage.ts'
import { createKnownVersions } from '../../../src/storage/file/known-versions.ts'
import { putRecord, type RecordDirectory, readRecords } from '../../../src/storage/file/records.ts'
import { recordOf } from '../scratch.ts'
import { type Host, SimulatedDisk, simulate, simulatedRoot } from '../simulated-disk.ts'

const TAG = '/_default/_default/_a'
/** Longer than what may use the reserve, so that the reserve stays out of it. */
const bodyOf = (writer: string, version: number) => `${version} by ${writer} `.padEnd(300, '.')

/** What really happened, told by the simulated disk and not by the code. */
interface Truth {
  /** The body of each version that was committed when it was the next one. */
  readonly bodies: string[]
  readonly explored: Explored
}

type Work = (process: Process) => Promise<void>

class Process implements Host {
  readonly directory: RecordDirectory
  /** What the process has seen: with the disk, all there is to say what it will do. */
  seen = ''
  isDone = false
  pending: (() => void) | undefined
  #wake = () => {}

  constructor(
    readonly name: string,
    readonly disk: SimulatedDisk,
    readonly truth: Truth,
    kept: number,
  ) {
    this.directory = { root: simulatedRoot(name), kept, known: createKnownVersions(10), areDraftsReady: true }
  }

  perform = async <T>(name: string, path: string, to: string | undefined, work: () => T): Promise<T> => {
    // what lies outside of the tag's directory is this process's own, or never changes
    const isShared =
      name !== 'sync' && [path, to].some((one) => (one === TAG ? name === 'readdir' : one?.startsWith(`${TAG}/`)))
    if (!isShared) return work()
    await new Promise<void>((go) => {
      this.pending = go
      this.#wake()
    })
    try {
      if (name === 'link') {
        this.#judge(to!)
        // what was seen before does not matter any more once a name was given or refused
        if (/\d$/.test(to!) && !to!.includes('floor')) this.seen = `${this.#turns} `
      }
      const result = work()
      this.seen += `${name} ${Array.isArray(result) ? [...result].sort() : this.#holds(path)};`
      return result
    } catch (error) {
      this.seen += `${name} ${codeOf(error)};`
      throw error
    }
  }

  /** What a look at the path can tell: which file it is follows from its text, since all drafts differ. */
  #holds(path: string): string {
    const node = this.disk.nodes.get(path)
    return node === undefined ? '' : `${node.links} ${node.text.subarray(-bodyOf('', 0).length, -280)}`
  }

  /** After a whole put or read all that is left of what the process has seen is which version it knows. */
  turn(): void {
    this.seen = `${++this.#turns} ${this.directory.known.get(`${this.directory.root}${TAG}`)};`
  }

  #turns = 0

  #judge(to: string): void {
    const version = Number(to.slice(TAG.length + 1))
    if (Number.isNaN(version) || this.disk.nodes.has(to)) return
    if (version === this.truth.bodies.length) this.truth.bodies.push(bodyOf(this.name, version))
    else this.truth.explored.late++
  }

  start(work: Work): Promise<void> {
    return this.#until(() => {
      void work(this).then(
        () => this.#end(),
        (error: unknown) => this.#end(error),
      )
    })
  }

  failure: unknown
  #end(error?: unknown): void {
    this.failure = error
    this.isDone = true
    this.#wake()
  }

  /** Lets the waiting call happen, and all that follows it up to the next one. */
  step(): Promise<void> {
    const go = this.pending!
    this.pending = undefined
    return this.#until(go)
  }

  async #until(go: () => void): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    go()
    await woken
  }
}

let hosts = new Map<string, Host>()
let count = 0
const undo = simulate((name) => hosts.get(name)!)
// drafts by number, so that the same order gives the same names
const names = vi.spyOn(crypto, 'randomUUID')
const numbered = () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}` as const
afterAll(undo)

interface Scenario {
  readonly kept: number
  /** The versions there are at the beginning. */
  readonly before: number
  readonly works: Readonly<Record<string, Work>>
  /** How often a process may be stopped in the middle. */
  readonly stops: number
}

/** A disk with these versions, as the code itself writes them. */
async function diskWith(versions: number, kept: number): Promise<{ disk: SimulatedDisk; bodies: string[] }> {
  const disk = new SimulatedDisk()
  const bodies = ['']
  const directory: RecordDirectory = {
    root: simulatedRoot('first'),
    kept,
    known: createKnownVersions(1),
    areDraftsReady: false,
  }
  hosts = new Map([['first', { disk, perform: async (_name, _path, _to, work) => work() }]])
  for (let version = 1; version <= versions; version++) {
    await putRecord(directory, recordOf('a', version, bodyOf('first', version)))
    bodies.push(bodyOf('first', version))
  }
  return { disk, bodies }
}

interface Run {
  readonly disk: SimulatedDisk
  readonly truth: Truth
  readonly processes: readonly Process[]
}

interface Explored {
  states: number
  /** How often a name was given to a draft although its version was long superseded. */
  late: number
  /** What was told of the puts. */
  readonly outcomes: Set<string>
}

/** A beginning that is still to be tried: the steps, by process, and how often one was stopped among them. */
interface Order {
  readonly steps: readonly number[]
  readonly stops: number
}

/**
 * Every order in which processes are stopped, before any call and for as long as any of the others go on, at most so
 * many times. (Who begins, and who goes on when another has ended, is tried in every way as well.)
 */
async function explore({ kept, before, works, stops }: Scenario): Promise<Explored> {
  const start = await diskWith(before, kept)
  const explored: Explored = { states: 0, late: 0, outcomes: new Set() }
  const seen = new Set<string>()
  const orders: Order[] = [{ steps: [], stops: 0 }]
  names.mockImplementation(numbered)
  for (let order = orders.pop(); order !== undefined; order = orders.pop()) {
    const run = await begin(start, kept, works, explored)
    for (const index of order.steps) await run.processes[index]!.step()
    for (;;) {
      const last = order.steps.at(-1)
      const key = `${keyOf(run)} ${last} ${order.stops}`
      if (seen.has(key)) break
      seen.add(key)
      requireSound(run)
      const next = nextOrders(order, run, stops)
      const [first, ...others] = next
      if (first === undefined) break
      orders.push(...others)
      order = first
      await run.processes[first.steps.at(-1)!]!.step()
    }
  }
  explored.states = seen.size
  return explored
}

/** The same process goes on, if it can, or another one does, which is a stop if it could. */
function nextOrders({ steps, stops }: Order, { processes }: Run, mostStops: number): Order[] {
  const last = steps.at(-1)
  const isStop = last !== undefined && !processes[last]!.isDone
  const ready = processes.flatMap(({ isDone }, index) => (isDone ? [] : [index]))
  const orders = ready.map((index) => ({
    steps: [...steps, index],
    stops: isStop && index !== last ? stops + 1 : stops,
  }))
  return orders.filter((order) => order.stops <= mostStops)
}

async function begin(
  start: Awaited<ReturnType<typeof diskWith>>,
  kept: number,
  works: Scenario['works'],
  explored: Explored,
): Promise<Run> {
  count = 1000
  const disk = new SimulatedDisk(start.disk)
  const truth: Truth = { bodies: [...start.bodies], explored }
  const processes = Object.keys(works).map((name) => new Process(name, disk, truth, kept))
  hosts = new Map(processes.map((process) => [process.name, process]))
  for (const process of processes) await process.start(works[process.name]!)
  return { disk, truth, processes }
}

function keyOf({ disk, truth, processes }: Run): string {
  const files = disk.in(TAG).sort(([a], [b]) => (a < b ? -1 : 1))
  const all = [files, truth.bodies.length, truth.bodies.at(-1), processes.map(({ seen, isDone }) => [seen, isDone])]
  return createHash('sha256').update(JSON.stringify(all)).digest('base64')
}

/** What holds in every state, whoever is killed in it. */
function requireSound({ disk, truth, processes }: Run): void {
  for (const { failure } of processes) if (failure !== undefined) throw failure
  const newest = truth.bodies.length - 1
  const files = new Map(disk.in(TAG))
  if (!files.get(String(newest))?.endsWith(truth.bodies[newest]!)) throw new Error(`version ${newest} was lost`)
  const floors = [...files.keys()].filter((name) => name.startsWith('floor-')).map((name) => Number(name.slice(6)))
  if (Math.max(0, ...floors) >= newest) throw new Error('a floor reached the newest version')
}

async function put(process: Process, version: number): Promise<string> {
  const body = bodyOf(process.name, version)
  const outcome = await putRecord(process.directory, recordOf('a', version, body)).then(() => 'DONE', codeOf)
  const hasWon = process.truth.bodies[version] === body
  if (outcome === 'DONE' && !hasWon) throw new Error(`version ${version} was told to be written and was not`)
  if ((outcome === 'ERR_CONFLICT' || outcome === 'ERR_STORAGE_UNAVAILABLE') && hasWon) {
    throw new Error(`version ${version} was told not to be written and was`)
  }
  process.truth.explored.outcomes.add(String(outcome))
  process.turn()
  return String(outcome)
}

/** Exactly one put of this version, prepared from what there was at the beginning. */
const writeOnce =
  (version: number): Work =>
  async (process) =>
    void (await put(process, version))

/** So many puts, each built upon what is there. */
const writeOften =
  (times: number): Work =>
  async (process) => {
    for (let turn = 0; turn < times; turn++) {
      const newest = process.truth.bodies.length - 1
      await put(process, newest + 1)
    }
  }

const readOften =
  (times: number): Work =>
  async (process) => {
    const { truth, directory } = process
    for (let turn = 0; turn < times; turn++) {
      const atLeast = truth.bodies.length - 1
      const [found] = (await readRecords(directory, 'default', [recordOf('a')])) as [StoredRecord]
      const isReal = truth.bodies[found.version] === found.body
      if (!isReal)
        throw new Error(`a reader was given version ${found.version}, which never was: ${found.body.slice(0, 20)}`)
      if (found.version < atLeast) throw new Error(`a reader was given version ${found.version} after ${atLeast}`)
      process.turn()
    }
  }

describe('in every order of their calls', () => {
  test('a late writer never wins, and is never told that it has, while another writes and sweeps', async () => {
    const explored = await explore({ kept: 1, before: 2, stops: 3, works: { late: writeOnce(3), busy: writeOften(3) } })
    expect(explored.late).toBeGreaterThan(0)
    expect(explored.outcomes).toEqual(new Set(['DONE', 'ERR_CONFLICT', 'ERR_OUTCOME_UNKNOWN']))
  })

  test('no reader is given what a late writer left, however late the reader is itself', async () => {
    const explored = await explore({
      kept: 1,
      before: 2,
      stops: 2,
      works: { late: writeOnce(3), busy: writeOften(3), reader: readOften(2) },
    })
    expect(explored.late).toBeGreaterThan(0)
  })

  test('two sweepers and a late writer lose nothing', async () => {
    const explored = await explore({
      kept: 1,
      before: 3,
      stops: 2,
      works: { one: writeOften(2), two: writeOften(2), late: writeOnce(4) },
    })
    expect(explored.late).toBeGreaterThan(0)
  })
})
