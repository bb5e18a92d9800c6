/** The collected cases of `redact.json`, and how one of them is put to a redactor, ours or another. */

import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { ownValue } from '../../src/plain-object.ts'
import { type Chunks, createRedactor, type Redactor, type RedactorOptions } from '../../src/redact.ts'

/** One case; exactly one of `input`, `inputExpr` and `ops` is there. */
export interface Case {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly source: string
  readonly secrets: readonly string[]
  /** A text, or the chunks of a stream. */
  readonly input?: string | readonly string[]
  /** JavaScript that makes the input; `S` are the secrets. */
  readonly inputExpr?: string
  /** What happens to a live redactor. */
  readonly ops?: readonly Operation[]
  readonly minLength?: number
  readonly mustNotContain: readonly string[]
  readonly mustContain?: readonly string[]
}

type Operation =
  | { readonly write: string }
  | { readonly rotate: readonly [string, string] }
  | { readonly addSecret: string }
  | { readonly end: true }

/** As much of a redactor as a case asks for. */
export interface Subject {
  text(text: string): string
  value(value: unknown): unknown
  add(label: string, value: string): unknown
  chunks(): Chunks<string>
}

export const CASES = JSON.parse(
  readFileSync(new URL('../cases/redact.json', import.meta.url), 'utf8'),
) as readonly Case[]

/** The documented option behind which a case stands; docs/REDACTION.md names them too. */
export const OPTIONS: Readonly<Record<string, RedactorOptions>> = {
  R157: { truncated: { suffix: 12 } },
}

const label = (index: number): string => `l${index}`

/** Our redactor, as the case needs it. */
export function redactorOf(given: Case): Redactor {
  const { id, secrets } = given
  const minLength = ownValue(given, 'minLength')
  const redactor = createRedactor({ ...OPTIONS[id], ...(minLength === undefined ? {} : { minLength }) })
  secrets.forEach((secret, index) => {
    redactor.add(label(index), secret)
  })
  return redactor
}

/** What the redactor makes of the case, as a text in which everything is that a person could read. */
export function outputOf(theCase: Case, redactor: Subject): string {
  const { input, inputExpr, ops, secrets } = theCase
  if (ops !== undefined) return operate(redactor, theCase)
  if (inputExpr !== undefined) {
    const value: unknown = new Function('S', `return ${inputExpr}`)(secrets)
    return looks(redactor.value(value))
  }
  if (typeof input === 'string') return redactor.text(input)
  const chunks = redactor.chunks()
  return input!.map((chunk) => chunks.push(chunk)).join('') + (chunks.end() ?? '')
}

/** What is wrong with the output, one sentence each; none where the case is met. */
export function faultsOf({ mustNotContain, mustContain = [] }: Case, output: string): string[] {
  return [
    ...mustNotContain.filter((needle) => output.includes(needle)).map((needle) => `shows ${JSON.stringify(needle)}`),
    ...mustContain.filter((needle) => !output.includes(needle)).map((needle) => `lacks ${JSON.stringify(needle)}`),
  ]
}

function operate(redactor: Subject, { ops, secrets }: Case): string {
  const chunks = redactor.chunks()
  let output = ''
  for (const step of ops!) {
    if ('write' in step) output += chunks.push(step.write)
    else if ('rotate' in step) redactor.add(label(secrets.indexOf(step.rotate[0])), step.rotate[1])
    else if ('addSecret' in step) output += inspect([redactor.add('added', step.addSecret), redactor], { depth: 9 })
    else output += chunks.end() ?? ''
  }
  return output
}

/** Everything a person could read off a structure: as inspected, and as JSON where it is not too deep for that. */
function looks(value: unknown): string {
  let json = ''
  try {
    json = JSON.stringify(value) ?? ''
  } catch (error) {
    if (!(error instanceof RangeError)) json = inspect(error)
  }
  return `${inspect(value, { depth: 50, showHidden: true, maxStringLength: null })}\n${json}\n${deepTexts(value).join('\n')}`
}

function deepTexts(value: unknown): string[] {
  const texts: string[] = []
  const pending = [value]
  for (let count = 0; pending.length > 0 && count < 50_000; count++) {
    const item = pending.pop()
    if (typeof item === 'string') texts.push(item)
    else if (typeof item === 'object' && item !== null) pending.push(...Object.values(item))
  }
  return texts
}
