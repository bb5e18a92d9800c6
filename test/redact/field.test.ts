/** Situations out of public bug reports: what leaked there, and what was masked that is no secret. */

import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createRedactor, type Redactor, type RedactorOptions } from '../../src/redact.ts'

/** One situation; exactly one of `input`, `inputExpr` and `inputChunksBase64` is there. */
interface FieldCase {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly secrets: readonly string[]
  readonly options?: RedactorOptions
  readonly method?: 'text' | 'json' | 'value'
  /** A text, or the pieces of a stream. */
  readonly input?: string | readonly string[]
  /** JavaScript that makes the input; `S` are the secrets. */
  readonly inputExpr?: string
  /** The pieces of a stream of bytes. */
  readonly inputChunksBase64?: readonly string[]
  readonly mustNotContain: readonly string[]
  readonly mustContain?: readonly string[]
  readonly mustNotMatch?: string
  /** Whether docs/REDACTION.md states it as not found. */
  readonly isLimit?: boolean
}

const CASES = JSON.parse(
  readFileSync(new URL('../cases/field-redaction.json', import.meta.url), 'utf8'),
) as readonly FieldCase[]
/** Those that wait for an option of another name. */
const OPEN: readonly string[] = ['H075']

function outputOf(theCase: FieldCase): string {
  const { secrets, options, input, inputExpr, inputChunksBase64, method = 'text' } = theCase
  const redactor = createRedactor({
    secrets: Object.fromEntries(secrets.map((secret, index) => [`k${index}`, secret])),
    ...options,
  })
  if (inputChunksBase64 !== undefined) return streamed(redactor, inputChunksBase64)
  if (Array.isArray(input)) {
    const { push, end } = redactor.chunks<string>()
    return input.map(push).join('') + (end() ?? '')
  }
  if (inputExpr !== undefined) {
    const made: unknown = new Function('S', `return (${inputExpr})`)(secrets)
    return looks(redactor.value(made))
  }
  return redactor[method](input as string)
}

function streamed({ chunks }: Redactor, pieces: readonly string[]): string {
  const { push, end } = chunks<Uint8Array>()
  const output = pieces.map((piece) => push(Uint8Array.from(Buffer.from(piece, 'base64'))))
  return Buffer.concat([...output, end() ?? new Uint8Array()]).toString('latin1')
}

/** Everything a person could read off a structure. */
function looks(value: unknown): string {
  return `${inspect(value, { depth: 20, showHidden: true, maxArrayLength: null })}\n${JSON.stringify(value)}`
}

function faultsOf({ mustNotContain, mustContain = [], mustNotMatch }: FieldCase, output: string): string[] {
  return [
    ...mustNotContain.filter((text) => output.includes(text)).map((text) => `shows ${text}`),
    ...mustContain.filter((text) => !output.includes(text)).map((text) => `lacks ${text}`),
    ...(mustNotMatch !== undefined && new RegExp(mustNotMatch).test(output) ? [`matches ${mustNotMatch}`] : []),
  ]
}

const asked = CASES.filter(({ id, isLimit }) => !isLimit && !OPEN.includes(id))

describe('the situations from the field', () => {
  it('are all here', () => {
    expect(CASES.length).toBe(46)
  })

  it.each(asked.map((theCase) => [theCase.id, theCase.name, theCase] as const))('%s %s', (_id, _name, theCase) => {
    expect(faultsOf(theCase, outputOf(theCase))).toEqual([])
  })

  it.each(CASES.filter(({ isLimit }) => isLimit).map((theCase) => [theCase.id, theCase.name, theCase] as const))(
    '%s is not found, as is stated: %s',
    (_id, _name, theCase) => {
      expect(faultsOf(theCase, outputOf(theCase))).not.toEqual([])
    },
  )
})
