import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { redactPipe, redactStdio, type StdioOptions } from '../../src/log/stdio.ts'
import { createRedactor } from '../../src/redact.ts'
import { Capture, TRICKY, VALUE } from './capture.ts'

const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })

/** A stream whose output is redacted until the test is over. */
function redacted(out = new Capture(), options?: StdioOptions): Capture {
  const { restore } = redactStdio(redactor, [out], options)
  onTestFinished(restore)
  return out
}

describe('redactStdio', () => {
  it.each([
    ['text', (part: string) => [part]],
    ['text with an encoding', (part: string) => [Buffer.from(part).toString('base64'), 'base64']],
    ['bytes', (part: string) => [new TextEncoder().encode(part)]],
    ['buffers', (part: string) => [Buffer.from(part)]],
    ['views of any kind', (part: string) => [new DataView(Uint8Array.from(Buffer.from(part)).buffer)]],
  ])('masks a value that is written as %s in pieces', (_, parts) => {
    const out = new Capture()
    const stdio = redactStdio(redactor, [out])
    for (const part of ['a ', VALUE.slice(0, 5), VALUE.slice(5), ' b\n']) out.write(...(parts(part) as [string]))
    stdio.restore()
    expect(out.text).toBe('a [secret:token] b\n')
  })

  it('masks a value of which the pieces are text and bytes', () => {
    const out = redacted()
    out.write(TRICKY.slice(0, 4))
    out.write(Buffer.from(TRICKY.slice(4, 9)))
    out.end(Buffer.from(TRICKY.slice(9)).toString('hex'), 'hex')
    expect(out.text).toBe('[secret:tricky]')
  })

  it.each(['text', 'bytes'])('keeps lines of JSON valid that are written as %s', (kind) => {
    const named = createRedactor({ secrets: { pin: '12345678', token: VALUE }, properties: ['token', '*session*'] })
    const out = new Capture()
    onTestFinished(redactStdio(named, [out]).restore)
    const write = (text: string): void => void out.write(kind === 'text' ? text : Buffer.from(text))
    write('{"order":12345678,"token":5}\n')
    write(`{"session":true,"n":{"token":{"a":1}}}\n{"b":["${VALUE}"]}\n`)
    write(`${JSON.stringify({ order: 12345678, a: [1] }, null, 2)}\n`)
    expect(out.text).toBe(
      '{"order":"[secret:pin]","token":"[secret]"}\n{"session":"[secret]","n":{"token":"[secret]"}}\n{"b":["[secret:token]"]}\n' +
        `${JSON.stringify({ order: '[secret:pin]', a: [1] }, null, 2)}\n`,
    )
  })

  it.each([
    ['in one write', (value: string) => [`${value}\n`]],
    ['line by line', (value: string) => value.split('\n').map((line) => `${line}\n`)],
  ])('masks a value of several lines that are JSON, written %s', (_, writes) => {
    const value = '{"a":"the first line"}\n{"b":"the second line"}'
    for (const secret of [value, `[first]\n${value}\nlast`]) {
      const out = new Capture()
      const { flush, restore } = redactStdio(createRedactor({ secrets: { rows: secret } }), [out])
      onTestFinished(restore)
      for (const write of ['{"c":1}\n', ...writes(secret), '{"c":2}\n']) out.write(write)
      flush()
      expect(out.text).not.toMatch(/first|second/)
      expect(out.text).toMatch(/^\{"c":1\}\n.*secret:rows.*\n\{"c":2\}\n$/s)
    }
  })

  it('masks what is no whole line of JSON as text, and a value before a line of JSON', () => {
    const out = redacted()
    const parts = [
      `[${VALUE}] `,
      '{"a":1}\n',
      `{"a":"${VALUE}`,
      '"}\n',
      `x ${VALUE.slice(0, 5)}`,
      `${VALUE.slice(5)}\n`,
      '{"a":1}\n',
      `{a: ${VALUE}}\n`,
    ]
    for (const part of parts) out.write(part)
    expect(out.text).toBe(parts.join('').replaceAll(VALUE, '[secret:token]'))
  })

  it.each([[[VALUE]], [[]], [[VALUE, 'utf8']], [[Buffer.from(VALUE)]]])(
    'calls the callback of the end once: %j',
    async (parts) => {
      const out = redacted()
      const done = vi.fn()
      const end = out.end as unknown as (...given: unknown[]) => void
      end.call(out, ...parts, done)
      await once(out, 'close')
      expect(done).toHaveBeenCalledTimes(1)
      expect(out.text).toBe(parts.length > 0 ? '[secret:token]' : '')
    },
  )

  it('masks alike, however it is cut', () => {
    const text = `x${VALUE}y ${TRICKY}\n${JSON.stringify({ TRICKY })} ${Buffer.from(VALUE).toString('base64')} z`
    const bytes = Buffer.from(text)
    const whole = redactor.text(text)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const out = new Capture()
        const { restore } = redactStdio(redactor, [out])
        const borders = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        for (const [index, end] of borders.slice(1).entries()) out.write(bytes.subarray(borders[index], end))
        restore()
        expect(out.text).toBe(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('releases the beginning of a value when nothing follows in time, and looks afresh then', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const out = new Capture()
    const { restore } = redactStdio(redactor, [out])
    out.write(`a ${VALUE.slice(0, 6)}`)
    vi.advanceTimersByTime(999)
    expect(out.text).toBe('a ')
    out.write(VALUE.slice(6, 10))
    vi.advanceTimersByTime(999)
    out.write(VALUE.slice(10))
    expect(out.text).toBe('a [secret:token]')
    out.write(VALUE.slice(0, 6))
    vi.advanceTimersByTime(1000)
    expect(out.text).toBe(`a [secret:token]${VALUE.slice(0, 6)}`)
    out.write(VALUE)
    restore()
    expect(out.text).toBe(`a [secret:token]${VALUE.slice(0, 6)}[secret:token]`)
  })

  it('waits as long as it is told to', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const [soon, never] = [new Capture(), new Capture()]
    const guards = [redactStdio(redactor, [soon], { holdMs: 5 }), redactStdio(redactor, [never], { holdMs: Infinity })]
    for (const out of [soon, never]) out.write('tok_')
    vi.advanceTimersByTime(5)
    expect(soon.text).toBe('tok_')
    vi.advanceTimersByTime(2 ** 31)
    expect(never.text).toBe('')
    for (const { restore } of guards) restore()
    expect(never.text).toBe('tok_')
  })

  it.each([[{ holdMs: -1 }], [{ holdMs: Number.NaN }], [{ holdMs: 2 ** 31 }], [{ holdMs: '5' }], [{ hold: 5 }]])(
    'refuses the options %j',
    (options) => {
      const code = expect.objectContaining({ code: 'ERR_INVALID_INPUT' })
      expect(() => redactStdio(redactor, [], options as StdioOptions)).toThrow(code)
      expect(() => redactPipe(redactor, options as StdioOptions)).toThrow(code)
    },
  )

  it('holds back the beginning of a value until a flush', () => {
    const out = new Capture()
    const { flush, restore } = redactStdio(redactor, [out])
    out.write(`Token: ${VALUE.slice(0, 4)}`)
    expect(out.text).not.toContain(VALUE.slice(0, 4))
    flush()
    flush()
    expect(out.text).toBe(`Token: ${VALUE.slice(0, 4)}`)
    restore()
  })

  it('passes bytes that are not text unchanged', () => {
    const out = new Capture()
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    redacted(out).write(bytes)
    out.end()
    expect(new Uint8Array(Buffer.concat(out.chunks))).toEqual(bytes)
  })

  it('calls back in order, also for what is held back, and answers like the stream', async () => {
    const order: string[] = []
    const waiting: (() => void)[] = []
    const out = new Writable({
      highWaterMark: 8,
      write: (_chunk, _encoding, done) => void waiting.push(done),
    })
    const { restore } = redactStdio(redactor, [out])
    expect(out.write('ab', () => order.push('first'))).toBe(true)
    expect(out.write('0123456789', 'utf8', () => order.push('second'))).toBe(false)
    out.write(VALUE.slice(0, 5), () => order.push('held back'))
    for (let count = 0; count < 3; count++) {
      waiting.shift()!()
      await new Promise(setImmediate)
    }
    expect(order).toEqual(['first', 'second', 'held back'])
    restore()
  })

  it('leaves the refusal of anything else to the stream', () => {
    const out = new Capture()
    const { restore } = redactStdio(redactor, [out])
    expect(() => out.write(1 as unknown as string)).toThrow(TypeError)
    expect(() => out.write('a', 'nonsense' as BufferEncoding)).toThrow(TypeError)
    restore()
  })

  it('gives the streams their methods back', () => {
    const out = new Capture()
    const own = Object.assign(new Capture(), { write: Capture.prototype.write })
    const { restore } = redactStdio(redactor, [out, own])
    out.write(VALUE)
    own.write(VALUE)
    restore()
    expect(Object.hasOwn(out, 'write')).toBe(false)
    expect(Object.hasOwn(out, 'end')).toBe(false)
    expect(own.write).toBe(Capture.prototype.write)
    expect(out.text + own.text).toBe('[secret:token][secret:token]')
    out.write('raw')
    expect(out.text).toBe('[secret:token]raw')
  })

  it('steps aside under a later wrapper that keeps calling it', () => {
    const out = new Capture()
    const { restore } = redactStdio(redactor, [out])
    const ours = { write: out.write, end: out.end }
    out.write = ((...parts: Parameters<typeof ours.write>) => ours.write.apply(out, parts)) as typeof out.write
    out.end = ((...parts: Parameters<typeof ours.end>) => ours.end.apply(out, parts)) as typeof out.end
    restore()
    out.write(VALUE)
    out.end('!')
    expect(out.text).toBe(`${VALUE}!`)
  })

  it('ends the stream with what was held back, and writes nothing after', async () => {
    const out = new Capture()
    const { restore } = redactStdio(redactor, [out])
    out.write('tok')
    await new Promise<void>((done) => out.end(done))
    restore()
    expect(out.text).toBe('tok')
  })

  it('drops what is held back when the stream is destroyed', () => {
    const out = new Capture()
    const { restore } = redactStdio(redactor, [out])
    out.write('tok_LIVE')
    out.destroy()
    restore()
    expect(out.text).toBe('')
  })

  it('covers console, workers and the end of a real process', async () => {
    const script = `
      import { Worker } from 'node:worker_threads'
      import { redactStdio } from '${new URL('../../src/log/stdio.ts', import.meta.url)}'
      import { createRedactor } from '${new URL('../../src/redact.ts', import.meta.url)}'
      const value = process.env.VALUE
      redactStdio(createRedactor({ secrets: { token: value } }))
      console.log('log', value)
      console.error('error', { value })
      const program = 'data:text/javascript,import { workerData } from "node:worker_threads"; console.log("worker", workerData)'
      const worker = new Worker(new URL(program), { workerData: value })
      worker.on('exit', () => process.stdout.write('end ' + value.slice(0, 6)))`
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script],
      {
        env: { ...process.env, VALUE },
      },
    )
    const [out, error] = [new Capture(), new Capture()]
    child.stdout.pipe(out)
    child.stderr.pipe(error)
    await once(child, 'close')
    expect(error.text).toBe("error { value: '[secret:token]' }\n")
    expect(out.text).toBe(`log [secret:token]\nworker [secret:token]\nend ${VALUE.slice(0, 6)}`)
  })

  it('takes the streams of the process unless told otherwise', () => {
    const before = [process.stdout.write, process.stderr.write]
    const exits = process.listenerCount('exit')
    const { restore } = redactStdio(redactor)
    const during = [process.stdout.write, process.stderr.write]
    restore()
    expect(during[0]).not.toBe(before[0])
    expect(during[1]).not.toBe(before[1])
    expect([process.stdout.write, process.stderr.write]).toEqual(before)
    expect(process.listenerCount('exit')).toBe(exits)
  })
})

describe('redactPipe', () => {
  it('masks what a child writes', async () => {
    const out = new Capture()
    const program = 'process.stdout.write(process.env.A); setTimeout(() => process.stdout.write(process.env.B), 20)'
    const env = { ...process.env, A: VALUE.slice(0, 7), B: `${VALUE.slice(7)} end` }
    const child = spawn(process.execPath, ['-e', program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    await pipeline(child.stdout, redactPipe(redactor), out)
    expect(out.text).toBe('[secret:token] end')
  })

  it('takes text too, and releases what it held back at the end', async () => {
    const out = new Capture()
    await pipeline(Readable.from(['a', 'b tok']), redactPipe(redactor), out)
    expect(out.text).toBe('ab tok')
  })

  it('releases what it held back when nothing follows in time', async () => {
    const pipe = redactPipe(redactor, { holdMs: 1 })
    const seen: string[] = []
    pipe.on('data', (chunk) => seen.push(String(chunk)))
    pipe.write('tok_')
    await once(pipe, 'data')
    pipe.end('LIVE')
    await once(pipe, 'end')
    expect(seen[0]).toBe('tok_')
    expect(seen.join('')).toBe('tok_LIVE')
  })

  it('drops what it held back when it is destroyed', async () => {
    const pipe = redactPipe(redactor)
    const seen: unknown[] = []
    pipe.on('data', (chunk) => seen.push(String(chunk)))
    pipe.write('tok_LIVE')
    pipe.destroy()
    await once(pipe, 'close')
    expect(seen).toEqual([])
  })
})
