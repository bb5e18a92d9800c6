/**
 * The errors of real HTTP clients, which carry the whole request: safe after `redactor.value`, and still themselves.
 *
 * In the polluted run most clients send nothing, since they find options of a request that nobody gave.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios, { AxiosError } from 'axios'
import got, { HTTPError as GotHttpError, RequestError } from 'got'
import ky, { HTTPError as KyHttpError } from 'ky'
import * as undici from 'undici'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { expectNo, shown, skipIfPolluted, TRICKY, VALUE } from '../log/capture.ts'

const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })
const headers = { Authorization: `Bearer ${VALUE}`, 'x-api-key': VALUE }

// fails every request, and sends back what it was sent
const server = createServer((request, response) => {
  response.writeHead(500, { 'content-type': 'application/json', 'x-echo': String(request.headers.authorization) })
  response.end(JSON.stringify({ echo: request.headers, url: request.url }))
})
let origin: string
/** Where nobody listens. */
let closed: string

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const other = createServer()
  await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready))
  closed = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  await new Promise((done) => other.close(done))
})
afterAll(() => new Promise((done) => server.close(done)))

async function errorOf(call: Promise<unknown>): Promise<Error> {
  return call.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error) => error as Error,
  )
}

/** The redacted error: nothing of a value in it, and class, name, code and frames as they were. */
function safeCopy<T extends Error>(error: T): T {
  expect(shown(error)).toContain(VALUE)
  const safe = redactor.value(error)
  for (const value of [VALUE, TRICKY]) expectNo(value, safe)
  expectNo(VALUE, redactor.text(shown(error)))
  expect(safe).toBeInstanceOf(error.constructor)
  expect(safe.name).toBe(error.name)
  expect((safe as { code?: unknown }).code).toBe((error as { code?: unknown }).code)
  const frames = (stack = ''): string[] => stack.split('\n').filter((line) => /^ {4}at /.test(line))
  expect(frames(safe.stack)).toEqual(frames(error.stack))
  return safe
}

describe('axios', () => {
  it('an answer of 500: config, request and response', async () => {
    const call = axios.post(
      `${origin}/x?k=${VALUE}`,
      { password: TRICKY },
      { headers, auth: { username: 'u', password: VALUE } },
    )
    const safe = safeCopy(await errorOf(call)) as AxiosError<{ echo: object }>
    expect(safe).toBeInstanceOf(AxiosError)
    expect(safe.code).toBe('ERR_BAD_RESPONSE')
    expect(safe.message).toBe('Request failed with status code 500')
    expect(safe.response!.status).toBe(500)
    expect(safe.config!.url).toBe(`${origin}/x?k=[secret:token]`)
    expect(safe.response!.data.echo).toMatchObject({ 'x-api-key': '[secret:token]' })
  })

  it('no connection', async () => {
    const safe = safeCopy(await errorOf(axios.get(`${closed}/?k=${VALUE}`, { headers })))
    expect(safe).toBeInstanceOf(AxiosError)
    expect(safe).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('got', () => {
  beforeEach(skipIfPolluted)

  it('an answer of 500, whose getters read private fields', async () => {
    const error = await errorOf(
      got.post(`${origin}/x?k=${VALUE}`, { headers, json: { password: TRICKY }, retry: { limit: 0 } }),
    )
    const safe = safeCopy(error) as GotHttpError
    expect(safe).toBeInstanceOf(GotHttpError)
    expect(safe.code).toBe('ERR_NON_2XX_3XX_RESPONSE')
    expect(shown(safe)).toContain('[secret:token]')
  })

  it('no connection, with a password in the URL', async () => {
    const url = closed.replace('//', `//user:${VALUE}@`)
    const safe = safeCopy(await errorOf(got(`${url}/?k=${VALUE}`, { headers, retry: { limit: 0 } })))
    expect(safe).toBeInstanceOf(RequestError)
    expect(safe).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('ky', () => {
  beforeEach(skipIfPolluted)

  it('an answer of 500: message, request and options', async () => {
    const safe = safeCopy(await errorOf(ky(`${origin}/x?k=${VALUE}`, { headers, retry: 0 }).json()))
    expect(safe).toBeInstanceOf(KyHttpError)
    expect(safe.message).toContain('/x?k=[secret:token]')
  })
})

describe('fetch', () => {
  it.each([
    ['of the platform', async (url: string, init: RequestInit): Promise<unknown> => fetch(url, init)],
    [
      'of undici 7',
      async (url: string, init: RequestInit): Promise<unknown> => undici.fetch(url, init as undici.RequestInit),
    ],
  ])('%s quotes a header that it refuses, and a URL with a password', async (_, send) => {
    const quoted = safeCopy(await errorOf(send(origin, { headers: { 'x-key': `${VALUE}\nx` } })))
    expect(quoted).toBeInstanceOf(TypeError)
    expect(quoted.message).toContain('[secret:token]')
    const url = closed.replace('//', `//user:${VALUE}@`)
    const userinfo = safeCopy(await errorOf(send(url, {})))
    expect(userinfo).toBeInstanceOf(TypeError)
  })

  it('of the platform keeps the cause of a failed connection', async (context) => {
    skipIfPolluted(context)
    const error = await errorOf(fetch(`${closed}/?k=${VALUE}`, { headers }))
    const safe = redactor.value(error)
    expect(safe).toBeInstanceOf(TypeError)
    expect(safe.cause).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('undici', () => {
  beforeEach(skipIfPolluted)

  it('an error that carries the answer, headers and body', async () => {
    const dispatcher = new undici.Agent().compose(undici.interceptors.responseError())
    const error = await errorOf(undici.request(`${origin}/?k=${VALUE}`, { headers, dispatcher }))
    const safe = safeCopy(error) as undici.errors.ResponseError
    expect(safe).toBeInstanceOf(undici.errors.ResponseError)
    expect(safe.statusCode).toBe(500)
    expect(safe.headers).toMatchObject({ 'x-echo': 'Bearer [secret:token]' })
    await dispatcher.close()
  })
})
