/** docs/CLI.md shows what the commands print. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { read } from '../tooling/repository.ts'
import { folder } from './command-line.ts'
import { played } from './played.ts'

it('every command in docs/CLI.md prints what is shown there', async () => {
  const markdown = read('docs/CLI.md')
  const cwd = folder()
  writeFileSync(join(cwd, 'token.txt'), 'zd-7f3e9a1c5b\n')
  writeFileSync(join(cwd, '.gitignore'), 'node_modules\n')
  expect(markdown.split('$ guillemet').length).toBeGreaterThan(8)
  expect(await played(markdown, cwd)).toBe(markdown)
})
