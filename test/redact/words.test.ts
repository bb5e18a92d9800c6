import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { MASK } from './looks.ts'

const of = (value: string) => createRedactor({ secrets: { k: value } })

describe('a value that reads as a word or a number', () => {
  const WORDS = ['password', 'production', 'Passwort', 'SuperSecret', 'admin123', '20240101', '12345678', 'пароль2024']

  it.each(WORDS)('%s is short: masked alone, and left within longer words and numbers', (word) => {
    const { text, weak } = of(word)
    expect(weak.get('k')).toBe('short')
    expect(text(`pw=${word}, "${word}" -${word}- ${word}.tar`)).toBe(`pw=${MASK}, "${MASK}" -${MASK}- ${MASK}.tar`)
    for (const longer of [`x${word}`, `${word}x`, `1${word}`, `${word}1`, `_${word}`, `${word}_`, `é${word}`]) {
      expect(text(`= ${longer} =`)).toBe(`= ${longer} =`)
    }
  })

  it.each(WORDS)('%s is found in every encoding', (word) => {
    const { text } = of(word)
    for (const encoding of ['base64', 'base64url', 'hex'] as const) {
      expect(text(`x ${Buffer.from(word).toString(encoding)} y`)).toBe(`x ${MASK} y`)
    }
    expect(text(`authorization: Basic ${Buffer.from(`bob:${word}`).toString('base64')}`)).toContain(MASK)
    expect(text(encodeURIComponent(`a=${word}&b`))).toBe(`a%3D${MASK}%26b`)
  })

  it.each(['\\n', '\\t', '%20', '%3D', '\\u000a', '\x1b[31m', '&#10;'])(
    'stands alone after the escape %j',
    (before) => {
      const { text, chunks } = of('password')
      expect(text(`it is:${before}password.`)).toBe(`it is:${before}${MASK}.`)
      const { push, end } = chunks<string>()
      const whole = [...`it is:${before}password.`].map((character) => push(character)).join('') + (end() ?? '')
      expect(whole).toBe(`it is:${before}${MASK}.`)
    },
  )

  it('is not put together from two lines or columns where it has digits', () => {
    for (const between of ['\n', '\r\n', '\r', '\t', '\v', '\f', '\\n', '\n  ']) {
      for (const text of [`2024${between}0101`, `2${between}0240101`, `admin${between}123`]) {
        expect(of('20240101').text(text)).toBe(text)
        expect(of('admin123').text(text)).toBe(text)
      }
    }
  })

  it('of letters is found where a line was broken within it', () => {
    expect(of('production').text('db is produc\ntion!')).toBe(`db is ${MASK}!`)
  })

  it('leaves names of properties alone, but for one that it is', () => {
    const { json, value } = of('password')
    expect(json('{"password_reset":true,"password":1}')).toBe(`{"password_reset":true,"${MASK}":1}`)
    expect(value({ password_reset: true, my: 'passwords' })).toEqual({ password_reset: true, my: 'passwords' })
  })
})

describe('a value that looks like a key', () => {
  it.each(['kT9wQ2xL', 'ghpR8tQ2mZ7xW4kL9', '9f8e7d6c', 'qwxzrtplk', '80412345678901772034', 'tok-7f3e', 'two words'])(
    '%s is found within anything',
    (key) => {
      expect(createRedactor().add('k', key)).toBe('ok')
      expect(of(key).text(`x${key}y_1${key}2`)).toBe(`x${MASK}y_1${MASK}2`)
    },
  )
})

it('a word under a lower minLength is found within anything: that was asked for', () => {
  expect(createRedactor({ secrets: { k: 'secrets' }, minLength: 7 }).text('mysecretsare')).toBe(`my${MASK}are`)
})

it('a long text is no word: its pieces are found next to each other', () => {
  const value = 'ab'.repeat(400)
  const redactor = createRedactor()
  expect(redactor.add('k', value)).toBe('ok')
  expect(redactor.text(`x${value}x`)).toBe('x[secret:k]x')
})
