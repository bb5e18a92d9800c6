import { existsSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { deadLinks, deadScripts, type Repository } from './links.ts'
import { filesOf, ROOT, read } from './repository.ts'

/** In every package, whatever `files` says. */
const ALWAYS = ['README.md', 'LICENSE', 'package.json']

const repository: Repository = {
  read: (path) => (existsSync(ROOT + path) ? (statSync(ROOT + path).isDirectory() ? '' : read(path)) : undefined),
  isPublished: (path) => ALWAYS.includes(path) || manifest.files.some((listed) => `${path}/`.startsWith(`${listed}/`)),
  scripts: Object.keys(manifest.scripts),
}
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...[...filesOf('docs', '.md').keys()].map((name) => `docs/${name}`),
]

describe.each(documents)('%s', (document) => {
  const markdown = read(document)

  it('links to what is there, and in the package if it is in it', () => {
    expect(deadLinks(document, markdown, repository)).toEqual([])
  })

  it('names scripts that there are', () => {
    expect(deadScripts(document, markdown, repository)).toEqual([])
  })
})

describe('the checker', () => {
  const files: Readonly<Record<string, string>> = { 'A.md': '', 'docs/B.md': '# A `b` & c-d\n', 'C.md': '' }
  const small: Repository = {
    read: (path) => files[path],
    isPublished: (path) => path !== 'C.md',
    scripts: ['check'],
  }

  it('follows links to files, from folders, and to headings', () => {
    const markdown = '[b](docs/B.md) [h](docs/B.md#a-b--c-d) [web](https://example.com/x)'
    expect(deadLinks('A.md', markdown, small)).toEqual([])
    expect(deadLinks('docs/B.md', '[a](../A.md) [self](#a-b--c-d)', { ...small, read: (path) => files[path] })).toEqual(
      [],
    )
  })

  it('finds a link to nothing, to no heading, and out of the package', () => {
    expect(deadLinks('A.md', '[x](X.md) [h](docs/B.md#x) [c](C.md)', small)).toEqual([
      'A.md links to X.md, which is not there',
      'A.md links to docs/B.md#x, which has no such heading',
      'A.md links to C.md, which is not in the package',
    ])
    expect(deadLinks('C.md', '[a](A.md)', small)).toEqual([])
  })

  it('finds a script that is not there', () => {
    expect(deadScripts('A.md', '`npm run check` and `npm run -s build:js`', small)).toEqual([
      'A.md names npm run build:js',
    ])
  })
})
