/** The memory of a long-lived process stays bounded. */

import { expect, test } from 'vitest'
import { createKnownVersions } from '../../../src/storage/file/known-versions.ts'

test('the directory set longest ago is forgotten first', () => {
  const known = createKnownVersions(2)
  known.set('a', 1)
  known.set('b', 1)
  known.set('a', 2)
  known.set('c', 1)
  expect(['a', 'b', 'c'].map((name) => known.get(name))).toEqual([2, undefined, 1])
})
