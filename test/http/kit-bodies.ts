/** Lengths that were counted before secrets were filled in, answers without a body, and what comes after them on the same socket. */

import { beforeAll, expect, it } from 'vitest'
import { backstage } from '../vault/fixture.ts'
import type { KitClient, KitSend } from './client-kit.ts'
import type { KitServers } from './kit-servers.ts'

const KEY = 'sk-proj-7f3e9a1c5b8d2e4f6a0b'
const HEADERS = { authorization: 'Bearer << secrets.key >>' }
/** Shorter and longer than their references, in bytes that are not characters. */
const VALUES = { short: '\u20ac', long: '\u20ac\u00e9x'.repeat(1_000) } as const

/** Registers the cases. */
export function bodyCases(client: KitClient, servers: KitServers): void {
  let send: KitSend
  beforeAll(async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'key', value: KEY })
    for (const [tag, value] of Object.entries(VALUES)) await vault.create({ tag, value })
    send = client.create(vault, { in: ['body'] })
  })
  const origin = (): string => `http://one.test:${servers.ports.plain}`

  it.each(['short', 'long'] as const)('a length of the template is not sent with a %s value', async (tag) => {
    const { takesLength = true } = client
    const reference = `<< secrets.${tag} >>`
    const bodies: [type: string, body: string, expected: string][] = [
      ['application/json', `{"k":"${reference}"}`, `{"k":"${VALUES[tag]}"}`],
      ['application/x-www-form-urlencoded', `k=${reference}`, `k=${encodeURIComponent(VALUES[tag])}`],
      ['text/plain', `k ${reference} k`, `k ${VALUES[tag]} k`],
    ]
    for (const [type, text, expected] of bodies) {
      for (const body of [text, new TextEncoder().encode(text)]) {
        servers.arrived.length = 0
        const length = takesLength ? { 'content-length': String(text.length) } : {}
        const request = { url: `${origin()}/`, method: 'POST', headers: { 'content-type': type, ...length }, body }
        await send(request)
        // on the same socket, what is left of a body would be taken for the next request
        await send(request)
        expect(servers.arrived.map((each) => each.body.toString())).toEqual([expected, expected])
        const lengths = servers.arrived.map(
          ({ headers }) => headers['content-length'] ?? `${Buffer.byteLength(expected)}`,
        )
        expect(new Set(lengths)).toEqual(new Set([`${Buffer.byteLength(expected)}`]))
      }
    }
  })

  it('answers without a body come back as they were sent', async () => {
    const head = await send({ url: `${origin()}/head`, method: 'HEAD', headers: HEADERS })
    expect(head).toMatchObject({ status: 200, text: '' })
    const encoded = client.showsEncoding === false ? {} : { 'content-encoding': 'gzip' }
    expect(head.headers).toMatchObject({ 'content-length': '1234', ...encoded, etag: '"a"' })
    const empty = await send({ url: `${origin()}/empty`, headers: HEADERS })
    expect(empty).toMatchObject({ status: 204, text: '', headers: { ...encoded, etag: '"b"' } })
    const unchanged = await send({ url: `${origin()}/unchanged`, headers: { ...HEADERS, 'if-none-match': '"c"' } })
    expect(unchanged).toMatchObject({ status: 304, text: '', headers: { etag: '"c"' } })
    const next = await send({ url: `${origin()}/`, headers: HEADERS })
    expect(next).toMatchObject({ status: 200, text: '{"ok":true}' })
  })

  it('JSON of no bytes keeps its length, by which clients know that there is nothing to parse', async () => {
    const { headers, text } = await send({ url: `${origin()}/nothing`, headers: HEADERS })
    expect(text).toBe('')
    expect(headers).toMatchObject({ 'content-length': '0', etag: '"d"' })
  })

  it('a list of rows says of how many they are, and has no ETag of other bytes', async () => {
    const { headers, text } = await send({ url: `${origin()}/rows`, headers: HEADERS })
    expect(text).toContain('Bearer [secret:key]')
    expect(headers['content-range']).toBe('0-0/42')
    expect(headers['etag']).toBeUndefined()
  })

  it.each([
    'application/csv',
    'application/jwt',
    'message/rfc822',
    'multipart/mixed; boundary=x',
    'application/x-ldjson',
  ])('an echo of type "%s" is masked, and bytes without a type are what they were', async (type) => {
    const { text } = await send({ url: `${origin()}/typed/${encodeURIComponent(type)}`, headers: HEADERS })
    expect(text).toContain('Bearer [secret:key]')
    expect(text).not.toContain(KEY)
    const plain = await send({ url: `${origin()}/bytes` })
    const bytes = await send({ url: `${origin()}/bytes`, headers: HEADERS })
    expect(bytes.text).toBe(plain.text)
  })

  // an attacked `Object.prototype` with `params` breaks the brotli of Node itself
  const encodings = 'params' in {} ? ['gzip'] : ['gzip', 'br']
  it.for(encodings)('an echo in a body of %s is masked', async (encoding, { skip }) => {
    if (client.decodes === false) skip('the client hands compressed bytes on, and asks for none')
    const { text } = await send({ url: `${origin()}/${encoding}`, headers: HEADERS })
    expect(text).toContain('Bearer [secret:key]')
    expect(text).not.toContain(KEY)
  })
}
