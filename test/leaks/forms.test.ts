/**
 * Whatever a filter or a place of a template can make of a value, the redactor finds.
 *
 * The two wings may not meet, so this test is where they do: it goes through the tables of the template wing, and a new
 * filter or place that the redactor does not know fails here.
 */

import { describe, expect, it } from 'vitest'
import { KINDS } from '../../src/location.ts'
import { FILTERS, isPairFilter } from '../../src/template/filter-names.ts'
import { backstage } from '../vault/fixture.ts'

const VALUES = {
  token: 'tok-7f3e9a1c5b2d',
  symbols: 'p4ss/w+rd=&?%#"\'\\<$>`;: é密🔑',
  spaced: '  two words and more  ',
  lines: '-----BEGIN KEY-----\nMIIBVgIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n',
  number: '80412345678901772034',
}
const GRAM = 5

/** Pieces of what was written for the value that can still be read. */
function leftOvers(written: string, redacted: string): string[] {
  const text = redacted.replaceAll(/\[secret[^\]]*\]/g, '\0')
  const grams = Array.from({ length: Math.max(1, written.length - GRAM + 1) }, (_, at) => written.slice(at, at + GRAM))
  return grams.filter((gram) => text.includes(gram))
}

describe.each(Object.entries(VALUES))('the value %s', (_name, value) => {
  const stage = async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value })
    await vault.create({ tag: 'encoded', value: Buffer.from(value).toString('base64') })
    // credentials of Basic have no line breaks (RFC 7617 §2)
    await vault.create({ tag: 'svc', value: { username: 'robot', password: value.replaceAll('\n', '~') } })
    return vault
  }

  it.each(FILTERS)('is found behind the filter %s', async (filter) => {
    const vault = await stage()
    const tag = isPairFilter(filter) ? 'svc' : filter === 'base64decode' ? 'encoded' : 'a'
    const reference = `<< secrets.${tag} | ${filter} >>`
    const written = (await vault.resolve(reference)).expose()
    const around = `before ${written} after`
    expect(leftOvers(written, vault.redactor.text(around))).toEqual([])
    expect(vault.redactor.text(around)).toMatch(/^before .* after$/s)
  })

  it.each(KINDS)('is found as it stands in the kind %s', async (kind) => {
    const vault = await stage()
    const reference = '<< secrets.a >>'
    const templates: Record<string, unknown[]> = {
      value: [`x ${reference}`],
      env: [{ A: `x${reference}` }],
      headers: [{ A: 'Bearer << secrets.a | base64 >>' }],
      url: [`https://h/${reference}/x?k=${reference}`, `https://u:${reference}@h/`],
      json: [`{"in":"x${reference}","out":${reference}}`, { a: reference }],
      form: [`a=${reference}&b=1`],
      request: [
        { url: `https://h/?k=${reference}`, method: 'POST', json: { a: reference } },
        { url: 'https://h/', query: { a: reference }, auth: { username: 'u', password: reference } },
      ],
    }
    for (const template of templates[kind]!) {
      const exposed = (await vault.resolve(template, { as: kind })).expose()
      const printed = typeof exposed === 'string' ? exposed : JSON.stringify(exposed)
      const literal = (typeof template === 'string' ? template : JSON.stringify(template)).split(reference)
      const redacted = vault.redactor.text(printed)
      expect(redacted).not.toBe(printed)
      for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) {
        expect(leftOvers(form, redacted).filter((gram) => !literal.some((text) => text.includes(gram)))).toEqual([])
      }
    }
  })
})
