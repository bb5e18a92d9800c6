/** Where the loggers under test write, and what must not be found there. */

import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { expect, type TestContext } from 'vitest'

/** A value that each logger writes as it is. */
export const VALUE = 'tok_LIVE_9f8e7d6c5b4a'
/** A value that JSON, URLs and `util.inspect` each write in their own way. */
export const TRICKY = 'pa"ss\\w/ord?42&ü\'+'

/** Steps aside in the run under an attacked `Object.prototype`, where a package behaves as if it were given options. */
export function skipIfPolluted({ skip }: Pick<TestContext, 'skip'>): void {
  skip(isPolluted(), 'the package reads its options by inheritance')
}

/** Whether this is the run under an attacked `Object.prototype`. */
export function isPolluted(): boolean {
  return Object.hasOwn(Object.prototype, 'onMissing')
}

/** A stream that keeps all that was written. */
export class Capture extends Writable {
  readonly chunks: Buffer[] = []

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk)
    done()
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  /** The lines, parsed: a line that is no JSON fails the test. */
  get records(): Record<string, unknown>[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}

/** Everything that a printer, a serialiser or a debugger could show of it. */
export function shown(value: unknown): string {
  const parts = [
    inspect(value, { depth: 20, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
  ]
  try {
    parts.push(JSON.stringify(value) ?? '')
  } catch {
    // cyclic, or a bigint
  }
  if (value instanceof Error) parts.push(value.message, value.stack ?? '')
  return parts.join('\n')
}

/** Asserts that nothing of the value can be seen, in any of its writings that a test of loggers meets. */
export function expectNo(value: string, output: unknown): void {
  const text = typeof output === 'string' ? output : shown(output)
  const bytes = Buffer.from(value)
  const writings = [
    value,
    JSON.stringify(value).slice(1, -1),
    inspect(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
    [...bytes].join(','),
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
  ]
  for (const writing of writings) expect(text.includes(writing), `the output holds ${writing}`).toBe(false)
}
