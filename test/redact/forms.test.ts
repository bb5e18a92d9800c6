/**
 * Every writer with every hand-picked value: the value is gone, and nothing else.
 *
 * The writers share no code with the library. A failure lists each value that one writer got past the redactor.
 */

import { describe, expect, it } from 'vitest'
import { createRedactor, type Redactor } from '../../src/redact.ts'
import { LONG_VALUES, VALUES } from './values.ts'
import { LOGGED, PAIRS, SIMPLE, STACKED, type Writer, type Written } from './writers.ts'

const GRAM = 5
const MASK = '[secret:k]'
const SHOWN = 90
/** Neither the armor of a key, nor the line ends and the indentation between lines, is a piece of a value. */
const ARMOR = '-----BEGIN PRIVATE KEY----- -----END PRIVATE KEY-----\nPRIVATE KEY-----\n-----END\n-----BEGIN\nKEY'
const LAYOUT = /[\s-]|\\+[nrt]|%(?:25)*0[AD]?/gi
const FEWEST_READABLE = 3
const isReadable = (gram: string): boolean => gram.replace(LAYOUT, '').length >= FEWEST_READABLE

const redactors = new Map<string, Redactor>()
function redactorOf(value: string): Redactor {
  let redactor = redactors.get(value)
  if (redactor === undefined) {
    redactor = createRedactor({ secrets: { k: value } })
    redactors.set(value, redactor)
  }
  return redactor
}

const gramsOf = (text: string): string[] =>
  Array.from({ length: Math.max(1, text.length - GRAM + 1) }, (_, at) => text.slice(at, at + GRAM))

/** Runs of what was written for the value that can still be read. */
function leftOvers(parts: readonly string[], redacted: string, around: string): string[] {
  const readable = new Set(redacted.split(MASK).flatMap(gramsOf))
  return parts.flatMap(gramsOf).filter((gram) => readable.has(gram) && !around.includes(gram) && isReadable(gram))
}

function complaint({ around }: Writer, { before = '', text, after = '', parts, isLoose }: Written, value: string) {
  const left = around[0] + before
  const right = after + around[1]
  const whole = left + text + right
  const redacted = redactorOf(value).text(whole)
  const shown = JSON.stringify(redacted.slice(Math.max(0, left.length - 8)).slice(0, SHOWN))
  if (!redacted.includes(MASK)) return `no mask: ${shown}`
  const [kept, keptBehind] = isLoose === true ? around : [left, right]
  if (!redacted.startsWith(kept)) return `the text before is gone: ${JSON.stringify(redacted.slice(0, SHOWN))}`
  if (!redacted.endsWith(keptBehind)) return `the text behind is gone: ${JSON.stringify(redacted.slice(-SHOWN))}`
  const rest = leftOvers(parts ?? [text], redacted, `${left}\n${right}\n${ARMOR}`)
  return rest.length === 0
    ? undefined
    : `can be read (${JSON.stringify(rest[0])} and ${rest.length - 1} more): ${shown}`
}

function complaints(writer: Writer, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const found = writer.write(value).flatMap((written) => complaint(writer, written, value) ?? [])
    return found.length === 0 ? [] : [`${writer.name} × ${name} (${found.length} texts): ${found[0]}`]
  })
}

function check(writer: Writer, values = VALUES): void {
  expect(complaints(writer, values).join('\n')).toBe('')
}

const named = (writers: readonly Writer[]) => writers.map((writer) => [writer.name, writer] as const)

describe('every hand-picked value is found as a writer writes it', () => {
  it.each(named(SIMPLE))('%s', (name, writer) => {
    if (name.includes('bash') && writer.write('$a b').length === 0 && writer.write(VALUES['token']!).length === 0) {
      console.warn('SKIPPED: no bash here to quote the values with printf %q')
    }
    check(writer)
  })
})

describe('every hand-picked value is found as two writers write it one after the other', () => {
  it.each(named(PAIRS))('%s', (_, writer) => check(writer))
})

describe('every hand-picked value is found in a JSON log line', () => {
  it.each(named(LOGGED))('%s', (_, writer) => check(writer))
})

describe('every hand-picked value is found behind several levels of escapes', () => {
  it.each(named(STACKED))('%s', (_, writer) => check(writer))
})

describe('values of 5 KB are found as a writer writes them', () => {
  it.each(named([...SIMPLE, ...PAIRS, ...STACKED]))('%s', (_, writer) => check(writer, LONG_VALUES))
})

it('has no writer that writes nothing', () => {
  const silent = [...SIMPLE, ...PAIRS, ...LOGGED, ...STACKED].filter(
    (writer) =>
      !writer.name.includes('bash') && Object.values(VALUES).every((value) => writer.write(value).length === 0),
  )
  expect(silent.map(({ name }) => name)).toEqual([])
})
