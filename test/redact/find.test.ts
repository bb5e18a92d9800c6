import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createRedactor, type Form, type Match } from '../../src/redact.ts'
import { JSON_BODIES, PERCENT } from './writers-text.ts'

const TRICKY = 'a<b"c\'d$e f&g\\h/\x1bü'
const CREDENTIAL = '{"user":"robot","key":"s3cr3t-9f8e","nested":[{"pin":4471120983}]}'
const LINES = 'first line of it\nsecond line of it\nthird'

const bytes = Buffer.from(TRICKY)
const WRITTEN: readonly (readonly [Form, what: string, value: string, written: string])[] = [
  ['raw', 'the value', TRICKY, TRICKY],
  ['raw', 'the value without white space around it', '  blank-around  ', 'blank-around'],
  ['json', 'a JSON body', TRICKY, JSON.stringify(TRICKY).slice(1, -1)],
  ['json', "Go's JSON body", TRICKY, JSON_BODIES.Go(TRICKY)],
  ['json', 'JSON in JSON', TRICKY, JSON_BODIES.JavaScript(JSON_BODIES.JavaScript(TRICKY))],
  ['escape', 'an inspected text', 'red \x1b[31m text', inspect('red \x1b[31m text').slice(1, -1)],
  ['escape', 'the value with its escapes undone', 'tab\\tbed-and-board', 'tab\tbed-and-board'],
  ['quote', "a shell's single quotes", "it's-a-value", "it'\\''s-a-value"],
  ['quote', 'doubled dollars', 'cash$only$here', 'cash$$only$$here'],
  ['percent', 'percent-encoding', TRICKY, encodeURIComponent(TRICKY)],
  ['percent', 'a form', 'two words&more', 'two+words%26more'],
  ['percent', 'every byte', 'hunter2-long', PERCENT['every byte']!('hunter2-long')!],
  ['html', 'markup', '<a href="x">', '&lt;a href=&quot;x&quot;&gt;'],
  ['base64', 'base64', TRICKY, bytes.toString('base64')],
  ['base64', 'base64url', TRICKY, bytes.toString('base64url')],
  ['hex', 'hexadecimal', TRICKY, bytes.toString('hex')],
  ['hex', 'hexadecimal with colons', TRICKY, bytes.toString('hex').replace(/..(?=.)/g, '$&:')],
  ['decimal', 'a list', TRICKY, [...bytes].join(', ')],
  ['line', 'a line', LINES, 'second line of it'],
  ['leaf', 'a text in a JSON value', CREDENTIAL, 's3cr3t-9f8e'],
  ['leaf', 'a number in a JSON value', CREDENTIAL, '4471120983'],
  ['part', 'the password of a URL', 'postgres://app:s3cr3t-9f8e@db/main', 's3cr3t-9f8e'],
  ['part', 'the password of a pair', 'robot:s3cr3t-9f8e', 's3cr3t-9f8e'],
]

describe('a form has its name and its place', () => {
  it.each(WRITTEN)('%s: %s', (form, _, value, written) => {
    const { find } = createRedactor({ secrets: { k: value } })
    const text = `ü🔑 before ${written} and behind`
    const start = text.indexOf(written)
    expect(find(text)).toContainEqual({ label: 'k', form, start, end: start + written.length })
  })

  it('fragment: what a truncated value shows', () => {
    const { find } = createRedactor({ secrets: { k: 'a1c2e3g4i5k6m7opqrstuvwx' }, truncated: { prefix: 10 } })
    expect(find('= a1c2e3g4i5k6m...')).toContainEqual({ label: 'k', form: 'fragment', start: 2, end: 15 })
  })

  it('counts in UTF-16 code units', () => {
    const { find } = createRedactor({ secrets: { k: 'key🔑🔑🔑' } })
    expect(find('🔑 key🔑🔑🔑 🔑')).toEqual([{ label: 'k', form: 'raw', start: 3, end: 12 }])
  })

  it('takes in the base64 characters around that hold a bit of the value, and the padding', () => {
    const { find } = createRedactor({ secrets: { k: 'hunter2-long-pw' } })
    const written = Buffer.from('u:hunter2-long-pw').toString('base64')
    expect(written.slice(-1)).toBe('=')
    expect(find(`x ${written} y`)).toEqual([{ label: 'k', form: 'base64', start: 4, end: 2 + written.length }])
  })
})

describe('what is found in one text', () => {
  const placesOf = (matches: readonly Match[]) => matches.map(({ label, start, end }) => [label, start, end])

  it('is in the order of its places', () => {
    const { find } = createRedactor({ secrets: { b: 'second-value', a: 'first-value' } })
    const text = `second-value first-value ${encodeURIComponent('first-value')} c2Vjb25kLXZhbHVl second-value`
    const found = find(text)
    expect(found.map(({ label }) => label)).toEqual(['b', 'a', 'a', 'b', 'b'])
    expect(found.map(({ start }) => start)).toEqual([...found.map(({ start }) => start)].sort((x, y) => x - y))
  })

  it('holds both of two values that overlap', () => {
    const { find, text } = createRedactor({ secrets: { a: 'a1c2e3g4', b: 'g4i5k6m7' } })
    expect(placesOf(find('xa1c2e3g4i5k6m7y'))).toEqual([
      ['a', 1, 9],
      ['b', 7, 15],
    ])
    expect(text('xa1c2e3g4i5k6m7y')).toBe('x[secret:a]y')
  })

  it('holds both of two values that touch, and each of one that repeats itself', () => {
    const { find } = createRedactor({ secrets: { a: 'a1c2e3g4', b: 'i5k6m7op' } })
    expect(placesOf(find('a1c2e3g4i5k6m7opa1c2e3g4'))).toEqual([
      ['a', 0, 8],
      ['b', 8, 16],
      ['a', 16, 24],
    ])
  })

  it('holds both of two values that begin or end together', () => {
    const { find, text } = createRedactor({ secrets: { short: 'a1c2e3g4', long: 'a1c2e3g4i5k6', tail: 'e3g4i5k6' } })
    const found = placesOf(find('= a1c2e3g4i5k6 ='))
    expect(found).toContainEqual(['short', 2, 10])
    expect(found).toContainEqual(['long', 2, 14])
    expect(found).toContainEqual(['tail', 6, 14])
    expect(text('= a1c2e3g4i5k6 =')).toBe('= [secret:long] =')
  })

  it('names the label that a value was first added under, as its mask does, and the next when that is gone', () => {
    const redactor = createRedactor()
    for (const label of ['one', 'two']) redactor.add(label, 'hunter2-long-pw')
    expect(placesOf(redactor.find('a hunter2-long-pw b'))).toEqual([['one', 2, 17]])
    expect(redactor.text('hunter2-long-pw')).toBe('[secret:one]')
    redactor.remove('one')
    expect(placesOf(redactor.find('a hunter2-long-pw b'))).toEqual([['two', 2, 17]])
    expect(redactor.text('hunter2-long-pw')).toBe('[secret:two]')
  })

  it('has an empty label for a value without one', () => {
    const redactor = createRedactor()
    redactor.add('', 'hunter2-long-pw')
    expect(redactor.find('hunter2-long-pw')).toEqual([{ label: '', form: 'raw', start: 0, end: 15 }])
  })

  it('covers exactly what is masked', () => {
    const { find, text } = createRedactor({ secrets: { a: TRICKY, b: LINES, c: CREDENTIAL } })
    const whole = WRITTEN.map(([, , , written]) => `<< ${written} >>`).join('\n--\n')
    const found = find(whole)
    const isFound = (at: number) => found.some(({ start, end }) => start <= at && at < end)
    const left = whole.split('').filter((_, at) => !isFound(at))
    expect(text(whole).replace(/\[secret:.\]/g, '')).toBe(left.join(''))
  })

  it('is nothing where nothing is masked, and no value is in it', () => {
    const redactor = createRedactor({ secrets: { a: 'hunter2-long-pw', weak: 'abc' } })
    expect(redactor.find('')).toEqual([])
    expect(redactor.find('hunter2-long-p hunter2-long abcd')).toEqual([])
    expect(inspect(redactor.find('= hunter2-long-pw abc'))).not.toMatch(/hunter2|abc/)
  })
})
