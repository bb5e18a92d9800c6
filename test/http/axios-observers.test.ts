/** What sees a request of `vaultAdapter` beside its server: agents, tracing, the timeline. Some of it is a stated limit. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import http, { type ClientRequest } from 'node:http'
import { createConnection } from 'node:net'
import { PerformanceObserver } from 'node:perf_hooks'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { axiosStage, KEY } from './axios-stage.ts'
import { serve } from './loopback.ts'

const HEADERS = { 'x-api-key': '<< secrets.key >>' }

describe('what is below sees plaintext', () => {
  it('subscribers of http.client.request.start do', async () => {
    const { client } = await axiosStage()
    const seen: unknown[] = []
    const listener = (message: unknown): void => {
      seen.push((message as { readonly request: ClientRequest }).request.getHeaders())
    }
    subscribe('http.client.request.start', listener)
    onTestFinished(() => void unsubscribe('http.client.request.start', listener))
    await client.get('/', { headers: HEADERS })
    expect(JSON.stringify(seen)).toContain(KEY)
  })

  it('observers of the http entries of the performance timeline do', async () => {
    const { client } = await axiosStage()
    const seen: unknown[] = []
    const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()))
    observer.observe({ entryTypes: ['http'] })
    onTestFinished(() => observer.disconnect())
    await client.get('/', { headers: HEADERS })
    await vi.waitFor(() => expect(JSON.stringify(seen)).toContain(KEY), 5_000)
  })
})

it('plain http with a secret goes by no agent that somebody has made the global one', async () => {
  const { client, arrived } = await axiosStage()
  const proxy = await serve((_, response) => response.end('{}'))
  const { globalAgent } = http
  const proxying = new http.Agent()
  proxying.createConnection = () => createConnection(Number(new URL(proxy.origin).port), '127.0.0.1')
  http.globalAgent = proxying
  onTestFinished(() => {
    http.globalAgent = globalAgent
  })
  await client.get('/', { headers: HEADERS })
  await client.get('/', { headers: { 'x-api-key': 'plain' } })
  const keys = [arrived, proxy.arrived].map((each) => each.map(({ headers }) => headers['x-api-key']))
  expect(keys).toEqual([[KEY], ['plain']])
})

it('a header that Node refuses ends the request before it has begun', async () => {
  const { client, arrived } = await axiosStage()
  const sent = client.get('/', { headers: { ...HEADERS, 'x,y': 'axios takes such a name' } })
  await expect(sent).rejects.toMatchObject({ code: 'ERR_INVALID_HTTP_TOKEN' })
  expect(arrived).toEqual([])
})
