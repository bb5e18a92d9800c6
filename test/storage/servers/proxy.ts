/** A TCP proxy before a server, whose connections can be cut at a chosen moment. */

import { connect, createServer, type Socket } from 'node:net'

/**
 * What becomes of one piece of bytes: it is passed on; both sides are ended instead; or, of what the client sends, its side is ended
 * and the server gets the piece when it is delivered.
 */
export type Fate = 'pass' | 'cut' | 'late'

export interface ProxyRules {
  /** Asked for each piece that the client sends. */
  readonly toServer?: (piece: Buffer) => Fate
  /** Asked for each piece that the server sends. */
  readonly toClient?: (piece: Buffer) => Fate
}

export interface CuttingProxy {
  readonly port: number
  /** Connections that were opened so far. */
  readonly opened: () => number
  /** Changes the rules for connections that are open, too. */
  rule(rules: ProxyRules): void
  /** Hands the server what was held back as late. */
  deliver(): void
  end(): Promise<void>
}

/** @param target a port of loopback, or the path of a Unix socket */
export async function startProxy(target: number | string): Promise<CuttingProxy> {
  let rules: ProxyRules = {}
  let opened = 0
  const late: (() => void)[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    opened++
    let isLate = false
    const upstream = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target)
    const cut = (): void => {
      client.destroy()
      if (!isLate) upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    client.on('data', (piece) => {
      const fate = rules.toServer?.(piece) ?? 'pass'
      if (fate === 'pass') return void upstream.write(piece)
      if (fate === 'late') {
        isLate = true
        late.push(() => upstream.write(piece))
      }
      cut()
    })
    upstream.on('data', (piece) => {
      if (rules.toClient?.(piece) === 'cut') cut()
      else client.write(piece)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    opened: () => opened,
    rule(next) {
      rules = next
    },
    deliver() {
      for (const one of late.splice(0)) one()
    },
    async end() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
