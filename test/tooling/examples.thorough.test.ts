/**
 * Every example runs as a user would run it: by its own process, against the built package.
 *
 * Where an example says `// prints: text`, that text must appear in its output, in that order. `// reads: text` is what
 * its standard input gives it. A block of a document under `<!-- printed by: examples/….ts -->` is its whole output.
 */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { filesOf, ROOT, read } from './repository.ts'
import { samplesOf } from './samples.ts'

/** Ends an example that hangs; none takes seconds. */
const TIME_LIMIT_MS = 120_000
const examples = filesOf('examples', '.ts')
/** Where they are without their types; within the package, or they could not import it by its name. */
const BUILT = join(ROOT, '.bench', `examples-${process.pid}`)

beforeAll(async () => {
  const entryPoints = [...examples.keys()].map((name) => `${ROOT}examples/${name}`)
  await build({ entryPoints, outdir: BUILT, format: 'esm', target: 'node20', logLevel: 'error' })
})
afterAll(() => rm(BUILT, { recursive: true, force: true }))

/** The texts that are promised, in their order. */
function promisesOf(source: string): string[] {
  return [...source.matchAll(/\/\/ prints: (.+)$/gm)].map(([, text]) => text!.trim())
}

/** What a source asks of its standard input, a line each. */
function inputOf(source: string): string {
  return [...source.matchAll(/^\/\/ reads: (.+)$/gm)].map(([, text]) => `${text!.trim()}\n`).join('')
}

/** Runs an example in a folder of its own; what it printed. */
async function outputOf(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'guillemet-example-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const running = promisify(execFile)(process.execPath, [join(BUILT, name.replace(/ts$/, 'js'))], {
    cwd: folder, // an example may store its secrets where it stands
    timeout: TIME_LIMIT_MS,
  })
  running.child.stdin?.end(inputOf(examples.get(name)!))
  return (await running).stdout
}

/** The blocks of the documents that an example has printed. */
function printedBlocks(): { document: string; name: string; text: string }[] {
  const documents = ['README.md', ...[...filesOf('docs', '.md').keys()].map((name) => `docs/${name}`)]
  return documents
    .filter((document) => existsSync(ROOT + document))
    .flatMap((document) =>
      samplesOf(read(document)).flatMap(({ printedBy, text }) =>
        printedBy === undefined ? [] : [{ document, name: printedBy.replace('examples/', ''), text }],
      ),
    )
}

/** The promised texts that the output lacks, or has too early. */
function broken(promised: readonly string[], output: string): string[] {
  let position = 0
  return promised.filter((text) => {
    const index = output.indexOf(text, position)
    if (index >= 0) position = index + text.length
    return index < 0
  })
}

describe('the example', () => {
  it('of `npm start` is there', () => {
    expect([...examples.keys()]).toContain('01-quick-start.ts')
  })

  it.each([...examples])('%s runs and prints what it says', async (name, source) => {
    expect(broken(promisesOf(source), await outputOf(name))).toEqual([])
  })

  it.each(printedBlocks())('$name prints what $document shows', async ({ name, text }) => {
    expect((await outputOf(name)).trimEnd()).toBe(text)
  })
})

it('a promise is found in the source and missed in the output', () => {
  const promised = promisesOf("console.log(1) // prints: 1\n  // prints: [secret:a]\nconst text = 'prints: 3'\n")
  expect(promised).toEqual(['1', '[secret:a]'])
  expect(broken(promised, '1\n[secret:a]\n')).toEqual([])
  expect(broken(promised, '[secret:a]\n1\n')).toEqual(['[secret:a]'])
})
