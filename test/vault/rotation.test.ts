/** A value that is rotated again and again does not grow without end: redactors know its last few versions. */

import { expect, it } from 'vitest'
import { KEPT_VALUES, RecentValues } from '../../src/redact/recent-values.ts'
import { backstage } from './fixture.ts'

const token = (version: number): string => `tok-${version}-9f2c1e7a4b8d`

it('the redactor for process logs forgets what many rotations have replaced', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: token(0) })
  const view = vault.with({ purpose: 'rotation' })
  for (let version = 0; version < KEPT_VALUES + 3; version++) {
    if (version > 0) await vault.update('a', { value: token(version) })
    expect((await vault.resolve('<< secrets.a >>')).redacted).toBe('[secret:a]')
    expect((await view.resolve('<< secrets.a >>')).redacted).toBe('[secret:a]')
  }
  for (const { redactor } of [vault, view]) {
    const known = Array.from(
      { length: KEPT_VALUES + 3 },
      (_, version) => redactor.text(token(version)) === '[secret:a]',
    )
    expect(known).toEqual([false, false, false, ...new Array<boolean>(KEPT_VALUES).fill(true)])
  }
})

it('a value stays known while another place has it under the same label', async () => {
  const { vault } = backstage()
  const other = vault.with({ workspace: 'other' })
  for (const each of [vault, other]) await each.create({ tag: 'a', value: token(0) })
  await other.resolve('<< secrets.a >>')
  for (let version = 0; version <= KEPT_VALUES; version++) {
    if (version > 0) await vault.update('a', { value: token(version) })
    await vault.resolve('<< secrets.a >>')
  }
  expect(vault.redactor.text(token(0))).toBe('[secret:a]')
})

it('a value that comes back is as new as the others', () => {
  const recent = new RecentValues()
  const forgotten: (string | undefined)[] = []
  const order = ['x', ...Array.from({ length: KEPT_VALUES - 1 }, (_, index) => `v${index}`), 'x', 'y', 'z']
  for (const text of order) forgotten.push(recent.note('p', 'l', text).forgotten)
  expect(forgotten.filter((text) => text !== undefined)).toEqual(['v0', 'v1'])
  expect(recent.note('p', 'l', 'z')).toEqual({ isNew: false, forgotten: undefined })
})
