/** A proxy before a Postgres, on a socket of its own: it loses connections where a test wants it, or delivers late. */

import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Frame, Frames } from './postgres-wire.ts'

/** What becomes of one message: it passes, or the connection is cut before it; `late` cuts too and delivers it later. */
export type Fate = 'pass' | 'cut' | 'late'

export interface PostgresProxy {
  readonly host: string
  /** Decides about every message after the start of a connection. */
  decide: (direction: 'toServer' | 'toClient', frame: Frame) => Fate
  /** How long a late statement is on its way, in milliseconds. */
  delay: number
  /** Statements that were delivered late and have been answered, to nobody. */
  readonly lateAnswers: number
  close(): Promise<void>
}

const PORT = 5432

export async function startProxy(socketOfServer: string): Promise<PostgresProxy> {
  const host = mkdtempSync(join(tmpdir(), 'guillemet-proxy-'))
  const sockets = new Set<Socket>()
  const state = { lateAnswers: 0, delay: 0 }
  const proxy: PostgresProxy = {
    host,
    decide: () => 'pass',
    get delay() {
      return state.delay
    },
    set delay(ms) {
      state.delay = ms
    },
    get lateAnswers() {
      return state.lateAnswers
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => listening.close(resolve))
      rmSync(host, { recursive: true, force: true })
    },
  }
  const listening: Server = createServer((client) => {
    const server = connect(socketOfServer)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => sockets.delete(socket))
    }
    relay(proxy, state, client, server)
  })
  await new Promise<void>((resolve) => listening.listen(join(host, `.s.PGSQL.${PORT}`), resolve))
  return proxy
}

function relay(proxy: PostgresProxy, state: { lateAnswers: number }, client: Socket, server: Socket): void {
  const ofClient = new Frames(true)
  const ofServer = new Frames(false)
  let isStarted = false
  let isLate = false
  const cut = (): void => {
    client.destroy()
    server.end() // what was sent before still arrives
  }
  client.on('data', (chunk: Buffer) => {
    for (const frame of ofClient.push(chunk)) {
      const { type, bytes } = frame
      const fate = isStarted && type !== 'X' ? proxy.decide('toServer', frame) : 'pass'
      if (fate === 'cut') return cut()
      if (fate === 'late') isLate = true
      if (isLate) setTimeout(() => server.writable && server.write(bytes), proxy.delay)
      else server.write(bytes)
    }
    if (isLate) client.destroy()
  })
  server.on('data', (chunk: Buffer) => {
    for (const frame of ofServer.push(chunk)) {
      const { type, bytes } = frame
      const isAnswer = isStarted
      if (type === 'Z') isStarted = true
      if (isLate) {
        if (type !== 'Z') continue
        state.lateAnswers++
        server.end()
        return
      }
      if (isAnswer && proxy.decide('toClient', frame) !== 'pass') return cut()
      client.write(bytes)
    }
  })
  client.on('close', () => {
    if (!isLate) server.end()
  })
  server.on('close', () => client.destroy())
}
