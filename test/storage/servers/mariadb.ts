/** A MariaDB server of our own: Debian's `mariadbd` with a data folder and a Unix socket of its own, never the system's. */

import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection, createPool, type Pool, type PoolOptions } from 'mysql2/promise'
import { isPolluted } from '../../log/capture.ts'
import { eventually, hasCommand, serverFolder, startProcess } from './server-process.ts'

/** Why there are no tests with a MariaDB here, or undefined. */
export const mariadbMissing: string | undefined = whyMissing()

function whyMissing(): string | undefined {
  if (isPolluted()) return 'mysql2 reads its options by inheritance'
  if (hasCommand('mariadbd') && hasCommand('mariadb-install-db')) return undefined
  return 'mariadbd is not installed (Debian: apt-get install mariadb-server)'
}

export interface MariadbServer {
  /** The path of its Unix socket. */
  readonly socket: string
  /** A pool of its own on a database of the server; ends with it. */
  pool(options?: PoolOptions): Pool
  /** Runs statements as root. */
  run(...statements: readonly string[]): Promise<unknown>
  signal(name: NodeJS.Signals): void
  end(): Promise<void>
}

/** @param settings as on the command line, such as `['--max-allowed-packet=1M']` */
export async function startMariadb(settings: readonly string[] = []): Promise<MariadbServer> {
  const folder = serverFolder('mariadb')
  const data = join(folder.path, 'data')
  const socket = join(folder.path, 'socket')
  mkdirSync(data)
  const isRoot = process.getuid?.() === 0
  const own = ['--no-defaults', `--datadir=${data}`, ...(isRoot ? ['--user=root'] : [])]
  execFileSync('mariadb-install-db', [...own, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    stdio: 'ignore',
  })
  const server = await startProcess(
    'mariadbd',
    ...own,
    ...[`--socket=${socket}`, '--skip-networking', '--innodb-buffer-pool-size=32M', '--innodb-log-file-size=16M'],
    // a commit need not reach the disk here: what is tested is the adapter
    ...['--innodb-flush-log-at-trx-commit=2', '--performance-schema=off', ...settings],
  )
  const pools: Pool[] = []
  const end = async (): Promise<void> => {
    await Promise.all(pools.map((pool) => pool.end().catch(() => {})))
    await server.end()
    folder.remove()
  }
  const run = async (...statements: readonly string[]): Promise<unknown> => {
    const connection = await createConnection({ socketPath: socket, user: 'root' })
    try {
      let result: unknown
      for (const statement of statements) [result] = await connection.query(statement)
      return result
    } finally {
      connection.destroy()
    }
  }
  try {
    await eventually(() => run('CREATE DATABASE IF NOT EXISTS app'))
  } catch (error) {
    await end()
    throw error
  }
  return {
    socket,
    run,
    end,
    signal: (name) => server.signal(name),
    pool(options = {}) {
      const pool = createPool({ socketPath: socket, user: 'root', database: 'app', ...options })
      pools.push(pool)
      return pool
    },
  }
}
