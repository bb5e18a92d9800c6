/**
 * A pooler before a Postgres that gives each transaction another server connection, as PgBouncer does in transaction mode:
 * whatever a client keeps in a session (a named statement, a session lock, a setting) is gone or somebody else's.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Frame, Frames, frame, startup } from './postgres-wire.ts'

export interface Pooler {
  readonly host: string
  /** How many transactions ran on each server connection. */
  readonly transactions: readonly number[]
  close(): Promise<void>
}

interface Backend {
  readonly socket: Socket
  readonly index: number
  isFree: boolean
  onFrame: (frame: Frame) => void
}

const PORT = 5432
const IDLE = 'I'.charCodeAt(0)

/** Starts a pooler with this many server connections. */
export async function startPooler(
  socketOfServer: string,
  { database, size = 4 }: { database: string; size?: number },
): Promise<Pooler> {
  const host = mkdtempSync(join(tmpdir(), 'guillemet-pooler-'))
  const greeting: Buffer[] = []
  const backends: Backend[] = []
  for (let index = 0; index < size; index++) {
    backends.push(await openBackend(socketOfServer, index, database, index === 0 ? greeting : []))
  }
  const transactions = backends.map(() => 0)
  const waiting: ((backend: Backend) => void)[] = []
  let last = -1

  /** Never the one that was used last, if another is free. */
  const take = async (): Promise<Backend> => {
    const order = backends.map((_, step) => backends[(last + 1 + step) % backends.length]!)
    const free = order.find(({ isFree }) => isFree)
    const backend = free ?? (await new Promise<Backend>((resolve) => waiting.push(resolve)))
    backend.isFree = false
    last = backend.index
    transactions[backend.index]!++
    return backend
  }
  const give = (backend: Backend): void => {
    backend.onFrame = () => undefined
    const next = waiting.shift()
    if (next === undefined) backend.isFree = true
    else next(backend)
  }

  const clients = new Set<Socket>()
  const listening = createServer((client) => {
    clients.add(client)
    client.on('error', () => undefined)
    client.once('close', () => clients.delete(client))
    serve(client, Buffer.concat(greeting), take, give)
  })
  await new Promise<void>((resolve) => listening.listen(join(host, `.s.PGSQL.${PORT}`), resolve))
  return {
    host,
    transactions,
    async close() {
      for (const client of clients) client.destroy()
      for (const { socket } of backends) socket.destroy()
      await new Promise((resolve) => listening.close(resolve))
      rmSync(host, { recursive: true, force: true })
    },
  }
}

/** Whatever the server says at the start goes to each client, the key for cancelling aside. */
async function openBackend(path: string, index: number, database: string, greeting: Buffer[]): Promise<Backend> {
  const socket = connect(path)
  const frames = new Frames(false)
  const backend: Backend = { socket, index, isFree: true, onFrame: () => undefined }
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    backend.onFrame = ({ type, bytes }) => {
      if (type !== 'K') greeting.push(bytes)
      if (type === 'E') reject(new Error('the server refused the pooler'))
      if (type === 'Z') resolve()
    }
    socket.on('data', (chunk: Buffer) => {
      for (const one of frames.push(chunk)) backend.onFrame(one)
    })
    socket.write(startup('postgres', database))
  })
  backend.onFrame = () => undefined
  return backend
}

function serve(client: Socket, greeting: Buffer, take: () => Promise<Backend>, give: (backend: Backend) => void): void {
  const frames = new Frames(true)
  let backend: Promise<Backend> | undefined
  /** Queries and syncs that are not answered yet. */
  let open = 0

  const onAnswer =
    (own: Backend) =>
    ({ type, bytes }: Frame): void => {
      if (client.writable) client.write(bytes)
      if (type !== 'Z') return
      open--
      if (open > 0 || bytes[5] !== IDLE) return
      backend = undefined
      give(own)
    }
  const forward = (bytes: Buffer): void => {
    backend ??= take().then((own) => {
      own.onFrame = onAnswer(own)
      return own
    })
    void backend.then(({ socket }) => socket.write(bytes))
  }

  client.on('data', (chunk: Buffer) => {
    for (const { type, bytes } of frames.push(chunk)) {
      if (type === '')
        client.write(Buffer.concat([greeting.subarray(0, -6), frame('K', Buffer.alloc(8)), greeting.subarray(-6)]))
      else if (type === 'X') client.end()
      else {
        if (type === 'Q' || type === 'S') open++
        forward(bytes)
      }
    }
  })
}
