/** The leak probe, and a helper that hands in what a function prints. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
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
    expect(leaks).toContainEqual({ label: 'key', form: 'base64', where: 'result' })
    expect(leaks).toContainEqual({ label: 'key', form: 'raw', where: 'result' })
    expect(leaks).toContainEqual({ label: 'pin', form: 'raw', where: 'result' })
  })

  it('finds a secret in what is thrown, its cause included', async () => {
    const thrown = new Error('failed', { cause: new TypeError(`bad value ${SECRETS.key}`) })
    const { error, leaks } = await leakProbe(SECRETS, () => Promise.reject(thrown))
    expect(error).toBe(thrown)
    expect(leaks).toEqual([{ label: 'key', form: 'raw', where: 'error' }])
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
      { label: 'key', form: 'raw', where: 'stdout' },
      { label: 'pin', form: 'raw', where: 'stderr' },
      { label: 'key', form: 'hex', where: 'log.txt' },
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

  it.each(['', 'true', '42'])('refuses %j, which no search can find', async (value) => {
    await expect(leakProbe({ key: value }, () => 1)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})
