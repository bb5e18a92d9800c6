/** Redis servers of our own: Debian's `redis-server`, each with a folder and a port of loopback; also a cluster of three. */

import { join } from 'node:path'
import { Redis } from 'ioredis'
import { eventually, freePort, hasCommand, type ServerProcess, serverFolder, startProcess } from './server-process.ts'

/** Why no Redis can be started here, or undefined. */
export const redisMissing: string | undefined = hasCommand('redis-server')
  ? undefined
  : 'redis-server is not installed (Debian: apt-get install redis-server)'

export interface RedisServer {
  readonly port: number
  /** The first client, for commands of the tests themselves. */
  readonly admin: Redis
  /** Kills it with SIGKILL and starts it again on the same folder and port. */
  restart(): Promise<void>
  signal(name: NodeJS.Signals): void
  end(): Promise<void>
}

/** @param settings as on the command line, such as `['--appendonly', 'yes']` */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const folder = serverFolder('redis')
  const port = await freePort()
  const start = (): Promise<ServerProcess> =>
    startProcess(
      'redis-server',
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', ''],
      ...['--logfile', join(folder.path, 'log'), ...settings],
    )
  let server = await start()
  // waits for the server: connects again until it answers
  const admin = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null })
  admin.on('error', () => {})
  const isAnswering = () => eventually(async () => void (await admin.ping()))
  try {
    await isAnswering()
  } catch (error) {
    await server.end()
    folder.remove()
    throw error
  }
  return {
    port,
    admin,
    signal: (name) => server.signal(name),
    async restart() {
      await server.end()
      server = await start()
      await isAnswering()
    },
    async end() {
      admin.disconnect()
      await server.end()
      folder.remove()
    },
  }
}

export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  /** Moves a slot, with all its keys, from the node that has it to another. */
  end(): Promise<void>
}

const SLOTS = 16_384
const NODES = 3

export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: RedisServer[] = []
  const end = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.end())))
  try {
    for (let count = 0; count < NODES; count++) {
      const bus = await freePort()
      const settings = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', '2000']
      nodes.push(await startRedis(settings))
      await nodes[count]!.admin.call('CLUSTER', 'SET-CONFIG-EPOCH', String(count + 1))
      if (count > 0) await nodes[0]!.admin.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[count]!.port), String(bus))
    }
    for (const [index, { admin }] of nodes.entries()) {
      const first = Math.ceil((index * SLOTS) / NODES)
      const last = Math.ceil(((index + 1) * SLOTS) / NODES) - 1
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last))
    }
    await eventually(async () => {
      for (const { admin } of nodes) {
        const info = String(await admin.call('CLUSTER', 'INFO'))
        if (!/cluster_state:ok/.test(info) || !/cluster_known_nodes:3/.test(info)) throw new Error('not yet')
      }
    })
  } catch (error) {
    await end()
    throw error
  }
  return { nodes, end }
}
