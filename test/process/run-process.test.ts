/** Real programs with secrets in their environment: what they get, what their output shows, how they end. */

import { PassThrough, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type RunProcessOptions, runProcess } from '../../src/process.ts'
import type { Vault } from '../../src/vault/api.ts'
import { backstage } from '../vault/fixture.ts'

const SECRET = 'tok-Ü3f9a-9c1d-7788'
const NODE = process.execPath

async function vaultWithToken(): Promise<Vault> {
  const { vault } = backstage()
  await vault.create({ tag: 'token', value: SECRET })
  return vault
}

/** Runs a script of Node with the token in TOKEN; what came out of it. */
async function outputOf(script: string, options: RunProcessOptions = {}, more: readonly string[] = []) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() }
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) streams[name].on('data', (chunk) => (texts[name] += String(chunk)))
  const result = await runProcess(await vaultWithToken(), NODE, ['-e', script, ...more], {
    env: { ...parseEnv('TOKEN=<< secrets.token >>'), OFF: undefined },
    ...streams,
    ...options,
  })
  return { ...texts, ...result }
}

describe('an option of another type', () => {
  it.each([
    [{ inherit: 'ALL' }, /inherit must be 'all', 'none' or a list of names/],
    [{ inherit: [1] }, /inherit must be/],
    [{ allowSecretsIn: 'MY_NODE_OPTIONS_FILE' }, /allowSecretsIn must be a list of names/],
    [{ allowSecretsIn: [undefined] }, /allowSecretsIn must be a list of names/],
    [{ stdout: 'inherit' }, /stdout must be a writable stream of Node/],
    [{ stderr: new WritableStream() }, /stderr must be a writable stream of Node/],
    [{ stderr: { write: () => undefined } }, /stderr must be a writable stream of Node/],
  ])('%j is refused before anything starts', async (options, message) => {
    // a text would be asked for a part of itself
    const env = { NODE_OPTIONS: '<< secrets.token >>' }
    const run = runProcess(await vaultWithToken(), NODE, ['--version'], { env, ...(options as RunProcessOptions) })
    await expect(run).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT', message: expect.stringMatching(message) })
  })
})

describe('a program', () => {
  it('gets the values, and shows masks', async () => {
    const script = `
      console.log('length', process.env.TOKEN.length)
      console.log('raw', process.env.TOKEN)
      console.error('json', JSON.stringify({ token: process.env.TOKEN }))
      console.log('base64', Buffer.from(process.env.TOKEN).toString('base64'))`
    expect(await outputOf(script)).toEqual({
      stdout: `length ${SECRET.length}\nraw [secret:token]\nbase64 [secret:token]\n`,
      stderr: 'json {"token":"[secret:token]"}\n',
      exitCode: 0,
    })
  })

  it('shows masks in bytes that are split anywhere, and in UTF-16', async () => {
    const script = `
      const bytes = Buffer.concat([Buffer.from('a ' + process.env.TOKEN + ' b '), Buffer.from(process.env.TOKEN, 'utf16le')])
      let at = 0
      const next = () => at < bytes.length && process.stdout.write(bytes.subarray(at, ++at), () => setImmediate(next))
      next()`
    const { stdout } = await outputOf(script)
    // the second byte of the last character is no part of the value
    expect(stdout).toBe('a [secret:token] b [secret:token]\0')
  })

  it('inherits the environment, but no key of the vault', async () => {
    process.env['GUILLEMET_KEY'] = 'gmk1_not-a-key'
    process.env['GUILLEMET_TEST'] = 'inherited'
    try {
      const script =
        'console.log(Object.keys(process.env).filter((name) => /GUILLEMET|^TOKEN|^PATH/.test(name)).sort().join())'
      expect((await outputOf(script)).stdout).toBe('GUILLEMET_TEST,PATH,TOKEN\n')
      expect((await outputOf(script, { inherit: 'none' })).stdout).toBe('TOKEN\n')
      expect((await outputOf(script, { inherit: ['GUILLEMET_TEST'] })).stdout).toBe('GUILLEMET_TEST,TOKEN\n')
    } finally {
      delete process.env['GUILLEMET_KEY']
      delete process.env['GUILLEMET_TEST']
    }
  })

  it('is waited for until all of its output has arrived', async () => {
    const { stdout } = await outputOf("process.stdout.write('x'.repeat(1_000_000) + process.env.TOKEN)")
    expect(stdout).toBe(`${'x'.repeat(1_000_000)}[secret:token]`)
  })

  it('is read no faster than its output is taken', async () => {
    let waiting = 0
    let most = 0
    const slow = new Writable({
      highWaterMark: 1_024,
      write(chunk: Uint8Array, _encoding, done) {
        waiting += chunk.length
        most = Math.max(most, slow.writableLength)
        setImmediate(done)
      },
    })
    await outputOf("process.stdout.write('y'.repeat(2_000_000))", { stdout: slow })
    expect(waiting).toBe(2_000_000)
    expect(most).toBeLessThan(500_000)
  })

  it('ends although its output is taken no longer', async () => {
    const closed = new PassThrough()
    closed.destroy()
    expect(await outputOf("process.stdout.write('z'.repeat(2_000_000))", { stdout: closed })).toMatchObject({
      exitCode: 0,
    })
  })
})

describe('the end of a program', () => {
  it('is its exit code', async () => {
    expect(await outputOf('process.exit(7)')).toMatchObject({ exitCode: 7 })
  })

  it('is 128 and the number of the signal that ended it', async () => {
    const result = await outputOf("process.kill(process.pid, 'SIGKILL')")
    expect(result).toMatchObject({ exitCode: 137, endedBy: 'SIGKILL' })
  })

  it('is not even started where its caller gave up before, also while a storage is slow', async () => {
    const program = ['-e', 'console.log("started")']
    const given = { env: { TOKEN: '<< secrets.token >>' }, stdout: new PassThrough() }
    const isGivenUp = { exitCode: 143, endedBy: 'SIGTERM' }
    const vault = await vaultWithToken()
    for (const env of [given.env, {}]) {
      const signal = AbortSignal.abort()
      expect(await runProcess(vault, NODE, program, { ...given, env, signal })).toEqual(isGivenUp)
    }
    const controller = new AbortController()
    const { vault: slow, storage } = backstage()
    storage.get = () => new Promise(() => controller.abort())
    expect(await runProcess(slow, NODE, program, { ...given, signal: controller.signal })).toEqual(isGivenUp)
    expect(given.stdout.read()).toBeNull()
    const odd = runProcess(vault, NODE, program, { ...given, signal: {} as AbortSignal })
    await expect(odd).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(await runProcess(vault, NODE, program, { ...given, fresh: true })).toEqual({ exitCode: 0 })
  })

  it('comes by SIGTERM when its caller gives up while it runs', async () => {
    const forever = 'setInterval(() => {}, 1000)'
    const controller = new AbortController()
    const stdout = new PassThrough()
    stdout.once('data', () => controller.abort())
    const running = outputOf(`console.log('up'); ${forever}`, { signal: controller.signal, stdout })
    expect(await running).toMatchObject({ exitCode: 143 })
  })

  it('is not waited for where its own children hold the output and its caller gave up', async () => {
    const controller = new AbortController()
    const stdout = new PassThrough()
    stdout.once('data', () => controller.abort())
    const script = `
      const held = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      console.log(held.pid)
      setInterval(() => {}, 1000)`
    let pid = 0
    stdout.on('data', (chunk) => (pid ||= Number(chunk)))
    expect(await outputOf(script, { signal: controller.signal, stdout })).toMatchObject({ exitCode: 143 })
    process.kill(pid, 'SIGKILL')
  })

  it('leaves no handler of signals behind', async () => {
    const count = () => process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')
    const before = count()
    await outputOf('')
    expect(count()).toBe(before)
  })
})

describe('a program that cannot be run', () => {
  const codeAndText = async (run: Promise<unknown>): Promise<{ code: unknown; path: unknown; text: string }> => {
    const error = (await run.catch((thrown: unknown) => thrown)) as Error & { code?: unknown; path?: unknown }
    const text = `${error.stack} ${JSON.stringify(error)} ${JSON.stringify(Object.getOwnPropertyNames(error))}`
    return { code: error.code, path: error.path, text }
  }
  const run = async (command: string, args: readonly string[], options: RunProcessOptions = {}) =>
    runProcess(await vaultWithToken(), command, args, { env: { TOKEN: '<< secrets.token >>' }, ...options })

  it.each([
    [
      'a missing program',
      'no-such-program-anywhere',
      [],
      {},
      '"no-such-program-anywhere" could not be started (ENOENT)',
    ],
    ['a program with its arguments', 'echo hi', [], {}, 'a program and its arguments are given apart'],
    ['a missing directory', NODE, [], { cwd: '/no/such/directory' }, 'directory to run it in'],
    ['a file that may not be run', fileURLToPath(import.meta.url), [], {}, 'EACCES'],
  ])('%s is told without arguments and environment', async (_what, command, args, options, told) => {
    const { code, text } = await codeAndText(run(command, ['--plain-argument', ...args], options))
    expect(code).toBe('ERR_INVALID_INPUT')
    expect(text).toContain(told)
    expect(text).not.toMatch(/plain-argument|3f9a|spawnargs/)
  })

  it('has a NUL in an argument, which is not quoted', async () => {
    const { code, path, text } = await codeAndText(run(NODE, ['-e', 'private\0text']))
    expect({ code, path }).toEqual({ code: 'ERR_INVALID_INPUT', path: 'args[1]' })
    expect(text).not.toContain('private')
  })

  it('has a NUL in a variable, which is named and not quoted, literal or out of a secret', async () => {
    const vault = await vaultWithToken()
    await vault.create({ tag: 'nul', value: 'private\0text' })
    for (const value of ['private\0text', '<< secrets.nul >>']) {
      const { code, path, text } = await codeAndText(runProcess(vault, NODE, [], { env: { BAD: value } }))
      expect({ code, path }).toEqual({ code: 'ERR_UNSAFE_ENV_VALUE', path: 'BAD' })
      expect(text).not.toContain('private')
    }
  })

  it('has a reference in an argument, where everybody could read the value', async () => {
    const { code, path } = await codeAndText(run(NODE, ['-e', '1', '--token=<< secrets.token >>']))
    expect({ code, path }).toEqual({ code: 'ERR_LOCATION_DENIED', path: 'args[2]' })
  })

  it('has a variable that is too long, which is named', async () => {
    const { code, path } = await codeAndText(run(NODE, [], { env: { BIG: 'x'.repeat(131_072) } }))
    expect({ code, path }).toEqual({ code: 'ERR_UNSAFE_ENV_VALUE', path: 'BIG' })
  })

  it.each([
    ['', []],
    [7, []],
    ['a\0b', []],
    ['node', 'no list'],
    ['node', [1]],
  ])('is %j with %j', async (command, args) => {
    expect((await codeAndText(run(command as string, args as string[]))).code).toBe('ERR_INVALID_INPUT')
  })

  it('has an option that is not known', async () => {
    expect((await codeAndText(run(NODE, [], { environment: {} } as RunProcessOptions))).code).toBe('ERR_INVALID_INPUT')
  })
})
