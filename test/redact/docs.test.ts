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
  property: true,
}
const VERDICTS: Readonly<Record<Verdict, true>> = { ok: true, short: true, common: true, empty: true }
const OPTIONS: Readonly<Record<keyof RedactorOptions, true>> = {
  secrets: true,
  mask: true,
  minLength: true,
  properties: true,
  keep: true,
  parts: true,
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
    for (const [label, value] of values) expect(redactor.add(label, value.replaceAll('⏎', '\n'))).toBe('ok')
    return redactor
  }
  const searching = redactorOf({})
  const guessing = redactorOf({ truncated: { prefix: 10, suffix: 10 } })
  const examples = rowsOf('form').flatMap(([form, , cell]) => codeOf(cell!).map((code) => [codeOf(form!)[0]!, code]))

  it('are there for every form', () => {
    expect(new Set(examples.map(([form]) => form))).toEqual(new Set(Object.keys(FORMS)))
  })

  it.each(examples)('of the form %s: %s', (form, code) => {
    if (form === 'property') {
      expect(createRedactor({ properties: ['access_token'] }).text(code!)).toBe('?access_token=[secret]')
      return
    }
    const { text } = form === 'fragment' ? guessing : searching
    expect(text(code!)).toMatch(/^\[secret:\w+\]$/)
    if (form === 'fragment') expect(searching.text(code!)).toBe(code)
  })
})

const maskedIn = (value: string, text: string): string => createRedactor({ secrets: { k: value } }).text(text)
const MASK = '[secret:k]'
const VALUE = 'hunter2-long-pw'
const SLASH = 'p4ss/word-1'
const QUOTE = 'p4ss"word-1'
const FEW_KEPT = '"%"%"%"%ab'
const BACKSLASHES = 'a\\b\\\\c\\no-newline\\'
const json = (text: string): string => JSON.stringify(text).slice(1, -1)
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le')
const bytes = [...Buffer.from(VALUE)]
const times = (count: number, write: (text: string) => string, text: string): string =>
  Array.from({ length: count }).reduce<string>((written) => write(written), text)
const entities = (text: string): string => text.replace(/./g, (found) => `&#x${hex(found)};`)
const titled = (title: string, end = '\x07'): string => `\x1b]0;${title}${end}`

describe('what the page says is found', () => {
  it.each([
    [VALUE, 'hunter2-lo\\^`\x07ng-pw'],
    [VALUE, 'hunter2-lo\n  "ng-pw'],
    [VALUE, 'hunter2-lo\\\nng-pw'],
    ['first-half-of-it\nsecond-half', 'first-half-of-itsecond-half'],
    ['first-half-of-it\nsecond-half', "first-half-of-it\\n' +\n  'second-half"],
    ["big-house's-owner", 'big-house"s-owner'],
    ['"second-half-of-it"', '\\"second-half-of-it\\"'],
    ['"pass12"', '\\"pass12\\"'],
    [VALUE, hex(VALUE).replace(/.{4}(?=.)/g, '$& ')],
    [VALUE, hex(VALUE).replace(/.{8}(?=.)/g, '$&\n')],
    [VALUE, bytes.join(',\n  ')],
    [FEW_KEPT, FEW_KEPT],
    [FEW_KEPT, json(FEW_KEPT)],
    [FEW_KEPT, json(json(FEW_KEPT))],
    [FEW_KEPT, encodeURIComponent(FEW_KEPT)],
    [FEW_KEPT, base64(FEW_KEPT)],
    [FEW_KEPT, hex(FEW_KEPT)],
    [FEW_KEPT, Buffer.from(FEW_KEPT).join(',')],
    ['hunter2%41b-pw', encodeURIComponent('hunter2%%41b-pw')],
  ])('%j as %j', (value, text) => {
    expect(maskedIn(value, `<${text}>`)).toBe(`<${MASK}>`)
  })

  it.each([
    ['a letter', 'p4ss\\nword-1', 'p4ss\nword-1'],
    ['two digits', 'p4ss\\x2fword-1', SLASH],
    ['four digits', 'p4ss\\u002fword-1', SLASH],
    ['digits in braces', 'p4ss\\u{2f}word-1', SLASH],
    ['eight digits', 'p4ss\\U0000002fword-1', SLASH],
    ['octal digits', 'p4ss\\057word-1', SLASH],
    ['percent', 'p4ss%2Fword-1', SLASH],
    ['an entity', 'p4ss&#x2F;word-1', SLASH],
    ['a percent sign as an entity', 'p4ss&#37;2Fword-1', SLASH],
    ['an ampersand as an entity of which the hash is percent-encoded', 'p4ss%26%2337;2Fword-1', SLASH],
    ['a backslash in percent', 'p4ss%5Cu002Fword-1', SLASH],
    ['a percent sign behind a backslash', 'p4ss\\x252Fword-1', SLASH],
    ['a line break within an escape', 'p4ss%2\n  Fword-1', SLASH],
    ['a colour within an escape', 'p4ss%\x1b[31m2\x1b[0mFword-1', SLASH],
    ['colours', 'p4ss\x1b[31m/word\x1b[0m-1', SLASH],
    ['a character set', 'p4ss\x1b(B/word-1', SLASH],
    ['zero-width characters', 'p4ss\u200b/wo\u00adrd-1', SLASH],
    ['zero-width characters in percent', 'p4ss%E2%80%8B/word-1', SLASH],
    ['a title between', `p4ss${titled('ls')}/word-1`, SLASH],
    ['an escaped link between', 'p4ss\\u001b]8;;http://x\\u0007/word-1', SLASH],
  ])('an escape: %s', (_, text, value) => {
    expect(maskedIn(value, `<${text}>`)).toBe(`<${MASK}>`)
  })

  it('titles and links of a terminal that say a value', () => {
    expect(maskedIn(VALUE, titled(`x ${VALUE}`))).toBe(titled(`x ${MASK}`))
    expect(maskedIn(VALUE, `\x1b]8;;http://x/?k=${VALUE.replaceAll('-', '%2D')}\x1b\\y`)).toBe(
      `\x1b]8;;http://x/?k=${MASK}\x1b\\y`,
    )
  })

  it('no escape of which a line break ends the first character', () => {
    expect(maskedIn('p4ss 50F-word', '50%\n46-word p4ss 50%\n46-word')).toBe('50%\n46-word p4ss 50%\n46-word')
  })

  it('without what the value ends with, if enough is left', () => {
    expect(maskedIn('"second-half-of-it"', "<'second-half-of-it'>")).toBe(`<'${MASK}'>`)
    expect(maskedIn('"pass12"', "<'pass12'>")).toBe("<'pass12'>")
  })

  it('after a line break among its first characters, which stay', () => {
    expect(maskedIn(VALUE, 'hu\nnter2-long-pw')).toBe(`hu\n${MASK}`)
    expect(maskedIn('ab\nsecond-half', 'ab\nsecond-half')).toBe(`ab\n${MASK}`)
    expect(maskedIn(VALUE, 'x\nnter2-long-pw')).toBe('x\nnter2-long-pw')
    expect(maskedIn(VALUE, 'x nter2-long-pw')).toBe('x nter2-long-pw')
    expect(maskedIn(VALUE, 'hun\nter2-long-pw')).toBe(MASK)
    expect(maskedIn(VALUE, 'hu\\nnter2-long-pw')).toBe(MASK)
  })

  it('where its first or last characters read as an escape with what is next to them', () => {
    expect(maskedIn('c70jwXPqL3', "LIKE '%c70jwXPqL3'")).toBe(`LIKE '%${MASK}'`)
    expect(maskedIn('bob7-password', 'CORP\\bob7-password')).toBe(`CORP\\${MASK}`)
    expect(maskedIn('hunter2-long-pw&', 'hunter2-long-pw&lt;')).toBe(`${MASK}lt;`)
    // six of them, and all of a short value
    expect(maskedIn('u0041hunter-pw-is-long-ok', '\\u0041hunter-pw-is-long-ok')).toBe(`\\${MASK}`)
    expect(maskedIn('u0041hunter', '\\u0041hunter')).toBe(`\\${MASK}`)
    expect(maskedIn('U00000041-hunter2-long-hunter2', '\\U00000041-hunter2-long-hunter2')).not.toContain(MASK)
  })

  it('at eight layers of escapes, and not at nine', () => {
    const value = 'p4ss/w"rd&<42>'
    const { text } = createRedactor({ secrets: { k: value } })
    for (let layers = 1; layers <= 9; layers++) {
      for (const first of [encodeURIComponent(value), entities(value), json(value).replaceAll('/', '\\u002f')]) {
        const written = times(layers - 1, encodeURIComponent, first)
        expect(text(written)).toBe(layers <= 8 ? MASK : written)
      }
    }
  })

  it('a quote after JSON seven times, and not after eight', () => {
    expect(maskedIn(QUOTE, times(7, json, QUOTE))).toBe(MASK)
    expect(maskedIn(QUOTE, times(8, json, QUOTE))).not.toContain(MASK)
  })

  it('under the form that comes first where several are mixed', () => {
    const formOf = (text: string): string => createRedactor({ secrets: { k: 'a"b/c\'d-hunter2' } }).find(text)[0]!.form
    expect(formOf('a&quot;b%2Fc\\u0027d-hunter2')).toBe('percent')
    expect(formOf('a&quot;b/c\\u0027d-hunter2')).toBe('html')
    expect(formOf("a\\\"b/c'\\''d-hunter2")).toBe('json')
    expect(formOf("a\"b\\x2fc'\\''d-hunter2")).toBe('quote')
    expect(formOf('a"b\\x2fc\'d-hunter2')).toBe('escape')
  })
})

// where one of these is found, the page says too little
describe('what the page says is not found', () => {
  it.each([
    [VALUE, VALUE.toUpperCase()],
    [VALUE, 'hunter2-lo ng-pw'],
    [VALUE, 'hunter2-lo"ng-pw'],
    [VALUE, 'hunter2-lo\n> ng-pw'],
    [VALUE, 'hunter2-lo\n    | ng-pw'],
    [VALUE, 'hunter2-lo" + "ng-pw'],
    ['correct horse 9', 'correcthorse9'],
    [VALUE, base64(VALUE.replaceAll('-', '&#45;'))],
    [VALUE, base64(hex(VALUE))],
    [VALUE, base64(base64(base64(VALUE)))],
    [VALUE, hex(base64(VALUE))],
    [VALUE, wide(VALUE).toString('hex')],
    [VALUE, hex(VALUE).replace(/..(?=.)/g, '$&-')],
    [VALUE, bytes.map((byte) => `0x${byte.toString(16)}`).join(', ')],
    [VALUE, bytes.join(' ')],
    ['caf\u00e9-number-9', 'caf&eacute;-number-9'],
    ['caf\u00e9-number-9', 'caf=C3=A9-number-9'],
    ['caf\u00e9-number-9', 'caf\\e9 -number-9'],
    [QUOTE, 'p4ss&QUOT;word-1'],
    [QUOTE, 'p4ss&quotword-1'],
    [SLASH, 'p4ss%u002Fword-1'],
    [VALUE, 'hunter2\\55long\\55pw'],
    [VALUE, 'hunter2\x1b7-long-pw'],
    [VALUE, 'hunter2\x1bPq\x1b\\-long-pw'],
    [VALUE, 'hunter2\x9b31m-long-pw'],
    [FEW_KEPT, FEW_KEPT.replaceAll('"', '&quot;')],
    [FEW_KEPT, FEW_KEPT.replaceAll('"', '\\u0022')],
    [FEW_KEPT, FEW_KEPT.replaceAll('"', '""')],
    [FEW_KEPT, `${FEW_KEPT.slice(0, 4)}\n${FEW_KEPT.slice(4)}`],
  ])('%j as %j', (value, text) => {
    expect(maskedIn(value, `<${text}>`)).toBe(`<${text}>`)
  })

  it('a dump of several lines, though one of a single line is', () => {
    const dump = '0000: 6875 6e74 6572 322d 6c6f 6e67 2d70 772d  hunter2-lo..\n0010: 3031 3233 3435 36  0123456'
    expect(maskedIn(`${VALUE}-0123456`, dump)).toBe(dump)
    expect(maskedIn(VALUE, '0000: 6875 6e74 6572 322d 6c6f 6e67 2d70 77  hunter2-lo..')).toBe(
      `0000: ${MASK}  hunter2-lo..`,
    )
  })

  it('the beginning of a value of backslashes, before a line break', () => {
    expect(maskedIn(BACKSLASHES, 'a\\b\\\\\nc\\no-newline\\')).toBe(`a\\b\\\\\n${MASK}`)
  })

  it('one of two doubled characters at an end of a value', () => {
    expect(maskedIn('$HOME-is-a-$ecret', '$$HOME-is-a-$$ecret')).toBe(`$${MASK}`)
    expect(maskedIn('$HOME-is-a-$ecret', encodeURIComponent('$$HOME-is-a-$$ecret'))).toBe(`%24${MASK}`)
    expect(maskedIn('%HOME-is-a-secret', '%%HOME-is-a-secret')).toBe(`%${MASK}`)
    expect(maskedIn("it's-a-pw-12'", "it''s-a-pw-12''")).toBe(`${MASK}'`)
  })

  it('a backslash or a percent sign at the end of a value that begins an escape there', () => {
    expect(maskedIn('hunter2-long-pw\\', 'hunter2-long-pw\\nfoo')).toBe(`${MASK}\\nfoo`)
    expect(maskedIn('hunter2-long-pw%', 'hunter2-long-pw%41b')).toBe(`${MASK}%41b`)
  })
})
