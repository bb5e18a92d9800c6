/** A whole process in one line, looked at from outside: all that it has printed, and how it ends. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { redactProcess } from '../../src/log/process.ts'
import { createRedactor } from '../../src/redact.ts'
import { VALUE } from './capture.ts'

const path = (file: string): string => JSON.stringify(new URL(`../../src/${file}`, import.meta.url).href)
const SETUP = `
import { redactProcess } from ${path('log/process.ts')}
import { createRedactor } from ${path('redact.ts')}
const S = process.env.SECRET_VALUE
const redacted = redactProcess(createRedactor({ secrets: { token: S } }))
`

/** A program that begins with the line. */
function start(program: string) {
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', SETUP + program], {
    env: { ...process.env, SECRET_VALUE: VALUE },
  })
}

/** What a program prints after the line, and its exit code. */
async function run(program: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = start(program)
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  const [code] = (await once(child, 'close')) as [unknown]
  return { code, ...printed }
}

describe('redactProcess', () => {
  it('masks what console, stdout and stderr print', async () => {
    const { code, stdout, stderr } = await run(`
      console.log('a %s%s', S.slice(0, 5), S.slice(5), { S })
      console.error(new Error(S).message)
      console.table([{ S }])
      process.stdout.write(S.slice(0, 4)); process.stdout.write(S.slice(4) + '\\n')
      process.stderr.write(Buffer.from(S + '\\n'))
    `)
    expect(code).toBe(0)
    expect(stdout).toContain('a [secret:token]')
    expect(stderr).toContain('[secret:token]\n[secret:token]\n')
    expect(stdout + stderr).not.toContain(VALUE)
  })

  it.each([
    [
      'an uncaught error',
      `process.stdout.write('before'); throw Object.assign(new Error('no ' + S, { cause: S }), { S })`,
    ],
    [
      'an unhandled rejection',
      `process.stdout.write('before'); Promise.reject(new TypeError('no ' + S)); setTimeout(() => 1, 9999)`,
    ],
    ['a rejection with no error', `process.stdout.write('before'); Promise.reject({ S }); setTimeout(() => 1, 9999)`],
    [
      'an error that is thrown later',
      `process.stdout.write('before'); setTimeout(() => { throw new Error('no ' + S) })`,
    ],
    ['what is no error', `process.stdout.write('before'); setTimeout(() => { throw S })`],
    [
      'an error that defends itself',
      `process.stdout.write('before')
      const bad = new Proxy(new Error(S), { get() { throw new Error(S) } })
      setTimeout(() => { throw bad })`,
    ],
  ])('masks the report of %s, and ends as without it', async (_, program) => {
    const { code, stdout, stderr } = await run(program)
    expect(stdout + stderr).not.toContain(VALUE)
    expect(stdout).toBe('before')
    expect(stderr).toMatch(/^Uncaught [\s\S]+\n\nNode\.js v/)
    expect(code).toBe(1)
  })

  it('writes the report to a pipe that is full as soon as somebody reads it', async () => {
    const child = start(`
      import { writeSync } from 'node:fs'
      try { for (;;) writeSync(2, '-'.repeat(1024)) } catch {}
      writeSync(1, 'full')
      throw new Error('no ' + S)
    `)
    let stderr = ''
    await once(child.stdout, 'data')
    // one that does not wait has ended by then
    await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 300))])
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const [code] = (await once(child, 'close')) as [unknown]
    expect(stderr).toMatch(/^-+Uncaught Error: no \[secret:token\][\s\S]+\n\nNode\.js v/)
    expect(code).toBe(1)
  })

  it('ends as without it where nobody can read the report', async () => {
    const child = start(`process.stdin.once('data', () => { throw new Error('no ' + S) })`)
    child.stderr.destroy()
    child.stderr.once('close', () => child.stdin.end('go'))
    expect(await once(child, 'close')).toEqual([1, null])
  })

  it('leaves the process to a listener of its own', async () => {
    const { code, stdout, stderr } = await run(`
      process.on('uncaughtException', (error) => console.log('caught', error.message))
      setTimeout(() => { throw new Error(S) })
      setTimeout(() => console.log('alive'), 50)
    `)
    expect([code, stdout, stderr]).toEqual([0, 'caught [secret:token]\nalive\n', ''])
  })

  it.each([
    ['nobody listens to it', '', ['worker Error E_JOB no [secret:token]', 'exit 1']],
    ['a listener of its own decides', `process.on('uncaughtException', () => {});`, ['exit 0']],
  ])('lets the error of a worker go to its parent, clean, where %s', async (_, own, expected) => {
    const worker = `
      import('tsx/esm/api').then(async ({ register }) => {
        register()
        const [log, redact] = await Promise.all([import(${path('log/process.ts')}), import(${path('redact.ts')})])
        const S = process.env.SECRET_VALUE
        log.redactProcess(redact.createRedactor({ secrets: { token: S } }))
        ${own}
        setTimeout(() => { throw Object.assign(new Error('no ' + S), { code: 'E_JOB' }) })
      })`
    const { code, stdout, stderr } = await run(`
      import { Worker } from 'node:worker_threads'
      redacted.restore() // what arrives here is looked at as it is
      const worker = new Worker(${JSON.stringify(worker)}, { eval: true, execArgv: [] })
      worker.on('error', ({ name, code, message }) => console.log('worker', name, code, message))
      worker.on('exit', (code) => console.log('exit', code))
    `)
    expect([code, stdout.trim().split('\n'), stderr]).toEqual([0, expected, ''])
  })

  it('can be taken back', () => {
    const before = process.listeners('uncaughtException')
    const { write } = process.stdout
    const { flush, restore } = redactProcess(createRedactor({ secrets: { token: VALUE } }))
    flush()
    expect(process.listeners('uncaughtException')).toHaveLength(before.length + 1)
    restore()
    expect(process.listeners('uncaughtException')).toEqual(before)
    expect(process.stdout.write).toBe(write)
  })
})
