/** Laws of a whole vault: what is stored comes back, what is put in stands where it was put, and text stays text. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import type { SecretValue } from '../../src/secret-value.ts'
import { DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { escapeReferences } from '../../src/template.ts'
import type { Vault } from '../../src/vault/api.ts'
import { isLoneReference } from '../../src/vault/lone-reference.ts'
import { name, secretText, text, value } from '../secrets/arbitraries.ts'
import { runs } from '../tooling/runs.ts'
import { backstage } from '../vault/fixture.ts'

const RUNS = runs(100)

/** Pieces that make references, their borders and their escapes, in any order. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom('<<', '>>', '{{', '}}', '{{{', '}}}', '<', '>', '{', '}', '\\', '$', '&', '|', ' ', '\n', '.'),
      fc.constantFrom('secrets.', 'RUNPOD_SECRET_', 'a', 'b', 'base64', 'raw'),
      fc.constantFrom(
        '<< secrets.a >>',
        '{{ secrets.b }}',
        '<<secrets.b|base64>>',
        '\\<< secrets.a >>',
        '${{ secrets.a }}',
      ),
      text,
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''))

/** What a vault stores: no empty text, and no reference alone. */
const stored = (of: fc.Arbitrary<string>) =>
  of.filter((given) => given !== '' && !isLoneReference(given, DEFAULT_SYNTAX))

/** Text in which nothing can begin, end or escape a reference. */
const literal = text.map((given) => given.replace(/[<>{}\\$]/g, ''))

const spelling = fc.constantFrom<(reference: string) => string>(
  (reference) => `<< secrets.${reference} >>`,
  (reference) => `<<secrets.${reference}>>`,
  (reference) => `{{ secrets.${reference} }}`,
  (reference) => `{{&secrets.${reference}}}`,
  (reference) => `{{{secrets.${reference}}}}`,
  (reference) => `<<\n\tsecrets.${reference} >>`,
)

async function holding(secrets: Readonly<Record<string, SecretValue>>): Promise<Vault> {
  const { vault, another } = backstage()
  for (const tag of Object.keys(secrets)) await vault.create({ tag, value: secrets[tag]! })
  return another()
}

describe('a vault', () => {
  it('gives back what was created, and what was updated', async () => {
    await fc.assert(
      fc.asyncProperty(name, value, value, async (tag, first, second) => {
        fc.pre(tag !== 'authentication' && tag !== 'database')
        const { vault, another } = backstage()
        await vault.create({ tag, value: first, visibility: 'masked' })
        expect((await another().reveal(tag)).expose()).toStrictEqual(first)
        fc.pre(typeof first === typeof second)
        await another().update(tag, { value: second })
        expect((await vault.reveal(tag)).expose()).toStrictEqual(second)
        const references = typeof second === 'string' ? [tag] : Object.keys(second).map((field) => `${tag}.${field}`)
        const exposed = await vault.resolve(references.map((reference) => `<< secrets.${reference} >>`))
        expect(exposed.expose()).toStrictEqual(typeof second === 'string' ? [second] : Object.values(second))
      }),
      { numRuns: RUNS },
    )
  })

  it('puts values where their references stand: the output is the concatenation', async () => {
    const piece = fc.tuple(literal, fc.constantFrom('a', 'b', 'c.x', 'c.n'), spelling)
    await fc.assert(
      fc.asyncProperty(
        stored(fc.oneof(text, soup)),
        secretText,
        fc.array(piece, { maxLength: 6 }),
        literal,
        async (a, b, pieces, end) => {
          const values: Readonly<Record<string, SecretValue>> = { a, b, c: { x: a + b, n: 7.25 } }
          const written: Readonly<Record<string, string>> = { a, b, 'c.x': a + b, 'c.n': '7.25' }
          const template = pieces.map(([before, reference, spell]) => before + spell(reference)).join('') + end
          const expected = pieces.map(([before, reference]) => before + written[reference]).join('') + end
          const vault = await holding(values)
          expect((await vault.resolve(template)).expose()).toBe(expected)
          const nested = await vault.resolve({ list: [1, { [end]: template }], none: null })
          const isAlone = pieces.length === 1 && template === spelledAlone(pieces[0]!)
          const inside = isAlone && pieces[0]![1] === 'c.n' ? 7.25 : expected
          expect(nested.expose()).toEqual({ list: [1, { [end]: inside }], none: null })
          const snapshot = await vault.snapshot()
          expect(snapshot.resolve(template).expose()).toBe(expected)
          expect(snapshot.resolve(vault.prepare(template)).expose()).toBe(expected)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('never reads a value: one that is made of references stays text', async () => {
    await fc.assert(
      fc.asyncProperty(stored(soup), async (a) => {
        const vault = await holding({ a, b: 'the-value-of-b' })
        expect((await vault.resolve('<< secrets.a >>')).expose()).toBe(a)
        expect((await vault.resolve(['x << secrets.a >>{{secrets.a}}'])).expose()).toEqual([`x ${a}${a}`])
        const body = await vault.resolve('{"k":"<< secrets.a >>"}', { as: 'json' })
        expect(JSON.parse(body.expose())).toEqual({ k: a })
        const url = new URL((await vault.resolve('https://h/?k=<< secrets.a >>', { as: 'url' })).expose())
        expect(url.searchParams.get('k')).toBe(a)
        // resolved once more it would be a template: only `authored` tells, and it does
        const again = await vault.resolve(a, { authored: [] }).then(
          (resolved) => resolved.expose(),
          (error: unknown) => codeOf(error),
        )
        expect(again).not.toContain('the-value-of-b')
      }),
      { numRuns: RUNS },
    )
  })

  it('gives escaped text back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(soup, async (given) => {
        const vault = await holding({ a: 'the-value-of-a', b: 'the-value-of-b' })
        expect((await vault.resolve(escapeReferences(given))).expose()).toBe(given)
      }),
      { numRuns: RUNS },
    )
  })
})

function spelledAlone([before, reference, spell]: readonly [string, string, (reference: string) => string]): string {
  return before === '' ? spell(reference) : '\0never'
}

describe('what a step puts into a template', () => {
  const OWN = 'own-7f3a9c51'
  const VICTIM = 'victim-2b8d6e40'
  const REFUSALS = [
    'ERR_UNEXPECTED_REFERENCE',
    'ERR_MALFORMED_REFERENCE',
    'ERR_UNCLOSED_REFERENCE',
    'ERR_UNKNOWN_FILTER',
  ]
  const hostile = fc
    .array(
      fc.oneof(
        soup,
        fc.constantFrom(
          '<< secrets.victim >>',
          '{{ secrets.victim }}',
          '<< secrets.own >>',
          'secrets.victim',
          '<< RUNPOD_SECRET_victim >>',
        ),
      ),
      { maxLength: 4 },
    )
    .map((pieces) => pieces.join(''))

  it('summons no secret, whatever it is and wherever it stands', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'own', value: OWN })
    for (const tag of ['victim', 'a', 'b']) await vault.create({ tag, value: VICTIM })
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 3 }), spelling, async (outputs, spell) => {
        const slots = outputs.map((_, index) => `%${index}%`)
        const stored = { header: `${slots.join('-')}${spell('own')}${slots.join(' ')}`, other: [...slots, 'fixed'] }
        const authored = vault.references(stored)
        expect(authored).toHaveLength(1)
        const filled = JSON.parse(JSON.stringify(stored), (_, member: unknown) =>
          typeof member === 'string'
            ? outputs.reduce((given, output, index) => given.replaceAll(`%${index}%`, () => output), member)
            : member,
        ) as typeof stored
        const outcome = await vault.resolve(filled, { authored }).then(
          (resolved) => JSON.stringify(resolved.expose()),
          (error: unknown) => {
            expect(REFUSALS).toContain(codeOf(error))
            return ''
          },
        )
        expect(outcome).not.toContain(VICTIM)
        expect(outcome.split(OWN).length - 1).toBeLessThanOrEqual(1)
        const isInert = outputs.every((output) => !/[<>{}\\$]/.test(output))
        if (isInert) expect(outcome).toContain(OWN)
      }),
      { numRuns: RUNS * 3 },
    )
  })
})
