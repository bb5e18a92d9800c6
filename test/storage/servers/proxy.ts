/** A TCP proxy before a server, whose connections can be cut at a chosen moment. */

import { connect, createServer, type Socket } from 'node:net'

/** What becomes of one piece of bytes; `cut` ends both sides instead of passing it on. */
export type Fate = 'pass' | 'cut'

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
  end(): Promise<void>
}

/** @param target a port of loopback, or the path of a Unix socket */
export async function startProxy(target: number | string): Promise<CuttingProxy> {
  let rules: ProxyRules = {}
  let opened = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    opened++
    const upstream = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target)
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
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
      if (rules.toServer?.(piece) === 'cut') cut()
      else upstream.write(piece)
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
    async end() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
