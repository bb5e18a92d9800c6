/** The witness sees: every canary, in every form, wherever a program could have put it. */

import { expect, it } from 'vitest'
import { GuillemetError } from '../../src/errors.ts'
import { CANARIES } from './canaries.ts'
import { type Witness, witness } from './witness.ts'

const FORMS: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  'JSON in JSON': (text) => JSON.stringify({ a: text }),
  'percent-encoded': (text) => `?k=${encodeURIComponent(text)}&x`,
  'a form': (text) => new URLSearchParams({ k: text }).toString(),
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 behind a name': (text) => Buffer.from(`user:${text}`).toString('base64'),
  'base64 behind a longer one': (text) => Buffer.from(`users:${text}!`).toString('base64'),
  base64url: (text) => Buffer.from(`Bearer ${text}`).toString('base64url'),
  hex: (text) => Buffer.from(text).toString('hex'),
}

const PLACES: Readonly<Record<string, (eye: Witness, text: string) => unknown>> = {
  'a message': (eye, text) => eye.see(new Error(`no ${text}`)),
  'a stack alone': (eye, text) => eye.see(Object.assign(new Error('x'), { stack: `x\n  at ${text}` })),
  'a cause of a cause': (eye, text) => eye.see(new Error('x', { cause: new Error('y', { cause: { z: [text] } }) })),
  'a hidden member': (eye, text) => eye.see(Object.defineProperty(new Error('x'), 'hidden', { value: { a: text } })),
  'a symbol': (eye, text) => eye.see({ [Symbol('s')]: text }),
  'a key': (eye, text) => eye.see(new Map([[text, 1]])),
  'what it prints as': (eye, text) => eye.see({ toString: () => text }),
  'what it is as JSON': (eye, text) => eye.see({ toJSON: () => ({ text }) }),
  'an event': (eye, text) => eye.options.onEvent?.({ purpose: text } as never),
  'a question to the policy': (eye, text) => eye.options.policy?.({ destination: text } as never),
  'the console': (_, text) => console.warn('%s', text),
  'the standard error': (_, text) => process.stderr.write(Buffer.from(text)),
  'a refusal': (eye, text) =>
    eye.refuses(() => Promise.reject(new GuillemetError('ERR_CONFLICT', text)), 'ERR_CONFLICT'),
}

it.each(Object.keys(PLACES))('%s', async (where) => {
  for (const [form, write] of Object.entries(FORMS)) {
    for (const { tag, exposed } of CANARIES) {
      const eye = witness()
      await PLACES[where]!(eye, write(exposed))
      let isSeen = false
      try {
        eye.expectNothing()
      } catch {
        isSeen = true
      }
      expect([tag, form, isSeen]).toEqual([tag, form, true])
    }
  }
})

it('a ciphertext and a key, and nothing else', async () => {
  for (const [text, isShown] of [
    ['gm1.AQE', true],
    ['the-key-itself', true],
    ['format gm1, version 1', false],
    ['[secret:long]', false],
  ] as const) {
    const eye = witness()
    eye.see(new Error(text))
    const look = () => eye.expectNothing('the-key-itself')
    if (isShown) expect(look).toThrow()
    else look()
  }
})

it('an error of another class, or of another code', async () => {
  for (const error of [new TypeError('x'), new GuillemetError('ERR_INVALID_INPUT', 'x'), undefined]) {
    const eye = witness()
    const call = () => {
      if (error !== undefined) throw error
    }
    await expect(eye.refuses(call, 'ERR_CONFLICT')).rejects.toThrow()
    eye.expectNothing()
  }
})
