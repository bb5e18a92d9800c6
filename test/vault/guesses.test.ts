/** A mask in text that goes back to a caller says that a guess was right: no view is told of what it did not use. */

import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/redactor.ts'
import type { Vault } from '../../src/vault/api.ts'
import { rolePolicy } from '../../src/vault/policy.ts'
import { backstage, failure } from './fixture.ts'

const GUESS = 'hunter2-long-pw'
const B = '<< secrets.b >>'

/** A workspace in which somebody has used what the actor of the view may not. */
async function stage(): Promise<{ vault: Vault; guesser: Vault }> {
  const { vault: owner, another } = backstage()
  await owner.create({ tag: 'a', value: GUESS })
  await owner.create({ tag: 'b', value: 'value-of-b-0123' })
  const vault = another({
    policy: ({ tag, action, actor }) => action === 'use' && (tag === 'b' || actor?.id === 'ann'),
  })
  await vault.with({ actor: { id: 'ann' } }).resolve('<< secrets.a >>')
  return { vault, guesser: vault.with({ actor: { id: 'bob' } }) }
}

describe('a guess is not confirmed', () => {
  it.each<[string, (view: Vault) => Promise<unknown>]>([
    ['a template without references', async (view) => (await view.resolve(GUESS)).redacted],
    ['literal parts next to a reference', async (view) => (await view.resolve([GUESS, B])).redacted],
    ['keys', async (view) => (await view.resolve({ [GUESS]: B })).redacted],
    ['a number of guesses', async (view) => (await view.resolve(Array(1_000).fill(GUESS))).redacted],
    ['a result', async (view) => (await view.use(B, () => GUESS)).redacted],
    ['an error', async (view) => await view.use(B, () => Promise.reject(new Error(GUESS))).catch(String)],
    ['a snapshot', async (view) => (await view.snapshot(['b'])).resolve([GUESS, B]).redacted],
    ['the redactor of the view', async (view) => view.redactor.text(GUESS)],
    ['its search', async (view) => (view.redactor.find(GUESS).length === 0 ? GUESS : '')],
    ['its streams', async (view) => view.redactor.chunks<string>().push(GUESS)],
    ['a view of the view', async (view) => view.with({ purpose: 'x' }).redactor.text(GUESS)],
  ])('by %s', async (_, ask) => {
    const { guesser } = await stage()
    expect(JSON.stringify(await ask(guesser))).toContain(GUESS)
  })

  it('by the label of a mask, nor by what another environment calls the same', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'b', value: 'value-of-b-0123' })
    await vault.with({ environment: 'production' }).create({ tag: 'b', value: GUESS })
    await vault.with({ environment: 'production' }).resolve(B)
    expect((await vault.resolve([GUESS, B])).redacted).toEqual([GUESS, '[secret:b]'])
    expect(await failure(another({ policy: rolePolicy(), actor: { id: 'x' } }).resolve(B))).toMatchObject({ tag: 'b' })
  })

  it('and what the view itself has used is masked', async () => {
    const { guesser } = await stage()
    const { redactor } = guesser
    expect(redactor.text('value-of-b-0123')).toBe('value-of-b-0123')
    expect((await guesser.resolve([B, 'x value-of-b-0123'])).redacted).toEqual(['[secret:b]', 'x [secret:b]'])
    expect(redactor.text('value-of-b-0123')).toBe('[secret:b]')
    // of this very use, not of the one before
    expect((await guesser.resolve('value-of-b-0123')).redacted).toBe('value-of-b-0123')
  })
})

describe('the redactor of a view', () => {
  it.each(['the vault', 'a view', 'a view with a redactor of its own'])('cannot be changed: of %s', async (which) => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: GUESS })
    const own = createRedactor()
    const view = which === 'the vault' ? vault : vault.with(which === 'a view' ? { purpose: 'x' } : { redactor: own })
    await view.resolve('<< secrets.a >>')
    const { redactor } = view
    expect(Object.keys(redactor).sort()).toEqual(
      ['chunks', 'data', 'find', 'json', 'stream', 'text', 'value', 'weak'].sort(),
    )
    expect(Object.isFrozen(redactor)).toBe(true)
    expect([GUESS].map(redactor.text)).toEqual(['[secret:a]'])
    expect(redactor.json(`"${GUESS}"`)).toBe('"[secret:a]"')
    expect(redactor.value([GUESS])).toEqual(['[secret:a]'])
    expect(redactor.data([GUESS])).toEqual(['[secret:a]'])
    expect(redactor.find(GUESS)).toHaveLength(1)
    expect(redactor.chunks<string>().push(`${GUESS} `)).toBe('[secret:a] ')
    expect(redactor.stream()).toBeInstanceOf(TransformStream)
    expect(redactor.weak.size).toBe(0)
  })

  it('of the vault learns from every view', async () => {
    const { vault } = await stage()
    expect(vault.redactor.text(GUESS)).toBe('[secret:a]')
  })
})

it('20,000 views on names that nobody uses cost next to nothing', () => {
  const { vault } = backstage()
  const views: unknown[] = [vault.with({ workspace: 'warm' }), vault.with({ workspace: 'warm' }).redactor]
  const before = process.memoryUsage()
  for (let index = 0; index < 20_000; index++) views.push(vault.with({ workspace: `w${index}` }))
  const after = process.memoryUsage()
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  expect(views).toHaveLength(20_002)
  // a redactor takes some 300 KB; this is the view, its members and what the collector has not yet taken
  expect(bytes / 20_000).toBeLessThan(20_000)
})
