/**
 * Inputs on which anything worse than linear would not end: no clock is read, a quadratic step would take hours.
 */

import { describe, expect, it } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import type { Kind } from '../../src/location.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { lint } from '../../src/template/lint.ts'
import { render } from '../../src/template/render.ts'
import { escapeReferences } from '../../src/template.ts'

const MANY = 200_000
const LONG = 3_000_000

const texts: readonly (readonly [string, string])[] = [
  ['references that never close', '{{ secrets.a '.repeat(MANY)],
  ['references of two forms that never close', '<<{ secrets.a {{{ RUNPOD_SECRET_a '.repeat(MANY)],
  ['references that close far away', `${'{{ secrets.a '.repeat(MANY)}}}`],
  ['triple references that close as double ones', `${'{{{ secrets.a '.repeat(MANY)}}}`],
  ['names without an opening', 'secrets.RUNPOD_SECRET_'.repeat(MANY)],
  ['one name, and a needle that never comes again', `secrets.${'RUNPOD_SECRET_'.repeat(MANY)}`],
  ['openings without a name', '{{<<'.repeat(MANY)],
  ['openings before one name', `${'{{'.repeat(LONG)}secrets.a}}`],
  ['white space before a name', `{{${' '.repeat(LONG)}secrets.a}}`],
  ['white space before every name', `{{${' '.repeat(500)}secrets.`.repeat(5_000)],
  ['white space after a name', `{{ secrets.a${' '.repeat(LONG)}}}`],
  ['white space within every tag', `{{ secrets.a${' '.repeat(1_900)}x}}`.repeat(1_500)],
  ['backslashes before a reference', `${'\\'.repeat(LONG)}{{ secrets.a }}`],
  ['backslashes before every opening', '\\\\\\{{ secrets.'.repeat(MANY)],
  ['filters without end', `{{ secrets.a ${'| trim '.repeat(MANY)}}}`],
  ['many filters', `{{ secrets.a ${'|'.repeat(1_900)} }}`.repeat(500)],
  ['dots without end', `{{ secrets.${'a.'.repeat(MANY)} }}`],
  ['many unknown filters', '{{ secrets.a | trum }}'.repeat(MANY)],
  ['names in capitals', '{{ SECRETS.a }} '.repeat(MANY)],
  ['names in capitals without an opening', 'SECRETS.'.repeat(MANY)],
  ['brackets that are none', 'secrets        '.repeat(MANY)],
  ['line breaks and faults', '\n{{ secrets. }}'.repeat(MANY)],
]
/** Those that the reading of a place could stumble over. */
const places: readonly (readonly [string, string])[] = [
  ['quotes and escapes', '"\\"{{ secrets.a }}'.repeat(50_000)],
  ['slashes', `https://h${'/'.repeat(LONG)}{{ secrets.a }}`],
  ['at signs', `https://${'@'.repeat(LONG)}{{ secrets.a }}/`],
  ['colons in a host', `//${':1'.repeat(MANY)}{{ secrets.a }}/`],
  ['dots in a path', `https://h/${'.'.repeat(LONG)}{{ secrets.a }}`],
]
const kinds: readonly Kind[] = ['headers', 'url', 'json', 'form']

function readAs(as: Kind, text: string): void {
  try {
    render(compile(text, as, DEFAULT_SYNTAX), () => 'x')
  } catch (error) {
    expect(codeOf(error)).toMatch(/^ERR_/)
  }
}

describe.each(places)('%s', (_name, text) => {
  it.each(kinds)('are read as %s and end', (as) => readAs(as, text))
})

describe.each([...texts, ...places])('%s', (_name, text) => {
  it('are read, linted and escaped, and end', () => {
    readAs('value', text)
    expect(lint(text, 'value', DEFAULT_SYNTAX).findings.length).toBeLessThanOrEqual(1_100)
    expect(escapeReferences(text).length).toBeGreaterThanOrEqual(text.length)
  })
})

describe('a large template', () => {
  it('has a hundred thousand references in one text', () => {
    const plan = compile('x={{ secrets.a }}&'.repeat(100_000), 'form', DEFAULT_SYNTAX)
    expect(plan.references).toHaveLength(100_000)
    expect(render(plan, () => '&')).toBe('x=%26&'.repeat(100_000))
  })

  it('has a hundred thousand references in one path segment', () => {
    const plan = compile(`https://h/${'{{ secrets.a }}'.repeat(100_000)}`, 'url', DEFAULT_SYNTAX)
    expect(render(plan, () => '.')).toBe(`https://h/${'.'.repeat(100_000)}`)
  })

  it('is ten megabytes without a reference, and comes back as it is', () => {
    const text = 'lorem ipsum {{ dolor }} << sit >> '.repeat(300_000)
    expect(render(compile(text, 'value', DEFAULT_SYNTAX), () => 'x')).toBe(text)
  })
})
