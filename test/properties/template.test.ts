import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import type { Reference } from '../../src/location.ts'
import { requireAuthored } from '../../src/template/authored.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { lint } from '../../src/template/lint.ts'
import { render } from '../../src/template/render.ts'
import { escapeReferences, references, render as renderTemplate } from '../../src/template.ts'
import { comparable } from '../cases/decode.ts'
import { runs } from '../tooling/runs.ts'
import { calmText, config, foreignText, hostileText, reference, values } from './template-arbitraries.ts'

const lookupIn = (secrets: Readonly<Record<string, string>>) => (tag: string) =>
  Object.hasOwn(secrets, tag) ? secrets[tag] : undefined

const attempt = <T>(call: () => T): { value?: T; code?: string } => {
  try {
    return { value: call() }
  } catch (error) {
    return { code: codeOf(error) ?? 'none' }
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}

describe('a text', () => {
  it('without one of our references is the same string', () => {
    fc.assert(
      fc.property(foreignText, (text) => {
        expect(renderTemplate(text, () => 'v')).toBe(text)
        expect(lint(text, 'value', DEFAULT_SYNTAX).findings.filter(({ severity }) => severity === 'error')).toEqual([])
      }),
      { numRuns: runs(1_000) },
    )
  })

  it('is its literals and values one after the other, and no value is read for references', () => {
    const segment = fc.tuple(calmText, reference)
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), foreignText, values, (segments, tail, secrets) => {
        // what closes our reference must not be extended by what follows it
        const end = tail.replace(/^[}>\s]+/, '')
        let template = ''
        let expected = ''
        for (const [literal, { tag, form }] of segments) {
          const before = literal.replace(/^[}>\s]+/, '')
          template += before + form(tag)
          expected += before + secrets[tag as 'a']
        }
        expect(renderTemplate(template + end, lookupIn(secrets))).toBe(expected + end)
      }),
      { numRuns: runs(1_000) },
    )
  })

  it('throws none but errors of this library, whatever it is', () => {
    fc.assert(
      fc.property(
        hostileText,
        fc.constantFrom('value', 'env', 'headers', 'url', 'json', 'form', 'request'),
        values,
        (text, as, secrets) => {
          const { code } = attempt(() => renderTemplate(text, lookupIn(secrets), { as: as as 'value' }))
          if (code !== undefined) expect(code).toMatch(/^ERR_/)
        },
      ),
      { numRuns: runs(2_000) },
    )
  })

  it('has a fault for a lint exactly when it has one for a compilation, and the same first one', () => {
    fc.assert(
      fc.property(hostileText, fc.constantFrom('value', 'headers', 'url', 'json'), (text, as) => {
        const found = lint(text, as as 'value', DEFAULT_SYNTAX)
        const errors = found.findings.filter(({ severity }) => severity === 'error')
        const compiled = attempt(() => compile(text, as as 'value', DEFAULT_SYNTAX))
        if (compiled.code === undefined) {
          expect(errors).toEqual([])
          expect(found.references).toEqual(compiled.value?.references)
        } else if (as === 'value') {
          expect(errors[0]?.code).toBe(compiled.code)
        } else {
          expect(errors.map(({ code }) => code)).toContain(compiled.code)
        }
      }),
      { numRuns: runs(1_000) },
    )
  })

  it('that keeps all its references is the same, where nothing is escaped', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        fc.pre(!text.includes('\\') && attempt(() => references(text)).code === undefined)
        expect(renderTemplate(text, () => undefined, { onMissing: 'keep' })).toBe(text)
      }),
      { numRuns: runs(1_000) },
    )
  })

  it('that keeps some references resolves later to what it would have been at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(calmText, fc.constantFrom('', '\\\\'), reference), { maxLength: 5 }),
        (segments) => {
          const text = segments
            .map(([literal, backslashes, { tag, form }]) => literal + backslashes + form(tag))
            .join('')
          fc.pre(attempt(() => references(text)).code === undefined)
          const secrets = { a: 'A', b: 'B', c: 'C' }
          const first = renderTemplate(text, lookupIn({ a: 'A' }), { onMissing: 'keep' })
          fc.pre(references(first).every(({ tag }) => tag !== 'a'))
          expect(renderTemplate(first, lookupIn(secrets))).toBe(renderTemplate(text, lookupIn(secrets)))
        },
      ),
      { numRuns: runs(300) },
    )
  })
})

describe('escaping', () => {
  it('gives any text back, and leaves no reference in it', () => {
    const sets = [undefined, [['{', '}']], [['|%', '%|']], [['%%', '%%']], [['[', ']']]] as const
    fc.assert(
      fc.property(hostileText, fc.constantFrom(...sets), (text, delimiters) => {
        const swapped =
          delimiters === undefined ? text : text.replaceAll('{{', delimiters[0]![0]).replaceAll('}}', delimiters[0]![1])
        const escaped = escapeReferences(swapped, delimiters && { delimiters })
        expect(references(escaped, delimiters && { delimiters })).toEqual([])
        expect(renderTemplate(escaped, () => 'hunter2', delimiters && { delimiters })).toBe(swapped)
      }),
      { numRuns: runs(3_000) },
    )
  })

  it('makes a piece inert between other texts', () => {
    const before = fc.constantFrom('', 'x', '$', '{{ user }}', '\n')
    const after = fc.constantFrom('', '}', '}}', '}}}', '>>', '}>>', ' }} >>', '| trim }}')
    fc.assert(
      fc.property(before, hostileText, after, (prefix, text, suffix) => {
        const piece = escapeReferences(text)
        expect(renderTemplate(prefix + piece + suffix, () => 'hunter2')).not.toContain('hunter2')
      }),
      { numRuns: runs(2_000) },
    )
  })
})

describe('a config', () => {
  it('is never changed, and what holds no reference comes back by identity', () => {
    const compareBranches = (given: unknown, result: unknown): void => {
      if (typeof given !== 'object' || given === null) return
      if (references(given).length === 0) expect(result).toBe(given)
      else for (const key of Object.keys(given)) compareBranches(given[key as never], (result as object)[key as never])
    }
    fc.assert(
      fc.property(config, values, (template, secrets) => {
        const before = JSON.stringify(comparable(template))
        deepFreeze(template)
        const result = renderTemplate(template, lookupIn(secrets))
        expect(JSON.stringify(comparable(template))).toBe(before)
        compareBranches(template, result)
      }),
      { numRuns: runs(300) },
    )
  })

  it('renders alike each time, prepared or not', () => {
    fc.assert(
      fc.property(config, values, (template, secrets) => {
        const lookup = lookupIn(secrets)
        const once = comparable(renderTemplate(template, lookup))
        const plan = compile(structuredClone(template), 'value', DEFAULT_SYNTAX)
        for (let times = 0; times < 3; times++) expect(comparable(render(plan, lookup))).toEqual(once)
        expect(comparable(renderTemplate(structuredClone(template), lookup))).toEqual(once)
      }),
      { numRuns: runs(200) },
    )
  })

  it('has paths that lead to the text of each reference', () => {
    fc.assert(
      fc.property(config, (template) => {
        for (const { path, index, tag } of references(template)) {
          const text = follow(template, path)
          expect(text.slice(index)).toMatch(/^(\{\{|<<)/)
          expect(text.slice(index)).toContain(tag)
        }
      }),
      { numRuns: runs(200) },
    )
  })

  it('authored as it is passes, with one reference more it does not', () => {
    fc.assert(
      fc.property(config, config, (template, other) => {
        const authored = JSON.parse(JSON.stringify(references(template))) as Reference[]
        requireAuthored(references(template), authored)
        const both = references({ template, other })
        const outside = references({ template }).length < both.length
        expect(attempt(() => requireAuthored(both, references({ template }))).code).toBe(
          outside ? 'ERR_UNEXPECTED_REFERENCE' : undefined,
        )
        const [dropped, ...rest] = authored
        if (dropped !== undefined)
          expect(attempt(() => requireAuthored(references(template), rest)).code).toBe('ERR_UNEXPECTED_REFERENCE')
      }),
      { numRuns: runs(200) },
    )
  })
})

/** The text at a path, read back as its grammar says. */
function follow(template: unknown, path: string): string {
  let value = template
  for (const [, plain, quoted, index] of path.matchAll(/([^.[\]]+)|\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]/g)) {
    const key = plain ?? (quoted === undefined ? Number(index) : (JSON.parse(quoted) as string))
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value as string
}
