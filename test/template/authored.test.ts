import { expect, it } from 'vitest'
import type { Reference } from '../../src/location.ts'
import { requireAuthored } from '../../src/template/authored.ts'
import { references } from '../../src/template.ts'
import { errorOf } from './harness.ts'

const stored = { a: 'Bearer << secrets.t >>', b: ['{{ secrets.db.port | trim }}', '{{ steps.x }}'] }

it('lets pass what the author wrote, in any order and after a round trip through JSON', () => {
  const authored = references(stored)
  requireAuthored(references(stored), authored)
  requireAuthored(references({ b: stored.b, a: stored.a }), JSON.parse(JSON.stringify(authored)) as Reference[])
  requireAuthored(references({ a: 'x' }), authored)
  requireAuthored([], [])
})

it('forgives that the text before a reference has become longer', () => {
  requireAuthored(references({ a: '12345 << secrets.t >>' }), references({ a: '{{ steps.x }} << secrets.t >>' }))
})

it.each([
  [{ a: stored.a, c: '<< secrets.t >>' }, 'c', 0],
  [{ a: 'Bearer << secrets.t >><< secrets.t >>' }, 'a', 22],
  [{ a: 'Bearer << secrets.u >>' }, 'a', 7],
  [{ a: 'Bearer << secrets.t.x >>' }, 'a', 7],
  [{ a: 'Bearer << secrets.t | raw >>' }, 'a', 7],
  [{ b: ['x {{ secrets.db.port }}'] }, 'b[0]', 2],
  [{ b: ['x', '{{ secrets.db.port | trim }}'] }, 'b[1]', 0],
])('refuses any other: %j', (rendered, path, index) => {
  const error = errorOf(() => requireAuthored(references(rendered), references(stored)))
  expect(error).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE', path, index })
  expect(error.tag).toBeTypeOf('string')
})

it.each([
  ['x'],
  [{}],
  [null],
  [['x']],
  [[null]],
  [[{}]],
  [[{ tag: 'a', filters: [] }]],
  [[{ tag: 'a', path: '' }]],
  [[{ tag: 7, filters: [], path: '' }]],
  [[{ tag: 'a', filters: [], path: '', field: 7 }]],
  [[Object.create({ tag: 'a', filters: [], path: '' })]],
])('refuses what is not a list of references: %j', (authored) => {
  expect(errorOf(() => requireAuthored(references(stored), authored as Reference[])).code).toBe('ERR_INVALID_INPUT')
})

it('cannot be confused by names that run into one another', () => {
  const one = { tag: 'a', field: 'b', filters: [], path: 'p', index: 0, location: 'value' } satisfies Reference
  const other = { tag: 'a', filters: ['b'], path: 'p', index: 0, location: 'value' } as const satisfies Reference
  expect(errorOf(() => requireAuthored([one], [other])).code).toBe('ERR_UNEXPECTED_REFERENCE')
})
