import { describe, expect, it } from 'vitest'
import { CASES, faultsOf, outputOf, redactorOf } from './cases.ts'

describe('the collected cases', () => {
  it('are all here', () => {
    expect(CASES.length).toBe(111)
  })

  it.each(CASES.map((theCase) => [theCase.id, theCase.name, theCase] as const))('%s %s', (_id, _name, theCase) => {
    const output = outputOf(theCase, redactorOf(theCase))
    expect(faultsOf(theCase, output), output).toEqual([])
  })

  it('are not met by a text that still shows a value, or has lost its own', () => {
    const theCase = CASES.find(({ id }) => id === 'R015')!
    expect(faultsOf(theCase, 'hello TOP_[secret:l0]TOP_\n')).toEqual([])
    expect(faultsOf(theCase, 'TOP_SECRET')).toEqual(['shows "TOP_SECRET"', 'lacks "hello TOP_"'])
  })
})

const texts = CASES.filter(({ input }) => typeof input === 'string')
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
