/** What docs/REDACTION.md says of forms, options and methods is what there is. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createRedactor, type Form, type Redactor, type RedactorOptions, type Verdict } from '../../src/redact.ts'

// records, so that a name that is added or lost does not compile
const FORMS: Readonly<Record<Form, true>> = {
  raw: true,
  json: true,
  escape: true,
  quote: true,
  percent: true,
  html: true,
  base64: true,
  hex: true,
  decimal: true,
  line: true,
  leaf: true,
  part: true,
  fragment: true,
}
const VERDICTS: Readonly<Record<Verdict, true>> = { ok: true, short: true, common: true, empty: true }
const OPTIONS: Readonly<Record<keyof RedactorOptions, true>> = {
  secrets: true,
  mask: true,
  minLength: true,
  keys: true,
  truncated: true,
}

const page = readFileSync(new URL('../../docs/REDACTION.md', import.meta.url), 'utf8')
const tables = page.split('\n\n').map((block) => block.split('\n').filter((line) => line.startsWith('| ')))

/** The rows of the table whose first column is headed so, cell by cell. */
function rowsOf(heading: string): string[][] {
  const rows = tables.find(([head]) => head?.startsWith(`| ${heading} |`)) ?? []
  return rows.slice(1).map((row) => row.split('|').slice(1, -1))
}

const codeOf = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)
const namesOf = (heading: string): string[] => rowsOf(heading).flatMap(([name]) => codeOf(name!))

describe('the page lists', () => {
  it.each([
    ['form', FORMS],
    ['verdict', VERDICTS],
    ['option', OPTIONS],
    ['method', createRedactor()],
  ])('every %s', (heading, all) => {
    expect(namesOf(heading).sort()).toEqual(Object.keys(all).sort())
  })
})

describe('the examples', () => {
  const values = rowsOf('label').map((row) => row.flatMap(codeOf) as [string, string])
  const redactorOf = (options: RedactorOptions): Redactor => {
    const redactor = createRedactor(options)
    for (const [label, value] of values) expect(redactor.add(value.replaceAll('⏎', '\n'), label)).toBe('ok')
    return redactor
  }
  const searching = redactorOf({})
  const guessing = redactorOf({ truncated: { prefix: 10, suffix: 10 } })
  const examples = rowsOf('form').flatMap(([form, , cell]) => codeOf(cell!).map((code) => [codeOf(form!)[0]!, code]))

  it('are there for every form', () => {
    expect(new Set(examples.map(([form]) => form))).toEqual(new Set(Object.keys(FORMS)))
  })

  it.each(examples)('of the form %s: %s', (form, code) => {
    const { text } = form === 'fragment' ? guessing : searching
    expect(text(code!)).toMatch(/^\[secret:\w+\]$/)
    if (form === 'fragment') expect(searching.text(code!)).toBe(code)
  })
})
