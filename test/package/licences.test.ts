/** Code of others in what is published: its licences ask to be passed on with it. */

import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { packagesBuiltInto, ROOT } from '../tooling/repository.ts'

const DIST = `${ROOT}dist/`

it('the licence of every package that is built in is in dist/LICENSES.txt', () => {
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  const built = new Set(files.flatMap((name) => packagesBuiltInto(readFileSync(DIST + name, 'utf8'))))
  expect([...built]).toEqual(expect.arrayContaining(['zod', 'commander', '@inquirer/core']))
  const passedOn = [...readFileSync(`${DIST}LICENSES.txt`, 'utf8').matchAll(/^((?:@[\w-]+\/)?[\w-]+) \d+\.\d+\.\d+$/gm)]
  expect([...built].filter((name) => !passedOn.some(([, named]) => named === name))).toEqual([])
})
