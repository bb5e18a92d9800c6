/** What axios throws and how it ends is what it is without the vault, but for the secrets: held against the bare client. */

import { inspect } from 'node:util'
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios'
import { expect, it } from 'vitest'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { axiosStage, KEY } from './axios-stage.ts'
import type { Answer } from './loopback.ts'

const REF = '<< secrets.key >>'

/** What of an error a caller goes by. */
function signature(error: unknown) {
  const { name, message, code, status, isAxiosError, response, cause } = error as Record<string, unknown>
  const { status: answered, data } = (response ?? {}) as Record<string, unknown>
  return {
    name,
    message,
    code,
    status,
    isAxiosError,
    answered,
    data: typeof data === 'object' ? 'object' : data,
    isCancel: axios.isCancel(error),
    isOfAxios: error instanceof axios.AxiosError,
    cause: (cause as Error | undefined)?.name,
  }
}

const answers: Answer = async ({ url, headers }, response) => {
  const type = { 'content-type': 'application/json' }
  if (url.startsWith('/hang')) return
  if (url.startsWith('/reset')) return void response.socket?.destroy()
  if (url.startsWith('/half')) {
    response.writeHead(200, { 'content-length': '100' })
    return void response.write('begin', () => response.socket?.destroy())
  }
  if (url.startsWith('/loop')) return void response.writeHead(302, { location: '/loop' }).end()
  if (url.startsWith('/slow-hop')) return void response.writeHead(302, { location: '/hang' }).end()
  if (url.startsWith('/500')) return void response.writeHead(500, type).end(JSON.stringify({ e: 'broken' }))
  if (url.startsWith('/404')) return void response.writeHead(404, type).end('{}')
  if (url.startsWith('/long')) return void response.writeHead(200, type).end('x'.repeat(10_000))
  if (url.startsWith('/bad')) return void response.writeHead(200, type).end('{"no json')
  if (url.startsWith('/echo')) return void response.writeHead(400, type).end(JSON.stringify(headers))
  response.writeHead(200, type).end('{"ok":true}')
}

/** Requests that fail; those of a group are given up by a signal or token that the case makes. */
const FAILING: Readonly<Record<string, (give: { soon(stop: () => void): void }) => AxiosRequestConfig>> = {
  'a refused port': () => ({ baseURL: 'http://127.0.0.1:1' }),
  'a cut connection': () => ({ url: '/reset' }),
  'a cut answer': () => ({ url: '/half' }),
  'a 500': () => ({ url: '/500' }),
  'a 404': () => ({ url: '/404' }),
  'a status that the caller refuses': () => ({ validateStatus: () => false }),
  'a timeout': () => ({ url: '/hang', timeout: 50 }),
  'a timeout with a message': () => ({ url: '/hang', timeout: 50, timeoutErrorMessage: 'too late' }),
  'a timeout that says what it is': () => ({
    url: '/hang',
    timeout: 50,
    transitional: { clarifyTimeoutError: true },
  }),
  'a signal': ({ soon }) => {
    const controller = new AbortController()
    soon(() => controller.abort())
    return { url: '/hang', signal: controller.signal }
  },
  'a signal with a reason': ({ soon }) => {
    const controller = new AbortController()
    soon(() => controller.abort(new Error('enough')))
    return { url: '/hang', signal: controller.signal }
  },
  'a token': ({ soon }) => {
    const { token, cancel } = axios.CancelToken.source()
    soon(() => cancel('enough'))
    return { url: '/hang', cancelToken: token }
  },
  'too long an answer': () => ({ url: '/long', maxContentLength: 100 }),
  'too long a body': () => ({ method: 'post', data: 'x'.repeat(1_000), maxBodyLength: 100 }),
  'an answer that is not JSON': () => ({
    url: '/bad',
    responseType: 'json',
    transitional: { silentJSONParsing: false },
  }),
  'a transformResponse that throws': () => ({
    transformResponse: () => {
      throw new RangeError('not what I want')
    },
  }),
  'too many redirects': () => ({ url: '/loop', maxRedirects: 3 }),
  'no redirects': () => ({ url: '/loop', maxRedirects: 0 }),
}
/** With fetch the limit is the platform's own, whatever `maxRedirects` says, and its error another. */
/** The caller's own reason, and what his own function has thrown. */
const WITHOUT_CONFIG = ['a token', 'a transformResponse that throws']
const ONLY_OVER_HTTP = ['too many redirects']

/** Registers the cases. */
export function errorCases(adapter: 'http' | 'fetch'): void {
  async function fail(client: AxiosInstance, name: string, more: AxiosRequestConfig): Promise<unknown> {
    const stops: (() => void)[] = []
    const config = { url: '/', ...FAILING[name]!({ soon: (stop) => void stops.push(stop) }), ...more }
    const request = client.request(config).catch((error: unknown) => error)
    // once it is on its way, whatever it is
    if (stops.length > 0) setTimeout(() => stops[0]!(), 30)
    return await request
  }

  const names = Object.keys(FAILING).filter((name) => adapter === 'http' || !ONLY_OVER_HTTP.includes(name))

  it.each(names)('%s: the error of axios, with the config of the caller', async (name) => {
    const { client, origin } = await axiosStage(answers, { adapter, in: ['query'] })
    const bare = axios.create({ adapter, baseURL: origin })
    const expected = signature(await fail(bare, name, { headers: { 'x-api-key': KEY } }))
    const config = { headers: { 'x-api-key': REF }, params: { k: REF } }
    const { error, leaks } = await leakProbe({ key: KEY }, async ({ output }) => {
      const thrown = await fail(client, name, config)
      output(inspect(thrown, { depth: Number.POSITIVE_INFINITY, showHidden: true }), 'inspection')
      output((thrown as { toJSON?(): unknown }).toJSON?.(), 'toJSON')
      throw thrown
    })
    // follow-redirects names its error in a way of its own
    const own = name === 'too many redirects' ? { name: expect.any(String), cause: undefined } : {}
    expect(signature(error)).toEqual({ ...expected, ...own })
    expect(leaks).toEqual([])
    if (!WITHOUT_CONFIG.includes(name)) {
      expect(error).toMatchObject({ config: { headers: { 'x-api-key': REF }, params: { k: REF } } })
    }
  })

  it('the probe finds what the bare client shows', async () => {
    const { origin } = await axiosStage(answers)
    const bare = axios.create({ adapter, baseURL: origin })
    const { leaks } = await leakProbe({ key: KEY }, () => bare.get('/500', { headers: { 'x-api-key': KEY } }))
    expect(leaks).not.toEqual([])
  })
}
