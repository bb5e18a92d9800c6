import { describe, expect, it } from 'vitest'
import { references, render } from '../../src/template.ts'
import { comparable, type ResolveCase, readResolveCases } from '../cases/decode.ts'

const all = readResolveCases()
// an allow rule and the suggestion of a tag need a vault, whose own test runs these cases
const ofTheVault = (entry: ResolveCase): boolean => entry.allow !== undefined || entry.name === 'case-tag-did-you-mean'
const cases = all.filter((entry) => !ofTheVault(entry))

function run({ secrets, input, as, delimiters, options, op }: ResolveCase): unknown {
  const read = { as, ...(delimiters !== undefined && { delimiters }) }
  if (op === 'list') return references(input, read)
  const lookup = (tag: string) => (Object.hasOwn(secrets, tag) ? secrets[tag] : undefined)
  return render(input, lookup, { ...read, ...options })
}

describe('the collected cases', () => {
  it('are all there', () => {
    expect(all).toHaveLength(100)
    expect(cases).toHaveLength(92)
  })

  it.each(cases.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    if (entry.expectedError !== undefined) {
      let thrown: unknown
      try {
        run(entry)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toMatchObject(entry.expectedError)
    } else if (entry.op === 'list') {
      expect(run(entry)).toMatchObject(entry.expected as object)
    } else {
      expect(comparable(run(entry))).toEqual(comparable(entry.expected))
    }
  })
})
