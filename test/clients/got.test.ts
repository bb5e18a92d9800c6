import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import got, { type ExtendOptions, type RequestError } from 'got'
import { expect, it, onTestFinished } from 'vitest'
import { type NodeBody, vaultRequest } from '../../src/http/node.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import {
  clientStage,
  expectNoOtherSecret,
  expectPromptsAsWritten,
  HOSTILE_HEADERS,
  json,
  KEY,
  PROMPTS,
  REFERENCE,
} from './stage.ts'

async function stage(answer: Parameters<typeof clientStage>[0], more: ExtendOptions = {}) {
  const set = await clientStage(answer)
  const { vault, origin: prefixUrl } = set
  // #region got
  const request = vaultRequest(vault)
  const client = got.extend({
    prefixUrl,
    headers: { authorization: 'Bearer << secrets.key >>' },
    hooks: {
      // what the hook gives is the response; got itself sends nothing
      beforeRequest: [
        ({ url, method, headers, body, signal, timeout }) => {
          const options = { method, headers, body: body as NodeBody, signal, timeout: timeout.request }
          return request(url as URL, options) as Promise<never>
        },
      ],
    },
  })
  // #endregion
  return { ...set, client: client.extend({ retry: { limit: 0 }, ...more }) }
}

it('what people write is text, and the key arrives', async () => {
  const { client, ...set } = await stage((_, response) => json(response, 200, {}))
  for (const text of PROMPTS) await client.post('notes', { json: { text } })
  expectPromptsAsWritten(set)
  expect(new Set(set.arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]))
})

/** Everything that somebody could print of an error of got. */
async function probed(run: () => Promise<unknown>) {
  return leakProbe({ key: KEY }, async ({ output }) => {
    const error = (await run().catch((thrown: unknown) => thrown)) as RequestError
    output(inspect(error, { depth: 30, showHidden: true, maxStringLength: null }), 'inspection')
    output(error.options?.headers, 'options')
    output([error.message, error.stack, error.cause, error.timings, error.response?.body], 'members')
    return error
  })
}

it.each<[string, string, ExtendOptions, string]>([
  ['the echo of a 401', 'denied', {}, 'HTTPError'],
  ['an answer that never comes', 'hang', { timeout: { request: 50 } }, 'TimeoutError|RequestError'],
  ['a connection that is cut', 'cut', {}, 'RequestError|ReadError'],
  ['an answer that is no JSON', 'text', { responseType: 'json' }, 'ParseError'],
])('%s shows no key, wherever the error is looked into', async (_name, path, more, name) => {
  const { client } = await stage(({ url, headers }, response) => {
    if (url === '/cut') response.destroy()
    else if (url === '/text') response.writeHead(200, { 'content-type': 'text/plain' }).end(headers.authorization)
    else if (url !== '/hang') json(response, 401, { message: `no: ${headers.authorization}` })
  }, more)
  const { result, leaks } = await probed(() => client.get(path))
  expect(leaks).toEqual([])
  expect((result as Error).name).toMatch(new RegExp(`^(?:${name})$`))
  expect((result as RequestError).options.headers['authorization']).toBe('Bearer << secrets.key >>')
})

it('a refused connection shows no key, and the probe finds it where got sends it itself', async () => {
  const { client } = await stage(() => undefined)
  const refused = { prefixUrl: 'http://127.0.0.1:1' }
  expect((await probed(() => client.get('me', refused))).leaks).toEqual([])
  const plain = await probed(() =>
    got.get('http://127.0.0.1:1', { headers: { authorization: KEY }, retry: { limit: 0 } }),
  )
  expect(plain.leaks).not.toEqual([])
})

it('a retry resolves again, so that a new key heals it', async () => {
  const { client, vault, arrived } = await stage(
    async (_, response) => {
      if (arrived.length < 3) return json(response, 503, {})
      json(response, 200, {})
    },
    { retry: { limit: 3, backoffLimit: 1 } },
  )
  await client.get('me', {
    hooks: { beforeRetry: [async () => void (await vault.update('key', { value: `${KEY}-new` }))] },
  })
  const sent = arrived.map(({ headers }) => headers.authorization)
  expect(sent).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}-new`, `Bearer ${KEY}-new`])
})

it('a redirect that got follows takes no key without hosts to another origin, whatever its header', async () => {
  const seen: (string | undefined)[] = []
  const other = createServer((request, response) => {
    seen.push(request.headers['x-api-key'] as string | undefined)
    response.end('{}')
  })
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  onTestFinished(() => void other.close().closeAllConnections())
  const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`
  const { client, arrived } = await stage((_, response) => response.writeHead(307, { location }).end())
  await client.post('me', { headers: { 'x-api-key': REFERENCE }, json: {} })
  expect(arrived[0]!.headers['x-api-key']).toBe(KEY)
  expect(seen).toEqual([undefined])
})

it('a page after the first that holds the key is refused where it was masked', async () => {
  const { client, arrived } = await stage(({ headers }, response) => {
    const link = `<https://api.acme.dev/next?key=${headers.authorization?.slice(7)}>; rel="next"`
    response.writeHead(200, { 'content-type': 'application/json', link }).end('[1]')
  })
  const error = await client.paginate
    .all('items', { pagination: { requestLimit: 3 } })
    .catch((thrown: unknown) => thrown)
  expect((error as Error).message).toMatch(/holds a mask/)
  expect(arrived.map(({ url }) => url)).toEqual(['/items'])
})

it('basic auth is looked into', async () => {
  const { client, vault, arrived } = await stage((_, response) => json(response, 200, {}))
  await vault.create({ tag: 'pw', value: 'pässwörd:with-a-colon' })
  await client.get('me', { username: 'ann', password: '<< secrets.pw >>', headers: { authorization: undefined } })
  const encoded = /^Basic (.+)$/.exec(arrived[0]!.headers.authorization!)![1]!
  expect(Buffer.from(encoded, 'base64').toString()).toBe('ann:pässwörd:with-a-colon')
})

it('sends a form, and what is generated', async () => {
  const { client, arrived } = await stage((_, response) => json(response, 200, {}))
  const form = new FormData()
  form.set('name', 'ann')
  await client.post('forms', { body: form })
  await client.post('pieces', {
    body: (async function* () {
      yield 'one'
    })(),
  })
  expect(arrived[0]!.body).toMatch(/name="name"\s+ann\s/)
  expect(arrived[0]!.headers['content-length']).toBe(String(arrived[0]!.body.length))
  expect(arrived[1]!.body).toBe('one')
})

it('a signal ends the stream of an answer at the server, too', async () => {
  let heard: (() => void) | undefined
  const ended = new Promise<void>((done) => {
    heard = done
  })
  const { client } = await stage((_, response) => {
    response.once('close', () => heard!())
    response.writeHead(200, { 'content-type': 'text/plain' }).write('one')
  })
  const giveUp = new AbortController()
  const stream = client.stream('me', { signal: giveUp.signal })
  stream.once('error', () => undefined).once('data', () => giveUp.abort())
  await ended
})

it('streams the answer', async () => {
  const { client } = await stage((_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`one ${KEY} two`),
  )
  let text = ''
  for await (const piece of client.stream('me')) text += String(piece)
  expect(text).toBe('one [secret:key] two')
})

it('a server that answers with references gets no secret for them', async () => {
  const { client, arrived } = await stage((_, response) => json(response, 200, {}, HOSTILE_HEADERS))
  for (let turn = 0; turn < 3; turn++) {
    const { headers } = await client.get('me', { followRedirect: false })
    const echoed = client.get('me', { headers: { 'x-csrf-token': headers['x-csrf-token'] as string } })
    expect(String(await echoed.catch((thrown: unknown) => thrown))).toMatch(/x-csrf-token|LOCATION/)
  }
  expectNoOtherSecret(arrived)
})
