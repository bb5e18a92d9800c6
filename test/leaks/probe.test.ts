/** The leak probe, and a helper that hands in what a function prints. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { leakProbe as nodeProbe } from '../../src/testing/node.ts'
import { type LeakProbe, leakProbe } from '../../src/testing.ts'

const SECRETS = { key: 'hunter2-long-pw', pin: 'x7-k9' }

/** Hands in what the function prints to stdout and stderr, and prints nothing of it. */
async function printing<T>({ output }: LeakProbe, run: () => T | Promise<T>): Promise<T> {
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      output(chunk, name)
      return true
    }),
  )
  try {
    return await run()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

describe('leakProbe', () => {
  it('reports nothing where nothing comes out, and gives back the result', async () => {
    const { result, error, leaks } = await leakProbe(SECRETS, () => ({ length: SECRETS.key.length }))
    expect({ result, error, leaks }).toEqual({ result: { length: 15 }, error: undefined, leaks: [] })
  })

  it('finds a secret in a result, however deep and in whatever form', async () => {
    const { leaks } = await leakProbe(SECRETS, () => [
      new Map([['header', `Basic ${btoa(`robot:${SECRETS.key}`)}`]]),
      { [SECRETS.pin]: Buffer.from(SECRETS.key) },
    ])
    expect(leaks).toContainEqual({ label: 'key', form: 'base64', where: 'result', path: '[0].header' })
    expect(leaks).toContainEqual({ label: 'key', form: 'raw', where: 'result', path: '[1].[secret:pin]' })
    expect(leaks).toContainEqual({ label: 'pin', form: 'raw', where: 'result', path: '[1].[secret:pin]' })
  })

  it('finds a secret in what is thrown, its cause included', async () => {
    const thrown = new Error('failed', { cause: new TypeError(`bad value ${SECRETS.key}`) })
    const { error, leaks } = await leakProbe(SECRETS, () => Promise.reject(thrown))
    expect(error).toBe(thrown)
    expect(leaks).toContainEqual({ label: 'key', form: 'raw', where: 'error', path: 'cause.message' })
    expect(new Set(leaks.map(({ path }) => path))).toEqual(new Set(['cause.stack', 'cause.message']))
  })

  it('finds a secret in what is printed and in files that are handed in, each once', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'probe-')), 'log.txt')
    const { leaks } = await leakProbe(SECRETS, async (probe) => {
      await printing(probe, () => {
        process.stdout.write(`key=${SECRETS.key}\n`)
        process.stdout.write(`again ${SECRETS.key}\n`)
        process.stderr.write(`?key=${encodeURIComponent(SECRETS.pin)}\n`)
      })
      writeFileSync(file, JSON.stringify({ token: Buffer.from(SECRETS.key).toString('hex') }))
      probe.output(readFileSync(file), 'log.txt')
    })
    expect(leaks).toEqual([
      { label: 'key', form: 'raw', where: 'stdout', path: '' },
      { label: 'pin', form: 'raw', where: 'stderr', path: '' },
      { label: 'key', form: 'hex', where: 'log.txt', path: '' },
    ])
  })

  it('finds nothing behind a redactor that knows the secrets', async () => {
    const { json, value } = createRedactor({ secrets: SECRETS })
    const { leaks } = await leakProbe(SECRETS, ({ output }) => {
      output(json(JSON.stringify({ key: SECRETS.key, pin: SECRETS.pin })), 'line')
      return value({ headers: { authorization: `Bearer ${SECRETS.key}` } })
    })
    expect(leaks).toEqual([])
  })

  it('says the path to each, by which it can be put right', async () => {
    const inner = {
      'a.b': [{ token: SECRETS.key }],
      headers: new Headers({ auth: SECRETS.key }),
      odd: Symbol(SECRETS.pin),
    }
    const cyclic: Record<string, unknown> = { inner, numbers: [...Buffer.from(SECRETS.key)], deep: { n: 1 } }
    cyclic['self'] = cyclic
    const { leaks } = await leakProbe(SECRETS, () => cyclic)
    expect([...new Set(leaks.map(({ label, path }) => `${label} ${path}`))].sort()).toEqual([
      'key inner.headers',
      'key inner["a.b"][0].token',
      'key numbers',
      'pin inner.odd',
    ])
  })

  it('looks at the keys of a map too, whatever they are', async () => {
    const keys = [{ token: SECRETS.key }, Buffer.from(SECRETS.key), Symbol(SECRETS.key), [[SECRETS.key]]]
    const { leaks } = await leakProbe(SECRETS, () => keys.map((key) => new Map([[key, 1]])))
    expect(leaks.map(({ path }) => path).sort()).toEqual([
      '[0].(key).token',
      '[1].(key)',
      '[2].(key)',
      '[3].(key)[0][0]',
    ])
  })

  it.each([
    ['wide', () => Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index]))],
    ['deep', () => Array.from({ length: 30_000 }).reduce<unknown>((inner) => [inner], 'x')],
  ])('a structure may be very %s', async (_, make) => {
    const { leaks } = await leakProbe(SECRETS, () => [make(), SECRETS.key])
    expect(leaks).toEqual([{ label: 'key', form: 'raw', where: 'result', path: '[1]' }])
  })

  it.each(['', 'true', '42'])('refuses %j, which no search can find', async (value) => {
    await expect(leakProbe({ key: value }, () => 1)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

describe('leakProbe of guillemet/testing/node', () => {
  const quiet = { stdout: () => true, stderr: () => true }

  it('captures what is printed while the function runs, in pieces too, and nothing after', async () => {
    const spies = (['stdout', 'stderr'] as const).map((name) =>
      vi.spyOn(process[name], 'write').mockImplementation(quiet[name]),
    )
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const { leaks, result } = await nodeProbe(
      SECRETS,
      () => {
        process.stdout.write(SECRETS.key.slice(0, 5))
        process.stdout.write(Buffer.from(SECRETS.key.slice(5)))
        process.stderr.write(Buffer.from(SECRETS.pin).toString('hex'), 'hex')
        console.log('sent', { headers: { authorization: SECRETS.key } })
        return 'done'
      },
      { capture: ['stdout', 'stderr', 'console'] },
    )
    console.log(SECRETS.key)
    expect(log).toHaveBeenCalledTimes(2)
    expect(spies.map(({ mock }) => mock.calls.length)).toEqual([2, 1])
    for (const spy of [...spies, log]) spy.mockRestore()
    expect(result).toBe('done')
    expect(leaks).toEqual([
      { label: 'key', form: 'raw', where: 'console', path: 'headers.authorization' },
      { label: 'pin', form: 'raw', where: 'stderr', path: '' },
      { label: 'key', form: 'raw', where: 'stdout', path: '' },
    ])
  })

  it('captures bytes that are written as a view of another kind', async () => {
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation(quiet.stdout)
    const view = new DataView(Uint8Array.from(Buffer.from(SECRETS.key)).buffer)
    const { leaks } = await nodeProbe(SECRETS, () => process.stdout.write(view as never), { capture: ['stdout'] })
    spy.mockRestore()
    expect(leaks).toEqual([{ label: 'key', form: 'raw', where: 'stdout', path: '' }])
  })

  it('gives everything back where the function throws, and captures nothing unasked', async () => {
    const { write } = process.stdout
    const { log } = console
    const { error, leaks } = await nodeProbe(SECRETS, () => Promise.reject(new Error('x')), {
      capture: ['stdout', 'console'],
    })
    expect([process.stdout.write, console.log, (error as Error).message, leaks]).toEqual([write, log, 'x', []])
    expect((await nodeProbe(SECRETS, () => SECRETS.pin)).leaks).toHaveLength(1)
  })

  it.each([{ capture: 'stdout' }, { capture: ['stdin'] }, { only: [] }, null])(
    'refuses the options %j',
    async (options) => {
      await expect(nodeProbe(SECRETS, () => 1, options as never)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
    },
  )
})
