/** What documents show must be what runs. */

import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { filesOf, ROOT, read } from './repository.ts'
import { inspectSamples, regionOf, samplesOf, straySamples } from './samples.ts'

const readIfThere = (path: string): string | undefined => (existsSync(ROOT + path) ? read(path) : undefined)

describe('every sample', () => {
  const documents = [...filesOf('docs', '.md')].map(([path, text]) => [`docs/${path}`, text] as const)
  const readme = readIfThere('README.md') ?? ''

  it('that names a file equals it', () => {
    const findings = [['README.md', readme] as const, ...documents].flatMap(([path, text]) =>
      inspectSamples(path, text, readIfThere),
    )
    expect(findings).toEqual([])
  })

  it('of the README comes from a file', () => {
    expect(straySamples('README.md', readme)).toEqual([])
  })
})

describe('the checker', () => {
  const SOURCE = [
    "import { a } from 'a'",
    '',
    '// #region whole',
    'function f() {',
    '  // #region inner',
    '  one()',
    '    two()',
    '  // #endregion',
    '}',
    '// #endregion',
    '',
  ].join('\n')
  const files = (path: string): string | undefined => (path === 'a.ts' ? SOURCE : undefined)
  const inspect = (markdown: string): string[] => inspectSamples('X.md', markdown, files)
  const sample = (mark: string, text: string): string => `Text.\n\n${mark}\n\`\`\`ts\n${text}\n\`\`\`\n`

  it('accepts a region, one inside another, and a whole file', () => {
    expect(inspect(sample('<!-- from: a.ts#inner -->', 'one()\n  two()'))).toEqual([])
    expect(inspect(sample('<!-- from: a.ts#whole -->\n', 'function f() {\n  one()\n    two()\n}'))).toEqual([])
    expect(inspect(sample('<!-- from: a.ts -->', regionOf(SOURCE, undefined)!))).toEqual([])
  })

  it('finds a sample that differs or names nothing', () => {
    expect(inspect(sample('<!-- from: a.ts#inner -->', 'one()\ntwo()'))).toEqual(['X.md:4 differs from a.ts#inner'])
    expect(inspect(sample('<!-- from: a.ts#outer -->', 'one()'))).toEqual([
      'X.md:4 names a.ts#outer, which is not there',
    ])
    expect(inspect(sample('<!-- from: b.ts -->', 'one()'))).toEqual(['X.md:4 names b.ts, which is not there'])
  })

  it('finds TypeScript that comes from no file, and nothing else', () => {
    expect(straySamples('X.md', sample('', 'one()'))).toEqual(['X.md:4 comes from no file'])
    expect(straySamples('X.md', sample('<!-- from: a.ts -->', 'one()'))).toEqual([])
    expect(straySamples('X.md', '```sh\nnpm i guillemet\n```\n')).toEqual([])
  })

  it('finds a region that is never closed', () => {
    expect(regionOf('// #region open\none()\n', 'open')).toBeUndefined()
  })

  it('does not take the text of a block for another block', () => {
    const markdown = '````md\n```ts\ninner()\n```\n````\n\n```ts\nouter()\n```\n'
    expect(samplesOf(markdown).map(({ line }) => line)).toEqual([1, 7])
  })
})
