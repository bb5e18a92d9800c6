/** What falls between two parts: values over several strings, options of a class, keys that look like masks. */

import { describe, expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { backstage } from '../vault/fixture.ts'

const U = 'https://api.acme.dev/'
const VALUE = '{"user":"bob-builder","code":"correct horse"}'

async function answered(body: string, type: string, value = VALUE): Promise<string> {
  const { vault } = backstage()
  await vault.create({ tag: 'js', value })
  const fetch = async () => new Response(body, { headers: { 'content-type': type } })
  const headers = { authorization: '<< secrets.js | base64 >>' }
  return await (await vaultFetch(vault, { fetch })(U, { headers })).text()
}

describe('a value that spans several strings', () => {
  it.each(['application/json', 'text/event-stream', 'text/plain'])('is masked in %s', async (type) => {
    const body = `{"a":${VALUE},"b":1}`
    const text = await answered(type === 'text/event-stream' ? `data: ${body}\n\n` : body, type)
    for (const piece of ['bob-builder', 'correct horse']) expect(text).not.toContain(piece)
  })
})

it('a key that looks like the mask hides no other', async () => {
  const text = await answered('{"ABCDEFGH1234ijkl":1,"[secret:js]":2}', 'application/json', 'ABCDEFGH1234ijkl')
  expect(Object.values(JSON.parse(text) as object)).toEqual([1, 2])
})

it('options that are inherited are read as the platform reads them', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: 'tok-0123456789' })
  const seen: string[] = []
  const fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request ? input : new Request(String(input), init)
    seen.push(`${request.method} ${request.headers.get('authorization')}`)
    return new Response('')
  }
  const send = vaultFetch(vault, { fetch })
  const headers = { authorization: '<< secrets.a >>' }
  await send(U, new Request(U, { method: 'PUT', headers }) as RequestInit)
  await send(U, Object.create({ headers, method: 'PATCH' }) as RequestInit)
  expect(seen).toEqual(['PUT tok-0123456789', 'PATCH tok-0123456789'])
})

it('a URL object is read by the getter of its class, whatever it answers itself', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: 'tok-0123456789', allow: { hosts: ['api.acme.dev'] } })
  const url = new URL(U)
  url.toString = () => 'https://evil.example/'
  Object.defineProperty(url, 'href', { get: () => 'https://evil.example/' })
  const seen: string[] = []
  const fetch = async (input: unknown): Promise<Response> => {
    seen.push(String(input))
    return new Response('')
  }
  await vaultFetch(vault, { fetch })(url, { headers: { authorization: '<< secrets.a >>' } })
  expect(seen).toEqual([U])
})
