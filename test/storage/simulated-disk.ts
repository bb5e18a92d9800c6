/**
 * A small file system in memory, whose calls wait until the test lets them happen: so every order in which several
 * processes may do them can be tried.
 *
 * Each process sees the same files under a root of its own, which tells whose call it is.
 */

import fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** In a directory that is real, since it is synced when a root is made. */
const HOME = join(tmpdir(), 'guillemet-simulated-')

/** A file or directory; a file's bytes never change once it is written, since nothing here truncates one. */
interface Node {
  readonly number: bigint
  readonly isDirectory: boolean
  text: Buffer
  links: number
}

/** What is on the disk, by path below the root. */
export class SimulatedDisk {
  readonly nodes: Map<string, Node>
  #count = 0n

  constructor(from?: SimulatedDisk) {
    const copies = new Map<Node, Node>()
    for (const node of from?.nodes.values() ?? []) copies.set(node, { ...node })
    this.nodes = new Map([...(from?.nodes ?? [])].map(([path, node]) => [path, copies.get(node)!]))
    this.#count = from === undefined ? 0n : from.#count
  }

  /** The names in a directory with what each holds. */
  in(directory: string): [name: string, text: string][] {
    return this.namesIn(directory).map((name) => [name, this.nodes.get(`${directory}/${name}`)!.text.toString()])
  }

  namesIn(directory: string): string[] {
    this.at(directory)
    const names = [...this.nodes.keys()].filter((path) => path.startsWith(`${directory}/`))
    return names.map((path) => path.slice(directory.length + 1)).filter((name) => !name.includes('/'))
  }

  at(path: string): Node {
    const node = this.nodes.get(path)
    if (node === undefined) throw failure('ENOENT')
    return node
  }

  make(path: string, isDirectory: boolean): Node {
    if (this.nodes.has(path)) throw failure('EEXIST')
    const node: Node = { number: ++this.#count, isDirectory, text: Buffer.alloc(0), links: 1 }
    this.nodes.set(path, node)
    return node
  }

  link(from: string, to: string): void {
    const node = this.at(from)
    if (this.nodes.has(to)) throw failure('EEXIST')
    this.nodes.set(to, node)
    node.links++
  }

  rename(from: string, to: string): void {
    const node = this.at(from)
    const replaced = this.nodes.get(to)
    if (replaced === node) return // two names of one file: nothing is done
    if (replaced !== undefined) replaced.links--
    this.nodes.set(to, node)
    this.nodes.delete(from)
  }

  unlink(path: string): void {
    this.at(path).links--
    this.nodes.delete(path)
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}

function statusOf(node: Node, isBig: boolean): object {
  const [ino, nlink] = isBig ? [node.number, BigInt(node.links)] : [Number(node.number), node.links]
  return {
    ...{ ino, nlink, dev: isBig ? 1n : 1, size: node.text.length, mode: 0o700, mtimeMs: 0 },
    isFile: () => !node.isDirectory,
    isDirectory: () => node.isDirectory,
    isSymbolicLink: () => false,
  }
}

/** What the calls of one process are done with: on which disk, and when. */
export interface Host {
  readonly disk: SimulatedDisk
  /** Called for each call with what it does; what it gives back is done now or later. */
  perform<T>(name: string, path: string, to: string | undefined, work: () => T): Promise<T>
}

/** Sends the calls for simulated roots to their hosts, until the result is called. */
export function simulate(hostOf: (process: string) => Host): () => void {
  const functions = fs as unknown as Record<string, unknown>
  const originals = Object.fromEntries(NAMES.map((name) => [name, functions[name]]))
  for (const name of NAMES) functions[name] = (...of: unknown[]) => call(name, of)

  async function call(name: Name, of: unknown[]): Promise<unknown> {
    const [first] = of as [string]
    if (!first.startsWith(HOME)) return (originals[name] as (...of: unknown[]) => unknown)(...of)
    const [process, path] = placeOf(first)
    const to = typeof of[1] === 'string' ? placeOf(of[1])[1] : undefined
    const { disk, perform } = hostOf(process)
    return perform(name, path, to, () => WORK[name](disk, path, to, of, perform))
  }
  return () => Object.assign(functions, originals)
}

/** The root of a process. */
export function simulatedRoot(process: string): string {
  return HOME + process
}

function placeOf(path: string): [process: string, path: string] {
  const [process = '', ...rest] = path.slice(HOME.length).split('/')
  return [process, ['', ...rest].join('/')]
}

const NAMES = ['lstat', 'readdir', 'mkdir', 'open', 'link', 'rename', 'unlink'] as const
type Name = (typeof NAMES)[number]
type Work = (
  disk: SimulatedDisk,
  path: string,
  to: string | undefined,
  of: unknown[],
  perform: Host['perform'],
) => unknown

const WORK: Readonly<Record<Name, Work>> = {
  lstat: (disk, path, _, [, options]) => statusOf(disk.at(path), (options as { bigint?: boolean })?.bigint === true),
  readdir: (disk, path) => disk.namesIn(path),
  mkdir: (disk, path) => void disk.make(path, true),
  link: (disk, path, to) => disk.link(path, to!),
  rename: (disk, path, to) => disk.rename(path, to!),
  unlink: (disk, path) => disk.unlink(path),
  open: (disk, path, _, [, flags], perform) => {
    const isNew = ((flags as number) & fs.constants.O_CREAT) !== 0
    const node = isNew ? disk.make(path, false) : disk.at(path)
    return handleOf(node, (name, work) => perform(name, path, undefined, work))
  },
}

function handleOf(node: Node, perform: <T>(name: string, work: () => T) => Promise<T>): object {
  return {
    writeFile: async (bytes: Uint8Array) => {
      node.text = Buffer.from(bytes)
    },
    truncate: async () => undefined,
    sync: () => perform('sync', () => undefined),
    chmod: async () => undefined,
    stat: async (options?: { bigint?: boolean }) => statusOf(node, options?.bigint === true),
    read: async (into: Uint8Array) => {
      into.set(node.text.subarray(0, into.length))
      return { bytesRead: Math.min(into.length, node.text.length) }
    },
    close: async () => undefined,
  }
}
