/** The global dispatcher, set and put back, and how a program makes sure that it is used. */

import { Agent, getGlobalDispatcher, fetch as npmFetch, setGlobalDispatcher } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { requireInterceptedFetch, vaultInterceptor } from '../../src/http/undici.ts'
import { failure } from '../vault/fixture.ts'
import { A, undiciStage, VALUE } from './undici-stage.ts'

const before = getGlobalDispatcher()

it('a fetch that passes through it is told from one that does not', async () => {
  const { vault, origin, arrived, agent } = await undiciStage((response) => {
    response.writeHead(200, [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ])
    response.end(VALUE)
  })
  onTestFinished(() => setGlobalDispatcher(before))
  for (const fetch of [globalThis.fetch, npmFetch]) {
    setGlobalDispatcher(before)
    expect(await failure(requireInterceptedFetch(fetch))).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
    setGlobalDispatcher(agent())
    await requireInterceptedFetch(fetch)
    await requireInterceptedFetch()
    const response = await fetch(origin, { headers: { authorization: A } })
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    await response.text()
  }
  expect(arrived.map(({ headers }) => headers.authorization)).toEqual([VALUE, VALUE])
  setGlobalDispatcher(before)
  // one that resolves by itself refuses the same, and is in the way of nothing
  await requireInterceptedFetch(vaultFetch(vault))
})

it('it is found whatever the interceptor is told of places, delimiters and masks', async () => {
  const { vault, closing } = await undiciStage()
  for (const options of [{ in: ['header'] }, { authored: [] }, { redactResponse: false }, { tags: [] }] as const) {
    const dispatcher = closing(new Agent().compose(vaultInterceptor(vault, options)))
    await requireInterceptedFetch((input: string, init: object) => npmFetch(input, { ...init, dispatcher }))
  }
})

it('any other error of a fetch, or a plain answer, is no proof', async () => {
  const answers = [
    async () => new Response(),
    async () => Promise.reject('text'),
    () => Promise.reject(new Error('no')),
  ]
  for (const fetch of answers) {
    expect(await failure(requireInterceptedFetch(fetch))).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
  }
})
