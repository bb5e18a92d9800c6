/** The table of warnings in docs/GRAMMAR.md is held against the source: every code that it gives, and no other. */

import { expect, it } from 'vitest'
import { filesOf, read } from './repository.ts'

const CODE = /\bWARN_[A-Z]+(?:_[A-Z]+)*\b/g

it('the table of warnings has each code of the source once, and no other', () => {
  const given = new Set([...filesOf('src', '.ts').values()].flatMap((text) => text.match(CODE) ?? []))
  expect(given.size).toBeGreaterThan(15)
  const rows = [...read('docs/GRAMMAR.md').matchAll(/^\| (`WARN_[^|]+) \|/gm)]
  const listed = rows.flatMap(([, codes]) => codes!.match(CODE) ?? [])
  expect(listed.sort()).toEqual([...given].sort())
})
