/** What `vaultFetch` resolves, refuses and leaves alone, by its options. */

import { FormData as UndiciFormData, fetch as undiciFetch } from 'undici'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CREDENTIAL_HEADERS } from '../../src/http/credential-headers.ts'
import { type FetchLike, type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import { vaultRequest } from '../../src/http/node.ts'
import { escapeReferences } from '../../src/template.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { backstage, failure, listener, thrown } from '../vault/fixture.ts'

const VALUE = 'v-0123456789/+'
const A = '<< secrets.a >>'
/** A reference, and what looks escaped, in text that no author of ours wrote. */
const FOREIGN = '<< secrets.b >> \\\\<< secrets.b >> <<'
const URL_OF_H = 'https://h.example/'

interface Call {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

async function stage(options: VaultFetchOptions = {}, vaultOptions: Partial<VaultOptions> = {}) {
  const { vault } = backstage(vaultOptions)
  await vault.create({ tag: 'a', value: VALUE })
  await vault.create({ tag: 'b', value: 'other-0123456789' })
  await vault.create({ tag: 'svc', type: 'basicAuth', value: { username: 'Aladdin', password: 'öpen sesame' } })
  await vault.create({ tag: 'colon', value: 'has:a-colon' })
  const calls: Call[] = []
  const network: FetchLike = async (input, init) => {
    const request = new Request(input, init)
    calls.push({ url: request.url, headers: Object.fromEntries(request.headers), body: await request.text() })
    return new Response('page')
  }
  return { vault, calls, network, send: vaultFetch(vault, { fetch: network, ...options }) }
}

/** Remembers one member of each call. */
function recorder(seen: unknown[], member: 'body' | 'headers'): FetchLike {
  return async (_, init) => {
    seen.push(init?.[member])
    return new Response()
  }
}

/** Warnings of this process while the test runs. */
function warnings() {
  return vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
}

it.each([['vaultFetch', vaultFetch] as const, ['vaultRequest', vaultRequest] as const])(
  '%s called as if it were the client says that it makes one',
  (name, make) => {
    for (const address of [URL_OF_H, new URL(URL_OF_H), new Request(URL_OF_H)]) {
      const error = thrown(() => make(address as never, { headers: {} } as never)) as Error
      expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT' })
      expect(error.message).toContain(`const send = ${name}(vault)`)
    }
    expect(thrown(() => make({} as never, { headers: {} } as never))).toMatchObject({
      message: expect.stringContaining('same copy of this package'),
    })
  },
)

it('the fetch below is called as no method: that of a browser or a Worker refuses another object', async () => {
  const { vault } = await stage()
  const owners: unknown[] = []
  async function network(this: unknown): Promise<Response> {
    owners.push(this)
    return new Response()
  }
  const send = vaultFetch(vault, { fetch: network })
  await send(URL_OF_H)
  await send(URL_OF_H, { headers: { Authorization: A } })
  expect(owners).toEqual([undefined, undefined])
})

it('text that looks like a reference stays text where the runtime cannot warn of it, as the edge runtime of Next', async () => {
  const { send, calls } = await stage()
  warnings().mockImplementation(() => {
    throw new Error('A Node.js API is used (process.emitWarning) which is not supported in the Edge Runtime.')
  })
  await send(URL_OF_H, { method: 'POST', body: A })
  expect(calls).toMatchObject([{ body: A }])
})

describe('by default', () => {
  it('a reference is resolved in every credential header, in any case', async () => {
    const { send, calls } = await stage()
    expect(CREDENTIAL_HEADERS).toContain('dd-api-key')
    for (const name of CREDENTIAL_HEADERS) {
      await send(URL_OF_H, { headers: { [name.toUpperCase()]: `x ${A}` } })
      expect(calls.pop()!.headers).toMatchObject({ [name]: `x ${VALUE}` })
    }
  })

  it('where the class Headers gives names as they were written, as that of a simulated browser does', async () => {
    const { send, calls } = await stage()
    class WrittenHeaders extends Headers {
      override *[Symbol.iterator](): HeadersIterator<[string, string]> {
        for (const [name, value] of super.entries()) yield [name.toUpperCase(), value]
      }
    }
    vi.stubGlobal('Headers', WrittenHeaders)
    onTestFinished(() => void vi.unstubAllGlobals())
    await send(URL_OF_H, { headers: { Authorization: `Bearer ${A}` } })
    vi.unstubAllGlobals()
    expect(calls[0]!.headers).toEqual({ authorization: `Bearer ${VALUE}` })
  })

  it('of a Request where copies of Headers lose what they held, as under msw and nock', async () => {
    const { send, calls } = await stage()
    const construct = (target: typeof Headers, [given]: [HeadersInit?]) =>
      new target(given instanceof target ? [] : given)
    vi.stubGlobal('Headers', new Proxy(Headers, { construct }))
    onTestFinished(() => void vi.unstubAllGlobals())
    const headers = { Authorization: `Bearer ${A}` }
    await send(new Request(URL_OF_H, { method: 'POST', headers, body: 'text' }))
    vi.unstubAllGlobals()
    expect(calls[0]!.headers).toMatchObject({ authorization: `Bearer ${VALUE}` })
  })

  it.each(['mcp-session-id', 'cookie', 'x-csrf-token', 'if-none-match', 'x-request-id', 'traceparent', 'x-acme-key'])(
    'a reference in %s is refused, whole or broken, and the error names the option',
    async (name) => {
      const { send, calls } = await stage()
      for (const value of [A, '{{ secrets.a }}', '<< secrets.gone >>', 'x << secrets.', '<< secrets.a | nofilter >>']) {
        const error = await failure(send(URL_OF_H, { headers: { [name]: value } }))
        expect(error).toMatchObject({ code: 'ERR_LOCATION_DENIED', location: 'header', path: `headers.${name}` })
        expect(error.message).toContain('option headers')
      }
      expect(calls).toEqual([])
      // what is no reference of ours stays byte for byte
      await send(URL_OF_H, { headers: { [name]: '\\<< secrets.a >> ${{ secrets.CI }}' } })
      expect(calls[0]!.headers[name]).toBe('\\<< secrets.a >> ${{ secrets.CI }}')
    },
  )

  it('text in a URL and a body is text, with one event and one warning', async () => {
    const warn = warnings()
    const onEvent = listener()
    const { send, calls } = await stage({}, { onEvent })
    onEvent.mockClear()
    const body = `{"q":"${A} {{ secrets.gone.x }} docs: {{ secrets.","r":"\\\\<< secrets.b >>"}`
    const headers = { Authorization: `Bearer ${A}` }
    await send(`${URL_OF_H}?q={{secrets.b}}`, { method: 'POST', headers, body })
    expect(calls[0]).toMatchObject({
      url: `${URL_OF_H}?q={{secrets.b}}`,
      body,
      headers: { authorization: `Bearer ${VALUE}` },
    })
    const skipped = onEvent.mock.calls.map(([event]) => event).filter(({ action }) => action === 'skipped')
    expect(skipped).toMatchObject([
      {
        outcome: 'ok',
        destination: 'https://h.example',
        locations: ['query', 'body'],
        secrets: [{ tag: 'b' }, { tag: 'a' }, { tag: 'gone' }],
      },
    ])
    await send(URL_OF_H, { method: 'POST', body })
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]).toMatchObject([expect.stringContaining('option in'), { code: 'GUILLEMET_SKIPPED' }])
  })

  it('bodies of every kind are sent as they are', async () => {
    warnings()
    const { send } = await stage()
    const form = new FormData()
    form.append('k', A)
    const bodies = [
      A,
      new URLSearchParams({ k: A }),
      form,
      Buffer.from(A),
      new Blob([A]),
      new Uint8Array([0xff, 0xfe]).buffer,
    ]
    const seen: unknown[] = []
    const { vault } = await stage()
    const plain = vaultFetch(vault, { fetch: recorder(seen, 'body') })
    for (const body of bodies) await plain(URL_OF_H, { method: 'POST', headers: { Authorization: A }, body })
    expect(seen.every((body, index) => body === bodies[index])).toBe(true)
    await send(URL_OF_H, { method: 'POST', body: A })
  })

  it('what is nearly a reference in a credential header goes out as it is, and is told', async () => {
    const warned = warnings()
    const onEvent = listener()
    const { send, calls } = await stage({}, { onEvent })
    for (const value of ['Bearer {{ secret.a }}', 'Bearer ${secrets.a}']) {
      await send(`${URL_OF_H}?q`, { headers: { Authorization: value } })
      expect(calls.pop()!.headers).toMatchObject({ authorization: value })
    }
    await send(URL_OF_H, { headers: { Authorization: 'Bearer literal', 'x-request-id': '{{ secret.a }}' } })
    // beside one that is resolved, and with each request
    for (let time = 0; time < 2; time++) {
      await send(URL_OF_H, { headers: { Authorization: A, 'x-api-key': '{{ secret.a }}' } })
    }
    const skipped = onEvent.mock.calls.map(([event]) => event).filter(({ action }) => action === 'skipped')
    const event = { destination: 'https://h.example', secrets: [], locations: ['header'] }
    expect(skipped).toMatchObject([event, event, event, event])
    expect(warned).toHaveBeenCalledTimes(1)
    expect(warned.mock.calls[0]).toMatchObject([
      expect.stringContaining('<< secrets.tag >>'),
      { code: 'GUILLEMET_SKIPPED' },
    ])
  })

  it('a listener that throws at skipped text stops nothing, and a view is told apart', async () => {
    warnings()
    const { vault, network, calls } = await stage(
      {},
      {
        onEvent({ action }) {
          if (action === 'skipped') throw new Error('no')
        },
      },
    )
    await vaultFetch(vault.with({ actor: { id: 'ann' } }), { fetch: network })(URL_OF_H, { method: 'POST', body: A })
    expect(calls).toHaveLength(1)
  })

  it('a reference in a credential header that is broken or missing is an error, as anywhere', async () => {
    const { send } = await stage()
    const codeFor = async (value: string) => (await failure(send(URL_OF_H, { headers: { Authorization: value } }))).code
    expect(await codeFor('Bearer << secrets.')).toBe('ERR_UNCLOSED_REFERENCE')
    expect(await codeFor('Bearer << secrets.gone >>')).toBe('ERR_MISSING_SECRETS')
    expect(await codeFor('Bearer << secrets.a | nofilter >>')).toBe('ERR_UNKNOWN_FILTER')
  })
})

describe('the option', () => {
  it('headers opens further headers', async () => {
    const { send, calls } = await stage({ headers: ['X-Acme-Key'] })
    await send(URL_OF_H, { headers: { 'x-acme-key': A, authorization: A } })
    expect(calls[0]!.headers).toMatchObject({ 'x-acme-key': VALUE, authorization: VALUE })
    expect(await failure(send(URL_OF_H, { headers: { x: A } }))).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
  })

  it('in opens places, and header every header', async () => {
    warnings()
    const all = await stage({ in: ['header'] })
    await all.send(URL_OF_H, { headers: { anything: A, cookie: `k=${A}` } })
    expect(all.calls[0]!.headers).toMatchObject({ anything: VALUE, cookie: `k=${VALUE}` })
    const query = await stage({ in: ['query'] })
    await query.send(`${URL_OF_H}<< secrets.b >>?k=${A}&r={{ secrets.`, { method: 'POST', body: A })
    expect(query.calls[0]!.url).toBe(`${URL_OF_H}%3C%3C%20secrets.b%20%3E%3E?k=v-0123456789%2F%2B&r={{%20secrets.`)
    expect(query.calls[0]!.body).toBe(A)
    const body = await stage({ in: ['body'] })
    await body.send(`${URL_OF_H}?k=${A}`, { method: 'POST', body: new URLSearchParams({ k: A }) })
    expect(body.calls[0]!.body).toBe('k=v-0123456789%2F%2B')
    expect(body.calls[0]!.url).toContain('secrets.a')
    expect(await failure(body.send(URL_OF_H, { method: 'POST', body: '{{ secrets.' }))).toMatchObject({
      code: 'ERR_UNCLOSED_REFERENCE',
    })
  })

  it('in: body reads bytes and blobs that are text, and refuses a reference in others', async () => {
    const { send, calls } = await stage({ in: ['body'] })
    const json = `{"k":"${A}"}`
    const headers = { 'content-type': 'application/json' }
    await send(URL_OF_H, { method: 'POST', body: Buffer.from(json), headers })
    await send(URL_OF_H, { method: 'POST', body: new Blob([json], { type: 'application/json' }) })
    await send(new Request(URL_OF_H, { method: 'POST', body: json, headers }))
    for (const { body, headers } of calls) {
      expect(JSON.parse(body)).toEqual({ k: VALUE })
      expect(headers['content-type']).toBe('application/json')
    }
    const bytes = Buffer.concat([Buffer.from([0xff]), Buffer.from(A)])
    expect(await failure(send(URL_OF_H, { method: 'POST', body: bytes }))).toMatchObject({ code: 'ERR_OPAQUE_VALUE' })
    await send(URL_OF_H, { method: 'POST', body: Buffer.from([0xff, 0]) })
  })

  it('tags limits what is resolved', async () => {
    warnings()
    const { send, calls } = await stage({ tags: ['a'], in: ['body'] })
    await send(URL_OF_H, {
      method: 'POST',
      headers: { Authorization: A },
      body: `${A} << secrets.b >> \\${A} {{ secrets.`,
    })
    expect(calls[0]).toMatchObject({
      headers: { authorization: VALUE },
      body: `${VALUE} << secrets.b >> \\${A} {{ secrets.`,
    })
    const error = await failure(send(URL_OF_H, { headers: { Authorization: '<< secrets.b >>' } }))
    expect(error).toMatchObject({ code: 'ERR_PERMISSION_DENIED', tag: 'b' })
  })

  it('authored finds its places in JSON text, each as often as it was written', async () => {
    warnings()
    const stored = { headers: { Authorization: A }, body: { tools: [{ token: A, 'a.b': '<< secrets.b >>' }], n: A } }
    const { vault, network, calls } = await stage()
    const authored = JSON.parse(JSON.stringify(vault.references(stored, { as: 'request' })))
    const send = vaultFetch(vault, { fetch: network, authored })
    const tools = [{ token: A, 'a.b': '<< secrets.b >>' }, { token: A }]
    const body = JSON.stringify({ messages: [A, { token: A, tools: [{ token: A }] }], tools, n: A, [A]: 1 })
    await send(URL_OF_H, { method: 'POST', headers: { authorization: A }, body })
    expect(JSON.parse(calls[0]!.body)).toEqual({
      messages: [A, { token: A, tools: [{ token: A }] }],
      tools: [{ token: VALUE, 'a.b': 'other-0123456789' }, { token: A }],
      n: VALUE,
      [A]: 1,
    })
    expect(calls[0]!.headers['authorization']).toBe(VALUE)
    // a header that it does not open stays closed, and an open one takes what was authored only
    expect(await failure(send(URL_OF_H, { headers: { x: A } }))).toMatchObject({
      code: 'ERR_LOCATION_DENIED',
      message: expect.stringContaining('escapeReferences'),
    })
    const other = { headers: { Authorization: '<< secrets.b >>' } }
    expect(await failure(send(URL_OF_H, other))).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE', tag: 'b' })
  })

  it('authored opens any header and place that its author has used', async () => {
    const stored = { url: `${URL_OF_H}?k=${A}`, headers: [['X-Key', A]], body: `note ${A}` }
    const { vault, network, calls } = await stage()
    const authored = vault.references(stored, { as: 'request' })
    const send = vaultFetch(vault, { fetch: network, authored })
    await send(stored.url, { method: 'POST', headers: stored.headers as [string, string][], body: stored.body })
    expect(calls[0]).toMatchObject({
      url: `${URL_OF_H}?k=v-0123456789%2F%2B`,
      headers: { 'x-key': VALUE },
      body: `note ${VALUE}`,
    })
  })

  it('with authored an output that was escaped arrives as it was, in a header that is not open either', async () => {
    const { vault, network, calls } = await stage()
    const stored = {
      url: URL_OF_H,
      headers: { Authorization: A, 'X-Note': 'dir {{dir}}<< secrets.b >>', 'X-Other': '' },
    }
    const authored = vault.references(stored, { as: 'request' })
    const send = vaultFetch(vault, { fetch: network, authored })
    const note = (dir: string) => stored.headers['X-Note'].replace('{{dir}}', () => dir)
    const escaped = escapeReferences('<< secrets.b >> \\{{ secrets.x }}')
    await send(URL_OF_H, { headers: { ...stored.headers, 'X-Note': note('C:'), 'X-Other': escaped } })
    expect(calls[0]!.headers).toMatchObject({
      'x-note': 'dir C:other-0123456789',
      'x-other': '<< secrets.b >> \\{{ secrets.x }}',
    })
    // one that ends with a backslash silences what follows: that is told, with what to do
    const lost = await failure(send(URL_OF_H, { headers: { ...stored.headers, 'X-Note': note('C:\\') } }))
    expect(lost).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE', tag: 'b', path: 'headers.x-note' })
    expect(lost.message).toContain('double the backslashes')
    await send(URL_OF_H, { headers: { ...stored.headers, 'X-Note': note('C:\\\\') } })
    expect(calls[1]!.headers['x-note']).toBe('dir C:\\other-0123456789')
  })

  it('what is nearly a reference in an open place is told, once for each kind of place', async () => {
    const warn = warnings()
    const onEvent = listener()
    const { send } = await stage({ in: ['header', 'query'] }, { onEvent })
    onEvent.mockClear()
    for (let time = 0; time < 2; time++) {
      await send(new URL(`${URL_OF_H}?k=${A}`))
      await send(URL_OF_H, { headers: { Authorization: 'Bearer << secret.a >>' } })
    }
    const events = onEvent.mock.calls.map(([event]) => event)
    expect(events.map(({ action, locations }) => [action, locations])).toEqual(
      [['query'], ['header'], ['query'], ['header']].map((locations) => ['skipped', locations]),
    )
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining('URL object'),
      expect.stringContaining('credential header'),
    ])
  })

  it('fetch takes undici, whatever its types', async () => {
    const { vault } = await stage()
    const send = vaultFetch(vault, { fetch: undiciFetch })
    const error = await send('http://127.0.0.1:1/', { headers: { Authorization: A } }).catch((reason) => reason)
    expect(error).toBeInstanceOf(TypeError)
  })

  it('fetch is by default the global one, as it is when a request is made', async () => {
    const { vault } = await stage()
    const send = vaultFetch(vault)
    const spy = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('later'))
    expect(await (await send(URL_OF_H)).text()).toBe('later')
    expect(spy).toHaveBeenCalledWith(URL_OF_H, undefined)
  })

  it.each([
    [{ header: ['x'] }, 'headers'],
    [{ redactResponses: false }, 'redactResponse'],
    [{ tag: ['a'] }, 'tags'],
    [{ wholly: 'other' }, undefined],
  ])('that is unknown is refused with the name that was perhaps meant: %o', async (options, suggestion) => {
    const { vault } = await stage()
    const error = thrown(() => vaultFetch(vault, options as never))
    expect(error.code).toBe('ERR_INVALID_INPUT')
    expect(error.suggestion).toBe(suggestion)
    expect(error.message).toContain(suggestion ?? 'authored')
  })

  it.each([
    { fetch: 'fetch' },
    { headers: 'x-key' },
    { headers: ['x key'] },
    { in: ['env'] },
    { in: ['nowhere'] },
    { tags: ['a b'] },
    { tags: [1] },
    { authored: {} },
    { redactResponse: 1 },
    { unsafeTransport: 'yes' },
    null,
    'in',
  ])('of another type is refused: %o', async (options) => {
    const { vault } = await stage()
    expect(thrown(() => vaultFetch(vault, options as never)).code).toBe('ERR_INVALID_INPUT')
  })

  it('cannot be a function, as it once was', async () => {
    const { vault, network } = await stage()
    expect(thrown(() => vaultFetch(vault, network as never)).message).toContain('{ fetch }')
  })
})

describe('basic auth', () => {
  const basic = (text: string | Uint8Array) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  const sent = (call: Call | undefined) => Buffer.from(call!.headers['authorization']!.slice(6), 'base64')

  it('is looked into, and each value put in its place', async () => {
    const { send, calls } = await stage()
    for (const [template, expected] of [
      ['<< secrets.svc.username >>:<< secrets.svc.password >>', 'Aladdin:öpen sesame'],
      [`${A}:`, `${VALUE}:`],
      [`x-${A}-y:p:q << secrets.b >>!`, `x-${VALUE}-y:p:q other-0123456789!`],
      [':<< secrets.colon >>', ':has:a-colon'],
      ['u:\\\\<< secrets.a >>', `u:\\${VALUE}`],
      [`u:\\${A}${A}`, `u:${A}${VALUE}`],
    ] as const) {
      await send(URL_OF_H, { headers: basic(template) })
      expect(sent(calls.at(-1)).toString()).toBe(expected)
    }
  })

  it.each(['bob:<< secrets.pasted >>', '<< secrets.pasted >>:pw'])(
    'refuses the line end of a paste, which nobody would see in Base64: %s',
    async (pair) => {
      const { vault, send, calls } = await stage()
      await vault.create({ tag: 'pasted', value: 'open-sesame-1\n' })
      expect(await failure(send(URL_OF_H, { headers: basic(pair) }))).toMatchObject({
        code: 'ERR_UNSAFE_HEADER_VALUE',
        tag: 'pasted',
        path: 'headers.Authorization',
        message: expect.stringContaining('"| trim" removes'),
      })
      expect(calls).toEqual([])
    },
  )

  it('keeps bytes that are no text', async () => {
    const { send, calls } = await stage()
    await send(URL_OF_H, { headers: basic(Buffer.concat([Buffer.from([0xff, 0xe4]), Buffer.from(`:${A}`)])) })
    expect(sent(calls[0])).toEqual(Buffer.concat([Buffer.from([0xff, 0xe4]), Buffer.from(`:${VALUE}`)]))
  })

  it('without a reference of ours is unchanged', async () => {
    const { send, calls } = await stage()
    for (const value of [
      'Basic dXNlcjpwYXNz',
      'basic  dXNlcjpwYXNz',
      'Basic !!!',
      'Basic',
      `Basic ${btoa('u:${{ secrets.CI }}')}`,
    ]) {
      await send(URL_OF_H, { headers: { Authorization: value, 'x-api-key': A } })
      expect(calls.at(-1)!.headers['authorization']).toBe(value)
    }
  })

  it('refuses a colon that a value brings into the user name', async () => {
    const { send, calls } = await stage()
    for (const text of ['<< secrets.colon >>:x', '<< secrets.colon >>']) {
      const error = await failure(send(URL_OF_H, { headers: basic(text) }))
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_HEADER_VALUE', tag: 'colon', path: 'headers.Authorization' })
    }
    expect(calls).toEqual([])
  })

  it('with a broken reference is an error', async () => {
    const { send } = await stage()
    expect(await failure(send(URL_OF_H, { headers: basic('u:<< secrets.a') }))).toMatchObject({
      code: 'ERR_UNCLOSED_REFERENCE',
    })
  })
})

describe('what was counted or signed on the template', () => {
  it('a length is counted anew', async () => {
    const { vault } = await stage()
    const seen: unknown[] = []
    const send = vaultFetch(vault, {
      in: ['body'],
      fetch: recorder(seen, 'headers'),
    })
    await send(URL_OF_H, { method: 'POST', headers: { 'content-length': '15' }, body: A })
    expect(seen).toEqual([[]])
  })

  it('that is a stream keeps the length that the caller knows', async () => {
    const { vault } = await stage()
    const seen: [string, string][][] = []
    const send = vaultFetch(vault, { fetch: recorder(seen, 'headers') })
    const body = new Blob(['12345']).stream()
    await send(URL_OF_H, { method: 'PUT', headers: { 'content-length': '5', 'x-api-key': A }, body })
    expect(seen[0]).toContainEqual(['content-length', '5'])
  })

  it.each([URLSearchParams, FormData, UndiciFormData])('that is a %o keeps names of anybody as text', async (Form) => {
    const { vault } = await stage()
    const made = (token: string) => {
      const form = new Form() as FormData
      for (const [name, value] of [
        ['token', token],
        [FOREIGN, 'x'],
        [FOREIGN, FOREIGN],
      ])
        form.append(name!, value!)
      return form
    }
    const authored = vault.references({ url: URL_OF_H, body: new URLSearchParams({ token: A }) }, { as: 'request' })
    const seen: FormData[] = []
    const send = vaultFetch(vault, { authored, fetch: recorder(seen, 'body') })
    await send(URL_OF_H, { method: 'POST', body: made(A) })
    expect(seen[0]).toBeInstanceOf(Form)
    expect([...seen[0]!]).toEqual([...made(VALUE)])
  })

  it('a digest or a signature is refused', async () => {
    const { send } = await stage({ in: ['body'], headers: ['x-amz-security-token'] })
    const aws = 'AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host;x-amz-security-token, Signature=00'
    for (const init of [
      { method: 'POST', body: A, headers: { digest: 'sha-256=x' } },
      { method: 'POST', body: A, headers: { 'content-md5': 'x' } },
      { method: 'POST', body: A, headers: { authorization: aws } },
      { headers: { authorization: aws, 'x-amz-security-token': A } },
    ]) {
      expect(await failure(send(URL_OF_H, init))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
    await send(URL_OF_H, { headers: { authorization: aws, 'x-api-key': A } })
  })
})

describe('a caller who gives up', () => {
  const gaveUp = new Error('gave up')

  it.each(['policy', 'body'])('is let go at once, also while the %s is waited for', async (what) => {
    const waits: NonNullable<VaultOptions['policy']> = ({ action }) =>
      action === 'use' && what === 'policy' ? new Promise<boolean>(() => undefined) : true
    const { send, calls } = await stage({}, { policy: waits })
    const controller = new AbortController()
    const endless = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array([65])) })
    const headers = { 'content-type': 'text/plain', 'x-api-key': A }
    const init = { method: 'POST', headers, signal: controller.signal, duplex: 'half' } as const
    const request = new Request(URL_OF_H, { ...init, body: what === 'body' ? endless : 'text' })
    const outcome = expect(send(request)).rejects.toBe(gaveUp)
    controller.abort(gaveUp)
    await outcome
    await expect(send(URL_OF_H, { headers, signal: controller.signal })).rejects.toBe(gaveUp)
    expect(calls).toEqual([])
  })
})
