/** A listener is waited for, its failures are told and break nothing, unless an audit is required. */

import { describe, expect, it, vi } from 'vitest'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { backstage, failure, thrown } from './fixture.ts'

const A = '<< secrets.a >>'
const DENIED = { code: 'ERR_PERMISSION_DENIED' }
const CAUSE = new Error('disk full')

type OnEvent = NonNullable<VaultOptions['onEvent']>
const throwing: OnEvent = () => {
  throw CAUSE
}
const rejecting: OnEvent = () => Promise.reject(CAUSE)

/** A secret that is there, and a vault that tells of what it does with it. */
async function stageWith(options: Partial<VaultOptions>) {
  const stage = backstage()
  await stage.vault.create({ tag: 'a', value: 'v-0123456789', visibility: 'masked' })
  return stage.another(options)
}

/** A listener that is done when somebody says so. */
function slow() {
  const done: (() => void)[] = []
  const onEvent = vi.fn<OnEvent>(() => new Promise<void>((resume) => void done.push(resume)))
  return { onEvent, finish: () => done.splice(0).map((resume) => resume()) }
}

const turn = () => new Promise((resume) => setImmediate(resume))

describe('a listener that returns a promise', () => {
  it.each<[string, (vault: Awaited<ReturnType<typeof stageWith>>) => Promise<unknown>]>([
    ['resolve', (vault) => vault.resolve(A)],
    ['a resolve that fails', (vault) => failure(vault.resolve('<< secrets.nope >>'))],
    ['reveal', (vault) => vault.reveal('a')],
    ['snapshot', (vault) => vault.snapshot(['a'])],
    ['update', (vault) => vault.update('a', { name: 'A' })],
    ['an update that fails', (vault) => failure(vault.update('nope', {}))],
  ])('is waited for by %s', async (_, call) => {
    const { onEvent, finish } = slow()
    let isDone = false
    const pending = call(await stageWith({ onEvent })).then(() => {
      isDone = true
    })
    await vi.waitFor(() => expect(onEvent).toHaveBeenCalledTimes(1))
    await turn()
    expect(isDone).toBe(false)
    finish()
    await pending
  })

  it('is told of a snapshot of all what was taken, and nothing that the policy refused', async () => {
    const stage = backstage()
    for (const tag of ['a', 'b']) await stage.vault.create({ tag, value: 'v-0123456789' })
    const onEvent = vi.fn<OnEvent>()
    await stage.another({ onEvent, policy: ({ tag }) => tag === 'a' }).snapshot()
    expect(onEvent.mock.calls.map(([{ outcome, secrets }]) => [outcome, secrets.map(({ tag }) => tag)])).toEqual([
      ['ok', ['a']],
    ])
  })

  it('is not waited for by a resolve of a snapshot, and its failure is told', async () => {
    const onEventError = vi.fn()
    let calls = 0
    const vault = await stageWith({
      onEvent: () => (++calls === 1 ? undefined : rejecting(null as never)),
      onEventError,
    })
    const snapshot = await vault.snapshot(['a'])
    expect(snapshot.resolve(A).expose()).toBe('v-0123456789')
    thrown(() => snapshot.resolve('<< secrets.nope >>'))
    await turn()
    expect(onEventError.mock.calls).toEqual([[CAUSE], [CAUSE]])
  })
})

describe.each([
  ['throws', throwing],
  ['rejects', rejecting],
])('a listener that %s', (_, onEvent) => {
  it('breaks nothing and is told of', async () => {
    const onEventError = vi.fn()
    const vault = await stageWith({ onEvent, onEventError })
    expect((await vault.resolve(A)).expose()).toBe('v-0123456789')
    await vault.reveal('a')
    await vault.update('a', { name: 'A' })
    expect(await failure(vault.update('nope', {}))).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
    expect(onEventError.mock.calls).toEqual([[CAUSE], [CAUSE], [CAUSE], [CAUSE]])
  })

  it.each<[string, NonNullable<VaultOptions['onEventError']> | undefined]>([
    ['nobody', undefined],
    ['one who throws', throwing as never],
    ['one who rejects', rejecting as never],
  ])('may be told to %s', async (_who, onEventError) => {
    const vault = await stageWith({ onEvent, ...(onEventError !== undefined && { onEventError }) })
    await vault.resolve(A)
    await turn()
  })

  it('refuses every use where an audit is required; what was written stays', async () => {
    const onEventError = vi.fn()
    const vault = await stageWith({ onEvent, onEventError, audit: 'required' })
    for (const call of [vault.resolve(A), vault.reveal('a'), vault.snapshot(['a']), vault.use(A, () => 1)]) {
      expect(await failure(call)).toMatchObject(DENIED)
    }
    expect((await vault.update('a', { name: 'A' })).version).toBe(3)
    expect(onEventError).toHaveBeenCalledWith(CAUSE)
  })
})

describe('a required audit', () => {
  it('lets a snapshot be used only with a listener that is done at once', async () => {
    let isAsync = false
    const vault = await stageWith({
      onEvent: () => (isAsync ? Promise.resolve() : undefined),
      audit: 'required',
    })
    const snapshot = await vault.snapshot(['a'])
    expect(snapshot.resolve(A).expose()).toBe('v-0123456789')
    isAsync = true
    expect(thrown(() => snapshot.resolve(A))).toMatchObject(DENIED)
  })

  it('needs a listener, and is an option with one word', () => {
    const { another } = backstage()
    for (const options of [{ audit: 'required' }, { audit: true, onEvent: throwing }, { onEventError: 1 }]) {
      expect(thrown(() => another(options as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
  })
})

it('an async listener that fails does not end the process', async () => {
  const { vault } = backstage({ onEvent: (async () => Promise.reject(new Error('audit'))) as never })
  await vault.create({ tag: 'x', value: 'v' })
  await vault.resolve('<< secrets.x >>')
  // the runner fails on a rejection that nobody handles
  await turn()
})
