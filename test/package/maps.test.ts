/** Source maps name files and lines of `src`; the texts themselves would be two thirds of the package. */

import { expect, it } from 'vitest'
import { filesOf } from '../tooling/repository.ts'

it('a source map names the sources and does not hold them', () => {
  const maps = [...filesOf('dist', '.js.map')].map(([, text]) => JSON.parse(text) as Record<string, unknown>)
  expect(maps.length).toBeGreaterThan(10)
  expect(maps.filter((map) => 'sourcesContent' in map)).toEqual([])
  expect(maps.flatMap(({ sources }) => sources)).toContain('../src/errors.ts')
})
