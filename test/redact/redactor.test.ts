import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'

const VALUE = 'hunter2-long-pw'
const TRICKY = 'pa"ss\\w/ord?42&ü'

describe('text', () => {
  it('masks a value by its label and gives the same string back where nothing matched', () => {
    const { text } = createRedactor({ secrets: { db: VALUE } })
    expect(text(`a ${VALUE} b`)).toBe('a [secret:db] b')
    expect(text('nothing here')).toBe('nothing here')
  })

  it('masks a value without a label as [secret]', () => {
    const redactor = createRedactor()
    redactor.add('', VALUE)
    expect(redactor.text(VALUE)).toBe('[secret]')
  })

  it('writes one mask over overlapping and touching matches', () => {
    const { text } = createRedactor({ secrets: { a: 'a1c2e3g4', b: 'g4i5k6m7' } })
    expect(text('xa1c2e3g4i5k6m7y')).toBe('x[secret:a]y')
    expect(text('a1c2e3g4a1c2e3g4')).toBe('[secret:a]')
  })

  it.each([
    ['JSON', JSON.stringify(TRICKY).slice(1, -1)],
    ['JSON twice', JSON.stringify(JSON.stringify(TRICKY)).slice(3, -3)],
    ['percent-encoded', encodeURIComponent(TRICKY)],
    ['form', new URLSearchParams([['', TRICKY]]).toString().slice(1)],
    ['base64', Buffer.from(TRICKY).toString('base64')],
    ['base64 behind one byte', Buffer.from(`:${TRICKY}`).toString('base64')],
    ['base64 behind two bytes', Buffer.from(`u:${TRICKY}`).toString('base64')],
    ['base64url', Buffer.from(TRICKY).toString('base64url')],
  ])('masks the form %s', (_, written) => {
    const { text } = createRedactor({ secrets: { k: TRICKY } })
    expect(text(`<${written}>`)).toMatch(/^<.{0,2}\[secret:k\]>$/)
  })
})

describe('json', () => {
  it('keeps valid JSON valid where a value is a number, holds quotes or spans tokens', () => {
    const { json } = createRedactor({ secrets: { n: '12345678', q: TRICKY, s: '"a":"b","c"' } })
    expect(json('{"n":12345678,"s":"x 12345678 y"}')).toBe('{"n":"[secret:n]","s":"x [secret:n] y"}')
    expect(JSON.parse(json(JSON.stringify({ q: TRICKY })))).toEqual({ q: '[secret:q]' })
    expect(json('{"a":"b","c":1}')).toBe('{"[secret:s]":"[secret:s]","[secret:s]#2":1}')
  })

  it('redacts what is no JSON as text', () => {
    const { json } = createRedactor({ secrets: { k: VALUE } })
    expect(json(`oops ${VALUE}`)).toBe('oops [secret:k]')
  })
})

describe('value', () => {
  it('copies with masks, keeps cycles and leaves the input alone', () => {
    const { value } = createRedactor({ secrets: { k: VALUE } })
    const input: Record<string, unknown> = { a: [VALUE], [VALUE]: 1, e: new TypeError(`no ${VALUE}`) }
    input['self'] = input
    const copy = value(input)
    expect(inspect(copy, { depth: 9, showHidden: true })).not.toContain(VALUE)
    expect(copy['self']).toBe(copy)
    expect(copy['e']).toBeInstanceOf(TypeError)
    expect(input['a']).toEqual([VALUE])
  })
})

describe('find', () => {
  it('says which label stands where', () => {
    const { find } = createRedactor({ secrets: { k: VALUE } })
    expect(find(`a ${VALUE}`)).toEqual([{ label: 'k', form: 'raw', start: 2, end: 17 }])
    expect(find('clean')).toEqual([])
  })
})

describe('chunks and stream', () => {
  it('masks a value that arrives in pieces', () => {
    const chunks = createRedactor({ secrets: { k: VALUE } }).chunks<string>()
    expect(chunks.push('a hunter2') + chunks.push('-long-pw b ') + (chunks.end() ?? '')).toBe('a [secret:k] b ')
  })

  it('masks bytes', async () => {
    const stream = createRedactor({ secrets: { k: VALUE } }).stream<Uint8Array>()
    const writer = stream.writable.getWriter()
    void writer.write(new TextEncoder().encode('ü hunter2'))
    void writer.write(new TextEncoder().encode('-long-pw ü'))
    void writer.close()
    expect(await new Response(stream.readable).text()).toBe('ü [secret:k] ü')
  })
})

describe('add and remove', () => {
  it('keeps the old value masked after a rotation and forgets all on remove', () => {
    const redactor = createRedactor({ secrets: { k: VALUE } })
    expect(redactor.add('k', 'next-value-1')).toBe('ok')
    expect(redactor.text(`${VALUE} next-value-1`)).toBe('[secret:k] [secret:k]')
    redactor.remove('k')
    expect(redactor.text(`${VALUE} next-value-1`)).toBe(`${VALUE} next-value-1`)
  })

  it('tells which values it cannot protect', () => {
    const redactor = createRedactor()
    expect(['', 'true', '42', 'abc'].map((value, index) => redactor.add(`l${index}`, value))).toEqual([
      'empty',
      'common',
      'common',
      'short',
    ])
    expect([...redactor.weak.keys()]).toEqual(['l0', 'l1', 'l2', 'l3'])
    expect(redactor.text('abc xabc')).toBe('[secret:l3] xabc')
  })
})
