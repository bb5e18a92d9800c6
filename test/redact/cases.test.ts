import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { own } from '../../src/plain-object.ts'
import { createRedactor, type Redactor, type RedactorOptions } from '../../src/redact.ts'

interface Case {
  readonly id: string
  readonly name: string
  readonly secrets: readonly string[]
  readonly input?: string | readonly string[]
  readonly inputExpr?: string
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

const cases = JSON.parse(readFileSync(new URL('../cases/redact.json', import.meta.url), 'utf8')) as readonly Case[]

/** The documented option behind which a case stands; docs/REDACTION.md has the same table. */
const OPTIONS: Readonly<Record<string, RedactorOptions>> = {
  R157: { truncated: { suffix: 12 } },
}

const label = (index: number): string => `l${index}`

function redactorOf(given: Case): Redactor {
  const { id, secrets } = given
  const minLength = own(given, 'minLength')
  const redactor = createRedactor({ ...OPTIONS[id], ...(minLength === undefined ? {} : { minLength }) })
  secrets.forEach((secret, index) => {
    redactor.add(secret, label(index))
  })
  return redactor
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

function operate(redactor: Redactor, { ops, secrets }: Case): string {
  const chunks = redactor.chunks<string>()
  let output = ''
  for (const step of ops!) {
    if ('write' in step) output += chunks.push(step.write)
    else if ('rotate' in step) redactor.add(step.rotate[1], label(secrets.indexOf(step.rotate[0])))
    else if ('addSecret' in step) output += inspect([redactor.add(step.addSecret, 'added'), redactor], { depth: 9 })
    else output += chunks.end() ?? ''
  }
  return output
}

function outputOf(theCase: Case): string {
  const redactor = redactorOf(theCase)
  const { input, inputExpr, ops, secrets } = theCase
  if (ops !== undefined) return operate(redactor, theCase)
  if (inputExpr !== undefined) {
    const value: unknown = new Function('S', `return ${inputExpr}`)(secrets)
    return looks(redactor.value(value))
  }
  if (typeof input === 'string') return redactor.text(input)
  const chunks = redactor.chunks<string>()
  return input!.map((chunk) => chunks.push(chunk)).join('') + (chunks.end() ?? '')
}

describe('the collected cases', () => {
  it('are all here', () => {
    expect(cases.length).toBe(111)
  })

  it.each(cases.map((theCase) => [theCase.id, theCase.name, theCase] as const))('%s %s', (_id, _name, theCase) => {
    const output = outputOf(theCase)
    for (const needle of theCase.mustNotContain) expect(output).not.toContain(needle)
    for (const needle of theCase.mustContain ?? []) expect(output).toContain(needle)
  })
})

const texts = cases.filter(({ input }) => typeof input === 'string')
describe('the collected texts in chunks and as bytes', () => {
  it.each(texts.map((theCase) => [theCase.id, theCase.name, theCase] as const))('%s %s', (_id, _name, theCase) => {
    const redactor = redactorOf(theCase)
    const input = theCase.input as string
    const whole = redactor.text(input)
    const chunks = redactor.chunks<string>()
    expect([...input].map((character) => chunks.push(character)).join('') + (chunks.end() ?? '')).toBe(whole)
    const bytes = redactor.chunks<Uint8Array>()
    const parts = [...new TextEncoder().encode(input)].map((byte) => bytes.push(Uint8Array.of(byte)))
    const output = Buffer.concat([...parts, bytes.end() ?? new Uint8Array()]).toString()
    for (const needle of theCase.mustNotContain) expect(output).not.toContain(needle)
  })
})
