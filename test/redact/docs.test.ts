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

const maskedIn = (value: string, text: string): string => createRedactor({ secrets: { k: value } }).text(text)
const MASK = '[secret:k]'
const VALUE = 'hunter2-long-pw'
const FEW_KEPT = '"%"%"%"%ab'
const json = (text: string): string => JSON.stringify(text).slice(1, -1)
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le')
const bytes = [...Buffer.from(VALUE)]

describe('what the page says is found', () => {
  it.each([
    [VALUE, 'hunter2-lo\\^`\x07ng-pw'],
    [VALUE, 'hunter2-lo\n  "ng-pw'],
    ['first-half-of-it\nsecond-half', 'first-half-of-itsecond-half'],
    ['first-half-of-it\nsecond-half', "first-half-of-it\\n' +\n  'second-half"],
    ["big-house's-owner", 'big-house"s-owner'],
    ['"second-half-of-it"', '\\"second-half-of-it\\"'],
    [FEW_KEPT, FEW_KEPT],
    [FEW_KEPT, json(FEW_KEPT)],
    [FEW_KEPT, json(json(FEW_KEPT))],
    [FEW_KEPT, encodeURIComponent(FEW_KEPT)],
    [FEW_KEPT, base64(FEW_KEPT)],
    [FEW_KEPT, hex(FEW_KEPT)],
    [FEW_KEPT, Buffer.from(FEW_KEPT).join(',')],
  ])('%j as %j', (value, text) => {
    expect(maskedIn(value, `<${text}>`)).toBe(`<${MASK}>`)
  })

  it('without what the value ends with, and behind the first two characters of a broken line', () => {
    expect(maskedIn('"second-half-of-it"', "<'second-half-of-it'>")).toBe(`<'${MASK}'>`)
    expect(maskedIn(VALUE, 'hu\nnter2-long-pw')).toBe(`hu\n${MASK}`)
    expect(maskedIn('ab\nsecond-half', 'ab\nsecond-half')).toBe(`ab\n${MASK}`)
    expect(maskedIn(VALUE, 'hun\nter2-long-pw')).toBe(MASK)
    expect(maskedIn(VALUE, 'hu\\nnter2-long-pw')).toBe(MASK)
  })

  it('at eight levels of escapes, and not at nine', () => {
    let text = 'p4ss/w"rd&<42>'
    for (let level = 1; level <= 9; level++) {
      text = encodeURIComponent(text)
      expect(maskedIn('p4ss/w"rd&<42>', text)).toBe(level <= 8 ? MASK : text)
    }
  })
})

// where one of these is found, the page says too little
describe('what the page says is not found', () => {
  it.each([
    [VALUE, VALUE.toUpperCase()],
    [VALUE, 'hunter2-lo ng-pw'],
    [VALUE, 'hunter2-lo"ng-pw'],
    ['correct horse 9', 'correcthorse9'],
    [VALUE, base64(VALUE.replaceAll('-', '&#45;'))],
    [VALUE, base64(hex(VALUE))],
    [VALUE, base64(base64(base64(VALUE)))],
    [VALUE, hex(base64(VALUE))],
    [VALUE, wide(VALUE).toString('hex')],
    [VALUE, hex(VALUE).replace(/.{4}/g, '$& ')],
    [VALUE, bytes.map((byte) => `0x${byte.toString(16)}`).join(', ')],
    [VALUE, bytes.join(' ')],
    ['caf\u00e9-number-9', 'caf&eacute;-number-9'],
    ['caf\u00e9-number-9', 'caf=C3=A9-number-9'],
    ['caf\u00e9-number-9', 'caf\\e9 -number-9'],
    [VALUE, 'hunter2\\55long\\55pw'],
    [
      VALUE,
      [1, 2, 3, 4].reduce(
        (written) => encodeURIComponent(written),
        VALUE.replace(/./g, (found) => `&#x${hex(found)};`),
      ),
    ],
    [FEW_KEPT, FEW_KEPT.replaceAll('"', '&quot;')],
    [FEW_KEPT, FEW_KEPT.replaceAll('"', '\\u0022')],
    [FEW_KEPT, FEW_KEPT.replaceAll('"', '""')],
    [FEW_KEPT, `${FEW_KEPT.slice(0, 4)}\n${FEW_KEPT.slice(4)}`],
    ['hunter2%41b-pw', encodeURIComponent('hunter2%%41b-pw')],
  ])('%j as %j', (value, text) => {
    expect(maskedIn(value, `<${text}>`)).toBe(`<${text}>`)
  })

  it('an escape at the end of what is doubled', () => {
    expect(maskedIn('$HOME-is-a-$ecret', encodeURIComponent('$$HOME-is-a-$$ecret'))).toBe(`%24${MASK}`)
  })
})
